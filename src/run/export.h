/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What reaches the devices as a block trace, in blkparse's text form: one line with action Q (queued) for each request, in
 * the order of their submission, with the time of the submission to the nanosecond. So a generated workload or a scenario of
 * the host becomes a trace that any device, and any program that reads blkparse's output, can be given.
 *
 * A device's number in the run is the minor number (major 8). RWBS: R and W, WF where the data must be durable at
 * completion (FUA), D for a trim, FN for a flush; S is added where a caller waits. Write-zeroes stand as W, since the
 * format has no letter for them. Operations of zones are left out, and counted.
 *
 * Source: blkparse_fmt.c (fill_rwbs) of blktrace 1.3; the reader is trace/format_blkparse.c.
 * Owner: export_free(). Errors: as of outfile_open().
 */
#ifndef QUERN_RUN_EXPORT_H
#define QUERN_RUN_EXPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "blk/dev.h"
#include "run/outfile.h"

struct export;

/* Watches these devices, which are borrowed, from now on. NULL with *e set. */
struct export *export_open(const char *name, bool force, struct blk_dev *const *dev, size_t count, struct err *e);
void export_free(struct export *x); /* NULL is legal */
struct outfile *export_file(struct export *x);
/* Requests that the format has no line for. */
uint64_t export_left_out(const struct export *x);

#endif
