/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Mechanism P: which pages of an area were written in an epoch; traps. */
#include "host/host_private.h"

#include <string.h>

static inline bool watches(const struct host_track *t, uint64_t vpn) { return vpn >= t->first && vpn - t->first < t->pages; }

struct host_track *host_track_new(struct host_space *sp, struct host_area *area, enum host_track_kind kind, struct err *e)
{
	struct arena *a = sp->host->sim->arena;
	if (area->track) {
		err_set(e, ERR_CONFIG, "area %s of process %s is watched already", area->name, sp->name);
		return NULL;
	}
	uint64_t first = area->grows ? area->floor : area->first, pages = area->first + host_area_room(area) - first;
	struct host_track *t = arena_alloc(a, sizeof(*t));
	uint64_t *written = arena_array(a, pages / 64 + 1, sizeof(uint64_t));
	uint64_t *trap = kind == HOST_TRACK_TRAP ? arena_array(a, pages / 64 + 1, sizeof(uint64_t)) : NULL;
	if (!t || !written || (kind == HOST_TRACK_TRAP && !trap)) {
		err_set(e, ERR_LIMIT, "no memory to watch area %s of process %s", area->name, sp->name);
		return NULL;
	}
	*t = (struct host_track){.space = sp, .area = area, .first = first, .pages = pages, .kind = kind, .written = written, .trap = trap};
	area->track = t;
	sp->host->tracks++;
	return t;
}

static bool note(struct host_track *t, uint64_t vpn)
{
	uint64_t i = vpn - t->first;
	if (!watches(t, vpn) || bits_has(t->written, i))
		return false;
	bits_add(t->written, i);
	t->count++;
	return true;
}

uint64_t host_track_flags(const struct host_track *t, uint64_t vpn, uint64_t *clear)
{
	if (!watches(t, vpn))
		return 0;
	if (t->kind == HOST_TRACK_TRAP)
		return bits_has(t->trap, vpn - t->first) ? HOST_PTE_TRAP : 0;
	if (t->kind != HOST_TRACK_FAULTS || !t->active || bits_has(t->written, vpn - t->first))
		return 0;
	*clear = HOST_PTE_WRITABLE;
	return HOST_PTE_TRACKED;
}

void host_track_fault(struct host_track *t, struct host_thread *th, uint64_t vpn, uint64_t *pte, bool write)
{
	struct host *h = t->space->host;
	if (*pte & HOST_PTE_TRAP) {
		if (!write && t->trap_kind == HOST_TRAP_WRITES)
			return;
		t->traps++;
		h->n.traps++;
		if (t->noted)
			t->noted(t->ctx, th, vpn, write);
		return;
	}
	*pte &= ~HOST_PTE_TRACKED;
	if (t->active && note(t, vpn)) {
		t->faults++;
		h->n.track_faults++;
		if (t->noted)
			t->noted(t->ctx, th, vpn, write);
	}
}

void host_track_dirty(struct host_track *t, uint64_t vpn)
{
	if (t->kind == HOST_TRACK_SCAN && t->active)
		note(t, vpn);
}

/* ---- sweeps ---------------------------------------------------------------------------------------------------- */

static bool protect_entry(void *ctx, uint64_t vpn, uint64_t *pte)
{
	(void)ctx;
	(void)vpn;
	if (*pte & HOST_PTE_PRESENT)
		*pte = (*pte & ~HOST_PTE_WRITABLE) | HOST_PTE_TRACKED;
	return false;
}

static bool clean_entry(void *ctx, uint64_t vpn, uint64_t *pte)
{
	(void)ctx;
	(void)vpn;
	if (*pte & HOST_PTE_PRESENT)
		*pte &= ~HOST_PTE_DIRTY; /* the frame's own bit goes on saying that it must be written */
	return false;
}

static bool collect_entry(void *ctx, uint64_t vpn, uint64_t *pte)
{
	struct host_track *t = ctx;
	if ((*pte & (HOST_PTE_PRESENT | HOST_PTE_DIRTY)) == (HOST_PTE_PRESENT | HOST_PTE_DIRTY))
		note(t, vpn);
	return false;
}

static bool gather_entry(void *ctx, uint64_t vpn, uint64_t *pte)
{
	return collect_entry(ctx, vpn, pte) || clean_entry(ctx, vpn, pte);
}

/* Nobody watches any more: what was made read-only for that is as it would be without. */
static bool open_entry(void *ctx, uint64_t vpn, uint64_t *pte)
{
	struct host_track *t = ctx;
	const struct host *h = t->space->host;
	(void)vpn;
	if (!(*pte & HOST_PTE_TRACKED))
		return false;
	*pte &= ~HOST_PTE_TRACKED;
	uint32_t frame = host_pte_number(*pte);
	if (!(*pte & HOST_PTE_PRESENT) || *pte & HOST_PTE_COW || !t->area->writable || frame == HOST_NO_FRAME)
		return false;
	if (h->frame[frame].pager != HOST_PAGER_FILE || !h->spec->file.notify || h->frame[frame].flags & HOST_FRAME_DIRTY)
		*pte |= HOST_PTE_WRITABLE;
	return false;
}

static bool trap_entry(void *ctx, uint64_t vpn, uint64_t *pte)
{
	struct host_track *t = ctx;
	if (*pte & HOST_PTE_PRESENT)
		*pte = (*pte & ~HOST_PTE_TRAP) | (bits_has(t->trap, vpn - t->first) ? HOST_PTE_TRAP : 0);
	return false;
}

static void sweep(struct host_track *t, bool (*fn)(void *ctx, uint64_t vpn, uint64_t *pte))
{
	struct host *h = t->space->host;
	if (!t->space->alive)
		return;
	h->charge_ps += (time_ps)host_pte_each(&t->space->table, t->first, t->pages, fn, t) * h->spec->cost.entry_ps;
}

/* SCAN: of all pages noted. */
static void tell(struct host_track *t)
{
	if (t->kind != HOST_TRACK_SCAN || !t->noted)
		return;
	for (uint64_t vpn = host_track_next(t, t->first); vpn != UINT64_MAX; vpn = host_track_next(t, vpn + 1))
		t->noted(t->ctx, NULL, vpn, true);
}

void host_track_begin(struct host_track *t)
{
	memset(t->written, 0, (t->pages / 64 + 1) * sizeof(uint64_t));
	t->count = 0;
	t->active = true;
	if (t->kind == HOST_TRACK_TRAP)
		return;
	sweep(t, t->kind == HOST_TRACK_FAULTS ? protect_entry : clean_entry);
	host_drop_space(t->space->host, t->space);
}

void host_track_end(struct host_track *t)
{
	if (!t->active)
		return;
	if (t->kind == HOST_TRACK_FAULTS)
		sweep(t, open_entry);
	if (t->kind == HOST_TRACK_SCAN)
		sweep(t, collect_entry);
	t->active = false;
	tell(t);
}

void host_track_collect(struct host_track *t)
{
	if (!t->active || t->kind != HOST_TRACK_SCAN)
		return;
	sweep(t, gather_entry);
	host_drop_space(t->space->host, t->space);
	tell(t);
}

void host_track_renew(struct host_track *t)
{
	struct host *h = t->space->host;
	if (t->kind == HOST_TRACK_FAULTS && t->space->alive) {
		for (uint64_t vpn = host_track_next(t, t->first); vpn != UINT64_MAX; vpn = host_track_next(t, vpn + 1)) {
			uint64_t *pte = host_pte_find(&t->space->table, vpn);
			if (pte)
				protect_entry(t, vpn, pte);
		}
		h->charge_ps += (time_ps)t->count * h->spec->cost.entry_ps;
		host_drop_space(h, t->space);
	}
	memset(t->written, 0, (t->pages / 64 + 1) * sizeof(uint64_t));
	t->count = 0;
}

void host_track_trap(struct host_track *t, uint64_t vpn, uint64_t pages, enum host_trap kind)
{
	for (uint64_t i = vpn - t->first; i < vpn - t->first + pages && i < t->pages; i++)
		(kind == HOST_TRAP_NONE ? bits_drop : bits_add)(t->trap, i);
	if (kind != HOST_TRAP_NONE)
		t->trap_kind = kind;
	sweep(t, trap_entry);
	host_drop_space(t->space->host, t->space);
}

uint64_t host_track_next(const struct host_track *t, uint64_t vpn)
{
	uint64_t i = bits_next(t->written, t->pages, vpn > t->first ? vpn - t->first : 0);
	return i < t->pages ? t->first + i : UINT64_MAX;
}

void host_track_close(struct host_track *t)
{
	if (t->trap)
		memset(t->trap, 0, (t->pages / 64 + 1) * sizeof(uint64_t));
	t->active = false;
	sweep(t, t->kind == HOST_TRACK_TRAP ? trap_entry : open_entry);
	if (t->space->alive)
		host_drop_space(t->space->host, t->space);
	t->area->track = NULL;
	t->space->host->tracks--;
}
