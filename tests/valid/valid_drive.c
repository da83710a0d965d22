/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * disk.drive: the model against closed forms, and the reference drive R against an
 * independent Monte-Carlo simulation of the same definition (oracles/disk/sched.csv: mean
 * service time, 8-sector requests at any sector of a track, not crossing it, closed loop).
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "run/plan.h"
#include "run/system.h"
#include "sim/rng.h"
#include "sim/stats.h"
#include "valid/valid.h"

#define R_CYLINDERS 100000u
#define R_SPT 2000u
#define R_SECTORS 8u
#define R_TURN_MS (60e3 / 7200)

/* ---- a source of requests that stay on a track --------------------------------------- */

struct on_track {
	struct trace_source source;
	struct rng *rng, *gaps;
	uint64_t tracks, spt, left;
	uint32_t sectors;
	double rate_per_ms;  /* > 0: Poisson arrivals */
	double arrive_ms;
};

static int next_on_track(struct trace_source *self, time_ps now, struct trace_record *r, struct err *e)
{
	struct on_track *t = (struct on_track *)(void *)self;
	(void)e;
	if (t->left == 0)
		return 0;
	t->left--;
	*r = (struct trace_record){.arrive_ps = now, .delay_ps = -1, .response_ps = -1,
		.sectors = t->sectors, .op = BLK_READ};
	r->lba = rng_below(t->rng, t->tracks) * t->spt + rng_below(t->rng, t->spt - t->sectors + 1);
	if (t->rate_per_ms > 0) {
		t->arrive_ms -= log(rng_unit_open(t->gaps)) / t->rate_per_ms;
		r->arrive_ps = (time_ps)llround(1e9 * t->arrive_ms);
	}
	return 1;
}

/* ---- one run ------------------------------------------------------------------------------ */

struct experiment {
	const char *device;  /* YAML file in devices/, or NULL */
	const char *text;    /* or the drive itself */
	const char *set;     /* one override, or NULL */
	uint64_t tracks, spt;
	uint32_t sectors;
	uint32_t depth;      /* closed loop */
	double rate_per_ms;  /* or open */
	uint64_t requests, warm_up;
};

struct outcome {
	uint64_t seen, counted, warm_up;
	time_ps first_ps, last_ps;
	double latency_ms, rotation_ms, seek_ms, busy_ms; /* sums after the warm-up */
	struct obs_store waits;
};

static void observe(void *ctx, const struct blk_req *r, const struct trace_record *rec)
{
	struct outcome *o = ctx;
	(void)rec;
	if (o->seen++ < o->warm_up) {
		o->first_ps = r->done_ps;
		return;
	}
	o->counted++;
	o->last_ps = r->done_ps;
	o->latency_ms += 1e-9 * (double)(r->done_ps - r->arrive_ps);
	o->rotation_ms += 1e-9 * (double)r->rotation_ps;
	o->seek_ms += 1e-9 * (double)r->seek_ps;
	obs_add(&o->waits, 1e-9 * (double)(r->start_ps - r->arrive_ps));
}

static int perform(const struct experiment *x, struct outcome *o, struct arena *a, struct err *e)
{
	char path[512];
	snprintf(path, sizeof(path), "%s/devices/%s.yaml", TOP_SRCDIR, x->device ? x->device : "");
	const char *devices[] = {path, NULL}, *sets[] = {x->set, NULL};
	struct plan_input in = {.devices = x->device ? devices : NULL, .text = x->text, .sets = sets};
	struct plan *p = plan_load(&in, e);
	struct system *s = p ? system_open_devices(p, e) : NULL;
	struct on_track source = {
		.source = {.next = next_on_track, .name = "requests on a track", .has_arrivals = x->rate_per_ms > 0},
		.rng = rng_new(a, 1, "validate/place"), .gaps = rng_new(a, 1, "validate/arrival"),
		.tracks = x->tracks, .spt = x->spt, .sectors = x->sectors, .left = x->requests,
		.rate_per_ms = x->rate_per_ms};
	int result = -1;
	memset(o, 0, sizeof(*o));
	o->warm_up = x->warm_up;
	if (s && source.rng && source.gaps && obs_init(&o->waits, a) == 0) {
		struct blk_queue queue, *queues[] = {&queue};
		blk_queue_init(&queue, s->dev[0], 0);
		struct replay_options ro = {.mode = x->rate_per_ms > 0 ? REPLAY_OPEN : REPLAY_DEPTH,
			.depth = x->depth, .observe = observe, .observe_ctx = o};
		struct replay *r = replay_new(s->sim, &source.source, queues, NULL, 1, &ro, e);
		if (r) {
			replay_start(r);
			result = sim_run(s->sim) < 0 ? -1 : replay_verify(r, e);
		}
	}
	system_free(s);
	plan_free(p);
	return result;
}

static double mean_service_ms(const struct outcome *o)
{
	return 1e-9 * (double)(o->last_ps - o->first_ps) / (double)o->counted;
}

/* ---- drive R under load ---------------------------------------------------------------------- */

static void one_schedule(struct valid *v, const char *policy, unsigned depth, double target)
{
	static const struct {
		const char *oracle, *name;
	} names[] = {{"FCFS", "fcfs"}, {"SSTF", "sstf"}, {"LOOK", "look"}, {"CLOOK", "c-look"}, {"SPTF", "sptf"}};
	const char *scheduler = NULL;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(policy, names[i].oracle) == 0)
			scheduler = names[i].name;
	if (!scheduler)
		return; /* a policy the drive does not have */
	char name[128], set[64];
	snprintf(name, sizeof(name), "disk.drive.r.%s.depth%u.service_ms", scheduler, depth);
	snprintf(set, sizeof(set), "disk0.scheduler=%s", scheduler);
	struct experiment x = {.device = "reference-r", .set = set, .tracks = R_CYLINDERS, .spt = R_SPT,
		.sectors = R_SECTORS, .depth = depth, .requests = 440000, .warm_up = 40000};
	struct arena *a = arena_new();
	struct outcome o;
	struct err e = {0};
	if (a && perform(&x, &o, a, &e) == 0)
		valid_near(v, name, mean_service_ms(&o), target, 0.003 * target,
			"independent Monte-Carlo simulation, oracles/disk/sched.csv, 0.3%");
	else
		valid_broken(v, name, e.msg);
	arena_free(a);
}

static void schedules(struct valid *v)
{
	char path[1024], row[256], policy[32];
	unsigned depth;
	double service;
	snprintf(path, sizeof(path), "%s/oracles/disk/sched.csv", v->data ? v->data : "");
	FILE *in = v->data ? fopen(path, "r") : NULL;
	if (!in) {
		valid_skip(v, "disk.drive.r", "no reference data (--with-reference-data, or QUERN_REFERENCE_DATA)");
		return;
	}
	while (fgets(row, sizeof(row), in))
		if (sscanf(row, "%31[^,],%u,%lf", policy, &depth, &service) == 3)
			one_schedule(v, policy, depth, service);
	fclose(in);
}

/* ---- closed forms ------------------------------------------------------------------------------ */

static void random_means(struct valid *v)
{
	struct experiment x = {.device = "reference-r", .tracks = R_CYLINDERS, .spt = R_SPT,
		.sectors = R_SECTORS, .depth = 1, .requests = 2000000, .warm_up = 1000};
	struct arena *a = arena_new();
	struct outcome o;
	struct err e = {0};
	if (!a || perform(&x, &o, a, &e) < 0) {
		valid_broken(v, "disk.drive.r.means", e.msg);
	} else {
		/* integral over distance x of t(x) 2 (1 - x): 7.5625 ms for R's curve */
		valid_near(v, "disk.drive.r.seek_ms", o.seek_ms / (double)o.counted, 7.5625, 0.0076,
			"integral of the seek curve over the density 2(1-x), 0.1%");
		valid_near(v, "disk.drive.r.rotation_ms", o.rotation_ms / (double)o.counted, R_TURN_MS / 2,
			0.0067, "half a turn: 4 standard errors of 2 million uniform waits");
	}
	arena_free(a);
}

/* Poisson arrivals at one cylinder: service = uniform turn + transfer, independent. */
static void pollaczek_khinchine(struct valid *v)
{
	static const double loads[] = {0.3, 0.5, 0.7};
	static const char *const drive =
		"disk0: {model: disk, rpm: 7200 rpm, cache: {enabled: false}, seek: {table: [[1, 1 ms]]},\n"
		" geometry: {heads: 1, cylinders: 1, zones: [{first_cylinder: 0, last_cylinder: 0, sectors_per_track: 2000}]}}\n";
	double transfer = R_TURN_MS / R_SPT, turn = R_TURN_MS; /* one sector: any start, so waits are uniform */
	double mean = turn / 2 + transfer, square = turn * turn / 3 + turn * transfer + transfer * transfer;
	for (size_t i = 0; i < sizeof(loads) / sizeof(loads[0]); i++) {
		double rate = loads[i] / mean, target = rate * square / (2 * (1 - loads[i]));
		struct experiment x = {.text = drive, .tracks = 1, .spt = R_SPT, .sectors = 1,
			.rate_per_ms = rate, .requests = 4000000, .warm_up = 10000};
		struct arena *a = arena_new();
		struct outcome o;
		struct err e = {0};
		char name[64];
		snprintf(name, sizeof(name), "disk.drive.poisson.load%.1f.wait_ms", loads[i]);
		if (a && perform(&x, &o, a, &e) == 0) {
			struct batch_result b = batch_means(o.waits.mean, o.waits.count, 100, 0.95);
			double error = b.half_width / 1.984; /* t quantile of 99 degrees of freedom */
			valid_near(v, name, b.mean, target, 3.9 * error + 0.001 * target,
				"Pollaczek-Khinchine, 3.9 standard errors + 0.1%");
		} else {
			valid_broken(v, name, e.msg);
		}
		arena_free(a);
	}
}

/* Shortest positioning time first on one track: T / 2n a request as the transfer vanishes. */
static void sptf_one_track(struct valid *v)
{
	static const unsigned depths[] = {1, 4, 16};
	static const char *const drive =
		"disk0: {model: disk, rpm: 7200 rpm, queue_depth: 64, scheduler: sptf, cache: {enabled: false},\n"
		" seek: {table: [[1, 1 ms]]},\n"
		" geometry: {heads: 1, cylinders: 1, zones: [{first_cylinder: 0, last_cylinder: 0, sectors_per_track: 100000}]}}\n";
	for (size_t i = 0; i < sizeof(depths) / sizeof(depths[0]); i++) {
		struct experiment x = {.text = drive, .tracks = 1, .spt = 100000, .sectors = 1,
			.depth = depths[i], .requests = 1000000, .warm_up = 10000};
		struct arena *a = arena_new();
		struct outcome o;
		struct err e = {0};
		char name[64];
		double target = R_TURN_MS / (2 * depths[i]);
		snprintf(name, sizeof(name), "disk.drive.sptf.one_track.depth%u.service_ms", depths[i]);
		if (a && perform(&x, &o, a, &e) == 0)
			valid_near(v, name, mean_service_ms(&o), target, 0.003 * target,
				"T/2n by Little's law, 0.3%");
		else
			valid_broken(v, name, e.msg);
		arena_free(a);
	}
}

/* ---- sequential reads --------------------------------------------------------------------------- */

struct in_order {
	struct trace_source source;
	uint64_t lba, left;
	uint32_t sectors;  /* of each */
};

static int next_in_order(struct trace_source *self, time_ps now, struct trace_record *r, struct err *e)
{
	struct in_order *o = (struct in_order *)(void *)self;
	(void)e;
	if (o->left == 0)
		return 0;
	o->left--;
	*r = (struct trace_record){.arrive_ps = now, .delay_ps = -1, .response_ps = -1, .lba = o->lba,
		.sectors = o->sectors, .op = BLK_READ};
	o->lba += o->sectors;
	return 1;
}

struct span {
	time_ps begin, end;
};

static void observe_span(void *ctx, const struct blk_req *r, const struct trace_record *rec)
{
	struct span *s = ctx;
	(void)rec;
	if (s->begin < 0)
		s->begin = r->media_ps;
	s->end = r->done_ps;
}

/* From the first sector under the head to the end of `count` reads in LBN order, one after another; -1: *e. */
static time_ps read_in_order(const struct plan_input *in, uint64_t count, uint32_t sectors, struct err *e)
{
	struct plan *p = plan_load(in, e);
	struct system *s = p ? system_open_devices(p, e) : NULL;
	struct in_order source = {.source = {.next = next_in_order, .name = "reads in order"}, .left = count,
		.sectors = sectors};
	struct span span = {-1, -1};
	if (s) {
		struct blk_queue queue, *queues[] = {&queue};
		blk_queue_init(&queue, s->dev[0], 0);
		struct replay_options ro = {.mode = REPLAY_DEPTH, .depth = 1, .observe = observe_span, .observe_ctx = &span};
		struct replay *r = replay_new(s->sim, &source.source, queues, NULL, 1, &ro, e);
		if (r) {
			replay_start(r);
			sim_run(s->sim);
		}
	}
	system_free(s);
	plan_free(p);
	return span.begin < 0 ? -1 : span.end - span.begin;
}

/* One read of 400 whole cylinders of the Atlas' first zone in LBN order, the bus free. */
static void bandwidth(struct valid *v)
{
	const double heads = 6, spt = 334, track = 63, cylinder = 113, turn_s = 60 / 10025.0;
	double target = heads * spt * 512 / (heads * turn_s + ((heads - 1) * track + cylinder) * turn_s / spt);
	const char *devices[] = {TOP_SRCDIR "/devices/quantum-atlas-10k.yaml", NULL};
	/* the zone as its source has it; the device file's is calibrated */
	const char *sets[] = {"disk0.bus.read_sector=0", "disk0.cache.read_ahead=none", "disk0.rpm=10025 rpm",
		"disk0.geometry.zones=[{first_cylinder: 0, last_cylinder: 432, sectors_per_track: 334, track_skew: 63, "
		"cylinder_skew: 113}]", NULL};
	struct plan_input in = {.devices = devices, .sets = sets};
	struct err e = {0};
	const uint32_t sectors = 400 * 6 * 334;
	time_ps took = read_in_order(&in, 1, sectors, &e);
	if (took > 0)
		valid_near(v, "disk.drive.atlas10k.zone0_bytes_per_s", sectors * 512.0 / time_seconds(took),
			target, 0.001 * target, "H SPT 512 / (H T + ((H-1) s_track + s_cyl) T/SPT), 0.1%");
	else
		valid_broken(v, "disk.drive.atlas10k.zone0_bytes_per_s", e.msg);
}

/*
 * Whole tracks read one after another, a command each, with a head switch and a command's overhead between
 * them. The skew that just covers both costs its own angle; with one sector less the first sector
 * has gone by, and each track costs a whole turn more.
 */
static void optimal_skew(struct valid *v)
{
	const double turn_ms = 6, switch_ms = 0.8, overhead_ms = 0.3, spt = 500, tracks = 8;
	const int best = (int)ceil((switch_ms + overhead_ms) / turn_ms * spt);
	for (int short_by = 0; short_by < 2; short_by++) {
		char text[1024], name[64];
		int skew = best - short_by;
		snprintf(text, sizeof(text),
			"disk0: {model: disk, rpm: 10000 rpm, head_switch: 0.8 ms, cache: {enabled: false}, "
			"seek: {table: [[1, 1 ms]]}, overhead: {read_miss_after_read: 0.3 ms}, bus: {read_sector: 0}, "
			"geometry: {heads: 8, cylinders: 1, zones: [{first_cylinder: 0, last_cylinder: 0, "
			"sectors_per_track: 500, track_skew: %d}]}}\n", skew);
		snprintf(name, sizeof(name), "disk.drive.skew.%s_ms", short_by ? "one_less" : "optimal");
		struct plan_input in = {.text = text};
		struct err e = {0};
		time_ps took = read_in_order(&in, (uint64_t)tracks, (uint32_t)spt, &e);
		double target = turn_ms * (tracks + (tracks - 1) * (skew / spt + short_by));
		if (took > 0)
			valid_near(v, name, 1e-9 * (double)took, target, 1e-6 * target,
				"8 tracks, skew ceil((t_switch + overhead) / T SPT) sectors; one less: a turn a track more");
		else
			valid_broken(v, name, e.msg);
	}
}

void valid_drive(struct valid *v)
{
	random_means(v);
	pollaczek_khinchine(v);
	sptf_one_track(v);
	bandwidth(v);
	optimal_skew(v);
	schedules(v);
}
