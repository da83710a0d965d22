/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The seek curve: time from one cylinder to another, by distance alone, tabulated once so
 * that the hot path is one load.
 *
 * The models are listed in seek_list.h; their formulas stand in seek.c, each with its source.
 * Over any of them `first` puts measured times of the distances 1, 2, 3, ... Times that fall
 * with the distance are legal, since measured curves have them; negative ones are not.
 * Shapes are computed in double precision and rounded once to ps. Memory: 8 bytes a
 * cylinder. Owner: the arena.
 */
#ifndef QUERN_DISK_SEEK_H
#define QUERN_DISK_SEEK_H

#include <stddef.h>

#include "disk/spec.h"
#include "sim/arena.h"
#include "sim/err.h"
#include "sim/time.h"

struct seek_curve {
	const time_ps *by_distance; /* [0 .. cylinders-1]; [0] is 0 */
	uint32_t cylinders;
};

/* Keys that a model must be given. */
enum seek_needs {
	SEEK_NEEDS_TABLE = 1 << 0,
	SEEK_NEEDS_BREAK = 1 << 1,
	SEEK_NEEDS_SINGLE = 1 << 2,
	SEEK_NEEDS_AVERAGE = 1 << 3,
	SEEK_NEEDS_FULL = 1 << 4,
};

/* A model made definite for one drive: its law and the law's numbers. */
struct seek_shape {
	double (*at)(const struct seek_shape *s, double d); /* ps for a distance of d >= 1 cylinders */
	const struct disk_seek_spec *spec;
	double a, b, c, e, from; /* what they mean: see the laws in seek.c */
	size_t point;            /* table: the segment of the last distance asked for; distances ascend */
};

struct seek_model {
	const char *name;
	const char *doc;
	unsigned needs;          /* enum seek_needs */
	/* Work out the numbers for a drive of so many cylinders. 0, or -1 with a phrase in `why`. */
	int (*make)(struct seek_shape *s, uint32_t cylinders, char *why, size_t why_bytes);
};

/* The models by enum disk_seek_model, and their names for the option row. */
extern const struct seek_model seek_models[];
extern const struct opt_choice seek_model_choices[];

/* Whether the curve can be, for a drive of so many cylinders: 0, or -1 with a phrase. */
int seek_check_spec(const struct disk_seek_spec *spec, uint32_t cylinders, char *why, size_t why_bytes);

/* 0, or -1 when the curve cannot be or memory is exhausted. */
int seek_init(struct seek_curve *c, struct arena *a, const struct disk_seek_spec *spec,
	uint32_t cylinders, struct err *e);

static inline time_ps seek_time(const struct seek_curve *c, uint32_t from, uint32_t to)
{
	return c->by_distance[from > to ? from - to : to - from];
}

#endif
