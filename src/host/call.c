/* SPDX-License-Identifier: GPL-3.0-or-later */
/* read(2) and write(2) on files, page by page through the page cache. */
#include "host/host_private.h"

/* The page is held: move its part of the data. */
static void move(struct host_thread *th, const struct host_call *call, uint64_t bytes)
{
	struct host *h = th->host;
	struct host_frame *f = &h->frame[th->held];
	if (call->copies)
		h->charge_ps += time_transfer(bytes, (uint64_t)h->spec->cost.copy_rate, 1);
	else
		h->charge_ps += h->spec->cost.entry_ps;
	if (h->touches && f->flags & HOST_FRAME_POOLED && !th->fresh)
		replace_touch(alloc_pool_of(h->alloc, th->held), th->held, call->write);
	if (!th->fresh)
		f->flags |= HOST_FRAME_USED;
	if (call->write) {
		if (h->content)
			h->content[th->held] = ++h->content_clock;
		host_dirty(h, th->held, th);
	}
	if (h->content && call->content)
		call->content[th->page - call->offset / (uint64_t)h->spec->page_bytes] = h->content[th->held];
}

enum host_act host_file_call(struct host_thread *th, struct host_call *call)
{
	struct host *h = th->host;
	struct host_file *f = call->file;
	uint64_t page_bytes = (uint64_t)h->spec->page_bytes, size = f->pages * page_bytes;
	if (call->offset > size || call->bytes > size - call->offset) {
		sim_fail(h->sim, ERR_TRACE, "process %s %s %llu bytes at offset %llu of file %s, which has %llu", th->space->name,
			call->write ? "writes" : "reads", (unsigned long long)call->bytes, (unsigned long long)call->offset, f->name,
			(unsigned long long)size);
		return HOST_ACT_EXIT;
	}
	if (!th->counted) {
		th->counted = true;
		host_charge_call(h);
	}
	while (call->done < call->bytes) {
		uint64_t at = call->offset + call->done, within = at % page_bytes;
		uint64_t bytes = page_bytes - within < call->bytes - call->done ? page_bytes - within : call->bytes - call->done;
		th->file = f;
		th->page = at / page_bytes;
		th->write = call->write;
		th->whole = call->write && bytes == page_bytes;
		if (host_file_step(th) != HOST_STEP_DONE)
			return HOST_ACT_AGAIN;
		move(th, call, bytes);
		host_unhold(th);
		th->fresh = false;
		th->major = false;
		call->done += bytes;
		if (th->dirtied && host_throttle(th)) /* with each page, as in Linux (balance_dirty_pages_ratelimited) */
			return HOST_ACT_AGAIN;
	}
	th->file = NULL;
	th->counted = false;
	return HOST_ACT_DONE;
}
