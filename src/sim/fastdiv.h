/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Exact division by a number that is fixed at start: one multiplication and a shift in place
 * of a 64-bit division, which costs several times as much on the hot path.
 *
 * With 2^s <= d < 2^(s+1) and inverse = ceil(2^(64+s) / d), floor(n / d) =
 * (n x inverse) >> (64 + s) for every n < 2^63: the inverse is too large by less than
 * d / 2^(64+s), so the product by less than n / 2^63 < 1 / d of a quotient step
 * (Granlund & Montgomery, "Division by invariant integers using multiplication", 1994).
 */
#ifndef QUERN_SIM_FASTDIV_H
#define QUERN_SIM_FASTDIV_H

#include <stdint.h>

#include "sim/time.h"

struct fastdiv {
	uint64_t divisor;
	uint64_t inverse; /* 0: the divisor is a power of two */
	uint32_t shift;
};

/* d >= 1 */
static inline struct fastdiv fastdiv_make(uint64_t d)
{
	struct fastdiv f = {d, 0, (uint32_t)(63 - __builtin_clzll(d))};
	if ((d & (d - 1)) != 0)
		f.inverse = (uint64_t)((((uint128)1 << (64 + f.shift)) + d - 1) / d);
	return f;
}

/* floor(n / divisor), n < 2^63 */
static inline uint64_t fastdiv(uint64_t n, const struct fastdiv *f)
{
	if (f->inverse == 0)
		return n >> f->shift;
	return (uint64_t)((uint128)n * f->inverse >> 64) >> f->shift;
}

#endif
