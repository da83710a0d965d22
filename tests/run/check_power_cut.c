/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Power cuts of a recording: at 10,000 random times of its replay the power goes, each time in a
 * process of its own, and what is lost is held against the model of tests/disk/loss_model.h. And
 * what a run that is cut tells its user.
 */
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "disk/loss_model.h"
#include "effort.h"
#include "disk/disk.h"
#include "run/plan.h"
#include "run/run.h"
#include "sim/rng.h"

#define CUTS 10000

static struct plan *load(const char *text, const char *const *sets)
{
	struct err e = {0};
	struct plan_input in = {.text = text, .sets = sets};
	struct plan *p = plan_load(&in, &e);
	ck_assert_msg(p != NULL, "%s", e.msg);
	return p;
}

/* 25,600 sectors, which the recording is wrapped into. */
#define DRIVE \
	"disk0:\n" \
	"  model: disk\n" \
	"  rpm: 6000 rpm\n" \
	"  head_switch: 0.5 ms\n" \
	"  geometry: {heads: 4, cylinders: 64, zones: [{first_cylinder: 0, last_cylinder: 63, sectors_per_track: 100}]}\n" \
	"  seek: {model: sqrt-linear, linear_base: 1 ms, linear_slope: 0.02 ms}\n" \
	"  queue_depth: 8\n" \
	"  cache: {segments: 4, segment_sectors: 256, write_back: true}\n"
#define REPLAY \
	"replay: {trace: " TOP_SRCDIR "/traces/%s, range: wrap, limit: 6000, power_cut: 1000000 s, mode: depth, depth: 4}\n"

static struct loss_model *observed;

static void note(void *ctx, const struct blk_req *r, const struct trace_record *rec)
{
	(void)ctx;
	(void)rec;
	model_acked(observed, r, r->done_ps);
}

/* The power goes now, in a child. Returns whether that went well; adds up what it lost. */
static bool cut_in_child(struct loss_model *m, uint64_t *lost)
{
	int ends[2], status = -1;
	uint64_t n = 0;
	ck_assert_int_eq(pipe(ends), 0);
	pid_t child = fork();
	ck_assert_int_ge(child, 0);
	if (child == 0) {
		uint64_t was = model_cut_wrong(m);
		_exit(write(ends[1], &m->lost, sizeof(m->lost)) == sizeof(m->lost) && was == 0 ? 0 : 1);
	}
	close(ends[1]);
	ck_assert_int_eq(read(ends[0], &n, sizeof(n)), sizeof(n));
	close(ends[0]);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	*lost += n;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static time_ps whole_run(const struct plan *p)
{
	struct err e = {0};
	struct system *s = system_open(p, NULL, NULL, &e);
	ck_assert_msg(s != NULL, "%s", e.msg);
	replay_start(s->replay);
	while (sim_step(s->sim) && !s->cut->happened)
		;
	time_ps end = replay_end(s->replay);
	system_free(s);
	return end;
}

static int by_time(const void *a, const void *b)
{
	time_ps x = *(const time_ps *)a, y = *(const time_ps *)b;
	return (x > y) - (x < y);
}

static void follow_run(const struct plan *p, const time_ps *at, unsigned cuts, uint64_t *lost)
{
	struct err e = {0};
	struct loss_model m = {0};
	observed = &m;
	struct system *s = system_open(p, note, NULL, &e);
	ck_assert_msg(s != NULL, "%s", e.msg);
	model_init(&m, (struct disk *)(void *)s->dev[0], 100, 4);
	m.turn_ps = 10 * PS_PER_MS;
	m.switch_ps = PS_PER_MS / 2;
	m.seek_base_ps = PS_PER_MS;
	m.seek_slope_ps = PS_PER_MS / 50;
	replay_start(s->replay);
	for (unsigned k = 0; k < cuts; k++) {
		for (time_ps next; (next = sim_next_time(s->sim)) >= 0 && next <= at[k];) {
			sim_step(s->sim);
			model_follow(&m);
		}
		sim_run_until(s->sim, at[k]);
		if (!cut_in_child(&m, lost))
			ck_abort_msg("the cut at %lld ps loses something else", (long long)at[k]);
	}
	model_free(&m);
	system_free(s);
}

START_TEST(at_random_times_of_a_recording_a_cut_loses_what_was_acknowledged_and_not_landed)
{
	static const struct {
		const char *trace, *cache;
	} cases[] = {
		{"pgbench.blkparse.gz", "disk0.write_cache={extents: 200, idle_time: 20 ms, order: elevator}"},
		{"sqlite.blkparse.gz", "disk0.write_cache={extents: 64, order: sptf, reads_first: true, access_sectors: 500}"},
		{"sort.blkparse.gz", "disk0.write_cache={extents: 1}"},
		{"build.blkparse.gz", "disk0.write_cache={extents: 30, order: nearest, idle_time: 1 s, high_water: 70 %, low_water: 30 %}"},
	};
	char text[2048];
	static time_ps at[CUTS / 4];
	uint64_t lost = 0;
	snprintf(text, sizeof(text), DRIVE REPLAY, cases[_i].trace);
	struct plan *p = load(text, (const char *const[]){cases[_i].cache, NULL});
	time_ps end = whole_run(p);
	struct arena *a = arena_new();
	struct rng *r = rng_new(a, (uint64_t)_i, "cuts");
	unsigned cuts = effort(CUTS / 4);
	for (unsigned k = 0; k < cuts; k++)
		at[k] = (time_ps)rng_below(r, (uint64_t)end);
	qsort(at, cuts, sizeof(at[0]), by_time);
	follow_run(p, at, cuts, &lost);
	ck_assert_uint_gt(lost, cuts);
	arena_free(a);
	plan_free(p);
}
END_TEST

/* ---- what the user sees ------------------------------------------------------------------------------- */

#define WORKLOAD "workload: {type: random, requests: 100000, depth: 4, request: 4 KiB, read_ratio: 0}\n"

START_TEST(a_cut_run_names_what_is_lost)
{
	struct err e = {0};
	struct run_options o = {.no_output = true};
	struct plan *p = load(DRIVE WORKLOAD, (const char *const[]){"replay.power_cut=2 s",
		"disk0.write_cache={extents: 50, combine: none, idle_time: 1 s}", NULL});
	struct run *r = run_plan(p, &o, &e);
	ck_assert_msg(r != NULL, "%s", e.msg);
	const struct power_cut *c = r->system->cut;
	ck_assert(c->happened);
	ck_assert_int_eq(c->at_ps, 2 * PS_PER_S);
	ck_assert_int_eq(replay_end(r->system->replay), 2 * PS_PER_S); /* nothing goes on */
	ck_assert_uint_gt(replay_counts(r->system->replay)->by_status[BLK_POWER_LOST], 0);
	ck_assert_uint_gt(c->lost_sectors, 100); /* about 50 writes of 8 */
	ck_assert_uint_le(c->lost_sectors, 400);
	uint64_t sectors = 0, in_flight = 0;
	for (size_t i = 0; i < c->losses; i++) {
		const struct power_loss *l = &c->loss[i];
		ck_assert(i == 0 || c->loss[i - 1].lba + c->loss[i - 1].sectors <= l->lba);
		ck_assert_int_ge(l->acked_ps, c->oldest_ps);
		ck_assert_int_le(l->acked_ps, c->at_ps);
		sectors += l->sectors;
		in_flight += l->in_flight ? l->sectors : 0;
	}
	ck_assert_uint_eq(sectors, c->lost_sectors);
	ck_assert_uint_eq(in_flight, c->in_flight_sectors);
	char *csv = NULL;
	size_t bytes = 0, lines = 0;
	FILE *f = open_memstream(&csv, &bytes);
	power_cut_csv(c, f);
	fclose(f);
	ck_assert(strncmp(csv, "device,lba,sectors,acked_ns,age_ns,state\ndisk0,", 47) == 0);
	for (size_t i = 0; i < bytes; i++)
		lines += csv[i] == '\n';
	ck_assert_uint_eq(lines, c->losses + 1);
	free(csv);
	run_free(r);
	plan_free(p);
}
END_TEST

START_TEST(with_the_write_cache_off_nothing_is_lost)
{
	struct err e = {0};
	struct run_options o = {.no_output = true};
	for (int k = 1; k < 20; k++) {
		char at[64];
		snprintf(at, sizeof(at), "replay.power_cut=%d.%d3 ms", 100 + k * 7, k % 10);
		struct plan *p = load(DRIVE WORKLOAD, (const char *const[]){"disk0.cache.write_back=false", at, NULL});
		struct run *r = run_plan(p, &o, &e);
		ck_assert_msg(r != NULL, "%s", e.msg);
		ck_assert(r->system->cut->happened);
		ck_assert_uint_eq(r->system->cut->lost_sectors, 0);
		ck_assert_int_eq(r->system->cut->oldest_ps, -1);
		run_free(r);
		plan_free(p);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("power cut");
	TCase *t = tcase_create("power cut");
	tcase_add_loop_test(t, at_random_times_of_a_recording_a_cut_loses_what_was_acknowledged_and_not_landed, 0, 4);
	tcase_add_test(t, a_cut_run_names_what_is_lost);
	tcase_add_test(t, with_the_write_cache_off_nothing_is_lost);
	tcase_set_timeout(t, 120);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
