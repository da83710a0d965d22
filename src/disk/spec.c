/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The disk's option rows, and what spans several of them. */
#include "disk/spec.h"

#include <inttypes.h>
#include <stdio.h>

#include "disk/sched.h"

static const struct opt_choice lbn_order_choices[] = {
	{"ascending", "heads 0 to H-1 in every cylinder"},
	{"serpentine-zone", "head order alternates, counted from the zone's first cylinder"},
	{"serpentine", "head order alternates by the parity of the cylinder number"},
	{NULL, NULL},
};
static const struct opt_choice skip_unit_choices[] = {
	{"sector", "places are sectors"}, {"track", "places are whole tracks"}, {NULL, NULL},
};
static const struct opt_choice seek_model_choices[] = {
	{"table", "a measured table, linear between its points and past the last"},
	{"sqrt-linear", "a + b sqrt(d) below a break, c + e d from it on"},
	{NULL, NULL},
};
static const struct opt_choice read_ahead_choices[] = {
	{"none", "only what is asked for"},
	{"track", "to the end of the track"},
	{"whole-track", "a whole turn of the track, from wherever the head lands"},
	{"segment", "on across tracks, as far as segment and read_ahead_max allow"},
	{NULL, NULL},
};

#define FIELD(s, f) offsetof(struct s, f)
#define CYLINDERS_MAX "4000000"

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
static const struct opt_group geometry_group = {"disk geometry", "where the logical blocks lie",
	geometry_rows, sizeof(struct disk_geometry_spec), geometry_check};

static int seek_check(const void *bound, const char **key, char *why, size_t why_bytes)
{
	const struct disk_seek_spec *s = bound;
	if (s->model == SEEK_TABLE && s->table.count == 0) {
		*key = "table";
		return snprintf(why, why_bytes, "want at least one [cylinders, time] point for model: table"), -1;
	}
	if (s->model == SEEK_TABLE && s->table.x[0] < 1) {
		*key = "table";
		return snprintf(why, why_bytes, "a distance of %" PRId64 " cylinders: want 1 or more", s->table.x[0]), -1;
	}
	return 0;
}

static const struct opt_row seek_rows[] = {
	{.key = "model", .type = OPT_ENUM, .offset = FIELD(disk_seek_spec, model), .def = "table",
	 .choices = seek_model_choices, .doc = "how the curve is given"},
	{.key = "table", .type = OPT_CURVE, .unit = UNIT_TIME, .offset = FIELD(disk_seek_spec, table), .def = "",
	 .doc = "measured points: distance in cylinders, seek time"},
	{.key = "first", .type = OPT_LIST, .unit = UNIT_TIME, .offset = FIELD(disk_seek_spec, first), .def = "",
	 .doc = "measured times of the distances 1, 2, 3, ..., put over the model's"},
	{.key = "root_base", .type = OPT_SCALAR, .unit = UNIT_TIME, .offset = FIELD(disk_seek_spec, root_base_ps),
	 .min = "0", .max = "1 s", .def = "0", .doc = "a of a + b sqrt(d)"},
	{.key = "root_slope", .type = OPT_SCALAR, .unit = UNIT_TIME, .offset = FIELD(disk_seek_spec, root_slope_ps),
	 .min = "0", .max = "1 s", .def = "0", .doc = "b of a + b sqrt(d), a time for the square root of a cylinder"},
	{.key = "break_cylinders", .type = OPT_SCALAR, .offset = FIELD(disk_seek_spec, break_cylinders),
	 .min = "0", .max = CYLINDERS_MAX, .def = "0", .doc = "first distance at which the linear law holds"},
	{.key = "linear_base", .type = OPT_SCALAR, .unit = UNIT_TIME, .offset = FIELD(disk_seek_spec, linear_base_ps),
	 .min = "-1 s", .max = "1 s", .def = "0", .doc = "c of c + e d"},
	{.key = "linear_slope", .type = OPT_SCALAR, .unit = UNIT_TIME, .offset = FIELD(disk_seek_spec, linear_slope_ps),
	 .min = "0", .max = "1 s", .def = "0", .doc = "e of c + e d, a time for each cylinder"},
	{0},
};
static const struct opt_group seek_group = {"disk seek", "time to move the arm, by distance",
	seek_rows, sizeof(struct disk_seek_spec), seek_check};

#define OVERHEAD(field, text) {.key = #field, .type = OPT_SCALAR, .unit = UNIT_TIME, \
	.offset = FIELD(disk_overhead_spec, field), .min = "0", .max = "1 s", .def = "0", .doc = text}
static const struct opt_row overhead_rows[] = {
	OVERHEAD(read_hit_after_read, "command time of a read served from the buffer, after a read"),
	OVERHEAD(read_hit_after_write, "the same after a write"),
	OVERHEAD(read_miss_after_read, "command time of a read that needs the medium, after a read; positioning starts at its end"),
	OVERHEAD(read_miss_after_write, "the same after a write"),
	OVERHEAD(write_hit_after_read, "command time of a write acknowledged from the buffer, after a read"),
	OVERHEAD(write_hit_after_write, "the same after a write"),
	OVERHEAD(write_miss_after_read, "command time of a write acknowledged from the medium, after a read; positioning starts at its end"),
	OVERHEAD(write_miss_after_write, "the same after a write"),
	OVERHEAD(read_completion, "from the last read data on the bus to the completion"),
	OVERHEAD(write_completion, "from the end of the write (or its data in the buffer) to the completion"),
	OVERHEAD(data_preparation, "to set up each data transfer on the bus"),
	OVERHEAD(read_reselect, "to get the bus back for read data that waited for the medium"),
	OVERHEAD(write_reselect, "to get the bus back for the status of a write that waited for the medium"),
	OVERHEAD(write_data_delay, "from the end of a write's command time until its data come over the bus"),
	{0},
};
static const struct opt_group overhead_group = {"disk overhead", "controller time of a command, by case",
	overhead_rows, sizeof(struct disk_overhead_spec), NULL};

static const struct opt_row bus_rows[] = {
	{.key = "read_sector", .type = OPT_SCALAR, .unit = UNIT_TIME, .offset = FIELD(disk_bus_spec, read_sector_ps),
	 .min = "0", .max = "1 ms", .def = "0", .doc = "time of one sector from drive to host; 0: the bus costs nothing"},
	{.key = "write_sector", .type = OPT_SCALAR, .unit = UNIT_TIME, .offset = FIELD(disk_bus_spec, write_sector_ps),
	 .min = "0", .max = "1 ms", .def = "0", .doc = "time of one sector from host to drive"},
	{.key = "read_watermark", .type = OPT_SCALAR, .unit = UNIT_RATIO, .offset = FIELD(disk_bus_spec, read_watermark),
	 .min = "0", .max = "1", .def = "0", .doc = "share of a request that must be in the buffer before the bus transfer starts"},
	{0},
};
static const struct opt_group bus_group = {"disk bus", "the path between drive and host",
	bus_rows, sizeof(struct disk_bus_spec), NULL};

static const struct opt_row cache_rows[] = {
	{.key = "enabled", .type = OPT_BOOL, .offset = FIELD(disk_cache_spec, enabled), .def = "true",
	 .doc = "whether data stay in the buffer to be hit"},
	{.key = "segments", .type = OPT_SCALAR, .offset = FIELD(disk_cache_spec, segments), .min = "1", .max = "1024",
	 .def = "8", .doc = "segments of the buffer, replaced least recently used first"},
	{.key = "segment_sectors", .type = OPT_SCALAR, .offset = FIELD(disk_cache_spec, segment_sectors), .min = "1",
	 .max = "10000000", .def = "256", .doc = "size of a segment, in sectors"},
	{.key = "read_ahead", .type = OPT_ENUM, .offset = FIELD(disk_cache_spec, read_ahead), .def = "segment",
	 .choices = read_ahead_choices, .doc = "how far a read goes on in the background"},
	{.key = "read_ahead_max", .type = OPT_SCALAR, .offset = FIELD(disk_cache_spec, read_ahead_max_sectors),
	 .min = "0", .max = "10000000", .def = "10000000", .doc = "most sectors read ahead past the request's end, with read_ahead track or segment"},
	{.key = "read_ahead_on_hit", .type = OPT_BOOL, .offset = FIELD(disk_cache_spec, read_ahead_on_hit), .def = "false",
	 .doc = "with read_ahead segment: a full hit on an idle drive reads on where the segment ends"},
	{.key = "overwrite_requested", .type = OPT_BOOL, .offset = FIELD(disk_cache_spec, overwrite_requested),
	 .def = "false", .doc = "with read_ahead track or segment: it may take the place of the finished request's data in the segment"},
	{.key = "hit_on_written", .type = OPT_BOOL, .offset = FIELD(disk_cache_spec, hit_on_written), .def = "true",
	 .doc = "written data stay in a segment where reads hit them"},
	{.key = "write_back", .type = OPT_BOOL, .offset = FIELD(disk_cache_spec, write_back), .def = "false",
	 .doc = "acknowledge a write once its data are in the buffer; one such write at a time, written at once"},
	{0},
};

static const struct opt_group cache_group = {"disk cache", "the track buffer",
	cache_rows, sizeof(struct disk_cache_spec), NULL};

static const struct opt_row disk_rows[] = {
	{.key = "name", .type = OPT_STRING, .offset = FIELD(disk_spec, name), .def = "unnamed disk",
	 .doc = "model name, for reports"},
	{.key = "geometry", .type = OPT_GROUP, .offset = FIELD(disk_spec, geometry), .group = &geometry_group,
	 .doc = "where the logical blocks lie"},
	{.key = "rpm", .type = OPT_SCALAR, .unit = UNIT_RPM, .offset = FIELD(disk_spec, rpm), .min = "1 rpm",
	 .max = "100000 rpm", .doc = "rotation speed"},
	{.key = "start_angle", .type = OPT_SCALAR, .unit = UNIT_ANGLE, .offset = FIELD(disk_spec, start_angle),
	 .min = "0", .max = "1 turn", .def = "0", .doc = "angle under the head at time 0"},
	{.key = "seek", .type = OPT_GROUP, .offset = FIELD(disk_spec, seek), .group = &seek_group,
	 .doc = "time to move the arm"},
	{.key = "head_switch", .type = OPT_SCALAR, .unit = UNIT_TIME, .offset = FIELD(disk_spec, head_switch_ps),
	 .min = "0", .max = "1 s", .def = "0", .doc = "time to change heads; a move takes the longer of seek and head switch"},
	{.key = "write_settle", .type = OPT_SCALAR, .unit = UNIT_TIME, .offset = FIELD(disk_spec, write_settle_ps),
	 .min = "-1 s", .max = "1 s", .def = "0", .doc = "added to any move before a write, which must settle finer; may be negative"},
	{.key = "spin_up", .type = OPT_SCALAR, .unit = UNIT_TIME, .offset = FIELD(disk_spec, spin_up_ps),
	 .min = "0", .max = "600 s", .def = "0", .doc = "from power restored to the first command served"},
	{.key = "queue_depth", .type = OPT_SCALAR, .offset = FIELD(disk_spec, queue_depth), .min = "1", .max = "4096",
	 .def = "1", .doc = "waiting commands the drive looks at when it chooses the next"},
	{.key = "scheduler", .type = OPT_ENUM, .offset = FIELD(disk_spec, scheduler), .def = "fcfs",
	 .choices = disk_sched_choices, .doc = "how the drive chooses among them"},
	{.key = "overhead", .type = OPT_GROUP, .offset = FIELD(disk_spec, overhead), .group = &overhead_group,
	 .doc = "controller time of a command, by case"},
	{.key = "bus", .type = OPT_GROUP, .offset = FIELD(disk_spec, bus), .group = &bus_group,
	 .doc = "the path between drive and host"},
	{.key = "cache", .type = OPT_GROUP, .offset = FIELD(disk_spec, cache), .group = &cache_group,
	 .doc = "the track buffer"},
	{0},
};

static int disk_check(const void *bound, const char **key, char *why, size_t why_bytes)
{
	const struct disk_spec *d = bound;
	const struct disk_zone_spec *z = d->geometry.zones.rows;
	int64_t longest = 0;
	for (size_t i = 0; i < d->geometry.zones.count; i++)
		longest = z[i].sectors_per_track > longest ? z[i].sectors_per_track : longest;
	if (d->cache.enabled && d->cache.read_ahead == AHEAD_WHOLE_TRACK && d->cache.segment_sectors < longest) {
		*key = "cache";
		return snprintf(why, why_bytes, "read_ahead: whole-track with segment_sectors %" PRId64 ": want at least the %"
			PRId64 " sectors of the longest track", d->cache.segment_sectors, longest), -1;
	}
	return 0;
}

const struct opt_group disk_options = {"disk", "magnetic disk", disk_rows, sizeof(struct disk_spec), disk_check};
