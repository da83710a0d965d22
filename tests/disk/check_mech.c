/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Arm and spindle: rotation without drift, waits, what has passed under the head, skews,
 * sequential bandwidth. Expected values come from exact rational arithmetic here, and from
 * the closed forms of the reference data's oracles/README.md, "disk/".
 */
#include "disk/disk_fixture.h"

#include <inttypes.h>
#include <math.h>

#define TURN ((int128)ANGLE_TURN)

static const char small[] =
	"disk0:\n"
	"  rpm: 7200 rpm\n"
	"  head_switch: 0.5 ms\n"
	"  write_settle: 0.25 ms\n"
	"  geometry:\n"
	"    heads: 3\n"
	"    cylinders: 40\n"
	"    lbn_order: serpentine\n"
	"    zones:\n"
	"      - {first_cylinder: 0, last_cylinder: 19, sectors_per_track: 97, offset: 3.3, track_skew: 7.7, cylinder_skew: 13,\n"
	"         spares: 9, slips: [0, 1, 96, 97, 98, 500, 700, 701, 702]}\n"
	"      - {first_cylinder: 20, last_cylinder: 39, sectors_per_track: 64, track_skew: 5, cylinder_skew: 9}\n"
	"  seek: {table: [[1, 1 ms], [39, 9 ms]]}\n"
	"  cache: {enabled: false}\n";

static struct drive v;
static struct rng *rnd;

static void open_small(void)
{
	drive_open(&v, small);
	rnd = rng_new(v.sim->arena, 11, "mech");
}

static void close_small(void) { drive_close(&v); }

static time_ps random_time(void) { return (time_ps)(rng_u64(rnd) >> (1 + rng_below(rnd, 62))); }

static struct geom_track random_track(void)
{
	struct geom_place at;
	struct geom_track t;
	geom_locate(v.disk->unit[0].geom, rng_below(rnd, v.dev->sectors), &at);
	geom_track_at(v.disk->unit[0].geom, &at, &t);
	return t;
}

/* ---- rotation ------------------------------------------------------------------------------ */

START_TEST(the_angle_is_exact_after_any_time)
{
	struct drive d;
	drive_open_with(&d, "quantum-atlas-10k.yaml", (const char *const[]){"disk0.rpm=10025.317 rpm", NULL});
	struct mech *m = &d.disk->unit[0].mech;
	uint64_t start = m->ref_angle = UINT64_C(12345678901234567);
	for (int i = 0; i < 100000; i++) {
		time_ps t = random_time();
		uint64_t want = (uint64_t)(((int128)t * 10025317 + (int128)start) % TURN);
		if (mech_angle(m, t) != want)
			ck_abort_msg("wrong angle at %" PRId64 " ps", t);
	}
	ck_assert_uint_eq(mech_angle(m, TIME_PS_MAX), (uint64_t)(((int128)TIME_PS_MAX * 10025317 + (int128)start) % TURN));
	drive_close(&d);
}
END_TEST

/* 106 days are 1.5 x 10^9 revolutions: one jump, and millions of steps of uneven length. */
START_TEST(carrying_the_angle_forward_does_not_drift)
{
	struct mech jump = v.disk->unit[0].mech, steps = v.disk->unit[0].mech;
	time_ps t = 0, end = 9200000 * PS_PER_S;
	while (t < end) {
		t += (time_ps)rng_below(rnd, (uint64_t)(7 * PS_PER_S));
		mech_carry(&steps, t);
	}
	ck_assert_uint_eq(mech_angle(&steps, t), mech_angle(&jump, t));
	mech_carry(&jump, t);
	ck_assert_uint_eq(jump.ref_angle, steps.ref_angle);
	ck_assert_uint_eq(jump.ref_angle, (uint64_t)((int128)t * 7200000 % TURN));
	/* and back, which read-ahead asks for */
	for (int i = 0; i < 1000; i++) {
		time_ps before = (time_ps)rng_below(rnd, (uint64_t)t);
		if (mech_angle(&steps, before) != (uint64_t)((int128)before * 7200000 % TURN))
			ck_abort_msg("wrong angle %" PRId64 " ps back", t - before);
	}
}
END_TEST

START_TEST(a_wait_is_the_shortest_and_never_more_than_a_turn)
{
	struct mech m = v.disk->unit[0].mech;
	for (int i = 0; i < 200000; i++) {
		time_ps t = random_time() / 2;
		mech_carry(&m, t);
		uint64_t angle = rng_below(rnd, ANGLE_TURN), late;
		if (i % 2) /* just around the head: up to 4 ps before or after */
			angle = (mech_angle(&m, t) + ANGLE_TURN - 4 * m.millirpm + rng_below(rnd, 8 * m.millirpm)) % ANGLE_TURN;
		time_ps wait = mech_wait(&m, t, angle);
		time_ps met = mech_meet(&m, t, angle, &late);
		int128 past = ((int128)(t + wait) * 7200000 - (int128)angle + TURN) % TURN;
		if (wait < 0 || wait > 8333333334 || past < 0 || past >= 7200000)
			ck_abort_msg("from %" PRId64 " to angle %" PRIu64 ": wait %" PRId64, t, angle, wait);
		if (met != t + wait || (int128)late != past)
			ck_abort_msg("mech_meet differs from mech_wait at %" PRId64, t);
		if (wait > 0 && ((int128)(t + wait - 1) * 7200000 - (int128)angle + TURN) % TURN < 7200000)
			ck_abort_msg("a wait of %" PRId64 " is too long", wait);
	}
}
END_TEST

/* ---- positioning ----------------------------------------------------------------------- */

START_TEST(positioning_is_the_longer_of_seek_and_switch_and_writes_settle)
{
	struct mech *m = &v.disk->unit[0].mech;
	ck_assert_int_eq(mech_position_time(m, 5, 1, 5, 1, false), 0);
	ck_assert_int_eq(mech_position_time(m, 5, 1, 5, 1, true), 0);
	ck_assert_int_eq(mech_position_time(m, 5, 1, 5, 2, false), 500 * PS_PER_US);
	ck_assert_int_eq(mech_position_time(m, 5, 1, 5, 2, true), 750 * PS_PER_US);
	ck_assert_int_eq(mech_position_time(m, 5, 1, 6, 2, false), PS_PER_MS);
	ck_assert_int_eq(mech_position_time(m, 6, 1, 5, 1, true), 1250 * PS_PER_US);
	m->head_switch_ps = 2 * PS_PER_MS;
	ck_assert_int_eq(mech_position_time(m, 5, 1, 6, 2, false), 2 * PS_PER_MS);
	ck_assert_int_eq(mech_position_time(m, 5, 1, 6, 1, false), PS_PER_MS);
	m->write_settle_ps = -3 * PS_PER_MS;
	ck_assert_int_eq(mech_position_time(m, 5, 1, 6, 2, true), 0);
}
END_TEST

/* ---- what passes ------------------------------------------------------------------------- */

START_TEST(what_has_passed_agrees_with_the_time_to_pass)
{
	const struct mech *m = &v.disk->unit[0].mech;
	for (int i = 0; i < 20000; i++) {
		struct geom_track t = random_track();
		uint32_t from = (uint32_t)rng_below(rnd, t.spt), k = (uint32_t)rng_below(rnd, t.spt + 1);
		uint64_t late = i % 2 ? rng_below(rnd, m->millirpm) : 0;
		time_ps pass = mech_pass_time(m, &t, from, late, k);
		uint32_t after = mech_passed(m, &t, from, late, pass), before = mech_passed(m, &t, from, late, pass - 1);
		if (after != k || (k > 0 && before != k - 1))
			ck_abort_msg("%u sectors from %u take %" PRId64 " ps, but %u passed, and %u 1 ps before",
				k, from, pass, after, before);
		/* k sectors of spt take k / spt of a turn */
		ck_assert(fabs((double)pass - 8333333333.33 * k / t.spt) < 2);
	}
	struct geom_track t = random_track();
	ck_assert_uint_eq(mech_passed(m, &t, 3, 0, -1), 0);
	ck_assert_uint_eq(mech_passed(m, &t, 3, 0, 0), 0);
	ck_assert_uint_eq(mech_passed(m, &t, 3, 5, TIME_PS_MAX), t.spt);
}
END_TEST

START_TEST(the_next_sector_is_the_one_with_the_shortest_wait)
{
	struct mech m = v.disk->unit[0].mech;
	for (int i = 0; i < 20000; i++) {
		struct geom_track t = random_track();
		time_ps now = random_time() / 2, at, best = TIME_PS_MAX;
		uint64_t late, want_late = 0;
		uint32_t want = 0;
		if (i % 2) { /* within 3 ps of a sector's start */
			uint64_t angle = geom_angle(&t, (uint32_t)rng_below(rnd, t.spt));
			now = mech_meet(&m, now, angle, &late) + (time_ps)rng_below(rnd, 7) - 3;
			now = time_max(now, 0);
		}
		for (uint32_t s = 0; s < t.spt; s++) {
			time_ps met = mech_meet(&m, now, geom_angle(&t, s), &late);
			if (met < best) {
				best = met;
				want = s;
				want_late = late;
			}
		}
		uint32_t got = mech_next_sector(&m, &t, now, &at, &late);
		if (got != want || at != best || late != want_late)
			ck_abort_msg("at %" PRId64 ": sector %u at %" PRId64 ", want %u at %" PRId64, now, got, at, want, best);
	}
}
END_TEST

/* ---- sequential access --------------------------------------------------------------------- */

/*
 * Each sector on its own, the next one asked for at the very end of the one before. Sector s
 * of the p-th track ends after p (spt + skew) + s + 1 sector times: no rounding, however often,
 * may cost a revolution, nor add up.
 */
static void sector_by_sector(const char *const *sets, uint32_t spt, double skew, time_ps first_ps)
{
	struct drive d;
	drive_open_with(&d, small, sets);
	time_ps t = first_ps;
	long double sector_ps = 60e15L / (long double)d.disk->unit[0].mech.millirpm / spt;
	long double phase = 0;
	for (uint64_t lbn = 0; lbn < d.dev->sectors; lbn++) {
		struct mech_run run;
		ck_assert_uint_eq(mech_access(&d.disk->unit[0].mech, d.disk->unit[0].geom, lbn, 1, t, false, &run), 1);
		if (lbn == 0)
			phase = (long double)run.begin_ps - (long double)run.begin_late / (long double)d.disk->unit[0].mech.millirpm;
		long double p = (long double)(lbn / spt), s = (long double)(lbn % spt);
		long double want = phase + (p * (spt + skew) + s + 1) * sector_ps;
		if (fabsl((long double)run.end_ps - want) > 1.01L)
			ck_abort_msg("sector %" PRIu64 " ends at %" PRId64 ", want %.3Lf", lbn, run.end_ps, want);
		t = run.end_ps;
	}
	drive_close(&d);
}

START_TEST(sequential_sectors_take_one_turn_a_track_plus_skew)
{
	static const char *const rpm[] = {"disk0.rpm=7200 rpm", "disk0.rpm=10025 rpm", "disk0.rpm=5400.123 rpm", "disk0.rpm=100000 rpm"};
	/* no skew and no time to switch: the next track goes on where the last one ended */
	sector_by_sector((const char *const[]){rpm[_i], "disk0.head_switch=0", "disk0.seek={model: sqrt-linear}",
		"disk0.geometry.zones=[{first_cylinder: 0, last_cylinder: 39, sectors_per_track: 97}]", NULL}, 97, 0, 0);
	/* with skew: 0.5 ms are 9.7 of 97 sectors at 12,000 rpm; both crossings alike */
	sector_by_sector((const char *const[]){rpm[_i], "disk0.head_switch=0.05 ms", "disk0.seek={table: [[1, 0.05 ms]]}",
		"disk0.geometry.zones=[{first_cylinder: 0, last_cylinder: 39, sectors_per_track: 97, track_skew: 12.5, cylinder_skew: 12.5}]",
		NULL}, 97, 12.5, 987654321);
}
END_TEST

/* From the end of one full track to the beginning of the next, in sector times. */
static double crossing(double skew, uint32_t spt)
{
	struct drive d;
	struct mech_run run;
	char zone[200];
	snprintf(zone, sizeof(zone), "disk0.geometry.zones=[{first_cylinder: 0, last_cylinder: 39, "
		"sectors_per_track: %u, track_skew: %g, cylinder_skew: %g}]", spt, skew, skew);
	drive_open_with(&d, small, (const char *const[]){zone, NULL});
	mech_access(&d.disk->unit[0].mech, d.disk->unit[0].geom, 0, spt, 0, false, &run);
	time_ps end = run.end_ps;
	mech_access(&d.disk->unit[0].mech, d.disk->unit[0].geom, spt, spt, end, false, &run);
	double sectors = (double)(run.begin_ps - end) / (1e12 / 120 / spt);
	drive_close(&d);
	return sectors;
}

/* oracles/README.md: optimal skew = ceil(t_switch / T x SPT); one too few costs a whole turn. */
START_TEST(one_sector_of_skew_too_few_costs_a_whole_turn)
{
	static const uint32_t spts[] = {50, 97, 100, 400, 1999};
	uint32_t spt = spts[_i];
	double optimal = ceil(0.5e-3 * 120 * spt);
	ck_assert_double_eq_tol(crossing(optimal, spt), optimal, 1e-6);
	ck_assert_double_eq_tol(crossing(optimal - 1, spt), optimal - 1 + spt, 1e-6);
	ck_assert_double_eq_tol(crossing(optimal + 1, spt), optimal + 1, 1e-6);
}
END_TEST

/* oracles/README.md: zone bandwidth = H SPT 512 / (H T + ((H-1) s_track + s_cyl) T / SPT). */
static double zone_bandwidth(double heads, double spt, double track, double cylinder)
{
	double turn = 1.0 / 120;
	return heads * spt * 512 / (heads * turn + ((heads - 1) * track + cylinder) * turn / spt);
}

START_TEST(a_zone_is_read_at_the_bandwidth_of_the_closed_form)
{
	static const unsigned spts[] = {96, 334, 1000};
	unsigned heads = 1 + 2 * (unsigned)_i, spt = spts[_i];
	double track = ceil(0.5e-3 * 120 * spt), cylinder = ceil(1e-3 * 120 * spt);
	char zone[200], head[64];
	struct drive d;
	snprintf(zone, sizeof(zone), "disk0.geometry.zones=[{first_cylinder: 0, last_cylinder: 1999, "
		"sectors_per_track: %u, track_skew: %g, cylinder_skew: %g}]", spt, track, cylinder);
	snprintf(head, sizeof(head), "disk0.geometry.heads=%u", heads);
	drive_open_with(&d, small, (const char *const[]){"disk0.geometry.cylinders=2000",
		"disk0.geometry.lbn_order=ascending", zone, head, NULL});
	time_ps t = 0;
	for (uint64_t lbn = 0; lbn < d.dev->sectors;) {
		struct mech_run run;
		lbn += mech_access(&d.disk->unit[0].mech, d.disk->unit[0].geom, lbn, UINT32_MAX, t, false, &run);
		t = run.end_ps;
	}
	double got = (double)d.dev->sectors * 512 / time_seconds(t), want = zone_bandwidth(heads, spt, track, cylinder);
	ck_assert_double_eq_tol(got / want, 1, 1e-3);

	/* the drive says the same of itself */
	char *text;
	size_t bytes;
	double said;
	FILE *out = open_memstream(&text, &bytes);
	ck_assert_str_eq(disk_ops.table(d.dev, 1, out), "zones");
	fclose(out);
	ck_assert_int_eq(sscanf(strchr(text, '\n'), "%*u,%*u,%*u,%*u,%*u,%*u,%lf", &said), 1);
	ck_assert_double_eq_tol(said / want, 1, 1e-6);
	free(text);
	drive_close(&d);
}
END_TEST

START_TEST(time_past_its_end_is_told_and_not_wrapped)
{
	struct mech m = v.disk->unit[0].mech;
	struct mech_run run;
	mech_access(&m, v.disk->unit[0].geom, v.dev->sectors - 5, 5, TIME_PS_MAX - 10, true, &run);
	ck_assert_int_eq(run.settled_ps, TIME_PS_MAX);
	ck_assert_int_eq(run.begin_ps, TIME_PS_MAX);
	ck_assert_int_eq(run.end_ps, TIME_PS_MAX);
}
END_TEST

/* DiskSim's "Percent error in rpms": uniform within the error, once a drive; here by seed and device name. */
START_TEST(a_drive_draws_its_own_speed_once_within_the_error)
{
	enum { DRIVES = 400 };
	const char *const sets[] = {"disk0.rpm_error=0.5 %", NULL};
	double sum = 0, least = 1e9, most = 0;
	for (uint64_t seed = 1; seed <= DRIVES; seed++) {
		struct drive a, b;
		struct err e = {0};
		ck_assert_int_eq(drive_try(&a, small, sets, seed, &e), 0);
		ck_assert_int_eq(drive_try(&b, small, sets, seed, &e), 0);
		double rpm = 1e-3 * (double)a.disk->unit[0].mech.millirpm;
		ck_assert_uint_eq(a.disk->unit[0].mech.millirpm, b.disk->unit[0].mech.millirpm);
		sum += rpm;
		least = fmin(least, rpm);
		most = fmax(most, rpm);
		/* the platter turns at that speed: back at the same angle after a turn of its own */
		time_ps turn = mech_turn_time(&a.disk->unit[0].mech, ANGLE_TURN);
		ck_assert_double_eq_tol(1e-12 * (double)turn, 60 / rpm, 1e-11);
		drive_close(&a);
		drive_close(&b);
	}
	ck_assert_double_ge(least, 7200 * 0.995);
	ck_assert_double_le(most, 7200 * 1.005);
	ck_assert_double_lt(least, 7200 * 0.9952); /* and all of the range is used */
	ck_assert_double_gt(most, 7200 * 1.0048);
	/* 72 / sqrt(12) rpm of deviation, by the root of 400: five of those */
	ck_assert_double_eq_tol(sum / DRIVES, 7200, 5 * 72 / sqrt(12 * DRIVES));
	ck_assert_uint_eq(v.disk->unit[0].mech.millirpm, 7200000);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("mech");
	TCase *t = tcase_create("mech");
	tcase_add_checked_fixture(t, open_small, close_small);
	tcase_add_test(t, the_angle_is_exact_after_any_time);
	tcase_add_test(t, carrying_the_angle_forward_does_not_drift);
	tcase_add_test(t, a_wait_is_the_shortest_and_never_more_than_a_turn);
	tcase_add_test(t, positioning_is_the_longer_of_seek_and_switch_and_writes_settle);
	tcase_add_test(t, what_has_passed_agrees_with_the_time_to_pass);
	tcase_add_test(t, the_next_sector_is_the_one_with_the_shortest_wait);
	tcase_add_loop_test(t, sequential_sectors_take_one_turn_a_track_plus_skew, 0, 4);
	tcase_add_loop_test(t, one_sector_of_skew_too_few_costs_a_whole_turn, 0, 5);
	tcase_add_loop_test(t, a_zone_is_read_at_the_bandwidth_of_the_closed_form, 0, 3);
	tcase_add_test(t, time_past_its_end_is_told_and_not_wrapped);
	tcase_add_test(t, a_drive_draws_its_own_speed_once_within_the_error);
	tcase_set_timeout(t, 60);
	suite_add_tcase(s, t);
	return run_suite(s);
}
