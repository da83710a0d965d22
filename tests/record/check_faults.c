/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Page faults recorded: of a program that touches known pages in a known order. */
#include <fcntl.h>
#include <pthread.h>

#include "record_fixture.h"

/* The i-th page touched: each once, not in order. */
static int nth(int i) { return i * 23 % REGION_PAGES; }

static void *touch_odd(void *region)
{
	for (int i = 1; i < REGION_PAGES; i += 2)
		((volatile char *)region)[i * 4096] = 1;
	return NULL;
}

/* What the recorded program does. */
static int be_recorded(const char *word)
{
	volatile char *region = fixture_region();
	pthread_t thread;
	if (!region)
		return 9;
	if (!strcmp(word, "die"))
		raise(SIGTERM);
	if (!strcmp(word, "threads")) {
		for (int i = 0; i < REGION_PAGES; i += 2)
			region[i * 4096] = 1;
		if (pthread_create(&thread, NULL, touch_odd, (void *)(uintptr_t)region) != 0)
			return 9;
		pthread_join(thread, NULL);
		return 0;
	}
	for (int i = 0; i < REGION_PAGES; i++)
		region[nth(i) * 4096 + i] = 1;
	for (int i = 0; i < REGION_PAGES; i++)
		region[nth(i) * 4096 + i] = 2; /* they are there: no faults */
	return 42;
}

START_TEST(each_first_touch_is_a_fault_in_its_order)
{
	struct record_job job = {0};
	struct ref_run run;
	uint64_t last = 0;
	int n = 0;
	struct record_result got = fixture_record("faults", "touch", &job);
	ck_assert_int_eq(got.exit_code, 42);
	ck_assert_uint_eq(got.lost, 0);
	struct ref_reader *r = fixture_reader();
	ck_assert_int_eq(ref_reader_header(r)->kind, REF_KIND_FAULTS);
	while (fixture_next(r, &run)) {
		ck_assert_uint_eq(run.page, REGION_PAGE + (uint64_t)nth(n));
		ck_assert_uint_ge(run.time_ns, last);
		last = run.time_ns;
		n++;
	}
	ck_assert_int_eq(n, REGION_PAGES);
	ck_assert_uint_eq(ref_reader_totals(r)->runs, got.totals.runs);
	ck_assert(!ref_reader_totals(r)->interrupted && !ref_reader_totals(r)->lossy);
	ref_reader_free(r);
}
END_TEST

START_TEST(threads_have_their_numbers)
{
	struct record_job job = {0};
	struct ref_run run;
	int of[2] = {0, 0};
	ck_assert_int_eq(fixture_record("faults", "threads", &job).exit_code, 0);
	struct ref_reader *r = fixture_reader();
	while (fixture_next(r, &run)) {
		ck_assert_uint_lt(run.thread, 2);
		ck_assert_uint_eq(run.page % 2, run.thread);
		of[run.thread]++;
	}
	ck_assert_int_eq(of[0], REGION_PAGES / 2);
	ck_assert_int_eq(of[1], REGION_PAGES / 2);
	ref_reader_free(r);
}
END_TEST

START_TEST(a_signal_that_ends_the_program_is_its_exit_code)
{
	struct record_job job = {0};
	ck_assert_int_eq(fixture_record("faults", "die", &job).exit_code, 128 + SIGTERM);
}
END_TEST

START_TEST(a_program_that_is_not_there_is_named)
{
	static char name[] = "/nowhere/at-all";
	static char *argv[] = {name, NULL};
	struct record_job job = {.argv = argv, .output = fixture_file};
	struct record_result result;
	struct err e = {0};
	ck_assert_int_lt(recorder_find("faults")->run(&job, &result, &e), 0);
	ck_assert_ptr_nonnull(strstr(e.msg, "/nowhere/at-all: cannot be run: No such file"));
}
END_TEST

int main(int argc, char **argv)
{
	if (argc > 1)
		_exit(be_recorded(argv[1])); /* leak checkers do not like to be traced */
	TCase *c = tcase_create("faults");
	tcase_add_test(c, each_first_touch_is_a_fault_in_its_order);
	tcase_add_test(c, threads_have_their_numbers);
	tcase_add_test(c, a_signal_that_ends_the_program_is_its_exit_code);
	tcase_add_test(c, a_program_that_is_not_there_is_named);
	return fixture_main("faults", c);
}
