/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the benches of a disk share: random 4 KiB reads in a closed loop on one drive, the whole way
 * of a request: generator, driver, host queue and disk. Reference: the bare heap doing one pop
 * and one push a request with as many pending.
 */
#ifndef QUERN_BENCH_DISK_LOAD_H
#define QUERN_BENCH_DISK_LOAD_H

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "bench.h"
#include "disk/disk.h"
#include "disk/sched.h"
#include "disk/spec.h"
#include "sim/config.h"
#include "trace/gen.h"
#include "trace/replay.h"

struct disk_load {
	const char *name;      /* of the bench */
	const char *device;    /* file */
	const char *scheduler; /* in place of the file's */
	uint32_t requests, depth;
};

static inline void disk_load_die(const struct disk_load *l, const char *what)
{
	fprintf(stderr, "%s: %s\n", l->name, what);
	exit(1);
}

static inline struct blk_dev *disk_load_open(const struct disk_load *l, struct sim *s)
{
	static const char *const reserved[] = {"model", NULL};
	struct err e = {0};
	struct config *c = config_new(NULL);
	struct disk_spec *spec = arena_alloc(s->arena, sizeof(*spec));
	if (!c || !spec || config_load(c, l->device, &e) < 0 ||
	    config_bind(config_get(config_root(c), "disk0"), "disk0", &disk_options, reserved, spec,
		s->arena, &e) < 0)
		disk_load_die(l, e.msg);
	int i = 0;
	while (disk_scheds[i] && strcmp(disk_scheds[i]->name, l->scheduler) != 0)
		i++;
	if (!disk_scheds[i])
		disk_load_die(l, "no such scheduler");
	spec->scheduler = i;
	struct blk_dev *dev = blk_dev_open(s, &disk_ops, "disk0", spec, &e);
	if (!dev)
		disk_load_die(l, e.msg);
	config_free(c);
	return dev;
}

/* Seconds for the load, the drive's making not counted. */
static inline double disk_load_run(const struct disk_load *l)
{
	struct err e = {0};
	struct sim *s = sim_new(1);
	if (!s)
		disk_load_die(l, "no memory");
	struct blk_dev *dev = disk_load_open(l, s);
	struct gen_spec spec;
	if (opt_defaults(&gen_options, &spec, s->arena, &e) < 0)
		disk_load_die(l, e.msg);
	spec.requests = l->requests;
	spec.depth = l->depth;
	spec.request_bytes = 4096;
	spec.read_ratio = 1.0;
	struct trace_source *source = gen_new(s->arena, &spec, dev->sectors, 1, &e);
	struct blk_queue queue, *queues[] = {&queue};
	blk_queue_init(&queue, dev, 0);
	struct replay_options o = {.mode = REPLAY_DEPTH, .depth = l->depth};
	struct replay *r = source ? replay_new(s, source, queues, NULL, 1, &o, &e) : NULL;
	if (!r)
		disk_load_die(l, e.msg);
	double start = bench_seconds();
	replay_start(r);
	if (sim_run(s) < 0)
		disk_load_die(l, s->err.msg);
	double seconds = bench_seconds() - start;
	if (replay_verify(r, &e) < 0 || replay_counts(r)->completed != l->requests)
		disk_load_die(l, e.msg);
	blk_dev_close(dev);
	sim_free(s);
	return seconds;
}

/* The fastest of `rounds`, and the peak memory of all, each a line. */
static inline void disk_load_bench(const struct disk_load *l, int rounds)
{
	double ours = 1e9, bare = 1e9;
	for (int round = 0; round < rounds; round++) {
		double t = disk_load_run(l);
		ours = t < ours ? t : ours;
		t = bare_hold(l->depth, l->requests, UINT64_C(20000000000));
		bare = t < bare ? t : bare;
	}
	char text[96];
	snprintf(text, sizeof(text), "bare heap, one pop + push a request, %u pending", l->depth);
	bench_line(l->name, l->requests / ours, "requests/s", text, l->requests / bare, ours / bare);
	struct rusage usage;
	getrusage(RUSAGE_SELF, &usage);
	snprintf(text, sizeof(text), "%s.memory", l->name);
	bench_line(text, (double)usage.ru_maxrss / 1024, "MiB", "20 MiB", 20, (double)usage.ru_maxrss / 1024 / 20);
}

#endif
