/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Numbers with units. Expected values follow from the definitions of the prefixes (SI
 * Brochure, 9th ed., table 7; IEC 80000-13 for Ki, Mi, Gi, Ti) and from 1 turn = 360 deg,
 * 1 min = 60 s, 1 h = 3600 s, 1 d = 86400 s.
 */
#include <check.h>
#include <float.h>
#include <inttypes.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/rng.h"
#include "sim/units.h"

struct integer_case {
	enum unit unit;
	const char *text;
	int64_t value;
};

static const struct integer_case integers[] = {
	{ UNIT_NONE, "0", 0 },
	{ UNIT_NONE, "-0", 0 },
	{ UNIT_NONE, "+17", 17 },
	{ UNIT_NONE, "007", 7 },
	{ UNIT_NONE, "1e6", 1000000 },
	{ UNIT_NONE, "1.5e1", 15 },
	{ UNIT_NONE, "1200e-2", 12 },
	{ UNIT_NONE, "4.000", 4 },
	{ UNIT_NONE, "9223372036854775807", INT64_MAX },
	{ UNIT_NONE, "-9223372036854775808", INT64_MIN },
	{ UNIT_NONE, "  12\t", 12 },
	{ UNIT_TIME, "0", 0 },
	{ UNIT_TIME, "0.0", 0 },
	{ UNIT_TIME, "1 ps", 1 },
	{ UNIT_TIME, "1 ns", 1000 },
	{ UNIT_TIME, "1 us", 1000000 },
	{ UNIT_TIME, "1 \xc2\xb5s", 1000000 },
	{ UNIT_TIME, "1 \xce\xbcs", 1000000 },
	{ UNIT_TIME, "1 ms", 1000000000 },
	{ UNIT_TIME, "1 s", 1000000000000 },
	{ UNIT_TIME, "1 min", 60000000000000 },
	{ UNIT_TIME, "1 h", 3600000000000000 },
	{ UNIT_TIME, "1 d", 86400000000000000 },
	{ UNIT_TIME, "8.333 ms", 8333000000 },
	{ UNIT_TIME, "0.001 ns", 1 },
	{ UNIT_TIME, "-5ms", -5000000000 },
	{ UNIT_TIME, "9223372.036854775807 s", INT64_MAX },
	{ UNIT_TIME, "0.05 min", 3000000000000 },
	{ UNIT_BYTES, "512 B", 512 },
	{ UNIT_BYTES, "1 KB", 1000 },
	{ UNIT_BYTES, "1 kB", 1000 },
	{ UNIT_BYTES, "1 MB", 1000000 },
	{ UNIT_BYTES, "1 GB", 1000000000 },
	{ UNIT_BYTES, "1 TB", 1000000000000 },
	{ UNIT_BYTES, "1 KiB", 1024 },
	{ UNIT_BYTES, "1 MiB", 1048576 },
	{ UNIT_BYTES, "1 GiB", 1073741824 },
	{ UNIT_BYTES, "1 TiB", 1099511627776 },
	{ UNIT_BYTES, "0.5KiB", 512 },
	{ UNIT_BYTES, "9.1 GB", 9100000000 },
	{ UNIT_BYTES, "0.0009765625 KiB", 1 },
	{ UNIT_RATE, "1 B/s", 1 },
	{ UNIT_RATE, "1 KB/s", 1000 },
	{ UNIT_RATE, "1 kB/s", 1000 },
	{ UNIT_RATE, "1 MB/s", 1000000 },
	{ UNIT_RATE, "1 GB/s", 1000000000 },
	{ UNIT_RATE, "1 KiB/s", 1024 },
	{ UNIT_RATE, "1 MiB/s", 1048576 },
	{ UNIT_RATE, "1 GiB/s", 1073741824 },
	{ UNIT_RPM, "7200 rpm", 7200000 },
	{ UNIT_RPM, "10025 rpm", 10025000 },
	{ UNIT_RPM, "5400.5rpm", 5400500 },
	{ UNIT_POWER, "1 uW", 1 },
	{ UNIT_POWER, "1 mW", 1000 },
	{ UNIT_POWER, "0.85 W", 850000 },
	{ UNIT_POWER, "1.2 kW", 1200000000 },
};

START_TEST(integers_are_read_exactly)
{
	const struct integer_case *c = &integers[_i];
	union unit_value v;
	char why[256];

	ck_assert_msg(unit_parse(c->unit, c->text, &v, why, sizeof(why)) == 0, "%s: %s", c->text,
		why);
	ck_assert_msg(v.i == c->value, "%s gave %" PRId64, c->text, v.i);
}
END_TEST

struct real_case {
	enum unit unit;
	const char *text;
	double value;
};

/* A literal is the double nearest to the decimal, and so must the reading be. */
static const struct real_case reals[] = {
	{ UNIT_NUMBER, "0.1", 0.1 },
	{ UNIT_NUMBER, "-2.5e-3", -0.0025 },
	{ UNIT_NUMBER, "1e22", 1e22 },
	{ UNIT_NUMBER, ".5", 0.5 },
	{ UNIT_NUMBER, "5.", 5 },
	{ UNIT_NUMBER, "1.7976931348623157e308", DBL_MAX },
	{ UNIT_NUMBER, "4.9406564584124654e-324", 4.9406564584124654e-324 },
	{ UNIT_IOPS, "0", 0 },
	{ UNIT_IOPS, "500 /s", 500 },
	{ UNIT_IOPS, "500/s", 500 },
	{ UNIT_IOPS, "100 1/s", 100 },
	{ UNIT_IOPS, "20 IOPS", 20 },
	{ UNIT_IOPS, "1.1 k/s", 1100 },
	{ UNIT_IOPS, "1.1 kIOPS", 1100 },
	{ UNIT_IOPS, "2.3 M/s", 2300000 },
	{ UNIT_IOPS, "333 MT/s", 333e6 },
	{ UNIT_IOPS, "1.6 GT/s", 1.6e9 },
	{ UNIT_ANGLE, "0.25 turn", 0.25 },
	{ UNIT_ANGLE, "90 deg", 0.25 },
	{ UNIT_ANGLE, "-360 deg", -1 },
	{ UNIT_RATIO, "67 %", 0.67 },
	{ UNIT_RATIO, "67%", 0.67 },
	{ UNIT_RATIO, "0.67", 0.67 },
	{ UNIT_RATIO, "0.07 %", 0.0007 },
	{ UNIT_RATIO, "100 %", 1 },
};

START_TEST(reals_are_rounded_once)
{
	const struct real_case *c = &reals[_i];
	union unit_value v;
	char why[256];

	ck_assert_msg(unit_parse(c->unit, c->text, &v, why, sizeof(why)) == 0, "%s: %s", c->text,
		why);
	ck_assert_msg(v.d == c->value, "%s gave %.17g", c->text, v.d);
}
END_TEST

struct refusal {
	enum unit unit;
	const char *text;
	const char *why;
};

static const struct refusal refusals[] = {
	{ UNIT_RPM, "15000", "\"15000\": want a number with a unit such as \"15000 rpm\"" },
	{ UNIT_TIME, "5", "\"5\": want a number with a unit such as \"5 us\"" },
	{ UNIT_ANGLE, "0.5", "\"0.5\": want a number with a unit such as \"0.5 turn\"" },
	{ UNIT_TIME, "fast", "\"fast\": want a time such as \"50 us\"" },
	{ UNIT_TIME, "", "\"\": want a time such as \"50 us\"" },
	{ UNIT_TIME, "   ", "\"   \": want a time such as \"50 us\"" },
	{ UNIT_TIME, "nan ms", "want a time" },
	{ UNIT_NUMBER, "inf", "want a number" },
	{ UNIT_NUMBER, "0x10", "want a number without a unit" },
	{ UNIT_RPM, "15000 ms", "\"ms\" is no unit of rotational speed (rpm); want a value such as "
		"\"15000 rpm\"" },
	{ UNIT_BYTES, "16 kib", "did you mean \"16 KiB\"?" },
	{ UNIT_TIME, "16 KiB", "\"KiB\" is no unit of time" },
	{ UNIT_TIME, "1 ms 2", "\"ms 2\" is no unit of time" },
	{ UNIT_TIME, "1e ms", "\"e ms\" is no unit of time" },
	{ UNIT_NONE, "12 KiB", "want a whole number without a unit" },
	{ UNIT_NONE, "1,000", "want a whole number without a unit" },
	{ UNIT_NONE, "1_000", "want a whole number without a unit" },
	{ UNIT_NONE, "1.5", "\"1.5\": want a whole number" },
	{ UNIT_NONE, "1e-1", "want a whole number" },
	{ UNIT_NONE, "-", "want a whole number" },
	{ UNIT_NONE, ".", "want a whole number" },
	{ UNIT_TIME, "0.1 ps", "\"0.1 ps\": want a whole number of picoseconds" },
	{ UNIT_TIME, "0.0000000000001 s", "want a whole number of picoseconds" },
	{ UNIT_BYTES, "0.3 KiB", "want a whole number of bytes" },
	{ UNIT_BYTES, "0.5 B", "want a whole number of bytes" },
	{ UNIT_RPM, "7200.0005 rpm", "want a whole number of thousandths" },
	{ UNIT_POWER, "0.0000005 W", "want a whole number of millionths of a watt" },
	{ UNIT_NONE, "9223372036854775808", "out of range, want at most 9223372036854775807" },
	{ UNIT_NONE, "-9223372036854775809", "out of range, want at least -9223372036854775808" },
	{ UNIT_TIME, "200 d", "out of range, want at most 9223372.036854775807 s" },
	{ UNIT_TIME, "9223372.036854775808 s", "out of range" },
	{ UNIT_NONE, "1e99999999999999999999", "out of range" },
	{ UNIT_NONE, "170141183460469231731687303715884105728e1", "too many digits" },
	{ UNIT_NONE, "99999999999999999999999999999999999999", "out of range" },
	{ UNIT_TIME, "99999999999999999999999999999999999999 d", "out of range" },
	{ UNIT_NUMBER, "1e400", "out of the range of a number" },
	{ UNIT_NUMBER, "1e-400", "out of the range of a number" },
};

START_TEST(what_is_not_exact_or_has_no_unit_is_refused_with_a_hint)
{
	const struct refusal *r = &refusals[_i];
	union unit_value v;
	char why[256] = "";

	ck_assert_msg(unit_parse(r->unit, r->text, &v, why, sizeof(why)) == -1, "%s passed",
		r->text);
	ck_assert_msg(strstr(why, r->why) != NULL, "%s: %s", r->text, why);
}
END_TEST

START_TEST(a_number_longer_than_sense_is_refused)
{
	static char text[3000];
	union unit_value v;
	char why[64];

	/* 0.000...1e2000, were it read with clipped powers, could come out as anything */
	memset(text, '0', sizeof(text));
	memcpy(text, "0.", 2);
	strcpy(text + 2000, "1e2000");
	ck_assert_int_eq(unit_parse(UNIT_NUMBER, text, &v, why, sizeof(why)), -1);
	ck_assert_ptr_nonnull(strstr(why, "\"0.000"));
	/* a short `why` is cut, not overrun */
	ck_assert_uint_lt(strlen(why), sizeof(why));
}
END_TEST

struct format_case {
	enum unit unit;
	int64_t value;
	const char *text;
};

static const struct format_case formats[] = {
	{ UNIT_NONE, 1000000, "1000000" },
	{ UNIT_NONE, INT64_MIN, "-9223372036854775808" },
	{ UNIT_TIME, 0, "0" },
	{ UNIT_TIME, 8333000000, "8.333 ms" },
	{ UNIT_TIME, 500000000, "500 us" },
	{ UNIT_TIME, 90000000000000, "90 s" },
	{ UNIT_TIME, 60000000000000, "1 min" },
	{ UNIT_TIME, -1500, "-1.5 ns" },
	{ UNIT_TIME, 86400000000000000, "1 d" },
	{ UNIT_TIME, 1234567, "1.234567 us" },
	{ UNIT_BYTES, 512, "512 B" },
	{ UNIT_BYTES, 4096, "4 KiB" },
	{ UNIT_BYTES, 16384, "16 KiB" },
	{ UNIT_BYTES, 9100000000, "9.1 GB" },
	{ UNIT_RATE, 160000000, "160 MB/s" },
	{ UNIT_RPM, 7200000, "7200 rpm" },
	{ UNIT_RPM, 5400500, "5400.5 rpm" },
	{ UNIT_POWER, 850000, "850 mW" },
	{ UNIT_POWER, 2400000, "2.4 W" },
	{ UNIT_POWER, 13000000, "13 W" },
};

START_TEST(values_are_written_short)
{
	const struct format_case *c = &formats[_i];
	char text[100];

	ck_assert_str_eq(unit_format(c->unit, (union unit_value){ .i = c->value }, text,
		sizeof(text)), c->text);
}
END_TEST

START_TEST(reals_are_written_with_the_fewest_digits_that_read_back)
{
	char text[100];

#define WRITES(unit, value, want) \
	ck_assert_str_eq(unit_format(unit, (union unit_value){ .d = value }, text, sizeof(text)), want)
	WRITES(UNIT_NUMBER, 0.1, "0.1");
	WRITES(UNIT_NUMBER, 0.000123, "0.000123");
	WRITES(UNIT_NUMBER, -1e300, "-1e300");
	WRITES(UNIT_NUMBER, 100, "100");
	WRITES(UNIT_RATIO, 0.67, "0.67");
	WRITES(UNIT_ANGLE, 0.25, "0.25 turn");
	WRITES(UNIT_IOPS, 500, "500 /s");
	WRITES(UNIT_IOPS, 333e6, "333 M/s");
	WRITES(UNIT_IOPS, 0.5, "0.5 /s");
#undef WRITES
}
END_TEST

/* Writes v, reads it back, and wants the same bits. */
static void round_trip(enum unit u, union unit_value v)
{
	union unit_value back;
	char text[100], why[256];

	unit_format(u, v, text, sizeof(text));
	ck_assert_msg(unit_parse(u, text, &back, why, sizeof(why)) == 0, "%s: %s", text, why);
	ck_assert_msg(back.i == v.i, "%s", text); /* the bits of either kind */
}

START_TEST(what_is_written_reads_back_to_the_same_bits)
{
	const enum unit u = (enum unit)_i;
	struct arena *a = arena_new();
	struct rng *r = rng_new(a, 7, "units");

	for (int n = 0; n < 20000; n++) {
		union unit_value v;

		/* all magnitudes alike; every other one a round number, as people write them */
		v.i = (int64_t)(rng_u64(r) >> rng_below(r, 64));
		if (n % 2 == 0) {
			v.i = (int64_t)rng_below(r, 10000);
			for (uint64_t i = rng_below(r, 15); i > 0; i--)
				v.i *= 10;
			v.i <<= rng_below(r, 4);
		}
		if (n % 3 == 0)
			v.i = (int64_t)(0 - (uint64_t)v.i);
		if (unit_is_real(u)) {
			const double rounded = (double)v.i / pow(10, (double)rng_below(r, 20));

			if (n % 2 == 0)
				v.d = rounded;
			if (!isfinite(v.d))
				continue;
		}
		round_trip(u, v);
	}
	if (unit_is_real(u)) {
		static const double edges[] = { 0.0, -0.0, DBL_MAX, -DBL_MAX, DBL_MIN,
			DBL_TRUE_MIN, 1.0 / 3 };
		for (size_t i = 0; i < sizeof(edges) / sizeof(edges[0]); i++)
			round_trip(u, (union unit_value){ .d = edges[i] });
	} else {
		static const int64_t edges[] = { 0, 1, -1, INT64_MAX, INT64_MIN };
		for (size_t i = 0; i < sizeof(edges) / sizeof(edges[0]); i++)
			round_trip(u, (union unit_value){ .i = edges[i] });
	}
	arena_free(a);
}
END_TEST

START_TEST(a_locale_with_a_decimal_comma_changes_nothing)
{
	static const char *const names[] = { "de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8",
		"fr_FR.utf8", "de_DE", "fr_FR" };
	union unit_value v;
	char text[100], why[256];
	size_t i = 0;

	while (i < sizeof(names) / sizeof(names[0]) && setlocale(LC_ALL, names[i]) == NULL)
		i++;
	if (i == sizeof(names) / sizeof(names[0])) {
		puts("skipped: no locale with a decimal comma is installed");
		return;
	}
	ck_assert_int_eq(unit_parse(UNIT_NUMBER, "0.5", &v, why, sizeof(why)), 0);
	ck_assert(v.d == 0.5);
	ck_assert_str_eq(unit_format(UNIT_NUMBER, v, text, sizeof(text)), "0.5");
	v.d = 1.0 / 3;
	round_trip(UNIT_RATIO, v);
}
END_TEST

START_TEST(every_unit_has_a_name_and_a_phrase)
{
	ck_assert_str_ne(unit_name((enum unit)_i), "");
	ck_assert_str_ne(unit_doc((enum unit)_i), "");
}
END_TEST

START_TEST(summaries_show_three_digits)
{
	char text[64];

#define SHOWS(what, value, want) ck_assert_str_eq(unit_show_##what(value, text, sizeof(text)), want)
	SHOWS(time, 0, "0 ps");
	SHOWS(time, 5, "5 ps");
	SHOWS(time, 8.33e9, "8.33 ms");
	SHOWS(time, 8.3349e9, "8.33 ms");
	SHOWS(time, 12.34e6, "12.3 us");
	SHOWS(time, 999.4e3, "999 ns");
	SHOWS(time, 999.96e3, "1.00 us");
	SHOWS(time, 9.996e3, "10.0 ns");
	SHOWS(time, -2.5e12, "-2.50 s");
	SHOWS(time, 600e12, "600 s");
	SHOWS(time, 5400e12, "90.0 min");
	SHOWS(time, 36000e12, "10.0 h");
	SHOWS(time, 864000e12, "10.0 d");
	SHOWS(time, NAN, "nan");
	SHOWS(rate, 143e6, "143 MB/s");
	SHOWS(rate, 1.5e12, "1.50 TB/s");
	SHOWS(bytes, 512, "512 B");
	SHOWS(bytes, 16384, "16.4 KB");
	SHOWS(bytes, 9.1e9, "9.10 GB");
#undef SHOWS
}
END_TEST

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))

int main(void)
{
	Suite *s = suite_create("sim/units");
	TCase *t = tcase_create("units");
	tcase_add_loop_test(t, integers_are_read_exactly, 0, COUNT(integers));
	tcase_add_loop_test(t, reals_are_rounded_once, 0, COUNT(reals));
	tcase_add_loop_test(t, what_is_not_exact_or_has_no_unit_is_refused_with_a_hint, 0,
		COUNT(refusals));
	tcase_add_test(t, a_number_longer_than_sense_is_refused);
	tcase_add_loop_test(t, values_are_written_short, 0, COUNT(formats));
	tcase_add_test(t, reals_are_written_with_the_fewest_digits_that_read_back);
	tcase_add_loop_test(t, what_is_written_reads_back_to_the_same_bits, 0, UNIT_COUNT);
	tcase_add_test(t, a_locale_with_a_decimal_comma_changes_nothing);
	tcase_add_loop_test(t, every_unit_has_a_name_and_a_phrase, 0, UNIT_COUNT);
	tcase_add_test(t, summaries_show_three_digits);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
