/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Writeback in the host's machine, against hand reckonings: pages are dirtied at times that a test says, each write takes the device a
 * millisecond, and what is dirty is looked at between.
 */
#include "host/host_fixture.h"

#define SMALL_FILES "file: {readahead: 1, readahead_initial: 0, fault_around: 1}\n"

/* A thread that writes to pages from a time on, one after another. */
struct step {
	time_ps at_ps;
	uint64_t page, pages, apart;
};

struct script {
	struct host_stream base; /* first */
	const struct step *step, *end;
	uint64_t word[256];
	bool waited;
};

static const uint64_t *script_next(struct host_stream *st, uint32_t *count)
{
	struct script *t = (struct script *)(void *)st;
	if (t->step == t->end)
		return NULL;
	uint32_t n = 0;
	t->word[n++] = HOST_REF_ACT;
	for (uint64_t i = 0; i < t->step->pages; i++)
		t->word[n++] = host_ref(t->step->page + i * t->step->apart, 1);
	*count = n;
	return t->word;
}

static enum host_act script_act(struct host_stream *st, struct host_thread *th, uint64_t word)
{
	struct script *t = (struct script *)(void *)st;
	(void)word;
	time_ps wait = t->step++->at_ps - th->host->sim->now_ps;
	return wait > 0 ? host_think(th, wait) : HOST_ACT_DONE;
}

static const struct host_stream_ops script_ops = {.name = "script", .next = script_next, .act = script_act};

struct test {
	struct host_rig g;
	struct host_space *space;
	struct host_file *file[4];
	struct script script;
};

/* Files of 400 pages, from page 0, 1000, ... on; all pages are in memory before the first step. */
static void test_open(struct test *t, const char *text, unsigned files, const struct step *step, size_t steps)
{
	char all[1000];
	snprintf(all, sizeof(all), HOST_PLAIN SMALL_FILES "frames: 4000\n%s\n", text);
	host_rig_open(&t->g, all, false);
	t->space = rig_space(&t->g, "p");
	for (unsigned i = 0; i < files; i++) {
		t->file[i] = rig_file(&t->g, "file", i * 400, 400);
		rig_map(&t->g, t->space, t->file[i], i * 1000, true);
	}
	t->script = (struct script){.base = {&script_ops}, .step = step, .end = step + steps};
	rig_thread(&t->g, t->space, &t->script.base);
	host_start(t->g.h);
}

static uint64_t dirty_at(struct test *t, double ms)
{
	ck_assert_int_eq(sim_run_until(t->g.sim, (time_ps)(ms * (double)HOST_MS)), 0);
	return t->g.h->dirty_pages;
}

static void test_over(struct test *t)
{
	sim_run(t->g.sim);
	rig_check(&t->g);
	host_rig_free(&t->g);
}

/* Reading a page in takes 1 ms, so that the writes to 20 pages, none beside another, end at 20 ms, and the first is a second old at
 * 1001 ms. The looks come each 100 ms from then on at which the first was dirtied. */
#define EXPIRE "writeback: {expire: 1 s, interval: 100 ms, background: 1, hard: 1, depth: %d}"

static const int depths[] = {1, 3, 20};

/* All that is old is written one after another, as many at once as may be: with a depth of 1 the last of 20 begins 19 ms behind the
 * first. Before, nothing is. */
START_TEST(what_is_old_is_written_whatever_the_depth)
{
	static const struct step step[] = {{0, 0, 20, 2}, {3000 * HOST_MS, 399, 1, 1}};
	struct test t;
	char text[200];
	snprintf(text, sizeof(text), EXPIRE, depths[_i]);
	test_open(&t, text, 1, step, 2);
	ck_assert_uint_eq(dirty_at(&t, 1000.5), 20);
	ck_assert_uint_eq(t.g.h->n.file_writes, 0);
	unsigned depth = (unsigned)depths[_i], rounds = (20 + depth - 1) / depth;
	for (unsigned k = 0; k < rounds; k++) {
		unsigned begun = (k + 1) * depth < 20 ? (k + 1) * depth : 20;
		ck_assert_uint_eq(dirty_at(&t, 1001.5 + k), 20 - begun);
	}
	ck_assert_uint_eq(dirty_at(&t, 2900), 0);
	ck_assert_uint_eq(t.g.h->n.file_writes, 20);
	test_over(&t);
}
END_TEST

/*
 * While 20 pages are written, one at a time from 1001 ms on, two more become dirty at 1005 ms: page 0 again, which was written, and page
 * 1. Their age begins then: the look at 2001 ms comes before, that at 2101 writes them, though the file was never clean.
 */
START_TEST(what_is_dirtied_meanwhile_is_not_older_than_it_is)
{
	static const struct step step[] = {{0, 0, 20, 2}, {1005 * HOST_MS, 0, 2, 1}, {4000 * HOST_MS, 399, 1, 1}};
	struct test t;
	char text[200];
	snprintf(text, sizeof(text), EXPIRE, 1);
	test_open(&t, text, 1, step, 3);
	ck_assert_uint_eq(dirty_at(&t, 1004.5), 16);
	ck_assert_uint_eq(dirty_at(&t, 1030.5), 2);
	ck_assert_uint_eq(dirty_at(&t, 2100.5), 2);
	ck_assert_uint_eq(t.g.h->n.file_writes, 20);
	ck_assert_uint_eq(dirty_at(&t, 2101.5), 0);
	ck_assert_uint_eq(t.g.h->n.file_outs, 22);
	test_over(&t);
}
END_TEST

/* Of four files, whichever is looked at first, each has its 10 pages written: 40 ms with a depth of 1. */
START_TEST(each_file_has_its_turn)
{
	static const struct step step[] = {{0, 0, 10, 2}, {0, 1000, 10, 2}, {0, 2000, 10, 2}, {0, 3000, 10, 2}, {3000 * HOST_MS, 399, 1, 1}};
	struct test t;
	char text[200];
	snprintf(text, sizeof(text), EXPIRE, 1);
	test_open(&t, text, 4, step, 5);
	ck_assert_uint_eq(dirty_at(&t, 1000.5), 40);
	/* 1001: the first file; 1101: those of the others too, at latest from 31 ms on */
	ck_assert_uint_eq(dirty_at(&t, 1011.5), 30);
	ck_assert_uint_eq(dirty_at(&t, 1100.5), 30);
	ck_assert_uint_eq(dirty_at(&t, 1130.5), 0);
	ck_assert_uint_eq(t.g.h->n.file_writes, 40);
	test_over(&t);
}
END_TEST

/* Without looks nothing is ever old: only the background limit of 10 pages makes it write, down to that. */
START_TEST(without_looks_nothing_is_old)
{
	static const struct step step[] = {{0, 0, 20, 2}, {3000 * HOST_MS, 399, 1, 1}};
	struct test t;
	test_open(&t, "writeback: {expire: 5 ms, interval: 0, background: 0.0025, hard: 1, depth: 20}", 1, step, 2);
	ck_assert_uint_eq(dirty_at(&t, 2900), 10);
	test_over(&t);
}
END_TEST

/*
 * The eleventh page, at 11 ms, is one too many: page 0 is being written until 12 ms, and dirtied again at 11.5. So it is when the look
 * at 11.7 ms finds the file old, and all others are written. The next look, at 22.4 ms, takes it.
 */
START_TEST(what_was_being_written_is_written_at_the_next_look)
{
	static const struct step step[] = {{0, 0, 11, 2}, {11500 * PS_PER_US, 0, 1, 1}, {3000 * HOST_MS, 399, 1, 1}};
	struct test t;
	test_open(&t, "writeback: {expire: 5 ms, interval: 10700 us, background: 0.0025, hard: 1, depth: 20}", 1, step, 3);
	ck_assert_uint_eq(dirty_at(&t, 11.6), 10);
	ck_assert_uint_eq(dirty_at(&t, 11.8), 1);
	ck_assert_uint_eq(dirty_at(&t, 22.3), 1);
	ck_assert_uint_eq(dirty_at(&t, 22.5), 0);
	ck_assert_uint_eq(t.g.h->n.file_outs, 12);
	test_over(&t);
}
END_TEST

/* A hard limit of 10 pages that is not above the background's: writing begins above half of it, down to that, and with a page a
 * millisecond, each written in one, nobody waits. */
START_TEST(a_hard_limit_that_is_not_above_the_other_halves_it)
{
	static const struct step step[] = {{0, 0, 20, 2}, {3000 * HOST_MS, 399, 1, 1}};
	struct test t;
	test_open(&t, _i ? "writeback: {interval: 0, background: 0.0025, hard: 0.0025}" : "writeback: {interval: 0, background: 0.01, hard: 0.0025}",
		1, step, 2);
	ck_assert_uint_eq(dirty_at(&t, 5.5), 5);
	ck_assert_uint_eq(t.g.h->n.file_writes, 0);
	ck_assert_uint_eq(dirty_at(&t, 6.5), 5);
	ck_assert_uint_eq(t.g.h->n.file_writes, 1);
	ck_assert_uint_eq(dirty_at(&t, 2900), 5);
	ck_assert_uint_eq(t.g.h->n.file_writes, 15);
	ck_assert_uint_eq(t.g.h->n.throttled, 0);
	test_over(&t);
}
END_TEST

static void find_throttled(void *ctx, const char *name, double value, const char *unit)
{
	if (!strcmp(name, "throttled_time")) {
		ck_assert_str_eq(unit, "s");
		*(double *)ctx = value;
	}
}

/*
 * Writing begins above 5 dirty pages, above 10 who makes another waits. Of 20 pages the last 5 stay dirty, one read and written a
 * millisecond; at 100 ms, all of them in memory, the 15 others are dirtied at once: with the sixth there are 11, and it waits for the
 * first write, 1 ms; each of the next 9 for another: 10 ms.
 */
START_TEST(the_time_of_waits_at_the_hard_limit_is_told)
{
	static const struct step step[] = {{0, 0, 20, 2}, {100 * HOST_MS, 0, 20, 2}, {200 * HOST_MS, 399, 1, 1}};
	struct test t;
	double seconds = -1;
	test_open(&t, "writeback: {interval: 0, background: 0.00125, hard: 0.0025, depth: 1}", 1, step, 3);
	ck_assert_uint_eq(dirty_at(&t, 99), 5);
	ck_assert_uint_eq(t.g.h->n.throttled, 0);
	ck_assert_uint_eq(dirty_at(&t, 199), 5);
	ck_assert_uint_eq(t.g.h->n.throttled, 10);
	host_report(t.g.h, find_throttled, &seconds);
	ck_assert_double_eq_tol(seconds, .010, 1e-6);
	test_over(&t);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("host writeback");
	TCase *t = tcase_create("writeback");
	tcase_add_loop_test(t, what_is_old_is_written_whatever_the_depth, 0, sizeof(depths) / sizeof(depths[0]));
	tcase_add_test(t, what_is_dirtied_meanwhile_is_not_older_than_it_is);
	tcase_add_test(t, each_file_has_its_turn);
	tcase_add_test(t, without_looks_nothing_is_old);
	tcase_add_test(t, the_time_of_waits_at_the_hard_limit_is_told);
	tcase_add_loop_test(t, a_hard_limit_that_is_not_above_the_other_halves_it, 0, 2);
	tcase_add_test(t, what_was_being_written_is_written_at_the_next_look);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
