/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Binding a configuration to a struct by option rows, and what is refused. Values expected
 * are the ones written in the text beside them; lines and columns are counted by hand.
 */
#include "option_fixture.h"

static void refused(int result, const char *message)
{
	ck_assert_int_eq(result, -1);
	ck_assert_str_eq(e.msg, message);
	ck_assert_int_eq(e.code, ERR_CONFIG);
	err_clear(&e);
}

static const struct zone *zone(size_t i) { return (const struct zone *)d.zones.rows + i; }

static void check_default_values(void)
{
	ck_assert_int_eq(d.bytes, 4096);
	ck_assert(d.ratio == 0.67);
	ck_assert(d.rate == 500);
	ck_assert(d.fast);
	ck_assert_int_eq(d.scheduler, C_LOOK);
	ck_assert_str_eq(d.title, "# a drive: {x}"); /* a default is the text itself, no YAML */
	ck_assert_str_eq(d.file, "std/x.bin");
	ck_assert_int_eq(d.limits.low, 1);
	ck_assert_int_eq(d.limits.high, 9);
	ck_assert_uint_eq(d.zones.count, 0);
	ck_assert_uint_eq(d.delays.count, 2);
	ck_assert_int_eq(d.delays.values[1].i, 2000000000);
	ck_assert_uint_eq(d.factors.count, 0);
	ck_assert_uint_eq(d.seek.count, 0);
}

/* ---- values */

START_TEST(absent_keys_take_their_defaults)
{
	binds("disk0: {rpm: 7200 rpm}\n");
	ck_assert_int_eq(d.rpm, 7200000);
	check_default_values();
}
END_TEST

START_TEST(defaults_alone_leave_required_keys_zero)
{
	memset(&d, 0x55, sizeof(d));
	ck_assert_int_eq(opt_defaults(&drive_group, &d, a, &e), 0);
	ck_assert_int_eq(d.rpm, 0);
	check_default_values();
}
END_TEST

START_TEST(every_type_takes_its_value)
{
	binds("disk0:\n"
		"  rpm: 10025 rpm\n"
		"  bytes: 1 MiB\n"
		"  ratio: 0.25\n"
		"  rate: 1.5 k/s\n"
		"  fast: off\n"
		"  scheduler: sptf\n"
		"  title: \"two\\nlines\"\n"
		"  limits: {low: 3}\n"
		"  zones:\n"
		"    - {heads: 4, skew: 1.5 us, limits: {high: 7}}\n"
		"    - heads: 5\n"
		"      name: second\n"
		"  factors: [1.5, -2e3]\n"
		"  delays: []\n"
		"  seek: [[0, 0], [1, 0.8 ms], [100, 1 s]]\n"
		"  type: left to the caller\n");
	ck_assert_int_eq(d.rpm, 10025000);
	ck_assert_int_eq(d.bytes, 1048576);
	ck_assert(d.ratio == 0.25);
	ck_assert(d.rate == 1500);
	ck_assert(!d.fast);
	ck_assert_int_eq(d.scheduler, SPTF);
	ck_assert_str_eq(d.title, "two\nlines");
	ck_assert_int_eq(d.limits.low, 3);
	ck_assert_int_eq(d.limits.high, 9);
	ck_assert_uint_eq(d.zones.count, 2);
	ck_assert_int_eq(zone(0)->heads, 4);
	ck_assert_int_eq(zone(0)->skew_ps, 1500000);
	ck_assert_str_eq(zone(0)->name, "");
	ck_assert_int_eq(zone(0)->limits.high, 7);
	ck_assert_int_eq(zone(1)->heads, 5);
	ck_assert_str_eq(zone(1)->name, "second");
	ck_assert_int_eq(zone(1)->limits.high, 9);
	ck_assert_uint_eq(d.factors.count, 2);
	ck_assert(d.factors.values[0].d == 1.5 && d.factors.values[1].d == -2000);
	ck_assert_uint_eq(d.delays.count, 0);
	ck_assert_uint_eq(d.seek.count, 3);
	ck_assert_int_eq(d.seek.x[2], 100);
	ck_assert(d.seek.y[1] == 8e8 && d.seek.y[2] == 1e12);
}
END_TEST

START_TEST(bool_has_six_words)
{
	static const char *const words[] = { "true", "yes", "on", "false", "no", "off" };
	char yaml[64];

	for (int i = 0; i < 6; i++) {
		snprintf(yaml, sizeof(yaml), "disk0: {rpm: 100 rpm, fast: %s}\n", words[i]);
		binds(yaml);
		ck_assert_int_eq(d.fast, i < 3);
	}
}
END_TEST

START_TEST(a_group_without_a_value_takes_defaults)
{
	binds("disk0:\n  rpm: 100 rpm\n  limits:\n  zones:\n  seek:\n");
	check_default_values();
}
END_TEST

START_TEST(bounds_are_inclusive)
{
	binds("disk0: {rpm: 30000 rpm, ratio: 1, rate: 1 M/s, bytes: 512 B}\n");
	binds("disk0: {rpm: 100 rpm, ratio: 0 %}\n");
}
END_TEST

START_TEST(files_are_relative_to_the_file_that_names_them)
{
	ck_assert_int_eq(mkdir("sub", 0777), 0);
	write_file("sub/dev.yaml", "disk0: {rpm: 100 rpm, file: data/x.bin}\n");
	binds("include: sub/dev\n");
	ck_assert_str_eq(d.file, "sub/data/x.bin");
	write_file("sub/dev.yaml", "disk0: {rpm: 100 rpm}\n");
	binds("include: sub/dev\n");
	ck_assert_str_eq(d.file, "std/x.bin"); /* no file names it */
	binds("disk0: {rpm: 100 rpm, file: /abs/x.bin}\n");
	ck_assert_str_eq(d.file, "/abs/x.bin");
	binds("disk0: {rpm: 100 rpm, file: x.bin}\n");
	ck_assert_str_eq(d.file, "x.bin");
	ck_assert_int_eq(config_load(c, "sub/dev.yaml", &e), 0);
	ck_assert_int_eq(config_set(c, "disk0.file=y.bin", &e), 0);
	ck_assert_int_eq(config_bind(config_get(config_root(c), "disk0"), "disk0", &drive_group,
		NULL, &d, a, &e), 0);
	ck_assert_str_eq(d.file, "y.bin"); /* as the shell has it */
}
END_TEST

/* ---- CSV */

START_TEST(tables_and_curves_come_from_csv)
{
	ck_assert_int_eq(mkdir("sub", 0777), 0);
	write_file("sub/dev.yaml", "disk0: {rpm: 100 rpm, zones: z.csv, seek: s.csv}\n");
	write_file("sub/z.csv", "\xef\xbb\xbf# measured\r\n"
		"\r\n"
		"skew [us], heads ,name\r\n"
		"1.5,4,\"a, \"\"b\"\"\"\r\n"
		" ,5,\r\n"
		"  # a comment\n"
		"0,6,\" c \"");
	write_file("sub/s.csv", "distance,time\n1,0.8 ms\n2,\"1 ms\"\n");
	binds("include: sub/dev\n");
	ck_assert_uint_eq(d.zones.count, 3);
	ck_assert_int_eq(zone(0)->skew_ps, 1500000);
	ck_assert_int_eq(zone(0)->heads, 4);
	ck_assert_str_eq(zone(0)->name, "a, \"b\"");
	ck_assert_int_eq(zone(0)->limits.high, 9);
	ck_assert_int_eq(zone(1)->skew_ps, 0);
	ck_assert_int_eq(zone(1)->heads, 5);
	ck_assert_str_eq(zone(1)->name, "");
	ck_assert_str_eq(zone(2)->name, " c ");
	ck_assert_uint_eq(d.seek.count, 2);
	ck_assert_int_eq(d.seek.x[1], 2);
	ck_assert(d.seek.y[0] == 8e8 && d.seek.y[1] == 1e9);
}
END_TEST

struct bad_csv {
	const char *key;
	const char *csv;
	const char *message;
};

static const struct bad_csv bad_csvs[] = {
	{ "zones", "", "z.csv: the file has no header line" },
	{ "zones", "heads,skew\n4,1 us\n5\n",
		"z.csv:3:1: want 2 fields, as in the header, found 1" },
	{ "zones", "heads,skew\n4,1 us,\n", "z.csv:2:1: want 2 fields, as in the header, found 3" },
	{ "zones", "heads,haeds\n4,5\n",
		"z.csv:1:7: unknown key \"haeds\" in disk0.zones[0]; did you mean \"heads\"?" },
	{ "zones", "heads,heads\n4,5\n",
		"z.csv:1:7: the column \"heads\" stands twice in the header, first at column 1" },
	{ "zones", "heads,\n4,5\n", "z.csv:1:7: a column without a name in the header" },
	{ "zones", "heads [,x\n4,5\n", "z.csv:1:1: \"heads [\": want a name, or a name and a unit "
		"such as \"seek_time [ms]\"" },
	{ "zones", "heads,name\n4,\"x\n", "z.csv:2:3: a quote that is not closed in this line" },
	{ "zones", "heads,name\n4,\"x\"y\n", "z.csv:2:3: want a comma after the closing quote" },
	{ "zones", "# c\n\nheads,skew\n4,1 us\n 33 , 1 us\n",
		"z.csv:5:2: disk0.zones[1].heads = \"33\": want 1 to 32" },
	{ "zones", "heads,skew [us]\n4,1 us\n", "z.csv:2:3: disk0.zones[0].skew = \"1 us us\": "
		"\"us us\" is no unit of time (ps ns us ms s min h d); want a value such as \"1 us\"" },
	{ "zones", "skew\n1 us\n", "z.csv:2:1: disk0.zones[0]: the key \"heads\" is missing "
		"(integer): Heads of the zone." },
	{ "zones", "heads,name\n4,\xff\n", "z.csv:2:3: byte 0xff is not valid UTF-8" },
	{ "seek", "1,0.8 ms\n2,1 ms\n", "z.csv:1:1: want a header line with the names of the "
		"columns, found \"1\"" },
	{ "seek", "x,y,z\n1,2,3\n", "z.csv:1:1: want two columns, x and y, found 3" },
	{ "seek", "x,y\n5,1 ms\n5,2 ms\n",
		"z.csv:3:1: disk0.seek[1]: x = 5 does not rise above the 5 before it" },
	{ "seek", "x,y [ms]\n5,-1\n", "z.csv:2:3: disk0.seek[0] = \"-1 ms\": want at least 0" },
};

START_TEST(errors_of_a_csv_file_name_its_line)
{
	const struct bad_csv *b = &bad_csvs[_i];
	char yaml[64];

	write_file("z.csv", b->csv);
	snprintf(yaml, sizeof(yaml), "disk0: {rpm: 100 rpm, %s: z.csv}\n", b->key);
	refused(bind(yaml), b->message);
}
END_TEST

/* ---- refusals */

struct bad_config {
	const char *yaml;
	const char *message;
};

#define LACKS_RPM ": disk0: the key \"rpm\" is missing (rpm): Rotational speed of the spindle."

static const struct bad_config bad_configs[] = {
	{ "x: 1\ndisk0: {rmp: 7200 rpm}\n",
		"a.yaml:2:9: unknown key \"rmp\" in disk0; did you mean \"rpm\"?" },
	{ "disk0:\n  rpm: 1\n  xyzzyx: 1\n  rmp: 2\n", "a.yaml:3:3: unknown key \"xyzzyx\" in disk0; "
		"the keys are rpm, bytes, ratio, rate, fast, scheduler, title, file, limits, zones, "
		"delays, factors, seek, type" },
	{ "disk0: {typ: 1}\n", "a.yaml:1:9: unknown key \"typ\" in disk0; did you mean \"type\"?" },
	{ "x: 1\ndisk0: {fast: on}\n", "a.yaml:2:1" LACKS_RPM },
	{ "x: 1\ndisk0:\n", "a.yaml:2:1" LACKS_RPM },
	{ "x: 1\n", "disk0: the key \"rpm\" is missing (rpm): Rotational speed of the spindle." },
	{ "disk0: [1]\n", "a.yaml:1:8: disk0: want a map of keys, found a list" },
	{ "disk0: fast\n", "a.yaml:1:8: disk0: want a map of keys, found a single value" },
	{ "disk0:\n  rpm: 15000\n", "a.yaml:2:8: disk0.rpm = \"15000\": want a number with a unit "
		"such as \"15000 rpm\"" },
	{ "disk0: {rpm: 99.999 rpm}\n",
		"a.yaml:1:14: disk0.rpm = \"99.999 rpm\": want 100 rpm to 30000 rpm" },
	{ "disk0: {rpm: 30000.001 rpm}\n",
		"a.yaml:1:14: disk0.rpm = \"30000.001 rpm\": want 100 rpm to 30000 rpm" },
	{ "disk0: {rpm: 100 rpm, bytes: 511 B}\n",
		"a.yaml:1:30: disk0.bytes = \"511 B\": want at least 512 B" },
	{ "disk0: {rpm: 100 rpm, rate: 1.1 M/s}\n",
		"a.yaml:1:29: disk0.rate = \"1.1 M/s\": want at most 1 M/s" },
	{ "disk0: {rpm: [1 rpm]}\n",
		"a.yaml:1:14: disk0.rpm: want a single value, found a list" },
	{ "disk0: {rpm: {a: 1}}\n",
		"a.yaml:1:14: disk0.rpm: want a single value, found a map of keys" },
	{ "disk0: {rpm: 100 rpm, fast: maybe}\n",
		"a.yaml:1:29: disk0.fast = \"maybe\": want true or false" },
	{ "disk0: {rpm: 100 rpm, scheduler: sptff}\n", "a.yaml:1:34: disk0.scheduler = \"sptff\": "
		"did you mean \"sptf\"? Want fcfs, c-look or sptf" },
	{ "disk0: {rpm: 100 rpm, scheduler: FCFS}\n",
		"a.yaml:1:34: disk0.scheduler = \"FCFS\": want fcfs, c-look or sptf" },
	{ "disk0: {rpm: 100 rpm, limits: [1]}\n",
		"a.yaml:1:31: disk0.limits: want a map of keys, found a list" },
	{ "disk0: {rpm: 100 rpm, limits: {lo: 1}}\n",
		"a.yaml:1:32: unknown key \"lo\" in disk0.limits; did you mean \"low\"?" },
	{ "disk0: {rpm: 100 rpm, zones: {heads: 1}}\n", "a.yaml:1:30: disk0.zones: want a list of "
		"maps, or the name of a CSV file, found a map of keys" },
	{ "disk0: {rpm: 100 rpm, zones: [{heads: 1}, 5]}\n",
		"a.yaml:1:43: disk0.zones[1]: want a map of keys, found a single value" },
	{ "disk0: {rpm: 100 rpm, zones: [{heads: 1}, {skew: 0}]}\n", "a.yaml:1:43: disk0.zones[1]: "
		"the key \"heads\" is missing (integer): Heads of the zone." },
	{ "disk0: {rpm: 100 rpm, zones: [{heads: 1, limits: {hihg: 2}}]}\n", "a.yaml:1:51: unknown "
		"key \"hihg\" in disk0.zones[0].limits; did you mean \"high\"?" },
	{ "disk0: {rpm: 100 rpm, zones: gone.csv}\n",
		"a.yaml:1:30: cannot read \"gone.csv\": No such file or directory" },
	{ "disk0: {rpm: 100 rpm, delays: 1 ms}\n", "a.yaml:1:31: disk0.delays: want a list such as "
		"[1 ms], found a single value" },
	{ "disk0:\n  rpm: 100 rpm\n  delays:\n",
		"a.yaml:3:10: disk0.delays has no value; want a list" },
	{ "disk0: {rpm: 100 rpm, delays: [1 ms, [2]]}\n",
		"a.yaml:1:38: disk0.delays[1]: want a single value, found a list" },
	{ "disk0: {rpm: 100 rpm, delays: [1 ms, -1 ms]}\n",
		"a.yaml:1:38: disk0.delays[1] = \"-1 ms\": want at least 0" },
	{ "disk0: {rpm: 100 rpm, seek: [[1, 1 ms], [2]]}\n",
		"a.yaml:1:41: disk0.seek[1]: want a pair such as [x, y]" },
	{ "disk0: {rpm: 100 rpm, seek: [[1, 1 ms, 2]]}\n",
		"a.yaml:1:30: disk0.seek[0]: want a pair such as [x, y]" },
	{ "disk0: {rpm: 100 rpm, seek: [5]}\n",
		"a.yaml:1:30: disk0.seek[0]: want a pair such as [x, y]" },
	{ "disk0: {rpm: 100 rpm, seek: [[1.5, 1 ms]]}\n",
		"a.yaml:1:31: disk0.seek[0] = \"1.5\": want a whole number" },
	{ "disk0: {rpm: 100 rpm, seek: [[7, 1 ms], [3, 2 ms]]}\n",
		"a.yaml:1:42: disk0.seek[1]: x = 3 does not rise above the 7 before it" },
	{ "disk0: {rpm: 100 rpm, seek: [[7, 1]]}\n", "a.yaml:1:34: disk0.seek[0] = \"1\": want a "
		"number with a unit such as \"1 us\"" },
	/* what spans fields: the place of the key, or of the group */
	{ "disk0: {rpm: 100 rpm, limits: {high: 2, low: 5}}\n",
		"a.yaml:1:41: disk0.limits.low = 5: want at most high (2)" },
	{ "disk0: {rpm: 100 rpm, limits: {high: 0}}\n",
		"a.yaml:1:23: disk0.limits.low = 1 (the default): want at most high (0)" },
	{ "disk0:\n  rpm: 100 rpm\n  limits: {high: 200, low: 101}\n",
		"a.yaml:3:3: disk0.limits: one of low and high must be at most 100" },
	{ "disk0:\n  rpm: 100 rpm\n  zones:\n  - heads: 1\n    limits: {low: 50}\n",
		"a.yaml:5:14: disk0.zones[0].limits.low = 50: want at most high (9)" },
};

START_TEST(a_bad_config_is_refused_at_its_place)
{
	refused(bind(bad_configs[_i].yaml), bad_configs[_i].message);
}
END_TEST

START_TEST(errors_of_the_command_line_name_its_path)
{
	static const char *const bad[][2] = {
		{ "disk0.rmp=7200 rpm",
			"--set disk0.rmp: unknown key \"rmp\" in disk0; did you mean \"rpm\"?" },
		{ "disk0.cashe.segments=1", "--set disk0.cashe.segments: unknown key \"cashe\" in "
			"disk0; the keys are rpm, bytes, ratio, rate, fast, scheduler, title, file, "
			"limits, zones, delays, factors, seek" },
		{ "disk0.rpm=15000", "--set disk0.rpm: disk0.rpm = \"15000\": want a number with a "
			"unit such as \"15000 rpm\"" },
		{ "disk0.zones[0].heads=0",
			"--set disk0.zones[0].heads: disk0.zones[0].heads = \"0\": want 1 to 32" },
		{ "disk0.limits.low=12",
			"--set disk0.limits.low: disk0.limits.low = 12: want at most high (9)" },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		binds("disk0: {rpm: 100 rpm, limits: {low: 2}, zones: [{heads: 1}]}\n");
		ck_assert_msg(config_set(c, bad[i][0], &e) == 0, "%s", e.msg);
		refused(config_bind(config_get(config_root(c), "disk0"), "disk0", &drive_group, NULL,
			&d, a, &e), bad[i][1]);
	}
}
END_TEST

START_TEST(the_top_of_a_file_binds_without_a_name)
{
	struct limits l;
	struct zone z;

	write_file("a.yaml", "lwo: 2\n");
	ck_assert_int_eq(config_load(c, "a.yaml", &e), 0);
	refused(config_bind(config_root(c), "", &limits_group, NULL, &l, a, &e),
		"a.yaml:1:1: unknown key \"lwo\"; did you mean \"low\"?");
	refused(config_bind(config_root(c), NULL, &zone_group, (const char *const[]){ "lwo", NULL },
		&z, a, &e), "a.yaml:1:1: the key \"heads\" is missing (integer): Heads of the zone.");
}
END_TEST

START_TEST(a_wrong_default_is_reported_not_used)
{
	static const struct opt_row rows[] = {
		{ .key = "low", .type = OPT_SCALAR, .unit = UNIT_TIME, .def = "5", .doc = "Low." },
		{ .key = NULL },
	};
	static const struct opt_group group = { "bad", "Bad.", rows, sizeof(struct limits), NULL };
	struct limits l;

	refused(opt_defaults(&group, &l, a, &e),
		"low = \"5\": want a number with a unit such as \"5 us\"");
}
END_TEST

/* ---- exhaustion and damage */

static const char full[] =
	"disk0:\n"
	"  rpm: 10025 rpm\n"
	"  title: \"a \\\"drive\\\"\"\n"
	"  file: x.bin\n"
	"  zones:\n"
	"    - {heads: 4, name: first, limits: {high: 7}}\n"
	"    - {heads: 5, name: second}\n"
	"  factors: [1.5, 2]\n"
	"  seek: z.csv\n";

START_TEST(exhausted_memory_is_an_error_wherever_it_strikes)
{
	uint64_t n = 0;
	int done = 0;

	write_file("z.csv", "x,y [ms]\n1,1\n2,3\n");
	binds(full);
	while (!done) {
		struct arena *small = arena_new();
		ck_assert_ptr_nonnull(small);
		arena_fail_at(small, ++n);
		done = config_bind(config_get(config_root(c), "disk0"), "disk0", &drive_group, NULL,
			&d, small, &e) == 0;
		if (!done)
			ck_assert_msg(e.code == ERR_LIMIT, "%s", e.msg);
		err_clear(&e);
		arena_free(small);
	}
	ck_assert_uint_gt(n, 25);
}
END_TEST

START_TEST(a_config_cut_anywhere_binds_or_is_refused)
{
	char cut[sizeof(full)];

	write_file("z.csv", "x,y [ms]\n1,1\n2,3\n");
	for (size_t length = 0; length < sizeof(full); length++) {
		memcpy(cut, full, length);
		cut[length] = '\0';
		if (bind(cut) != 0)
			ck_assert_msg(strncmp(e.msg, "a.yaml:", 7) == 0 ||
				strncmp(e.msg, "disk0: the key", 14) == 0, "%zu: %s", length, e.msg);
		err_clear(&e);
	}
}
END_TEST

START_TEST(a_csv_file_cut_anywhere_binds_or_is_refused)
{
	static const char csv[] = "# m\nheads,skew [us],\"name\"\r\n4,1,\"a \"\"b\"\"\"\n5,,c\n";

	for (size_t length = 0; length < sizeof(csv); length++) {
		write_bytes("z.csv", csv, length);
		if (bind("disk0: {rpm: 100 rpm, zones: z.csv}\n") != 0)
			ck_assert_msg(strncmp(e.msg, "z.csv:", 6) == 0, "%zu: %s", length, e.msg);
		err_clear(&e);
	}
}
END_TEST

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))

int main(void)
{
	Suite *s = suite_create("sim/option");
	TCase *t = tcase_create("option");
	tcase_set_timeout(t, 60);
	tcase_add_checked_fixture(t, open_all, close_all);
	tcase_add_test(t, absent_keys_take_their_defaults);
	tcase_add_test(t, defaults_alone_leave_required_keys_zero);
	tcase_add_test(t, every_type_takes_its_value);
	tcase_add_test(t, bool_has_six_words);
	tcase_add_test(t, a_group_without_a_value_takes_defaults);
	tcase_add_test(t, bounds_are_inclusive);
	tcase_add_test(t, files_are_relative_to_the_file_that_names_them);
	tcase_add_test(t, tables_and_curves_come_from_csv);
	tcase_add_loop_test(t, errors_of_a_csv_file_name_its_line, 0, COUNT(bad_csvs));
	tcase_add_loop_test(t, a_bad_config_is_refused_at_its_place, 0, COUNT(bad_configs));
	tcase_add_test(t, errors_of_the_command_line_name_its_path);
	tcase_add_test(t, the_top_of_a_file_binds_without_a_name);
	tcase_add_test(t, a_wrong_default_is_reported_not_used);
	tcase_add_test(t, exhausted_memory_is_an_error_wherever_it_strikes);
	tcase_add_test(t, a_config_cut_anywhere_binds_or_is_refused);
	tcase_add_test(t, a_csv_file_cut_anywhere_binds_or_is_refused);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
