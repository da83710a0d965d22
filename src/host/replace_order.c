/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Policies that keep pages in order of arrival: FIFO, second chance, SIEVE. */
#include "host/replace_hand.h"

#include <inttypes.h>

struct order {
	struct replace_list list; /* in order of arrival, the oldest first */
	uint32_t hand;            /* sieve: the frame looked at next; REPLACE_NIL: the first */
	uint32_t scout, ahead;    /* a frame that comes so many frames later, or still more; 0: there is none */
};

static int order_open(struct replace *r, struct arena *a, struct err *e)
{
	struct order *s = arena_alloc(a, sizeof(*s));
	if (!s)
		return replace_no_memory(e);
	replace_list_init(&s->list);
	s->hand = REPLACE_NIL;
	r->state = s;
	return 0;
}

static void order_remove(struct replace *r, uint32_t frame)
{
	struct order *s = r->state;
	if (s->hand == frame)
		s->hand = r->pages->link[frame].next;
	s->ahead = 0; /* how far before the scout it stood nobody knows */
	replace_list_remove(&s->list, r->pages->link, frame);
}

static int order_check(const struct replace *r, struct err *e)
{
	const struct order *s = r->state;
	uint32_t f = s->ahead > 0 ? s->list.first : s->scout;
	while (f != s->scout && f != REPLACE_NIL)
		f = r->pages->link[f].next;
	if (f != s->scout)
		return err_set(e, ERR_CHECK, "The scout of policy %s stands at frame %" PRIu32 ", which has left.", r->policy->name, s->scout);
	return replace_check_lists(r, &s->list, 1, e);
}

/* ---- first in, first out: Belady, "A study of replacement algorithms for a virtual-storage computer", IBM Systems
 * Journal 5(2), 1966. */

static bool fifo_insert(struct replace *r, uint32_t frame, uint64_t key, unsigned hint)
{
	(void)key, (void)hint;
	struct order *s = r->state;
	replace_list_push_last(&s->list, r->pages->link, frame);
	return true;
}

static uint32_t fifo_victim(struct replace *r, unsigned hint)
{
	(void)hint;
	struct order *s = r->state;
	return replace_take_first(r, &s->list);
}

const struct replace_ops replace_ops_fifo = {
	.open = order_open, .insert = fifo_insert, .remove = order_remove, .victim = fifo_victim, .check = order_check,
};

/* ---- second chance: Tanenbaum & Bos, "Modern Operating Systems", 4th ed. 2015, sec. 3.4.4: the oldest page with a clear
 * bit goes; one with a set bit becomes the newest, its bit clear. The reference that faulted does not set the bit; if it
 * did, this would be clock. */

static bool unused_insert(struct replace *r, uint32_t frame, uint64_t key, unsigned hint)
{
	(void)fifo_insert(r, frame, key, hint);
	return false;
}

static uint32_t second_chance_victim(struct replace *r, unsigned hint)
{
	(void)hint;
	struct order *s = r->state;
	/* A turn clears all bits, the next finds whatever may go. */
	for (uint64_t left = 2 * (uint64_t)s->list.count; left > 0; left--) {
		uint32_t f = s->list.first;
		replace_list_remove(&s->list, r->pages->link, f);
		if (replace_evictable(r, f) && !replace_used(r, f))
			return f;
		replace_list_push_last(&s->list, r->pages->link, f);
	}
	return REPLACE_NO_FRAME;
}

const struct replace_ops replace_ops_second_chance = {
	.open = order_open, .insert = unused_insert, .remove = order_remove, .victim = second_chance_victim,
	.check = order_check,
};

/* ---- SIEVE: Zhang, Yang, Yue, Vigfusson & Rashmi, "SIEVE is simpler than LRU", NSDI 2024, algorithm 1. As clock, but
 * pages stay in order of arrival: a new one is the newest wherever the hand stands. Its bit is clear. The bit of the paper
 * (visited) is the accessed bit. */

/*
 * The hand of a large machine goes from frame to frame as the list does, each where its memory has to be waited for, and what
 * it looks at elsewhere again. So a scout goes before it, a frame when a page is asked for and one when it comes, about as many as
 * the hand takes. It asks for the memory of both and waits for nothing.
 */
static inline void scout(const struct replace *r, struct order *s)
{
	if (s->ahead >= REPLACE_SCOUT || s->list.count <= REPLACE_SCOUT)
		return;
	uint32_t f = s->ahead > 0 ? s->scout : s->hand == REPLACE_NIL ? s->list.first : s->hand;
	f = replace_list_turn(&s->list, r->pages->link, f);
	replace_prefetch(r, f);
	__builtin_prefetch(&r->pages->link[f]);
	s->scout = f;
	s->ahead++;
}

static void sieve_coming(struct replace *r)
{
	scout(r, r->state);
}

static bool sieve_insert(struct replace *r, uint32_t frame, uint64_t key, unsigned hint)
{
	struct order *s = r->state;
	(void)fifo_insert(r, frame, key, hint);
	scout(r, s);
	return false;
}

/* The hand has gone on by so many frames. */
static inline void hand_moves(struct order *s, uint64_t frames)
{
	s->ahead = s->ahead > frames ? s->ahead - (uint32_t)frames : 0;
}

/* The hand goes on to the first page that may go and has a clear bit; it clears the bits of the others. */
static uint32_t sieve_victim(struct replace *r, unsigned hint)
{
	(void)hint;
	struct order *s = r->state;
	const uint64_t most = 2 * (uint64_t)s->list.count;
	uint32_t f = s->hand == REPLACE_NIL ? s->list.first : s->hand;
	for (uint64_t looked = 0; looked < most; looked++) {
		uint32_t next = r->pages->link[f].next;
		if (replace_evictable(r, f) && !replace_used(r, f)) {
			s->hand = next;
			hand_moves(s, looked + 1);
			replace_list_remove(&s->list, r->pages->link, f);
			return f;
		}
		f = next == REPLACE_NIL ? s->list.first : next;
	}
	return REPLACE_NO_FRAME;
}

static uint32_t sieve_victims(struct replace *r, uint32_t *out, uint32_t most)
{
	struct order *s = r->state;
	const struct replace_link *link = r->pages->link;
	struct replace_parted x;
	uint32_t n = 0, hand = s->hand == REPLACE_NIL ? s->list.first : s->hand, row[REPLACE_LOOKS + 1];
	uint64_t since = 0; /* the last was given, frames looked at */
	if (s->list.count <= REPLACE_LOOKS + most)
		return 0; /* the hand would come round in one look, and meet what it has given */
	while (n < most && since < 2 * (uint64_t)s->list.count) {
		row[0] = hand;
		for (uint32_t k = 0; k < REPLACE_LOOKS; k++)
			row[k + 1] = replace_list_turn(&s->list, link, row[k]);
		const uint32_t looks = replace_part(r, row, REPLACE_LOOKS, most - n, &x);
		hand_moves(s, looks);
		replace_unuse(r, &x);
		hand = row[looks];
		s->hand = x.gives > 0 ? row[x.last] : s->hand;
		for (uint32_t k = 0; k < x.gives; k++) {
			out[n++] = x.given[k];
			replace_list_remove(&s->list, r->pages->link, x.given[k]);
		}
		since = x.gives > 0 ? looks - x.last : since + looks;
	}
	return n;
}

const struct replace_ops replace_ops_sieve = {
	.open = order_open, .insert = sieve_insert, .remove = order_remove, .victim = sieve_victim, .victims = sieve_victims,
	.coming = sieve_coming, .check = order_check,
};
