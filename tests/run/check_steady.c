/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Steady state: the five-round rule with series at its limits (SNIA SSS PTS 2.0.1: range at most 20 % of the mean, rise of the
 * best line at most 10 %), and the windows of a device that is watched.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "run/device_series.h"

/* ---- five rounds */

static const struct {
	double y[5];
	bool reached;
} cases[] = {
	{{1000, 1000, 1000, 1000, 1000}, true},
	{{1000, 900, 1000, 1100, 1000}, true},  /* range 200 of 1000 */
	{{1000, 900, 1000, 1101, 1000}, false}, /* 201 of 1000.2 */
	{{950, 975, 1000, 1025, 1050}, true},   /* a line that rises by 100 of 1000 */
	{{950, 975, 1000, 1025, 1051}, false},  /* by 100.8 of 1000.2 */
	{{1050, 1025, 1000, 975, 950}, true},   /* and falls */
	{{1051, 1025, 1000, 975, 950}, false},
};

START_TEST(five_rounds_are_in_or_out_by_one_unit)
{
	struct steady_snia s = steady_snia(cases[_i].y, 5);
	ck_assert(s.applies);
	ck_assert_int_eq(s.reached, cases[_i].reached);
	ck_assert_uint_eq(s.round, 5);
}
END_TEST

START_TEST(the_figures_of_the_rule_are_those_by_hand)
{
	struct steady_snia s = steady_snia(cases[3].y, 5);
	ck_assert_double_eq_tol(s.mean, 1000, 1e-9);
	ck_assert_double_eq_tol(s.range, 0.1, 1e-12);
	ck_assert_double_eq_tol(s.excursion, 0.1, 1e-12);
}
END_TEST

START_TEST(the_first_five_that_hold_count_and_else_the_last_are_told)
{
	double y[12];
	for (int i = 0; i < 12; i++)
		y[i] = i < 4 ? 2000 - 200 * i : 1000; /* 2000 1800 1600 1400, then level */
	struct steady_snia s = steady_snia(y, 12);
	ck_assert(s.reached);
	ck_assert_uint_eq(s.round, 9); /* with 1400 among them the range is 400 of 1080 */
	for (int i = 0; i < 12; i++)
		y[i] = 1000 + 200 * i;
	s = steady_snia(y, 12);
	ck_assert(s.applies && !s.reached);
	ck_assert_uint_eq(s.round, 12);
	ck_assert_double_eq_tol(s.mean, 2800, 1e-9);
	ck_assert(!steady_snia(y, 4).applies);
}
END_TEST

/* ---- a device that is watched */

static double units, host, level;

static void sample(const struct blk_dev *dev, double *out)
{
	(void)dev;
	out[0] = units;
	out[1] = host;
	out[2] = level;
}

static const struct blk_sample_column columns[] = {
	{"waf", BLK_SAMPLE_RATIO, 1}, {"host", BLK_SAMPLE_COUNT, 0}, {"free", BLK_SAMPLE_LEVEL, 0}, {NULL, 0, 0},
};
static const struct blk_dev_ops ops = {.name = "fake", .sample_columns = columns, .sample = sample};

struct watched {
	struct sim *sim;
	struct blk_dev dev;
	struct device_series series;
};

static void open_watched(struct watched *w)
{
	units = host = level = 0;
	*w = (struct watched){.sim = sim_new(1)};
	w->dev = (struct blk_dev){.ops = &ops, .sim = w->sim, .name = "d"};
	ck_assert_int_eq(device_series_init(&w->series, w->sim->arena, &w->dev, PS_PER_MS), 0);
}

/* After the next millisecond: so many units in all for one of the host. */
static void window(struct watched *w, double waf, uint64_t sectors)
{
	w->sim->now_ps += PS_PER_MS;
	host += 10;
	units += 10 * waf;
	level = waf;
	w->dev.stats.completed += 1;
	w->dev.stats.busy_ps += PS_PER_MS / 4;
	w->dev.stats.host_write_sectors += sectors;
	device_series_take(&w->series);
}

static void close_watched(struct watched *w)
{
	w->sim->now_ps += PS_PER_MS;
	device_series_close(&w->series);
}

START_TEST(a_row_shows_what_has_grown_in_its_window)
{
	struct watched w;
	char *text = NULL;
	size_t bytes = 0;
	open_watched(&w);
	window(&w, 3, 2);
	window(&w, 2, 4);
	close_watched(&w);
	FILE *f = open_memstream(&text, &bytes);
	device_series_csv(&w.series, f);
	fclose(f);
	ck_assert_str_eq(text,
		"time_s,window_s,requests,bytes,waf,host,free,busy\n"
		"0,0.001,1,1024,3,10,3,0.25\n"
		"0.001,0.001,1,2048,2,10,2,0.25\n"
		"0.002,0.001,0,0,,0,2,0\n");
	free(text);
	sim_free(w.sim);
}
END_TEST

START_TEST(a_drive_that_settles_is_steady_from_then_on)
{
	struct watched w;
	open_watched(&w);
	for (int i = 0; i < 200; i++)
		window(&w, i < 20 ? 1 + 0.1 * i : 3, i < 20 ? 4000 - 100 * (uint64_t)i : 2000);
	close_watched(&w);
	struct device_steady ratio = device_series_ratio(&w.series), bytes = device_series_throughput(&w.series);
	ck_assert(ratio.settled && bytes.settled);
	ck_assert_int_eq(ratio.from_ps, 20 * PS_PER_MS);
	ck_assert_int_eq(bytes.from_ps, 20 * PS_PER_MS);
	/* rounds of 8 windows: 1.35, 2.15, 2.875, 3, 3...: the third is near enough, so that 3 to 7 are the first */
	ck_assert(ratio.snia.reached);
	ck_assert_uint_eq(ratio.snia.round, 7);
	sim_free(w.sim);
}
END_TEST

START_TEST(a_drive_that_gets_slower_all_the_time_is_not_steady)
{
	struct watched w;
	open_watched(&w);
	for (int i = 0; i < 100; i++)
		window(&w, 1 + 0.1 * i, 100000 >> i / 8);
	close_watched(&w);
	struct device_steady ratio = device_series_ratio(&w.series), bytes = device_series_throughput(&w.series);
	ck_assert(!ratio.settled && !ratio.snia.reached && ratio.snia.applies);
	ck_assert(!bytes.snia.reached);
	sim_free(w.sim);
}
END_TEST

START_TEST(a_long_run_keeps_its_totals_in_few_rows)
{
	struct watched w;
	open_watched(&w);
	uint64_t rows = 5 * DEVICE_SERIES_ROWS, seen = 0;
	for (uint64_t i = 0; i < rows; i++) {
		w.sim->now_ps += PS_PER_MS;
		w.dev.stats.completed++;
		if (w.sim->now_ps >= w.series.next_ps)
			device_series_take(&w.series);
	}
	close_watched(&w);
	ck_assert_uint_le(w.series.count, DEVICE_SERIES_ROWS + 1);
	ck_assert_uint_ge(w.series.count, DEVICE_SERIES_ROWS / 2);
	for (uint32_t i = 1; i < w.series.count; i++)
		seen += w.series.sample[i].requests - w.series.sample[i - 1].requests;
	ck_assert_uint_eq(seen, rows);
	sim_free(w.sim);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("steady");
	TCase *t = tcase_create("steady");
	tcase_add_loop_test(t, five_rounds_are_in_or_out_by_one_unit, 0, (int)(sizeof(cases) / sizeof(cases[0])));
	tcase_add_test(t, the_figures_of_the_rule_are_those_by_hand);
	tcase_add_test(t, the_first_five_that_hold_count_and_else_the_last_are_told);
	tcase_add_test(t, a_row_shows_what_has_grown_in_its_window);
	tcase_add_test(t, a_drive_that_settles_is_steady_from_then_on);
	tcase_add_test(t, a_drive_that_gets_slower_all_the_time_is_not_steady);
	tcase_add_test(t, a_long_run_keeps_its_totals_in_few_rows);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
