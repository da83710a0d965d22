/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One simulation: the clock, the event queue, the arena, the seed. Everything else
 * hangs from it; there are no globals, so many simulations live in one process.
 *
 * Events are embedded in their owners and cost no allocation. An event holds a typed
 * handler and, while it is pending, a slot; the queue holds (time, order) by value in
 * 16-byte entries so that it does not chase pointers: a sorted array while they are few, else
 * a 4-ary heap, which keeps for each slot the entry's place, so that cancelling is O(log n). Order is (time, priority,
 * sequence): sequence is the order of scheduling, so equal inputs give equal outputs,
 * byte for byte.
 *
 * Only sim_step() and its callers move the clock, and sim_advance() within an event. A handler may schedule or cancel
 * any event, its own included.
 *
 * Units: ps. Errors: sim_fail() stores the first error and stops the run; sim_bug()
 * is for broken invariants: it prints time, event and seed, and aborts.
 */
#ifndef QUERN_SIM_SIM_H
#define QUERN_SIM_SIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/arena.h"
#include "sim/err.h"
#include "sim/time.h"

struct sim;
struct event;
struct timeline;

typedef void event_fn(struct sim *s, struct event *e);

#define EVENT_IDLE UINT32_MAX

/* No event fires later: 106 days. The 0.75 days between it and TIME_PS_MAX are room for the
 * sums that models form on top of the present time. */
#define SIM_HORIZON_PS (INT64_C(106) * 86400 * PS_PER_S)

struct event {
	event_fn *fire;    /* called with the clock at the event's time */
	const char *name;  /* borrowed, static; for sim_bug() and event logs */
	uint32_t slot;     /* the queue's name for it, EVENT_IDLE when not scheduled */
	uint8_t priority;  /* lower fires first among events of equal time */
};

/* Priorities: who goes first when two things happen in the same picosecond. */
enum event_priority {
	EVENT_PRIO_COMPLETE = 32, /* a completion frees its resources first */
	EVENT_PRIO_DEVICE = 64,   /* then devices decide */
	EVENT_PRIO_WORKLOAD = 96, /* then new work arrives */
	EVENT_PRIO_SAMPLE = 128,  /* then statistics look */
};

struct event_entry {
	time_ps at;
	uint64_t order; /* priority << 56 | sequence << 24 | slot */
};

/* Most events pending at once: slots have 24 bits. */
#define EVENTS_MAX (UINT32_C(1) << 24)

struct sim {
	time_ps now_ps;
	uint64_t fired;      /* events fired so far */
	const char *firing;  /* name of the event being fired, for sim_bug() */
	time_ps until;       /* end of the present sim_run_until(), else SIM_HORIZON_PS */
	/* the queue; private to sim/ */
	struct event_entry *heap;
	uint32_t *place;       /* by slot: its entry's index in a heap */
	uint32_t *free_slot;   /* a stack, the next at [sim_pending()], the last at the end: as many are free as there is room for more */
	struct event **event;  /* by slot: borrowed */
	uint32_t count;
	uint32_t capacity;     /* of heap, place, free_slot and event */
	bool sorted;           /* heap is an array, the latest first; else a heap */
	bool hole;             /* of a heap: entry 0 has fired and its place is still free */
	uint32_t sequence;     /* of the next event; renumbered before it would wrap */
	void *heap_memory;     /* owned; heap lies in it so that siblings share a cache line */
	/* the rest of all */
	bool stop;           /* the run loop returns before the next event */
	struct err err;      /* set by sim_fail() */
	struct arena *arena; /* owned */
	uint64_t seed;
	struct timeline *timeline; /* borrowed; what happens is to be shown (sim/timeline.h); NULL: off */
};

/* A simulation with its clock at 0. NULL when memory is exhausted. */
struct sim *sim_new(uint64_t seed);
void sim_free(struct sim *s); /* NULL is legal; frees the arena and all in it */

static inline void event_init(struct event *e, event_fn *fire, const char *name,
	enum event_priority priority)
{
	e->fire = fire;
	e->name = name;
	e->slot = EVENT_IDLE;
	e->priority = (uint8_t)priority;
}

static inline bool event_pending(const struct event *e) { return e->slot != EVENT_IDLE; }

/*
 * Put an idle event into the queue at `at` >= now. Past SIM_HORIZON_PS the run fails with
 * ERR_LIMIT. Amortised O(log n); grows the
 * heap by doubling (malloc) only when more events are pending than ever before, up to
 * EVENTS_MAX.
 * Scheduling a pending event, or in the past, is a sim_bug().
 */
void sim_schedule(struct sim *s, struct event *e, time_ps at);
/* Take a pending event out; an idle one is left alone. O(log n). */
void sim_cancel(struct sim *s, struct event *e);
/* Time at which a pending event will fire; a sim_bug() when idle. */
time_ps sim_event_time(const struct sim *s, const struct event *e);

/* Time of the next event, or -1 when none is pending. */
time_ps sim_next_time(struct sim *s);
/* Private: sim_quiet_until() of a heap. */
time_ps sim_quiet_heap(const struct sim *s);
/*
 * For a handler that works out by itself what happens between events: up to (not at) this time nothing else does. Later than now
 * only where no event is pending by then and the run does not end before.
 */
static inline time_ps sim_quiet_until(const struct sim *s)
{
	if (!s->sorted)
		return sim_quiet_heap(s);
	return time_min(s->heap[(ptrdiff_t)s->count - 1].at, s->until + 1); /* of none: what lies before the array is later than all */
}
/* The clock moves to `at` >= now, where that is before sim_quiet_until(). Whether it did; else an event at `at` has to do it. */
static inline bool sim_advance(struct sim *s, time_ps at)
{
	if (at >= sim_quiet_until(s) || s->stop)
		return false;
	s->now_ps = at;
	return true;
}
/* Fire the next event. false when none is pending (within an event: by the end of its sim_run_until()), or the run has stopped or
 * failed. */
bool sim_step(struct sim *s);
/* Fire all events up to and including time `until`, then set the clock to `until`
 * (unless stopped or failed). 0, or -1 with s->err set. */
int sim_run_until(struct sim *s, time_ps until);
/* Fire events until none is pending, or stop/failure. 0, or -1 with s->err set. */
int sim_run(struct sim *s);
/* Events pending. */
static inline uint32_t sim_pending(const struct sim *s) { return s->count - s->hole; }

/* Report that the run cannot go on; it stops before the next event. Returns -1. */
int sim_fail(struct sim *s, enum err_code code, const char *fmt, ...)
	__attribute__((cold, format(printf, 3, 4)));

/* A broken invariant: says what, where in simulated time and in which run, and aborts. */
_Noreturn void sim_bug(const struct sim *s, const char *fmt, ...)
	__attribute__((cold, format(printf, 2, 3)));

/* Owner of an embedded member. */
#define container_of(ptr, type, member) \
	((type *)(void *)((char *)(ptr) - offsetof(type, member)))

#endif
