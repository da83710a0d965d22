/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Operations as bus phases: the cycles of each as data (op_list.h), and what they take on a given bus, worked out
 * once.
 *
 * An operation holds the channel for its command, address and data-in cycles (hold_ps, data apart), then leaves it: the
 * die is busy for tWB and the array's time. Data out hold it again. With C cycles of cycle_ps each:
 *   page read     hold 7C; busy tWB + tR; tRR; out: preamble + data + postamble
 *   page program  hold 7C + tADL + preamble + data + postamble; busy tWB + tPROG
 *   block erase   hold 5C; busy tWB + tBERS
 *
 * Owner: plain values. Units: ps.
 */
#ifndef QUERN_FLASH_OP_H
#define QUERN_FLASH_OP_H

#include "flash/timing.h"

enum nand_op {
#define OP(symbol, cycles, commands, addresses, wait, data, busy, text) NAND_OP_##symbol,
#include "flash/op_list.h"
#undef OP
	NAND_OPS
};

enum nand_wait { NAND_WAIT_NO, NAND_WAIT_ADL, NAND_WAIT_CCS, NAND_WAIT_WHR, NAND_WAIT_RR };
enum nand_data { NAND_DATA_NONE, NAND_DATA_IN, NAND_DATA_OUT };
enum nand_busy {
	NAND_BUSY_NO, NAND_BUSY_READ, NAND_BUSY_PROGRAM, NAND_BUSY_ERASE, NAND_BUSY_DBSY, NAND_BUSY_CBSY, NAND_BUSY_RCBSY,
	NAND_BUSY_SUSPEND, NAND_BUSY_RESUME, NAND_BUSY_FEAT, NAND_BUSY_RST
};

struct nand_op_row {
	const char *name;   /* "read", "cache read next": the symbol in words */
	const char *cycles; /* "00h 5A 30h" */
	uint8_t commands, addresses;
	uint8_t wait, data, busy; /* the enums above */
	const char *doc;
};

extern const struct nand_op_row nand_ops[NAND_OPS];

/* What they take on one bus. */
struct nand_phases {
	time_ps hold_ps[NAND_OPS];  /* channel, without the data transfer: cycles, wait, pre- and postamble */
	time_ps busy_ps[NAND_OPS];  /* die, behind it: tWB and the row's time, without the array's; 0: not busy */
	time_ps rr_ps;              /* from ready to data out */
	time_ps rhw_ps;             /* before PLANE_OUT and COLUMN_OUT when data out went before */
	time_ps slc_ps;             /* SLC_MODE before an operation */
	time_ps status_ps;          /* one status read, its byte included */
};

void nand_phases_init(struct nand_phases *p, const struct nand_bus *b);

#endif
