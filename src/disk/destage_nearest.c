/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Nearest cylinder first (shortest seek: Denning, "Effects of scheduling on file memory
 * operations", 1967); the older extent wins a tie.
 */
#include "disk/destage.h"

uint32_t destage_pick_nearest(const struct destage_view *v, const struct wcache_extent *x, uint32_t n)
{
	uint32_t best = 0, arm = v->mech->cylinder, nearest = UINT32_MAX;
	for (uint32_t i = 0; i < n; i++) {
		uint32_t d = x[i].cylinder > arm ? x[i].cylinder - arm : arm - x[i].cylinder;
		if (d < nearest || (d == nearest && x[i].stamp < x[best].stamp)) {
			best = i;
			nearest = d;
		}
	}
	return best;
}
