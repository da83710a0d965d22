/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Synthetic workloads: address generators in a table (trace/gen_list.h) times an arrival
 * process (closed with a fixed depth, or Poisson). A generator is a trace_source like a
 * reader, so that everything downstream is the same.
 */
#ifndef QUERN_TRACE_GEN_H
#define QUERN_TRACE_GEN_H

#include "sim/option.h"
#include "sim/rng.h"
#include "trace/record.h"

enum gen_arrival { GEN_CLOSED, GEN_POISSON };

/* The config's `workload:` section. */
struct gen_spec {
	int type;                /* index into gen_list */
	double read_ratio;       /* 0..1 */
	int64_t request_bytes;   /* a multiple of 512 */
	int64_t align_bytes;     /* addresses are multiples of it; 0: the request size */
	int64_t start_bytes;     /* first byte of the range used */
	int64_t span_bytes;      /* its length; 0: to the end of the device */
	int64_t requests;        /* how many */
	int64_t depth;           /* closed loop: outstanding requests */
	int arrival;             /* enum gen_arrival */
	double rate_per_s;       /* Poisson: mean arrivals a second */
	double low_priority_ratio; /* of priority 1 */
	double ordered_ratio, head_of_queue_ratio; /* SCSI tags */
	int64_t think_ps;        /* closed loop: pause of a slot before its next request */
};

extern const struct opt_group gen_options; /* binds struct gen_spec */

/* One address pattern. */
struct gen_ops {
	const char *name;
	const char *doc;
	size_t state_size;
	/* slots: possible aligned positions, >= 1 */
	void (*init)(void *state, const struct gen_spec *spec, uint64_t slots, struct rng *rng);
	uint64_t (*next)(void *state, struct rng *rng); /* position, 0 .. slots-1 */
};

extern const struct gen_ops *const gen_list[]; /* NULL-terminated */

/*
 * A source over a device of `sectors`. Streams come from `seed` under "workload/...".
 * In the arena. NULL with *e set when the span does not fit the device or no request does.
 */
struct trace_source *gen_new(struct arena *a, const struct gen_spec *spec, uint64_t sectors,
	uint64_t seed, struct err *e);

#endif
