/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The disk as a device: who is served next, completion, power.
 *
 * Invariants: an arm's `current` is the only command it serves; a command that needs the
 * medium does not start while an early-acknowledged write holds it.
 */
#include "disk/disk.h"

#include "disk/disk_private.h"

static inline struct disk *disk_of(const struct blk_dev *dev)
{
	return (struct disk *)(uintptr_t)dev;
}

static void decide(struct disk_unit *u);
static void land_write(struct disk_unit *u);

/* ---- service --------------------------------------------------------------------------------- */

/* A request without a place on the medium goes first; then whatever the scheduler chooses. */
static struct blk_req *choose(struct disk_unit *u)
{
	struct disk *d = u->disk;
	struct sim *s = d->dev.sim;
	struct blk_req *r = cmdq_take_no_media(&d->queue);
	if (r)
		return r;
	r = cmdq_oldest(&d->queue);
	if (!r)
		return NULL;
	if (disk_medium_held(u, s->now_ps)) {
		/* only what the buffer alone can serve, and only in its turn */
		disk_advance_ahead(u, s->now_ps);
		if (disk_needs_medium(u, r))
			return NULL;
		cmdq_take(&d->queue, r);
		return r;
	}
	struct disk_view v = {&u->mech, {
		s->now_ps + disk_overhead(u, false, false),
		s->now_ps + disk_overhead(u, true, disk_writes_back(u)),
	}, 0};
	return cmdq_choose(&d->queue, &v);
}

static inline bool is_known(const struct blk_req *r)
{
	return r->op == BLK_READ || r->op == BLK_WRITE || r->op == BLK_WRITE_ZEROES || r->op == BLK_FLUSH;
}

static void start(struct disk_unit *u, struct blk_req *r)
{
	struct disk *d = u->disk;
	struct sim *s = d->dev.sim;
	u->current = r;
	u->current_status = is_known(r) ? BLK_OK : BLK_UNSUPPORTED;
	time_ps done = disk_serve(u, r);
	time_ps busy_end = done;
	if (r->op != BLK_READ && u->write.active && u->write.end_ps > done) {
		busy_end = u->write.end_ps;
		if (!event_pending(&u->media_event))
			sim_schedule(s, &u->media_event, u->write.end_ps);
	}
	if (busy_end > d->busy_end_ps) {
		d->dev.stats.busy_ps += busy_end - time_max(s->now_ps, d->busy_end_ps);
		d->busy_end_ps = busy_end;
	}
	sim_schedule(s, &u->done_event, done);
}

static void decide(struct disk_unit *u)
{
	struct disk *d = u->disk;
	if (u->current || d->deciding || d->dev.sim->now_ps < d->ready_ps)
		return;
	land_write(u);
	struct blk_req *r = choose(u);
	if (r)
		start(u, r);
}

/*
 * A write whose time has come is on the medium. Asked by every event that may be the first at
 * that instant, since the medium is free from then on and the next write takes the job's place.
 */
static void land_write(struct disk_unit *u)
{
	struct blk_dev *dev = &u->disk->dev;
	struct disk_write_job *w = &u->write;
	if (!w->active || w->end_ps > dev->sim->now_ps)
		return;
	w->active = false;
	sim_cancel(dev->sim, &u->media_event);
	if (dev->tags) {
		blk_tags_note_open(dev->tags, w->lbn, w->sectors, w->tag);
		blk_tags_note_durable(dev->tags, w->lbn, w->sectors, w->tag);
	}
}

static void done_event(struct sim *s, struct event *e)
{
	struct disk_unit *u = container_of(e, struct disk_unit, done_event);
	struct disk *d = u->disk;
	struct blk_req *r = u->current;
	land_write(u);
	if (r->op == BLK_WRITE || r->op == BLK_WRITE_ZEROES)
		u->write.acked = true;
	if (d->dev.tags && (r->op == BLK_WRITE || r->op == BLK_WRITE_ZEROES))
		blk_tags_note_acked(d->dev.tags, r->lba, r->sectors, disk_tag_of(r), s->now_ps);
	u->current = NULL;
	d->deciding = true; /* what done() submits queues up before the next choice */
	blk_complete(&d->dev, r, u->current_status);
	d->deciding = false;
	decide(u);
}

static void media_event(struct sim *s, struct event *e)
{
	(void)s;
	struct disk_unit *u = container_of(e, struct disk_unit, media_event);
	land_write(u);
	decide(u);
}

static void ready_event(struct sim *s, struct event *e)
{
	(void)s;
	decide(container_of(e, struct disk, ready_event)->unit);
}

static void disk_submit(struct blk_dev *dev, struct blk_req *r)
{
	struct disk *d = disk_of(dev);
	if (d->off) {
		blk_complete_at(dev, r, BLK_NOT_READY, dev->sim->now_ps);
		return;
	}
	cmdq_put(&d->queue, r);
	decide(d->unit);
}

/* ---- life and power ---------------------------------------------------------------------------- */

static int unit_open(struct disk *d, struct disk_unit *u, struct err *e)
{
	struct arena *a = d->dev.sim->arena;
	const struct disk_spec *o = d->spec;
	struct mech *m = &u->mech;
	u->disk = d;
	u->geom = geom_new(a, &o->geometry, e);
	if (!u->geom || seek_init(&m->seek, a, &o->seek, u->geom->cylinders, e) < 0)
		return -1;
	u->end_lbn = u->geom->sectors;
	m->millirpm = (uint64_t)o->rpm;
	m->by_millirpm = fastdiv_make(m->millirpm);
	m->head_switch_ps = o->head_switch_ps;
	m->write_settle_ps = o->write_settle_ps;
	m->same_track_ps = o->seek.same_track_ps;
	if (mech_init_write_extra(m, a, &o->seek.write_extra, u->geom->cylinders) < 0)
		return err_set(e, ERR_LIMIT, "no memory for seek.write_extra of disk %s", d->dev.name);
	m->ref_ps = d->dev.sim->now_ps;
	m->ref_angle = (uint64_t)(o->start_angle * (double)ANGLE_TURN) % ANGLE_TURN;
	event_init(&u->done_event, done_event, "disk command done", EVENT_PRIO_COMPLETE);
	event_init(&u->media_event, media_event, "disk write on the medium", EVENT_PRIO_DEVICE);
	return 0;
}

static int disk_open(struct blk_dev *dev, const void *spec, struct err *e)
{
	struct disk *d = disk_of(dev);
	struct arena *a = dev->sim->arena;
	d->spec = spec;
	d->units = 1;
	if (unit_open(d, &d->unit[0], e) < 0)
		return -1;
	const struct disk_cache_spec *c = &d->spec->cache;
	if (cmdq_init(&d->queue, a, (uint32_t)d->spec->queue_depth, disk_scheds[d->spec->scheduler],
		d->unit[0].geom) < 0 ||
	    buffer_init(&d->buffer, a, c->enabled ? (uint32_t)c->segments : 0, (uint64_t)c->segment_sectors) < 0)
		return err_set(e, ERR_LIMIT, "no memory for disk %s", dev->name);
	event_init(&d->ready_event, ready_event, "disk ready", EVENT_PRIO_DEVICE);
	return 0;
}

static void disk_identify(const struct blk_dev *dev, struct blk_identity *out)
{
	const struct disk *d = disk_of(dev);
	*out = (struct blk_identity){
		.model = d->spec->name,
		.kind = dev->ops->name,
		.sectors = d->unit[d->units - 1].end_lbn,
		.physical_bytes = SECTOR_BYTES,
		.queue_depth = (uint32_t)d->spec->queue_depth,
		.volatile_cache = disk_writes_back(d->unit),
	};
}

static void disk_status(const struct blk_dev *dev, struct blk_dev_status *out)
{
	const struct disk *d = disk_of(dev);
	*out = (struct blk_dev_status){
		.power = d->off ? BLK_POWER_OFF : BLK_POWER_ON,
		.queued = cmdq_waiting(&d->queue),
	};
	for (uint32_t i = 0; i < d->units; i++) {
		const struct disk_unit *u = &d->unit[i];
		bool in_flight;
		uint32_t landed = u->write.active ? disk_write_progress(u, dev->sim->now_ps, &in_flight) : 0;
		out->in_service += u->current != NULL;
		out->dirty_sectors += u->write.active && u->write.acked ? u->write.sectors - landed : 0;
		out->busy |= u->current != NULL || u->write.active;
	}
}

/* What of the present write reached the medium when the power went. */
static void cut_write(struct disk_unit *u, time_ps now)
{
	struct blk_tags *tags = u->disk->dev.tags;
	struct disk_write_job *w = &u->write;
	if (!w->active)
		return;
	w->active = false;
	if (!tags)
		return;
	bool in_flight;
	uint32_t landed = disk_write_progress(u, now, &in_flight);
	uint32_t touched = landed + (in_flight && landed < w->sectors);
	if (touched > 0)
		blk_tags_note_open(tags, w->lbn, touched, w->tag);
	if (landed > 0)
		blk_tags_note_durable(tags, w->lbn, landed, w->tag);
}

static void unit_power_cut(struct disk_unit *u)
{
	struct disk *d = u->disk;
	struct sim *s = d->dev.sim;
	cut_write(u, s->now_ps);
	sim_cancel(s, &u->done_event);
	sim_cancel(s, &u->media_event);
	if (u->current) {
		if (u->current->media_ps > s->now_ps)
			u->current->media_ps = -1; /* the head never got there */
		blk_complete_at(&d->dev, u->current, BLK_POWER_LOST, s->now_ps);
	}
	u->current = NULL;
	disk_stop_ahead(u, s->now_ps);
}

static void disk_power_cut(struct blk_dev *dev)
{
	struct disk *d = disk_of(dev);
	struct sim *s = dev->sim;
	for (uint32_t i = 0; i < d->units; i++)
		unit_power_cut(&d->unit[i]);
	sim_cancel(s, &d->ready_event);
	struct blk_req *r;
	while ((r = cmdq_drop(&d->queue)))
		blk_complete_at(dev, r, BLK_POWER_LOST, s->now_ps);
	buffer_clear(&d->buffer);
	if (d->busy_end_ps > s->now_ps) {
		dev->stats.busy_ps -= d->busy_end_ps - s->now_ps;
		d->busy_end_ps = s->now_ps;
	}
	d->off = true;
}

static time_ps disk_power_restore(struct blk_dev *dev)
{
	struct disk *d = disk_of(dev);
	struct sim *s = dev->sim;
	d->off = false;
	d->last_was_write = false;
	d->ready_ps = time_add(s->now_ps, d->spec->spin_up_ps);
	if (d->ready_ps > s->now_ps && !event_pending(&d->ready_event))
		sim_schedule(s, &d->ready_event, d->ready_ps);
	return d->ready_ps - s->now_ps;
}

const struct blk_dev_ops disk_ops = {
	.name = "disk",
	.doc = "magnetic disk: zoned geometry, exact rotation, track buffer, command queue",
	.options = &disk_options,
	.state_size = sizeof(struct disk),
	.open = disk_open,
	.identify = disk_identify,
	.status = disk_status,
	.submit = disk_submit,
	.power_cut = disk_power_cut,
	.power_restore = disk_power_restore,
	.save_state = disk_save,
	.load_state = disk_load,
	.report = disk_report,
	.table = disk_table,
};
