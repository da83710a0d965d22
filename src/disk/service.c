/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The course of one command, worked out when it starts.
 *
 * Reads go out over the bus in LBN order. With avail(i) the time at which sector i of n is
 * in the buffer and b the bus time of a sector, the last one is across at
 * max over i of (avail(i) + (n - i) b); along one track avail is linear, so each run of
 * sectors needs only its two ends. A read watermark w holds the bus back until ceil(w n)
 * sectors are there.
 *
 * Writes come in over the bus in LBN order while the arm moves. A run whose data would come
 * too late for the head waits for a later turn.
 */
#include <math.h>

#include "disk/disk_private.h"

/* ---- the bus side of a read ------------------------------------------------------------ */

struct bus_flow {
	uint32_t n;          /* sectors of the request */
	uint32_t water;      /* sectors that must be there before the bus starts */
	uint32_t next;       /* sectors given so far */
	time_ps sector_ps;
	time_ps water_ps;    /* when the watermark was reached */
	time_ps floor_ps;    /* max of avail(i) + (n - i) b */
};

static void flow_init(struct bus_flow *f, const struct disk *d, uint32_t n)
{
	f->n = n;
	f->sector_ps = d->spec->bus.read_sector_ps;
	/* a share such as 7 % is a little off in binary, far less than a sector: not rounded up for it */
	double water = d->spec->bus.read_watermark * n - 1e-6;
	f->water = water <= 1 ? 1 : (uint32_t)ceil(water);
	f->next = 0;
	f->water_ps = f->floor_ps = 0;
}

static inline void flow_point(struct bus_flow *f, uint32_t i, time_ps avail)
{
	f->floor_ps = time_max(f->floor_ps, time_add(avail, (time_ps)(f->n - i) * f->sector_ps));
}

/* The next `k` sectors are in the buffer at `first`, ..., `last` (linear between). */
static void flow_give(struct bus_flow *f, uint32_t k, time_ps first, time_ps last)
{
	if (k == 0)
		return;
	flow_point(f, f->next, first);
	flow_point(f, f->next + k - 1, last);
	if (f->water > f->next && f->water <= f->next + k) {
		uint32_t i = f->water - f->next - 1;
		if (i == 0)
			f->water_ps = first;
		else
			f->water_ps = i + 1 == k ? last : first + (time_ps)i * ((last - first) / (time_ps)(k - 1));
	}
	f->next += k;
}

/* When the last sector is across; the bus may start at `ready`, and not before the watermark. */
static time_ps flow_end(const struct bus_flow *f, time_ps ready, time_ps reselect)
{
	time_ps start = time_add(time_max(ready, f->water_ps), reselect);
	return time_max(time_add(start, (time_ps)f->n * f->sector_ps), time_add(f->floor_ps, reselect));
}

/* ---- helpers --------------------------------------------------------------------------- */

time_ps disk_overhead(const struct disk *d, bool write, bool hit)
{
	const struct disk_overhead_spec *o = &d->spec->overhead;
	bool after_write = d->last_was_write;
	if (write)
		return hit ? (after_write ? o->write_hit_after_write : o->write_hit_after_read)
			   : (after_write ? o->write_miss_after_write : o->write_miss_after_read);
	return hit ? (after_write ? o->read_hit_after_write : o->read_hit_after_read)
		   : (after_write ? o->read_miss_after_write : o->read_miss_after_read);
}

static inline void count_ahead(struct disk *d)
{
	d->dev.stats.media_read_sectors += d->ahead.sectors_read - d->ahead_counted;
	d->ahead_counted = d->ahead.sectors_read;
}

void disk_advance_ahead(struct disk *d, time_ps now)
{
	ahead_advance(&d->ahead, &d->buffer, &d->mech, d->geom, now);
	count_ahead(d);
}

time_ps disk_stop_ahead(struct disk *d, time_ps now)
{
	time_ps free = ahead_stop(&d->ahead, &d->buffer, &d->mech, d->geom, now);
	count_ahead(d);
	return free;
}

static inline void account_run(struct disk_access *x, const struct mech_run *run, time_ps begin, time_ps end)
{
	if (x->media_ps < 0)
		x->media_ps = begin;
	x->seek_ps += run->position_ps;
	x->rotation_ps += begin - run->settled_ps;
	x->transfer_ps += end - begin;
	x->end_ps = end;
}

static inline void account_access(struct blk_req *r, const struct disk_access *x)
{
	r->media_ps = x->media_ps;
	r->seek_ps = x->seek_ps;
	r->rotation_ps = x->rotation_ps;
	r->transfer_ps = x->transfer_ps;
}

static uint64_t ahead_goal(const struct disk *d, uint64_t lbn, uint32_t n)
{
	const struct disk_cache_spec *c = &d->spec->cache;
	uint64_t end = lbn + n;
	uint64_t goal = end + (uint64_t)c->read_ahead_max_sectors;
	uint64_t room = (c->overwrite_requested ? end : lbn) + (uint64_t)c->segment_sectors;
	goal = goal < room ? goal : room;
	return goal < d->geom->sectors ? goal : d->geom->sectors;
}

/* ---- reads ----------------------------------------------------------------------------- */

/*
 * The run of a whole-track read: reading starts with the first sector that comes by. When
 * the head lands inside the wanted range, the front part comes last, a turn later.
 */
static time_ps read_on_arrival(struct disk *d, const struct mech_run *run, struct bus_flow *f,
	struct disk_access *x, struct buffer_segment *s, bool last)
{
	const struct geom_track *t = &run->track;
	time_ps at;
	uint64_t late;
	uint32_t sector = mech_next_sector(&d->mech, t, run->settled_ps, &at, &late);
	time_ps begin = run->begin_ps, end = run->end_ps;
	time_ps first = time_add(begin, mech_pass_time(&d->mech, t, run->first_sector, run->begin_late, 1));
	if (sector > run->first_sector && sector < run->end_sector) {
		uint32_t front = geom_lbns_before(t, sector) - geom_lbns_before(t, run->first_sector);
		time_ps front_end = time_add(begin, mech_pass_time(&d->mech, t, run->first_sector, run->begin_late,
			sector - run->first_sector));
		time_ps back_first = time_add(at, mech_pass_time(&d->mech, t, sector, late, 1));
		time_ps back_last = time_add(at, mech_pass_time(&d->mech, t, sector, late, run->end_sector - sector));
		flow_give(f, front, first, front_end);
		flow_give(f, run->sectors - front, back_first, back_last);
		begin = at;
		end = front_end;
	} else {
		flow_give(f, run->sectors, first, end);
	}
	account_run(x, run, begin, end);
	if (last && s)
		ahead_start_track(&d->ahead, s, t, sector, at, late, run->sectors);
	return end;
}

static time_ps read_in_order(struct disk *d, const struct mech_run *run, struct bus_flow *f,
	struct disk_access *x)
{
	time_ps first = time_add(run->begin_ps,
		mech_pass_time(&d->mech, &run->track, run->first_sector, run->begin_late, 1));
	flow_give(f, run->sectors, first, run->end_ps);
	account_run(x, run, run->begin_ps, run->end_ps);
	return run->end_ps;
}

/* A segment gets the data of a foreground read; read-ahead goes on from its last run. */
static void keep_read(struct disk *d, struct buffer_segment *s, uint64_t lbn, uint32_t n,
	const struct mech_run *last)
{
	if (!s)
		return;
	if (s->hi != lbn || s->lo == s->hi) {
		s->lo = lbn;
		s->wrap_lo = s->wrap_hi = 0;
	}
	buffer_extend(&d->buffer, s, lbn + n);
	const struct disk_cache_spec *c = &d->spec->cache;
	if (c->read_ahead == AHEAD_NONE)
		return;
	uint64_t goal = ahead_goal(d, lbn, n);
	uint64_t track_end = last->track.first_lbn + last->track.lbns;
	if (c->read_ahead == AHEAD_TRACK && goal > track_end)
		goal = track_end;
	ahead_start_linear(&d->ahead, s, last, goal);
}

/* Read `n` sectors from the medium into segment s, the arm free at `t`. */
static void read_medium(struct disk *d, uint64_t lbn, uint32_t n, time_ps t, struct bus_flow *f,
	struct disk_access *x, struct buffer_segment *s)
{
	bool arrival = s && d->spec->cache.read_ahead == AHEAD_WHOLE_TRACK;
	struct mech_run run;
	uint64_t at = lbn;
	uint32_t left = n;
	do {
		mech_access(&d->mech, d->geom, at, left, t, false, &run);
		at += run.sectors;
		left -= run.sectors;
		t = arrival ? read_on_arrival(d, &run, f, x, s, left == 0) : read_in_order(d, &run, f, x);
		if (arrival && left > 0) { /* each track has its segment */
			s->lo = run.lbn;
			s->hi = at;
			s = buffer_take(&d->buffer);
		}
	} while (left > 0);
	if (!arrival)
		keep_read(d, s, lbn, n, &run);
}

/* All of it is in the buffer. */
static time_ps serve_hit(struct disk *d, struct blk_req *r, struct buffer_segment *s, time_ps now)
{
	const struct disk_spec *o = d->spec;
	r->hit = BLK_HIT;
	r->overhead_ps = disk_overhead(d, false, true) + o->overhead.data_preparation + o->overhead.read_completion;
	r->bus_ps = (time_ps)r->sectors * o->bus.read_sector_ps;
	buffer_touch(&d->buffer, s);
	if (d->ahead.active && d->ahead.segment == s && !d->ahead.whole_track) {
		uint64_t goal = ahead_goal(d, r->lba, r->sectors);
		if (goal > d->ahead.goal && o->cache.read_ahead == AHEAD_SEGMENT)
			d->ahead.goal = goal;
	} else if (o->cache.read_ahead_on_hit && o->cache.read_ahead == AHEAD_SEGMENT && !d->ahead.active &&
		   !disk_medium_held(d, now) && s->hi < ahead_goal(d, r->lba, r->sectors)) {
		struct mech_run run;
		mech_access(&d->mech, d->geom, s->hi, 1, now, false, &run);
		run.end_sector = run.first_sector; /* nothing read yet: go on from its first sector */
		run.end_ps = run.begin_ps;
		run.end_late = run.begin_late;
		run.sectors = 0;
		ahead_start_linear(&d->ahead, s, &run, ahead_goal(d, r->lba, r->sectors));
	}
	return time_add(now, r->overhead_ps + r->bus_ps);
}

/* Give the range, which background reading is bringing, stretch by stretch; returns when all of it
 * is there. */
static time_ps give_coming(struct disk *d, struct bus_flow *f, uint64_t lbn, uint64_t end)
{
	time_ps last = 0;
	while (lbn < end) {
		uint64_t to = ahead_stretch(&d->ahead, d->geom, lbn, end);
		time_ps first = ahead_arrival(&d->ahead, &d->mech, d->geom, lbn);
		time_ps then = to - lbn > 1 ? ahead_arrival(&d->ahead, &d->mech, d->geom, to - 1) : first;
		flow_give(f, (uint32_t)(to - lbn), first, then);
		last = time_max(last, then);
		lbn = to;
	}
	return last;
}

/* The rest is on its way: nothing needs to move. `have` sectors are there. */
static time_ps serve_arriving(struct disk *d, struct blk_req *r, uint32_t have, time_ps now)
{
	const struct disk_spec *o = d->spec;
	time_ps overhead = disk_overhead(d, false, true) + o->overhead.data_preparation;
	time_ps ready = time_add(now, overhead);
	struct bus_flow f;
	flow_init(&f, d, r->sectors);
	flow_give(&f, have, now, now);
	r->media_ps = ahead_arrival(&d->ahead, &d->mech, d->geom, r->lba + have);
	time_ps last = give_coming(d, &f, r->lba + have, r->lba + r->sectors);
	r->hit = BLK_HIT_PARTIAL;
	r->overhead_ps = overhead + o->overhead.read_completion;
	r->bus_ps = (time_ps)r->sectors * o->bus.read_sector_ps;
	r->transfer_ps = last > now ? last - now : 0;
	buffer_touch(&d->buffer, d->ahead.segment);
	return time_add(flow_end(&f, ready, 0), o->overhead.read_completion);
}

/* How far the range [from, end) is on its way. A stream that runs on makes the background read on. */
static uint64_t coming(struct disk *d, const struct blk_req *r, uint64_t from, uint64_t end)
{
	struct ahead *a = &d->ahead;
	if (!a->whole_track && d->spec->cache.read_ahead == AHEAD_SEGMENT && ahead_coming(a, from, end) > from) {
		uint64_t goal = ahead_goal(d, r->lba, r->sectors);
		a->goal = goal > a->goal ? goal : a->goal;
	}
	return ahead_coming(a, from, end);
}

/*
 * `have` sectors are there; what follows them up to `from` is on its way and waited for, so that
 * the head goes on from where it is; the rest is read now.
 */
static time_ps serve_miss(struct disk *d, struct blk_req *r, uint32_t have, uint64_t from,
	struct buffer_segment *s, time_ps now)
{
	const struct disk_spec *o = d->spec;
	time_ps overhead = disk_overhead(d, false, false);
	time_ps ready = time_add(now, overhead), free;
	struct bus_flow f;
	struct disk_access x = {.media_ps = -1};
	uint32_t left = (uint32_t)(r->lba + r->sectors - from);
	flow_init(&f, d, r->sectors);
	flow_give(&f, have, ready, ready);
	if (from > r->lba + have) {
		time_ps last = give_coming(d, &f, r->lba + have, from);
		free = disk_stop_ahead(d, time_max(ready, last));
		s = d->ahead.segment;
	} else {
		free = disk_stop_ahead(d, ready);
	}
	r->hit = left < r->sectors ? BLK_HIT_PARTIAL : BLK_MISS;
	/* a whole track takes a segment of its own; else the stream goes on in the one it has */
	if (left == r->sectors || o->cache.read_ahead == AHEAD_WHOLE_TRACK)
		s = o->cache.enabled ? buffer_take(&d->buffer) : NULL;
	else
		buffer_touch(&d->buffer, s);
	read_medium(d, from, left, free, &f, &x, s);
	d->dev.stats.media_read_sectors += left;
	account_access(r, &x);
	time_ps reselect = o->overhead.read_reselect + o->overhead.data_preparation;
	r->overhead_ps = overhead + reselect + o->overhead.read_completion;
	r->bus_ps = (time_ps)r->sectors * o->bus.read_sector_ps;
	return time_add(flow_end(&f, ready, reselect), o->overhead.read_completion);
}

static time_ps serve_read(struct disk *d, struct blk_req *r, time_ps now)
{
	struct buffer_segment *s = NULL;
	uint32_t have = 0;
	bool fua = (r->flags & BLK_FUA) != 0; /* comes from the medium */
	bool concerned = d->ahead.active && ahead_concerns(&d->ahead, r->lba, r->sectors);
	if (concerned)
		disk_advance_ahead(d, now);
	if (!fua)
		have = buffer_prefix(&d->buffer, r->lba, r->sectors, &s);
	if (s && have == r->sectors)
		return serve_hit(d, r, s, now);
	uint64_t from = r->lba + have, end = r->lba + r->sectors;
	if (concerned && !fua)
		from = coming(d, r, from, end);
	if (from == end)
		return serve_arriving(d, r, have, now);
	return serve_miss(d, r, have, from, s, now);
}

/* ---- writes ------------------------------------------------------------------------------ */

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

static void write_medium(struct disk *d, struct disk_access *x)
{
	struct disk_write_job *w = &d->write;
	struct mech_run run;
	time_ps t = w->start_ps;
	w->arm = d->mech;
	for (uint32_t done = 0; done < w->sectors; done += run.sectors) {
		write_run(&d->mech, d->geom, w, done, t, &run);
		account_run(x, &run, run.begin_ps, run.end_ps);
		t = run.end_ps;
	}
	w->end_ps = t;
}

uint32_t disk_write_progress(const struct disk *d, time_ps now, bool *in_flight)
{
	const struct disk_write_job *w = &d->write;
	struct mech arm = w->arm;
	struct mech_run run;
	time_ps t = w->start_ps;
	*in_flight = false;
	for (uint32_t done = 0; done < w->sectors; done += run.sectors) {
		write_run(&arm, d->geom, w, done, t, &run);
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
static void keep_write(struct disk *d, const struct blk_req *r)
{
	if (d->spec->cache.hit_on_written) {
		struct buffer_segment *s;
		struct buffer_segment *before = NULL;
		if (r->lba > 0 && buffer_prefix(&d->buffer, r->lba - 1, 1, &s) == 1 && s->hi == r->lba)
			before = s;
		buffer_cut(&d->buffer, r->lba, r->sectors);
		s = before ? before : buffer_take(&d->buffer);
		if (!s)
			return;
		if (!before) {
			s->lo = r->lba;
		}
		buffer_touch(&d->buffer, s);
		buffer_extend(&d->buffer, s, r->lba + r->sectors);
		return;
	}
	buffer_cut(&d->buffer, r->lba, r->sectors);
}

static time_ps serve_write(struct disk *d, struct blk_req *r, time_ps now)
{
	const struct disk_spec *o = d->spec;
	bool early = disk_writes_back(d) && !(r->flags & BLK_FUA);
	time_ps overhead = disk_overhead(d, true, early);
	time_ps start = time_add(now, overhead);
	struct disk_write_job *w = &d->write;
	struct disk_access x = {.media_ps = -1};
	*w = (struct disk_write_job){.active = true, .lbn = r->lba, .sectors = r->sectors,
		.tag = disk_tag_of(r)};
	w->start_ps = disk_stop_ahead(d, start);
	w->data_ps = time_add(start, o->overhead.write_data_delay + o->overhead.data_preparation);
	w->sector_bus_ps = r->op == BLK_WRITE ? o->bus.write_sector_ps : 0;
	write_medium(d, &x);
	account_access(r, &x);
	keep_write(d, r);
	time_ps end = o->overhead.write_completion + (early ? 0 : o->overhead.write_reselect);
	r->overhead_ps = overhead + o->overhead.write_data_delay + o->overhead.data_preparation + end;
	r->bus_ps = (time_ps)r->sectors * w->sector_bus_ps;
	r->hit = early ? BLK_HIT : BLK_MISS;
	d->dev.stats.media_write_sectors += r->sectors;
	if (d->dev.tags)
		blk_tags_note_latest(d->dev.tags, r->lba, r->sectors, w->tag);
	return time_add(early ? time_add(w->data_ps, r->bus_ps) : w->end_ps, end);
}

/* ---- the command ------------------------------------------------------------------------- */

bool disk_needs_medium(const struct disk *d, const struct blk_req *r)
{
	if (r->op != BLK_READ || (r->flags & BLK_FUA))
		return r->op != BLK_FLUSH;
	struct buffer_segment *s;
	return buffer_prefix(&d->buffer, r->lba, r->sectors, &s) < r->sectors;
}

time_ps disk_serve(struct disk *d, struct blk_req *r)
{
	time_ps now = d->dev.sim->now_ps;
	time_ps done;
	mech_carry(&d->mech, now);
	r->start_ps = now;
	switch (r->op) {
	case BLK_READ:
		done = serve_read(d, r, now);
		d->last_was_write = false;
		return done;
	case BLK_WRITE:
	case BLK_WRITE_ZEROES:
		done = serve_write(d, r, now);
		d->last_was_write = true;
		return done;
	case BLK_FLUSH:
		r->overhead_ps = disk_overhead(d, true, true) + d->spec->overhead.write_completion;
		done = time_add(now, r->overhead_ps);
		return disk_medium_held(d, now) ? time_max(done, d->write.end_ps) : done;
	default: /* refused; the command is still looked at */
		r->overhead_ps = disk_overhead(d, false, true);
		return time_add(now, r->overhead_ps);
	}
}
