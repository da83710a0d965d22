/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A device without remapping (scheme `none`): logical page n is physical page n for ever. Flash cannot be written twice, so
 * a write of a page that is programmed takes its whole block: read, erase, program it anew. As a state machine without
 * time: it gives the operations one by one, each of which may begin when the one before is over.
 *
 *   lecture   all b pages are read, the block is erased, all b are programmed: b (read + write) + erase
 *   skip_old  the pages to be written are not read: (b - n) read + erase + b write, for n = 1 as the time without
 *             remapping in the reference tables (oracles, nand/seeds.csv)
 *
 * The lecture's variant takes that course for every write. skip_old knows which pages are programmed: pages that follow
 * the last one programmed are written without erase, and pages never programmed are neither read nor written, save for
 * those below the last, which are programmed in their order.
 *
 * Units: pages. Owner: the arena, 8 bytes a block; no allocation after inplace_open(). O(1) an operation.
 */
#ifndef QUERN_FTL_INPLACE_H
#define QUERN_FTL_INPLACE_H

#include "flash/nand_geom.h"
#include "sim/arena.h"
#include "sim/err.h"

enum inplace_update { INPLACE_LECTURE, INPLACE_SKIP_OLD };
enum inplace_kind { INPLACE_READ, INPLACE_ERASE, INPLACE_PROGRAM };

struct inplace_op {
	enum inplace_kind kind;
	nand_ppa page;   /* ERASE: the block's first */
	bool old;        /* PROGRAM: data that were read */
};

struct inplace {
	const struct nand_geom *geom; /* borrowed */
	enum inplace_update update;
	uint32_t *programmed;         /* by block: its pages so far */
	uint32_t *erases;             /* by block */
	uint64_t reads, programs;     /* in all */
};

/* A write under way: the caller's. One at a time for each block. */
struct inplace_write {
	uint64_t block;          /* dense number */
	uint32_t first, count;   /* pages of the block that are written */
	uint32_t keep;           /* pages the block has after it */
	uint32_t step;           /* next page to look at */
	uint8_t phase;           /* enum inplace_kind; past the last: over */
};

/* 0, or -1 with a sentence. Every block is erased. */
int inplace_open(struct inplace *p, struct arena *a, const struct nand_geom *geom, enum inplace_update update, struct err *e);
/* Where a logical page is. */
static inline nand_ppa inplace_page(const struct inplace *p, uint64_t page) { return nand_ppa_of_page(p->geom, page); }
/* Begins a write of `count` pages from `page` on, all of one block. */
void inplace_begin(struct inplace *p, struct inplace_write *w, uint64_t page, uint32_t count);
/* The next operation, false: the write is over. */
bool inplace_next(struct inplace *p, struct inplace_write *w, struct inplace_op *op);

#endif
