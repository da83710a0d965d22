/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The slowest requests of a run: which are kept, in which order, and what is said of them. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "run/tail.h"

static const char *const names[] = {"waiting", "work", NULL};

/* A tenth is waiting; of the request at address 3 nothing is known. */
static bool blame(const struct blk_dev *dev, const struct blk_req *r, time_ps *out)
{
	time_ps latency = r->done_ps - r->arrive_ps;
	(void)dev;
	out[0] = latency / 10;
	out[1] = latency - latency / 10;
	return r->lba != 3;
}

static const struct blk_dev_ops telling = {.name = "telling", .blame_names = names, .blame = blame};
static const struct blk_dev_ops silent = {.name = "silent"};

static struct blk_dev dev[2] = {{.ops = &silent}, {.ops = &telling}};
static struct blk_dev *const both[] = {&dev[0], &dev[1]};

static void offer(struct tail *t, uint64_t number, time_ps latency)
{
	struct blk_req r = {.lba = number, .sectors = 8, .op = BLK_READ, .done_ps = (time_ps)number * PS_PER_US + latency};
	r.arrive_ps = r.done_ps - latency;
	tail_add(t, &r, latency, number);
}

/* All latencies from 1 to n us once, in an order that is none: 7919 is a prime that divides no n used here. */
static void offer_all(struct tail *t, uint64_t n)
{
	for (uint64_t i = 0; i < n; i++)
		offer(t, i, (time_ps)(i * 7919 % n + 1) * PS_PER_US);
}

START_TEST(the_tail_is_the_slowest_in_a_thousand_rounded_up)
{
	struct arena *a = arena_new();
	struct tail t;
	ck_assert_int_eq(tail_init(&t, a, both, 2), 0);
	offer_all(&t, 9001);
	tail_finish(&t, 9001);
	ck_assert_uint_eq(t.count, 10);
	for (uint32_t i = 0; i < t.count; i++)
		ck_assert_int_eq(t.row[i].latency_ps, (9001 - (time_ps)i) * PS_PER_US);
	struct tail_figures f = tail_figures(&t);
	ck_assert_uint_eq(f.requests, 10);
	ck_assert_int_eq(f.least_ps, 8992 * PS_PER_US);
	ck_assert_double_eq_tol(f.part_ps[0] + f.part_ps[1], f.latency_ps, 1e-3);
	ck_assert_double_eq_tol(f.part_ps[0] / f.latency_ps, 0.1, 1e-9);
	arena_free(a);
}
END_TEST

START_TEST(of_more_than_fit_the_slowest_are_kept)
{
	struct arena *a = arena_new();
	struct tail t;
	ck_assert_int_eq(tail_init(&t, a, both, 2), 0);
	offer_all(&t, 50000);
	tail_finish(&t, 50000 * 1000);
	ck_assert_uint_eq(t.count, TAIL_ROWS);
	for (uint32_t i = 0; i < t.count; i++)
		ck_assert_int_eq(t.row[i].latency_ps, (50000 - (time_ps)i) * PS_PER_US);
	arena_free(a);
}
END_TEST

START_TEST(equal_ones_stand_in_their_order)
{
	struct arena *a = arena_new();
	struct tail t;
	ck_assert_int_eq(tail_init(&t, a, both, 2), 0);
	for (uint64_t i = 0; i < 3 * TAIL_ROWS; i++)
		offer(&t, i, PS_PER_MS);
	tail_finish(&t, 3000 * TAIL_ROWS);
	for (uint32_t i = 0; i < t.count; i++)
		ck_assert_uint_eq(t.row[i].number, i);
	arena_free(a);
}
END_TEST

START_TEST(the_table_leaves_empty_what_is_not_known)
{
	struct arena *a = arena_new();
	struct tail t;
	char *text = NULL;
	size_t bytes = 0;
	ck_assert_int_eq(tail_init(&t, a, both, 2), 0);
	offer(&t, 2, 20 * PS_PER_US + 1);
	offer(&t, 3, 30 * PS_PER_US);
	tail_finish(&t, 2000);
	FILE *f = open_memstream(&text, &bytes);
	tail_csv(&t, f);
	fclose(f);
	ck_assert_str_eq(text,
		"done_s,op,lba,sectors,latency_us,waiting_us,work_us\n"
		"0.000033000000,read,3,8,30.000000,,\n"
		"0.000022000001,read,2,8,20.000001,2.000000,18.000001\n");
	free(text);
	ck_assert_uint_eq(tail_figures(&t).told, 1);
	arena_free(a);
}
END_TEST

START_TEST(devices_that_do_not_tell_cost_nothing)
{
	struct arena *a = arena_new();
	struct tail t;
	ck_assert_int_eq(tail_init(&t, a, both, 1), 0);
	ck_assert_ptr_null(t.row);
	offer_all(&t, 100);
	tail_finish(&t, 100);
	ck_assert_uint_eq(t.count, 0);
	arena_free(a);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("tail");
	TCase *t = tcase_create("tail");
	tcase_add_test(t, the_tail_is_the_slowest_in_a_thousand_rounded_up);
	tcase_add_test(t, of_more_than_fit_the_slowest_are_kept);
	tcase_add_test(t, equal_ones_stand_in_their_order);
	tcase_add_test(t, the_table_leaves_empty_what_is_not_known);
	tcase_add_test(t, devices_that_do_not_tell_cost_nothing);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
