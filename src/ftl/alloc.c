/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The orders of planes, and the choice of a region. */
#include "ftl/alloc.h"

#include <string.h>

#include "ftl/ftl.h"

#define ORDER_DEFAULT "CWDP"

#define STATIC(NAME) static const struct ftl_alloc_ops alloc_##NAME = {#NAME, "by the logical page, in this order", #NAME, NULL};
#define DYNAMIC(symbol, title, text) \
	static uint32_t ftl_alloc_##symbol(struct ftl *f, uint64_t logical); \
	static const struct ftl_alloc_ops alloc_##symbol = {title, text, ORDER_DEFAULT, ftl_alloc_##symbol};
#include "ftl/alloc_list.h"
#undef STATIC
#undef DYNAMIC

const struct ftl_alloc_ops *const ftl_allocs[] = {
#define STATIC(NAME) &alloc_##NAME,
#define DYNAMIC(symbol, title, text) &alloc_##symbol,
#include "ftl/alloc_list.h"
#undef STATIC
#undef DYNAMIC
	NULL,
};

const struct opt_choice ftl_alloc_choices[] = {
#define STATIC(NAME) {#NAME, "by the logical page, in this order"},
#define DYNAMIC(symbol, title, text) {title, text},
#include "ftl/alloc_list.h"
#undef STATIC
#undef DYNAMIC
	{NULL, NULL},
};

/* ---- the dynamic ones: a place in the order to begin at --------------------------------------------------- */

static uint32_t after(const struct ftl_alloc *al, uint32_t place)
{
	return place + 1 < al->regions ? place + 1 : 0;
}

static uint32_t ftl_alloc_round_robin(struct ftl *f, uint64_t logical)
{
	(void)logical;
	uint32_t place = f->alloc.next;
	f->alloc.next = after(&f->alloc, place);
	return place;
}

static uint32_t ftl_alloc_shortest_queue(struct ftl *f, uint64_t logical)
{
	(void)logical;
	const struct ftl_alloc *al = &f->alloc;
	uint64_t least = UINT64_MAX, fewest = UINT64_MAX;
	uint32_t best = 0;
	for (uint32_t i = 0; i < al->regions; i++) {
		uint32_t region = al->order[i];
		if (f->blocks.region[region].live >= f->limit)
			continue;
		/* loads are small numbers and often equal, those of a die's planes always: then what wears evenly decides */
		uint64_t load = al->load ? al->load(al->load_ctx, region) : 0, programmed = al->programmed[region];
		if (load < least || (load == least && programmed < fewest)) {
			least = load;
			fewest = programmed;
			best = i;
		}
	}
	return best;
}

static uint32_t ftl_alloc_locality(struct ftl *f, uint64_t logical)
{
	uint64_t at = ftl_lookup(f, logical);
	if (at != FTL_NOWHERE)
		return f->alloc.place[ftl_region_of(f, at)];
	at = logical > 0 ? ftl_lookup(f, logical - 1) : FTL_NOWHERE;
	if (at == FTL_NOWHERE)
		return ftl_alloc_round_robin(f, logical);
	uint32_t place = f->alloc.place[ftl_region_of(f, at)];
	return logical % f->page_units != 0 ? place : after(&f->alloc, place);
}

/* ---- all --------------------------------------------------------------------------------------------------- */

uint32_t alloc_region(struct ftl *f, uint64_t logical, uint64_t page)
{
	const struct ftl_alloc *al = &f->alloc;
	if (!al->ops->choose)
		return al->order[page - fastdiv(page, &al->by_regions) * al->regions];
	uint32_t place = al->ops->choose(f, logical);
	for (uint32_t i = 0; i < al->regions; i++, place = after(al, place))
		if (f->blocks.region[al->order[place]].live < f->limit)
			break;
	return al->order[place];
}

void alloc_plane_order(const char *letters, const struct nand_geom *g, uint32_t *out)
{
	/* what one step of each letter adds to the plane's number, and how many steps it has */
	uint32_t step[4] = {0}, steps[4] = {0}, at[4] = {0}, plane = 0;
	for (int i = 0; i < 4; i++) {
		switch (letters[i]) {
		case 'C': steps[i] = g->channels, step[i] = g->dies_per_channel * g->planes; break;
		case 'W': steps[i] = g->chips, step[i] = g->dies_per_chip * g->planes; break;
		case 'D': steps[i] = g->dies_per_chip, step[i] = g->planes; break;
		default: steps[i] = g->planes, step[i] = 1; break;
		}
	}
	for (uint64_t n = 0; n < g->all_planes; n++) {
		out[n] = plane;
		for (int i = 0; i < 4; i++) { /* as an odometer, the first letter its fastest wheel */
			plane += step[i];
			if (++at[i] < steps[i])
				break;
			plane -= steps[i] * step[i];
			at[i] = 0;
		}
	}
}

int alloc_init(struct ftl_alloc *al, struct arena *a, const struct ftl_alloc_spec *s, const struct nand_geom *g)
{
	uint32_t planes = (uint32_t)g->all_planes;
	uint32_t each = s->superblock == FTL_SUPER_NONE ? 1 : s->superblock == FTL_SUPER_DIE ? g->planes : planes;
	uint32_t *plane = arena_array(a, planes, sizeof(*plane));
	uint32_t *order = arena_array(a, planes / each, sizeof(*order));
	uint32_t *place = arena_array(a, planes / each, sizeof(*place));
	if (!plane || !order || !place)
		return -1;
	*al = (struct ftl_alloc){.ops = ftl_allocs[s->order], .regions = planes / each, .planes_per_region = each,
		.order = order, .place = place, .plane = plane, .by_regions = fastdiv_make(planes / each),
		.by_planes = fastdiv_make(each)};
	alloc_plane_order(al->ops->order, g, plane);
	memset(place, 0xff, planes / each * sizeof(*place));
	for (uint32_t i = 0, n = 0; i < planes; i++) {
		uint32_t region = plane[i] / each;
		if (place[region] == UINT32_MAX) { /* the first of its planes */
			place[region] = n;
			order[n++] = region;
		}
	}
	return 0;
}
