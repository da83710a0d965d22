/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The ends of processes of the scenario demand-paging: what they leave, and when they are. */
#include "host/paging_fixture.h"

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

int main(void)
{
	Suite *s = suite_create("host/paging_end");
	TCase *t = tcase_create("all");
	tcase_add_test(t, a_processor_works_at_most_all_the_time);
	suite_add_tcase(s, t);
	return replace_suite(s);
}
