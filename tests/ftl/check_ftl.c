/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The translation layer: writes, trims, cleaning, thresholds, wear levelling, refusals. */
#include "ftl/ftl_fixture.h"

#include "flash/bench.h"

#include <math.h>

START_TEST(an_overwrite_leaves_the_old_copy_invalid)
{
	struct rig r;
	rig_open(&r, ONE_PLANE "ftl: {map: {over_provisioning: 60 %}}\n");
	null_fill(r.f, 0, 8);
	ck_assert_uint_eq(r.f->blocks.block[0].valid, 8);
	ck_assert_int_eq(r.f->blocks.block[0].state, FTL_FULL);
	null_write(r.f, 3);
	ck_assert_uint_eq(r.f->blocks.block[0].valid, 7);
	ck_assert_uint_eq(r.f->blocks.block[1].valid, 1);
	ck_assert(ftl_trim(r.f, 3));
	ck_assert(!ftl_trim(r.f, 3));
	ck_assert(!ftl_trim(r.f, 70)); /* never written */
	ck_assert_uint_eq(r.f->blocks.block[1].valid, 0);
	ck_assert_uint_eq(r.f->counts.trimmed, 1);
	ck_assert_uint_eq(ftl_lookup(r.f, 3), FTL_NOWHERE);
	rig_holds(&r);
	rig_close(&r);
}
END_TEST

START_TEST(a_move_overtaken_by_a_write_or_a_trim_is_stale)
{
	struct rig r;
	struct ftl_move m[8];
	rig_open(&r, ONE_PLANE "ftl: {map: {over_provisioning: 60 %}, alloc: {frontiers: host-gc}}\n");
	null_fill(r.f, 0, 16);
	ck_assert(ftl_clean_begin(r.f, 0));
	for (int i = 0; i < 8; i++)
		ck_assert(ftl_clean_next(r.f, 0, &m[i]));
	ck_assert(!ftl_clean_next(r.f, 0, &m[0]));
	ck_assert(!ftl_clean_done(r.f, 0)); /* eight copies are under way */
	null_write(r.f, m[2].logical);
	uint64_t latest = ftl_lookup(r.f, m[2].logical);
	ck_assert(ftl_trim(r.f, m[5].logical));
	for (int i = 0; i < 8; i++)
		ck_assert_int_eq(ftl_move_commit(r.f, 0, &m[i]), i != 2 && i != 5);
	ck_assert_uint_eq(r.f->counts.stale, 2);
	ck_assert_uint_eq(ftl_lookup(r.f, m[2].logical), latest);
	ck_assert_uint_eq(ftl_lookup(r.f, m[5].logical), FTL_NOWHERE);
	ck_assert_uint_eq(ftl_lookup(r.f, m[1].logical), m[1].to);
	ck_assert(ftl_clean_done(r.f, 0));
	ftl_erased(r.f, 0);
	ck_assert_uint_eq(r.f->counts.programmed[FTL_GC], 8);
	rig_holds(&r);
	rig_close(&r);
}
END_TEST

START_TEST(cleaning_begins_below_low_and_ends_at_high)
{
	struct rig r;
	rig_open(&r, ONE_PLANE "ftl: {map: {over_provisioning: 120 %}, gc: {low: 2, high: 5, background: 7}}\n");
	uint64_t l = 0;
	bool began = false;
	for (int i = 0; i < 2000; i++, l = (l + 1) % r.f->logical) {
		uint32_t region = ftl_choose(r.f, l);
		while (!ftl_room(r.f, region) || ftl_clean_wanted(r.f, region, FTL_FOREGROUND)) {
			struct ftl_move m;
			uint32_t free = r.f->blocks.region[0].free;
			ck_assert_uint_lt(free, 5);
			if (!began)
				ck_assert_uint_eq(free, 1); /* low is two */
			began = true;
			ck_assert(ftl_clean_begin(r.f, 0));
			while (ftl_clean_next(r.f, 0, &m))
				ck_assert(ftl_move_commit(r.f, 0, &m));
			ftl_erased(r.f, 0);
		}
		if (began)
			ck_assert_uint_ge(r.f->blocks.region[0].free, 5);
		began = false;
		ck_assert_int_eq(ftl_clean_wanted(r.f, 0, FTL_BACKGROUND), r.f->blocks.region[0].free < 7);
		ftl_write_commit(r.f, l, ftl_write_begin(r.f, region));
	}
	ck_assert_uint_gt(r.f->counts.erases, 100);
	rig_close(&r);
}
END_TEST

START_TEST(the_host_leaves_the_reserve_to_cleaning)
{
	struct rig r;
	rig_open(&r, ONE_PLANE "ftl: {map: {over_provisioning: 120 %}, gc: {low: 3, reserve: 3}}\n");
	uint64_t n = 0;
	while (ftl_room(r.f, 0)) { /* nobody cleans */
		ftl_write_commit(r.f, n % r.f->logical, ftl_write_begin(r.f, 0));
		n++;
	}
	ck_assert_uint_eq(r.f->blocks.region[0].free, 3);
	ck_assert_uint_eq(n, (16 - 3) * 8);
	rig_close(&r);
	rig_open(&r, ONE_PLANE "ftl: {map: {over_provisioning: 120 %}, gc: {low: 3, reserve: 3}, alloc: {frontiers: shared}}\n");
	for (n = 0; ftl_room(r.f, 0); n++)
		ftl_write_commit(r.f, n % r.f->logical, ftl_write_begin(r.f, 0));
	/* one more is taken, for what is moved first */
	ck_assert_uint_eq(r.f->blocks.region[0].free, 2);
	ck_assert_uint_eq(n, (16 - 3) * 8);
	rig_close(&r);
}
END_TEST

START_TEST(a_block_with_a_program_under_way_is_no_victim)
{
	struct rig r;
	rig_open(&r, ONE_PLANE "ftl: {map: {over_provisioning: 60 %}}\n");
	uint64_t at = 0;
	for (uint64_t l = 0; l < 8; l++) {
		ck_assert(ftl_room(r.f, 0));
		at = ftl_write_begin(r.f, 0);
		if (l < 7)
			ftl_write_commit(r.f, l, at);
	}
	ck_assert(!ftl_clean_begin(r.f, 0));
	ftl_write_commit(r.f, 7, at);
	ck_assert(ftl_clean_begin(r.f, 0));
	ck_assert_uint_eq(r.f->job[0].victim, 0);
	rig_close(&r);
}
END_TEST

START_TEST(a_flush_pads_a_page_once)
{
	struct rig r;
	rig_open(&r, TINY "ftl: {map: {unit: 1 KiB, over_provisioning: 90 %}}\n");
	null_fill(r.f, 0, 3);
	ck_assert_uint_eq(ftl_pad(r.f, ftl_region_of(r.f, ftl_lookup(r.f, 0)), FTL_HOST), 5);
	ck_assert_uint_eq(ftl_pad(r.f, ftl_region_of(r.f, ftl_lookup(r.f, 0)), FTL_HOST), 0);
	ck_assert_uint_eq(ftl_pad(r.f, 7, FTL_GC), 0);
	ck_assert_uint_eq(r.f->counts.programmed[FTL_PADDING], 5);
	ck_assert_uint_eq(ftl_programs(r.f), 8);
	rig_holds(&r);
	rig_close(&r);
}
END_TEST

START_TEST(a_pad_fills_up_a_whole_wordline)
{
	struct rig r;
	rig_open(&r, ONE_PLANE "ftl: {map: {unit: 1 KiB, over_provisioning: 90 %}}\n");
	null_fill(r.f, 0, 5); /* a page of 4 units and one more */
	ck_assert_uint_eq(ftl_pad_to(r.f, 0, FTL_HOST, 16), 11);
	ck_assert_uint_eq(ftl_pad_to(r.f, 0, FTL_HOST, 16), 0);
	rig_holds(&r);
	rig_close(&r);
}
END_TEST

START_TEST(moved_data_keep_their_age)
{
	struct rig r;
	struct ftl_move m;
	rig_open(&r, ONE_PLANE "ftl: {map: {over_provisioning: 60 %}, gc: {policy: fifo}}\n");
	null_fill(r.f, 0, 24);
	ck_assert_uint_eq(r.f->blocks.block[0].stamp, 8);
	ck_assert_uint_eq(r.f->blocks.block[2].stamp, 24);
	ck_assert(ftl_clean_begin(r.f, 0)); /* block 0 */
	while (ftl_clean_next(r.f, 0, &m))
		ck_assert(ftl_move_commit(r.f, 0, &m));
	ck_assert_uint_eq(r.f->blocks.block[blocks_of_unit(&r.f->blocks, m.to)].stamp, 8);
	rig_close(&r);
}
END_TEST

/* A tenth of the units takes all the writes. */
static struct ftl_wear after_hot_writes(const char *wear)
{
	struct rig r;
	char text[512];
	snprintf(text, sizeof(text), "geometry: {channels: 1, chips: 1, dies: 1, planes: 1, blocks: 64, pages: 16, page: 4 KiB, "
		"cell: slc}\nftl: {map: {over_provisioning: 30 %%}, alloc: {frontiers: separate}, wear: {%s}}\n", wear);
	rig_open(&r, text);
	struct null_load load = {.pattern = NULL_HOT_COLD, .hot_writes = 1, .hot_units = 0.1};
	null_fill(r.f, 0, r.f->logical);
	null_overwrite(r.f, &load, r.rng, 200000);
	rig_holds(&r);
	struct ftl_wear w = ftl_wear(r.f);
	if (strstr(wear, "threshold"))
		ck_assert_uint_gt(r.f->counts.programmed[FTL_WEAR], 0);
	else
		ck_assert_uint_eq(r.f->counts.programmed[FTL_WEAR], 0);
	rig_close(&r);
	return w;
}

START_TEST(static_wear_levelling_holds_the_difference_of_erase_counts)
{
	struct ftl_wear none = after_hot_writes("free_order: least-worn");
	ck_assert_uint_eq(none.min, 0); /* cold data stay where they are */
	ck_assert_uint_gt(none.max, 300);
	struct ftl_wear leveled = after_hot_writes("threshold: 20, interval: 1");
	/* above the threshold each erase moves one block, so it is passed by at most one erase of each block */
	ck_assert_uint_le(leveled.max - leveled.min, 20 + 2);
	struct ftl_wear loose = after_hot_writes("threshold: 100, interval: 1");
	ck_assert_uint_gt(loose.max - loose.min, 50);
	ck_assert_uint_le(loose.max - loose.min, 102);
	struct ftl_wear seldom = after_hot_writes("threshold: 20, interval: 400");
	ck_assert_uint_gt(seldom.max - seldom.min, leveled.max - leveled.min);
}
END_TEST

/* ---- frontiers ---------------------------------------------------------------------------------------------- */

/* Which causes wrote into a block since its erase, as bits; and which sets of them there were. */
struct written_by {
	uint8_t block[32];
	bool seen[1 << FTL_CAUSES];
};

static void note_program(void *ctx, uint64_t physical, uint64_t logical, int cause)
{
	struct written_by *w = ctx;
	(void)logical;
	w->block[physical / 16] |= (uint8_t)(1u << cause);
}

static void note_erase(void *ctx, uint32_t block)
{
	struct written_by *w = ctx;
	w->seen[w->block[block]] = true;
	w->block[block] = 0;
}

/* Hot writes, cold data that wear levelling moves: all three causes write all the time. */
static struct written_by mixtures(const char *frontiers)
{
	struct rig r;
	char text[512];
	struct written_by w = {0};
	snprintf(text, sizeof(text), "geometry: {channels: 1, chips: 1, dies: 1, planes: 1, blocks: 32, pages: 16, page: 4 KiB, cell: slc}\n"
		"ftl: {map: {over_provisioning: 60 %%}, alloc: {frontiers: %s}, wear: {threshold: 5, interval: 1}}\n", frontiers);
	rig_open(&r, text);
	r.f->tap = (struct ftl_tap){note_program, note_erase, &w};
	struct null_load load = {.pattern = NULL_HOT_COLD, .hot_writes = 0.97, .hot_units = 0.4};
	null_fill(r.f, 0, r.f->logical);
	null_overwrite(r.f, &load, r.rng, 40000);
	rig_holds(&r);
	ck_assert_uint_gt(r.f->counts.programmed[FTL_GC], 1000);
	ck_assert_uint_gt(r.f->counts.programmed[FTL_WEAR], 100);
	for (int i = 0; i < 32; i++)
		w.seen[w.block[i]] = true;
	rig_close(&r);
	return w;
}

/* Each setting keeps apart what it says, and nothing else: a block of the shared frontier has all, of the others what they
 * share. */
START_TEST(each_frontier_takes_its_own_writes)
{
	enum { HOST = 1 << FTL_HOST, GC = 1 << FTL_GC, WEAR = 1 << FTL_WEAR };
	struct written_by shared = mixtures("shared"), two = mixtures("host-gc"), three = mixtures("separate");
	ck_assert(shared.seen[HOST | GC] && shared.seen[HOST | WEAR]);
	ck_assert(two.seen[HOST] && two.seen[GC | WEAR]);
	ck_assert(three.seen[HOST] && three.seen[GC] && three.seen[WEAR]);
	for (int set = 1; set < 1 << FTL_CAUSES; set++) {
		ck_assert_msg(!two.seen[set] || set == HOST || !(set & HOST), "host-gc: a block of causes %#x", (unsigned)set);
		ck_assert_msg(!three.seen[set] || set == HOST || set == GC || set == WEAR, "separate: a block of causes %#x", (unsigned)set);
	}
}
END_TEST

/* Most erases of a free block, fewest of a full one. */
static uint32_t worn(const struct rig *r, enum ftl_block_state state)
{
	uint32_t most = 0, least = UINT32_MAX;
	for (uint32_t k = 0; k < r->f->blocks.count; k++) {
		const struct ftl_block *b = &r->f->blocks.block[k];
		if (b->state != state)
			continue;
		most = b->erases > most ? b->erases : most;
		least = b->erases < least ? b->erases : least;
	}
	return state == FTL_FREE ? most : least;
}

START_TEST(cold_data_move_onto_the_most_worn_free_block)
{
	struct rig r;
	int jobs = 0;
	rig_open(&r, "geometry: {channels: 1, chips: 1, dies: 1, planes: 1, blocks: 32, pages: 16, page: 4 KiB, cell: slc}\n"
		"ftl: {map: {over_provisioning: 60 %}, alloc: {frontiers: separate}, gc: {low: 4}, wear: {threshold: 5, interval: 1}}\n");
	null_fill(r.f, 0, r.f->logical);
	for (uint64_t i = 0; i < 40000; i++) {
		const struct ftl_job *j = &r.f->job[0];
		while (!ftl_room(r.f, 0) || ftl_clean_wanted(r.f, 0, FTL_FOREGROUND)) {
			struct ftl_move m;
			uint32_t least = worn(&r, FTL_FULL), most = worn(&r, FTL_FREE);
			ck_assert(ftl_clean_begin(r.f, 0));
			if (j->stream == FTL_WEAR)
				ck_assert_uint_eq(r.f->blocks.block[j->victim].erases, least);
			for (; ftl_clean_next(r.f, 0, &m); most = worn(&r, FTL_FREE)) {
				if (j->stream == FTL_WEAR && m.to % 16 == 0) { /* a new block */
					ck_assert_uint_eq(r.f->blocks.block[m.to / 16].erases, most);
					jobs++;
				}
				ck_assert(ftl_move_commit(r.f, 0, &m));
			}
			ftl_erased(r.f, 0);
		}
		ftl_write_commit(r.f, i % 30, ftl_write_begin(r.f, 0));
	}
	ck_assert_int_gt(jobs, 10);
	rig_close(&r);
}
END_TEST

START_TEST(the_least_worn_free_block_first_levels_what_is_written)
{
	/* With a few more free blocks than are open, the order decides: FIFO reuses a block however worn. */
	struct ftl_wear least = after_hot_writes("free_order: least-worn");
	struct ftl_wear fifo = after_hot_writes("free_order: fifo");
	ck_assert_uint_le(least.max, fifo.max);
}
END_TEST

START_TEST(a_list_is_written_in_its_order_and_anew)
{
	struct rig r;
	static const uint64_t list[] = {5, 9, 5};
	rig_open(&r, ONE_PLANE "ftl: {map: {over_provisioning: 60 %}}\n");
	struct null_load load = {.pattern = NULL_LIST, .list = list, .list_count = 3};
	null_overwrite(r.f, &load, r.rng, 5);
	ck_assert_uint_eq(ftl_lookup(r.f, 5), 3);
	ck_assert_uint_eq(ftl_lookup(r.f, 9), 4);
	rig_close(&r);
}
END_TEST

static uint64_t seen[128];
static void count_writes(void *ctx, uint64_t physical, uint64_t logical, int cause)
{
	(void)ctx, (void)physical;
	seen[logical] += cause == FTL_HOST;
}
static void ignore(void *ctx, uint32_t block) { (void)ctx, (void)block; }

static int falling(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
	return x < y ? 1 : x > y ? -1 : 0;
}

START_TEST(zipf_draws_the_kth_unit_in_proportion_to_k_to_the_minus_theta)
{
	static const double thetas[] = {0.5, 0.99, 1, 1.2};
	for (int k = 0; k < 4; k++) {
		struct rig r;
		rig_open(&r, ONE_PLANE "ftl: {map: {over_provisioning: 60 %}}\n");
		struct null_load load = {.pattern = NULL_ZIPF, .theta = thetas[k]};
		const uint64_t draws = 400000;
		uint64_t n = r.f->logical;
		memset(seen, 0, sizeof(seen));
		r.f->tap = (struct ftl_tap){count_writes, ignore, NULL};
		null_overwrite(r.f, &load, r.rng, draws);
		qsort(seen, n, sizeof(seen[0]), falling);
		double sum = 0;
		for (uint64_t i = 1; i <= n; i++)
			sum += pow((double)i, -thetas[k]);
		for (uint64_t i = 1; i <= 10; i++) { /* the first ones are far enough apart to keep their order */
			double want = (double)draws * pow((double)i, -thetas[k]) / sum;
			ck_assert_msg(fabs((double)seen[i - 1] - want) < 5 * sqrt(want) + 0.01 * want, "theta %g rank %d: %d, not %g", thetas[k],
				(int)i, (int)seen[i - 1], want);
		}
		rig_close(&r);
	}
}
END_TEST

START_TEST(the_same_seed_gives_the_same_flash)
{
	struct rig a, b;
	const char *text = TINY "ftl: {map: {over_provisioning: 90 %}, gc: {policy: d-choices}}\n";
	struct null_load uniform = {.pattern = NULL_UNIFORM};
	rig_open(&a, text);
	rig_open(&b, text);
	for (int i = 0; i < 50; i++) { /* in turns: neither knows of the other */
		null_overwrite(a.f, &uniform, a.rng, 500);
		null_overwrite(b.f, &uniform, b.rng, 500);
	}
	ck_assert_int_eq(memcmp(a.f->map.forward.bytes, b.f->map.forward.bytes, 4 * a.f->logical), 0);
	ck_assert_int_eq(memcmp(a.f->map.reverse.bytes, b.f->map.reverse.bytes, 4 * a.f->map.physical), 0);
	ck_assert_int_eq(memcmp(&a.f->counts, &b.f->counts, sizeof(a.f->counts)), 0);
	rig_close(&a);
	rig_close(&b);
}
END_TEST

/* A bench of the same geometry; its times do not matter. */
static struct nand *bench_open(struct rig *r, const char *geometry)
{
	char text[1024];
	struct err e = {0};
	struct flash_spec *spec = arena_alloc(r->arena, sizeof(*spec));
	struct config *c = config_new(NULL);
	snprintf(text, sizeof(text), "flash:\n  %s  bus: {interface: custom, rate: 100 MT/s}\n  array: {read: [25 us], program: [200 us], erase: 1.5 ms}\n", geometry);
	ck_assert_msg(config_load_text(c, "flash.yaml", text, &e) == 0 && config_bind(config_get(config_root(c), "flash"), "flash",
		&flash_options, NULL, spec, r->arena, &e) == 0, "%s", e.msg);
	config_free(c);
	struct nand *n = nand_open(r->arena, spec, &e);
	ck_assert_msg(n != NULL, "%s", e.msg);
	return n;
}

START_TEST(the_flash_goes_on_where_preconditioning_ended)
{
	static const char *const super[] = {"none", "die", "device"};
	for (int i = 0; i < 3; i++) {
		struct rig r;
		char text[512];
		snprintf(text, sizeof(text), TINY "ftl: {map: {over_provisioning: 95 %%}, alloc: {superblock: %s}}\n", super[i]);
		rig_open(&r, text);
		struct nand *n = bench_open(&r, TINY);
		struct null_load uniform = {.pattern = NULL_UNIFORM};
		null_fill(r.f, 0, r.f->logical);
		null_overwrite(r.f, &uniform, r.rng, 4321);
		null_settle(r.f, n);
		uint64_t erases = 0, valid = 0;
		for (uint64_t k = 0; k < r.geom.all_blocks; k++)
			erases += n->block[k].erases;
		ck_assert_uint_eq(erases, r.f->counts.erases * r.f->alloc.planes_per_region);
		for (uint64_t l = 0; l < r.f->logical; l++) { /* what holds data is programmed */
			nand_ppa at = ftl_page_of(r.f, ftl_lookup(r.f, l), NULL);
			ck_assert_uint_lt(nand_ppa_page(&r.geom, at), nand_block_of(n, at)->next_page);
			valid++;
		}
		ck_assert_uint_eq(valid, r.f->logical);
		for (int k = 0; k < 500; k++) { /* and the next programs keep the order of pages */
			uint64_t l = rng_below(r.rng, r.f->logical);
			uint32_t region = ftl_choose(r.f, l);
			if (!ftl_room(r.f, region))
				continue;
			uint64_t to = ftl_write_begin(r.f, region);
			nand_ppa at = ftl_page_of(r.f, to, NULL);
			ck_assert_int_eq(nand_block_program(n, nand_block_of(n, at), nand_ppa_page(&r.geom, at)), NAND_OK);
			ftl_write_commit(r.f, l, to);
		}
		rig_close(&r);
	}
}
END_TEST

START_TEST(memory_stays_below_ten_bytes_for_each_page_at_seven_percent)
{
	struct rig r;
	rig_open(&r, "geometry: {channels: 8, chips: 4, dies: 2, planes: 2, blocks: 512, pages: 256, page: 8 KiB, cell: mlc}\n"
		"ftl: {map: {over_provisioning: 7 %}, gc: {low: 1}}\n");
	ck_assert_uint_le(ftl_bytes(r.f), 10 * r.f->logical);
	rig_close(&r);
}
END_TEST

START_TEST(what_cannot_be_is_refused_in_a_sentence)
{
	rig_refused(ONE_PLANE "ftl: {map: {over_provisioning: 7 %}}\n",
		"ftl.map.over_provisioning = 7.56 %: leaves no free block to write to; regions of 16 blocks with 2 frontiers and 2 "
		"to keep free want more than 33.33 %");
	rig_refused(ONE_PLANE "ftl: {map: {over_provisioning: 60 %}, gc: {low: 2, high: 6}}\n",
		"ftl.gc: to keep 6 of 16 blocks free is above the over-provisioning: it wants more than 100.00 %, and there is 60.00 %");
	rig_refused(ONE_PLANE "ftl: {gc: {low: 20}}\n", "of 16 blocks of a region 20 are kept free and 2 are open, which leaves none");
	rig_refused(ONE_PLANE "ftl: {map: {unit: 3000 B}}\n", "ftl.map.unit = 3000 B: want an even part of a page of 4096 bytes");
	rig_refused(ONE_PLANE "ftl: {map: {capacity: 1 GiB}}\n", "do not fit into flash of 128");
	rig_refused(ONE_PLANE "ftl: {gc: {low: 4, high: 3}}\n", "cleaning that begins below 4 free blocks (low) cannot end at 3");
	rig_refused(ONE_PLANE "ftl: {gc: {low: 2, reserve: 3}}\n", "3 blocks are kept from the host");
	rig_refused(ONE_PLANE "ftl: {gc: {policy: gready}}\n", "greedy");
	rig_refused(ONE_PLANE "ftl: {alloc: {order: CWPX}}\n", "CWPD");
}
END_TEST

START_TEST(the_least_over_provisioning_that_is_allowed_works)
{
	static const char *const frontier[] = {"shared", "host-gc", "separate"};
	for (int i = 0; i < 3; i++)
		for (int high = 1; high < 5; high++) {
			struct rig r;
			char text[512];
			uint32_t least = i == 0 ? 1 : 2, held = (high > (int)least ? (uint32_t)high : least) + (uint32_t)i + 1;
			snprintf(text, sizeof(text), ONE_PLANE "ftl: {map: {capacity: %u KiB}, alloc: {frontiers: %s}, gc: {low: 1, high: %d}}\n",
				4 * 8 * (16 - held), frontier[i], high);
			rig_open(&r, text);
			struct null_load uniform = {.pattern = NULL_UNIFORM};
			null_fill(r.f, 0, r.f->logical);
			null_overwrite(r.f, &uniform, r.rng, 20000);
			rig_holds(&r);
			rig_close(&r);
			snprintf(text, sizeof(text), ONE_PLANE "ftl: {map: {capacity: %u KiB}, alloc: {frontiers: %s}, gc: {low: 1, high: %d}}\n",
				4 * 8 * (16 - held) + 4, frontier[i], high);
			rig_refused(text, "more than");
		}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("ftl/ftl");
	TCase *t = tcase_create("all");
	tcase_add_test(t, an_overwrite_leaves_the_old_copy_invalid);
	tcase_add_test(t, a_move_overtaken_by_a_write_or_a_trim_is_stale);
	tcase_add_test(t, cleaning_begins_below_low_and_ends_at_high);
	tcase_add_test(t, the_host_leaves_the_reserve_to_cleaning);
	tcase_add_test(t, a_block_with_a_program_under_way_is_no_victim);
	tcase_add_test(t, a_flush_pads_a_page_once);
	tcase_add_test(t, a_pad_fills_up_a_whole_wordline);
	tcase_add_test(t, moved_data_keep_their_age);
	tcase_add_test(t, static_wear_levelling_holds_the_difference_of_erase_counts);
	tcase_add_test(t, cold_data_move_onto_the_most_worn_free_block);
	tcase_add_test(t, each_frontier_takes_its_own_writes);
	tcase_add_test(t, the_least_worn_free_block_first_levels_what_is_written);
	tcase_add_test(t, a_list_is_written_in_its_order_and_anew);
	tcase_add_test(t, zipf_draws_the_kth_unit_in_proportion_to_k_to_the_minus_theta);
	tcase_add_test(t, the_same_seed_gives_the_same_flash);
	tcase_add_test(t, the_flash_goes_on_where_preconditioning_ended);
	tcase_add_test(t, memory_stays_below_ten_bytes_for_each_page_at_seven_percent);
	tcase_add_test(t, what_cannot_be_is_refused_in_a_sentence);
	tcase_add_test(t, the_least_over_provisioning_that_is_allowed_works);
	suite_add_tcase(s, t);
	return run_suite(s);
}
