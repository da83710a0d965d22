/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the solid-state drive share. */
#ifndef QUERN_FTL_SSD_PRIVATE_H
#define QUERN_FTL_SSD_PRIVATE_H

#include "blk/tag.h"
#include "flash/bench.h"
#include "ftl/buffer.h"
#include "ftl/front.h"
#include "ftl/ftl.h"
#include "ftl/mount.h"
#include "ftl/ssd.h"
#include "ftl/ssd_space.h"
#include "ftl/tsu.h"
#include "sim/hist.h"

struct ssd;

/* How a transaction went. */
struct ssd_went {
	time_ps queued_ps, done_ps;
	time_ps behind[TSU_BEHINDS];
};

/* Where a command's time went: ssd_tail.c. */
struct ssd_path {
	bool parted;             /* part[] holds something */
	bool read;               /* went is the last read that it waited for */
	time_ps link_ps;         /* write: until its data were there */
	time_ps ended_ps;        /* it went back to the front */
	time_ps since_ps;        /* the wait under way began */
	time_ps short_ps;        /* the book of shortage then */
	time_ps part[TSU_BEHINDS + 1];
	struct ssd_went went;
};

/* A command that the front has given. */
struct ssd_command {
	struct ssd *ssd;
	struct blk_req *req;     /* borrowed */
	uint64_t next;           /* the next sector to be taken care of: writes, zeroes, trims */
	uint64_t mark;           /* flush: up to which sequence of the buffer; write: the last that is its own */
	uint64_t round;          /* flush: of the map log that it waits for; 0: not known yet */
	uint64_t trims;          /* flush: what the buffer had is in flash, and these trims must be durable; 0: not yet known */
	uint32_t pending;        /* transactions or units it waits for */
	bool alone;              /* no other command comes at the same instant */
	bool held, missed;       /* read: there were sectors from the buffer, and not from there */
	bool through;            /* write: complete when in flash */
	bool ready;              /* all of it is under way */
	struct ssd_command *after, *before; /* in a list */
	struct ssd_path path[];  /* one: set as it goes, so that a new command need not clear it */
};

struct ssd_commands {
	struct ssd_command *head, *tail;
};

/* A command that waits for an entry of the buffer to land, and hangs from entry.user; or for trims to be durable. */
struct ssd_wait {
	struct ssd_command *command;
	struct ssd_wait *next;
	uint64_t until;          /* so many trims */
};

/* A page read: for the host, to fill up an entry, or for moves. */
struct ssd_read {
	struct tsu_tx tx;             /* first */
	struct ssd_command *command;  /* host; NULL: none (any more) */
	uint32_t count;
	struct ssd_read_part {
		struct ftl_buffer_entry *entry; /* pinned, to be filled; NULL: none */
		uint64_t mask;
		struct ssd_group *group;        /* moves */
	} part[];                       /* units of a page */
};

/* Whose data an entry of the buffer holds, for the timeline: the last few that wrote to it. */
#define SSD_ORIGINS 4
struct ssd_origin {
	uint64_t flow[SSD_ORIGINS];   /* blk_flow(); 0: none */
};

enum ssd_slot_kind { SSD_SLOT_HOST, SSD_SLOT_MOVE };

struct ssd_slot {
	uint64_t logical, from, to;      /* from: of the host, where it was, FTL_NOWHERE or not; to be fetched alone */
	struct ftl_buffer_entry *entry;  /* host */
	uint8_t kind;                    /* enum ssd_slot_kind */
};

/* What one program takes. */
struct ssd_group {
	struct tsu_tx tx;             /* first */
	struct ssd_lane *lane;
	struct ssd_group *next;       /* of its lane */
	uint32_t region;
	uint32_t block;               /* of the translation layer */
	uint32_t taken, padded;       /* places */
	uint32_t filled;              /* of those taken, whose data are there */
	uint32_t hosts;               /* of those taken, of the host */
	uint8_t source;               /* enum tsu_source */
	uint8_t frontier;             /* of the region */
	bool submitted;
	struct ssd_group *open_next, *open_prev; /* list of those that are not full */
	time_ps open_ps;              /* while it is in that list: since when; then: how long it was. Groups of one place: 0 */
	struct ssd_slot slot[];
};

/* Programs of one frontier in one plane, in order. */
struct ssd_lane {
	struct ssd_group *head, *tail; /* the head is being programmed, or is the next */
};

struct ssd_job {
	struct tsu_tx *erase;         /* one for each plane of a region */
	uint32_t erasing;             /* under way */
	uint32_t free;                /* blocks when it began */
	uint32_t valid;               /* units of its victim when it began */
	uint32_t moved;               /* of these, moves begun */
	uint32_t padding;             /* units that it padded */
	uint32_t gainless;            /* jobs of garbage collection one after the other that took as much as they gave */
	uint32_t hosts;               /* units of the host that the region has taken since */
	bool wanted;                  /* a host write waits for it */
	bool idle;                    /* begun, or gone on with, while no command came */
	bool paused;                  /* lets reads go first */
	bool fruitless;               /* the last one gained no block, and nothing has been written since */
	bool blocked;                 /* no host unit can be placed, until something of the region changes */
	bool starved;                 /* when last looked at: for want of cleaned blocks */
	bool noted;                   /* ssd_note_blocked() counts it, until it is looked at again and takes units */
	time_ps begin_ps;
};

#define SSD_GC_BITS 4 /* buckets of jobs are 1/16 wide */

/* ---- journal and checkpoints, in blocks of their own */

#define SSD_SYSTEM_BLOCKS 2     /* of each plane, behind those of the translation layer */
enum ssd_log { SSD_JOURNAL, SSD_CHECKPOINT, SSD_MAP_LOG, SSD_LOGS };

struct ssd_system_die {
	struct tsu_tx tx;
	uint32_t at;                  /* its ring's block */
	uint8_t log;                  /* enum ssd_log */
	bool busy;
};

struct ssd_system {
	struct ssd_system_die *die;   /* by die */
	uint32_t next;                /* die */
	uint64_t left[SSD_LOGS];      /* programs not begun */
	uint64_t under_way[SSD_LOGS]; /* these and those begun */
	uint64_t covers[SSD_LOGS];    /* trims that are durable when it is over */
	uint64_t durable;             /* trims, as ftl.counts.trimmed counts them */
	bool again;                   /* the journal is to be written once more */
	uint64_t rounds, rounds_over; /* of the map log, begun and over */
	uint64_t logged;              /* units programmed for the host when the last one began */
	struct ssd_wait *waits, *waits_tail; /* by `until` */
};

struct ssd_counts {
	uint64_t host_units;          /* written by the host */
	uint64_t fills;               /* reads before a program of a part */
	uint64_t copybacks;
	uint64_t pauses;              /* of preemptible cleaning */
	uint64_t waits;               /* writes that found no room */
	uint64_t power_cuts;
	uint64_t pages_lost;          /* programs cut off */
	time_ps mount_ps;             /* of the last mount, without power_up */
	uint64_t mount_pages;         /* read by mounts, in all */
	uint64_t units_lost;          /* places taken whose programs were not over, in all */
	uint64_t trims_undone;        /* units, in all */
	struct tally gc;              /* jobs, from their begin to their end */
	uint64_t gc_bucket[LOGLIN_BUCKETS(SSD_GC_BITS)];
};

/* Of `blocked` regions `starved` ones wait for blocks to be cleaned: the book takes that share of the time. */
struct ssd_short {
	time_ps spent_ps, since_ps;
	uint32_t starved, blocked;
};

struct ssd {
	struct blk_dev dev;           /* first */
	const struct ssd_spec *spec;
	struct nand *nand;
	struct nand_geom geom;        /* of the blocks that the translation layer has */
	struct ftl *ftl;
	struct mount *mount;          /* the layer's; NULL: no power cut is planned */
	struct ssd_system system;
	struct tsu *tsu;
	struct front *front;
	struct ftl_buffer *buffer;
	uint32_t unit_sectors, unit_shift;
	uint64_t full;                /* mask of a unit */
	uint32_t planes;              /* of a region */
	uint32_t group_units, group_pages, group_sectors; /* of one program */
	bool single;                  /* a unit is a program of its own: a group is never open */
	bool turns;                   /* cleaning may have to wait for reads or for the host's writes */
	uint32_t moves_most;          /* of a job, begun and not committed */
	bool static_order;            /* a unit's region is always the same */
	bool keeps;                   /* what a power cut under the tag oracle asks for */
	uint32_t whole;               /* units of a frontier that are padded as one */
	bool superpage;               /* the planes of a region are programmed together */
	struct ssd_lane *lane;        /* by region, frontier and plane */
	struct ssd_job *job;          /* by region */
	uint32_t *padded;             /* by block of the translation layer: padded programs under way, before which it is not erased */
	struct pool commands, waits, reads, groups;
	struct blk_list active;       /* requests that the front has given */
	struct ssd_commands writers;  /* of these, wait for room in the buffer */
	struct ssd_commands flushes;  /* of these, wait for a mark */
	struct ssd_group *open;       /* groups that are not full */
	uint64_t urgent;              /* what has at most this sequence is to be in flash soon */
	uint32_t host_programs;       /* under way, with data of the host */
	uint32_t jobs;                /* under way */
	uint32_t scan;                /* where background cleaning looks next */
	struct event work;            /* something has changed: decide */
	struct event idle;            /* nothing to do for some time */
	bool resting;                 /* it has come, and no command since */
	time_ps active_ps;            /* the last command began or ended */
	struct event ready;           /* the power has come back */
	time_ps ready_ps;
	bool off;
	struct ssd_spaces spaces;
	bool read_only;               /* a block has been erased as often as it lives */
	uint32_t reading;             /* of active, reads */
	struct event resume;          /* no read for some time: what paused goes on */
	uint32_t paused;              /* of jobs, those that let reads go first */
	struct blk_list held;         /* came before it was ready */
	bool busy;
	time_ps busy_since_ps;
	struct ssd_command *left;     /* the last one that the host has seen complete */
	struct ssd_went landed;       /* the last program of the host's data */
	time_ps gathered_ps;          /* from its first unit to its last */
	struct ssd_short shortage;
	struct ssd_origin *origin;    /* by entry of the buffer; NULL: it is not on a timeline */
	struct ssd_counts counts;
	struct ftl_counts before;     /* what preconditioning did, which the report leaves out */
};

static inline struct ssd *ssd_of(const struct blk_dev *dev) { return (struct ssd *)(uintptr_t)dev; }
static inline time_ps ssd_now(const struct ssd *d) { return d->dev.sim->now_ps; }

/* Something has changed: decide in an event of this instant. */
void ssd_kick(struct ssd *d);
/* Keeps busy_ps. */
void ssd_note_change(struct ssd *d);
static inline void ssd_note_busy(struct ssd *d)
{
	if (!d->busy || d->active.count == 0)
		ssd_note_change(d);
}

static inline void commands_append(struct ssd_commands *l, struct ssd_command *c)
{
	c->after = NULL;
	c->before = l->tail;
	*(l->tail ? &l->tail->after : &l->head) = c;
	l->tail = c;
}
static inline void commands_remove(struct ssd_commands *l, struct ssd_command *c)
{
	*(c->before ? &c->before->after : &l->head) = c->after;
	*(c->after ? &c->after->before : &l->tail) = c->before;
}


static inline uint64_t ssd_tag(const struct blk_req *r) { return r->op == BLK_WRITE ? r->tag : TAG_ZERO; }
static inline uint32_t ssd_bits(uint64_t mask) { return (uint32_t)__builtin_popcountll(mask); }

/* ---- ssd.c */

extern const char *const ssd_free_options[];

/* The command is over: it goes back to the front. */
void ssd_end(struct ssd *d, struct ssd_command *c, enum blk_status status);
/* One thing less that it waits for. */
static inline void ssd_less(struct ssd *d, struct ssd_command *c)
{
	if (--c->pending == 0)
		ssd_end(d, c, BLK_OK);
}

/* ---- ssd_read.c */

void ssd_read_command(struct ssd *d, struct ssd_command *c);
/* What a FUA read waited for is in flash. */
void ssd_read_go(struct ssd *d, struct ssd_command *c);
/* A read of a page, with no part yet. */
struct ssd_read *ssd_read_new(struct ssd *d, nand_ppa page, enum tsu_source source, enum tsu_priority priority);
/* The request that the transaction serves, for the timeline; 0: none, or not known. */
uint64_t ssd_read_flow(const struct tsu_tx *x);
/* Reads the missing sectors of a partly written unit, which is mapped. */
void ssd_read_fill(struct ssd *d, struct ftl_buffer_entry *e, uint64_t physical);
enum tsu_priority ssd_priority(const struct blk_req *r);

/* ---- ssd_write.c */

void ssd_write_command(struct ssd *d, struct ssd_command *c);
void ssd_flush_command(struct ssd *d, struct ssd_command *c);
/* Writes that wait go on where there is room. */
void ssd_admit(struct ssd *d);
/* The program of an entry is over, before it is mapped: of a unit that has no place yet, what was not written is zeros, though
 * it had been trimmed a moment ago. */
void ssd_landing(struct ssd *d, const struct ftl_buffer_entry *e);
/* The entry's content is in flash, or its trim is. */
void ssd_landed(struct ssd *d, struct ftl_buffer_entry *e);
/* The host has been told of a write; mark: the buffer's, just behind it. */
void ssd_note_acked(struct ssd *d, const struct blk_req *r, uint64_t mark);
/* Flushes whose marks are passed. */
void ssd_check_flushes(struct ssd *d);
/* What has been written up to the mark is to be programmed at the next decision. */
void ssd_hurry(struct ssd *d, uint64_t mark);

/* ---- ssd_program.c */

/* Entries of the buffer into groups, as far as is wanted and there is room; then padding. */
void ssd_destage(struct ssd *d);
/* Whether it, or ssd_admit(), could have something to do. */
static inline bool ssd_waits(const struct ssd *d)
{
	return d->writers.head || d->open || ftl_buffer_waiting(d->buffer) > 0;
}
/* Nothing that goes on in the flash will change anything by its end; paced jobs wait for the host. */
static inline bool ssd_at_rest(const struct ssd *d)
{
	return d->host_programs == 0 && (d->jobs == d->paused || tsu_unfinished(d->tsu) == 0);
}
/* Something of the region has changed: host units that found no place in it may be looked at again. now: they are at once, if there
 * are any; else what they wait for has not come yet. */
void ssd_unblock(struct ssd *d, uint32_t region, bool now);
/* A place that the frontier has given; the caller sets the rest of its slot, ssd_group_last(). NULL: no memory. */
struct ssd_group *ssd_group_add(struct ssd *d, uint32_t region, enum ftl_stream stream, uint64_t to, enum ssd_slot_kind kind);
static inline struct ssd_slot *ssd_group_last(struct ssd_group *g) { return &g->slot[g->taken - 1]; }
/* The data of one of its places are there. */
void ssd_group_fill(struct ssd *d, struct ssd_group *g);
/* The requests whose data it programs: ssd_origins(). At most `room` into out, and how many. */
uint32_t ssd_program_flows(const struct tsu_tx *x, uint64_t *out, uint32_t room);
/* For tsu_tell_soon(). */
void ssd_program_soon(const struct tsu_tx *x, const struct tsu_tx *later);
/* Gives up the places that the frontier's open group has left; how many. */
uint32_t ssd_pad(struct ssd *d, uint32_t region, enum ftl_stream stream);

/* ---- ssd_gc.c */

/* Begins a job of the region or goes on with it, as far as it can. */
void ssd_clean(struct ssd *d, uint32_t region);
/* With gc.pace: the host has had its part of what the job under way gains, and waits for moves. */
bool ssd_paced(const struct ssd *d, uint32_t region);
/* What paused goes on where it may. */
void ssd_clean_paused(struct ssd *d);
/* All regions: what may be done while nobody waits; jobs under way go to their end. */
void ssd_clean_idle(struct ssd *d);

/* ---- ssd_mount.c */

/* Where the options want it, and nothing is being cleaned: from now on the flash holds what a mount needs. 0, or -1. */
int ssd_mount_open(struct ssd *d, struct err *e);
/* A power cut before the first command: nothing has been asked of a mount yet that would be missing, so `auto` has one from here
 * on. */
void ssd_mount_first(struct ssd *d);
/* With d->mount. Writes the journal of trims where there is something to write; a checkpoint where one is due. */
void ssd_journal(struct ssd *d);
/* Whether the changes of the map behind what a flush has brought into flash are logged (mount.flush_log); has it done where not. */
bool ssd_map_logged(struct ssd *d, struct ssd_command *c);
/* Something was programmed for the host that is in no log yet. */
static inline bool ssd_map_unlogged(const struct ssd *d)
{
	return d->spec->mount.flush_log > 0 && d->system.logged != d->ftl->counts.programmed[FTL_HOST];
}
void ssd_mount_work(struct ssd *d);
/* Whether a trim may be taken now; true, too, where there is no mount. */
bool ssd_trim_room(struct ssd *d);
/* Whether the first `trims` ones are durable; else the journal is written, and flushes are looked at when it is over. */
bool ssd_trims_safe(struct ssd *d, uint64_t trims);
/* The command has one thing less to wait for when all trims up to now are durable. The wait is taken over. */
void ssd_wait_trims(struct ssd *d, struct ssd_wait *w);
/* Else the job is gone on with when the journal is written. */
bool ssd_may_erase(struct ssd *d, uint32_t block);
/* With capacitors: room for one more trim, at once. */
void ssd_mount_make_room(struct ssd *d);
/* At a power cut: what is being written is forgotten; and the translation layer is made anew from what the flash has. */
void ssd_mount_forget(struct ssd *d);
void ssd_mount_recover(struct ssd *d);

/* ---- ssd_tail.c */

static inline void ssd_note_went(struct ssd_went *w, const struct tsu_tx *x)
{
	w->queued_ps = x->queued_ps;
	w->done_ps = x->done_ps;
	for (int i = 0; i < TSU_BEHINDS; i++)
		w->behind[i] = x->behind[i];
}
/* So many regions more (or less) are blocked. */
void ssd_note_blocked(struct ssd *d, int more, bool starved);
/* The command waits from now on for room, or for something to land; and does no more. own: for its own data. */
void ssd_wait_begins(const struct ssd *d, struct ssd_command *c);
void ssd_wait_over(struct ssd *d, struct ssd_command *c, bool own);
static inline void ssd_wait_ends(struct ssd *d, struct ssd_command *c, bool own)
{
	if (ssd_now(d) != c->path->since_ps)
		ssd_wait_over(d, c, own);
}
extern const char *const ssd_blame_names[];
bool ssd_blame(const struct blk_dev *dev, const struct blk_req *r, time_ps *out);

/* ---- ssd_cut.c */

void ssd_power_cut(struct blk_dev *dev);
time_ps ssd_power_restore(struct blk_dev *dev);

/* ---- ssd.c: with a seed of the past, the run's own draws begin anew. 0 or -1. */

int ssd_begin_draws(struct ssd *d, struct err *e);

/* ---- ssd_precondition.c */

/* Before the run. 0, or -1 with a sentence. */
int ssd_precondition(struct ssd *d, struct rng *rng, struct err *e);
/* Whether a block has reached the flash's endurance: from then on the drive is read-only. O(regions). */
void ssd_look_at_life(struct ssd *d);

/* ---- ssd_state.c, ssd_report.c */

int ssd_save(const struct blk_dev *dev, FILE *out, struct err *e);
int ssd_load(struct blk_dev *dev, FILE *in, struct err *e);
void ssd_forget(struct blk_dev *dev);
void ssd_report(const struct blk_dev *dev, void (*put)(void *ctx, const char *name, double value, const char *unit), void *ctx);
const char *ssd_table(const struct blk_dev *dev, unsigned index, FILE *out);
extern const struct blk_sample_column ssd_sample_columns[];
void ssd_sample(const struct blk_dev *dev, double *out);
time_ps ssd_busy_ps(const struct blk_dev *dev);
int ssd_watch(struct blk_dev *dev, time_ps from, time_ps to, struct err *e);
int ssd_show(struct blk_dev *dev, struct timeline *t, uint32_t group);

#endif
