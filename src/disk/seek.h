/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The seek curve: time from one cylinder to another, by distance alone, tabulated once so
 * that the hot path is one load.
 *
 * Models: a measured table, linear between its points and, past the last one, along its
 * last segment; and a + b sqrt(d) below a break, c + e d from it on (Ruemmler & Wilkes,
 * "An introduction to disk drive modeling", IEEE Computer 1994), with measured times for
 * the first distances put over it (the HPL model of DiskSim). Shapes are computed in double
 * precision and rounded once to ps. Memory: 8 bytes a cylinder. Owner: the arena.
 */
#ifndef QUERN_DISK_SEEK_H
#define QUERN_DISK_SEEK_H

#include "disk/spec.h"
#include "sim/arena.h"
#include "sim/err.h"
#include "sim/time.h"

struct seek_curve {
	const time_ps *by_distance; /* [0 .. cylinders-1]; [0] is 0 */
	uint32_t cylinders;
};

/* 0, or -1 when the curve is negative somewhere or memory is exhausted. */
int seek_init(struct seek_curve *c, struct arena *a, const struct disk_seek_spec *spec,
	uint32_t cylinders, struct err *e);

static inline time_ps seek_time(const struct seek_curve *c, uint32_t from, uint32_t to)
{
	return c->by_distance[from > to ? from - to : to - from];
}

#endif
