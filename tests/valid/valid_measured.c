/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * disk.measured: real drives. Each trace is replayed closed loop in one run, the device's
 * parameters calibrated on its first half at most; the second half is what counts. Each
 * figure is the median over 20 start angles.
 *
 * Targets are what DiskSim 4.0 reaches on these very files (validation/README.md), save
 * where the row says otherwise.
 */
#include <stdio.h>
#include <stdlib.h>

#include "run/demerit.h"
#include "run/plan.h"
#include "run/system.h"
#include "valid/valid.h"

#define ANGLES 20
#define DISKSIM "DiskSim 4.0 on the same trace"

struct drive {
	const char *name;   /* in figure names */
	const char *device; /* file in devices/ */
	const char *trace;  /* file in validation/ */
	double whole, half; /* targets: demerit, ms */
	double rms, median; /* targets: per request, second half, ms */
	const char *half_source;
	double halves;      /* demerit of the measured halves against each other */
};

static const struct drive drives[] = {
	{"atlas10k", "quantum-atlas-10k", "atlas10k.trace.csv", 0.268, 0.261, 1.77, 0.117, DISKSIM, 0.1124},
	{"hp_c2247a", "hp-c2247a", "hp_c2247a.trace.csv", 0.090, 0.15, 2.32, 0.070,
	 "noise of the half, 0.09 to 0.15 (validation/README.md); DiskSim 4.0 has 0.117", 0.2374},
};

static void observe(void *ctx, const struct blk_req *r, const struct trace_record *rec)
{
	if (rec->response_ps >= 0)
		demerit_add(ctx, r->done_ps - r->arrive_ps, rec->response_ps);
}

/* Replay once from a start angle, all responses into d. 0 or -1. */
static int replay(const struct drive *x, const char *trace, int angle, struct demerit *d, struct err *e)
{
	char set[64], device[512];
	snprintf(device, sizeof(device), "%s/devices/%s.yaml", TOP_SRCDIR, x->device);
	snprintf(set, sizeof(set), "disk0.start_angle=%.2f turn", (double)angle / ANGLES);
	const char *devices[] = {device, NULL}, *sets[] = {set, NULL};
	struct plan_input in = {.devices = devices, .sets = sets, .trace = trace};
	struct plan *p = plan_load(&in, e);
	struct system *s = p ? system_open(p, observe, d, e) : NULL;
	int result = -1;
	if (s) {
		replay_start(s->replay);
		result = sim_run(s->sim);
		if (result < 0)
			*e = s->sim->err;
		else
			result = replay_verify(s->replay, e);
	}
	system_free(s);
	plan_free(p);
	return result;
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return x < y ? -1 : x > y;
}

static double median(double *x)
{
	qsort(x, ANGLES, sizeof(*x), ascending);
	return 0.5 * (x[ANGLES / 2 - 1] + x[ANGLES / 2]);
}

static void figure(struct valid *v, const struct drive *x, const char *what, double value,
	double target, const char *source)
{
	char name[128];
	snprintf(name, sizeof(name), "disk.measured.%s.%s", x->name, what);
	valid_at_most(v, name, value, target, source);
}

/* The demerit code itself, against the halves of the measurement. */
static void halves(struct valid *v, const struct drive *x, const struct demerit *d)
{
	size_t half = d->count / 2;
	time_ps *measured = calloc(d->count, sizeof(*measured));
	if (!measured)
		return;
	for (size_t i = 0; i < d->count; i++)
		measured[i] = d->row[i].measured_ps;
	char name[128];
	snprintf(name, sizeof(name), "disk.measured.%s.demerit_vector", x->name);
	valid_near(v, name, demerit_distance_ms(measured, half, measured + half, d->count - half),
		x->halves, 0.00005, "measured first half against second, validation/README.md");
	free(measured);
}

static void one_drive(struct valid *v, const struct drive *x)
{
	char trace[1024];
	double whole[ANGLES], half[ANGLES], rms[ANGLES], med[ANGLES];
	snprintf(trace, sizeof(trace), "%s/validation/%s", v->data, x->trace);
	for (int i = 0; i < ANGLES; i++) {
		struct demerit d;
		struct demerit_figures all, second;
		struct err e = {0};
		demerit_init(&d);
		if (replay(x, trace, i, &d, &e) < 0 || demerit_figures(&d, 0, d.count, &all) < 0 ||
		    demerit_figures(&d, d.count / 2, d.count, &second) < 0) {
			valid_broken(v, x->name, e.msg);
			demerit_free(&d);
			return;
		}
		whole[i] = all.demerit_ms;
		half[i] = second.demerit_ms;
		rms[i] = second.rms_ms;
		med[i] = second.median_abs_ms;
		if (i == 0)
			halves(v, x, &d);
		demerit_free(&d);
	}
	figure(v, x, "demerit_ms", median(whole), x->whole, DISKSIM);
	figure(v, x, "demerit_second_half_ms", median(half), x->half, x->half_source);
	figure(v, x, "request_rms_second_half_ms", median(rms), x->rms, DISKSIM);
	figure(v, x, "request_median_second_half_ms", median(med), x->median, DISKSIM);
}

void valid_measured(struct valid *v)
{
	for (size_t i = 0; i < sizeof(drives) / sizeof(drives[0]); i++) {
		char name[128];
		snprintf(name, sizeof(name), "disk.measured.%s", drives[i].name);
		if (v->data)
			one_drive(v, &drives[i]);
		else
			valid_skip(v, name, "no reference data (--with-reference-data, or QUERN_REFERENCE_DATA)");
	}
}
