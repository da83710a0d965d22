/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The run directory, whole or not there: files are written into NAME.partial-PID beside
 * it and the folder is renamed once every file was written, flushed and closed without an
 * error. An existing run directory is kept, unless `force`: then it is replaced by the
 * finished one in a single step, and only if it is a run directory. Without a name the
 * first free of quern-run-001 ... is taken.
 *
 * Owner: rundir_free(), which removes what was not committed. Errors: ERR_IO.
 */
#ifndef QUERN_RUN_RUNDIR_H
#define QUERN_RUN_RUNDIR_H

#include <stdbool.h>
#include <stdio.h>

#include "sim/err.h"

struct rundir;

/* Make the partial folder, so that an unwritable place is known before the run. name NULL:
 * numbered. NULL with *e set. */
struct rundir *rundir_open(const char *name, bool force, struct err *e);
void rundir_free(struct rundir *d); /* NULL is legal */

/* A new file in it; `path` may have one folder ("hist/read.csv"), which is made. The caller
 * writes and gives it back to rundir_close(). NULL with *e set. */
FILE *rundir_create(struct rundir *d, const char *path, struct err *e);
/* Flush, sync and close; -1 with *e set when anything written to it was lost. */
int rundir_close(struct rundir *d, FILE *f, const char *path, struct err *e);

/* Make it whole: rename. Afterwards rundir_name() is its final name. */
int rundir_commit(struct rundir *d, struct err *e);
/* The name it has or will have. */
const char *rundir_name(const struct rundir *d);

#endif
