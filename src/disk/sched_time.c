/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Schedulers that go by time: seek, switch and settle, then the wait for the first sector,
 * all of them exact, from when the arm would be free for the command. The older command
 * wins a tie.
 *
 * SPTF: Seltzer, Chen & Ousterhout, "Disk scheduling revisited", USENIX Winter 1990, who also
 * weight a time by (M - waited) / M (here WPTF); SATF, which adds the transfer, and aging by a
 * share W of the time waited (here ASPTF): Jacobson & Wilkes, HPL-CSP-91-7, 1991. SPCTF, which
 * knows the buffer: Worthington, Ganger & Patt, SIGMETRICS 1994.
 */
#include "disk/sched_time.h"

/* The candidate with the least of positioning time and, with `transfer`, the time under the head. */
static inline __attribute__((always_inline)) uint32_t pick_soonest(const struct disk_view *v,
	const struct disk_candidate *c, uint32_t n, bool angles, bool transfer)
{
	const struct sched_spindle spindle = sched_spindle(v);
	const time_ps half = mech_turn_time(v->mech, ANGLE_TURN / 2);
	uint32_t best = 0;
	time_ps best_at = TIME_PS_MAX;
	for (uint32_t i = 0; i < n; i++) {
		time_ps at = sched_settled(v, &c[i]);
		if (at > best_at)
			continue; /* the wait can only add */
		time_ps wait = angles ? sched_spindle_wait(&spindle, v->mech, at, c[i].angle) : half;
		at = time_add(at, transfer ? wait + c[i].transfer_ps : wait);
		if (at < best_at || (at == best_at && c[i].sequence < c[best].sequence)) {
			best = i;
			best_at = at;
		}
	}
	return best;
}

uint32_t disk_pick_sptf(struct disk_view *v, struct disk_candidate *c, uint32_t n)
{
	return v->knows_angle ? pick_soonest(v, c, n, true, false) : pick_soonest(v, c, n, false, false);
}

uint32_t disk_pick_satf(struct disk_view *v, struct disk_candidate *c, uint32_t n)
{
	return v->knows_angle ? pick_soonest(v, c, n, true, true) : pick_soonest(v, c, n, false, true);
}

/* The candidate of the smallest `cost`, a double that key_of gives from positioning and waiting time. */
#define PICK_CHEAPEST(key_of) \
	uint32_t best = 0; \
	double best_cost = 0; \
	for (uint32_t i = 0; i < n; i++) { \
		double positioning = (double)(sched_ready(v, &c[i]) - v->now_ps); \
		double waited = (double)(v->now_ps - c[i].arrive_ps); \
		double cost = key_of; \
		if (i == 0 || cost < best_cost || (cost <= best_cost && c[i].sequence < c[best].sequence)) { \
			best = i; \
			best_cost = cost; \
		} \
	}

uint32_t disk_pick_asptf(struct disk_view *v, struct disk_candidate *c, uint32_t n)
{
	double weight = 1e-3 * v->queue->age_weight;
	PICK_CHEAPEST(positioning - weight * waited)
	return best;
}

/* From the age of M on all commands cost nothing: the oldest is next. */
uint32_t disk_pick_wptf(struct disk_view *v, struct disk_candidate *c, uint32_t n)
{
	double scale = (double)v->queue->age_scale_ps;
	PICK_CHEAPEST(waited < scale ? positioning * (scale - waited) : 0)
	return best;
}

uint32_t disk_pick_spctf(struct disk_view *v, struct disk_candidate *c, uint32_t n)
{
	uint32_t best = UINT32_MAX;
	for (uint32_t i = 0; v->buffered && i < n; i++)
		if ((best == UINT32_MAX || c[i].sequence < c[best].sequence) && v->buffered(v, &c[i]))
			best = i;
	return best == UINT32_MAX ? disk_pick_sptf(v, c, n) : best;
}
