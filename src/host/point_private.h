/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The scenario checkpoint: what its program (scenario_checkpoint.c) and its figures (point_report.c) know of each other. */
#ifndef QUERN_HOST_POINT_PRIVATE_H
#define QUERN_HOST_POINT_PRIVATE_H

#include "host/ckpt.h"
#include "host/durable.h"
#include "host/point.h"

#define TAKEN_MOST 4096 /* in the table */

struct worker;

struct taken {
	struct ckpt_times t;
	time_ps stopped_ps;      /* the first thread stood still */
	uint64_t copies;         /* machine's count, at freeze and at valid */
	bool valid;
};

struct point {
	const struct point_spec *spec;
	const struct scenario_env *env;
	struct sim *sim;
	struct durable durable;
	struct host_region region;
	struct ckpt ckpt;
	struct host_space *space;
	struct host_track *track;
	struct host_image *image; /* of the checkpoint under way; owned */
	uint32_t *index;          /* by rank: in the image */
	uint64_t *saved[2];       /* by number & 1 and page: what was frozen */
	uint64_t *found;
	struct worker *worker;
	struct event due, go, crash;
	bool wanted, frozen, stopping, over, restarted;
	uint32_t arrived;
	time_ps stopped_ps, end_ps;
	struct taken *taken;      /* the last stands behind the others where the table is full */
	uint64_t count;           /* checkpoints begun */
	time_ps barrier_ps;       /* sums of those that are valid: until all threads stood still */
	uint64_t copies;          /* and copies */
	uint64_t valid;           /* number of the last that is valid */
	time_ps asked_ps[2];      /* by number & 1: when it was frozen */
	uint64_t wrong_pages;
	enum blk_status status;
	struct ckpt_stats then;   /* as it was at the crash */
};

static inline const struct point *point_of(const struct scenario *sc) { return (const struct point *)(const void *)sc; }

/* scenario_ops. */
void point_report(const struct scenario *sc, void (*put)(void *ctx, const char *name, double value, const char *unit), void *ctx);
bool point_note(const struct scenario *sc, unsigned index, char *out, size_t bytes);
const char *point_table(const struct scenario *sc, unsigned index, FILE *out);

#endif
