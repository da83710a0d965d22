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

int main(void)
{
	Suite *s = suite_create("host/paging_kinds");
	TCase *t = tcase_create("all");
	tcase_add_test(t, an_access_to_a_watched_page_traps_once);
	suite_add_tcase(s, t);
	return replace_suite(s);
}
