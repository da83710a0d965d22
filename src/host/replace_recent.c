/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Least recently used: Mattson, Gecsei, Slutz & Traiger, "Evaluation techniques for storage hierarchies", IBM Systems Journal
 * 9(2), 1970. Exact: told of each reference. */
#include "host/replace.h"

static int lru_open(struct replace *r, struct arena *a, struct err *e)
{
	struct replace_list *s = arena_alloc(a, sizeof(*s));
	if (!s)
		return replace_no_memory(e);
	replace_list_init(s); /* the least recently used first */
	r->state = s;
	return 0;
}

static bool lru_insert(struct replace *r, uint32_t frame, uint64_t key, unsigned hint)
{
	(void)key, (void)hint;
	replace_list_push_last(r->state, r->pages->link, frame);
	return true;
}

static void lru_remove(struct replace *r, uint32_t frame)
{
	replace_list_remove(r->state, r->pages->link, frame);
}

static void lru_touch(struct replace *r, uint32_t frame, bool write)
{
	(void)write;
	struct replace_list *s = r->state;
	if (s->last == frame)
		return;
	replace_list_remove(s, r->pages->link, frame);
	replace_list_push_last(s, r->pages->link, frame);
}

static uint32_t lru_victim(struct replace *r, unsigned hint)
{
	(void)hint;
	return replace_take_first(r, r->state);
}

static int lru_check(const struct replace *r, struct err *e)
{
	return replace_check_lists(r, r->state, 1, e);
}

const struct replace_ops replace_ops_lru = {
	.open = lru_open, .insert = lru_insert, .touch = lru_touch, .remove = lru_remove, .victim = lru_victim, .check = lru_check,
};
