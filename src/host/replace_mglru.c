/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Two generations, as Linux's multi-generational LRU has at the least (Yu Zhao, "Multi-Gen LRU", Linux 6.1, Documentation/mm/
 * multigen_lru.rst). New pages are young. Eviction takes the oldest page of the old generation, and moves it to the young one
 * where it finds its accessed bit set. Aging looks at the accessed bits of the young generation: pages with a clear bit
 * become old, those with a set one stay, the bit cleared; a page that came since the last aging counts as referenced once. It
 * takes place when the old generation has run out, and under `ageing: period` at each tick too. Linux keeps up to four
 * generations and finds accessed bits by walking page tables; neither changes which of two generations a page is in.
 */
#include "host/replace.h"

enum { OLD, YOUNG };

struct mglru {
	struct replace_list list[2]; /* the oldest first */
};

static int mglru_open(struct replace *r, struct arena *a, struct err *e)
{
	struct mglru *s = arena_alloc(a, sizeof(*s));
	if (!s)
		return replace_no_memory(e);
	replace_list_init(&s->list[OLD]);
	replace_list_init(&s->list[YOUNG]);
	r->state = s;
	return 0;
}

static void put(struct replace *r, uint32_t frame, unsigned list)
{
	struct mglru *s = r->state;
	replace_list_push_last(&s->list[list], r->pages->link, frame);
	r->pages->word[frame] = list;
}

static bool mglru_insert(struct replace *r, uint32_t frame, uint64_t key, unsigned hint)
{
	(void)key, (void)hint;
	put(r, frame, YOUNG);
	return true;
}

static void mglru_remove(struct replace *r, uint32_t frame)
{
	struct mglru *s = r->state;
	replace_list_remove(&s->list[r->pages->word[frame]], r->pages->link, frame);
}

static void mglru_age(struct replace *r)
{
	const struct mglru *s = r->state;
	uint32_t f = s->list[YOUNG].first;
	for (uint32_t left = s->list[YOUNG].count, next; left > 0; left--, f = next) {
		next = r->pages->link[f].next;
		unsigned list = replace_used(r, f) ? YOUNG : OLD;
		mglru_remove(r, f);
		put(r, f, list);
	}
}

static void mglru_tick(struct replace *r)
{
	if (r->spec->ageing == REPLACE_AGEING_PERIOD)
		mglru_age(r);
}

static uint32_t mglru_evict(struct replace *r)
{
	const struct mglru *s = r->state;
	uint32_t f = s->list[OLD].first;
	for (uint32_t left = s->list[OLD].count, next; left > 0; left--, f = next) {
		next = r->pages->link[f].next;
		bool used = replace_used(r, f);
		if (!used && !replace_evictable(r, f))
			continue;
		mglru_remove(r, f);
		if (!used)
			return f;
		put(r, f, YOUNG);
	}
	return REPLACE_NO_FRAME;
}

/* Bits are clear after the first aging, so that the second leaves every page old. */
static uint32_t mglru_victim(struct replace *r, unsigned hint)
{
	(void)hint;
	uint32_t f = mglru_evict(r);
	for (unsigned walks = 0; f == REPLACE_NO_FRAME && walks < 3; walks++) {
		mglru_age(r);
		f = mglru_evict(r);
	}
	return f;
}

static int mglru_check(const struct replace *r, struct err *e)
{
	const struct mglru *s = r->state;
	return replace_check_lists(r, s->list, 2, e);
}

const struct replace_ops replace_ops_mglru = {
	.open = mglru_open, .insert = mglru_insert, .remove = mglru_remove, .victim = mglru_victim, .tick = mglru_tick,
	.check = mglru_check,
};
