/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The bytes of a trace: a file or stdin ("-"), decompressed where a compression is
 * recognised by its content (gzip, bzip2, xz, lzma, zstd, lz4, compress, stacked ones too, with the raw and
 * the empty format: no archives). Plain bytes go straight from read() to one buffer in which
 * the lines are found; nothing is copied.
 *
 * A line is at most INPUT_LINE_MAX bytes and holds no zero byte: anything else is a binary
 * file given as text. Broken or cut-off compression, and bytes behind its end, are errors,
 * never an early end. Memory is constant.
 *
 * Errors: ERR_IO with the system's reason, ERR_TRACE with line or byte offset.
 */
#ifndef QUERN_TRACE_INPUT_H
#define QUERN_TRACE_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/err.h"

#define INPUT_LINE_MAX 65536
#define INPUT_PEEK_MAX 65536

struct input;

/* NULL with *e set; an empty file or stream is an error. */
struct input *input_open(const char *path, struct err *e);
void input_free(struct input *in); /* NULL is legal */

/* Path for messages ("stdin" for "-"). */
const char *input_name(const struct input *in);
/* Names of the filters ("gzip"), or "" when plain. */
const char *input_compression(const struct input *in);

/* What comes next without taking it: up to `want` <= INPUT_PEEK_MAX bytes, fewer only at the
 * end. Valid until the next call. 0 or -1. */
int input_peek(struct input *in, size_t want, const char **data, size_t *len, struct err *e);
/* Drop `bytes` that were just peeked. */
void input_skip(struct input *in, size_t bytes);

/* The next line without its newline; the last may lack one. 1, 0 at the end, or -1. Valid
 * until the next call. */
int input_line(struct input *in, const char **line, size_t *len, struct err *e);
/* The next `bytes` <= INPUT_PEEK_MAX; a part of a record at the end is an error. 1, 0, -1. */
int input_record(struct input *in, size_t bytes, const char **record, struct err *e);

/* Lines or records taken. */
uint64_t input_count(const struct input *in);
/* Decompressed bytes taken. */
uint64_t input_offset(const struct input *in);
/* Whether the size is known (a regular file), and the share of it read so far, 0 .. 1. */
bool input_sized(const struct input *in);
double input_fraction(const struct input *in);

#endif
