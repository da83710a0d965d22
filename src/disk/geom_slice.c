/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A slice of a disk as a disk of its own: zones cut, slips and defects renumbered. */
#include "disk/geom_private.h"

#include <inttypes.h>

struct slicer {
	struct arena *arena;
	const struct disk_geometry_spec *spec;
	const struct geom_slice *slice;
	struct layout whole, part; /* of the present zone */
	struct err *err;
};

static int no_memory(struct err *e)
{
	return err_set(e, ERR_LIMIT, "no memory for a part of the disk");
}

/* A place of the whole zone, in units, as it is numbered in the slice. false: it lies elsewhere. */
static bool renumber(const struct slicer *s, const struct disk_zone_spec *z, enum geom_unit unit, int64_t at, int64_t *out)
{
	uint64_t spt = (uint64_t)z->sectors_per_track, n = (uint64_t)at, sector = 0;
	if (at < 0 || n >= layout_tracks(&s->whole) * spt / geom_unit_places(unit, spt, s->whole.heads)) {
		*out = at; /* outside the zone: refused there */
		return true;
	}
	if (unit == IN_SECTORS) {
		sector = n % spt;
		n /= spt;
	} else if (unit == IN_CYLINDERS) {
		n *= s->whole.heads;
	}
	struct layout_track t;
	uint32_t track;
	layout_track(&s->whole, (uint32_t)n, &t);
	if (unit == IN_CYLINDERS) {
		*out = (int64_t)t.cylinder - s->part.first_cylinder;
		return *out >= 0 && *out < s->part.cylinders;
	}
	if (!layout_find(&s->part, t.cylinder, t.head, &track))
		return false;
	*out = (int64_t)(unit == IN_SECTORS ? track * spt + sector : track);
	return true;
}

static int cut_lists(struct slicer *s, const struct disk_zone_spec *z, size_t number, struct disk_zone_spec *out)
{
	enum geom_unit unit = geom_rules[s->spec->sparing].unit;
	out->slips = (struct opt_list){arena_array(s->arena, z->slips.count + 1, sizeof(*out->slips.values)), 0};
	out->defects.x = arena_array(s->arena, z->defects.count + 1, sizeof(*out->defects.x));
	out->defects.y = arena_array(s->arena, z->defects.count + 1, sizeof(*out->defects.y));
	out->defects.count = 0;
	if (!out->slips.values || !out->defects.x || !out->defects.y)
		return no_memory(s->err);
	for (size_t i = 0; i < z->slips.count; i++)
		out->slips.count += renumber(s, z, unit, z->slips.values[i].i, &out->slips.values[out->slips.count].i);
	unit = unit == IN_TRACKS ? IN_TRACKS : IN_SECTORS;
	for (size_t i = 0; i < z->defects.count; i++) {
		int64_t bad = 0, spare = 0;
		bool here = renumber(s, z, unit, z->defects.x[i], &bad);
		if (here != renumber(s, z, unit, (int64_t)z->defects.y[i], &spare))
			return err_set(s->err, ERR_CONFIG, "zones[%zu].defects[%zu] moves a block to a spare that another actuator "
				"serves", number, i);
		out->defects.x[out->defects.count] = bad;
		out->defects.y[out->defects.count] = (double)spare;
		out->defects.count += here;
	}
	return 0;
}

static int cut_zone(struct slicer *s, size_t number, struct disk_zone_spec *out)
{
	const struct disk_zone_spec *z = (const struct disk_zone_spec *)s->spec->zones.rows + number;
	uint32_t disk_heads = (uint32_t)s->spec->heads;
	uint16_t *heads = arena_array(s->arena, disk_heads, sizeof(*heads));
	if (!heads)
		return no_memory(s->err);
	for (uint32_t h = 0; h < disk_heads; h++)
		heads[h] = (uint16_t)h;
	if (out->first_cylinder > z->first_cylinder)
		out->reserved_sectors = 0;
	const struct geom_rule *rule = &geom_rules[s->spec->sparing];
	bool first_part = out->last_cylinder < z->last_cylinder, last_part = out->first_cylinder > z->first_cylinder;
	if (first_part && (rule->pool == POOL_ZONE || rule->pool == POOL_DISK))
		out->spares = 0;
	if (geom_zone_layout(&s->whole, s->arena, s->spec, z, heads, disk_heads) < 0 ||
	    geom_zone_layout(&s->part, s->arena, s->spec, out, heads + s->slice->first_head,
		s->slice->heads ? s->slice->heads : disk_heads) < 0)
		return no_memory(s->err);
	if (cut_lists(s, z, number, out) < 0)
		return -1;
	if (rule->pool == POOL_ZONE && !rule->slips_shorten && first_part != last_part) {
		/* slips in the first part use up spares of the zone, as if these lay at the end of that part */
		int64_t here = (int64_t)out->slips.count, elsewhere = (int64_t)z->slips.count - here;
		out->spares = first_part ? here : out->spares > elsewhere ? out->spares - elsewhere : 0;
	}
	return 0;
}

int geom_slice_spec(struct arena *a, const struct disk_geometry_spec *spec, const struct geom_slice *slice,
	struct disk_geometry_spec *out, const char **key, struct err *e)
{
	struct slicer s = {.arena = a, .spec = spec, .slice = slice, .err = e};
	const struct disk_zone_spec *z = spec->zones.rows;
	struct disk_zone_spec *rows = arena_array(a, spec->zones.count, sizeof(*rows));
	int64_t from = slice->cylinders ? slice->first_cylinder : 0;
	int64_t end = slice->cylinders ? from + slice->cylinders : spec->cylinders;
	*key = "lbn_order";
	if (spec->lbn_order == LBN_MAP)
		return err_set(e, ERR_CONFIG, "a disk with several actuators cannot have its LBN order in a map");
	*key = "zones";
	if (!rows)
		return no_memory(e);
	*out = *spec;
	out->zones = (struct opt_table){rows, 0};
	for (size_t i = 0; i < spec->zones.count; i++) {
		struct disk_zone_spec *row = &rows[out->zones.count];
		*row = z[i];
		row->first_cylinder = row->first_cylinder > from ? row->first_cylinder : from;
		row->last_cylinder = row->last_cylinder < end ? row->last_cylinder : end - 1;
		if (row->first_cylinder > row->last_cylinder)
			continue;
		if (cut_zone(&s, i, row) < 0)
			return -1;
		out->zones.count++;
	}
	if (out->zones.count == 0)
		return err_set(e, ERR_CONFIG, "cylinders %" PRId64 " to %" PRId64 " are to have an actuator of their own, but lie in "
			"no zone", from, end - 1);
	return 0;
}
