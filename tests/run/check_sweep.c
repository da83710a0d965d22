/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sweep files: what they say, the points they make, and what is refused; points run, fail, stand, and are shared. */
#include "sweep_fixture.h"

/* ---- the file ----------------------------------------------------------------------------------------------- */

static void assert_label(struct made m, size_t index, const char *want)
{
	char label[512];
	ck_assert_str_eq(sweep_point_label(m.s, index, label, sizeof(label)), want);
}

START_TEST(the_last_axis_varies_fastest_and_replications_faster)
{
	struct made m = make(FIXED_BASE "axes:\n  d.latency: [1 ms, 2 ms]\n  workload.depth: [1, 2, 3]\nreplications: 2\n");
	ck_assert_uint_eq(m.p->count, 12);
	assert_label(m, 0, "d.latency = 1 ms, workload.depth = 1, replication 1");
	assert_label(m, 1, "d.latency = 1 ms, workload.depth = 1, replication 2");
	assert_label(m, 2, "d.latency = 1 ms, workload.depth = 2, replication 1");
	assert_label(m, 11, "d.latency = 2 ms, workload.depth = 3, replication 2");
	unmake(m);
}
END_TEST

START_TEST(zipped_axes_step_together_behind_the_axes)
{
	struct made m = make(FIXED_BASE "axes: {workload.depth: [1, 2]}\nzip:\n- {d.latency: [1 ms, 2 ms], seed: [5, 6]}\n");
	ck_assert_uint_eq(m.p->count, 4);
	assert_label(m, 1, "workload.depth = 1, d.latency = 2 ms, seed = 6");
	assert_label(m, 2, "workload.depth = 2, d.latency = 1 ms, seed = 5");
	ck_assert_int_eq(m.p->point[3].seed, 6);
	unmake(m);
}
END_TEST

START_TEST(variants_come_first_and_axes_have_the_last_word)
{
	FILE *f = fopen("slow.yaml", "w");
	fputs("d: {latency: 9 ms}\n", f);
	fclose(f);
	struct made m = make(FIXED_BASE "variants:\n  slow: slow.yaml\n  deep: {workload.depth: 7, d: {latency: 3 ms}}\n"
		"axes: {workload.requests: [5, 6]}\n");
	struct err e = {0};
	struct plan *p = sweep_plan(m.s, 0, &e), *q = sweep_plan(m.s, 3, &e);
	ck_assert_msg(p && q, "%s", e.msg);
	ck_assert_int_eq(((const struct fixed_spec *)p->component[0].spec)->latency_ps, 9000000000);
	ck_assert_int_eq(((const struct fixed_spec *)q->component[0].spec)->latency_ps, 3000000000);
	ck_assert_int_eq(q->workload.depth, 7);
	ck_assert_int_eq(q->workload.requests, 6);
	assert_label(m, 3, "variant = deep, workload.requests = 6");
	plan_free(p);
	plan_free(q);
	unmake(m);
}
END_TEST

START_TEST(ranges_are_evenly_or_geometrically_spaced_in_their_unit)
{
	struct made m = make(FIXED_BASE "axes:\n  d.latency: {linear: [1 ms, 3 ms, 3]}\n");
	ck_assert_str_eq(m.s->axis[0].label[1], "2 ms");
	unmake(m);
	m = make(FIXED_BASE "axes:\n  d.latency: {log: [10 us, 10 ms, 4]}\n  workload.depth: {log: [1, 256, 9]}\n");
	ck_assert_str_eq(m.s->axis[0].label[1], "100 us");
	ck_assert_str_eq(m.s->axis[0].label[3], "10 ms");
	ck_assert_str_eq(m.s->axis[1].label[5], "32");
	unmake(m);
}
END_TEST

START_TEST(replications_have_seeds_of_their_own_that_points_have_in_common)
{
	struct made m = make("base:\n  seed: 42\n  d: {model: fixed}\n  workload: {requests: 20}\naxes: {workload.depth: [1, 2]}\nreplications: 3\n");
	ck_assert_int_eq(m.p->point[0].seed, 42);
	ck_assert_int_eq(m.p->point[1].seed, sweep_seed(42, 1));
	ck_assert_int_ne(m.p->point[1].seed, m.p->point[2].seed);
	ck_assert_int_eq(m.p->point[1].seed, m.p->point[4].seed);
	ck_assert_int_ge(m.p->point[1].seed, 0);
	ck_assert_int_lt(m.p->point[1].seed, INT64_C(1) << 53);
	unmake(m);
}
END_TEST

static const struct {
	const char *text, *want;
} wrong[] = {
	{"axes: {a: [1]}\n", "there is no `base:`"},
	{FIXED_BASE "axis: {d.latency: [1 ms]}\n", "s.yaml:4:1: unknown key \"axis\" of a sweep, did you mean \"axes\"?"},
	{FIXED_BASE "workload: {depth: 3}\n", "s.yaml:4:1: unknown key \"workload\" of a sweep: want include"},
	{FIXED_BASE "axes:\n  d.latncy: [1 ms]\n", "s.yaml:5:3: unknown key \"latncy\" in d; did you mean \"latency\"?"},
	{FIXED_BASE "axes:\n  e.latency: [1 ms]\n", "s.yaml:5:3:"},
	{FIXED_BASE "axes:\n  d.latency: [1 ms, 2]\n", "s.yaml:5:21:"},
	{FIXED_BASE "axes:\n  d.latency: 1 ms\n", "s.yaml:5:14: d.latency: want a list of values"},
	{FIXED_BASE "axes:\n  d.latency: []\n", "d.latency has no values"},
	{FIXED_BASE "axes:\n  d.latency: {lienar: [1 ms, 2 ms, 2]}\n", "did you mean \"linear\"?"},
	{FIXED_BASE "axes:\n  d.latency: {linear: [1 ms, 2 KiB, 2]}\n", "want two values of one kind"},
	{FIXED_BASE "axes:\n  d.latency: {log: [0, 2 ms, 2]}\n", "want both ends above 0"},
	{FIXED_BASE "axes:\n  d.latency: {linear: [1 ms, 2 ms, 1]}\n", "want a number of values from 2"},
	{FIXED_BASE "axes: {d.latency: [1 ms]}\nzip: [{d.latency: [1 ms]}]\n", "d.latency is varied twice"},
	{FIXED_BASE "zip: [{d.latency: [1 ms, 2 ms], seed: [1]}]\n", "d.latency has 2, and seed has 1"},
	{FIXED_BASE "variants: [a]\n", "variants: want a map of names"},
	{FIXED_BASE "variants: {a: nowhere.yaml}\n", "s.yaml:4:15: no file \"nowhere.yaml\" beside this one"},
	{FIXED_BASE "replications: 0\n", "replications: want a whole number from 1"},
	{FIXED_BASE "axes: {seed: {linear: [1, 2000, 2000]}, workload.depth: {linear: [1, 2000, 2000]}}\n", "more than 1000000 points"},
	{"base: {d: {model: fixed}, replay: {trace: \"-\"}}\n", "cannot share standard input"},
};

START_TEST(what_is_wrong_is_said_with_its_place_before_anything_runs)
{
	struct err e = {0};
	struct sweep *s = sweep_of(wrong[_i].text, &e);
	struct sweep_points *p = s ? sweep_points_make(s, 2, NULL, &e) : NULL;
	ck_assert_msg(!p && strstr(e.msg, wrong[_i].want), "\"%s\" does not have \"%s\"", e.msg, wrong[_i].want);
	sweep_free(s);
}
END_TEST

START_TEST(the_first_wrong_point_is_named_whatever_thread_finds_it)
{
	struct err e = {0};
	struct sweep *s = sweep_of(FIXED_BASE "axes:\n  workload.depth: [1, 2, 3, 0, 5, 0]\n", &e);
	ck_assert(!sweep_points_make(s, 4, NULL, &e));
	ck_assert_msg(strstr(e.msg, "(point 4: workload.depth = 0)"), "%s", e.msg);
	sweep_free(s);
}
END_TEST

/* ---- ids ------------------------------------------------------------------------------------------------------- */

START_TEST(a_point_is_what_its_config_says_however_it_is_written)
{
	struct made m = make(FIXED_BASE "axes:\n  d.latency: [1 ms, 1000 us, 2 ms]\n");
	ck_assert_str_eq(m.p->point[0].id, m.p->point[1].id);
	ck_assert_str_ne(m.p->point[0].id, m.p->point[2].id);
	ck_assert_uint_eq(m.p->point[1].first, 0);
	ck_assert_uint_eq(m.p->point[2].first, 2);
	unmake(m);
}
END_TEST

static void write_trace(const char *name, int lba)
{
	FILE *f = fopen(name, "w");
	for (int i = 0; i < 30; i++)
		fprintf(f, "%d.0 0 %d 8 1\n", i, lba + 8 * i);
	fclose(f);
}

START_TEST(the_content_of_a_trace_is_in_the_id_and_its_name_is_not)
{
	static const char text[] = "base: {d: {model: fixed}, replay: {format: disksim}}\naxes: {replay.trace: [a.trace, b.trace, c.trace]}\n";
	write_trace("a.trace", 0);
	write_trace("b.trace", 0);
	write_trace("c.trace", 800);
	struct made m = make(text);
	ck_assert_str_eq(m.p->point[0].id, m.p->point[1].id);
	ck_assert_str_ne(m.p->point[0].id, m.p->point[2].id);
	unmake(m);
}
END_TEST

/* ---- running ------------------------------------------------------------------------------------------------------ */

START_TEST(threads_change_nothing)
{
	struct made m = make(FIXED_BASE "axes:\n  d.latency: [1 ms, 2 ms, 3 ms]\n  workload.depth: [1, 2, 4]\nreplications: 3\n");
	struct sweep_progress g;
	struct err e = {0};
	ck_assert_int_eq(run_made(m, (struct sweep_run_options){.output = "one", .jobs = 1}, &g, &e), 0);
	ck_assert_uint_eq(g.done, 27);
	ck_assert(g.simulation_s > 0 && g.simulation_s < g.wall_s); /* of one thread */
	ck_assert_int_eq(run_made(m, (struct sweep_run_options){.output = "four", .jobs = 4}, &g, &e), 0);
	assert_same_file("one/sweep.csv", "four/sweep.csv");
	assert_same_file("one/sweep.db", "four/sweep.db");
	unmake(m);
}
END_TEST

START_TEST(points_alike_run_once_and_have_a_row_each)
{
	struct made m = make(FIXED_BASE "axes:\n  d.latency: [1 ms, 1000 us, 2 ms]\n");
	struct sweep_progress g;
	struct err e = {0};
	size_t bytes;
	ck_assert_int_eq(run_made(m, (struct sweep_run_options){.output = "alike", .jobs = 2}, &g, &e), 0);
	ck_assert_uint_eq(g.points, 2);
	ck_assert_uint_eq(sweep_dir_count("alike"), 2);
	char *csv = read_file("alike/sweep.csv", &bytes);
	ck_assert(strstr(csv, "\n2,") && strstr(csv, "\n3,"));
	free(csv);
	unmake(m);
}
END_TEST

START_TEST(a_point_that_fails_is_recorded_and_the_others_go_on)
{
	/* requests at sector 0 never come back, and a sequential workload begins there */
	struct made m = make("base:\n  d: {model: fixed}\n  workload: {type: sequential, requests: 20}\naxes:\n  d.lost: [-1, 0]\n  d.latency: [1 ms, 2 ms]\n");
	struct sweep_progress g;
	struct err e = {0};
	json_t *doc;
	int code = run_made(m, (struct sweep_run_options){.output = "fails", .jobs = 2}, &g, &e);
	ck_assert_int_eq(code, ERR_CHECK);
	ck_assert_msg(strstr(e.msg, "2 of 4 points failed; the first is point 3 (d.lost = 0, d.latency = 1 ms): "), "%s", e.msg);
	ck_assert_uint_eq(g.done, 4);
	ck_assert_int_eq(sweep_dir_get("fails", m.p->point[2].id, false, &doc, &e), 1);
	ck_assert(strstr(json_string_value(json_object_get(doc, "error")), "never completed"));
	json_decref(doc);
	ck_assert_int_eq(sweep_dir_get("fails", m.p->point[2].id, true, &doc, &e), 0);
	/* those that failed run again */
	ck_assert_int_eq(run_made(m, (struct sweep_run_options){.output = "fails", .resume = true}, &g, &e), ERR_CHECK);
	ck_assert_uint_eq(g.skipped, 2);
	unmake(m);
}
END_TEST

static volatile sig_atomic_t stop_now;

static void stop_after_three(void *ctx, const struct sweep_progress *g)
{
	(void)ctx;
	stop_now |= g->done >= 3;
}

START_TEST(a_sweep_that_is_stopped_goes_on_where_it_was)
{
	struct made m = make(FIXED_BASE "axes:\n  d.latency: {linear: [1 ms, 30 ms, 30]}\n  workload.requests: [200000, 200001]\n");
	struct sweep_progress g;
	struct err e = {0};
	stop_now = 0;
	int code = run_made(m, (struct sweep_run_options){.output = "stopped", .jobs = 2, .stop = &stop_now, .progress = stop_after_three},
		&g, &e);
	ck_assert_int_eq(code, ERR_INTERRUPTED);
	ck_assert_msg(strstr(e.msg, "--resume goes on"), "%s", e.msg);
	ck_assert_uint_lt(g.done, 60);
	size_t before = sweep_dir_count("stopped");
	ck_assert_uint_eq(before, g.done);
	unmake(m);
}
END_TEST

START_TEST(a_folder_with_points_is_kept_unless_it_is_said_what_to_do)
{
	struct made m = make(FIXED_BASE "axes: {workload.depth: [1, 2]}\n");
	struct sweep_progress g;
	struct err e = {0};
	ck_assert_int_eq(run_made(m, (struct sweep_run_options){.output = "kept"}, &g, &e), 0);
	ck_assert_int_lt(sweep_run(m.s, m.p, &(struct sweep_run_options){.output = "kept"}, &g, &e), 0);
	ck_assert_int_eq(e.code, ERR_IO);
	ck_assert_msg(strstr(e.msg, "kept has 2 points of a sweep and is kept"), "%s", e.msg);
	ck_assert_int_eq(run_made(m, (struct sweep_run_options){.output = "kept", .resume = true}, &g, &e), 0);
	ck_assert_uint_eq(g.skipped, 2);
	ck_assert(g.simulation_s == 0); /* nothing was run */
	ck_assert_int_eq(run_made(m, (struct sweep_run_options){.output = "kept", .force = true}, &g, &e), 0);
	ck_assert_uint_eq(g.skipped, 0);
	unmake(m);
}
END_TEST

START_TEST(what_is_no_whole_point_runs_again)
{
	struct made m = make(FIXED_BASE "axes: {workload.depth: [1, 2]}\n");
	struct sweep_progress g;
	struct err e = {0};
	char path[128];
	ck_assert_int_eq(run_made(m, (struct sweep_run_options){.output = "torn"}, &g, &e), 0);
	ck_assert_int_eq(run_made(m, (struct sweep_run_options){.output = "whole"}, &g, &e), 0);
	snprintf(path, sizeof(path), "torn/points/%s.json", m.p->point[1].id);
	ck_assert_int_eq(truncate(path, 700), 0);
	ck_assert_int_eq(run_made(m, (struct sweep_run_options){.output = "torn", .resume = true}, &g, &e), 0);
	ck_assert_uint_eq(g.skipped, 1);
	assert_same_file("torn/sweep.csv", "whole/sweep.csv");
	unmake(m);
}
END_TEST

/* ---- shards and tables -------------------------------------------------------------------------------------------- */

START_TEST(shards_together_are_the_sweep)
{
	struct made m = make(FIXED_BASE "axes: {workload.depth: [1, 2, 3, 4, 5]}\n");
	const char *const first[] = {"s1", NULL}, *const both[] = {"s1", "s2", NULL};
	struct sweep_progress g;
	struct sweep_collected c;
	struct err e = {0};
	ck_assert_int_eq(run_made(m, (struct sweep_run_options){.output = "whole5"}, &g, &e), 0);
	ck_assert_int_eq(sweep_run(m.s, m.p, &(struct sweep_run_options){.output = "s1", .shard = {1, 2}}, &g, &e), 0);
	ck_assert_uint_eq(g.done, 3);
	ck_assert_int_eq(sweep_run(m.s, m.p, &(struct sweep_run_options){.output = "s2", .shard = {2, 2}}, &g, &e), 0);
	ck_assert_int_eq(access("s2/machine-2-of-2.json", F_OK), 0);
	ck_assert_int_eq(sweep_collect(m.s, m.p, first, "together", 2, NULL, &c, &e), 0);
	ck_assert_uint_eq(c.missing, 2);
	ck_assert_uint_eq(c.index[0], 1);
	sweep_collected_free(&c);
	ck_assert_int_eq(sweep_collect(m.s, m.p, both, "together", 2, NULL, &c, &e), 0);
	ck_assert_uint_eq(c.missing, 0);
	ck_assert_uint_eq(c.rows, 5);
	sweep_collected_free(&c);
	assert_same_file("together/sweep.csv", "whole5/sweep.csv");
	assert_same_file("together/sweep.db", "whole5/sweep.db");
	unmake(m);
}
END_TEST

START_TEST(a_shard_is_one_of_n)
{
	struct sweep_shard s;
	struct err e = {0};
	static const char *const bad[] = {"", "0/2", "3/2", "1", "1/", "/2", "1/2x", "-1/2", "1/99999999999"};
	ck_assert_int_eq(sweep_shard_parse("2/3", &s, &e), 0);
	ck_assert(!sweep_shard_has(&s, 0) && sweep_shard_has(&s, 1) && !sweep_shard_has(&s, 2) && sweep_shard_has(&s, 4));
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		err_clear(&e);
		ck_assert_int_lt(sweep_shard_parse(bad[i], &s, &e), 0);
		ck_assert_int_eq(e.code, ERR_USAGE);
	}
}
END_TEST

/* ---- sharing -------------------------------------------------------------------------------------------------------- */

#define SSD \
	"base:\n" \
	"  ssd0:\n" \
	"    model: ssd\n" \
	"    flash:\n" \
	"      geometry: {channels: 2, chips: 1, dies: 1, planes: 2, blocks: 24, pages: 8, page: 8 KiB, cell: slc}\n" \
	"      bus: {interface: nv-ddr2, rate: 333 MT/s}\n" \
	"      array: {read: [50 us], program: [500 us], erase: 3.8 ms}\n" \
	"    ftl: {map: {unit: 4 KiB, capacity: 2 MiB}}\n" \
	"    buffer: {size: 128 KiB}\n" \
	"    precondition: {fill: 1, overwrite: 2}\n" \
	"  workload: {requests: 300, read_ratio: 0.3, depth: 4}\n"

/* Options that preconditioning does not depend on, and some that it does. */
static const struct {
	const char *axis;
	size_t states; /* that are made for the four points */
} shared[] = {
	{"ssd0.sched.policy: [fifo, out-of-order, read-priority, fair]", 1},
	{"ssd0.front.nvme.queues: [1, 2, 3, 4]", 1},
	{"ssd0.moves.ahead: [1, 2, 3, 4]", 1},
	{"ssd0.flash.bus.rate: [166 MT/s, 200 MT/s, 267 MT/s, 333 MT/s]", 1},
	{"ssd0.idle_flush: [0, 1 ms, 2 ms, 3 ms]", 1},
	{"ssd0.buffer.high: [0, 10 %, 50 %, 90 %]", 1},
	{"ssd0.buffer.write_back: [true, false, true, false]", 1},
	{"workload.depth: [1, 2, 4, 8]", 1},
	{"ssd0.ftl.gc.policy: [greedy, fifo, greedy, fifo]\n  workload.depth: [1, 2]", 2},
	{"ssd0.ftl.gc.choices: [1, 5, 10, 20]\n  ssd0.ftl.gc.policy: [d-choices]\n  workload.depth: [1, 2]", 4},
	{"ssd0.precondition.overwrite: [0, 1]\n  workload.depth: [1, 2]", 2},
	{"seed: [1, 2]\n  workload.depth: [1, 2]", 2},
	{"ssd0.precondition.seed: [7]\n  seed: [1, 2, 3, 4]", 1},
	{"ssd0.precondition.seed: [7, 8]\n  seed: [1, 2]", 2},
	{"ssd0.precondition.seed: [7]\n  ssd0.ftl.gc.policy: [random]\n  seed: [1, 2, 3, 4]", 1},
	{"ssd0.precondition.seed: [-1]\n  ssd0.ftl.gc.policy: [random]\n  seed: [1, 2]\n  workload.depth: [1, 2]", 2},
};

START_TEST(states_and_traces_that_are_shared_change_no_result)
{
	char text[2048];
	struct sweep_progress g;
	struct err e = {0};
	size_t bytes;
	snprintf(text, sizeof(text), SSD "axes:\n  %s\n", shared[_i].axis);
	struct made m = make(text);
	ck_assert_msg(run_made(m, (struct sweep_run_options){.output = "with", .jobs = 2, .force = true}, &g, &e) == 0, "%s", e.msg);
	char *machine = read_file("with/machine.json", &bytes), want[64];
	snprintf(want, sizeof(want), "\"states_made\": %zu,", shared[_i].states);
	ck_assert_msg(strstr(machine, want) != NULL, "%s: %s", shared[_i].axis, machine);
	free(machine);
	ck_assert_int_ne(access("with/states", F_OK), 0);
	ck_assert_int_eq(run_made(m, (struct sweep_run_options){.output = "without", .jobs = 2, .force = true, .no_sharing = true}, &g,
		&e), 0);
	assert_same_file("with/sweep.csv", "without/sweep.csv");
	unmake(m);
}
END_TEST

START_TEST(a_trace_is_read_once_for_all)
{
	static const char text[] = "base: {d: {model: fixed}, replay: {format: disksim, trace: t.trace, mode: depth}}\n"
		"axes: {replay.depth: [1, 2, 4], replay.range: [error, scale], replay.skip: [0, 3], replay.limit: [0, 20]}\n";
	struct sweep_progress g;
	struct err e = {0};
	size_t bytes;
	write_trace("t.trace", 0);
	struct made m = make(text);
	ck_assert_msg(run_made(m, (struct sweep_run_options){.output = "read-once", .jobs = 2}, &g, &e) == 0, "%s", e.msg);
	char *machine = read_file("read-once/machine.json", &bytes);
	ck_assert_msg(strstr(machine, "\"traces_read\": 4,") && strstr(machine, "\"traces_used\": 24,"), "%s", machine);
	free(machine);
	ck_assert_int_eq(run_made(m, (struct sweep_run_options){.output = "read-each", .jobs = 2, .no_sharing = true}, &g, &e), 0);
	assert_same_file("read-once/sweep.csv", "read-each/sweep.csv");
	unmake(m);
}
END_TEST

static TCase *file_case(void)
{
	TCase *c = tcase_create("file");
	tcase_add_unchecked_fixture(c, make_scratch, remove_scratch);
	tcase_add_test(c, the_last_axis_varies_fastest_and_replications_faster);
	tcase_add_test(c, zipped_axes_step_together_behind_the_axes);
	tcase_add_test(c, variants_come_first_and_axes_have_the_last_word);
	tcase_add_test(c, ranges_are_evenly_or_geometrically_spaced_in_their_unit);
	tcase_add_test(c, replications_have_seeds_of_their_own_that_points_have_in_common);
	tcase_add_loop_test(c, what_is_wrong_is_said_with_its_place_before_anything_runs, 0, (int)(sizeof(wrong) / sizeof(*wrong)));
	tcase_add_test(c, the_first_wrong_point_is_named_whatever_thread_finds_it);
	tcase_add_test(c, a_point_is_what_its_config_says_however_it_is_written);
	tcase_add_test(c, the_content_of_a_trace_is_in_the_id_and_its_name_is_not);
	return c;
}

static TCase *run_case(void)
{
	TCase *c = tcase_create("run");
	tcase_set_timeout(c, 60);
	tcase_add_unchecked_fixture(c, make_scratch, remove_scratch);
	tcase_add_test(c, threads_change_nothing);
	tcase_add_test(c, points_alike_run_once_and_have_a_row_each);
	tcase_add_test(c, a_point_that_fails_is_recorded_and_the_others_go_on);
	tcase_add_test(c, a_sweep_that_is_stopped_goes_on_where_it_was);
	tcase_add_test(c, a_folder_with_points_is_kept_unless_it_is_said_what_to_do);
	tcase_add_test(c, what_is_no_whole_point_runs_again);
	tcase_add_test(c, shards_together_are_the_sweep);
	tcase_add_test(c, a_shard_is_one_of_n);
	tcase_add_loop_test(c, states_and_traces_that_are_shared_change_no_result, 0, (int)(sizeof(shared) / sizeof(*shared)));
	tcase_add_test(c, a_trace_is_read_once_for_all);
	return c;
}

int main(void)
{
	Suite *s = suite_create("sweep");
	suite_add_tcase(s, file_case());
	suite_add_tcase(s, run_case());
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
