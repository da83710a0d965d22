/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The points of a sweep on threads. */
#include "config.h"

#include "run/sweep_run.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <time.h>

#include <jansson.h>

#include "run/run.h"
#include "run/sweep_dir.h"
#include "run/sweep_private.h"
#include "run/sweep_share.h"

#define PROGRESS_S 0.2
/* A point that took so long is brought to the disk before it counts: what that costs is little beside it. */
#define DURABLE_S 0.2
/* The rate of late: over so many of the last points, at most. */
#define LATE_POINTS 64

/* A point to run. */
struct job {
	size_t index;
	bool taken;
	double wall_s, simulation_s;
};

/* What the threads share. */
struct sweeping {
	const struct sweep *sweep;
	const struct sweep_points *points;
	const struct sweep_run_options *o;
	struct job *job;            /* owned */
	size_t jobs;
	struct sweep_share *share;  /* owned; NULL: nothing is shared */
	struct sweep_shared shared;
	double started_s;
	pthread_mutex_t lock;       /* of what follows */
	pthread_cond_t made;        /* something to share is there */
	size_t first_free;          /* no job before it is free */
	struct sweep_progress progress;
	double late[LATE_POINTS];   /* when the last points ended */
	size_t ended;
	double shown_s;
	size_t failed_index;        /* the first point that failed, SIZE_MAX none */
	struct err failed;          /* its sentence */
	struct err broken;          /* what ended the sweep */
};

static double wall_s(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static int no_memory(struct err *e) { return err_set(e, ERR_LIMIT, "no memory for the sweep"); }

/* ---- the file of a point ------------------------------------------------------------------------------------- */

struct values {
	json_t *config, *units;
	bool bad;
};

static void put_value(void *ctx, const struct opt_value *v)
{
	struct values *w = ctx;
	json_t *value = v->text ? json_string(v->text) : v->is_whole ? json_integer((json_int_t)v->whole) : json_real(v->number);
	if (json_object_set_new(w->config, v->path, value) < 0)
		w->bad = true;
	if (*v->unit && json_object_set_new(w->units, v->path, json_string(v->unit)) < 0)
		w->bad = true;
}

/* The document of a point; summary NULL: it failed. NULL: no memory. */
static json_t *point_doc(const char *id, const struct plan *p, const struct run *r, const struct err *why)
{
	struct values w = {json_object(), json_object(), false};
	json_t *doc = json_pack("{s:i, s:s, s:s, s:s}", "schema", SWEEP_SCHEMA, "quern_version", PACKAGE_VERSION, "id", id, "status",
		r ? "done" : "failed");
	if (!doc || !w.config || !w.units || (p && plan_each_value(p, true, put_value, &w) < 0))
		w.bad = true;
	if (!r && doc)
		w.bad |= json_object_set_new(doc, "code", json_integer(why->code)) < 0 ||
			json_object_set_new(doc, "error", json_string(why->msg)) < 0;
	w.bad |= json_object_set_new(doc, "config", w.config) < 0 || json_object_set_new(doc, "units", w.units) < 0;
	if (r)
		w.bad |= json_object_set_new(doc, "summary", summary_json(&r->summary)) < 0;
	if (!w.bad)
		return doc;
	json_decref(doc);
	return NULL;
}

static int write_point(const struct sweeping *s, size_t index, const struct plan *p, const struct run *r, const struct err *why,
	double seconds, struct err *e)
{
	char name[64];
	const char *id = s->points->point[index].id;
	json_t *doc = point_doc(id, p, r, why);
	if (!doc)
		return no_memory(e);
	snprintf(name, sizeof(name), "points/%s.json", id);
	int result = sweep_dir_put(s->o->output, name, doc, seconds > DURABLE_S, e);
	if (result == 0 && s->o->results)
		result = sweep_results_keep(s->o->results, index, doc, e);
	json_decref(doc);
	return result;
}

/* ---- one point ---------------------------------------------------------------------------------------------------- */

/* Under the lock. */
static void count_end(struct sweeping *s, const struct job *j, const struct err *why)
{
	struct sweep_progress *g = &s->progress;
	double now = wall_s();
	s->late[s->ended++ % LATE_POINTS] = now;
	g->done++;
	if (why->code) {
		g->failed++;
		if (j->index < s->failed_index) {
			s->failed_index = j->index;
			s->failed = *why;
		}
	}
	if (!s->o->progress || (now - s->shown_s < PROGRESS_S && g->done < g->points))
		return;
	size_t span = s->ended < LATE_POINTS ? s->ended : LATE_POINTS;
	double since = s->ended > LATE_POINTS ? s->late[s->ended % LATE_POINTS] : s->started_s;
	s->shown_s = now;
	g->wall_s = now - s->started_s;
	g->left_s = (double)(g->points - g->done) * (now - since) / (double)span;
	s->o->progress(s->o->ctx, g);
}

/* Processor time of this thread. */
static double busy_s(void)
{
	struct timespec t;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static struct run *run_point(struct plan *p, const char *state, struct err *why)
{
	struct run_options o = {.no_output = true, .load_state = state};
	struct run *r = run_plan(p, &o, why);
	if (r || !state)
		return r;
	err_clear(why); /* what cannot be loaded is made again */
	o.load_state = NULL;
	return run_plan(p, &o, why);
}

/* The lock is held before and after. -1: the sweep ends. */
static int carry_out(struct sweeping *s, struct job *j)
{
	struct err why = {0}, e = {0};
	const char *state = NULL;
	pthread_mutex_unlock(&s->lock);
	double begun = wall_s();
	struct plan *p = sweep_plan(s->sweep, j->index, &why);
	if (s->share) {
		if (p)
			sweep_share_make(s->share, j->index, p, &state);
		pthread_mutex_lock(&s->lock);
		sweep_share_made(s->share, j->index);
		pthread_cond_broadcast(&s->made);
		pthread_mutex_unlock(&s->lock);
	}
	double busy = busy_s();
	struct run *r = p ? run_point(p, state, &why) : NULL;
	if (r)
		err_clear(&why); /* a scenario's contract may be broken: that stands in the point's summary */
	j->simulation_s = busy_s() - busy;
	j->wall_s = wall_s() - begun;
	int result = write_point(s, j->index, p, r, &why, j->wall_s, &e);
	run_free(r);
	plan_free(p);
	pthread_mutex_lock(&s->lock);
	if (s->share)
		sweep_share_done(s->share, j->index);
	s->progress.simulation_s += j->simulation_s;
	if (result == 0)
		count_end(s, j, &why);
	else
		err_set(&s->broken, e.code, "%s", e.msg);
	return result;
}

/* ---- on threads ------------------------------------------------------------------------------------------------------- */

/* The first job that may begin; *left: some that may not yet. Under the lock. */
static struct job *take(struct sweeping *s, bool *left)
{
	*left = false;
	while (s->first_free < s->jobs && s->job[s->first_free].taken)
		s->first_free++;
	for (size_t i = s->first_free; i < s->jobs; i++) {
		struct job *j = &s->job[i];
		if (j->taken)
			continue;
		if (!s->share || sweep_share_claim(s->share, j->index)) {
			j->taken = true;
			return j;
		}
		*left = true;
	}
	return NULL;
}

static void *work(void *ctx)
{
	struct sweeping *s = ctx;
	bool left = true;
	pthread_mutex_lock(&s->lock);
	while (!s->broken.code && !(s->o->stop && *s->o->stop)) {
		struct job *j = take(s, &left);
		if (!j && !left)
			break;
		if (!j)
			pthread_cond_wait(&s->made, &s->lock);
		else if (carry_out(s, j) < 0)
			break;
	}
	pthread_cond_broadcast(&s->made);
	pthread_mutex_unlock(&s->lock);
	return NULL;
}

/* ---- before and after ---------------------------------------------------------------------------------------------------- */

/* What is to be done: the points of this shard, each id once, but for those that are finished. */
static int list_jobs(struct sweeping *s, struct err *e)
{
	s->job = calloc(s->points->count + 1, sizeof(*s->job));
	if (!s->job)
		return no_memory(e);
	for (size_t i = 0; i < s->points->count; i++) {
		const struct sweep_point *p = &s->points->point[i];
		json_t *doc = NULL;
		if (p->first != i || !sweep_shard_has(&s->o->shard, i))
			continue;
		s->progress.points++;
		int there = s->o->resume ? sweep_dir_get(s->o->output, p->id, true, &doc, e) : 0;
		json_decref(doc);
		if (there < 0)
			return -1;
		if (there)
			s->progress.skipped++;
		else
			s->job[s->jobs++].index = i;
	}
	s->progress.done = s->progress.skipped;
	return 0;
}

static int prepare_folder(const struct sweep_run_options *o, struct err *e)
{
	size_t there = o->resume ? 0 : sweep_dir_count(o->output);
	if (there > 0 && !o->force)
		return err_set(e, ERR_IO, "%s has %zu points of a sweep and is kept (--resume goes on with it, --force begins anew)", o->output,
			there);
	if (o->force && !o->resume && sweep_dir_clear(o->output, e) < 0)
		return -1;
	return sweep_dir_make(o->output, e);
}

static int open_share(struct sweeping *s, struct err *e)
{
	size_t *index = calloc(s->jobs + 1, sizeof(*index));
	if (!index)
		return no_memory(e);
	for (size_t i = 0; i < s->jobs; i++)
		index[i] = s->job[i].index;
	if (!s->o->no_sharing)
		s->share = sweep_share_new(s->points, index, s->jobs, s->o->output, &s->o->shard, e);
	free(index);
	return s->o->no_sharing || s->share ? 0 : -1;
}

static double seconds(struct timeval t) { return (double)t.tv_sec + (double)t.tv_usec * 1e-6; }

static json_t *machine_doc(const struct sweeping *s, unsigned threads)
{
	const struct sweep_progress *g = &s->progress;
	struct utsname host = {0};
	struct rusage use = {0};
	char date[32] = "";
	time_t now = time(NULL);
	struct tm tm;
	uname(&host);
	getrusage(RUSAGE_SELF, &use);
	if (gmtime_r(&now, &tm))
		strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%SZ", &tm);
	json_t *walls = json_object();
	for (size_t i = 0; i < s->jobs; i++)
		if (s->job[i].wall_s > 0)
			(void)json_object_set_new(walls, s->points->point[s->job[i].index].id, json_real(s->job[i].wall_s));
	return json_pack("{s:s, s:f, s:f, s:f, s:f, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:s, s:s, s:s, s:I, s:o}", "finished_utc",
		date, "wall_s", g->wall_s, "simulation_s", g->simulation_s, "user_s", seconds(use.ru_utime), "system_s", seconds(use.ru_stime),
		"threads", (json_int_t)threads,
		"points", (json_int_t)g->points, "done", (json_int_t)g->done, "failed", (json_int_t)g->failed, "stood_already",
		(json_int_t)g->skipped, "states_made", (json_int_t)s->shared.states, "states_used", (json_int_t)s->shared.states_used,
		"traces_read", (json_int_t)s->shared.traces, "traces_used", (json_int_t)s->shared.traces_used, "system", host.sysname, "release",
		host.release, "machine", host.machine, "max_rss_bytes", (json_int_t)use.ru_maxrss * 1024, "wall_s_by_point", walls);
}

static int write_machine(const struct sweeping *s, unsigned threads, struct err *e)
{
	const struct sweep_shard *h = &s->o->shard;
	char name[96] = "machine.json";
	if (h->count > 1)
		snprintf(name, sizeof(name), "machine-%zu-of-%zu.json", h->index, h->count);
	json_t *doc = machine_doc(s, threads);
	int result = doc ? sweep_dir_put(s->o->output, name, doc, false, e) : no_memory(e);
	json_decref(doc);
	return result;
}

/* What there is to say at the end. */
static int conclude(const struct sweeping *s, struct err *e)
{
	const struct sweep_progress *g = &s->progress;
	char label[512];
	if (s->broken.code)
		return err_set(e, s->broken.code, "%s", s->broken.msg);
	if (g->done < g->points)
		return err_set(e, ERR_INTERRUPTED, "interrupted after %zu of %zu points; --resume goes on with them in %s", g->done, g->points,
			s->o->output);
	if (g->failed > 0)
		return err_set(e, s->failed.code, "%zu of %zu points failed; the first is point %zu (%s): %s", g->failed, g->points,
			s->failed_index + 1, sweep_point_label(s->sweep, s->failed_index, label, sizeof(label)), s->failed.msg);
	return 0;
}

static int run_all(struct sweeping *s, struct err *e)
{
	unsigned threads = s->o->jobs ? s->o->jobs : sweep_processors();
	if (prepare_folder(s->o, e) < 0 || list_jobs(s, e) < 0 || open_share(s, e) < 0)
		return -1;
	if (threads > s->jobs)
		threads = s->jobs > 0 ? (unsigned)s->jobs : 1;
	sweep_on_threads(threads, work, s);
	s->progress.wall_s = wall_s() - s->started_s;
	if (s->share)
		s->shared = sweep_share_counts(s->share);
	int result = conclude(s, e);
	struct err why = {0};
	if (write_machine(s, threads, &why) < 0 && result == 0)
		result = err_set(e, why.code, "%s", why.msg);
	return result;
}

int sweep_run(const struct sweep *s, const struct sweep_points *points, const struct sweep_run_options *o,
	struct sweep_progress *out, struct err *e)
{
	struct sweeping w = {.sweep = s, .points = points, .o = o, .failed_index = SIZE_MAX, .progress = {.left_s = -1}};
	w.started_s = w.shown_s = wall_s();
	int result = -1;
	if (pthread_mutex_init(&w.lock, NULL) != 0 || pthread_cond_init(&w.made, NULL) != 0)
		no_memory(e);
	else
		result = run_all(&w, e);
	sweep_share_free(w.share);
	pthread_cond_destroy(&w.made);
	pthread_mutex_destroy(&w.lock);
	free(w.job);
	*out = w.progress;
	return result;
}
