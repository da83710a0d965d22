/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The course of a write command: to the medium; to the write cache; or, when the arm is free and
 * destaging begins at once, to both, so that the arm moves while the data come in.
 */
#include "disk/disk_private.h"

bool disk_reports_early(const struct disk_unit *u, const struct blk_req *r)
{
	const struct disk *d = u->disk;
	return disk_writes_back(u) && !(r->flags & BLK_FUA) && wcache_fits(&d->wcache, r->sectors) &&
	       (d->spec->write_cache.report == WRITE_REPORT_ALL || r->lba == d->write_end_lbn);
}

uint64_t disk_dirty_reach(const struct disk_unit *u, uint64_t lbn, uint64_t end)
{
	const struct wcache *c = &u->disk->wcache;
	const struct disk_write_job *w = &u->write;
	uint64_t at = lbn, before;
	if (c->count + c->held_extents == 0)
		return lbn;
	do {
		before = at;
		at = wcache_reach(c, at, end);
		if (w->active && w->acked && at >= w->lbn && at < w->lbn + w->sectors)
			at = w->lbn + w->sectors;
	} while (at > before && at < end);
	return at < end ? at : end;
}

/* Whether a write acknowledged early goes to the medium itself, straight away. */
static bool goes_straight(const struct disk_unit *u, const struct blk_req *r, time_ps now)
{
	const struct disk *d = u->disk;
	const struct disk_write_cache_spec *o = &d->spec->write_cache;
	return o->idle_ps == 0 && d->wcache.count == 0 && !disk_medium_held(u, now) && power_ready(&d->power, now) &&
	       !(o->reads_first && cmdq_waiting(&u->queue) > 0) && !disk_must_clean(u, r->lba, r->sectors);
}

/* Background reading goes on while the write's data take a segment: not in that one, and not with sectors
 * that are overwritten. */
static void spare_ahead(struct disk_unit *u, const struct blk_req *r, time_ps now)
{
	if (!u->ahead.active)
		return;
	if (u->disk->buffer.count < 2 || ahead_concerns(&u->ahead, r->lba, r->sectors))
		disk_end_ahead(u, now);
	else
		buffer_touch(&u->disk->buffer, u->ahead.segment);
}

/* What was written stays in a segment where reads may hit it. */
static void keep_write(struct disk_unit *u, const struct blk_req *r)
{
	if (u->disk->drive_managed)
		return; /* where it will lie is not known yet */
	if (u->disk->spec->cache.hit_on_written) {
		struct buffer_segment *s;
		struct buffer_segment *before = NULL;
		if (r->lba > 0 && buffer_prefix(&u->disk->buffer, r->lba - 1, 1, &s) == 1 && s->hi == r->lba)
			before = s;
		buffer_cut(&u->disk->buffer, r->lba, r->sectors);
		s = before ? before : buffer_take(&u->disk->buffer);
		if (!s)
			return;
		if (!before) {
			s->lo = r->lba;
		}
		buffer_touch(&u->disk->buffer, s);
		buffer_extend(&u->disk->buffer, s, r->lba + r->sectors);
		return;
	}
	buffer_cut(&u->disk->buffer, r->lba, r->sectors);
}

/* The arm sets out at `start`; data come from data_ps on. */
static void write_straight(struct disk_slot *slot, struct blk_req *r, bool early, time_ps start,
	time_ps data_ps, time_ps sector_bus_ps)
{
	struct disk_unit *u = slot->unit;
	struct disk_access x = {.media_ps = -1};
	u->write = (struct disk_write_job){.active = true, .held = early, .slot = slot, .lbn = r->lba, .sectors = r->sectors,
		.tag = disk_tag_of(r), .data_ps = data_ps, .sector_bus_ps = sector_bus_ps};
	u->write.start_ps = disk_stop_ahead(u, start);
	disk_plan_write(u);
	disk_write_medium(u, &x);
	disk_account_access(u, r, &x);
	u->disk->dev.stats.media_write_sectors += u->write.written;
}

/* Command time of a write. */
static time_ps write_overhead(const struct disk_unit *u, const struct blk_req *r, bool early)
{
	const struct disk *d = u->disk;
	const struct disk_overhead_spec *o = &d->spec->overhead;
	time_ps t = disk_overhead(u, true, early);
	if (early)
		return o->write_other_track > 0 && !disk_arm_on_track_of(u, r->lba) ? t + o->write_other_track : t;
	if (d->last_was_write && r->lba == d->write_end_lbn)
		t += o->write_sequential;
	return t > 0 ? t : 0;
}

time_ps disk_serve_write(struct disk_slot *slot, struct blk_req *r, time_ps now)
{
	struct disk_unit *u = slot->unit;
	struct disk *d = u->disk;
	const struct disk_spec *o = d->spec;
	bool early = disk_reports_early(u, r);
	time_ps overhead = write_overhead(u, r, early);
	time_ps start = time_add(now, overhead);
	time_ps data_ps = time_add(start, o->overhead.write_data_delay + o->overhead.data_preparation);
	time_ps sector_bus_ps = r->op == BLK_WRITE ? o->bus.write_sector_ps : 0;
	if (d->shares_bus)
		data_ps = bus_take(&d->bus, now, data_ps, (time_ps)r->sectors * sector_bus_ps);
	time_ps end = o->overhead.write_completion + (early ? 0 : o->overhead.write_reselect);
	slot->cached = early && !goes_straight(u, r, now);
	if (early)
		wcache_hold(&d->wcache, r->sectors);
	if (slot->cached)
		spare_ahead(u, r, now);
	else
		write_straight(slot, r, early, start, data_ps, sector_bus_ps);
	keep_write(u, r);
	d->write_end_lbn = r->lba + r->sectors;
	r->overhead_ps = overhead + o->overhead.write_data_delay + o->overhead.data_preparation + end;
	r->bus_ps = (time_ps)r->sectors * sector_bus_ps;
	r->hit = early ? BLK_HIT : BLK_MISS;
	uint32_t lost = early ? 0 : u->write.lost;
	if (lost > 0)
		buffer_cut(&d->buffer, r->lba, r->sectors);
	if (d->dev.tags)
		blk_tags_note_latest(d->dev.tags, r->lba, r->sectors - lost, disk_tag_of(r));
	time_ps data_end = time_add(data_ps, r->bus_ps);
	return time_add(early ? data_end : time_max(u->write.end_ps, time_add(data_end, o->overhead.write_disconnect)), end);
}
