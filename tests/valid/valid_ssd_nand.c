/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Channels and dies of flash under the transaction scheduler, against oracles/nand of the reference data.
 *
 * nand_throughput.csv: a saturated channel of parts A to F (the constants of nand.py), 1 to 16 dies; each figure is the
 * worst relative deviation over the five rows of a part: reads with commands first, programs, and both with two and
 * four planes from the bound, reads with data first from the reference's own small simulation. closed.csv: the share of
 * time k dies work when n random reads are outstanding, the worst over n; its exponential service has no counterpart in
 * flash and is left out.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ftl/options.h"
#include "ftl/tsu.h"
#include "sim/config.h"
#include "sim/rng.h"
#include "valid/valid.h"

struct part {
	const char *name, *rate, *cycle, *setup;
	uint32_t page;
	long long read_ps, program_ps, erase_ps;
};
#define PARTS 6
static const struct part parts[PARTS] = {
	{"A", "50 MT/s", "20 ns", "0", 2048, 25000000, 200000000, 1500000000},
	{"B", "333 MT/s", "25 ns", "30 ns", 8192, 75000000, 750000000, 3800000000},
	{"C", "800 MT/s", "25 ns", "30 ns", 32768, 36013000, 185000000, 3000000000},
	{"D", "1200 MT/s", "25 ns", "30 ns", 16384, 60000000, 700000000, 5000000000},
	{"E", "1600 MT/s", "25 ns", "30 ns", 16384, 110000000, 2500000000, 8000000000},
	{"F", "800 MT/s", "25 ns", "30 ns", 4096, 3000000, 100000000, 1000000000},
};

/* n outstanding transactions, each submitted anew when done, in a way that `again` says. */
struct load {
	struct arena *arena;
	struct sim *sim;
	struct nand *n;
	struct tsu *t;
	struct tsu_tx *x;
	struct rng *rng;
	uint32_t done, warm, stop;
	time_ps begin;
};

static void load_close(struct load *l)
{
	sim_free(l->sim);
	arena_free(l->arena);
}

/* text: sections flash and sched; count: transactions. 0 or -1. */
static int load_open(struct load *l, const char *text, uint32_t count)
{
	struct err e = {0};
	struct flash_spec flash;
	struct ftl_sched_spec sched;
	struct config *c = config_new(NULL);
	*l = (struct load){.arena = arena_new(), .sim = sim_new(1)};
	if (c && l->arena && l->sim && config_load_text(c, "ssd.nand", text, &e) == 0 &&
	    config_bind(config_get(config_root(c), "flash"), "flash", &flash_options, NULL, &flash, l->arena, &e) == 0 &&
	    config_bind(config_get(config_root(c), "sched"), "sched", &ftl_sched_group, NULL, &sched, l->arena, &e) == 0 &&
	    (l->n = nand_open(l->arena, &flash, &e)) != NULL)
		l->t = tsu_open(l->arena, l->sim, l->n, &sched, &e);
	config_free(c);
	if (l->t) {
		l->x = arena_array(l->arena, count, sizeof(*l->x));
		l->rng = rng_new(l->arena, 1, "validate/nand");
	}
	if (l->x && l->rng)
		return 0;
	fprintf(stderr, "ssd.nand: %s\n", e.msg);
	load_close(l);
	return -1;
}

static void counted(struct load *l)
{
	if (++l->done == l->warm)
		l->begin = l->sim->now_ps;
	l->sim->stop = l->done == l->stop;
}

/* ---- saturation --------------------------------------------------------------------------------------- */

static void next_page(struct tsu *t, struct tsu_tx *x)
{
	struct load *l = x->owner;
	counted(l);
	if (x->kind == TSU_PROGRAM) {
		uint32_t page = nand_ppa_page(&l->n->geom, x->page) + 1;
		uint64_t block = nand_block_index(&l->n->geom, x->page);
		x->page = page < l->n->geom.pages ? x->page + 1 : nand_ppa_of_block(&l->n->geom, block + 1, 0);
	}
	tsu_submit(t, x);
}

/* MB/s, or NAN. */
static double saturation(const struct part *p, uint32_t dies, uint32_t planes, enum tsu_kind kind, const char *arbitration)
{
	char text[1024];
	struct load l;
	snprintf(text, sizeof(text),
		"flash:\n"
		"  geometry: {channels: 1, chips: %u, dies: 1, planes: %u, blocks: 64, pages: 256, page: %u B, cell: slc}\n"
		"  bus: {interface: custom, rate: %s, t_wc: %s, t_adl: 150 ns, t_wb: 100 ns, t_rr: 20 ns, t_ccs: 300 ns,\n"
		"        t_rhw: 100 ns, read_preamble: %s, t_dbsy: 500 ns}\n"
		"  array: {read: [%lld ps], program: [%lld ps], erase: %lld ps}\n"
		"sched: {arbitration: %s}\n",
		dies, planes, p->page, p->rate, p->cycle, p->setup, p->read_ps, p->program_ps, p->erase_ps, arbitration);
	if (load_open(&l, text, dies * planes) < 0)
		return NAN;
	l.stop = 8000 * planes;
	l.warm = l.stop / 4;
	for (uint32_t i = 0; i < dies * planes; i++) {
		l.x[i] = (struct tsu_tx){.done = next_page, .owner = &l, .kind = (uint8_t)kind, .bytes = kind == TSU_READ ? p->page : 0,
			.page = nand_ppa_make(&l.n->geom, i / planes, i % planes, 0, 0)};
		tsu_submit(l.t, &l.x[i]);
	}
	sim_run(l.sim);
	double rate = (double)(l.stop - l.warm) * p->page / (1e-6 * (double)(l.sim->now_ps - l.begin));
	load_close(&l);
	return rate;
}

/* What is run, and the column of the table it is held against. */
static const struct {
	const char *name;
	uint32_t planes;
	enum tsu_kind kind;
	const char *arbitration;
	int column; /* from read_QD1_us on */
	double tolerance;
	const char *source;
} runs[] = {
	{"read", 1, TSU_READ, "command-first", 2, 0.005, "nand_throughput.csv, bound"},
	{"read_data_first", 1, TSU_READ, "data-first", 3, 0.02, "nand_throughput.csv, data first"},
	{"program", 1, TSU_PROGRAM, "command-first", 5, 0.005, "nand_throughput.csv, bound"},
	{"read_2_planes", 2, TSU_READ, "command-first", 7, 0.005, "nand_throughput.csv, bound"},
	{"program_2_planes", 2, TSU_PROGRAM, "command-first", 8, 0.005, "nand_throughput.csv, bound"},
	{"read_4_planes", 4, TSU_READ, "command-first", 9, 0.005, "nand_throughput.csv, bound"},
	{"program_4_planes", 4, TSU_PROGRAM, "command-first", 10, 0.005, "nand_throughput.csv, bound"},
};
#define RUNS (sizeof(runs) / sizeof(runs[0]))
#define COLUMNS 13

/* One line of the table: 0, or -1 where it is none. */
static int read_row(const char *line, uint32_t *dies, double column[COLUMNS])
{
	const char *comma = strchr(line, ',');
	if (line[0] < 'A' || line[0] >= 'A' + PARTS || !comma)
		return -1;
	char *s;
	*dies = (uint32_t)strtoul(comma + 1, &s, 10);
	for (int i = 0; i < COLUMNS; i++)
		column[i] = *s == ',' ? strtod(s + 1, &s) : NAN;
	return 0;
}

static FILE *open_table(struct valid *v, const char *file, const char *group)
{
	char path[4096];
	snprintf(path, sizeof(path), "%s/oracles/nand/%s", v->data ? v->data : "", file);
	FILE *f = v->data ? fopen(path, "r") : NULL;
	if (!f)
		valid_skip(v, group, "the reference data are not there");
	return f;
}

static void throughput(struct valid *v)
{
	char line[512], name[64];
	double worst[PARTS][RUNS] = {{0}}, column[COLUMNS];
	uint32_t rows[PARTS] = {0}, dies;
	FILE *f = open_table(v, "nand_throughput.csv", "ssd.nand.throughput");
	if (!f)
		return;
	while (fgets(line, sizeof(line), f)) {
		if (read_row(line, &dies, column) < 0)
			continue; /* the head of the table */
		size_t p = (size_t)(line[0] - 'A');
		rows[p]++;
		for (size_t i = 0; i < RUNS; i++) {
			double rate = saturation(&parts[p], dies, runs[i].planes, runs[i].kind, runs[i].arbitration);
			double off = fabs(rate / column[runs[i].column] - 1);
			worst[p][i] = off <= worst[p][i] ? worst[p][i] : off; /* NAN stays */
		}
	}
	fclose(f);
	for (size_t p = 0; p < PARTS; p++)
		for (size_t i = 0; i < RUNS; i++) {
			snprintf(name, sizeof(name), "ssd.nand.%s.%s", parts[p].name, runs[i].name);
			if (rows[p] == 5 && !isnan(worst[p][i]))
				valid_at_most(v, name, worst[p][i], runs[i].tolerance, runs[i].source);
			else
				valid_broken(v, name, "the table has not five rows of it, or a run failed");
		}
}

/* ---- a closed network --------------------------------------------------------------------------------- */

static void any_die(struct tsu *t, struct tsu_tx *x)
{
	struct load *l = x->owner;
	counted(l);
	x->page = nand_ppa_make(&l->n->geom, (uint32_t)rng_below(l->rng, l->n->geom.dies), 0, 0, 0);
	tsu_submit(t, x);
}

/* Share of the time that `dies` sense, with `n` reads outstanding and next to no time on the bus. */
static double utilisation(uint32_t n, uint32_t dies)
{
	char text[512];
	struct load l;
	snprintf(text, sizeof(text),
		"flash:\n"
		"  geometry: {channels: 1, chips: %u, dies: 1, planes: 1, blocks: 4, pages: 4, page: 512 B, cell: slc}\n"
		"  bus: {interface: custom, rate: 100000 MT/s}\n"
		"  array: {read: [1 ms], program: [2 ms], erase: 3 ms}\n"
		"sched: {policy: out-of-order}\n",
		dies);
	if (load_open(&l, text, n) < 0)
		return NAN;
	l.stop = 400000;
	l.warm = l.stop / 10;
	for (uint32_t i = 0; i < n; i++) {
		l.x[i] = (struct tsu_tx){.done = any_die, .owner = &l, .kind = TSU_READ, .bytes = 512};
		l.x[i].page = nand_ppa_make(&l.n->geom, (uint32_t)rng_below(l.rng, dies), 0, 0, 0);
		tsu_submit(l.t, &l.x[i]);
	}
	sim_run(l.sim);
	double share = (double)(l.stop - l.warm) * 1e9 / ((double)(l.sim->now_ps - l.begin) * dies);
	load_close(&l);
	return share;
}

static void closed(struct valid *v)
{
	static const unsigned dies[] = {4, 8, 16, 32};
	char line[256], name[64], how;
	double worst[4] = {0}, target;
	unsigned rows[4] = {0}, n, k;
	FILE *f = open_table(v, "closed.csv", "ssd.nand.closed");
	if (!f)
		return;
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%u,%u,%c,%lf", &n, &k, &how, &target) != 4 || how != 'D')
			continue;
		for (size_t i = 0; i < 4; i++)
			if (dies[i] == k) {
				double off = fabs(utilisation(n, k) / target - 1);
				worst[i] = off <= worst[i] ? worst[i] : off;
				rows[i]++;
			}
	}
	fclose(f);
	for (size_t i = 0; i < 4; i++) {
		snprintf(name, sizeof(name), "ssd.nand.closed.%u_dies", dies[i]);
		if (rows[i] == 8 && !isnan(worst[i]))
			valid_at_most(v, name, worst[i], 0.005, "closed.csv, deterministic service");
		else
			valid_broken(v, name, "the table has not eight rows of it, or a run failed");
	}
}

void valid_ssd_nand(struct valid *v)
{
	throughput(v);
	closed(v);
}
