/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Option rows of the disk's geometry. */
#include "disk/options.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "disk/geom.h"

static const struct opt_choice lbn_order_choices[] = {
	{"ascending", "heads 0 to H-1 in every cylinder"},
	{"serpentine-zone", "head order alternates, counted from the zone's first cylinder"},
	{"serpentine", "head order alternates by the parity of the cylinder number"},
	{"surface-serpentine", "inward along one surface, outward along the next, through surface_cylinders at a time; the order of the "
		"surfaces alternates"},
	{"map", "as the rows of the map say"},
	{NULL, NULL},
};
static const struct opt_choice sparing_choices[] = {
	{"none", "no spares"},
	{"track", "sectors at the end of each track"},
	{"cylinder", "sectors at the end of each cylinder"},
	{"cylinder-slip-on", "sectors at the end of each cylinder; slips make the zone shorter"},
	{"cylinder-front", "sectors at the front of each cylinder; slips make the zone shorter"},
	{"range", "sectors at the end of each sparing_range_cylinders of a zone; cylinders left over have none"},
	{"zone", "sectors at the end of each zone"},
	{"zone-slip-on", "sectors at the end of each zone; slips make the zone shorter"},
	{"zone-tracks", "tracks at the end of each zone; slips and defects count tracks"},
	{"zone-cylinders", "cylinders at the end of each zone; slips count cylinders"},
	{"disk", "sectors at the end of the disk; slips make their zone shorter"},
	{"disk-tracks", "tracks at the end of the disk; slips count tracks and make their zone shorter"},
	{"disk-cylinders", "cylinders at the end of the disk; slips count cylinders and make their zone shorter"},
	{NULL, NULL},
};

/* ---- zones ------------------------------------------------------------------------------- */

static const struct opt_row zone_rows[] = {
	{.key = "first_cylinder", .type = OPT_SCALAR, .offset = FIELD(disk_zone_spec, first_cylinder),
	 .min = "0", .max = CYLINDERS_MAX, .doc = "first cylinder of the zone; zones ascend and do not overlap"},
	{.key = "last_cylinder", .type = OPT_SCALAR, .offset = FIELD(disk_zone_spec, last_cylinder),
	 .min = "0", .max = CYLINDERS_MAX, .doc = "last cylinder of the zone"},
	{.key = "unused_cylinders_before", .type = OPT_SCALAR, .offset = FIELD(disk_zone_spec, unused_cylinders_before),
	 .min = "0", .max = CYLINDERS_MAX, .def = "0", .doc = "cylinders without blocks between this zone and the one before, or cylinder "
	 "0; a hole that is not declared is an error"},
	{.key = "sectors_per_track", .type = OPT_SCALAR, .offset = FIELD(disk_zone_spec, sectors_per_track),
	 .min = "1", .max = "100000", .doc = "physical 512-byte sectors on a track"},
	{.key = "offset", .type = OPT_SCALAR, .unit = UNIT_NUMBER, .offset = FIELD(disk_zone_spec, offset),
	 .min = "-100000", .max = "100000", .def = "0", .doc = "angle of the zone's first sector, in its sectors (to 1/1000)"},
	{.key = "track_skew", .type = OPT_SCALAR, .unit = UNIT_NUMBER, .offset = FIELD(disk_zone_spec, track_skew),
	 .min = "-100000", .max = "100000", .def = "0", .doc = "further turn from a track to the next of its cylinder, in sectors (to "
	 "1/1000), at most a track"},
	{.key = "cylinder_skew", .type = OPT_SCALAR, .unit = UNIT_NUMBER, .offset = FIELD(disk_zone_spec, cylinder_skew),
	 .min = "-100000", .max = "100000", .def = "0", .doc = "further turn from a track to the next in LBN order when it is on another "
	 "cylinder, in sectors (to 1/1000), at most a track"},
	{.key = "reserved_sectors", .type = OPT_SCALAR, .offset = FIELD(disk_zone_spec, reserved_sectors),
	 .min = "0", .max = "1000000000", .def = "0", .doc = "blocks at the zone's front that the drive keeps for itself; slips and "
	 "spares lie among them as among others"},
	{.key = "spares", .type = OPT_SCALAR, .offset = FIELD(disk_zone_spec, spares),
	 .min = "0", .max = "1000000000", .def = "0", .doc = "spare places, of what and in what as sparing says; spares at the disk's end "
	 "belong to the last zone"},
	{.key = "slips", .type = OPT_LIST, .offset = FIELD(disk_zone_spec, slips), .def = "",
	 .doc = "defective sectors (or tracks or cylinders, as sparing says) that are skipped, counted from the zone's first, in LBN "
	 "order"},
	{.key = "defects", .type = OPT_CURVE, .offset = FIELD(disk_zone_spec, defects), .def = "",
	 .doc = "defective sectors (or tracks, as sparing says) that are remapped, as pairs of a bad place and the spare place where its "
	 "block lives, counted as slips are; spares at the disk's end count from the last zone's first"},
	{0},
};

static int zone_check(const void *bound, const char **key, char *why, size_t why_bytes)
{
	const struct disk_zone_spec *z = bound;
	const struct {
		const char *key;
		double sectors;
	} skews[] = {{"track_skew", z->track_skew}, {"cylinder_skew", z->cylinder_skew}};
	for (size_t i = 0; i < sizeof(skews) / sizeof(skews[0]); i++)
		if (fabs(skews[i].sectors) > (double)z->sectors_per_track) {
			*key = skews[i].key;
			return snprintf(why, why_bytes, "longer than a track, which has %" PRId64 " sectors", z->sectors_per_track), -1;
		}
	if (z->last_cylinder < z->first_cylinder) {
		*key = "last_cylinder";
		return snprintf(why, why_bytes, "the zone ends before its first cylinder, %" PRId64, z->first_cylinder), -1;
	}
	return 0;
}

static const struct opt_group zone_group = {"disk zone", "one zone: cylinders with equal sectors per track",
	zone_rows, sizeof(struct disk_zone_spec), zone_check};

/* ---- the map ----------------------------------------------------------------------------- */

static const struct opt_choice map_order_choices[] = {
	{"cylinder", "all heads of a cylinder, then the next cylinder"},
	{"surface", "all cylinders of a surface, then the next surface"},
	{NULL, NULL},
};
static const struct opt_choice map_direction_choices[] = {
	{"inward", "from the first cylinder to the last"}, {"outward", "from the last cylinder to the first"}, {NULL, NULL},
};
static const struct opt_row map_rows[] = {
	{.key = "first_cylinder", .type = OPT_SCALAR, .offset = FIELD(disk_map_spec, first_cylinder),
	 .min = "0", .max = CYLINDERS_MAX, .doc = "lowest cylinder of the run"},
	{.key = "last_cylinder", .type = OPT_SCALAR, .offset = FIELD(disk_map_spec, last_cylinder),
	 .min = "0", .max = CYLINDERS_MAX, .doc = "highest cylinder of the run, which may go through several zones"},
	{.key = "heads", .type = OPT_LIST, .offset = FIELD(disk_map_spec, heads), .def = "",
	 .doc = "heads of the run, in LBN order; empty: all, ascending"},
	{.key = "order", .type = OPT_ENUM, .offset = FIELD(disk_map_spec, order), .def = "cylinder",
	 .choices = map_order_choices, .doc = "what LBNs go along first"},
	{.key = "direction", .type = OPT_ENUM, .offset = FIELD(disk_map_spec, direction), .def = "inward",
	 .choices = map_direction_choices, .doc = "which way the cylinders go"},
	{.key = "serpentine", .type = OPT_BOOL, .offset = FIELD(disk_map_spec, serpentine), .def = "false",
	 .doc = "order: cylinder: the heads turn their order at every cylinder; order: surface: the direction turns at every surface"},
	{0},
};
static const struct opt_group map_group = {"disk map", "tracks that follow one another in LBN order", map_rows,
	sizeof(struct disk_map_spec), NULL};

/* ---- the whole --------------------------------------------------------------------------- */

/* The geometry is built on trial, so that whatever is wrong with it is told with its place. */
static int geometry_check(const void *bound, const char **key, char *why, size_t why_bytes)
{
	const struct disk_geometry_spec *spec = bound;
	struct err e = {0};
	struct arena *a = arena_new();
	bool built = a && geom_check(a, spec, key, &e) == 0;
	arena_free(a);
	if (built)
		return 0;
	snprintf(why, why_bytes, "%s", a ? e.msg : "no memory");
	return -1;
}

static const struct opt_row geometry_rows[] = {
	{.key = "heads", .type = OPT_SCALAR, .offset = FIELD(disk_geometry_spec, heads), .min = "1", .max = "256",
	 .doc = "data surfaces, that is tracks in a cylinder"},
	{.key = "cylinders", .type = OPT_SCALAR, .offset = FIELD(disk_geometry_spec, cylinders), .min = "1",
	 .max = CYLINDERS_MAX, .doc = "cylinders, those behind the last zone included"},
	{.key = "lbn_order", .type = OPT_ENUM, .offset = FIELD(disk_geometry_spec, lbn_order), .def = "ascending",
	 .choices = lbn_order_choices, .doc = "order of the tracks in LBN space; all but the map go zone by zone"},
	{.key = "surface_cylinders", .type = OPT_SCALAR, .offset = FIELD(disk_geometry_spec, surface_cylinders), .min = "0",
	 .max = CYLINDERS_MAX, .def = "0", .doc = "lbn_order: surface-serpentine: cylinders of a surface before the next surface; 0: all "
	 "of the zone"},
	{.key = "map", .type = OPT_TABLE, .offset = FIELD(disk_geometry_spec, map), .group = &map_group, .def = "",
	 .doc = "lbn_order: map: the runs of tracks in LBN order, which use every track of the zones once"},
	{.key = "map_partial", .type = OPT_BOOL, .offset = FIELD(disk_geometry_spec, map_partial), .def = "false",
	 .doc = "the map may leave tracks unused"},
	{.key = "sparing", .type = OPT_ENUM, .offset = FIELD(disk_geometry_spec, sparing), .def = "zone",
	 .choices = sparing_choices, .doc = "where the spares are, and what a zone's spares and slips count"},
	{.key = "sparing_range_cylinders", .type = OPT_SCALAR, .offset = FIELD(disk_geometry_spec, sparing_range_cylinders),
	 .min = "1", .max = CYLINDERS_MAX, .def = "1", .doc = "cylinders of a range, with sparing: range"},
	{.key = "slips_turn", .type = OPT_BOOL, .offset = FIELD(disk_geometry_spec, slips_turn), .def = "false",
	 .doc = "each slipped sector turns the tracks behind it (sparing: track) or the cylinders behind it (sparing by cylinder) by one "
	 "sector more"},
	{.key = "zones", .type = OPT_TABLE, .offset = FIELD(disk_geometry_spec, zones), .group = &zone_group,
	 .doc = "the zones, outermost (LBN 0) first"},
	{0},
};
const struct opt_group disk_geometry_group = {"disk geometry", "where the logical blocks lie",
	geometry_rows, sizeof(struct disk_geometry_spec), geometry_check};
