/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Shortest positioning time first (Seltzer, Chen & Ousterhout, "Disk scheduling revisited",
 * USENIX Winter 1990; Jacobson & Wilkes, HPL-CSP-91-7): seek, switch and settle, then the
 * wait for the first sector, all of them exact, from when the arm would be free for it. The
 * older command wins a tie.
 */
#include "disk/sched.h"

uint32_t disk_pick_sptf(const struct disk_view *v, const struct disk_candidate *c, uint32_t n)
{
	const struct mech *m = v->mech;
	uint32_t best = 0;
	time_ps best_at = TIME_PS_MAX;
	for (uint32_t i = 0; i < n; i++) {
		time_ps at = time_add(v->begin_ps[c[i].write],
			mech_position_time(m, m->cylinder, m->head, c[i].cylinder, c[i].head, c[i].write));
		if (at > best_at)
			continue; /* the wait can only add */
		at = time_add(at, mech_wait(m, at, c[i].angle));
		if (at < best_at || (at == best_at && c[i].sequence < c[best].sequence)) {
			best = i;
			best_at = at;
		}
	}
	return best;
}
