/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Superpages and cleaning in step with writing: what the flash is given, how long writes wait, and that nothing gets stuck. */
#include <check.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ftl/ssd_private.h"
#include "sim/config.h"
#include "sim/rng.h"

#define DRIVE \
	"d:\n" \
	"  flash:\n" \
	"    geometry: {channels: 2, chips: 1, dies: 2, planes: 2, blocks: 24, pages: %u, page: 8 KiB, %s}\n" \
	"    bus: {interface: nv-ddr2, rate: 333 MT/s}\n" \
	"    array: {%s, erase: 3.8 ms}\n"

/* Cells, and what they take for a page. */
struct cell {
	const char *geometry, *times;
};
static const struct cell slc = {"cell: slc", "read: [75 us], program: [750 us]"};
static const struct cell mlc = {"cell: mlc", "read: [75 us], program: [750 us]"};

static struct ssd *drive(struct sim *s, const struct cell *cell, unsigned pages, const char *more, struct err *e)
{
	char text[2048];
	struct config *c = config_new(NULL);
	struct ssd_spec *spec = arena_alloc(s->arena, sizeof(*spec));
	int n = snprintf(text, sizeof(text), DRIVE, pages, cell->geometry, cell->times);
	snprintf(text + n, sizeof(text) - (size_t)n, "%s", more);
	ck_assert_msg(config_load_text(c, "test.yaml", text, e) == 0, "%s", e->msg);
	int bad = config_bind(config_get(config_root(c), "d"), "d", &ssd_options, NULL, spec, s->arena, e);
	config_free(c);
	return bad < 0 ? NULL : (struct ssd *)(void *)blk_dev_open(s, &ssd_ops, "d", spec, e);
}

struct load {
	struct blk_req req;
	struct event pause;
	struct ssd *d;
	struct rng *rng;
	unsigned *left;
	unsigned flush_one_in;   /* 0: never */
	unsigned read_one_in;    /* of the others; 0: never */
	time_ps think_ps, *worst_ps, last_ps;
};

static void next(struct load *l)
{
	if (*l->left == 0)
		return;
	--*l->left;
	bool flush = l->flush_one_in > 0 && rng_below(l->rng, l->flush_one_in) == 0;
	bool read = l->read_one_in > 0 && rng_below(l->rng, l->read_one_in) == 0;
	l->req = (struct blk_req){.done = l->req.done, .op = flush ? BLK_FLUSH : read ? BLK_READ : BLK_WRITE, .sectors = flush ? 0 : 8};
	l->req.lba = flush ? 0 : rng_below(l->rng, l->d->dev.sectors / 8) * 8;
	l->req.arrive_ps = l->d->dev.sim->now_ps;
	blk_submit(&l->d->dev, &l->req);
}

static void pause_over(struct sim *s, struct event *e)
{
	(void)s;
	next(container_of(e, struct load, pause));
}

static void done(struct sim *s, struct blk_req *r)
{
	struct load *l = container_of(r, struct load, req);
	ck_assert_int_eq(r->status, BLK_OK);
	if (r->op != BLK_READ)
		*l->worst_ps = time_max(*l->worst_ps, s->now_ps - r->arrive_ps);
	l->last_ps = s->now_ps;
	sim_schedule(s, &l->pause, s->now_ps + l->think_ps);
}

#define AT_ONCE 8

/* Random writes of 4 KiB, to the end of the run. Returns the longest; *last_ps: when the last of them was over. */
static time_ps run_mixed(struct ssd *d, unsigned requests, unsigned at_once, unsigned flush_one_in, unsigned read_one_in,
	time_ps think_ps, time_ps *last_ps)
{
	struct load load[AT_ONCE];
	struct sim *s = d->dev.sim;
	struct rng *rng = rng_new(s->arena, 7, "load");
	time_ps worst = 0;
	struct err e = {0};
	unsigned left = requests;
	for (unsigned i = 0; i < at_once; i++) {
		load[i] = (struct load){.d = d, .rng = rng, .left = &left, .flush_one_in = flush_one_in, .read_one_in = read_one_in,
			.think_ps = think_ps,
			.worst_ps = &worst};
		load[i].req.done = done;
		event_init(&load[i].pause, pause_over, "think", EVENT_PRIO_DEVICE);
		next(&load[i]);
	}
	ck_assert_int_eq(sim_run(s), 0);
	ck_assert_uint_eq(d->dev.stats.completed, requests);
	ck_assert_uint_eq(ftl_buffer_unclean(d->buffer), 0);
	struct blk_dev_status at_end;
	d->dev.ops->status(&d->dev, &at_end);
	ck_assert(!at_end.busy); /* it has come to rest: its state can be saved */
	ck_assert_msg(ftl_check(d->ftl, &e) == 0, "%s", e.msg);
	ck_assert_msg(ftl_buffer_check(d->buffer, &e) == 0, "%s", e.msg);
	*last_ps = 0;
	for (unsigned i = 0; i < at_once; i++)
		*last_ps = time_max(*last_ps, load[i].last_ps);
	return worst;
}

static time_ps run_until(struct ssd *d, unsigned requests, unsigned at_once, unsigned flush_one_in, time_ps think_ps,
	time_ps *last_ps)
{
	return run_mixed(d, requests, at_once, flush_one_in, 0, think_ps, last_ps);
}

static time_ps run(struct ssd *d, unsigned requests, unsigned at_once, unsigned flush_one_in, time_ps think_ps)
{
	time_ps last;
	return run_until(d, requests, at_once, flush_one_in, think_ps, &last);
}

static uint64_t written(const struct ssd *d)
{
	uint64_t n = 0;
	for (int hit = 0; hit < BLK_HIT_COUNT; hit++)
		n += d->dev.stats.writes_by_hit[hit];
	return n;
}

/* Random writes of 4 KiB with so many reads in the controller until the last of them is over; how long that took. */
static time_ps run_beside_reads(struct ssd *d, unsigned writes, unsigned readers)
{
	struct load load[2 * AT_ONCE];
	struct sim *s = d->dev.sim;
	struct rng *rng = rng_new(s->arena, 7, "load");
	unsigned left = writes, reads_left = UINT_MAX;
	time_ps worst = 0, last = 0;
	for (unsigned i = 0; i < AT_ONCE + readers; i++) {
		bool reads = i >= AT_ONCE;
		load[i] = (struct load){.d = d, .rng = rng, .left = reads ? &reads_left : &left, .read_one_in = reads, .worst_ps = &worst};
		load[i].req.done = done;
		event_init(&load[i].pause, pause_over, "think", EVENT_PRIO_DEVICE);
		next(&load[i]);
	}
	while (written(d) < writes && s->now_ps < 60 * PS_PER_S)
		ck_assert(sim_step(s));
	ck_assert_uint_eq(written(d), writes);
	for (unsigned i = 0; i < AT_ONCE; i++)
		last = time_max(last, load[i].last_ps);
	reads_left = 0;
	ck_assert_int_eq(sim_run(s), 0);
	return last;
}

/* ---- superpages ---------------------------------------------------------------------------------------- */

/* One write at a time, far apart: without superpages each page that is full goes by itself. */
START_TEST(a_superpage_goes_to_all_planes_at_once)
{
	for (int super = 0; super < 2; super++) {
		struct err e = {0};
		struct sim *s = sim_new(1);
		struct ssd *d = drive(s, &mlc, 12, super ?
			"  ftl: {map: {capacity: 3 MiB, unit: 4 KiB}, alloc: {superblock: die, superpage: true}}\n  buffer: {size: 64 KiB}\n" :
			"  ftl: {map: {capacity: 3 MiB, unit: 4 KiB}, alloc: {superblock: die}}\n  buffer: {size: 64 KiB}\n", &e);
		ck_assert_msg(d != NULL, "%s", e.msg);
		(void)run(d, 400, 1, 0, 900 * PS_PER_US);
		uint64_t operations = tsu_counts(d->tsu)->operations[TSU_PROGRAM];
		ck_assert_uint_gt(operations, 0);
		if (super)
			ck_assert_uint_eq(d->nand->counts.programs, operations * 2);
		else
			ck_assert_uint_lt(d->nand->counts.programs, operations * 2);
		blk_dev_close(&d->dev);
		sim_free(s);
	}
}
END_TEST

START_TEST(a_superpage_without_a_superblock_is_refused)
{
	struct err e = {0};
	struct sim *s = sim_new(1);
	ck_assert_ptr_null(drive(s, &mlc, 12, "  ftl: {alloc: {superpage: true}}\n", &e));
	ck_assert_ptr_nonnull(strstr(e.msg, "superpage"));
	sim_free(s);
}
END_TEST

/* ---- the map behind a flush ------------------------------------------------------------------------------ */

struct alone {
	struct blk_req req;
	bool over;
};

static void alone_done(struct sim *s, struct blk_req *r)
{
	(void)s;
	ck_assert_int_eq(r->status, BLK_OK);
	container_of(r, struct alone, req)->over = true;
}

/* One request by itself; how long it took. The buffer is not written for idleness meanwhile. */
static time_ps alone(struct ssd *d, enum blk_op op, uint64_t lba)
{
	struct sim *s = d->dev.sim;
	struct alone a = {.req = {.done = alone_done, .op = op, .lba = lba, .sectors = op == BLK_FLUSH ? 0 : 8}};
	a.req.arrive_ps = s->now_ps;
	blk_submit(&d->dev, &a.req);
	while (!a.over)
		ck_assert(sim_step(s));
	return s->now_ps - a.req.arrive_ps;
}

/* A write's flush costs a program of data, and then one of the log, which nothing but its own wait precedes; another flush none. */
START_TEST(a_flush_waits_for_the_log_of_the_map)
{
	for (int log = 0; log < 3; log++) {
		struct err e = {0};
		char more[512];
		struct sim *s = sim_new(1);
		snprintf(more, sizeof(more), "  ftl: {map: {capacity: 3 MiB, unit: 4 KiB}}\n  buffer: {size: 64 KiB}\n  idle_flush: 1 s\n"
			"  front: {kind: nvme, nvme: {generation: 0}}\n  mount: {flush_log: %d}\n", log);
		struct ssd *d = drive(s, &slc, 12, more, &e);
		ck_assert_msg(d != NULL, "%s", e.msg);
		for (unsigned i = 0; i < 5; i++) {
			(void)alone(d, BLK_WRITE, 8 * i);
			time_ps took = alone(d, BLK_FLUSH, 0), programs = 750 * PS_PER_US * (log > 0 ? 2 : 1);
			ck_assert(took > programs && took < programs + 120 * PS_PER_US); /* 8 KiB at 333 MT/s are 25 us */
			ck_assert_int_eq(alone(d, BLK_FLUSH, 0), 0);
			ck_assert_uint_eq(d->ftl->counts.programmed[FTL_MAPPING], 2 * (i + 1) * (unsigned)log);
		}
		ck_assert_uint_eq(d->nand->counts.programs * d->ftl->page_units, ftl_programs(d->ftl));
		blk_dev_close(&d->dev);
		sim_free(s);
	}
}
END_TEST

/* ---- in step -------------------------------------------------------------------------------------------- */

/*
 * What pace may cost, in two parts. Programs: one block of each region is always being cleaned, so that its invalid units are no
 * spare; the write amplification is at most that of a region with one block less. For uniform random writes and large blocks it is
 * WA = 1/(1-p) with 1/alpha = (p-1)/ln p, alpha = blocks/user blocks (Desnoyers, "Analytic modeling of SSD write performance",
 * SYSTOR 2012; the same as alpha/(alpha + W0(-alpha e^-alpha))). The blocks that count are what the run without pace says by this formula,
 * since thresholds and frontiers take theirs in both. Time: of a step nothing need overlap, so that a program can cost a read and
 * two transfers more than itself.
 */
#define TR_US 75.0
#define TPROG_US 750.0
#define TX_US (8192 / 333.0) /* a page at a byte a transfer */

static double amplification_with_a_block_less(double plain, double user_blocks)
{
	double p = 1 - 1 / plain, blocks = user_blocks * log(p) / (p - 1) - 1, low = 0, high = 1;
	for (int i = 0; i < 100; i++) { /* user_blocks / blocks = (p - 1) / ln p, which grows with p */
		p = (low + high) / 2;
		*((p - 1) / log(p) < user_blocks / blocks ? &low : &high) = p;
	}
	return 1 / (1 - low);
}

/* The same random writes on a full drive: paced, none waits for the whole cleaning of a block. 8 planes of 24 blocks of 1 MiB. */
START_TEST(paced_cleaning_makes_no_write_wait_for_a_whole_block)
{
	time_ps worst[2];
	double mean[2], waf[2];
	for (int pace = 0; pace < 2; pace++) {
		struct err e = {0};
		char more[512];
		struct sim *s = sim_new(1);
		snprintf(more, sizeof(more), "  ftl: {map: {capacity: 140 MiB, unit: 4 KiB}, gc: {low: 3, pace: %s}}\n  buffer: {size: 1 MiB, high: 75 %%, low: 50 %%}\n"
			"  precondition: {fill: 100 %%, overwrite: 2}\n", pace ? "true" : "false");
		struct ssd *d = drive(s, &mlc, 128, more, &e);
		ck_assert_msg(d != NULL, "%s", e.msg);
		time_ps last;
		worst[pace] = run_until(d, 60000, AT_ONCE, 0, 0, &last);
		mean[pace] = (double)last / 60000;
		ck_assert_uint_gt(d->ftl->counts.erases - d->before.erases, 50);
		waf[pace] = 1 + (double)(d->ftl->counts.programmed[FTL_GC] - d->before.programmed[FTL_GC]) /
			(double)(d->ftl->counts.programmed[FTL_HOST] - d->before.programmed[FTL_HOST]);
		blk_dev_close(&d->dev);
		sim_free(s);
	}
	ck_assert(2 * worst[1] < worst[0]);
	ck_assert_double_lt(waf[1], amplification_with_a_block_less(waf[0], 140.0 / 8));
	ck_assert_double_lt(mean[1] / waf[1], mean[0] / waf[0] * (TPROG_US + TR_US + 2 * TX_US) / TPROG_US);
}
END_TEST

/* Pages alike; pages of three kinds; whole wordlines, six units in one program. */
static const struct cell cells[] = {
	{"cell: slc", "read: [75 us], program: [750 us]"},
	{"cell: tlc", "read: [60 us, 90 us, 75 us], program: [400 us, 900 us, 2500 us]"},
	{"cell: tlc, program_unit: wordline", "read: [75 us], program: [750 us], program_wordline: 2 ms"},
};
static const char *const ftls[] = {
	"alloc: {superblock: die, superpage: true}, gc: {low: 2, pace: true}",
	"alloc: {superblock: die, superpage: true, frontiers: shared}, gc: {low: 3, pace: true}",
	"alloc: {frontiers: separate}, gc: {low: 2, pace: true, background: 4}, wear: {threshold: 3}",
	"alloc: {order: round-robin}, gc: {low: 2, pace: true}",
	"alloc: {superblock: device, superpage: true}, gc: {low: 2, pace: true, policy: fifo}",
	"gc: {low: 3, pace: true, preemptible: true, hard: 1}",
	"alloc: {superblock: die, superpage: true, frontiers: separate}, gc: {low: 2, pace: true, preemptible: true, background: 4, resume: 2 ms}",
};
static const char *const buffers[] = {
	"{size: 128 KiB}", "{size: 512 KiB, high: 75 %, low: 50 %}", "{size: 256 KiB, write_back: false}",
		"{size: 256 KiB, protected: true, high: 90 %}", "{size: 128 KiB}\n  mount: {flush_log: 1}",
};
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* Every write and flush comes back, whatever is combined: small buffers, flushes all the time or never, slow and fast hosts. */
START_TEST(no_combination_gets_stuck)
{
	uint64_t preempted = 0;
	for (size_t f = 0; f < COUNT(ftls); f++)
		for (size_t b = 0; b < COUNT(buffers); b++)
			for (unsigned how = 0; how < 4; how++) {
				struct err e = {0};
				char more[512];
				struct sim *s = sim_new(how);
				snprintf(more, sizeof(more), "  ftl: {map: {capacity: 10752 KiB, unit: 4 KiB}, %s}\n  buffer: %s\n"
					"  precondition: {fill: 100 %%, overwrite: 1}\n", ftls[f], buffers[b]);
				struct ssd *d = drive(s, &cells[_i], 12, more, &e);
				ck_assert_msg(d != NULL, "%s", e.msg);
				time_ps last; /* reads, where cleaning lets them go first */
				(void)run_mixed(d, 600, how & 1 ? AT_ONCE : 1, how & 2 ? 4 : 0, d->spec->ftl.gc.preemptible ? 2 : 0,
					how == 3 ? 300 * PS_PER_US : 0, &last);
				preempted += d->counts.pauses;
				ck_assert_uint_gt(d->ftl->counts.erases, d->before.erases);
				blk_dev_close(&d->dev);
				sim_free(s);
			}
	ck_assert_uint_gt(preempted, 100);
}
END_TEST

/*
 * With a read always in the controller, preemptible cleaning pauses for ever as long as blocks are left; not where it is behind, so
 * that writes wait for it. A step of it, a read and a program, then waits twice for both reads at most.
 */
START_TEST(reads_do_not_hold_up_cleaning_that_writes_wait_for)
{
	time_ps took[2];
	for (unsigned readers = 0; readers < 2; readers++) {
		struct err e = {0};
		struct sim *s = sim_new(1);
		struct ssd *d = drive(s, &slc, 12, "  ftl: {map: {capacity: 12 MiB, unit: 4 KiB}, gc: {low: 4, pace: true, preemptible: true, hard: 1}}\n"
			"  buffer: {size: 128 KiB}\n  precondition: {fill: 100 %, overwrite: 1}\n", &e);
		ck_assert_msg(d != NULL, "%s", e.msg);
		took[readers] = run_beside_reads(d, 600, 2 * readers);
		ck_assert_uint_gt(d->ftl->counts.erases - d->before.erases, 10);
		blk_dev_close(&d->dev);
		sim_free(s);
	}
	ck_assert_double_lt((double)took[1] / (double)took[0], 1 + 4 * (TR_US + TX_US) / (TR_US + 2 * TX_US + TPROG_US));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("ftl/ssd_pace");
	TCase *t = tcase_create("pace");
	tcase_set_timeout(t, 120);
	tcase_add_test(t, a_superpage_goes_to_all_planes_at_once);
	tcase_add_test(t, a_superpage_without_a_superblock_is_refused);
	tcase_add_test(t, a_flush_waits_for_the_log_of_the_map);
	tcase_add_test(t, paced_cleaning_makes_no_write_wait_for_a_whole_block);
	tcase_add_loop_test(t, no_combination_gets_stuck, 0, (int)COUNT(cells));
	tcase_add_test(t, reads_do_not_hold_up_cleaning_that_writes_wait_for);
	suite_add_tcase(suite, t);
	SRunner *r = srunner_create(suite);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
