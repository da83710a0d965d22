/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `quern sweep COMMAND`: many runs of one experiment. */
#include <string.h>

#include "cli/sweep_args.h"
#include "sim/config.h"

static const struct cli_command *const commands[] = {
	&sweep_cmd_plan, &sweep_cmd_run, &sweep_cmd_collect, &sweep_cmd_query, &sweep_cmd_emit, NULL,
};

#define COMMAND_COUNT (sizeof(commands) / sizeof(*commands))

static int help(void)
{
	fputs("Usage: quern sweep COMMAND [OPTION...] [ARGUMENT...]\n"
	      "Vary a configuration along axes, run every combination, and ask what came out.\n\n", stdout);
	for (size_t i = 0; commands[i]; i++)
		printf("  %-9s %s\n", commands[i]->name, commands[i]->doc);
	fputs("\nTo begin:\n"
	      "  quern sweep run examples/sweeps/zones.yaml -o zones\n"
	      "  quern sweep query zones --value bw_bytes\n"
	      "`quern sweep COMMAND --help` tells a command's options.\n", stdout);
	return cli_finish(0);
}

static int run(int argc, char **argv)
{
	const char *names[COMMAND_COUNT] = {0};
	char called[64];
	if (argc < 2)
		return cli_usage("quern sweep: want plan, run, collect, query or emit (see `quern sweep --help`)");
	const char *word = argv[1];
	if (!strcmp(word, "--help") || !strcmp(word, "-?") || !strcmp(word, "-h"))
		return help();
	for (size_t i = 0; commands[i]; i++) {
		names[i] = commands[i]->name;
		if (strcmp(word, names[i]) != 0)
			continue;
		snprintf(called, sizeof(called), "%s %s", argv[0], word);
		argv[1] = called;
		return commands[i]->run(argc - 1, argv + 1);
	}
	const char *near = nearest_word(word, names);
	if (near)
		return cli_usage("quern sweep has no command \"%s\", did you mean \"%s\"?", word, near);
	return cli_usage("quern sweep has no command \"%s\" (see `quern sweep --help`)", word);
}

const struct cli_command cmd_sweep = {
	.name = "sweep",
	.doc = "run every combination of an experiment's parameters",
	.run = run,
};
