/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whole runs on a device of fixed latency, where every figure is known by hand: with d
 * requests outstanding, each taking T, N requests take N T / d and throughput is d / T.
 */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "run/fixed.h"
#include "run/run.h"

static char folder[] = "/tmp/quern-check-run.XXXXXX";

static const char *in_folder(const char *name)
{
	static char path[256];
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static struct plan *plan_of(const char *yaml, struct err *e)
{
	const char *path = in_folder("plan.yaml");
	FILE *f = fopen(path, "w");
	ck_assert_ptr_nonnull(f);
	fputs(yaml, f);
	fclose(f);
	struct plan_input in = {.config = path, .kinds = fixed_kinds};
	return plan_load(&in, e);
}

static double number(const json_t *doc, const char *path)
{
	char word[64];
	while (doc && *path) {
		size_t len = strcspn(path, "/");
		snprintf(word, sizeof(word), "%.*s", (int)len, path);
		doc = json_is_array(doc) ? json_array_get(doc, (size_t)atoi(word)) : json_object_get(doc, word);
		path += len + (path[len] == '/');
	}
	ck_assert_msg(doc && json_is_number(doc), "no number %s", path);
	return json_number_value(doc);
}

/* Run a config; its summary as JSON text read back. */
static json_t *summary_of(const char *yaml)
{
	struct err e = {0};
	struct plan *p = plan_of(yaml, &e);
	ck_assert_msg(p != NULL, "%s", e.msg);
	struct run_options o = {.no_output = true};
	struct run *r = run_plan(p, &o, &e);
	ck_assert_msg(r != NULL, "%s", e.msg);
	json_t *made = summary_json(&r->summary);
	char *text = json_dumps(made, JSON_REAL_PRECISION(15));
	json_t *doc = json_loads(text, 0, NULL);
	ck_assert_ptr_nonnull(doc);
	free(text);
	json_decref(made);
	run_free(r);
	plan_free(p);
	return doc;
}

START_TEST(closed_loop_of_depth_4_makes_4_requests_per_latency)
{
	json_t *d = summary_of("disk0: {model: fixed, latency: 1 ms}\n"
		"workload: {request: 4 KiB, depth: 4, requests: 1000}\n");
	ck_assert_double_eq(number(d, "jobs/0/read/total_ios"), 1000);
	ck_assert_double_eq_tol(number(d, "jobs/0/read/iops"), 4000, 1e-9);
	ck_assert_double_eq_tol(number(d, "jobs/0/read/bw_bytes"), 4000.0 * 4096, 1e-6);
	ck_assert_double_eq(number(d, "jobs/0/read/io_bytes"), 1000.0 * 4096);
	ck_assert_double_eq_tol(number(d, "jobs/0/read/runtime"), 250, 1e-12);
	ck_assert_double_eq_tol(number(d, "simulated_ns"), 250e6, 1e-6);
	ck_assert_double_eq_tol(number(d, "jobs/0/read/lat_ns/mean"), 1e6, 1e-6);
	ck_assert_double_eq_tol(number(d, "jobs/0/read/lat_ns/stddev"), 0, 1e-6);
	ck_assert_double_eq_tol(number(d, "jobs/0/read/clat_ns/mean"), 1e6, 1e-6);
	ck_assert_double_eq_tol(number(d, "jobs/0/read/lat_ns/percentile/50.000000"), 1e6, 1e-6);
	ck_assert_double_eq_tol(number(d, "checks/depth_mean"), 4, 1e-12);
	ck_assert_double_eq_tol(number(d, "checks/throughput_times_latency"), 4, 1e-12);
	ck_assert_double_eq_tol(number(d, "devices/0/per_request_ns/transfer"), 1e6, 1e-6);
	ck_assert_double_eq_tol(number(d, "statistics/mean_ns"), 1e6, 1e-6);
	ck_assert_double_eq_tol(number(d, "statistics/half_width_ns"), 0, 1e-6);
	ck_assert(json_is_true(json_object_get(json_object_get(d, "checks"), "littles_law")));
	ck_assert(json_is_false(json_object_get(d, "partial")));
	json_decref(d);
}
END_TEST

START_TEST(directions_without_requests_have_no_buckets_and_figures_of_0)
{
	struct err e = {0};
	struct plan *p = plan_of("disk0: {model: fixed, latency: 1 ms}\nworkload: {request: 4 KiB, depth: 4, requests: 100}\n", &e);
	struct run *r = run_plan(p, &(struct run_options){.no_output = true}, &e);
	ck_assert_msg(r != NULL, "%s", e.msg);
	ck_assert_ptr_nonnull(r->observe.dir[OBSERVE_READ].lat.bucket);
	ck_assert_ptr_null(r->observe.dir[OBSERVE_WRITE].lat.bucket);
	json_t *d = summary_json(&r->summary);
	ck_assert_double_eq(number(d, "jobs/0/write/lat_ns/percentile/99.000000"), 0);
	ck_assert_double_eq(number(d, "jobs/0/read/lat_ns/percentile/99.000000"), 1e6);
	json_decref(d);
	run_free(r);
	plan_free(p);
}
END_TEST

/* One at a time in the device, 4 outstanding: the i-th of the first 4 waits i ms, every later
 * one 3 ms; 1000 requests take 1000 ms. Means: slat (0+1+2 + 997*3)/1000, clat 1. */
START_TEST(host_queue_splits_latency_into_waiting_and_service)
{
	json_t *d = summary_of("disk0: {model: fixed, latency: 1 ms}\n"
		"workload: {depth: 4, requests: 1000}\nreplay: {queue_depth: 1}\n");
	ck_assert_double_eq_tol(number(d, "jobs/0/read/iops"), 1000, 1e-9);
	ck_assert_double_eq_tol(number(d, "jobs/0/read/slat_ns/mean"), 2.994e6, 1e-3);
	ck_assert_double_eq_tol(number(d, "jobs/0/read/slat_ns/min"), 0, 1e-9);
	ck_assert_double_eq_tol(number(d, "jobs/0/read/slat_ns/max"), 3e6, 1e-6);
	ck_assert_double_eq(number(d, "jobs/0/read/slat_ns/N"), 1000);
	ck_assert_double_eq_tol(number(d, "jobs/0/read/clat_ns/mean"), 1e6, 1e-6);
	ck_assert_double_eq(number(d, "jobs/0/read/clat_ns/N"), 1000);
	ck_assert_double_eq_tol(number(d, "jobs/0/read/lat_ns/mean"), 3.994e6, 1e-3);
	ck_assert_double_eq_tol(number(d, "jobs/0/read/lat_ns/max"), 4e6, 1e-6);
	ck_assert_double_eq_tol(number(d, "jobs/0/read/clat_ns/percentile/99.000000"), 1e6, 1e-6);
	json_decref(d);
}
END_TEST

START_TEST(stated_warm_up_is_left_out_of_counts_and_rates)
{
	json_t *d = summary_of("disk0: {model: fixed, latency: 1 ms}\n"
		"workload: {depth: 4, requests: 1000}\nstats: {warm_up: 400 requests}\n");
	ck_assert_double_eq(number(d, "jobs/0/read/total_ios"), 600);
	ck_assert_double_eq(number(d, "replay/warm_up_requests"), 400);
	ck_assert_double_eq_tol(number(d, "measured_from_ns"), 100e6, 1e-6);
	ck_assert_double_eq_tol(number(d, "jobs/0/read/iops"), 4000, 1e-9);
	json_decref(d);
	/* at 50 ms, 196 have completed before and 4 at that very instant, which is after it */
	d = summary_of("disk0: {model: fixed, latency: 1 ms}\n"
		"workload: {depth: 4, requests: 1000}\nstats: {warm_up: 50 ms}\n");
	ck_assert_double_eq(number(d, "replay/warm_up_requests"), 196);
	ck_assert_double_eq_tol(number(d, "measured_from_ns"), 50e6, 1e-6);
	json_decref(d);
}
END_TEST

START_TEST(failed_requests_are_counted_apart_and_not_in_latencies)
{
	json_t *d = summary_of("disk0: {model: fixed, bad: 8}\n"
		"workload: {type: sequential, request: 4 KiB, requests: 10}\n");
	ck_assert_double_eq(number(d, "jobs/0/error"), 1);
	ck_assert_double_eq(number(d, "jobs/0/read/total_ios"), 9);
	ck_assert_double_eq(number(d, "replay/status/media-error"), 1);
	ck_assert_double_eq(number(d, "replay/completed"), 10);
	json_decref(d);
}
END_TEST

START_TEST(run_that_stands_still_is_an_error_and_leaves_nothing)
{
	struct err e = {0};
	struct plan *p = plan_of("disk0: {model: fixed, lost: 16}\n"
		"workload: {type: sequential, request: 4 KiB, requests: 10}\n", &e);
	ck_assert_msg(p != NULL, "%s", e.msg);
	char out[300];
	snprintf(out, sizeof(out), "%s", in_folder("lost"));
	struct run_options o = {.output = out};
	ck_assert_ptr_null(run_plan(p, &o, &e));
	ck_assert_int_eq(e.code, ERR_CHECK);
	ck_assert_msg(strstr(e.msg, "1 requests never completed") != NULL, "%s", e.msg);
	ck_assert_int_ne(access(out, F_OK), 0);
	plan_free(p);
}
END_TEST

static void ask_stop(void *ctx, const struct run_progress *p)
{
	ck_assert_double_ge(p->fraction, 0);
	*(volatile sig_atomic_t *)ctx = 1;
}

START_TEST(stopped_run_drains_and_says_partial)
{
	struct err e = {0};
	volatile sig_atomic_t stop = 0;
	struct plan *p = plan_of("disk0: {model: fixed}\nworkload: {depth: 7, requests: 2000000000}\n"
		"replay: {queue_depth: 2}\n", &e);
	ck_assert_msg(p != NULL, "%s", e.msg);
	struct run_options o = {.no_output = true, .stop = &stop, .progress = ask_stop,
		.ctx = (void *)(uintptr_t)&stop};
	struct run *r = run_plan(p, &o, &e);
	ck_assert_ptr_nonnull(r);
	ck_assert_int_eq(e.code, ERR_INTERRUPTED);
	ck_assert(r->summary.partial);
	ck_assert_uint_eq(replay_outstanding(r->system->replay), 0);
	ck_assert_uint_eq(replay_counts(r->system->replay)->completed, r->observe.seen);
	run_free(r);
	plan_free(p);
}
END_TEST

/* Two runs taken event by event in turns give what each gives alone. */
START_TEST(interleaved_systems_equal_each_alone)
{
	struct err e = {0};
	struct plan *p = plan_of("seed: 3\ndisk0: {model: fixed}\n"
		"workload: {depth: 4, requests: 1000, read_ratio: 50 %}\n", &e);
	ck_assert_msg(p != NULL, "%s", e.msg);
	struct observe o[3];
	struct system *s[3];
	memset(o, 0, sizeof(o));
	for (int i = 0; i < 3; i++) {
		s[i] = system_open(p, observe_request, &o[i], &e);
		ck_assert_msg(s[i] != NULL, "%s", e.msg);
		ck_assert_int_eq(observe_init(&o[i], s[i]->sim->arena, &p->stats, NULL), 0);
		o[i].queue = s[i]->queue;
		o[i].queue_count = s[i]->count;
		replay_start(s[i]->replay);
	}
	ck_assert_int_eq(sim_run(s[2]->sim), 0);
	bool more = true;
	while (more)
		more = (int)sim_step(s[0]->sim) | (int)sim_step(s[1]->sim);
	for (int i = 0; i < 2; i++) {
		ck_assert_uint_eq(o[i].dir[OBSERVE_READ].bytes, o[2].dir[OBSERVE_READ].bytes);
		ck_assert_uint_eq(o[i].unwritten_sectors, o[2].unwritten_sectors);
		ck_assert(o[i].all_ps == o[2].all_ps);
	}
	for (int i = 0; i < 3; i++) {
		observe_free(&o[i]);
		system_free(s[i]);
	}
	plan_free(p);
}
END_TEST

int main(void)
{
	if (!mkdtemp(folder))
		return EXIT_FAILURE;
	Suite *s = suite_create("run");
	TCase *t = tcase_create("run");
	tcase_add_test(t, closed_loop_of_depth_4_makes_4_requests_per_latency);
	tcase_add_test(t, directions_without_requests_have_no_buckets_and_figures_of_0);
	tcase_add_test(t, host_queue_splits_latency_into_waiting_and_service);
	tcase_add_test(t, stated_warm_up_is_left_out_of_counts_and_rates);
	tcase_add_test(t, failed_requests_are_counted_apart_and_not_in_latencies);
	tcase_add_test(t, run_that_stands_still_is_an_error_and_leaves_nothing);
	tcase_add_test(t, stopped_run_drains_and_says_partial);
	tcase_add_test(t, interleaved_systems_equal_each_alone);
	tcase_set_timeout(t, 60);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	remove(in_folder("plan.yaml"));
	rmdir(folder);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
