/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * disk.modern: drives of today against their data sheets and published measurements
 * (validation/modern-drives.md), each figure within 10%. The jobs are those by which such
 * figures are taken: random 4 KiB over the whole disk, streams at places evenly spread over
 * it, a write followed by a flush.
 *
 * A range in the source is given as its middle; the tolerance is 10% around the range.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "run/plan.h"
#include "run/system.h"
#include "sim/hist.h"
#include "sim/rng.h"
#include "valid/valid.h"

#define SECTORS_4K 8

/* ---- a job -------------------------------------------------------------------------------- */

enum job_kind {
	JOB_RANDOM,
	JOB_STREAM,      /* its last request is a flush, so that no write counts that is only in the cache */
	JOB_WRITE_FLUSH,
};

struct job {
	enum job_kind kind;
	enum blk_op op;
	uint32_t sectors, depth;
	uint64_t requests;
	double start;       /* JOB_STREAM: share of the disk at which it begins */
	time_ps until;      /* no new request after this time; 0: no such end */
};

struct job_source {
	struct trace_source source;
	const struct job *job;
	struct rng *rng;
	uint64_t disk_sectors, given, next;
};

struct job_result {
	struct hist latency; /* of reads and writes; of flushes in JOB_WRITE_FLUSH */
	bool flushes;
	uint64_t done, bytes;
	time_ps end_ps;
};

static int next_of_job(struct trace_source *self, time_ps now, struct trace_record *r, struct err *e)
{
	struct job_source *s = (struct job_source *)(void *)self;
	const struct job *j = s->job;
	(void)e;
	if (s->given == j->requests || (j->until && now >= j->until))
		return 0;
	*r = (struct trace_record){.arrive_ps = now, .delay_ps = -1, .response_ps = -1,
		.sectors = j->sectors, .op = (uint8_t)j->op};
	if ((j->kind == JOB_WRITE_FLUSH && s->given % 2) || (j->kind == JOB_STREAM && s->given + 1 == j->requests)) {
		r->op = BLK_FLUSH;
		r->sectors = 0;
	} else if (j->kind == JOB_STREAM) {
		r->lba = s->next;
		s->next += j->sectors;
	} else {
		r->lba = rng_below(s->rng, s->disk_sectors / j->sectors) * j->sectors;
	}
	s->given++;
	return 1;
}

static void observe(void *ctx, const struct blk_req *r, const struct trace_record *rec)
{
	struct job_result *o = ctx;
	(void)rec;
	if (!o->flushes || r->op == BLK_FLUSH)
		hist_add(&o->latency, r->done_ps - r->arrive_ps);
	o->done++;
	o->bytes += (uint64_t)r->sectors * SECTOR_BYTES;
	o->end_ps = r->done_ps;
}

/* Run a job on a device of the catalogue, with one setting over it or NULL. 0 or -1. */
static int perform(const char *device, const char *set, const struct job *j, struct job_result *o,
	struct arena *a, struct err *e)
{
	char path[512];
	snprintf(path, sizeof(path), "%s/devices/%s.yaml", TOP_SRCDIR, device);
	const char *devices[] = {path, NULL}, *sets[] = {set, NULL};
	struct plan_input in = {.devices = devices, .sets = sets};
	struct plan *p = plan_load(&in, e);
	struct system *s = p ? system_open_devices(p, e) : NULL;
	int result = -1;
	memset(o, 0, sizeof(*o));
	o->flushes = j->kind == JOB_WRITE_FLUSH;
	if (s && hist_init(&o->latency, a) == 0) {
		struct job_source source = {.source = {.next = next_of_job, .name = "job"}, .job = j,
			.rng = rng_new(a, 1, "validate/modern"), .disk_sectors = s->dev[0]->sectors};
		struct blk_queue queue, *queues[] = {&queue};
		blk_queue_init(&queue, s->dev[0], 0);
		source.next = (uint64_t)(j->start * (double)source.disk_sectors);
		struct replay_options ro = {.mode = REPLAY_DEPTH, .depth = j->depth, .observe = observe,
			.observe_ctx = o};
		struct replay *r = source.rng ? replay_new(s->sim, &source.source, queues, NULL, 1, &ro, e) : NULL;
		if (r) {
			replay_start(r);
			result = sim_run(s->sim) < 0 ? -1 : replay_verify(r, e);
		}
	}
	system_free(s);
	plan_free(p);
	return result;
}

/* ---- figures --------------------------------------------------------------------------------- */

enum measure { MEAN_MS, QUANTILE_MS, PER_SECOND };

struct figure {
	const char *device, *name;
	const char *set;
	struct job job;
	enum measure measure;
	double quantile;
	double low, high;    /* what the source gives: a value, or a range */
	const char *source;
};

#define RANDOM(o, d, n) {.kind = JOB_RANDOM, .op = o, .sectors = SECTORS_4K, .depth = d, .requests = n}
#define BARRACUDA "seagate-st2000dm006"
#define ULTRASTAR "hgst-ultrastar-7k8"
#define MEASURED "measured, ublk-disksim docs/VALIDATION.md, 10%"
#define SHEET "data sheet, 10%"

static const struct figure figures[] = {
	{BARRACUDA, "read_4k_qd1_mean_ms", NULL, RANDOM(BLK_READ, 1, 200000), MEAN_MS, 0, 17.2, 17.8, MEASURED},
	{BARRACUDA, "read_4k_qd1_p50_ms", NULL, RANDOM(BLK_READ, 1, 200000), QUANTILE_MS, 0.5, 17.4, 17.4, MEASURED},
	{BARRACUDA, "read_4k_qd1_p99_ms", NULL, RANDOM(BLK_READ, 1, 200000), QUANTILE_MS, 0.99, 28.7, 28.7, MEASURED},
	{BARRACUDA, "read_4k_qd1_p99.9_ms", NULL, RANDOM(BLK_READ, 1, 200000), QUANTILE_MS, 0.999, 103, 103, MEASURED},
	{BARRACUDA, "read_4k_qd32_per_s", NULL, RANDOM(BLK_READ, 32, 100000), PER_SECOND, 0, 94, 94, MEASURED},
	{BARRACUDA, "write_4k_qd1_30s_per_s", NULL, {.kind = JOB_RANDOM, .op = BLK_WRITE, .sectors = SECTORS_4K, .depth = 1,
		.requests = 1000000, .until = 30 * PS_PER_S}, PER_SECOND, 0, 124, 124, MEASURED},
	{ULTRASTAR, "read_4k_qd1_mean_ms", NULL, RANDOM(BLK_READ, 1, 200000), MEAN_MS, 0, 12.2, 12.2, SHEET},
	{ULTRASTAR, "read_4k_qd32_per_s", NULL, RANDOM(BLK_READ, 32, 100000), PER_SECOND, 0, 200, 200,
	 "typical with NCQ, validation/modern-drives.md, 10%"},
	{ULTRASTAR, "write_4k_qd1_no_cache_mean_ms", "disk0.cache.write_back=false", RANDOM(BLK_WRITE, 1, 200000), MEAN_MS,
	 0, 12.4, 12.4, "validation/modern-drives.md, 10%"},
	{ULTRASTAR, "flush_after_write_p50_ms", NULL, {.kind = JOB_WRITE_FLUSH, .op = BLK_WRITE, .sectors = SECTORS_4K,
		.depth = 1, .requests = 100000}, QUANTILE_MS, 0.5, 13, 16, "median in production, ublk-disksim docs/VALIDATION.md, 10%"},
};

static double measured(const struct figure *f, const struct job_result *o)
{
	switch (f->measure) {
	case MEAN_MS:
		return 1e-9 * tally_mean(&o->latency.exact);
	case QUANTILE_MS:
		return 1e-9 * (double)hist_quantile(&o->latency, f->quantile);
	default:
		return (double)o->done / time_seconds(o->end_ps);
	}
}

static void show(struct valid *v, const char *device, const char *name, double value, double low, double high,
	const char *source)
{
	char full[128];
	double middle = 0.5 * (low + high);
	snprintf(full, sizeof(full), "disk.modern.%s.%s", device, name);
	valid_near(v, full, value, middle, 1.1 * high - middle < middle - 0.9 * low ? 1.1 * high - middle : middle - 0.9 * low,
		source);
}

static void one_figure(struct valid *v, const struct figure *f)
{
	struct arena *a = arena_new();
	struct job_result o;
	struct err e = {0};
	if (a && perform(f->device, f->set, &f->job, &o, a, &e) == 0)
		show(v, f->device, f->name, measured(f, &o), f->low, f->high, f->source);
	else
		valid_broken(v, f->name, e.msg);
	arena_free(a);
}

/* ---- streams over the platter --------------------------------------------------------------------- */

#define PLACES 16

/* Mean rate in MB/s of streams of 512 MB at PLACES places from the share `from` of the disk to `to`. */
static double stream_rate(const char *device, enum blk_op op, double from, double to, struct err *e)
{
	double sum = 0;
	for (int i = 0; i < PLACES; i++) {
		struct job j = {.kind = JOB_STREAM, .op = op, .sectors = 2048, .depth = 4, .requests = 512 + 1,
			.start = from + (to - from) * i / PLACES};
		struct arena *a = arena_new();
		struct job_result o;
		if (!a || perform(device, NULL, &j, &o, a, e) < 0) {
			arena_free(a);
			return -1;
		}
		sum += 1e-6 * (double)o.bytes / time_seconds(o.end_ps);
		arena_free(a);
	}
	return sum / PLACES;
}

static void streams(struct valid *v)
{
	static const struct {
		const char *device, *name;
		enum blk_op op;
		double from, to, target;
		const char *source;
	} rows[] = {
		{BARRACUDA, "read_stream_mb_per_s", BLK_READ, 0, 0.999, 143, MEASURED},
		{BARRACUDA, "write_stream_mb_per_s", BLK_WRITE, 0, 0.999, 132, MEASURED},
		{ULTRASTAR, "read_stream_outer_mb_per_s", BLK_READ, 0, 0.01, 205, SHEET},
		{ULTRASTAR, "write_stream_outer_mb_per_s", BLK_WRITE, 0, 0.01, 205, SHEET},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct err e = {0};
		double rate = stream_rate(rows[i].device, rows[i].op, rows[i].from, rows[i].to, &e);
		if (rate < 0)
			valid_broken(v, rows[i].name, e.msg);
		else
			show(v, rows[i].device, rows[i].name, rate, rows[i].target, rows[i].target, rows[i].source);
	}
}

void valid_modern(struct valid *v)
{
	for (size_t i = 0; i < sizeof(figures) / sizeof(figures[0]); i++)
		one_figure(v, &figures[i]);
	streams(v);
}
