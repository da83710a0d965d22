/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where a write goes: the order of the planes, and the region that takes the next unit.
 *
 * Static orders give every logical page its region for good. Dynamic ones choose among the regions that have room
 * (live units below their limit), which one of them always has. A choice that goes by the work waiting finds all
 * regions equal where `load` is NULL, so its doc says what decides among equals.
 *
 * Owner: the arena; O(1) where not said otherwise.
 */
#ifndef QUERN_FTL_ALLOC_H
#define QUERN_FTL_ALLOC_H

#include "flash/nand_geom.h"
#include "ftl/spec.h"
#include "sim/arena.h"

struct ftl;
struct ftl_alloc;

struct ftl_alloc_ops {
	const char *name;
	const char *doc;
	const char *order; /* of a static one, and of the planes: "CWDP" */
	/* NULL: static. first: where to begin; the caller goes on from there while there is no room. */
	uint32_t (*choose)(struct ftl *f, uint64_t logical);
};

extern const struct ftl_alloc_ops *const ftl_allocs[]; /* NULL-terminated */
extern const struct opt_choice ftl_alloc_choices[];    /* the same names, for the option row */

struct ftl_alloc {
	const struct ftl_alloc_ops *ops;
	uint32_t regions;
	uint32_t planes_per_region;
	uint32_t next;              /* place in the order for round robin */
	const uint32_t *order;      /* regions, in the order of the letters */
	const uint32_t *place;      /* by region: where it stands in order */
	const uint32_t *plane;      /* planes of the device in the order of the letters: how a superblock is striped */
	const uint64_t *programmed; /* units, by region; the FTL's counters */
	struct fastdiv by_regions, by_planes; /* by_planes: planes_per_region */
	/* Work waiting in a region, in any unit; UINT64_MAX where it takes nothing now. Set by a device that knows time, when its
	 * clock begins: preconditioning has none. */
	uint64_t (*load)(const void *ctx, uint32_t region);
	const void *load_ctx;
};

/* 0, or -1 when memory is exhausted. */
int alloc_init(struct ftl_alloc *al, struct arena *a, const struct ftl_alloc_spec *s, const struct nand_geom *g);

/* Planes of the device in the order of four letters; out has room for all of them. */
void alloc_plane_order(const char *letters, const struct nand_geom *g, uint32_t *out);

/* The region for a logical unit of logical page `page`. Room is checked for dynamic orders. */
uint32_t alloc_region(struct ftl *f, uint64_t logical, uint64_t page);

#endif
