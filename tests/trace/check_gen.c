/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The contract of every address generator, looped over the table, the mix, the arrivals,
 * and the options of the `workload:` section.
 */
#include <check.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_cdf.h>

#include "trace/gen.h"

#define SECTORS UINT64_C(17783240) /* of the device */

static struct arena *arena;
static struct err err;

static void open_arena(void)
{
	arena = arena_new();
	err_clear(&err);
}

static void close_arena(void)
{
	arena_free(arena);
}

static struct gen_spec defaults(void)
{
	struct gen_spec g;

	memset(&g, 0xa5, sizeof(g));
	ck_assert_msg(opt_defaults(&gen_options, &g, arena, &err) == 0, "%s", err.msg);
	return g;
}

static struct trace_source *make(const struct gen_spec *g, uint64_t seed)
{
	struct trace_source *s = gen_new(arena, g, SECTORS, seed, &err);

	ck_assert_msg(s != NULL, "%s", err.msg);
	return s;
}

static struct trace_record next(struct trace_source *s, time_ps now)
{
	struct trace_record r;

	memset(&r, 0xa5, sizeof(r));
	ck_assert_msg(s->next(s, now, &r, &err) == 1, "%s", err.msg);
	return r;
}

/* ---- the contract -------------------------------------------------------------------- */

START_TEST(a_generator_is_a_choice_of_the_option)
{
	const struct opt_row *row = gen_options.rows;

	while (strcmp(row->key, "type") != 0)
		row++;
	ck_assert_str_eq(row->choices[_i].name, gen_list[_i]->name);
	ck_assert_str_eq(row->choices[_i].doc, gen_list[_i]->doc);
	for (int i = 0; i < _i; i++)
		ck_assert_str_ne(gen_list[i]->name, gen_list[_i]->name);
}
END_TEST

START_TEST(positions_are_below_the_slots)
{
	static const uint64_t slots[] = { 1, 2, 3, 7, 1000, UINT64_C(1) << 40 };
	struct gen_spec g = defaults();
	void *state = malloc(gen_list[_i]->state_size);

	for (size_t k = 0; k < sizeof(slots) / sizeof(slots[0]); k++) {
		struct rng *rng = rng_new(arena, k, "test");
		memset(state, 0, gen_list[_i]->state_size);
		gen_list[_i]->init(state, &g, slots[k], rng);
		for (int i = 0; i < 5000; i++)
			ck_assert_uint_lt(gen_list[_i]->next(state, rng), slots[k]);
	}
	free(state);
}
END_TEST

START_TEST(requests_stay_aligned_in_the_range)
{
	struct gen_spec g = defaults();

	g.type = _i;
	g.request_bytes = 8192;
	g.align_bytes = 3584; /* 7 sectors */
	g.start_bytes = 512 * 100;
	g.span_bytes = 512 * 1000;
	g.requests = 20000;
	struct trace_source *s = make(&g, 1);
	uint64_t lowest = UINT64_MAX, highest = 0;
	for (int i = 0; i < 20000; i++) {
		struct trace_record r = next(s, i);
		ck_assert_uint_eq(r.lba % 7, 0);
		ck_assert_uint_eq(r.sectors, 16);
		lowest = r.lba < lowest ? r.lba : lowest;
		highest = r.lba + 16 > highest ? r.lba + 16 : highest;
	}
	/* 105 is the first multiple of 7 from 100 on; 1078 + 16 <= 1100 the last that fits */
	ck_assert_uint_eq(lowest, 105);
	ck_assert_uint_le(highest, 1100);
	ck_assert_uint_ge(highest, 1100 - 16 - 7);
	struct trace_record r;
	ck_assert_int_eq(s->next(s, 0, &r, &err), 0);
	ck_assert_int_eq(s->next(s, 0, &r, &err), 0);
}
END_TEST

START_TEST(the_same_seed_gives_the_same_requests)
{
	struct gen_spec g = defaults();

	g.type = _i;
	g.read_ratio = 0.5;
	g.arrival = GEN_POISSON;
	g.rate_per_s = 100.0;
	g.requests = 1000;
	struct trace_source *alone = make(&g, 7), *one = make(&g, 7), *two = make(&g, 8);
	int differ = 0;
	for (int i = 0; i < 1000; i++) { /* interleaved with another, equal to it alone */
		struct trace_record a = next(one, 0), b = next(two, 0), c = next(alone, 0);
		ck_assert(a.lba == c.lba && a.op == c.op && a.arrive_ps == c.arrive_ps && a.line == c.line);
		differ += a.lba != b.lba || a.op != b.op || a.arrive_ps != b.arrive_ps;
	}
	ck_assert_int_gt(differ, 900);
}
END_TEST

/* ---- addresses ------------------------------------------------------------------------ */

static int type_of(const char *name)
{
	for (int i = 0; gen_list[i]; i++)
		if (strcmp(gen_list[i]->name, name) == 0)
			return i;
	ck_abort_msg("no generator %s", name);
	return -1;
}

START_TEST(sequential_goes_through_the_range_and_begins_again)
{
	struct gen_spec g = defaults();

	g.type = type_of("sequential");
	g.span_bytes = 4096 * 10 + 512;
	g.requests = 25;
	struct trace_source *s = make(&g, 1);
	for (int i = 0; i < 25; i++)
		ck_assert_uint_eq(next(s, 0).lba, (uint64_t)(i % 10) * 8);
	/* alignment finer than the request: requests do not overlap */
	g.align_bytes = 512 * 3;
	g.span_bytes = 512 * 30;
	s = make(&g, 1);
	static const uint64_t want[] = { 0, 9, 18, 0, 9, 18 };
	for (int i = 0; i < 6; i++)
		ck_assert_uint_eq(next(s, 0).lba, want[i]);
	/* and coarser: gaps */
	g.align_bytes = 8192;
	g.span_bytes = 8192 * 3;
	s = make(&g, 1);
	for (int i = 0; i < 6; i++)
		ck_assert_uint_eq(next(s, 0).lba, (uint64_t)(i % 3) * 16);
}
END_TEST

/* Chi-square over all slots; the seed is fixed, so it either always passes or never. */
START_TEST(random_is_uniform_over_all_slots)
{
	enum { SLOTS = 1000, DRAWS = 200000 };
	static int hits[SLOTS];
	struct gen_spec g = defaults();
	double chi2 = 0.0, expect = (double)DRAWS / SLOTS;

	g.type = type_of("random");
	g.span_bytes = 4096 * SLOTS;
	g.requests = DRAWS;
	struct trace_source *s = make(&g, 3);
	for (int i = 0; i < DRAWS; i++)
		hits[next(s, 0).lba / 8]++;
	for (int i = 0; i < SLOTS; i++)
		chi2 += (hits[i] - expect) * (hits[i] - expect) / expect;
	double p = gsl_cdf_chisq_Q(chi2, SLOTS - 1);
	ck_assert_msg(p > 0.001 && p < 0.999, "chi2 %g, p %g", chi2, p);
}
END_TEST

/* ---- mix and arrivals ------------------------------------------------------------------ */

START_TEST(the_mix_is_as_asked_and_moves_no_address)
{
	static const double ratios[] = { 0.0, 0.67, 1.0 };
	enum { DRAWS = 100000 };
	static uint64_t lba[DRAWS];

	for (int k = 0; k < 3; k++) {
		struct gen_spec g = defaults();
		g.read_ratio = ratios[k];
		g.requests = DRAWS;
		struct trace_source *s = make(&g, 11);
		int reads = 0;
		for (int i = 0; i < DRAWS; i++) {
			struct trace_record r = next(s, 0);
			ck_assert(r.op == BLK_READ || r.op == BLK_WRITE);
			reads += r.op == BLK_READ;
			if (k == 0)
				lba[i] = r.lba;
			ck_assert_uint_eq(lba[i], r.lba);
		}
		/* four standard deviations of a binomial */
		double slack = 4.0 * sqrt(ratios[k] * (1.0 - ratios[k]) / DRAWS);
		ck_assert_double_le(fabs((double)reads / DRAWS - ratios[k]), slack);
	}
}
END_TEST

/* Priorities and tags by shares that four standard deviations of a binomial allow; places stay where they were. */
START_TEST(priorities_and_tags_come_as_asked_and_move_nothing_else)
{
	enum { DRAWS = 100000 };
	struct gen_spec g = defaults();
	g.read_ratio = 0.5;
	g.requests = DRAWS;
	struct trace_source *plain = make(&g, 11);
	g.low_priority_ratio = 0.25;
	g.ordered_ratio = 0.1;
	g.head_of_queue_ratio = 0.02;
	struct trace_source *s = make(&g, 11);
	int low = 0, ordered = 0, head = 0;

	for (int i = 0; i < DRAWS; i++) {
		struct trace_record r = next(s, 0), p = next(plain, 0);
		ck_assert_uint_eq(r.lba, p.lba);
		ck_assert_uint_eq(r.op, p.op);
		ck_assert_uint_eq(p.flags, 0);
		ck_assert_uint_eq(p.priority, 0);
		ck_assert(r.flags == 0 || r.flags == BLK_ORDERED || r.flags == BLK_HEAD_OF_QUEUE);
		low += r.priority;
		ordered += r.flags == BLK_ORDERED;
		head += r.flags == BLK_HEAD_OF_QUEUE;
	}
	ck_assert_int_le(abs(low - 25000), 548);
	ck_assert_int_le(abs(ordered - 10000), 380);
	ck_assert_int_le(abs(head - 2000), 178);
}
END_TEST

START_TEST(a_closed_source_stamps_the_time_it_is_asked)
{
	struct gen_spec g = defaults();

	struct trace_source *s = make(&g, 1);
	ck_assert(!s->has_arrivals && !s->has_delays && !s->has_responses);
	ck_assert_uint_eq(s->expected, (uint64_t)g.requests);
	struct trace_record r = next(s, 12345);
	ck_assert_int_eq(r.arrive_ps, 12345);
	ck_assert(r.delay_ps == -1 && r.response_ps == -1 && r.device == 0 && r.kind == 0);
	ck_assert_uint_eq(r.line, 1);
	ck_assert_uint_eq(next(s, 99999).line, 2);
	ck_assert_double_eq_tol(s->progress(s), 2.0 / (double)g.requests, 1e-12);
}
END_TEST

/* Gaps of a Poisson process are exponential: mean and standard deviation are equal, and the
 * gaps fall into ten equally likely classes evenly. */
START_TEST(poisson_gaps_are_exponential)
{
	enum { DRAWS = 100000 };
	struct gen_spec g = defaults();
	int classes[10] = { 0 };
	double sum = 0.0, squares = 0.0, chi2 = 0.0;
	time_ps last = 0;

	g.arrival = GEN_POISSON;
	g.rate_per_s = 2500.0; /* mean gap 400 us */
	g.requests = DRAWS;
	struct trace_source *s = make(&g, 5);
	ck_assert(s->has_arrivals);
	for (int i = 0; i < DRAWS; i++) {
		struct trace_record r = next(s, 0);
		double gap = (double)(r.arrive_ps - last) / (400.0 * PS_PER_US);
		ck_assert_int_ge(r.arrive_ps, last);
		last = r.arrive_ps;
		sum += gap;
		squares += gap * gap;
		classes[(int)(10.0 * (1.0 - exp(-gap)))]++;
	}
	double mean = sum / DRAWS, deviation = sqrt(squares / DRAWS - mean * mean);
	ck_assert_double_eq_tol(mean, 1.0, 4.0 / sqrt(DRAWS));
	ck_assert_double_eq_tol(deviation, 1.0, 0.02);
	for (int i = 0; i < 10; i++)
		chi2 += (classes[i] - DRAWS / 10.0) * (classes[i] - DRAWS / 10.0) / (DRAWS / 10.0);
	ck_assert_double_gt(gsl_cdf_chisq_Q(chi2, 9), 0.001);
}
END_TEST

START_TEST(arrivals_past_the_end_of_time_are_an_error)
{
	struct gen_spec g = defaults();
	struct trace_record r;
	int got;

	g.arrival = GEN_POISSON;
	g.rate_per_s = 1e-6;
	struct trace_source *s = make(&g, 5);
	while ((got = s->next(s, 0, &r, &err)) > 0)
		ck_assert_int_ge(r.arrive_ps, 0);
	ck_assert_int_eq(got, -1);
	ck_assert_int_eq(err.code, ERR_LIMIT);
	ck_assert_ptr_nonnull(strstr(err.msg, "106 days"));
}
END_TEST

/* ---- options and refusals --------------------------------------------------------------- */

START_TEST(defaults_are_random_reads_of_4_kib_one_at_a_time)
{
	struct gen_spec g = defaults();

	ck_assert_str_eq(gen_list[g.type]->name, "random");
	ck_assert_double_eq(g.read_ratio, 1.0);
	ck_assert_int_eq(g.request_bytes, 4096);
	ck_assert(g.align_bytes == 0 && g.start_bytes == 0 && g.span_bytes == 0);
	ck_assert(g.requests == 100000 && g.depth == 1 && g.arrival == GEN_CLOSED);
	ck_assert(g.rate_per_s == 0.0 && g.think_ps == 0);
	const char *key = NULL;
	char why[128];
	ck_assert_int_eq(gen_options.check(&g, &key, why, sizeof(why)), 0);
}
END_TEST

static void expect_complaint(const struct gen_spec *g, const char *want_key)
{
	const char *key = NULL;
	char why[160] = "";

	ck_assert_int_eq(gen_options.check(g, &key, why, sizeof(why)), -1);
	ck_assert_str_eq(key, want_key);
	ck_assert_uint_gt(strlen(why), 10);
}

START_TEST(settings_that_contradict_are_refused)
{
	struct gen_spec g = defaults();

	g.request_bytes = 1000;
	expect_complaint(&g, "request");
	g = defaults();
	g.align_bytes = 1;
	expect_complaint(&g, "align");
	g = defaults();
	g.start_bytes = 513;
	expect_complaint(&g, "start");
	g = defaults();
	g.span_bytes = 5000;
	expect_complaint(&g, "span");
	g = defaults();
	g.arrival = GEN_POISSON;
	expect_complaint(&g, "rate");
	g.rate_per_s = 10.0;
	g.depth = 4;
	expect_complaint(&g, "depth");
	g.depth = 1;
	g.think_ps = 1;
	expect_complaint(&g, "think");
	g = defaults();
	g.rate_per_s = 10.0;
	expect_complaint(&g, "rate");
	g = defaults();
	g.ordered_ratio = 0.6;
	g.head_of_queue_ratio = 0.5;
	expect_complaint(&g, "ordered_ratio");
}
END_TEST

static void expect_no_source(const struct gen_spec *g, const char *says)
{
	err_clear(&err);
	ck_assert_ptr_null(gen_new(arena, g, SECTORS, 1, &err));
	ck_assert_int_eq(err.code, ERR_CONFIG);
	ck_assert_msg(strstr(err.msg, says) != NULL, "%s", err.msg);
}

START_TEST(what_does_not_fit_the_device_is_refused)
{
	struct gen_spec g = defaults();

	g.span_bytes = (int64_t)(SECTORS + 1) * 512;
	expect_no_source(&g, "does not fit the device, which has 17783240 sectors");
	g = defaults();
	g.start_bytes = (int64_t)(SECTORS + 8) * 512;
	expect_no_source(&g, "does not fit the device");
	g = defaults();
	g.start_bytes = (int64_t)(SECTORS - 7) * 512;
	expect_no_source(&g, "no request of 8 sectors, aligned to 8, fits");
	g = defaults();
	g.span_bytes = 2048;
	expect_no_source(&g, "no request of 8 sectors");
	g = defaults();
	g.span_bytes = (int64_t)SECTORS * 512;
	ck_assert_ptr_nonnull(gen_new(arena, &g, SECTORS, 1, &err));
}
END_TEST

START_TEST(exhausted_memory_is_an_error)
{
	for (uint64_t n = 1; n < 5; n++) {
		struct gen_spec g = defaults();
		g.read_ratio = 0.5; /* the choice takes a stream */
		err_clear(&err);
		arena_fail_at(arena, n);
		ck_assert_ptr_null(gen_new(arena, &g, SECTORS, 1, &err));
		ck_assert_int_eq(err.code, ERR_LIMIT);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("trace/gen");
	TCase *t = tcase_create("gen");
	int n = 0;

	while (gen_list[n])
		n++;
	tcase_set_timeout(t, 60);
	tcase_add_checked_fixture(t, open_arena, close_arena);
	tcase_add_loop_test(t, a_generator_is_a_choice_of_the_option, 0, n);
	tcase_add_loop_test(t, positions_are_below_the_slots, 0, n);
	tcase_add_loop_test(t, requests_stay_aligned_in_the_range, 0, n);
	tcase_add_loop_test(t, the_same_seed_gives_the_same_requests, 0, n);
	tcase_add_test(t, sequential_goes_through_the_range_and_begins_again);
	tcase_add_test(t, random_is_uniform_over_all_slots);
	tcase_add_test(t, the_mix_is_as_asked_and_moves_no_address);
	tcase_add_test(t, priorities_and_tags_come_as_asked_and_move_nothing_else);
	tcase_add_test(t, a_closed_source_stamps_the_time_it_is_asked);
	tcase_add_test(t, poisson_gaps_are_exponential);
	tcase_add_test(t, arrivals_past_the_end_of_time_are_an_error);
	tcase_add_test(t, defaults_are_random_reads_of_4_kib_one_at_a_time);
	tcase_add_test(t, settings_that_contradict_are_refused);
	tcase_add_test(t, what_does_not_fit_the_device_is_refused);
	tcase_add_test(t, exhausted_memory_is_an_error);
	suite_add_tcase(s, t);
	SRunner *runner = srunner_create(s);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
