/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The slowest requests of a run, and where their time went, as the device tells (blk_dev_ops.blame). The slowest TAIL_ROWS are kept
 * in a heap, so that it takes constant memory and, once that is full, a comparison for each request that is not among them. At the
 * end the tail is the slowest of each thousand requests, rounded up, or all that are kept where that is less: then more than
 * 1000 x TAIL_ROWS requests were seen, and the tail is the slowest part that the summary names.
 *
 * CSV (tail.csv), the slowest first: done_s, op, lba, sectors, latency_us, then the parts, NAME_us; empty where the device does not
 * tell of the request. Times are exact.
 *
 * Owner: the arena; devices are borrowed.
 */
#ifndef QUERN_RUN_TAIL_H
#define QUERN_RUN_TAIL_H

#include <stdbool.h>
#include <stdio.h>

#include "blk/dev.h"

#define TAIL_ROWS 4096u
#define TAIL_ONE_IN 1000u

struct tail_row {
	time_ps latency_ps, done_ps;
	time_ps part[BLK_BLAME_MOST];
	uint64_t lba, number;  /* in order of completion */
	uint32_t sectors;
	uint8_t op;
	bool told;
};

struct tail {
	struct tail_row *row;  /* the first is the fastest of them (heap); NULL: off */
	uint32_t count;
	time_ps least_ps;      /* what is not slower is not kept */
	const char *const *name; /* of the parts */
	unsigned parts;
	struct blk_dev *const *dev; /* borrowed */
	size_t devices;
};

/* Off, and well, where no device tells. Of devices of several kinds those of the first kind that does. 0 or -1: no memory. */
int tail_init(struct tail *t, struct arena *a, struct blk_dev *const *dev, size_t count);
/* From within the request's done(). number: of the request, from 0. */
void tail_keep(struct tail *t, const struct blk_req *r, time_ps latency_ps, uint64_t number);
static inline void tail_add(struct tail *t, const struct blk_req *r, time_ps latency_ps, uint64_t number)
{
	if (latency_ps > t->least_ps)
		tail_keep(t, r, latency_ps, number);
}

/* No more come: the rows in order, those of the tail alone. requests: all that were offered. */
void tail_finish(struct tail *t, uint64_t requests);

/* After tail_finish(). */
struct tail_figures {
	uint64_t requests, told; /* of the tail; and those of which the device tells */
	time_ps least_ps;        /* the fastest of them */
	double latency_ps;       /* mean of those told of */
	double part_ps[BLK_BLAME_MOST]; /* means of the same; they add up to it */
};
struct tail_figures tail_figures(const struct tail *t);
void tail_csv(const struct tail *t, FILE *out);

#endif
