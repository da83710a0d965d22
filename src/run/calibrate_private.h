/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Shared by the stages of a calibration. */
#ifndef QUERN_RUN_CALIBRATE_PRIVATE_H
#define QUERN_RUN_CALIBRATE_PRIVATE_H

#include "disk/geom.h"
#include "run/calibrate.h"

#define MS 1e-9 /* ms in a ps */

/* Say what changed. */
void calibrate_say(struct calibration *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Minimise f over x[n] from x with first steps `step`, by the simplex of Nelder and Mead (GSL). x: the
 * best found. Returns f there. n <= 8. */
double calibrate_simplex(double (*f)(const double *x, void *ctx), void *ctx, double *x, const double *step,
	size_t n, unsigned most);

double calibrate_median(double *x, size_t n); /* sorts x; 0 for none */
double calibrate_quantile(double *x, size_t n, double q); /* sorts x; 0 for none */

/* Whether writes are acknowledged from the buffer. */
static inline bool calibrate_early(const struct disk_spec *s) { return s->cache.enabled && s->cache.write_back; }

/* A row that used the medium on one track, and when its first sector came under the head. */
struct calibrate_anchor {
	uint32_t row;
	uint32_t zone, cylinder;           /* counted from the zone's first */
	int32_t position;                  /* of the track in LBN order */
	double sector;                     /* of the first block, in turns from the track's start */
	double turns;                      /* time in turns of the spec's rpm */
	bool write;
};
/*
 * Those of the first half, in order; *n of them, in the arena. Times are measured ones less what
 * follows the medium in the model (bus, completion); a constant that is left is the same for all reads
 * and for all writes.
 */
struct calibrate_anchor *calibrate_anchors(struct calibration *c, const struct geom *g, size_t *n, struct err *e);

/* Reads whose response less bus time is below this came from the buffer, ms. */
double calibrate_hit_limit(const struct calibration *c);

/* Response less bus time of a row, ms. */
double calibrate_net_ms(const struct calibration *c, size_t row);
/* Make the seek curve a table of our own: curve_base and spec.seek.table. */
int calibrate_own_curve(struct calibration *c, struct err *e);

/* All rows of the first half but [from, to): what the score is of, where a search leaves some out. */
struct calibrate_part {
	size_t from, to;
	struct measured trace;
	struct measured_row *row;
};

/* The stages. 0, or -1 with *e set. */
int calibrate_phase(struct calibration *c, bool again, struct err *e); /* again: zones are not cut */
int calibrate_ready(struct calibration *c, struct err *e);
int calibrate_search(struct calibration *c, unsigned passes, struct err *e);
int calibrate_cache(struct calibration *c, struct err *e);
int calibrate_bus(struct calibration *c, struct err *e);
int calibrate_read_start(struct calibration *c, struct err *e); /* after calibrate_own_curve() */

/* Replay the first half with this spec into row (half of them). */
int calibrate_replay(const struct calibration *c, const struct disk_spec *s, struct measured_row *row, struct err *e);
/* What is to be small, from a replay: see calibrate.c. */
double calibrate_score(const struct calibration *c, const struct measured_row *row);
/* Both; `row` is for the replay's use. */
int calibrate_score_now(const struct calibration *c, struct measured_row *row, double *score, struct err *e);

/* What a stage may change, to come back to. Zeroed before its first use; zones are replaced, not changed. */
struct calibrate_saved {
	struct disk_spec spec;
	double *y, *base, knot[CALIBRATE_KNOTS]; /* in the arena */
	size_t points;
};
int calibrate_save(struct calibration *c, struct calibrate_saved *s, struct err *e);
void calibrate_restore(struct calibration *c, const struct calibrate_saved *s);

#endif
