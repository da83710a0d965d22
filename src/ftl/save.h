/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The state of a translation layer as bytes, for snapshots: map, blocks, frontiers, jobs, counters and random stream. Loaded
 * into another of the same options it goes on as the first would have.
 *
 * A head names version, geometry and the options that shape the state; a checksum (XXH3, 64 bits) ends it. Bytes are in the
 * order of the host, and say which. What they hold is checked before it is used: numbers in their range, every block
 * in one list; the counts are recounted at the end. Nothing of a mount is saved: mount_open() follows a load.
 *
 * Errors: one sentence: not such a file, another version, another geometry or other options, ends early, damaged. After
 * a failed load the FTL is only good for being closed.
 */
#ifndef QUERN_FTL_SAVE_H
#define QUERN_FTL_SAVE_H

#include <stdio.h>

#include "ftl/ftl.h"

/* At rest only: no program is under way. Jobs may be. O(units). */
int ftl_save(const struct ftl *f, FILE *out, struct err *e);
/* Into one just opened, or at rest. O(units). */
int ftl_load(struct ftl *f, FILE *in, struct err *e);

#endif
