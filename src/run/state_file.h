/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * State snapshots: the state of all devices of a run, at rest, in one file (--save-state, --load-state).
 *
 * The file: a head (magic, order of bytes, version of the format, program version, number of devices); for each device its
 * kind, size, and the options that its state depends on as text, then what blk_dev_save() writes; last the XXH3 (128 bits,
 * https://xxhash.com) of everything before it, which is compared before anything is loaded. A snapshot is of one version
 * of the program and one kind of machine: the states of devices are structs as they lie in memory.
 *
 * A file is written beside its place and renamed once all of it is on the disk, so that there is never half of one.
 *
 * Owner: state_file_free(). Errors: one sentence with the file's name: ERR_CONFIG of another version, model, or options
 * (the first that differs), or damaged; ERR_IO where it cannot be read or written.
 */
#ifndef QUERN_RUN_STATE_FILE_H
#define QUERN_RUN_STATE_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "blk/dev.h"

struct state_file;

/* A snapshot to come: an unwritable place is known before the run, and a file that is there is kept unless `force`.
 * NULL with *e set. */
struct state_file *state_file_new(const char *name, bool force, struct err *e);
/* Writes all of it, of devices at rest, and puts it in its place. 0 or -1. */
int state_file_write(struct state_file *f, struct blk_dev *const *dev, size_t count, struct err *e);
/* Removes what was not put in its place. NULL is legal. */
void state_file_free(struct state_file *f);

/* Loads a snapshot into devices that were opened with blk_past.saved, of the same models and options; statistics begin
 * anew. After a failure they are only good for being closed. 0 or -1. */
int state_file_load(const char *name, struct blk_dev *const *dev, size_t count, struct err *e);

#endif
