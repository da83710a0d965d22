/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An open sweep.db, for sweep_table.c and sweep_query.c alone. */
#ifndef QUERN_RUN_SWEEP_TABLE_H
#define QUERN_RUN_SWEEP_TABLE_H

#include <sqlite3.h>

#include "run/sweep_query.h"
#include "sim/arena.h"

struct sweep_table_column {
	const char *name, *unit; /* in the arena */
	bool axis;
};

struct sweep_table {
	sqlite3 *db;                       /* owned */
	struct arena *arena;               /* owned */
	struct sweep_table_column *column; /* owned */
	size_t count;
};

#endif
