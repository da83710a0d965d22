/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An even sample of a run's requests for pictures over time and address: every k-th completed
 * one, k doubling whenever SAMPLE_ROWS are kept, so that it takes constant memory however
 * long the run is and needs no request log. All requests are in it as long as they fit.
 *
 * CSV (requests.csv of a run directory): request (its number, from 0; the step between rows is k),
 * done_s, op, lba, sectors, hit, place (where on the device it was served first, for a disk the
 * cylinder; empty: it did not reach the medium), latency_us.
 *
 * Owner: the arena.
 */
#ifndef QUERN_RUN_SAMPLE_H
#define QUERN_RUN_SAMPLE_H

#include <stdint.h>
#include <stdio.h>

#include "blk/req.h"
#include "sim/arena.h"

#define SAMPLE_ROWS 16384u

struct sample_row {
	time_ps done_ps, latency_ps;
	uint64_t lba, place;
	uint32_t sectors;
	uint8_t op, hit;
};

struct sample {
	struct sample_row *row;
	uint64_t seen, next; /* requests so far; the next one that is kept */
	uint64_t step;       /* k */
	uint32_t count;
};

/* 0 or -1: no memory. */
int sample_init(struct sample *s, struct arena *a);
/* The one that is due is kept; halves the rows when they are full. */
void sample_keep(struct sample *s, const struct blk_req *r);
static inline void sample_add(struct sample *s, const struct blk_req *r)
{
	if (s->seen++ == s->next)
		sample_keep(s, r);
}
void sample_csv(const struct sample *s, FILE *out);

#endif
