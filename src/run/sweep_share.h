/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What points share while a sweep runs: traces in memory and states of preconditioned devices in files, each made once by the
 * thread that comes to it first and given back behind the last point that wants it. Only what two or more points want is shared.
 *
 * The caller holds one lock around sweep_share_claim() and sweep_share_done(); sweep_share_make() is called without.
 * What cannot be made is not shared, and the points do it by themselves (and say what is wrong).
 *
 * Owner: sweep_share_free().
 */
#ifndef QUERN_RUN_SWEEP_SHARE_H
#define QUERN_RUN_SWEEP_SHARE_H

#include <stdbool.h>
#include <stddef.h>

#include "run/plan.h"
#include "run/sweep_point.h"
#include "sim/err.h"

struct sweep_share;

/* index: the points that will run, from 0, count of them. dir, shard: where the states go. NULL with *e set. */
struct sweep_share *sweep_share_new(const struct sweep_points *points, const size_t *index, size_t count, const char *dir,
	const struct sweep_shard *shard, struct err *e);
void sweep_share_free(struct sweep_share *s); /* NULL is legal */

/* Whether point `index` may begin: false while another thread makes what it wants. What nobody has begun to make is this one's
 * now. */
bool sweep_share_claim(struct sweep_share *s, size_t index);
/* Make what the point has claimed, and give its plan the trace; *state: the file to load, NULL: none. The caller then takes the
 * lock and calls sweep_share_made(), when others may claim. */
void sweep_share_make(struct sweep_share *s, size_t index, struct plan *p, const char **state);
void sweep_share_made(struct sweep_share *s, size_t index);
/* The point has ended. */
void sweep_share_done(struct sweep_share *s, size_t index);

/* How many were made and how many points took one over, of the states and of the traces. */
struct sweep_shared {
	size_t states, states_used, traces, traces_used;
};
struct sweep_shared sweep_share_counts(const struct sweep_share *s);

#endif
