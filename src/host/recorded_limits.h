/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the figures of a recording's run may be relied on for, in sentences for who reads them.
 *
 * A string that was filtered by LRU of k frames (record/reduce.h) lacks what hits there. What lacks would have hit, and changes
 * no order of eviction, under LRU as long as the k pages used last are in memory: one process in the recorded order, k frames
 * that nobody else and nothing unasked for (read-ahead) takes, none emptied ahead of need. Then faults and evictions are those
 * of the whole string. Of nothing else is that so: with fewer frames what lacks would have faulted; other policies order pages
 * by references that lack (of OPT nothing is claimed); where processes share frames, a page that is among the last k of its own
 * process may still be driven out by another's.
 */
#ifndef QUERN_HOST_RECORDED_LIMITS_H
#define QUERN_HOST_RECORDED_LIMITS_H

#include <stdbool.h>
#include <stddef.h>

#include "host/spec.h"
#include "trace/ref_file.h"

struct recorded_limits {
	enum ref_kind kind;
	uint32_t filter;             /* as ref_header.filter */
	int64_t processes;
	uint32_t threads;            /* that replay it, of each process */
	const struct host_spec *host;
};

/* Each writes its sentence and returns true, or false where there is nothing to say: the recording is none of references; the run
 * is not what the filter keeps exact; a curve of faults leaves something out. */
bool recorded_limits_kind(const struct recorded_limits *l, char *out, size_t bytes);
bool recorded_limits_filter(const struct recorded_limits *l, char *out, size_t bytes);
bool recorded_limits_curve(const struct recorded_limits *l, char *out, size_t bytes);

/* Whether faults of this policy on so many frames alone follow from the string. */
bool recorded_limits_exact(const struct recorded_limits *l, int policy, uint64_t frames);

#endif
