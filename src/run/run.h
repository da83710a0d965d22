/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One run from a plan to a run directory: open the system, drive it to the end, check the
 * invariants, condense, write.
 *
 * Owner: run_free() frees the run; the plan is borrowed. Errors: the code and sentence of
 * whatever failed; nothing is left behind that looks like a finished run. An interrupted
 * run is finished as such: what is in flight completes, the summary says "partial": true.
 */
#ifndef QUERN_RUN_RUN_H
#define QUERN_RUN_RUN_H

#include <signal.h>

#include "run/observe.h"
#include "run/plan.h"
#include "run/summary.h"
#include "run/system.h"

/* A glance at a running simulation. */
struct run_progress {
	uint64_t completed;   /* requests */
	double fraction;      /* 0..1, negative when unknown */
	time_ps now_ps;       /* simulated */
	double wall_s;        /* since the start */
};

struct run_options {
	const char *output;           /* run directory; NULL: numbered */
	bool no_output;               /* no run directory at all */
	bool force;
	const char *request_log;      /* file, "-" for stdout, or NULL */
	const char *export_trace;     /* where the requests go as a block trace (run/export.h), "-" for stdout, or NULL */
	const char *timeline;         /* where the timeline goes (run/timeline_file.h), "-" for stdout, or NULL */
	const char *load_state;       /* snapshot (run/state_file.h) that the devices begin with, or NULL */
	const char *save_state;       /* where their state goes at the end, or NULL; not with a power cut */
	const char *command;          /* the command line as typed, for the file `commands`; or NULL */
	const volatile sig_atomic_t *stop; /* becomes non-zero to interrupt; or NULL */
	void (*progress)(void *ctx, const struct run_progress *p); /* about 5 times a second; or NULL */
	void *ctx;
};

struct run {
	const struct plan *plan;
	struct system *system;   /* owned */
	struct observe observe;
	struct summary summary;
	char *directory;         /* owned; the run directory's name, NULL when none */
	char reason[96];         /* why the summary is partial */
	uint64_t export_left_out; /* requests that the exported trace has no line for */
	char timeline_note[512];  /* what the timeline holds, and what it leaves out; "" where there is none */
	uint64_t events;
	double wall_s;
};

/*
 * The whole run. NULL with *e set. With ERR_INTERRUPTED the run is returned *and* *e is
 * set; so it is with ERR_CHECK where a scenario's contract is broken (host/scenario.h), which is a result.
 * Where an invariant did not hold it is NULL with ERR_CHECK, and nothing was written.
 */
struct run *run_plan(const struct plan *p, const struct run_options *o, struct err *e);
void run_free(struct run *r); /* NULL is legal */

#endif
