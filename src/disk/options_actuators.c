/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Option rows of the arms, and of what is done at the same time. */
#include "disk/options.h"

static const struct opt_choice split_choices[] = {
	{"surface", "the first arm has the first half of the heads, the second the rest"},
	{"radius", "the first arm has the first half of the cylinders, the second the rest"},
	{NULL, NULL},
};

static const struct opt_row actuator_rows[] = {
	{.key = "count", .type = OPT_SCALAR, .offset = FIELD(disk_actuator_spec, count), .min = "1", .max = "2", .def = "1",
	 .doc = "arms that move on their own over the same platters; of two, the first serves the lower LBNs, and each has its own queue"},
	{.key = "split", .type = OPT_ENUM, .offset = FIELD(disk_actuator_spec, split), .def = "surface",
	 .choices = split_choices, .doc = "what two arms divide"},
	{0},
};

const struct opt_group disk_actuator_group = {"disk actuators", "arms that move independently",
	actuator_rows, sizeof(struct disk_actuator_spec), NULL};

const struct opt_choice disk_next_choices[] = {
	{"completion", "when the command before is done"},
	{"media-end", "when the last sector of the command before has left the medium, while its data may still be on the bus"},
	{NULL, NULL},
};
