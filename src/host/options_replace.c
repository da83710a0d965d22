/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Option rows of page replacement. */
#include "host/replace.h"

#define FIELD(name) offsetof(struct replace_spec, name)

static const struct opt_row replace_rows[] = {
	{.key = "policy", .type = OPT_ENUM, .offset = FIELD(policy), .def = "clock", .choices = replace_choices,
	 .doc = "which page gives up its frame"},
	{.key = "initial_bit", .type = OPT_BOOL, .offset = FIELD(initial_bit), .def = "true",
	 .doc = "clock: the reference that brings a page in sets its accessed bit"},
	{0},
};
const struct opt_group host_replace_group = {"host replace", "page replacement", replace_rows, sizeof(struct replace_spec), NULL};
