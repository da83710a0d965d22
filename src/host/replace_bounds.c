/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What other policies are measured against. random: any page that may go, by lot (Belady 1966). opt: the page that is
 * referenced furthest in the future, or never again (Belady, "A study of replacement algorithms for a virtual-storage
 * computer", IBM Systems Journal 5(2), 1966; optimal: Mattson et al. 1970); of pages that are never referenced again the one in
 * the lowest frame.
 */
#include "host/replace.h"

/* Frames held, in random's case in any order, in opt's as a heap, the furthest first; word[frame] is the place. */
struct bag {
	uint32_t *frame;
};

static int bag_open(struct replace *r, struct arena *a, struct err *e)
{
	struct bag *s = arena_alloc(a, sizeof(*s));
	if (!s || !(s->frame = arena_array(a, r->largest, sizeof(*s->frame))))
		return replace_no_memory(e);
	r->state = s;
	r->bytes = r->largest * sizeof(*s->frame);
	return 0;
}

static void place(struct replace *r, uint32_t at, uint32_t frame)
{
	const struct bag *s = r->state;
	s->frame[at] = frame;
	r->pages->word[frame] = at;
}

/* ---- random. r->held counts the frame already at insert, and no more at remove; not yet at victim. */

static bool random_insert(struct replace *r, uint32_t frame, uint64_t key, unsigned hint)
{
	(void)key, (void)hint;
	place(r, r->held - 1, frame);
	return true;
}

static void random_drop(struct replace *r, uint32_t frame, uint32_t count)
{
	const struct bag *s = r->state;
	place(r, r->pages->word[frame], s->frame[count - 1]);
}

static void random_remove(struct replace *r, uint32_t frame)
{
	random_drop(r, frame, r->held + 1);
}

/* As many draws as frames, then the next that may go from the last draw on: uniform as long as most may go. */
static uint32_t random_victim(struct replace *r, unsigned hint)
{
	(void)hint;
	const struct bag *s = r->state;
	uint32_t at = 0;
	for (uint32_t draws = r->held; draws > 0; draws--) {
		at = (uint32_t)rng_below(r->rng, r->held);
		if (replace_evictable(r, s->frame[at]))
			break;
	}
	for (uint32_t left = r->held; left > 0; left--, at = at + 1 < r->held ? at + 1 : 0) {
		uint32_t f = s->frame[at];
		if (!replace_evictable(r, f))
			continue;
		random_drop(r, f, r->held);
		return f;
	}
	return REPLACE_NO_FRAME;
}

static int bag_check(const struct replace *r, struct err *e)
{
	const struct bag *s = r->state;
	for (uint32_t at = 0; at < r->held; at++)
		if (r->pages->word[s->frame[at]] != at)
			return err_set(e, ERR_CHECK, "Frame %u of policy %s does not know its place.", s->frame[at], r->policy->name);
	return 0;
}

const struct replace_ops replace_ops_random = {
	.open = bag_open, .insert = random_insert, .remove = random_remove, .victim = random_victim, .check = bag_check,
};

/* ---- opt */

/* Does frame a go before frame b? */
static bool further(const struct replace *r, uint32_t a, uint32_t b)
{
	uint64_t x = r->pages->stamp[a], y = r->pages->stamp[b];
	return x == y ? a < b : x > y;
}

/* The frame finds its place in the heap of `count`, from place `at` up or down. */
static void settle(struct replace *r, uint32_t frame, uint32_t at, uint32_t count)
{
	const struct bag *s = r->state;
	for (; at > 0 && further(r, frame, s->frame[(at - 1) / 2]); at = (at - 1) / 2)
		place(r, at, s->frame[(at - 1) / 2]);
	for (uint32_t child = 2 * at + 1; child < count; child = 2 * at + 1) {
		if (child + 1 < count && further(r, s->frame[child + 1], s->frame[child]))
			child++;
		if (!further(r, s->frame[child], frame))
			break;
		place(r, at, s->frame[child]);
		at = child;
	}
	place(r, at, frame);
}

static bool opt_insert(struct replace *r, uint32_t frame, uint64_t key, unsigned hint)
{
	(void)key, (void)hint;
	r->pages->stamp[frame] = r->env.next_use(r->env.owner, frame);
	settle(r, frame, r->held - 1, r->held);
	return true;
}

static void opt_touch(struct replace *r, uint32_t frame, bool write)
{
	(void)write;
	r->pages->stamp[frame] = r->env.next_use(r->env.owner, frame);
	settle(r, frame, r->pages->word[frame], r->held);
}

static void opt_drop(struct replace *r, uint32_t frame, uint32_t count)
{
	const struct bag *s = r->state;
	uint32_t last = s->frame[count - 1];
	if (last != frame)
		settle(r, last, r->pages->word[frame], count - 1);
}

static void opt_remove(struct replace *r, uint32_t frame)
{
	opt_drop(r, frame, r->held + 1);
}

static uint32_t opt_victim(struct replace *r, unsigned hint)
{
	(void)hint;
	const struct bag *s = r->state;
	uint32_t best = s->frame[0];
	if (!replace_evictable(r, best)) {
		best = REPLACE_NO_FRAME;
		for (uint32_t at = 1; at < r->held; at++) {
			uint32_t f = s->frame[at];
			if ((best == REPLACE_NO_FRAME || further(r, f, best)) && replace_evictable(r, f))
				best = f;
		}
	}
	if (best != REPLACE_NO_FRAME)
		opt_drop(r, best, r->held);
	return best;
}

static int opt_check(const struct replace *r, struct err *e)
{
	const struct bag *s = r->state;
	for (uint32_t at = 1; at < r->held; at++)
		if (further(r, s->frame[at], s->frame[(at - 1) / 2]))
			return err_set(e, ERR_CHECK, "Frame %u of policy opt stands below one that is used sooner.", s->frame[at]);
	return bag_check(r, e);
}

const struct replace_ops replace_ops_opt = {
	.open = bag_open, .insert = opt_insert, .touch = opt_touch, .remove = opt_remove, .victim = opt_victim, .check = opt_check,
};
