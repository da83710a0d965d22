/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which pages were written, epoch by epoch. */
#include "host/host_fixture.h"

#include "host/protect.h"

/* An entry that is looked at costs 1 us, and nothing else anything. */
#define ENTRIES \
	"cost: {hit: 1 ns, walk: 0, fault: 0, call: 0, switch: 0, invalidate: 0, shootdown: 0, interrupt: 0, entry: 1 us,\n" \
	"       copy: 10000 GB/s, zero: 10000 GB/s}\n"

/* Faults and scan find the same pages; faults cost one fault for each. */
START_TEST(tracking_finds_the_pages_written)
{
	struct host_rig g;
	host_rig_open(&g, HOST_PLAIN "frames: 100\n", false);
	struct host_space *sp = rig_space(&g, "p");
	struct host_area *heap = rig_area(&g, sp, "heap", HOST_PAGER_SWAP, 0, 20);
	rig_thread(&g, sp, rig_string(&g, "0w 1w 2w 3w 4w", 1));
	rig_run(&g);
	struct host_track *t = host_track_new(sp, heap, _i ? HOST_TRACK_SCAN : HOST_TRACK_FAULTS, &g.e);
	ck_assert_ptr_null(host_track_new(sp, heap, HOST_TRACK_SCAN, &g.e));
	for (int epoch = 0; epoch < 2; epoch++) {
		uint64_t before = g.h->n.faults;
		host_track_begin(t);
		rig_thread(&g, sp, rig_string(&g, epoch ? "4w 0 1" : "0 1w 3w 1w 2 3w 11w", 1));
		rig_run(&g);
		host_track_end(t);
		ck_assert_uint_eq(t->count, epoch ? 1 : 3);
		ck_assert_uint_eq(host_track_next(t, 0), epoch ? 4 : 1);
		ck_assert_uint_eq(host_track_next(t, 2), epoch ? 4 : 3);
		ck_assert_uint_eq(host_track_next(t, 12), UINT64_MAX);
		/* page 11 is new and faults in any case */
		ck_assert_uint_eq(g.h->n.faults - before, (epoch ? 0u : 1u) + (_i ? 0 : epoch ? 1 : 2));
	}
	host_track_close(t);
	rig_check(&g);
	host_rig_free(&g);
}
END_TEST

/* Epochs that follow each other: the same pages and faults; a fault's is read-only again at an entry for each page written, a scan looks at each. */
START_TEST(an_epoch_follows_another_at_the_cost_of_what_was_written)
{
	struct host_rig g;
	host_rig_open(&g, ENTRIES "frames: 100\n", false);
	struct host_space *sp = rig_space(&g, "p");
	struct host_area *heap = rig_area(&g, sp, "heap", HOST_PAGER_SWAP, 0, 20);
	rig_thread(&g, sp, rig_string(&g, "0w 1w 2w 3w 4w", 1));
	rig_run(&g);
	struct host_track *t = host_track_new(sp, heap, _i ? HOST_TRACK_SCAN : HOST_TRACK_FAULTS, &g.e);
	host_track_begin(t);
	for (int epoch = 0; epoch < 3; epoch++) {
		static const char *const runs[] = {"0 1w 3w 1w 2 3w", "4w 0 1", "0 1 2 3 4"};
		static const uint64_t written[] = {2, 1, 0}, first[] = {1, 4, UINT64_MAX};
		uint64_t before = g.h->n.faults;
		rig_thread(&g, sp, rig_string(&g, runs[epoch], 1));
		rig_run(&g);
		time_ps charged = g.h->charge_ps;
		host_track_collect(t);
		ck_assert_uint_eq(t->count, written[epoch]);
		ck_assert_uint_eq(host_track_next(t, 0), first[epoch]);
		host_track_renew(t);
		ck_assert_uint_eq(t->count, 0);
		ck_assert_uint_eq(host_track_next(t, 0), UINT64_MAX);
		ck_assert_int_eq(g.h->charge_ps - charged, (time_ps)(_i ? 20 : written[epoch]) * PS_PER_US);
		ck_assert_uint_eq(g.h->n.faults - before, _i ? 0 : written[epoch]);
	}
	host_track_close(t);
	rig_check(&g);
	host_rig_free(&g);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("tracks");
	TCase *t = tcase_create("tracks");
	tcase_add_loop_test(t, tracking_finds_the_pages_written, 0, 2);
	tcase_add_loop_test(t, an_epoch_follows_another_at_the_cost_of_what_was_written, 0, 2);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
