/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How often to take checkpoints where failures come at random: the closed forms, and a job that is simulated through injected
 * failures.
 *
 * A job works for `interval`, then stands still for `stop` while a checkpoint is taken, which is valid `valid` after it was frozen
 * (stop-and-copy: valid = stop; copy-on-write: stop is small and valid long). Failures come exponentially with mean `mtbf`, at
 * any time; each costs a restart, during which others may come, and what was done since the last valid checkpoint was
 * frozen.
 *
 * Young, "A first order approximation to the optimum checkpoint interval", CACM 17(9), 1974: sqrt(2 stop mtbf). Daly, "A higher
 * order estimate of the optimum checkpoint interval for restart dumps", FGCS 22(3), 2006: equations 20, 37. Lost work: the mean
 * of an exponential time modulo the period; for a long mtbf period / 2 + valid.
 *
 * All in seconds, doubles: statistics, not events.
 */
#ifndef QUERN_HOST_YOUNG_DALY_H
#define QUERN_HOST_YOUNG_DALY_H

#include <signal.h>
#include <stdint.h>
#include <stdio.h>

#include "sim/rng.h"

struct failure_study {
	double work;      /* the job's, without checkpoints and failures */
	double interval;  /* of work between two checkpoints; valid <= interval + stop */
	double stop, valid, restart;
	double mtbf;
};

struct failure_result {
	double wall;      /* until the job was done */
	double lost;      /* sum: from the freeze of the last valid checkpoint to the failure, restarts that failed left out */
	uint64_t failures;/* while it worked or took checkpoints */
	uint64_t checkpoints, restarts;
};

double young_interval(double stop, double mtbf);
/* Of work, between checkpoints; mtbf where stop >= 2 mtbf. */
double daly_interval(double stop, double mtbf);
/* Expected wall time of stop-and-copy (valid = stop). */
double daly_wall(const struct failure_study *s);
/* Expected wall time of any, where the work is long against mtbf: a life of mtbf and its restart are mtbf exp(restart / mtbf), and keep
 * an interval for each checkpoint that becomes valid before the failure. daly_wall() where valid = stop. */
double expected_wall(const struct failure_study *s);
/* Expected loss of a failure: from the freeze of the last valid checkpoint on. */
double expected_loss(const struct failure_study *s);

/* Run the job once, with failures drawn from r. */
struct failure_result failure_run(const struct failure_study *s, struct rng *r);
/* Jobs that are expected to take more than so many times their work are not run: with them the time of a study has no bound, as it grows
 * with exp(stop / mtbf). Below, a job of a hundred mtbf is some 2,000 draws. */
#define FAILURE_WALL_MOST 10
/* The CSV table of intervals from 1/8 of Daly's to 8 times it, or where Daly's cannot be from the shortest that can, valid - stop, which is then
 * the best, to 8 times that: means of so many jobs for each, beside the closed forms; those that are left out stand in lines that begin with `#`. r NULL: the line of column names alone. stop (or NULL), looked at before each job: non-zero ends
 * the table. */
void failure_table(const struct failure_study *s, int64_t jobs, struct rng *r, const volatile sig_atomic_t *stop, FILE *out);

#endif
