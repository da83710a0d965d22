/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Checkpoint intervals under failures: the simulated job against Young's and Daly's formulas. */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "effort.h"
#include "host/young_daly.h"

static struct arena *arena;
static struct rng *rng;

static void setup(void)
{
	arena = arena_new();
	rng = rng_new(arena, 4, "failures");
}

static void teardown(void) { arena_free(arena); }

/* Means over runs of 200 MTBF of work, and 4 standard errors of the wall time. */
struct means {
	double wall, error, loss;
	uint64_t failures;
};

static struct means many(const struct failure_study *s, unsigned runs)
{
	double sum = 0, squares = 0, lost = 0;
	uint64_t failures = 0;
	for (unsigned i = 0; i < runs; i++) {
		struct failure_result r = failure_run(s, rng);
		ck_assert(r.wall >= s->work);
		sum += r.wall;
		squares += r.wall * r.wall;
		lost += r.lost;
		failures += r.failures;
	}
	double mean = sum / runs, variance = (squares / runs - mean * mean) * runs / (runs - 1);
	return (struct means){mean, 4 * sqrt(variance / runs), lost / (double)failures, failures};
}

START_TEST(the_formulas_give_the_papers_figures)
{
	/* sqrt(2 x 300 x 86400) = 7200; Daly's with x = 300 / 172800 */
	ck_assert_double_eq_tol(young_interval(300, 86400), 7200, 1e-9);
	double x = 300.0 / 172800;
	ck_assert_double_eq_tol(daly_interval(300, 86400), 7200 * (1 + sqrt(x) / 3 + x / 9) - 300, 1e-9);
	ck_assert_double_eq_tol(daly_interval(300, 100), 100, 1e-9); /* stop >= 2 mtbf */
	/* without failures to speak of: half a period and the time until it is valid */
	struct failure_study s = {.interval = 90, .stop = 10, .valid = 40, .mtbf = 1e9};
	ck_assert_double_eq_tol(expected_loss(&s), 50 + 40, 1e-3);
}
END_TEST

START_TEST(without_failures_only_checkpoints_cost)
{
	struct failure_study s = {.work = 1000, .interval = 100, .stop = 7, .valid = 7, .restart = 50, .mtbf = 1e12};
	struct failure_result r = failure_run(&s, rng);
	ck_assert_double_eq_tol(r.wall, 1000 + 9 * 7, 1e-9); /* none at the end */
	ck_assert_uint_eq(r.checkpoints, 9);
	ck_assert_uint_eq(r.failures, 0);
}
END_TEST

START_TEST(wall_time_and_loss_are_as_expected)
{
	static const struct failure_study cases[] = {
		{20000, 14, 1, 1, 5, 100}, {20000, 60, 1, 1, 20, 100}, {20000, 5, 5, 5, 0, 50}, {20000, 120, 2, 2, 40, 60},
	};
	for (unsigned i = 0; i < 4; i++) {
		struct means m = many(&cases[i], 100 + effort(900));
		ck_assert_double_eq_tol(m.wall, daly_wall(&cases[i]), m.error + daly_wall(&cases[i]) * cases[i].interval / 20000);
		/* the spread of a loss is at most that of an exponential time, bounded by the period */
		double period = cases[i].interval + cases[i].stop;
		ck_assert_double_eq_tol(m.loss, expected_loss(&cases[i]), 4 * period / sqrt(12.0 * (double)m.failures));
	}
}
END_TEST

/* Copy-on-write: the program stands still for 1, and the checkpoint is valid after 30. */
START_TEST(what_is_lost_is_half_a_period_and_the_time_until_valid)
{
	struct failure_study s = {50000, 49, 1, 30, 5, 500};
	struct means m = many(&s, 100 + effort(400));
	ck_assert_double_eq_tol(m.loss, expected_loss(&s), 4 * 50 / sqrt(12.0 * (double)m.failures));
	ck_assert_double_eq_tol(expected_loss(&s), 25 + 30, 3);
}
END_TEST

START_TEST(no_interval_is_much_better_than_dalys)
{
	double at_daly = 0, best = 1e300, at_far = 0;
	struct failure_study s = {.work = 1, .stop = 10, .valid = 10, .restart = 15, .mtbf = 600};
	s.interval = daly_interval(s.stop, s.mtbf);
	at_daly = daly_wall(&s);
	for (int i = 0; i < 530; i++) { /* to 5 x 1.01^530 = 980 */
		s.interval = 5 * pow(1.01, i);
		double w = daly_wall(&s);
		best = w < best ? w : best;
		at_far = w;
	}
	ck_assert_double_le(at_daly, best * 1.0001);
	ck_assert_double_gt(at_far, 1.5 * best);
	s.interval = young_interval(s.stop, s.mtbf);
	ck_assert_double_ge(daly_wall(&s), at_daly);
}
END_TEST

/*
 * Seven intervals; each has a row, or a remark where its checkpoint would not be valid before the next begins. Where that is so of Daly's, the
 * shortest that can be, 2, 4 and 8 times it follow, and of all that can be it is the best.
 */
START_TEST(the_table_leaves_out_what_cannot_be_and_says_so)
{
	static const struct { double valid; size_t rows, remarks, forms; } cases[] = {
		{1, 7, 0, 7}, {50, 4, 3, 0}, {100, 4, 4, 0}, {1000, 4, 7, 0}, {1e4, 0, 7, 0}};
	for (size_t k = 0; k < 5; k++) {
		struct arena *a = arena_new();
		char *text = NULL;
		size_t bytes = 0, rows = 0, remarks = 0, forms = 0, shortest = 0;
		double last = 0;
		FILE *out = open_memstream(&text, &bytes);
		/* Daly's interval is 84.5 s: 10.6 is its eighth part */
		const struct failure_study s = {.work = 3600, .stop = 1, .valid = cases[k].valid, .restart = 1, .mtbf = 3600};
		failure_table(&s, 2, rng_new(a, 1, "table"), NULL, out);
		fclose(out);
		for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
			double factor, interval, wall, form;
			remarks += strstr(line, "until the checkpoint is valid") != NULL;
			if (*line == '#' || *line == 'o')
				continue;
			rows++;
			int got = sscanf(line, "%lf,%lf,%lf,%lf", &factor, &interval, &wall, &form);
			forms += got == 4;
			ck_assert_int_eq(got == 4, strstr(line, ",,") == NULL);
			ck_assert(got < 4 || form >= 1);
			ck_assert_double_gt(interval, last);
			shortest += fabs(interval - (cases[k].valid - 1)) < 1e-6;
			struct failure_study a_little_more = s, own = s;
			own.interval = interval;
			a_little_more.interval = interval * 1.01;
			ck_assert(interval < 99 || expected_wall(&own) < expected_wall(&a_little_more));
			last = interval;
		}
		ck_assert_uint_eq(rows, cases[k].rows);
		ck_assert_uint_eq(remarks, cases[k].remarks);
		ck_assert_uint_eq(forms, cases[k].forms);
		ck_assert_uint_eq(shortest, k == 2 || k == 3);
		free(text);
		arena_free(a);
	}
}
END_TEST

/*
 * Jobs that would take more than ten times their work are not run. stop = mtbf = 1: Daly's is sqrt(2) (1 + sqrt(1/2) / 3 + 1/18) - 1 = 0.826,
 * and (exp(i + 1) - 1) / i is 19.5, 11.3, 7.5, 6.3, 8.0, 22, 305 at 1/8 to 8 times that. A restart of 3 mtbf alone is exp(3) = 20, and the e^8.35 of
 * 1.67 s on a disk that fails each 200 ms are 4,200.
 */
START_TEST(what_would_take_for_ever_is_left_out_and_said)
{
	static const struct {
		struct failure_study s;
		size_t rows;
		const char *says;
	} cases[] = {
		{{100, 0, 1, 1, 0, 1}, 3, "# 0.25 times Daly's interval is 0.206529 s: a job would take 11.3 times its work; those of more than 10 are not run\n"},
		{{100, 0, 0.01, 0.01, 3, 1}, 0, "# 1 times Daly's interval is 0.134833 s: a job would take 23.2 times its work; "},
		{{20, 0, 1.67, 1.67, 1.4, 0.2}, 0, "# 1 times Daly's interval is 0.200000 s: a job would take 1.26e+07 times its work; "},
		/* copy-on-write: valid 2.5 mtbf after it goes on, so no shorter interval can be, and all take exp(2.5) (exp(i) - 1) / i and more */
		{{100, 0, 0.01, 2.51, 0, 1}, 0, "until the checkpoint is valid\n"},
	};
	for (size_t k = 0; k < 4; k++) {
		char *text = NULL;
		size_t bytes = 0, rows = 0;
		FILE *out = open_memstream(&text, &bytes);
		failure_table(&cases[k].s, 2, rng, NULL, out);
		fclose(out);
		ck_assert_msg(strstr(text, cases[k].says) != NULL, "%s", text);
		for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
			rows += *line != '#' && *line != 'o';
		ck_assert_uint_eq(rows, cases[k].rows);
		free(text);
	}
}
END_TEST

/* The bound stands on it: checkpoints that are valid 30 after they were frozen. */
START_TEST(the_wall_time_of_copy_on_write_is_as_expected)
{
	struct failure_study s = {50000, 49, 1, 30, 5, 500};
	struct means m = many(&s, 100 + effort(400));
	ck_assert_double_eq_tol(m.wall, expected_wall(&s), m.error + expected_wall(&s) * s.interval / s.work);
	ck_assert_double_gt(expected_wall(&s) - daly_wall(&s), 4 * m.error); /* which is another one */
	s.valid = s.stop;
	ck_assert_double_eq_tol(expected_wall(&s), daly_wall(&s), 1e-6);
}
END_TEST

START_TEST(a_study_that_is_stopped_ends_at_once_and_says_so)
{
	static const struct failure_study s = {.work = 3600, .stop = 1, .valid = 1, .restart = 1, .mtbf = 3600};
	volatile sig_atomic_t stop = 1;
	char *text = NULL;
	size_t bytes = 0;
	FILE *out = open_memstream(&text, &bytes);
	failure_table(&s, INT64_MAX, rng, &stop, out);
	fclose(out);
	ck_assert_str_eq(strchr(text, '\n'), "\n# the table ends here: the study was interrupted\n");
	free(text);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("young and daly");
	TCase *t = tcase_create("young and daly");
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, the_formulas_give_the_papers_figures);
	tcase_add_test(t, without_failures_only_checkpoints_cost);
	tcase_add_test(t, wall_time_and_loss_are_as_expected);
	tcase_add_test(t, what_is_lost_is_half_a_period_and_the_time_until_valid);
	tcase_add_test(t, the_table_leaves_out_what_cannot_be_and_says_so);
	tcase_add_test(t, what_would_take_for_ever_is_left_out_and_said);
	tcase_add_test(t, the_wall_time_of_copy_on_write_is_as_expected);
	tcase_add_test(t, a_study_that_is_stopped_ends_at_once_and_says_so);
	tcase_add_test(t, no_interval_is_much_better_than_dalys);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
