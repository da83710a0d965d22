/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The request log: one CSV row for each completed request, in order of completion. Times
 * are ns with three decimals, exact (the simulation counts ps); a stage that did not
 * happen, or a value the trace does not have, is empty.
 *
 * Columns: REQLOG_HEADER below; they are part of the documented output (doc/SUMMARY.md).
 *
 * A log that is a plain file is written as NAME.partial-PID and renamed when whole; "-" is
 * stdout, and a device or pipe is written as it is.
 *
 * Owner: reqlog_free(), which removes a log that was not finished. Errors: ERR_IO.
 */
#ifndef QUERN_RUN_REQLOG_H
#define QUERN_RUN_REQLOG_H

#include <stdbool.h>
#include <stdio.h>

#include "blk/req.h"
#include "sim/err.h"
#include "trace/record.h"

#define REQLOG_HEADER \
	"arrive_ns,submit_ns,start_ns,media_ns,done_ns,op,lba,sectors,cause,status,hit," \
	"overhead_ns,seek_ns,rotation_ns,transfer_ns,bus_ns,unwritten_sectors,trace_line," \
	"trace_device,measured_ns,place,seek_distance,energy_nj\n"

struct reqlog;

/* An existing plain file is refused unless `force`. NULL with *e set. */
struct reqlog *reqlog_open(const char *name, bool force, struct err *e);
void reqlog_free(struct reqlog *l); /* NULL is legal */
FILE *reqlog_file(struct reqlog *l);
/* Flush and close; -1 with *e set when anything was lost. whole: give it its name, else it
 * keeps the partial one. */
int reqlog_finish(struct reqlog *l, bool whole, struct err *e);
/* The name it has now: the partial one until finished as whole. */
const char *reqlog_name(const struct reqlog *l);

void reqlog_row(FILE *out, const struct blk_req *r, const struct trace_record *rec);

#endif
