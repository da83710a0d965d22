/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The disk's side of shingled recording: zone checks when a command starts, the steps of writes and
 * reads, cleaning between commands, landing. What goes where is decided in disk/smr.h.
 */
#include "disk/disk_private.h"
#include "disk/flow.h"

/* A write of more bands than this is refused: its steps find no room. */
#define BANDS_AT_ONCE ((DISK_STEPS - 8) / 2)

int disk_shingle_open(struct disk *d, struct err *e)
{
	const struct disk_smr_spec *o = &d->spec->shingled;
	struct arena *a = d->dev.sim->arena;
	if (o->model == SMR_NONE)
		return 0;
	if (d->units > 1)
		return err_set(e, ERR_CONFIG, "disk %s: shingled recording wants one actuator, not %u", d->dev.name, d->units);
	d->smr = smr_new(a, o, d->unit[d->units - 1].end_lbn, e);
	if (!d->smr)
		return -1;
	d->drive_managed = !smr_host_managed(d->smr);
	d->wcache.border = smr_zone_sectors(d->smr); /* a reset takes whole extents */
	if (!d->drive_managed)
		return 0;
	d->unit[0].step = arena_array(a, DISK_STEPS, sizeof(*d->unit[0].step));
	return d->unit[0].step ? 0 : err_set(e, ERR_LIMIT, "no memory for disk %s", d->dev.name);
}

uint64_t disk_write_limit(const struct disk *d)
{
	return d->drive_managed ? BANDS_AT_ONCE * ((uint64_t)d->spec->shingled.band_bytes / SECTOR_BYTES) : UINT64_MAX;
}

/* ---- commands of a host-managed drive --------------------------------------------------------- */

/* After a reset the zone holds nothing: neither on the medium nor on its way there. */
static void forget(struct disk_unit *u, uint64_t lba, uint64_t sectors)
{
	struct disk *d = u->disk;
	struct disk_write_job *w = &u->write;
	uint64_t end = lba + sectors;
	if (sectors == 0)
		return;
	if (u->ahead.active && ahead_concerns(&u->ahead, lba, (uint32_t)sectors))
		disk_end_ahead(u, d->dev.sim->now_ps);
	wcache_drop(&d->wcache, lba, end);
	buffer_cut(&d->buffer, lba, (uint32_t)sectors);
	blk_written_clear(&d->dev.written, lba, (uint32_t)sectors);
	if (w->active && w->lbn < end && w->lbn + w->sectors > lba) {
		bool some = w->void_lo < w->void_hi;
		w->void_lo = some && w->void_lo < lba ? w->void_lo : lba;
		w->void_hi = some && w->void_hi > end ? w->void_hi : end;
	}
	if (d->dev.tags) {
		blk_tags_note_latest(d->dev.tags, lba, (uint32_t)sectors, TAG_ZERO);
		blk_tags_note_acked(d->dev.tags, lba, (uint32_t)sectors, TAG_ZERO, d->dev.sim->now_ps);
		blk_tags_note_open(d->dev.tags, lba, (uint32_t)sectors, TAG_ZERO);
		blk_tags_note_durable(d->dev.tags, lba, (uint32_t)sectors, TAG_ZERO);
	}
}

enum blk_status disk_shingle_start(struct disk_unit *u, const struct blk_req *r)
{
	struct smr *s = u->disk->smr;
	struct smr_plan p;
	uint64_t lba, sectors;
	enum blk_status status;
	bool host = !u->disk->drive_managed;
	switch (r->op) {
	case BLK_READ:
		return host ? smr_read(s, r->lba, r->sectors, &p) : BLK_OK;
	case BLK_WRITE:
	case BLK_WRITE_ZEROES:
		if (host)
			return smr_write(s, r->lba, r->sectors, &p);
		return r->sectors > disk_write_limit(u->disk) ? BLK_UNSUPPORTED : BLK_OK;
	case BLK_FLUSH:
		return BLK_OK;
	case BLK_TRIM:
		return BLK_UNSUPPORTED;
	default:
		status = smr_zone_op(s, (enum blk_op)r->op, r->lba, &lba, &sectors);
		forget(u, lba, sectors);
		return status;
	}
}

/* A write that does not go through the write cache comes after what is in there for its zone, or coming in. */
bool disk_zone_is_dirty(const struct disk_unit *u, const struct blk_req *r)
{
	const struct disk *d = u->disk;
	uint32_t zone = smr_zone_sectors(d->smr);
	for (int i = 0; zone > 0 && i < DISK_SLOTS; i++) {
		const struct disk_slot *s = &u->slot[i];
		if (s->req && s->cached && s->req->lba / zone == r->lba / zone)
			return true;
	}
	return zone > 0 && d->wcache.count > 0 && wcache_overlaps(&d->wcache, r->lba - r->lba % zone, r->lba);
}

/* ---- the steps of a job ------------------------------------------------------------------------ */

static void add_steps(struct disk_unit *u, const struct smr_plan *p)
{
	struct disk_write_job *w = &u->write;
	w->step = u->step;
	for (uint32_t i = 0; i < p->steps; i++) {
		u->step[w->steps++] = p->step[i];
		w->medium_sectors += p->step[i].sectors;
		if (p->step[i].kind == SMR_STEP_READ)
			continue;
		w->written += p->step[i].sectors;
		buffer_cut(&u->disk->buffer, p->step[i].lbn, p->step[i].sectors);
	}
}

/* Reads are not to hit what the buffer has of where the data have been so far. */
static void forget_place(struct disk_unit *u, uint64_t lba, uint32_t sectors)
{
	struct smr_plan p;
	for (uint32_t done = 0; done < sectors; done += p.covered) {
		smr_read(u->disk->smr, lba + done, sectors - done, &p);
		for (uint32_t i = 0; i < p.steps; i++)
			buffer_cut(&u->disk->buffer, p.step[i].lbn, p.step[i].sectors);
	}
}

void disk_plan_write(struct disk_unit *u)
{
	struct disk_write_job *w = &u->write;
	struct smr_plan p;
	w->written = w->medium_sectors = w->sectors;
	if (!u->disk->drive_managed)
		return;
	if (!u->disk->spec->cache.hit_on_written)
		forget_place(u, w->lbn, w->sectors);
	w->written = w->medium_sectors = 0;
	for (uint32_t done = 0; done < w->sectors; done += p.covered) {
		smr_write(u->disk->smr, w->lbn + done, w->sectors - done, &p);
		add_steps(u, &p);
	}
}

void disk_shingle_landed(struct disk_unit *u, const struct disk_write_job *w, uint32_t sectors)
{
	struct disk *d = u->disk;
	uint32_t left = sectors;
	if (!d->smr)
		return;
	for (uint32_t i = 0; i < w->steps; i++) {
		uint32_t n = left < w->step[i].sectors ? left : w->step[i].sectors;
		if (w->step[i].kind != SMR_STEP_READ && n > 0)
			smr_landed(d->smr, &w->step[i], n);
		left -= n;
	}
	if (w->clean && sectors == w->medium_sectors)
		smr_clean_done(d->smr);
	if (d->drive_managed)
		return;
	/* what had no place counts as written: the zone goes on behind it, and reads of it fail */
	bool was_reset = w->void_hi > 0 && !(w->lost > 0 && w->void_lo == w->lbn + w->sectors - w->lost);
	const uint64_t end = w->lbn + sectors, part[2][2] = {
		{w->lbn, was_reset && w->void_lo < end ? w->void_lo : end},
		{w->void_hi > w->lbn ? w->void_hi : w->lbn, was_reset ? end : w->lbn},
	};
	for (int i = 0; i < 2; i++)
		if (part[i][0] < part[i][1])
			smr_landed(d->smr, &(struct smr_step){.lbn = part[i][0], .lba = part[i][0], .kind = SMR_STEP_PLACE},
				(uint32_t)(part[i][1] - part[i][0]));
}

/* ---- cleaning ---------------------------------------------------------------------------------- */

bool disk_must_clean(const struct disk_unit *u, uint64_t lba, uint32_t sectors)
{
	return u->disk->drive_managed && smr_must_clean(u->disk->smr, lba, sectors);
}

/* The arm is free, and there is something to clean. */
bool disk_start_clean(struct disk_unit *u)
{
	struct disk *d = u->disk;
	struct sim *s = d->dev.sim;
	struct disk_access x = {.media_ps = -1};
	struct smr_plan p;
	if (!disk_awake(d))
		return false;
	mech_carry(&u->mech, s->now_ps);
	smr_clean(d->smr, &p);
	if (p.steps == 0)
		return false;
	u->write = (struct disk_write_job){.active = true, .clean = true, .data_ps = s->now_ps};
	u->write.start_ps = disk_stop_ahead(u, s->now_ps);
	u->mech.via_count = 0; /* a sweep is for commands */
	add_steps(u, &p);
	disk_write_medium(u, &x);
	d->dev.stats.media_write_sectors += u->write.written;
	d->dev.stats.media_read_sectors += u->write.medium_sectors - u->write.written;
	disk_busy_until(d, u->write.end_ps);
	power_touch(&d->power, s->now_ps, u->write.end_ps);
	sim_schedule(s, &u->media_event, u->write.end_ps);
	return true;
}

/* The arm is free and nobody wants it: clean, or look again when the drive has been idle for long enough. */
void disk_clean_later(struct disk_unit *u)
{
	struct disk *d = u->disk;
	struct sim *s = d->dev.sim;
	time_ps idle = d->spec->shingled.idle_clean_ps;
	sim_cancel(s, &u->clean_event);
	if (idle < 0 || u->serving > 0 || u->pending || cmdq_waiting(&u->queue) > 0 || d->wcache.count > 0 ||
	    !smr_may_clean(d->smr))
		return;
	time_ps at = time_add(u->idle_since_ps, idle);
	if (at > s->now_ps)
		sim_schedule(s, &u->clean_event, at);
	else if (power_ready(&d->power, s->now_ps)) /* a sleeping drive is not woken for it */
		disk_start_clean(u);
}

/* ---- reads of a drive-managed disk ------------------------------------------------------------- */

/* Where a read lies on the medium when that is in one piece. */
bool disk_in_one_piece(const struct disk_unit *u, const struct blk_req *r, uint64_t *lbn)
{
	struct smr_plan p;
	*lbn = r->lba;
	if (!u->disk->drive_managed)
		return true;
	smr_read(u->disk->smr, r->lba, r->sectors, &p);
	*lbn = p.step[0].lbn;
	return p.steps == 1 && p.covered == r->sectors;
}

/* One of the places, the arm free at *t. Returns the sectors read: up to one that is lost. */
static uint32_t read_step(struct disk_unit *u, const struct smr_step *step, time_ps *t, struct bus_flow *f,
	struct disk_access *x)
{
	struct mech_run run;
	uint32_t n = step->sectors;
	if (u->faulty) {
		time_ps turns = disk_read_faults(u, step->lbn, &n);
		x->rotation_ps += turns;
		*t = time_add(*t, turns);
	}
	for (uint32_t k = 0; k < n; k += run.sectors) {
		mech_access(&u->mech, u->geom, step->lbn + k, n - k, *t, false, &run);
		flow_give(f, run.sectors, time_add(run.begin_ps, mech_pass_time(&u->mech, &run.track, run.first_sector,
			run.begin_late, 1)), run.end_ps);
		disk_account_run(x, &run, run.begin_ps, run.end_ps);
		if (__builtin_expect(u->shown != NULL, 0))
			disk_shown_run(u, &run, false, false, run.begin_ps, run.end_ps);
		*t = run.end_ps;
	}
	return n;
}

/* From several places, one after the other in the order of the host's addresses. */
static time_ps read_pieces(struct disk_unit *u, struct blk_req *r, time_ps now)
{
	const struct disk_spec *o = u->disk->spec;
	struct disk_access x = {.media_ps = -1};
	struct bus_flow f;
	struct smr_plan p;
	time_ps overhead = disk_overhead(u, false, false), ready = time_add(now, overhead);
	time_ps t = disk_stop_ahead(u, ready), reselect = o->overhead.read_reselect + o->overhead.data_preparation;
	uint32_t got = 0;
	disk_note_read(u->disk, r->lba, r->sectors, now);
	u->read = (struct disk_read_job){.arm = mech_arm_of(&u->mech), .start_ps = t, .lbn = r->lba, .moved = true};
	flow_init(&f, &o->bus, r->sectors);
	if (u->faulty) {
		x.rotation_ps = disk_soft_error(u);
		u->read.start_ps = t = time_add(t, x.rotation_ps);
	}
	for (uint32_t done = 0; done < r->sectors && !u->read_failed; done += p.covered) {
		smr_read(u->disk->smr, r->lba + done, r->sectors - done, &p);
		for (uint32_t i = 0; i < p.steps && !u->read_failed; i++)
			got += read_step(u, &p.step[i], &t, &f, &x);
	}
	if (u->read_failed)
		flow_shorten(&f, r->sectors - got);
	r->hit = BLK_MISS;
	u->read.sectors = got;
	u->read.end_ps = x.end_ps;
	u->disk->stream.live = true;
	u->disk->dev.stats.media_read_sectors += got;
	disk_account_access(u, r, &x);
	disk_draw(u, POWER_READ, x.seek_ps, x.transfer_ps, x.end_ps);
	r->overhead_ps = overhead + reselect + o->overhead.read_completion;
	r->bus_ps = (time_ps)got * o->bus.read_sector_ps;
	return u->disk->stream.last_ps = time_add(flow_end(&f, time_add(ready, o->overhead.read_disconnect), reselect),
		o->overhead.read_completion);
}

time_ps disk_serve_moved_read(struct disk_unit *u, struct blk_req *r, time_ps now)
{
	uint64_t lba = r->lba, lbn;
	if (!disk_in_one_piece(u, r, &lbn))
		return read_pieces(u, r, now);
	r->lba = lbn; /* the buffer holds sectors of the medium */
	time_ps done = disk_serve_read(u, r, now);
	r->lba = lba;
	return done;
}
