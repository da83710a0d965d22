/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Option rows of wear levelling. */
#include "ftl/options.h"

static const struct opt_choice free_choices[] = {
	[FTL_FREE_LEAST_WORN] = {"least-worn", "the one with the fewest erases (dynamic wear levelling)"},
	[FTL_FREE_FIFO] = {"fifo", "the one freed longest ago"},
	{NULL, NULL},
};

static const struct opt_row wear_rows[] = {
	{.key = "free_order", .type = OPT_ENUM, .offset = FIELD(ftl_wear_spec, free_order), .def = "least-worn",
	 .choices = free_choices, .doc = "which free block is written next"},
	{.key = "threshold", .type = OPT_SCALAR, .offset = FIELD(ftl_wear_spec, threshold), .min = "0", .max = "1000000", .def = "0",
	 .doc = "static wear levelling: the least erased full block is moved when another has so many erases more; 0: never"},
	{.key = "interval", .type = OPT_SCALAR, .offset = FIELD(ftl_wear_spec, interval), .min = "0", .max = "1000000000", .def = "0",
	 .doc = "erases of a region between two looks for such a block; 0: an eighth of its blocks"},
	{0},
};
const struct opt_group ftl_wear_group = {"ftl wear", "wear levelling", wear_rows, sizeof(struct ftl_wear_spec), NULL};
