/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Puts records that are nearly in order of time in order, within a window of so many
 * records; equal times keep the order in which they came.
 *
 * Records that are not earlier than the newest go to a ring, which is therefore sorted;
 * the few others go to a heap; the earliest of all is at the front of one of them. So
 * sorted input costs O(1) a record and the worst O(log window).
 */
#ifndef QUERN_TRACE_SORTER_H
#define QUERN_TRACE_SORTER_H

#include <stdbool.h>
#include <stddef.h>

#include "trace/format.h"

#define SORTER_WINDOW_MAX (1u << 20)

struct sorter_item {
	uint64_t sequence;
	struct trace_raw raw;
};

struct sorter {
	size_t window;
	uint64_t sequence;
	struct sorter_item *ring; /* owned; window + 1 places */
	size_t ring_first, ring_count;
	struct sorter_item *heap; /* owned; the same */
	size_t heap_count;
};

/* window <= SORTER_WINDOW_MAX. false: no memory. */
bool sorter_init(struct sorter *s, size_t window);
void sorter_free(struct sorter *s); /* a zeroed one is legal */

/* More than `window` records are held: the earliest of them is due. */
static inline bool sorter_full(const struct sorter *s)
{
	return s->ring_count + s->heap_count > s->window;
}

/* Not when full. */
void sorter_put(struct sorter *s, const struct trace_raw *raw);
/* The earliest; false when there is none. */
bool sorter_get(struct sorter *s, struct trace_raw *raw);

#endif
