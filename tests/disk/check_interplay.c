/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the parts of a drive do to one another: write cache, buffer, background reading, queue, arms,
 * zones, bands and power, where two of them meet. Times are worked out by hand.
 */
#include "disk/disk_fixture.h"

#include "blk/tag.h"

#define US PS_PER_US
#define MS PS_PER_MS

/* 6,000 rpm: a turn takes 10 ms, a sector 0.1 ms. Two surfaces of 100 tracks of 100 sectors. */
static const char plain[] =
	"disk0:\n"
	"  rpm: 6000 rpm\n"
	"  geometry: {heads: 2, cylinders: 100, zones: [{first_cylinder: 0, last_cylinder: 99, sectors_per_track: 100}]}\n"
	"  seek: {model: sqrt-linear, linear_base: 1 ms, linear_slope: 0.01 ms}\n"
	"  head_switch: 0.5 ms\n";

#define OPEN(v, ...) drive_open_with(v, plain, (const char *const[]){__VA_ARGS__, NULL})
#define BACK "disk0.cache={write_back: true, read_ahead: none}"
#define ARMS "disk0.actuators={count: 2}"

static void submit(struct drive *v, struct blk_req *r, unsigned *done)
{
	r->done = drive_count_done;
	r->owner = done;
	blk_submit(v->dev, r);
}

/* ---- the write cache ------------------------------------------------------------------------------- */

/* Whatever is put where there is room, extents stay within their limit. */
START_TEST(a_write_has_room_only_if_the_extents_it_leaves_do)
{
	struct arena *a = arena_new();
	struct rng *r = rng_new(a, 5, "room");
	struct wcache c;
	unsigned put = 0;
	wcache_init(&c, a, 4, 1000, (enum wcache_combine)_i);
	for (unsigned k = 0; k < 5000; k++) {
		uint64_t n = 1 + rng_below(r, 12), lo = rng_below(r, 100);
		if (wcache_room(&c, lo, (uint32_t)n)) {
			wcache_hold(&c, (uint32_t)n);
			wcache_put(&c, lo, (uint32_t)n, (time_ps)k, NULL);
			put++;
		} else if (rng_below(r, 4) == 0) {
			wcache_drop(&c, c.extent[0].lo, c.extent[0].hi);
		}
		ck_assert_uint_le(c.count, 4);
	}
	ck_assert_uint_gt(put, 500);
	arena_free(a);
}
END_TEST

/* While the arm is away, 40 writes into the middle of dirty data that they do not join: there is no room for them. */
START_TEST(writes_into_dirty_data_do_not_pass_the_limit_of_extents)
{
	struct drive v;
	unsigned done = 0;
	OPEN(&v, BACK, "disk0.write_cache={extents: 4, idle_time: 10 s, combine: append}", "disk0.concurrent_hits=true",
		"disk0.queue_depth=64");
	drive_write(&v, 1000, 100);
	struct blk_req r[41] = {{.op = BLK_READ, .lba = 17000, .sectors = 5}};
	for (unsigned i = 0; i < 41; i++) {
		if (i > 0)
			r[i] = (struct blk_req){.op = BLK_WRITE, .lba = 1000 + 2 * i, .sectors = 1};
		submit(&v, &r[i], &done);
	}
	while (done < 41) {
		ck_assert(sim_step(v.sim));
		ck_assert_uint_le(v.disk->wcache.count + v.disk->wcache.held_extents, 4);
	}
	drive_close(&v);
}
END_TEST

/* A reset takes a zone out of the middle of what is dirty: zones have extents of their own. */
START_TEST(extents_end_where_zones_do)
{
	struct drive v;
	OPEN(&v, BACK, "disk0.write_cache={extents: 20, idle_time: 10 s}",
		"disk0.shingled={model: host-managed, zone_size: 5 KiB, max_open_zones: 0}");
	for (uint64_t z = 0; z < 10; z++)
		ck_assert_int_eq(drive_write(&v, 10 * z, 10).hit, BLK_HIT);
	ck_assert_uint_eq(v.disk->wcache.count, 10);
	drive_close(&v);
}
END_TEST

/* With hit_on_written off, data read in the background before dirty data of their sectors landed are old ones. */
START_TEST(what_was_read_ahead_before_a_destage_is_not_hit_after_it)
{
	struct drive v;
	OPEN(&v, "disk0.cache={write_back: true, read_ahead: track, hit_on_written: false}",
		"disk0.write_cache={extents: 4, idle_time: 30 ms}");
	drive_write(&v, 20, 5);                        /* dirty */
	drive_read(&v, 0, 10);                         /* and reads on to the track's end */
	ck_assert_int_eq(sim_run(v.sim), 0);           /* landed */
	ck_assert_uint_eq(v.disk->wcache.counts.destages, 1);
	ck_assert_int_eq(drive_read(&v, 20, 5).hit, BLK_MISS);
	drive_close(&v);
}
END_TEST

/* From 30 % on dirty data go first, until there are 10 %; when all have gone at once, that is over too. */
START_TEST(destaging_for_the_high_water_ends_with_the_dirty_data)
{
	struct drive v;
	OPEN(&v, BACK, "disk0.write_cache={extents: 100, sectors: 100, idle_time: 1 s, high_water: 30 %, low_water: 10 %}");
	ck_assert_int_eq(drive_write(&v, 0, 30).hit, BLK_HIT);
	sim_run_until(v.sim, 100 * MS);
	ck_assert_uint_eq(v.disk->wcache.counts.destages, 1);
	ck_assert_int_eq(drive_write(&v, 0, 20).hit, BLK_HIT);
	sim_run_until(v.sim, 200 * MS);
	ck_assert_uint_eq(v.disk->wcache.counts.destages, 1); /* below 30 %: waits for the drive to be idle */
	drive_close(&v);
}
END_TEST

/* Two writes wait for room, and hits are served meanwhile: that is two waits. */
START_TEST(a_command_that_waits_for_dirty_data_counts_once)
{
	struct drive v;
	unsigned done = 0;
	OPEN(&v, BACK, "disk0.concurrent_hits=true", "disk0.queue_depth=16", "disk0.write_cache={extents: 1, idle_time: 1 s}");
	drive_read(&v, 9000, 50);
	drive_write(&v, 100, 5);
	struct blk_req r[12] = {{.op = BLK_READ, .lba = 17000, .sectors = 5}, {.op = BLK_WRITE, .lba = 2000, .sectors = 2},
		{.op = BLK_WRITE, .lba = 5000, .sectors = 2}};
	for (unsigned i = 3; i < 12; i++)
		r[i] = (struct blk_req){.op = BLK_READ, .lba = 9000 + i, .sectors = 1};
	for (unsigned i = 0; i < 12; i++)
		submit(&v, &r[i], &done);
	ck_assert_int_eq(sim_run(v.sim), 0);
	ck_assert_uint_eq(done, 12);
	ck_assert_uint_eq(v.disk->wcache.counts.waits, 2);
	drive_close(&v);
}
END_TEST

/* A sweep over the edge is for the command that was chosen, and not for the destage that comes instead. */
START_TEST(a_destage_does_not_pay_for_a_schedulers_sweep)
{
	struct drive v;
	OPEN(&v, BACK, "disk0.scheduler=c-scan", "disk0.queue_depth=4", "disk0.write_cache={extents: 4, idle_time: 1 ms}");
	drive_do(&v, BLK_WRITE, 10050, 1, BLK_FUA); /* cylinder 50 */
	ck_assert_int_eq(drive_write(&v, 5000, 1).hit, BLK_HIT); /* below the arm */
	while (!v.disk->unit[0].write.destage)
		ck_assert(sim_step(v.sim));
	const struct disk_write_job *w = &v.disk->unit[0].write;
	/* 25 cylinders take 1.25 ms, the wait less than a turn; the whole stroke is 1.49 + 1.99 + 1.25 */
	ck_assert_int_le(w->end_ps - w->start_ps, 1250 * US + 10100 * US);
	ck_assert_int_eq((w->end_ps - 100 * US) % (10 * MS), 0);
	ck_assert_int_eq(w->end_ps, w->start_ps + 1250 * US + (10 * MS - (w->start_ps + 1250 * US) % (10 * MS)) % (10 * MS) + 100 * US);
	drive_close(&v);
}
END_TEST

/* ---- shingled ------------------------------------------------------------------------------------- */

#define ZONES "disk0.shingled={model: host-managed, zone_size: 50 KiB}"
#define BANDS "disk0.shingled={model: drive-managed, band_size: 50 KiB, cache_size: 600 KiB, record_size: 1 KiB, " \
	"map_extents: 100, stream_size: 1 MiB, clean_access_size: 4 KiB, idle_clean_after: 5 ms}"

/* A write acknowledged early is on its way to the log; what the buffer has of the old place is old. */
START_TEST(old_data_of_a_moved_place_are_not_hit)
{
	struct drive v;
	OPEN(&v, "disk0.cache={write_back: true, read_ahead: none, hit_on_written: false}", BANDS,
		_i ? "disk0.write_cache={extents: 4, idle_time: 1 s}" : "disk0.write_cache={extents: 4}");
	drive_read(&v, 300, 8);
	ck_assert_int_eq(drive_read(&v, 300, 8).hit, BLK_HIT);
	ck_assert_int_eq(drive_write(&v, 300, 8).hit, BLK_HIT);
	ck_assert_int_eq(drive_read(&v, 300, 8).hit, BLK_MISS);
	drive_close(&v);
}
END_TEST

/* A zone is written in order, also where a write through the cache comes while the data before it come in. The
 * write pointer then survives a power cut. */
START_TEST(a_write_through_the_cache_waits_for_its_zones_data_coming_in)
{
	struct drive v;
	unsigned done = 0;
	OPEN(&v, BACK, ZONES, "disk0.write_cache={extents: 8, idle_time: 20 ms}", "disk0.concurrent_hits=true", "disk0.queue_depth=4",
		"disk0.bus.write_sector=0.1 ms");
	struct blk_req r[2] = {{.op = BLK_WRITE, .lba = 0, .sectors = 8}, {.op = BLK_WRITE, .lba = 8, .sectors = 8, .flags = BLK_FUA}};
	submit(&v, &r[0], &done);
	submit(&v, &r[1], &done);
	ck_assert_int_eq(sim_run(v.sim), 0);
	blk_dev_power_cut(v.dev);
	blk_dev_power_restore(v.dev);
	ck_assert_int_eq(drive_write(&v, 16, 8).status, BLK_OK);
	drive_close(&v);
}
END_TEST

/* A read waits for its sectors; what comes before them in their zone goes first. */
START_TEST(a_read_that_waits_for_its_data_leaves_a_zone_in_order)
{
	struct drive v;
	OPEN(&v, "disk0.cache={write_back: true, read_ahead: none, hit_on_written: false}", ZONES,
		"disk0.write_cache={extents: 8, idle_time: 20 ms, combine: none, access_sectors: 8}");
	drive_write(&v, 0, 8);
	drive_write(&v, 8, 8);
	ck_assert_int_eq(drive_read(&v, 8, 8).hit, BLK_MISS);
	ck_assert_int_eq(sim_run(v.sim), 0);
	blk_dev_power_cut(v.dev);
	blk_dev_power_restore(v.dev);
	ck_assert_int_eq(drive_write(&v, 16, 8).status, BLK_OK);
	drive_close(&v);
}
END_TEST

/* A reset while the second write of its zone is on its way: nothing is dirty any more, and nothing comes of it. */
START_TEST(a_reset_forgets_a_later_write_of_its_zone)
{
	struct drive v;
	struct blk_dev_status st;
	OPEN(&v, BACK, ZONES);
	v.dev->tags = blk_tags_new();
	drive_write(&v, 0, 8);
	ck_assert_int_eq(sim_run(v.sim), 0);
	drive_write(&v, 8, 8);
	ck_assert(v.disk->unit[0].write.active);
	drive_do(&v, BLK_ZONE_RESET, 0, 0, 0);
	v.dev->ops->status(v.dev, &st);
	ck_assert_uint_eq(st.dirty_sectors, 0);
	ck_assert_int_eq(sim_run(v.sim), 0);
	ck_assert_uint_eq(blk_tags_durable(v.dev->tags, 9), TAG_ZERO);
	blk_tags_free(v.dev->tags);
	drive_close(&v);
}
END_TEST

/* What is being read ahead of a zone when it is reset is not of the zone that comes after. */
START_TEST(a_reset_ends_the_reading_ahead_of_its_zone)
{
	struct drive v;
	OPEN(&v, "disk0.cache={read_ahead: track}", ZONES);
	ck_assert_int_eq(drive_write(&v, 0, 100).status, BLK_OK);
	drive_read(&v, 0, 10);
	sim_run_until(v.sim, v.sim->now_ps + MS);
	ck_assert_int_eq(drive_do(&v, BLK_ZONE_RESET, 0, 0, 0).status, BLK_OK);
	sim_run_until(v.sim, v.sim->now_ps + 20 * MS);
	ck_assert_int_eq(drive_read(&v, 70, 5).hit, BLK_MISS);
	ck_assert_int_eq(drive_read(&v, 12, 5).hit, BLK_MISS);
	ck_assert_uint_le(v.disk->unit[0].ahead.sectors_read, 100);
	drive_close(&v);
}
END_TEST

/* Whether the buffer has a sector of [lo, hi), and if so which. */
static bool buffered_within(const struct disk *d, uint64_t lo, uint64_t hi, uint64_t *lbn)
{
	struct buffer_segment *s;
	for (*lbn = lo; *lbn < hi; ++*lbn)
		if (buffer_prefix(&d->buffer, *lbn, 1, &s) == 1)
			return true;
	return false;
}

/* While the medium is written nothing of it is in the buffer but what the write put there: cleaning too ends what
 * is read ahead before it begins. */
START_TEST(what_cleaning_overwrites_is_not_in_the_buffer)
{
	struct drive v;
	uint64_t lbn, writes = 0;
	OPEN(&v, "disk0.cache={read_ahead: segment, segments: 4, segment_sectors: 400}", BANDS);
	struct rng *rng = rng_new(v.sim->arena, 3, "load");
	struct disk_unit *u = &v.disk->unit[0];
	for (unsigned i = 0; i < 3000; i++) {
		unsigned done = 0;
		struct blk_req r = {.op = rng_below(rng, 3) ? BLK_READ : BLK_WRITE, .lba = rng_below(rng, 400), .sectors = 4};
		submit(&v, &r, &done);
		time_ps until = rng_below(rng, 2) ? 0 : v.sim->now_ps + (time_ps)rng_below(rng, (uint64_t)(60 * MS));
		while ((!done || v.sim->now_ps < until) && sim_step(v.sim)) {
			disk_advance_ahead(u, v.sim->now_ps);
			for (uint32_t k = 0; u->write.active && u->write.clean && k < u->write.steps; k++)
				if (u->write.step[k].kind != SMR_STEP_READ) {
					const struct smr_step *s = &u->write.step[k];
					ck_assert(!buffered_within(v.disk, s->lbn, s->lbn + s->sectors, &lbn));
					writes++;
				}
		}
	}
	ck_assert_uint_gt(writes, 1000);
	drive_close(&v);
}
END_TEST

/* ---- two arms --------------------------------------------------------------------------------------- */

START_TEST(a_request_on_both_halves_tells_of_both)
{
	struct drive v;
	OPEN(&v, ARMS, "disk0.cache.enabled=false", "disk0.power={idle: 3 W, seek: 5 W, read: 4 W}");
	struct blk_req r = drive_read(&v, 9995, 10); /* the second part is under its head at once, the first after a seek over 99
	                                              * cylinders */
	ck_assert_int_eq(r.media_ps, 0);
	ck_assert_uint_eq(r.place, 0);
	ck_assert_uint_eq(r.seek_distance, 0);
	/* 1.99 ms x 5 W + 7.51 ms x 3 W + 1 ms x 4 W */
	ck_assert_int_eq(r.energy_pj, INT64_C(9950000000) + INT64_C(22530000000) + INT64_C(4000000000));
	ck_assert(v.dev->stats.energy_pj == r.energy_pj);
	drive_close(&v);
}
END_TEST

/* The write cache is both arms': what waits for room of the one is destaged by the other, though it is not idle for long. */
START_TEST(a_write_waits_for_room_and_not_for_the_other_arm_to_be_idle)
{
	struct drive v;
	OPEN(&v, ARMS, BACK, "disk0.write_cache={extents: 100, sectors: 100, idle_time: 10 s}");
	uint64_t first = _i ? 10100 : 100, second = _i ? 100 : 10100;
	ck_assert_int_eq(drive_write(&v, first, 90).done_ps, 0);
	ck_assert_int_lt(drive_write(&v, second, 20).done_ps, 30 * MS);
	drive_close(&v);
	OPEN(&v, ARMS, BACK, "disk0.write_cache={extents: 100, accept: appending, idle_time: 10 s}");
	ck_assert_int_eq(drive_write(&v, first, 90).done_ps, 0);
	ck_assert_int_lt(drive_write(&v, second, 20).done_ps, 30 * MS);
	drive_close(&v);
}
END_TEST

/* Tags hold for the drive: an ordered command waits for those before it and holds up those behind it, whichever arm
 * they are for; so do all without tags, and a flush with SATA's. A head-of-queue command passes. */
START_TEST(tags_keep_order_across_arms)
{
	static const struct {
		const char *tagging;
		uint8_t op, flags;
		bool all;
	} cases[] = {{"scsi", BLK_READ, BLK_ORDERED, false}, {"scsi", BLK_FLUSH, BLK_ORDERED, false}, {"ncq", BLK_FLUSH, 0, false},
		{"none", BLK_READ, 0, true}, {"none", BLK_FLUSH, 0, true}};
	struct drive v;
	unsigned done = 0;
	char tagging[64], depth[64];
	snprintf(tagging, sizeof(tagging), "disk0.queue.tagging=%s", cases[_i].tagging);
	snprintf(depth, sizeof(depth), "disk0.queue_depth=%d", cases[_i].all ? 1 : 8);
	OPEN(&v, ARMS, tagging, depth, "disk0.scheduler=sptf", BACK, "disk0.write_cache={extents: 4, idle_time: 1 s}");
	struct blk_req r[9] = {{.op = BLK_READ, .lba = 9000, .sectors = 5}, {.op = BLK_READ, .lba = 19000, .sectors = 5},
		{.op = BLK_READ, .lba = 5000, .sectors = 5}, {.op = BLK_WRITE, .lba = 5500, .sectors = 5},
		{.op = cases[_i].op, .flags = cases[_i].flags, .lba = 2000, .sectors = cases[_i].op == BLK_FLUSH ? 0 : 5},
		{.op = BLK_READ, .lba = 10000, .sectors = 5}, {.op = BLK_READ, .lba = 9998, .sectors = 4},
		{.op = BLK_READ, .lba = 12000, .sectors = 5}, {.op = BLK_READ, .lba = 15000, .sectors = 5, .flags = BLK_HEAD_OF_QUEUE}};
	for (unsigned i = 0; i < 9; i++)
		submit(&v, &r[i], &done);
	struct blk_dev_status st;
	v.dev->ops->status(v.dev, &st);
	ck_assert_uint_ge(st.queued + st.in_service, 9);
	ck_assert_int_eq(sim_run(v.sim), 0);
	ck_assert_uint_eq(done, 9);
	bool head_passes = !strcmp(cases[_i].tagging, "scsi");
	for (unsigned i = 0; i < 9; i++)
		for (unsigned k = 0; k < i; k++)
			if ((cases[_i].all || k == 4 || i == 4) && !(head_passes && i == 8))
				ck_assert_int_ge(r[i].start_ps, r[k].done_ps);
	if (head_passes)
		ck_assert_int_lt(r[8].start_ps, r[4].start_ps);
	/* lost with the power, each once */
	done = 0;
	for (unsigned i = 0; i < 9; i++)
		submit(&v, &r[i], &done);
	blk_dev_power_cut(v.dev);
	ck_assert_int_eq(sim_run(v.sim), 0);
	ck_assert_uint_eq(done, 9);
	blk_dev_power_restore(v.dev);
	ck_assert_int_eq(drive_read(&v, 12000, 5).status, BLK_OK);
	drive_close(&v);
}
END_TEST

/* By radius the first arm's tracks come before the second's, so that two arms have the layout of one, whatever lies
 * where: spares of a zone that both share too. */
START_TEST(two_arms_by_radius_have_the_layout_of_one)
{
	static const char *const sparing[] = {"none", "track, S: 2, L: [7, 90, 1300]", "cylinder, S: 5, L: [7, 90, 1300]",
		"cylinder-slip-on, S: 5, L: [7, 90, 1300]", "cylinder-front, S: 5, L: [7, 90, 1300]", "range, S: 9, L: [7, 90, 1300]",
		"zone, S: 5, L: [7, 90, 1300]", "zone-slip-on, S: 5, L: [7, 90, 1300]", "zone-tracks, S: 4, L: [3, 11, 25]",
		"zone-cylinders, S: 4, L: [2, 5, 15]", "disk, S: 5, L: [7, 90, 1300]", "disk-tracks, S: 4, L: [3, 11, 25]",
		"disk-cylinders, S: 4, L: [2, 5, 15]"};
	char name[32], text[1024];
	int spares = 0, length = 0;
	char list[64] = "[]";
	ck_assert_int_ge(sscanf(sparing[_i], "%31[a-z-], S: %d, L: %n", name, &spares, &length), 1);
	if (length > 0)
		snprintf(list, sizeof(list), "%s", sparing[_i] + length);
	snprintf(text, sizeof(text), "disk0:\n  rpm: 6000 rpm\n  geometry:\n    heads: 2\n    cylinders: 20\n    sparing: %s\n"
		"    sparing_range_cylinders: 5\n"
		"    zones: [{first_cylinder: 0, last_cylinder: 19, sectors_per_track: 40, reserved_sectors: 13, spares: %d, slips: %s}]\n"
		"  seek: {table: [[1, 1 ms], [19, 4 ms]]}\n", name, spares, list);
	struct drive one, two;
	drive_open(&one, text);
	drive_open_with(&two, text, (const char *const[]){"disk0.actuators={count: 2, split: radius}", NULL});
	ck_assert_uint_eq(one.dev->sectors, two.dev->sectors);
	for (uint64_t lbn = 0; lbn < one.dev->sectors; lbn++) {
		struct geom_place a, b;
		geom_locate(one.disk->unit[0].geom, lbn, &a);
		geom_locate(two.disk->unit[lbn >= two.disk->unit[1].first_lbn].geom, lbn, &b);
		ck_assert_uint_eq(a.cylinder, b.cylinder);
		ck_assert_uint_eq(a.head, b.head);
		ck_assert_uint_eq(a.sector, b.sector);
	}
	drive_close(&one);
	drive_close(&two);
}
END_TEST

/* ---- background reading --------------------------------------------------------------------------------- */

/* A write that the buffer takes does not take the arm: what is to be read ahead at least is not there before its time. */
START_TEST(a_write_into_the_cache_does_not_hasten_what_is_read_ahead)
{
	struct drive v;
	OPEN(&v, "disk0.cache={write_back: true, read_ahead: track, read_ahead_min: 80, segments: 4}",
		"disk0.write_cache={extents: 4, idle_time: 1 s}");
	drive_read(&v, 0, 10);    /* until 1 ms; sector 90 has passed at 9.1 ms */
	drive_write(&v, 95, 2);
	ck_assert_int_eq(v.sim->now_ps, MS);
	ck_assert_int_ne(drive_read(&v, 60, 5).hit, BLK_HIT);
	ck_assert_int_ge(v.sim->now_ps, 6500 * US);
	drive_close(&v);
}
END_TEST

/* ---- what it says about itself ------------------------------------------------------------------------------ */

/* Column `want` of the first row of a table. */
static double first_value(struct drive *v, const char *table, const char *want)
{
	char *text = NULL, *save_head = NULL, *save_row = NULL;
	size_t bytes = 0;
	double value = -1;
	for (unsigned i = 0; v->dev->ops->table(v->dev, i, NULL); i++)
		if (!strcmp(v->dev->ops->table(v->dev, i, NULL), table)) {
			FILE *out = open_memstream(&text, &bytes);
			v->dev->ops->table(v->dev, i, out);
			fclose(out);
		}
	if (!text)
		ck_abort_msg("there is no table %s", table);
	char *row = strchr(text, '\n');
	if (!row)
		ck_abort_msg("table %s has no row", table);
	*row++ = '\0';
	char *key = strtok_r(text, ",", &save_head), *field = strtok_r(row, ",\n", &save_row);
	for (; key && field; key = strtok_r(NULL, ",", &save_head), field = strtok_r(NULL, ",\n", &save_row))
		if (!strcmp(key, want))
			value = atof(field);
	free(text);
	return value;
}

/* The zone is read in one go, without buffer and bus. */
START_TEST(a_zones_bandwidth_is_what_reading_it_gives)
{
	static const char *const cases[][2] = {
		{"disk0.geometry.lbn_order=ascending", "track_skew: 6, cylinder_skew: 12"},
		{"disk0.geometry.lbn_order=serpentine", "track_skew: 6, cylinder_skew: 12"},
		{"disk0.geometry.lbn_order=surface-serpentine", "track_skew: 6, cylinder_skew: 12"},
		{"disk0.geometry={lbn_order: surface-serpentine, surface_cylinders: 8}", "track_skew: 6, cylinder_skew: 12"},
		{"disk0.geometry={lbn_order: map, map: [{first_cylinder: 0, last_cylinder: 99, heads: [1, 0], order: surface, "
			"direction: outward}]}", "track_skew: 6, cylinder_skew: 12"},
		{"disk0.geometry.lbn_order=ascending", "track_skew: 3, cylinder_skew: 12"}, /* too little: a turn more each time */
		{"disk0.geometry.lbn_order=ascending", "track_skew: -6, cylinder_skew: -90"},
		{"disk0.geometry.sparing=track", "track_skew: 6, cylinder_skew: 12, spares: 10"},
		{"disk0.geometry.sparing=cylinder", "track_skew: 6, cylinder_skew: 12, spares: 30"},
	};
	char zones[256];
	struct drive v;
	snprintf(zones, sizeof(zones), "disk0.geometry.zones=[{first_cylinder: 0, last_cylinder: 99, sectors_per_track: 100, %s}]",
		cases[_i][1]);
	OPEN(&v, zones, cases[_i][0], "disk0.cache.enabled=false");
	double told = first_value(&v, "zones", "bandwidth_bytes_per_s");
	struct blk_req r = drive_read(&v, 0, (uint32_t)v.dev->sectors);
	double got = (double)v.dev->sectors * SECTOR_BYTES / time_seconds(r.done_ps - r.media_ps);
	ck_assert_double_eq_tol(told / got, 1, 0.01); /* there are 199 steps to 200 tracks */
	drive_close(&v);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("interplay");
	TCase *t = tcase_create("interplay");
	tcase_add_loop_test(t, a_write_has_room_only_if_the_extents_it_leaves_do, 0, 3);
	tcase_add_test(t, writes_into_dirty_data_do_not_pass_the_limit_of_extents);
	tcase_add_test(t, extents_end_where_zones_do);
	tcase_add_test(t, what_was_read_ahead_before_a_destage_is_not_hit_after_it);
	tcase_add_test(t, destaging_for_the_high_water_ends_with_the_dirty_data);
	tcase_add_test(t, a_command_that_waits_for_dirty_data_counts_once);
	tcase_add_test(t, a_destage_does_not_pay_for_a_schedulers_sweep);
	tcase_add_loop_test(t, old_data_of_a_moved_place_are_not_hit, 0, 2);
	tcase_add_test(t, a_write_through_the_cache_waits_for_its_zones_data_coming_in);
	tcase_add_test(t, a_read_that_waits_for_its_data_leaves_a_zone_in_order);
	tcase_add_test(t, a_reset_forgets_a_later_write_of_its_zone);
	tcase_add_test(t, a_reset_ends_the_reading_ahead_of_its_zone);
	tcase_add_test(t, what_cleaning_overwrites_is_not_in_the_buffer);
	tcase_add_test(t, a_request_on_both_halves_tells_of_both);
	tcase_add_loop_test(t, a_write_waits_for_room_and_not_for_the_other_arm_to_be_idle, 0, 2);
	tcase_add_loop_test(t, tags_keep_order_across_arms, 0, 5);
	tcase_add_loop_test(t, two_arms_by_radius_have_the_layout_of_one, 0, 13);
	tcase_add_loop_test(t, a_zones_bandwidth_is_what_reading_it_gives, 0, 9);
	tcase_add_test(t, a_write_into_the_cache_does_not_hasten_what_is_read_ahead);
	tcase_set_timeout(t, 60);
	suite_add_tcase(s, t);
	return run_suite(s);
}
