/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Questions to a sweep.db: means with confidence intervals over replications, and the Pareto front of two columns.
 *
 * A column may be named by its whole name, by that of an axis as in the sweep file, or by the end of it after a dot where only
 * one column ends so, or one that is varied ("waf" for "devices.ssd0.report.waf"); else the error names the nearest.
 *
 * Intervals are Student's t over the points of a group (their results as independent samples), at `confidence`.
 * The front: groups that no other group beats in one column without losing in the other, of the groups' means.
 *
 * Owner: sweep_answer_free(), sweep_table_close(). Errors: ERR_USAGE (columns), ERR_IO, ERR_LIMIT.
 */
#ifndef QUERN_RUN_SWEEP_QUERY_H
#define QUERN_RUN_SWEEP_QUERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "sim/err.h"

struct sweep_table; /* an open sweep.db, read only */

/* A sweep's folder, a sweep.db, or "-": the bytes of one on standard input. NULL with *e set. */
struct sweep_table *sweep_table_open(const char *name, struct err *e);
void sweep_table_close(struct sweep_table *t); /* NULL is legal */

/* The full name of a column (borrowed from the table), or NULL with *e set. */
const char *sweep_table_column(const struct sweep_table *t, const char *name, struct err *e);
/* Of a full name: its unit, "" for none; whether it is of an axis. */
const char *sweep_table_unit(const struct sweep_table *t, const char *column);
bool sweep_table_is_axis(const struct sweep_table *t, const char *column);
/* How many columns there are, and the full name of one. */
size_t sweep_table_columns(const struct sweep_table *t);
const char *sweep_table_name(const struct sweep_table *t, size_t i);

struct sweep_question {
	const char *const *by;      /* columns that make a group, NULL-terminated; NULL: all axes and variants */
	const char *const *value;   /* columns to condense, NULL-terminated, at least one */
	const char *const *where;   /* "column=value", all must hold; NULL-terminated, or NULL */
	double confidence;          /* 0.95 */
	const char *pareto;         /* "min:COLUMN,max:COLUMN", or NULL; its columns need not stand in `value` */
};

/* A cell of a group's key: text, or a number. */
struct sweep_cell {
	const char *text; /* NULL: number, or nothing where that is NaN */
	double number;
};
struct sweep_figure {
	double mean;
	double half_width; /* infinite with one point */
	double stddev;     /* of the sample; NaN with one point */
	double min, max;
	size_t count;      /* points that have the value */
};
struct sweep_group {
	struct sweep_cell *key;     /* by_count */
	struct sweep_figure *value; /* value_count */
	size_t points;
};
struct sweep_answer {
	const char **by, **value;   /* full names */
	size_t by_count, value_count;
	struct sweep_group *group;  /* in order of the first point of each; with pareto: the front, by its first column */
	size_t group_count;
	double confidence;
};

/* Points that failed are left out. NULL with *e set. */
struct sweep_answer *sweep_query(const struct sweep_table *t, const struct sweep_question *q, struct err *e);
void sweep_answer_free(struct sweep_answer *a); /* NULL is legal */

#endif
