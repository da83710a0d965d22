/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Threads of the scenario demand-paging that sync their process's file: flushes that the device sees, the time a sync takes, and that
 * what was dirty is durable behind it and not before. */
#include "bind_text.h"
#include "blk/fixed.h"
#include "host/durable_rig.h"
#include "host/machine.h"
#include "host/options.h"
#include "host/scenario.h"

struct figures {
	double syncs, sync_mean, sync_max, file_outs, file_writes, calls, references, dirty_pages;
	uint64_t flushes;
};

static void note(void *ctx, const char *name, double value, const char *unit)
{
	struct figures *f = ctx;
	const struct { const char *name; double *at; } wanted[] = {
		{"syncs", &f->syncs}, {"sync_mean", &f->sync_mean}, {"sync_max", &f->sync_max}, {"file_outs", &f->file_outs},
		{"file_writes", &f->file_writes}, {"calls", &f->calls}, {"references", &f->references}, {"dirty_pages", &f->dirty_pages},
	};
	(void)unit;
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		if (!strcmp(name, wanted[i].name))
			*wanted[i].at = value;
}

static void watch(void *ctx, const struct blk_req *r) { ((struct figures *)ctx)->flushes += r->op == BLK_FLUSH; }

static void *bound(struct sim *s, const struct opt_group *g, const char *yaml)
{
	struct err e = {0};
	void *spec = bind_text(s->arena, g, yaml, &e);
	ck_assert_msg(spec != NULL, "%s", e.msg);
	return spec;
}

/* In steps, after each of which `after` may look (NULL: nobody does). */
static struct figures run(struct sim *s, struct blk_dev *dev, const char *scenario, const char *host,
	void (*after)(const struct host *h, struct blk_dev *dev, const struct figures *f))
{
	struct figures f = {0};
	struct err e = {0};
	const struct scenario_env env = {.sim = s, .dev = dev, .host = bound(s, &host_options, host), .seed = 7, .observe = watch, .ctx = &f};
	const struct scenario_ops *ops = scenario_find("demand-paging");
	struct scenario *sc = ops->open(&env, bound(s, ops->options, scenario), &e);
	ck_assert_msg(sc != NULL, "%s", e.msg);
	ops->start(sc);
	while (sim_step(s))
		if (after)
			after(ops->machine(sc), dev, &f);
	ck_assert_msg(s->err.code == ERR_NONE, "%s", s->err.msg);
	ck_assert_msg(ops->check(sc, &e) == 0, "%s", e.msg);
	ops->report(sc, note, &f);
	ops->close(sc);
	return f;
}

static struct figures run_fixed(const char *scenario, const char *host)
{
	struct err e = {0};
	struct sim *s = sim_new(1);
	struct blk_dev *dev = blk_dev_open(s, &fixed_dev_ops, "dev0", bound(s, fixed_dev_ops.options, "{latency: 100 us}"), &e);
	ck_assert_msg(dev != NULL, "%s", e.msg);
	struct figures f = run(s, dev, scenario, host, NULL);
	blk_dev_close(dev);
	sim_free(s);
	return f;
}

/* 200 pages written one after another, a sync behind each 50: 50 pages lie side by side, so that each sync is a write and a flush of 100
 * us; with the fourth the thread ends. A thread that waits for a sync makes nothing dirty. */
START_TEST(a_sync_is_writes_and_a_flush)
{
	struct figures f = run_fixed("{memory: file, load: {pattern: sequential, pages: 200, references: 200, writes: 1}, sync_every: 50}",
		"{frames: 1000}");
	ck_assert_double_eq(f.references, 200);
	ck_assert_double_eq(f.syncs, 4);
	ck_assert_double_eq(f.calls, 4);
	ck_assert_uint_eq(f.flushes, 4);
	ck_assert_double_eq(f.file_writes, 4);
	ck_assert_double_eq(f.file_outs, 200);
	ck_assert_double_eq(f.dirty_pages, 0);
	ck_assert_double_eq_tol(f.sync_mean, 200e-6, 1e-12);
	ck_assert_double_eq_tol(f.sync_max, 200e-6, 1e-12);
}
END_TEST

/* Counted by thread, in bursts, whatever the batches of the load: 1,000 of each of three threads of two processes are 142 sevens. Those
 * of one process share rounds. */
START_TEST(each_thread_counts_its_own_bursts)
{
	struct figures f = run_fixed("{memory: file, processes: 2, threads: 3, load: {pages: 200, references: 1000, burst: 3}, sync_every: 7}",
		"{frames: 1000}");
	ck_assert_double_eq(f.references, 2 * 3 * 3000);
	ck_assert_double_eq(f.syncs, 2 * 3 * 142);
	ck_assert_uint_le(f.flushes, 2 * 3 * 142);
	ck_assert_uint_ge(f.flushes, 2 * 142);
	f = run_fixed("{memory: file, load: {pages: 200, references: 1000}}", "{frames: 1000}");
	ck_assert_double_eq(f.syncs, 0);
	ck_assert_double_eq(f.sync_mean, 0);
	ck_assert_uint_eq(f.flushes, 0);
}
END_TEST

static uint64_t done, before, lost_before; /* syncs; events before a sync's end, and how often something was not durable then */

static void look(const struct host *h, struct blk_dev *dev, const struct figures *f)
{
	struct blk_dev_status now;
	dev->ops->status(dev, &now);
	if (h->sync.count > done) {
		done = h->sync.count;
		ck_assert_uint_eq(now.dirty_sectors, 0);
		ck_assert_uint_eq(f->flushes, done);
		ck_assert_uint_eq(h->dirty_pages + h->writing_pages, 0);
	} else {
		before++;
		lost_before += now.dirty_sectors > 0;
	}
}

/* A device that acknowledges what lies in its volatile cache. */
START_TEST(behind_a_sync_all_is_durable)
{
	struct durable_rig g;
	rig_open(&g, _i ? &ssd_ops : &disk_ops, _i ? CACHED_SSD : CACHED_DISK, false);
	done = before = lost_before = 0;
	struct figures f = run(g.sim, g.dev, "{memory: file, load: {pages: 100, references: 2000, writes: 0.5}, sync_every: 40}",
		"{frames: 1000, swap: {size: 0}}", look);
	ck_assert_double_eq(f.syncs, 50);
	ck_assert_uint_eq(done, 50);
	ck_assert_uint_eq(f.flushes, 50);
	ck_assert_uint_gt(lost_before, 50); /* else it had shown nothing */
	ck_assert_double_gt(f.sync_max, f.sync_mean);
	rig_close(&g);
}
END_TEST

START_TEST(what_cannot_be_synced_is_refused)
{
	static const char *const memory[] = {"heap", "private"};
	struct err e = {0};
	struct sim *s = sim_new(1);
	for (int i = 0; i < 2; i++) {
		char yaml[100];
		snprintf(yaml, sizeof(yaml), "{memory: %s, sync_every: 5}", memory[i]);
		ck_assert_ptr_null(bind_text(s->arena, scenario_find("demand-paging")->options, yaml, &e));
		ck_assert_msg(strstr(e.msg, "sync_every") && strstr(e.msg, "memory: file"), "%s", e.msg);
	}
	sim_free(s);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("host/paging sync");
	TCase *t = tcase_create("sync");
	tcase_add_test(t, a_sync_is_writes_and_a_flush);
	tcase_add_test(t, each_thread_counts_its_own_bursts);
	tcase_add_loop_test(t, behind_a_sync_all_is_durable, 0, 2);
	tcase_add_test(t, what_cannot_be_synced_is_refused);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
