/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reading in the background: after a read the head stays on and fills the segment, until
 * its goal is reached or another command takes the arm.
 *
 * Two shapes. Linear: LBN after LBN, across tracks with their switches and waits. Whole
 * track: every sector that comes by for one turn, from wherever the head landed, so that
 * the sectors before the requested one are buffered too.
 *
 * No events: progress is worked out when asked (ahead_advance), from the time at which the
 * present run began under the head. Owner: embedded in the disk.
 */
#ifndef QUERN_DISK_AHEAD_H
#define QUERN_DISK_AHEAD_H

#include <stdbool.h>
#include <stdint.h>

#include "disk/buffer.h"
#include "disk/mech.h"

struct ahead {
	bool active;
	bool whole_track;
	struct buffer_segment *segment; /* borrowed, in *buffer */
	struct geom_track track;        /* of the present run */
	uint32_t from_sector;           /* physical, where the run began */
	uint32_t count;                 /* physical sectors of the run */
	time_ps begin_ps;               /* when from_sector's start was under the head, ... */
	uint64_t late;                  /* ... which was this far past it (disk/mech.h) */
	uint64_t lbn;                   /* first LBN of a linear run */
	uint64_t goal;                  /* linear: one past the last LBN to read */
	uint64_t least;                 /* linear: one past the last LBN to read before giving way */
	uint32_t tracks_left;           /* whole track: to read after this one */
	uint64_t arrived;               /* whole track: LBNs counted so far, the foreground's included */
	uint64_t sectors_read;          /* statistics: LBNs brought since the simulation began */
};

/* Go on after a foreground run, linearly, up to `goal`; `least` sectors of it before giving way. */
void ahead_start_linear(struct ahead *a, struct buffer_segment *s, const struct mech_run *after,
	uint64_t goal, uint64_t least);
/* Read one turn of the track from `sector`, whose start is under the head at `at`, `late` past.
 * `wanted` LBNs of it are a foreground command's and not counted here. Then, a segment for each, so
 * many tracks more. */
void ahead_start_track(struct ahead *a, struct buffer_segment *s, const struct geom_track *t,
	uint32_t sector, time_ps at, uint64_t late, uint32_t wanted, uint32_t more_tracks);

/* Whether the range touches what an active read-ahead has brought or will bring. */
static inline bool ahead_concerns(const struct ahead *a, uint64_t lbn, uint32_t n)
{
	uint64_t lo = a->whole_track ? a->track.first_lbn : a->segment->lo;
	/* with tracks to follow it may be at another one by now */
	return (lbn < a->goal && lbn + n > lo) || a->tracks_left > 0;
}

/* Bring the segment up to date with what has arrived by `now`; moves the arm across tracks. */
void ahead_advance(struct ahead *a, struct buffer *b, struct mech *m, const struct geom *g, time_ps now);

/* Another command wants the arm: advance to `now` (or until the least is read), stop, and return
 * when the sector under the head has ended, or without waiting for that when `at_once`. */
time_ps ahead_stop(struct ahead *a, struct buffer *b, struct mech *m, const struct geom *g, time_ps now,
	bool at_once);

/* The LBNs [lbn, result) of [lbn, end), not in the segment, are in what an active read-ahead that was
 * just advanced will bring. */
uint64_t ahead_coming(const struct ahead *a, uint64_t lbn, uint64_t end);
/* Of a range that is coming, the LBNs [lbn, result) arrive one right after the other. */
uint64_t ahead_stretch(const struct ahead *a, const struct geom *g, uint64_t lbn, uint64_t end);

/*
 * When LBN `lbn` will have arrived if nothing interrupts, or -1 when it is not on the way.
 * The same walk as ahead_advance, on a copy.
 */
time_ps ahead_arrival(const struct ahead *a, const struct mech *m, const struct geom *g, uint64_t lbn);
/* When it will be over, or would have been: linear, while active: at its goal; else the track it is on, or was last. */
time_ps ahead_goal_ps(const struct ahead *a, const struct mech *m, const struct geom *g);

#endif
