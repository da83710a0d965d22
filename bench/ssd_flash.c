/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ssd.flash: random 4 KiB reads a second through the transaction scheduler and the bench of flash alone, without host,
 * map or buffer: 8 channels of 4 chips of 2 dies of 2 planes, 8 KiB pages read in 75 us over 333 MT/s (MQSim's default
 * drive), 32 outstanding. ssd.flash.writes: programs of whole pages likewise, two planes at a time. The reference is half
 * the time that a whole device may take at 2 million reads, and at 4 million page operations, a second.
 */
#include <stdlib.h>

#include "bench.h"
#include "ftl/options.h"
#include "ftl/tsu.h"
#include "sim/config.h"

#define DEPTH 32
#define READS 2000000
#define WANT_READS 4e6
#define PROGRAMS 2000000
#define WANT_PROGRAMS 8e6

struct load {
	struct sim *sim;
	struct nand *n;
	struct tsu *t;
	uint64_t random, done, stop;
	struct tsu_tx x[256];
};

static const char *const text =
	"flash:\n"
	"  geometry: {channels: 8, chips: 4, dies: 2, planes: 2, blocks: 2048, pages: 256, page: 8 KiB, cell: mlc}\n"
	"  bus: {interface: nv-ddr2, rate: 333 MT/s}\n"
	"  array: {read: [75 us], program: [750 us], erase: 3.8 ms}\n"
	"sched: {}\n";

static void load_open(struct load *l)
{
	struct err e = {0};
	struct flash_spec flash;
	struct ftl_sched_spec sched;
	struct config *c = config_new(NULL);
	*l = (struct load){.sim = sim_new(1), .random = 1};
	if (c && l->sim && config_load_text(c, "bench.yaml", text, &e) == 0 &&
	    config_bind(config_get(config_root(c), "flash"), "flash", &flash_options, NULL, &flash, l->sim->arena, &e) == 0 &&
	    config_bind(config_get(config_root(c), "sched"), "sched", &ftl_sched_group, NULL, &sched, l->sim->arena, &e) == 0 &&
	    (l->n = nand_open(l->sim->arena, &flash, &e)) != NULL)
		l->t = tsu_open(l->sim->arena, l->sim, l->n, &sched, &e);
	config_free(c);
	if (!l->t) {
		fprintf(stderr, "ssd.flash: %s\n", e.msg);
		exit(1);
	}
}

static void next_read(struct tsu *t, struct tsu_tx *x)
{
	struct load *l = x->owner;
	uint64_t r = bench_random(&l->random);
	l->sim->stop = ++l->done == l->stop;
	x->page = nand_ppa_make(&l->n->geom, r & 63, r >> 6 & 1, r >> 7 & 2047, r >> 18 & 255);
	tsu_submit_alone(t, x);
}

/* Two for each plane, so that there is always something to pack. */
static void next_program(struct tsu *t, struct tsu_tx *x)
{
	struct load *l = x->owner;
	l->sim->stop = ++l->done == l->stop;
	uint32_t page = nand_ppa_page(&l->n->geom, x->page) + 2;
	uint64_t block = nand_block_index(&l->n->geom, x->page);
	x->page = page < l->n->geom.pages ? x->page + 2 : nand_ppa_of_block(&l->n->geom, block + 1, page & 1);
	tsu_submit(t, x);
}

/* Transactions a second, the best of three rounds. */
static double rate(struct load *l, uint64_t count)
{
	double best = 0;
	for (int round = 0; round < 3; round++) {
		double start = bench_seconds();
		l->stop = l->done + count;
		l->sim->stop = false;
		sim_run(l->sim);
		double now = (double)count / (bench_seconds() - start);
		best = now > best ? now : best;
	}
	return best;
}

int main(void)
{
	struct load l;
	load_open(&l);
	for (uint32_t i = 0; i < DEPTH; i++) {
		l.x[i] = (struct tsu_tx){.done = next_read, .owner = &l, .kind = TSU_READ, .bytes = 4096, .page = nand_ppa_make(&l.n->geom,
			i, 0, 0, 0)};
		tsu_submit(l.t, &l.x[i]);
	}
	double reads = rate(&l, READS);
	bench_line("ssd.flash", reads, "reads/s", "target", WANT_READS, WANT_READS / reads);
	sim_free(l.sim);
	load_open(&l);
	for (uint32_t i = 0; i < 256; i++) {
		l.x[i] = (struct tsu_tx){.done = next_program, .owner = &l, .kind = TSU_PROGRAM,
			.page = nand_ppa_make(&l.n->geom, i / 2 % 64, i & 1, 0, i / 128)};
		tsu_submit(l.t, &l.x[i]);
	}
	double programs = rate(&l, PROGRAMS);
	bench_line("ssd.flash.writes", programs, "page programs/s", "target", WANT_PROGRAMS, WANT_PROGRAMS / programs);
	sim_free(l.sim);
	return 0;
}
