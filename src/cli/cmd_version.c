/* SPDX-License-Identifier: GPL-3.0-or-later */
/* quern version */
#include "config.h"

#include "cli/cli.h"

static error_t parse(int key, char *arg, struct argp_state *state)
{
	(void)arg;
	(void)state;
	return key == ARGP_KEY_ARG ? EINVAL : ARGP_ERR_UNKNOWN;
}

static int run(int argc, char **argv)
{
	static const struct argp argp = {.parser = parse, .doc = "Print version and licence."};
	int code = cli_parse(&argp, argc, argv, NULL);
	if (code)
		return code;
	printf("quern %s\n"
	       "Licence GPLv3+: GNU GPL version 3 or later. There is no warranty.\n", PACKAGE_VERSION);
	return cli_finish(0);
}

const struct cli_command cmd_version = {
	.name = "version",
	.doc = "print version and licence",
	.run = run,
};
