/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The drive's schedulers: what each must do, and what all must. The simulated service times on
 * drive R against the Monte-Carlo table of the reference data are figures of `make validate`.
 */
#include "disk/disk_fixture.h"

#include <inttypes.h>

#define MOST 64

static const char text[] =
	"disk0:\n"
	"  rpm: 6000 rpm\n"
	"  head_switch: 0.5 ms\n"
	"  write_settle: 0.3 ms\n"
	"  geometry: {heads: 2, cylinders: 200, zones: [{first_cylinder: 0, last_cylinder: 199, sectors_per_track: 100,\n"
	"             track_skew: 7, cylinder_skew: 13}]}\n"
	"  seek: {model: sqrt-linear, linear_base: 1 ms, linear_slope: 0.02 ms}\n";

static struct drive v;
static struct rng *rnd;

static uint64_t state[SCHED_STATE_BYTES / 8]; /* of the policy */

static void open_drive(void)
{
	memset(state, 0, sizeof(state));
	drive_open(&v, text);
	rnd = rng_new(v.sim->arena, 21, "sched");
}

static void close_drive(void) { drive_close(&v); }

static struct disk_candidate candidate(uint64_t lbn, uint64_t sequence, bool write)
{
	struct geom_place at;
	geom_locate(v.disk->unit[0].geom, lbn, &at);
	return (struct disk_candidate){.lbn = lbn, .sequence = sequence, .write = write, .cylinder = at.cylinder,
		.head = at.head, .angle = geom_place_angle(v.disk->unit[0].geom, &at)};
}

static struct disk_view view(const struct disk_candidate *c, uint32_t n, time_ps read_at, time_ps write_at)
{
	struct disk_view w = {.mech = &v.disk->unit[0].mech, .now_ps = read_at, .begin_ps = {read_at, write_at},
		.last_cylinder = 199, .knows_angle = true, .queue = &v.spec.queue, .state = state};
	for (uint32_t i = 1; i < n; i++)
		if (c[i].sequence < c[w.oldest].sequence)
			w.oldest = i;
	return w;
}

static const struct disk_sched *policy(const char *name)
{
	for (size_t i = 0; disk_scheds[i]; i++)
		if (!strcmp(disk_scheds[i]->name, name))
			return disk_scheds[i];
	ck_abort_msg("there is no scheduler %s", name);
}

/* Serve all, the arm following, and note the cylinders in order. */
static void serve(const struct disk_sched *s, struct disk_candidate *c, uint32_t n, uint32_t *cylinders)
{
	for (uint32_t k = 0; n > 0; k++) {
		struct disk_view w = view(c, n, 0, 0);
		uint32_t i = s->pick(&w, c, n);
		ck_assert_uint_lt(i, n);
		v.disk->unit[0].mech.cylinder = cylinders[k] = c[i].cylinder;
		c[i] = c[--n];
	}
}

/* Silberschatz, Galvin & Gagne, "Operating system concepts", disk scheduling: the queue
 * 98, 183, 37, 122, 14, 124, 65, 67 with the head at 53. */
static void textbook(const char *name, const uint32_t *want)
{
	static const uint32_t queue[] = {98, 183, 37, 122, 14, 124, 65, 67};
	struct disk_candidate c[8];
	uint32_t got[8];
	for (unsigned i = 0; i < 8; i++)
		c[i] = candidate((uint64_t)queue[i] * 200, i, false);
	v.disk->unit[0].mech.cylinder = 53;
	serve(policy(name), c, 8, got);
	for (unsigned i = 0; i < 8; i++)
		ck_assert_uint_eq(got[i], want[i]);
}

START_TEST(fcfs_serves_in_order_of_arrival)
{
	textbook("fcfs", (const uint32_t[]){98, 183, 37, 122, 14, 124, 65, 67});
}
END_TEST

START_TEST(c_look_rises_and_comes_back_to_the_lowest)
{
	textbook("c-look", (const uint32_t[]){65, 67, 98, 122, 124, 183, 14, 37});
}
END_TEST

START_TEST(c_look_takes_the_arms_own_cylinder_first_and_the_older_of_two)
{
	v.disk->unit[0].mech.cylinder = 53;
	struct disk_candidate c[] = {candidate(54 * 200, 0, false), candidate(53 * 200, 9, false), candidate(53 * 200 + 5, 4, true)};
	struct disk_view w = view(c, 3, 0, 0);
	ck_assert_uint_eq(policy("c-look")->pick(&w, c, 3), 2);
}
END_TEST

static uint32_t random_queue(struct disk_candidate *c)
{
	uint32_t n = 1 + (uint32_t)rng_below(rnd, MOST);
	for (uint32_t i = 0; i < n; i++) {
		uint64_t lbn = rng_below(rnd, 4) ? rng_below(rnd, v.dev->sectors) : 500 + rng_below(rnd, 4);
		c[i] = candidate(lbn, 1000 - i * 3 % 97 * 10 + i, rng_below(rnd, 2));
	}
	for (uint32_t i = n - 1; i > 0; i--) { /* in no particular order */
		uint32_t k = (uint32_t)rng_below(rnd, i + 1);
		struct disk_candidate x = c[i];
		c[i] = c[k];
		c[k] = x;
	}
	v.disk->unit[0].mech.cylinder = (uint32_t)rng_below(rnd, 200);
	v.disk->unit[0].mech.head = (uint32_t)rng_below(rnd, 2);
	return n;
}

/* Times from a copy of the arm that really goes there. */
START_TEST(sptf_agrees_with_trying_each_one)
{
	for (int i = 0; i < 5000; i++) {
		struct disk_candidate c[MOST];
		uint32_t n = random_queue(c), best = 0;
		time_ps at[2] = {(time_ps)rng_below(rnd, (uint64_t)PS_PER_S), 0}, least = TIME_PS_MAX;
		at[1] = at[0] + (time_ps)rng_below(rnd, (uint64_t)PS_PER_MS);
		for (uint32_t k = 0; k < n; k++) {
			struct mech m = v.disk->unit[0].mech;
			struct mech_run run;
			mech_access(&m, v.disk->unit[0].geom, c[k].lbn, 1, at[c[k].write], c[k].write, &run);
			if (run.begin_ps < least || (run.begin_ps == least && c[k].sequence < c[best].sequence)) {
				least = run.begin_ps;
				best = k;
			}
		}
		struct disk_view w = view(c, n, at[0], at[1]);
		ck_assert_uint_eq(policy("sptf")->pick(&w, c, n), best);
	}
}
END_TEST

/* ---- every policy of the table ----------------------------------------------------------------- */

START_TEST(every_policy_is_named_once_and_documented)
{
	size_t n = 0;
	for (; disk_scheds[n]; n++) {
		ck_assert(disk_scheds[n]->name[0] != '\0' && disk_scheds[n]->doc[0] != '\0');
		ck_assert_str_eq(disk_scheds[n]->name, disk_sched_choices[n].name);
		for (size_t k = 0; k < n; k++)
			ck_assert_str_ne(disk_scheds[n]->name, disk_scheds[k]->name);
	}
	ck_assert_ptr_null(disk_sched_choices[n].name);
}
END_TEST

START_TEST(every_policy_picks_one_that_waits_whatever_their_order_in_the_array)
{
	for (size_t p = 0; disk_scheds[p]; p++)
		for (int i = 0; i < 1000; i++) {
			struct disk_candidate c[MOST], turned[MOST];
			uint32_t n = random_queue(c);
			for (uint32_t k = 0; k < n; k++)
				turned[k] = c[n - 1 - k];
			time_ps now = (time_ps)rng_below(rnd, (uint64_t)PS_PER_S);
			struct disk_view w = view(c, n, now, now), x = view(turned, n, now, now);
			uint32_t a = disk_scheds[p]->pick(&w, c, n), b = disk_scheds[p]->pick(&x, turned, n);
			ck_assert_uint_lt(a, n);
			ck_assert_uint_lt(b, n);
			ck_assert_uint_eq(c[a].sequence, turned[b].sequence);
		}
}
END_TEST

/* The arm is at cylinder 100. The oldest is far below, a near one above has just passed the head,
 * one a little farther comes by at once. */
START_TEST(a_load_separates_every_two_policies)
{
	uint32_t picks[16] = {0}, count = 0;
	v.disk->unit[0].mech.cylinder = 100;
	v.disk->unit[0].mech.head = 0;
	struct disk_candidate c[] = {candidate(10 * 200, 0, false), candidate(101 * 200, 1, false), candidate(103 * 200, 2, false)};
	struct mech *m = &v.disk->unit[0].mech;
	/* the arm gets to cylinder 101 when its sector 1 begins, to 103 a little before its sector 0 */
	uint64_t passed = c[1].angle + ANGLE_TURN / 100;
	time_ps now = mech_wait(m, 0, passed % ANGLE_TURN) + 10 * PS_PER_MS - seek_time(&m->seek, 100, 101);
	c[2].angle = (mech_angle(m, now + seek_time(&m->seek, 100, 103)) + ANGLE_TURN / 100) % ANGLE_TURN;
	struct disk_view w = view(c, 3, now, now);
	for (; count < 16 && disk_scheds[count]; count++)
		picks[count] = disk_scheds[count]->pick(&w, c, 3);
	for (uint32_t i = 0; i < count; i++)
		for (uint32_t k = 0; k < i; k++)
			ck_assert_msg(picks[i] != picks[k], "%s and %s choose the same", disk_scheds[i]->name, disk_scheds[k]->name);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("sched");
	TCase *t = tcase_create("sched");
	tcase_add_checked_fixture(t, open_drive, close_drive);
	tcase_add_test(t, fcfs_serves_in_order_of_arrival);
	tcase_add_test(t, c_look_rises_and_comes_back_to_the_lowest);
	tcase_add_test(t, c_look_takes_the_arms_own_cylinder_first_and_the_older_of_two);
	tcase_add_test(t, sptf_agrees_with_trying_each_one);
	tcase_add_test(t, every_policy_is_named_once_and_documented);
	tcase_add_test(t, every_policy_picks_one_that_waits_whatever_their_order_in_the_array);
	tcase_add_test(t, a_load_separates_every_two_policies);
	tcase_set_timeout(t, 60);
	suite_add_tcase(s, t);
	return run_suite(s);
}
