/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Bound structs written as YAML bind back to the same values; option rows are printed as a
 * table and as source of the manual page.
 */
#include "sim/rng.h"

#include "option_fixture.h"

/* ---- YAML that binds back */

static void same_drive(const struct drive *x, const struct drive *y)
{
	ck_assert_int_eq(x->rpm, y->rpm);
	ck_assert_int_eq(x->bytes, y->bytes);
	ck_assert(x->ratio == y->ratio);
	ck_assert(x->rate == y->rate);
	ck_assert_int_eq(x->fast, y->fast);
	ck_assert_int_eq(x->scheduler, y->scheduler);
	ck_assert_str_eq(x->title, y->title);
	ck_assert_str_eq(x->file, y->file);
	ck_assert_mem_eq(&x->limits, &y->limits, sizeof(x->limits));
	ck_assert_uint_eq(x->zones.count, y->zones.count);
	for (size_t i = 0; i < x->zones.count; i++) {
		const struct zone *p = (const struct zone *)x->zones.rows + i;
		const struct zone *q = (const struct zone *)y->zones.rows + i;
		ck_assert_int_eq(p->heads, q->heads);
		ck_assert_int_eq(p->skew_ps, q->skew_ps);
		ck_assert_str_eq(p->name, q->name);
		ck_assert_mem_eq(&p->limits, &q->limits, sizeof(p->limits));
	}
	ck_assert_uint_eq(x->delays.count, y->delays.count);
	for (size_t i = 0; i < x->delays.count; i++)
		ck_assert_int_eq(x->delays.values[i].i, y->delays.values[i].i);
	ck_assert_uint_eq(x->factors.count, y->factors.count);
	for (size_t i = 0; i < x->factors.count; i++)
		ck_assert(x->factors.values[i].d == y->factors.values[i].d);
	ck_assert_uint_eq(x->seek.count, y->seek.count);
	for (size_t i = 0; i < x->seek.count; i++) {
		ck_assert_int_eq(x->seek.x[i], y->seek.x[i]);
		ck_assert(x->seek.y[i] == y->seek.y[i]);
	}
}

/* Write a drive as the member disk0 of a config, and bind that config to `d`. */
static void write_and_bind(const struct drive *from)
{
	char *yaml = NULL;
	size_t bytes = 0;
	FILE *out = open_memstream(&yaml, &bytes);

	fputs("disk0:\n", out);
	opt_write_yaml(&drive_group, from, 2, NULL, out);
	ck_assert_int_eq(fclose(out), 0);
	binds(yaml);
	free(yaml);
}

START_TEST(what_is_written_binds_back)
{
	static const char *const configs[] = {
		"disk0: {rpm: 7200 rpm}\n",
		"disk0:\n  rpm: 10025.5 rpm\n  bytes: 1234567 B\n  ratio: 0.1234567890123456789\n"
		"  rate: 333333.3 /s\n  fast: no\n  scheduler: fcfs\n  title: 'null'\n"
		"  file: \"dir/a b\"\n  limits: {low: -5, high: 100}\n"
		"  zones: [{heads: 1, skew: 1 ps, name: ': #', limits: {low: 2, high: 3}}, "
		"{heads: 2, name: '- x'}]\n"
		"  delays: []\n  factors: [1e300, -0.1, 4.9406564584124654e-324]\n"
		"  seek: [[-3, 0], [0, 1 ps], [9223372036854775807, 1 h]]\n",
	};
	struct drive first;

	for (size_t i = 0; i < sizeof(configs) / sizeof(configs[0]); i++) {
		binds(configs[i]);
		first = d;
		write_and_bind(&first);
		same_drive(&first, &d);
	}
}
END_TEST

START_TEST(random_structs_bind_back)
{
	struct rng *r = rng_new(a, 3, "drives");
	struct drive x;
	struct zone zones[4] = { { .heads = 0 } };
	union unit_value delays[4], factors[4];
	int64_t seek_x[4];
	double seek_y[4];

	binds("disk0: {rpm: 7200 rpm}\n");
	for (int n = 0; n < 300; n++) {
		x = d;
		x.rpm = (int64_t)(100000 + rng_below(r, 29900001));
		x.bytes = (int64_t)(512 + (rng_u64(r) >> (1 + rng_below(r, 50))));
		x.ratio = rng_unit(r);
		x.rate = rng_unit(r) * 1e6;
		x.fast = rng_below(r, 2) == 1;
		x.scheduler = (int)rng_below(r, 3);
		x.limits.low = (int64_t)rng_below(r, 50);
		x.limits.high = x.limits.low + (int64_t)rng_below(r, 50);
		x.zones = (struct opt_table){ zones, rng_below(r, 5) };
		x.delays = (struct opt_list){ delays, rng_below(r, 5) };
		x.factors = (struct opt_list){ factors, rng_below(r, 5) };
		x.seek = (struct opt_curve){ seek_x, seek_y, rng_below(r, 5) };
		for (int i = 0; i < 4; i++) {
			zones[i].heads = (int64_t)(1 + rng_below(r, 32));
			zones[i].skew_ps = (int64_t)rng_u64(r);
			zones[i].name = rng_below(r, 2) == 1 ? "zone" : "";
			delays[i].i = (int64_t)(rng_u64(r) >> (1 + rng_below(r, 60)));
			factors[i].d = rng_unit(r) * 1e10 - 5e9;
			seek_x[i] = (i > 0 ? seek_x[i - 1] + 1 : 0) + (int64_t)rng_below(r, 1000);
			/* a double of whole ps */
			seek_y[i] = (double)(int64_t)(rng_u64(r) >> (11 + rng_below(r, 50)));
		}
		write_and_bind(&x);
		same_drive(&x, &d);
	}
}
END_TEST

static void text_binds_back(const char *text)
{
	struct drive x = d;

	x.title = (char *)(uintptr_t)text;
	write_and_bind(&x);
	ck_assert_msg(strcmp(d.title, text) == 0, "\"%s\" came back as \"%s\"", text, d.title);
}

START_TEST(any_text_binds_back)
{
	static const char *const texts[] = { "", " ", " x", "x ", "~", "null", "true", "No", "y",
		"1", "1.5", "0x1f", "1e3", ".5", ".inf", "-", "- x", "-x", "?", "? x", ":", "a: b",
		"a:", ":a", "#", "a #b", "a#b", "# c", "&a", "*a", "!a", "!!str a", "|", ">", "%", "@",
		"`", "{", "}", "{a: 1}", "[", "]", "[1]", ",", "a,b", "'", "\"", "'a'", "\"a\"",
		"it's", "\\", "\\n", "a\\", "a\nb", "\n", "a\n", "\t", "\ta", "a\r\nb", "---", "...",
		"--- a", "<<", "=", "2001-01-01", "12:30:45", "\a\b\f\v\x1b\x7f", "plain",
		"/a/b-c_d.e", "a b", "\xc3\xbc", "\xc2\x85", "\xe2\x80\xa8",
		"a \xe2\x80\xa8 b", "a \xe2\x80\xa9 b", "\xef\xbb\xbf",
		"\xef\xbb\xbf" "a", "\xef\xbf\xbe", "\xf0\x9f\x92\xbe" };

	binds("disk0: {rpm: 7200 rpm}\n");
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		text_binds_back(texts[i]);
}
END_TEST

/* Every character from `first` to `last` in one text, each between letters. */
static void characters_bind_back(uint32_t first, uint32_t last)
{
	static char text[8 * 256];
	char *o = text;

	for (uint32_t code = first; code <= last; code++) {
		if (code == 0 || (code >= 0xd800 && code < 0xe000))
			continue;
		if (code < 0x80) {
			*o++ = (char)code;
		} else if (code < 0x800) {
			*o++ = (char)(0xc0 | code >> 6);
			*o++ = (char)(0x80 | (code & 0x3f));
		} else if (code < 0x10000) {
			*o++ = (char)(0xe0 | code >> 12);
			*o++ = (char)(0x80 | (code >> 6 & 0x3f));
			*o++ = (char)(0x80 | (code & 0x3f));
		} else {
			*o++ = (char)(0xf0 | code >> 18);
			*o++ = (char)(0x80 | (code >> 12 & 0x3f));
			*o++ = (char)(0x80 | (code >> 6 & 0x3f));
			*o++ = (char)(0x80 | (code & 0x3f));
		}
	}
	*o = '\0';
	text_binds_back(text);
}

START_TEST(every_character_binds_back)
{
	binds("disk0: {rpm: 7200 rpm}\n");
	for (uint32_t first = 0; first < 0x10000; first += 256)
		characters_bind_back(first, first + 255);
	for (uint32_t plane = 1; plane <= 16; plane++) {
		characters_bind_back(plane << 16, (plane << 16) + 255);
		characters_bind_back((plane << 16) + 0xff00, (plane << 16) + 0xffff);
	}
}
END_TEST

START_TEST(groups_without_rows_are_empty_maps)
{
	static const struct opt_row none[] = { { .key = NULL } };
	static const struct opt_group empty = { "empty", "Empty.", none, 1, NULL };
	static const struct opt_row rows[] = {
		{ .key = "g", .type = OPT_GROUP, .doc = "G.", .group = &empty },
		{ .key = "t", .type = OPT_TABLE, .offset = 8, .def = "", .doc = "T.",
			.group = &empty },
		{ .key = NULL },
	};
	static const struct opt_group group = { "g", "G.", rows, 64, NULL };
	union {
		struct opt_table t[3];
		char bytes[64];
	} bound;
	struct opt_table *table = (struct opt_table *)(void *)(bound.bytes + 8);

	write_file("a.yaml", "g: {}\nt: [{}, {}]\n");
	ck_assert_int_eq(config_load(c, "a.yaml", &e), 0);
	ck_assert_msg(config_bind(config_root(c), "", &group, NULL, &bound, a, &e) == 0, "%s", e.msg);
	ck_assert_uint_eq(table->count, 2);
	FILE *out = fopen("b.yaml", "w");
	opt_write_yaml(&group, &bound, 0, NULL, out);
	fclose(out);
	config_free(c);
	c = config_new(NULL);
	ck_assert_msg(config_load(c, "b.yaml", &e) == 0, "%s", e.msg);
	ck_assert_msg(config_bind(config_root(c), "", &group, NULL, &bound, a, &e) == 0, "%s", e.msg);
	ck_assert_uint_eq(table->count, 2);
}
END_TEST

/* A relative name gets the way back in front; an absolute one, "-" and none stay. */
START_TEST(files_are_named_from_where_they_are_read)
{
	static const struct { const char *file, *want; } names[] = {
		{ "t.csv", "../../t.csv" }, { "a/t.csv", "../../a/t.csv" }, { "/a/t.csv", "/a/t.csv" }, { "-", "-" }, { "", "" },
	};
	static const struct opt_row rows[] = { { .key = "file", .type = OPT_FILE, .doc = "F." }, { .key = NULL } };
	static const struct opt_group group = { "g", "G.", rows, sizeof(char *), NULL };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char *yaml = NULL, want[64];
		size_t bytes = 0;
		FILE *out = open_memstream(&yaml, &bytes);

		opt_write_yaml(&group, &names[i].file, 0, "../../", out);
		fclose(out);
		snprintf(want, sizeof(want), "file: \"%s\"\n", names[i].want);
		ck_assert_str_eq(yaml, want);
		free(yaml);
	}
}
END_TEST

/* ---- for people */

#define LONG_DOC "A sentence long enough to need a second line on any terminal, because it " \
	"goes on about what the option does, what it does not do, and why anybody would want it."

static const struct opt_row inner_rows[] = {
	{ .key = "sectors_per_track", .type = OPT_SCALAR, .unit = UNIT_NONE, .min = "1",
		.doc = ".Sectors of 5'\\-inch tracks." },
	{ .key = NULL },
};
static const struct opt_group inner_group = { "inner", "Inner.", inner_rows, 8, NULL };
static const struct opt_row printed_rows[] = {
	{ .key = "rpm", .type = OPT_SCALAR, .unit = UNIT_RPM, .min = "100 rpm", .max = "30000 rpm",
		.def = "7200 rpm", .doc = LONG_DOC },
	{ .key = "order", .type = OPT_ENUM, .def = "fcfs", .doc = "Order.", .choices = schedulers },
	{ .key = "zones", .type = OPT_TABLE, .def = "", .doc = "Zones.", .group = &inner_group },
	{ .key = "cache", .type = OPT_GROUP, .doc = "Cache.", .group = &inner_group },
	{ .key = NULL },
};
static const struct opt_group printed_group = { "printed", "Printed.", printed_rows, 64, NULL };

static char *print(void (*printer)(const struct opt_group *, const char *, FILE *))
{
	char *text = NULL;
	size_t bytes;
	FILE *out = open_memstream(&text, &bytes);

	printer(&printed_group, "disk0.", out);
	fclose(out);
	return text;
}

START_TEST(the_table_is_aligned_and_wrapped)
{
	char *text = print(opt_print_text);

	ck_assert_str_eq(text,
		"OPTION                           TYPE     DEFAULT   RANGE\n"
		"disk0.rpm                        rpm      7200 rpm  100 rpm to 30000 rpm\n"
		"    A sentence long enough to need a second line on any terminal, because it goes on "
		"about what\n"
		"    the option does, what it does not do, and why anybody would want it.\n"
		"disk0.order                      choice   fcfs\n"
		"    Order.\n"
		"      fcfs    first come, first served\n"
		"      c-look  one way over the disk, then back to the first\n"
		"      sptf    shortest positioning time first\n"
		"disk0.zones                      table    empty\n"
		"    Zones.\n"
		"disk0.zones[].sectors_per_track  integer  required  at least 1\n"
		"    .Sectors of 5'\\-inch tracks.\n"
		"disk0.cache                      group\n"
		"    Cache.\n"
		"disk0.cache.sectors_per_track    integer  required  at least 1\n"
		"    .Sectors of 5'\\-inch tracks.\n"
		"Units: rotational speed (rpm)\n");
	free(text);
}
END_TEST

START_TEST(the_manual_source_escapes_what_troff_would_obey)
{
	char *text = print(opt_print_man);

	ck_assert_ptr_nonnull(strstr(text, ".TP\n\\fBdisk0.rpm\\fR (rpm, 100 rpm to 30000 rpm, "
		"default 7200 rpm)\n\\&A sentence"));
	ck_assert_ptr_nonnull(strstr(text, ".TP\n\\fBdisk0.zones[].sectors_per_track\\fR (integer, "
		"at least 1, required)\n\\&.Sectors of 5\\(aq\\e\\-inch tracks.\n"));
	ck_assert_ptr_nonnull(strstr(text, ".TP\n\\fBdisk0.cache\\fR (group)\n"));
	ck_assert_ptr_nonnull(strstr(text, ".RS\n.TP\n\\fBfcfs\\fR\n\\&first come, first served\n"
		".TP\n\\fBc\\-look\\fR\n"));
	/* every line that begins with a dot is one of ours */
	for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n"))
		if (line[0] == '.' || line[0] == '\'')
			ck_assert_msg(strcmp(line, ".TP") == 0 || strcmp(line, ".RS") == 0 ||
				strcmp(line, ".RE") == 0, "%s", line);
	free(text);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("sim/option_print");
	TCase *t = tcase_create("option_print");
	tcase_set_timeout(t, 60);
	tcase_add_checked_fixture(t, open_all, close_all);
	tcase_add_test(t, what_is_written_binds_back);
	tcase_add_test(t, files_are_named_from_where_they_are_read);
	tcase_add_test(t, random_structs_bind_back);
	tcase_add_test(t, any_text_binds_back);
	tcase_add_test(t, every_character_binds_back);
	tcase_add_test(t, groups_without_rows_are_empty_maps);
	tcase_add_test(t, the_table_is_aligned_and_wrapped);
	tcase_add_test(t, the_manual_source_escapes_what_troff_would_obey);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
