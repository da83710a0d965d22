/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The clock and the event queue: entries of (time, order) by value, a sorted array while they
 * are few, else a 4-ary heap.
 *
 * Few events are pending most of the time, and what is scheduled comes soon: then a sorted
 * array, the earliest last, costs a handful of steps where a heap costs its depth in siblings.
 * `sorted` says which it is; the array becomes a heap past SORTED_MAX entries, and a heap an
 * array again at SORTED_AGAIN, so far below that turning costs nothing to speak of.
 *
 * Invariants of both: a fired or cancelled event has no slot, and its slot is on the stack of free ones.
 * Of the heap: heap[0] is the earliest entry, unless `hole` is set, when entry 0 has been
 * fired and its place is free; place[slot of heap[i]] = i.
 *
 * The hole is what makes the common pattern cheap: a handler that schedules the next
 * event fills the root and sifts down once, where a pop followed by a push would sift
 * twice. If no one fills it, the next look at the queue closes it with the last entry.
 *
 * What moves while sifting is small and dense (16 bytes an entry, 4 bytes a place); the
 * events themselves, spread over their owners, are touched when scheduled and when fired.
 */
#include "sim/sim.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ARITY 4u
#define FIRST_CAPACITY 64u
#define SORTED_MAX 40u
#define STRIDE 8 /* entries of the array that are looked at together; so many lie before its first, later than all */
#define BEFORE (STRIDE + ARITY - 1) /* of all in its memory */
#define SORTED_AGAIN 20u
#define PREFETCH_FROM 1024u /* fewer entries and events lie in the cache anyway */
#define LINE_BYTES 64u
#define PRIORITY_SHIFT 56
#define SEQUENCE_SHIFT 24
#define SLOT_MASK (EVENTS_MAX - 1)

/*
 * A larger heap, its root in the last place of a cache line: the children of entry i, at
 * 4i + 1 to 4i + 4, then fill one line each time.
 */
static bool set_heap(struct sim *s, uint32_t capacity)
{
	size_t bytes = (capacity + BEFORE) * sizeof(*s->heap);
	void *memory = aligned_alloc(LINE_BYTES, (bytes + LINE_BYTES - 1) / LINE_BYTES * LINE_BYTES);
	if (!memory)
		return false;
	struct event_entry *heap = (struct event_entry *)memory + BEFORE;
	for (uint32_t i = 1; i <= STRIDE; i++)
		*(heap - i) = (struct event_entry){TIME_PS_MAX, UINT64_MAX};
	if (s->count > 0)
		memcpy(heap, s->heap, s->count * sizeof(*heap));
	free(s->heap_memory);
	s->heap_memory = memory;
	s->heap = heap;
	return true;
}

/* Room for `capacity` events; none of the slots there are is free. */
static bool set_capacity(struct sim *s, uint32_t capacity)
{
	bool heap = set_heap(s, capacity);
	uint32_t *place = realloc(s->place, capacity * sizeof(*place));
	if (place)
		s->place = place;
	uint32_t *free_slot = realloc(s->free_slot, capacity * sizeof(*free_slot));
	if (free_slot)
		s->free_slot = free_slot;
	struct event **event = realloc(s->event, capacity * sizeof(*event));
	if (event)
		s->event = event;
	if (!heap || !place || !free_slot || !event)
		return false;
	for (uint32_t slot = s->capacity; slot < capacity; slot++)
		s->free_slot[slot] = slot;
	s->capacity = capacity;
	return true;
}

/* For twice as many, and some at first. */
static bool grow(struct sim *s)
{
	return s->capacity < EVENTS_MAX && set_capacity(s, s->capacity == 0 ? FIRST_CAPACITY : 2 * s->capacity);
}

struct sim *sim_new(uint64_t seed)
{
	struct sim *s = calloc(1, sizeof(*s));
	if (!s)
		return NULL;
	s->seed = seed;
	s->sorted = true;
	s->until = SIM_HORIZON_PS;
	s->arena = arena_new();
	if (!s->arena || !grow(s)) {
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
	free(s->heap_memory);
	free(s->place);
	free(s->free_slot);
	free(s->event);
	free(s);
}

static inline uint32_t entry_slot(const struct event_entry *x) { return (uint32_t)x->order & SLOT_MASK; }

static inline uint128 entry_key(const struct event_entry *x)
{
	return (uint128)(uint64_t)x->at << 64 | x->order;
}

static inline void put(struct sim *s, uint32_t i, struct event_entry x)
{
	s->heap[i] = x;
	s->place[entry_slot(&x)] = i;
}

/*
 * Ask for the grandchildren below `child` while its siblings are being compared: in a heap
 * that outgrows the cache the next level would otherwise wait for memory at every step.
 */
static inline __attribute__((always_inline)) void prefetch_below(const struct event_entry *heap, uint32_t count, uint32_t child)
{
	uint32_t first = ARITY * child + 1;
	if (count < PREFETCH_FROM || first + ARITY * ARITY > count)
		return;
	const char *line = (const char *)&heap[first];
	for (size_t at = 0; at < ARITY * ARITY * sizeof(*heap); at += LINE_BYTES)
		__builtin_prefetch(line + at);
}

/* Put x into the subtree whose root i is free. */
static void sift_down(struct sim *s, uint32_t i, struct event_entry x)
{
	const struct event_entry *heap = s->heap;
	uint32_t count = s->count;
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
		put(s, i, heap[best]);
		i = best;
	}
	put(s, i, x);
}

/* Put x at the free place i or above it. */
static void sift_up(struct sim *s, uint32_t i, struct event_entry x)
{
	uint128 key = entry_key(&x);
	while (i > 0) {
		uint32_t parent = (i - 1) / ARITY;
		if (entry_key(&s->heap[parent]) <= key)
			break;
		put(s, i, s->heap[parent]);
		i = parent;
	}
	put(s, i, x);
}

/* Close the hole a fired event left at the root. */
static inline void close_hole(struct sim *s)
{
	if (!s->hole)
		return;
	s->hole = false;
	s->count--;
	if (s->count > 0)
		sift_down(s, 0, s->heap[s->count]);
}

static int by_key(const void *a, const void *b)
{
	uint128 x = entry_key(a), y = entry_key(b);
	return x < y ? -1 : x > y;
}

/* ---- a sorted array, or a heap ------------------------------------------------------------ */

/* Makes room at `at` for one more: moves the STRIDE entries from there on, whatever they are, without a branch. */
static inline void move_stride(struct event_entry *at)
{
	typedef uint64_t pair __attribute__((vector_size(sizeof(struct event_entry)), may_alias));
	pair moved[STRIDE], *to = (pair *)(void *)at;
#pragma GCC unroll 8
	for (uint32_t i = 0; i < STRIDE; i++)
		moved[i] = to[i];
#pragma GCC unroll 8
	for (uint32_t i = 0; i < STRIDE; i++)
		to[i + 1] = moved[i];
}

/*
 * Put x where it belongs, behind all that are later; there is room for STRIDE more. How many are earlier nobody can foretell, a
 * processor neither: the last STRIDE are all counted, and seldom are there more.
 */
static inline void insert_sorted(struct sim *s, struct event_entry x)
{
	struct event_entry *at = s->heap + s->count++;
	uint128 key = entry_key(&x);
	if (entry_key(at - 1) >= key) {
		*at = x;
		return;
	}
	ptrdiff_t earlier = 1;
#pragma GCC unroll 8
	for (int i = 2; i <= STRIDE; i++)
		earlier += entry_key(at - i) < key;
	at -= earlier;
	move_stride(at);
	if (__builtin_expect(earlier < STRIDE, 1)) {
		*at = x;
		return;
	}
	for (; at > s->heap && entry_key(at - 1) < key; at--)
		*at = at[-1];
	*at = x;
}

/* From an array, the latest first, to a heap, the earliest first: an ascending array is one. */
static void sorted_to_heap(struct sim *s)
{
	s->sorted = false;
	for (uint32_t i = 0, j = s->count; i < j--; i++) {
		struct event_entry x = s->heap[i];
		put(s, i, s->heap[j]);
		put(s, j, x);
	}
}

/* And back, of a heap of few entries without a hole. */
static void heap_to_sorted(struct sim *s)
{
	struct event_entry all[SORTED_AGAIN]; /* what lies behind the array is not kept when something is put in */
	uint32_t count = s->count;
	s->sorted = true;
	memcpy(all, s->heap, count * sizeof(*all));
	for (s->count = 0; s->count < count;)
		insert_sorted(s, all[s->count]);
}

static void cancel_sorted(struct sim *s, const struct event *e)
{
	uint32_t i = s->count - 1;
	while (entry_slot(&s->heap[i]) != e->slot)
		i--;
	s->count--;
	memmove(&s->heap[i], &s->heap[i + 1], (s->count - i) * sizeof(*s->heap));
}

/*
 * Sequence numbers have 32 bits. Before they run out, the pending events get the first ones
 * in their present order, once in four thousand million events. A sorted array is a heap.
 */
static void renumber(struct sim *s)
{
	if (s->sorted)
		sorted_to_heap(s);
	close_hole(s);
	qsort(s->heap, s->count, sizeof(*s->heap), by_key);
	for (uint32_t i = 0; i < s->count; i++) {
		uint64_t priority = s->heap[i].order >> PRIORITY_SHIFT << PRIORITY_SHIFT;
		s->heap[i].order = priority | (uint64_t)i << SEQUENCE_SHIFT | entry_slot(&s->heap[i]);
		s->place[entry_slot(&s->heap[i])] = i;
	}
	s->sequence = s->count;
}

static void refuse(struct sim *s, const struct event *e, time_ps at)
{
	if (e->slot != EVENT_IDLE)
		sim_bug(s, "event \"%s\" scheduled while pending", e->name);
	if (at < s->now_ps)
		sim_bug(s, "event \"%s\" scheduled %" PRId64 " ps in the past", e->name, s->now_ps - at);
	sim_fail(s, ERR_LIMIT, "simulated time would pass its end, 106 days "
		"(event \"%s\", scheduled %.0f s into the simulation)", e->name, time_seconds(s->now_ps));
}

/* `pending`: how many events have a slot besides this one. */
static inline uint32_t give_slot(struct sim *s, struct event *e, uint32_t pending)
{
	uint32_t slot = s->free_slot[pending];
	s->event[slot] = e;
	e->slot = slot;
	return slot;
}

static inline void take_slot(struct sim *s, struct event *e, uint32_t slot, uint32_t pending)
{
	s->free_slot[pending] = slot;
	e->slot = EVENT_IDLE;
}

static inline struct event_entry new_entry(struct sim *s, struct event *e, time_ps at, uint32_t pending)
{
	uint32_t slot = give_slot(s, e, pending);
	return (struct event_entry){at,
		(uint64_t)e->priority << PRIORITY_SHIFT | (uint64_t)s->sequence++ << SEQUENCE_SHIFT | slot};
}

/* The root fires next, and one of its children (or something new) after it: ask for them now,
 * since events lie spread over their owners. */
static inline __attribute__((always_inline)) void prefetch_events(const struct sim *s)
{
	if (s->count < PREFETCH_FROM)
		return;
	for (uint32_t i = 0; i < 1 + ARITY; i++)
		__builtin_prefetch(s->event[entry_slot(&s->heap[i])], 1);
}

/* Into a heap, or where something is out of the ordinary. */
static __attribute__((noinline)) void schedule_slowly(struct sim *s, struct event *e, time_ps at)
{
	if (__builtin_expect(e->slot != EVENT_IDLE || at < s->now_ps || at > SIM_HORIZON_PS, 0)) {
		refuse(s, e, at);
		return;
	}
	if (__builtin_expect(s->sequence == UINT32_MAX, 0))
		renumber(s);
	if (__builtin_expect(sim_pending(s) == s->capacity, 0) && !grow(s)) {
		sim_fail(s, ERR_LIMIT, "no memory for %" PRIu32 " pending events", s->count + 1);
		return;
	}
	if (s->sorted && s->count >= SORTED_MAX)
		sorted_to_heap(s);
	struct event_entry x = new_entry(s, e, at, sim_pending(s));
	if (s->sorted) {
		insert_sorted(s, x);
		return;
	}
	if (s->hole) {
		s->hole = false;
		sift_down(s, 0, x);
		prefetch_events(s);
		return;
	}
	sift_up(s, s->count++, x);
}

void sim_schedule(struct sim *s, struct event *e, time_ps at)
{
	bool fine = e->slot == EVENT_IDLE && at >= s->now_ps && at <= SIM_HORIZON_PS && s->sequence != UINT32_MAX;
	static_assert(SORTED_MAX + STRIDE <= FIRST_CAPACITY, "there is room for a sorted array");
	if (__builtin_expect(fine && s->sorted && s->count < SORTED_MAX, 1))
		insert_sorted(s, new_entry(s, e, at, s->count));
	else
		schedule_slowly(s, e, at);
}

void sim_cancel(struct sim *s, struct event *e)
{
	if (e->slot == EVENT_IDLE)
		return;
	if (s->sorted) {
		cancel_sorted(s, e);
		take_slot(s, e, e->slot, s->count);
		return;
	}
	close_hole(s);
	uint32_t i = s->place[e->slot];
	s->count--;
	take_slot(s, e, e->slot, s->count);
	if (i == s->count)
		return;
	struct event_entry last = s->heap[s->count];
	if (i > 0 && entry_key(&last) < entry_key(&s->heap[(i - 1) / ARITY]))
		sift_up(s, i, last);
	else
		sift_down(s, i, last);
}

time_ps sim_event_time(const struct sim *s, const struct event *e)
{
	if (e->slot == EVENT_IDLE)
		sim_bug(s, "time asked of event \"%s\", which is not pending", e->name);
	uint32_t i = s->sorted ? s->count - 1 : s->place[e->slot];
	while (entry_slot(&s->heap[i]) != e->slot)
		i--;
	return s->heap[i].at;
}

/* The earliest entry; one at TIME_PS_MAX where there is none. Of a heap, its hole is closed then. */
static inline const struct event_entry *first_entry(struct sim *s)
{
	if (!s->sorted) {
		close_hole(s);
		if (s->count > SORTED_AGAIN)
			return s->heap;
		heap_to_sorted(s);
	}
	return s->heap + s->count - 1; /* what lies before the array is later than all */
}

time_ps sim_next_time(struct sim *s)
{
	const struct event_entry *x = first_entry(s);
	return x->at < TIME_PS_MAX ? x->at : -1;
}

time_ps sim_quiet_heap(const struct sim *s)
{
	time_ps at = s->until + 1;
	uint32_t first = s->hole ? 1 : 0; /* below a hole any of its children may be the next */
	uint32_t end = s->hole ? 1 + ARITY : 1;
	for (uint32_t i = first; i < end && i < s->count; i++)
		at = time_min(at, s->heap[i].at);
	return at;
}

/* Fire the first entry, of a queue without a hole. */
static inline void fire_first(struct sim *s, const struct event_entry *x)
{
	uint32_t slot = entry_slot(x), left = s->count - 1;
	struct event *e = s->event[slot];
	s->now_ps = x->at;
	if (s->sorted)
		s->count = left;
	else
		s->hole = true;
	take_slot(s, e, slot, left);
	s->firing = e->name;
	s->fired++;
	e->fire(s, e);
}

static inline bool may_go_on(const struct sim *s)
{
	return !s->stop && s->err.code == ERR_NONE;
}

/* Fires what comes next, up to s->until. */
static inline bool step(struct sim *s)
{
	const struct event_entry *x = first_entry(s);
	if (x->at > s->until || !may_go_on(s))
		return false;
	fire_first(s, x);
	return true;
}

bool sim_step(struct sim *s) { return step(s); }

int sim_run(struct sim *s)
{
	while (step(s))
		;
	return s->err.code == ERR_NONE ? 0 : -1;
}

int sim_run_until(struct sim *s, time_ps until)
{
	const time_ps outer = s->until; /* of a run in one of whose events this one is */
	s->until = until < SIM_HORIZON_PS ? until : SIM_HORIZON_PS;
	while (step(s))
		;
	s->until = outer;
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
