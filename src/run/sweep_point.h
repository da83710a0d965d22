/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the points of a sweep are, before anything runs: checked, with their ids.
 *
 * A point's id is the XXH3 (128 bits, 32 hexadecimal digits) of the program's version and its effective config, value by value,
 * the seed among them, where each file that the config names stands as the XXH3 of its content. Points of one id are one run.
 *
 * Owner: sweep_points_free(). Errors: of the first point that is wrong, with its number.
 */
#ifndef QUERN_RUN_SWEEP_POINT_H
#define QUERN_RUN_SWEEP_POINT_H

#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "run/sweep.h"

#define SWEEP_ID_BYTES 33 /* with its end */

struct sweep_point {
	char id[SWEEP_ID_BYTES];
	char state[SWEEP_ID_BYTES]; /* what the past of its devices depends on; "" where they have none that takes time */
	char trace[SWEEP_ID_BYTES]; /* the trace that it replays and how it is read; "" where there is none */
	size_t first;               /* the first point of this id, from 0: its own index unless it stands twice */
	int64_t seed;
};

struct sweep_points {
	struct sweep_point *point;  /* by index, from 0; people see numbers from 1 */
	size_t count;
};

/*
 * All points: each is planned, bound and checked, on `jobs` threads (0: one for each processor). *stop (or NULL) ends it with
 * ERR_INTERRUPTED. NULL with *e set.
 */
struct sweep_points *sweep_points_make(const struct sweep *s, unsigned jobs, const volatile sig_atomic_t *stop, struct err *e);
void sweep_points_free(struct sweep_points *p); /* NULL is legal */

/* "disk0.rpm = 15000 rpm, variant = hdd, replication 2": what sets a point apart, for people. Returns out. */
char *sweep_point_label(const struct sweep *s, size_t index, char *out, size_t out_bytes);

/* A part of a sweep: shard `index` of `count`, from 1 ("2/4"); point i (from 0) belongs to shard i % count + 1. */
struct sweep_shard {
	size_t index, count; /* 1, 1: all */
};
/* 0, or -1 with ERR_USAGE. */
int sweep_shard_parse(const char *text, struct sweep_shard *out, struct err *e);
bool sweep_shard_has(const struct sweep_shard *shard, size_t index);

#endif
