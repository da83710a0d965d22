/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The report: one HTML page of one run, of several side by side, or of a sweep, with nothing outside it (pictures inline, no
 * network).
 *
 * It holds what a reader asks in this order: the figures with their units and, for the mean latency, its confidence interval; the
 * health of each device by its SMART names; every picture there is data for; the whole configuration, with what differs from
 * the options' defaults, and between runs, marked. Where there are several runs, each figure but the first run's tells how far it
 * is from that one. Everything comes from the run directories (SUMMARY.md): the same directories give the same bytes.
 *
 * Of a sweep: a row for each combination of its axes, with means over replications and their intervals of what differs between
 * them, and a picture of each such figure over the axis with the most values.
 *
 * The page's looks are plots/report.css, what moves is plots/report.js (sorting, values under the pointer, a filter of settings);
 * both are found as the pictures' scripts are, and copied into the page.
 */
#ifndef QUERN_RUN_REPORT_H
#define QUERN_RUN_REPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "sim/err.h"

/* All pointers are borrowed for the call. */
#define REPORT_RUNS 64 /* side by side, at most */

struct report_request {
	const char *const *run;   /* 1 ... REPORT_RUNS run directories, or one sweep: its folder or sweep.db */
	size_t run_count;
	const char *const *label; /* run_count names, or NULL: the folders' names */
	const char *title;        /* NULL: workload and device */
	const char *output;       /* a file, or "-": standard output */
	bool force;               /* replace an existing file */
};

struct report_result {
	size_t figures, pictures, settings; /* rows of the table of figures (of a sweep: its combinations), pictures drawn, rows of the
	                                     * table of settings */
};

/*
 * Write the page. *out tells what is in it. 0, or -1 with *e set: ERR_IO (no such run directory, something in it cannot be read,
 * gnuplot or the page's own files are missing, output not writable or there), ERR_CONFIG (the run's configuration cannot be read by
 * this version), ERR_USAGE (too many runs), ERR_LIMIT. Nothing is left of a failed one.
 */
int report_make(const struct report_request *r, struct report_result *out, struct err *e);

#endif
