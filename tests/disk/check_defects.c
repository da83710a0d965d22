/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Sectors that go bad while the drive runs, and what remapped ones cost. Where blocks move to, for every
 * way of sparing: check_geom.c.
 */
#include "disk/defects.h"

#include "disk/geom_oracle.h"

/* 20 cylinders of 2 x 20 sectors; the last 5 sectors of the disk are spare: 795 blocks. */
#define SMALL "heads: 2\ncylinders: 20\nzones: [{first_cylinder: 0, last_cylinder: 19, sectors_per_track: 20, spares: 5}]\n"

static struct geometry y;
static struct defects d;

static struct disk_grown_spec rows[8];
static struct disk_defects_spec spec;

static void open_small(void)
{
	geometry_open(&y, SMALL);
	spec = (struct disk_defects_spec){.grown = {rows, 0}, .read_retries = 8, .recovered = true};
}

static void close_small(void) { geometry_close(&y); }

static void goes_bad(int64_t lbn, int64_t at) { rows[spec.grown.count++] = (struct disk_grown_spec){lbn, at}; }

static void begin(void)
{
	struct err e = {0};
	ck_assert_msg(defects_init(&d, y.arena, &spec, y.geom, y.geom->sectors, 1, "disk0", &e) == 0, "%s", e.msg);
}

static void check(uint64_t lbn, uint32_t n, bool write, time_ps now, uint32_t good, uint32_t turns)
{
	struct defects_found found;
	defects_check(&d, y.geom, lbn, n, write, now, &found);
	ck_assert_uint_eq(found.good, good);
	ck_assert_uint_eq(found.turns, turns);
}

/* Place in the zone: (20 x track) + sector. */
static void lives_at(uint64_t lbn, uint64_t place)
{
	struct geom_place at;
	geom_locate(y.geom, lbn, &at);
	ck_assert_uint_eq(at.index, place);
}

/* ---- what an access finds ---------------------------------------------------------------- */

START_TEST(a_sector_is_good_until_its_time)
{
	goes_bad(100, 50);
	begin();
	ck_assert(!defects_due(&d, 49));
	ck_assert(defects_due(&d, 50));
	check(90, 20, false, 49, 20, 0);
	lives_at(100, 100);
	check(101, 20, false, 50, 20, 0); /* not in the range */
	check(80, 20, false, 50, 20, 0);
	ck_assert_uint_eq(d.remapped, 0);
}
END_TEST

START_TEST(a_recovered_read_takes_its_turns_once_and_moves_the_block)
{
	goes_bad(100, 50);
	begin();
	check(90, 20, false, 60, 20, 8);
	lives_at(100, 795);
	lives_at(99, 99);
	ck_assert_uint_eq(d.recovered_reads, 1);
	ck_assert_uint_eq(d.remapped, 1);
	check(90, 20, false, 61, 20, 0);
	ck_assert(!defects_due(&d, TIME_PS_MAX - 1));
}
END_TEST

START_TEST(each_bad_sector_of_an_access_takes_its_turns)
{
	goes_bad(100, 0);
	goes_bad(103, 0);
	goes_bad(104, 1000);
	begin();
	check(100, 5, false, 10, 5, 16);
	lives_at(100, 795);
	lives_at(103, 796);
	lives_at(104, 104);
	ck_assert_int_eq(d.first_ps, 1000);
}
END_TEST

START_TEST(a_lost_sector_stays_bad_until_it_is_written)
{
	spec.recovered = false;
	goes_bad(100, 0);
	goes_bad(102, 0);
	begin();
	check(98, 10, false, 10, 2, 8);
	check(98, 10, false, 20, 2, 8);
	lives_at(100, 100);
	ck_assert_uint_eq(d.lost_reads, 2);
	check(100, 1, true, 30, 1, 0);
	lives_at(100, 795);
	check(98, 10, false, 40, 4, 8); /* now the other one */
}
END_TEST

START_TEST(a_write_moves_the_block_without_waiting)
{
	goes_bad(100, 0);
	begin();
	check(0, 795, true, 10, 795, 0);
	lives_at(100, 795);
	ck_assert_uint_eq(d.recovered_reads, 0);
}
END_TEST

START_TEST(without_spares_a_write_fails_and_a_recovered_read_tries_again_each_time)
{
	for (int i = 0; i < 6; i++)
		goes_bad(10 * i, 0);
	begin();
	check(0, 50, true, 1, 50, 0); /* the five spares */
	check(40, 20, true, 2, 10, 0);
	check(40, 20, false, 3, 20, 8);
	check(40, 20, false, 4, 20, 8);
	lives_at(50, 50);
	ck_assert_uint_eq(d.remapped, 5);
}
END_TEST

/* With spare tracks a block takes its track along. */
START_TEST(sectors_of_a_track_that_has_moved_are_well_again)
{
	geometry_close(&y);
	geometry_open(&y, "heads: 2\ncylinders: 10\nsparing: zone-tracks\n"
		"zones: [{first_cylinder: 0, last_cylinder: 9, sectors_per_track: 20, spares: 1}]\n");
	goes_bad(100, 0);
	goes_bad(105, 0);
	goes_bad(110, 500);
	begin();
	check(100, 10, false, 10, 10, 8);
	for (uint64_t i = 0; i < 20; i++)
		lives_at(100 + i, 380 + i);
	check(100, 20, false, 400, 20, 0);
	check(110, 1, true, 600, 0, 0); /* it goes bad at the new place, and there is no other */
}
END_TEST

/* ---- which they are ---------------------------------------------------------------------- */

static int by_lbn(const void *a, const void *b)
{
	const struct defect *x = a, *z = b;
	return x->lbn < z->lbn ? -1 : x->lbn > z->lbn;
}

START_TEST(random_ones_are_as_many_as_asked_for_and_come_again_by_seed)
{
	struct defects other;
	struct err e = {0};
	spec.random = 400;
	spec.random_within_ps = 1000;
	goes_bad(7, 5000);
	begin();
	ck_assert_uint_eq(d.count, 401);
	for (uint32_t i = 0; i < d.count; i++) {
		ck_assert(i == 0 || d.list[i - 1].lbn < d.list[i].lbn);
		ck_assert_uint_lt(d.list[i].lbn, 795);
		ck_assert_int_lt(d.list[i].at_ps, d.list[i].lbn == 7 ? 5001 : 1000);
	}
	ck_assert_int_eq(defects_init(&other, y.arena, &spec, y.geom, 795, 1, "disk0", &e), 0);
	ck_assert_mem_eq(other.list, d.list, 401 * sizeof(*d.list));
	ck_assert_int_eq(defects_init(&other, y.arena, &spec, y.geom, 795, 2, "disk0", &e), 0);
	ck_assert_mem_ne(other.list, d.list, 401 * sizeof(*d.list));
	ck_assert_int_eq(defects_init(&other, y.arena, &spec, y.geom, 795, 1, "disk1", &e), 0);
	ck_assert_mem_ne(other.list, d.list, 401 * sizeof(*d.list));
}
END_TEST

START_TEST(two_slices_share_the_disks_bad_sectors)
{
	struct geometry half[2];
	struct defects part[2];
	struct err e = {0};
	uint64_t first = 0;
	struct defect all[64] = {{0}};
	uint32_t n = 0;
	spec.random = 50;
	begin();
	for (uint32_t i = 0; i < 2; i++) {
		struct geom_slice s = {.first_head = i, .heads = 1, .first_lbn = first};
		ck_assert_int_eq(geometry_try(&half[i], SMALL, &s, &e), 0);
		first += half[i].geom->sectors;
	}
	for (uint32_t i = 0; i < 2; i++) {
		ck_assert_int_eq(defects_init(&part[i], half[i].arena, &spec, half[i].geom, first, 1, "disk0", &e), 0);
		for (uint32_t k = 0; k < part[i].count; k++) {
			ck_assert_uint_lt(part[i].list[k].lbn - half[i].geom->first_lbn, half[i].geom->sectors);
			all[n++] = part[i].list[k];
		}
	}
	ck_assert_uint_eq(n, 50);
	qsort(all, n, sizeof(*all), by_lbn);
	for (uint32_t i = 1; i < n; i++)
		ck_assert_uint_lt(all[i - 1].lbn, all[i].lbn);
	geometry_close(&half[0]);
	geometry_close(&half[1]);
}
END_TEST

START_TEST(sectors_that_are_not_there_or_stand_twice_are_refused)
{
	struct err e = {0};
	goes_bad(795, 0);
	ck_assert_int_eq(defects_init(&d, y.arena, &spec, y.geom, 795, 1, "disk0", &e), -1);
	ck_assert(strstr(e.msg, "defects.grown[0].lbn = 795: the disk has only 795 sectors") != NULL);
	err_clear(&e);
	spec.grown.count = 0;
	goes_bad(3, 0);
	goes_bad(3, 9);
	ck_assert_int_eq(defects_init(&d, y.arena, &spec, y.geom, 795, 1, "disk0", &e), -1);
	ck_assert(strstr(e.msg, "names a sector twice") != NULL);
	err_clear(&e);
	spec.grown.count = 0;
	spec.random = 796;
	ck_assert_int_eq(defects_init(&d, y.arena, &spec, y.geom, 795, 1, "disk0", &e), -1);
	ck_assert(strstr(e.msg, "796 sectors are to go bad") != NULL);
}
END_TEST

START_TEST(what_was_saved_goes_on_as_before)
{
	char bytes[4096] = "";
	struct err e = {0};
	goes_bad(100, 50);
	goes_bad(200, 900);
	goes_bad(300, 60);
	begin();
	check(100, 1, false, 100, 1, 8);
	FILE *f = fmemopen(bytes, sizeof(bytes), "wb");
	ck_assert_int_eq(defects_save(&d, y.geom, 100, f, &e), 0);
	fclose(f);
	geometry_close(&y);
	geometry_open(&y, SMALL);
	begin();
	f = fmemopen(bytes, sizeof(bytes), "rb");
	ck_assert_msg(defects_load(&d, y.geom, 5000, f, &e) == 0, "%s", e.msg);
	fclose(f);
	lives_at(100, 795);
	ck_assert_uint_eq(d.remapped, 1);
	ck_assert_uint_eq(d.count, 2);
	check(200, 1, true, 5799, 1, 0);
	lives_at(200, 200);
	check(300, 1, true, 5000, 1, 0); /* its time had come before the save */
	lives_at(300, 796);
	check(200, 1, true, 5800, 1, 0);
	lives_at(200, 797);
	/* not into a disk without such defects */
	spec.grown.count = 0;
	geometry_close(&y);
	geometry_open(&y, SMALL);
	begin();
	f = fmemopen(bytes, sizeof(bytes), "rb");
	ck_assert_int_eq(defects_load(&d, y.geom, 0, f, &e), -1);
	ck_assert(strstr(e.msg, "other defects") != NULL);
	fclose(f);
}
END_TEST

/* ---- what a remapped block costs ---------------------------------------------------------- */

/* 6,000 rpm: a turn is 10 ms, a sector 0.5 ms. One cylinder is 1 ms away, nine are 5 ms. Place 3 of the
 * zone lives at place 399: cylinder 9, head 1, sector 19. */
static const char remapped[] =
	"disk0:\n"
	"  rpm: 6000 rpm\n"
	"  head_switch: 0.2 ms\n"
	"  seek: {table: [[1, 1 ms], [9, 5 ms]]}\n"
	"  cache: {enabled: false}\n"
	"  geometry:\n"
	"    heads: 2\n"
	"    cylinders: 10\n"
	"    zones: [{first_cylinder: 0, last_cylinder: 9, sectors_per_track: 20, spares: 1, defects: [[3, 399]]}]\n";
#define MS PS_PER_MS

START_TEST(a_sequential_read_goes_to_the_spare_and_back)
{
	struct drive v;
	struct mech_run run;
	drive_open(&v, remapped);
	struct geom *g = v.disk->unit[0].geom;
	struct mech *m = &v.disk->unit[0].mech;
	/* at time 0 sector 0 is under the head: three sectors take 1.5 ms */
	ck_assert_uint_eq(mech_access(m, g, 0, 10, 0, false, &run), 3);
	ck_assert_int_eq(run.end_ps, 3 * MS / 2);
	/* 5 ms to cylinder 9; at 6.5 ms sector 13 is there, and sector 19 begins at 9.5 ms */
	ck_assert_uint_eq(mech_access(m, g, 3, 7, run.end_ps, false, &run), 1);
	ck_assert_uint_eq(run.track.cylinder, 9);
	ck_assert_uint_eq(run.track.head, 1);
	ck_assert_int_eq(run.position_ps, 5 * MS);
	ck_assert_int_eq(run.begin_ps, 19 * MS / 2);
	ck_assert_int_eq(run.end_ps, 10 * MS);
	/* back at 15 ms, where sector 10 is under the head; sector 4 comes at 22 ms */
	ck_assert_uint_eq(mech_access(m, g, 4, 6, run.end_ps, false, &run), 6);
	ck_assert_int_eq(run.begin_ps, 22 * MS);
	ck_assert_int_eq(run.end_ps, 25 * MS);
	drive_close(&v);
}
END_TEST

/* The same by the whole drive: 25 ms in place of 5. */
START_TEST(a_command_over_a_remapped_block_pays_for_the_way)
{
	struct drive v;
	drive_open(&v, remapped);
	struct blk_req r = drive_read(&v, 0, 10);
	ck_assert_int_eq(r.done_ps, 25 * MS);
	drive_close(&v);
	drive_open_with(&v, remapped, (const char *const[]){"disk0.geometry.zones[0].defects=[]", NULL});
	r = drive_read(&v, 0, 10);
	ck_assert_int_eq(r.done_ps, 5 * MS);
	drive_close(&v);
}
END_TEST

/* A whole track brings the blocks at home around the one that was read, and nothing that lives elsewhere. */
START_TEST(a_track_in_the_buffer_does_not_hold_its_remapped_block)
{
	static const struct {
		uint64_t first, then;
		enum blk_hit hit;
	} steps[] = {{8, 12, BLK_HIT}, {8, 4, BLK_HIT}, {8, 3, BLK_MISS}, {8, 2, BLK_MISS}, {1, 0, BLK_HIT}, {1, 3, BLK_MISS},
		{3, 4, BLK_MISS}, {3, 3, BLK_HIT}};
	struct drive v;
	drive_open_with(&v, remapped, (const char *const[]){"disk0.cache.enabled=true", "disk0.cache.segment_sectors=40",
		"disk0.cache.read_ahead=whole-track", NULL});
	drive_read(&v, steps[_i].first, 1);
	sim_run_until(v.sim, v.sim->now_ps + 100 * MS);
	struct blk_req r = drive_read(&v, steps[_i].then, 1);
	ck_assert_uint_eq(r.hit, steps[_i].hit);
	drive_close(&v);
}
END_TEST

/* ---- through the drive --------------------------------------------------------------------- */

/* The same disk without the factory's defect: two tracks of spares at the end, so that each block has a
 * place to go to. A turn is 10 ms. */
static const char growing[] =
	"disk0:\n"
	"  rpm: 6000 rpm\n"
	"  head_switch: 0.2 ms\n"
	"  seek: {table: [[1, 1 ms], [9, 5 ms]]}\n"
	"  cache: {segments: 4, segment_sectors: 40}\n"
	"  geometry:\n"
	"    heads: 2\n"
	"    cylinders: 10\n"
	"    zones: [{first_cylinder: 0, last_cylinder: 9, sectors_per_track: 20, spares: 2}]\n";
#define GROWN(list) "disk0.defects.grown=" list
#define NO_CACHE "disk0.cache.enabled=false"

static void growing_with(struct drive *v, const char *a, const char *b, const char *c)
{
	drive_open_with(v, growing, (const char *const[]){a, b, c, NULL});
}

START_TEST(a_read_finds_a_sector_that_went_bad_and_the_next_one_its_spare)
{
	struct drive v;
	growing_with(&v, GROWN("[{lbn: 3, at: 20 ms}]"), "disk0.defects.read_retries=4", NO_CACHE);
	struct blk_req r = drive_read(&v, 0, 10);
	ck_assert_int_eq(r.done_ps, 5 * MS);
	sim_run_until(v.sim, 40 * MS);
	/* four turns; then the course of remapped[] from sector 0 on: 25 ms */
	r = drive_read(&v, 0, 10);
	ck_assert_int_eq(r.done_ps, 40 * MS + 4 * 10 * MS + 25 * MS);
	ck_assert_int_eq(r.status, BLK_OK);
	ck_assert_int_eq(r.seek_ps + r.rotation_ps + r.transfer_ps, 65 * MS);
	sim_run_until(v.sim, 200 * MS);
	r = drive_read(&v, 0, 10);
	ck_assert_int_eq(r.done_ps - r.start_ps, 25 * MS);
	drive_close(&v);
}
END_TEST

START_TEST(an_unreadable_sector_fails_the_read_until_it_is_written)
{
	struct drive v;
	growing_with(&v, GROWN("[{lbn: 3}]"), "disk0.defects.recovered=false", "disk0.defects.read_retries=4");
	struct blk_req r = drive_read(&v, 0, 10);
	ck_assert_int_eq(r.status, BLK_MEDIA_ERROR);
	ck_assert_int_eq(r.done_ps, 40 * MS + 2 * MS); /* sectors 0 to 3 pass once */
	r = drive_read(&v, 1, 1);
	ck_assert_int_eq(r.hit, BLK_MISS); /* nothing of a failed read is kept */
	ck_assert_int_eq(r.status, BLK_OK);
	ck_assert_int_eq(drive_read(&v, 3, 1).status, BLK_MEDIA_ERROR);
	ck_assert_int_eq(drive_write(&v, 0, 10).status, BLK_OK);
	ck_assert_int_eq(drive_read(&v, 0, 10).status, BLK_OK);
	ck_assert_uint_eq(v.disk->unit[0].defects.lost_reads, 2);
	drive_close(&v);
}
END_TEST

/* Read-ahead, hit after hit, stops before what is bad, and a whole track around it is not read. */
START_TEST(reading_ahead_stays_clear_of_bad_sectors)
{
	static const char *const kinds[] = {"disk0.cache.read_ahead=segment", "disk0.cache.read_ahead=whole-track"};
	struct drive v;
	growing_with(&v, GROWN("[{lbn: 12}]"), "disk0.defects.recovered=false", kinds[_i]);
	drive_read(&v, 2, 2);
	sim_run_until(v.sim, 100 * MS);
	ck_assert_int_eq(drive_read(&v, 8, 2).hit, _i == 0 ? BLK_HIT : BLK_MISS);
	sim_run_until(v.sim, 200 * MS);
	struct blk_req r = drive_read(&v, 12, 1);
	ck_assert_int_eq(r.hit, BLK_MISS);
	ck_assert_int_eq(r.status, BLK_MEDIA_ERROR);
	r = drive_read(&v, 14, 1);
	ck_assert_int_eq(r.hit, BLK_MISS);
	ck_assert_int_eq(r.status, BLK_OK);
	drive_close(&v);
}
END_TEST

/* With both spares taken: a write through fails, one acknowledged early is counted as lost. */
START_TEST(a_write_without_a_spare_fails_where_somebody_can_be_told)
{
	struct drive v;
	growing_with(&v, GROWN("[{lbn: 3}, {lbn: 4}, {lbn: 30}, {lbn: 50}]"), NULL, NULL);
	v.dev->tags = blk_tags_new();
	ck_assert_int_eq(drive_write(&v, 0, 10).status, BLK_OK);
	ck_assert_int_eq(drive_write(&v, 28, 4).status, BLK_MEDIA_ERROR);
	ck_assert_uint_eq(v.disk->unit[0].lost_writes, 0);
	blk_tags_free(v.dev->tags);
	drive_close(&v);
	growing_with(&v, GROWN("[{lbn: 3}, {lbn: 4}, {lbn: 30}, {lbn: 50}]"), "disk0.cache.write_back=true", NULL);
	ck_assert_int_eq(drive_write(&v, 0, 10).status, BLK_OK);
	ck_assert_int_eq(drive_write(&v, 28, 4).status, BLK_OK);
	sim_run_until(v.sim, v.sim->now_ps + 1000 * MS);
	ck_assert_uint_eq(v.disk->unit[0].lost_writes, 2);
	drive_close(&v);
}
END_TEST

/* What is durable of a write that fails in its middle, by the oracle: what came before. */
START_TEST(the_medium_holds_what_came_before_the_lost_sector)
{
	struct drive v;
	growing_with(&v, GROWN("[{lbn: 3}, {lbn: 4}, {lbn: 30}]"), NULL, NULL);
	v.dev->tags = blk_tags_new();
	drive_write(&v, 0, 10);
	unsigned count = 0;
	struct blk_req r = {.op = BLK_WRITE, .lba = 28, .sectors = 4, .tag = 77, .done = drive_count_done, .owner = &count,
		.arrive_ps = v.sim->now_ps};
	blk_submit(v.dev, &r);
	while (count == 0)
		ck_assert(sim_step(v.sim));
	for (uint64_t lbn = 28; lbn < 32; lbn++) {
		ck_assert_uint_eq(blk_tags_durable(v.dev->tags, lbn), lbn < 30 ? 77 : TAG_ZERO);
		ck_assert_uint_eq(blk_tags_latest(v.dev->tags, lbn), lbn < 30 ? 77 : TAG_ZERO);
	}
	blk_tags_free(v.dev->tags);
	drive_close(&v);
}
END_TEST

/* ---- soft errors --------------------------------------------------------------------------- */

/* Each read that meets one is whole turns late and else the same; about the share that was asked for. */
START_TEST(a_soft_error_costs_whole_turns)
{
	struct drive plain, soft;
	unsigned late = 0;
	growing_with(&plain, NO_CACHE, NULL, NULL);
	growing_with(&soft, NO_CACHE, "disk0.defects.soft_error_rate=25 %", "disk0.defects.soft_error_turns=3");
	for (unsigned i = 0; i < 4000; i++) {
		uint64_t lbn = i * 37 % 380;
		/* both begin at the same angle and place: three turns are 30 ms */
		sim_run_until(plain.sim, i * 100 * MS);
		sim_run_until(soft.sim, i * 100 * MS);
		struct blk_req a = drive_read(&plain, lbn, 4), b = drive_read(&soft, lbn, 4);
		ck_assert(b.done_ps == a.done_ps || b.done_ps == a.done_ps + 30 * MS);
		ck_assert_int_eq(b.rotation_ps - a.rotation_ps, b.done_ps - a.done_ps);
		late += b.done_ps > a.done_ps;
	}
	/* 1000 +- 3.9 sqrt(4000 x 1/4 x 3/4) */
	ck_assert_uint_ge(late, 893);
	ck_assert_uint_le(late, 1107);
	ck_assert_uint_eq(soft.disk->unit[0].soft_error_count, late);
	drive_close(&plain);
	drive_close(&soft);
}
END_TEST

START_TEST(hits_and_writes_meet_no_soft_error)
{
	struct drive v;
	growing_with(&v, "disk0.defects.soft_error_rate=100 %", NULL, NULL);
	drive_write(&v, 0, 4);
	ck_assert_uint_eq(v.disk->unit[0].soft_error_count, 0);
	drive_read(&v, 40, 4);
	ck_assert_uint_eq(v.disk->unit[0].soft_error_count, 1);
	sim_run_until(v.sim, 500 * MS);
	ck_assert_int_eq(drive_read(&v, 40, 4).hit, BLK_HIT);
	ck_assert_uint_eq(v.disk->unit[0].soft_error_count, 1);
	drive_close(&v);
}
END_TEST

/* Saved and loaded, a drive meets the same errors as one that goes on. */
START_TEST(a_loaded_drive_meets_what_the_saved_one_would_have_met)
{
	static char bytes[1 << 20];
	struct drive v, w;
	struct err e = {0};
	static const char bad[] = GROWN("[{lbn: 3}, {lbn: 30, at: 300 ms}, {lbn: 200, at: 20 s}]");
	growing_with(&v, bad, "disk0.defects.soft_error_rate=50 %", NO_CACHE);
	growing_with(&w, bad, "disk0.defects.soft_error_rate=50 %", NO_CACHE);
	for (unsigned i = 0; i < 40; i++)
		drive_read(&v, i * 37 % 380, 4);
	FILE *f = fmemopen(bytes, sizeof(bytes), "wb");
	ck_assert_msg(blk_dev_save(v.dev, f, &e) == 0, "%s", e.msg);
	fclose(f);
	f = fmemopen(bytes, sizeof(bytes), "rb");
	sim_run_until(w.sim, v.sim->now_ps);
	ck_assert_msg(blk_dev_load(w.dev, f, &e) == 0, "%s", e.msg);
	fclose(f);
	for (unsigned i = 0; i < 1000; i++) {
		struct blk_req a = drive_read(&v, i * 11 % 380, 4), b = drive_read(&w, i * 11 % 380, 4);
		ck_assert_int_eq(a.done_ps, b.done_ps);
	}
	ck_assert_uint_eq(v.disk->unit[0].defects.remapped, 2);
	ck_assert_uint_eq(w.disk->unit[0].defects.remapped, 2);
	ck_assert_uint_eq(v.disk->unit[0].soft_error_count, w.disk->unit[0].soft_error_count);
	drive_close(&v);
	drive_close(&w);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("defects");
	TCase *t = tcase_create("found");
	tcase_add_checked_fixture(t, open_small, close_small);
	tcase_add_test(t, a_sector_is_good_until_its_time);
	tcase_add_test(t, a_recovered_read_takes_its_turns_once_and_moves_the_block);
	tcase_add_test(t, each_bad_sector_of_an_access_takes_its_turns);
	tcase_add_test(t, a_lost_sector_stays_bad_until_it_is_written);
	tcase_add_test(t, a_write_moves_the_block_without_waiting);
	tcase_add_test(t, without_spares_a_write_fails_and_a_recovered_read_tries_again_each_time);
	tcase_add_test(t, sectors_of_a_track_that_has_moved_are_well_again);
	tcase_add_test(t, random_ones_are_as_many_as_asked_for_and_come_again_by_seed);
	tcase_add_test(t, two_slices_share_the_disks_bad_sectors);
	tcase_add_test(t, sectors_that_are_not_there_or_stand_twice_are_refused);
	tcase_add_test(t, what_was_saved_goes_on_as_before);
	suite_add_tcase(s, t);
	t = tcase_create("cost");
	tcase_add_test(t, a_sequential_read_goes_to_the_spare_and_back);
	tcase_add_test(t, a_command_over_a_remapped_block_pays_for_the_way);
	tcase_add_loop_test(t, a_track_in_the_buffer_does_not_hold_its_remapped_block, 0, 8);
	suite_add_tcase(s, t);
	t = tcase_create("drive");
	tcase_add_test(t, a_read_finds_a_sector_that_went_bad_and_the_next_one_its_spare);
	tcase_add_test(t, an_unreadable_sector_fails_the_read_until_it_is_written);
	tcase_add_loop_test(t, reading_ahead_stays_clear_of_bad_sectors, 0, 2);
	tcase_add_test(t, a_write_without_a_spare_fails_where_somebody_can_be_told);
	tcase_add_test(t, the_medium_holds_what_came_before_the_lost_sector);
	tcase_add_test(t, a_soft_error_costs_whole_turns);
	tcase_add_test(t, hits_and_writes_meet_no_soft_error);
	tcase_add_test(t, a_loaded_drive_meets_what_the_saved_one_would_have_met);
	suite_add_tcase(s, t);
	return run_suite(s);
}
