/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Address spaces, their areas, and their end. */
#include "host/host_private.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct host_space *host_space_new(struct host *h, const char *name, struct err *e)
{
	struct arena *a = h->sim->arena;
	struct host_space *sp = arena_alloc(a, sizeof(*sp));
	if (sp && h->spaces == h->space_room) {
		uint32_t room = h->space_room ? 2 * h->space_room : 16;
		struct host_space **grown = arena_array(a, room, sizeof(struct host_space *));
		for (uint32_t i = 0; grown && i < h->spaces; i++)
			grown[i] = h->space[i];
		h->space = grown;
		h->space_room = room;
	}
	if (!sp || !h->space || host_ptable_open(&sp->table, &h->nodes, (uint32_t)h->spec->levels) < 0) {
		err_set(e, ERR_LIMIT, "no memory for process %s", name);
		return NULL;
	}
	sp->host = h;
	sp->name = name;
	struct err why = {0};
	if (alloc_announce(h->alloc, h->spaces, &why) < 0) {
		err_set(e, why.code, why.code == ERR_CONFIG ? "host.allocation.processes: process %s is %s" : "process %s: %s", name, why.msg);
		return NULL;
	}
	sp->id = h->spaces;
	sp->next_of_family = sp;
	sp->parked = HOST_NO_THREAD;
	sp->alive = true;
	h->space[h->spaces++] = sp;
	sp->owner = host_owner_new(h, sp, HOST_OWNER_SPACE);
	if (h->sim->err.code != ERR_NONE) {
		err_set(e, ERR_LIMIT, "no number is left for process %s", name);
		return NULL;
	}
	return sp;
}

static bool grow_list(struct host_space *sp)
{
	uint32_t room = sp->area_room ? 2 * sp->area_room : 8;
	struct host_area **grown = arena_array(sp->host->sim->arena, room, sizeof(struct host_area *));
	for (uint32_t i = 0; grown && i < sp->areas; i++)
		grown[i] = sp->area[i];
	sp->area = grown ? grown : sp->area;
	sp->area_room = grown ? room : sp->area_room;
	return grown != NULL;
}

static bool usual_places_do(const struct host_span *span, uint32_t count, uint64_t pages)
{
	uint64_t end = 0;
	for (uint32_t i = 0; i < count; i++) {
		if (span[i].pages == 0)
			continue;
		if (span[i].usual < end || span[i].usual > pages || span[i].pages > pages - span[i].usual)
			return false;
		end = span[i].usual + span[i].pages;
	}
	return true;
}

int host_spans_place(const struct host *h, struct host_span *span, uint32_t count, struct err *e)
{
	uint64_t pages = host_ptable_pages(&h->nodes, (uint32_t)h->spec->levels), want = 0;
	bool usual = usual_places_do(span, count, pages);
	char what[200] = "";
	for (uint32_t i = 0; i < count; i++) {
		size_t used = strlen(what);
		span[i].first = usual ? span[i].usual : want;
		want += span[i].pages;
		if (span[i].pages > 0)
			snprintf(what + used, sizeof(what) - used, "%s%" PRIu64 " of %s", used ? ", " : "", span[i].pages, span[i].name);
	}
	if (usual || want <= pages)
		return 0;
	return err_set(e, ERR_CONFIG, "host.levels: with %" PRId64 " and pages of %" PRId64 " bytes (host.page) an address space has %" PRIu64
		" pages; wanted are %" PRIu64 ": %s", h->spec->levels, h->spec->page_bytes, pages, want, what);
}

static int check_area(const struct host_space *sp, const struct host_area *x, struct err *e)
{
	const uint64_t room = host_area_room(x);
	if (x->pages == 0 || x->first >= sp->table.pages || room > sp->table.pages - x->first)
		return err_set(e, ERR_CONFIG, "host.levels: with %" PRId64 " and pages of %" PRId64 " bytes (host.page) an address space has %" PRIu64
			" pages; area %s of process %s is pages %" PRIu64 " to %" PRIu64, sp->host->spec->levels, sp->host->spec->page_bytes,
			sp->table.pages, x->name, sp->name, x->first, x->first + room - 1);
	if (x->pager == HOST_PAGER_FILE && (!x->file || x->file_page >= x->file->pages || x->pages > x->file->pages - x->file_page))
		return err_set(e, ERR_CONFIG, "area %s of process %s maps pages %" PRIu64 " to %" PRIu64 " of file %s, which has %" PRIu64,
			x->name, sp->name, x->file_page, x->file_page + x->pages - 1, x->file ? x->file->name : "(none)",
			x->file ? x->file->pages : 0);
	for (uint32_t i = 0; i < sp->areas; i++) {
		const struct host_area *y = sp->area[i];
		if (x->first < y->first + host_area_room(y) && y->floor < x->first + room)
			return err_set(e, ERR_CONFIG, "area %s of process %s, pages %" PRIu64 " to %" PRIu64 ", overlaps area %s, pages %" PRIu64
				" to %" PRIu64, x->name, sp->name, x->first, x->first + room - 1, y->name, y->floor,
				y->first + host_area_room(y) - 1);
	}
	return 0;
}

struct host_area *host_area_add(struct host_space *sp, const struct host_area *area, struct err *e)
{
	struct host *h = sp->host;
	struct host_area x = *area;
	if (x.floor > x.first || x.floor == 0)
		x.floor = area->grows ? area->floor : x.first;
	if (check_area(sp, &x, e) < 0)
		return NULL;
	struct host_area *made = arena_alloc(h->sim->arena, sizeof(*made));
	struct host_mapping *m = x.file ? arena_alloc(h->sim->arena, sizeof(*m)) : NULL;
	if (!made || (x.file && !m) || (sp->areas == sp->area_room && !grow_list(sp))) {
		err_set(e, ERR_LIMIT, "no memory for area %s of process %s", x.name, sp->name);
		return NULL;
	}
	*made = x;
	if (m) {
		*m = (struct host_mapping){sp, made, x.file->mappings};
		x.file->mappings = m;
	}
	uint32_t at = sp->areas++;
	for (; at > 0 && sp->area[at - 1]->first > x.first; at--)
		sp->area[at] = sp->area[at - 1];
	sp->area[at] = made;
	return made;
}

struct host_area *host_area_search(struct host_space *sp, uint64_t vpn)
{
	uint32_t low = 0, high = sp->areas;
	while (low < high) { /* the first area that ends behind the page */
		uint32_t mid = (low + high) / 2;
		if (sp->area[mid]->first + sp->area[mid]->pages <= vpn)
			low = mid + 1;
		else
			high = mid;
	}
	if (low == sp->areas)
		return NULL;
	struct host_area *x = sp->area[low];
	if (vpn >= x->first)
		return sp->area_last = x;
	if (vpn < x->floor || x->pager == HOST_PAGER_FILE)
		return NULL;
	x->pages += x->first - vpn;
	x->first = vpn;
	sp->host->n.grown++;
	host_resized(sp);
	return x;
}

void host_area_extend(struct host_space *sp, struct host_area *area, uint64_t pages)
{
	if (pages < area->pages || pages > host_area_room(area))
		sim_bug(sp->host->sim, "an area is to have more pages than it has room, or fewer than it has");
	area->pages = pages;
	if (sp->threads > 0)
		host_resized(sp);
}

/* ---- the end of a process -------------------------------------------------------------------------------------- */

static bool forget_entry(void *ctx, uint64_t vpn, uint64_t *pte)
{
	struct host_space *sp = ctx;
	struct host *h = sp->host;
	(void)vpn;
	uint64_t v = *pte;
	*pte = 0;
	if (v & HOST_PTE_PRESENT) {
		sp->resident--;
		if (host_pte_number(v) != HOST_NO_FRAME) {
			h->frame[host_pte_number(v)].maps--;
			host_frame_idle(h, host_pte_number(v));
		}
	} else if (host_pte_where(v) == HOST_WHERE_SWAP) {
		uint32_t slot = host_pte_number(v), frame = host_place_get(&h->swap.slot[slot].place);
		if (--h->swap.slot[slot].refs > 0)
			return false;
		if (frame == HOST_NO_FRAME)
			host_swap_free(h, slot);
		else if (!(frame & HOST_PLACE_BUSY))
			host_frame_idle(h, frame);
	}
	return false;
}

void host_space_exit(struct host_space *sp)
{
	struct host *h = sp->host;
	if (!sp->alive)
		return;
	for (uint32_t i = 0; i < h->threads; i++) {
		struct host_thread *th = h->thread[i];
		if (th->space == sp)
			host_thread_end(th);
	}
	for (uint32_t i = 0; i < sp->areas; i++)
		if (sp->area[i]->track)
			host_track_close(sp->area[i]->track);
	h->charge_ps += (time_ps)host_pte_each(&sp->table, 0, sp->table.pages, forget_entry, sp) * h->spec->cost.entry_ps;
	host_drop_space(h, sp);
	sp->alive = false; /* from here on nobody looks for its entries */
	host_ptable_close(&sp->table);
	if (h->waiters)
		host_balance(h);
}
