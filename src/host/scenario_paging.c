/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Demand paging (host/paging.h): processes that start one after another, each going through the shared program once, growing its
 * stacks, and then referencing memory of its own. Everything that takes time is the machine's. Two tables: the faults of every
 * policy over the number of frames on the first process's references, and what the processor did as processes came.
 */
#include <inttypes.h>
#include <string.h>

#include "host/paging_process.h"
#include "host/replace_run.h"
#include "host/rig.h"

#define CURVE_POINTS 12u
#define MOST_LINES 131072u /* a power of two */

struct line {
	time_ps at_ps;
	uint32_t processes;
	double busy, faults, references;
};

struct paging {
	const struct paging_spec *spec;
	struct sim *sim;
	struct host_rig rig;
	struct host_region region[2]; /* program, files */
	struct paging_common common;
	struct paging_process *process;
	uint32_t started, alive;      /* processes; those that have not ended */
	uint64_t *curve;              /* references, page << 1 | write */
	size_t curve_count;
	struct line *line;
	uint32_t lines, line_room;
	time_ps last_busy;
	uint64_t last_faults, last_references;
	struct event start, sample, end;
	time_ps over_ps;              /* when the last process that was started ended */
	bool stopped;
};

static int no_memory(struct err *e) { return err_set(e, ERR_LIMIT, "no memory for the scenario demand-paging"); }
static bool recorded(const struct paging *g) { return paging_recorded(&g->common); }

/* ---- events ---------------------------------------------------------------------------------------------------- */

static void start_event(struct sim *s, struct event *e)
{
	struct paging *g = container_of(e, struct paging, start);
	struct err why = {0};
	do {
		g->alive++;
		if (paging_process_start(&g->process[g->started++], &why) < 0) {
			sim_fail(s, why.code, "%s", why.msg);
			return;
		}
	} while (g->started < g->spec->processes && g->spec->start_every_ps == 0);
	if (g->started < g->spec->processes && !g->stopped)
		sim_schedule(s, e, s->now_ps + g->spec->start_every_ps);
}

static struct line *new_line(struct paging *g)
{
	if (g->lines == g->line_room) {
		uint32_t room = g->line_room ? 2 * g->line_room : 64;
		struct line *grown = g->lines < MOST_LINES ? arena_array(g->sim->arena, room, sizeof(*grown)) : NULL;
		if (!grown)
			return NULL;
		if (g->lines)
			memcpy(grown, g->line, g->lines * sizeof(*grown));
		g->line = grown;
		g->line_room = room;
	}
	return &g->line[g->lines++];
}

static void sample_event(struct sim *s, struct event *e)
{
	struct paging *g = container_of(e, struct paging, sample);
	const struct host *h = g->rig.host;
	struct line *l = new_line(g);
	double seconds = time_seconds(g->spec->interval_ps);
	time_ps busy = host_busy_by_now(h);
	if (!l)
		return;
	*l = (struct line){.at_ps = s->now_ps - g->spec->interval_ps, .processes = g->alive,
		.busy = time_seconds(busy - g->last_busy) / seconds / (double)h->spec->cpus,
		.faults = (double)(h->n.faults - g->last_faults) / seconds,
		.references = (double)(h->n.references - g->last_references) / seconds};
	g->last_busy = busy;
	g->last_faults = h->n.faults;
	g->last_references = h->n.references;
	sim_schedule(s, e, s->now_ps + g->spec->interval_ps);
}

static void paging_stop(struct scenario *sc)
{
	struct paging *g = (struct paging *)(void *)sc;
	g->stopped = true;
	sim_cancel(g->sim, &g->start);
	sim_cancel(g->sim, &g->sample);
	sim_cancel(g->sim, &g->end);
	host_stop(g->rig.host);
}

static void end_event(struct sim *s, struct event *e)
{
	(void)s;
	paging_stop((struct scenario *)(void *)container_of(e, struct paging, end));
}

/* Its process exits with the last one, but where all stop: what is in memory then is to be seen. Who takes a process for want of memory
 * ends it himself. After the last process nothing is left to wait for: neither the next line of the table nor the end of the duration. */
static void thread_ended(void *ctx, struct host_thread *th)
{
	struct paging *g = ctx;
	const struct host *h = th->host;
	if (th->space->threads > 0)
		return;
	g->alive--;
	if (host_over(h))
		g->over_ps = g->sim->now_ps;
	if (host_over(h) && g->started == g->spec->processes) {
		sim_cancel(g->sim, &g->sample);
		sim_cancel(g->sim, &g->end);
	}
	if (!h->stopping && !h->ending)
		host_space_exit(th->space);
}

/* ---- making one ------------------------------------------------------------------------------------------------ */

static void paging_close(struct scenario *sc)
{
	struct paging *g = (struct paging *)(void *)sc;
	for (int64_t i = 0; i < g->spec->processes; i++)
		paging_process_close(&g->process[i], &g->common);
}

static struct scenario *paging_open(const struct scenario_env *env, const void *bound, struct err *e)
{
	const struct paging_spec *spec = bound;
	struct paging *g = arena_alloc(env->sim->arena, sizeof(*g));
	if (!g || !(g->process = arena_array(env->sim->arena, (size_t)spec->processes, sizeof(*g->process)))) {
		no_memory(e);
		return NULL;
	}
	if (spec->load.references == 0 && !(spec->recording && spec->recording[0]) && env->host->cost.hit_ps == 0) {
		err_set(e, ERR_CONFIG, "scenario.load: references: 0 never ends where host.cost.hit=0 takes no time, and duration never comes");
		return NULL;
	}
	g->spec = spec;
	g->sim = env->sim;
	event_init(&g->start, start_event, "a process starts", EVENT_PRIO_WORKLOAD);
	event_init(&g->sample, sample_event, "paging sample", EVENT_PRIO_SAMPLE);
	event_init(&g->end, end_event, "paging ends", EVENT_PRIO_WORKLOAD);
	uint64_t sectors = (uint64_t)env->host->page_bytes / SECTOR_BYTES;
	uint64_t text = (uint64_t)spec->text_pages;
	uint64_t files = spec->memory != PAGING_HEAP ? paging_pages_before(spec, (uint32_t)spec->processes) : 0;
	const struct host_region_spec want[2] = {{.name = "program", .cause = BLK_CAUSE_FILE, .sectors = (text ? text : 1) * sectors},
		{.name = "files", .cause = BLK_CAUSE_FILE, .sectors = (files ? files : 1) * sectors}};
	if (host_rig_open(&g->rig, env, want, 2, g->region, e) < 0)
		return NULL;
	g->rig.host->ended = thread_ended;
	g->rig.host->ended_ctx = g;
	g->common = (struct paging_common){.spec = spec, .sim = env->sim, .host = g->rig.host, .program = &g->region[0],
		.files = &g->region[1], .seed = env->seed};
	bool good = paging_common_open(&g->common, e) == 0;
	for (uint32_t i = 0; good && i < (uint32_t)spec->processes; i++)
		good = paging_process_open(&g->process[i], &g->common, i, e) == 0;
	const size_t most = (size_t)spec->curve_references;
	if (good && (most == 0 || paging_string(&g->common, most, &g->curve, &g->curve_count, e) == 0))
		return (struct scenario *)(void *)g;
	paging_close((struct scenario *)(void *)g);
	return NULL;
}

/* ---- the run, and what it tells --------------------------------------------------------------------------------- */

static const struct paging *of(const struct scenario *sc) { return (const struct paging *)(const void *)sc; }

static void paging_start(struct scenario *sc)
{
	struct paging *g = (struct paging *)(void *)sc;
	host_start(g->rig.host);
	sim_schedule(g->sim, &g->start, g->sim->now_ps);
	if (g->spec->interval_ps > 0)
		sim_schedule(g->sim, &g->sample, g->sim->now_ps + g->spec->interval_ps);
	if (g->spec->duration_ps > 0)
		sim_schedule(g->sim, &g->end, g->sim->now_ps + g->spec->duration_ps);
}

static double paging_progress(const struct scenario *sc)
{
	const struct paging *g = of(sc);
	const struct paging_spec *s = g->spec;
	if (s->duration_ps > 0)
		return (double)g->sim->now_ps / (double)s->duration_ps;
	if (recorded(g))
		return -1;
	return (double)g->rig.host->n.references / (paging_references(&g->common) * (double)s->processes);
}

static int paging_check(const struct scenario *sc, struct err *e)
{
	const struct paging *g = of(sc);
	if (!host_over(g->rig.host))
		return err_set(e, ERR_CHECK, "%" PRIu32 " of %" PRIu32 " processes have not ended", g->alive, g->started);
	return host_check(g->rig.host, true, e) < 0 ? -1 : host_io_check(g->rig.io, e);
}

static void paging_report(const struct scenario *sc, void (*put)(void *ctx, const char *name, double value, const char *unit), void *ctx)
{
	const struct paging *g = of(sc);
	const struct host *h = g->rig.host;
	/* the processors' last work, such as tearing a process down, may go on behind its end */
	double seconds = time_seconds(time_max(time_max(g->over_ps, host_worked_until(h)), 1));
	uint64_t traps = 0, calls = 0, grown = 0;
	for (uint32_t i = 0; i < g->started; i++) {
		traps += g->process[i].watch ? g->process[i].watch->traps : 0;
		calls += g->process[i].heap_calls;
		grown += g->process[i].heap_grown;
	}
	put(ctx, "processes", g->started, "");
	if (g->common.threads > 1)
		put(ctx, "threads", h->threads, "");
	put(ctx, "references_per_second", (double)h->n.references / seconds, "1/s");
	put(ctx, "faults_per_second", (double)h->n.faults / seconds, "1/s");
	put(ctx, "cpu_busy", time_seconds(host_busy_time(h)) / seconds / (double)h->spec->cpus, "");
	put(ctx, "breakpoint_traps", (double)traps, "");
	if (g->spec->heap.start > 0) {
		put(ctx, "heap_calls", (double)calls, "");
		put(ctx, "heap_grown", (double)grown, "");
	}
	host_report(h, put, ctx);
}

/* ---- tables ---------------------------------------------------------------------------------------------------- */

/*
 * Times of the policies' options are of the machine: a word's references are reckoned as TLB hits. In the machine faults take most
 * of a period, here they take none, and the string may be shorter than one: accessed bits are looked at once in as many references
 * as there are frames at the least.
 */
static struct replace_spec curve_policy(const struct paging *g, int policy, uint32_t frames)
{
	struct replace_spec s = g->rig.host->spec->replace;
	time_ps hit = g->rig.host->spec->cost.hit_ps * g->spec->load.burst;
	hit = hit > 0 ? hit : 1;
	s.policy = policy;
	s.period_ps = time_min(time_max(s.period_ps / hit, 1), frames);
	s.tau_ps /= hit;
	return s;
}

static void write_curve(const struct paging *g, FILE *out)
{
	fputs("frames", out);
	for (const struct replace_policy *p = replace_policies; p->name; p++)
		fprintf(out, ",%s", p->name);
	fputc('\n', out);
	uint64_t pages = recorded(g) ? g->common.recorded_pages : (uint64_t)g->spec->load.pages;
	uint64_t least = recorded(g) ? g->common.limits.filter : 0;
	uint32_t before = 0;
	for (uint32_t k = 1; k <= CURVE_POINTS; k++) {
		uint64_t frames = pages * k / CURVE_POINTS;
		frames = frames < least ? least : frames;
		if (frames == 0 || frames == before || frames > pages || frames > UINT32_MAX / 4)
			continue;
		before = (uint32_t)frames;
		fprintf(out, "%" PRIu64, frames);
		for (int p = 0; replace_policies[p].name; p++) {
			const struct replace_spec s = curve_policy(g, p, before);
			struct replace_outcome result = {0};
			struct err e = {0};
			if ((!recorded(g) || recorded_limits_exact(&g->common.limits, p, frames)) &&
				replace_run(&s, before, g->curve, g->curve_count, g->common.seed, &result, &e) == 0)
				fprintf(out, ",%" PRIu64, result.faults);
			else
				fputc(',', out);
		}
		fputc('\n', out);
	}
}

static void write_lines(const struct paging *g, FILE *out)
{
	fputs("start_ns,processes,cpu_busy,faults_per_second,references_per_second\n", out);
	for (uint32_t i = 0; i < g->lines; i++)
		fprintf(out, "%" PRId64 ",%" PRIu32 ",%.6g,%.6g,%.6g\n", g->line[i].at_ps / PS_PER_NS, g->line[i].processes, g->line[i].busy,
			g->line[i].faults, g->line[i].references);
}

static const char *paging_table(const struct scenario *sc, unsigned index, FILE *out)
{
	const struct paging *g = of(sc);
	bool curve = g->curve_count > 0, lines = g->spec->interval_ps > 0;
	if (index == 0 && curve) {
		if (out)
			write_curve(g, out);
		return "fault_curve";
	}
	if (index == (curve ? 1u : 0u) && lines) {
		if (out)
			write_lines(g, out);
		return "thrashing";
	}
	return NULL;
}

/* ---- notes ----------------------------------------------------------------------------------------------------- */

static uint64_t requests(const struct paging *g)
{
	uint64_t sum = 0;
	for (int cause = 0; cause < BLK_CAUSE_COUNT; cause++) {
		struct host_io_count c = host_io_by_cause(g->rig.io, cause);
		sum += c.reads + c.writes;
	}
	return sum;
}

/* A recording that leaves the device idle is seldom what was meant. */
static bool note_idle(const struct paging *g, char *out, size_t bytes)
{
	const struct host *h = g->rig.host;
	if (h->n.references == 0 || requests(g) > 0)
		return false;
	if (h->spec->share_zero && h->n.zero_fills == 0)
		snprintf(out, bytes, "The device got no request: all references read memory that was never written, for which one page of zeros "
			"stands, and no frame was taken. host.share_zero=false gives each page a frame; only pages that the recording writes "
			"go to the device.");
	else if (h->n.evictions > 0)
		snprintf(out, bytes, "The device got no request: the pages that were evicted had never been written, and zeros are dropped. Only "
			"pages that the recording writes go to the device.");
	else
		snprintf(out, bytes, "The device got no request: the pages that took a frame (%" PRIu64 ") fit into host.frames=%" PRId64 ".%s",
			h->n.zero_fills, h->spec->frames, h->spec->share_zero ?
			" host.share_zero=false gives those that were only read a frame too." : "");
	return true;
}

/* Where no page had to go, each was faulted in once, whatever the policy, and so it would be on the whole string. */
static bool note_filter(const struct paging *g, char *out, size_t bytes)
{
	return g->rig.host->n.evictions > 0 && recorded_limits_filter(&g->common.limits, out, bytes);
}

static bool note_threads(const struct paging *g, char *out, size_t bytes)
{
	if (!g->spec->recorded_threads)
		return false;
	if (g->common.threads > 1)
		snprintf(out, bytes, "The recording's %" PRIu32 " threads begin at once and run side by side, each in its own recorded order: "
			"that one waited for another is not in a recording.", g->common.threads);
	else
		snprintf(out, bytes, "The recording has one thread, so that scenario.recorded_threads changes nothing: quern record faults tells "
			"the threads of a program apart, refs and dirty do not.");
	return true;
}

static bool paging_note(const struct scenario *sc, unsigned index, char *out, size_t bytes)
{
	const struct paging *g = of(sc);
	if (!recorded(g))
		return false;
	return (note_threads(g, out, bytes) && index-- == 0) ||
	       (recorded_limits_kind(&g->common.limits, out, bytes) && index-- == 0) ||
	       (note_filter(g, out, bytes) && index-- == 0) ||
	       (g->curve_count > 0 && recorded_limits_curve(&g->common.limits, out, bytes) && index-- == 0) ||
	       (note_idle(g, out, bytes) && index == 0);
}

static const struct host *paging_machine(const struct scenario *sc) { return of(sc)->rig.host; }

const struct scenario_ops scenario_paging = {
	.name = "demand-paging",
	.doc = "processes whose pages come when they are referenced: memory that goes to swap or to a mapped file (shared or private), a "
		"shared program, stacks and heaps that grow, data breakpoints; fault curves of all policies, and thrashing",
	.options = &paging_options,
	.open = paging_open,
	.close = paging_close,
	.start = paging_start,
	.stop = paging_stop,
	.progress = paging_progress,
	.check = paging_check,
	.machine = paging_machine,
	.report = paging_report,
	.table = paging_table,
	.note = paging_note,
};
