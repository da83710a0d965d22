/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A real drive on trial: its device, its measured trace, and the figures of both halves, each the median
 * over 20 start angles of one continuous closed-loop run over the whole trace.
 */
#ifndef QUERN_TESTS_TRIAL_H
#define QUERN_TESTS_TRIAL_H

#include "disk/spec.h"
#include "run/measured.h"
#include "run/plan.h"

#define TRIAL_ANGLES 20

struct trial {
	struct arena *arena;       /* owned */
	struct plan *plan;         /* owned: the device */
	struct disk_spec *spec;    /* the plan's */
	struct measured *trace;
};

struct trial_figures {
	struct demerit_figures whole, half[2];
};

/* From a device file or a sheet (a path that ends in .drive.txt). 0 or -1; trial_close() either way. */
int trial_open(struct trial *t, const char *device, const char *trace, struct err *e);
void trial_close(struct trial *t);

int trial_run(const struct trial *t, struct trial_figures *out, struct err *e);

/* The measured first half against the second: the demerit code alone. */
double trial_halves_ms(const struct trial *t);

#endif
