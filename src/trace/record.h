/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One line of a block trace, in Quern's units, whatever the format it came from; and the
 * source of such records, which a reader and a generator both are.
 *
 * Times are ps since the *first record of the trace* (rebased before scaling, so that
 * epoch microseconds fit). A field the format does not have holds -1.
 */
#ifndef QUERN_TRACE_RECORD_H
#define QUERN_TRACE_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "blk/req.h"
#include "sim/err.h"

struct trace_record {
	time_ps arrive_ps;   /* -1: the format has no arrival times */
	time_ps delay_ps;    /* closed loop: pause between the completion of the record before
	                      * and this issue; -1: not recorded */
	time_ps response_ps; /* measured in the recording, or -1 */
	uint64_t lba;        /* 512-byte sectors */
	uint32_t sectors;
	uint32_t device;     /* as the format numbers them, or in order of first appearance */
	uint8_t op;          /* enum blk_op */
	uint8_t flags;       /* enum blk_flag */
	uint8_t priority;    /* 0 highest */
	uint8_t kind;        /* format-specific class (index into the format's kinds), 0 none */
	uint64_t line;       /* 1-based line (text) or record number (binary), for messages */
};

/*
 * A stream of records. `next` returns 1 and fills *r, 0 at the end, -1 with *e set. `now`
 * is the time at which the consumer asks (a closed-loop generator stamps it).
 */
struct trace_source {
	int (*next)(struct trace_source *self, time_ps now, struct trace_record *r, struct err *e);
	void (*close)(struct trace_source *self); /* may be NULL */
	const char *name;       /* for messages: file name or generator name */
	bool has_arrivals;      /* records carry arrive_ps */
	bool has_delays;        /* records carry delay_ps: closed loop by nature */
	bool has_responses;     /* records carry response_ps */
	uint64_t expected;      /* records to come in all, 0 when unknown (progress) */
	double (*progress)(const struct trace_source *self); /* fraction read so far, may be NULL */
};

#endif
