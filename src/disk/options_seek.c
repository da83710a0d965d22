/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Option rows of the seek curve. */
#include "disk/options.h"

#include <inttypes.h>
#include <stdio.h>

#include "disk/seek.h"

static int seek_check(const void *bound, const char **key, char *why, size_t why_bytes)
{
	const struct disk_seek_spec *s = bound;
	const struct seek_model *m = &seek_models[s->model];
	const struct {
		unsigned need;
		const char *key;
		bool given;
		const char *what;
	} wants[] = {
		{SEEK_NEEDS_TABLE, "table", s->table.count > 0, "at least one [cylinders, time] point"},
		{SEEK_NEEDS_BREAK, "break_cylinders", s->break_cylinders > 0, "a distance of 1 cylinder or more"},
		{SEEK_NEEDS_SINGLE, "single", s->single_ps > 0, "a time"},
		{SEEK_NEEDS_AVERAGE, "average", s->average_ps > 0, "a time"},
		{SEEK_NEEDS_FULL, "full", s->full_ps > 0, "a time"},
	};
	for (size_t i = 0; i < sizeof(wants) / sizeof(wants[0]); i++)
		if ((m->needs & wants[i].need) && !wants[i].given) {
			*key = wants[i].key;
			return snprintf(why, why_bytes, "want %s for model: %s", wants[i].what, m->name), -1;
		}
	*key = "table";
	if (s->table.count > 0 && s->table.x[0] < 1)
		return snprintf(why, why_bytes, "a distance of %" PRId64 " cylinders: want 1 or more", s->table.x[0]), -1;
	return 0;
}

static const struct opt_row seek_rows[] = {
	{.key = "model", .type = OPT_ENUM, .offset = FIELD(disk_seek_spec, model), .def = "table",
	 .choices = seek_model_choices, .doc = "how the curve is given"},
	{.key = "table", .type = OPT_CURVE, .unit = UNIT_TIME, .offset = FIELD(disk_seek_spec, table),
	 .min = "0", .max = "10 s", .def = "",
	 .doc = "measured points: distance in cylinders, seek time"},
	{.key = "first", .type = OPT_LIST, .unit = UNIT_TIME, .offset = FIELD(disk_seek_spec, first),
	 .min = "0", .max = "10 s", .def = "",
	 .doc = "measured times of the distances 1, 2, 3, ..., put over the model's"},
	{.key = "single", .type = OPT_SCALAR, .unit = UNIT_TIME, .offset = FIELD(disk_seek_spec, single_ps),
	 .min = "0", .max = "10 s", .def = "0", .doc = "from a track to the next, for reading"},
	{.key = "average", .type = OPT_SCALAR, .unit = UNIT_TIME, .offset = FIELD(disk_seek_spec, average_ps),
	 .min = "0", .max = "10 s", .def = "0",
	 .doc = "mean over all pairs of cylinders, for reading; what writing takes longer goes into write_settle"},
	{.key = "full", .type = OPT_SCALAR, .unit = UNIT_TIME, .offset = FIELD(disk_seek_spec, full_ps),
	 .min = "0", .max = "10 s", .def = "0", .doc = "over the full stroke, for reading"},
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
	{.key = "write_extra", .type = OPT_CURVE, .unit = UNIT_TIME, .offset = FIELD(disk_seek_spec, write_extra), .def = "",
	 .doc = "added to write_settle before a write, by distance moved: points of cylinders, time; linear between them, level outside"},
	{.key = "same_track", .type = OPT_SCALAR, .unit = UNIT_TIME, .offset = FIELD(disk_seek_spec, same_track_ps),
	 .min = "0", .max = "1 s", .def = "0", .doc = "time to be ready for an access to the track the head is on already"},
	{0},
};
const struct opt_group disk_seek_group = {"disk seek", "time to move the arm, by distance",
	seek_rows, sizeof(struct disk_seek_spec), seek_check};
