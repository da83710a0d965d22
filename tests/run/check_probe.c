/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The probe against drives whose truth is known: their device files (which cite the data sheets
 * and extractions), and settings that the test itself changes.
 */
#include <check.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "fixed.h"
#include "run/probe.h"
#include "run/probe_private.h"

static struct plan *plan;

static struct probe_result *probe_input(const struct plan_input *in)
{
	struct err e = {0};
	plan = plan_load(in, &e);
	ck_assert_msg(plan != NULL, "%s", e.msg);
	struct probe_result *r = probe_run(plan, &e);
	ck_assert_msg(r != NULL, "%s", e.msg);
	return r;
}

static struct probe_result *probe(const char *device, const char *const *sets)
{
	char path[1024];
	snprintf(path, sizeof(path), "%s/devices/%s.yaml", TOP_SRCDIR, device);
	const char *const devices[] = {path, NULL};
	return probe_input(&(struct plan_input){.devices = devices, .sets = sets});
}

/* A drive with nothing irregular; `more`: one setting. */
static struct probe_result *probe_plain(const char *more)
{
	static const char *const drive =
		"disk0: {model: disk, rpm: 7200 rpm, head_switch: 1.5 ms, cache: {segments: 3}, bus: {read_sector: 1 us},\n"
		" seek: {table: [[1, 1.6 ms], [100, 2 ms], [3000, 6 ms], [39999, 12 ms]]}, geometry: {heads: 4,\n"
		" cylinders: 40000, zones: [{first_cylinder: 0, last_cylinder: 19999, sectors_per_track: 1200,\n"
		" track_skew: 250, cylinder_skew: 270}, {first_cylinder: 20000, last_cylinder: 39999,\n"
		" sectors_per_track: 900, track_skew: 190, cylinder_skew: 210}]}}\n";
	const char *const sets[] = {more, NULL};
	return probe_input(&(struct plan_input){.text = drive, .sets = more ? sets : NULL});
}

static void done(struct probe_result *r)
{
	probe_free(r);
	plan_free(plan);
	plan = NULL;
}

static double measured(const struct probe_result *r, const char *key)
{
	const struct probe_figure *f = probe_figure_find(r, key);
	ck_assert_msg(f != NULL, "there is no figure %s", key);
	return f->measured;
}

#define ck_near(x, want, tolerance) \
	ck_assert_msg(fabs((x) - (want)) <= (tolerance), "%s = %.9g, want %.9g within %.3g", #x, (double)(x), \
		(double)(want), (double)(tolerance))

/* Every measured point within 2 % or a sector's time of the device's own curve. */
static void seeks_agree(const struct probe_result *r, double sector_ms, uint32_t longest)
{
	const struct probe_seek *s = r->seeks.row;
	ck_assert_uint_ge(r->seeks.count, 100);
	for (size_t i = 0; i < r->seeks.count; i++) {
		double truth = probe_truth_seek(r, s[i].cylinders);
		double allowed = fmax(0.02 * truth, sector_ms);
		ck_assert_msg(fabs(s[i].ms - truth) <= allowed, "%u cylinders: measured %.6f ms, configured %.6f ms",
			s[i].cylinders, s[i].ms, truth);
	}
	ck_assert_uint_ge(s[r->seeks.count - 1].cylinders, longest);
}

/* 7,200 rpm, 2,000 sectors on every track, one surface, 10^5 cylinders, no skew, no buffer. */
START_TEST(drive_r_is_found_as_it_is_on_paper)
{
	struct probe_result *r = probe("reference-r", NULL);
	ck_near(measured(r, "rotation_ms"), 60e3 / 7200, 1e-6 * 60e3 / 7200);
	ck_near(measured(r, "zones"), 1, 0);
	ck_near(measured(r, "outer_spt"), 2000, 0);
	ck_near(measured(r, "heads"), 1, 0);
	ck_near(measured(r, "cylinders"), 100000, 0);
	ck_near(measured(r, "read_hit"), 0, 0);
	ck_assert(isnan(measured(r, "segments")));
	ck_assert_ptr_nonnull(probe_figure_find(r, "segments")->note);
	seeks_agree(r, 60e3 / 7200 / 2000, 99990);
	done(r);
}
END_TEST

/* Zones of the device's own table, those of equal density taken together. */
START_TEST(zones_of_the_atlas_begin_where_they_are_configured)
{
	static const struct { uint32_t first_cylinder, spt; } zones[] = { /* tests/data/drive-atlas.yaml */
		{0, 334}, {1265, 324}, {4609, 306}, {5449, 302}, {5865, 293}, {6281, 288}, {7121, 280}, {7537, 270},
		{7953, 262}, {8377, 255}, {8793, 246}, {9209, 237}, {9625, 229}};
	struct probe_result *r = probe("../tests/data/drive-atlas", NULL);
	const struct probe_zone *z = r->zones.row;
	ck_assert_uint_eq(r->zones.count, sizeof(zones) / sizeof(zones[0]));
	uint64_t lbn = 0;
	for (size_t i = 0; i < r->zones.count; i++) {
		ck_assert_uint_eq(z[i].spt, zones[i].spt);
		double apart = fabs((double)z[i].first_lbn - (double)lbn);
		ck_assert_msg(apart <= 2 * 6 * 334, "zone %zu begins %.0f sectors off", i, apart);
		if (i + 1 < r->zones.count)
			lbn += (zones[i + 1].first_cylinder - zones[i].first_cylinder) * UINT64_C(6) * zones[i].spt;
	}
	done(r);
}
END_TEST

START_TEST(the_atlas_is_found_as_it_is_configured)
{
	struct probe_result *r = probe("../tests/data/drive-atlas", NULL);
	double turn = 60e3 / 10025;
	ck_near(measured(r, "rotation_ms"), turn, 1e-6 * turn);
	ck_near(measured(r, "heads"), 6, 0);
	ck_near(measured(r, "cylinders"), 10042, 1);
	ck_near(measured(r, "head_switch_ms"), 0.176, 0.001);
	ck_near(measured(r, "track_skew"), 63, 0.01);
	ck_near(measured(r, "cylinder_skew"), 113, 0.01);
	ck_near(measured(r, "segments"), 10, 0);
	ck_near(measured(r, "write_back"), 1, 0);
	ck_near(measured(r, "hit_on_written"), 1, 0);
	ck_near(measured(r, "bus_read_bytes_per_s"), 512 / 0.099e-3, 0.001 * 512 / 0.099e-3);
	ck_near(measured(r, "bus_write_bytes_per_s"), 512 / 0.099e-3, 0.001 * 512 / 0.099e-3);
	/* a whole track is read, from wherever the head lands */
	ck_near(measured(r, "read_ahead_sectors") + measured(r, "read_behind_sectors") + 1, 324, 2);
	seeks_agree(r, turn / 334, 10000);
	done(r);
}
END_TEST

/* 13 surfaces, spare tracks at the end of each zone, two segments of 256 sectors, 128 read ahead. */
START_TEST(the_hp_is_found_with_its_spare_cylinders)
{
	struct probe_result *r = probe("../tests/data/drive-hp", NULL);
	ck_near(measured(r, "heads"), 13, 0);
	ck_near(measured(r, "zones"), 8, 0);
	ck_near(measured(r, "segments"), 2, 0);
	ck_near(measured(r, "held_sectors"), 256, 0);
	ck_near(measured(r, "read_ahead_sectors"), 128, 0);
	ck_near(measured(r, "read_behind_sectors"), 0, 0);
	ck_near(measured(r, "write_back"), 0, 0);
	ck_near(measured(r, "head_switch_ms"), 0.89, 0.001);
	/* less what is reserved at the front and spare at the end: 1632 sectors, 65 tracks */
	ck_near(measured(r, "cylinders"), 2051 - 2 - 5, 1);
	seeks_agree(r, 60e3 / 5400 / 96, 1970);
	done(r);
}
END_TEST

/* Serpentine: the arm changes cylinder without changing head, faster than it changes head. */
START_TEST(a_head_switch_slower_than_the_next_cylinder_is_told_apart)
{
	struct probe_result *r = probe("hitachi-travelstar-5k320", NULL);
	const struct probe_figure *heads = probe_figure_find(r, "heads");
	ck_near(heads->measured, heads->configured, 0);
	ck_near(measured(r, "head_switch_ms"), probe_figure_find(r, "head_switch_ms")->configured, 0.001);
	ck_near(measured(r, "cylinders"), probe_figure_find(r, "cylinders")->configured, 2);
	ck_near(measured(r, "zones"), probe_figure_find(r, "zones")->configured, 0);
	seeks_agree(r, 60e3 / 5400 / 1800, 115000);
	done(r);
}
END_TEST

START_TEST(a_second_arm_is_found_where_it_begins)
{
	struct probe_result *r = probe_plain("disk0.actuators.count=2"); /* each has two of the four surfaces */
	ck_near(measured(r, "second_arm_lbn"), 2 * 20000.0 * (1200 + 900), 0);
	ck_near(measured(r, "heads"), 2, 0);
	ck_near(measured(r, "cylinders"), 40000, 1);
	seeks_agree(r, 60e3 / 7200 / 1200, 39900);
	done(r);
	r = probe_plain(NULL);
	ck_assert_ptr_null(probe_figure_find(r, "second_arm_lbn"));
	ck_near(measured(r, "heads"), 4, 0);
	seeks_agree(r, 60e3 / 7200 / 1200, 39900);
	done(r);
}
END_TEST

START_TEST(lbns_along_a_surface_are_told_from_cylinders)
{
	struct probe_result *r = probe_plain("disk0.geometry.lbn_order=surface-serpentine");
	ck_assert(isnan(measured(r, "heads")));
	ck_assert_ptr_nonnull(probe_figure_find(r, "heads")->note);
	ck_near(measured(r, "surface_tracks"), 20000, 2);
	const struct probe_seek *s = r->seeks.row;
	for (size_t i = 0; i < r->seeks.count; i++)
		ck_near(s[i].ms, probe_truth_seek(r, s[i].cylinders), 0.001);
	ck_assert_uint_ge(s[r->seeks.count - 1].cylinders, 17000);
	done(r);
}
END_TEST

/* What is measured follows the settings: nothing is known beforehand. */
START_TEST(other_settings_give_other_figures)
{
	static const char *const sets[] = {"disk0.rpm=7321 rpm", "disk0.head_switch=0.5 ms", "disk0.cache.segments=7",
		"disk0.cache.write_back=false", "disk0.cache.hit_on_written=false", "disk0.bus.read_sector=0.02 ms", NULL};
	struct probe_result *r = probe("../tests/data/drive-atlas", sets);
	ck_near(measured(r, "rotation_ms"), 60e3 / 7321, 1e-6 * 60e3 / 7321);
	ck_near(measured(r, "head_switch_ms"), 0.5, 0.001);
	ck_near(measured(r, "segments"), 7, 0);
	ck_near(measured(r, "write_back"), 0, 0);
	ck_near(measured(r, "hit_on_written"), 0, 0);
	ck_near(measured(r, "bus_read_bytes_per_s"), 512 / 0.02e-3, 0.001 * 512 / 0.02e-3);
	done(r);
}
END_TEST

/* Two drives of today (their files; the 2 TB one gets over a soft error in one read of 500). Cylinders of spares alone go
 * unseen. */
START_TEST(drives_of_today_are_found_soft_errors_or_not)
{
	static const struct {
		const char *device;
		double heads, zones, head_switch, single, full, cylinders, segments;
	} drives[] = {
		{"seagate-st2000dm006", 4, 18, 0.9, 1.0, 21.5, 407196, 32},
		{"hgst-ultrastar-7k8", 10, 22, 0.9, 0.8, 16, 539176, 64},
	};
	struct probe_result *r = probe(drives[_i].device, NULL);
	ck_near(measured(r, "rotation_ms"), 60e3 / 7200, 1e-6 * 60e3 / 7200);
	ck_near(measured(r, "heads"), drives[_i].heads, 0);
	ck_near(measured(r, "zones"), drives[_i].zones, 0);
	ck_near(measured(r, "head_switch_ms"), drives[_i].head_switch, 0.001);
	ck_near(measured(r, "seek_1_ms"), drives[_i].single, 0.001);
	ck_near(measured(r, "seek_full_ms"), drives[_i].full, 0.01);
	ck_near(measured(r, "cylinders"), drives[_i].cylinders, drives[_i].zones);
	ck_near(measured(r, "segments"), drives[_i].segments, 0);
	seeks_agree(r, 0.001, 400000);
	done(r);
}
END_TEST

START_TEST(a_device_that_does_not_spin_is_said_to)
{
	struct err e = {0};
	struct plan_input in = {.text = "d0: {model: fixed}", .kinds = fixed_kinds};
	plan = plan_load(&in, &e);
	ck_assert_msg(plan != NULL, "%s", e.msg);
	struct probe_result *r = probe_run(plan, &e);
	ck_assert_msg(r != NULL, "%s", e.msg);
	ck_assert(isnan(measured(r, "rotation_ms")));
	ck_assert_ptr_nonnull(strstr(probe_figure_find(r, "rotation_ms")->note, "nothing that spins"));
	done(r);
}
END_TEST

/* Whoever measures a drive measures one that has been written; what the plan says of its past goes first. */
START_TEST(a_blank_solid_state_drive_is_written_full_first)
{
	static const char *const full[] = {"ssd0.precondition.fill=1", NULL}, *const half[] = {"ssd0.precondition.fill=0.5", NULL};
	struct probe_result *said = probe("slc-textbook", full);
	struct plan *first = plan;
	struct probe_result *r = probe("slc-textbook", NULL);
	ck_assert_uint_eq(r->system->device[0]->filled, r->sectors);
	ck_assert_uint_eq(r->system->device[0]->stats.unwritten_sectors, 0);
	ck_assert_ptr_nonnull(strstr(r->past, "written full"));
	ck_assert_ptr_nonnull(strstr(said->past, "as the options of ssd0 have it"));
	ck_assert_uint_eq(r->figure_count, said->figure_count);
	for (size_t i = 0; i < r->figure_count; i++)
		ck_assert_mem_eq(&r->figure[i].measured, &said->figure[i].measured, sizeof(double));
	ck_assert(isfinite(measured(r, "iops_depth_1")));
	probe_free(said);
	plan_free(first);
	done(r);
	r = probe("slc-textbook", half);
	ck_near((double)r->system->device[0]->filled, 0.5 * (double)r->sectors, 8);
	ck_assert_ptr_nonnull(strstr(r->past, "% of the sectors read were never written"));
	done(r);
	r = probe("reference-r", NULL);
	ck_assert_str_eq(r->past, "");
	done(r);
}
END_TEST

START_TEST(reads_that_take_no_time_have_no_rate)
{
	static const char *const blank[] = {"ssd0.precondition.fill=0", NULL};
	struct probe_result *r = probe("slc-textbook", blank);
	ck_assert_uint_eq(r->system->device[0]->filled, 0);
	ck_assert_ptr_nonnull(strstr(r->past, "none, as ssd0.precondition.fill has it; 100 % of the sectors read"));
	for (size_t i = 0; i < r->figure_count; i++) {
		ck_assert_msg(isnan(r->figure[i].measured), "%s is %g", r->figure[i].key, r->figure[i].measured);
		ck_assert_ptr_nonnull(r->figure[i].note);
	}
	ck_assert_ptr_nonnull(strstr(probe_figure_find(r, "sequential_most")->note, "no time"));
	ck_assert_ptr_nonnull(strstr(probe_figure_find(r, "iops_depth_1")->note, "no time"));
	done(r);
}
END_TEST

START_TEST(the_same_seed_gives_the_same_figures)
{
	struct probe_result *a = probe("../tests/data/drive-hp", NULL);
	struct plan *first = plan;
	struct probe_result *b = probe("../tests/data/drive-hp", NULL);
	ck_assert_uint_eq(a->requests, b->requests);
	for (size_t i = 0; i < a->figure_count; i++)
		ck_assert_mem_eq(&a->figure[i].measured, &b->figure[i].measured, sizeof(double));
	probe_free(a);
	plan_free(first);
	done(b);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("probe");
	TCase *t = tcase_create("drives");
	tcase_set_timeout(t, 60);
	tcase_add_test(t, drive_r_is_found_as_it_is_on_paper);
	tcase_add_test(t, zones_of_the_atlas_begin_where_they_are_configured);
	tcase_add_test(t, the_atlas_is_found_as_it_is_configured);
	tcase_add_test(t, the_hp_is_found_with_its_spare_cylinders);
	tcase_add_test(t, a_head_switch_slower_than_the_next_cylinder_is_told_apart);
	tcase_add_test(t, a_second_arm_is_found_where_it_begins);
	tcase_add_test(t, lbns_along_a_surface_are_told_from_cylinders);
	tcase_add_test(t, other_settings_give_other_figures);
	tcase_add_loop_test(t, drives_of_today_are_found_soft_errors_or_not, 0, 2);
	tcase_add_test(t, a_device_that_does_not_spin_is_said_to);
	tcase_add_test(t, a_blank_solid_state_drive_is_written_full_first);
	tcase_add_test(t, reads_that_take_no_time_have_no_rate);
	tcase_add_test(t, the_same_seed_gives_the_same_figures);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
