/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the commands of `quern sweep` share: options, and the sweep with its points, checked.
 *
 * sweep_args_argp is a child of a command's own parser; its input is the struct sweep_args. It takes the options below and one
 * word, the sweep's file, which must be there; a parser that wants further words takes them first.
 *
 * Owner: sweep_args_free(). Errors: exit codes; messages are printed here.
 */
#ifndef QUERN_CLI_SWEEP_ARGS_H
#define QUERN_CLI_SWEEP_ARGS_H

#include "cli/cli.h"
#include "cli/run_args.h"
#include "run/sweep_point.h"

/* The commands of `quern sweep`; `name` is the word after it. */
extern const struct cli_command sweep_cmd_plan;
extern const struct cli_command sweep_cmd_run;
extern const struct cli_command sweep_cmd_collect;
extern const struct cli_command sweep_cmd_query;
extern const struct cli_command sweep_cmd_emit;

struct sweep_args {
	struct words sets;
	struct words include_dirs;
	const char *file;          /* the sweep, "-" for standard input; from the word */
	const char *want;          /* the sentence where the file is missing; NULL: want a sweep file */
	const char *output;        /* the sweep's folder as given, or NULL */
	unsigned jobs;             /* threads that check the points; 0: one for each processor */
	bool json;
	bool quiet;
	bool no_memory;
	char *folder;              /* owned: output, or the file's name without its ending, and ".sweep" */
	struct sweep *sweep;       /* owned */
	struct sweep_points *points; /* owned */
	const volatile sig_atomic_t *stop; /* INT or TERM came */
};

/* -o, -I, --set, --json, -q. */
extern const struct argp sweep_args_argp;

/*
 * With the command line parsed: the folder, the sweep and its points. 0 or an exit code, said.
 * From then on INT and TERM are caught (cli_catch_signals()).
 */
int sweep_args_load(struct sweep_args *a);
void sweep_args_free(struct sweep_args *a);

#endif
