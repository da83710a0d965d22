/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the translation layer share. */
#ifndef QUERN_FTL_FTL_PRIVATE_H
#define QUERN_FTL_FTL_PRIVATE_H

#include "ftl/ftl.h"

#define FTL_STAMP_MAX ((UINT64_C(1) << 48) - 1)

/* Whether host and garbage collection write into the same block. */
static inline bool ftl_shared(const struct ftl *f) { return f->stream_frontier[FTL_GC] == f->stream_frontier[FTL_HOST]; }

static inline struct ftl_frontier *ftl_frontier(const struct ftl *f, uint32_t region, enum ftl_stream stream)
{
	return &f->frontier[region * FTL_STREAMS + f->stream_frontier[stream]];
}

/* A place at the stream's frontier, which takes a new block where it has none; there is one free (ftl.h, "Room"). */
uint64_t ftl_place(struct ftl *f, uint32_t region, enum ftl_stream stream);

static inline void ftl_close_full(struct ftl *f, struct ftl_frontier *at)
{
	if (at->next == f->blocks.units) {
		blocks_close(&f->blocks, at->block);
		at->block = FTL_NO_BLOCK;
	}
}

/* A program into this block is over. */
static inline void ftl_settle(struct ftl *f, uint32_t block)
{
	struct ftl_block *k = &f->blocks.block[block];
	k->pending--;
	if (k->pending == 0 && k->state == FTL_CLOSING)
		blocks_fill(&f->blocks, block);
}

#endif
