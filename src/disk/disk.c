/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The disk as a device: its command queue, who is served next, power.
 *
 * Invariants: `current` is the only command in service; waiting[0 .. waiting_count) and
 * in_order hold the same requests; overflow is empty unless all places are taken; a command
 * that needs the medium does not start while an early-acknowledged write holds it.
 */
#include "disk/disk.h"

#include "disk/disk_private.h"

static inline struct disk *disk_of(const struct blk_dev *dev)
{
	return (struct disk *)(uintptr_t)dev;
}

static void decide(struct disk *d);
static void land_write(struct disk *d);

/* ---- the queue ----------------------------------------------------------------------------- */

static inline bool is_media_op(const struct blk_req *r)
{
	return r->op == BLK_READ || r->op == BLK_WRITE || r->op == BLK_WRITE_ZEROES;
}

static void put_candidate(struct disk *d, struct blk_req *r)
{
	struct disk_candidate *c = &d->waiting[d->waiting_count];
	c->lbn = r->lba;
	c->sequence = r->sequence;
	c->write = r->op != BLK_READ;
	c->req = r;
	if (d->sched->looks_at_place) {
		struct geom_place at;
		geom_locate(d->geom, r->lba, &at);
		c->cylinder = at.cylinder;
		c->head = at.head;
		c->angle = geom_place_angle(d->geom, &at);
	}
	r->key = d->waiting_count++;
	blk_list_append(&d->in_order, r);
}

static struct blk_req *take_candidate(struct disk *d, uint32_t i)
{
	struct blk_req *r = d->waiting[i].req;
	blk_list_remove(&d->in_order, r);
	d->waiting[i] = d->waiting[--d->waiting_count];
	d->waiting[i].req->key = i;
	if (d->overflow.head) {
		struct blk_req *next = d->overflow.head;
		blk_list_remove(&d->overflow, next);
		put_candidate(d, next);
	}
	return r;
}

static void enqueue(struct disk *d, struct blk_req *r)
{
	if (!is_media_op(r))
		blk_list_append(&d->no_media, r);
	else if (d->waiting_count < (uint32_t)d->spec->queue_depth)
		put_candidate(d, r);
	else
		blk_list_append(&d->overflow, r);
}

/* ---- service --------------------------------------------------------------------------------- */

/* A request without a place in the queue goes first; then whatever the scheduler chooses. */
static struct blk_req *choose(struct disk *d)
{
	struct sim *s = d->dev.sim;
	if (d->no_media.head) {
		struct blk_req *r = d->no_media.head;
		blk_list_remove(&d->no_media, r);
		return r;
	}
	if (d->waiting_count == 0)
		return NULL;
	uint32_t oldest = (uint32_t)d->in_order.head->key;
	if (disk_medium_held(d, s->now_ps)) {
		/* only what the buffer alone can serve, and only in its turn */
		disk_advance_ahead(d, s->now_ps);
		return disk_needs_medium(d, d->in_order.head) ? NULL : take_candidate(d, oldest);
	}
	if (d->waiting_count == 1)
		return take_candidate(d, oldest);
	struct disk_view v = {&d->mech, {
		s->now_ps + disk_overhead(d, false, false),
		s->now_ps + disk_overhead(d, true, disk_writes_back(d)),
	}, oldest};
	return take_candidate(d, d->sched->pick(&v, d->waiting, d->waiting_count));
}

static void start(struct disk *d, struct blk_req *r)
{
	struct sim *s = d->dev.sim;
	d->current = r;
	d->current_status = is_media_op(r) || r->op == BLK_FLUSH ? BLK_OK : BLK_UNSUPPORTED;
	time_ps done = disk_serve(d, r);
	time_ps busy_end = done;
	if (r->op != BLK_READ && d->write.active && d->write.end_ps > done) {
		busy_end = d->write.end_ps;
		if (!event_pending(&d->media_event))
			sim_schedule(s, &d->media_event, d->write.end_ps);
	}
	if (busy_end > d->busy_end_ps) {
		d->dev.stats.busy_ps += busy_end - time_max(s->now_ps, d->busy_end_ps);
		d->busy_end_ps = busy_end;
	}
	sim_schedule(s, &d->done_event, done);
}

static void decide(struct disk *d)
{
	if (d->current || d->deciding || d->dev.sim->now_ps < d->ready_ps)
		return;
	land_write(d);
	struct blk_req *r = choose(d);
	if (r)
		start(d, r);
}

/*
 * A write whose time has come is on the medium. Asked by every event that may be the first at
 * that instant, since the medium is free from then on and the next write takes the job's place.
 */
static void land_write(struct disk *d)
{
	struct disk_write_job *w = &d->write;
	if (!w->active || w->end_ps > d->dev.sim->now_ps)
		return;
	w->active = false;
	sim_cancel(d->dev.sim, &d->media_event);
	if (d->dev.tags) {
		blk_tags_note_open(d->dev.tags, w->lbn, w->sectors, w->tag);
		blk_tags_note_durable(d->dev.tags, w->lbn, w->sectors, w->tag);
	}
}

static void done_event(struct sim *s, struct event *e)
{
	struct disk *d = container_of(e, struct disk, done_event);
	struct blk_req *r = d->current;
	land_write(d);
	if (r->op == BLK_WRITE || r->op == BLK_WRITE_ZEROES)
		d->write.acked = true;
	if (d->dev.tags && (r->op == BLK_WRITE || r->op == BLK_WRITE_ZEROES))
		blk_tags_note_acked(d->dev.tags, r->lba, r->sectors, disk_tag_of(r), s->now_ps);
	d->current = NULL;
	d->deciding = true; /* what done() submits queues up before the next choice */
	blk_complete(&d->dev, r, d->current_status);
	d->deciding = false;
	decide(d);
}

static void media_event(struct sim *s, struct event *e)
{
	(void)s;
	struct disk *d = container_of(e, struct disk, media_event);
	land_write(d);
	decide(d);
}

static void ready_event(struct sim *s, struct event *e)
{
	(void)s;
	decide(container_of(e, struct disk, ready_event));
}

static void disk_submit(struct blk_dev *dev, struct blk_req *r)
{
	struct disk *d = disk_of(dev);
	if (d->off) {
		blk_complete_at(dev, r, BLK_NOT_READY, dev->sim->now_ps);
		return;
	}
	enqueue(d, r);
	decide(d);
}

/* ---- life and power ---------------------------------------------------------------------------- */

static int disk_open(struct blk_dev *dev, const void *spec, struct err *e)
{
	struct disk *d = disk_of(dev);
	struct arena *a = dev->sim->arena;
	d->spec = spec;
	d->sched = disk_scheds[d->spec->scheduler];
	d->geom = geom_new(a, &d->spec->geometry, e);
	if (!d->geom || seek_init(&d->mech.seek, a, &d->spec->seek, d->geom->cylinders, e) < 0)
		return -1;
	const struct disk_cache_spec *c = &d->spec->cache;
	d->waiting = arena_array(a, (size_t)d->spec->queue_depth, sizeof(*d->waiting));
	if (!d->waiting || buffer_init(&d->buffer, a, c->enabled ? (uint32_t)c->segments : 0,
		(uint64_t)c->segment_sectors) < 0)
		return err_set(e, ERR_LIMIT, "no memory for disk %s", dev->name);
	d->mech.millirpm = (uint64_t)d->spec->rpm;
	d->mech.by_millirpm = fastdiv_make(d->mech.millirpm);
	d->mech.head_switch_ps = d->spec->head_switch_ps;
	d->mech.write_settle_ps = d->spec->write_settle_ps;
	d->mech.ref_ps = dev->sim->now_ps;
	d->mech.ref_angle = (uint64_t)(d->spec->start_angle * (double)ANGLE_TURN) % ANGLE_TURN;
	event_init(&d->done_event, done_event, "disk command done", EVENT_PRIO_COMPLETE);
	event_init(&d->media_event, media_event, "disk write on the medium", EVENT_PRIO_DEVICE);
	event_init(&d->ready_event, ready_event, "disk ready", EVENT_PRIO_DEVICE);
	return 0;
}

static void disk_identify(const struct blk_dev *dev, struct blk_identity *out)
{
	const struct disk *d = disk_of(dev);
	*out = (struct blk_identity){
		.model = d->spec->name,
		.kind = dev->ops->name,
		.sectors = d->geom->sectors,
		.physical_bytes = SECTOR_BYTES,
		.queue_depth = (uint32_t)d->spec->queue_depth,
		.volatile_cache = disk_writes_back(d),
	};
}

static void disk_status(const struct blk_dev *dev, struct blk_dev_status *out)
{
	const struct disk *d = disk_of(dev);
	bool in_flight;
	uint32_t landed = d->write.active ? disk_write_progress(d, dev->sim->now_ps, &in_flight) : 0;
	*out = (struct blk_dev_status){
		.power = d->off ? BLK_POWER_OFF : BLK_POWER_ON,
		.queued = d->waiting_count + d->no_media.count + d->overflow.count,
		.in_service = d->current != NULL,
		.dirty_sectors = d->write.active && d->write.acked ? d->write.sectors - landed : 0,
		.busy = d->current != NULL || d->write.active,
	};
}

/* What of the present write reached the medium when the power went. */
static void cut_write(struct disk *d, time_ps now)
{
	struct disk_write_job *w = &d->write;
	if (!w->active)
		return;
	w->active = false;
	if (!d->dev.tags)
		return;
	bool in_flight;
	uint32_t landed = disk_write_progress(d, now, &in_flight);
	uint32_t touched = landed + (in_flight && landed < w->sectors);
	if (touched > 0)
		blk_tags_note_open(d->dev.tags, w->lbn, touched, w->tag);
	if (landed > 0)
		blk_tags_note_durable(d->dev.tags, w->lbn, landed, w->tag);
}

static void lose_all(struct disk *d, struct blk_list *l)
{
	while (l->head) {
		struct blk_req *r = l->head;
		blk_list_remove(l, r);
		blk_complete_at(&d->dev, r, BLK_POWER_LOST, d->dev.sim->now_ps);
	}
}

static void disk_power_cut(struct blk_dev *dev)
{
	struct disk *d = disk_of(dev);
	struct sim *s = dev->sim;
	cut_write(d, s->now_ps);
	sim_cancel(s, &d->done_event);
	sim_cancel(s, &d->media_event);
	sim_cancel(s, &d->ready_event);
	if (d->current) {
		if (d->current->media_ps > s->now_ps)
			d->current->media_ps = -1; /* the head never got there */
		blk_complete_at(dev, d->current, BLK_POWER_LOST, s->now_ps);
	}
	d->current = NULL;
	lose_all(d, &d->in_order);
	lose_all(d, &d->no_media);
	lose_all(d, &d->overflow);
	d->waiting_count = 0;
	disk_stop_ahead(d, s->now_ps);
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
