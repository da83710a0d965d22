/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the host's machine share among themselves. */
#ifndef QUERN_HOST_PRIVATE_H
#define QUERN_HOST_PRIVATE_H

#include "host/machine.h"

/* ---- processors and threads (cpu.c) */
int host_cpus_open(struct host *h);
void host_make_ready(struct host_thread *th);
void host_thread_end(struct host_thread *th);

/* ---- translations (shootdown.c) */
/* One of the page is not to be used any more, anywhere. */
void host_drop_translation(struct host *h, struct host_space *sp, uint64_t vpn);
/* All of the space: one shoot-down for each processor that runs it. */
void host_drop_space(struct host *h, struct host_space *sp);
/* The processor is about to run a process of which entries were changed while it did not. What that takes. */
time_ps host_drop_stale(struct host_cpu *c, struct host_space *sp);

/* ---- faults (fault.c) */
enum host_step { HOST_STEP_DONE, HOST_STEP_SLEEP, HOST_STEP_END };
/* Work out the thread's fault, at the present time. DONE: the reference was made. */
enum host_step host_fault_step(struct host_cpu *c, struct host_thread *th);
/* For calls: the page of th->file is wanted. DONE: th->held is its frame. */
enum host_step host_file_step(struct host_thread *th);
/* A frame was given to the first thread that waits. */
void host_fault_take(struct host_thread *th, uint32_t frame);
/* The thread ends while it waits for a frame: others who want the page have to bring it in themselves. */
void host_fault_resign(struct host_thread *th);
/* The frame's page has come: it is live, in the pool, and whoever waits goes on. */
void host_filled(struct host *h, uint32_t frame);
/* The page gets dirty through this thread (NULL: nobody's). */
void host_dirty(struct host *h, uint32_t frame, struct host_thread *th);
/* Threads linked from `head` work their faults out again; where `frame` is one, they hold it. */
void host_release_list(struct host *h, uint32_t head, uint32_t frame);
/* The thread lets go of the frame that it holds. */
void host_unhold(struct host_thread *th);
/* The references that follow the one that faulted. */
static inline void host_made_more(struct host_thread *th)
{
	struct host *h = th->host;
	if (th->more == 0)
		return;
	h->n.tlb_hits += th->more;
	h->n.references += th->more;
	h->n.writes += th->write ? th->more : 0;
	th->references += th->more;
	h->charge_ps += th->more * h->spec->cost.hit_ps;
}
/* The fault has ended, but for the frames that the thread holds. */
static inline void host_fault_over(struct host_thread *th)
{
	struct host *h = th->host;
	if (th->major)
		h->n.major++;
	else
		h->n.minor++;
	th->counted = th->major = th->fresh = false;
	th->stage = th->dirtied ? HOST_STAGE_THROTTLE : HOST_STAGE_NONE;
}

/* ---- frames (reclaim.c) */
/* The process has a fault: what page-fault frequency makes of it. */
void host_fault_counted(struct host_thread *th);
/* A frame for the thread, whose hint is set, or HOST_NO_FRAME: some may be on their way. */
uint32_t host_frame_get(struct host_thread *th);
/* One that is free now or becomes so without writing, for readahead: for the process h->reader. */
uint32_t host_frame_try(struct host *h);
/* It holds nothing any more: to the first who waits, or free. */
void host_frame_free(struct host *h, uint32_t frame);
/* The write of a frame's page has ended. */
void host_written(struct host *h, uint32_t frame);
/* The thread wants a page back that is leaving. false: it may not have it. */
bool host_rescue(struct host_thread *th, uint32_t frame);
/* Threads wait for frames: see that as many are on their way; or that it is hopeless. */
void host_balance(struct host *h);
void host_wait_frame(struct host_thread *th);
/* Private: the rest of host_frame_idle(), which see. */
void host_frame_unused(struct host *h, uint32_t frame);
/* Calls fn for each entry that maps the frame. */
typedef void host_entry_fn(struct host *h, struct host_space *sp, uint64_t vpn, uint64_t *pte);
void host_each_entry(struct host *h, uint32_t frame, host_entry_fn *fn);
/* All entries that map the frame, taken down (`down`), or made clean and read-only. */
void host_unmap(struct host *h, uint32_t frame, bool down);
void host_reclaim_open(struct host *h);
/* Policies that look at accessed bits at times do so from now on, where the machine runs, until no thread is left. */
void host_ticks_start(struct host *h);
/* The process is there, with all its areas, for the sharing out of memory. */
void host_join(struct host_space *sp);
/* Its areas have other sizes now. */
void host_resized(struct host_space *sp);
/* Load control: whoever may run again does. */
void host_resume(struct host *h);
/* (reclaim_env.c) */
int host_replace_open(struct host *h, const struct host_place_spec *place, struct err *e);
uint32_t host_owner_new(struct host *h, void *holder, uint32_t kind);
enum { HOST_OWNER_SPACE = 1, HOST_OWNER_FILE = 2 };

/* ---- swap (swap.c, pager_swap.c) */
void host_swap_run_end(struct host *h);
/* Read so many slots, whose pages have frames that are being filled. */
static inline void host_swap_read(struct host *h, uint32_t first, uint32_t count, struct host_io_then then)
{
	const struct host_swap *sw = &h->swap;
	h->n.swap_ins += count;
	h->n.swap_reads++;
	host_io_read(h->io, sw->region, (uint64_t)first * sw->page_sectors, count * sw->page_sectors, then);
}
/* The slot that the dirty frame's page goes to. */
uint32_t host_swap_slot(struct host *h, uint32_t frame);
/* Begin to write the frame's page to it; see host_pager.clean. */
void host_swap_clean(struct host *h, uint32_t frame);

/* ---- files (file.c, writeback.c) */
void host_file_ahead(struct host_file *f, uint64_t page);
/* Write so many pages of the file from `page` on, all dirty and in memory, none under way. */
void host_file_write(struct host_file *f, uint64_t page, uint32_t pages);
void host_file_dirtied(struct host_file *f, uint64_t page, struct host_thread *th);
void host_file_undirty(struct host_file *f, uint64_t page);
void host_writeback_open(struct host *h);
/* The thread has made a page dirty beyond the hard limit: whether it has to wait for writes. */
bool host_throttle(struct host_thread *th);
void host_throttle_end(struct host *h);

/* ---- tracking (protect.c) */
/* What the entry of a page that is being mapped gets beside: flags to set; those to clear in *clear. */
uint64_t host_track_flags(const struct host_track *t, uint64_t vpn, uint64_t *clear);
/* A write (or trapped access) met a watched entry. */
void host_track_fault(struct host_track *t, struct host_thread *th, uint64_t vpn, uint64_t *pte, bool write);
/* An entry that was written through goes away or becomes clean. */
void host_track_dirty(struct host_track *t, uint64_t vpn);

/* Where nobody maps or holds it: what the pager does with such. */
static inline void host_frame_idle(struct host *h, uint32_t frame)
{
	if (h->frame[frame].maps == 0)
		host_frame_unused(h, frame);
}

/* The thread wants the page with this key, which is in no frame: what the policy remembers of it. */
static inline uint8_t host_miss(struct host_thread *th, uint64_t key)
{
	struct host *h = th->host;
	struct replace *pool = alloc_pool(h->alloc, th->space->id);
	uint8_t hint = (uint8_t)replace_miss(pool, key);
	replace_coming(pool);
	if (h->alloc->link)
		host_fault_counted(th);
	return hint;
}

static inline void host_frame_name(struct host *h, uint32_t frame, uint64_t key, enum host_pager_id pager)
{
	h->frame[frame] = (struct host_frame){.key = key, .slot = HOST_NO_SLOT, .link = HOST_NO_THREAD, .pager = pager};
	h->owner[host_key_owner(key)].frames++;
}

static inline void host_pool_insert(struct host *h, uint32_t frame)
{
	struct host_frame *f = &h->frame[frame];
	bool used = alloc_insert(h->alloc, frame, f->key, f->hint);
	f->flags = (uint8_t)((f->flags & ~HOST_FRAME_USED) | HOST_FRAME_POOLED | (used ? HOST_FRAME_USED : 0));
}

/* The first free frame; there is one. */
static inline uint32_t host_take_free(struct host *h)
{
	uint32_t frame = h->free_list;
	h->free_list = h->frame[frame].link;
	__builtin_prefetch(&h->frame[h->free_list], 1);
	h->free--;
	if (h->spec->reclaim.low > 0 && h->free < h->spec->reclaim.low && !event_pending(&h->reclaimer))
		sim_schedule(h->sim, &h->reclaimer, h->sim->now_ps);
	return frame;
}

/* The process whose page is in the frame, where nobody else has it and its one entry is where the key says; else NULL. */
static inline struct host_space *host_sole_space(const struct host *h, const struct host_frame *f)
{
	if (f->maps != 1 || f->pager == HOST_PAGER_FILE)
		return NULL;
	struct host_space *sp = h->owner[host_key_owner(f->key)].holder;
	return sp->next_of_family == sp && sp->alive ? sp : NULL;
}

static inline struct host_thread *host_thread_at(const struct host *h, uint32_t id) { return h->thread[id]; }
static inline void host_event(struct host *h, enum host_event_kind kind, uint64_t what)
{
	if (__builtin_expect(h->log != NULL, 0))
		host_evlog_add(h->log, h->sim->now_ps, kind, what);
}

#endif
