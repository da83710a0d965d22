/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The probe's requests, and the order of its parts. */
#include "run/probe_private.h"

#include <stdlib.h>
#include <string.h>

#define CATCH_STEP_PS 100000.0 /* how exactly a positioning time is found */
#define MARGIN_PS 5e6          /* two tracks differ by more than this; no sector times do */

/* ---- one request ------------------------------------------------------------------------- */

struct asked {
	struct blk_req req;
	bool done;
};

static void done(struct sim *s, struct blk_req *r)
{
	(void)s;
	((struct asked *)(void *)r)->done = true;
}

time_ps probe_do(struct probe *p, enum blk_op op, uint64_t lba, uint32_t sectors, uint8_t flags)
{
	struct asked a = {.req = {.op = (uint8_t)op, .lba = lba, .sectors = sectors, .flags = flags,
		.done = done, .arrive_ps = p->sim->now_ps}};
	if (p->broken)
		return p->sim->now_ps;
	p->out->requests++;
	blk_submit(p->dev, &a.req);
	while (!a.done && sim_step(p->sim))
		;
	if (!a.done) {
		p->broken = true;
		return p->sim->now_ps;
	}
	p->status = (enum blk_status)a.req.status;
	return a.req.done_ps;
}

time_ps probe_medium(struct probe *p, uint64_t lba)
{
	return probe_do(p, BLK_READ, lba, 1, BLK_FUA);
}

time_ps probe_response(struct probe *p, enum blk_op op, uint64_t lba, uint32_t sectors)
{
	time_ps from = p->sim->now_ps;
	return probe_do(p, op, lba, sectors, 0) - from;
}

void probe_idle(struct probe *p, double ps)
{
	if (!p->broken && ps >= 1 && sim_run_until(p->sim, time_add(p->sim->now_ps, (time_ps)ps)) < 0)
		p->broken = true;
}

void probe_power_cycle(struct probe *p)
{
	if (p->broken)
		return;
	probe_idle(p, 1e9); /* what is still under way lands */
	blk_dev_power_cut(p->dev);
	time_ps ready = blk_dev_power_restore(p->dev);
	probe_idle(p, (double)ready + 1e9);
}

/* ---- what times tell ----------------------------------------------------------------------- */

/* Into [0, turn), what lies just below a whole turn as a small negative number. */
static double phase(const struct probe *p, double ps)
{
	double x = fmod(ps, p->turn_ps);
	return x > p->turn_ps - PROBE_SAME_PS ? x - p->turn_ps : x;
}

double probe_gap(struct probe *p, uint64_t a, uint64_t b)
{
	time_ps from = probe_medium(p, a);
	return phase(p, (double)(probe_medium(p, b) - from));
}

bool probe_from_buffer(struct probe *p, uint64_t lba)
{
	time_ps first = probe_do(p, BLK_READ, lba, 1, 0);
	return fabs(phase(p, (double)(probe_medium(p, lba) - first))) > PROBE_SAME_PS;
}

/* From the end of an access to a to the end of a read of b that is asked for `pause` later. */
static double step(struct probe *p, uint64_t a, uint64_t b, double pause)
{
	time_ps from = probe_do(p, p->reads_only ? BLK_READ : BLK_WRITE, a, 1, BLK_FUA);
	probe_idle(p, pause);
	return (double)(probe_medium(p, b) - from);
}

/*
 * Whether b is read before `limit` is over. What comes too late is tried once more: a drive that gets over a
 * soft error by reading again is late by chance.
 */
static bool in_time(struct probe *p, uint64_t a, uint64_t b, double pause, double limit)
{
	double once = step(p, a, b, pause);
	return once < limit || step(p, a, b, pause) < limit;
}

/* Without a pause, not late by chance either. */
static double whole_step(struct probe *p, uint64_t a, uint64_t b)
{
	double once = step(p, a, b, 0);
	return fmin(once, step(p, a, b, 0));
}

/*
 * The shortest for a track that begins at b, without pauses, in which reading on after a would move
 * the arm: MTBRC proper, targets nearer and nearer before b's angle, that is from the track's end on.
 */
static double catch_by_target(struct probe *p, uint64_t a, uint64_t b)
{
	uint32_t spt = probe_zone_of(p, b)->spt, good = 0, bad = spt;
	double sector = p->turn_ps / spt, whole = whole_step(p, a, b), least = whole;
	while (bad - good > 1 && !p->broken) {
		uint32_t k = good + (bad - good) / 2;
		double now = k * sector < whole && b + spt < p->limit ? whole_step(p, a, b + spt - k) : INFINITY;
		if (now < whole - k * sector + p->turn_ps / 2) {
			good = k;
			least = fmin(least, now);
		} else {
			bad = k;
		}
	}
	return least;
}

double probe_still(struct probe *p, uint64_t at)
{
	uint32_t spt = probe_zone_of(p, at)->spt;
	double least = INFINITY;
	if (!p->reads_only)
		return probe_catch(p, at, at) - p->turn_ps / spt;
	for (int i = 0; i < 5; i++, at += spt + spt / 3) /* some of them far enough from the track's end */
		for (uint32_t k = 1; k < spt / 2 && !p->broken; k += 1 + k / 16)
			least = fmin(least, step(p, at, at + k, 0));
	return least - p->turn_ps / spt;
}

double probe_catch(struct probe *p, uint64_t a, uint64_t b)
{
	if (p->reads_only)
		return catch_by_target(p, a, b);
	step(p, a, b, 0); /* each trial finds the arms where the one before left them */
	double whole = whole_step(p, a, b), caught = 0, late = p->turn_ps;
	while (late - caught > CATCH_STEP_PS && !p->broken) {
		double pause = (caught + late) / 2;
		if (in_time(p, a, b, pause, whole + p->turn_ps / 2))
			caught = pause;
		else
			late = pause;
	}
	return whole - caught;
}

static double sector_ps(const struct probe *p, uint64_t lba)
{
	return p->turn_ps / probe_zone_of(p, lba)->spt;
}

double probe_position(struct probe *p, uint64_t a, uint64_t b)
{
	double ps = probe_catch(p, a, b) - p->still_ps - sector_ps(p, b);
	return ps > CATCH_STEP_PS + (p->reads_only ? sector_ps(p, b) : 0) ? ps : 0;
}

bool probe_same_track(struct probe *p, uint64_t a, uint64_t b)
{
	double whole = whole_step(p, a, b);
	/* background reading after a read ends with a sector */
	double margin = MARGIN_PS + (p->reads_only ? sector_ps(p, b) : 0);
	double pause = whole - p->still_ps - sector_ps(p, b) - margin;
	return pause < p->turn_ps && (pause <= 0 || in_time(p, a, b, pause, whole + p->turn_ps / 2));
}

/* ---- results ------------------------------------------------------------------------------ */

struct probe_figure *probe_found(struct probe *p, const char *key, const char *text, const char *unit,
	double measured, const char *method)
{
	struct probe_result *r = p->out;
	struct probe_figure *f = &r->figure[r->figure_count];
	if (r->figure_count + 1 < PROBE_FIGURES)
		r->figure_count++;
	*f = (struct probe_figure){.key = key, .text = text, .unit = unit, .method = method,
		.measured = measured, .configured = NAN};
	return f;
}

struct probe_figure *probe_missed(struct probe *p, const char *key, const char *text, const char *unit,
	const char *method, const char *why)
{
	struct probe_figure *f = probe_found(p, key, text, unit, NAN, method);
	f->note = why;
	return f;
}

void *probe_row(struct probe *p, struct probe_list *l, size_t bytes)
{
	if (!l->row)
		l->row = arena_array(p->out->arena, PROBE_ROWS, bytes);
	if (!l->row)
		p->broken = true;
	if (!l->row || l->count == PROBE_ROWS)
		return NULL;
	return (char *)l->row + bytes * l->count++;
}

const struct probe_figure *probe_figure_find(const struct probe_result *r, const char *key)
{
	for (size_t i = 0; i < r->figure_count; i++)
		if (!strcmp(r->figure[i].key, key))
			return &r->figure[i];
	return NULL;
}

/* ---- the whole ------------------------------------------------------------------------------ */

/* How far reads from the front are served; shingled zones may refuse what was never written. */
static void find_limit(struct probe *p)
{
	uint64_t good = 0, bad = p->out->sectors;
	p->limit = p->out->sectors;
	probe_medium(p, p->limit - 1);
	if (p->status == BLK_OK)
		return;
	for (int i = 1; i < 64; i++) { /* the first place that is refused, by steps ... */
		uint64_t at = p->out->sectors / 64 * (uint64_t)i;
		probe_medium(p, at);
		if (p->status != BLK_OK) {
			bad = at;
			break;
		}
		good = at;
	}
	while (bad - good > 1) { /* ... then by halves */
		uint64_t at = good + (bad - good) / 2;
		probe_medium(p, at);
		if (p->status == BLK_OK)
			good = at;
		else
			bad = at;
	}
	p->limit = bad;
	struct probe_figure *f = probe_found(p, "readable_sectors", "sectors that can be read", "",
		(double)bad, "single reads from the medium, then halving");
	f->note = "what lies beyond is refused until it has been written; only the front was measured";
}

static void measure(struct probe *p)
{
	find_limit(p);
	if (p->limit < 1000) {
		probe_missed(p, "rotation_ms", "one turn", "ms", "single reads", "the device does not serve reads");
		return;
	}
	probe_rotation(p);
	if (p->turn_ps > 0) {
		probe_zones(p);
		probe_tracks(p);
		probe_seeks(p);
		probe_cache(p);
	}
	probe_bursts(p);
	probe_depths(p);
}

/* Whether the device is to be written full: a real one that is measured has been. Tells of its past. */
static bool to_be_filled(struct probe_result *r, const struct plan *plan)
{
	uint32_t nsid;
	const struct plan_component *c = plan_driven(plan, 0, &nsid);
	const char *option = c->ops->fill_option ? c->ops->fill_option(c->spec) : NULL;
	char path[128];
	if (c->ops->has_past && c->ops->has_past(c->spec)) {
		snprintf(r->past, sizeof(r->past), "as the options of %s have it", c->name);
		return false;
	}
	if (!option)
		return false;
	snprintf(path, sizeof(path), "%s.%s", c->name, option);
	if (plan_states(plan, path)) {
		snprintf(r->past, sizeof(r->past), "none, as %s has it", path);
		return false;
	}
	snprintf(r->past, sizeof(r->past), "written full in order and in no time, since reads of a blank drive cost no flash time "
		"(%s=0: blank)", path);
	return true;
}

/* What was read and had never been written, where that costs nothing. */
static void tell_blank(struct probe_result *r)
{
	double share = system_blank_share(r->system->device[0]);
	size_t at = strlen(r->past);
	if (share > 0)
		snprintf(r->past + at, sizeof(r->past) - at, "; %.0f %% of the sectors read were never written and cost no flash time",
			100 * share);
}

static int open_all(struct probe *p, const struct plan *plan, struct err *e)
{
	struct probe_result *r = p->out;
	r->plan = plan;
	r->arena = arena_new();
	if (!r->arena) {
		err_set(e, ERR_LIMIT, "no memory to probe the device");
		return -1;
	}
	r->system = to_be_filled(r, plan) ? system_open_full(plan, e) : system_open_devices(plan, e);
	if (!r->system)
		return -1;
	p->sim = r->system->sim;
	p->dev = r->system->dev[0];
	r->sectors = p->limit = r->system->identity[0].sectors;
	p->rng = rng_new(r->arena, (uint64_t)plan->seed, "probe");
	return p->rng ? 0 : err_set(e, ERR_LIMIT, "no memory to probe the device");
}

struct probe_result *probe_run(const struct plan *plan, struct err *e)
{
	struct probe p = {.out = calloc(1, sizeof(*p.out))};
	if (!p.out) {
		err_set(e, ERR_LIMIT, "no memory to probe the device");
		return NULL;
	}
	bool good = open_all(&p, plan, e) == 0;
	if (good)
		measure(&p);
	if (good && p.broken) {
		const struct err *why = &p.sim->err;
		err_set(e, why->code ? why->code : ERR_CHECK, "the probe could not go on: %s", why->code ? why->msg
			: "a request never completed");
		good = false;
	}
	if (!good) {
		probe_free(p.out);
		return NULL;
	}
	tell_blank(p.out);
	p.out->simulated_s = time_seconds(p.sim->now_ps);
	probe_truth(p.out);
	return p.out;
}

void probe_free(struct probe_result *r)
{
	if (!r)
		return;
	system_free(r->system);
	arena_free(r->arena);
	free(r);
}
