/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The ends of processes of the scenario demand-paging: what they leave, and when they are. */
#include "host/paging_fixture.h"

/* ---- what a process leaves ------------------------------------------------------------------------------------- */

/* Two processes one after the other, of 200 pages all written, in 100 frames and 256 slots: there is room for one. */
#define ONE_AFTER_ANOTHER "{curve: 0, interval: 0, processes: 2, start_every: 1 s, load: {pattern: sequential, pages: 200, references: 400, writes: 1}"

START_TEST(a_process_that_ends_gives_back_frames_and_slots)
{
	static const char *const hosts[] = {
		"{frames: 100, swap: {size: 1 MiB}}",
		"{frames: 100, swap: {size: 1 MiB}, cpus: 3, reclaim: {low: 8, high: 30}}", /* pages on their way in and out at the end */
		"{frames: 100, swap: {size: 1 MiB, discard: pages}}",
		"{frames: 100, swap: {size: 1 MiB, discard: clusters, cluster: 8, readahead: 1}, allocation: {frames: equal}}",
	};
	for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
		struct figures *f = run(ONE_AFTER_ANOTHER "}", hosts[i]);
		ck_assert_msg(f->ooms == 0, "%s", hosts[i]);
		ck_assert_double_eq(f->references, 800);
		ck_assert_double_ge(f->slots_taken, 400); /* each page was written and left at least once */
		ck_assert_double_eq(f->slots_freed, f->slots_taken);
		ck_assert_double_eq(f->slots_used, 0);
		ck_assert_double_eq(f->free, 100);
		ck_assert(i < 2 ? f->trimmed == 0 : i == 2 ? f->trimmed == f->slots_taken : f->trimmed >= f->slots_taken); /* whole clusters */
		free(f);
	}
}
END_TEST

/* Both at once, 100 pages each: the second goes on when the first has left. */
START_TEST(who_waits_gets_what_a_process_leaves)
{
	struct figures *f = run("{processes: 2, start_every: 5 ms, load: {pattern: sequential, pages: 100, references: 400, writes: 1}}",
		"{frames: 120, swap: {size: 0}}");
	ck_assert_double_eq(f->ooms, 0);
	ck_assert_double_eq(f->references, 800);
	ck_assert_double_eq(f->free, 120);
	free(f);
}
END_TEST

/* With a pool for each, more processes than one would count by hand. */
START_TEST(many_processes_share_memory_without_being_counted)
{
	struct figures *f = run("{processes: 17, load: {pages: 20, references: 100}}", "{frames: 100, allocation: {frames: equal}}");
	ck_assert_double_eq(f->references, 1700);
	ck_assert_double_eq(f->free, 100);
	free(f);
}
END_TEST

/* Pages of files stay in the page cache. */
START_TEST(a_process_that_ends_leaves_its_file_in_memory)
{
	struct figures *f = run("{memory: file, processes: 2, start_every: 1 s, text: 20, load: {pattern: sequential, pages: 30, references: 60}}",
		"{frames: 100}");
	ck_assert_double_eq(f->file_ins, 20 + 2 * 30); /* the program once */
	ck_assert_double_eq(f->free, 100 - f->file_ins);
	free(f);
}
END_TEST

START_TEST(a_process_that_is_stopped_keeps_what_it_has)
{
	struct figures *f = run("{duration: 100 ms, load: {pattern: sequential, pages: 200, references: 0, burst: 1000, writes: 1}}",
		"{frames: 100}");
	ck_assert_double_ge(f->slots_used, 100);
	ck_assert_double_eq(f->free, 0);
	free(f);
}
END_TEST

/* The threads that trapped are gone, and their traps are counted. */
START_TEST(traps_of_processes_that_ended_count)
{
	struct figures *f = run("{processes: 3, start_every: 1 s, watched: 10, load: {pattern: sequential, pages: 20, references: 200}}",
		"{frames: 100}");
	ck_assert_double_eq(f->traps, 3 * 100);
	free(f);
}
END_TEST

/* A page table is torn down entry by entry: the one node of 512 that the load has. The processor's work ends with that. */
START_TEST(an_exit_takes_time)
{
	double time[2];
	for (int i = 0; i < 2; i++) {
		struct figures *f = run("{load: {pattern: sequential, pages: 20, references: 200, writes: 1}}",
			i ? "{frames: 100, cost: {entry: 1 us}}" : "{frames: 100, cost: {entry: 0}}");
		time[i] = f->time;
		ck_assert_double_le(f->busy, 1);
		free(f);
	}
	ck_assert_double_eq_tol(time[1] - time[0], 512e-6, 1e-12);
}
END_TEST

/* ---- how long it worked ---------------------------------------------------------------------------------------- */

/* Who takes a process for want of memory tears it down when no thread is left: its work goes on behind the last one's end. */
START_TEST(a_processor_works_at_most_all_the_time)
{
	static const struct { const char *scenario, *host; double busy; } runs[] = {
		{"{load: {pages: 10, references: 1000, writes: 1}}", "{frames: 1, oom: kill, swap: {size: 0}}", 1},
		{"{load: {pages: 10, references: 1000, writes: 1}}", "{frames: 1, oom: kill, swap: {size: 0}, cpus: 4, cost: {entry: 10 us}}", 0.25},
		{"{load: {pages: 10, references: 1000}}", "{frames: 16, cost: {entry: 10 us}}", 1},
	};
	for (size_t i = 0; i < sizeof(runs) / sizeof(runs[0]); i++) {
		struct figures *f = run(runs[i].scenario, runs[i].host);
		ck_assert_double_eq_tol(f->busy, runs[i].busy, 1e-9); /* nothing is ever waited for */
		ck_assert_double_eq_tol(f->rate * f->time, f->references * runs[i].busy * (i == 1 ? 4 : 1), 1e-6);
		free(f);
	}
}
END_TEST

/* Each line of the table: one process after the other is torn down, 5.12 ms each, in lines of 1 ms. */
START_TEST(a_processor_works_at_most_all_of_a_lines_time)
{
	struct figures *f = run("{processes: 3, start_every: 2 ms, interval: 1 ms, load: {pages: 10, references: 1000}}",
		"{frames: 40, cost: {entry: 10 us}}");
	double sum = 0, share;
	for (const char *at = strchr(f->thrashing, '\n'); at && at[1]; at = strchr(at + 1, '\n')) {
		ck_assert_int_eq(sscanf(at + 1, "%*[0-9],%*[0-9],%lf", &share), 1);
		ck_assert_double_le(share, 1);
		sum += share;
	}
	ck_assert_double_ge(sum, 4);
	free(f);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("host/paging_end");
	TCase *t = tcase_create("all");
	tcase_add_test(t, a_process_that_ends_gives_back_frames_and_slots);
	tcase_add_test(t, who_waits_gets_what_a_process_leaves);
	tcase_add_test(t, many_processes_share_memory_without_being_counted);
	tcase_add_test(t, a_process_that_ends_leaves_its_file_in_memory);
	tcase_add_test(t, a_process_that_is_stopped_keeps_what_it_has);
	tcase_add_test(t, traps_of_processes_that_ended_count);
	tcase_add_test(t, an_exit_takes_time);
	tcase_add_test(t, a_processor_works_at_most_all_the_time);
	tcase_add_test(t, a_processor_works_at_most_all_of_a_lines_time);
	suite_add_tcase(s, t);
	return replace_suite(s);
}
