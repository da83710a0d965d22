/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One run: open, drive, check, condense, write. */
#include "run/run.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "run/export.h"
#include "run/reqlog.h"
#include "run/run_write.h"
#include "run/rundir.h"
#include "run/state_file.h"
#include "run/timeline_file.h"

#define EVENTS_PER_GLANCE 65536
#define PROGRESS_S 0.2

/* What is open while a run goes on. */
struct going {
	struct run *run;
	const struct run_options *o;
	struct rundir *dir;     /* owned; NULL: no output */
	FILE *series;           /* owned; in dir */
	struct outfile *log;    /* owned */
	struct export *export;  /* owned; NULL: no trace is wanted */
	struct timeline_file *timeline; /* owned; NULL: none is wanted */
	struct state_file *state; /* owned; NULL: it is not saved */
	double started_s;
	double shown_s;
	bool interrupted;
	struct err *e;
};

static double wall_s(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* ---- driving ------------------------------------------------------------------------------- */

/* Between slices of events: signals, progress, disks that are full. -1 stops the run. */
static int glance(struct going *g)
{
	struct run *r = g->run;
	if (g->o->stop && *g->o->stop && !g->interrupted) {
		g->interrupted = true;
		system_stop(r->system);
	}
	if (g->series && ferror(g->series))
		return err_set(g->e, ERR_IO, "cannot write %s/series.csv: some of it was lost (is the disk "
			"full?)", rundir_name(g->dir));
	if (g->log && ferror(outfile_stream(g->log)))
		return outfile_finish(g->log, false, g->e);
	if (g->export && ferror(outfile_stream(export_file(g->export))))
		return outfile_finish(export_file(g->export), false, g->e);
	if (g->timeline && ferror(outfile_stream(timeline_file_out(g->timeline))))
		return timeline_file_finish(g->timeline, false, g->e);
	if (!g->o->progress)
		return 0;
	double now = wall_s();
	if (now - g->shown_s < PROGRESS_S)
		return 0;
	g->shown_s = now;
	struct run_progress p = {
		.completed = r->observe.seen,
		.fraction = system_progress(r->system, r->observe.seen),
		.now_ps = r->system->sim->now_ps,
		.wall_s = now - g->started_s,
	};
	g->o->progress(g->o->ctx, &p);
	return 0;
}

static int drive(struct going *g)
{
	static const volatile sig_atomic_t never;
	const volatile sig_atomic_t *stop = g->o->stop ? g->o->stop : &never;
	struct sim *sim = g->run->system->sim;
	bool more = true;
	system_start(g->run->system);
	while (more) {
		for (int i = 0; i < EVENTS_PER_GLANCE && more && (!*stop || g->interrupted); i++)
			more = sim_step(sim);
		if (glance(g) < 0)
			return -1;
	}
	g->run->events = sim->fired;
	if (sim->err.code)
		return err_set(g->e, sim->err.code, "%s", sim->err.msg);
	if (g->run->observe.out_of_memory)
		return err_set(g->e, ERR_LIMIT, "no memory for what is measured");
	return 0;
}

/* The devices that can, are to note what they do; one at least must be able to. */
static int watch_devices(struct going *g)
{
	const struct plan_stats *st = &g->run->plan->stats;
	const struct system *s = g->run->system;
	size_t watched = 0;
	if (st->gantt_to_ps == 0)
		return 0;
	for (size_t i = 0; i < s->devices; i++) {
		if (!s->device[i]->ops->watch)
			continue;
		if (s->device[i]->ops->watch(s->device[i], st->gantt_from_ps, st->gantt_to_ps, g->e) < 0)
			return -1;
		watched++;
	}
	if (watched > 0)
		return 0;
	return err_set(g->e, ERR_CONFIG, "stats.gantt: no device of this run notes what its parts do (%s is a %s; disks and solid-state "
		"drives would)", s->device[0]->name, s->device[0]->ops->name);
}

/* ---- the phases ---------------------------------------------------------------------------- */

/* How the trace's format numbers the kind of request that it calls so; 0: it has none. */
static uint8_t kind_number(const struct system *s, const char *name)
{
	const char *const *kinds = s->reader ? trace_reader_format(s->reader)->kinds : NULL;
	for (uint8_t k = 0; kinds && kinds[k]; k++)
		if (!strcmp(kinds[k], name))
			return (uint8_t)(k + 1);
	return 0;
}

static int open_state(struct going *g)
{
	const char *name = g->o->save_state;
	if (!name)
		return 0;
	if (g->run->plan->replay.power_cut_ps > 0)
		return err_set(g->e, ERR_USAGE, "--save-state %s: after a power cut the devices are off, and a state is saved at rest "
			"only", name);
	g->state = state_file_new(name, g->o->force, g->e);
	return g->state ? 0 : -1;
}

static int open_all(struct going *g)
{
	struct run *r = g->run;
	const struct run_options *o = g->o;
	if (open_state(g) < 0)
		return -1;
	if (!o->no_output) {
		g->dir = rundir_open(o->output, o->force, g->e);
		if (!g->dir)
			return -1;
	}
	r->system = system_open_saved(r->plan, o->load_state, observe_request, &r->observe, g->e);
	if (!r->system)
		return -1;
	if (r->system->hosts)
		hosts_watch(r->system->hosts, o->stop);
	if (g->dir) {
		g->series = rundir_create(g->dir, "series.csv", g->e);
		if (!g->series)
			return -1;
	}
	struct arena *a = r->system->sim->arena;
	if (observe_init(&r->observe, a, &r->plan->stats, g->series) < 0 ||
	    observe_devices(&r->observe, a, r->system->device, r->system->devices, r->plan->stats.window_ps) < 0)
		return err_set(g->e, ERR_LIMIT, "no memory for the histograms");
	if (watch_devices(g) < 0)
		return -1;
	r->observe.queue = r->system->hosts ? NULL : r->system->queue;
	r->observe.dev = r->system->dev;
	r->observe.queue_count = r->system->count;
	r->observe.residuals.hit_kind = kind_number(r->system, "Hit");
	r->observe.residuals.miss_kind = kind_number(r->system, "Miss");
	if (o->request_log) {
		g->log = reqlog_open(o->request_log, o->force, g->e);
		if (!g->log)
			return -1;
		r->observe.log = outfile_stream(g->log);
	}
	if (o->export_trace) {
		g->export = export_open(o->export_trace, o->force, r->system->dev, r->system->count, g->e);
		if (!g->export)
			return -1;
	}
	if (o->timeline) {
		r->observe.timeline = g->timeline = timeline_file_open(o->timeline, o->force, r->system, g->e);
		if (!g->timeline)
			return -1;
	}
	return 0;
}

static int condense(struct going *g)
{
	struct run *r = g->run;
	time_ps end = system_end(r->system);
	r->wall_s = wall_s() - g->started_s;
	observe_finish(&r->observe, end);
	if (system_verify(r->system, g->e) < 0)
		return -1;
	if (summary_make(&r->summary, r->system, &r->observe, end) < 0)
		return err_set(g->e, ERR_LIMIT, "no memory for the summary");
	r->summary.checks_held = true;
	if (g->interrupted) {
		snprintf(r->reason, sizeof(r->reason), "interrupted by a signal after %" PRIu64 " requests",
			r->observe.seen);
		r->summary.partial = true;
		r->summary.partial_reason = r->reason;
	}
	return 0;
}

static int write_directory(struct going *g)
{
	struct run *r = g->run;
	FILE *series = g->series;
	g->series = NULL;
	if (rundir_close(g->dir, series, "series.csv", g->e) < 0 ||
	    run_write(r, g->o, g->dir, g->e) < 0 || rundir_commit(g->dir, g->e) < 0)
		return -1;
	g->interrupted = r->summary.partial;
	r->directory = strdup(rundir_name(g->dir));
	return r->directory ? 0 : err_set(g->e, ERR_LIMIT, "no memory for the run directory's name");
}

/* After all the rest: what the run has given is not lost with the state. */
static int save_state(struct going *g)
{
	const struct run *r = g->run;
	struct err e = {0};
	if (state_file_write(g->state, r->system->device, r->system->devices, &e) == 0)
		return 0;
	return err_set(g->e, e.code, "%s%s%s", e.msg, r->directory ? "; the results stand in " : "", r->directory ? r->directory : "");
}

static int write_all(struct going *g)
{
	struct run *r = g->run;
	r->observe.log = NULL;
	if (g->log && outfile_finish(g->log, !g->interrupted, g->e) < 0)
		return -1;
	if (g->export && outfile_finish(export_file(g->export), !g->interrupted, g->e) < 0)
		return -1;
	r->export_left_out = g->export ? export_left_out(g->export) : 0;
	r->observe.timeline = NULL;
	if (g->timeline && timeline_file_finish(g->timeline, !g->interrupted, g->e) < 0)
		return -1;
	if (g->timeline)
		snprintf(r->timeline_note, sizeof(r->timeline_note), "%s", timeline_file_note(g->timeline));
	if (g->dir && write_directory(g) < 0)
		return -1;
	return g->state && !g->interrupted ? save_state(g) : 0;
}

/* "; the request log so far is NAME", where there is such a file. */
static void name_partial(char *text, size_t bytes, const char *what, struct outfile *f)
{
	text[0] = '\0';
	if (f && strcmp(outfile_name(f), "-") != 0)
		snprintf(text, bytes, "; the %s so far is %s", what, outfile_name(f));
}

static void say_interrupted(const struct going *g)
{
	const struct run *r = g->run;
	char log[512], trace[512], timeline[512];
	name_partial(log, sizeof(log), "request log", g->log);
	name_partial(trace, sizeof(trace), "exported trace", g->export ? export_file(g->export) : NULL);
	name_partial(timeline, sizeof(timeline), "timeline", g->timeline ? timeline_file_out(g->timeline) : NULL);
	err_set(g->e, ERR_INTERRUPTED, "interrupted after %" PRIu64 " requests%s%s%s%s%s", r->observe.seen,
		r->directory ? "; what there is stands, marked as partial, in " : "", r->directory ? r->directory : "", log, trace, timeline);
}

static void say_broken(const struct going *g)
{
	const struct run *r = g->run;
	struct err why = {0};
	if (r->system->hosts && hosts_contracts(r->system->hosts, &why) < 0)
		err_set(g->e, why.code, "%s%s%s", why.msg, r->directory ? "; the results stand in " : "", r->directory ? r->directory : "");
}

struct run *run_plan(const struct plan *p, const struct run_options *o, struct err *e)
{
	struct err own = {0};
	struct run *r = calloc(1, sizeof(*r));
	if (!r) {
		err_set(e, ERR_LIMIT, "no memory for the run");
		return NULL;
	}
	r->plan = p;
	demerit_init(&r->observe.demerit);
	struct going g = {.run = r, .o = o, .e = e ? e : &own};
	g.started_s = g.shown_s = wall_s();
	bool good = open_all(&g) == 0 && drive(&g) == 0 && condense(&g) == 0 && write_all(&g) == 0;
	if (good && g.interrupted)
		say_interrupted(&g);
	if (good)
		say_broken(&g);
	if (g.series)
		fclose(g.series);
	outfile_free(g.log);
	export_free(g.export);
	timeline_file_free(g.timeline);
	state_file_free(g.state);
	rundir_free(g.dir);
	if (good)
		return r;
	run_free(r);
	return NULL;
}

void run_free(struct run *r)
{
	if (!r)
		return;
	observe_free(&r->observe);
	system_free(r->system);
	free(r->directory);
	free(r);
}
