/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The disk's own state, shared by disk.c (who is served, power), service.c, read.c and write.c
 * (the course of a command), state.c (save and load) and report.c. */
#ifndef QUERN_DISK_DISK_PRIVATE_H
#define QUERN_DISK_DISK_PRIVATE_H

#include "blk/dev.h"
#include "blk/tag.h"
#include "disk/ahead.h"
#include "disk/buffer.h"
#include "disk/cmdq.h"
#include "disk/geom.h"
#include "disk/mech.h"
#include "disk/sched.h"
#include "disk/spec.h"

/* A write on its way to the medium; enough to work out its progress at any instant. */
struct disk_write_job {
	bool active;
	bool acked;            /* acknowledged from the buffer, before its end */
	uint64_t lbn;
	uint32_t sectors;
	uint64_t tag;
	struct mech arm;       /* before it started */
	time_ps start_ps;      /* positioning begins */
	time_ps data_ps;       /* bus transfer begins */
	time_ps sector_bus_ps; /* one sector over the bus; 0: all data there at data_ps */
	time_ps end_ps;        /* last sector on the medium */
};

/* Time split of one medium access. */
struct disk_access {
	time_ps media_ps;    /* first sector under the head; -1 before */
	time_ps end_ps;
	time_ps seek_ps, rotation_ps, transfer_ps;
};

/*
 * One arm: the logical blocks it serves, its mechanics, and what it does now. A disk has one, or two
 * that share the spindle, the buffer and the command queue.
 */
struct disk_unit {
	struct disk *disk;
	uint64_t first_lbn, end_lbn;    /* what it serves: [first, end) */
	struct geom *geom;
	struct mech mech;
	struct ahead ahead;
	uint64_t ahead_counted;         /* of ahead.sectors_read, in the device's statistics */
	struct disk_write_job write;    /* the present or last one */
	struct blk_req *current;        /* command in service, or NULL */
	uint32_t current_status;
	struct event done_event;        /* of the current command */
	struct event media_event;       /* end of a write acknowledged early */
};

/* The reads of late: whether they follow each other. */
struct disk_stream {
	uint64_t next_lbn;   /* one past the last read */
	uint32_t run;        /* reads in a row that began where the one before ended */
	bool live;           /* no write and no long pause since the medium was read */
	time_ps last_ps;     /* end of the last read */
};

#define DISK_UNITS 2

struct disk {
	struct blk_dev dev; /* first: the contract wants it */
	const struct disk_spec *spec; /* borrowed, in the arena */
	struct disk_unit unit[DISK_UNITS];
	uint32_t units;
	struct buffer buffer;
	struct cmdq queue;
	struct event ready_event;       /* spin-up is over */
	bool deciding;                  /* done() runs; submissions only queue up */
	bool off;                       /* power is cut */
	bool last_was_write;
	struct disk_stream stream;
	time_ps ready_ps;               /* no command before this: spin-up */
	time_ps busy_end_ps;
};

static inline void disk_account_run(struct disk_access *x, const struct mech_run *run, time_ps begin, time_ps end)
{
	if (x->media_ps < 0)
		x->media_ps = begin;
	x->seek_ps += run->position_ps;
	x->rotation_ps += begin - run->settled_ps;
	x->transfer_ps += end - begin;
	x->end_ps = end;
}

static inline void disk_account_access(struct blk_req *r, const struct disk_access *x)
{
	r->media_ps = x->media_ps;
	r->seek_ps = x->seek_ps;
	r->rotation_ps = x->rotation_ps;
	r->transfer_ps = x->transfer_ps;
}

/*
 * Work out the course of a command that starts now: fills the request's times and split,
 * changes arm, buffer and medium state, and returns when it completes. The medium is free,
 * or the command does not need it (disk_needs_medium).
 */
time_ps disk_serve(struct disk_unit *u, struct blk_req *r);
bool disk_needs_medium(const struct disk_unit *u, const struct blk_req *r);
/* Bring background reading up to `now`, or stop it: then when the arm is free. Counts what came. */
void disk_advance_ahead(struct disk_unit *u, time_ps now);
time_ps disk_stop_ahead(struct disk_unit *u, time_ps now);
/* Time of a command's own before the arm moves for it, or its data come from or to the buffer. */
time_ps disk_overhead(const struct disk_unit *u, bool write, bool hit);
/* Whether the arm is on the track of an LBN. */
bool disk_arm_on_track_of(const struct disk_unit *u, uint64_t lbn);
/* Whether writes are acknowledged from the buffer. */
static inline bool disk_writes_back(const struct disk_unit *u)
{
	return u->disk->spec->cache.enabled && u->disk->spec->cache.write_back;
}
/* The courses of reads and writes: read.c, write.c. */
time_ps disk_serve_read(struct disk_unit *u, struct blk_req *r, time_ps now);
time_ps disk_serve_write(struct disk_unit *u, struct blk_req *r, time_ps now);
/* What a write leaves on its sectors. */
static inline uint64_t disk_tag_of(const struct blk_req *r)
{
	return r->op == BLK_WRITE ? r->tag : TAG_ZERO;
}
/* Whether a write acknowledged early holds the medium at `now`. */
static inline bool disk_medium_held(const struct disk_unit *u, time_ps now)
{
	return u->write.active && u->write.end_ps > now;
}
/* Sectors of the write job that are on the medium by `now`; *in_flight: the next one is
 * being written. */
uint32_t disk_write_progress(const struct disk_unit *u, time_ps now, bool *in_flight);

int disk_save(const struct blk_dev *dev, FILE *out, struct err *e);
int disk_load(struct blk_dev *dev, FILE *in, struct err *e);
void disk_report(const struct blk_dev *dev,
	void (*put)(void *ctx, const char *name, double value, const char *unit), void *ctx);
const char *disk_table(const struct blk_dev *dev, unsigned index, FILE *out);

#endif
