/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The files of a run directory; shared by run.c and run_write.c alone. */
#ifndef QUERN_RUN_RUN_WRITE_H
#define QUERN_RUN_RUN_WRITE_H

#include "run/run.h"
#include "run/rundir.h"

/* Write every file of a finished run but series.csv, which was written as it ran. A signal that came before the tables of its hosts were whole
 * makes it partial. */
int run_write(struct run *r, const struct run_options *o, struct rundir *d, struct err *e);

/*
 * What goes in front of a relative file name so that it is right from inside folder `dir`: a "../" for each folder of `dir`;
 * where `dir` is absolute or climbs, the folder we are in. malloc'd, or NULL.
 */
char *run_way_back(const char *dir);

#endif
