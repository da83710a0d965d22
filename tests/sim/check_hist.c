/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Log-linear histograms: the buckets, quantiles against sorted data, and the text forms. */
#include <check.h>
#include <inttypes.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sim/hist.h"
#include "sim/rng.h"
#include "sim/time.h"
#include "arena_fixture.h"

static struct hist new_hist(void)
{
	struct hist h;
	ck_assert_int_eq(hist_init(&h, a), 0);
	return h;
}

/* A time of any size: each power of two is as likely. */
static int64_t any_time(struct rng *r)
{
	return (int64_t)(rng_u64(r) >> (1 + rng_below(r, 63)));
}

/* ---- buckets ------------------------------------------------------------------------ */

START_TEST(buckets_tile_the_range_without_gap)
{
	uint64_t next = 0;
	for (size_t i = 0; i < HIST_BUCKETS; i++) {
		uint64_t low = hist_bucket_low(i), width = hist_bucket_width(i);
		if (low != next || hist_index(low) != i || hist_index(low + (width - 1)) != i)
			ck_abort_msg("bucket %zu does not begin or end where it should", i);
		if (width > 1 && width > low / 1024)
			ck_abort_msg("bucket %zu is wider than 1/1024 of its values", i);
		next = low + width;
	}
	ck_assert_uint_eq(next, (uint64_t)TIME_PS_MAX + 1);
	ck_assert_uint_eq(hist_index((uint64_t)TIME_PS_MAX), HIST_BUCKETS - 1);
}
END_TEST

START_TEST(values_lie_in_their_bucket)
{
	struct rng *r = rng_new(a, 1, "values");
	for (int i = 0; i < 1000000; i++) {
		uint64_t v = (uint64_t)any_time(r);
		size_t at = hist_index(v);
		uint64_t low = hist_bucket_low(at), width = hist_bucket_width(at);
		if (at >= HIST_BUCKETS || v < low || v - low >= width ||
			width > (v / 1024 > 1 ? v / 1024 : 1))
			ck_abort_msg("%" PRIu64 " is not in bucket %zu", v, at);
	}
}
END_TEST

START_TEST(coarser_buckets_keep_the_same_rules)
{
	struct rng *r = rng_new(a, 2, "values");
	for (int i = 0; i < 100000; i++) {
		uint64_t v = (uint64_t)any_time(r);
		size_t at = loglin_index(v, 6);
		uint64_t low = loglin_low(at, 6), width = loglin_width(at, 6);
		if (at >= LOGLIN_BUCKETS(6) || v < low || v - low >= width ||
			width > (v / 64 > 1 ? v / 64 : 1))
			ck_abort_msg("%" PRIu64 " is not in bucket %zu", v, at);
	}
}
END_TEST

/* ---- quantiles ---------------------------------------------------------------------- */

static int by_value(const void *p, const void *q)
{
	int64_t x = *(const int64_t *)p, y = *(const int64_t *)q;
	return (x > y) - (x < y);
}

/* The true nearest-rank quantile, never below it, at most one bucket above. */
static void assert_quantile(const struct hist *h, double q, int64_t want)
{
	int64_t got = hist_quantile(h, q);
	if (got < want || (uint64_t)(got - want) >= hist_bucket_width(hist_index((uint64_t)want)))
		ck_abort_msg("quantile %g is %" PRId64 ", want %" PRId64, q, got, want);
}

/* Every per mille of random sets of 1 to 3000 values, small and large. */
START_TEST(quantiles_are_nearest_rank_within_a_bucket)
{
	struct rng *r = rng_new(a, 3, "values");
	static int64_t x[3000];
	for (int round = 0; round < 60; round++) {
		size_t n = round < 20 ? (size_t)round + 1 : 1 + (size_t)rng_below(r, 3000);
		uint64_t below = round % 3 ? UINT64_C(1) << rng_below(r, 50) : 3;
		struct hist h = new_hist();
		for (size_t i = 0; i < n; i++) {
			x[i] = round % 2 ? any_time(r) : (int64_t)rng_below(r, below);
			hist_add(&h, x[i]);
		}
		qsort(x, n, sizeof(*x), by_value);
		assert_quantile(&h, 0.0, x[0]);
		for (size_t mille = 1; mille <= 1000; mille++) {
			size_t rank = (mille * n + 999) / 1000;
			assert_quantile(&h, (double)mille / 1000, x[rank - 1]);
		}
		ck_assert_int_eq(hist_quantile(&h, 1.0), x[n - 1]);
	}
}
END_TEST

/* The nearest double to 0.07 is above it; the seventh of 100 it must be nevertheless. */
START_TEST(quantiles_of_decimal_fractions_rank_as_written)
{
	for (int64_t n = 10; n <= 1000; n *= 10) {
		struct hist h = new_hist();
		for (int64_t v = 1; v <= n; v++)
			hist_add(&h, v);
		for (int64_t k = 1; k <= n; k++)
			if (hist_quantile(&h, (double)k / (double)n) != k)
				ck_abort_msg("quantile %" PRId64 "/%" PRId64, k, n);
	}
}
END_TEST

START_TEST(an_empty_histogram_has_quantile_zero)
{
	struct hist h = new_hist();
	ck_assert_int_eq(hist_quantile(&h, 0.5), 0);
	hist_merge(&h, &h);
	ck_assert_int_eq(hist_quantile(&h, 1), 0);
}
END_TEST

START_TEST(negative_values_count_as_zero)
{
	struct hist h = new_hist();
	hist_add(&h, -5);
	ck_assert_uint_eq(h.exact.count, 1);
	ck_assert_int_eq(h.exact.min, 0);
	ck_assert_uint_eq(h.bucket[0], 1);
}
END_TEST

/*
 * Coordinated omission: 100 requests/s, each 1 ms, for 100 s, then a stall of 100 s. From
 * the intended arrivals the mean is 25.003 s, p50 1 ms, p75 50 s and p99.99 99.98 s.
 * Source: the project's statistics oracle; follows from the definition by hand.
 */
START_TEST(a_stall_shows_in_the_latency_from_intended_arrival)
{
	struct hist h = new_hist();
	for (int64_t i = 0; i < 10000; i++) {
		hist_add(&h, PS_PER_MS);
		hist_add(&h, 100 * PS_PER_S - i * 10 * PS_PER_MS);
	}
	ck_assert_uint_eq(h.exact.count, 20000);
	ck_assert_double_eq_tol(tally_mean(&h.exact) / 1e12, 25.003, 1e-12);
	assert_quantile(&h, 0.50, PS_PER_MS);
	assert_quantile(&h, 0.75, 50 * PS_PER_S);
	assert_quantile(&h, 0.9999, 99980 * PS_PER_MS);
	ck_assert_int_eq(hist_quantile(&h, 1.0), 100 * PS_PER_S);
}
END_TEST

/* ---- merge and reset ---------------------------------------------------------------- */

START_TEST(merging_is_adding_all)
{
	struct rng *r = rng_new(a, 4, "values");
	struct hist all = new_hist(), one = new_hist(), two = new_hist(), none = new_hist();
	for (int i = 0; i < 20000; i++) {
		int64_t v = any_time(r);
		hist_add(&all, v);
		hist_add(i % 3 ? &one : &two, v);
	}
	hist_merge(&one, &two);
	hist_merge(&one, &none);
	hist_merge(&none, &one);
	ck_assert_int_eq(memcmp(all.bucket, none.bucket, HIST_BUCKETS * sizeof(*all.bucket)), 0);
	ck_assert_int_eq(memcmp(&all.exact, &none.exact, sizeof(all.exact)), 0);
}
END_TEST

START_TEST(reset_forgets_all)
{
	struct rng *r = rng_new(a, 5, "values");
	struct hist h = new_hist(), fresh = new_hist();
	for (int i = 0; i < 20000; i++)
		hist_add(&h, any_time(r));
	hist_reset(&h);
	ck_assert_int_eq(memcmp(h.bucket, fresh.bucket, HIST_BUCKETS * sizeof(*h.bucket)), 0);
	ck_assert_int_eq(memcmp(&h.exact, &fresh.exact, sizeof(h.exact)), 0);
	hist_reset(&h);
}
END_TEST

START_TEST(exhausted_memory_is_reported)
{
	struct hist h;
	arena_fail_at(a, 1);
	ck_assert_int_eq(hist_init(&h, a), -1);
}
END_TEST

/* ---- text --------------------------------------------------------------------------- */

static char text[1 << 16]; /* what was written last */

static void write_hgrm(const struct hist *h, double unit)
{
	FILE *out = fmemopen(text, sizeof(text), "w");
	hist_write_hgrm(h, unit, out);
	fclose(out);
}

/*
 * 1 to 10, once each. Rows by hand from the definition of HdrHistogram's
 * outputPercentileDistribution(stream, 5, 1.0) (github.com/HdrHistogram/HdrHistogram,
 * AbstractHistogram, PercentileIterator): steps of 10 % up to 50 %, of 5 % up to 75 %, of
 * 2.5 % up to 87.5 %, of 1.25 % from there; the last value takes one level, then 100 %.
 */
START_TEST(hgrm_is_hdrhistograms_percentile_text)
{
	static const char want[] =
		"       Value     Percentile TotalCount 1/(1-Percentile)\n"
		"\n"
		"       1.000 0.000000000000          1           1.00\n"
		"       1.000 0.100000000000          1           1.11\n"
		"       2.000 0.200000000000          2           1.25\n"
		"       3.000 0.300000000000          3           1.43\n"
		"       4.000 0.400000000000          4           1.67\n"
		"       5.000 0.500000000000          5           2.00\n"
		"       6.000 0.550000000000          6           2.22\n"
		"       6.000 0.600000000000          6           2.50\n"
		"       7.000 0.650000000000          7           2.86\n"
		"       7.000 0.700000000000          7           3.33\n"
		"       8.000 0.750000000000          8           4.00\n"
		"       8.000 0.775000000000          8           4.44\n"
		"       8.000 0.800000000000          8           5.00\n"
		"       9.000 0.825000000000          9           5.71\n"
		"       9.000 0.850000000000          9           6.67\n"
		"       9.000 0.875000000000          9           8.00\n"
		"       9.000 0.887500000000          9           8.89\n"
		"       9.000 0.900000000000          9          10.00\n"
		"      10.000 0.912500000000         10          11.43\n"
		"      10.000 1.000000000000         10\n"
		"#[Mean    =        5.500, StdDeviation   =        2.872]\n"
		"#[Max     =       10.000, Total count    =           10]\n"
		"#[Buckets =           53, SubBuckets     =         2048]\n";
	struct hist h = new_hist();
	for (int64_t v = 1; v <= 10; v++)
		hist_add(&h, v);
	write_hgrm(&h, 1);
	ck_assert_str_eq(text, want);
}
END_TEST

START_TEST(an_empty_hgrm_has_head_and_foot)
{
	struct hist h = new_hist();
	write_hgrm(&h, 1000);
	ck_assert_str_eq(text,
		"       Value     Percentile TotalCount 1/(1-Percentile)\n\n"
		"#[Mean    =        0.000, StdDeviation   =        0.000]\n"
		"#[Max     =        0.000, Total count    =            0]\n"
		"#[Buckets =           53, SubBuckets     =         2048]\n");
}
END_TEST

/* Read a large one back: each row's value is its percentile's quantile, each count the
 * number of values up to it. */
START_TEST(hgrm_rows_agree_with_the_data)
{
	enum { N = 100000 };
	static int64_t x[N];
	struct rng *r = rng_new(a, 6, "values");
	struct hist h = new_hist();
	for (int i = 0; i < N; i++) {
		x[i] = (int64_t)(-5e9 * log(rng_unit_open(r)));
		hist_add(&h, x[i]);
	}
	qsort(x, N, sizeof(*x), by_value);
	write_hgrm(&h, 1000);
	int rows = 0;
	double last = -1, value = 0, percentile = 0;
	uint64_t count = 0;
	for (char *line = strchr(text, '\n') + 2; *line != '#'; line = strchr(line, '\n') + 1) {
		ck_assert_int_eq(sscanf(line, "%lf %lf %" SCNu64, &value, &percentile, &count), 3);
		ck_assert_double_gt(percentile, last);
		last = percentile;
		size_t up_to = 0;
		while (up_to < N && (double)x[up_to] / 1000 <= value + 0.0006)
			up_to++;
		ck_assert_uint_eq(count, up_to);
		ck_assert_double_ge((double)count / N, percentile - 1e-12);
		ck_assert_double_eq_tol((double)hist_quantile(&h, percentile) / 1000, value, 0.0006);
		rows++;
	}
	ck_assert_double_eq(percentile, 1.0);
	ck_assert_uint_eq(count, N);
	ck_assert_double_eq_tol(value, (double)x[N - 1] / 1000, 0.0006);
	/* log2(100000) = 16.6 halves of five rows, and the last two */
	ck_assert_int_ge(rows, 5 * 16 + 2);
	ck_assert_int_le(rows, 5 * 17 + 2);
}
END_TEST

START_TEST(csv_lists_the_buckets_in_use)
{
	struct hist h = new_hist();
	hist_add(&h, 0);
	hist_add(&h, 2047);
	hist_add(&h, 2049); /* buckets are 2 wide from 2048 */
	hist_add(&h, 2048);
	hist_add(&h, TIME_PS_MAX);
	FILE *out = fmemopen(text, sizeof(text), "w");
	hist_write_csv(&h, 1000, "ns", out);
	fclose(out);
	ck_assert_str_eq(text,
		"low_ns,high_ns,count\n"
		"0,0.001,1\n"
		"2.047,2.048,1\n"
		"2.048,2.05,2\n"
		"9.21886843722741e+15,9.22337203685478e+15,1\n");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("sim/hist");
	TCase *t = tcase_create("hist");
	tcase_add_checked_fixture(t, open_arena, close_arena);
	tcase_add_test(t, buckets_tile_the_range_without_gap);
	tcase_add_test(t, values_lie_in_their_bucket);
	tcase_add_test(t, coarser_buckets_keep_the_same_rules);
	tcase_add_test(t, quantiles_are_nearest_rank_within_a_bucket);
	tcase_add_test(t, quantiles_of_decimal_fractions_rank_as_written);
	tcase_add_test(t, an_empty_histogram_has_quantile_zero);
	tcase_add_test(t, negative_values_count_as_zero);
	tcase_add_test(t, a_stall_shows_in_the_latency_from_intended_arrival);
	tcase_add_test(t, merging_is_adding_all);
	tcase_add_test(t, reset_forgets_all);
	tcase_add_test(t, exhausted_memory_is_reported);
	tcase_add_test(t, hgrm_is_hdrhistograms_percentile_text);
	tcase_add_test(t, an_empty_hgrm_has_head_and_foot);
	tcase_add_test(t, hgrm_rows_agree_with_the_data);
	tcase_add_test(t, csv_lists_the_buckets_in_use);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
