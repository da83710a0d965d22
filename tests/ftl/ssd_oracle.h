/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A shadow of a solid-state drive, for tests: it holds the content of every sector in flash and buffer, and recounts
 * everything, from what the parts of the drive tell each other. It listens at the seams: the linker puts the oracle's
 * functions (ssd_oracle_seams.c) before those of the flash, the scheduler and the buffer, by --wrap, so that the product
 * holds no code for it.
 *
 *   flash      each page sensed, each page programmed, each block erased is what the bench was asked for, not what the
 *              translation layer counted. A page holds what was programmed into it; a copyback what its source held.
 *   buffer     an entry holds what the host wrote and what reads of flash brought.
 *   map        the oracle's own, from the ends of programs (struct ftl_tap) and trims.
 *   reads      what a read gets, from an entry or from the page that the bench sensed for it, must be a content that the
 *              sector may have: not older than what was acknowledged when the read came, and never another sector's.
 *   durable    what a flush, a FUA write or a write-through wrote must be in flash at its end.
 *
 * The load (ssd_load.c): lanes with a request each, at random; no two writes of a sector are under way at once, so that
 * the order of its contents is known.
 *
 * Faults, to show that the oracle sees them, are made at the same seams.
 *
 * One drive at a time. Owner: oracle_open() to oracle_close(). Violations: the first is kept, in a sentence.
 */
#ifndef QUERN_TESTS_FTL_SSD_ORACLE_H
#define QUERN_TESTS_FTL_SSD_ORACLE_H

#include "blk/space.h"
#include "ftl/ssd_private.h"
#include "sim/rng.h"

#define ORACLE_LANES 8
#define ORACLE_SPACES 4
#define ORACLE_REQUEST 64 /* most sectors of a request */

/* Content of a sector: its address below, the version of its write above; 0: zeros. */
#define ORACLE_LBA_BITS 24
#define ORACLE_NOTHING UINT64_MAX        /* erased, padding, never filled */
#define ORACLE_OLD (UINT64_MAX - 1)      /* of a copy that was stale before the oracle came */
static inline uint64_t oracle_content(uint64_t version, uint64_t lba) { return version << ORACLE_LBA_BITS | lba; }

enum oracle_fault {
	FAULT_NONE,
	FAULT_MAP,          /* the map update of a host write is undone */
	FAULT_MOVE,         /* the same of a move */
	FAULT_PROGRAM,      /* the bench never sees a program */
	FAULT_ERASE,        /* nor an erase */
	FAULT_SENSE,        /* nor a read */
	FAULT_BUFFER,       /* what is written does not come into the entry */
	FAULT_FILL,         /* nor what is read from flash */
	FAULT_TRIM,         /* a trim does not unmap */
	FAULTS
};

struct oracle_sector {
	uint32_t acked, issued; /* versions of the write last acknowledged, and last begun; 0: none */
	uint32_t zeroed;        /* version of the last trim or write of zeros begun */
	uint32_t order;         /* of the acknowledgement among all */
};

/* What is on its way to a physical unit. */
struct oracle_place {
	uint64_t logical, from; /* FTL_NOWHERE: of the host */
	uint64_t owner;         /* what was programmed, as the tap told */
	uint8_t cause;          /* enum ftl cause + 1; 0: erased */
	bool planned, staged;   /* a program with it was submitted; its data are there */
};

struct oracle_read {
	struct ssd_read *q;
	void (*done)(struct tsu *t, struct tsu_tx *x);
	uint64_t clock;         /* submitted */
	uint64_t erased;        /* erases of its block then */
	uint64_t physical[64];  /* by part; FTL_NOWHERE: a move */
	uint64_t unit[64];
	uint32_t page;
	struct oracle_read *next, *other; /* free, all */
};

struct oracle_lane {
	struct blk_req req;
	struct oracle *o;
	struct event wake;
	const struct blk_space *space; /* it is in; NULL: in the drive itself */
	uint32_t version;
	uint32_t order;          /* acknowledgements when it was submitted */
	uint64_t seen;           /* sectors of a read whose content is known */
	uint32_t acked[ORACLE_REQUEST]; /* versions, when it was submitted */
	bool busy;
};

struct oracle_missing {
	uint64_t unit, mask;
};

struct oracle {
	struct ssd *d;
	struct sim *sim;
	struct rng *rng;
	uint32_t unit_sectors, page_units;
	uint64_t units, physical, pages, sectors;
	uint64_t *flash;               /* by physical unit and sector: what is programmed */
	uint64_t *staged;              /* the same: what is to be */
	struct oracle_place *place;    /* by physical unit */
	uint64_t *first;               /* by page: its first physical unit; FTL_NOWHERE: of the system area */
	uint8_t *programmed;           /* by page */
	uint64_t *sensed;              /* by page: clock */
	uint32_t *erases;              /* by flash block, since the oracle came */
	uint32_t *erases_before;
	uint64_t *map;                 /* by logical unit */
	uint64_t *buffer;              /* by entry and sector */
	struct oracle_sector *sector;
	nand_ppa *reg;                 /* by die: pages of its last copyback read */
	struct oracle_read *all, *free;
	const struct oracle_read *filling; /* whose data come in now */
	struct oracle_lane *current;   /* whose read is being put together */
	struct oracle_missing missing[ORACLE_REQUEST];
	uint32_t missing_first, missing_count;
	uint64_t clock;
	uint32_t acks, version;
	uint64_t programs, erased, senses, copybacks; /* of the bench: pages, blocks */
	uint64_t system_programs, system_erased; /* of these, in the system area */
	uint64_t planned_host, trims;
	uint64_t cause[FTL_CAUSES];    /* units, as the tap told */
	uint64_t jobs_erased, stale;
	struct ftl_counts before;
	struct nand_counts flash_before;
	/* load */
	struct oracle_lane lane[ORACLE_LANES];
	unsigned lanes, left, issued, completed;
	uint64_t hot;                  /* sectors that most requests are about */
	const struct blk_space *space[ORACLE_SPACES]; /* requests go to these; none: to the drive */
	unsigned spaces;
	unsigned pause;                /* one request in so many waits before it is issued; 0: none */
	/* faults */
	enum oracle_fault fault;
	unsigned fault_in;             /* how many chances it leaves */
	bool faulted;
	struct err e;                  /* the first violation */
	unsigned violations;
};

/* Listens to a drive just opened, whose content is that of preconditioning. */
struct oracle *oracle_open(struct ssd *d, uint64_t seed);
void oracle_close(struct oracle *o);

void oracle_violation(struct oracle *o, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* `count` random requests, to their end and until the drive is at rest. A violation where it never comes to rest. */
void oracle_load(struct oracle *o, unsigned lanes, unsigned count);
/* Everything recounted, of a drive at rest. 0, or -1 with the first violation in o->e. */
int oracle_check(struct oracle *o);

/* ---- between the files of the oracle ---- */

/* Who listens now; NULL: nobody. */
struct oracle *oracle_listening(void);
void oracle_listen(struct oracle *o);

/* Whether the fault is made now. */
static inline bool oracle_fault(struct oracle *o, enum oracle_fault fault)
{
	if (o->fault != fault || o->faulted || o->fault_in-- > 0)
		return false;
	return o->faulted = true;
}
/* The sector's content came to a lane's read. */
void oracle_saw(struct oracle *o, struct oracle_lane *l, uint64_t lba, uint64_t content, const char *where);

#endif
