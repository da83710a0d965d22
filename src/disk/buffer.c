/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Segments of the track buffer. */
#include "disk/buffer.h"

#include <string.h>

int buffer_init(struct buffer *b, struct arena *a, uint32_t count, uint64_t segment_sectors)
{
	b->segments = arena_array(a, count, sizeof(*b->segments));
	b->order = arena_array(a, count, sizeof(struct buffer_segment *));
	b->count = b->most = count;
	b->segment_sectors = segment_sectors;
	b->sectors = count * segment_sectors;
	b->stamp = 0;
	b->window = 1;
	b->reads = b->streams = 0;
	if (!b->segments || !b->order)
		return -1;
	buffer_reorder(b);
	return 0;
}

void buffer_clear(struct buffer *b)
{
	memset(b->segments, 0, b->most * sizeof(*b->segments));
	b->count = b->most;
	b->segment_sectors = b->most > 0 ? b->sectors / b->most : 0;
	b->stamp = 0;
	b->window = 1;
	b->reads = b->streams = 0;
	buffer_reorder(b);
}

/* lo <= lbn < hi in one comparison: below lo the difference wraps around to a huge one. */
static inline bool within(uint64_t lbn, uint64_t lo, uint64_t hi) { return lbn - lo < hi - lo; }

static inline uint64_t reach(const struct buffer_segment *s, uint64_t lbn)
{
	if (within(lbn, s->lo, s->hi))
		return s->hi;
	if (within(lbn, s->wrap_lo, s->wrap_hi))
		return s->wrap_hi == s->lo ? s->hi : s->wrap_hi;
	return lbn;
}

/* Any segment that holds lbn, or NULL. Most lookups find nothing: from wrap_lo to hi, between which both
 * runs lie, takes one comparison a segment. */
static inline struct buffer_segment *holder(const struct buffer *b, uint64_t lbn)
{
	struct buffer_segment *s = b->segments, *end = s + b->count;
	for (; s < end; s++)
		if (within(lbn, s->wrap_lo, s->hi) && (within(lbn, s->lo, s->hi) || within(lbn, s->wrap_lo, s->wrap_hi)))
			return s;
	return NULL;
}

/* The way on where segment s holds lbn. */
static __attribute__((noinline)) uint32_t prefix_from(const struct buffer *b, struct buffer_segment *s, uint64_t lbn,
	uint32_t n, struct buffer_segment **where)
{
	uint64_t at = lbn, end = lbn + n;
	for (; s; s = holder(b, at)) { /* a range may go on in another segment */
		*where = s;
		at = reach(s, at);
		if (at >= end)
			return n;
	}
	return (uint32_t)(at - lbn);
}

uint32_t buffer_prefix(const struct buffer *b, uint64_t lbn, uint32_t n, struct buffer_segment **where)
{
	struct buffer_segment *s = holder(b, lbn);
	*where = NULL;
	return s ? prefix_from(b, s, lbn, n, where) : 0;
}

/* ---- the order of use ------------------------------------------------------------------------------ */

void buffer_reorder(struct buffer *b)
{
	b->oldest = 0;
	for (uint32_t i = 0; i < b->count; i++) { /* of those never used the first comes first */
		uint32_t at = i;
		for (; at > 0 && b->order[at - 1]->used > b->segments[i].used; at--)
			b->order[at] = b->order[at - 1];
		b->order[at] = &b->segments[i];
	}
}

void buffer_touch(struct buffer *b, struct buffer_segment *s)
{
	uint32_t at = b->oldest;
	struct buffer_segment *later = s;
	do { /* from the newest down to s each gives its place to the one that is newer now */
		at = (at > 0 ? at : b->count) - 1;
		struct buffer_segment *here = b->order[at];
		b->order[at] = later;
		later = here;
	} while (later != s);
	s->used = ++b->stamp;
}

struct buffer_segment *buffer_take(struct buffer *b)
{
	if (b->count == 0)
		return NULL;
	struct buffer_segment *s = b->order[b->oldest];
	b->oldest = b->oldest + 1 < b->count ? b->oldest + 1 : 0;
	*s = (struct buffer_segment){.used = ++b->stamp};
	return s;
}

/* ---- adapting ------------------------------------------------------------------------------------ */

static void fit_run(uint64_t *lo, uint64_t hi, uint64_t sectors)
{
	if (hi - *lo > sectors)
		*lo = hi - sectors;
}

/* The newest `count` segments stay, in the places [0, count). */
static void divide(struct buffer *b, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		uint32_t newest = i;
		for (uint32_t k = i + 1; k < b->count; k++)
			if (b->segments[k].used > b->segments[newest].used)
				newest = k;
		struct buffer_segment s = b->segments[newest];
		b->segments[newest] = b->segments[i];
		b->segments[i] = s;
	}
	memset(b->segments + count, 0, (b->most - count) * sizeof(*b->segments));
	b->count = count;
	b->segment_sectors = count > 0 ? b->sectors / count : 0;
	for (uint32_t i = 0; i < count; i++) {
		struct buffer_segment *s = &b->segments[i];
		fit_run(&s->lo, s->hi, b->segment_sectors);
		uint64_t room = b->segment_sectors - (s->hi - s->lo);
		fit_run(&s->wrap_lo, s->wrap_hi, room);
	}
	buffer_reorder(b);
}

void buffer_count_read(struct buffer *b, struct buffer_segment *hit)
{
	b->reads++;
	if (hit && hit->window != b->window) {
		hit->window = b->window;
		b->streams++;
	}
}

void buffer_adapt(struct buffer *b)
{
	if (b->reads < BUFFER_WINDOW)
		return;
	uint32_t count = 1;
	while (count < b->streams + 1 && count < b->most)
		count *= 2;
	count = count < b->most ? count : b->most;
	if (count != b->count)
		divide(b, count);
	b->window++;
	b->reads = b->streams = 0;
}

/* Take [lbn, end) out of [*lo, *hi). */
static inline bool cut_run(uint64_t *lo, uint64_t *hi, uint64_t lbn, uint64_t end)
{
	if (end <= *lo || lbn >= *hi)
		return false;
	uint64_t below = lbn > *lo ? lbn - *lo : 0;
	uint64_t above = *hi > end ? *hi - end : 0;
	if (below >= above)
		*hi = *lo + below;
	else
		*lo = end;
	return true;
}

bool buffer_cut(struct buffer *b, uint64_t lbn, uint32_t n)
{
	bool changed = false;
	for (uint32_t i = 0; i < b->count; i++) {
		struct buffer_segment *s = &b->segments[i];
		changed |= cut_run(&s->lo, &s->hi, lbn, lbn + n);
		changed |= cut_run(&s->wrap_lo, &s->wrap_hi, lbn, lbn + n);
	}
	return changed;
}

void buffer_drop(struct buffer_segment *s, uint64_t end)
{
	s->lo = end <= s->lo ? s->lo : end < s->hi ? end : s->hi;
	s->wrap_lo = end <= s->wrap_lo ? s->wrap_lo : end < s->wrap_hi ? end : s->wrap_hi;
}

void buffer_extend(struct buffer *b, struct buffer_segment *s, uint64_t hi)
{
	s->hi = hi;
	if (s->hi - s->lo > b->segment_sectors)
		s->lo = s->hi - b->segment_sectors;
}
