/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A sweep: a base config and what is varied over it, from one YAML file (doc/SWEEPS.md). Every combination is a point, and a
 * point is a plan like that of any run.
 *
 *     base: disk.yaml            # a file, a list of them, or a config written here
 *     variants:                  # named configs over the base, each one value of an axis
 *       hdd: {include: [hp-c3323a.yaml]}
 *       ssd: {include: [fast-nvme.yaml], workload.depth: 8}
 *     axes:
 *       workload.depth: [1, 2, 4]   # values of any kind that a config may have there
 *       disk0.rpm: {linear: ["5400 rpm", "15000 rpm", 5]}
 *       stats.window: {log: [1 ms, 1 s, 4]}             # from, to, how many
 *     zip:                       # groups of axes that step together
 *       - {ssd0.flash.channels: [2, 4], ssd0.flash.dies: [4, 2]}
 *     replications: 5            # seeds derived from the seed of the point
 *
 * Order of the points: variants, then the axes, then the groups of `zip`, as they stand in the file, then replications; the last
 * varies fastest. What comes later also has the last word on a key: base, variant, axes, groups, the caller's assignments.
 *
 * Owner: the arena of the sweep, sweep_free(), behind its plans. A loaded sweep is not changed by anyone: threads share it.
 * Errors: ERR_CONFIG with file, line and column and the nearest valid word; ERR_IO; ERR_LIMIT.
 */
#ifndef QUERN_RUN_SWEEP_H
#define QUERN_RUN_SWEEP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "run/plan.h"
#include "sim/arena.h"
#include "sim/config.h"
#include "sim/err.h"

#define SWEEP_POINTS_MAX 1000000

/* What a value of an axis puts over the base: a key's value, or, of a variant, a config and the keys with dots in it. */
struct sweep_value {
	const struct plan_layer *layer;
	size_t layers;
};

struct sweep_axis {
	const char *path;               /* key of a config: "disk0.rpm"; "variant" for the variants */
	bool variants;                  /* each value is a config of its own */
	size_t group;                   /* axes of one group step together */
	size_t count;                   /* values; those of one group have the same count */
	const struct sweep_value *value;
	const char **label;             /* of each value for people: "15000 rpm", the variant's name */
	struct opt_where where;
};

struct sweep {
	struct arena *arena;            /* owned */
	struct config *config;          /* owned: the file's nodes */
	struct config **parts;          /* owned: base and variants with what they include */
	size_t part_count;
	const char *name;               /* of the file, for messages */
	struct sweep_value base;
	struct sweep_axis *axis;        /* in the order of the points, groups together */
	size_t axis_count;
	size_t group_count;
	int64_t replications;           /* at least 1 */
	size_t points;                  /* of all combinations */
	const char *const *include_dirs; /* copies, NULL-terminated, or NULL */
	const char *const *sets;
	struct plan_memo *memo;         /* owned: what plans have in common, each bound once; it has a lock of its own */
	const struct blk_dev_ops *const *kinds;
};

/* What the caller gives. Borrowed during sweep_load(), but for kinds. */
struct sweep_input {
	const char *file;                /* "-": standard input */
	const char *text;                /* instead of a file (tests), called by `file`; or NULL */
	const char *const *sets;         /* "path=value" over every point, NULL-terminated, or NULL */
	const char *const *include_dirs; /* NULL-terminated, or NULL */
	const struct blk_dev_ops *const *kinds; /* NULL: device_kinds */
};

/*
 * Read and check the file itself. Keys of axes are checked where the points are made (sweep_points_make() of run/sweep_point.h),
 * which comes before anything runs. NULL with *e set.
 */
struct sweep *sweep_load(const struct sweep_input *in, struct err *e);
void sweep_free(struct sweep *s); /* NULL is legal */

/* Which value of an axis point `index` (from 0) has, and which replication (from 0) it is. */
size_t sweep_choice(const struct sweep *s, size_t index, size_t axis);
size_t sweep_replication(const struct sweep *s, size_t index);

/*
 * The plan of point `index` (from 0), as plan_load() makes it; replication r > 0 has the seed sweep_seed(seed of the plan, r).
 * Any thread may. NULL with *e set, the place being the axis' in the sweep file where it is at fault.
 */
struct plan *sweep_plan(const struct sweep *s, size_t index, struct err *e);

/* Replication 0 keeps the seed; of the others, XXH3 of "seed.replication", its upper 53 bits, which any reader of numbers keeps. */
int64_t sweep_seed(int64_t seed, size_t replication);

#endif
