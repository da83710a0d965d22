/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a device tells of itself in the course of a run (blk_dev_ops.sample), a row for each window of simulated time, and
 * whether it has become steady. A window ends with the first completion at or after its time, so that it costs no event
 * and a row has the width that it has. At most DEVICE_SERIES_ROWS are kept: when there are that many, every second
 * sample is dropped and the window doubles.
 *
 * CSV: time_s (where the window begins), window_s, requests, bytes (completed in it, of reads and writes), then the
 * device's columns: levels as they were at the window's end, counts by how much they grew, ratios of growths (empty where
 * nothing grew), and last busy, the share of the window in which some part of it worked.
 *
 * Owner: the arena; the device is borrowed.
 */
#ifndef QUERN_RUN_DEVICE_SERIES_H
#define QUERN_RUN_DEVICE_SERIES_H

#include <stdio.h>

#include "blk/dev.h"
#include "run/steady.h"

#define DEVICE_SERIES_ROWS 2048u

struct device_sample {
	time_ps at_ps;
	uint64_t requests, bytes;
	time_ps busy_ps;
	double value[BLK_SAMPLE_MOST];
};

struct device_series {
	const struct blk_dev *dev;
	unsigned columns;
	time_ps step_ps, next_ps;
	uint32_t count;
	struct device_sample *sample; /* the first at the run's begin */
};

/* How steady one figure was. */
struct device_steady {
	size_t windows;   /* that have a value; 0: nothing is known */
	bool settled;     /* MSER-5 found a begin */
	time_ps from_ps;  /* that begin */
	struct steady_snia snia;
};

/* The first sample is taken. 0, or -1: no memory. */
int device_series_init(struct device_series *s, struct arena *a, const struct blk_dev *dev, time_ps window_ps);
/* A sample, now. */
void device_series_take(struct device_series *s);
/* The last one. */
void device_series_close(struct device_series *s);
void device_series_csv(const struct device_series *s, FILE *out);

/* Bytes a second. */
struct device_steady device_series_throughput(const struct device_series *s);
/* The device's first ratio; no windows where it has none. */
struct device_steady device_series_ratio(const struct device_series *s);

#endif
