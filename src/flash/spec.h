/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a config may say about flash: the plain structs that its option rows (options_NAME.c) fill, and nothing
 * else. Times in ps, sizes in bytes, powers in uW.
 */
#ifndef QUERN_FLASH_SPEC_H
#define QUERN_FLASH_SPEC_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/option.h"

enum nand_cell {
#define CELL(symbol, name, bits, types, text) NAND_##symbol,
#include "flash/cell_list.h"
#undef CELL
	NAND_CELLS
};

#define NAND_TYPES_MAX 4   /* bits of a cell */
#define NAND_PLANES_MAX 16 /* of a die */

enum nand_page_order { NAND_ORDER_LINEAR, NAND_ORDER_SHADOW };
enum nand_program_unit { NAND_UNIT_PAGE, NAND_UNIT_WORDLINE };
enum nand_program_rule { NAND_RULE_NEXT, NAND_RULE_ASCENDING };

struct flash_geometry_spec {
	int64_t channels, chips, dies, planes, blocks, pages; /* each of the one before */
	int64_t page_bytes, spare_bytes;
	int cell;          /* enum nand_cell */
	int page_order;    /* enum nand_page_order */
	int program_unit;  /* enum nand_program_unit: what one program takes of a wordline */
	int program_rule;  /* enum nand_program_rule: NEXT: page after page; ASCENDING: gaps are allowed */
};

enum nand_interface {
#define INTERFACE(symbol, name, text) NAND_##symbol,
#include "flash/timing_list.h"
#undef INTERFACE
	NAND_INTERFACES
};

/* ONFI's names. As options, -1: as the mode's row. */
struct nand_bus_times {
	int64_t wc_ps;   /* tWC: write cycle, one command or address cycle */
	int64_t cad_ps;  /* tCAD: the same with a clock (NV-DDR), command to address to data */
	int64_t adl_ps;  /* tADL: last address cycle of a program to its data */
	int64_t wb_ps;   /* tWB: last cycle to busy; the array's time counts from there */
	int64_t rr_ps;   /* tRR: ready to the first data out */
	int64_t ccs_ps;  /* tCCS: change of column or plane to data */
	int64_t rhw_ps;  /* tRHW: data out to the next command */
	int64_t whr_ps;  /* tWHR: command to status out */
	int64_t rpre_ps; /* before data out: tRPRE + tDQSRE */
	int64_t rpst_ps; /* behind data out: tRPST */
	int64_t wpre_ps; /* before data in: tWPRE */
	int64_t wpst_ps; /* behind data in: tWPST */
	int64_t dbsy_ps; /* tDBSY: busy between the planes of a multi-plane operation */
	int64_t cbsy_ps; /* tCBSY: busy of a cache program, beyond what the array still does */
	int64_t rcbsy_ps; /* tRCBSY: the same of a cache read */
	int64_t feat_ps; /* tFEAT: set and get features */
	int64_t rst_idle_ps, rst_read_ps, rst_program_ps, rst_erase_ps; /* tRST by what is going on */
};

struct flash_bus_spec {
	int interface;               /* enum nand_interface */
	int64_t mode;                /* -1: the slowest that reaches the rate */
	double rate;                 /* transfers a second on a pin; 0: the mode's */
	int64_t width_bits;
	bool transfer_spare;         /* the spare bytes cross the bus with their data */
	bool turnaround;             /* tRHW also between data out and the next operation on the channel */
	struct nand_bus_times t;     /* -1: as the row */
};

enum nand_status_how { NAND_STATUS_READY_BUSY, NAND_STATUS_POLLED };

struct flash_status_spec {
	int how;                     /* enum nand_status_how */
	int64_t interval_ps;         /* polled: between polls; 0: once, when the array is done */
};

/* Times of the array. A list has one value for all pages, or one for each page type. */
struct flash_array_spec {
	struct opt_list read, program; /* tR, tPROG */
	int64_t program_wordline_ps; /* with program_unit wordline: of all its pages at once; 0: the list's sum */
	int64_t erase_ps;            /* tBERS */
	int64_t endurance;           /* program/erase cycles of a block; 0: as is usual for the cell */
	int64_t slc_read_ps, slc_program_ps, slc_erase_ps; /* in SLC mode; 0: that cell has none */
};

struct flash_suspend_spec {
	bool program, erase;         /* can be suspended */
	int64_t program_ps, erase_ps; /* from the command to ready */
	int64_t resume_ps;           /* array time lost by a resume */
	int64_t interval_ps;         /* from start or resume to the next suspend, at least */
	int64_t limit;               /* suspends of one operation; 0: any number */
};

struct flash_copyback_spec {
	bool allowed;
	bool parity;                 /* odd pages to odd pages, even to even */
};

/* Power as data sheets give it (supply current times voltage). All of one die but the bus. */
struct flash_power_spec {
	int64_t read_uw, program_uw, erase_uw;   /* ICC1, ICC2, ICC3: while the array works */
	int64_t bus_in_uw, bus_out_uw;           /* ICC4: while data, commands or addresses cross */
	int64_t standby_uw;                      /* ISB, every die, all the time; the others are on top */
};

struct flash_spec {
	struct flash_geometry_spec geometry;
	struct flash_bus_spec bus;
	struct flash_status_spec status;
	struct flash_array_spec array;
	struct flash_suspend_spec suspend;
	struct flash_copyback_spec copyback;
	struct flash_power_spec power;
};

extern const struct opt_group flash_options; /* binds struct flash_spec */

#endif
