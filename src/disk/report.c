/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a disk says about itself: values for the summary, tables for plots. */
#include <inttypes.h>

#include "disk/disk_private.h"

void disk_report(const struct blk_dev *dev,
	void (*put)(void *ctx, const char *name, double value, const char *unit), void *ctx)
{
	const struct disk *d = (const struct disk *)(const void *)dev;
	put(ctx, "read_ahead_sectors", (double)(d->unit[0].ahead.sectors_read + d->unit[1].ahead.sectors_read), "sectors");
	put(ctx, "revolution_ms", 6e7 / (double)d->unit[0].mech.millirpm, "ms");
	put(ctx, "cylinders", (double)d->unit[0].geom->cylinders, "");
	put(ctx, "heads", (double)d->unit[0].geom->heads, "");
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

/* Sequential bandwidth of a zone: H spt 512 / (H T + ((H-1) s_track + s_cyl) T / spt), the skews
 * being those of a track and a cylinder crossing. */
static double zone_bandwidth(const struct disk_unit *u, const struct geom_zone *z)
{
	double turn_s = 60e3 / (double)u->mech.millirpm, heads = u->geom->heads;
	double track = 1e-3 * (double)z->track_skew_milli;
	double cylinder = 1e-3 * (double)(z->cylinder_skew_milli);
	double skew = (heads - 1) * track + cylinder;
	return heads * z->spt * SECTOR_BYTES / (heads * turn_s + skew * turn_s / z->spt);
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

const char *disk_table(const struct blk_dev *dev, unsigned index, FILE *out)
{
	const struct disk *d = (const struct disk *)(const void *)dev;
	static const struct {
		const char *name;
		void (*write)(const struct disk *d, FILE *out);
	} tables[] = {{"seek_curve", write_seek_curve}, {"zones", write_zones}, {"power", write_power}};
	unsigned count = sizeof(tables) / sizeof(tables[0]);
	if (index >= count - !d->power.known) /* power is the last */
		return NULL;
	if (out)
		tables[index].write(d, out);
	return tables[index].name;
}
