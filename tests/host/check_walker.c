/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rate-limited walker: order, batch, depth, budget. */
#include <check.h>
#include <stdlib.h>

#include "host/walker.h"

#define ITEMS 100
#define MOST 1000

struct test {
	struct sim *sim;
	struct walker_spec spec;
	struct walker walker;
	uint32_t seen[MOST];
	time_ps at[MOST];
	unsigned count, batches, largest, over, most_under_way;
	bool even_only;
	time_ps io_ps;
	struct io {
		struct event event;
		struct test *test;
	} io[MOST];
};

static void io_over(struct sim *s, struct event *e)
{
	(void)s;
	walker_done(&container_of(e, struct io, event)->test->walker);
}

static bool wants(void *ctx, uint32_t item)
{
	const struct test *t = ctx;
	return !t->even_only || item % 2 == 0;
}

static void visit(void *ctx, const uint32_t *item, uint32_t count)
{
	struct test *t = ctx;
	for (uint32_t i = 0; i < count; i++) {
		t->at[t->count] = t->sim->now_ps;
		t->seen[t->count++] = item[i];
	}
	if (count > t->largest)
		t->largest = count;
	if (t->walker.under_way > t->most_under_way)
		t->most_under_way = t->walker.under_way;
	if (t->io_ps == 0) {
		walker_done(&t->walker);
		return;
	}
	struct io *io = &t->io[t->batches++];
	io->test = t;
	event_init(&io->event, io_over, "io", EVENT_PRIO_COMPLETE);
	sim_schedule(t->sim, &io->event, t->sim->now_ps + t->io_ps);
}

static void over(void *ctx) { ((struct test *)ctx)->over++; }

static const struct walker_ops ops = {wants, visit, over};

static struct test *test_new(enum walker_order order, int64_t batch, int64_t depth, double rate)
{
	struct err e = {0};
	struct test *t = calloc(1, sizeof(*t));
	t->sim = sim_new(1);
	t->spec = (struct walker_spec){order, batch, depth, rate};
	ck_assert_int_eq(walker_open(&t->walker, t->sim, &t->spec, ITEMS, &ops, t, 3, &e), 0);
	return t;
}

static void walk(struct test *t)
{
	t->count = t->batches = 0;
	walker_start(&t->walker);
	ck_assert_int_eq(sim_run(t->sim), 0);
	bool seen[ITEMS] = {false};
	for (unsigned i = 0; i < t->count; i++) { /* each once */
		ck_assert(!seen[t->seen[i]]);
		seen[t->seen[i]] = true;
	}
	ck_assert(!t->walker.walking);
}

static void test_free(struct test *t)
{
	sim_free(t->sim);
	free(t);
}

START_TEST(each_order_visits_every_item_once)
{
	struct test *t = test_new((enum walker_order)_i, 7, 2, 0);
	t->io_ps = PS_PER_MS;
	walk(t);
	ck_assert_uint_eq(t->count, ITEMS);
	ck_assert_uint_eq(t->over, 1);
	ck_assert_uint_eq(t->largest, 7);
	ck_assert_uint_eq(t->most_under_way, 2);
	uint32_t first[MOST];
	for (unsigned i = 0; i < ITEMS; i++)
		first[i] = t->seen[i];
	bool ascending = true, descending = true;
	for (unsigned i = 0; i < ITEMS; i++) {
		ascending &= first[i] == i;
		descending &= first[i] == ITEMS - 1 - i;
	}
	ck_assert_int_eq(ascending, _i == WALKER_ASCENDING || _i == WALKER_ONWARD);
	ck_assert_int_eq(descending, _i == WALKER_DESCENDING);
	walk(t);
	bool same = true;
	for (unsigned i = 0; i < ITEMS; i++)
		same &= first[i] == t->seen[i];
	ck_assert_int_eq(same, _i != WALKER_RANDOM);
	test_free(t);
}
END_TEST

START_TEST(a_rate_is_kept_to_a_picosecond)
{
	struct test *t = test_new(WALKER_ASCENDING, 4, 100, 3000); /* a third of a millisecond each */
	t->io_ps = PS_PER_US;
	walk(t);
	for (unsigned i = 0; i < ITEMS; i += 4)
		ck_assert_int_le(llabs(t->at[i] - (time_ps)i * PS_PER_S / 3000), 1);
	test_free(t);
}
END_TEST

START_TEST(a_pause_is_not_caught_up)
{
	struct test *t = test_new(WALKER_ASCENDING, 10, 1, 10000); /* 1 ms a batch, which takes 3 ms */
	t->io_ps = 3 * PS_PER_MS;
	walk(t);
	for (unsigned i = 0; i < ITEMS; i += 10)
		ck_assert_int_eq(t->at[i], (time_ps)(i / 10) * 3 * PS_PER_MS);
	test_free(t);
}
END_TEST

START_TEST(what_nobody_wants_costs_no_budget)
{
	struct test *t = test_new(WALKER_ONWARD, 5, 1, 1000);
	t->even_only = true;
	walk(t);
	ck_assert_uint_eq(t->count, ITEMS / 2);
	ck_assert_int_eq(t->at[ITEMS / 2 - 1], 45 * PS_PER_MS); /* nine batches before the last */
	ck_assert_uint_eq(t->over, 1);
	walk(t); /* goes on behind the last item handed over */
	ck_assert_uint_eq(t->seen[0], 0);
	ck_assert_uint_eq(t->walker.from, 99);
	test_free(t);
}
END_TEST

START_TEST(a_dropped_walk_ends_without_a_word)
{
	struct test *t = test_new(WALKER_ASCENDING, 10, 1, 1000);
	walker_start(&t->walker);
	sim_step(t->sim);
	walker_drop(&t->walker);
	ck_assert_int_eq(sim_run(t->sim), 0);
	ck_assert_uint_eq(t->over, 0);
	ck_assert_uint_eq(t->count, 10);
	walk(t);
	ck_assert_uint_eq(t->over, 1);
	test_free(t);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("walker");
	TCase *t = tcase_create("walker");
	tcase_add_loop_test(t, each_order_visits_every_item_once, 0, WALKER_ORDERS);
	tcase_add_test(t, a_rate_is_kept_to_a_picosecond);
	tcase_add_test(t, a_pause_is_not_caught_up);
	tcase_add_test(t, what_nobody_wants_costs_no_budget);
	tcase_add_test(t, a_dropped_walk_ends_without_a_word);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
