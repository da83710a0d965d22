/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The clock and the event queue: order, cancelling, failing, and a naive model to agree with. */
#include <check.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "sim/sim.h"

#define MANY 500

struct probe {
	struct event event;
	int id;
	int *log;
	int *logged;
};

static void record(struct sim *s, struct event *e)
{
	(void)s;
	struct probe *p = container_of(e, struct probe, event);
	p->log[(*p->logged)++] = p->id;
}

struct fixture {
	struct sim *s;
	struct probe probe[MANY];
	int log[4 * MANY];
	int logged;
};

static struct fixture f;

static void setup(void)
{
	memset(&f, 0, sizeof(f));
	f.s = sim_new(7);
	ck_assert_ptr_nonnull(f.s);
	for (int i = 0; i < MANY; i++) {
		f.probe[i].id = i;
		f.probe[i].log = f.log;
		f.probe[i].logged = &f.logged;
		event_init(&f.probe[i].event, record, "probe", EVENT_PRIO_DEVICE);
	}
}

static void teardown(void) { sim_free(f.s); }

static void expect_log(const int *ids, int n)
{
	ck_assert_int_eq(f.logged, n);
	for (int i = 0; i < n; i++)
		ck_assert_int_eq(f.log[i], ids[i]);
}

START_TEST(events_fire_in_order_of_time)
{
	time_ps at[] = {50, 10, 40, 20, 30};
	for (int i = 0; i < 5; i++)
		sim_schedule(f.s, &f.probe[i].event, at[i]);
	ck_assert_int_eq(sim_next_time(f.s), 10);
	ck_assert_int_eq(sim_run(f.s), 0);
	expect_log((int[]){1, 3, 4, 2, 0}, 5);
	ck_assert_int_eq(f.s->now_ps, 50);
	ck_assert_uint_eq(f.s->fired, 5);
	ck_assert_int_eq(sim_next_time(f.s), -1);
}
END_TEST

START_TEST(equal_times_go_by_priority_then_by_order_of_scheduling)
{
	f.probe[3].event.priority = EVENT_PRIO_COMPLETE;
	f.probe[0].event.priority = EVENT_PRIO_SAMPLE;
	for (int i = 0; i < 5; i++)
		sim_schedule(f.s, &f.probe[i].event, 100);
	sim_run(f.s);
	expect_log((int[]){3, 1, 2, 4, 0}, 5);
}
END_TEST

START_TEST(cancelled_events_do_not_fire_and_can_be_scheduled_again)
{
	for (int i = 0; i < 20; i++)
		sim_schedule(f.s, &f.probe[i].event, 100 + i);
	for (int i = 0; i < 20; i++)
		if (i != 7 && i != 13)
			sim_cancel(f.s, &f.probe[i].event);
	sim_cancel(f.s, &f.probe[0].event); /* idle: left alone */
	ck_assert_uint_eq(sim_pending(f.s), 2);
	sim_schedule(f.s, &f.probe[19].event, 110);
	ck_assert_int_eq(sim_event_time(f.s, &f.probe[19].event), 110);
	sim_run(f.s);
	expect_log((int[]){7, 19, 13}, 3);
}
END_TEST

START_TEST(run_until_sets_the_clock_and_includes_its_end)
{
	sim_schedule(f.s, &f.probe[0].event, 10);
	sim_schedule(f.s, &f.probe[1].event, 20);
	sim_schedule(f.s, &f.probe[2].event, 21);
	ck_assert_int_eq(sim_run_until(f.s, 20), 0);
	expect_log((int[]){0, 1}, 2);
	ck_assert_int_eq(sim_run_until(f.s, 20), 0);
	ck_assert_int_eq(f.s->now_ps, 20);
	ck_assert_int_eq(sim_run_until(f.s, 1000), 0);
	ck_assert_int_eq(f.s->now_ps, 1000);
}
END_TEST

START_TEST(time_past_its_end_fails_the_run_with_a_sentence)
{
	f.s->now_ps = SIM_HORIZON_PS - 5;
	sim_schedule(f.s, &f.probe[0].event, f.s->now_ps + 5); /* the last ps still counts */
	ck_assert_int_eq(sim_run_until(f.s, SIM_HORIZON_PS - 1), 0);
	sim_schedule(f.s, &f.probe[1].event, f.s->now_ps + 2);
	ck_assert_int_eq(sim_run(f.s), -1);
	ck_assert_int_eq(f.s->err.code, ERR_LIMIT);
	ck_assert_ptr_nonnull(strstr(f.s->err.msg, "106 days"));
	ck_assert_int_eq(f.logged, 0);
}
END_TEST

static void fail_here(struct sim *s, struct event *e)
{
	(void)e;
	sim_fail(s, ERR_TRACE, "the first sentence");
	sim_fail(s, ERR_IO, "the second sentence");
}

START_TEST(a_failure_stops_the_run_and_the_first_one_is_kept)
{
	event_init(&f.probe[0].event, fail_here, "failing", EVENT_PRIO_DEVICE);
	sim_schedule(f.s, &f.probe[0].event, 5);
	sim_schedule(f.s, &f.probe[1].event, 6);
	ck_assert_int_eq(sim_run(f.s), -1);
	ck_assert_int_eq(f.logged, 0);
	ck_assert_str_eq(f.s->err.msg, "the first sentence");
	ck_assert_int_eq(f.s->err.code, ERR_TRACE);
}
END_TEST

START_TEST(scheduling_in_the_past_is_a_bug)
{
	f.s->now_ps = 100;
	sim_schedule(f.s, &f.probe[0].event, 99);
}
END_TEST

START_TEST(scheduling_twice_is_a_bug)
{
	sim_schedule(f.s, &f.probe[0].event, 99);
	sim_schedule(f.s, &f.probe[0].event, 99);
}
END_TEST

/*
 * Property: against a plain list searched for its minimum. A handler in the middle of a
 * run schedules and cancels others, itself included.
 */
struct naive {
	bool pending[MANY];
	time_ps at[MANY];
	uint64_t order[MANY];
	uint64_t sequence;
};

static struct naive naive;
static uint64_t random_state;

static uint32_t draw(uint32_t below)
{
	random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)((random_state >> 33) % below);
}

static void both_schedule(int i, time_ps at)
{
	if (naive.pending[i])
		return;
	naive.pending[i] = true;
	naive.at[i] = at;
	naive.order[i] = (uint64_t)f.probe[i].event.priority << 56 | naive.sequence++;
	sim_schedule(f.s, &f.probe[i].event, at);
}

static void both_cancel(int i)
{
	naive.pending[i] = false;
	sim_cancel(f.s, &f.probe[i].event);
}

static int naive_first(void)
{
	int best = -1;
	for (int i = 0; i < MANY; i++)
		if (naive.pending[i] && (best < 0 || naive.at[i] < naive.at[best] ||
		    (naive.at[i] == naive.at[best] && naive.order[i] < naive.order[best])))
			best = i;
	return best;
}

static void act(struct sim *s, struct event *e)
{
	struct probe *p = container_of(e, struct probe, event);
	int expected = naive_first();
	ck_assert_int_eq(p->id, expected);
	ck_assert_int_eq(s->now_ps, naive.at[expected]);
	naive.pending[expected] = false;
	for (uint32_t k = draw(4); k > 0; k--)
		both_cancel((int)draw(MANY));
	/* many pending for a time, then few: the queue is a heap, and a sorted array */
	for (uint32_t k = draw(f.logged / 500 % 2 ? 5 : 2); k > 0; k--)
		both_schedule((int)draw(MANY), s->now_ps + draw(50));
	if (draw(3) == 0)
		both_schedule(p->id, s->now_ps + draw(3));
	f.logged++;
}

START_TEST(queue_agrees_with_a_naive_list_under_random_use)
{
	random_state = (uint64_t)_i + 1;
	if (_i % 2)
		f.s->sequence = UINT32_MAX - 5000; /* so that the queue renumbers on the way */
	memset(&naive, 0, sizeof(naive));
	for (int i = 0; i < MANY; i++) {
		event_init(&f.probe[i].event, act, "act", EVENT_PRIO_DEVICE);
		f.probe[i].event.priority = (uint8_t)draw(3);
	}
	int turned = 0;
	bool sorted = true;
	for (int round = 0; round < 20000; round++) {
		turned += f.s->sorted != sorted;
		sorted = f.s->sorted;
		if (draw(10) == 0)
			both_schedule((int)draw(MANY), f.s->now_ps + draw(100));
		int first = naive_first();
		ck_assert_int_eq(sim_next_time(f.s), first < 0 ? -1 : naive.at[first]);
		if (first >= 0)
			ck_assert_int_eq(sim_event_time(f.s, &f.probe[first].event), naive.at[first]);
		if (!sim_step(f.s))
			both_schedule((int)draw(MANY), f.s->now_ps + draw(100));
	}
	ck_assert_int_gt(f.logged, 10000);
	ck_assert_int_gt(turned, 10);
}
END_TEST

START_TEST(transfer_time_is_rounded_up_once)
{
	/* 16 KiB at 533, 800 and 1000 MB/s differ (peers truncate to whole ns a beat) */
	ck_assert_int_eq(time_transfer(16384, 800000000, 1), 20480000);
	ck_assert_int_eq(time_transfer(16384, 1000000000, 1), 16384000);
	ck_assert_int_eq(time_transfer(16384, 533000000, 1), 30739213); /* 30739212.0075.. */
	ck_assert_int_eq(time_transfer(1, 1000000000, 3), 3000);
	ck_assert_int_eq(time_transfer(UINT64_MAX, 1, 1000), TIME_PS_MAX);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("sim");
	TCase *t = tcase_create("events");
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, events_fire_in_order_of_time);
	tcase_add_test(t, equal_times_go_by_priority_then_by_order_of_scheduling);
	tcase_add_test(t, cancelled_events_do_not_fire_and_can_be_scheduled_again);
	tcase_add_test(t, run_until_sets_the_clock_and_includes_its_end);
	tcase_add_test(t, time_past_its_end_fails_the_run_with_a_sentence);
	tcase_add_test(t, a_failure_stops_the_run_and_the_first_one_is_kept);
	tcase_add_test_raise_signal(t, scheduling_in_the_past_is_a_bug, SIGABRT);
	tcase_add_test_raise_signal(t, scheduling_twice_is_a_bug, SIGABRT);
	tcase_add_loop_test(t, queue_agrees_with_a_naive_list_under_random_use, 0, 10);
	tcase_add_test(t, transfer_time_is_rounded_up_once);
	tcase_set_timeout(t, 60);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	SRunner *r = srunner_create(suite());
	srunner_run_all(r, CK_NORMAL);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
