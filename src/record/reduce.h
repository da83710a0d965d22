/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * References of one thread reduced to runs while they come. With a filter of k pages the string becomes a shorter one on which
 * LRU with k frames or more takes exactly the same misses and evicts the same pages in the same order, as dirty as they were
 * (after S. F. Kaplan, Y. Smaragdakis, P. R. Wilson, "Trace reduction for virtual memory simulations", SIGMETRICS 1999).
 *
 * How: the k pages used last are kept in order of use. A reference to one of them is a hit for every such LRU and is not
 * listed, but for the first write since its page came among them. When another page comes, the one used longest ago leaves.
 * So that it is the one that leaves on the listed string too, of each page that was listed before it but used after it the last
 * reference is listed as well, at its place. What may still get something before it waits: at most what was listed since the
 * page used longest ago was used.
 *
 * Each reference is counted in exactly one run. Owner: reduce_free(). Memory: 40 bytes a page of the filter and 32 a waiting run,
 * of which there are mostly a few k, at most k^2.
 */
#ifndef QUERN_RECORD_REDUCE_H
#define QUERN_RECORD_REDUCE_H

#include <stdbool.h>
#include <stdint.h>

#include "trace/ref_file.h"

/* A reference: the how-manieth, and how many instructions came before it. */
struct reduce_use {
	uint64_t page;
	uint64_t time;
	uint64_t instructions;
	enum ref_op op;
};

struct reduce_page {
	struct reduce_use last; /* its last reference */
	uint64_t listed;        /* time of its last one that is listed */
	bool written;           /* a write was listed since it came among them */
};

struct reduce {
	struct reduce_page *recent; /* owned; the page used last first */
	uint32_t pages, used;
	uint64_t now;               /* references so far */
	uint64_t instructions;
	struct reduce_use *wait;    /* owned; in order of time */
	uint64_t waiting, room;
	struct ref_writer *w;       /* borrowed */
};

/* `pages` >= 1. 0, or -1: no memory. */
int reduce_init(struct reduce *r, struct ref_writer *w, uint32_t pages, struct err *e);
void reduce_free(struct reduce *r);
/* A reference that is not to the page used last, or the first write to it: use reduce_ref(). */
int reduce_ref_slow(struct reduce *r, uint64_t page, enum ref_op op, struct err *e);
/* Write out what waits; no reference may follow. */
int reduce_end(struct reduce *r, struct err *e);

/* One reference. 0 or -1. */
static inline int reduce_ref(struct reduce *r, uint64_t page, enum ref_op op, struct err *e)
{
	struct reduce_page *p = &r->recent[0];
	if (!r->used || p->last.page != page || (op == REF_WRITE && !p->written))
		return reduce_ref_slow(r, page, op, e);
	p->last.time = r->now++;
	p->last.instructions = r->instructions;
	p->last.op = op;
	return 0;
}

/* One instruction was executed. */
static inline void reduce_instruction(struct reduce *r) { r->instructions++; }

#endif
