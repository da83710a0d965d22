/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Recoverable virtual memory under transactions: threads write ranges of a segment, commit, and when the load is over the power
 * goes and the segment is recovered (host/rvm.h). With tracking `pages` what a transaction writes is known from the page faults of its
 * first writes (host/protect.h).
 */
#include <inttypes.h>
#include <stdio.h>

#include "host/durable.h"
#include "host/rvm.h"
#include "sim/hist.h"

struct recoverable_spec {
	struct rvm_spec memory;
	int64_t log_bytes;
	int64_t threads;
	int64_t transactions;
	int64_t ranges;        /* of a transaction */
	int64_t range_bytes;
	int64_t reads;         /* pages read by a transaction */
	int64_t flush_every;   /* a thread's transactions: each n-th is flushed */
	time_ps think_ps;
	bool crash;
	time_ps crash_at_ps;   /* 0: when the load is over */
};

/* As things stood at the crash, or stand now where none came. */
struct figures {
	uint64_t last_ended, last_durable, stale_bytes;
	uint64_t committed;           /* flushed and acknowledged, or ended without a flush */
	struct rvm_stats rvm;
	struct log_stats log;
	double amplification;
};

enum act { ACT_BEGIN, ACT_END, ACT_THINK };

struct recoverable;

struct worker {
	struct host_stream base; /* first */
	struct recoverable *all;
	struct host_thread *thread;
	struct rng *rng;
	struct rvm_tx *tx;
	uint64_t *word;
	uint64_t *offset;        /* of each range */
	uint64_t ended;
	time_ps began_ps;
};

struct recoverable {
	const struct recoverable_spec *spec;
	struct sim *sim;
	struct durable durable;
	struct host_region region[2]; /* log, segment */
	struct rvm rvm;
	struct host_space *space;
	struct host_track *track;     /* tracking `pages` only */
	struct worker *worker;
	struct event crash;
	uint64_t taken, flushed, acked, flush_failed;
	uint64_t unflushed;           /* ended without a flush: their threads went on at once */
	time_ps start_ps;             /* log and segment are made, the threads begin */
	time_ps load_ps;              /* when the last thread ended, or the power went before */
	bool cut_short;               /* it went before */
	struct hist latency;          /* of flushed transactions */
	bool stopping, started, recovered;
	enum blk_status status;
	/* as things stood at the crash */
	uint64_t *ended;              /* by page */
	uint64_t *durable_then;
	struct figures then;
	uint64_t wrong_pages;
};

/* ---- transactions ------------------------------------------------------------------------------------------------ */

static const uint64_t *next_words(struct host_stream *st, uint32_t *count)
{
	struct worker *w = (struct worker *)(void *)st;
	struct recoverable *c = w->all;
	const struct recoverable_spec *s = c->spec;
	if (c->stopping || c->taken == (uint64_t)s->transactions)
		return NULL;
	c->taken++;
	uint32_t n = 0;
	uint64_t page = (uint64_t)s->memory.page_bytes, pages = (uint64_t)s->memory.pages;
	if (s->think_ps > 0)
		w->word[n++] = HOST_REF_ACT | ACT_THINK;
	w->word[n++] = HOST_REF_ACT | ACT_BEGIN;
	for (int64_t i = 0; i < s->reads; i++)
		w->word[n++] = host_ref(rng_below(w->rng, pages), 0);
	for (int64_t i = 0; i < s->ranges; i++) {
		uint64_t p = rng_below(w->rng, pages), room = page - (uint64_t)s->range_bytes;
		w->offset[i] = p * page + (room ? rng_below(w->rng, room) : 0);
		w->word[n++] = host_ref(p, 1);
	}
	w->word[n++] = HOST_REF_ACT | ACT_END;
	*count = n;
	return w->word;
}

static void committed(void *owner, uint64_t number, enum blk_status status)
{
	struct worker *w = owner;
	struct recoverable *c = w->all;
	(void)number;
	if (status == BLK_OK) {
		c->acked++;
		hist_add(&c->latency, c->sim->now_ps - w->began_ps);
	} else {
		c->flush_failed++;
		c->stopping = true;
	}
	host_wake(w->thread);
}

static enum host_act begin(struct worker *w)
{
	struct recoverable *c = w->all;
	w->tx = rvm_begin(&c->rvm);
	if (!w->tx)
		return HOST_ACT_EXIT;
	if (c->track)
		host_track_begin(c->track);
	for (int64_t i = 0; !c->track && i < c->spec->ranges; i++)
		rvm_set_range(w->tx, w->offset[i], (uint64_t)c->spec->range_bytes);
	return HOST_ACT_DONE;
}

static enum host_act end(struct worker *w)
{
	struct recoverable *c = w->all;
	const struct host_cost_spec *cost = &c->durable.host->spec->cost;
	uint64_t set = (uint64_t)(c->spec->ranges * c->spec->range_bytes), copied = set;
	if (c->track) {
		host_track_end(c->track);
		copied = 0;
		for (uint64_t p = host_track_next(c->track, 0); p != UINT64_MAX; p = host_track_next(c->track, p + 1)) {
			rvm_set_page(w->tx, p);
			copied += (uint64_t)c->spec->memory.page_bytes;
		}
		rvm_count_set(w->tx, set);
	}
	host_charge(c->durable.host, time_transfer(copied, (uint64_t)cost->copy_rate, 1)); /* into the log's buffer */
	bool flush = ++w->ended % (uint64_t)c->spec->flush_every == 0;
	w->began_ps = c->sim->now_ps;
	c->flushed += flush;
	c->unflushed += !flush;
	rvm_end(w->tx, flush, committed, w);
	return flush ? HOST_ACT_SLEEP : HOST_ACT_DONE;
}

static enum host_act act(struct host_stream *st, struct host_thread *th, uint64_t word)
{
	struct worker *w = (struct worker *)(void *)st;
	switch ((enum act)(word & ~HOST_REF_ACT)) {
	case ACT_BEGIN:
		return begin(w);
	case ACT_END:
		return end(w);
	case ACT_THINK:
		break;
	}
	return host_think(th, w->all->spec->think_ps);
}

static const struct host_stream_ops worker_ops = {"transactions", next_words, act, NULL};

/* ---- crash and recovery ---------------------------------------------------------------------------------------------- */

/* Each page holds what was there at the crash, or something between that and what was known to be durable; nothing where recovery failed. */
static void compare(struct recoverable *c)
{
	for (int64_t p = 0; p < c->spec->memory.pages; p++) {
		uint64_t is = c->recovered ? rvm_content(&c->rvm, (uint64_t)p) : 0;
		c->wrong_pages += is < c->durable_then[p] || is > c->ended[p];
	}
}

static void recovered(void *owner, uint64_t arg, enum blk_status status)
{
	struct recoverable *c = owner;
	(void)arg;
	c->recovered = status == BLK_OK;
	c->status = status;
	compare(c);
}

static void power_is_back(void *ctx)
{
	struct recoverable *c = ctx;
	struct err e = {0};
	if (rvm_open(&c->rvm, c->durable.io, &c->region[1], &c->region[0], &c->spec->memory, 0, &e) < 0)
		sim_fail(c->sim, e.code, "%s", e.msg);
	else
		rvm_recover(&c->rvm, (struct host_io_then){recovered, c, 0});
}

static struct figures figures_now(const struct recoverable *c)
{
	return (struct figures){.last_ended = c->rvm.last_ended, .last_durable = c->rvm.last_durable,
		.stale_bytes = log_stale_bytes(&c->rvm.log), .committed = c->acked + c->unflushed, .rvm = c->rvm.stats,
		.log = c->rvm.log.stats, .amplification = rvm_write_amplification(&c->rvm)};
}

static void crash(struct recoverable *c)
{
	c->cut_short = c->load_ps == 0;
	c->load_ps = c->cut_short ? c->sim->now_ps : c->load_ps;
	sim_cancel(c->sim, &c->crash);
	c->then = figures_now(c);
	c->ended = c->rvm.ended; /* rvm_open() takes new arrays */
	c->durable_then = c->rvm.durable;
	rvm_drop(&c->rvm);
	durable_crash(&c->durable, power_is_back, c);
}

static void crash_event(struct sim *s, struct event *e)
{
	(void)s;
	struct recoverable *c = container_of(e, struct recoverable, crash);
	crash(c);
}

static void thread_ended(void *ctx, struct host_thread *th)
{
	struct recoverable *c = ctx;
	(void)th;
	if (!host_over(c->durable.host) || c->load_ps > 0)
		return;
	c->load_ps = c->sim->now_ps;
	sim_cancel(c->sim, &c->crash); /* one that was to come later */
	if (c->spec->crash)
		sim_schedule(c->sim, &c->crash, c->sim->now_ps);
}

/* ---- making one -------------------------------------------------------------------------------------------------------- */

static int fits(const struct recoverable_spec *s, const struct host_spec *h, struct err *e)
{
	int64_t most = s->ranges * ((s->memory.tracking == RVM_PAGES ? s->memory.page_bytes : s->range_bytes) + RVM_RANGE_BYTES);
	int64_t need = 4 * most + 16 * s->memory.log.block_bytes;
	if (s->memory.page_bytes != h->page_bytes)
		return err_set(e, ERR_CONFIG, "scenario.memory.page: the host's pages have %" PRId64 " bytes", h->page_bytes);
	if (h->frames < s->memory.pages + 16)
		return err_set(e, ERR_CONFIG, "host.frames: a segment of %" PRId64 " pages must be in memory as a whole, with 16 frames to spare",
			s->memory.pages);
	if (s->range_bytes > s->memory.page_bytes)
		return err_set(e, ERR_CONFIG, "scenario.range_size: a range lies within a page of %" PRId64 " bytes", s->memory.page_bytes);
	if (s->memory.tracking == RVM_PAGES && s->threads > 1)
		return err_set(e, ERR_CONFIG, "scenario.threads: page faults tell what one thread writes, not which of several");
	if (s->log_bytes < need)
		return err_set(e, ERR_CONFIG, "scenario.log_size: a transaction may take %" PRId64 " bytes, and four times that and 16 blocks of %" PRId64
			" bytes (scenario.memory.log.block) are %" PRId64 ", more than %" PRId64, most, s->memory.log.block_bytes, need, s->log_bytes);
	return 0;
}

static int open_workers(struct recoverable *c, uint64_t seed, struct err *e)
{
	struct arena *a = c->sim->arena;
	const struct recoverable_spec *s = c->spec;
	c->worker = arena_array(a, (size_t)s->threads, sizeof(*c->worker));
	for (int64_t i = 0; c->worker && i < s->threads; i++) {
		struct worker *w = &c->worker[i];
		char path[40];
		snprintf(path, sizeof(path), "recoverable/%" PRId64, i);
		w->base.ops = &worker_ops;
		w->all = c;
		w->rng = rng_new(a, seed, path);
		w->word = arena_array(a, (size_t)(s->reads + s->ranges) + 3, sizeof(*w->word));
		w->offset = arena_array(a, (size_t)s->ranges, sizeof(*w->offset));
		if (!w->rng || !w->word || !w->offset)
			return err_set(e, ERR_LIMIT, "no memory for the scenario's threads");
		w->thread = host_thread_new(c->space, &w->base, e);
		if (!w->thread)
			return -1;
	}
	return c->worker ? 0 : err_set(e, ERR_LIMIT, "no memory for the scenario's threads");
}

static int open_memory(struct recoverable *c, struct err *e)
{
	const struct host_area area = {.name = "segment", .pages = (uint64_t)c->spec->memory.pages, .pager = HOST_PAGER_ZERO, .writable = true};
	c->space = host_space_new(c->durable.host, "transactions", e);
	struct host_area *x = c->space ? host_area_add(c->space, &area, e) : NULL;
	if (!x)
		return -1;
	if (c->spec->memory.tracking == RVM_PAGES && !(c->track = host_track_new(c->space, x, HOST_TRACK_FAULTS, e)))
		return -1;
	return rvm_open(&c->rvm, c->durable.io, &c->region[1], &c->region[0], &c->spec->memory, 0, e);
}

static struct recoverable *of(struct scenario *sc) { return (struct recoverable *)(void *)sc; }

static void recoverable_close(struct scenario *sc) { durable_close(&of(sc)->durable); }

static struct scenario *recoverable_open(const struct scenario_env *env, const void *spec, struct err *e)
{
	struct recoverable *c = arena_alloc(env->sim->arena, sizeof(*c));
	const struct recoverable_spec *s = spec;
	if (!c || hist_init(&c->latency, env->sim->arena) < 0) {
		err_set(e, ERR_LIMIT, "no memory for the scenario recoverable-memory");
		return NULL;
	}
	c->spec = s;
	c->sim = env->sim;
	event_init(&c->crash, crash_event, "crash", EVENT_PRIO_SAMPLE);
	const struct host_region_spec want[] = {{"log", 0, BLK_CAUSE_LOG, (uint64_t)s->log_bytes / SECTOR_BYTES},
		{"segment", 0, BLK_CAUSE_FILE, (uint64_t)(s->memory.pages * s->memory.page_bytes) / SECTOR_BYTES}};
	if (fits(s, env->host, e) < 0)
		return NULL;
	if (durable_open(&c->durable, env, want, 2, c->region, e) < 0 || open_memory(c, e) < 0 || open_workers(c, env->seed, e) < 0) {
		durable_close(&c->durable);
		return NULL;
	}
	c->durable.host->ended = thread_ended;
	c->durable.host->ended_ctx = c;
	return (struct scenario *)(void *)c;
}

/* ---- the run, and what it tells ---------------------------------------------------------------------------------------- */

static void formatted(void *owner, uint64_t arg, enum blk_status status)
{
	struct recoverable *c = owner;
	(void)arg;
	c->started = status == BLK_OK;
	c->start_ps = c->sim->now_ps;
	if (c->started)
		host_start(c->durable.host);
}

static void recoverable_start(struct scenario *sc)
{
	struct recoverable *c = of(sc);
	rvm_format(&c->rvm, (struct host_io_then){formatted, c, 0});
	if (c->spec->crash_at_ps > 0)
		sim_schedule(c->sim, &c->crash, c->sim->now_ps + c->spec->crash_at_ps);
}

static void recoverable_crash(struct scenario *sc) { crash(of(sc)); }
static void recoverable_stop(struct scenario *sc) { of(sc)->stopping = true; }

static const struct recoverable *seen(const struct scenario *sc) { return (const struct recoverable *)(const void *)sc; }

static double recoverable_progress(const struct scenario *sc)
{
	return (double)seen(sc)->taken / (double)seen(sc)->spec->transactions;
}

static int recoverable_check(const struct scenario *sc, struct err *e)
{
	const struct recoverable *c = seen(sc);
	if (content_exhausted(c->durable.content) || blk_tags_exhausted(c->durable.dev->tags))
		return err_set(e, ERR_LIMIT, "no memory for the contents of what was written");
	if (c->started && !c->cut_short && c->acked + c->flush_failed != c->flushed)
		return err_set(e, ERR_CHECK, "of %" PRIu64 " flushed transactions %" PRIu64 " were acknowledged and %" PRIu64 " failed", c->flushed,
			c->acked, c->flush_failed);
	if (!c->durable.crashed && host_check(c->durable.host, true, e) < 0)
		return -1;
	return host_io_check(c->durable.io, e);
}

/* Why recovery failed. */
static const char *failure(const struct recoverable *c, char *to, size_t bytes)
{
	if (c->rvm.log.no_header)
		snprintf(to, bytes, "the log has no whole header");
	else if (c->rvm.stats.unmended_pages > 0)
		snprintf(to, bytes, "%" PRIu64 " pages of the segment hold what the log does not account for", c->rvm.stats.unmended_pages);
	else if (c->rvm.gap)
		snprintf(to, bytes, "an entry of the log is missing");
	else
		snprintf(to, bytes, "the device answers with %s", blk_status_name(c->status));
	return to;
}

static enum scenario_contract recoverable_contract(const struct scenario *sc, struct err *e)
{
	const struct recoverable *c = seen(sc);
	char why[120];
	if (!c->durable.crashed)
		return SCENARIO_UNTRIED;
	if (!c->started || (c->recovered && c->wrong_pages == 0 && c->rvm.last_ended >= c->then.last_durable))
		return SCENARIO_KEPT; /* before log and segment are made there need be none */
	if (c->recovered)
		err_set(e, ERR_CHECK, "recovery finds transactions up to %" PRIu64 ", those up to %" PRIu64 " were durable; %" PRIu64 " pages are wrong",
			c->rvm.last_ended, c->then.last_durable, c->wrong_pages);
	else
		err_set(e, ERR_CHECK, "recovery fails: %s; transactions up to %" PRIu64 " were durable, and %" PRIu64 " pages hold none of them",
			failure(c, why, sizeof(why)), c->then.last_durable, c->wrong_pages);
	return SCENARIO_BROKEN;
}

typedef void put_fn(void *ctx, const char *name, double value, const char *unit);

static void report_log(const struct recoverable *c, const struct figures *f, put_fn *put, void *ctx)
{
	const struct log_stats *l = &f->log;
	double block = (double)c->spec->memory.log.block_bytes;
	put(ctx, "log_records", (double)l->records, "");
	put(ctx, "transactions_per_record", l->records ? (double)l->record_entries / (double)l->records : 0, "");
	put(ctx, "log_bytes", (double)l->record_blocks * block, "B");
	put(ctx, "log_header_bytes", (double)l->header_blocks * block, "B");
	put(ctx, "log_truncations", (double)f->rvm.truncations, "");
	put(ctx, "log_full_waits", (double)l->waited_full, "");
	put(ctx, "log_most_used", (double)l->most_used * block, "B");
	put(ctx, "segment_bytes", (double)f->rvm.pages_written * (double)c->spec->memory.page_bytes, "B");
	put(ctx, "write_amplification", f->amplification, "");
	put(ctx, "stale_log_bytes", (double)f->stale_bytes, "B");
}

static void report_recovery(const struct recoverable *c, put_fn *put, void *ctx)
{
	uint64_t found = c->recovered ? c->rvm.last_ended : 0;
	put(ctx, "recovery_time", time_seconds(c->rvm.stats.recovery_ps), "s");
	put(ctx, "recovery_log_bytes", (double)c->rvm.log.stats.scanned_blocks * (double)c->spec->memory.log.block_bytes, "B");
	put(ctx, "recovery_redone_pages", (double)c->rvm.stats.redone_pages, "");
	put(ctx, "recovery_unmended_pages", (double)c->rvm.stats.unmended_pages, "");
	put(ctx, "recovered_transactions", (double)found, "");
	put(ctx, "lost_transactions", (double)(c->then.last_ended - found), "");
	put(ctx, "lost_acknowledged", found < c->then.last_durable ? (double)(c->then.last_durable - found) : 0, "");
	put(ctx, "wrong_pages", (double)c->wrong_pages, "");
}

static void recoverable_report(const struct scenario *sc, put_fn *put, void *ctx)
{
	const struct recoverable *c = seen(sc);
	const struct figures f = c->durable.crashed ? c->then : figures_now(c);
	double seconds = c->load_ps > c->start_ps ? time_seconds(c->load_ps - c->start_ps) : 1e-12, ended = f.last_ended ? (double)f.last_ended : 1;
	put(ctx, "transactions", (double)f.last_ended, "");
	put(ctx, "committed_transactions", (double)f.committed, "");
	put(ctx, "transactions_per_second", (double)f.committed / seconds, "1/s");
	put(ctx, "commit_mean", tally_mean(&c->latency.exact) * 1e-12, "s");
	put(ctx, "commit_p99", time_seconds(hist_quantile(&c->latency, .99)), "s");
	put(ctx, "commit_max", time_seconds(c->latency.exact.count ? c->latency.exact.max : 0), "s");
	put(ctx, "pages_per_transaction", (double)f.rvm.pages / ended, "");
	put(ctx, "faults_per_transaction", c->track ? (double)c->track->faults / ended : 0, "");
	report_log(c, &f, put, ctx);
	if (c->durable.crashed)
		report_recovery(c, put, ctx);
	host_report(c->durable.host, put, ctx);
}

/* ---- options ------------------------------------------------------------------------------------------------------------ */

#define FIELD(f) offsetof(struct recoverable_spec, f)
static int recoverable_spec_check(const void *bound, const char **key, char *why, size_t why_bytes)
{
	const struct recoverable_spec *s = bound;
	if (s->crash_at_ps == 0 || s->crash)
		return 0;
	*key = "crash_at";
	return snprintf(why, why_bytes, "is of no use without crash"), -1;
}

static const struct opt_row rows[] = {
	{.key = "memory", .type = OPT_GROUP, .offset = FIELD(memory), .group = &rvm_options, .doc = "segment and log"},
	{.key = "log_size", .type = OPT_SCALAR, .unit = UNIT_BYTES, .offset = FIELD(log_bytes), .min = "32 KiB", .max = "1 TiB",
	 .def = "4 MiB", .doc = "the log's area on the device: at least 16 blocks of it (memory.log.block) and four times what a transaction writes to it"},
	{.key = "threads", .type = OPT_SCALAR, .offset = FIELD(threads), .min = "1", .max = "4096", .def = "1",
	 .doc = "threads that do one transaction after another"},
	{.key = "transactions", .type = OPT_SCALAR, .offset = FIELD(transactions), .min = "1", .max = "1000000000", .def = "1000",
	 .doc = "of all threads"},
	{.key = "ranges", .type = OPT_SCALAR, .offset = FIELD(ranges), .min = "1", .max = "10000", .def = "4",
	 .doc = "ranges that a transaction writes, each within a page drawn at random"},
	{.key = "range_size", .type = OPT_SCALAR, .unit = UNIT_BYTES, .offset = FIELD(range_bytes), .min = "1 B", .max = "1 MiB",
	 .def = "128 B", .doc = "bytes of a range"},
	{.key = "reads", .type = OPT_SCALAR, .offset = FIELD(reads), .min = "0", .max = "10000", .def = "0",
	 .doc = "pages that a transaction reads first"},
	{.key = "flush_every", .type = OPT_SCALAR, .offset = FIELD(flush_every), .min = "1", .max = "1000000000", .def = "1",
	 .doc = "each n-th transaction of a thread waits until it is durable, the others end without a flush"},
	{.key = "think", .type = OPT_SCALAR, .unit = UNIT_TIME, .offset = FIELD(think_ps), .min = "0", .max = "3600 s", .def = "0",
	 .doc = "what a thread does before each transaction, asleep"},
	{.key = "crash", .type = OPT_BOOL, .offset = FIELD(crash), .def = "true",
	 .doc = "the power goes, and the segment is recovered"},
	{.key = "crash_at", .type = OPT_SCALAR, .unit = UNIT_TIME, .offset = FIELD(crash_at_ps), .min = "0", .max = "1000000 s", .def = "0",
	 .doc = "when that is, from the beginning of the run, which makes log and segment first, where the load is not over before; 0: when it is over"},
	{0},
};
static const struct opt_group recoverable_options = {"recoverable-memory", "transactions on recoverable virtual memory", rows,
	sizeof(struct recoverable_spec), recoverable_spec_check};

static const struct host *recoverable_machine(const struct scenario *sc) { return seen(sc)->durable.host; }

const struct scenario_ops scenario_recoverable = {
	.name = "recoverable-memory",
	.doc = "transactions on memory that outlives crashes: redo log, group commit, truncation, recovery after a power cut",
	.options = &recoverable_options,
	.open = recoverable_open,
	.close = recoverable_close,
	.start = recoverable_start,
	.stop = recoverable_stop,
	.crash = recoverable_crash,
	.progress = recoverable_progress,
	.check = recoverable_check,
	.contract = recoverable_contract,
	.machine = recoverable_machine,
	.report = recoverable_report,
};
