/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is alike for every device: ranges, barriers, counting, on a device of fixed latency. */
#include <check.h>
#include <signal.h>
#include <stdlib.h>

#include "blk/fake_dev.h"

#define MOST 8

static struct fake_spec spec;
static struct sim *sim;
static struct blk_dev *dev;
static struct blk_req req[MOST];
static unsigned done_count, order[MOST];
static bool submitting;

static void note_done(struct sim *s, struct blk_req *r)
{
	ck_assert(!submitting);
	ck_assert_int_eq(r->done_ps, s->now_ps);
	order[done_count++] = (unsigned)(r - req);
}

static void setup(void)
{
	struct err e = {0};
	spec = (struct fake_spec){.sectors = 1000, .latency_ps = 100, .lost = FAKE_NONE, .twice = FAKE_NONE};
	sim = sim_new(1);
	dev = blk_dev_open(sim, &fake_ops, "fake0", &spec, &e);
	ck_assert_ptr_nonnull(dev);
	done_count = 0;
	memset(req, 0, sizeof(req));
}

static void teardown(void)
{
	blk_dev_close(dev);
	sim_free(sim);
}

static void submit(unsigned i, enum blk_op op, uint64_t lba, uint32_t sectors, uint8_t flags)
{
	req[i] = (struct blk_req){.op = (uint8_t)op, .lba = lba, .sectors = sectors, .flags = flags, .done = note_done};
	submitting = true;
	blk_submit(dev, &req[i]);
	submitting = false;
}

START_TEST(an_open_device_knows_its_name_and_size)
{
	ck_assert_str_eq(dev->name, "fake0");
	ck_assert_uint_eq(dev->sectors, 1000);
	blk_dev_close(NULL);
}
END_TEST

START_TEST(a_device_without_memory_is_not_opened)
{
	for (uint64_t n = 1; n <= 2; n++) {
		struct err e = {0};
		arena_fail_at(sim->arena, n);
		ck_assert_ptr_null(blk_dev_open(sim, &fake_ops, "fake1", &spec, &e));
		ck_assert_int_eq(e.code, ERR_LIMIT);
	}
}
END_TEST

START_TEST(the_device_part_of_a_request_is_cleared_when_it_is_submitted)
{
	req[0] = (struct blk_req){.op = BLK_WRITE, .lba = 5, .sectors = 8, .tag = 3, .done = note_done, .owner = &spec,
		.arrive_ps = -7, .status = 9, .hit = 1, .seek_ps = 4, .rotation_ps = 4, .transfer_ps = 4, .overhead_ps = 4,
		.bus_ps = 4, .unwritten = 4, .media_ps = 4, .key = 5};
	blk_submit(dev, &req[0]);
	ck_assert_int_eq(sim_run(sim), 0);
	ck_assert_int_eq(req[0].status, BLK_OK);
	ck_assert(req[0].seek_ps == 0 && req[0].rotation_ps == 0 && req[0].transfer_ps == 0 && req[0].overhead_ps == 0 &&
		  req[0].bus_ps == 0 && req[0].unwritten == 0 && req[0].media_ps == -1);
	ck_assert(req[0].tag == 3 && req[0].owner == &spec && req[0].arrive_ps == -7 && req[0].lba == 5);
	ck_assert(req[0].submit_ps == 0 && req[0].start_ps == 0 && req[0].done_ps == 100);
}
END_TEST

START_TEST(what_passes_the_end_is_refused_at_once_but_by_an_event)
{
	submit(0, BLK_READ, 992, 9, 0);
	submit(1, BLK_READ, 992, 8, 0);
	submit(2, BLK_WRITE, 10, 0, 0);
	submit(3, BLK_ZONE_RESET, 1000, 0, 0);
	submit(4, BLK_ZONE_RESET, 999, 0, 0);
	submit(5, BLK_FLUSH, 5000, 0, 0);
	submit(6, BLK_READ, UINT64_MAX, UINT32_MAX, 0);
	ck_assert_uint_eq(done_count, 0);
	ck_assert_int_eq(sim_run(sim), 0);
	static const uint8_t want[] = {BLK_OUT_OF_RANGE, BLK_OK, BLK_OUT_OF_RANGE, BLK_OUT_OF_RANGE, BLK_OK, BLK_OK, BLK_OUT_OF_RANGE};
	for (unsigned i = 0; i < 7; i++) {
		ck_assert_int_eq(req[i].status, want[i]);
		ck_assert_int_eq(req[i].done_ps, want[i] == BLK_OK ? 100 : 0);
	}
	ck_assert_uint_eq(dev->stats.submitted, 7);
	ck_assert_uint_eq(dev->stats.completed, 7);
}
END_TEST

START_TEST(a_barrier_waits_for_the_earlier_and_holds_the_later)
{
	submit(0, BLK_READ, 0, 1, 0);
	submit(1, BLK_READ, 1, 1, BLK_BARRIER);
	submit(2, BLK_READ, 2, 1, 0);
	submit(3, BLK_READ, 3, 1, 0);
	submit(4, BLK_READ, 4, 1, BLK_BARRIER);
	submit(5, BLK_READ, 5, 1, BLK_BARRIER);
	submit(6, BLK_READ, 6, 1, 0);
	ck_assert_uint_eq(dev->inside, 1);
	ck_assert_uint_eq(dev->held.count, 6);
	ck_assert_int_eq(sim_run(sim), 0);
	static const time_ps start[] = {0, 100, 200, 200, 300, 400, 500};
	for (unsigned i = 0; i < 7; i++) {
		ck_assert_int_eq(req[i].start_ps, start[i]);
		ck_assert_int_eq(req[i].submit_ps, 0);
		ck_assert_uint_eq(order[i], i);
	}
}
END_TEST

START_TEST(a_barrier_on_an_idle_device_starts_at_once)
{
	submit(0, BLK_FLUSH, 0, 0, BLK_BARRIER);
	submit(1, BLK_READ, 0, 1, 0);
	ck_assert_uint_eq(dev->inside, 1);
	ck_assert_int_eq(sim_run(sim), 0);
	ck_assert_int_eq(req[1].start_ps, 100);
}
END_TEST

START_TEST(a_barrier_with_none_behind_it_leaves_the_device_open)
{
	submit(0, BLK_READ, 0, 1, BLK_BARRIER);
	ck_assert_int_eq(sim_run(sim), 0);
	submit(1, BLK_READ, 1, 1, 0);
	ck_assert_uint_eq(dev->inside, 1);
	ck_assert_uint_eq(dev->held.count, 0);
	ck_assert_int_eq(sim_run(sim), 0);
	ck_assert_int_eq(req[1].start_ps, 100);
}
END_TEST

/* A request submitted from within done() stands behind those that were held before it. */
static void submit_more(struct sim *s, struct blk_req *r)
{
	note_done(s, r);
	submit(3, BLK_READ, 30, 1, 0);
}

START_TEST(a_submission_from_within_done_does_not_overtake_the_held)
{
	submit(0, BLK_READ, 0, 1, 0);
	req[0].done = submit_more;
	submit(1, BLK_READ, 1, 1, BLK_BARRIER);
	submit(2, BLK_READ, 2, 1, 0);
	ck_assert_int_eq(sim_run(sim), 0);
	for (unsigned i = 0; i < 4; i++)
		ck_assert_uint_eq(order[i], i);
	ck_assert_int_eq(req[3].start_ps, 200);
}
END_TEST

START_TEST(the_held_are_lost_with_the_power_and_the_barrier_is_over)
{
	submit(0, BLK_READ, 0, 1, BLK_BARRIER);
	submit(1, BLK_READ, 1, 1, 0);
	submit(2, BLK_READ, 2, 1, BLK_BARRIER);
	sim_run_until(sim, 50);
	blk_dev_power_cut(dev);
	ck_assert_uint_eq(done_count, 0);
	submit(3, BLK_READ, 3, 1, 0); /* before the lost ones have come back */
	ck_assert_int_eq(sim_run(sim), 0);
	for (unsigned i = 0; i < 3; i++)
		ck_assert_int_eq(req[i].status, BLK_POWER_LOST);
	ck_assert_int_eq(req[3].status, BLK_NOT_READY);
	ck_assert_uint_eq(dev->stats.completed, 4);
	blk_dev_power_restore(dev);
	submit(4, BLK_READ, 4, 1, 0);
	ck_assert_int_eq(sim_run(sim), 0);
	ck_assert_int_eq(req[4].status, BLK_OK);
}
END_TEST

START_TEST(completing_twice_is_a_bug)
{
	spec.twice = 7;
	submit(0, BLK_READ, 7, 1, 0);
	sim_run(sim);
}
END_TEST

START_TEST(every_name_is_told_once)
{
	for (unsigned i = 0; i < BLK_OP_COUNT; i++)
		for (unsigned k = 0; k < i; k++)
			ck_assert_str_ne(blk_op_name(i), blk_op_name(k));
	for (unsigned i = 0; i < BLK_STATUS_COUNT; i++)
		for (unsigned k = 0; k < i; k++)
			ck_assert_str_ne(blk_status_name(i), blk_status_name(k));
	for (unsigned i = 0; i < BLK_CAUSE_COUNT; i++)
		for (unsigned k = 0; k < i; k++)
			ck_assert_str_ne(blk_cause_name(i), blk_cause_name(k));
	for (unsigned i = 0; i < BLK_HIT_COUNT; i++)
		for (unsigned k = 0; k < i; k++)
			ck_assert_str_ne(blk_hit_name(i), blk_hit_name(k));
	ck_assert_str_eq(blk_op_name(BLK_WRITE_ZEROES), "write-zeroes");
	ck_assert_str_eq(blk_op_name(BLK_OP_COUNT), "?");
}
END_TEST

START_TEST(a_list_keeps_its_order_through_removals)
{
	struct blk_list l = {0};
	for (unsigned i = 0; i < 5; i++)
		blk_list_append(&l, &req[i]);
	blk_list_remove(&l, &req[2]);
	blk_list_remove(&l, &req[0]);
	blk_list_remove(&l, &req[4]);
	ck_assert_uint_eq(l.count, 2);
	ck_assert(l.head == &req[1] && l.head->next == &req[3] && l.tail == &req[3] && l.tail->prev == &req[1]);
	blk_list_remove(&l, &req[1]);
	blk_list_remove(&l, &req[3]);
	ck_assert(l.count == 0 && !l.head && !l.tail);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("dev");
	TCase *t = tcase_create("dev");
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, an_open_device_knows_its_name_and_size);
	tcase_add_test(t, a_device_without_memory_is_not_opened);
	tcase_add_test(t, the_device_part_of_a_request_is_cleared_when_it_is_submitted);
	tcase_add_test(t, what_passes_the_end_is_refused_at_once_but_by_an_event);
	tcase_add_test(t, a_barrier_waits_for_the_earlier_and_holds_the_later);
	tcase_add_test(t, a_barrier_on_an_idle_device_starts_at_once);
	tcase_add_test(t, a_barrier_with_none_behind_it_leaves_the_device_open);
	tcase_add_test(t, a_submission_from_within_done_does_not_overtake_the_held);
	tcase_add_test(t, the_held_are_lost_with_the_power_and_the_barrier_is_over);
	tcase_add_test_raise_signal(t, completing_twice_is_a_bug, SIGABRT);
	tcase_add_test(t, every_name_is_told_once);
	tcase_add_test(t, a_list_keeps_its_order_through_removals);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
