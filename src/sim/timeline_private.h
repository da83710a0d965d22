/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the formats of a timeline share with it: timeline.c decides what is written, a format how. */
#ifndef QUERN_SIM_TIMELINE_PRIVATE_H
#define QUERN_SIM_TIMELINE_PRIVATE_H

#include "sim/timeline.h"

/* A flow that is there: where the request's own slice is and begins. */
struct timeline_link {
	uint64_t flow;
	uint32_t track;
	time_ps begin_ps;
};

/* A slice as it is to be written. */
struct timeline_slice {
	uint32_t track;
	time_ps from, to;
	const struct timeline_what *what;
	uint64_t own;                               /* it is a request: its flow; else 0 */
	struct timeline_link link[TIMELINE_FLOWS];  /* requests that it serves, or has asked for */
	uint32_t links;
};

struct timeline_track_row {
	uint32_t parent, group; /* group: the uppermost above it, itself where it has no parent */
	uint32_t children;
	bool counter, known;    /* counter: has a value */
	int64_t value;
};

struct timeline_format {
	const char *name, *ending, *doc;
	void (*begin)(struct timeline *t);
	/* Track `id`, the rank-th of its parent. */
	void (*track)(struct timeline *t, uint32_t id, uint32_t rank, const char *name);
	void (*slice)(struct timeline *t, const struct timeline_slice *s);
	void (*count)(struct timeline *t, uint32_t id, time_ps at, int64_t value);
	void (*end)(struct timeline *t);
};

struct timeline {
	FILE *out;
	const struct timeline_format *format;
	time_ps from_ps, to_ps;
	uint64_t limit;
	struct timeline_track_row *track; /* by id, from 1; owned */
	char **name;                      /* of counters, by id, or NULL; owned */
	uint32_t tracks, room;
	struct timeline_lanes **lanes;    /* owned, each too */
	uint32_t lane_groups;
	uint64_t links;                   /* written so far */
	struct timeline_totals totals;
};

/* Bytes to the stream, counted. */
void timeline_put(struct timeline *t, const void *bytes, size_t count);

#define X(symbol, ending, doc) extern const struct timeline_format timeline_##symbol;
#include "sim/timeline_list.h"
#undef X

#endif
