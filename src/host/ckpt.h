/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Checkpoint and restart of the pages of a program.
 *
 * A checkpoint freezes the program, takes the pages as they are at that instant, writes them, flushes the device, and then writes
 * a superblock that names them: from then on it is *valid*. When the program may go on (`resume`) is another matter:
 *   valid      only then: stop-and-copy
 *   protected  as soon as all pages are protected: copy-on-write; a page that is written to before the device has it is copied first: while
 *              its write waits in a queue or is under way, the device may still read it
 * What is written (`content`) is all pages, or those changed since the last checkpoint: a delta on a chain that begins with a
 * whole image. A chain of more than `chain` deltas is merged: the newest version of each page is read back and written as a
 * whole image into the other area. Where a delta finds no room behind the chain, however short, the checkpoint is a whole one.
 *
 * On the medium: two superblocks, written in turn, then areas A and B. The chain in use is in one of them; a new
 * whole image goes to the other, so that nothing which a superblock on the medium names is ever overwritten before a newer
 * superblock is there for good. An element of a chain is an index (the numbers of its pages) and the pages.
 *
 * Restart reads the newer whole superblock, the indexes of its chain, and of each page the newest version.
 *
 * Who owns the pages is behind struct ckpt_source: the machine (host/cow.h, host/protect.h), or a test. Contents need tags: without
 * them all takes the same time but for a restart, which finds nothing.
 *
 * Owner: the sim arena. Memory: 12 bytes a page, with tags 20. Errors: a device that fails is told by status; the last valid checkpoint stays.
 */
#ifndef QUERN_HOST_CKPT_H
#define QUERN_HOST_CKPT_H

#include "host/io.h"
#include "host/walker.h"

enum ckpt_resume { CKPT_RESUME_VALID, CKPT_RESUME_PROTECTED };
enum ckpt_content { CKPT_ALL, CKPT_CHANGED };

#define CKPT_CHAIN_MOST 100

struct ckpt_spec {
	int resume;              /* enum ckpt_resume */
	int content;             /* enum ckpt_content */
	int64_t page_bytes;
	int64_t chain;           /* deltas on a whole image before they are merged */
	bool flush;              /* flush before the superblock and after it */
	struct walker_spec walker; /* of the pages to be written */
	bool no_flush_before;    /* tests only: leaves out the flush between pages and superblock */
	bool one_area;           /* tests only: whole images go where the last one is */
};
extern const struct opt_group ckpt_options;

/* The program. */
struct ckpt_source_ops {
	/*
	 * Nothing runs from now on. Numbers of all its pages, or of those written since the last freeze(), into page[] (ascending,
	 * room for `pages` of ckpt_open()); returns how many. They stay as they are until release(): while nothing runs, or else by copies. What the work
	 * takes is added to *took_ps: nothing is written before it is over, and nothing runs. It may be called a second time at once, for all of
	 * them, where the changed ones find no room.
	 */
	uint32_t (*freeze)(void *ctx, bool changed, uint32_t *page, time_ps *took_ps);
	/* It may go on. */
	void (*resume)(void *ctx);
	/* The content of page[i] at the time of freeze(); tags on only. */
	uint64_t (*content)(void *ctx, uint32_t i);
	/* The write of page[i] is over. */
	void (*release)(void *ctx, uint32_t i);
};

/* When one was what. */
struct ckpt_times {
	time_ps asked_ps;    /* it stands still: what it is now, the checkpoint is of */
	time_ps resumed_ps;  /* the program went on */
	time_ps written_ps;  /* all pages are at the device */
	time_ps valid_ps;
	uint32_t pages;
	bool whole;          /* not a delta */
};

struct ckpt_stats {
	uint64_t checkpoints, deltas, merges, merged_pages;
	uint64_t no_room;    /* asked for as a delta, and whole because the area was full before the chain had its length */
	uint64_t pages;
	time_ps down_ps;     /* sum: the program stood still */
	time_ps valid_ps;    /* sum: from freeze to valid */
	time_ps merge_ps;
	time_ps restart_ps;  /* the last restart */
	uint64_t restart_pages; /* read by it */
};

struct ckpt_element {
	uint64_t offset;     /* sectors of the region: the index, then the pages */
	uint32_t pages;
	uint32_t index;      /* sectors of the index */
};

struct ckpt {
	struct host_io *io;
	const struct host_region *region;
	const struct ckpt_spec *spec;
	const struct ckpt_source_ops *source;
	void *source_ctx;
	struct walker walker, merger;
	uint32_t pages;          /* most */
	uint32_t page_sectors;
	uint64_t area_sectors;
	uint64_t generation;     /* of the last superblock written */
	uint64_t number;         /* of the last valid checkpoint; 0: there is none */
	uint32_t area;           /* of the chain in use */
	uint64_t area_end;       /* sectors of that area in use */
	struct ckpt_element element[CKPT_CHAIN_MOST + 1];
	uint32_t elements;
	uint64_t *place;         /* by page: sector of the region of its newest valid version; 0: none */
	/* the one under way */
	bool busy, merging;
	bool changed_all;        /* a checkpoint failed, so that what has changed is not known */
	uint32_t *page;          /* pages of the new element */
	struct ckpt_element new_element;
	uint32_t new_area;
	struct ckpt_times now;
	struct event frozen;     /* freeze() is over */
	struct host_io_then then;
	host_io_done_fn *super_done;
	uint64_t *index_words;   /* tags on: of the element under way */
	enum blk_status status;
	/* restart */
	void (*visit)(void *ctx, uint32_t page, uint64_t content);
	void *visit_ctx;
	uint32_t at_element, at_page;
	bool indexes;            /* they are being read */
	time_ps start_ps;        /* of the restart or merge under way */
	uint32_t track, program_track; /* on the timeline; 0: not yet made */
	struct ckpt_stats stats;
};

/* 0, or -1 with a sentence: the region does not hold two images of `pages` pages. Nothing is written or read yet. */
int ckpt_open(struct ckpt *c, struct host_io *io, const struct host_region *g, const struct ckpt_spec *spec, uint32_t pages,
	const struct ckpt_source_ops *source, void *source_ctx, uint64_t seed, struct err *e);
/* Take one, from an event or not; one at a time (c->busy, c->merging: sim_bug()). `then` when it is valid; c->now tells when
 * it was what. */
void ckpt_take(struct ckpt *c, struct host_io_then then);
/* Whether ckpt_take() may be called. */
static inline bool ckpt_idle(const struct ckpt *c) { return !c->busy && !c->merging; }
/*
 * Read the last valid one: visit(ctx, page, content) for each of its pages, in no order. status BLK_MEDIA_ERROR: there is none, or
 * not all of it. Afterwards c goes on from it: the next checkpoint may be a delta.
 */
void ckpt_restart(struct ckpt *c, void (*visit)(void *ctx, uint32_t page, uint64_t content), void *ctx, struct host_io_then then);
/* The machine dies. */
void ckpt_drop(struct ckpt *c);

/* Private: ckpt.c, ckpt_merge.c, ckpt_restart.c. */
uint64_t ckpt_area_offset(const struct ckpt *c, uint32_t area);
uint32_t ckpt_index_sectors(const struct ckpt *c, uint32_t pages);
/* Flush, superblock of chain element[0 .. elements - 1] in `area`, flush; then done. */
void ckpt_write_super(struct ckpt *c, host_io_done_fn *done);
void ckpt_write_index(struct ckpt *c, host_io_done_fn *done);
void ckpt_merge(struct ckpt *c);
extern const struct walker_ops ckpt_merge_ops;

#endif
