/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Shared by the files plan*.c alone. */
#ifndef QUERN_RUN_PLAN_PRIVATE_H
#define QUERN_RUN_PLAN_PRIVATE_H

#include "run/plan.h"

/* What plan_run_options describes; plan_bound_options, its plain part, is what binds. */
struct plan_run {
	int64_t seed;
	char *device;
};
extern const struct opt_group plan_bound_options;

/* Fills device and device_count of a plan whose components are bound: plan_devices.c. 0, or -1 with a sentence. */
int plan_pick_devices(struct plan *p, struct err *e);

/* The text of stats.warm_up. 0, or -1 with a phrase in `why`. */
int plan_warm_up(const char *text, enum plan_warm_up *kind, int64_t *value, char *why,
	size_t why_bytes);

/* A span of time, of stats.gantt or stats.timeline_window: "FROM..TO" or empty (then both 0). 0, or -1 with a phrase in `why`. */
int plan_span(const char *text, time_ps *from, time_ps *to, char *why, size_t why_bytes);

#endif
