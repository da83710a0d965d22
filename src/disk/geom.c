/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * LBN <-> physical place. Invariants: zones ascend in cylinder and LBN without gaps in LBN;
 * within a zone place(rank(p)) = p for every place that holds a block.
 */
#include "disk/geom.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MILLI 1000

/* ---- building ---------------------------------------------------------------------- */

static int compare_u64(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
	return x < y ? -1 : x > y;
}

/* Merge the reserved front and the slips into ascending, non-touching runs. */
static int build_skips(struct geom_zone *z, struct arena *a, const struct disk_zone_spec *spec,
	uint64_t unit, size_t number, struct err *e)
{
	size_t n = spec->slips.count;
	uint64_t *start = arena_array(a, n + 1, sizeof(*start));
	struct geom_skip *skips = arena_array(a, n + 1, sizeof(*skips));
	if (!start || !skips)
		return err_set(e, ERR_LIMIT, "no memory for the disk's slip lists");
	for (size_t i = 0; i < n; i++) {
		int64_t at = spec->slips.values[i].i;
		if (at < 0 || (uint64_t)at >= z->places / unit)
			return err_set(e, ERR_CONFIG, "geometry.zones[%zu].slips[%zu] = %" PRId64
				": want a place inside the zone, 0 to %" PRIu64, number, i, at, z->places / unit - 1);
		start[i] = (uint64_t)at * unit;
	}
	qsort(start, n, sizeof(*start), compare_u64);
	uint32_t count = 0;
	uint64_t skipped = 0;
	if (spec->reserved_sectors > 0) {
		skips[count++] = (struct geom_skip){0, (uint64_t)spec->reserved_sectors, 0};
		skipped = (uint64_t)spec->reserved_sectors;
	}
	for (size_t i = 0; i < n; i++) {
		struct geom_skip *last = count ? &skips[count - 1] : NULL;
		uint64_t from = start[i], end = start[i] + unit;
		if (last && from < last->first + last->count)
			from = last->first + last->count; /* listed twice, or begun in the reserved front */
		if (from >= end)
			continue;
		if (last && from == last->first + last->count)
			last->count += end - from;
		else
			skips[count++] = (struct geom_skip){from, end - from, skipped};
		skipped += end - from;
	}
	z->skips = skips;
	z->skip_count = count;
	return 0;
}

static int build_zone(struct geom_zone *z, struct arena *a, const struct disk_geometry_spec *g,
	const struct disk_zone_spec *spec, size_t number, struct err *e)
{
	z->first_cylinder = (uint32_t)spec->first_cylinder;
	z->cylinders = (uint32_t)(spec->last_cylinder - spec->first_cylinder + 1);
	z->spt = (uint32_t)spec->sectors_per_track;
	z->places = (uint64_t)z->cylinders * (uint64_t)g->heads * z->spt;
	z->offset_milli = llround(spec->offset * MILLI);
	z->track_skew_milli = llround(spec->track_skew * MILLI);
	z->cylinder_skew_milli = llround(spec->cylinder_skew * MILLI);
	z->sector_whole = ANGLE_TURN / z->spt;
	z->sector_fraction = (uint64_t)((((uint128)(ANGLE_TURN % z->spt) << 64) + z->spt - 1) / z->spt);
	z->by_spt = fastdiv_make(z->spt);
	z->by_turn_milli = fastdiv_make((uint64_t)MILLI * z->spt);
	z->by_sector_angle = fastdiv_make(ANGLE_TURN / z->spt);
	uint64_t slip_unit = g->slip_unit == SKIP_TRACK ? z->spt : 1;
	uint64_t spare_unit = g->spare_unit == SKIP_TRACK ? z->spt : 1;
	uint64_t lost = (uint64_t)spec->reserved_sectors + (uint64_t)spec->spares * spare_unit;
	uint64_t slipped = 0;
	if (build_skips(z, a, spec, slip_unit, number, e) < 0)
		return -1;
	if (z->skip_count) {
		const struct geom_skip *last = &z->skips[z->skip_count - 1];
		slipped = last->before + last->count;
	}
	if (lost >= z->places || slipped >= z->places)
		return err_set(e, ERR_CONFIG, "geometry.zones[%zu] holds no block: %" PRIu64 " places, %" PRIu64
			" of them reserved, spare or slipped", number, z->places, lost > slipped ? lost : slipped);
	if (slipped > lost)
		return err_set(e, ERR_CONFIG, "geometry.zones[%zu]: %" PRIu64 " places are reserved or slipped, more "
			"than the %" PRIu64 " that are reserved or spare", number, slipped, lost);
	z->lbns = z->places - lost;
	return 0;
}

struct geom *geom_new(struct arena *a, const struct disk_geometry_spec *spec, struct err *e)
{
	struct geom *g = arena_alloc(a, sizeof(*g));
	struct geom_zone *zones = arena_array(a, spec->zones.count, sizeof(*zones));
	uint64_t *first = arena_array(a, spec->zones.count, sizeof(*first));
	if (!g || !zones || !first) {
		err_set(e, ERR_LIMIT, "no memory for the disk's zones");
		return NULL;
	}
	g->heads = (uint32_t)spec->heads;
	g->by_heads = fastdiv_make(g->heads);
	g->cylinders = (uint32_t)spec->cylinders;
	g->order = spec->lbn_order;
	g->zones = zones;
	g->zone_first_lbn = first;
	g->zone_count = (uint32_t)spec->zones.count;
	const struct disk_zone_spec *rows = spec->zones.rows;
	for (size_t i = 0; i < spec->zones.count; i++) {
		if (build_zone(&zones[i], a, spec, &rows[i], i, e) < 0)
			return NULL;
		zones[i].first_lbn = first[i] = g->sectors;
		g->sectors += zones[i].lbns;
	}
	return g;
}

/* ---- lookup -------------------------------------------------------------------------- */

static inline const struct geom_zone *zone_of_lbn(const struct geom *g, uint64_t lbn)
{
	uint32_t lo = 0, n = g->zone_count;
	while (n > 1) { /* the last zone that starts at or before lbn, without branches */
		uint32_t half = n / 2;
		lo = g->zone_first_lbn[lo + half] <= lbn ? lo + half : lo;
		n -= half;
	}
	return &g->zones[lo];
}

/* Places skipped before the block of rank r: those of all runs whose first block-rank is <= r. */
static inline uint64_t skipped_at_rank(const struct geom_zone *z, uint64_t r)
{
	uint32_t lo = 0, hi = z->skip_count;
	while (lo < hi) {
		uint32_t mid = (lo + hi) / 2;
		if (z->skips[mid].first - z->skips[mid].before <= r)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo ? z->skips[lo - 1].before + z->skips[lo - 1].count : 0;
}

/* Blocks among the places [0, place). *skipped: the place itself holds none. */
static inline uint64_t rank_of(const struct geom_zone *z, uint64_t place, bool *skipped)
{
	uint32_t lo = 0, hi = z->skip_count;
	while (lo < hi) {
		uint32_t mid = (lo + hi) / 2;
		if (z->skips[mid].first <= place)
			lo = mid + 1;
		else
			hi = mid;
	}
	*skipped = false;
	if (lo == 0)
		return place;
	const struct geom_skip *s = &z->skips[lo - 1];
	if (place < s->first + s->count) {
		*skipped = true;
		return s->first - s->before;
	}
	return place - s->before - s->count;
}

static inline bool head_order_turns(const struct geom *g, const struct geom_zone *z, uint32_t cylinder)
{
	switch (g->order) {
	case LBN_SERPENTINE_ZONE:
		return (cylinder - z->first_cylinder) & 1;
	case LBN_SERPENTINE:
		return cylinder & 1;
	default:
		return false;
	}
}

static inline void place_of_index(const struct geom *g, const struct geom_zone *z, uint64_t index,
	struct geom_place *out)
{
	uint64_t track = fastdiv(index, &z->by_spt);
	uint32_t cylinder = (uint32_t)fastdiv(track, &g->by_heads);
	uint32_t position = (uint32_t)(track - (uint64_t)cylinder * g->heads);
	out->zone = z;
	out->index = index;
	out->sector = (uint32_t)(index - track * z->spt);
	out->cylinder = z->first_cylinder + cylinder;
	out->head = head_order_turns(g, z, out->cylinder) ? g->heads - 1 - position : position;
}

void geom_locate(const struct geom *g, uint64_t lbn, struct geom_place *out)
{
	const struct geom_zone *z = zone_of_lbn(g, lbn);
	uint64_t rank = lbn - z->first_lbn;
	place_of_index(g, z, rank + skipped_at_rank(z, rank), out);
}

bool geom_lbn_at(const struct geom *g, uint32_t cylinder, uint32_t head, uint32_t sector, uint64_t *lbn)
{
	for (uint32_t i = 0; i < g->zone_count; i++) {
		const struct geom_zone *z = &g->zones[i];
		if (cylinder < z->first_cylinder || cylinder - z->first_cylinder >= z->cylinders)
			continue;
		if (sector >= z->spt || head >= g->heads)
			return false;
		uint32_t position = head_order_turns(g, z, cylinder) ? g->heads - 1 - head : head;
		uint64_t index = ((uint64_t)(cylinder - z->first_cylinder) * g->heads + position) * z->spt + sector;
		bool skipped;
		uint64_t rank = rank_of(z, index, &skipped);
		*lbn = z->first_lbn + rank;
		return !skipped && rank < z->lbns;
	}
	return false;
}

/* Angle of a track's sector 0: the skews of all tracks before it in the zone, in 1/1000 sectors,
 * reduced to a turn before it is scaled. */
static inline uint64_t track_angle(const struct geom *g, const struct geom_zone *z, uint64_t first_place)
{
	int64_t turn = (int64_t)MILLI * z->spt;
	uint64_t track = fastdiv(first_place, &z->by_spt);
	int64_t cylinder = (int64_t)fastdiv(track, &g->by_heads);
	int64_t position = (int64_t)track - cylinder * (int64_t)g->heads;
	int64_t skew = z->offset_milli +
		(position + ((int64_t)g->heads - 1) * cylinder) * z->track_skew_milli +
		cylinder * z->cylinder_skew_milli;
	if (skew >= 0) {
		skew -= (int64_t)fastdiv((uint64_t)skew, &z->by_turn_milli) * turn;
	} else {
		skew %= turn;
		skew += skew < 0 ? turn : 0;
	}
	return (uint64_t)((uint128)(uint64_t)skew * ANGLE_TURN / (uint64_t)turn);
}

void geom_track_at(const struct geom *g, const struct geom_place *at, struct geom_track *out)
{
	const struct geom_zone *z = at->zone;
	out->zone = z;
	out->spt = z->spt;
	out->cylinder = at->cylinder;
	out->head = at->head;
	out->first_place = at->index - at->sector;
	out->angle0 = track_angle(g, z, out->first_place);
	uint64_t first = out->first_place, end = first + z->spt;
	if (z->skip_count) {
		bool skipped;
		first = rank_of(z, first, &skipped);
		end = rank_of(z, end, &skipped);
	}
	if (end > z->lbns)
		end = z->lbns;
	out->first_lbn = z->first_lbn + first;
	out->lbns = (uint32_t)(end > first ? end - first : 0);
}

uint32_t geom_sector_of(const struct geom_track *t, uint64_t lbn)
{
	if (t->lbns == t->spt)
		return (uint32_t)(lbn - t->first_lbn);
	uint64_t rank = lbn - t->zone->first_lbn;
	return (uint32_t)(rank + skipped_at_rank(t->zone, rank) - t->first_place);
}

uint32_t geom_lbns_before(const struct geom_track *t, uint32_t sector)
{
	if (t->lbns == t->spt)
		return sector;
	bool skipped;
	uint64_t rank = rank_of(t->zone, t->first_place + sector, &skipped);
	uint64_t n = rank - (t->first_lbn - t->zone->first_lbn);
	return n < t->lbns ? (uint32_t)n : t->lbns;
}

uint64_t geom_place_angle(const struct geom *g, const struct geom_place *at)
{
	uint64_t a = track_angle(g, at->zone, at->index - at->sector) + geom_into(at->zone, at->sector);
	return a >= ANGLE_TURN ? a - ANGLE_TURN : a;
}
