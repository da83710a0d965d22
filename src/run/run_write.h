/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The files of a run directory; shared by run.c and run_write.c alone. */
#ifndef QUERN_RUN_RUN_WRITE_H
#define QUERN_RUN_RUN_WRITE_H

#include "run/run.h"
#include "run/rundir.h"

/* Write every file of a finished run but series.csv, which was written as it ran. */
int run_write(const struct run *r, const struct run_options *o, struct rundir *d, struct err *e);

/*
 * How a file named from here is named from inside folder `dir`: absolute names and "-" stay,
 * a relative one gets a "../" for each folder of `dir`; where `dir` is absolute or climbs,
 * the name becomes absolute. malloc'd, or NULL.
 */
char *run_path_from(const char *file, const char *dir);

#endif
