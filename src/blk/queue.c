/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The host queue: first in, first out, at most `depth` in the device. */
#include "blk/queue.h"

#include "sim/timeline.h"

void blk_queue_init(struct blk_queue *q, struct blk_dev *dev, uint32_t depth)
{
	*q = (struct blk_queue){.dev = dev, .depth = depth};
	q->outstanding.since_ps = dev->sim->now_ps;
}

static inline void pass_on(struct blk_queue *q, struct blk_req *r)
{
	if (q->depth > 0 && q->in_device >= q->depth) {
		blk_list_append(&q->waiting, r);
		return;
	}
	q->in_device++;
	blk_submit(q->dev, r);
}

/* With the depth on the timeline. */
__attribute__((cold, noinline)) static void submit_shown(struct blk_queue *q, struct blk_req *r)
{
	timeline_count(q->timeline, q->counter, q->dev->sim->now_ps, q->outstanding.value);
	pass_on(q, r);
}

void blk_queue_submit(struct blk_queue *q, struct blk_req *r)
{
	q->submitted++;
	level_set(&q->outstanding, q->dev->sim->now_ps, q->outstanding.value + 1);
	if (__builtin_expect(q->timeline != NULL, 0))
		submit_shown(q, r);
	else
		pass_on(q, r);
}

static inline void next(struct blk_queue *q)
{
	if (!q->waiting.head) {
		q->in_device--;
		return;
	}
	struct blk_req *r = q->waiting.head;
	blk_list_remove(&q->waiting, r);
	blk_submit(q->dev, r);
}

__attribute__((cold, noinline)) static void done_shown(struct blk_queue *q)
{
	timeline_count(q->timeline, q->counter, q->dev->sim->now_ps, q->outstanding.value);
	next(q);
}

void blk_queue_done(struct blk_queue *q, struct blk_req *r)
{
	(void)r;
	level_set(&q->outstanding, q->dev->sim->now_ps, q->outstanding.value - 1);
	if (__builtin_expect(q->timeline != NULL, 0))
		done_shown(q);
	else
		next(q);
}
