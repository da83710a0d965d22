/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Output analysis. Means and squared deviations are updated one value at a time (Welford
 * 1962), so neither a large mean nor a long run loses digits, and equal values have a
 * deviation of exactly zero.
 */
#include "sim/stats.h"

#include <math.h>

#include <gsl/gsl_cdf.h>

struct running {
	size_t n;
	double mean;
	double squares; /* sum of squared deviations from the mean */
};

static void running_add(struct running *r, double x)
{
	double delta = x - r->mean;
	r->mean += delta / (double)++r->n;
	r->squares += delta * (x - r->mean);
}

static double mean_of(const double *x, size_t n)
{
	double sum = 0;
	for (size_t i = 0; i < n; i++)
		sum += x[i];
	return sum / (double)n;
}

/* Cuts are tried from the longest to none, so that each costs one more batch. Of equal
 * minima the shortest cut wins. */
struct mser_result mser(const double *x, size_t n, size_t batch)
{
	struct mser_result best = {0, false};
	size_t batches = batch ? n / batch : 0;
	if (batches < 2)
		return best;
	struct running rest = {0};
	size_t cut = 0;
	double least = INFINITY;
	for (size_t d = batches; d-- > 0;) {
		running_add(&rest, mean_of(x + d * batch, batch));
		double value = rest.squares / ((double)rest.n * (double)rest.n);
		if (d <= batches / 2 && value <= least) {
			least = value;
			cut = d;
		}
	}
	best.cut = cut * batch;
	best.settled = cut < batches / 2;
	return best;
}

/* Autocorrelation at distance one of the k means of m values each. */
static double lag1_of(const double *x, size_t m, size_t k, double mean, double squares)
{
	if (!(squares > 0))
		return 0;
	double products = 0, before = mean_of(x, m) - mean;
	for (size_t i = 1; i < k; i++) {
		double here = mean_of(x + i * m, m) - mean;
		products += before * here;
		before = here;
	}
	return products / squares;
}

struct batch_result batch_means(const double *x, size_t n, size_t k, double confidence)
{
	struct batch_result result = {.half_width = INFINITY};
	if (k < 2 || n < k || !(confidence > 0 && confidence < 1)) {
		result.mean = n ? mean_of(x, n) : 0;
		return result;
	}
	size_t m = n / k;
	struct running means = {0};
	for (size_t i = 0; i < k; i++)
		running_add(&means, mean_of(x + i * m, m));
	double freedom = (double)(k - 1);
	double t = gsl_cdf_tdist_Pinv((1 + confidence) / 2, freedom);
	result.mean = means.mean;
	result.half_width = t * sqrt(means.squares / freedom / (double)k);
	result.lag1 = lag1_of(x, m, k, means.mean, means.squares);
	result.batches = k;
	return result;
}

/* ---- observations in constant memory ------------------------------------------------- */

int obs_init(struct obs_store *o, struct arena *a)
{
	o->mean = arena_array(a, STATS_STORE, sizeof(*o->mean));
	obs_reset(o);
	return o->mean ? 0 : -1;
}

void obs_reset(struct obs_store *o)
{
	o->count = 0;
	o->batch = 1;
	o->partial = 0;
	o->partial_n = 0;
}

void obs_fold(struct obs_store *o)
{
	if (o->count == STATS_STORE) {
		for (size_t i = 0; i < STATS_STORE / 2; i++)
			o->mean[i] = (o->mean[2 * i] + o->mean[2 * i + 1]) / 2;
		o->count = STATS_STORE / 2;
		o->batch *= 2;
		return; /* what is unfinished is now half of a mean */
	}
	o->mean[o->count++] = o->partial / (double)o->batch;
	o->partial = 0;
	o->partial_n = 0;
}
