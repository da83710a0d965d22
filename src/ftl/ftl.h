/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The translation layer without time: which physical unit holds what, where the next write goes, which block is
 * cleaned. There is one of it: a device that knows time calls these functions as its operations begin and end,
 * preconditioning calls the very same from a loop (null.h). Nothing here calls back.
 *
 * A program is two steps, begin and commit, so that others may come between: begin takes a place, commit (the program is
 * over) maps it. A move whose source was overwritten or trimmed between the two commits to nothing: the copy is
 * stale. A block whose programs are not all over is no victim. Two writes of one unit under way at once must be
 * committed in their order.
 *
 * Garbage collection, for each region: ftl_clean_wanted() says whether; ftl_clean_begin() takes a victim; ftl_clean_next()
 * gives its valid units one by one, at any pace; ftl_clean_done() tells when all are moved, and ftl_erased() ends it.
 * Static wear levelling is the same job with another victim and another frontier.
 *
 * Room: a region that takes host writes has always `gc.reserve` free blocks or can get them, as ftl_open() has checked the
 * sizes; so a victim's valid units always find a place, and cleaning ends.
 *
 * Units: logical and physical units (map.h). Counters count units. Owner: the arena, and maps of its own memory:
 * ftl_close(). No allocation after ftl_open().
 */
#ifndef QUERN_FTL_FTL_H
#define QUERN_FTL_FTL_H

#include "flash/nand_geom.h"
#include "ftl/alloc.h"
#include "ftl/blocks.h"
#include "ftl/map.h"
#include "ftl/spec.h"
#include "ftl/victim.h"
#include "sim/err.h"

struct mount;

enum ftl_stream { FTL_HOST, FTL_GC, FTL_WEAR, FTL_STREAMS };
/* Why a unit was programmed: the streams, and: */
enum { FTL_MAPPING = FTL_STREAMS, FTL_PADDING, FTL_CAUSES };

struct ftl_counts {
	uint64_t programmed[FTL_CAUSES]; /* units */
	uint64_t erases;
	uint64_t victims[FTL_STREAMS];   /* jobs begun: FTL_GC, FTL_WEAR */
	uint64_t victim_valid;           /* valid units of victims when taken */
	uint64_t stale;                  /* moves that committed to nothing */
	uint64_t trimmed;                /* units that a trim took from the map */
};

/* Tells of every program and erase, in order, for logs and oracles. */
struct ftl_tap {
	void (*program)(void *ctx, uint64_t physical, uint64_t logical, int cause);
	void (*erase)(void *ctx, uint32_t block);
	void *ctx;
};

struct ftl_move {
	uint64_t logical, from, to;
};

struct ftl_frontier {
	uint32_t block;  /* FTL_NO_BLOCK: none is open */
	uint32_t next;   /* its next unit */
};

/* Cleaning under way in a region. */
struct ftl_job {
	uint32_t victim;      /* FTL_NO_BLOCK: none */
	uint32_t cursor;      /* next unit of it to look at */
	uint32_t moving;      /* begun and not committed */
	uint8_t stream;       /* FTL_GC or FTL_WEAR */
	bool cleaning;        /* foreground, until gc.high */
	bool wear_wanted;     /* static wear levelling has found a difference */
	uint32_t looked;      /* erases since it last looked */
};

struct ftl {
	const struct ftl_spec *spec;    /* borrowed */
	const struct nand_geom *geom;   /* borrowed */
	struct ftl_map map;
	struct ftl_blocks blocks;
	struct ftl_alloc alloc;
	const struct ftl_victim *victim;
	uint64_t logical;               /* units the host sees */
	uint32_t unit_bytes, page_units;
	uint32_t stream_frontier[FTL_STREAMS]; /* stream to frontier */
	uint32_t low, high;             /* of gc, hysteresis filled in */
	uint64_t limit;                 /* live units a region may hold */
	struct fastdiv by_page_units;
	nand_ppa *plane_page;           /* by dense number: the first page of a plane */
	bool told;                      /* ftl_clean_prefetch() is called before ftl_clean_next(), which need not fetch; speed alone */
	uint32_t ahead;                 /* units of a victim whose map entries are fetched before they are looked at; speed alone */
	struct ftl_frontier *frontier;  /* FTL_STREAMS for each region */
	struct ftl_job *job;            /* by region */
	uint64_t *programmed;           /* by region: units */
	struct ftl_counts counts;
	struct ftl_tap tap;
	struct mount *mount;            /* for power cuts (mount.h); NULL: none is planned */
	struct rng *rng;
};

/* spec and geom must live as long. seed: of the run. NULL with a sentence; name: of the section, "ftl". */
struct ftl *ftl_open(struct arena *a, const struct ftl_spec *spec, const struct nand_geom *geom, const char *name,
	uint64_t seed, struct err *e);
void ftl_close(struct ftl *f); /* NULL is legal */

/* Bytes of memory for maps and blocks. */
size_t ftl_bytes(const struct ftl *f);

/* ---- places ------------------------------------------------------------------------------------------- */

/* Physical unit, or FTL_NOWHERE. */
static inline uint64_t ftl_lookup(const struct ftl *f, uint64_t logical) { return map_get(&f->map, logical); }
/* The flash block of one plane of an FTL block: plane 0 .. alloc.planes_per_region - 1. */
static inline nand_ppa ftl_block_of(const struct ftl *f, uint32_t block, uint32_t plane)
{
	uint32_t region = blocks_region(&f->blocks, block);
	uint64_t at = f->spec->alloc.superblock == FTL_SUPER_DEVICE ? f->alloc.plane[plane] :
		region * f->alloc.planes_per_region + plane;
	return f->plane_page[at] + ((uint64_t)(block - region * f->blocks.per_region) << f->geom->block_shift);
}
/* The page of a unit, counted in its block, of a block of this region; *plane, which of the region's (alloc.planes_per_region). */
static inline nand_ppa ftl_page_in(const struct ftl *f, uint32_t region, uint32_t block, uint32_t unit, uint32_t *plane)
{
	uint32_t each = f->alloc.planes_per_region, slot = f->page_units == 1 ? unit : (uint32_t)fastdiv(unit, &f->by_page_units);
	if (each == 1) {
		*plane = 0;
		return f->plane_page[region] + ((uint64_t)(block - region * f->blocks.per_region) << f->geom->block_shift) + slot;
	}
	uint32_t row = (uint32_t)fastdiv(slot, &f->alloc.by_planes);
	*plane = slot - row * each;
	return ftl_block_of(f, block, *plane) + row;
}
/* The page of a physical unit; *part, which of the page's units (may be NULL). */
nand_ppa ftl_page_of(const struct ftl *f, uint64_t physical, uint32_t *part);
static inline uint32_t ftl_region_of(const struct ftl *f, uint64_t physical)
{
	return blocks_region(&f->blocks, blocks_of_unit(&f->blocks, physical));
}

/* ---- the host's writes and trims ---------------------------------------------------------------------- */

/* The region that takes the next write of this unit. */
uint32_t ftl_choose(struct ftl *f, uint64_t logical);
/* Whether the region has a place for a host write; opens a frontier where it may. false: it must be cleaned first. */
bool ftl_room(struct ftl *f, uint32_t region);
/* Takes the place that ftl_room() has promised, and says which. */
uint64_t ftl_write_begin(struct ftl *f, uint32_t region);
/* What ftl_write_commit() or ftl_move_commit() will need is brought near. from: where the unit is, as far as known; else
 * FTL_NOWHERE. */
static inline __attribute__((always_inline)) void ftl_prefetch(const struct ftl *f, uint64_t logical, uint64_t to, uint64_t from)
{
	map_prefetch(&f->map, logical);
	map_prefetch_owner(&f->map, to);
	blocks_prefetch(&f->blocks, blocks_of_unit(&f->blocks, to));
	if (from != FTL_NOWHERE)
		blocks_prefetch(&f->blocks, blocks_of_unit(&f->blocks, from));
}
/* The program is over: the unit is there, its old copy is invalid. */
void ftl_write_commit(struct ftl *f, uint64_t logical, uint64_t physical);
/* Unmaps; false: it was not mapped. */
bool ftl_trim(struct ftl *f, uint64_t logical);
/* Leaves the rest of a frontier's last `whole` units unused, as a flush of less than a page (or wordline) does; units
 * padded. whole divides the units of a block. */
uint32_t ftl_pad_to(struct ftl *f, uint32_t region, enum ftl_stream stream, uint32_t whole);
static inline uint32_t ftl_pad(struct ftl *f, uint32_t region, enum ftl_stream stream)
{
	return ftl_pad_to(f, region, stream, f->page_units);
}

/* ---- cleaning ----------------------------------------------------------------------------------------- */

enum ftl_urgency { FTL_FOREGROUND, FTL_BACKGROUND };
/* Whether a job should go on or begin. Foreground: below gc.low, then until gc.high; and static wear levelling.
 * Background: below gc.background too. */
static inline bool ftl_clean_wanted(struct ftl *f, uint32_t region, enum ftl_urgency how)
{
	struct ftl_job *j = &f->job[region];
	uint32_t free = f->blocks.region[region].free;
	if (free < f->low)
		j->cleaning = true;
	else if (free >= f->high)
		j->cleaning = false;
	return j->cleaning || j->wear_wanted || (how == FTL_BACKGROUND && free < f->spec->gc.background);
}
/* Takes a victim where no job is under way. false: no block is full. */
bool ftl_clean_begin(struct ftl *f, uint32_t region);
/* The same with the block of fewest valid units, whatever the policy: for a device whose jobs gain nothing. O(blocks of the
 * region). */
bool ftl_clean_begin_fewest(struct ftl *f, uint32_t region);
static inline bool ftl_clean_active(const struct ftl *f, uint32_t region) { return f->job[region].victim != FTL_NO_BLOCK; }
/* What the next ftl_clean_next() will need is brought near. */
void ftl_clean_prefetch(const struct ftl *f, uint32_t region);
/* The next valid unit of the victim, with a place for it; false: none is left. */
bool ftl_clean_next(struct ftl *f, uint32_t region, struct ftl_move *m);
/* The copy is programmed. false: stale. */
bool ftl_move_commit(struct ftl *f, uint32_t region, const struct ftl_move *m);
/* All valid units are moved: the victim may be erased. */
static inline bool ftl_clean_done(const struct ftl *f, uint32_t region)
{
	const struct ftl_job *j = &f->job[region];
	return j->cursor == f->blocks.units && j->moving == 0;
}
/* The victim is erased and free; the job is over. */
void ftl_erased(struct ftl *f, uint32_t region);

/* ---- figures ------------------------------------------------------------------------------------------ */

static inline uint64_t ftl_programs(const struct ftl *f)
{
	uint64_t sum = 0;
	for (int i = 0; i < FTL_CAUSES; i++)
		sum += f->counts.programmed[i];
	return sum;
}

struct ftl_wear {
	uint32_t min, max;
	double mean;
};
struct ftl_wear ftl_wear(const struct ftl *f); /* of all blocks that are not bad; O(blocks) */

/* Recounts everything from the maps. 0, or -1 with what is wrong. O(units); for tests. */
int ftl_check(const struct ftl *f, struct err *e);

#endif
