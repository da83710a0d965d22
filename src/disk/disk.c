/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The disk as a device: commands coming in, and its making. */
#include "disk/disk.h"

#include <math.h>
#include <stdio.h>

#include "disk/disk_private.h"
#include "sim/rng.h"

static inline struct disk *disk_of(const struct blk_dev *dev)
{
	return (struct disk *)(uintptr_t)dev;
}

static void ready_event(struct sim *s, struct event *e)
{
	(void)s;
	disk_decide_all(container_of(e, struct disk, ready_event));
}

static void disk_submit(struct blk_dev *dev, struct blk_req *r)
{
	struct disk *d = disk_of(dev);
	if (d->off) {
		blk_complete_at(dev, r, BLK_NOT_READY, dev->sim->now_ps);
		return;
	}
	if (d->units == 1)
		cmdq_put(&d->unit[0].queue, r);
	else if (disk_route(d, r) < 0)
		return;
	disk_decide_all(d);
}

/* The drive's own speed: drawn once, evenly around the nominal one, as DiskSim does. */
static int own_speed(const struct disk *d, uint64_t *millirpm, struct err *e)
{
	const struct disk_spec *o = d->spec;
	char path[256];
	*millirpm = (uint64_t)o->rpm;
	if (o->rpm_error == 0)
		return 0;
	snprintf(path, sizeof(path), "%.200s/rpm", d->dev.name);
	struct rng *r = rng_new(d->dev.sim->arena, d->dev.sim->seed, path);
	if (!r)
		return err_set(e, ERR_LIMIT, "no memory for disk %s", d->dev.name);
	*millirpm = (uint64_t)llround((double)o->rpm * (1 + o->rpm_error * (2 * rng_unit(r) - 1)));
	return 0;
}

/* The arm's share of the disk: the first or the second half of its heads or cylinders. */
static struct geom *own_geom(struct disk *d, struct disk_unit *u, struct err *e)
{
	const struct disk_spec *o = d->spec;
	const struct disk_geometry_spec *g = &o->geometry;
	if (d->units == 1)
		return geom_new(d->dev.sim->arena, g, e);
	bool second = u != d->unit;
	struct geom_slice slice = {.first_lbn = u->first_lbn};
	uint32_t heads = (uint32_t)g->heads, cylinders = (uint32_t)g->cylinders;
	if (o->actuators.split == ACTUATORS_BY_SURFACE) {
		slice.first_head = second ? heads / 2 : 0;
		slice.heads = second ? heads - heads / 2 : heads / 2;
	} else {
		slice.first_cylinder = second ? cylinders / 2 : 0;
		slice.cylinders = second ? cylinders - cylinders / 2 : cylinders / 2;
	}
	u->mech.head = slice.first_head;
	u->mech.cylinder = slice.first_cylinder;
	return geom_new_slice(d->dev.sim->arena, g, &slice, e);
}

static int unit_open(struct disk *d, struct disk_unit *u, struct err *e)
{
	struct arena *a = d->dev.sim->arena;
	const struct disk_spec *o = d->spec;
	struct mech *m = &u->mech;
	disk_unit_init(d, u);
	u->geom = own_geom(d, u, e);
	if (!u->geom || seek_init(&m->seek, a, &o->seek, u->geom->cylinders, e) < 0)
		return -1;
	u->end_lbn = u->first_lbn + u->geom->sectors;
	if (cmdq_init(&u->queue, a, (uint32_t)o->queue_depth, disk_scheds[o->scheduler], &o->queue, u->geom,
		(time_ps)(ANGLE_TURN / (uint64_t)o->rpm)) < 0)
		return err_set(e, ERR_LIMIT, "no memory for the command queue of disk %s", d->dev.name);
	if (own_speed(d, &m->millirpm, e) < 0)
		return -1;
	m->by_millirpm = fastdiv_make(m->millirpm);
	m->head_switch_ps = o->head_switch_ps;
	m->write_settle_ps = o->write_settle_ps;
	m->same_track_ps = o->seek.same_track_ps;
	if (mech_init_write_extra(m, a, &o->seek.write_extra, u->geom->cylinders) < 0)
		return err_set(e, ERR_LIMIT, "no memory for seek.write_extra of disk %s", d->dev.name);
	m->ref_ps = d->dev.sim->now_ps;
	m->ref_angle = (uint64_t)(o->start_angle * (double)ANGLE_TURN) % ANGLE_TURN;
	return 0;
}

static int disk_open(struct blk_dev *dev, const void *spec, struct err *e)
{
	struct disk *d = disk_of(dev);
	struct arena *a = dev->sim->arena;
	d->spec = spec;
	d->units = (uint32_t)d->spec->actuators.count;
	d->stream.next_lbn = UINT64_MAX; /* no read yet */
	disk_split_init(d);
	for (uint32_t i = 0; i < d->units; i++) {
		d->unit[i].first_lbn = i > 0 ? d->unit[i - 1].end_lbn : 0;
		if (unit_open(d, &d->unit[i], e) < 0)
			return -1;
	}
	if (disk_fault_open(d, e) < 0)
		return -1;
	power_init(&d->power, &d->spec->power, d->spec->spin_up_ps, dev->sim->now_ps);
	d->slots = d->spec->concurrent_hits || d->spec->next_position == NEXT_AT_MEDIA_END ? 2 : 1;
	d->shares_bus = d->units * d->slots > 1;
	d->write_end_lbn = UINT64_MAX;
	d->destage = disk_destages[d->spec->write_cache.order];
	const struct disk_cache_spec *c = &d->spec->cache;
	const struct disk_write_cache_spec *w = &d->spec->write_cache;
	int64_t most = c->buffer_bytes > 0 ? c->buffer_bytes / SECTOR_BYTES : INT64_MAX, dirty = w->sectors < most ? w->sectors : most;
	if (buffer_init(&d->buffer, a, c->enabled ? (uint32_t)c->segments : 0, (uint64_t)c->segment_sectors) < 0 ||
	    wcache_init(&d->wcache, a, (uint32_t)w->extents, (uint64_t)dirty, (enum wcache_combine)w->combine) < 0)
		return err_set(e, ERR_LIMIT, "no memory for disk %s", dev->name);
	event_init(&d->ready_event, ready_event, "disk ready", EVENT_PRIO_DEVICE);
	return disk_shingle_open(d, e);
}

static void disk_identify(const struct blk_dev *dev, struct blk_identity *out)
{
	const struct disk *d = disk_of(dev);
	*out = (struct blk_identity){
		.model = d->spec->name,
		.kind = dev->ops->name,
		.sectors = d->smr ? smr_sectors(d->smr) : d->unit[d->units - 1].end_lbn,
		.zone_sectors = d->smr ? smr_zone_sectors(d->smr) : 0,
		.physical_bytes = SECTOR_BYTES,
		.queue_depth = (uint32_t)d->spec->queue_depth,
		.volatile_cache = disk_writes_back(d->unit),
	};
}

/* What is in work has been counted to its end. */
static time_ps disk_busy_ps(const struct blk_dev *dev)
{
	const struct disk *d = disk_of(dev);
	return dev->stats.busy_ps - time_max(d->busy_end_ps - dev->sim->now_ps, 0);
}

const struct blk_dev_ops disk_ops = {
	.name = "disk",
	.doc = "magnetic disk: zoned geometry, exact rotation, track buffer, command queue",
	.options = &disk_options,
	.state_size = sizeof(struct disk),
	.open = disk_open,
	.identify = disk_identify,
	.busy_ps = disk_busy_ps,
	.status = disk_status,
	.submit = disk_submit,
	.power_cut = disk_power_cut,
	.power_restore = disk_power_restore,
	.save_state = disk_save,
	.load_state = disk_load,
	.forget = disk_forget,
	.report = disk_report,
	.table = disk_table,
	.show = disk_show,
	.watch = disk_watch,
};
