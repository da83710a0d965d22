/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Checkpoints of a program that writes its pages at random: times and copies against closed forms on a device of exact
 * bandwidth; crashes at every event on a disk and a solid-state drive, after which one complete earlier image must be found.
 *
 * Closed forms: stop-and-copy stands still for image / bandwidth + flush; pages written uniformly at rate l each while
 * they are flushed in order over T: P (1 - (1 - exp(-lT)) / (lT)) copies (the integral of 1 - exp(-lt) over the order); changed in
 * an interval I: P (1 - exp(-lI)).
 */
#include "host/durable_rig.h"

#include <math.h>

#include "effort.h"
#include "host/ckpt.h"
#include "host/crash.h"
#include "host/rate_dev.h"

#define MOST_PAGES 1000
#define MOST_TAKEN 200

struct test {
	struct durable_rig rig; /* first */
	struct rate_spec rate;
	struct host_region region;
	struct ckpt_spec spec;
	struct ckpt ckpt;
	uint32_t pages;
	struct rng *rng;
	struct event write, take;
	double writes_s;         /* of the whole program; 0: it does not write */
	time_ps every_ps, freeze_ps;
	bool stopped, over;
	enum blk_status status;
	uint64_t clock, left;    /* checkpoints to be taken */
	uint64_t live[MOST_PAGES];
	bool changed[MOST_PAGES], exists[MOST_PAGES];
	/* of the freeze under way */
	uint32_t page[MOST_PAGES];
	int32_t rank[MOST_PAGES]; /* -1: not held */
	uint64_t frozen[MOST_PAGES];
	uint64_t copies, changed_pages;
	uint64_t (*image)[MOST_PAGES]; /* by number: the whole program as it was frozen */
	uint64_t valid;          /* number of the last that is */
	struct ckpt_times times[MOST_TAKEN];
	uint64_t found[MOST_PAGES];
};

/* ---- the program --------------------------------------------------------------------------------------------------- */

static uint32_t freeze(void *ctx, bool changed, uint32_t *page, time_ps *took_ps)
{
	struct test *t = ctx;
	uint32_t n = 0;
	*took_ps += t->freeze_ps;
	t->stopped = true;
	for (uint32_t p = 0; p < t->pages; p++) {
		t->rank[p] = -1;
		if (!t->exists[p] || (changed && !t->changed[p]))
			continue;
		t->rank[p] = (int32_t)n;
		t->page[n] = page[n] = p;
		t->frozen[n++] = t->live[p];
	}
	memcpy(t->image[t->ckpt.number + 1], t->live, sizeof(t->live));
	t->changed_pages += n;
	return n;
}

static void resume(void *ctx)
{
	struct test *t = ctx;
	t->stopped = false;
	memset(t->changed, 0, sizeof(t->changed));
}

static uint64_t content(void *ctx, uint32_t i) { return ((struct test *)ctx)->frozen[i]; }

static void release(void *ctx, uint32_t i)
{
	struct test *t = ctx;
	t->rank[t->page[i]] = -1;
}

static const struct ckpt_source_ops program = {freeze, resume, content, release};

static void write_page(struct test *t, uint32_t p)
{
	if (t->rank[p] >= 0) { /* held: the writer gets a copy */
		t->copies++;
		t->rank[p] = -1;
	}
	t->live[p] = ++t->clock;
	t->changed[p] = t->exists[p] = true;
}

static void write_event(struct sim *s, struct event *e)
{
	struct test *t = container_of(e, struct test, write);
	if (!t->stopped)
		write_page(t, (uint32_t)rng_below(t->rng, t->pages));
	if (t->left > 0 || !ckpt_idle(&t->ckpt))
		sim_schedule(s, e, s->now_ps + (time_ps)(-log(rng_unit_open(t->rng)) * 1e12 / t->writes_s));
}

static void taken(void *owner, uint64_t arg, enum blk_status status)
{
	struct test *t = owner;
	(void)arg;
	if (status != BLK_OK)
		return;
	t->valid = t->ckpt.number;
	t->times[t->valid] = t->ckpt.now;
}

static void take_event(struct sim *s, struct event *e)
{
	struct test *t = container_of(e, struct test, take);
	if (t->left == 0)
		return;
	if (ckpt_idle(&t->ckpt)) {
		t->left--;
		ckpt_take(&t->ckpt, (struct host_io_then){taken, t, 0});
	}
	sim_schedule(s, e, s->now_ps + t->every_ps);
}

/* ---- fixture --------------------------------------------------------------------------------------------------------- */

static struct test *test_base(uint32_t pages)
{
	struct test *t = calloc(1, sizeof(*t));
	t->pages = pages;
	t->image = calloc(MOST_TAKEN, sizeof(*t->image));
	for (uint32_t p = 0; p < MOST_PAGES; p++)
		t->rank[p] = -1;
	event_init(&t->write, write_event, "write", EVENT_PRIO_WORKLOAD);
	event_init(&t->take, take_event, "take", EVENT_PRIO_WORKLOAD);
	return t;
}

static void test_ready(struct test *t, uint64_t seed)
{
	rig_defaults(&t->rig, &ckpt_options, &t->spec);
	t->rng = rng_new(t->rig.sim->arena, seed, "program");
}

static struct test *rate_test(uint32_t pages, uint64_t seed)
{
	struct err e = {0};
	struct test *t = test_base(pages);
	t->rate = (struct rate_spec){100000, 1000 * PS_PER_NS, 7 * PS_PER_MS};
	t->rig = (struct durable_rig){.sim = sim_new(1)};
	t->rig.dev = blk_dev_open(t->rig.sim, &rate_ops, "rate", &t->rate, &e);
	t->rig.io = host_io_new(t->rig.sim, NULL);
	host_io_add(t->rig.io, t->rig.dev, &e);
	rig_region(&t->rig, "checkpoint", BLK_CAUSE_CHECKPOINT, 0, 50000, &t->region);
	test_ready(t, seed);
	return t;
}

static void open_ckpt(struct test *t)
{
	struct err e = {0};
	ck_assert_msg(ckpt_open(&t->ckpt, t->rig.io, &t->region, &t->spec, t->pages, &program, t, 1, &e) == 0, "%s", e.msg);
}

static void test_go(struct test *t, uint64_t checkpoints, time_ps every, double writes_s)
{
	ck_assert_uint_lt(checkpoints, MOST_TAKEN);
	open_ckpt(t);
	for (uint32_t p = 0; p < t->pages; p++)
		write_page(t, p);
	t->left = checkpoints;
	t->every_ps = every;
	t->writes_s = writes_s;
	sim_schedule(t->rig.sim, &t->take, t->rig.sim->now_ps + every);
	if (writes_s > 0)
		sim_schedule(t->rig.sim, &t->write, t->rig.sim->now_ps);
}

static void test_free(struct test *t)
{
	struct err e = {0};
	ck_assert_msg(host_io_check(t->rig.io, &e) == 0, "%s", e.msg);
	rig_close(&t->rig);
	free(t->image);
	free(t);
}

/* ---- closed forms ---------------------------------------------------------------------------------------------------- */

START_TEST(stop_and_copy_stands_still_for_image_over_bandwidth_and_flush)
{
	struct test *t = rate_test(1000, 1);
	t->spec.resume = CKPT_RESUME_VALID;
	t->freeze_ps = 3 * PS_PER_MS;
	test_go(t, 3, PS_PER_S, 0);
	ck_assert_int_eq(sim_run(t->rig.sim), 0);
	/* the freeze; 1000 pages of 8 sectors, their index of one page, a superblock of one page, at 1 us a sector; two flushes */
	time_ps down = 3 * PS_PER_MS + (8 * 1000 + 8 + 8) * PS_PER_US + 2 * 7 * PS_PER_MS;
	for (unsigned i = 1; i <= 3; i++) {
		ck_assert_int_eq(t->times[i].resumed_ps - t->times[i].asked_ps, down);
		ck_assert_int_eq(t->times[i].valid_ps, t->times[i].resumed_ps);
		ck_assert_int_eq(t->times[i].written_ps - t->times[i].asked_ps, 3 * PS_PER_MS + 8008 * PS_PER_US);
	}
	ck_assert_int_eq(t->ckpt.stats.down_ps, 3 * down);
	ck_assert_uint_eq(host_io_by_cause(t->rig.io, BLK_CAUSE_CHECKPOINT).write_sectors, 3 * 8016);
	test_free(t);
}
END_TEST

START_TEST(copy_on_write_resumes_after_protection_and_is_valid_after_the_flush)
{
	for (time_ps freeze_ps = 0; freeze_ps <= 2 * PS_PER_MS; freeze_ps += 2 * PS_PER_MS) {
		struct test *t = rate_test(1000, 1);
		t->freeze_ps = freeze_ps;
		test_go(t, 3, PS_PER_S, 1000);
		ck_assert_int_eq(sim_run(t->rig.sim), 0);
		for (unsigned i = 1; i <= 3; i++) {
			ck_assert_int_eq(t->times[i].resumed_ps - t->times[i].asked_ps, freeze_ps);
			ck_assert_int_eq(t->times[i].valid_ps - t->times[i].resumed_ps, 8016 * PS_PER_US + 14 * PS_PER_MS);
		}
		test_free(t);
	}
}
END_TEST

/*
 * A page is let go when it is written: the device takes its bytes until then, whatever waits before it. Here a batch is written at one go, and
 * one behind another however many wait, so that batch k ends at 8 us (the index) + (k + 1) batch 8 us; the closed form is the limit of
 * small ones.
 */
START_TEST(copies_are_as_many_as_uniform_writes_make)
{
	static const double per_page[] = {0.1, 1, 4}; /* l T */
	static const int64_t batch[] = {1, 16, 256, 256, 256}, depth[] = {1, 4, 1, 8, 4096};
	unsigned checkpoints = 20 + effort(80);
	for (int k = 0; k < 15; k++) {
		struct test *t = rate_test(1000, (uint64_t)k);
		int64_t b = t->spec.walker.batch = batch[k / 3];
		t->spec.walker.depth = depth[k / 3];
		double x = per_page[k % 3], mean = 0;
		test_go(t, checkpoints, 100 * PS_PER_MS, x * 1000 / 8e-3);
		ck_assert_int_eq(sim_run(t->rig.sim), 0);
		for (int64_t page = 0; page < 1000; page++) {
			int64_t end = (page / b + 1) * b;
			mean += 1 - exp(-x * (8e-6 + (double)(end < 1000 ? end : 1000) * 8e-6) / 8e-3);
		}
		if (b == 1)
			ck_assert_double_eq_tol(mean, 1000 * (1 - (1 - exp(-x)) / x), 1.5 * x);
		/* variance of a sum of independent yes and no is at most P p (1 - p); 4 standard deviations of the mean of them */
		double p = mean / 1000, tolerance = 4 * sqrt(1000 * p * (1 - p) / checkpoints);
		ck_assert_msg(fabs((double)t->copies / checkpoints - mean) <= tolerance, "batch %lld, depth %lld: %g, not %g +- %g", (long long)b,
			(long long)depth[k / 3], (double)t->copies / checkpoints, mean, tolerance);
		test_free(t);
	}
}
END_TEST

START_TEST(an_incremental_checkpoint_has_the_pages_changed_since_the_last)
{
	struct test *t = rate_test(1000, 3);
	unsigned checkpoints = 20 + effort(100);
	t->spec.content = CKPT_CHANGED;
	t->spec.chain = 3;
	test_go(t, checkpoints, 100 * PS_PER_MS, 1000 * 0.7 / 0.1); /* l I = 0.7 */
	ck_assert_int_eq(sim_run(t->rig.sim), 0);
	ck_assert_uint_eq(t->ckpt.stats.checkpoints, checkpoints);
	ck_assert_uint_eq(t->ckpt.stats.deltas, checkpoints - 1);
	double p = 1 - exp(-0.7), mean = (double)(t->changed_pages - 1000) / (checkpoints - 1);
	ck_assert_double_eq_tol(mean, 1000 * p, 4 * sqrt(1000 * p * (1 - p) / (checkpoints - 1)));
	ck_assert_uint_eq(t->ckpt.stats.merges, (checkpoints - 1) / 4); /* each fourth delta is one too many */
	ck_assert_uint_eq(t->ckpt.stats.merged_pages, 1000 * t->ckpt.stats.merges);
	test_free(t);
}
END_TEST

/* ---- restart ---------------------------------------------------------------------------------------------------------- */

static void over(void *owner, uint64_t arg, enum blk_status status)
{
	struct test *t = owner;
	(void)arg;
	t->over = true;
	t->status = status;
}

static void visit(void *ctx, uint32_t page, uint64_t content_found)
{
	struct test *t = ctx;
	ck_assert_uint_eq(t->found[page], 0); /* each once */
	t->found[page] = content_found;
}

static void restart_for(struct test *t, uint64_t steps)
{
	t->over = false;
	memset(t->found, 0, sizeof(t->found));
	open_ckpt(t);
	ckpt_restart(&t->ckpt, visit, t, (struct host_io_then){over, t, 0});
	for (uint64_t i = 0; i < steps && !t->over && sim_step(t->rig.sim); i++)
		;
}

#define CRASH_PAGES 24

static struct test *device_test(int k)
{
	bool ssd = k & 1;
	struct test *t = test_base(CRASH_PAGES);
	rig_open(&t->rig, ssd ? &ssd_ops : &disk_ops, ssd ? CACHED_SSD : CACHED_DISK, true);
	rig_region(&t->rig, "checkpoint", BLK_CAUSE_CHECKPOINT, 0, 8 * (2 + 2 * 60), &t->region);
	test_ready(t, 9);
	t->spec.walker.batch = 5;
	t->spec.walker.depth = 2;
	t->spec.walker.order = k & 4 ? WALKER_RANDOM : WALKER_ASCENDING;
	t->spec.chain = 2;
	t->freeze_ps = k & 4 ? PS_PER_MS : 0;
	t->spec.resume = k / 2 % 3 == 0 ? CKPT_RESUME_VALID : CKPT_RESUME_PROTECTED;
	t->spec.content = k / 2 % 3 == 2 ? CKPT_CHANGED : CKPT_ALL;
	return t;
}

static bool same(const struct test *t, uint64_t number) { return !memcmp(t->found, t->image[number], t->pages * sizeof(uint64_t)); }

START_TEST(restart_finds_the_last_image_and_goes_on_from_it)
{
	struct test *t = device_test(_i);
	test_go(t, 9, 150 * PS_PER_MS, 40);
	ck_assert_int_eq(sim_run(t->rig.sim), 0);
	ck_assert_uint_eq(t->valid, 9);
	uint32_t elements = t->ckpt.elements;
	restart_for(t, UINT64_MAX);
	ck_assert_int_eq(t->status, BLK_OK);
	ck_assert_uint_eq(t->ckpt.number, 9);
	ck_assert_uint_eq(t->ckpt.elements, elements);
	ck_assert(same(t, 9));
	ck_assert_uint_eq(t->ckpt.stats.restart_pages, CRASH_PAGES); /* each page's newest alone */
	ck_assert_int_ge(t->ckpt.stats.restart_ps, _i & 1 ? 1 : 0); /* the disk may have it all in its buffer, which costs nothing here */
	t->left = 1;
	sim_schedule(t->rig.sim, &t->take, t->rig.sim->now_ps);
	write_page(t, 3);
	ck_assert_int_eq(sim_run(t->rig.sim), 0);
	ck_assert_uint_eq(t->valid, 10);
	restart_for(t, UINT64_MAX);
	ck_assert(t->status == BLK_OK && same(t, 10));
	test_free(t);
}
END_TEST

START_TEST(nothing_to_restart_from_is_told)
{
	struct test *t = device_test(0);
	struct err e = {0};
	restart_for(t, UINT64_MAX);
	ck_assert_int_eq(t->status, BLK_MEDIA_ERROR);
	ck_assert_int_eq(ckpt_open(&t->ckpt, t->rig.io, &t->region, &t->spec, 60, &program, t, 1, &e), -1);
	ck_assert_str_eq(e.msg, "area checkpoint of 976 sectors does not hold two checkpoints of 60 pages, which take 488 each");
	test_free(t);
}
END_TEST

/* ---- crashes ---------------------------------------------------------------------------------------------------------- */

static void stop_machine(struct test *t)
{
	sim_cancel(t->rig.sim, &t->write);
	sim_cancel(t->rig.sim, &t->take);
	ckpt_drop(&t->ckpt);
}

/* One complete earlier image: the last valid one, or the one under way. */
static void contract(struct test *t, uint64_t valid, uint64_t under_way, char *why, size_t why_bytes)
{
	if (t->status != BLK_OK) {
		if (valid > 0)
			snprintf(why, why_bytes, "checkpoint %llu was valid and is not found", (unsigned long long)valid);
	} else if (t->ckpt.number < valid || t->ckpt.number > under_way) {
		snprintf(why, why_bytes, "checkpoint %llu is found, %llu was valid", (unsigned long long)t->ckpt.number,
			(unsigned long long)valid);
	} else if (!same(t, t->ckpt.number)) {
		snprintf(why, why_bytes, "what is found is not the image of checkpoint %llu", (unsigned long long)t->ckpt.number);
	}
}

static void crash(void *ctx, uint64_t seed, char *why, size_t why_bytes)
{
	struct test *t = ctx;
	uint64_t valid = t->valid, under_way = t->ckpt.number + 1;
	stop_machine(t);
	rig_power_cut(&t->rig, seed);
	restart_for(t, UINT64_MAX);
	contract(t, valid, under_way, why, why_bytes);
	if (why[0] != '\0' || t->status != BLK_OK)
		return;
	/* another one on top, and the power goes in the middle of it */
	valid = t->valid = t->ckpt.number;
	memset(t->rank, -1, sizeof(t->rank));
	for (uint32_t p = 0; p < t->pages; p += 3)
		write_page(t, p);
	ckpt_take(&t->ckpt, (struct host_io_then){taken, t, 0});
	for (uint64_t i = 0; i < seed % 30; i++)
		sim_step(t->rig.sim);
	valid = t->valid;
	stop_machine(t);
	rig_power_cut(&t->rig, seed + 1);
	restart_for(t, UINT64_MAX);
	contract(t, valid, valid + 1, why, why_bytes);
}

static bool all_taken(void *ctx)
{
	const struct test *t = ctx;
	return t->left == 0 && ckpt_idle(&t->ckpt);
}

static void crash_run(struct test *t, unsigned step, struct crash_run *c)
{
	*c = (struct crash_run){.sim = t->rig.sim, .crash = crash, .over = all_taken, .ctx = t};
	test_go(t, 7, 120 * PS_PER_MS, 60);
	crash_everywhere(c, step);
	ck_assert_uint_eq(t->valid, 7);
}

START_TEST(at_every_event_a_crash_leaves_one_complete_earlier_image)
{
	struct crash_run c;
	struct test *t = device_test(_i);
	crash_run(t, effort(100) < 50 ? 5 : 1, &c);
	ck_assert_msg(c.violations == 0, "%llu of %llu: %s", (unsigned long long)c.violations, (unsigned long long)c.cuts, c.first);
	ck_assert_uint_gt(c.cuts, effort(100));
	test_free(t);
}
END_TEST

static struct test *long_run(int k, struct crash_run *c)
{
	struct test *t = device_test(k);
	*c = (struct crash_run){.sim = t->rig.sim, .crash = crash, .over = all_taken, .ctx = t};
	test_go(t, MOST_TAKEN - 2, 120 * PS_PER_MS, 60);
	return t;
}

/* With QUERN_TEST_LONG set 1700 crashes of each of six runs. */
START_TEST(at_random_events_of_a_long_run_too)
{
	struct crash_run c;
	double cuts = getenv("QUERN_TEST_LONG") ? 1700 : effort(20);
	struct test *t = long_run(_i, &c);
	uint64_t events = crash_events(&c);
	test_free(t);
	t = long_run(_i, &c);
	struct rng *r = rng_new(t->rig.sim->arena, 3, "crashes");
	crash_at_random(&c, r, cuts / (double)events);
	ck_assert_msg(c.violations == 0, "%llu of %llu: %s", (unsigned long long)c.violations, (unsigned long long)c.cuts, c.first);
	ck_assert_double_gt((double)c.cuts, cuts / 2 - 3);
	test_free(t);
}
END_TEST

START_TEST(a_flush_left_out_or_an_area_used_twice_is_seen)
{
	struct crash_run c;
	struct test *t = device_test(_i);
	t->spec.no_flush_before = _i < 6;
	t->spec.one_area = _i >= 6;
	crash_run(t, 2, &c);
	ck_assert_uint_gt(c.violations, 0);
	test_free(t);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("checkpoint");
	TCase *t = tcase_create("checkpoint");
	tcase_add_test(t, stop_and_copy_stands_still_for_image_over_bandwidth_and_flush);
	tcase_add_test(t, copy_on_write_resumes_after_protection_and_is_valid_after_the_flush);
	tcase_add_test(t, copies_are_as_many_as_uniform_writes_make);
	tcase_add_test(t, an_incremental_checkpoint_has_the_pages_changed_since_the_last);
	tcase_add_loop_test(t, restart_finds_the_last_image_and_goes_on_from_it, 0, 6);
	tcase_add_test(t, nothing_to_restart_from_is_told);
	tcase_add_loop_test(t, at_every_event_a_crash_leaves_one_complete_earlier_image, 0, 6);
	tcase_add_loop_test(t, at_random_events_of_a_long_run_too, 0, 6);
	tcase_add_loop_test(t, a_flush_left_out_or_an_area_used_twice_is_seen, 0, 8);
	tcase_set_timeout(t, getenv("QUERN_TEST_LONG") ? 1200 : 60);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
