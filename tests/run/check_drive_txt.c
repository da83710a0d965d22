/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Drive parameter sheets: a sheet becomes a device with its very values, and a bad one is refused in one
 * sentence with file and line. Values are those written into the sheet below.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "disk/geom.h"
#include "disk/spec.h"
#include "run/drive_txt.h"
#include "run/plan.h"

#define COLUMNS "zone_columns = index first_lbn first_cyl last_cyl sectors_per_track zone_offset reserved_front " \
	"track_skew cylinder_skew spares\n"

static const char sheet[] =
	"# a drive that never was\n"
	"drive = Test \"9\"\n"
	"heads = 2\n"
	"cylinders = 30\n"
	"rpm = 6000\n"
	"lbn_order = 1\n"
	"sparing = 9\n"
	"skew_units = sectors\n"
	COLUMNS
	"zone = 0 0 0 9 100 0.0 0 7 12 20\n"
	"zone = 1 1980 12 29 80 5.5 0 6.5 11 40\n"
	"slips.0 = 700 150\n"
	"slips.1 = \n"
	"blocks_total = 4820\n"
	"seek_model = extracted\n"
	"seek_table = test.seek.csv\n"
	"head_switch_ms = 0.8\n"
	"write_settle_extra_ms = -0.25\n"
	"bus_block_read_ms = 0.1\n"
	"bus_block_write_ms = 0.12\n"
	"overhead_scale = 2\n"
	"overhead_per_request = 0.05\n"
	"read_hit_after_read = 0.2\n"
	"read_miss_after_write = 0.3\n"
	"cache_segments = 4\n"
	"segment_blocks = 64\n"
	"fast_write = 2\n"
	"read_ahead_kind = 3\n"
	"read_ahead_max_blocks = 32\n"
	"read_watermark = 0.75\n"
	"min_seek_delay = 0.6\n"
	"stop_prefetch_in_sector = 1\n";

static char folder[] = "/tmp/quern-check-drive.XXXXXX";
static struct arena *arena;

static const char *in_folder(const char *name)
{
	static char path[256];
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static void write_file(const char *name, const char *text)
{
	FILE *f = fopen(in_folder(name), "w");
	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	fclose(f);
}

static void setup(void)
{
	arena = arena_new();
	write_file("test.seek.csv", "distance_cylinders,seek_ms\n1,1.5\n10,2.75\n29,4\n");
	write_file("test.drive.txt", sheet);
}

static void teardown(void)
{
	arena_free(arena);
	unlink(in_folder("test.seek.csv"));
	unlink(in_folder("test.drive.txt"));
}

/* The device text of the sheet in the folder, or NULL with *e set. */
static char *device_text(struct err *e)
{
	char *text = NULL;
	size_t bytes = 0;
	const struct drive_txt *t = drive_txt_read(arena, in_folder("test.drive.txt"), e);
	if (!t)
		return NULL;
	FILE *out = open_memstream(&text, &bytes);
	int bad = drive_txt_write_device(t, out, e);
	fclose(out);
	if (!bad)
		return text;
	free(text);
	return NULL;
}

static struct plan *plan_of_sheet(void)
{
	struct err e = {0};
	char *text = device_text(&e);
	ck_assert_msg(text != NULL, "%s", e.msg);
	struct plan_input in = {.text = text};
	struct plan *p = plan_load(&in, &e);
	ck_assert_msg(p != NULL, "%s", e.msg);
	free(text);
	return p;
}

START_TEST(sheet_becomes_a_device_with_its_values)
{
	struct plan *p = plan_of_sheet();
	const struct disk_spec *s = plan_component(p, "disk0")->spec;
	ck_assert_str_eq(s->name, "Test \"9\"");
	ck_assert_int_eq(s->rpm, 6000000);
	ck_assert_int_eq(s->head_switch_ps, 800 * PS_PER_US);
	ck_assert_int_eq(s->write_settle_ps, -250 * PS_PER_US);
	ck_assert_int_eq(s->bus.read_sector_ps, 100 * PS_PER_US);
	ck_assert_int_eq(s->bus.write_sector_ps, 120 * PS_PER_US);
	ck_assert_double_eq(s->bus.read_watermark, 0.75);
	ck_assert_int_eq(s->cache.segments, 4);
	ck_assert_int_eq(s->cache.segment_sectors, 64);
	ck_assert_int_eq(s->cache.read_ahead, AHEAD_SEGMENT);
	ck_assert_int_eq(s->cache.read_ahead_max_sectors, 32);
	ck_assert(s->cache.write_back);
	ck_assert(s->cache.preempt_at_once);
	plan_free(p);
}
END_TEST

/* (own + per request) x scale: (0.2 + 0.05) x 2 and (0.3 + 0.05) x 2 ms */
START_TEST(overheads_have_the_part_of_every_request_and_the_scale)
{
	struct plan *p = plan_of_sheet();
	const struct disk_spec *s = plan_component(p, "disk0")->spec;
	ck_assert_int_eq(s->overhead.read_hit_after_read, 500 * PS_PER_US);
	ck_assert_int_eq(s->overhead.read_miss_after_write, 700 * PS_PER_US);
	plan_free(p);
}
END_TEST

START_TEST(geometry_has_the_sheets_zones_and_capacity)
{
	struct plan *p = plan_of_sheet();
	struct err e = {0};
	const struct disk_spec *s = plan_component(p, "disk0")->spec;
	const struct disk_zone_spec *z = s->geometry.zones.rows;
	ck_assert_uint_eq(s->geometry.zones.count, 2);
	ck_assert_int_eq(z[1].first_cylinder, 12);
	ck_assert_double_eq(z[1].offset, 5.5);
	ck_assert_double_eq(z[1].track_skew, 6.5);
	ck_assert_uint_eq(z[0].slips.count, 2);
	ck_assert_int_eq(z[0].slips.values[0].i, 150);
	struct geom *g = geom_new(arena, &s->geometry, &e);
	ck_assert_msg(g != NULL, "%s", e.msg);
	/* 10 x 2 x 100 - 20 and 18 x 2 x 80 - 40 blocks */
	ck_assert_uint_eq(g->sectors, 1980 + 2840);
	ck_assert_uint_eq(g->zones[1].first_lbn, 1980);
	plan_free(p);
}
END_TEST

START_TEST(seek_curve_is_the_table_beside_the_sheet)
{
	struct plan *p = plan_of_sheet();
	const struct disk_spec *s = plan_component(p, "disk0")->spec;
	ck_assert_uint_eq(s->seek.table.count, 3);
	ck_assert_int_eq(s->seek.table.x[1], 10);
	ck_assert_double_eq(s->seek.table.y[1], 2.75e9);
	plan_free(p);
}
END_TEST

START_TEST(what_has_no_counterpart_is_listed)
{
	struct err e = {0};
	char *text = device_text(&e);
	ck_assert_msg(text != NULL, "%s", e.msg);
	ck_assert_ptr_nonnull(strstr(text, "# Without a counterpart here:\n"));
	ck_assert_ptr_nonnull(strstr(text, "#   min_seek_delay = 0.6: "));
	free(text);
}
END_TEST

static const struct { const char *from, *to, *sentence; } bad[] = {
	{"rpm = 6000", "rpm = fast", "test.drive.txt:5: rpm = fast: want a number"},
	{"rpm = 6000", "rpm = -3", "test.drive.txt:5: rpm = -3: want a number from 1 to 100000"},
	{"heads = 2\n", "", "test.drive.txt: the key heads is missing"},
	{"heads = 2\n", "heads 2\n", "test.drive.txt:3: want `key = value`"},
	{"heads = 2\n", "heads = 2\nheads = 3\n", "test.drive.txt:4: heads stands twice, first in line 3"},
	{"100 0.0 0 7 12 20", "100 0.0 0 7 12", "test.drive.txt:10: zone = 0 0 0 9 100 0.0 0 7 12: want ten numbers"},
	{"zone = 1", "zone = 2", "test.drive.txt:11: zone = 2"},
	{"slips.0 = 700 150", "slips.0 = 700 x", "test.drive.txt:12: slips.0: want places"},
	{"skew_units = sectors", "skew_units = miles", "test.drive.txt:8: skew_units = miles: want sectors"},
	{"seek_table = test", "seek_table = none", "test.drive.txt:16: seek_table = none.seek.csv: cannot open"},
	{"sparing = 9", "sparing = 99", "test.drive.txt:7: sparing = 99: want"},
};

START_TEST(bad_sheet_is_refused_with_file_and_line)
{
	char text[sizeof(sheet) + 256];
	struct err e = {0};
	const char *at = strstr(sheet, bad[_i].from);
	ck_assert_ptr_nonnull(at);
	snprintf(text, sizeof(text), "%.*s%s%s", (int)(at - sheet), sheet, bad[_i].to, at + strlen(bad[_i].from));
	write_file("test.drive.txt", text);
	char *out = device_text(&e);
	ck_assert_msg(out == NULL, "%s was taken", bad[_i].to);
	ck_assert_msg(strstr(e.msg, bad[_i].sentence) != NULL, "\"%s\" says nothing of \"%s\"", e.msg, bad[_i].sentence);
	ck_assert_msg(strchr(e.msg, '\n') == NULL, "more than a sentence: %s", e.msg);
}
END_TEST

START_TEST(bad_seek_table_is_refused_with_its_own_line)
{
	struct err e = {0};
	write_file("test.seek.csv", "distance_cylinders,seek_ms\n1,1.5\nten,2\n");
	ck_assert_ptr_null(device_text(&e));
	ck_assert_msg(strstr(e.msg, "test.seek.csv:3: want a distance") != NULL, "%s", e.msg);
}
END_TEST

/* The same drive from other editors and with skews of a turn and more: equal in every value. */
START_TEST(odd_but_legal_sheets_give_the_same_device)
{
	static const struct { const char *from, *to; } odd[] = {
		{"rpm = 6000\n", "rpm=6.0e3 \t\r\n"},
		{"zone = 1 1980 12 29 80 5.5 0 6.5", "zone = 1\t1980 12  29\t80 -74.5 0 86.5"},
		{"slips.0 = 700 150", "slips.0 = 700\t150 "},
	};
	struct err e = {0};
	char text[2 * sizeof(sheet)];
	char *plain = device_text(&e);
	ck_assert_msg(plain != NULL, "%s", e.msg);
	snprintf(text, sizeof(text), "\xef\xbb\xbf%s", sheet);
	for (size_t i = 0; i < sizeof(odd) / sizeof(*odd); i++) {
		char rest[2 * sizeof(sheet)], *at = strstr(text, odd[i].from);
		ck_assert_msg(at != NULL, "%s", odd[i].from);
		snprintf(rest, sizeof(rest), "%s%s", odd[i].to, at + strlen(odd[i].from));
		memcpy(at, rest, strlen(rest) + 1);
	}
	write_file("test.drive.txt", text);
	write_file("test.seek.csv", "Distance,ms\r\n# measured\r\n0,0\r\n1,1.5\r\n10, 2.75\r\n\r\n29,4");
	char *same = device_text(&e);
	ck_assert_msg(same != NULL, "%s", e.msg);
	ck_assert_str_eq(same, plain);
	free(same);
	free(plain);
}
END_TEST

int main(void)
{
	if (!mkdtemp(folder))
		return EXIT_FAILURE;
	Suite *s = suite_create("drive_txt");
	TCase *t = tcase_create("drive_txt");
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, sheet_becomes_a_device_with_its_values);
	tcase_add_test(t, overheads_have_the_part_of_every_request_and_the_scale);
	tcase_add_test(t, geometry_has_the_sheets_zones_and_capacity);
	tcase_add_test(t, seek_curve_is_the_table_beside_the_sheet);
	tcase_add_test(t, what_has_no_counterpart_is_listed);
	tcase_add_loop_test(t, bad_sheet_is_refused_with_file_and_line, 0, (int)(sizeof(bad) / sizeof(bad[0])));
	tcase_add_test(t, bad_seek_table_is_refused_with_its_own_line);
	tcase_add_test(t, odd_but_legal_sheets_give_the_same_device);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	rmdir(folder);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
