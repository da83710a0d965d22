/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The rules of the track buffer for reads, one by one, each worked out by hand: when reading ahead
 * begins, how far it goes and who may end it; what stays in a segment; what a hit costs; where a
 * read begins.
 */
#include "disk/disk_fixture.h"

#include "disk/flow.h"

/* 6,000 rpm: a turn takes 10 ms, one of 100 sectors 0.1 ms. No skew. A seek of d cylinders takes
 * 1 ms + d x 0.01 ms, a head switch 0.5 ms, commands and bus nothing. A cylinder has 200 LBNs. */
static const char plain[] =
	"disk0:\n"
	"  rpm: 6000 rpm\n"
	"  geometry: {heads: 2, cylinders: 100, zones: [{first_cylinder: 0, last_cylinder: 99, sectors_per_track: 100}]}\n"
	"  seek: {model: sqrt-linear, linear_base: 1 ms, linear_slope: 0.01 ms}\n"
	"  head_switch: 0.5 ms\n";

#define US PS_PER_US
#define MS PS_PER_MS

static void open_with(struct drive *v, const char *cache, const char *other)
{
	const char *sets[] = {cache, other, NULL};
	drive_open_with(v, plain, sets);
}

/* A read at a time: done when, and found or not. */
static void ck_read(struct drive *v, time_ps at, uint64_t lba, uint32_t sectors, int hit, time_ps done)
{
	sim_run_until(v->sim, at);
	struct blk_req r = drive_read(v, lba, sectors);
	ck_assert_int_eq(r.hit, hit);
	ck_assert_int_eq(r.done_ps, done);
}

/* ---- how far reading ahead goes ----------------------------------------------------------------- */

START_TEST(reading_ahead_begins_with_the_second_read_of_a_row)
{
	struct drive v;
	open_with(&v, "disk0.cache={read_ahead: track, read_ahead_after: 2}", NULL);
	ck_read(&v, 0, 0, 10, BLK_MISS, MS);
	ck_read(&v, 20 * MS, 10, 10, BLK_MISS, 22 * MS);
	ck_read(&v, 40 * MS, 20, 10, BLK_MISS, 43 * MS);
	ck_read(&v, 60 * MS, 30, 10, BLK_HIT, 60 * MS);
	ck_read(&v, 60 * MS, 90, 10, BLK_HIT, 60 * MS);
	/* the row is broken: only what was asked for */
	ck_read(&v, 80 * MS, 1050, 1, BLK_MISS, 85100 * US);
	ck_read(&v, 100 * MS, 1060, 1, BLK_MISS, 106100 * US);
	drive_close(&v);
}
END_TEST

/* One turn from sector 0 at 0 ms, the switch until 10.5 ms, one turn from sector 5 of the other track. */
START_TEST(a_whole_track_is_followed_by_the_next)
{
	struct drive v;
	open_with(&v, "disk0.cache={read_ahead: whole-track, next_tracks: 1, segments: 3}", NULL);
	ck_read(&v, 0, 50, 1, BLK_MISS, 5100 * US);
	ck_read(&v, 15500 * US, 105, 50, BLK_HIT, 15500 * US);
	ck_read(&v, 15500 * US, 100, 5, BLK_HIT_PARTIAL, 20500 * US);
	ck_read(&v, 30 * MS, 0, 100, BLK_HIT, 30 * MS);
	ck_read(&v, 30 * MS, 100, 100, BLK_HIT, 30 * MS);
	ck_assert_uint_eq(v.dev->stats.media_read_sectors, 200);
	ck_read(&v, 40 * MS, 200, 1, BLK_MISS, 50100 * US);
	drive_close(&v);
}
END_TEST

START_TEST(the_next_track_is_read_when_the_segment_begins_before_this_one)
{
	struct drive v;
	open_with(&v, "disk0.cache={read_ahead: next-track, segment_sectors: 1000}", NULL);
	ck_read(&v, 0, 50, 10, BLK_MISS, 6 * MS);
	ck_read(&v, 40 * MS, 60, 40, BLK_HIT, 40 * MS);
	ck_read(&v, 40 * MS, 100, 1, BLK_MISS, 50100 * US);
	drive_close(&v);
	open_with(&v, "disk0.cache={read_ahead: next-track, segment_sectors: 1000}", NULL);
	drive_read(&v, 95, 10); /* ends on the second track: that, and the third */
	ck_read(&v, 100 * MS, 105, 195, BLK_HIT, 100 * MS);
	sim_run_until(v.sim, 200 * MS);
	ck_assert_int_eq(drive_read(&v, 300, 1).hit, BLK_MISS);
	drive_close(&v);
}
END_TEST

START_TEST(reading_ahead_ends_with_the_cylinder)
{
	struct drive v;
	open_with(&v, "disk0.cache={read_ahead: cylinder, segment_sectors: 1000}", NULL);
	drive_read(&v, 50, 1);
	ck_read(&v, 100 * MS, 51, 149, BLK_HIT, 100 * MS);
	sim_run_until(v.sim, 200 * MS);
	ck_assert_int_eq(drive_read(&v, 200, 1).hit, BLK_MISS);
	drive_close(&v);
}
END_TEST

/* ---- who ends it --------------------------------------------------------------------------------- */

/* Sectors 10 to 39 are read before the arm goes, at 4 ms; cylinder 25 is 1.25 ms away. */
START_TEST(the_minimum_is_read_before_the_arm_goes)
{
	struct drive v;
	open_with(&v, "disk0.cache={read_ahead_min: 0}", NULL);
	drive_read(&v, 0, 10);
	ck_read(&v, 1500 * US, 5040, 1, BLK_MISS, 4100 * US);
	drive_close(&v);
	open_with(&v, "disk0.cache={read_ahead_min: 30}", NULL);
	drive_read(&v, 0, 10);
	ck_read(&v, 1500 * US, 5040, 1, BLK_MISS, 14100 * US);
	ck_read(&v, 20 * MS, 10, 30, BLK_HIT, 20 * MS);
	drive_close(&v);
}
END_TEST

/* At 1.55 ms half of sector 15 has passed: the arm is at cylinder 25 at 2.80 or at 2.85 ms. */
START_TEST(a_command_takes_the_arm_at_once_or_after_the_sector)
{
	struct drive v;
	open_with(&v, "disk0.cache={preempt_at_once: true}", NULL);
	drive_read(&v, 0, 10);
	ck_read(&v, 1550 * US, 5028, 1, BLK_MISS, 2900 * US);
	drive_close(&v);
	open_with(&v, "disk0.cache={preempt_at_once: false}", NULL);
	drive_read(&v, 0, 10);
	ck_read(&v, 1550 * US, 5028, 1, BLK_MISS, 12900 * US);
	drive_close(&v);
}
END_TEST

/* What comes is waited for; or reading begins anew, and to be ready on the same track takes time. */
START_TEST(what_is_on_its_way_is_waited_for_or_not)
{
	struct drive v;
	open_with(&v, "disk0.cache={hit_on_arriving: true}", "disk0.seek.same_track=0.2 ms");
	drive_read(&v, 5, 5);
	ck_read(&v, MS, 20, 5, BLK_HIT_PARTIAL, 2500 * US);
	drive_close(&v);
	open_with(&v, "disk0.cache={hit_on_arriving: false}", "disk0.seek.same_track=0.2 ms");
	drive_read(&v, 5, 5);
	ck_read(&v, MS, 12, 5, BLK_MISS, 1700 * US);
	drive_close(&v);
	open_with(&v, "disk0.cache={hit_on_arriving: false}", "disk0.seek.same_track=1.5 ms");
	ck_read(&v, 0, 0, 10, BLK_MISS, 11 * MS); /* ready at 1.5 ms: a turn later */
	ck_read(&v, 11 * MS, 20, 5, BLK_MISS, 22500 * US);
	drive_close(&v);
}
END_TEST

/* 0 to 9 are there; at 20.7 ms sector 7 is under the head. */
START_TEST(a_part_that_is_there_is_not_read_again_unless_the_drive_does)
{
	struct drive v;
	open_with(&v, "disk0.cache={read_ahead: none}", NULL);
	drive_read(&v, 0, 10);
	ck_read(&v, 20700 * US, 5, 10, BLK_HIT_PARTIAL, 21500 * US);
	drive_close(&v);
	open_with(&v, "disk0.cache={read_ahead: none, partial_hits: false}", NULL);
	drive_read(&v, 0, 10);
	ck_read(&v, 20700 * US, 5, 10, BLK_MISS, 31500 * US);
	ck_read(&v, 40 * MS, 0, 10, BLK_HIT, 40 * MS);
	drive_close(&v);
}
END_TEST

/* ---- what stays ----------------------------------------------------------------------------------- */

START_TEST(what_was_read_is_given_up)
{
	struct drive v;
	open_with(&v, "disk0.cache={drop_after_read: true}", NULL);
	drive_read(&v, 0, 10);
	ck_read(&v, 20 * MS, 30, 10, BLK_HIT, 20 * MS);
	ck_read(&v, 20 * MS, 40, 10, BLK_HIT, 20 * MS);
	ck_read(&v, 20 * MS, 5, 1, BLK_MISS, 20600 * US); /* from the medium: never stayed */
	drive_close(&v);
	open_with(&v, "disk0.cache={drop_after_read: true}", NULL);
	drive_read(&v, 0, 10);
	ck_read(&v, 20 * MS, 5, 1, BLK_MISS, 20600 * US);
	drive_close(&v);
	open_with(&v, "disk0.cache={drop_after_read: true}", NULL);
	drive_read(&v, 0, 10);
	ck_read(&v, 20 * MS, 30, 10, BLK_HIT, 20 * MS);
	ck_read(&v, 20 * MS, 20, 1, BLK_MISS, 22100 * US); /* passed over by the hit */
	drive_close(&v);
}
END_TEST

START_TEST(after_a_pause_what_is_read_stays)
{
	struct drive v;
	open_with(&v, "disk0.cache={drop_after_read: true, stream_idle: 5 ms}", NULL);
	drive_read(&v, 0, 10);
	ck_read(&v, 6 * MS, 10, 10, BLK_HIT, 6 * MS); /* 5 ms after 1 ms: in time */
	ck_read(&v, 6 * MS, 12, 1, BLK_MISS, 11300 * US);
	drive_close(&v);
	open_with(&v, "disk0.cache={drop_after_read: true, stream_idle: 5 ms}", NULL);
	drive_read(&v, 0, 10);
	ck_read(&v, 6 * MS + 1, 10, 10, BLK_HIT, 6 * MS + 1);
	ck_read(&v, 7 * MS, 12, 1, BLK_HIT, 7 * MS);
	drive_close(&v);
}
END_TEST

/* Four segments of 50 sectors; 64 hits in one of them make it two of 100. */
START_TEST(one_stream_gets_larger_segments)
{
	static const char *const cache[] = {"disk0.cache={segments: 4, segment_sectors: 50, adaptive: true}",
		"disk0.cache={segments: 4, segment_sectors: 50}"};
	for (int i = 0; i < 2; i++) {
		struct drive v;
		open_with(&v, cache[i], NULL);
		for (int k = 0; k < 64; k++)
			drive_read(&v, 10, 10);
		sim_run_until(v.sim, 100 * MS);
		drive_read(&v, 5000, 10);
		sim_run_until(v.sim, 200 * MS);
		ck_assert_uint_eq(v.disk->buffer.count, i == 0 ? 2 : 4);
		ck_assert_int_eq(drive_read(&v, 10, 10).hit, BLK_HIT);
		ck_assert_int_eq(drive_read(&v, 5000, 100).hit, i == 0 ? BLK_HIT : BLK_HIT_PARTIAL);
		drive_close(&v);
	}
}
END_TEST

/* ---- what a hit costs --------------------------------------------------------------------------------- */

#define STREAM_OVERHEADS "disk0.overhead={read_hit_after_read: 0.5 ms, read_hit_after_write: 0.6 ms, read_stream_hit: 0.1 ms}"

START_TEST(a_hit_in_a_stream_has_its_own_command_time)
{
	struct drive v;
	open_with(&v, "disk0.cache={stream_hit_after: 2}", STREAM_OVERHEADS);
	ck_read(&v, 0, 0, 10, BLK_MISS, MS);
	ck_read(&v, 20 * MS, 10, 10, BLK_HIT, 20500 * US);
	ck_read(&v, 30 * MS, 20, 10, BLK_HIT, 30100 * US);
	ck_read(&v, 90 * MS, 30, 10, BLK_HIT, 90100 * US);
	ck_read(&v, 91 * MS, 50, 10, BLK_HIT, 91500 * US); /* 10 are left out: no stream */
	drive_write(&v, 5000, 1);
	ck_read(&v, 120 * MS, 60, 5, BLK_HIT, 120600 * US);
	ck_read(&v, 130 * MS, 65, 5, BLK_HIT, 130100 * US);
	drive_close(&v);
}
END_TEST

START_TEST(a_pause_or_a_write_ends_a_stream_until_the_medium_is_read)
{
	struct drive v;
	open_with(&v, "disk0.cache={stream_hit_after: 1, stream_idle: 15 ms}", STREAM_OVERHEADS);
	ck_read(&v, 0, 0, 10, BLK_MISS, MS);
	ck_read(&v, 16 * MS, 10, 10, BLK_HIT, 16100 * US);
	ck_read(&v, 31100 * US + 1, 20, 10, BLK_HIT, 31600 * US + 1);
	ck_read(&v, 32 * MS, 30, 10, BLK_HIT, 32500 * US);
	ck_read(&v, 40 * MS, 5000, 10, BLK_MISS, 51 * MS);
	ck_read(&v, 55 * MS, 5010, 10, BLK_HIT, 55100 * US);
	drive_write(&v, 7000, 1); /* within the 15 ms */
	ck_read(&v, 69 * MS, 5020, 10, BLK_HIT, 69600 * US);
	ck_read(&v, 70 * MS, 5030, 10, BLK_HIT, 70500 * US);
	drive_close(&v);
}
END_TEST

/* ---- where a read begins -------------------------------------------------------------------------------- */

/* At 3 ms sector 30 comes by: 30 to 34 at once, 25 to 29 until 13 ms. */
START_TEST(a_read_begins_where_the_head_lands)
{
	struct drive v;
	open_with(&v, "disk0.cache={enabled: false}", NULL);
	ck_read(&v, 3 * MS, 25, 10, BLK_MISS, 13500 * US);
	drive_close(&v);
	open_with(&v, "disk0.cache={enabled: false, read_on_arrival: true}", NULL);
	ck_read(&v, 3 * MS, 25, 10, BLK_MISS, 13 * MS);
	drive_close(&v);
	/* reading ahead goes on when sector 35 is there again, at 13.5 ms */
	open_with(&v, "disk0.cache={read_ahead: track, read_on_arrival: true}", NULL);
	ck_read(&v, 3 * MS, 25, 10, BLK_MISS, 13 * MS);
	ck_read(&v, 13 * MS, 35, 5, BLK_HIT_PARTIAL, 14 * MS);
	ck_read(&v, 14 * MS, 25, 15, BLK_HIT, 14 * MS);
	drive_close(&v);
}
END_TEST

/* ---- arm and bus ----------------------------------------------------------------------------------------- */

/* Cylinder 15 is 1.15 ms away, and 2 ms more for a write; outside the points the extra is level. */
START_TEST(a_write_settles_longer_by_distance)
{
	struct drive v;
	open_with(&v, "disk0.cache={enabled: false}", "disk0.seek.write_extra=[[10, 1 ms], [20, 3 ms]]");
	ck_assert_int_eq(drive_read(&v, 3012, 1).done_ps, 1300 * US);
	drive_read(&v, 0, 1); /* back at 10.1 ms */
	ck_assert_int_eq(drive_write(&v, 3033, 1).done_ps, 13400 * US);
	drive_read(&v, 0, 1);
	sim_run_until(v.sim, 40 * MS);
	ck_assert_int_eq(drive_write(&v, 5 * 200 + 21, 1).done_ps, 42200 * US);
	drive_read(&v, 0, 1);
	sim_run_until(v.sim, 60 * MS);
	ck_assert_int_eq(drive_write(&v, 40 * 200 + 44, 1).done_ps, 64500 * US);
	drive_read(&v, 0, 1); /* from 64.5 to 70.1 ms; 43 passes at 74.3 ms, while the arm settles until 74.5 */
	ck_assert_int_eq(drive_write(&v, 40 * 200 + 43, 1).done_ps, 84400 * US);
	/* no move, no extra */
	sim_run_until(v.sim, 90 * MS);
	ck_assert_int_eq(drive_write(&v, 40 * 200 + 1, 1).done_ps, 90200 * US);
	drive_close(&v);
}
END_TEST

START_TEST(a_write_off_the_arms_track_takes_longer_to_accept)
{
	struct drive v;
	open_with(&v, "disk0.cache={write_back: true}",
		"disk0.overhead={write_hit_after_read: 0.2 ms, write_hit_after_write: 0.2 ms, write_other_track: 0.3 ms}");
	ck_assert_int_eq(drive_write(&v, 0, 1).done_ps, 200 * US);
	sim_run_until(v.sim, 20 * MS);
	ck_assert_int_eq(drive_write(&v, 100, 1).done_ps, 20500 * US);
	sim_run_until(v.sim, 40 * MS);
	ck_assert_int_eq(drive_write(&v, 101, 1).done_ps, 40200 * US);
	drive_close(&v);
}
END_TEST

/* More, less, and so much less that nothing is left. */
START_TEST(a_write_that_continues_the_last_has_its_own_command_time)
{
	static const char *const more[] = {"disk0.overhead={write_miss_after_write: 0.25 ms, write_sequential: 0.5 ms}",
		"disk0.overhead={write_miss_after_write: 0.25 ms, write_sequential: -0.2 ms}",
		"disk0.overhead={write_miss_after_write: 0.25 ms, write_sequential: -0.9 ms}"};
	for (int i = 0; i < 3; i++) {
		struct drive v;
		open_with(&v, "disk0.cache={enabled: false}", more[i]);
		ck_assert_int_eq(drive_write(&v, 0, 1).overhead_ps, 0);
		ck_assert_int_eq(drive_write(&v, 1, 1).overhead_ps, i == 0 ? 750 * US : i == 1 ? 50 * US : 0);
		ck_assert_int_eq(drive_write(&v, 3, 1).overhead_ps, 250 * US);
		drive_read(&v, 3, 1);
		ck_assert_int_eq(drive_write(&v, 4, 1).overhead_ps, 0); /* after a read */
		drive_close(&v);
	}
}
END_TEST

/* Ten sectors at 0.1 ms from the medium, 0.05 ms on the bus. */
START_TEST(a_bus_that_overtakes_the_medium_lets_go)
{
	struct disk_bus_spec bus = {.read_sector_ps = 50 * US, .read_watermark = 1, .read_watermark_max = 4,
		.read_dry_ps = 300 * US};
	struct bus_flow f;
	flow_init(&f, &bus, 10);
	flow_give(&f, 10, 100 * US, MS);
	ck_assert_int_eq(flow_end(&f, 0, 0), 1350 * US); /* begins at 0.4 ms, and would end at 0.9 ms */
	flow_init(&f, &bus, 4);
	flow_give(&f, 4, 100 * US, 400 * US);
	ck_assert_int_eq(flow_end(&f, 0, 0), 600 * US);
	bus.read_watermark_max = 1000;
	flow_init(&f, &bus, 10);
	flow_give(&f, 10, 100 * US, MS);
	ck_assert_int_eq(flow_end(&f, 0, 0), 1500 * US);
}
END_TEST

/* ---- a snapshot ---------------------------------------------------------------------------------------------- */

/* Saved in the midst of a stream, with a track to follow: what is loaded goes on the same. */
START_TEST(a_saved_stream_goes_on)
{
	static const char *const caches[] = {
		"disk0.cache={read_ahead: whole-track, next_tracks: 2, segments: 4, stream_hit_after: 2, stream_idle: 30 ms, drop_after_read: true}",
		"disk0.cache={segments: 4, segment_sectors: 60, adaptive: true, read_ahead_min: 20, stream_hit_after: 2}",
	};
	for (int i = 0; i < 2; i++) {
		struct drive a, b;
		struct err e = {0};
		FILE *f = tmpfile();
		ck_assert(f != NULL);
		open_with(&a, caches[i], STREAM_OVERHEADS);
		open_with(&b, caches[i], STREAM_OVERHEADS);
		for (int k = 0; k < 70; k++)
			drive_read(&a, 10, 5);
		sim_run_until(a.sim, 200 * MS);
		drive_read(&a, 2000, 5);
		drive_read(&a, 2005, 5);
		ck_assert_int_eq(disk_save(a.dev, f, &e), 0);
		rewind(f);
		ck_assert_msg(disk_load(b.dev, f, &e) == 0, "%s", e.msg);
		fclose(f);
		static const uint64_t lbns[] = {2010, 2015, 2100, 2105, 9000, 2200, 10};
		for (size_t k = 0; k < sizeof(lbns) / sizeof(lbns[0]); k++) {
			struct blk_req x = drive_read(&a, lbns[k], 5), y = drive_read(&b, lbns[k], 5);
			ck_assert_int_eq(x.hit, y.hit);
			ck_assert_int_eq(x.done_ps - x.start_ps, y.done_ps - y.start_ps);
		}
		ck_assert_uint_eq(a.disk->buffer.count, b.disk->buffer.count);
		drive_close(&a);
		drive_close(&b);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("read cache");
	TCase *t = tcase_create("rules");
	tcase_add_test(t, reading_ahead_begins_with_the_second_read_of_a_row);
	tcase_add_test(t, a_whole_track_is_followed_by_the_next);
	tcase_add_test(t, the_next_track_is_read_when_the_segment_begins_before_this_one);
	tcase_add_test(t, reading_ahead_ends_with_the_cylinder);
	tcase_add_test(t, the_minimum_is_read_before_the_arm_goes);
	tcase_add_test(t, a_command_takes_the_arm_at_once_or_after_the_sector);
	tcase_add_test(t, what_is_on_its_way_is_waited_for_or_not);
	tcase_add_test(t, a_part_that_is_there_is_not_read_again_unless_the_drive_does);
	tcase_add_test(t, what_was_read_is_given_up);
	tcase_add_test(t, after_a_pause_what_is_read_stays);
	tcase_add_test(t, one_stream_gets_larger_segments);
	tcase_add_test(t, a_hit_in_a_stream_has_its_own_command_time);
	tcase_add_test(t, a_pause_or_a_write_ends_a_stream_until_the_medium_is_read);
	tcase_add_test(t, a_read_begins_where_the_head_lands);
	tcase_add_test(t, a_write_settles_longer_by_distance);
	tcase_add_test(t, a_write_off_the_arms_track_takes_longer_to_accept);
	tcase_add_test(t, a_write_that_continues_the_last_has_its_own_command_time);
	tcase_add_test(t, a_bus_that_overtakes_the_medium_lets_go);
	tcase_add_test(t, a_saved_stream_goes_on);
	suite_add_tcase(s, t);
	return run_suite(s);
}
