/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Shortcuts for what most pages do: one that is a process's own, in its swap slot or mapped once. Each does what the general
 * functions (fault.c, pager_swap.c, reclaim.c) would do, in their order, where nothing can come between; or nothing at all.
 * host->plain says whether the machine is such that they may be tried.
 */
#include "host/plain.h"

bool host_plain_may(const struct host *h)
{
	return h->spec->cpus == 1 && !h->touches && !h->content && !h->alloc->charge && !h->alloc->link &&
		!h->alloc->process[0].pool->ops->miss && h->swap.slots > 0 && h->spec->swap.readahead <= 1;
}

/* The area that the thread's fault lies in, where all is as it was the last time. */
static inline struct host_area *area_of(const struct host_thread *th)
{
	struct host_area *area = th->space->area_last;
	if (!area || th->page - area->first >= area->pages || th->write > area->writable || area->track || th->file)
		return NULL;
	return area;
}

/* In a large machine, what was asked for some time ago (cpu.c) has left the cache nearest to the processor when the thread runs, which is
 * soon: what its fault ends with, and the entries of its next two references. */
static inline void look_again(const struct host *h, const struct host_thread *th, uint32_t slot)
{
	if (!h->large || th->word_end - th->word < 2)
		return;
	__builtin_prefetch(th->pte, 1);
	__builtin_prefetch(&h->swap.slot[slot], 1);
	__builtin_prefetch(host_pte_kept(&th->space->table, host_ref_vpn(th->word[0])), 1);
	__builtin_prefetch(host_pte_kept(&th->space->table, host_ref_vpn(th->word[1])), 1);
}

static inline void filled(struct host *h, uint32_t frame)
{
	struct host_frame *f = &h->frame[frame];
	struct host_thread *th = f->link != HOST_NO_THREAD ? host_thread_at(h, f->link) : NULL;
	if (!th || th->link != HOST_NO_THREAD || th->state == HOST_THREAD_ENDED || (th->held & th->source) != HOST_NO_FRAME ||
		h->waiters > 0) {
		host_filled(h, frame);
		return;
	}
	f->state = HOST_FRAME_LIVE;
	f->link = HOST_NO_THREAD;
	h->filling--;
	host_pool_insert(h, frame);
	host_event(h, HOST_EVENT_FILL, f->key);
	th->held = frame;
	f->waits++;
	h->waits++;
	th->stage = HOST_STAGE_GO;
	look_again(h, th, f->slot);
	host_make_ready(th);
}

void host_plain_filled(struct host *h, uint32_t frame) { filled(h, frame); }

/* A page has been read by itself, for a fault that began here. */
static void arrived(void *owner, uint64_t frame, enum blk_status status)
{
	struct host *h = owner;
	h->n.io_errors += status != BLK_OK;
	filled(h, (uint32_t)frame);
}

bool host_plain_lead(struct host_thread *th)
{
	struct host *h = th->host;
	struct host_space *sp = th->space;
	struct host_area *area = area_of(th);
	const uint64_t *pte = area ? th->pte : NULL;
	if (!pte || host_pte_where(*pte) != HOST_WHERE_SWAP || h->free == 0)
		return false;
	const uint32_t slot = host_pte_number(*pte);
	host_place *place = &h->swap.slot[slot].place;
	if (host_place_get(place) != HOST_NO_FRAME || !bits_has(h->swap.written, slot))
		return false;
	blk_written_prefetch(&h->swap.region->dev->written, h->swap.region->first + (uint64_t)slot * h->swap.page_sectors);
	replace_coming(h->alloc->process[0].pool);
	th->counted = true;
	th->faults++;
	h->n.faults++;
	host_event(h, HOST_EVENT_FAULT, th->page << 1 | th->write);
	th->area = area;
	th->hint = 0;
	const uint32_t frame = host_take_free(h);
	h->frame[frame] = (struct host_frame){.key = host_key(sp->owner, th->page), .slot = slot, .link = th->id,
		.state = HOST_FRAME_FILLING, .pager = HOST_PAGER_SWAP};
	h->owner[sp->owner].frames++;
	host_place_set(place, frame);
	h->filling++;
	th->link = th->followers;
	th->followers = HOST_NO_THREAD;
	th->fresh = th->major = true;
	th->stage = HOST_STAGE_FILL;
	__builtin_prefetch(&h->swap.used[slot / 64], 1); /* where this is a write, it will be given back (host_dirty) */
	host_swap_read(h, slot, 1, (struct host_io_then){arrived, h, frame});
	return true;
}

bool host_plain_land(struct host_cpu *c, struct host_thread *th)
{
	struct host *h = th->host;
	struct host_space *sp = th->space;
	struct host_area *area = area_of(th);
	const uint32_t frame = th->held;
	uint64_t *pte = area && frame != HOST_NO_FRAME ? th->pte : NULL;
	if (!pte || host_pte_where(*pte) != HOST_WHERE_SWAP || th->source != HOST_NO_FRAME || h->waiters > 0)
		return false;
	struct host_frame *f = &h->frame[frame];
	const uint32_t slot = host_pte_number(*pte);
	uint16_t *refs = &h->swap.slot[slot].refs;
	if (f->slot != slot || f->state != HOST_FRAME_LIVE || f->pager != HOST_PAGER_SWAP || f->maps > 0 || f->pins > 0 || *refs != 1 ||
		f->flags & (HOST_FRAME_AHEAD | HOST_FRAME_LEAVING) || f->key != host_key(sp->owner, th->page) ||
		host_place_get(&h->swap.slot[slot].place) != frame)
		return false;
	th->area = area;
	*refs = 0;
	f->maps = 1;
	sp->resident++;
	host_event(h, HOST_EVENT_MAP, th->page);
	const bool written = th->write; /* nobody can foretell it: no branch */
	const uint64_t free_write = area->writable * HOST_PTE_WRITABLE | written * HOST_PTE_DIRTY;
	*pte = host_pte(HOST_WHERE_FRAME, frame, HOST_PTE_PRESENT | free_write);
	if (written)
		host_dirty(h, frame, th);
	if (!th->fresh)
		f->flags |= HOST_FRAME_USED;
	if (f->flags & HOST_FRAME_USED || !h->spec->tlb.flush_on_age) /* what is not present is not in the TLB */
		host_plain_put(c, th->page, written * TLB_WRITE, frame);
	host_made_more(th);
	host_fault_over(th);
	th->held = HOST_NO_FRAME;
	h->waits--;
	f->waits--; /* it is mapped, and nobody waits for a frame */
	return true;
}

/* host_plain_unuse(), where the compiler is to know the ways of the TLB. */
static inline __attribute__((always_inline)) uint32_t unuse(struct host *h, const uint32_t *frame, uint32_t count,
	const struct tlb *t)
{
	const struct host_cpu *c = h->cpu;
	const uint64_t asid = c->asid;
	const bool drops = h->spec->tlb.flush_on_age;
	uint32_t owner = UINT32_MAX;
	for (uint32_t i = 0; i < count; i++) {
		struct host_frame *f = &h->frame[frame[i]];
		if (!drops) {
			f->flags &= (uint8_t)~HOST_FRAME_USED;
			continue;
		}
		if (f->maps != 1 || f->pager == HOST_PAGER_FILE)
			return i;
		if (host_key_owner(f->key) != owner) {
			owner = host_key_owner(f->key);
			const struct host_space *sp = h->owner[owner].holder;
			if (sp->next_of_family != sp || sp->id != c->space || !sp->alive)
				return i;
		}
		f->flags &= (uint8_t)~HOST_FRAME_USED;
		tlb_drop(t, asid, host_key_page(f->key));
	}
	return count;
}

uint32_t host_plain_unuse(struct host *h, const uint32_t *frame, uint32_t count)
{
	struct tlb t = h->cpu->tlb;
	if (__builtin_expect(t.ways != 8, 0))
		return unuse(h, frame, count, &t);
	tlb_fix_ways(&t, 8);
	return unuse(h, frame, count, &t);
}

/* The space whose page this is, where nothing is special about the page; else NULL. */
static inline struct host_space *plain_space(const struct host *h, const struct host_frame *f)
{
	struct host_space *sp = h->owner[host_key_owner(f->key)].holder;
	if (f->maps != 1 || f->pager != HOST_PAGER_SWAP || sp->next_of_family != sp || !sp->alive || sp->id != h->cpu->space)
		return NULL;
	return sp;
}

static inline bool is_watched(const struct host *h, struct host_space *sp, uint64_t page, uint64_t pte)
{
	if (h->tracks == 0 || !(pte & HOST_PTE_DIRTY))
		return false;
	const struct host_area *area = host_area_find(sp, page);
	return area && area->track;
}

/* The page goes from where its entry says to its slot. */
static inline void to_slot(struct host *h, uint64_t *pte, uint32_t slot)
{
	if (++h->swap.slot[slot].refs == 0)
		sim_fail(h->sim, ERR_LIMIT, "more than 65535 entries of page tables name swap slot %" PRIu32, slot);
	*pte = host_pte(HOST_WHERE_SWAP, slot, 0);
}

uint32_t host_plain_out(struct host *h, const struct host_victim *victim, uint32_t count, uint32_t *freed, uint32_t *frees)
{
	struct host_cpu *c = h->cpu;
	uint32_t clean[HOST_VICTIMS], dirty[HOST_VICTIMS], cleans = 0, dirties = 0, n = 0;
	for (; n < count; n++) {
		const uint32_t frame = victim[n].frame;
		struct host_frame *f = &h->frame[frame];
		struct host_space *sp = plain_space(h, f);
		const uint64_t *pte = victim[n].pte;
		const uint64_t page = host_key_page(f->key);
		if (!sp || !pte || is_watched(h, sp, page, *pte))
			break;
		host_event(h, HOST_EVENT_EVICT, f->key);
		/* else its translation went with the accessed bit */
		if (f->flags & HOST_FRAME_USED || !h->spec->tlb.flush_on_age)
			host_plain_drop(c, page);
		sp->resident--;
		f->maps = 0;
		f->flags &= (uint8_t)~HOST_FRAME_POOLED;
		const bool is_dirty = f->flags & HOST_FRAME_DIRTY; /* nobody can foretell it: no branch */
		clean[cleans] = dirty[dirties] = n;
		cleans += !is_dirty;
		dirties += is_dirty;
	}
	h->n.evictions += n;
	h->n.clean_evictions += cleans;
	h->n.invalidations += n;
	h->charge_ps += n * h->spec->cost.invalidate_ps;
	h->leaving += dirties;
	for (uint32_t k = 0; k < cleans; k++) {
		const struct host_victim *v = &victim[clean[k]];
		struct host_frame *f = &h->frame[v->frame];
		if (f->slot == HOST_NO_SLOT) {
			*v->pte = 0;
		} else {
			to_slot(h, v->pte, f->slot);
			host_place_set(&h->swap.slot[f->slot].place, HOST_NO_FRAME);
		}
		h->owner[host_key_owner(f->key)].frames--;
		f->state = HOST_FRAME_FREE;
		freed[k] = v->frame;
	}
	for (uint32_t k = 0; k < dirties; k++) {
		const struct host_victim *v = &victim[dirty[k]];
		to_slot(h, v->pte, host_swap_slot(h, v->frame));
		h->frame[v->frame].flags |= HOST_FRAME_LEAVING;
		host_swap_clean(h, v->frame);
	}
	*frees = cleans;
	return n;
}
