/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Exact accumulators: sums and spreads in any order and at any size, levels over time. */
#include <check.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "sim/counter.h"
#include "sim/rng.h"

static struct tally tally_of(const int64_t *x, size_t n)
{
	struct tally t = {0};
	for (size_t i = 0; i < n; i++)
		tally_add(&t, x[i]);
	return t;
}

static int tally_equal(const struct tally *a, const struct tally *b)
{
	return a->count == b->count && a->min == b->min && a->max == b->max && a->sum == b->sum &&
	       a->squares_high == b->squares_high && a->squares_low == b->squares_low;
}

static void assert_close(double got, double want)
{
	ck_assert_double_le(fabs(got - want), 1e-14 * fabs(want));
}

START_TEST(an_empty_tally_is_zero)
{
	struct tally t = {0};
	ck_assert_double_eq(tally_mean(&t), 0);
	ck_assert_double_eq(tally_stddev(&t), 0);
	tally_add(&t, 7);
	ck_assert_double_eq(tally_mean(&t), 7);
	ck_assert_double_eq(tally_stddev(&t), 0);
	ck_assert_int_eq(t.min, 7);
	ck_assert_int_eq(t.max, 7);
}
END_TEST

/* 2 4 4 4 5 5 7 9: mean 5, squared deviations sum to 32, so s = sqrt(32/7). */
START_TEST(small_numbers_have_their_textbook_spread)
{
	static const int64_t x[] = {2, 4, 4, 4, 5, 5, 7, 9};
	struct tally t = tally_of(x, 8);
	ck_assert_uint_eq(t.count, 8);
	ck_assert_int_eq(t.min, 2);
	ck_assert_int_eq(t.max, 9);
	ck_assert_double_eq(tally_mean(&t), 5);
	assert_close(tally_stddev(&t), sqrt(32.0 / 7));
	t = tally_of((const int64_t[]){5, 6}, 2); /* a mean between two whole numbers */
	assert_close(tally_stddev(&t), sqrt(0.5));
}
END_TEST

/* NIST's numerical accuracy data sets NumAcc3 and NumAcc4 (www.itl.nist.gov/div898/strd,
 * univariate), in whole numbers: base + 1, then base + 0 and base + 2 in turn, 1001 values
 * in all, certified standard deviation 1 (0.1 in the units of the data sets). */
START_TEST(a_small_spread_on_a_large_mean_keeps_its_digits)
{
	static const int64_t bases[] = {1000000, 10000000, 4000000000000000000};
	struct tally t = {0};
	tally_add(&t, bases[_i] + 1);
	for (int i = 0; i < 1000; i++)
		tally_add(&t, bases[_i] + (i % 2 ? 2 : 0));
	assert_close(tally_stddev(&t), 1);
	assert_close(tally_mean(&t), (double)(bases[_i] + 1));
}
END_TEST

/* n values at 0 and n at the end of time: the deviation is half of it, by n/(2n - 1). */
START_TEST(the_largest_values_do_not_overflow)
{
	struct tally t = {0};
	enum { N = 100000 };
	for (int i = 0; i < N; i++) {
		tally_add(&t, 0);
		tally_add(&t, TIME_PS_MAX);
	}
	double half = (double)TIME_PS_MAX / 2;
	assert_close(tally_mean(&t), half);
	assert_close(tally_stddev(&t), half * sqrt(2.0 * N / (2.0 * N - 1)));
}
END_TEST

START_TEST(equal_values_have_no_spread)
{
	struct tally t = {0};
	for (int i = 0; i < 1000; i++)
		tally_add(&t, 123456789012345678);
	ck_assert_double_eq(tally_stddev(&t), 0);
}
END_TEST

START_TEST(merging_is_adding_in_any_order)
{
	struct arena *a = arena_new();
	struct rng *r = rng_new(a, 4, "counter");
	struct tally all = {0}, backward = {0}, parts[7] = {0}, merged = {0};
	static int64_t x[5000];
	for (int i = 0; i < 5000; i++) {
		x[i] = 1 + (int64_t)(rng_u64(r) >> (2 + rng_below(r, 62)));
		tally_add(&all, x[i]);
		tally_add(&parts[rng_below(r, 6)], x[i]); /* the last stays empty */
	}
	for (int i = 5000; i-- > 0;)
		tally_add(&backward, x[i]);
	for (int i = 0; i < 7; i++)
		tally_merge(&merged, &parts[i]);
	ck_assert(tally_equal(&all, &backward));
	ck_assert(tally_equal(&all, &merged));
	arena_free(a);
}
END_TEST

/* 2 for 10 ps, 5 for 20 ps, 0 for 30 ps, then 1: the mean at 100 ps is (20 + 100 + 40) / 100. */
START_TEST(a_level_is_averaged_over_time)
{
	struct level l = {0};
	level_set(&l, 0, 2);
	level_set(&l, 10, 5);
	level_set(&l, 30, 0);
	level_set(&l, 60, 1);
	ck_assert_double_eq(level_mean(&l, 0, 100), 1.6);
	ck_assert_double_eq(level_mean(&l, 0, 60), 2.0);
	ck_assert_double_eq(level_mean(&l, 0, 0), 0);
	ck_assert_int_eq(l.max, 5);
}
END_TEST

START_TEST(a_level_survives_the_longest_run)
{
	struct level l = {0};
	level_set(&l, 0, INT64_MAX);
	ck_assert_double_eq(level_mean(&l, 0, TIME_PS_MAX), (double)INT64_MAX);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("sim/counter");
	TCase *t = tcase_create("counter");
	tcase_add_test(t, an_empty_tally_is_zero);
	tcase_add_test(t, small_numbers_have_their_textbook_spread);
	tcase_add_loop_test(t, a_small_spread_on_a_large_mean_keeps_its_digits, 0, 3);
	tcase_add_test(t, the_largest_values_do_not_overflow);
	tcase_add_test(t, equal_values_have_no_spread);
	tcase_add_test(t, merging_is_adding_in_any_order);
	tcase_add_test(t, a_level_is_averaged_over_time);
	tcase_add_test(t, a_level_survives_the_longest_run);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
