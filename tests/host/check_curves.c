/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The curves of a reference string against LRU run at each size, and working sets counted window by window. */
#include "effort.h"
#include "host/curves.h"
#include "host/replace_fixture.h"

static size_t random_string(struct rng *rng, uint64_t *refs)
{
	size_t n = 1 + rng_below(rng, 120);
	uint64_t pages = 1 + rng_below(rng, 30);
	for (size_t k = 0; k < n; k++)
		refs[k] = rng_below(rng, 1 + rng_below(rng, pages)) << 1 | (rng_below(rng, 2));
	return n;
}

/* Distinct pages among references k - T + 1 to k, counted from 1; places past the end hold none. */
static uint64_t window(const uint64_t *refs, size_t n, size_t k, size_t t)
{
	uint64_t set = 0;
	for (size_t j = k > t ? k - t + 1 : 1; j <= k && j <= n; j++)
		set |= UINT64_C(1) << (refs[j - 1] >> 1);
	return (uint64_t)__builtin_popcountll(set);
}

START_TEST(working_sets_are_those_of_the_windows_and_grow_by_the_misses)
{
	uint64_t refs[STRING_MAX];
	for (unsigned seed = 0; seed < effort(60); seed++) {
		struct arena *a = arena_new();
		struct curves c;
		struct err e = {0};
		size_t n = random_string(rng_new(a, seed, "strings"), refs);
		ck_assert_int_eq(curves_measure(&c, a, refs, n, &e), 0);
		uint64_t before = 0;
		for (size_t t = 0; t <= n; t++) {
			uint64_t sum = 0, misses = 0;
			for (size_t k = 1; k <= n + t; k++)
				sum += t > 0 ? window(refs, n, k, t) : 0;
			for (size_t k = 1; k <= n; k++) {
				bool in = false;
				for (size_t j = k > t ? k - t : 1; j < k; j++)
					in = in || refs[j - 1] >> 1 == refs[k - 1] >> 1;
				misses += !in;
			}
			ck_assert_uint_eq(c.set_sum[t], sum);
			ck_assert_uint_eq(c.misses[t], misses);
			if (t > 0) /* Denning & Schwartz 1972: S(T + 1) - S(T) = misses(T) */
				ck_assert_uint_eq(sum - before, c.misses[t - 1]);
			before = sum;
		}
		arena_free(a);
	}
}
END_TEST

START_TEST(stack_distances_give_the_faults_of_lru_on_each_number_of_frames)
{
	uint64_t refs[STRING_MAX];
	struct replace_spec lru = replace_spec_of("lru");
	for (unsigned seed = 0; seed < effort(100); seed++) {
		struct arena *a = arena_new();
		struct curves c;
		struct err e = {0};
		size_t n = random_string(rng_new(a, seed, "strings"), refs);
		ck_assert_int_eq(curves_measure(&c, a, refs, n, &e), 0);
		ck_assert_uint_eq(c.lru_faults[0], n);
		for (uint32_t m = 1; m <= c.pages; m++)
			ck_assert_uint_eq(c.lru_faults[m], replace_faults(&lru, m, refs, n));
		ck_assert_uint_eq(c.lru_faults[c.pages], c.pages);
		arena_free(a);
	}
}
END_TEST

START_TEST(the_textbook_string_has_its_known_curve)
{
	uint64_t refs[STRING_MAX];
	struct arena *a = arena_new();
	struct curves c;
	struct err e = {0};
	size_t n = replace_string("123412512345", refs);
	ck_assert_int_eq(curves_measure(&c, a, refs, n, &e), 0);
	ck_assert_uint_eq(c.pages, 5);
	ck_assert_uint_eq(c.lru_faults[3], 10);
	ck_assert_uint_eq(c.lru_faults[4], 8);
	ck_assert_uint_eq(c.lru_faults[5], 5);
	arena_free(a);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("host/curves");
	TCase *t = tcase_create("all");
	tcase_add_test(t, working_sets_are_those_of_the_windows_and_grow_by_the_misses);
	tcase_add_test(t, stack_distances_give_the_faults_of_lru_on_each_number_of_frames);
	tcase_add_test(t, the_textbook_string_has_its_known_curve);
	suite_add_tcase(s, t);
	return replace_suite(s);
}
