/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One-way elevator over LBNs: the first extent at or above where the last destage ended, else the lowest
 * (C-LOOK, which Worthington, Ganger & Patt, SIGMETRICS 1994, found good with LBNs alone).
 */
#include "disk/destage.h"

uint32_t destage_pick_elevator(const struct destage_view *v, const struct wcache_extent *x, uint32_t n)
{
	uint32_t lo = 0, hi = n;
	while (lo < hi) { /* the extents are in LBN order */
		uint32_t mid = (lo + hi) / 2;
		if (x[mid].lo < v->last_lbn)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < n ? lo : 0;
}
