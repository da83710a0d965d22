/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Shortest positioning time first, for the first sector of each extent (Seltzer, Chen & Ousterhout,
 * USENIX Winter 1990; Jacobson & Wilkes, HPL-CSP-91-7); the older extent wins a tie.
 */
#include "disk/destage.h"

uint32_t destage_pick_sptf(const struct destage_view *v, const struct wcache_extent *x, uint32_t n)
{
	const struct mech *m = v->mech;
	uint32_t best = 0;
	time_ps best_at = TIME_PS_MAX;
	for (uint32_t i = 0; i < n; i++) {
		time_ps at = time_add(v->begin_ps,
			mech_position_time(m, m->cylinder, m->head, x[i].cylinder, x[i].head, true));
		if (at > best_at)
			continue; /* the wait can only add */
		at = time_add(at, mech_wait(m, at, x[i].angle));
		if (at < best_at || (at == best_at && x[i].stamp < x[best].stamp)) {
			best = i;
			best_at = at;
		}
	}
	return best;
}
