/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Output analysis: where the warm-up ends and how sure a mean is.
 *
 * MSER-5 (White, "An effective truncation heuristic...", 1997; White, Cobb & Spratt
 * 2000): of means of 5 observations, drop the prefix d that minimises
 * sum (y - mean)^2 / n^2 over the rest; only the first half is admissible. Batch means
 * with t quantiles (GSL) give the confidence interval.
 *
 * Values must be finite. Both functions need no memory.
 */
#ifndef QUERN_SIM_STATS_H
#define QUERN_SIM_STATS_H

#include <stdbool.h>
#include <stddef.h>

#include "sim/arena.h"

struct mser_result {
	size_t cut;   /* observations to drop, a multiple of the batch */
	bool settled; /* false: the minimum lies at the end of the admissible half, the run
	               * is too short for the rule to speak */
};

/* x: n observations in order; batch: 5 for MSER-5; what does not fill a batch at the end is
 * left out. O(n). n < 2 * batch: cut 0, not settled. */
struct mser_result mser(const double *x, size_t n, size_t batch);

struct batch_result {
	double mean;
	double half_width; /* of the confidence interval */
	double lag1;       /* autocorrelation of the batch means; above ~0.2 the batches are
	                    * too short and the interval too narrow */
	size_t batches;
};

/* k batches of floor(n / k) observations; confidence in (0, 1). k >= 2, n >= k; otherwise
 * half_width is infinite, batches 0, and the mean that of all n. */
struct batch_result batch_means(const double *x, size_t n, size_t k, double confidence);

/*
 * Observations of a long run in constant memory: consecutive observations are averaged
 * into at most STATS_STORE means; when full, neighbours merge and the batch doubles. MSER
 * and batch means then run on the stored means (batch_observations of them each).
 */
#define STATS_STORE 8192

struct obs_store {
	double *mean;      /* arena, STATS_STORE */
	size_t count;
	size_t batch;      /* observations in each stored mean, a power of two */
	double partial;    /* sum of the unfinished one */
	size_t partial_n;
};

int obs_init(struct obs_store *o, struct arena *a); /* 0 or -1 */
void obs_reset(struct obs_store *o);
void obs_fold(struct obs_store *o); /* internal: store the finished mean */

static inline void obs_add(struct obs_store *o, double x)
{
	o->partial += x;
	if (++o->partial_n == o->batch)
		obs_fold(o);
}

#endif
