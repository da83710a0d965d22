/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sim.: the statistics against their test vectors. The AR(1) vector (phi 0.9, mean 10, bias
 * 20 exp(-i/300), Box-Muller on a 31-bit LCG from seed 12345) and its MSER-5 and batch-means
 * figures, and the coordinated-omission vector, come from an independent implementation
 * (oracles/statistics).
 */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "sim/hist.h"
#include "sim/rng.h"
#include "sim/stats.h"
#include "valid/valid.h"

#define VECTOR 20000
#define ORACLE "independent implementation, oracles/statistics"

static double lcg(uint32_t *state)
{
	*state = (uint32_t)((UINT64_C(1103515245) * *state + 12345) % (UINT64_C(1) << 31));
	return (*state + 0.5) / 2147483648.0;
}

static void ar1_vector(double *x)
{
	uint32_t state = 12345;
	double p = 0, two_pi = 8 * atan(1.0);
	for (int i = 0; i < VECTOR; i++) {
		double u = lcg(&state), w = lcg(&state);
		p = 0.9 * p + sqrt(-2 * log(u)) * cos(two_pi * w);
		x[i] = 10 + p + 20 * exp(-i / 300.0);
	}
}

static void warm_up(struct valid *v)
{
	double *x = malloc(VECTOR * sizeof(*x));
	if (!x) {
		valid_broken(v, "sim.mser5", "no memory");
		return;
	}
	ar1_vector(x);
	struct mser_result m = mser(x, VECTOR, 5);
	valid_near(v, "sim.mser5.cut", (double)m.cut, 695, 1e-9, ORACLE);
	struct batch_result b = batch_means(x + m.cut, VECTOR - m.cut, 30, 0.95);
	valid_near(v, "sim.batch_means.mean", b.mean, 10.0169, 5e-5, ORACLE);
	valid_near(v, "sim.batch_means.half_width", b.half_width, 0.1235, 5e-5, ORACLE);
	valid_near(v, "sim.batch_means.lag1", b.lag1, 0.106, 5e-4, ORACLE);
	free(x);
}

/* 100 requests a second of 1 ms for 100 s, then a stall of 100 s, from intended arrivals. */
static void omission(struct valid *v, struct arena *a)
{
	struct hist h;
	if (hist_init(&h, a) < 0) {
		valid_broken(v, "sim.omission", "no memory");
		return;
	}
	for (int i = 0; i < 10000; i++) {
		hist_add(&h, PS_PER_MS);
		hist_add(&h, 100 * PS_PER_S - i * 10 * PS_PER_MS);
	}
	valid_near(v, "sim.omission.mean_s", 1e-12 * tally_mean(&h.exact), 25.003, 0.0005, ORACLE);
	valid_near(v, "sim.omission.p50_s", 1e-12 * (double)hist_quantile(&h, 0.5), 0.001, 0.000001, ORACLE);
	valid_near(v, "sim.omission.p75_s", 1e-12 * (double)hist_quantile(&h, 0.75), 50, 0.05, ORACLE);
	valid_near(v, "sim.omission.p99.99_s", 1e-12 * (double)hist_quantile(&h, 0.9999), 99.98, 0.1, ORACLE);
}

/* The worst relative error of a quantile over values of every size. */
static void histogram(struct valid *v, struct arena *a)
{
	struct rng *rng = rng_new(a, 1, "validate/histogram");
	struct hist h;
	double worst = 0;
	if (!rng || hist_init(&h, a) < 0) {
		valid_broken(v, "sim.hist.error", "no memory");
		return;
	}
	for (int i = 0; i < 2000; i++) {
		int64_t value = (int64_t)(rng_u64(rng) >> (1 + rng_below(rng, 62)));
		hist_reset(&h);
		hist_add(&h, value);
		hist_add(&h, INT64_MAX); /* so that the maximum does not clip the answer */
		double error = fabs((double)(hist_quantile(&h, 0.5) - value)) / (double)(value > 0 ? value : 1);
		worst = error > worst ? error : worst;
	}
	valid_at_most(v, "sim.hist.worst_relative_error", worst, 1.0 / 1024, "1024 buckets to a power of two");
}

void valid_sim(struct valid *v)
{
	struct arena *a = arena_new();
	if (!a) {
		valid_broken(v, "sim", "no memory");
		return;
	}
	warm_up(v);
	omission(v, a);
	histogram(v, a);
	arena_free(a);
}
