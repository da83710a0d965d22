/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A drive as the files of a validation folder have it, from end to end: NAME.drive.txt, NAME.seek.csv and
 * NAME.trace.csv of a simulated drive whose true parameters are known. The sheet is wrong in some of them, as real ones
 * are, and written as odd as it may be; calibration on the first half finds the truth again.
 */
#include <check.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "disk/disk.h"
#include "effort.h"
#include "run/calibrate.h"
#include "sim/rng.h"
#include "valid/trial.h"

#define ROWS 3000
#define SECTORS (700 * 5 * 96 - 20 + 600 * 5 * 80 - 40)

/* %s: rpm, skew from track to track (turns), bus time (ms), hits after reads and after writes (ms) */
static const char sheet[] =
	"\xef\xbb\xbf# a drive that never was\r\n"
	"drive = Made \\ up \"5\"\r\n"
	"heads = 5\r\n"
	"cylinders = 1300\r\n"
	"rpm = %s\r\n"
	"lbn_order = 0\r\n"
	"sparing = 9\r\n"
	"skew_units = revolutions\r\n"
	"zone = 0\t0\t0\t699\t96\t0\t0\t%s 0.25 20\r\n"
	"zone = 1 335980 700 1299 80 0 0 %s 0.25 40\r\n"
	"slips.0 = 5000\t777 \r\n"
	"slips.1 = \r\n"
	"seek_model = extracted\r\n"
	"seek_table = made.seek.csv\r\n"
	"head_switch_ms = 0.9\r\n"
	"bus_block_read_ms = %s\r\n"
	"bus_block_write_ms = 0.1\r\n"
	"overhead_scale = 1\r\n"
	"read_hit_after_read = %s\r\n"
	"read_hit_after_write = %s\r\n"
	"read_miss_after_read = 0.6\r\n"
	"read_miss_after_write = 0.6\r\n"
	"write_miss_after_read = 0.8\r\n"
	"write_miss_after_write = 0.8\r\n"
	"cache_segments = 2\r\n"
	"segment_blocks = 128\r\n"
	"read_ahead_kind = 3\r\n"
	"read_ahead_max_blocks = 64\r\n"
	"read_watermark = 1e0\r\n"
	"something_new = 7 of 9\r\n";

static char folder[] = "/tmp/quern-check-recovery.XXXXXX";

static const char *in_folder(const char *name)
{
	static char path[128];
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static void write_sheet(const char *rpm, const char *skew, const char *bus, const char *after_read, const char *after_write)
{
	FILE *f = fopen(in_folder("made.drive.txt"), "w");
	ck_assert_ptr_nonnull(f);
	fprintf(f, sheet, rpm, skew, skew, bus, after_read, after_write);
	ck_assert_int_eq(fclose(f), 0);
}

static void write_curve(void)
{
	FILE *f = fopen(in_folder("made.seek.csv"), "w");
	ck_assert_ptr_nonnull(f);
	fputs("Distance,ms\r\n0,0\r\n1,2\r\n10,3\r\n\r\n100,6\r\n500,10\r\n1299,16", f);
	ck_assert_int_eq(fclose(f), 0);
}

/* The requests, with their responses where there are any yet. */
static void write_trace(const struct trace_record *rec, const struct measured_row *row)
{
	FILE *f = fopen(in_folder("made.trace.csv"), "w");
	ck_assert_ptr_nonnull(f);
	fputs("op,lbn,blocks,measured_response_us,think_us,kind,delay_before_us\n", f);
	for (size_t i = 0; i < ROWS; i++)
		fprintf(f, "%c,%" PRIu64 ",%" PRIu32 ",%.2f,0,Miss,%.2f\n", rec[i].op == BLK_WRITE ? 'W' : 'R', rec[i].lba, rec[i].sectors,
			row ? 1e-6 * (double)row[i].response_ps : 1, 1e-6 * (double)rec[i].delay_ps);
	ck_assert_int_eq(fclose(f), 0);
}

/* A third sequential, a third nearby, the rest anywhere; pauses from 2 to 40 ms. */
static void make_requests(struct trace_record *rec)
{
	struct arena *a = arena_new();
	struct rng *r = rng_new(a, 5, "check/recovery");
	uint64_t at = 0;
	for (size_t i = 0; i < ROWS; i++) {
		uint32_t n = 1 + (uint32_t)rng_below(r, 24);
		uint64_t kind = rng_below(r, 3);
		if (kind == 1)
			at = at > 2000 ? at - 2000 + rng_below(r, 4000) : rng_below(r, 4000);
		if (kind == 2 || at + n > SECTORS)
			at = rng_below(r, SECTORS - n);
		rec[i] = (struct trace_record){.lba = at, .sectors = n, .delay_ps = i ? 1000000 * (2000 + (int64_t)rng_below(r, 38000)) : 0,
			.op = rng_below(r, 3) ? BLK_READ : BLK_WRITE};
		at += n;
	}
	arena_free(a);
}

static void open_trial(struct trial *t)
{
	struct err e = {0};
	char device[128], trace[128];
	snprintf(device, sizeof(device), "%s", in_folder("made.drive.txt"));
	snprintf(trace, sizeof(trace), "%s", in_folder("made.trace.csv"));
	ck_assert_msg(trial_open(t, device, trace, &e) == 0, "%s", e.msg);
}

/* The files of the true drive, then the wrong sheet in place of the true one. */
static void setup(void)
{
	struct trace_record *rec = calloc(ROWS, sizeof(*rec));
	struct measured_row *row = calloc(ROWS, sizeof(*row));
	struct trial t;
	struct err e = {0};
	ck_assert(rec && row);
	make_requests(rec);
	write_curve();
	write_trace(rec, NULL);
	write_sheet("5402", "0.1875", "0.108", "0.65", "0.55");
	open_trial(&t);
	ck_assert_msg(measured_replay(t.trace, ROWS, &disk_ops, t.spec, row, &e) == 0, "%s", e.msg);
	trial_close(&t);
	write_trace(rec, row);
	free(rec);
	free(row);
}

static void teardown(void)
{
	unlink(in_folder("made.drive.txt"));
	unlink(in_folder("made.seek.csv"));
	unlink(in_folder("made.trace.csv"));
}

/* As it stands the true sheet gives its own trace again, but for the traces' hundredths of us. */
START_TEST(true_sheet_reproduces_its_trace)
{
	struct trial t;
	struct trial_figures f;
	struct err e = {0};
	open_trial(&t);
	ck_assert_msg(trial_run(&t, &f, &e) == 0, "%s", e.msg);
	/* the first request meets another angle in each of the 20 runs: nothing after it does */
	ck_assert_double_le(f.half[1].median_abs_ms, 1e-4);
	ck_assert_double_le(f.half[1].demerit_ms, 1e-3);
	trial_close(&t);
}
END_TEST

/*
 * To be found: the spindle (0.04 % off) to 2e-4, as one pair of accesses lies some 15 turns apart; the skew (a twenty-fourth of
 * a turn off) to 0.1 sector; the bus (8 % off) to 0.5 us a sector, of bins of 20 us over up to 24 sectors; hits (0.25 and
 * 0.15 ms off) to 10 us, with the completion, which adds to them.
 */
START_TEST(wrong_sheet_is_calibrated_to_the_truth)
{
	struct trial t;
	struct trial_figures before, after;
	struct err e = {0};
	write_sheet("5400", "0.1458333333", "0.1", "0.4", "0.4");
	open_trial(&t);
	ck_assert_msg(trial_run(&t, &before, &e) == 0, "%s", e.msg);
	const struct calibration *c = calibrate(t.arena, t.spec, t.trace, 1, &e);
	ck_assert_msg(c != NULL, "%s", e.msg);
	const struct disk_zone_spec *z = c->spec.geometry.zones.rows;
	const struct disk_overhead_spec *o = &c->spec.overhead;
	ck_assert_uint_eq(c->spec.geometry.zones.count, 2);
	ck_assert_double_eq_tol((double)c->spec.rpm, 5402e3, 2e-4 * 5402e3);
	ck_assert_double_eq_tol(z[0].track_skew, 18, 0.1);
	ck_assert_double_eq_tol(z[1].track_skew, 15, 0.1);
	ck_assert_double_eq_tol((double)c->spec.bus.read_sector_ps, 108e6, 5e5);
	ck_assert_double_eq_tol((double)(o->read_hit_after_read + o->read_completion), 650e6, 1e7);
	ck_assert_double_eq_tol((double)(o->read_hit_after_write + o->read_completion), 550e6, 1e7);
	/* in the half that was not fitted, too: a request in a hundred may be a turn (11.1 ms) off */
	*t.spec = c->spec;
	ck_assert_msg(trial_run(&t, &after, &e) == 0, "%s", e.msg);
	ck_assert_double_gt(before.half[1].median_abs_ms, 0.1);
	ck_assert_double_le(after.half[1].median_abs_ms, 0.01);
	ck_assert_double_le(after.half[1].rms_ms, 1.11);
	trial_close(&t);
}
END_TEST

int main(void)
{
	if (!mkdtemp(folder))
		return EXIT_FAILURE;
	Suite *s = suite_create("recovery");
	TCase *t = tcase_create("recovery");
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, true_sheet_reproduces_its_trace);
	if (effort(100) == 100) /* a minute under the sanitizers, which see calibration at work in check_calibrate */
		tcase_add_test(t, wrong_sheet_is_calibrated_to_the_truth);
	tcase_set_timeout(t, 300);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	rmdir(folder);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
