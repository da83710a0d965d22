/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ARC: Megiddo & Modha, "ARC: a self-tuning, low overhead replacement cache", FAST 2003, figure 4. T1 and T2 are lists by
 * recency of pages in memory that were referenced once and more often lately, B1 and B2 remember what left them; the
 * target p for |T1| is a real number. Cases as there: I is arc_touch(); what II and III do to p is arc_miss(), REPLACE and
 * what IV forgets arc_victim(). A fault's hint says in which list the page was found.
 */
#include "host/replace.h"
#include "host/replace_ghosts.h"

struct arc {
	struct replace_list t[2]; /* T1, T2: the least recently used first */
	struct replace_list b[2]; /* B1, B2, over ghosts */
	struct replace_ghosts ghosts;
	uint8_t *in;              /* by ghost: 0 for B1, 1 for B2 */
	double p;
};

static int arc_open(struct replace *r, struct arena *a, struct err *e)
{
	struct arc *s = arena_alloc(a, sizeof(*s));
	uint32_t most = 2 * r->largest;
	if (!s || !(s->in = arena_array(a, most, 1)) || replace_ghosts_open(&s->ghosts, a, most, e) < 0)
		return replace_no_memory(e);
	for (unsigned k = 0; k < 2; k++) {
		replace_list_init(&s->t[k]);
		replace_list_init(&s->b[k]);
	}
	r->state = s;
	r->bytes = most + replace_ghosts_bytes(&s->ghosts);
	return 0;
}

static void arc_pop(struct arc *s, unsigned list)
{
	replace_ghosts_pop(&s->ghosts, &s->b[list]);
}

/* |T1| + |B1| <= c, and all four together <= 2c. */
static void arc_trim(struct replace *r)
{
	struct arc *s = r->state;
	uint64_t c = r->capacity;
	while (s->b[0].count > 0 && (uint64_t)s->t[0].count + s->b[0].count > c)
		arc_pop(s, 0);
	while (s->b[1].count > 0 && (uint64_t)r->held + s->ghosts.count > 2 * c)
		arc_pop(s, 1);
	if (s->p > (double)c)
		s->p = (double)c;
}

static unsigned arc_miss(struct replace *r, uint64_t key)
{
	struct arc *s = r->state;
	uint32_t node = replace_ghosts_find(&s->ghosts, key);
	if (node == REPLACE_NIL)
		return 0;
	double b1 = s->b[0].count, b2 = s->b[1].count, c = r->capacity;
	if (s->in[node] == 0) {
		s->p += b1 >= b2 ? 1 : b2 / b1;
		s->p = s->p > c ? c : s->p;
		return 1;
	}
	s->p -= b2 >= b1 ? 1 : b1 / b2;
	s->p = s->p < 0 ? 0 : s->p;
	return 2;
}

static bool arc_insert(struct replace *r, uint32_t frame, uint64_t key, unsigned hint)
{
	struct arc *s = r->state;
	unsigned list = hint > 0;
	uint32_t node = replace_ghosts_find(&s->ghosts, key);
	if (node != REPLACE_NIL) {
		replace_list_remove(&s->b[s->in[node]], s->ghosts.link, node);
		replace_ghosts_drop(&s->ghosts, node);
	}
	replace_list_push_last(&s->t[list], r->pages->link, frame);
	r->pages->word[frame] = list;
	r->pages->key[frame] = key;
	arc_trim(r);
	return true;
}

static void arc_touch(struct replace *r, uint32_t frame, bool write)
{
	(void)write;
	struct arc *s = r->state;
	replace_list_remove(&s->t[r->pages->word[frame]], r->pages->link, frame);
	replace_list_push_last(&s->t[1], r->pages->link, frame);
	r->pages->word[frame] = 1;
}

static void arc_remove(struct replace *r, uint32_t frame)
{
	struct arc *s = r->state;
	replace_list_remove(&s->t[r->pages->word[frame]], r->pages->link, frame);
}

static void arc_remember(struct replace *r, uint32_t frame, unsigned list)
{
	struct arc *s = r->state;
	uint64_t key = r->pages->key[frame];
	uint32_t old = replace_ghosts_find(&s->ghosts, key);
	if (old != REPLACE_NIL) {
		replace_list_remove(&s->b[s->in[old]], s->ghosts.link, old);
		replace_ghosts_drop(&s->ghosts, old);
	}
	if (s->ghosts.count == s->ghosts.most)
		arc_pop(s, s->b[list].count > 0 ? list : 1 - list);
	uint32_t node = replace_ghosts_add(&s->ghosts, key);
	s->in[node] = (uint8_t)list;
	replace_list_push_last(&s->b[list], s->ghosts.link, node);
}

static uint32_t arc_victim(struct replace *r, unsigned hint)
{
	struct arc *s = r->state;
	bool remember = true;
	if (hint == 0) { /* case IV */
		uint64_t c = r->capacity, l1 = (uint64_t)s->t[0].count + s->b[0].count;
		if (l1 >= c && s->b[0].count > 0)
			arc_pop(s, 0);
		else if (l1 >= c)
			remember = false; /* T1 alone fills the cache: its oldest page goes for good */
		else if (s->b[1].count > 0 && (uint64_t)s->t[0].count + s->t[1].count + s->ghosts.count >= 2 * c)
			arc_pop(s, 1);
	}
	double t1 = s->t[0].count;
	unsigned list = !remember || (s->t[0].count > 0 && (t1 > s->p || (hint == 2 && t1 >= s->p))) ? 0 : 1;
	uint32_t f = replace_take_first(r, &s->t[list]);
	if (f == REPLACE_NO_FRAME) { /* all of that list are held, or it is empty */
		list = 1 - list;
		f = replace_take_first(r, &s->t[list]);
		remember = true;
	}
	if (f != REPLACE_NO_FRAME && remember)
		arc_remember(r, f, list);
	return f;
}

static int arc_check(const struct replace *r, struct err *e)
{
	const struct arc *s = r->state;
	if (s->b[0].count + s->b[1].count != s->ghosts.count || s->p < 0 || s->p > (double)r->capacity)
		return err_set(e, ERR_CHECK, "Policy arc remembers %u and %u pages, %u in all, and its target is %g of %u.", s->b[0].count,
			s->b[1].count, s->ghosts.count, s->p, r->capacity);
	return replace_check_lists(r, s->t, 2, e);
}

const struct replace_ops replace_ops_arc = {
	.open = arc_open, .miss = arc_miss, .insert = arc_insert, .touch = arc_touch, .remove = arc_remove, .victim = arc_victim,
	.resize = arc_trim, .check = arc_check,
};
