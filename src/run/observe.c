/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The replay's observer: counts each completed request once. */
#include "run/observe.h"

#include <inttypes.h>
#include <string.h>

#include "run/reqlog.h"
#include "run/timeline_file.h"

static const uint8_t class_of[BLK_OP_COUNT] = {
	[BLK_READ] = OBSERVE_READ,
	[BLK_WRITE] = OBSERVE_WRITE,
	[BLK_WRITE_ZEROES] = OBSERVE_WRITE,
	[BLK_ZONE_APPEND] = OBSERVE_WRITE,
	[BLK_TRIM] = OBSERVE_TRIM,
	[BLK_FLUSH] = OBSERVE_SYNC,
	[BLK_ZONE_OPEN] = OBSERVE_SYNC,
	[BLK_ZONE_CLOSE] = OBSERVE_SYNC,
	[BLK_ZONE_FINISH] = OBSERVE_SYNC,
	[BLK_ZONE_RESET] = OBSERVE_SYNC,
};

static const uint8_t series_class_of[OBSERVE_CLASSES] = {
	[OBSERVE_READ] = SERIES_READ,
	[OBSERVE_WRITE] = SERIES_WRITE,
	[OBSERVE_TRIM] = SERIES_OTHER,
	[OBSERVE_SYNC] = SERIES_OTHER,
};

const char *observe_class_name(enum observe_class c)
{
	static const char *const names[OBSERVE_CLASSES] = {"read", "write", "trim", "sync"};
	return names[c];
}

size_t observe_trace_devices(const struct observe *o)
{
	size_t n = 0;
	for (size_t i = 0; i < OBSERVE_TRACE_DEVICES / 64; i++)
		n += (size_t)__builtin_popcountll(o->trace_device[i]);
	return n;
}

bool observe_saw_device(const struct observe *o, uint32_t device)
{
	return device < OBSERVE_TRACE_DEVICES && o->trace_device[device / 64] >> device % 64 & 1;
}

const char *observe_part_name(enum observe_part p)
{
	static const char *const names[OBSERVE_PARTS] = {
		[PART_OVERHEAD] = "overhead", [PART_SEEK] = "seek", [PART_ROTATION] = "rotation",
		[PART_TRANSFER] = "transfer", [PART_BUS] = "bus", [PART_DISTANCE] = "seek_distance",
		[PART_DEPTH] = "queue_depth",
	};
	return names[p];
}

void observe_part_csv(const struct observe *o, enum observe_part p, FILE *out)
{
	const char *unit_name = p == PART_DEPTH ? "requests" : p == PART_DISTANCE ? "cylinders" : "us";
	double unit = p == PART_DEPTH || p == PART_DISTANCE ? 1.0 : (double)PS_PER_US;
	fprintf(out, "low_%s,high_%s,count\n", unit_name, unit_name);
	for (size_t i = 0; i < LOGLIN_BUCKETS(OBSERVE_PART_BITS); i++) {
		if (!o->part[p][i])
			continue;
		uint64_t low = loglin_low(i, OBSERVE_PART_BITS);
		fprintf(out, "%.15g,%.15g,%" PRIu64 "\n", (double)low / unit,
			(double)(low + loglin_width(i, OBSERVE_PART_BITS)) / unit, o->part[p][i]);
	}
}

void observe_split_csv(const struct observe *o, FILE *out)
{
	fputs("op,hit,requests,latency_us,overhead_us,seek_us,rotation_us,transfer_us,bus_us\n", out);
	for (int w = 0; w < 2; w++)
		for (int h = 0; h <= BLK_HIT_NONE; h++) {
			const struct observe_split *s = &o->split[w][h];
			if (!s->requests)
				continue;
			double n = (double)s->requests * (double)PS_PER_US;
			fprintf(out, "%s,%s,%" PRIu64 ",%.6f,%.6f,%.6f,%.6f,%.6f,%.6f\n", w ? "write" : "read",
				blk_hit_name((enum blk_hit)h), s->requests, (double)s->latency_ps / n,
				(double)s->overhead_ps / n, (double)s->seek_ps / n, (double)s->rotation_ps / n,
				(double)s->transfer_ps / n, (double)s->bus_ps / n);
		}
}

int observe_init(struct observe *o, struct arena *a, const struct plan_stats *stats,
	FILE *series_out)
{
	memset(o, 0, sizeof(*o));
	demerit_init(&o->demerit);
	residuals_init(&o->residuals);
	o->device_next_ps = TIME_PS_MAX;
	o->tail.least_ps = TIME_PS_MAX;
	o->warm_up = stats->warm_up;
	o->warm_up_value = stats->warm_up_value;
	o->warming = (o->warm_up == WARM_UP_TIME || o->warm_up == WARM_UP_REQUESTS) &&
		o->warm_up_value > 0;
	for (int p = 0; p < OBSERVE_PARTS; p++) {
		o->part[p] = arena_array(a, LOGLIN_BUCKETS(OBSERVE_PART_BITS), sizeof(*o->part[p]));
		if (!o->part[p])
			return -1;
	}
	o->arena = a;
	o->series = series_new(a, stats->window_ps, series_out);
	return o->series && obs_init(&o->store, a) == 0 && sample_init(&o->sample, a) == 0 ? 0 : -1;
}

int observe_devices(struct observe *o, struct arena *a, struct blk_dev *const *dev, size_t count, time_ps window_ps)
{
	o->device = arena_array(a, count, sizeof(*o->device));
	if (!o->device)
		return -1;
	for (; o->device_count < count; o->device_count++)
		if (device_series_init(&o->device[o->device_count], a, dev[o->device_count], window_ps) < 0)
			return -1;
	o->device_next_ps = window_ps;
	return tail_init(&o->tail, a, dev, count);
}

static void sample_devices(struct observe *o)
{
	for (size_t i = 0; i < o->device_count; i++)
		device_series_take(&o->device[i]);
	o->device_next_ps = o->device[0].next_ps;
}

void observe_free(struct observe *o)
{
	demerit_free(&o->demerit);
	residuals_free(&o->residuals);
}

/* Whether this completion still belongs to the stated warm-up. */
static bool is_warm_up(struct observe *o, const struct blk_req *r)
{
	if (o->warm_up == WARM_UP_TIME ? r->done_ps < o->warm_up_value
				       : o->skipped < (uint64_t)o->warm_up_value) {
		o->skipped++;
		o->from_ps = r->done_ps;
		return true;
	}
	if (o->warm_up == WARM_UP_TIME)
		o->from_ps = o->warm_up_value;
	o->warming = false;
	return false;
}

static inline void add_part(struct observe *o, enum observe_part p, int64_t value)
{
	o->part[p][loglin_index((uint64_t)value, OBSERVE_PART_BITS)]++;
}

static inline void add_parts(struct observe *o, const struct blk_req *r)
{
	if (r->media_ps < 0)
		return;
	add_part(o, PART_OVERHEAD, r->overhead_ps);
	add_part(o, PART_SEEK, r->seek_ps);
	add_part(o, PART_ROTATION, r->rotation_ps);
	add_part(o, PART_TRANSFER, r->transfer_ps);
	add_part(o, PART_BUS, r->bus_ps);
	if (r->place != BLK_NO_PLACE)
		add_part(o, PART_DISTANCE, r->seek_distance);
}

static inline void add_split(struct observe *o, const struct blk_req *r, bool write, time_ps lat)
{
	struct observe_split *s = &o->split[write][r->hit];
	s->requests++;
	s->latency_ps += lat;
	s->overhead_ps += r->overhead_ps;
	s->seek_ps += r->seek_ps;
	s->rotation_ps += r->rotation_ps;
	s->transfer_ps += r->transfer_ps;
	s->bus_ps += r->bus_ps;
}

static void add_measured(struct observe *o, time_ps lat, const struct trace_record *rec)
{
	o->has_measured = true;
	if (demerit_add(&o->demerit, lat, rec->response_ps) < 0)
		o->out_of_memory = true;
}

static bool begin_dir(struct observe *o, struct observe_dir *d)
{
	if (hist_init(&d->same, o->arena) == 0 && hist_init(&d->lat, o->arena) == 0 && hist_init(&d->clat, o->arena) == 0)
		return true;
	d->same.bucket = NULL;
	o->out_of_memory = true;
	return false;
}

void observe_request(void *ctx, const struct blk_req *r, const struct trace_record *rec)
{
	struct observe *o = ctx;
	time_ps lat = r->done_ps - r->arrive_ps;
	time_ps slat = r->submit_ps - r->arrive_ps;
	enum observe_class c = class_of[r->op];
	uint64_t bytes = blk_op_has_range(r->op) ? (uint64_t)r->sectors * SECTOR_BYTES : 0;
	int64_t depth = 1;
	for (size_t i = 0; i < o->queue_count; i++)
		depth += o->queue ? o->queue[i]->outstanding.value : o->dev[i]->inside;

	o->seen++;
	o->all_ps += lat;
	series_add(o->series, r->done_ps, series_class_of[c], bytes, lat, (uint32_t)depth);
	if (r->done_ps >= o->device_next_ps)
		sample_devices(o);
	if (rec->device < OBSERVE_TRACE_DEVICES)
		o->trace_device[rec->device / 64] |= UINT64_C(1) << rec->device % 64;
	if (o->log)
		reqlog_row(o->log, r, rec);
	if (__builtin_expect(o->timeline != NULL, 0))
		timeline_file_levels(o->timeline);
	sample_add(&o->sample, r);
	if (rec->response_ps >= 0)
		add_measured(o, lat, rec);
	if (o->has_measured && residuals_add(&o->residuals, r, rec, rec->response_ps >= 0) < 0)
		o->out_of_memory = true;
	if (o->warming && is_warm_up(o, r))
		return;
	if (r->status != BLK_OK) {
		o->failed++;
		return;
	}
	tail_add(&o->tail, r, lat, o->seen);
	struct observe_dir *d = &o->dir[c];
	if (__builtin_expect(!d->same.bucket, 0) && !begin_dir(o, d))
		return;
	if (slat == 0) {
		hist_add(&d->same, lat);
	} else {
		hist_add(&d->lat, lat);
		hist_add(&d->clat, lat - slat);
		tally_add(&d->slat, slat);
	}
	d->bytes += bytes;
	add_part(o, PART_DEPTH, depth);
	o->hit[r->hit]++;
	if (c == OBSERVE_READ || c == OBSERVE_WRITE) /* a trim carries no data */
		o->cause_bytes[r->cause] += bytes;
	if (c == OBSERVE_WRITE)
		o->cause_written[r->cause] += bytes;
	o->unwritten_sectors += r->unwritten;
	obs_add(&o->store, (double)lat);
	add_parts(o, r);
	if (c == OBSERVE_READ || c == OBSERVE_WRITE)
		add_split(o, r, c == OBSERVE_WRITE, lat);
}

void observe_finish(struct observe *o, time_ps end)
{
	series_close(o->series, end);
	for (size_t i = 0; i < o->device_count; i++)
		device_series_close(&o->device[i]);
	uint64_t requests = 0;
	for (int c = 0; c < OBSERVE_CLASSES; c++) {
		struct observe_dir *d = &o->dir[c];
		hist_merge(&d->lat, &d->same);
		hist_merge(&d->clat, &d->same);
		requests += d->lat.exact.count;
		uint64_t zeros = d->same.exact.count;
		d->slat.count += zeros;
		if (zeros)
			d->slat.min = 0;
	}
	tail_finish(&o->tail, requests);
}
