/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A sorted ring beside a binary heap of stragglers. */
#include "trace/sorter.h"

#include <stdlib.h>

bool sorter_init(struct sorter *s, size_t window)
{
	*s = (struct sorter){ .window = window };
	s->ring = calloc(window + 1, sizeof(*s->ring));
	s->heap = calloc(window + 1, sizeof(*s->heap));
	if (!s->ring || !s->heap) {
		sorter_free(s);
		return false;
	}
	return true;
}

void sorter_free(struct sorter *s)
{
	free(s->ring);
	free(s->heap);
	*s = (struct sorter){ 0 };
}

static inline bool before(const struct sorter_item *a, const struct sorter_item *b)
{
	if (a->raw.time_ps != b->raw.time_ps)
		return a->raw.time_ps < b->raw.time_ps;
	return a->sequence < b->sequence;
}

static inline size_t wrap(const struct sorter *s, size_t at)
{
	return at > s->window ? at - s->window - 1 : at;
}

static void heap_put(struct sorter *s, const struct sorter_item *item)
{
	size_t at = s->heap_count++;

	while (at > 0) {
		size_t up = (at - 1) / 2;
		if (!before(item, &s->heap[up]))
			break;
		s->heap[at] = s->heap[up];
		at = up;
	}
	s->heap[at] = *item;
}

static void heap_drop(struct sorter *s)
{
	size_t n = --s->heap_count, at = 0;
	const struct sorter_item *last = &s->heap[n];

	for (;;) {
		size_t down = 2 * at + 1;
		if (down >= n)
			break;
		if (down + 1 < n && before(&s->heap[down + 1], &s->heap[down]))
			down++;
		if (!before(&s->heap[down], last))
			break;
		s->heap[at] = s->heap[down];
		at = down;
	}
	s->heap[at] = *last;
}

void sorter_put(struct sorter *s, const struct trace_raw *raw)
{
	if (s->ring_count) {
		const struct sorter_item *newest = &s->ring[wrap(s, s->ring_first + s->ring_count - 1)];
		if (raw->time_ps < newest->raw.time_ps) {
			struct sorter_item item = { s->sequence++, *raw };
			heap_put(s, &item);
			return;
		}
	}
	struct sorter_item *place = &s->ring[wrap(s, s->ring_first + s->ring_count++)];
	place->sequence = s->sequence++;
	place->raw = *raw;
}

bool sorter_get(struct sorter *s, struct trace_raw *raw)
{
	if (s->heap_count && (!s->ring_count || before(&s->heap[0], &s->ring[s->ring_first]))) {
		*raw = s->heap[0].raw;
		heap_drop(s);
		return true;
	}
	if (!s->ring_count)
		return false;
	*raw = s->ring[s->ring_first].raw;
	s->ring_first = wrap(s, s->ring_first + 1);
	s->ring_count--;
	return true;
}
