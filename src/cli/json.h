/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers of commands as JSON (--json): one document on standard output, the same on every run. */
#ifndef QUERN_CLI_JSON_H
#define QUERN_CLI_JSON_H

#include <jansson.h>

/* Prints the document and gives it back. NULL: there was no memory for it. Returns the exit code. */
int cli_put_json(json_t *doc);
/* Why --json cannot be where the product itself goes to standard output. Returns ERR_USAGE. */
int cli_json_and(const char *product);

#endif
