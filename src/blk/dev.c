/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is alike for every block device: counting, range checks, barriers, the map of
 * written sectors, completion events.
 *
 * Invariant: stats.submitted = stats.completed + inside + held.count, from counters that
 * are moved in different places.
 */
#include "blk/dev.h"

#include "blk/shown.h"

struct blk_dev *blk_dev_open(struct sim *s, const struct blk_dev_ops *ops, const char *name,
	const void *spec, struct err *e)
{
	return blk_dev_open_as(s, ops, name, spec, NULL, e);
}

struct blk_dev *blk_dev_open_as(struct sim *s, const struct blk_dev_ops *ops, const char *name, const void *spec,
	const struct blk_past *past, struct err *e)
{
	struct blk_dev *dev = arena_alloc(s->arena, ops->state_size);
	char *copy = arena_strdup(s->arena, name);
	if (!dev || !copy) {
		err_set(e, ERR_LIMIT, "no memory for device %s", name);
		return NULL;
	}
	dev->ops = ops;
	dev->sim = s;
	dev->name = copy;
	dev->spec = spec;
	dev->past = past;
	if (ops->open(dev, spec, e) < 0)
		return NULL;
	dev->past = NULL;
	struct blk_identity id = {0};
	dev->ops->identify(dev, &id);
	dev->sectors = id.sectors;
	return dev;
}

void blk_dev_close(struct blk_dev *dev)
{
	if (!dev)
		return;
	blk_written_free(&dev->written);
	if (dev->ops->close)
		dev->ops->close(dev);
}

static void leave(struct blk_dev *dev, struct blk_req *r, enum blk_status status)
{
	r->status = (uint8_t)status;
	r->done_ps = dev->sim->now_ps;
	dev->stats.completed++;
	if (__builtin_expect(dev->shown != NULL, 0))
		blk_shown_leave(dev, r);
	r->done(dev->sim, r);
}

static void leave_event(struct sim *s, struct event *e)
{
	(void)s;
	struct blk_req *r = container_of(e, struct blk_req, event);
	leave(r->device_private, r, r->status);
}

/* Send back a request that never got inside; by event, since done() must not nest in submit. */
static void refuse(struct blk_dev *dev, struct blk_req *r, enum blk_status status)
{
	r->status = (uint8_t)status;
	r->device_private = dev;
	event_init(&r->event, leave_event, "refuse request", EVENT_PRIO_COMPLETE);
	sim_schedule(dev->sim, &r->event, dev->sim->now_ps);
}

static bool in_range(const struct blk_dev *dev, const struct blk_req *r)
{
	if (!blk_op_has_range(r->op))
		return r->op == BLK_FLUSH || r->lba < dev->sectors;
	return r->lba < dev->sectors && (uint64_t)r->sectors - 1 < dev->sectors - r->lba; /* 0 sectors are the most of all */
}

static inline uint32_t count_unwritten(const struct blk_dev *dev, uint64_t lba, uint32_t sectors)
{
	if (lba + sectors <= dev->filled)
		return 0;
	uint32_t known = dev->filled > lba ? (uint32_t)(dev->filled - lba) : 0;
	return blk_written_missing(&dev->written, lba + known, sectors - known);
}

/* Reads count what was never written when they are submitted. */
static inline void account(struct blk_dev *dev, struct blk_req *r)
{
	if (r->op == BLK_READ) {
		dev->stats.host_read_sectors += r->sectors;
		uint32_t unwritten = count_unwritten(dev, r->lba, r->sectors);
		if (unwritten == 0)
			return;
		r->unwritten = unwritten;
		dev->stats.unwritten_sectors += unwritten;
	} else if (r->op == BLK_WRITE) {
		dev->stats.host_write_sectors += r->sectors;
		if (r->lba + r->sectors > dev->filled) /* keep_map() will look at it */
			blk_written_prefetch(&dev->written, r->lba);
	}
}

/* What was done, and not what was asked for, keeps the map. A write that failed or was lost with
 * the power may have changed its sectors. */
static inline void keep_map(struct blk_dev *dev, const struct blk_req *r, enum blk_status status)
{
	if (r->op == BLK_WRITE || r->op == BLK_WRITE_ZEROES) {
		if (blk_status_refused(status) || r->lba + r->sectors <= dev->filled)
			return; /* what was filled is known to be written */
		if (!blk_written_mark(&dev->written, r->lba, r->sectors))
			sim_fail(dev->sim, ERR_LIMIT, "no memory for the map of written sectors");
	} else if (r->op == BLK_TRIM && status == BLK_OK) {
		blk_written_clear(&dev->written, r->lba, r->sectors);
	}
}

static inline __attribute__((always_inline)) void enter(struct blk_dev *dev, struct blk_req *r)
{
	account(dev, r);
	dev->inside++;
	dev->ops->submit(dev, r);
}

/* ---- barriers: what needs them goes through here, so that nothing else has to look at more than `closed` ---------- */

static void set_closed(struct blk_dev *dev) { dev->closed = dev->barrier_inside || dev->held.count > 0; }

static bool must_wait(const struct blk_dev *dev, const struct blk_req *r)
{
	return dev->barrier_inside || ((r->flags & BLK_BARRIER) && dev->inside > 0);
}

static void enter_in_turn(struct blk_dev *dev, struct blk_req *r)
{
	dev->barrier_inside = (r->flags & BLK_BARRIER) != 0;
	set_closed(dev);
	enter(dev, r);
}

static __attribute__((noinline)) void submit_at_barrier(struct blk_dev *dev, struct blk_req *r)
{
	if (!dev->closed && !must_wait(dev, r)) {
		enter_in_turn(dev, r);
		return;
	}
	blk_list_append(&dev->held, r);
	set_closed(dev);
}

static __attribute__((noinline)) void release_held(struct blk_dev *dev)
{
	while (dev->held.head && !must_wait(dev, dev->held.head))
		enter_in_turn(dev, blk_list_take(&dev->held));
}

/* Nothing is inside any more. */
static __attribute__((noinline)) void end_barrier(struct blk_dev *dev)
{
	dev->barrier_inside = false;
	set_closed(dev);
}

void blk_submit(struct blk_dev *dev, struct blk_req *r)
{
	blk_req_reset(r);
	r->submit_ps = dev->sim->now_ps;
	r->sequence = dev->sequence++;
	dev->stats.submitted++;
	if (__builtin_expect(dev->watch != NULL, 0))
		dev->watch(dev->watch_ctx, r);
	if (__builtin_expect(dev->shown != NULL, 0))
		blk_shown_submit(dev, r);
	if (__builtin_expect(!in_range(dev, r), 0)) {
		refuse(dev, r, BLK_OUT_OF_RANGE);
		return;
	}
	if (__builtin_expect(dev->closed || (r->flags & BLK_BARRIER), 0)) {
		submit_at_barrier(dev, r);
		return;
	}
	enter(dev, r);
}

void blk_complete(struct blk_dev *dev, struct blk_req *r, enum blk_status status)
{
	if (dev->inside == 0)
		sim_bug(dev->sim, "device %s completes a request it does not hold", dev->name);
	dev->inside--;
	if (__builtin_expect(dev->closed && dev->inside == 0, 0))
		end_barrier(dev);
	keep_map(dev, r, status);
	if (r->op == BLK_READ)
		dev->stats.reads_by_hit[r->hit]++;
	else if (r->op == BLK_WRITE)
		dev->stats.writes_by_hit[r->hit]++;
	dev->stats.transfer_ps += r->transfer_ps;
	if (r->overhead_ps | r->bus_ps) {
		dev->stats.overhead_ps += r->overhead_ps;
		dev->stats.bus_ps += r->bus_ps;
	}
	if (r->seek_ps | r->rotation_ps | r->energy_pj) {
		dev->stats.seek_ps += r->seek_ps;
		dev->stats.rotation_ps += r->rotation_ps;
		dev->stats.energy_pj += r->energy_pj;
	}
	leave(dev, r, status);
	if (__builtin_expect(dev->closed, 0))
		release_held(dev);
}

static void complete_event(struct sim *s, struct event *e)
{
	(void)s;
	struct blk_req *r = container_of(e, struct blk_req, event);
	blk_complete(r->device_private, r, r->status);
}

void blk_complete_at(struct blk_dev *dev, struct blk_req *r, enum blk_status status, time_ps at)
{
	r->status = (uint8_t)status;
	r->device_private = dev;
	event_init(&r->event, complete_event, "complete request", EVENT_PRIO_COMPLETE);
	sim_schedule(dev->sim, &r->event, at);
}

void blk_dev_power_cut(struct blk_dev *dev)
{
	while (dev->held.head)
		refuse(dev, blk_list_take(&dev->held), BLK_POWER_LOST);
	set_closed(dev);
	dev->ops->power_cut(dev);
}

time_ps blk_dev_power_restore(struct blk_dev *dev) { return dev->ops->power_restore(dev); }
