/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Mechanism C: copies of address spaces, and images of them. */
#include "host/host_private.h"

#include <inttypes.h>
#include <stdlib.h>

/* The present page is held by one more: nobody may write to it as it is. */
static void share(uint64_t *pte)
{
	*pte = (*pte & ~HOST_PTE_WRITABLE) | HOST_PTE_COW;
}

/* ---- copies of address spaces ---------------------------------------------------------------------------------- */

struct cloning {
	struct host_space *from, *to;
	bool failed;
};

static bool clone_entry(void *ctx, uint64_t vpn, uint64_t *pte)
{
	struct cloning *c = ctx;
	struct host *h = c->from->host;
	if (*pte == 0 || host_pte_where(*pte) == HOST_WHERE_BUSY)
		return false;
	uint64_t *copy = host_pte_make(&c->to->table, vpn);
	if (!copy)
		return c->failed = true;
	if (!(*pte & HOST_PTE_PRESENT)) {
		if (h->swap.slot[host_pte_number(*pte)].refs++ == UINT16_MAX)
			return c->failed = true;
		*copy = *pte;
		return false;
	}
	uint32_t frame = host_pte_number(*pte);
	const struct host_area *area = host_area_find(c->from, vpn);
	if (frame != HOST_NO_FRAME) {
		if (h->frame[frame].maps == UINT16_MAX)
			return c->failed = true;
		h->frame[frame].maps++;
		if (!area || area->pager != HOST_PAGER_FILE || !area->shared)
			share(pte);
	}
	*copy = *pte & ~(HOST_PTE_DIRTY | HOST_PTE_TRACKED | HOST_PTE_TRAP);
	if (area && area->pager == HOST_PAGER_FILE && area->shared && h->spec->file.notify && !(h->frame[frame].flags & HOST_FRAME_DIRTY))
		*copy &= ~HOST_PTE_WRITABLE;
	c->to->resident++;
	return false;
}

struct host_space *host_clone(struct host_space *sp, const char *name, struct err *e)
{
	struct host *h = sp->host;
	struct host_space *to = host_space_new(h, name, e);
	if (!to)
		return NULL;
	to->next_of_family = sp->next_of_family;
	sp->next_of_family = to;
	for (uint32_t i = 0; i < sp->areas; i++) {
		struct host_area x = *sp->area[i];
		x.track = NULL;
		if (!host_area_add(to, &x, e))
			return NULL;
	}
	struct cloning c = {sp, to, false};
	h->charge_ps += (time_ps)host_pte_each(&sp->table, 0, sp->table.pages, clone_entry, &c) * h->spec->cost.entry_ps;
	if (c.failed) {
		err_set(e, ERR_LIMIT, "process %s cannot be copied: no memory, or a page is shared by 65535 already", sp->name);
		return NULL;
	}
	host_drop_space(h, sp);
	return to;
}

/* ---- images ---------------------------------------------------------------------------------------------------- */

struct imaging {
	struct host_image *im;
	uint64_t room;
	bool count_only, protect;
};

static bool wanted(struct host_space *sp, uint64_t vpn, uint64_t pte)
{
	if (pte == 0 || host_pte_where(pte) == HOST_WHERE_BUSY)
		return false;
	const struct host_area *area = host_area_find(sp, vpn);
	return area && !(area->pager == HOST_PAGER_FILE && area->shared);
}

static bool image_entry(void *ctx, uint64_t vpn, uint64_t *pte)
{
	struct imaging *x = ctx;
	struct host_image *im = x->im;
	struct host *h = im->space->host;
	if (!wanted(im->space, vpn, *pte))
		return false;
	if (x->count_only) {
		x->room++;
		return false;
	}
	struct host_image_page *p = &im->page[im->pages++];
	*p = (struct host_image_page){vpn, HOST_NO_FRAME, HOST_NO_SLOT};
	if (!(*pte & HOST_PTE_PRESENT)) {
		p->slot = host_pte_number(*pte);
		h->swap.slot[p->slot].refs++;
		h->swap.held++;
	} else if (host_pte_number(*pte) != HOST_NO_FRAME) {
		p->frame = host_pte_number(*pte);
		h->frame[p->frame].pins++;
		h->pins++;
		if (x->protect)
			share(pte);
	}
	return false;
}

struct host_image *host_image_new(struct host_space *sp, bool protect, struct err *e)
{
	struct host *h = sp->host;
	struct host_image *im = calloc(1, sizeof(*im));
	struct imaging x = {.im = im, .count_only = true, .protect = protect};
	if (im) {
		im->space = sp;
		host_pte_each(&sp->table, 0, sp->table.pages, image_entry, &x);
		im->page = calloc(x.room ? x.room : 1, sizeof(*im->page));
	}
	if (!im || !im->page) {
		err_set(e, ERR_LIMIT, "no memory for an image of process %s of %" PRIu64 " pages", sp->name, x.room);
		free(im);
		return NULL;
	}
	x.count_only = false;
	h->charge_ps += (time_ps)host_pte_each(&sp->table, 0, sp->table.pages, image_entry, &x) * h->spec->cost.entry_ps;
	if (protect)
		host_drop_space(h, sp);
	return im;
}

void host_image_release(struct host_image *im, uint64_t i)
{
	struct host *h = im->space->host;
	struct host_image_page *p = &im->page[i];
	if (p->vpn == UINT64_MAX)
		return;
	uint32_t frame = p->frame, slot = p->slot;
	*p = (struct host_image_page){UINT64_MAX, HOST_NO_FRAME, HOST_NO_SLOT};
	if (frame != HOST_NO_FRAME) {
		h->frame[frame].pins--;
		h->pins--;
		host_frame_idle(h, frame);
	} else if (slot != HOST_NO_SLOT) {
		uint32_t holder = host_place_get(&h->swap.slot[slot].place);
		h->swap.held--;
		if (--h->swap.slot[slot].refs == 0) {
			if (holder == HOST_NO_FRAME)
				host_swap_free(h, slot);
			else if (!(holder & HOST_PLACE_BUSY))
				host_frame_idle(h, holder);
		}
	}
	if (h->waiters)
		host_balance(h);
}

void host_image_free(struct host_image *im)
{
	if (!im)
		return;
	for (uint64_t i = 0; i < im->pages; i++)
		host_image_release(im, i);
	free(im->page);
	free(im);
}

uint64_t host_image_content(const struct host_image *im, uint64_t i)
{
	const struct host *h = im->space->host;
	const struct host_image_page *p = &im->page[i];
	if (p->frame != HOST_NO_FRAME)
		return h->content[p->frame];
	return p->slot != HOST_NO_SLOT ? h->swap.content[p->slot] : 0;
}
