/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a disk says about itself: values for the summary, tables for plots. */
#include <inttypes.h>

#include "disk/disk_private.h"

static void report_shingles(const struct disk *d,
	void (*put)(void *ctx, const char *name, double value, const char *unit), void *ctx)
{
	const struct smr_counts *c = smr_counts(d->smr);
	put(ctx, "placed_sectors", (double)c->placed, "sectors");
	if (!d->drive_managed) {
		put(ctx, "zone_errors", (double)c->refused, "");
		put(ctx, "zone_resets", (double)c->resets, "");
		return;
	}
	put(ctx, "media_cache_sectors", (double)c->logged, "sectors");
	put(ctx, "media_cache_record_sectors", (double)c->records, "sectors");
	put(ctx, "media_cache_in_use", smr_cache_fill(d->smr), "ratio");
	put(ctx, "cleaned_bands", (double)c->cleaned_bands, "");
	put(ctx, "clean_read_sectors", (double)c->clean_reads, "sectors");
	put(ctx, "clean_write_sectors", (double)c->clean_writes, "sectors");
}

static void report_faults(const struct disk *d,
	void (*put)(void *ctx, const char *name, double value, const char *unit), void *ctx)
{
	const struct disk_unit *a = &d->unit[0], *b = &d->unit[1];
	put(ctx, "remapped_blocks", (double)(a->defects.remapped + b->defects.remapped), "");
	put(ctx, "recovered_sectors", (double)(a->defects.recovered_reads + b->defects.recovered_reads), "sectors");
	put(ctx, "unreadable_sectors", (double)(a->defects.lost_reads + b->defects.lost_reads), "sectors");
	put(ctx, "unwritable_sectors", (double)(a->lost_writes + b->lost_writes), "sectors");
	put(ctx, "soft_errors", (double)(a->soft_error_count + b->soft_error_count), "");
}

void disk_report(const struct blk_dev *dev,
	void (*put)(void *ctx, const char *name, double value, const char *unit), void *ctx)
{
	const struct disk *d = (const struct disk *)(const void *)dev;
	put(ctx, "read_ahead_sectors", (double)(d->unit[0].ahead.sectors_read + d->unit[1].ahead.sectors_read), "sectors");
	put(ctx, "revolution_ms", 6e7 / (double)d->unit[0].mech.millirpm, "ms");
	put(ctx, "cylinders", (double)d->unit[0].geom->cylinders, "");
	put(ctx, "heads", (double)d->unit[0].geom->heads, "");
	if (d->smr)
		report_shingles(d, put, ctx);
	if (d->unit[0].faulty || d->unit[1].faulty)
		report_faults(d, put, ctx);
	power_report(&d->power, dev->sim->now_ps, put, ctx);
	if (d->power.known)
		put(ctx, "energy_commands_j", 1e-12 * (double)dev->stats.energy_pj, "J");
	if (disk_writes_back(d->unit)) {
		const struct wcache_counts *w = &d->wcache.counts;
		put(ctx, "dirty_high_water_sectors", (double)w->high_sectors, "sectors");
		put(ctx, "dirty_high_water_extents", (double)w->high_extents, "");
		put(ctx, "writes_cached", (double)w->accepted, "");
		put(ctx, "writes_combined", (double)w->combined, "");
		put(ctx, "superseded_sectors", (double)w->superseded, "sectors");
		put(ctx, "destaged_sectors", (double)w->destaged, "sectors");
		put(ctx, "destages", (double)w->destages, "");
		put(ctx, "waits_for_destage", (double)w->waits, "");
	}
}

static void write_shingles(const struct disk *d, FILE *out) { smr_write_table(d->smr, out); }

static void write_power(const struct disk *d, FILE *out)
{
	power_table(&d->power, d->dev.sim->now_ps, out);
}

static void write_seek_curve(const struct disk *d, FILE *out)
{
	fputs("distance_cylinders,seek_ms\n", out);
	uint32_t n = d->unit[0].mech.seek.cylinders;
	for (uint32_t i = 1; i < n; i += 1 + i / 200) /* every distance up to 200, then 0.5% apart */
		fprintf(out, "%" PRIu32 ",%.6f\n", i, 1e-9 * (double)d->unit[0].mech.seek.by_distance[i]);
	if (n > 1)
		fprintf(out, "%" PRIu32 ",%.6f\n", n - 1, 1e-9 * (double)d->unit[0].mech.seek.by_distance[n - 1]);
}

/* Tracks over which a zone's bandwidth is taken; whole groups of its layout where they are no longer. */
#define BANDWIDTH_TRACKS 1024

/*
 * Sequential bandwidth of the medium: what reading the zone's first tracks in LBN order takes, from the first sector to
 * the first one behind them. With skews that cover the switches this is H spt 512 / (H T + ((H-1) s_track + s_cyl) T / spt)
 * in the cylinder-major orders.
 */
static double zone_bandwidth(const struct disk_unit *u, const struct geom_zone *z)
{
	struct mech m = u->mech;
	struct mech_run run;
	uint32_t group = z->layout.group_tracks;
	uint32_t tracks = group < BANDWIDTH_TRACKS ? BANDWIDTH_TRACKS / group * group : BANDWIDTH_TRACKS;
	uint64_t at = z->first_lbn, end = z->first_lbn + z->lbns;
	time_ps begin = 0, t = 0;
	m.via_count = 0;
	for (uint32_t i = 0; i <= tracks && at < end; i++) {
		uint64_t left = end - at;
		mech_access(&m, u->geom, at, left < z->spt ? (uint32_t)left : z->spt, t, false, &run);
		begin = i == 0 ? run.begin_ps : begin;
		t = i == tracks ? run.begin_ps : run.end_ps;
		at += i == tracks ? 0 : run.sectors;
	}
	return t > begin ? (double)(at - z->first_lbn) * SECTOR_BYTES / time_seconds(t - begin) : 0;
}

static void write_zones(const struct disk *d, FILE *out)
{
	fputs("zone,first_lbn,lbns,first_cylinder,cylinders,sectors_per_track,bandwidth_bytes_per_s\n", out);
	uint32_t number = 0;
	for (uint32_t k = 0; k < d->units; k++)
		for (uint32_t i = 0; i < d->unit[k].geom->zone_count; i++) {
			const struct geom_zone *z = &d->unit[k].geom->zones[i];
			fprintf(out, "%" PRIu32 ",%" PRIu64 ",%" PRIu64 ",%" PRIu32 ",%" PRIu32 ",%" PRIu32 ",%.0f\n",
				number++, z->first_lbn, z->lbns, z->first_cylinder, z->cylinders, z->spt, zone_bandwidth(&d->unit[k], z));
		}
}

static bool always(const struct disk *d) { return d != NULL; }
static bool knows_power(const struct disk *d) { return d->power.known; }
static bool is_zoned(const struct disk *d) { return d->smr && !d->drive_managed; }
static bool has_bands(const struct disk *d) { return d->drive_managed; }

const char *disk_table(const struct blk_dev *dev, unsigned index, FILE *out)
{
	const struct disk *d = (const struct disk *)(const void *)dev;
	static const struct {
		const char *name;
		bool (*there)(const struct disk *d);
		void (*write)(const struct disk *d, FILE *out);
	} tables[] = {
		{"seek_curve", always, write_seek_curve}, {"zones", always, write_zones}, {"power", knows_power, write_power},
		{"zones_state", is_zoned, write_shingles}, {"bands", has_bands, write_shingles}, {"gantt", disk_is_watched, disk_write_gantt},
	};
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		if (!tables[i].there(d) || index-- > 0)
			continue;
		if (out)
			tables[i].write(d, out);
		return tables[i].name;
	}
	return NULL;
}
