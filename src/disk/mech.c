/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Arm and spindle: access to one track, and what has passed under the head. */
#include "disk/mech.h"

#include <math.h>

int mech_init_write_extra(struct mech *m, struct arena *a, const struct opt_curve *curve, uint32_t cylinders)
{
	m->write_extra_ps = NULL;
	if (curve->count == 0)
		return 0;
	time_ps *t = arena_array(a, cylinders, sizeof(*t));
	if (!t)
		return -1;
	size_t i = 0; /* points at or below d */
	for (uint32_t d = 0; d < cylinders; d++) {
		while (i < curve->count && curve->x[i] <= (int64_t)d)
			i++;
		if (i == 0 || i == curve->count) {
			t[d] = llround(curve->y[i ? i - 1 : 0]);
			continue;
		}
		double slope = (curve->y[i] - curve->y[i - 1]) / (double)(curve->x[i] - curve->x[i - 1]);
		t[d] = llround(curve->y[i - 1] + slope * (double)((int64_t)d - curve->x[i - 1]));
	}
	m->write_extra_ps = t;
	return 0;
}

/* `at` is under the head at time t. */
static inline void meet_run(const struct mech *m, struct mech_run *run, time_ps t, uint64_t at)
{
	const struct geom_zone *z = run->track.zone;
	uint64_t from = geom_into(z, run->first_sector), to = geom_into(z, run->end_sector);
	run->begin_ps = mech_meet_from(m, t, at, geom_turned(run->track.angle0 + from), &run->begin_late);
	/* one ps is shorter than any sector: 100,000 sectors at 100,000 rpm take 6 ns each */
	uint64_t left = to - from - run->begin_late;
	time_ps pass = mech_turn_time(m, left);
	run->end_ps = time_add(run->begin_ps, pass);
	run->end_late = (uint64_t)pass * m->millirpm - left;
}

void mech_meet_run(const struct mech *m, struct mech_run *run, time_ps t)
{
	meet_run(m, run, t, mech_angle(m, t));
}

static inline uint32_t apart(uint32_t a, uint32_t b) { return a > b ? a - b : b - a; }

/* The arm goes through the cylinders where it must pass; returns the time, and how far it went. */
static time_ps pass_by(struct mech *m, uint32_t *distance)
{
	time_ps t = 0;
	for (uint32_t i = 0; i < m->via_count; i++) {
		t += seek_time(&m->seek, m->cylinder, m->via[i]);
		*distance += apart(m->cylinder, m->via[i]);
		m->cylinder = m->via[i];
	}
	m->via_count = 0;
	return t;
}

uint32_t mech_access(struct mech *m, const struct geom *g, uint64_t lbn, uint32_t sectors,
	time_ps t, bool write, struct mech_run *run)
{
	struct geom_track *track = &run->track;
	run->first_sector = geom_track_of(g, lbn, track);
	uint32_t on_track = (uint32_t)(track->first_lbn + track->lbns - lbn);
	run->lbn = lbn;
	run->sectors = sectors < on_track ? sectors : on_track;
	run->end_sector = run->sectors == 1 ? run->first_sector + 1
		: geom_sector_of(track, lbn + run->sectors - 1) + 1;
	time_ps detour = 0;
	run->distance = 0;
	if (__builtin_expect(m->via_count > 0, 0))
		detour = pass_by(m, &run->distance);
	run->distance += apart(m->cylinder, track->cylinder);
	run->position_ps = detour + mech_position_time(m, m->cylinder, m->head, track->cylinder, track->head, write);
	run->settled_ps = time_add(t, run->position_ps);
	run->settled_angle = mech_angle(m, run->settled_ps);
	m->cylinder = track->cylinder;
	m->head = track->head;
	meet_run(m, run, run->settled_ps, run->settled_angle);
	return run->sectors;
}

/*
 * The last sector that begins at or before an angle of less than two turns from the track's start, the sectors
 * of the second turn counted on; and where it begins. By the sector's angle rounded down the estimate is
 * never too small: k of them take no more than geom_into(k).
 */
static inline uint32_t sector_at(const struct geom_zone *z, uint64_t into, uint64_t *begin)
{
	uint32_t sector = (uint32_t)fastdiv(into, &z->by_sector_angle);
	while ((*begin = geom_into(z, sector)) > into)
		sector--;
	return sector;
}

uint32_t mech_passed(const struct mech *m, const struct geom_track *t, uint32_t from_sector,
	uint64_t late, time_ps elapsed)
{
	uint64_t turned;
	if (elapsed <= 0)
		return 0;
	if (__builtin_mul_overflow((uint64_t)elapsed, m->millirpm, &turned) || turned >= ANGLE_TURN - late)
		return t->spt;
	turned += late;
	turned += geom_into(t->zone, from_sector);
	return sector_at(t->zone, turned, &turned) - from_sector;
}

/* `head` is under the head now. */
static inline uint32_t next_sector(const struct mech *m, const struct geom_track *t, time_ps now, uint64_t head,
	time_ps *at, uint64_t *late)
{
	uint64_t into = head >= t->angle0 ? head - t->angle0 : head + ANGLE_TURN - t->angle0;
	uint64_t begin;
	uint32_t sector = sector_at(t->zone, into, &begin);
	/* on to the first that is not behind (less than 1 ps behind counts as under the head, as in mech_wait) */
	if (begin + m->millirpm <= into)
		begin = geom_into(t->zone, ++sector);
	time_ps wait = begin > into ? mech_turn_time(m, begin - into) : 0;
	*late = (uint64_t)wait * m->millirpm + into - begin;
	*at = time_add(now, wait);
	return sector < t->spt ? sector : 0;
}

uint32_t mech_next_sector(const struct mech *m, const struct geom_track *t, time_ps now, time_ps *at,
	uint64_t *late)
{
	return next_sector(m, t, now, mech_angle(m, now), at, late);
}

uint32_t mech_landing(const struct mech *m, const struct mech_run *run, time_ps *at, uint64_t *late)
{
	return next_sector(m, &run->track, run->settled_ps, run->settled_angle, at, late);
}
