/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Oldest data first. */
#include "disk/destage.h"

uint32_t destage_pick_fifo(const struct destage_view *v, const struct wcache_extent *x, uint32_t n)
{
	(void)v;
	uint32_t best = 0;
	for (uint32_t i = 1; i < n; i++)
		if (x[i].stamp < x[best].stamp)
			best = i;
	return best;
}
