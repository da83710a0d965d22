/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Option rows of the flash bus and of how status is learned. */
#include "flash/options.h"

#include <stdio.h>

#include "flash/timing.h"

static const struct opt_choice interface_choices[] = {
#define INTERFACE(symbol, name, text) {name, text},
#include "flash/timing_list.h"
#undef INTERFACE
	{NULL, NULL},
};
static const struct opt_choice how_choices[] = {
	[NAND_STATUS_READY_BUSY] = {"ready-busy", "by the R/B# pin: no cycles"},
	[NAND_STATUS_POLLED] = {"polled", "by read status: a status read on the channel before data come out"},
	{NULL, NULL},
};

static int bus_check(const void *bound, const char **key, char *why, size_t why_bytes)
{
	struct nand_bus b;
	return nand_bus_init(&b, bound, key, why, why_bytes);
}

static int status_check(const void *bound, const char **key, char *why, size_t why_bytes)
{
	const struct flash_status_spec *s = bound;
	if (s->interval_ps > 0 && s->how != NAND_STATUS_POLLED) {
		*key = "interval";
		return snprintf(why, why_bytes, "is of no use without how: polled"), -1;
	}
	return 0;
}

#define BUS_TIME(name, field, text) {.key = name, .type = OPT_SCALAR, .unit = UNIT_TIME, \
	.offset = FIELD(flash_bus_spec, t.field), .min = "-1 ps", .max = "1 s", .def = "-1 ps", .doc = text "; -1 ps: the mode's"}

static const struct opt_row bus_rows[] = {
	{.key = "interface", .type = OPT_ENUM, .offset = FIELD(flash_bus_spec, interface), .choices = interface_choices,
	 .doc = "whose timing rows apply; custom has none: all its times are 0 but for those given"},
	{.key = "mode", .type = OPT_SCALAR, .offset = FIELD(flash_bus_spec, mode), .min = "-1", .max = "63", .def = "-1",
	 .doc = "timing mode of the interface; -1: the slowest that reaches the rate"},
	{.key = "rate", .type = OPT_SCALAR, .unit = UNIT_IOPS, .offset = FIELD(flash_bus_spec, rate), .min = "0", .max = "100 GT/s",
	 .def = "0", .doc = "transfers a second on each pin, rates as the standards round them (333 MT/s is 1000/3); 0: as the mode"},
	{.key = "width", .type = OPT_SCALAR, .offset = FIELD(flash_bus_spec, width_bits), .min = "8", .max = "16", .def = "8",
	 .doc = "data pins: 8, or 16 with sdr"},
	{.key = "transfer_spare", .type = OPT_BOOL, .offset = FIELD(flash_bus_spec, transfer_spare), .def = "false",
	 .doc = "a page's spare bytes cross the bus with its data, in proportion for a part of a page"},
	{.key = "turnaround", .type = OPT_BOOL, .offset = FIELD(flash_bus_spec, turnaround), .def = "false",
	 .doc = "tRHW is kept between data out and whatever is next on the channel, not only before another column or plane"},
	BUS_TIME("t_wc", wc_ps, "tWC: one command or address cycle"),
	BUS_TIME("t_cad", cad_ps, "tCAD: the same on a bus with a clock, where it is over 0"),
	BUS_TIME("t_adl", adl_ps, "tADL: from a program's address to its data"),
	BUS_TIME("t_wb", wb_ps, "tWB: from the last cycle to busy"),
	BUS_TIME("t_rr", rr_ps, "tRR: from ready to data out"),
	BUS_TIME("t_ccs", ccs_ps, "tCCS: from a change of column or plane to data"),
	BUS_TIME("t_rhw", rhw_ps, "tRHW: from data out to the next command"),
	BUS_TIME("t_whr", whr_ps, "tWHR: from the status command to the status"),
	BUS_TIME("read_preamble", rpre_ps, "tRPRE + tDQSRE: before data out"),
	BUS_TIME("read_postamble", rpst_ps, "tRPST: behind data out"),
	BUS_TIME("write_preamble", wpre_ps, "tWPRE: before data in"),
	BUS_TIME("write_postamble", wpst_ps, "tWPST: behind data in"),
	BUS_TIME("t_dbsy", dbsy_ps, "tDBSY: busy between the planes of a multi-plane operation"),
	BUS_TIME("t_cbsy", cbsy_ps, "tCBSY: busy of a cache program whose array is free"),
	BUS_TIME("t_rcbsy", rcbsy_ps, "tRCBSY: busy of a cache read whose page is there"),
	BUS_TIME("t_feat", feat_ps, "tFEAT: busy of set and get features, which drives do not use"),
	BUS_TIME("t_rst_idle", rst_idle_ps, "tRST: reset of an idle die, which drives do not use"),
	BUS_TIME("t_rst_read", rst_read_ps, "tRST of a die that reads"),
	BUS_TIME("t_rst_program", rst_program_ps, "tRST of a die that programs"),
	BUS_TIME("t_rst_erase", rst_erase_ps, "tRST of a die that erases"),
	{0},
};
const struct opt_group flash_bus_group = {"flash bus", "the bus of a channel: interface, rate, times", bus_rows,
	sizeof(struct flash_bus_spec), bus_check};

static const struct opt_row status_rows[] = {
	{.key = "how", .type = OPT_ENUM, .offset = FIELD(flash_status_spec, how), .def = "ready-busy", .choices = how_choices,
	 .doc = "how the controller learns that a die is ready"},
	{.key = "interval", .type = OPT_SCALAR, .unit = UNIT_TIME, .offset = FIELD(flash_status_spec, interval_ps), .min = "0",
	 .max = "1 s", .def = "0", .doc = "polled: time between polls, counted from busy; 0: one poll, when the array is done"},
	{0},
};
const struct opt_group flash_status_group = {"flash status", "how the controller learns that a die is ready", status_rows,
	sizeof(struct flash_status_spec), status_check};
