/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * host.paging: replacement policies on strings of which the faults are known: textbook strings, loops, the independent
 * reference model (each reference drawn anew, page i with probability p[i]), the working-set identity.
 *
 * Under that model FIFO and RANDOM miss alike (Gelenbe, "A unified approach to the evaluation of a class of replacement
 * algorithms", IEEE Trans. Computers C-22(6), 1973), and LRU as King gave it ("Analysis of demand paging algorithms", IFIP 1971);
 * both are worked out here from the sums over all states.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/curves.h"
#include "host/replace_run.h"
#include "valid/valid.h"

#define DRAWS 1000000u
#define ZIPF_PAGES 8u
#define LARGE_PAGES 2000u

struct paging {
	struct valid *v;
	struct arena *arena;
	uint64_t *refs;
};

static struct replace_spec policy(struct paging *g, const char *name)
{
	struct replace_spec spec = {0};
	struct err e = {0};
	if (opt_defaults(&host_replace_group, &spec, g->arena, &e) < 0)
		valid_broken(g->v, "host.paging.options", e.msg);
	spec.period_ps = 64; /* references */
	spec.tau_ps = 100;
	for (spec.policy = 0; replace_policies[spec.policy + 1].name && strcmp(replace_policies[spec.policy].name, name) != 0;)
		spec.policy++;
	return spec;
}

static double faults(struct paging *g, const char *name, uint32_t frames, size_t n)
{
	const struct replace_spec spec = policy(g, name);
	struct replace_outcome out = {0};
	struct err e = {0};
	if (replace_run(&spec, frames, g->refs, n, 1, &out, &e) < 0) {
		valid_broken(g->v, "host.paging.run", e.msg);
		return NAN;
	}
	return (double)out.faults;
}

/* Misses for each reference after a first part in which memory fills. */
static double miss_ratio(struct paging *g, const char *name, uint32_t frames)
{
	return (faults(g, name, frames, DRAWS) - faults(g, name, frames, DRAWS / 10)) / (DRAWS - DRAWS / 10);
}

static void strings(struct paging *g)
{
	static const struct { const char *name, *policy, *string; uint32_t frames; double faults; } known[] = {
		{"belady.fifo.3", "fifo", "123412512345", 3, 9}, {"belady.fifo.4", "fifo", "123412512345", 4, 10},
		{"belady.lru.3", "lru", "123412512345", 3, 10}, {"belady.lru.4", "lru", "123412512345", 4, 8},
		{"belady.opt.3", "opt", "123412512345", 3, 7}, {"belady.opt.4", "opt", "123412512345", 4, 6},
		{"textbook.fifo.3", "fifo", "70120304230321201701", 3, 15}, {"textbook.lru.3", "lru", "70120304230321201701", 3, 12},
		{"textbook.opt.3", "opt", "70120304230321201701", 3, 9},
	};
	for (size_t k = 0; k < sizeof(known) / sizeof(known[0]); k++) {
		char name[64];
		size_t n = strlen(known[k].string);
		for (size_t i = 0; i < n; i++)
			g->refs[i] = REPLACE_READ(known[k].string[i] - '0');
		snprintf(name, sizeof(name), "host.paging.%s", known[k].name);
		valid_near(g->v, name, faults(g, known[k].policy, known[k].frames, n), known[k].faults, 0,
			k < 6 ? "Belady, Nelson & Shedler 1969" : "Silberschatz, Galvin & Gagne, page replacement");
	}
	for (size_t i = 0; i < 10000; i++)
		g->refs[i] = REPLACE_READ(i % 100);
	valid_near(g->v, "host.paging.loop.lru", faults(g, "lru", 99, 10000), 10000, 0, "a loop of 100 pages in 99 frames: each misses");
	valid_near(g->v, "host.paging.loop.fifo", faults(g, "fifo", 99, 10000), 10000, 0, "a loop of 100 pages in 99 frames: each misses");
	valid_near(g->v, "host.paging.loop.opt", faults(g, "opt", 99, 10000), 200, 0,
		"100 to fill and then one in each 99 references: 100 + 9900 / 99");
}

/* Any policy that cannot foresee misses a uniform reference with probability 1 - m / N. */
static void uniform(struct paging *g)
{
	struct rng *rng = rng_new(g->arena, 1, "validate/uniform");
	for (size_t i = 0; i < DRAWS; i++)
		g->refs[i] = REPLACE_READ(rng_below(rng, 256));
	for (const struct replace_policy *p = replace_policies; p->name; p++) {
		char name[64];
		if (p->needs & REPLACE_FUTURE)
			continue;
		snprintf(name, sizeof(name), "host.paging.uniform.%s", p->name);
		/* five standard deviations of a share of 900,000 draws */
		valid_near(g->v, name, miss_ratio(g, p->name, 64), 1 - 64.0 / 256, 5 * sqrt(0.75 * 0.25 / 900000), "1 - m/N, m 64, N 256");
	}
}

static void zipf(double *p, uint32_t pages, double exponent)
{
	double sum = 0;
	for (uint32_t i = 0; i < pages; i++)
		sum += p[i] = pow(i + 1, -exponent);
	for (uint32_t i = 0; i < pages; i++)
		p[i] /= sum;
}

static void draw(struct paging *g, const double *p, uint32_t pages, const char *path)
{
	struct rng *rng = rng_new(g->arena, 1, path);
	double *upto = arena_array(g->arena, pages, sizeof(*upto)), sum = 0;
	for (uint32_t i = 0; i < pages; i++)
		upto[i] = sum += p[i];
	for (size_t k = 0; k < DRAWS; k++) {
		double u = rng_unit(rng);
		uint32_t low = 0, high = pages - 1;
		while (low < high) {
			uint32_t middle = (low + high) / 2;
			if (u < upto[middle])
				high = middle;
			else
				low = middle + 1;
		}
		g->refs[k] = REPLACE_READ(low);
	}
}

/* King: the probability that memory holds exactly these pages in this order of recency is p1 p2/(1-p1) p3/(1-p1-p2)...; a miss
 * is a reference to any other. Summed over all ordered choices of m pages. */
static double king(const double *p, uint32_t pages, uint32_t left, uint32_t used, double mass, double probability)
{
	double sum = 0;
	if (left == 0)
		return probability * (1 - mass);
	for (uint32_t i = 0; i < pages; i++)
		if (!(used >> i & 1))
			sum += king(p, pages, left - 1, used | 1u << i, mass + p[i], probability * p[i] / (1 - mass));
	return sum;
}

/* Gelenbe: FIFO and RANDOM hold a set of pages with probability proportional to the product of their p. */
static double gelenbe(const double *p, uint32_t pages, uint32_t m)
{
	double all = 0, miss = 0;
	for (uint32_t set = 0; set < 1u << pages; set++) {
		double product = 1, mass = 0;
		if ((uint32_t)__builtin_popcount(set) != m)
			continue;
		for (uint32_t i = 0; i < pages; i++)
			if (set >> i & 1) {
				product *= p[i];
				mass += p[i];
			}
		all += product;
		miss += product * (1 - mass);
	}
	return miss / all;
}

/* OPT's rival that knows the probabilities, A0: keeps the m - 1 likeliest pages (Aho, Denning & Ullman, JACM 18(1), 1971). LFU
 * tends to it where counts last; here only the least that any can reach is asked. */
static double a0(const double *p, uint32_t pages, uint32_t m)
{
	double rest = 0, squares = 0;
	for (uint32_t i = m - 1; i < pages; i++) {
		rest += p[i];
		squares += p[i] * p[i];
	}
	return rest - squares / rest;
}

static void independent(struct paging *g)
{
	double p[ZIPF_PAGES];
	zipf(p, ZIPF_PAGES, 1);
	draw(g, p, ZIPF_PAGES, "validate/zipf");
	/* 0.003: five standard deviations with misses that come in runs of a few references */
	for (uint32_t m = 2; m < ZIPF_PAGES; m += 2) {
		char name[64];
		snprintf(name, sizeof(name), "host.paging.zipf8.lru.%u", m);
		valid_near(g->v, name, miss_ratio(g, "lru", m), king(p, ZIPF_PAGES, m, 0, 0, 1), 0.003, "King 1971, sum over all states");
		snprintf(name, sizeof(name), "host.paging.zipf8.fifo.%u", m);
		valid_near(g->v, name, miss_ratio(g, "fifo", m), gelenbe(p, ZIPF_PAGES, m), 0.003, "Gelenbe 1973, sum over all states");
		snprintf(name, sizeof(name), "host.paging.zipf8.random.%u", m);
		valid_near(g->v, name, miss_ratio(g, "random", m), gelenbe(p, ZIPF_PAGES, m), 0.003, "Gelenbe 1973: as FIFO");
		snprintf(name, sizeof(name), "host.paging.zipf8.a0.%u", m);
		double best = 1;
		for (const struct replace_policy *q = replace_policies; q->name; q++)
			if (!(q->needs & REPLACE_FUTURE))
				best = fmin(best, miss_ratio(g, q->name, m));
		valid_at_least(g->v, name, best, a0(p, ZIPF_PAGES, m) - 0.003,
			"no policy without foresight beats A0 (Aho, Denning & Ullman 1971)");
	}
}

/* Che, Tung & Wang, "Hierarchical web caching systems", IEEE JSAC 20(7), 2002: page i is in memory with probability 1 -
 * exp(-p[i] t), where t makes their sum m. FIFO and RANDOM: p t / (1 + p t) (Fricker, Robert & Roberts, ITC 2012; Martina, Garetto
 * & Leonardi, INFOCOM 2014). */
static double che(const double *p, uint32_t pages, double m, int lru)
{
	double low = 0, high = 1e12, miss = 0;
	for (int k = 0; k < 200; k++) {
		double t = (low + high) / 2, sum = 0;
		for (uint32_t i = 0; i < pages; i++)
			sum += lru ? 1 - exp(-p[i] * t) : p[i] * t / (1 + p[i] * t);
		if (sum < m)
			low = t;
		else
			high = t;
	}
	for (uint32_t i = 0; i < pages; i++)
		miss += p[i] * (lru ? exp(-p[i] * low) : 1 / (1 + p[i] * low));
	return miss;
}

static void large(struct paging *g)
{
	static double p[LARGE_PAGES];
	zipf(p, LARGE_PAGES, 0.8);
	draw(g, p, LARGE_PAGES, "validate/large");
	for (uint32_t m = 50; m <= 800; m *= 4) {
		char name[64];
		snprintf(name, sizeof(name), "host.paging.zipf2000.lru.%u", m);
		valid_near(g->v, name, miss_ratio(g, "lru", m), che(p, LARGE_PAGES, m, 1), 0.003, "Che, Tung & Wang 2002");
		snprintf(name, sizeof(name), "host.paging.zipf2000.fifo.%u", m);
		valid_near(g->v, name, miss_ratio(g, "fifo", m), che(p, LARGE_PAGES, m, 0), 0.003, "Fricker, Robert & Roberts 2012");
		snprintf(name, sizeof(name), "host.paging.zipf2000.random.%u", m);
		valid_near(g->v, name, miss_ratio(g, "random", m), che(p, LARGE_PAGES, m, 0), 0.003, "Fricker, Robert & Roberts 2012");
	}
}

/* On the last string drawn: the window runs on past the end until it is empty. */
static void working_set(struct paging *g)
{
	struct curves c;
	struct err e = {0};
	const size_t n = 100000;
	double off = 0;
	if (curves_measure(&c, g->arena, g->refs, n, &e) < 0) {
		valid_broken(g->v, "host.paging.working_set", e.msg);
		return;
	}
	/* sums over windows, counted page by page as the window slides */
	uint32_t *in = arena_array(g->arena, LARGE_PAGES, sizeof(*in));
	uint64_t before = 0;
	for (size_t t = 500; t <= 2001; t++) {
		if (t % 500 > 1)
			continue;
		uint64_t sum = 0, set = 0;
		memset(in, 0, LARGE_PAGES * sizeof(*in));
		for (size_t k = 0; k < n + t; k++) {
			if (k < n)
				set += in[g->refs[k] >> 1]++ == 0;
			if (k >= t)
				set -= --in[g->refs[k - t] >> 1] == 0;
			sum += set;
		}
		if (t % 500 == 1 && t > 1)
			off += fabs((double)(sum - before) - (double)c.misses[t - 1]);
		before = sum;
	}
	valid_near(g->v, "host.paging.working_set.identity", off, 0, 0,
		"S(T+1) - S(T) = misses(T), Denning & Schwartz 1972; T 500 to 2000");
	double worst = 0;
	for (uint32_t m = 100; m <= 1600; m *= 2)
		worst = fmax(worst, fabs((double)c.lru_faults[m] - faults(g, "lru", m, n)));
	valid_near(g->v, "host.paging.stack_distance", worst, 0, 0, "LRU on each memory size from one pass, Mattson et al. 1970");
}

void valid_host_paging(struct valid *v)
{
	struct paging g = {.v = v, .arena = arena_new()};
	g.refs = g.arena ? arena_array(g.arena, DRAWS, sizeof(*g.refs)) : NULL;
	if (!g.refs) {
		valid_broken(v, "host.paging", "no memory");
	} else {
		strings(&g);
		uniform(&g);
		independent(&g);
		large(&g);
		working_set(&g);
	}
	arena_free(g.arena);
}
