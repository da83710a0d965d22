/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Writing dirty pages of files: when too many are dirty, when they are old, and when somebody syncs. One flusher event
 * serves the first two, and goes on as writes end; a sync is in rounds, so that each writes what was dirty when it began.
 *
 * A file that is old is gone through once, from its first page to its last, however long that takes. Of what becomes dirty meanwhile
 * that is written too which lies ahead, as in Linux; the rest makes the file as old as the first of it.
 */
#include "host/host_private.h"

/* ---- what is dirty --------------------------------------------------------------------------------------------- */

static void kick(struct host *h, time_ps at)
{
	if (event_pending(&h->flusher)) {
		if (sim_event_time(h->sim, &h->flusher) <= at)
			return;
		sim_cancel(h->sim, &h->flusher);
	}
	sim_schedule(h->sim, &h->flusher, at);
}

/* The next look for what is old, where there is something dirty. */
static void plan_look(struct host *h)
{
	time_ps every = h->spec->writeback.interval_ps;
	if (every == 0 || h->dirty_pages == 0)
		return;
	if (h->look_ps <= h->sim->now_ps)
		h->look_ps = h->sim->now_ps + every;
	kick(h, h->look_ps);
}

void host_file_dirtied(struct host_file *f, uint64_t page, struct host_thread *th)
{
	struct host *h = f->host;
	bits_add(f->dirty, page);
	if (f->dirty_pages++ == 0)
		f->dirty_since = h->sim->now_ps;
	if (f->old && f->old_since == TIME_PS_MAX)
		f->old_since = h->sim->now_ps;
	f->dirty_from = page < f->dirty_from ? page : f->dirty_from;
	h->dirty_pages++;
	if (h->dirty_pages > h->dirty_soft)
		kick(h, h->sim->now_ps);
	else if (!event_pending(&h->flusher))
		plan_look(h);
	if (th && h->dirty_pages + h->writing_pages > h->dirty_hard)
		th->dirtied = true;
}

void host_file_undirty(struct host_file *f, uint64_t page)
{
	bits_drop(f->dirty, page);
	f->dirty_pages--;
	f->host->dirty_pages--;
}

/* The first dirty page at or behind `page`, or f->pages. */
static uint64_t next_dirty(const struct host_file *f, uint64_t page)
{
	return bits_next(f->dirty, f->pages, page);
}

/* ---- writes ---------------------------------------------------------------------------------------------------- */

static void sync_step(struct host_file *f);

/* What there is to be written beyond a sync goes on being written. */
static void go_on(struct host *h)
{
	if ((h->dirty_pages > h->dirty_soft || h->old_files > 0) && h->alive > 0)
		kick(h, h->sim->now_ps);
}

static void written(void *owner, uint64_t arg, enum blk_status status)
{
	struct host_file *f = owner;
	struct host *h = f->host;
	uint64_t first = (uint32_t)arg, count = arg >> 32;
	h->n.io_errors += status != BLK_OK;
	h->writes--;
	f->writing -= (uint32_t)count;
	h->writing_pages -= count;
	for (uint64_t page = first; page < first + count; page++)
		host_written(h, host_place_get(&f->cache[page]));
	if (f->sync_now != HOST_NO_THREAD)
		sync_step(f);
	if (h->throttle_head != HOST_NO_THREAD && h->dirty_pages + h->writing_pages <= h->dirty_hard)
		host_throttle_end(h);
	go_on(h);
	if (h->waiters)
		host_balance(h);
}

void host_file_write(struct host_file *f, uint64_t page, uint32_t pages)
{
	struct host *h = f->host;
	uint64_t content[1024];
	for (uint64_t i = 0; i < pages; i++) {
		uint32_t frame = host_place_get(&f->cache[page + i]);
		struct host_frame *x = &h->frame[frame];
		host_unmap(h, frame, false);
		host_file_undirty(f, page + i);
		x->flags = (uint8_t)((x->flags & ~HOST_FRAME_DIRTY) | HOST_FRAME_WRITEBACK);
		if (h->content)
			content[i] = h->content[frame];
	}
	uint64_t offset = f->offset + page * h->page_sectors;
	uint64_t tag = h->content ? host_io_tag_pages(h->io, f->region, offset, h->page_sectors, pages, content) : 0;
	f->writing += pages;
	h->writing_pages += pages;
	h->writes++;
	h->n.file_outs += pages;
	h->n.file_writes++;
	host_io_write(h->io, f->region, offset, pages * h->page_sectors, 0, tag, (struct host_io_then){written, f, (uint64_t)pages << 32 | page});
}

static bool can_write(const struct host_file *f, uint64_t page)
{
	uint32_t frame = host_place_get(&f->cache[page]);
	return frame < f->host->frames && !(f->host->frame[frame].flags & HOST_FRAME_WRITEBACK);
}

/* Write the run of dirty pages at or behind *page, and move *page behind it. false: there is none. */
static bool write_run(struct host_file *f, uint64_t *page)
{
	uint64_t first = next_dirty(f, *page), most = (uint64_t)f->host->spec->writeback.batch, end;
	while (first < f->pages && !can_write(f, first))
		first = next_dirty(f, first + 1);
	if (first == f->pages)
		return false;
	for (end = first + 1; end < f->pages && end - first < most && next_dirty(f, end) == end && can_write(f, end); end++)
		;
	host_file_write(f, first, (uint32_t)(end - first));
	*page = end;
	return true;
}

static bool may_write(const struct host *h) { return h->writes < (uint32_t)h->spec->writeback.depth; }

/* As many writes as may be under way, until so few are dirty. false: no more may be begun now. */
static bool write_file(struct host_file *f, uint64_t until_dirty)
{
	struct host *h = f->host;
	uint64_t page = f->dirty_from;
	bool room = true;
	while (h->dirty_pages > until_dirty && (room = may_write(h)) && write_run(f, &page))
		;
	f->dirty_from = next_dirty(f, f->dirty_from);
	return room;
}

/* ---- what is old ----------------------------------------------------------------------------------------------- */

static void old_begin(struct host_file *f)
{
	f->old = true;
	f->old_skipped = false;
	f->old_from = f->dirty_from;
	f->old_since = TIME_PS_MAX;
	f->host->old_files++;
}

/* All of it is under way but what was being written when it was reached: then the file is as old as it was. */
static void old_end(struct host_file *f)
{
	f->old = false;
	f->host->old_files--;
	if (!f->old_skipped && f->dirty_pages > 0)
		f->dirty_since = f->old_since;
}

/* Go on with it. false: no more writes may be begun now. */
static bool write_old(struct host_file *f)
{
	for (;;) {
		f->old_from = next_dirty(f, f->old_from);
		if (f->old_from == f->pages)
			break;
		if (!may_write(f->host))
			return false;
		if (can_write(f, f->old_from)) {
			write_run(f, &f->old_from);
		} else {
			f->old_skipped = true;
			f->old_from++;
		}
	}
	old_end(f);
	return true;
}

/* ---- the flusher ----------------------------------------------------------------------------------------------- */

static void look(struct host *h)
{
	time_ps now = h->sim->now_ps;
	if (h->look_ps == 0 || now < h->look_ps)
		return;
	h->look_ps = 0;
	for (struct host_file *f = h->files; f; f = f->next)
		if (f->dirty_pages > 0 && !f->old && now - f->dirty_since >= h->spec->writeback.expire_ps)
			old_begin(f);
}

bool host_throttle(struct host_thread *th)
{
	struct host *h = th->host;
	th->dirtied = false;
	if (h->dirty_pages + h->writing_pages <= h->dirty_hard)
		return false;
	th->link = h->throttle_head;
	h->throttle_head = th->id;
	h->n.throttled++;
	return true;
}

void host_throttle_end(struct host *h)
{
	uint32_t head = h->throttle_head;
	h->throttle_head = HOST_NO_THREAD;
	while (head != HOST_NO_THREAD) {
		struct host_thread *th = host_thread_at(h, head);
		head = th->link;
		if (th->state == HOST_THREAD_ASLEEP)
			h->n.throttled_ps += time_max(h->sim->now_ps - th->asleep_ps, 0);
		host_make_ready(th);
	}
}

static void flusher_event(struct sim *s, struct event *e)
{
	(void)s;
	struct host *h = container_of(e, struct host, flusher);
	bool room = true;
	look(h);
	for (struct host_file *f = h->files; f && room && h->old_files > 0; f = f->next)
		if (f->old && f->sync_now == HOST_NO_THREAD)
			room = write_old(f);
	for (struct host_file *f = h->files; f && room && h->dirty_pages > h->dirty_soft; f = f->next)
		if (f->dirty_pages > 0 && f->sync_now == HOST_NO_THREAD)
			room = write_file(f, h->dirty_soft);
	h->charge_ps = 0; /* of no processor */
	if (h->alive > 0 && !event_pending(&h->flusher))
		plan_look(h);
}

/* ---- sync ------------------------------------------------------------------------------------------------------ */

static void flushed(void *owner, uint64_t arg, enum blk_status status)
{
	struct host_file *f = owner;
	struct host *h = f->host;
	(void)arg;
	h->n.io_errors += status != BLK_OK;
	uint32_t head = f->sync_now;
	f->sync_now = f->sync_next;
	f->sync_next = HOST_NO_THREAD;
	f->flushing = false;
	while (head != HOST_NO_THREAD) {
		struct host_thread *th = host_thread_at(h, head);
		head = th->link;
		if (th->state != HOST_THREAD_ENDED)
			tally_add(&h->sync, h->sim->now_ps - th->sync_ps);
		host_wake(th);
	}
	if (f->sync_now != HOST_NO_THREAD) {
		f->sync_from = 0;
		sync_step(f);
	}
	go_on(h); /* the file was left alone */
}

/* Write all that is dirty, once in a round; pages dirty again that are still being written have to wait for that. */
static void sync_pass(struct host_file *f)
{
	if (f->sync_from >= f->pages)
		return;
	while (f->sync_from < f->pages && write_run(f, &f->sync_from))
		;
	f->sync_from = f->pages; /* what gets dirty from now on is not of this round */
	f->sync_skipped = f->dirty_pages > 0;
}

/* Write what of this round is left; when all is there, flush. */
static void sync_step(struct host_file *f)
{
	struct host *h = f->host;
	if (f->flushing)
		return;
	sync_pass(f);
	if (f->writing > 0)
		return;
	if (f->sync_skipped) { /* nothing is under way now, so that none is skipped */
		f->sync_from = 0;
		sync_pass(f);
		f->sync_skipped = false;
		if (f->writing > 0)
			return;
	}
	f->flushing = true;
	host_io_flush(h->io, f->region, (struct host_io_then){flushed, f, 0});
}

enum host_act host_file_sync(struct host_thread *th, struct host_file *f)
{
	struct host *h = th->host;
	host_charge_call(h);
	h->n.syncs++;
	th->sync_ps = h->sim->now_ps;
	bool first = f->sync_now == HOST_NO_THREAD;
	uint32_t *list = first ? &f->sync_now : &f->sync_next;
	th->link = *list;
	*list = th->id;
	if (first) {
		f->sync_from = 0;
		sync_step(f);
	}
	return HOST_ACT_SLEEP;
}

void host_writeback_open(struct host *h)
{
	event_init(&h->flusher, flusher_event, "flusher", EVENT_PRIO_WORKLOAD);
	h->dirty_soft = (uint64_t)(h->spec->writeback.background * (double)h->frames);
	h->dirty_hard = (uint64_t)(h->spec->writeback.hard * (double)h->frames);
	if (h->dirty_soft >= h->dirty_hard) /* domain_dirty_limits() of Linux (mm/page-writeback.c) */
		h->dirty_soft = h->dirty_hard / 2;
}
