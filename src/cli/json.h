/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers of commands as JSON (--json): one document on standard output, the same on every run. */
#ifndef QUERN_CLI_JSON_H
#define QUERN_CLI_JSON_H

#include <jansson.h>

/* Prints the document and lets go of it; NULL: it could not be made. 0 or an exit code, said. */
int cli_put_json(json_t *doc);
/* Why --json cannot be where the product itself goes to standard output. Returns ERR_USAGE. */
int cli_json_and(const char *product);

#endif
