/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ssd.precondition: seconds to fill 512 GiB of 8 KiB pages with 15 % over-provisioning and to overwrite all of it once,
 * uniformly at random, with greedy garbage collection. Reference: 60 s; ratio is ours over it.
 */
#include "bench.h"
#include "flash/options.h"
#include "ftl_load.h"

int main(void)
{
	struct ftl_load l;
	ftl_load_open(&l,
		"geometry: {channels: 8, chips: 4, dies: 2, planes: 2, blocks: 2355, pages: 256, page: 8 KiB, cell: mlc}\n"
		"ftl: {map: {capacity: 512 GiB}}\n");
	struct rng *rng = rng_new(l.arena, 1, "bench");
	struct null_load uniform = {.pattern = NULL_UNIFORM};
	double start = bench_seconds();
	null_fill(l.f, 0, l.f->logical);
	null_overwrite(l.f, &uniform, rng, l.f->logical);
	double seconds = bench_seconds() - start;
	bench_line("ssd.precondition", seconds, "s", "target", 60, seconds / 60);
	ftl_load_close(&l);
	return 0;
}
