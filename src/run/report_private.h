/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Shared by the files report*.c alone. */
#ifndef QUERN_RUN_REPORT_PRIVATE_H
#define QUERN_RUN_REPORT_PRIVATE_H

#include <jansson.h>
#include <stdio.h>

#include "run/plot.h"
#include "run/report.h"

struct report_run {
	const char *dir;   /* borrowed */
	const char *label; /* borrowed */
	json_t *summary;   /* owned: summary.json */
	json_t *settings;  /* owned: an object; path -> {"text", "is_default", "doc"} in the order of config.effective */
};

struct report {
	const struct report_request *request;
	struct report_run *run; /* request->run_count */
	size_t runs;
	FILE *out;
	bool is_sweep;          /* its one run is a sweep */
	unsigned tables;        /* written so far: their ids */
	struct report_result made;
};

/* ---- report_page.c: the page's own parts */

/* `text` with what HTML reads as its own written as entities. */
void report_text(FILE *out, const char *text);
/* Everything before the first and behind the last section. 0, or -1 with *e. */
int report_begin(const struct report *p, const char *title, struct err *e);
int report_end(const struct report *p, struct err *e);
/* A section's heading and a sentence below it (NULL: none). */
void report_section(const struct report *p, const char *id, const char *heading, const char *sentence);
/* A table that sorts by a click: its head (`first`, `unit` unless NULL, and a column a run, of numbers where there is a unit) and
 * its end. */
void report_table_begin(struct report *p, const char *first, const char *unit);
void report_table_end(const struct report *p);
/* An SVG picture as part of the page: without its prologue, and its ids made its own. */
void report_svg(FILE *out, const char *svg, unsigned number);

/* ---- report_number.c */

/* What a value in a plain unit ("ns", "bytes", "bytes/s") is divided by so that the largest of its row reads well; *shown: that
 * unit. */
double report_unit(const char *unit, double largest, const char **shown);
/* "1 234.5", or with the half of an interval (NaN: none) "12.34 +- 0.05", to the digits that mean something. */
void report_number(FILE *out, double value, double half);

/* ---- what the page shows, each a section or none where there is nothing */

void report_figures(struct report *p);  /* report_figures.c */
void report_health(struct report *p);
struct report_picture {
	const struct plot_kind *kind;
	const char *const *run;         /* run_count run directories, or a sweep */
	const char *const *label;       /* or NULL */
	size_t run_count;
	const char *device;             /* of runs with several, for a kind that shows one; or NULL */
	const struct plot_sweep *sweep; /* of a sweep, else NULL */
	const char *caption;
};
/* 1: drawn; 0: there is nothing of it to draw; -1 with *e set. */
int report_picture(struct report *p, const struct report_picture *what, struct err *e);
int report_pictures(struct report *p, struct err *e); /* report_pictures.c */
int report_sweep(struct report *p, struct err *e); /* report_sweep.c: the sections of a sweep */
int report_read_settings(struct report_run *r, struct err *e); /* report_settings.c */
void report_settings(struct report *p);

#endif
