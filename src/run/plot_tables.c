/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tables of pictures that are worked out from the files of a run directory (plot_private.h). */
#include "run/plot_private.h"

const struct plot_table plot_tables[] = {
	{NULL, NULL},
};
