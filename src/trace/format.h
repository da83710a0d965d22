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

/* Bytes that must be readable behind what a format is given to look at: several characters
 * are loaded at once. What they are does not matter. */
#define TRACE_SLACK 8

/* What a parser returns. */
enum trace_parse {
	TRACE_SKIP = 0,   /* a header, a comment, an event that is not a request */
	TRACE_RECORD = 1,
	TRACE_BAD = -1,   /* `why` holds a phrase: `field 3 (offset) is "x": want a number` */
};

/*
 * Raw time of a record before rebasing: 128-bit ps, since epochs do not fit in 63 bits.
 * The reader sets the defaults before each parse: no time, arrive_ps, delay_ps and
 * response_ps -1, device, flags and kind 0. A parser fills what it knows, op, lba and
 * sectors always; `line` is the reader's.
 */
struct trace_raw {
	struct trace_record rec; /* arrive_ps is ignored where has_time is set */
	bool has_time;
	bool preflush;           /* a flush goes before it, as a record of its own */
	int128 time_ps;          /* absolute, in the format's own epoch */
};

struct trace_parse_options {
	char blkparse_action;   /* 'Q', 'D' or 'C'; 0: 'Q' */
};

struct trace_format {
	const char *name;       /* "msr", "blkparse", ... */
	const char *doc;        /* one sentence with the unit of each column */
	/* One true line, for `quern list formats` and the contract test; where record_bytes
	 * is set, that many bytes instead, zeros among them. */
	const char *sample;
	size_t record_bytes;    /* > 0: binary records of this size; 0: text lines */
	size_t state_size;      /* bytes, zeroed by the reader */
	bool has_arrivals, has_delays, has_responses; /* what its records may carry */
	/* Records whose times may stand out of order: how far the reader looks for the
	 * earliest by default; 0: the format is ordered. */
	uint32_t sort_window;
	/* Names of trace_record.kind, NULL-terminated, kinds[0] being kind 1. May be NULL. */
	const char *const *kinds;
	/*
	 * How sure the format is that `head` (the first `len` bytes, up to 64 KiB, cut at a
	 * line end where there is one) is its own: 0 no ... 100 certain, with the reason in
	 * `why` ("first line is `fio version 3 iolog`"). TRACE_SLACK bytes behind are readable.
	 */
	int (*detect)(const char *head, size_t len, char *why, size_t why_bytes);
	/*
	 * One line without its newline and without trailing blanks (or '\r'), never empty and
	 * never a comment (a line that begins with '#'); or one record. TRACE_SLACK bytes behind
	 * are readable.
	 */
	enum trace_parse (*parse)(void *state, const struct trace_parse_options *o,
		const char *data, size_t len, struct trace_raw *out, char *why, size_t why_bytes);
	/* Name of device number `device` (a path, a host), or NULL. May be NULL. */
	const char *(*device_name)(const void *state, uint32_t device);
	/* Why a whole trace held no request, as a phrase after a colon ("it has D and C events
	 * only"); leaves `why` alone when it does not know. May be NULL. */
	void (*explain_empty)(const void *state, const struct trace_parse_options *o,
		char *why, size_t why_bytes);
	void (*state_free)(void *state); /* may be NULL */
};

/* All formats, NULL-terminated, in order of the list. */
extern const struct trace_format *const trace_formats[];
/* By exact name, or NULL. */
const struct trace_format *trace_format_find(const char *name);

/*
 * The format of `head` (as for trace_format.detect), with its reason in `why`; or NULL, when
 * none or more than one fits, with a phrase in `why` of what each one wanted.
 */
const struct trace_format *trace_format_detect(const char *head, size_t len, char *why,
	size_t why_bytes);

#endif
