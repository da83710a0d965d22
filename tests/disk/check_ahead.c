/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Background reading, worked out when asked: asking often or once must come to the same, and
 * what is foretold must arrive on the picosecond.
 */
#include "disk/disk_fixture.h"

#include <inttypes.h>

static const char text[] =
	"disk0:\n"
	"  rpm: 7205.5 rpm\n"
	"  head_switch: 0.5 ms\n"
	"  geometry:\n"
	"    heads: 3\n"
	"    cylinders: 30\n"
	"    lbn_order: serpentine-zone\n"
	"    zones:\n"
	"      - {first_cylinder: 0, last_cylinder: 9, sectors_per_track: 61, offset: 3, track_skew: 7.7, cylinder_skew: 13,\n"
	"         reserved_sectors: 3, spares: 14, slips: [59, 60, 61, 122, 300, 301, 500, 700, 701, 702, 1000, 1100]}\n"
	"      - {first_cylinder: 10, last_cylinder: 29, sectors_per_track: 40, track_skew: 5, cylinder_skew: 9}\n"
	"  seek: {table: [[1, 1 ms], [29, 9 ms]]}\n";

/* Everything background reading moves. */
struct state {
	struct arena *arena;
	struct buffer buffer;
	struct ahead ahead;
	struct mech mech;
};

static struct drive v;
static struct rng *rnd;

static void open_drive(void)
{
	drive_open(&v, text);
	rnd = rng_new(v.sim->arena, 3, "ahead");
}

static void close_drive(void) { drive_close(&v); }

static struct state state_new(uint64_t segment_sectors)
{
	struct state x;
	memset(&x, 0, sizeof(x));
	ck_assert_int_eq(buffer_init(&x.buffer, v.sim->arena, 2, segment_sectors), 0);
	x.mech = v.disk->unit[0].mech;
	return x;
}

/* A twin with its own buffer. */
static struct state state_copy(const struct state *from)
{
	struct state x = *from;
	buffer_init(&x.buffer, v.sim->arena, from->buffer.count, from->buffer.segment_sectors);
	memcpy(x.buffer.segments, from->buffer.segments, from->buffer.count * sizeof(*from->buffer.segments));
	x.buffer.stamp = from->buffer.stamp;
	buffer_reorder(&x.buffer);
	x.ahead.segment = &x.buffer.segments[from->ahead.segment - from->buffer.segments];
	return x;
}

static void ck_alike(const struct state *a, const struct state *b)
{
	const struct ahead *x = &a->ahead, *y = &b->ahead;
	ck_assert_int_eq(x->active, y->active);
	ck_assert_uint_eq(x->sectors_read, y->sectors_read);
	if (x->active) {
		ck_assert_uint_eq(x->from_sector, y->from_sector);
		ck_assert_uint_eq(x->count, y->count);
		ck_assert_int_eq(x->begin_ps, y->begin_ps);
		ck_assert_uint_eq(x->late, y->late);
		ck_assert_uint_eq(x->lbn, y->lbn);
		ck_assert_uint_eq(x->track.first_place, y->track.first_place);
	}
	ck_assert_uint_eq(a->mech.cylinder, b->mech.cylinder);
	ck_assert_uint_eq(a->mech.head, b->mech.head);
	ck_assert_int_eq(memcmp(a->buffer.segments, b->buffer.segments, a->buffer.count * sizeof(*a->buffer.segments)), 0);
}

/* Read `n` sectors at `lbn` and go on in the background; returns the time at which that starts. */
static time_ps start_linear(struct state *x, uint64_t lbn, uint32_t n, uint64_t goal)
{
	struct mech_run run;
	time_ps t = (time_ps)rng_below(rnd, (uint64_t)PS_PER_S);
	struct buffer_segment *s = buffer_take(&x->buffer);
	s->lo = s->hi = lbn;
	for (uint64_t at = lbn; at < lbn + n; at += run.sectors) {
		mech_access(&x->mech, v.disk->unit[0].geom, at, (uint32_t)(lbn + n - at), t, false, &run);
		t = run.end_ps;
	}
	buffer_extend(&x->buffer, s, lbn + n);
	ahead_start_linear(&x->ahead, s, &run, goal, 0);
	return t;
}

static time_ps start_track(struct state *x, uint64_t lbn)
{
	struct mech_run run;
	time_ps at;
	uint64_t late;
	mech_access(&x->mech, v.disk->unit[0].geom, lbn, 1, (time_ps)rng_below(rnd, (uint64_t)PS_PER_S), false, &run);
	uint32_t sector = mech_next_sector(&x->mech, &run.track, run.settled_ps, &at, &late);
	ahead_start_track(&x->ahead, buffer_take(&x->buffer), &run.track, sector, at, late, 0, 0);
	return at;
}

static time_ps start_random(struct state *x)
{
	uint64_t lbn = rng_below(rnd, v.dev->sectors - 400);
	if (rng_below(rnd, 2))
		return start_track(x, lbn);
	uint32_t n = 1 + (uint32_t)rng_below(rnd, 100);
	return start_linear(x, lbn, n, lbn + n + rng_below(rnd, 300));
}

static void advance(struct state *x, time_ps now)
{
	ahead_advance(&x->ahead, &x->buffer, &x->mech, v.disk->unit[0].geom, now);
}

START_TEST(one_jump_and_many_small_steps_come_to_the_same)
{
	for (int i = 0; i < 400; i++) {
		struct state jump = state_new(i % 3 ? 500 : 50);
		time_ps t = start_random(&jump);
		struct state steps = state_copy(&jump);
		time_ps end = t + (time_ps)rng_below(rnd, (uint64_t)(30 * PS_PER_MS));
		while (t < end) {
			t = time_min(end, t + (time_ps)(rng_below(rnd, (uint64_t)PS_PER_MS) >> rng_below(rnd, 30)));
			advance(&steps, t);
		}
		advance(&jump, end);
		ck_alike(&jump, &steps);
	}
}
END_TEST

static bool there(const struct state *x, uint64_t lbn)
{
	struct buffer_segment *s;
	return buffer_prefix(&x->buffer, lbn, 1, &s) == 1;
}

/* Each sector on the way: not there one ps before its foretold time, there at it. */
START_TEST(each_sector_arrives_when_foretold)
{
	for (int i = 0; i < 60; i++) {
		struct state x = state_new(1000);
		time_ps begin = start_random(&x);
		uint64_t from = x.ahead.whole_track ? x.ahead.track.first_lbn : x.ahead.lbn, goal = x.ahead.goal;
		for (uint64_t lbn = from; lbn < goal; lbn++) {
			time_ps at = ahead_arrival(&x.ahead, &x.mech, v.disk->unit[0].geom, lbn);
			ck_assert_int_gt(at, begin);
			struct state y = state_copy(&x);
			advance(&y, at - 1);
			if (there(&y, lbn))
				ck_abort_msg("sector %" PRIu64 " is there before %" PRId64, lbn, at);
			/* foretold again on the way, the same */
			ck_assert_int_eq(ahead_arrival(&y.ahead, &y.mech, v.disk->unit[0].geom, lbn), at);
			advance(&y, at);
			if (!there(&y, lbn))
				ck_abort_msg("sector %" PRIu64 " is not there at %" PRId64, lbn, at);
		}
		ck_assert_int_eq(ahead_arrival(&x.ahead, &x.mech, v.disk->unit[0].geom, goal), -1);
		if (from > 0)
			ck_assert_int_eq(ahead_arrival(&x.ahead, &x.mech, v.disk->unit[0].geom, from - 1), -1);
	}
}
END_TEST

/* A linear fill ends at its goal, and a foreground read of the same sectors takes as long. */
START_TEST(reading_ahead_is_as_fast_as_reading)
{
	for (int i = 0; i < 100; i++) {
		struct state x = state_new(1000);
		uint64_t lbn = rng_below(rnd, v.dev->sectors - 400);
		uint32_t n = 1 + (uint32_t)rng_below(rnd, 50), more = 1 + (uint32_t)rng_below(rnd, 200);
		time_ps t = start_linear(&x, lbn, n, lbn + n + more);
		time_ps arrives = ahead_arrival(&x.ahead, &x.mech, v.disk->unit[0].geom, lbn + n + more - 1);
		struct mech m = x.mech;
		struct mech_run run;
		for (uint64_t at = lbn + n; at < lbn + n + more; at += run.sectors) {
			mech_access(&m, v.disk->unit[0].geom, at, (uint32_t)(lbn + n + more - at), t, false, &run);
			t = run.end_ps;
		}
		ck_assert_int_eq(arrives, t);
		advance(&x, t - 1);
		ck_assert(x.ahead.active);
		advance(&x, t);
		ck_assert(!x.ahead.active);
		ck_assert_uint_eq(x.ahead.sectors_read, more);
	}
}
END_TEST

START_TEST(a_whole_track_is_there_after_one_turn)
{
	for (int i = 0; i < 200; i++) {
		struct state x = state_new(1000);
		struct geom_place at;
		struct geom_track t;
		uint64_t lbn = rng_below(rnd, v.dev->sectors);
		geom_locate(v.disk->unit[0].geom, lbn, &at);
		geom_track_at(v.disk->unit[0].geom, &at, &t);
		time_ps begin = start_track(&x, lbn);
		advance(&x, begin + 8327000000); /* a turn takes 8.32697 ms */
		ck_assert(!x.ahead.active);
		struct buffer_segment *s;
		ck_assert_uint_eq(buffer_prefix(&x.buffer, t.first_lbn, t.lbns + 1, &s), t.lbns);
		ck_assert(t.first_lbn == 0 || !there(&x, t.first_lbn - 1));
		ck_assert_uint_eq(s->hi - s->lo, t.lbns);
	}
}
END_TEST

/* The arm is free when the sector under the head has ended, at most one sector later. */
START_TEST(stopping_keeps_what_has_arrived_and_frees_the_arm)
{
	for (int i = 0; i < 2000; i++) {
		struct state x = state_new(1000);
		time_ps begin = start_random(&x);
		time_ps now = begin + (time_ps)rng_below(rnd, (uint64_t)(12 * PS_PER_MS));
		struct state y = state_copy(&x);
		advance(&y, now);
		time_ps sector_ps = 8327000000 / x.ahead.track.spt * 2;
		time_ps free_ps = ahead_stop(&x.ahead, &x.buffer, &x.mech, v.disk->unit[0].geom, now, false);
		ck_assert(!x.ahead.active);
		ck_assert(free_ps >= now && free_ps <= now + sector_ps);
		if (y.ahead.active && now > y.ahead.begin_ps) {
			uint32_t passed = mech_passed(&y.mech, &y.ahead.track, y.ahead.from_sector, y.ahead.late,
				now - y.ahead.begin_ps);
			if (passed < y.ahead.count)
				ck_assert_int_eq(free_ps, y.ahead.begin_ps + mech_pass_time(&y.mech, &y.ahead.track,
					y.ahead.from_sector, y.ahead.late, passed + 1));
		}
		ck_assert_int_eq(memcmp(x.buffer.segments, y.buffer.segments, 2 * sizeof(*x.buffer.segments)), 0);
		ck_assert_int_eq(ahead_stop(&x.ahead, &x.buffer, &x.mech, v.disk->unit[0].geom, now + 5, false), now + 5);
		/* the sector that begins just then is caught */
		if (y.ahead.active && free_ps > now) {
			struct geom_track *t = &y.ahead.track;
			time_ps met;
			uint64_t late;
			mech_next_sector(&x.mech, t, free_ps, &met, &late);
			ck_assert_int_eq(met, free_ps);
		}
	}
}
END_TEST

START_TEST(a_range_is_concerned_when_it_touches_what_comes_or_came)
{
	struct state x = state_new(1000);
	start_linear(&x, 100, 10, 200);
	ck_assert(ahead_concerns(&x.ahead, 150, 8));
	ck_assert(ahead_concerns(&x.ahead, 100, 8));
	ck_assert(ahead_concerns(&x.ahead, 95, 6));
	ck_assert(ahead_concerns(&x.ahead, 199, 8));
	ck_assert(!ahead_concerns(&x.ahead, 92, 8));
	ck_assert(!ahead_concerns(&x.ahead, 200, 8));
	ck_assert(ahead_concerns(&x.ahead, 0, 1000));
	struct state y = state_new(1000);
	start_track(&y, 300);
	struct geom_track t = y.ahead.track;
	ck_assert(ahead_concerns(&y.ahead, t.first_lbn, 1));
	ck_assert(ahead_concerns(&y.ahead, t.first_lbn + t.lbns - 1, 5));
	ck_assert(!ahead_concerns(&y.ahead, t.first_lbn + t.lbns, 5));
	ck_assert(!ahead_concerns(&y.ahead, t.first_lbn - 5, 5));
}
END_TEST

START_TEST(a_goal_that_is_reached_at_the_start_reads_nothing)
{
	struct state x = state_new(1000);
	start_linear(&x, 100, 10, 110);
	ck_assert(!x.ahead.active);
	start_linear(&x, 100, 10, 90);
	ck_assert(!x.ahead.active);
	ck_assert_int_eq(ahead_arrival(&x.ahead, &x.mech, v.disk->unit[0].geom, 110), -1);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("ahead");
	TCase *t = tcase_create("ahead");
	tcase_add_checked_fixture(t, open_drive, close_drive);
	tcase_add_test(t, one_jump_and_many_small_steps_come_to_the_same);
	tcase_add_test(t, each_sector_arrives_when_foretold);
	tcase_add_test(t, reading_ahead_is_as_fast_as_reading);
	tcase_add_test(t, a_whole_track_is_there_after_one_turn);
	tcase_add_test(t, stopping_keeps_what_has_arrived_and_frees_the_arm);
	tcase_add_test(t, a_range_is_concerned_when_it_touches_what_comes_or_came);
	tcase_add_test(t, a_goal_that_is_reached_at_the_start_reads_nothing);
	tcase_set_timeout(t, 60);
	suite_add_tcase(s, t);
	return run_suite(s);
}
