/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Run the points of a sweep (or of a shard of it) on threads of this process. Points are independent simulations; they share what
 * is only read: the sweep, parsed traces (trace/image.h), saved states of preconditioned devices.
 *
 * Each finished point is on the disk (run/sweep_dir.h) before it counts. A point that fails is recorded with its sentence and
 * the others go on. When asked to stop, what is running ends and nothing new begins. Nothing but points/, states/ and
 * machine.json is written here: sweep.db and sweep.csv are run/sweep_collect.h.
 *
 * Errors: ERR_IO where a result cannot be written (which ends the sweep), ERR_LIMIT; ERR_INTERRUPTED when stopped; with points
 * that failed, the code of the first of them (by number) and a sentence with how many there are.
 */
#ifndef QUERN_RUN_SWEEP_RUN_H
#define QUERN_RUN_SWEEP_RUN_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>

#include "run/sweep_point.h"
#include "run/sweep_results.h"

/* Counts of points of this shard; those of one id count once. */
struct sweep_progress {
	size_t points;     /* to do in all */
	size_t done;       /* finished, before and now */
	size_t failed;     /* of them */
	size_t skipped;    /* of them, that stood there already */
	double wall_s;     /* since the start */
	double left_s;     /* as the rate of late has it; below 0: not known */
	double simulation_s; /* processor time of points' simulations that have ended now, added up; devices that were preconditioned for
	                      * several points, and all around the simulations, are not in it */
};

struct sweep_run_options {
	const char *output;         /* the sweep's folder; it is made */
	unsigned jobs;              /* threads; 0: one for each processor that we may use */
	struct sweep_shard shard;   /* {0, 0} is {1, 1} */
	bool resume;                /* finished points that are there stand; those that failed run again */
	bool force;                 /* begin anew: what is there of a sweep is removed. Neither: a folder with points is refused */
	struct sweep_results *results; /* where what is run is kept, by the first point of its id, for sweep_collect(); or NULL */
	bool no_sharing;            /* every point reads its trace and preconditions its devices by itself; results are the same */
	const volatile sig_atomic_t *stop; /* or NULL */
	void (*progress)(void *ctx, const struct sweep_progress *p); /* from one thread at a time, about 5 times a second; or NULL */
	void *ctx;
};

/* *out is filled in any case. 0, or -1 with *e set. */
int sweep_run(const struct sweep *s, const struct sweep_points *points, const struct sweep_run_options *o,
	struct sweep_progress *out, struct err *e);

#endif
