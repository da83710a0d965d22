/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A replacement policy alone, without machine and devices: a string of references on one pool of frames. Each reference
 * takes one unit of virtual time; a page that leaves dirty, or is cleaned, is written at once.
 */
#ifndef QUERN_HOST_REPLACE_RUN_H
#define QUERN_HOST_REPLACE_RUN_H

#include <stddef.h>
#include <stdint.h>

#include "host/replace.h"

/* A reference: page number << 1 | 1 where it writes. */
#define REPLACE_READ(page) ((uint64_t)(page) << 1)
#define REPLACE_WRITE(page) ((uint64_t)(page) << 1 | 1)

struct replace_outcome {
	uint64_t faults;
	uint64_t evictions;
	uint64_t writes;   /* of dirty pages */
	uint64_t *evicted; /* set by the caller: NULL, or room for as many pages as references; filled in the order of eviction */
};

/*
 * Run `count` references on `frames` (at least 1) frames that are empty at first. Times in spec (period_ps, tau_ps) count
 * references. -1: memory, or an invariant of the policy that does not hold at the end.
 */
int replace_run(const struct replace_spec *spec, uint32_t frames, const uint64_t *refs, size_t count, uint64_t seed,
	struct replace_outcome *out, struct err *e);

#endif
