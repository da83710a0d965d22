/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Power cuts of the solid-state drive. What of the flash was being programmed or erased is lost, and a mount finds the map again
 * (ssd_mount.c). With capacitors all that was acknowledged gets into flash first. Without a mount, cleaning and programs under way
 * end as if the power had lasted, and the map is the one in memory.
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
		s->entry->user = NULL; /* its commands are lost */
		ssd_landed(d, s->entry);
	}
}

/* All groups of a frontier are over: committed, or lost. */
static void end_lanes(struct ssd *d, uint32_t region, uint32_t frontier, bool commit)
{
	struct ssd_lane *lane = &d->lane[(size_t)(region * FTL_STREAMS + frontier) * d->planes];
	for (uint32_t p = 0; p < d->planes; p++) {
		struct ssd_group *g, *next;
		for (g = lane[p].head; g; g = next) {
			next = g->next;
			if (commit)
				group_commit(d, g);
			d->padded[g->block] -= g->padded > 0;
			pool_put(&d->groups, g);
		}
		lane[p] = (struct ssd_lane){NULL, NULL};
	}
}

/* ---- cleaning ------------------------------------------------------------------------------------------------------ */

static void end_job(struct ssd *d, uint32_t region, bool commit)
{
	struct ssd_job *j = &d->job[region];
	struct ftl_move m;
	if (commit && ftl_clean_active(d->ftl, region)) {
		while (ftl_clean_next(d->ftl, region, &m))
			(void)ftl_move_commit(d->ftl, region, &m);
		ftl_erased(d->ftl, region);
	} else if (j->erasing > 0) {
		mount_tear_erase(d->mount, d->ftl->job[region].victim);
	}
	ssd_unblock(d, region, true);
	*j = (struct ssd_job){.erase = j->erase};
}

/* With capacitors: what the buffer holds goes to flash. */
static void save_buffer(struct ssd *d)
{
	struct ftl_buffer_entry *e = NULL;
	while ((e = ftl_buffer_unsafe(d->buffer, e))) {
		if (!e->trim) {
			null_write(d->ftl, e->unit);
			continue;
		}
		ssd_mount_make_room(d);
		ftl_trim(d->ftl, e->unit);
	}
}

static void flash_power_cut(struct ssd *d)
{
	struct ftl *f = d->ftl;
	bool commit = d->spec->buffer.protected || !d->mount;
	tsu_power_cut(d->tsu, torn, lost, d);
	for (uint32_t r = 0; r < f->alloc.regions; r++)
		for (uint32_t k = 0; k < FTL_STREAMS; k++)
			end_lanes(d, r, k, commit);
	for (uint32_t r = 0; r < f->alloc.regions; r++)
		end_job(d, r, commit);
	if (d->spec->buffer.protected)
		save_buffer(d);
	ssd_mount_forget(d);
	ssd_mount_first(d);
	if (d->mount) {
		ssd_mount_recover(d);
	} else {
		for (uint32_t r = 0; r < f->alloc.regions; r++)
			for (int s = 0; s < FTL_STREAMS; s++)
				(void)ftl_pad_to(f, r, (enum ftl_stream)s, d->whole);
	}
	null_settle(f, d->nand);
	d->open = NULL;
	d->host_programs = d->jobs = 0;
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
	sim_cancel(dev->sim, &d->resume);
	d->reading = d->paused = 0;
	for (uint32_t i = 0; i < d->ftl->alloc.regions; i++)
		d->job[i].paused = false;
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
	d->ready_ps = time_add(time_add(ssd_now(d), d->spec->power_up_ps), d->counts.mount_ps);
	if (!event_pending(&d->ready))
		sim_schedule(dev->sim, &d->ready, d->ready_ps);
	return d->ready_ps - ssd_now(d);
}
