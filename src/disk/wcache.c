/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The write cache's extents: a sorted array, changed by cutting, inserting and joining. */
#include "disk/wcache.h"

#include <string.h>

/* A write may split an extent in two and be one of its own, and writes whose space was held may find
 * that what they would have joined has gone: so many more than the limit. */
#define SPARE_EXTENTS 16
#define PIECES_AT_ONCE 64

int wcache_init(struct wcache *c, struct arena *a, uint32_t extents, uint64_t sectors,
	enum wcache_combine combine)
{
	*c = (struct wcache){.extent_limit = extents, .sector_limit = sectors, .combine = combine};
	c->extent = arena_array(a, (size_t)extents + SPARE_EXTENTS, sizeof(*c->extent));
	pool_init(&c->pieces, a, sizeof(struct wcache_piece), PIECES_AT_ONCE);
	return c->extent ? 0 : -1;
}

/* ---- pieces ---------------------------------------------------------------------------------- */

void wcache_free_pieces(struct wcache *c, struct wcache_piece *p)
{
	while (p) {
		struct wcache_piece *next = p->next;
		pool_put(&c->pieces, p);
		p = next;
	}
}

/*
 * Split the list at LBN `at`; returns the part from there on. Where there is no memory to split a
 * piece, its upper part is lost: the oracle then takes these sectors for never destaged.
 */
static struct wcache_piece *split_pieces(struct wcache *c, struct wcache_piece **list, uint64_t at)
{
	while (*list && (*list)->hi <= at)
		list = &(*list)->next;
	struct wcache_piece *p = *list;
	if (!p || p->lo >= at) {
		*list = NULL;
		return p;
	}
	struct wcache_piece *upper = pool_get(&c->pieces), *rest = p->next;
	if (upper) {
		*upper = (struct wcache_piece){rest, at, p->hi, p->tag};
		rest = upper;
	}
	p->hi = at;
	p->next = NULL;
	return rest;
}

static void join_pieces(struct wcache_piece **list, struct wcache_piece *behind)
{
	while (*list)
		list = &(*list)->next;
	*list = behind;
}

void wcache_clear(struct wcache *c)
{
	for (uint32_t i = 0; i < c->count; i++)
		wcache_free_pieces(c, c->extent[i].pieces);
	c->count = c->held_extents = 0;
	c->sectors = c->held_sectors = 0;
}

/* ---- finding --------------------------------------------------------------------------------- */

uint32_t wcache_find(const struct wcache *c, uint64_t lbn)
{
	uint32_t lo = 0, hi = c->count;
	while (lo < hi) {
		uint32_t mid = (lo + hi) / 2;
		if (c->extent[mid].hi <= lbn)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

bool wcache_overlaps(const struct wcache *c, uint64_t lo, uint64_t hi)
{
	uint32_t i = wcache_find(c, lo);
	return i < c->count && c->extent[i].lo < hi;
}

uint64_t wcache_reach(const struct wcache *c, uint64_t lo, uint64_t hi)
{
	for (uint32_t i = wcache_find(c, lo); i < c->count && lo < hi && c->extent[i].lo <= lo; i++)
		lo = c->extent[i].hi;
	return lo < hi ? lo : hi;
}

uint64_t wcache_dirty(const struct wcache *c, uint64_t lo, uint64_t hi)
{
	uint64_t n = 0;
	for (uint32_t i = wcache_find(c, lo); i < c->count && c->extent[i].lo < hi; i++) {
		uint64_t from = c->extent[i].lo > lo ? c->extent[i].lo : lo;
		n += (c->extent[i].hi < hi ? c->extent[i].hi : hi) - from;
	}
	return n;
}

/* Whether extents that meet at lbn may be one. */
static inline bool may_join(const struct wcache *c, uint64_t lbn)
{
	return c->border == 0 || lbn % c->border != 0;
}

/* By how many extents they grow when [lo, hi) is put in; below 0: it replaces more than it leaves. */
static int64_t growth(const struct wcache *c, uint64_t lo, uint64_t hi)
{
	const struct wcache_extent *x = c->extent;
	uint32_t i = wcache_find(c, lo), end = i;
	while (end < c->count && x[end].lo < hi)
		end++;
	bool below = end > i && x[i].lo < lo, above = end > i && x[end - 1].hi > hi; /* parts that stay */
	int64_t more = 1 + below + above - (int64_t)(end - i);
	if (c->combine != WCACHE_COMBINE_NONE && may_join(c, lo) && (below || (i > 0 && x[i - 1].hi == lo)))
		more--;
	if (c->combine == WCACHE_COMBINE_ALL && may_join(c, hi) && (above || (end < c->count && x[end].lo == hi)))
		more--;
	return more;
}

bool wcache_room(const struct wcache *c, uint64_t lo, uint32_t sectors)
{
	if (c->sectors + c->held_sectors + sectors > c->sector_limit)
		return false;
	int64_t more = growth(c, lo, lo + sectors);
	return more <= 0 || c->count + c->held_extents + (uint64_t)more <= c->extent_limit;
}

/* ---- changing -------------------------------------------------------------------------------- */

static void remove_extent(struct wcache *c, uint32_t i)
{
	memmove(&c->extent[i], &c->extent[i + 1], (--c->count - i) * sizeof(c->extent[0]));
}

static struct wcache_extent *insert_extent(struct wcache *c, uint32_t i)
{
	memmove(&c->extent[i + 1], &c->extent[i], (c->count++ - i) * sizeof(c->extent[0]));
	return &c->extent[i];
}

/* The extent is two from `at` on; returns the index of the upper one. lo <= at <= hi. */
static uint32_t split_extent(struct wcache *c, uint32_t i, uint64_t at)
{
	if (at <= c->extent[i].lo)
		return i;
	if (at >= c->extent[i].hi)
		return i + 1;
	struct wcache_extent *upper = insert_extent(c, i + 1);
	*upper = c->extent[i];
	upper->lo = at;
	upper->cylinder = WCACHE_UNPLACED;
	upper->pieces = split_pieces(c, &c->extent[i].pieces, at);
	c->extent[i].hi = at;
	return i + 1;
}

/* Take [lo, hi) out of the extents; its pieces in order, and how many sectors it was. */
static struct wcache_piece *cut(struct wcache *c, uint64_t lo, uint64_t hi, uint64_t *sectors)
{
	struct wcache_piece *all = NULL;
	*sectors = 0;
	uint32_t i = wcache_find(c, lo);
	if (i < c->count && c->extent[i].lo < lo)
		i = split_extent(c, i, lo);
	while (i < c->count && c->extent[i].lo < hi) {
		if (c->extent[i].hi > hi)
			split_extent(c, i, hi);
		*sectors += c->extent[i].hi - c->extent[i].lo;
		join_pieces(&all, c->extent[i].pieces);
		remove_extent(c, i);
	}
	c->sectors -= *sectors;
	return all;
}

void wcache_drop(struct wcache *c, uint64_t lo, uint64_t hi)
{
	uint64_t n;
	wcache_free_pieces(c, cut(c, lo, hi, &n));
	c->counts.superseded += n;
}

struct wcache_piece *wcache_take(struct wcache *c, uint64_t lo, uint64_t hi)
{
	uint64_t n;
	struct wcache_piece *p = cut(c, lo, hi, &n);
	c->counts.destaged += n;
	c->counts.destages++;
	wcache_hold(c, (uint32_t)n);
	return p;
}

/* Extent i + 1 continues extent i: make them one, as old as the older. */
static void join(struct wcache *c, uint32_t i)
{
	struct wcache_extent *x = &c->extent[i];
	const struct wcache_extent *y = x + 1;
	x->hi = y->hi;
	if (y->stamp < x->stamp) {
		x->stamp = y->stamp;
		x->acked_ps = y->acked_ps;
	}
	join_pieces(&x->pieces, y->pieces);
	remove_extent(c, i + 1);
	c->counts.combined++;
}

struct wcache_extent *wcache_put(struct wcache *c, uint64_t lo, uint32_t sectors, time_ps now, const uint64_t *tag)
{
	struct wcache_piece *piece = tag ? pool_get(&c->pieces) : NULL;
	uint64_t hi = lo + sectors;
	if (tag && !piece)
		return NULL;
	wcache_drop(c, lo, hi);
	uint32_t i = wcache_find(c, lo);
	struct wcache_extent *x = insert_extent(c, i);
	*x = (struct wcache_extent){.lo = lo, .hi = hi, .acked_ps = now, .stamp = ++c->stamp,
		.cylinder = WCACHE_UNPLACED, .pieces = piece};
	if (piece)
		*piece = (struct wcache_piece){NULL, lo, hi, *tag};
	c->sectors += sectors;
	c->counts.accepted++;
	wcache_release(c, sectors);
	if (c->combine == WCACHE_COMBINE_ALL && i + 1 < c->count && c->extent[i + 1].lo == hi && may_join(c, hi))
		join(c, i);
	if (c->combine != WCACHE_COMBINE_NONE && i > 0 && c->extent[i - 1].hi == lo && may_join(c, lo))
		join(c, --i);
	return &c->extent[i];
}
