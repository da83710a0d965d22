/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The tester's bench: all dies and channels of a device, what each is doing, and what may be asked of it when.
 * Knows no logical address, no queue and no event: whoever drives it (the FTL's scheduler, a test) decides what
 * goes next, and learns from each call how long the channel is held and when the die is ready.
 *
 * Course of an operation. A call at time t puts its first cycle on the channel at t. It is refused with a status, and
 * nothing has changed, when the die or the channel is not ready at t (NAND_EARLY: legal at nand_earliest(), not a
 * picosecond before), or what it asks is not allowed. Else `span` says:
 *   bus_ps    the channel is free again for any die
 *   ready_ps  R/B# of the die: data may be taken (tRR included) or the next operation begun
 * Reads: nand_read(), then nand_data_out() for each plane, any time after. The next operation of the die
 * discards what was not taken. Programs: one call takes all data in and starts the array. Erase alike.
 *
 * A multi-plane operation is one call for all its planes. The channel is held for the cycles and data of all; the
 * tWB + tDBSY between planes are added to the die's time behind them, as if others had had the channel in the
 * gaps: n (c + x) on the channel, (n - 1)(tWB + tDBSY) more for the die (ONFI's multi-plane operations).
 *
 * Rules kept: a die has one array operation at a time and dies of one chip overlap; a page is programmed once
 * between erases, in the order of the block's program_rule; planes of one operation differ, and are at the same page;
 * copyback stays in its plane (and, optionally, at its parity); a suspended die reads, but not
 * the block suspended, and does nothing else but resume.
 *
 * Block state (next page, erases, reads) is owned here, 12 bytes a block, and changes when an operation starts. The
 * functions nand_block_*() are the rules alone, without dies and time: preconditioning drives them.
 *
 * Owner: the arena given to nand_open(). No allocation after it. Units: ps, bytes. Everything is inline or
 * one call; nothing costs more than the planes of an operation.
 */
#ifndef QUERN_FLASH_BENCH_H
#define QUERN_FLASH_BENCH_H

#include <stdio.h>

#include "flash/cells.h"
#include "flash/log.h"
#include "flash/nand_geom.h"
#include "flash/op.h"
#include "sim/err.h"

enum nand_status {
	NAND_OK,
	NAND_EARLY,         /* the die or the channel is not ready yet: see nand_earliest() */
	NAND_WRONG_STATE,   /* no data to give, nothing to suspend or resume, suspended, ... */
	NAND_NOT_ERASED,    /* the page is programmed already */
	NAND_OUT_OF_ORDER,  /* not the block's next page */
	NAND_BAD_ADDRESS,   /* no such page; in SLC mode a page beyond the wordlines */
	NAND_BAD_PLANES,    /* planes of one operation: alike, of several dies, or at different pages */
	NAND_OTHER_PLANE,   /* copyback leaves the plane */
	NAND_PARITY,        /* copyback from an odd page to an even one, or back */
	NAND_SUSPENDED,     /* the block is under a suspended operation */
	NAND_SUSPEND_LIMIT, /* suspended too often, or again too soon (legal later: nand_suspend_at()) */
	NAND_MODE,          /* a block of the other mode: SLC or not */
	NAND_UNSUPPORTED,   /* the options give the part no such operation */
	NAND_STATUSES
};
const char *nand_status_name(enum nand_status s); /* "early", ... */
const char *nand_status_text(enum nand_status s); /* a phrase */

/* Of a die at a time: nand_die_state(). */
enum nand_state {
	NAND_IDLE,
	NAND_READING,       /* array to page register */
	NAND_DATA_READY,    /* data may be taken; anything else may begin too */
	NAND_CACHE_READING, /* data may be taken while the array reads */
	NAND_PROGRAMMING,
	NAND_CACHE_PROGRAMMING, /* the next data may come while the array programs */
	NAND_ERASING,
	NAND_SUSPENDING,    /* not ready yet */
	NAND_SUSPENDED_PROGRAM,
	NAND_SUSPENDED_ERASE,
	NAND_BUSY_OTHER,    /* reset, features */
	NAND_STATES
};
const char *nand_state_name(enum nand_state s);

struct nand_block {
	uint32_t erases;
	uint32_t reads;      /* page reads since the last erase */
	uint16_t next_page;  /* pages from here on are erased; 0: all */
	uint8_t slc;         /* programmed in SLC mode: its pages are one a wordline */
	uint8_t mark;        /* the FTL's own; not touched here */
};

struct nand_span {
	time_ps bus_ps;
	time_ps ready_ps;
};

/* How to read, program: */
enum nand_read_kind {
	NAND_READ_PAGE,
	NAND_READ_CACHE,      /* after a read: its data become available while this page is read (00h-31h) */
	NAND_READ_CACHE_NEXT, /* the same, the page(s) behind the last read (31h); the pages given must be these */
	NAND_READ_CACHE_END,  /* the last page's data become available (3Fh): page[0] names the die, planes is 0 */
	NAND_READ_COPYBACK,   /* into the register for a copyback program; data out allowed */
};
enum nand_program_kind {
	NAND_PROGRAM_PAGE,
	NAND_PROGRAM_CACHE,     /* ready again for data before the array is done (15h) */
	NAND_PROGRAM_COPYBACK,  /* what the copyback read brought, no data in (85h-10h) */
	NAND_PROGRAM_CHANGED,   /* the same with `bytes` of data in */
};

/* One die, one cache line. times only; what is in flight, for power cuts and suspends, stands apart (nand_flight). */
struct nand_die {
	time_ps ready_ps;   /* R/B#, tRR included where data wait: it takes operations from here */
	time_ps array_ps;   /* the array is free from here */
	time_ps held_ps;    /* suspended: array time it still needs; else 0 */
	uint16_t channel;
	uint8_t doing;      /* enum nand_state of the last operation while it lasts */
	uint8_t planes;     /* whose data can be taken: a count, 0: none */
	uint8_t coming;     /* whose data a cache read would give next */
	uint8_t given;      /* slot that gave data last, + 1; 0: none yet */
	uint8_t copyback;   /* the registers were filled for a copyback */
	uint8_t last;       /* the last flight of the two */
	int64_t work_ps[NAND_WORKS]; /* array time so far, of operations begun; what a reset cut off is not in it */
};

struct nand_channel {
	time_ps free_ps;    /* the bus is free from here */
	time_ps quiet_ps;   /* end of the last data out, for tRHW with option turnaround */
	int64_t command_ps, in_ps, out_ps; /* held so far: cycles and waits, data in, data out */
};

/* A program or erase of a die: now, or the last. Two are kept, as a cache program overlaps the one before. Whole cache lines. */
struct nand_flight {
	time_ps begun_ps, end_ps; /* of the array's work; begun or resumed; end_ps TIME_PS_MAX: suspended */
	time_ps whole_ps;         /* array time in all */
	time_ps suspend_ps;       /* not suspended before */
	uint32_t suspends;        /* so far */
	uint8_t work;             /* enum nand_work */
	uint8_t planes;           /* addresses in `page` */
	uint8_t each;             /* pages from each address on: of a wordline, or 1 */
	uint8_t slc;
	bool given_up;            /* by a reset: end_ps is when */
	nand_ppa page[NAND_PLANES_MAX];
	uint64_t fill[2];
};

/* Pages of a die's last read. */
struct nand_sense {
	nand_ppa page[NAND_PLANES_MAX];
};

struct nand_counts {
	uint64_t reads, programs, erases; /* pages, pages, blocks */
	uint64_t bytes_out, bytes_in;
	uint64_t copybacks;               /* pages programmed without crossing the bus */
	uint64_t suspends, resets;
};

struct nand {
	struct nand_geom geom;
	struct nand_bus bus;
	struct nand_cells cells;
	struct nand_phases phases;
	struct flash_status_spec status;
	struct nand_die *die;         /* by dense number */
	struct nand_channel *channel;
	struct nand_flight *flight;   /* two by die */
	struct nand_sense *sense;     /* by die */
	struct nand_block *block;     /* by dense number (nand_block_index) */
	const time_ps *sector_ps;     /* transfer of 0, 1, 2, ... 512-byte sectors up to a page */
	uint32_t spare_num;           /* spare bytes of a page that cross with its data; 0: none */
	enum nand_program_rule rule;
	bool turnaround;
	struct nand_log *log;         /* borrowed; NULL: off */
	struct nand_counts counts;
};

/* Open a device, every block erased, time 0. Borrowed: nothing; owned: the arena. NULL with a sentence. */
struct nand *nand_open(struct arena *a, const struct flash_spec *s, struct err *e);

/* ---- time ------------------------------------------------------------------------------------------- */

/* Time of `bytes` of page data over the bus, spare bytes along where they cross; a page at most is fastest. */
time_ps nand_transfer_slow(const struct nand *n, uint64_t bytes);
static inline time_ps nand_transfer(const struct nand *n, uint32_t bytes)
{
	if (bytes <= n->geom.page_bytes && bytes % 512 == 0)
		return n->sector_ps[bytes / 512];
	return nand_transfer_slow(n, bytes);
}

/* tR, tPROG of a page, tBERS; with SLC mode. Wordline: the pages of one at once. */
static inline time_ps nand_read_array_ps(const struct nand *n, uint32_t page, bool slc)
{
	return slc ? n->cells.slc_read_ps : n->cells.read_ps[nand_page_type(&n->geom, page)];
}
static inline time_ps nand_program_array_ps(const struct nand *n, uint32_t page, bool slc)
{
	if (slc)
		return n->cells.slc_program_ps;
	return n->geom.program_pages > 1 ? n->cells.program_wordline_ps : n->cells.program_ps[nand_page_type(&n->geom, page)];
}
static inline time_ps nand_erase_array_ps(const struct nand *n, bool slc)
{
	return slc ? n->cells.slc_erase_ps : n->cells.erase_ps;
}

/* Earliest time for the first cycle of an operation: the channel is free and the die takes it. A suspend, a
 * status read and a reset need the channel alone. */
time_ps nand_earliest(const struct nand *n, uint32_t die, enum nand_op op);
/* The same of the channel, for the hot path; with option turnaround, tRHW behind data out. */
static inline time_ps nand_channel_free(const struct nand *n, uint32_t channel)
{
	const struct nand_channel *c = &n->channel[channel];
	return n->turnaround && c->quiet_ps + n->phases.rhw_ps > c->free_ps ? c->quiet_ps + n->phases.rhw_ps : c->free_ps;
}
static inline time_ps nand_die_ready(const struct nand *n, uint32_t die) { return n->die[die].ready_ps; }
/* When the array's present or last program or erase began, or was resumed. */
static inline time_ps nand_work_begun(const struct nand *n, uint32_t die)
{
	return n->flight[2 * die + n->die[die].last].begun_ps;
}
/* A program or erase waits for its resume. */
static inline bool nand_die_suspended(const struct nand *n, uint32_t die) { return n->die[die].held_ps > 0; }
enum nand_state nand_die_state(const struct nand *n, uint32_t die, time_ps t);
/* When the controller sees a die ready: at once, or at the first poll at or after ready_ps; polls (may be NULL)
 * counts the status reads up to then. from: the busy time began. */
time_ps nand_seen_ps(const struct nand *n, time_ps from, time_ps ready, uint64_t *polls);

/* ---- operations ------------------------------------------------------------------------------------- */

/* page: `planes` addresses of one die, at one page number, ascending planes. slc: in SLC mode; the page numbers are
 * then wordlines. span is filled on NAND_OK alone. */
enum nand_status nand_read(struct nand *n, time_ps t, const nand_ppa *page, uint32_t planes, enum nand_read_kind kind,
	bool slc, struct nand_span *span);

/* `bytes` of the data of the slot-th page of the last read (0, 1, ...), from any column. The first goes straight; a
 * slot other than the last asked costs PLANE_OUT, the same again COLUMN_OUT, each behind tRHW. With polled status the first
 * costs a status read and RETURN_TO_DATA before it. */
enum nand_status nand_data_out(struct nand *n, time_ps t, uint32_t die, uint32_t slot, uint32_t bytes,
	struct nand_span *span);
/* How long that would hold the channel. */
static inline time_ps nand_data_out_cycles(const struct nand *n, uint32_t die, uint32_t slot)
{
	const struct nand_phases *p = &n->phases;
	uint32_t given = n->die[die].given;
	if (given > 0)
		return p->rhw_ps + p->hold_ps[given == slot + 1 ? NAND_OP_COLUMN_OUT : NAND_OP_PLANE_OUT];
	return p->hold_ps[NAND_OP_DATA_OUT] +
		(n->status.how == NAND_STATUS_POLLED ? p->status_ps + p->hold_ps[NAND_OP_RETURN_TO_DATA] : 0);
}
static inline time_ps nand_data_out_ps(const struct nand *n, uint32_t die, uint32_t slot, uint32_t bytes)
{
	return nand_data_out_cycles(n, die, slot) + nand_transfer(n, bytes);
}

/*
 * Program `count` pages of one die: planes x geom.program_pages of them, by wordline page first, then plane
 * (P0 lower, P1 lower, P0 upper, P1 upper); in SLC mode one a plane. Whole pages cross the bus; spare as the option
 * says. CHANGED: `bytes` for each instead.
 */
enum nand_status nand_program(struct nand *n, time_ps t, const nand_ppa *page, uint32_t count,
	enum nand_program_kind kind, bool slc, uint32_t bytes, struct nand_span *span);

/* Random data in: another stretch of `bytes` of a page's data, sent apart. Before the nand_program() that takes the
 * rest and starts the array; costs the channel the column's cycles, tCCS and the data. */
enum nand_status nand_column_in(struct nand *n, time_ps t, uint32_t die, uint32_t bytes, struct nand_span *span);

/* Erase the blocks of `planes` addresses (their page numbers do not matter). slc: for use in SLC mode. */
enum nand_status nand_erase(struct nand *n, time_ps t, const nand_ppa *block, uint32_t planes, bool slc,
	struct nand_span *span);

/*
 * Suspend the program or erase of a die. Its array stops working for it at the command's end; the die is ready the
 * suspend time later, or, when the operation ends before, then: it is over and there is nothing to resume
 * (nand_die_state() tells). Resume: the rest, and resume_ps more.
 */
enum nand_status nand_suspend(struct nand *n, time_ps t, uint32_t die, struct nand_span *span);
enum nand_status nand_resume(struct nand *n, time_ps t, uint32_t die, struct nand_span *span);
/* From when on the operation that runs at t could be suspended (the channel apart); TIME_PS_MAX: there is none,
 * or it never could. */
time_ps nand_suspend_at(const struct nand *n, uint32_t die, time_ps t);

/* Read status (70h; 78h where the chip has several dies): the channel alone. */
enum nand_status nand_status_read(struct nand *n, time_ps t, uint32_t die, struct nand_span *span);
/* Reset: the array's operation is given up, a suspended one too; its nand_flight says what and when. */
enum nand_status nand_reset(struct nand *n, time_ps t, uint32_t die, struct nand_span *span);
enum nand_status nand_set_features(struct nand *n, time_ps t, uint32_t die, struct nand_span *span);
enum nand_status nand_get_features(struct nand *n, time_ps t, uint32_t die, struct nand_span *span);

/*
 * The power goes at t. Tells for each page or block whose program or erase was not over, suspended ones too, the work
 * and, in 1/2^32, the share done; all dies are idle then, and the clock may go on. A program cut leaves its pages
 * programmed (unreadable), and may harm the wordline's earlier pages (nand_page_of()); an erase cut leaves its block
 * to be erased anew. What that means for data is the caller's.
 */
void nand_power_cut(struct nand *n, time_ps t,
	void (*torn)(void *ctx, enum nand_work work, nand_ppa page, uint32_t share_done), void *ctx);

/* ---- block state: the rules alone --------------------------------------------------------------------- */

static inline struct nand_block *nand_block_of(const struct nand *n, nand_ppa p)
{
	return &n->block[nand_block_index(&n->geom, p)];
}

/* Pages of a block in the mode it is in. */
static inline uint32_t nand_block_pages(const struct nand *n, const struct nand_block *b)
{
	return b->slc ? n->geom.slc_pages : n->geom.pages;
}

/* Program page `page` of a block: NAND_OK, NAND_NOT_ERASED, NAND_OUT_OF_ORDER or NAND_BAD_ADDRESS. */
static inline enum nand_status nand_block_program(const struct nand *n, struct nand_block *b, uint32_t page)
{
	if (page != b->next_page) {
		if (page < b->next_page)
			return NAND_NOT_ERASED;
		if (n->rule == NAND_RULE_NEXT)
			return NAND_OUT_OF_ORDER;
	}
	if (page >= nand_block_pages(n, b))
		return NAND_BAD_ADDRESS;
	b->next_page = (uint16_t)(page + 1);
	return NAND_OK;
}

static inline void nand_block_erase(struct nand_block *b, bool slc)
{
	b->erases++;
	b->reads = 0;
	b->next_page = 0;
	b->slc = slc;
}

/* ---- figures ------------------------------------------------------------------------------------------ */

/* Array time of all dies for one kind of work. */
int64_t nand_work_ps(const struct nand *n, enum nand_work work);

/* Joules up to `now`: the array's work, the bus, and standby of all dies over the time; each 0 without power options. */
struct nand_energy {
	double read_j, program_j, erase_j, bus_in_j, bus_out_j, standby_j;
};
void nand_energy_used(const struct nand *n, time_ps now, struct nand_energy *out);

/* Blocks, counts and times held as bytes. Saved at rest only: no die busy or suspended at `now`. Loaded into a
 * bench of the same geometry, whose dies are then idle, their data gone, from `now` on. 0, or -1 with a sentence; after a
 * failed load the bench is only good for being loaded again. */
int nand_save(const struct nand *n, time_ps now, FILE *out, struct err *e);
int nand_load(struct nand *n, time_ps now, FILE *in, struct err *e);
/* Counts, times held and energy begin anew; what blocks have been through stays. At rest. */
void nand_forget(struct nand *n);

#endif
