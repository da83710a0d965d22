/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Victims from lists that are kept in order: by valid units, or by age. */
#include "ftl/victim.h"

/* Desnoyers, "Analytic modeling of SSD write performance", SYSTOR 2012, sec. 2. */
uint32_t ftl_victim_greedy(const struct victim_view *v)
{
	const struct ftl_blocks *b = v->blocks;
	return b->bucket[(uint64_t)v->region * (b->units + 1) + b->region[v->region].lowest].first;
}

uint32_t ftl_victim_fifo(const struct victim_view *v)
{
	return v->blocks->region[v->region].order.first;
}

/* The same list, which the index keeps in another order. */
uint32_t ftl_victim_lru(const struct victim_view *v)
{
	return v->blocks->region[v->region].order.first;
}

/* Hu, Eleftheriou, Haas, Iliadis & Pletka, "Write amplification analysis in flash-based solid state drives", SYSTOR
 * 2009: greedy among the oldest blocks; the older wins a tie. */
uint32_t ftl_victim_windowed_greedy(const struct victim_view *v)
{
	const struct ftl_blocks *b = v->blocks;
	uint32_t best = b->region[v->region].order.first;
	int64_t left = v->gc->window;
	for (uint32_t k = best; k != FTL_NO_BLOCK && left > 0; k = b->link[k].next, left--)
		if (b->block[k].valid < b->block[best].valid)
			best = k;
	return best;
}
