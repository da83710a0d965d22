/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Exact accumulators. Sums are 128-bit integers, so no order of additions changes a
 * result and no run is long enough to overflow. Inline: they sit on the hot path.
 * Units are the caller's (ps, bytes, counts).
 */
#ifndef QUERN_SIM_COUNTER_H
#define QUERN_SIM_COUNTER_H

#include <stdint.h>

#include "sim/time.h"

/* Count, sum, extremes of a non-negative integer quantity; all zero at the start. */
struct tally {
	uint64_t count;
	int64_t min; /* meaningful when count > 0 */
	int64_t max;
	/* Sum of the squares, 192 bits: high, then low. One square takes up to 126. */
	uint64_t squares_high;
	uint128 squares_low;
	int128 sum;
};

static inline void tally_add(struct tally *t, int64_t value)
{
	if (t->count == 0 || value < t->min)
		t->min = value;
	if (t->count == 0 || value > t->max)
		t->max = value;
	t->count++;
	t->sum += value;
	uint128 square = (uint128)(uint64_t)value * (uint64_t)value;
	t->squares_low += square;
	t->squares_high += t->squares_low < square;
}

static inline double tally_mean(const struct tally *t)
{
	return t->count ? (double)t->sum / (double)t->count : 0.0;
}

/* Sample standard deviation; 0 with fewer than two values. The sum of squared deviations
 * is formed exactly, so a small spread on a large mean keeps all its digits. */
double tally_stddev(const struct tally *t);
/* The tally of both sets of values. */
void tally_merge(struct tally *into, const struct tally *from);

/* Integral over time of a level (queue depth, busy or not): the time average is
 * level_integral / elapsed. */
struct level {
	time_ps since_ps;
	int64_t value;
	int64_t max;
	int128 integral; /* value x ps, up to since_ps */
};

static inline void level_set(struct level *l, time_ps now, int64_t value)
{
	l->integral += (int128)l->value * (now - l->since_ps);
	l->since_ps = now;
	l->value = value;
	if (value > l->max)
		l->max = value;
}

/* Time average over [start, now]; start is when the level was zeroed. */
static inline double level_mean(const struct level *l, time_ps start, time_ps now)
{
	if (now <= start)
		return 0.0;
	int128 total = l->integral + (int128)l->value * (now - l->since_ps);
	return (double)total / (double)(now - start);
}

#endif
