/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Demand paging (host/paging.h): processes that start one after another, each going through the shared program once, growing its
 * stack, and then referencing memory of its own. Everything that takes time is the machine's. Two tables: the faults of every
 * policy over the number of frames on the first process's references, and what the processor did as processes came.
 */
#include <inttypes.h>
#include <string.h>

#include "host/paging.h"
#include "host/recorded_limits.h"
#include "host/replace_run.h"
#include "host/rig.h"
#include "host/stream_recorded.h"

#define LOAD_PAGE UINT64_C(0x100000) /* usually; the stack grows down from there */
#define TEXT_PAGE UINT64_C(0x400)    /* usually */
#define CURVE_POINTS 12u
#define MOST_LINES 131072u /* a power of two */
#define RECORDED_GAP 64
#define RECORDED_AREAS 1000

struct paging;

struct process {
	struct host_stream base; /* first */
	struct host_space *space;
	struct host_stream *load;
	struct host_track *watch; /* or NULL */
	uint64_t *first;         /* words of its start; NULL: it is past it */
	uint32_t first_words;
};

struct line {
	time_ps at_ps;
	uint32_t processes;
	double busy, faults, references;
};

enum { SPAN_TEXT, SPAN_STACK, SPAN_LOAD, SPANS };

struct paging {
	const struct paging_spec *spec;
	struct sim *sim;
	struct host_rig rig;
	struct host_region region[2]; /* program, files */
	struct host_span span[SPANS]; /* of each process, but for a recording */
	struct host_file *text;
	struct process *process;
	uint32_t started;
	uint64_t recorded_pages;      /* of a recording: touched */
	struct recorded_limits limits; /* of a recording */
	uint64_t *curve;              /* references, page << 1 | write */
	size_t curve_count;
	struct line *line;
	uint32_t lines, line_room;
	time_ps last_busy;
	uint64_t last_faults, last_references;
	struct event start, sample, end;
	time_ps over_ps;              /* when the last process that was started ended */
	uint64_t seed;
	bool stopped;
};

/* ---- a process ------------------------------------------------------------------------------------------------- */

static const uint64_t *process_next(struct host_stream *st, uint32_t *count)
{
	struct process *p = (struct process *)(void *)st;
	if (p->first) {
		const uint64_t *words = p->first;
		*count = p->first_words;
		p->first = NULL;
		return words;
	}
	return p->load->ops->next(p->load, count);
}

static void process_where(const struct host_stream *st, char *out, size_t bytes)
{
	const struct process *p = (const struct process *)(const void *)st;
	if (p->load->ops->where)
		p->load->ops->where(p->load, out, bytes);
}

static const struct host_stream_ops process_ops = {"demand-paging", process_next, NULL, process_where};

static int no_memory(struct err *e) { return err_set(e, ERR_LIMIT, "no memory for the scenario demand-paging"); }
static bool recorded(const struct paging *g) { return g->spec->recording && g->spec->recording[0]; }

/* A recording's streams are closed by who asked for them. */
static struct host_stream *load_stream(const struct paging *g, uint32_t number, struct err *e)
{
	char path[64];
	if (recorded(g))
		return host_stream_recorded(g->sim, g->spec->recording, HOST_RECORDED_ALL, (uint32_t)1 << g->rig.host->page_shift, e);
	snprintf(path, sizeof(path), "demand-paging/%" PRIu32, number);
	struct host_stream *st = host_stream_pattern(g->sim->arena, &g->spec->load, g->span[SPAN_LOAD].first, g->seed, path);
	if (!st)
		no_memory(e);
	return st;
}

/* The words of its start: the program in order, then the stack downwards. */
static int make_start(struct paging *g, struct process *p, struct err *e)
{
	uint64_t words = (uint64_t)(g->spec->text_pages + g->spec->stack_pages);
	uint64_t stack_end = g->span[SPAN_STACK].first + g->span[SPAN_STACK].pages;
	if (words == 0)
		return 0;
	p->first = arena_array(g->sim->arena, words, sizeof(*p->first));
	if (!p->first)
		return no_memory(e);
	for (int64_t i = 0; i < g->spec->text_pages; i++)
		p->first[p->first_words++] = host_ref(g->span[SPAN_TEXT].first + (uint64_t)i, 0);
	for (int64_t i = 1; i <= g->spec->stack_pages; i++)
		p->first[p->first_words++] = host_ref(stack_end - (uint64_t)i, 1);
	return 0;
}

/* What the recording touches, in stretches; all of it memory that goes to swap. */
static int make_recorded_areas(struct paging *g, struct process *p, struct err *e)
{
	struct host_recorded_area *area;
	int n = host_recorded_areas(g->sim->arena, g->spec->recording, RECORDED_GAP, RECORDED_AREAS, &area, NULL, e);
	for (int i = 0; i < n; i++) {
		const struct host_area x = {.name = "recorded", .first = area[i].first, .floor = area[i].first, .pages = area[i].pages,
			.pager = HOST_PAGER_SWAP, .writable = true};
		g->recorded_pages += p == g->process ? area[i].touched : 0;
		if (!host_area_add(p->space, &x, e))
			return -1;
	}
	return n < 0 ? -1 : 0;
}

static int make_areas(struct paging *g, struct process *p, uint32_t number, struct err *e)
{
	const struct paging_spec *s = g->spec;
	uint64_t pages = (uint64_t)s->load.pages, stack = (uint64_t)s->stack_pages;
	uint64_t at = g->span[SPAN_LOAD].first, program = g->span[SPAN_TEXT].first, floor = g->span[SPAN_STACK].first;
	struct host_area load = {.name = "load", .first = at, .floor = at, .pages = pages, .pager = HOST_PAGER_SWAP,
		.writable = true};
	const struct host_area text = {.name = "text", .first = program, .floor = program, .pages = (uint64_t)s->text_pages,
		.pager = HOST_PAGER_FILE, .file = g->text, .shared = true};
	const struct host_area grows = {.name = "stack", .first = floor + stack - 1, .floor = floor, .pages = 1,
		.pager = HOST_PAGER_SWAP, .writable = true, .grows = true};
	if (s->memory == PAGING_FILE) {
		load.pager = HOST_PAGER_FILE;
		load.shared = true;
		load.file = host_file_new(g->rig.host, "file", &g->region[1], number * pages * g->rig.host->page_sectors, pages, e);
		if (!load.file)
			return -1;
	}
	if (recorded(g))
		return make_recorded_areas(g, p, e);
	struct host_area *made = host_area_add(p->space, &load, e);
	if (!made || (s->text_pages > 0 && !host_area_add(p->space, &text, e)) || (stack > 0 && !host_area_add(p->space, &grows, e)))
		return -1;
	if (s->watched_pages == 0)
		return 0;
	p->watch = host_track_new(p->space, made, HOST_TRACK_TRAP, e);
	if (!p->watch)
		return -1;
	host_track_begin(p->watch);
	host_track_trap(p->watch, at, (uint64_t)s->watched_pages, HOST_TRAP_ALL);
	return 0;
}

static int place(struct paging *g, struct err *e)
{
	const struct paging_spec *s = g->spec;
	uint64_t stack = (uint64_t)s->stack_pages;
	g->span[SPAN_TEXT] = (struct host_span){.name = "program", .usual = TEXT_PAGE, .pages = (uint64_t)s->text_pages};
	g->span[SPAN_STACK] = (struct host_span){.name = "stack", .usual = stack < LOAD_PAGE ? LOAD_PAGE - stack : 0, .pages = stack};
	g->span[SPAN_LOAD] = (struct host_span){.name = "load", .usual = LOAD_PAGE, .pages = (uint64_t)s->load.pages};
	return recorded(g) ? 0 : host_spans_place(g->rig.host, g->span, SPANS, e);
}

static int make_process(struct paging *g, uint32_t number, struct err *e)
{
	struct process *p = &g->process[number];
	p->base.ops = &process_ops;
	p->load = load_stream(g, number, e);
	if (!p->load)
		return -1;
	if (recorded(g)) {
		const struct ref_header *head = host_stream_recorded_header(p->load);
		g->limits = (struct recorded_limits){.kind = head->kind, .filter = head->filter, .processes = g->spec->processes,
			.host = g->rig.host->spec};
	}
	p->space = host_space_new(g->rig.host, "process", e);
	return p->space && make_areas(g, p, number, e) == 0 ? make_start(g, p, e) : -1;
}

/* ---- events ---------------------------------------------------------------------------------------------------- */

static void start_event(struct sim *s, struct event *e)
{
	struct paging *g = container_of(e, struct paging, start);
	struct err why = {0};
	do {
		struct process *p = &g->process[g->started++];
		if (!host_thread_new(p->space, &p->base, &why)) {
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
	time_ps busy = host_busy_time(h);
	if (!l)
		return;
	*l = (struct line){.at_ps = s->now_ps - g->spec->interval_ps, .processes = h->alive,
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

/* After the last process nothing is left to wait for: neither the next line of the table nor the end of the duration. */
static void process_ended(void *ctx, struct host_thread *th)
{
	struct paging *g = ctx;
	(void)th;
	if (!host_over(g->rig.host))
		return;
	g->over_ps = g->sim->now_ps;
	if (g->started == g->spec->processes) {
		sim_cancel(g->sim, &g->sample);
		sim_cancel(g->sim, &g->end);
	}
}

/* ---- making one ------------------------------------------------------------------------------------------------ */

/* The string of the curves: each word once, whatever its burst. */
static int make_curve(struct paging *g, struct err *e)
{
	size_t most = (size_t)g->spec->curve_references;
	struct host_stream *st = most > 0 ? load_stream(g, 0, e) : NULL;
	if (most == 0)
		return 0;
	g->curve = arena_array(g->sim->arena, most, sizeof(*g->curve));
	if (st && !g->curve)
		no_memory(e);
	uint32_t n = 0;
	for (const uint64_t *word; st && g->curve && g->curve_count < most && (word = st->ops->next(st, &n)) != NULL && n > 0;)
		for (uint32_t i = 0; i < n && g->curve_count < most; i++)
			g->curve[g->curve_count++] = host_ref_vpn(word[i]) << 1 | (word[i] & HOST_REF_WRITE);
	if (recorded(g))
		host_stream_recorded_close(st);
	return st && g->curve && g->sim->err.code == ERR_NONE ? 0 : -1;
}

static void paging_close(struct scenario *sc)
{
	struct paging *g = (struct paging *)(void *)sc;
	for (int64_t i = 0; recorded(g) && i < g->spec->processes; i++) {
		host_stream_recorded_close(g->process[i].load);
		g->process[i].load = NULL;
	}
}

static struct scenario *paging_open(const struct scenario_env *env, const void *bound, struct err *e)
{
	const struct paging_spec *spec = bound;
	struct paging *g = arena_alloc(env->sim->arena, sizeof(*g));
	if (!g || !(g->process = arena_array(env->sim->arena, (size_t)spec->processes, sizeof(*g->process)))) {
		no_memory(e);
		return NULL;
	}
	g->spec = spec;
	g->sim = env->sim;
	g->seed = env->seed;
	event_init(&g->start, start_event, "a process starts", EVENT_PRIO_WORKLOAD);
	event_init(&g->sample, sample_event, "paging sample", EVENT_PRIO_SAMPLE);
	event_init(&g->end, end_event, "paging ends", EVENT_PRIO_WORKLOAD);
	uint64_t sectors = (uint64_t)env->host->page_bytes / SECTOR_BYTES;
	uint64_t text = (uint64_t)spec->text_pages, files = spec->memory == PAGING_FILE ? (uint64_t)(spec->processes * spec->load.pages) : 0;
	const struct host_region_spec want[2] = {{.name = "program", .cause = BLK_CAUSE_FILE, .sectors = (text ? text : 1) * sectors},
		{.name = "files", .cause = BLK_CAUSE_FILE, .sectors = (files ? files : 1) * sectors}};
	if (host_rig_open(&g->rig, env, want, 2, g->region, e) < 0)
		return NULL;
	g->rig.host->ended = process_ended;
	g->rig.host->ended_ctx = g;
	bool good = place(g, e) == 0;
	good = good && (text == 0 || (g->text = host_file_new(g->rig.host, "program", &g->region[0], 0, text, e)) != NULL);
	for (uint32_t i = 0; good && i < (uint32_t)spec->processes; i++)
		good = make_process(g, i, e) == 0;
	if (good && make_curve(g, e) == 0)
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
	double each = (double)s->load.references * (double)s->load.burst + (double)(s->text_pages + s->stack_pages);
	return (double)g->rig.host->n.references / (each * (double)s->processes);
}

static int paging_check(const struct scenario *sc, struct err *e)
{
	const struct paging *g = of(sc);
	if (!host_over(g->rig.host))
		return err_set(e, ERR_CHECK, "%" PRIu32 " of %" PRIu32 " processes have not ended", g->rig.host->alive, g->started);
	return host_check(g->rig.host, true, e) < 0 ? -1 : host_io_check(g->rig.io, e);
}

static void paging_report(const struct scenario *sc, void (*put)(void *ctx, const char *name, double value, const char *unit), void *ctx)
{
	const struct paging *g = of(sc);
	const struct host *h = g->rig.host;
	double seconds = g->over_ps > 0 ? time_seconds(g->over_ps) : 1e-12;
	uint64_t traps = 0;
	for (uint32_t i = 0; i < g->started; i++)
		traps += g->process[i].watch ? g->process[i].watch->traps : 0;
	put(ctx, "processes", g->started, "");
	put(ctx, "references_per_second", (double)h->n.references / seconds, "1/s");
	put(ctx, "faults_per_second", (double)h->n.faults / seconds, "1/s");
	put(ctx, "cpu_busy", time_seconds(host_busy_time(h)) / seconds / (double)h->spec->cpus, "");
	put(ctx, "breakpoint_traps", (double)traps, "");
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
	uint64_t pages = recorded(g) ? g->recorded_pages : (uint64_t)g->spec->load.pages;
	uint64_t least = recorded(g) ? g->limits.filter : 0;
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
			if ((!recorded(g) || recorded_limits_exact(&g->limits, p, frames)) &&
				replace_run(&s, before, g->curve, g->curve_count, g->seed, &result, &e) == 0)
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
	return g->rig.host->n.evictions > 0 && recorded_limits_filter(&g->limits, out, bytes);
}

static bool paging_note(const struct scenario *sc, unsigned index, char *out, size_t bytes)
{
	const struct paging *g = of(sc);
	if (!recorded(g))
		return false;
	return (recorded_limits_kind(&g->limits, out, bytes) && index-- == 0) ||
	       (note_filter(g, out, bytes) && index-- == 0) ||
	       (g->curve_count > 0 && recorded_limits_curve(&g->limits, out, bytes) && index-- == 0) ||
	       (note_idle(g, out, bytes) && index == 0);
}

const struct scenario_ops scenario_paging = {
	.name = "demand-paging",
	.doc = "processes whose pages come when they are referenced: memory that goes to swap or to a mapped file, a shared program, "
		"stacks that grow, data breakpoints; fault curves of all policies, and thrashing",
	.options = &paging_options,
	.open = paging_open,
	.close = paging_close,
	.start = paging_start,
	.stop = paging_stop,
	.progress = paging_progress,
	.check = paging_check,
	.report = paging_report,
	.table = paging_table,
	.note = paging_note,
};
