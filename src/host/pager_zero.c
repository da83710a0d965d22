/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of pagers, and memory that begins as zeros and never leaves once written. */
#include "host/host_private.h"

#define PAGER(symbol, id) [HOST_PAGER_##id] = &host_pager_##symbol,
const struct host_pager *const host_pagers[] = {
#include "host/pager_list.h"
	NULL};
#undef PAGER

static bool fill(struct host *h, struct host_thread *th, uint64_t pte, uint32_t frame)
{
	(void)th;
	(void)pte;
	h->charge_ps += h->zero_ps;
	h->n.zero_fills++;
	if (h->content)
		h->content[frame] = 0;
	return true;
}

static bool may_evict(struct host *h, const struct host_frame *f)
{
	(void)h;
	(void)f;
	return false; /* dirty ones; the others are zeros */
}

static uint64_t unmapped(struct host *h, uint32_t frame)
{
	(void)h;
	(void)frame;
	return 0;
}

static void gone(struct host *h, uint32_t frame)
{
	(void)h;
	(void)frame;
}

static bool idle(struct host *h, uint32_t frame)
{
	(void)h;
	(void)frame;
	return true;
}

static void clean(struct host *h, uint32_t frame)
{
	sim_bug(h->sim, "frame %u is to be written, and has nowhere to go", (unsigned)frame);
}

const struct host_pager host_pager_zero = {HOST_PAGER_ZERO, NULL, NULL, fill, may_evict, unmapped, gone, idle, clean};
