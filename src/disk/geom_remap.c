/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Blocks that live at spare places: finding them, the config's list of them, and new ones. */
#include "disk/geom_private.h"

#include <inttypes.h>
#include <string.h>

/* ---- the two lists ----------------------------------------------------------------------- */

/* Remaps that begin at or before lbn. */
static uint32_t remaps_to(const struct geom *g, uint64_t lbn)
{
	uint32_t lo = 0, hi = g->remap_count;
	while (lo < hi) {
		uint32_t mid = (lo + hi) / 2;
		if (g->remaps[mid].lbn <= lbn)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* The same of used spares in order of place. */
static uint32_t spares_to(const struct geom *g, uint32_t zone, uint64_t place)
{
	uint32_t lo = 0, hi = g->spare_count;
	while (lo < hi) {
		uint32_t mid = (lo + hi) / 2;
		const struct geom_remap *r = &g->spares[mid];
		if (r->zone < zone || (r->zone == zone && r->place <= place))
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

const struct geom_remap *geom_find_remap(const struct geom *g, uint64_t lbn)
{
	uint32_t n = remaps_to(g, lbn);
	return n && lbn - g->remaps[n - 1].lbn < g->remaps[n - 1].count ? &g->remaps[n - 1] : NULL;
}

const struct geom_remap *geom_find_spare(const struct geom *g, uint32_t zone, uint64_t place)
{
	uint32_t n = spares_to(g, zone, place);
	const struct geom_remap *r = n ? &g->spares[n - 1] : NULL;
	return r && r->zone == zone && place - r->place < r->count ? r : NULL;
}

void geom_cut_stretch(const struct geom *g, const struct geom_place *at, struct geom_track *t)
{
	const struct geom_zone *z = at->zone;
	bool empty;
	uint64_t lbn = z->first_lbn + (geom_place_rank(z, at->index, &empty) - z->reserved);
	uint64_t first = t->first_lbn, end = first + t->lbns;
	uint32_t n = remaps_to(g, lbn);
	if (n && g->remaps[n - 1].lbn + g->remaps[n - 1].count > first)
		first = g->remaps[n - 1].lbn + g->remaps[n - 1].count;
	if (n < g->remap_count && g->remaps[n].lbn < end)
		end = g->remaps[n].lbn;
	t->first_lbn = first;
	t->lbns = (uint32_t)(end - first);
}

static void insert(struct geom_remap *list, uint32_t count, uint32_t at, const struct geom_remap *r)
{
	memmove(&list[at + 1], &list[at], (count - at) * sizeof(*list));
	list[at] = *r;
}

/* There is room. */
static void add_remap(struct geom *g, const struct geom_remap *r)
{
	insert(g->remaps, g->remap_count, remaps_to(g, r->lbn), r);
	insert(g->spares, g->spare_count, spares_to(g, r->zone, r->place), r);
	g->remap_count++;
	g->spare_count++;
}

/* The run's spare places have gone bad: nothing lives there any more, and never will. */
static void drop_remap(struct geom *g, const struct geom_remap *r)
{
	uint32_t at = remaps_to(g, r->lbn) - 1;
	g->spares[spares_to(g, r->zone, r->place) - 1].lbn = GEOM_NO_LBN;
	g->remap_count--;
	memmove(&g->remaps[at], &g->remaps[at + 1], (g->remap_count - at) * sizeof(*g->remaps));
}

int geom_reserve_remaps(struct geom *g, struct arena *a, uint32_t count)
{
	if (count > UINT32_MAX - g->remap_room)
		return -1;
	uint32_t room = g->remap_room + count;
	struct geom_remap *remaps = arena_array(a, room, sizeof(*remaps));
	struct geom_remap *spares = arena_array(a, room, sizeof(*spares));
	if (!remaps || !spares)
		return -1;
	if (g->spare_count) {
		memcpy(remaps, g->remaps, g->remap_count * sizeof(*remaps));
		memcpy(spares, g->spares, g->spare_count * sizeof(*spares));
	}
	g->remaps = remaps;
	g->spares = spares;
	g->remap_room = room;
	return 0;
}

/* ---- spares ------------------------------------------------------------------------------ */

static bool is_slipped(const struct geom_zone *z, uint64_t place)
{
	uint32_t lo = 0, hi = z->slip_count;
	while (lo < hi) {
		uint32_t mid = (lo + hi) / 2;
		if (z->slips[mid].first <= place)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo && place - z->slips[lo - 1].first < z->slips[lo - 1].count;
}

/* All `count` places from `place` on are spares that nothing uses. */
static bool are_free(const struct geom *g, uint32_t zone, uint64_t place, uint64_t count)
{
	const struct geom_zone *z = &g->zones[zone];
	for (uint64_t p = place; p < place + count; p++) {
		bool empty;
		uint64_t rank = geom_place_rank(z, p, &empty);
		if ((!empty && rank < z->reserved + z->lbns) || is_slipped(z, p) || geom_find_spare(g, zone, p))
			return false;
	}
	return true;
}

/* The unit in which blocks are remapped: tracks go to spare tracks of their zone. */
static uint64_t remap_unit(const struct geom *g, const struct geom_zone *z)
{
	return g->sparing == SPARE_ZONE_TRACKS ? z->spt : 1;
}

/* The first free unit in [from, to). */
static bool search_up(const struct geom *g, uint32_t zone, uint64_t from, uint64_t to, uint64_t *place)
{
	uint64_t unit = remap_unit(g, &g->zones[zone]);
	for (*place = (from + unit - 1) / unit * unit; *place + unit <= to; *place += unit)
		if (are_free(g, zone, *place, unit))
			return true;
	return false;
}

/* The last free sector below `to`. */
static bool search_down(const struct geom *g, uint32_t zone, uint64_t from, uint64_t to, uint64_t *place)
{
	for (*place = to; *place > from;)
		if (are_free(g, zone, --*place, 1))
			return true;
	return false;
}

/* The spares at the end of a zone of the config, which may be in several parts. */
static bool search_zone_end(const struct geom *g, uint32_t number, uint32_t *zone, uint64_t *place)
{
	for (*zone = 0; *zone < g->zone_count; ++*zone) {
		const struct geom_zone *z = &g->zones[*zone];
		uint64_t end = z->reserved + z->lbns; /* no rank beyond the last block's holds anything */
		if (z->number == number && search_up(g, *zone, end ? geom_rank_place(z, end - 1) + 1 : 0, z->places, place))
			return true;
	}
	return false;
}

/* The nearest free spare for a block whose home is at this place. */
static bool find_spare(const struct geom *g, const struct geom_place *home, uint32_t *zone, uint64_t *place)
{
	const struct geom_zone *z = home->zone;
	const struct geom_rule *rule = &geom_rules[g->sparing];
	*zone = (uint32_t)(z - g->zones);
	if (rule->pool == POOL_NONE)
		return false;
	if (rule->pool == POOL_ZONE)
		return search_zone_end(g, z->number, zone, place);
	if (rule->pool == POOL_DISK) {
		uint32_t last = 0;
		for (uint32_t i = 0; i < g->zone_count; i++)
			last = g->zones[i].number > last ? g->zones[i].number : last;
		return search_zone_end(g, last, zone, place);
	}
	uint64_t pool = z->pooled ? home->index / z->pool_places : z->pools;
	if (pool >= z->pools)
		return false;
	uint64_t first = pool * z->pool_places;
	if (rule->front)
		return search_down(g, *zone, first, first + z->pool_front, place);
	return search_up(g, *zone, home->index, first + z->pool_places, place);
}

/* ---- moving a block ---------------------------------------------------------------------- */

/* The blocks that leave together with this one, which is at home: itself, or its whole track. */
static void home_run(const struct geom *g, const struct geom_place *home, uint64_t lbn, struct geom_remap *out)
{
	*out = (struct geom_remap){.lbn = lbn, .count = 1, .place = home->index};
	if (remap_unit(g, home->zone) > 1) {
		struct geom_track t;
		geom_track_at(g, home, &t);
		*out = (struct geom_remap){.lbn = t.first_lbn, .count = t.lbns,
			.place = t.first_place + geom_sector_of(&t, t.first_lbn)};
	}
}

int geom_grow(struct geom *g, uint64_t lbn, struct err *e)
{
	struct geom_place home;
	struct geom_remap run;
	uint32_t zone;
	uint64_t place;
	geom_locate_home(g, lbn, &home);
	if (g->spare_count >= g->remap_room)
		return err_set(e, ERR_LIMIT, "there is no room to remap sector %" PRIu64, lbn);
	if (!find_spare(g, &home, &zone, &place))
		return err_set(e, ERR_LIMIT, "sector %" PRIu64 " has gone bad and no spare is free for it", lbn);
	const struct geom_remap *old = geom_find_remap(g, lbn);
	if (old) {
		run = *old;
		drop_remap(g, &run);
	} else {
		home_run(g, &home, lbn, &run);
	}
	run.place = place + run.place % remap_unit(g, home.zone);
	run.zone = zone;
	add_remap(g, &run);
	return 0;
}

/* ---- remaps of the config ---------------------------------------------------------------- */

/* A place of a zone of the config, in its part. */
static bool part_place(const struct geom *g, uint32_t number, uint64_t at, uint32_t *zone, uint64_t *place)
{
	uint64_t before = 0; /* parts are in LBN order, and so are a zone's places */
	for (uint32_t i = 0; i < g->zone_count; i++) {
		const struct geom_zone *z = &g->zones[i];
		if (z->number != number)
			continue;
		if (at - before < z->places) {
			*zone = i;
			*place = at - before;
			return true;
		}
		before += z->places;
	}
	return false;
}

struct remapper {
	struct geom *g;
	const struct disk_geometry_spec *spec;
	struct err *err;
};

/* Places count in tracks of this zone, or in sectors. */
static bool unit_place(const struct remapper *m, uint32_t number, double at, uint32_t *zone, uint64_t *place)
{
	const struct disk_zone_spec *z = (const struct disk_zone_spec *)m->spec->zones.rows + number;
	uint64_t unit = m->g->sparing == SPARE_ZONE_TRACKS ? (uint64_t)z->sectors_per_track : 1;
	return at >= 0 && at < 0x1p53 && part_place(m->g, number, (uint64_t)at * unit, zone, place);
}

static int remap_defect(struct remapper *m, uint32_t number, size_t i)
{
	const struct disk_zone_spec *z = (const struct disk_zone_spec *)m->spec->zones.rows + number;
	struct geom *g = m->g;
	const double bad = (double)z->defects.x[i], spare = z->defects.y[i];
	bool disk_end = geom_rules[g->sparing].pool == POOL_DISK;
	uint32_t bad_zone, spare_zone;
	uint64_t bad_place, spare_place, lbn, unit;
	if (!unit_place(m, number, bad, &bad_zone, &bad_place))
		return err_set(m->err, ERR_CONFIG, "zones[%" PRIu32 "].defects[%zu] names place %.0f, which is not in the zone",
			number, i, bad);
	if (!unit_place(m, disk_end ? (uint32_t)m->spec->zones.count - 1 : number, spare, &spare_zone, &spare_place))
		return err_set(m->err, ERR_CONFIG, "zones[%" PRIu32 "].defects[%zu] names spare %.0f, which is not in the zone",
			number, i, spare);
	unit = remap_unit(g, &g->zones[bad_zone]);
	if (!are_free(g, spare_zone, spare_place, unit))
		return err_set(m->err, ERR_CONFIG, "zones[%" PRIu32 "].defects[%zu]: place %.0f is not a free spare", number, i,
			spare);
	/* a track's last sector: its first ones may be reserved */
	if (!geom_lbn_of_place(g, &g->zones[bad_zone], bad_place + unit - 1, &lbn))
		return err_set(m->err, ERR_CONFIG, "zones[%" PRIu32 "].defects[%zu]: place %.0f holds no logical block, or one "
			"that is remapped already", number, i, bad);
	struct geom_place home;
	struct geom_remap run;
	geom_locate_home(g, lbn, &home);
	home_run(g, &home, lbn, &run);
	run.place = spare_place + run.place % unit;
	run.zone = spare_zone;
	add_remap(g, &run);
	return 0;
}

int geom_remap_defects(struct geom *g, struct arena *a, const struct disk_geometry_spec *spec, struct err *e)
{
	struct remapper m = {g, spec, e};
	const struct disk_zone_spec *z = spec->zones.rows;
	size_t total = 0;
	for (size_t i = 0; i < spec->zones.count; i++)
		total += z[i].defects.count;
	if (total == 0)
		return 0;
	if (total > UINT32_MAX || geom_reserve_remaps(g, a, (uint32_t)total) < 0)
		return err_set(e, ERR_LIMIT, "no memory for the disk's remapped sectors");
	for (uint32_t i = 0; i < spec->zones.count; i++)
		for (size_t k = 0; k < z[i].defects.count; k++)
			if (remap_defect(&m, i, k) < 0)
				return -1;
	return 0;
}
