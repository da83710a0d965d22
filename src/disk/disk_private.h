/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The disk's own state. disk.c: commands in and out, life; unit.c: what an arm does next; service.c,
 * read.c, write.c: the course of a command; media.c: the course of a write to the medium; fault.c:
 * a medium that is not perfect; cut.c: power; state.c: save and load; report.c.
 */
#ifndef QUERN_DISK_DISK_PRIVATE_H
#define QUERN_DISK_DISK_PRIVATE_H

#include "blk/dev.h"
#include "blk/tag.h"
#include "disk/ahead.h"
#include "disk/buffer.h"
#include "disk/bus.h"
#include "disk/cmdq.h"
#include "disk/defects.h"
#include "disk/destage.h"
#include "disk/geom.h"
#include "disk/mech.h"
#include "disk/power.h"
#include "disk/sched.h"
#include "disk/smr.h"
#include "disk/spec.h"
#include "disk/wcache.h"

/* A write on its way to the medium; enough to work out its progress at any instant. */
struct disk_write_job {
	bool active;
	bool acked;            /* acknowledged, in part at least, before its end */
	bool destage;          /* from the write cache, not of a command */
	bool held;             /* holds space in the write cache: acknowledged early, or a destage */
	bool clean;            /* of a shingled band: no data of a command's; its steps may read too */
	const struct disk_slot *slot; /* of a command's write; borrowed */
	uint64_t lbn;
	uint32_t sectors;
	struct smr_step *step; /* the accesses it becomes on a drive-managed disk; 0 of them: one, at lbn */
	uint32_t steps;
	uint32_t medium_sectors, written; /* of all steps, and of those that write */
	uint32_t lost;         /* sectors at the end that the medium cannot hold */
	uint64_t void_lo, void_hi; /* LBNs whose zones were reset meanwhile, or that are lost */
	uint64_t tag;          /* of a command's write, ... */
	struct wcache_piece *pieces; /* ... and the contents of a destage; owned; NULL with the oracle off */
	struct mech_arm arm;   /* before it started */
	time_ps start_ps;      /* positioning begins */
	time_ps data_ps;       /* bus transfer begins */
	time_ps sector_bus_ps; /* one sector over the bus; 0: all data there at data_ps */
	time_ps end_ps;        /* last sector on the medium */
};

/* How far a write has come: [lbn, done_end) is on the medium, and [from, to) too. */
struct disk_progress {
	uint64_t done_end, from, to;
	uint64_t open;         /* the sector being written, or UINT64_MAX */
	uint64_t open_end;     /* past the sectors that may be damaged with it */
	uint32_t landed;       /* sectors of the medium, reads included */
};

/* A command's read of the medium; enough to work out its progress. */
struct disk_read_job {
	struct mech_arm arm;   /* before it started */
	time_ps start_ps, end_ps; /* positioning begins; the last sector has come by */
	uint64_t lbn;
	uint32_t sectors;
	bool on_arrival;       /* from where the head lands */
	bool moved;            /* of a drive-managed disk: lbn is the host's address */
};

/* Time split of one medium access. */
struct disk_access {
	time_ps media_ps;    /* first sector under the head; -1 before */
	time_ps end_ps;
	time_ps seek_ps, rotation_ps, transfer_ps;
	uint32_t distance, cylinder; /* of the first run: how far the arm went, and where to */
};

/* A command in service. */
struct disk_slot {
	struct disk_unit *unit;
	struct blk_req *req;    /* NULL: free */
	uint32_t status;        /* it will have */
	bool uses_arm;
	bool left_arm;          /* the arm has done its part */
	bool cached;            /* a write whose data go to the write cache when it is done */
	bool overdue;           /* a flush whose own time is over, and dirty data are left */
	struct event done_event;
	struct event arm_event; /* the arm is done with it before it is done (next_position: media-end) */
};

#define DISK_SLOTS 2

/*
 * One arm: the logical blocks it serves, its mechanics, and what it does now. A disk has one, or two
 * that share the spindle, the buffer, the write cache and the bus.
 *
 * Invariant: the arm has one master at a time: a slot that uses it, or `write` that is active.
 */
struct disk_unit {
	struct disk *disk;
	uint64_t first_lbn, end_lbn;    /* what it serves: [first, end) */
	struct geom *geom;
	struct mech mech;
	struct cmdq queue;
	struct ahead ahead;
	uint64_t ahead_counted;         /* of ahead.sectors_read, in the device's statistics */
	struct disk_write_job write;    /* the present or last one */
	struct disk_read_job read;      /* the same */
	struct disk_slot slot[DISK_SLOTS];
	uint32_t serving;               /* slots taken */
	time_ps arm_free_ps;            /* the end of the medium access just planned */
	struct blk_req *pending;        /* chosen, and waits until dirty data are on the medium; or NULL */
	struct disk_slot *flush;        /* that serves a flush; or NULL */
	bool draining;                  /* above low water since high water */
	uint64_t destaged_to;           /* LBN where the last destage ended */
	time_ps idle_since_ps;          /* no command in service since */
	struct event media_event;       /* the end of a write that nobody waits for */
	struct event timer_event;       /* dirty data will have waited long enough */
	struct event clean_event;       /* the drive will have been idle long enough */
	bool faulty;                    /* sectors may go bad, or reads meet soft errors */
	bool read_failed;               /* the read being served met a sector that is lost */
	struct defects defects;
	struct rng *soft_errors;        /* NULL: none */
	uint64_t soft_error_count;
	uint64_t lost_writes;           /* sectors acknowledged that could not be stored */
	struct smr_step *step;          /* DISK_STEPS of them, for `write`, on a drive-managed disk */
	const struct disk_slot *served; /* whose course was worked out last */
	struct disk_shown *shown;       /* on the timeline (shown.c); NULL: it is not */
};

/* The reads of late: whether they follow each other. */
struct disk_stream {
	uint64_t next_lbn;   /* one past the last read */
	uint32_t run;        /* reads in a row that began where the one before ended */
	bool live;           /* no write and no long pause since the medium was read */
	time_ps last_ps;     /* end of the last read */
};

#define DISK_UNITS 2
#define DISK_STEPS 1024

struct disk {
	struct blk_dev dev; /* first: the contract wants it */
	const struct disk_spec *spec; /* borrowed, in the arena */
	struct disk_unit unit[DISK_UNITS];
	uint32_t units;
	uint32_t slots;                 /* commands in service at once, for each unit */
	struct buffer buffer;
	struct wcache wcache;
	const struct disk_destage *destage;
	bool shares_bus;                /* several commands at once */
	struct bus bus;
	/* of two arms, see split.c */
	struct pool splits;             /* struct disk_split */
	struct blk_list held;           /* commands that tags keep back */
	uint32_t routed;                /* commands that are not */
	const struct blk_req *ordered;  /* the one of them that others wait for; or NULL */
	bool again;                     /* an arm did something that the other may go by */
	struct power power;
	struct smr *smr;                /* NULL: not shingled */
	bool drive_managed;             /* shingled, and the host need not know */
	struct event ready_event;       /* spin-up is over */
	bool deciding;                  /* done() runs; submissions only queue up */
	bool off;                       /* power is cut */
	bool last_was_write;
	struct disk_stream stream;
	uint64_t write_end_lbn;         /* where the last accepted write ended */
	time_ps ready_ps;               /* no command before this: spin-up */
	time_ps busy_end_ps;
};

static inline void disk_account_run(struct disk_access *x, const struct mech_run *run, time_ps begin, time_ps end)
{
	if (x->media_ps < 0) {
		x->media_ps = begin;
		x->distance = run->distance;
		x->cylinder = run->track.cylinder;
	}
	x->seek_ps += run->position_ps;
	x->rotation_ps += begin - run->settled_ps;
	x->transfer_ps += end - begin;
	x->end_ps = end;
}

/* Tell power of the arm's seeks and transfers in an access that ends at `until`. */
static inline void disk_draw(struct disk_unit *u, enum power_work transfer, time_ps seek_ps, time_ps transfer_ps,
	time_ps until)
{
	struct power *p = &u->disk->power;
	if (p->known) {
		power_work(p, POWER_SEEK, seek_ps, until);
		power_work(p, transfer, transfer_ps, until);
	}
}

static inline void disk_account_access(struct disk_unit *u, struct blk_req *r, const struct disk_access *x)
{
	u->arm_free_ps = x->end_ps;
	r->media_ps = x->media_ps;
	if (x->media_ps >= 0) {
		r->place = x->cylinder;
		r->seek_distance = x->distance;
	}
	r->seek_ps = x->seek_ps;
	r->rotation_ps = x->rotation_ps;
	r->transfer_ps = x->transfer_ps;
	if (u->disk->power.known)
		r->energy_pj = power_command_pj(&u->disk->power, r->seek_ps, r->rotation_ps, r->transfer_ps, r->op != BLK_READ);
}

/* ---- shown.c: the timeline; to be called only where u->shown is not NULL --------------------------- */

int disk_show(struct blk_dev *dev, struct timeline *t, uint32_t group);
/* Notes what the arms do between two times, for the table gantt: arm, head, begin_us, end_us, what. */
int disk_watch(struct blk_dev *dev, time_ps from, time_ps to, struct err *e);
bool disk_is_watched(const struct disk *d);
void disk_write_gantt(const struct disk *d, FILE *out);
/* The arm goes to a run and transfers it from begin to end. job: for u->write, else for the command that is served. */
__attribute__((cold)) void disk_shown_run(struct disk_unit *u, const struct mech_run *run, bool write, bool job, time_ps begin,
	time_ps end);
/* If the arm reads ahead, then since `from`; when it will be over, of a read-ahead that is active; it is over by `end`, or before,
 * at `goal`. */
__attribute__((cold)) void disk_shown_ahead(struct disk_unit *u, time_ps from);
__attribute__((cold)) time_ps disk_shown_goal(const struct disk_unit *u);
__attribute__((cold)) void disk_shown_ahead_over(struct disk_unit *u, time_ps goal, time_ps end);
/* A command is done. */
__attribute__((cold)) void disk_shown_command(const struct disk_slot *slot, const struct blk_req *r);

/* ---- service.c, read.c, write.c: the course of a command --------------------------------------- */

/*
 * Work out the course of a command that starts now: fills the request's times and split,
 * changes arm, buffer and medium state, and returns when it completes. The arm is free,
 * or the command does not need it (disk_needs_medium).
 */
time_ps disk_serve(struct disk_slot *slot, struct blk_req *r);
/* Whether the command needs the arm now, or could do with the buffer alone. */
bool disk_needs_medium(const struct disk_unit *u, const struct blk_req *r);
/* Whether it must wait until dirty data are on the medium. */
bool disk_must_wait(const struct disk_unit *u, const struct blk_req *r);
/* Bring background reading up to `now`, or stop it: then when the arm is free. Counts what came. */
void disk_advance_ahead(struct disk_unit *u, time_ps now);
time_ps disk_stop_ahead(struct disk_unit *u, time_ps now);
/* The same where nobody wants the arm: at once, whatever was to be read at least. */
void disk_end_ahead(struct disk_unit *u, time_ps now);
/* Time of a command's own before the arm moves for it, or its data come from or to the buffer. */
static inline time_ps disk_overhead(const struct disk_unit *u, bool write, bool hit)
{
	const struct disk_overhead_spec *o = &u->disk->spec->overhead;
	bool after_write = u->disk->last_was_write;
	if (write)
		return hit ? (after_write ? o->write_hit_after_write : o->write_hit_after_read)
			   : (after_write ? o->write_miss_after_write : o->write_miss_after_read);
	return hit ? (after_write ? o->read_hit_after_write : o->read_hit_after_read)
		   : (after_write ? o->read_miss_after_write : o->read_miss_after_read);
}
/* Whether the arm is on the track of an LBN. */
bool disk_arm_on_track_of(const struct disk_unit *u, uint64_t lbn);
/* Whether writes are acknowledged from the buffer; this one. */
static inline bool disk_writes_back(const struct disk_unit *u)
{
	return u->disk->spec->cache.enabled && u->disk->spec->cache.write_back;
}
bool disk_reports_early(const struct disk_unit *u, const struct blk_req *r);
time_ps disk_serve_read(struct disk_unit *u, struct blk_req *r, time_ps now);
/* A read of these sectors begins, or has just been served until `done`: does it go on where the last one ended? */
void disk_note_read(struct disk *d, uint64_t lba, uint32_t sectors, time_ps now);
/* Sectors that have come by of u->read by `now`. */
uint32_t disk_read_progress(const struct disk_unit *u, time_ps now);
time_ps disk_serve_write(struct disk_slot *slot, struct blk_req *r, time_ps now);
/* How far from lbn on, up to end, the write cache has the data, dirty or on their way to the medium. */
uint64_t disk_dirty_reach(const struct disk_unit *u, uint64_t lbn, uint64_t end);
/* What a write leaves on its sectors. */
static inline uint64_t disk_tag_of(const struct blk_req *r)
{
	return r->op == BLK_WRITE ? r->tag : TAG_ZERO;
}

/* ---- split.c: two arms ---------------------------------------------------------------------------- */

void disk_split_init(struct disk *d);
/* Queue a command with the arm that serves it, or its parts with both. 0; -1: the run has failed. */
int disk_route(struct disk *d, struct blk_req *r);
bool disk_is_part(const struct blk_req *r);
/* The command, or the part of one, is done; or lost with the power. */
void disk_complete_part(struct disk *d, struct blk_req *r, uint32_t status);
void disk_lose(struct disk *d, struct blk_req *r);
/* After all that the arms had has been lost: the rest. */
void disk_lose_held(struct disk *d);

/* ---- unit.c: what an arm does next ------------------------------------------------------------------ */

/* Whether somebody is the arm's master at `now`; background reading does not count. */
static inline bool disk_medium_held(const struct disk_unit *u, time_ps now)
{
	return (u->write.active && u->write.end_ps > now) || u->slot[0].uses_arm || u->slot[1].uses_arm;
}
/* Start commands and destages as far as the arm and the slots allow now. */
void disk_decide(struct disk_unit *u);
static inline void disk_decide_all(struct disk *d)
{
	if (d->deciding)
		return;
	do {
		d->again = false;
		/* with all slots taken only dirty data could start, and the end of a write has its own event */
		for (uint32_t i = 0; i < d->units; i++)
			if (d->unit[i].serving < d->slots || d->wcache.count > 0)
				disk_decide(&d->unit[i]);
	} while (d->again);
}
void disk_unit_init(struct disk *d, struct disk_unit *u);
/* The device works until `end`, for its statistics. */
void disk_busy_until(struct disk *d, time_ps end);
/* Whether the arm can move now; else it is being woken, and the drive is ready later. */
bool disk_awake(struct disk *d);

/* ---- media.c: the course of a write to the medium ------------------------------------------------------- */

/*
 * The arm writes u->write, whose range, times and data are filled in: sets its end, moves the arm there
 * and adds the split to *x. The one way for commands, destages and whatever else writes.
 */
void disk_write_medium(struct disk_unit *u, struct disk_access *x);
/* How far the job has come by `now`. */
void disk_write_progress(const struct disk_unit *u, time_ps now, struct disk_progress *p);
/* Tell the tag oracle: the medium writes [lo, hi) of the job, and, if landed, has done so. */
void disk_note_written(const struct disk_unit *u, uint64_t lo, uint64_t hi, bool landed);
/* Whether a write or destage has come to its end by now; tells the oracle, gives its space back. */
bool disk_land_write(struct disk_unit *u);

/* ---- fault.c ----------------------------------------------------------------------------------------------- */

/* Once all arms are open: what goes bad on each. 0, or -1 with a sentence. */
int disk_fault_open(struct disk *d, struct err *e);
/*
 * A command reads *n sectors of the medium from lbn on, background reading being stopped. Moves what is
 * bad to spares where it can; returns the whole turns this takes, in ps. Where a sector is lost, sets
 * read_failed, and *n so that it is the last. Only for a faulty unit.
 */
time_ps disk_read_faults(struct disk_unit *u, uint64_t lbn, uint32_t *n);
/* Once for each read command that goes to the medium: the turns that a soft error takes, in ps. */
time_ps disk_soft_error(struct disk_unit *u);
/* u->write begins, its range and steps filled in: moves what is bad, and sets what is lost. */
void disk_write_faults(struct disk_unit *u);
/* The first sector of [lbn, end) that is bad by now; `end` without one. */
uint64_t disk_bad_from(const struct disk_unit *u, uint64_t lbn, uint64_t end);
/* For state.c: nothing for a unit that is not faulty. */
int disk_fault_save(const struct disk_unit *u, FILE *out, struct err *e);
int disk_fault_load(struct disk_unit *u, FILE *in, struct err *e);

/* ---- shingle.c --------------------------------------------------------------------------------------------- */

int disk_shingle_open(struct disk *d, struct err *e);
/* Most sectors in one write. */
uint64_t disk_write_limit(const struct disk *d);
/* A command starts: the status it will have. On BLK_OK, zones have taken note of it. */
enum blk_status disk_shingle_start(struct disk_unit *u, const struct blk_req *r);
/* On a host-managed drive, whether data before the write's in its zone are dirty. */
bool disk_zone_is_dirty(const struct disk_unit *u, const struct blk_req *r);
/* Fill in the steps of u->write, whose range stands; on a plain disk that is one step. */
void disk_plan_write(struct disk_unit *u);
/* So many sectors of the job's steps have been written and read. */
void disk_shingle_landed(struct disk_unit *u, const struct disk_write_job *w, uint32_t sectors);
/* Whether a write must wait for cleaning; begin the next piece of it; or do so once idle. */
bool disk_must_clean(const struct disk_unit *u, uint64_t lba, uint32_t sectors);
bool disk_start_clean(struct disk_unit *u);
void disk_clean_later(struct disk_unit *u);
/* Whether a read's sectors lie one after another on the medium, and where the first is. */
bool disk_in_one_piece(const struct disk_unit *u, const struct blk_req *r, uint64_t *lbn);
/* disk_serve_read() for sectors that are not where their addresses say. */
time_ps disk_serve_moved_read(struct disk_unit *u, struct blk_req *r, time_ps now);

/* ---- cut.c ------------------------------------------------------------------------------------------------ */

void disk_status(const struct blk_dev *dev, struct blk_dev_status *out);
void disk_power_cut(struct blk_dev *dev);
time_ps disk_power_restore(struct blk_dev *dev);

int disk_save(const struct blk_dev *dev, FILE *out, struct err *e);
int disk_load(struct blk_dev *dev, FILE *in, struct err *e);
void disk_forget(struct blk_dev *dev);
void disk_report(const struct blk_dev *dev,
	void (*put)(void *ctx, const char *name, double value, const char *unit), void *ctx);
const char *disk_table(const struct blk_dev *dev, unsigned index, FILE *out);

#endif
