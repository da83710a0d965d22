/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Two arms over the same platters, and what else a drive does at the same time: hits beside the arm's
 * work, the next move while data are on the bus, and the bus that they share.
 */
#include "disk/disk_fixture.h"

#define US PS_PER_US
#define MS PS_PER_MS

/* 6,000 rpm: a turn takes 10 ms, one of 100 sectors 0.1 ms. Two surfaces of 100 tracks. */
static const char plain[] =
	"disk0:\n"
	"  rpm: 6000 rpm\n"
	"  geometry: {heads: 2, cylinders: 100, zones: [{first_cylinder: 0, last_cylinder: 99, sectors_per_track: 100}]}\n"
	"  seek: {model: sqrt-linear, linear_base: 1 ms, linear_slope: 0.01 ms}\n"
	"  head_switch: 0.5 ms\n"
	"  cache: {enabled: false}\n";

#define OPEN(v, ...) drive_open_with(v, plain, (const char *const[]){__VA_ARGS__, NULL})
#define ARMS "disk0.actuators={count: 2}"

/* Submit all at once, run until all are done. */
static void serve(struct drive *v, struct blk_req *r, unsigned n)
{
	unsigned done = 0;
	for (unsigned i = 0; i < n; i++) {
		r[i].done = drive_count_done;
		r[i].owner = &done;
		blk_submit(v->dev, &r[i]);
	}
	ck_assert_int_eq(sim_run(v->sim), 0);
	ck_assert_uint_eq(done, n);
}

START_TEST(each_arm_serves_its_half_at_the_same_time)
{
	struct drive v;
	OPEN(&v, ARMS);
	ck_assert_uint_eq(v.dev->sectors, 20000);
	ck_assert_uint_eq(v.disk->unit[1].first_lbn, 10000);
	struct blk_req r[4] = {{.op = BLK_READ, .lba = 10, .sectors = 5}, {.op = BLK_READ, .lba = 10010, .sectors = 5},
		{.op = BLK_READ, .lba = 1030, .sectors = 5}, {.op = BLK_WRITE, .lba = 10020, .sectors = 5}};
	serve(&v, r, 4);
	ck_assert_int_eq(r[0].done_ps, 1500 * US);
	ck_assert_int_eq(r[1].done_ps, 1500 * US);
	ck_assert_int_eq(r[2].done_ps, 3500 * US); /* cylinder 10: there at 2.6 ms */
	ck_assert_int_eq(r[2].seek_ps, 1100 * US);
	ck_assert_int_eq(r[3].done_ps, 2500 * US);
	ck_assert_int_eq(v.dev->stats.busy_ps, 3500 * US);
	drive_close(&v);
	OPEN(&v, "disk0.actuators={count: 2, split: radius}");
	ck_assert_uint_eq(v.disk->unit[1].first_lbn, 10000);
	ck_assert_uint_eq(v.disk->unit[1].mech.cylinder, 50);
	serve(&v, r, 4);
	ck_assert_int_eq(r[1].done_ps, 1500 * US);
	ck_assert_int_eq(r[2].done_ps, 3500 * US);
	drive_close(&v);
}
END_TEST

/* 9995 to 9999 lie at cylinder 99 of the first surface, 10000 to 10004 at cylinder 0 of the second. */
START_TEST(a_request_on_both_halves_is_done_with_its_later_part)
{
	struct drive v;
	OPEN(&v, ARMS);
	struct blk_req r = drive_read(&v, 9995, 10);
	ck_assert_int_eq(r.done_ps, 10 * MS); /* the first part: seek 1.99 ms, sectors until 10 ms; the other by 0.5 ms */
	ck_assert_int_eq(r.media_ps, 0);
	ck_assert_int_eq(r.transfer_ps, MS);
	ck_assert_int_eq(r.seek_ps, 1990 * US);
	ck_assert_uint_eq(v.dev->stats.completed, 1);
	ck_assert_uint_eq(v.dev->stats.media_read_sectors, 10);
	ck_assert_uint_eq(v.disk->splits.in_use, 0);
	drive_close(&v);
	/* a write too; it is not reported before all of it is on the medium */
	OPEN(&v, ARMS, "disk0.cache={enabled: true, write_back: true}");
	r = drive_write(&v, 9995, 10);
	ck_assert_int_eq(r.done_ps, 10 * MS);
	ck_assert_int_eq(drive_write(&v, 10050, 5).hit, BLK_HIT);
	ck_assert_int_eq(drive_write(&v, 50, 5).hit, BLK_HIT);
	ck_assert_int_eq(drive_do(&v, BLK_FLUSH, 0, 0, 0).done_ps, 25500 * US); /* the first arm's: there at 11.99 ms, passes at 15 ms */
	drive_close(&v);
}
END_TEST

struct stream {
	struct drive *v;
	struct rng *rng;
	uint64_t lo, n;
	unsigned left, count;
	time_ps done_ps[3000];
};

static void stream_next(struct sim *s, struct blk_req *r)
{
	struct stream *x = r->owner;
	x->done_ps[x->count++] = s->now_ps;
	if (x->left == 0)
		return;
	x->left--;
	r->lba = x->lo + rng_below(x->rng, x->n);
	blk_submit(x->v->dev, r);
}

/* `depth` random reads of one sector outstanding among n LBNs from lo on; when the last is done. */
static time_ps random_reads(struct drive *v, struct stream *x, uint64_t lo, uint64_t n, unsigned depth)
{
	struct blk_req r[32];
	*x = (struct stream){.v = v, .rng = rng_new(v->sim->arena, 9, "reads"), .lo = lo, .n = n, .left = 3000 - depth};
	for (unsigned i = 0; i < depth; i++) {
		r[i] = (struct blk_req){.op = BLK_READ, .lba = lo + rng_below(x->rng, n), .sectors = 1, .done = stream_next, .owner = x};
		blk_submit(v->dev, &r[i]);
	}
	ck_assert_int_eq(sim_run(v->sim), 0);
	ck_assert_uint_eq(x->count, 3000);
	return v->sim->now_ps;
}

/* With many outstanding both arms are always at work: twice the rate of one over the same tracks. */
START_TEST(two_arms_serve_twice_as_much)
{
	static struct stream x;
	struct drive one, two;
	OPEN(&one, "disk0.queue_depth=1");
	OPEN(&two, "disk0.queue_depth=1", ARMS);
	double single = (double)random_reads(&one, &x, 0, 20000, 32), both = (double)random_reads(&two, &x, 0, 20000, 32);
	/* they part the queue at random, so at times one arm has nothing to do */
	ck_assert_double_ge(single / both, 1.9);
	ck_assert_double_le(single / both, 2.1);
	drive_close(&one);
	drive_close(&two);
}
END_TEST

/* A load on one half alone, away from the border, where reading ahead of two arms ends: the other arm changes
 * nothing. By radius the first arm's LBNs are the disk's. */
START_TEST(a_load_on_one_half_is_served_as_by_one_arm)
{
	static struct stream x, y;
	static const char *const caches[] = {"disk0.cache={enabled: false}",
		"disk0.cache={enabled: true, segments: 4, read_ahead: segment}",
		"disk0.cache={enabled: true, segments: 4, segment_sectors: 100, read_ahead: whole-track}"};
	struct drive one, two;
	OPEN(&one, caches[_i], "disk0.scheduler=sptf", "disk0.queue_depth=8", "disk0.bus.read_sector=0.01 ms");
	OPEN(&two, caches[_i], "disk0.scheduler=sptf", "disk0.queue_depth=8", "disk0.bus.read_sector=0.01 ms",
		"disk0.actuators={count: 2, split: radius}");
	random_reads(&one, &x, 0, 9000, 12);
	random_reads(&two, &y, 0, 9000, 12);
	ck_assert_mem_eq(x.done_ps, y.done_ps, sizeof(x.done_ps));
	ck_assert_mem_eq(&one.dev->stats, &two.dev->stats, sizeof(one.dev->stats));
	drive_close(&one);
	drive_close(&two);
}
END_TEST

START_TEST(arms_need_something_to_divide)
{
	drive_refused(plain, (const char *const[]){"disk0.geometry.heads=1", ARMS, NULL}, "want at least 2 heads to divide");
}
END_TEST

/* ---- the bus --------------------------------------------------------------------------------------- */

START_TEST(transfers_take_the_first_free_stretch)
{
	struct bus b = {.count = 0};
	ck_assert_int_eq(bus_take(&b, 0, 10, 10), 10);  /* 10 to 20 */
	ck_assert_int_eq(bus_take(&b, 0, 15, 10), 20);  /* 20 to 30 */
	ck_assert_int_eq(bus_take(&b, 0, 0, 10), 0);    /* 0 to 10 */
	ck_assert_int_eq(bus_take(&b, 0, 40, 5), 40);
	ck_assert_int_eq(bus_take(&b, 0, 5, 11), 45);   /* 30 to 40 is too short */
	ck_assert_int_eq(bus_take(&b, 0, 5, 10), 30);
	ck_assert_int_eq(bus_take(&b, 0, 7, 0), 7);     /* nothing to transfer */
	ck_assert_int_eq(bus_take(&b, 35, 35, 5), 56);
	ck_assert_uint_eq(b.count, 4);                  /* what is over is forgotten */
}
END_TEST

/* Both arms' data are there at 1.5 ms; each takes 1 ms on the bus. */
START_TEST(two_arms_share_the_bus)
{
	struct drive v;
	OPEN(&v, ARMS, "disk0.bus.read_sector=0.2 ms", "disk0.bus.read_watermark=100 %");
	struct blk_req r[2] = {{.op = BLK_READ, .lba = 10, .sectors = 5}, {.op = BLK_READ, .lba = 10010, .sectors = 5}};
	serve(&v, r, 2);
	ck_assert_int_eq(r[0].done_ps, 2500 * US);
	ck_assert_int_eq(r[1].done_ps, 3500 * US);
	drive_close(&v);
}
END_TEST

/* ---- at the same time -------------------------------------------------------------------------------- */

/* Sectors 0 to 9 are in the buffer at 1 ms. A miss that ends at 10.1 ms, a hit behind it, and another miss. */
START_TEST(hits_are_served_beside_the_arms_work)
{
	for (int beside = 0; beside < 2; beside++) {
		struct drive v;
		OPEN(&v, "disk0.cache={enabled: true, read_ahead: none}", "disk0.queue_depth=4",
			beside ? "disk0.concurrent_hits=true" : "disk0.concurrent_hits=false", "disk0.bus.read_sector=0.01 ms");
		ck_assert_int_eq(drive_read(&v, 0, 10).done_ps, 1010 * US);
		struct blk_req r[4] = {{.op = BLK_READ, .lba = 2000, .sectors = 1}, {.op = BLK_READ, .lba = 2100, .sectors = 1},
			{.op = BLK_READ, .lba = 2, .sectors = 4}, {.op = BLK_READ, .lba = 2000, .sectors = 1}};
		serve(&v, r, 4);
		ck_assert_int_eq(r[0].done_ps, 10110 * US);
		ck_assert_int_eq(r[1].hit, BLK_MISS);
		ck_assert_int_eq(r[2].hit, BLK_HIT);
		ck_assert_int_eq(r[2].done_ps, beside ? 1050 * US : 20150 * US);
		ck_assert_int_eq(r[3].hit, BLK_HIT); /* not before its data are there */
		ck_assert_int_gt(r[3].done_ps, 10110 * US);
		drive_close(&v);
	}
}
END_TEST

/* 5 sectors off the medium at 1.5 ms and over the bus at 0.4 ms each until 3.1 ms; sectors 20 to 24 come by at 2 ms. */
START_TEST(the_next_move_may_begin_when_the_medium_is_done)
{
	static const struct {
		const char *next;
		time_ps start, done;
	} cases[] = {
		{"disk0.next_position=completion", 3100 * US, 14100 * US},
		{"disk0.next_position=media-end", 1500 * US, 5100 * US},
	};
	struct drive v;
	OPEN(&v, cases[_i].next, "disk0.bus.read_sector=0.4 ms");
	struct blk_req r[2] = {{.op = BLK_READ, .lba = 10, .sectors = 5}, {.op = BLK_READ, .lba = 20, .sectors = 5}};
	serve(&v, r, 2);
	ck_assert_int_eq(r[0].done_ps, 3100 * US);
	ck_assert_int_eq(r[1].start_ps, cases[_i].start);
	ck_assert_int_eq(r[1].done_ps, cases[_i].done);
	drive_close(&v);
}
END_TEST

/* ---- a drive of the catalogue --------------------------------------------------------------------------- */

struct exos {
	struct drive v;
	struct rng *rng;
	unsigned left;
	bool random;
};

static void exos_next(struct sim *s, struct blk_req *r)
{
	struct exos *x = r->owner;
	(void)s;
	ck_assert_int_eq(r->status, BLK_OK);
	if (x->left == 0)
		return;
	x->left--;
	r->lba = x->random ? rng_below(x->rng, x->v.dev->sectors / 8) * 8 : r->lba + r->sectors;
	blk_submit(x->v.dev, r);
}

/* Seagate's data sheet of the Exos 2X14: 524 MB/s sustained with both arms, 304 random reads and 384 random
 * writes a second (4 KiB; 16 outstanding, as such figures are taken). The writes are what its write
 * cache was calibrated on. */
START_TEST(the_exos_2x14_does_what_its_data_sheet_says)
{
	static const struct {
		uint8_t op;
		unsigned lanes, requests;
		uint32_t sectors;
		double want; /* bytes or requests a second */
	} cases[] = {{BLK_READ, 2, 1000, 2048, 524e6}, {BLK_READ, 16, 6000, 8, 304}, {BLK_WRITE, 16, 6000, 8, 384}};
	struct exos x = {.left = cases[_i].requests - cases[_i].lanes, .random = _i > 0};
	struct blk_req r[16];
	drive_open(&x.v, "seagate-exos-2x14.yaml");
	ck_assert_uint_eq(x.v.dev->sectors * SECTOR_BYTES, UINT64_C(14000519643136));
	ck_assert_uint_eq(x.v.disk->unit[1].first_lbn, x.v.dev->sectors / 2);
	x.rng = rng_new(x.v.sim->arena, 3, "exos");
	for (unsigned i = 0; i < cases[_i].lanes; i++) {
		uint64_t lba = x.random ? rng_below(x.rng, x.v.dev->sectors / 8) * 8 : i * x.v.disk->unit[1].first_lbn;
		r[i] = (struct blk_req){.op = cases[_i].op, .lba = lba, .sectors = cases[_i].sectors, .done = exos_next, .owner = &x};
		blk_submit(x.v.dev, &r[i]);
	}
	while (x.v.dev->stats.completed < cases[_i].requests)
		ck_assert(sim_step(x.v.sim));
	double rate = cases[_i].requests * (x.random ? 1.0 : cases[_i].sectors * 512.0) / (1e-12 * (double)x.v.sim->now_ps);
	ck_assert_double_ge(rate, 0.9 * cases[_i].want);
	ck_assert_double_le(rate, 1.1 * cases[_i].want);
	drive_close(&x.v);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("actuators");
	TCase *t = tcase_create("actuators");
	tcase_add_test(t, each_arm_serves_its_half_at_the_same_time);
	tcase_add_test(t, a_request_on_both_halves_is_done_with_its_later_part);
	tcase_add_test(t, two_arms_serve_twice_as_much);
	tcase_add_loop_test(t, a_load_on_one_half_is_served_as_by_one_arm, 0, 3);
	tcase_add_test(t, arms_need_something_to_divide);
	tcase_add_test(t, transfers_take_the_first_free_stretch);
	tcase_add_test(t, two_arms_share_the_bus);
	tcase_add_test(t, hits_are_served_beside_the_arms_work);
	tcase_add_loop_test(t, the_next_move_may_begin_when_the_medium_is_done, 0, 2);
	tcase_add_loop_test(t, the_exos_2x14_does_what_its_data_sheet_says, 0, 3);
	tcase_set_timeout(t, 60);
	suite_add_tcase(s, t);
	return run_suite(s);
}
