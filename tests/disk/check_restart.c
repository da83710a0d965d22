/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a drive is after a power cut, and after it was saved and loaded: what counts of the work that was cut, what the
 * controller has forgotten, and what goes on as it would have.
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

static void submit(struct drive *v, struct blk_req *r, unsigned *done)
{
	r->done = drive_count_done;
	r->owner = done;
	blk_submit(v->dev, r);
}

#define BANDS "disk0.shingled={model: drive-managed, band_size: 50 KiB, cache_size: 600 KiB, record_size: 1 KiB, " \
	"map_extents: 100, stream_size: 1 MiB, clean_access_size: 4 KiB, idle_clean_after: 5 ms}"

/* ---- the power goes ------------------------------------------------------------------------------------ */

/* Of a read of 30 sectors from sector 10 on, whose head is over sector 25.5 when the power goes, 15 have been read;
 * on arrival inside the range the front comes last. */
START_TEST(of_a_read_that_is_cut_what_came_by_counts)
{
	static const struct {
		const char *cache;
		time_ps at;
		uint64_t read;
	} cases[] = {
		{"disk0.cache={read_ahead: none}", 2550 * US, 15}, {"disk0.cache={read_ahead: none}", 900 * US, 0},
		{"disk0.cache={read_ahead: none, read_on_arrival: true}", 22550 * US, 5},  /* lands at sector 20 */
		{"disk0.cache={read_ahead: none, read_on_arrival: true}", 31550 * US, 20 + 5},
		{"disk0.cache={read_ahead: track, read_ahead_min: 50}", 4550 * US, 30 + 5}, /* no more than that */
	};
	struct drive v;
	OPEN(&v, cases[_i].cache);
	unsigned done = 0;
	struct blk_req r = {.op = BLK_READ, .lba = 10, .sectors = 30};
	if (cases[_i].at > 20 * MS)
		sim_run_until(v.sim, 22 * MS);
	submit(&v, &r, &done);
	sim_run_until(v.sim, cases[_i].at);
	blk_dev_power_cut(v.dev);
	ck_assert_uint_eq(v.dev->stats.media_read_sectors, cases[_i].read);
	drive_close(&v);
}
END_TEST

/* Of a cleaning that is cut, what it had read. */
START_TEST(of_a_cleaning_that_is_cut_what_came_by_counts)
{
	struct drive v;
	OPEN(&v, "disk0.cache={read_ahead: none}", BANDS);
	drive_write(&v, 0, 100); /* a whole band, in place */
	drive_write(&v, 10, 2);
	const struct disk_write_job *w = &v.disk->unit[0].write;
	uint64_t before = v.dev->stats.media_read_sectors;
	while (!(w->active && w->clean))
		ck_assert(sim_step(v.sim));
	sim_run_until(v.sim, w->end_ps - 350 * US); /* 8 sectors a piece: 4.5 have passed */
	blk_dev_power_cut(v.dev);
	ck_assert_uint_eq(v.dev->stats.media_read_sectors, before + 4);
	drive_close(&v);
}
END_TEST

/* The end of a write that was cut is nobody's end any more: the next one lands at its own. */
START_TEST(a_write_that_was_cut_does_not_hide_the_next_ones_end)
{
	struct drive v;
	struct blk_dev_status st;
	OPEN(&v, BACK);
	drive_write(&v, 10010, 5);
	sim_run_until(v.sim, MS);
	blk_dev_power_cut(v.dev);
	blk_dev_power_restore(v.dev);
	drive_do(&v, BLK_FLUSH, 0, 0, 0);
	drive_write(&v, 19000, 90);
	ck_assert_int_eq(sim_run(v.sim), 0);
	v.dev->ops->status(v.dev, &st);
	ck_assert(!st.busy && st.dirty_sectors == 0);
	drive_close(&v);
}
END_TEST

/* The drive's controller starts anew: no stream, no sizes of segments, no place of the last destage. */
START_TEST(a_power_cut_leaves_no_memory_of_reads)
{
	struct drive v;
	OPEN(&v, "disk0.cache={read_ahead_after: 2, read_ahead: track, adaptive: true, segments: 8}");
	for (unsigned i = 0; i < 200; i++)
		drive_read(&v, 5 * i, 5);
	ck_assert_uint_lt(v.disk->buffer.count, 8);
	ck_assert(v.disk->unit[0].ahead.active);
	blk_dev_power_cut(v.dev);
	blk_dev_power_restore(v.dev);
	ck_assert_uint_eq(v.disk->buffer.count, 8);
	ck_assert_uint_eq(v.disk->buffer.segment_sectors, 256);
	drive_read(&v, 1000, 5); /* would be one more of the stream */
	ck_assert(!v.disk->unit[0].ahead.active);
	drive_close(&v);
}
END_TEST

/* ---- state as bytes -------------------------------------------------------------------------------------- */

static void carry_over(struct drive *from, struct drive *to)
{
	struct err e = {0};
	FILE *f = tmpfile();
	ck_assert_msg(blk_dev_save(from->dev, f, &e) == 0, "%s", e.msg);
	rewind(f);
	ck_assert_msg(blk_dev_load(to->dev, f, &e) == 0, "%s", e.msg);
	fclose(f);
}

/* An idle drive that is saved goes on being idle: cleaning begins when it would have begun. */
START_TEST(a_saved_drive_has_been_idle_for_as_long)
{
	struct drive a, b;
	OPEN(&a, "disk0.cache={read_ahead: none}", BANDS);
	OPEN(&b, "disk0.cache={read_ahead: none}", BANDS);
	drive_write(&a, 0, 100);
	drive_write(&a, 10, 2);
	time_ps idle = a.sim->now_ps;
	sim_run_until(a.sim, idle + 3 * MS);
	sim_run_until(b.sim, 7 * MS);
	carry_over(&a, &b);
	while (!b.disk->unit[0].write.active)
		ck_assert(sim_step(b.sim));
	ck_assert_int_eq(b.sim->now_ps, 9 * MS);
	drive_close(&a);
	drive_close(&b);
}
END_TEST

/* A drive-managed disk that was saved asleep is woken by a write that comes in the instant at which it is loaded. */
START_TEST(a_saved_drive_that_sleeps_is_woken)
{
	struct drive a, b;
	const char *const sleeps = "disk0.power={standby_after: 9 ms}";
	OPEN(&a, "disk0.cache={read_ahead: none}", BANDS, sleeps, "disk0.spin_up=20 ms", "disk0.shingled.idle_clean_after=-1 ps");
	OPEN(&b, "disk0.cache={read_ahead: none}", BANDS, sleeps, "disk0.spin_up=20 ms", "disk0.shingled.idle_clean_after=-1 ps");
	drive_write(&a, 10, 2);
	sim_run_until(a.sim, a.sim->now_ps + 10 * MS);
	carry_over(&a, &b);
	ck_assert_int_ge(drive_write(&b, 10, 2).done_ps, 20 * MS);
	drive_close(&a);
	drive_close(&b);
}
END_TEST

/* The speed that was drawn for the drive is its own, whatever the seed of the simulation it goes on in. */
START_TEST(a_saved_drive_keeps_its_own_speed)
{
	struct drive a, b;
	struct err e = {0};
	const char *const sets[] = {"disk0.rpm_error=1 %", NULL};
	ck_assert_int_eq(drive_try(&a, plain, sets, 1, &e), 0);
	ck_assert_int_eq(drive_try(&b, plain, sets, 2, &e), 0);
	ck_assert_uint_ne(a.disk->unit[0].mech.millirpm, b.disk->unit[0].mech.millirpm);
	carry_over(&a, &b);
	for (unsigned i = 0; i < 5; i++)
		ck_assert_int_eq(drive_read(&a, 777 * i, 50).done_ps, drive_read(&b, 777 * i, 50).done_ps);
	drive_close(&a);
	drive_close(&b);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("restart");
	TCase *t = tcase_create("restart");
	tcase_add_loop_test(t, of_a_read_that_is_cut_what_came_by_counts, 0, 5);
	tcase_add_test(t, of_a_cleaning_that_is_cut_what_came_by_counts);
	tcase_add_test(t, a_write_that_was_cut_does_not_hide_the_next_ones_end);
	tcase_add_test(t, a_power_cut_leaves_no_memory_of_reads);
	tcase_add_test(t, a_saved_drive_has_been_idle_for_as_long);
	tcase_add_test(t, a_saved_drive_that_sleeps_is_woken);
	tcase_add_test(t, a_saved_drive_keeps_its_own_speed);
	tcase_set_timeout(t, 60);
	suite_add_tcase(s, t);
	return run_suite(s);
}
