/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Jobs on a solid-state drive of the catalogue, as data sheets and measurements take them: random and sequential, writes each
 * followed by a flush, and several jobs at once. A drive once opened (and preconditioned) takes one job after another.
 */
#ifndef QUERN_TESTS_SSD_JOBS_H
#define QUERN_TESTS_SSD_JOBS_H

#include "run/plan.h"
#include "run/system.h"
#include "sim/hist.h"
#include "sim/rng.h"

enum ssd_job_kind {
	SSD_RANDOM,
	SSD_STREAM,
	SSD_SYNC,   /* a random write and a flush by turns; the latency is that of both */
};

struct ssd_job {
	enum ssd_job_kind kind;
	enum blk_op op;
	uint32_t sectors, depth;
	uint64_t requests;  /* 0: as long as the first job of those at once */
	uint64_t warm;      /* of these, not counted */
	double from, to;    /* share of the drive; to 0: 1 */
	uint64_t seed;      /* the same addresses with the same seed */
	time_ps think_ps;   /* from a completion to the next request */
};

struct ssd_job_result {
	struct hist latency;
	uint64_t done, bytes;    /* behind the warm-up */
	time_ps begin_ps, end_ps;
	float *each_us;          /* by request, if given */
};

struct ssd_rig {
	struct plan *plan;
	struct system *system;
};

/* A device file of the catalogue, by name, with settings over it (a list that ends in NULL, or NULL). 0 or -1. */
int ssd_rig_open(struct ssd_rig *g, const char *device, const char *const *sets, struct err *e);
void ssd_rig_close(struct ssd_rig *g);

#define SSD_JOBS_MAX 2
/* `count` jobs at once, to their ends. 0, or -1 with a sentence. */
int ssd_rig_run(struct ssd_rig *g, const struct ssd_job *job, size_t count, struct ssd_job_result *out, struct arena *a,
	struct err *e);

static inline double ssd_per_second(const struct ssd_job_result *r)
{
	return (double)r->done / time_seconds(r->end_ps - r->begin_ps);
}
static inline double ssd_mb_per_second(const struct ssd_job_result *r)
{
	return 1e-6 * (double)r->bytes / time_seconds(r->end_ps - r->begin_ps);
}
static inline double ssd_mean_us(const struct ssd_job_result *r) { return 1e-6 * tally_mean(&r->latency.exact); }
static inline double ssd_quantile_us(const struct ssd_job_result *r, double q)
{
	return 1e-6 * (double)hist_quantile(&r->latency, q);
}
/* A figure that the device itself reports, or NAN. */
double ssd_rig_report(const struct ssd_rig *g, const char *name);

#endif
