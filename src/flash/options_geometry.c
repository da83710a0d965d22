/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Option rows of the geometry. */
#include "flash/nand_geom.h"
#include "flash/options.h"

static const struct opt_choice cell_choices[] = {
#define CELL(symbol, name, bits, types, text) {name, text},
#include "flash/cell_list.h"
#undef CELL
	{NULL, NULL},
};
static const struct opt_choice order_choices[] = {
	[NAND_ORDER_LINEAR] = {"linear", "a wordline's pages follow each other"},
	[NAND_ORDER_SHADOW] = {"shadow", "a wordline's next page comes after its neighbour's one before: L0 L1 U0 L2 U1 ..."},
	{NULL, NULL},
};
static const struct opt_choice unit_choices[] = {
	[NAND_UNIT_PAGE] = {"page", "each page is programmed for itself"},
	[NAND_UNIT_WORDLINE] = {"wordline", "all pages of a wordline at once"},
	{NULL, NULL},
};
static const struct opt_choice rule_choices[] = {
	[NAND_RULE_NEXT] = {"next", "page after page, none left out"},
	[NAND_RULE_ASCENDING] = {"ascending", "pages may be left out"},
	{NULL, NULL},
};

static int geometry_check(const void *bound, const char **key, char *why, size_t why_bytes)
{
	return nand_geom_check(bound, key, why, why_bytes);
}

#define COUNT(name, field, most, text) {.key = name, .type = OPT_SCALAR, .offset = FIELD(flash_geometry_spec, field), \
	.min = "1", .max = most, .doc = text}

static const struct opt_row geometry_rows[] = {
	COUNT("channels", channels, "256", "buses to the flash chips"),
	COUNT("chips", chips, "256", "chips (CE#) on a channel"),
	COUNT("dies", dies, "64", "dies (LUN) in a chip; each works for itself"),
	COUNT("planes", planes, "16", "planes of a die; they work together in multi-plane operations"),
	COUNT("blocks", blocks, "1048576", "blocks of a plane"),
	COUNT("pages", pages, "16384", "pages of a block, all bits of the cells counted"),
	{.key = "page", .type = OPT_SCALAR, .unit = UNIT_BYTES, .offset = FIELD(flash_geometry_spec, page_bytes), .min = "512 B",
	 .max = "64 KiB", .doc = "data bytes of a page; a power of two"},
	{.key = "spare", .type = OPT_SCALAR, .unit = UNIT_BYTES, .offset = FIELD(flash_geometry_spec, spare_bytes), .min = "0",
	 .max = "64 KiB", .def = "0", .doc = "spare bytes of a page, for metadata and check bits"},
	{.key = "cell", .type = OPT_ENUM, .offset = FIELD(flash_geometry_spec, cell), .choices = cell_choices,
	 .doc = "bits of a cell, and so the page types"},
	{.key = "page_order", .type = OPT_ENUM, .offset = FIELD(flash_geometry_spec, page_order), .def = "linear",
	 .choices = order_choices,
	 .doc = "which wordline and which of its pages the page numbers, which are programmed in order, stand for"},
	{.key = "program_unit", .type = OPT_ENUM, .offset = FIELD(flash_geometry_spec, program_unit), .def = "page",
	 .choices = unit_choices, .doc = "what one program takes of a wordline"},
	{.key = "program_rule", .type = OPT_ENUM, .offset = FIELD(flash_geometry_spec, program_rule), .def = "next",
	 .choices = rule_choices, .doc = "the order in which a block takes programs"},
	{0},
};
const struct opt_group flash_geometry_group = {"flash geometry", "channels, chips, dies, planes, blocks, pages",
	geometry_rows, sizeof(struct flash_geometry_spec), geometry_check};
