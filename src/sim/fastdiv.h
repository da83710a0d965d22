/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Exact division by a number that is fixed at start: one multiplication and a shift in place
 * of a 64-bit division, which costs several times as much on the hot path.
 *
 * With 2^s <= d < 2^(s+1) and inverse = ceil(2^(63+s) / d), floor(n / d) =
 * (n x inverse) >> (63 + s) for every n < 2^62: inverse / 2^(63+s) is larger than 1 / d by less
 * than 2^-(63+s), so n times it by less than 2^-(s+1) < 1 / d, which takes no quotient to the next
 * (Granlund & Montgomery, "Division by invariant integers using multiplication", 1994).
 * With one bit less than theirs a power of two, 1 too, is a divisor like any other.
 */
#ifndef QUERN_SIM_FASTDIV_H
#define QUERN_SIM_FASTDIV_H

#include <stdint.h>

#include "sim/time.h"

struct fastdiv {
	uint64_t divisor;
	uint64_t inverse;
	uint32_t shift;
};

/* d >= 1 */
static inline struct fastdiv fastdiv_make(uint64_t d)
{
	uint32_t shift = (uint32_t)(63 - __builtin_clzll(d));
	return (struct fastdiv){d, (uint64_t)((((uint128)1 << (63 + shift)) + d - 1) / d), shift};
}

/* floor(n / divisor), n < 2^62 */
static inline uint64_t fastdiv(uint64_t n, const struct fastdiv *f)
{
	return (uint64_t)((uint128)(2 * n) * f->inverse >> 64) >> f->shift;
}

#endif
