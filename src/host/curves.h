/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a string of references asks of memory, from one pass over it: the faults of LRU on every number of frames, by
 * stack distances (Mattson, Gecsei, Slutz & Traiger, "Evaluation techniques for storage hierarchies", IBM Systems Journal 9(2),
 * 1970), and the working set by the intervals between references to one page (Denning & Slutz, "Generalized working sets
 * for segment reference strings", CACM 21(9), 1978).
 *
 * Working set W(k, T): the pages of the last T references up to reference k. Misses at T: references to a page that is not in
 * W before them, first references among them. End convention: after the string the window runs on until it is empty, so
 * that a page counts for T references after its last one; then the sum of |W| over all k grows from T to T + 1 by
 * exactly the misses at T, on any finite string.
 *
 * Cost: O(count log count) time, 40 bytes a reference while it is being measured. Owner: the arena.
 */
#ifndef QUERN_HOST_CURVES_H
#define QUERN_HOST_CURVES_H

#include <stddef.h>
#include <stdint.h>

#include "sim/arena.h"
#include "sim/err.h"

struct curves {
	uint64_t count;        /* references */
	uint64_t pages;        /* distinct ones */
	uint64_t *lru_faults;  /* [m], m = 0 to pages: on m frames */
	uint64_t *misses;      /* [T], T = 0 to count: at window T */
	uint64_t *set_sum;     /* [T], T = 0 to count: sum of |W(k, T)| over all k */
};

/* References as in replace_run.h: page << 1 | write. -1: memory, or more than 2^31 references. */
int curves_measure(struct curves *c, struct arena *a, const uint64_t *refs, size_t count, struct err *e);

#endif
