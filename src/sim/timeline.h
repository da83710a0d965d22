/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The timeline of a run: what its parts did when, as slices on tracks, counters, and flows from requests to the operations that
 * served them, also long after they were answered, and from what asked for a request to it, written as they become known. Whoever
 * knows a fact gives it here once; the format (timeline_list.h) is not its business.
 *
 * A simulation without one has sim->timeline NULL; who gives slices keeps the tracks that it has made, and looks at one pointer
 * where it has none. Slices of one track do not overlap: what may go on at once has tracks of its own, or lanes. They may come in
 * any order of time, but for those that nest: the outer one first.
 *
 * Window: what lies outside is left out, what reaches over its ends is cut off there. Limit: past so many bytes nothing more is
 * taken up, and what is left out is counted; requests that are under way by then still get their slice, so that no
 * flow begins in nothing.
 *
 * Owner: timeline_free(). Times: ps; what a format rounds, it says. Nothing here fails but for memory and the stream: the
 * caller looks at ferror() of it. Memory: some tracks and lanes, 1.5 MiB for each device, whatever the run's length.
 */
#ifndef QUERN_SIM_TIMELINE_H
#define QUERN_SIM_TIMELINE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "sim/time.h"

struct timeline;
struct timeline_lanes;
struct timeline_format;

#define TIMELINE_ARGS 6
#define TIMELINE_LANES 256 /* requests shown at once, of one queue */
#define TIMELINE_FLOWS 16  /* of one slice */
#define TIMELINE_PAST 65536 /* requests of a queue, the last that have left, which a slice may still name */

/* What a slice says beside its times; all pointers are borrowed for the call. */
struct timeline_what {
	const char *name;       /* "read" */
	const char *cause;      /* "gc"; NULL: none */
	const uint64_t *flow;   /* of timeline_flow(): the requests that it serves; 0 is nobody's */
	uint32_t flows;
	bool asks;              /* it does not serve them, but has asked for them */
	struct {
		const char *key;    /* NULL: no more of them */
		const char *text;   /* NULL: the value */
		uint64_t value;
	} arg[TIMELINE_ARGS];
};

struct timeline_options {
	time_ps from_ps, to_ps; /* the window; to 0: without an end */
	uint64_t limit_bytes;   /* 0: none */
};

/* What has been written and what not. */
struct timeline_totals {
	uint64_t slices, counts, bytes;
	uint64_t left_out;      /* slices and counts past the limit */
	time_ps full_ps;        /* where in time the limit was reached, when left_out > 0 */
	uint64_t no_lane;       /* requests that found all lanes taken */
};

/* The format that the name's ending asks for; the first of the list where none does. */
const struct timeline_format *timeline_format_of(const char *name);
const char *timeline_format_name(const struct timeline_format *f);

/* `out` is borrowed. NULL: no memory. */
struct timeline *timeline_new(FILE *out, const struct timeline_format *f, const struct timeline_options *o);
/* Writes what the format ends with. Once, before the stream is closed. */
void timeline_finish(struct timeline *t);
void timeline_free(struct timeline *t); /* NULL is legal */
struct timeline_totals timeline_totals(const struct timeline *t);

/*
 * A track; parent 0: a group of its own ("disk0"), else under a group or another track. The name is copied; tracks of one parent
 * stand in the order of their making. 0: no memory, and slices of track 0 are dropped. Counters take values instead of slices.
 */
uint32_t timeline_track(struct timeline *t, uint32_t parent, const char *name);
uint32_t timeline_counter(struct timeline *t, uint32_t parent, const char *name);

/* from <= to. */
void timeline_slice(struct timeline *t, uint32_t track, time_ps from, time_ps to, const struct timeline_what *w);
/* The counter's value from `at` on; the same value again is not written again. */
void timeline_count(struct timeline *t, uint32_t counter, time_ps at, int64_t value);

/*
 * Lanes: as many tracks of one name as requests are under way at once. A request enters and leaves once, known by its number. From
 * `from` on it takes a lane that has been free since then; where all are taken, it is counted and not shown.
 * NULL: no memory. Owner: the timeline.
 */
struct timeline_lanes *timeline_lanes(struct timeline *t, uint32_t parent, const char *name);
void timeline_enter(struct timeline_lanes *l, uint64_t number, time_ps from);
/* Its slice, from when it entered to `to`. The track, for slices inside this one, or 0: it has none. */
uint32_t timeline_leave(struct timeline_lanes *l, uint64_t number, time_ps to, const struct timeline_what *w);
/* The request as slices of others name it, from when it has entered until TIMELINE_PAST more have left. */
uint64_t timeline_flow(const struct timeline_lanes *l, uint64_t number);

#endif
