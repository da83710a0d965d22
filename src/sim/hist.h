/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Log-linear histogram of non-negative times (ps, 0 to TIME_PS_MAX): 2048 linear buckets
 * at the bottom, then 1024 to each power of two, so a bucket is at most 1/1024 of its
 * value wide (three significant digits) over the whole range, and a value is found by one
 * count-leading-zeros. The scheme is HdrHistogram's (Tene), the code our own.
 *
 * Mergeable: same layout always. 54 * 1024 buckets of 8 bytes in the arena. Count, sum
 * (128-bit), min, max and standard deviation are exact.
 */
#ifndef QUERN_SIM_HIST_H
#define QUERN_SIM_HIST_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "sim/arena.h"
#include "sim/counter.h"

/*
 * The scheme itself: 2^half_bits buckets to a power of two, twice that many linear ones at
 * the bottom. A value's bucket, and the range [low, low + width) of a bucket; values up to
 * TIME_PS_MAX need LOGLIN_BUCKETS(half_bits) of them.
 */
#define LOGLIN_BUCKETS(half_bits) ((size_t)(64 - (half_bits)) << (half_bits))

static inline size_t loglin_index(uint64_t v, int half_bits)
{
	if (v < (uint64_t)2 << half_bits)
		return (size_t)v;
	int shift = 63 - half_bits - __builtin_clzll(v);
	return ((size_t)shift << half_bits) + (size_t)(v >> shift);
}

static inline uint64_t loglin_width(size_t index, int half_bits)
{
	return index >> half_bits ? (uint64_t)1 << ((index >> half_bits) - 1) : 1;
}

static inline uint64_t loglin_low(size_t index, int half_bits)
{
	uint64_t half = (uint64_t)1 << half_bits;
	return index >> half_bits ? (half | (index & (half - 1))) * loglin_width(index, half_bits)
				  : index;
}

/*
 * Nearest-rank quantile over such buckets: the highest value of the bucket in which the
 * ceil(q * count)-th smallest lies, clipped to the exact maximum. q in [0, 1]; a q that
 * differs from k / count by its rounding only counts as k / count. 0 when empty.
 */
int64_t loglin_quantile(const uint64_t *bucket, int half_bits, const struct tally *exact, double q);

#define HIST_HALF_BITS 10
#define HIST_BUCKETS LOGLIN_BUCKETS(HIST_HALF_BITS)

struct hist {
	struct tally exact;
	uint64_t *bucket; /* in the arena */
};

int hist_init(struct hist *h, struct arena *a); /* 0 or -1 */
void hist_reset(struct hist *h);
void hist_merge(struct hist *into, const struct hist *from);

/* Bucket of a value up to TIME_PS_MAX, and the value range [low, low + width) of a bucket. */
static inline size_t hist_index(uint64_t v) { return loglin_index(v, HIST_HALF_BITS); }
uint64_t hist_bucket_low(size_t index);
uint64_t hist_bucket_width(size_t index);

/* value < 0 counts as 0 */
static inline void hist_add(struct hist *h, int64_t value)
{
	if (value < 0)
		value = 0;
	tally_add(&h->exact, value);
	h->bucket[hist_index((uint64_t)value)]++;
}

/*
 * Nearest-rank quantile, q in [0, 1]: the highest value equivalent to the bucket in which
 * the ceil(q * count)-th smallest value lies, clipped to the exact maximum. 0 when empty.
 * Relative error at most 1/1024, never downward. See loglin_quantile().
 */
int64_t hist_quantile(const struct hist *h, double q);

/*
 * Write HdrHistogram's percentile text (latency.hgrm), values divided by `unit` (1000 for
 * ns from ps): five rows to each half of the distance that is left to 100 %. Max is exact,
 * and no value is above it; StdDeviation is over all values, not a sample's.
 */
void hist_write_hgrm(const struct hist *h, double unit, FILE *out);
/*
 * Write the non-empty buckets as CSV: "low_UNIT,high_UNIT,count", a bucket holding the
 * values low <= v < high.
 */
void hist_write_csv(const struct hist *h, double unit, const char *unit_name, FILE *out);

#endif
