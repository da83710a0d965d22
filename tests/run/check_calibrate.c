/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Calibration against a drive whose parameters are known: a trace is made by simulating it, and a device
 * file that is wrong in skews, spindle speed, command times and seek curve is fitted to that trace.
 */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "effort.h"
#include "disk/disk.h"
#include "run/calibrate.h"
#include "run/plan.h"
#include "sim/rng.h"

#define ROWS 3000

/* What the sheet says; %s: more of disk0. */
static const char drive[] =
	"disk0:\n"
	"  model: disk\n"
	"  rpm: 7200 rpm\n"
	"  head_switch: 0.9 ms\n"
	"  geometry:\n"
	"    heads: 4\n"
	"    cylinders: 900\n"
	"    zones:\n"
	"      - {first_cylinder: 0, last_cylinder: 399, sectors_per_track: 120, track_skew: 17, cylinder_skew: 26}\n"
	"      - {first_cylinder: 400, last_cylinder: 899, sectors_per_track: 100, track_skew: 14, cylinder_skew: 22}\n"
	"  seek: {table: [[1, 1.5 ms], [10, 2.5 ms], [100, 5 ms], [400, 8 ms], [899, 12 ms]]}\n"
	"  overhead: {read_hit_after_read: 0.4 ms, read_hit_after_write: 0.4 ms, read_miss_after_read: 0.6 ms,\n"
	"    read_miss_after_write: 0.6 ms, write_miss_after_read: 0.8 ms, write_miss_after_write: 0.8 ms}\n"
	"  bus: {read_sector: 0.05 ms, write_sector: 0.05 ms}\n"
	"  cache: {segments: 4, segment_sectors: 128, read_ahead: segment, read_ahead_max: 64}\n";

static struct arena *arena;
static struct plan *plan;
static struct disk_spec *spec;
static struct measured trace;

/* A third sequential, a third nearby, the rest anywhere; pauses from 2 to 40 ms, to the microsecond as
 * real traces have them. */
static void make_rows(struct rng *r, uint64_t sectors)
{
	trace = (struct measured){.path = "made", .rec = arena_array(arena, ROWS, sizeof(*trace.rec)), .count = ROWS,
		.half = ROWS / 2};
	uint64_t at = 0;
	for (size_t i = 0; i < ROWS; i++) {
		uint32_t n = 1 + (uint32_t)rng_below(r, 24);
		uint64_t kind = rng_below(r, 3);
		if (kind == 1)
			at = at > 2000 ? at - 2000 + rng_below(r, 4000) : rng_below(r, 4000);
		if (kind == 2 || at + n > sectors)
			at = rng_below(r, sectors - n);
		trace.rec[i] = (struct trace_record){.lba = at, .sectors = n, .delay_ps = 1000000 * (2000 + (int64_t)rng_below(r, 38000)),
			.op = rng_below(r, 3) ? BLK_READ : BLK_WRITE, .line = i + 1};
		at += n;
	}
}

/* The trace that a drive with this spec would have given. */
static void record(const struct disk_spec *truth)
{
	struct err e = {0};
	struct measured_row *row = arena_array(arena, ROWS, sizeof(*row));
	ck_assert_msg(measured_replay(&trace, ROWS, &disk_ops, truth, row, &e) == 0, "%s", e.msg);
	for (size_t i = 0; i < ROWS; i++)
		trace.rec[i].response_ps = (row[i].response_ps + 500000) / 1000000 * 1000000;
}

static void setup(void)
{
	struct err e = {0};
	struct plan_input in = {.text = drive};
	plan = plan_load(&in, &e);
	ck_assert_msg(plan != NULL, "%s", e.msg);
	spec = plan_component(plan, "disk0")->spec;
	arena = arena_new();
	make_rows(rng_new(arena, 1, "check/calibrate"), 400 * 4 * 120 + 500 * 4 * 100);
}

static void teardown(void)
{
	plan_free(plan);
	arena_free(arena);
}

/* A spec with zones of its own, to be changed. */
static struct disk_spec copy_of(const struct disk_spec *s, struct disk_zone_spec **zones)
{
	struct disk_spec c = *s;
	*zones = arena_array(arena, s->geometry.zones.count, sizeof(**zones));
	memcpy(*zones, s->geometry.zones.rows, s->geometry.zones.count * sizeof(**zones));
	c.geometry.zones.rows = *zones;
	return c;
}

/* What holds of any fit is seen on a short trace. */
static void shorten(void)
{
	trace.count = effort(100) == 100 ? ROWS / 5 : ROWS / 15;
	trace.half = trace.count / 2;
}

static const struct calibration *fit(const struct disk_spec *start)
{
	struct err e = {0};
	const struct calibration *c = calibrate(arena, start, &trace, 1, &e);
	ck_assert_msg(c != NULL, "%s", e.msg);
	return c;
}

/* Turns that a sector of the last cylinder of a zone is off, mod 1. */
static double turn_off(const struct disk_zone_spec *a, const struct disk_zone_spec *b, int heads)
{
	double spt = (double)a->sectors_per_track, cylinders = (double)(a->last_cylinder - a->first_cylinder);
	double x = ((a->track_skew - b->track_skew) * (heads - 1) * (cylinders + 1) +
		(a->cylinder_skew - b->cylinder_skew) * cylinders) / spt;
	return fabs(x - rint(x));
}

/* Skews 5 and 7 sectors off, an offset between the zones, the spindle 0.05 % off: found to a hundredth of a
 * turn at the far end of each zone, 0.1 sector from track to track. Pairs lie some 15 turns apart, over which
 * 2e-4 of the speed are a third of a sector. */
START_TEST(skews_offset_and_speed_are_found_from_the_phase)
{
	struct disk_zone_spec *zones;
	struct disk_spec truth = copy_of(spec, &zones);
	zones[0].track_skew += 5;
	zones[0].cylinder_skew -= 7;
	zones[1].track_skew -= 3;
	zones[1].offset = 31;
	truth.rpm += truth.rpm / 2000;
	record(&truth);
	const struct calibration *c = fit(spec);
	const struct disk_zone_spec *found = c->spec.geometry.zones.rows;
	ck_assert_uint_eq(c->spec.geometry.zones.count, 2);
	ck_assert_double_eq_tol((double)c->spec.rpm, (double)truth.rpm, 2e-4 * (double)truth.rpm);
	for (int i = 0; i < 2; i++) {
		ck_assert_double_eq_tol(found[i].track_skew, zones[i].track_skew, 0.1);
		ck_assert_double_le(turn_off(&found[i], &zones[i], 4), 0.01);
	}
	double offset = (found[1].offset - found[0].offset - 31) / 100;
	ck_assert_double_le(fabs(offset - rint(offset)), 0.01);
}
END_TEST

/* Hits 0.2 ms slower, a bus 8 % slower: found to 10 us and, since times are counted in bins of
 * 20 us and a request has 24 sectors at most, 0.5 us. */
START_TEST(command_and_bus_times_are_found)
{
	struct disk_spec truth = *spec;
	truth.overhead.read_hit_after_read += 200 * PS_PER_US;
	truth.overhead.read_hit_after_write += 150 * PS_PER_US;
	truth.bus.read_sector_ps = 54 * PS_PER_US;
	record(&truth);
	const struct calibration *c = fit(spec);
	ck_assert_double_eq_tol((double)c->spec.bus.read_sector_ps, 54e6, 5e5);
	ck_assert_double_eq_tol((double)(c->spec.overhead.read_hit_after_read + c->spec.overhead.read_completion), 600e6, 1e7);
	ck_assert_double_eq_tol((double)(c->spec.overhead.read_hit_after_write + c->spec.overhead.read_completion), 550e6, 1e7);
}
END_TEST

/* The arm 0.7 ms slower at every distance: few revolutions stay wrong, in the half that was not fitted
 * as well. */
START_TEST(readiness_of_the_arm_is_found_from_the_revolutions)
{
	struct disk_spec truth = *spec;
	struct measured_row *row = arena_array(arena, ROWS, sizeof(*row));
	struct demerit_figures before, after;
	struct err e = {0};
	truth.overhead.read_miss_after_read += 700 * PS_PER_US;
	truth.overhead.read_miss_after_write += 700 * PS_PER_US;
	truth.overhead.write_miss_after_read += 700 * PS_PER_US;
	truth.overhead.write_miss_after_write += 700 * PS_PER_US;
	record(&truth);
	const struct calibration *c = fit(spec);
	ck_assert_int_eq(measured_replay(&trace, ROWS, &disk_ops, spec, row, &e), 0);
	ck_assert_int_eq(measured_figures(&trace, row, trace.half, ROWS, &before), 0);
	ck_assert_int_eq(measured_replay(&trace, ROWS, &disk_ops, &c->spec, row, &e), 0);
	ck_assert_int_eq(measured_figures(&trace, row, trace.half, ROWS, &after), 0);
	/* 700 us of 8333 are 8 revolutions in 100 requests; at most 1 in 100 may stay: a tenth of the squares */
	ck_assert_double_gt(before.rms_ms, 1.8);
	ck_assert_double_le(after.rms_ms, 0.84);
	ck_assert_double_le(after.median_abs_ms, 0.01);
}
END_TEST

START_TEST(rule_of_the_buffer_is_found)
{
	struct disk_spec truth = *spec;
	truth.cache.read_ahead = AHEAD_NONE;
	record(&truth);
	const struct calibration *c = fit(spec);
	struct measured_row *row = arena_array(arena, ROWS, sizeof(*row));
	struct demerit_figures after;
	struct err e = {0};
	ck_assert_int_eq(measured_replay(&trace, ROWS, &disk_ops, &c->spec, row, &e), 0);
	ck_assert_int_eq(measured_figures(&trace, row, trace.half, ROWS, &after), 0);
	/* no request came from the buffer: nothing tells how fast its bus is */
	ck_assert_int_eq(c->spec.bus.read_sector_ps, 50 * PS_PER_US);
	/* reading ahead by nothing is the same rule */
	ck_assert(c->spec.cache.read_ahead == AHEAD_NONE || c->spec.cache.read_ahead_max_sectors == 0);
	/* hits that were none cost half a turn each; at most 1 revolution in 100 requests may stay wrong */
	ck_assert_double_gt(c->before.rms_ms, 1.5);
	ck_assert_double_le(after.rms_ms, 0.84);
}
END_TEST

START_TEST(a_drive_that_fits_already_is_left_alone)
{
	record(spec);
	const struct calibration *c = fit(spec);
	const struct disk_zone_spec *was = spec->geometry.zones.rows, *now = c->spec.geometry.zones.rows;
	ck_assert_uint_eq(c->spec.geometry.zones.count, 2);
	for (int i = 0; i < 2; i++)
		ck_assert_double_le(turn_off(&was[i], &now[i], 4), 0.005);
	ck_assert_int_eq(c->spec.cache.read_ahead, spec->cache.read_ahead);
	ck_assert_double_le(c->after.median_abs_ms, 0.005);
	ck_assert_double_le(c->after.rms_ms, c->before.rms_ms + 1e-9);
}
END_TEST

/* Rows of the second half change nothing. */
START_TEST(second_half_is_not_looked_at)
{
	struct err e = {0};
	char *text[2] = {NULL, NULL};
	size_t bytes[2];
	record(spec);
	shorten();
	for (int k = 0; k < 2; k++) {
		FILE *out = open_memstream(&text[k], &bytes[k]);
		ck_assert_int_eq(calibrate_write(fit(spec), "d", "t", out, &e), 0);
		fclose(out);
		for (size_t i = trace.half; i < trace.count; i++)
			trace.rec[i].response_ps *= 3;
	}
	ck_assert_str_eq(text[0], text[1]);
	free(text[0]);
	free(text[1]);
}
END_TEST

/* What is written loads again, to a device that behaves the same. */
START_TEST(written_device_loads_to_the_same)
{
	struct err e = {0};
	char *text = NULL;
	size_t bytes = 0;
	struct disk_spec truth = *spec;
	struct measured_row *row = arena_array(arena, 2 * ROWS, sizeof(*row));
	truth.head_switch_ps += 300 * PS_PER_US;
	record(&truth);
	shorten();
	const struct calibration *c = fit(spec);
	FILE *out = open_memstream(&text, &bytes);
	ck_assert_int_eq(calibrate_write(c, "sheet", "trace", out, &e), 0);
	fclose(out);
	struct plan_input in = {.text = text};
	struct plan *p = plan_load(&in, &e);
	ck_assert_msg(p != NULL, "%s", e.msg);
	ck_assert_int_eq(measured_replay(&trace, trace.count, &disk_ops, &c->spec, row, &e), 0);
	ck_assert_int_eq(measured_replay(&trace, trace.count, &disk_ops, plan_component(p, "disk0")->spec, row + ROWS, &e), 0);
	for (size_t i = 0; i < trace.count; i++)
		ck_assert_int_eq(row[i].response_ps, row[ROWS + i].response_ps);
	plan_free(p);
	free(text);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("calibrate");
	TCase *t = tcase_create("calibrate");
	tcase_add_checked_fixture(t, setup, teardown);
	if (effort(100) == 100) { /* seconds each, and ten times as many under the sanitizers */
		tcase_add_test(t, command_and_bus_times_are_found);
		tcase_add_test(t, skews_offset_and_speed_are_found_from_the_phase);
		tcase_add_test(t, readiness_of_the_arm_is_found_from_the_revolutions);
		tcase_add_test(t, rule_of_the_buffer_is_found);
		tcase_add_test(t, a_drive_that_fits_already_is_left_alone);
		tcase_add_test(t, second_half_is_not_looked_at);
	}
	tcase_add_test(t, written_device_loads_to_the_same);
	tcase_set_timeout(t, 600);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
