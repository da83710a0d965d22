/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Files of the host's machine under crashes: a thread writes pages of a mapping and calls fsync now and then, while pages are
 * written back and evicted as memory is short. At every event of the run, on a disk and on a solid-state drive, what was synced
 * must be there after a power cut.
 */
#include "host/durable_rig.h"

#include "effort.h"
#include "host/crash.h"
#include "host/machine.h"
#include "host/options.h"

#define PAGES 24
#define ROUNDS 14     /* calls of the short run */
#define WRITES 5 /* between two calls */

enum act { ACT_SYNC, ACT_SYNCED };

struct test {
	struct host_stream base; /* first */
	struct durable_rig rig;
	struct host_region region;
	struct host_spec *spec;
	struct host *host;
	struct host_file *file;
	struct rng *rng;
	uint64_t word[WRITES + 2];
	unsigned rounds, left;  /* calls, and still to come */
	uint64_t asked[PAGES];  /* contents when the call was made */
	uint64_t synced[PAGES]; /* that have been synced */
};

static const uint64_t *next_words(struct host_stream *st, uint32_t *count)
{
	struct test *t = (struct test *)(void *)st;
	if (t->left == 0)
		return NULL;
	t->left--;
	for (int i = 0; i < WRITES; i++)
		t->word[i] = host_ref(rng_below(t->rng, PAGES), rng_below(t->rng, 4) > 0);
	t->word[WRITES] = HOST_REF_ACT | ACT_SYNC;
	t->word[WRITES + 1] = HOST_REF_ACT | ACT_SYNCED;
	*count = WRITES + 2;
	return t->word;
}

static enum host_act act(struct host_stream *st, struct host_thread *th, uint64_t word)
{
	struct test *t = (struct test *)(void *)st;
	if ((word & ~HOST_REF_ACT) == ACT_SYNCED) {
		memcpy(t->synced, t->asked, sizeof(t->synced));
		return HOST_ACT_DONE;
	}
	for (uint64_t p = 0; p < PAGES; p++)
		t->asked[p] = host_file_content(t->file, p);
	return host_file_sync(th, t->file);
}

static const struct host_stream_ops ops = {"sync", next_words, act, NULL};

static void crash(void *ctx, uint64_t seed, char *why, size_t why_bytes)
{
	struct test *t = ctx;
	uint64_t latest[PAGES];
	for (uint64_t p = 0; p < PAGES; p++)
		latest[p] = host_file_content(t->file, p);
	host_drop(t->host);
	rig_power_cut(&t->rig, seed);
	for (uint64_t p = 0; p < PAGES; p++) {
		uint64_t is = 0;
		bool whole = host_io_page(t->rig.io, &t->region, p * 8, 8, &is);
		if (!whole && latest[p] == t->synced[p])
			snprintf(why, why_bytes, "page %llu was synced and is torn", (unsigned long long)p);
		else if (whole && (is < t->synced[p] || is > latest[p]))
			snprintf(why, why_bytes, "page %llu holds %llu, synced was %llu, last written %llu", (unsigned long long)p,
				(unsigned long long)is, (unsigned long long)t->synced[p], (unsigned long long)latest[p]);
	}
}

/* A device whose flush does nothing. */
static struct blk_dev_ops lying;
static const struct blk_dev_ops *honest;

static void lie(struct blk_dev *dev, struct blk_req *r)
{
	if (r->op == BLK_FLUSH)
		blk_complete_at(dev, r, BLK_OK, dev->sim->now_ps);
	else
		honest->submit(dev, r);
}

static struct test *test_new(bool ssd, bool lies, unsigned rounds, struct crash_run *c)
{
	struct err e = {0};
	struct test *t = calloc(1, sizeof(*t));
	rig_open(&t->rig, ssd ? &ssd_ops : &disk_ops, ssd ? CACHED_SSD : CACHED_DISK, true);
	if (lies) {
		honest = t->rig.dev->ops;
		lying = *honest;
		lying.submit = lie;
		t->rig.dev->ops = &lying;
	}
	t->spec = arena_alloc(t->rig.sim->arena, sizeof(*t->spec));
	rig_defaults(&t->rig, &host_options, t->spec);
	t->spec->frames = 16; /* fewer than the file has pages */
	rig_region(&t->rig, "file", BLK_CAUSE_FILE, 0, PAGES * 8, &t->region);
	const struct host_place_spec place = {.io = t->rig.io, .seed = 1, .path = "host"};
	t->host = host_open(t->rig.sim, t->spec, &place, &e);
	ck_assert_msg(t->host != NULL, "%s", e.msg);
	t->file = host_file_new(t->host, "file", &t->region, 0, PAGES, &e);
	struct host_space *sp = host_space_new(t->host, "writer", &e);
	const struct host_area area = {.name = "file", .pages = PAGES, .pager = HOST_PAGER_FILE, .file = t->file, .writable = true,
		.shared = true};
	ck_assert_msg(host_area_add(sp, &area, &e) != NULL, "%s", e.msg);
	t->base.ops = &ops;
	t->rounds = t->left = rounds;
	t->rng = rng_new(t->rig.sim->arena, 4, "writer");
	ck_assert_ptr_nonnull(host_thread_new(sp, &t->base, &e));
	*c = (struct crash_run){.sim = t->rig.sim, .crash = crash, .ctx = t};
	host_start(t->host);
	return t;
}

static void test_over(struct test *t)
{
	ck_assert_msg(t->rig.sim->err.code == ERR_NONE, "%s", t->rig.sim->err.msg);
	ck_assert(host_over(t->host));
	ck_assert_uint_eq(t->host->n.syncs, t->rounds);
	rig_close(&t->rig);
	free(t);
}

START_TEST(at_every_event_a_crash_leaves_what_was_synced)
{
	struct crash_run c;
	struct test *t = test_new(_i, false, ROUNDS, &c);
	crash_everywhere(&c, effort(100) < 50 ? 5 : 1);
	test_over(t);
	ck_assert_msg(c.violations == 0, "%llu of %llu: %s", (unsigned long long)c.violations, (unsigned long long)c.cuts, c.first);
	ck_assert_uint_gt(c.cuts, effort(100));
}
END_TEST

/* With QUERN_TEST_LONG set 5200 crashes of each of two runs. */
START_TEST(at_random_events_of_a_long_run_too)
{
	struct crash_run c;
	unsigned cuts = getenv("QUERN_TEST_LONG") ? 5200 : effort(60);
	struct test *t = test_new(_i, false, 1000, &c);
	uint64_t events = crash_events(&c);
	test_over(t);
	t = test_new(_i, false, 1000, &c);
	crash_at_random(&c, rng_new(t->rig.sim->arena, 6, "crashes"), (double)cuts / (double)events);
	test_over(t);
	ck_assert_msg(c.violations == 0, "%llu of %llu: %s", (unsigned long long)c.violations, (unsigned long long)c.cuts, c.first);
	ck_assert_uint_gt(c.cuts + 3, cuts / 2);
}
END_TEST

START_TEST(a_device_that_lies_about_flushes_is_seen)
{
	struct crash_run c;
	struct test *t = test_new(_i, true, ROUNDS, &c);
	crash_everywhere(&c, 2);
	test_over(t);
	ck_assert_uint_gt(c.violations, 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("sync");
	TCase *t = tcase_create("sync");
	tcase_add_loop_test(t, at_every_event_a_crash_leaves_what_was_synced, 0, 2);
	tcase_add_loop_test(t, at_random_events_of_a_long_run_too, 0, 2);
	tcase_add_loop_test(t, a_device_that_lies_about_flushes_is_seen, 0, 2);
	tcase_set_timeout(t, getenv("QUERN_TEST_LONG") ? 1200 : 60);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
