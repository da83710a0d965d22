/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Victims drawn by lot from the full blocks of the region. */
#include "ftl/victim.h"

#define DRAWN 16 /* at a time */

uint32_t ftl_victim_random(const struct victim_view *v)
{
	const struct ftl_blocks *b = v->blocks;
	return b->set[(uint64_t)v->region * b->per_region + rng_below(v->rng, b->region[v->region].full)];
}

/* Van Houdt, "A mean field model for a class of garbage collection algorithms", SIGMETRICS 2013: draws with
 * replacement; the one drawn first wins a tie. */
uint32_t ftl_victim_d_choices(const struct victim_view *v)
{
	uint32_t drawn[DRAWN], best = FTL_NO_BLOCK;
	for (int64_t left = v->gc->choices; left > 0; left -= DRAWN) {
		uint32_t n = left < DRAWN ? (uint32_t)left : DRAWN;
		for (uint32_t i = 0; i < n; i++) { /* they lie far apart: all are on their way before the first is looked at */
			drawn[i] = ftl_victim_random(v);
			__builtin_prefetch(&v->blocks->block[drawn[i]]);
		}
		for (uint32_t i = 0; i < n; i++)
			if (best == FTL_NO_BLOCK || v->blocks->block[drawn[i]].valid < v->blocks->block[best].valid)
				best = drawn[i];
	}
	return best;
}

/* Draws until a block has more than `invalid` invalid units, at most as often as there are full blocks; else the best
 * of those drawn. */
static uint32_t draw(const struct victim_view *v, double invalid)
{
	const struct ftl_blocks *b = v->blocks;
	uint32_t best = ftl_victim_random(v);
	for (uint32_t i = b->region[v->region].full; i > 1 && b->units - b->block[best].valid <= invalid; i--) {
		uint32_t k = ftl_victim_random(v);
		if (b->block[k].valid < b->block[best].valid)
			best = k;
	}
	return best;
}

uint32_t ftl_victim_random_plus(const struct victim_view *v)
{
	return draw(v, 0);
}

uint32_t ftl_victim_random_plus_plus(const struct victim_view *v)
{
	return draw(v, v->gc->threshold * v->blocks->units);
}
