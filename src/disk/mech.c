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

/* Angle from the start of `from` until `count` <= spt sectors have passed. */
static inline uint64_t pass_angle(const struct geom_track *t, uint32_t from, uint32_t count)
{
	return geom_into(t->zone, from + count) - geom_into(t->zone, from);
}

time_ps mech_pass_time(const struct mech *m, const struct geom_track *t, uint32_t from_sector,
	uint64_t late, uint32_t count)
{
	if (count == 0)
		return 0;
	return mech_turn_time(m, pass_angle(t, from_sector, count) - late);
}

void mech_meet_run(const struct mech *m, struct mech_run *run, time_ps t)
{
	uint64_t from = geom_angle(&run->track, run->first_sector);
	run->begin_ps = mech_meet(m, t, from, &run->begin_late);
	/* one ps is shorter than any sector: 100,000 sectors at 100,000 rpm take 6 ns each */
	uint64_t left = pass_angle(&run->track, run->first_sector,
		run->end_sector - run->first_sector) - run->begin_late;
	time_ps pass = mech_turn_time(m, left);
	run->end_ps = time_add(run->begin_ps, pass);
	run->end_late = (uint64_t)pass * m->millirpm - left;
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
	time_ps detour = 0;
	run->distance = 0;
	if (__builtin_expect(m->via_count > 0, 0))
		detour = pass_by(m, &run->distance);
	run->distance += apart(m->cylinder, track->cylinder);
	run->position_ps = detour + mech_position_time(m, m->cylinder, m->head, track->cylinder, track->head, write);
	run->settled_ps = time_add(t, run->position_ps);
	m->cylinder = track->cylinder;
	m->head = track->head;
	mech_meet_run(m, run, run->settled_ps);
	return run->sectors;
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
	/* estimate by the mean sector, then settle it by the sectors' own angles */
	uint32_t n = (uint32_t)fastdiv(turned, &t->zone->by_sector_angle);
	if (n > t->spt)
		n = t->spt;
	while (n > 0 && pass_angle(t, from_sector, n) > turned)
		n--;
	while (n < t->spt && pass_angle(t, from_sector, n + 1) <= turned)
		n++;
	return n;
}

uint32_t mech_next_sector(const struct mech *m, const struct geom_track *t, time_ps now, time_ps *at,
	uint64_t *late)
{
	uint64_t head = mech_angle(m, now);
	uint64_t into = head >= t->angle0 ? head - t->angle0 : head + ANGLE_TURN - t->angle0;
	uint32_t sector = (uint32_t)fastdiv(into, &t->zone->by_sector_angle);
	if (sector > t->spt)
		sector = t->spt;
	/* back to a sector whose start is not ahead, then to the first that is not behind (less
	 * than 1 ps behind counts as under the head, as in mech_wait) */
	while (sector > 0 && geom_into(t->zone, sector) > into)
		sector--;
	uint64_t begin = geom_into(t->zone, sector);
	if (begin + m->millirpm <= into)
		begin = geom_into(t->zone, ++sector);
	time_ps wait = begin > into ? mech_turn_time(m, begin - into) : 0;
	*late = (uint64_t)wait * m->millirpm + into - begin;
	*at = time_add(now, wait);
	return sector < t->spt ? sector : 0;
}
