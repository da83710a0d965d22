/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Option rows of sectors that go bad while the disk runs, and of soft errors. */
#include "disk/options.h"

static const struct opt_row grown_rows[] = {
	{.key = "lbn", .type = OPT_SCALAR, .offset = FIELD(disk_grown_spec, lbn), .min = "0",
	 .doc = "sector that goes bad"},
	{.key = "at", .type = OPT_SCALAR, .unit = UNIT_TIME, .offset = FIELD(disk_grown_spec, at_ps), .min = "0",
	 .def = "0", .doc = "time from which on it is bad; the first access after it finds it"},
	{0},
};
static const struct opt_group grown_group = {"disk grown defect", "a sector that goes bad while the disk runs", grown_rows,
	sizeof(struct disk_grown_spec), NULL};

static const struct opt_row defects_rows[] = {
	{.key = "grown", .type = OPT_TABLE, .offset = FIELD(disk_defects_spec, grown), .group = &grown_group, .def = "",
	 .doc = "sectors that go bad, and when"},
	{.key = "random", .type = OPT_SCALAR, .offset = FIELD(disk_defects_spec, random), .min = "0", .max = "1000000",
	 .def = "0", .doc = "so many more, drawn at random over the disk"},
	{.key = "random_within", .type = OPT_SCALAR, .unit = UNIT_TIME, .offset = FIELD(disk_defects_spec, random_within_ps),
	 .min = "0", .def = "0", .doc = "the random ones go bad at random times before this; 0: they are bad from the start"},
	{.key = "read_retries", .type = OPT_SCALAR, .offset = FIELD(disk_defects_spec, read_retries), .min = "0",
	 .max = "255", .def = "8", .doc = "turns for which a read of a bad sector tries again"},
	{.key = "recovered", .type = OPT_BOOL, .offset = FIELD(disk_defects_spec, recovered), .def = "true",
	 .doc = "whether it then has the data, and the block moves to a spare; else the read fails, and the sector stays bad until it is "
	 "written"},
	{.key = "soft_error_rate", .type = OPT_SCALAR, .unit = UNIT_RATIO, .offset = FIELD(disk_defects_spec, soft_error_rate),
	 .min = "0", .max = "1", .def = "0", .doc = "of the read commands that go to the medium, the share that meets a soft error: it is "
	 "read again and then had"},
	{.key = "soft_error_turns", .type = OPT_SCALAR, .offset = FIELD(disk_defects_spec, soft_error_turns), .min = "1",
	 .max = "255", .def = "1", .doc = "turns that a soft error takes"},
	{0},
};
const struct opt_group disk_defects_group = {"disk defects", "sectors that go bad while the disk runs", defects_rows,
	sizeof(struct disk_defects_spec), NULL};
