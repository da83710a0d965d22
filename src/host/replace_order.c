/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Policies that keep pages in order of arrival, with a hand or without: FIFO, second chance, clock, SIEVE. */
#include "host/replace.h"

struct order {
	struct replace_list list; /* in order of arrival, the oldest first */
	uint32_t hand;            /* clock, sieve: the frame looked at next; REPLACE_NIL: the first */
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
	replace_list_remove(&s->list, r->pages->link, frame);
}

static int order_check(const struct replace *r, struct err *e)
{
	const struct order *s = r->state;
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

/* ---- clock: Corbato, "A paging experiment with the Multics system", 1968 (In Honor of Philip M. Morse, MIT Press 1969).
 * A new page goes in just behind the hand. The bit of a new page is an option: hardware that sets it on the reference that
 * faulted makes it 1. */

static bool clock_insert(struct replace *r, uint32_t frame, uint64_t key, unsigned hint)
{
	(void)key, (void)hint;
	struct order *s = r->state;
	replace_list_insert(&s->list, r->pages->link, s->hand, frame);
	return r->spec->initial_bit;
}

/* The hand goes on to the first page that may go and has a clear bit; it clears the bits of the others. */
static uint32_t hand_victim(struct replace *r, unsigned hint)
{
	(void)hint;
	struct order *s = r->state;
	uint32_t f = s->hand == REPLACE_NIL ? s->list.first : s->hand;
	for (uint64_t left = 2 * (uint64_t)s->list.count; left > 0; left--) {
		uint32_t next = r->pages->link[f].next;
		if (replace_evictable(r, f) && !replace_used(r, f)) {
			s->hand = next;
			replace_list_remove(&s->list, r->pages->link, f);
			return f;
		}
		f = next == REPLACE_NIL ? s->list.first : next;
	}
	return REPLACE_NO_FRAME;
}

static void hand_ahead(const struct replace *r, uint32_t frames)
{
	const struct order *s = r->state;
	uint32_t f = s->hand == REPLACE_NIL ? s->list.first : s->hand;
	for (uint32_t i = 0; i < frames && f != REPLACE_NIL; i++, f = r->pages->link[f].next)
		replace_prefetch(r, f);
}

const struct replace_ops replace_ops_clock = {
	.open = order_open, .insert = clock_insert, .remove = order_remove, .victim = hand_victim, .ahead = hand_ahead,
	.check = order_check,
};

/* ---- SIEVE: Zhang, Yang, Yue, Vigfusson & Rashmi, "SIEVE is simpler than LRU", NSDI 2024, algorithm 1. As clock, but
 * pages stay in order of arrival: a new one is the newest wherever the hand stands. Its bit is clear. The bit of the paper
 * (visited) is the accessed bit. */

const struct replace_ops replace_ops_sieve = {
	.open = order_open, .insert = unused_insert, .remove = order_remove, .victim = hand_victim, .ahead = hand_ahead,
	.check = order_check,
};
