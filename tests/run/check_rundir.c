/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A run directory is whole or not there; the request log too; the way back from it. */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "run/reqlog.h"
#include "run/run_write.h"
#include "run/rundir.h"

static char folder[64];

static void enter(void)
{
	strcpy(folder, "/tmp/quern-check-rundir.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	ck_assert_int_eq(chdir(folder), 0);
}

static void leave(void)
{
	char command[128];
	ck_assert_int_eq(chdir("/"), 0);
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	ck_assert_int_eq(system(command), 0);
}

static bool there(const char *path)
{
	return access(path, F_OK) == 0;
}

/* Write a run directory with a summary that holds `text`. */
static int make(const char *name, bool force, const char *text, struct err *e)
{
	struct rundir *d = rundir_open(name, force, e);
	if (!d)
		return -1;
	FILE *f = rundir_create(d, "summary.json", e);
	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	ck_assert_int_eq(rundir_close(d, f, "summary.json", e), 0);
	int bad = rundir_commit(d, e);
	rundir_free(d);
	return bad;
}

static void holds(const char *path, const char *text)
{
	char got[64] = "";
	FILE *f = fopen(path, "r");
	ck_assert_ptr_nonnull(f);
	ck_assert_ptr_nonnull(fgets(got, sizeof(got), f));
	fclose(f);
	ck_assert_str_eq(got, text);
}

START_TEST(uncommitted_directory_leaves_nothing)
{
	struct err e = {0};
	struct rundir *d = rundir_open("run", false, &e);
	ck_assert_ptr_nonnull(d);
	FILE *f = rundir_create(d, "hist/read.csv", &e);
	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(rundir_close(d, f, "hist/read.csv", &e), 0);
	ck_assert(!there("run"));
	rundir_free(d);
	ck_assert_int_eq(rmdir("nothing"), -1);
	ck_assert_int_eq(chdir("/"), 0);
	ck_assert_int_eq(rmdir(folder), 0); /* empty, so it goes */
	ck_assert_int_eq(mkdir(folder, 0777), 0);
}
END_TEST

START_TEST(existing_run_is_kept_unless_forced)
{
	struct err e = {0};
	ck_assert_int_eq(make("run", false, "old", &e), 0);
	ck_assert_int_eq(make("run/", false, "new", &e), -1);
	ck_assert_int_eq(e.code, ERR_IO);
	holds("run/summary.json", "old");
	err_clear(&e);
	ck_assert_ptr_null(rundir_open("run", false, &e)); /* said before the run, not after it */
	err_clear(&e);
	ck_assert_int_eq(mkdir("mine", 0777), 0);
	ck_assert_int_eq(mkdir("mine/data", 0777), 0);
	ck_assert_ptr_null(rundir_open("mine", true, &e)); /* no run directory: never replaced */
	err_clear(&e);
	ck_assert_int_eq(make("run", true, "new", &e), 0);
	holds("run/summary.json", "new");
}
END_TEST

START_TEST(directory_made_by_another_meanwhile_is_kept)
{
	struct err e = {0};
	struct rundir *d = rundir_open("run", false, &e);
	ck_assert_ptr_nonnull(d);
	struct err other = {0};
	ck_assert_int_eq(make("run2", false, "theirs", &other), 0);
	ck_assert_int_eq(rename("run2", "run"), 0);
	ck_assert_int_eq(rundir_commit(d, &e), -1);
	ck_assert_int_eq(e.code, ERR_IO);
	rundir_free(d);
	holds("run/summary.json", "theirs");
}
END_TEST

START_TEST(numbers_skip_what_is_taken_even_late)
{
	struct err e = {0};
	ck_assert_int_eq(make(NULL, false, "first", &e), 0);
	struct rundir *d = rundir_open(NULL, false, &e);
	ck_assert_str_eq(rundir_name(d), "quern-run-002");
	ck_assert_int_eq(make("quern-run-002", false, "taken", &e), 0);
	ck_assert_int_eq(rundir_commit(d, &e), 0);
	ck_assert_str_eq(rundir_name(d), "quern-run-003");
	rundir_free(d);
	holds("quern-run-001/summary.json", "first");
	holds("quern-run-002/summary.json", "taken");
	ck_assert(there("quern-run-003"));
}
END_TEST

/* ---- the way back --------------------------------------------------------------------------------- */

static const struct {
	const char *dir, *want; /* want NULL: the folder we are in */
} ways[] = {{"run", "../"}, {"./x//y/run", "../../../"}, {"run/", "../"}, {".", ""}, {"../run", NULL}, {"x/../run", NULL},
	{"/tmp/run", NULL}};

START_TEST(the_way_back_from_a_directory_is_right)
{
	char here[128];
	snprintf(here, sizeof(here), "%s/", folder);
	char *got = run_way_back(ways[_i].dir);
	ck_assert_str_eq(got, ways[_i].want ? ways[_i].want : here);
	free(got);
}
END_TEST

/* ---- request log ------------------------------------------------------------------------------ */

START_TEST(log_rows_are_exact_and_empty_where_nothing_happened)
{
	struct err e = {0};
	struct outfile *l = reqlog_open("log.csv", false, &e);
	ck_assert_ptr_nonnull(l);
	struct blk_req r = {.lba = 18446744073709551615u, .sectors = 8, .op = BLK_WRITE,
		.arrive_ps = 0, .submit_ps = 1, .start_ps = 1234, .media_ps = -1,
		.done_ps = INT64_MAX, .hit = BLK_HIT, .overhead_ps = 999, .unwritten = 3,
		.place = BLK_NO_PLACE};
	struct trace_record rec = {.response_ps = -1, .line = 17, .device = 2};
	reqlog_row(outfile_stream(l), &r, &rec);
	r.place = 18446744073709551614u;
	r.seek_distance = 4294967295u;
	r.energy_pj = 29300000123;
	reqlog_row(outfile_stream(l), &r, &rec);
	ck_assert(!there("log.csv"));
	ck_assert_int_eq(outfile_finish(l, true, &e), 0);
	outfile_free(l);
	char line[512];
	FILE *f = fopen("log.csv", "r");
	ck_assert_ptr_nonnull(f);
	ck_assert_ptr_nonnull(fgets(line, sizeof(line), f));
	ck_assert_str_eq(line, REQLOG_HEADER);
	ck_assert_ptr_nonnull(fgets(line, sizeof(line), f));
	ck_assert_str_eq(line, "0.000,0.001,1.234,,9223372036854775.807,write,18446744073709551615,8,host,"
		"ok,hit,0.999,0.000,0.000,0.000,0.000,3,17,2,,,,0.000\n");
	ck_assert_ptr_nonnull(fgets(line, sizeof(line), f));
	ck_assert_ptr_nonnull(strstr(line, ",3,17,2,,18446744073709551614,4294967295,29300000.123\n"));
	fclose(f);
	ck_assert_ptr_null(reqlog_open("log.csv", false, &e));
	ck_assert_int_eq(e.code, ERR_IO);
}
END_TEST

START_TEST(unfinished_log_goes_and_a_partial_one_keeps_its_name)
{
	struct err e = {0};
	outfile_free(reqlog_open("log.csv", false, &e));
	ck_assert(!there("log.csv"));
	struct outfile *l = reqlog_open("log.csv", false, &e);
	ck_assert_int_eq(outfile_finish(l, false, &e), 0);
	ck_assert(!there("log.csv"));
	ck_assert(there(outfile_name(l)));
	outfile_free(l);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("rundir");
	TCase *t = tcase_create("rundir");
	tcase_add_checked_fixture(t, enter, leave);
	tcase_add_test(t, uncommitted_directory_leaves_nothing);
	tcase_add_test(t, existing_run_is_kept_unless_forced);
	tcase_add_test(t, directory_made_by_another_meanwhile_is_kept);
	tcase_add_test(t, numbers_skip_what_is_taken_even_late);
	tcase_add_loop_test(t, the_way_back_from_a_directory_is_right, 0,
		(int)(sizeof(ways) / sizeof(*ways)));
	tcase_add_test(t, log_rows_are_exact_and_empty_where_nothing_happened);
	tcase_add_test(t, unfinished_log_goes_and_a_partial_one_keeps_its_name);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
