/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Shared by reader.c and image.c alone. */
#ifndef QUERN_TRACE_READER_PRIVATE_H
#define QUERN_TRACE_READER_PRIVATE_H

#include "trace/image.h"
#include "trace/input.h"
#include "trace/reader.h"
#include "trace/sorter.h"

#define TRACE_WHY_BYTES 960

struct trace_reader {
	struct trace_source source;
	struct trace_reader_options options;
	struct input *input;
	const struct trace_format *format;
	void *state;             /* owned, of the format */
	char why[TRACE_WHY_BYTES];     /* of the detection */
	uint64_t skipped;        /* lines that were no request */
	uint64_t requests;       /* records parsed */
	/* in order of the file */
	struct trace_raw behind; /* a record whose preflush went first */
	bool has_behind;
	struct trace_raw first;  /* read ahead at open */
	bool has_first;
	/* in order of time */
	bool sorted;
	bool ended;              /* nothing is left to parse */
	struct sorter sorter;
	bool has_base;
	int128 base_ps;          /* time of the first record */
	int128 last_ps;
	uint64_t last_line;
	/* delivered */
	uint64_t matched;        /* of the device asked for */
	uint64_t delivered;
	/* instead of all this: the records of an image, from `at` on, whose reader says the rest */
	const struct trace_image *image; /* borrowed; NULL: reads by itself */
	size_t at;
};

/* What a reader had seen of the file when it had delivered so many records. */
struct trace_seen {
	uint64_t lines, skipped;
};

struct trace_image {
	struct trace_reader *reader; /* owned; at its end */
	struct trace_record *record; /* owned */
	struct trace_seen *seen;     /* owned; [0] at open, [i] behind record i, and [count + 1] at the end */
	size_t count, room;
};

struct trace_seen trace_image_seen(const struct trace_image *m, size_t delivered);

#endif
