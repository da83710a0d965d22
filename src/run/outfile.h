/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A file that a run writes beside its run directory (the request log, an exported trace): whole or not there.
 *
 * A plain file is written as NAME.partial-PID and renamed when whole; "-" is stdout, and a device or pipe is written as
 * it is.
 *
 * Owner: outfile_free(), which removes what was not finished. Errors: ERR_IO, and ERR_LIMIT for no memory; `what`
 * ("request log") is what the sentences call it.
 */
#ifndef QUERN_RUN_OUTFILE_H
#define QUERN_RUN_OUTFILE_H

#include <stdbool.h>
#include <stdio.h>

#include "sim/err.h"

struct outfile;

/* `what` is borrowed. An existing plain file is refused unless `force`. NULL with *e set. */
struct outfile *outfile_open(const char *name, const char *what, bool force, struct err *e);
void outfile_free(struct outfile *f); /* NULL is legal */
FILE *outfile_stream(struct outfile *f);
/* Flush and close; -1 with *e set when anything was lost. whole: give it its name, else it
 * keeps the partial one. */
int outfile_finish(struct outfile *f, bool whole, struct err *e);
/* The name it has now: the partial one until finished as whole. */
const char *outfile_name(const struct outfile *f);

#endif
