/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The course of a write. Data come in over the bus in LBN order while the arm moves; a run
 * whose data would come too late for the head waits for a later turn.
 */
#include "disk/disk_private.h"

/* Earliest time the run may begin so that no sector's data comes late: `done` sectors before. */
static time_ps data_ready(const struct disk_write_job *w, const struct mech_run *run, uint32_t done)
{
	time_ps b = w->sector_bus_ps;
	if (b == 0)
		return w->data_ps;
	time_ps first = time_add(w->data_ps, (time_ps)(done + 1) * b);
	time_ps span = run->end_ps - run->begin_ps;
	time_ps before_last = run->sectors > 1 ? span - span / (time_ps)run->sectors : 0;
	time_ps last = time_add(w->data_ps, (time_ps)(done + run->sectors) * b - before_last);
	return time_max(first, last);
}

/* One run of the write, the arm free at t: settles begin and end for the data's sake. */
static void write_run(struct mech *m, const struct geom *g, const struct disk_write_job *w,
	uint32_t done, time_ps t, struct mech_run *run)
{
	mech_access(m, g, w->lbn + done, w->sectors - done, t, true, run);
	time_ps need = data_ready(w, run, done);
	if (need > run->begin_ps)
		mech_meet_run(m, run, need);
}

static void write_medium(struct disk_unit *u, struct disk_access *x)
{
	struct disk_write_job *w = &u->write;
	struct mech_run run;
	time_ps t = w->start_ps;
	w->arm = u->mech;
	for (uint32_t done = 0; done < w->sectors; done += run.sectors) {
		write_run(&u->mech, u->geom, w, done, t, &run);
		disk_account_run(x, &run, run.begin_ps, run.end_ps);
		t = run.end_ps;
	}
	w->end_ps = t;
}

uint32_t disk_write_progress(const struct disk_unit *u, time_ps now, bool *in_flight)
{
	const struct disk_write_job *w = &u->write;
	struct mech arm = w->arm;
	struct mech_run run;
	time_ps t = w->start_ps;
	*in_flight = false;
	for (uint32_t done = 0; done < w->sectors; done += run.sectors) {
		write_run(&arm, u->geom, w, done, t, &run);
		if (now < run.end_ps) {
			if (now <= run.begin_ps)
				return done;
			*in_flight = true;
			uint32_t passed = mech_passed(&arm, &run.track, run.first_sector, run.begin_late,
				now - run.begin_ps);
			return done + geom_lbns_before(&run.track, run.first_sector + passed) -
			       geom_lbns_before(&run.track, run.first_sector);
		}
		t = run.end_ps;
	}
	return w->sectors;
}

/* What was written stays in a segment where reads may hit it. */
static void keep_write(struct disk_unit *u, const struct blk_req *r)
{
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

time_ps disk_serve_write(struct disk_unit *u, struct blk_req *r, time_ps now)
{
	const struct disk_spec *o = u->disk->spec;
	bool early = disk_writes_back(u) && !(r->flags & BLK_FUA);
	time_ps overhead = disk_overhead(u, true, early);
	if (early && o->overhead.write_other_track > 0 && !disk_arm_on_track_of(u, r->lba))
		overhead += o->overhead.write_other_track;
	time_ps start = time_add(now, overhead);
	struct disk_write_job *w = &u->write;
	struct disk_access x = {.media_ps = -1};
	*w = (struct disk_write_job){.active = true, .lbn = r->lba, .sectors = r->sectors,
		.tag = disk_tag_of(r)};
	w->start_ps = disk_stop_ahead(u, start);
	w->data_ps = time_add(start, o->overhead.write_data_delay + o->overhead.data_preparation);
	w->sector_bus_ps = r->op == BLK_WRITE ? o->bus.write_sector_ps : 0;
	write_medium(u, &x);
	disk_account_access(r, &x);
	keep_write(u, r);
	time_ps end = o->overhead.write_completion + (early ? 0 : o->overhead.write_reselect);
	r->overhead_ps = overhead + o->overhead.write_data_delay + o->overhead.data_preparation + end;
	r->bus_ps = (time_ps)r->sectors * w->sector_bus_ps;
	r->hit = early ? BLK_HIT : BLK_MISS;
	u->disk->dev.stats.media_write_sectors += r->sectors;
	if (u->disk->dev.tags)
		blk_tags_note_latest(u->disk->dev.tags, r->lba, r->sectors, w->tag);
	return time_add(early ? time_add(w->data_ps, r->bus_ps) : w->end_ps, end);
}
