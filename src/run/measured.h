/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A measured trace held in memory, to be replayed many times: one request outstanding, issue(i) =
 * completion(i-1) + delay(i), the first at time 0.
 *
 * The first half are the rows [0, floor(n/2)). Owner: the arena given. Times in ps.
 */
#ifndef QUERN_RUN_MEASURED_H
#define QUERN_RUN_MEASURED_H

#include <stddef.h>

#include "blk/dev.h"
#include "run/demerit.h"
#include "sim/arena.h"
#include "sim/err.h"
#include "trace/record.h"

struct measured {
	const char *path;
	struct trace_record *rec;    /* each with response_ps and delay_ps >= 0 */
	size_t count, half;
};

/* What a simulated request did. */
struct measured_row {
	time_ps response_ps;
	time_ps start_ps;            /* of the service, since the run began */
	time_ps media_ps;            /* first sector under the head, since the run began; -1: none */
	time_ps seek_ps, rotation_ps, transfer_ps;
	uint8_t hit;                 /* enum blk_hit */
};

/* NULL with *e set: also when a row has no measured response, or fewer than 2 rows. */
struct measured *measured_load(struct arena *a, const char *path, struct err *e);

/*
 * Replay the first `rows` rows on a fresh device; row[i] tells what the i-th did. About 1 ms for
 * 2500 rows. 0, or -1 with *e set.
 */
int measured_replay(const struct measured *m, size_t rows, const struct blk_dev_ops *ops, const void *spec,
	struct measured_row *row, struct err *e);

/* Figures of rows [from, to) of a replay. 0, or -1: no memory. */
int measured_figures(const struct measured *m, const struct measured_row *row, size_t from, size_t to,
	struct demerit_figures *out);

#endif
