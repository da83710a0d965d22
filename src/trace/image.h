/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A trace in memory: parsed, put in order, selected and scaled once, then delivered as often as one likes, by any number of
 * readers at a time, each of which gives the very records and counts that a reader of the file would give.
 *
 * Owner: trace_image_free(), after its readers. Never changed once it is loaded: threads share it.
 */
#ifndef QUERN_TRACE_IMAGE_H
#define QUERN_TRACE_IMAGE_H

#include <stddef.h>

#include "trace/reader.h"

struct trace_image;

/*
 * Read a whole trace. most_bytes: of memory for it; a trace that takes more gives NULL with *e clear, as does one in which
 * something is wrong behind the first record, which a reader may never come to: such a trace is read by each run. NULL with *e set:
 * it cannot be opened, or there is no memory.
 */
struct trace_image *trace_image_load(const char *path, const struct trace_reader_options *o, size_t most_bytes, struct err *e);
void trace_image_free(struct trace_image *m); /* NULL is legal */

/* What it takes in memory. */
size_t trace_image_bytes(const struct trace_image *m);

/* A reader of it, as trace_reader_open() gives one of the file. The image outlives it. NULL with *e set: no memory. */
struct trace_reader *trace_image_open(const struct trace_image *m, struct err *e);

#endif
