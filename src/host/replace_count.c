/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Policies that count uses. Pages of one count form a group, the groups stand in ascending order, so that a use and a choice
 * are O(1): Shah, Mitra & Matani, "An O(1) algorithm for implementing the LFU cache eviction scheme", 2010. A count ends
 * with the page's stay in memory.
 *
 * lfu: counts references; of equal counts the page that has had its count for longest goes (the least recently used).
 * nfu: Tanenbaum & Bos, "Modern Operating Systems", 4th ed. 2015, sec. 3.4.6: at each tick the accessed bit is added to the
 * count; of equal counts the page that came to its count first goes. The reference that faulted counts 1 in both, so
 * that a page is not the next victim by having come since the last tick.
 */
#include "host/replace.h"

struct group {
	struct replace_list pages; /* the first has been in the group for longest */
	uint64_t uses;
};

struct counts {
	struct group *group;
	struct replace_link *link; /* of groups */
	struct replace_list order; /* of groups with pages, ascending by uses */
	uint32_t free;             /* first unused group; link[].next is the next */
};

static int count_open(struct replace *r, struct arena *a, struct err *e)
{
	struct counts *s = arena_alloc(a, sizeof(*s));
	/* A page on its way up may need a group of its own while its old one still stands. */
	uint32_t groups = r->largest + 1;
	if (!s || !(s->group = arena_array(a, groups, sizeof(*s->group))) || !(s->link = arena_array(a, groups, sizeof(*s->link))))
		return replace_no_memory(e);
	replace_list_init(&s->order);
	s->free = REPLACE_NIL;
	for (uint32_t g = groups; g-- > 0;) {
		s->link[g].next = s->free;
		s->free = g;
	}
	r->state = s;
	r->bytes = (uint64_t)groups * (sizeof(*s->group) + sizeof(*s->link));
	return 0;
}

/* The group of this count that stands before group `before` (REPLACE_NIL: at the end), new unless `there` is it. */
static uint32_t group_for(struct counts *s, uint64_t uses, uint32_t there, uint32_t before)
{
	if (there != REPLACE_NIL && s->group[there].uses == uses)
		return there;
	uint32_t g = s->free;
	s->free = s->link[g].next;
	replace_list_init(&s->group[g].pages);
	s->group[g].uses = uses;
	replace_list_insert(&s->order, s->link, before, g);
	return g;
}

static void group_add(struct replace *r, uint32_t g, uint32_t frame)
{
	struct counts *s = r->state;
	replace_list_push_last(&s->group[g].pages, r->pages->link, frame);
	r->pages->word[frame] = g;
}

static void count_remove(struct replace *r, uint32_t frame)
{
	struct counts *s = r->state;
	uint32_t g = r->pages->word[frame];
	replace_list_remove(&s->group[g].pages, r->pages->link, frame);
	if (s->group[g].pages.count == 0) {
		replace_list_remove(&s->order, s->link, g);
		s->link[g].next = s->free;
		s->free = g;
	}
}

static bool count_insert(struct replace *r, uint32_t frame, uint64_t key, unsigned hint)
{
	(void)key, (void)hint;
	struct counts *s = r->state;
	group_add(r, group_for(s, 1, s->order.first, s->order.first), frame);
	return false;
}

static void count_use(struct replace *r, uint32_t frame)
{
	struct counts *s = r->state;
	uint32_t g = r->pages->word[frame], above = s->link[g].next;
	uint32_t to = group_for(s, s->group[g].uses + 1, above, above);
	count_remove(r, frame);
	group_add(r, to, frame);
}

static void lfu_touch(struct replace *r, uint32_t frame, bool write)
{
	(void)write;
	count_use(r, frame);
}

static uint32_t count_victim(struct replace *r, unsigned hint)
{
	(void)hint;
	const struct counts *s = r->state;
	for (uint32_t g = s->order.first; g != REPLACE_NIL; g = s->link[g].next)
		for (uint32_t f = s->group[g].pages.first; f != REPLACE_NIL; f = r->pages->link[f].next)
			if (replace_evictable(r, f)) {
				count_remove(r, f);
				return f;
			}
	return REPLACE_NO_FRAME;
}

/* From the highest count down, so that no page is counted twice. */
static void nfu_tick(struct replace *r)
{
	const struct counts *s = r->state;
	for (uint32_t g = s->order.last, below; g != REPLACE_NIL; g = below) {
		below = s->link[g].prev;
		for (uint32_t f = s->group[g].pages.first, next; f != REPLACE_NIL; f = next) {
			next = r->pages->link[f].next;
			if (replace_used(r, f))
				count_use(r, f);
		}
	}
}

static int count_check(const struct replace *r, struct err *e)
{
	const struct counts *s = r->state;
	uint64_t pages = 0, uses = 0;
	for (uint32_t g = s->order.first; g != REPLACE_NIL; g = s->link[g].next) {
		uint32_t here = 0;
		for (uint32_t f = s->group[g].pages.first; f != REPLACE_NIL; f = r->pages->link[f].next, here++)
			if (r->pages->word[f] != g)
				return err_set(e, ERR_CHECK, "Frame %u stands in another group of policy %s than it says.", f, r->policy->name);
		if (here == 0 || here != s->group[g].pages.count || s->group[g].uses <= uses)
			return err_set(e, ERR_CHECK, "A group of policy %s is empty, wrongly counted or out of order.", r->policy->name);
		pages += here;
		uses = s->group[g].uses;
	}
	if (pages != r->held)
		return replace_wrong_count(r, pages, e);
	return 0;
}

const struct replace_ops replace_ops_lfu = {
	.open = count_open, .insert = count_insert, .touch = lfu_touch, .remove = count_remove, .victim = count_victim,
	.check = count_check,
};
const struct replace_ops replace_ops_nfu = {
	.open = count_open, .insert = count_insert, .remove = count_remove, .victim = count_victim, .tick = nfu_tick,
	.check = count_check,
};
