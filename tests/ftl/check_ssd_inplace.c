/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The solid-state drive without remapping: the formulas of a write to the picosecond, writes that wait for their block together,
 * and what a power cut loses, at every event of a small run.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "blk/tag.h"
#include "flash/bench.h"
#include "ftl/ssd.h"
#include "sim/config.h"

#define US ((time_ps)1000000)

/* The lecture's part (Arpaci-Dusseau, "Operating Systems: Three Easy Pieces", ch. 44: 64 pages of 2 KiB, 25 us, 200 us, 1.5 ms); no
 * bus time but 10 ps a byte. */
#define LECTURE \
	"  flash:\n" \
	"    geometry: {channels: 1, chips: 1, dies: 1, planes: 1, blocks: 4, pages: 64, page: 2 KiB, cell: slc}\n" \
	"    bus: {interface: custom, rate: 100000 MT/s}\n" \
	"    array: {read: [25 us], program: [200 us], erase: 1500 us}\n" \
	"  front: {kind: none}\n  precondition: {fill: 100 %}\n"
#define SMALL \
	"  flash:\n" \
	"    geometry: {channels: 1, chips: 1, dies: 2, planes: 1, blocks: 2, pages: 4, page: 4 KiB, cell: slc}\n" \
	"    bus: {interface: custom, rate: 400 MT/s}\n" \
	"    array: {read: [25 us], program: [200 us], erase: 1500 us}\n" \
	"  front: {kind: none}\n"
#define SMALL_SECTORS 128u /* 4 blocks of 32 */

static struct blk_dev *drive_try(struct sim *s, const char *part, const char *more, struct err *e)
{
	char text[2048];
	struct config *c = config_new(NULL);
	struct ssd_spec *spec = arena_alloc(s->arena, sizeof(*spec));
	snprintf(text, sizeof(text), "d:\n%s%s", part, more);
	ck_assert_msg(config_load_text(c, "test.yaml", text, e) == 0, "%s", e->msg);
	int bad = config_bind(config_get(config_root(c), "d"), "d", &ssd_options, NULL, spec, s->arena, e);
	config_free(c);
	return bad < 0 ? NULL : blk_dev_open(s, &ssd_ops, "d", spec, e);
}

static struct blk_dev *drive(struct sim *s, const char *part, const char *more)
{
	struct err e = {0};
	struct blk_dev *dev = drive_try(s, part, more, &e);
	ck_assert_msg(dev != NULL, "%s", e.msg);
	return dev;
}

static void note_done(struct sim *s, struct blk_req *r)
{
	(void)s;
	*(int *)r->owner += 1;
}

static struct blk_req give(enum blk_op op, uint64_t lba, uint32_t sectors, uint64_t tag, int *count)
{
	return (struct blk_req){.op = (uint8_t)op, .lba = lba, .sectors = sectors, .tag = tag, .done = note_done, .owner = count};
}

struct value {
	const char *name;
	double value;
};

static void note_value(void *ctx, const char *name, double value, const char *unit)
{
	struct value *v = ctx;
	(void)unit;
	if (strcmp(name, v->name) == 0)
		v->value = value;
}

static double reported(const struct blk_dev *dev, const char *name)
{
	struct value v = {name, -1};
	dev->ops->report(dev, note_value, &v);
	return v.value;
}

/* How long a write of so many pages takes, in a block that is full. */
static time_ps write_ps(const char *update, uint32_t pages)
{
	int count = 0;
	struct sim *s = sim_new(1);
	struct blk_dev *dev = drive(s, LECTURE, update);
	struct blk_req r = give(BLK_WRITE, 4 * 70, 4 * pages, 1, &count);
	blk_submit(dev, &r);
	ck_assert_int_eq(sim_run(s), 0);
	ck_assert(count == 1 && r.status == BLK_OK);
	blk_dev_close(dev);
	sim_free(s);
	return r.done_ps;
}

START_TEST(a_write_takes_its_whole_block)
{
	const time_ps read = 25 * US + 20480, program = 200 * US + 20480, erase = 1500 * US;
	const char *lecture = "  ftl: {map: {scheme: none}}\n", *skip = "  ftl: {map: {scheme: none, update: skip_old}}\n";
	ck_assert_int_eq(write_ps(lecture, 1), 64 * (read + program) + erase);
	ck_assert_int_eq(write_ps(lecture, 3), 64 * (read + program) + erase);
	ck_assert_int_eq(write_ps(skip, 1), 63 * read + 64 * program + erase);
	ck_assert_int_eq(write_ps(skip, 3), 61 * read + 64 * program + erase);
}
END_TEST

/* The first goes alone; what comes meanwhile goes together, from page 0 to page 3, of which page 2 is written in part and page 1
 * not. */
START_TEST(writes_that_wait_are_one_update)
{
	int count = 0;
	struct sim *s = sim_new(1);
	struct blk_dev *dev = drive(s, SMALL, "  ftl: {map: {scheme: none, update: skip_old}}\n  precondition: {fill: 100 %}\n");
	struct blk_req r[4] = {give(BLK_WRITE, 8, 8, 1, &count), give(BLK_WRITE, 0, 8, 2, &count),
		give(BLK_WRITE, 18, 14, 3, &count), give(BLK_READ, 8, 8, 0, &count)};
	for (int i = 0; i < 3; i++)
		blk_submit(dev, &r[i]);
	sim_run_until(s, 10 * US);
	blk_submit(dev, &r[3]);
	ck_assert_int_eq(sim_run(s), 0);
	ck_assert_int_eq(count, 4);
	ck_assert(reported(dev, "updates") == 2 && reported(dev, "writes_combined") == 1);
	ck_assert(reported(dev, "update_pages_read") == 3 + 2 && reported(dev, "update_pages_programmed") == 8);
	ck_assert_int_eq(r[1].done_ps, r[2].done_ps);
	ck_assert_int_gt(r[3].done_ps, r[2].done_ps); /* it came behind them */
	blk_dev_close(dev);
	sim_free(s);
}
END_TEST

START_TEST(pages_behind_the_last_are_written_without_an_erase)
{
	int count = 0;
	struct sim *s = sim_new(1);
	struct blk_dev *dev = drive(s, SMALL, "  ftl: {map: {scheme: none, update: skip_old}}\n");
	for (uint64_t page = 0; page < 16; page++) {
		struct blk_req r = give(BLK_WRITE, 8 * page, 8, page + 1, &count);
		blk_submit(dev, &r);
		ck_assert_int_eq(sim_run(s), 0);
	}
	ck_assert(count == 16 && reported(dev, "erases") == 0 && reported(dev, "update_pages_programmed") == 16);
	blk_dev_close(dev);
	sim_free(s);
}
END_TEST

/* The same part with a map: each block is overwritten before it is cleaned, so that nothing is copied and each block's worth of
 * writes costs one erase: erase / (pages per block) + write (same source). */
START_TEST(with_a_map_and_nothing_to_copy_a_write_takes_its_share_of_an_erase)
{
	const uint64_t block = 64, cycle = 10 * block;
	int count = 0;
	struct sim *s = sim_new(1);
	struct blk_dev *dev = drive(s, "  flash:\n"
		"    geometry: {channels: 1, chips: 1, dies: 1, planes: 1, blocks: 16, pages: 64, page: 2 KiB, cell: slc}\n"
		"    bus: {interface: custom, rate: 100000 MT/s}\n"
		"    array: {read: [25 us], program: [200 us], erase: 1500 us}\n  front: {kind: none}\n",
		"  ftl: {map: {capacity: 1280 KiB}, alloc: {frontiers: shared}}\n  buffer: {size: 64 KiB, write_back: false}\n");
	time_ps from = 0;
	for (uint64_t i = 0; i < 8 * cycle; i++) {
		struct blk_req r = give(BLK_WRITE, i % cycle * 4, 4, i + 1, &count);
		if (i == 4 * cycle)
			from = s->now_ps;
		blk_submit(dev, &r);
		while ((uint64_t)count <= i)
			ck_assert(sim_step(s));
	}
	ck_assert_int_eq((s->now_ps - from) / (time_ps)(4 * cycle), 1500 * US / 64 + 200 * US + 20480);
	ck_assert(reported(dev, "programmed_gc_units") == 0);
	blk_dev_close(dev);
	sim_free(s);
}
END_TEST

/* ---- power ------------------------------------------------------------------------------------------------------------- */

static uint64_t torn_choice(void *ctx, uint64_t lba, uint64_t old_tag, uint64_t new_tag)
{
	(void)old_tag;
	(void)new_tag;
	((bool *)ctx)[lba] = true;
	return TAG_TORN;
}

struct run {
	struct sim *s;
	struct blk_dev *dev;
	struct blk_tags *tags;
	struct blk_req r[12];
	int count;
};

static void run_open(struct run *x, const char *more)
{
	static const struct { uint8_t op, lba, sectors; } script[12] = {
		{BLK_WRITE, 0, 8}, {BLK_WRITE, 64, 16}, {BLK_WRITE, 3, 4}, {BLK_READ, 0, 64}, {BLK_WRITE, 28, 8}, {BLK_TRIM, 64, 8},
		{BLK_WRITE, 100, 20}, {BLK_FLUSH, 0, 0}, {BLK_WRITE_ZEROES, 30, 2}, {BLK_WRITE, 0, 32}, {BLK_READ, 96, 32}, {BLK_WRITE, 72, 8},
	};
	*x = (struct run){.s = sim_new(2)};
	x->dev = drive(x->s, SMALL, more);
	x->tags = x->dev->tags = blk_tags_new();
	for (int i = 0; i < 12; i++) {
		x->r[i] = give((enum blk_op)script[i].op, script[i].lba, script[i].sectors, 10 + (uint64_t)i, &x->count);
		if (i < 6)
			blk_submit(x->dev, &x->r[i]);
	}
}

static void run_close(struct run *x)
{
	blk_tags_free(x->tags);
	blk_dev_close(x->dev);
	sim_free(x->s);
}

/* k events, the later half of the requests when the first two are done; false: it was over before. */
static bool run_to(struct run *x, unsigned k)
{
	int given = 6;
	for (; k > 0; k--) {
		if (!sim_step(x->s))
			return false;
		if (given == 6 && x->count >= 2)
			for (; given < 12; given++)
				blk_submit(x->dev, &x->r[given]);
	}
	return true;
}

static const char *const kinds[] = {
	"  ftl: {map: {scheme: none}}\n", "  ftl: {map: {scheme: none, update: skip_old}}\n",
	"  ftl: {map: {scheme: none}}\n  buffer: {protected: true}\n",
	"  ftl: {map: {scheme: none, update: skip_old}}\n  buffer: {protected: true}\n",
};

START_TEST(a_power_cut_loses_the_blocks_being_updated_and_no_other)
{
	unsigned torn_in_all = 0, k = 0;
	bool over = false, protected = _i >= 2;
	for (; !over; k++) {
		struct run x;
		bool torn[SMALL_SECTORS] = {false};
		run_open(&x, kinds[_i]);
		over = !run_to(&x, k);
		ck_assert_uint_eq(blk_tags_dirty(x.tags), 0); /* what is acknowledged is in flash */
		blk_dev_power_cut(x.dev);
		ck_assert_uint_eq(blk_tags_dirty(x.tags), 0);
		uint64_t before[SMALL_SECTORS];
		for (uint64_t i = 0; i < SMALL_SECTORS; i++)
			before[i] = blk_tags_durable(x.tags, i);
		(void)blk_tags_power_cut(x.tags, NULL, torn_choice, torn);
		for (uint32_t b = 0; b < 4; b++) {
			unsigned n = 0;
			for (uint32_t i = 32 * b; i < 32 * (b + 1); i++)
				n += torn[i];
			torn_in_all += n;
			ck_assert(_i % 2 == 1 || n == 0 || n == 32); /* the lecture's erases whatever it writes */
		}
		for (uint64_t i = 0; i < SMALL_SECTORS; i++)
			ck_assert_uint_eq(blk_tags_durable(x.tags, i), torn[i] ? TAG_TORN : before[i]);
		ck_assert_int_eq(sim_run(x.s), 0);
		blk_dev_power_restore(x.dev);
		int count = 0;
		struct blk_req again[2] = {give(BLK_WRITE, 0, 64, 99, &count), give(BLK_WRITE, 64, 64, 98, &count)};
		blk_submit(x.dev, &again[0]);
		blk_submit(x.dev, &again[1]);
		ck_assert_int_eq(sim_run(x.s), 0);
		ck_assert(count == 2 && again[0].status == BLK_OK && again[1].status == BLK_OK);
		for (uint64_t i = 0; i < SMALL_SECTORS; i++)
			ck_assert(blk_tags_durable(x.tags, i) == (i < 64 ? 99 : 98) && !blk_tags_open(x.tags, i));
		run_close(&x);
	}
	ck_assert_uint_gt(k, 60);
	ck_assert((torn_in_all > 0) != protected);
}
END_TEST

static void refused(const char *more, const char *part)
{
	struct err e = {0};
	struct sim *s = sim_new(1);
	ck_assert_ptr_null(drive_try(s, SMALL, more, &e));
	ck_assert_msg(strstr(e.msg, part) != NULL, "\"%s\" lacks \"%s\"", e.msg, part);
	sim_free(s);
}

START_TEST(what_wants_a_map_is_refused)
{
	refused("  ftl: {map: {scheme: none, unit: 2 KiB}}\n", "map.unit");
	refused("  ftl: {map: {scheme: none, capacity: 16 KiB}}\n", "map.capacity");
	refused("  ftl: {map: {scheme: none}}\n  precondition: {overwrite: 1}\n", "precondition.overwrite");
	refused("  ftl: {map: {scheme: none}}\n  precondition: {fill: 1, seed: 1}\n", "precondition.seed");
}
END_TEST

/* What would act on nothing is not taken, by its place in the file: line 6 is the first behind SMALL's. */
START_TEST(options_that_nothing_acts_on_are_refused)
{
	refused("  ftl: {map: {scheme: none, over_provisioning: 7 %}}\n", "test.yaml:7:29: d.ftl.map.over_provisioning: ");
	refused("  ftl:\n    map: {scheme: none}\n    alloc: {order: CWDP}\n", "test.yaml:9:5: d.ftl.alloc: ");
	refused("  ftl:\n    gc: {low: 2}\n    map: {scheme: none}\n", "test.yaml:8:5: d.ftl.gc: ");
	refused("  ftl: {map: {scheme: none}, wear: {threshold: 0}}\n", "d.ftl.wear: ");
	refused("  ftl: {map: {scheme: none}}\n  moves: {ahead: 4}\n", "test.yaml:8:3: d.moves: ");
	refused("  ftl: {map: {scheme: none}}\n  mount: {recovery: always}\n", "test.yaml:8:3: d.mount: ");
	refused("  ftl: {map: {scheme: none}}\n  idle_flush: 1 ms\n", "test.yaml:8:3: d.idle_flush: ");
	refused("  ftl: {map: {update: skip_old}}\n", "test.yaml:7:15: d.ftl.map.update: ");
}
END_TEST

/* An empty section says nothing; and what is written of such a drive can be read again. */
START_TEST(what_is_written_of_it_can_be_read_again)
{
	struct sim *s = sim_new(1);
	struct err e = {0};
	struct ssd_spec a, b;
	char *text = NULL;
	size_t bytes = 0;
	struct config *c = config_new(NULL), *again = config_new(NULL);
	ck_assert_int_eq(config_load_text(c, "test.yaml", "d:\n" SMALL "  ftl: {map: {scheme: none}, gc: , wear: {}}\n  moves:\n", &e), 0);
	ck_assert_msg(config_bind(config_get(config_root(c), "d"), "d", &ssd_options, NULL, &a, s->arena, &e) == 0, "%s", e.msg);
	FILE *out = open_memstream(&text, &bytes);
	fputs("d:\n", out);
	opt_write_yaml(&ssd_options, &a, 2, NULL, out);
	fclose(out);
	ck_assert_ptr_null(strstr(text, "moves:"));
	ck_assert_ptr_nonnull(strstr(text, "update: lecture"));
	ck_assert_msg(config_load_text(again, "again.yaml", text, &e) == 0, "%s", e.msg);
	ck_assert_msg(config_bind(config_get(config_root(again), "d"), "d", &ssd_options, NULL, &b, s->arena, &e) == 0, "%s", e.msg);
	free(text);
	config_free(c);
	config_free(again);
	sim_free(s);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("ftl/ssd inplace");
	TCase *t = tcase_create("all");
	tcase_add_test(t, a_write_takes_its_whole_block);
	tcase_add_test(t, writes_that_wait_are_one_update);
	tcase_add_test(t, pages_behind_the_last_are_written_without_an_erase);
	tcase_add_test(t, with_a_map_and_nothing_to_copy_a_write_takes_its_share_of_an_erase);
	tcase_add_loop_test(t, a_power_cut_loses_the_blocks_being_updated_and_no_other, 0, 4);
	tcase_add_test(t, what_wants_a_map_is_refused);
	tcase_add_test(t, options_that_nothing_acts_on_are_refused);
	tcase_add_test(t, what_is_written_of_it_can_be_read_again);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
