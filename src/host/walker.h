/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Mechanism W: a rate-limited walker. It goes over items 0 .. n - 1, each once, in an order, skips those that nobody wants at
 * that moment, and hands the others over in batches, at most `rate` a second and at most `depth` batches at a time. The
 * checkpointer, the truncation of a log, writeback and reclaim are walks.
 *
 * Budget: the k-th item handed over (k = 0, 1, ...) goes not before start + k / rate, a batch not before its first; what was not used is lost:
 * after a pause the walker does not catch up.
 *
 * Owner: whoever embeds it; the permutation of order random lies in the sim arena.
 */
#ifndef QUERN_HOST_WALKER_H
#define QUERN_HOST_WALKER_H

#include "host/walker_list.h"
#include "sim/option.h"
#include "sim/rng.h"
#include "sim/sim.h"

enum walker_order {
#define X(name, text, doc) name,
	WALKER_LIST(X)
#undef X
	WALKER_ORDERS
};

#define WALKER_BATCH 256

struct walker_spec {
	int order;       /* enum walker_order */
	int64_t batch;   /* most items handed over at once */
	int64_t depth;   /* batches under way at once */
	double rate;     /* items a second; 0: no limit */
};
extern const struct opt_group walker_options;

struct walker;

struct walker_ops {
	/* Whether the item is to be handed over now; NULL: all are. */
	bool (*wants)(void *ctx, uint32_t item);
	/* The batch is the callee's until it calls walker_done(), from this call or later. `item` does not outlive the call. */
	void (*visit)(void *ctx, const uint32_t *item, uint32_t count);
	/* All were visited and all batches are done. From an event or from walker_done(). */
	void (*over)(void *ctx);
};

struct walker {
	struct sim *sim;
	const struct walker_spec *spec;
	const struct walker_ops *ops;
	void *ctx;
	struct rng *rng;
	uint32_t *permutation;  /* order random */
	uint32_t items;
	uint32_t at;            /* items looked at in this walk */
	uint32_t from;          /* order onward: first item of this walk */
	uint32_t last;          /* handed over last */
	uint32_t under_way;     /* batches */
	bool walking, visiting;
	time_ps next_ps;        /* budget: no item goes before */
	double rest_ps;         /* and the part of a picosecond that is owed to it */
	struct event timer;
	uint64_t walks, handed, batches;
};

/* seed: for order random. 0, or -1 with a sentence. */
int walker_open(struct walker *w, struct sim *s, const struct walker_spec *spec, uint32_t items, const struct walker_ops *ops,
	void *ctx, uint64_t seed, struct err *e);
/* The next walks are over so many items, no more than at walker_open(). */
void walker_resize(struct walker *w, uint32_t items);
/* Begin a walk, from an event at the present time on. A walker that walks is a sim_bug(). */
void walker_start(struct walker *w);
/* A batch is over. */
void walker_done(struct walker *w);
/* Within visit(): the batch goes on as so many pieces (> 0), each of which ends with walker_done() and counts in `depth`. */
void walker_split(struct walker *w, uint32_t pieces);
/* The machine dies, or nobody wants the rest: no more batches, no over(). */
void walker_drop(struct walker *w);

#endif
