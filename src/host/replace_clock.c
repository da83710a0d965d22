/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * CLOCK: Corbato, "A paging experiment with the Multics system", 1968 (In Honor of Philip M. Morse, MIT Press 1969). Pages stand in
 * a circle; the hand clears accessed bits and takes the first page whose bit was clear. A new page goes in just behind the hand. The bit
 * of a new page is an option: hardware that sets it on the reference that faulted makes it 1.
 *
 * The circle, from the hand on, is a queue: what the hand passes goes to its end, and so does a new page. The queue is a ring of frame
 * numbers, so that a hand which goes over a hundred thousand frames reads memory in order. A frame that leaves out of its turn leaves its
 * entry behind, which is stale then: `gone` says of each frame how many of its entries are, and these are its first.
 *
 * Memory: 6.5 bytes for each frame that a pool may hold.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "host/replace_hand.h"

#define SPARE 64u /* entries of a ring beyond those that stale ones have in proportion */

struct clock {
	uint32_t *ring;
	uint32_t size;
	uint32_t hand;    /* the entry looked at next */
	uint32_t entries; /* from there on, round the end of the ring */
	uint32_t stale;   /* of these */
	uint32_t ahead;   /* entries from the hand on whose frames' memory was asked for */
	uint16_t *gone;   /* by frame */
};

static int clock_open(struct replace *r, struct arena *a, struct err *e)
{
	struct clock *c = arena_alloc(a, sizeof(*c));
	const uint64_t size = (uint64_t)r->largest + r->largest / 8 + SPARE;
	if (!c || size > UINT32_MAX)
		return replace_no_memory(e);
	c->size = (uint32_t)size;
	c->ring = arena_array(a, size, sizeof(*c->ring));
	c->gone = arena_array(a, r->pages->frames, sizeof(*c->gone));
	r->state = c;
	r->bytes = size * sizeof(*c->ring) + r->pages->frames * sizeof(*c->gone);
	return c->ring && c->gone ? 0 : replace_no_memory(e);
}

/* The place of the entry so many behind the hand, at most c->size. */
static inline uint32_t place_of(const struct clock *c, uint32_t behind)
{
	const uint64_t at = (uint64_t)c->hand + behind;
	return (uint32_t)(at < c->size ? at : at - c->size);
}

/* So many frames at the end of the queue, where there is room. */
static inline void append(struct clock *c, const uint32_t *frame, uint32_t count)
{
	uint32_t at = place_of(c, c->entries);
	for (uint32_t k = 0; k < count; k++) {
		c->ring[at] = frame[k];
		at = at + 1 == c->size ? 0 : at + 1;
	}
	c->entries += count;
}

/* The hand goes on by so many entries, which leave the queue. */
static inline void advance(struct clock *c, uint32_t entries)
{
	c->hand = place_of(c, entries);
	c->entries -= entries;
	c->ahead = c->ahead > entries ? c->ahead - entries : 0;
}

/* No entry is stale any more. O(entries); there have been as many removals as an eighth of all frames since the last time, or one frame
 * was removed 65,535 times. */
static void tidy(struct clock *c)
{
	uint32_t kept = 0;
	for (uint32_t k = 0; k < c->entries; k++) {
		const uint32_t f = c->ring[place_of(c, k)];
		if (c->gone[f] > 0)
			c->gone[f]--;
		else
			c->ring[place_of(c, kept++)] = f;
	}
	c->entries = kept;
	c->stale = 0;
	c->ahead = c->ahead < kept ? c->ahead : kept;
}

/*
 * What the hand of a large machine looks at lies anywhere in memory. So a scout goes before it, an entry when a page is asked for
 * and one when it comes, about as many as the hand takes. It asks for the memory of the frame and waits for nothing.
 */
static inline void scout(const struct replace *r, struct clock *c)
{
	if (c->ahead >= REPLACE_SCOUT || c->entries <= REPLACE_SCOUT)
		return;
	replace_prefetch(r, c->ring[place_of(c, c->ahead++)]);
}

static void clock_coming(struct replace *r)
{
	scout(r, r->state);
}

static bool clock_insert(struct replace *r, uint32_t frame, uint64_t key, unsigned hint)
{
	(void)key, (void)hint;
	struct clock *c = r->state;
	if (__builtin_expect(c->entries == c->size, 0))
		tidy(c);
	append(c, &frame, 1);
	scout(r, c);
	return r->spec->initial_bit;
}

static void clock_remove(struct replace *r, uint32_t frame)
{
	struct clock *c = r->state;
	if (c->gone[frame] == UINT16_MAX)
		tidy(c);
	c->gone[frame]++;
	c->stale++;
}

static uint32_t clock_victim(struct replace *r, unsigned hint)
{
	(void)hint;
	struct clock *c = r->state;
	/* A turn clears all bits, the next finds whatever may go. */
	for (uint64_t left = 2 * (uint64_t)(c->entries - c->stale); left > 0;) {
		const uint32_t f = c->ring[c->hand];
		advance(c, 1);
		if (__builtin_expect(c->stale > 0, 0) && c->gone[f] > 0) {
			c->gone[f]--;
			c->stale--;
			continue;
		}
		if (replace_evictable(r, f) && !replace_used(r, f))
			return f;
		append(c, &f, 1);
		left--;
	}
	return REPLACE_NO_FRAME;
}

static uint32_t clock_victims(struct replace *r, uint32_t *out, uint32_t most)
{
	struct clock *c = r->state;
	struct replace_parted x;
	uint32_t n = 0;
	uint64_t since = 0; /* the last was given, entries looked at: after two turns none may go, and the hand stands where it stood */
	while (n < most && since < 2 * (uint64_t)c->entries && c->stale == 0) {
		uint64_t row = 2 * (uint64_t)c->entries - since;
		row = row < REPLACE_LOOKS ? row : REPLACE_LOOKS;
		row = row < c->entries ? row : c->entries;
		row = row < c->size - c->hand ? row : c->size - c->hand;
		row = replace_part(r, &c->ring[c->hand], (uint32_t)row, most - n, &x);
		advance(c, (uint32_t)row);
		replace_unuse(r, &x);
		append(c, x.kept, x.keeps);
		memcpy(&out[n], x.given, x.gives * sizeof(*out));
		n += x.gives;
		since = x.gives > 0 ? row - x.last : since + row;
	}
	return n;
}

static int clock_check(const struct replace *r, struct err *e)
{
	const struct clock *c = r->state;
	uint16_t *found = calloc(r->pages->frames, sizeof(*found));
	uint64_t stale = 0, live = 0;
	if (!found)
		return replace_no_memory(e);
	for (uint32_t k = 0; k < c->entries; k++)
		found[c->ring[place_of(c, k)]]++;
	uint32_t wrong = REPLACE_NO_FRAME;
	for (uint32_t f = 0; f < r->pages->frames; f++) {
		stale += c->gone[f];
		live += (uint64_t)(found[f] - c->gone[f]);
		if (found[f] - c->gone[f] != 0 && found[f] - c->gone[f] != 1)
			wrong = f;
	}
	free(found);
	if (wrong != REPLACE_NO_FRAME || stale != c->stale)
		return err_set(e, ERR_CHECK, "The ring of policy %s has %" PRIu64 " stale entries and not %" PRIu32 ", or frame %" PRIu32 " twice.",
			r->policy->name, stale, c->stale, wrong);
	return live == r->held ? 0 : replace_wrong_count(r, live, e);
}

const struct replace_ops replace_ops_clock = {
	.open = clock_open, .insert = clock_insert, .remove = clock_remove, .victim = clock_victim, .victims = clock_victims,
	.coming = clock_coming, .check = clock_check,
};
