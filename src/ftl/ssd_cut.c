/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Power cuts of the solid-state drive. Programs that had begun are lost with their pages, those that had not give their places
 * back; what they would have replaced stands. With capacitors all that was acknowledged gets into flash. The map after it is the
 * one that a mount would find in the flash.
 */
#include "ftl/ftl_private.h"
#include "ftl/null.h"
#include "ftl/ssd_private.h"

static void torn(void *ctx, enum nand_work work, nand_ppa page, uint32_t share_done)
{
	struct ssd *d = ctx;
	(void)page;
	(void)share_done;
	d->counts.pages_lost += work == NAND_WORK_PROGRAM;
}

static void lost(void *ctx, struct tsu_tx *x)
{
	struct ssd *d = ctx;
	if (x->kind != TSU_READ)
		return; /* a group, which its lane knows, or a job's */
	struct ssd_read *q = container_of(x, struct ssd_read, tx);
	pool_put(&d->reads, q);
}

/* ---- groups ------------------------------------------------------------------------------------------------------ */

static void group_commit(struct ssd *d, const struct ssd_group *g)
{
	for (uint32_t i = 0; i < g->taken; i++) {
		const struct ssd_slot *s = &g->slot[i];
		struct ftl_move m = {s->logical, s->from, s->to};
		if (s->kind == SSD_SLOT_MOVE) {
			(void)ftl_move_commit(d->ftl, g->region, &m);
			continue;
		}
		ftl_write_commit(d->ftl, s->logical, s->to);
		s->entry->user = NULL;
		ftl_buffer_landed(d->buffer, s->entry);
	}
}

static void group_lose(struct ssd *d, const struct ssd_group *g)
{
	for (uint32_t i = 0; i < g->taken; i++) {
		const struct ssd_slot *s = &g->slot[i];
		enum ftl_stream stream = s->kind == SSD_SLOT_HOST ? FTL_HOST : (enum ftl_stream)d->ftl->job[g->region].stream;
		ftl_lost(d->ftl, g->region, stream, s->to);
	}
}

/* Units of the open block up to the end of the last group that had begun; UINT32_MAX where the block's groups all had. */
static uint32_t begun_end(const struct ssd *d, const struct ssd_lane *lane, uint32_t block)
{
	const struct ftl *f = d->ftl;
	uint32_t end = 0, first_not = UINT32_MAX;
	for (uint32_t p = 0; p < d->planes; p++)
		for (const struct ssd_group *g = lane[p].head; g; g = g->next) {
			if (nand_ppa_block(f->geom, g->tx.page) != nand_ppa_block(f->geom, ftl_block_of(f, block, p)))
				continue;
			uint32_t slot = nand_ppa_page(f->geom, g->tx.page) * d->planes + p;
			uint32_t after = (slot + (d->group_pages - 1) * d->planes + 1) * f->page_units;
			if (g->submitted && after > end)
				end = after;
			if (!g->submitted && slot * f->page_units < first_not)
				first_not = slot * f->page_units;
		}
	return first_not == UINT32_MAX ? UINT32_MAX : end > first_not ? end : first_not;
}

/* All groups of a frontier are over: committed, or lost. */
static void end_lanes(struct ssd *d, uint32_t region, uint32_t frontier, bool commit)
{
	struct ftl *f = d->ftl;
	struct ssd_lane *lane = &d->lane[(size_t)(region * FTL_STREAMS + frontier) * d->planes];
	const struct ftl_frontier *at = &f->frontier[region * FTL_STREAMS + frontier];
	uint32_t end = at->block == FTL_NO_BLOCK || commit ? UINT32_MAX : begun_end(d, lane, at->block);
	uint32_t whole = d->group_units * d->planes;
	for (uint32_t p = 0; p < d->planes; p++) {
		struct ssd_group *g, *next;
		for (g = lane[p].head; g; g = next) {
			next = g->next;
			if (commit)
				group_commit(d, g);
			else
				group_lose(d, g);
			pool_put(&d->groups, g);
		}
		lane[p] = (struct ssd_lane){NULL, NULL};
	}
	if (end == UINT32_MAX)
		return;
	if (d->group_pages > 1 && whole > 0)
		end = (end + whole - 1) / whole * whole;
	for (int s = 0; s < FTL_STREAMS; s++)
		if (f->stream_frontier[s] == frontier && at->next > end)
			ftl_give_back(f, region, (enum ftl_stream)s, at->next - end);
}

/* ---- cleaning ------------------------------------------------------------------------------------------------------ */

static void end_job(struct ssd *d, uint32_t region, bool commit)
{
	struct ssd_job *j = &d->job[region];
	struct ftl_move m;
	j->wanted = j->blocked = false;
	if (!ftl_clean_active(d->ftl, region))
		return;
	if (commit)
		while (ftl_clean_next(d->ftl, region, &m))
			(void)ftl_move_commit(d->ftl, region, &m);
	if (commit || j->erasing > 0) { /* an erase cut off is done again */
		ftl_erased(d->ftl, region);
		d->jobs--;
	} else {
		ftl_clean_again(d->ftl, region);
	}
	j->erasing = 0;
}

/* With capacitors: what the buffer holds goes to flash. */
static void save_buffer(struct ssd *d)
{
	struct ftl_buffer_entry *e = NULL;
	while ((e = ftl_buffer_unsafe(d->buffer, e))) {
		if (e->trim)
			ftl_trim(d->ftl, e->unit);
		else
			null_write(d->ftl, e->unit);
	}
}

static void flash_power_cut(struct ssd *d)
{
	struct ftl *f = d->ftl;
	bool commit = d->spec->buffer.protected;
	tsu_power_cut(d->tsu, torn, lost, d);
	for (uint32_t r = 0; r < f->alloc.regions; r++)
		for (uint32_t k = 0; k < FTL_STREAMS; k++)
			end_lanes(d, r, k, commit);
	for (uint32_t r = 0; r < f->alloc.regions; r++)
		end_job(d, r, commit);
	if (commit)
		save_buffer(d);
	uint32_t whole = d->group_pages > 1 ? d->group_units * d->planes : d->group_units;
	for (uint32_t r = 0; r < f->alloc.regions; r++)
		for (int s = 0; s < FTL_STREAMS; s++)
			(void)ftl_pad_to(f, r, (enum ftl_stream)s, whole);
	null_settle(f, d->nand);
	d->open = NULL;
	d->host_programs = 0;
}

/* ---- commands ------------------------------------------------------------------------------------------------------ */

static void lose(struct ssd *d, struct blk_req *r)
{
	if (r->start_ps > ssd_now(d))
		r->start_ps = -1;
	blk_complete_at(&d->dev, r, BLK_POWER_LOST, ssd_now(d));
}

void ssd_power_cut(struct blk_dev *dev)
{
	struct ssd *d = ssd_of(dev);
	struct blk_req *r;
	if (d->off)
		return;
	front_power_cut(d->front);
	while ((r = d->active.head)) {
		struct ssd_command *c = r->device_private;
		blk_list_remove(&d->active, r);
		sim_cancel(dev->sim, &r->event);
		pool_put(&d->commands, c);
		lose(d, r);
	}
	while ((r = d->held.head)) {
		blk_list_remove(&d->held, r);
		lose(d, r);
	}
	d->writers = d->flushes = (struct ssd_commands){NULL, NULL};
	struct ftl_buffer_entry *e = NULL;
	while ((e = ftl_buffer_unsafe(d->buffer, e)))
		for (struct ssd_wait *w = e->user; w; w = e->user) {
			e->user = w->next;
			pool_put(&d->waits, w);
		}
	flash_power_cut(d);
	ftl_buffer_clear(d->buffer);
	d->urgent = 0;
	d->counts.power_cuts++;
	sim_cancel(dev->sim, &d->work);
	sim_cancel(dev->sim, &d->idle);
	sim_cancel(dev->sim, &d->ready);
	ssd_note_busy(d);
	d->off = true;
}

time_ps ssd_power_restore(struct blk_dev *dev)
{
	struct ssd *d = ssd_of(dev);
	d->off = false;
	d->ready_ps = time_add(ssd_now(d), d->spec->power_up_ps);
	if (!event_pending(&d->ready))
		sim_schedule(dev->sim, &d->ready, d->ready_ps);
	return d->ready_ps - ssd_now(d);
}
