/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What one pass over a reference trace tells of it.
 *
 * The *string* is what the file lists: each page of each run, in order. Its working set at window T (P. J. Denning, "The working
 * set model for program behavior", CACM 11(5), 1968) is the number of distinct pages among the last T of the string; its mean over
 * the string is the sum of min(T, distance to the page's next appearance) over all of it, divided by its length, the distance
 * being to the string's end where the page does not come again.
 *
 * Memory: 32 to 64 bytes a page touched. Owner: ref_stat_free().
 */
#ifndef QUERN_TRACE_REF_STAT_H
#define QUERN_TRACE_REF_STAT_H

#include <stdbool.h>
#include <stdint.h>

#include "trace/ref_file.h"

#define REF_STAT_WINDOWS 9   /* T = 10, 100 ... 10^9 */

struct ref_stat_page {
	uint64_t page;         /* + 1; 0: this place is free */
	uint64_t last : 63;    /* its last place in the string */
	uint64_t written : 1;
};

struct ref_stat {
	struct ref_totals totals;
	uint64_t length;               /* of the string */
	uint64_t by_op[REF_OP_COUNT];  /* of the string */
	uint64_t pages, written;       /* distinct ones */
	uint64_t lowest, highest;      /* page numbers */
	uint64_t last_ns;              /* time of the last run */
	uint32_t threads;              /* highest thread number + 1 */
	/* dirty: times at which something was written, and the most pages of one */
	uint64_t intervals, interval_pages, interval_most, interval_ns;
	uint64_t window[REF_STAT_WINDOWS];  /* T */
	double working_set[REF_STAT_WINDOWS]; /* mean pages; filled by ref_stat_end() */
	/* private */
	uint64_t sum[REF_STAT_WINDOWS];
	struct ref_stat_page *table;
	uint64_t places;               /* a power of two */
};

void ref_stat_init(struct ref_stat *s);
/* 0 or -1: no memory, or a run so long that 63 bits do not count the string. */
int ref_stat_add(struct ref_stat *s, const struct ref_run *run, struct err *e);
/* The working sets; nothing may be added afterwards. */
void ref_stat_end(struct ref_stat *s);
void ref_stat_free(struct ref_stat *s);
/* All of the above over what is left of `r`. 0 or -1; after -1 *s holds what came before the damage. */
int ref_stat_read(struct ref_stat *s, struct ref_reader *r, struct err *e);

#endif
