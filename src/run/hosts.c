/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Instances of a scenario, one for each device. */
#include "run/hosts.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "host/machine.h"

struct instance {
	struct scenario *sc;
	struct blk_dev *dev;       /* borrowed */
	struct scenario_env env;
	struct trace_record rec;   /* what the observer is told of where a request came from: the device's number */
	replay_observe_fn *observe; /* NULL: nobody looks */
	void *ctx;
	int128 latency_ps;         /* of all completed requests */
	uint32_t depth_max;
};

struct hosts {
	const struct scenario_ops *ops;
	struct instance *host;
	size_t count;
};

static void completed(void *ctx, const struct blk_req *r)
{
	struct instance *h = ctx;
	h->latency_ps += r->done_ps - r->arrive_ps;
	if (h->dev->inside + 1 > h->depth_max)
		h->depth_max = h->dev->inside + 1;
	if (h->observe)
		h->observe(h->ctx, r, &h->rec);
}

static int open_instance(struct hosts *h, const struct plan *p, struct sim *s, struct blk_dev *const *dev, size_t i,
	replay_observe_fn *observe, void *ctx, struct err *e)
{
	struct instance *own = &h->host[i];
	own->dev = dev[i];
	own->rec = (struct trace_record){.arrive_ps = -1, .delay_ps = -1, .response_ps = -1, .device = (uint32_t)i};
	own->observe = observe;
	own->ctx = ctx;
	own->env = (struct scenario_env){
		.sim = s, .dev = dev[i], .host = p->host, .seed = (uint64_t)p->seed, .observe = completed, .ctx = own,
	};
	own->sc = h->ops->open(&own->env, p->scenario_spec, e);
	if (!own->sc)
		return -1;
	h->count = i + 1;
	return 0;
}

struct hosts *hosts_open(const struct plan *p, struct sim *s, struct blk_dev *const *dev, size_t count,
	replay_observe_fn *observe, void *ctx, struct err *e)
{
	struct hosts *h = arena_alloc(s->arena, sizeof(*h));
	if (!h || !(h->host = arena_array(s->arena, count, sizeof(*h->host)))) {
		err_set(e, ERR_LIMIT, "no memory for the simulated hosts");
		return NULL;
	}
	h->ops = p->scenario;
	for (size_t i = 0; i < count; i++) {
		if (open_instance(h, p, s, dev, i, observe, ctx, e) < 0) {
			hosts_close(h);
			return NULL;
		}
	}
	return h;
}

void hosts_close(struct hosts *h)
{
	for (size_t i = 0; h && h->ops->close && i < h->count; i++)
		h->ops->close(h->host[i].sc);
}

void hosts_watch(struct hosts *h, const volatile sig_atomic_t *stop)
{
	for (size_t i = 0; i < h->count; i++)
		h->host[i].env.stop = stop;
}

void hosts_start(struct hosts *h)
{
	for (size_t i = 0; i < h->count; i++)
		h->ops->start(h->host[i].sc);
}

void hosts_stop(struct hosts *h)
{
	for (size_t i = 0; i < h->count; i++)
		h->ops->stop(h->host[i].sc);
}

double hosts_progress(const struct hosts *h)
{
	double least = 1;
	for (size_t i = 0; i < h->count; i++) {
		double own = h->ops->progress(h->host[i].sc);
		if (own < least)
			least = own;
	}
	return least;
}

static int check_instance(const struct hosts *h, const struct instance *own, struct err *e)
{
	const struct blk_dev_stats *st = &own->dev->stats;
	if (st->submitted != st->completed)
		return err_set(e, ERR_CHECK, "%" PRIu64 " requests were submitted and %" PRIu64 " came back, and nothing is left to happen",
			st->submitted, st->completed);
	return h->ops->check(own->sc, e);
}

int hosts_check(const struct hosts *h, struct err *e)
{
	for (size_t i = 0; i < h->count; i++) {
		struct err why = {0};
		if (check_instance(h, &h->host[i], &why) < 0)
			return err_set(e, why.code, "scenario %s on %s: %s", h->ops->name, h->host[i].dev->name, why.msg);
	}
	return 0;
}

enum scenario_contract hosts_contract(const struct hosts *h, size_t i, struct err *e)
{
	return h->ops->contract ? h->ops->contract(h->host[i].sc, e) : SCENARIO_UNTRIED;
}

int hosts_contracts(const struct hosts *h, struct err *e)
{
	for (size_t i = 0; i < h->count; i++) {
		struct err why = {0};
		if (hosts_contract(h, i, &why) == SCENARIO_BROKEN)
			return err_set(e, why.code, "scenario %s on %s: %s", h->ops->name, h->host[i].dev->name, why.msg);
	}
	return 0;
}

uint64_t hosts_out_of_memory(const struct hosts *h, size_t i, char *first, size_t bytes)
{
	const struct host *machine = h->ops->machine(h->host[i].sc);
	return host_oom_text(machine, first, bytes) ? machine->oom.times : 0;
}

double hosts_depth_mean(const struct hosts *h, size_t i, time_ps end)
{
	return end > 0 ? (double)h->host[i].latency_ps / (double)end : 0;
}

uint32_t hosts_depth_max(const struct hosts *h, size_t i) { return h->host[i].depth_max; }

size_t hosts_count(const struct hosts *h) { return h->count; }
const struct scenario_ops *hosts_kind(const struct hosts *h) { return h->ops; }
const struct scenario *hosts_scenario(const struct hosts *h, size_t i) { return h->host[i].sc; }

/* ---- notes ------------------------------------------------------------------------------------- */

/* Whether an instance before number `end` says the same. */
static bool was_said(const struct hosts *h, size_t end, const char *text)
{
	char other[SCENARIO_NOTE_BYTES];
	for (size_t i = 0; i < end; i++)
		for (unsigned n = 0; h->ops->note(h->host[i].sc, n, other, sizeof(other)); n++)
			if (!strcmp(text, other))
				return true;
	return false;
}

void hosts_notes(const struct hosts *h, void (*put)(void *ctx, const char *text), void *ctx)
{
	char text[SCENARIO_NOTE_BYTES];
	for (size_t i = 0; h->ops->note && i < h->count; i++)
		for (unsigned n = 0; h->ops->note(h->host[i].sc, n, text, sizeof(text)); n++)
			if (!was_said(h, i, text))
				put(ctx, text);
}

/* ---- tables ------------------------------------------------------------------------------------ */

const char *hosts_table_name(const struct hosts *h, unsigned index)
{
	return h->ops->table && h->count > 0 ? h->ops->table(h->host[0].sc, index, NULL) : NULL;
}

/* Each line of a table behind the name of its device; of the later ones without the column names. A remark stays one. */
static int put_named(const struct hosts *h, unsigned index, size_t i, FILE *out)
{
	char *text = NULL;
	size_t bytes = 0;
	FILE *own = open_memstream(&text, &bytes);
	if (!own)
		return -1;
	h->ops->table(h->host[i].sc, index, own);
	if (fclose(own) != 0) {
		free(text);
		return -1;
	}
	const char *at = text;
	for (unsigned line = 0; *at; line++) {
		size_t len = strcspn(at, "\n");
		if (*at == '#')
			fprintf(out, "# %s: %.*s\n", h->host[i].dev->name, (int)(len - strspn(at, "# ")), at + strspn(at, "# "));
		else if (line > 0 || i == 0)
			fprintf(out, "%s,%.*s\n", line ? h->host[i].dev->name : "device", (int)len, at);
		at += len + (at[len] == '\n');
	}
	free(text);
	return 0;
}

int hosts_table(const struct hosts *h, unsigned index, FILE *out)
{
	if (h->count == 1) {
		h->ops->table(h->host[0].sc, index, out);
		return 0;
	}
	for (size_t i = 0; i < h->count; i++)
		if (put_named(h, index, i, out) < 0)
			return -1;
	return 0;
}
