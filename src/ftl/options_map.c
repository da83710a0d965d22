/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Option rows of the map and its capacity. */
#include "ftl/inplace.h"
#include "ftl/map.h"
#include "ftl/options.h"

static const struct opt_choice update_choices[] = {
	[INPLACE_LECTURE] = {"lecture", "all pages of the block are read, and all are programmed"},
	[INPLACE_SKIP_OLD] = {"skip_old", "pages that are written are not read, those never programmed neither; behind the last one no "
		"erase is wanted"},
	{NULL, NULL},
};

static const char *without_map(const void *bound)
{
	return ((const struct ftl_map_spec *)bound)->scheme == FTL_MAP_none ?
		"without a map (scheme none) the host sees all of the flash" : NULL;
}

static const char *with_map(const void *bound)
{
	return ((const struct ftl_map_spec *)bound)->scheme != FTL_MAP_none ? "is of scheme none, which updates blocks in place" : NULL;
}

static const struct opt_row map_rows[] = {
	{.key = "scheme", .type = OPT_ENUM, .offset = FIELD(ftl_map_spec, scheme), .def = "page", .choices = ftl_map_choices,
	 .doc = "how logical units find their place"},
	{.key = "update", .type = OPT_ENUM, .offset = FIELD(ftl_map_spec, update), .def = "lecture", .choices = update_choices,
	 .idle = with_map,
	 .doc = "of scheme none: what a write of a page does to its block"},
	{.key = "unit", .type = OPT_SCALAR, .unit = UNIT_BYTES, .offset = FIELD(ftl_map_spec, unit_bytes), .min = "0",
	 .max = "64 KiB", .def = "0", .doc = "what one map entry stands for: a page, or an even part of one; 0: a page"},
	{.key = "capacity", .type = OPT_SCALAR, .unit = UNIT_BYTES, .offset = FIELD(ftl_map_spec, capacity_bytes), .min = "0",
	 .max = "1024 TiB", .def = "0", .idle = without_map, .doc = "what the host sees; 0: as over_provisioning says"},
	{.key = "over_provisioning", .type = OPT_SCALAR, .unit = UNIT_RATIO, .offset = FIELD(ftl_map_spec, over_provisioning),
	 .min = "0", .max = "100", .def = "0.07", .idle = without_map, .doc = "flash beyond what the host sees, as a share of what it "
	 "sees; of no account with capacity"},
	{0},
};
const struct opt_group ftl_map_group = {"ftl map", "logical to physical", map_rows, sizeof(struct ftl_map_spec), NULL};
