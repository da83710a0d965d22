/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers in text: exact, bounded by the line's end, never wrapped; names to numbers. */
#include <check.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trace/names.h"
#include "trace/scan.h"

/* Text with slack behind it that would be noticed: more digits. */
static char *with_slack(const char *text, size_t len)
{
	char *copy = malloc(len + TRACE_SLACK);

	memcpy(copy, text, len);
	memset(copy + len, '9', TRACE_SLACK);
	return copy;
}

static bool parse_u64(const char *text, uint64_t *out, size_t *taken)
{
	size_t len = strlen(text);
	char *copy = with_slack(text, len);
	struct scan s = { copy, copy + len };
	bool good = scan_u64(&s, out);

	*taken = (size_t)(s.p - copy);
	free(copy);
	return good;
}

START_TEST(whole_numbers_of_every_length_are_exact)
{
	char text[32] = "";

	for (int n = 0; n < 19; n++) {
		uint64_t v;
		size_t taken;
		text[n] = (char)('1' + n % 9);
		ck_assert(parse_u64(text, &v, &taken));
		ck_assert_uint_eq(v, strtoull(text, NULL, 10));
		ck_assert_uint_eq(taken, strlen(text));
		text[n + 1] = ',';
		ck_assert(parse_u64(text, &v, &taken));
		ck_assert_uint_eq(taken, (size_t)n + 1);
		text[n + 1] = '\0';
	}
}
END_TEST

START_TEST(whole_numbers_stop_at_two_to_the_64th)
{
	uint64_t v;
	size_t taken;

	ck_assert(parse_u64("18446744073709551615", &v, &taken));
	ck_assert_uint_eq(v, UINT64_MAX);
	ck_assert(!parse_u64("18446744073709551616", &v, &taken));
	ck_assert(!parse_u64("99999999999999999999999", &v, &taken));
	ck_assert(parse_u64("000000000000000000000000000017", &v, &taken));
	ck_assert_uint_eq(v, 17);
	ck_assert(!parse_u64("", &v, &taken));
	ck_assert(!parse_u64("-1", &v, &taken));
	ck_assert(!parse_u64("+1", &v, &taken));
	ck_assert(!parse_u64(" 1", &v, &taken));
}
END_TEST

/* Every byte that is no digit ends a number, at each place of the eight looked at at once. */
START_TEST(only_digits_are_digits)
{
	for (int place = 0; place < 12; place++) {
		for (int c = 0; c < 256; c++) {
			char text[] = "123456789012";
			struct scan s;
			uint64_t v;
			if (c >= '0' && c <= '9')
				continue;
			text[place] = (char)c;
			char *copy = with_slack(text, 12);
			s = (struct scan){ copy, copy + 12 };
			ck_assert_int_eq(scan_u64(&s, &v), place > 0);
			ck_assert_int_eq(s.p - copy, place);
			free(copy);
		}
	}
}
END_TEST

static const struct { const char *text; unsigned digits; const char *want; } decimals[] = {
	{ "0", 12, "0" },
	{ "1", 12, "1000000000000" },
	{ "0.551706", 12, "551706000000" },          /* SPC: seconds */
	{ "0.000001850", 12, "1850000" },            /* blkparse: seconds */
	{ "13.191135", 9, "13191135000" },           /* DiskSim: milliseconds */
	{ "20935.440364", 6, "20935440364" },        /* measured: microseconds */
	{ "1456095145.133076000", 12, "1456095145133076000000" },
	{ "18446744073709551615", 6, "18446744073709551615000000" },
	{ ".5", 3, "500" },
	{ "5.", 3, "5000" },
	{ "0.1234567890123", 12, "123456789012" },   /* the 13th digit rounds down */
	{ "0.1234567890125", 12, "123456789013" },   /* and up */
	{ "0.0000000000005", 12, "1" },
	{ "0.00000000000049999999", 12, "0" },
	{ "0.999999999999999999999999", 12, "1000000000000" },
	{ "1.5e-3", 12, "1500000000" },
	{ "1.5E3", 12, "1500000000000000" },
	{ "1e-12", 12, "1" },
	{ "4e-13", 12, "0" },
	{ "5e-13", 12, "1" },
	{ "1e-9999", 12, "0" },
	{ "0e9999", 12, "0" },
	{ "00000000000000000000000000000000000000001.25", 3, "1250" },
	{ "0.00000000000000000000000000000000000000000000000000125e50", 3, "125" },
};

START_TEST(decimals_are_exact_integers_of_the_unit)
{
	size_t len = strlen(decimals[_i].text);
	char *copy = with_slack(decimals[_i].text, len);
	struct scan s = { copy, copy + len };
	int128 v = -1;
	char got[48];

	ck_assert_msg(scan_decimal(&s, decimals[_i].digits, &v), "%s", copy);
	ck_assert(scan_at_end(&s));
	/* a 128-bit number in two halves of decimal digits */
	uint64_t high = (uint64_t)(v / 1000000000000), low = (uint64_t)(v % 1000000000000);
	if (high)
		snprintf(got, sizeof(got), "%" PRIu64 "%012" PRIu64, high, low);
	else
		snprintf(got, sizeof(got), "%" PRIu64, low);
	ck_assert_str_eq(got, decimals[_i].want);
	free(copy);
}
END_TEST

START_TEST(what_is_no_decimal_is_refused)
{
	static const char *const bad[] = { "", ".", "-1", "e5", ".e5", "1e", "1e+", "1e99999", "1e300",
		"99999999999999999999999999999999999999999", "x" };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		size_t len = strlen(bad[i]);
		char *copy = with_slack(bad[i], len);
		struct scan s = { copy, copy + len };
		int128 v;
		ck_assert_msg(!scan_decimal(&s, 12, &v), "\"%s\"", bad[i]);
		free(copy);
	}
}
END_TEST

START_TEST(blanks_and_words_end_at_the_end)
{
	static const char blanks[] = " \t          \t x";
	struct scan s;

	for (size_t len = 0; len < sizeof(blanks) - 2; len++) {
		char *copy = malloc(len + TRACE_SLACK);
		memcpy(copy, blanks, len);
		memset(copy + len, ' ', TRACE_SLACK);
		s = (struct scan){ copy, copy + len };
		scan_blanks(&s);
		ck_assert(s.p == s.end);
		memset(copy, 'w', len + TRACE_SLACK);
		s.p = copy;
		scan_skip_word(&s);
		ck_assert(s.p == s.end);
		free(copy);
	}
	s = (struct scan){ blanks, blanks + sizeof(blanks) - 1 };
	scan_blanks(&s);
	ck_assert_int_eq(*s.p, 'x');
}
END_TEST

static const char *phrase(const char *line, char separator, unsigned field)
{
	static char why[256];
	char *copy = with_slack(line, strlen(line));

	ck_assert_int_eq(scan_bad_field(why, sizeof(why), copy, strlen(line), separator, field, "size",
		"a whole number"), TRACE_BAD);
	free(copy);
	return why;
}

START_TEST(a_bad_field_is_named_and_explained)
{
	ck_assert_str_eq(phrase("1,2,3", ',', 4), "field 4 (size) is missing: the line has 3 fields");
	ck_assert_str_eq(phrase("1 2  3 ", ' ', 4), "field 4 (size) is missing: the line has 3 fields");
	ck_assert_str_eq(phrase("1,,3", ',', 2), "field 2 (size) is empty: want a whole number");
	ck_assert_str_eq(phrase("1,-5,3", ',', 2), "field 2 (size) is negative: \"-5\"");
	ck_assert_str_eq(phrase("1,99999999999999999999,3", ',', 2),
		"field 2 (size) is too large: \"99999999999999999999\"");
	ck_assert_str_eq(phrase("1\tx7\t3", ' ', 2), "field 2 (size) is \"x7\": want a whole number");
	/* nothing that a terminal may obey, nor all of a long field */
	ck_assert_str_eq(phrase("1,\033[31m,3", ',', 2), "field 2 (size) is \"?[31m\": want a whole number");
	ck_assert_str_eq(phrase("1,abcdefghijklmnopqrstuvwxyzabcdefghijkl,3", ',', 2),
		"field 2 (size) is \"abcdefghijklmnopqrstuvwxyzabcdef...\": want a whole number");
}
END_TEST

START_TEST(byte_ranges_round_outwards_to_sectors)
{
	struct trace_record r;

	ck_assert(scan_store_bytes(&r, 0, 512));
	ck_assert(r.lba == 0 && r.sectors == 1);
	ck_assert(scan_store_bytes(&r, 511, 2));
	ck_assert(r.lba == 0 && r.sectors == 2);
	ck_assert(scan_store_bytes(&r, 1024, 513));
	ck_assert(r.lba == 2 && r.sectors == 2);
	ck_assert(scan_store_bytes(&r, UINT64_MAX, 1));
	ck_assert(r.lba == SCAN_SECTORS_MAX - 1 && r.sectors == 1);
	ck_assert(!scan_store_bytes(&r, UINT64_MAX, 2));
	ck_assert(!scan_store_bytes(&r, 0, 0));
	ck_assert(scan_store_bytes(&r, 0, UINT64_C(512) * UINT32_MAX));
	ck_assert(!scan_store_bytes(&r, 0, UINT64_C(512) * UINT32_MAX + 1));
	ck_assert(scan_store_sectors(&r, SCAN_SECTORS_MAX - 1, 1));
	ck_assert(!scan_store_sectors(&r, SCAN_SECTORS_MAX, 1));
	ck_assert(!scan_store_sectors(&r, 5, 0));
	ck_assert(!scan_store_sectors(&r, 5, UINT64_C(1) << 32));
}
END_TEST

START_TEST(names_are_numbered_by_first_appearance)
{
	struct names n = { 0 };
	char name[16];

	for (int round = 0; round < 2; round++) {
		for (uint32_t i = 0; i < 5000; i++) {
			int len = snprintf(name, sizeof(name), "dev%" PRIu32, i * 7919);
			ck_assert_uint_eq(names_find(&n, name, (size_t)len), i);
			ck_assert_uint_eq(names_find(&n, name, (size_t)len), i);
			ck_assert_str_eq(names_text(&n, i), name);
		}
	}
	ck_assert_uint_eq(names_find(&n, "", 0), 5000);
	ck_assert_ptr_null(names_text(&n, 5001));
	names_free(&n);
}
END_TEST

START_TEST(names_have_a_limit)
{
	struct names n = { 0 };

	for (uint32_t i = 0; i < NAMES_MAX; i++)
		ck_assert_uint_eq(names_find(&n, (const char *)&i, sizeof(i)), i);
	ck_assert_uint_eq(names_find(&n, "one too many", 12), NAMES_FULL);
	names_free(&n);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("trace/scan");
	TCase *t = tcase_create("scan");

	tcase_add_test(t, whole_numbers_of_every_length_are_exact);
	tcase_add_test(t, whole_numbers_stop_at_two_to_the_64th);
	tcase_add_test(t, only_digits_are_digits);
	tcase_add_loop_test(t, decimals_are_exact_integers_of_the_unit, 0,
		(int)(sizeof(decimals) / sizeof(decimals[0])));
	tcase_add_test(t, what_is_no_decimal_is_refused);
	tcase_add_test(t, blanks_and_words_end_at_the_end);
	tcase_add_test(t, a_bad_field_is_named_and_explained);
	tcase_add_test(t, byte_ranges_round_outwards_to_sectors);
	tcase_add_test(t, names_are_numbered_by_first_appearance);
	tcase_add_test(t, names_have_a_limit);
	suite_add_tcase(s, t);
	SRunner *runner = srunner_create(s);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
