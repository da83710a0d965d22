/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What channels and dies do, for who wants to see it: rows in a window of time, bounded, for a Gantt picture, and slices on the
 * timeline (sim/timeline.h). Off (NULL) it costs a test. The bench notes what its channels carry; who knows what a die is in
 * service of notes that (ftl/tsu.h).
 *
 * Owner: the arena. Times: ps. Rows that do not fit are counted and left out.
 */
#ifndef QUERN_FLASH_LOG_H
#define QUERN_FLASH_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/arena.h"
#include "sim/time.h"
#include "sim/timeline.h"

#define NAND_LOG_ROWS 131072u

struct nand_log_row {
	time_ps begin_ps, end_ps;
	const char *what;   /* "data in" */
	uint32_t index;     /* dense number of the channel or die */
	bool die;
};

struct nand_log {
	time_ps from_ps, to_ps;
	struct nand_log_row *row; /* NULL: none are wanted */
	uint32_t count;
	uint64_t left_out;
	struct timeline *timeline; /* borrowed; NULL: none */
	uint32_t *track;           /* by dense number: of dies, then of channels; the bench's owner fills it in */
	uint32_t dies;
};

/* A log that notes nothing yet. NULL: no memory. */
struct nand_log *nand_log_new(struct arena *a);
/* Rows from from_ps up to to_ps. 0, or -1: no memory. */
int nand_log_rows(struct nand_log *l, struct arena *a, time_ps from_ps, time_ps to_ps);
/* Slices, on tracks that are made here in `group`. 0, or -1: no memory. */
int nand_log_show(struct nand_log *l, struct arena *a, struct timeline *t, uint32_t group, uint32_t channels,
	uint32_t dies_per_channel);

/* What lies at least in part in the rows' window is noted, cut off at its ends. what: borrowed, for as long as the log.
 * w: how the timeline says it; NULL: in the same word. */
void nand_log_add(struct nand_log *l, bool die, uint32_t index, const char *what, time_ps begin_ps, time_ps end_ps,
	const struct timeline_what *w);

#endif
