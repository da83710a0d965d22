/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * For policies with a hand that goes over frames and takes those whose accessed bits are clear: several at once.
 *
 * Which bits are set nobody can foretell, a processor neither: so a row of frames is parted without a branch.
 */
#ifndef QUERN_HOST_REPLACE_HAND_H
#define QUERN_HOST_REPLACE_HAND_H

#include "host/replace.h"

#define REPLACE_LOOKS 64u
#define REPLACE_NEAR 12u /* frames ahead in a row for which the nearest cache is asked: the scout was there some time ago */
#define REPLACE_SCOUT 512u /* frames before the hand whose memory is asked for at most */

/* Frames of a row: those to be given up; those that stay, of them those whose bits are set and are to be cleared. In their order. */
struct replace_parted {
	uint32_t given[REPLACE_LOOKS], kept[REPLACE_LOOKS], used[REPLACE_LOOKS];
	uint32_t gives, keeps, uses;
	uint32_t last; /* of the row, up to the last that is given */
};

/* Parts so many frames (at most REPLACE_LOOKS), or as many of the first as give `most`. r->env.word is set. How many were looked at. */
static inline uint32_t replace_part(const struct replace *r, const uint32_t *frame, uint32_t count, uint32_t most, struct replace_parted *x)
{
	const struct replace_env *env = &r->env;
	uint32_t gives = 0, keeps = 0, uses = 0, last = 0, i = 0;
	for (; i < count && gives < most; i++) {
		const uint32_t f = frame[i];
		__builtin_prefetch(env->word + frame[i + REPLACE_NEAR < count ? i + REPLACE_NEAR : i] * env->stride, 1);
		const uint64_t word = replace_word(env, f);
		const bool plain = ((word & env->easy_mask) == env->easy) | ((word & env->plain_mask) == env->plain);
		const bool may_go = plain || replace_evictable(r, f); /* nearly always plain */
		const uint32_t is_used = (word & env->used) != 0;
		x->given[gives] = x->kept[keeps] = x->used[uses] = f;
		const bool goes = may_go & !is_used;
		gives += goes;
		last = goes ? i + 1 : last;
		keeps += !goes;
		uses += may_go & is_used;
	}
	x->gives = gives;
	x->keeps = keeps;
	x->uses = uses;
	x->last = last;
	return i;
}

/* The accessed bits of those that were used are cleared. */
static inline void replace_unuse(const struct replace *r, const struct replace_parted *x)
{
	if (r->env.unuse)
		r->env.unuse(r->env.owner, x->used, x->uses);
	else
		for (uint32_t k = 0; k < x->uses; k++)
			(void)r->env.referenced(r->env.owner, x->used[k], true);
}

#endif
