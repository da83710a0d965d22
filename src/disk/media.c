/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The course of a write to the medium, whoever wants it. Data come in over the bus in LBN order
 * while the arm moves; a run whose data would come too late for the head waits for a later turn.
 * With write_on_arrival and all data there, a run begins where the head lands in it, and its
 * front part comes last.
 */
#include "disk/disk_private.h"

/* A run as it is written. */
struct course {
	struct mech_run run;   /* begin: of its first sector; end: of the last one written */
	bool read;             /* of a cleaning */
	bool wraps;            /* from `landing` to the run's end, then its front */
	uint32_t landing;      /* sector */
	time_ps landing_ps;
	uint64_t landing_late;
};

/* What of a job comes after so many of its sectors. */
struct piece {
	uint64_t lbn;
	uint32_t sectors;      /* up to the end of its step */
	int64_t data;          /* sectors of data before it: below 0 in the record that leads them */
	bool read;
};

static struct piece piece_at(const struct disk_write_job *w, uint32_t done)
{
	if (w->steps == 0)
		return (struct piece){w->lbn + done, w->sectors - done, done, false};
	const struct smr_step *s = w->step;
	int64_t leads = s->lead;
	uint32_t in = done;
	for (; in >= s->sectors; leads += s->lead)
		in -= s++->sectors;
	return (struct piece){s->lbn + in, s->sectors - in, (int64_t)done - leads, s->kind == SMR_STEP_READ};
}

/* Earliest time the run may begin so that no sector's data comes late: `done` sectors before. */
static time_ps data_ready(const struct disk_write_job *w, const struct mech_run *run, int64_t done)
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

static void land_inside(const struct mech *m, const struct disk_write_job *w, struct course *c)
{
	struct mech_run *run = &c->run;
	if (time_add(w->data_ps, (time_ps)w->sectors * w->sector_bus_ps) > run->settled_ps)
		return;
	c->landing = mech_landing(m, run, &c->landing_ps, &c->landing_late);
	if (c->landing <= run->first_sector || c->landing >= run->end_sector)
		return;
	c->wraps = true;
	run->end_ps = time_add(run->begin_ps, mech_pass_time(m, &run->track, run->first_sector, run->begin_late,
		c->landing - run->first_sector));
}

/* One run of the write, the arm free at t: settles begin and end for the data's sake. */
static void write_run(const struct disk_unit *u, struct mech *m, uint32_t done, time_ps t, struct course *c)
{
	const struct disk_write_job *w = &u->write;
	c->wraps = false;
	struct piece at = piece_at(w, done);
	mech_access(m, u->geom, at.lbn, at.sectors, t, !at.read, &c->run);
	c->read = at.read;
	time_ps need = data_ready(w, &c->run, at.data);
	if (need > c->run.begin_ps)
		mech_meet_run(m, &c->run, need);
	else if (u->disk->spec->write_on_arrival)
		land_inside(m, w, c);
}

void disk_write_medium(struct disk_unit *u, struct disk_access *x)
{
	struct disk_write_job *w = &u->write;
	struct course c;
	time_ps t = w->start_ps;
	time_ps seek = x->seek_ps, transfer = x->transfer_ps, read = 0;
	w->arm = mech_arm_of(&u->mech);
	if (u->faulty)
		disk_write_faults(u);
	for (uint32_t done = 0; done < w->medium_sectors; done += c.run.sectors) {
		write_run(u, &u->mech, done, t, &c);
		time_ps begin = c.wraps ? c.landing_ps : c.run.begin_ps;
		disk_account_run(x, &c.run, begin, c.run.end_ps);
		if (__builtin_expect(u->shown != NULL, 0))
			disk_shown_run(u, &c.run, !c.read, true, begin, c.run.end_ps);
		read += c.read ? c.run.end_ps - c.run.begin_ps : 0;
		t = c.run.end_ps;
	}
	w->end_ps = t;
	disk_draw(u, POWER_WRITE, x->seek_ps - seek, x->transfer_ps - transfer - read, t);
	if (read > 0)
		disk_draw(u, POWER_READ, 0, read, t);
}

/* ---- how far it has come ------------------------------------------------------------------------ */

/* Sectors [from, to) of the track are written one after the other from when the first begins; `passed`
 * of them are whole by now. LBNs that have landed of it, and *open while one is being written. */
static uint64_t landed_of(const struct geom_track *t, uint32_t from, uint32_t to, uint32_t passed, uint64_t *open)
{
	uint32_t before = geom_lbns_before(t, from);
	uint64_t end = t->first_lbn + geom_lbns_before(t, to);
	uint32_t at = passed < to - from ? from + passed : to;
	uint64_t landed = t->first_lbn + geom_lbns_before(t, at);
	if (landed < end)
		*open = landed;
	return landed - t->first_lbn - before;
}

static void progress_in_order(const struct mech *m, const struct course *c, time_ps now, struct disk_progress *p)
{
	const struct mech_run *run = &c->run;
	if (now <= run->begin_ps)
		return;
	uint32_t passed = mech_passed(m, &run->track, run->first_sector, run->begin_late, now - run->begin_ps);
	p->done_end += landed_of(&run->track, run->first_sector, run->end_sector, passed, &p->open);
}

static void progress_wrapped(const struct mech *m, const struct course *c, time_ps now, struct disk_progress *p)
{
	const struct mech_run *run = &c->run;
	if (now <= c->landing_ps)
		return;
	uint32_t passed = mech_passed(m, &run->track, c->landing, c->landing_late, now - c->landing_ps);
	p->from = run->track.first_lbn + geom_lbns_before(&run->track, c->landing);
	p->to = p->from + landed_of(&run->track, c->landing, run->end_sector, passed, &p->open);
	if (now <= run->begin_ps)
		return;
	passed = mech_passed(m, &run->track, run->first_sector, run->begin_late, now - run->begin_ps);
	p->done_end += landed_of(&run->track, run->first_sector, c->landing, passed, &p->open);
}

static void medium_progress(const struct disk_unit *u, time_ps now, struct disk_progress *p)
{
	const struct disk_write_job *w = &u->write;
	struct mech arm = mech_with_arm(&u->mech, &w->arm);
	struct course c;
	time_ps t = w->start_ps;
	for (uint32_t done = 0; done < w->medium_sectors; done += c.run.sectors) {
		write_run(u, &arm, done, t, &c);
		if (now < c.run.end_ps) {
			if (c.wraps)
				progress_wrapped(&arm, &c, now, p);
			else
				progress_in_order(&arm, &c, now, p);
			return;
		}
		p->done_end += c.run.sectors;
		t = c.run.end_ps;
	}
}

/* What the steps that have landed are of the host's range: an append to a log counts whole or not at all. */
static void host_progress(const struct disk_write_job *w, struct disk_progress *p)
{
	uint32_t left = p->landed;
	bool writing = p->open != UINT64_MAX;
	p->done_end = w->lbn;
	p->open = UINT64_MAX;
	for (uint32_t i = 0; i < w->steps && !w->clean; i++) {
		const struct smr_step *s = &w->step[i];
		if (left >= s->sectors) {
			p->done_end = s->lba + s->sectors - s->lead;
			left -= s->sectors;
			continue;
		}
		if (s->kind == SMR_STEP_PLACE) {
			p->done_end = s->lba + left;
			p->open = writing ? p->done_end : UINT64_MAX;
			p->open_end = s->destroys ? s->lba + s->sectors : p->done_end + 1;
		}
		return;
	}
}

void disk_write_progress(const struct disk_unit *u, time_ps now, struct disk_progress *p)
{
	const struct disk_write_job *w = &u->write;
	*p = (struct disk_progress){.done_end = w->lbn, .open = UINT64_MAX};
	medium_progress(u, now, p);
	p->landed = (uint32_t)(p->done_end - w->lbn);
	p->open_end = p->open + 1;
	if (w->steps > 0)
		host_progress(w, p);
}

/* ---- landing -------------------------------------------------------------------------------------- */

void disk_note_written(const struct disk_unit *u, uint64_t lo, uint64_t hi, bool landed)
{
	const struct disk_write_job *w = &u->write;
	struct blk_tags *tags = u->disk->dev.tags;
	const struct wcache_piece own = {NULL, w->lbn, w->lbn + w->sectors, w->tag};
	if (!tags)
		return;
	if (w->void_lo < w->void_hi && lo < w->void_hi && hi > w->void_lo) { /* around what is void */
		if (w->void_lo > lo)
			disk_note_written(u, lo, w->void_lo, landed);
		lo = w->void_hi < hi ? w->void_hi : hi;
	}
	for (const struct wcache_piece *p = w->destage ? w->pieces : &own; p; p = p->next) {
		uint64_t from = p->lo > lo ? p->lo : lo, to = p->hi < hi ? p->hi : hi;
		if (from >= to)
			continue;
		blk_tags_note_open(tags, from, (uint32_t)(to - from), p->tag);
		if (landed)
			blk_tags_note_durable(tags, from, (uint32_t)(to - from), p->tag);
	}
}

bool disk_land_write(struct disk_unit *u)
{
	struct disk *d = u->disk;
	struct disk_write_job *w = &u->write;
	if (!w->active || w->end_ps > d->dev.sim->now_ps)
		return false;
	w->active = false;
	sim_cancel(d->dev.sim, &u->media_event);
	disk_shingle_landed(u, w, w->medium_sectors);
	disk_note_written(u, w->lbn, w->lbn + w->sectors, true);
	wcache_free_pieces(&d->wcache, w->pieces);
	w->pieces = NULL;
	if (w->held)
		wcache_release(&d->wcache, w->sectors);
	else if (d->wcache.count > 0 && !w->clean) /* older dirty data of the range need not be written any more */
		wcache_drop(&d->wcache, w->lbn, w->lbn + w->sectors - w->lost);
	return true;
}
