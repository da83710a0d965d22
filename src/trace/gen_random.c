/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Uniformly random aligned positions, unbiased for any number of them. */
#include "trace/gen.h"

extern const struct gen_ops gen_random;

struct random_state {
	uint64_t slots;
};

static void init(void *state, const struct gen_spec *spec, uint64_t slots, struct rng *rng)
{
	(void)spec;
	(void)rng;
	((struct random_state *)state)->slots = slots;
}

static uint64_t next(void *state, struct rng *rng)
{
	return rng_below(rng, ((const struct random_state *)state)->slots);
}

const struct gen_ops gen_random = {
	.name = "random",
	.doc = "each request at an aligned position drawn uniformly from the range",
	.state_size = sizeof(struct random_state),
	.init = init,
	.next = next,
};
