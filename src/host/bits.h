/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sets of numbers below a bound: n / 64 + 1 words hold those below n. */
#ifndef QUERN_HOST_BITS_H
#define QUERN_HOST_BITS_H

#include <stdbool.h>
#include <stdint.h>

static inline bool bits_has(const uint64_t *bits, uint64_t i) { return bits[i / 64] >> i % 64 & 1; }
static inline void bits_add(uint64_t *bits, uint64_t i) { bits[i / 64] |= UINT64_C(1) << i % 64; }
static inline void bits_drop(uint64_t *bits, uint64_t i) { bits[i / 64] &= ~(UINT64_C(1) << i % 64); }

/* The first that is in the set from `i` on, or n: there is none. */
static inline uint64_t bits_next(const uint64_t *bits, uint64_t n, uint64_t i)
{
	if (i >= n)
		return n;
	uint64_t w = i / 64, left = bits[w] & ~UINT64_C(0) << i % 64;
	while (!left && ++w < n / 64 + 1)
		left = bits[w];
	return left ? w * 64 + (uint64_t)__builtin_ctzll(left) : n;
}

#endif
