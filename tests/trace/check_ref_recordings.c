/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The recordings of references in traces/, read whole, against traces/REF-CHECKS.csv: traces/record-refs.sh counted its numbers in
 * the text from which each was made, in awk.
 */
#include <check.h>
#include <glob.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "trace/ref_stat.h"

#define TRACES TOP_SRCDIR "/traces/"
#define ROWS_MAX 16

static struct row {
	char file[64], kind[16];
	uint64_t references, instructions, pages, written;
} rows[ROWS_MAX];
static int row_count;

static bool load_rows(void)
{
	char line[512];
	FILE *f = fopen(TRACES "REF-CHECKS.csv", "r");
	bool good = f && fgets(line, sizeof(line), f) &&
		strcmp(line, "file,kind,references,instructions,pages,pages_written\n") == 0;
	while (good && fgets(line, sizeof(line), f)) {
		struct row *r = &rows[row_count];
		good = row_count < ROWS_MAX && sscanf(line, "%63[^,],%15[^,],%" SCNu64 ",%" SCNu64 ",%" SCNu64 ",%" SCNu64 "\n",
			r->file, r->kind, &r->references, &r->instructions, &r->pages, &r->written) == 6;
		row_count += good;
	}
	if (f)
		fclose(f);
	if (!good)
		fprintf(stderr, "row %d of " TRACES "REF-CHECKS.csv is bad or the file is not there\n", row_count);
	return good;
}

START_TEST(recording_holds_what_was_counted_independently)
{
	const struct row *row = &rows[_i];
	struct ref_stat t;
	struct err e = {0};
	char path[4096];
	snprintf(path, sizeof(path), "%s%s", TRACES, row->file);
	struct ref_reader *r = ref_reader_open(path, &e);
	ck_assert_msg(r != NULL, "%s", e.msg);
	ck_assert_str_eq(ref_kind_name(ref_reader_header(r)->kind), row->kind);
	ck_assert_msg(ref_stat_read(&t, r, &e) == 0, "%s", e.msg);
	ck_assert_uint_eq(t.totals.refs, row->references);
	ck_assert_uint_eq(t.totals.instructions, row->instructions);
	ck_assert_uint_eq(t.pages, row->pages);
	ck_assert_uint_eq(t.written, row->written);
	ck_assert(!t.totals.interrupted && !t.totals.lossy);
	ref_stat_free(&t);
	ref_reader_free(r);
}
END_TEST

START_TEST(every_recording_has_a_row_and_is_small)
{
	glob_t found;
	ck_assert_int_eq(glob(TRACES "*.ref", 0, NULL, &found), 0);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		const char *name = strrchr(found.gl_pathv[i], '/') + 1;
		struct stat st;
		bool listed = false;
		for (int k = 0; k < row_count; k++)
			listed |= strcmp(rows[k].file, name) == 0;
		ck_assert_msg(listed, "REF-CHECKS.csv has no row for %s", name);
		ck_assert_int_eq(stat(found.gl_pathv[i], &st), 0);
		ck_assert_int_lt(st.st_size, 300 * 1024);
	}
	globfree(&found);
}
END_TEST

/* By hand: a b a c c b over five references and one more: distances to the next appearance, or to the end at 6. */
START_TEST(a_working_set_is_the_mean_of_distinct_pages)
{
	static const uint64_t page[] = {1, 2, 1, 3, 3, 2};
	struct ref_stat t;
	struct err e = {0};
	ref_stat_init(&t);
	t.window[0] = 2;
	t.window[1] = 3;
	for (int i = 0; i < 6; i++)
		ck_assert_int_eq(ref_stat_add(&t, &(struct ref_run){.page = page[i], .pages = 1, .refs = 1}, &e), 0);
	ref_stat_end(&t);
	/* distances 2, 4, (1 is not seen again: 6 - 2 = 4), 1, (6 - 4 = 2), (6 - 5 = 1) */
	ck_assert_double_eq_tol(t.working_set[0], (2 + 2 + 2 + 1 + 2 + 1) / 6.0, 1e-12);
	ck_assert_double_eq_tol(t.working_set[1], (2 + 3 + 3 + 1 + 2 + 1) / 6.0, 1e-12);
	ck_assert_uint_eq(t.pages, 3);
	ref_stat_free(&t);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("ref_recordings");
	TCase *c = tcase_create("ref_recordings");
	if (!load_rows())
		return EXIT_FAILURE;
	tcase_set_timeout(c, 60);
	tcase_add_loop_test(c, recording_holds_what_was_counted_independently, 0, row_count);
	tcase_add_test(c, every_recording_has_a_row_and_is_small);
	tcase_add_test(c, a_working_set_is_the_mean_of_distinct_pages);
	suite_add_tcase(suite, c);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
