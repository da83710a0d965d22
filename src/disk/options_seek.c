/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Option rows of the seek curve. */
#include "disk/options.h"

#include <inttypes.h>
#include <stdio.h>

static const struct opt_choice seek_model_choices[] = {
	{"table", "a measured table, linear between its points and past the last"},
	{"sqrt-linear", "a + b sqrt(d) below a break, c + e d from it on"},
	{NULL, NULL},
};
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
	{.key = "same_track", .type = OPT_SCALAR, .unit = UNIT_TIME, .offset = FIELD(disk_seek_spec, same_track_ps),
	 .min = "0", .max = "1 s", .def = "0", .doc = "time to be ready for an access to the track the head is on already"},
	{0},
};
const struct opt_group disk_seek_group = {"disk seek", "time to move the arm, by distance",
	seek_rows, sizeof(struct disk_seek_spec), seek_check};
