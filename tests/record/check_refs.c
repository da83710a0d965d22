/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every reference recorded: of a program that reads and writes known pages in a known order (touch.c). */
#include "record/touch.h"
#include "record_fixture.h"

static struct record_result record_touch(struct record_job *job, char *word)
{
	static char program[] = TOP_BUILDDIR "/tests/record/touch";
	char *argv[] = {program, word, NULL};
	struct record_result result;
	struct err e = {0};
	job->argv = argv;
	job->output = fixture_file;
	ck_assert_msg(recorder_find("refs")->run(job, &result, &e) == 0, "%s", e.msg);
	ck_assert_int_eq(result.exit_code, 42);
	return result;
}

START_TEST(references_come_in_order_with_their_kind)
{
	struct record_job job = {.filter = 1};
	struct ref_run run;
	struct record_result got = record_touch(&job, NULL);
	struct ref_reader *r = fixture_reader();
	ck_assert_int_eq(ref_reader_header(r)->kind, REF_KIND_REFS);
	for (int i = 0; i < TOUCH_STEPS; i++) {
		ck_assert_int_eq(fixture_next(r, &run), 1);
		ck_assert_uint_eq(run.page, REGION_PAGE + (uint64_t)touch_nth(i));
		ck_assert_int_eq(run.op, touch_is_write(i) ? REF_WRITE : REF_READ);
	}
	for (int i = 19; i <= 20; i++) {
		ck_assert_int_eq(fixture_next(r, &run), 1);
		ck_assert_uint_eq(run.page, REGION_PAGE + (uint64_t)i);
		ck_assert_int_eq(run.op, REF_WRITE);
	}
	ck_assert_int_eq(fixture_next(r, &run), 0);
	ck_assert_uint_eq(ref_reader_totals(r)->refs, got.totals.refs);
	ck_assert_uint_gt(got.totals.instructions, TOUCH_STEPS);
	ref_reader_free(r);
	/* with a filter less is listed, and all is counted */
	job.filter = 32;
	struct record_result less = record_touch(&job, NULL);
	ck_assert_uint_lt(less.totals.runs, got.totals.runs / 2);
	ck_assert_uint_eq(less.totals.refs, got.totals.refs);
	ck_assert_uint_eq(less.totals.instructions, got.totals.instructions);
}
END_TEST

/* A shell that becomes the program by exec: the recording goes on with it. In between an exec of another shell. */
START_TEST(an_exec_is_followed)
{
	static char shell[] = "sh", option[] = "-c", script[] = "exec sh -c 'exec " TOP_BUILDDIR "/tests/record/touch'";
	char *argv[] = {shell, option, script, NULL};
	struct record_job job = {.filter = 1, .argv = argv, .output = fixture_file};
	struct record_result alone = record_touch(&(struct record_job){.filter = 1}, NULL), got;
	struct ref_run run;
	struct err e = {0};
	ck_assert_msg(recorder_find("refs")->run(&job, &got, &e) == 0, "%s", e.msg);
	ck_assert_int_eq(got.exit_code, 42);
	ck_assert(!got.replaced);
	ck_assert_uint_gt(got.totals.refs, alone.totals.refs);
	struct ref_reader *r = fixture_reader();
	for (int i = 0; i < TOUCH_STEPS; i++) {
		ck_assert_int_eq(fixture_next(r, &run), 1);
		ck_assert_uint_eq(run.page, REGION_PAGE + (uint64_t)touch_nth(i));
		ck_assert_int_eq(run.op, touch_is_write(i) ? REF_WRITE : REF_READ);
	}
	ref_reader_free(r);
}
END_TEST

/* The pages of all threads are there, and who touched them is not told (doc/FIDELITY.md). */
START_TEST(threads_come_as_one)
{
	static char word[] = "threads";
	struct record_job job = {.filter = 1};
	struct ref_run run;
	bool seen[TOUCH_THREADS] = {false};
	record_touch(&job, word);
	struct ref_reader *r = fixture_reader();
	while (fixture_next(r, &run)) {
		ck_assert_uint_eq(run.thread, 0);
		ck_assert_uint_lt(run.page - REGION_PAGE, TOUCH_THREADS);
		seen[run.page - REGION_PAGE] = true;
	}
	for (int i = 0; i < TOUCH_THREADS; i++)
		ck_assert_msg(seen[i], "thread %d", i);
	ref_reader_free(r);
}
END_TEST

int main(void)
{
#ifdef __SANITIZE_ADDRESS__
	puts("skipped: the address sanitizer and valgrind do not go together");
	return 77;
#endif
	TCase *c = tcase_create("refs");
	tcase_add_test(c, references_come_in_order_with_their_kind);
	tcase_add_test(c, an_exec_is_followed);
	tcase_add_test(c, threads_come_as_one);
	return fixture_main("refs", c);
}
