/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * "Did you mean": distances by Damerau and Levenshtein, counted by hand.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "sim/config.h"

START_TEST(the_nearest_word_is_found_within_a_third_of_its_length)
{
	static const char *const keys[] = { "rpm", "heads", "zones", "read_ahead", "abcX", NULL };

	ck_assert_str_eq(nearest_word("rmp", keys), "rpm");          /* transposed */
	ck_assert_str_eq(nearest_word("head", keys), "heads");       /* one left out */
	ck_assert_str_eq(nearest_word("headss", keys), "heads");     /* one too many */
	ck_assert_str_eq(nearest_word("zomes", keys), "zones");      /* one changed */
	ck_assert_str_eq(nearest_word("readahead", keys), "read_ahead");
	ck_assert_str_eq(nearest_word("rpm", keys), "rpm");
	ck_assert_ptr_null(nearest_word("seek_curve", keys));
	/* of 3 letters, 3 / 3 + 1 = 2 may be wrong */
	ck_assert_str_eq(nearest_word("abc", (const char *const[]){ "ayz", NULL }), "ayz");
	ck_assert_ptr_null(nearest_word("abc", (const char *const[]){ "xyz", NULL }));
	/* Damerau-Levenshtein: ca -> ac -> abc is 2; with no edit between the transposed letters
	 * allowed ("optimal string alignment") it would be 3, more than 3 / 3 + 1. */
	ck_assert_str_eq(nearest_word("caX", keys), "abcX");
	ck_assert_str_eq(nearest_word("", (const char *const[]){ "a", NULL }), "a");
	ck_assert_ptr_null(nearest_word("rpm", (const char *const[]){ NULL }));
}
END_TEST

START_TEST(of_equally_near_words_the_first_is_taken)
{
	ck_assert_str_eq(nearest_word("cat", (const char *const[]){ "bat", "car", NULL }), "bat");
}
END_TEST

START_TEST(a_word_of_any_length_is_safe)
{
	static char word[5000];

	memset(word, 'x', sizeof(word) - 1);
	ck_assert_ptr_null(nearest_word(word, (const char *const[]){ "rpm", NULL }));
	ck_assert_ptr_null(nearest_word("rpm", (const char *const[]){ word, NULL }));
	word[64] = '\0';
	ck_assert_str_eq(nearest_word(word, (const char *const[]){ word, NULL }), word);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("sim/nearest");
	TCase *t = tcase_create("nearest");
	tcase_add_test(t, the_nearest_word_is_found_within_a_third_of_its_length);
	tcase_add_test(t, of_equally_near_words_the_first_is_taken);
	tcase_add_test(t, a_word_of_any_length_is_safe);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
