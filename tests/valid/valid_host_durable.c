/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * host.rvm., host.checkpoint., host.daly.: what must outlive a crash, as whole scenarios on the machine. Recoverable memory on a
 * 7200 rpm disk without a write cache (a record starts where the last one ended: a turn and the transfer each), faults of a
 * transaction, copies and dirty pages of checkpoints under uniform writes, and the interval study against Daly's formulas.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "bind_text.h"
#include "blk/fixed.h"
#include "disk/disk.h"
#include "host/options.h"
#include "host/scenario.h"
#include "host/young_daly.h"
#include "valid/valid.h"

#define DISK_7200 "rpm: 7200 rpm\nseek: {table: [[1, 1 ms], [99, 6 ms]]}\ncache: {enabled: false}\noverhead: {write_miss_after_write: 0.3 ms}\n" \
	"geometry: {heads: 1, cylinders: 100, zones: [{first_cylinder: 0, last_cylinder: 99, sectors_per_track: 1000}]}\n"
#define FIXED "latency: 100 us\ncapacity: 1 GiB\n"
/* 10 ns a reference and nothing else, so that rates are what the load says */
#define HOST "frames: 600\ncost: {hit: 10 ns, walk: 0, fault: 0, call: 0, switch: 0, invalidate: 0, shootdown: 0, interrupt: 0, entry: 0,\n" \
	"  copy: 10000 GB/s, zero: 10000 GB/s}\n"

#define MOST 8

struct result {
	const char *name[MOST]; /* what is asked for */
	double value[MOST];
	unsigned count;
};

static void put(void *ctx, const char *name, double value, const char *unit)
{
	struct result *r = ctx;
	(void)unit;
	for (unsigned i = 0; i < r->count; i++)
		if (!strcmp(r->name[i], name))
			r->value[i] = value;
}

static int run_on(struct sim *s, struct blk_dev *dev, const struct scenario_ops *ops, const char *text, struct result *out,
	struct err *e)
{
	const struct scenario_env env = {.sim = s, .dev = dev, .host = bind_text(s->arena, &host_options, HOST, e), .seed = 1};
	const void *spec = bind_text(s->arena, ops->options, text, e);
	struct scenario *sc = env.host && spec ? ops->open(&env, spec, e) : NULL;
	if (!sc)
		return -1;
	ops->start(sc);
	int bad = sim_run(s) < 0 || ops->check(sc, e) < 0 || ops->contract(sc, e) == SCENARIO_BROKEN;
	ops->report(sc, put, out);
	ops->close(sc);
	return bad ? -1 : 0;
}

/* The scenario on a device; the values that `out` names. false: a line of `name` says why. */
static bool run_scenario(struct valid *v, const char *name, const struct blk_dev_ops *ops, const char *device, const char *kind,
	const char *text, struct result *out)
{
	struct err e = {0};
	struct sim *s = sim_new(1);
	const void *spec = s ? bind_text(s->arena, ops->options, device, &e) : NULL;
	struct blk_dev *dev = spec ? blk_dev_open(s, ops, "d", spec, &e) : NULL;
	int bad = dev ? run_on(s, dev, scenario_find(kind), text, out, &e) : -1;
	if (bad)
		valid_broken(v, name, e.msg);
	blk_dev_close(dev);
	sim_free(s);
	return !bad;
}

#define SERIAL(commit) "transactions: 400\nranges: 1\nrange_size: 64 B\nthink: 1 ms\nlog_size: 500 KiB\n" \
	"memory: {pages: 256, truncate_at: 95 %, log: {durability: none, block: 512 B, commit: " commit "}}\n"

void valid_host_rvm(struct valid *v)
{
	struct result r = {.name = {"transactions_per_second", "lost_acknowledged"}, .count = 2};
	const char *rate = "rotation: a turn and the transfer of each record (Satyanarayanan's RVM on a disk without write cache)";
	if (run_scenario(v, "host.rvm.serial", &disk_ops, DISK_7200, "recoverable-memory", SERIAL("joined"), &r)) {
		valid_near(v, "host.rvm.serial_rate", r.value[0], 120, 1, rate);
		valid_near(v, "host.rvm.lost_acknowledged", r.value[1], 0, 1e-9, "the contract: what was acknowledged is found");
	}
	if (run_scenario(v, "host.rvm.separate", &disk_ops, DISK_7200, "recoverable-memory", SERIAL("separate"), &r))
		valid_near(v, "host.rvm.separate_commit_rate", r.value[0], 60, 0.5, "two turns: an ordered commit record of its own");
	struct result f = {.name = {"faults_per_transaction", "pages_per_transaction"}, .count = 2};
	if (run_scenario(v, "host.rvm.faults", &disk_ops, DISK_7200, "recoverable-memory",
		"transactions: 300\nranges: 5\nreads: 3\nlog_size: 1 MiB\nmemory: {pages: 256, tracking: pages, log: {durability: none}}\n",
		&f)) {
		valid_near(v, "host.rvm.faults_less_pages", f.value[0] - f.value[1], 0, 1e-9, "a fault for each distinct page written");
		valid_near(v, "host.rvm.pages", f.value[1], 256 * (1 - pow(255.0 / 256, 5)), 0.02, "distinct pages of five draws of 256");
	}
}

/* Uniform writes to 256 pages, one in 200 us: l = 19.53 a second each. */
#define UNIFORM "crash: false\nsafe_point: 1\nload: {pages: 256, references: 100000, burst: 20000, writes: 100 %}\n"

/*
 * An image in 25.6 ms, by requests that take as long each, `at_once` pages at a time: 256 one by one are the closed form but for the
 * index, which is written first; where the queue holds them all, none may change before all are written.
 */
static void copies(struct valid *v, const char *name, unsigned batch, unsigned depth, double l)
{
	unsigned at_once = batch * depth, rounds = 256 / at_once;
	double wait = 25.6e-3 / rounds, expected = 0, x = l * 25.6e-3, form = 256 * (1 - (1 - exp(-x)) / x);
	char device[80], text[300];
	struct result r = {.name = {"copies_per_checkpoint", "checkpoints"}, .count = 2};
	for (unsigned k = 0; k < rounds; k++)
		expected += at_once * (1 - exp(-l * (k + 2) * wait));
	snprintf(device, sizeof(device), "latency: %.0f us\ncapacity: 1 GiB\n", wait * 1e6);
	snprintf(text, sizeof(text), "%sinterval: 100 ms\ncheckpoint: {resume: protected, write: {batch: %u, depth: %u}}\n", UNIFORM, batch, depth);
	if (!run_scenario(v, name, &fixed_dev_ops, device, "checkpoint", text, &r))
		return;
	double p = expected / 256, error = 4 * sqrt(256 * p * (1 - p) / r.value[1]);
	if (at_once == 1)
		valid_near(v, name, r.value[0], form, error + 2 * l * wait * 256,
			"P (1 - (1 - exp(-lT)) / (lT)), 4 standard errors and the writes of index and first page");
	else
		valid_near(v, name, r.value[0], expected, error, "the sum over pages of 1 - exp(-l t), t when its write is over; 4 standard errors");
}

void valid_host_checkpoint(struct valid *v)
{
	double l = 1 / 200e-6 / 256, dirty = 1 - exp(-l * 0.03);
	copies(v, "host.checkpoint.copies", 1, 1, l);
	copies(v, "host.checkpoint.copies_queue_16", 4, 4, l);
	copies(v, "host.checkpoint.copies_queue_256", 16, 16, l);
	struct result d = {.name = {"pages_per_checkpoint", "checkpoints"}, .count = 2};
	if (run_scenario(v, "host.checkpoint.dirty_pages", &fixed_dev_ops, FIXED, "checkpoint",
		UNIFORM "interval: 30 ms\ncheckpoint: {content: changed, chain: 2}\n", &d)) {
		double n = d.value[1], mean = (d.value[0] * n - 256) / (n - 1); /* the first is whole, or nearly so */
		valid_near(v, "host.checkpoint.dirty_pages", mean, 256 * dirty, 4 * sqrt(256 * dirty * (1 - dirty) / n) + 1,
			"P (1 - exp(-lI)), 4 standard errors and the first one's pages");
	}
}

void valid_host_daly(struct valid *v)
{
	struct arena *a = arena_new();
	struct rng *rng = a ? rng_new(a, 1, "validate/failures") : NULL;
	struct failure_study s = {.work = 60000, .stop = 10, .valid = 10, .restart = 15, .mtbf = 600};
	double wall = 0, lost = 0, failures = 0, best = 1e300;
	if (!rng) {
		valid_broken(v, "host.daly", "no memory");
		return;
	}
	s.interval = daly_interval(s.stop, s.mtbf);
	for (int i = 0; i < 2000; i++) {
		struct failure_result x = failure_run(&s, rng);
		wall += x.wall / 2000;
		lost += x.lost;
		failures += (double)x.failures;
	}
	double expected = daly_wall(&s);
	valid_near(v, "host.daly.wall_over_expected", wall / expected, 1, 0.003, "Daly, FGCS 22 (2006), eq. 20; injected failures");
	valid_near(v, "host.daly.lost_work_s", lost / failures, expected_loss(&s), 4 * (s.interval + s.stop) / sqrt(12 * failures),
		"half a period and the time until valid, exactly for exponential failures");
	for (int i = 0; i < 300; i++) {
		s.interval = 20 * pow(1.01, i);
		best = fmin(best, daly_wall(&s));
	}
	valid_at_most(v, "host.daly.optimum", expected / best, 1.0001,
		"no interval is better than Daly's by more than rounding of his series");
	arena_free(a);
}
