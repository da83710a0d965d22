/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The write cache: its extents against a sector-by-sector model, the destage orders, and what a drive
 * does with it, worked out by hand.
 */
#include "disk/disk_fixture.h"

#define US PS_PER_US
#define MS PS_PER_MS

/* ---- extents ----------------------------------------------------------------------------------- */

struct range {
	uint64_t lo, hi;
};

struct combining {
	struct range put[4];     /* one after the other; hi 0 ends */
	struct range want[3][4]; /* extents under none, append, all */
	uint64_t superseded;
};

static const struct combining combinings[] = {
	/* append */
	{{{10, 20}, {20, 30}}, {{{10, 20}, {20, 30}}, {{10, 30}}, {{10, 30}}}, 0},
	/* prepend */
	{{{20, 30}, {10, 20}}, {{{10, 20}, {20, 30}}, {{10, 20}, {20, 30}}, {{10, 30}}}, 0},
	/* a gap */
	{{{10, 20}, {21, 30}}, {{{10, 20}, {21, 30}}, {{10, 20}, {21, 30}}, {{10, 20}, {21, 30}}}, 0},
	/* the same again */
	{{{10, 20}, {10, 20}}, {{{10, 20}}, {{10, 20}}, {{10, 20}}}, 10},
	/* over the end of the older */
	{{{10, 20}, {15, 30}}, {{{10, 15}, {15, 30}}, {{10, 30}}, {{10, 30}}}, 5},
	/* over its beginning */
	{{{15, 30}, {10, 20}}, {{{10, 20}, {20, 30}}, {{10, 20}, {20, 30}}, {{10, 30}}}, 5},
	/* inside it */
	{{{10, 40}, {20, 30}}, {{{10, 20}, {20, 30}, {30, 40}}, {{10, 30}, {30, 40}}, {{10, 40}}}, 10},
	/* around it */
	{{{20, 30}, {10, 40}}, {{{10, 40}}, {{10, 40}}, {{10, 40}}}, 10},
	/* between two, closing the gap */
	{{{10, 20}, {30, 40}, {20, 30}}, {{{10, 20}, {20, 30}, {30, 40}}, {{10, 30}, {30, 40}}, {{10, 40}}}, 0},
	/* over parts of two */
	{{{10, 20}, {30, 40}, {15, 35}}, {{{10, 15}, {15, 35}, {35, 40}}, {{10, 35}, {35, 40}}, {{10, 40}}}, 10},
};
#define COMBININGS ((int)(sizeof(combinings) / sizeof(combinings[0])))

START_TEST(extents_combine_as_the_mode_says)
{
	const struct combining *k = &combinings[_i];
	for (int mode = 0; mode < 3; mode++) {
		struct arena *a = arena_new();
		struct wcache c;
		ck_assert_int_eq(wcache_init(&c, a, 10, 1000, (enum wcache_combine)mode), 0);
		for (int i = 0; i < 4 && k->put[i].hi; i++) {
			wcache_hold(&c, (uint32_t)(k->put[i].hi - k->put[i].lo));
			ck_assert(wcache_put(&c, k->put[i].lo, (uint32_t)(k->put[i].hi - k->put[i].lo), i, NULL));
		}
		uint32_t n = 0;
		uint64_t sectors = 0;
		for (; n < 4 && k->want[mode][n].hi; n++) {
			ck_assert_uint_lt(n, c.count);
			ck_assert_uint_eq(c.extent[n].lo, k->want[mode][n].lo);
			ck_assert_uint_eq(c.extent[n].hi, k->want[mode][n].hi);
			sectors += c.extent[n].hi - c.extent[n].lo;
		}
		ck_assert_uint_eq(c.count, n);
		ck_assert_uint_eq(c.sectors, sectors);
		ck_assert_uint_eq(c.counts.superseded, k->superseded);
		ck_assert_uint_eq(c.held_extents + c.held_sectors, 0);
		arena_free(a);
	}
}
END_TEST

#define SPACE 200

/* What the cache must hold: the content of each sector, 0 for none. */
static void ck_same(const struct wcache *c, const uint64_t *tag)
{
	uint64_t sectors = 0, wrong = 0; /* an assertion for each sector takes long */
	for (uint32_t i = 0; i < c->count; i++) {
		const struct wcache_extent *x = &c->extent[i];
		ck_assert_uint_lt(x->lo, x->hi);
		ck_assert(i == 0 || c->extent[i - 1].hi <= x->lo);
		uint64_t at = x->lo;
		for (const struct wcache_piece *p = x->pieces; p; p = p->next) {
			ck_assert_uint_eq(p->lo, at);
			ck_assert_uint_lt(p->lo, p->hi);
			for (; at < p->hi; at++)
				wrong += tag[at] != p->tag;
		}
		ck_assert_uint_eq(at, x->hi);
		sectors += x->hi - x->lo;
	}
	uint64_t dirty = 0;
	for (uint64_t i = 0; i < SPACE; i++) {
		dirty += tag[i] != 0;
		wrong += wcache_overlaps(c, i, i + 1) != (tag[i] != 0);
	}
	ck_assert_uint_eq(wrong, 0);
	ck_assert_uint_eq(sectors, dirty);
	ck_assert_uint_eq(c->sectors, dirty);
}

START_TEST(extents_and_contents_are_those_of_a_map_by_sector)
{
	struct arena *a = arena_new();
	struct rng *r = rng_new(a, (uint64_t)_i, "wcache");
	struct wcache c;
	uint64_t tag[SPACE] = {0};
	wcache_init(&c, a, 300, 1000, (enum wcache_combine)(_i % 3));
	for (uint64_t k = 1; k < 2000; k++) {
		uint64_t n = 1 + rng_below(r, 12), lo = rng_below(r, SPACE - n + 1), kind = rng_below(r, 8);
		if (kind < 5) {
			wcache_hold(&c, (uint32_t)n);
			struct wcache_extent *x = wcache_put(&c, lo, (uint32_t)n, (time_ps)k, &k);
			ck_assert(x && x->lo <= lo && x->hi >= lo + n);
			for (uint64_t i = lo; i < lo + n; i++)
				tag[i] = k;
		} else if (kind == 5) {
			wcache_drop(&c, lo, lo + n);
			memset(&tag[lo], 0, n * sizeof(tag[0]));
		} else if (c.count > 0) { /* any part of an extent */
			const struct wcache_extent *x = &c.extent[rng_below(r, c.count)];
			lo = x->lo + rng_below(r, x->hi - x->lo);
			uint64_t hi = lo + 1 + rng_below(r, x->hi - lo), at = lo;
			struct wcache_piece *p = wcache_take(&c, lo, hi);
			for (const struct wcache_piece *q = p; q; q = q->next)
				for (; at < q->hi; at++)
					ck_assert_uint_eq(tag[at], q->tag);
			ck_assert_uint_eq(at, hi);
			ck_assert_uint_eq(c.held_sectors, hi - lo);
			memset(&tag[lo], 0, (hi - lo) * sizeof(tag[0]));
			wcache_free_pieces(&c, p);
			wcache_release(&c, (uint32_t)(hi - lo));
		}
		ck_same(&c, tag);
		lo = rng_below(r, SPACE);
		uint64_t reach = lo;
		while (reach < SPACE && tag[reach])
			reach++;
		ck_assert_uint_eq(wcache_reach(&c, lo, SPACE), reach);
	}
	wcache_clear(&c);
	ck_assert_uint_eq(c.pieces.in_use, 0); /* each piece was given back */
	arena_free(a);
}
END_TEST

START_TEST(an_extent_is_as_old_as_its_oldest_data)
{
	struct arena *a = arena_new();
	struct wcache c;
	wcache_init(&c, a, 10, 1000, WCACHE_COMBINE_ALL);
	static const struct range put[] = {{10, 20}, {40, 50}, {20, 30}, {35, 55}, {30, 35}};
	static const time_ps oldest[] = {0, 0, 0, 0, 0};
	for (int i = 0; i < 5; i++) {
		wcache_hold(&c, (uint32_t)(put[i].hi - put[i].lo));
		wcache_put(&c, put[i].lo, (uint32_t)(put[i].hi - put[i].lo), i, NULL);
		ck_assert_int_eq(c.extent[0].acked_ps, oldest[i]);
		if (i == 3) /* nothing of the second write is left */
			ck_assert_int_eq(c.extent[1].acked_ps, 3);
	}
	ck_assert_uint_eq(c.count, 1);
	arena_free(a);
}
END_TEST

START_TEST(room_ends_with_extents_or_sectors)
{
	struct arena *a = arena_new();
	struct wcache c;
	wcache_init(&c, a, 2, 100, WCACHE_COMBINE_APPEND);
	ck_assert(wcache_fits(&c, 100) && !wcache_fits(&c, 101));
	ck_assert(wcache_room(&c, 0, 100) && !wcache_room(&c, 0, 101));
	wcache_hold(&c, 10);
	ck_assert(wcache_room(&c, 0, 90) && !wcache_room(&c, 0, 91));
	wcache_put(&c, 0, 10, 0, NULL);
	wcache_hold(&c, 10);
	ck_assert(!wcache_room(&c, 50, 10)); /* two extents: one dirty, one coming in */
	ck_assert(wcache_room(&c, 10, 10));  /* but this one joins the first */
	wcache_put(&c, 20, 10, 0, NULL);
	ck_assert(!wcache_room(&c, 50, 10) && wcache_room(&c, 30, 10) && !wcache_room(&c, 19 - 10, 10 + 71));
	wcache_take(&c, 0, 10);
	ck_assert(!wcache_room(&c, 50, 10)); /* its space is held until it has landed */
	wcache_release(&c, 10);
	ck_assert(wcache_room(&c, 50, 10));
	arena_free(a);
}
END_TEST

/* ---- orders ------------------------------------------------------------------------------------- */

static const char plain[] =
	"disk0:\n"
	"  rpm: 6000 rpm\n"
	"  geometry: {heads: 2, cylinders: 100, zones: [{first_cylinder: 0, last_cylinder: 99, sectors_per_track: 100}]}\n"
	"  seek: {model: sqrt-linear, linear_base: 1 ms, linear_slope: 0.01 ms}\n"
	"  head_switch: 0.5 ms\n"
	"  cache: {enabled: true, write_back: true, read_ahead: none}\n";

#define OPEN(v, ...) drive_open_with(v, plain, (const char *const[]){__VA_ARGS__, NULL})

/* Order in which the extents of 1 sector at these LBNs, in order of age, are taken from LBN 5050. */
static void ck_order(const char *name, const uint64_t *lbn, unsigned n, const uint64_t *want)
{
	struct drive v;
	char order[128];
	snprintf(order, sizeof(order), "disk0.write_cache={extents: 20, idle_time: 3 s, order: %s}", name);
	drive_open_with(&v, plain, (const char *const[]){order, NULL});
	drive_do(&v, BLK_WRITE, 5050, 1, BLK_FUA); /* arm at cylinder 25, head 0 */
	v.disk->unit[0].destaged_to = 5051;
	for (unsigned i = 0; i < n; i++)
		drive_write(&v, lbn[i], 1);
	for (unsigned i = 0; i < n; i++) {
		struct disk_write_job *w = &v.disk->unit[0].write;
		uint64_t stamp = v.disk->wcache.counts.destages;
		while (v.disk->wcache.counts.destages == stamp)
			ck_assert(sim_step(v.sim));
		ck_assert_msg(w->lbn == want[i], "%s takes %lu as number %u, and not %lu", name, (unsigned long)w->lbn, i,
			(unsigned long)want[i]);
	}
	drive_close(&v);
}

/* Cylinders 90, 26, 24, 10, 25 (the other head), and two sectors of cylinder 40. At 3 s the angle is 0. */
START_TEST(each_order_takes_its_own)
{
	static const uint64_t lbn[] = {18000, 5201, 4899, 2000, 5130, 8090, 8020};
	static const struct {
		const char *name;
		uint64_t want[7];
	} cases[] = {
		{"fifo", {18000, 5201, 4899, 2000, 5130, 8090, 8020}},
		{"elevator", {5130, 5201, 8020, 8090, 18000, 2000, 4899}},
		{"nearest", {5130, 5201, 4899, 2000, 8090, 8020, 18000}},
	};
	ck_order(cases[_i].name, lbn, 7, cases[_i].want);
}
END_TEST

/* The elevator goes on from where it was: what comes in behind it waits for the next round. */
START_TEST(the_elevator_goes_on_upwards)
{
	struct drive v;
	static const uint64_t want[] = {8000, 12000, 2000, 6000};
	OPEN(&v, "disk0.write_cache={extents: 20, idle_time: 1 s, order: elevator}");
	v.disk->unit[0].destaged_to = 5000;
	drive_write(&v, 2000, 1);
	drive_write(&v, 8000, 1);
	drive_write(&v, 12000, 1);
	for (unsigned i = 0; i < 4; i++) {
		while (v.disk->wcache.counts.destages == i)
			ck_assert(sim_step(v.sim));
		ck_assert_uint_eq(v.disk->unit[0].write.lbn, want[i]);
		if (i == 0)
			drive_write(&v, 6000, 1);
	}
	drive_close(&v);
}
END_TEST

/* From sector 51 of track (25, 0), just after its write: the shortest positioning by an account of its own. */
START_TEST(sptf_takes_what_comes_first)
{
	struct drive v;
	drive_open(&v, plain);
	struct rng *r = rng_new(v.sim->arena, 4, "sptf");
	for (int round = 0; round < 500; round++) {
		struct wcache_extent x[12];
		struct mech m = v.disk->unit[0].mech;
		time_ps now = (time_ps)rng_below(r, 100 * MS), best = TIME_PS_MAX;
		m.cylinder = (uint32_t)rng_below(r, 100);
		uint32_t want = 0;
		for (uint32_t i = 0; i < 12; i++) {
			struct geom_place at;
			x[i] = (struct wcache_extent){.lo = rng_below(r, 20000), .stamp = 12 - i};
			geom_locate(v.disk->unit[0].geom, x[i].lo, &at);
			x[i].cylinder = at.cylinder;
			x[i].head = at.head;
			x[i].angle = geom_place_angle(v.disk->unit[0].geom, &at);
			uint64_t track = x[i].lo / 100;
			int64_t d = llabs((int64_t)(track / 2) - (int64_t)m.cylinder);
			time_ps move = d ? MS + d * 10 * US : 0;
			if (track % 2 != m.head && move < 500 * US)
				move = 500 * US;
			time_ps there = now + move, wait = ((time_ps)(x[i].lo % 100) * 100 * US + 10 * MS - there % (10 * MS)) % (10 * MS);
			if (there + wait < best || (there + wait == best && x[i].stamp < x[want].stamp)) {
				best = there + wait;
				want = i;
			}
		}
		struct destage_view view = {&m, now, 0};
		ck_assert_uint_eq(destage_pick_sptf(&view, x, 12), want);
	}
	drive_close(&v);
}
END_TEST

START_TEST(every_order_is_a_choice_among_what_there_is_and_none_is_another)
{
	struct drive v;
	drive_open(&v, plain);
	unsigned orders = 0, differ[8][8] = {{0}};
	while (disk_destages[orders])
		orders++;
	struct rng *r = rng_new(v.sim->arena, 5, "orders");
	for (int round = 0; round < 300; round++) {
		struct wcache_extent x[10] = {{0}};
		uint32_t n = 1 + (uint32_t)rng_below(r, 10), pick[8];
		for (uint32_t i = 0; i < n; i++) {
			struct geom_place at;
			x[i] = (struct wcache_extent){.lo = (i ? x[i - 1].lo : 0) + 2 + rng_below(r, 1900), .stamp = rng_below(r, 1000)};
			geom_locate(v.disk->unit[0].geom, x[i].lo, &at);
			x[i].cylinder = at.cylinder;
			x[i].head = at.head;
			x[i].angle = geom_place_angle(v.disk->unit[0].geom, &at);
		}
		struct destage_view view = {&v.disk->unit[0].mech, (time_ps)rng_below(r, MS), rng_below(r, 20000)};
		v.disk->unit[0].mech.cylinder = (uint32_t)rng_below(r, 100);
		for (unsigned k = 0; k < orders; k++) {
			pick[k] = disk_destages[k]->pick(&view, x, n);
			ck_assert_uint_lt(pick[k], n);
			ck_assert_uint_eq(disk_destages[k]->pick(&view, x, n), pick[k]);
			for (unsigned j = 0; j < k; j++)
				differ[j][k] += pick[j] != pick[k];
		}
	}
	for (unsigned k = 0; k < orders; k++)
		for (unsigned j = 0; j < k; j++)
			ck_assert_uint_gt(differ[j][k], 0);
	drive_close(&v);
}
END_TEST

/* ---- the drive ------------------------------------------------------------------------------------ */

/* The bus takes no time here, so a write that has room is done at once. */
START_TEST(a_write_without_room_waits_and_is_then_acknowledged)
{
	struct drive v;
	OPEN(&v, "disk0.write_cache={extents: 2, idle_time: 1 s}");
	ck_assert_int_eq(drive_write(&v, 10, 5).done_ps, 0);
	ck_assert_int_eq(drive_write(&v, 110, 5).done_ps, 0);
	struct blk_req r = drive_write(&v, 220, 5); /* the oldest lands at 1.5 ms */
	ck_assert_int_eq(r.status, BLK_OK);
	ck_assert_int_eq(r.hit, BLK_HIT);
	ck_assert_int_eq(r.done_ps, 1500 * US);
	ck_assert_uint_eq(v.disk->wcache.counts.waits, 1);
	drive_close(&v);
	OPEN(&v, "disk0.write_cache={extents: 20, sectors: 8, idle_time: 1 s}");
	ck_assert_int_eq(drive_write(&v, 10, 5).done_ps, 0);
	ck_assert_int_eq(drive_write(&v, 20, 5).done_ps, 1500 * US);
	ck_assert_int_eq(drive_write(&v, 30, 9).hit, BLK_MISS); /* can never fit: written through */
	drive_close(&v);
}
END_TEST

/* The same eight sectors, as the memory of a buffer with one segment. */
START_TEST(dirty_data_take_no_more_than_the_buffer)
{
	struct drive v;
	OPEN(&v, "disk0.write_cache={extents: 20, idle_time: 1 s}", "disk0.cache.segments=1", "disk0.cache.segment_sectors=8",
		"disk0.cache.buffer_size=4 KiB");
	ck_assert_int_eq(drive_write(&v, 10, 5).done_ps, 0);
	ck_assert_int_eq(drive_write(&v, 20, 5).done_ps, 1500 * US);
	ck_assert_int_eq(drive_write(&v, 30, 9).hit, BLK_MISS);
	drive_close(&v);
}
END_TEST

START_TEST(superseded_sectors_do_not_reach_the_medium)
{
	struct drive v;
	OPEN(&v, "disk0.write_cache={extents: 20, idle_time: 1 s}");
	for (int i = 0; i < 10; i++)
		drive_write(&v, 10, 5);
	ck_assert_uint_eq(v.disk->wcache.counts.superseded, 45);
	ck_assert_int_eq(sim_run(v.sim), 0);
	ck_assert_uint_eq(v.dev->stats.media_write_sectors, 5);
	ck_assert_uint_eq(v.dev->stats.host_write_sectors, 50);
	drive_close(&v);
}
END_TEST

/* 4 writes of 10 sectors that follow each other: one access from 1 ms to 5 ms, or accesses of 15 at most. */
START_TEST(neighbours_go_to_the_medium_together)
{
	static const struct {
		const char *cache;
		uint64_t destages;
	} cases[] = {
		{"disk0.write_cache={extents: 20, idle_time: 1 s}", 1},
		{"disk0.write_cache={extents: 20, idle_time: 1 s, combine: none}", 1},
		{"disk0.write_cache={extents: 20, idle_time: 1 s, access_sectors: 15}", 3},
		{"disk0.write_cache={extents: 20, idle_time: 1 s, access_sectors: 15, combine: none}", 3},
		{"disk0.write_cache={extents: 20, idle_time: 1 s, access_sectors: 20, combine: none}", 2},
	};
	struct drive v;
	OPEN(&v, cases[_i].cache);
	for (uint64_t i = 0; i < 4; i++)
		drive_write(&v, 10 + 10 * i, 10);
	ck_assert_uint_eq(v.disk->wcache.count, strstr(cases[_i].cache, "none") ? 4 : 1);
	ck_assert_int_eq(sim_run(v.sim), 0);
	ck_assert_uint_eq(v.disk->wcache.counts.destages, cases[_i].destages);
	ck_assert_uint_eq(v.disk->wcache.counts.destaged, 40);
	ck_assert_int_eq(v.sim->now_ps, PS_PER_S + 5 * MS); /* the head meets each part as the one before ends */
	drive_close(&v);
}
END_TEST

/* Each write comes while the one before is on its way: the head goes on without losing a turn. */
START_TEST(a_sequential_stream_loses_no_turn)
{
	struct drive v;
	OPEN(&v, "disk0.write_cache={extents: 4}", "disk0.overhead.write_hit_after_write=0.9 ms");
	for (uint64_t i = 0; i < 9; i++)
		drive_write(&v, 10 + 10 * i, 10);
	ck_assert_int_eq(sim_run(v.sim), 0);
	ck_assert_int_eq(v.sim->now_ps, 10 * MS); /* sector 99 ends at 10 ms */
	drive_close(&v);
	/* with one extent each waits for the one before, and comes too late by its command time */
	OPEN(&v, "disk0.overhead.write_hit_after_write=0.9 ms");
	for (uint64_t i = 0; i < 9; i++)
		drive_write(&v, 10 + 10 * i, 10);
	ck_assert_int_eq(sim_run(v.sim), 0);
	ck_assert_int_eq(v.sim->now_ps, 90 * MS); /* a turn each but for the first */
	drive_close(&v);
}
END_TEST

START_TEST(reads_find_what_is_dirty)
{
	struct drive v;
	/* one segment, which the second write takes: only the write cache has the first */
	OPEN(&v, "disk0.cache.segments=1", "disk0.write_cache={extents: 20, idle_time: 1 s}");
	drive_write(&v, 10, 5);
	drive_write(&v, 500, 5);
	ck_assert_int_eq(drive_read(&v, 11, 3).hit, BLK_HIT);
	ck_assert_int_eq(drive_read(&v, 12, 5).hit, BLK_MISS);
	drive_close(&v);
	/* a drive that does not let reads hit them writes them first */
	OPEN(&v, "disk0.cache.hit_on_written=false", "disk0.write_cache={extents: 20, idle_time: 1 s}");
	drive_write(&v, 500, 5);
	drive_write(&v, 10, 5);
	struct blk_req r = drive_read(&v, 12, 2);
	ck_assert_int_eq(r.start_ps, 1500 * US);
	ck_assert_int_eq(r.done_ps, 11400 * US);
	ck_assert_uint_eq(v.disk->wcache.count, 1); /* the other can wait */
	drive_close(&v);
}
END_TEST

START_TEST(a_flush_writes_all_that_is_dirty)
{
	struct drive v;
	OPEN(&v, "disk0.write_cache={extents: 20, idle_time: 1 s, order: elevator}");
	drive_write(&v, 10, 5);   /* lands at 1.5 ms */
	drive_write(&v, 20, 5);   /* 2.5 ms */
	drive_write(&v, 130, 5);  /* the other head: at 3 ms, sector 30 */
	ck_assert_int_eq(drive_do(&v, BLK_FLUSH, 0, 0, 0).done_ps, 3500 * US);
	ck_assert_int_eq(drive_do(&v, BLK_FLUSH, 0, 0, 0).done_ps, 3500 * US);
	ck_assert_uint_eq(v.disk->wcache.count, 0);
	drive_close(&v);
}
END_TEST

START_TEST(dirty_data_go_when_the_drive_is_idle_full_or_they_are_old)
{
	struct drive v;
	OPEN(&v, "disk0.write_cache={extents: 20, idle_time: 100 ms}");
	drive_write(&v, 10, 5);
	ck_assert_int_eq(sim_run(v.sim), 0);
	ck_assert_int_eq(v.sim->now_ps, 101500 * US);
	drive_close(&v);
	/* 10 extents at most, from 4 on down to 2 */
	OPEN(&v, "disk0.write_cache={extents: 10, idle_time: 1 s, high_water: 40 %, low_water: 20 %}");
	for (uint64_t i = 0; i < 4; i++)
		drive_write(&v, 100 * i, 1);
	sim_run_until(v.sim, 500 * MS);
	ck_assert_uint_eq(v.disk->wcache.count, 2);
	drive_close(&v);
	/* read after read: never idle, but old */
	OPEN(&v, "disk0.write_cache={extents: 10, idle_time: 1 s, max_age: 50 ms}");
	drive_write(&v, 10, 5);
	while (v.disk->wcache.counts.destages == 0)
		drive_do(&v, BLK_READ, 5000, 5, BLK_FUA);
	ck_assert_int_ge(v.disk->unit[0].write.start_ps, 50 * MS);
	ck_assert_int_le(v.disk->unit[0].write.start_ps, 60 * MS);
	drive_close(&v);
}
END_TEST

/* Of what is near and what is old, the old, whatever the order of destaging; then the near as before. */
START_TEST(what_is_too_old_goes_before_what_the_order_would_take)
{
	for (int i = 0; disk_destages[i]; i++) {
		struct drive v;
		char order[60];
		snprintf(order, sizeof(order), "disk0.write_cache.order=%s", disk_destages[i]->name);
		OPEN(&v, "disk0.write_cache={extents: 10, idle_time: 1 s, max_age: 50 ms}", order);
		drive_write(&v, 9000, 5);
		ck_assert_int_eq(sim_run_until(v.sim, 45 * MS), 0);
		drive_write(&v, 10, 5);
		drive_write(&v, 20, 5);
		while (v.disk->wcache.counts.destages == 0)
			ck_assert(sim_step(v.sim));
		ck_assert_int_eq(v.sim->now_ps, 50 * MS);
		ck_assert_msg(v.disk->unit[0].write.lbn == 9000, "%s", disk_destages[i]->name);
		drive_close(&v);
	}
}
END_TEST

/* A read waits behind a read while two writes are dirty. */
START_TEST(waiting_reads_go_first_or_not)
{
	for (int first = 0; first < 2; first++) {
		struct drive v;
		unsigned done = 0;
		struct blk_req r[4];
		OPEN(&v, first ? "disk0.write_cache={extents: 10, reads_first: true}" : "disk0.write_cache={extents: 10}");
		for (int i = 0; i < 4; i++) {
			r[i] = (struct blk_req){.op = i == 1 || i == 2 ? BLK_WRITE : BLK_READ, .lba = (uint64_t)(10 + 20 * i), .sectors = 1,
				.done = drive_count_done, .owner = &done};
			blk_submit(v.dev, &r[i]);
		}
		ck_assert_int_eq(sim_run(v.sim), 0);
		ck_assert_uint_eq(done, 4);
		/* read 10 until 1.1 ms; writes 30, 50; read 70: at 7 ms it comes by, on its way the writes do */
		ck_assert_int_eq(r[3].start_ps, first ? 1100 * US : 5100 * US);
		ck_assert_int_eq(r[3].done_ps, 7100 * US);
		drive_close(&v);
	}
}
END_TEST

/* DiskSim's fast write of the first kind: only what goes on where the last write ended. */
START_TEST(only_appending_writes_are_reported_early)
{
	struct drive v;
	OPEN(&v, "disk0.write_cache={extents: 10, report: appending}");
	ck_assert_int_eq(drive_write(&v, 10, 5).hit, BLK_MISS);
	ck_assert_int_eq(drive_write(&v, 15, 5).hit, BLK_HIT);
	ck_assert_int_eq(drive_write(&v, 20, 5).hit, BLK_HIT);
	ck_assert_int_eq(drive_write(&v, 30, 5).hit, BLK_MISS);
	drive_close(&v);
}
END_TEST

/* And of the second: all are, but one that does not append waits until the dirty data are out. */
START_TEST(other_writes_wait_for_the_dirty_data)
{
	struct drive v;
	OPEN(&v, "disk0.write_cache={extents: 10, accept: appending, idle_time: 1 s}");
	ck_assert_int_eq(drive_write(&v, 10, 5).done_ps, 0);
	ck_assert_int_eq(drive_write(&v, 15, 5).done_ps, 0);
	struct blk_req r = drive_write(&v, 30, 5);
	ck_assert_int_eq(r.hit, BLK_HIT);
	ck_assert_int_eq(r.done_ps, 2 * MS);
	drive_close(&v);
}
END_TEST

/* A write of a whole track with its data there begins where the head lands, at 3 ms. */
START_TEST(a_write_may_begin_where_the_head_lands)
{
	for (int arrival = 0; arrival < 2; arrival++) {
		struct drive v;
		OPEN(&v, "disk0.cache.write_back=false", arrival ? "disk0.write_on_arrival=true" : "disk0.write_on_arrival=false");
		sim_run_until(v.sim, 3 * MS);
		struct blk_req r = drive_write(&v, 0, 100);
		ck_assert_int_eq(r.done_ps, arrival ? 13 * MS : 20 * MS);
		ck_assert_int_eq(r.media_ps, arrival ? 3 * MS : 10 * MS);
		ck_assert_int_eq(r.rotation_ps, arrival ? 0 : 7 * MS);
		drive_close(&v);
		/* it comes too late for the head: 25 to 34 wait for sector 25 */
		OPEN(&v, "disk0.cache.write_back=false", "disk0.write_on_arrival=true", "disk0.overhead.write_data_delay=1 ms");
		sim_run_until(v.sim, 3 * MS);
		ck_assert_int_eq(drive_write(&v, 25, 10).done_ps, 13500 * US);
		drive_close(&v);
	}
}
END_TEST

/* What has landed of such a write: 30 to 99 from 3 ms on, then 0 to 29. */
START_TEST(a_cut_finds_both_parts_of_a_write_on_arrival)
{
	static const struct {
		time_ps at;
		uint64_t lo, hi, wrap, open;
	} cases[] = {
		{3 * MS, 30, 30, 0, UINT64_MAX}, {3050 * US, 30, 30, 0, 30}, {5 * MS, 30, 50, 0, 50}, {9950 * US, 30, 99, 0, 99},
		{10050 * US, 30, 100, 0, 0}, {12950 * US, 30, 100, 29, 29},
	};
	struct drive v;
	unsigned done = 0;
	OPEN(&v, "disk0.cache.write_back=false", "disk0.write_on_arrival=true");
	v.dev->tags = blk_tags_new();
	sim_run_until(v.sim, 3 * MS);
	struct blk_req r = {.op = BLK_WRITE, .lba = 0, .sectors = 100, .tag = 7, .done = drive_count_done, .owner = &done};
	blk_submit(v.dev, &r);
	sim_run_until(v.sim, cases[_i].at);
	blk_dev_power_cut(v.dev);
	for (uint64_t i = 0; i < 100; i++) {
		bool landed = (i >= cases[_i].lo && i < cases[_i].hi) || i < cases[_i].wrap;
		ck_assert_uint_eq(blk_tags_durable(v.dev->tags, i), landed ? 7 : 0);
		ck_assert_int_eq(blk_tags_open(v.dev->tags, i), i == cases[_i].open);
	}
	ck_assert_uint_eq(v.dev->stats.media_write_sectors, cases[_i].hi - cases[_i].lo + cases[_i].wrap);
	blk_tags_free(v.dev->tags);
	drive_close(&v);
}
END_TEST

START_TEST(the_limits_must_fit)
{
	drive_refused(plain, (const char *const[]){"disk0.write_cache={high_water: 20 %, low_water: 30 %}", NULL},
		"30 % is above high_water, 20 %");
	drive_refused(plain, (const char *const[]){"disk0.cache={segments: 1, segment_sectors: 9, buffer_size: 4 KiB}", NULL},
		"larger than the buffer, which has 8 sectors");
	drive_refused(plain, (const char *const[]){"disk0.cache={segments: 3, segment_sectors: 3, buffer_size: 4 KiB}", NULL},
		"segments of 3 sectors do not fit");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("write cache");
	TCase *t = tcase_create("write cache");
	tcase_add_loop_test(t, extents_combine_as_the_mode_says, 0, COMBININGS);
	tcase_add_loop_test(t, extents_and_contents_are_those_of_a_map_by_sector, 0, 6);
	tcase_add_test(t, an_extent_is_as_old_as_its_oldest_data);
	tcase_add_test(t, room_ends_with_extents_or_sectors);
	tcase_add_loop_test(t, each_order_takes_its_own, 0, 3);
	tcase_add_test(t, the_elevator_goes_on_upwards);
	tcase_add_test(t, sptf_takes_what_comes_first);
	tcase_add_test(t, every_order_is_a_choice_among_what_there_is_and_none_is_another);
	tcase_add_test(t, a_write_without_room_waits_and_is_then_acknowledged);
	tcase_add_test(t, dirty_data_take_no_more_than_the_buffer);
	tcase_add_test(t, superseded_sectors_do_not_reach_the_medium);
	tcase_add_loop_test(t, neighbours_go_to_the_medium_together, 0, 5);
	tcase_add_test(t, a_sequential_stream_loses_no_turn);
	tcase_add_test(t, reads_find_what_is_dirty);
	tcase_add_test(t, a_flush_writes_all_that_is_dirty);
	tcase_add_test(t, dirty_data_go_when_the_drive_is_idle_full_or_they_are_old);
	tcase_add_test(t, what_is_too_old_goes_before_what_the_order_would_take);
	tcase_add_test(t, waiting_reads_go_first_or_not);
	tcase_add_test(t, only_appending_writes_are_reported_early);
	tcase_add_test(t, other_writes_wait_for_the_dirty_data);
	tcase_add_test(t, a_write_may_begin_where_the_head_lands);
	tcase_add_loop_test(t, a_cut_finds_both_parts_of_a_write_on_arrival, 0, 6);
	tcase_add_test(t, the_limits_must_fit);
	tcase_set_timeout(t, 60);
	suite_add_tcase(s, t);
	return run_suite(s);
}
