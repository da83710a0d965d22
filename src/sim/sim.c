/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The clock and the event queue: a 4-ary heap of (time, order, event) by value.
 *
 * Invariants: heap[0] is the earliest entry, unless `hole` is set, when entry 0 has been
 * fired and its place is free; each entry's event->index is its place; a fired or
 * cancelled event has index EVENT_IDLE.
 *
 * The hole is what makes the common pattern cheap: a handler that schedules the next
 * event fills the root and sifts down once, where a pop followed by a push would sift
 * twice. If no one fills it, the next look at the queue closes it with the last entry.
 */
#include "sim/sim.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ARITY 4u
#define FIRST_CAPACITY 64u
#define SEQUENCE_BITS 56

struct sim *sim_new(uint64_t seed)
{
	struct sim *s = calloc(1, sizeof(*s));
	if (!s)
		return NULL;
	s->seed = seed;
	s->arena = arena_new();
	s->heap = malloc(FIRST_CAPACITY * sizeof(*s->heap));
	s->capacity = FIRST_CAPACITY;
	if (!s->arena || !s->heap) {
		sim_free(s);
		return NULL;
	}
	return s;
}

void sim_free(struct sim *s)
{
	if (!s)
		return;
	arena_free(s->arena);
	free(s->heap);
	free(s);
}

static inline uint128 entry_key(const struct event_entry *x)
{
	return (uint128)(uint64_t)x->at << 64 | x->order;
}

static inline void place(struct event_entry *heap, uint32_t i, struct event_entry x)
{
	heap[i] = x;
	x.event->index = i;
}

/*
 * Ask for the grandchildren below `child` while its siblings are being compared: in a heap
 * that outgrows the cache the next level would otherwise wait for memory at every step.
 */
static inline void prefetch_below(const struct event_entry *heap, uint32_t count, uint32_t child)
{
	uint32_t first = ARITY * child + 1;
	if (first + ARITY * ARITY > count)
		return;
	const char *line = (const char *)&heap[first];
	for (size_t at = 0; at < ARITY * ARITY * sizeof(*heap); at += 64)
		__builtin_prefetch(line + at);
}

/* Put x into the subtree whose root i is free. */
static void sift_down(struct event_entry *heap, uint32_t count, uint32_t i, struct event_entry x)
{
	uint128 key = entry_key(&x);
	for (;;) {
		uint32_t child = ARITY * i + 1;
		if (child >= count)
			break;
		prefetch_below(heap, count, child);
		uint32_t best = child;
		uint128 best_key = entry_key(&heap[child]);
		uint32_t end = child + ARITY < count ? child + ARITY : count;
		for (uint32_t c = child + 1; c < end; c++) {
			uint128 k = entry_key(&heap[c]);
			bool less = k < best_key;
			best = less ? c : best;
			best_key = less ? k : best_key;
		}
		if (key <= best_key)
			break;
		place(heap, i, heap[best]);
		i = best;
	}
	place(heap, i, x);
}

/* Put x at the free place i or above it. */
static void sift_up(struct event_entry *heap, uint32_t i, struct event_entry x)
{
	uint128 key = entry_key(&x);
	while (i > 0) {
		uint32_t parent = (i - 1) / ARITY;
		if (entry_key(&heap[parent]) <= key)
			break;
		place(heap, i, heap[parent]);
		i = parent;
	}
	place(heap, i, x);
}

/* Close the hole a fired event left at the root. */
static inline void close_hole(struct sim *s)
{
	if (!s->hole)
		return;
	s->hole = false;
	s->count--;
	if (s->count > 0)
		sift_down(s->heap, s->count, 0, s->heap[s->count]);
}

static bool grow(struct sim *s)
{
	if (s->capacity > UINT32_MAX / 2 / ARITY)
		return false;
	uint32_t capacity = 2 * s->capacity;
	struct event_entry *heap = realloc(s->heap, capacity * sizeof(*heap));
	if (!heap)
		return false;
	s->heap = heap;
	s->capacity = capacity;
	return true;
}

static void refuse(struct sim *s, const struct event *e, time_ps at)
{
	if (e->index != EVENT_IDLE)
		sim_bug(s, "event \"%s\" scheduled while pending", e->name);
	if (at < s->now_ps)
		sim_bug(s, "event \"%s\" scheduled %" PRId64 " ps in the past", e->name, s->now_ps - at);
	sim_fail(s, ERR_LIMIT, "simulated time would pass its end, 106 days "
		"(event \"%s\", scheduled %.0f s into the simulation)", e->name, time_seconds(s->now_ps));
}

void sim_schedule(struct sim *s, struct event *e, time_ps at)
{
	if (__builtin_expect(e->index != EVENT_IDLE || at < s->now_ps || at > SIM_HORIZON_PS, 0)) {
		refuse(s, e, at);
		return;
	}
	struct event_entry x = {at, (uint64_t)e->priority << SEQUENCE_BITS | s->sequence++, e};
	if (s->hole) {
		s->hole = false;
		sift_down(s->heap, s->count, 0, x);
		__builtin_prefetch(s->heap[0].event); /* it fires next */
		return;
	}
	if (s->count == s->capacity && !grow(s)) {
		sim_fail(s, ERR_LIMIT, "no memory for %" PRIu32 " pending events", s->count + 1);
		return;
	}
	sift_up(s->heap, s->count++, x);
}

void sim_cancel(struct sim *s, struct event *e)
{
	if (e->index == EVENT_IDLE)
		return;
	close_hole(s);
	uint32_t i = e->index;
	e->index = EVENT_IDLE;
	s->count--;
	if (i == s->count)
		return;
	struct event_entry last = s->heap[s->count];
	if (i > 0 && entry_key(&last) < entry_key(&s->heap[(i - 1) / ARITY]))
		sift_up(s->heap, i, last);
	else
		sift_down(s->heap, s->count, i, last);
}

time_ps sim_event_time(const struct sim *s, const struct event *e)
{
	if (e->index == EVENT_IDLE)
		sim_bug(s, "time asked of event \"%s\", which is not pending", e->name);
	return s->heap[e->index].at;
}

time_ps sim_next_time(struct sim *s)
{
	close_hole(s);
	return s->count ? s->heap[0].at : -1;
}

uint32_t sim_pending(const struct sim *s)
{
	return s->count - (s->hole ? 1 : 0);
}

/* Fire the root; the queue has one and its hole is closed. */
static inline void fire_root(struct sim *s)
{
	struct event_entry x = s->heap[0];
	s->hole = true;
	x.event->index = EVENT_IDLE;
	s->now_ps = x.at;
	s->firing = x.event->name;
	s->fired++;
	x.event->fire(s, x.event);
}

static inline bool may_go_on(const struct sim *s)
{
	return !s->stop && s->err.code == ERR_NONE;
}

bool sim_step(struct sim *s)
{
	close_hole(s);
	if (s->count == 0 || !may_go_on(s))
		return false;
	fire_root(s);
	return true;
}

int sim_run(struct sim *s)
{
	while (sim_step(s))
		;
	return s->err.code == ERR_NONE ? 0 : -1;
}

int sim_run_until(struct sim *s, time_ps until)
{
	for (;;) {
		close_hole(s);
		if (s->count == 0 || s->heap[0].at > until || !may_go_on(s))
			break;
		fire_root(s);
	}
	if (may_go_on(s) && until > s->now_ps)
		s->now_ps = until;
	return s->err.code == ERR_NONE ? 0 : -1;
}

int sim_fail(struct sim *s, enum err_code code, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	err_vset(&s->err, code, fmt, ap);
	va_end(ap);
	return -1;
}

void sim_bug(const struct sim *s, const char *fmt, ...)
{
	va_list ap;
	fprintf(stderr, "quern: internal error at %" PRId64 " ps, event %" PRIu64 " (%s), seed %" PRIu64 ": ",
		s ? s->now_ps : -1, s ? s->fired : 0, s && s->firing ? s->firing : "none",
		s ? s->seed : 0);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputs("\n", stderr);
	abort();
}
