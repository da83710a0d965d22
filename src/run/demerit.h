/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Simulated against measured response times, for traces that carry the measured ones.
 *
 * demerit: DiskSim's figure (Ruemmler & Wilkes 1994; DiskSim 4.0 `rms`): responses in us,
 * truncated, are counted in 1750 buckets with upper edges b(0) = 0, b(k+1) = b(k) + 1 +
 * floor(b(k)/100); the cumulative fractions, rounded to six decimals, are points of a
 * distribution; the figure is the rms of the horizontal distance of the two curves over
 * p = 0.0001, 0.0002 ... 1, linearly interpolated. In ms, not normalised. It compares
 * distributions only, so it stands beside the per-request rms and median of
 * |simulated - measured|.
 *
 * The second half is the rows after floor(n/2), in order of completion. Rows are kept (16
 * bytes each) up to DEMERIT_ROWS; a longer trace has figures for its first DEMERIT_ROWS
 * rows only, and `rows` says so.
 *
 * Owner: demerit_free(). Errors: -1 when memory is exhausted.
 */
#ifndef QUERN_RUN_DEMERIT_H
#define QUERN_RUN_DEMERIT_H

#include <stddef.h>
#include <stdint.h>

#include "sim/time.h"

#define DEMERIT_BUCKETS 1750
#define DEMERIT_ROWS (UINT64_C(1) << 22)

struct demerit_row {
	time_ps simulated_ps;
	time_ps measured_ps;
};

struct demerit {
	struct demerit_row *row; /* owned */
	size_t count;
	size_t capacity;
	uint64_t seen;           /* rows offered, kept or not */
};

struct demerit_figures {
	uint64_t rows;
	double simulated_mean_ms;
	double measured_mean_ms;
	double demerit_ms;
	double rms_ms;           /* per request */
	double median_abs_ms;    /* per request */
};

void demerit_init(struct demerit *d);
void demerit_free(struct demerit *d);
int demerit_add(struct demerit *d, time_ps simulated_ps, time_ps measured_ps);

/* Figures of rows [from, to). -1: no memory. An empty range gives zeros. */
int demerit_figures(const struct demerit *d, size_t from, size_t to, struct demerit_figures *out);

/* The figure for two sets of responses in ps. Empty sets give 0. */
double demerit_distance_ms(const time_ps *a, size_t a_count, const time_ps *b, size_t b_count);

#endif
