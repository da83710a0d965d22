/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Drive-managed shingling on a simulated medium that destroys what follows a write in its band
 * (smr_rig.h): contents through random writes, cleaning and power cuts, the cost of cleaning in closed
 * form, and the map against an array.
 */
#include "disk/smr_rig.h"
#include "effort.h"

#include <math.h>
#include <stdio.h>

#include "disk/options.h"
#include "sim/config.h"

#define MEDIUM 1500u /* 36 places of 40 sectors beside the scratch band: 28 for the host */
#define KINDS 6

/* Different drives: place of the cache, order of cleaning, records, streams, watermarks, small maps. */
static struct disk_smr_spec kind(int i)
{
	struct disk_smr_spec s = rig_spec();
	s.cache_place = i % 4;
	s.clean_order = i % 2;
	if (i == 1)
		s.record_bytes = 0;
	if (i == 2)
		s.map_extents = 64;
	if (i == 3)
		s.high_water = 0.5, s.low_water = 0.25;
	if (i == 4)
		s.stream_bytes = INT64_C(1) << 40, s.clean_access_bytes = INT64_C(1) << 20;
	if (i == 5)
		s.stream_bytes = 0, s.clean_access_bytes = SECTOR_BYTES;
	return s;
}

static void open_kind(struct smr_rig *r, int i, uint64_t seed)
{
	struct disk_smr_spec s = kind(i);
	smr_rig_open(r, &s, MEDIUM, seed);
}

/* ---- contents ----------------------------------------------------------------------------------------- */

START_TEST(what_was_written_is_read_wherever_it_lies)
{
	struct smr_rig r;
	open_kind(&r, _i, 1);
	ck_assert_uint_eq(r.sectors, 28 * 40);
	for (unsigned i = 0, end = effort(20000); i < end; i++) {
		rig_random(&r);
		if (i % 100 == 0)
			rig_check(&r);
	}
	ck_assert_uint_gt(r.c.counts.cleaned_bands, 100);
	ck_assert_uint_gt(r.c.counts.placed, 0);
	while (smr_cache_may_clean(&r.c))
		rig_clean(&r);
	rig_check(&r);
	ck_assert_uint_eq(r.c.map.count, 0);
	ck_assert_uint_eq(r.c.free_logs, r.c.log_bands - 1);
	smr_rig_close(&r);
}
END_TEST

/* A short history with everything in it: a filled disk, scattered writes, a band overwritten whole,
 * cleaning with writes in between. */
static void history(struct smr_rig *r)
{
	for (uint32_t b = 0; b < 3 && !r->off; b++)
		rig_write(r, b * 40, 40);
	for (uint32_t i = 0; i < 5 && !r->off; i++)
		rig_write(r, 7 * i + 3, 2);
	for (uint32_t i = 0; i < 4 && !r->off; i++)
		rig_write(r, 120 + 10 * i, 10);
	for (uint32_t i = 0; i < 30 && !r->off; i++) {
		rig_clean(r);
		if (!r->off && i % 3 == 0)
			rig_write(r, (11 * i) % 100, 3);
	}
}

START_TEST(a_power_cut_at_any_step_keeps_all_that_landed)
{
	struct smr_rig r;
	open_kind(&r, _i, 1);
	history(&r);
	uint64_t steps = r.steps;
	smr_rig_close(&r);
	ck_assert_uint_gt(steps, 20);
	for (uint64_t at = 0; at < steps; at++)
		for (unsigned how = 0; how <= 4; how++) {
			open_kind(&r, _i, 1);
			r.cut_at = at;
			r.cut_how = how;
			history(&r);
			ck_assert(r.off);
			rig_power_cut(&r);
			r.off = false;
			rig_check(&r);
			/* and a second one, soon after */
			r.cut_at = r.steps + at % 4;
			r.cut_how = (how + 2) % 5;
			history(&r);
			rig_power_cut(&r);
			r.off = false;
			rig_check(&r);
			history(&r);
			while (smr_cache_may_clean(&r.c))
				rig_clean(&r);
			rig_check(&r);
			smr_rig_close(&r);
		}
}
END_TEST

START_TEST(power_cuts_at_random_keep_all_that_landed)
{
	struct smr_rig r;
	open_kind(&r, _i, 2);
	for (unsigned i = 0, end = effort(2000); i < end; i++) {
		r.cut_at = r.steps + rng_below(r.rng, 60);
		r.cut_how = (unsigned)rng_below(r.rng, 5);
		while (!r.off)
			rig_random(&r);
		rig_power_cut(&r);
		r.off = false;
		if (i % 10 == 0)
			rig_check(&r);
	}
	rig_check(&r);
	smr_rig_close(&r);
}
END_TEST

/* ---- what goes where ------------------------------------------------------------------------------------- */

START_TEST(a_stream_goes_in_place_where_nothing_lies_behind_it)
{
	struct smr_rig r;
	open_kind(&r, 0, 1);
	for (uint32_t at = 0; at < 400; at += 4)
		rig_write(&r, at, 4);
	/* 16 sectors make a stream; the band in which it began has a gap by then, so it goes to the log whole */
	ck_assert_uint_eq(r.c.counts.logged, 40);
	ck_assert_uint_eq(r.c.counts.placed, 360);
	ck_assert_uint_eq(r.c.counts.records, 11 * 2); /* the seventh append is split at the log band's end */
	/* over full bands the same stream would destroy what is behind it: it goes to the log, but for the
	 * last write of each band */
	for (uint32_t at = 0; at < 400; at += 4)
		rig_write(&r, at, 4);
	ck_assert_uint_eq(r.c.counts.placed, 360 + 9 * 4);
	rig_write(&r, 200, 40); /* a whole band at once goes in place */
	ck_assert_uint_eq(r.c.counts.placed, 360 + 9 * 4 + 40);
	rig_check(&r);
	smr_rig_close(&r);
}
END_TEST

START_TEST(an_append_is_led_by_its_record_and_reads_come_from_the_log)
{
	struct smr_rig r;
	struct smr_plan p;
	open_kind(&r, 0, 1);
	rig_write(&r, 0, 40);
	smr_cache_write(&r.c, 10, 5, &p);
	ck_assert_uint_eq(p.steps, 1);
	ck_assert_uint_eq(p.covered, 5);
	ck_assert_uint_eq(p.step[0].kind, SMR_STEP_LOG);
	ck_assert_uint_eq(p.step[0].lbn, 44); /* the outer cache begins behind the scratch band */
	ck_assert_uint_eq(p.step[0].sectors, 7);
	ck_assert_uint_eq(p.step[0].lead, 2);
	uint64_t home = smr_cache_home(&r.c, 0, 0);
	ck_assert_uint_eq(home, 44 + 8 * 40);
	struct smr_step append = p.step[0];
	smr_cache_read(&r.c, 8, 10, &p); /* not landed: nothing has changed */
	ck_assert_uint_eq(p.steps, 1);
	ck_assert_uint_eq(p.step[0].lbn, home + 8);
	smr_cache_landed(&r.c, &append, 7);
	smr_cache_read(&r.c, 8, 10, &p);
	ck_assert_uint_eq(p.steps, 3);
	ck_assert(p.step[0].lbn == home + 8 && p.step[0].sectors == 2);
	ck_assert(p.step[1].lbn == 46 && p.step[1].sectors == 5);
	ck_assert(p.step[2].lbn == home + 15 && p.step[2].sectors == 3);
	smr_rig_close(&r);
}
END_TEST

START_TEST(a_read_of_many_pieces_goes_on_where_its_plan_ended)
{
	struct smr_rig r;
	struct smr_plan p;
	open_kind(&r, 0, 1);
	rig_write(&r, 0, 40);
	for (uint32_t i = 1; i < 40; i += 2)
		rig_write(&r, i, 1);
	smr_cache_read(&r.c, 0, 40, &p);
	ck_assert_uint_eq(p.steps, SMR_STEPS);
	ck_assert_uint_eq(p.covered, SMR_STEPS);
	smr_cache_read(&r.c, 16, 24, &p);
	ck_assert_uint_eq(p.covered, SMR_STEPS);
	smr_cache_read(&r.c, 32, 8, &p);
	ck_assert_uint_eq(p.covered, 8);
	rig_read(&r, 0, 40);
	smr_rig_close(&r);
}
END_TEST

START_TEST(the_orders_of_cleaning_pick_the_oldest_and_the_fullest)
{
	static const uint32_t want[2] = {5, 9};
	for (int order = 0; order < 2; order++) {
		struct smr_rig r;
		struct disk_smr_spec s = rig_spec();
		s.clean_order = order;
		smr_rig_open(&r, &s, MEDIUM, 1);
		rig_write(&r, 5 * 40 + 3, 2);
		rig_write(&r, 9 * 40 + 1, 4);
		rig_write(&r, 7 * 40 + 1, 3);
		rig_clean(&r);
		ck_assert_uint_eq(r.c.clean.band, want[order]);
		smr_rig_close(&r);
	}
	ck_assert_str_eq(smr_cleans[0].name, "fifo");
	ck_assert_str_eq(smr_cleans[1].name, "most-cached");
}
END_TEST

START_TEST(writes_wait_for_cleaning_when_the_cache_or_the_map_is_full)
{
	struct smr_rig r;
	open_kind(&r, 0, 1);
	for (uint32_t b = 0; b < 28; b++)
		rig_write(&r, b * 40, 40);
	/* appends of 6 + 2 sectors, 5 to a log band, 8 log bands */
	uint32_t taken = 0;
	while (!smr_cache_must_clean(&r.c, taken * 20, 6)) {
		ck_assert_uint_lt(taken, 41);
		rig_write(&r, taken++ * 20, 6);
	}
	ck_assert_uint_ge(taken, 5 * 7); /* room is asked for with a record and a broken band to spare */
	rig_write(&r, 27 * 40, 6);
	ck_assert_uint_gt(r.c.counts.cleaned_bands, 0);
	smr_rig_close(&r);
	open_kind(&r, 2, 1); /* 64 extents */
	for (uint32_t i = 0; i < 200; i++)
		rig_write(&r, (i * 37) % 1100, 1);
	ck_assert_uint_gt(r.c.counts.cleaned_bands, 0);
	rig_check(&r);
	smr_rig_close(&r);
	open_kind(&r, 3, 1); /* from half full to a quarter */
	bool waited = false;
	for (uint32_t i = 0; i < 60; i++) {
		bool full = r.c.log_bands - r.c.free_logs > 4;
		uint64_t lba = (i * 111) % 1100;
		ck_assert_int_eq(smr_cache_must_clean(&r.c, lba, 6), full);
		rig_write(&r, lba, 6);
		if (full)
			ck_assert_uint_le(r.c.log_bands - r.c.free_logs, 3); /* 2, and perhaps one more for this write */
		waited |= full;
	}
	ck_assert(waited);
	smr_rig_close(&r);
}
END_TEST

/* ---- what cleaning costs ------------------------------------------------------------------------------------ */

static void clean_all(struct smr_rig *r)
{
	while (smr_cache_may_clean(&r->c))
		rig_clean(r);
}

START_TEST(cleaning_reads_band_and_log_and_writes_copy_and_band)
{
	for (uint32_t writes = 1; writes <= 13; writes++) {
		struct smr_rig r;
		open_kind(&r, 0, 1);
		rig_write(&r, 40, 40);
		for (uint32_t i = 0; i < writes; i++)
			rig_write(&r, 40 + 3 * i, 2);
		clean_all(&r);
		/* band + what is in the log; the merged band twice, with a record each */
		ck_assert_uint_eq(r.c.counts.clean_reads, 40 + 2 * writes);
		ck_assert_uint_eq(r.c.counts.clean_writes, 2 * (40 + 2));
		ck_assert_uint_eq(r.c.counts.records, 2 * writes);
		ck_assert_uint_eq(r.c.counts.cleaned_bands, 1);
		smr_rig_close(&r);
	}
}
END_TEST

START_TEST(a_band_that_is_in_the_log_whole_is_neither_read_nor_copied)
{
	struct smr_rig r;
	open_kind(&r, 4, 1);
	rig_write(&r, 40, 40);
	rig_write(&r, 60, 19);
	rig_write(&r, 40, 20);
	rig_write(&r, 79, 1);
	clean_all(&r);
	ck_assert_uint_eq(r.c.counts.clean_reads, 40);
	ck_assert_uint_eq(r.c.counts.clean_writes, 40 + 2);
	rig_check(&r);
	smr_rig_close(&r);
}
END_TEST

/*
 * n single-sector writes at uniform places of a full band of B leave B (1 - (1 - 1/B)^n) different
 * sectors in the log: that many are read, the rest was overwritten there. The expected number of
 * distinct values of n draws; its variance is at most that of independent ones, B p (1 - p).
 */
START_TEST(uniform_overwrites_of_a_band_cost_what_the_closed_form_says)
{
	const double band = 40;
	for (int n = 5; n <= 120; n += 23) {
		const int trials = (int)effort(400);
		double sum = 0, kept = 1 - pow(1 - 1 / band, n);
		for (int t = 0; t < trials; t++) {
			struct smr_rig r;
			struct disk_smr_spec s = rig_spec();
			s.record_bytes = 0;
			smr_rig_open(&r, &s, MEDIUM, 1000 * (uint64_t)n + (uint64_t)t);
			rig_write(&r, 40, 40);
			for (int i = 0; i < n; i++)
				rig_write(&r, 40 + rng_below(r.rng, 39), 1); /* all but the last, which would go in place */
			clean_all(&r);
			bool whole = r.c.counts.clean_reads <= 39;
			ck_assert(!whole); /* the last sector is in place alone, so the band is read */
			ck_assert_uint_eq(r.c.counts.clean_writes, 80);
			sum += (double)(r.c.counts.clean_reads - 40);
			smr_rig_close(&r);
		}
		kept = 1 - pow(1 - 1.0 / 39, n);
		double want = 39 * kept, sigma = sqrt(39 * kept * (1 - kept) / trials);
		ck_assert_double_eq_tol(sum / trials, want, 4 * sigma);
	}
}
END_TEST

/* ---- the map ------------------------------------------------------------------------------------------------- */

struct gone {
	uint64_t *of; /* the array */
	uint64_t sectors;
};

static void gone(void *ctx, uint64_t lba, uint64_t lbn, uint32_t sectors)
{
	struct gone *g = ctx;
	for (uint32_t i = 0; i < sectors; i++) {
		ck_assert_uint_eq(g->of[lba + i], lbn + i);
		g->of[lba + i] = 0;
	}
	g->sectors += sectors;
}

START_TEST(the_map_agrees_with_an_array)
{
	struct arena *a = arena_new();
	struct rng *rng = rng_new(a, 1, "map");
	struct smr_map m;
	uint64_t of[300] = {0}, lbn = 1, stamp = 0;
	struct gone g = {of, 0};
	ck_assert_int_eq(smr_map_init(&m, a, 320), 0);
	for (unsigned i = 0, end = effort(50000); i < end; i++) {
		uint64_t lo = rng_below(rng, 300), n = 1 + rng_below(rng, rng_below(rng, 4) ? 6 : 60);
		n = n < 300 - lo ? n : 300 - lo;
		smr_map_cut(&m, lo, n, gone, &g);
		if (rng_below(rng, 3)) {
			smr_map_put(&m, lo, (uint32_t)n, lbn, ++stamp);
			for (uint64_t k = 0; k < n; k++)
				of[lo + k] = lbn++;
		}
		ck_assert(smr_map_sound(&m));
		uint64_t at = rng_below(rng, 300);
		uint32_t x = smr_map_find(&m, at);
		for (uint64_t k = at; k < (x == SMR_NO_EXTENT ? 300 : m.extent[x].lba); k++)
			ck_assert_uint_eq(of[k], 0);
		if (x != SMR_NO_EXTENT)
			for (uint32_t k = 0; k < m.extent[x].sectors; k++)
				ck_assert_uint_eq(of[m.extent[x].lba + k], m.extent[x].lbn + k);
	}
	arena_free(a);
}
END_TEST

/* ---- state and options ------------------------------------------------------------------------------------------ */

static struct smr *open_smr(struct arena *a, const struct disk_smr_spec *spec)
{
	struct err e = {0};
	struct smr *s = smr_new(a, spec, MEDIUM, &e);
	ck_assert_msg(s != NULL, "%s", e.msg);
	return s;
}

static void drive(struct smr *s, struct rng *rng, int count)
{
	struct smr_plan p;
	for (int i = 0; i < count; i++) {
		uint64_t lba = rng_below(rng, 1000);
		uint32_t n = 1 + (uint32_t)rng_below(rng, 50);
		while (smr_must_clean(s, lba, n) || rng_below(rng, 3) == 0) {
			smr_clean(s, &p);
			for (uint32_t k = 0; k < p.steps; k++)
				if (p.step[k].kind == SMR_STEP_CLEAN)
					smr_landed(s, &p.step[k], p.step[k].sectors);
			smr_clean_done(s);
		}
		for (uint32_t done = 0; done < n; done += p.covered) {
			ck_assert_int_eq(smr_write(s, lba + done, n - done, &p), BLK_OK);
			for (uint32_t k = 0; k < p.steps; k++)
				smr_landed(s, &p.step[k], p.step[k].sectors);
		}
	}
}

static char *bytes_of(const struct smr *s, size_t *size)
{
	char *bytes = NULL;
	struct err e = {0};
	FILE *f = open_memstream(&bytes, size);
	ck_assert_int_eq(smr_save(s, f, &e), 0);
	smr_write_table(s, f);
	fclose(f);
	return bytes;
}

START_TEST(a_saved_state_goes_on_as_the_original)
{
	struct arena *a = arena_new();
	struct disk_smr_spec spec = rig_spec();
	struct smr *s = open_smr(a, &spec), *t = open_smr(a, &spec);
	struct rng *one = rng_new(a, 1, "x"), *two = rng_new(a, 1, "x");
	size_t size, other;
	struct err e = {0};
	struct smr_plan p;
	uint64_t lba, sectors;
	ck_assert(!smr_host_managed(s) && smr_zone_sectors(s) == 0);
	ck_assert_int_eq(smr_zone_op(s, BLK_ZONE_RESET, 0, &lba, &sectors), BLK_UNSUPPORTED);
	drive(s, one, 300);
	char *bytes = bytes_of(s, &size);
	FILE *f = fmemopen(bytes, size, "r");
	ck_assert_int_eq(smr_load(t, f, &e), 0);
	fclose(f);
	two = rng_new(a, 7, "y");
	one = rng_new(a, 7, "y");
	drive(s, one, 300);
	drive(t, two, 300);
	char *x = bytes_of(s, &size), *y = bytes_of(t, &other);
	ck_assert_uint_eq(size, other);
	ck_assert_int_eq(memcmp(x, y, size), 0);
	ck_assert_double_gt(smr_cache_fill(t), 0);
	ck_assert_int_eq(smr_read(t, 0, 40, &p), BLK_OK);
	/* a broken map is refused */
	memset(bytes, 1, 4096);
	f = fmemopen(bytes, size, "r");
	ck_assert_int_eq(smr_load(t, f, &e), -1);
	fclose(f);
	free(bytes);
	free(x);
	free(y);
	arena_free(a);
}
END_TEST

static void ck_refused(const char *text, const char *want)
{
	struct config *c = config_new(NULL);
	struct arena *a = arena_new();
	struct disk_smr_spec spec;
	struct err e = {0};
	char yaml[512];
	snprintf(yaml, sizeof(yaml), "shingled: {model: %s}\n", text);
	ck_assert_msg(config_load_text(c, "t.yaml", yaml, &e) == 0, "%s", e.msg);
	if (config_bind(config_get(config_root(c), "shingled"), "shingled", &disk_smr_group, NULL, &spec, a, &e) == 0)
		ck_assert_ptr_null(smr_new(a, &spec, 2000000, &e));
	ck_assert_msg(strstr(e.msg, want) != NULL, "%s", e.msg);
	arena_free(a);
	config_free(c);
}

START_TEST(what_cannot_be_is_refused_in_one_sentence)
{
	ck_refused("drive-managed, cache_size: 320 MiB, band_size: 30 MiB",
		"335544320 bytes are not a whole number of bands of band_size 31457280 bytes");
	ck_refused("drive-managed, cache_size: 320 MiB, band_size: 64 MiB",
		"335544320 bytes: want at least 6 bands of band_size 67108864 bytes");
	ck_refused("drive-managed, band_size: 4100 B", "4100 bytes are not a whole number of 512-byte sectors");
	ck_refused("drive-managed, record_size: 5 MiB", "5242880 bytes are more than an eighth of band_size, 33554432 bytes");
	ck_refused("drive-managed, low_water: 60 %, high_water: 50 %", "60 % is above high_water, 50 %");
	ck_refused("drive-managed, band_size: 1 GiB, cache_size: 6 GiB",
		"shingled band_size is 2097152 sectors: the disk has only 2000000");
	ck_refused("drive-managed, cache_size: 608 MiB",
		"shingled cache_size is 1245184 sectors: more than half of the disk's 2000000");
	ck_refused("host-managed, zone_size: 1000 B", "1000 bytes are not a whole number of 512-byte sectors");
	ck_refused("host-managed, zone_size: 1 GiB", "shingled zone_size is 2097152 sectors: the disk has only 2000000");
	ck_refused("host-managed, conventional_zones: 5", "shingled conventional_zones is 5: the disk has only 4 zones");
	ck_refused("host-manage", "host-managed");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("smr_media_cache");
	TCase *t = tcase_create("contents");
	tcase_add_loop_test(t, what_was_written_is_read_wherever_it_lies, 0, KINDS);
	tcase_add_loop_test(t, a_power_cut_at_any_step_keeps_all_that_landed, 0, KINDS);
	tcase_add_loop_test(t, power_cuts_at_random_keep_all_that_landed, 0, KINDS);
	tcase_set_timeout(t, 300);
	suite_add_tcase(s, t);
	t = tcase_create("rules");
	tcase_add_test(t, a_stream_goes_in_place_where_nothing_lies_behind_it);
	tcase_add_test(t, an_append_is_led_by_its_record_and_reads_come_from_the_log);
	tcase_add_test(t, a_read_of_many_pieces_goes_on_where_its_plan_ended);
	tcase_add_test(t, the_orders_of_cleaning_pick_the_oldest_and_the_fullest);
	tcase_add_test(t, writes_wait_for_cleaning_when_the_cache_or_the_map_is_full);
	tcase_add_test(t, cleaning_reads_band_and_log_and_writes_copy_and_band);
	tcase_add_test(t, a_band_that_is_in_the_log_whole_is_neither_read_nor_copied);
	tcase_add_test(t, uniform_overwrites_of_a_band_cost_what_the_closed_form_says);
	tcase_add_test(t, the_map_agrees_with_an_array);
	tcase_add_test(t, a_saved_state_goes_on_as_the_original);
	tcase_add_test(t, what_cannot_be_is_refused_in_one_sentence);
	tcase_set_timeout(t, 120);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed > 0;
}
