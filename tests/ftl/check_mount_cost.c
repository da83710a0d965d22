/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a mount after a power cut reads and leaves, counted by hand; journal and checkpoints; options. */
#include "ftl/ftl_fixture.h"
#include "ftl/mount.h"
#include "ftl/options.h"

/* 16 blocks of 8 pages, 80 units: the map is one page of the checkpoint, the marks of the blocks are another. */
#define PLAIN ONE_PLANE "ftl: {map: {over_provisioning: 60 %}}\n"

static const struct mount_report *recovered(struct rig *r, uint64_t pages)
{
	const struct mount_report *p = mount_recover(r->f->mount);
	ck_assert_uint_eq(p->pages, pages);
	ck_assert_uint_eq(p->most_of_a_die, pages); /* there is one die */
	ck_assert_uint_eq(r->f->mount->reads[0], pages);
	rig_holds(r);
	return p;
}

static void open_plain(struct rig *r, int scan, struct ftl_mount_spec *spec)
{
	struct err e = {0};
	rig_open(r, PLAIN);
	*spec = (struct ftl_mount_spec){.scan = scan, .checkpoint_bytes = 0, .journal_records = 512};
	ck_assert(mount_open(r->arena, r->f, spec, &e) != NULL);
}

START_TEST(a_mount_reads_the_checkpoint_each_first_page_and_what_is_newer)
{
	struct rig r;
	struct ftl_mount_spec spec;
	const struct mount_report *p;
	open_plain(&r, FTL_SCAN_CHECKPOINT, &spec);
	p = recovered(&r, 16 + 2);
	ck_assert_uint_eq(p->map_pages, 2);
	ck_assert_uint_eq(p->written, 1); /* the marks */
	null_fill(r.f, 0, 3);
	ck_assert(ftl_room(r.f, 0));
	(void)ftl_write_begin(r.f, 0); /* and is not over */
	p = recovered(&r, 15 + 5 + 2); /* four pages and the erased one behind them */
	ck_assert_uint_eq(p->units_found, 3);
	ck_assert_uint_eq(p->units_lost, 1);
	ck_assert_uint_eq(p->blocks_closed, 1);
	ck_assert_uint_eq(p->blocks_erased, 0);
	ck_assert_uint_eq(p->written, 2);
	(void)recovered(&r, 16 + 2); /* the mount has left a checkpoint */
	/* two pages of it, two behind it */
	null_fill(r.f, 3, 2);
	ck_assert_uint_eq(mount_checkpoint_begin(r.f->mount), 2);
	mount_checkpoint_end(r.f->mount);
	null_fill(r.f, 5, 2);
	p = recovered(&r, 16 + 3 + 2);
	ck_assert_uint_eq(p->units_found, 7);
	rig_close(&r);
}
END_TEST

START_TEST(a_full_scan_reads_all_that_is_programmed)
{
	struct rig r;
	struct ftl_mount_spec spec;
	open_plain(&r, FTL_SCAN_FULL, &spec);
	null_fill(r.f, 0, 3);
	(void)recovered(&r, 15 + 4 + 2);
	(void)recovered(&r, 15 + 4 + 2); /* closed with three pages */
	null_fill(r.f, 3, 9); /* a whole block and one page of the next */
	(void)recovered(&r, 13 + 4 + 8 + 2 + 2);
	rig_close(&r);
}
END_TEST

START_TEST(a_block_that_holds_nothing_valid_is_erased_by_the_mount)
{
	struct rig r;
	struct ftl_mount_spec spec;
	open_plain(&r, FTL_SCAN_CHECKPOINT, &spec);
	ck_assert(ftl_room(r.f, 0));
	(void)ftl_write_begin(r.f, 0);
	const struct mount_report *p = recovered(&r, 16 + 2);
	ck_assert_uint_eq(p->blocks_erased, 1);
	ck_assert_uint_eq(r.f->mount->erases[0], 1);
	ck_assert_uint_eq(r.f->blocks.region[0].free, 16);
	ck_assert_uint_eq(r.f->counts.erases, 1);
	rig_close(&r);
}
END_TEST

START_TEST(a_run_of_trims_is_one_record_and_pages_of_the_journal_are_counted)
{
	struct rig r;
	struct ftl_mount_spec spec;
	open_plain(&r, FTL_SCAN_CHECKPOINT, &spec);
	struct mount *m = r.f->mount;
	uint64_t before = r.f->counts.programmed[FTL_MAPPING];
	null_fill(r.f, 0, 80);
	for (uint64_t l = 10; l < 30; l++)
		ck_assert(ftl_trim(r.f, l));
	ck_assert_uint_eq(m->trims, 1);
	ck_assert(mount_journal_pending(m));
	for (uint64_t l = 30; l < 80; l += 2)
		ck_assert(ftl_trim(r.f, l));
	ck_assert_uint_eq(m->trims, 1 + 24); /* unit 30 follows the run */
	ck_assert(!mount_may_erase(m, 3)); /* units 24 to 31 */
	ck_assert(mount_may_erase(m, 0));  /* units 0 to 7 */
	ck_assert_uint_eq(mount_journal_begin(m), 1); /* 25 x 24 bytes */
	ck_assert_uint_eq(mount_journal_begin(m), 0); /* one at a time */
	ck_assert(!mount_may_erase(m, 3));
	mount_journal_end(m);
	ck_assert(!mount_journal_pending(m));
	ck_assert(mount_may_erase(m, 3));
	ck_assert_uint_eq(r.f->counts.programmed[FTL_MAPPING] - before, 1);
	/* ten whole blocks, the other first pages, map, marks, journal */
	const struct mount_report *p = recovered(&r, 80 + 6 + 3);
	ck_assert_uint_eq(p->units_found, 80 - 20 - 25);
	ck_assert_uint_eq(p->trims_undone, 0);
	ck_assert(map_trimmed(&r.f->map, 10));
	rig_close(&r);
}
END_TEST

START_TEST(trims_whose_journal_was_not_written_to_its_end_are_undone)
{
	struct rig r;
	struct ftl_mount_spec spec;
	open_plain(&r, FTL_SCAN_CHECKPOINT, &spec);
	null_fill(r.f, 0, 80);
	ck_assert(ftl_trim(r.f, 10));
	ck_assert_uint_eq(mount_journal_begin(r.f->mount), 1);
	ck_assert(ftl_trim(r.f, 11)); /* is not in what is being written */
	mount_journal_end(r.f->mount);
	ck_assert(mount_journal_pending(r.f->mount));
	ck_assert_uint_eq(mount_journal_begin(r.f->mount), 1);
	ck_assert(ftl_trim(r.f, 12));
	const struct mount_report *p = mount_recover(r.f->mount);
	ck_assert_uint_eq(p->trims_undone, 2);
	ck_assert_uint_eq(p->units_found, 79);
	ck_assert(map_trimmed(&r.f->map, 10));
	ck_assert(!mount_journal_pending(r.f->mount));
	rig_holds(&r);
	rig_close(&r);
}
END_TEST

/* The checkpoint forgets what the journal under way was to hold; what comes then waits for a write of its own. */
START_TEST(a_journal_under_way_holds_no_trim_that_came_after_it)
{
	struct rig r;
	struct ftl_mount_spec spec;
	open_plain(&r, FTL_SCAN_CHECKPOINT, &spec);
	struct mount *m = r.f->mount;
	null_fill(r.f, 0, 80);
	ck_assert(ftl_trim(r.f, 10));
	ck_assert_uint_eq(mount_journal_begin(m), 1);
	(void)mount_checkpoint_begin(m);
	mount_checkpoint_end(m);
	ck_assert(!mount_journal_pending(m));
	ck_assert(ftl_trim(r.f, 20));
	ck_assert_uint_eq(mount_journal_begin(m), 0);
	mount_journal_end(m);
	ck_assert(mount_journal_pending(m));
	ck_assert_uint_eq(mount_recover(m)->trims_undone, 1);
	ck_assert(map_trimmed(&r.f->map, 10));
	ck_assert(!map_trimmed(&r.f->map, 20));
	rig_holds(&r);
	rig_close(&r);
}
END_TEST

START_TEST(a_checkpoint_is_due_after_its_interval_or_with_a_journal_half_full)
{
	struct rig r;
	struct ftl_mount_spec spec;
	open_plain(&r, FTL_SCAN_CHECKPOINT, &spec);
	struct mount *m = r.f->mount;
	spec.checkpoint_bytes = 4 * 4096;
	null_fill(r.f, 0, 4);
	ck_assert(!mount_checkpoint_due(m));
	null_fill(r.f, 4, 1);
	ck_assert(mount_checkpoint_due(m));
	(void)mount_checkpoint_begin(m);
	ck_assert(!mount_checkpoint_due(m));
	mount_checkpoint_end(m);
	ck_assert(!mount_checkpoint_due(m));
	rig_close(&r);
	open_plain(&r, FTL_SCAN_CHECKPOINT, &spec);
	spec.journal_records = 16;
	struct err e = {0};
	m = mount_open(r.arena, r.f, &spec, &e);
	null_fill(r.f, 0, 80);
	for (uint64_t l = 0; l < 32; l += 2) {
		ck_assert_int_eq(mount_checkpoint_due(m), l >= 16);
		ck_assert(mount_trim_room(m));
		ck_assert(ftl_trim(r.f, l));
	}
	ck_assert(!mount_trim_room(m));
	(void)mount_checkpoint_begin(m);
	ck_assert(mount_journal_pending(m));
	mount_checkpoint_end(m);
	ck_assert(mount_trim_room(m));
	ck_assert(!mount_journal_pending(m)); /* the checkpoint has what they say */
	ck_assert_uint_eq(mount_recover(m)->units_found, 80 - 16);
	rig_close(&r);
}
END_TEST

#define TIMES "bus: {interface: custom, rate: 1000 MT/s}\narray: {read: [%s], program: [500 us], erase: 3 ms}\n"

static struct nand *bench(struct arena *a, const char *geometry, const char *read)
{
	struct err e = {0};
	struct flash_spec spec;
	struct config *c = config_new(NULL);
	char text[512];
	snprintf(text, sizeof(text), "%s" TIMES, geometry, read);
	ck_assert_int_eq(config_load_text(c, "t.yaml", text, &e), 0);
	ck_assert_msg(config_bind(config_root(c), "flash", &flash_options, NULL, &spec, a, &e) == 0, "%s", e.msg);
	config_free(c);
	struct nand *n = nand_open(a, &spec, &e);
	ck_assert_msg(n != NULL, "%s", e.msg);
	return n;
}

START_TEST(its_time_is_that_of_the_busiest_die)
{
	struct rig r;
	struct ftl_mount_spec spec;
	open_plain(&r, FTL_SCAN_CHECKPOINT, &spec);
	struct nand *n = bench(r.arena, ONE_PLANE, "50 us");
	time_ps us = 1000000, page = 4096000, spare = n->geom.spare_bytes ? 1000 * (time_ps)n->geom.spare_bytes : 512000;
	(void)recovered(&r, 18);
	/* 18 reads, two of them of whole pages, and one page of a checkpoint */
	ck_assert_int_eq(mount_ps(r.f->mount, n), 18 * 50 * us + 16 * spare + 2 * page + 500 * us + page);
	ck_assert(ftl_room(r.f, 0));
	(void)ftl_write_begin(r.f, 0);
	(void)recovered(&r, 18);
	ck_assert_int_eq(mount_ps(r.f->mount, n), 18 * 50 * us + 16 * spare + 2 * page + 500 * us + page + 3000 * us);
	rig_close(&r);
}
END_TEST

START_TEST(dies_read_in_parallel_and_share_their_channel)
{
	struct rig r;
	struct err e = {0};
	struct ftl_mount_spec spec = {.scan = FTL_SCAN_CHECKPOINT, .journal_records = 16};
	rig_open(&r, TINY "ftl: {map: {over_provisioning: 95 %}}\n");
	struct mount *m = mount_open(r.arena, r.f, &spec, &e);
	struct nand *n = bench(r.arena, TINY, "50 us");
	time_ps us = 1000000, page = 8192000, spare = n->geom.spare_bytes ? 1000 * (time_ps)n->geom.spare_bytes : 512000;
	ck_assert_uint_eq(mount_recover(m)->pages, 96 + 2);
	/* 24 blocks a die; map and marks are read from the first two dies, which are of one channel */
	ck_assert_int_eq(mount_ps(m, n), 25 * 50 * us + 24 * spare + page + 500 * us + page);
	/* an array far faster than the bus: what counts is the channel of both */
	n = bench(r.arena, TINY, "1 ps");
	ck_assert_int_eq(mount_ps(m, n), 2 * (24 * spare + page) + 500 * us + page);
	rig_close(&r);
}
END_TEST

START_TEST(options_fill_the_spec)
{
	struct err e = {0};
	struct arena *a = arena_new();
	struct config *c = config_new(NULL);
	struct ftl_mount_spec s;
	ck_assert_int_eq(config_load_text(c, "t.yaml", "mount: {scan: full, checkpoint: 64 MiB, journal: 100}\nnone: {}\n"
		"bad: {journal: 3}\n", &e), 0);
	ck_assert_int_eq(config_bind(config_get(config_root(c), "mount"), "mount", &ftl_mount_group, NULL, &s, a, &e), 0);
	ck_assert_int_eq(s.scan, FTL_SCAN_FULL);
	ck_assert_int_eq(s.checkpoint_bytes, 64 << 20);
	ck_assert_int_eq(s.journal_records, 100);
	ck_assert_int_eq(config_bind(config_get(config_root(c), "none"), "none", &ftl_mount_group, NULL, &s, a, &e), 0);
	ck_assert_int_eq(s.scan, FTL_SCAN_CHECKPOINT);
	ck_assert_int_eq(config_bind(config_get(config_root(c), "bad"), "bad", &ftl_mount_group, NULL, &s, a, &e), -1);
	config_free(c);
	arena_free(a);
}
END_TEST

START_TEST(without_memory_it_says_so)
{
	for (uint64_t n = 1; n < 16; n++) {
		struct rig r;
		struct err e = {0};
		struct ftl_mount_spec spec = {.journal_records = 16};
		rig_open(&r, PLAIN);
		arena_fail_at(r.arena, n);
		ck_assert(mount_open(r.arena, r.f, &spec, &e) == NULL);
		ck_assert_str_eq(e.msg, "no memory for the out-of-band metadata of the flash");
		ck_assert(r.f->mount == NULL);
		rig_close(&r);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("ftl/mount_cost");
	TCase *t = tcase_create("all");
	tcase_add_test(t, a_mount_reads_the_checkpoint_each_first_page_and_what_is_newer);
	tcase_add_test(t, a_full_scan_reads_all_that_is_programmed);
	tcase_add_test(t, a_block_that_holds_nothing_valid_is_erased_by_the_mount);
	tcase_add_test(t, a_run_of_trims_is_one_record_and_pages_of_the_journal_are_counted);
	tcase_add_test(t, trims_whose_journal_was_not_written_to_its_end_are_undone);
	tcase_add_test(t, a_journal_under_way_holds_no_trim_that_came_after_it);
	tcase_add_test(t, a_checkpoint_is_due_after_its_interval_or_with_a_journal_half_full);
	tcase_add_test(t, its_time_is_that_of_the_busiest_die);
	tcase_add_test(t, dies_read_in_parallel_and_share_their_channel);
	tcase_add_test(t, options_fill_the_spec);
	tcase_add_test(t, without_memory_it_says_so);
	suite_add_tcase(s, t);
	return run_suite(s);
}
