/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Arena and pools: alignment, zeroed and disjoint memory, exhaustion on demand. */
#include <check.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sim/arena.h"
#include "arena_fixture.h"

static int all_bytes_are(const unsigned char *p, size_t n, unsigned char value)
{
	for (size_t i = 0; i < n; i++)
		if (p[i] != value)
			return 0;
	return 1;
}

START_TEST(memory_is_zeroed_and_aligned_at_every_size)
{
	for (size_t size = 0; size < 70000; size = size * 9 / 8 + 1) {
		unsigned char *p = arena_alloc(a, size);
		ck_assert_ptr_nonnull(p);
		ck_assert_uint_eq((uintptr_t)p % (size >= 4096 ? 64 : 16), 0);
		ck_assert(all_bytes_are(p, size, 0));
		memset(p, 0xa5, size);
	}
}
END_TEST

/* Fill each block with a pattern of its own; an overlap would show in an earlier one. */
START_TEST(blocks_do_not_overlap)
{
	enum { BLOCKS = 4000 };
	static unsigned char *block[BLOCKS];
	static size_t bytes[BLOCKS];
	uint32_t x = 1;
	for (size_t i = 0; i < BLOCKS; i++) {
		x = x * 1664525 + 1013904223;
		bytes[i] = i % 97 == 0 ? 3000 + (x >> 15) : (x >> 24) + 1;
		block[i] = arena_alloc(a, bytes[i]);
		ck_assert_ptr_nonnull(block[i]);
		memset(block[i], (int)(i % 251), bytes[i]);
	}
	for (size_t i = 0; i < BLOCKS; i++)
		ck_assert(all_bytes_are(block[i], bytes[i], (unsigned char)(i % 251)));
}
END_TEST

START_TEST(a_big_block_does_not_waste_the_chunk_being_filled)
{
	(void)arena_alloc(a, 100);
	size_t before = arena_bytes(a);
	(void)arena_alloc(a, 10 << 20);
	size_t big = arena_bytes(a);
	ck_assert_uint_ge(big - before, 10 << 20);
	ck_assert_uint_le(big - before, (10 << 20) + 4096);
	(void)arena_alloc(a, 100);
	ck_assert_uint_eq(arena_bytes(a), big);
}
END_TEST

START_TEST(small_blocks_cost_little_more_than_their_size)
{
	for (int i = 0; i < 100000; i++)
		ck_assert_ptr_nonnull(arena_alloc(a, 64));
#ifndef __SANITIZE_ADDRESS__ /* red zones */
	ck_assert_uint_le(arena_bytes(a), 64 * 100000 + (1 << 20) + 4096);
#endif
	ck_assert_uint_ge(arena_bytes(a), 64 * 100000);
}
END_TEST

START_TEST(size_zero_gives_distinct_pointers)
{
	char *p = arena_alloc(a, 0), *q = arena_alloc(a, 0);
	ck_assert_ptr_nonnull(p);
	ck_assert_ptr_nonnull(q);
	ck_assert_ptr_ne(p, q);
}
END_TEST

START_TEST(sizes_that_overflow_give_null)
{
	ck_assert_ptr_null(arena_array(a, SIZE_MAX / 2, 3));
	ck_assert_ptr_null(arena_array(a, SIZE_MAX, SIZE_MAX));
	ck_assert_ptr_null(arena_alloc(a, SIZE_MAX));
	ck_assert_ptr_null(arena_alloc(a, (size_t)PTRDIFF_MAX));
	ck_assert_ptr_nonnull(arena_array(a, 3, 5));
}
END_TEST

START_TEST(strdup_copies)
{
	char word[] = "sector";
	char *copy = arena_strdup(a, word);
	word[0] = 'v';
	ck_assert_str_eq(copy, "sector");
	ck_assert_str_eq(arena_strdup(a, ""), "");
}
END_TEST

START_TEST(fail_at_fails_the_nth_allocation_once)
{
	arena_fail_at(a, 3);
	ck_assert_ptr_nonnull(arena_alloc(a, 8));
	ck_assert_ptr_nonnull(arena_array(a, 2, 8));
	ck_assert_ptr_null(arena_strdup(a, "third"));
	ck_assert_ptr_nonnull(arena_alloc(a, 8));
	arena_fail_at(a, 1);
	ck_assert_ptr_null(arena_alloc(a, 8));
	arena_fail_at(a, 1);
	arena_fail_at(a, 0);
	ck_assert_ptr_nonnull(arena_alloc(a, 8));
}
END_TEST

START_TEST(freeing_null_is_legal)
{
	arena_free(NULL);
}
END_TEST

/* ---- pools -------------------------------------------------------------------------- */

START_TEST(pool_reuses_what_was_put_back)
{
	struct pool p;
	pool_init(&p, a, 24, 10);
	ck_assert_uint_eq(p.total, 0);
	void *first = pool_get(&p);
	ck_assert_uint_eq(p.total, 10);
	ck_assert_uint_eq(p.in_use, 1);
	pool_put(&p, first);
	ck_assert_uint_eq(p.in_use, 0);
	ck_assert_ptr_eq(pool_get(&p), first);

	size_t bytes = arena_bytes(a);
	for (int i = 0; i < 100000; i++) {
		void *q = pool_get(&p);
		ck_assert_ptr_nonnull(q);
		memset(q, 0xff, 24);
		pool_put(&p, q);
	}
	ck_assert_uint_eq(p.total, 10);
	ck_assert_uint_eq(arena_bytes(a), bytes);
}
END_TEST

START_TEST(pool_objects_are_aligned_and_disjoint)
{
	enum { OBJECTS = 1000 };
	static unsigned char *object[OBJECTS];
	size_t sizes[] = {1, 8, 17, 24, 100, 5000};
	for (size_t k = 0; k < sizeof(sizes) / sizeof(sizes[0]); k++) {
		struct pool p;
		pool_init(&p, a, sizes[k], 7);
		ck_assert_uint_ge(p.object_bytes, sizeof(void *));
		for (size_t i = 0; i < OBJECTS; i++) {
			object[i] = pool_get(&p);
			ck_assert_ptr_nonnull(object[i]);
			ck_assert_uint_eq((uintptr_t)object[i] % 16, 0);
			memset(object[i], (int)(i % 251), sizes[k]);
		}
		ck_assert_uint_eq(p.in_use, OBJECTS);
		for (size_t i = 0; i < OBJECTS; i++)
			ck_assert(all_bytes_are(object[i], sizes[k], (unsigned char)(i % 251)));
	}
}
END_TEST

START_TEST(pool_reserve_grows_to_the_count_in_one_allocation)
{
	struct pool p;
	pool_init(&p, a, 32, 4);
	ck_assert_int_eq(pool_reserve(&p, 10), 0);
	arena_fail_at(a, 2);
	ck_assert_int_eq(pool_reserve(&p, 100), 0);
	ck_assert_uint_eq(p.total, 100);
	ck_assert_int_eq(pool_reserve(&p, 50), 0);
	ck_assert_uint_eq(p.total, 100);
	for (int i = 0; i < 100; i++)
		ck_assert_ptr_nonnull(pool_get(&p));
	ck_assert_ptr_null(pool_get(&p)); /* the second allocation, which fails */
	ck_assert_uint_eq(p.in_use, 100);
	ck_assert_ptr_nonnull(pool_get(&p));
	ck_assert_uint_eq(p.total, 104);
}
END_TEST

START_TEST(pool_reports_exhaustion)
{
	struct pool p;
	pool_init(&p, a, 32, 4);
	arena_fail_at(a, 1);
	ck_assert_int_eq(pool_reserve(&p, 1), -1);
	ck_assert_uint_eq(p.total, 0);
	ck_assert_int_eq(pool_reserve(&p, SIZE_MAX), -1);
	pool_init(&p, a, SIZE_MAX, 1);
	ck_assert_ptr_null(pool_get(&p));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("sim/arena");
	TCase *t = tcase_create("arena");
	tcase_add_checked_fixture(t, open_arena, close_arena);
	tcase_add_test(t, memory_is_zeroed_and_aligned_at_every_size);
	tcase_add_test(t, blocks_do_not_overlap);
	tcase_add_test(t, a_big_block_does_not_waste_the_chunk_being_filled);
	tcase_add_test(t, small_blocks_cost_little_more_than_their_size);
	tcase_add_test(t, size_zero_gives_distinct_pointers);
	tcase_add_test(t, sizes_that_overflow_give_null);
	tcase_add_test(t, strdup_copies);
	tcase_add_test(t, fail_at_fails_the_nth_allocation_once);
	tcase_add_test(t, freeing_null_is_legal);
	tcase_add_test(t, pool_reuses_what_was_put_back);
	tcase_add_test(t, pool_objects_are_aligned_and_disjoint);
	tcase_add_test(t, pool_reserve_grows_to_the_count_in_one_allocation);
	tcase_add_test(t, pool_reports_exhaustion);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
