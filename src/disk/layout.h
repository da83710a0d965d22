/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The order in which tracks follow one another in LBN space: a pattern over a range of cylinders and
 * a list of heads.
 *
 * The cylinders are taken in groups. Within a group LBNs run along one surface through all its
 * cylinders, then along the next; then comes the next group. Groups of one cylinder are the
 * cylinder-major order; one group of all cylinders is the surface-major order. The order of the heads
 * may turn from group to group, the direction along the surface from surface to surface.
 *
 * Going from one track to the next is a head switch when the cylinder stays, else a cylinder
 * switch, whatever the head does. Track numbers count from 0 in LBN order. Both ways in O(1).
 * Owner: the arena.
 */
#ifndef QUERN_DISK_LAYOUT_H
#define QUERN_DISK_LAYOUT_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/arena.h"
#include "sim/fastdiv.h"

#define LAYOUT_NO_HEAD UINT16_MAX

struct layout {
	uint32_t first_cylinder, cylinders;
	uint32_t heads;                /* of the pattern */
	uint32_t group;                /* cylinders in a group; the last group may have fewer */
	uint32_t full_groups, rest;    /* cylinders = full_groups x group + rest */
	uint32_t group_tracks;         /* of a full group */
	uint32_t group_head_switches;  /* head switches inside a full group */
	uint32_t turned;               /* 1: the first group has its heads in reverse order */
	bool outward;                  /* from the last cylinder to the first */
	bool heads_turn;               /* head order alternates from group to group */
	bool cylinders_turn;           /* direction alternates from surface to surface of a group */
	const uint16_t *head_at;       /* by position: the pattern's heads in LBN order */
	const uint16_t *position_of;   /* by head of the disk; LAYOUT_NO_HEAD: not in the pattern */
	struct fastdiv by_group_tracks, by_group, by_rest;
};

/* What layout_init() makes a pattern of. group 0: one group of all cylinders. */
struct layout_plan {
	uint32_t first_cylinder, cylinders, group, turned;
	bool outward, heads_turn, cylinders_turn;
};

struct layout_track {
	uint32_t cylinder, head;
	uint32_t head_switches;        /* before it, from track 0; all other steps are cylinder switches */
};

/* The list of heads is borrowed; entries below `disk_heads`, none twice. -1: no memory. */
int layout_init(struct layout *l, struct arena *a, const struct layout_plan *plan, const uint16_t *heads,
	uint32_t count, uint32_t disk_heads);

/* Tracks of the pattern, and the head switches between the first and the last of them. */
static inline uint64_t layout_tracks(const struct layout *l)
{
	return (uint64_t)l->cylinders * l->heads;
}

/* track < layout_tracks() */
static inline void layout_track(const struct layout *l, uint32_t track, struct layout_track *out)
{
	uint32_t group = (uint32_t)fastdiv(track, &l->by_group_tracks);
	uint32_t position = track - group * l->group_tracks, along = 0, size = l->group;
	if (size > 1) {
		bool full = group < l->full_groups;
		uint32_t in_group = position;
		size = full ? size : l->rest;
		position = (uint32_t)fastdiv(in_group, full ? &l->by_group : &l->by_rest);
		along = in_group - position * size;
		if (l->cylinders_turn && (position & 1))
			along = size - 1 - along;
	}
	uint32_t step = group * l->group + along;
	bool turned = l->heads_turn && ((group + l->turned) & 1);
	out->cylinder = l->first_cylinder + (l->outward ? l->cylinders - 1 - step : step);
	out->head = l->head_at[turned ? l->heads - 1 - position : position];
	out->head_switches = group * l->group_head_switches + (size == 1 || l->cylinders_turn ? position : 0);
}

/* The inverse: true and *track when the pattern has such a track. */
bool layout_find(const struct layout *l, uint32_t cylinder, uint32_t head, uint32_t *track);

#endif
