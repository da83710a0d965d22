/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the array takes: times by page type, times in SLC mode, suspending, power. Worked out once from the
 * options.
 *
 * Energy is power times time, as data sheets give it: a supply current for each kind of work (ICC1 to ICC4) and the
 * voltage. What one operation takes is nand_array_pj() and nand_bus_pj(); nothing is summed while running but times.
 *
 * Owner: plain values. Units: ps, uW, pJ.
 */
#ifndef QUERN_FLASH_CELLS_H
#define QUERN_FLASH_CELLS_H

#include <stddef.h>

#include "flash/spec.h"
#include "sim/time.h"

/* What the array does: for times, energy and busy shares. */
enum nand_work { NAND_WORK_READ, NAND_WORK_PROGRAM, NAND_WORK_ERASE, NAND_WORKS };

struct nand_cells {
	uint32_t bits;
	time_ps read_ps[NAND_TYPES_MAX];     /* tR by page type */
	time_ps program_ps[NAND_TYPES_MAX];  /* tPROG by page type */
	time_ps program_wordline_ps;         /* all pages of a wordline at once */
	time_ps erase_ps;
	bool slc;                            /* there is an SLC mode */
	time_ps slc_read_ps, slc_program_ps, slc_erase_ps;
	struct flash_suspend_spec suspend;
	struct flash_copyback_spec copyback;
	uint32_t endurance;                  /* erases a block lives */
	int64_t work_uw[NAND_WORKS];
	int64_t bus_in_uw, bus_out_uw, standby_uw;
};

/* What no single option can see. bits: of the cell. 0 or -1. */
int nand_cells_check(const struct flash_spec *s, uint32_t bits, const char **key, char *why, size_t why_bytes);
/* From a spec that passed. */
void nand_cells_init(struct nand_cells *c, const struct flash_spec *s, uint32_t bits);

/* power x time in pJ, rounded down (uW x ps = 1e-18 J). */
static inline int64_t nand_energy_pj(int64_t uw, time_ps duration)
{
	return (int64_t)((int128)uw * duration / 1000000);
}
static inline int64_t nand_array_pj(const struct nand_cells *c, enum nand_work w, time_ps duration)
{
	return nand_energy_pj(c->work_uw[w], duration);
}
static inline int64_t nand_bus_pj(const struct nand_cells *c, bool out, time_ps duration)
{
	return nand_energy_pj(out ? c->bus_out_uw : c->bus_in_uw, duration);
}

#endif
