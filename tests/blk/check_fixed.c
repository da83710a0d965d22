/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The fixed device: when requests end, and in which order, reckoned from the two latencies alone. */
#include <check.h>
#include <stdlib.h>

#include "blk/fixed.h"

#define MOST 8

struct at {
	struct event event;
	struct blk_dev *dev;
	struct blk_req *req;
};

struct rig {
	struct sim *sim;
	struct fixed_dev_spec spec;
	struct blk_dev *dev;
	struct blk_req req[MOST];
	struct at at[MOST];
	unsigned ended[MOST], ends; /* numbers of requests, in the order of their ends */
};

static void over(struct sim *s, struct blk_req *r)
{
	(void)s;
	struct rig *g = r->owner;
	g->ended[g->ends++] = (unsigned)(r - g->req);
}

static void submit_event(struct sim *s, struct event *e)
{
	(void)s;
	struct at *a = container_of(e, struct at, event);
	blk_submit(a->dev, a->req);
}

static void open_rig(struct rig *g, time_ps latency, time_ps write_latency)
{
	struct err e = {0};
	*g = (struct rig){.sim = sim_new(1)};
	g->spec = (struct fixed_dev_spec){.latency_ps = latency, .write_latency_ps = write_latency, .capacity_bytes = 1 << 20};
	g->dev = blk_dev_open(g->sim, &fixed_dev_ops, "d", &g->spec, &e);
	ck_assert_msg(g->dev != NULL, "%s", e.msg);
}

static void plan(struct rig *g, unsigned i, enum blk_op op, time_ps when)
{
	g->req[i] = (struct blk_req){.lba = 8 * i, .sectors = 8, .op = (uint8_t)op, .done = over, .owner = g};
	g->at[i] = (struct at){.dev = g->dev, .req = &g->req[i]};
	event_init(&g->at[i].event, submit_event, "submit", EVENT_PRIO_WORKLOAD);
	sim_schedule(g->sim, &g->at[i].event, when);
}

/* Runs to the end; `order` is that of the ends. */
static void must_end(struct rig *g, const unsigned *order, unsigned count)
{
	ck_assert_int_eq(sim_run(g->sim), 0);
	ck_assert_uint_eq(g->ends, count);
	for (unsigned i = 0; i < count; i++)
		ck_assert_uint_eq(g->ended[i], order[i]);
	blk_dev_close(g->dev);
	sim_free(g->sim);
}

START_TEST(each_request_takes_its_latency_and_those_that_end_at_once_end_as_they_came)
{
	struct rig g;
	open_rig(&g, 20, 5);
	plan(&g, 0, BLK_READ, 0);   /* to 20 */
	plan(&g, 1, BLK_READ, 1);   /* to 21 */
	plan(&g, 2, BLK_WRITE, 2);  /* to 7 */
	plan(&g, 3, BLK_TRIM, 15);  /* to 20, behind 0, which came first */
	plan(&g, 4, BLK_FLUSH, 16); /* to 36 */
	plan(&g, 5, BLK_WRITE, 16); /* to 21, behind 1 */
	static const time_ps end[] = {20, 21, 7, 20, 36, 21};
	must_end(&g, (const unsigned[]){2, 0, 3, 1, 5, 4}, 6);
	for (unsigned i = 0; i < 6; i++)
		ck_assert_int_eq(g.req[i].done_ps, end[i]);
}
END_TEST

START_TEST(a_write_that_takes_longer_gives_way_to_reads_that_come_later)
{
	struct rig g;
	open_rig(&g, 5, 20);
	plan(&g, 0, BLK_WRITE, 0); /* to 20 */
	plan(&g, 1, BLK_READ, 1);  /* to 6 */
	plan(&g, 2, BLK_READ, 15); /* to 20, behind 0 */
	must_end(&g, (const unsigned[]){1, 0, 2}, 3);
}
END_TEST

static void cut_event(struct sim *s, struct event *e)
{
	(void)s;
	blk_dev_power_cut(container_of(e, struct at, event)->dev);
}

START_TEST(what_the_power_takes_ends_then_in_the_order_in_which_it_came)
{
	struct rig g;
	open_rig(&g, 20, 5);
	plan(&g, 0, BLK_READ, 0);
	plan(&g, 1, BLK_WRITE, 1); /* to 6 */
	plan(&g, 2, BLK_WRITE, 8);
	plan(&g, 3, BLK_READ, 9);
	plan(&g, 4, BLK_WRITE, 10);
	g.at[7] = (struct at){.dev = g.dev};
	event_init(&g.at[7].event, cut_event, "cut", EVENT_PRIO_WORKLOAD);
	sim_schedule(g.sim, &g.at[7].event, 11);
	must_end(&g, (const unsigned[]){1, 0, 2, 3, 4}, 5);
	ck_assert_int_eq(g.req[1].status, BLK_OK);
	for (unsigned i = 0; i < 5; i++) {
		ck_assert_int_eq(g.req[i].done_ps, i == 1 ? 6 : 11);
		ck_assert_int_eq(g.req[i].status, i == 1 ? BLK_OK : BLK_POWER_LOST);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("fixed device");
	TCase *t = tcase_create("fixed device");
	tcase_add_test(t, each_request_takes_its_latency_and_those_that_end_at_once_end_as_they_came);
	tcase_add_test(t, a_write_that_takes_longer_gives_way_to_reads_that_come_later);
	tcase_add_test(t, what_the_power_takes_ends_then_in_the_order_in_which_it_came);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
