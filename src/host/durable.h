/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What scenarios begin with whose data must outlive a crash: device, layout and machine with content tags, and the crash itself: the
 * machine dies, the device's power goes and comes back.
 *
 * Owner: the sim arena, but for tags and contents, which durable_close() gives back.
 */
#ifndef QUERN_HOST_DURABLE_H
#define QUERN_HOST_DURABLE_H

#include "host/machine.h"
#include "host/scenario.h"

#define DURABLE_REGIONS 4

struct durable {
	struct sim *sim;
	struct blk_dev *dev;
	struct host_io *io;
	struct host *host;
	struct content *content;   /* owned */
	struct blk_tags *tags;     /* owned; NULL: the device had its own */
	struct event restore, back;
	void (*up)(void *ctx);     /* power is back and the device serves */
	void *ctx;
	uint64_t lost_sectors;     /* acknowledged by the device and not kept */
	bool crashed;
};

/* Devices' tags on; regions as `want` (at most DURABLE_REGIONS), from sector 0, on whole pages; a machine without swap. 0, or -1 with *e set.
 * durable_close() either way. */
int durable_open(struct durable *d, const struct scenario_env *env, const struct host_region_spec *want, uint32_t count,
	struct host_region *region, struct err *e);
void durable_close(struct durable *d);
/* From an event. Who has events of its own in the machine has dropped them. `up` is called, by an event, when the device serves again. */
void durable_crash(struct durable *d, void (*up)(void *ctx), void *ctx);

#endif
