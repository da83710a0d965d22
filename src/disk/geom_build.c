/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From the bound options to the geometry: zones, pools of spares, slips, capacity. */
#include "disk/geom_private.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

const struct geom_rule geom_rules[] = {
	[SPARE_NONE] = {POOL_NONE, IN_SECTORS, false, false},
	[SPARE_TRACK] = {POOL_TRACK, IN_SECTORS, false, false},
	[SPARE_CYLINDER] = {POOL_CYLINDER, IN_SECTORS, false, false},
	[SPARE_CYLINDER_SLIP_ON] = {POOL_CYLINDER, IN_SECTORS, false, true},
	[SPARE_CYLINDER_FRONT] = {POOL_CYLINDER, IN_SECTORS, true, true},
	[SPARE_RANGE] = {POOL_RANGE, IN_SECTORS, false, false},
	[SPARE_ZONE] = {POOL_ZONE, IN_SECTORS, false, false},
	[SPARE_ZONE_SLIP_ON] = {POOL_ZONE, IN_SECTORS, false, true},
	[SPARE_ZONE_TRACKS] = {POOL_ZONE, IN_TRACKS, false, false},
	[SPARE_ZONE_CYLINDERS] = {POOL_ZONE, IN_CYLINDERS, false, false},
	[SPARE_DISK] = {POOL_DISK, IN_SECTORS, false, true},
	[SPARE_DISK_TRACKS] = {POOL_DISK, IN_TRACKS, false, true},
	[SPARE_DISK_CYLINDERS] = {POOL_DISK, IN_CYLINDERS, false, true},
};

uint64_t geom_unit_places(enum geom_unit unit, uint64_t spt, uint64_t heads)
{
	return unit == IN_SECTORS ? 1 : unit == IN_TRACKS ? spt : spt * heads;
}

/* A zone of the config while its parts are being made. */
struct zone_plan {
	const struct disk_zone_spec *spec;
	uint32_t number;
	const struct geom_rule *rule;
	uint64_t spt, heads, tracks, places;
	uint64_t spare_places;      /* of the zone or of each pool */
	uint64_t pool_places;       /* 0: the zone is one pool */
	uint64_t pools;
	struct geom_run *slips;
	uint32_t slip_count;
	uint64_t slipped;           /* places */
	uint64_t reserved, blocks;  /* ranks [reserved, blocks) are logical */
	uint64_t next_rank;         /* of the next part's first block */
};

struct builder {
	struct geom *g;
	struct arena *arena;
	const struct disk_geometry_spec *spec;
	struct zone_plan *plan;
	struct err *err;
};

static int no_memory(struct err *e)
{
	return err_set(e, ERR_LIMIT, "no memory for the disk's zones");
}

/* ---- what a zone has --------------------------------------------------------------------- */

static int compare_u64(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
	return x < y ? -1 : x > y;
}

/* The slips as ascending runs of places that do not touch. */
static int list_slips(struct builder *b, struct zone_plan *p)
{
	const struct opt_list *list = &p->spec->slips;
	uint64_t unit = geom_unit_places(p->rule->unit, p->spt, p->heads);
	uint64_t *at = arena_array(b->arena, list->count + 1, sizeof(*at));
	p->slips = arena_array(b->arena, list->count + 1, sizeof(*p->slips));
	if (!at || !p->slips)
		return no_memory(b->err);
	for (size_t i = 0; i < list->count; i++) {
		int64_t v = list->values[i].i;
		if (v < 0 || (uint64_t)v >= p->places / unit)
			return err_set(b->err, ERR_CONFIG, "zones[%" PRIu32 "].slips[%zu] = %" PRId64
				": want a place inside the zone, 0 to %" PRIu64, p->number, i, v, p->places / unit - 1);
		at[i] = (uint64_t)v * unit;
	}
	qsort(at, list->count, sizeof(*at), compare_u64);
	for (size_t i = 0; i < list->count; i++) {
		struct geom_run *last = p->slip_count ? &p->slips[p->slip_count - 1] : NULL;
		if (i > 0 && at[i] == at[i - 1])
			continue; /* listed twice */
		if (last && at[i] == last->first + last->count)
			last->count += unit;
		else
			p->slips[p->slip_count++] = (struct geom_run){at[i], unit, 0};
		p->slipped += unit;
	}
	return 0;
}

/* Cylinders, or ranges of them, are pools only where LBNs go cylinder by cylinder. */
static int size_pools(struct builder *b, struct zone_plan *p)
{
	bool cylinders = p->rule->pool == POOL_CYLINDER || p->rule->pool == POOL_RANGE || p->rule->unit == IN_CYLINDERS;
	if (cylinders && b->spec->lbn_order >= LBN_SURFACE)
		return err_set(b->err, ERR_CONFIG, "spares by cylinder want an lbn_order that goes cylinder by cylinder");
	switch (p->rule->pool) {
	case POOL_TRACK:
		p->pool_places = p->spt;
		break;
	case POOL_CYLINDER:
		p->pool_places = p->spt * p->heads;
		break;
	case POOL_RANGE:
		p->pool_places = p->spt * p->heads * (uint64_t)b->spec->sparing_range_cylinders;
		break;
	default:
		return 0;
	}
	p->pools = p->places / p->pool_places;
	if (p->spare_places >= p->pool_places)
		return err_set(b->err, ERR_CONFIG, "zones[%" PRIu32 "] has %" PRIu64 " spares in each pool of %" PRIu64
			" sectors: no block is left", p->number, p->spare_places, p->pool_places);
	return 0;
}

/* Slips and remaps in each pool are no more than its spares. */
static int check_pools(struct builder *b, const struct zone_plan *p)
{
	uint64_t pool = 0, used = 0;
	for (uint32_t i = 0; i < p->slip_count; i++)
		for (uint64_t k = 0; k < p->slips[i].count; k++) {
			uint64_t here = (p->slips[i].first + k) / p->pool_places;
			used = here == pool ? used + 1 : 1;
			pool = here;
			if (used > (pool < p->pools ? p->spare_places : 0))
				return err_set(b->err, ERR_CONFIG, "zones[%" PRIu32 "] has more slips than the %" PRIu64
					" spares in its pool number %" PRIu64 " of %" PRIu64 " sectors", p->number,
					pool < p->pools ? p->spare_places : 0, pool, p->pool_places);
		}
	return 0;
}

static int check_spares(struct builder *b, const struct zone_plan *p)
{
	const struct disk_zone_spec *z = p->spec;
	uint64_t unit = geom_unit_places(p->rule->unit, p->spt, p->heads);
	uint64_t slips = p->slipped / unit, defects = z->defects.count, spares = (uint64_t)z->spares;
	bool last = p->number + 1 == b->spec->zones.count;
	if (p->rule->pool == POOL_NONE && (slips || defects || spares))
		return err_set(b->err, ERR_CONFIG, "zones[%" PRIu32 "] has spares, slips or defects, but sparing is none",
			p->number);
	if (p->rule->pool == POOL_DISK && !last && spares)
		return err_set(b->err, ERR_CONFIG, "zones[%" PRIu32 "] has spares, but they are to lie at the disk's end: give "
			"them to the last zone", p->number);
	if (p->pool_places && !p->rule->slips_shorten)
		return check_pools(b, p);
	if (p->rule->pool == POOL_ZONE && defects + (p->rule->slips_shorten ? 0 : slips) > spares)
		return err_set(b->err, ERR_CONFIG, "zones[%" PRIu32 "] has %" PRIu64 " slips and %" PRIu64 " defects, more than "
			"its %" PRIu64 " spares", p->number, p->rule->slips_shorten ? 0 : slips, defects, spares);
	return 0;
}

static int plan_zone(struct builder *b, struct zone_plan *p)
{
	const struct disk_zone_spec *z = p->spec;
	p->rule = &geom_rules[b->spec->sparing];
	p->places = p->tracks * p->spt;
	p->spare_places = (uint64_t)z->spares * geom_unit_places(p->rule->unit, p->spt, p->heads);
	p->reserved = (uint64_t)z->reserved_sectors;
	if (size_pools(b, p) < 0 || list_slips(b, p) < 0 || check_spares(b, p) < 0)
		return -1;
	uint64_t lost = (p->pool_places ? p->pools * p->spare_places : p->spare_places) +
		(p->rule->slips_shorten ? p->slipped : 0);
	if (lost >= p->places || p->reserved >= p->places - lost)
		return err_set(b->err, ERR_CONFIG, "zones[%" PRIu32 "] holds no block: %" PRIu64 " places, %" PRIu64
			" of them reserved, spare or slipped", p->number, p->places, lost + p->reserved);
	p->blocks = p->places - lost;
	return 0;
}

/* ---- the parts of a zone ----------------------------------------------------------------- */

static void set_angles(struct geom_zone *z, const struct disk_zone_spec *spec, const struct geom_part *part)
{
	uint64_t milli = (uint64_t)MILLI * z->spt;
	z->track_skew_milli = llround(spec->track_skew * MILLI);
	z->cylinder_skew_milli = llround(spec->cylinder_skew * MILLI);
	z->offset_milli = llround(spec->offset * MILLI) + (int64_t)part->head_switches * z->track_skew_milli +
		(int64_t)part->cylinder_switches * z->cylinder_skew_milli;
	z->sector_whole = ANGLE_TURN / z->spt;
	z->sector_fraction = (uint64_t)((((uint128)(ANGLE_TURN % z->spt) << 64) + z->spt - 1) / z->spt);
	z->milli_whole = ANGLE_TURN / milli;
	z->milli_fraction = (uint64_t)((((uint128)(ANGLE_TURN % milli) << 64) + milli - 1) / milli);
	z->by_spt = fastdiv_make(z->spt);
	z->by_turn_milli = fastdiv_make(milli);
	z->by_sector_angle = fastdiv_make(ANGLE_TURN / z->spt);
}

/* The zone's slips that lie in this part, in its own places. */
static int cut_slips(struct builder *b, struct geom_zone *z, const struct zone_plan *p, uint64_t from)
{
	struct geom_run *run = arena_array(b->arena, p->slip_count + 1, sizeof(*run));
	if (!run)
		return no_memory(b->err);
	z->slips = run;
	for (uint32_t i = 0; i < p->slip_count; i++) {
		uint64_t first = p->slips[i].first, end = first + p->slips[i].count;
		z->slips_earlier += first >= from ? 0 : end < from ? end - first : from - first;
		first = first > from ? first : from;
		end = end < from + z->places ? end : from + z->places;
		if (first < end)
			run[z->slip_count++] = (struct geom_run){first - from, end - first, 0};
	}
	uint64_t before = z->slips_earlier;
	for (uint32_t i = 0; i < z->slip_count; before += run[i++].count)
		run[i].before = before;
	if (b->spec->slips_turn)
		z->turn_tracks = p->rule->pool == POOL_TRACK ? 1 : z->layout.heads;
	return 0;
}

/* A run of slips inside one pool becomes a skip, unless it lies among the pool's spares. */
static void add_skip(struct geom_zone *z, struct geom_skip *skips, uint64_t first, uint64_t end)
{
	struct geom_skip *last = z->skip_count ? &skips[z->skip_count - 1] : NULL;
	uint64_t before = last ? last->before + last->count : 0;
	if (!skips)
		return; /* a zone without slips */
	if (!z->pooled) {
		skips[z->skip_count++] = (struct geom_skip){first, end - first, before, first - before};
		return;
	}
	uint64_t pool = first / z->pool_places < z->pools ? first / z->pool_places : z->pools;
	uint64_t start = pool * z->pool_places, block = pool * z->pool_blocks, blocks = UINT64_MAX;
	if (pool < z->pools) {
		start += z->pool_front;
		blocks = z->pool_blocks;
	}
	first = first > start ? first : start;
	if (z->slips_pass_pools && blocks != UINT64_MAX && end > start + blocks)
		end = start + blocks;
	if (first >= end)
		return;
	if (z->slips_pass_pools) {
		uint64_t at = block + (first - start);
		skips[z->skip_count++] = (struct geom_skip){at, end - first, before, at - before};
		return;
	}
	before = last && last->first >= start ? before : 0;
	if (first - start - before < blocks)
		skips[z->skip_count++] = (struct geom_skip){first, end - first, before, block + (first - start) - before};
}

static int make_skips(struct builder *b, struct geom_zone *z)
{
	size_t n = 1;
	for (uint32_t i = 0; i < z->slip_count; i++)
		n += 1 + (z->pooled ? z->slips[i].count / z->pool_places + 1 : 0);
	struct geom_skip *skips = arena_array(b->arena, n, sizeof(*skips));
	if (!skips)
		return no_memory(b->err);
	z->skips = skips;
	for (uint32_t i = 0; i < z->slip_count; i++) {
		uint64_t first = z->slips[i].first, end = first + z->slips[i].count;
		while (first < end) {
			uint64_t to = z->pooled ? (first / z->pool_places + 1) * z->pool_places : end;
			to = to < end ? to : end;
			add_skip(z, skips, first, to);
			first = to;
		}
	}
	return 0;
}

/* Good blocks of a part, spares at its end included where the zone is one pool. */
static uint64_t part_blocks(const struct geom_zone *z)
{
	uint64_t n = z->places, slipped = 0;
	for (uint32_t i = 0; i < z->skip_count; i++)
		slipped += z->skips[i].count;
	if (!z->pooled)
		return n - slipped;
	n -= z->pools * (z->pool_places - z->pool_blocks);
	return z->slips_pass_pools ? n - slipped : n;
}

static uint64_t clamp(uint64_t v, uint64_t from, uint64_t n)
{
	return v <= from ? 0 : v - from < n ? v - from : n;
}

/* a / b in units of 2^-64, below 1 */
static uint64_t fraction(uint64_t a, uint64_t b)
{
	return a < b ? (uint64_t)(((uint128)a << 64) / b) : UINT64_MAX;
}

static int build_part(struct builder *b, struct geom_zone *z, const struct geom_part *part)
{
	struct zone_plan *p = &b->plan[part->zone];
	z->layout = part->layout;
	z->number = part->zone;
	z->first_cylinder = part->layout.first_cylinder;
	z->cylinders = part->layout.cylinders;
	z->spt = (uint32_t)p->spt;
	z->places = layout_tracks(&part->layout) * z->spt;
	set_angles(z, p->spec, part);
	if (p->pool_places && p->spare_places) {
		z->pooled = true;
		z->slips_pass_pools = p->rule->slips_shorten;
		z->pools = z->places / p->pool_places;
		z->pool_places = p->pool_places;
		z->pool_blocks = p->pool_places - p->spare_places;
		z->pool_front = p->rule->front ? p->spare_places : 0;
		z->by_pool_places = fastdiv_make(z->pool_places);
		z->by_pool_blocks = fastdiv_make(z->pool_blocks);
	}
	if (cut_slips(b, z, p, part->first_track * p->spt) < 0 || make_skips(b, z) < 0)
		return -1;
	uint64_t n = part_blocks(z), end = clamp(p->blocks, p->next_rank, n);
	z->reserved = clamp(p->reserved, p->next_rank, n);
	z->lbns = end > z->reserved ? end - z->reserved : 0;
	p->next_rank += n;
	z->cylinder_fraction = fraction(z->cylinders, z->lbns);
	return 0;
}

/* ---- the whole --------------------------------------------------------------------------- */

/* Zones ascend, do not overlap, and leave no hole that is not declared. */
static int check_zones(const struct disk_geometry_spec *spec, struct err *e)
{
	const struct disk_zone_spec *z = spec->zones.rows;
	if (spec->zones.count == 0)
		return err_set(e, ERR_CONFIG, "want at least one zone");
	int64_t next = 0;
	for (size_t i = 0; i < spec->zones.count; i++) {
		if (z[i].last_cylinder >= spec->cylinders)
			return err_set(e, ERR_CONFIG, "zones[%zu] ends at cylinder %" PRId64 ", but the disk has only %" PRId64
				" cylinders (0 to %" PRId64 ")", i, z[i].last_cylinder, spec->cylinders, spec->cylinders - 1);
		if (z[i].first_cylinder < next)
			return err_set(e, ERR_CONFIG, "zones[%zu] starts at cylinder %" PRId64 " and overlaps zones[%zu], which ends "
				"at %" PRId64, i, z[i].first_cylinder, i - 1, next - 1);
		if (z[i].first_cylinder - next != z[i].unused_cylinders_before)
			return err_set(e, ERR_CONFIG, "zones[%zu] starts at cylinder %" PRId64 ", which leaves %" PRId64
				" cylinders before it unused, but its unused_cylinders_before is %" PRId64, i, z[i].first_cylinder,
				z[i].first_cylinder - next, z[i].unused_cylinders_before);
		next = z[i].last_cylinder + 1;
	}
	return 0;
}

#define CELLS_PER_ZONE 8 /* at most, on average: most cells then lie in one zone, and the search ends where it begins */

static int make_cells(struct builder *b)
{
	struct geom *g = b->g;
	while ((g->sectors - 1) >> g->cell_shift >= (uint64_t)g->zone_count * CELLS_PER_ZONE)
		g->cell_shift++;
	g->cells = (uint32_t)((g->sectors - 1) >> g->cell_shift) + 1;
	uint32_t *zone = arena_array(b->arena, g->cells + 1, sizeof(*zone));
	if (!zone)
		return no_memory(b->err);
	uint32_t at = 0;
	for (uint32_t i = 0; i < g->cells; i++) {
		while (at + 1 < g->zone_count && g->zone_first_lbn[at + 1] - g->first_lbn <= (uint64_t)i << g->cell_shift)
			at++;
		zone[i] = at;
	}
	zone[g->cells] = g->zone_count - 1;
	g->cell_zone = zone;
	return 0;
}

static int build_zones(struct builder *b, struct geom_parts *parts)
{
	struct geom *g = b->g;
	const struct disk_zone_spec *rows = b->spec->zones.rows;
	struct geom_zone *zones = arena_array(b->arena, parts->count, sizeof(*zones));
	uint64_t *first = arena_array(b->arena, parts->count, sizeof(*first));
	b->plan = arena_array(b->arena, b->spec->zones.count, sizeof(*b->plan));
	if (!zones || !first || !b->plan)
		return no_memory(b->err);
	for (uint32_t i = 0; i < parts->count; i++)
		b->plan[parts->part[i].zone].tracks += layout_tracks(&parts->part[i].layout);
	for (uint32_t i = 0; i < b->spec->zones.count; i++) {
		struct zone_plan *p = &b->plan[i];
		p->spec = &rows[i];
		p->number = i;
		p->spt = (uint64_t)rows[i].sectors_per_track;
		p->heads = parts->head_count;
		if (p->tracks > 0 && plan_zone(b, p) < 0)
			return -1;
	}
	for (uint32_t i = 0; i < parts->count; i++) {
		if (build_part(b, &zones[i], &parts->part[i]) < 0)
			return -1;
		zones[i].first_lbn = first[i] = g->first_lbn + g->sectors;
		g->sectors += zones[i].lbns;
	}
	g->zones = zones;
	g->zone_first_lbn = first;
	g->zone_count = parts->count;
	g->surfaces = parts->surfaces;
	g->surface_count = parts->surface_count;
	g->cylinder_fraction = fraction(g->cylinders, g->sectors);
	return make_cells(b);
}

static struct geom *build(struct arena *a, const struct disk_geometry_spec *spec, const struct geom_slice *slice,
	const char **key, struct err *e)
{
	struct geom_parts parts = {.head_count = slice->heads ? slice->heads : (uint32_t)spec->heads};
	struct geom *g = arena_alloc(a, sizeof(*g));
	uint16_t *heads = arena_array(a, parts.head_count, sizeof(*heads));
	if (!g || !heads) {
		no_memory(e);
		return NULL;
	}
	for (uint32_t i = 0; i < parts.head_count; i++)
		heads[i] = (uint16_t)(slice->first_head + i);
	parts.heads = heads;
	if (geom_parts_init(&parts, a, spec, key, e) < 0)
		return NULL;
	g->first_lbn = slice->first_lbn;
	g->heads = (uint32_t)spec->heads;
	g->cylinders = (uint32_t)spec->cylinders;
	g->sparing = spec->sparing;
	struct builder b = {.g = g, .arena = a, .spec = spec, .err = e};
	if (spec->slips_turn && geom_rules[spec->sparing].pool != POOL_TRACK && geom_rules[spec->sparing].pool != POOL_CYLINDER) {
		*key = "slips_turn";
		err_set(e, ERR_CONFIG, "slips turn tracks only where the spares lie in each track or cylinder");
		return NULL;
	}
	*key = "zones";
	if (build_zones(&b, &parts) < 0 || geom_remap_defects(g, a, spec, e) < 0)
		return NULL;
	return g;
}

struct geom *geom_build(struct arena *a, const struct disk_geometry_spec *spec, const struct geom_slice *slice,
	const char **key, struct err *e)
{
	static const struct geom_slice whole = {0};
	struct disk_geometry_spec cut;
	*key = "zones";
	if (check_zones(spec, e) < 0)
		return NULL;
	if (!slice || (slice->heads == 0 && slice->cylinders == 0))
		return build(a, spec, slice ? slice : &whole, key, e);
	if (geom_slice_spec(a, spec, slice, &cut, key, e) < 0)
		return NULL;
	return build(a, &cut, slice, key, e);
}

int geom_check(struct arena *a, const struct disk_geometry_spec *spec, const char **key, struct err *e)
{
	return geom_build(a, spec, NULL, key, e) ? 0 : -1;
}

struct geom *geom_new(struct arena *a, const struct disk_geometry_spec *spec, struct err *e)
{
	const char *key;
	return geom_build(a, spec, NULL, &key, e);
}

struct geom *geom_new_slice(struct arena *a, const struct disk_geometry_spec *spec, const struct geom_slice *slice,
	struct err *e)
{
	const char *key;
	return geom_build(a, spec, slice, &key, e);
}
