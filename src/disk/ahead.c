/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Background reading, worked out lazily. */
#include "disk/ahead.h"

void ahead_start_linear(struct ahead *a, struct buffer_segment *s, const struct mech_run *after,
	uint64_t goal, uint64_t least)
{
	uint64_t next = after->lbn + after->sectors;
	a->active = goal > next;
	a->whole_track = false;
	a->segment = s;
	a->track = after->track;
	a->from_sector = after->end_sector;
	a->begin_ps = after->end_ps;
	a->late = after->end_late;
	a->lbn = next;
	a->goal = goal;
	a->least = least < goal - next ? next + least : goal;
	a->tracks_left = 0;
	a->count = after->track.spt - after->end_sector;
}

void ahead_start_track(struct ahead *a, struct buffer_segment *s, const struct geom_track *t,
	uint32_t sector, time_ps at, uint64_t late, uint32_t wanted, uint32_t more_tracks)
{
	a->active = true;
	a->whole_track = true;
	a->segment = s;
	a->track = *t;
	a->from_sector = sector;
	a->begin_ps = at;
	a->late = late;
	a->arrived = wanted;
	a->tracks_left = more_tracks;
	a->least = 0;
	a->count = t->spt;
	a->lbn = t->first_lbn + geom_lbns_before(t, sector);
	a->goal = t->first_lbn + t->lbns;
}

/* When `count` sectors of the present run have passed. */
static inline time_ps run_time(const struct ahead *a, const struct mech *m, uint32_t count)
{
	return time_add(a->begin_ps, mech_pass_time(m, &a->track, a->from_sector, a->late, count));
}

/* LBNs among the first `passed` sectors of a linear run. */
static inline uint32_t run_lbns(const struct ahead *a, uint32_t passed)
{
	return geom_lbns_before(&a->track, a->from_sector + passed) -
	       geom_lbns_before(&a->track, a->from_sector);
}

/* The segment holds the LBNs of the sectors that have passed. true: the turn is complete. */
static bool advance_track(struct ahead *a, uint32_t passed)
{
	const struct geom_track *t = &a->track;
	uint32_t to_end = t->spt - a->from_sector;
	struct buffer_segment *s = a->segment;
	if (passed >= t->spt) { /* one run */
		*s = (struct buffer_segment){t->first_lbn, t->first_lbn + t->lbns, t->first_lbn, t->first_lbn, s->used, s->window};
	} else {
		s->lo = a->lbn;
		s->hi = t->first_lbn + geom_lbns_before(t, a->from_sector + (passed < to_end ? passed : to_end));
		s->wrap_lo = s->wrap_hi = t->first_lbn;
		if (passed > to_end)
			s->wrap_hi = t->first_lbn + geom_lbns_before(t, passed - to_end);
	}
	uint64_t here = s->hi - s->lo + s->wrap_hi - s->wrap_lo;
	if (here > a->arrived) {
		a->sectors_read += here - a->arrived;
		a->arrived = here;
	}
	return passed >= t->spt;
}

/* A whole track is in at time t: on to the next, if one is to follow. */
static void next_track(struct ahead *a, struct buffer *b, struct mech *m, const struct geom *g, time_ps t)
{
	uint64_t lbn = a->track.first_lbn + a->track.lbns;
	a->active = a->tracks_left > 0 && lbn < g->sectors;
	if (!a->active)
		return;
	struct mech_run run;
	time_ps at;
	uint64_t late;
	mech_access(m, g, lbn, 1, t, false, &run);
	uint32_t sector = mech_landing(m, &run, &at, &late);
	ahead_start_track(a, buffer_take(b), &run.track, sector, at, late, 0, a->tracks_left - 1);
}

/* Start the run on the next track of a linear fill; the run before ended at `t`. */
static void next_run(struct ahead *a, struct mech *m, const struct geom *g, time_ps t)
{
	struct mech_run run;
	uint64_t left = a->goal - a->lbn;
	mech_access(m, g, a->lbn, left > UINT32_MAX ? UINT32_MAX : (uint32_t)left, t, false, &run);
	a->track = run.track;
	a->from_sector = run.first_sector;
	a->begin_ps = run.begin_ps;
	a->late = run.begin_late;
	a->count = run.track.spt - run.first_sector;
}

/* Sectors of the present run that have passed by `now`. */
static inline uint32_t run_passed(const struct ahead *a, const struct mech *m, time_ps now)
{
	uint32_t passed = mech_passed(m, &a->track, a->from_sector, a->late, now - a->begin_ps);
	return passed < a->count ? passed : a->count;
}

/* One step of a linear fill. true: the run ended by `now` and another began. */
static bool advance_run(struct ahead *a, struct buffer *b, struct mech *m, const struct geom *g,
	uint32_t passed)
{
	uint64_t arrived = a->lbn + run_lbns(a, passed);
	if (arrived > a->goal)
		arrived = a->goal;
	if (arrived > a->segment->hi) {
		a->sectors_read += arrived - a->segment->hi;
		buffer_extend(b, a->segment, arrived);
	}
	if (arrived == a->goal) {
		a->active = false;
		return false;
	}
	if (passed < a->count)
		return false;
	time_ps end = run_time(a, m, a->count);
	a->lbn += run_lbns(a, a->count);
	next_run(a, m, g, end);
	return true;
}

/* Bring everything up to `now`; returns the sectors passed of the run that is under way. */
static uint32_t advance(struct ahead *a, struct buffer *b, struct mech *m, const struct geom *g, time_ps now)
{
	uint32_t passed = run_passed(a, m, now);
	if (a->whole_track) {
		while (advance_track(a, passed)) {
			next_track(a, b, m, g, run_time(a, m, a->count));
			if (!a->active)
				break;
			passed = run_passed(a, m, now);
		}
		return passed;
	}
	while (advance_run(a, b, m, g, passed))
		passed = run_passed(a, m, now);
	return passed;
}

void ahead_advance(struct ahead *a, struct buffer *b, struct mech *m, const struct geom *g, time_ps now)
{
	if (a->active)
		advance(a, b, m, g, now);
}

time_ps ahead_stop(struct ahead *a, struct buffer *b, struct mech *m, const struct geom *g, time_ps now,
	bool at_once)
{
	if (!a->active)
		return now;
	if (!a->whole_track && a->least > a->lbn)
		now = time_max(now, ahead_arrival(a, m, g, a->least - 1));
	uint32_t passed = advance(a, b, m, g, now);
	if (!a->active)
		return now; /* it had come to its goal */
	a->active = false;
	if (at_once || now <= a->begin_ps || passed >= a->count)
		return now;
	return run_time(a, m, passed + 1);
}

uint64_t ahead_coming(const struct ahead *a, uint64_t lbn, uint64_t end)
{
	/* what is below the segment's end and not found in it has been pushed out again */
	uint64_t from = a->whole_track ? a->track.first_lbn : a->segment->hi;
	if (!a->active || lbn < from || lbn >= a->goal)
		return lbn;
	return end < a->goal ? end : a->goal;
}

uint64_t ahead_stretch(const struct ahead *a, const struct geom *g, uint64_t lbn, uint64_t end)
{
	if (a->whole_track)
		return lbn < a->lbn && a->lbn < end ? a->lbn : end;
	struct geom_track t;
	geom_track_of(g, lbn, &t);
	return end < t.first_lbn + t.lbns ? end : t.first_lbn + t.lbns;
}

static time_ps arrival_on_track(const struct ahead *a, const struct mech *m, uint64_t lbn)
{
	const struct geom_track *t = &a->track;
	uint32_t sector = geom_sector_of(t, lbn);
	uint32_t after = sector >= a->from_sector ? sector - a->from_sector : sector + t->spt - a->from_sector;
	return run_time(a, m, after + 1);
}

time_ps ahead_arrival(const struct ahead *a, const struct mech *m, const struct geom *g, uint64_t lbn)
{
	if (!a->active)
		return -1;
	if (a->whole_track) {
		bool here = lbn >= a->track.first_lbn && lbn < a->track.first_lbn + a->track.lbns;
		return here ? arrival_on_track(a, m, lbn) : -1;
	}
	if (lbn < a->lbn || lbn >= a->goal)
		return -1;
	struct ahead walk = *a;
	struct mech arm = *m;
	while (lbn >= walk.track.first_lbn + walk.track.lbns) {
		time_ps end = run_time(&walk, &arm, walk.count);
		walk.lbn += run_lbns(&walk, walk.count);
		next_run(&walk, &arm, g, end);
	}
	return arrival_on_track(&walk, &arm, lbn);
}

time_ps ahead_goal_ps(const struct ahead *a, const struct mech *m, const struct geom *g)
{
	return a->whole_track ? run_time(a, m, a->count) : ahead_arrival(a, m, g, a->goal - 1);
}
