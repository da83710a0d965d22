/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From point files to tables: sweep.db (SQLite) and sweep.csv, the same bytes for the same points whatever ran when and where.
 *
 * Table `points`, a row for each point that there is a file of, by number; the columns, all of them also in the CSV, in this order:
 *   point, id, variant, replication, status ("done", "failed"), error
 *   config.PATH   what is varied, then results, then the rest of the config. PATH is as in config.effective. Numbers are
 *                 plain: times in ns, speeds in rpm, bytes, bytes/s, W, ratios; lists and tables are text
 *   PATH          results: the path in summary.json (SUMMARY.md), elements of a list by their name where they have one
 *                 ("devices.ssd0.utilisation", "jobs.0.read.lat_ns.mean"), else by number from 0, as is the
 *                 only element of a list in a sweep with variants, so that a disk and an ssd share columns; a {value, unit} is one
 *                 column
 * Booleans are 0 and 1; what a point has not is NULL, in the CSV empty. A config with more columns than SQLite
 * takes leaves out those that are alike in all points.
 *
 * Table `columns`: position (from 0), name, unit ("" none), role ("point", "axis", "result", "config").
 * Table `axes`: position, name (as in the sweep file), column (the name in `points`), label (name and unit for a picture),
 * values_count, axis_group (those that step together have one number).
 * Table `sweep`: key, value: "schema", "quern_version", "points" (in the sweep), "replications".
 *
 * Errors: ERR_IO, ERR_LIMIT.
 */
#ifndef QUERN_RUN_SWEEP_COLLECT_H
#define QUERN_RUN_SWEEP_COLLECT_H

#include <stddef.h>

#include "run/sweep_point.h"
#include "run/sweep_results.h"

struct sweep_collected {
	size_t rows;
	size_t failed;   /* of them */
	size_t missing;  /* points without a file */
	size_t *index;   /* of these, from 0, ascending; sweep_collected_free() */
};

/*
 * dirs: folders of sweeps whose points/ are looked at, the first that has a point counts (one that is done before one that
 * failed); NULL-terminated. jobs: threads that read (0: one for each processor).
 * results: points that are here need not be read (sweep_run_options.results), or NULL. Writes output/sweep.db and output/sweep.csv,
 * each at once.
 * 0 with *out filled, or -1 with *e set.
 */
int sweep_collect(const struct sweep *s, const struct sweep_points *points, const char *const *dirs, const char *output,
	unsigned jobs, struct sweep_results *results, struct sweep_collected *out, struct err *e);
void sweep_collected_free(struct sweep_collected *c);

#endif
