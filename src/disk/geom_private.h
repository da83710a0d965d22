/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Shared by the parts of the geometry: geom.c (lookup), geom_build.c, geom_parts.c, geom_slice.c and
 * geom_remap.c. */
#ifndef QUERN_DISK_GEOM_PRIVATE_H
#define QUERN_DISK_GEOM_PRIVATE_H

#include "disk/geom.h"

#define MILLI 1000

/* ---- ranks: geom.c ------------------------------------------------------------------------ */

/* The place of the zone's block of this rank, reserved ones counted. */
uint64_t geom_rank_place(const struct geom_zone *z, uint64_t rank);
/* Blocks at places before this one; *empty: the place itself is slipped or a pool's spare. */
uint64_t geom_place_rank(const struct geom_zone *z, uint64_t place, bool *empty);
/* Where a block would be if it were not remapped. */
void geom_locate_home(const struct geom *g, uint64_t lbn, struct geom_place *out);
/* The logical block that lives at a place, if one does. */
bool geom_lbn_of_place(const struct geom *g, const struct geom_zone *z, uint64_t place, uint64_t *lbn);

/* ---- remaps: geom_remap.c ----------------------------------------------------------------- */

/* The remap of this LBN, or NULL. */
const struct geom_remap *geom_find_remap(const struct geom *g, uint64_t lbn);
/* The remap that uses this spare place, or NULL. */
const struct geom_remap *geom_find_spare(const struct geom *g, uint32_t zone, uint64_t place);
/* Cut the blocks of a track down to those between the remapped ones around the place. */
void geom_cut_stretch(const struct geom *g, const struct geom_place *at, struct geom_track *t);
/* The remaps that the config lists. Zones are complete. */
int geom_remap_defects(struct geom *g, struct arena *a, const struct disk_geometry_spec *spec, struct err *e);

/* ---- sparing: geom_build.c ---------------------------------------------------------------- */

enum geom_unit { IN_SECTORS, IN_TRACKS, IN_CYLINDERS };
enum geom_pool { POOL_NONE, POOL_TRACK, POOL_CYLINDER, POOL_RANGE, POOL_ZONE, POOL_DISK };

/* What a sparing scheme means. */
struct geom_rule {
	enum geom_pool pool;
	enum geom_unit unit;       /* of spares and slips */
	bool front;                /* spares before the pool's blocks; only where slips shorten */
	bool slips_shorten;        /* slips do not use spares up, but make the zone shorter */
};
extern const struct geom_rule geom_rules[]; /* by enum disk_sparing */
/* Places in a unit of a zone. */
uint64_t geom_unit_places(enum geom_unit unit, uint64_t spt, uint64_t heads);

/* ---- parts: geom_parts.c ------------------------------------------------------------------ */

/* Tracks of one zone that lie together in LBN order. */
struct geom_part {
	struct layout layout;
	uint32_t zone;             /* in the config */
	uint64_t first_track;      /* tracks of the zone in parts before it */
	uint64_t head_switches, cylinder_switches; /* from the zone's first track to this part's first */
};

struct geom_parts {
	struct geom_part *part;    /* in LBN order */
	uint32_t count;
	const uint16_t *heads;     /* of the slice, ascending */
	uint32_t head_count;
	struct geom_surface *surfaces;
	uint32_t surface_count;
};

/*
 * The parts of a disk or slice; parts->heads and head_count are set by the caller. -1 with a
 * sentence in *e, and in *key the option it is about.
 */
int geom_parts_init(struct geom_parts *parts, struct arena *a, const struct disk_geometry_spec *spec,
	const char **key, struct err *e);

/* The layout of a whole zone in the orders that need no map. -1: no memory. */
int geom_zone_layout(struct layout *l, struct arena *a, const struct disk_geometry_spec *spec,
	const struct disk_zone_spec *z, const uint16_t *heads, uint32_t count);

/* ---- slices: geom_slice.c ----------------------------------------------------------------- */

/* The spec of a slice: zones cut to it, slips and defects renumbered. */
int geom_slice_spec(struct arena *a, const struct disk_geometry_spec *spec, const struct geom_slice *slice,
	struct disk_geometry_spec *out, const char **key, struct err *e);

/* geom_new_slice() that names in *key the option that is wrong. */
struct geom *geom_build(struct arena *a, const struct disk_geometry_spec *spec, const struct geom_slice *slice,
	const char **key, struct err *e);

#endif
