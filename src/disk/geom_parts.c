/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which tracks follow one another in LBN space: the parts of zones that the LBN order or the rows of
 * the map make, and the proof that they use every track once.
 */
#include "disk/geom_private.h"

#include <inttypes.h>
#include <stdlib.h>

struct parts_maker {
	struct geom_parts *parts;
	struct arena *arena;
	const struct disk_geometry_spec *spec;
	uint32_t room;
	struct err *err;
};

static int no_memory(struct err *e)
{
	return err_set(e, ERR_LIMIT, "no memory for the disk's layout");
}

/* One more part of a zone, its layout yet to be made. */
static struct geom_part *add_part(struct parts_maker *m, uint32_t zone)
{
	struct geom_parts *p = m->parts;
	if (p->count == m->room) {
		struct geom_part *more = arena_array(m->arena, 2 * (size_t)m->room + 16, sizeof(*more));
		if (!more)
			return NULL;
		for (uint32_t i = 0; i < p->count; i++)
			more[i] = p->part[i];
		p->part = more;
		m->room = 2 * m->room + 16;
	}
	struct geom_part *part = &p->part[p->count++];
	part->zone = zone;
	return part;
}

/* ---- a part a zone ----------------------------------------------------------------------- */

int geom_zone_layout(struct layout *l, struct arena *a, const struct disk_geometry_spec *spec,
	const struct disk_zone_spec *z, const uint16_t *heads, uint32_t count)
{
	struct layout_plan plan = {
		.first_cylinder = (uint32_t)z->first_cylinder,
		.cylinders = (uint32_t)(z->last_cylinder - z->first_cylinder + 1),
		.group = 1,
		.heads_turn = spec->lbn_order != LBN_ASCENDING,
	};
	if (spec->lbn_order == LBN_SERPENTINE)
		plan.turned = plan.first_cylinder & 1;
	if (spec->lbn_order == LBN_SURFACE) {
		plan.group = (uint32_t)spec->surface_cylinders;
		plan.cylinders_turn = true;
	}
	return layout_init(l, a, &plan, heads, count, (uint32_t)spec->heads);
}

static int add_zone(struct parts_maker *m, uint32_t zone)
{
	const struct disk_zone_spec *z = (const struct disk_zone_spec *)m->spec->zones.rows + zone;
	struct geom_part *part = add_part(m, zone);
	if (!part || geom_zone_layout(&part->layout, m->arena, m->spec, z, m->parts->heads, m->parts->head_count) < 0)
		return no_memory(m->err);
	return 0;
}

/* ---- parts of a map ---------------------------------------------------------------------- */

/* The heads of a map row: as listed, or all. */
static int row_heads(struct parts_maker *m, size_t number, const struct disk_map_spec *row, const uint16_t **heads,
	uint32_t *count)
{
	*heads = m->parts->heads;
	*count = m->parts->head_count;
	if (row->heads.count == 0)
		return 0;
	uint16_t *list = arena_array(m->arena, row->heads.count, sizeof(*list));
	if (!list)
		return no_memory(m->err);
	for (size_t i = 0; i < row->heads.count; i++) {
		int64_t h = row->heads.values[i].i;
		if (h < 0 || h >= m->spec->heads)
			return err_set(m->err, ERR_CONFIG, "map[%zu] names head %" PRId64 ", but the disk has only %" PRId64
				" heads (0 to %" PRId64 ")", number, h, m->spec->heads, m->spec->heads - 1);
		for (size_t k = 0; k < i; k++)
			if (list[k] == h)
				return err_set(m->err, ERR_CONFIG, "map[%zu] names head %" PRId64 " twice", number, h);
		list[i] = (uint16_t)h;
	}
	*heads = list;
	*count = (uint32_t)row->heads.count;
	return 0;
}

/* A row's cylinders, in the parts that its zones make of them. A row that runs through several zones
 * along surfaces makes parts of one surface each, so that they follow one another. */
static int add_row_pass(struct parts_maker *m, const struct disk_map_spec *row, bool outward, const uint16_t *heads,
	uint32_t count)
{
	const struct disk_zone_spec *z = m->spec->zones.rows;
	size_t n = m->spec->zones.count;
	uint32_t passed = 0; /* cylinders of the row before */
	for (size_t i = 0; i < n; i++) {
		size_t k = outward ? n - 1 - i : i;
		int64_t from = row->first_cylinder > z[k].first_cylinder ? row->first_cylinder : z[k].first_cylinder;
		int64_t to = row->last_cylinder < z[k].last_cylinder ? row->last_cylinder : z[k].last_cylinder;
		if (from > to)
			continue;
		struct layout_plan plan = {
			.first_cylinder = (uint32_t)from,
			.cylinders = (uint32_t)(to - from + 1),
			.group = row->order == MAP_SURFACE ? 0 : 1,
			.turned = passed & 1,
			.outward = outward,
			.heads_turn = row->serpentine && row->order == MAP_CYLINDER,
			.cylinders_turn = row->serpentine && row->order == MAP_SURFACE,
		};
		struct geom_part *part = add_part(m, (uint32_t)k);
		if (!part || layout_init(&part->layout, m->arena, &plan, heads, count, (uint32_t)m->spec->heads) < 0)
			return no_memory(m->err);
		passed += plan.cylinders;
	}
	return 0;
}

static int add_row(struct parts_maker *m, size_t number)
{
	const struct disk_map_spec *row = (const struct disk_map_spec *)m->spec->map.rows + number;
	const struct disk_zone_spec *z = m->spec->zones.rows;
	const uint16_t *heads;
	uint32_t count;
	bool outward = row->direction == MAP_OUTWARD, inside = false;
	if (row_heads(m, number, row, &heads, &count) < 0)
		return -1;
	if (row->first_cylinder > row->last_cylinder)
		return err_set(m->err, ERR_CONFIG, "map[%zu] ends at cylinder %" PRId64 ", before its first, %" PRId64, number,
			row->last_cylinder, row->first_cylinder);
	int64_t in_zones = 0;
	for (size_t k = 0; k < m->spec->zones.count; k++) {
		int64_t from = row->first_cylinder > z[k].first_cylinder ? row->first_cylinder : z[k].first_cylinder;
		int64_t to = row->last_cylinder < z[k].last_cylinder ? row->last_cylinder : z[k].last_cylinder;
		in_zones += to >= from ? to - from + 1 : 0;
		inside |= z[k].first_cylinder <= row->first_cylinder && z[k].last_cylinder >= row->last_cylinder;
	}
	if (in_zones != row->last_cylinder - row->first_cylinder + 1)
		return err_set(m->err, ERR_CONFIG, "map[%zu] goes through cylinders that are in no zone (%" PRId64 " to %"
			PRId64 ")", number, row->first_cylinder, row->last_cylinder);
	if (row->order == MAP_CYLINDER || inside)
		return add_row_pass(m, row, outward, heads, count);
	for (uint32_t h = 0; h < count; h++) {
		if (add_row_pass(m, row, outward, &heads[h], 1) < 0)
			return -1;
		outward ^= row->serpentine;
	}
	return 0;
}

/* ---- every track once -------------------------------------------------------------------- */

static int by_head_and_cylinder(const void *a, const void *b)
{
	const struct geom_surface *x = a, *y = b;
	if (x->head != y->head)
		return x->head < y->head ? -1 : 1;
	return x->first_cylinder < y->first_cylinder ? -1 : x->first_cylinder > y->first_cylinder;
}

static int list_surfaces(struct parts_maker *m)
{
	struct geom_parts *p = m->parts;
	size_t n = 0;
	for (uint32_t i = 0; i < p->count; i++)
		n += p->part[i].layout.heads;
	p->surfaces = arena_array(m->arena, n, sizeof(*p->surfaces));
	if (!p->surfaces)
		return no_memory(m->err);
	for (uint32_t i = 0; i < p->count; i++) {
		const struct layout *l = &p->part[i].layout;
		for (uint32_t h = 0; h < l->heads; h++)
			p->surfaces[p->surface_count++] = (struct geom_surface){l->head_at[h], l->first_cylinder,
				l->first_cylinder + l->cylinders - 1, i};
	}
	qsort(p->surfaces, n, sizeof(*p->surfaces), by_head_and_cylinder);
	return 0;
}

static int unused(struct parts_maker *m, uint32_t head, int64_t from, int64_t to)
{
	return err_set(m->err, ERR_CONFIG, "the map leaves cylinders %" PRId64 " to %" PRId64 " of head %" PRIu32
		" unused; set map_partial if that is meant", from, to, head);
}

/* The stretches of one head, surfaces[*i] on, against the zones. */
static int check_surface(struct parts_maker *m, uint32_t head, uint32_t *i)
{
	const struct geom_parts *p = m->parts;
	const struct disk_zone_spec *z = m->spec->zones.rows;
	int64_t used = -1; /* up to this cylinder */
	for (size_t k = 0; k < m->spec->zones.count; k++) {
		int64_t next = z[k].first_cylinder;
		for (; *i < p->surface_count && p->surfaces[*i].head == head &&
		     p->surfaces[*i].first_cylinder <= z[k].last_cylinder; ++*i) {
			const struct geom_surface *s = &p->surfaces[*i];
			if (s->first_cylinder <= used)
				return err_set(m->err, ERR_CONFIG, "the map uses cylinder %" PRIu32 " of head %" PRIu32 " twice",
					s->first_cylinder, head);
			if (s->first_cylinder > next && !m->spec->map_partial)
				return unused(m, head, next, s->first_cylinder - 1);
			used = s->last_cylinder;
			next = used + 1;
		}
		if (next <= z[k].last_cylinder && !m->spec->map_partial)
			return unused(m, head, next, z[k].last_cylinder);
	}
	return 0;
}

/* ---- switches ---------------------------------------------------------------------------- */

/* Tracks and switches of each zone that come before each of its parts. */
static int count_before(struct parts_maker *m)
{
	struct zone_state {
		uint64_t tracks, head_switches, cylinder_switches;
		uint32_t last_cylinder;
	} *state = arena_array(m->arena, m->spec->zones.count, sizeof(*state));
	if (!state)
		return no_memory(m->err);
	for (uint32_t i = 0; i < m->parts->count; i++) {
		struct geom_part *part = &m->parts->part[i];
		struct zone_state *s = &state[part->zone];
		struct layout_track first, last;
		uint32_t tracks = (uint32_t)layout_tracks(&part->layout);
		layout_track(&part->layout, 0, &first);
		layout_track(&part->layout, tracks - 1, &last);
		if (s->tracks > 0) {
			if (first.cylinder == s->last_cylinder)
				s->head_switches++;
			else
				s->cylinder_switches++;
		}
		part->first_track = s->tracks;
		part->head_switches = s->head_switches;
		part->cylinder_switches = s->cylinder_switches;
		s->tracks += tracks;
		s->head_switches += last.head_switches;
		s->cylinder_switches += tracks - 1 - last.head_switches;
		s->last_cylinder = last.cylinder;
	}
	return 0;
}

int geom_parts_init(struct geom_parts *parts, struct arena *a, const struct disk_geometry_spec *spec,
	const char **key, struct err *e)
{
	struct parts_maker m = {.parts = parts, .arena = a, .spec = spec, .err = e};
	bool map = spec->lbn_order == LBN_MAP;
	size_t n = map ? spec->map.count : spec->zones.count;
	*key = map ? "map" : "zones";
	if (map && n == 0)
		return err_set(e, ERR_CONFIG, "lbn_order: map wants at least one row in the map");
	if (!map && spec->map.count > 0) {
		*key = "map";
		return err_set(e, ERR_CONFIG, "the map acts with lbn_order: map only");
	}
	for (size_t i = 0; i < n; i++)
		if ((map ? add_row(&m, i) : add_zone(&m, (uint32_t)i)) < 0)
			return -1;
	if (list_surfaces(&m) < 0)
		return -1;
	uint32_t next = 0;
	for (uint32_t h = 0; map && h < (uint32_t)spec->heads; h++)
		if (check_surface(&m, h, &next) < 0)
			return -1;
	return count_before(&m);
}
