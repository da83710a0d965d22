/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ftl/ftl_fixture.h"

#include "ftl/blocks.h"

static void holds(const struct ftl_blocks *b)
{
	const char *why = "";
	ck_assert_msg(blocks_check(b, &why), "%s", why);
}

/* A block taken, written and full with `valid` units. */
static uint32_t full(struct ftl_blocks *b, uint32_t region, uint32_t valid)
{
	uint32_t k = blocks_take(b, region, false);
	b->block[k].valid = valid & FTL_UNITS_MAX;
	blocks_close(b, k);
	return k;
}

static void erase(struct ftl_blocks *b, uint32_t k)
{
	blocks_take_victim(b, k);
	b->block[k].valid = 0;
	blocks_erased(b, k);
}

START_TEST(a_block_is_sixteen_bytes)
{
	ck_assert_uint_eq(sizeof(struct ftl_block), 16);
}
END_TEST

START_TEST(free_blocks_come_least_worn_first)
{
	struct arena *a = arena_new();
	struct ftl_blocks b;
	ck_assert_int_eq(blocks_init(&b, a, 1, 4, 8, FTL_INDEX_ORDER, true), 0);
	for (uint32_t i = 0; i < 4; i++)
		ck_assert_uint_eq(full(&b, 0, 8), i);
	ck_assert_uint_eq(blocks_take(&b, 0, false), FTL_NO_BLOCK);
	b.block[2].erases = 5, b.region[0].erases = 5;
	erase(&b, 2); /* 6 */
	erase(&b, 3); /* 1 */
	erase(&b, 1); /* 1 */
	holds(&b);
	ck_assert_uint_eq(blocks_take(&b, 0, false), 1);
	ck_assert_uint_eq(blocks_take(&b, 0, true), 2); /* the most worn, when asked for */
	ck_assert_uint_eq(blocks_take(&b, 0, false), 3);
	ck_assert_uint_eq(b.region[0].max_erases, 6);
	arena_free(a);
}
END_TEST

START_TEST(free_blocks_come_in_order_of_their_erase)
{
	struct arena *a = arena_new();
	struct ftl_blocks b;
	ck_assert_int_eq(blocks_init(&b, a, 1, 4, 8, FTL_INDEX_ORDER, false), 0);
	for (uint32_t i = 0; i < 4; i++)
		full(&b, 0, 8);
	erase(&b, 2);
	erase(&b, 0);
	erase(&b, 3);
	holds(&b);
	b.block[0].erases = 9, b.region[0].erases += 8;
	ck_assert_uint_eq(blocks_take(&b, 0, true), 0); /* from the middle */
	ck_assert_uint_eq(blocks_take(&b, 0, false), 2);
	ck_assert_uint_eq(blocks_take(&b, 0, false), 3);
	arena_free(a);
}
END_TEST

START_TEST(a_block_with_programs_under_way_is_not_full)
{
	struct arena *a = arena_new();
	struct ftl_blocks b;
	ck_assert_int_eq(blocks_init(&b, a, 1, 4, 8, FTL_INDEX_BUCKETS, true), 0);
	uint32_t k = blocks_take(&b, 0, false);
	b.block[k].pending = 1;
	blocks_close(&b, k);
	ck_assert_int_eq(b.block[k].state, FTL_CLOSING);
	ck_assert_uint_eq(b.region[0].full, 0);
	b.block[k].pending = 0;
	blocks_fill(&b, k);
	ck_assert_uint_eq(b.region[0].full, 1);
	holds(&b);
	arena_free(a);
}
END_TEST

START_TEST(every_index_follows_random_changes)
{
	for (int index = FTL_INDEX_BUCKETS; index <= FTL_INDEX_SET; index++) {
		struct arena *a = arena_new();
		struct rng *rng = rng_new(a, 3, "blocks");
		struct ftl_blocks b;
		ck_assert_int_eq(blocks_init(&b, a, 3, 20, 6, (enum ftl_index)index, index % 2), 0);
		for (int i = 0; i < 20000; i++) {
			uint32_t k = (uint32_t)rng_below(rng, 60), region = k / 20;
			if (b.block[k].state == FTL_FULL && b.block[k].valid > 0 && rng_below(rng, 4) != 0)
				blocks_lose(&b, k);
			else if (b.block[k].state == FTL_FULL)
				erase(&b, k);
			else if (b.region[region].free > 0)
				full(&b, region, 6);
			if (i % 50 == 0)
				holds(&b);
		}
		arena_free(a);
	}
}
END_TEST

START_TEST(a_bad_block_is_never_given_out)
{
	for (int worn = 0; worn < 2; worn++) {
		struct arena *a = arena_new();
		struct ftl_blocks b;
		ck_assert_int_eq(blocks_init(&b, a, 2, 4, 8, FTL_INDEX_BUCKETS, worn), 0);
		blocks_mark_bad(&b, 5);
		holds(&b);
		for (int i = 0; i < 3; i++)
			ck_assert_uint_ne(blocks_take(&b, 1, false), 5);
		ck_assert_uint_eq(blocks_take(&b, 1, false), FTL_NO_BLOCK);
		arena_free(a);
	}
}
END_TEST

START_TEST(the_check_sees_what_does_not_agree)
{
	struct arena *a = arena_new();
	struct ftl_blocks b;
	const char *why = NULL;
	ck_assert_int_eq(blocks_init(&b, a, 1, 4, 8, FTL_INDEX_BUCKETS, true), 0);
	uint32_t k = full(&b, 0, 8);
	b.block[k].valid = 7; /* behind the index's back */
	ck_assert(!blocks_check(&b, &why));
	ck_assert_str_eq(why, "the count of full blocks");
	b.block[k].valid = 8;
	holds(&b);
	b.block[3].erases++;
	ck_assert(!blocks_check(&b, &why));
	ck_assert_str_eq(why, "the sum of erases");
	arena_free(a);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("ftl/blocks");
	TCase *t = tcase_create("all");
	tcase_add_test(t, a_block_is_sixteen_bytes);
	tcase_add_test(t, free_blocks_come_least_worn_first);
	tcase_add_test(t, free_blocks_come_in_order_of_their_erase);
	tcase_add_test(t, a_block_with_programs_under_way_is_not_full);
	tcase_add_test(t, every_index_follows_random_changes);
	tcase_add_test(t, a_bad_block_is_never_given_out);
	tcase_add_test(t, the_check_sees_what_does_not_agree);
	suite_add_tcase(s, t);
	return run_suite(s);
}
