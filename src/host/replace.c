/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of replacement policies, and what all pools have alike. */
#include "host/replace.h"

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

static int out_of_memory(struct err *e)
{
	return err_set(e, ERR_LIMIT, "There is not enough memory for the lists of page replacement.");
}

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
		out_of_memory(e);
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
		out_of_memory(e);
		return NULL;
	}
	*r = (struct replace){
		.policy = &replace_policies[spec->policy], .ops = replace_policies[spec->policy].ops, .spec = spec, .env = *env,
		.pages = pages, .capacity = capacity, .largest = largest, .rng = rng,
	};
	if (r->ops->open && r->ops->open(r, a, e) < 0) {
		out_of_memory(e);
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
