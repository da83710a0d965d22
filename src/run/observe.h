/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a run remembers of its requests: histograms, sums, the time series, the stored
 * means for the confidence interval. observe_request() sits on the hot path and touches
 * no allocator and no library.
 *
 * Latencies, as fio has them: slat = waiting in the host queue (arrive to submit), clat =
 * in the device (submit to done), lat = their sum, which counts from the *intended*
 * arrival. Most requests have slat 0, so lat equals clat: such a request is counted once,
 * in `same`, and observe_finish() adds `same` to both.
 *
 * A warm-up given as a time or a number of requests is left out of everything but the
 * series; under MSER-5 everything is counted and only the mean's interval is cut.
 *
 * Owner: the arena given. Units: ps, bytes, requests.
 */
#ifndef QUERN_RUN_OBSERVE_H
#define QUERN_RUN_OBSERVE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "run/demerit.h"
#include "run/device_series.h"
#include "run/plan.h"
#include "run/residuals.h"
#include "run/sample.h"
#include "run/tail.h"
#include "sim/hist.h"
#include "sim/series.h"
#include "sim/stats.h"
#include "trace/replay.h"

/* fio's four job directions: flushes are "sync", every zone operation but append too. */
enum observe_class { OBSERVE_READ, OBSERVE_WRITE, OBSERVE_TRIM, OBSERVE_SYNC, OBSERVE_CLASSES };

/* Small histograms: what a request that reached the medium spent where, in ps, and how many
 * were outstanding just before each completion. Their buckets are 1/128 wide, so that all of
 * them stay in the first-level cache; exact sums are in the device's own counters. */
enum observe_part { PART_OVERHEAD, PART_SEEK, PART_ROTATION, PART_TRANSFER, PART_BUS, PART_DISTANCE,
	PART_DEPTH, OBSERVE_PARTS };
#define OBSERVE_PART_BITS 7

/* Sums over reads or writes that were served alike, in ps. */
struct observe_split {
	uint64_t requests;
	int128 latency_ps, overhead_ps, seek_ps, rotation_ps, transfer_ps, bus_ps;
};

#define OBSERVE_TRACE_DEVICES 4096 /* higher numbers are not listed */

/* The buckets are made with the first request: most runs have but one or two directions. */
struct observe_dir {
	struct hist same;  /* lat == clat (until observe_finish) */
	struct hist lat;
	struct hist clat;
	struct tally slat; /* of those above 0 (until observe_finish) */
	uint64_t bytes;
};

struct timeline_file;

struct observe {
	bool warming;          /* the stated warm-up is not over */
	bool has_measured;
	bool out_of_memory;    /* what was measured could not be kept */
	struct arena *arena;   /* borrowed */
	enum plan_warm_up warm_up;
	int64_t warm_up_value;
	time_ps from_ps;       /* measuring since */
	uint64_t skipped;      /* requests in the stated warm-up */
	uint64_t seen;         /* all completions */
	uint64_t failed;       /* completions with another status than ok: not in histograms */
	struct observe_dir dir[OBSERVE_CLASSES];
	uint64_t *part[OBSERVE_PARTS]; /* counts in OBSERVE_PART_BITS buckets, in the arena */
	struct observe_split split[2][BLK_HIT_NONE + 1]; /* by read or write, and enum blk_hit */
	int128 all_ps;         /* lat of every completion, warm-up and failures included */
	uint64_t hit[BLK_HIT_NONE + 1];
	uint64_t cause_bytes[BLK_CAUSE_COUNT];
	uint64_t cause_written[BLK_CAUSE_COUNT]; /* of these, bytes of writes */
	uint64_t unwritten_sectors;
	uint64_t trace_device[OBSERVE_TRACE_DEVICES / 64]; /* bit k: device k of the trace was seen */
	struct obs_store store;
	struct series *series; /* in the arena */
	struct demerit demerit;
	struct residuals residuals;
	struct sample sample;
	FILE *log;             /* borrowed; the request log, or NULL */
	struct timeline_file *timeline; /* borrowed; to look at levels, or NULL */
	struct blk_queue *const *queue; /* borrowed: to read the depth; NULL: the depth is what is in the devices */
	struct blk_dev *const *dev;     /* borrowed */
	size_t queue_count;             /* of queue and dev */
	struct device_series *device; /* in the arena; NULL: not watched */
	size_t device_count;
	time_ps device_next_ps; /* the next sample of them */
	struct tail tail;
};

/* series_out may be NULL. 0, or -1 when memory is exhausted. */
int observe_init(struct observe *o, struct arena *a, const struct plan_stats *stats,
	FILE *series_out);
void observe_free(struct observe *o);
/* Watches the devices, which are borrowed: a sample each window, and the slowest requests. After observe_init(). 0 or -1: no
 * memory. */
int observe_devices(struct observe *o, struct arena *a, struct blk_dev *const *dev, size_t count, time_ps window_ps);

/* The replay_observe_fn; ctx is a struct observe. */
void observe_request(void *ctx, const struct blk_req *r, const struct trace_record *rec);

/* Close the series, the requests' at `end`, and make lat and clat whole. Once. */
void observe_finish(struct observe *o, time_ps end);

const char *observe_part_name(enum observe_part p); /* "seek", "queue_depth" */
/* The histogram as hist_write_csv() writes one: us, or requests. */
void observe_part_csv(const struct observe *o, enum observe_part p, FILE *out);

/* What the request that was served so took, as means: "op,hit,requests,latency_us,...". */
void observe_split_csv(const struct observe *o, FILE *out);

/* How many devices of the trace there were, as far as they are listed. */
size_t observe_trace_devices(const struct observe *o);
bool observe_saw_device(const struct observe *o, uint32_t device);

const char *observe_class_name(enum observe_class c); /* fio's: "read", "write", "trim", "sync" */

#endif
