/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sweep.scaling: a sweep of 1,000 short points with a thread for each processor against one thread, in wall time, in turn, the least of
 * three each, of the speed-up that this many processors could give. Skipped on one processor.
 * sweep.overhead: processor time that a point costs one thread beyond its simulation, all of planning, writing and collecting in it: of
 * a sweep, less what its simulations took by the same clock in the same run. The least of three.
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
#define TIMED_POINTS 300 /* of the sweep of which the overhead is taken */
#define ROUNDS 3
#define OVERHEAD_MS 2.0

/* requests; seeds from, to and how many */
#define SHORT_POINTS \
	"base:\n  include: [" QUERN_SRCDIR "/devices/quantum-atlas-10k.yaml]\n  workload: {requests: %d, depth: 8}\n" \
	"axes: {seed: {linear: [%d, %d, %d]}}\n"
static const char filled_drives[] =
	"base:\n  include: [" QUERN_SRCDIR "/examples/ssd-random-write.yaml]\n  workload: {requests: 2000}\n"
	"axes: {workload.depth: [1, 2, 4, 8, 16, 32, 64, 128], ssd0.sched.policy: [out-of-order, read-priority]}\n";

static double least(double a, double b) { return a < b ? a : b; }

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

/* A whole sweep, from its text to its tables; seconds of `clock`. simulation_s: of them in simulations, or NULL. */
static double time_sweep(const char *text, unsigned threads, bool sharing, const char *dir, double (*clock)(void),
	double *simulation_s)
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
	if (simulation_s)
		*simulation_s = g.simulation_s;
	sweep_collected_free(&c);
	sweep_results_free(o.results);
	sweep_points_free(p);
	sweep_free(s);
	return seconds;
}

/* ms a point */
static double measure_overhead(const char *dir)
{
	char text[1024];
	double best = 1e9;
	snprintf(text, sizeof(text), SHORT_POINTS, 5000, 1, TIMED_POINTS, TIMED_POINTS);
	for (int round = 0; round < ROUNDS; round++) {
		double simulation_s, whole = time_sweep(text, 1, true, dir, bench_seconds, &simulation_s);
		best = least(best, whole - simulation_s);
	}
	return 1e3 * best / TIMED_POINTS;
}

static void measure_scaling(const char *dir, unsigned processors)
{
	char text[1024];
	snprintf(text, sizeof(text), SHORT_POINTS, 20000, 1, POINTS, POINTS);
	double one = 1e9, all = 1e9;
	for (int round = 0; round < ROUNDS; round++) {
		one = least(one, time_sweep(text, 1, true, dir, wall, NULL));
		all = least(all, time_sweep(text, processors, true, dir, wall, NULL));
	}
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
	double shared = time_sweep(filled_drives, 1, true, dir, bench_seconds, NULL);
	double each = time_sweep(filled_drives, 1, false, dir, bench_seconds, NULL);
	bench_line("sweep.states", shared, "s for 16 points, states shared", "each preconditions its own", each, shared / each);
	struct err e = {0};
	(void)sweep_dir_clear(dir, &e);
	return rmdir(dir) < 0;
}
