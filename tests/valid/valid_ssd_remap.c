/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ssd.remap: what a page write costs with remapping, one after the other on one plane, against closed forms. The
 * operations are those of the translation layer (ftl/ftl.h); the scheduler and the bench give them their time.
 *
 * Lecture, to the picosecond, with no valid page to copy: write + erase / b. Commands and waits are zero; a bus always
 * has a rate, so the fastest one is taken, and the 10 ps a byte that it needs are part of the write. seeds.csv of the
 * reference data, with the time x of a page on the bus: tP + x + (A - 1)(tR + tP + 2x) + A tE / b, by copyback without
 * the 2x; A is that of greedy cleaning in the limit of many blocks.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ftl/null.h"
#include "ftl/options.h"
#include "ftl/tsu.h"
#include "sim/config.h"
#include "valid/valid.h"

struct part {
	const char *name;
	uint32_t pages; /* of a block */
	uint32_t page_bytes;
	const char *rate;
	long long read_us, program_us, erase_us;
};
static const struct part parts[] = {
	{"slc", 64, 2048, "50 MT/s", 25, 200, 1500},
	{"mlc", 256, 8192, "333 MT/s", 75, 750, 3800},
	{"tlc", 768, 16384, "1200 MT/s", 60, 700, 5000},
};
#define PARTS (sizeof(parts) / sizeof(parts[0]))

struct plane {
	struct arena *arena;
	struct sim *sim;
	struct nand *n;
	struct tsu *t;
	struct tsu_tx x;
	bool over;
};

static void plane_close(struct plane *p)
{
	sim_free(p->sim);
	arena_free(p->arena);
}

#define FASTEST "100 GT/s"
#define FASTEST_PS 10 /* a byte */

static int plane_open(struct plane *p, const struct part *part, uint32_t blocks, bool bus)
{
	char text[512];
	struct err e = {0};
	struct flash_spec flash;
	struct ftl_sched_spec sched;
	struct config *c = config_new(NULL);
	snprintf(text, sizeof(text),
		"flash:\n  geometry: {channels: 1, chips: 1, dies: 1, planes: 1, blocks: %u, pages: %u, page: %u B, cell: slc}\n"
		"  bus: {interface: custom, rate: %s}\n"
		"  array: {read: [%lld us], program: [%lld us], erase: %lld us}\n  copyback: {allowed: true}\n",
		blocks, part->pages, part->page_bytes, bus ? part->rate : FASTEST, part->read_us, part->program_us, part->erase_us);
	*p = (struct plane){.arena = arena_new(), .sim = sim_new(1)};
	if (c && p->arena && p->sim && config_load_text(c, "ssd.remap", text, &e) == 0 &&
	    config_bind(config_get(config_root(c), "flash"), "flash", &flash_options, NULL, &flash, p->arena, &e) == 0 &&
	    opt_defaults(&ftl_sched_group, &sched, p->arena, &e) == 0 && (p->n = nand_open(p->arena, &flash, &e)) != NULL)
		p->t = tsu_open(p->arena, p->sim, p->n, &sched, &e);
	config_free(c);
	if (p->t)
		return 0;
	fprintf(stderr, "ssd.remap: %s\n", e.msg);
	plane_close(p);
	return -1;
}

static void done(struct tsu *t, struct tsu_tx *x)
{
	(void)t;
	*(bool *)x->owner = true;
}

/* One operation, from now to its end. */
static void operate(struct plane *p, enum tsu_kind kind, nand_ppa page, nand_ppa from)
{
	p->over = false;
	p->x = (struct tsu_tx){.done = done, .owner = &p->over, .kind = (uint8_t)kind, .page = page, .from = from,
		.bytes = kind == TSU_READ ? p->n->geom.page_bytes : 0};
	tsu_submit(p->t, &p->x);
	(void)sim_run(p->sim);
	if (!p->over)
		sim_bug(p->sim, "an operation of a write did not end");
}

/* ---- writes ---------------------------------------------------------------------------------------------- */

struct remap {
	struct plane p;
	struct ftl *f;
	bool copyback;
};

static int remap_open(struct remap *r, const struct part *part, uint32_t blocks, bool bus, uint64_t logical)
{
	struct err e = {0};
	struct ftl_spec *spec;
	if (plane_open(&r->p, part, blocks, bus) < 0)
		return -1;
	spec = arena_alloc(r->p.arena, sizeof(*spec));
	if (spec && opt_defaults(&ftl_options, spec, r->p.arena, &e) == 0) {
		spec->map.capacity_bytes = (int64_t)(logical * part->page_bytes);
		spec->alloc.frontiers = FTL_FRONTIER_SHARED;
		spec->gc.low = spec->gc.reserve = 1;
		r->f = ftl_open(r->p.arena, spec, &r->p.n->geom, "ftl", 1, &e);
	}
	if (r->f)
		return 0;
	fprintf(stderr, "ssd.remap: %s\n", e.msg);
	plane_close(&r->p);
	return -1;
}

static void remap_close(struct remap *r)
{
	ftl_close(r->f);
	plane_close(&r->p);
}

static void clean(struct remap *r)
{
	struct ftl_move m;
	if (!ftl_clean_begin(r->f, 0))
		sim_bug(r->p.sim, "no victim");
	nand_ppa victim = ftl_block_of(r->f, r->f->job[0].victim, 0);
	while (ftl_clean_next(r->f, 0, &m)) {
		nand_ppa from = ftl_page_of(r->f, m.from, NULL), to = ftl_page_of(r->f, m.to, NULL);
		if (!r->copyback)
			operate(&r->p, TSU_READ, from, 0);
		operate(&r->p, r->copyback ? TSU_COPYBACK : TSU_PROGRAM, to, from);
		(void)ftl_move_commit(r->f, 0, &m);
	}
	operate(&r->p, TSU_ERASE, victim, 0);
	ftl_erased(r->f, 0);
}

static void write_remapped(struct remap *r, uint64_t logical)
{
	while (!ftl_room(r->f, 0) || ftl_clean_wanted(r->f, 0, FTL_FOREGROUND))
		clean(r);
	uint64_t to = ftl_write_begin(r->f, 0);
	operate(&r->p, TSU_PROGRAM, ftl_page_of(r->f, to, NULL), 0);
	ftl_write_commit(r->f, logical, to);
}

/* ms a write, of writes in order, which leave no valid page behind; NAN where one was copied. */
static double remapped_in_order(const struct part *part)
{
	struct remap r = {.copyback = false};
	uint64_t logical = 8 * part->pages, writes = 4 * logical;
	if (remap_open(&r, part, 12, false, logical) < 0)
		return NAN;
	null_fill(r.f, 0, logical);
	null_fill(r.f, 0, logical);
	null_settle(r.f, r.p.n);
	uint64_t copied = r.f->counts.victim_valid;
	time_ps begin = r.p.sim->now_ps;
	for (uint64_t i = 0; i < writes; i++)
		write_remapped(&r, i % logical);
	double took = 1e-9 * (double)(r.p.sim->now_ps - begin) / (double)writes;
	bool none = r.f->counts.victim_valid == copied;
	remap_close(&r);
	return none ? took : NAN;
}

#define BLOCKS 1024
#define WRITES 240000 /* deviations of a run are then some 0.3 % */

/* us a write, of random ones in steady state. */
static double remapped_at_random(const struct part *part, double op, bool copyback)
{
	struct remap r = {.copyback = copyback};
	struct null_load load = {.pattern = NULL_UNIFORM};
	uint64_t logical = (uint64_t)((BLOCKS - 1) * (double)part->pages / (1 + op));
	if (remap_open(&r, part, BLOCKS, true, logical) < 0)
		return NAN;
	struct rng *rng = rng_new(r.p.arena, 1, "validate/remap");
	null_fill(r.f, 0, logical);
	null_overwrite(r.f, &load, rng, 3 * logical);
	null_settle(r.f, r.p.n);
	time_ps begin = r.p.sim->now_ps;
	for (int i = 0; i < WRITES; i++)
		write_remapped(&r, rng_below(rng, logical));
	double took = 1e-6 * (double)(r.p.sim->now_ps - begin) / WRITES;
	remap_close(&r);
	return took;
}

/* ---- figures ------------------------------------------------------------------------------------------ */

static void near(struct valid *v, const char *name, double value, double target, double tolerance, const char *source)
{
	if (isnan(value))
		valid_broken(v, name, "a run failed");
	else
		valid_near(v, name, value, target, tolerance, source);
}

static void lecture(struct valid *v)
{
	char name[80];
	for (size_t i = 0; i < PARTS; i++) {
		const struct part *p = &parts[i];
		time_ps write = p->program_us * PS_PER_US + (time_ps)p->page_bytes * FASTEST_PS, erase = p->erase_us * PS_PER_US;
		/* of whole blocks, so that each has had its erase; a thousandth of a picosecond for the mean */
		snprintf(name, sizeof(name), "ssd.remap.lecture.%s", p->name);
		near(v, name, remapped_in_order(p), 1e-9 * ((double)write + (double)erase / p->pages), 1e-12, "write + erase / b, ms");
	}
}

static const struct part *part_of(const char *line)
{
	static const char *const starts[PARTS] = {"SLC ", "MLC ", "TLC "};
	for (size_t i = 0; i < PARTS; i++)
		if (strncmp(line, starts[i], 4) == 0)
			return &parts[i];
	return NULL;
}

static void seeds(struct valid *v)
{
	char line[512], path[4096], name[80];
	unsigned b, rows = 0;
	double op, remap_us, copyback_us;
	snprintf(path, sizeof(path), "%s/oracles/nand/seeds.csv", v->data ? v->data : "");
	FILE *f = v->data ? fopen(path, "r") : NULL;
	if (!f) {
		valid_skip(v, "ssd.remap.seeds", "the reference data are not there");
		return;
	}
	while (fgets(line, sizeof(line), f)) {
		const struct part *p = part_of(line);
		const char *rest = p ? strchr(line, ',') : NULL;
		if (!rest || sscanf(rest, ",%u,%lf,%*f,%*f,%*f,%lf,%lf", &b, &op, &remap_us, &copyback_us) != 4 || b != p->pages)
			continue;
		snprintf(name, sizeof(name), "ssd.remap.bus.%s.op%g", p->name, 100 * op);
		near(v, name, remapped_at_random(p, op, false), remap_us, 0.01 * remap_us, "seeds.csv, us");
		snprintf(name, sizeof(name), "ssd.remap.copyback.%s.op%g", p->name, 100 * op);
		near(v, name, remapped_at_random(p, op, true), copyback_us, 0.01 * copyback_us, "seeds.csv, us");
		rows++;
	}
	fclose(f);
	if (rows != 9)
		valid_broken(v, "ssd.remap.seeds", "the table has not nine rows");
}

void valid_ssd_remap(struct valid *v)
{
	lecture(v);
	seeds(v);
}
