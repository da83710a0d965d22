/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the replacement policy may ask of the machine: accessed and dirty bits, whether a frame may go. */
#include "host/plain.h"

#include <stddef.h>
#include <string.h>

static void drop_one(struct host *h, struct host_space *sp, uint64_t vpn, uint64_t *pte)
{
	(void)pte;
	if (h->spec->cpus == 1 && h->cpu[0].space == sp->id) {
		tlb_drop(&h->cpu[0].tlb, h->cpu[0].asid, vpn);
		return;
	}
	for (uint64_t left = sp->cpus; left; left &= left - 1) {
		struct host_cpu *c = &h->cpu[__builtin_ctzll(left)];
		uint64_t asid = tlb_asid(&c->tlb, sp->id);
		if (asid != UINT64_MAX)
			tlb_drop(&c->tlb, asid, vpn);
	}
}

static bool env_referenced(void *owner, uint32_t frame, bool clear)
{
	struct host *h = owner;
	struct host_frame *f = &h->frame[frame];
	bool used = (f->flags & HOST_FRAME_USED) != 0;
	if (used && clear) {
		f->flags &= (uint8_t)~HOST_FRAME_USED;
		struct host_space *sp = h->spec->tlb.flush_on_age ? host_sole_space(h, f) : NULL;
		if (sp)
			drop_one(h, sp, host_key_page(f->key), NULL);
		else if (h->spec->tlb.flush_on_age)
			host_each_entry(h, frame, drop_one);
	}
	return used;
}

static void env_unuse(void *owner, const uint32_t *frame, uint32_t count)
{
	struct host *h = owner;
	for (uint32_t done = h->plain ? host_plain_unuse(h, frame, count) : 0; done < count;) {
		(void)env_referenced(owner, frame[done++], true);
		done += h->plain ? host_plain_unuse(h, frame + done, count - done) : 0;
	}
}

static bool env_evictable(void *owner, uint32_t frame)
{
	const struct host *h = owner;
	const struct host_frame *f = &h->frame[frame];
	return f->state == HOST_FRAME_LIVE && !(f->flags & HOST_FRAME_WRITEBACK) && f->waits == 0 && f->pins == 0 &&
		(!(f->flags & HOST_FRAME_DIRTY) || host_pagers[f->pager]->may_evict(owner, f));
}

static bool env_dirty(void *owner, uint32_t frame)
{
	return (((struct host *)owner)->frame[frame].flags & HOST_FRAME_DIRTY) != 0;
}

static void env_clean(void *owner, uint32_t frame)
{
	struct host *h = owner;
	if (!env_evictable(h, frame) || !env_dirty(h, frame))
		return;
	host_unmap(h, frame, false);
	h->frame[frame].flags |= HOST_FRAME_CLEANING;
	h->cleaning++;
	host_pagers[h->frame[frame].pager]->clean(h, frame);
	host_swap_run_end(h);
}

static int64_t env_now(void *owner, uint32_t frame)
{
	struct host *h = owner;
	const struct host_frame *f = &h->frame[frame];
	if (f->pager == HOST_PAGER_FILE || host_key_owner(f->key) == 0)
		return h->sim->now_ps;
	return ((const struct host_space *)h->owner[host_key_owner(f->key)].holder)->cpu_ps;
}

/* The last eight bytes of a frame, where all that env_evictable() looks at stands. */
static uint64_t frame_word(struct host_frame f)
{
	uint64_t w;
	memcpy(&w, (const char *)&f + offsetof(struct host_frame, maps), sizeof(w));
	return w;
}

int host_replace_open(struct host *h, const struct host_place_spec *place, struct err *e)
{
	const struct replace_spec *spec = &h->spec->replace;
	const struct replace_policy *policy = &replace_policies[spec->policy];
	const struct replace_env env = {.owner = h, .referenced = env_referenced, .unuse = env_unuse, .evictable = env_evictable,
		.dirty = env_dirty, .clean = env_clean, .now = env_now, .word = (const char *)h->frame + offsetof(struct host_frame, maps),
		.record = (const char *)h->frame, .stride = sizeof(*h->frame), .used = frame_word((struct host_frame){.flags = HOST_FRAME_USED}),
		.plain_mask = frame_word((struct host_frame){.pins = UINT16_MAX, .waits = UINT16_MAX, .state = 3,
			.flags = HOST_FRAME_WRITEBACK | HOST_FRAME_DIRTY}), .plain = frame_word((struct host_frame){.state = HOST_FRAME_LIVE}),
		.easy_mask = frame_word((struct host_frame){.pins = UINT16_MAX, .waits = UINT16_MAX, .state = 3, .pager = 7,
			.flags = HOST_FRAME_WRITEBACK}), .easy = frame_word((struct host_frame){.state = HOST_FRAME_LIVE, .pager = HOST_PAGER_SWAP})};
	if (policy->needs & REPLACE_FUTURE)
		return err_set(e, ERR_CONFIG, "host.replace.policy: %s must know the future, which this machine does not", policy->name);
	h->touches = (policy->needs & REPLACE_TOUCH) != 0;
	h->alloc = alloc_new(h->sim->arena, spec, &h->spec->allocation, &env, h->frames, (uint32_t)h->spec->allocation.processes,
		place->seed, place->path, e);
	return h->alloc ? 0 : -1;
}
