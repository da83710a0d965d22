/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The course of a read: from the buffer, from what is arriving in it, from the medium. */
#include "disk/disk_private.h"
#include "disk/flow.h"

/* ---- streams --------------------------------------------------------------------------------- */

void disk_note_read(struct disk *d, uint64_t lba, uint32_t sectors, time_ps now)
{
	struct disk_stream *s = &d->stream;
	time_ps idle = d->spec->cache.stream_idle_ps;
	s->run = lba == s->next_lbn ? s->run + (s->run < UINT32_MAX) : 0;
	s->next_lbn = lba + sectors;
	s->live = s->live && !d->last_was_write && now - s->last_ps <= idle;
}

static inline bool stream_is_live(const struct disk *d)
{
	return d->stream.live || d->spec->cache.stream_idle_ps == 0;
}

static inline bool stream_is_long(const struct disk *d, int64_t reads)
{
	return d->stream.run >= (uint64_t)reads;
}

/* Command time of a read that the buffer serves. */
static inline time_ps hit_overhead(const struct disk_unit *u)
{
	const struct disk *d = u->disk;
	int64_t after = d->spec->cache.stream_hit_after;
	if (after > 0 && stream_is_long(d, after) && stream_is_live(d) && !d->last_was_write)
		return d->spec->overhead.read_stream_hit;
	return disk_overhead(u, false, true);
}

/* ---- how far to read ahead ---------------------------------------------------------------------- */

static uint64_t track_end(const struct geom_track *t) { return t->first_lbn + t->lbns; }

static uint64_t next_track_end(const struct geom *g, const struct geom_track *t)
{
	struct geom_track next;
	if (track_end(t) >= g->sectors)
		return track_end(t);
	geom_track_of(g, track_end(t), &next);
	return track_end(&next);
}

static uint64_t cylinder_end(const struct geom *g, const struct geom_track *t)
{
	struct geom_track last = *t;
	while (track_end(&last) < g->sectors) {
		struct geom_place at;
		geom_locate(g, track_end(&last), &at);
		if (at.cylinder != t->cylinder)
			break;
		geom_track_at(g, &at, &last);
	}
	return track_end(&last);
}

/* One past the last LBN to read after [lbn, lbn + n), whose end lies on track t, into segment s. */
static uint64_t ahead_goal(const struct disk_unit *u, const struct buffer_segment *s, uint64_t lbn, uint32_t n,
	const struct geom_track *t)
{
	const struct disk_cache_spec *c = &u->disk->spec->cache;
	uint64_t end = lbn + n, kind = u->end_lbn;
	uint64_t goal = end + (uint64_t)c->read_ahead_max_sectors;
	uint64_t room = (c->overwrite_requested || c->drop_after_read ? end : lbn) + u->disk->buffer.segment_sectors;
	switch (c->read_ahead) {
	case AHEAD_TRACK:
		kind = track_end(t);
		break;
	case AHEAD_NEXT_TRACK:
		kind = s->lo < t->first_lbn ? next_track_end(u->geom, t) : track_end(t);
		break;
	case AHEAD_CYLINDER:
		kind = cylinder_end(u->geom, t);
		break;
	default:
		break;
	}
	goal = goal < room ? goal : room;
	goal = goal < kind ? goal : kind;
	goal = goal < u->end_lbn ? goal : u->end_lbn;
	return u->faulty && goal > end ? disk_bad_from(u, end, goal) : goal;
}

/* The same for a range in the buffer, whose track is not at hand. */
static uint64_t goal_after_hit(const struct disk_unit *u, const struct buffer_segment *s, const struct blk_req *r)
{
	struct geom_track t;
	geom_track_of(u->geom, r->lba + r->sectors - 1, &t);
	return ahead_goal(u, s, r->lba, r->sectors, &t);
}

/* Whether whole tracks can be read: none of those that would be has a bad sector. */
static bool tracks_are_good(const struct disk_unit *u, uint64_t lbn, uint32_t n)
{
	struct geom_track t;
	geom_track_of(u->geom, lbn + n - 1, &t);
	uint64_t first = t.first_lbn, end = track_end(&t);
	for (int64_t i = 0; i < u->disk->spec->cache.next_tracks && end < u->geom->sectors; i++) {
		geom_track_of(u->geom, end, &t);
		end = track_end(&t);
	}
	return disk_bad_from(u, first, end) == end;
}

/* ---- from the medium ------------------------------------------------------------------------------ */

/*
 * Reading starts with the first sector that comes by. When the head lands inside the wanted range,
 * the front part comes last, a turn later. With a segment, the whole track goes there.
 */
static time_ps read_on_arrival(struct disk_unit *u, const struct mech_run *run, struct bus_flow *f,
	struct disk_access *x, struct buffer_segment *whole)
{
	const struct geom_track *t = &run->track;
	time_ps at;
	uint64_t late;
	uint32_t sector = mech_landing(&u->mech, run, &at, &late);
	time_ps begin = run->begin_ps, end = run->end_ps;
	time_ps first = time_add(begin, mech_pass_time(&u->mech, t, run->first_sector, run->begin_late, 1));
	if (sector > run->first_sector && sector < run->end_sector) {
		uint32_t front = geom_lbns_before(t, sector) - geom_lbns_before(t, run->first_sector);
		time_ps front_end = time_add(begin, mech_pass_time(&u->mech, t, run->first_sector, run->begin_late,
			sector - run->first_sector));
		time_ps back_first = time_add(at, mech_pass_time(&u->mech, t, sector, late, 1));
		time_ps back_last = time_add(at, mech_pass_time(&u->mech, t, sector, late, run->end_sector - sector));
		flow_give(f, front, first, front_end);
		flow_give(f, run->sectors - front, back_first, back_last);
		begin = at;
		end = front_end;
	} else {
		flow_give(f, run->sectors, first, end);
	}
	disk_account_run(x, run, begin, end);
	if (__builtin_expect(u->shown != NULL, 0))
		disk_shown_run(u, run, false, false, begin, end);
	if (whole)
		ahead_start_track(&u->ahead, whole, t, sector, at, late, run->sectors,
			(uint32_t)u->disk->spec->cache.next_tracks);
	return end;
}

static time_ps read_in_order(struct disk_unit *u, const struct mech_run *run, struct bus_flow *f,
	struct disk_access *x)
{
	time_ps first = time_add(run->begin_ps,
		mech_pass_time(&u->mech, &run->track, run->first_sector, run->begin_late, 1));
	flow_give(f, run->sectors, first, run->end_ps);
	disk_account_run(x, run, run->begin_ps, run->end_ps);
	if (__builtin_expect(u->shown != NULL, 0))
		disk_shown_run(u, run, false, false, run->begin_ps, run->end_ps);
	return run->end_ps;
}

/* A segment gets the data of a foreground read; read-ahead goes on where its last run ends (which is
 * after a front part that came last, on the same turn). */
static void keep_read(struct disk_unit *u, struct buffer_segment *s, uint64_t lbn, uint32_t n,
	const struct mech_run *last, bool ahead)
{
	const struct disk_cache_spec *c = &u->disk->spec->cache;
	if (s->hi != lbn || s->lo == s->hi) {
		s->lo = lbn;
		s->wrap_lo = s->wrap_hi = lbn;
	}
	buffer_extend(&u->disk->buffer, s, lbn + n);
	uint64_t goal = ahead ? ahead_goal(u, s, lbn, n, &last->track) : 0;
	if (c->drop_after_read)
		s->lo = s->hi;
	if (goal <= lbn + n)
		return;
	ahead_start_linear(&u->ahead, s, last, goal, (uint64_t)c->read_ahead_min_sectors);
}

/* Read `n` sectors from the medium into segment s (or none), the arm free at `t`. */
static void read_medium(struct disk_unit *u, uint64_t lbn, uint32_t n, time_ps t, struct bus_flow *f,
	struct disk_access *x, struct buffer_segment *s)
{
	const struct disk_cache_spec *c = &u->disk->spec->cache;
	bool ahead = s && c->read_ahead != AHEAD_NONE && stream_is_long(u->disk, c->read_ahead_after);
	if (u->faulty && c->read_ahead == AHEAD_WHOLE_TRACK)
		ahead = ahead && tracks_are_good(u, lbn, n);
	bool whole = ahead && c->read_ahead == AHEAD_WHOLE_TRACK;
	struct mech_run run;
	uint64_t at = lbn;
	uint32_t left = n;
	u->read = (struct disk_read_job){.arm = mech_arm_of(&u->mech), .start_ps = t, .lbn = lbn, .sectors = n,
		.on_arrival = whole || c->read_on_arrival};
	do {
		mech_access(&u->mech, u->geom, at, left, t, false, &run);
		at += run.sectors;
		left -= run.sectors;
		t = whole || c->read_on_arrival ? read_on_arrival(u, &run, f, x, whole && left == 0 ? s : NULL)
						: read_in_order(u, &run, f, x);
		if (whole && left > 0) { /* each track has its segment */
			s->lo = run.lbn;
			s->hi = at;
			s = buffer_take(&u->disk->buffer);
		}
	} while (left > 0);
	u->read.end_ps = t;
	if (__builtin_expect(u->shown != NULL, 0))
		disk_shown_ahead(u, t);
	if (s && !whole)
		keep_read(u, s, lbn, n, &run, ahead);
	u->disk->stream.live = true;
}

/* ---- how far a read has come ----------------------------------------------------------------------- */

/* LBNs among the physical sectors [from, from + passed), no further than `end`. */
static uint32_t passed_lbns(const struct geom_track *t, uint32_t from, uint32_t end, uint32_t passed)
{
	uint32_t to = passed < end - from ? from + passed : end;
	return geom_lbns_before(t, to) - geom_lbns_before(t, from);
}

/* Sectors of the run that have come by, and in *end when the last of it does. */
static uint32_t run_progress(const struct mech *m, const struct mech_run *run, bool on_arrival, time_ps now, time_ps *end)
{
	const struct geom_track *t = &run->track;
	uint32_t first = run->first_sector, to = run->end_sector, n = 0;
	*end = run->end_ps;
	if (on_arrival) {
		time_ps at;
		uint64_t late;
		uint32_t sector = mech_landing(m, run, &at, &late);
		if (sector > first && sector < to) {
			n = passed_lbns(t, sector, to, mech_passed(m, t, sector, late, now - at));
			*end = time_add(run->begin_ps, mech_pass_time(m, t, first, run->begin_late, sector - first));
			to = sector;
		}
	}
	return n + passed_lbns(t, first, to, mech_passed(m, t, first, run->begin_late, now - run->begin_ps));
}

/* The arm free at *t, which is then when the sectors have come by. */
static uint32_t stretch_progress(const struct disk_unit *u, struct mech *m, uint64_t lbn, uint32_t n, time_ps now,
	time_ps *t)
{
	struct mech_run run;
	uint32_t passed = 0;
	for (uint32_t done = 0; done < n && *t < now; done += run.sectors) {
		mech_access(m, u->geom, lbn + done, n - done, *t, false, &run);
		passed += run_progress(m, &run, u->read.on_arrival, now, t);
	}
	return passed;
}

uint32_t disk_read_progress(const struct disk_unit *u, time_ps now)
{
	const struct disk_read_job *j = &u->read;
	struct mech m = mech_with_arm(&u->mech, &j->arm);
	time_ps t = j->start_ps;
	uint32_t passed = 0;
	if (now >= j->end_ps)
		return j->sectors;
	if (!j->moved)
		return stretch_progress(u, &m, j->lbn, j->sectors, now, &t);
	struct smr_plan p;
	for (uint32_t done = 0; done < j->sectors; done += p.covered) {
		smr_read(u->disk->smr, j->lbn + done, j->sectors - done, &p);
		for (uint32_t i = 0; i < p.steps; i++)
			passed += stretch_progress(u, &m, p.step[i].lbn, p.step[i].sectors, now, &t);
	}
	return passed < j->sectors ? passed : j->sectors;
}

/* ---- from the buffer ------------------------------------------------------------------------------ */

/* The buffer served a read out of segment s: what is done with what was read. */
static inline void give_up(struct disk_unit *u, struct buffer_segment *s, const struct blk_req *r)
{
	if (u->disk->spec->cache.drop_after_read && stream_is_live(u->disk))
		buffer_drop(s, r->lba + r->sectors);
}

/* A hit in a segment makes background reading go on, or begin on an idle drive. */
static void read_on(struct disk_unit *u, struct buffer_segment *s, const struct blk_req *r, time_ps now)
{
	const struct disk_cache_spec *c = &u->disk->spec->cache;
	struct ahead *a = &u->ahead;
	if (c->read_ahead == AHEAD_NONE || c->read_ahead == AHEAD_WHOLE_TRACK)
		return;
	if (a->active && a->segment == s) {
		uint64_t goal = goal_after_hit(u, s, r);
		a->goal = goal > a->goal ? goal : a->goal;
	} else if (c->read_ahead_on_hit && !a->active && !disk_medium_held(u, now) &&
		   power_ready(&u->disk->power, now)) {
		uint64_t goal = goal_after_hit(u, s, r);
		if (s->hi >= goal)
			return;
		struct mech_run run;
		mech_access(&u->mech, u->geom, s->hi, 1, now, false, &run);
		run.end_sector = run.first_sector; /* nothing read yet: go on from its first sector */
		run.end_ps = run.begin_ps;
		run.end_late = run.begin_late;
		run.sectors = 0;
		ahead_start_linear(a, s, &run, goal, 0);
		if (__builtin_expect(u->shown != NULL, 0))
			disk_shown_ahead(u, now);
	}
}

/* All of it is in the buffer. */
static time_ps serve_hit(struct disk_unit *u, struct blk_req *r, struct buffer_segment *s, time_ps now)
{
	const struct disk_spec *o = u->disk->spec;
	r->hit = BLK_HIT;
	r->overhead_ps = hit_overhead(u) + o->overhead.data_preparation + o->overhead.read_completion;
	r->bus_ps = (time_ps)r->sectors * o->bus.read_sector_ps;
	buffer_touch(&u->disk->buffer, s);
	read_on(u, s, r, now);
	give_up(u, s, r);
	return time_add(now, r->overhead_ps + r->bus_ps);
}

/* Give the range, which background reading is bringing, stretch by stretch; returns when all of it
 * is there. */
static time_ps give_coming(struct disk_unit *u, struct bus_flow *f, uint64_t lbn, uint64_t end)
{
	time_ps last = 0;
	while (lbn < end) {
		uint64_t to = ahead_stretch(&u->ahead, u->geom, lbn, end);
		time_ps first = ahead_arrival(&u->ahead, &u->mech, u->geom, lbn);
		time_ps then = to - lbn > 1 ? ahead_arrival(&u->ahead, &u->mech, u->geom, to - 1) : first;
		flow_give(f, (uint32_t)(to - lbn), first, then);
		last = time_max(last, then);
		lbn = to;
	}
	return last;
}

/* The rest is on its way: nothing needs to move. `have` sectors are there. */
static time_ps serve_arriving(struct disk_unit *u, struct blk_req *r, uint32_t have, time_ps now)
{
	const struct disk_spec *o = u->disk->spec;
	time_ps overhead = hit_overhead(u) + o->overhead.data_preparation;
	time_ps ready = time_add(now, overhead);
	struct bus_flow f;
	flow_init(&f, &u->disk->spec->bus, r->sectors);
	flow_give(&f, have, now, now);
	r->media_ps = ahead_arrival(&u->ahead, &u->mech, u->geom, r->lba + have);
	time_ps last = give_coming(u, &f, r->lba + have, r->lba + r->sectors);
	r->hit = BLK_HIT_PARTIAL;
	r->overhead_ps = overhead + o->overhead.read_completion;
	r->bus_ps = (time_ps)r->sectors * o->bus.read_sector_ps;
	r->transfer_ps = last > now ? last - now : 0;
	buffer_touch(&u->disk->buffer, u->ahead.segment);
	give_up(u, u->ahead.segment, r);
	return time_add(flow_end(&f, ready, 0), o->overhead.read_completion);
}

/* How far the range [from, end) is on its way. A stream that runs on makes the background read on. */
static uint64_t coming(struct disk_unit *u, const struct blk_req *r, uint64_t from, uint64_t end, time_ps now)
{
	struct ahead *a = &u->ahead;
	if (u->disk->spec->cache.read_ahead == AHEAD_SEGMENT && ahead_coming(a, from, end) > from)
		read_on(u, a->segment, r, now);
	return ahead_coming(a, from, end);
}

/*
 * `have` sectors are there; what follows them up to `from` is on its way and waited for, so that
 * the head goes on from where it is; the rest is read now.
 */
static time_ps serve_miss(struct disk_unit *u, struct blk_req *r, uint32_t have, uint64_t from,
	struct buffer_segment *s, time_ps now)
{
	const struct disk_spec *o = u->disk->spec;
	time_ps overhead = disk_overhead(u, false, false);
	time_ps ready = time_add(now, overhead), free;
	struct bus_flow f;
	struct disk_access x = {.media_ps = -1};
	uint32_t left = (uint32_t)(r->lba + r->sectors - from), reads = left;
	flow_init(&f, &u->disk->spec->bus, r->sectors);
	if (have > 0)
		flow_give(&f, have, ready, ready);
	if (from > r->lba + have) {
		time_ps last = give_coming(u, &f, r->lba + have, from);
		free = disk_stop_ahead(u, time_max(ready, last));
		s = u->ahead.segment;
	} else {
		free = disk_stop_ahead(u, ready);
	}
	if (u->faulty) {
		x.rotation_ps = disk_read_faults(u, from, &reads) + disk_soft_error(u);
		free = time_add(free, x.rotation_ps);
		flow_shorten(&f, left - reads);
	}
	r->hit = left < r->sectors ? BLK_HIT_PARTIAL : BLK_MISS;
	if (o->cache.adaptive && left == r->sectors)
		buffer_adapt(&u->disk->buffer);
	/* a whole track takes a segment of its own; else the stream goes on in the one it has */
	if (left == r->sectors || o->cache.read_ahead == AHEAD_WHOLE_TRACK)
		s = o->cache.enabled ? buffer_take(&u->disk->buffer) : NULL;
	else
		buffer_touch(&u->disk->buffer, s);
	read_medium(u, from, reads, free, &f, &x, u->read_failed ? NULL : s);
	u->disk->dev.stats.media_read_sectors += reads;
	disk_account_access(u, r, &x);
	disk_draw(u, POWER_READ, x.seek_ps, x.transfer_ps, x.end_ps);
	time_ps reselect = o->overhead.read_reselect + o->overhead.data_preparation;
	r->overhead_ps = overhead + reselect + o->overhead.read_completion;
	r->bus_ps = (time_ps)(r->sectors - (left - reads)) * o->bus.read_sector_ps;
	return time_add(flow_end(&f, time_add(ready, o->overhead.read_disconnect), reselect),
		o->overhead.read_completion);
}

static time_ps serve(struct disk_unit *u, struct blk_req *r, time_ps now)
{
	struct buffer_segment *s = NULL;
	uint32_t have = 0;
	const struct disk_cache_spec *c = &u->disk->spec->cache;
	bool fua = (r->flags & BLK_FUA) != 0; /* comes from the medium */
	bool concerned = u->ahead.active && ahead_concerns(&u->ahead, r->lba, r->sectors);
	disk_note_read(u->disk, r->lba, r->sectors, now);
	if (concerned)
		disk_advance_ahead(u, now);
	if (!fua)
		have = buffer_prefix(&u->disk->buffer, r->lba, r->sectors, &s);
	if (c->adaptive)
		buffer_count_read(&u->disk->buffer, s);
	if (s && have == r->sectors)
		return serve_hit(u, r, s, now);
	uint64_t from = r->lba + have, end = r->lba + r->sectors;
	if (concerned && !fua && c->hit_on_arriving)
		from = coming(u, r, from, end, now);
	if (from == end)
		return serve_arriving(u, r, have, now);
	if (!c->partial_hits) {
		have = 0;
		from = r->lba;
	}
	return serve_miss(u, r, have, from, s, now);
}

time_ps disk_serve_read(struct disk_unit *u, struct blk_req *r, time_ps now)
{
	return u->disk->stream.last_ps = serve(u, r, now);
}
