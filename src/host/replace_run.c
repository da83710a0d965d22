/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A string of references on one pool. */
#include "host/replace_run.h"

#include "host/replace_ghosts.h"

struct bare {
	struct replace_ghosts table; /* the page of each frame, and the frame of each page: a node is a frame */
	uint8_t *used, *dirty;       /* by frame */
	uint64_t *next;              /* by reference: the next one to its page; policies that know the future */
	size_t at;                   /* the reference that is being made */
	struct replace_outcome *out;
};

static bool bare_referenced(void *owner, uint32_t frame, bool clear)
{
	struct bare *b = owner;
	bool used = b->used[frame];
	if (clear)
		b->used[frame] = 0;
	return used;
}

static bool bare_dirty(void *owner, uint32_t frame)
{
	const struct bare *b = owner;
	return b->dirty[frame];
}

static void bare_clean(void *owner, uint32_t frame)
{
	struct bare *b = owner;
	b->out->writes += b->dirty[frame];
	b->dirty[frame] = 0;
}

static int64_t bare_now(void *owner, uint32_t frame)
{
	const struct bare *b = owner;
	(void)frame;
	return (int64_t)b->at;
}

/* A policy asks at the page's own reference. */
static uint64_t bare_next_use(void *owner, uint32_t frame)
{
	const struct bare *b = owner;
	(void)frame;
	return b->next[b->at];
}

/* For each reference the place of the next one to its page, found from the end. */
static int look_ahead(struct bare *b, struct arena *a, const uint64_t *refs, size_t count, struct err *e)
{
	struct replace_ghosts seen;
	uint64_t *last = arena_array(a, count, sizeof(*last));
	b->next = arena_array(a, count, sizeof(*b->next));
	if (count >= UINT32_MAX / 2 || !last || !b->next)
		return replace_no_memory(e);
	if (replace_ghosts_open(&seen, a, (uint32_t)count, e) < 0)
		return -1;
	for (size_t i = count; i-- > 0;) {
		uint32_t node = replace_ghosts_find(&seen, refs[i] >> 1);
		b->next[i] = node == REPLACE_NIL ? REPLACE_NEVER : last[node];
		if (node == REPLACE_NIL)
			node = replace_ghosts_add(&seen, refs[i] >> 1);
		last[node] = i;
	}
	return 0;
}

static void fault(struct bare *b, struct replace *r, uint64_t page, bool write)
{
	struct replace_outcome *out = b->out;
	unsigned hint = replace_miss(r, page);
	out->faults++;
	if (b->table.count == b->table.most) {
		uint32_t gone = replace_victim(r, hint);
		while (gone == REPLACE_NO_FRAME && r->waits) /* for a write, which takes no time here */
			gone = replace_victim(r, hint);
		if (out->evicted)
			out->evicted[out->evictions] = b->table.key[gone];
		out->evictions++;
		out->writes += b->dirty[gone];
		replace_ghosts_drop(&b->table, gone);
	}
	uint32_t frame = replace_ghosts_add(&b->table, page);
	b->used[frame] = replace_insert(r, frame, page, hint);
	b->dirty[frame] = write;
}

static int run(struct bare *b, struct replace *r, const uint64_t *refs, size_t count, struct err *e)
{
	unsigned needs = r->policy->needs;
	uint64_t period = needs & REPLACE_TICK ? (uint64_t)r->spec->period_ps : UINT64_MAX, left = period;
	for (b->at = 0; b->at < count; b->at++) {
		uint64_t page = refs[b->at] >> 1;
		bool write = refs[b->at] & 1;
		uint32_t frame = replace_ghosts_find(&b->table, page);
		if (frame == REPLACE_NIL) {
			fault(b, r, page, write);
		} else {
			b->used[frame] = 1;
			b->dirty[frame] |= write;
			if (needs & REPLACE_TOUCH)
				replace_touch(r, frame, write);
		}
		if (--left == 0) {
			replace_tick(r);
			left = period;
		}
	}
	return replace_check(r, e);
}

int replace_run(const struct replace_spec *spec, uint32_t frames, const uint64_t *refs, size_t count, uint64_t seed,
	struct replace_outcome *out, struct err *e)
{
	struct bare b = {.out = out};
	const struct replace_env env = {
		.owner = &b, .referenced = bare_referenced, .dirty = bare_dirty, .clean = bare_clean, .now = bare_now,
		.next_use = bare_next_use,
	};
	struct arena *a = arena_new();
	int result = -1;
	if (!a)
		return replace_no_memory(e);
	*out = (struct replace_outcome){.evicted = out->evicted};
	b.used = arena_array(a, frames, 1);
	b.dirty = arena_array(a, frames, 1);
	struct replace_pages *pages = replace_pages_new(a, spec, frames, e);
	struct replace *r = pages ? replace_new(a, pages, spec, &env, frames, frames, seed, "replace", e) : NULL;
	if (!b.used || !b.dirty)
		replace_no_memory(e);
	else if (r && replace_ghosts_open(&b.table, a, frames, e) == 0 &&
		(!(r->policy->needs & REPLACE_FUTURE) || look_ahead(&b, a, refs, count, e) == 0))
		result = run(&b, r, refs, count, e);
	arena_free(a);
	return result;
}
