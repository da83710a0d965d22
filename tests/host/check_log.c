/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The durable log on a disk and a solid-state drive. Times: a record that begins where the last one ended, on a disk
 * without a cache, waits for whole turns: period = ceil((think + overhead) / T) T + transfer, and twice that with a separate
 * commit record (Mohan et al., ARIES, on why groups commit; arithmetic of rotation).
 */
#include "host/durable_rig.h"

#include "effort.h"
#include "host/crash.h"
#include "host/log.h"

#define ENTRIES 4000

struct test {
	struct durable_rig rig; /* first */
	struct host_region region;
	struct log_spec spec;
	struct log log;
	struct event think;
	time_ps think_ps;
	uint64_t next, left;      /* commits */
	uint64_t commits, errors;
	time_ps at[ENTRIES];      /* of each commit's answer */
	uint64_t acked;           /* highest entry answered */
	uint64_t found[ENTRIES];  /* by recovery */
	unsigned founds;
	bool over;
	enum blk_status status;
	uint64_t last_sequence;
	uint64_t truncate_at;     /* used bytes at which records are given up; 0: never */
	bool sparing;             /* the oldest of them, not all that are durable */
	uint64_t truncated;       /* entries that may be gone: their truncation was asked for */
	uint64_t entry_of[ENTRIES + 1]; /* last entry of each record */
	uint32_t entry_bytes;
};

static void commit(struct test *t);

static void truncate_done(void *owner, uint64_t upto, enum blk_status status)
{
	struct test *t = owner;
	ck_assert_int_eq(status, BLK_OK);
	ck_assert_uint_eq(t->log.head_sequence, upto + 1);
}

/* Some or all of what is durable is given up; also when a record waits for room, as nobody else comes. */
static void truncate_some(void *ctx)
{
	struct test *t = ctx;
	struct log *l = &t->log;
	if (l->truncating || l->durable < l->head_sequence)
		return;
	uint64_t upto = t->sparing ? l->head_sequence : l->durable;
	t->truncated = t->entry_of[upto];
	log_truncate(l, upto, (struct host_io_then){truncate_done, t, upto});
}

static void committed(void *owner, uint64_t entry, enum blk_status status)
{
	struct test *t = owner;
	if (status != BLK_OK) {
		t->errors++;
		return;
	}
	ck_assert_uint_eq(entry, t->acked + 1); /* in order */
	t->acked = entry;
	t->at[t->commits++] = t->rig.sim->now_ps;
	if (t->truncate_at && log_used_bytes(&t->log) > t->truncate_at)
		truncate_some(t);
	if (t->left == 0)
		return;
	t->left--;
	if (t->think_ps > 0 && !event_pending(&t->think))
		sim_schedule(t->rig.sim, &t->think, t->rig.sim->now_ps + t->think_ps);
	else
		commit(t);
}

static void commit(struct test *t)
{
	uint64_t word[2] = {++t->next, t->next * 7};
	uint64_t sequence = log_append(&t->log, word, 2, t->entry_bytes, true, (struct host_io_then){committed, t, t->next});
	ck_assert_uint_lt(sequence, ENTRIES);
	t->entry_of[sequence] = t->next;
}

static void think_over(struct sim *s, struct event *e)
{
	(void)s;
	commit(container_of(e, struct test, think));
}

static void over(void *owner, uint64_t arg, enum blk_status status)
{
	struct test *t = owner;
	(void)arg;
	t->over = true;
	t->status = status;
}

static struct test *test_new(const struct blk_dev_ops *ops, const char *device, bool tags, uint64_t from, uint64_t sectors)
{
	struct test *t = calloc(1, sizeof(*t));
	rig_open(&t->rig, ops, device, tags);
	rig_region(&t->rig, "log", BLK_CAUSE_LOG, from, sectors, &t->region);
	rig_defaults(&t->rig, &log_options, &t->spec);
	t->entry_bytes = 100;
	event_init(&t->think, think_over, "think", EVENT_PRIO_WORKLOAD);
	return t;
}

static void test_start(struct test *t)
{
	struct err e = {0};
	ck_assert_msg(log_open(&t->log, t->rig.io, &t->region, &t->spec, &e) == 0, "%s", e.msg);
	log_format(&t->log, (struct host_io_then){over, t, 0});
	ck_assert_int_eq(sim_run(t->rig.sim), 0);
	ck_assert(t->over && t->status == BLK_OK);
}

static void test_free(struct test *t)
{
	struct err e = {0};
	ck_assert_msg(host_io_check(t->rig.io, &e) == 0, "%s", e.msg);
	rig_close(&t->rig);
	free(t);
}

static void found(void *ctx, uint64_t sequence, const uint64_t *word, uint32_t words)
{
	struct test *t = ctx;
	(void)sequence;
	ck_assert_uint_eq(words, 2);
	ck_assert_uint_eq(word[1], word[0] * 7);
	t->found[t->founds++] = word[0];
}

static void recover(struct test *t)
{
	struct err e = {0};
	t->founds = 0;
	ck_assert_msg(log_open(&t->log, t->rig.io, &t->region, &t->spec, &e) == 0, "%s", e.msg);
	t->over = false;
	log_recover(&t->log, found, t, (struct host_io_then){over, t, 0});
	ck_assert_int_eq(sim_run(t->rig.sim), 0);
	ck_assert(t->over);
}

/* ---- closed forms ------------------------------------------------------------------------------------------------- */

/* The period of serial commits of one sector each, and of what it must be. */
static time_ps period(struct test *t, time_ps think, unsigned commits)
{
	t->think_ps = think;
	t->left = commits - 1;
	t->commits = 0;
	commit(t);
	ck_assert_int_eq(sim_run(t->rig.sim), 0);
	ck_assert_uint_eq(t->commits, commits);
	return (t->at[commits - 1] - t->at[0]) / (commits - 1);
}

START_TEST(serial_commits_on_a_disk_without_cache_take_whole_turns)
{
	static const struct {
		time_ps think;
		int turns;
	} cases[] = {{0, 1}, {1, 1}, {PS_PER_MS, 1}, {TURN_PS - 1000000, 1}, {TURN_PS + 1000000, 2}, {20 * PS_PER_MS, 3}};
	for (unsigned i = 0; i < 6; i++) {
		struct test *t = test_new(&disk_ops, PLAIN_DISK NO_CACHE, false, 0, 900);
		t->spec.block_bytes = 512;
		t->spec.durability = LOG_NONE;
		test_start(t);
		time_ps transfer = TURN_PS / 1000, expected = cases[i].turns * TURN_PS + transfer;
		if (cases[i].think == 0) /* the next one comes at the very end of the last: no wait at all */
			expected = transfer;
		time_ps p = period(t, cases[i].think, 51);
		ck_assert_msg(llabs(p - expected) <= 2000, "think %lld: %lld, not %lld", (long long)cases[i].think, (long long)p,
			(long long)expected);
		test_free(t);
	}
}
END_TEST

START_TEST(a_separate_commit_record_halves_the_rate)
{
	double rate[2];
	for (int separate = 0; separate < 2; separate++) {
		struct test *t = test_new(&disk_ops, PLAIN_DISK NO_CACHE "  overhead: {write_miss_after_write: 0.3 ms}\n", false, 0, 900);
		t->spec.block_bytes = 512;
		t->spec.commit = separate ? LOG_SEPARATE : LOG_JOINED;
		t->spec.durability = separate ? LOG_FUA : LOG_NONE;
		test_start(t);
		time_ps p = period(t, PS_PER_MS, 101), blocks = 1 + separate;
		ck_assert_msg(llabs(p - blocks * (TURN_PS + TURN_PS / 1000)) <= 4000, "%lld", (long long)p);
		rate[separate] = 1e12 / (double)p;
		test_free(t);
	}
	ck_assert_double_eq_tol(rate[0], 120, 0.2);
	ck_assert_double_eq_tol(rate[1], 60, 0.1);
}
END_TEST

/* ---- groups --------------------------------------------------------------------------------------------------------- */

START_TEST(commits_that_come_while_a_record_is_written_share_the_next)
{
	struct test *t = test_new(&disk_ops, PLAIN_DISK NO_CACHE, true, 0, 800);
	test_start(t);
	uint64_t before = t->log.stats.records;
	for (int i = 0; i < 20; i++)
		commit(t);
	ck_assert_int_eq(sim_run(t->rig.sim), 0);
	ck_assert_uint_eq(t->log.stats.records - before, 2); /* the first alone, then the nineteen */
	ck_assert_uint_eq(t->acked, 20);
	ck_assert_int_eq(t->at[1], t->at[19]);
	ck_assert_int_lt(t->at[0], t->at[1]);
	test_free(t);
}
END_TEST

START_TEST(a_group_is_written_by_count_or_by_time)
{
	struct test *t = test_new(&disk_ops, PLAIN_DISK NO_CACHE, false, 0, 800);
	t->spec.group_count = 5;
	t->spec.group_time_ps = 40 * PS_PER_MS;
	t->spec.durability = LOG_NONE;
	test_start(t);
	time_ps start = t->rig.sim->now_ps;
	for (int i = 0; i < 5; i++)
		commit(t);
	ck_assert_uint_eq(t->log.in_flight, 1); /* at once */
	ck_assert_int_eq(sim_run(t->rig.sim), 0);
	ck_assert_uint_eq(t->acked, 5);
	ck_assert_int_le(t->at[4] - start, 2 * TURN_PS + 7 * PS_PER_MS);
	start = t->rig.sim->now_ps;
	commit(t);
	commit(t);
	ck_assert_uint_eq(t->log.in_flight, 0);
	ck_assert_uint_eq(t->log.stats.records, 1);
	ck_assert_int_eq(sim_run(t->rig.sim), 0);
	ck_assert_uint_eq(t->log.stats.records, 2);
	ck_assert_int_ge(t->at[6] - start, 40 * PS_PER_MS);
	ck_assert_int_le(t->at[6] - start, 40 * PS_PER_MS + 2 * TURN_PS);
	test_free(t);
}
END_TEST

/* Without a time to wait each commit is a group, so a count has nothing to cut short. */
START_TEST(a_count_without_a_time_is_refused)
{
	static const struct {
		int64_t count;
		time_ps time;
		const char *says;
	} cases[] = {
		{1, 0, NULL},
		{2, PS_PER_MS, NULL},
		{0, PS_PER_MS, NULL},
		{2, 0, "is of no use without group_time: no commit waits for another"},
		{0, 0, "0 without a group_time: commits would wait for nothing"},
	};
	struct test *t = test_new(&disk_ops, PLAIN_DISK NO_CACHE, false, 0, 800);
	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *key = NULL;
		char why[200] = "";
		t->spec.group_count = cases[i].count;
		t->spec.group_time_ps = cases[i].time;
		ck_assert_int_eq(log_options.check(&t->spec, &key, why, sizeof(why)), cases[i].says ? -1 : 0);
		ck_assert_str_eq(why, cases[i].says ? cases[i].says : "");
		ck_assert(!cases[i].says || !strcmp(key, "group_count"));
	}
	test_free(t);
}
END_TEST

START_TEST(what_is_not_committed_goes_with_the_next_commit_or_when_forced)
{
	struct test *t = test_new(&disk_ops, PLAIN_DISK NO_CACHE, true, 0, 800);
	struct host_io_then none = {NULL, NULL, 0};
	test_start(t);
	uint64_t word[2] = {50, 350};
	log_append(&t->log, word, 2, 10, false, none);
	ck_assert_int_eq(sim_run(t->rig.sim), 0);
	ck_assert_uint_eq(t->log.stats.records, 0);
	t->over = false;
	log_force(&t->log, (struct host_io_then){over, t, 0});
	ck_assert_int_eq(sim_run(t->rig.sim), 0);
	ck_assert(t->over);
	ck_assert_uint_eq(t->log.durable, 1);
	log_append(&t->log, (uint64_t[]){51, 357}, 2, 10, false, none);
	commit(t);
	ck_assert_int_eq(sim_run(t->rig.sim), 0);
	recover(t);
	ck_assert_uint_eq(t->founds, 3);
	ck_assert(t->found[0] == 50 && t->found[1] == 51 && t->found[2] == 1);
	test_free(t);
}
END_TEST

/* ---- the ring --------------------------------------------------------------------------------------------------------- */

START_TEST(the_ring_is_used_again_and_recovery_finds_what_lives)
{
	static const char *const device[] = {CACHED_DISK, CACHED_SSD};
	for (int k = 0; k < 8; k++) {
		bool ssd = k & 1;
		struct test *t = test_new(ssd ? &ssd_ops : &disk_ops, device[ssd], true, 8, 8 * 40);
		t->spec.durability = k & 2 ? LOG_FUA : LOG_FLUSH;
		t->spec.commit = k & 4 ? LOG_SEPARATE : LOG_JOINED;
		t->spec.block_bytes = ssd ? 4096 : 2048;
		t->spec.scan_bytes = 3 * t->spec.block_bytes;
		t->entry_bytes = 5000;
		test_start(t);
		t->truncate_at = log_ring_bytes(&t->log) / 3;
		t->left = 150;
		commit(t);
		ck_assert_int_eq(sim_run(t->rig.sim), 0);
		ck_assert_uint_eq(t->acked, 151);
		ck_assert_uint_gt(t->log.stats.truncations, 10);
		ck_assert_uint_gt(log_stale_bytes(&t->log), log_ring_bytes(&t->log) / 3);
		uint64_t first = t->truncated + 1, epoch = t->log.epoch;
		recover(t);
		ck_assert_int_eq(t->status, BLK_OK);
		ck_assert_uint_eq(t->log.epoch, epoch);
		ck_assert_uint_eq(t->founds, 151 - t->truncated);
		for (unsigned i = 0; i < t->founds; i++)
			ck_assert_uint_eq(t->found[i], first + i);
		test_free(t);
	}
}
END_TEST

START_TEST(a_full_log_waits_for_truncation)
{
	struct test *t = test_new(&disk_ops, PLAIN_DISK NO_CACHE, true, 0, 8 * 12);
	test_start(t);
	t->left = 10;
	commit(t);
	ck_assert_int_eq(sim_run(t->rig.sim), 0);
	ck_assert_uint_eq(t->acked, 10); /* ten blocks */
	ck_assert_uint_eq(log_used_bytes(&t->log), log_ring_bytes(&t->log));
	ck_assert_uint_eq(t->log.stats.waited_full, 1);
	for (int i = 0; i < 5; i++) /* into the record that waits */
		commit(t);
	ck_assert_uint_eq(t->log.stats.waited_full, 1);
	log_truncate(&t->log, 4, (struct host_io_then){truncate_done, t, 4});
	ck_assert_int_eq(sim_run(t->rig.sim), 0);
	ck_assert_uint_eq(t->acked, 16);
	recover(t);
	ck_assert_uint_eq(t->founds, 12);
	ck_assert_uint_eq(t->found[0], 5);
	test_free(t);
}
END_TEST

START_TEST(trimmed_space_cannot_be_read_any_more)
{
	uint64_t stale[2];
	for (int trim = 0; trim < 2; trim++) {
		struct test *t = test_new(&ssd_ops, CACHED_SSD, true, 8, 8 * 40);
		t->spec.trim = trim;
		test_start(t);
		t->truncate_at = 10 * 4096;
		t->left = 99;
		commit(t);
		ck_assert_int_eq(sim_run(t->rig.sim), 0);
		ck_assert_uint_eq(t->acked, 100);
		stale[trim] = log_stale_bytes(&t->log);
		ck_assert_uint_eq(stale[trim], trim ? 0 : log_ring_bytes(&t->log) - log_used_bytes(&t->log));
		test_free(t);
	}
}
END_TEST

START_TEST(a_log_that_was_never_made_is_told)
{
	struct test *t = test_new(&disk_ops, PLAIN_DISK, true, 0, 8 * 12);
	struct err e = {0};
	recover(t);
	ck_assert_int_eq(t->status, BLK_MEDIA_ERROR);
	t->region.sectors = 40;
	ck_assert_int_eq(log_open(&t->log, t->rig.io, &t->region, &t->spec, &e), -1);
	ck_assert_str_eq(e.msg, "area log of 40 sectors is too small for a log: it takes at least 6 blocks of 4096 bytes");
	test_free(t);
}
END_TEST

START_TEST(a_log_whose_device_fails_answers_everybody)
{
	struct test *t = test_new(&disk_ops, PLAIN_DISK, true, 0, 8 * 12);
	test_start(t);
	for (int i = 0; i < 5; i++)
		commit(t);
	sim_step(t->rig.sim);
	blk_dev_power_cut(t->rig.dev);
	ck_assert_int_eq(sim_run(t->rig.sim), 0);
	ck_assert_uint_eq(t->errors + t->acked, 5);
	ck_assert_uint_ge(t->errors, 4);
	commit(t);
	ck_assert_uint_eq(t->errors + t->acked, 5); /* not inside the call */
	ck_assert_int_eq(sim_run(t->rig.sim), 0);
	ck_assert_uint_eq(t->errors + t->acked, 6);
	test_free(t);
}
END_TEST

/* ---- crashes ------------------------------------------------------------------------------------------------------------ */

/* What is found is a run of entries without a gap that begins no later than what was not given up and holds all that was
 * acknowledged; and a new epoch on top of it works, crashes again, and does not find what the first left behind. */
static void crash(void *ctx, uint64_t seed, char *why, size_t why_bytes)
{
	struct test *t = ctx;
	uint64_t acked = t->acked, next = t->next, truncated = t->truncated, before = 0;
	sim_cancel(t->rig.sim, &t->think);
	log_drop(&t->log);
	rig_power_cut(&t->rig, seed);
	for (int again = 0; again < 2; again++) { /* recovery changes nothing, it may be repeated */
		recover(t);
		if (t->status != BLK_OK) {
			snprintf(why, why_bytes, "no whole header");
			return;
		}
		for (unsigned i = 1; i < t->founds; i++)
			if (t->found[i] != t->found[i - 1] + 1)
				snprintf(why, why_bytes, "entry %llu follows %llu", (unsigned long long)t->found[i],
					(unsigned long long)t->found[i - 1]);
		uint64_t last = t->founds ? t->found[t->founds - 1] : truncated;
		if (last < acked || last > next || (t->founds && t->found[0] > truncated + 1))
			snprintf(why, why_bytes, "found up to %llu, acknowledged up to %llu, given up to %llu", (unsigned long long)last,
				(unsigned long long)acked, (unsigned long long)truncated);
		before = last;
	}
	t->over = false;
	log_restart(&t->log, (struct host_io_then){over, t, 0});
	ck_assert_int_eq(sim_run(t->rig.sim), 0);
	t->left = t->truncate_at = 0;
	t->next = t->acked = before;
	for (int i = 0; i < 3; i++)
		commit(t);
	for (int i = 0; i < 4; i++)
		sim_step(t->rig.sim);
	acked = t->acked;
	log_drop(&t->log);
	rig_power_cut(&t->rig, seed + 1);
	recover(t);
	uint64_t last = t->founds ? t->found[t->founds - 1] : before;
	if (t->status != BLK_OK || last < acked || last > before + 3 || (t->founds && t->found[0] != before + 1))
		snprintf(why, why_bytes, "after a second crash: up to %llu, %llu were acknowledged, before it there were %llu",
			(unsigned long long)last, (unsigned long long)acked, (unsigned long long)before);
}

static struct test *crash_test(int k, unsigned commits, bool broken, struct crash_run *c)
{
	static const char *const device[] = {CACHED_DISK, CACHED_SSD};
	bool ssd = k & 1;
	struct test *t = test_new(ssd ? &ssd_ops : &disk_ops, device[ssd], true, 8, 8 * 10);
	t->spec.durability = broken ? LOG_NONE : k & 2 ? LOG_FUA : LOG_FLUSH;
	t->spec.commit = k & 4 ? LOG_SEPARATE : LOG_JOINED;
	t->spec.block_bytes = ssd ? 4096 : 1024;
	t->spec.depth = k & 4 ? 3 : 1 + (k & 2);
	t->spec.trim = k == 1;
	t->entry_bytes = 1500;
	test_start(t);
	t->truncate_at = log_ring_bytes(&t->log) / 3;
	t->log.full = truncate_some;
	t->log.full_ctx = t;
	*c = (struct crash_run){.sim = t->rig.sim, .crash = crash, .ctx = t};
	t->left = commits;
	for (int i = 0; i < 4; i++)
		commit(t);
	return t;
}

static void crash_test_over(struct test *t, unsigned commits)
{
	ck_assert_uint_eq(t->acked, commits + 4);
	ck_assert_uint_gt(t->log.stats.truncations, 2);
	test_free(t);
}

START_TEST(at_every_event_a_crash_leaves_a_prefix_with_all_that_was_acknowledged)
{
	struct crash_run c;
	struct test *t = crash_test(_i, 40, false, &c);
	crash_everywhere(&c, effort(100) < 50 ? 5 : 1);
	crash_test_over(t, 40);
	ck_assert_msg(c.violations == 0, "%llu of %llu: %s", (unsigned long long)c.violations, (unsigned long long)c.cuts, c.first);
	ck_assert_uint_gt(c.cuts, effort(40));
}
END_TEST

/* With QUERN_TEST_LONG set 1300 crashes of each of eight runs. */
START_TEST(at_random_events_of_a_long_run_too)
{
	struct crash_run c;
	unsigned cuts = getenv("QUERN_TEST_LONG") ? 1300 : effort(20);
	struct test *t = crash_test(_i, 3000, false, &c);
	uint64_t events = crash_events(&c);
	crash_test_over(t, 3000);
	t = crash_test(_i, 3000, false, &c);
	crash_at_random(&c, rng_new(t->rig.sim->arena, 5, "crashes"), (double)cuts / (double)events);
	crash_test_over(t, 3000);
	ck_assert_msg(c.violations == 0, "%llu of %llu: %s", (unsigned long long)c.violations, (unsigned long long)c.cuts, c.first);
	ck_assert_uint_gt(c.cuts + 3, cuts / 2);
}
END_TEST

START_TEST(without_flushes_the_harness_sees_what_is_lost)
{
	struct crash_run c;
	struct test *t = crash_test(_i, 40, true, &c);
	crash_everywhere(&c, 3);
	crash_test_over(t, 40);
	ck_assert_uint_gt(c.violations, 0);
}
END_TEST

/* A ring that is always nearly full: each record lies where the one just given up was. Where the header that gave it up is not
 * durable, the one before leads recovery to a place that is written over, and what lives behind it is lost. */
static void full_case(int k, bool header_flush, struct crash_run *c)
{
	bool ssd = k & 1;
	struct test *t = test_new(ssd ? &ssd_ops : &disk_ops, ssd ? CACHED_SSD : CACHED_DISK, true, 8, ssd ? 8 * 10 : 20);
	t->spec.block_bytes = ssd ? 4096 : 1024;
	t->spec.trim = k & 2;
	t->spec.no_header_flush = !header_flush;
	test_start(t);
	t->truncate_at = log_ring_bytes(&t->log) - (uint64_t)t->spec.block_bytes;
	t->sparing = true;
	*c = (struct crash_run){.sim = t->rig.sim, .crash = crash, .ctx = t};
	t->left = 40;
	commit(t);
	crash_everywhere(c, !header_flush ? 1 : effort(100) < 50 ? 5 : 1);
	ck_assert_uint_eq(t->acked, 41);
	ck_assert_uint_gt(t->log.stats.truncations, 20);
	test_free(t);
}

START_TEST(space_is_used_again_only_behind_a_durable_header)
{
	struct crash_run c;
	full_case(_i, true, &c);
	ck_assert_msg(c.violations == 0, "%llu of %llu: %s", (unsigned long long)c.violations, (unsigned long long)c.cuts, c.first);
	full_case(_i, false, &c);
	ck_assert_uint_gt(c.violations, 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("log");
	TCase *t = tcase_create("log");
	tcase_add_test(t, serial_commits_on_a_disk_without_cache_take_whole_turns);
	tcase_add_test(t, a_separate_commit_record_halves_the_rate);
	tcase_add_test(t, commits_that_come_while_a_record_is_written_share_the_next);
	tcase_add_test(t, a_group_is_written_by_count_or_by_time);
	tcase_add_test(t, a_count_without_a_time_is_refused);
	tcase_add_test(t, what_is_not_committed_goes_with_the_next_commit_or_when_forced);
	tcase_add_test(t, the_ring_is_used_again_and_recovery_finds_what_lives);
	tcase_add_test(t, a_full_log_waits_for_truncation);
	tcase_add_test(t, trimmed_space_cannot_be_read_any_more);
	tcase_add_test(t, a_log_that_was_never_made_is_told);
	tcase_add_test(t, a_log_whose_device_fails_answers_everybody);
	tcase_add_loop_test(t, at_every_event_a_crash_leaves_a_prefix_with_all_that_was_acknowledged, 0, 8);
	tcase_add_loop_test(t, at_random_events_of_a_long_run_too, 0, 8);
	tcase_add_loop_test(t, without_flushes_the_harness_sees_what_is_lost, 0, 2);
	tcase_add_loop_test(t, space_is_used_again_only_behind_a_durable_header, 0, 4);
	tcase_set_timeout(t, getenv("QUERN_TEST_LONG") ? 1200 : 60);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
