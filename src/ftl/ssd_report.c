/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a solid-state drive tells at the end of a run. */
#include <inttypes.h>

#include "ftl/ssd_private.h"

typedef void put_fn(void *ctx, const char *name, double value, const char *unit);

/* What has been done since preconditioning. */
static struct ftl_counts counts_of_run(const struct ssd *d)
{
	struct ftl_counts c = d->ftl->counts;
	for (int i = 0; i < FTL_CAUSES; i++)
		c.programmed[i] -= d->before.programmed[i];
	for (int i = 0; i < FTL_STREAMS; i++)
		c.victims[i] -= d->before.victims[i];
	c.erases -= d->before.erases;
	c.victim_valid -= d->before.victim_valid;
	c.stale -= d->before.stale;
	c.trimmed -= d->before.trimmed;
	return c;
}

static void report_writes(const struct ssd *d, put_fn *put, void *ctx)
{
	const struct ftl_counts c = counts_of_run(d);
	const uint64_t *p = c.programmed;
	uint64_t host = p[FTL_HOST], all = 0;
	for (int i = 0; i < FTL_CAUSES; i++)
		all += p[i];
	put(ctx, "waf", host ? (double)all / (double)host : 0, "");
	put(ctx, "programmed_host_units", (double)host, "");
	put(ctx, "programmed_gc_units", (double)p[FTL_GC], "");
	put(ctx, "programmed_wear_units", (double)p[FTL_WEAR], "");
	put(ctx, "programmed_mapping_units", (double)p[FTL_MAPPING], "");
	put(ctx, "programmed_padding_units", (double)p[FTL_PADDING], "");
	put(ctx, "fill_reads", (double)d->counts.fills, "");
	put(ctx, "copybacks", (double)d->counts.copybacks, "");
	put(ctx, "writes_that_waited", (double)d->counts.waits, "");
	put(ctx, "trimmed_units", (double)c.trimmed, "");
}

static void report_cleaning(const struct ssd *d, put_fn *put, void *ctx)
{
	const struct ftl *f = d->ftl;
	const struct ftl_counts c = counts_of_run(d);
	uint64_t jobs = c.victims[FTL_GC] + c.victims[FTL_WEAR], free = 0;
	struct ftl_wear wear = ftl_wear(f);
	for (uint32_t i = 0; i < f->alloc.regions; i++)
		free += f->blocks.region[i].free;
	put(ctx, "gc_jobs", (double)c.victims[FTL_GC], "");
	put(ctx, "wear_jobs", (double)c.victims[FTL_WEAR], "");
	put(ctx, "gc_mean_ms", jobs ? 1e-9 * (double)d->counts.gc_ps / (double)jobs : 0, "ms");
	put(ctx, "gc_max_ms", 1e-9 * (double)d->counts.gc_max_ps, "ms");
	put(ctx, "victim_valid", jobs ? (double)c.victim_valid / (double)(jobs * f->blocks.units) : 0, "ratio");
	put(ctx, "erases", (double)c.erases, "");
	put(ctx, "erase_min", wear.min, "");
	put(ctx, "erase_mean", wear.mean, "");
	put(ctx, "erase_max", wear.max, "");
	put(ctx, "free_blocks", (double)free, "");
}

/* Mean share of their time that dies and channels were busy. */
static void report_busy(const struct ssd *d, put_fn *put, void *ctx)
{
	const struct nand_geom *g = &d->nand->geom;
	const struct tsu_counts *c = tsu_counts(d->tsu);
	time_ps part[TSU_SHARES], bus[TSU_BUSES];
	double die = 0, channel = 0, all = 0;
	for (uint32_t i = 0; i < g->dies; i++) {
		tsu_die_time(d->tsu, i, part);
		for (int k = 0; k < TSU_SHARES; k++) {
			all += (double)part[k];
			die += k == TSU_SHARE_IDLE ? 0 : (double)part[k];
		}
	}
	put(ctx, "die_busy", all > 0 ? die / all : 0, "ratio");
	all = 0;
	for (uint32_t i = 0; i < g->channels; i++) {
		tsu_channel_time(d->tsu, i, bus);
		for (int k = 0; k < TSU_BUSES; k++) {
			all += (double)bus[k];
			channel += k == TSU_BUS_IDLE ? 0 : (double)bus[k];
		}
	}
	put(ctx, "channel_busy", all > 0 ? channel / all : 0, "ratio");
	put(ctx, "suspends", (double)c->suspends, "");
}

static void report_energy(const struct ssd *d, put_fn *put, void *ctx)
{
	struct nand_energy j;
	nand_energy_used(d->nand, ssd_now(d), &j);
	put(ctx, "energy_flash_j", j.read_j + j.program_j + j.erase_j + j.bus_in_j + j.bus_out_j + j.standby_j, "J");
}

/* NVM Express Base Specification 2.0, figure 208: a data unit is 1000 blocks of 512 bytes, rounded up. */
static void report_smart(const struct ssd *d, put_fn *put, void *ctx)
{
	const struct blk_dev_stats *s = &d->dev.stats;
	uint64_t reads = 0, writes = 0;
	for (int i = 0; i < BLK_HIT_COUNT; i++) {
		reads += s->reads_by_hit[i];
		writes += s->writes_by_hit[i];
	}
	uint64_t units_read = (s->host_read_sectors + 999) / 1000, units_written = (s->host_write_sectors + 999) / 1000;
	put(ctx, "data_units_read", (double)units_read, "");
	put(ctx, "data_units_written", (double)units_written, "");
	put(ctx, "host_read_commands", (double)reads, "");
	put(ctx, "host_write_commands", (double)writes, "");
	put(ctx, "unsafe_shutdowns", (double)d->counts.power_cuts, "");
}

void ssd_report(const struct blk_dev *dev, put_fn *put, void *ctx)
{
	const struct ssd *d = ssd_of(dev);
	report_writes(d, put, ctx);
	report_cleaning(d, put, ctx);
	report_busy(d, put, ctx);
	report_energy(d, put, ctx);
	report_smart(d, put, ctx);
	front_report(d->front, ssd_now(d), put, ctx);
}

/* ---- tables --------------------------------------------------------------------------------------------------------- */

static void write_wear(const struct ssd *d, FILE *out)
{
	const struct nand_geom *g = &d->nand->geom;
	fputs("die,plane,block,erases\n", out);
	for (uint64_t i = 0; i < g->all_blocks; i++) {
		nand_ppa p = nand_ppa_of_block(g, i, 0);
		fprintf(out, "%" PRIu32 ",%" PRIu32 ",%" PRIu32 ",%" PRIu32 "\n", nand_ppa_die(g, p), nand_ppa_plane(g, p),
			nand_ppa_block(g, p), nand_block_of(d->nand, p)->erases);
	}
}

static void write_dies(const struct ssd *d, FILE *out)
{
	time_ps part[TSU_SHARES];
	fputs("die", out);
	for (int k = 0; k < TSU_SHARES; k++)
		fprintf(out, ",%s_s", tsu_share_name((enum tsu_share)k));
	fputs("\n", out);
	for (uint32_t i = 0; i < d->nand->geom.dies; i++) {
		tsu_die_time(d->tsu, i, part);
		fprintf(out, "%" PRIu32, i);
		for (int k = 0; k < TSU_SHARES; k++)
			fprintf(out, ",%.9f", time_seconds(part[k]));
		fputs("\n", out);
	}
}

static void write_channels(const struct ssd *d, FILE *out)
{
	time_ps bus[TSU_BUSES];
	fputs("channel,idle_s,command_s,data_in_s,data_out_s\n", out);
	for (uint32_t i = 0; i < d->nand->geom.channels; i++) {
		tsu_channel_time(d->tsu, i, bus);
		fprintf(out, "%" PRIu32 ",%.9f,%.9f,%.9f,%.9f\n", i, time_seconds(bus[TSU_BUS_IDLE]), time_seconds(bus[TSU_BUS_COMMAND]),
			time_seconds(bus[TSU_BUS_IN]), time_seconds(bus[TSU_BUS_OUT]));
	}
}

const char *ssd_table(const struct blk_dev *dev, unsigned index, FILE *out)
{
	static const struct {
		const char *name;
		void (*write)(const struct ssd *d, FILE *out);
	} tables[] = {{"wear", write_wear}, {"dies", write_dies}, {"channels", write_channels}};
	if (index >= sizeof(tables) / sizeof(tables[0]))
		return NULL;
	if (out)
		tables[index].write(ssd_of(dev), out);
	return tables[index].name;
}
