/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The summary as JSON. Field names of a job are fio's, where fio has the thing. A failed
 * allocation makes json_object_set_new() fail; `bad` of the writer remembers it, so that
 * the code reads as the document does.
 */
#include "config.h"

#include <math.h>
#include <string.h>

#include "blk/space.h"
#include "run/summary.h"

struct writer {
	json_t *at; /* the object being filled, borrowed */
	bool *bad;
};

static void put(struct writer w, const char *key, json_t *value)
{
	if (json_object_set_new(w.at, key, value) < 0)
		*w.bad = true;
}

static void put_real(struct writer w, const char *key, double v)
{
	put(w, key, isfinite(v) ? json_real(v) : json_null());
}

static void put_int(struct writer w, const char *key, uint64_t v)
{
	put(w, key, json_integer((json_int_t)v));
}

static void put_text(struct writer w, const char *key, const char *v)
{
	put(w, key, v ? json_string(v) : json_null());
}

static void put_bool(struct writer w, const char *key, bool v)
{
	put(w, key, json_boolean(v));
}

static void put_ns(struct writer w, const char *key, time_ps v)
{
	put_real(w, key, (double)v / (double)PS_PER_NS);
}

/* A new object under a key. */
static struct writer object(struct writer w, const char *key)
{
	json_t *o = json_object();
	put(w, key, o);
	return (struct writer){o, w.bad};
}

/* A new object at the end of an array. */
static struct writer element(json_t *array, bool *bad)
{
	json_t *o = json_object();
	if (json_array_append_new(array, o) < 0)
		*bad = true;
	return (struct writer){o, bad};
}

/* ---- jobs, as fio prints them ------------------------------------------------------------- */

static struct writer put_latency(struct writer w, const char *key, const struct tally *t)
{
	struct writer l = object(w, key);
	put_ns(l, "min", t->count ? t->min : 0);
	put_ns(l, "max", t->count ? t->max : 0);
	put_real(l, "mean", tally_mean(t) / (double)PS_PER_NS);
	put_real(l, "stddev", tally_stddev(t) / (double)PS_PER_NS);
	put_int(l, "N", t->count);
	return l;
}

static void put_percentiles(struct writer w, const struct hist *h)
{
	/* fio's default list */
	static const struct {
		const char *key;
		double q;
	} list[] = {
		{"1.000000", .01}, {"5.000000", .05}, {"10.000000", .10}, {"20.000000", .20},
		{"30.000000", .30}, {"40.000000", .40}, {"50.000000", .50}, {"60.000000", .60},
		{"70.000000", .70}, {"80.000000", .80}, {"90.000000", .90}, {"95.000000", .95},
		{"99.000000", .99}, {"99.500000", .995}, {"99.900000", .999}, {"99.950000", .9995},
		{"99.990000", .9999},
	};
	struct writer p = object(w, "percentile");
	for (size_t i = 0; i < sizeof(list) / sizeof(*list); i++)
		put_ns(p, list[i].key, hist_quantile(h, list[i].q));
}

static void put_direction(struct writer job, const struct summary *m, enum observe_class c)
{
	const struct observe_dir *d = &m->observe->dir[c];
	struct writer w = object(job, observe_class_name(c));
	put_int(w, "io_bytes", d->bytes);
	put_int(w, "io_kbytes", d->bytes >> 10);
	put_real(w, "bw_bytes", summary_bytes_per_s(m, c));
	put_real(w, "bw", summary_bytes_per_s(m, c) / 1024.0);
	put_real(w, "iops", summary_iops(m, c));
	put_real(w, "runtime", time_seconds(m->measured_ps) * 1e3);
	put_int(w, "total_ios", d->lat.exact.count);
	put_latency(w, "slat_ns", &d->slat);
	put_percentiles(put_latency(w, "clat_ns", &d->clat.exact), &d->clat);
	put_percentiles(put_latency(w, "lat_ns", &d->lat.exact), &d->lat);
}

static void put_jobs(struct writer w, const struct summary *m)
{
	json_t *jobs = json_array();
	put(w, "jobs", jobs);
	struct writer job = element(jobs, w.bad);
	put_text(job, "jobname", system_drive_name(m->system));
	put_int(job, "error", m->observe->failed);
	for (int c = 0; c < OBSERVE_CLASSES; c++)
		put_direction(job, m, c);
	put_real(job, "iodepth_mean", m->depth_mean);
	put_int(job, "iodepth_max", m->depth_max);
}

/* ---- devices -------------------------------------------------------------------------------- */

static void put_report(void *ctx, const char *name, double value, const char *unit)
{
	struct writer *w = ctx;
	struct writer v = object(*w, name);
	put_real(v, "value", value);
	put_text(v, "unit", unit);
}

static void put_split(struct writer w, const struct blk_dev_stats *s)
{
	struct writer split = object(w, "per_request_ns");
	double n = s->completed ? (double)s->completed * (double)PS_PER_NS : 1.0;
	put_real(split, "overhead", (double)s->overhead_ps / n);
	put_real(split, "seek", (double)s->seek_ps / n);
	put_real(split, "rotation", (double)s->rotation_ps / n);
	put_real(split, "transfer", (double)s->transfer_ps / n);
	put_real(split, "bus", (double)s->bus_ps / n);
}

static void put_steady(struct writer w, const char *key, const struct device_steady *d)
{
	if (d->windows == 0) {
		put(w, key, json_null());
		return;
	}
	struct writer o = object(w, key), snia;
	put_int(o, "windows", d->windows);
	put_bool(o, "settled", d->settled);
	if (d->settled)
		put_ns(o, "from_ns", d->from_ps);
	else
		put(o, "from_ns", json_null());
	if (!d->snia.applies) {
		put(o, "snia", json_null());
		return;
	}
	snia = object(o, "snia");
	put_bool(snia, "steady", d->snia.reached);
	put_int(snia, "round", d->snia.round);
	put_real(snia, "mean", d->snia.mean);
	put_real(snia, "range", d->snia.range);
	put_real(snia, "slope_excursion", d->snia.excursion);
}

static void put_series(struct writer w, const struct device_series *s)
{
	struct writer o = object(w, "steady_state");
	const struct device_steady bytes = device_series_throughput(s), ratio = device_series_ratio(s);
	put_steady(o, "throughput", &bytes);
	put_steady(o, "write_amplification", &ratio);
}

/* Where requests wait for it: the queue of the device itself. Of one with namespaces the mean is theirs together, and how many
 * there were at most, nobody has counted. */
static void put_outstanding(struct writer w, const struct summary *m, const struct blk_dev *dev)
{
	const struct system *s = m->system;
	double mean = 0;
	for (size_t i = 0; i < s->count; i++) {
		const struct blk_space *n = blk_space_of(s->dev[i]);
		if (s->dev[i] == dev) {
			put_real(w, "outstanding_mean", summary_depth_mean(m, i));
			put_int(w, "outstanding_max", summary_depth_max(m, i));
			return;
		}
		if (n && n->device == dev)
			mean += summary_depth_mean(m, i);
	}
	put_real(w, "outstanding_mean", mean);
	put(w, "outstanding_max", json_null());
}

static void put_hits(struct writer w, const struct blk_dev_stats *s)
{
	put_int(w, "submitted", s->submitted);
	put_int(w, "completed", s->completed);
	put_int(w, "read_hits", s->reads_by_hit[BLK_HIT]);
	put_int(w, "read_partial_hits", s->reads_by_hit[BLK_HIT_PARTIAL]);
	put_int(w, "read_misses", s->reads_by_hit[BLK_MISS]);
	put_int(w, "write_hits", s->writes_by_hit[BLK_HIT]);
	put_int(w, "write_misses", s->writes_by_hit[BLK_MISS]);
	put_int(w, "unwritten_sectors_read", s->unwritten_sectors);
	put_int(w, "host_read_bytes", s->host_read_sectors * SECTOR_BYTES);
	put_int(w, "host_write_bytes", s->host_write_sectors * SECTOR_BYTES);
}

static void put_namespaces(struct writer w, const struct summary *m, const struct blk_dev *dev)
{
	const struct system *s = m->system;
	json_t *list = json_array();
	put(w, "namespaces", list);
	for (size_t i = 0; i < s->count; i++) {
		const struct blk_space *n = blk_space_of(s->dev[i]);
		if (!n || n->device != dev)
			continue;
		struct writer o = element(list, w.bad);
		put_text(o, "name", n->dev.name);
		put_int(o, "nsid", n->nsid);
		put_int(o, "capacity_bytes", n->dev.sectors * SECTOR_BYTES);
		put_hits(o, &n->dev.stats);
		put_outstanding(o, m, &n->dev);
		put_percentiles(put_latency(o, "read_lat_ns", &n->read.exact), &n->read);
		put_percentiles(put_latency(o, "write_lat_ns", &n->write.exact), &n->write);
	}
}

static void put_device(struct writer w, const struct summary *m, size_t i)
{
	const struct blk_dev *dev = m->system->device[i];
	struct blk_identity identity = {0}, *id = &identity;
	const struct blk_dev_stats *s = &dev->stats;
	struct blk_dev_status status = {0};
	dev->ops->identify(dev, id);
	dev->ops->status(dev, &status);
	time_ps now = m->system->sim->now_ps;
	put_text(w, "name", dev->name);
	put_text(w, "kind", id->kind);
	put_text(w, "model", id->model);
	put_int(w, "capacity_bytes", id->sectors * SECTOR_BYTES);
	put_int(w, "queue_depth", id->queue_depth);
	put_real(w, "utilisation", now > 0 ? (double)s->busy_ps / (double)now : 0.0);
	put_hits(w, s);
	put_int(w, "media_read_bytes", s->media_read_sectors * SECTOR_BYTES);
	put_int(w, "media_write_bytes", s->media_write_sectors * SECTOR_BYTES);
	put_int(w, "dirty_bytes_at_end", status.dirty_sectors * SECTOR_BYTES);
	put_outstanding(w, m, dev);
	put_split(w, s);
	put_namespaces(w, m, dev);
	if (i < m->observe->device_count)
		put_series(w, &m->observe->device[i]);
	struct writer report = object(w, "report");
	if (dev->ops->report)
		dev->ops->report(dev, put_report, &report);
}

/* ---- how it was driven ------------------------------------------------------------------------ */

static void put_statuses(struct writer w, const struct replay_counts *c)
{
	struct writer s = object(w, "status");
	for (int i = 0; i < BLK_STATUS_COUNT; i++)
		put_int(s, blk_status_name(i), c->by_status[i]);
}

static void put_trace(struct writer w, const struct summary *m)
{
	const struct trace_reader *r = m->system->reader;
	if (!r) {
		put(w, "trace", json_null());
		return;
	}
	struct writer t = object(w, "trace");
	put_text(t, "file", m->plan->replay.trace);
	put_text(t, "format", trace_reader_format(r)->name);
	put_text(t, "format_why", trace_reader_why(r));
	put_int(t, "lines", trace_reader_lines(r));
	put_int(t, "lines_without_request", trace_reader_skipped(r));
	json_t *devices = json_array();
	put(t, "devices", devices);
	for (uint32_t i = 0; i < OBSERVE_TRACE_DEVICES; i++)
		if (observe_saw_device(m->observe, i) &&
		    json_array_append_new(devices, json_integer(i)) < 0)
			*t.bad = true;
}

static void put_causes(struct writer w, const struct summary *m)
{
	struct writer causes = object(w, "bytes_by_cause");
	for (int i = 0; i < BLK_CAUSE_COUNT; i++)
		put_int(causes, blk_cause_name(i), m->observe->cause_bytes[i]);
	struct writer written = object(w, "written_by_cause");
	for (int i = 0; i < BLK_CAUSE_COUNT; i++)
		put_int(written, blk_cause_name(i), m->observe->cause_written[i]);
}

static void put_replay(struct writer w, const struct summary *m)
{
	if (m->system->hosts) {
		put(w, "replay", json_null());
		return;
	}
	const struct replay_counts *c = replay_counts(m->system->replay);
	struct writer r = object(w, "replay");
	put_text(r, "mode", replay_mode_choices[m->system->mode].name);
	put(r, "depth", m->system->depth ? json_integer(m->system->depth) : json_null());
	put_trace(r, m);
	put_int(r, "issued", c->issued);
	put_int(r, "completed", c->completed);
	put_int(r, "warm_up_requests", m->observe->skipped);
	struct writer range = object(r, "out_of_range");
	put_text(range, "policy", replay_range_choices[m->plan->replay.range].name);
	put_int(range, "wrapped", c->wrapped);
	put_int(range, "scaled", c->scaled);
	put_int(range, "clipped", c->clipped);
	put_int(range, "dropped", c->dropped);
	put_int(r, "unmapped_dropped", c->unmapped);
	put_statuses(r, c);
	if (m->system->mode == REPLAY_OPEN)
		put_latency(r, "lateness_ns", &c->lateness_ps);
	else
		put(r, "lateness_ns", json_null());
	put_causes(r, m);
}

/* Into an array. */
static void put_note(void *ctx, const char *text)
{
	const struct writer *w = ctx;
	if (json_array_append_new(w->at, json_string(text)) < 0)
		*w->bad = true;
}

/* "kept", or the sentence of what was not; null where nothing put it to the test. */
static void put_contract(struct writer w, const struct hosts *h, size_t i)
{
	struct err why = {0};
	switch (hosts_contract(h, i, &why)) {
	case SCENARIO_UNTRIED:
		put(w, "contract", json_null());
		return;
	case SCENARIO_KEPT:
		put_text(w, "contract", "kept");
		return;
	case SCENARIO_BROKEN:
		put_text(w, "contract", why.msg);
	}
}

/* Who wanted which page when memory ran out for the first time; null where it did not. */
static void put_memory(struct writer w, const struct hosts *h, size_t i)
{
	char first[HOSTS_MEMORY_BYTES];
	if (hosts_out_of_memory(h, i, first, sizeof(first)) > 0)
		put_text(w, "out_of_memory", first);
	else
		put(w, "out_of_memory", json_null());
}

/* What the hosts tell of themselves. */
static void put_scenario(struct writer w, const struct summary *m)
{
	const struct hosts *h = m->system->hosts;
	if (!h) {
		put(w, "scenario", json_null());
		return;
	}
	struct writer o = object(w, "scenario");
	put_text(o, "kind", hosts_kind(h)->name);
	put_causes(o, m);
	struct writer notes = {json_array(), w.bad};
	put(o, "notes", notes.at);
	hosts_notes(h, put_note, &notes);
	json_t *hosts = json_array();
	put(o, "hosts", hosts);
	for (size_t i = 0; i < hosts_count(h); i++) {
		struct writer host = element(hosts, w.bad);
		put_text(host, "device", m->system->dev[i]->name);
		put_contract(host, h, i);
		put_memory(host, h, i);
		struct writer report = object(host, "report");
		hosts_kind(h)->report(hosts_scenario(h, i), put_report, &report);
	}
}

static void put_tail(struct writer w, const struct summary *m)
{
	const struct tail *t = &m->observe->tail;
	if (!t->row) {
		put(w, "tail", json_null());
		return;
	}
	const struct tail_figures f = tail_figures(t);
	struct writer o = object(w, "tail");
	put_int(o, "requests", f.requests);
	put_int(o, "told", f.told);
	put_ns(o, "from_ns", f.least_ps);
	put_real(o, "mean_ns", f.latency_ps / (double)PS_PER_NS);
	if (f.latency_ps <= 0) {
		put(o, "share", json_null());
		return;
	}
	struct writer share = object(o, "share");
	for (unsigned k = 0; k < t->parts; k++)
		put_real(share, t->name[k], f.part_ps[k] / f.latency_ps);
}

/* ---- what it is worth --------------------------------------------------------------------------- */

static void put_statistics(struct writer w, const struct summary *m)
{
	struct writer s = object(w, "statistics");
	put_text(s, "warm_up", m->plan->stats.warm_up_text);
	put(s, "warm_up_settled", m->plan->stats.warm_up == WARM_UP_MSER5 ?
		json_boolean(m->cut.settled) : json_null());
	put_int(s, "interval_left_out_requests", m->cut_requests);
	put_real(s, "mean_ns", m->interval.mean);
	put_real(s, "half_width_ns", m->interval.half_width);
	put_real(s, "confidence", m->plan->stats.confidence);
	put_int(s, "batches", m->interval.batches);
	put_int(s, "batch_requests", m->interval_batch);
	put_real(s, "lag1", m->interval.lag1);
}

static void put_figures(struct writer w, const char *key, const struct demerit_figures *f)
{
	struct writer o = object(w, key);
	put_int(o, "rows", f->rows);
	put_real(o, "simulated_mean_ms", f->simulated_mean_ms);
	put_real(o, "measured_mean_ms", f->measured_mean_ms);
	put_real(o, "demerit_ms", f->demerit_ms);
	put_real(o, "per_request_rms_ms", f->rms_ms);
	put_real(o, "per_request_median_abs_ms", f->median_abs_ms);
}

static void put_measured(struct writer w, const struct summary *m)
{
	if (!m->has_measured) {
		put(w, "measured", json_null());
		return;
	}
	struct writer o = object(w, "measured");
	put_int(o, "rows_seen", m->observe->demerit.seen);
	put_figures(o, "whole", &m->whole);
	put_figures(o, "first_half", &m->first_half);
	put_figures(o, "second_half", &m->second_half);
}

static void put_power_cut(struct writer w, const struct summary *m)
{
	const struct power_cut *c = m->system->cut;
	if (!c || !c->happened) {
		put(w, "power_cut", json_null());
		return;
	}
	struct writer o = object(w, "power_cut");
	put_ns(o, "at_ns", c->at_ps);
	put_int(o, "lost_sectors", c->lost_sectors);
	put_int(o, "in_flight_sectors", c->in_flight_sectors);
	if (c->oldest_ps >= 0)
		put_ns(o, "oldest_age_ns", c->at_ps - c->oldest_ps);
	else
		put(o, "oldest_age_ns", json_null());
}

static void put_checks(struct writer w, const struct summary *m)
{
	struct writer c = object(w, "checks");
	put_bool(c, "conservation", m->checks_held);
	put(c, "littles_law", m->little_applies ? json_boolean(m->checks_held) : json_null());
	put_real(c, "depth_mean", m->depth_mean);
	put_real(c, "throughput_times_latency", m->depth_from_latency);
}

json_t *summary_json(const struct summary *m)
{
	bool bad = false;
	json_t *doc = json_object();
	struct writer w = {doc, &bad};
	put_text(w, "quern_version", PACKAGE_VERSION);
	put_int(w, "schema", SUMMARY_SCHEMA);
	put_bool(w, "partial", m->partial);
	put_text(w, "partial_reason", m->partial_reason);
	put_int(w, "seed", (uint64_t)m->plan->seed);
	put_ns(w, "simulated_ns", m->end_ps);
	put_ns(w, "measured_from_ns", m->observe->from_ps);
	put_jobs(w, m);
	json_t *devices = json_array();
	put(w, "devices", devices);
	for (size_t i = 0; i < m->system->devices; i++)
		put_device(element(devices, &bad), m, i);
	put_replay(w, m);
	put_scenario(w, m);
	put_tail(w, m);
	put_statistics(w, m);
	put_measured(w, m);
	put_power_cut(w, m);
	put_checks(w, m);
	if (bad) {
		json_decref(doc);
		return NULL;
	}
	return doc;
}

/* What is gathered on its way to a stream: the pieces are a few bytes each. */
struct gather {
	FILE *out;
	size_t bytes;
	char text[1 << 14];
};

static int gather_flush(struct gather *g)
{
	bool bad = fwrite(g->text, 1, g->bytes, g->out) != g->bytes;
	g->bytes = 0;
	return bad ? -1 : 0;
}

static int gather_piece(const char *piece, size_t bytes, void *ctx)
{
	struct gather *g = ctx;
	if (bytes > sizeof(g->text) - g->bytes && gather_flush(g) < 0)
		return -1;
	if (bytes > sizeof(g->text))
		return fwrite(piece, 1, bytes, g->out) == bytes ? 0 : -1;
	memcpy(g->text + g->bytes, piece, bytes);
	g->bytes += bytes;
	return 0;
}

int summary_json_write(const json_t *doc, FILE *out)
{
	struct gather g;
	g.out = out;
	g.bytes = 0;
	if (json_dump_callback(doc, gather_piece, &g, JSON_INDENT(2) | JSON_REAL_PRECISION(SUMMARY_DIGITS)) < 0 ||
	    gather_piece("\n", 1, &g) < 0)
		return -1;
	return gather_flush(&g);
}
