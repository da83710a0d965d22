/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Option rows of power. */
#include "flash/options.h"

#define WATT(name, field, text) {.key = name, .type = OPT_SCALAR, .unit = UNIT_POWER, \
	.offset = FIELD(flash_power_spec, field), .min = "0", .max = "100 W", .def = "0", .doc = text}

static const struct opt_row power_rows[] = {
	WATT("read", read_uw, "a die's array while it reads (ICC1 times the voltage)"),
	WATT("program", program_uw, "a die's array while it programs (ICC2)"),
	WATT("erase", erase_uw, "a die's array while it erases (ICC3)"),
	WATT("bus_in", bus_in_uw, "a channel while commands, addresses and data go in (ICC4W)"),
	WATT("bus_out", bus_out_uw, "a channel while data come out (ICC4R)"),
	WATT("standby", standby_uw, "each die, all the time (ISB); the others come on top"),
	{0},
};
const struct opt_group flash_power_group = {"flash power", "what the flash draws", power_rows,
	sizeof(struct flash_power_spec), NULL};
