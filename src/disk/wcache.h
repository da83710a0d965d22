/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The write cache: what was acknowledged and is not yet on the medium, as dirty extents in LBN
 * order. New data join the extents they touch; what they overlap they replace, and the sectors
 * replaced (superseded) never reach the medium. Destaging takes a range out; its space stays
 * held until the range has landed. So does the space of a write whose data are coming in.
 *
 * Invariants: extents are sorted, not empty and do not overlap; sectors is the sum of their
 * lengths. With the tag oracle on, an extent's pieces tell which content each sector has, in
 * order and without gaps; without it there are none, and nothing is kept per sector.
 *
 * Owner: embedded in the disk; the array is the arena's and sized at start, pieces come from
 * a pool in the same arena. Lookup O(log extents), change O(extents) by one memmove.
 */
#ifndef QUERN_DISK_WCACHE_H
#define QUERN_DISK_WCACHE_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/arena.h"
#include "sim/time.h"

#define WCACHE_UNPLACED UINT32_MAX

/* The content of a stretch of sectors. */
struct wcache_piece {
	struct wcache_piece *next;
	uint64_t lo, hi; /* LBNs [lo, hi) */
	uint64_t tag;
};

struct wcache_extent {
	uint64_t lo, hi;     /* LBNs [lo, hi) */
	time_ps acked_ps;    /* when its oldest data were acknowledged, ... */
	uint64_t stamp;      /* ... and that as an order */
	uint64_t angle;      /* of its first sector, with cylinder and head: the owner's to fill in, */
	uint32_t cylinder, head; /* WCACHE_UNPLACED since the extent has begun elsewhere */
	struct wcache_piece *pieces; /* owned; NULL with the oracle off */
};

enum wcache_combine {
	WCACHE_COMBINE_NONE,   /* each write is an extent */
	WCACHE_COMBINE_APPEND, /* data join the extent they continue */
	WCACHE_COMBINE_ALL,    /* and the one that they precede */
};

struct wcache_counts {
	uint64_t high_sectors;  /* most dirty sectors at once, those on their way included */
	uint64_t high_extents;
	uint64_t accepted;      /* writes taken */
	uint64_t combined;      /* joins of a write's data with an extent */
	uint64_t superseded;    /* sectors replaced before they reached the medium */
	uint64_t destaged;      /* sectors taken out for the medium */
	uint64_t destages;      /* times this was done */
	uint64_t waits;         /* commands that had to wait for destaging */
};

struct wcache {
	struct wcache_extent *extent;
	uint32_t count;
	uint32_t extent_limit;
	uint64_t sectors, sector_limit;
	uint32_t held_extents;  /* of writes coming in and of destages under way */
	uint64_t held_sectors;
	enum wcache_combine combine;
	uint64_t border;        /* extents do not join over LBNs that are multiples of it; 0: there is none */
	uint64_t stamp;
	struct pool pieces;
	struct wcache_counts counts;
};

/* 0 or -1: no memory. Limits are at least 1. */
int wcache_init(struct wcache *c, struct arena *a, uint32_t extents, uint64_t sectors,
	enum wcache_combine combine);
/* The power went: nothing is left. Limits and counts stay. */
void wcache_clear(struct wcache *c);

/* Whether a write of this range can be taken now, within the limits. O(log extents + extents it replaces). */
bool wcache_room(const struct wcache *c, uint64_t lo, uint32_t sectors);
/* Whether a write of so many could ever be taken. */
static inline bool wcache_fits(const struct wcache *c, uint32_t sectors) { return sectors <= c->sector_limit; }
/* Hold space for a write or a destage, and give it back. */
static inline void wcache_hold(struct wcache *c, uint32_t sectors)
{
	c->held_extents++;
	c->held_sectors += sectors;
	if (c->sectors + c->held_sectors > c->counts.high_sectors)
		c->counts.high_sectors = c->sectors + c->held_sectors;
	if (c->count + c->held_extents > c->counts.high_extents)
		c->counts.high_extents = c->count + c->held_extents;
}
static inline void wcache_release(struct wcache *c, uint32_t sectors)
{
	c->held_extents--;
	c->held_sectors -= sectors;
}

/*
 * The range, whose space was held, is acknowledged now: it becomes dirty, and the hold ends. `tag`:
 * its content, or NULL with the oracle off. Returns the extent it is in now; NULL: no memory for
 * its tag.
 */
struct wcache_extent *wcache_put(struct wcache *c, uint64_t lo, uint32_t sectors, time_ps now, const uint64_t *tag);
/* The medium got newer data for this range another way: drop what the cache has of it. */
void wcache_drop(struct wcache *c, uint64_t lo, uint64_t hi);
/*
 * Take [lo, hi), all of it dirty, out to be destaged; its space is held from now on. Returns its pieces, the
 * caller's to give back, or NULL with the oracle off.
 */
struct wcache_piece *wcache_take(struct wcache *c, uint64_t lo, uint64_t hi);
void wcache_free_pieces(struct wcache *c, struct wcache_piece *p);

/* The first extent that ends past lbn: its index, or count. O(log count). */
uint32_t wcache_find(const struct wcache *c, uint64_t lbn);
/* Whether some of [lo, hi) is dirty. */
bool wcache_overlaps(const struct wcache *c, uint64_t lo, uint64_t hi);
/* How far [lo, result) is dirty without a gap, at most up to hi. */
uint64_t wcache_reach(const struct wcache *c, uint64_t lo, uint64_t hi);
/* Dirty sectors among [lo, hi). */
uint64_t wcache_dirty(const struct wcache *c, uint64_t lo, uint64_t hi);

#endif
