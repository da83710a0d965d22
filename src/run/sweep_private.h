/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Shared by the files sweep*.c alone. */
#ifndef QUERN_RUN_SWEEP_PRIVATE_H
#define QUERN_RUN_SWEEP_PRIVATE_H

#include "run/sweep.h"

/* Fills value, label and count of an axis from its node in the file: sweep_axis.c. 0, or -1 with a sentence. */
int sweep_axis_read(struct arena *a, struct sweep_axis *axis, const struct cfg_node *n, struct err *e);

/* A node in a few words, for people: "15000 rpm", "[1, 2]". NULL: no memory. */
const char *sweep_node_text(struct arena *a, const struct cfg_node *n);

/* Processors that this process may use; at least 1. */
unsigned sweep_processors(void);
/* Run `work` on so many threads at once, this one among them (at least on this one), and wait for all. */
void sweep_on_threads(unsigned count, void *(*work)(void *ctx), void *ctx);

#endif
