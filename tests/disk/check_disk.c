/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The assembled disk: the course of single commands worked out by hand, what holds under any
 * load, its queue, its clock's end. What every device must keep is in
 * tests/blk/check_device_contract.c.
 */
#include "disk/disk_fixture.h"

#include <inttypes.h>

/* 6,000 rpm: a turn takes 10 ms, one of 100 sectors 0.1 ms. No skew, nothing else takes time. */
static const char plain[] =
	"disk0:\n"
	"  rpm: 6000 rpm\n"
	"  geometry: {heads: 2, cylinders: 100, zones: [{first_cylinder: 0, last_cylinder: 99, sectors_per_track: 100}]}\n"
	"  seek: {model: sqrt-linear, linear_base: 1 ms, linear_slope: 0.01 ms}\n"
	"  head_switch: 0.5 ms\n"
	"  cache: {enabled: false}\n";

#define US PS_PER_US
#define MS PS_PER_MS

/* ---- the medium does one thing at a time ---------------------------------------------------- */

#define LOAD 4000

struct load {
	struct drive v;
	struct rng *rng;
	struct blk_req req[6];
	unsigned left, done;
	struct {
		time_ps start_ps, end_ps;
	} use[LOAD]; /* of the medium: from the command's start to its last sector, in order of start */
};

static void load_draw(struct load *l, struct blk_req *r)
{
	blk_done_fn *done = r->done;
	*r = (struct blk_req){.done = done, .owner = l, .op = rng_below(l->rng, 2) ? BLK_READ : BLK_WRITE};
	uint64_t x = rng_below(l->rng, 20);
	r->flags = x == 0 ? BLK_FUA : 0;
	r->sectors = 1 + (uint32_t)rng_below(l->rng, 20);
	r->lba = rng_below(l->rng, 3000);
	if (x == 1)
		r->op = BLK_FLUSH;
}

static void load_done(struct sim *s, struct blk_req *r)
{
	struct load *l = r->owner;
	(void)s;
	ck_assert_int_eq(r->status, BLK_OK);
	/* what took the medium itself, and not what came on the way or from the buffer */
	if (r->op == BLK_WRITE || (r->op == BLK_READ && r->seek_ps + r->rotation_ps > 0)) {
		unsigned i = l->done++;
		while (i > 0 && l->use[i - 1].start_ps > r->start_ps) {
			l->use[i] = l->use[i - 1];
			i--;
		}
		l->use[i].start_ps = r->start_ps;
		l->use[i].end_ps = time_max(r->media_ps + r->transfer_ps, r->start_ps + r->seek_ps + r->rotation_ps + r->transfer_ps);
	}
	if (l->left > 0) {
		l->left--;
		load_draw(l, r);
		blk_submit(l->v.dev, r);
	}
}

static void medium_is_used_by_one(const char *base, const char *const *sets)
{
	struct load *l = calloc(1, sizeof(*l));
	drive_open_with(&l->v, base, sets);
	l->rng = rng_new(l->v.sim->arena, 1, "disk/load");
	l->left = LOAD - 6;
	for (int i = 0; i < 6; i++) {
		l->req[i].done = load_done;
		load_draw(l, &l->req[i]);
		blk_submit(l->v.dev, &l->req[i]);
	}
	ck_assert_int_eq(sim_run(l->v.sim), 0);
	ck_assert_uint_eq(l->v.dev->stats.completed, LOAD);
	ck_assert_uint_gt(l->done, LOAD / 3);
	for (unsigned i = 1; i < l->done; i++)
		if (l->use[i].start_ps < l->use[i - 1].end_ps)
			ck_abort_msg("the medium is taken at %" PRId64 " and in use until %" PRId64, l->use[i].start_ps,
				l->use[i - 1].end_ps);
	drive_close(&l->v);
	free(l);
}

START_TEST(a_command_takes_the_medium_when_the_one_before_has_left_it)
{
	static const char *const sets[][4] = {
		{"disk0.cache={enabled: false}", NULL},
		{"disk0.cache={enabled: true, read_ahead: none}", "disk0.queue_depth=4", "disk0.scheduler=sptf", NULL},
		{"disk0.cache={enabled: true, write_back: true, read_ahead: none}", NULL},
		{"disk0.cache={enabled: true, write_back: true, read_ahead: segment}", "disk0.queue_depth=3", "disk0.scheduler=c-look", NULL},
		{"disk0.cache={enabled: true, write_back: true, read_ahead: whole-track}",
		 "disk0.bus={read_sector: 0.05 ms, write_sector: 0.05 ms}", "disk0.overhead={write_hit_after_write: 0.2 ms}", NULL},
		{"disk0.cache={write_back: true, read_ahead: whole-track, next_tracks: 2, read_ahead_after: 1, drop_after_read: true}", NULL},
		{"disk0.cache={adaptive: true, segment_sectors: 40, read_ahead: cylinder, read_ahead_min: 40, preempt_at_once: true,"
		 " read_on_arrival: true, partial_hits: false, hit_on_arriving: false}", "disk0.seek.same_track=0.2 ms", NULL},
	};
	medium_is_used_by_one(plain, sets[_i]);
}
END_TEST

/* ---- single commands, worked out by hand ------------------------------------------------------ */

static void ck_split(const struct blk_req *r, time_ps seek, time_ps rotation, time_ps transfer)
{
	ck_assert_int_eq(r->seek_ps, seek);
	ck_assert_int_eq(r->rotation_ps, rotation);
	ck_assert_int_eq(r->transfer_ps, transfer);
}

START_TEST(a_read_seeks_waits_and_transfers)
{
	struct drive v;
	drive_open(&v, plain);
	struct blk_req r = drive_read(&v, 10, 5);
	ck_split(&r, 0, MS, 500 * US);
	ck_assert_int_eq(r.media_ps, MS);
	ck_assert_int_eq(r.done_ps, 1500 * US);
	r = drive_read(&v, 2000, 1); /* cylinder 10: 1.1 ms to 2.6 ms, its sector 0 comes at 10 ms */
	ck_split(&r, 1100 * US, 7400 * US, 100 * US);
	ck_assert_int_eq(r.done_ps, 10100 * US);
	r = drive_read(&v, 2106, 1); /* the other head: there at 10.6 ms, just when sector 6 begins */
	ck_split(&r, 500 * US, 0, 100 * US);
	ck_assert_int_eq(r.done_ps, 10700 * US);
	drive_close(&v);
}
END_TEST

START_TEST(a_read_across_tracks_switches_and_waits_again)
{
	struct drive v;
	drive_open(&v, plain);
	struct blk_req r = drive_read(&v, 90, 20);
	ck_split(&r, 500 * US, 9 * MS + 9500 * US, 2 * MS);
	ck_assert_int_eq(r.done_ps, 21 * MS);
	ck_assert_uint_eq(v.dev->stats.media_read_sectors, 20);
	drive_close(&v);
}
END_TEST

/* Ten sectors pass from 1 ms to 2 ms; the bus takes them in order. */
START_TEST(the_bus_overlaps_the_medium_as_far_as_it_can)
{
	static const struct {
		const char *bus;
		time_ps done;
	} cases[] = {
		{"disk0.bus={read_sector: 0.05 ms}", 2050 * US},  /* waits for the last sector */
		{"disk0.bus={read_sector: 0.1 ms}", 2100 * US},
		{"disk0.bus={read_sector: 0.2 ms}", 3100 * US},   /* from the first sector on, without a pause */
		{"disk0.bus={read_sector: 0.2 ms, read_watermark: 50 %}", 3500 * US},
		{"disk0.bus={read_sector: 0.2 ms, read_watermark: 100 %}", 4 * MS},
		{"disk0.bus={read_sector: 0.05 ms, read_watermark: 50 %}", 2050 * US},
	};
	struct drive v;
	drive_open_with(&v, plain, (const char *const[]){cases[_i].bus, NULL});
	ck_assert_int_eq(drive_read(&v, 10, 10).done_ps, cases[_i].done);
	drive_close(&v);
}
END_TEST

/* 7 % of 100 sectors are 7, although 0.07 x 100 is a little more in binary. */
START_TEST(a_watermark_is_a_whole_number_of_sectors)
{
	struct drive v;
	drive_open_with(&v, plain, (const char *const[]){"disk0.bus={read_sector: 0.2 ms, read_watermark: 7 %}", NULL});
	ck_assert_int_eq(drive_read(&v, 0, 100).done_ps, 700 * US + 20 * MS);
	drive_close(&v);
}
END_TEST

/* Ten sectors whose data come over the bus one by one: sector k is there at (k + 1) b. */
START_TEST(a_write_waits_a_turn_when_its_data_come_too_late)
{
	struct drive v;
	drive_open_with(&v, plain, (const char *const[]){"disk0.bus.write_sector=0.19 ms", NULL});
	ck_assert_int_eq(drive_write(&v, 10, 10).done_ps, 2 * MS); /* the tenth is there at 1.9 ms */
	drive_close(&v);
	drive_open_with(&v, plain, (const char *const[]){"disk0.bus.write_sector=0.2 ms", NULL});
	struct blk_req r = drive_write(&v, 10, 10); /* the tenth is there at 2.0 ms, and wanted at 1.9 ms */
	ck_assert_int_eq(r.done_ps, 12 * MS);
	ck_split(&r, 0, 11 * MS, MS);
	drive_close(&v);
}
END_TEST

START_TEST(a_write_settles_after_a_move_only)
{
	struct drive v;
	drive_open_with(&v, plain, (const char *const[]){"disk0.write_settle=0.25 ms", NULL});
	ck_assert_int_eq(drive_write(&v, 10, 1).seek_ps, 0);
	ck_assert_int_eq(drive_write(&v, 110, 1).seek_ps, 750 * US);
	ck_assert_int_eq(drive_write(&v, 2110, 1).seek_ps, 1350 * US);
	ck_assert_int_eq(drive_read(&v, 10, 1).seek_ps, 1100 * US);
	drive_close(&v);
}
END_TEST

#define ALL_OVERHEADS "disk0.overhead={read_hit_after_read: 1 us, read_hit_after_write: 2 us, " \
	"read_miss_after_read: 3 us, read_miss_after_write: 4 us, write_hit_after_read: 5 us, " \
	"write_hit_after_write: 6 us, write_miss_after_read: 7 us, write_miss_after_write: 8 us, " \
	"read_completion: 10 us, write_completion: 20 us, data_preparation: 100 us, " \
	"read_reselect: 1000 us, write_reselect: 2000 us, write_data_delay: 10000 us}"

START_TEST(each_overhead_applies_in_its_case)
{
	struct drive v;
	static const char *const through[] = {ALL_OVERHEADS, "disk0.cache={enabled: true, read_ahead: none}", NULL};
	static const char *const back[] = {ALL_OVERHEADS, "disk0.cache={enabled: true, read_ahead: none, write_back: true}", NULL};
	drive_open_with(&v, plain, through);
	struct blk_req r = drive_read(&v, 10, 1);
	ck_assert_int_eq(r.overhead_ps, (3 + 10 + 100 + 1000) * US);
	ck_assert_int_eq(r.done_ps, 1100 * US + (10 + 100 + 1000) * US); /* the command's 3 us pass meanwhile */
	ck_assert_int_eq(drive_read(&v, 10, 1).overhead_ps, (1 + 10 + 100) * US);
	r = drive_write(&v, 50, 1);
	ck_assert_int_eq(r.overhead_ps, (7 + 20 + 100 + 2000 + 10000) * US);
	ck_assert_int_eq(r.done_ps, 15100 * US + (20 + 2000) * US);
	ck_assert_int_eq(drive_read(&v, 50, 1).overhead_ps, (2 + 10 + 100) * US);
	drive_write(&v, 50, 1);
	ck_assert_int_eq(drive_write(&v, 50, 1).overhead_ps, (8 + 20 + 100 + 2000 + 10000) * US);
	ck_assert_int_eq(drive_read(&v, 500, 1).overhead_ps, (4 + 10 + 100 + 1000) * US);
	drive_close(&v);
	drive_open_with(&v, plain, back);
	r = drive_write(&v, 10, 1);
	ck_assert_int_eq(r.overhead_ps, (5 + 20 + 100 + 10000) * US);
	ck_assert_int_eq(r.done_ps, (5 + 20 + 100 + 10000) * US);
	ck_assert_int_eq(r.hit, BLK_HIT);
	ck_assert_int_eq(sim_run(v.sim), 0);
	ck_assert_int_eq(v.sim->now_ps, 11100 * US); /* its turn on the medium */
	ck_assert_int_eq(drive_write(&v, 10, 1).overhead_ps, (6 + 20 + 100 + 10000) * US);
	drive_close(&v);
}
END_TEST

/* Letting go of the bus passes while the medium is sought, and shows only where that is quicker. */
START_TEST(the_bus_is_not_had_back_before_it_is_let_go)
{
	struct drive v;
	static const char *const slow[] = {"disk0.overhead={read_disconnect: 2 ms, write_disconnect: 3 ms, read_miss_after_read: 0.1 ms,"
		" read_reselect: 0.01 ms, write_reselect: 0.02 ms}", "disk0.cache={enabled: false}", NULL};
	drive_open_with(&v, plain, slow); /* LBN 10 has passed at 1.1 ms, and LBN 25 at 2.6 ms */
	ck_assert_int_eq(drive_read(&v, 10, 1).done_ps, (100 + 2000 + 10) * US);
	drive_close(&v);
	drive_open_with(&v, plain, slow);
	ck_assert_int_eq(drive_read(&v, 25, 1).done_ps, (2600 + 10) * US);
	drive_close(&v);
	drive_open_with(&v, plain, slow);
	ck_assert_int_eq(drive_write(&v, 10, 1).done_ps, (3000 + 20) * US);
	drive_close(&v);
	drive_open_with(&v, plain, slow);
	ck_assert_int_eq(drive_write(&v, 40, 1).done_ps, (4100 + 20) * US);
	drive_close(&v);
}
END_TEST

START_TEST(without_a_buffer_no_write_is_acknowledged_early)
{
	struct drive v;
	struct blk_identity id;
	drive_open_with(&v, plain, (const char *const[]){"disk0.cache={enabled: false, write_back: true}", NULL});
	v.dev->ops->identify(v.dev, &id);
	ck_assert(!id.volatile_cache);
	struct blk_req r = drive_write(&v, 10, 5);
	ck_assert_int_eq(r.done_ps, 1500 * US);
	ck_assert_int_eq(r.hit, BLK_MISS);
	drive_close(&v);
}
END_TEST

/* ---- the buffer ------------------------------------------------------------------------------------ */

START_TEST(what_is_read_ahead_is_waited_for_and_then_hit)
{
	struct drive v;
	drive_open_with(&v, plain, (const char *const[]){"disk0.cache={enabled: true}", NULL});
	ck_assert_int_eq(drive_read(&v, 0, 10).done_ps, MS);
	struct blk_req r = drive_read(&v, 10, 10);
	ck_assert_int_eq(r.hit, BLK_HIT_PARTIAL);
	ck_assert_int_eq(r.done_ps, 2 * MS);
	sim_run_until(v.sim, 5 * MS);
	r = drive_read(&v, 15, 30);
	ck_assert_int_eq(r.hit, BLK_HIT);
	ck_assert_int_eq(r.done_ps, 5 * MS);
	r = drive_read(&v, 45, 10); /* 50 is under the head */
	ck_assert_int_eq(r.hit, BLK_HIT_PARTIAL);
	ck_assert_int_eq(r.done_ps, 5500 * US);
	drive_close(&v);
}
END_TEST

/* Sectors 0 to 9 and 10 to 29 pass until 3 ms, on the bus at 0.2 ms each. */
START_TEST(a_hit_costs_its_overhead_and_the_bus)
{
	struct drive v;
	drive_open_with(&v, plain, (const char *const[]){"disk0.cache={enabled: true}", "disk0.bus.read_sector=0.2 ms",
		"disk0.overhead.read_hit_after_read=0.3 ms", NULL});
	ck_assert_int_eq(drive_read(&v, 0, 10).done_ps, 2100 * US);
	struct blk_req r = drive_read(&v, 10, 10); /* there from 2 ms on */
	ck_assert_int_eq(r.hit, BLK_HIT);
	ck_assert_int_eq(r.done_ps, 4400 * US);
	ck_assert_int_eq(r.bus_ps, 2 * MS);
	drive_close(&v);
}
END_TEST

/* Each part of a range that is on its way arrives at its own time: at 10.5 ms the drive is at the
 * other head, where sector 0 comes by at 20 ms. */
START_TEST(a_range_on_its_way_over_two_tracks_waits_for_both)
{
	struct drive v;
	drive_open_with(&v, plain, (const char *const[]){"disk0.cache={enabled: true}", "disk0.bus.read_sector=0.3 ms", NULL});
	drive_read(&v, 40, 1); /* until 4.1 ms */
	sim_run_until(v.sim, 4400 * US);
	/* 90 arrives at 9.1 ms, 100 at 20.1 ms and then 10 sectors take 3 ms on the bus */
	struct blk_req r = drive_read(&v, 90, 20);
	ck_assert_int_eq(r.hit, BLK_HIT_PARTIAL);
	ck_assert_int_eq(r.done_ps, 20100 * US + 3 * MS);
	drive_close(&v);
}
END_TEST

/* A segment of 20 sectors that follows a stream: what it pushed out is not on its way. */
START_TEST(what_reading_ahead_has_pushed_out_is_read_again)
{
	struct drive v;
	drive_open_with(&v, plain, (const char *const[]){
		"disk0.cache={enabled: true, segments: 2, segment_sectors: 20, overwrite_requested: true}", NULL});
	drive_read(&v, 0, 10);
	sim_run_until(v.sim, 2600 * US);
	ck_assert_int_eq(drive_read(&v, 20, 2).hit, BLK_HIT); /* reads on up to 42 */
	sim_run_until(v.sim, 3550 * US); /* 15 to 34 are there */
	struct blk_req r = drive_read(&v, 12, 6);
	ck_assert_int_eq(r.hit, BLK_MISS);
	ck_assert_int_eq(r.done_ps, 11800 * US);
	drive_close(&v);
}
END_TEST

/* Reading whole tracks, the head lands at sector 30 at 3 ms: 25 to 29 come last, until 13 ms. */
START_TEST(a_whole_track_brings_last_what_lies_before_its_landing)
{
	struct drive v;
	static const char *const sets[] = {"disk0.cache={enabled: true, read_ahead: whole-track}", NULL};
	drive_open_with(&v, plain, sets);
	sim_run_until(v.sim, 3 * MS);
	ck_assert_int_eq(drive_read(&v, 50, 1).done_ps, 5100 * US);
	struct blk_req r = drive_read(&v, 25, 10);
	ck_assert_int_eq(r.hit, BLK_HIT_PARTIAL);
	ck_assert_int_eq(r.done_ps, 13 * MS);
	ck_assert_int_eq(drive_read(&v, 0, 100).done_ps, 13 * MS);
	drive_close(&v);
	/* the landing inside the wanted range of a miss: 30 to 34 at once, 25 to 29 a turn later */
	drive_open_with(&v, plain, sets);
	sim_run_until(v.sim, 3 * MS);
	r = drive_read(&v, 25, 10);
	ck_assert_int_eq(r.hit, BLK_MISS);
	ck_assert_int_eq(r.media_ps, 3 * MS);
	ck_assert_int_eq(r.done_ps, 13 * MS);
	drive_close(&v);
}
END_TEST

/* The first part of a request is on its way, the rest on the next track: no turn is lost. */
START_TEST(a_request_goes_on_where_reading_ahead_ends)
{
	struct drive v;
	drive_open_with(&v, plain, (const char *const[]){"disk0.cache={enabled: true, read_ahead: track}", NULL});
	ck_assert_int_eq(drive_read(&v, 80, 10).done_ps, 9 * MS);
	struct blk_req r = drive_read(&v, 90, 20); /* 90 to 99 until 10 ms, the other head until 21 ms */
	ck_assert_int_eq(r.hit, BLK_HIT_PARTIAL);
	ck_assert_int_eq(r.done_ps, 21 * MS);
	ck_assert_uint_eq(v.dev->stats.media_read_sectors, 30);
	drive_close(&v);
	/* whole tracks: on the other head it lands at sector 5; 0 to 4 come at 20 ms */
	drive_open_with(&v, plain, (const char *const[]){"disk0.cache={enabled: true, read_ahead: whole-track}", NULL});
	ck_assert_int_eq(drive_read(&v, 80, 1).done_ps, 8100 * US);
	r = drive_read(&v, 90, 20);
	ck_assert_int_eq(r.done_ps, 20500 * US);
	drive_close(&v);
}
END_TEST

START_TEST(sectors_read_in_the_background_count_as_read_once)
{
	struct drive v;
	drive_open_with(&v, plain, (const char *const[]){"disk0.cache={enabled: true, read_ahead: whole-track}", NULL});
	drive_read(&v, 50, 5);
	ck_assert_uint_eq(v.dev->stats.media_read_sectors, 5);
	sim_run_until(v.sim, 100 * MS);
	drive_read(&v, 0, 1);
	ck_assert_uint_eq(v.dev->stats.media_read_sectors, 100);
	ck_assert_uint_eq(v.disk->unit[0].ahead.sectors_read, 95);
	drive_read(&v, 0, 1);
	ck_assert_uint_eq(v.dev->stats.media_read_sectors, 100);
	drive_close(&v);
	drive_open_with(&v, plain, (const char *const[]){"disk0.cache={enabled: true, read_ahead_max: 30}", NULL});
	drive_read(&v, 50, 5);
	sim_run_until(v.sim, 100 * MS);
	drive_write(&v, 1000, 1);
	ck_assert_uint_eq(v.dev->stats.media_read_sectors, 35);
	drive_close(&v);
}
END_TEST

START_TEST(written_data_are_hit_or_not_as_the_drive_says)
{
	struct drive v;
	drive_open_with(&v, plain, (const char *const[]){"disk0.cache={enabled: true}", NULL});
	drive_write(&v, 10, 8);
	ck_assert_int_eq(drive_read(&v, 12, 4).hit, BLK_HIT);
	drive_close(&v);
	drive_open_with(&v, plain, (const char *const[]){"disk0.cache={enabled: true, hit_on_written: false, read_ahead: none}", NULL});
	drive_read(&v, 5, 20);
	drive_write(&v, 10, 8);
	ck_assert_int_eq(drive_read(&v, 12, 4).hit, BLK_MISS);
	drive_write(&v, 12, 4);
	ck_assert_int_eq(drive_read(&v, 12, 4).hit, BLK_MISS);
	drive_close(&v);
}
END_TEST

START_TEST(a_segment_that_cannot_hold_a_whole_track_is_refused)
{
	drive_refused(plain, (const char *const[]){
		"disk0.cache={enabled: true, read_ahead: whole-track, segment_sectors: 99}", NULL},
		"want at least the 100 sectors of the longest track");
}
END_TEST

/* ---- the queue --------------------------------------------------------------------------------------- */

struct order {
	struct blk_req req[8];
	unsigned count;
	uint64_t lba[8]; /* in order of completion */
};

static void order_done(struct sim *s, struct blk_req *r)
{
	struct order *o = r->owner;
	(void)s;
	o->lba[o->count++] = r->lba;
}

/* All at once at time 0; the drive takes the first and then chooses. */
static void serve_all(struct drive *v, struct order *o, const uint64_t *lba, unsigned n)
{
	memset(o, 0, sizeof(*o));
	for (unsigned i = 0; i < n; i++) {
		o->req[i] = (struct blk_req){.op = BLK_READ, .lba = lba[i], .sectors = 1, .done = order_done, .owner = o};
		blk_submit(v->dev, &o->req[i]);
	}
	ck_assert_int_eq(sim_run(v->sim), 0);
	ck_assert_uint_eq(o->count, n);
}

START_TEST(the_scheduler_sees_queue_depth_commands_and_the_rest_in_order)
{
	struct drive v;
	struct order o;
	static const uint64_t lba[] = {0, 8000, 6000, 4000, 2000, 1000};
	static const struct {
		const char *depth, *policy;
		uint64_t want[6];
	} cases[] = {
		{"disk0.queue_depth=8", "disk0.scheduler=fcfs", {0, 8000, 6000, 4000, 2000, 1000}},
		{"disk0.queue_depth=8", "disk0.scheduler=c-look", {0, 1000, 2000, 4000, 6000, 8000}},
		{"disk0.queue_depth=2", "disk0.scheduler=c-look", {0, 6000, 8000, 2000, 4000, 1000}},
		{"disk0.queue_depth=1", "disk0.scheduler=c-look", {0, 8000, 6000, 4000, 2000, 1000}},
	};
	drive_open_with(&v, plain, (const char *const[]){cases[_i].depth, cases[_i].policy, NULL});
	serve_all(&v, &o, lba, 6);
	for (int i = 0; i < 6; i++)
		ck_assert_uint_eq(o.lba[i], cases[_i].want[i]);
	drive_close(&v);
}
END_TEST

static struct drive *resubmit_to;

static void order_resubmit(struct sim *s, struct blk_req *r)
{
	struct order *o = r->owner;
	order_done(s, r);
	o->req[3] = o->req[0];
	o->req[3].done = o->req[0].done = order_done;
	o->req[3].lba = 4000;
	o->req[0].lba = 1000;
	blk_submit(resubmit_to->dev, &o->req[3]);
	blk_submit(resubmit_to->dev, &o->req[0]);
}

/* All that is submitted on a completion is there when the drive chooses, the last of it too. */
START_TEST(done_may_submit_before_the_drive_chooses)
{
	struct drive v;
	struct order o = {.count = 0};
	static const uint64_t lba[] = {0, 8000, 6000};
	drive_open_with(&v, plain, (const char *const[]){"disk0.queue_depth=8", "disk0.scheduler=c-look", NULL});
	resubmit_to = &v;
	for (unsigned i = 0; i < 3; i++) {
		o.req[i] = (struct blk_req){.op = BLK_READ, .lba = lba[i], .sectors = 1, .owner = &o,
			.done = i == 0 ? order_resubmit : order_done};
		blk_submit(v.dev, &o.req[i]);
	}
	ck_assert_int_eq(sim_run(v.sim), 0);
	static const uint64_t want[] = {0, 1000, 4000, 6000, 8000};
	for (unsigned i = 0; i < 5; i++)
		ck_assert_uint_eq(o.lba[i], want[i]);
	drive_close(&v);
}
END_TEST

/*
 * The first read ends at 5.1 ms at sector 51. A command takes 1 ms before the arm is free, at
 * sector 61: sector 55 has passed by then, sector 65 comes soon.
 */
START_TEST(shortest_positioning_counts_from_when_the_command_was_taken_in)
{
	struct drive v;
	struct order o;
	static const uint64_t lba[] = {50, 55, 65};
	drive_open_with(&v, plain, (const char *const[]){"disk0.scheduler=sptf", "disk0.queue_depth=8",
		"disk0.overhead={read_miss_after_read: 1 ms, write_miss_after_read: 3 ms}", NULL});
	serve_all(&v, &o, lba, 3);
	ck_assert_uint_eq(o.lba[1], 65);
	ck_assert_int_eq(v.sim->now_ps, 15600 * US);
	drive_close(&v);
}
END_TEST

/* A write holds the medium until 11 ms; a hit is served meanwhile, a miss must wait. */
START_TEST(the_buffer_serves_while_a_write_acknowledged_early_holds_the_medium)
{
	struct drive v;
	drive_open_with(&v, plain, (const char *const[]){"disk0.cache={enabled: true, write_back: true, read_ahead: none}", NULL});
	ck_assert_int_eq(drive_read(&v, 0, 10).done_ps, MS);
	ck_assert_int_eq(drive_write(&v, 5, 5).done_ps, MS); /* passes from 10.5 ms to 11 ms */
	struct blk_req r = drive_read(&v, 2, 5);
	ck_assert_int_eq(r.hit, BLK_HIT);
	ck_assert_int_eq(r.done_ps, MS);
	r = drive_read(&v, 10, 1);
	ck_assert_int_eq(r.start_ps, 11 * MS);
	ck_assert_int_eq(r.done_ps, 11100 * US);
	drive_close(&v);
}
END_TEST

/* ---- what has landed ---------------------------------------------------------------------------------- */

/* From 8 ms on: sectors 90 to 99 pass from 1 ms to 2 ms, and 100 to 104 from 12 ms to 12.5 ms. */
START_TEST(a_power_cut_finds_the_sectors_that_have_passed)
{
	static const struct {
		time_ps at;
		unsigned durable;
		int64_t open;
	} cases[] = {
		{500 * US, 0, -1}, {MS, 0, -1}, {MS + 1, 0, 90}, {1050 * US, 0, 90}, {1099999999, 0, 90}, {1100 * US, 1, 91},
		{1550 * US, 5, 95}, {1999999999, 9, 99}, {2 * MS, 10, -1}, {5 * MS, 10, -1}, {12 * MS, 10, -1},
		{12 * MS + 1, 10, 100}, {12450 * US, 14, 104}, {12500 * US, 15, -1},
	};
	struct drive v;
	drive_open(&v, plain);
	v.dev->tags = blk_tags_new();
	sim_run_until(v.sim, 8 * MS); /* 90 passes a little later, 8 ms being the cases' 0 */
	unsigned done = 0;
	struct blk_req r = {.op = BLK_WRITE, .lba = 90, .sectors = 15, .tag = 7, .done = drive_count_done, .owner = &done};
	blk_submit(v.dev, &r);
	sim_run_until(v.sim, 8 * MS + cases[_i].at - (cases[_i].at == 12500 * US));
	if (cases[_i].at == 12500 * US) /* the command ends at this instant: cut just before it is told */
		v.sim->now_ps++;
	blk_dev_power_cut(v.dev);
	unsigned durable = 0;
	for (uint64_t i = 90; i < 105; i++) {
		durable += blk_tags_durable(v.dev->tags, i) == 7;
		ck_assert_int_eq(blk_tags_open(v.dev->tags, i), (int64_t)i == cases[_i].open);
	}
	ck_assert_uint_eq(durable, cases[_i].durable);
	ck_assert_int_eq(sim_run(v.sim), 0);
	ck_assert_uint_eq(done, 1);
	ck_assert_int_eq(r.status, BLK_POWER_LOST);
	blk_tags_free(v.dev->tags);
	drive_close(&v);
}
END_TEST

START_TEST(write_zeroes_writes_zeros_whatever_tag_it_carries)
{
	struct drive v;
	unsigned done = 0;
	drive_open(&v, plain);
	v.dev->tags = blk_tags_new();
	struct blk_req r = {.op = BLK_WRITE, .lba = 10, .sectors = 4, .tag = 7, .done = drive_count_done, .owner = &done};
	blk_submit(v.dev, &r);
	ck_assert_int_eq(sim_run(v.sim), 0);
	ck_assert_uint_eq(blk_tags_durable(v.dev->tags, 11), 7);
	r.op = BLK_WRITE_ZEROES;
	r.tag = 8;
	blk_submit(v.dev, &r);
	ck_assert_int_eq(sim_run(v.sim), 0);
	ck_assert_uint_eq(blk_tags_latest(v.dev->tags, 11), TAG_ZERO);
	ck_assert_uint_eq(blk_tags_durable(v.dev->tags, 11), TAG_ZERO);
	ck_assert_uint_eq(blk_tags_dirty(v.dev->tags), 0);
	blk_tags_free(v.dev->tags);
	drive_close(&v);
}
END_TEST

/* ---- the end of time ------------------------------------------------------------------------------- */

START_TEST(a_command_that_would_pass_the_end_of_time_fails_the_run)
{
	static const enum blk_op ops[] = {BLK_READ, BLK_WRITE, BLK_WRITE_ZEROES, BLK_READ};
	static const char *const caches[] = {"disk0.cache={enabled: false}", "disk0.cache={enabled: false}",
		"disk0.cache={enabled: true, write_back: true}",
		"disk0.cache={enabled: true, read_ahead: whole-track}"};
	for (time_ps before = 0; before < 30 * MS; before += 700 * US) {
		struct drive v;
		unsigned done = 0;
		drive_open_with(&v, plain, (const char *const[]){caches[_i], "disk0.bus={read_sector: 1 ms, write_sector: 1 ms}",
			"disk0.overhead={read_miss_after_read: 2 ms, write_miss_after_read: 2 ms, write_completion: 1 ms}", NULL});
		sim_run_until(v.sim, TIME_PS_MAX - 1 - before);
		struct blk_req r = {.op = (uint8_t)ops[_i], .lba = 15000, .sectors = 300, .done = drive_count_done, .owner = &done};
		blk_submit(v.dev, &r);
		ck_assert_int_eq(sim_run(v.sim), -1);
		ck_assert_int_eq(v.sim->err.code, ERR_LIMIT);
		ck_assert_uint_eq(done, 0);
		drive_close(&v);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("disk");
	TCase *t = tcase_create("disk");
	tcase_add_loop_test(t, a_command_takes_the_medium_when_the_one_before_has_left_it, 0, 7);
	tcase_add_test(t, a_read_seeks_waits_and_transfers);
	tcase_add_test(t, a_read_across_tracks_switches_and_waits_again);
	tcase_add_loop_test(t, the_bus_overlaps_the_medium_as_far_as_it_can, 0, 6);
	tcase_add_test(t, a_watermark_is_a_whole_number_of_sectors);
	tcase_add_test(t, a_write_waits_a_turn_when_its_data_come_too_late);
	tcase_add_test(t, a_write_settles_after_a_move_only);
	tcase_add_test(t, each_overhead_applies_in_its_case);
	tcase_add_test(t, the_bus_is_not_had_back_before_it_is_let_go);
	tcase_add_test(t, without_a_buffer_no_write_is_acknowledged_early);
	tcase_add_test(t, what_is_read_ahead_is_waited_for_and_then_hit);
	tcase_add_test(t, a_hit_costs_its_overhead_and_the_bus);
	tcase_add_test(t, a_range_on_its_way_over_two_tracks_waits_for_both);
	tcase_add_test(t, what_reading_ahead_has_pushed_out_is_read_again);
	tcase_add_test(t, a_whole_track_brings_last_what_lies_before_its_landing);
	tcase_add_test(t, a_request_goes_on_where_reading_ahead_ends);
	tcase_add_test(t, sectors_read_in_the_background_count_as_read_once);
	tcase_add_test(t, written_data_are_hit_or_not_as_the_drive_says);
	tcase_add_test(t, a_segment_that_cannot_hold_a_whole_track_is_refused);
	tcase_add_loop_test(t, the_scheduler_sees_queue_depth_commands_and_the_rest_in_order, 0, 4);
	tcase_add_test(t, done_may_submit_before_the_drive_chooses);
	tcase_add_test(t, shortest_positioning_counts_from_when_the_command_was_taken_in);
	tcase_add_test(t, the_buffer_serves_while_a_write_acknowledged_early_holds_the_medium);
	tcase_add_loop_test(t, a_power_cut_finds_the_sectors_that_have_passed, 0, 14);
	tcase_add_test(t, write_zeroes_writes_zeros_whatever_tag_it_carries);
	tcase_add_loop_test(t, a_command_that_would_pass_the_end_of_time_fails_the_run, 0, 4);
	tcase_set_timeout(t, 60);
	suite_add_tcase(s, t);
	return run_suite(s);
}
