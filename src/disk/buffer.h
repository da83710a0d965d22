/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The track buffer: a few segments, each holding a run of LBNs, replaced least recently
 * used first. What fills a segment over time is read-ahead (disk/ahead.h); this file knows
 * only what is there now.
 *
 * A segment that buffers a whole track from wherever the head landed may hold two runs: the
 * part from the landing place to the track's end (main), and the part from the track's
 * beginning (wrap), which meets main once the turn is complete.
 *
 * Owner: the arena. All lookups are O(segments); segments are few. Replacing one is O(1): the oldest becomes
 * the newest, so that the order of use, kept as a ring, turns by one.
 */
#ifndef QUERN_DISK_BUFFER_H
#define QUERN_DISK_BUFFER_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/arena.h"

struct buffer_segment {
	uint64_t lo, hi;           /* main run [lo, hi); lo == hi: empty */
	uint64_t wrap_lo, wrap_hi; /* second run, below main: wrap_lo <= lo, wrap_hi <= hi, also where it is empty */
	uint64_t used;             /* stamp of the last use */
	uint64_t window;           /* the last window in which it was hit */
};

/* Reads after which an adaptive buffer looks how many streams there are. */
#define BUFFER_WINDOW 64

struct buffer {
	struct buffer_segment *segments;
	struct buffer_segment **order; /* those in use, a ring: from `oldest` on, the least recently used first */
	uint32_t oldest;           /* index into it */
	uint32_t count;            /* in use now */
	uint32_t most;             /* places in `segments` */
	uint64_t segment_sectors;  /* of one now */
	uint64_t sectors;          /* of all */
	uint64_t stamp;
	/* adaptive: reads and segments hit in the present window */
	uint64_t window;
	uint32_t reads, streams;
};

/* 0 or -1 (no memory). count 0: no buffer, nothing is ever found. */
int buffer_init(struct buffer *b, struct arena *a, uint32_t count, uint64_t segment_sectors);
void buffer_clear(struct buffer *b);

/* How many sectors from lbn on are there, at most n; *where gets the segment that holds the last
 * of them (or NULL). */
uint32_t buffer_prefix(const struct buffer *b, uint64_t lbn, uint32_t n, struct buffer_segment **where);
/* An adaptive buffer counts a read; `hit` is the segment that served it, or NULL. */
void buffer_count_read(struct buffer *b, struct buffer_segment *hit);
/*
 * After BUFFER_WINDOW reads an adaptive buffer divides its sectors anew, into as many equal segments
 * as were hit in that time and one more, rounded up to a power of two, at most `most`. The segments
 * used last stay, cut at their lower end; pointers to segments are void. O(segments^2).
 */
void buffer_adapt(struct buffer *b);
/* Find the order of use anew: `segments` and `count` were filled in from elsewhere. O(segments^2). */
void buffer_reorder(struct buffer *b);
/* The segment, one of those in use, was used now. O(segments used since it was). */
void buffer_touch(struct buffer *b, struct buffer_segment *s);
/* The least recently used segment, emptied and touched. NULL when there is none. */
struct buffer_segment *buffer_take(struct buffer *b);
/* The range no longer holds what the medium will: cut it out of every segment; of a run cut
 * in two the longer part stays. Returns true when a segment changed. */
bool buffer_cut(struct buffer *b, uint64_t lbn, uint32_t n);
/* What the segment holds below `end` is given up, of both runs. */
void buffer_drop(struct buffer_segment *s, uint64_t end);
/* The segment got data up to hi; the oldest gives way where it exceeds the segment's size. */
void buffer_extend(struct buffer *b, struct buffer_segment *s, uint64_t hi);

#endif
