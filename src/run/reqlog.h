/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The request log: one CSV row for each completed request, in order of completion. Times
 * are ns with three decimals, exact (the simulation counts ps); a stage that did not
 * happen, or a value the trace does not have, is empty.
 *
 * Columns: REQLOG_HEADER below; they are part of the documented output (doc/SUMMARY.md).
 *
 * Owner: outfile_free() (run/outfile.h). Errors: as of outfile_open().
 */
#ifndef QUERN_RUN_REQLOG_H
#define QUERN_RUN_REQLOG_H

#include <stdbool.h>
#include <stdio.h>

#include "blk/req.h"
#include "run/outfile.h"
#include "sim/err.h"
#include "trace/record.h"

#define REQLOG_HEADER \
	"arrive_ns,submit_ns,start_ns,media_ns,done_ns,op,lba,sectors,cause,status,hit," \
	"overhead_ns,seek_ns,rotation_ns,transfer_ns,bus_ns,unwritten_sectors,trace_line," \
	"trace_device,measured_ns,place,seek_distance,energy_nj\n"

/* The file with its header line. NULL with *e set. */
struct outfile *reqlog_open(const char *name, bool force, struct err *e);

void reqlog_row(FILE *out, const struct blk_req *r, const struct trace_record *rec);

#endif
