/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * WSClock: Carr & Hennessy, "WSClock: a simple and effective algorithm for virtual memory management", SOSP 1981. Pages in a
 * circle, each with the virtual time at which its accessed bit was last found set. The hand clears set bits and notes the
 * time; a page with a clear bit that has not been used for more than tau is outside the working set (Denning 1968): the first
 * clean one goes, and dirty ones on the way are written (env.clean).
 *
 * A turn that finds none (as in Tanenbaum & Bos, "Modern Operating Systems", 4th ed. 2015, sec. 3.4.9): the first clean page the hand
 * met goes, though it is of the working set. If there is no clean one and the turn has begun to write some, the hand goes on when one is
 * written; otherwise the page at the hand goes; load control is what keeps this from happening (host/alloc.h).
 */
#include "host/replace.h"

struct wsclock {
	struct replace_list list;
	uint32_t hand; /* REPLACE_NIL: the first */
};

static int wsclock_open(struct replace *r, struct arena *a, struct err *e)
{
	struct wsclock *s = arena_alloc(a, sizeof(*s));
	if (!s)
		return replace_no_memory(e);
	replace_list_init(&s->list);
	s->hand = REPLACE_NIL;
	r->state = s;
	return 0;
}

static bool wsclock_insert(struct replace *r, uint32_t frame, uint64_t key, unsigned hint)
{
	(void)key, (void)hint;
	struct wsclock *s = r->state;
	replace_list_insert(&s->list, r->pages->link, s->hand, frame);
	r->pages->stamp[frame] = (uint64_t)r->env.now(r->env.owner, frame);
	return false;
}

static void wsclock_remove(struct replace *r, uint32_t frame)
{
	struct wsclock *s = r->state;
	if (s->hand == frame)
		s->hand = r->pages->link[frame].next;
	replace_list_remove(&s->list, r->pages->link, frame);
}

static uint32_t wsclock_take(struct replace *r, uint32_t frame)
{
	struct wsclock *s = r->state;
	if (frame != REPLACE_NO_FRAME) {
		s->hand = r->pages->link[frame].next;
		replace_list_remove(&s->list, r->pages->link, frame);
	}
	return frame;
}

static uint32_t wsclock_victim(struct replace *r, unsigned hint)
{
	(void)hint;
	struct wsclock *s = r->state;
	uint32_t f = s->hand == REPLACE_NIL ? s->list.first : s->hand, clean = REPLACE_NO_FRAME, any = REPLACE_NO_FRAME;
	for (uint32_t left = s->list.count; left > 0; left--, f = replace_list_turn(&s->list, r->pages->link, f)) {
		int64_t now = r->env.now(r->env.owner, f);
		bool dirty = r->env.dirty(r->env.owner, f) && r->env.clean;
		if (replace_used(r, f))
			r->pages->stamp[f] = (uint64_t)now;
		if (!replace_evictable(r, f))
			continue;
		if (any == REPLACE_NO_FRAME)
			any = f;
		if (!dirty && clean == REPLACE_NO_FRAME)
			clean = f;
		if (now - (int64_t)r->pages->stamp[f] <= r->spec->tau_ps)
			continue;
		if (!dirty)
			return wsclock_take(r, f);
		r->env.clean(r->env.owner, f);
		r->waits = true;
	}
	if (clean != REPLACE_NO_FRAME)
		return wsclock_take(r, clean);
	return r->waits ? REPLACE_NO_FRAME : wsclock_take(r, any);
}

static int wsclock_check(const struct replace *r, struct err *e)
{
	const struct wsclock *s = r->state;
	return replace_check_lists(r, &s->list, 1, e);
}

const struct replace_ops replace_ops_wsclock = {
	.open = wsclock_open, .insert = wsclock_insert, .remove = wsclock_remove, .victim = wsclock_victim, .check = wsclock_check,
};
