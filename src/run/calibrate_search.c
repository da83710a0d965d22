/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Times fitted on the simulator itself: a pattern search (R. Hooke and T. Jeeves, "Direct search solution
 * of numerical and statistical problems", Journal of the ACM, 1961) over one parameter after the other,
 * with steps that halve. A replay of the first half costs about a millisecond.
 *
 * A turn caught or missed by a hair moves a score more than what is right does, and a search finds the
 * accidents of the rows it sees. So it is done five times from the same start, each time with another fifth of the
 * rows left out of the score, and the mean of the parameters is taken (L. Breiman, "Bagging
 * predictors", Machine Learning, 1996, with parts left out in place of random draws).
 *
 * Parameters: command times by case, head switch, settle, time to be ready on the
 * same track, and a correction of the seek curve, piecewise linear over the logarithm of the distance.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "disk/seek.h"
#include "run/calibrate_private.h"

#define WORTH 2e-4   /* a change must better the score by so much, */
#define FLIPS 1.5    /* and one of positioning by as much as so many revolutions more or less do: the
                      * half that is fitted has its own accidents */

#define HALVINGS 7   /* of the first steps, in a pass over all parameters */

struct parameter {
	const char *name;
	size_t offset;      /* of an int64_t in struct disk_spec, ps */
	double min, max;    /* ms */
	double step;        /* ms, first */
	bool positions;     /* moves the time at which the arm is ready, and hardly anything else */
};

#define AT(field) #field, offsetof(struct disk_spec, field)
static const struct parameter parameters[] = {
	{AT(overhead.read_hit_after_read), 0, 5, 0.2, false},
	{AT(overhead.read_hit_after_write), 0, 5, 0.2, false},
	{AT(overhead.read_stream_hit), 0, 5, 0.2, false},
	{AT(overhead.write_hit_after_read), 0, 5, 0.2, false},
	{AT(overhead.write_hit_after_write), 0, 5, 0.2, false},
	{AT(overhead.write_other_track), 0, 2, 0.2, false},
	{AT(overhead.read_miss_after_read), 0, 5, 0.4, true},
	{AT(overhead.read_miss_after_write), 0, 5, 0.4, true},
	{AT(overhead.write_miss_after_read), 0, 5, 0.4, true},
	{AT(overhead.write_miss_after_write), 0, 5, 0.4, true},
	{AT(overhead.write_sequential), -3, 3, 0.4, true},
	{AT(overhead.read_completion), 0, 2, 0.1, false},
	{AT(overhead.write_completion), 0, 2, 0.1, false},
	{AT(overhead.read_reselect), 0, 2, 0.2, false},
	{AT(overhead.write_reselect), 0, 2, 0.2, false},
	{AT(overhead.write_data_delay), 0, 5, 0.4, true},
	{AT(seek.same_track_ps), 0, 5, 0.4, true},
	{AT(head_switch_ps), 0, 5, 0.4, true},
	{AT(write_settle_ps), -3, 3, 0.4, true},
};
#define PARAMETERS (sizeof(parameters) / sizeof(*parameters))

static inline int64_t *field(struct disk_spec *s, const struct parameter *p)
{
	return (int64_t *)(void *)((char *)s + p->offset);
}

/* ---- the seek curve ----------------------------------------------------------------------------- */

#define KNOT_SHARE 0.15 /* a knot may move by so much of the curve there ... */
#define KNOT_MS 0.3     /* ... and so much */

/* The curve as a table of our own, whatever law it came from. */
int calibrate_own_curve(struct calibration *c, struct err *e)
{
	struct seek_curve law;
	struct opt_curve table = c->spec.seek.table;
	uint32_t cylinders = (uint32_t)c->spec.geometry.cylinders;
	if (c->curve_base)
		return 0;
	if (seek_init(&law, c->arena, &c->spec.seek, cylinders, e) < 0)
		return -1;
	bool is_table = c->spec.seek.model == SEEK_table;
	size_t most = is_table ? table.count : 256;
	int64_t *x = arena_array(c->arena, most, sizeof(*x));
	double *y = arena_array(c->arena, most, sizeof(*y));
	c->curve_base = arena_array(c->arena, most, sizeof(*c->curve_base));
	if (!x || !y || !c->curve_base)
		return err_set(e, ERR_LIMIT, "no memory for the seek curve of a calibration");
	size_t n = 0;
	if (is_table) {
		for (; n < table.count; n++)
			x[n] = table.x[n];
	} else {
		for (uint32_t d = 1; d < cylinders && n < most - 1; d = d < 10 ? d + 1 : d + d / 8)
			x[n++] = d;
		if (x[n - 1] < cylinders - 1)
			x[n++] = cylinders - 1;
	}
	for (size_t i = 0; i < n; i++)
		c->curve_base[i] = y[i] = is_table ? table.y[i] : (double)law.by_distance[x[i]];
	c->spec.seek.model = SEEK_table;
	c->spec.seek.table = (struct opt_curve){.x = x, .y = y, .count = n};
	c->knots = 1;
	while (c->knots < CALIBRATE_KNOTS && pow(4, (double)c->knots - 1) < cylinders)
		c->knots++;
	return 0;
}

static void bend(struct calibration *c)
{
	struct opt_curve *t = &c->spec.seek.table;
	for (size_t i = 0; i < t->count; i++) {
		double at = log((double)t->x[i]) / log(4);
		size_t k = (size_t)at;
		double part = at - (double)k;
		double shift = k + 1 < c->knots ? c->knot[k] * (1 - part) + c->knot[k + 1] * part : c->knot[c->knots - 1];
		t->y[i] = rint(fmax(0, c->curve_base[i] + shift / MS) / 1e6) * 1e6;
	}
}

/* ---- the search ------------------------------------------------------------------------------------ */

struct search {
	struct calibration *c;
	struct measured_row *row;
	struct err *e;
	double score;
	double flips;      /* of the score, for FLIPS revolutions */
	bool failed;
};

static double measure(struct search *s)
{
	if (calibrate_replay(s->c, &s->c->spec, s->row, s->e) < 0) {
		s->failed = true;
		return INFINITY;
	}
	return calibrate_score(s->c, s->row);
}

static bool better(struct search *s, bool positions)
{
	double now = measure(s);
	if (!(now < s->score - (positions ? s->flips : WORTH)))
		return false;
	s->score = now;
	return true;
}

static bool move(struct search *s, size_t i, double by_ms)
{
	const struct parameter *p = &parameters[i];
	int64_t *at = field(&s->c->spec, p), before = *at;
	double to = fmin(fmax((double)before + by_ms / MS, p->min / MS), p->max / MS);
	*at = (int64_t)llround(to / 1e6) * 1000000; /* to the microsecond */
	if (*at == before)
		return false;
	if (better(s, p->positions))
		return true;
	*at = before;
	return false;
}

static bool move_knot(struct search *s, size_t k, double by_ms)
{
	struct calibration *c = s->c;
	double before = c->knot[k], at = pow(4, (double)k);
	const struct opt_curve *t = &c->spec.seek.table;
	size_t i = 0;
	while (i + 1 < t->count && (double)t->x[i] < at)
		i++;
	double most = KNOT_SHARE * MS * c->curve_base[i] + KNOT_MS;
	c->knot[k] = fmin(fmax(before + by_ms, -most), most);
	bend(c);
	if (fabs(c->knot[k] - before) > 1e-6 && better(s, true))
		return true;
	c->knot[k] = before;
	bend(c);
	return false;
}

/* One pass over all parameters at this share of their first steps. */
static bool pass(struct search *s, double share)
{
	bool any = false;
	for (size_t i = 0; i < PARAMETERS + s->c->knots && !s->failed; i++) {
		bool knot = i >= PARAMETERS;
		double step = share * (knot ? 0.4 : parameters[i].step);
		for (int sign = -1; sign <= 1; sign += 2)
			for (int times = 0; times < 8; times++) {
				bool moved = knot ? move_knot(s, i - PARAMETERS, sign * step) : move(s, i, sign * step);
				any |= moved;
				if (!moved)
					break;
			}
	}
	return any;
}

static int search(struct calibration *c, unsigned passes, struct err *e)
{
	struct search s = {.c = c, .row = calloc(c->trace->half, sizeof(struct measured_row)), .e = e};
	if (!s.row)
		return err_set(e, ERR_LIMIT, "no memory for a calibration");
	if (calibrate_own_curve(c, e) < 0) {
		free(s.row);
		return -1;
	}
	s.score = measure(&s);
	/* one revolution T changes the rms r of n rows by T^2 / 2nr, and the score by about that; r is a fair
	 * share of the score */
	double turn_ms = 60e6 / (double)c->spec.rpm;
	s.flips = fmax(WORTH, FLIPS * turn_ms * turn_ms / (2 * (double)c->trace->half * fmax(0.5 * s.score, 0.1)));
	for (unsigned round = 0; round < passes && !s.failed; round++) {
		bool any = false;
		for (unsigned k = 0; k < HALVINGS && !s.failed; k++)
			any |= pass(&s, ldexp(1, -(int)k));
		if (!any)
			break;
	}
	free(s.row);
	return s.failed ? -1 : 0;
}

/* ---- with parts left out --------------------------------------------------------------------------- */

#define PARTS 5

static int leave_out(struct calibration *c, struct calibrate_part *p, size_t k)
{
	const struct measured *m = c->trace;
	p->from = k * m->half / PARTS;
	p->to = (k + 1) * m->half / PARTS;
	p->trace = (struct measured){.path = m->path, .rec = calloc(m->half, sizeof(*m->rec)), .count = m->half - (p->to - p->from)};
	p->row = calloc(m->half, sizeof(*p->row));
	if (!p->trace.rec || !p->row)
		return -1;
	memcpy(p->trace.rec, m->rec, p->from * sizeof(*m->rec));
	memcpy(p->trace.rec + p->from, m->rec + p->to, (m->half - p->to) * sizeof(*m->rec));
	return 0;
}

int calibrate_search(struct calibration *c, unsigned passes, struct err *e)
{
	struct calibrate_saved start = {0};
	double sum[PARAMETERS] = {0}, knot[CALIBRATE_KNOTS] = {0};
	int bad = calibrate_own_curve(c, e) < 0 || calibrate_save(c, &start, e) < 0;
	for (size_t k = 0; k < PARTS && !bad; k++) {
		struct calibrate_part part;
		calibrate_restore(c, &start);
		bad = leave_out(c, &part, k) < 0 ? err_set(e, ERR_LIMIT, "no memory for a calibration") : 0;
		c->part = &part;
		bad = bad || search(c, passes, e) < 0;
		c->part = NULL;
		free(part.trace.rec);
		free(part.row);
		for (size_t i = 0; i < PARAMETERS; i++)
			sum[i] += (double)*field(&c->spec, &parameters[i]) / PARTS;
		for (size_t i = 0; i < c->knots; i++)
			knot[i] += c->knot[i] / PARTS;
	}
	if (bad)
		return -1;
	calibrate_restore(c, &start);
	for (size_t i = 0; i < PARAMETERS; i++)
		*field(&c->spec, &parameters[i]) = (int64_t)llround(sum[i] / 1e6) * 1000000;
	memcpy(c->knot, knot, sizeof(knot));
	bend(c);
	return 0;
}
