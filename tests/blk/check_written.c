/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The set of written sectors, against an array of them. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "blk/written.h"
#include "sim/rng.h"

static struct blk_written w;

static void empty(void) { memset(&w, 0, sizeof(w)); }
static void drop(void) { blk_written_free(&w); }

START_TEST(nothing_is_written_at_first)
{
	ck_assert_uint_eq(blk_written_missing(&w, 0, 100), 100);
	ck_assert_uint_eq(blk_written_missing(&w, UINT64_MAX - 100, 100), 100);
	blk_written_clear(&w, 5, 100);
	ck_assert_ptr_null(w.table);
}
END_TEST

START_TEST(a_range_is_marked_and_cleared_to_the_sector)
{
	ck_assert(blk_written_mark(&w, 60, 10)); /* over a border of 64 */
	ck_assert_uint_eq(blk_written_missing(&w, 60, 10), 0);
	ck_assert_uint_eq(blk_written_missing(&w, 59, 12), 2);
	ck_assert_uint_eq(blk_written_missing(&w, 0, 200), 190);
	blk_written_clear(&w, 63, 2);
	ck_assert_uint_eq(blk_written_missing(&w, 60, 10), 2);
	ck_assert_uint_eq(blk_written_missing(&w, 63, 2), 2);
	ck_assert(blk_written_mark(&w, 64, 64)); /* one whole region */
	ck_assert_uint_eq(blk_written_missing(&w, 64, 64), 0);
	ck_assert(blk_written_mark(&w, 7, 0));
	ck_assert_uint_eq(blk_written_missing(&w, 7, 1), 1);
}
END_TEST

START_TEST(the_far_end_of_the_largest_drive_is_as_good)
{
	uint64_t last = (UINT64_C(1) << 58) - 1;
	ck_assert(blk_written_mark(&w, last - 5, 6));
	ck_assert_uint_eq(blk_written_missing(&w, last - 9, 10), 4);
	ck_assert_uint_eq(blk_written_missing(&w, 0, 1), 1);
}
END_TEST

START_TEST(a_long_range_grows_the_table)
{
	ck_assert(blk_written_mark(&w, 1000, 10000000));
	ck_assert_uint_eq(blk_written_missing(&w, 1000, 10000000), 0);
	ck_assert_uint_eq(blk_written_missing(&w, 999, 10000002), 2);
	/* at most 3/4 full, at least 3/8 once grown: the memory it states */
	ck_assert_uint_le(w.used * 4, UINT64_C(3) << w.bits);
	ck_assert_uint_ge(w.used * 8, UINT64_C(3) << w.bits);
}
END_TEST

#define SPAN 20000

START_TEST(random_use_agrees_with_an_array)
{
	struct arena *a = arena_new();
	struct rng *r = rng_new(a, (uint64_t)_i, "written");
	static bool there[SPAN];
	memset(there, 0, sizeof(there));
	uint64_t base = rng_u64(r) >> 6;
	for (int n = 0; n < 20000; n++) {
		uint32_t at = (uint32_t)rng_below(r, SPAN), most = SPAN - at;
		uint32_t count = (uint32_t)rng_below(r, (most < 300 ? most : 300) + 1), want = 0;
		switch (rng_below(r, 3)) {
		case 0:
			ck_assert(blk_written_mark(&w, base + at, count));
			memset(there + at, 1, count);
			break;
		case 1:
			blk_written_clear(&w, base + at, count);
			memset(there + at, 0, count);
			break;
		default:
			for (uint32_t i = 0; i < count; i++)
				want += !there[at + i];
			ck_assert_uint_eq(blk_written_missing(&w, base + at, count), want);
		}
	}
	arena_free(a);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("written");
	TCase *t = tcase_create("written");
	tcase_add_checked_fixture(t, empty, drop);
	tcase_add_test(t, nothing_is_written_at_first);
	tcase_add_test(t, a_range_is_marked_and_cleared_to_the_sector);
	tcase_add_test(t, the_far_end_of_the_largest_drive_is_as_good);
	tcase_add_test(t, a_long_range_grows_the_table);
	tcase_add_loop_test(t, random_use_agrees_with_an_array, 0, 5);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
