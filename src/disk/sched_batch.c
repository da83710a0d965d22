/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Schedulers that work through batches, so that what comes in later cannot pass for ever:
 * F-SCAN (Coffman, Klimko & Ryan, "Analysis of scanning policies for reducing disk seek
 * times", SIAM J. Computing 1(3), 1972), N-step-SCAN (Frank, "Analysis and optimization of
 * disk storage devices for time-sharing systems", JACM 16(4), 1969), and batched SPTF (after
 * Jacobson & Wilkes, "Disk scheduling algorithms based on rotational position",
 * HPL-CSP-91-7, 1991). A command's mark is the number of its batch; 0: none yet.
 */
#include "disk/sched_sweep.h"
#include "disk/sched_time.h"

/* See to it that a batch is under way: the `most` oldest of what waits. */
static void begin_batch(struct sched_sweep_state *s, struct disk_candidate *c, uint32_t n, uint64_t most)
{
	if (s->left > 0) {
		s->left = 0; /* commands may have been taken out meanwhile: count what is there */
		for (uint32_t i = 0; i < n; i++)
			s->left += c[i].mark == s->batch;
	}
	if (s->left > 0)
		return;
	s->batch++;
	for (; s->left < most && s->left < n; s->left++) {
		uint32_t oldest = UINT32_MAX;
		for (uint32_t i = 0; i < n; i++)
			if (c[i].mark != s->batch && (oldest == UINT32_MAX || c[i].sequence < c[oldest].sequence))
				oldest = i;
		c[oldest].mark = s->batch;
	}
}

static void begin_batch_of_all(struct sched_sweep_state *s, struct disk_candidate *c, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		if (s->batch > 0 && c[i].mark == s->batch)
			return;
	s->batch++;
	for (uint32_t i = 0; i < n; i++)
		c[i].mark = s->batch;
}

uint32_t disk_pick_fscan(struct disk_view *v, struct disk_candidate *c, uint32_t n)
{
	struct sched_sweep_state *s = v->state;
	begin_batch_of_all(s, c, n);
	return sched_sweep(s, v, false, c, n, s->batch, NULL);
}

uint32_t disk_pick_nstep(struct disk_view *v, struct disk_candidate *c, uint32_t n)
{
	struct sched_sweep_state *s = v->state;
	begin_batch(s, c, n, (uint64_t)v->queue->step_commands);
	return sched_sweep(s, v, false, c, n, s->batch, NULL);
}

uint32_t disk_pick_batch(struct disk_view *v, struct disk_candidate *c, uint32_t n)
{
	struct sched_sweep_state *s = v->state;
	uint32_t best = UINT32_MAX;
	time_ps best_at = TIME_PS_MAX;
	begin_batch_of_all(s, c, n);
	for (uint32_t i = 0; i < n; i++) {
		if (c[i].mark != s->batch)
			continue;
		time_ps at = sched_ready(v, &c[i]);
		if (best == UINT32_MAX || at < best_at || (at == best_at && c[i].sequence < c[best].sequence)) {
			best = i;
			best_at = at;
		}
	}
	return best;
}
