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
	suite_add_tcase(s, t);
	return run_suite(s);
}
