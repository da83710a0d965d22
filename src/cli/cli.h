/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The command line: one file a subcommand, each a `const struct cli_command` in the table
 * of main.c. Only this layer prints errors and decides exit codes (enum err_code of
 * sim/err.h). What a command prints for the user goes to stdout; errors, progress and
 * notices go to stderr.
 *
 * Owner of everything here: static const tables, or the caller.
 */
#ifndef QUERN_CLI_CLI_H
#define QUERN_CLI_CLI_H

#include <argp.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "sim/err.h"

struct cli_command {
	const char *name;  /* "replay" */
	const char *doc;   /* one sentence, starts with a verb, no full stop */
	/* argv[0] is "quern NAME" for messages, then the words after it. Returns the exit code. */
	int (*run)(int argc, char **argv);
};

extern const struct cli_command cmd_run;
extern const struct cli_command cmd_replay;
extern const struct cli_command cmd_sweep;
extern const struct cli_command cmd_plot;
extern const struct cli_command cmd_report;
extern const struct cli_command cmd_probe;
extern const struct cli_command cmd_list;
extern const struct cli_command cmd_options;
extern const struct cli_command cmd_check;
extern const struct cli_command cmd_trace;
extern const struct cli_command cmd_record;
extern const struct cli_command cmd_import;
extern const struct cli_command cmd_calibrate;
extern const struct cli_command cmd_version;

/* All commands, NULL-terminated, in the order of `quern --help`. */
extern const struct cli_command *const cli_commands[];

/* A name and what it is, for `quern list`; a table ends with a NULL name. */
struct cli_item {
	const char *name;
	const char *doc;
};

/* The plots (`quern list plots`), from cmd_plot.c. */
const struct cli_item *cmd_plot_items(void);

/*
 * argp_parse() with two additions: an unknown long option is refused with the nearest one
 * that exists, and a wrong command line gives ERR_USAGE. Returns 0 or an exit code; a call
 * with --help prints and exits 0.
 */
int cli_parse(const struct argp *argp, int argc, char **argv, void *input);

/* Print "quern: SENTENCE" on stderr; returns the exit code (ERR_USAGE when none is set). */
int cli_fail(const struct err *e);
/* The same for a mistake on the command line. Returns ERR_USAGE. */
int cli_usage(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* From now on INT and TERM set what is returned, once; the next one kills. */
const volatile sig_atomic_t *cli_catch_signals(void);
/* Flush stdout: `code`, or ERR_IO (with a sentence) when something could not be written. */
int cli_finish(int code);

#endif
