/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The disk's option rows at the top, and what spans several groups. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "disk/cmdq.h"
#include "disk/options.h"
#include "disk/destage.h"
#include "disk/sched.h"
#include "disk/wcache.h"
#include "disk/seek.h"

static const struct opt_row disk_rows[] = {
	{.key = "name", .type = OPT_STRING, .offset = FIELD(disk_spec, name), .def = "unnamed disk",
	 .doc = "model name, for reports"},
	{.key = "geometry", .type = OPT_GROUP, .offset = FIELD(disk_spec, geometry), .group = &disk_geometry_group,
	 .doc = "where the logical blocks lie"},
	{.key = "defects", .type = OPT_GROUP, .offset = FIELD(disk_spec, defects), .group = &disk_defects_group,
	 .doc = "sectors that go bad while the drive runs"},
	{.key = "rpm", .type = OPT_SCALAR, .unit = UNIT_RPM, .offset = FIELD(disk_spec, rpm), .min = "1 rpm",
	 .max = "100000 rpm", .doc = "rotation speed"},
	{.key = "rpm_error", .type = OPT_SCALAR, .unit = UNIT_RATIO, .offset = FIELD(disk_spec, rpm_error), .min = "0",
	 .max = "10 %", .def = "0",
	 .doc = "a drive's own rpm is drawn, by seed and name, evenly from rpm +- this share of it"},
	{.key = "start_angle", .type = OPT_SCALAR, .unit = UNIT_ANGLE, .offset = FIELD(disk_spec, start_angle),
	 .min = "0", .max = "1 turn", .def = "0", .doc = "angle under the head at time 0"},
	{.key = "seek", .type = OPT_GROUP, .offset = FIELD(disk_spec, seek), .group = &disk_seek_group,
	 .doc = "time to move the arm"},
	{.key = "head_switch", .type = OPT_SCALAR, .unit = UNIT_TIME, .offset = FIELD(disk_spec, head_switch_ps),
	 .min = "0", .max = "1 s", .def = "0", .doc = "time to change heads; a move takes the longer of seek and head switch"},
	{.key = "write_settle", .type = OPT_SCALAR, .unit = UNIT_TIME, .offset = FIELD(disk_spec, write_settle_ps),
	 .min = "-1 s", .max = "1 s", .def = "0", .doc = "added to any move before a write, which must settle finer; may be negative"},
	{.key = "write_on_arrival", .type = OPT_BOOL, .offset = FIELD(disk_spec, write_on_arrival), .def = "false",
	 .doc = "a write whose data are all there begins where the head lands within its part of a track"},
	{.key = "spin_up", .type = OPT_SCALAR, .unit = UNIT_TIME, .offset = FIELD(disk_spec, spin_up_ps),
	 .min = "0", .max = "600 s", .def = "0", .doc = "from power restored to the first command served"},
	{.key = "power", .type = OPT_GROUP, .offset = FIELD(disk_spec, power), .group = &disk_power_group,
	 .doc = "what the drive draws, and when it goes to sleep"},
	{.key = "queue_depth", .type = OPT_SCALAR, .offset = FIELD(disk_spec, queue_depth), .min = "1", .max = "4096",
	 .def = "1", .doc = "waiting commands the drive looks at when it chooses the next"},
	{.key = "scheduler", .type = OPT_ENUM, .offset = FIELD(disk_spec, scheduler), .def = "fcfs",
	 .choices = disk_sched_choices, .doc = "how the drive chooses among them"},
	{.key = "queue", .type = OPT_GROUP, .offset = FIELD(disk_spec, queue), .group = &disk_queue_group,
	 .doc = "the command queue, and figures of its schedulers"},
	{.key = "overhead", .type = OPT_GROUP, .offset = FIELD(disk_spec, overhead), .group = &disk_overhead_group,
	 .doc = "controller time of a command, by case"},
	{.key = "bus", .type = OPT_GROUP, .offset = FIELD(disk_spec, bus), .group = &disk_bus_group,
	 .doc = "the path between drive and host"},
	{.key = "cache", .type = OPT_GROUP, .offset = FIELD(disk_spec, cache), .group = &disk_cache_group,
	 .doc = "the track buffer"},
	{.key = "actuators", .type = OPT_GROUP, .offset = FIELD(disk_spec, actuators), .group = &disk_actuator_group,
	 .doc = "arms that move independently"},
	{.key = "concurrent_hits", .type = OPT_BOOL, .offset = FIELD(disk_spec, concurrent_hits), .def = "false",
	 .doc = "commands that need only the buffer are served, in or out of turn, while the arm works for another"},
	{.key = "next_position", .type = OPT_ENUM, .offset = FIELD(disk_spec, next_position), .def = "completion",
	 .choices = disk_next_choices, .doc = "when the arm begins to move for the next command"},
	{.key = "write_cache", .type = OPT_GROUP, .offset = FIELD(disk_spec, write_cache), .group = &disk_write_cache_group,
	 .doc = "what cache.write_back acknowledges early"},
	{.key = "shingled", .type = OPT_GROUP, .offset = FIELD(disk_spec, shingled), .group = &disk_smr_group,
	 .doc = "tracks that overlap"},
	{0},
};

static int check_shingled(const struct disk_spec *d, const char **key, char *why, size_t why_bytes)
{
	*key = "shingled";
	if (d->shingled.model != SMR_NONE && d->write_on_arrival)
		return snprintf(why, why_bytes, "a shingled track is written from its beginning: no write_on_arrival"), -1;
	if (d->shingled.model == SMR_HOST_MANAGED && d->cache.enabled && d->cache.write_back &&
	    d->write_cache.combine == WCACHE_COMBINE_NONE && strcmp(disk_destages[d->write_cache.order]->name, "fifo") != 0)
		return snprintf(why, why_bytes, "a zone is written from its beginning: write_cache.combine: none wants order: fifo"), -1;
	return 0;
}

static int disk_check(const void *bound, const char **key, char *why, size_t why_bytes)
{
	const struct disk_spec *d = bound;
	bool surface = d->actuators.split == ACTUATORS_BY_SURFACE;
	if (d->actuators.count == 2 && (surface ? d->geometry.heads : d->geometry.cylinders) < 2) {
		*key = "actuators";
		return snprintf(why, why_bytes, "want at least 2 %s to divide between two arms", surface ? "heads" : "cylinders"), -1;
	}
	if (cmdq_check_spec(&d->queue, d->queue_depth, key, why, why_bytes) < 0)
		return -1;
	const struct disk_zone_spec *z = d->geometry.zones.rows;
	int64_t longest = 0;
	for (size_t i = 0; i < d->geometry.zones.count; i++)
		longest = z[i].sectors_per_track > longest ? z[i].sectors_per_track : longest;
	if (d->cache.enabled && d->cache.read_ahead == AHEAD_WHOLE_TRACK && d->cache.segment_sectors < longest) {
		*key = "cache";
		return snprintf(why, why_bytes, "read_ahead: whole-track with segment_sectors %" PRId64 ": want at least the %"
			PRId64 " sectors of the longest track", d->cache.segment_sectors, longest), -1;
	}
	if (check_shingled(d, key, why, why_bytes) < 0)
		return -1;
	*key = "seek";
	return seek_check_spec(&d->seek, (uint32_t)d->geometry.cylinders, why, why_bytes);
}

const struct opt_group disk_options = {"disk", "magnetic disk", disk_rows, sizeof(struct disk_spec), disk_check};
