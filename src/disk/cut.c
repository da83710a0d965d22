/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Power: what is dirty, what a cut leaves on the medium, and coming back. */
#include "disk/disk_private.h"

/* ---- status ---------------------------------------------------------------------------------- */

/* Of the job's sectors, those of [lo, hi) that have landed. */
static uint64_t landed_in(const struct disk_progress *p, uint64_t job, uint64_t lo, uint64_t hi)
{
	uint64_t n = 0;
	const uint64_t part[2][2] = {{job, p->done_end}, {p->from, p->to}};
	for (int i = 0; i < 2; i++) {
		uint64_t from = part[i][0] > lo ? part[i][0] : lo, to = part[i][1] < hi ? part[i][1] : hi;
		n += from < to ? to - from : 0;
	}
	return n;
}

/* Sectors of the job that have not landed, and that somebody wants on the medium. */
static uint64_t still_waiting(const struct disk_write_job *w, const struct disk_progress *p)
{
	uint64_t end = w->lbn + w->sectors, n = w->sectors - landed_in(p, w->lbn, w->lbn, end);
	uint64_t lo = w->void_lo > w->lbn ? w->void_lo : w->lbn, hi = w->void_hi < end ? w->void_hi : end;
	return lo < hi ? n - (hi - lo - landed_in(p, w->lbn, lo, hi)) : n;
}

/*
 * What the write on its way adds to the dirty sectors of the write cache: its own that have not landed, if
 * they are acknowledged and not replaced there by newer data. One that is not acknowledged early takes away
 * what has landed of it over older dirty data.
 */
static int64_t dirty_under_way(const struct disk_unit *u, time_ps now)
{
	const struct disk_write_job *w = &u->write;
	const struct wcache *c = &u->disk->wcache;
	struct disk_progress p;
	if (!w->active)
		return 0;
	disk_write_progress(u, now, &p);
	int64_t landed = 0, waiting = 0;
	for (uint32_t i = wcache_find(c, w->lbn); i < c->count && c->extent[i].lo < w->lbn + w->sectors; i++)
		landed += (int64_t)landed_in(&p, w->lbn, c->extent[i].lo, c->extent[i].hi);
	if (!w->held)
		return -landed;
	if (!w->acked)
		return 0;
	waiting = (int64_t)still_waiting(w, &p);
	return waiting - ((int64_t)wcache_dirty(c, w->lbn, w->lbn + w->sectors) - landed);
}

void disk_status(const struct blk_dev *dev, struct blk_dev_status *out)
{
	const struct disk *d = (const struct disk *)(const void *)dev;
	int64_t dirty = (int64_t)d->wcache.sectors;
	*out = (struct blk_dev_status){
		.power = d->off ? BLK_POWER_OFF : BLK_POWER_ON,
		.busy = d->wcache.count > 0,
	};
	for (uint32_t i = 0; i < d->units; i++) {
		const struct disk_unit *u = &d->unit[i];
		out->in_service += u->serving;
		out->queued += cmdq_waiting(&u->queue) + (u->pending != NULL);
		out->busy |= u->serving > 0 || u->write.active || u->pending;
		dirty += dirty_under_way(u, dev->sim->now_ps);
	}
	out->queued += d->held.count;
	out->dirty_sectors = (uint64_t)dirty;
}

/* ---- the cut ----------------------------------------------------------------------------------- */

/* Of the sectors the job was to write, those that have not landed. */
static uint64_t unwritten(const struct disk_write_job *w, const struct disk_progress *p)
{
	uint64_t left = w->sectors - landed_in(p, w->lbn, w->lbn, w->lbn + w->sectors);
	uint32_t landed = p->landed;
	if (w->steps == 0)
		return left;
	left = 0;
	for (uint32_t i = 0; i < w->steps; i++) {
		uint32_t n = landed < w->step[i].sectors ? landed : w->step[i].sectors;
		left += w->step[i].kind == SMR_STEP_READ ? 0 : w->step[i].sectors - n;
		landed -= n;
	}
	return left;
}

/* What of the present write reached the medium when the power went. */
static void cut_write(struct disk_unit *u, time_ps now)
{
	struct disk_write_job *w = &u->write;
	struct disk_progress p;
	if (!w->active)
		return;
	disk_write_progress(u, now, &p);
	uint64_t left = unwritten(w, &p);
	disk_note_written(u, w->lbn, p.done_end, true);
	disk_note_written(u, p.from, p.to, true);
	if (p.open != UINT64_MAX)
		disk_note_written(u, p.open, p.open_end, false);
	disk_shingle_landed(u, w, p.landed);
	u->disk->dev.stats.media_write_sectors -= left;
	if (w->clean)
		u->disk->dev.stats.media_read_sectors -= w->medium_sectors - p.landed - left;
	wcache_free_pieces(&u->disk->wcache, w->pieces);
	w->pieces = NULL;
	w->active = false;
}

static void shorten(time_ps *part, time_ps *left)
{
	*part = time_min(*part, *left);
	*left -= *part;
}

/* The times of a lost command tell of what was done, in the order in which it was. */
static void cut_times(struct blk_req *r, time_ps now)
{
	time_ps left = now - r->start_ps, bus = left;
	if (r->media_ps > now)
		r->media_ps = -1; /* the head never got there */
	shorten(&r->bus_ps, &bus);
	shorten(&r->overhead_ps, &left);
	shorten(&r->seek_ps, &left);
	shorten(&r->rotation_ps, &left);
	shorten(&r->transfer_ps, &left);
}

/* The same for power: what was planned and is not done any more draws nothing. */
static void cut_command(struct disk_unit *u, struct blk_req *r, time_ps now)
{
	time_ps seek = r->seek_ps, transfer = r->transfer_ps;
	bool write = r->op != BLK_READ;
	cut_times(r, now);
	if (r->energy_pj == 0)
		return;
	disk_draw(u, write ? POWER_WRITE : POWER_READ, r->seek_ps - seek, r->transfer_ps - transfer, now);
	r->energy_pj = power_command_pj(&u->disk->power, r->seek_ps, r->rotation_ps, r->transfer_ps, write);
}

static void unit_power_cut(struct disk_unit *u)
{
	struct disk *d = u->disk;
	struct sim *s = d->dev.sim;
	cut_write(u, s->now_ps);
	sim_cancel(s, &u->media_event);
	sim_cancel(s, &u->timer_event);
	sim_cancel(s, &u->clean_event);
	for (int i = 0; i < DISK_SLOTS; i++) {
		struct disk_slot *slot = &u->slot[i];
		sim_cancel(s, &slot->done_event);
		sim_cancel(s, &slot->arm_event);
		if (slot->req) {
			cut_command(u, slot->req, s->now_ps);
			disk_lose(d, slot->req);
		}
		slot->req = NULL;
		slot->uses_arm = slot->left_arm = false;
	}
	if (u->pending)
		disk_lose(d, u->pending);
	u->pending = NULL;
	u->flush = NULL;
	u->serving = 0;
	u->draining = false;
	u->destaged_to = 0;
	u->mech.via_count = 0;
	u->disk->dev.stats.media_read_sectors -= u->read.sectors - disk_read_progress(u, s->now_ps);
	u->read.sectors = 0;
	disk_end_ahead(u, s->now_ps);
	struct blk_req *r;
	while ((r = cmdq_drop(&u->queue)))
		disk_lose(d, r);
}

/* What the controller remembered. */
static void forget(struct disk *d)
{
	bus_clear(&d->bus);
	buffer_clear(&d->buffer);
	wcache_clear(&d->wcache);
	d->stream = (struct disk_stream){.next_lbn = UINT64_MAX};
	if (d->smr)
		smr_power_cut(d->smr);
}

void disk_power_cut(struct blk_dev *dev)
{
	struct disk *d = (struct disk *)(void *)dev;
	struct sim *s = dev->sim;
	for (uint32_t i = 0; i < d->units; i++)
		unit_power_cut(&d->unit[i]);
	disk_lose_held(d);
	sim_cancel(s, &d->ready_event);
	forget(d);
	if (d->busy_end_ps > s->now_ps) {
		dev->stats.busy_ps -= d->busy_end_ps - s->now_ps;
		d->busy_end_ps = s->now_ps;
	}
	power_cut(&d->power, s->now_ps);
	d->off = true;
}

time_ps disk_power_restore(struct blk_dev *dev)
{
	struct disk *d = (struct disk *)(void *)dev;
	struct sim *s = dev->sim;
	d->off = false;
	d->last_was_write = false;
	d->write_end_lbn = UINT64_MAX;
	d->ready_ps = time_add(s->now_ps, power_restore(&d->power, s->now_ps));
	for (uint32_t i = 0; i < d->units; i++)
		d->unit[i].idle_since_ps = d->ready_ps;
	if ((d->ready_ps > s->now_ps || d->drive_managed) && !event_pending(&d->ready_event)) /* cleaning goes on */
		sim_schedule(s, &d->ready_event, d->ready_ps);
	return d->ready_ps - s->now_ps;
}
