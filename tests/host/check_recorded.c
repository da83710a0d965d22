/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Recordings on the machine: the words of a stream, the areas, and what a run on the machine counts. */
#include <stdio.h>
#include <unistd.h>

#include "host/stream_recorded.h"
#include "host_fixture.h"

static char path[] = "/tmp/quern-recorded-XXXXXX";

static void write_runs(const struct ref_run *run, int count, bool whole)
{
	struct ref_header h = {.has = REF_HAS_INSTRUCTIONS, .page_bytes = 4096, .filter = 1, .program = "p", .command = "p"};
	struct err e = {0};
	struct ref_writer *w = ref_writer_open(path, &h, &e);
	ck_assert_msg(w != NULL, "%s", e.msg);
	for (int i = 0; i < count; i++)
		ck_assert_int_eq(ref_writer_put(w, &run[i], &e), 0);
	if (whole) {
		ck_assert_int_eq(ref_writer_close(w, &e), 0);
		return;
	}
	ck_assert_int_eq(ref_writer_flush(w, &e), 0);
	ref_writer_free(w);
}

static const struct ref_run runs[] = {
	{.page = 10, .pages = 1, .op = REF_READ, .refs = 5},
	{.page = 11, .pages = 3, .op = REF_WRITE, .refs = 4, .thread = 1},
	{.page = 10, .pages = 1, .op = REF_FETCH, .refs = 70000},
	{.page = 5000, .pages = 1, .op = REF_READ, .refs = 1},
};

/* A word's references: page, write, how many. */
static void assert_word(uint64_t word, uint64_t page, unsigned write, uint32_t refs)
{
	ck_assert_uint_eq(host_ref_vpn(word), page);
	ck_assert_uint_eq(word & HOST_REF_WRITE, write);
	ck_assert_uint_eq(host_ref_more(word) + 1, refs);
}

START_TEST(a_run_becomes_its_references)
{
	struct sim *s = sim_new(1);
	struct err e = {0};
	uint32_t n;
	write_runs(runs, 4, true);
	struct host_stream *st = host_stream_recorded(s, path, HOST_RECORDED_ALL, 4096, &e);
	ck_assert_msg(st != NULL, "%s", e.msg);
	const uint64_t *w = st->ops->next(st, &n);
	ck_assert_ptr_nonnull(w);
	ck_assert_uint_eq(n, 8);
	assert_word(w[0], 10, 0, 5);
	assert_word(w[1], 11, 1, 1);
	assert_word(w[2], 12, 1, 1);
	assert_word(w[3], 13, 1, 2);
	assert_word(w[4], 10, 0, 32768);
	assert_word(w[5], 10, 0, 32768);
	assert_word(w[6], 10, 0, 70000 - 2 * 32768);
	assert_word(w[7], 5000, 0, 1);
	ck_assert_ptr_null(st->ops->next(st, &n));
	ck_assert_ptr_null(st->ops->next(st, &n));
	host_stream_recorded_close(st);
	ck_assert_int_eq(s->err.code, ERR_NONE);
	sim_free(s);
}
END_TEST

START_TEST(a_thread_has_its_own_runs)
{
	struct sim *s = sim_new(1);
	struct err e = {0};
	uint32_t n;
	write_runs(runs, 4, true);
	struct host_stream *st = host_stream_recorded(s, path, 1, 4096, &e);
	const uint64_t *w = st->ops->next(st, &n);
	ck_assert_uint_eq(n, 3);
	assert_word(w[2], 13, 1, 2);
	host_stream_recorded_close(st);
	sim_free(s);
}
END_TEST

START_TEST(a_long_run_spans_batches)
{
	struct ref_run longest = {.page = 100, .pages = 1000, .op = REF_READ, .refs = 1000};
	struct sim *s = sim_new(1);
	struct err e = {0};
	uint64_t page = 100;
	uint32_t n;
	const uint64_t *w;
	write_runs(&longest, 1, true);
	struct host_stream *st = host_stream_recorded(s, path, HOST_RECORDED_ALL, 4096, &e);
	while ((w = st->ops->next(st, &n)))
		for (uint32_t i = 0; i < n; i++)
			assert_word(w[i], page++, 0, 1);
	ck_assert_uint_eq(page, 1100);
	host_stream_recorded_close(st);
	sim_free(s);
}
END_TEST

START_TEST(a_cut_off_recording_stops_the_run_with_file_and_offset)
{
	struct sim *s = sim_new(1);
	struct err e = {0};
	uint32_t n;
	write_runs(runs, 4, false);
	struct host_stream *st = host_stream_recorded(s, path, HOST_RECORDED_ALL, 4096, &e);
	ck_assert_ptr_nonnull(st);
	ck_assert_ptr_null(st->ops->next(st, &n));
	ck_assert_int_eq(s->err.code, ERR_TRACE);
	ck_assert(strstr(s->err.msg, path) && strstr(s->err.msg, "byte offset"));
	host_stream_recorded_close(st);
	ck_assert_ptr_null(host_stream_recorded(s, path, 0, 16384, &e));
	ck_assert_int_eq(e.code, ERR_CONFIG);
	sim_free(s);
}
END_TEST

START_TEST(areas_are_stretches_without_large_gaps)
{
	struct arena *a = arena_new();
	struct err e = {0};
	struct host_recorded_area *area;
	struct ref_stat stat;
	write_runs(runs, 4, true);
	ck_assert_int_eq(host_recorded_areas(a, path, 100, 10, &area, &stat, &e), 2);
	ck_assert(area[0].first == 10 && area[0].pages == 4 && area[0].touched == 4 && area[0].written);
	ck_assert(area[1].first == 5000 && area[1].pages == 1 && area[1].touched == 1 && !area[1].written);
	ck_assert_uint_eq(stat.totals.refs, 5 + 4 + 70000 + 1);
	/* at most one: the gap grows until it spans all */
	ck_assert_int_eq(host_recorded_areas(a, path, 100, 1, &area, NULL, &e), 1);
	ck_assert(area[0].first == 10 && area[0].pages == 4991 && area[0].touched == 5);
	arena_free(a);
}
END_TEST

/* The recording of a real program: with frames enough for all, a fault a page; references as recorded. */
START_TEST(a_real_recording_runs_on_the_machine)
{
	static const char sort[] = TOP_SRCDIR "/traces/sort.ref";
	struct host_rig g;
	struct host_recorded_area *area;
	struct ref_stat stat;
	host_rig_open(&g, HOST_PLAIN "frames: 1024\nshare_zero: false\n", false);
	int n = host_recorded_areas(g.sim->arena, sort, 1024, 100, &area, &stat, &g.e);
	ck_assert_msg(n > 0, "%s", g.e.msg);
	struct host_space *sp = rig_space(&g, "sort");
	for (int i = 0; i < n; i++)
		rig_area(&g, sp, "area", HOST_PAGER_ZERO, area[i].first, area[i].pages);
	struct host_stream *st = host_stream_recorded(g.sim, sort, HOST_RECORDED_ALL, 4096, &g.e);
	ck_assert_msg(st != NULL, "%s", g.e.msg);
	rig_thread(&g, sp, st);
	host_start(g.h);
	ck_assert_msg(sim_run(g.sim) == 0, "%s", g.sim->err.msg);
	rig_check(&g);
	ck_assert_uint_eq(g.h->n.references, stat.totals.refs);
	ck_assert_uint_eq(g.h->n.faults, stat.pages);
	host_stream_recorded_close(st);
	host_rig_free(&g);
}
END_TEST

int main(void)
{
	int fd = mkstemp(path);
	if (fd < 0)
		return EXIT_FAILURE;
	close(fd);
	Suite *s = suite_create("recorded");
	TCase *c = tcase_create("recorded");
	tcase_add_test(c, a_run_becomes_its_references);
	tcase_add_test(c, a_thread_has_its_own_runs);
	tcase_add_test(c, a_long_run_spans_batches);
	tcase_add_test(c, a_cut_off_recording_stops_the_run_with_file_and_offset);
	tcase_add_test(c, areas_are_stretches_without_large_gaps);
	tcase_add_test(c, a_real_recording_runs_on_the_machine);
	suite_add_tcase(s, c);
	SRunner *runner = srunner_create(s);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	unlink(path);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
