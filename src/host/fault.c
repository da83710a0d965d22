/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Faults. host_fault_step() looks at the entry and the page's place as they are now, does what can be done, and either
 * has made the reference or leaves the thread in one list: of those who wait for a frame, of a leader's followers, or of the
 * frame being filled. Whoever wakes it makes it do the same again, with the frame in question held.
 */
#include "host/host_private.h"

#include <inttypes.h>
#include <stdio.h>

/* ---- waiting --------------------------------------------------------------------------------------------------- */

static inline void hold(struct host_thread *th, uint32_t frame)
{
	host_unhold(th);
	th->held = frame;
	th->host->frame[frame].waits++;
	th->host->waits++;
}

void host_unhold(struct host_thread *th)
{
	struct host *h = th->host;
	uint32_t frames[2] = {th->held, th->source};
	if ((frames[0] & frames[1]) == HOST_NO_FRAME) /* neither */
		return;
	th->held = th->source = HOST_NO_FRAME;
	for (int i = 0; i < 2; i++)
		if (frames[i] != HOST_NO_FRAME) {
			h->waits--;
			if (--h->frame[frames[i]].waits == 0)
				host_frame_idle(h, frames[i]);
		}
	if (h->waiters)
		host_balance(h);
}

void host_release_list(struct host *h, uint32_t head, uint32_t frame)
{
	while (head != HOST_NO_THREAD) {
		struct host_thread *th = host_thread_at(h, head);
		head = th->link;
		if (th->state == HOST_THREAD_ENDED)
			continue;
		if (frame != HOST_NO_FRAME)
			hold(th, frame);
		th->stage = HOST_STAGE_GO;
		host_make_ready(th);
	}
}

/* Behind the leader, who has no frame yet, and may be waiting for the one that this thread holds. */
static enum host_step follow_thread(struct host_thread *th, struct host_thread *leader)
{
	th->stage = HOST_STAGE_FOLLOW;
	th->link = leader->followers;
	leader->followers = th->id;
	th->host->n.followed++;
	host_unhold(th);
	return HOST_STEP_SLEEP;
}

static enum host_step follow_frame(struct host_thread *th, uint32_t frame)
{
	struct host_frame *f = &th->host->frame[frame];
	th->stage = HOST_STAGE_FOLLOW;
	th->link = f->link;
	f->link = th->id;
	th->host->n.followed++;
	return HOST_STEP_SLEEP;
}

/* Until the page has been written and is gone; then the thread faults it in. */
static enum host_step follow_leaving(struct host_thread *th, uint32_t frame)
{
	struct host_frame *f = &th->host->frame[frame];
	th->stage = HOST_STAGE_LEAVING;
	th->link = f->link;
	f->link = th->id;
	return HOST_STEP_SLEEP;
}

/* It waits for a frame to bring a page in: others who want that page have to do it themselves. */
void host_fault_resign(struct host_thread *th)
{
	struct host *h = th->host;
	alloc_unwait(h->alloc, th->space->id);
	host_place *place = NULL;
	if (th->file) {
		place = &th->file->cache[th->page];
	} else {
		uint64_t *pte = host_pte_find(&th->space->table, th->page);
		uint64_t v = pte ? *pte : 0;
		if (host_pte_where(v) == HOST_WHERE_SWAP)
			place = &h->swap.slot[host_pte_number(v)].place;
		else if (host_pte_where(v) == HOST_WHERE_BUSY)
			*pte = 0;
		else if (!(v & HOST_PTE_PRESENT) && th->area && th->area->pager == HOST_PAGER_FILE)
			place = &th->area->file->cache[th->area->file_page + (th->page - th->area->first)];
	}
	if (place && host_place_get(place) == (HOST_PLACE_BUSY | th->id))
		host_place_set(place, HOST_NO_FRAME);
	uint32_t followers = th->followers;
	th->followers = HOST_NO_THREAD;
	host_release_list(h, followers, HOST_NO_FRAME);
}

void host_filled(struct host *h, uint32_t frame)
{
	struct host_frame *f = &h->frame[frame];
	uint32_t head = f->link;
	f->state = HOST_FRAME_LIVE;
	f->link = HOST_NO_THREAD;
	h->filling--;
	host_pool_insert(h, frame);
	host_event(h, HOST_EVENT_FILL, f->key);
	host_release_list(h, head, frame);
	if (f->waits == 0)
		host_frame_idle(h, frame);
	if (h->waiters)
		host_balance(h);
}

/* ---- mapping --------------------------------------------------------------------------------------------------- */

void host_dirty(struct host *h, uint32_t frame, struct host_thread *th)
{
	if (frame == HOST_NO_FRAME)
		return;
	struct host_frame *f = &h->frame[frame];
	if (f->flags & HOST_FRAME_DIRTY)
		return;
	f->flags |= HOST_FRAME_DIRTY;
	if (f->pager == HOST_PAGER_FILE) {
		struct host_file *file = h->owner[host_key_owner(f->key)].holder;
		host_file_dirtied(file, host_key_page(f->key), th);
	} else if (f->slot != HOST_NO_SLOT && !h->spec->swap.reuse && !(f->flags & HOST_FRAME_WRITEBACK) && h->swap.slot[f->slot].refs == 0) {
		uint32_t slot = f->slot;
		f->slot = HOST_NO_SLOT;
		host_place_set(&h->swap.slot[slot].place, HOST_NO_FRAME);
		host_swap_free(h, slot);
	}
}

/* Only this entry has the page. */
static inline bool exclusive(const struct host *h, const struct host_frame *f)
{
	return f->pager != HOST_PAGER_FILE && f->maps == 1 && f->pins == 0 && (f->slot == HOST_NO_SLOT || h->swap.slot[f->slot].refs == 0);
}

/* The entry maps the frame from now on. */
static inline void map(struct host *h, struct host_space *sp, const struct host_area *area, uint64_t vpn, uint64_t *pte, uint32_t frame)
{
	struct host_frame *f = &h->frame[frame];
	uint64_t flags = HOST_PTE_PRESENT, clear = 0;
	if (host_pte_where(*pte) == HOST_WHERE_SWAP)
		h->swap.slot[host_pte_number(*pte)].refs--;
	if (host_key_owner(f->key) == 0) { /* it came along with another */
		h->owner[0].frames--;
		f->key = host_key(sp->owner, vpn);
		h->owner[sp->owner].frames++;
	}
	f->maps++;
	if (f->pager != HOST_PAGER_FILE)
		flags |= !exclusive(h, f) ? HOST_PTE_COW : area->writable ? HOST_PTE_WRITABLE : 0;
	else if (!area->shared)
		flags |= HOST_PTE_COW;
	else if (area->writable && (!h->spec->file.notify || f->flags & HOST_FRAME_DIRTY))
		flags |= HOST_PTE_WRITABLE;
	if (area->track) {
		flags |= host_track_flags(area->track, vpn, &clear);
		flags &= ~clear;
	}
	*pte = host_pte(HOST_WHERE_FRAME, frame, flags);
	sp->resident++;
	host_event(h, HOST_EVENT_MAP, vpn);
}

static inline host_place *place_of(struct host_thread *th, uint64_t pte, const struct host_pager *pager)
{
	struct host *h = th->host;
	if (pager->place)
		return pager->place(h, th, pte);
	return host_pte_where(pte) == HOST_WHERE_SWAP ? &h->swap.slot[host_pte_number(pte)].place : NULL;
}

static inline uint64_t key_of(struct host_thread *th, uint64_t pte, const struct host_pager *pager)
{
	return pager->key ? pager->key(th->host, th, pte) : host_key(th->space->owner, th->page);
}

/* A frame gets its page: named, in its place, and filled now or under way. Whether it is there. */
static inline bool lead_with(struct host_thread *th, uint64_t pte, const struct host_pager *pager, host_place *place, uint32_t frame)
{
	struct host *h = th->host;
	struct host_frame *f = &h->frame[frame];
	host_frame_name(h, frame, key_of(th, pte, pager), pager->id);
	f->state = HOST_FRAME_FILLING;
	f->hint = th->hint & 7u;
	f->link = th->followers;
	th->followers = HOST_NO_THREAD;
	if (place)
		host_place_set(place, frame);
	h->filling++;
	th->fresh = true;
	h->io->asked = 0;
	h->reader = th->space->id;
	if (!pager->fill(h, th, pte, frame)) {
		th->asked = h->io->asked;
		th->major = true;
		th->stage = HOST_STAGE_FILL;
		th->link = f->link;
		f->link = th->id;
		return false;
	}
	f->waits++; /* nobody maps it yet; when it has, others who wait for a frame may have it */
	h->waits++;
	host_filled(h, frame);
	h->waits--;
	f->waits--;
	return true;
}

static inline const struct host_pager *pager_of(const struct host_thread *th, uint64_t pte)
{
	if (th->file)
		return host_pagers[HOST_PAGER_FILE];
	return host_pagers[host_pte_where(pte) == HOST_WHERE_SWAP ? HOST_PAGER_SWAP : th->area->pager];
}

/* ---- a page that is not there ---------------------------------------------------------------------------------- */

/* Resident neighbours in the page cache are mapped with it. */
static void map_around(struct host *h, struct host_thread *th)
{
	uint64_t window = (uint64_t)h->spec->file.fault_around, first = th->page & ~(window - 1);
	const struct host_area *area = th->area;
	for (uint64_t vpn = first; vpn < first + window; vpn++) {
		if (vpn == th->page || vpn < area->first || vpn - area->first >= area->pages)
			continue;
		uint64_t page = area->file_page + (vpn - area->first);
		uint32_t frame = page < area->file->pages ? host_place_get(&area->file->cache[page]) : HOST_NO_FRAME;
		if (frame == HOST_NO_FRAME || frame & HOST_PLACE_BUSY || h->frame[frame].state != HOST_FRAME_LIVE ||
			h->frame[frame].flags & (HOST_FRAME_AHEAD | HOST_FRAME_LEAVING))
			continue;
		uint64_t *pte = host_pte_make(&th->space->table, vpn);
		if (!pte || *pte != 0)
			continue;
		map(h, th->space, area, vpn, pte, frame);
		h->n.around++;
		h->charge_ps += h->spec->cost.entry_ps;
	}
}

/* A live frame of the page cache is reached. */
static inline void reached(struct host *h, uint32_t frame)
{
	struct host_frame *f = &h->frame[frame];
	if (f->flags & HOST_FRAME_AHEAD) {
		f->flags &= (uint8_t)~HOST_FRAME_AHEAD;
		f->waits++; /* it must not give way to what is read now */
		host_file_ahead(h->owner[host_key_owner(f->key)].holder, host_key_page(f->key));
		f->waits--;
	}
}

static enum host_step wait_frame(struct host_thread *th, uint64_t *pte, host_place *place)
{
	if (place)
		host_place_set(place, HOST_PLACE_BUSY | th->id);
	else if (pte && !(*pte & HOST_PTE_PRESENT))
		*pte = host_pte(HOST_WHERE_BUSY, th->id, 0);
	host_wait_frame(th);
	return HOST_STEP_SLEEP;
}

/* DONE: *frame is live and holds the page. `pte` may be NULL for calls. */
static inline enum host_step find(struct host_thread *th, uint64_t *pte, uint32_t *frame)
{
	struct host *h = th->host;
	uint64_t v = pte ? *pte : 0;
	if (host_pte_where(v) == HOST_WHERE_BUSY)
		return follow_thread(th, host_thread_at(h, host_pte_number(v)));
	const struct host_pager *pager = pager_of(th, v);
	host_place *place = place_of(th, v, pager);
	*frame = place ? host_place_get(place) : HOST_NO_FRAME;
	if (*frame != HOST_NO_FRAME) {
		if (*frame & HOST_PLACE_BUSY)
			return follow_thread(th, host_thread_at(h, *frame & ~HOST_PLACE_BUSY));
		if (h->frame[*frame].state == HOST_FRAME_FILLING)
			return follow_frame(th, *frame);
		if (h->frame[*frame].flags & HOST_FRAME_LEAVING && !host_rescue(th, *frame))
			return follow_leaving(th, *frame);
		h->reader = th->space->id;
		reached(h, *frame);
		return HOST_STEP_DONE;
	}
	th->hint = host_miss(th, key_of(th, v, pager));
	*frame = host_frame_get(th);
	if (*frame == HOST_NO_FRAME)
		return wait_frame(th, pte, place);
	return lead_with(th, v, pager, place, *frame) ? HOST_STEP_DONE : HOST_STEP_SLEEP;
}

static enum host_step absent(struct host_thread *th, uint64_t *pte)
{
	struct host *h = th->host;
	if (*pte == 0 && !th->write && h->spec->share_zero && th->area->pager != HOST_PAGER_FILE) {
		uint64_t clear = 0, watched = th->area->track ? host_track_flags(th->area->track, th->page, &clear) : 0;
		*pte = host_pte(HOST_WHERE_FRAME, HOST_NO_FRAME, HOST_PTE_PRESENT | HOST_PTE_COW | watched);
		th->space->resident++;
		return HOST_STEP_DONE;
	}
	uint32_t frame;
	enum host_step step = find(th, pte, &frame);
	if (step != HOST_STEP_DONE)
		return step;
	map(h, th->space, th->area, th->page, pte, frame);
	if (h->frame[frame].pager == HOST_PAGER_FILE && h->spec->file.fault_around > 1)
		map_around(h, th);
	return HOST_STEP_DONE;
}

/* ---- writing to what is mapped read-only ----------------------------------------------------------------------- */

/* The thread's page gets a frame of its own, a copy of what the entry maps. */
static void copy_to(struct host_thread *th, uint64_t *pte, uint32_t frame)
{
	struct host *h = th->host;
	struct host_space *sp = th->space;
	uint32_t old = host_pte_number(*pte);
	struct host_frame *f = &h->frame[frame];
	host_frame_name(h, frame, host_key(sp->owner, th->page),
		th->area->pager == HOST_PAGER_ZERO ? HOST_PAGER_ZERO : HOST_PAGER_SWAP);
	f->state = HOST_FRAME_LIVE;
	f->hint = th->hint & 7u;
	f->maps = 1;
	f->flags |= HOST_FRAME_DIRTY; /* nothing holds it but this frame */
	if (h->content)
		h->content[frame] = old == HOST_NO_FRAME ? 0 : h->content[old];
	uint64_t flags = HOST_PTE_PRESENT | HOST_PTE_WRITABLE | HOST_PTE_DIRTY, clear = 0;
	if (th->area->track) /* a page that was noted is not watched any more; a trap stays */
		flags = (flags | host_track_flags(th->area->track, th->page, &clear)) & ~clear;
	*pte = host_pte(HOST_WHERE_FRAME, frame, flags);
	th->fresh = true;
	host_pool_insert(h, frame);
	host_drop_translation(h, sp, th->page);
	if (old == HOST_NO_FRAME) {
		h->charge_ps += h->zero_ps;
		h->n.zero_fills++;
		return;
	}
	h->charge_ps += h->copy_ps;
	h->n.cow_copies++;
	h->frame[old].maps--;
	host_event(h, HOST_EVENT_COPY, th->page);
	if (th->source != old)
		host_frame_idle(h, old);
}

/* A thread of the same process that is already getting a copy of the page. */
static struct host_thread *copier(struct host_thread *th)
{
	struct host *h = th->host;
	for (uint32_t i = h->waiter_head; i != HOST_NO_THREAD; i = host_thread_at(h, i)->link) {
		struct host_thread *x = host_thread_at(h, i);
		if (x->stage == HOST_STAGE_FRAME && x->space == th->space && x->page == th->page && !x->file && x->state != HOST_THREAD_ENDED)
			return x;
	}
	return NULL;
}

static enum host_step copy(struct host_thread *th, uint64_t *pte)
{
	struct host *h = th->host;
	struct host_space *sp = th->space;
	uint32_t old = host_pte_number(*pte);
	struct host_thread *other = h->waiters ? copier(th) : NULL;
	if (other)
		return follow_thread(th, other);
	if (th->source != HOST_NO_FRAME) { /* of a copy that has become shared before the thread could write */
		uint32_t before = th->source;
		th->source = HOST_NO_FRAME;
		h->waits--;
		if (--h->frame[before].waits == 0)
			host_frame_idle(h, before);
	}
	if (old != HOST_NO_FRAME) {
		if (h->frame[old].key == host_key(sp->owner, th->page)) /* the copy needs a key of its own */
			sp->owner = host_owner_new(h, sp, HOST_OWNER_SPACE);
		h->frame[old].waits++;
		h->waits++;
		th->source = old;
	}
	th->hint = host_miss(th, host_key(sp->owner, th->page));
	uint32_t frame = host_frame_get(th);
	if (frame == HOST_NO_FRAME)
		return wait_frame(th, NULL, NULL);
	copy_to(th, pte, frame);
	return HOST_STEP_DONE;
}

static enum host_step write_fault(struct host_thread *th, uint64_t *pte)
{
	struct host *h = th->host;
	if (*pte & HOST_PTE_TRACKED)
		host_track_fault(th->area->track, th, th->page, pte, true);
	uint32_t frame = host_pte_number(*pte);
	if (*pte & HOST_PTE_COW) {
		if (frame == HOST_NO_FRAME || !exclusive(h, &h->frame[frame]))
			return copy(th, pte);
		*pte &= ~HOST_PTE_COW;
		h->n.cow_reuses++;
	} else if (h->frame[frame].pager == HOST_PAGER_FILE && !(h->frame[frame].flags & HOST_FRAME_DIRTY) && h->spec->file.notify) {
		h->n.write_notices++;
	}
	*pte |= HOST_PTE_WRITABLE;
	return HOST_STEP_DONE;
}

/* ---- a fault, from its begin to its end ------------------------------------------------------------------------ */

static enum host_step nowhere(struct host_thread *th, const struct host_area *area)
{
	struct host_space *sp = th->space;
	char where[256] = "", near[256] = "it has no areas";
	if (th->stream->ops->where)
		th->stream->ops->where(th->stream, where, sizeof(where));
	const struct host_area *best = area;
	for (uint32_t i = 0; !area && i < sp->areas && (!best || sp->area[i]->first <= th->page); i++)
		best = sp->area[i];
	if (best)
		snprintf(near, sizeof(near), "area %s has pages %" PRIu64 " to %" PRIu64, best->name, best->first, best->first + best->pages - 1);
	sim_fail(th->host->sim, ERR_TRACE, "%s%sprocess %s %s page %" PRIu64 ", which %s: %s", where, where[0] ? ": " : "", sp->name,
		th->write ? "writes to" : "reads", th->page, area ? "may not be written" : "lies in none of its areas", near);
	return HOST_STEP_END;
}

/* The rest of a burst on a watched page, whose references trap one after another, comes as a word of its own. */
static void take_apart(struct host_thread *th)
{
	if (!th->behind) {
		th->behind = th->word;
		th->behind_end = th->word_end;
	}
	th->rest = host_ref(th->page, th->write) | (uint64_t)(th->more - 1) << HOST_REF_MORE_SHIFT;
	th->word = &th->rest;
	th->word_end = th->word + 1;
	th->more = 0;
}

/* The reference is made: bits, the TLB, what the policy and the tags want. */
static void made(struct host_cpu *c, struct host_thread *th, uint64_t *pte)
{
	struct host *h = th->host;
	uint32_t frame = host_pte_number(*pte);
	const uint64_t free_write = HOST_PTE_WRITABLE | HOST_PTE_DIRTY;
	if (*pte & HOST_PTE_TRAP && th->more > 0)
		take_apart(th);
	if (th->write) {
		if (!(*pte & HOST_PTE_TRAP))
			*pte |= HOST_PTE_DIRTY;
		host_dirty(h, frame, th);
	}
	bool used = true;
	if (frame != HOST_NO_FRAME) {
		struct host_frame *f = &h->frame[frame];
		if (!th->fresh) {
			f->flags |= HOST_FRAME_USED;
			if (h->touches && f->flags & HOST_FRAME_POOLED)
				replace_touch(alloc_pool_of(h->alloc, frame), frame, th->write);
		}
		used = f->flags & HOST_FRAME_USED || !h->spec->tlb.flush_on_age;
		for (uint32_t i = 0; h->touches && i < th->more; i++)
			replace_touch(alloc_pool_of(h->alloc, frame), frame, th->write);
		if (th->write && h->content)
			h->content[frame] = ++h->content_clock;
	}
	if (used && !(*pte & HOST_PTE_TRAP))
		tlb_insert(&c->tlb, th->page, tlb_key(th->page, c->asid), (*pte & free_write) == free_write ? TLB_WRITE : 0, frame);
	host_made_more(th);
}

static void fault_begin(struct host_thread *th)
{
	if (th->counted)
		return;
	th->counted = true;
	th->faults++;
	th->host->n.faults++;
	host_event(th->host, HOST_EVENT_FAULT, th->page << 1 | th->write);
}

enum host_step host_fault_step(struct host_cpu *c, struct host_thread *th)
{
	struct host *h = th->host;
	fault_begin(th);
	th->area = host_area_find(th->space, th->page);
	if (!th->area || (th->write && !th->area->writable))
		return nowhere(th, th->area);
	uint64_t *pte = host_pte_make(&th->space->table, th->page);
	if (!pte) {
		sim_fail(h->sim, ERR_LIMIT, "no memory for the page tables of process %s", th->space->name);
		return HOST_STEP_END;
	}
	if (!(*pte & HOST_PTE_PRESENT)) {
		enum host_step step = absent(th, pte);
		if (step != HOST_STEP_DONE)
			return step;
	}
	if (th->write && !(*pte & HOST_PTE_WRITABLE)) {
		enum host_step step = write_fault(th, pte);
		if (step != HOST_STEP_DONE)
			return step;
	}
	if (*pte & HOST_PTE_TRAP) /* behind all that may make it wait and come here again: once */
		host_track_fault(th->area->track, th, th->page, pte, th->write);
	made(c, th, pte);
	host_unhold(th);
	host_fault_over(th);
	return HOST_STEP_DONE;
}

enum host_step host_file_step(struct host_thread *th)
{
	uint32_t frame;
	if (th->held != HOST_NO_FRAME && th->host->frame[th->held].key == host_key(th->file->owner, th->page))
		return HOST_STEP_DONE;
	enum host_step step = find(th, NULL, &frame);
	if (step != HOST_STEP_DONE)
		return step;
	hold(th, frame);
	return HOST_STEP_DONE;
}

/* From the event that freed the frame, or from another thread's fault. */
void host_fault_take(struct host_thread *th, uint32_t frame)
{
	struct host *h = th->host;
	time_ps charged = h->charge_ps;
	h->charge_ps = 0;
	uint64_t *pte = th->file ? NULL : host_pte_make(&th->space->table, th->page);
	if (pte && *pte & HOST_PTE_PRESENT) {
		copy_to(th, pte, frame);
	} else {
		uint64_t v = pte && host_pte_where(*pte) != HOST_WHERE_BUSY ? *pte : 0;
		const struct host_pager *pager = pager_of(th, v);
		host_place *place = place_of(th, v, pager);
		if (pte && !place)
			*pte = 0;
		if (!lead_with(th, v, pager, place, frame))
			frame = HOST_NO_FRAME; /* host_filled() wakes it */
		else if (pte)
			map(h, th->space, th->area, th->page, pte, frame);
	}
	uint32_t followers = th->followers;
	th->followers = HOST_NO_THREAD;
	th->debt_ps += h->charge_ps;
	h->charge_ps = charged;
	if (frame == HOST_NO_FRAME)
		return;
	uint32_t source = th->source;
	th->source = HOST_NO_FRAME;
	th->link = followers;
	host_release_list(h, th->id, frame);
	th->source = source;
}
