/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Keyed random streams.
 *
 * Each stream is Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as
 * 1, 2, 3", SC'11; code: Random123) wrapped as a gsl_rng_type named "quern-philox".
 * Its key is a hash (XXH3, 64 bits) of the run's seed and the stream's path, such as
 * "workload/lba" or "disk0/start-angle": adding a component shifts no other's draws,
 * and seed 0 is a seed like any other.
 *
 * GSL's own integer draw stops at 32 bits, so LBAs come from rng_below(): unbiased
 * 64-bit (Lemire, "Fast random integer generation in an interval", 2019).
 *
 * Owner: the arena given to rng_new(). State can be saved and loaded as plain bytes.
 */
#ifndef QUERN_SIM_RNG_H
#define QUERN_SIM_RNG_H

#include <stddef.h>
#include <stdint.h>

#include <gsl/gsl_rng.h>

#include "sim/arena.h"

/* The generator as GSL sees it: 32-bit draws, min 0, max 2^32 - 1. */
extern const gsl_rng_type *const rng_philox;

struct rng {
	gsl_rng gsl; /* usable with every gsl_ran_* function: pass &r->gsl */
};

/* NULL when memory is exhausted. */
struct rng *rng_new(struct arena *a, uint64_t seed, const char *path);

/* 64 uniform bits. */
uint64_t rng_u64(struct rng *r);
/* Uniform in [0, bound); bound > 0. */
uint64_t rng_below(struct rng *r, uint64_t bound);
/* Uniform in [0, 1), 53 bits. */
double rng_unit(struct rng *r);
/* Uniform in (0, 1), for logarithms. */
double rng_unit_open(struct rng *r);

/* State as bytes: rng_state_bytes() of them; load gives exactly the saved stream. */
size_t rng_state_bytes(void);
void rng_save(const struct rng *r, void *out);
void rng_load(struct rng *r, const void *in);

#endif
