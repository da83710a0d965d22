/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A device for tests of what stands above devices: every request takes the same time, any
 * number at once. A request that begins at sector `lost` never comes back; one at `twice` comes
 * back two times.
 */
#ifndef QUERN_TESTS_BLK_FAKE_DEV_H
#define QUERN_TESTS_BLK_FAKE_DEV_H

#include <string.h>

#include "blk/dev.h"

#define FAKE_NONE UINT64_MAX

struct fake_spec {
	uint64_t sectors;
	time_ps latency_ps;
	uint64_t lost, twice; /* FAKE_NONE: no such request */
};

struct fake_dev {
	struct blk_dev base;
	const struct fake_spec *spec;
	struct blk_list in; /* in order of submission */
	struct event again; /* completes `again_req` a second time */
	struct blk_req *again_req;
	bool off;
};

static inline struct fake_dev *fake_of(const struct blk_dev *dev) { return (struct fake_dev *)(uintptr_t)dev; }

static inline void fake_complete(struct sim *s, struct event *e)
{
	struct blk_req *r = container_of(e, struct blk_req, event);
	struct fake_dev *f = r->device_private;
	blk_list_remove(&f->in, r);
	if (r->lba == f->spec->twice) {
		f->again_req = r;
		sim_schedule(s, &f->again, s->now_ps);
	}
	blk_complete(&f->base, r, BLK_OK);
}

static inline void fake_again(struct sim *s, struct event *e)
{
	struct fake_dev *f = container_of(e, struct fake_dev, again);
	(void)s;
	blk_complete(&f->base, f->again_req, BLK_OK);
}

static inline int fake_open(struct blk_dev *dev, const void *spec, struct err *e)
{
	(void)e;
	fake_of(dev)->spec = spec;
	event_init(&fake_of(dev)->again, fake_again, "fake again", EVENT_PRIO_SAMPLE);
	return 0;
}

static inline void fake_identify(const struct blk_dev *dev, struct blk_identity *out)
{
	*out = (struct blk_identity){.model = "fake", .kind = "fake", .physical_bytes = 512, .queue_depth = 1000,
		.sectors = fake_of(dev)->spec->sectors};
}

static inline void fake_status(const struct blk_dev *dev, struct blk_dev_status *out)
{
	*out = (struct blk_dev_status){.in_service = dev->inside, .busy = dev->inside > 0};
}

static inline void fake_submit(struct blk_dev *dev, struct blk_req *r)
{
	struct fake_dev *f = fake_of(dev);
	if (f->off) {
		blk_complete_at(dev, r, BLK_NOT_READY, dev->sim->now_ps);
		return;
	}
	r->start_ps = dev->sim->now_ps;
	r->hit = BLK_MISS;
	r->device_private = f;
	blk_list_append(&f->in, r);
	event_init(&r->event, fake_complete, "fake done", EVENT_PRIO_COMPLETE);
	if (r->lba != f->spec->lost || r->op == BLK_FLUSH)
		sim_schedule(dev->sim, &r->event, dev->sim->now_ps + f->spec->latency_ps);
}

static inline void fake_power_cut(struct blk_dev *dev)
{
	struct fake_dev *f = fake_of(dev);
	while (f->in.head) {
		struct blk_req *r = f->in.head;
		blk_list_remove(&f->in, r);
		sim_cancel(dev->sim, &r->event);
		blk_complete_at(dev, r, BLK_POWER_LOST, dev->sim->now_ps);
	}
	f->off = true;
}

static inline time_ps fake_power_restore(struct blk_dev *dev)
{
	fake_of(dev)->off = false;
	return 0;
}

static const struct blk_dev_ops fake_ops = {
	.name = "fake",
	.doc = "Takes a fixed time.",
	.state_size = sizeof(struct fake_dev),
	.open = fake_open,
	.identify = fake_identify,
	.status = fake_status,
	.submit = fake_submit,
	.power_cut = fake_power_cut,
	.power_restore = fake_power_restore,
};

#endif
