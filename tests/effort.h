/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How long the long tests are: builds in which everything is slow run a share of their random steps. */
#ifndef QUERN_TESTS_EFFORT_H
#define QUERN_TESTS_EFFORT_H

#include <stdlib.h>

/* Of `steps`, the percentage that the environment's QUERN_TEST_EFFORT names (1 to 100; 100 without it), at least 1. */
static inline unsigned effort(unsigned steps)
{
	const char *text = getenv("QUERN_TEST_EFFORT");
	unsigned long percent = text ? strtoul(text, NULL, 10) : 100;
	if (percent < 1 || percent > 100)
		percent = 100;
	unsigned share = (unsigned)(steps * percent / 100);
	return share ? share : 1;
}

#endif
