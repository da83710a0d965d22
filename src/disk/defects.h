/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Sectors that go bad while the drive runs.
 *
 * Each has a time from which on it is bad; the first access after it finds it. A read tries again for
 * a number of turns; then the data are recovered and the block moves to a spare, or they are
 * lost: the read fails, and the sector stays bad until it is written. A write moves the block
 * to a spare at once. Where no spare is free, a write fails and a recovered read leaves the sector bad.
 *
 * How to use it: before an access to the medium, and after background reading has been stopped (its
 * track may no longer be as it was), ask defects_due(); if so, defects_check(). Then access
 * the first `good` sectors as ever: mech_access() sees the new places. Each of the `turns` is one whole
 * revolution more, at any point of the access. If good < n, the command ends with a media error.
 *
 * Owner: the arena. Hot path: one comparison while nothing is due.
 */
#ifndef QUERN_DISK_DEFECTS_H
#define QUERN_DISK_DEFECTS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "disk/geom.h"
#include "disk/spec.h"
#include "sim/arena.h"
#include "sim/err.h"
#include "sim/time.h"

/* A sector that is or will be bad. */
struct defect {
	uint64_t lbn;
	time_ps at_ps;
};

struct defects {
	struct defect *list;      /* ascending by LBN, those not yet moved */
	uint32_t count, room;
	uint32_t turns;           /* a read tries again */
	bool recovered;           /* and then has the data */
	time_ps first_ps;         /* the earliest of the list; TIME_PS_MAX without any */
	uint64_t remapped, recovered_reads, lost_reads; /* so far; the last two count sectors */
};

/* What an access of n sectors finds. */
struct defects_found {
	uint32_t good;            /* sectors from the first on that can be accessed; n without an error */
	uint32_t turns;           /* whole revolutions it takes longer */
};

/*
 * Those sectors of `spec` that lie in g, and room for their remaps in g. `disk_sectors`: capacity of
 * the disk, of which g may be a slice; random ones are drawn over all of it from the stream
 * "NAME/defects", so that each slice finds its own. -1 with a sentence.
 */
int defects_init(struct defects *d, struct arena *a, const struct disk_defects_spec *spec, struct geom *g,
	uint64_t disk_sectors, uint64_t seed, const char *name, struct err *e);

/* Whether an access at `now` may find something. */
static inline bool defects_due(const struct defects *d, time_ps now)
{
	return now >= d->first_ps;
}

/* An access to [lbn, lbn + n) of the medium that begins at `now`: finds and moves what is bad. */
void defects_check(struct defects *d, struct geom *g, uint64_t lbn, uint32_t n, bool write, time_ps now,
	struct defects_found *out);

/* The first sector of [lbn, end) that is bad by `now`; `end` without one. */
uint64_t defects_first(const struct defects *d, uint64_t lbn, uint64_t end, time_ps now);

/* State as bytes: what is bad, and what has been remapped while running. Times are kept relative to
 * `now`. Load into a drive that was just opened. */
int defects_save(const struct defects *d, const struct geom *g, time_ps now, FILE *out, struct err *e);
int defects_load(struct defects *d, struct geom *g, time_ps now, FILE *in, struct err *e);

#endif
