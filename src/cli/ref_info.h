/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `quern trace info|head` of a reference trace (trace/ref_file.h). */
#ifndef QUERN_CLI_REF_INFO_H
#define QUERN_CLI_REF_INFO_H

#include <stdbool.h>
#include <stdint.h>

/* Whether the file begins as one; false also where it cannot be read. Standard input is never looked at. */
bool ref_info_is(const char *file);
/* Print what it holds (as JSON where `json`), or its first `runs` runs. Return the exit code. */
int ref_info(const char *file, bool json);
int ref_head(const char *file, uint64_t runs, bool json);

#endif
