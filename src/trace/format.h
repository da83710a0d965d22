/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Trace formats: each one file with a `const struct trace_format`, listed once in
 * trace/format_list.h. Adding one: that file, that line, a word in Makefile.am, a sample in
 * tests/data, a row in traces/FORMATS.md.
 *
 * A format turns one line (text) or one fixed-size record (binary) into a trace_record. It
 * keeps no globals; what it must remember (device names, header seen) lives in its state.
 * Input is untrusted: every number is bounded by the helpers of trace/scan.h.
 */
#ifndef QUERN_TRACE_FORMAT_H
#define QUERN_TRACE_FORMAT_H

#include <stddef.h>

#include "trace/record.h"

/* What a parser returns. */
enum trace_parse {
	TRACE_SKIP = 0,   /* a header, a comment, an event that is not a request */
	TRACE_RECORD = 1,
	TRACE_BAD = -1,   /* `why` holds a phrase: `field 3 (offset) is "x": want a number` */
};

/* Raw time of a record before rebasing: 128-bit ps, since epochs do not fit in 63 bits. */
struct trace_raw {
	struct trace_record rec; /* arrive_ps is ignored where has_time is set */
	bool has_time;
	int128 time_ps;          /* absolute, in the format's own epoch */
};

struct trace_parse_options {
	char blkparse_action;   /* 'Q', 'D' or 'C'; default 'Q' */
};

struct trace_format {
	const char *name;       /* "msr", "blkparse", ... */
	const char *doc;        /* one sentence with the unit of each column */
	const char *sample;     /* one true line, for `quern list formats` and the contract test */
	size_t record_bytes;    /* > 0: binary records of this size; 0: text lines */
	size_t state_size;      /* bytes, zeroed by the reader */
	bool has_arrivals, has_delays, has_responses;
	/*
	 * How sure the format is that `head` (the first `len` bytes, up to 64 KiB, cut at a
	 * line end where there is one) is its own: 0 no ... 100 certain, with the reason in
	 * `why` ("first line is `fio version 3 iolog`").
	 */
	int (*detect)(const char *head, size_t len, char *why, size_t why_bytes);
	/* One line without its newline (and without a trailing '\r'), or one record. */
	enum trace_parse (*parse)(void *state, const struct trace_parse_options *o,
		const char *data, size_t len, struct trace_raw *out, char *why, size_t why_bytes);
	/* Name of device number `device` (a path, a host), or NULL. May be NULL. */
	const char *(*device_name)(const void *state, uint32_t device);
	void (*state_free)(void *state); /* may be NULL */
};

/* All formats, NULL-terminated, in order of the list. */
extern const struct trace_format *const trace_formats[];
/* By exact name, or NULL. */
const struct trace_format *trace_format_find(const char *name);

#endif
