/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the scenario checkpoint tells: figures, and the tables of its checkpoints and of the study of intervals. */
#include <inttypes.h>

#include "host/point_private.h"
#include "host/young_daly.h"

/* Of all checkpoints that are valid, in seconds. */
struct means {
	double stop, valid, pages, copies, barrier;
};

/* Up to the crash, where one came. */
static const struct ckpt_stats *stats_of(const struct point *c) { return c->durable.crashed ? &c->then : &c->ckpt.stats; }

static struct means means_of(const struct point *c)
{
	const struct ckpt_stats *s = stats_of(c);
	double n = s->checkpoints > 0 ? (double)s->checkpoints : 1;
	return (struct means){.stop = time_seconds(s->down_ps) / n, .valid = time_seconds(s->valid_ps) / n, .pages = (double)s->pages / n,
		.copies = (double)c->copies / n, .barrier = time_seconds(c->barrier_ps) / n};
}

typedef void put_fn(void *ctx, const char *name, double value, const char *unit);

/* All, where the restart found nothing, or what is of no use: an older one than the last two, too, as those alone are known. */
static time_ps lost_work(const struct point *c)
{
	if (!c->restarted || c->status != BLK_OK || c->wrong_pages > 0)
		return c->end_ps;
	return c->end_ps - c->asked_ps[c->ckpt.number & 1];
}

static void report_restart(const struct point *c, put_fn *put, void *ctx)
{
	put(ctx, "restart_time", time_seconds(c->ckpt.stats.restart_ps), "s");
	put(ctx, "restart_pages", (double)c->ckpt.stats.restart_pages, "");
	put(ctx, "restart_checkpoint", (double)c->ckpt.number, "");
	put(ctx, "lost_work", time_seconds(lost_work(c)), "s");
}

void point_report(const struct scenario *sc, put_fn *put, void *ctx)
{
	const struct point *c = point_of(sc);
	const struct ckpt_stats *s = stats_of(c);
	struct means m = means_of(c);
	double mtbf = time_seconds(c->spec->mtbf_ps);
	put(ctx, "checkpoints", (double)s->checkpoints, "");
	put(ctx, "resume_after", m.stop, "s");
	put(ctx, "valid_after", m.valid, "s");
	put(ctx, "safe_point_wait", m.barrier, "s");
	put(ctx, "pages_per_checkpoint", m.pages, "");
	put(ctx, "copies_per_checkpoint", m.copies, "");
	put(ctx, "incremental", (double)s->deltas, "");
	put(ctx, "chains_cut", (double)s->no_room, "");
	put(ctx, "merges", (double)s->merges, "");
	put(ctx, "merge_time", s->merges ? time_seconds(s->merge_ps) / (double)s->merges : 0, "s");
	put(ctx, "run_time", time_seconds(c->end_ps), "s");
	put(ctx, "young_interval", young_interval(m.stop, mtbf), "s");
	put(ctx, "daly_interval", daly_interval(m.stop, mtbf), "s");
	put(ctx, "shortest_interval", m.valid - m.stop, "s");
	if (c->durable.crashed)
		report_restart(c, put, ctx);
	host_report(c->durable.host, put, ctx);
}

static void checkpoint_table(const struct point *c, FILE *out)
{
	fputs("checkpoint,frozen_s,resumed_s,valid_s,resume_after_s,valid_after_s,pages,copies,whole\n", out);
	for (uint64_t i = 0; i < c->count && i < TAKEN_MOST; i++) {
		const struct taken *x = &c->taken[i];
		if (x->valid)
			fprintf(out, "%" PRIu64 ",%.9f,%.9f,%.9f,%.9f,%.9f,%" PRIu32 ",%" PRIu64 ",%d\n", i + 1, time_seconds(x->t.asked_ps),
				time_seconds(x->t.resumed_ps), time_seconds(x->t.valid_ps), time_seconds(x->t.resumed_ps - x->t.asked_ps),
				time_seconds(x->t.valid_ps - x->t.asked_ps), x->t.pages, x->copies, x->t.whole);
	}
	if (c->count > TAKEN_MOST)
		fprintf(out, "# the table ends here: %" PRIu64 " more checkpoints were begun\n", c->count - TAKEN_MOST);
}

/* There was one, and it found what it was to find. */
static bool restart_measured(const struct point *c) { return c->restarted && c->status == BLK_OK; }

static void study_table(const struct point *c, FILE *out)
{
	struct means m = means_of(c);
	const struct failure_study s = {.stop = m.stop, .valid = m.valid,
		.restart = restart_measured(c) ? time_seconds(c->ckpt.stats.restart_ps) : 0,
		.mtbf = time_seconds(c->spec->mtbf_ps), .work = 100 * time_seconds(c->spec->mtbf_ps)};
	const bool any = stats_of(c)->checkpoints > 0;
	struct arena *a = any ? arena_new() : NULL;
	failure_table(&s, c->spec->study_jobs, a ? rng_new(a, c->sim->seed, "checkpoint/failures") : NULL, c->env->stop, out);
	arena_free(a);
	if (!any)
		fputs("# no checkpoint became valid: there is nothing to study\n", out);
	else if (!restart_measured(c))
		fputs("# no restart was measured: here it takes no time; one of R seconds makes both times per work exp(R / mtbf) times as long\n", out);
}

const char *point_table(const struct scenario *sc, unsigned index, FILE *out)
{
	if (index > 1)
		return NULL;
	if (out)
		(index == 0 ? checkpoint_table : study_table)(point_of(sc), out);
	return index == 0 ? "checkpoints" : "interval-study";
}

/* ---- notes ----------------------------------------------------------------------------------------------------------------- */

static bool note_none_found(const struct point *c, char *out, size_t bytes)
{
	if (!c->durable.crashed || c->valid > 0 || c->ckpt.number > 0)
		return false;
	snprintf(out, bytes, "The power went before a checkpoint was valid: there was none to restart from, and all its work is lost.");
	return true;
}

static bool note_no_restart(const struct point *c, char *out, size_t bytes)
{
	if (restart_measured(c) || stats_of(c)->checkpoints == 0)
		return false;
	snprintf(out, bytes, "No restart was measured, so that in the study of intervals (hist/interval-study.csv) it takes no time: one of R seconds makes "
		"its times per work exp(R / mtbf) times as long, at each interval alike.");
	return true;
}

/* The expected time falls towards Daly's interval from above, however long the way from going on until valid is: expected_wall(). */
static bool note_daly(const struct point *c, char *out, size_t bytes)
{
	struct means m = means_of(c);
	double daly = daly_interval(m.stop, time_seconds(c->spec->mtbf_ps)), shortest = m.valid - m.stop;
	if (stats_of(c)->checkpoints == 0 || daly >= shortest)
		return false;
	snprintf(out, bytes, "Daly's interval (daly_interval, %.3g s) cannot be had on %s: %.3g s pass from when the program goes on until its checkpoint is "
		"valid (shortest_interval), and no other begins before. The shortest interval that can be is the best.", daly, c->durable.dev->name, shortest);
	return true;
}

static bool note_chain(const struct point *c, char *out, size_t bytes)
{
	const struct ckpt_stats *s = stats_of(c);
	if (s->no_room == 0)
		return false;
	snprintf(out, bytes, "On %s incremental checkpoints found no room behind their chain and became whole ones (chains_cut: %" PRIu64 "): an area holds a whole "
		"image and as much again twice, too little for chains of scenario.checkpoint.chain (%" PRId64 ") with so much changed between two.",
		c->durable.dev->name, s->no_room, c->spec->checkpoint.chain);
	return true;
}

bool point_note(const struct scenario *sc, unsigned index, char *out, size_t bytes)
{
	static bool (*const notes[])(const struct point *c, char *out, size_t bytes) = {note_none_found, note_no_restart, note_daly, note_chain};
	for (unsigned i = 0; i < sizeof(notes) / sizeof(notes[0]); i++)
		if (notes[i](point_of(sc), out, bytes) && index-- == 0)
			return true;
	return false;
}
