/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The null back end. */
#include "ftl/null.h"

#include <math.h>

#define BATCH 32 /* writes drawn ahead, so that what they need is fetched meanwhile */

static void clean(struct ftl *f, uint32_t region)
{
	struct ftl_move m;
	if (!ftl_clean_begin(f, region))
		return;
	while (ftl_clean_next(f, region, &m))
		(void)ftl_move_commit(f, region, &m);
	ftl_erased(f, region);
}

void null_write(struct ftl *f, uint64_t logical)
{
	uint32_t region = ftl_choose(f, logical);
	for (;;) {
		bool room = ftl_room(f, region);
		if (room && !ftl_clean_wanted(f, region, FTL_FOREGROUND))
			break;
		clean(f, region);
	}
	ftl_write_commit(f, logical, ftl_write_begin(f, region));
}

void null_fill(struct ftl *f, uint64_t first, uint64_t count)
{
	for (uint64_t i = first; i < first + count; i++)
		null_write(f, i);
}

/* ---- loads ------------------------------------------------------------------------------------------------ */

/*
 * Zipf by rejection-inversion: Hormann & Derflinger, "Rejection-inversion to generate variates from monotone discrete
 * distributions", ACM TOMACS 6(3), 1996. No table, O(1).
 */
struct zipf {
	double theta, h_first, h_last, squeeze;
	uint64_t n, stride;
};

/* Integral of x^-theta, and its inverse; theta 1 is the logarithm. */
static double integral(const struct zipf *z, double x)
{
	double s = 1 - z->theta;
	return fabs(s) < 1e-9 ? log(x) : (pow(x, s) - 1) / s;
}
static double inverse(const struct zipf *z, double y)
{
	double s = 1 - z->theta;
	return fabs(s) < 1e-9 ? exp(y) : pow(1 + y * s, 1 / s);
}

static uint64_t gcd(uint64_t a, uint64_t b)
{
	while (b) {
		uint64_t r = a % b;
		a = b;
		b = r;
	}
	return a;
}

static struct zipf zipf_make(double theta, uint64_t n)
{
	struct zipf z = {.theta = theta, .n = n};
	z.h_first = integral(&z, 1.5) - 1;
	z.h_last = integral(&z, (double)n + 0.5);
	z.squeeze = 2 - inverse(&z, integral(&z, 2.5) - pow(2, -theta));
	z.stride = (uint64_t)((double)n * 0.6180339887498949) | 1; /* ranks lie apart */
	while (gcd(z.stride, n) != 1)
		z.stride += 2;
	return z;
}

/* Rank from 0 on. */
static uint64_t zipf_rank(const struct zipf *z, struct rng *rng)
{
	for (;;) {
		double u = z->h_last + rng_unit(rng) * (z->h_first - z->h_last);
		double x = inverse(z, u);
		double k = floor(x + 0.5);
		k = k < 1 ? 1 : k > (double)z->n ? (double)z->n : k;
		if (k - x <= z->squeeze || u >= integral(z, k + 0.5) - pow(k, -z->theta))
			return (uint64_t)k - 1;
	}
}

static uint64_t draw(struct null_load *l, const struct zipf *z, struct rng *rng, uint64_t n)
{
	uint64_t hot;
	switch (l->pattern) {
	case NULL_ZIPF:
		return (uint64_t)((uint128)zipf_rank(z, rng) * z->stride % n);
	case NULL_HOT_COLD:
		hot = (uint64_t)(l->hot_units * (double)n);
		return hot > 0 && (hot == n || rng_unit(rng) < l->hot_writes) ? rng_below(rng, hot) : hot + rng_below(rng, n - hot);
	case NULL_LIST:
		if (l->list_next >= l->list_count)
			l->list_next = 0;
		return l->list[l->list_next++];
	case NULL_UNIFORM:
	default:
		return rng_below(rng, n);
	}
}

void null_overwrite(struct ftl *f, struct null_load *l, struct rng *rng, uint64_t writes)
{
	struct zipf z = {0};
	uint64_t units = l->units > 0 ? l->units : f->logical;
	uint64_t batch[BATCH];
	if (l->pattern == NULL_ZIPF)
		z = zipf_make(l->theta, units);
	while (writes > 0) {
		uint32_t n = writes < BATCH ? (uint32_t)writes : BATCH;
		for (uint32_t i = 0; i < n; i++) {
			batch[i] = draw(l, &z, rng, units);
			map_prefetch(&f->map, batch[i]);
		}
		for (uint32_t i = 0; i < n; i++) {
			uint64_t at = map_get(&f->map, batch[i]);
			if (at != FTL_NOWHERE)
				blocks_prefetch(&f->blocks, blocks_of_unit(&f->blocks, at));
		}
		for (uint32_t i = 0; i < n; i++)
			null_write(f, batch[i]);
		writes -= n;
	}
}

/* ---- the flash after it ------------------------------------------------------------------------------------- */

/* Units programmed of each block; an open one's are its frontier's. */
static uint32_t units_programmed(const struct ftl *f, uint32_t block)
{
	const struct ftl_block *k = &f->blocks.block[block];
	uint32_t region = blocks_region(&f->blocks, block);
	if (k->state != FTL_OPEN)
		return k->state == FTL_FULL || k->state == FTL_VICTIM ? f->blocks.units : 0;
	for (uint32_t i = region * FTL_STREAMS; i < (region + 1) * FTL_STREAMS; i++)
		if (f->frontier[i].block == block)
			return f->frontier[i].next;
	return 0;
}

void null_settle(const struct ftl *f, struct nand *n)
{
	uint32_t each = f->alloc.planes_per_region;
	for (uint32_t block = 0; block < f->blocks.count; block++) {
		uint32_t pages = (units_programmed(f, block) + f->page_units - 1) / f->page_units;
		for (uint32_t plane = 0; plane < each; plane++) {
			struct nand_block *b = nand_block_of(n, ftl_block_of(f, block, plane));
			b->erases = f->blocks.block[block].erases;
			b->next_page = (uint16_t)((pages + each - 1 - plane) / each); /* pages go round the planes */
		}
	}
}
