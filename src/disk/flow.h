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
/* Sector i is in the buffer at `avail`. */
static inline void flow_point(struct bus_flow *f, uint32_t i, time_ps avail)
{
	f->floor_ps = time_max(f->floor_ps, time_add(avail, (time_ps)(f->n - i) * f->sector_ps));
}

/* The next `k` sectors are in the buffer at `first`, ..., `last` (linear between). */
static inline void flow_give(struct bus_flow *f, uint32_t k, time_ps first, time_ps last)
{
	if (k == 0)
		return;
	flow_point(f, f->next, first);
	flow_point(f, f->next + k - 1, last);
	if (f->water > f->next && f->water <= f->next + k) {
		uint32_t i = f->water - f->next - 1;
		if (i == 0)
			f->water_ps = first;
		else
			f->water_ps = i + 1 == k ? last : first + (time_ps)i * ((last - first) / (time_ps)(k - 1));
	}
	f->next += k;
}

/* The request ends `by` sectors early: the last of them cannot be read. */
void flow_shorten(struct bus_flow *f, uint32_t by);
/* When the last sector is across; the bus may start at `ready`, and not before the watermark. */
static inline time_ps flow_end(const struct bus_flow *f, time_ps ready, time_ps reselect)
{
	time_ps start = time_add(time_max(ready, f->water_ps), reselect);
	time_ps end = time_add(start, (time_ps)f->n * f->sector_ps), last = time_add(f->floor_ps, reselect);
	return last > end ? time_add(last, f->dry_ps) : end;
}

#endif
