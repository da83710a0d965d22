/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Option rows of the way between host and buffer: command times and the bus. */
#include "disk/options.h"

#define OVERHEAD(field, text) {.key = #field, .type = OPT_SCALAR, .unit = UNIT_TIME, \
	.offset = FIELD(disk_overhead_spec, field), .min = "0", .max = "1 s", .def = "0", .doc = text}
static const struct opt_row overhead_rows[] = {
	OVERHEAD(read_hit_after_read, "command time of a read served from the buffer, after a read"),
	OVERHEAD(read_hit_after_write, "the same after a write"),
	OVERHEAD(read_miss_after_read, "command time of a read that needs the medium, after a read; positioning starts at its end"),
	OVERHEAD(read_miss_after_write, "the same after a write"),
	OVERHEAD(write_hit_after_read, "command time of a write acknowledged from the buffer, after a read"),
	OVERHEAD(write_hit_after_write, "the same after a write"),
	OVERHEAD(write_miss_after_read, "command time of a write acknowledged from the medium, after a read; positioning starts at its "
		"end"),
	OVERHEAD(write_miss_after_write, "the same after a write"),
	OVERHEAD(read_completion, "from the last read data on the bus to the completion"),
	OVERHEAD(write_completion, "from the end of the write (or its data in the buffer) to the completion"),
	OVERHEAD(data_preparation, "to set up each data transfer on the bus"),
	OVERHEAD(read_disconnect, "to let go of the bus after the command of a read that waits for the medium; passes while the arm "
		"moves, and the bus is not had back before"),
	OVERHEAD(write_disconnect, "the same after the data of a write that waits for the medium"),
	OVERHEAD(read_reselect, "to get the bus back for read data that waited for the medium"),
	OVERHEAD(write_reselect, "to get the bus back for the status of a write that waited for the medium"),
	OVERHEAD(write_data_delay, "from the end of a write's command time until its data come over the bus"),
	OVERHEAD(read_stream_hit, "instead of read_hit_after_read, for a read served from the buffer that continues a stream "
		"(cache.stream_hit_after)"),
	OVERHEAD(write_other_track, "more for a write acknowledged from the buffer, where the arm is on another track"),
	{.key = "write_sequential", .type = OPT_SCALAR, .unit = UNIT_TIME, .offset = FIELD(disk_overhead_spec, write_sequential),
	 .min = "-1 s", .max = "1 s", .def = "0", .doc = "more, or less, than write_miss_after_write for a write that begins where the "
	 "write just before it ended"},
	{0},
};
const struct opt_group disk_overhead_group = {"disk overhead", "controller time of a command, by case",
	overhead_rows, sizeof(struct disk_overhead_spec), NULL};

static const struct opt_row bus_rows[] = {
	{.key = "read_sector", .type = OPT_SCALAR, .unit = UNIT_TIME, .offset = FIELD(disk_bus_spec, read_sector_ps),
	 .min = "0", .max = "1 ms", .def = "0", .doc = "time of one sector from drive to host; 0: the bus costs nothing"},
	{.key = "write_sector", .type = OPT_SCALAR, .unit = UNIT_TIME, .offset = FIELD(disk_bus_spec, write_sector_ps),
	 .min = "0", .max = "1 ms", .def = "0", .doc = "time of one sector from host to drive"},
	{.key = "read_watermark", .type = OPT_SCALAR, .unit = UNIT_RATIO, .offset = FIELD(disk_bus_spec, read_watermark),
	 .min = "0", .max = "1", .def = "0", .doc = "share of a request that must be in the buffer before the bus transfer starts"},
	{.key = "read_watermark_max", .type = OPT_SCALAR, .offset = FIELD(disk_bus_spec, read_watermark_max),
	 .min = "1", .max = "10000000", .def = "10000000", .doc = "most sectors that read_watermark waits for"},
	{.key = "read_dry", .type = OPT_SCALAR, .unit = UNIT_TIME, .offset = FIELD(disk_bus_spec, read_dry_ps),
	 .min = "0", .max = "1 s", .def = "0", .doc = "to get the bus back at the end of a read whose transfer has overtaken the medium "
	 "and had to let go of it"},
	{0},
};
const struct opt_group disk_bus_group = {"disk bus", "the path between drive and host",
	bus_rows, sizeof(struct disk_bus_spec), NULL};
