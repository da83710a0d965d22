/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ftl/ftl_fixture.h"

START_TEST(an_entry_is_never_written_mapped_or_trimmed)
{
	struct ftl_map m;
	ck_assert_int_eq(map_open(&m, 100, 120), 0);
	ck_assert_uint_eq(map_get(&m, 7), FTL_NOWHERE);
	ck_assert(!map_trimmed(&m, 7));
	map_set(&m, 7, 0);
	map_set_owner(&m, 0, 7);
	ck_assert_uint_eq(map_get(&m, 7), 0);
	ck_assert(map_valid(&m, 0));
	ck_assert_uint_eq(map_get(&m, 6), FTL_NOWHERE);
	ck_assert_uint_eq(map_get(&m, 8), FTL_NOWHERE);
	map_trim(&m, 7);
	ck_assert_uint_eq(map_get(&m, 7), FTL_NOWHERE);
	ck_assert(map_trimmed(&m, 7));
	ck_assert(!map_valid(&m, 0));
	ck_assert_uint_eq(map_owner(&m, 0), 7); /* the flash still says so */
	map_close(&m);
}
END_TEST

START_TEST(four_bytes_an_entry_while_numbers_fit_and_five_beyond)
{
	struct ftl_map m;
	ck_assert_int_eq(map_open(&m, 1000, UINT64_C(1) << 20), 0);
	ck_assert_uint_eq(m.forward.width, 4);
	map_close(&m);
	/* 2^32 physical units and the two marks do not fit into 32 bits. Memory is not touched, so it costs nothing. */
	uint64_t many = UINT64_C(1) << 32;
	ck_assert_int_eq(map_open(&m, many / 2, many - MAP_FIRST), 0);
	ck_assert_uint_eq(m.forward.width, 4);
	map_set(&m, 5, many - MAP_FIRST - 1);
	ck_assert_uint_eq(map_get(&m, 5), many - MAP_FIRST - 1);
	map_close(&m);
	ck_assert_int_eq(map_open(&m, many / 2, many + 10), 0);
	ck_assert_uint_eq(m.forward.width, 5);
	ck_assert_uint_eq(m.reverse.width, 4);
	for (uint64_t i = 0; i < 100; i++)
		map_set(&m, i, many + 9 - i % 20);
	map_set(&m, many / 2 - 1, many + 9);
	for (uint64_t i = 0; i < 100; i++)
		ck_assert_uint_eq(map_get(&m, i), many + 9 - i % 20);
	ck_assert_uint_eq(map_get(&m, many / 2 - 1), many + 9);
	map_close(&m);
}
END_TEST

START_TEST(what_needs_more_than_five_bytes_is_refused)
{
	struct ftl_map m;
	ck_assert_int_eq(map_open(&m, 10, UINT64_C(1) << 40), -1);
	map_close(&m);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("ftl/map");
	TCase *t = tcase_create("all");
	tcase_add_test(t, an_entry_is_never_written_mapped_or_trimmed);
	tcase_add_test(t, four_bytes_an_entry_while_numbers_fit_and_five_beyond);
	tcase_add_test(t, what_needs_more_than_five_bytes_is_refused);
	suite_add_tcase(s, t);
	return run_suite(s);
}
