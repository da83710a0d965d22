/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Standard input as a file, for what must be read more than once. */
#ifndef QUERN_CLI_SPOOL_H
#define QUERN_CLI_SPOOL_H

#include <limits.h>

#include "sim/err.h"

/* Copies standard input into a new file of the folder for temporary files, NAME.db; path: PATH_MAX bytes, "" on failure. The
 * caller removes it. 0, or -1 with *e set (ERR_IO). */
int cli_spool(char *path, struct err *e);

#endif
