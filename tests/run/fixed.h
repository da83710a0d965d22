/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A device for tests: every request takes the same time, any number at once. Requests that
 * begin at sector `bad` fail; those that begin at sector `lost` never come back.
 */
#ifndef TESTS_RUN_FIXED_H
#define TESTS_RUN_FIXED_H

#include <stdio.h>
#include <string.h>

#include "blk/dev.h"

struct fixed_spec {
	time_ps latency_ps;
	int64_t sectors;
	int64_t bad, lost; /* -1: none */
};

struct fixed {
	struct blk_dev base;
	const struct fixed_spec *spec;
};

static int fixed_open(struct blk_dev *dev, const void *spec, struct err *e)
{
	(void)e;
	((struct fixed *)dev)->spec = spec;
	return 0;
}

static void fixed_identify(const struct blk_dev *dev, struct blk_identity *out)
{
	*out = (struct blk_identity){.model = "Fixed", .kind = "fixed", .physical_bytes = 512,
		.queue_depth = 1000, .sectors = (uint64_t)((const struct fixed *)dev)->spec->sectors};
}

static void fixed_status(const struct blk_dev *dev, struct blk_dev_status *out)
{
	memset(out, 0, sizeof(*out));
	out->in_service = dev->inside;
	out->busy = dev->inside > 0;
}

static void fixed_submit(struct blk_dev *dev, struct blk_req *r)
{
	const struct fixed_spec *s = ((struct fixed *)dev)->spec;
	r->start_ps = r->media_ps = dev->sim->now_ps;
	r->hit = BLK_MISS;
	r->transfer_ps = s->latency_ps;
	if ((int64_t)r->lba != s->lost)
		blk_complete_at(dev, r, (int64_t)r->lba == s->bad ? BLK_MEDIA_ERROR : BLK_OK,
			dev->sim->now_ps + s->latency_ps);
}

#define FIXED_ROW(k, u, f, d) {.key = k, .type = OPT_SCALAR, .unit = u, \
	.offset = offsetof(struct fixed_spec, f), .def = d, .doc = "Test."}
static const struct opt_row fixed_rows[] = {
	FIXED_ROW("latency", UNIT_TIME, latency_ps, "1 ms"),
	FIXED_ROW("sectors", UNIT_NONE, sectors, "1000000"),
	FIXED_ROW("bad", UNIT_NONE, bad, "-1"),
	FIXED_ROW("lost", UNIT_NONE, lost, "-1"),
	{0},
};
static const struct opt_group fixed_options = {.name = "fixed", .doc = "Test.", .rows = fixed_rows,
	.struct_bytes = sizeof(struct fixed_spec)};

static const struct blk_dev_ops fixed_ops = {
	.name = "fixed",
	.doc = "Test.",
	.options = &fixed_options,
	.state_size = sizeof(struct fixed),
	.open = fixed_open,
	.identify = fixed_identify,
	.status = fixed_status,
	.submit = fixed_submit,
};
static const struct blk_dev_ops *const fixed_kinds[] = {&fixed_ops, NULL};

#endif
