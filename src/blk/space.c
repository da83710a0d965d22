/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Namespaces: a request is lent to the device with done() and owner of our own, and given back as it came.
 */
#include "blk/space.h"

#include <stdio.h>

#define POOL_GROW 64u

/* What a request was like before it went on. */
struct call {
	struct blk_space *space;
	blk_done_fn *done;
	void *owner;
	uint64_t lba;
	uint8_t flags;
};

static struct blk_space *space_of(const struct blk_dev *dev) { return (struct blk_space *)(uintptr_t)dev; }

static void count(struct blk_space *n, const struct blk_req *r)
{
	n->dev.stats.unwritten_sectors += r->unwritten;
	if (r->status != BLK_OK)
		return;
	if (r->op == BLK_READ)
		hist_add(&n->read, r->done_ps - r->arrive_ps);
	else if (r->op == BLK_WRITE)
		hist_add(&n->write, r->done_ps - r->arrive_ps);
}

static void back(struct sim *s, struct blk_req *r)
{
	(void)s;
	struct call *c = r->owner;
	struct blk_space *n = c->space;
	r->done = c->done;
	r->owner = c->owner;
	r->lba = r->op == BLK_ZONE_APPEND ? r->lba - n->first : c->lba; /* an append is told where it went */
	r->flags = c->flags;
	r->nsid = 0;
	pool_put(&n->calls, c);
	count(n, r);
	blk_complete(&n->dev, r, (enum blk_status)r->status);
}

static void space_submit(struct blk_dev *dev, struct blk_req *r)
{
	struct blk_space *n = space_of(dev);
	struct call *c = pool_get(&n->calls);
	if (!c) {
		sim_fail(dev->sim, ERR_LIMIT, "no memory for another request of %s", dev->name);
		blk_complete_at(dev, r, BLK_MEDIA_ERROR, dev->sim->now_ps);
		return;
	}
	*c = (struct call){n, r->done, r->owner, r->lba, r->flags};
	r->done = back;
	r->owner = c;
	r->flags &= (uint8_t)~BLK_BARRIER; /* kept here */
	r->nsid = n->nsid;
	if (r->op != BLK_FLUSH)
		r->lba += n->first;
	blk_submit(n->device, r);
}

static int space_open(struct blk_dev *dev, const void *spec, struct err *e)
{
	(void)dev;
	(void)spec;
	(void)e;
	return 0; /* blk_space_open() does it, which knows the device */
}

static void space_identify(const struct blk_dev *dev, struct blk_identity *out)
{
	const struct blk_space *n = space_of(dev);
	if (!n->device) { /* being opened */
		*out = (struct blk_identity){0};
		return;
	}
	n->device->ops->identify(n->device, out);
	out->sectors = n->device->ops->space(n->device->spec, n->nsid);
	out->kind = dev->ops->name;
}

static void space_status(const struct blk_dev *dev, struct blk_dev_status *out)
{
	const struct blk_space *n = space_of(dev);
	n->device->ops->status(n->device, out);
	out->queued = 0;
	out->in_service = dev->inside;
	out->dirty_sectors = 0;
}

static bool is_on(const struct blk_dev *dev)
{
	struct blk_dev_status now = {0};
	dev->ops->status(dev, &now);
	return now.power == BLK_POWER_ON;
}

static void space_power_cut(struct blk_dev *dev)
{
	struct blk_space *n = space_of(dev);
	if (is_on(n->device))
		blk_dev_power_cut(n->device);
}

static time_ps space_power_restore(struct blk_dev *dev)
{
	struct blk_space *n = space_of(dev);
	return is_on(n->device) ? 0 : blk_dev_power_restore(n->device);
}

static const struct opt_row no_rows[] = {{0}};
static const struct opt_group no_options = {"namespace", "namespace of a device", no_rows, 0, NULL};

static const struct blk_dev_ops space_ops = {
	.name = "namespace",
	.doc = "a part of a device that its host sees as a device of its own",
	.options = &no_options,
	.state_size = sizeof(struct blk_space),
	.open = space_open,
	.identify = space_identify,
	.status = space_status,
	.submit = space_submit,
	.power_cut = space_power_cut,
	.power_restore = space_power_restore,
};

uint32_t blk_spaces(const struct blk_dev_ops *ops, const void *spec)
{
	uint32_t n = 0;
	while (ops->space && ops->space(spec, n + 1) > 0)
		n++;
	return n;
}

struct blk_dev *blk_space_open(struct sim *s, struct blk_dev *device, uint32_t nsid, struct err *e)
{
	char name[256];
	snprintf(name, sizeof(name), "%sn%u", device->name, nsid);
	struct blk_dev *dev = blk_dev_open(s, &space_ops, name, NULL, e);
	if (!dev)
		return NULL;
	struct blk_space *n = space_of(dev);
	n->device = device;
	n->nsid = nsid;
	for (uint32_t i = 1; i < nsid; i++)
		n->first += device->ops->space(device->spec, i);
	dev->sectors = device->ops->space(device->spec, nsid);
	dev->filled = dev->sectors; /* which sectors hold data, the device keeps */
	pool_init(&n->calls, s->arena, sizeof(struct call), POOL_GROW);
	if (hist_init(&n->read, s->arena) < 0 || hist_init(&n->write, s->arena) < 0)
		return err_set(e, ERR_LIMIT, "no memory for the latencies of %s", name), NULL;
	return dev;
}

const struct blk_space *blk_space_of(const struct blk_dev *dev)
{
	return dev->ops == &space_ops ? space_of(dev) : NULL;
}
