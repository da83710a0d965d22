/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Windowed time series: per window of simulated time, a row of numbers, streamed to a
 * CSV file as windows close. Memory is constant. A window without events is written as
 * a row of zeros, so that time is evenly spaced (gaps longer than 1000 windows are
 * written as one row before and one after).
 *
 * Window k holds what completes after k and up to (k + 1) windows of time, so that the
 * last completion of a run lies in a window that has a width; time 0 counts to the first.
 *
 * Latency percentiles inside a window come from a coarse log-linear histogram (64
 * buckets to a power of two, error at most 1/64). Times and the whole-number columns are
 * exact: seconds with up to 12 decimals, microseconds with up to 6.
 */
#ifndef QUERN_SIM_SERIES_H
#define QUERN_SIM_SERIES_H

#include <stdint.h>
#include <stdio.h>

#include "sim/arena.h"
#include "sim/time.h"

enum series_class { SERIES_READ, SERIES_WRITE, SERIES_OTHER, SERIES_CLASSES };

struct series;

/* out is borrowed and may be NULL (nothing is written). window_ps > 0. NULL: no memory. */
struct series *series_new(struct arena *a, time_ps window_ps, FILE *out);

/* A request of `bytes` completed at `now` after latency_ps; `depth` requests were
 * outstanding just before. Calls come in time order, now >= 0. */
void series_add(struct series *s, time_ps now, enum series_class c, uint64_t bytes,
	time_ps latency_ps, uint32_t depth);

/* Write the windows up to `now`, the last call. The last, unfinished one is marked by its
 * real width. Whether the file took it all is the caller's to ask (ferror, fclose). */
void series_close(struct series *s, time_ps now);

/*
 * CSV columns, in order: time_s,window_s,reads,writes,others,read_bytes,write_bytes,
 * latency_mean_us,latency_p50_us,latency_p99_us,latency_max_us,depth_mean,latency_p999_us
 *
 * time_s is where the window begins, window_s its width. Latencies are over all classes.
 * depth_mean is the mean of `depth` over the window's completions, 0 without any.
 */

#endif
