/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whether a figure that was watched over a run has become steady, by two rules:
 *
 * MSER-5 (sim/stats.h) over windows: where the part that would bias the mean ends.
 *
 * SNIA's five rounds: Solid State Storage Performance Test Specification 2.0.1, definition "Steady State": over a measurement
 * window of five rounds the greatest y less the least is no more than 20 % of their mean, and so is the greatest less the least
 * of the best straight line through them within 10 % of it. Rounds there are minutes of a test of its own; here they are
 * the run cut into STEADY_ROUNDS parts, or its windows where there are fewer. The first five consecutive rounds
 * that hold count; where none do, the last five are told.
 */
#ifndef QUERN_RUN_STEADY_H
#define QUERN_RUN_STEADY_H

#include <stdbool.h>
#include <stddef.h>

#define STEADY_ROUNDS 25 /* as many as the specification has at most */
#define STEADY_WINDOW 5

struct steady_snia {
	bool applies;      /* there are five rounds, and all of them have a value */
	bool reached;
	size_t round;      /* the last of the five, from 1; reached: the first such */
	double mean;       /* of the five */
	double range;      /* greatest less least, as a share of the mean; limit 0.2 */
	double excursion;  /* the same of the straight line; limit 0.1 */
};

/* y: rounds in order, above 0. n below 5: does not apply. */
struct steady_snia steady_snia(const double *y, size_t n);

#endif
