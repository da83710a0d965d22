/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Timing of the flash bus: rows of data, one for each interface and mode (timing_modes.h, with their sources),
 * and the bus that an option group makes of a row: its rate as an exact fraction and its times in ps.
 *
 * The rate is transfers a second on each data pin, as num / den: 333 MT/s is 1000/3 MT/s (a transfer each 3 ns), as
 * are all rates that the standards write rounded (timing_rates[]). A transfer of n bytes takes one
 * rounding-up 128-bit division, never one per beat, so that 533, 800, 1200 and 2400 MT/s all differ.
 *
 * A rate below that of a mode is run with the times of the slowest mode that reaches it. A rate that no mode of the
 * interface reaches is refused with a sentence; interface custom takes any rate, its times all 0 but where given.
 *
 * Owner: plain values. Units: ps, transfers a second. Errors: a phrase in `why`.
 */
#ifndef QUERN_FLASH_TIMING_H
#define QUERN_FLASH_TIMING_H

#include <stddef.h>
#include <stdint.h>

#include "flash/spec.h"
#include "sim/time.h"

/* One row: what a mode of an interface asks for. All times in ps. Names as in ONFI. */
struct nand_timing {
	enum nand_interface interface;
	int mode;
	uint64_t rate_num, rate_den; /* transfers a second at most */
	struct nand_bus_times t;     /* spec.h: tWC, tCAD, tADL, ... */
	const char *source;
};

extern const struct nand_timing nand_timings[]; /* by interface, then mode, ascending */
extern const size_t nand_timing_count;

/* A rate that the standards round, and what it stands for. */
struct nand_rate {
	uint32_t nominal_mts;        /* 333 */
	uint32_t num_mts, den;       /* 1000 / 3 */
};
extern const struct nand_rate nand_rates[];
extern const size_t nand_rate_count;

/* The bus as it is run. */
struct nand_bus {
	const struct nand_timing *row; /* NULL with interface custom */
	uint64_t rate_num, rate_den;   /* transfers a second */
	uint32_t width_bytes;          /* of one transfer */
	struct nand_bus_times t;
	time_ps cycle_ps;              /* of one command or address cycle: tCAD where there is one, else tWC */
};

/* 333e6 -> 1000e6 / 3; another rate -> itself, to a millionth of a transfer a second. rate > 0, at most 1e13. */
void nand_rate_exact(double transfers_per_second, uint64_t *num, uint64_t *den);

/* The slowest mode of the interface that reaches the rate, or NULL. */
const struct nand_timing *nand_timing_find(enum nand_interface interface, uint64_t num, uint64_t den);
/* One mode, or NULL. */
const struct nand_timing *nand_timing_mode(enum nand_interface interface, int mode);

/* From options. 0, or -1 with the key at fault and a phrase. */
int nand_bus_init(struct nand_bus *b, const struct flash_bus_spec *s, const char **key, char *why, size_t why_bytes);

/* Time of `bytes` over the bus: one rounding, and nothing but data. */
static inline time_ps nand_bus_transfer(const struct nand_bus *b, uint64_t bytes)
{
	return time_transfer(bytes, b->rate_num * b->width_bytes, b->rate_den);
}

#endif
