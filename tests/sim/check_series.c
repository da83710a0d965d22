/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Windowed series: the rows read back against a plain recount, exact times, gaps, ends. */
#include <check.h>
#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sim/rng.h"
#include "sim/series.h"

static struct arena *a;
static char *text; /* what the series wrote */
static size_t text_bytes;
static FILE *out;

static void open_arena(void)
{
	a = arena_new();
	out = open_memstream(&text, &text_bytes);
	ck_assert(a && out);
}

static void close_arena(void)
{
	fclose(out);
	free(text);
	arena_free(a);
}

#define HEAD                                                                                       \
	"time_s,window_s,reads,writes,others,read_bytes,write_bytes,latency_mean_us,"              \
	"latency_p50_us,latency_p99_us,latency_max_us,depth_mean,latency_p999_us\n"

/* ---- reading it back ---------------------------------------------------------------- */

struct row {
	time_ps at, width;
	uint64_t done[3], bytes[2];
	double mean_us, depth;
	time_ps p50, p99, p999, max;
};

/* A decimal number in whole units of 10^-digits; more decimals than that are an error. */
static int64_t read_decimal(const char **p, int digits)
{
	int64_t value = 0;
	int decimals = -1;
	ck_assert(isdigit((unsigned char)**p));
	for (; isdigit((unsigned char)**p) || (**p == '.' && decimals < 0); ++*p) {
		if (**p == '.') {
			decimals = 0;
			continue;
		}
		value = value * 10 + (**p - '0');
		if (decimals >= 0)
			decimals++;
	}
	ck_assert_int_le(decimals, digits);
	for (int i = decimals < 0 ? 0 : decimals; i < digits; i++)
		value *= 10;
	return value;
}

static int64_t read_column(const char **p, int digits)
{
	ck_assert_int_eq(**p, ',');
	++*p;
	return read_decimal(p, digits);
}

static struct row read_row(const char **p)
{
	struct row r;
	r.at = read_decimal(p, 12);
	r.width = read_column(p, 12);
	for (int i = 0; i < 3; i++)
		r.done[i] = (uint64_t)read_column(p, 0);
	for (int i = 0; i < 2; i++)
		r.bytes[i] = (uint64_t)read_column(p, 0);
	r.mean_us = (double)read_column(p, 6) / 1e6;
	r.p50 = read_column(p, 6);
	r.p99 = read_column(p, 6);
	r.max = read_column(p, 6);
	r.depth = (double)read_column(p, 6) / 1e6;
	r.p999 = read_column(p, 6);
	ck_assert_int_eq(**p, '\n');
	++*p;
	return r;
}

static const char *first_row(void)
{
	fflush(out);
	ck_assert_int_eq(strncmp(text, HEAD, strlen(HEAD)), 0);
	return text + strlen(HEAD);
}

/* ---- by hand ------------------------------------------------------------------------ */

START_TEST(rows_by_hand)
{
	struct series *s = series_new(a, PS_PER_S, out);
	series_add(s, 100 * PS_PER_MS, SERIES_READ, 4096, 10 * PS_PER_US, 4);
	series_add(s, 200 * PS_PER_MS, SERIES_WRITE, 512, 20 * PS_PER_US, 2);
	series_add(s, 300 * PS_PER_MS, SERIES_READ, 4096, 60 * PS_PER_US + 1, 3);
	series_add(s, 2500 * PS_PER_MS, SERIES_OTHER, 0, 7, 1);
	series_close(s, 2750 * PS_PER_MS);
	(void)first_row();
	ck_assert_str_eq(text, HEAD
		"0,1,2,1,0,8192,512,30.000000,20.185087,60.000001,60.000001,3.000000,60.000001\n"
		"1,1,0,0,0,0,0,0,0,0,0,0,0\n"
		"2,0.75,0,0,1,0,0,0.000007,0.000007,0.000007,0.000007,1.000000,0.000007\n");
}
END_TEST

START_TEST(a_run_without_events_has_its_empty_windows)
{
	struct series *s = series_new(a, 400 * PS_PER_MS, out);
	series_close(s, PS_PER_S);
	(void)first_row();
	ck_assert_str_eq(text, HEAD
		"0,0.4,0,0,0,0,0,0,0,0,0,0,0\n"
		"0.4,0.4,0,0,0,0,0,0,0,0,0,0,0\n"
		"0.8,0.2,0,0,0,0,0,0,0,0,0,0,0\n");
}
END_TEST

START_TEST(a_run_that_ends_with_a_window_has_no_empty_one_after)
{
	struct series *s = series_new(a, 10, out);
	series_add(s, 10, SERIES_READ, 1, 1, 1);
	series_add(s, 11, SERIES_WRITE, 1, 1, 1);
	series_add(s, 20, SERIES_WRITE, 1, 1, 1);
	series_close(s, 20);
	const char *p = first_row();
	struct row r = read_row(&p);
	ck_assert_uint_eq(r.done[SERIES_READ], 1);
	ck_assert_uint_eq(r.done[SERIES_WRITE], 0);
	r = read_row(&p);
	ck_assert_int_eq(r.at, 10);
	ck_assert_int_eq(r.width, 10);
	ck_assert_uint_eq(r.done[SERIES_WRITE], 2);
	ck_assert_int_eq(*p, 0);
}
END_TEST

START_TEST(an_event_at_time_zero_is_not_lost)
{
	struct series *s = series_new(a, 10, out);
	series_add(s, 0, SERIES_READ, 1, 0, 1);
	series_close(s, 0);
	const char *p = first_row();
	struct row r = read_row(&p);
	ck_assert_uint_eq(r.done[SERIES_READ], 1);
	ck_assert_int_eq(r.width, 0);
	ck_assert_int_eq(*p, 0);
}
END_TEST

START_TEST(a_run_of_no_time_has_no_window)
{
	struct series *s = series_new(a, 10, out);
	series_close(s, 0);
	ck_assert_str_eq(first_row(), "");
}
END_TEST

/* ---- gaps --------------------------------------------------------------------------- */

static void write_gap(time_ps empty)
{
	struct series *s = series_new(a, 100, out);
	series_add(s, 50, SERIES_READ, 1, 1, 1);
	series_add(s, (empty + 1) * 100 + 50, SERIES_WRITE, 1, 1, 1);
	series_close(s, (empty + 2) * 100);
}

START_TEST(a_thousand_empty_windows_are_written_one_by_one)
{
	write_gap(1000);
	const char *p = first_row();
	for (int i = 0; i <= 1001; i++) {
		struct row r = read_row(&p);
		ck_assert_int_eq(r.at, i * 100);
		ck_assert_int_eq(r.width, 100);
		ck_assert_uint_eq(r.done[SERIES_READ], i == 0);
		ck_assert_uint_eq(r.done[SERIES_WRITE], i == 1001);
	}
	ck_assert_int_eq(*p, 0);
}
END_TEST

START_TEST(of_a_longer_gap_the_ends_are_written)
{
	static const time_ps gaps[] = {1001, 5000, 90000000000000000};
	time_ps empty = gaps[_i];
	write_gap(empty);
	time_ps want[] = {0, 100, empty * 100, (empty + 1) * 100};
	const char *p = first_row();
	for (int i = 0; i < 4; i++) {
		struct row r = read_row(&p);
		ck_assert_int_eq(r.at, want[i]);
		ck_assert_int_eq(r.width, 100);
		ck_assert_uint_eq(r.done[SERIES_READ], i == 0);
		ck_assert_uint_eq(r.done[SERIES_WRITE], i == 3);
	}
	ck_assert_int_eq(*p, 0);
}
END_TEST

/* ---- exact times -------------------------------------------------------------------- */

/* A window of no round length, 100 days into the run: a double of seconds would be off. */
START_TEST(times_are_exact_to_the_picosecond)
{
	time_ps window = 333333333333, late = 100 * 86400 * PS_PER_S;
	struct series *s = series_new(a, window, out);
	time_ps start = late / window * window;
	for (int i = 0; i < 100; i++)
		series_add(s, start + i * window + 1, SERIES_READ, 1, 123456789012345678, 1);
	series_close(s, start + 99 * window + 7);
	const char *p = first_row();
	for (int i = 0; i < 2; i++) /* the ends of the gap before */
		(void)read_row(&p);
	ck_assert_int_eq(read_row(&p).at, start - window);
	for (int i = 0; i < 100; i++) {
		struct row r = read_row(&p);
		ck_assert_int_eq(r.at, start + i * window);
		ck_assert_int_eq(r.width, i < 99 ? window : 7);
		ck_assert_int_eq(r.max, 123456789012345678);
	}
	ck_assert_int_eq(*p, 0);
}
END_TEST

START_TEST(windows_reach_the_end_of_time)
{
	struct series *s = series_new(a, TIME_PS_MAX, out);
	series_add(s, TIME_PS_MAX, SERIES_READ, 1, TIME_PS_MAX, 1);
	series_close(s, TIME_PS_MAX);
	const char *p = first_row();
	struct row r = read_row(&p);
	ck_assert_int_eq(r.width, TIME_PS_MAX);
	ck_assert_int_eq(r.max, TIME_PS_MAX);
	ck_assert_int_eq(r.p50, TIME_PS_MAX);
	ck_assert_int_eq(*p, 0);
}
END_TEST

/* ---- a recount ---------------------------------------------------------------------- */

struct event_seen {
	time_ps at, latency;
	uint64_t bytes;
	uint32_t class, depth;
};

static int by_latency(const void *p, const void *q)
{
	const struct event_seen *x = p, *y = q;
	return (x->latency > y->latency) - (x->latency < y->latency);
}

static void assert_near_above(time_ps got, time_ps want)
{
	ck_assert_int_ge(got, want);
	ck_assert_int_le(got - want, want / 64);
}

/* One row against the events of its window, e[0] to e[n - 1]. */
static void check_row(const struct row *r, struct event_seen *e, size_t n)
{
	uint64_t done[3] = {0}, bytes[3] = {0}, depth = 0;
	double latency = 0;
	for (size_t i = 0; i < n; i++) {
		done[e[i].class]++;
		bytes[e[i].class] += e[i].bytes;
		depth += e[i].depth;
		latency += (double)e[i].latency;
	}
	for (int c = 0; c < 3; c++)
		ck_assert_uint_eq(r->done[c], done[c]);
	ck_assert_uint_eq(r->bytes[0], bytes[SERIES_READ]);
	ck_assert_uint_eq(r->bytes[1], bytes[SERIES_WRITE]);
	if (n == 0) {
		ck_assert(r->mean_us == 0 && r->depth == 0 && r->max == 0 && r->p50 == 0 && r->p99 == 0 && r->p999 == 0);
		return;
	}
	qsort(e, n, sizeof(*e), by_latency);
	ck_assert_double_eq_tol(r->mean_us, latency / (double)n / 1e6, 0.6e-6);
	ck_assert_double_eq_tol(r->depth, (double)depth / (double)n, 0.6e-6);
	ck_assert_int_eq(r->max, e[n - 1].latency);
	assert_near_above(r->p50, e[(50 * n + 99) / 100 - 1].latency);
	assert_near_above(r->p99, e[(99 * n + 99) / 100 - 1].latency);
	assert_near_above(r->p999, e[(999 * n + 999) / 1000 - 1].latency);
}

START_TEST(rows_are_the_recount_of_their_windows)
{
	enum { EVENTS = 3000 };
	static struct event_seen e[EVENTS];
	struct rng *r = rng_new(a, (uint64_t)_i, "series");
	time_ps window = 1 + (time_ps)rng_below(r, 1000000), now = 0;
	struct series *s = series_new(a, window, out);
	for (size_t i = 0; i < EVENTS; i++) {
		now += (time_ps)rng_below(r, (uint64_t)window / 4 + 1);
		if (rng_below(r, 100) == 0)
			now = (now / window + (time_ps)rng_below(r, 30)) * window + window; /* on an edge */
		e[i] = (struct event_seen){now, (time_ps)(rng_u64(r) >> (20 + rng_below(r, 40))),
			rng_below(r, 1 << 20), (uint32_t)rng_below(r, 3), (uint32_t)rng_below(r, 64)};
		series_add(s, now, e[i].class, e[i].bytes, e[i].latency, e[i].depth);
	}
	series_close(s, now + 5);

	const char *p = first_row();
	size_t used = 0;
	time_ps at = 0;
	while (*p) {
		struct row row = read_row(&p);
		ck_assert_int_eq(row.at, at);
		ck_assert_int_le(row.width, window);
		if (*p)
			ck_assert_int_eq(row.width, window);
		at += row.width;
		size_t n = 0;
		while (used + n < EVENTS && e[used + n].at <= at)
			n++;
		check_row(&row, e + used, n);
		used += n;
	}
	ck_assert_uint_eq(used, EVENTS);
	ck_assert_int_eq(at, now + 5);
}
END_TEST

/* ---- without a file, without memory ------------------------------------------------- */

START_TEST(without_a_file_nothing_happens)
{
	struct series *s = series_new(a, 10, NULL);
	series_add(s, 5, SERIES_READ, 1, 1, 1);
	series_add(s, TIME_PS_MAX, SERIES_READ, 1, 1, 1);
	series_close(s, TIME_PS_MAX);
}
END_TEST

START_TEST(exhausted_memory_gives_null)
{
	arena_fail_at(a, 1);
	ck_assert_ptr_null(series_new(a, 10, out));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("sim/series");
	TCase *t = tcase_create("series");
	tcase_add_checked_fixture(t, open_arena, close_arena);
	tcase_add_test(t, rows_by_hand);
	tcase_add_test(t, a_run_without_events_has_its_empty_windows);
	tcase_add_test(t, a_run_that_ends_with_a_window_has_no_empty_one_after);
	tcase_add_test(t, an_event_at_time_zero_is_not_lost);
	tcase_add_test(t, a_run_of_no_time_has_no_window);
	tcase_add_test(t, a_thousand_empty_windows_are_written_one_by_one);
	tcase_add_loop_test(t, of_a_longer_gap_the_ends_are_written, 0, 3);
	tcase_add_test(t, times_are_exact_to_the_picosecond);
	tcase_add_test(t, windows_reach_the_end_of_time);
	tcase_add_loop_test(t, rows_are_the_recount_of_their_windows, 0, 10);
	tcase_add_test(t, without_a_file_nothing_happens);
	tcase_add_test(t, exhausted_memory_gives_null);
	tcase_set_timeout(t, 60);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
