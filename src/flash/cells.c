/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Array times from options. */
#include "flash/cells.h"

#include <inttypes.h>
#include <stdio.h>

/*
 * Program/erase cycles a block is rated for. SLC 100,000, MLC 3,000 (to 5,000), TLC (1,000 to) 3,000: HP, "Solid State Drive
 * Technology: Differences between SLC, MLC and TLC NAND", technical white paper, table 1 and the text beside it. QLC (100 to)
 * 1,000: Lexar Enterprise, "Comparing NAND Flash: SLC, MLC, TLC, QLC".
 */
static const uint32_t usual_endurance[NAND_CELLS] = {[NAND_SLC] = 100000, [NAND_MLC] = 3000, [NAND_TLC] = 3000, [NAND_QLC] = 1000};

static int check_list(const struct opt_list *l, const char *name, uint32_t bits, const char **key, char *why,
	size_t why_bytes)
{
	*key = name;
	if (l->count != 1 && l->count != bits)
		return snprintf(why, why_bytes, "has %zu times: want one for all pages, or one for each of the %" PRIu32
			" page types", l->count, bits), -1;
	for (size_t i = 0; i < l->count; i++)
		if (l->values[i].i < 0 || l->values[i].i > PS_PER_S)
			return snprintf(why, why_bytes, "want times from 0 to 1 s"), -1;
	return 0;
}

int nand_cells_check(const struct flash_spec *s, uint32_t bits, const char **key, char *why, size_t why_bytes)
{
	if (check_list(&s->array.read, "read", bits, key, why, why_bytes) < 0 ||
	    check_list(&s->array.program, "program", bits, key, why, why_bytes) < 0)
		return -1;
	bool slc = s->array.slc_read_ps > 0;
	*key = "slc_program";
	if (slc != (s->array.slc_program_ps > 0) || slc != (s->array.slc_erase_ps > 0))
		return snprintf(why, why_bytes, "an SLC mode wants slc_read, slc_program and slc_erase, or none of them"), -1;
	if (slc && bits == 1)
		return snprintf(why, why_bytes, "cells of one bit have no SLC mode"), -1;
	*key = "program_wordline";
	if (s->array.program_wordline_ps > 0 && s->geometry.program_unit != NAND_UNIT_WORDLINE)
		return snprintf(why, why_bytes, "is of no use without geometry.program_unit: wordline"), -1;
	return 0;
}

static void fill(time_ps *to, const struct opt_list *l, uint32_t bits)
{
	for (uint32_t i = 0; i < bits; i++)
		to[i] = l->values[l->count == 1 ? 0 : i].i;
}

void nand_cells_init(struct nand_cells *c, const struct flash_spec *s, uint32_t bits)
{
	*c = (struct nand_cells){
		.bits = bits,
		.program_wordline_ps = s->array.program_wordline_ps,
		.erase_ps = s->array.erase_ps,
		.slc = s->array.slc_read_ps > 0,
		.slc_read_ps = s->array.slc_read_ps,
		.slc_program_ps = s->array.slc_program_ps,
		.slc_erase_ps = s->array.slc_erase_ps,
		.endurance = s->array.endurance > 0 ? (uint32_t)s->array.endurance : usual_endurance[s->geometry.cell],
		.suspend = s->suspend,
		.copyback = s->copyback,
		.work_uw = {s->power.read_uw, s->power.program_uw, s->power.erase_uw},
		.bus_in_uw = s->power.bus_in_uw,
		.bus_out_uw = s->power.bus_out_uw,
		.standby_uw = s->power.standby_uw,
	};
	fill(c->read_ps, &s->array.read, bits);
	fill(c->program_ps, &s->array.program, bits);
	if (s->array.program_wordline_ps == 0)
		for (uint32_t i = 0; i < bits; i++)
			c->program_wordline_ps += c->program_ps[i];
}
