/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A bounded log of what channels and dies do in a window of time, for a Gantt picture. Off (NULL) it costs a test. The bench notes
 * what its channels carry; who knows what a die is in service of notes that (ftl/tsu.h).
 *
 * Owner: the arena. Times: ps. What does not fit is counted and left out.
 */
#ifndef QUERN_FLASH_LOG_H
#define QUERN_FLASH_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/arena.h"
#include "sim/time.h"

#define NAND_LOG_ROWS 131072u

struct nand_log_row {
	time_ps begin_ps, end_ps;
	const char *what;   /* "data in" */
	uint32_t index;     /* dense number of the channel or die */
	bool die;
};

struct nand_log {
	time_ps from_ps, to_ps;
	struct nand_log_row *row;
	uint32_t count;
	uint64_t left_out;
};

/* From from_ps up to to_ps. NULL: no memory. */
struct nand_log *nand_log_new(struct arena *a, time_ps from_ps, time_ps to_ps);
/* What lies at least in part in the window is noted, cut off at its ends. what: borrowed. */
void nand_log_add(struct nand_log *l, bool die, uint32_t index, const char *what, time_ps begin_ps, time_ps end_ps);

#endif
