/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tests themselves: tests/quick.h changes what an assertion does. One that does not hold still ends its test and names its
 * line, and a test that crashes is named. */
#include <check.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ASSERTIONS 7

enum { FIRST = __LINE__ + 6 }; /* the line of the first assertion */
START_TEST(fails)
{
	const char *text = "text";
	ck_assert_int_eq(_i, _i);
	switch (_i) {
	case 0: ck_assert(text == NULL); break;
	case 1: ck_assert_msg(text == NULL, "%s", text); break;
	case 2: ck_assert_int_eq(_i, 3); break;
	case 3: ck_assert_uint_lt(3u, 3u); break;
	case 4: ck_assert_str_ne(text, "text"); break;
	case 5: ck_assert_double_lt(2.0, 1.0); break;
	default: ck_abort_msg("the last"); break;
	}
}
END_TEST

enum { CRASHES = __LINE__ + 1 };
START_TEST(crashes)
{
	ck_assert_int_eq(_i, 0);
	raise(SIGKILL);
}
END_TEST

START_TEST(holds)
{
	ck_assert_int_eq(_i, 0);
}
END_TEST

/* Whether a test ended so, in that line; said where not. */
static bool ended(TestResult *r, enum test_result how, int line, const char *said)
{
	bool good = tr_rtype(r) == (int)how && tr_lno(r) == line && strstr(tr_lfile(r), "check_harness.c") && strstr(tr_msg(r), said);
	if (!good)
		printf("want %d in line %d with \"%s\", got %d in %s:%d: %s\n", (int)how, line, said, tr_rtype(r), tr_lfile(r), tr_lno(r),
			tr_msg(r));
	return good;
}

/* By itself: assertions that fail nothing would not fail here either. */
int main(void)
{
	Suite *suite = suite_create("harness");
	TCase *t = tcase_create("harness");
	tcase_add_loop_test(t, fails, 0, ASSERTIONS);
	tcase_add_test(t, crashes);
	tcase_add_test(t, holds);
	suite_add_tcase(suite, t);
	SRunner *r = srunner_create(suite);
	srunner_set_fork_status(r, CK_FORK);
	srunner_run_all(r, CK_SILENT);
	bool good = srunner_ntests_run(r) == ASSERTIONS + 2 && srunner_ntests_failed(r) == ASSERTIONS + 1;
	TestResult **seen = srunner_results(r);
	for (int i = 0; good && i < ASSERTIONS; i++)
		good = ended(seen[i], CK_FAILURE, FIRST + i, "");
	good = good && ended(seen[ASSERTIONS], CK_ERROR, CRASHES, "signal 9"); /* where it begins, with its name */
	free(seen);
	srunner_free(r);
	return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
