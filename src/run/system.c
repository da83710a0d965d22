/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Wiring: plan -> simulation, devices, host queues, source, replay. */
#include "run/system.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "blk/space.h"
#include "run/past.h"
#include "run/state_file.h"

static int no_memory(struct err *e)
{
	return err_set(e, ERR_LIMIT, "no memory for the simulated system");
}

/* A device or scenario cannot be as its options say: with the place in the file of the key that the sentence begins with, or
 * of the device. */
static int refuse(const struct plan *p, const char *device, const struct err *why, struct err *e)
{
	size_t len = strlen(device);
	bool named = (!strncmp(why->msg, device, len) && (why->msg[len] == '.' || why->msg[len] == ':')) ||
		(p->scenario && !strncmp(why->msg, "host.", 5));
	const struct opt_where *at = why->code == ERR_CONFIG ? plan_where(p, named ? why->msg : device) : NULL;
	const char *name = named ? "" : device, *colon = named ? "" : ": ";
	if (!at)
		return err_set(e, why->code, "%s", why->msg);
	if (at->line == 0) /* --set */
		return err_set(e, why->code, "%s: %s%s%s", at->file, name, colon, why->msg);
	return err_set(e, why->code, "%s:%d:%d: %s%s%s", at->file, at->line, at->column, name, colon, why->msg);
}

/* The device of a component, which is opened where it is not open. */
static struct blk_dev *open_device(struct system *s, const struct plan_component *c, const struct blk_past *past, struct err *e)
{
	struct err why = {0};
	for (size_t i = 0; i < s->devices; i++)
		if (!strcmp(s->device[i]->name, c->name))
			return s->device[i];
	struct blk_dev *dev = blk_dev_open_as(s->sim, c->ops, c->name, c->spec, past, &why);
	if (!dev)
		return refuse(s->plan, c->name, &why, e), NULL;
	return s->device[s->devices++] = dev;
}

static int open_devices(struct system *s, const struct blk_past *past, struct err *e)
{
	const struct plan *p = s->plan;
	struct arena *a = s->sim->arena;
	s->device = arena_array(a, p->device_count, sizeof(struct blk_dev *));
	s->dev = arena_array(a, p->device_count, sizeof(struct blk_dev *));
	s->queue = arena_array(a, p->device_count, sizeof(struct blk_queue *));
	s->identity = arena_array(a, p->device_count, sizeof(*s->identity));
	if (!s->device || !s->dev || !s->queue || !s->identity)
		return no_memory(e);
	for (size_t i = 0; i < p->device_count; i++) {
		uint32_t nsid;
		const struct plan_component *c = plan_driven(p, i, &nsid);
		s->dev[i] = open_device(s, c, past, e);
		if (s->dev[i] && nsid > 0)
			s->dev[i] = blk_space_open(s->sim, s->dev[i], nsid, e);
		if (!s->dev[i])
			return -1;
		s->count = i + 1;
		s->dev[i]->ops->identify(s->dev[i], &s->identity[i]);
		s->queue[i] = arena_alloc(a, sizeof(**s->queue));
		if (!s->queue[i])
			return no_memory(e);
		blk_queue_init(s->queue[i], s->dev[i], (uint32_t)p->replay.queue_depth);
	}
	return 0;
}

static struct system *open_system(const struct plan *p, const struct blk_past *past, struct err *e)
{
	struct sim *sim = sim_new((uint64_t)p->seed);
	struct system *s = sim ? arena_alloc(sim->arena, sizeof(*s)) : NULL;
	if (!s) {
		sim_free(sim);
		no_memory(e);
		return NULL;
	}
	s->plan = p;
	s->sim = sim;
	if (open_devices(s, past, e) < 0) {
		system_free(s);
		return NULL;
	}
	return s;
}

struct system *system_open_devices(const struct plan *p, struct err *e)
{
	return open_system(p, &(struct blk_past){.streams = &past_streams}, e);
}

struct system *system_open_full(const struct plan *p, struct err *e)
{
	return open_system(p, &(struct blk_past){.streams = &past_streams, .full = true}, e);
}

#define BLANK_SHARE 0.01 /* that is worth a word */

double system_blank_share(const struct blk_dev *dev)
{
	const struct blk_dev_stats *st = &dev->stats;
	double share = st->host_read_sectors > 0 ? (double)st->unwritten_sectors / (double)st->host_read_sectors : 0;
	return share >= BLANK_SHARE && dev->ops->fill_option && dev->ops->fill_option(dev->spec) ? share : 0;
}

/* ---- the source ----------------------------------------------------------------------- */

/* The trace of a plan: the file, or what another has read of it. */
static struct trace_reader *open_trace(const struct plan *p, struct err *e)
{
	struct trace_reader_options o;
	if (p->trace_image)
		return trace_image_open(p->trace_image, e);
	plan_reader_options(&p->replay, &o);
	return trace_reader_open(p->replay.trace, &o, e);
}

/* Highest end address of the trace: one pass over it before the run. */
static int trace_span(const struct plan *p, uint64_t *span, struct err *e)
{
	struct trace_reader *reader = open_trace(p, e);
	if (!reader)
		return -1;
	struct trace_source *source = trace_reader_source(reader);
	struct trace_record rec;
	int got;
	*span = 1;
	while ((got = source->next(source, 0, &rec, e)) > 0)
		if (blk_op_has_range(rec.op) && rec.lba + rec.sectors > *span)
			*span = rec.lba + rec.sectors;
	trace_reader_free(reader);
	return got;
}

static int open_source(struct system *s, struct err *e)
{
	const struct plan *p = s->plan;
	if (p->has_workload) {
		if (s->count > 1)
			return err_set(e, ERR_CONFIG, "%s: a generated workload drives one device, and `device` "
				"names %zu", p->name, s->count);
		s->source = gen_new(s->sim->arena, &p->workload, s->identity[0].sectors,
			(uint64_t)p->seed, e);
		return s->source ? 0 : -1;
	}
	if (!*p->replay.trace)
		return err_set(e, ERR_CONFIG, "%s: there is nothing to run: want a `workload:` section, a "
			"`scenario:` or a trace (`replay: {trace: FILE}`)", p->name);
	if (p->replay.range == RANGE_SCALE && !strcmp(p->replay.trace, "-"))
		return err_set(e, ERR_USAGE, "range scale reads the trace twice, which a pipe cannot give");
	s->reader = open_trace(p, e);
	if (!s->reader)
		return -1;
	s->source = trace_reader_source(s->reader);
	return 0;
}

/* ---- the replay ------------------------------------------------------------------------- */

static void choose_mode(struct system *s, struct replay_options *o)
{
	const struct plan *p = s->plan;
	if (p->has_workload) {
		s->mode = p->workload.arrival == GEN_CLOSED ? REPLAY_DEPTH : REPLAY_OPEN;
		o->depth = (uint32_t)p->workload.depth;
		o->think_ps = p->workload.think_ps;
	} else {
		static const enum replay_mode stated[] = {
			[PLAN_MODE_OPEN] = REPLAY_OPEN,
			[PLAN_MODE_THINK] = REPLAY_THINK,
			[PLAN_MODE_DEPTH] = REPLAY_DEPTH,
		};
		s->mode = p->replay.mode != PLAN_MODE_AUTO ? stated[p->replay.mode]
			: s->source->has_delays ? REPLAY_THINK
			: s->source->has_arrivals ? REPLAY_OPEN : REPLAY_DEPTH;
		o->depth = (uint32_t)p->replay.depth;
		o->think_ps = p->replay.think_ps;
	}
	o->mode = s->mode;
	s->depth = s->mode == REPLAY_DEPTH ? o->depth : 0;
}

/* Which trace device each device serves; NULL (all to the one there is) for a single one. */
static int make_map(struct system *s, uint32_t **map, struct err *e)
{
	const struct opt_list *list = &s->plan->replay.trace_map;
	*map = NULL;
	if (list->count && list->count != s->count)
		return err_set(e, ERR_CONFIG, "%s: replay.trace_map has a length of %zu: want %zu, a device of "
			"the trace for each device that is driven", s->plan->name, list->count, s->count);
	if (!list->count && s->count == 1)
		return 0;
	*map = arena_array(s->sim->arena, s->count, sizeof(**map));
	if (!*map)
		return no_memory(e);
	for (size_t i = 0; i < s->count; i++)
		(*map)[i] = list->count ? (uint32_t)list->values[i].i : (uint32_t)i;
	return 0;
}

static int open_replay(struct system *s, replay_observe_fn *observe, void *ctx, struct err *e)
{
	const struct plan_replay *r = &s->plan->replay;
	struct replay_options o = {
		.range = (enum replay_range)r->range,
		.unmapped = (enum replay_unmapped)r->unmapped,
		.max_outstanding = (uint32_t)r->max_outstanding,
		.observe = observe,
		.observe_ctx = ctx,
	};
	uint32_t *map;
	choose_mode(s, &o);
	if (s->reader && o.range == RANGE_SCALE && trace_span(s->plan, &o.trace_span_sectors, e) < 0)
		return -1;
	if (!s->reader)
		o.range = RANGE_ERROR; /* a generator stays inside by itself */
	if (make_map(s, &map, e) < 0)
		return -1;
	o.tag_writes = s->cut != NULL;
	s->replay = replay_new(s->sim, s->source, s->queue, map, s->count, &o, e);
	if (s->cut)
		s->cut->replay = s->replay;
	return s->replay ? 0 : -1;
}

static int open_power_cut(struct system *s, struct err *e)
{
	if (s->plan->replay.power_cut_ps == 0)
		return 0;
	s->cut = power_cut_new(s->sim, s->device, s->devices, s->plan->replay.power_cut_ps);
	return s->cut ? 0 : no_memory(e);
}

static int open_drive(struct system *s, replay_observe_fn *observe, void *ctx, struct err *e)
{
	const struct plan *p = s->plan;
	if (!p->scenario)
		return open_source(s, e) < 0 || open_power_cut(s, e) < 0 ? -1 : open_replay(s, observe, ctx, e);
	struct err why = {0};
	s->hosts = hosts_open(p, s->sim, s->dev, s->count, observe, ctx, &why);
	return s->hosts ? 0 : refuse(p, "scenario", &why, e);
}

struct system *system_open_saved(const struct plan *p, const char *state, replay_observe_fn *observe, void *ctx,
	struct err *e)
{
	struct system *s = open_system(p, &(struct blk_past){.saved = state != NULL, .streams = &past_streams}, e);
	if (!s)
		return NULL;
	if ((state && state_file_load(state, s->device, s->devices, e) < 0) || open_drive(s, observe, ctx, e) < 0) {
		system_free(s);
		return NULL;
	}
	return s;
}

struct system *system_open(const struct plan *p, replay_observe_fn *observe, void *ctx, struct err *e)
{
	return system_open_saved(p, NULL, observe, ctx, e);
}

void system_free(struct system *s)
{
	if (!s)
		return;
	hosts_close(s->hosts);
	if (s->reader)
		trace_reader_free(s->reader);
	else if (s->source && s->source->close)
		s->source->close(s->source);
	for (size_t i = 0; i < s->devices; i++)
		blk_dev_close(s->device[i]);
	power_cut_free(s->cut);
	sim_free(s->sim);
}

/* ---- whatever drives it ------------------------------------------------------------------------ */

void system_start(struct system *s)
{
	if (s->hosts)
		hosts_start(s->hosts);
	else
		replay_start(s->replay);
}

void system_stop(struct system *s)
{
	if (s->hosts)
		hosts_stop(s->hosts);
	else
		replay_stop(s->replay);
}

double system_progress(const struct system *s, uint64_t completed)
{
	if (s->hosts)
		return hosts_progress(s->hosts);
	if (s->source->expected)
		return (double)completed / (double)s->source->expected;
	return s->source->progress ? s->source->progress(s->source) : -1.0;
}

time_ps system_end(const struct system *s) { return s->hosts ? s->sim->now_ps : replay_end(s->replay); }

int system_verify(const struct system *s, struct err *e)
{
	if (s->hosts)
		return hosts_check(s->hosts, e);
	if (replay_verify(s->replay, e) < 0)
		return -1;
	if (replay_outstanding(s->replay) == 0)
		return 0;
	/* no event is left, so what is still out will never come back */
	return err_set(e, ERR_CHECK, "%" PRIu32 " requests never completed, and nothing is left to happen at %.9f s",
		replay_outstanding(s->replay), time_seconds(s->sim->now_ps));
}

const char *system_drive_name(const struct system *s) { return s->hosts ? hosts_kind(s->hosts)->name : s->source->name; }
