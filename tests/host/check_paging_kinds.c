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
	static const char host[] = "{frames: 16, quantum: 0, cost: {hit: 1 ns, walk: 2 ns, fault: 100 ns, switch: 0}}";
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

int main(void)
{
	Suite *s = suite_create("host/paging_kinds");
	TCase *t = tcase_create("all");
	tcase_add_test(t, an_access_to_a_watched_page_traps_once);
	tcase_add_test(t, each_reference_of_a_burst_traps);
	suite_add_tcase(s, t);
	return replace_suite(s);
}
