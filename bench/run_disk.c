/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * run.disk: what a user gets from `quern run`: the load of disk.fcfs with all statistics on
 * (histograms, series, warm-up), no run directory. Reference: the bare heap doing one pop and
 * one push a request with 16 pending.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "bench.h"
#include "run/run.h"

#define REQUESTS 2000000
#define DEPTH 16
#define ROUNDS 3

static double time_ours(void)
{
	static const char *const devices[] = {QUERN_SRCDIR "/devices/quantum-atlas-10k.yaml", NULL};
	static const char text[] = "workload: {type: random, read_ratio: 100 %, request: 4 KiB, depth: 16, "
		"requests: 2000000}\n";
	struct err e = {0};
	struct plan_input in = {.devices = devices, .text = text};
	struct plan *p = plan_load(&in, &e);
	struct run_options o = {.no_output = true};
	double start = bench_seconds();
	struct run *r = p ? run_plan(p, &o, &e) : NULL;
	double seconds = bench_seconds() - start;
	if (!r) {
		fprintf(stderr, "run.disk: %s\n", e.msg);
		exit(1);
	}
	run_free(r);
	plan_free(p);
	return seconds;
}

int main(void)
{
	double ours = 1e9, bare = 1e9;
	for (int round = 0; round < ROUNDS; round++) {
		double t = time_ours();
		ours = t < ours ? t : ours;
		t = bare_hold(DEPTH, REQUESTS, UINT64_C(20000000000));
		bare = t < bare ? t : bare;
	}
	bench_line("run.disk", REQUESTS / ours, "requests/s", "bare heap, one pop + push a request, 16 pending",
		REQUESTS / bare, ours / bare);
	struct rusage usage;
	getrusage(RUSAGE_SELF, &usage);
	bench_line("run.disk.memory", (double)usage.ru_maxrss / 1024, "MiB", "20 MiB", 20,
		(double)usage.ru_maxrss / 1024 / 20);
	return 0;
}
