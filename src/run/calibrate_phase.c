/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Spindle speed, skews and zone offsets from pairs of rows that used the medium.
 *
 * Of two such rows i < j close to each other, of the same kind, the time between their first sectors under
 * the head, modulo a turn, is the angle between the two places, whatever happened in between. The model
 * of that angle is linear in the track skew a, the turn b from a cylinder to the next ((heads - 1) a +
 * cylinder skew), the zones' offsets and the spindle's error. What is maximised is the mean cosine
 * of the differences ("coherence"; N. Fisher, "Statistical analysis of circular data", 1993). b is
 * found first where few cylinders lie between, then with ever more of them, so that no turn is
 * miscounted.
 */
#include <math.h>
#include <string.h>

#include "run/calibrate_phase.h"

#define RPM_RANGE 4e-3    /* the spindle's speed is within this share of what is stated */

static double cylinder_turn(const struct geom *g, const struct geom_zone *z)
{
	return ((double)(g->heads - 1) * (double)z->track_skew_milli + (double)z->cylinder_skew_milli) / (1e3 * z->spt);
}

static inline double pair_error(const struct calibrate_phase *p, const struct calibrate_pair *q, double a, double b, double speed)
{
	if (p->shared || q->i->zone == p->only)
		return q->turn + speed * q->gap - ((double)q->j->position - q->i->position) * a -
			((double)q->j->cylinder - q->i->cylinder) * b;
	return 0; /* not looked at */
}

static inline bool looked_at(const struct calibrate_phase *p, const struct calibrate_pair *q)
{
	uint32_t x = q->i->cylinder, y = q->j->cylinder;
	return q->i->zone == q->j->zone && (p->only == UINT32_MAX || q->i->zone == p->only) &&
		(x > y ? x - y : y - x) <= p->reach;
}

/* Sum of cosines over the pairs looked at; *n of them. */
static double agreement(const struct calibrate_phase *p, double a, double b, double speed, size_t *n)
{
	double sum = 0;
	*n = 0;
	for (size_t k = 0; k < p->pairs; k++)
		if (looked_at(p, &p->pair[k])) {
			sum += cos(TAU * pair_error(p, &p->pair[k], a, b, speed));
			++*n;
		}
	return sum;
}

static double coherence(const struct calibrate_phase *p, double a, double b, double speed)
{
	size_t n;
	double sum = agreement(p, a, b, speed, &n);
	return n ? sum / (double)n : 0;
}

static int collect(struct calibrate_phase *p, struct err *e)
{
	size_t n;
	struct calibrate_anchor *list = calibrate_anchors(p->c, p->g, &n, e);
	p->pair = list ? arena_array(p->c->arena, n * LAGS + 1, sizeof(*p->pair)) : NULL;
	if (!p->pair)
		return list ? err_set(e, ERR_LIMIT, "no memory for the pairs of a calibration") : -1;
	for (size_t j = 1; j < n; j++)
		for (size_t k = 1; k <= LAGS && k <= j; k++) {
			const struct calibrate_anchor *x = &list[j - k], *y = &list[j];
			double gap = y->turns - x->turns, turn = gap - (y->sector - x->sector);
			if (x->write == y->write)
				p->pair[p->pairs++] = (struct calibrate_pair){x, y, turn - floor(turn), gap};
		}
	return 0;
}

/* ---- one dimension: the best of a grid --------------------------------------------------------- */

enum axis { AXIS_A, AXIS_B, AXIS_SPEED };

static double scan(const struct calibrate_phase *p, enum axis axis, double *a, double *b, double *speed, double range,
	double step)
{
	double *x = axis == AXIS_A ? a : axis == AXIS_B ? b : speed;
	double middle = *x, best = middle, most = coherence(p, *a, *b, *speed);
	long steps = lround(floor(2 * range / step + 1e-9));
	for (long k = 0; k <= steps; k++) {
		*x = middle - range + (double)k * step;
		double now = coherence(p, *a, *b, *speed);
		if (now > most + 1e-9) {
			most = now;
			best = *x;
		}
	}
	*x = best;
	return most;
}

static double search_value(const double *x, void *ctx)
{
	const struct calibrate_phase *p = ctx;
	return -coherence(p, x[0], x[1], p->only == UINT32_MAX ? x[2] : p->speed);
}

static double refine(struct calibrate_phase *p, double *a, double *b, double *speed)
{
	double x[3] = {*a, *b, *speed}, step[3] = {1e-3, 0.02 / p->reach, 1e-5};
	double best = -calibrate_simplex(search_value, p, x, step, p->only == UINT32_MAX ? 3 : 2, 120);
	*a = x[0];
	*b = x[1];
	*speed = x[2];
	return best;
}

/* ---- skews ---------------------------------------------------------------------------------------- */

static const uint32_t reaches[] = {1, 3, 8, 25, 80, 250, 800, 2500, 10000};

/* From a start, with ever more cylinders between the two. */
static double widen(struct calibrate_phase *p, double *a, double *b, double *speed)
{
	double best = 0;
	for (size_t i = 0; i < sizeof(reaches) / sizeof(*reaches); i++) {
		p->reach = reaches[i];
		scan(p, AXIS_B, a, b, speed, i == 0 ? 0.5 : 0.5 / reaches[i - 1] , 0.1 / reaches[i]);
		best = refine(p, a, b, speed);
	}
	return best;
}

/* One a and b, as shares of a turn, for all zones: drives are often made so. */
static double shared_skews(struct calibrate_phase *p, double *a, double *b)
{
	size_t n;
	p->only = UINT32_MAX;
	p->shared = true;
	p->reach = 0;
	agreement(p, *a, *b, p->speed, &n);
	if (n >= FEW) {
		scan(p, AXIS_SPEED, a, b, &p->speed, RPM_RANGE, 2e-5);
		scan(p, AXIS_A, a, b, &p->speed, 0.5, 0.1 / p->g->heads);
		scan(p, AXIS_SPEED, a, b, &p->speed, 1e-4, 1e-5);
	}
	double best = widen(p, a, b, &p->speed);
	p->shared = false;
	return best;
}

/* From a start near the truth: closer, with ever more cylinders between the two. */
static void narrow(struct calibrate_phase *p, double *a, double *b)
{
	for (size_t i = 3; i < sizeof(reaches) / sizeof(*reaches); i++) {
		p->reach = reaches[i];
		scan(p, AXIS_B, a, b, &p->speed, 0.5 / reaches[i], 0.1 / reaches[i]);
		refine(p, a, b, &p->speed);
		if (p->reach > p->g->zones[p->only].cylinders)
			break;
	}
}

/* Agreement inside zones, with the zones' own skews or with shared ones. */
static double inside(struct calibrate_phase *p, bool shared, double a, double b)
{
	double sum = 0;
	size_t n;
	p->reach = UINT32_MAX;
	for (uint32_t i = 0; i < p->g->zone_count; i++) {
		p->only = i;
		sum += shared ? agreement(p, a, b, p->speed, &n) : agreement(p, p->zone[i].a, p->zone[i].b, p->speed, &n);
	}
	return sum;
}

/*
 * A zone's own skews: the best of what the spec says, what all zones share, and either of them refined.
 * What suits the other zones less, and what is fitted, must gain more agreement than chance gives.
 */
static void zone_skews(struct calibrate_phase *p, uint32_t zone, double a, double b, bool prefer_shared)
{
	struct calibrate_turn *z = &p->zone[zone];
	double out = 4, fit = 6;
	struct { double a, b, price; } try[4] = {{z->a, z->b, prefer_shared ? out : 0},
		{a, b, prefer_shared ? 0 : out}, {z->a, z->b, fit}, {a, b, fit}};
	size_t n, best = 0;
	double most = -INFINITY;
	p->only = zone;
	for (size_t i = 0; i < 4; i++) {
		p->reach = UINT32_MAX;
		agreement(p, try[i].a, try[i].b, p->speed, &n);
		if (i >= 2 && n < FEW)
			break;
		if (i >= 2)
			narrow(p, &try[i].a, &try[i].b);
		p->reach = UINT32_MAX;
		double sum = agreement(p, try[i].a, try[i].b, p->speed, &n) - try[i].price;
		if (sum > most) {
			most = sum;
			best = i;
		}
	}
	z->a = try[best].a;
	z->b = try[best].b;
}

/* ---- the stage ------------------------------------------------------------------------------------ */

static int into_spec(const struct calibrate_phase *p, struct calibration *c, struct err *e)
{
	struct disk_zone_spec *rows = arena_array(c->arena, p->g->zone_count, sizeof(*rows));
	if (!rows)
		return err_set(e, ERR_LIMIT, "no memory for the zones of a calibration");
	memcpy(rows, c->spec.geometry.zones.rows, p->g->zone_count * sizeof(*rows));
	c->spec.geometry.zones.rows = rows;
	double heads = (double)c->spec.geometry.heads;
	c->spec.rpm = (int64_t)llround((double)c->spec.rpm * (1 + p->speed));
	for (uint32_t i = 0; i < p->g->zone_count; i++) {
		double spt = (double)rows[i].sectors_per_track, a = p->zone[i].a;
		rows[i].track_skew = rint(1e3 * spt * (a - floor(a))) / 1e3;
		double turn = p->zone[i].b - (heads - 1) * rows[i].track_skew / spt;
		rows[i].cylinder_skew = rint(1e3 * spt * (turn - floor(turn))) / 1e3;
		rows[i].offset = rint(1e3 * spt * p->zone[i].o) / 1e3;
	}
	return 0;
}

static int zones_of(struct calibrate_phase *p, struct err *e)
{
	p->zone = arena_array(p->c->arena, p->g->zone_count, sizeof(*p->zone));
	if (!p->zone)
		return err_set(e, ERR_LIMIT, "no memory for the zones of a calibration");
	for (uint32_t i = 0; i < p->g->zone_count; i++) {
		const struct geom_zone *z = &p->g->zones[i];
		p->zone[i] = (struct calibrate_turn){(double)z->track_skew_milli / (1e3 * z->spt), cylinder_turn(p->g, z),
			(double)z->offset_milli / (1e3 * z->spt)};
	}
	return 0;
}

int calibrate_phase(struct calibration *c, bool again, struct err *e)
{
	struct calibrate_phase p = {.c = c, .g = geom_new(c->arena, &c->spec.geometry, e)};
	if (!p.g || collect(&p, e) < 0 || zones_of(&p, e) < 0)
		return -1;
	if (p.pairs < FEW)
		return 0;
	double a = p.zone[0].a, b = p.zone[0].b, before = calibrate_coherence(&p, 0, p.pairs);
	shared_skews(&p, &a, &b);
	bool prefer_shared = inside(&p, true, a, b) > inside(&p, false, a, b) + 6;
	for (uint32_t i = 0; i < p.g->zone_count; i++)
		zone_skews(&p, i, a, b, prefer_shared);
	if (calibrate_offsets(&p, e) < 0 || into_spec(&p, c, e) < 0)
		return -1;
	double after = calibrate_coherence(&p, 0, p.pairs);
	calibrate_say(c, "phase: %zu pairs of medium accesses agree by %.3f (1: exactly), before %.3f", p.pairs, after, before);
	return again ? 0 : calibrate_pieces(&p, e);
}
