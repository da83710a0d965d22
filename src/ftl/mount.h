/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Recovery after a power cut: what a controller finds in the flash, and the map it makes of it.
 *
 * Every page carries out-of-band metadata: for each of its units the logical unit (the reverse map, map.h) and the
 * sequence of the write, here an array beside it. A copy made by garbage collection or wear levelling keeps the sequence of
 * its data, so that a stale copy never wins against a newer write. Of two copies of one sequence the one in the block opened
 * earlier counts: then a block opened by a job that the cut ended holds nothing that its victim has not, and can be erased, which
 * leaves the free blocks that cleaning needs.
 *
 * Trims leave no page behind: they are records of a journal. Now and then the parts of the map that have changed are
 * written as a checkpoint, which forgets the journal's records. Both lie in a system area outside the FTL's blocks, are
 * counted as FTL_MAPPING, and become valid whole, when their last page is programmed. The state at mount_open() counts as
 * a checkpoint.
 *
 * A mount reads the last checkpoint and the journal, the first page of every block, and what was programmed since the
 * checkpoint (or, scan: full, all that was programmed); it rebuilds map, counts, states and lists. Places taken whose
 * programs were not over are lost. Open blocks are closed as they are. Where that leaves a region without free blocks for
 * cleaning, all of the region is read, to find what its youngest block only repeats. Then a checkpoint is written, and
 * blocks without a valid unit are erased. The pages read are counted by die. A mount is not cut itself.
 *
 * With a mount an FTL's calls tell it all by themselves; its driver only has to:
 *   - write the journal (begin; program the pages; end) before a flush is over while mount_journal_pending();
 *   - do so too before it erases a block where not mount_may_erase(): a trim that is lost must find its data again;
 *   - write a checkpoint (begin, program, end) when mount_checkpoint_due(), and let trims wait while not mount_trim_room();
 *   - at a power cut forget what was under way, tell of erases cut off, and call mount_recover().
 * A trim of a unit whose write is under way waits for its commit.
 *
 * Owner: the arena; 8 bytes for each physical unit, 16 for each logical one, 40 for each block. No allocation after
 * mount_open(). O(1) a call but for mount_checkpoint_begin() and _end(), O(what has changed + blocks), and for
 * mount_recover(), O(units).
 */
#ifndef QUERN_FTL_MOUNT_H
#define QUERN_FTL_MOUNT_H

#include "flash/bench.h"
#include "ftl/ftl.h"

/* What the out-of-band area of a unit holds beside the logical unit; from MOUNT_FIRST on a sequence. */
enum { MOUNT_NOTHING, MOUNT_PADDING, MOUNT_FIRST };

/* Trims of units first, first + 1, ..., with sequences sequence, sequence + 1, ... */
struct mount_trim {
	uint64_t first, count, sequence;
};

/* What a checkpoint says of a block. */
struct mount_mark {
	uint32_t opened;  /* which block it was by the order of opening; 0: nothing programmed */
	uint32_t covered; /* units from its first on whose state the checkpoint knows */
};

struct mount_order {
	uint32_t opened, block;
};

struct mount_counts {
	uint64_t checkpoints, checkpoint_pages; /* begun */
	uint64_t journals, journal_pages;
	uint64_t mounts;
};

/* What the last mount took. */
struct mount_report {
	uint64_t pages;        /* read, in all */
	uint64_t map_pages;    /* of them the checkpoint's and the journal's */
	uint64_t most_of_a_die;
	uint64_t units_lost;   /* places taken whose programs were not over */
	uint64_t units_found;  /* mapped after it */
	uint64_t stale;        /* units read that a newer write, an older copy or a trim has beaten */
	uint64_t trims_undone; /* units whose trim had not reached the journal */
	uint64_t written;      /* pages of the checkpoint that ends it */
	uint32_t blocks_closed, blocks_erased;
};

struct mount {
	struct ftl *f;                  /* borrowed */
	const struct ftl_mount_spec *spec; /* borrowed */
	uint64_t sequence;              /* of the last write or trim */
	uint32_t opened;                /* blocks so far */
	uint32_t map_entries;           /* of a page of the checkpoint */
	uint64_t map_pages;             /* of a whole map */
	uint64_t *oob;                  /* by physical unit: MOUNT_NOTHING, MOUNT_PADDING or a sequence */
	uint32_t *block_opened;         /* by block */
	uint32_t *block_taken;          /* by block: units taken when a mount closed it; 0: none has */
	uint64_t *block_trim;           /* by block: sequence of the last trim that took a unit from it */
	struct mount_mark *mark[2];     /* by block: of the last checkpoint, and of the one being written */
	uint64_t *saved[2];             /* by logical unit: as the map holds it; of the last checkpoint, and the other's changes */
	unsigned char *dirty[2];        /* by page of the map: changed since the last began; in the one being written */
	uint64_t saved_sequence[2];
	uint64_t host_programs;         /* when the last checkpoint began */
	struct mount_trim *trim;        /* the journal: records durable, being written, and waiting */
	uint32_t trims, trims_writing, trims_durable, trims_max;
	uint32_t trims_saved;           /* being replaced by the checkpoint under way */
	uint64_t journal_pages, journal_saved; /* that a mount must read; those before the checkpoint under way */
	bool journaling, checkpointing; /* under way */
	uint64_t *reads, *erases;       /* by die: of the last mount; a superblock's erase in each of its planes' dies */
	struct mount_order *order;      /* by block: scratch */
	struct mount_counts counts;
	struct mount_report report;
};

/* With an FTL at rest: what is mapped has its sequences from now on, what is stale is unreadable. Hangs itself into f.
 * NULL with a sentence. spec must live as long. */
struct mount *mount_open(struct arena *a, struct ftl *f, const struct ftl_mount_spec *spec, struct err *e);

/* ---- the journal of trims ------------------------------------------------------------------------------ */

/* Trims that a flush must wait for, or that are being written. */
static inline bool mount_journal_pending(const struct mount *m) { return m->trims > m->trims_durable; }
/* Begins to write all that waits; the pages to program, 0: nothing waits, or a write is under way. */
uint32_t mount_journal_begin(struct mount *m);
/* They are programmed. */
void mount_journal_end(struct mount *m);
/* Whether a trim of one unit has room in the journal; else a checkpoint must end first (a trim without room is not
 * durable before it). */
static inline bool mount_trim_room(const struct mount *m) { return m->trims < m->trims_max; }
/* Whether no trim of a unit of this block is still only in memory. */
bool mount_may_erase(const struct mount *m, uint32_t block);

/* ---- checkpoints --------------------------------------------------------------------------------------- */

/* None is under way, and the interval is over or the journal half full. */
bool mount_checkpoint_due(const struct mount *m);
/* Begins one, of the state as it is now; the pages to program. None is under way. */
uint64_t mount_checkpoint_begin(struct mount *m);
void mount_checkpoint_end(struct mount *m);

/* ---- the cut ------------------------------------------------------------------------------------------- */

/* An erase of this block was cut off: nothing in it can be read. */
void mount_tear_erase(struct mount *m, uint32_t block);
/* A unit, programmed before, cannot be read any more. */
static inline void mount_tear(struct mount *m, uint64_t physical) { m->oob[physical] = MOUNT_NOTHING; }
/* Rebuilds the FTL from what is durable. No job is under way after it, no frontier open; the FTL's tap hears of the erases.
 * The report, and m->reads and m->erases by die (of a superblock each of its blocks), hold until the next. */
const struct mount_report *mount_recover(struct mount *m);

/* Time of the last mount where dies and channels work in parallel and each die's pages are read one by one: the larger of what
 * the busiest die and the busiest channel need for the reads (the first page's array time; of pages scanned the spare bytes, of the
 * system area's the whole page), then the erases of the busiest die, then the checkpoint's programs spread over all dies.
 * Command cycles are left out. */
time_ps mount_ps(const struct mount *m, const struct nand *n);

/* ---- what an FTL tells, when it is so ------------------------------------------------------------------ */

void mount_told_write(struct mount *m, uint64_t logical, uint64_t physical);
void mount_told_move(struct mount *m, const struct ftl_move *move, bool kept);
void mount_told_padding(struct mount *m, uint64_t physical);
/* It was at `physical`. */
void mount_told_trim(struct mount *m, uint64_t logical, uint64_t physical);
void mount_told_erase(struct mount *m, uint32_t block);

#endif
