/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The workload driver on a device of fixed latency: when each mode issues, what becomes of
 * addresses past the end, and that the checks at the end of a run can fail.
 */
#include <check.h>
#include <signal.h>
#include <stdlib.h>

#include "blk/fake_dev.h"
#include "trace/replay.h"

#define MOST 64
#define US PS_PER_US

struct list_source {
	struct trace_source base;
	const struct trace_record *records;
	unsigned count, at;
	unsigned fail_at; /* index at which reading fails; 0: never */
	time_ps asked[MOST];
};

static struct fake_spec spec;
static struct sim *sim;
static struct blk_dev *dev;
static struct blk_queue queue;
static struct list_source source;

static struct observed {
	uint64_t lba, line, tag;
	uint32_t sectors;
	uint8_t status, op, flags, priority;
	time_ps arrive_ps, submit_ps, done_ps;
	uint32_t outstanding; /* of the driver, when it was told */
} seen[MOST];
static unsigned seen_count;
static struct replay *replay;

static int next_record(struct trace_source *self, time_ps now, struct trace_record *r, struct err *e)
{
	struct list_source *l = container_of(self, struct list_source, base);
	if (l->fail_at && l->at == l->fail_at)
		return err_set(e, ERR_TRACE, "list:%u: it is broken here", l->at + 1);
	if (l->at == l->count)
		return 0;
	l->asked[l->at] = now;
	*r = l->records[l->at++];
	r->line = l->at;
	return 1;
}

static void observe(void *ctx, const struct blk_req *r, const struct trace_record *rec)
{
	(void)ctx;
	seen[seen_count++] = (struct observed){r->lba, rec->line, r->tag, r->sectors, r->status, r->op, r->flags, r->priority,
		r->arrive_ps, r->submit_ps, r->done_ps, replay_outstanding(replay)};
}

static void setup(void)
{
	struct err e = {0};
	spec = (struct fake_spec){.sectors = 1000, .latency_ps = 10 * US, .lost = FAKE_NONE, .twice = FAKE_NONE};
	sim = sim_new(1);
	dev = blk_dev_open(sim, &fake_ops, "fake0", &spec, &e);
	ck_assert_ptr_nonnull(dev);
	blk_queue_init(&queue, dev, 0);
	memset(&source, 0, sizeof(source));
	seen_count = 0;
}

static void teardown(void)
{
	blk_dev_close(dev);
	sim_free(sim);
}

static struct replay *make(const struct trace_record *records, unsigned count, struct replay_options o, struct err *e)
{
	struct blk_queue *queues[] = {&queue};
	source.base = (struct trace_source){.next = next_record, .name = "list", .has_arrivals = records[0].arrive_ps >= 0};
	source.records = records;
	source.count = count;
	o.observe = observe;
	return replay = replay_new(sim, &source.base, queues, NULL, 1, &o, e);
}

static void start(const struct trace_record *records, unsigned count, struct replay_options o)
{
	struct err e = {0};
	ck_assert_msg(make(records, count, o, &e) != NULL, "%s", e.msg);
	replay_start(replay);
}

static void run(const struct trace_record *records, unsigned count, struct replay_options o)
{
	struct err e = {0};
	start(records, count, o);
	ck_assert_msg(sim_run(sim) == 0, "%s", sim->err.msg);
	ck_assert_uint_eq(replay_outstanding(replay), 0);
	ck_assert_msg(replay_verify(replay, &e) == 0, "%s", e.msg);
	ck_assert_uint_eq(replay_counts(replay)->issued, replay_counts(replay)->completed);
}

#define R(arrive, delay, response, l, n) \
	{.arrive_ps = arrive, .delay_ps = delay, .response_ps = response, .lba = l, .sectors = n, .op = BLK_READ}

/* ---- open ------------------------------------------------------------------------------------ */

START_TEST(open_issues_at_the_recorded_arrivals_whatever_the_device_does)
{
	static const struct trace_record records[] = {R(0, -1, -1, 1, 1), R(3 * US, -1, -1, 2, 1), R(3 * US, -1, -1, 3, 1),
		R(40 * US, -1, -1, 4, 1)};
	run(records, 4, (struct replay_options){.mode = REPLAY_OPEN});
	static const time_ps want[] = {0, 3 * US, 3 * US, 40 * US};
	for (unsigned i = 0; i < 4; i++) {
		ck_assert_uint_eq(seen[i].line, i + 1);
		ck_assert_int_eq(seen[i].arrive_ps, want[i]);
		ck_assert_int_eq(seen[i].submit_ps, want[i]);
		ck_assert_int_eq(seen[i].done_ps, want[i] + 10 * US);
	}
	ck_assert_int_eq(replay_end(replay), 50 * US);
	ck_assert_int_eq(replay_counts(replay)->lateness_ps.max, 0);
}
END_TEST

/* A host queue of depth 1: what waits there is late, and its latency counts from its arrival. */
START_TEST(lateness_counts_from_the_intended_arrival)
{
	static const struct trace_record records[] = {R(0, -1, -1, 1, 1), R(4 * US, -1, -1, 2, 1), R(5 * US, -1, -1, 3, 1)};
	blk_queue_init(&queue, dev, 1);
	run(records, 3, (struct replay_options){.mode = REPLAY_OPEN});
	ck_assert_int_eq(seen[1].arrive_ps, 4 * US);
	ck_assert_int_eq(seen[1].submit_ps, 10 * US);
	ck_assert_int_eq(seen[2].submit_ps, 20 * US);
	const struct tally *t = &replay_counts(replay)->lateness_ps;
	ck_assert_uint_eq(t->count, 3);
	ck_assert_int_eq(t->max, 15 * US);
	ck_assert_int_eq((int64_t)t->sum, 21 * US);
}
END_TEST

START_TEST(a_record_that_comes_late_from_its_source_is_issued_at_once)
{
	static const struct trace_record records[] = {R(30 * US, -1, -1, 1, 1), R(20 * US, -1, -1, 2, 1)};
	run(records, 2, (struct replay_options){.mode = REPLAY_OPEN});
	ck_assert_int_eq(seen[1].arrive_ps, 20 * US);
	ck_assert_int_eq(seen[1].submit_ps, 30 * US);
	ck_assert_int_eq(replay_counts(replay)->lateness_ps.max, 10 * US);
}
END_TEST

START_TEST(a_device_that_cannot_keep_up_fails_the_run)
{
	struct trace_record records[20];
	for (unsigned i = 0; i < 20; i++)
		records[i] = (struct trace_record)R((time_ps)i, -1, -1, i, 1);
	start(records, 20, (struct replay_options){.mode = REPLAY_OPEN, .max_outstanding = 12});
	ck_assert_int_eq(sim_run(sim), -1);
	ck_assert_int_eq(sim->err.code, ERR_LIMIT);
	ck_assert_ptr_nonnull(strstr(sim->err.msg, "list:13: 13 requests are waiting"));
	ck_assert_ptr_nonnull(strstr(sim->err.msg, "cannot keep up"));
}
END_TEST

START_TEST(no_arrivals_no_open_loop)
{
	static const struct trace_record records[] = {R(-1, -1, -1, 1, 1)};
	struct err e = {0};
	ck_assert_ptr_null(make(records, 1, (struct replay_options){.mode = REPLAY_OPEN}, &e));
	ck_assert_int_eq(e.code, ERR_USAGE);
	err_clear(&e);
	ck_assert_ptr_null(make(records, 1, (struct replay_options){.mode = REPLAY_DEPTH}, &e));
	ck_assert_int_eq(e.code, ERR_USAGE);
	err_clear(&e);
	ck_assert_ptr_null(make(records, 1, (struct replay_options){.mode = REPLAY_THINK, .range = RANGE_SCALE}, &e));
	ck_assert_int_eq(e.code, ERR_USAGE);
}
END_TEST

/* ---- think ------------------------------------------------------------------------------------- */

/* issue(i) = completion(i-1) + delay(i), the first at 0 (validation/README.md). */
START_TEST(think_keeps_recorded_delays)
{
	static const struct trace_record records[] = {R(-1, 7 * US, -1, 1, 1), R(-1, 5 * US, -1, 2, 1), R(-1, 0, -1, 3, 1),
		R(-1, 20 * US, -1, 4, 1)};
	run(records, 4, (struct replay_options){.mode = REPLAY_THINK});
	static const time_ps want[] = {0, 15 * US, 25 * US, 55 * US};
	for (unsigned i = 0; i < 4; i++) {
		ck_assert_int_eq(seen[i].submit_ps, want[i]);
		ck_assert_int_eq(seen[i].arrive_ps, want[i]);
	}
}
END_TEST

/* arrival(i) - (arrival(i-1) + response(i-1)), not below 0. */
START_TEST(think_derives_delays_from_arrivals_and_responses)
{
	static const struct trace_record records[] = {R(0, -1, 3 * US, 1, 1), R(8 * US, -1, 30 * US, 2, 1), R(20 * US, -1, 1 * US, 3, 1),
		R(21 * US, -1, 1 * US, 4, 1), R(24 * US, -1, 1 * US, 5, 1)};
	run(records, 5, (struct replay_options){.mode = REPLAY_THINK});
	static const time_ps want[] = {0, 15 * US, 25 * US, 35 * US, 47 * US};
	for (unsigned i = 0; i < 5; i++)
		ck_assert_int_eq(seen[i].submit_ps, want[i]);
}
END_TEST

START_TEST(think_takes_the_gap_where_there_are_no_responses)
{
	static const struct trace_record records[] = {R(0, -1, -1, 1, 1), R(8 * US, -1, -1, 2, 1), R(8 * US, -1, -1, 3, 1)};
	run(records, 3, (struct replay_options){.mode = REPLAY_THINK});
	ck_assert_int_eq(seen[1].submit_ps, 18 * US);
	ck_assert_int_eq(seen[2].submit_ps, 28 * US);
	ck_assert_int_eq(queue.outstanding.max, 1);
}
END_TEST

/* ---- depth ------------------------------------------------------------------------------------- */

static void many(struct trace_record *records, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		records[i] = (struct trace_record)R(-1, -1, -1, i, 1);
}

START_TEST(depth_keeps_exactly_so_many_outstanding)
{
	struct trace_record records[20];
	many(records, 20);
	run(records, 20, (struct replay_options){.mode = REPLAY_DEPTH, .depth = 4});
	for (unsigned i = 0; i < 20; i++)
		ck_assert_int_eq(seen[i].submit_ps, (time_ps)(i / 4) * 10 * US);
	for (unsigned i = 0; i < 17; i++) /* one has come back, the others are out */
		ck_assert_uint_eq(seen[i].outstanding, 3);
	ck_assert_int_eq(queue.outstanding.max, 4);
	/* 4 outstanding for all of 50 us */
	ck_assert_int_eq((int64_t)queue.outstanding.integral, 4 * 50 * US);
}
END_TEST

START_TEST(depth_larger_than_the_source_issues_all_of_it)
{
	struct trace_record records[3];
	many(records, 3);
	run(records, 3, (struct replay_options){.mode = REPLAY_DEPTH, .depth = 10});
	ck_assert_uint_eq(seen_count, 3);
	ck_assert_int_eq(sim->now_ps, 10 * US);
}
END_TEST

START_TEST(depth_thinks_before_each_next_request)
{
	struct trace_record records[6];
	many(records, 6);
	run(records, 6, (struct replay_options){.mode = REPLAY_DEPTH, .depth = 2, .think_ps = 3 * US});
	for (unsigned i = 0; i < 6; i++)
		ck_assert_int_eq(seen[i].submit_ps, (time_ps)(i / 2) * 13 * US);
}
END_TEST

/* ---- addresses past the end -------------------------------------------------------------------- */

/* The device has 1000 sectors. */
static const struct trace_record outside[] = {R(0, -1, -1, 100, 8), R(0, -1, -1, 998, 8), R(0, -1, -1, 2005, 8),
	R(0, -1, -1, 1000, 1),
	R(0, -1, -1, 10, 3000)};

START_TEST(outside_is_an_error_with_the_line)
{
	start(outside, 5, (struct replay_options){.mode = REPLAY_THINK, .range = RANGE_ERROR});
	ck_assert_int_eq(sim_run(sim), -1);
	ck_assert_int_eq(sim->err.code, ERR_TRACE);
	ck_assert_ptr_nonnull(strstr(sim->err.msg, "list:2: request for sectors 998 to 1005 passes the end of the device, which has 1000"));
	ck_assert_uint_eq(seen_count, 1);
}
END_TEST

static void ck_range(unsigned i, uint64_t line, uint64_t lba, uint32_t sectors)
{
	ck_assert_uint_eq(seen[i].line, line);
	ck_assert_uint_eq(seen[i].lba, lba);
	ck_assert_uint_eq(seen[i].sectors, sectors);
	ck_assert_int_eq(seen[i].status, BLK_OK);
}

START_TEST(outside_wraps_around)
{
	run(outside, 5, (struct replay_options){.mode = REPLAY_THINK, .range = RANGE_WRAP});
	ck_assert_uint_eq(seen_count, 5);
	ck_range(0, 1, 100, 8);
	ck_range(1, 2, 992, 8);
	ck_range(2, 3, 5, 8);
	ck_range(3, 4, 0, 1);
	ck_range(4, 5, 0, 1000);
	ck_assert_uint_eq(replay_counts(replay)->wrapped, 4);
}
END_TEST

START_TEST(outside_is_clipped_or_dropped)
{
	run(outside, 5, (struct replay_options){.mode = REPLAY_THINK, .range = RANGE_CLIP});
	ck_assert_uint_eq(seen_count, 3);
	ck_range(0, 1, 100, 8);
	ck_range(1, 2, 998, 2);
	ck_range(2, 5, 10, 990);
	ck_assert_uint_eq(replay_counts(replay)->clipped, 2);
	ck_assert_uint_eq(replay_counts(replay)->dropped, 2);
}
END_TEST

START_TEST(outside_scales_all_addresses)
{
	run(outside, 5, (struct replay_options){.mode = REPLAY_THINK, .range = RANGE_SCALE, .trace_span_sectors = 4000});
	ck_assert_uint_eq(seen_count, 5);
	ck_range(0, 1, 25, 8);
	ck_range(1, 2, 249, 8);
	ck_range(2, 3, 501, 8);
	ck_range(3, 4, 250, 1);
	ck_range(4, 5, 0, 1000);
	ck_assert_uint_eq(replay_counts(replay)->scaled, 5);
}
END_TEST

START_TEST(a_trace_that_fits_is_not_scaled)
{
	run(outside, 1, (struct replay_options){.mode = REPLAY_THINK, .range = RANGE_SCALE, .trace_span_sectors = 500});
	ck_range(0, 1, 100, 8);
	ck_assert_uint_eq(replay_counts(replay)->scaled, 0);
}
END_TEST

/* ---- several devices ------------------------------------------------------------------------------ */

START_TEST(a_map_sends_each_record_to_its_device)
{
	struct err e = {0};
	struct blk_dev *other = blk_dev_open(sim, &fake_ops, "fake1", &spec, &e);
	struct blk_queue second;
	blk_queue_init(&second, other, 0);
	struct blk_queue *queues[] = {&queue, &second};
	static const uint32_t map[] = {4, 2};
	struct trace_record records[3];
	many(records, 3);
	records[0].device = 2;
	records[1].device = 4;
	records[2].device = 3;
	source.base = (struct trace_source){.next = next_record, .name = "list"};
	source.records = records;
	source.count = 3;
	struct replay_options o = {.mode = REPLAY_DEPTH, .depth = 1};
	replay = replay_new(sim, &source.base, queues, map, 2, &o, &e);
	replay_start(replay);
	ck_assert_int_eq(sim_run(sim), -1);
	ck_assert_int_eq(sim->err.code, ERR_TRACE);
	ck_assert_ptr_nonnull(strstr(sim->err.msg, "list:3: trace device 3 is mapped to no device"));
	ck_assert_uint_eq(other->stats.submitted, 1);
	ck_assert_uint_eq(dev->stats.submitted, 1);
	blk_dev_close(other);
}
END_TEST

START_TEST(records_of_devices_outside_the_map_can_be_left_out_and_are_counted)
{
	struct err e = {0};
	struct blk_queue *queues[] = {&queue};
	static const uint32_t map[] = {2};
	struct trace_record records[5];
	many(records, 5);
	for (int i = 0; i < 5; i++)
		records[i].device = i == 1 || i == 4 ? 2 : 7;
	source.base = (struct trace_source){.next = next_record, .name = "list"};
	source.records = records;
	source.count = 5;
	struct replay_options o = {.mode = REPLAY_DEPTH, .depth = 1, .unmapped = UNMAPPED_DROP};
	replay = replay_new(sim, &source.base, queues, map, 1, &o, &e);
	replay_start(replay);
	ck_assert_int_eq(sim_run(sim), 0);
	ck_assert_uint_eq(dev->stats.submitted, 2);
	ck_assert_uint_eq(replay_counts(replay)->unmapped, 3);
	ck_assert_int_eq(replay_verify(replay, &e), 0);
}
END_TEST

/* ---- the end of a run ------------------------------------------------------------------------------- */

START_TEST(what_a_record_asks_reaches_the_device_and_writes_get_fresh_tags)
{
	struct trace_record records[4];
	many(records, 4);
	records[1].op = records[3].op = BLK_WRITE;
	records[1].flags = BLK_FUA;
	records[1].priority = 3;
	records[2].op = BLK_FLUSH;
	run(records, 4, (struct replay_options){.mode = REPLAY_DEPTH, .depth = 1, .tag_writes = true});
	ck_assert(seen[0].op == BLK_READ && seen[1].op == BLK_WRITE && seen[2].op == BLK_FLUSH);
	ck_assert_int_eq(seen[1].flags, BLK_FUA);
	ck_assert_int_eq(seen[1].priority, 3);
	ck_assert(seen[0].tag == 0 && seen[2].tag == 0);
	ck_assert(seen[1].tag != 0 && seen[3].tag != 0 && seen[1].tag != seen[3].tag);
	ck_assert_uint_eq(replay_counts(replay)->by_status[BLK_OK], 4);
}
END_TEST

static void stop_event(struct sim *s, struct event *e)
{
	(void)s;
	(void)e;
	replay_stop(replay);
}

START_TEST(stopping_takes_no_more_records_and_lets_the_rest_complete)
{
	static const enum replay_mode modes[] = {REPLAY_OPEN, REPLAY_THINK, REPLAY_DEPTH};
	struct trace_record records[20];
	struct event stop;
	struct err e = {0};
	for (unsigned i = 0; i < 20; i++)
		records[i] = (struct trace_record)R((time_ps)i * 8 * US, 2 * US, -1, i, 1);
	start(records, 20, (struct replay_options){.mode = modes[_i], .depth = 3, .think_ps = 2 * US});
	event_init(&stop, stop_event, "stop", EVENT_PRIO_WORKLOAD);
	sim_schedule(sim, &stop, 35 * US);
	ck_assert_int_eq(sim_run(sim), 0);
	ck_assert_uint_eq(replay_outstanding(replay), 0);
	ck_assert_msg(replay_verify(replay, &e) == 0, "%s", e.msg);
	for (unsigned i = 0; i < seen_count; i++)
		ck_assert_int_le(seen[i].submit_ps, 35 * US);
	/* open: at 0, 8 .. 32 us; think: at 0, 12, 24 us; depth: three each at 0, 12, 24 us */
	static const unsigned want[] = {5, 3, 9};
	ck_assert_uint_eq(seen_count, want[_i]);
	ck_assert_uint_eq(replay_counts(replay)->completed, want[_i]);
}
END_TEST

START_TEST(a_source_that_fails_ends_the_run_with_its_own_sentence)
{
	static const enum replay_mode modes[] = {REPLAY_OPEN, REPLAY_THINK, REPLAY_DEPTH};
	struct trace_record records[20];
	for (unsigned i = 0; i < 20; i++)
		records[i] = (struct trace_record)R((time_ps)i * 8 * US, 2 * US, -1, i, 1);
	source.fail_at = 5;
	start(records, 20, (struct replay_options){.mode = modes[_i], .depth = 2});
	ck_assert_int_eq(sim_run(sim), -1);
	ck_assert_int_eq(sim->err.code, ERR_TRACE);
	ck_assert_str_eq(sim->err.msg, "list:6: it is broken here");
}
END_TEST

START_TEST(an_empty_source_runs_for_no_time)
{
	struct trace_record none = R(0, -1, -1, 0, 1);
	run(&none, 0, (struct replay_options){.mode = (enum replay_mode)_i, .depth = 2});
	ck_assert_uint_eq(seen_count, 0);
	ck_assert_int_eq(sim->now_ps, 0);
}
END_TEST

START_TEST(memory_that_runs_out_fails_the_run)
{
	struct trace_record records[4];
	many(records, 4);
	struct err e = {0};
	ck_assert_ptr_nonnull(make(records, 4, (struct replay_options){.mode = REPLAY_DEPTH, .depth = 2}, &e));
	arena_fail_at(sim->arena, 1);
	replay_start(replay);
	ck_assert_int_eq(sim_run(sim), -1);
	ck_assert_int_eq(sim->err.code, ERR_LIMIT);
}
END_TEST

/* ---- the checks can fail ------------------------------------------------------------------------------ */

/* A request that the device keeps stays outstanding: conservation holds and says so. */
START_TEST(a_lost_request_stays_outstanding)
{
	struct trace_record records[6];
	struct err e = {0};
	many(records, 6);
	spec.lost = 2;
	start(records, 6, (struct replay_options){.mode = REPLAY_DEPTH, .depth = 2});
	ck_assert_int_eq(sim_run(sim), 0);
	ck_assert_uint_eq(replay_outstanding(replay), 1);
	ck_assert_uint_eq(dev->inside, 1);
	ck_assert_int_eq(replay_verify(replay, &e), 0);
}
END_TEST

START_TEST(a_request_done_twice_is_a_bug)
{
	struct trace_record records[6];
	many(records, 6);
	spec.twice = 5; /* the last one, nothing else is inside */
	start(records, 6, (struct replay_options){.mode = REPLAY_DEPTH, .depth = 1});
	sim_run(sim);
}
END_TEST

/* Each counter is moved in one place; one of them off by one is seen. */
START_TEST(each_counter_that_is_wrong_is_seen)
{
	struct trace_record records[6];
	struct err e = {0};
	many(records, 6);
	run(records, 6, (struct replay_options){.mode = REPLAY_DEPTH, .depth = 2});
	uint64_t *const counters[] = {&queue.submitted, &dev->stats.submitted, &dev->stats.completed,
		(uint64_t *)(uintptr_t)&replay_counts(replay)->issued, (uint64_t *)(uintptr_t)&replay_counts(replay)->completed};
	for (unsigned i = 0; i < 5; i++) {
		++*counters[i];
		err_clear(&e);
		ck_assert_int_eq(replay_verify(replay, &e), -1);
		ck_assert_int_eq(e.code, ERR_CHECK);
		ck_assert_ptr_nonnull(strstr(e.msg, "lost"));
		--*counters[i];
	}
	err_clear(&e);
	queue.outstanding.integral++;
	ck_assert_int_eq(replay_verify(replay, &e), -1);
	ck_assert_ptr_nonnull(strstr(e.msg, "Little's law"));
	queue.outstanding.integral--;
	err_clear(&e);
	ck_assert_int_eq(replay_verify(replay, &e), 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("replay");
	TCase *t = tcase_create("replay");
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, open_issues_at_the_recorded_arrivals_whatever_the_device_does);
	tcase_add_test(t, lateness_counts_from_the_intended_arrival);
	tcase_add_test(t, a_record_that_comes_late_from_its_source_is_issued_at_once);
	tcase_add_test(t, a_device_that_cannot_keep_up_fails_the_run);
	tcase_add_test(t, no_arrivals_no_open_loop);
	tcase_add_test(t, think_keeps_recorded_delays);
	tcase_add_test(t, think_derives_delays_from_arrivals_and_responses);
	tcase_add_test(t, think_takes_the_gap_where_there_are_no_responses);
	tcase_add_test(t, depth_keeps_exactly_so_many_outstanding);
	tcase_add_test(t, depth_larger_than_the_source_issues_all_of_it);
	tcase_add_test(t, depth_thinks_before_each_next_request);
	tcase_add_test(t, outside_is_an_error_with_the_line);
	tcase_add_test(t, outside_wraps_around);
	tcase_add_test(t, outside_is_clipped_or_dropped);
	tcase_add_test(t, outside_scales_all_addresses);
	tcase_add_test(t, a_trace_that_fits_is_not_scaled);
	tcase_add_test(t, a_map_sends_each_record_to_its_device);
	tcase_add_test(t, records_of_devices_outside_the_map_can_be_left_out_and_are_counted);
	tcase_add_test(t, what_a_record_asks_reaches_the_device_and_writes_get_fresh_tags);
	tcase_add_loop_test(t, stopping_takes_no_more_records_and_lets_the_rest_complete, 0, 3);
	tcase_add_loop_test(t, a_source_that_fails_ends_the_run_with_its_own_sentence, 0, 3);
	tcase_add_loop_test(t, an_empty_source_runs_for_no_time, 0, 3);
	tcase_add_test(t, memory_that_runs_out_fails_the_run);
	tcase_add_test(t, a_lost_request_stays_outstanding);
	tcase_add_test_raise_signal(t, a_request_done_twice_is_a_bug, SIGABRT);
	tcase_add_test(t, each_counter_that_is_wrong_is_seen);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
