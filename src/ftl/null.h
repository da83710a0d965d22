/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The null back end: drives the translation layer without time. Each operation is over when it begins; cleaning is a
 * loop, never a recursion. Preconditioning, and every figure that needs no clock.
 */
#ifndef QUERN_FTL_NULL_H
#define QUERN_FTL_NULL_H

#include "flash/bench.h"
#include "ftl/ftl.h"

/* One host write, with whatever cleaning it takes. */
void null_write(struct ftl *f, uint64_t logical);
/* Units from first on, in order; first + count <= f->logical. */
void null_fill(struct ftl *f, uint64_t first, uint64_t count);

enum null_pattern { NULL_UNIFORM, NULL_ZIPF, NULL_HOT_COLD, NULL_LIST };
struct null_load {
	enum null_pattern pattern;
	double theta;          /* ZIPF: the k-th most frequent unit has weight k^-theta, theta > 0 */
	double hot_writes;     /* HOT_COLD: this share of the writes goes ... */
	double hot_units;      /* ... to this share of the units, the first ones */
	const uint64_t *list;  /* LIST: borrowed */
	uint64_t list_count, list_next; /* it begins anew at its end */
	uint64_t units;        /* UNIFORM, ZIPF, HOT_COLD: writes go to so many, the first ones; 0: to all */
};
/* `writes` overwrites. Units that follow each other in frequency under ZIPF lie apart. */
void null_overwrite(struct ftl *f, struct null_load *l, struct rng *rng, uint64_t writes);

/* What the flash is like after all this: erases and next page of every block, for a device that goes on from here. Both at
 * rest: no program is under way. */
void null_settle(const struct ftl *f, struct nand *n);

#endif
