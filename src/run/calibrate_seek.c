/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * When the arm is ready, from the revolution in which each access was caught.
 *
 * The time from a command's issue to its first sector under the head is command time + positioning +
 * rotational wait, and the wait lies between 0 and a turn T. So each access says that what the model lacks
 * of command time and positioning lies in [v - T, v), with v that time less what the model has. One such
 * interval says little; the shift that most intervals hold is sharp. First one shift for each case of
 * command, then one for each group of distances, where neighbours differ no more than they must:
 * the best path through the groups (R. Bellman, "Dynamic programming", 1957).
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "disk/mech.h"
#include "run/calibrate_private.h"

#define SOFT_MS 0.08     /* width of an interval's edges: measured times scatter */
#define GRID_MS 0.1
#define GROUP 40         /* accesses in a group of distances, at least */
#define GROUPS 32        /* groups, at most */
#define STIFF 0.5        /* accesses that a change of 1 ms from group to group must gain */
#define PRICE 2.0        /* accesses that a group must gain on average for the curve to be bent */

struct access {
	double v;            /* ms */
	uint32_t distance;
	bool write, after_write;
};

struct ready {
	struct calibration *c;
	struct access *list;
	size_t count;
	double turn_ms;
};

/* How well a shift agrees with an access: 1 inside its interval, 0 outside. */
static inline double holds(const struct access *a, double shift, double turn_ms)
{
	double x = a->v - shift;
	return 1 / ((1 + exp(-x / SOFT_MS)) * (1 + exp((x - turn_ms) / SOFT_MS)));
}

/* ---- the accesses ---------------------------------------------------------------------------------- */

static double command_ms(const struct disk_overhead_spec *o, bool write, bool after_write)
{
	return MS * (double)(write ? (after_write ? o->write_miss_after_write : o->write_miss_after_read)
		: (after_write ? o->read_miss_after_write : o->read_miss_after_read));
}

static int arm_of(struct calibration *c, struct mech *m, const struct geom *g, struct err *e)
{
	memset(m, 0, sizeof(*m));
	m->head_switch_ps = c->spec.head_switch_ps;
	m->same_track_ps = c->spec.seek.same_track_ps;
	m->write_settle_ps = c->spec.write_settle_ps;
	return seek_init(&m->seek, c->arena, &c->spec.seek, g->cylinders, e) < 0 ||
		mech_init_write_extra(m, c->arena, &c->spec.seek.write_extra, g->cylinders) < 0 ? -1 : 0;
}

/* Accesses with known arm before them, from the anchors and the rows between. */
static int collect(struct ready *r, struct err *e)
{
	struct calibration *c = r->c;
	const struct measured *m = c->trace;
	struct geom *g = geom_new(c->arena, &c->spec.geometry, e);
	struct mech arm;
	size_t n, next = 0;
	struct calibrate_anchor *anchor = g ? calibrate_anchors(c, g, &n, e) : NULL;
	if (!anchor || arm_of(c, &arm, g, e) < 0)
		return -1;
	r->list = arena_array(c->arena, n + 1, sizeof(*r->list));
	if (!r->list)
		return err_set(e, ERR_LIMIT, "no memory for a calibration");
	double limit = calibrate_hit_limit(c), now_ms = 0;
	bool known = false, early = calibrate_early(&c->spec);
	for (size_t i = 0; i < m->half; i++) {
		const struct trace_record *rec = &m->rec[i];
		bool write = rec->op == BLK_WRITE, after_write = i > 0 && m->rec[i - 1].op == BLK_WRITE;
		double delay_ms = i ? MS * (double)rec->delay_ps : 0, issue_ms = now_ms + delay_ms;
		now_ms = issue_ms + MS * (double)rec->response_ps;
		struct geom_place at, last;
		if (rec->lba + rec->sectors > g->sectors)
			continue;
		geom_locate(g, rec->lba, &at);
		geom_locate(g, rec->lba + rec->sectors - 1, &last);
		bool is_anchor = next < n && anchor[next].row == i;
		/* a write that was acknowledged early may still hold the medium */
		if (is_anchor && known && !(early && after_write && delay_ms < 2 * r->turn_ms)) {
			double from = MS * (double)mech_position_time(&arm, arm.cylinder, arm.head, at.cylinder, at.head, write);
			r->list[r->count++] = (struct access){
				anchor[next].turns * r->turn_ms - issue_ms - from - command_ms(&c->spec.overhead, write, after_write),
				at.cylinder > arm.cylinder ? at.cylinder - arm.cylinder : arm.cylinder - at.cylinder, write, after_write};
		}
		next += is_anchor;
		if (is_anchor || write || calibrate_net_ms(c, i) > limit) {
			arm.cylinder = last.cylinder;
			arm.head = last.head;
			known = true;
		}
	}
	return 0;
}

/* ---- one shift for a case ------------------------------------------------------------------------------ */

static void command_time(struct ready *r, int64_t *field, bool write, bool after_write)
{
	double now_ms = MS * (double)*field, best = 0, most = -1, stay = 0;
	size_t n = 0;
	double low = -fmin(now_ms, 3);
	for (long k = 0; k <= lround(floor((4 - low) / 0.05)); k++) {
		double sum = 0, s = low + 0.05 * (double)k;
		n = 0;
		for (size_t i = 0; i < r->count; i++)
			if (r->list[i].write == write && r->list[i].after_write == after_write && r->list[i].distance > 0) {
				sum += holds(&r->list[i], s, r->turn_ms);
				n++;
			}
		if (fabs(s) < 0.025)
			stay = sum;
		if (sum > most) {
			most = sum;
			best = s;
		}
	}
	if (n < GROUP || most - stay < 2)
		return;
	*field += (int64_t)llround(best / MS / 1e6) * 1000000;
	for (size_t i = 0; i < r->count; i++)
		if (r->list[i].write == write && r->list[i].after_write == after_write)
			r->list[i].v -= best;
}

/* ---- shifts by distance ---------------------------------------------------------------------------------- */

#define STEPS 140

struct curve {
	double distance[GROUPS], shift[GROUPS]; /* cylinders, ms */
	size_t groups;
	double gain;                            /* accesses that hold now and did not */
};

static int by_distance(const void *a, const void *b)
{
	const struct access *x = a, *y = b;
	return x->distance < y->distance ? -1 : x->distance > y->distance;
}

/* The best path; low + step x GRID_MS are the shifts. */
static void path(struct curve *v, double (*value)[STEPS], double low, size_t steps)
{
	unsigned char from[GROUPS][STEPS] = {{0}};
	for (size_t g = 1; g < v->groups; g++)
		for (size_t k = 0; k < steps; k++) {
			double most = -INFINITY;
			for (size_t j = 0; j < steps; j++) {
				double x = value[g - 1][j] - STIFF * GRID_MS * fabs((double)k - (double)j);
				if (x > most + 1e-9) {
					most = x;
					from[g][k] = (unsigned char)j;
				}
			}
			value[g][k] += most;
		}
	size_t best = 0;
	for (size_t k = 1; k < steps; k++)
		if (value[v->groups - 1][k] > value[v->groups - 1][best])
			best = k;
	for (size_t g = v->groups; g-- > 0;) {
		v->shift[g] = low + (double)best * GRID_MS;
		best = g ? from[g][best] : 0;
	}
}

/* Shifts for reads or writes between low and high. The list is sorted by distance on return. */
static void by_groups(struct ready *r, bool write, double low, double high, struct curve *v)
{
	double value[GROUPS][STEPS];
	size_t n = 0, steps = (size_t)((high - low) / GRID_MS) + 1, seen = 0;
	steps = steps < STEPS ? steps : STEPS;
	qsort(r->list, r->count, sizeof(*r->list), by_distance);
	for (size_t i = 0; i < r->count; i++)
		n += r->list[i].write == write && r->list[i].distance > 0;
	*v = (struct curve){.groups = n / GROUP < GROUPS ? n / GROUP : GROUPS};
	if (v->groups < 2)
		return;
	memset(value, 0, sizeof(value));
	double stay = 0, total = 0;
	for (size_t i = 0; i < r->count; i++) {
		const struct access *a = &r->list[i];
		if (a->write != write || a->distance == 0)
			continue;
		size_t g = seen * v->groups / n;
		if (2 * seen * v->groups / n == 2 * g) /* in the first half of its group */
			v->distance[g] = a->distance;
		seen++;
		stay += holds(a, 0, r->turn_ms);
		for (size_t k = 0; k < steps; k++)
			value[g][k] += holds(a, low + (double)k * GRID_MS, r->turn_ms);
	}
	path(v, value, low, steps);
	seen = 0;
	for (size_t i = 0; i < r->count; i++) {
		const struct access *a = &r->list[i];
		if (a->write == write && a->distance > 0)
			total += holds(a, v->shift[seen++ * v->groups / n], r->turn_ms);
	}
	v->gain = total - stay;
}

static double shift_at(const struct curve *v, double d)
{
	if (d <= v->distance[0])
		return v->shift[0];
	for (size_t g = 1; g < v->groups; g++)
		if (d <= v->distance[g]) {
			double part = (d - v->distance[g - 1]) / fmax(1, v->distance[g] - v->distance[g - 1]);
			return v->shift[g - 1] + part * (v->shift[g] - v->shift[g - 1]);
		}
	return v->shift[v->groups - 1];
}

static void bend_reads(struct ready *r)
{
	struct calibration *c = r->c;
	struct curve v;
	by_groups(r, false, -1.5, 1.5, &v);
	if (v.groups < 2 || v.gain < PRICE * (double)v.groups / 2)
		return;
	for (size_t i = 0; i < c->spec.seek.table.count; i++) {
		double s = shift_at(&v, (double)c->spec.seek.table.x[i]), most = 0.15 * MS * c->curve_base[i] + 0.3;
		c->curve_base[i] = fmax(0, c->curve_base[i] + fmin(fmax(s, -most), most) / MS);
		c->spec.seek.table.y[i] = c->curve_base[i];
	}
	calibrate_say(c, "seek curve: bent by the revolutions in which reads were caught: %.0f more agree", v.gain);
}

static void bend_writes(struct ready *r)
{
	struct calibration *c = r->c;
	struct curve v;
	by_groups(r, true, -2, 11.5, &v);
	if (v.groups < 2 || v.gain < PRICE * (double)v.groups / 2 || c->spec.seek.write_extra.count)
		return;
	int64_t *x = arena_array(c->arena, v.groups, sizeof(*x));
	double *y = arena_array(c->arena, v.groups, sizeof(*y));
	size_t n = 0;
	for (size_t g = 0; x && y && g < v.groups; g++) {
		if (n && (int64_t)v.distance[g] <= x[n - 1])
			continue;
		x[n] = (int64_t)v.distance[g];
		y[n++] = rint(v.shift[g] * 1e3) * 1e6;
	}
	c->spec.seek.write_extra = (struct opt_curve){.x = x, .y = y, .count = n};
	calibrate_say(c, "seek.write_extra: from the revolutions in which writes were caught: %.0f more agree", v.gain);
}

int calibrate_ready(struct calibration *c, struct err *e)
{
	struct ready r = {.c = c, .turn_ms = 60e6 / (double)c->spec.rpm};
	struct disk_overhead_spec *o = &c->spec.overhead;
	if (calibrate_own_curve(c, e) < 0 || collect(&r, e) < 0)
		return -1;
	command_time(&r, &o->read_miss_after_read, false, false);
	command_time(&r, &o->read_miss_after_write, false, true);
	command_time(&r, &o->write_miss_after_read, true, false);
	command_time(&r, &o->write_miss_after_write, true, true);
	bend_reads(&r);
	if (!calibrate_early(&c->spec))
		bend_writes(&r);
	return 0;
}
