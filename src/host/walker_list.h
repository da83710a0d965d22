/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The orders in which a walker visits. X(NAME, "name", "doc") names an enum walker_order. */
#define WALKER_LIST(X) \
	X(WALKER_ASCENDING, "ascending", "from the first item to the last") \
	X(WALKER_DESCENDING, "descending", "from the last item to the first") \
	X(WALKER_ONWARD, "onward", "from where the last walk ended, around the end to there again") \
	X(WALKER_RANDOM, "random", "a new random permutation for each walk")
