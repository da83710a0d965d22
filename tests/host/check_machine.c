/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The machine: faults counted by hand, threads that wait, frames that are wanted by several. */
#include "host/host_fixture.h"

#include "effort.h"

/* Reference strings of textbooks (Silberschatz, Galvin & Gagne; Belady, Nelson & Shedler, CACM 1969), pages of a file. */
static const struct {
	const char *policy, *string;
	int frames;
	uint64_t faults;
} strings[] = {
	{"fifo", "1 2 3 4 1 2 5 1 2 3 4 5", 3, 9},
	{"fifo", "1 2 3 4 1 2 5 1 2 3 4 5", 4, 10}, /* Belady's anomaly */
	{"lru", "1 2 3 4 1 2 5 1 2 3 4 5", 3, 10},
	{"lru", "1 2 3 4 1 2 5 1 2 3 4 5", 4, 8},
	{"fifo", "7 0 1 2 0 3 0 4 2 3 0 3 2 1 2 0 1 7 0 1", 3, 15},
	{"lru", "7 0 1 2 0 3 0 4 2 3 0 3 2 1 2 0 1 7 0 1", 3, 12},
};

START_TEST(fault_counts_are_those_of_the_textbooks)
{
	char text[512];
	struct host_rig g;
	snprintf(text, sizeof(text), HOST_PLAIN "frames: %d\nshare_zero: false\nfile: {readahead: 1, readahead_initial: 0, fault_around: 1}\n"
		"replace: {policy: %s}\nswap: {size: 0}\n", strings[_i].frames, strings[_i].policy);
	host_rig_open(&g, text, false);
	struct host_space *sp = rig_space(&g, "p");
	rig_map(&g, sp, rig_file(&g, "data", 0, 8), 0, true);
	rig_thread(&g, sp, rig_string(&g, strings[_i].string, 1));
	rig_run(&g);
	ck_assert_uint_eq(g.h->n.faults, strings[_i].faults);
	ck_assert_uint_eq(g.h->n.major, strings[_i].faults);
	ck_assert_uint_eq(g.dev->stats.host_read_sectors, 8 * strings[_i].faults);
	/* closed loop: each fault is a millisecond, each reference a nanosecond */
	ck_assert_int_eq(g.sim->now_ps, (time_ps)strings[_i].faults * HOST_MS + (time_ps)g.h->n.references * PS_PER_NS);
	host_rig_free(&g);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("host machine");
	TCase *t = tcase_create("machine");
	tcase_add_loop_test(t, fault_counts_are_those_of_the_textbooks, 0, sizeof(strings) / sizeof(strings[0]));
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	SRunner *r = srunner_create(suite());
	srunner_run_all(r, CK_NORMAL);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed > 0;
}
