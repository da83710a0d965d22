/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * libquern: simulated storage devices inside another program.
 *
 * A `struct quern` is one simulation: a clock and the devices of a configuration. The host
 * program submits block requests, lets simulated time pass with quern_advance(), and is
 * called back for each request at the simulated time at which the device completes it.
 *
 *     static void done(void *context, const struct quern_completion *c)
 *     {
 *         printf("%" PRId64 " ps\n", c->done_ps - c->arrive_ps);
 *     }
 *
 *     struct quern_error error;
 *     struct quern_config config = {.device = "quantum-atlas-10k", .done = done};
 *     struct quern *q = quern_new(&config, &error);
 *     if (!q)
 *         die(error.message);
 *     quern_submit(q, 0, QUERN_READ, 123456, 8, 0, NULL);
 *     quern_run(q);
 *     quern_free(q);
 *
 * A simulator with a clock of its own asks quern_next_time() when the next thing happens
 * here, and calls quern_advance() with that time when its own clock gets there.
 *
 * UNITS. Times are simulated picoseconds, int64_t, 0 when the simulation is made; a request
 * may arrive up to QUERN_END_PS, day 100. Addresses and lengths are 512-byte sectors, whatever the
 * device's own block size. Devices are numbered from 0, in the configuration's order.
 *
 * OWNERSHIP. quern_new() copies what it is given; strings that a call returns belong to the
 * simulation and live as long as it does. `user` pointers are carried, never followed.
 *
 * THREADS. There are no globals: a process may have many simulations, which know nothing of
 * each other. One simulation is for one thread at a time. The same configuration, seed and
 * calls give the same completions in the same order, whatever the machine.
 *
 * CALLBACKS. The completion callback runs inside quern_advance(), quern_run() or
 * quern_step(), never inside quern_submit(). It may submit and ask; it must not free, and
 * cannot advance, run, step or switch the power (these then return -1).
 *
 * ERRORS. Calls that can fail return -1 (quern_new(): NULL) and leave a full sentence:
 * quern_new() in its argument, the others in the simulation, for quern_error(). The library
 * prints nothing, and ends the process only for a broken invariant of its own. A request
 * that a *device* refuses is no failed call: it completes with a status.
 */
#ifndef QUERN_H
#define QUERN_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define QUERN_API __attribute__((visibility("default")))
#else
#define QUERN_API
#endif

struct quern;

/* The last time at which a request may arrive and to which one may advance: 100 days. The
 * clock itself goes to 2^63 - 1 ps, so that what is in flight has 6 days more. */
#define QUERN_END_PS INT64_C(8640000000000000000)

/* ---- errors ---------------------------------------------------------------------------- */

/* The same numbers as the exit codes of the program quern. */
enum quern_error_code {
	QUERN_ERROR_NONE = 0,
	QUERN_ERROR_CALL = 2,   /* a call that does not fit: no such device, a time in the past */
	QUERN_ERROR_CONFIG = 3, /* the configuration or a device file */
	QUERN_ERROR_IO = 5,     /* a file could not be read */
	QUERN_ERROR_LIMIT = 6,  /* memory or simulated time exhausted: the simulation is over */
};

struct quern_error {
	int code;           /* enum quern_error_code */
	char message[1024]; /* a sentence, with file, line and column where there are some */
};

/* ---- a simulation ---------------------------------------------------------------------- */

/* A request that came back; see quern_submit(). Valid during the callback only. */
struct quern_completion {
	struct quern *quern;
	void *user;          /* as submitted */
	unsigned device;
	unsigned op;         /* enum quern_op */
	unsigned flags;      /* as submitted */
	unsigned status;     /* enum quern_status */
	uint64_t lba;
	uint32_t sectors;
	unsigned hit;        /* enum quern_hit */
	uint32_t unwritten;  /* sectors read that nobody ever wrote: they read as zeros */
	int64_t arrive_ps;   /* when it was to arrive; latency is done_ps - arrive_ps */
	int64_t submit_ps;   /* when the device got it */
	int64_t start_ps;    /* when the device began to work on it; -1: it did not */
	int64_t media_ps;    /* when the medium was reached; -1: it was not */
	int64_t done_ps;     /* now */
	/* where the service time went; parts may overlap, so they need not add up */
	int64_t overhead_ps, seek_ps, rotation_ps, transfer_ps, bus_ps;
};

typedef void quern_done_fn(void *context, const struct quern_completion *c);

/* Zero it first, then set what is wanted. At least one of text, file and device. */
struct quern_config {
	const char *file;   /* a YAML configuration, as `quern run` reads it */
	const char *text;   /* the same as text, merged over the file; includes are found from the
	                     * current folder */
	const char *device; /* a device of the catalogue ("quantum-atlas-10k"), or its file */
	const char *const *set;         /* "path=value" each, NULL-terminated, last and strongest */
	const char *const *include_dir; /* where included files are looked for, NULL-terminated */
	int seed_given;     /* non-zero: `seed` counts, else the configuration's */
	uint64_t seed;      /* at most 2^63 - 1 */
	quern_done_fn *done; /* called for each completion, or NULL */
	void *context;       /* its first argument */
};

/*
 * Read a configuration and make its devices; the clock stands at 0. The sections `workload`
 * and `replay.trace` of the configuration are checked but not run: requests come from the
 * caller. `replay.queue_depth` is kept: a host queue in front of each device lets that many
 * through at once (0, the default: all).
 *
 * NULL with *error filled in. `error` may be NULL. On success error->code is 0.
 */
QUERN_API struct quern *quern_new(const struct quern_config *config, struct quern_error *error);

/* Free everything. Requests not yet complete are dropped without a call. NULL is legal. */
QUERN_API void quern_free(struct quern *q);

/* The sentence of the last call on `q` that failed, "" when none did. */
QUERN_API const char *quern_error(const struct quern *q);
/* Its code. */
QUERN_API int quern_error_code(const struct quern *q);

/* "0.1.0" */
QUERN_API const char *quern_version(void);

/* ---- devices --------------------------------------------------------------------------- */

struct quern_identity {
	const char *name;        /* in the configuration: "disk0" */
	const char *kind;        /* "disk" */
	const char *model;       /* "Quantum Atlas 10K" */
	uint64_t sectors;        /* capacity */
	uint32_t physical_bytes; /* unit written without read-modify-write */
	uint32_t queue_depth;    /* commands the device looks at at once */
	int volatile_cache;      /* acknowledged writes may be lost at a power cut */
	uint32_t zone_sectors;   /* 0: not zoned */
};

QUERN_API unsigned quern_device_count(const struct quern *q);
/* 0, or -1: no such device. */
QUERN_API int quern_identify(struct quern *q, unsigned device, struct quern_identity *out);

/* ---- requests -------------------------------------------------------------------------- */

enum quern_op {
	QUERN_READ,
	QUERN_WRITE,
	QUERN_FLUSH,        /* acknowledged writes become durable; lba and sectors unused */
	QUERN_TRIM,         /* the content is no longer needed; reads as zeros */
	QUERN_WRITE_ZEROES,
	QUERN_ZONE_OPEN,    /* zone operations name a zone by its first sector */
	QUERN_ZONE_CLOSE,
	QUERN_ZONE_FINISH,
	QUERN_ZONE_RESET,
	QUERN_ZONE_APPEND,  /* the completion's lba says where it went */
};

enum quern_flag {
	QUERN_FUA = 1,     /* durable before it completes */
	QUERN_BARRIER = 2, /* after all earlier, before all later requests of the device */
	QUERN_SYNC = 4,    /* somebody waits: a hint for schedulers */
	QUERN_ORDERED = 8, /* SCSI ordered tag: after all earlier, before all later in a drive's queue */
	QUERN_HEAD_OF_QUEUE = 16, /* SCSI head-of-queue tag: the drive serves it next */
};
/* A request's priority, or-ed to its flags: 0, the highest, is what it has without; 255 is the lowest. */
#define QUERN_PRIORITY(n) ((unsigned)(n) << 8)

enum quern_status {
	QUERN_OK,
	QUERN_OUT_OF_RANGE, /* past the end, or no sectors where some are needed */
	QUERN_UNSUPPORTED,  /* the device has no such operation */
	QUERN_MEDIA_ERROR,
	QUERN_POWER_LOST,   /* in flight when the power went; a write may be old, new or torn */
	QUERN_NOT_READY,    /* submitted while the power was off */
	/* zoned devices; what ZBC calls them */
	QUERN_UNALIGNED_WRITE,   /* unaligned write command: not at the write pointer */
	QUERN_WRITE_BOUNDARY,    /* write boundary violation: past the end of its zone */
	QUERN_READ_INVALID_DATA, /* attempt to read invalid data: at or past the write pointer */
	QUERN_READ_BOUNDARY,     /* read boundary violation: past the end of its zone */
	QUERN_ZONE_RESOURCES,    /* insufficient zone resources: too many open zones */
	QUERN_INVALID_FIELD,     /* invalid field in CDB: not the start of a zone, a conventional or full zone */
	QUERN_WRITE_FAULT,       /* NVMe write fault: the drive is read-only at its end of life */
	QUERN_INVALID_NAMESPACE, /* NVMe: invalid namespace or format */
};

enum quern_hit {
	QUERN_MISS,        /* the medium was needed for all of it */
	QUERN_HIT,         /* served from the device's buffer, or taken by it */
	QUERN_HIT_PARTIAL, /* some of it was */
	QUERN_HIT_NONE,    /* does not apply */
};

/*
 * Submit a request now: `flags` are enum quern_flag or-ed, `user` comes back in the
 * completion. 0, or -1: no such device or operation, unknown flags, no memory, or the
 * simulation has failed. Whatever the device thinks of the request comes as a completion.
 */
QUERN_API int quern_submit(struct quern *q, unsigned device, enum quern_op op, uint64_t lba,
	uint32_t sectors, unsigned flags, void *user);

/* The same at `arrive_ps`, now or later; -1 also for a time in the past or past QUERN_END_PS.
 * Requests for one later time reach the device in the order of the calls. */
QUERN_API int quern_submit_at(struct quern *q, int64_t arrive_ps, unsigned device, enum quern_op op,
	uint64_t lba, uint32_t sectors, unsigned flags, void *user);

/* Requests submitted (those to come at a later time included) and not yet complete. */
QUERN_API uint64_t quern_outstanding(const struct quern *q);

/* ---- time ------------------------------------------------------------------------------ */

/* The current simulated time. */
QUERN_API int64_t quern_now(const struct quern *q);

/* When something happens next (not always a completion), or -1: nothing until a request is
 * submitted. Never earlier than quern_now(). */
QUERN_API int64_t quern_next_time(struct quern *q);

/*
 * Let time pass up to and including `until_ps`, with the completions that fall into it in
 * order; then the clock stands at `until_ps`. until_ps = quern_now() does what is due now.
 * 0, or -1: a time in the past or past QUERN_END_PS, called from the callback, or the
 * simulation failed (QUERN_ERROR_LIMIT): then the clock stands at the failure for good.
 */
QUERN_API int quern_advance(struct quern *q, int64_t until_ps);

/* Let time pass until nothing is left to happen; the clock stands at the last event. As
 * quern_advance(). */
QUERN_API int quern_run(struct quern *q);

/* Do only the next thing. 1, 0: nothing was left, or -1 as quern_advance(). */
QUERN_API int quern_step(struct quern *q);

/* ---- power ----------------------------------------------------------------------------- */

/*
 * Take a device's power now. What it holds completes with QUERN_POWER_LOST at this time (in
 * the next advance), content not yet durable is gone; requests get QUERN_NOT_READY until the
 * power is back. 0, or -1: no such device, or already off.
 */
QUERN_API int quern_power_cut(struct quern *q, unsigned device);

/* Give it back. *ready_ps (may be NULL): when the device serves its first command. 0, or -1:
 * no such device, or the power is on. */
QUERN_API int quern_power_restore(struct quern *q, unsigned device, int64_t *ready_ps);

/* ---- statistics ------------------------------------------------------------------------ */

/* What a device has done since time 0, and what it holds now. Times are sums over requests,
 * in seconds; busy_s is the time during which it worked. */
struct quern_stats {
	uint64_t submitted, completed;
	uint64_t read_hits, read_partial_hits, read_misses; /* completed reads, by what the buffer held */
	uint64_t write_hits, write_misses; /* acknowledged from the buffer, or from the medium */
	uint64_t read_sectors, written_sectors;             /* by the host */
	uint64_t media_read_sectors, media_written_sectors; /* background work included */
	uint64_t unwritten_sectors;                         /* read, never written */
	double busy_s, overhead_s, seek_s, rotation_s, transfer_s, bus_s;
	uint64_t dirty_sectors;                             /* acknowledged, not yet durable */
	uint32_t queued, in_service;
	int power_on;
	int busy;                                           /* now */
};

/* A snapshot. 0, or -1: no such device. */
QUERN_API int quern_stats(struct quern *q, unsigned device, struct quern_stats *out);

#ifdef __cplusplus
}
#endif

#endif
