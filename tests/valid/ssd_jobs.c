/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Jobs on a solid-state drive of the catalogue. */
#include "valid/ssd_jobs.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

int ssd_rig_open(struct ssd_rig *g, const char *device, const char *const *sets, struct err *e)
{
	char path[512];
	snprintf(path, sizeof(path), "%s/devices/%s.yaml", TOP_SRCDIR, device);
	const char *devices[] = {path, NULL};
	struct plan_input in = {.devices = devices, .sets = sets};
	*g = (struct ssd_rig){0};
	g->plan = plan_load(&in, e);
	g->system = g->plan ? system_open_devices(g->plan, e) : NULL;
	if (g->system)
		return 0;
	ssd_rig_close(g);
	return -1;
}

void ssd_rig_close(struct ssd_rig *g)
{
	system_free(g->system);
	plan_free(g->plan);
	*g = (struct ssd_rig){0};
}

/* ---- a job as a source of requests ------------------------------------------------------------------------ */

struct running {
	struct trace_source source;
	const struct ssd_job *job;
	struct ssd_job_result *out;
	struct sim *sim;
	struct rng *rng;
	struct replay *replay;
	struct blk_queue queue;
	uint64_t first, span;     /* sectors */
	uint64_t given, next, seen;
	time_ps written_ps;       /* SSD_SYNC: when its write arrived */
	const bool *over;         /* the first job of those at once has given its last */
	bool ended;
};

static int next_request(struct trace_source *self, time_ps now, struct trace_record *r, struct err *e)
{
	struct running *s = (struct running *)(void *)self;
	const struct ssd_job *j = s->job;
	(void)e;
	if (j->requests ? s->given == j->requests : *s->over) {
		s->ended = true;
		return 0;
	}
	*r = (struct trace_record){.arrive_ps = now, .delay_ps = -1, .response_ps = -1, .sectors = j->sectors, .op = (uint8_t)j->op};
	if (j->kind == SSD_SYNC && s->given % 2) {
		r->op = BLK_FLUSH;
		r->sectors = 0;
	} else if (j->kind == SSD_STREAM) {
		r->lba = s->first + s->next;
		s->next = s->next + 2 * j->sectors <= s->span ? s->next + j->sectors : 0;
	} else {
		r->lba = s->first + rng_below(s->rng, s->span / j->sectors) * j->sectors;
	}
	s->given++;
	return 1;
}

static void observe(void *ctx, const struct blk_req *r, const struct trace_record *rec)
{
	struct running *s = ctx;
	struct ssd_job_result *o = s->out;
	(void)rec;
	uint64_t n = s->seen++;
	time_ps from = r->arrive_ps;
	if (s->job->kind == SSD_SYNC && r->op != BLK_FLUSH) {
		s->written_ps = from;
		return;
	}
	if (s->job->kind == SSD_SYNC)
		from = s->written_ps;
	if (n < s->job->warm) {
		o->begin_ps = r->done_ps;
		return;
	}
	if (o->each_us)
		o->each_us[n] = (float)(1e-6 * (double)(r->done_ps - from));
	hist_add(&o->latency, r->done_ps - from);
	o->done++;
	o->bytes += (uint64_t)r->sectors * SECTOR_BYTES;
	o->end_ps = r->done_ps;
}

static int start(struct ssd_rig *g, struct running *s, const struct ssd_job *j, struct ssd_job_result *o, const bool *over,
	struct arena *a, struct err *e)
{
	struct blk_dev *dev = g->system->dev[0];
	double to = j->to > 0 ? j->to : 1;
	*s = (struct running){.source = {.next = next_request, .name = "job"}, .job = j, .out = o, .sim = g->system->sim,
		.rng = rng_new(a, 1 + j->seed, "validate/ssd"), .over = over};
	float *each = o->each_us;
	*o = (struct ssd_job_result){.begin_ps = g->system->sim->now_ps, .each_us = each};
	if (!s->rng || hist_init(&o->latency, a) < 0)
		return err_set(e, ERR_LIMIT, "no memory for a job");
	s->first = (uint64_t)(j->from * (double)(dev->sectors / j->sectors)) * j->sectors;
	s->span = (uint64_t)((to - j->from) * (double)(dev->sectors / j->sectors)) * j->sectors;
	blk_queue_init(&s->queue, dev, 0);
	struct blk_queue *queues[] = {&s->queue};
	struct replay_options ro = {.mode = REPLAY_DEPTH, .depth = j->depth, .think_ps = j->think_ps, .observe = observe,
		.observe_ctx = s};
	s->replay = replay_new(g->system->sim, &s->source, queues, NULL, 1, &ro, e);
	if (!s->replay)
		return -1;
	replay_start(s->replay);
	return 0;
}

int ssd_rig_run(struct ssd_rig *g, const struct ssd_job *job, size_t count, struct ssd_job_result *out, struct arena *a,
	struct err *e)
{
	struct running *run = arena_array(a, count, sizeof(*run));
	if (!run)
		return err_set(e, ERR_LIMIT, "no memory for a job");
	for (size_t i = 0; i < count; i++)
		if (start(g, &run[i], &job[i], &out[i], &run[0].ended, a, e) < 0)
			return -1;
	if (sim_run(g->system->sim) < 0)
		return err_set(e, ERR_CHECK, "%s", g->system->sim->err.msg);
	for (size_t i = 0; i < count; i++)
		if (run[i].seen != run[i].given)
			return err_set(e, ERR_CHECK, "a job asked for %llu requests and %llu came back", (unsigned long long)run[i].given,
				(unsigned long long)run[i].seen);
	return 0;
}

/* ---- what the device reports -------------------------------------------------------------------------------- */

struct wanted {
	const char *name;
	double value;
};

static void put(void *ctx, const char *name, double value, const char *unit)
{
	struct wanted *w = ctx;
	(void)unit;
	if (strcmp(name, w->name) == 0)
		w->value = value;
}

double ssd_rig_report(const struct ssd_rig *g, const char *name)
{
	struct wanted w = {name, NAN};
	const struct blk_dev *d = g->system->dev[0];
	d->ops->report(d, put, &w);
	return w.value;
}
