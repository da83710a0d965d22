/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Keyed random streams.
 *
 * Each stream is Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as
 * 1, 2, 3", SC'11; code: Random123) wrapped as a gsl_rng_type named "quern-philox".
 * Its key is a hash (XXH3, 64 bits) of the run's seed and the stream's path, such as
 * "workload/lba" or "disk0/start-angle": adding a component shifts no other's draws,
 * and seed 0 is a seed like any other. gsl_rng_set(&r->gsl, seed) restarts the stream
 * as that of the seed with the empty path.
 *
 * The stream is a sequence of 32-bit words: those of the blocks of counters 0, 1, 2...,
 * each in the order of its array. Every draw takes the next word or two.
 *
 * GSL's own integer draw stops at 32 bits, so LBAs come from rng_below(): unbiased
 * 64-bit (Lemire, "Fast random integer generation in an interval", 2019).
 *
 * Owner: the arena given to rng_new(). State can be saved and loaded as plain bytes.
 * A struct rng is not to be copied: gsl.state points into it.
 */
#ifndef QUERN_SIM_RNG_H
#define QUERN_SIM_RNG_H

#include <stddef.h>
#include <stdint.h>

#include <gsl/gsl_rng.h>

#include "sim/arena.h"
#include "sim/time.h"

/* The generator as GSL sees it: 32-bit draws, min 0, max 2^32 - 1; doubles of 53 bits. */
extern const gsl_rng_type *const rng_philox;

#define RNG_BLOCKS 8
#define RNG_WORDS (4 * RNG_BLOCKS)

/* Private: the words of RNG_BLOCKS successive blocks, and how many of them are used. */
struct rng_stream {
	uint32_t word[RNG_WORDS];
	uint32_t used;
	uint32_t key[2];
	uint64_t counter_low; /* of the first block in word[] */
	uint64_t counter_high;
};

struct rng {
	gsl_rng gsl; /* usable with every gsl_ran_* function: pass &r->gsl */
	struct rng_stream stream;
};

/* NULL when memory is exhausted. */
struct rng *rng_new(struct arena *a, uint64_t seed, const char *path);

/* Private: rng_u64() when fewer than two words are left. */
uint64_t rng_u64_refill(struct rng_stream *s);

/* 64 uniform bits. */
static inline uint64_t rng_u64(struct rng *r)
{
	struct rng_stream *s = &r->stream;
	uint32_t used = s->used;
	if (used > RNG_WORDS - 2)
		return rng_u64_refill(s);
	s->used = used + 2;
	return s->word[used] | (uint64_t)s->word[used + 1] << 32;
}

/* Uniform in [0, bound); bound > 0. */
static inline uint64_t rng_below(struct rng *r, uint64_t bound)
{
	uint128 product = (uint128)rng_u64(r) * bound;
	if ((uint64_t)product < bound) {
		uint64_t uneven = -bound % bound; /* 2^64 mod bound: that many draws are refused */
		while ((uint64_t)product < uneven)
			product = (uint128)rng_u64(r) * bound;
	}
	return (uint64_t)(product >> 64);
}

/* Uniform in [0, 1), 53 bits. */
static inline double rng_unit(struct rng *r)
{
	return (double)(rng_u64(r) >> 11) * 0x1p-53;
}

/* Uniform in (0, 1), for logarithms: odd multiples of 2^-53. */
static inline double rng_unit_open(struct rng *r)
{
	return (double)(rng_u64(r) >> 12 << 1 | 1) * 0x1p-53;
}

/* State as bytes (host order): rng_state_bytes() of them; load gives exactly the saved
 * stream. */
size_t rng_state_bytes(void);
void rng_save(const struct rng *r, void *out);
void rng_load(struct rng *r, const void *in);

#endif
