/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A plan made real: the simulation, the devices with their host queues, the source of
 * requests and the replay that drives them.
 *
 * Owner: system_free() frees all; the plan is borrowed and must outlive the system.
 * Errors: ERR_CONFIG, ERR_TRACE, ERR_IO, ERR_LIMIT as the parts report them.
 */
#ifndef QUERN_RUN_SYSTEM_H
#define QUERN_RUN_SYSTEM_H

#include "run/hosts.h"
#include "run/plan.h"
#include "run/power_cut.h"
#include "sim/sim.h"

struct system {
	const struct plan *plan;         /* borrowed */
	struct sim *sim;                 /* owned */
	struct blk_dev **device;         /* those that were opened, each once */
	size_t devices;
	struct blk_dev **dev;            /* what is driven, as the plan lists it: these, or their namespaces */
	struct blk_queue **queue;        /* one in front of each device */
	struct blk_identity *identity;
	size_t count;
	struct trace_reader *reader;     /* owned; NULL for a generated workload */
	struct trace_source *source;
	struct replay *replay;           /* NULL: a scenario drives the devices */
	struct hosts *hosts;             /* closed with the system; NULL: a replay does */
	struct power_cut *cut;           /* owned; NULL: the power stays on */
	enum replay_mode mode;           /* as resolved */
	uint32_t depth;                  /* outstanding requests in REPLAY_DEPTH, else 0 */
};

/* Opens devices only: dev, identity and sim. NULL with *e set. */
struct system *system_open_devices(const struct plan *p, struct err *e);
/* The same, devices that would be blank written full (blk_past.full). */
struct system *system_open_full(const struct plan *p, struct err *e);

/* Of the sectors read of it the share that was never written, where such reads cost nothing of the medium and are so many that
 * latencies tell little of the drive (1 % or more); else 0. */
double system_blank_share(const struct blk_dev *dev);

/* Opens devices, source and replay; `observe` sees each completed request. */
struct system *system_open(const struct plan *p, replay_observe_fn *observe, void *ctx,
	struct err *e);
/* The same with devices that are loaded from a snapshot (run/state_file.h) instead of being preconditioned; state NULL: as
 * system_open(). */
struct system *system_open_saved(const struct plan *p, const char *state, replay_observe_fn *observe, void *ctx,
	struct err *e);
void system_free(struct system *s); /* NULL is legal */

/* ---- whatever drives it: a replay, or the hosts of a scenario ---------------------------------- */

/* Schedule the first requests at the current time. */
void system_start(struct system *s);
/* Take up no new work (Ctrl-C): what is under way completes. */
void system_stop(struct system *s);
/* How much is done, 0 to 1, after so many completed requests; below 0: not known. */
double system_progress(const struct system *s, uint64_t completed);
/* When the last of it was done. */
time_ps system_end(const struct system *s);
/* No event is left: everything came back and the numbers kept apart agree. 0, or -1 with them in *e (ERR_CHECK). */
int system_verify(const struct system *s, struct err *e);
/* "sequential", "trace.gz", "demand-paging" */
const char *system_drive_name(const struct system *s);

#endif
