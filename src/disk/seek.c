/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The seek curve: its laws, and the table made of them at start.
 *
 * Sources: Ruemmler & Wilkes, "An introduction to disk drive modeling", IEEE Computer 27(3), 1994
 * (sqrt while the arm accelerates, linear once it coasts, settling alone for the shortest);
 * Worthington, Ganger & Patt, "Scheduling algorithms for modern disk drives", SIGMETRICS 1994 (the
 * first ten distances as measured); Lee & Katz, "An analytic performance model of disk arrays",
 * SIGMETRICS 1993; names and meaning of DiskSim 4.0's models from its manual (module mech_g1).
 */
#include "disk/seek.h"

#include <gsl/gsl_poly.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

/* ---- a measured table --------------------------------------------------------------------------- */

static double at_table(const struct seek_shape *s, double d)
{
	const struct opt_curve *t = &s->spec->table;
	size_t i = s->point;
	if (t->count == 1 || d <= (double)t->x[0])
		return t->y[0];
	double slope = (t->y[i + 1] - t->y[i]) / (double)(t->x[i + 1] - t->x[i]);
	return t->y[i] + slope * (d - (double)t->x[i]);
}

static int make_table(struct seek_shape *s, uint32_t cylinders, char *why, size_t why_bytes)
{
	(void)cylinders, (void)why, (void)why_bytes;
	s->at = at_table;
	return 0;
}

/* Go to the segment that holds d, or to the last; distances ascend. */
static void advance_table(struct seek_shape *s, uint32_t d)
{
	const struct opt_curve *t = &s->spec->table;
	while (s->point + 2 < t->count && t->x[s->point + 1] < (int64_t)d)
		s->point++;
}

/* ---- sqrt and linear ------------------------------------------------------------------------------ */

/* a + b sqrt(d) for d < from, c + e d from there on (Ruemmler & Wilkes) */
static double at_sqrt_linear(const struct seek_shape *s, double d)
{
	return d < s->from ? s->a + s->b * sqrt(d) : s->c + s->e * d;
}

static int make_sqrt_linear(struct seek_shape *s, uint32_t cylinders, char *why, size_t why_bytes)
{
	(void)cylinders, (void)why, (void)why_bytes;
	s->at = at_sqrt_linear;
	s->a = (double)s->spec->root_base_ps;
	s->b = (double)s->spec->root_slope_ps;
	s->c = (double)s->spec->linear_base_ps;
	s->e = (double)s->spec->linear_slope_ps;
	s->from = (double)s->spec->break_cylinders;
	return 0;
}

/* The six of DiskSim: V1 break_cylinders, V2 root_base, V3 root_slope, V4 linear_base, V5
 * linear_slope, V6 single (there -1, here left out: the law holds for d = 1 too). */
static double at_hpl(const struct seek_shape *s, double d)
{
	if (d == 1 && s->spec->single_ps > 0)
		return (double)s->spec->single_ps;
	return at_sqrt_linear(s, d);
}

static int make_hpl(struct seek_shape *s, uint32_t cylinders, char *why, size_t why_bytes)
{
	make_sqrt_linear(s, cylinders, why, why_bytes);
	s->at = at_hpl;
	return 0;
}

/* The greater of `single` and the law: an arm cannot be faster than it settles. */
static double at_three_part(const struct seek_shape *s, double d)
{
	return fmax((double)s->spec->single_ps, at_sqrt_linear(s, d));
}

/* From the break on the tangent: e = b / (2 sqrt(from)), c = a + b sqrt(from) / 2. That is an arm that
 * accelerates and brakes evenly until it reaches its greatest speed, and then coasts in between. */
static int make_three_part(struct seek_shape *s, uint32_t cylinders, char *why, size_t why_bytes)
{
	make_sqrt_linear(s, cylinders, why, why_bytes);
	s->at = at_three_part;
	s->c = s->a + s->b * sqrt(s->from) / 2;
	s->e = s->b / (2 * sqrt(s->from));
	return 0;
}

static int make_linear(struct seek_shape *s, uint32_t cylinders, char *why, size_t why_bytes)
{
	make_sqrt_linear(s, cylinders, why, why_bytes);
	s->from = 0;
	return 0;
}

static int make_constant(struct seek_shape *s, uint32_t cylinders, char *why, size_t why_bytes)
{
	(void)cylinders, (void)why, (void)why_bytes;
	s->at = at_sqrt_linear;
	s->c = (double)s->spec->average_ps;
	return 0;
}

/* ---- from three numbers of a data sheet --------------------------------------------------------------- */

/* c + a sqrt(d - 1) + b (d - 1) */
static double at_lee(const struct seek_shape *s, double d)
{
	return s->c + s->a * sqrt(d - 1) + s->b * (d - 1);
}

static int make_lee(struct seek_shape *s, uint32_t cylinders, char *why, size_t why_bytes)
{
	(void)why, (void)why_bytes;
	double min = (double)s->spec->single_ps, avg = (double)s->spec->average_ps;
	double max = (double)s->spec->full_ps, n = cylinders;
	s->at = at_lee;
	s->a = (-10 * min + 15 * avg - 5 * max) / (3 * sqrt(n));
	s->b = (7 * min - 15 * avg + 8 * max) / (3 * n);
	s->c = min;
	return 0;
}

/* `single` at 1, `average` at a third of the cylinders, `full` at the greatest distance */
static double at_three_points(const struct seek_shape *s, double d)
{
	return d < s->from ? s->a + s->b * (d - 1) : s->c + s->e * (d - s->from);
}

static int make_three_points(struct seek_shape *s, uint32_t cylinders, char *why, size_t why_bytes)
{
	(void)why, (void)why_bytes;
	double n = cylinders;
	s->at = at_three_points;
	s->from = fmax(n / 3, 1);
	s->a = (double)s->spec->single_ps;
	s->b = s->from > 1 ? ((double)s->spec->average_ps - s->a) / (s->from - 1) : 0;
	s->c = (double)s->spec->average_ps;
	s->e = n - 1 > s->from ? ((double)s->spec->full_ps - s->c) / (n - 1 - s->from) : 0;
	return 0;
}

/* `single` at 1; else with y = d - 1: a + b sqrt(y) for y < from, c + e y from there on */
static double at_fitted(const struct seek_shape *s, double d)
{
	double y = d - 1;
	if (y == 0)
		return (double)s->spec->single_ps;
	return y < s->from ? s->a + s->b * sqrt(y) : s->c + s->e * y;
}

/*
 * The curve through a data sheet's numbers. Let x = (d - 1) / (cylinders - 2) be the distance as a share
 * of the stroke; over pairs of random cylinders its density is 2(1 - x). Of curves
 *     single + B sqrt(x) for x < u, and the tangent at u from there on,  B = (full - single) 2 sqrt(u) / (1 + u),
 * which run from single to full, the mean lies at the share
 *     m(u) = 2 / (1 + u) (1/6 + u/2 - u^2/6 + u^3/30)
 * of the way: 1/3 for u = 0 (linear throughout), 8/15 for u = 1 (sqrt throughout). So u is the root in
 * [0, 1] of u^3 - 5 u^2 + 15 (1 - m) u + 5 (1 - 3 m) = 0.
 *     A greater mean means that settling dominates the short seeks: then sqrt throughout, with a base
 * above single, a + (full - a) 8/15 = average, and single for d = 1 alone.
 */
static int make_fitted(struct seek_shape *s, uint32_t cylinders, char *why, size_t why_bytes)
{
	double single = (double)s->spec->single_ps, average = (double)s->spec->average_ps;
	double full = (double)s->spec->full_ps;
	double stroke = cylinders > 2 ? cylinders - 2 : 1;
	if (!(single <= average && average < full))
		return snprintf(why, why_bytes, "want single <= average < full"), -1;
	double m = (average - single) / (full - single), u[3];
	if (m < 1. / 3)
		return snprintf(why, why_bytes, "no curve that never bends up has an average of %g ms between %g and %g ms: want"
			" %g ms or more, a third of the way", 1e-9 * average, 1e-9 * single, 1e-9 * full,
			1e-9 * (single + (full - single) / 3)), -1;
	s->at = at_fitted;
	if (m > 8. / 15) {
		s->a = (15 * average - 8 * full) / 7;
		s->b = (full - s->a) / sqrt(stroke);
		s->from = INFINITY;
		return 0;
	}
	int roots = gsl_poly_solve_cubic(-5, 15 * (1 - m), 5 * (1 - 3 * m), &u[0], &u[1], &u[2]);
	double at = 1;
	for (int i = 0; i < roots; i++)
		if (u[i] < at)
			at = fmax(u[i], 0); /* ascending: the first in [0, 1] is the only one */
	double scale = (full - single) / (1 + at);
	s->a = single;
	s->b = 2 * sqrt(at) * scale / sqrt(stroke);
	s->c = single + at * scale;
	s->e = scale / stroke;
	s->from = at * stroke;
	return 0;
}

/* ---- the models, and the table made at start --------------------------------------------------------------- */

const struct seek_model seek_models[] = {
#define SEEK(symbol, title, needs, text) {title, text, needs, make_##symbol},
#include "disk/seek_list.h"
#undef SEEK
};

const struct opt_choice seek_model_choices[] = {
#define SEEK(symbol, title, needs, text) {title, text},
#include "disk/seek_list.h"
#undef SEEK
	{NULL, NULL},
};

/* The curve at 1, 2, 3, ... in turn. */
static time_ps next_time(struct seek_shape *s, uint32_t d)
{
	if (d <= s->spec->first.count)
		return s->spec->first.values[d - 1].i;
	advance_table(s, d);
	return llround(s->at(s, d));
}

static int make_shape(struct seek_shape *s, const struct disk_seek_spec *spec, uint32_t cylinders,
	char *why, size_t why_bytes)
{
	*s = (struct seek_shape){.spec = spec};
	return seek_models[spec->model].make(s, cylinders, why, why_bytes);
}

static int refuse_negative(uint32_t d, char *why, size_t why_bytes)
{
	return snprintf(why, why_bytes, "the curve is negative at a distance of %" PRIu32 " cylinders", d), -1;
}

int seek_check_spec(const struct disk_seek_spec *spec, uint32_t cylinders, char *why, size_t why_bytes)
{
	struct seek_shape s;
	if (make_shape(&s, spec, cylinders, why, why_bytes) < 0)
		return -1;
	for (uint32_t d = 1; d < cylinders; d++)
		if (next_time(&s, d) < 0)
			return refuse_negative(d, why, why_bytes);
	return 0;
}

int seek_init(struct seek_curve *c, struct arena *a, const struct disk_seek_spec *spec,
	uint32_t cylinders, struct err *e)
{
	struct seek_shape s;
	char why[256];
	time_ps *t = arena_array(a, cylinders, sizeof(*t));
	if (!t)
		return err_set(e, ERR_LIMIT, "no memory for a seek curve of %u cylinders", cylinders);
	if (make_shape(&s, spec, cylinders, why, sizeof(why)) < 0)
		return err_set(e, ERR_CONFIG, "seek: %s", why);
	for (uint32_t d = 1; d < cylinders; d++) {
		t[d] = next_time(&s, d);
		if (t[d] < 0)
			return refuse_negative(d, why, sizeof(why)), err_set(e, ERR_CONFIG, "seek: %s", why);
	}
	c->by_distance = t;
	c->cylinders = cylinders;
	return 0;
}
