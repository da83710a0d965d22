/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Shortest positioning time first (Seltzer, Chen & Ousterhout, "Disk scheduling revisited",
 * USENIX Winter 1990; Jacobson & Wilkes, HPL-CSP-91-7): seek, switch and settle, then the
 * wait for the first sector, all of them exact. The older command wins a tie.
 */
#include "disk/sched.h"

uint32_t disk_pick_sptf(const struct disk_view *v, const struct disk_candidate *c, uint32_t n)
{
	const struct mech *m = v->mech;
	uint32_t best = 0;
	time_ps best_cost = TIME_PS_MAX;
	for (uint32_t i = 0; i < n; i++) {
		time_ps seek = mech_position_time(m, m->cylinder, m->head, c[i].cylinder, c[i].head, c[i].write);
		if (seek > best_cost)
			continue; /* the wait can only add */
		time_ps cost = seek + mech_wait(m, v->now_ps + seek, c[i].angle);
		if (cost < best_cost || (cost == best_cost && c[i].sequence < c[best].sequence)) {
			best = i;
			best_cost = cost;
		}
	}
	return best;
}
