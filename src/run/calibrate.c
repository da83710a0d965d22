/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A calibration from start to end. */
#include "run/calibrate.h"

#include <gsl/gsl_multimin.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "disk/disk.h"
#include "run/calibrate_private.h"

void calibrate_say(struct calibration *c, const char *fmt, ...)
{
	struct calibrate_note *n = arena_alloc(c->arena, sizeof(*n));
	va_list ap;
	if (!n)
		return;
	va_start(ap, fmt);
	vsnprintf(n->text, sizeof(n->text), fmt, ap);
	va_end(ap);
	if (c->last_note)
		c->last_note->next = n;
	else
		c->notes = n;
	c->last_note = n;
}

/* ---- numbers --------------------------------------------------------------------------------- */

struct simplex {
	double (*f)(const double *x, void *ctx);
	void *ctx;
};

static double simplex_value(const gsl_vector *v, void *p)
{
	const struct simplex *s = p;
	return s->f(v->data, s->ctx); /* stride 1: made below */
}

double calibrate_simplex(double (*f)(const double *x, void *ctx), void *ctx, double *x, const double *step,
	size_t n, unsigned most)
{
	struct simplex s = {f, ctx};
	gsl_multimin_function function = {simplex_value, n, &s};
	gsl_multimin_fminimizer *m = gsl_multimin_fminimizer_alloc(gsl_multimin_fminimizer_nmsimplex2, n);
	gsl_vector *start = gsl_vector_alloc(n), *steps = gsl_vector_alloc(n);
	double best = f(x, ctx);
	if (m && start && steps) {
		for (size_t i = 0; i < n; i++) {
			gsl_vector_set(start, i, x[i]);
			gsl_vector_set(steps, i, step[i]);
		}
		gsl_multimin_fminimizer_set(m, &function, start, steps);
		for (unsigned k = 0; k < most && gsl_multimin_fminimizer_iterate(m) == 0; k++)
			if (gsl_multimin_fminimizer_size(m) < 1e-9)
				break;
		if (gsl_multimin_fminimizer_minimum(m) < best) {
			best = gsl_multimin_fminimizer_minimum(m);
			for (size_t i = 0; i < n; i++)
				x[i] = gsl_vector_get(gsl_multimin_fminimizer_x(m), i);
		}
	}
	gsl_vector_free(start);
	gsl_vector_free(steps);
	gsl_multimin_fminimizer_free(m);
	return best;
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return x < y ? -1 : x > y;
}

double calibrate_quantile(double *x, size_t n, double q)
{
	if (n == 0)
		return 0;
	qsort(x, n, sizeof(*x), ascending);
	double at = q * (double)(n - 1);
	size_t i = (size_t)at;
	return i + 1 < n ? x[i] + (at - (double)i) * (x[i + 1] - x[i]) : x[i];
}

double calibrate_median(double *x, size_t n) { return calibrate_quantile(x, n, 0.5); }

/* ---- replay and score -------------------------------------------------------------------------- */

int calibrate_replay(const struct calibration *c, const struct disk_spec *s, struct measured_row *row, struct err *e)
{
	return measured_replay(c->trace, c->trace->half, &disk_ops, s, row, e);
}

/*
 * The figures that count; |error| up to half a ms: what is systematic shows there, while a turn caught or
 * missed counts in the rms; and the mean error of reads and of writes, after either, so that none is
 * early for another to be late. All in ms.
 */
static double score_of(const struct measured *m, const struct measured_row *row, size_t n)
{
	struct demerit_figures f;
	double near = 0, sum[4] = {0}, mean = 0;
	if (measured_figures(m, row, 0, n, &f) < 0)
		return INFINITY;
	for (size_t i = 0; i < n; i++) {
		double error = MS * (double)(row[i].response_ps - m->rec[i].response_ps);
		near += fmin(fabs(error), 0.5);
		sum[2 * (m->rec[i].op == BLK_WRITE) + (i > 0 && m->rec[i - 1].op == BLK_WRITE)] += error;
	}
	for (int k = 0; k < 4; k++)
		mean += fabs(sum[k]);
	return f.rms_ms + 2 * f.demerit_ms + (6 * near + mean) / (double)n;
}

double calibrate_score(const struct calibration *c, const struct measured_row *row)
{
	const struct measured *m = c->trace;
	struct calibrate_part *p = c->part;
	if (!p)
		return score_of(m, row, m->half);
	memcpy(p->row, row, p->from * sizeof(*row));
	memcpy(p->row + p->from, row + p->to, (m->half - p->to) * sizeof(*row));
	return score_of(&p->trace, p->row, p->trace.count);
}

int calibrate_score_now(const struct calibration *c, struct measured_row *row, double *score, struct err *e)
{
	if (calibrate_replay(c, &c->spec, row, e) < 0)
		return -1;
	*score = calibrate_score(c, row);
	return 0;
}

int calibrate_save(struct calibration *c, struct calibrate_saved *s, struct err *e)
{
	size_t n = c->spec.seek.table.count;
	s->spec = c->spec;
	memcpy(s->knot, c->knot, sizeof(s->knot));
	if (!c->curve_base)
		return 0; /* the table is not ours yet, and not changed */
	if (s->points < n) {
		s->y = arena_array(c->arena, n, sizeof(*s->y));
		s->base = arena_array(c->arena, n, sizeof(*s->base));
		s->points = n;
	}
	if (!s->y || !s->base)
		return err_set(e, ERR_LIMIT, "no memory for a calibration");
	memcpy(s->y, c->spec.seek.table.y, n * sizeof(*s->y));
	memcpy(s->base, c->curve_base, n * sizeof(*s->base));
	return 0;
}

void calibrate_restore(struct calibration *c, const struct calibrate_saved *s)
{
	c->spec = s->spec;
	memcpy(c->knot, s->knot, sizeof(s->knot));
	if (!s->points)
		return;
	memcpy(c->spec.seek.table.y, s->y, c->spec.seek.table.count * sizeof(*s->y));
	memcpy(c->curve_base, s->base, c->spec.seek.table.count * sizeof(*s->base));
}

/* ---- the whole ----------------------------------------------------------------------------------- */

static int phase(struct calibration *c, struct err *e) { return calibrate_phase(c, false, e); }
static int phase_again(struct calibration *c, struct err *e) { return calibrate_phase(c, true, e); }
static int search_once(struct calibration *c, struct err *e) { return calibrate_search(c, 1, e); }
static int search(struct calibration *c, struct err *e) { return calibrate_search(c, 3, e); }

static void undo(struct calibration *c, const struct calibrate_saved *before, struct calibrate_note *last)
{
	calibrate_restore(c, before);
	c->last_note = last;
	if (last)
		last->next = NULL;
	else
		c->notes = NULL;
}

/* In this order: each needs what those before have found. */
static const struct {
	const char *name;
	int (*run)(struct calibration *c, struct err *e);
} stages[] = {
	{"bus", calibrate_bus}, {"phase", phase}, {"readiness", calibrate_ready}, {"search", search_once},
	{"cache", calibrate_cache}, {"start of reads", calibrate_read_start}, {"search", search_once},
	{"phase", phase_again}, {"search", search},
};

/* What a stage may cost: those that look at evidence of their own are right before the others are. */
#define TOLERANCE 0.1

/* A stage that raises the score is undone; all of them are, if they did not lower it together. */
static int run_stages(struct calibration *c, struct measured_row *row, struct err *e)
{
	struct calibrate_saved given = {0};
	double first, score;
	if (calibrate_own_curve(c, e) < 0 || calibrate_score_now(c, row, &first, e) < 0 || calibrate_save(c, &given, e) < 0)
		return -1;
	score = first;
	for (size_t i = 0; i < sizeof(stages) / sizeof(*stages); i++) {
		struct calibrate_saved before = {0};
		struct calibrate_note *last = c->last_note;
		double now;
		if (calibrate_save(c, &before, e) < 0 || stages[i].run(c, e) < 0 || calibrate_score_now(c, row, &now, e) < 0)
			return -1;
		if (now <= score + TOLERANCE)
			score = now;
		else
			undo(c, &before, last);
	}
	if (score >= first)
		undo(c, &given, NULL);
	return 0;
}

static int first_half(struct calibration *c, struct measured_row *row, struct demerit_figures *f, struct err *e)
{
	if (calibrate_replay(c, &c->spec, row, e) < 0)
		return -1;
	return measured_figures(c->trace, row, 0, c->trace->half, f) < 0 ? err_set(e, ERR_LIMIT, "no memory for a calibration") : 0;
}

struct calibration *calibrate(struct arena *a, const struct disk_spec *spec, const struct measured *trace,
	uint64_t seed, struct err *e)
{
	struct calibration *c = arena_alloc(a, sizeof(*c));
	struct measured_row *row = arena_array(a, trace->half + 1, sizeof(*row));
	if (!c || !row) {
		err_set(e, ERR_LIMIT, "no memory for a calibration");
		return NULL;
	}
	*c = (struct calibration){.arena = a, .trace = trace, .seed = seed, .given = *spec, .spec = *spec};
	if (first_half(c, row, &c->before, e) < 0 || run_stages(c, row, e) < 0 || first_half(c, row, &c->after, e) < 0)
		return NULL;
	return c;
}
