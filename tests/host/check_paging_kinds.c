/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Kinds of memory in the scenario demand-paging, on a device of fixed latency, against what can be counted or worked out. */
#include "host/paging_fixture.h"

/* ---- pages under a data breakpoint ----------------------------------------------------------------------------- */

/* Also where the access has to wait: for a frame for its copy of the page of zeros, for its page, for one that another brings. */
START_TEST(an_access_to_a_watched_page_traps_once)
{
	static const struct { const char *scenario, *host; double accesses; } runs[] = {
		{"watched: 100, load: {pages: 100, references: 10000, writes: 0.5}", "frames: 10", 10000},
		{"watched: 100, load: {pages: 100, references: 10000, writes: 0.5}", "frames: 10, share_zero: false", 10000},
		{"watched: 100, load: {pages: 100, references: 10000, writes: 0.5}, memory: file", "frames: 10", 10000},
		{"watched: 100, load: {pages: 100, references: 10000, writes: 0.5}, memory: private", "frames: 10", 10000},
		{"watched: 100, threads: 4, load: {pages: 100, references: 2500, writes: 0.5}", "frames: 10, cpus: 2", 10000},
		{"watched: 100, threads: 4, load: {pages: 100, references: 500, burst: 5, writes: 0.5}", "frames: 10, cpus: 2", 10000},
	};
	for (size_t i = 0; i < sizeof(runs) / sizeof(runs[0]); i++) {
		char scenario[300], host[300];
		snprintf(scenario, sizeof(scenario), "{%s}", runs[i].scenario);
		snprintf(host, sizeof(host), "{%s}", runs[i].host);
		struct figures *f = run(scenario, host);
		ck_assert_msg(f->traps == runs[i].accesses, "%s, %s: %g traps", scenario, host, f->traps);
		ck_assert_double_eq(f->references, runs[i].accesses);
		ck_assert_double_eq(f->faults, runs[i].accesses); /* a trap is a fault, and what else it does is done in that one */
		free(f);
	}
}
END_TEST

/* Each of a burst's references to it misses the TLB, walks four levels and traps: 1 + 4 x 2 + 100 ns; where the page is not watched,
 * one does, once, and the other 69 hit. */
START_TEST(each_reference_of_a_burst_traps)
{
	static const char host[] = "{frames: 16, quantum: 0, cost: {hit: 1 ns, walk: 2 ns, fault: 100 ns, switch: 0, entry: 0, invalidate: 0}}";
	struct figures *f = run("{watched: 1, load: {pages: 1, references: 10, burst: 7, writes: 0}}", host);
	ck_assert_double_eq(f->traps, 70);
	ck_assert_double_eq(f->faults, 70);
	ck_assert_double_eq(f->references, 70);
	ck_assert_double_eq(f->tlb_misses, 70);
	ck_assert_double_eq_tol(f->time, 70 * 109e-9, 1e-15);
	free(f);
	f = run("{load: {pages: 1, references: 10, burst: 7, writes: 0}}", host);
	ck_assert_double_eq(f->traps, 0);
	ck_assert_double_eq(f->tlb_misses, 1);
	ck_assert_double_eq_tol(f->time, 109e-9 + 69e-9, 1e-15);
	free(f);
	/* watched and not, by turns */
	f = run("{watched: 32, load: {pattern: sequential, pages: 64, references: 6400, burst: 3}}", host);
	ck_assert_double_eq(f->traps, 3 * 3200);
	ck_assert_double_eq(f->references, 3 * 6400);
	free(f);
}
END_TEST

/* ---- a file of its own, mapped private --------------------------------------------------------------------------- */

/* A page of the file by itself for each fault. */
#define ONE_BY_ONE "swap: {readahead: 1}, file: {readahead: 1, readahead_initial: 0, fault_around: 1}"

/* What is written is copied once, when it is first written, and from there on goes to swap and comes from there. */
START_TEST(a_private_mapping_leaves_its_file_as_it_is)
{
	/* two rounds, all written: each page is read from the file once, and copied once */
	struct figures *f = run("{memory: private, processes: 2, load: {pattern: sequential, pages: 200, references: 400, writes: 1}}",
		"{frames: 1000, " ONE_BY_ONE "}");
	ck_assert_double_eq(f->file_ins, 2 * 200);
	ck_assert_double_eq(f->cow_copies, 2 * 200);
	ck_assert_double_eq(f->swap_writes, 0);
	ck_assert_double_eq(f->file_writes, 0);
	free(f);
	/* ten rounds in half the frames: as before, and all 200 copies go round through the swap area */
	f = run("{memory: private, load: {pattern: sequential, pages: 200, references: 2000, writes: 1}}",
		"{frames: 100, replace: {policy: fifo}, " ONE_BY_ONE "}");
	ck_assert_double_eq(f->file_ins, 200);
	ck_assert_double_eq(f->cow_copies, 200);
	ck_assert_double_ge(f->swap_outs, 9 * 200);
	ck_assert_double_gt(f->swap_writes, 0);
	ck_assert_double_eq(f->file_outs, 0);
	ck_assert_double_eq(f->file_writes, 0);
	free(f);
	/* nothing written: pages of the file come again and again, and none goes anywhere */
	f = run("{memory: private, load: {pattern: sequential, pages: 200, references: 2000, writes: 0}}",
		"{frames: 100, replace: {policy: fifo}, " ONE_BY_ONE "}");
	ck_assert_double_eq(f->file_ins, 2000);
	ck_assert_double_eq(f->cow_copies, 0);
	ck_assert_double_eq(f->swap_outs + f->swap_writes + f->file_writes, 0);
	free(f);
	/* each page referenced once: copies are the writes */
	f = run("{memory: private, load: {pattern: sequential, pages: 500, references: 500, writes: 0.4}}", "{frames: 2000, " ONE_BY_ONE "}");
	ck_assert_double_eq(f->file_ins, 500);
	ck_assert_double_gt(f->writes, 150);
	ck_assert_double_lt(f->writes, 250);
	ck_assert_double_eq(f->cow_copies, f->writes);
	free(f);
	/* the same load on a shared mapping writes the file */
	f = run("{memory: file, load: {pattern: sequential, pages: 200, references: 2000, writes: 1}}", "{frames: 100, " ONE_BY_ONE "}");
	ck_assert_double_gt(f->file_writes, 0);
	ck_assert_double_eq(f->cow_copies, 0);
	free(f);
}
END_TEST

/* ---- processes of several sizes -------------------------------------------------------------------------------- */

#define SIZES_MOST 4

struct quotas {
	struct event at;
	const struct scenario_ops *ops;
	struct scenario *sc;
	uint32_t is[SIZES_MOST];
};

static void read_quotas(struct sim *s, struct event *e)
{
	struct quotas *q = container_of(e, struct quotas, at);
	const struct host *h = q->ops->machine(q->sc);
	(void)s;
	for (uint32_t i = 0; i < h->spaces; i++)
		q->is[i] = h->alloc->process[i].quota;
}

/* While all processes are there, which end after 2 ms. */
static struct quotas quotas_of(const char *scenario, const char *host)
{
	struct err e = {0};
	struct sim *s = sim_new(1);
	struct blk_dev *dev = blk_dev_open(s, &fixed_dev_ops, "dev0", bound(s, fixed_dev_ops.options, "{latency: 100 us, capacity: 4 GiB}"), &e);
	const struct scenario_env env = {.sim = s, .dev = dev, .host = bound(s, &host_options, host), .seed = 7};
	struct quotas q = {.ops = scenario_find("demand-paging")};
	q.sc = q.ops->open(&env, bound(s, q.ops->options, scenario), &e);
	ck_assert_msg(q.sc != NULL, "%s", e.msg);
	event_init(&q.at, read_quotas, "quotas", EVENT_PRIO_SAMPLE);
	sim_schedule(s, &q.at, PS_PER_MS);
	q.ops->start(q.sc);
	ck_assert_msg(sim_run(s) == 0, "%s", s->err.msg);
	q.ops->close(q.sc);
	blk_dev_close(dev);
	sim_free(s);
	return q;
}

/* 100, 200 and 300 pages: a sixth, a third and a half of the frames. With 20 of a program and 50 of a stack, which have all come when
 * it is looked, 170, 270 and 370 of 810: 900 x 170 / 810 = 188.9, 900 x 270 / 810 = 300, 900 x 370 / 810 = 411.1, rounded down. */
START_TEST(a_share_in_proportion_is_that_of_the_pages)
{
	static const struct { const char *more, *frames; uint32_t is[3]; } shares[] = {
		{"", "proportional", {150, 300, 450}},
		{"text: 20, stack: 50,", "proportional", {188, 300, 411}},
		{"", "equal", {300, 300, 300}},
	};
	for (size_t i = 0; i < sizeof(shares) / sizeof(shares[0]); i++) {
		char scenario[300], host[300];
		snprintf(scenario, sizeof(scenario), "{%s processes: 3, more_pages: 100, duration: 2 ms, load: {pages: 100, references: 0}}",
			shares[i].more);
		snprintf(host, sizeof(host), "{frames: 900, quantum: 10 us, allocation: {frames: %s}}", shares[i].frames);
		struct quotas q = quotas_of(scenario, host);
		for (int p = 0; p < 3; p++)
			ck_assert_msg(q.is[p] == shares[i].is[p], "%s, %s: process %d has %u frames", scenario, host, p, q.is[p]);
	}
}
END_TEST

/* Loops through 50 and 150 pages fit into 200 frames in proportion, and the longer one does not into its half: each of its
 * references waits for the device, 100 us and a turn of the other. */
START_TEST(in_proportion_each_loop_fits_and_in_equal_parts_one_does_not)
{
	static const char text[] = "{processes: 2, more_pages: 100, duration: 100 ms, "
		"load: {pattern: sequential, pages: 50, references: 0, writes: 1}}";
	struct figures *f = run(text, "{frames: 200, quantum: 10 us, replace: {policy: lru}, swap: {readahead: 1}, allocation: {frames: proportional}}");
	ck_assert_double_eq(f->faults, 200);
	ck_assert_double_eq(f->zero_fills, 200);
	free(f);
	f = run(text, "{frames: 200, quantum: 10 us, replace: {policy: lru}, swap: {readahead: 1}, allocation: {frames: equal}}");
	ck_assert_double_gt(f->faults, 700);
	ck_assert_double_eq(f->zero_fills, 200);
	free(f);
}
END_TEST

/* 30, 40 and 50 pages of a file each, one behind another. */
START_TEST(files_of_several_sizes_are_each_read_once)
{
	struct figures *f = run("{processes: 3, more_pages: 10, memory: file, load: {pattern: sequential, pages: 30, references: 100, writes: 0}}",
		"{frames: 1000, " ONE_BY_ONE "}");
	ck_assert_double_eq(f->file_ins, 30 + 40 + 50);
	ck_assert_double_eq(f->references, 300);
	free(f);
}
END_TEST

/* ---- heaps that grow ------------------------------------------------------------------------------------------- */

/* What is asked of a heap, and the calls and pages that it takes: 167 pages beyond 33 are five steps of 32 and 7 pages of a sixth. */
START_TEST(a_heap_grows_by_calls_as_it_is_filled)
{
	static const struct { const char *scenario; double calls, grown; } runs[] = {
		{"heap: {start: 33}, load: {pattern: sequential, pages: 200, references: 400, writes: 1}", 6, 167},
		{"heap: {start: 33}, processes: 3, load: {pattern: sequential, pages: 200, references: 400, writes: 1}", 3 * 6, 3 * 167},
		{"heap: {start: 33, step: 1}, load: {pattern: sequential, pages: 200, references: 150, writes: 1}", 117, 117},
		{"heap: {start: 33, step: 1000}, load: {pattern: sequential, pages: 200, references: 150, writes: 1}", 1, 167},
		{"heap: {start: 33}, load: {pattern: sequential, pages: 200, references: 33, writes: 1}", 0, 0},
		{"heap: {start: 200}, load: {pattern: sequential, pages: 200, references: 400, writes: 1}", 0, 0},
		/* the second thread begins at page 500: when the first has made its 20 references, and one call, 391 more are four steps */
		{"heap: {start: 10, step: 100}, threads: 2, load: {pattern: sequential, pages: 1000, references: 20}", 1 + 1 + 1, 100 + 400 + 100},
	};
	for (size_t i = 0; i < sizeof(runs) / sizeof(runs[0]); i++) {
		char text[300];
		snprintf(text, sizeof(text), "{%s}", runs[i].scenario);
		struct figures *f = run(text, "{frames: 4096}");
		ck_assert_msg(f->heap_calls == runs[i].calls, "%s: %g calls", text, f->heap_calls);
		ck_assert_msg(f->heap_grown == runs[i].grown, "%s: %g pages", text, f->heap_grown);
		ck_assert_double_eq(f->calls, f->heap_calls + (f->threads > 0)); /* and the thread that was begun */
		ck_assert_double_eq(f->grown, 0); /* no stack */
		free(f);
	}
}
END_TEST

/* Six calls of 50 ns, and nothing else is different from a heap that is there from the first. */
START_TEST(a_heap_costs_its_calls)
{
	static const char load[] = "load: {pattern: sequential, pages: 200, references: 400, writes: 0.5, burst: 3}";
	char text[300];
	snprintf(text, sizeof(text), "{%s}", load);
	struct figures *whole = run(text, "{frames: 1024, cost: {call: 50 ns}}");
	snprintf(text, sizeof(text), "{heap: {start: 33}, %s}", load);
	struct figures *f = run(text, "{frames: 1024, cost: {call: 50 ns}}");
	ck_assert_double_eq_tol(f->time - whole->time, 6 * 50e-9, 1e-15);
	ck_assert_double_eq(f->references, whole->references);
	ck_assert_double_eq(f->faults, whole->faults);
	ck_assert_double_eq(f->zero_fills, whole->zero_fills);
	free(f);
	free(whole);
}
END_TEST

/* Whoever comes first makes it longer for all, and a run may end at any time. */
START_TEST(threads_share_a_heap_that_grows)
{
	for (int cpus = 1; cpus <= 4; cpus += 3) {
		char host[100];
		snprintf(host, sizeof(host), "{frames: 300, quantum: 1 us, cpus: %d}", cpus);
		struct figures *f = run("{threads: 8, heap: {start: 1, step: 7}, load: {pages: 500, references: 2000}}", host);
		ck_assert_double_eq(f->references, 16000);
		ck_assert_double_eq(f->heap_grown, 499);
		ck_assert_double_le(f->heap_calls, 72); /* ceil(499 / 7) */
		ck_assert_double_eq(f->calls, f->heap_calls + 7);
		free(f);
		for (int us = 1; us < 60; us += 3) {
			char text[300];
			snprintf(text, sizeof(text), "{threads: 8, duration: %d us, curve: 0, heap: {start: 1, step: 1}, "
				"load: {pattern: sequential, pages: 5000, references: 0}}", us);
			free(run(text, host));
		}
	}
}
END_TEST

/* Several processors find the second page missing at once, after some bursts to the first, and one call makes it. */
START_TEST(two_threads_do_not_make_a_heap_longer_for_one_page)
{
	for (int threads = 2; threads <= 64; threads *= 2) {
		char text[300];
		snprintf(text, sizeof(text), "{threads: %d, heap: {start: 1, step: 1}, load: {pattern: hot, hot: 0.5, skew: 0.9, "
			"pages: 2, references: 200, burst: 1000}}", threads);
		struct figures *f = run(text, "{frames: 100, cpus: 8, window: 1 ms, cost: {call: 0, switch: 0}}");
		ck_assert_double_eq(f->heap_calls, 1);
		ck_assert_double_eq(f->heap_grown, 1);
		free(f);
	}
}
END_TEST

/* Also what was not there when the breakpoint was set. */
START_TEST(a_breakpoint_lies_on_the_pages_of_a_heap_to_come)
{
	struct figures *f = run("{watched: 50, heap: {start: 10, step: 1}, load: {pattern: sequential, pages: 100, references: 1000}}",
		"{frames: 60}");
	ck_assert_double_eq(f->traps, 500);
	ck_assert_double_eq(f->heap_calls, 90);
	free(f);
}
END_TEST

/* 100 and 300 pages, 40 each at first: after a millisecond of turns all are there. */
START_TEST(a_share_in_proportion_grows_with_the_heap)
{
	struct quotas q = quotas_of("{processes: 2, more_pages: 200, duration: 2 ms, heap: {start: 40}, "
		"load: {pattern: sequential, pages: 100, references: 0, writes: 1}}", "{frames: 4000, quantum: 10 us, allocation: {frames: proportional}}");
	ck_assert_uint_eq(q.is[0], 1000);
	ck_assert_uint_eq(q.is[1], 3000);
}
END_TEST

START_TEST(a_heap_that_cannot_grow_is_refused)
{
	static const char *const wrong[] = {"{heap: {start: 11}, load: {pages: 10}}", "{heap: {start: 1}, memory: file}",
		"{heap: {start: 1}, memory: private}", "{heap: {start: 1}, recording: x.ref}", "{more_pages: 1, recording: x.ref}"};
	static const char *const why[] = {"fewer pages", "only a load's own memory grows", "only a load's own", "only a load's own", "more pages"};
	for (int i = 0; i < 5; i++) {
		struct sim *s = sim_new(1);
		struct err e = {0};
		ck_assert_ptr_null(bind_text(s->arena, scenario_find("demand-paging")->options, wrong[i], &e));
		ck_assert_msg(strstr(e.msg, why[i]) != NULL, "%s", e.msg);
		sim_free(s);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("host/paging_kinds");
	TCase *t = tcase_create("all");
	tcase_add_test(t, an_access_to_a_watched_page_traps_once);
	tcase_add_test(t, each_reference_of_a_burst_traps);
	tcase_add_test(t, a_private_mapping_leaves_its_file_as_it_is);
	tcase_add_test(t, a_share_in_proportion_is_that_of_the_pages);
	tcase_add_test(t, in_proportion_each_loop_fits_and_in_equal_parts_one_does_not);
	tcase_add_test(t, files_of_several_sizes_are_each_read_once);
	tcase_add_test(t, a_heap_grows_by_calls_as_it_is_filled);
	tcase_add_test(t, a_heap_costs_its_calls);
	tcase_add_test(t, threads_share_a_heap_that_grows);
	tcase_add_test(t, two_threads_do_not_make_a_heap_longer_for_one_page);
	tcase_add_test(t, a_breakpoint_lies_on_the_pages_of_a_heap_to_come);
	tcase_add_test(t, a_share_in_proportion_grows_with_the_heap);
	tcase_add_test(t, a_heap_that_cannot_grow_is_refused);
	suite_add_tcase(s, t);
	return replace_suite(s);
}
