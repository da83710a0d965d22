/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What `quern run` and `quern replay` share: options, and carrying a run out from plan to
 * printed summary.
 *
 * Owner: run_args_go() makes and frees a struct run_args. Errors: exit codes; messages are
 * printed here.
 */
#ifndef QUERN_CLI_RUN_ARGS_H
#define QUERN_CLI_RUN_ARGS_H

#include <argp.h>
#include <stdbool.h>
#include <stddef.h>

#include "run/plan.h"

/* A growing NULL-terminated list of words. */
struct words {
	char **word; /* owned, each too; never NULL after the first add */
	size_t count;
};

#define RUN_ARGS_OPTIONS 32

struct run_args {
	struct words sets;
	struct words include_dirs;
	struct words devices;     /* replay --device */
	/* options that are sets in disguise: "--limit" is "replay.limit"; borrowed */
	const char *option[RUN_ARGS_OPTIONS];
	const char *path[RUN_ARGS_OPTIONS];
	size_t option_count;
	const char *subject;      /* the config, or the trace */
	const char *output;
	const char *request_log;
	const char *export_trace;
	const char *timeline;
	const char *save_state, *load_state;
	bool force;
	bool json;
	bool quiet;
	bool depth_given, mode_given; /* replay */
	bool no_memory;
};

void words_free(struct words *w);
/* A failed allocation is remembered in no_memory. */
void words_add(struct words *w, const char *text, bool *no_memory);
/* sets += "PATH='VALUE'", quoted for YAML; list: "PATH=[VALUE]". `option` is how the user said
 * it, for messages. */
void run_args_set(struct run_args *a, const char *option, const char *path, const char *value,
	bool list);

/* Options that both commands have; input is a struct run_args. */
extern const struct argp run_args_argp;

/* Parse, load, run, print; the exit code. `trace`: the subject is a trace, else a config. */
int run_args_go(const struct argp *argp, bool trace, int argc, char **argv);

#endif
