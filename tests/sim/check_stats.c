/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Warm-up and confidence: against a reference implementation's numbers, a direct reading
 * of the definitions, and the coverage the interval promises.
 */
#include <check.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include <gsl/gsl_randist.h>

#include "sim/rng.h"
#include "sim/stats.h"
#include "arena_fixture.h"

/*
 * The test vector of the project's statistics oracle (mser.py; numbers from mser_out.txt,
 * computed with numpy and scipy): AR(1) with phi = 0.9 around 10, driven by Box-Muller
 * normals from the ANSI C linear congruence, plus a start-up bias of 20 exp(-i/300).
 */
#define VECTOR 20000

static double congruence(uint32_t *state)
{
	*state = (UINT32_C(1103515245) * *state + 12345) & 0x7fffffff;
	return ((double)*state + 0.5) / 2147483648.0;
}

static const double *oracle_vector(void)
{
	static double x[VECTOR];
	uint32_t state = 12345;
	double p = 0;
	for (int i = 0; i < VECTOR; i++) {
		double u = congruence(&state), v = congruence(&state);
		p = 0.9 * p + sqrt(-2 * log(u)) * cos(2 * M_PI * v);
		x[i] = 10 + p + 20 * exp(-i / 300.0);
	}
	return x;
}

START_TEST(the_vector_is_the_oracles)
{
	static const double first[] = {29.68948685, 30.34851549, 29.09371719, 28.41602401,
		27.32845556};
	const double *x = oracle_vector();
	for (int i = 0; i < 5; i++)
		ck_assert_double_eq_tol(x[i], first[i], 0.5e-8);
}
END_TEST

START_TEST(mser5_and_batch_means_agree_with_the_oracle)
{
	const double *x = oracle_vector();
	struct mser_result m = mser(x, VECTOR, 5);
	ck_assert_uint_eq(m.cut, 695);
	ck_assert(m.settled);

	struct batch_result raw = batch_means(x, VECTOR, 20, 0.95);
	ck_assert_double_eq_tol(raw.mean, 10.3019, 0.5e-4); /* 20 divides it: the plain mean */
	struct batch_result b = batch_means(x + m.cut, VECTOR - m.cut, 30, 0.95);
	ck_assert_uint_eq(b.batches, 30);
	ck_assert_double_eq_tol(b.mean, 10.0169, 0.5e-4);
	ck_assert_double_eq_tol(b.half_width, 0.1235, 0.5e-4);
	ck_assert_double_eq_tol(b.lag1, 0.106, 0.5e-3);
}
END_TEST

/* ---- warm-up ------------------------------------------------------------------------ */

/* The rule as it is written, in quadratic time. */
static struct mser_result slow_mser(const double *x, size_t n, size_t batch)
{
	size_t batches = n / batch, cut = 0;
	double least = INFINITY;
	for (size_t d = 0; d <= batches / 2; d++) {
		double mean = 0, squares = 0, rest = (double)(batches - d);
		for (size_t i = d * batch; i < batches * batch; i++)
			mean += x[i] / (rest * (double)batch);
		for (size_t i = d; i < batches; i++) {
			double y = 0;
			for (size_t j = 0; j < batch; j++)
				y += x[i * batch + j] / (double)batch;
			squares += (y - mean) * (y - mean);
		}
		if (squares / (rest * rest) < least) {
			least = squares / (rest * rest);
			cut = d;
		}
	}
	return (struct mser_result){cut * batch, cut < batches / 2};
}

START_TEST(mser_is_its_definition)
{
	static double x[600];
	struct rng *r = rng_new(a, 1, "mser");
	for (int round = 0; round < 300; round++) {
		size_t batch = 1 + (size_t)rng_below(r, 7);
		size_t n = 2 * batch + (size_t)rng_below(r, 500);
		double bias = 20 * rng_unit(r), decay = 1 + 300 * rng_unit(r), p = 0;
		for (size_t i = 0; i < n; i++) {
			p = 0.7 * p + gsl_ran_gaussian_ziggurat(&r->gsl, 1);
			x[i] = p + bias * exp(-(double)i / decay);
		}
		struct mser_result got = mser(x, n, batch), want = slow_mser(x, n, batch);
		ck_assert_uint_eq(got.cut, want.cut);
		ck_assert_int_eq(got.settled, want.settled);
	}
}
END_TEST

START_TEST(a_large_offset_does_not_move_the_cut)
{
	static double x[VECTOR];
	const double *plain = oracle_vector();
	for (int i = 0; i < VECTOR; i++)
		x[i] = plain[i] * 0x1p-4 + 0x1p26; /* ps of a second, spread of ms */
	ck_assert_uint_eq(mser(x, VECTOR, 5).cut, 695);
}
END_TEST

START_TEST(equal_values_need_no_warm_up)
{
	static double x[1000];
	for (int i = 0; i < 1000; i++)
		x[i] = 0.1;
	struct mser_result m = mser(x, 1000, 5);
	ck_assert_uint_eq(m.cut, 0);
	ck_assert(m.settled);
}
END_TEST

START_TEST(a_step_is_cut_where_it_is)
{
	static double x[1000];
	for (int i = 0; i < 1000; i++)
		x[i] = i < 235 ? 100 : i % 5;
	struct mser_result m = mser(x, 1000, 5);
	ck_assert_uint_eq(m.cut, 235);
	ck_assert(m.settled);
}
END_TEST

/* A run that drifts to its end has its minimum at the end of the admissible half. */
START_TEST(a_run_that_never_settles_is_told)
{
	static double x[1000];
	for (int i = 0; i < 1000; i++)
		x[i] = 1000 - i;
	struct mser_result m = mser(x, 1000, 5);
	ck_assert_uint_eq(m.cut, 500);
	ck_assert(!m.settled);
}
END_TEST

START_TEST(too_few_observations_are_not_judged)
{
	static const double x[10] = {9, 1, 1, 1, 1, 1, 1, 1, 1, 1};
	for (size_t n = 0; n < 10; n++) {
		struct mser_result m = mser(x, n, 5);
		ck_assert_uint_eq(m.cut, 0);
		ck_assert(!m.settled);
	}
	ck_assert_uint_eq(mser(x, 10, 5).cut, 5); /* now it speaks: the second half is flat */
	ck_assert_uint_eq(mser(x, 10, 0).cut, 0);
}
END_TEST

/* ---- batch means -------------------------------------------------------------------- */

/* 1 3 2 6 in two batches: means 2 and 4, s^2 = 2, standard error 1; Student's t at one
 * degree of freedom and 0.975 is tan(0.475 pi) = 12.706 (any t table). */
START_TEST(an_interval_by_hand)
{
	static const double x[] = {1, 3, 2, 6, 99};
	struct batch_result b = batch_means(x, 5, 2, 0.95);
	ck_assert_double_eq(b.mean, 3);
	ck_assert_double_eq_tol(b.half_width, tan(0.475 * M_PI), 1e-9);
	ck_assert_double_eq_tol(b.lag1, -0.5, 1e-15);
	ck_assert_uint_eq(b.batches, 2);
}
END_TEST

START_TEST(equal_values_have_an_interval_of_zero)
{
	static double x[100];
	for (int i = 0; i < 100; i++)
		x[i] = 0.1;
	struct batch_result b = batch_means(x, 100, 10, 0.99);
	ck_assert_double_eq(b.half_width, 0);
	ck_assert_double_eq(b.lag1, 0);
}
END_TEST

START_TEST(too_little_for_an_interval_gives_an_infinite_one)
{
	static const double x[] = {1, 2, 6};
	ck_assert(isinf(batch_means(x, 3, 4, 0.95).half_width));
	ck_assert_double_eq(batch_means(x, 3, 4, 0.95).mean, 3);
	ck_assert(isinf(batch_means(x, 3, 1, 0.95).half_width));
	ck_assert(isinf(batch_means(x, 3, 0, 0.95).half_width));
	ck_assert(isinf(batch_means(x, 0, 30, 0.95).half_width));
	ck_assert_double_eq(batch_means(x, 0, 30, 0.95).mean, 0);
	ck_assert(isinf(batch_means(x, 3, 2, 1.0).half_width));
	ck_assert(isinf(batch_means(x, 3, 2, (double)NAN).half_width));
}
END_TEST

/*
 * How often a 95 % interval of 30 batches holds the true mean of AR(1), phi = 0.9. The
 * oracle (mser_out.txt, 400 runs) has 0.775 at batches of 10, 0.915 at 50, 0.95 at 200:
 * short batches are correlated and the interval is too narrow. The limit is 3.9 standard
 * errors of the two estimates together.
 */
START_TEST(intervals_cover_the_mean_as_often_as_they_say)
{
	static const struct { size_t length; double coverage; } rows[] = {
		{10, 0.775}, {50, 0.915}, {200, 0.95},
	};
	enum { RUNS = 2000 };
	static double x[30 * 200];
	size_t n = 30 * rows[_i].length;
	struct rng *r = rng_new(a, (uint64_t)_i, "coverage");
	int held = 0;
	for (int run = 0; run < RUNS; run++) {
		double p = gsl_ran_gaussian_ziggurat(&r->gsl, 1 / sqrt(1 - 0.81));
		for (size_t i = 0; i < n; i++) {
			p = 0.9 * p + gsl_ran_gaussian_ziggurat(&r->gsl, 1);
			x[i] = p;
		}
		struct batch_result b = batch_means(x, n, 30, 0.95);
		held += fabs(b.mean) < b.half_width;
	}
	double want = rows[_i].coverage;
	double error = sqrt(want * (1 - want) * (1.0 / 400 + 1.0 / RUNS));
	ck_assert_double_eq_tol((double)held / RUNS, want, 3.9 * error);
}
END_TEST

/* ---- observations in constant memory ------------------------------------------------- */

/* Whole numbers, so that every mean is exact: stored means are those of consecutive runs
 * of `batch` observations, batch the least power of two with which they fit. */
START_TEST(the_store_holds_means_of_consecutive_runs)
{
	static const size_t counts[] = {0, 1, 8191, 8192, 8193, 16383, 16384, 16385, 32768, 32769,
		100000, 1000000};
	size_t n = counts[_i];
	struct obs_store o;
	ck_assert_int_eq(obs_init(&o, a), 0);
	struct rng *r = rng_new(a, 7, "store");
	double *x = arena_array(a, n + 1, sizeof(*x));
	for (size_t i = 0; i < n; i++) {
		x[i] = (double)rng_below(r, 1000000);
		obs_add(&o, x[i]);
	}
	size_t batch = 1;
	while (n >= batch * (STATS_STORE + 1))
		batch *= 2;
	ck_assert_uint_eq(o.batch, batch);
	ck_assert_uint_eq(o.count, n / batch);
	ck_assert_uint_eq(o.partial_n, n % batch);
	for (size_t i = 0; i < o.count; i++) {
		double sum = 0;
		for (size_t j = 0; j < batch; j++)
			sum += x[i * batch + j];
		if (o.mean[i] != sum / (double)batch)
			ck_abort_msg("mean %zu of %zu is wrong", i, o.count);
	}
}
END_TEST

START_TEST(a_reset_store_begins_anew)
{
	struct obs_store o;
	ck_assert_int_eq(obs_init(&o, a), 0);
	for (int i = 0; i < 100001; i++)
		obs_add(&o, 1e9);
	obs_reset(&o);
	for (int i = 0; i < 9001; i++)
		obs_add(&o, i % 2);
	ck_assert_uint_eq(o.batch, 2);
	ck_assert_uint_eq(o.count, 4500);
	for (size_t i = 0; i < o.count; i++)
		ck_assert_double_eq(o.mean[i], 0.5);
}
END_TEST

START_TEST(exhausted_memory_is_reported)
{
	struct obs_store o;
	arena_fail_at(a, 1);
	ck_assert_int_eq(obs_init(&o, a), -1);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("sim/stats");
	TCase *t = tcase_create("stats");
	tcase_add_checked_fixture(t, open_arena, close_arena);
	tcase_add_test(t, the_vector_is_the_oracles);
	tcase_add_test(t, mser5_and_batch_means_agree_with_the_oracle);
	tcase_add_test(t, mser_is_its_definition);
	tcase_add_test(t, a_large_offset_does_not_move_the_cut);
	tcase_add_test(t, equal_values_need_no_warm_up);
	tcase_add_test(t, a_step_is_cut_where_it_is);
	tcase_add_test(t, a_run_that_never_settles_is_told);
	tcase_add_test(t, too_few_observations_are_not_judged);
	tcase_add_test(t, an_interval_by_hand);
	tcase_add_test(t, equal_values_have_an_interval_of_zero);
	tcase_add_test(t, too_little_for_an_interval_gives_an_infinite_one);
	tcase_add_loop_test(t, intervals_cover_the_mean_as_often_as_they_say, 0, 3);
	tcase_add_loop_test(t, the_store_holds_means_of_consecutive_runs, 0, 12);
	tcase_add_test(t, a_reset_store_begins_anew);
	tcase_add_test(t, exhausted_memory_is_reported);
	tcase_set_timeout(t, 60);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
