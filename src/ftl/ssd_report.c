/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a solid-state drive tells at the end of a run. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

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
	const struct tally gc = d->counts.gc;
	struct ftl_wear wear = ftl_wear(f);
	for (uint32_t i = 0; i < f->alloc.regions; i++)
		free += f->blocks.region[i].free;
	put(ctx, "gc_jobs", (double)c.victims[FTL_GC], "");
	put(ctx, "wear_jobs", (double)c.victims[FTL_WEAR], "");
	put(ctx, "gc_mean_ms", 1e-9 * tally_mean(&gc), "ms");
	put(ctx, "gc_max_ms", gc.count ? 1e-9 * (double)gc.max : 0, "ms");
	put(ctx, "gc_p99_ms", 1e-9 * (double)loglin_quantile(d->counts.gc_bucket, SSD_GC_BITS, &gc, 0.99), "ms");
	put(ctx, "gc_pauses", (double)d->counts.pauses, "");
	put(ctx, "victim_valid", jobs ? (double)c.victim_valid / (double)(jobs * f->blocks.units) : 0, "ratio");
	put(ctx, "erases", (double)c.erases, "");
	put(ctx, "erase_min", wear.min, "");
	put(ctx, "erase_mean", wear.mean, "");
	put(ctx, "erase_max", wear.max, "");
	put(ctx, "endurance", d->nand->cells.endurance, "");
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

/* Names of the SMART / Health Information log page (02h) as nvme-cli prints them, of what the model has: NVM Express Base
 * Specification 2.0, figure 208. A data unit is 1000 blocks of 512 bytes, rounded up; busy time is in minutes. */
static void report_smart(const struct ssd *d, put_fn *put, void *ctx)
{
	const struct blk_dev_stats *s = &d->dev.stats;
	uint64_t reads = 0, writes = 0;
	for (int i = 0; i < BLK_HIT_COUNT; i++) {
		reads += s->reads_by_hit[i];
		writes += s->writes_by_hit[i];
	}
	time_ps busy = ssd_busy_ps(&d->dev);
	uint64_t units_read = (s->host_read_sectors + 999) / 1000, units_written = (s->host_write_sectors + 999) / 1000;
	/* bit 3 of the warning: the media is in read-only mode; used: the most worn block's share of its life */
	put(ctx, "critical_warning", d->read_only ? 8 : 0, "");
	put(ctx, "percentage_used", fmin(255, floor(100.0 * ftl_wear(d->ftl).max / d->nand->cells.endurance)), "");
	put(ctx, "data_units_read", (double)units_read, "");
	put(ctx, "data_units_written", (double)units_written, "");
	put(ctx, "host_read_commands", (double)reads, "");
	put(ctx, "host_write_commands", (double)writes, "");
	put(ctx, "controller_busy_time", floor(time_seconds(busy) / 60), "min");
	put(ctx, "power_cycles", 1 + (double)d->counts.power_cuts, "");
	put(ctx, "unsafe_shutdowns", (double)d->counts.power_cuts, "");
}

static void report_mounts(const struct ssd *d, put_fn *put, void *ctx)
{
	const struct mount_counts none = {0}, *c = d->mount ? &d->mount->counts : &none;
	put(ctx, "checkpoints", (double)c->checkpoints, "");
	put(ctx, "checkpoint_pages", (double)c->checkpoint_pages, "");
	put(ctx, "journal_writes", (double)c->journals, "");
	put(ctx, "journal_pages", (double)c->journal_pages, "");
	put(ctx, "mounts", (double)c->mounts, "");
	put(ctx, "mount_last_ms", 1e-9 * (double)d->counts.mount_ps, "ms");
	put(ctx, "mount_pages_read", (double)d->counts.mount_pages, "");
	put(ctx, "mount_units_lost", (double)d->counts.units_lost, "");
	put(ctx, "mount_trims_undone", (double)d->counts.trims_undone, "");
}

void ssd_report(const struct blk_dev *dev, put_fn *put, void *ctx)
{
	const struct ssd *d = ssd_of(dev);
	report_writes(d, put, ctx);
	report_cleaning(d, put, ctx);
	report_busy(d, put, ctx);
	report_energy(d, put, ctx);
	report_smart(d, put, ctx);
	report_mounts(d, put, ctx);
	front_report(d->front, ssd_now(d), put, ctx);
}

/* ---- tables --------------------------------------------------------------------------------------------------------- */

static void write_wear(const struct ssd *d, FILE *out)
{
	const struct nand_geom *g = &d->geom;
	fputs("die,plane,block,erases\n", out);
	for (uint64_t i = 0; i < g->all_blocks; i++) {
		nand_ppa p = nand_ppa_of_block(g, i, 0);
		fprintf(out, "%" PRIu32 ",%" PRIu32 ",%" PRIu32 ",%" PRIu32 "\n", nand_ppa_die(g, p), nand_ppa_plane(g, p),
			nand_ppa_block(g, p), nand_block_of(d->nand, p)->erases);
	}
}

#define WEAR_ROWS 65536u

/* How many blocks have been erased so often. */
static void write_wear_histogram(const struct ssd *d, FILE *out)
{
	const struct nand_geom *g = &d->geom;
	uint32_t most = 0;
	for (uint64_t i = 0; i < g->all_blocks; i++) {
		uint32_t erases = nand_block_of(d->nand, nand_ppa_of_block(g, i, 0))->erases;
		most = erases > most ? erases : most;
	}
	uint32_t width = most / WEAR_ROWS + 1;
	uint64_t *blocks = calloc(most / width + 1, sizeof(*blocks));
	fputs("low_erases,high_erases,blocks\n", out);
	for (uint64_t i = 0; blocks && i < g->all_blocks; i++)
		blocks[nand_block_of(d->nand, nand_ppa_of_block(g, i, 0))->erases / width]++;
	for (uint32_t i = 0; blocks && i <= most / width; i++)
		if (blocks[i] > 0)
			fprintf(out, "%" PRIu32 ",%" PRIu64 ",%" PRIu64 "\n", i * width, (uint64_t)(i + 1) * width, blocks[i]);
	free(blocks);
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

static void write_planes(const struct ssd *d, FILE *out)
{
	const struct nand_geom *g = &d->nand->geom;
	time_ps part[TSU_SHARES];
	fputs("die,plane,idle_s,busy_s\n", out);
	for (uint32_t i = 0; i < g->dies; i++)
		for (uint32_t p = 0; p < g->planes; p++) {
			time_ps all = 0, busy = tsu_plane_busy(d->tsu, (uint64_t)i * g->planes + p);
			tsu_die_time(d->tsu, i, part);
			for (int k = 0; k < TSU_SHARES; k++)
				all += part[k];
			fprintf(out, "%" PRIu32 ",%" PRIu32 ",%.9f,%.9f\n", i, p, time_seconds(all - busy), time_seconds(busy));
		}
}

/* How long jobs of cleaning and wear levelling took, from their begin to the end of the erase. */
static void write_gc(const struct ssd *d, FILE *out)
{
	fputs("low_ms,high_ms,count\n", out);
	for (size_t i = 0; i < LOGLIN_BUCKETS(SSD_GC_BITS); i++) {
		double low = (double)loglin_low(i, SSD_GC_BITS), width = (double)loglin_width(i, SSD_GC_BITS);
		if (d->counts.gc_bucket[i] > 0)
			fprintf(out, "%.15g,%.15g,%" PRIu64 "\n", 1e-9 * low, 1e-9 * (low + width), d->counts.gc_bucket[i]);
	}
}

static void put_smart(void *ctx, const char *name, double value, const char *unit)
{
	fprintf(ctx, "%s,%.15g,%s\n", name, value, unit);
}

static void write_smart(const struct ssd *d, FILE *out)
{
	fputs("name,value,unit\n", out);
	report_smart(d, put_smart, out);
}

/* ---- activity ------------------------------------------------------------------------------------------------------- */

/* Microseconds, exactly. */
static void put_us(FILE *out, time_ps t) { fprintf(out, ",%" PRId64 ".%06" PRId64, t / PS_PER_US, t % PS_PER_US); }

static void write_gantt(const struct ssd *d, FILE *out)
{
	const struct nand_log *l = d->nand->log;
	const struct nand_geom *g = &d->nand->geom;
	fputs("channel,die,begin_us,end_us,what\n", out);
	if (l->left_out > 0)
		fprintf(out, "# the log is full: %" PRIu64 " more were left out\n", l->left_out);
	for (uint32_t i = 0; i < l->count; i++) {
		const struct nand_log_row *r = &l->row[i];
		if (r->die)
			fprintf(out, "%" PRIu32 ",%" PRIu32, r->index / g->dies_per_channel, r->index % g->dies_per_channel);
		else
			fprintf(out, "%" PRIu32 ",", r->index);
		put_us(out, r->begin_ps);
		put_us(out, r->end_ps);
		fprintf(out, ",%s\n", r->what);
	}
}

/* What a transaction serves: for tsu_show(). */
static uint32_t flows(const struct tsu_tx *x, uint64_t *out, uint32_t room)
{
	uint64_t read = room > 0 ? ssd_read_flow(x) : 0;
	if (read == 0)
		return ssd_program_flows(x, out, room);
	*out = read;
	return 1;
}

/* The log of the flash, made where there is none. NULL: no memory. */
static struct nand_log *log_of(struct ssd *d)
{
	struct arena *a = d->dev.sim->arena;
	struct nand_log *l = d->nand->log ? d->nand->log : nand_log_new(a);
	if (!l || (!d->nand->log && tsu_show(d->tsu, a, flows) < 0))
		return NULL;
	return d->nand->log = l;
}

int ssd_watch(struct blk_dev *dev, time_ps from, time_ps to, struct err *e)
{
	struct nand_log *l = log_of(ssd_of(dev));
	if (l && nand_log_rows(l, dev->sim->arena, from, to) == 0)
		return 0;
	return err_set(e, ERR_LIMIT, "no memory for the log of device %s", dev->name);
}

int ssd_show(struct blk_dev *dev, struct timeline *t, uint32_t group)
{
	struct ssd *d = ssd_of(dev);
	const struct nand_geom *g = &d->nand->geom;
	struct nand_log *l = log_of(d);
	d->origin = arena_array(dev->sim->arena, d->buffer->entries, sizeof(*d->origin));
	return l && d->origin ? nand_log_show(l, dev->sim->arena, t, group, g->channels, g->dies_per_channel) : -1;
}

const char *ssd_table(const struct blk_dev *dev, unsigned index, FILE *out)
{
	static const struct {
		const char *name;
		void (*write)(const struct ssd *d, FILE *out);
	} tables[] = {
		{"wear", write_wear}, {"wear_histogram", write_wear_histogram}, {"gc_jobs", write_gc}, {"dies", write_dies},
		{"planes", write_planes}, {"channels", write_channels}, {"smart", write_smart}, {"gantt", write_gantt},
	};
	if (index >= sizeof(tables) / sizeof(tables[0]) ||
	    (tables[index].write == write_gantt && !(ssd_of(dev)->nand->log && ssd_of(dev)->nand->log->row)))
		return NULL;
	if (out)
		tables[index].write(ssd_of(dev), out);
	return tables[index].name;
}

/* ---- series --------------------------------------------------------------------------------------------------------- */

enum { HOST_UNITS = 1 };

const struct blk_sample_column ssd_sample_columns[] = {
	{"waf", BLK_SAMPLE_RATIO, HOST_UNITS},
	[HOST_UNITS] = {"host_units", BLK_SAMPLE_COUNT, 0},
	{"gc_units", BLK_SAMPLE_COUNT, 0},
	{"wear_units", BLK_SAMPLE_COUNT, 0},
	{"mapping_units", BLK_SAMPLE_COUNT, 0},
	{"padding_units", BLK_SAMPLE_COUNT, 0},
	{"gc_jobs", BLK_SAMPLE_COUNT, 0},
	{"wear_jobs", BLK_SAMPLE_COUNT, 0},
	{"erases", BLK_SAMPLE_COUNT, 0},
	{"free_blocks", BLK_SAMPLE_LEVEL, 0},
	{"free_blocks_least", BLK_SAMPLE_LEVEL, 0}, /* of a region */
	{"free_blocks_mean", BLK_SAMPLE_LEVEL, 0},  /* of a region */
	{"unclean_units", BLK_SAMPLE_LEVEL, 0},     /* in the buffer, not in flash */
	{"erase_mean", BLK_SAMPLE_LEVEL, 0},
	{"erase_max", BLK_SAMPLE_LEVEL, 0},
	{NULL, 0, 0},
};

void ssd_sample(const struct blk_dev *dev, double *out)
{
	const struct ssd *d = ssd_of(dev);
	const struct ftl *f = d->ftl;
	const uint64_t *p = f->counts.programmed;
	uint64_t free = 0, least = UINT64_MAX, all = 0, erases = 0;
	uint32_t worst = 0;
	for (int i = 0; i < FTL_CAUSES; i++)
		all += p[i];
	for (uint32_t i = 0; i < f->alloc.regions; i++) {
		free += f->blocks.region[i].free;
		least = f->blocks.region[i].free < least ? f->blocks.region[i].free : least;
		erases += f->blocks.region[i].erases;
		worst = f->blocks.region[i].max_erases > worst ? f->blocks.region[i].max_erases : worst;
	}
	*out++ = (double)all;
	*out++ = (double)p[FTL_HOST];
	*out++ = (double)p[FTL_GC];
	*out++ = (double)p[FTL_WEAR];
	*out++ = (double)p[FTL_MAPPING];
	*out++ = (double)p[FTL_PADDING];
	*out++ = (double)f->counts.victims[FTL_GC];
	*out++ = (double)f->counts.victims[FTL_WEAR];
	*out++ = (double)f->counts.erases;
	*out++ = (double)free;
	*out++ = (double)least;
	*out++ = (double)free / f->alloc.regions;
	*out++ = ftl_buffer_unclean(d->buffer);
	*out++ = (double)erases / f->blocks.count;
	*out = worst;
}
