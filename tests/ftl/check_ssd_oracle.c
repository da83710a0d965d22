/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The solid-state drive under its oracle (ssd_oracle.h): random loads on tiny drives, for every combination of victim policy,
 * allocation and buffer setting; and faults and miscounts made on purpose, each of which the oracle must see.
 *
 * Each combination gets OPERATIONS requests; where the environment has QUERN_TEST_LONG, as `make check-long` has, LONG: more
 * than 10^4 each and 10^7 in all.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "effort.h"
#include "ftl/ssd_oracle.h"
#include "sim/config.h"

#define OPERATIONS 500
#define LONG 10000

/* 2 channels x 2 dies x 2 planes of 12 blocks of 8 pages of two units of two sectors: 1536 units. */
#define DRIVE \
	"d:\n" \
	"  flash:\n" \
	"    geometry: {channels: 2, chips: 1, dies: 2, planes: 2, blocks: 12, pages: 8, page: 2 KiB, cell: mlc}\n" \
	"    bus: {interface: nv-ddr2, rate: 333 MT/s}\n" \
	"    array: {read: [20 us, 35 us], program: [200 us, 500 us], erase: 2 ms}\n" \
	"    suspend: {program: true, erase: true, program_time: 10 us, erase_time: 30 us, resume_time: 5 us}\n" \
	"  ftl: {map: {unit: 1 KiB, over_provisioning: 140 %}, gc: {choices: 3, window: 4}}\n" \
	"  front: {kind: none}\n" \
	"  sched: {suspend: all}\n" \
	"  precondition: {fill: 90 %, overwrite: 1}\n"

static void bind(struct sim *s, const char *text, struct ssd_spec *spec)
{
	struct err e = {0};
	struct config *c = config_new(NULL);
	ck_assert_msg(config_load_text(c, "test.yaml", text, &e) == 0, "%s", e.msg);
	ck_assert_msg(config_bind(config_get(config_root(c), "d"), "d", &ssd_options, NULL, spec, s->arena, &e) == 0, "%s", e.msg);
	config_free(c);
}

/* ---- the matrix ------------------------------------------------------------------------------------------------------ */

struct allocation {
	int order;       /* index into ftl_allocs */
	int superblock;  /* enum ftl_superblock */
};

/* Every order by planes; with superblocks those that still differ. */
static unsigned allocations(struct allocation *out)
{
	unsigned n = 0, orders = 0;
	while (ftl_allocs[orders])
		orders++;
	for (unsigned i = 0; i < orders; i++)
		out[n++] = (struct allocation){(int)i, FTL_SUPER_NONE};
	for (unsigned i = 0; i < orders; i++)
		if (ftl_allocs[i]->choose || strcmp(ftl_allocs[i]->name, "CWDP") == 0 || strcmp(ftl_allocs[i]->name, "DWCP") == 0)
			out[n++] = (struct allocation){(int)i, FTL_SUPER_DIE};
	for (unsigned i = 0; i < orders; i++)
		if (strcmp(ftl_allocs[i]->name, "CWDP") == 0 || strcmp(ftl_allocs[i]->name, "PDWC") == 0)
			out[n++] = (struct allocation){(int)i, FTL_SUPER_DEVICE};
	return n;
}

static const struct ftl_buffer_spec buffers[] = {
	{.size_bytes = 16 << 10},                                                    /* writes through */
	{.size_bytes = 16 << 10, .write_back = true},
	{.size_bytes = 32 << 10, .write_back = true, .protected = true, .order = FTL_BUFFER_LRU},
	{.size_bytes = 48 << 10, .write_back = true, .read_share = 0.5, .read_ahead = 3, .high = 0.3},
	{.size_bytes = 64 << 10, .write_back = true, .high = 0.8, .low = 0.3, .order = FTL_BUFFER_LRU},
	{.size_bytes = 32 << 10, .read_share = 0.4, .high = 0.5, .low = 0.5},        /* through, with a read cache */
};
#define BUFFERS (sizeof(buffers) / sizeof(buffers[0]))

static void run(const struct ssd_spec *spec, unsigned operations, unsigned number)
{
	struct err e = {0};
	struct sim *s = sim_new(number);
	struct ssd *d = (struct ssd *)(void *)blk_dev_open(s, &ssd_ops, "d", spec, &e);
	ck_assert_msg(d != NULL, "%s", e.msg);
	struct oracle *o = oracle_open(d, number);
	o->pause = 100;
	oracle_load(o, ORACLE_LANES, operations);
	int bad = oracle_check(o);
	ck_assert_msg(bad == 0, "policy %s, order %s, superblock %d, frontiers %d, buffer setting %u, seed %u: %s",
		ftl_victims[spec->ftl.gc.policy]->name, ftl_allocs[spec->ftl.alloc.order]->name, spec->ftl.alloc.superblock,
		spec->ftl.alloc.frontiers, number % (unsigned)BUFFERS, number, o->e.msg);
	oracle_close(o);
	blk_dev_close(&d->dev);
	sim_free(s);
}

/* _i: the victim policy. Frontiers, wear levelling, free order and moves go round with the number of the combination. */
START_TEST(no_content_and_no_count_is_ever_wrong)
{
	struct allocation how[64];
	unsigned n = allocations(how), operations = getenv("QUERN_TEST_LONG") ? LONG : effort(OPERATIONS);
	struct sim *s = sim_new(1);
	struct ssd_spec base, spec;
	bind(s, DRIVE, &base);
	for (unsigned i = 0; i < n; i++)
		for (unsigned b = 0; b < BUFFERS; b++) {
			unsigned number = ((unsigned)_i * n + i) * (unsigned)BUFFERS + b, turn = (unsigned)_i + i + b;
			spec = base;
			spec.buffer = buffers[b];
			spec.ftl.gc.policy = _i;
			spec.ftl.gc.high = turn % 4 == 1 ? 3 : 0;
			spec.ftl.gc.background = turn % 5 == 1 ? 4 : 0;
			spec.ftl.alloc.order = how[i].order;
			spec.ftl.alloc.superblock = how[i].superblock;
			spec.ftl.alloc.frontiers = (int)(turn % 3);
			spec.ftl.wear.threshold = turn % 4 == 0 ? 4 : 0;
			spec.ftl.wear.free_order = turn % 2 ? FTL_FREE_FIFO : FTL_FREE_LEAST_WORN;
			spec.moves.moves = 1 + turn % 5;
			run(&spec, operations, number);
		}
	sim_free(s);
}
END_TEST

/* ---- what the oracle must see --------------------------------------------------------------------------------------------- */

#define FAULTY DRIVE "  buffer: {size: 32 KiB, read_share: 50 %, high: 50 %}\n"

static struct oracle *rig(const char *text, uint64_t seed)
{
	struct err e = {0};
	struct sim *s = sim_new(seed);
	struct ssd_spec *spec = arena_alloc(s->arena, sizeof(*spec));
	bind(s, text, spec);
	struct ssd *d = (struct ssd *)(void *)blk_dev_open(s, &ssd_ops, "d", spec, &e);
	ck_assert_msg(d != NULL, "%s", e.msg);
	return oracle_open(d, seed);
}

static void rig_free(struct oracle *o)
{
	struct sim *s = o->sim;
	struct blk_dev *dev = &o->d->dev;
	oracle_close(o);
	blk_dev_close(dev);
	sim_free(s);
}

/*
 * Each kind of fault, once, at twenty places of a run. All are seen, but for content that is overwritten before anybody reads
 * it: then nothing was wrong.
 */
START_TEST(one_fault_in_a_run_is_seen)
{
	unsigned seen = 0, least = _i == FAULT_BUFFER || _i == FAULT_FILL ? 15 : 20;
	for (unsigned i = 0; i < 20; i++) {
		struct oracle *o = rig(FAULTY, 1 + i);
		o->fault = (enum oracle_fault)_i;
		o->fault_in = i * i / 8;
		oracle_load(o, ORACLE_LANES, 3000);
		ck_assert_msg(o->faulted, "fault %d was never made", _i);
		if (o->violations == 0)
			(void)oracle_check(o);
		seen += o->violations > 0;
		rig_free(o);
	}
	ck_assert_msg(seen >= least, "fault %d was seen %u times of 20", _i, seen);
}
END_TEST

static void miscount_host(struct ssd *d) { d->ftl->counts.programmed[FTL_HOST]++; }
static void miscount_gc(struct ssd *d) { d->ftl->counts.programmed[FTL_GC]--; }
static void miscount_wear(struct ssd *d) { d->ftl->counts.programmed[FTL_WEAR]++; }
static void miscount_mapping(struct ssd *d) { d->ftl->counts.programmed[FTL_MAPPING]++; }
static void miscount_padding(struct ssd *d) { d->ftl->counts.programmed[FTL_PADDING]--; }
static void miscount_cause(struct ssd *d)
{
	d->ftl->counts.programmed[FTL_GC]--;
	d->ftl->counts.programmed[FTL_HOST]++;
}
static void miscount_erases(struct ssd *d) { d->ftl->counts.erases++; }
static void miscount_flash_programs(struct ssd *d) { d->nand->counts.programs++; }
static void miscount_flash_erases(struct ssd *d) { d->nand->counts.erases--; }
static void miscount_flash_reads(struct ssd *d) { d->nand->counts.reads--; }
static void miscount_stale(struct ssd *d) { d->ftl->counts.stale++; }
static void miscount_trimmed(struct ssd *d) { d->ftl->counts.trimmed++; }
static void miscount_jobs(struct ssd *d) { d->ftl->counts.victims[FTL_WEAR]++; }
static void miscount_valid(struct ssd *d) { d->ftl->blocks.block[5].valid ^= 1; }
static void miscount_live(struct ssd *d) { d->ftl->blocks.region[1].live++; }
static void miscount_wear_of_a_block(struct ssd *d) { d->ftl->blocks.block[7].erases++; }
static void miscount_wear_of_flash(struct ssd *d) { d->nand->block[3].erases--; }
static void miscount_before(struct ssd *d) { d->before.programmed[FTL_HOST]++; }
static void reverse_map(struct ssd *d)
{
	uint64_t at = 0;
	while (map_valid(&d->ftl->map, at) || map_owner(&d->ftl->map, at) == FTL_NOWHERE)
		at++;
	map_set_owner(&d->ftl->map, at, 0); /* of a copy that is not valid: nothing else depends on it */
}
static void swap_map(struct ssd *d)
{
	struct ftl_map *m = &d->ftl->map;
	uint64_t a = 0, b;
	while (map_get(m, a) == FTL_NOWHERE)
		a++;
	for (b = a + 1; map_get(m, b) == FTL_NOWHERE;)
		b++;
	uint64_t to_a = map_get(m, a), to_b = map_get(m, b);
	map_set(m, a, to_b);
	map_set(m, b, to_a);
	map_set_owner(m, to_b, a);
	map_set_owner(m, to_a, b);
}

static void (*const miscounts[])(struct ssd *d) = {
	miscount_host, miscount_gc, miscount_wear, miscount_mapping, miscount_padding, miscount_cause, miscount_erases,
	miscount_flash_programs, miscount_flash_erases, miscount_flash_reads, miscount_stale, miscount_trimmed, miscount_jobs,
	miscount_valid, miscount_live, miscount_wear_of_a_block, miscount_wear_of_flash, miscount_before, reverse_map, swap_map,
};

START_TEST(a_deliberate_miscount_is_seen)
{
	struct oracle *o = rig(FAULTY "  moves: {ahead: 2}\n", 77);
	oracle_load(o, ORACLE_LANES, 1500);
	ck_assert_msg(o->violations == 0, "%s", o->e.msg);
	miscounts[_i](o->d);
	ck_assert_int_eq(oracle_check(o), -1);
	rig_free(o);
}
END_TEST

/* The load is what it is meant to be. */
START_TEST(the_load_reaches_every_part_of_the_drive)
{
	struct oracle *o = rig(FAULTY "  idle_flush: 0.1 ms\n", 5);
	o->pause = 50;
	oracle_load(o, ORACLE_LANES, 4000);
	ck_assert_msg(oracle_check(o) == 0, "%s", o->e.msg);
	ck_assert_uint_eq(o->completed, 4000);
	ck_assert_uint_gt(o->cause[FTL_GC], 500);
	ck_assert_uint_gt(o->cause[FTL_PADDING], 50);
	ck_assert_uint_gt(o->stale, 5);
	ck_assert_uint_gt(o->trims, 50);
	ck_assert_uint_gt(o->d->counts.fills, 100);
	ck_assert_uint_gt(o->d->counts.waits, 100);
	ck_assert_uint_gt(o->d->dev.stats.reads_by_hit[BLK_HIT], 100);
	ck_assert_uint_gt(o->d->dev.stats.reads_by_hit[BLK_HIT_PARTIAL], 20);
	ck_assert_uint_gt(tsu_counts(o->d->tsu)->suspends, 100);
	ck_assert_uint_gt(tsu_counts(o->d->tsu)->packed[TSU_PROGRAM], 20);
	rig_free(o);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("ftl/ssd_oracle");
	TCase *t = tcase_create("oracle"), *m = tcase_create("matrix");
	int policies = 0;
	while (ftl_victims[policies])
		policies++;
	tcase_add_test(t, the_load_reaches_every_part_of_the_drive);
	tcase_add_loop_test(t, one_fault_in_a_run_is_seen, FAULT_NONE + 1, FAULTS);
	tcase_add_loop_test(t, a_deliberate_miscount_is_seen, 0, (int)(sizeof(miscounts) / sizeof(miscounts[0])));
	tcase_add_loop_test(m, no_content_and_no_count_is_ever_wrong, 0, policies);
	tcase_set_timeout(m, getenv("QUERN_TEST_LONG") ? 600 : 60);
	suite_add_tcase(s, t);
	suite_add_tcase(s, m);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
