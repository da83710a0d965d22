/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The recordings in traces/, read whole, against traces/CHECKS.csv: its numbers were counted
 * by traces/count.sh, which shares nothing with the readers here. And traces/FORMATS.md against
 * the table of formats.
 */
#include <check.h>
#include <glob.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/time.h"
#include "trace/reader.h"

#define TRACES TOP_SRCDIR "/traces/"
#define ROWS_MAX 32

struct counts {
	uint64_t records, reads, writes, flushes, trims;
	uint64_t read_sectors, write_sectors, duration_us, end_sector;
};

struct row {
	char file[64], format[16], device[8], action[4];
	struct counts want;
};

static struct row rows[ROWS_MAX];
static int row_count;

/* Before any test runs: false, with the reason printed. */
static bool load_rows(void)
{
	static const char head[] = "file,format,device,action,records,reads,writes,flushes,trims,"
		"read_sectors,write_sectors,duration_us,end_sector\n";
	char line[512];
	FILE *f = fopen(TRACES "CHECKS.csv", "r");
	bool good = f && fgets(line, sizeof(line), f) && strcmp(line, head) == 0;

	while (good && fgets(line, sizeof(line), f)) {
		struct row *r = &rows[row_count];
		struct counts *w = &r->want;
		good = row_count < ROWS_MAX && sscanf(line, "%63[^,],%15[^,],%7[^,],%3[^,],%" SCNu64
			",%" SCNu64 ",%" SCNu64 ",%" SCNu64 ",%" SCNu64 ",%" SCNu64 ",%" SCNu64 ",%" SCNu64
			",%" SCNu64 "\n", r->file, r->format, r->device, r->action, &w->records, &w->reads,
			&w->writes, &w->flushes, &w->trims, &w->read_sectors, &w->write_sectors,
			&w->duration_us, &w->end_sector) == 13;
		row_count += good;
	}
	if (f)
		fclose(f);
	if (!good)
		fprintf(stderr, "row %d of " TRACES "CHECKS.csv is bad or the file is not there\n", row_count);
	return good;
}

static void count(struct counts *c, const struct trace_record *r)
{
	uint64_t end = r->lba + r->sectors;

	c->records++;
	switch (r->op) {
	case BLK_READ:
		c->reads++;
		c->read_sectors += r->sectors;
		break;
	case BLK_WRITE:
		c->writes++;
		c->write_sectors += r->sectors;
		break;
	case BLK_FLUSH:
		c->flushes++;
		ck_assert_uint_eq(r->sectors, 0);
		break;
	case BLK_TRIM:
		c->trims++;
		break;
	default:
		ck_abort_msg("line %" PRIu64 ": operation %d", r->line, r->op);
	}
	if (end > c->end_sector)
		c->end_sector = end;
}

static struct trace_reader *open_row(const struct row *row)
{
	struct trace_reader_options o = { .device = TRACE_ALL_DEVICES, .sort_window = -1 };
	struct err e = { 0 };
	char path[4096];

	if (strcmp(row->device, "all") != 0)
		o.device = (uint32_t)strtoul(row->device, NULL, 10);
	if (strcmp(row->format, "blkparse") == 0)
		o.parse.blkparse_action = row->action[0];
	snprintf(path, sizeof(path), "%s%s", TRACES, row->file);
	struct trace_reader *reader = trace_reader_open(path, &o, &e);
	ck_assert_msg(reader, "%s", e.msg);
	return reader;
}

START_TEST(recording_holds_what_was_counted_independently)
{
	const struct row *row = &rows[_i];
	const struct counts *want = &row->want;
	struct counts got = { 0 };
	struct trace_reader *reader = open_row(row);
	struct trace_source *source = trace_reader_source(reader);
	struct trace_record r;
	struct err e = { 0 };
	time_ps last = 0;
	int more;

	ck_assert_str_eq(trace_reader_format(reader)->name, row->format);
	ck_assert(source->has_arrivals);
	while ((more = source->next(source, 0, &r, &e)) > 0) {
		ck_assert_int_ge(r.arrive_ps, last);
		last = r.arrive_ps;
		count(&got, &r);
	}
	ck_assert_msg(more == 0, "%s", e.msg);
	got.duration_us = (uint64_t)(last / PS_PER_US);
	ck_assert_uint_eq(got.records, want->records);
	ck_assert_uint_eq(got.reads, want->reads);
	ck_assert_uint_eq(got.writes, want->writes);
	ck_assert_uint_eq(got.flushes, want->flushes);
	ck_assert_uint_eq(got.trims, want->trims);
	ck_assert_uint_eq(got.read_sectors, want->read_sectors);
	ck_assert_uint_eq(got.write_sectors, want->write_sectors);
	ck_assert_uint_eq(got.duration_us, want->duration_us);
	ck_assert_uint_eq(got.end_sector, want->end_sector);
	trace_reader_free(reader);
}
END_TEST

START_TEST(every_recording_has_a_row)
{
	glob_t found;

	ck_assert_int_eq(glob(TRACES "*.gz", 0, NULL, &found), 0);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		const char *name = strrchr(found.gl_pathv[i], '/') + 1;
		bool listed = false;
		for (int k = 0; k < row_count; k++)
			listed |= strcmp(rows[k].file, name) == 0;
		ck_assert_msg(listed, "CHECKS.csv has no row for %s", name);
	}
	globfree(&found);
}
END_TEST

START_TEST(every_format_is_described_with_its_sample)
{
	static char text[65536];
	FILE *f = fopen(TRACES "FORMATS.md", "r");

	ck_assert_ptr_nonnull(f);
	size_t n = fread(text, 1, sizeof(text) - 1, f);
	fclose(f);
	ck_assert_uint_lt(n, sizeof(text) - 1);
	for (int i = 0; trace_formats[i]; i++) {
		const struct trace_format *t = trace_formats[i];
		ck_assert_msg(strstr(text, t->name), "FORMATS.md has nothing about %s", t->name);
		if (!t->record_bytes)
			ck_assert_msg(strstr(text, t->sample), "FORMATS.md lacks the sample of %s", t->name);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("recordings");
	TCase *c = tcase_create("recordings");

	if (!load_rows())
		return EXIT_FAILURE;
	tcase_set_timeout(c, 60);
	tcase_add_test(c, every_recording_has_a_row);
	tcase_add_test(c, every_format_is_described_with_its_sample);
	tcase_add_loop_test(c, recording_holds_what_was_counted_independently, 0, row_count);
	suite_add_tcase(suite, c);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
