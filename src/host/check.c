/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The machine's invariants, and its figures by name. */
#include "host/host_private.h"

#include <inttypes.h>
#include <stdio.h>

/* ---- invariants ------------------------------------------------------------------------------------------------ */

struct entries {
	uint64_t frames, slots, present;
};

static bool count_entry(void *ctx, uint64_t vpn, uint64_t *pte)
{
	struct entries *n = ctx;
	(void)vpn;
	n->present += (*pte & HOST_PTE_PRESENT) != 0;
	n->frames += *pte & HOST_PTE_PRESENT && host_pte_number(*pte) != HOST_NO_FRAME;
	n->slots += !(*pte & HOST_PTE_PRESENT) && host_pte_where(*pte) == HOST_WHERE_SWAP;
	return false;
}

static int check_entries(const struct host *h, struct err *e)
{
	struct entries all = {0};
	for (uint32_t i = 0; i < h->spaces; i++) {
		const struct host_space *sp = h->space[i];
		if (!sp->alive)
			continue;
		uint64_t before = all.present;
		host_pte_each(&sp->table, 0, sp->table.pages, count_entry, &all);
		if (all.present - before != sp->resident)
			return err_set(e, ERR_CHECK, "process %s has %" PRIu64 " entries present and counts %" PRIu64, sp->name, all.present - before,
				sp->resident);
	}
	uint64_t maps = 0, pins = 0, waits = 0, refs = 0;
	for (uint32_t i = 0; i < h->frames; i++) {
		maps += h->frame[i].maps;
		pins += h->frame[i].pins;
		waits += h->frame[i].waits;
	}
	for (uint32_t i = 0; i < h->swap.slots; i++)
		refs += h->swap.slot[i].refs;
	if (maps != all.frames || pins != h->pins || waits != h->waits)
		return err_set(e, ERR_CHECK, "frames have %" PRIu64 " mappings, %" PRIu64 " pins and %" PRIu64 " waiters; there are %" PRIu64 ", %"
			PRIu32 " and %" PRIu32, maps, pins, waits, all.frames, h->pins, h->waits);
	if (refs != all.slots + h->swap.held)
		return err_set(e, ERR_CHECK, "swap slots are named %" PRIu64 " times; entries and images do it %" PRIu64, refs,
			all.slots + h->swap.held);
	return 0;
}

/* With quotas: what counts for a process is what it holds, and what is on its way to it. */
static int check_coming(const struct host *h, struct err *e)
{
	uint64_t coming = 0, wait = 0;
	for (uint32_t p = 0; p < h->alloc->processes; p++)
		coming += h->alloc->process[p].coming;
	for (uint32_t i = 0; i < h->threads; i++)
		wait += h->thread[i]->state != HOST_THREAD_ENDED && h->thread[i]->stage == HOST_STAGE_FRAME;
	if (!h->alloc->charge || coming == h->filling + wait)
		return 0;
	return err_set(e, ERR_CHECK, "%" PRIu64 " frames are to come to processes; %" PRIu32 " are being filled, and %" PRIu64 " threads wait", coming,
		h->filling, wait);
}

static int check_frames(const struct host *h, struct err *e)
{
	uint32_t listed = 0, free = 0, filling = 0, pooled = 0, leaving = 0, cleaning = 0;
	for (uint32_t i = h->free_list; i != HOST_NO_FRAME && listed <= h->frames; i = h->frame[i].link)
		listed++;
	for (uint32_t i = 0; i < h->frames; i++) {
		const struct host_frame *f = &h->frame[i];
		free += f->state == HOST_FRAME_FREE;
		filling += f->state == HOST_FRAME_FILLING;
		pooled += (f->flags & HOST_FRAME_POOLED) != 0;
		leaving += (f->flags & HOST_FRAME_LEAVING) != 0;
		cleaning += (f->flags & HOST_FRAME_CLEANING) != 0;
		if (f->flags & (HOST_FRAME_LEAVING | HOST_FRAME_CLEANING) && !(f->flags & HOST_FRAME_WRITEBACK))
			return err_set(e, ERR_CHECK, "frame %" PRIu32 " of page %#" PRIx64 " waits for a write that is not under way", i, f->key);
		if (f->state == HOST_FRAME_LIVE && f->link != HOST_NO_THREAD && !(f->flags & HOST_FRAME_LEAVING))
			return err_set(e, ERR_CHECK, "thread %" PRIu32 " waits for frame %" PRIu32 ", which is there", f->link, i);
		if (f->state == HOST_FRAME_LIVE && !(f->flags & (HOST_FRAME_POOLED | HOST_FRAME_LEAVING)))
			return err_set(e, ERR_CHECK, "frame %" PRIu32 " holds page %#" PRIx64 " and the policy does not know it", i, f->key);
	}
	if (cleaning != h->cleaning)
		return err_set(e, ERR_CHECK, "%" PRIu32 " frames are written for the policy, counted %" PRIu32, cleaning, h->cleaning);
	if (listed != h->free || free != h->free || filling != h->filling || leaving != h->leaving || pooled != alloc_held(h->alloc))
		return err_set(e, ERR_CHECK, "frames are not conserved: %" PRIu32 " free, %" PRIu32 " in the list, counted %" PRIu32 "; %" PRIu32
			" being filled of %" PRIu32 "; %" PRIu32 " leaving of %" PRIu32 "; %" PRIu32 " with the policy of %" PRIu32, free, listed,
			h->free, filling, h->filling, leaving, h->leaving, pooled, (uint32_t)alloc_held(h->alloc));
	return 0;
}

static int check_threads(const struct host *h, struct err *e)
{
	uint64_t references = 0, faults = 0, under_way = 0, alive = 0;
	for (uint32_t i = 0; i < h->threads; i++) {
		const struct host_thread *th = h->thread[i];
		references += th->references;
		faults += th->faults;
		under_way += th->counted && !th->file;
		alive += th->state != HOST_THREAD_ENDED;
	}
	if (references != h->n.references || faults != h->n.faults || alive != h->alive)
		return err_set(e, ERR_CHECK, "threads made %" PRIu64 " references and %" PRIu64 " faults, %" PRIu64 " live; the machine counts %"
			PRIu64 ", %" PRIu64 ", %" PRIu32, references, faults, alive, h->n.references, h->n.faults, h->alive);
	if (h->n.faults != h->n.minor + h->n.major + under_way)
		return err_set(e, ERR_CHECK, "%" PRIu64 " faults are not %" PRIu64 " minor, %" PRIu64 " major and %" PRIu64 " under way", h->n.faults,
			h->n.minor, h->n.major, under_way);
	return 0;
}

int host_check(const struct host *h, bool cheap, struct err *e)
{
	if (h->n.references != h->n.tlb_hits + h->n.tlb_misses)
		return err_set(e, ERR_CHECK, "%" PRIu64 " references are not %" PRIu64 " TLB hits and %" PRIu64 " misses", h->n.references,
			h->n.tlb_hits, h->n.tlb_misses);
	if (check_threads(h, e) < 0 || host_io_check(h->io, e) < 0)
		return -1;
	if (cheap)
		return 0;
	if (check_frames(h, e) < 0 || check_coming(h, e) < 0 || check_entries(h, e) < 0 || host_swap_check(h, e) < 0)
		return -1;
	return alloc_check(h->alloc, e);
}

/* ---- figures --------------------------------------------------------------------------------------------------- */

#define COUNT(name) {#name, offsetof(struct host_counts, name)}
static const struct {
	const char *name;
	size_t offset;
} counts[] = {
	COUNT(references), COUNT(writes), COUNT(tlb_hits), COUNT(tlb_misses), COUNT(faults), COUNT(minor), COUNT(major), COUNT(followed),
	COUNT(zero_fills), COUNT(cow_copies), COUNT(cow_reuses), COUNT(write_notices), COUNT(track_faults), COUNT(traps), COUNT(around),
	COUNT(grown), COUNT(evictions), COUNT(clean_evictions), COUNT(rescued), COUNT(swap_outs), COUNT(swap_ins), COUNT(swap_ahead),
	COUNT(swap_writes), COUNT(swap_reads), COUNT(file_ins), COUNT(file_ahead), COUNT(file_outs), COUNT(file_reads), COUNT(file_writes),
	COUNT(slots_taken), COUNT(slots_freed), COUNT(slots_trimmed), COUNT(io_errors), COUNT(shootdowns), COUNT(invalidations), COUNT(switches), COUNT(syncs),
	COUNT(throttled), COUNT(frame_waits), COUNT(calls), COUNT(suspensions),
};

time_ps host_busy_time(const struct host *h)
{
	time_ps busy = 0;
	for (int64_t i = 0; i < h->spec->cpus; i++)
		busy += h->cpu[i].busy_ps;
	return busy;
}

time_ps host_busy_by_now(const struct host *h)
{
	time_ps busy = host_busy_time(h);
	for (int64_t i = 0; i < h->spec->cpus; i++)
		busy -= time_max(h->cpu[i].free_ps - h->sim->now_ps, 0);
	return busy;
}

time_ps host_worked_until(const struct host *h)
{
	time_ps until = 0;
	for (int64_t i = 0; i < h->spec->cpus; i++)
		until = time_max(until, h->cpu[i].free_ps);
	return until;
}

bool host_oom_text(const struct host *h, char *out, size_t bytes)
{
	const struct host_oom_result *o = &h->oom;
	char swap[96] = "there is no swap area";
	if (!o->happened)
		return false;
	if (h->swap.slots > 0)
		snprintf(swap, sizeof(swap), "%" PRIu32 " of the %" PRIu32 " slots of the swap area were in use", o->slots_used, h->swap.slots);
	snprintf(out, bytes, "at %.6f s process %" PRIu32 " (%s) wanted page %" PRIu64 "%s%s, and none of %" PRIu32 " frames could be had for it; %s",
		time_seconds(o->at_ps), o->process, o->name, o->page, o->area[0] ? " of " : "", o->area, h->frames, swap);
	return true;
}

void host_report(const struct host *h, void (*put)(void *ctx, const char *name, double value, const char *unit), void *ctx)
{
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		const void *at = (const char *)&h->n + counts[i].offset;
		put(ctx, counts[i].name, (double)*(const uint64_t *)at, "");
	}
	put(ctx, "faults_cut", (double)(h->n.faults - h->n.minor - h->n.major), "");
	put(ctx, "cpu_time", time_seconds(host_busy_time(h)), "s");
	put(ctx, "stall_time", time_seconds(h->n.stall_ps), "s");
	put(ctx, "throttled_time", time_seconds(h->n.throttled_ps), "s");
	put(ctx, "sync_mean", tally_mean(&h->sync) * 1e-12, "s");
	put(ctx, "sync_max", time_seconds(h->sync.count ? h->sync.max : 0), "s");
	put(ctx, "free_frames", h->free, "");
	put(ctx, "swap_slots_used", h->swap.slots - h->swap.free, "");
	put(ctx, "dirty_pages", (double)h->dirty_pages, "");
	put(ctx, "out_of_memory", (double)h->oom.times, "");
}
