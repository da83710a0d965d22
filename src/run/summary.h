/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a finished run says of itself, once as numbers, then as JSON (summary.json; the
 * schema is doc/SUMMARY.md) and as a page of text. Both are written from the same struct.
 *
 * Owner: the caller; pointers are borrowed from the run. Units: in the names.
 */
#ifndef QUERN_RUN_SUMMARY_H
#define QUERN_RUN_SUMMARY_H

#include <stdbool.h>
#include <stdio.h>

#include <jansson.h>

#include "run/demerit.h"
#include "run/observe.h"
#include "run/system.h"
#include "sim/stats.h"

#define SUMMARY_SCHEMA 1 /* grows when a field changes meaning or goes; new fields do not count */
#define SUMMARY_DIGITS 15 /* of reals, as they are written */

struct summary {
	const struct plan *plan;
	const struct system *system;
	const struct observe *observe;
	bool partial;
	const char *partial_reason;      /* a phrase, when partial */
	time_ps end_ps;                  /* last completion */
	time_ps measured_ps;             /* span the figures are over: end - end of warm-up */
	/* the mean of lat over all operations, in ns */
	struct mser_result cut;          /* in requests; only under MSER-5 */
	uint64_t cut_requests;
	struct batch_result interval;    /* of the mean in ns; half_width may be infinite */
	size_t interval_batch;           /* requests in each batch */
	/* Little's law from the observer's and the queues' own counters */
	double depth_mean;               /* of all queues together */
	uint32_t depth_max;              /* of the deepest queue */
	double depth_from_latency;       /* throughput x mean latency */
	bool little_applies;             /* closed loop, drained */
	bool checks_held;                /* set by the run from replay_verify */
	bool has_measured;
	struct demerit_figures whole, first_half, second_half;
};

/* Condense. 0, or -1 when memory is exhausted. */
int summary_make(struct summary *m, const struct system *s, const struct observe *o,
	time_ps end_ps);

/* Requests at device i: in the mean over the run, and at most. */
double summary_depth_mean(const struct summary *m, size_t i);
uint64_t summary_depth_max(const struct summary *m, size_t i);

/* Rates of one direction over the measured span; NaN where something was done in no time. */
double summary_iops(const struct summary *m, enum observe_class c);
double summary_bytes_per_s(const struct summary *m, enum observe_class c);

/* The JSON document; a new reference, or NULL when memory is exhausted. */
json_t *summary_json(const struct summary *m);
/* Write a document as Quern writes every one: indented, stable, newline at the end. */
int summary_json_write(const json_t *doc, FILE *out);
/* The page for people. */
void summary_text(const struct summary *m, FILE *out);

#endif
