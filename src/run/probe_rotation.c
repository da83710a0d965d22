/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One turn: reads of one sector from the medium end whole turns apart, whatever the pause
 * between them (Worthington et al. 1995, section 3.1). The smallest step between two such
 * intervals is one turn; many turns on end give it to well below 1 ppm.
 */
#include "run/probe_private.h"

#define PAUSES 128
#define PAUSE_PS 0.25e9 /* steps: together 32 ms, at least one turn down to 1,900 rpm */
#define UNEVEN_PS 1.37e6 /* so that intervals that only follow the pauses have no common step */
#define TURNS 4000

static const char *const method = "reads of one sector past the buffer, thousands of turns on end";

/* Smallest step between two of the intervals; 0: all alike, or no whole turns. */
static double smallest_step(const struct probe_turn *t, size_t n)
{
	double least = 0;
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < i; k++) {
			double d = fabs(t[i].interval_ms - t[k].interval_ms) * 1e9;
			if (d > PROBE_SAME_PS && (least == 0 || d < least))
				least = d;
		}
	for (size_t i = 0; i < n && least > 0; i++) {
		double turns = t[i].interval_ms * 1e9 / least;
		if (fabs(turns - nearbyint(turns)) * least > 1000 * nearbyint(turns))
			return 0;
	}
	return least;
}

/* Writes go where reads come from when they too end whole turns apart. */
static bool writes_in_place(struct probe *p, uint64_t lba)
{
	time_ps last = probe_do(p, BLK_WRITE, lba, 1, BLK_FUA);
	for (int i = 0; i < 8; i++) {
		if (p->status != BLK_OK)
			return false;
		probe_idle(p, i * 0.37 * p->turn_ps);
		time_ps now = probe_do(p, BLK_WRITE, lba, 1, BLK_FUA);
		double turns = (double)(now - last) / p->turn_ps;
		if (fabs(turns - nearbyint(turns)) * p->turn_ps > PROBE_SAME_PS)
			return false;
		last = now;
	}
	return true;
}

void probe_rotation(struct probe *p)
{
	uint64_t lba = p->limit / 2;
	time_ps last = probe_medium(p, lba);
	for (int i = 0; i < PAUSES; i++) {
		struct probe_turn *t = probe_row(p, &p->out->turns, sizeof(*t));
		if (!t)
			return;
		double pause = i * PAUSE_PS + i * i % 97 * UNEVEN_PS;
		probe_idle(p, pause);
		time_ps now = probe_medium(p, lba);
		*t = (struct probe_turn){1e-9 * pause, 1e-9 * (double)(now - last)};
		last = now;
	}
	double turn = smallest_step(p->out->turns.row, p->out->turns.count);
	if (turn == 0) {
		probe_missed(p, "rotation_ms", "one turn", "ms", method,
			"reads of one sector do not end whole turns apart: nothing that spins was found");
		return;
	}
	time_ps first = last;
	for (int i = 0; i < TURNS; i++)
		last = probe_medium(p, lba);
	double span = (double)(last - first);
	p->turn_ps = span / nearbyint(span / turn);
	probe_found(p, "rotation_ms", "one turn", "ms", 1e-9 * p->turn_ps, method);
	probe_found(p, "rpm", "speed", "rpm", 60e12 / p->turn_ps, method);
	p->reads_only = !writes_in_place(p, lba);
	struct probe_figure *f = probe_found(p, "writes_in_place", "writes go where reads come from", "yes",
		!p->reads_only, "forced writes of one sector end whole turns apart");
	if (p->reads_only)
		f->note = "the arm is placed by reads instead, so that positioning times are good to a sector's time";
}
