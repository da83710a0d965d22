/* SPDX-License-Identifier: GPL-3.0-or-later */
/* quern run CONFIG */
#include "cli/cli.h"
#include "cli/run_args.h"

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct run_args *a = state->input;
	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = a;
		return 0;
	case ARGP_KEY_ARG:
		if (a->subject)
			argp_error(state, "want one config, got %s and %s", a->subject, arg);
		a->subject = arg;
		return 0;
	case ARGP_KEY_END:
		if (!a->subject)
			argp_error(state, "want a config file, such as examples/disk-random.yaml");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static int run(int argc, char **argv)
{
	static const struct argp_child children[] = {{&run_args_argp, 0, NULL, 0}, {0}};
	static const struct argp argp = {
		.parser = parse,
		.args_doc = "CONFIG",
		.doc = "Run what CONFIG describes (- for standard input): a generated workload, a trace or a scenario of "
		       "the host on devices. Prints a summary and writes a run directory.",
		.children = children,
	};
	return run_args_go(&argp, false, argc, argv);
}

const struct cli_command cmd_run = {
	.name = "run",
	.doc = "run a config: a workload, a trace or a scenario of the host on devices",
	.run = run,
};
