/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The table of a sweep in memory, between the point files and sweep.db and sweep.csv: columns in the order in which they were
 * first met, within each role; rows of the cells that a point has.
 *
 * Owner: sweep_rows_free(). Errors: ERR_LIMIT, ERR_IO.
 */
#ifndef QUERN_RUN_SWEEP_ROWS_H
#define QUERN_RUN_SWEEP_ROWS_H

#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "run/sweep_point.h"
#include "run/sweep_results.h"
#include "sim/arena.h"

struct sweep_column {
	const char *name, *unit;
	enum sweep_role role;
	size_t position;      /* in the tables, from 0; SIZE_MAX: left out */
	bool varies;          /* not alike in all rows */
	struct sweep_datum first;
};

struct sweep_row {
	struct sweep_datum *cell;
	size_t count;
};

#define SWEEP_NO_COLUMN UINT32_MAX

/* Where the cells of a shape stand. */
struct sweep_places {
	uint32_t *column;      /* by cell; SWEEP_NO_COLUMN: an axis, which stands among them */
	size_t *axis_cell;     /* by axis; SIZE_MAX: it has none */
	uint32_t *axis_column; /* by axis */
};

struct sweep_rows {
	struct arena *arena;         /* owned */
	const struct sweep *sweep;
	const struct sweep_points *points; /* of the sweep */
	json_t *by_name;             /* owned: name to number */
	struct sweep_column *column; /* owned */
	size_t column_count, column_room;
	struct sweep_row *row;       /* owned, by point */
	size_t row_count;
	struct sweep_places *places; /* owned, by number of the shape; column NULL: not met yet */
	size_t places_count;
	struct sweep_datum *scratch; /* owned: the row being made */
	size_t scratch_count, scratch_room;
	const struct sweep_column **order; /* owned: as the tables have them */
	size_t order_count;
};

int sweep_rows_init(struct sweep_rows *t, const struct sweep *s, const struct sweep_points *points, struct err *e);
void sweep_rows_free(struct sweep_rows *t);
/* One more row, of point `index`, of its cells, whose texts outlive the table. 0 or -1. */
int sweep_rows_add(struct sweep_rows *t, size_t index, const struct sweep_flat *flat, struct err *e);
/* All rows are there: puts the columns in order, at most `most` of them. 0 or -1. */
int sweep_rows_order(struct sweep_rows *t, size_t most, struct err *e);

/* The name of an axis' column. */
const char *sweep_rows_axis(struct sweep_rows *t, const struct sweep_axis *x);

int sweep_csv_write(const struct sweep_rows *t, const char *path, struct err *e);
int sweep_db_write(struct sweep_rows *t, const char *path, struct err *e);

#endif
