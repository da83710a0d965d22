/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Shingled disks as devices: zone errors as statuses, what a power cut leaves of zones, and the course
 * of appends and cleaning on the mechanics, worked out by hand on a drive of 1 ms a sector.
 */
#include "disk/disk_fixture.h"

#include "blk/tag.h"

/* 60 sectors a turn of 60 ms, no skew, seeks and switches of no time: a sector is 1 ms, and angles are
 * LBN mod 60. */
#define MILLISECTORS \
	"disk0:\n  rpm: 1000 rpm\n" \
	"  geometry: {heads: 1, cylinders: 40, zones: [{first_cylinder: 0, last_cylinder: 39, sectors_per_track: 60}]}\n" \
	"  seek: {table: [[1, 0], [39, 0]]}\n"
#define ZONED MILLISECTORS "  shingled: {model: host-managed, zone_size: 30 KiB, conventional_zones: 2, max_open_zones: 3}\n"
#define BANDED MILLISECTORS "  shingled: {model: drive-managed, band_size: 30 KiB, cache_size: 180 KiB, record_size: 2 KiB,\n" \
	"    stream_size: 30 KiB, clean_access_size: 30 KiB, idle_clean_after: 500 ms}\n  cache: {enabled: false}\n"
#define NO_CACHE "  cache: {enabled: false}\n"
#define WRITE_BACK "  cache: {segments: 2, segment_sectors: 60, write_back: true}\n  write_cache: {extents: 16, sectors: 90, idle_time: 40 ms}\n"

static struct drive v;
static struct blk_req req;
static bool done;

static void is_done(struct sim *s, struct blk_req *r)
{
	(void)s;
	(void)r;
	done = true;
}

static const struct blk_req *ask(enum blk_op op, uint64_t lba, uint32_t sectors, uint8_t flags)
{
	static uint64_t tag = 1;
	req = (struct blk_req){.op = (uint8_t)op, .lba = lba, .sectors = sectors, .flags = flags, .done = is_done,
		.tag = tag, .arrive_ps = v.sim->now_ps};
	tag++;
	done = false;
	blk_submit(v.dev, &req);
	while (!done)
		ck_assert(sim_step(v.sim));
	return &req;
}

#define ck_asked(op, lba, sectors, want) ck_assert_str_eq(blk_status_name((enum blk_status)ask(op, lba, sectors, 0)->status), \
	blk_status_name(want))

static time_ps took(const struct blk_req *r) { return r->done_ps - r->submit_ps; }

/* The write pointer of a zone, from the table. */
static long pointer_of(unsigned zone, char *condition)
{
	char text[8192], line[64], *at;
	FILE *out = fmemopen(text, sizeof(text), "w");
	unsigned i = 0;
	while (strcmp(v.dev->ops->table(v.dev, i, NULL), "zones_state") != 0)
		i++;
	v.dev->ops->table(v.dev, i, out);
	fclose(out);
	snprintf(line, sizeof(line), "\n%u,", zone);
	at = strstr(text, line);
	ck_assert_ptr_nonnull(at);
	at[1 + strcspn(at + 1, "\n")] = '\0';
	long pointer = -1;
	ck_assert_int_ge(sscanf(at, "\n%*u,%*u,%*u,%*[^,],%31[^,],%ld", condition, &pointer), 1);
	return pointer;
}

/* ---- host-managed ---------------------------------------------------------------------------------- */

START_TEST(zone_errors_come_back_as_statuses_and_touch_nothing)
{
	drive_open(&v, ZONED NO_CACHE);
	struct blk_identity id;
	v.dev->ops->identify(v.dev, &id);
	ck_assert_uint_eq(id.zone_sectors, 60);
	ck_assert_uint_eq(id.sectors, 2400);
	ck_asked(BLK_WRITE, 121, 4, BLK_UNALIGNED_WRITE);
	ck_asked(BLK_WRITE, 120, 61, BLK_WRITE_BOUNDARY);
	ck_asked(BLK_ZONE_RESET, 121, 0, BLK_INVALID_FIELD);
	ck_asked(BLK_ZONE_APPEND, 120, 4, BLK_UNSUPPORTED);
	ck_asked(BLK_TRIM, 120, 4, BLK_UNSUPPORTED);
	ck_assert_uint_eq(v.dev->stats.media_write_sectors, 0);
	ck_assert_uint_eq(ask(BLK_READ, 120, 60, 0)->unwritten, 60);
	ck_asked(BLK_WRITE, 120, 4, BLK_OK);
	ck_asked(BLK_WRITE_ZEROES, 124, 2, BLK_OK);
	ck_assert_uint_eq(ask(BLK_READ, 120, 60, 0)->unwritten, 54);
	for (unsigned z = 3; z < 6; z++)
		ck_asked(BLK_ZONE_OPEN, z * 60, 0, BLK_OK);
	ck_asked(BLK_WRITE, 126, 1, BLK_ZONE_RESOURCES); /* its zone was closed for them */
	ck_asked(BLK_ZONE_CLOSE, 180, 0, BLK_OK);
	ck_asked(BLK_WRITE, 126, 1, BLK_OK);
	ck_asked(BLK_ZONE_RESET, 120, 0, BLK_OK);
	ck_assert_uint_eq(ask(BLK_READ, 120, 60, 0)->unwritten, 60);
	drive_close(&v);
	static const char *const strict[] = {"disk0.shingled.unrestricted_reads=false", NULL};
	drive_open_with(&v, ZONED NO_CACHE, strict);
	ck_asked(BLK_READ, 120, 1, BLK_READ_INVALID_DATA);
	ck_asked(BLK_READ, 119, 2, BLK_READ_BOUNDARY);
	ck_asked(BLK_READ, 0, 120, BLK_OK);
	drive_close(&v);
}
END_TEST

/* Writers of three zones, each one write after the other; the power goes at some instant. */
struct writer {
	struct blk_req req;
	uint64_t next, end;
};

static void write_on(struct sim *s, struct blk_req *r)
{
	struct writer *w = r->owner;
	if (r->status == BLK_POWER_LOST || r->status == BLK_NOT_READY || w->next == w->end)
		return;
	ck_assert_uint_eq(r->status, BLK_OK);
	uint32_t n = 1 + (uint32_t)(w->next * 7 % 11);
	n = n < w->end - w->next ? n : (uint32_t)(w->end - w->next);
	*r = (struct blk_req){.op = BLK_WRITE, .lba = w->next, .sectors = n, .done = write_on, .owner = w, .tag = 1000 + w->next,
		.flags = w->next % 5 == 0 ? BLK_FUA : 0, .arrive_ps = s->now_ps};
	w->next += n;
	blk_submit(v.dev, r);
}

START_TEST(after_a_power_cut_each_write_pointer_is_where_the_medium_ends)
{
	static const char *const kinds[] = {ZONED NO_CACHE, ZONED WRITE_BACK};
	unsigned partly = 0;
	for (int cut = 1; cut <= 300; cut++) {
		struct writer w[3] = {{.next = 120, .end = 180}, {.next = 240, .end = 300}, {.next = 300, .end = 360}};
		drive_open(&v, kinds[cut % 2]);
		v.dev->tags = blk_tags_new();
		for (int i = 0; i < 3; i++) {
			w[i].req.owner = &w[i];
			write_on(v.sim, &w[i].req);
		}
		sim_run_until(v.sim, cut * 13 * PS_PER_MS + cut * 7 * PS_PER_US);
		blk_dev_power_cut(v.dev);
		for (int i = 0; i < 3; i++) {
			char condition[32];
			uint64_t start = w[i].end - 60;
			long pointer = pointer_of((unsigned)(start / 60), condition);
			uint64_t landed = pointer < 0 ? 60 : (uint64_t)pointer - start;
			for (uint64_t k = 0; k < 60; k++)
				ck_assert_msg((blk_tags_durable(v.dev->tags, start + k) != 0) == (k < landed),
					"cut %d, zone at %lu, sector %lu, pointer %ld", cut, (unsigned long)start, (unsigned long)k, pointer);
			ck_assert_str_eq(condition, landed == 0 ? "empty" : landed == 60 ? "full" : "closed");
			partly += landed > 0 && landed < 60;
		}
		blk_tags_free(v.dev->tags);
		drive_close(&v);
	}
	ck_assert_uint_gt(partly, 100);
}
END_TEST

START_TEST(a_reset_forgets_what_is_on_its_way)
{
	drive_open(&v, ZONED WRITE_BACK);
	v.dev->tags = blk_tags_new();
	ask(BLK_WRITE, 120, 30, 0);
	ck_assert_uint_eq(v.disk->wcache.sectors, 30);
	ck_asked(BLK_ZONE_RESET, 120, 0, BLK_OK);
	ck_assert_uint_eq(v.disk->wcache.sectors, 0);
	ask(BLK_WRITE, 120, 30, 0);
	sim_run_until(v.sim, v.sim->now_ps + 50 * PS_PER_MS); /* being written now */
	ck_assert(v.disk->unit[0].write.active);
	ck_asked(BLK_ZONE_RESET, 120, 0, BLK_OK);
	ck_assert(v.disk->unit[0].write.active);
	ck_asked(BLK_WRITE, 120, 2, BLK_OK);
	sim_run_until(v.sim, v.disk->unit[0].write.end_ps);
	ck_assert_uint_eq(blk_tags_durable(v.dev->tags, 120), 0);
	blk_dev_power_cut(v.dev);
	char condition[32];
	ck_assert_int_eq(pointer_of(2, condition), 120);
	ck_assert_str_eq(condition, "empty");
	blk_tags_free(v.dev->tags);
	drive_close(&v);
}
END_TEST

/* ---- drive-managed ----------------------------------------------------------------------------------- */

/*
 * Bands and log bands are 60 sectors, one turn. The scratch band and its two records of 4 take LBNs
 * 0-67; the media cache 68-427; host band 0 begins at 428.
 */
START_TEST(appends_follow_one_another_and_the_first_read_finds_them)
{
	drive_open(&v, BANDED);
	ck_assert_uint_eq(v.dev->sectors, ((2400 - 68) / 60 - 6) * 60);
	/* at time 0 the angle is 0; LBN 68 is at angle 8: 8 ms of waiting, 4 of record, 3 of data */
	ck_assert_int_eq(took(ask(BLK_WRITE, 1000, 3, 0)), 15 * PS_PER_MS);
	/* the next append begins just there: no wait at all, wherever the host writes */
	ck_assert_int_eq(took(ask(BLK_WRITE, 17, 2, 0)), 6 * PS_PER_MS);
	ck_assert_int_eq(took(ask(BLK_WRITE, 500, 1, 0)), 5 * PS_PER_MS);
	ck_assert_uint_eq(v.dev->stats.media_write_sectors, 18);
	/* 86 is where the head is; the data of the second append are at 79 and 80: 53 of 60, then 2 */
	ck_assert_int_eq(took(ask(BLK_READ, 17, 2, 0)), 55 * PS_PER_MS);
	/* sectors 16-19: home at 444 (angle 24), log at 79 (19), home at 447. The head is at 21: to 24 and over 16
	 * 4 ms, to 19 and over 17-18 56 ms, at 447 (27) 6 ms later, 1 sector */
	ck_assert_int_eq(took(ask(BLK_READ, 16, 4, 0)), (4 + 56 + 6 + 1) * PS_PER_MS);
	drive_close(&v);
}
END_TEST

START_TEST(an_idle_drive_cleans_and_a_command_goes_between)
{
	drive_open(&v, BANDED);
	ask(BLK_WRITE, 0, 60, 0); /* a whole band: in place at 428, angle 8 */
	ck_assert_int_eq(v.sim->now_ps, 68 * PS_PER_MS);
	ask(BLK_WRITE, 10, 2, 0); /* log at 68, angle 8 where the head is: 4 + 2 */
	ck_assert_int_eq(v.sim->now_ps, 74 * PS_PER_MS);
	/* idle for 500 ms: at 574 (angle 34) the band is read from angle 8 on: 34 + 60 */
	sim_run_until(v.sim, 573 * PS_PER_MS);
	ck_assert(!v.disk->unit[0].write.active);
	sim_run_until(v.sim, 574 * PS_PER_MS);
	ck_assert_int_eq(v.disk->unit[0].write.end_ps, 668 * PS_PER_MS);
	ck_assert_uint_eq(v.dev->stats.media_read_sectors, 60);
	/* a read in between waits for that piece and no other; then half a second of quiet is wanted again */
	sim_run_until(v.sim, 600 * PS_PER_MS);
	const struct blk_req *r = ask(BLK_READ, 0, 1, 0); /* 428: angle 8, where the head is at 668 */
	ck_assert_int_eq(r->done_ps, 669 * PS_PER_MS);
	/* at 1169 (angle 29): the log's data at 72 (12), 43 + 2; the copy at 0 (angle 0) from 14 on, 46 + 60, of its
	 * 64 with the record; the rest of it at once; the band at 8 from 4 on; its record at 64 from 8 on (angle 4) */
	time_ps at = 1169;
	static const struct {
		time_ps waits, sectors;
	} want[] = {{43, 2}, {46, 60}, {0, 4}, {4, 60}, {56, 4}};
	for (unsigned i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		sim_run_until(v.sim, at * PS_PER_MS);
		at += want[i].waits + want[i].sectors;
		ck_assert_int_eq(v.disk->unit[0].write.end_ps, at * PS_PER_MS);
		ck_assert(v.disk->unit[0].write.clean);
	}
	ck_assert_int_eq(sim_run(v.sim), 0);
	ck_assert_int_eq(v.sim->now_ps, at * PS_PER_MS);
	ck_assert_uint_eq(smr_counts(v.disk->smr)->cleaned_bands, 1);
	ck_assert_uint_eq(v.dev->stats.media_read_sectors, 60 + 1 + 2);
	ck_assert_uint_eq(v.dev->stats.media_write_sectors, 60 + 6 + 60 + 4 + 60 + 4);
	/* and is in one piece again */
	uint64_t lbn;
	ck_assert(disk_in_one_piece(&v.disk->unit[0], &(struct blk_req){.op = BLK_READ, .lba = 0, .sectors = 60}, &lbn));
	ck_assert_uint_eq(lbn, 428);
	drive_close(&v);
}
END_TEST

START_TEST(random_writes_slow_down_when_the_media_cache_is_full)
{
	drive_open(&v, BANDED);
	struct rng *rng = rng_new(v.sim->arena, 1, "smr");
	time_ps early = 0, late = 0;
	for (uint64_t b = 0; b < v.dev->sectors; b += 60)
		ask(BLK_WRITE, b, 60, 0);
	for (int i = 0; i < 400; i++) {
		time_ps t = took(ask(BLK_WRITE, rng_below(rng, v.dev->sectors - 2), 2, 0));
		*(i < 40 ? &early : &late) += t;
	}
	/* appends of 6 sectors: 6 ms, and now and then a wait; a cleaning costs 4 turns and more */
	ck_assert_int_lt(early / 40, 15 * PS_PER_MS);
	ck_assert_int_gt(late / 360, 100 * PS_PER_MS);
	ck_assert_uint_gt(smr_counts(v.disk->smr)->cleaned_bands, 100);
	drive_close(&v);
}
END_TEST

START_TEST(what_does_not_go_with_shingling_is_refused)
{
	static const struct {
		const char *set, *want;
	} bad[] = {
		{"disk0.write_on_arrival=true", "a shingled track is written from its beginning: no write_on_arrival"},
		{"disk0.write_cache={combine: none, order: nearest}", "write_cache.combine: none wants order: fifo"},
		{"disk0.actuators={count: 2, split: radius}", "shingled recording wants one actuator, not 2"},
		{"disk0.shingled.zone_size=2 MiB", "shingled zone_size is 4096 sectors: the disk has only 2400"},
	};
	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		const char *const sets[] = {bad[i].set, NULL};
		struct err e = {0};
		ck_assert_int_eq(drive_try(&v, ZONED "  cache: {write_back: true}\n", sets, 1, &e), -1);
		ck_assert_msg(strstr(e.msg, bad[i].want) != NULL, "%s", e.msg);
		sim_free(v.sim);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("smr");
	TCase *t = tcase_create("smr");
	tcase_add_test(t, zone_errors_come_back_as_statuses_and_touch_nothing);
	tcase_add_test(t, after_a_power_cut_each_write_pointer_is_where_the_medium_ends);
	tcase_add_test(t, a_reset_forgets_what_is_on_its_way);
	tcase_add_test(t, appends_follow_one_another_and_the_first_read_finds_them);
	tcase_add_test(t, an_idle_drive_cleans_and_a_command_goes_between);
	tcase_add_test(t, random_writes_slow_down_when_the_media_cache_is_full);
	tcase_add_test(t, what_does_not_go_with_shingling_is_refused);
	tcase_set_timeout(t, 60);
	suite_add_tcase(s, t);
	return run_suite(s);
}
