/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the parts of a drive do to one another: write cache, buffer, background reading, queue, arms,
 * zones, bands and power, where two of them meet. Times are worked out by hand.
 */
#include "disk/disk_fixture.h"

#include "blk/tag.h"

#define US PS_PER_US
#define MS PS_PER_MS

/* 6,000 rpm: a turn takes 10 ms, a sector 0.1 ms. Two surfaces of 100 tracks of 100 sectors. */
static const char plain[] =
	"disk0:\n"
	"  rpm: 6000 rpm\n"
	"  geometry: {heads: 2, cylinders: 100, zones: [{first_cylinder: 0, last_cylinder: 99, sectors_per_track: 100}]}\n"
	"  seek: {model: sqrt-linear, linear_base: 1 ms, linear_slope: 0.01 ms}\n"
	"  head_switch: 0.5 ms\n";

#define OPEN(v, ...) drive_open_with(v, plain, (const char *const[]){__VA_ARGS__, NULL})
#define BACK "disk0.cache={write_back: true, read_ahead: none}"
#define ARMS "disk0.actuators={count: 2}"

static void submit(struct drive *v, struct blk_req *r, unsigned *done)
{
	r->done = drive_count_done;
	r->owner = done;
	blk_submit(v->dev, r);
}

/* ---- the write cache ------------------------------------------------------------------------------- */

/* Whatever is put where there is room, extents stay within their limit. */
START_TEST(a_write_has_room_only_if_the_extents_it_leaves_do)
{
	struct arena *a = arena_new();
	struct rng *r = rng_new(a, 5, "room");
	struct wcache c;
	unsigned put = 0;
	wcache_init(&c, a, 4, 1000, (enum wcache_combine)_i);
	for (unsigned k = 0; k < 5000; k++) {
		uint64_t n = 1 + rng_below(r, 12), lo = rng_below(r, 100);
		if (wcache_room(&c, lo, (uint32_t)n)) {
			wcache_hold(&c, (uint32_t)n);
			wcache_put(&c, lo, (uint32_t)n, (time_ps)k, NULL);
			put++;
		} else if (rng_below(r, 4) == 0) {
			wcache_drop(&c, c.extent[0].lo, c.extent[0].hi);
		}
		ck_assert_uint_le(c.count, 4);
	}
	ck_assert_uint_gt(put, 500);
	arena_free(a);
}
END_TEST

/* While the arm is away, 40 writes into the middle of dirty data that they do not join: there is no room for them. */
START_TEST(writes_into_dirty_data_do_not_pass_the_limit_of_extents)
{
	struct drive v;
	unsigned done = 0;
	OPEN(&v, BACK, "disk0.write_cache={extents: 4, idle_time: 10 s, combine: append}", "disk0.concurrent_hits=true",
		"disk0.queue_depth=64");
	drive_write(&v, 1000, 100);
	struct blk_req r[41] = {{.op = BLK_READ, .lba = 17000, .sectors = 5}};
	for (unsigned i = 0; i < 41; i++) {
		if (i > 0)
			r[i] = (struct blk_req){.op = BLK_WRITE, .lba = 1000 + 2 * i, .sectors = 1};
		submit(&v, &r[i], &done);
	}
	while (done < 41) {
		ck_assert(sim_step(v.sim));
		ck_assert_uint_le(v.disk->wcache.count + v.disk->wcache.held_extents, 4);
	}
	drive_close(&v);
}
END_TEST

/* A reset takes a zone out of the middle of what is dirty: zones have extents of their own. */
START_TEST(extents_end_where_zones_do)
{
	struct drive v;
	OPEN(&v, BACK, "disk0.write_cache={extents: 20, idle_time: 10 s}",
		"disk0.shingled={model: host-managed, zone_size: 5 KiB, max_open_zones: 0}");
	for (uint64_t z = 0; z < 10; z++)
		ck_assert_int_eq(drive_write(&v, 10 * z, 10).hit, BLK_HIT);
	ck_assert_uint_eq(v.disk->wcache.count, 10);
	drive_close(&v);
}
END_TEST

/* With hit_on_written off, data read in the background before dirty data of their sectors landed are old ones. */
START_TEST(what_was_read_ahead_before_a_destage_is_not_hit_after_it)
{
	struct drive v;
	OPEN(&v, "disk0.cache={write_back: true, read_ahead: track, hit_on_written: false}",
		"disk0.write_cache={extents: 4, idle_time: 30 ms}");
	drive_write(&v, 20, 5);                        /* dirty */
	drive_read(&v, 0, 10);                         /* and reads on to the track's end */
	ck_assert_int_eq(sim_run(v.sim), 0);           /* landed */
	ck_assert_uint_eq(v.disk->wcache.counts.destages, 1);
	ck_assert_int_eq(drive_read(&v, 20, 5).hit, BLK_MISS);
	drive_close(&v);
}
END_TEST

/* From 30 % on dirty data go first, until there are 10 %; when all have gone at once, that is over too. */
START_TEST(destaging_for_the_high_water_ends_with_the_dirty_data)
{
	struct drive v;
	OPEN(&v, BACK, "disk0.write_cache={extents: 100, sectors: 100, idle_time: 1 s, high_water: 30 %, low_water: 10 %}");
	ck_assert_int_eq(drive_write(&v, 0, 30).hit, BLK_HIT);
	sim_run_until(v.sim, 100 * MS);
	ck_assert_uint_eq(v.disk->wcache.counts.destages, 1);
	ck_assert_int_eq(drive_write(&v, 0, 20).hit, BLK_HIT);
	sim_run_until(v.sim, 200 * MS);
	ck_assert_uint_eq(v.disk->wcache.counts.destages, 1); /* below 30 %: waits for the drive to be idle */
	drive_close(&v);
}
END_TEST

/* Two writes wait for room, and hits are served meanwhile: that is two waits. */
START_TEST(a_command_that_waits_for_dirty_data_counts_once)
{
	struct drive v;
	unsigned done = 0;
	OPEN(&v, BACK, "disk0.concurrent_hits=true", "disk0.queue_depth=16", "disk0.write_cache={extents: 1, idle_time: 1 s}");
	drive_read(&v, 9000, 50);
	drive_write(&v, 100, 5);
	struct blk_req r[12] = {{.op = BLK_READ, .lba = 17000, .sectors = 5}, {.op = BLK_WRITE, .lba = 2000, .sectors = 2},
		{.op = BLK_WRITE, .lba = 5000, .sectors = 2}};
	for (unsigned i = 3; i < 12; i++)
		r[i] = (struct blk_req){.op = BLK_READ, .lba = 9000 + i, .sectors = 1};
	for (unsigned i = 0; i < 12; i++)
		submit(&v, &r[i], &done);
	ck_assert_int_eq(sim_run(v.sim), 0);
	ck_assert_uint_eq(done, 12);
	ck_assert_uint_eq(v.disk->wcache.counts.waits, 2);
	drive_close(&v);
}
END_TEST

/* A sweep over the edge is for the command that was chosen, and not for the destage that comes instead. */
START_TEST(a_destage_does_not_pay_for_a_schedulers_sweep)
{
	struct drive v;
	OPEN(&v, BACK, "disk0.scheduler=c-scan", "disk0.queue_depth=4", "disk0.write_cache={extents: 4, idle_time: 1 ms}");
	drive_do(&v, BLK_WRITE, 10050, 1, BLK_FUA); /* cylinder 50 */
	ck_assert_int_eq(drive_write(&v, 5000, 1).hit, BLK_HIT); /* below the arm */
	while (!v.disk->unit[0].write.destage)
		ck_assert(sim_step(v.sim));
	const struct disk_write_job *w = &v.disk->unit[0].write;
	/* 25 cylinders take 1.25 ms, the wait less than a turn; the whole stroke is 1.49 + 1.99 + 1.25 */
	ck_assert_int_le(w->end_ps - w->start_ps, 1250 * US + 10100 * US);
	ck_assert_int_eq((w->end_ps - 100 * US) % (10 * MS), 0);
	ck_assert_int_eq(w->end_ps, w->start_ps + 1250 * US + (10 * MS - (w->start_ps + 1250 * US) % (10 * MS)) % (10 * MS) + 100 * US);
	drive_close(&v);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("interplay");
	TCase *t = tcase_create("interplay");
	tcase_add_loop_test(t, a_write_has_room_only_if_the_extents_it_leaves_do, 0, 3);
	tcase_add_test(t, writes_into_dirty_data_do_not_pass_the_limit_of_extents);
	tcase_add_test(t, extents_end_where_zones_do);
	tcase_add_test(t, what_was_read_ahead_before_a_destage_is_not_hit_after_it);
	tcase_add_test(t, destaging_for_the_high_water_ends_with_the_dirty_data);
	tcase_add_test(t, a_command_that_waits_for_dirty_data_counts_once);
	tcase_add_test(t, a_destage_does_not_pay_for_a_schedulers_sweep);
	tcase_set_timeout(t, 60);
	suite_add_tcase(s, t);
	return run_suite(s);
}
