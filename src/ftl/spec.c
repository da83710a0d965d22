/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The option rows of the translation layer at the top. What needs the geometry is checked by ftl_open(). */
#include "ftl/options.h"

static const struct opt_row ftl_rows[] = {
	{.key = "map", .type = OPT_GROUP, .offset = FIELD(ftl_spec, map), .group = &ftl_map_group, .doc = "logical to physical"},
	{.key = "alloc", .type = OPT_GROUP, .offset = FIELD(ftl_spec, alloc), .group = &ftl_alloc_group, .doc = "where writes go"},
	{.key = "gc", .type = OPT_GROUP, .offset = FIELD(ftl_spec, gc), .group = &ftl_gc_group, .doc = "garbage collection"},
	{.key = "wear", .type = OPT_GROUP, .offset = FIELD(ftl_spec, wear), .group = &ftl_wear_group, .doc = "wear levelling"},
	{0},
};
const struct opt_group ftl_options = {"ftl", "the translation layer", ftl_rows, sizeof(struct ftl_spec), NULL};
