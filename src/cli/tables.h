/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What can be listed and described: the tables behind `quern list` and `quern options`.
 *
 * Owner: the arena given. Errors: NULL when memory is exhausted.
 */
#ifndef QUERN_CLI_TABLES_H
#define QUERN_CLI_TABLES_H

#include "cli/cli.h"
#include "sim/arena.h"
#include "sim/option.h"

/* A kind of thing to list; the table ends with a NULL name. */
struct cli_table {
	const char *name; /* "formats" */
	const char *doc;
	/* The items, ending with a NULL name. */
	const struct cli_item *(*items)(struct arena *a);
};
extern const struct cli_table cli_tables[];

/* A section of a config and its rows; the table ends with a NULL group. */
struct cli_section {
	const char *name;   /* "workload", "disk" */
	const char *prefix; /* how keys are written: "workload." */
	const struct opt_group *group;
};
const struct cli_section *cli_sections(struct arena *a);

#endif
