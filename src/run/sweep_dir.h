/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The folder of a sweep:
 *
 *     points/ID.json   a finished point: {"schema", "quern_version", "id", "status", "config", "summary"} or, of one that failed,
 *                      {..., "status": "failed", "code", "error", "config"}
 *     states/ID.state  preconditioned devices that points share, while the sweep runs
 *     sweep.db, sweep.csv  made of the points (run/sweep_collect.h)
 *     machine.json     the machine and the times it took; nothing else depends on them. Of a shard: machine-2-of-4.json
 *
 * A point file is written under another name and renamed, so that a process that dies leaves it whole or not there; it
 * holds nothing of its place in the sweep, so that sweeps may share points. What a machine without power leaves of one that was
 * not brought to the disk before is no JSON of this id, and counts as not there.
 *
 * Errors: ERR_IO, ERR_LIMIT.
 */
#ifndef QUERN_RUN_SWEEP_DIR_H
#define QUERN_RUN_SWEEP_DIR_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "sim/err.h"

#define SWEEP_SCHEMA 1 /* of point files and of sweep.db; grows when something changes meaning or goes */

/* Make the folder, with points/, where it is not there. 0 or -1. */
int sweep_dir_make(const char *dir, struct err *e);
/* Remove the points, the states and what was made of them; whatever else is there stays. 0 or -1. */
int sweep_dir_clear(const char *dir, struct err *e);
/* How many point files there are; 0 where there is no folder. */
size_t sweep_dir_count(const char *dir);

/*
 * Write a document in its place, name within the folder ("points/ID.json"), all at once. durable: bring it to the disk first (some
 * ms). 0 or -1. Any thread may.
 */
int sweep_dir_put(const char *dir, const char *name, const json_t *doc, bool durable, struct err *e);

/*
 * The file of a point: 1 with a new reference in *doc, 0 when there is none or it is not what one of this id looks like, -1
 * with *e set. `finished`: one that failed does not count.
 */
int sweep_dir_get(const char *dir, const char *id, bool finished, json_t **doc, struct err *e);

#endif
