/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A bound struct as the text of a device file for people: only what differs from the defaults, tables and
 * curves in flow style. It binds back to the same values. (sim/option.h's writer gives every row.)
 */
#ifndef QUERN_RUN_DEVICE_TEXT_H
#define QUERN_RUN_DEVICE_TEXT_H

#include <stdio.h>

#include "sim/option.h"

/* Rows of `bound`, indented. -1 with *e set: no memory. */
int device_text_write(const struct opt_group *g, const void *bound, int indent, FILE *out, struct err *e);

#endif
