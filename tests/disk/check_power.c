/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Power: energies worked out by hand, timers, waking, and the sum of all times. */
#include "disk/disk_fixture.h"

#include "disk/power.h"

#define S PS_PER_S
#define MS PS_PER_MS

/* A laptop drive's figures (Hitachi Travelstar 5K320 specification, table 14), and timers. */
static const struct disk_power_spec laptop = {
	.idle_uw = 800000, .seek_uw = 2200000, .read_uw = 1800000, .write_uw = 1800000,
	.unloaded_uw = 550000, .standby_uw = 200000, .spin_up_uw = 3800000,
	.unload_after_ps = 2 * S, .load_ps = 300 * MS, .standby_after_ps = 10 * S,
};

static int128 all_modes_ps(const struct power *p)
{
	int128 sum = 0;
	for (int m = 0; m < POWER_MODES; m++)
		sum += p->mode_ps[m];
	return sum;
}

static void energy_is(const struct power *p, double joules)
{
	ck_assert_double_eq_tol(power_energy_j(p), joules, 1e-12 * joules + 1e-18);
}

START_TEST(a_drive_without_commands_draws_its_idle_power)
{
	struct disk_power_spec awake = laptop;
	awake.unload_after_ps = awake.standby_after_ps = 0;
	struct power p;
	power_init(&p, &awake, 3 * S, 0);
	energy_is(&p, 0);
	power_advance(&p, 3600 * S);
	energy_is(&p, 2880); /* 0.8 W for an hour */
	ck_assert_int_eq(p.mode, POWER_IDLE);
	ck_assert_uint_eq(p.unloads + p.spin_downs + p.spin_ups + p.loads, 0);
}
END_TEST

/* 12 ms seek, 2.5 ms rotation, 1.5 ms reading, out of 1 s. */
START_TEST(work_draws_its_own_power_in_place_of_the_idle_power)
{
	struct power p;
	power_init(&p, &laptop, 3 * S, 0);
	ck_assert_int_eq(power_wake(&p, 0), 0);
	power_work(&p, POWER_SEEK, 12 * MS, 12 * MS);
	power_work(&p, POWER_READ, 3 * MS / 2, 16 * MS);
	power_advance(&p, S);
	/* 0.012 x 2.2 + 0.0015 x 1.8 + 0.9865 x 0.8 */
	energy_is(&p, 0.0264 + 0.0027 + 0.7892);
	ck_assert_double_eq_tol(power_work_j(&p, POWER_SEEK), 0.012 * 1.4, 1e-15);
	ck_assert_double_eq_tol(power_work_j(&p, POWER_READ), 0.0015 * 1.0, 1e-15);
	/* and the command's own: 26.4 + 2.0 + 2.7 mJ */
	ck_assert_int_eq(power_command_pj(&p, 12 * MS, 5 * MS / 2, 3 * MS / 2, false), INT64_C(31100000000));
	ck_assert_int_eq(power_command_pj(&p, 0, 0, 0, true), 0);
	/* sums beyond 64 bits of 1e-18 J: an hour of seeking, 7920 J */
	ck_assert_int_eq(power_command_pj(&p, 3600 * S, 0, 0, true), INT64_C(7920000000000000));
}
END_TEST

START_TEST(what_is_not_given_is_as_idle)
{
	const struct disk_power_spec only_idle = {.idle_uw = 5000000, .unload_after_ps = S};
	struct power p;
	power_init(&p, &only_idle, 0, 0);
	power_work(&p, POWER_SEEK, S / 2, S / 2);
	power_work(&p, POWER_WRITE, S / 2, S);
	power_advance(&p, 10 * S);
	energy_is(&p, 50);
	ck_assert_int_eq(p.mode, POWER_UNLOADED);
	ck_assert(p.known);
	const struct disk_power_spec nothing = {0};
	power_init(&p, &nothing, 0, 0);
	ck_assert(!p.known);
	power_work(&p, POWER_SEEK, S, S);
	power_advance(&p, 10 * S);
	ck_assert(power_energy_j(&p) == 0);
}
END_TEST

/* Quiet since 16 ms: unloaded from 2.016 s, spun down from 10.016 s. */
START_TEST(a_quiet_drive_unloads_and_then_spins_down)
{
	struct power p;
	power_init(&p, &laptop, 3 * S, 0);
	power_work(&p, POWER_READ, 16 * MS, 16 * MS);
	ck_assert_int_eq(power_mode_at(&p, 2016 * MS - 1), POWER_IDLE);
	ck_assert_int_eq(power_mode_at(&p, 2016 * MS), POWER_UNLOADED);
	ck_assert_int_eq(power_mode_at(&p, 10016 * MS - 1), POWER_UNLOADED);
	ck_assert_int_eq(power_mode_at(&p, 10016 * MS), POWER_STANDBY);
	power_advance(&p, 100 * S);
	ck_assert(p.mode_ps[POWER_IDLE] == 2016 * MS);
	ck_assert(p.mode_ps[POWER_UNLOADED] == 8 * S);
	ck_assert(p.mode_ps[POWER_STANDBY] == 100 * S - 10016 * MS);
	/* 2.016 x 0.8 + 0.016 x 1.0 + 8 x 0.55 + 89.984 x 0.2 */
	energy_is(&p, 1.6128 + 0.016 + 4.4 + 17.9968);
	ck_assert_uint_eq(p.unloads, 1);
	ck_assert_uint_eq(p.spin_downs, 1);
}
END_TEST

START_TEST(waking_takes_the_time_of_the_state_it_is_in)
{
	struct power p;
	power_init(&p, &laptop, 3 * S, 0);
	ck_assert_int_eq(power_wake(&p, 2 * S - 1), 0); /* just in time, and the timers start anew */
	ck_assert_int_eq(power_wake(&p, 4 * S - 1), 300 * MS);
	ck_assert_int_eq(p.mode, POWER_IDLE);
	ck_assert_uint_eq(p.loads, 1);
	ck_assert_int_eq(power_wake(&p, 4300 * MS - 1), 0);
	/* quiet from 4.3 s: spun down at 14.3 s */
	ck_assert_int_eq(power_wake(&p, 20 * S), 3 * S);
	ck_assert_int_eq(power_mode_at(&p, 23 * S - 1), POWER_SPIN_UP);
	ck_assert_int_eq(power_wake(&p, 21 * S), 2 * S); /* asked again on the way */
	ck_assert_int_eq(power_wake(&p, 23 * S), 0);
	ck_assert_uint_eq(p.spin_ups, 1);
	power_advance(&p, 24 * S);
	/* spin-up 3 s at 3.8 W, standby 20 - 14.3 s */
	ck_assert_double_eq_tol(power_mode_j(&p, POWER_SPIN_UP), 11.4, 1e-12);
	ck_assert_double_eq_tol(power_mode_j(&p, POWER_STANDBY), 5.7 * 0.2, 1e-6);
	ck_assert(all_modes_ps(&p) == 24 * S);
}
END_TEST

START_TEST(a_command_from_the_buffer_restarts_the_timers_and_wakes_nothing)
{
	struct power p;
	power_init(&p, &laptop, 3 * S, 0);
	power_touch(&p, S, S + MS);
	ck_assert_int_eq(power_mode_at(&p, 3001 * MS - 1), POWER_IDLE);
	ck_assert_int_eq(power_mode_at(&p, 3001 * MS), POWER_UNLOADED);
	power_touch(&p, 8 * S, 8 * S);
	ck_assert_int_eq(p.mode, POWER_UNLOADED);
	ck_assert_int_eq(power_mode_at(&p, 18 * S - 1), POWER_UNLOADED);
	ck_assert_int_eq(power_mode_at(&p, 18 * S), POWER_STANDBY);
	power_touch(&p, 20 * S, 20 * S);
	ck_assert_int_eq(p.mode, POWER_STANDBY);
	ck_assert_uint_eq(p.loads + p.spin_ups, 0);
}
END_TEST

START_TEST(a_power_cut_draws_nothing_and_a_restore_spins_up)
{
	struct power p;
	power_init(&p, &laptop, 3 * S, 0);
	power_work(&p, POWER_READ, 5 * S, 5 * S);
	power_cut(&p, 5 * S);
	ck_assert_int_eq(power_restore(&p, 60 * S), 3 * S);
	power_advance(&p, 64 * S);
	/* 5 s reading, 55 s off, 3 s spin-up, 1 s idle */
	energy_is(&p, 5 * 1.8 + 3 * 3.8 + 0.8);
	ck_assert(p.mode_ps[POWER_OFF] == 55 * S);
	ck_assert_uint_eq(p.spin_downs, 1);
	ck_assert_uint_eq(p.spin_ups, 1);
	power_advance(&p, 200 * S); /* asleep when the power goes: no second spin-down */
	power_cut(&p, 200 * S);
	ck_assert_uint_eq(p.spin_downs, 2);
}
END_TEST

/* However it is asked, the modes share out all of the time, and a state that was told often is that told
 * once. */
START_TEST(the_times_of_the_modes_add_up_and_do_not_depend_on_who_asks)
{
	struct arena *a = arena_new();
	struct rng *r = rng_new(a, 7, "power");
	struct power p, q;
	power_init(&p, &laptop, 3 * S, 0);
	power_init(&q, &laptop, 3 * S, 0);
	time_ps now = 0;
	int seen[POWER_MODES] = {0};
	for (int i = 0; i < 20000; i++) {
		now += (time_ps)rng_below(r, rng_below(r, 4) == 0 ? 15 * S : 100 * MS);
		seen[power_mode_at(&p, now)]++;
		if (rng_below(r, 3) == 0)
			power_advance(&q, now);
		time_ps wait = power_wake(&p, now);
		ck_assert_int_eq(power_wake(&q, now), wait);
		now += wait;
		time_ps work = (time_ps)rng_below(r, 20 * MS);
		enum power_work w = (enum power_work)rng_below(r, POWER_WORKS);
		power_work(&p, w, work, now + work);
		power_work(&q, w, work, now + work);
		if (rng_below(r, 100) == 0) {
			now += work;
			power_cut(&p, now);
			power_cut(&q, now);
			now += (time_ps)rng_below(r, S);
			power_restore(&p, now);
			power_restore(&q, now);
		}
	}
	power_advance(&p, now);
	power_advance(&q, now);
	ck_assert(all_modes_ps(&p) == now);
	ck_assert(memcmp(p.mode_ps, q.mode_ps, sizeof(p.mode_ps)) == 0);
	ck_assert(power_energy_j(&p) == power_energy_j(&q));
	for (int m = POWER_STANDBY; m < POWER_MODES; m++)
		ck_assert_msg(seen[m] > 0, "never %s", power_mode_name((enum power_mode)m));
	ck_assert_uint_eq(p.spin_ups, p.spin_downs);
	arena_free(a);
}
END_TEST

START_TEST(a_saved_state_goes_on_at_another_time)
{
	struct power p, q;
	struct err e = {0};
	FILE *f = tmpfile();
	ck_assert_ptr_nonnull(f);
	power_init(&p, &laptop, 3 * S, 0);
	power_work(&p, POWER_SEEK, 12 * MS, 12 * MS);
	ck_assert_int_eq(power_save(&p, S, f, &e), 0);
	rewind(f);
	power_init(&q, &laptop, 3 * S, 500 * S);
	ck_assert_int_eq(power_load(&q, 500 * S, f, &e), 0);
	fclose(f);
	ck_assert_int_eq(power_wake(&p, 2012 * MS), power_wake(&q, 501012 * MS));
	power_advance(&p, 30 * S);
	power_advance(&q, 529 * S);
	ck_assert(power_energy_j(&p) == power_energy_j(&q));
	ck_assert(all_modes_ps(&q) == 30 * S);
	ck_assert_uint_eq(q.loads, 1);
}
END_TEST

/* ---- through the device ------------------------------------------------------------------------ */

/* A turn is 10 ms, a sector 0.1 ms, every seek 3 ms; no overheads. */
static const char simple[] =
	"disk0:\n"
	"  rpm: 6000 rpm\n"
	"  spin_up: 2 s\n"
	"  geometry: {heads: 1, cylinders: 11, zones: [{first_cylinder: 0, last_cylinder: 10, sectors_per_track: 100}]}\n"
	"  seek: {model: constant, average: 3 ms}\n"
	"  cache: {enabled: false}\n"
	"  power: {idle: 2 W, seek: 5 W, read: 3 W, write: 4 W, unloaded: 1 W, standby: 0.5 W, spin_up: 10 W}\n";
#define TIMERS "disk0.power.unload_after=1 s", "disk0.power.load_time=50 ms", "disk0.power.standby_after=5 s"

struct reported {
	const char *name;
	double value;
};

static void note(void *ctx, const char *name, double value, const char *unit)
{
	struct reported *r = ctx;
	(void)unit;
	if (!strcmp(name, r->name))
		r->value = value;
}

static double said(const struct drive *v, const char *name)
{
	struct reported r = {name, -1};
	v->dev->ops->report(v->dev, note, &r);
	return r.value;
}

/* Seek 3 ms, at 3 ms the head is 0.3 of a turn past sector 0: 7 ms, then the sector. */
START_TEST(a_read_takes_the_energy_of_its_parts)
{
	struct drive v;
	drive_open(&v, simple);
	struct blk_req r = drive_read(&v, 100, 1);
	ck_assert_int_eq(r.done_ps, 10100 * PS_PER_US);
	ck_assert_int_eq(r.energy_pj, INT64_C(15000000000) + INT64_C(14000000000) + 300000000);
	ck_assert_double_eq_tol(said(&v, "energy_j"), 0.0293, 1e-12);
	ck_assert_double_eq_tol(said(&v, "energy_commands_j"), 0.0293, 1e-12);
	ck_assert_double_eq_tol(said(&v, "energy_idle_j"), 0.0202, 1e-12);
	ck_assert_double_eq_tol(said(&v, "energy_seek_j"), 0.009, 1e-12);
	ck_assert_double_eq_tol(said(&v, "energy_read_j"), 0.0001, 1e-12);
	ck_assert_double_eq_tol(said(&v, "power_mean_w"), 0.0293 / 0.0101, 1e-9);
	/* back over sectors 0 and 1: 3 ms seek from 10.1 ms, to 13.1; 6.9 ms to 20 ms; 0.2 ms */
	r = drive_write(&v, 0, 2);
	ck_assert_int_eq(r.done_ps, 20200 * PS_PER_US);
	ck_assert_int_eq(r.energy_pj, INT64_C(15000000000) + INT64_C(13800000000) + 800000000);
	/* one command after the other: their energies are all there is */
	ck_assert_double_eq_tol(said(&v, "energy_j"), 0.0293 + 0.0296, 1e-12);
	ck_assert_double_eq_tol(said(&v, "energy_commands_j"), 0.0293 + 0.0296, 1e-12);
	drive_close(&v);
}
END_TEST

START_TEST(energy_runs_without_requests)
{
	struct drive v;
	drive_open(&v, simple);
	sim_run_until(v.sim, 100 * S);
	ck_assert_double_eq_tol(said(&v, "energy_j"), 200, 1e-9);
	drive_close(&v);
	drive_open_with(&v, simple, (const char *const[]){TIMERS, NULL});
	sim_run_until(v.sim, 100 * S);
	ck_assert_double_eq_tol(said(&v, "energy_j"), 1 * 2 + 4 * 1 + 95 * 0.5, 1e-9);
	ck_assert_double_eq(said(&v, "head_unloads"), 1);
	ck_assert_double_eq(said(&v, "spin_downs"), 1);
	drive_close(&v);
	drive_open_with(&v, simple, (const char *const[]){
		"disk0.power={idle: 0, seek: 0, read: 0, write: 0, unloaded: 0, standby: 0, spin_up: 0}", NULL});
	ck_assert_double_eq(said(&v, "energy_j"), -1); /* nothing is said where nothing is known */
	ck_assert_int_eq(drive_read(&v, 100, 1).energy_pj, 0);
	drive_close(&v);
}
END_TEST

START_TEST(a_command_wakes_the_drive_and_waits_for_it)
{
	struct drive v;
	drive_open_with(&v, simple, (const char *const[]){TIMERS, NULL});
	sim_run_until(v.sim, S); /* unloaded at that instant */
	struct blk_req r = drive_read(&v, 100, 1);
	/* loaded at 1.050 s, where a turn begins; seek to 1.053, sector at 1.060 */
	ck_assert_int_eq(r.start_ps, 1050 * MS);
	ck_assert_int_eq(r.done_ps, 1060100 * PS_PER_US);
	ck_assert_double_eq(said(&v, "head_loads"), 1);
	sim_run_until(v.sim, 20 * S); /* quiet since 1.0601 s: spun down at 6.0601 s */
	r = drive_read(&v, 0, 1);
	ck_assert_int_eq(r.start_ps, 22 * S);
	ck_assert_int_eq(r.done_ps, 22 * S + 10100 * PS_PER_US);
	ck_assert_double_eq(said(&v, "spin_ups"), 1);
	ck_assert_double_eq_tol(said(&v, "energy_spin_up_j"), 20, 1e-9);
	ck_assert_double_eq_tol(said(&v, "energy_standby_j"), (20 - 6.0601) * 0.5, 1e-9);
	drive_close(&v);
}
END_TEST

START_TEST(the_buffer_serves_while_the_drive_sleeps)
{
	struct drive v;
	drive_open_with(&v, simple, (const char *const[]){TIMERS, "disk0.cache={enabled: true, read_ahead: none, write_back: true}",
		NULL});
	drive_read(&v, 100, 1);
	sim_run_until(v.sim, 900 * MS);
	ck_assert_int_eq(drive_read(&v, 100, 1).done_ps, 900 * MS); /* a hit: awake for another second */
	sim_run_until(v.sim, 1800 * MS);
	ck_assert_int_eq(drive_read(&v, 300, 1).start_ps, 1800 * MS);
	sim_run_until(v.sim, 20 * S);
	struct blk_req r = drive_read(&v, 100, 1);
	ck_assert_int_eq(r.done_ps, 20 * S);
	ck_assert_int_eq(r.energy_pj, 0);
	ck_assert_int_eq(power_mode_at(&v.disk->power, v.sim->now_ps), POWER_STANDBY);
	/* a write is taken at once, and the drive spins up to put it on the medium */
	r = drive_write(&v, 0, 1);
	ck_assert_int_eq(r.done_ps, 20 * S);
	r = drive_do(&v, BLK_FLUSH, 0, 0, 0);
	ck_assert_int_eq(r.done_ps, 22 * S + 10100 * PS_PER_US);
	ck_assert_double_eq(said(&v, "spin_ups"), 1);
	drive_close(&v);
}
END_TEST

/* The read of above is cut at 5 ms: 3 ms of seek and 2 ms of rotation, no transfer. */
START_TEST(a_command_cut_short_draws_what_it_did)
{
	struct drive v;
	unsigned count = 0;
	drive_open(&v, simple);
	struct blk_req r = {.op = BLK_READ, .lba = 100, .sectors = 1, .done = drive_count_done, .owner = &count};
	blk_submit(v.dev, &r);
	sim_run_until(v.sim, 5 * MS);
	blk_dev_power_cut(v.dev);
	sim_run_until(v.sim, 7 * MS);
	ck_assert_uint_eq(count, 1);
	ck_assert_int_eq(r.status, BLK_POWER_LOST);
	ck_assert_int_eq(r.energy_pj, INT64_C(15000000000) + INT64_C(4000000000));
	ck_assert_double_eq_tol(said(&v, "energy_j"), 0.019, 1e-12);
	ck_assert_int_eq(blk_dev_power_restore(v.dev), 2 * S);
	sim_run_until(v.sim, 3 * S);
	ck_assert_double_eq_tol(said(&v, "energy_j"), 0.019 + 20 + (3 - 2.007) * 2, 1e-9);
	drive_close(&v);
}
END_TEST

/* Background reading draws the power of reading: of a whole track, 99 sectors after the one asked for. */
START_TEST(background_reading_draws_power)
{
	struct drive v;
	drive_open_with(&v, simple, (const char *const[]){
		"disk0.cache={enabled: true, segments: 2, segment_sectors: 100, read_ahead: segment}", NULL});
	drive_read(&v, 0, 1);
	sim_run_until(v.sim, 50 * MS);
	drive_read(&v, 50, 1); /* makes it tell what came */
	ck_assert_double_eq_tol(said(&v, "energy_read_j"), 0.010 * (3 - 2), 1e-12);
	drive_close(&v);
}
END_TEST

/* A closed loop of random reads and writes without pauses or cache: all energy is the commands'. */
START_TEST(the_commands_energies_add_up_to_the_whole)
{
	struct drive v;
	drive_open(&v, simple);
	struct rng *r = rng_new(v.sim->arena, 3, "load");
	double sum = 0;
	for (int i = 0; i < 2000; i++) {
		uint64_t lba = rng_below(r, 1000);
		uint32_t sectors = 1 + (uint32_t)rng_below(r, 100);
		struct blk_req q = drive_do(&v, rng_below(r, 2) ? BLK_READ : BLK_WRITE, lba, sectors, 0);
		ck_assert_int_eq(q.done_ps - q.start_ps, q.seek_ps + q.rotation_ps + q.transfer_ps);
		sum += 1e-12 * (double)q.energy_pj;
	}
	ck_assert_double_eq_tol(said(&v, "energy_j"), sum, 2000e-12);
	ck_assert_double_eq_tol(said(&v, "energy_commands_j"), sum, 1e-9);
	drive_close(&v);
}
END_TEST

START_TEST(power_that_cannot_be_is_refused)
{
	drive_refused(simple, (const char *const[]){"disk0.power.unload_after=5 s", "disk0.power.standby_after=5 s", NULL},
		"less than standby_after");
	drive_refused(simple, (const char *const[]){"disk0.power.load_time=5 ms", NULL}, "unload_after");
	drive_refused(simple, (const char *const[]){"disk0.power.idle=5", NULL}, "such as \"5 W\"");
	drive_refused(simple, (const char *const[]){"disk0.power.idle=-1 W", NULL}, "power.idle");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("power");
	TCase *t = tcase_create("power");
	tcase_add_test(t, a_drive_without_commands_draws_its_idle_power);
	tcase_add_test(t, work_draws_its_own_power_in_place_of_the_idle_power);
	tcase_add_test(t, what_is_not_given_is_as_idle);
	tcase_add_test(t, a_quiet_drive_unloads_and_then_spins_down);
	tcase_add_test(t, waking_takes_the_time_of_the_state_it_is_in);
	tcase_add_test(t, a_command_from_the_buffer_restarts_the_timers_and_wakes_nothing);
	tcase_add_test(t, a_power_cut_draws_nothing_and_a_restore_spins_up);
	tcase_add_test(t, the_times_of_the_modes_add_up_and_do_not_depend_on_who_asks);
	tcase_add_test(t, a_saved_state_goes_on_at_another_time);
	tcase_add_test(t, a_read_takes_the_energy_of_its_parts);
	tcase_add_test(t, energy_runs_without_requests);
	tcase_add_test(t, a_command_wakes_the_drive_and_waits_for_it);
	tcase_add_test(t, the_buffer_serves_while_the_drive_sleeps);
	tcase_add_test(t, a_command_cut_short_draws_what_it_did);
	tcase_add_test(t, background_reading_draws_power);
	tcase_add_test(t, the_commands_energies_add_up_to_the_whole);
	tcase_add_test(t, power_that_cannot_be_is_refused);
	suite_add_tcase(s, t);
	return run_suite(s);
}
