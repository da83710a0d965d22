/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Option rows of the track buffer. */
#include "disk/options.h"

static const struct opt_choice read_ahead_choices[] = {
	{"none", "only what is asked for"},
	{"track", "to the end of the track"},
	{"whole-track", "a whole turn of the track, from wherever the head lands"},
	{"segment", "on across tracks, as far as segment and read_ahead_max allow"},
	{NULL, NULL},
};

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

const struct opt_group disk_cache_group = {"disk cache", "the track buffer",
	cache_rows, sizeof(struct disk_cache_spec), NULL};
