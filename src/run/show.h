/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Numbers for people: short text made in a small ring inside one value, so that several
 * stand in one printf. Not exact; exact numbers go to the JSON.
 *
 * Owner: the caller keeps a `struct show`; a text lives until SHOW_TEXTS later calls.
 */
#ifndef QUERN_RUN_SHOW_H
#define QUERN_RUN_SHOW_H

#include <stdint.h>

#include "sim/time.h"

#define SHOW_TEXTS 16

struct show {
	char text[SHOW_TEXTS][48];
	unsigned next;
};

const char *show_count(struct show *s, uint64_t n);          /* "1,234,567" */
const char *show_number(struct show *s, double v);           /* "0.0123", "143", "1,234,567" */
const char *show_time(struct show *s, double ps);            /* "8.33 ms" */
const char *show_rate(struct show *s, double bytes_per_s);   /* "143 MB/s" */
const char *show_bytes(struct show *s, double bytes);        /* "9.1 GB" */
const char *show_percent(struct show *s, double ratio);      /* "12.3 %" */

#endif
