/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sweep.scaling: a sweep of 1,000 short points with a thread for each processor against one thread, in wall time, in the same run, of
 * the speed-up that this many processors could give. Skipped on one processor.
 * sweep.overhead: what a point costs one thread beyond its simulation, all of planning, writing and collecting in it: sweeps, and the
 * simulations of their points and nothing else, in turn, a hundred points at a time and of each the least of three, since it is a
 * small difference. Points of 5,000 requests, which leave the caches to the simulation as longer ones do.
 * sweep.states: points on preconditioned drives with the state shared, against each preconditioning its own.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"
#include "run/run.h"
#include "run/sweep_collect.h"
#include "run/sweep_dir.h"
#include "run/sweep_run.h"

#define POINTS 1000
#define SLICE 100  /* points of a sweep of which the overhead is taken */
#define SLICES 10
#define ROUNDS 3
#define OVERHEAD_MS 2.0

/* requests; seeds from, to and how many */
#define SHORT_POINTS \
	"base:\n  include: [" QUERN_SRCDIR "/devices/quantum-atlas-10k.yaml]\n  workload: {requests: %d, depth: 8}\n" \
	"axes: {seed: {linear: [%d, %d, %d]}}\n"
static const char filled_drives[] =
	"base:\n  include: [" QUERN_SRCDIR "/examples/ssd-random-write.yaml]\n  workload: {requests: 2000}\n"
	"axes: {workload.depth: [1, 2, 4, 8, 16, 32, 64, 128], ssd0.sched.policy: [out-of-order, read-priority]}\n";

static void die(const struct err *e)
{
	fprintf(stderr, "sweep: %s\n", e->msg);
	exit(1);
}

static double wall(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* A whole sweep, from its text to its tables; seconds of `clock`. */
static double time_sweep(const char *text, unsigned threads, bool sharing, const char *dir, double (*clock)(void))
{
	struct err e = {0};
	const struct sweep_input in = {.file = "bench.yaml", .text = text};
	struct sweep_run_options o = {.output = dir, .jobs = threads, .force = true, .no_sharing = !sharing};
	const char *const dirs[] = {dir, NULL};
	struct sweep_progress g;
	struct sweep_collected c;
	double start = clock();
	struct sweep *s = sweep_load(&in, &e);
	struct sweep_points *p = s ? sweep_points_make(s, threads, NULL, &e) : NULL;
	o.results = p ? sweep_results_new(s, p->count) : NULL;
	if (!p || sweep_run(s, p, &o, &g, &e) < 0 || sweep_collect(s, p, dirs, dir, threads, o.results, &c, &e) < 0)
		die(&e);
	double seconds = clock() - start;
	sweep_collected_free(&c);
	sweep_results_free(o.results);
	sweep_points_free(p);
	sweep_free(s);
	return seconds;
}

/* The simulations of the same points and nothing else. */
static double time_simulations(const char *text)
{
	struct err e = {0};
	const struct sweep_input in = {.file = "bench.yaml", .text = text};
	const struct run_options o = {.no_output = true};
	struct sweep *s = sweep_load(&in, &e);
	double seconds = 0;
	for (size_t i = 0; s && i < s->points; i++) {
		struct plan *p = sweep_plan(s, i, &e);
		double start = bench_seconds();
		struct run *r = p ? run_plan(p, &o, &e) : NULL;
		if (!r)
			die(&e);
		run_free(r);
		seconds += bench_seconds() - start;
		plan_free(p);
	}
	if (!s)
		die(&e);
	sweep_free(s);
	return seconds;
}

static double least(double a, double b) { return a < b ? a : b; }

/* ms a point */
static double measure_overhead(const char *dir)
{
	char text[1024];
	double total = 0;
	for (int i = 0; i < SLICES; i++) {
		double whole = 1e9, alone = 1e9;
		snprintf(text, sizeof(text), SHORT_POINTS, 5000, i * SLICE + 1, (i + 1) * SLICE, SLICE);
		for (int round = 0; round < ROUNDS; round++) {
			whole = least(whole, time_sweep(text, 1, true, dir, bench_seconds));
			alone = least(alone, time_simulations(text));
		}
		total += whole - alone;
	}
	return 1e3 * total / (SLICE * SLICES);
}

static void measure_scaling(const char *dir, unsigned processors)
{
	char text[1024];
	snprintf(text, sizeof(text), SHORT_POINTS, 20000, 1, POINTS, POINTS);
	double one = time_sweep(text, 1, true, dir, wall), all = time_sweep(text, processors, true, dir, wall);
	bench_line("sweep.scaling", one / all, "times one thread", "processors", processors, one / all / processors);
}

int main(void)
{
	char dir[] = "/tmp/quern-bench-sweep.XXXXXX";
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	if (!mkdtemp(dir))
		return 1;
	double ms = measure_overhead(dir);
	bench_line("sweep.overhead", ms, "ms a point", "2 ms", OVERHEAD_MS, ms / OVERHEAD_MS);
	if (processors > 1)
		measure_scaling(dir, (unsigned)processors);
	else
		fprintf(stderr, "sweep.scaling is skipped: there is one processor\n");
	double shared = time_sweep(filled_drives, 1, true, dir, bench_seconds), each = time_sweep(filled_drives, 1, false, dir, bench_seconds);
	bench_line("sweep.states", shared, "s for 16 points, states shared", "each preconditions its own", each, shared / each);
	struct err e = {0};
	(void)sweep_dir_clear(dir, &e);
	return rmdir(dir) < 0;
}
