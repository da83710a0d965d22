/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Option rows of the array: times, suspending, copyback. */
#include "flash/options.h"

#include <stdio.h>

#define ARRAY_TIME(name, field, text) {.key = name, .type = OPT_SCALAR, .unit = UNIT_TIME, \
	.offset = FIELD(flash_array_spec, field), .min = "0", .max = "1 s", .def = "0", .doc = text}

static const struct opt_row array_rows[] = {
	{.key = "read", .type = OPT_LIST, .unit = UNIT_TIME, .offset = FIELD(flash_array_spec, read),
	 .doc = "tR: one time, or one for each page type, the lower page first"},
	{.key = "program", .type = OPT_LIST, .unit = UNIT_TIME, .offset = FIELD(flash_array_spec, program),
	 .doc = "tPROG: one time, or one for each page type"},
	ARRAY_TIME("program_wordline", program_wordline_ps,
		"tPROG of a whole wordline, with geometry.program_unit: wordline; 0: the sum of its pages'"),
	{.key = "erase", .type = OPT_SCALAR, .unit = UNIT_TIME, .offset = FIELD(flash_array_spec, erase_ps), .min = "0",
	 .max = "10 s", .doc = "tBERS: a block"},
	{.key = "endurance", .type = OPT_SCALAR, .offset = FIELD(flash_array_spec, endurance), .min = "0", .max = "1000000000", .def = "0",
	 .doc = "program/erase cycles a block lives; 0: as is usual for the cell (slc 100000, mlc 3000, tlc 3000, qlc 1000)"},
	ARRAY_TIME("slc_read", slc_read_ps, "tR in SLC mode, in which a block holds one page a wordline; 0: no such mode. Drives do not "
		"use it"),
	ARRAY_TIME("slc_program", slc_program_ps, "tPROG in SLC mode"),
	ARRAY_TIME("slc_erase", slc_erase_ps, "tBERS in SLC mode"),
	{0},
};
const struct opt_group flash_array_group = {"flash array", "what the array takes for a page or block", array_rows,
	sizeof(struct flash_array_spec), NULL};

#define SUSPEND_TIME(name, field, text) {.key = name, .type = OPT_SCALAR, .unit = UNIT_TIME, \
	.offset = FIELD(flash_suspend_spec, field), .min = "0", .max = "1 s", .def = "0", .doc = text}

static int suspend_check(const void *bound, const char **key, char *why, size_t why_bytes)
{
	const struct flash_suspend_spec *s = bound;
	const struct { const char *key; bool useless; } rows[] = {
		{"program_time", s->program_ps > 0 && !s->program},
		{"erase_time", s->erase_ps > 0 && !s->erase},
		{"resume_time", s->resume_ps > 0 && !s->program && !s->erase},
		{"interval", s->interval_ps > 0 && !s->program && !s->erase},
		{"limit", s->limit > 0 && !s->program && !s->erase},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].useless) {
			*key = rows[i].key;
			return snprintf(why, why_bytes, "is of no use where nothing can be suspended: set program or erase"), -1;
		}
	return 0;
}

static const struct opt_row suspend_rows[] = {
	{.key = "program", .type = OPT_BOOL, .offset = FIELD(flash_suspend_spec, program), .def = "false",
	 .doc = "programs can be suspended"},
	{.key = "erase", .type = OPT_BOOL, .offset = FIELD(flash_suspend_spec, erase), .def = "false",
	 .doc = "erases can be suspended"},
	SUSPEND_TIME("program_time", program_ps, "from a program's suspend to ready"),
	SUSPEND_TIME("erase_time", erase_ps, "from an erase's suspend to ready"),
	SUSPEND_TIME("resume_time", resume_ps, "array time that each resume costs besides what was left"),
	SUSPEND_TIME("interval", interval_ps, "the array works at least so long from its start or a resume to the next suspend"),
	{.key = "limit", .type = OPT_SCALAR, .offset = FIELD(flash_suspend_spec, limit), .min = "0", .max = "1000000", .def = "0",
	 .doc = "suspends of one operation; 0: any number"},
	{0},
};
const struct opt_group flash_suspend_group = {"flash suspend", "reads while a program or erase waits", suspend_rows,
	sizeof(struct flash_suspend_spec), suspend_check};

static int copyback_check(const void *bound, const char **key, char *why, size_t why_bytes)
{
	const struct flash_copyback_spec *s = bound;
	if (s->parity && !s->allowed) {
		*key = "parity";
		return snprintf(why, why_bytes, "is of no use without allowed"), -1;
	}
	return 0;
}

static const struct opt_row copyback_rows[] = {
	{.key = "allowed", .type = OPT_BOOL, .offset = FIELD(flash_copyback_spec, allowed), .def = "false",
	 .doc = "the die can program what it read, within a plane and without the bus"},
	{.key = "parity", .type = OPT_BOOL, .offset = FIELD(flash_copyback_spec, parity), .def = "false",
	 .doc = "only from odd pages to odd ones, from even to even"},
	{0},
};
const struct opt_group flash_copyback_group = {"flash copyback", "moving pages inside a plane", copyback_rows,
	sizeof(struct flash_copyback_spec), copyback_check};
