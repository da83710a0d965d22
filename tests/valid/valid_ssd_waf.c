/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ssd.waf: write amplification of the translation layer, driven without time, against closed forms, a mean-field model
 * and an independent Monte-Carlo simulation. One plane of 4096 blocks; the blocks held back are left out of the
 * over-provisioning. Rule: after 3 U overwrites, 5 U are measured in 20 batches; |value - target| <= 3.9 standard errors (those of
 * a Monte-Carlo target added in squares) + a relative bias of 1.3 / N for the finite number of blocks.
 *
 * Formulas: FIFO: Desnoyers, SYSTOR 2012, and Xiang & Kurkoski 2012; greedy: Desnoyers 2012, sec. 4; random: 1 / (1 - rho);
 * d-choices: Van Houdt, SIGMETRICS 2013, solved in oracles/write-amplification/waform.csv; hot and cold data in one
 * log: Desnoyers 2012, sec. 5, and the mean field for d-choices, in hotcold_formula.csv there.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_sf_lambert.h>

#include "ftl/null.h"
#include "sim/stats.h"
#include "valid/valid.h"
#include "valid/waf_theory.h"

#define BLOCKS 4096
#define BATCHES 20

struct setting {
	const char *policy;
	uint32_t d, blocks, pages;
	double op;
	uint32_t low;          /* free blocks kept */
	bool two_frontiers;
	uint64_t logical;      /* 0: (blocks - low) pages / (1 + op) */
	double discard, measure; /* multiples of U */
	double trim;           /* share of the requests that trim */
	struct null_load load;
};

struct outcome {
	double mean, error; /* of the mean: standard error */
};

static int policy_index(const char *name)
{
	int i = 0;
	while (ftl_victims[i] && strcmp(ftl_victims[i]->name, name) != 0)
		i++;
	return i;
}

/* Pages that hold data, so that one of them can be drawn. */
struct in_use {
	uint32_t *page, *place;
	uint32_t count;
};

static void request_with_trim(struct ftl *f, struct in_use *u, struct rng *rng, double share)
{
	if (u->count > 0 && rng_unit(rng) < share) {
		uint32_t i = (uint32_t)rng_below(rng, u->count), l = u->page[i];
		u->page[i] = u->page[--u->count];
		u->place[u->page[i]] = i;
		u->place[l] = UINT32_MAX;
		(void)ftl_trim(f, l);
		return;
	}
	uint32_t l = (uint32_t)rng_below(rng, f->logical);
	if (u->place[l] == UINT32_MAX) {
		u->place[l] = u->count;
		u->page[u->count++] = l;
	}
	null_write(f, l);
}

/* `writes` host writes, or with trim as many requests. */
static void drive(struct ftl *f, const struct setting *s, struct null_load *load, struct in_use *u, struct rng *rng,
	uint64_t writes)
{
	if (s->trim <= 0)
		null_overwrite(f, load, rng, writes);
	for (uint64_t i = 0; s->trim > 0 && i < writes; i++)
		request_with_trim(f, u, rng, s->trim);
}

static struct outcome measure(struct ftl *f, const struct setting *s, struct arena *a)
{
	struct null_load load = s->load;
	struct rng *rng = rng_new(a, 1, "validate/waf");
	struct in_use u = {arena_array(a, f->logical, 4), arena_array(a, f->logical, 4), (uint32_t)f->logical};
	for (uint32_t i = 0; s->trim > 0 && i < u.count; i++)
		u.page[i] = u.place[i] = i;
	null_fill(f, 0, f->logical);
	drive(f, s, &load, &u, rng, (uint64_t)(s->discard * (double)f->logical));
	double waf[BATCHES];
	for (int i = 0; i < BATCHES; i++) {
		uint64_t host = f->counts.programmed[FTL_HOST], all = ftl_programs(f);
		drive(f, s, &load, &u, rng, (uint64_t)(s->measure * (double)f->logical / BATCHES));
		waf[i] = (double)(ftl_programs(f) - all) / (double)(f->counts.programmed[FTL_HOST] - host);
	}
	struct batch_result r = batch_means(waf, BATCHES, BATCHES, 0.95);
	return (struct outcome){r.mean, r.half_width / 2.093}; /* t, 19 degrees of freedom */
}

static struct outcome run(const struct setting *s)
{
	struct outcome o = {NAN, NAN};
	struct err e = {0};
	struct arena *a = arena_new();
	struct flash_geometry_spec flash = {.channels = 1, .chips = 1, .dies = 1, .planes = 1, .blocks = s->blocks, .pages = s->pages,
		.page_bytes = 4096};
	struct nand_geom geom;
	struct ftl_spec spec;
	if (!a || nand_geom_init(&geom, &flash, a) < 0 || opt_defaults(&ftl_options, &spec, a, &e) < 0) {
		arena_free(a);
		return o;
	}
	uint64_t logical = s->logical ? s->logical : (uint64_t)((double)(s->blocks - s->low) * s->pages / (1 + s->op));
	spec.map.capacity_bytes = (int64_t)(4096 * logical);
	spec.alloc.frontiers = s->two_frontiers ? FTL_FRONTIER_GC : FTL_FRONTIER_SHARED;
	spec.gc.policy = policy_index(s->policy);
	spec.gc.low = s->low;
	spec.gc.choices = s->d;
	struct ftl *f = ftl_open(a, &spec, &geom, "ftl", 1, &e);
	if (f)
		o = measure(f, s, a);
	else
		fprintf(stderr, "ssd.waf: %s\n", e.msg);
	ftl_close(f);
	arena_free(a);
	return o;
}

/* target_error: standard error of the target itself. */
static void hold(struct valid *v, const char *name, const struct setting *s, double target, double target_error, const char *source)
{
	struct outcome o = run(s);
	valid_near(v, name, o.mean, target, 3.9 * hypot(o.error, target_error) + 1.3 / s->blocks * target, source);
}

/* ---- uniform, one frontier ----------------------------------------------------------------------------------- */

static double fifo(double op)
{
	double alpha = 1 + op;
	return alpha / (alpha + gsl_sf_lambert_W0(-alpha * exp(-alpha)));
}

static double greedy(double op, uint32_t b)
{
	double rho = 1 / (1 + op);
	for (uint32_t k = b; k-- > 0;) {
		double h = 0;
		for (uint32_t i = k + 1; i <= b; i++)
			h += 1.0 / i;
		if (b * rho - k <= 0)
			continue;
		double lambda = (b - k - k * h) / (b * rho - k), m = 1 - h / lambda;
		if (lambda > 0 && m >= -1e-15 && lambda * k * m <= 1 + 1e-12)
			return 1 / (lambda * rho);
	}
	return NAN;
}

static const double ops[] = {0.07, 0.125, 0.15, 0.28, 0.50};
#define OPS 5

/* waform.csv */
static const struct {
	uint32_t d, b;
	double waf[OPS];
} choices[] = {
	{2, 32, {9.9467, 6.0630, 5.2148, 3.2092, 2.1742}}, {2, 64, {10.2772, 6.1940, 5.3123, 3.2453, 2.1896}},
	{2, 128, {10.4749, 6.2669, 5.3658, 3.2644, 2.1975}}, {2, 256, {10.5835, 6.3055, 5.3938, 3.2742, 2.2016}},
	{10, 32, {6.7675, 4.3272, 3.7681, 2.4100, 1.6945}}, {10, 64, {7.3230, 4.5451, 3.9304, 2.4711, 1.7213}},
	{10, 128, {7.6495, 4.6660, 4.0193, 2.5035, 1.7352}}, {10, 256, {7.8280, 4.7298, 4.0659, 2.5202, 1.7424}},
};

static void one(struct valid *v, const char *policy, uint32_t d, uint32_t b, double op, double target, const char *source)
{
	char name[80], word[24];
	struct setting s = {.policy = policy, .d = d ? d : 1, .blocks = BLOCKS, .pages = b, .op = op, .low = 1, .discard = 3,
		.measure = 5};
	if (d)
		snprintf(word, sizeof(word), "d%u", d);
	else
		snprintf(word, sizeof(word), "%s", policy);
	snprintf(name, sizeof(name), "ssd.waf.%s.b%u.op%g", word, b, 100 * op);
	hold(v, name, &s, target, 0, source);
}

/* Our own solution of the mean field, which other groups use, against the table. */
static void mean_field(struct valid *v)
{
	double worst = 0;
	for (size_t k = 0; k < sizeof(choices) / sizeof(choices[0]); k++)
		for (int i = 0; i < OPS; i++)
			worst = fmax(worst, fabs(waf_d_choices(choices[k].d, choices[k].b, 1 + ops[i]) / choices[k].waf[i] - 1));
	valid_at_most(v, "ssd.waf.mean_field.deviation", worst, 1e-4, "waform.csv");
}

static void uniform(struct valid *v)
{
	mean_field(v);
	for (int i = 0; i < OPS; i++) {
		for (uint32_t b = 32; b <= 256; b *= 2) {
			one(v, "fifo", 0, b, ops[i], fifo(ops[i]), "Desnoyers 2012, Lambert W");
			one(v, "random", 0, b, ops[i], (1 + ops[i]) / ops[i], "1 / (1 - rho)");
			one(v, "greedy", 0, b, ops[i], greedy(ops[i], b), "Desnoyers 2012, greedy");
		}
		for (size_t k = 0; k < sizeof(choices) / sizeof(choices[0]); k++)
			one(v, "d-choices", choices[k].d, choices[k].b, ops[i], choices[k].waf[i], "Van Houdt 2013, mean field");
	}
}

/* ---- two frontiers, TRIM, hot and cold ------------------------------------------------------------------------- */

/* finite.csv, rows dwf: two blocks kept free beside the two frontiers, all of them counted as over-provisioning */
static void frontiers(struct valid *v)
{
	static const struct {
		uint32_t blocks;
		uint64_t logical;
		double op, waf, half;
	} rows[] = {
		{256, 15312, 0.07, 8.05179, 0.00581}, {1024, 61249, 0.07, 7.24943, 0.00522}, {4096, 244994, 0.07, 7.06176, 0.00427},
		{256, 14247, 0.15, 4.05770, 0.00220}, {1024, 56988, 0.15, 3.86161, 0.00140}, {4096, 227951, 0.15, 3.81575, 0.00276},
		{256, 12800, 0.28, 2.48778, 0.00154}, {1024, 51200, 0.28, 2.42358, 0.00184}, {4096, 204800, 0.28, 2.40686, 0.00159},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct setting s = {.policy = "greedy", .d = 1, .blocks = rows[i].blocks, .pages = 64, .low = 2, .two_frontiers = true,
			.logical = rows[i].logical, .discard = 3, .measure = rows[i].blocks == 4096 ? 5 : 40};
		char name[80];
		snprintf(name, sizeof(name), "ssd.waf.two_frontiers.n%u.op%g", rows[i].blocks, 100 * rows[i].op);
		struct outcome o = run(&s);
		valid_near(v, name, o.mean, rows[i].waf, 3.9 * hypot(o.error, rows[i].half / 1.96), "Monte Carlo, finite.csv, dwf");
	}
}

static void trims(struct valid *v)
{
	static const struct {
		const char *policy;
		double op, q, waf, half;
	} rows[] = {
		{"fifo", 0.07, 0.05, 4.53852, 0.01155}, {"greedy", 0.07, 0.05, 4.26485, 0.00902},
		{"fifo", 0.07, 0.1, 3.13851, 0.00344}, {"greedy", 0.07, 0.1, 3.00891, 0.00426},
		{"fifo", 0.07, 0.2, 1.87963, 0.00448}, {"greedy", 0.07, 0.2, 1.83615, 0.00443},
		{"fifo", 0.15, 0.05, 3.02667, 0.00373}, {"greedy", 0.15, 0.05, 2.90549, 0.00322},
		{"fifo", 0.15, 0.1, 2.40018, 0.00407}, {"greedy", 0.15, 0.1, 2.32642, 0.00388},
		{"fifo", 0.15, 0.2, 1.65689, 0.00442}, {"greedy", 0.15, 0.2, 1.62390, 0.00381},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct setting s = {.policy = rows[i].policy, .d = 1, .blocks = BLOCKS, .pages = 64, .op = rows[i].op, .low = 1,
			.discard = 10, .measure = 10, .trim = rows[i].q}; /* the share in use settles as exp(-(1 - q) requests / U) */
		char name[80];
		snprintf(name, sizeof(name), "ssd.waf.trim%g.%s.op%g", 100 * rows[i].q, rows[i].policy, 100 * rows[i].op);
		hold(v, name, &s, rows[i].waf, rows[i].half / 1.96, "Monte Carlo, trim.csv");
	}
}

static void hot_cold(struct valid *v)
{
	static const struct {
		double op, writes, units, fifo, d10;
	} rows[] = {
		{0.07, 0.8, 0.2, 8.1818, 7.0971}, {0.07, 0.9, 0.1, 8.8660, 7.7460}, {0.15, 0.8, 0.2, 4.3701, 4.1019},
		{0.15, 0.9, 0.1, 4.9566, 4.6562}, {0.28, 0.8, 0.2, 2.8196, 2.7307}, {0.28, 0.9, 0.1, 3.2961, 3.1594},
		{0.28, 0.95, 0.05, 3.7881, 3.5228},
	};
	for (size_t i = 0; i < 2 * sizeof(rows) / sizeof(rows[0]); i++) {
		bool lot = i % 2;
		struct setting s = {.policy = lot ? "d-choices" : "fifo", .d = 10, .blocks = BLOCKS, .pages = 32, .op = rows[i / 2].op,
			.low = 1, .discard = 20, .measure = 10,
			.load = {.pattern = NULL_HOT_COLD, .hot_writes = rows[i / 2].writes, .hot_units = rows[i / 2].units}};
		char name[80];
		snprintf(name, sizeof(name), "ssd.waf.hot%g_%g.%s.op%g", 100 * rows[i / 2].writes, 100 * rows[i / 2].units,
			lot ? "d10" : "fifo", 100 * rows[i / 2].op);
		hold(v, name, &s, lot ? rows[i / 2].d10 : rows[i / 2].fifo, 0,
			lot ? "mean field, hotcold_formula.csv" : "Desnoyers 2012, hot and cold in one log");
	}
}

void valid_ssd_waf(struct valid *v)
{
	frontiers(v);
	trims(v);
	hot_cold(v);
	uniform(v);
}
