/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is alike for every block device: counting, range checks, barriers, the map of
 * written sectors, completion events.
 *
 * Invariant: stats.submitted = stats.completed + inside + held.count, from counters that
 * are moved in different places.
 */
#include "blk/dev.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

struct blk_dev *blk_dev_open(struct sim *s, const struct blk_dev_ops *ops, const char *name,
	const void *spec, struct err *e)
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
	if (ops->open(dev, spec, e) < 0)
		return NULL;
	struct blk_identity id = {0};
	ops->identify(dev, &id);
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
	return r->sectors > 0 && r->lba < dev->sectors && r->sectors <= dev->sectors - r->lba;
}

static inline uint32_t count_unwritten(const struct blk_dev *dev, uint64_t lba, uint32_t sectors)
{
	uint64_t known = dev->filled > lba ? dev->filled - lba : 0;
	return known >= sectors ? 0 : blk_written_missing(&dev->written, lba + known, sectors - (uint32_t)known);
}

/* Reads count what was never written when they are submitted. */
static inline void account(struct blk_dev *dev, struct blk_req *r)
{
	if (r->op == BLK_READ) {
		r->unwritten = count_unwritten(dev, r->lba, r->sectors);
		dev->stats.unwritten_sectors += r->unwritten;
		dev->stats.host_read_sectors += r->sectors;
	} else if (r->op == BLK_WRITE) {
		dev->stats.host_write_sectors += r->sectors;
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

static inline void enter(struct blk_dev *dev, struct blk_req *r)
{
	account(dev, r);
	dev->inside++;
	dev->barrier_inside = (r->flags & BLK_BARRIER) != 0;
	dev->ops->submit(dev, r);
}

static inline bool must_wait(const struct blk_dev *dev, const struct blk_req *r)
{
	return dev->barrier_inside || ((r->flags & BLK_BARRIER) && dev->inside > 0);
}

void blk_submit(struct blk_dev *dev, struct blk_req *r)
{
	blk_req_reset(r);
	r->submit_ps = dev->sim->now_ps;
	r->sequence = dev->sequence++;
	dev->stats.submitted++;
	if (__builtin_expect(!in_range(dev, r), 0)) {
		refuse(dev, r, BLK_OUT_OF_RANGE);
		return;
	}
	if (__builtin_expect(dev->held.count > 0 || must_wait(dev, r), 0)) {
		blk_list_append(&dev->held, r);
		return;
	}
	enter(dev, r);
}

static void release_held(struct blk_dev *dev)
{
	while (dev->held.head && !must_wait(dev, dev->held.head)) {
		struct blk_req *r = dev->held.head;
		blk_list_remove(&dev->held, r);
		enter(dev, r);
	}
}

void blk_complete(struct blk_dev *dev, struct blk_req *r, enum blk_status status)
{
	if (dev->inside == 0)
		sim_bug(dev->sim, "device %s completes a request it does not hold", dev->name);
	dev->inside--;
	if (__builtin_expect(dev->barrier_inside && dev->inside == 0, 0))
		dev->barrier_inside = false;
	keep_map(dev, r, status);
	if (r->op == BLK_READ)
		dev->stats.reads_by_hit[r->hit]++;
	else if (r->op == BLK_WRITE)
		dev->stats.writes_by_hit[r->hit]++;
	dev->stats.overhead_ps += r->overhead_ps;
	dev->stats.seek_ps += r->seek_ps;
	dev->stats.rotation_ps += r->rotation_ps;
	dev->stats.transfer_ps += r->transfer_ps;
	dev->stats.bus_ps += r->bus_ps;
	dev->stats.energy_pj += r->energy_pj;
	leave(dev, r, status);
	if (__builtin_expect(dev->held.count > 0, 0))
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
	while (dev->held.head) {
		struct blk_req *r = dev->held.head;
		blk_list_remove(&dev->held, r);
		refuse(dev, r, BLK_POWER_LOST);
	}
	dev->ops->power_cut(dev);
}

time_ps blk_dev_power_restore(struct blk_dev *dev) { return dev->ops->power_restore(dev); }

int blk_save_bytes(FILE *out, const void *bytes, size_t count, struct err *e)
{
	if (count > 0 && fwrite(bytes, 1, count, out) != count)
		return err_set(e, ERR_IO, "cannot write the saved state: %s", strerror(errno));
	return 0;
}

int blk_load_bytes(FILE *in, void *bytes, size_t count, struct err *e)
{
	if (count > 0 && fread(bytes, 1, count, in) != count)
		return err_set(e, ERR_IO, "the saved state ends early");
	return 0;
}

/* Head of a saved state: refuses the state of another kind or size of device. */
struct saved_head {
	char magic[8];
	char kind[24];
	uint64_t config;      /* hash of the config in force */
	uint64_t sectors;
	uint64_t sequence;
	struct blk_dev_stats stats;
	uint32_t written_bits;
	uint32_t has_written;
	uint64_t written_used;
};

/* The config as it would be written out: its pointers and padding mean nothing. */
static int hash_config(const struct blk_dev *dev, uint64_t *hash, struct err *e)
{
	char *text = NULL;
	size_t bytes = 0;
	FILE *out = open_memstream(&text, &bytes);
	if (out)
		opt_write_yaml(dev->ops->options, dev->spec, 0, out);
	if (!out || fclose(out) != 0) {
		free(text);
		return err_set(e, ERR_LIMIT, "no memory for the config of device %s", dev->name);
	}
	*hash = XXH3_64bits(text, bytes);
	free(text);
	return 0;
}

static int head_fill(const struct blk_dev *dev, struct saved_head *h, struct err *e)
{
	memset(h, 0, sizeof(*h));
	memcpy(h->magic, "quernst1", sizeof(h->magic));
	strncpy(h->kind, dev->ops->name, sizeof(h->kind) - 1);
	h->sectors = dev->sectors;
	h->sequence = dev->sequence;
	h->stats = dev->stats;
	h->has_written = dev->written.table != NULL;
	h->written_bits = dev->written.bits;
	h->written_used = dev->written.used;
	return hash_config(dev, &h->config, e);
}

int blk_dev_save(const struct blk_dev *dev, FILE *out, struct err *e)
{
	struct blk_dev_status status = {0};
	dev->ops->status(dev, &status);
	if (dev->inside > 0 || dev->held.count > 0 || status.busy)
		return err_set(e, ERR_CHECK, "device %s cannot be saved while it works", dev->name);
	struct saved_head head;
	if (head_fill(dev, &head, e) < 0 || blk_save_bytes(out, &head, sizeof(head), e) < 0)
		return -1;
	if (head.has_written && blk_save_bytes(out, dev->written.table,
		sizeof(*dev->written.table) << dev->written.bits, e) < 0)
		return -1;
	return dev->ops->save_state(dev, out, e);
}

int blk_dev_load(struct blk_dev *dev, FILE *in, struct err *e)
{
	struct saved_head head, own;
	if (head_fill(dev, &own, e) < 0 || blk_load_bytes(in, &head, sizeof(head), e) < 0)
		return -1;
	if (memcmp(head.magic, own.magic, sizeof(own.magic)) != 0 ||
	    memcmp(head.kind, own.kind, sizeof(own.kind)) != 0 || head.sectors != own.sectors ||
	    head.config != own.config || (head.has_written && (head.written_bits < 1 || head.written_bits > 40 ||
	    head.written_used >= UINT64_C(1) << head.written_bits)))
		return err_set(e, ERR_CONFIG, "the saved state is not of a device configured like %s", dev->name);
	if (head.has_written) {
		size_t places = (size_t)1 << head.written_bits;
		struct blk_written_entry *table = blk_written_table_new(head.written_bits);
		if (!table)
			return err_set(e, ERR_LIMIT, "no memory to load the state of device %s", dev->name);
		blk_written_free(&dev->written);
		dev->written = (struct blk_written){table, head.written_bits, head.written_used};
		if (blk_load_bytes(in, table, places * sizeof(*table), e) < 0)
			return -1;
	}
	dev->stats = head.stats;
	dev->sequence = head.sequence;
	return dev->ops->load_state(dev, in, e);
}
