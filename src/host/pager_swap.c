/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Memory that begins as zeros and goes to the swap area. */
#include "host/plain.h"

/* ---- in -------------------------------------------------------------------------------------------------------- */

static void arrived(void *owner, uint64_t arg, enum blk_status status)
{
	struct host *h = owner;
	struct host_swap *sw = &h->swap;
	uint32_t first = (uint32_t)arg, count = (uint32_t)(arg >> 32);
	h->n.io_errors += status != BLK_OK;
	if (h->plain && count == 1) {
		host_plain_filled(h, host_place_get(&sw->slot[first].place));
		return;
	}
	for (uint32_t slot = first; slot < first + count; slot++) {
		uint32_t frame = host_place_get(&sw->slot[slot].place);
		if (sw->content) {
			uint64_t found = 0;
			bool whole = host_io_page(h->io, sw->region, (uint64_t)slot * sw->page_sectors, sw->page_sectors, &found);
			if (status == BLK_OK && (!whole || found != sw->content[slot]))
				sim_bug(h->sim, "swap slot %" PRIu32 " reads as %#" PRIx64 ", not as %#" PRIx64, slot, found, sw->content[slot]);
			h->content[frame] = sw->content[slot];
		}
		host_filled(h, frame);
	}
}

/* A slot next to those that are read, with a page that nobody has: it comes too. */
static bool take_along(struct host *h, uint32_t slot)
{
	struct host_swap *sw = &h->swap;
	if (sw->slot[slot].refs == 0 || !bits_has(sw->written, slot) || host_place_get(&sw->slot[slot].place) != HOST_NO_FRAME)
		return false;
	uint32_t frame = host_frame_try(h);
	if (frame == HOST_NO_FRAME)
		return false;
	host_frame_name(h, frame, host_key(0, slot), HOST_PAGER_SWAP); /* whose page it is shows when it is mapped */
	h->frame[frame].state = HOST_FRAME_FILLING;
	h->frame[frame].slot = slot;
	host_place_set(&sw->slot[slot].place, frame);
	h->filling++;
	h->n.swap_ahead++;
	return true;
}

static bool fill(struct host *h, struct host_thread *th, uint64_t pte, uint32_t frame)
{
	struct host_swap *sw = &h->swap;
	if (host_pte_where(pte) != HOST_WHERE_SWAP)
		return host_pager_zero.fill(h, th, pte, frame);
	uint32_t slot = host_pte_number(pte), window = (uint32_t)sw->spec->readahead, first = slot, end = slot + 1;
	if (!bits_has(sw->written, slot))
		sim_bug(h->sim, "swap slot %" PRIu32 " is read, but was never written", slot);
	h->frame[frame].slot = slot;
	if (window > 1) {
		uint32_t low = slot & ~(window - 1), high = low + window < sw->slots ? low + window : sw->slots;
		while (end < high && take_along(h, end))
			end++;
		while (first > low && take_along(h, first - 1))
			first--;
	}
	host_swap_read(h, first, end - first, (struct host_io_then){arrived, h, (uint64_t)(end - first) << 32 | first});
	return false;
}

/* ---- out ------------------------------------------------------------------------------------------------------- */

static void left(void *owner, uint64_t arg, enum blk_status status)
{
	struct host *h = owner;
	struct host_swap *sw = &h->swap;
	uint32_t first = (uint32_t)arg, count = (uint32_t)(arg >> 32);
	h->n.io_errors += status != BLK_OK;
	h->writes_swap -= count;
	for (uint32_t slot = first; slot < first + count; slot++) {
		bits_add(sw->written, slot);
		host_written(h, host_place_get(&sw->slot[slot].place));
	}
	if (h->waiters)
		host_balance(h);
}

void host_swap_run_end(struct host *h)
{
	struct host_swap *sw = &h->swap;
	uint32_t first = h->run_first, count = h->run_pages;
	if (count == 0)
		return;
	h->run_pages = 0;
	h->n.swap_writes++;
	h->n.swap_outs += count;
	h->writes_swap += count;
	uint64_t offset = (uint64_t)first * sw->page_sectors;
	uint64_t tag = sw->content ? host_io_tag_pages(h->io, sw->region, offset, sw->page_sectors, count, &sw->content[first]) : 0;
	host_io_write(h->io, sw->region, offset, count * sw->page_sectors, 0, tag,
		(struct host_io_then){left, h, (uint64_t)count << 32 | first});
}

static bool may_evict(struct host *h, const struct host_frame *f) { return f->slot != HOST_NO_SLOT || h->swap.free > 0; }

uint32_t host_swap_slot(struct host *h, uint32_t frame)
{
	struct host_frame *f = &h->frame[frame];
	if (f->slot == HOST_NO_SLOT) {
		f->slot = host_swap_take(&h->swap);
		if (f->slot == HOST_NO_SLOT)
			sim_bug(h->sim, "no swap slot is free for frame %" PRIu32, frame);
		host_place_set(&h->swap.slot[f->slot].place, frame);
		h->n.slots_taken++;
	}
	return f->slot;
}

static uint64_t unmapped(struct host *h, uint32_t frame)
{
	struct host_frame *f = &h->frame[frame];
	if (f->slot == HOST_NO_SLOT && !(f->flags & HOST_FRAME_DIRTY))
		return 0; /* zeros */
	uint32_t slot = host_swap_slot(h, frame);
	if (++h->swap.slot[slot].refs == 0)
		sim_fail(h->sim, ERR_LIMIT, "more than 65535 entries of page tables name swap slot %" PRIu32, slot);
	return host_pte(HOST_WHERE_SWAP, slot, 0);
}

void host_swap_clean(struct host *h, uint32_t frame)
{
	struct host_frame *f = &h->frame[frame];
	uint32_t slot = host_swap_slot(h, frame);
	f->flags = (uint8_t)((f->flags & ~HOST_FRAME_DIRTY) | HOST_FRAME_WRITEBACK);
	if (h->content)
		h->swap.content[slot] = h->content[frame];
	if (h->run_pages > 0 && (slot != h->run_first + h->run_pages || h->run_pages >= (uint32_t)h->spec->reclaim.batch))
		host_swap_run_end(h);
	if (h->run_pages == 0)
		h->run_first = slot;
	h->run_pages++;
}

static void gone(struct host *h, uint32_t frame)
{
	uint32_t slot = h->frame[frame].slot;
	if (slot == HOST_NO_SLOT)
		return;
	host_place_set(&h->swap.slot[slot].place, HOST_NO_FRAME);
	if (h->swap.slot[slot].refs == 0)
		host_swap_free(h, slot);
}

static bool idle(struct host *h, uint32_t frame)
{
	uint32_t slot = h->frame[frame].slot;
	if (slot != HOST_NO_SLOT && h->swap.slot[slot].refs > 0)
		return false;
	gone(h, frame);
	return true;
}

const struct host_pager host_pager_swap = {HOST_PAGER_SWAP, NULL, NULL, fill, may_evict, unmapped, gone, idle, host_swap_clean};
