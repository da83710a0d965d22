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

/* count, sum, extremes of a non-negative integer quantity */
struct tally {
	uint64_t count;
	int64_t min; /* meaningful when count > 0 */
	int64_t max;
	int128 sum;
	uint128 sum_squares; /* of values / scale, see tally_add_scaled */
};

static inline void tally_add(struct tally *t, int64_t value)
{
	if (t->count == 0 || value < t->min)
		t->min = value;
	if (t->count == 0 || value > t->max)
		t->max = value;
	t->count++;
	t->sum += value;
	/* 63-bit squared is 126 bits: squares are kept in units of (1024 ps)^2 so that
	 * 2^20 values of the largest size still fit, and ordinary runs never come near. */
	uint64_t v = (uint64_t)value >> 10;
	t->sum_squares += (uint128)v * v;
}

static inline double tally_mean(const struct tally *t)
{
	return t->count ? (double)t->sum / (double)t->count : 0.0;
}

/* Sample standard deviation; 0 with fewer than two values. Relative error about
 * 1024 / (standard deviation in the value's units), from the scaling of the squares. */
double tally_stddev(const struct tally *t);
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
