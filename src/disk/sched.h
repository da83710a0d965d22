/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The drive's own command scheduler: which of the queued commands goes to the medium next.
 * One table (sched_list.h); a new policy is one function, one line there, and, in a file of
 * its own, one word in Makefile.am.
 *
 * A policy sees the waiting commands of one arm as a flat array in no particular order, and
 * the state of arm and spindle. What it must remember between choices (a direction, a batch)
 * it keeps in state of its own, zeroed when the drive is made; there is one for each arm. One
 * indirect call per decision.
 */
#ifndef QUERN_DISK_SCHED_H
#define QUERN_DISK_SCHED_H

#include <stdbool.h>
#include <stdint.h>

#include "blk/req.h"
#include "disk/mech.h"
#include "disk/spec.h"

struct disk_candidate {
	uint64_t lbn;
	uint64_t angle;       /* of its first sector, where the view knows angles */
	uint64_t sequence;    /* order of arrival */
	time_ps arrive_ps;    /* when it was submitted */
	time_ps transfer_ps;  /* estimate of its time under the head */
	uint64_t mark;        /* the policy's own; 0 when the command comes in */
	uint32_t cylinder, head;
	uint32_t sectors;
	uint8_t priority;     /* 0 highest */
	bool write;
	struct blk_req *req;  /* borrowed */
};

#define SCHED_STATE_BYTES 32

struct disk_view {
	const struct mech *mech;
	uint32_t cylinder, head;  /* where the arm is, as far as the scheduler knows */
	time_ps now_ps;
	time_ps begin_ps[2];      /* when positioning would begin for a read, for a write */
	uint32_t serving;         /* commands in service */
	uint32_t oldest;          /* index of the command that came first */
	uint32_t first_cylinder, last_cylinder; /* between which the arm moves */
	bool knows_angle;         /* else heads and angles are not known: half a turn is expected */
	uint64_t next_lbn;        /* where the last command of this arm ended */
	const struct disk_queue_spec *queue; /* the policies' figures */
	void *state;              /* SCHED_STATE_BYTES of the policy's own */
	/* Whether the buffer has or is getting the data, so that the arm need not move for it. */
	bool (*buffered)(const struct disk_view *v, const struct disk_candidate *c);
	const void *buffered_ctx;
	/* Set by a policy that sweeps on: the arm first goes to these cylinders. */
	uint32_t via_count, via[MECH_VIAS];
};

struct disk_sched {
	const char *name;
	const char *doc;     /* what it does, and the cost of a choice */
	bool looks_at_place; /* whether cylinder, head, angle and transfer of the candidates are filled in */
	/* Index of the chosen command; n >= 1. */
	uint32_t (*pick)(struct disk_view *v, struct disk_candidate *c, uint32_t n);
};

#define SCHED(symbol, name, place, doc) uint32_t disk_pick_##symbol(struct disk_view *v, \
	struct disk_candidate *c, uint32_t n);
#include "disk/sched_list.h"
#undef SCHED

extern const struct disk_sched *const disk_scheds[]; /* NULL-terminated */
extern const struct opt_choice disk_sched_choices[]; /* the same names, for the option row */

#endif
