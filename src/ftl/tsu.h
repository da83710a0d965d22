/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The transaction scheduling unit: what waits for which die, what goes over each channel next, and when it is over. It
 * owns the flash in time: events for the ends of transfers and of array work, calls of the bench (flash/bench.h) at
 * their very instants. It knows no logical address.
 *
 * A transaction (struct tsu_tx) is one page read, one program (of geom.program_pages pages of a wordline, or one in SLC
 * mode), one block erase, or one copyback within a plane. The caller owns it, fills in its part and leaves it
 * alone until its done(); there it may be submitted anew. done() is called from an event, never inside tsu_submit():
 *   READ                        its data have crossed the channel
 *   PROGRAM, ERASE, COPYBACK    the controller sees the die ready
 * Decisions fall in an event of the same instant, behind the submission, so that what is submitted together can be
 * packed: with option multi_plane, transactions of one die, kind and mode, of different planes and at the same page
 * number (of a copyback: both page numbers; of an erase: any) become one multi-plane operation. They are looked for
 * among the next few of the same class alone.
 *
 * Order. Waiting transactions of a die are queues by class: kind (reads, programs with copybacks, erases) and priority
 * (0 first). The policy (tsu_list.h) says which class goes next. Whatever it says, the programs of a block keep the
 * order in which they were submitted, and, but for policy fair among reads, so does a class. A transaction that has
 * waited for `age_limit` goes before all younger ones of its die, so that none waits for ever. An erase does not
 * overtake a read submitted before it. A read may overtake the program of its page: read what is programmed.
 *
 * The channel serves, of what can go at an instant: commands without data before read data (arbitration command-first:
 * dies are kept busy) or behind it (data-first); programs, whose data follow, by their age against the read data.
 *
 * A program or erase is suspended (option suspend) for reads of the host or of the map that would go next, never while
 * its data still cross the channel, within the limits of the part (flash.suspend), never when it is older than
 * age_limit; it goes on when no such read waits any more, or when it has become that old.
 *
 * Units: ps, bytes, dense die numbers. Owner: the arena. No allocation after tsu_open(). A decision costs O(1) but for
 * the classes of a die that wait.
 */
#ifndef QUERN_FTL_TSU_H
#define QUERN_FTL_TSU_H

#include <stdio.h>

#include "flash/bench.h"
#include "ftl/spec.h"
#include "sim/sim.h"

struct tsu;
struct tsu_tx;

enum tsu_kind { TSU_READ, TSU_PROGRAM, TSU_ERASE, TSU_COPYBACK, TSU_KINDS };
enum tsu_source { TSU_HOST, TSU_GC, TSU_WEAR, TSU_MAPPING, TSU_SOURCES };

/* Priorities as a device uses them; the scheduler knows the order alone. NVMe's four classes are 1 to 4. */
enum tsu_priority { TSU_FIRST, TSU_URGENT, TSU_HIGH, TSU_MEDIUM, TSU_LOW, TSU_BACKGROUND, TSU_PRIORITIES = 8 };

/* What a transaction waited behind: its die worked for others (of the host and the map: read, program, erase; any erase;
 * reads and programs of garbage collection and wear levelling), was being suspended, or the channel or its turn was
 * waited for (bus). Together they are issued_ps - queued_ps, and of a read also its wait for the bus with data ready. */
enum tsu_behind {
	TSU_BEHIND_BUS,
	TSU_BEHIND_READ,
	TSU_BEHIND_PROGRAM,
	TSU_BEHIND_ERASE,
	TSU_BEHIND_GC,
	TSU_BEHIND_SUSPEND,
	TSU_BEHINDS
};
const char *tsu_behind_name(enum tsu_behind b);

/* By whose the fields are: (c) the caller's, (r) what became of it, (s) the scheduler's. In the order of use: the first cache line
 * holds what choosing looks at. */
struct tsu_tx {
	void (*done)(struct tsu *t, struct tsu_tx *x); /* (c) not NULL */
	void *owner;           /* (c) */
	nand_ppa page;         /* (c) READ: page; PROGRAM: its first page; ERASE: any of the block; COPYBACK: where it goes */
	struct tsu_tx *next;   /* (s) */
	uint32_t bytes;        /* (c) READ: data out, 1 to a page */
	uint16_t flow;         /* (c) whose, for policy fair; any number */
	uint8_t kind;          /* (c) enum tsu_kind */
	uint8_t source;        /* (c) enum tsu_source */
	uint8_t priority;      /* (c) enum tsu_priority */
	bool slc;              /* (c) */
	bool packed;           /* (r) it was part of a multi-plane operation */
	uint8_t class, slot;   /* (s) */
	uint64_t number;       /* (s) of submission */
	time_ps queued_ps;     /* (r) submitted */
	struct tsu_tx *prev;   /* (s) */
	time_ps issued_ps;     /* (r) first command cycle */
	time_ps behind[TSU_BEHINDS]; /* (r) */
	time_ps data_ps;       /* (r) READ: its data began to cross; else as done_ps */
	time_ps done_ps;       /* (r) */
	nand_ppa from;         /* (c) COPYBACK: where it is; of the same plane */
};

/* A policy: a row of tsu_list.h. */
struct tsu_policy {
	const char *name, *doc;
	bool whole_channel; /* transactions of a channel begin in their order, whatever their dies do */
	bool classes;       /* kind and priority matter; else all of a die are one class */
	bool reads_first;   /* dies with reads go first on the channel, too */
	bool fair;          /* reads are queued by flow, and reads and programs weighed by proportional waiting */
};
extern const struct tsu_policy *const tsu_policies[]; /* ends with NULL */
extern const struct opt_choice tsu_policy_choices[];

/* sim, n: borrowed, as long as the scheduler; spec is copied. NULL with a sentence. */
struct tsu *tsu_open(struct arena *a, struct sim *sim, struct nand *n, const struct ftl_sched_spec *spec, struct err *e);

/* soon(): so that memory is fetched in time: of a channel, the next work of a die to be over is x's, and behind it later's (NULL:
 * none is under way). Each is the first of its operation. It is not called for all, and changes nothing. */
void tsu_tell_soon(struct tsu *t, void (*soon)(const struct tsu_tx *x, const struct tsu_tx *later));
/* The flash gets a log (bench.h): to be called before anything is under way. flow: the requests that a transaction serves, as
 * timeline_flow() has them, at most `room` into out, and how many; NULL: nobody knows. 0, or -1: no memory. */
int tsu_show(struct tsu *t, struct arena *a, uint32_t (*flow)(const struct tsu_tx *x, uint64_t *out, uint32_t room));

/* Takes a transaction. A sim_bug(): an address that is none, a read of no bytes, a program that is not the next of its
 * block when its turn comes. */
void tsu_submit(struct tsu *t, struct tsu_tx *x);
/* The same for one with which nothing goes that is submitted at this instant: decides at once where the bus is free,
 * which saves an event. done() is not called inside it either. */
void tsu_submit_alone(struct tsu *t, struct tsu_tx *x);

/* Transactions of a die that wait or are in service. */
uint32_t tsu_load(const struct tsu *t, uint32_t die);
static inline bool tsu_idle(const struct tsu *t, uint32_t die) { return tsu_load(t, die) == 0; }
/* Of the device. */
uint64_t tsu_unfinished(const struct tsu *t);

/*
 * The power goes now. torn: as nand_power_cut(). lost: after it, for each transaction that was not done, waiting ones
 * too; the caller has it back and submits nothing from there. The scheduler is empty then and may be used again.
 */
void tsu_power_cut(struct tsu *t, void (*torn)(void *ctx, enum nand_work work, nand_ppa page, uint32_t share_done),
	void (*lost)(void *ctx, struct tsu_tx *x), void *ctx);

/* Whose turn it is, of a scheduler at rest, as bytes; 0 or -1 with a sentence. Load it behind the flash (nand_load): from
 * then on the times of channels count anew, as those of dies do from tsu_open(). */
int tsu_state_save(const struct tsu *t, FILE *out, struct err *e);
int tsu_state_load(struct tsu *t, FILE *in, struct err *e);
/* Behind nand_forget(): what the channels have been held is looked at anew. */
void tsu_forget(struct tsu *t);

/* ---- figures ------------------------------------------------------------------------------------------ */

struct tsu_counts {
	uint64_t done[TSU_KINDS][TSU_SOURCES];      /* transactions */
	int64_t wait_ps[TSU_KINDS][TSU_SOURCES];    /* queued to issued, summed; saturates */
	time_ps wait_max_ps[TSU_KINDS][TSU_SOURCES];
	uint64_t operations[TSU_KINDS];             /* commands to the array: a packed one counts once */
	uint64_t packed[TSU_KINDS];                 /* transactions in operations of several planes */
	uint64_t suspends, resumes;                 /* that held something back: not one that came as it ended */
};
/* The figures of the flash (flash/bench.h: counts, energy) are those of now, too, once this has been called at this
 * instant. */
const struct tsu_counts *tsu_counts(const struct tsu *t);

/* Where a die's time went since tsu_open(). All but idle by what it was in service of, from first command cycle to
 * ready or to the end of its data; they and idle add up to the time since then, exactly. */
enum tsu_share {
	TSU_SHARE_IDLE,
	TSU_SHARE_READ,     /* of host and map */
	TSU_SHARE_PROGRAM,
	TSU_SHARE_ERASE,    /* of all */
	TSU_SHARE_GC,       /* reads, programs, copybacks of garbage collection and wear levelling */
	TSU_SHARE_SUSPEND,  /* on the way into suspension, or suspended with nothing under way */
	TSU_SHARES
};
const char *tsu_share_name(enum tsu_share s);
void tsu_die_time(const struct tsu *t, uint32_t die, time_ps out[TSU_SHARES]);
/* In service with this plane (dense number) taking part; the rest is idle. */
time_ps tsu_plane_busy(const struct tsu *t, uint64_t plane);

/* The channel's: command and address cycles and waits, data in, data out, idle; they add up to the time since
 * tsu_open(), exactly. */
enum tsu_bus { TSU_BUS_IDLE, TSU_BUS_COMMAND, TSU_BUS_IN, TSU_BUS_OUT, TSU_BUSES };
void tsu_channel_time(const struct tsu *t, uint32_t channel, time_ps out[TSU_BUSES]);

#endif
