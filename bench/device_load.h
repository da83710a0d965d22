/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the benches of whole devices share: a run of a config's workload, timed without the making of its device. */
#ifndef QUERN_BENCH_DEVICE_LOAD_H
#define QUERN_BENCH_DEVICE_LOAD_H

#include <stdlib.h>

#include "bench.h"
#include "run/system.h"

struct device_load {
	struct plan *plan;
	struct system *system;
};

/* text: a config of one device and its workload. */
static inline void device_load_open(struct device_load *l, const char *text)
{
	struct err e = {0};
	struct plan_input in = {.text = text};
	l->plan = plan_load(&in, &e);
	l->system = l->plan ? system_open(l->plan, NULL, NULL, &e) : NULL;
	if (!l->system) {
		fprintf(stderr, "bench: %s\n", e.msg);
		exit(1);
	}
}

/* Runs to the end; seconds it took. */
static inline double device_load_run(struct device_load *l)
{
	struct err e = {0};
	struct system *s = l->system;
	double start = bench_seconds();
	replay_start(s->replay);
	if (sim_run(s->sim) < 0 || replay_verify(s->replay, &e) < 0) {
		fprintf(stderr, "bench: %s%s\n", s->sim->err.msg, e.msg);
		exit(1);
	}
	return bench_seconds() - start;
}

static inline void device_load_close(struct device_load *l)
{
	system_free(l->system);
	plan_free(l->plan);
}

#endif
