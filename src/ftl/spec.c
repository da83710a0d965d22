/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The option rows of the translation layer at the top. What needs the geometry is checked by ftl_open(). */
#include "ftl/map.h"
#include "ftl/options.h"

const char *ftl_without_map(const struct ftl_spec *s)
{
	return s->map.scheme == FTL_MAP_none ? "has nothing to act on without a map (ftl.map.scheme: none)" : NULL;
}

static const char *without_map(const void *bound) { return ftl_without_map(bound); }

static const struct opt_row ftl_rows[] = {
	{.key = "map", .type = OPT_GROUP, .offset = FIELD(ftl_spec, map), .group = &ftl_map_group, .doc = "logical to physical"},
	{.key = "alloc", .type = OPT_GROUP, .offset = FIELD(ftl_spec, alloc), .group = &ftl_alloc_group, .idle = without_map,
	 .doc = "where writes go"},
	{.key = "gc", .type = OPT_GROUP, .offset = FIELD(ftl_spec, gc), .group = &ftl_gc_group, .idle = without_map,
	 .doc = "garbage collection"},
	{.key = "wear", .type = OPT_GROUP, .offset = FIELD(ftl_spec, wear), .group = &ftl_wear_group, .idle = without_map,
	 .doc = "wear levelling"},
	{0},
};
const struct opt_group ftl_options = {"ftl", "the translation layer", ftl_rows, sizeof(struct ftl_spec), NULL};
