/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The bus side of a read: when its data are across.
 *
 * Reads go out over the bus in LBN order. With avail(i) the time at which sector i of n is
 * in the buffer and b the bus time of a sector, the last one is across at
 * max over i of (avail(i) + (n - i) b); along one track avail is linear, so each run of
 * sectors needs only its two ends. A read watermark w holds the bus back until ceil(w n)
 * sectors are there, or a fixed number of them. A bus that is faster than the medium may yet overtake
 * it; it then lets go, and takes `dry` to come back for the rest.
 */
#ifndef QUERN_DISK_FLOW_H
#define QUERN_DISK_FLOW_H

#include <stdint.h>

#include "disk/spec.h"
#include "sim/time.h"

struct bus_flow {
	uint32_t n;          /* sectors of the request */
	uint32_t water;      /* sectors that must be there before the bus starts */
	uint32_t next;       /* sectors given so far */
	time_ps sector_ps;
	time_ps dry_ps;
	time_ps water_ps;    /* when the watermark was reached */
	time_ps floor_ps;    /* max of avail(i) + (n - i) b */
};

void flow_init(struct bus_flow *f, const struct disk_bus_spec *bus, uint32_t n);
/* The next `k` sectors are in the buffer at `first`, ..., `last` (linear between). */
void flow_give(struct bus_flow *f, uint32_t k, time_ps first, time_ps last);
/* The request ends `by` sectors early: the last of them cannot be read. */
void flow_shorten(struct bus_flow *f, uint32_t by);
/* When the last sector is across; the bus may start at `ready`, and not before the watermark. */
time_ps flow_end(const struct bus_flow *f, time_ps ready, time_ps reselect);

#endif
