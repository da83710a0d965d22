/* SPDX-License-Identifier: GPL-3.0-or-later */
/* quern version */
#include "config.h"

#include "cli/cli.h"
#include "cli/json.h"

enum { KEY_JSON = 0x100 };

static const struct argp_option options[] = {
	{"json", KEY_JSON, NULL, 0, "Print JSON", 0},
	{0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	bool *json = state->input;
	(void)arg;
	if (key == KEY_JSON)
		*json = true;
	return key == KEY_JSON ? 0 : key == ARGP_KEY_ARG ? EINVAL : ARGP_ERR_UNKNOWN;
}

static int run(int argc, char **argv)
{
	static const struct argp argp = {.options = options, .parser = parse, .doc = "Print version and licence."};
	bool json = false;
	int code = cli_parse(&argp, argc, argv, &json);
	if (code)
		return code;
	if (json)
		return cli_put_json(json_pack("{s:s, s:s, s:s}", "name", "quern", "version", PACKAGE_VERSION, "licence", "GPL-3.0-or-later"));
	printf("quern %s\n"
	       "Licence GPLv3+: GNU GPL version 3 or later. There is no warranty.\n", PACKAGE_VERSION);
	return cli_finish(0);
}

const struct cli_command cmd_version = {
	.name = "version",
	.doc = "print version and licence",
	.run = run,
};
