/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Victims by a score of all full blocks of the region. */
#include "ftl/victim.h"

static uint32_t best_of(const struct victim_view *v, double (*score)(const struct victim_view *v, const struct ftl_block *k))
{
	const struct ftl_blocks *b = v->blocks;
	const uint32_t *set = &b->set[(uint64_t)v->region * b->per_region];
	uint32_t best = set[0];
	double most = score(v, &b->block[best]);
	for (uint32_t i = 1; i < b->region[v->region].full; i++) {
		double s = score(v, &b->block[set[i]]);
		if (s > most || (s == most && set[i] < best)) {
			most = s;
			best = set[i];
		}
	}
	return best;
}

static double age(const struct victim_view *v, const struct ftl_block *k)
{
	return (double)(v->now - k->stamp) + 1; /* so that data just written has an age too */
}

/* benefit / cost = free space x age / (read + write) = (1 - u) age / 2u (Kawaguchi et al. 1995, sec. 3.3). A block
 * without valid units costs nothing: it goes before all others, the oldest first. */
static double benefit(const struct victim_view *v, const struct ftl_block *k)
{
	double units = v->blocks->units;
	if (k->valid == 0)
		return 1e30 * age(v, k);
	return (units - k->valid) * age(v, k) / (2.0 * k->valid);
}

uint32_t ftl_victim_cost_benefit(const struct victim_view *v)
{
	return best_of(v, benefit);
}

/* Lowest cleaning cost x cleaning times / age, u / (1 - u) x erases / age (Chiang & Chang 1999, sec. 3.2), as the
 * highest inverse. Erases count from 1, so that none is free of them. */
static double cleaning(const struct victim_view *v, const struct ftl_block *k)
{
	double units = v->blocks->units, worn = 1.0 + k->erases;
	if (k->valid == 0)
		return 1e30 * age(v, k) / worn;
	return (units - k->valid) / k->valid * age(v, k) / worn;
}

uint32_t ftl_victim_cost_age_times(const struct victim_view *v)
{
	return best_of(v, cleaning);
}
