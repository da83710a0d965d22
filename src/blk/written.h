/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which sectors were ever written: a set of sectors as a hash of 64-sector masks, so that
 * a read of never-written sectors can be counted on a drive of any size.
 *
 * Memory: 16 bytes for each 32 KiB region that holds written data, times at most 2.7 for
 * the free places of the table; nothing while nothing is written. malloc'd when it doubles,
 * so a run that touches no new region allocates nothing. Owner: whoever embeds it.
 */
#ifndef QUERN_BLK_WRITTEN_H
#define QUERN_BLK_WRITTEN_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define BLK_WRITTEN_BITS 6 /* log2 of a region's sectors */

struct blk_written_entry {
	uint64_t region; /* lba / 64 + 1; 0: free place */
	uint64_t mask;
};

struct blk_written {
	struct blk_written_entry *table; /* NULL while empty */
	uint32_t bits;                   /* 2^bits places */
	uint64_t used;                   /* regions */
};

/* Where a region is looked for first: Fibonacci hashing, Knuth 6.4. There is a table. */
static inline struct blk_written_entry *blk_written_first(const struct blk_written *w, uint64_t region)
{
	return &w->table[region * UINT64_C(0x9e3779b97f4a7c15) >> (64 - w->bits)];
}
/* Mark or clear a range. mark: false when memory is exhausted. */
bool blk_written_mark(struct blk_written *w, uint64_t lba, uint32_t sectors);
void blk_written_clear(struct blk_written *w, uint64_t lba, uint32_t sectors);
/* The next one where something was written. */
uint32_t blk_written_missing_of_some(const struct blk_written *w, uint64_t lba, uint32_t sectors);
/* Sectors of the range that were never written (or cleared since). */
static inline uint32_t blk_written_missing(const struct blk_written *w, uint64_t lba, uint32_t sectors)
{
	if (!w->table)
		return sectors;
	const uint64_t from = lba & ((1 << BLK_WRITTEN_BITS) - 1), region = (lba >> BLK_WRITTEN_BITS) + 1;
	const struct blk_written_entry *x = blk_written_first(w, region);
	if (x->region == region && from + sectors < 1 << BLK_WRITTEN_BITS) {
		uint64_t mask = ((UINT64_C(1) << sectors) - 1) << from;
		if ((mask & ~x->mask) == 0)
			return 0;
	}
	return blk_written_missing_of_some(w, lba, sectors);
}
/* What blk_written_missing() will look at, into the cache. */
static inline __attribute__((always_inline)) void blk_written_prefetch(const struct blk_written *w, uint64_t lba)
{
	if (w->table)
		__builtin_prefetch(blk_written_first(w, (lba >> BLK_WRITTEN_BITS) + 1));
}
/* An empty table of 2^bits places, for loading a saved set; NULL when memory is exhausted. */
struct blk_written_entry *blk_written_table_new(uint32_t bits);
void blk_written_free(struct blk_written *w);

#endif
