/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Programs that are recorded: the test itself, started with a word that says what it is to do. Skips (exit code 77) where the
 * recorder says that it cannot work here.
 */
#ifndef QUERN_TESTS_RECORD_FIXTURE_H
#define QUERN_TESTS_RECORD_FIXTURE_H

#include <check.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "record/record.h"

/* Where the recorded programs have the memory that the tests look at. */
#define REGION_PAGES 64
#define REGION_PAGE UINT64_C(0x200000000)
#define REGION_ADDRESS (REGION_PAGE * 4096)

static char fixture_file[] = "/tmp/quern-record-XXXXXX";

static inline volatile char *fixture_region(void)
{
	void *at = (void *)(uintptr_t)REGION_ADDRESS; /* NOLINT(performance-no-int-to-ptr) */
	void *p = mmap(at, REGION_PAGES * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	return p == at ? p : NULL; // cppcheck-suppress memleak
}

static inline void fixture_sleep(long ms)
{
	struct timespec t = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
	nanosleep(&t, NULL);
}

/* Records this very program, with `word` as its first; what came of it. */
static inline struct record_result fixture_record(const char *recorder, const char *word, struct record_job *job)
{
	static char self[] = "/proc/self/exe";
	static char path[4096];
	static char what[64];
	static char *argv[] = {path, what, NULL};
	struct record_result result = {0};
	struct err e = {0};
	ssize_t n = readlink(self, path, sizeof(path) - 1);
	ck_assert_int_gt(n, 0);
	path[n] = '\0';
	snprintf(what, sizeof(what), "%s", word);
	job->argv = argv;
	job->output = fixture_file;
	ck_assert_msg(recorder_find(recorder)->run(job, &result, &e) == 0, "%s", e.msg);
	return result;
}

static inline struct ref_reader *fixture_reader(void)
{
	struct err e = {0};
	struct ref_reader *r = ref_reader_open(fixture_file, &e);
	ck_assert_msg(r != NULL, "%s", e.msg);
	return r;
}

/* The next run within the region; 1, or 0 at the end. */
static inline int fixture_next(struct ref_reader *r, struct ref_run *run)
{
	struct err e = {0};
	int got;
	do
		got = ref_reader_next(r, run, &e);
	while (got > 0 && (run->page + run->pages <= REGION_PAGE || run->page >= REGION_PAGE + REGION_PAGES));
	ck_assert_msg(got >= 0, "%s", e.msg);
	return got;
}

/* Runs the tests, or says why they are skipped. */
static inline int fixture_main(const char *recorder, TCase *c)
{
	struct err e = {0};
	if (recorder_find(recorder)->probe(&e) < 0) {
		printf("skipped: %s\n", e.msg);
		return 77;
	}
	int fd = mkstemp(fixture_file);
	if (fd < 0)
		return EXIT_FAILURE;
	close(fd);
	Suite *s = suite_create(recorder);
	tcase_set_timeout(c, 60);
	suite_add_tcase(s, c);
	SRunner *runner = srunner_create(s);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	unlink(fixture_file);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

#endif
