/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The host queue: depth, order, and its integral over time. */
#include <check.h>
#include <stdlib.h>

#include "blk/fake_dev.h"
#include "blk/queue.h"

#define MOST 10

static struct fake_spec spec = {.sectors = 1000, .latency_ps = 100, .lost = FAKE_NONE, .twice = FAKE_NONE};
static struct sim *sim;
static struct blk_dev *dev;
static struct blk_queue queue;
static struct blk_req req[MOST];

static void note_done(struct sim *s, struct blk_req *r)
{
	(void)s;
	blk_queue_done(&queue, r);
}

static void setup(void)
{
	struct err e = {0};
	sim = sim_new(1);
	dev = blk_dev_open(sim, &fake_ops, "fake0", &spec, &e);
	ck_assert_ptr_nonnull(dev);
}

static void teardown(void)
{
	blk_dev_close(dev);
	sim_free(sim);
}

static void submit(unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		req[i] = (struct blk_req){.op = BLK_READ, .lba = i, .sectors = 1, .done = note_done};
		blk_queue_submit(&queue, &req[i]);
	}
}

START_TEST(at_most_depth_are_in_the_device_and_the_rest_follow_in_order)
{
	blk_queue_init(&queue, dev, 3);
	submit(8);
	ck_assert_uint_eq(queue.in_device, 3);
	ck_assert_uint_eq(dev->inside, 3);
	ck_assert_uint_eq(queue.waiting.count, 5);
	ck_assert_uint_eq(queue.submitted, 8);
	ck_assert_int_eq(sim_run(sim), 0);
	for (unsigned i = 0; i < 8; i++) {
		ck_assert_int_eq(req[i].submit_ps, 100 * (i / 3));
		ck_assert_int_eq(req[i].done_ps, 100 * (i / 3) + 100);
	}
	ck_assert_uint_eq(queue.in_device, 0);
	/* 8 for 100 ps, 5 for 100 ps, 2 for 100 ps */
	ck_assert_int_eq((int64_t)queue.outstanding.integral, 1500);
	ck_assert_int_eq(queue.outstanding.value, 0);
	ck_assert_int_eq(queue.outstanding.max, 8);
}
END_TEST

START_TEST(without_a_depth_everything_goes_straight_through)
{
	sim_run_until(sim, 5000);
	blk_queue_init(&queue, dev, 0);
	submit(8);
	ck_assert_uint_eq(dev->inside, 8);
	ck_assert_uint_eq(queue.waiting.count, 0);
	ck_assert_int_eq(sim_run(sim), 0);
	ck_assert_int_eq(sim->now_ps, 5100);
	ck_assert_int_eq((int64_t)queue.outstanding.integral, 800);
	ck_assert_uint_eq(queue.in_device, 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("queue");
	TCase *t = tcase_create("queue");
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, at_most_depth_are_in_the_device_and_the_rest_follow_in_order);
	tcase_add_test(t, without_a_depth_everything_goes_straight_through);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
