/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The disk's state as bytes, for snapshots: arm and spindle, buffer, background reading. A disk
 * with dirty data is not idle, so the write cache is empty.
 * Times are kept relative to the present, so a state can be loaded at another time; the
 * rotation goes on from the same angle.
 */
#include <string.h>

#include "disk/disk_private.h"

/* One arm. */
struct saved_arm {
	uint32_t cylinder, head;
	uint64_t angle;             /* now */
	uint64_t destaged_to, millirpm;
	int64_t idle_for;
	struct cmdq_memory queue;
	/* background reading */
	bool ahead_active, ahead_whole_track;
	uint32_t ahead_segment, ahead_from, ahead_count;
	uint64_t ahead_track_lbn;   /* any LBN of its track */
	int64_t ahead_begin_after;  /* begin - now */
	uint64_t ahead_late, ahead_arrived;
	uint64_t ahead_lbn, ahead_goal, ahead_read;
	uint64_t ahead_least;
	uint32_t ahead_tracks_left;
};

struct saved_disk {
	int64_t ready_after;        /* what is left of the spin-up */
	uint64_t buffer_stamp, buffer_window;
	uint32_t buffer_reads, buffer_streams, buffer_most;
	uint32_t segments;
	bool last_was_write, off;
	uint64_t write_end_lbn, stamp;
	struct wcache_counts counts;
	struct disk_stream stream;  /* last_ps relative to now */
	struct saved_arm arm[DISK_UNITS];
};

static void save_arm(const struct disk_unit *u, time_ps now, struct saved_arm *x)
{
	const struct ahead *a = &u->ahead;
	x->cylinder = u->mech.cylinder;
	x->head = u->mech.head;
	x->angle = mech_angle(&u->mech, now);
	x->destaged_to = u->destaged_to;
	x->millirpm = u->mech.millirpm;
	x->idle_for = now - u->idle_since_ps;
	x->queue = u->queue.memory;
	x->ahead_read = a->sectors_read;
	x->ahead_active = a->active;
	if (!a->active)
		return;
	x->ahead_whole_track = a->whole_track;
	x->ahead_segment = (uint32_t)(a->segment - u->disk->buffer.segments);
	x->ahead_from = a->from_sector;
	x->ahead_count = a->count;
	x->ahead_track_lbn = a->track.first_lbn;
	x->ahead_begin_after = a->begin_ps - now;
	x->ahead_late = a->late;
	x->ahead_arrived = a->arrived;
	x->ahead_lbn = a->lbn;
	x->ahead_goal = a->goal;
	x->ahead_least = a->least;
	x->ahead_tracks_left = a->tracks_left;
}

int disk_save(const struct blk_dev *dev, FILE *out, struct err *e)
{
	const struct disk *d = (const struct disk *)(const void *)dev;
	struct saved_disk x;
	memset(&x, 0, sizeof(x));
	x.buffer_stamp = d->buffer.stamp;
	x.buffer_window = d->buffer.window;
	x.buffer_reads = d->buffer.reads;
	x.buffer_streams = d->buffer.streams;
	x.buffer_most = d->buffer.most;
	x.segments = d->buffer.count;
	x.ready_after = time_max(d->ready_ps - dev->sim->now_ps, 0);
	x.last_was_write = d->last_was_write;
	x.off = d->off;
	x.write_end_lbn = d->write_end_lbn;
	x.stamp = d->wcache.stamp;
	x.counts = d->wcache.counts;
	x.stream.next_lbn = d->stream.next_lbn;
	x.stream.run = d->stream.run;
	x.stream.live = d->stream.live;
	x.stream.last_ps = d->stream.last_ps - dev->sim->now_ps;
	for (uint32_t i = 0; i < d->units; i++)
		save_arm(&d->unit[i], dev->sim->now_ps, &x.arm[i]);
	if (blk_save_bytes(out, &x, sizeof(x), e) < 0 || power_save(&d->power, dev->sim->now_ps, out, e) < 0)
		return -1;
	if (blk_save_bytes(out, d->buffer.segments, d->buffer.most * sizeof(*d->buffer.segments), e) < 0)
		return -1;
	for (uint32_t i = 0; i < d->units; i++)
		if (disk_fault_save(&d->unit[i], out, e) < 0)
			return -1;
	return d->smr ? smr_save(d->smr, out, e) : 0;
}

static bool arm_is_possible(const struct disk_unit *u, const struct saved_disk *s, const struct saved_arm *x)
{
	return x->cylinder < u->geom->cylinders && x->head < u->geom->heads && x->angle < ANGLE_TURN &&
	       x->millirpm > 0 && x->millirpm < ANGLE_TURN &&
	       (!x->ahead_active || (x->ahead_segment < s->segments && x->ahead_track_lbn >= u->first_lbn &&
		x->ahead_track_lbn < u->end_lbn));
}

static int check_saved(const struct disk *d, const struct saved_disk *x, struct err *e)
{
	bool good = x->ready_after >= 0 && x->buffer_most == d->buffer.most && x->segments <= x->buffer_most;
	for (uint32_t i = 0; i < d->units; i++)
		good = good && arm_is_possible(&d->unit[i], x, &x->arm[i]);
	return good ? 0 : err_set(e, ERR_CONFIG, "the saved state is of a disk configured otherwise than %s", d->dev.name);
}

static void load_arm(struct disk_unit *u, const struct saved_arm *x, time_ps now)
{
	struct ahead *a = &u->ahead;
	u->mech.cylinder = x->cylinder;
	u->mech.head = x->head;
	u->mech.ref_ps = now;
	u->mech.ref_angle = x->angle;
	u->destaged_to = x->destaged_to;
	u->queue.memory = x->queue;
	u->mech.millirpm = x->millirpm;
	u->mech.by_millirpm = fastdiv_make(x->millirpm);
	u->idle_since_ps = now - x->idle_for;
	memset(a, 0, sizeof(*a));
	a->sectors_read = u->ahead_counted = x->ahead_read;
	if (!x->ahead_active)
		return;
	geom_track_of(u->geom, x->ahead_track_lbn, &a->track);
	a->active = true;
	a->whole_track = x->ahead_whole_track;
	a->segment = &u->disk->buffer.segments[x->ahead_segment];
	a->from_sector = x->ahead_from;
	a->count = x->ahead_count;
	a->begin_ps = now + x->ahead_begin_after;
	a->late = x->ahead_late;
	a->arrived = x->ahead_arrived;
	a->lbn = x->ahead_lbn;
	a->goal = x->ahead_goal;
	a->least = x->ahead_least;
	a->tracks_left = x->ahead_tracks_left;
}

int disk_load(struct blk_dev *dev, FILE *in, struct err *e)
{
	struct disk *d = (struct disk *)(void *)dev;
	struct saved_disk x;
	if (blk_load_bytes(in, &x, sizeof(x), e) < 0 ||
	    check_saved(d, &x, e) < 0 || power_load(&d->power, dev->sim->now_ps, in, e) < 0 ||
	    blk_load_bytes(in, d->buffer.segments, d->buffer.most * sizeof(*d->buffer.segments), e) < 0)
		return -1;
	for (uint32_t i = 0; i < d->units; i++)
		if (disk_fault_load(&d->unit[i], in, e) < 0)
			return -1;
	if (d->smr && smr_load(d->smr, in, e) < 0)
		return -1;
	time_ps now = dev->sim->now_ps;
	d->buffer.stamp = x.buffer_stamp;
	d->buffer.window = x.buffer_window;
	d->buffer.reads = x.buffer_reads;
	d->buffer.streams = x.buffer_streams;
	if (x.segments > 0) {
		d->buffer.count = x.segments;
		d->buffer.segment_sectors = d->buffer.sectors / x.segments;
	}
	buffer_reorder(&d->buffer);
	d->ready_ps = time_add(now, x.ready_after);
	if ((x.ready_after > 0 || d->drive_managed) && !x.off) /* a drive that cleans when idle looks at once */
		sim_schedule(dev->sim, &d->ready_event, d->ready_ps);
	d->last_was_write = x.last_was_write;
	d->off = x.off;
	d->stream = x.stream;
	d->stream.last_ps += now;
	d->write_end_lbn = x.write_end_lbn;
	d->wcache.stamp = x.stamp;
	d->wcache.counts = x.counts;
	for (uint32_t i = 0; i < d->units; i++)
		load_arm(&d->unit[i], &x.arm[i], now);
	return 0;
}

void disk_forget(struct blk_dev *dev)
{
	struct disk *d = (struct disk *)(void *)dev;
	power_forget(&d->power);
	memset(&d->wcache.counts, 0, sizeof(d->wcache.counts));
	if (d->smr)
		smr_forget(d->smr);
	for (uint32_t i = 0; i < d->units; i++) {
		struct disk_unit *u = &d->unit[i];
		u->ahead.sectors_read = u->ahead_counted = 0;
		u->defects.recovered_reads = u->defects.lost_reads = 0;
		u->lost_writes = u->soft_error_count = 0;
	}
}
