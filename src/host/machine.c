/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The machine as a whole: opening, starting, ending, and what others may ask of it. */
#include "host/plain.h"
#include "host/shown.h"

#include <unistd.h>

#define OWNERS 65536u

#define POLICY_BYTES 8 /* of a frame, at least */

/* Memory is given out as it is touched, so that asking for it does not tell. 0, or -1 where there is not so much in all. */
static int check_memory(const struct host *h, struct err *e)
{
	uint64_t need = (uint64_t)h->frames * (sizeof(*h->frame) + POLICY_BYTES + (h->io->content ? sizeof(*h->content) : 0));
	long pages = sysconf(_SC_PHYS_PAGES), bytes = sysconf(_SC_PAGESIZE);
	if (pages <= 0 || bytes <= 0 || need <= (uint64_t)pages * (uint64_t)bytes)
		return 0;
	return err_set(e, ERR_LIMIT, "host.frames: the model of %" PRIu32 " frames takes %" PRIu64 " MiB, and this machine has %" PRIu64 " MiB",
		h->frames, need >> 20, (uint64_t)pages * (uint64_t)bytes >> 20);
}

static int open_memory(struct host *h, struct err *e)
{
	struct arena *a = h->sim->arena;
	if (check_memory(h, e) < 0)
		return -1;
	h->frame = arena_array(a, h->frames, sizeof(*h->frame));
	h->owner = arena_array(a, OWNERS, sizeof(*h->owner));
	h->content = h->io->content ? arena_array(a, h->frames, sizeof(*h->content)) : NULL;
	if (!h->frame || !h->owner || (h->io->content && !h->content))
		return err_set(e, ERR_LIMIT, "host.frames: no memory for %" PRIu32 " frames of %zu bytes each", h->frames, sizeof(*h->frame));
	h->owners = OWNERS;
	h->free_list = HOST_NO_FRAME;
	for (uint32_t i = h->frames; i-- > 0;) {
		h->frame[i].link = h->free_list;
		h->frame[i].slot = HOST_NO_SLOT;
		h->free_list = i;
	}
	h->free = h->frames;
	host_nodes_init(&h->nodes, a, (uint64_t)h->spec->page_bytes);
	return 0;
}

struct host *host_open(struct sim *s, const struct host_spec *spec, const struct host_place_spec *place, struct err *e)
{
	struct host *h = arena_alloc(s->arena, sizeof(*h));
	if (!h) {
		err_set(e, ERR_LIMIT, "no memory for a host");
		return NULL;
	}
	h->sim = s;
	h->spec = spec;
	h->io = place->io;
	h->frames = (uint32_t)spec->frames;
	h->ready_head = h->ready_tail = h->waiter_head = h->waiter_tail = h->throttle_head = HOST_NO_THREAD;
	while (UINT64_C(1) << h->page_shift < (uint64_t)spec->page_bytes)
		h->page_shift++;
	h->page_sectors = (uint32_t)(spec->page_bytes / SECTOR_BYTES);
	h->zero_ps = time_transfer((uint64_t)spec->page_bytes, (uint64_t)spec->cost.zero_rate, 1);
	h->copy_ps = time_transfer((uint64_t)spec->page_bytes, (uint64_t)spec->cost.copy_rate, 1);
	if (open_memory(h, e) < 0 || host_replace_open(h, place, e) < 0 ||
		host_swap_open(&h->swap, s->arena, place->swap, spec, h->io->content != NULL, e) < 0)
		return NULL;
	h->log = place->log_events ? host_evlog_new(s->arena) : NULL;
	if (host_cpus_open(h) < 0 || (place->log_events && !h->log)) {
		err_set(e, ERR_LIMIT, "no memory for the host's %" PRId64 " processors", spec->cpus);
		return NULL;
	}
	h->plain = host_plain_may(h);
	host_reclaim_open(h);
	host_writeback_open(h);
	return h;
}

void host_start(struct host *h)
{
	h->started = true;
	if (h->sim->timeline && host_shown_open(h) < 0)
		sim_fail(h->sim, ERR_LIMIT, "no memory to show the host on the timeline");
	h->plain = h->plain && !h->shown; /* arrows go from faults to requests */
	host_ticks_start(h);
	for (uint32_t i = 0; i < h->threads; i++)
		if (h->thread[i]->state == HOST_THREAD_NEW)
			host_make_ready(h->thread[i]);
}

void host_stop(struct host *h) { h->stopping = true; }
bool host_over(const struct host *h) { return h->alive == 0; }

void host_drop(struct host *h)
{
	for (uint32_t i = 0; i < (uint32_t)h->spec->cpus; i++)
		sim_cancel(h->sim, &h->cpu[i].event);
	for (uint32_t i = 0; i < h->threads; i++) {
		sim_cancel(h->sim, &h->thread[i]->timer);
		host_does(h->thread[i], NULL, h->sim->now_ps);
		h->thread[i]->state = HOST_THREAD_ENDED;
	}
	sim_cancel(h->sim, &h->flusher);
	sim_cancel(h->sim, &h->reclaimer);
	sim_cancel(h->sim, &h->ticker);
	h->alive = 0;
}

uint64_t host_page_entry(const struct host_space *sp, uint64_t vpn)
{
	const uint64_t *pte = sp->alive && vpn < sp->table.pages ? host_pte_find(&sp->table, vpn) : NULL;
	return pte ? *pte : 0;
}

uint64_t host_page_content(struct host_space *sp, uint64_t vpn)
{
	const struct host *h = sp->host;
	uint64_t pte = host_page_entry(sp, vpn);
	if (pte & HOST_PTE_PRESENT)
		return host_pte_number(pte) == HOST_NO_FRAME ? 0 : h->content[host_pte_number(pte)];
	if (host_pte_where(pte) == HOST_WHERE_SWAP)
		return h->swap.content[host_pte_number(pte)];
	const struct host_area *area = host_area_find(sp, vpn);
	if (area && area->pager == HOST_PAGER_FILE)
		return host_file_content(area->file, area->file_page + (vpn - area->first));
	return 0;
}

uint64_t host_memory_bytes(const struct host *h)
{
	const struct replace_pages *p = h->alloc->process[0].pool->pages;
	uint64_t frames = h->frames, bytes = frames * sizeof(*h->frame);
	bytes += (p->link ? frames * sizeof(*p->link) : 0) + (p->key ? frames * sizeof(*p->key) : 0);
	for (uint32_t k = 0; k < h->alloc->processes; k++)
		bytes += h->alloc->process[k].pool->bytes;
	bytes += (p->word ? frames * sizeof(*p->word) : 0) + (p->stamp ? frames * sizeof(*p->stamp) : 0);
	bytes += h->nodes.in_use * (sizeof(uint64_t) << h->nodes.bits);
	for (uint32_t i = 0; i < h->spaces; i++)
		bytes += (h->space[i]->table.leaf_mask + 1) * sizeof(struct host_leaf);
	bytes += (uint64_t)h->swap.slots * sizeof(struct host_slot) + h->swap.slots / 4;
	for (const struct host_file *f = h->files; f; f = f->next)
		bytes += f->pages * sizeof(host_place) + f->pages / 8;
	return bytes;
}
