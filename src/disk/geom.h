/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Disk geometry: where each logical block lies, exactly, both ways.
 *
 * A surface is divided into zones of cylinders with equal sectors per track. Within a zone
 * LBNs follow the physical order (cylinder, track within the cylinder, sector) and skip
 * slipped places: defective sectors or tracks, and what is reserved at the zone's front.
 * Spare places at the zone's end hold no LBN. Skews turn each track against the one before
 * it in LBN order, so that a sequential reader loses no revolution.
 *
 * Angles are in units of 1/60e15 of a turn: with rpm in thousandths, (time in ps) x
 * (millirpm) is an angle in this very unit, so rotation is exact integer arithmetic.
 *
 * Sector angle = zone offset + (position + (heads - 1) cyl) track_skew + cyl cylinder_skew
 * + sector / spt, with position the track's place within its cylinder in LBN order and cyl
 * counted from the zone's first (DiskSim 4.0's layout, as its validation set describes it).
 *
 * Units: sectors of 512 bytes; skews in thousandths of a sector. Lookup O(log zones + log
 * slips). Owner: the arena.
 */
#ifndef QUERN_DISK_GEOM_H
#define QUERN_DISK_GEOM_H

#include <stdbool.h>
#include <stdint.h>

#include "disk/spec.h"
#include "sim/arena.h"
#include "sim/err.h"
#include "sim/fastdiv.h"
#include "sim/time.h"

#define ANGLE_TURN UINT64_C(60000000000000000)

/* A run of physical places without LBN. */
struct geom_skip {
	uint64_t first;   /* physical index within the zone */
	uint64_t count;
	uint64_t before;  /* places skipped by earlier runs */
};

struct geom_zone {
	uint64_t first_lbn, lbns;
	uint32_t first_cylinder, cylinders;
	uint32_t spt;
	uint64_t places;            /* cylinders x heads x spt */
	int64_t offset_milli, track_skew_milli, cylinder_skew_milli; /* sectors / 1000 */
	uint64_t sector_whole;      /* ANGLE_TURN / spt, and ... */
	uint64_t sector_fraction;   /* ... its remainder as a fraction of 2^64, rounded up */
	struct fastdiv by_spt;
	struct fastdiv by_sector_angle; /* ANGLE_TURN / spt, for estimates */
	struct fastdiv by_turn_milli;   /* 1000 spt */
	const struct geom_skip *skips; /* ascending, not touching */
	uint32_t skip_count;
};

struct geom {
	uint64_t sectors;           /* capacity */
	uint32_t heads, cylinders, zone_count;
	struct fastdiv by_heads;
	enum disk_lbn_order order;
	const struct geom_zone *zones;
	const uint64_t *zone_first_lbn; /* zone_count of them, flat for the search */
};

/* One track, as LBNs see it. */
struct geom_track {
	const struct geom_zone *zone;
	uint64_t first_lbn;   /* lowest LBN on it */
	uint64_t first_place; /* physical index of its sector 0 in the zone */
	uint32_t lbns;        /* LBNs on it; spt where nothing is slipped */
	uint32_t spt;
	uint32_t cylinder, head;
	uint64_t angle0;      /* of the start of sector 0: [0, ANGLE_TURN) */
};

/* Where a logical block lies. */
struct geom_place {
	uint32_t cylinder, head, sector;
	const struct geom_zone *zone;
	uint64_t index;       /* physical index within the zone */
};

/* Build from the bound options. NULL with *e set when the spec is impossible. */
struct geom *geom_new(struct arena *a, const struct disk_geometry_spec *spec, struct err *e);

/* lbn < sectors. */
void geom_locate(const struct geom *g, uint64_t lbn, struct geom_place *out);
/* Inverse: true and *lbn when the place holds a logical block. */
bool geom_lbn_at(const struct geom *g, uint32_t cylinder, uint32_t head, uint32_t sector, uint64_t *lbn);
/* The track on which a place lies. */
void geom_track_at(const struct geom *g, const struct geom_place *at, struct geom_track *out);
/* Physical sector of an LBN of this track, and LBNs among the track's sectors [0, sector). */
uint32_t geom_sector_of(const struct geom_track *t, uint64_t lbn);
uint32_t geom_lbns_before(const struct geom_track *t, uint32_t sector);

/*
 * Angle from the track's start to the start of its k-th sector, k <= 2 spt: exactly
 * floor(k ANGLE_TURN / spt). The rounding of the fraction adds less than k / 2^64 < 1 / spt,
 * and the true value's fraction is a multiple of 1 / spt. Past the track's end it goes on by
 * whole turns, so differences need no reduction.
 */
static inline uint64_t geom_into(const struct geom_zone *z, uint32_t k)
{
	return k * z->sector_whole + (uint64_t)((uint128)k * z->sector_fraction >> 64);
}

/* Angle at which the sector (or, with sector = spt, the track's end) begins: [0, ANGLE_TURN).
 * The track's start is floored to a unit, and so is the way from there. */
static inline uint64_t geom_angle(const struct geom_track *t, uint32_t sector)
{
	uint64_t a = t->angle0 + geom_into(t->zone, sector);
	while (a >= ANGLE_TURN)
		a -= ANGLE_TURN;
	return a;
}
/* The same straight from a place, for schedulers. */
uint64_t geom_place_angle(const struct geom *g, const struct geom_place *at);

#endif
