/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a probe found: a page for people, JSON, and CSV files for plots. */
#include <inttypes.h>
#include <string.h>

#include "run/probe_private.h"
#include "run/show.h"
#include "run/summary.h"

/* ---- text ------------------------------------------------------------------------------------ */

static void put_value(const struct probe_figure *f, double v, char *out, size_t bytes)
{
	struct show show = {0};
	if (!isfinite(v))
		snprintf(out, bytes, "-");
	else if (!strcmp(f->unit, "yes"))
		snprintf(out, bytes, v != 0 ? "yes" : "no");
	else if (!strcmp(f->unit, "B/s"))
		snprintf(out, bytes, "%s", show_rate(&show, v));
	else if (!strcmp(f->unit, "ms"))
		snprintf(out, bytes, "%.6g ms", v);
	else if (v > -1e-9 && v < 1e18 && fabs(v - nearbyint(v)) <= 1e-9 * (1 + v))
		snprintf(out, bytes, "%s%s%s", show_count(&show, (uint64_t)nearbyint(fabs(v))), *f->unit ? " " : "",
			f->unit);
	else
		snprintf(out, bytes, "%.6g%s%s", v, *f->unit ? " " : "", f->unit);
}

void probe_text(const struct probe_result *r, FILE *out)
{
	struct show s = {0};
	const struct blk_identity *id = &r->system->identity[0];
	fprintf(out, "%s: %s, measured from outside with %s requests in %s of simulated time\n\n", id->model,
		show_bytes(&s, (double)id->sectors * SECTOR_BYTES), show_count(&s, r->requests),
		show_time(&s, r->simulated_s * 1e12));
	if (*r->past)
		fprintf(out, "past: %s\n\n", r->past);
	fprintf(out, "  %-38s %18s %18s\n", "", "measured", "configured");
	for (size_t i = 0; i < r->figure_count; i++) {
		const struct probe_figure *f = &r->figure[i];
		char measured[64], configured[64];
		put_value(f, f->measured, measured, sizeof(measured));
		put_value(f, f->configured, configured, sizeof(configured));
		fprintf(out, "  %-38s %18s %18s\n", f->text, measured, configured);
		if (f->note)
			fprintf(out, "    (%s)\n", f->note);
	}
}

/* ---- JSON -------------------------------------------------------------------------------------- */

static json_t *number(double v)
{
	if (!isfinite(v))
		return json_null();
	return v == nearbyint(v) && fabs(v) < 1e15 ? json_integer((json_int_t)v) : json_real(v);
}

static json_t *figure_json(const struct probe_figure *f)
{
	return json_pack("{s:s, s:o, s:o, s:s, s:s, s:s*}", "what", f->text, "measured", number(f->measured),
		"configured", number(f->configured), "unit", strcmp(f->unit, "yes") ? f->unit : "0 or 1", "method",
		f->method, "note", f->note);
}

int probe_json(const struct probe_result *r, FILE *out)
{
	const struct blk_identity *id = &r->system->identity[0];
	json_t *figures = json_object();
	json_t *doc = json_pack("{s:s, s:s, s:I, s:I, s:f, s:I, s:s*, s:o}", "device", r->system->dev[0]->name, "model",
		id->model, "sectors", (json_int_t)id->sectors, "requests", (json_int_t)r->requests, "simulated_s",
		r->simulated_s, "seed", (json_int_t)r->plan->seed, "past", *r->past ? r->past : NULL, "figures", figures);
	bool bad = !doc;
	for (size_t i = 0; i < r->figure_count && !bad; i++)
		bad = json_object_set_new(figures, r->figure[i].key, figure_json(&r->figure[i])) < 0;
	if (!bad)
		summary_json_write(doc, out);
	json_decref(doc);
	return bad ? -1 : 0;
}

/* ---- CSV ---------------------------------------------------------------------------------------- */

/* NaN is an empty field. */
static void put(FILE *out, double v, const char *end)
{
	if (isfinite(v))
		fprintf(out, "%.9g", v);
	fputs(end, out);
}

/* NaN: there is no such figure, or it is not configured. */
static double configured(const struct probe_result *r, const char *key)
{
	const struct probe_figure *f = probe_figure_find(r, key);
	return f ? f->configured : NAN;
}

/* Each interval beside the configured turns nearest to it. */
static void write_turns(const struct probe_result *r, FILE *out)
{
	const struct probe_turn *t = r->turns.row;
	double turn = configured(r, "rotation_ms");
	fputs("pause_ms,interval_ms,configured_ms\n", out);
	for (size_t i = 0; i < r->turns.count; i++) {
		fprintf(out, "%.6f,%.9f,", t[i].pause_ms, t[i].interval_ms);
		put(out, turn * nearbyint(t[i].interval_ms / turn), "\n");
	}
}

static void write_zones(const struct probe_result *r, FILE *out)
{
	const struct probe_zone *z = r->zones.row;
	fputs("zone,first_lbn,lbns,sectors_per_track,track_skew_sectors,cylinder_skew_sectors,bandwidth_bytes_per_s,"
	      "spare_cylinders\n", out);
	for (size_t i = 0; i < r->zones.count; i++, z++) {
		fprintf(out, "%zu,%" PRIu64 ",%" PRIu64 ",%" PRIu32 ",", i, z->first_lbn, z->lbns, z->spt);
		put(out, z->track_skew, ",");
		put(out, z->cylinder_skew, ",");
		put(out, z->bytes_per_s, ",");
		fprintf(out, "%" PRIu32 "\n", z->spare_cylinders);
	}
}

static void write_tracks(const struct probe_result *r, FILE *out)
{
	const struct probe_track *t = r->tracks.row;
	fputs("first_lbn,skew_sectors,switch_ms\n", out);
	for (size_t i = 0; i < r->tracks.count; i++)
		fprintf(out, "%" PRIu64 ",%.4f,%.6f\n", t[i].lbn, t[i].skew, t[i].switch_ms);
}

static void write_bursts(const struct probe_result *r, FILE *out)
{
	const struct probe_burst *b = r->bursts.row;
	fputs("lbn,bandwidth_bytes_per_s\n", out);
	for (size_t i = 0; i < r->bursts.count; i++)
		fprintf(out, isfinite(b[i].bytes_per_s) ? "%" PRIu64 ",%.0f\n" : "%" PRIu64 ",\n", b[i].lbn, b[i].bytes_per_s);
}

static void write_seeks(const struct probe_result *r, FILE *out)
{
	const struct probe_seek *s = r->seeks.row;
	fputs("distance_cylinders,seek_ms,from_lbn,to_lbn,configured_ms\n", out);
	for (size_t i = 0; i < r->seeks.count; i++) {
		fprintf(out, "%" PRIu32 ",%.6f,%" PRIu64 ",%" PRIu64 ",", s[i].cylinders, s[i].ms, s[i].from_lbn,
			s[i].to_lbn);
		put(out, probe_truth_seek(r, s[i].cylinders), "\n");
	}
}

static void write_aheads(const struct probe_result *r, FILE *out)
{
	const struct probe_ahead *a = r->aheads.row;
	fputs("wait_ms,ahead_sectors,behind_sectors\n", out);
	for (size_t i = 0; i < r->aheads.count; i++)
		fprintf(out, "%.6f,%" PRIu64 ",%" PRIu64 "\n", a[i].wait_ms, a[i].ahead, a[i].behind);
}

/* Each response beside that of the shortest hit and what the configured bus takes for the sectors more. */
static void write_hits(const struct probe_result *r, FILE *out)
{
	const struct probe_hit *h = r->hits.row;
	double read_ms = 512e3 / configured(r, "bus_read_bytes_per_s");
	double write_ms = 512e3 / configured(r, "bus_write_bytes_per_s");
	fputs("sectors,read_hit_ms,write_hit_ms,read_configured_ms,write_configured_ms\n", out);
	for (size_t i = 0; i < r->hits.count; i++) {
		fprintf(out, "%" PRIu32 ",", h[i].sectors);
		put(out, h[i].read_ms, ",");
		put(out, h[i].write_ms, ",");
		put(out, h[0].read_ms + (h[i].sectors - h[0].sectors) * read_ms, ",");
		put(out, h[0].write_ms + (h[i].sectors - h[0].sectors) * write_ms, "\n");
	}
}

static void write_depths(const struct probe_result *r, FILE *out)
{
	const struct probe_depth *d = r->depths.row;
	fputs("depth,iops\n", out);
	for (size_t i = 0; i < r->depths.count; i++)
		fprintf(out, isfinite(d[i].iops) ? "%" PRIu32 ",%.3f\n" : "%" PRIu32 ",\n", d[i].depth, d[i].iops);
}

static int write_table(const struct probe_result *r, struct rundir *d, struct err *e)
{
	const struct blk_dev *dev = r->system->dev[0];
	for (unsigned i = 0; dev->ops->table; i++) {
		char path[128];
		const char *name = dev->ops->table(dev, i, NULL);
		if (!name)
			break;
		snprintf(path, sizeof(path), "hist/%s.csv", name);
		FILE *f = rundir_create(d, path, e);
		if (!f)
			return -1;
		dev->ops->table(dev, i, f);
		if (rundir_close(d, f, path, e) < 0)
			return -1;
	}
	return 0;
}

int probe_write(const struct probe_result *r, struct rundir *d, struct err *e)
{
	static const struct {
		const char *path;
		void (*write)(const struct probe_result *r, FILE *out);
	} files[] = {
		{"probe/rotation.csv", write_turns}, {"probe/zones.csv", write_zones},
		{"probe/tracks.csv", write_tracks}, {"probe/bandwidth.csv", write_bursts},
		{"probe/seek.csv", write_seeks}, {"probe/cache.csv", write_aheads},
		{"probe/hits.csv", write_hits}, {"probe/depth.csv", write_depths},
		{"probe.txt", probe_text},
	};
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		FILE *f = rundir_create(d, files[i].path, e);
		if (!f)
			return -1;
		files[i].write(r, f);
		if (rundir_close(d, f, files[i].path, e) < 0)
			return -1;
	}
	FILE *f = rundir_create(d, "probe.json", e);
	if (!f)
		return -1;
	if (probe_json(r, f) < 0) {
		fclose(f);
		return err_set(e, ERR_LIMIT, "no memory to write probe.json");
	}
	if (rundir_close(d, f, "probe.json", e) < 0)
		return -1;
	return write_table(r, d, e);
}
