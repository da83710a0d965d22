/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The option rows of flash at the top, and what spans several groups. */
#include <stdio.h>

#include "flash/cells.h"
#include "flash/nand_geom.h"
#include "flash/options.h"

static int flash_check(const void *bound, const char **key, char *why, size_t why_bytes)
{
	const struct flash_spec *s = bound;
	const char *inner = "";
	char text[256];
	if (nand_cells_check(s, nand_cell_bits((enum nand_cell)s->geometry.cell), &inner, text, sizeof(text)) == 0)
		return 0;
	*key = "array";
	return snprintf(why, why_bytes, "%s: %s", inner, text), -1;
}

static const struct opt_row flash_rows[] = {
	{.key = "geometry", .type = OPT_GROUP, .offset = FIELD(flash_spec, geometry), .group = &flash_geometry_group,
	 .doc = "channels, chips, dies, planes, blocks, pages"},
	{.key = "bus", .type = OPT_GROUP, .offset = FIELD(flash_spec, bus), .group = &flash_bus_group,
	 .doc = "the bus of a channel"},
	{.key = "status", .type = OPT_GROUP, .offset = FIELD(flash_spec, status), .group = &flash_status_group,
	 .doc = "how the controller learns that a die is ready"},
	{.key = "array", .type = OPT_GROUP, .offset = FIELD(flash_spec, array), .group = &flash_array_group,
	 .doc = "what the array takes"},
	{.key = "suspend", .type = OPT_GROUP, .offset = FIELD(flash_spec, suspend), .group = &flash_suspend_group,
	 .doc = "reads while a program or erase waits"},
	{.key = "copyback", .type = OPT_GROUP, .offset = FIELD(flash_spec, copyback), .group = &flash_copyback_group,
	 .doc = "moving pages inside a plane"},
	{.key = "power", .type = OPT_GROUP, .offset = FIELD(flash_spec, power), .group = &flash_power_group,
	 .doc = "what the flash draws"},
	{0},
};
const struct opt_group flash_options = {"flash", "NAND flash: geometry, bus, cells", flash_rows, sizeof(struct flash_spec),
	flash_check};
