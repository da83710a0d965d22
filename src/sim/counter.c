/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Exact accumulators: what is asked of them after the run. */
#include "sim/counter.h"

#include <math.h>

void tally_merge(struct tally *into, const struct tally *from)
{
	if (from->count == 0)
		return;
	if (into->count == 0 || from->min < into->min)
		into->min = from->min;
	if (into->count == 0 || from->max > into->max)
		into->max = from->max;
	into->count += from->count;
	into->sum += from->sum;
	into->squares_low += from->squares_low;
	into->squares_high += from->squares_high + (into->squares_low < from->squares_low);
}

/*
 * With m the mean rounded down and r = sum - n m (so 0 <= r < n), the squared deviations
 * from m sum to S = sum(x^2) - m (sum + r), exactly, and those from the true mean to
 * S - r^2 / n. S is formed modulo 2^192, where it fits.
 */
double tally_stddev(const struct tally *t)
{
	if (t->count < 2)
		return 0.0;
	uint128 n = t->count, sum = (uint128)t->sum;
	uint64_t m = (uint64_t)(sum / n);
	uint128 r = sum % n, twice = sum + r;

	uint128 product_low = (uint128)(uint64_t)twice * m;
	uint128 product_high = (twice >> 64) * m + (product_low >> 64); /* 64 bits up */
	uint128 low = product_high << 64 | (uint64_t)product_low;
	uint64_t high = (uint64_t)(product_high >> 64);

	high = t->squares_high - high - (t->squares_low < low);
	low = t->squares_low - low;
	double s = ldexp((double)high, 128) + (double)low;
	double correction = (double)r * (double)r / (double)n; /* < n, and <= S */
	return sqrt(fmax(s - correction, 0.0) / (double)(n - 1));
}
