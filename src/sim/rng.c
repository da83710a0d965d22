/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Philox streams. Blocks are made several at a time: they do not depend on each other, so
 * the processor overlaps their multiplications.
 */
#include "sim/rng.h"

#include <string.h>

#include <Random123/philox.h>
#include <xxhash.h>

/* Make the blocks at the stream's counter; none of their words is used. */
static void fill(struct rng_stream *s)
{
	philox4x32_key_t key = {{s->key[0], s->key[1]}};
	for (uint32_t i = 0; i < RNG_BLOCKS; i++) {
		uint64_t low = s->counter_low + i;
		uint64_t high = s->counter_high + (low < i);
		philox4x32_ctr_t counter = {{(uint32_t)low, (uint32_t)(low >> 32),
			(uint32_t)high, (uint32_t)(high >> 32)}};
		philox4x32_ctr_t block = philox4x32_R(10, counter, key);
		memcpy(s->word + 4 * (size_t)i, block.v, sizeof(block.v));
	}
	s->used = 0;
}

static void advance(struct rng_stream *s)
{
	s->counter_low += RNG_BLOCKS;
	s->counter_high += s->counter_low < RNG_BLOCKS;
	fill(s);
}

static void start(struct rng_stream *s, uint64_t seed, const char *path)
{
	uint64_t key = XXH3_64bits_withSeed(path, strlen(path), seed);
	s->key[0] = (uint32_t)key;
	s->key[1] = (uint32_t)(key >> 32);
	s->counter_low = s->counter_high = 0;
	fill(s);
}

static uint32_t next_word(struct rng_stream *s)
{
	if (s->used == RNG_WORDS)
		advance(s);
	return s->word[s->used++];
}

uint64_t rng_u64_refill(struct rng_stream *s)
{
	uint64_t low = next_word(s);
	return low | (uint64_t)next_word(s) << 32;
}

struct rng *rng_new(struct arena *a, uint64_t seed, const char *path)
{
	struct rng *r = arena_alloc(a, sizeof(*r));
	if (!r)
		return NULL;
	r->gsl = (gsl_rng){.type = rng_philox, .state = &r->stream};
	start(&r->stream, seed, path);
	return r;
}

/* ---- as GSL calls it ---------------------------------------------------------------- */

static void philox_set(void *state, unsigned long seed)
{
	start(state, seed, "");
}

static unsigned long philox_get(void *state)
{
	return next_word(state);
}

static double philox_get_double(void *state)
{
	return (double)(rng_u64_refill(state) >> 11) * 0x1p-53;
}

static const gsl_rng_type philox_type = {
	.name = "quern-philox",
	.max = 0xffffffffUL,
	.min = 0,
	.size = sizeof(struct rng_stream),
	.set = philox_set,
	.get = philox_get,
	.get_double = philox_get_double,
};

const gsl_rng_type *const rng_philox = &philox_type;

/* ---- state as bytes ----------------------------------------------------------------- */

/* What names a place in a stream; the words follow from it. */
struct saved {
	uint64_t counter_low;
	uint64_t counter_high;
	uint32_t key[2];
	uint32_t used;
	uint32_t zero;
};

size_t rng_state_bytes(void)
{
	return sizeof(struct saved);
}

void rng_save(const struct rng *r, void *out)
{
	const struct rng_stream *s = &r->stream;
	struct saved saved = {
		.counter_low = s->counter_low,
		.counter_high = s->counter_high,
		.key = {s->key[0], s->key[1]},
		.used = s->used,
	};
	memcpy(out, &saved, sizeof(saved));
}

void rng_load(struct rng *r, const void *in)
{
	struct rng_stream *s = &r->stream;
	struct saved saved;
	memcpy(&saved, in, sizeof(saved));
	s->counter_low = saved.counter_low;
	s->counter_high = saved.counter_high;
	s->key[0] = saved.key[0];
	s->key[1] = saved.key[1];
	fill(s);
	s->used = saved.used <= RNG_WORDS ? saved.used : RNG_WORDS;
}
