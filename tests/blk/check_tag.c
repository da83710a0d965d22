/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The content-tag oracle: what it must report, what it must let pass, and a plain model
 * that keeps every sector's whole history, followed through random operations.
 */
#include <check.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "blk/tag.h"
#include "sim/arena.h"
#include "sim/rng.h"

static struct blk_tags *t;

static void open_tags(void)
{
	t = blk_tags_new();
	ck_assert_ptr_nonnull(t);
}

static void close_tags(void)
{
	blk_tags_free(t);
	t = NULL;
}

/* Losses as they are reported. */
#define LOSSES 4096
static struct blk_tag_loss loss[LOSSES];
static size_t losses;

static void keep_loss(void *ctx, const struct blk_tag_loss *l)
{
	(void)ctx;
	ck_assert_uint_lt(losses, LOSSES);
	loss[losses++] = *l;
}

static size_t cut(void)
{
	losses = 0;
	size_t n = blk_tags_power_cut(t, keep_loss, NULL, NULL);
	ck_assert_uint_eq(n, losses);
	ck_assert_uint_eq(blk_tags_dirty(t), 0);
	return n;
}

static void accept_and_ack(uint64_t lba, uint32_t sectors, uint64_t tag, time_ps now)
{
	blk_tags_note_latest(t, lba, sectors, tag);
	blk_tags_note_acked(t, lba, sectors, tag, now);
}

static void to_medium(uint64_t lba, uint32_t sectors, uint64_t tag)
{
	blk_tags_note_open(t, lba, sectors, tag);
	blk_tags_note_durable(t, lba, sectors, tag);
}

/* ---- one write ---------------------------------------------------------------------- */

START_TEST(nothing_written_reads_as_zeros)
{
	ck_assert_uint_eq(blk_tags_latest(t, 0), TAG_ZERO);
	ck_assert_uint_eq(blk_tags_durable(t, UINT64_MAX), TAG_ZERO);
	ck_assert(!blk_tags_open(t, 12345));
	ck_assert_uint_eq(blk_tags_dirty(t), 0);
	ck_assert_uint_eq(cut(), 0);
}
END_TEST

START_TEST(a_write_goes_its_way)
{
	blk_tags_note_latest(t, 60, 8, 7);
	for (uint64_t lba = 60; lba < 68; lba++) {
		ck_assert_uint_eq(blk_tags_latest(t, lba), 7);
		ck_assert_uint_eq(blk_tags_durable(t, lba), TAG_ZERO);
	}
	ck_assert_uint_eq(blk_tags_latest(t, 59), TAG_ZERO);
	ck_assert_uint_eq(blk_tags_latest(t, 68), TAG_ZERO);
	ck_assert_uint_eq(blk_tags_dirty(t), 0);
	blk_tags_note_acked(t, 60, 8, 7, 100);
	ck_assert_uint_eq(blk_tags_dirty(t), 8);
	blk_tags_note_open(t, 60, 8, 7);
	ck_assert(blk_tags_open(t, 60) && blk_tags_open(t, 67) && !blk_tags_open(t, 68));
	blk_tags_note_durable(t, 60, 5, 7);
	ck_assert_uint_eq(blk_tags_dirty(t), 3);
	ck_assert(!blk_tags_open(t, 64) && blk_tags_open(t, 65));
	blk_tags_note_durable(t, 65, 3, 7);
	ck_assert_uint_eq(blk_tags_durable(t, 67), 7);
	ck_assert_uint_eq(cut(), 0);
	ck_assert_uint_eq(blk_tags_latest(t, 60), 7);
}
END_TEST

/* ---- what must be reported ---------------------------------------------------------- */

START_TEST(an_acknowledged_write_that_is_lost_is_reported)
{
	accept_and_ack(8, 2, 5, 50);
	to_medium(8, 2, 5);
	accept_and_ack(9, 1, 6, 70);
	ck_assert_uint_eq(cut(), 1);
	ck_assert_uint_eq(loss[0].lba, 9);
	ck_assert_uint_eq(loss[0].acked_tag, 6);
	ck_assert_uint_eq(loss[0].durable_tag, 5);
	ck_assert_int_eq(loss[0].acked_ps, 70);
	ck_assert(!loss[0].open);
	ck_assert_uint_eq(blk_tags_latest(t, 9), 5); /* the old content is what there is */
	ck_assert_uint_eq(cut(), 0);
}
END_TEST

START_TEST(a_loss_behind_an_unacknowledged_overwrite_is_reported)
{
	accept_and_ack(3, 1, 5, 50);
	blk_tags_note_latest(t, 3, 1, 6);
	ck_assert_uint_eq(cut(), 1);
	ck_assert_uint_eq(loss[0].acked_tag, 5);
	ck_assert_uint_eq(loss[0].durable_tag, TAG_ZERO);
}
END_TEST

START_TEST(a_write_acknowledged_after_it_was_overwritten_is_kept_or_reported)
{
	blk_tags_note_latest(t, 3, 1, 5);
	blk_tags_note_latest(t, 3, 1, 6);
	ck_assert_uint_eq(blk_tags_dirty(t), 0);
	blk_tags_note_acked(t, 3, 1, 5, 50);
	ck_assert_uint_eq(blk_tags_dirty(t), 1);
	to_medium(3, 1, 5);
	ck_assert_uint_eq(blk_tags_dirty(t), 0);
	blk_tags_note_acked(t, 3, 1, 6, 60);
	ck_assert_uint_eq(blk_tags_dirty(t), 1);
	ck_assert_uint_eq(blk_tags_latest(t, 3), 6);
}
END_TEST

START_TEST(an_older_content_written_over_a_newer_is_reported)
{
	accept_and_ack(3, 1, 5, 50);
	accept_and_ack(3, 1, 6, 60);
	to_medium(3, 1, 6);
	ck_assert_uint_eq(blk_tags_dirty(t), 0);
	to_medium(3, 1, 5);
	ck_assert_uint_eq(cut(), 1);
	ck_assert_uint_eq(loss[0].acked_tag, 6);
	ck_assert_uint_eq(loss[0].durable_tag, 5);
}
END_TEST

START_TEST(a_write_that_went_to_the_wrong_sector_is_reported)
{
	accept_and_ack(100, 1, 5, 50);
	to_medium(1000, 1, 5);
	ck_assert_uint_eq(cut(), 2);
	ck_assert_uint_eq(loss[0].lba, 100);
	ck_assert_uint_eq(loss[1].lba, 1000);
	ck_assert_uint_eq(loss[1].acked_tag, TAG_ZERO);
	ck_assert_uint_eq(loss[1].durable_tag, 5);
	ck_assert_int_eq(loss[1].acked_ps, -1);
}
END_TEST

START_TEST(a_trim_that_is_undone_is_reported)
{
	accept_and_ack(3, 1, 5, 50);
	to_medium(3, 1, 5);
	accept_and_ack(3, 1, TAG_ZERO, 60);
	ck_assert_uint_eq(blk_tags_latest(t, 3), TAG_ZERO);
	ck_assert_uint_eq(cut(), 1);
	ck_assert_uint_eq(loss[0].acked_tag, TAG_ZERO);
	ck_assert_uint_eq(loss[0].durable_tag, 5);
	ck_assert_int_eq(loss[0].acked_ps, 60);
}
END_TEST

/* ---- what must pass ----------------------------------------------------------------- */

START_TEST(what_was_never_acknowledged_may_be_lost_or_kept)
{
	blk_tags_note_latest(t, 3, 2, 5);
	to_medium(3, 1, 5);
	ck_assert_uint_eq(cut(), 0);
	ck_assert_uint_eq(blk_tags_latest(t, 3), 5);
	ck_assert_uint_eq(blk_tags_latest(t, 4), TAG_ZERO);
}
END_TEST

START_TEST(any_content_newer_than_the_acknowledged_may_be_on_the_medium)
{
	accept_and_ack(3, 1, 5, 50);
	for (uint64_t tag = 6; tag < 10; tag++)
		blk_tags_note_latest(t, 3, 1, tag);
	for (uint64_t tag = 5; tag < 10; tag++) {
		to_medium(3, 1, tag);
		ck_assert_uint_eq(blk_tags_dirty(t), 0);
	}
	blk_tags_note_acked(t, 3, 1, 8, 60); /* now 5, 6 and 7 are history */
	for (uint64_t tag = 5; tag < 10; tag++) {
		to_medium(3, 1, tag);
		ck_assert_uint_eq(blk_tags_dirty(t), tag < 8);
	}
}
END_TEST

START_TEST(equal_contents_are_equally_good)
{
	accept_and_ack(3, 1, 5, 50);
	to_medium(3, 1, 5);
	accept_and_ack(3, 1, 6, 60);
	accept_and_ack(3, 1, 5, 70); /* as before */
	ck_assert_uint_eq(cut(), 0);

	/* Two trims with a write between: the first acknowledgement is the first trim's. */
	blk_tags_note_latest(t, 3, 1, TAG_ZERO);
	blk_tags_note_latest(t, 3, 1, 6);
	blk_tags_note_latest(t, 3, 1, TAG_ZERO);
	blk_tags_note_acked(t, 3, 1, TAG_ZERO, 80);
	to_medium(3, 1, 6);
	ck_assert_uint_eq(blk_tags_dirty(t), 0);
	blk_tags_note_acked(t, 3, 1, TAG_ZERO, 90);
	ck_assert_uint_eq(blk_tags_dirty(t), 1);
}
END_TEST

/* ---- sectors in flight to the medium ------------------------------------------------ */

static uint64_t choose_by_lba(void *ctx, uint64_t lba, uint64_t old_tag, uint64_t new_tag)
{
	ck_assert_ptr_eq(ctx, &losses);
	return lba % 3 == 0 ? old_tag : lba % 3 == 1 ? new_tag : TAG_TORN;
}

START_TEST(an_open_sector_comes_back_old_new_or_torn)
{
	accept_and_ack(30, 3, 5, 50);
	to_medium(30, 3, 5);
	accept_and_ack(30, 3, 6, 60);
	blk_tags_note_open(t, 30, 3, 6);
	losses = 0;
	ck_assert_uint_eq(blk_tags_power_cut(t, keep_loss, choose_by_lba, &losses), 3);
	for (int i = 0; i < 3; i++) {
		ck_assert(loss[i].open);
		ck_assert_uint_eq(loss[i].durable_tag, 5);
	}
	ck_assert_uint_eq(blk_tags_latest(t, 30), 5);
	ck_assert_uint_eq(blk_tags_latest(t, 31), 6);
	ck_assert_uint_eq(blk_tags_latest(t, 32), TAG_TORN);
	ck_assert_uint_eq(blk_tags_durable(t, 32), TAG_TORN);
	ck_assert(!blk_tags_open(t, 32));
	ck_assert_uint_eq(cut(), 0);
}
END_TEST

START_TEST(without_a_choice_an_open_sector_stays_old)
{
	accept_and_ack(30, 1, 6, 60);
	blk_tags_note_open(t, 30, 1, 6);
	ck_assert_uint_eq(blk_tags_power_cut(t, NULL, NULL, NULL), 1);
	ck_assert_uint_eq(blk_tags_latest(t, 30), TAG_ZERO);
}
END_TEST

START_TEST(a_sector_stays_open_until_its_own_tag_has_landed)
{
	blk_tags_note_latest(t, 30, 1, 5);
	blk_tags_note_open(t, 30, 1, 5);
	blk_tags_note_latest(t, 30, 1, 6);
	blk_tags_note_open(t, 30, 1, 6);
	blk_tags_note_durable(t, 30, 1, 5);
	ck_assert(blk_tags_open(t, 30));
	blk_tags_note_durable(t, 30, 1, 6);
	ck_assert(!blk_tags_open(t, 30));
}
END_TEST

/* ---- the map ------------------------------------------------------------------------ */

START_TEST(losses_come_in_lba_order_from_anywhere)
{
	static const uint64_t bases[] = {0, UINT64_C(1) << 40, UINT64_C(1) << 62, 1 << 20};
	for (uint64_t i = 0; i < 1000; i++) {
		uint64_t lba = bases[i % 4] + (i * 7919 % 1000) * 64 + i % 64;
		accept_and_ack(lba, 1, i + 1, (time_ps)i);
	}
	ck_assert_uint_eq(cut(), 1000);
	for (size_t i = 0; i < 1000; i++) {
		if (i > 0)
			ck_assert_uint_gt(loss[i].lba, loss[i - 1].lba);
		uint64_t n = loss[i].acked_tag - 1;
		ck_assert_uint_eq(loss[i].lba, bases[n % 4] + (n * 7919 % 1000) * 64 + n % 64);
		ck_assert_int_eq(loss[i].acked_ps, (time_ps)n);
	}
}
END_TEST

START_TEST(many_extents_are_found_again)
{
	for (uint64_t i = 0; i < 20000; i++)
		blk_tags_note_latest(t, i * 640000, 1, i + 1);
	for (uint64_t i = 0; i < 20000; i++)
		if (blk_tags_latest(t, i * 640000) != i + 1)
			ck_abort_msg("extent %lu is lost", (unsigned long)i);
	ck_assert(!blk_tags_exhausted(t));
}
END_TEST

START_TEST(a_trim_of_untouched_sectors_needs_no_memory)
{
	accept_and_ack(1000, 1, 5, 1);
	blk_tags_fail_at(t, 1);
	accept_and_ack(0, 1 << 24, TAG_ZERO, 10);
	blk_tags_note_durable(t, 0, 1 << 24, TAG_ZERO);
	ck_assert(!blk_tags_exhausted(t));
	ck_assert_uint_eq(blk_tags_latest(t, 1000), TAG_ZERO);
}
END_TEST

START_TEST(exhausted_memory_is_told)
{
	blk_tags_fail_at(t, 1); /* an extent */
	blk_tags_note_latest(t, 0, 1, 5);
	ck_assert(blk_tags_exhausted(t));
	ck_assert_uint_eq(blk_tags_latest(t, 0), TAG_ZERO);
	close_tags();

	open_tags();
	blk_tags_note_latest(t, 0, 1, 5);
	ck_assert(!blk_tags_exhausted(t));
	blk_tags_fail_at(t, 1); /* the list of what is pending */
	blk_tags_note_latest(t, 0, 1, 6);
	ck_assert(blk_tags_exhausted(t));
	close_tags();

	for (uint64_t nth = 1; nth < 200; nth++) { /* the growing table too */
		open_tags();
		blk_tags_fail_at(t, nth);
		for (uint64_t i = 0; i < 300; i++)
			blk_tags_note_latest(t, i * 64, 1, 5);
		ck_assert(blk_tags_exhausted(t));
		close_tags();
	}
	open_tags();
}
END_TEST

START_TEST(freeing_null_is_legal)
{
	blk_tags_free(NULL);
}
END_TEST

/* ---- a plain model ------------------------------------------------------------------ */

#define SPACE 200     /* sectors, across four extents */
#define BASE 1000     /* LBA of the first: in the middle of an extent */
#define HISTORY 4000

/* One sector, with all it was ever given; the last acknowledged is history[floor]. */
struct model {
	uint64_t history[HISTORY];
	size_t count, floor;
	uint64_t durable, opened;
	time_ps acked_ps;
	bool open;
};

static struct model model[SPACE];

static void model_restart(struct model *m, uint64_t content)
{
	m->history[0] = content;
	m->count = 1;
	m->floor = 0;
	m->durable = content;
	m->open = false;
	m->acked_ps = -1;
}

static bool model_dirty(const struct model *m)
{
	for (size_t i = m->floor; i < m->count; i++)
		if (m->history[i] == m->durable)
			return false;
	return true;
}

static void model_ack(struct model *m, uint64_t tag, time_ps now)
{
	for (size_t i = m->floor + 1; i < m->count; i++)
		if (m->history[i] == tag) {
			m->floor = i;
			m->acked_ps = now;
			return;
		}
}

static uint64_t choose(void *ctx, uint64_t lba, uint64_t old_tag, uint64_t new_tag)
{
	uint64_t h = (lba + *(uint64_t *)ctx) * UINT64_C(0x9e3779b97f4a7c15) >> 60;
	return h < 5 ? old_tag : h < 10 ? new_tag : TAG_TORN;
}

static void compare(void)
{
	uint64_t dirty = 0;
	for (size_t i = 0; i < SPACE; i++) {
		const struct model *m = &model[i];
		if (blk_tags_latest(t, BASE + i) != m->history[m->count - 1] ||
			blk_tags_durable(t, BASE + i) != m->durable ||
			blk_tags_open(t, BASE + i) != m->open)
			ck_abort_msg("sector %zu differs from the model", i);
		dirty += model_dirty(m);
	}
	ck_assert_uint_eq(blk_tags_dirty(t), dirty);
}

static size_t model_cut(uint64_t salt)
{
	losses = 0;
	size_t n = blk_tags_power_cut(t, keep_loss, choose, &salt), at = 0;
	ck_assert_uint_eq(n, losses);
	for (size_t i = 0; i < SPACE; i++) {
		struct model *m = &model[i];
		if (model_dirty(m)) {
			ck_assert_uint_lt(at, losses);
			const struct blk_tag_loss *l = &loss[at++];
			ck_assert_uint_eq(l->lba, BASE + i);
			ck_assert_uint_eq(l->acked_tag, m->history[m->floor]);
			ck_assert_uint_eq(l->durable_tag, m->durable);
			ck_assert_int_eq(l->open, m->open);
			if (l->acked_tag != TAG_ZERO) /* of zeros over nothing no time is kept */
				ck_assert_int_eq(l->acked_ps, m->acked_ps);
		}
		model_restart(m, m->open ? choose(&salt, BASE + i, m->durable, m->opened) : m->durable);
	}
	ck_assert_uint_eq(at, losses);
	return n;
}

/* One random operation on the oracle and the model. Of six tags, so that they collide. */
static void random_step(struct rng *r, time_ps now)
{
	size_t first = (size_t)rng_below(r, SPACE);
	uint32_t n = 1 + (uint32_t)rng_below(r, rng_below(r, 4) ? 8 : SPACE);
	if (n > SPACE - first)
		n = (uint32_t)(SPACE - first);
	uint64_t tag = rng_below(r, 6), what = rng_below(r, 5);
	for (size_t i = first; i < first + n; i++) {
		struct model *m = &model[i];
		if (what <= 1)
			m->history[m->count++] = tag;
		else if (what == 2)
			model_ack(m, tag, now);
		else if (what == 3) {
			m->open = true;
			m->opened = tag;
		} else {
			m->durable = tag;
			if (m->opened == tag)
				m->open = false;
		}
	}
	if (what <= 1)
		blk_tags_note_latest(t, BASE + first, n, tag);
	else if (what == 2)
		blk_tags_note_acked(t, BASE + first, n, tag, now);
	else if (what == 3)
		blk_tags_note_open(t, BASE + first, n, tag);
	else
		blk_tags_note_durable(t, BASE + first, n, tag);
}

START_TEST(random_operations_follow_the_model)
{
	struct arena *a = arena_new();
	struct rng *r = rng_new(a, (uint64_t)_i, "tags");
	for (size_t i = 0; i < SPACE; i++)
		model_restart(&model[i], TAG_ZERO);
	size_t reported = 0;
	for (time_ps now = 0; now < 2000; now++) {
		random_step(r, now);
		compare();
		if (rng_below(r, 50) == 0) {
			reported += model_cut(rng_u64(r));
			compare();
		}
	}
	ck_assert_uint_gt(reported, 100); /* or the test would show nothing */
	arena_free(a);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("blk/tag");
	TCase *c = tcase_create("tag");
	tcase_add_checked_fixture(c, open_tags, close_tags);
	tcase_add_test(c, nothing_written_reads_as_zeros);
	tcase_add_test(c, a_write_goes_its_way);
	tcase_add_test(c, an_acknowledged_write_that_is_lost_is_reported);
	tcase_add_test(c, a_loss_behind_an_unacknowledged_overwrite_is_reported);
	tcase_add_test(c, a_write_acknowledged_after_it_was_overwritten_is_kept_or_reported);
	tcase_add_test(c, an_older_content_written_over_a_newer_is_reported);
	tcase_add_test(c, a_write_that_went_to_the_wrong_sector_is_reported);
	tcase_add_test(c, a_trim_that_is_undone_is_reported);
	tcase_add_test(c, what_was_never_acknowledged_may_be_lost_or_kept);
	tcase_add_test(c, any_content_newer_than_the_acknowledged_may_be_on_the_medium);
	tcase_add_test(c, equal_contents_are_equally_good);
	tcase_add_test(c, an_open_sector_comes_back_old_new_or_torn);
	tcase_add_test(c, without_a_choice_an_open_sector_stays_old);
	tcase_add_test(c, a_sector_stays_open_until_its_own_tag_has_landed);
	tcase_add_test(c, losses_come_in_lba_order_from_anywhere);
	tcase_add_test(c, many_extents_are_found_again);
	tcase_add_test(c, a_trim_of_untouched_sectors_needs_no_memory);
	tcase_add_test(c, exhausted_memory_is_told);
	tcase_add_test(c, freeing_null_is_legal);
	tcase_add_loop_test(c, random_operations_follow_the_model, 0, 10);
	tcase_set_timeout(c, 60);
	suite_add_tcase(s, c);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
