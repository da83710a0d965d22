/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The seek curve: tables, laws, measured first distances. */
#include "disk/disk_fixture.h"

#include <inttypes.h>
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
	drive_open(&v, "../tests/data/drive-atlas.yaml");
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
	drive_refused(base, (const char *const[]){"disk0.seek={model: linear, linear_base: -1 ms, linear_slope: 0.1 ms}", NULL},
		"negative at a distance of 1 cylinders");
	drive_refused(base, (const char *const[]){"disk0.seek={table: [[2, 5 ms], [1, 1 ms]]}", NULL}, "seek.table");
}
END_TEST

/* One sentence that begins with file, line and column of the very value. */
static void refused_at(const char *seek, const char *place, const char *words)
{
	char text[1024];
	snprintf(text, sizeof(text), "disk0:\n"
		"  rpm: 7200 rpm\n"
		"  geometry: {heads: 1, cylinders: 1001, zones: [{first_cylinder: 0, last_cylinder: 1000, sectors_per_track: 10}]}\n"
		"  seek:\n%s", seek);
	struct drive v;
	struct err e = {0};
	ck_assert_int_eq(drive_try(&v, text, NULL, 1, &e), -1);
	ck_assert_int_eq(e.code, ERR_CONFIG);
	ck_assert_msg(strncmp(e.msg, place, strlen(place)) == 0, "\"%s\" does not begin with \"%s\"", e.msg, place);
	ck_assert_msg(strstr(e.msg, words) != NULL, "\"%s\" does not say \"%s\"", e.msg, words);
	ck_assert_ptr_null(strchr(e.msg, '\n'));
	sim_free(v.sim);
}

START_TEST(a_bad_curve_is_refused_at_its_line)
{
	refused_at("    table:\n      - [1, 1 ms]\n      - [5, 2 ms]\n      - [4, 3 ms]\n", "test.yaml:8:10: ",
		"does not rise above the 5");
	refused_at("    table:\n      - [1, 1 ms]\n      - [5, -2 ms]\n", "test.yaml:7:13: ", "-2 ms");
	refused_at("    model: lee\n    first: [1 ms, -1 ms]\n", "test.yaml:6:19: ", "-1 ms");
	refused_at("    model: lee\n    single: 1 ms\n    full: 20 ms\n", "test.yaml:4:3: ",
		"seek.average = 0 (the default): want a time for model: lee");
	refused_at("    model: fitted\n    single: 1 ms\n    average: 7 ms\n    full: 20 ms\n", "test.yaml:4:3: ",
		"want 7.33333 ms or more");
	refused_at("    model: fitted\n    single: 1 ms\n    average: 20 ms\n    full: 20 ms\n", "test.yaml:4:3: ",
		"want single <= average < full");
	refused_at("    model: fitted\n    single: 8 ms\n    average: 7 ms\n    full: 20 ms\n", "test.yaml:4:3: ",
		"want single <= average < full");
	refused_at("    model: three-part\n    root_slope: 1 ms\n", "test.yaml:4:3: ", "break_cylinders");
	/* far too short an average makes Lee's curve dive */
	refused_at("    model: lee\n    single: 1 ms\n    average: 2 ms\n    full: 20 ms\n", "test.yaml:4:3: ",
		"negative at a distance of");
	refused_at("    model: hlp\n", "test.yaml:5:12: ", "hpl");
}
END_TEST

/* ---- laws by name ------------------------------------------------------------------------ */

/*
 * HP C2200A (Ruemmler & Wilkes 1994, table 3, d in cylinders): 3.45 + 0.597 sqrt(d) ms below 616 cylinders,
 * 10.8 + 0.012 d from there on. HP 97560: 3.24 + 0.400 sqrt(d) below 383, 8.00 + 0.008 d.
 */
START_TEST(the_hpl_model_gives_the_curves_of_its_paper)
{
	struct drive v;
	with_seek(&v, "{model: hpl, break_cylinders: 616, root_base: 3.45 ms, root_slope: 0.597 ms, linear_base: 10.8 ms, "
		"linear_slope: 0.012 ms}");
	ck_assert_int_eq(at(&v, 1), 4047 * PS_PER_US);
	ck_assert_int_eq(at(&v, 100), 9420 * PS_PER_US);
	ck_assert_int_eq(at(&v, 615), llround(1e9 * (3.45 + 0.597 * sqrt(615))));
	ck_assert_int_eq(at(&v, 616), 18192 * PS_PER_US);
	ck_assert_int_eq(at(&v, 1000), 22800 * PS_PER_US);
	drive_close(&v);
	with_seek(&v, "{model: hpl, break_cylinders: 383, root_base: 3.24 ms, root_slope: 0.4 ms, linear_base: 8 ms, "
		"linear_slope: 0.008 ms, single: 2.5 ms}");
	ck_assert_int_eq(at(&v, 1), 2500 * PS_PER_US); /* DiskSim's V6 */
	ck_assert_int_eq(at(&v, 4), 4040 * PS_PER_US);
	ck_assert_int_eq(at(&v, 324), 10440 * PS_PER_US);
	ck_assert_int_eq(at(&v, 500), 12 * PS_PER_MS);
	drive_close(&v);
	with_seek(&v, "{model: hpl, break_cylinders: 383, root_base: 3.24 ms, root_slope: 0.4 ms, linear_base: 8 ms, "
		"linear_slope: 0.008 ms, single: 2.5 ms, first: [1.1 ms, 1.2 ms, 1.3 ms, 1.4 ms, 1.5 ms, 1.6 ms, 1.7 ms, 1.8 ms,"
		" 1.9 ms, 2 ms]}");
	for (uint32_t d = 1; d <= 10; d++)
		ck_assert_int_eq(at(&v, d), (1000 + 100 * (time_ps)d) * PS_PER_US);
	ck_assert_int_eq(at(&v, 16), 4840 * PS_PER_US);
	drive_close(&v);
}
END_TEST

/* 3 ms floor; 1 + 0.5 sqrt(d); at 400 cylinders 11 ms, and from there 0.5 / (2 x 20) = 0.0125 ms a cylinder. */
START_TEST(three_parts_settle_accelerate_and_coast)
{
	struct drive v;
	with_seek(&v, "{model: three-part, single: 3 ms, root_base: 1 ms, root_slope: 0.5 ms, break_cylinders: 400}");
	for (uint32_t d = 1; d <= 16; d++)
		ck_assert_int_eq(at(&v, d), 3 * PS_PER_MS);
	ck_assert_int_eq(at(&v, 25), 3500 * PS_PER_US);
	ck_assert_int_eq(at(&v, 361), 10500 * PS_PER_US);
	ck_assert_int_eq(at(&v, 400), 11 * PS_PER_MS);
	ck_assert_int_eq(at(&v, 401), 11012500 * PS_PER_NS);
	ck_assert_int_eq(at(&v, 1000), 18500 * PS_PER_US);
	drive_close(&v);
}
END_TEST

/*
 * Lee & Katz 1993, with the IBM 0661 of its authors' studies, 949 cylinders, 2.0, 12.5 and 25.0 ms:
 * a = 42.5 / (3 sqrt(949)), b = 26.5 / (3 x 949), c = 2. The paper's a and b take the greatest d - 1 for 949.
 */
START_TEST(lees_curve_has_the_coefficients_of_its_paper)
{
	struct drive v;
	const char *ibm = "disk0:\n  rpm: 4318 rpm\n"
		"  geometry: {heads: 14, cylinders: 949, zones: [{first_cylinder: 0, last_cylinder: 948, sectors_per_track: 48}]}\n"
		"  seek: {model: lee, single: 2 ms, average: 12.5 ms, full: 25 ms}\n";
	drive_open(&v, ibm);
	const time_ps *t = v.disk->unit[0].mech.seek.by_distance;
	ck_assert_int_eq(t[1], 2 * PS_PER_MS);
	for (uint32_t d = 1; d < 949; d++) {
		double exact = 2 + 42.5 / (3 * sqrt(949)) * sqrt(d - 1) + 26.5 / (3 * 949.) * (d - 1);
		ck_assert_int_le(llabs(t[d] - llround(1e9 * exact)), 1);
	}
	ck_assert_double_eq_tol(1e-9 * (double)t[948], 25, 0.05);
	drive_close(&v);
}
END_TEST

/* 1001 cylinders: 2 ms at 1, 10 ms at 333.67, 20 ms at 1000. */
START_TEST(three_points_are_joined_by_lines)
{
	struct drive v;
	with_seek(&v, "{model: three-points, single: 2 ms, average: 10 ms, full: 20 ms}");
	ck_assert_int_eq(at(&v, 1), 2 * PS_PER_MS);
	ck_assert_int_eq(at(&v, 1000), 20 * PS_PER_MS);
	ck_assert_int_eq(at(&v, 101), llround(1e9 * (2 + 8 * 100 / (1001. / 3 - 1))));
	ck_assert_int_eq(at(&v, 667), llround(1e9 * (10 + 10 * (667 - 1001. / 3) / (1000 - 1001. / 3))));
	drive_close(&v);
}
END_TEST

START_TEST(constant_and_linear_are_what_they_say)
{
	struct drive v;
	with_seek(&v, "{model: constant, average: 8 ms}");
	ck_assert_int_eq(at(&v, 0), 0);
	ck_assert_int_eq(at(&v, 1), 8 * PS_PER_MS);
	ck_assert_int_eq(at(&v, 1000), 8 * PS_PER_MS);
	drive_close(&v);
	with_seek(&v, "{model: linear, linear_base: 3 ms, linear_slope: 0.02 ms}");
	ck_assert_int_eq(at(&v, 1), 3020 * PS_PER_US);
	ck_assert_int_eq(at(&v, 1000), 23 * PS_PER_MS);
	drive_close(&v);
}
END_TEST

/* ---- the fitted curve ---------------------------------------------------------------------- */

#define BIG 100000 /* cylinders */

/* Mean over all pairs of different cylinders, as data sheets define it: for instance Hitachi Travelstar
 * 5K320 specification, section 4.4.2.1: sum of (max + 1 - n)(T_in + T_out) / ((max + 1) max), max = the greatest
 * distance. */
static double pair_mean_ms(const time_ps *t, uint32_t cylinders)
{
	double sum = 0, max = cylinders - 1;
	for (uint32_t n = 1; n < cylinders; n++)
		sum += (max + 1 - n) * 2e-9 * (double)t[n];
	return sum / ((max + 1) * max);
}

static void fit(double single, double average, double full)
{
	struct drive v;
	char text[512];
	snprintf(text, sizeof(text), "disk0:\n  rpm: 7200 rpm\n"
		"  geometry: {heads: 1, cylinders: 100000, zones: [{first_cylinder: 0, last_cylinder: 99999, sectors_per_track: 10}]}\n"
		"  seek: {model: fitted, single: %.6f ms, average: %.6f ms, full: %.6f ms}\n", single, average, full);
	drive_open(&v, text);
	const time_ps *t = v.disk->unit[0].mech.seek.by_distance;
	ck_assert_int_eq(t[1], llround(1e9 * single));
	ck_assert_int_le(llabs(t[BIG - 1] - llround(1e9 * full)), 1);
	ck_assert_double_eq_tol(pair_mean_ms(t, BIG), average, 1e-4 * average);
	for (uint32_t d = 2; d < BIG; d++)
		if (t[d] < t[d - 1])
			ck_abort_msg("%g, %g, %g ms: falls at %u cylinders", single, average, full, d);
	/* never bends up: the steps do not grow, but for the rounding to ps, from 2 cylinders on */
	for (uint32_t d = 4; d < BIG; d++)
		if (t[d] - t[d - 1] > t[d - 1] - t[d - 2] + 2)
			ck_abort_msg("%g, %g, %g ms: bends up at %u cylinders", single, average, full, d);
	drive_close(&v);
}

START_TEST(the_fitted_curve_meets_the_three_numbers)
{
	fit(0.2, 3.5, 7.4);    /* fast arms */
	fit(0.8, 8.5, 17);
	fit(1.245, 5, 10.828); /* Quantum Atlas 10K */
	fit(1, 7.4, 20);       /* nearly linear throughout */
	fit(1, 1 + 19 / 3. + 1e-6, 20);
	fit(1, 1 + 19 * 8 / 15., 20); /* sqrt throughout */
	fit(1, 12, 20);        /* Hitachi Travelstar 5K320: settling dominates */
	fit(1, 19.9, 20);
}
END_TEST

/* The drives of the catalogue that have nothing but a data sheet meet it. Sources: in their files. */
START_TEST(catalogue_drives_have_the_seeks_of_their_data_sheets)
{
	static const struct {
		const char *file;
		double single, average, full;
	} sheets[] = {
		{"seagate-cheetah-15k5.yaml", 0.2, 3.5, 7.4},
		{"hitachi-travelstar-5k320.yaml", 1, 12, 20},
		{"hgst-ultrastar-7k8.yaml", 0.8, 8, 16},
	};
	for (size_t i = 0; i < sizeof(sheets) / sizeof(sheets[0]); i++) {
		struct drive v;
		drive_open(&v, sheets[i].file);
		const struct seek_curve *c = &v.disk->unit[0].mech.seek;
		ck_assert_double_eq_tol(1e-9 * (double)c->by_distance[1], sheets[i].single, 1e-9);
		ck_assert_double_eq_tol(pair_mean_ms(c->by_distance, c->cylinders), sheets[i].average, 1e-3);
		ck_assert_double_eq_tol(1e-9 * (double)c->by_distance[c->cylinders - 1], sheets[i].full, 1e-9);
		drive_close(&v);
	}
}
END_TEST

/* u = 1/4: B = (full - single) x 2 (1/2) / (5/4) = 0.8; mean 1.6 (1/6 + 1/8 - 1/96 + 1/1920) = 0.45083..; so single 0,
 * full 10 ms and that mean give 8 sqrt(x) below x = 1/4 and 2 + 8 x from there on. */
START_TEST(the_fitted_curve_is_the_one_worked_out_by_hand)
{
	struct drive v;
	drive_open(&v, "disk0:\n  rpm: 7200 rpm\n"
		"  geometry: {heads: 1, cylinders: 10002, zones: [{first_cylinder: 0, last_cylinder: 10001, sectors_per_track: 10}]}\n"
		"  seek: {model: fitted, single: 1 ms, average: 5.508333333 ms, full: 11 ms}\n");
	const time_ps *t = v.disk->unit[0].mech.seek.by_distance;
	ck_assert_double_eq_tol(1e-9 * (double)t[1 + 100], 1 + 0.8, 1e-6);
	ck_assert_double_eq_tol(1e-9 * (double)t[1 + 1600], 1 + 3.2, 1e-6);
	ck_assert_double_eq_tol(1e-9 * (double)t[1 + 2500], 1 + 4, 1e-6);
	ck_assert_double_eq_tol(1e-9 * (double)t[1 + 5000], 1 + 6, 1e-6);
	ck_assert_double_eq_tol(1e-9 * (double)t[1 + 9000], 1 + 9.2, 1e-6);
	drive_close(&v);
}
END_TEST

/* Small drives have no stroke to speak of. */
START_TEST(every_model_holds_on_drives_of_a_few_cylinders)
{
	struct drive v;
	char text[640];
	for (int m = 0; seek_model_choices[m].name; m++)
		for (int cylinders = 1; cylinders <= 4; cylinders++) {
			snprintf(text, sizeof(text), "disk0:\n  rpm: 7200 rpm\n"
				"  geometry: {heads: 1, cylinders: %d, zones: [{first_cylinder: 0, last_cylinder: %d, sectors_per_track: 10}]}\n"
				"  seek: {model: %s, table: [[1, 1 ms], [3, 2 ms]], single: 1 ms, average: 2 ms, full: 4 ms, root_base: 1 ms,"
				" root_slope: 0.1 ms, break_cylinders: 2, linear_base: 1 ms, linear_slope: 0.2 ms}\n",
				cylinders, cylinders - 1, seek_model_choices[m].name);
			drive_open(&v, text);
			for (uint32_t d = 1; d < (uint32_t)cylinders; d++) {
				time_ps t = v.disk->unit[0].mech.seek.by_distance[d];
				ck_assert_msg(t > 0 && t <= 4 * PS_PER_MS, "%s, %d cylinders: %" PRId64 " ps", seek_model_choices[m].name,
					cylinders, t);
			}
			drive_close(&v);
		}
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
	tcase_add_test(t, the_hpl_model_gives_the_curves_of_its_paper);
	tcase_add_test(t, three_parts_settle_accelerate_and_coast);
	tcase_add_test(t, lees_curve_has_the_coefficients_of_its_paper);
	tcase_add_test(t, three_points_are_joined_by_lines);
	tcase_add_test(t, constant_and_linear_are_what_they_say);
	tcase_add_test(t, the_fitted_curve_meets_the_three_numbers);
	tcase_add_test(t, the_fitted_curve_is_the_one_worked_out_by_hand);
	tcase_add_test(t, catalogue_drives_have_the_seeks_of_their_data_sheets);
	tcase_add_test(t, every_model_holds_on_drives_of_a_few_cylinders);
	tcase_add_test(t, a_curve_that_cannot_be_is_refused);
	tcase_add_test(t, a_bad_curve_is_refused_at_its_line);
	suite_add_tcase(s, t);
	return run_suite(s);
}
