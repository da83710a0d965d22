/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Option rows of the disk's geometry. */
#include "disk/options.h"

#include <inttypes.h>
#include <stdio.h>

static const struct opt_choice lbn_order_choices[] = {
	{"ascending", "heads 0 to H-1 in every cylinder"},
	{"serpentine-zone", "head order alternates, counted from the zone's first cylinder"},
	{"serpentine", "head order alternates by the parity of the cylinder number"},
	{NULL, NULL},
};
static const struct opt_choice skip_unit_choices[] = {
	{"sector", "places are sectors"}, {"track", "places are whole tracks"}, {NULL, NULL},
};
static const struct opt_row zone_rows[] = {
	{.key = "first_cylinder", .type = OPT_SCALAR, .offset = FIELD(disk_zone_spec, first_cylinder),
	 .min = "0", .max = CYLINDERS_MAX, .doc = "first cylinder of the zone; zones ascend and do not overlap, and cylinders between them hold no block"},
	{.key = "last_cylinder", .type = OPT_SCALAR, .offset = FIELD(disk_zone_spec, last_cylinder),
	 .min = "0", .max = CYLINDERS_MAX, .doc = "last cylinder of the zone"},
	{.key = "sectors_per_track", .type = OPT_SCALAR, .offset = FIELD(disk_zone_spec, sectors_per_track),
	 .min = "1", .max = "100000", .doc = "physical 512-byte sectors on a track"},
	{.key = "offset", .type = OPT_SCALAR, .unit = UNIT_NUMBER, .offset = FIELD(disk_zone_spec, offset),
	 .min = "-100000", .max = "100000", .def = "0", .doc = "angle of the zone's first sector, in its sectors (to 1/1000)"},
	{.key = "track_skew", .type = OPT_SCALAR, .unit = UNIT_NUMBER, .offset = FIELD(disk_zone_spec, track_skew),
	 .min = "-100000", .max = "100000", .def = "0", .doc = "further turn from a track to the next of its cylinder, in sectors (to 1/1000)"},
	{.key = "cylinder_skew", .type = OPT_SCALAR, .unit = UNIT_NUMBER, .offset = FIELD(disk_zone_spec, cylinder_skew),
	 .min = "-100000", .max = "100000", .def = "0", .doc = "further turn from a cylinder's last track to the next cylinder's first, in sectors (to 1/1000)"},
	{.key = "reserved_sectors", .type = OPT_SCALAR, .offset = FIELD(disk_zone_spec, reserved_sectors),
	 .min = "0", .max = "1000000000", .def = "0", .doc = "sectors at the zone's front that hold no logical block"},
	{.key = "spares", .type = OPT_SCALAR, .offset = FIELD(disk_zone_spec, spares),
	 .min = "0", .max = "1000000000", .def = "0", .doc = "spare places of the zone, in spare_unit; slips use them up, the rest lies at the zone's end"},
	{.key = "slips", .type = OPT_LIST, .offset = FIELD(disk_zone_spec, slips), .def = "",
	 .doc = "defective places that are skipped, counted in slip_unit from the zone's first, in LBN order"},
	{0},
};
static const struct opt_group zone_group = {"disk zone", "one zone: cylinders with equal sectors per track",
	zone_rows, sizeof(struct disk_zone_spec), NULL};

static int geometry_check(const void *bound, const char **key, char *why, size_t why_bytes)
{
	const struct disk_geometry_spec *g = bound;
	const struct disk_zone_spec *z = g->zones.rows;
	*key = "zones";
	if (g->zones.count == 0)
		return snprintf(why, why_bytes, "want at least one zone"), -1;
	for (size_t i = 0; i < g->zones.count; i++) {
		if (z[i].last_cylinder < z[i].first_cylinder)
			return snprintf(why, why_bytes, "zones[%zu] ends at cylinder %" PRId64 ", before its first, %" PRId64,
				i, z[i].last_cylinder, z[i].first_cylinder), -1;
		if (z[i].last_cylinder >= g->cylinders)
			return snprintf(why, why_bytes, "zones[%zu] ends at cylinder %" PRId64 ", but the disk has only %"
				PRId64 " cylinders (0 to %" PRId64 ")", i, z[i].last_cylinder, g->cylinders, g->cylinders - 1), -1;
		if (i > 0 && z[i].first_cylinder <= z[i - 1].last_cylinder)
			return snprintf(why, why_bytes, "zones[%zu] starts at cylinder %" PRId64 " and overlaps zones[%zu], "
				"which ends at %" PRId64, i, z[i].first_cylinder, i - 1, z[i - 1].last_cylinder), -1;
	}
	return 0;
}

static const struct opt_row geometry_rows[] = {
	{.key = "heads", .type = OPT_SCALAR, .offset = FIELD(disk_geometry_spec, heads), .min = "1", .max = "256",
	 .doc = "data surfaces, that is tracks in a cylinder"},
	{.key = "cylinders", .type = OPT_SCALAR, .offset = FIELD(disk_geometry_spec, cylinders), .min = "1",
	 .max = CYLINDERS_MAX, .doc = "cylinders, spare ones included"},
	{.key = "lbn_order", .type = OPT_ENUM, .offset = FIELD(disk_geometry_spec, lbn_order), .def = "ascending",
	 .choices = lbn_order_choices, .doc = "order of the heads within a cylinder"},
	{.key = "slip_unit", .type = OPT_ENUM, .offset = FIELD(disk_geometry_spec, slip_unit), .def = "sector",
	 .choices = skip_unit_choices, .doc = "what a zone's slips count"},
	{.key = "spare_unit", .type = OPT_ENUM, .offset = FIELD(disk_geometry_spec, spare_unit), .def = "sector",
	 .choices = skip_unit_choices, .doc = "what a zone's spares count"},
	{.key = "zones", .type = OPT_TABLE, .offset = FIELD(disk_geometry_spec, zones), .group = &zone_group,
	 .doc = "the zones, outermost (LBN 0) first"},
	{0},
};
const struct opt_group disk_geometry_group = {"disk geometry", "where the logical blocks lie",
	geometry_rows, sizeof(struct disk_geometry_spec), geometry_check};
