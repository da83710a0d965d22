/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The host's way to its devices, on devices that take a fixed time. */
#include <check.h>
#include <stdlib.h>

#include "blk/fake_dev.h"
#include "blk/tag.h"
#include "host/io.h"

#define LATENCY (PS_PER_MS)

struct rig {
	struct sim *sim;
	struct fake_spec spec;
	struct blk_dev *dev[2];
	struct host_io *io;
	struct host_region region[4];
	unsigned called;
	uint64_t arg;
	enum blk_status status;
	bool again;
};

static const struct host_region_spec layout[] = {
	{"superblock", 0, BLK_CAUSE_CHECKPOINT, 8},
	{"swap", 0, BLK_CAUSE_SWAP, 100},
	{"log", 1, BLK_CAUSE_LOG, 64},
	{"checkpoint", 0, BLK_CAUSE_CHECKPOINT, 800},
};

static struct rig *rig_new(void)
{
	struct err e = {0};
	struct rig *g = calloc(1, sizeof(*g));
	g->sim = sim_new(1);
	g->spec = (struct fake_spec){1000, LATENCY, FAKE_NONE, FAKE_NONE};
	g->io = host_io_new(g->sim, NULL);
	for (int i = 0; i < 2; i++) {
		g->dev[i] = blk_dev_open(g->sim, &fake_ops, i ? "second" : "first", &g->spec, &e);
		ck_assert_int_eq(host_io_add(g->io, g->dev[i], &e), i);
	}
	ck_assert_msg(host_io_layout(g->io, layout, 4, 8, 1, g->region, &e) == 0, "%s", e.msg);
	return g;
}

static void rig_free(struct rig *g)
{
	struct err e = {0};
	ck_assert_msg(host_io_check(g->io, &e) == 0, "%s", e.msg);
	blk_dev_close(g->dev[0]);
	blk_dev_close(g->dev[1]);
	sim_free(g->sim);
	free(g);
}

static void over(void *owner, uint64_t arg, enum blk_status status)
{
	struct rig *g = owner;
	g->called++;
	g->arg = arg;
	g->status = status;
	if (g->again) {
		g->again = false;
		host_io_read(g->io, &g->region[1], 0, 8, (struct host_io_then){over, g, 99});
	}
}

START_TEST(regions_lie_behind_one_another_each_on_its_device)
{
	struct rig *g = rig_new();
	static const uint64_t first[] = {8, 16, 8, 120}, sectors[] = {8, 104, 64, 800};
	for (int i = 0; i < 4; i++) {
		ck_assert_uint_eq(g->region[i].first, first[i]);
		ck_assert_uint_eq(g->region[i].sectors, sectors[i]);
		ck_assert_ptr_eq(g->region[i].dev, g->dev[layout[i].device]);
	}
	rig_free(g);
}
END_TEST

START_TEST(what_does_not_fit_is_named)
{
	struct rig *g = rig_new();
	struct err e = {0};
	struct host_region out[2];
	struct host_region_spec big[] = {{"swap", 0, BLK_CAUSE_SWAP, 600}, {"log ring", 0, BLK_CAUSE_LOG, 401}};
	ck_assert_int_eq(host_io_layout(g->io, big, 2, 1, 0, out, &e), -1);
	ck_assert_str_eq(e.msg, "area log ring of 401 sectors does not fit on device first: 400 of its 1000 sectors are left");
	err_clear(&e);
	big[1].sectors = 400;
	ck_assert_int_eq(host_io_layout(g->io, big, 2, 1, 0, out, &e), 0);
	big[1].device = 2;
	ck_assert_int_eq(host_io_layout(g->io, big, 2, 1, 0, out, &e), -1);
	ck_assert_str_eq(e.msg, "area log ring lies on device 2 of a host with 2 devices");
	rig_free(g);
}
END_TEST

START_TEST(each_request_comes_back_once_with_its_argument_and_may_start_another)
{
	struct rig *g = rig_new();
	g->again = true;
	host_io_read(g->io, &g->region[1], 96, 8, (struct host_io_then){over, g, 7});
	ck_assert_uint_eq(g->called, 0);
	ck_assert(sim_step(g->sim));
	ck_assert_uint_eq(g->called, 1);
	ck_assert_uint_eq(g->arg, 7);
	ck_assert_uint_eq(g->io->in_flight, 1);
	ck_assert_int_eq(sim_run(g->sim), 0);
	ck_assert_uint_eq(g->called, 2);
	ck_assert_uint_eq(g->arg, 99);
	ck_assert_int_eq(g->sim->now_ps, 2 * LATENCY);
	ck_assert_uint_eq(g->io->in_flight, 0);
	ck_assert_uint_eq(g->io->made, 32); /* one was used again */
	rig_free(g);
}
END_TEST

static void watch(void *ctx, const struct blk_req *r)
{
	uint64_t *sum = ctx;
	*sum += r->lba * 1000 + r->cause;
}

START_TEST(bytes_are_counted_by_cause_and_agree_with_the_devices)
{
	struct rig *g = rig_new();
	struct err e = {0};
	struct host_io_then then = {over, g, 0};
	uint64_t sum = 0;
	g->io->observe = watch;
	g->io->observe_ctx = &sum;
	for (int i = 0; i < 40; i++) /* more than the first pool holds */
		host_io_write(g->io, &g->region[1], 8, 8, 0, 0, then);
	host_io_read(g->io, &g->region[3], 0, 24, then);
	host_io_write(g->io, &g->region[2], 0, 3, BLK_FUA, 0, then);
	host_io_trim(g->io, &g->region[1], 0, 100, then);
	host_io_flush(g->io, &g->region[2], then);
	ck_assert_int_eq(host_io_check(g->io, &e), 0); /* while they are on their way too */
	ck_assert_int_eq(sim_run(g->sim), 0);
	ck_assert_uint_eq(g->called, 44);
	struct host_io_count swap = host_io_by_cause(g->io, BLK_CAUSE_SWAP), log = host_io_by_cause(g->io, BLK_CAUSE_LOG);
	struct host_io_count point = host_io_by_cause(g->io, BLK_CAUSE_CHECKPOINT);
	ck_assert_uint_eq(swap.writes, 40);
	ck_assert_uint_eq(swap.write_sectors, 320);
	ck_assert_uint_eq(swap.trims, 1);
	ck_assert_uint_eq(swap.trim_sectors, 100);
	ck_assert_uint_eq(log.write_sectors, 3);
	ck_assert_uint_eq(log.flushes, 1);
	ck_assert_uint_eq(point.read_sectors, 24);
	uint64_t seen = 40 * (24 * 1000 + BLK_CAUSE_SWAP) + 120 * 1000 + BLK_CAUSE_CHECKPOINT + 8 * 1000 + BLK_CAUSE_LOG +
		16 * 1000 + BLK_CAUSE_SWAP + 8 * 1000 + BLK_CAUSE_LOG;
	ck_assert_uint_ge(sum, seen); /* a flush has no address of its own */
	g->io->count[0][BLK_CAUSE_SWAP].write_sectors++;
	ck_assert_int_eq(host_io_check(g->io, &e), -1);
	ck_assert_str_eq(e.msg, "device first counts 24 sectors read and 320 written, the host's causes 24 and 321");
	g->io->count[0][BLK_CAUSE_SWAP].write_sectors--;
	rig_free(g);
}
END_TEST

START_TEST(a_dead_machine_is_not_called_any_more)
{
	struct rig *g = rig_new();
	struct host_io_then then = {over, g, 1};
	host_io_read(g->io, &g->region[1], 0, 8, then);
	host_io_write(g->io, &g->region[1], 8, 8, 0, 0, then);
	host_io_crash(g->io);
	ck_assert_uint_eq(g->io->in_flight, 0);
	then.arg = 2;
	host_io_read(g->io, &g->region[1], 0, 8, then);
	ck_assert_int_eq(sim_run(g->sim), 0);
	ck_assert_uint_eq(g->called, 1);
	ck_assert_uint_eq(g->arg, 2);
	ck_assert_uint_eq(g->io->in_flight, 0);
	rig_free(g);
}
END_TEST

/* The fake device keeps no tags: the test notes by hand what a device would. */
static void lies(struct blk_tags *t, const struct host_region *g, uint64_t offset, uint32_t sectors, uint64_t tag)
{
	blk_tags_note_latest(t, g->first + offset, sectors, tag);
}

START_TEST(a_tag_tells_the_content_of_each_page_and_item_that_is_whole)
{
	struct sim *s = sim_new(1);
	struct err e = {0};
	struct fake_spec spec = {1000, LATENCY, FAKE_NONE, FAKE_NONE};
	struct content *c = content_new();
	struct host_io *io = host_io_new(s, c);
	struct blk_dev *dev = blk_dev_open(s, &fake_ops, "first", &spec, &e);
	struct host_region g[2];
	ck_assert_int_eq(host_io_add(io, dev, &e), -1);
	ck_assert_str_eq(e.msg, "device first keeps no content tags, which this host needs");
	err_clear(&e);
	dev->tags = blk_tags_new();
	ck_assert_int_eq(host_io_add(io, dev, &e), 0);
	ck_assert_int_eq(host_io_layout(io, (struct host_region_spec[]){{"pages", 0, BLK_CAUSE_SWAP, 80},
		{"log", 0, BLK_CAUSE_LOG, 80}}, 2, 8, 0, g, &e), 0);
	uint64_t page = 5;
	ck_assert(host_io_page(io, &g[0], 0, 8, &page));
	ck_assert_uint_eq(page, 0); /* never written: zeros */
	uint64_t tag = host_io_tag_pages(io, &g[0], 16, 8, 3, (uint64_t[]){11, 12, 13});
	lies(dev->tags, &g[0], 16, 24, tag);
	for (uint64_t i = 0; i < 3; i++) {
		ck_assert(host_io_page(io, &g[0], 16 + 8 * i, 8, &page));
		ck_assert_uint_eq(page, 11 + i);
	}
	ck_assert(!host_io_page(io, &g[0], 12, 8, &page)); /* half of it another thing */
	ck_assert(!host_io_page(io, &g[0], 20, 8, &page)); /* not where a page begins */
	lies(dev->tags, &g[0], 31, 1, TAG_TORN);
	ck_assert(!host_io_page(io, &g[0], 24, 8, &page));
	ck_assert(host_io_page(io, &g[0], 32, 8, &page));
	ck_assert(!host_io_page(io, &g[0], 76, 8, &page)); /* past the end */
	tag = host_io_tag_item(io, &g[1], 8, 3, CONTENT_RECORD, (uint64_t[]){21, 22}, 2);
	ck_assert_ptr_null(host_io_item(io, &g[1], 8));
	lies(dev->tags, &g[1], 8, 2, tag);
	ck_assert_ptr_null(host_io_item(io, &g[1], 8)); /* one sector is missing */
	lies(dev->tags, &g[1], 10, 1, tag);
	const struct content_item *item = host_io_item(io, &g[1], 8);
	ck_assert_ptr_nonnull(item);
	ck_assert(item->kind == CONTENT_RECORD && item->words == 2 && item->word[1] == 22);
	ck_assert_ptr_null(host_io_item(io, &g[1], 9));
	ck_assert(!host_io_page(io, &g[1], 8, 3, &page)); /* no page */
	ck_assert_ptr_null(content_find(c, TAG_TORN));
	blk_tags_free(dev->tags);
	blk_dev_close(dev);
	content_free(c);
	sim_free(s);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("io");
	TCase *t = tcase_create("io");
	tcase_add_test(t, regions_lie_behind_one_another_each_on_its_device);
	tcase_add_test(t, what_does_not_fit_is_named);
	tcase_add_test(t, each_request_comes_back_once_with_its_argument_and_may_start_another);
	tcase_add_test(t, bytes_are_counted_by_cause_and_agree_with_the_devices);
	tcase_add_test(t, a_dead_machine_is_not_called_any_more);
	tcase_add_test(t, a_tag_tells_the_content_of_each_page_and_item_that_is_whole);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
