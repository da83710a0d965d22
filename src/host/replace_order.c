/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Policies that go by the order of arrival: first in, first out, and the clock. */
#include "host/replace.h"

struct order {
	struct replace_list list; /* in order of arrival */
	uint32_t hand;            /* clock: the frame looked at next; REPLACE_NIL: the first */
};

static int order_open(struct replace *r, struct arena *a, struct err *e)
{
	struct order *s = arena_alloc(a, sizeof(*s));
	if (!s)
		return err_set(e, ERR_LIMIT, "There is not enough memory for page replacement.");
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
	uint32_t count = 0;
	for (uint32_t f = s->list.first; f != REPLACE_NIL && count <= s->list.count; f = r->pages->link[f].next)
		count++;
	if (count != s->list.count || count != r->held)
		return err_set(e, ERR_CHECK, "The pool of policy %s holds %u frames, its list %u and %u by count.", r->policy->name, r->held,
			count, s->list.count);
	return 0;
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
	uint32_t f = s->list.first;
	while (f != REPLACE_NIL && !replace_evictable(r, f))
		f = r->pages->link[f].next;
	if (f != REPLACE_NIL)
		order_remove(r, f);
	return f;
}

const struct replace_ops replace_ops_fifo = {
	.open = order_open, .insert = fifo_insert, .remove = order_remove, .victim = fifo_victim, .check = order_check,
};

/* ---- clock: Corbato, "A paging experiment with the Multics system", 1968 (In Honor of Philip M. Morse, MIT Press 1969).
 * A new page goes in just behind the hand. The bit of a new page is an option: the hardware that sets it on the
 * reference that faulted makes it 1. */

static bool clock_insert(struct replace *r, uint32_t frame, uint64_t key, unsigned hint)
{
	(void)key, (void)hint;
	struct order *s = r->state;
	replace_list_insert(&s->list, r->pages->link, s->hand, frame);
	return r->spec->initial_bit;
}

static uint32_t clock_victim(struct replace *r, unsigned hint)
{
	(void)hint;
	struct order *s = r->state;
	uint32_t f = s->hand == REPLACE_NIL ? s->list.first : s->hand;
	/* In the second turn every bit has been cleared by the first. */
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

const struct replace_ops replace_ops_clock = {
	.open = order_open, .insert = clock_insert, .remove = order_remove, .victim = clock_victim, .check = order_check,
};
