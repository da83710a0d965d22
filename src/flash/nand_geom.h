/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where a page is: channel, chip (CE#), die (LUN), plane, block, page; and which wordline and which of its bits
 * a page number stands for.
 *
 * Dies are numbered densely, die = (channel * chips + chip) * dies_per_chip + die of the chip; planes and
 * blocks likewise: plane = die * planes + plane of the die, block = plane * blocks + block of the plane. An
 * address (nand_ppa) is one word of bit fields, from the top: die, plane, block, page. Taking it apart is
 * shifts and masks; its dense numbers cost two multiplications; back from dense numbers costs a multiplication
 * and a shift for each division (sim/fastdiv.h). `ppa_bits` says how many bits addresses take: up to 32, a
 * map may hold them in 32 bits.
 *
 * Page numbers count in the order in which the block must be programmed (ONFI 5.0: a block's pages are
 * programmed in ascending order). page_order says which wordline and bit that is:
 *   linear: page p is bit p mod bits of wordline p / bits, as parts count that program a wordline at once;
 *   shadow: bit k of wordline w comes in the order of w + k, then k, so that a wordline's next bit is
 *     programmed after its neighbour's one before: L0 L1 U0 L2 U1 ... (K.-T. Park et al., "A zeroing
 *     cell-to-cell interference page architecture ...", IEEE JSSC 43(4), 2008; for three bits L0 L1 M0 L2 M1 U0).
 *
 * Owner: a plain struct; its one table lives in the arena given to nand_geom_init. Knows no time and no state.
 * Errors: nand_geom_check() speaks one phrase; after it nothing fails but for memory.
 */
#ifndef QUERN_FLASH_NAND_GEOM_H
#define QUERN_FLASH_NAND_GEOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flash/spec.h"
#include "sim/arena.h"
#include "sim/fastdiv.h"

typedef uint64_t nand_ppa;

#define NAND_NOWHERE UINT64_MAX

/* One entry for each page number of a block. */
struct nand_page_place {
	uint16_t wordline;
	uint8_t type;       /* bit of the cell: 0 lower, ... */
	uint8_t last;       /* this page completes its wordline */
};

struct nand_geom {
	uint32_t channels, chips, dies_per_chip, planes, blocks, pages; /* each of the one before */
	uint32_t page_bytes, spare_bytes;
	uint32_t bits;              /* of a cell */
	uint32_t slc_pages;         /* pages of a block in SLC mode: one a wordline */
	uint32_t wordlines;         /* of a block */
	uint32_t program_pages;     /* pages of a wordline that one program takes: 1, or bits */
	bool shadow;                /* page_order */
	uint32_t dies_per_channel, dies; /* in all */
	uint64_t all_planes, all_blocks, all_pages;
	uint32_t page_bits, block_shift, plane_shift, die_shift, ppa_bits;
	uint32_t page_mask, block_mask, plane_mask;
	struct fastdiv by_planes, by_blocks, by_pages, by_dies_per_channel;
	const struct nand_page_place *place; /* by page of a block; lives in the arena */
};

/* The parts of an address, dense where not said otherwise. */
struct nand_addr {
	uint32_t channel;
	uint32_t chip;  /* of the channel */
	uint32_t lun;   /* die of the chip */
	uint32_t plane; /* of the die */
	uint32_t block; /* of the plane */
	uint32_t page;  /* of the block */
};

/* What no single option can see. key: the option at fault; why: a phrase. 0 or -1. */
int nand_geom_check(const struct flash_geometry_spec *s, const char **key, char *why, size_t why_bytes);

/* From a spec that passed the check. 0, or -1 when memory is exhausted. */
int nand_geom_init(struct nand_geom *g, const struct flash_geometry_spec *s, struct arena *a);

/* "slc", ...; "lower", ... of enum nand_cell, or "" where the cell has no such type. */
const char *nand_cell_name(enum nand_cell cell);
const char *nand_page_type_name(enum nand_cell cell, uint32_t type);
uint32_t nand_cell_bits(enum nand_cell cell);

static inline nand_ppa nand_ppa_make(const struct nand_geom *g, uint32_t die, uint32_t plane, uint32_t block,
	uint32_t page)
{
	return (uint64_t)die << g->die_shift | (uint64_t)plane << g->plane_shift |
		(uint64_t)block << g->block_shift | page;
}

static inline uint32_t nand_ppa_die(const struct nand_geom *g, nand_ppa p) { return (uint32_t)(p >> g->die_shift); }
static inline uint32_t nand_ppa_plane(const struct nand_geom *g, nand_ppa p)
{
	return (uint32_t)(p >> g->plane_shift) & g->plane_mask;
}
static inline uint32_t nand_ppa_block(const struct nand_geom *g, nand_ppa p)
{
	return (uint32_t)(p >> g->block_shift) & g->block_mask;
}
static inline uint32_t nand_ppa_page(const struct nand_geom *g, nand_ppa p) { return (uint32_t)p & g->page_mask; }

/* Dense numbers over the whole device, for arrays. */
static inline uint32_t nand_plane_index(const struct nand_geom *g, nand_ppa p)
{
	return nand_ppa_die(g, p) * g->planes + nand_ppa_plane(g, p);
}
static inline uint64_t nand_block_index(const struct nand_geom *g, nand_ppa p)
{
	return (uint64_t)nand_plane_index(g, p) * g->blocks + nand_ppa_block(g, p);
}
static inline uint64_t nand_page_index(const struct nand_geom *g, nand_ppa p)
{
	return nand_block_index(g, p) * g->pages + nand_ppa_page(g, p);
}

/* And back: page `page` of the block with this dense number. */
static inline nand_ppa nand_ppa_of_block(const struct nand_geom *g, uint64_t block_index, uint32_t page)
{
	uint64_t plane = fastdiv(block_index, &g->by_blocks);
	uint64_t die = fastdiv(plane, &g->by_planes);
	return nand_ppa_make(g, (uint32_t)die, (uint32_t)(plane - die * g->planes),
		(uint32_t)(block_index - plane * g->blocks), page);
}
static inline nand_ppa nand_ppa_of_page(const struct nand_geom *g, uint64_t page_index)
{
	uint64_t block = fastdiv(page_index, &g->by_pages);
	return nand_ppa_of_block(g, block, (uint32_t)(page_index - block * g->pages));
}

static inline uint32_t nand_die_channel(const struct nand_geom *g, uint32_t die)
{
	return (uint32_t)fastdiv(die, &g->by_dies_per_channel);
}

/* All parts; not for the hot path. nand_ppa_from() takes them from 0 to their counts, unchecked. */
struct nand_addr nand_addr_of(const struct nand_geom *g, nand_ppa p);
nand_ppa nand_ppa_from(const struct nand_geom *g, const struct nand_addr *at);

static inline uint32_t nand_page_wordline(const struct nand_geom *g, uint32_t page) { return g->place[page].wordline; }
static inline uint32_t nand_page_type(const struct nand_geom *g, uint32_t page) { return g->place[page].type; }

/* Page number of bit `type` of a wordline: the mates that share its cells, which a program cut off may
 * harm. type < bits. O(1). */
uint32_t nand_page_of(const struct nand_geom *g, uint32_t wordline, uint32_t type);

#endif
