/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of replacement policies, and what all pools have alike. */
#include "host/replace.h"

#include <inttypes.h>
#include <stddef.h>

const struct replace_policy replace_policies[] = {
#define REPLACE(symbol, title, wants, text) {title, text, wants, &replace_ops_##symbol},
#include "host/replace_list.h"
#undef REPLACE
	{NULL, NULL, 0, NULL},
};

const struct opt_choice replace_choices[] = {
#define REPLACE(symbol, title, wants, text) {title, text},
#include "host/replace_list.h"
#undef REPLACE
	{NULL, NULL},
};

struct replace_pages *replace_pages_new(struct arena *a, const struct replace_spec *spec, uint32_t frames, struct err *e)
{
	unsigned needs = replace_policies[spec->policy].needs;
	struct replace_pages *p = arena_alloc(a, sizeof(*p));
	if (p) {
		p->frames = frames;
		p->link = needs & REPLACE_LINKS ? arena_array(a, frames, sizeof(*p->link)) : NULL;
		p->key = needs & REPLACE_KEYS ? arena_array(a, frames, sizeof(*p->key)) : NULL;
		p->word = needs & REPLACE_WORD ? arena_array(a, frames, sizeof(*p->word)) : NULL;
		p->stamp = needs & REPLACE_STAMP ? arena_array(a, frames, sizeof(*p->stamp)) : NULL;
	}
	if (!p || (needs & REPLACE_LINKS && !p->link) || (needs & REPLACE_KEYS && !p->key) || (needs & REPLACE_WORD && !p->word) ||
		(needs & REPLACE_STAMP && !p->stamp)) {
		replace_no_memory(e);
		return NULL;
	}
	return p;
}

struct replace *replace_new(struct arena *a, struct replace_pages *pages, const struct replace_spec *spec,
	const struct replace_env *env, uint32_t capacity, uint32_t largest, uint64_t seed, const char *path, struct err *e)
{
	struct replace *r = arena_alloc(a, sizeof(*r));
	struct rng *rng = rng_new(a, seed, path);
	if (!r || !rng) {
		replace_no_memory(e);
		return NULL;
	}
	*r = (struct replace){
		.policy = &replace_policies[spec->policy], .ops = replace_policies[spec->policy].ops, .spec = spec, .env = *env,
		.pages = pages, .capacity = capacity, .largest = largest, .rng = rng,
	};
	if (r->ops->open && r->ops->open(r, a, e) < 0) {
		replace_no_memory(e);
		return NULL;
	}
	return r;
}

void replace_resize(struct replace *r, uint32_t capacity)
{
	r->capacity = capacity;
	if (r->ops->resize)
		r->ops->resize(r);
}

int replace_check(const struct replace *r, struct err *e)
{
	return r->ops->check(r, e);
}

int replace_no_memory(struct err *e)
{
	return err_set(e, ERR_LIMIT, "There is not enough memory for the lists of page replacement.");
}

int replace_wrong_count(const struct replace *r, uint64_t counted, struct err *e)
{
	return err_set(e, ERR_CHECK, "The pool of policy %s holds %" PRIu32 " frames, its lists %" PRIu64 ".", r->policy->name, r->held,
		counted);
}

int replace_check_lists(const struct replace *r, const struct replace_list *lists, uint32_t count, struct err *e)
{
	uint64_t all = 0;
	for (uint32_t k = 0; k < count; k++) {
		uint32_t here = 0, before = REPLACE_NIL;
		for (uint32_t f = lists[k].first; f != REPLACE_NIL && here <= lists[k].count; f = r->pages->link[f].next, here++) {
			if (r->pages->link[f].prev != before)
				return err_set(e, ERR_CHECK, "A list of policy %s is broken before frame %" PRIu32 ".", r->policy->name, f);
			before = f;
		}
		if (here != lists[k].count || lists[k].last != before)
			return err_set(e, ERR_CHECK, "A list of policy %s counts %" PRIu32 " frames and has %" PRIu32 ".", r->policy->name,
				lists[k].count, here);
		all += here;
	}
	return all == r->held ? 0 : replace_wrong_count(r, all, e);
}

uint32_t replace_take_first(struct replace *r, struct replace_list *l)
{
	uint32_t f = l->first;
	while (f != REPLACE_NIL && !replace_evictable(r, f))
		f = r->pages->link[f].next;
	if (f != REPLACE_NIL)
		replace_list_remove(l, r->pages->link, f);
	return f;
}

uint32_t replace_share(double share, uint32_t frames, uint32_t least)
{
	uint32_t n = (uint32_t)(share * frames);
	return n < least ? least : n;
}
