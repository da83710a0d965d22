/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The program: picks the subcommand. */
#include "config.h"

#include <gsl/gsl_errno.h>
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "sim/config.h"

const struct cli_command *const cli_commands[] = {
	&cmd_run, &cmd_replay, &cmd_sweep, &cmd_plot, &cmd_report, &cmd_probe, &cmd_list, &cmd_options, &cmd_check, &cmd_trace,
	&cmd_record, &cmd_import, &cmd_calibrate, &cmd_version, NULL,
};

#define COMMAND_COUNT (sizeof(cli_commands) / sizeof(*cli_commands))

static int help(FILE *out)
{
	fputs("Quern simulates storage devices, cycle by cycle: it replays recorded block traces or\n"
	      "generated loads and tells latency, throughput and where the time went.\n\n"
	      "Usage: quern COMMAND [OPTION...] [ARGUMENT...]\n\n", out);
	for (size_t i = 0; cli_commands[i]; i++)
		fprintf(out, "  %-9s %s\n", cli_commands[i]->name, cli_commands[i]->doc);
	fputs("\nTo begin:\n"
	      "  quern list devices                     what can be simulated out of the box\n"
	      "  quern trace info FILE                  what a trace holds\n"
	      "  quern replay FILE --device NAME -o run1\n"
	      "  quern run CONFIG.yaml --set disk0.rpm=\"15000 rpm\"\n"
	      "  quern plot run1 -k latency -o latency.svg\n\n"
	      "`quern COMMAND --help` tells a command's options, `man quern` everything.\n"
	      "Exit codes: 0 good, 1 a check did not hold, 2 command line, 3 configuration,\n"
	      "4 trace, 5 file, 6 out of memory or simulated time, 7 interrupted.\n", out);
	return cli_finish(0);
}

/* "help WORD" is "WORD --help". */
static int help_on(int argc, char **argv);

static int dispatch(int argc, char **argv)
{
	const char *names[COMMAND_COUNT + 1] = {0};
	const char *word = argv[1];
	for (size_t i = 0; cli_commands[i]; i++) {
		if (!strcmp(cli_commands[i]->name, word)) {
			char called[64];
			snprintf(called, sizeof(called), "quern %s", word);
			argv[1] = called;
			return cli_commands[i]->run(argc - 1, argv + 1);
		}
		names[i] = cli_commands[i]->name;
	}
	if (!strcmp(word, "help"))
		return help_on(argc, argv);
	const char *near = nearest_word(word, names);
	if (near)
		return cli_usage("there is no command \"%s\", did you mean \"%s\"?", word, near);
	return cli_usage("there is no command \"%s\" (see `quern --help`)", word);
}

static int help_on(int argc, char **argv)
{
	if (argc < 3)
		return help(stdout);
	char flag[] = "--help";
	char *words[] = {argv[0], argv[2], flag, NULL};
	if (!strcmp(argv[2], "help"))
		return help(stdout);
	return dispatch(3, words);
}

int main(int argc, char **argv)
{
	setlocale(LC_CTYPE, ""); /* numbers stay in the C locale */
	gsl_set_error_handler_off();
	/* a closed pipe and a limit on file size are write errors like any other */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	argp_err_exit_status = ERR_USAGE;
	if (argc < 2) {
		help(stderr);
		return ERR_USAGE;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") || !strcmp(argv[1], "-?"))
		return help(stdout);
	if (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-V")) {
		char word[] = "version";
		char *words[] = {argv[0], word, NULL};
		return dispatch(2, words);
	}
	if (argv[1][0] == '-')
		return cli_usage("options come after a command: `quern COMMAND %s` (see `quern --help`)",
			argv[1]);
	return dispatch(argc, argv);
}
