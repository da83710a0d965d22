/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Option rows of where writes go. */
#include <stdio.h>

#include "ftl/alloc.h"
#include "ftl/options.h"

static const struct opt_choice superblock_choices[] = {
	[FTL_SUPER_NONE] = {"none", "each plane has frontiers of its own"},
	[FTL_SUPER_DIE] = {"die", "the blocks of one number in all planes of a die are one"},
	[FTL_SUPER_DEVICE] = {"device", "the blocks of one number in all planes of the device are one"},
	{NULL, NULL},
};
static const struct opt_choice frontier_choices[] = {
	[FTL_FRONTIER_SHARED] = {"shared", "one open block a region for all writes"},
	[FTL_FRONTIER_GC] = {"host-gc", "one for the host, one for what is moved"},
	[FTL_FRONTIER_ALL] = {"separate", "one for the host, one for garbage collection, one for wear levelling"},
	{NULL, NULL},
};

static int alloc_check(const void *bound, const char **key, char *why, size_t why_bytes)
{
	const struct ftl_alloc_spec *s = bound;
	if (s->superpage && s->superblock == FTL_SUPER_NONE) {
		*key = "superpage";
		return snprintf(why, why_bytes, "is of no use without superblock, whose planes it fills together"), -1;
	}
	return 0;
}

static const struct opt_row alloc_rows[] = {
	{.key = "order", .type = OPT_ENUM, .offset = FIELD(ftl_alloc_spec, order), .def = "CWDP", .choices = ftl_alloc_choices,
	 .doc = "which plane a write goes to"},
	{.key = "superblock", .type = OPT_ENUM, .offset = FIELD(ftl_alloc_spec, superblock), .def = "none",
	 .choices = superblock_choices, .doc = "blocks that are written, cleaned and erased as one"},
	{.key = "frontiers", .type = OPT_ENUM, .offset = FIELD(ftl_alloc_spec, frontiers), .def = "host-gc",
	 .choices = frontier_choices, .doc = "which writes share an open block"},
	{.key = "superpage", .type = OPT_BOOL, .offset = FIELD(ftl_alloc_spec, superpage), .def = "false",
	 .doc = "of a superblock, the pages of one number in all its planes are gathered and programmed as one"},
	{0},
};
const struct opt_group ftl_alloc_group = {"ftl alloc", "where writes go", alloc_rows, sizeof(struct ftl_alloc_spec),
	alloc_check};
