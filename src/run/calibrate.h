/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Calibration: a disk's parameters fitted to the first half of a measured trace.
 *
 * Each mechanism has a stage of its own and its own objective, and is bounded by what is physically
 * possible; a parameter that the rows say too little about keeps its value.
 *
 *  phase  (calibrate_phase.c)  spindle speed, skews, zone offsets: when a command that used the medium
 *                              completes, the sector under the head is known, so that pairs of such
 *                              commands tell how far two places are turned against each other
 *  search (calibrate_search.c) bus time of a sector, command times by case, head switch, settle, seek
 *                              curve: a pattern search on the simulator itself
 *  cache  (calibrate_cache.c)  rules of the buffer: choices tried on the simulator itself
 *
 * Only rows [0, floor(n/2)) are looked at. The same device, trace and seed give the same result.
 * Owner: the arena given. Units: ps where the spec has them; ms and turns as doubles inside.
 */
#ifndef QUERN_RUN_CALIBRATE_H
#define QUERN_RUN_CALIBRATE_H

#include <stdio.h>

#include "disk/spec.h"
#include "run/measured.h"

/* One parameter that was changed, for people to read. */
struct calibrate_note {
	struct calibrate_note *next;
	char text[200];
};

#define CALIBRATE_KNOTS 12

struct calibration {
	struct arena *arena;
	const struct measured *trace;
	struct disk_spec spec;           /* as fitted so far; what it points to is ours */
	struct disk_spec given;          /* as it came */
	double *curve_base;              /* the seek table's times as they came, ps; NULL: not yet looked at */
	double knot[CALIBRATE_KNOTS];    /* what is added at 1, 4, 16... cylinders, ms */
	size_t knots;
	uint64_t seed;
	struct demerit_figures before, after; /* first half */
	struct calibrate_note *notes, *last_note;
	struct calibrate_part *part; /* while a search leaves out rows; NULL */
};

/* Fit `spec` (borrowed, left as it is). NULL with *e set. */
struct calibration *calibrate(struct arena *a, const struct disk_spec *spec, const struct measured *trace,
	uint64_t seed, struct err *e);

/* The fitted device as a file; `device` and `trace` are how they are named in its comments. 0 or -1. */
int calibrate_write(const struct calibration *c, const char *device, const char *trace, FILE *out, struct err *e);

#endif
