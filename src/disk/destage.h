/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Destage orders: which dirty extent of the write cache goes to the medium next. One table
 * (destage_list.h); a new order is one file, one line there, one word in Makefile.am.
 *
 * An order sees the waiting extents of one arm in LBN order, and the state of arm and spindle; it
 * keeps no state of its own. One indirect call per destage.
 */
#ifndef QUERN_DISK_DESTAGE_H
#define QUERN_DISK_DESTAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "disk/mech.h"
#include "disk/wcache.h"

struct destage_view {
	const struct mech *mech; /* the arm is at mech->cylinder, mech->head */
	time_ps begin_ps;        /* when positioning would begin */
	uint64_t last_lbn;       /* where the last destage ended */
};

struct disk_destage {
	const char *name;
	const char *doc;     /* what it does, and the cost of a choice */
	bool looks_at_place; /* whether cylinder, head and angle of the extents are filled in */
	/* Index of the chosen extent; n >= 1. */
	uint32_t (*pick)(const struct destage_view *v, const struct wcache_extent *x, uint32_t n);
};

#define DESTAGE(symbol, name, place, doc) uint32_t destage_pick_##symbol(const struct destage_view *v, \
	const struct wcache_extent *x, uint32_t n);
#include "disk/destage_list.h"
#undef DESTAGE

extern const struct disk_destage *const disk_destages[]; /* NULL-terminated */
extern const struct opt_choice disk_destage_choices[];   /* the same names, for the option row */

#endif
