/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ssd.drives: solid-state drives against their data sheets and published measurements (validation/modern-drives.md), each
 * figure within 10 %. A range in the source is given as its middle; the tolerance is 10 % around the range.
 *
 * Reads and streams run on the device files as they are, filled as far as the reads go. Steady states run on still smaller
 * drives of the same dies: fewer pages a block, and an erase shorter by as much, so that the share of every cost stays; the number
 * of blocks, and so the part of them that is kept free, stays as it is or nearly so.
 */
#include <math.h>
#include <stdio.h>

#include "valid/ssd_jobs.h"
#include "valid/valid.h"

#define SETS_MAX 6

struct setup {
	const char *device;
	const char *set[SETS_MAX];
};

enum measure { MEAN_US, PER_SECOND, MB_PER_SECOND };

struct figure {
	const char *name;
	struct ssd_job job;
	enum measure measure;
	double low, high;    /* what the source gives: a value, or a range */
	const char *source;
};

#define MEASURED "measured, ublk-disksim docs/VALIDATION.md, 10%"
#define SHEET "data sheet, 10%"
#define PUBLISHED "published, validation/modern-drives.md, 10%"
#define ESTIMATE "estimate, validation/modern-drives.md, 10%"

#define BLOCK_4K 8
#define BLOCK_128K 256
#define FILLED 0.04

#define READ_4K(d, n) {.kind = SSD_RANDOM, .op = BLK_READ, .sectors = BLOCK_4K, .depth = d, .requests = n, .to = FILLED}
#define READ_STREAM(n) {.kind = SSD_STREAM, .op = BLK_READ, .sectors = BLOCK_128K, .depth = 32, .requests = n, .to = FILLED}
#define WRITE_4K(d, n, w) {.kind = SSD_RANDOM, .op = BLK_WRITE, .sectors = BLOCK_4K, .depth = d, .requests = n, .warm = w}
#define WRITE_4K_AGAIN(d, n, w) {.kind = SSD_RANDOM, .op = BLK_WRITE, .sectors = BLOCK_4K, .depth = d, .requests = n, .warm = w, \
	.seed = 1}
#define WRITE_STREAM(n, w) {.kind = SSD_STREAM, .op = BLK_WRITE, .sectors = BLOCK_128K, .depth = 32, .requests = n, .warm = w}
#define SYNC_4K(n) {.kind = SSD_SYNC, .op = BLK_WRITE, .sectors = BLOCK_4K, .depth = 1, .requests = 2 * (n)}

#define FIGURES_MAX 5

/* Figures that are taken one after another from one drive, once opened. */
static const struct run {
	struct setup setup;
	struct figure figure[FIGURES_MAX];
} runs[] = {
	{{"samsung-870-evo", {"ssd0.precondition.fill=4%"}}, {
		{"read_4k_qd1_us", READ_4K(1, 10000), MEAN_US, 77, 77, SHEET},
		{"read_4k_qd32_per_s", READ_4K(32, 50000), PER_SECOND, 98e3, 98e3, SHEET},
		{"read_stream_mb_per_s", READ_STREAM(4000), MB_PER_SECOND, 560, 560, SHEET}}},
	{{"samsung-870-evo", {NULL}}, {
		{"write_stream_mb_per_s", WRITE_STREAM(8000, 2000), MB_PER_SECOND, 530, 530, SHEET},
		{"synced_writes_per_s", SYNC_4K(2000), PER_SECOND, 248, 311, PUBLISHED}}},
	{{"samsung-870-evo", {"ssd0.flash.geometry.pages=192", "ssd0.flash.array.erase=875 us", "ssd0.precondition.fill=1",
		"ssd0.precondition.overwrite=1"}}, {
		{"write_4k_steady_per_s", WRITE_4K(32, 100000, 30000), PER_SECOND, 12e3, 12e3, ESTIMATE}}},
	{{"samsung-pm883", {"ssd0.precondition.fill=4%"}}, {
		{"read_4k_qd1_us", READ_4K(1, 10000), MEAN_US, 120, 120, SHEET},
		{"read_4k_qd32_per_s", READ_4K(32, 50000), PER_SECOND, 98e3, 98e3, SHEET},
		{"read_stream_mb_per_s", READ_STREAM(4000), MB_PER_SECOND, 550, 550, SHEET}}},
	{{"samsung-pm883", {NULL}}, {
		{"write_stream_mb_per_s", WRITE_STREAM(8000, 2000), MB_PER_SECOND, 520, 520, SHEET},
		{"write_4k_qd1_us", WRITE_4K(1, 5000, 0), MEAN_US, 40, 40, SHEET},
		{"synced_writes_per_s", SYNC_4K(5000), PER_SECOND, 15.5e3, 15.5e3, PUBLISHED}}},
	{{"samsung-pm883", {"ssd0.flash.geometry.pages=96", "ssd0.flash.array.erase=440 us", "ssd0.precondition.fill=1",
		"ssd0.precondition.overwrite=1"}}, {
		{"write_4k_steady_per_s", WRITE_4K(32, 150000, 50000), PER_SECOND, 25e3, 25e3, SHEET}}},
	{{"samsung-pm9a3", {"ssd0.precondition.fill=4%"}}, {
		{"read_4k_qd1_us", READ_4K(1, 10000), MEAN_US, 80, 80, SHEET}}},
	{{"samsung-pm9a3", {NULL}}, {
		{"write_stream_mb_per_s", WRITE_STREAM(20000, 5000), MB_PER_SECOND, 2700, 2700, SHEET}}},
	{{"samsung-pm9a3", {"ssd0.flash.geometry.pages=96", "ssd0.flash.array.erase=880 us", "ssd0.precondition.fill=1",
		"ssd0.precondition.overwrite=1"}}, {
		{"write_4k_steady_per_s", WRITE_4K(128, 400000, 150000), PER_SECOND, 130e3, 130e3, SHEET}}},
	{{"micron-7300-pro", {"ssd0.precondition.fill=4%"}}, {
		{"read_4k_qd1_us", READ_4K(1, 10000), MEAN_US, 90, 90, SHEET},
		{"read_4k_qd512_per_s", READ_4K(512, 200000), PER_SECOND, 520e3, 520e3, SHEET},
		{"read_stream_mb_per_s", READ_STREAM(10000), MB_PER_SECOND, 3000, 3000, SHEET}}},
	{{"micron-7300-pro", {NULL}}, {
		{"write_stream_mb_per_s", WRITE_STREAM(12000, 3000), MB_PER_SECOND, 1550, 1550, SHEET},
		{"write_4k_qd1_us", WRITE_4K(1, 5000, 0), MEAN_US, 25, 25, SHEET}}},
	{{"micron-7300-pro", {"ssd0.precondition.fill=4%"}}, {
		{"write_4k_empty_per_s", WRITE_4K(32, 200000, 50000), PER_SECOND, 163e3, 163e3, MEASURED}}},
	{{"micron-7300-pro", {"ssd0.flash.geometry.pages=48", "ssd0.flash.array.erase=2.5 ms", "ssd0.precondition.fill=1",
		"ssd0.precondition.overwrite=0.7"}}, {
		{"write_4k_steady_per_s", WRITE_4K(128, 500000, 200000), PER_SECOND, 75e3, 75e3, SHEET},
		{"write_4k_after_0.7_capacities_per_s", WRITE_4K_AGAIN(128, 300000, 100000), PER_SECOND, 70e3, 77e3, MEASURED}}},
};

static double measured(const struct figure *f, const struct ssd_job_result *o)
{
	switch (f->measure) {
	case MEAN_US:
		return ssd_mean_us(o);
	case PER_SECOND:
		return ssd_per_second(o);
	default:
		return ssd_mb_per_second(o);
	}
}

static void show(struct valid *v, const char *device, const char *name, double value, double low, double high, const char *source)
{
	char full[128];
	double middle = 0.5 * (low + high);
	snprintf(full, sizeof(full), "ssd.drives.%s.%s", device, name);
	valid_near(v, full, value, middle, 1.1 * high - middle < middle - 0.9 * low ? 1.1 * high - middle : middle - 0.9 * low,
		source);
}

static void one_run(struct valid *v, const struct run *r)
{
	struct err e = {0};
	struct ssd_rig g;
	int ok = ssd_rig_open(&g, r->setup.device, r->setup.set, &e);
	for (const struct figure *f = r->figure; f < r->figure + FIGURES_MAX && f->name; f++) {
		struct arena *a = arena_new();
		struct ssd_job_result o = {0};
		ok = ok == 0 && a ? ssd_rig_run(&g, &f->job, 1, &o, a, &e) : -1;
		if (ok == 0)
			show(v, r->setup.device, f->name, measured(f, &o), f->low, f->high, f->source);
		else
			valid_broken(v, f->name, e.msg);
		arena_free(a);
	}
	ssd_rig_close(&g);
}

/* ---- the reads of the Micron 7300 PRO ------------------------------------------------------------------------- */

#define MICRON "micron-7300-pro"
#define GUEST "micron-7300-pro-guest" /* in which it was measured */
#define MODES 3
#define READS 30000

struct mode {
	double sum_us;
	unsigned count;
};

/* The mode of a read is the nearest of those measured. */
static const double positions_us[MODES] = {88, 116, 165};

static int mode_of(float us)
{
	int m = 0;
	while (m + 1 < MODES && (double)us > 0.5 * (positions_us[m] + positions_us[m + 1]))
		m++;
	return m;
}

static void show_modes(struct valid *v, const struct mode mode[MODES], double stay, const struct ssd_job_result *o)
{
	char name[64];
	for (int i = 0; i < MODES; i++) {
		snprintf(name, sizeof(name), "mode_%d_us", i + 1);
		show(v, GUEST, name, mode[i].count ? mode[i].sum_us / mode[i].count : NAN, positions_us[i], positions_us[i], MEASURED);
		snprintf(name, sizeof(name), "mode_%d_share", i + 1);
		show(v, GUEST, name, (double)mode[i].count / READS, 1.0 / MODES, 1.0 / MODES, MEASURED);
	}
	valid_at_least(v, "ssd.drives." GUEST ".same_address_same_mode", stay, 0.999, MEASURED);
	show(v, GUEST, "read_mean_us", ssd_mean_us(o), 114, 123, MEASURED);
	show(v, GUEST, "read_p50_us", ssd_quantile_us(o, 0.5), 115, 115, MEASURED);
	show(v, GUEST, "read_p90_us", ssd_quantile_us(o, 0.9), 167, 167, MEASURED);
	show(v, GUEST, "read_p99_us", ssd_quantile_us(o, 0.99), 185, 185, MEASURED);
}

/* The same random addresses twice, one read at a time. */
static void modes(struct valid *v)
{
	static const char *const sets[] = {"ssd0.precondition.fill=4%", NULL};
	struct err e = {0};
	struct ssd_rig g;
	struct arena *a = arena_new();
	const struct ssd_job j = READ_4K(1, READS);
	struct ssd_job_result o[2] = {{.each_us = arena_array(a, READS, sizeof(float))},
		{.each_us = arena_array(a, READS, sizeof(float))}};
	struct mode mode[MODES] = {{0, 0}};
	unsigned stay = 0;
	if (ssd_rig_open(&g, GUEST, sets, &e) < 0 || ssd_rig_run(&g, &j, 1, &o[0], a, &e) < 0 ||
	    ssd_rig_run(&g, &j, 1, &o[1], a, &e) < 0) {
		valid_broken(v, "ssd.drives." GUEST ".modes", e.msg);
	} else {
		for (unsigned i = 0; i < READS; i++) {
			int m = mode_of(o[0].each_us[i]);
			mode[m].sum_us += (double)o[0].each_us[i];
			mode[m].count++;
			stay += m == mode_of(o[1].each_us[i]);
		}
		show_modes(v, mode, (double)stay / READS, &o[0]);
	}
	ssd_rig_close(&g);
	arena_free(a);
}

#define BESIDE_READS 100000
#define DELAYED_US 250.0 /* far beyond the slowest mode */
#define LONG_US 1000.0
#define WRITE_SECTORS 32 /* the source does not say how much was written; with 16 KiB it is 170 MB/s */

/* Reads one at a time beside a writer that syncs each write, on a drive that is mostly empty. */
static void beside_a_writer(struct valid *v)
{
	static const char *const sets[] = {"ssd0.precondition.fill=4%", NULL};
	static const char *const why = "the writer's rate and what counts as delayed are not told";
	struct err e = {0};
	struct ssd_rig g;
	struct arena *a = arena_new();
	const struct ssd_job j[2] = {READ_4K(1, BESIDE_READS),
		{.kind = SSD_SYNC, .op = BLK_WRITE, .sectors = WRITE_SECTORS, .depth = 1, .from = 0.1}};
	struct ssd_job_result o[2] = {{.each_us = arena_array(a, BESIDE_READS, sizeof(float))}, {.each_us = NULL}};
	if (ssd_rig_open(&g, GUEST, sets, &e) < 0 || ssd_rig_run(&g, j, 2, o, a, &e) < 0) {
		valid_broken(v, "ssd.drives." GUEST ".beside_writer", e.msg);
	} else {
		unsigned delayed = 0, waits = 0;
		for (int i = 0; i < BESIDE_READS; i++) {
			delayed += (double)o[0].each_us[i] > DELAYED_US;
			waits += (double)o[0].each_us[i] > LONG_US;
		}
		double gb = 1e-9 * (double)o[1].done * WRITE_SECTORS * SECTOR_BYTES;
		show(v, GUEST, "beside_writer_p50_us", ssd_quantile_us(&o[0], 0.5), 115, 115, MEASURED);
		show(v, GUEST, "beside_writer_p90_us", ssd_quantile_us(&o[0], 0.9), 168, 168, MEASURED);
		show(v, GUEST, "beside_writer_p99_us", ssd_quantile_us(&o[0], 0.99), 354, 403, MEASURED);
		show(v, GUEST, "beside_writer_p99.9_us", ssd_quantile_us(&o[0], 0.999), 2703, 2769, MEASURED);
		valid_near_but(v, "ssd.drives." GUEST ".beside_writer_delayed_share", (double)delayed / BESIDE_READS, 0.02, 0.1, 1, why,
			MEASURED);
		valid_near_but(v, "ssd.drives." GUEST ".beside_writer_long_of_delayed", (double)waits / (delayed ? delayed : 1), 0.25, 0.1, 0.3,
			why, MEASURED);
		valid_near_but(v, "ssd.drives." GUEST ".beside_writer_long_per_gb", waits / gb, 300, 0.1, 0.2,
			"the reader waits itself, and comes the less the more is written", MEASURED);
	}
	ssd_rig_close(&g);
	arena_free(a);
}

void valid_ssd_drives(struct valid *v)
{
	for (size_t i = 0; i < sizeof(runs) / sizeof(runs[0]); i++)
		one_run(v, &runs[i]);
	modes(v);
	beside_a_writer(v);
}
