/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Checkpoint intervals and failures. */
#include "host/young_daly.h"

#include <math.h>
#include <stdbool.h>

double young_interval(double stop, double mtbf) { return sqrt(2 * stop * mtbf); }

double daly_interval(double stop, double mtbf)
{
	if (stop >= 2 * mtbf)
		return mtbf;
	double x = stop / (2 * mtbf);
	return sqrt(2 * stop * mtbf) * (1 + sqrt(x) / 3 + x / 9) - stop;
}

double daly_wall(const struct failure_study *s)
{
	return s->mtbf * exp(s->restart / s->mtbf) * expm1((s->interval + s->stop) / s->mtbf) * s->work / s->interval;
}

double expected_wall(const struct failure_study *s) { return daly_wall(s) * exp((s->valid - s->stop) / s->mtbf); }

/* Up to the first valid checkpoint, at interval + valid, all since the start is lost; from there on the time since a freeze. */
double expected_loss(const struct failure_study *s)
{
	double m = s->mtbf, period = s->interval + s->stop, first = s->interval + s->valid;
	double modulo = m - period / expm1(period / m);
	return -m * expm1(-first / m) + exp(-first / m) * (s->valid + modulo - first);
}

static double draw(struct rng *r, double mean) { return -mean * log(rng_unit_open(r)); }

/*
 * From a restart (or the start) until the job is done or the next failure at `fails`, whichever comes first; returns that time.
 * Checkpoint k = 1, 2, ... is frozen at k period - stop. *done: work that is kept.
 */
static double live(const struct failure_study *s, double fails, double *done, struct failure_result *out)
{
	double left = s->work - *done, period = s->interval + s->stop, most = ceil(left / s->interval) - 1;
	double end = left + most * s->stop, until = end <= fails ? end : fails;
	double k = floor((until - s->valid + s->stop) / period); /* checkpoints that are valid by then */
	k = k < 0 ? 0 : k > most ? most : k;
	out->checkpoints += (uint64_t)k;
	if (end <= fails) {
		*done = s->work;
		return end;
	}
	*done += k * s->interval;
	out->failures++;
	out->lost += k > 0 ? fails - (k * period - s->stop) : fails;
	return fails;
}

struct failure_result failure_run(const struct failure_study *s, struct rng *r)
{
	struct failure_result out = {0};
	double done = 0, fails = draw(r, s->mtbf);
	for (;;) {
		double t = live(s, fails, &done, &out);
		out.wall += t;
		if (done >= s->work)
			return out;
		for (;;) { /* restart, until one goes through */
			out.restarts++;
			fails = draw(r, s->mtbf);
			if (fails > s->restart)
				break;
			out.wall += fails;
		}
		out.wall += s->restart;
		fails -= s->restart;
	}
}

/* false: stopped, and there is no row. */
static bool table_row(const struct failure_study *s, int64_t jobs, double factor, struct rng *r, const volatile sig_atomic_t *stop,
	FILE *out)
{
	double wall = 0, lost = 0, failures = 0;
	for (int64_t i = 0; i < jobs; i++) {
		if (stop && *stop)
			return false;
		struct failure_result x = failure_run(s, r);
		wall += x.wall / s->work;
		lost += x.lost;
		failures += (double)x.failures;
	}
	fprintf(out, "%g,%.6f,%.6f,", factor, s->interval, wall / (double)jobs);
	if (s->valid <= s->stop) /* else there is no closed form */
		fprintf(out, "%.6f", daly_wall(s) / s->work);
	fprintf(out, ",%.6f,%.6f\n", failures > 0 ? lost / failures : 0, expected_loss(s));
	return true;
}

/* Whether the interval, so many times `unit`, can be studied; else a line says why not. */
static bool can_be(const struct failure_study *s, double times, const char *unit, FILE *out)
{
	double least = s->valid - s->stop, wall = expected_wall(s) / s->work;
	if (s->interval < least)
		fprintf(out, "# %g times %s is %.6f s: %.6f s pass from going on until the checkpoint is valid\n", times, unit, s->interval, least);
	else if (!(wall <= FAILURE_WALL_MOST))
		fprintf(out, "# %g times %s is %.6f s: a job would take %.3g times its work; those of more than %d are not run\n", times, unit,
			s->interval, wall, FAILURE_WALL_MOST);
	else
		return true;
	return false;
}

struct table {
	struct failure_study s;
	int64_t jobs;
	double daly;
	struct rng *r;
	const volatile sig_atomic_t *stop;
	FILE *out;
};

/* Intervals of from, 2 from, 4 from... 8 times the unit, below `most`. false: stopped. */
static bool table_rows(struct table *t, double from, double unit, const char *name, double most)
{
	for (double times = from; times < 10 && unit * times < most; times *= 2) { /* NOLINT(cert-flp30-c): powers of two are exact */
		t->s.interval = unit * times;
		if (can_be(&t->s, times, name, t->out) && !table_row(&t->s, t->jobs, t->s.interval / t->daly, t->r, t->stop, t->out))
			return false;
	}
	return true;
}

void failure_table(const struct failure_study *s, int64_t jobs, struct rng *r, const volatile sig_atomic_t *stop, FILE *out)
{
	struct table t = {*s, jobs, daly_interval(s->stop, s->mtbf), r, stop, out};
	double shortest = s->valid - s->stop; /* one must be valid before the next begins */
	bool daly_can_be = t.daly >= shortest;
	fputs("of_daly,interval_s,wall_per_work,wall_expected,loss_mean_s,loss_expected_s\n", out);
	if (r && !(table_rows(&t, 0.125, t.daly, "Daly's interval", daly_can_be ? INFINITY : shortest) &&
		   (daly_can_be || table_rows(&t, 1, shortest, "the shortest interval that can be", INFINITY))))
		fputs("# the table ends here: the study was interrupted\n", out);
}
