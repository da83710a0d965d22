/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Frames: who gets one, who gives one up, and what happens when there is none. */
#include "host/plain.h"

/* ---- names and entries ----------------------------------------------------------------------------------------- */

uint32_t host_owner_new(struct host *h, void *holder, uint32_t kind)
{
	for (uint32_t tries = 0; tries < h->owners; tries++) {
		uint32_t i = h->owner_turn = h->owner_turn + 1 == h->owners ? 1 : h->owner_turn + 1;
		bool current = h->owner[i].kind == HOST_OWNER_FILE || (h->owner[i].kind == HOST_OWNER_SPACE &&
			((struct host_space *)h->owner[i].holder)->alive && ((struct host_space *)h->owner[i].holder)->owner == i);
		if (h->owner[i].frames > 0 || current)
			continue;
		h->owner[i].holder = holder;
		h->owner[i].kind = kind;
		return i;
	}
	sim_fail(h->sim, ERR_LIMIT, "the host has no more numbers for address spaces and files: it has %" PRIu32, h->owners);
	return 1;
}

void host_each_entry(struct host *h, uint32_t frame, host_entry_fn *fn)
{
	struct host_frame *f = &h->frame[frame];
	uint32_t left = f->maps;
	if (left == 0)
		return;
	uint64_t page = host_key_page(f->key);
	if (f->pager != HOST_PAGER_FILE) {
		struct host_space *first = h->owner[host_key_owner(f->key)].holder, *sp = first;
		do {
			uint64_t *pte = sp->alive ? host_pte_find(&sp->table, page) : NULL;
			if (pte && *pte & HOST_PTE_PRESENT && host_pte_number(*pte) == frame) {
				fn(h, sp, page, pte);
				left--;
			}
			sp = sp->next_of_family;
		} while (left > 0 && sp != first);
	} else {
		struct host_file *file = h->owner[host_key_owner(f->key)].holder;
		for (struct host_mapping *m = file->mappings; m && left > 0; m = m->next) {
			if (!m->space->alive || page < m->area->file_page || page - m->area->file_page >= m->area->pages)
				continue;
			uint64_t vpn = m->area->first + (page - m->area->file_page), *pte = host_pte_find(&m->space->table, vpn);
			if (pte && *pte & HOST_PTE_PRESENT && host_pte_number(*pte) == frame) {
				fn(h, m->space, vpn, pte);
				left--;
			}
		}
	}
	if (left > 0)
		sim_bug(h->sim, "frame %" PRIu32 " (page %#" PRIx64 ") is mapped by %" PRIu32 " entries that cannot be found", frame, f->key,
			left);
}

static void pool_remove(struct host *h, uint32_t frame)
{
	struct host_frame *f = &h->frame[frame];
	if (f->flags & HOST_FRAME_POOLED)
		alloc_remove(h->alloc, frame);
	f->flags &= (uint8_t)~HOST_FRAME_POOLED;
}

static inline void take_down(struct host *h, struct host_space *sp, uint64_t vpn, uint64_t *pte)
{
	uint32_t frame = host_pte_number(*pte);
	if (*pte & HOST_PTE_DIRTY) {
		const struct host_area *area = host_area_find(sp, vpn);
		if (area && area->track)
			host_track_dirty(area->track, vpn);
	}
	*pte = host_pagers[h->frame[frame].pager]->unmapped(h, frame);
	h->frame[frame].maps--;
	sp->resident--;
	host_drop_translation(h, sp, vpn);
}

/* The page goes on being mapped, but is clean: its next write has to be seen. */
static void make_clean(struct host *h, struct host_space *sp, uint64_t vpn, uint64_t *pte)
{
	if (*pte & HOST_PTE_DIRTY) {
		const struct host_area *area = host_area_find(sp, vpn);
		if (area && area->track)
			host_track_dirty(area->track, vpn);
	}
	uint64_t clear = HOST_PTE_DIRTY;
	if (h->frame[host_pte_number(*pte)].pager == HOST_PAGER_FILE && h->spec->file.notify)
		clear |= HOST_PTE_WRITABLE;
	if (!(*pte & clear))
		return;
	*pte &= ~clear;
	host_drop_translation(h, sp, vpn);
}

static inline void unmap(struct host *h, uint32_t frame)
{
	const struct host_frame *f = &h->frame[frame];
	struct host_space *sp = host_sole_space(h, f);
	if (sp)
		take_down(h, sp, host_key_page(f->key), host_pte_find(&sp->table, host_key_page(f->key)));
	else
		host_each_entry(h, frame, take_down);
}

void host_unmap(struct host *h, uint32_t frame, bool down)
{
	if (down)
		unmap(h, frame);
	else
		host_each_entry(h, frame, make_clean);
}

/* ---- frames that come free ------------------------------------------------------------------------------------- */

/* Those who have ended are not waiting any more: the first of the list is one who lives, where there is one. */
static void forget_ended(struct host *h)
{
	while (h->waiter_head != HOST_NO_THREAD && host_thread_at(h, h->waiter_head)->state == HOST_THREAD_ENDED) {
		h->waiter_head = host_thread_at(h, h->waiter_head)->link;
		h->waiters--;
	}
}

static void give(struct host *h, uint32_t frame)
{
	forget_ended(h);
	if (h->waiter_head != HOST_NO_THREAD) {
		struct host_thread *th = host_thread_at(h, h->waiter_head);
		h->waiter_head = th->link;
		h->waiters--;
		h->robbed = 0;
		alloc_unwait(h->alloc, th->space->id);
		alloc_charge(h->alloc, frame, th->space->id);
		host_fault_take(th, frame);
		return;
	}
	h->frame[frame] = (struct host_frame){.link = h->free_list, .slot = HOST_NO_SLOT};
	h->free_list = frame;
	h->free++;
}

void host_frame_free(struct host *h, uint32_t frame)
{
	struct host_frame *f = &h->frame[frame];
	pool_remove(h, frame);
	h->owner[host_key_owner(f->key)].frames--;
	f->state = HOST_FRAME_FREE;
	give(h, frame);
	if (h->alloc->suspended)
		host_resume(h);
}

void host_frame_unused(struct host *h, uint32_t frame)
{
	struct host_frame *f = &h->frame[frame];
	if (f->state != HOST_FRAME_LIVE || f->maps || f->pins || f->waits || f->flags & HOST_FRAME_WRITEBACK)
		return;
	if (host_pagers[f->pager]->idle(h, frame))
		host_frame_free(h, frame);
}

/* ---- eviction -------------------------------------------------------------------------------------------------- */

enum evicted { EVICTED_FREE, EVICTED_LEAVING, EVICTED_NONE };

/* The entry of the frame's page, where it has one and that is found at once; else NULL. */
static inline __attribute__((always_inline)) uint64_t *sole_entry(const struct host *h, uint32_t frame)
{
	const struct host_frame *f = &h->frame[frame];
	const struct host_space *sp = host_sole_space(h, f);
	return sp ? host_pte_kept(&sp->table, host_key_page(f->key)) : NULL;
}

/* This page goes, which is in no pool any more. FREE: *frame has no owner now and is the caller's. */
static enum evicted let_go(struct host *h, uint32_t v, uint32_t *frame)
{
	if (v == REPLACE_NO_FRAME)
		return EVICTED_NONE;
	struct host_frame *f = &h->frame[v];
	if (h->plain) {
		const struct host_victim victim = {v, sole_entry(h, v)};
		uint32_t frees;
		if (host_plain_out(h, &victim, 1, frame, &frees) > 0)
			return frees > 0 ? EVICTED_FREE : EVICTED_LEAVING;
	}
	f->flags &= (uint8_t)~HOST_FRAME_POOLED;
	host_event(h, HOST_EVENT_EVICT, f->key);
	h->n.evictions++;
	unmap(h, v);
	if (f->flags & HOST_FRAME_DIRTY) {
		f->flags |= HOST_FRAME_LEAVING;
		h->leaving++;
		host_pagers[f->pager]->clean(h, v);
		return EVICTED_LEAVING;
	}
	h->n.clean_evictions++;
	host_pagers[f->pager]->gone(h, v);
	h->owner[host_key_owner(f->key)].frames--;
	f->state = HOST_FRAME_FREE;
	*frame = v;
	return EVICTED_FREE;
}

/* One page goes for a fault of the process (ALLOC_NOBODY: of none). */
static enum evicted evict(struct host *h, uint32_t process, unsigned hint, uint32_t *frame)
{
	return let_go(h, alloc_victim(h->alloc, process, hint), frame);
}

/* The one after the other that `next` names. */
static void let_all_go(struct host *h, uint32_t process, uint32_t (*next)(struct alloc *al, uint32_t process))
{
	uint32_t frame;
	for (enum evicted what = EVICTED_FREE; what != EVICTED_NONE;) {
		what = let_go(h, next(h->alloc, process), &frame);
		if (what == EVICTED_FREE)
			give(h, frame);
	}
	host_swap_run_end(h);
}

void host_fault_counted(struct host_thread *th)
{
	struct host *h = th->host;
	alloc_fault(h->alloc, th->space->id, th->space->cpu_ps);
	let_all_go(h, th->space->id, alloc_release);
}

/* ---- load control ---------------------------------------------------------------------------------------------- */

static uint64_t size_of(const struct host_space *sp)
{
	uint64_t pages = 0;
	for (uint32_t i = 0; i < sp->areas; i++)
		pages += sp->area[i]->pages;
	return pages;
}

void host_join(struct host_space *sp) { alloc_join(sp->host->alloc, sp->id, size_of(sp)); }
void host_resized(struct host_space *sp) { alloc_resize(sp->host->alloc, sp->id, size_of(sp)); }

static void suspend(struct host *h, uint32_t process)
{
	h->space[process]->suspended = true;
	h->n.suspensions++;
	host_event(h, HOST_EVENT_SUSPEND, process);
	let_all_go(h, process, alloc_drain);
}

void host_resume(struct host *h)
{
	uint32_t process = alloc_resume(h->alloc, h->free);
	if (process == ALLOC_NOBODY)
		return;
	struct host_space *sp = h->space[process];
	uint32_t id = sp->parked;
	sp->suspended = false;
	sp->parked = HOST_NO_THREAD;
	host_event(h, HOST_EVENT_RESUME, process);
	while (id != HOST_NO_THREAD) {
		struct host_thread *th = host_thread_at(h, id);
		id = th->link;
		host_make_ready(th);
	}
}

/* A free frame for the process, where it may have one. */
static uint32_t take(struct host *h, uint32_t process)
{
	uint32_t frame = host_take_free(h);
	alloc_charge(h->alloc, frame, process);
	return frame;
}

uint32_t host_frame_get(struct host_thread *th)
{
	struct host *h = th->host;
	uint32_t process = th->space->id, frame = HOST_NO_FRAME;
	if (h->free > 0 && alloc_may_grow(h->alloc, process))
		return take(h, process);
	if (h->waiters > 0) /* these come first */
		return HOST_NO_FRAME;
	if (h->alloc->link) {
		uint32_t whom = alloc_suspend(h->alloc, process);
		if (whom != ALLOC_NOBODY)
			suspend(h, whom);
		if (h->free > 0)
			return take(h, process);
		if (whom != ALLOC_NOBODY && h->leaving > 0)
			return HOST_NO_FRAME;
	}
	enum evicted what = evict(h, process, th->hint, &frame);
	if (what == EVICTED_LEAVING)
		host_swap_run_end(h);
	if (what == EVICTED_NONE && h->free > 0 && h->cleaning == 0)
		return take(h, process);
	if (what == EVICTED_FREE)
		alloc_charge(h->alloc, frame, process);
	return frame;
}

uint32_t host_frame_try(struct host *h)
{
	uint32_t frame = HOST_NO_FRAME, process = h->reader;
	if (h->free > 0 && alloc_may_grow(h->alloc, process))
		return take(h, process);
	if (h->waiters > 0)
		return HOST_NO_FRAME;
	enum evicted what = evict(h, process, 0, &frame);
	if (what == EVICTED_LEAVING)
		host_swap_run_end(h);
	if (what == EVICTED_FREE)
		alloc_charge(h->alloc, frame, process);
	return frame;
}

void host_wait_frame(struct host_thread *th)
{
	struct host *h = th->host;
	th->stage = HOST_STAGE_FRAME;
	th->link = HOST_NO_THREAD;
	if (h->waiter_head == HOST_NO_THREAD)
		h->waiter_head = th->id;
	else
		host_thread_at(h, h->waiter_tail)->link = th->id;
	h->waiter_tail = th->id;
	h->waiters++;
	alloc_wait(h->alloc, th->space->id);
	h->n.frame_waits++;
	host_balance(h);
}

static void out_of_memory(struct host *h)
{
	struct host_thread *th = host_thread_at(h, h->waiter_head);
	if (!h->oom.happened)
		h->oom = (struct host_oom_result){.happened = true, .at_ps = h->sim->now_ps, .process = th->space->id, .name = th->space->name,
			.slots_used = h->swap.slots - h->swap.free, .area = th->file ? th->file->name : th->area ? th->area->name : "", .page = th->page};
	h->oom.times++;
	h->ending = true;
	if (h->spec->oom == HOST_OOM_STOP) {
		h->stopping = true;
		for (uint32_t i = 0; i < h->threads; i++)
			host_thread_end(h->thread[i]);
		h->ending = false;
		return;
	}
	struct host_space *largest = th->space;
	for (uint32_t i = 0; i < h->spaces; i++)
		if (h->space[i]->alive && h->space[i]->threads > 0 && h->space[i]->resident > largest->resident)
			largest = h->space[i];
	host_space_exit(largest);
	h->ending = false;
}

/* Frames held by those who wait for a frame themselves. */
static uint32_t held_by_waiters(const struct host *h)
{
	uint32_t n = 0;
	for (uint32_t i = h->waiter_head; i != HOST_NO_THREAD; i = host_thread_at(h, i)->link) {
		const struct host_thread *th = host_thread_at(h, i);
		n += (th->held != HOST_NO_FRAME) + (uint32_t)(th->source != HOST_NO_FRAME);
	}
	return n;
}

/* The first for whom no frame is on its way: his process gives up a page, where it has to. */
static uint32_t wants_next(const struct host *h)
{
	const struct host_thread *first = host_thread_at(h, h->waiter_head);
	uint32_t covered = h->alloc->charge ? h->leaving + h->cleaning : 0;
	for (uint32_t i = h->waiter_head; i != HOST_NO_THREAD; i = host_thread_at(h, i)->link) {
		const struct host_thread *th = host_thread_at(h, i);
		if (th->state != HOST_THREAD_ENDED && covered-- == 0)
			return th->space->id;
	}
	return first->space->id; /* some who are covered have ended */
}

/* As evict(), for one of the process whose wait counts as a frame already. */
static enum evicted evict_for_waiter(struct host *h, uint32_t process, uint32_t *frame)
{
	alloc_unwait(h->alloc, process);
	enum evicted what = evict(h, process, 0, frame);
	alloc_wait(h->alloc, process);
	return what;
}

void host_balance(struct host *h)
{
	forget_ended(h);
	while (h->waiters > 0 && h->alive > 0 && !h->ending && h->leaving + h->cleaning < h->waiters) {
		uint32_t frame;
		enum evicted what = evict_for_waiter(h, wants_next(h), &frame);
		if (what == EVICTED_NONE && h->alloc->charge && h->free > 0 && h->cleaning == 0) { /* kept for others, but this one has none to give up */
			frame = host_take_free(h);
			what = EVICTED_FREE;
		}
		if (what == EVICTED_FREE)
			give(h, frame);
		if (what != EVICTED_NONE)
			continue;
		host_swap_run_end(h);
		if (h->leaving || h->filling || h->pins || h->writes || h->writes_swap || h->swap.trimming || h->free ||
			h->waits > held_by_waiters(h))
			return; /* something will come free */
		out_of_memory(h);
		forget_ended(h);
	}
	host_swap_run_end(h);
}

/* Who rescues gains a frame, and where no more leave than are waited for he takes it from one who waits (host/machine.h). */
static bool may_rescue(const struct host *h, uint32_t process)
{
	return alloc_may_grow(h->alloc, process) && (h->leaving > h->waiters || h->robbed < h->waiters);
}

bool host_rescue(struct host_thread *th, uint32_t frame)
{
	struct host *h = th->host;
	struct host_frame *f = &h->frame[frame];
	const uint32_t head = f->link;
	if (!may_rescue(h, th->space->id))
		return false;
	h->robbed += h->leaving <= h->waiters;
	f->link = HOST_NO_THREAD;
	f->flags &= (uint8_t)~HOST_FRAME_LEAVING;
	h->leaving--;
	h->n.rescued++;
	alloc_charge(h->alloc, frame, th->space->id);
	f->hint = replace_miss(alloc_pool_of(h->alloc, frame), f->key) & 7;
	host_pool_insert(h, frame);
	f->waits++; /* nobody maps it yet */
	if (h->waiters)
		host_balance(h);
	f->waits--;
	host_release_list(h, head, HOST_NO_FRAME);
	return true;
}

void host_written(struct host *h, uint32_t frame)
{
	struct host_frame *f = &h->frame[frame];
	f->flags &= (uint8_t)~HOST_FRAME_WRITEBACK;
	host_event(h, HOST_EVENT_WRITTEN, f->key);
	if (f->flags & HOST_FRAME_LEAVING) {
		const uint32_t head = f->link;
		f->flags &= (uint8_t)~HOST_FRAME_LEAVING;
		h->leaving--;
		if (f->waits == 0 && f->pins == 0 && !(f->flags & HOST_FRAME_DIRTY)) {
			host_pagers[f->pager]->gone(h, frame);
			host_frame_free(h, frame);
			if (head != HOST_NO_THREAD)
				host_release_list(h, head, HOST_NO_FRAME);
			return;
		}
		f->link = HOST_NO_THREAD;
		f->hint = 0;
		if (h->alloc->charge)
			alloc_charge(h->alloc, frame, h->alloc->charge[frame]);
		host_pool_insert(h, frame);
		host_release_list(h, head, HOST_NO_FRAME);
	} else if (f->flags & HOST_FRAME_CLEANING) {
		f->flags &= (uint8_t)~HOST_FRAME_CLEANING;
		h->cleaning--;
	}
	host_frame_idle(h, frame);
}

/* ---- ahead of need --------------------------------------------------------------------------------------------- */

/* Up to `most` victims, which have left the pool, and what letting them go will look at asked for. */
static uint32_t gather(struct host *h, struct host_victim *victim, uint32_t most)
{
	uint32_t frame[HOST_VICTIMS];
	const uint32_t n = alloc_victims(h->alloc, frame, most < HOST_VICTIMS ? most : HOST_VICTIMS);
	for (uint32_t i = 0; i < n; i++) {
		const struct host_frame *f = &h->frame[frame[i]];
		const uint32_t slot = f->slot & -(uint32_t)(f->slot != HOST_NO_SLOT); /* whether it has one nobody can foretell */
		victim[i] = (struct host_victim){frame[i], sole_entry(h, frame[i])};
		if (victim[i].pte)
			__builtin_prefetch(victim[i].pte, 1);
		__builtin_prefetch(&h->swap.slot[slot], 1);
	}
	return n;
}

static void let_gathered_go(struct host *h, const struct host_victim *victim, uint32_t n)
{
	for (uint32_t done = 0; done < n;) {
		uint32_t freed[HOST_VICTIMS], frees = 0;
		const uint32_t went = h->plain ? host_plain_out(h, &victim[done], n - done, freed, &frees) : 0;
		for (uint32_t k = 0; k < frees; k++)
			give(h, freed[k]);
		done += went;
		if (done < n && let_go(h, victim[done++].frame, freed) == EVICTED_FREE)
			give(h, freed[0]);
	}
}

/*
 * So many pages go, the next ones chosen before those before them have gone, where that is the same as one after the other: nobody
 * waits for a frame, each finds a slot, and the policy starts no writes of its own.
 */
static void let_some_go(struct host *h, uint32_t most)
{
	struct host_victim victim[2][HOST_VICTIMS];
	uint32_t n, next;
	if (h->waiters > 0 || replace_policies[h->spec->replace.policy].needs & REPLACE_DIRTY)
		return;
	most = most < h->swap.free ? most : h->swap.free;
	n = gather(h, victim[0], most);
	for (uint32_t turn = 0; n > 0; turn ^= 1, n = next) {
		most -= n;
		next = most > 0 ? gather(h, victim[turn ^ 1], most) : 0;
		let_gathered_go(h, victim[turn], n);
	}
}

static void reclaim_event(struct sim *s, struct event *e)
{
	(void)s;
	struct host *h = container_of(e, struct host, reclaimer);
	uint32_t high = (uint32_t)h->spec->reclaim.high;
	if (h->free + h->leaving < high)
		let_some_go(h, high - h->free - h->leaving);
	while (h->free + h->leaving < high) {
		uint32_t frame;
		enum evicted what = evict(h, ALLOC_NOBODY, 0, &frame);
		if (what == EVICTED_NONE)
			break;
		if (what == EVICTED_FREE)
			give(h, frame);
	}
	host_swap_run_end(h);
	h->charge_ps = 0; /* of no processor */
}

/* ---- looks at all accessed bits -------------------------------------------------------------------------------- */

static void ticker_event(struct sim *s, struct event *e)
{
	struct host *h = container_of(e, struct host, ticker);
	alloc_tick(h->alloc);
	sim_schedule(s, e, s->now_ps + h->spec->replace.period_ps);
	h->charge_ps = 0; /* of no processor */
}

void host_ticks_start(struct host *h)
{
	if (replace_policies[h->spec->replace.policy].needs & REPLACE_TICK && h->started && h->alive > 0 && !event_pending(&h->ticker))
		sim_schedule(h->sim, &h->ticker, h->sim->now_ps + h->spec->replace.period_ps);
}

void host_reclaim_open(struct host *h)
{
	event_init(&h->ticker, ticker_event, "looks at accessed bits", EVENT_PRIO_WORKLOAD);
	event_init(&h->reclaimer, reclaim_event, "reclaim", EVENT_PRIO_WORKLOAD);
}
