/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sweep that scan, look, f-scan and n-step-scan share. */
#ifndef QUERN_DISK_SCHED_SWEEP_H
#define QUERN_DISK_SCHED_SWEEP_H

#include "disk/sched.h"

struct sched_sweep_state {
	bool down;       /* the present direction; upwards at first */
	uint64_t batch;  /* number of the present batch, for policies that have any */
	uint64_t left;   /* commands of it that wait */
};

/*
 * Of the candidates whose mark is `mark`, of which there is at least one: the nearest in the
 * present direction, the arm's own place included, or in the other one when there is none;
 * then the direction turns, and *turned (may be NULL) says so. Places are LBNs or cylinders.
 */
static inline uint32_t sched_sweep(struct sched_sweep_state *s, const struct disk_view *v, bool by_lbn,
	const struct disk_candidate *c, uint32_t n, uint64_t mark, bool *turned)
{
	uint64_t arm = by_lbn ? v->next_lbn : v->cylinder;
	uint32_t best[2] = {UINT32_MAX, UINT32_MAX};
	uint64_t distance[2] = {UINT64_MAX, UINT64_MAX};
	for (uint32_t i = 0; i < n; i++) {
		if (c[i].mark != mark)
			continue;
		uint64_t at = by_lbn ? c[i].lbn : c[i].cylinder;
		bool up = at > arm || (at == arm && !s->down);
		uint64_t far = at > arm ? at - arm : arm - at;
		uint32_t b = best[up];
		if (b == UINT32_MAX || far < distance[up] || (far == distance[up] && c[i].sequence < c[b].sequence)) {
			best[up] = i;
			distance[up] = far;
		}
	}
	bool turn = best[!s->down] == UINT32_MAX;
	if (turn)
		s->down = !s->down;
	if (turned)
		*turned = turn;
	return best[!s->down];
}

#endif
