/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The course of one command, worked out when it starts: what is common to all of them. */
#include "disk/disk_private.h"


bool disk_arm_on_track_of(const struct disk_unit *u, uint64_t lbn)
{
	struct geom_place at;
	geom_locate(u->geom, lbn, &at);
	return at.cylinder == u->mech.cylinder && at.head == u->mech.head;
}

/* Sectors that background reading brought since the last time, as the medium's and as power's work. */
static inline void count_ahead(struct disk_unit *u)
{
	uint64_t sectors = u->ahead.sectors_read - u->ahead_counted;
	u->disk->dev.stats.media_read_sectors += sectors;
	u->ahead_counted = u->ahead.sectors_read;
	if (u->disk->power.known && sectors > 0)
		disk_draw(u, POWER_READ, 0, (time_ps)sectors * mech_turn_time(&u->mech, u->ahead.track.zone->sector_whole), 0);
}

/* The same with the timeline, where background reading that is over then is shown. */
__attribute__((cold, noinline)) static void advance_shown(struct disk_unit *u, time_ps now)
{
	bool was = u->ahead.active;
	time_ps goal = was ? disk_shown_goal(u) : -1;
	ahead_advance(&u->ahead, &u->disk->buffer, &u->mech, u->geom, now);
	count_ahead(u);
	if (was && !u->ahead.active)
		disk_shown_ahead_over(u, goal, now);
}

void disk_advance_ahead(struct disk_unit *u, time_ps now)
{
	if (__builtin_expect(u->shown != NULL, 0)) {
		advance_shown(u, now);
		return;
	}
	ahead_advance(&u->ahead, &u->disk->buffer, &u->mech, u->geom, now);
	count_ahead(u);
}

static inline time_ps stop_ahead(struct disk_unit *u, time_ps now)
{
	time_ps free = ahead_stop(&u->ahead, &u->disk->buffer, &u->mech, u->geom, now,
		u->disk->spec->cache.preempt_at_once);
	count_ahead(u);
	return free;
}

__attribute__((cold, noinline)) static time_ps stop_shown(struct disk_unit *u, time_ps now)
{
	bool was = u->ahead.active;
	time_ps goal = was ? disk_shown_goal(u) : -1;
	time_ps free = stop_ahead(u, now);
	if (was)
		disk_shown_ahead_over(u, goal, free);
	return free;
}

time_ps disk_stop_ahead(struct disk_unit *u, time_ps now)
{
	return __builtin_expect(u->shown != NULL, 0) ? stop_shown(u, now) : stop_ahead(u, now);
}

void disk_end_ahead(struct disk_unit *u, time_ps now)
{
	disk_advance_ahead(u, now);
	if (__builtin_expect(u->shown != NULL, 0) && u->ahead.active)
		disk_shown_ahead_over(u, disk_shown_goal(u), now);
	u->ahead.active = false;
}

/* ---- the command ------------------------------------------------------------------------- */

/* All of a read is in the write cache, where a drive that lets reads hit written data finds it. */
static bool is_dirty_hit(const struct disk_unit *u, const struct blk_req *r)
{
	uint64_t end = r->lba + r->sectors;
	return u->disk->spec->cache.hit_on_written && disk_dirty_reach(u, r->lba, end) == end;
}

bool disk_needs_medium(const struct disk_unit *u, const struct blk_req *r)
{
	struct buffer_segment *s;
	uint64_t lbn;
	switch (r->op) {
	case BLK_READ:
		if (r->flags & BLK_FUA)
			return true;
		return !(disk_in_one_piece(u, r, &lbn) && buffer_prefix(&u->disk->buffer, lbn, r->sectors, &s) == r->sectors) &&
		       !is_dirty_hit(u, r);
	case BLK_WRITE:
	case BLK_WRITE_ZEROES:
		return !disk_reports_early(u, r);
	default:
		return false;
	}
}

/* A write waits for room; after dirty data that it does not continue, where the drive takes no other; and
 * for a flush. A read waits for dirty data that it must have from the medium. */
bool disk_must_wait(const struct disk_unit *u, const struct blk_req *r)
{
	const struct disk *d = u->disk;
	const struct wcache *c = &d->wcache;
	if (r->op == BLK_READ)
		return c->count > 0 && ((r->flags & BLK_FUA) || !d->spec->cache.hit_on_written) &&
		       wcache_overlaps(c, r->lba, r->lba + r->sectors);
	if (!disk_reports_early(u, r))
		return d->smr && (disk_zone_is_dirty(u, r) || disk_must_clean(u, r->lba, r->sectors));
	if (u->flush || !wcache_room(c, r->lba, r->sectors))
		return true;
	return d->spec->write_cache.accept == WRITE_ACCEPT_APPENDING && c->count + c->held_extents > 0 &&
	       r->lba != d->write_end_lbn;
}

static time_ps serve_dirty_hit(struct disk_unit *u, struct blk_req *r, time_ps now)
{
	const struct disk_spec *o = u->disk->spec;
	disk_note_read(u->disk, r->lba, r->sectors, now);
	r->hit = BLK_HIT;
	r->overhead_ps = disk_overhead(u, false, true) + o->overhead.data_preparation + o->overhead.read_completion;
	r->bus_ps = (time_ps)r->sectors * o->bus.read_sector_ps;
	return u->disk->stream.last_ps = time_add(now, r->overhead_ps + r->bus_ps);
}

static time_ps serve_read(struct disk_unit *u, struct blk_req *r, time_ps now)
{
	struct buffer_segment *s;
	uint64_t lbn;
	if (u->disk->wcache.count + u->disk->wcache.held_extents > 0 && !(r->flags & BLK_FUA) && is_dirty_hit(u, r) &&
	    !(disk_in_one_piece(u, r, &lbn) && buffer_prefix(&u->disk->buffer, lbn, r->sectors, &s) == r->sectors))
		return serve_dirty_hit(u, r, now);
	return u->disk->drive_managed ? disk_serve_moved_read(u, r, now) : disk_serve_read(u, r, now);
}

/* A flush waits for the write under way; dirty data that wait make it overdue (unit.c). */
static time_ps serve_flush(struct disk_unit *u, struct blk_req *r, time_ps now)
{
	r->overhead_ps = disk_overhead(u, true, true) + u->disk->spec->overhead.write_completion;
	time_ps done = time_add(now, r->overhead_ps);
	return u->write.active && !u->write.clean && u->disk->wcache.count == 0 ? time_max(done, u->write.end_ps) : done;
}

time_ps disk_serve(struct disk_slot *slot, struct blk_req *r)
{
	struct disk_unit *u = slot->unit;
	time_ps now = u->disk->dev.sim->now_ps;
	time_ps done;
	mech_carry(&u->mech, now);
	r->start_ps = now;
	switch (slot->status == BLK_OK ? r->op : BLK_OP_COUNT) {
	case BLK_READ:
		u->read_failed = false;
		done = serve_read(u, r, now);
		if (u->read_failed)
			slot->status = BLK_MEDIA_ERROR;
		u->disk->last_was_write = false;
		slot->uses_arm = r->hit != BLK_HIT;
		return done;
	case BLK_WRITE:
	case BLK_WRITE_ZEROES:
		done = disk_serve_write(slot, r, now);
		u->disk->last_was_write = true;
		slot->uses_arm = r->hit != BLK_HIT;
		if (r->hit != BLK_HIT && u->write.lost > 0)
			slot->status = BLK_MEDIA_ERROR;
		return done;
	case BLK_FLUSH:
		return serve_flush(u, r, now);
	default: /* refused, or of a zone's state alone; the command is still looked at */
		r->overhead_ps = disk_overhead(u, false, true);
		return time_add(now, r->overhead_ps);
	}
}
