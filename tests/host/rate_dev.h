/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A device of exact bandwidth: one request after another, each takes its bytes at the rate, a flush a time of its own.
 */
#ifndef QUERN_TESTS_HOST_RATE_DEV_H
#define QUERN_TESTS_HOST_RATE_DEV_H

#include "blk/dev.h"

struct rate_spec {
	uint64_t sectors;
	time_ps sector_ps, flush_ps;
};

struct rate_dev {
	struct blk_dev base;
	const struct rate_spec *spec;
	time_ps free_ps;
};

static inline int rate_open(struct blk_dev *dev, const void *spec, struct err *e)
{
	(void)e;
	((struct rate_dev *)(void *)dev)->spec = spec;
	return 0;
}

static inline void rate_identify(const struct blk_dev *dev, struct blk_identity *out)
{
	*out = (struct blk_identity){.model = "rate", .kind = "rate", .physical_bytes = 512, .queue_depth = 1000,
		.sectors = ((const struct rate_dev *)(const void *)dev)->spec->sectors};
}

static inline void rate_status(const struct blk_dev *dev, struct blk_dev_status *out)
{
	*out = (struct blk_dev_status){.in_service = dev->inside, .busy = dev->inside > 0};
}

static inline void rate_submit(struct blk_dev *dev, struct blk_req *r)
{
	struct rate_dev *d = (struct rate_dev *)(void *)dev;
	time_ps now = dev->sim->now_ps;
	r->start_ps = d->free_ps > now ? d->free_ps : now;
	d->free_ps = r->start_ps + (r->op == BLK_FLUSH ? d->spec->flush_ps : (time_ps)r->sectors * d->spec->sector_ps);
	blk_complete_at(dev, r, BLK_OK, d->free_ps);
}

static const struct blk_dev_ops rate_ops = {
	.name = "rate",
	.doc = "Has an exact bandwidth.",
	.state_size = sizeof(struct rate_dev),
	.open = rate_open,
	.identify = rate_identify,
	.status = rate_status,
	.submit = rate_submit,
};

#endif
