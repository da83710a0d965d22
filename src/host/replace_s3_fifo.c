/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * S3-FIFO: Yang, Zhang, Qiu, Yue & Rashmi, "FIFO queues are all you need for cache eviction", SOSP 2023, algorithm 1: a small
 * queue S for new pages, a main queue M, and the keys G of what left S. A page counts its references up to 3. One at the end of
 * S goes to M, its count cleared, if it was used more than `small_uses` times, and else out, remembered in G; one at the end
 * of M with a count is put back with the count less one. S is 10 % of the frames, G remembers as many as M holds, 90 %.
 *
 * One page goes at a time, as in the authors' simulator: where S has become empty without one, M gives one.
 */
#include "host/replace.h"
#include "host/replace_ghosts.h"

enum { SMALL, MAIN };

#define MOST_USES 3u
#define IN_MAIN 4u /* of a frame's word; the bits below it count */

struct s3_fifo {
	struct replace_list list[2]; /* the next to go first */
	struct replace_list remembered;
	struct replace_ghosts ghosts;
	uint32_t small, most; /* capacity of S and of G */
};

static void s3_fifo_resize(struct replace *r)
{
	struct s3_fifo *s = r->state;
	s->small = replace_share(r->spec->small_share, r->capacity, 1);
	s->most = replace_share(r->spec->small_ghosts, r->capacity, 1);
	while (s->remembered.count > s->most)
		replace_ghosts_pop(&s->ghosts, &s->remembered);
}

static int s3_fifo_open(struct replace *r, struct arena *a, struct err *e)
{
	struct s3_fifo *s = arena_alloc(a, sizeof(*s));
	if (!s)
		return replace_no_memory(e);
	replace_list_init(&s->list[SMALL]);
	replace_list_init(&s->list[MAIN]);
	replace_list_init(&s->remembered);
	if (replace_ghosts_open(&s->ghosts, a, replace_share(r->spec->small_ghosts, r->largest, 1), e) < 0)
		return -1;
	r->state = s;
	r->bytes = replace_ghosts_bytes(&s->ghosts);
	s3_fifo_resize(r);
	return 0;
}

static unsigned s3_fifo_miss(struct replace *r, uint64_t key)
{
	const struct s3_fifo *s = r->state;
	return replace_ghosts_find(&s->ghosts, key) != REPLACE_NIL;
}

static bool s3_fifo_insert(struct replace *r, uint32_t frame, uint64_t key, unsigned hint)
{
	struct s3_fifo *s = r->state;
	replace_ghosts_forget(&s->ghosts, &s->remembered, key);
	replace_list_push_last(&s->list[hint ? MAIN : SMALL], r->pages->link, frame);
	r->pages->word[frame] = hint ? IN_MAIN : 0;
	r->pages->key[frame] = key;
	return false;
}

static void s3_fifo_touch(struct replace *r, uint32_t frame, bool write)
{
	(void)write;
	if ((r->pages->word[frame] & ~IN_MAIN) < MOST_USES)
		r->pages->word[frame]++;
}

static void s3_fifo_remove(struct replace *r, uint32_t frame)
{
	struct s3_fifo *s = r->state;
	replace_list_remove(&s->list[r->pages->word[frame] & IN_MAIN ? MAIN : SMALL], r->pages->link, frame);
}

static uint32_t evict_small(struct replace *r)
{
	struct s3_fifo *s = r->state;
	for (uint32_t left = s->list[SMALL].count; left > 0; left--) {
		uint32_t f = s->list[SMALL].first;
		replace_list_remove(&s->list[SMALL], r->pages->link, f);
		if (r->pages->word[f] > r->spec->small_uses) {
			replace_list_push_last(&s->list[MAIN], r->pages->link, f);
			r->pages->word[f] = IN_MAIN;
		} else if (replace_evictable(r, f)) {
			replace_ghosts_push(&s->ghosts, &s->remembered, r->pages->key[f], s->most);
			return f;
		} else {
			replace_list_push_last(&s->list[SMALL], r->pages->link, f);
		}
	}
	return REPLACE_NO_FRAME;
}

static uint32_t evict_main(struct replace *r)
{
	struct s3_fifo *s = r->state;
	for (uint64_t left = (MOST_USES + 1) * (uint64_t)s->list[MAIN].count; left > 0; left--) {
		uint32_t f = s->list[MAIN].first;
		replace_list_remove(&s->list[MAIN], r->pages->link, f);
		if (r->pages->word[f] == IN_MAIN && replace_evictable(r, f))
			return f;
		r->pages->word[f] -= r->pages->word[f] > IN_MAIN;
		replace_list_push_last(&s->list[MAIN], r->pages->link, f);
	}
	return REPLACE_NO_FRAME;
}

static uint32_t s3_fifo_victim(struct replace *r, unsigned hint)
{
	(void)hint;
	const struct s3_fifo *s = r->state;
	bool small = s->list[SMALL].count >= s->small;
	uint32_t f = small ? evict_small(r) : evict_main(r);
	if (f == REPLACE_NO_FRAME) /* that queue is empty, or all of it is held */
		f = small ? evict_main(r) : evict_small(r);
	if (f == REPLACE_NO_FRAME && !small) /* all of S may have gone to M */
		f = evict_main(r);
	return f;
}

static int s3_fifo_check(const struct replace *r, struct err *e)
{
	const struct s3_fifo *s = r->state;
	if (s->remembered.count > s->most || s->remembered.count != s->ghosts.count)
		return err_set(e, ERR_CHECK, "Policy s3-fifo remembers %u pages, %u by count, and may remember %u.", s->remembered.count,
			s->ghosts.count, s->most);
	return replace_check_lists(r, s->list, 2, e);
}

const struct replace_ops replace_ops_s3_fifo = {
	.open = s3_fifo_open, .miss = s3_fifo_miss, .insert = s3_fifo_insert, .touch = s3_fifo_touch, .remove = s3_fifo_remove,
	.victim = s3_fifo_victim, .resize = s3_fifo_resize, .check = s3_fifo_check,
};
