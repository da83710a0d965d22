/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * C-LOOK by cylinder: the nearest waiting cylinder at or above the arm's, else the lowest
 * of all; the older command first on the same cylinder (Worthington, Ganger & Patt,
 * "Scheduling algorithms for modern disk drives", SIGMETRICS 1994).
 */
#include "disk/sched.h"

uint32_t disk_pick_clook(const struct disk_view *v, const struct disk_candidate *c, uint32_t n)
{
	uint32_t best = 0, arm = v->mech->cylinder;
	uint64_t best_key = UINT64_MAX;
	for (uint32_t i = 0; i < n; i++) {
		/* cylinders below the arm come after all those at or above it */
		uint64_t key = c[i].cylinder;
		if (c[i].cylinder < arm)
			key += UINT64_C(1) << 32;
		if (key < best_key || (key == best_key && c[i].sequence < c[best].sequence)) {
			best = i;
			best_key = key;
		}
	}
	return best;
}
