/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The course of one command, worked out when it starts: what is common to all of them. */
#include "disk/disk_private.h"

time_ps disk_overhead(const struct disk_unit *u, bool write, bool hit)
{
	const struct disk_overhead_spec *o = &u->disk->spec->overhead;
	bool after_write = u->disk->last_was_write;
	if (write)
		return hit ? (after_write ? o->write_hit_after_write : o->write_hit_after_read)
			   : (after_write ? o->write_miss_after_write : o->write_miss_after_read);
	return hit ? (after_write ? o->read_hit_after_write : o->read_hit_after_read)
		   : (after_write ? o->read_miss_after_write : o->read_miss_after_read);
}

bool disk_arm_on_track_of(const struct disk_unit *u, uint64_t lbn)
{
	struct geom_place at;
	geom_locate(u->geom, lbn, &at);
	return at.cylinder == u->mech.cylinder && at.head == u->mech.head;
}

static inline void count_ahead(struct disk_unit *u)
{
	u->disk->dev.stats.media_read_sectors += u->ahead.sectors_read - u->ahead_counted;
	u->ahead_counted = u->ahead.sectors_read;
}

void disk_advance_ahead(struct disk_unit *u, time_ps now)
{
	ahead_advance(&u->ahead, &u->disk->buffer, &u->mech, u->geom, now);
	count_ahead(u);
}

time_ps disk_stop_ahead(struct disk_unit *u, time_ps now)
{
	time_ps free = ahead_stop(&u->ahead, &u->disk->buffer, &u->mech, u->geom, now,
		u->disk->spec->cache.preempt_at_once);
	count_ahead(u);
	return free;
}

/* ---- the command ------------------------------------------------------------------------- */

bool disk_needs_medium(const struct disk_unit *u, const struct blk_req *r)
{
	if (r->op != BLK_READ || (r->flags & BLK_FUA))
		return r->op != BLK_FLUSH;
	struct buffer_segment *s;
	return buffer_prefix(&u->disk->buffer, r->lba, r->sectors, &s) < r->sectors;
}

time_ps disk_serve(struct disk_unit *u, struct blk_req *r)
{
	time_ps now = u->disk->dev.sim->now_ps;
	time_ps done;
	mech_carry(&u->mech, now);
	r->start_ps = now;
	switch (r->op) {
	case BLK_READ:
		done = disk_serve_read(u, r, now);
		u->disk->last_was_write = false;
		return done;
	case BLK_WRITE:
	case BLK_WRITE_ZEROES:
		done = disk_serve_write(u, r, now);
		u->disk->last_was_write = true;
		return done;
	case BLK_FLUSH:
		r->overhead_ps = disk_overhead(u, true, true) + u->disk->spec->overhead.write_completion;
		done = time_add(now, r->overhead_ps);
		return disk_medium_held(u, now) ? time_max(done, u->write.end_ps) : done;
	default: /* refused; the command is still looked at */
		r->overhead_ps = disk_overhead(u, false, true);
		return time_add(now, r->overhead_ps);
	}
}
