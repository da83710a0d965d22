/* SPDX-License-Identifier: GPL-3.0-or-later */
/* read(2), write(2) and fsync(2) on files of the host's machine: one page cache for them and for mappings, limits of what may be dirty
 * within a call, and a sync that meets them. A request takes the device a millisecond. */
#include "host/host_fixture.h"

#define SMALL_FILES "file: {readahead: 1, readahead_initial: 0, fault_around: 1}\n"
#define PAGE UINT64_C(4096)

/* What a thread does, one after another. */
enum what { DO_READ, DO_WRITE, DO_SYNC, DO_TOUCH, DO_DIRTY, DO_WAIT };

struct step {
	enum what what;
	uint64_t at, count;   /* bytes of the file, pages of the mapping, or us to wait */
	uint64_t *content;    /* of the pages that a call moved */
};

struct script {
	struct host_stream base; /* first */
	const struct step *step, *end;
	struct host_file *file;
	struct host_call call;
	uint64_t word[128];
};

static const uint64_t *script_next(struct host_stream *st, uint32_t *count)
{
	struct script *t = (struct script *)(void *)st;
	if (t->step == t->end)
		return NULL;
	const struct step *x = t->step++;
	t->call = (struct host_call){.file = t->file, .offset = x->at, .bytes = x->count, .write = x->what == DO_WRITE, .copies = true,
		.content = x->content};
	*count = 1;
	t->word[0] = HOST_REF_ACT | (uint64_t)x->what;
	if (x->what == DO_TOUCH || x->what == DO_DIRTY)
		for (*count = 0; *count < x->count; ++*count)
			t->word[*count] = host_ref(x->at + *count, x->what == DO_DIRTY);
	return t->word;
}

static enum host_act script_act(struct host_stream *st, struct host_thread *th, uint64_t word)
{
	struct script *t = (struct script *)(void *)st;
	switch ((enum what)(word & ~HOST_REF_ACT)) {
	case DO_SYNC:
		return host_file_sync(th, t->file);
	case DO_WAIT:
		return host_think(th, (time_ps)t->call.bytes * PS_PER_US);
	default:
		return host_file_call(th, &t->call);
	}
}

static const struct host_stream_ops script_ops = {.name = "script", .next = script_next, .act = script_act};

#define SCRIPT(name, of, steps) struct script name = {.base = {&script_ops}, .step = steps, .end = steps + sizeof(steps) / sizeof(steps[0]), \
	.file = of}

/* Pages 100 on map the file. */
static struct host_file *open_file(struct host_rig *g, const char *text, bool tags, struct host_space **sp)
{
	char all[600];
	snprintf(all, sizeof(all), HOST_PLAIN SMALL_FILES "%s\n", text);
	host_rig_open(g, all, tags);
	*sp = rig_space(g, "p");
	struct host_file *f = rig_file(g, "file", 0, 200);
	rig_map(g, *sp, f, 100, true);
	return f;
}

/* Pages 0 to 2 are written by a call, the last of them in part: the mapping has them. Page 1 is written through the mapping, a call
 * reads that, and page 0 as it was, and what it moves is what the device has behind a sync. */
START_TEST(calls_and_mappings_have_one_page_cache)
{
	uint64_t wrote[3] = {0}, read[3] = {0};
	const struct step steps[] = {{DO_WRITE, 0, 2 * PAGE + 100, wrote}, {DO_TOUCH, 100, 3, NULL}, {DO_DIRTY, 101, 1, NULL},
		{DO_READ, 50, 2 * PAGE, read}, {DO_SYNC, 0, 0, NULL}};
	struct host_rig g;
	struct host_space *sp;
	struct host_file *f = open_file(&g, "frames: 50", true, &sp);
	SCRIPT(t, f, steps);
	rig_thread(&g, sp, &t.base);
	rig_run(&g);
	for (uint64_t i = 0; i < 3; i++) {
		uint64_t device = 0;
		ck_assert_uint_ne(wrote[i], 0);
		ck_assert_uint_eq(host_page_content(sp, 100 + i), read[i]);
		ck_assert(host_io_page(g.io, &g.region[1], i * 8, 8, &device));
		ck_assert_uint_eq(device, read[i]);
	}
	ck_assert_uint_eq(read[0], wrote[0]);
	ck_assert_uint_gt(read[1], wrote[1]);
	ck_assert_uint_eq(read[2], wrote[2]);
	ck_assert_uint_eq(g.h->n.file_ins, 1); /* the page that was written in part */
	ck_assert_int_eq(g.h->n.stall_ps, 0);  /* for which a call waited, no fault */
	ck_assert_uint_eq(g.h->n.calls, 3);
	host_rig_free(&g);
}
END_TEST

/* Memory of one frame: what a call wrote never reads as anything older, whenever its page gets a frame again to be written anew. */
START_TEST(a_page_that_is_about_to_be_written_is_not_seen_empty)
{
	const struct step steps[] = {{DO_WRITE, 0, PAGE, NULL}, {DO_WRITE, PAGE, 5 * PAGE, NULL}, {DO_WRITE, 0, PAGE, NULL},
		{DO_WRITE, 7 * PAGE, 3 * PAGE, NULL}, {DO_WRITE, 0, PAGE, NULL}};
	struct host_rig g;
	struct host_space *sp;
	struct host_file *f = open_file(&g, "frames: 1\nwriteback: {background: 1, hard: 1}", true, &sp);
	SCRIPT(t, f, steps);
	rig_thread(&g, sp, &t.base);
	host_start(g.h);
	for (uint64_t last = 0; sim_step(g.sim);) {
		uint64_t now = host_file_content(f, 0);
		ck_assert_uint_ge(now, last);
		last = now;
	}
	rig_check(&g);
	ck_assert(host_over(g.h));
	ck_assert_uint_eq(g.h->n.file_ins, 0);
	ck_assert_uint_gt(g.h->n.frame_waits, 0);
	host_rig_free(&g);
}
END_TEST

/* One call for 100 pages, a hard limit of 10: the eleventh is one too many, and behind it each has to wait until one is written, which
 * takes 1 ms: 90 waits, the last after the last page. */
START_TEST(a_call_waits_within_at_the_hard_limit)
{
	const struct step steps[] = {{DO_WRITE, 0, 100 * PAGE, NULL}};
	struct host_rig g;
	struct host_space *sp;
	struct host_file *f = open_file(&g, "frames: 1000\nwriteback: {interval: 0, background: 0.005, hard: 0.01, depth: 1, batch: 1}", false, &sp);
	SCRIPT(t, f, steps);
	rig_thread(&g, sp, &t.base);
	host_start(g.h);
	while (sim_step(g.sim))
		ck_assert_uint_le(g.h->dirty_pages + g.h->writing_pages, 11);
	rig_check(&g);
	ck_assert(host_over(g.h));
	ck_assert_uint_eq(g.h->n.throttled, 90);
	ck_assert_int_eq((g.h->n.throttled_ps + PS_PER_US) / HOST_MS, 90);
	ck_assert_int_eq(g.h->n.stall_ps, 0);
	ck_assert_uint_eq(g.h->n.calls, 1);
	host_rig_free(&g);
}
END_TEST

/* While the device flushes for a sync, another thread dirties more than may be: the file is left alone until the flush is over, and is
 * written then, though nobody looks for what is old. */
START_TEST(who_waits_at_the_hard_limit_during_a_flush_goes_on)
{
	const struct step syncs[] = {{DO_SYNC, 0, 0, NULL}}, writes[] = {{DO_WAIT, 0, 500, NULL}, {DO_WRITE, 0, 20 * PAGE, NULL}};
	struct host_rig g;
	struct host_space *sp;
	struct host_file *f = open_file(&g, "frames: 1000\nwriteback: {interval: 0, background: 0.005, hard: 0.01}", false, &sp);
	SCRIPT(a, f, syncs);
	SCRIPT(b, f, writes);
	rig_thread(&g, sp, &a.base);
	rig_thread(&g, sp, &b.base);
	rig_run(&g);
	ck_assert_uint_gt(g.h->n.throttled, 0);
	ck_assert_uint_eq(g.h->sync.count, 1);
	ck_assert_int_eq(g.h->sync.max, HOST_MS);
	host_rig_free(&g);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("host calls");
	TCase *t = tcase_create("calls");
	tcase_add_test(t, calls_and_mappings_have_one_page_cache);
	tcase_add_test(t, a_page_that_is_about_to_be_written_is_not_seen_empty);
	tcase_add_test(t, a_call_waits_within_at_the_hard_limit);
	tcase_add_test(t, who_waits_at_the_hard_limit_during_a_flush_goes_on);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
