/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Arm and spindle: access to one track, and what has passed under the head. */
#include "disk/mech.h"

time_ps mech_pass_time(const struct mech *m, const struct geom_track *t, uint32_t from_sector,
	uint32_t count)
{
	if (count == 0)
		return 0;
	if (count >= t->spt)
		return mech_turn_time(m, ANGLE_TURN);
	uint64_t a = geom_angle(t, from_sector), b = geom_angle(t, from_sector + count);
	return mech_turn_time(m, b >= a ? b - a : b + ANGLE_TURN - a);
}

uint32_t mech_access(struct mech *m, const struct geom *g, uint64_t lbn, uint32_t sectors,
	time_ps t, bool write, struct mech_run *run)
{
	struct geom_place at;
	geom_locate(g, lbn, &at);
	struct geom_track *track = &run->track;
	geom_track_at(g, &at, track);
	uint32_t on_track = (uint32_t)(track->first_lbn + track->lbns - lbn);
	run->lbn = lbn;
	run->sectors = sectors < on_track ? sectors : on_track;
	run->first_sector = at.sector;
	run->end_sector = run->sectors == 1 ? at.sector + 1
		: geom_sector_of(track, lbn + run->sectors - 1) + 1;
	run->position_ps = mech_position_time(m, m->cylinder, m->head, track->cylinder, track->head, write);
	run->settled_ps = time_add(t, run->position_ps);
	m->cylinder = track->cylinder;
	m->head = track->head;
	run->begin_ps = run->settled_ps + mech_wait(m, run->settled_ps, geom_angle(track, at.sector));
	run->end_ps = run->begin_ps +
		mech_pass_time(m, track, run->first_sector, run->end_sector - run->first_sector);
	return run->sectors;
}

uint32_t mech_passed(const struct mech *m, const struct geom_track *t, uint32_t from_sector,
	time_ps elapsed)
{
	if (elapsed <= 0)
		return 0;
	if (elapsed >= mech_turn_time(m, ANGLE_TURN))
		return t->spt;
	/* estimate by the mean sector, then settle it by the sectors' own times */
	uint64_t turned = (uint64_t)elapsed * m->millirpm;
	uint32_t n = (uint32_t)(turned / (ANGLE_TURN / t->spt));
	if (n > t->spt)
		n = t->spt;
	while (n > 0 && mech_pass_time(m, t, from_sector, n) > elapsed)
		n--;
	while (n < t->spt && mech_pass_time(m, t, from_sector, n + 1) <= elapsed)
		n++;
	return n;
}

uint32_t mech_next_sector(const struct mech *m, const struct geom_track *t, time_ps now, time_ps *at)
{
	uint64_t head = mech_angle(m, now), start = geom_angle(t, 0);
	uint64_t into = head >= start ? head - start : head + ANGLE_TURN - start;
	uint32_t sector = (uint32_t)(into / (ANGLE_TURN / t->spt)) % t->spt;
	time_ps best = mech_wait(m, now, geom_angle(t, sector));
	uint32_t next = sector + 1 < t->spt ? sector + 1 : 0;
	time_ps wait = mech_wait(m, now, geom_angle(t, next));
	if (wait < best) {
		best = wait;
		sector = next;
	}
	*at = now + best;
	return sector;
}
