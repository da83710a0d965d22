/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The bus between drive and host where several commands share it: who has it, and when. A transfer
 * takes one stretch of time as long as its data, the first that is free from when it is wanted on. Times are
 * settled when a command's course is worked out, in the order in which commands start.
 *
 * Embedded in the disk. O(transfers to come), of which there is at most one for each command in service.
 */
#ifndef QUERN_DISK_BUS_H
#define QUERN_DISK_BUS_H

#include <stdint.h>

#include "sim/time.h"

#define BUS_TRANSFERS 16

struct bus {
	struct {
		time_ps from, to;
	} taken[BUS_TRANSFERS]; /* ascending, not overlapping */
	uint32_t count;
};

static inline void bus_clear(struct bus *b) { b->count = 0; }

/* Take the bus for `length` at `want` or as soon after as it is free; returns from when. want >= now. */
time_ps bus_take(struct bus *b, time_ps now, time_ps want, time_ps length);

#endif
