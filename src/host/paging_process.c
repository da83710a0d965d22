/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Processes of the scenario demand-paging, and their threads. */
#include "host/paging_process.h"

#include <inttypes.h>
#include <stdio.h>

#define LOAD_PAGE UINT64_C(0x100000) /* usually; the stacks grow down from there */
#define TEXT_PAGE UINT64_C(0x400)    /* usually */
#define RECORDED_GAP 64
#define RECORDED_AREAS 1000

static int no_memory(struct err *e) { return err_set(e, ERR_LIMIT, "no memory for the scenario demand-paging"); }

double paging_references(const struct paging_common *c)
{
	const struct paging_spec *s = c->spec;
	double each = (double)s->load.references * (double)s->load.burst + (double)s->stack_pages;
	return (double)s->text_pages + each * (double)c->threads;
}

static uint64_t load_pages(const struct paging_spec *s, uint32_t number)
{
	return (uint64_t)s->load.pages + (uint64_t)s->more_pages * number;
}

uint64_t paging_pages_before(const struct paging_spec *s, uint32_t number)
{
	return (uint64_t)s->load.pages * number + (uint64_t)s->more_pages * (number * (number - UINT64_C(1)) / 2);
}

/* ---- a thread -------------------------------------------------------------------------------------------------- */

/* Words of HOST_REF_ACT: */
#define ACT_GROW (UINT64_C(1) << 62) /* the heap, to the page in the other bits */
#define ACT_SYNC (UINT64_C(1) << 61) /* the file; none of the two: a thread begins, of which they are the number */

static const uint64_t sync_word = HOST_REF_ACT | ACT_SYNC;

/* Whether the load has words, from t->word on. */
static bool has_words(struct paging_thread *t)
{
	if (t->words == 0 && !(t->word = t->load->ops->next(t->load, &t->words)))
		t->words = 0;
	return t->words > 0;
}

static const uint64_t *hand_on(struct paging_thread *t, uint32_t count, uint32_t *counted)
{
	const uint64_t *first = t->word;
	t->word += count;
	t->words -= count;
	*counted = count;
	return first;
}

/* The load's words, with a sync behind each so many. */
static const uint64_t *next_or_sync(struct paging_thread *t, uint32_t *count)
{
	if (t->until_sync == 0) {
		t->until_sync = (uint64_t)t->process->all->spec->sync_every;
		*count = 1;
		return &sync_word;
	}
	if (!has_words(t))
		return NULL;
	const uint32_t n = t->words < t->until_sync ? t->words : (uint32_t)t->until_sync;
	t->until_sync -= n;
	return hand_on(t, n, count);
}

/* The load up to the first reference beyond the end of the heap; or, where that comes next, the call that it needs before it. What has
 * been handed on is done when this is called, and the heap as long as it made it; others can only have made it longer. */
static const uint64_t *next_or_grow(struct paging_thread *t, uint32_t *count)
{
	const struct host_area *heap = t->process->heap;
	const uint64_t end = heap->first + heap->pages;
	uint32_t n = 0;
	if (!has_words(t))
		return NULL;
	while (n < t->words && host_ref_vpn(t->word[n]) < end)
		n++;
	if (n > 0)
		return hand_on(t, n, count);
	t->grow[0] = HOST_REF_ACT | ACT_GROW | host_ref_vpn(*t->word);
	t->grow[1] = *hand_on(t, 1, count);
	*count = 2;
	return t->grow;
}

static const uint64_t *thread_next(struct host_stream *st, uint32_t *count)
{
	struct paging_thread *t = (struct paging_thread *)(void *)st;
	const struct paging_begin *b = &t->process->all->begin[t->number];
	if (!t->begun && b->word) {
		t->begun = true;
		*count = b->words;
		return b->word;
	}
	if (t->process->heap)
		return next_or_grow(t, count);
	return t->process->all->spec->sync_every > 0 ? next_or_sync(t, count) : t->load->ops->next(t->load, count);
}

/* Unless another thread has made it long enough meanwhile. */
static enum host_act grow_heap(struct paging_process *p, struct host *h, uint64_t page)
{
	struct host_area *heap = p->heap;
	const uint64_t end = heap->first + heap->pages, step = (uint64_t)p->all->spec->heap.step;
	if (h->stopping)
		return HOST_ACT_EXIT; /* the reference that follows would lie outside */
	if (page < end)
		return HOST_ACT_DONE;
	uint64_t more = (page - end + step) / step * step; /* at least page + 1 - end */
	if (more > host_area_room(heap) - heap->pages)
		more = host_area_room(heap) - heap->pages;
	host_charge_call(h);
	p->heap_calls++;
	p->heap_grown += more;
	host_area_extend(p->space, heap, heap->pages + more);
	return HOST_ACT_DONE;
}

/* The heap grows, a thread syncs the file, or the first starts another. */
static enum host_act thread_act(struct host_stream *st, struct host_thread *th, uint64_t word)
{
	struct paging_process *p = ((const struct paging_thread *)(const void *)st)->process;
	struct host *h = th->host;
	struct err why = {0};
	if (word & ACT_GROW)
		return grow_heap(p, h, word & ~(HOST_REF_ACT | ACT_GROW));
	if (h->stopping)
		return HOST_ACT_DONE;
	if (word & ACT_SYNC)
		return host_file_sync(th, p->file);
	host_charge_call(h);
	if (!host_thread_new(p->space, &p->thread[word & ~HOST_REF_ACT].base, &why))
		sim_fail(h->sim, why.code, "%s", why.msg);
	return HOST_ACT_DONE;
}

static void thread_where(const struct host_stream *st, char *out, size_t bytes)
{
	const struct paging_thread *t = (const struct paging_thread *)(const void *)st;
	if (t->load->ops->where)
		t->load->ops->where(t->load, out, bytes);
}

static const struct host_stream_ops thread_ops = {"demand-paging", thread_next, thread_act, thread_where};

/* A recording's streams are closed by who asked for them. */
static struct host_stream *recorded_stream(const struct paging_common *c, uint32_t thread, struct err *e)
{
	return host_stream_recorded(c->sim, c->spec->recording, thread, (uint32_t)1 << c->host->page_shift, e);
}

static struct host_stream *pattern_stream(const struct paging_common *c, uint32_t process, uint32_t thread, struct err *e)
{
	char path[64];
	struct host_pattern_spec load = c->spec->load;
	load.pages = (int64_t)load_pages(c->spec, process);
	if (thread == 0)
		snprintf(path, sizeof(path), "demand-paging/%" PRIu32, process);
	else
		snprintf(path, sizeof(path), "demand-paging/%" PRIu32 "/%" PRIu32, process, thread);
	struct host_stream *st = host_stream_pattern(c->sim->arena, &load, c->span[PAGING_SPAN_LOAD].first, c->seed, path, c->zipf);
	if (!st) {
		no_memory(e);
		return NULL;
	}
	host_stream_pattern_begin(st, (uint64_t)load.pages / c->threads * thread + (uint64_t)load.pages % c->threads * thread / c->threads);
	return st;
}

/* The first page of the thread's stack, to which it grows down. */
static uint64_t stack_floor(const struct paging_common *c, uint32_t thread)
{
	const struct host_span *all = &c->span[PAGING_SPAN_STACK];
	return all->first + all->pages - (uint64_t)c->spec->stack_pages * (thread + 1);
}

/* What the threads do first: one the program in order, and all others are started; each its stack downwards. */
static int make_begins(struct paging_common *c, struct err *e)
{
	const uint64_t text = (uint64_t)c->spec->text_pages, stack = (uint64_t)c->spec->stack_pages;
	c->begin = arena_array(c->sim->arena, c->threads, sizeof(*c->begin));
	if (!c->begin)
		return no_memory(e);
	for (uint32_t t = 0; t < c->threads; t++) {
		struct paging_begin *b = &c->begin[t];
		const uint64_t words = (t == 0 ? text + (c->threads - 1) : 0) + stack;
		if (words == 0)
			continue;
		if (!(b->word = arena_array(c->sim->arena, words, sizeof(*b->word))))
			return no_memory(e);
		for (uint64_t i = 0; t == 0 && i < text; i++)
			b->word[b->words++] = host_ref(c->span[PAGING_SPAN_TEXT].first + i, 0);
		for (uint64_t other = 1; t == 0 && other < c->threads; other++)
			b->word[b->words++] = HOST_REF_ACT | other;
		for (uint64_t i = 1; i <= stack; i++)
			b->word[b->words++] = host_ref(stack_floor(c, t) + stack - i, 1);
	}
	return 0;
}

static int make_threads(struct paging_process *p, uint32_t number, struct err *e)
{
	const struct paging_common *c = p->all;
	p->thread = arena_array(c->sim->arena, c->threads, sizeof(*p->thread));
	if (!p->thread)
		return no_memory(e);
	for (uint32_t i = 0; i < c->threads; i++) {
		struct paging_thread *t = &p->thread[i];
		t->base.ops = &thread_ops;
		t->process = p;
		t->number = i;
		t->until_sync = (uint64_t)c->spec->sync_every;
		t->load = !paging_recorded(c) ? pattern_stream(c, number, i, e) : recorded_stream(c, c->spec->recorded_threads ? i : HOST_RECORDED_ALL, e);
		if (!t->load)
			return -1;
	}
	return 0;
}

/* ---- its memory ------------------------------------------------------------------------------------------------ */

/* What the recording touches, in stretches; all of it memory that goes to swap. */
static int map_recorded(struct paging_process *p, struct err *e)
{
	const struct paging_common *c = p->all;
	for (int i = 0; i < c->areas; i++) {
		const struct host_area x = {.name = "recorded", .first = c->area[i].first, .floor = c->area[i].first, .pages = c->area[i].pages,
			.pager = HOST_PAGER_SWAP, .writable = true};
		if (!host_area_add(p->space, &x, e))
			return -1;
	}
	return 0;
}

static int map_stacks(struct paging_process *p, struct err *e)
{
	const struct paging_common *c = p->all;
	const uint64_t pages = (uint64_t)c->spec->stack_pages;
	for (uint32_t i = 0; i < c->threads && pages > 0; i++) {
		const uint64_t floor = stack_floor(c, i);
		const struct host_area grows = {.name = "stack", .first = floor + pages - 1, .floor = floor, .pages = 1,
			.pager = HOST_PAGER_SWAP, .writable = true, .grows = true};
		if (!host_area_add(p->space, &grows, e))
			return -1;
	}
	return 0;
}

static int map_load(struct paging_process *p, uint32_t number, struct err *e)
{
	const struct paging_common *c = p->all;
	const struct paging_spec *s = c->spec;
	const uint64_t pages = load_pages(s, number), at = c->span[PAGING_SPAN_LOAD].first;
	struct host_area load = {.name = "load", .first = at, .floor = at, .pages = pages, .pager = HOST_PAGER_SWAP, .writable = true};
	if (s->memory != PAGING_HEAP) {
		load.pager = HOST_PAGER_FILE;
		load.shared = s->memory == PAGING_FILE;
		load.file = host_file_new(c->host, "file", c->files, paging_pages_before(s, number) * c->host->page_sectors, pages, e);
		if (!load.file)
			return -1;
		p->file = load.file;
	}
	if (s->heap.start > 0) {
		load.room = pages;
		load.pages = (uint64_t)s->heap.start;
	}
	struct host_area *made = host_area_add(p->space, &load, e);
	p->heap = s->heap.start > 0 ? made : NULL;
	if (!made || s->watched_pages == 0)
		return made ? 0 : -1;
	p->watch = host_track_new(p->space, made, HOST_TRACK_TRAP, e);
	if (!p->watch)
		return -1;
	host_track_begin(p->watch);
	host_track_trap(p->watch, at, (uint64_t)s->watched_pages, HOST_TRAP_ALL);
	return 0;
}

static int map_text(struct paging_process *p, struct err *e)
{
	const struct paging_common *c = p->all;
	const uint64_t at = c->span[PAGING_SPAN_TEXT].first;
	const struct host_area text = {.name = "text", .first = at, .floor = at, .pages = (uint64_t)c->spec->text_pages,
		.pager = HOST_PAGER_FILE, .file = c->text, .shared = true};
	return text.pages == 0 || host_area_add(p->space, &text, e) ? 0 : -1;
}

/* ---- what all have in common ----------------------------------------------------------------------------------- */

static int place(struct paging_common *c, struct err *e)
{
	const struct paging_spec *s = c->spec;
	const uint64_t stacks = (uint64_t)s->stack_pages * c->threads;
	c->span[PAGING_SPAN_TEXT] = (struct host_span){.name = "program", .usual = TEXT_PAGE, .pages = (uint64_t)s->text_pages};
	c->span[PAGING_SPAN_STACK] = (struct host_span){.name = c->threads == 1 ? "stack" : "stacks",
		.usual = stacks < LOAD_PAGE ? LOAD_PAGE - stacks : 0, .pages = stacks};
	c->span[PAGING_SPAN_LOAD] = (struct host_span){.name = "load", .usual = LOAD_PAGE, .pages = load_pages(s, (uint32_t)s->processes - 1)};
	return host_spans_place(c->host, c->span, PAGING_SPANS, e);
}

/* Whether it fits, what it touches, and how many threads it has. */
static int read_recording(struct paging_common *c, struct err *e)
{
	const struct paging_spec *s = c->spec;
	struct ref_stat stat;
	struct host_stream *st = recorded_stream(c, HOST_RECORDED_ALL, e);
	if (!st)
		return -1;
	const struct ref_header *head = host_stream_recorded_header(st);
	c->limits = (struct recorded_limits){.kind = head->kind, .filter = head->filter, .processes = s->processes, .host = c->host->spec};
	host_stream_recorded_close(st);
	c->areas = host_recorded_areas(c->sim->arena, s->recording, RECORDED_GAP, RECORDED_AREAS, &c->area, &stat, e);
	if (c->areas < 0)
		return -1;
	c->recorded_pages = stat.pages;
	c->limits.threads = 1;
	if (!s->recorded_threads)
		return 0;
	c->threads = c->limits.threads = stat.threads > 1 ? stat.threads : 1;
	if ((int64_t)c->threads * s->processes > PAGING_READERS_MOST)
		return err_set(e, ERR_CONFIG, "scenario.recorded_threads: %s has %" PRIu32 " threads, which scenario.processes=%" PRId64 " make %"
			PRId64 "; each reads the recording by itself, and at most %d may", s->recording, c->threads, s->processes,
			(int64_t)c->threads * s->processes, PAGING_READERS_MOST);
	return 0;
}

int paging_common_open(struct paging_common *c, struct err *e)
{
	const uint64_t text = (uint64_t)c->spec->text_pages;
	c->threads = (uint32_t)c->spec->threads;
	if (!(c->zipf = arena_alloc(c->sim->arena, sizeof(*c->zipf))))
		return no_memory(e);
	if ((paging_recorded(c) ? read_recording(c, e) : place(c, e)) < 0)
		return -1;
	if (text > 0 && !(c->text = host_file_new(c->host, "program", c->program, 0, text, e)))
		return -1;
	return make_begins(c, e);
}

/* ---- a process ------------------------------------------------------------------------------------------------- */

int paging_process_open(struct paging_process *p, const struct paging_common *c, uint32_t number, struct err *e)
{
	p->all = c;
	p->space = host_space_new(c->host, "process", e);
	if (!p->space || make_threads(p, number, e) < 0)
		return -1;
	if (paging_recorded(c))
		return map_recorded(p, e);
	return map_load(p, number, e) < 0 || map_text(p, e) < 0 || map_stacks(p, e) < 0 ? -1 : 0;
}

int paging_process_start(struct paging_process *p, struct err *e)
{
	return host_thread_new(p->space, &p->thread[0].base, e) ? 0 : -1;
}

void paging_process_close(struct paging_process *p, const struct paging_common *c)
{
	for (uint32_t i = 0; paging_recorded(c) && p->thread && i < c->threads; i++) {
		host_stream_recorded_close(p->thread[i].load);
		p->thread[i].load = NULL;
	}
}

/* ---- the string of the fault curves ---------------------------------------------------------------------------- */

static size_t take_turns(struct paging_thread *source, uint32_t sources, uint64_t *string, size_t most)
{
	size_t n = 0;
	uint32_t one;
	for (bool more = true; more && n < most;) {
		more = false;
		for (uint32_t i = 0; i < sources && n < most; i++)
			if (has_words(&source[i])) {
				const uint64_t word = *hand_on(&source[i], 1, &one);
				string[n++] = host_ref_vpn(word) << 1 | (word & HOST_REF_WRITE);
				more = true;
			}
	}
	return n;
}

int paging_string(const struct paging_common *c, size_t most, uint64_t **string, size_t *count, struct err *e)
{
	const uint32_t sources = paging_recorded(c) ? 1 : c->threads;
	struct paging_thread *source = arena_array(c->sim->arena, sources, sizeof(*source));
	*string = arena_array(c->sim->arena, most, sizeof(**string));
	if (!source || !*string)
		return no_memory(e);
	for (uint32_t i = 0; i < sources; i++) {
		source[i].load = paging_recorded(c) ? recorded_stream(c, HOST_RECORDED_ALL, e) : pattern_stream(c, 0, i, e);
		if (!source[i].load)
			return -1;
	}
	*count = take_turns(source, sources, *string, most);
	if (paging_recorded(c))
		host_stream_recorded_close(source[0].load);
	*e = c->sim->err;
	return e->code == ERR_NONE ? 0 : -1;
}
