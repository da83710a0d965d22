/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Disk geometry: where each logical block lies, exactly, both ways.
 *
 * A surface is divided into zones of cylinders with equal sectors per track. A zone's places are
 * its sectors, numbered in LBN order: track after track as the layout goes (disk/layout.h), sector
 * after sector. Places that are slipped (defective when the drive was formatted) or spare hold no
 * block; the others, in order, hold the zone's blocks, the first `reserved` of which the drive keeps
 * for itself. A block may be remapped: it lives at a spare place, and its own place holds nothing.
 * Where a map cuts a zone into parts that do not follow one another in LBN order, each part is
 * a `struct geom_zone` of its own, so that LBNs always ascend from one to the next.
 *
 * Angles are in units of 1/60e15 of a turn: with rpm in thousandths, (time in ps) x
 * (millirpm) is an angle in this very unit, so rotation is exact integer arithmetic.
 *
 * Sector angle = zone offset + head switches x track_skew + cylinder switches x cylinder_skew +
 * sector / spt, the switches counted from the zone's first track to this one in LBN order. In the
 * cylinder-major orders these are position + (heads - 1) cyl and cyl (DiskSim 4.0's layout, as its
 * validation set describes it). Where slips turn, the slips in the tracks (or cylinders) of the zone before
 * this one count as so many sectors more.
 *
 * Units: sectors of 512 bytes; skews in thousandths of a sector. Lookup O(log zones + log
 * slips + log remaps), and no cost of remaps where there are none. Owner: the arena.
 */
#ifndef QUERN_DISK_GEOM_H
#define QUERN_DISK_GEOM_H

#include <stdbool.h>
#include <stdint.h>

#include "disk/layout.h"
#include "disk/spec.h"
#include "sim/arena.h"
#include "sim/err.h"
#include "sim/fastdiv.h"
#include "sim/time.h"

#define ANGLE_TURN UINT64_C(60000000000000000)
#define GEOM_NO_LBN UINT64_MAX

struct geom_run {
	uint64_t first, count;
	uint64_t before;  /* places of the zone's runs before it */
};

/* A run of slipped places, as the way from block to place needs it. */
struct geom_skip {
	uint64_t first;   /* place in the zone; spare places are not counted where slips pass over them */
	uint64_t count;
	uint64_t before;  /* places slipped by earlier runs of the same pool */
	uint64_t rank;    /* the first block behind it: all with this rank or a higher one have moved */
};

/* A zone; with a map, the part of a zone that lies together in LBN space. */
struct geom_zone {
	uint64_t first_lbn, lbns;
	uint64_t reserved;          /* blocks before first_lbn */
	uint32_t first_cylinder, cylinders;
	uint32_t spt;
	uint32_t number;            /* of the zone in the config */
	uint64_t places;            /* tracks x spt */
	int64_t offset_milli, track_skew_milli, cylinder_skew_milli; /* sectors / 1000 */
	uint64_t sector_whole;      /* ANGLE_TURN / spt, and ... */
	uint64_t sector_fraction;   /* ... its remainder as a fraction of 2^64, rounded up */
	uint64_t milli_whole, milli_fraction; /* the same of a thousandth of a sector */
	struct fastdiv by_spt;
	struct fastdiv by_sector_angle; /* ANGLE_TURN / spt, for estimates */
	struct fastdiv by_turn_milli;   /* 1000 spt */
	struct layout layout;
	/* ascending; cut where a pool ends */
	const struct geom_skip *skips;
	uint32_t skip_count;
	/* Pools of places with spares of their own: tracks, cylinders, ranges of cylinders. */
	bool pooled;
	bool slips_pass_pools;      /* a slip moves all blocks behind it, not only those of its pool */
	uint64_t pools;             /* pools that have spares; what is behind them has none */
	uint64_t pool_places, pool_blocks, pool_front; /* of one: places, blocks, spares before the blocks */
	struct fastdiv by_pool_places, by_pool_blocks;
	const struct geom_run *slips; /* as places, ascending, not touching */
	uint64_t slips_earlier;     /* in parts of the zone before this one */
	uint32_t slip_count;
	uint32_t turn_tracks;       /* slips turn what comes after so many tracks together; 0: they do not */
	uint64_t cylinder_fraction; /* cylinders / lbns as a fraction of 2^64 */
};

/* A run of blocks that live at spare places, all on one track. */
struct geom_remap {
	uint64_t lbn;
	uint64_t place;             /* of the first, in its zone */
	uint32_t count;
	uint32_t zone;              /* index into zones */
};

/* The tracks of one head, in zones ordered by cylinder. */
struct geom_surface {
	uint32_t head, first_cylinder, last_cylinder, zone;
};

struct geom {
	uint64_t first_lbn;         /* 0, but for a slice that is told otherwise */
	uint64_t sectors;           /* capacity: LBNs first_lbn .. first_lbn + sectors - 1 */
	uint32_t heads, cylinders;  /* of the disk, a slice's too */
	uint32_t zone_count;
	enum disk_sparing sparing;
	uint64_t cylinder_fraction; /* cylinders / sectors as a fraction of 2^64 */
	const struct geom_zone *zones;
	const uint64_t *zone_first_lbn; /* zone_count of them, flat for the search */
	const uint32_t *cell_zone;  /* the search begins by cells of 2^cell_shift LBNs: the zone of each one's first, ... */
	uint32_t cells, cell_shift; /* ... and the last zone behind all of them */
	const struct geom_surface *surfaces; /* ascending by head, then by cylinder */
	uint32_t surface_count;
	/* Remaps, in two orders; room is made when the drive is opened. A spare that has gone bad too stays
	 * in the second list, as GEOM_NO_LBN. */
	struct geom_remap *remaps;      /* ascending by LBN */
	struct geom_remap *spares;      /* ascending by zone and place */
	uint32_t remap_count, spare_count, remap_room;
};

/*
 * A stretch of LBNs that come by on one track: the longest one, of blocks that are at home there,
 * around the place it was made for. Without remaps these are all blocks of the track. A remapped block
 * ends the stretch on either side. A run of remapped blocks is a stretch too, on the track of its
 * spare places: first_lbn and lbns are then the run's own.
 *
 * Whatever reads a whole track gets the blocks [first_lbn, first_lbn + lbns) and nothing else.
 */
struct geom_track {
	const struct geom_zone *zone;
	uint64_t first_lbn;   /* lowest LBN of the stretch */
	uint64_t first_place; /* of the track's sector 0, in the zone */
	uint32_t lbns;        /* of the stretch; spt where nothing is slipped, spare or remapped */
	uint32_t spt;
	uint32_t cylinder, head;
	uint32_t spare;       /* remapped blocks: 1 + the sector of the first; else 0 */
	uint64_t angle0;      /* of the start of sector 0: [0, ANGLE_TURN) */
};

/* Where a logical block lies. */
struct geom_place {
	uint32_t cylinder, head, sector;
	uint32_t track, head_switches;  /* its track's number in the zone, and the head switches before it */
	const struct geom_zone *zone;
	const struct geom_remap *remap; /* of a remapped block, else NULL; valid until the next geom_grow() */
	uint64_t index;                 /* the place's number in the zone */
	uint32_t skips;                 /* runs of slips that begin before it */
};

/* A part of a disk that an actuator of its own serves. */
struct geom_slice {
	uint32_t first_head, heads;         /* 0 heads: all of them */
	uint32_t first_cylinder, cylinders; /* 0 cylinders: all of them */
	uint64_t first_lbn;                 /* its LBNs start here */
};

/* Build from the bound options. NULL with *e set when the spec is impossible. */
struct geom *geom_new(struct arena *a, const struct disk_geometry_spec *spec, struct err *e);
/* Whether it can be built, in an arena for the time being. -1: *e is set, and *key is the option (static)
 * that it is about. */
int geom_check(struct arena *a, const struct disk_geometry_spec *spec, const char **key, struct err *e);
/*
 * The same for a slice: the tracks of some heads, or of some cylinders, as if there were no others.
 * Each zone keeps its reserved sectors and spares in either slice of heads; of slices of cylinders
 * the one with the zone's first cylinder has its reserved sectors and the one with its last has
 * its spares, but for those that the slips of the other use up. Slips and defects go where their tracks go. Cylinder and head keep
 * the disk's numbers.
 */
struct geom *geom_new_slice(struct arena *a, const struct disk_geometry_spec *spec, const struct geom_slice *slice,
	struct err *e);

/* lbn in [first_lbn, first_lbn + sectors). */
void geom_locate(const struct geom *g, uint64_t lbn, struct geom_place *out);
/* Inverse: true and *lbn when the place holds a logical block. */
bool geom_lbn_at(const struct geom *g, uint32_t cylinder, uint32_t head, uint32_t sector, uint64_t *lbn);
/* The track on which a place found by geom_locate() lies, and the stretch of LBNs around it. */
void geom_track_at(const struct geom *g, const struct geom_place *at, struct geom_track *out);
/* Both for an LBN; returns its sector on the track. */
uint32_t geom_track_of(const struct geom *g, uint64_t lbn, struct geom_track *out);
/* The next two where not all sectors of the track hold blocks of the stretch. */
uint32_t geom_sector_of_partial(const struct geom_track *t, uint64_t lbn);
uint32_t geom_lbns_before_partial(const struct geom_track *t, uint32_t sector);
/* Physical sector of an LBN of this stretch. */
static inline uint32_t geom_sector_of(const struct geom_track *t, uint64_t lbn)
{
	return t->lbns == t->spt ? (uint32_t)(lbn - t->first_lbn) : geom_sector_of_partial(t, lbn);
}
/* LBNs of the stretch among the track's sectors [0, sector). */
static inline uint32_t geom_lbns_before(const struct geom_track *t, uint32_t sector)
{
	return t->lbns == t->spt ? sector : geom_lbns_before_partial(t, sector);
}
/* The sector behind the stretch's last block: from there on nothing of it comes by. */
static inline uint32_t geom_track_end(const struct geom_track *t)
{
	return t->lbns == t->spt ? t->spt : geom_sector_of(t, t->first_lbn + t->lbns - 1) + 1;
}

/* How much of the layout somebody knows who estimates where a block lies. */
enum geom_level {
	GEOM_LBN,    /* the number of blocks and cylinders: cylinder in proportion, head 0 */
	GEOM_ZONES,  /* the zone table: cylinder in proportion within the zone, head 0 */
	GEOM_FULL,   /* everything: geom_locate() */
};
/*
 * Estimate. Below GEOM_FULL only cylinder (and head = sector = 0) is told, and zone is that of
 * GEOM_ZONES or NULL: there is no angle to be had. O(1), O(log zones).
 */
void geom_guess(const struct geom *g, enum geom_level level, uint64_t lbn, struct geom_place *out);

/* Make room for `count` more remaps. -1: no memory. */
int geom_reserve_remaps(struct geom *g, struct arena *a, uint32_t count);
/*
 * The place of this LBN has gone bad: move it to the nearest free spare of its pool (or, with spare
 * tracks in zones, its whole track to a spare track). A block that is remapped already moves
 * on. -1 with a sentence: no spare is free (ERR_LIMIT). Tracks and places found before are out of date.
 */
int geom_grow(struct geom *g, uint64_t lbn, struct err *e);

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

/* An angle without its whole turns. */
static inline uint64_t geom_turned(uint64_t angle)
{
	while (angle >= ANGLE_TURN)
		angle -= ANGLE_TURN;
	return angle;
}

/* Angle at which the sector (or, with sector = spt, the track's end) begins: [0, ANGLE_TURN).
 * The track's start is floored to a unit, and so is the way from there. */
static inline uint64_t geom_angle(const struct geom_track *t, uint32_t sector)
{
	return geom_turned(t->angle0 + geom_into(t->zone, sector));
}
/* The same straight from a place, for schedulers. */
uint64_t geom_place_angle(const struct geom *g, const struct geom_place *at);

#endif
