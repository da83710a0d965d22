/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The end of a solid-state drive's life, cleaning that lets reads go first, no buffer at all, and a past that comes from a file. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "blk/tag.h"
#include "ftl/ssd_private.h"
#include "sim/config.h"
#include "sim/rng.h"

/* Two channels x two dies x one plane of 16 blocks of 8 pages. */
#define DRIVE(times) \
	"d:\n" \
	"  flash:\n" \
	"    geometry: {channels: 2, chips: 1, dies: 2, planes: 1, blocks: 16, pages: 8, page: 8 KiB, cell: mlc}\n" \
	"    bus: {interface: nv-ddr2, rate: 333 MT/s}\n" \
	"    array: {" times "}\n" \
	"  front: {kind: none}\n"
#define TIMES "read: [75 us], program: [750 us], erase: 3.8 ms"

/* ---- a rig ------------------------------------------------------------------------------------------------ */

static struct blk_dev *drive_with(struct sim *s, const char *text, const char *more, const struct blk_past *past, struct err *e)
{
	struct config *c = config_new(NULL);
	struct ssd_spec *spec = arena_alloc(s->arena, sizeof(*spec));
	char all[4096];
	snprintf(all, sizeof(all), "%s%s", text, more);
	ck_assert_msg(config_load_text(c, "test.yaml", all, e) == 0, "%s", e->msg);
	int bad = config_bind(config_get(config_root(c), "d"), "d", &ssd_options, NULL, spec, s->arena, e);
	config_free(c);
	return bad < 0 ? NULL : blk_dev_open_as(s, &ssd_ops, "d", spec, past, e);
}

static struct blk_dev *drive(struct sim *s, const char *text, const char *more)
{
	struct err e = {0};
	struct blk_dev *d = drive_with(s, text, more, NULL, &e);
	ck_assert_msg(d != NULL, "%s", e.msg);
	return d;
}

struct lane {
	struct blk_req req;
	struct blk_dev *dev;
	struct rng *rng;
	unsigned left;
	uint64_t from, span;  /* pages it asks for */
	uint8_t op;
	uint64_t tag;
	unsigned by_status[BLK_STATUS_COUNT];
	time_ps latency_ps;   /* sum */
};

static void ask(struct lane *l)
{
	if (l->left == 0)
		return;
	l->left--;
	l->req.lba = (l->from + rng_below(l->rng, l->span)) * 16;
	l->req.sectors = 16;
	l->req.op = l->op;
	l->req.tag = ++l->tag;
	l->req.arrive_ps = l->dev->sim->now_ps;
	blk_submit(l->dev, &l->req);
}

static void done(struct sim *s, struct blk_req *r)
{
	struct lane *l = container_of(r, struct lane, req);
	l->by_status[r->status]++;
	l->latency_ps += s->now_ps - r->arrive_ps;
	ask(l);
}

/* Begins; the lane is the caller's. */
static void lane_start(struct lane *l, struct blk_dev *dev, const char *stream, uint8_t op, unsigned count)
{
	l->dev = dev;
	if (stream) /* else it goes on */
		l->rng = rng_new(dev->sim->arena, 5, stream);
	l->op = op;
	l->left = count;
	l->req.done = done;
	if (l->span == 0)
		l->span = dev->sectors / 16;
	ask(l);
}

static double value_of(const struct blk_dev *dev, const char *name);
struct wanted {
	const char *name;
	double value;
};
static void note(void *ctx, const char *name, double value, const char *unit)
{
	struct wanted *w = ctx;
	(void)unit;
	if (!strcmp(w->name, name))
		w->value = value;
}
static double value_of(const struct blk_dev *dev, const char *name)
{
	struct wanted w = {name, -1};
	dev->ops->report(dev, note, &w);
	return w.value;
}

/* ---- the end of life ---------------------------------------------------------------------------------------- */

static const char *const lives[] = {
	"  ftl: {map: {capacity: 2.5 MiB}}\n  buffer: {size: 128 KiB, high: 50 %}\n",
	"  ftl: {map: {capacity: 2.5 MiB}}\n  buffer: {size: 0}\n",
	"  ftl: {map: {capacity: 2.5 MiB}, alloc: {frontiers: shared}, gc: {background: 6}}\n  buffer: {size: 128 KiB, protected: true}\n",
};

/* Every write beyond the life fails by the name that NVMe gives it, every one before is in flash, and reads go on. */
START_TEST(a_worn_drive_is_read_only)
{
	struct sim *s = sim_new(3);
	struct err e = {0};
	struct blk_dev *dev = drive(s, DRIVE(TIMES ", endurance: 12"), lives[_i]);
	struct blk_tags *tags = blk_tags_new();
	dev->tags = tags;
	struct lane w[4] = {{.tag = 1}, {.tag = UINT64_C(1) << 32}, {.tag = UINT64_C(1) << 33}, {.tag = UINT64_C(1) << 34}}, r = {0},
		t = {0}, f = {0};
	unsigned good = 0, failed = 0;
	char stream[] = "w0";
	for (int i = 0; i < 4; i++, stream[1]++)
		lane_start(&w[i], dev, stream, BLK_WRITE, 5000);
	ck_assert_int_eq(sim_run(s), 0);
	for (int i = 0; i < 4; i++) {
		good += w[i].by_status[BLK_OK];
		failed += w[i].by_status[BLK_WRITE_FAULT];
		ck_assert_uint_gt(w[i].by_status[BLK_WRITE_FAULT], 100);
	}
	ck_assert_uint_eq(good + failed, 20000);
	/* sum of lives: 64 blocks x 8 pages x 12 erases, of which the amplified writes take at most all */
	ck_assert_uint_gt(good, 640);
	ck_assert_uint_lt(good, 64 * 8 * 13);
	ck_assert_uint_eq(blk_tags_dirty(tags), 0); /* what was acknowledged is in flash */
	ck_assert_double_eq(value_of(dev, "critical_warning"), 8);
	ck_assert_double_ge(value_of(dev, "percentage_used"), 100);
	ck_assert_msg(ftl_check(ssd_of(dev)->ftl, &e) == 0, "%s", e.msg);
	lane_start(&r, dev, "r", BLK_READ, 500);
	lane_start(&t, dev, "t", BLK_TRIM, 10);
	lane_start(&f, dev, "f", BLK_FLUSH, 1);
	ck_assert_int_eq(sim_run(s), 0);
	ck_assert_uint_eq(r.by_status[BLK_OK], 500);
	ck_assert_uint_eq(t.by_status[BLK_WRITE_FAULT], 10);
	ck_assert_uint_eq(f.by_status[BLK_OK], 1);
	ck_assert_uint_eq(dev->stats.submitted, dev->stats.completed);
	blk_dev_close(dev);
	blk_tags_free(tags);
	sim_free(s);
}
END_TEST

START_TEST(a_drive_that_lives_is_not_warned_of)
{
	struct sim *s = sim_new(3);
	struct blk_dev *dev = drive(s, DRIVE(TIMES), lives[0]);
	struct lane w = {0};
	lane_start(&w, dev, "w", BLK_WRITE, 2000);
	ck_assert_int_eq(sim_run(s), 0);
	ck_assert_uint_eq(w.by_status[BLK_OK], 2000);
	ck_assert_double_eq(value_of(dev, "critical_warning"), 0);
	/* mlc: 3000 cycles */
	ck_assert_double_eq(value_of(dev, "percentage_used"), (int)(value_of(dev, "erase_max") / 30));
	blk_dev_close(dev);
	sim_free(s);
}
END_TEST

START_TEST(a_past_longer_than_life_is_refused)
{
	struct sim *s = sim_new(3);
	struct err e = {0};
	ck_assert_ptr_null(drive_with(s, DRIVE(TIMES ", endurance: 12"), "  ftl: {map: {capacity: 2.5 MiB}}\n"
		"  precondition: {fill: 100 %, overwrite: 50}\n", NULL, &e));
	ck_assert_msg(strstr(e.msg, "d.precondition.overwrite: these are more writes than the flash lives") != NULL, "%s", e.msg);
	sim_free(s);
}
END_TEST

/* ---- no buffer ------------------------------------------------------------------------------------------------ */

START_TEST(without_a_buffer_a_write_takes_its_program)
{
	struct sim *s = sim_new(3);
	struct blk_dev *dev = drive(s, DRIVE(TIMES), "  ftl: {map: {capacity: 2.5 MiB}}\n  buffer: {size: 0}\n");
	struct blk_identity id;
	struct lane w = {0}, r = {0};
	lane_start(&w, dev, "w", BLK_WRITE, 1);
	ck_assert_int_eq(sim_run(s), 0);
	ck_assert_int_gt(w.latency_ps, 750 * PS_PER_US);
	dev->ops->identify(dev, &id);
	ck_assert(!id.volatile_cache);
	ck_assert_uint_eq(dev->stats.writes_by_hit[BLK_MISS], 1);
	r.from = w.req.lba / 16;
	r.span = 1;
	lane_start(&r, dev, "r", BLK_READ, 1);
	ck_assert_int_eq(sim_run(s), 0);
	ck_assert_int_gt(r.latency_ps, 75 * PS_PER_US); /* nor is there a read cache */
	blk_dev_close(dev);
	sim_free(s);
}
END_TEST

START_TEST(by_default_a_write_is_taken_by_the_buffer)
{
	struct sim *s = sim_new(3);
	struct blk_dev *dev = drive(s, DRIVE(TIMES), "  ftl: {map: {capacity: 2.5 MiB}}\n");
	struct lane w = {0};
	lane_start(&w, dev, "w", BLK_WRITE, 1);
	ck_assert_int_eq(sim_run(s), 0);
	ck_assert_int_lt(w.latency_ps, 750 * PS_PER_US);
	blk_dev_close(dev);
	sim_free(s);
}
END_TEST

/* ---- cleaning that lets reads go first --------------------------------------------------------------------------- */

#define CLEAN(gc) "  ftl: {map: {capacity: 1.75 MiB}, gc: {low: 4, high: 6" gc "}}\n  buffer: {size: 128 KiB}\n  moves: {ahead: 1}\n" \
	"  precondition: {fill: 100 %, overwrite: 2}\n"

/* Mean latency of reads beside bursts of writes, with rests between them; everything comes to its end. */
static time_ps read_beside_cleaning(const char *gc, double *pauses, unsigned *writes)
{
	struct sim *s = sim_new(3);
	struct err e = {0};
	struct blk_dev *dev = drive(s, DRIVE(TIMES), gc);
	struct lane w = {0}, r = {0};
	for (unsigned i = 0; i < 120; i++) {
		lane_start(&w, dev, i ? NULL : "w", BLK_WRITE, 5);
		lane_start(&r, dev, i ? NULL : "r", BLK_READ, 60);
		ck_assert_int_eq(sim_run(s), 0);
	}
	ck_assert_uint_eq(dev->stats.submitted, dev->stats.completed);
	ck_assert_msg(ftl_check(ssd_of(dev)->ftl, &e) == 0, "%s", e.msg);
	ck_assert_uint_eq(ssd_of(dev)->jobs, 0);
	ck_assert_uint_eq(ssd_of(dev)->paused, 0);
	*pauses = value_of(dev, "gc_pauses");
	*writes = w.by_status[BLK_OK];
	time_ps mean = r.latency_ps / (time_ps)r.by_status[BLK_OK];
	blk_dev_close(dev);
	sim_free(s);
	return mean;
}

START_TEST(a_read_waits_less_beside_preemptible_cleaning)
{
	double never, often, short_of;
	unsigned all, same, also;
	time_ps plain = read_beside_cleaning(CLEAN(""), &never, &all);
	time_ps preempted = read_beside_cleaning(CLEAN(", preemptible: true, hard: 1"), &often, &same);
	time_ps hard = read_beside_cleaning(CLEAN(", preemptible: true, hard: 3"), &short_of, &also);
	time_ps hasty = read_beside_cleaning(CLEAN(", preemptible: true, hard: 1, resume: 0"), &short_of, &also);
	ck_assert_double_eq(never, 0);
	ck_assert_double_gt(often, 10);
	ck_assert_msg(preempted < plain * 9 / 10, "%lld ps, and %lld ps preempted", (long long)plain, (long long)preempted);
	ck_assert_msg(preempted < hasty, "%lld ps resumed late, %lld ps at once", (long long)preempted, (long long)hasty);
	ck_assert_msg(preempted < hard, "%lld ps with few blocks in hand, %lld ps with many", (long long)preempted, (long long)hard);
	ck_assert(all == same && all == also); /* no write is left behind, however long reads go on */
	/* in step with writes as well: reads go first all the same, and no write is left behind */
	time_ps paced = read_beside_cleaning(CLEAN(", pace: true"), &never, &all);
	time_ps both = read_beside_cleaning(CLEAN(", pace: true, preemptible: true, hard: 1"), &often, &also);
	ck_assert_double_eq(never, 0);
	ck_assert_double_gt(often, 10);
	ck_assert_msg(both < paced, "%lld ps paced, and %lld ps preempted too", (long long)paced, (long long)both);
	ck_assert(all == same && also == same);
}
END_TEST

/* ---- a past from a file -------------------------------------------------------------------------------------------- */

/* A file of requests in memory. */
struct blk_stream {
	unsigned at;
};
static const struct blk_req *file;
static unsigned file_count, file_opened;

static struct blk_stream *file_open(const char *name, const char *format, struct err *e)
{
	if (strcmp(name, "t.csv") != 0) {
		err_set(e, ERR_IO, "cannot open %s", name);
		return NULL;
	}
	ck_assert(!format || !strcmp(format, "msr"));
	file_opened++;
	return calloc(1, sizeof(struct blk_stream));
}
static int file_next(struct blk_stream *s, struct blk_req *out, uint64_t *line, struct err *e)
{
	if (s->at == file_count)
		return 0;
	if (file[s->at].sectors == 77)
		return err_set(e, ERR_TRACE, "t.csv:%u: broken", s->at + 1);
	*out = file[s->at++];
	*line = s->at;
	return 1;
}
static void file_close(struct blk_stream *s) { free(s); }
static const struct blk_streams streams = {file_open, file_next, file_close};
static const struct blk_past past = {.streams = &streams};

static struct blk_dev *drive_of(struct sim *s, const struct blk_req *r, unsigned count, const char *options, struct err *e)
{
	char more[512];
	file = r;
	file_count = count;
	file_opened = 0;
	snprintf(more, sizeof(more), "  ftl: {map: {capacity: 2.5 MiB}}\n  precondition: {pattern: trace, %s}\n", options);
	return drive_with(s, DRIVE(TIMES), more, &past, e);
}

/* 320 pages of 16 sectors. The file trims all of it and writes the first half in order. */
START_TEST(the_writes_of_a_file_are_repeated)
{
	static struct blk_req r[164];
	struct sim *s = sim_new(3);
	struct err e = {0};
	r[0] = (struct blk_req){.op = BLK_TRIM, .lba = 0, .sectors = 320 * 16};
	r[1] = (struct blk_req){.op = BLK_READ, .lba = 0, .sectors = 16};
	r[2] = (struct blk_req){.op = BLK_FLUSH};
	for (unsigned i = 0; i < 160; i++)
		r[3 + i] = (struct blk_req){.op = BLK_WRITE, .lba = i * 16ULL, .sectors = 16};
	struct blk_dev *dev = drive_of(s, r, 163, "trace: t.csv, format: msr, fill: 100 %, overwrite: 2.25", &e);
	ck_assert_msg(dev != NULL, "%s", e.msg);
	struct ftl *f = ssd_of(dev)->ftl;
	ck_assert_uint_eq(f->logical, 320);
	ck_assert_uint_eq(f->counts.programmed[FTL_HOST], 320 + 720);
	ck_assert_uint_eq(file_opened, 5); /* four and a half times */
	for (unsigned i = 0; i < 320; i++)
		ck_assert_msg((ftl_lookup(f, i) != FTL_NOWHERE) == (i < 80), "unit %u", i);
	ck_assert_msg(ftl_check(f, &e) == 0, "%s", e.msg);
	blk_dev_close(dev);
	sim_free(s);
}
END_TEST

START_TEST(a_part_of_a_unit_is_a_unit_written)
{
	static const struct blk_req r[] = {{.op = BLK_WRITE, .lba = 15, .sectors = 2}, {.op = BLK_WRITE_ZEROES, .lba = 33, .sectors = 1},
		{.op = BLK_TRIM, .lba = 40, .sectors = 8}, {.op = BLK_TRIM, .lba = 64, .sectors = 8}};
	struct sim *s = sim_new(3);
	struct err e = {0};
	/* units 0, 1 and 2, then 2 again for the zeros of a part trimmed; the last trim is of nothing: 4 of 320 a pass */
	struct blk_dev *dev = drive_of(s, r, 4, "trace: t.csv, overwrite: 0.025", &e);
	ck_assert_msg(dev != NULL, "%s", e.msg);
	ck_assert_uint_eq(ssd_of(dev)->ftl->counts.programmed[FTL_HOST], 8);
	ck_assert_uint_eq(file_opened, 2);
	for (unsigned i = 0; i < 320; i++)
		ck_assert((ftl_lookup(ssd_of(dev)->ftl, i) != FTL_NOWHERE) == (i < 3));
	blk_dev_close(dev);
	sim_free(s);
}
END_TEST

static const struct {
	struct blk_req r[2];
	const char *options, *sentence; /* NULL: it is taken */
} bad_files[] = {
	{{{.op = BLK_READ, .sectors = 8}, {.op = BLK_TRIM, .sectors = 8}}, "trace: t.csv, overwrite: 1", "t.csv: has no write"},
	{{{.op = BLK_WRITE, .sectors = 8}, {.op = BLK_WRITE, .sectors = 77}}, "trace: t.csv, overwrite: 1", "t.csv:2: broken"},
	{{{.op = BLK_WRITE, .sectors = 8}, {.op = BLK_WRITE, .lba = 5119, .sectors = 2}}, "trace: t.csv, overwrite: 1",
	 "t.csv:2: write of sectors 5119 to 5120 passes the end of d at 5120"},
	{{{.op = BLK_WRITE, .sectors = 8}, {.op = BLK_WRITE, .lba = 5119, .sectors = 2}}, "trace: t.csv, overwrite: 1, trace_range: wrap",
		NULL},
	{{{.op = BLK_WRITE, .sectors = 8}, {.op = BLK_TRIM, .lba = UINT64_MAX - 3, .sectors = 9}},
	 "trace: t.csv, overwrite: 1, trace_range: wrap", NULL},
	{{{.op = BLK_WRITE, .sectors = 8}}, "trace: u.csv, overwrite: 1", "cannot open u.csv"},
	{{{.op = BLK_WRITE, .sectors = 8}}, "overwrite: 1", "d.precondition.trace: want the file"},
	{{{.op = BLK_WRITE, .sectors = 8}}, "trace: t.csv", "want how much of the drive"},
};

START_TEST(a_file_that_will_not_do_is_refused)
{
	struct sim *s = sim_new(3);
	struct err e = {0};
	struct blk_dev *dev = drive_of(s, bad_files[_i].r, 2, bad_files[_i].options, &e);
	if (!bad_files[_i].sentence) {
		ck_assert_msg(dev != NULL, "%s", e.msg);
		blk_dev_close(dev);
	} else {
		ck_assert_ptr_null(dev);
		ck_assert_msg(strstr(e.msg, bad_files[_i].sentence) != NULL, "\"%s\" lacks \"%s\"", e.msg, bad_files[_i].sentence);
	}
	sim_free(s);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("ssd life");
	TCase *t = tcase_create("life");
	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, a_worn_drive_is_read_only, 0, (int)(sizeof(lives) / sizeof(lives[0])));
	tcase_add_test(t, a_drive_that_lives_is_not_warned_of);
	tcase_add_test(t, a_past_longer_than_life_is_refused);
	tcase_add_test(t, without_a_buffer_a_write_takes_its_program);
	tcase_add_test(t, by_default_a_write_is_taken_by_the_buffer);
	tcase_add_test(t, a_read_waits_less_beside_preemptible_cleaning);
	tcase_add_test(t, the_writes_of_a_file_are_repeated);
	tcase_add_test(t, a_part_of_a_unit_is_a_unit_written);
	tcase_add_loop_test(t, a_file_that_will_not_do_is_refused, 0, (int)(sizeof(bad_files) / sizeof(bad_files[0])));
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
