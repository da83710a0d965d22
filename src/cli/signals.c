/* SPDX-License-Identifier: GPL-3.0-or-later */
/* INT and TERM: the first ends what runs in order, a second one kills. */
#include "cli/cli.h"

/* The one variable a signal handler may write; process-wide by nature. */
static volatile sig_atomic_t stop_asked;

static void on_signal(int number)
{
	(void)number;
	stop_asked = 1;
}

const volatile sig_atomic_t *cli_catch_signals(void)
{
	struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND};
	sigemptyset(&action.sa_mask);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	return &stop_asked;
}
