/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A device on the timeline (sim/timeline.h): a group of tracks with its name, lanes of its requests from arrival to completion, the
 * number of them in the device, and whatever tracks it makes itself (blk_dev_ops.show).
 *
 * A request's slice has the name of its operation and its cause; inside it stands how long it waited in the host's queue. Slices of
 * the operations that serve it name it by blk_flow().
 */
#ifndef QUERN_BLK_SHOWN_H
#define QUERN_BLK_SHOWN_H

#include "blk/dev.h"
#include "sim/timeline.h"

struct blk_shown {
	struct timeline *timeline;      /* borrowed */
	uint32_t group;
	uint32_t inside;                /* counter: submitted and not completed */
	struct timeline_lanes *requests;
};

/* From now on; the timeline must outlive the simulation's events. 0, or -1: no memory. */
int blk_dev_show(struct blk_dev *dev, struct timeline *t);

/* The request as other slices name it; 0: the device is not shown. */
static inline uint64_t blk_flow(const struct blk_dev *dev, const struct blk_req *r)
{
	return dev->shown ? timeline_flow(dev->shown->requests, r->sequence) : 0;
}

/* Private to blk/: where a request comes and goes. */
void blk_shown_submit(struct blk_dev *dev, const struct blk_req *r);
void blk_shown_leave(struct blk_dev *dev, const struct blk_req *r);

#endif
