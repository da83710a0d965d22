/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One position after another, from the first again after the last. Where the alignment is
 * smaller than the request, the next request begins at the first aligned position behind
 * the last one's end, so that none overlap; where it is larger, gaps stay.
 */
#include "trace/gen.h"

extern const struct gen_ops gen_sequential;

struct sequential_state {
	uint64_t slots;
	uint64_t step;
	uint64_t position;
};

static void init(void *state, const struct gen_spec *spec, uint64_t slots, struct rng *rng)
{
	struct sequential_state *s = state;
	uint64_t align = (uint64_t)(spec->align_bytes ? spec->align_bytes : spec->request_bytes);
	(void)rng;

	s->slots = slots;
	s->step = ((uint64_t)spec->request_bytes + align - 1) / align;
	s->position = 0;
}

static uint64_t next(void *state, struct rng *rng)
{
	struct sequential_state *s = state;
	uint64_t position = s->position;
	(void)rng;

	s->position = s->slots - position > s->step ? position + s->step : 0;
	return position;
}

const struct gen_ops gen_sequential = {
	.name = "sequential",
	.doc = "each request behind the one before, from the start again at the end",
	.state_size = sizeof(struct sequential_state),
	.init = init,
	.next = next,
};
