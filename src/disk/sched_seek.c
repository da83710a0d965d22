/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Schedulers that go by order of arrival or by distance. The older command wins a tie.
 *
 * SCAN, C-SCAN, LOOK, C-LOOK, SSTF: Denning, "Effects of scheduling on file memory operations",
 * AFIPS 1967; Silberschatz, Galvin & Gagne, "Operating system concepts". VSCAN(R): Geist &
 * Daniel, "A continuum of disk scheduling algorithms", ACM TOCS 5(1), 1987. C-LOOK by LBN:
 * Worthington, Ganger & Patt, "Scheduling algorithms for modern disk drives", SIGMETRICS 1994.
 * All sweeps begin upwards.
 */
#include "disk/sched_sweep.h"

uint32_t disk_pick_fcfs(struct disk_view *v, struct disk_candidate *c, uint32_t n)
{
	(void)c;
	(void)n;
	return v->oldest;
}

/* The candidate of the smallest key. */
#define PICK_LEAST(key_of) \
	uint32_t best = 0; \
	uint64_t best_key = UINT64_MAX; \
	for (uint32_t i = 0; i < n; i++) { \
		uint64_t key = key_of; \
		if (key < best_key || (key == best_key && c[i].sequence < c[best].sequence)) { \
			best = i; \
			best_key = key; \
		} \
	}

static inline uint64_t apart(uint64_t a, uint64_t b) { return a > b ? a - b : b - a; }

uint32_t disk_pick_sstf(struct disk_view *v, struct disk_candidate *c, uint32_t n)
{
	uint32_t arm = v->cylinder;
	PICK_LEAST(apart(c[i].cylinder, arm))
	return best;
}

uint32_t disk_pick_sdf(struct disk_view *v, struct disk_candidate *c, uint32_t n)
{
	PICK_LEAST(apart(c[i].lbn, v->next_lbn))
	return best;
}

/* What lies below the arm comes after all that lies at or above it. */
uint32_t disk_pick_clook(struct disk_view *v, struct disk_candidate *c, uint32_t n)
{
	uint32_t arm = v->cylinder;
	PICK_LEAST(c[i].cylinder + (c[i].cylinder < arm ? UINT64_C(1) << 32 : 0))
	return best;
}

uint32_t disk_pick_clook_lbn(struct disk_view *v, struct disk_candidate *c, uint32_t n)
{
	PICK_LEAST(c[i].lbn + (c[i].lbn < v->next_lbn ? UINT64_C(1) << 63 : 0))
	return best;
}

/* On to the last cylinder and back over the whole stroke, before what lies below the arm. */
static void come_back(struct disk_view *v)
{
	v->via_count = 2;
	v->via[0] = v->last_cylinder;
	v->via[1] = v->first_cylinder;
}

uint32_t disk_pick_cscan(struct disk_view *v, struct disk_candidate *c, uint32_t n)
{
	uint32_t best = disk_pick_clook(v, c, n);
	if (c[best].cylinder < v->cylinder)
		come_back(v);
	return best;
}

uint32_t disk_pick_cscan_lbn(struct disk_view *v, struct disk_candidate *c, uint32_t n)
{
	uint32_t best = disk_pick_clook_lbn(v, c, n);
	if (c[best].lbn < v->next_lbn)
		come_back(v);
	return best;
}

uint32_t disk_pick_look(struct disk_view *v, struct disk_candidate *c, uint32_t n)
{
	return sched_sweep(v->state, v, false, c, n, 0, NULL);
}

uint32_t disk_pick_look_lbn(struct disk_view *v, struct disk_candidate *c, uint32_t n)
{
	return sched_sweep(v->state, v, true, c, n, 0, NULL);
}

static uint32_t scan(struct disk_view *v, bool by_lbn, struct disk_candidate *c, uint32_t n)
{
	struct sched_sweep_state *s = v->state;
	bool turned, down = s->down;
	uint32_t best = sched_sweep(s, v, by_lbn, c, n, 0, &turned);
	if (turned) {
		v->via_count = 1;
		v->via[0] = down ? v->first_cylinder : v->last_cylinder;
	}
	return best;
}

uint32_t disk_pick_scan(struct disk_view *v, struct disk_candidate *c, uint32_t n)
{
	return scan(v, false, c, n);
}

uint32_t disk_pick_scan_lbn(struct disk_view *v, struct disk_candidate *c, uint32_t n)
{
	return scan(v, true, c, n);
}

uint32_t disk_pick_vscan(struct disk_view *v, struct disk_candidate *c, uint32_t n)
{
	struct sched_sweep_state *s = v->state;
	uint32_t arm = v->cylinder;
	uint64_t charge = (uint64_t)(v->queue->scan_bias * (double)(v->last_cylinder - v->first_cylinder + 1));
	PICK_LEAST(apart(c[i].cylinder, arm) +
		((s->down ? c[i].cylinder > arm : c[i].cylinder < arm) ? charge : 0))
	if (c[best].cylinder != arm)
		s->down = c[best].cylinder < arm;
	return best;
}
