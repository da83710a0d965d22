/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The blocks: state, valid units, erase count and age of each, the free ones, and the index in which garbage
 * collection finds its victims.
 *
 * A region is what has frontiers and free blocks of its own: a plane, or with superblocks a die or the whole device; a
 * block then spans the planes of its region. Blocks are numbered densely, region by region.
 *
 *   FREE -> OPEN (a frontier) -> CLOSING (all placed, some programs under way) -> FULL -> VICTIM -> FREE
 *
 * Only FULL blocks are in the index. Its kind is the victim policy's:
 *   BUCKETS   a list for each count of valid units, longest in it first; the lowest is known: O(1) amortised
 *   ORDER     one list in the order of becoming full
 *   RECENT    the same; what loses a unit goes to the end
 *   SET       an array in no order, to draw from or to scan
 *
 * Age counts host writes: a block's stamp is that of the youngest data in it, and moved data keep theirs (Rosenblum &
 * Ousterhout, TOCS 10(1), 1992, sec. 3.6).
 *
 * Owner: the arena. 16 bytes a block, 16 more for links and free list; no allocation after blocks_init().
 */
#ifndef QUERN_FTL_BLOCKS_H
#define QUERN_FTL_BLOCKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/arena.h"
#include "sim/fastdiv.h"

#define FTL_NO_BLOCK UINT32_MAX
#define FTL_UNITS_MAX ((UINT32_C(1) << 24) - 1) /* of a block */

enum ftl_block_state { FTL_FREE, FTL_OPEN, FTL_CLOSING, FTL_FULL, FTL_VICTIM, FTL_BAD };
enum ftl_index { FTL_INDEX_BUCKETS, FTL_INDEX_ORDER, FTL_INDEX_RECENT, FTL_INDEX_SET };

struct ftl_block {
	uint64_t stamp : 48;   /* host writes up to the youngest data */
	uint64_t pending : 16; /* units placed whose programs are not over */
	uint32_t erases;
	uint32_t valid : 24;   /* units the map names */
	uint32_t state : 8;    /* enum ftl_block_state */
};

struct ftl_link {
	uint32_t next, prev; /* SET: next is the place in the array */
};

struct ftl_list {
	uint32_t first, last;
};

struct ftl_region {
	uint32_t free, full, bad; /* blocks */
	uint32_t head;            /* FIFO of free blocks: its first */
	uint32_t lowest;          /* BUCKETS: no list below is in use */
	uint32_t max_erases;      /* of a block, so far */
	uint64_t live;            /* valid units and those under way */
	uint64_t erases;          /* in all */
	struct ftl_list order;    /* ORDER, RECENT */
};

struct ftl_blocks {
	uint32_t regions, per_region, units; /* units: of a block */
	enum ftl_index index;
	bool least_worn;              /* the free block with the fewest erases goes first; else the one freed first */
	uint32_t count;               /* regions x per_region */
	struct fastdiv by_region, by_units;
	struct ftl_block *block;      /* by block */
	struct ftl_link *link;        /* by block */
	uint32_t *free_block;         /* per_region for each region: a heap, or a ring */
	uint32_t *set;                /* SET: per_region for each region */
	struct ftl_list *bucket;      /* BUCKETS: units + 1 for each region */
	struct ftl_region *region;
};

/* All blocks are free. 0, or -1 when memory is exhausted. */
int blocks_init(struct ftl_blocks *b, struct arena *a, uint32_t regions, uint32_t per_region, uint32_t units,
	enum ftl_index index, bool least_worn);

static inline uint32_t blocks_of_unit(const struct ftl_blocks *b, uint64_t physical)
{
	return (uint32_t)fastdiv(physical, &b->by_units);
}
static inline uint32_t blocks_region(const struct ftl_blocks *b, uint32_t block)
{
	return (uint32_t)fastdiv(block, &b->by_region);
}

/* FREE -> OPEN. most_worn: of the free blocks the one with most erases (O(free)), for data that stay. FTL_NO_BLOCK: none. */
uint32_t blocks_take(struct ftl_blocks *b, uint32_t region, bool most_worn);
/* OPEN -> CLOSING, or FULL where nothing is under way. */
void blocks_close(struct ftl_blocks *b, uint32_t block);
/* CLOSING -> FULL: the last program under way is over. */
void blocks_fill(struct ftl_blocks *b, uint32_t block);
/* FULL -> VICTIM: out of the index. */
void blocks_take_victim(struct ftl_blocks *b, uint32_t block);
/* VICTIM, with no valid unit -> FREE; one erase more. */
void blocks_erased(struct ftl_blocks *b, uint32_t block);
/* To make the lists anew: all of them are empty, and no block counts as free or full, until each is put back, in the
 * order it is to have: blocks_put_free() makes it FREE, blocks_fill() FULL. Valid units are set before. */
void blocks_clear(struct ftl_blocks *b);
void blocks_put_free(struct ftl_blocks *b, uint32_t block);
/* The FREE or FULL blocks of a region in that order; out has room for per_region. How many. */
uint32_t blocks_listed(const struct ftl_blocks *b, uint32_t region, enum ftl_block_state state, uint32_t *out);
/* FREE -> BAD, for good. */
void blocks_mark_bad(struct ftl_blocks *b, uint32_t block);

/* A FULL block has lost a unit and had `valid` before; the index follows. */
void blocks_reindex(struct ftl_blocks *b, uint32_t block, uint32_t valid);

static inline void blocks_lose(struct ftl_blocks *b, uint32_t block)
{
	struct ftl_block *k = &b->block[block];
	uint32_t valid = k->valid;
	k->valid = (valid - 1) & FTL_UNITS_MAX;
	if (k->state == FTL_FULL && (b->index == FTL_INDEX_BUCKETS || b->index == FTL_INDEX_RECENT))
		blocks_reindex(b, block, valid);
}

static inline __attribute__((always_inline)) void blocks_prefetch(const struct ftl_blocks *b, uint32_t block)
{
	__builtin_prefetch(&b->block[block], 1);
	if (b->index == FTL_INDEX_BUCKETS || b->index == FTL_INDEX_RECENT)
		__builtin_prefetch(&b->link[block], 1);
}

/* The FULL block of a region with the fewest erases, or FTL_NO_BLOCK; O(blocks of the region). */
uint32_t blocks_least_erased(const struct ftl_blocks *b, uint32_t region);
/* The one with the fewest valid units; the same. */
uint32_t blocks_least_valid(const struct ftl_blocks *b, uint32_t region);

/* Whether lists, heap and counts agree with the states. *why: what does not. O(blocks). */
bool blocks_check(const struct ftl_blocks *b, const char **why);

#endif
