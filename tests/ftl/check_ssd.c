/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The solid-state drive as a whole: what was programmed is recounted from the flash, nothing is lost, and what cannot be is
 * refused. */
#include <check.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "ftl/ssd_private.h"
#include "sim/config.h"
#include "sim/rng.h"

#define DRIVE \
	"d:\n" \
	"  flash:\n" \
	"    geometry: {channels: 2, chips: 1, dies: 2, planes: 2, blocks: 16, pages: 8, page: 8 KiB, cell: mlc}\n" \
	"    bus: {interface: nv-ddr2, rate: 333 MT/s}\n" \
	"    array: {read: [75 us], program: [750 us], erase: 3.8 ms}\n" \
	"    copyback: {allowed: true}\n"

static struct ssd *drive(struct sim *s, const char *text, struct err *e)
{
	struct config *c = config_new(NULL);
	struct ssd_spec *spec = arena_alloc(s->arena, sizeof(*spec));
	ck_assert_msg(config_load_text(c, "test.yaml", text, e) == 0, "%s", e->msg);
	int bad = config_bind(config_get(config_root(c), "d"), "d", &ssd_options, NULL, spec, s->arena, e);
	config_free(c);
	return bad < 0 ? NULL : (struct ssd *)(void *)blk_dev_open(s, &ssd_ops, "d", spec, e);
}

struct load {
	struct blk_req req;
	struct ssd *d;
	struct rng *rng;
	unsigned *left;
};

static void next(struct load *l);

static void done(struct sim *s, struct blk_req *r)
{
	(void)s;
	ck_assert_int_eq(r->status, BLK_OK);
	next(container_of(r, struct load, req));
}

static void next(struct load *l)
{
	if (*l->left == 0)
		return;
	--*l->left;
	l->req = (struct blk_req){.done = done, .op = rng_below(l->rng, 5) ? BLK_WRITE : BLK_READ, .sectors = 16};
	l->req.lba = rng_below(l->rng, l->d->dev.sectors / 16) * 16;
	l->req.arrive_ps = l->d->dev.sim->now_ps;
	blk_submit(&l->d->dev, &l->req);
}

/* Four writes in five, at random, eight at a time. */
static void serve(struct ssd *d, unsigned requests)
{
	struct sim *s = d->dev.sim;
	unsigned left = requests;
	struct load load[8];
	struct rng *rng = rng_new(s->arena, 3, "load");
	for (int i = 0; i < 8; i++) {
		load[i] = (struct load){.d = d, .rng = rng, .left = &left};
		next(&load[i]);
	}
	ck_assert_int_eq(sim_run(s), 0);
	ck_assert_uint_eq(d->dev.stats.completed, requests);
}

static const char *const settings[] = {
	"  ftl: {map: {capacity: 5 MiB}}\n  buffer: {size: 64 KiB}\n",
	"  ftl: {map: {capacity: 5 MiB}, alloc: {frontiers: shared, order: shortest-queue}}\n  buffer: {size: 64 KiB, write_back: false}\n",
	"  ftl: {map: {capacity: 5 MiB}, gc: {policy: d-choices}}\n  buffer: {size: 64 KiB}\n  moves: {copyback: true}\n",
	"  ftl: {map: {capacity: 3 MiB, unit: 4 KiB}, alloc: {superblock: die}, wear: {threshold: 4}}\n  buffer: {size: 256 KiB, high: 50 %}\n",
};

/* Cleaning all the time: flash programs and erases, counted by the flash, are those of the translation layer. */
START_TEST(what_the_flash_has_programmed_is_what_the_layer_says)
{
	struct err e = {0};
	char text[2048];
	struct sim *s = sim_new(3);
	snprintf(text, sizeof(text), "%s%s", DRIVE, settings[_i]);
	struct ssd *d = drive(s, text, &e);
	ck_assert_msg(d != NULL, "%s", e.msg);
	serve(d, 6000);
	ck_assert_uint_gt(d->ftl->counts.erases, 50);
	ck_assert_uint_eq(d->nand->counts.programs * d->ftl->page_units, ftl_programs(d->ftl));
	ck_assert_uint_eq(d->nand->counts.erases, d->ftl->counts.erases * d->planes);
	ck_assert_msg(ftl_check(d->ftl, &e) == 0, "%s", e.msg);
	ck_assert(_i != 2 || d->counts.copybacks > 0);
	blk_dev_close(&d->dev);
	sim_free(s);
}
END_TEST

/* What a drive did with an order of allocation. */
struct wear {
	uint64_t before[8], after[8]; /* by plane: erases when the run begins, in the run */
	uint64_t programs[2];         /* the same of all planes: units */
	time_ps took_ps;
};

static void wear_with(const char *order, const char *past, struct wear *w)
{
	struct err e = {0};
	char text[2048];
	struct sim *s = sim_new(3);
	snprintf(text, sizeof(text), DRIVE "  ftl: {map: {capacity: 5 MiB}, alloc: {order: %s}}\n  buffer: {size: 64 KiB}\n"
		"  precondition: {%s}\n", order, past);
	struct ssd *d = drive(s, text, &e);
	ck_assert_msg(d != NULL, "%s", e.msg);
	ck_assert_uint_eq(d->ftl->blocks.regions, 8);
	w->programs[0] = ftl_programs(d->ftl);
	for (uint32_t i = 0; i < 8; i++)
		w->before[i] = d->ftl->blocks.region[i].erases;
	serve(d, 12000);
	w->programs[1] = ftl_programs(d->ftl) - w->programs[0];
	for (uint32_t i = 0; i < 8; i++)
		w->after[i] = d->ftl->blocks.region[i].erases - w->before[i];
	w->took_ps = s->now_ps;
	blk_dev_close(&d->dev);
	sim_free(s);
}

/* Within a twentieth, and two blocks that chance has. */
static void alike(const uint64_t *erases, const char *when)
{
	uint64_t least = UINT64_MAX, most = 0;
	for (uint32_t i = 0; i < 8; i++) {
		least = erases[i] < least ? erases[i] : least;
		most = erases[i] > most ? erases[i] : most;
	}
	ck_assert_msg((double)most <= 1.05 * (double)least + 2, "%s: %" PRIu64 " to %" PRIu64 " erases of a plane", when, least, most);
}

/* Its loads are of dies, and none before the run: what wears the planes and costs time is what it does with equals. */
START_TEST(the_shortest_queue_wears_the_planes_alike_and_is_not_slow)
{
	static const char *const pasts[] = {"fill: 0", "fill: 1, overwrite: 10"};
	struct wear queue, fixed, turns;
	wear_with("shortest-queue", pasts[_i], &queue);
	wear_with("CWDP", pasts[_i], &fixed);
	wear_with("round-robin", pasts[_i], &turns);
	alike(queue.before, "before");
	alike(queue.after, "in the run");
	for (int k = 0; k < 2; k++)
		ck_assert_msg((double)queue.programs[k] <= 1.03 * (double)fixed.programs[k], "%" PRIu64 " programs against %" PRIu64,
			queue.programs[k], fixed.programs[k]);
	ck_assert_msg((double)queue.took_ps <= 1.02 * (double)turns.took_ps, "%g s against %g s", time_seconds(queue.took_ps),
		time_seconds(turns.took_ps));
}
END_TEST

static void note_value(void *ctx, const char *name, double value, const char *unit)
{
	double *of = ctx; /* programmed by the host, erased, at most erased */
	(void)unit;
	of[0] = strcmp(name, "programmed_host_units") ? of[0] : value;
	of[1] = strcmp(name, "erases") ? of[1] : value;
	of[2] = strcmp(name, "erase_max") ? of[2] : value;
}

/* Filled and overwritten three times: the wear is there, and none of the run's figures is of it. */
START_TEST(preconditioning_is_not_reported_as_the_runs_work)
{
	struct err e = {0};
	struct sim *s = sim_new(4);
	double of[3] = {-1, -1, -1};
	struct ssd *d = drive(s, DRIVE "  ftl: {map: {capacity: 5 MiB}}\n  buffer: {size: 64 KiB}\n"
		"  precondition: {fill: 100 %, overwrite: 3}\n", &e);
	ck_assert_msg(d != NULL, "%s", e.msg);
	ssd_ops.report(&d->dev, note_value, of);
	ck_assert_uint_eq(d->ftl->counts.programmed[FTL_HOST], 4 * d->ftl->logical);
	ck_assert(of[0] == 0 && of[1] == 0);
	ck_assert(of[2] >= 1);
	blk_dev_close(&d->dev);
	sim_free(s);
}
END_TEST

/* Filled to a quarter, overwritten within one half: what lies behind it was never written. */
START_TEST(preconditioning_overwrites_only_its_span)
{
	struct err e = {0};
	struct sim *s = sim_new(4);
	struct ssd *d = drive(s, DRIVE "  ftl: {map: {capacity: 5 MiB}}\n  buffer: {size: 64 KiB}\n"
		"  precondition: {fill: 25 %, overwrite: 3, span: 50 %}\n", &e);
	ck_assert_msg(d != NULL, "%s", e.msg);
	uint64_t half = d->ftl->logical / 2, mapped = 0;
	for (uint64_t i = 0; i < d->ftl->logical; i++) {
		bool there = ftl_lookup(d->ftl, i) != FTL_NOWHERE;
		ck_assert(!there || i < half);
		mapped += there;
	}
	ck_assert_uint_gt(mapped, half * 9 / 10); /* six draws for each unit miss e^-6 of them */
	blk_dev_close(&d->dev);
	sim_free(s);
}
END_TEST

/* Where the units lie in the end, and what the run draws next, with a run's seed and a seed of the past. */
static uint64_t life(uint64_t seed, const char *own, uint64_t *drawn)
{
	struct err e = {0};
	char text[512];
	struct sim *s = sim_new(seed);
	snprintf(text, sizeof(text), DRIVE "  ftl: {map: {capacity: 5 MiB}, gc: {policy: random}}\n  buffer: {size: 64 KiB}\n"
		"  precondition: {fill: 100 %%, overwrite: 2, seed: %s}\n", own);
	struct ssd *d = drive(s, text, &e);
	ck_assert_msg(d != NULL, "%s", e.msg);
	uint64_t sum = 0;
	for (uint64_t i = 0; i < d->ftl->logical; i++)
		sum = sum * 1000003 + ftl_lookup(d->ftl, i);
	*drawn = rng_u64(d->ftl->rng);
	blk_dev_close(&d->dev);
	sim_free(s);
	return sum;
}

START_TEST(a_past_with_a_seed_of_its_own_is_one_whatever_the_runs)
{
	uint64_t a, b, c, d, first = life(1, "7", &a);
	ck_assert(first == life(2, "7", &b));
	ck_assert(a != b); /* the run's own draws are its seed's */
	ck_assert(first != life(1, "8", &c));
	ck_assert(a == c);
	ck_assert(first != life(1, "-1", &d));
	ck_assert(life(7, "-1", &d) == first);
}
END_TEST

/* Moves that were copied back, as a share of all. */
static double copied_back(const char *superblock, const char *parity)
{
	struct err e = {0};
	char text[2048];
	struct sim *s = sim_new(3);
	int n = snprintf(text, sizeof(text), DRIVE); /* its last line is that of copyback */
	snprintf(text + n - 2, sizeof(text) - (size_t)n + 2, ", parity: %s}\n  ftl: {map: {capacity: 4 MiB}, alloc: {superblock: %s}}\n"
		"  buffer: {size: 64 KiB}\n  moves: {copyback: true}\n  precondition: {fill: 1, overwrite: 2}\n", parity, superblock);
	struct ssd *d = drive(s, text, &e);
	ck_assert_msg(d != NULL, "%s", e.msg);
	uint64_t before = d->ftl->counts.programmed[FTL_GC];
	serve(d, 6000);
	double moves = (double)(d->ftl->counts.programmed[FTL_GC] - before), copies = (double)d->counts.copybacks;
	blk_dev_close(&d->dev);
	sim_free(s);
	ck_assert(moves > 500);
	return copies / moves;
}

/* What the option's doc and FIDELITY say of it. */
START_TEST(a_move_is_copied_back_where_it_stays_in_its_plane)
{
	ck_assert_double_eq(copied_back("none", "false"), 1);
	ck_assert_double_eq_tol(copied_back("die", "false"), 1.0 / 2, 0.05);
	ck_assert_double_eq_tol(copied_back("device", "false"), 1.0 / 8, 0.03);
	ck_assert_double_eq_tol(copied_back("none", "true"), 1.0 / 2, 0.05);
}
END_TEST

static void refused(const char *more, const char *part)
{
	struct err e = {0};
	char text[2048];
	struct sim *s = sim_new(1);
	snprintf(text, sizeof(text), "%s%s", DRIVE, more);
	ck_assert_ptr_null(drive(s, text, &e));
	ck_assert_msg(strstr(e.msg, part) != NULL, "\"%s\" lacks \"%s\"", e.msg, part);
	sim_free(s);
}

START_TEST(what_cannot_be_is_refused_in_a_sentence)
{
	refused("  ftl: {map: {capacity: 5 MiB}}\n  buffer: {size: 4 KiB}\n", "buffer.size");
	refused("  ftl: {map: {capacity: 15 MiB}}\n  buffer: {size: 64 KiB}\n", "capacity");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("ftl/ssd");
	TCase *t = tcase_create("all");
	tcase_add_loop_test(t, what_the_flash_has_programmed_is_what_the_layer_says, 0, (int)(sizeof(settings) / sizeof(settings[0])));
	tcase_add_loop_test(t, the_shortest_queue_wears_the_planes_alike_and_is_not_slow, 0, 2);
	tcase_add_test(t, preconditioning_is_not_reported_as_the_runs_work);
	tcase_add_test(t, preconditioning_overwrites_only_its_span);
	tcase_add_test(t, a_past_with_a_seed_of_its_own_is_one_whatever_the_runs);
	tcase_add_test(t, a_move_is_copied_back_where_it_stays_in_its_plane);
	tcase_add_test(t, what_cannot_be_is_refused_in_a_sentence);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
