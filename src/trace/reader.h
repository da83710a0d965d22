/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The streaming trace reader: file or stdin ("-"), plain or compressed (libarchive's raw
 * and empty formats: gzip, bzip2, xz, lzma, zstd, lz4, compress), format given
 * or detected. Memory is constant, whatever the trace's length.
 *
 * It rebases time to the first record of the trace, then applies the device selection,
 * skip, limit and time scale (exact: rounded once, to nearest). Records must not go back in
 * time: a step back is an error unless `sort_window` > 0, when records are put in order
 * within that many (blkparse output is not always sorted across CPUs: its default is 4096).
 * A flush that rides on a write comes as a record of its own before it.
 *
 * In text, empty lines and lines that begin with '#' are skipped, as is a byte order mark.
 * The first record is read by trace_reader_open(), so a trace without any is refused there;
 * what times it has, the source claims to have. A selection that leaves no record is an
 * error at the end.
 *
 * Every error names file and line ("t.csv:17: field 5 (offset) ...") or, for binary files
 * and broken compression, the byte offset. Code ERR_TRACE; ERR_IO when the file cannot be
 * opened or read; ERR_LIMIT for times past the end of simulated time and for memory;
 * ERR_USAGE for options that make no sense.
 */
#ifndef QUERN_TRACE_READER_H
#define QUERN_TRACE_READER_H

#include "sim/arena.h"
#include "trace/format.h"

#define TRACE_ALL_DEVICES UINT32_MAX

struct trace_reader_options {
	const char *format;       /* name, or NULL: detect */
	uint32_t device;          /* only this device's records, or TRACE_ALL_DEVICES */
	uint64_t skip;            /* records to drop at the front (after the device selection) */
	uint64_t limit;           /* records to deliver at most; 0: all */
	double time_scale;        /* arrival and delay times are multiplied by it; > 0; 0 means 1 */
	int64_t sort_window;      /* -1: the format's default */
	struct trace_parse_options parse;
};

struct trace_reader;

/* NULL with *e set. The options are copied. */
struct trace_reader *trace_reader_open(const char *path, const struct trace_reader_options *o,
	struct err *e);
void trace_reader_free(struct trace_reader *r); /* NULL is legal */

/* The reader as a source; owned by the reader. */
struct trace_source *trace_reader_source(struct trace_reader *r);

/* What it found out. */
const struct trace_format *trace_reader_format(const struct trace_reader *r);
const char *trace_reader_why(const struct trace_reader *r); /* of the detection */
uint64_t trace_reader_lines(const struct trace_reader *r);  /* lines or records seen */
uint64_t trace_reader_skipped(const struct trace_reader *r);/* of them, no request */
const char *trace_reader_device_name(const struct trace_reader *r, uint32_t device);

#endif
