/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Pictures of run directories. A plot is a gnuplot script, plots/NAME.gp, listed in
 * run/plot_list.h; it reads the files of the run directories and nothing else. This module
 * puts these files into one, writes the prologue the scripts build on (terminal, output, names of the runs), runs
 * gnuplot on it, and moves the picture into place only when it is whole.
 *
 * Beside a picture NAME.svg stay its data, NAME.dat, and the commands that draw it, NAME.gp: `gnuplot NAME.gp` in that
 * folder draws it again, so that it can be restyled. Their first line says how to keep changes: without it they are not replaced.
 *
 * Scripts are looked for in the folders of $QUERN_PLOTS (colon-separated), then in the
 * installed one (pkgdatadir/plots), then, so that an uninstalled build works, in the source
 * tree's plots/.
 *
 * No shell is involved: a run directory may be called anything.
 */
#ifndef QUERN_RUN_PLOT_H
#define QUERN_RUN_PLOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "sim/err.h"

struct plot_kind {
	const char *name;  /* "latency"; the script is plots/latency.gp */
	const char *doc;   /* a phrase */
	const char *files; /* of a run directory, parted by blanks; at least one must be there. Of a sweep: plot_list.h */
};

/* All kinds, ending with a NULL name. */
extern const struct plot_kind plot_kinds[];
/* By exact name, or NULL with *e naming the nearest. */
const struct plot_kind *plot_kind_find(const char *name, struct err *e);

enum plot_terminal { PLOT_SVG, PLOT_PNG, PLOT_PDF, PLOT_DUMB, PLOT_TERMINALS };

/* By name ("svg", "png", "pdf", "dumb"), or PLOT_TERMINALS with *e set. */
enum plot_terminal plot_terminal_find(const char *name, struct err *e);
/* By the ending of a file name (.svg .png .pdf, .txt for dumb), or PLOT_TERMINALS with *e set. */
enum plot_terminal plot_terminal_of_file(const char *file, struct err *e);

/* What a picture of a sweep shows: columns of its table (run/sweep_query.h); NULL where not given. */
struct plot_sweep {
	const char *x, *y, *z;      /* of a Pareto front x and y behind "min:" or "max:" */
	const char *by;             /* a line for each of its values */
	const char *panel;          /* a panel for each of its values */
	const char *const *where;   /* "column=value", NULL-terminated, or NULL */
	const char *log;            /* logarithmic axes: "x", "y", "xy" */
	const char *theory;         /* a CSV file of closed forms: columns x, y, and `by` and `panel` where it has them */
};

/* All pointers are borrowed for the call. */
struct plot_request {
	const struct plot_kind *kind;
	enum plot_terminal terminal;
	const char *const *run;    /* run_count >= 1 run directories */
	size_t run_count;
	const char *const *label;  /* run_count names for the legend, or NULL: the folders' names */
	const char *title;         /* "": none; NULL: what is shown (where there is room), and workload and device */
	int width, height;         /* 0: 720 x 450. svg, pdf: 1/96 inch; png: pixels (0: 1440 x 900);
	                            * dumb: characters (0: 80 x 24) */
	bool axes;                 /* svg: a comment behind the picture says where its axes lie (plot.c) */
	const char *device;        /* of kinds of one device: its name in the run; NULL: the first that there is a picture of */
	const struct plot_sweep *sweep; /* of kinds of sweeps, whose one run is a sweep's folder or sweep.db; else NULL */
	const char *output;        /* file, replaced when it is there; NULL: `stream` */
	FILE *stream;              /* when output is NULL */
	char *notice;              /* what gnuplot said beside success: one line, "" mostly */
	size_t notice_bytes;
};

/*
 * Make the picture. 0, or -1 with *e set: ERR_IO (no such run directory or file in it, nothing in it to draw, no
 * gnuplot, output not writable), ERR_CHECK (gnuplot refused the script), ERR_USAGE (the picture has the name of what is kept
 * beside it). Nothing is left of a failed one.
 */
int plot_make(const struct plot_request *r, struct err *e);

#endif
