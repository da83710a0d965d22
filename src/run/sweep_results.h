/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Documents of points (run/sweep_dir.h) as flat lists of cells, as the table of a sweep wants them: names and units, which points
 * have in common, stand once for all that have the same. Cells made of a document in memory are those of the same document read
 * back from its file: reals have the 15 digits that are written.
 *
 * sweep_run() keeps here what it has run, so that sweep_collect() need not read the files again; with or without, the tables are
 * the same. Beyond SWEEP_RESULTS_BYTES nothing more is kept.
 *
 * Any thread may. Owner: sweep_results_free(), behind the tables that are made of them. Errors: ERR_LIMIT.
 */
#ifndef QUERN_RUN_SWEEP_RESULTS_H
#define QUERN_RUN_SWEEP_RESULTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "run/sweep.h"
#include "sim/err.h"

#define SWEEP_RESULTS_BYTES ((size_t)256 << 20)

/* In the order of the columns. */
enum sweep_role { SWEEP_ROLE_POINT, SWEEP_ROLE_AXIS, SWEEP_ROLE_RESULT, SWEEP_ROLE_CONFIG, SWEEP_ROLES };

enum sweep_kind { SWEEP_NOTHING, SWEEP_WHOLE, SWEEP_REAL, SWEEP_TEXT };

struct sweep_datum {
	uint32_t column;    /* of sweep_rows.column, in a table */
	uint8_t kind;       /* enum sweep_kind */
	union {
		int64_t whole;
		double real;
		const char *text;
	};
};

/* Which cells there are: the results in the order of the summary, then the config. Not changed by anyone. */
struct sweep_flat_cell {
	const char *name;      /* "jobs.0.read.iops", "config.disk0.rpm" */
	const char *unit;      /* "" none */
	enum sweep_role role;
	const char *text;      /* of the first point, or NULL: others have it where theirs is the same */
};

struct sweep_shape {
	size_t number;         /* from 0 */
	const struct sweep_flat_cell *cell;
	size_t cells;
};

struct sweep_flat {
	const struct sweep_shape *shape; /* NULL: there is none */
	const struct sweep_datum *value; /* by cell; columns are 0 */
	const char *status, *error;      /* or NULL */
};

struct sweep_results;

/* Of so many points of a sweep. NULL: no memory. */
struct sweep_results *sweep_results_new(const struct sweep *s, size_t points);
void sweep_results_free(struct sweep_results *r); /* NULL is legal */

/* A document as cells, which stand until the next call with the same room, texts and shape until the end. 0 or -1. */
struct sweep_room {
	struct sweep_datum *value; /* owned by the caller: free() */
	char *names;
	size_t values_room, names_room;
};
void sweep_room_free(struct sweep_room *room);
int sweep_results_flatten(struct sweep_results *r, const json_t *doc, struct sweep_room *room, struct sweep_flat *out,
	struct err *e);

/* Keep the result of point `index` (from 0); *doc is borrowed. 0 or -1. */
int sweep_results_keep(struct sweep_results *r, size_t index, const json_t *doc, struct err *e);
/* What is kept of it; its shape is NULL where nothing is. No thread may be keeping. */
const struct sweep_flat *sweep_results_of(const struct sweep_results *r, size_t index);

#endif
