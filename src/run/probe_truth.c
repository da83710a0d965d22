/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is configured, for the right-hand column: read from the device's own tables and its bound
 * options after the measurement is over. Nothing of the method sees this. */
#include <stdlib.h>
#include <string.h>

#include "disk/disk.h"
#include "disk/spec.h"
#include "run/probe_private.h"

/* ---- the device's tables -------------------------------------------------------------------- */

/* A table as text, malloc'd; NULL where the device has none of that name. */
static char *table_text(const struct blk_dev *dev, const char *name)
{
	for (unsigned i = 0; dev->ops->table; i++) {
		const char *here = dev->ops->table(dev, i, NULL);
		if (!here)
			return NULL;
		if (strcmp(here, name) != 0)
			continue;
		char *text = NULL;
		size_t size;
		FILE *out = open_memstream(&text, &size);
		if (!out)
			return NULL;
		dev->ops->table(dev, i, out);
		if (fclose(out) != 0) {
			free(text);
			return NULL;
		}
		return text;
	}
	return NULL;
}

/* Column `c` of a row. */
static double field(const char *row, int c)
{
	for (; c > 0; c--) {
		row = strchr(row, ',');
		if (!row)
			return NAN;
		row++;
	}
	return strtod(row, NULL);
}

static int column(const char *text, const char *name)
{
	size_t len = strlen(name);
	int c = 0;
	for (const char *at = text; *at && *at != '\n'; c++) {
		size_t n = strcspn(at, ",\n");
		if (n == len && !strncmp(at, name, n))
			return c;
		at += n;
		at += *at == ',';
	}
	return -1;
}

static const char *next_row(const char *at)
{
	at = strchr(at, '\n');
	return at && at[1] ? at + 1 : NULL;
}

/* Linear between the rows; NaN past the last. */
static double between(const char *text, double x)
{
	double x0 = NAN, y0 = NAN;
	for (const char *row = next_row(text); row; row = next_row(row)) {
		double x1 = field(row, 0), y1 = field(row, 1);
		if (x1 >= x)
			return x1 > x && !isnan(x0) ? y0 + (y1 - y0) * (x - x0) / (x1 - x0) : y1;
		x0 = x1;
		y0 = y1;
	}
	return NAN;
}

double probe_truth_seek(const struct probe_result *r, uint32_t cylinders)
{
	char *text = table_text(r->system->dev[0], "seek_curve");
	double ms = text ? between(text, cylinders) : NAN;
	free(text);
	return ms;
}

/* ---- values ------------------------------------------------------------------------------------- */

static void set(struct probe_result *r, const char *key, double value)
{
	for (size_t i = 0; i < r->figure_count; i++)
		if (!strcmp(r->figure[i].key, key))
			r->figure[i].configured = value;
}

static void set_zones(struct probe_result *r)
{
	char *text = table_text(r->system->dev[0], "zones");
	int spt = text ? column(text, "sectors_per_track") : -1;
	int rate = text ? column(text, "bandwidth_bytes_per_s") : -1;
	double last = 0;
	unsigned zones = 0;
	for (const char *row = text ? next_row(text) : NULL; row && spt >= 0; row = next_row(row)) {
		double here = field(row, spt);
		if (zones == 0) {
			set(r, "outer_spt", here);
			if (rate >= 0)
				set(r, "outer_bytes_per_s", field(row, rate));
		}
		zones += here != last;
		last = here;
	}
	free(text);
	if (zones == 0)
		return;
	set(r, "zones", zones);
	set(r, "inner_spt", last);
}

static void set_seeks(struct probe_result *r, double cylinders)
{
	char *text = table_text(r->system->dev[0], "seek_curve");
	if (!text || isnan(cylinders) || cylinders < 2) {
		free(text);
		return;
	}
	set(r, "seek_1_ms", between(text, 1));
	set(r, "cylinder_switch_ms", between(text, 1));
	const struct probe_seek *seek = r->seeks.row;
	if (r->seeks.count > 0) /* of the longest that was measured */
		set(r, "seek_full_ms", between(text, seek[r->seeks.count - 1].cylinders));
	double sum = 0;
	for (int i = 0; i < 1000; i++) {
		double x = (i + 0.5) / 1000, d = x * cylinders;
		double ms = between(text, d < 1 ? 1 : d);
		sum += 2 * (1 - x) * (isnan(ms) ? between(text, cylinders - 1) : ms) / 1000;
	}
	set(r, "seek_mean_ms", sum);
	free(text);
}

struct reported {
	struct probe_result *r;
	double cylinders;
};

static void take_reported(void *ctx, const char *name, double value, const char *unit)
{
	struct reported *t = ctx;
	(void)unit;
	if (!strcmp(name, "revolution_ms")) {
		set(t->r, "rotation_ms", value);
		set(t->r, "rpm", 60e3 / value);
	} else if (!strcmp(name, "heads")) {
		set(t->r, "heads", value);
	} else if (!strcmp(name, "cylinders")) {
		set(t->r, "cylinders", value);
		t->cylinders = value;
	}
}

static void set_disk(struct probe_result *r, const struct disk_spec *s)
{
	const struct disk_cache_spec *c = &s->cache;
	const struct disk_zone_spec *z = s->geometry.zones.rows;
	set(r, "head_switch_ms", 1e-9 * (double)s->head_switch_ps);
	set(r, "read_hit", c->enabled);
	set(r, "segments", c->enabled ? (double)c->segments : 0);
	set(r, "write_back", c->enabled && c->write_back);
	set(r, "hit_on_written", c->enabled && c->hit_on_written);
	if (s->bus.read_sector_ps > 0)
		set(r, "bus_read_bytes_per_s", 512e12 / (double)s->bus.read_sector_ps);
	if (s->bus.write_sector_ps > 0)
		set(r, "bus_write_bytes_per_s", 512e12 / (double)s->bus.write_sector_ps);
	if (s->geometry.zones.count > 0) {
		set(r, "track_skew", z->track_skew);
		set(r, "cylinder_skew", z->cylinder_skew);
	}
}

void probe_truth(struct probe_result *r)
{
	const struct blk_dev *dev = r->system->dev[0];
	struct reported t = {r, NAN};
	if (dev->ops->report)
		dev->ops->report(dev, take_reported, &t);
	set_zones(r);
	set_seeks(r, t.cylinders);
	if (dev->ops == &disk_ops)
		set_disk(r, dev->spec);
}
