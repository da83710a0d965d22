/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A program that takes checkpoints of itself, a power cut at its end, and a restart (host/ckpt.h on the machine's images and
 * tracks). All threads stop at a safe point, then the last of them freezes the program. From what checkpoints cost on this device
 * the study of intervals works out how often to take them where failures come at random (host/young_daly.h).
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "host/point_private.h"

#define BATCH_MOST 4096

struct worker {
	struct host_stream base; /* first */
	struct point *all;
	struct host_thread *thread;
	struct host_stream *load;
	const uint64_t *word;
	uint32_t words;          /* left of the load's batch */
	uint64_t out[BATCH_MOST + 1];
};

/* ---- the program ---------------------------------------------------------------------------------------------------- */

static const uint64_t *next_words(struct host_stream *st, uint32_t *count)
{
	struct worker *w = (struct worker *)(void *)st;
	uint32_t most = (uint32_t)w->all->spec->safe_point;
	if (w->words == 0 && (w->all->stopping || !(w->word = w->load->ops->next(w->load, &w->words))))
		return NULL;
	uint32_t n = w->words < most ? w->words : most;
	for (uint32_t i = 0; i < n; i++)
		w->out[i] = w->word[i];
	w->out[n] = HOST_REF_ACT;
	w->word += n;
	w->words -= n;
	*count = n + 1;
	return w->out;
}

static void take(struct point *c);

/* Those who stand at the safe point are all there are. */
static void arrived(struct point *c)
{
	if (c->wanted && !c->frozen && c->arrived > 0 && c->arrived == c->durable.host->alive)
		take(c);
}

static enum host_act act(struct host_stream *st, struct host_thread *th, uint64_t word)
{
	struct point *c = ((struct worker *)(void *)st)->all;
	(void)th;
	(void)word;
	if (!c->wanted)
		return HOST_ACT_DONE;
	if (c->arrived++ == 0)
		c->stopped_ps = c->sim->now_ps;
	arrived(c);
	return HOST_ACT_SLEEP;
}

static const struct host_stream_ops worker_ops = {"program", next_words, act, NULL};

/* ---- checkpoints ------------------------------------------------------------------------------------------------------ */

static bool was_written(const struct host_track *t, uint64_t vpn) { return t->written[vpn / 64] >> vpn % 64 & 1; }

/* Under the number that it will have: who restarts may find it before it is known to be valid. */
static void remember(struct point *c)
{
	uint64_t number = c->ckpt.number + 1, *saved = c->saved[number & 1];
	c->asked_ps[number & 1] = c->sim->now_ps;
	for (int64_t p = 0; p < c->spec->load.pages; p++)
		saved[p] = 0;
	for (uint64_t i = 0; i < c->image->pages; i++)
		saved[c->image->page[i].vpn] = host_image_content(c->image, i);
}

static uint32_t freeze(void *ctx, bool changed, uint32_t *page, time_ps *took_ps)
{
	struct point *c = ctx;
	struct host *h = c->durable.host;
	time_ps charged = h->charge_ps;
	struct err e = {0};
	uint32_t n = 0;
	host_image_free(c->image);
	c->image = host_image_new(c->space, c->spec->checkpoint.resume == CKPT_RESUME_PROTECTED, &e);
	if (!c->image) {
		sim_fail(c->sim, e.code, "%s", e.msg);
		return 0;
	}
	remember(c);
	if (c->track && !c->frozen)
		host_track_collect(c->track);
	for (uint64_t i = 0; i < c->image->pages; i++) {
		uint64_t vpn = c->image->page[i].vpn;
		if (changed && c->track && !was_written(c->track, vpn)) {
			host_image_release(c->image, i);
			continue;
		}
		c->index[n] = (uint32_t)i;
		page[n++] = (uint32_t)vpn;
	}
	if (c->track && !c->frozen)
		host_track_renew(c->track);
	c->frozen = true;
	*took_ps += h->charge_ps - charged;
	h->charge_ps = charged;
	return n;
}

static void resume(void *ctx)
{
	struct point *c = ctx;
	sim_schedule(c->sim, &c->go, c->sim->now_ps);
}

/* Of the last checkpoint begun; there is one. */
static struct taken *last_taken(const struct point *c) { return &c->taken[c->count <= TAKEN_MOST ? c->count - 1 : TAKEN_MOST]; }

static void go_event(struct sim *s, struct event *e)
{
	(void)s;
	struct point *c = container_of(e, struct point, go);
	c->wanted = c->frozen = false;
	c->arrived = 0;
	for (int64_t i = 0; i < c->spec->threads; i++)
		if (c->worker[i].thread->state != HOST_THREAD_ENDED)
			host_wake(c->worker[i].thread);
}

static uint64_t content(void *ctx, uint32_t i)
{
	const struct point *c = ctx;
	return host_image_content(c->image, c->index[i]);
}

static void release(void *ctx, uint32_t i)
{
	struct point *c = ctx;
	host_image_release(c->image, c->index[i]);
}

static const struct ckpt_source_ops program = {freeze, resume, content, release};

static void taken(void *owner, uint64_t arg, enum blk_status status)
{
	struct point *c = owner;
	struct taken *x = last_taken(c);
	(void)arg;
	x->t = c->ckpt.now;
	x->copies = c->durable.host->n.cow_copies - x->copies;
	x->valid = status == BLK_OK;
	if (!x->valid)
		return;
	c->valid = c->ckpt.number;
	c->barrier_ps += x->t.asked_ps - x->stopped_ps;
	c->copies += x->copies;
}

static void take(struct point *c)
{
	c->count++;
	*last_taken(c) = (struct taken){.stopped_ps = c->stopped_ps, .copies = c->durable.host->n.cow_copies};
	ckpt_take(&c->ckpt, (struct host_io_then){taken, c, 0});
}

/* One is due; while the last one is under way it is left out. */
static void due_event(struct sim *s, struct event *e)
{
	struct point *c = container_of(e, struct point, due);
	if (c->over)
		return;
	c->wanted |= ckpt_idle(&c->ckpt);
	sim_schedule(s, e, s->now_ps + c->spec->interval_ps);
}

/* ---- the end: crash and restart ---------------------------------------------------------------------------------------- */

static void restarted(void *owner, uint64_t arg, enum blk_status status)
{
	struct point *c = owner;
	(void)arg;
	c->restarted = true;
	c->status = status;
	if (status != BLK_OK)
		return;
	const uint64_t *saved = c->saved[c->ckpt.number & 1];
	for (int64_t p = 0; p < c->spec->load.pages; p++)
		c->wrong_pages += saved[p] != c->found[p];
}

static void visit(void *ctx, uint32_t page, uint64_t is) { ((struct point *)ctx)->found[page] = is; }

static int open_ckpt(struct point *c, struct err *e)
{
	return ckpt_open(&c->ckpt, c->durable.io, &c->region, &c->spec->checkpoint, (uint32_t)c->spec->load.pages, &program, c, 0, e);
}

static void power_is_back(void *ctx)
{
	struct point *c = ctx;
	struct err e = {0};
	if (open_ckpt(c, &e) < 0)
		sim_fail(c->sim, e.code, "%s", e.msg);
	else
		ckpt_restart(&c->ckpt, visit, c, (struct host_io_then){restarted, c, 0});
}

static void crash(struct point *c)
{
	c->then = c->ckpt.stats;
	if (!c->over)
		c->end_ps = c->sim->now_ps;
	c->over = true;
	sim_cancel(c->sim, &c->due);
	sim_cancel(c->sim, &c->go);
	sim_cancel(c->sim, &c->crash);
	ckpt_drop(&c->ckpt);
	durable_crash(&c->durable, power_is_back, c);
}

static void crash_event(struct sim *s, struct event *e)
{
	(void)s;
	crash(container_of(e, struct point, crash));
}

static void thread_ended(void *ctx, struct host_thread *th)
{
	struct point *c = ctx;
	(void)th;
	arrived(c);
	if (!host_over(c->durable.host) || c->over)
		return;
	c->over = true;
	c->end_ps = c->sim->now_ps;
	sim_cancel(c->sim, &c->due);
	if (!c->spec->crash || c->durable.crashed)
		return;
	sim_cancel(c->sim, &c->crash); /* one that was to come later */
	sim_schedule(c->sim, &c->crash, c->sim->now_ps); /* a checkpoint under way does not live to see its end */
}

/* ---- making one --------------------------------------------------------------------------------------------------------- */

static int fits(const struct point_spec *s, const struct host_spec *h, struct err *e)
{
	int64_t need = 2 * s->load.pages + 2 * s->threads + 16;
	if (s->checkpoint.page_bytes != h->page_bytes)
		return err_set(e, ERR_CONFIG, "scenario.checkpoint.page: the host's pages have %" PRId64 " bytes", h->page_bytes);
	if (h->frames < need)
		return err_set(e, ERR_CONFIG, "host.frames: a program of %" PRId64 " pages, a copy of each and some to spare take %" PRId64
			" frames", s->load.pages, need);
	return 0;
}

static int open_arrays(struct point *c, struct err *e)
{
	struct arena *a = c->sim->arena;
	size_t pages = (size_t)c->spec->load.pages;
	c->index = arena_array(a, pages, sizeof(*c->index));
	for (int i = 0; i < 2; i++)
		c->saved[i] = arena_array(a, pages, sizeof(*c->found));
	c->found = arena_array(a, pages, sizeof(*c->found));
	c->taken = arena_array(a, TAKEN_MOST + 1, sizeof(*c->taken));
	c->worker = arena_array(a, (size_t)c->spec->threads, sizeof(*c->worker));
	if (!c->index || !c->saved[0] || !c->saved[1] || !c->found || !c->taken || !c->worker)
		return err_set(e, ERR_LIMIT, "no memory for the scenario checkpoint");
	return 0;
}

static int open_program(struct point *c, uint64_t seed, struct err *e)
{
	const struct point_spec *s = c->spec;
	const struct host_area area = {.name = "data", .pages = (uint64_t)s->load.pages, .pager = HOST_PAGER_ZERO, .writable = true};
	c->space = host_space_new(c->durable.host, "program", e);
	struct host_area *x = c->space ? host_area_add(c->space, &area, e) : NULL;
	if (!x)
		return -1;
	if (s->checkpoint.content == CKPT_CHANGED &&
	    !(c->track = host_track_new(c->space, x, (enum host_track_kind)s->tracking, e)))
		return -1;
	if (c->track)
		host_track_begin(c->track);
	struct host_zipf zipf = {0};
	for (int64_t i = 0; i < s->threads; i++) {
		struct worker *w = &c->worker[i];
		char path[40];
		snprintf(path, sizeof(path), "checkpoint/%" PRId64, i);
		w->base.ops = &worker_ops;
		w->all = c;
		w->load = host_stream_pattern(c->sim->arena, &s->load, 0, seed, path, &zipf);
		w->thread = w->load ? host_thread_new(c->space, &w->base, e) : NULL;
		if (!w->thread)
			return err_set(e, ERR_LIMIT, "no memory for the program's threads");
	}
	return 0;
}

static struct point *of(struct scenario *sc) { return (struct point *)(void *)sc; }

static void point_close(struct scenario *sc)
{
	struct point *c = of(sc);
	if (c->image)
		free(c->image->page);
	free(c->image);
	c->image = NULL;
	durable_close(&c->durable);
}

static struct scenario *point_open(const struct scenario_env *env, const void *spec, struct err *e)
{
	struct point *c = arena_alloc(env->sim->arena, sizeof(*c));
	const struct point_spec *s = spec;
	if (!c) {
		err_set(e, ERR_LIMIT, "no memory for the scenario checkpoint");
		return NULL;
	}
	c->spec = s;
	c->env = env;
	c->sim = env->sim;
	event_init(&c->due, due_event, "checkpoint due", EVENT_PRIO_WORKLOAD);
	event_init(&c->go, go_event, "program resumes", EVENT_PRIO_WORKLOAD);
	event_init(&c->crash, crash_event, "crash", EVENT_PRIO_SAMPLE);
	uint64_t image = (uint64_t)(s->load.pages + 1 + s->load.pages / 512) * (uint64_t)s->checkpoint.page_bytes / SECTOR_BYTES;
	/* an area holds a whole image and as much again twice for deltas */
	const struct host_region_spec want = {"checkpoint", 0, BLK_CAUSE_CHECKPOINT,
		2 * (s->checkpoint.content == CKPT_CHANGED ? 3 * image : image) + 4 * (uint64_t)s->checkpoint.page_bytes / SECTOR_BYTES};
	if (fits(s, env->host, e) < 0)
		return NULL;
	if (durable_open(&c->durable, env, &want, 1, &c->region, e) < 0 || open_arrays(c, e) < 0 || open_program(c, env->seed, e) < 0 ||
	    open_ckpt(c, e) < 0) {
		durable_close(&c->durable);
		return NULL;
	}
	c->durable.host->ended = thread_ended;
	c->durable.host->ended_ctx = c;
	return (struct scenario *)(void *)c;
}

/* ---- the run ---------------------------------------------------------------------------------------- */

static void point_start(struct scenario *sc)
{
	struct point *c = of(sc);
	host_start(c->durable.host);
	sim_schedule(c->sim, &c->due, c->sim->now_ps + c->spec->interval_ps);
	if (c->spec->crash_at_ps > 0)
		sim_schedule(c->sim, &c->crash, c->sim->now_ps + c->spec->crash_at_ps);
}

static void point_crash(struct scenario *sc) { crash(of(sc)); }
static void point_stop(struct scenario *sc) { of(sc)->stopping = true; }

static double point_progress(const struct scenario *sc)
{
	const struct host_pattern_spec *l = &point_of(sc)->spec->load;
	double all = (double)l->references * (double)l->burst * (double)point_of(sc)->spec->threads;
	return (double)point_of(sc)->durable.host->n.references / all;
}

static int point_check(const struct scenario *sc, struct err *e)
{
	const struct point *c = point_of(sc);
	if (content_exhausted(c->durable.content) || blk_tags_exhausted(c->durable.dev->tags))
		return err_set(e, ERR_LIMIT, "no memory for the contents of what was written");
	if (!c->over)
		return err_set(e, ERR_CHECK, "the program did not come to its end");
	if (!c->durable.crashed && host_check(c->durable.host, true, e) < 0)
		return -1;
	return host_io_check(c->durable.io, e);
}

static enum scenario_contract point_contract(const struct scenario *sc, struct err *e)
{
	const struct point *c = point_of(sc);
	if (!c->durable.crashed)
		return SCENARIO_UNTRIED;
	bool whole = c->status == BLK_OK && c->restarted && c->wrong_pages == 0;
	if (c->valid == 0 ? whole || c->ckpt.number == 0 : whole && c->ckpt.number >= c->valid)
		return SCENARIO_KEPT; /* before the first is valid there need be none */
	err_set(e, ERR_CHECK, "the restart (%s) finds checkpoint %" PRIu64 ", %" PRIu64 " was valid; %" PRIu64 " pages are wrong",
		blk_status_name(c->status), c->ckpt.number, c->valid, c->wrong_pages);
	return SCENARIO_BROKEN;
}

static const struct host *point_machine(const struct scenario *sc) { return point_of(sc)->durable.host; }

const struct scenario_ops scenario_checkpoint = {
	.name = "checkpoint",
	.doc = "a program takes checkpoints (stop-and-copy, copy-on-write, incremental), loses its power, and restarts; how often is best",
	.options = &point_options,
	.open = point_open,
	.close = point_close,
	.start = point_start,
	.stop = point_stop,
	.crash = point_crash,
	.progress = point_progress,
	.check = point_check,
	.contract = point_contract,
	.machine = point_machine,
	.report = point_report,
	.table = point_table,
	.note = point_note,
};
