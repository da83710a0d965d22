/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Recoverable virtual memory: its transactions against a ledger of the test's own, with crashes at every event on a disk and a
 * solid-state drive. The recovered state must be that of a prefix of the transactions that has all that were acknowledged.
 */
#include "host/durable_rig.h"

#include "effort.h"
#include "host/crash.h"
#include "host/rvm.h"

#define PAGES 40
#define WORKERS 4
#define TX_MOST 60000
#define TX_PAGES 3

struct worker {
	struct test *test;
	struct event think;
};

struct test {
	struct durable_rig rig; /* first */
	struct host_region segment, log;
	struct rvm_spec spec;
	struct rvm rvm;
	struct rng *rng;
	struct worker worker[WORKERS];
	struct {
		uint32_t page[TX_PAGES];
		uint32_t pages;
	} *tx;                   /* by number: what each wrote */
	uint64_t ended, acked;   /* highest number */
	uint64_t left;
	double no_flush;         /* share of transactions */
	time_ps think_ps;
	unsigned errors;
	bool over;
	enum blk_status status;
};

static void next(struct worker *w);

static void durable(void *owner, uint64_t number, enum blk_status status)
{
	struct worker *w = owner;
	struct test *t = w->test;
	if (status != BLK_OK) {
		t->errors++;
		return;
	}
	if (number > t->acked)
		t->acked = number;
	if (t->think_ps > 0)
		sim_schedule(t->rig.sim, &w->think, t->rig.sim->now_ps + t->think_ps);
	else
		next(w);
}

static void think_over(struct sim *s, struct event *e)
{
	(void)s;
	next(container_of(e, struct worker, think));
}

/* One transaction of one to three ranges; without a flush the worker thinks and goes on. */
static void next(struct worker *w)
{
	struct test *t = w->test;
	if (t->left == 0)
		return;
	t->left--;
	struct rvm_tx *tx = rvm_begin(&t->rvm);
	uint64_t n = t->ended + 1;
	t->tx[n].pages = 0;
	for (uint64_t k = 1 + rng_below(t->rng, TX_PAGES); k > 0; k--) {
		uint32_t page = (uint32_t)rng_below(t->rng, rng_below(t->rng, 2) ? PAGES : 4);
		uint64_t bytes = 20 + rng_below(t->rng, 300);
		if (rvm_set_range(tx, page * UINT64_C(4096) + rng_below(t->rng, 4096 - bytes), bytes))
			t->tx[n].page[t->tx[n].pages++] = page;
	}
	bool flush = rng_unit(t->rng) >= t->no_flush;
	ck_assert_uint_eq(rvm_end(tx, flush, durable, w), n);
	t->ended = n;
	if (!flush && t->left > 0)
		sim_schedule(t->rig.sim, &w->think, t->rig.sim->now_ps + (t->think_ps ? t->think_ps : PS_PER_MS));
}

static void over(void *owner, uint64_t arg, enum blk_status status)
{
	struct test *t = owner;
	(void)arg;
	t->over = true;
	t->status = status;
}

static struct test *test_new(const struct blk_dev_ops *ops, const char *device, bool tags)
{
	struct test *t = calloc(1, sizeof(*t));
	rig_open(&t->rig, ops, device, tags);
	rig_region(&t->rig, "log", BLK_CAUSE_LOG, 0, 8 * 34, &t->log);
	rig_region(&t->rig, "segment", BLK_CAUSE_FILE, 8 * 40, 8 * PAGES, &t->segment);
	rig_defaults(&t->rig, &rvm_options, &t->spec);
	t->spec.pages = PAGES;
	t->spec.walker.batch = 4;
	t->spec.walker.depth = 2;
	t->spec.truncate_at = 0.4;
	t->rng = rng_new(t->rig.sim->arena, 5, "transactions");
	t->tx = calloc(TX_MOST, sizeof(*t->tx));
	for (int i = 0; i < WORKERS; i++) {
		t->worker[i].test = t;
		event_init(&t->worker[i].think, think_over, "think", EVENT_PRIO_WORKLOAD);
	}
	return t;
}

static void open_rvm(struct test *t)
{
	struct err e = {0};
	ck_assert_msg(rvm_open(&t->rvm, t->rig.io, &t->segment, &t->log, &t->spec, 1, &e) == 0, "%s", e.msg);
}

static void test_start(struct test *t)
{
	open_rvm(t);
	rvm_format(&t->rvm, (struct host_io_then){over, t, 0});
	ck_assert_int_eq(sim_run(t->rig.sim), 0);
	ck_assert(t->over && t->status == BLK_OK);
}

static void test_go(struct test *t, unsigned workers, uint64_t transactions)
{
	ck_assert_uint_lt(transactions, TX_MOST);
	t->left = transactions;
	for (unsigned i = 0; i < workers; i++)
		next(&t->worker[i]);
}

static void test_free(struct test *t)
{
	struct err e = {0};
	ck_assert_msg(host_io_check(t->rig.io, &e) == 0, "%s", e.msg);
	rig_close(&t->rig);
	free(t->tx);
	free(t);
}

/* Whether the memory is that of the first `n` transactions. */
static bool is_prefix(const struct test *t, uint64_t n)
{
	uint64_t last[PAGES] = {0};
	for (uint64_t i = 1; i <= n; i++)
		for (uint32_t k = 0; k < t->tx[i].pages; k++)
			last[t->tx[i].page[k]] = i;
	for (uint32_t p = 0; p < PAGES; p++)
		if (rvm_content(&t->rvm, p) != last[p])
			return false;
	return true;
}

/* ---- without crashes ------------------------------------------------------------------------------------------------ */

START_TEST(what_was_committed_is_there_after_a_clean_end)
{
	for (int k = 0; k < 4; k++) {
		struct test *t = test_new(k & 1 ? &ssd_ops : &disk_ops, k & 1 ? CACHED_SSD : CACHED_DISK, true);
		t->spec.tracking = k & 2 ? RVM_PAGES : RVM_RANGES;
		test_start(t);
		test_go(t, WORKERS, 300);
		ck_assert_int_eq(sim_run(t->rig.sim), 0);
		ck_assert_uint_eq(t->acked, 300);
		ck_assert(is_prefix(t, 300));
		ck_assert_uint_gt(t->rvm.stats.truncations, 2);
		open_rvm(t);
		rvm_recover(&t->rvm, (struct host_io_then){over, t, 0});
		ck_assert_int_eq(sim_run(t->rig.sim), 0);
		ck_assert_int_eq(t->status, BLK_OK);
		ck_assert(is_prefix(t, 300));
		ck_assert_int_gt(t->rvm.stats.recovery_ps, 0);
		ck_assert_uint_eq(t->rvm.stats.loaded_pages, PAGES);
		test_free(t);
	}
}
END_TEST

/* A page a second is the pace of truncation. Nobody is served while what a crash left in the log is redone. */
START_TEST(a_redo_is_not_held_up_by_the_rate_of_truncation)
{
	time_ps took[2];
	for (int slow = 0; slow < 2; slow++) {
		struct test *t = test_new(&disk_ops, PLAIN_DISK NO_CACHE, true);
		t->spec.truncate_at = 0.95;
		test_start(t);
		test_go(t, 1, 20);
		ck_assert_int_eq(sim_run(t->rig.sim), 0);
		ck_assert_uint_eq(t->rvm.stats.truncations, 0);
		t->spec.walker.rate = slow ? 1 : 0;
		open_rvm(t);
		rvm_recover(&t->rvm, (struct host_io_then){over, t, 0});
		ck_assert_int_eq(sim_run(t->rig.sim), 0);
		ck_assert_uint_gt(t->rvm.stats.redone_pages, 4);
		took[slow] = t->rvm.stats.recovery_ps;
		/* which truncation keeps: of five pages the last goes four seconds after the first */
		time_ps start = t->rig.sim->now_ps;
		t->spec.walker.batch = 1;
		t->spec.truncate_at = 0.01;
		struct rvm_tx *tx = rvm_begin(&t->rvm);
		for (uint64_t p = 0; p < 5; p++)
			rvm_set_range(tx, p * 4096, 10);
		rvm_end(tx, true, durable, &t->worker[0]);
		ck_assert_int_eq(sim_run(t->rig.sim), 0);
		ck_assert_uint_eq(t->rvm.stats.truncations, 1);
		ck_assert_int_eq(t->rig.sim->now_ps - start >= 4 * PS_PER_S, slow);
		test_free(t);
	}
	ck_assert_int_eq(took[0], took[1]);
}
END_TEST

START_TEST(the_log_takes_ranges_or_whole_pages)
{
	static const uint64_t logged[] = {100 + 16 + 50 + 16 + 200 + 16, 3 * (4096 + 16)};
	for (int pages = 0; pages < 2; pages++) {
		struct test *t = test_new(&disk_ops, PLAIN_DISK NO_CACHE, true);
		t->spec.tracking = pages ? RVM_PAGES : RVM_RANGES;
		test_start(t);
		struct rvm_tx *tx = rvm_begin(&t->rvm);
		ck_assert_uint_eq(rvm_set_range(tx, 10, 100), 1);
		ck_assert_uint_eq(rvm_set_range(tx, 1000, 50), 0);    /* the same page */
		ck_assert_uint_eq(rvm_set_range(tx, 2 * 4096 - 100, 200), 2); /* two more */
		ck_assert_uint_eq(rvm_set_range(tx, 0, 0), 0);
		rvm_end(tx, true, durable, &t->worker[0]);
		ck_assert_int_eq(sim_run(t->rig.sim), 0);
		ck_assert_uint_eq(t->rvm.stats.pages, 3);
		ck_assert_uint_eq(t->rvm.stats.set_bytes, 350);
		ck_assert_uint_eq(t->rvm.stats.logged_bytes, logged[pages]);
		test_free(t);
	}
}
END_TEST

/* What page faults tell are whole pages, which the log takes; what the program set of them is counted apart. */
START_TEST(a_faulted_page_is_logged_whole_and_counts_as_what_was_set_in_it)
{
	struct test *t = test_new(&disk_ops, PLAIN_DISK NO_CACHE, true);
	t->spec.tracking = RVM_PAGES;
	test_start(t);
	struct rvm_tx *tx = rvm_begin(&t->rvm);
	ck_assert(rvm_set_page(tx, 7));
	ck_assert(!rvm_set_page(tx, 7));
	ck_assert(rvm_set_page(tx, 3));
	rvm_count_set(tx, 25);
	rvm_end(tx, true, durable, &t->worker[0]);
	ck_assert_int_eq(sim_run(t->rig.sim), 0);
	ck_assert_uint_eq(t->rvm.stats.pages, 2);
	ck_assert_uint_eq(t->rvm.stats.set_bytes, 25);
	ck_assert_uint_eq(t->rvm.stats.logged_bytes, 2 * (4096 + 16));
	test_free(t);
}
END_TEST

START_TEST(an_aborted_transaction_leaves_nothing)
{
	struct test *t = test_new(&disk_ops, PLAIN_DISK NO_CACHE, true);
	test_start(t);
	struct rvm_tx *a = rvm_begin(&t->rvm), *b = rvm_begin(&t->rvm), *c = rvm_begin(&t->rvm);
	rvm_set_range(a, 0, 10);
	rvm_set_range(b, 4096, 10);
	rvm_set_range(c, 8192, 10);
	rvm_abort(b);
	rvm_end(c, false, NULL, NULL);
	rvm_end(a, true, durable, &t->worker[0]);
	ck_assert_int_eq(sim_run(t->rig.sim), 0);
	ck_assert(rvm_content(&t->rvm, 0) == 2 && rvm_content(&t->rvm, 1) == 0 && rvm_content(&t->rvm, 2) == 1);
	ck_assert_uint_eq(t->rvm.stats.durable, 2); /* that of c went along */
	test_free(t);
}
END_TEST

START_TEST(without_a_flush_nothing_is_written_until_one_is_asked_for)
{
	struct test *t = test_new(&disk_ops, PLAIN_DISK NO_CACHE, true);
	t->no_flush = 1;
	test_start(t);
	test_go(t, 1, 20);
	ck_assert_int_eq(sim_run(t->rig.sim), 0);
	ck_assert_uint_eq(t->ended, 20);
	ck_assert_uint_eq(t->rvm.stats.durable, 0);
	ck_assert_uint_eq(t->rvm.log.stats.records, 0);
	t->over = false;
	rvm_flush(&t->rvm, (struct host_io_then){over, t, 0});
	ck_assert_int_eq(sim_run(t->rig.sim), 0);
	ck_assert(t->over && t->status == BLK_OK);
	ck_assert_uint_eq(t->rvm.last_durable, 21);
	ck_assert_uint_eq(t->rvm.log.stats.records, 1);
	test_free(t);
}
END_TEST

/* The lecture's figure: serial transactions on a 7200 rpm disk without write cache, one block each. */
START_TEST(serial_transactions_take_a_turn_each)
{
	struct test *t = test_new(&disk_ops, PLAIN_DISK NO_CACHE, false);
	t->spec.log.durability = LOG_NONE;
	t->spec.log.block_bytes = 4096;
	t->spec.truncate_at = 0.95;
	t->think_ps = PS_PER_MS;
	test_start(t);
	time_ps start = t->rig.sim->now_ps;
	test_go(t, 1, 21);
	ck_assert_int_eq(sim_run(t->rig.sim), 0);
	ck_assert_uint_eq(t->acked, 21);
	/* the first waits for its place, as does the end of the last think; 4096 bytes are 8 sectors of 1000 */
	time_ps period = TURN_PS + 8 * TURN_PS / 1000, took = t->rig.sim->now_ps - PS_PER_MS - start;
	ck_assert_int_ge(took, 20 * period);
	ck_assert_int_le(took, 22 * period);
	test_free(t);
}
END_TEST

/* ---- crashes ---------------------------------------------------------------------------------------------------------- */

static void recover_for(struct test *t, uint64_t steps)
{
	t->over = false;
	open_rvm(t);
	rvm_recover(&t->rvm, (struct host_io_then){over, t, 0});
	for (uint64_t i = 0; i < steps && !t->over && sim_step(t->rig.sim); i++)
		;
}

/* The prefix that is found, in *n. */
static bool find_prefix(const struct test *t, uint64_t least, uint64_t most, uint64_t *n)
{
	for (*n = least; *n <= most; ++*n)
		if (is_prefix(t, *n))
			return true;
	return false;
}

static void crash(void *ctx, uint64_t seed, char *why, size_t why_bytes)
{
	struct test *t = ctx;
	uint64_t n = 0, acked = t->acked, ended = t->ended;
	t->left = 0;
	for (int i = 0; i < WORKERS; i++)
		sim_cancel(t->rig.sim, &t->worker[i].think);
	rvm_drop(&t->rvm);
	rig_power_cut(&t->rig, seed);
	if (seed % 2) { /* and again in the middle of recovery */
		recover_for(t, seed % 40);
		rvm_drop(&t->rvm);
		rig_power_cut(&t->rig, seed + 1);
	}
	recover_for(t, UINT64_MAX);
	if (!t->over || t->status != BLK_OK)
		snprintf(why, why_bytes, "recovery ends with %s", blk_status_name(t->status));
	else if (!find_prefix(t, acked, ended, &n))
		snprintf(why, why_bytes, "the state is no prefix between %llu and %llu", (unsigned long long)acked,
			(unsigned long long)ended);
	else if (t->rvm.last_ended > ended)
		snprintf(why, why_bytes, "transaction %llu of %llu was found", (unsigned long long)t->rvm.last_ended,
			(unsigned long long)ended);
	if (why[0] != '\0')
		return;
	/* it goes on from there */
	t->ended = t->rvm.last_ended;
	t->acked = n;
	test_go(t, 2, 6);
	for (int i = 0; i < 12; i++)
		sim_step(t->rig.sim);
	acked = t->acked;
	t->left = 0;
	rvm_drop(&t->rvm);
	for (int i = 0; i < WORKERS; i++)
		sim_cancel(t->rig.sim, &t->worker[i].think);
	rig_power_cut(&t->rig, seed + 2);
	recover_for(t, UINT64_MAX);
	if (!t->over || t->status != BLK_OK || !find_prefix(t, acked, t->ended, &n))
		snprintf(why, why_bytes, "the second crash loses something");
}

enum sabotage { SOUND, NO_LOG_FLUSH, NO_DATA_FLUSH };

static struct test *crash_test(int k, enum sabotage sabotage, uint64_t transactions, struct crash_run *c)
{
	bool ssd = k & 1;
	struct test *t = test_new(ssd ? &ssd_ops : &disk_ops, ssd ? CACHED_SSD : CACHED_DISK, true);
	t->spec.tracking = k & 2 ? RVM_PAGES : RVM_RANGES;
	t->rig.whole_sectors = t->spec.tracking == RVM_RANGES;
	t->spec.log.durability = sabotage == NO_LOG_FLUSH ? LOG_NONE : k & 4 ? LOG_FUA : LOG_FLUSH;
	t->spec.log.commit = k & 2 ? LOG_SEPARATE : LOG_JOINED;
	t->spec.log.block_bytes = ssd ? 4096 : 1024;
	t->spec.log.group_count = 2;
	t->spec.log.group_time_ps = PS_PER_MS;
	t->spec.log.depth = k & 4 ? 2 : 1;
	t->spec.no_data_flush = sabotage == NO_DATA_FLUSH;
	t->no_flush = 0.3;
	test_start(t);
	*c = (struct crash_run){.sim = t->rig.sim, .crash = crash, .ctx = t};
	test_go(t, WORKERS, transactions);
	return t;
}

START_TEST(at_every_event_a_crash_leaves_a_prefix_with_all_that_was_acknowledged)
{
	struct crash_run c;
	struct test *t = crash_test(_i, SOUND, 100, &c);
	crash_everywhere(&c, effort(100) < 50 ? 5 : 1);
	ck_assert_msg(c.violations == 0, "%llu of %llu: %s", (unsigned long long)c.violations, (unsigned long long)c.cuts, c.first);
	ck_assert_uint_gt(c.cuts, effort(50));
	ck_assert_uint_gt(t->rvm.stats.truncations, 0);
	test_free(t);
}
END_TEST

/* Events of the same run without crashes. */
static uint64_t events_of(int k, uint64_t transactions)
{
	struct crash_run c;
	struct test *t = crash_test(k, SOUND, transactions, &c);
	uint64_t before = t->rig.sim->fired;
	ck_assert_int_eq(sim_run(t->rig.sim), 0);
	uint64_t events = t->rig.sim->fired - before;
	test_free(t);
	return events;
}

/* With QUERN_TEST_LONG set 2500 crashes of each of four runs. */
START_TEST(at_random_events_of_a_long_run_too)
{
	struct crash_run c;
	double cuts = getenv("QUERN_TEST_LONG") ? 2500 : effort(40);
	uint64_t events = events_of(_i, 4000);
	struct test *t = crash_test(_i, SOUND, 4000, &c);
	struct rng *r = rng_new(t->rig.sim->arena, 3, "crashes");
	crash_at_random(&c, r, cuts / (double)events);
	ck_assert_msg(c.violations == 0, "%llu of %llu: %s", (unsigned long long)c.violations, (unsigned long long)c.cuts, c.first);
	ck_assert_double_gt((double)c.cuts, cuts / 2 - 2);
	test_free(t);
}
END_TEST

START_TEST(a_flush_that_is_left_out_is_seen)
{
	struct crash_run c;
	struct test *t = crash_test(_i & 1, _i & 2 ? NO_DATA_FLUSH : NO_LOG_FLUSH, 200, &c);
	crash_everywhere(&c, 1);
	ck_assert_uint_gt(c.violations, 0);
	test_free(t);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("rvm");
	TCase *t = tcase_create("rvm");
	tcase_add_test(t, what_was_committed_is_there_after_a_clean_end);
	tcase_add_test(t, a_redo_is_not_held_up_by_the_rate_of_truncation);
	tcase_add_test(t, the_log_takes_ranges_or_whole_pages);
	tcase_add_test(t, a_faulted_page_is_logged_whole_and_counts_as_what_was_set_in_it);
	tcase_add_test(t, an_aborted_transaction_leaves_nothing);
	tcase_add_test(t, without_a_flush_nothing_is_written_until_one_is_asked_for);
	tcase_add_test(t, serial_transactions_take_a_turn_each);
	tcase_add_loop_test(t, at_every_event_a_crash_leaves_a_prefix_with_all_that_was_acknowledged, 0, 8);
	tcase_add_loop_test(t, at_random_events_of_a_long_run_too, 0, 4);
	tcase_add_loop_test(t, a_flush_that_is_left_out_is_seen, 0, 4);
	tcase_set_timeout(t, getenv("QUERN_TEST_LONG") ? 1200 : 60);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
