/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Option rows of the write cache. */
#include "disk/options.h"

#include <stdio.h>

#include "disk/destage.h"
#include "disk/wcache.h"

static const struct opt_choice report_choices[] = {
	{"all", "every write that has room"},
	{"appending", "only a write that goes on where the one before it ended"},
	{NULL, NULL},
};
static const struct opt_choice accept_choices[] = {
	{"any", "whatever has room"},
	{"appending", "besides dirty data only what goes on where the write before ended; another write waits until they are on the "
		"medium"},
	{NULL, NULL},
};
static const struct opt_choice combine_choices[] = {
	[WCACHE_COMBINE_NONE] = {"none", "each write is an extent of its own; what a newer one overlaps is replaced"},
	[WCACHE_COMBINE_APPEND] = {"append", "data join the extent they continue"},
	[WCACHE_COMBINE_ALL] = {"all", "data join what they continue and what they precede"},
	{NULL, NULL},
};

static int write_cache_check(const void *bound, const char **key, char *why, size_t why_bytes)
{
	const struct disk_write_cache_spec *w = bound;
	if (w->low_water > w->high_water) {
		*key = "low_water";
		return snprintf(why, why_bytes, "%g %% is above high_water, %g %%", 100 * w->low_water, 100 * w->high_water), -1;
	}
	return 0;
}

static const struct opt_row write_cache_rows[] = {
	{.key = "extents", .type = OPT_SCALAR, .offset = FIELD(disk_write_cache_spec, extents), .min = "1", .max = "65536",
	 .def = "1", .doc = "most dirty extents at once, one on its way to the medium included; a write beyond them waits"},
	{.key = "sectors", .type = OPT_SCALAR, .offset = FIELD(disk_write_cache_spec, sectors), .min = "1", .max = "1000000000",
	 .def = "1000000000", .doc = "most dirty sectors at once; a write larger than this is written through"},
	{.key = "report", .type = OPT_ENUM, .offset = FIELD(disk_write_cache_spec, report), .def = "all",
	 .choices = report_choices, .doc = "which writes are acknowledged before they are on the medium"},
	{.key = "accept", .type = OPT_ENUM, .offset = FIELD(disk_write_cache_spec, accept), .def = "any",
	 .choices = accept_choices, .doc = "which writes are taken while there are dirty data"},
	{.key = "combine", .type = OPT_ENUM, .offset = FIELD(disk_write_cache_spec, combine), .def = "all",
	 .choices = combine_choices, .doc = "how neighbouring data become one extent"},
	{.key = "order", .type = OPT_ENUM, .offset = FIELD(disk_write_cache_spec, order), .def = "fifo",
	 .choices = disk_destage_choices, .doc = "which extent goes to the medium next"},
	{.key = "access_sectors", .type = OPT_SCALAR, .offset = FIELD(disk_write_cache_spec, access_sectors), .min = "1",
	 .max = "1000000000", .def = "65536", .doc = "most sectors, of neighbouring extents together, in one medium access"},
	{.key = "idle_time", .type = OPT_SCALAR, .unit = UNIT_TIME, .offset = FIELD(disk_write_cache_spec, idle_ps), .min = "0",
	 .max = "3600 s", .def = "0", .doc = "destage when no command was served or waited for so long; 0: whenever the arm is free"},
	{.key = "reads_first", .type = OPT_BOOL, .offset = FIELD(disk_write_cache_spec, reads_first), .def = "false",
	 .doc = "waiting commands take the arm before dirty data, until high_water or max_age"},
	{.key = "high_water", .type = OPT_SCALAR, .unit = UNIT_RATIO, .offset = FIELD(disk_write_cache_spec, high_water), .min = "0",
	 .max = "1", .def = "100 %", .doc = "share of extents or sectors from which destaging goes before all else"},
	{.key = "low_water", .type = OPT_SCALAR, .unit = UNIT_RATIO, .offset = FIELD(disk_write_cache_spec, low_water), .min = "0",
	 .max = "1", .def = "90 %", .doc = "and goes on until no more than this share is dirty"},
	{.key = "max_age", .type = OPT_SCALAR, .unit = UNIT_TIME, .offset = FIELD(disk_write_cache_spec, max_age_ps), .min = "0",
	 .max = "3600 s", .def = "0", .doc = "data that old go to the medium before all else; 0: age does not matter"},
	{0},
};

const struct opt_group disk_write_cache_group = {"disk write cache", "what cache.write_back acknowledges early, and when it "
	"reaches the medium", write_cache_rows, sizeof(struct disk_write_cache_spec), write_cache_check};
