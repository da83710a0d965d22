/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The host queue: first in, first out, at most `depth` in the device. */
#include "blk/queue.h"

#include "sim/timeline.h"

void blk_queue_init(struct blk_queue *q, struct blk_dev *dev, uint32_t depth)
{
	*q = (struct blk_queue){.dev = dev, .depth = depth};
	q->outstanding.since_ps = dev->sim->now_ps;
}

static inline void change(struct blk_queue *q, int64_t by)
{
	level_set(&q->outstanding, q->dev->sim->now_ps, q->outstanding.value + by);
	if (__builtin_expect(q->timeline != NULL, 0))
		timeline_count(q->timeline, q->counter, q->dev->sim->now_ps, q->outstanding.value);
}

void blk_queue_submit(struct blk_queue *q, struct blk_req *r)
{
	q->submitted++;
	change(q, 1);
	if (q->depth > 0 && q->in_device >= q->depth) {
		blk_list_append(&q->waiting, r);
		return;
	}
	q->in_device++;
	blk_submit(q->dev, r);
}

void blk_queue_done(struct blk_queue *q, struct blk_req *r)
{
	(void)r;
	change(q, -1);
	if (!q->waiting.head) {
		q->in_device--;
		return;
	}
	struct blk_req *next = q->waiting.head;
	blk_list_remove(&q->waiting, next);
	blk_submit(q->dev, next);
}
