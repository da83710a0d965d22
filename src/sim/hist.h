/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Log-linear histogram of non-negative 64-bit values (ps): 2048 linear buckets at the
 * bottom, then 1024 to each power of two, so a bucket is at most 1/1024 of its value
 * wide (three significant digits) over the whole range, and a value is found by one
 * count-leading-zeros. The scheme is HdrHistogram's (Tene), the code our own.
 *
 * Mergeable: same layout always. 54 * 1024 buckets of 8 bytes in the arena. Count, sum
 * (128-bit), min and max are exact.
 */
#ifndef QUERN_SIM_HIST_H
#define QUERN_SIM_HIST_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "sim/arena.h"
#include "sim/counter.h"

#define HIST_HALF_BITS 10
#define HIST_BUCKETS ((size_t)(64 - HIST_HALF_BITS) << HIST_HALF_BITS)

struct hist {
	struct tally exact;
	uint64_t *bucket; /* in the arena */
};

int hist_init(struct hist *h, struct arena *a); /* 0 or -1 */
void hist_reset(struct hist *h);
void hist_merge(struct hist *into, const struct hist *from);

/* Bucket of a value, and the value range [low, low + width) of a bucket. */
static inline size_t hist_index(uint64_t v)
{
	if (v < ((uint64_t)2 << HIST_HALF_BITS))
		return (size_t)v;
	int shift = 63 - HIST_HALF_BITS - __builtin_clzll(v);
	return ((size_t)shift << HIST_HALF_BITS) + (size_t)(v >> shift);
}
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
 * Relative error at most 1/1024.
 */
int64_t hist_quantile(const struct hist *h, double q);

/* Write HdrHistogram's percentile text (latency.hgrm), values divided by `unit`
 * (1000 for ns from ps). */
void hist_write_hgrm(const struct hist *h, double unit, FILE *out);
/* Write "low,high,count" CSV of the non-empty buckets. */
void hist_write_csv(const struct hist *h, double unit, const char *unit_name, FILE *out);

#endif
