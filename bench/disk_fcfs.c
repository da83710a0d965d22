/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * disk.fcfs: random 4 KiB reads, closed loop of depth 16, first come first served, on the
 * Quantum Atlas 10K with its buffer on: generator, driver, host queue and disk. Reference:
 * the bare heap doing one pop and one push a request with 16 pending.
 */
#include <stdlib.h>

#include "bench.h"
#include "disk/disk.h"
#include "disk/spec.h"
#include "sim/config.h"
#include "trace/gen.h"
#include "trace/replay.h"

#define REQUESTS 2000000
#define DEPTH 16
#define ROUNDS 3

static void die(const char *what)
{
	fprintf(stderr, "disk.fcfs: %s\n", what);
	exit(1);
}

static struct blk_dev *open_disk(struct sim *s, const char *path)
{
	static const char *const reserved[] = {"model", NULL};
	struct err e = {0};
	struct config *c = config_new(NULL);
	struct disk_spec *spec = arena_alloc(s->arena, sizeof(*spec));
	if (!c || !spec || config_load(c, path, &e) < 0 ||
	    config_bind(config_get(config_root(c), "disk0"), "disk0", &disk_options, reserved, spec,
		s->arena, &e) < 0)
		die(e.msg);
	struct blk_dev *dev = blk_dev_open(s, &disk_ops, "disk0", spec, &e);
	if (!dev)
		die(e.msg);
	config_free(c);
	return dev;
}

static double time_ours(const char *path)
{
	struct err e = {0};
	struct sim *s = sim_new(1);
	if (!s)
		die("no memory");
	struct blk_dev *dev = open_disk(s, path);
	struct gen_spec spec;
	if (opt_defaults(&gen_options, &spec, s->arena, &e) < 0)
		die(e.msg);
	spec.requests = REQUESTS;
	spec.depth = DEPTH;
	spec.request_bytes = 4096;
	spec.read_ratio = 1.0;
	struct trace_source *source = gen_new(s->arena, &spec, dev->sectors, 1, &e);
	struct blk_queue queue, *queues[] = {&queue};
	blk_queue_init(&queue, dev, 0);
	struct replay_options o = {.mode = REPLAY_DEPTH, .depth = DEPTH};
	struct replay *r = source ? replay_new(s, source, queues, NULL, 1, &o, &e) : NULL;
	if (!r)
		die(e.msg);
	double start = bench_seconds();
	replay_start(r);
	if (sim_run(s) < 0)
		die(s->err.msg);
	double seconds = bench_seconds() - start;
	if (replay_verify(r, &e) < 0 || replay_counts(r)->completed != REQUESTS)
		die(e.msg);
	blk_dev_close(dev);
	sim_free(s);
	return seconds;
}

int main(int argc, char **argv)
{
	const char *path = argc > 1 ? argv[1] : QUERN_SRCDIR "/devices/quantum-atlas-10k.yaml";
	double ours = 1e9, bare = 1e9;
	for (int round = 0; round < ROUNDS; round++) {
		double t = time_ours(path);
		ours = t < ours ? t : ours;
		t = bare_hold(DEPTH, REQUESTS, UINT64_C(20000000000));
		bare = t < bare ? t : bare;
	}
	bench_line("disk.fcfs", REQUESTS / ours, "requests/s", "bare heap, one pop + push a request, 16 pending",
		REQUESTS / bare, ours / bare);
	return 0;
}
