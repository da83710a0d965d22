/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Requests as slices. */
#include "blk/shown.h"

int blk_dev_show(struct blk_dev *dev, struct timeline *t)
{
	struct blk_shown *s = arena_alloc(dev->sim->arena, sizeof(*s));
	if (!s)
		return -1;
	s->timeline = t;
	s->group = timeline_track(t, 0, dev->name);
	s->requests = timeline_lanes(t, s->group, "requests");
	s->inside = timeline_counter(t, s->group, "requests in the device");
	if (!s->requests || s->inside == 0 || (dev->ops->show && dev->ops->show(dev, t, s->group) < 0))
		return -1;
	dev->shown = s;
	return 0;
}

static void count(const struct blk_dev *dev)
{
	const struct blk_shown *s = dev->shown;
	timeline_count(s->timeline, s->inside, dev->sim->now_ps, (int64_t)(dev->stats.submitted - dev->stats.completed));
}

void blk_shown_submit(struct blk_dev *dev, const struct blk_req *r)
{
	timeline_enter(dev->shown->requests, r->sequence, r->arrive_ps);
	count(dev);
}

void blk_shown_leave(struct blk_dev *dev, const struct blk_req *r)
{
	const struct blk_shown *s = dev->shown;
	struct timeline_what what = {.name = blk_op_name(r->op), .cause = blk_cause_name(r->cause)};
	int n = 0;
	if (blk_op_has_range(r->op)) {
		what.arg[n].key = "lba";
		what.arg[n++].value = r->lba;
		what.arg[n].key = "sectors";
		what.arg[n++].value = r->sectors;
	}
	if (r->hit != BLK_HIT_NONE) {
		what.arg[n].key = "served";
		what.arg[n++].text = blk_hit_name(r->hit);
	}
	what.arg[n].key = "status";
	what.arg[n].text = blk_status_name(r->status);
	uint32_t track = timeline_leave(s->requests, r->sequence, r->done_ps, &what);
	if (track && r->submit_ps > r->arrive_ps)
		timeline_slice(s->timeline, track, r->arrive_ps, r->submit_ps, &(struct timeline_what){.name = "waits in the host's queue"});
	count(dev);
}
