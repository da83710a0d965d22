/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The host queue in front of a device: first in, first out, with a depth. At most `depth`
 * requests are in the device at once; the rest wait here in order of arrival, and their
 * waiting counts as latency. depth 0: no limit, everything goes straight through.
 *
 * There are no hidden callbacks: the workload's done() calls blk_queue_done() first.
 */
#ifndef QUERN_BLK_QUEUE_H
#define QUERN_BLK_QUEUE_H

#include <stdint.h>

#include "blk/dev.h"
#include "sim/counter.h"

struct blk_queue {
	struct blk_dev *dev;     /* borrowed */
	uint32_t depth;          /* 0: no limit */
	uint32_t in_device;
	struct blk_list waiting;
	struct level outstanding; /* waiting + in device, over time */
	uint64_t submitted;       /* counted at blk_queue_submit */
	struct timeline *timeline; /* borrowed; NULL: off */
	uint32_t counter;         /* on it: outstanding */
};

void blk_queue_init(struct blk_queue *q, struct blk_dev *dev, uint32_t depth);

/* arrive_ps must be set by the workload (<= now). */
void blk_queue_submit(struct blk_queue *q, struct blk_req *r);

/*
 * To be called first thing in the workload's done(): a slot is free, the next waiting
 * request goes to the device at this same instant. (No hidden callbacks: who gets done()
 * passes it on.)
 */
void blk_queue_done(struct blk_queue *q, struct blk_req *r);

#endif
