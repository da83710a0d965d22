/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The block-device contract. Disks, SSDs, phase-change memories and volumes are each a
 * `const struct blk_dev_ops`, listed once in run/device_list.h.
 *
 * A device embeds `struct blk_dev` first in its own state. Rules every device keeps, and
 * tests/blk/check_device_contract.c asserts for each entry of the table:
 *  - done() is called exactly once for each submitted request, from an event, with
 *    status and done_ps set, whatever happens (errors, power cuts, bad ranges);
 *  - the device accepts any number of submissions: its own command queue holds
 *    identify().queue_depth of them, the rest wait in arrival order (their waiting
 *    counts as time in the device);
 *  - a flush completes when every write completed before its submission is durable;
 *  - a FUA write is durable at done(); a barrier separates earlier from later requests
 *    (kept by blk_submit for all devices alike);
 *  - a read of never-written sectors succeeds, costs what the device would take, reads as
 *    zeros, and is counted in req->unwritten;
 *  - after save_state on an idle device and load_state into a fresh one of the same
 *    config, both behave identically.
 *
 * Owner: the sim arena. Errors: open() explains itself in `err`; afterwards a device
 * reports through request status alone.
 */
#ifndef QUERN_BLK_DEV_H
#define QUERN_BLK_DEV_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "blk/req.h"
#include "blk/written.h"
#include "sim/option.h"
#include "sim/sim.h"

struct blk_dev;
struct blk_shown;
struct blk_tags;
struct timeline;
struct blk_stream;

/* Opens a file of requests, such as a trace, for a device whose past it is; the device layers cannot read files. */
struct blk_streams {
	/* format NULL: detected. NULL with a sentence. */
	struct blk_stream *(*open)(const char *file, const char *format, struct err *e);
	/* The next request: op, lba, sectors; *line says where it stands. 1, 0 at the end, -1 with a sentence. */
	int (*next)(struct blk_stream *s, struct blk_req *out, uint64_t *line, struct err *e);
	void (*close)(struct blk_stream *s); /* NULL is legal */
};

/* What a device is told of the time before it is opened. */
struct blk_past {
	bool saved;                        /* a saved state will be loaded: no preconditioning */
	const struct blk_streams *streams; /* for preconditioning from files; NULL: there are none */
	bool full;                         /* a device that has a fill_option and no past is written full first */
};

struct blk_identity {
	const char *model;        /* borrowed: the config's `name` */
	const char *kind;         /* the ops' name: "disk" */
	uint64_t sectors;         /* capacity */
	uint32_t physical_bytes;  /* unit that is written without read-modify-write */
	uint32_t queue_depth;     /* commands the device looks at at once */
	bool volatile_cache;      /* acknowledged writes may be lost at a power cut */
	uint32_t zone_sectors;    /* 0: not zoned */
	bool trims;               /* serves BLK_TRIM; else each is BLK_UNSUPPORTED */
};

enum blk_power { BLK_POWER_ON, BLK_POWER_OFF };

struct blk_dev_status {
	enum blk_power power;
	uint32_t queued;      /* submitted, not yet started */
	uint32_t in_service;
	uint64_t dirty_sectors; /* acknowledged, not yet durable */
	bool busy;            /* some part works, background included */
};

/* Counters any device keeps; ps integrals for utilisation. */
struct blk_dev_stats {
	uint64_t submitted, completed;    /* kept apart: conservation is checked with them */
	uint64_t reads_by_hit[BLK_HIT_COUNT];  /* completed reads and writes, by how they were */
	uint64_t writes_by_hit[BLK_HIT_COUNT]; /* served: enum blk_hit */
	uint64_t unwritten_sectors;       /* read, never written */
	uint64_t host_read_sectors, host_write_sectors;
	uint64_t media_read_sectors, media_write_sectors; /* background work included */
	time_ps busy_ps;                  /* at least one command or background job in work */
	int128 overhead_ps, seek_ps, rotation_ps, transfer_ps, bus_ps;
	int128 energy_pj;                 /* of the requests */
};

/* What a device tells of itself in the course of a run. */
enum blk_sample_kind {
	BLK_SAMPLE_LEVEL, /* as it is now */
	BLK_SAMPLE_COUNT, /* has only grown: a window shows by how much */
	BLK_SAMPLE_RATIO, /* has only grown: a window shows its growth for each one that column `over` has grown by */
};
struct blk_sample_column {
	const char *name;
	uint8_t kind;     /* enum blk_sample_kind */
	uint8_t over;     /* RATIO: number of a COUNT column */
};
#define BLK_SAMPLE_MOST 16 /* columns */
#define BLK_BLAME_MOST 16  /* parts of a latency */

struct blk_dev_ops {
	const char *name;           /* "disk"; the config's `model:` */
	const char *doc;            /* one sentence */
	const struct opt_group *options; /* what its config section may say */
	size_t state_size;          /* bytes of the device's struct, blk_dev first */

	/*
	 * Make the device ready at time 0. `dev` is zeroed, its base filled in; `spec` is
	 * the bound option struct, in the sim arena. It may put other ops in dev->ops, of the
	 * same name and options, for a variant of the device. 0 or -1.
	 */
	int (*open)(struct blk_dev *dev, const void *spec, struct err *e);
	/*
	 * Namespaces (blk/space.h): the size in sectors of number nsid, from 1, as the bound options say; 0 past the last. They
	 * lie one after the other, and a request of one comes with its address in the device and nsid set. NULL: there are none.
	 */
	uint64_t (*space)(const void *spec, uint32_t nsid);
	/* Gives back what open() has taken outside the arena; NULL: nothing. */
	void (*close)(struct blk_dev *dev);
	void (*identify)(const struct blk_dev *dev, struct blk_identity *out);
	void (*status)(const struct blk_dev *dev, struct blk_dev_status *out);
	/* stats.busy_ps as of now, neither behind nor ahead of it. NULL: stats.busy_ps always is. */
	time_ps (*busy_ps)(const struct blk_dev *dev);
	void (*submit)(struct blk_dev *dev, struct blk_req *r);
	/*
	 * Power goes at this instant: every request in the device completes with
	 * BLK_POWER_LOST at the current time, volatile content is gone, the tag oracle (if
	 * on) is told. Submissions until power_restore get BLK_NOT_READY.
	 */
	void (*power_cut)(struct blk_dev *dev);
	/* Power is back; returns the time from now at which the first command is served. */
	time_ps (*power_restore)(struct blk_dev *dev);
	/*
	 * The whole state as bytes, host order, for snapshots within one build. An idle
	 * device only (status().busy false). save: writes to `out`, returns 0 or -1. load:
	 * into a freshly opened device of the same config; refuses anything else.
	 */
	int (*save_state)(const struct blk_dev *dev, FILE *out, struct err *e);
	int (*load_state)(struct blk_dev *dev, FILE *in, struct err *e);
	/* Keys and sections of the options ("sched", "flash.bus") that may differ between the device that was saved and the
	 * one that is loaded, NULL-terminated; NULL: none. */
	const char *const *free_options;
	/*
	 * Whether opening a device of these options takes long, since it is given a past. NULL: never. Such a past depends on the seed,
	 * where it has none of its own (NULL: never), and on all options but past_free, keys and sections as in free_options (NULL: on
	 * all).
	 */
	bool (*has_past)(const void *spec);
	bool (*past_has_seed)(const void *spec);
	/*
	 * Where a read of what was never written costs nothing of the medium: the option, a share, that has the device written before
	 * the run ("precondition.fill"). NULL, or NULL for these options: such a read costs what any does, or their past has written
	 * more than blk_dev.filled tells.
	 */
	const char *(*fill_option)(const void *spec);
	const char *const *past_free;
	/* Behind load_state: what the device reports counts from now on, but for what is its condition (wear). NULL: nothing
	 * but dev->stats counts. */
	void (*forget)(struct blk_dev *dev);
	/* Device-specific summary: calls `put` for each named value, in a stable order. */
	void (*report)(const struct blk_dev *dev,
		void (*put)(void *ctx, const char *name, double value, const char *unit), void *ctx);
	/* Named CSV tables for plots ("seek_curve", "zones"): writes table `index` and returns
	 * its name, or NULL past the last. `out` NULL: the name only. */
	const char *(*table)(const struct blk_dev *dev, unsigned index, FILE *out);
	/* A series over time: one value for each of sample_columns, which end with a NULL name. NULL: none. */
	const struct blk_sample_column *sample_columns;
	void (*sample)(const struct blk_dev *dev, double *out);
	/*
	 * Where the whole latency of a request went, from arrive_ps to done_ps: one time for each of blame_names, which end
	 * with NULL, none below 0; they add up to it exactly. Only within the request's done(). false: not known of this one.
	 * NULL: the device does not tell.
	 */
	const char *const *blame_names;
	bool (*blame)(const struct blk_dev *dev, const struct blk_req *r, time_ps *out);
	/* From now on note what its parts do between these times, for a table. 0, or -1 with a sentence. NULL: it cannot. */
	int (*watch)(struct blk_dev *dev, time_ps from, time_ps to, struct err *e);
	/* From now on give the timeline what its parts do, on tracks of its own in `group`. 0, or -1: no memory. NULL: it cannot. */
	int (*show)(struct blk_dev *dev, struct timeline *t, uint32_t group);
};

struct blk_dev {
	const struct blk_dev_ops *ops;
	struct sim *sim;
	const char *name;             /* in the config: "disk0" */
	const void *spec;             /* borrowed: the bound options */
	const struct blk_past *past;  /* while it is opened; or NULL */
	struct blk_tags *tags;        /* the content-tag oracle, or NULL: off */
	struct blk_dev_stats stats;
	struct blk_written written;   /* which sectors hold data */
	uint64_t filled;              /* sectors from 0 on that held data before the run (a trim of them is not remembered) */
	uint64_t sectors;             /* capacity, from identify() */
	uint64_t sequence;            /* next request's order of arrival */
	/* sees each request as it is submitted, before the device does; NULL: nobody looks. Set by whoever runs the device. */
	void (*watch)(void *ctx, const struct blk_req *r);
	void *watch_ctx;
	struct blk_shown *shown;      /* on the timeline (blk/shown.h); NULL: it is not */
	/* barriers are kept here, for every device alike */
	uint32_t inside;              /* handed to ops->submit, not yet complete */
	bool barrier_inside;          /* the one request inside is a barrier */
	bool closed;                  /* barrier_inside, or some are held: the next one has to wait */
	struct blk_list held;         /* behind a barrier, or a barrier itself, in order */
};

/*
 * Make a device: state from the sim arena, ops->open. `name` is copied. NULL with `e` set
 * on failure.
 */
struct blk_dev *blk_dev_open(struct sim *s, const struct blk_dev_ops *ops, const char *name,
	const void *spec, struct err *e);
/* The same of a device with a past; NULL: as blk_dev_open(). */
struct blk_dev *blk_dev_open_as(struct sim *s, const struct blk_dev_ops *ops, const char *name, const void *spec,
	const struct blk_past *past, struct err *e);

/* Give back what the device holds outside the arena. NULL is legal. */
void blk_dev_close(struct blk_dev *dev);

/*
 * Hand a request over: the one entry for all workloads. Counts it, resets its device part,
 * refuses bad ranges (completed by event with BLK_OUT_OF_RANGE), holds back what stands
 * behind a barrier, counts never-written sectors, then calls ops->submit.
 */
void blk_submit(struct blk_dev *dev, struct blk_req *r);

/* The whole device as bytes (base and ops' own), see save_state; and back. */
int blk_dev_save(const struct blk_dev *dev, FILE *out, struct err *e);
int blk_dev_load(struct blk_dev *dev, FILE *in, struct err *e);
/* The options that a saved state depends on, as lines "key: value". */
void blk_dev_shape(const struct blk_dev *dev, FILE *out);
/* Statistics begin anew; what the device is like stays. Straight behind blk_dev_load(). */
void blk_dev_forget(struct blk_dev *dev);

/* Power: what is held behind barriers goes with the rest; then the ops' own. */
void blk_dev_power_cut(struct blk_dev *dev);
time_ps blk_dev_power_restore(struct blk_dev *dev);

/*
 * Plain state as bytes, for save_state and load_state: 0 or -1 with a sentence in *e.
 */
int blk_save_bytes(FILE *out, const void *bytes, size_t count, struct err *e);
int blk_load_bytes(FILE *in, void *bytes, size_t count, struct err *e);

/*
 * Called by devices only, from an event: the request leaves the device now. Sets done_ps,
 * counts, keeps the map of written sectors, and calls done().
 */
void blk_complete(struct blk_dev *dev, struct blk_req *r, enum blk_status status);
/* The same at a later time through r->event; `at` may be now. */
void blk_complete_at(struct blk_dev *dev, struct blk_req *r, enum blk_status status, time_ps at);

#endif
