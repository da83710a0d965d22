/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The seek curve: tables, laws, measured first distances. */
#include "disk/disk_fixture.h"

#include <math.h>

static const char base[] =
	"disk0:\n"
	"  rpm: 7200 rpm\n"
	"  geometry: {heads: 1, cylinders: 1001, zones: [{first_cylinder: 0, last_cylinder: 1000, sectors_per_track: 10}]}\n"
	"  seek: {}\n";

static void with_seek(struct drive *v, const char *seek)
{
	char set[512];
	snprintf(set, sizeof(set), "disk0.seek=%s", seek);
	drive_open_with(v, base, (const char *const[]){set, NULL});
}

static time_ps at(const struct drive *v, uint32_t distance)
{
	time_ps there = seek_time(&v->disk->unit[0].mech.seek, 1000, 1000 - distance);
	ck_assert_int_eq(there, seek_time(&v->disk->unit[0].mech.seek, 0, distance)); /* both ways alike */
	return there;
}

START_TEST(a_table_is_hit_at_its_points_and_linear_between_and_beyond)
{
	struct drive v;
	with_seek(&v, "{table: [[1, 1 ms], [5, 2 ms], [8, 1.7 ms], [100, 4 ms], [600, 9 ms]]}");
	ck_assert_int_eq(at(&v, 0), 0);
	ck_assert_int_eq(at(&v, 1), PS_PER_MS);
	ck_assert_int_eq(at(&v, 2), 1250 * PS_PER_US);
	ck_assert_int_eq(at(&v, 4), 1750 * PS_PER_US);
	ck_assert_int_eq(at(&v, 5), 2 * PS_PER_MS);
	ck_assert_int_eq(at(&v, 6), 1900 * PS_PER_US);
	ck_assert_int_eq(at(&v, 8), 1700 * PS_PER_US);
	ck_assert_int_eq(at(&v, 54), 2850 * PS_PER_US); /* half way from 8 to 100 */
	ck_assert_int_eq(at(&v, 100), 4 * PS_PER_MS);
	ck_assert_int_eq(at(&v, 101), 4010 * PS_PER_US);
	ck_assert_int_eq(at(&v, 600), 9 * PS_PER_MS);
	ck_assert_int_eq(at(&v, 601), 9010 * PS_PER_US);
	ck_assert_int_eq(at(&v, 1000), 13 * PS_PER_MS);
	drive_close(&v);
}
END_TEST

START_TEST(a_table_of_one_point_is_flat_and_a_late_first_point_holds_before_it)
{
	struct drive v;
	with_seek(&v, "{table: [[7, 3 ms]]}");
	ck_assert_int_eq(at(&v, 1), 3 * PS_PER_MS);
	ck_assert_int_eq(at(&v, 1000), 3 * PS_PER_MS);
	drive_close(&v);
	with_seek(&v, "{table: [[7, 3 ms], [9, 5 ms]]}");
	ck_assert_int_eq(at(&v, 1), 3 * PS_PER_MS);
	ck_assert_int_eq(at(&v, 7), 3 * PS_PER_MS);
	ck_assert_int_eq(at(&v, 8), 4 * PS_PER_MS);
	ck_assert_int_eq(at(&v, 10), 6 * PS_PER_MS);
	drive_close(&v);
}
END_TEST

/* Every measured point of both drives' own files, at the precision of the file. */
START_TEST(the_measured_points_of_the_atlas_are_hit)
{
	struct drive v;
	char line[256];
	int points = 0;
	drive_open(&v, "quantum-atlas-10k.yaml");
	FILE *f = reference_open("validation/atlas10k.seek.csv");
	while (f && fgets(line, sizeof(line), f)) {
		unsigned distance;
		double ms;
		if (sscanf(line, "%u,%lf", &distance, &ms) != 2 || distance == 0)
			continue;
		ck_assert_int_eq(v.disk->unit[0].mech.seek.by_distance[distance], llround(ms * 1e9));
		points++;
	}
	if (f) {
		ck_assert_int_gt(points, 100);
		fclose(f);
	}
	drive_close(&v);
}
END_TEST

START_TEST(the_law_changes_at_its_break)
{
	struct drive v;
	with_seek(&v, "{model: sqrt-linear, root_base: 1 ms, root_slope: 0.5 ms, break_cylinders: 400, "
		"linear_base: 6 ms, linear_slope: 0.02 ms}");
	ck_assert_int_eq(at(&v, 1), 1500 * PS_PER_US);
	ck_assert_int_eq(at(&v, 144), 7 * PS_PER_MS);
	ck_assert_int_eq(at(&v, 399), llround(1e9 + 0.5e9 * sqrt(399)));
	ck_assert_int_eq(at(&v, 400), 14 * PS_PER_MS);
	ck_assert_int_eq(at(&v, 401), 14020 * PS_PER_US);
	ck_assert_int_eq(at(&v, 1000), 26 * PS_PER_MS);
	drive_close(&v);
}
END_TEST

START_TEST(measured_first_distances_stand_over_the_law)
{
	struct drive v;
	with_seek(&v, "{model: sqrt-linear, first: [3 ms, 2 ms, 2.5 ms], root_base: 1 ms, root_slope: 0.5 ms, "
		"break_cylinders: 1001}");
	ck_assert_int_eq(at(&v, 1), 3 * PS_PER_MS);
	ck_assert_int_eq(at(&v, 2), 2 * PS_PER_MS);
	ck_assert_int_eq(at(&v, 3), 2500 * PS_PER_US);
	ck_assert_int_eq(at(&v, 4), 2 * PS_PER_MS);
	drive_close(&v);
	with_seek(&v, "{first: [3 ms], table: [[1, 9 ms], [2, 10 ms]]}");
	ck_assert_int_eq(at(&v, 1), 3 * PS_PER_MS);
	ck_assert_int_eq(at(&v, 2), 10 * PS_PER_MS);
	drive_close(&v);
}
END_TEST

/* Reference drive R: 0.8 + 12 sqrt(x) ms below x = 1/4, 6.8 + 12 (x - 1/4) from there on. */
START_TEST(the_reference_drive_has_the_seeks_of_its_definition)
{
	struct drive v;
	drive_open(&v, "reference-r.yaml");
	for (uint32_t d = 1; d < 100000; d++) {
		double x = d / 1e5, ms = x < .25 ? 0.8 + 12 * sqrt(x) : 6.8 + 12 * (x - .25);
		if (fabs((double)v.disk->unit[0].mech.seek.by_distance[d] - 1e9 * ms) > 100)
			ck_abort_msg("%u cylinders: %f ms", d, 1e-9 * (double)v.disk->unit[0].mech.seek.by_distance[d]);
	}
	drive_close(&v);
}
END_TEST

START_TEST(a_curve_that_cannot_be_is_refused)
{
	drive_refused(base, (const char *const[]){"disk0.seek={table: []}", NULL}, "at least one");
	drive_refused(base, (const char *const[]){"disk0.seek={table: [[0, 1 ms]]}", NULL}, "want 1 or more");
	drive_refused(base, (const char *const[]){"disk0.seek={table: [[1, 5 ms], [2, 1 ms]]}", NULL},
		"negative at a distance of 3 cylinders");
	drive_refused(base, (const char *const[]){"disk0.seek={table: [[2, 5 ms], [1, 1 ms]]}", NULL}, "seek.table");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("seek");
	TCase *t = tcase_create("seek");
	tcase_add_test(t, a_table_is_hit_at_its_points_and_linear_between_and_beyond);
	tcase_add_test(t, a_table_of_one_point_is_flat_and_a_late_first_point_holds_before_it);
	tcase_add_test(t, the_measured_points_of_the_atlas_are_hit);
	tcase_add_test(t, the_law_changes_at_its_break);
	tcase_add_test(t, measured_first_distances_stand_over_the_law);
	tcase_add_test(t, the_reference_drive_has_the_seeks_of_its_definition);
	tcase_add_test(t, a_curve_that_cannot_be_is_refused);
	suite_add_tcase(s, t);
	return run_suite(s);
}
