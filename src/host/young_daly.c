/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Checkpoint intervals and failures. */
#include "host/young_daly.h"

#include <math.h>

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
