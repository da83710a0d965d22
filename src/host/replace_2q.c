/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * 2Q, the full version: Johnson & Shasha, "2Q: a low overhead high performance buffer management replacement algorithm", VLDB
 * 1994, sec. 3. A1in: first in, first out; what leaves it is remembered in A1out; a page that is wanted again while
 * remembered goes to Am, which is LRU and remembers nothing. References to pages in A1in change nothing. Kin and Kout as
 * the paper proposes: 25 % of the frames and as many keys as 50 % of the frames hold pages.
 */
#include "host/replace.h"
#include "host/replace_ghosts.h"

enum { IN, MAIN };

struct two_q {
	struct replace_list list[2]; /* A1in and Am, the next to go first */
	struct replace_list out;     /* A1out, over ghosts */
	struct replace_ghosts ghosts;
	uint32_t kin, kout;
};

static void two_q_resize(struct replace *r)
{
	struct two_q *s = r->state;
	s->kin = replace_share(r->spec->two_q_in, r->capacity, 1);
	s->kout = replace_share(r->spec->two_q_out, r->capacity, 1);
	while (s->out.count > s->kout)
		replace_ghosts_pop(&s->ghosts, &s->out);
}

static int two_q_open(struct replace *r, struct arena *a, struct err *e)
{
	struct two_q *s = arena_alloc(a, sizeof(*s));
	if (!s)
		return replace_no_memory(e);
	replace_list_init(&s->list[IN]);
	replace_list_init(&s->list[MAIN]);
	replace_list_init(&s->out);
	if (replace_ghosts_open(&s->ghosts, a, replace_share(r->spec->two_q_out, r->largest, 1), e) < 0)
		return -1;
	r->state = s;
	r->bytes = replace_ghosts_bytes(&s->ghosts);
	two_q_resize(r);
	return 0;
}

static unsigned two_q_miss(struct replace *r, uint64_t key)
{
	const struct two_q *s = r->state;
	return replace_ghosts_find(&s->ghosts, key) != REPLACE_NIL;
}

static bool two_q_insert(struct replace *r, uint32_t frame, uint64_t key, unsigned hint)
{
	struct two_q *s = r->state;
	unsigned list = hint ? MAIN : IN;
	replace_ghosts_forget(&s->ghosts, &s->out, key);
	replace_list_push_last(&s->list[list], r->pages->link, frame);
	r->pages->word[frame] = list;
	r->pages->key[frame] = key;
	return true;
}

static void two_q_touch(struct replace *r, uint32_t frame, bool write)
{
	(void)write;
	struct two_q *s = r->state;
	if (r->pages->word[frame] != MAIN)
		return;
	replace_list_remove(&s->list[MAIN], r->pages->link, frame);
	replace_list_push_last(&s->list[MAIN], r->pages->link, frame);
}

static void two_q_remove(struct replace *r, uint32_t frame)
{
	struct two_q *s = r->state;
	replace_list_remove(&s->list[r->pages->word[frame]], r->pages->link, frame);
}

static uint32_t two_q_victim(struct replace *r, unsigned hint)
{
	(void)hint;
	struct two_q *s = r->state;
	unsigned first = s->list[IN].count > s->kin || s->list[MAIN].count == 0 ? IN : MAIN;
	uint32_t f = replace_take_first(r, &s->list[first]);
	if (f == REPLACE_NO_FRAME) /* all of that list are held: the other one's turn */
		f = replace_take_first(r, &s->list[1 - first]);
	if (f != REPLACE_NO_FRAME && r->pages->word[f] == IN)
		replace_ghosts_push(&s->ghosts, &s->out, r->pages->key[f], s->kout);
	return f;
}

static int two_q_check(const struct replace *r, struct err *e)
{
	const struct two_q *s = r->state;
	if (s->out.count > s->kout || s->out.count != s->ghosts.count)
		return err_set(e, ERR_CHECK, "Policy 2q remembers %u pages, %u by count, and may remember %u.", s->out.count,
			s->ghosts.count, s->kout);
	return replace_check_lists(r, s->list, 2, e);
}

const struct replace_ops replace_ops_two_q = {
	.open = two_q_open, .miss = two_q_miss, .insert = two_q_insert, .touch = two_q_touch, .remove = two_q_remove,
	.victim = two_q_victim, .resize = two_q_resize, .check = two_q_check,
};
