/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The drive's own command scheduler: which of the queued commands goes to the medium next.
 * One table (sched_list.h); a new policy is one file, one line there, one word in
 * Makefile.am.
 *
 * A policy sees the waiting commands as a flat array in no particular order and the state
 * of arm and spindle; it keeps no state of its own. One indirect call per decision.
 */
#ifndef QUERN_DISK_SCHED_H
#define QUERN_DISK_SCHED_H

#include <stdbool.h>
#include <stdint.h>

#include "blk/req.h"
#include "disk/mech.h"

struct disk_candidate {
	uint64_t lbn;
	uint64_t angle;      /* of its first sector */
	uint64_t sequence;   /* order of arrival */
	uint32_t cylinder, head;
	bool write;
	struct blk_req *req; /* borrowed */
};

struct disk_view {
	const struct mech *mech; /* the arm is at mech->cylinder, mech->head */
	time_ps begin_ps[2];     /* when positioning would begin for a read, for a write */
	uint32_t oldest;         /* index of the command that came first */
};

struct disk_sched {
	const char *name;
	const char *doc;  /* what it does, and the cost of a choice */
	bool looks_at_place; /* whether cylinder, head and angle of the candidates are filled in */
	/* Index of the chosen command; n >= 1. */
	uint32_t (*pick)(const struct disk_view *v, const struct disk_candidate *c, uint32_t n);
};

#define SCHED(symbol, name, place, doc) uint32_t disk_pick_##symbol(const struct disk_view *v, \
	const struct disk_candidate *c, uint32_t n);
#include "disk/sched_list.h"
#undef SCHED

extern const struct disk_sched *const disk_scheds[]; /* NULL-terminated */
extern const struct opt_choice disk_sched_choices[]; /* the same names, for the option row */

#endif
