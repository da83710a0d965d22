/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Simulated less measured response, by class of request, for traces that carry measured
 * responses. Beside struct demerit, whose rows it classifies.
 *
 * A class is: read or write; hit or miss as measured (traces whose kind column
 * has both; else "unknown");
 * hit, partial or miss as simulated; and where the request lies: "sequential" starts where the one
 * completed before it ended, "local" starts within 4,000 sectors of that, "random" elsewhere.
 *
 * The CSV (residuals.csv of a run directory) has one row for each class that occurs, over the
 * whole trace and over each half (rows before and after floor(n/2), as demerit has them):
 *   part              whole, first_half or second_half
 *   op                read, write or other
 *   measured          hit, miss or unknown
 *   simulated         hit, partial or miss
 *   place             sequential, local or random
 *   requests
 *   simulated_mean_ms, measured_mean_ms
 *   bias_ms           mean of simulated - measured
 *   median_ms         median of simulated - measured
 *   median_abs_ms     median of |simulated - measured|
 *   rms_ms            root of the mean square of simulated - measured
 *   share_of_square   of the part's sum of squares: what this class has in the part's rms
 * The last row of a part has "all" in its four class columns.
 *
 * Owner: residuals_free(). Errors: -1 when memory is exhausted.
 */
#ifndef QUERN_RUN_RESIDUALS_H
#define QUERN_RUN_RESIDUALS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "blk/req.h"
#include "run/demerit.h"
#include "trace/record.h"

#define RESIDUALS_LOCAL_SECTORS 4000

struct residuals {
	uint8_t *class;     /* owned; of each row of the demerit */
	size_t count, capacity;
	uint64_t end_lba;   /* of the request before */
	bool begun;
	uint8_t hit_kind;   /* trace_record.kind of a measured hit and of a miss; 0: the format has none */
	uint8_t miss_kind;
	bool seen_miss;
};

void residuals_init(struct residuals *r);
void residuals_free(struct residuals *r);

/* Every completed request, in order; `row`: demerit_add() is called for it too. */
int residuals_add(struct residuals *r, const struct blk_req *req, const struct trace_record *rec, bool row);

/* The table as CSV; and for people, classes of the whole trace by their share of the error. */
int residuals_csv(const struct residuals *r, const struct demerit *d, FILE *out);
int residuals_text(const struct residuals *r, const struct demerit *d, FILE *out);

#endif
