/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Simulated time: signed 64-bit picoseconds, exact. The largest time is 106.75 days
 * (2^63 - 1 ps). Nothing wraps: arithmetic that could pass the end goes through the
 * checked functions here, and the event queue refuses a time past the end with a
 * sentence (ERR_LIMIT; SIM_HORIZON_PS in sim/sim.h). No double ever holds a time.
 *
 * Units: ps everywhere; the `_ps` suffix names it.
 */
#ifndef QUERN_SIM_TIME_H
#define QUERN_SIM_TIME_H

#include <stdbool.h>
#include <stdint.h>

typedef int64_t time_ps;

__extension__ typedef __int128 int128;
__extension__ typedef unsigned __int128 uint128;

#define TIME_PS_MAX INT64_MAX
#define PS_PER_NS INT64_C(1000)
#define PS_PER_US INT64_C(1000000)
#define PS_PER_MS INT64_C(1000000000)
#define PS_PER_S INT64_C(1000000000000)

/* a + b, or TIME_PS_MAX where the sum would pass it (the event queue then refuses it). */
static inline time_ps time_add(time_ps a, time_ps b)
{
	time_ps sum;
	if (__builtin_add_overflow(a, b, &sum))
		return b > 0 ? TIME_PS_MAX : INT64_MIN;
	return sum;
}

/* a * n with the same saturation; n >= 0. */
static inline time_ps time_mul(time_ps a, int64_t n)
{
	time_ps product;
	if (__builtin_mul_overflow(a, n, &product))
		return TIME_PS_MAX;
	return product;
}

static inline time_ps time_max(time_ps a, time_ps b) { return a > b ? a : b; }
static inline time_ps time_min(time_ps a, time_ps b) { return a < b ? a : b; }

/*
 * Time to move `amount` units at a rate of `num / den` units a second, rounded up
 * once for the whole transfer (never per beat): ceil(amount * den * 1e12 / num).
 * num > 0. Saturates at TIME_PS_MAX.
 */
static inline time_ps time_transfer(uint64_t amount, uint64_t num, uint64_t den)
{
	uint128 work = (uint128)amount * den;
	if (work > ((uint128)1 << 127) / (uint128)PS_PER_S)
		return TIME_PS_MAX;
	work = (work * (uint128)PS_PER_S + num - 1) / num;
	return work > (uint128)TIME_PS_MAX ? TIME_PS_MAX : (time_ps)work;
}

/* Seconds as a double, for statistics and printing only. */
static inline double time_seconds(time_ps t) { return (double)t * 1e-12; }

#endif
