/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Random streams: the published generator, unbiased bounded draws, independent paths,
 * exact save and load, and use through GSL. Seeds are fixed, so a statistical test passes
 * or fails once and for all; its limit is a p-value of 0.001.
 */
#include <check.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <Random123/philox.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>

#include "sim/rng.h"
#include "arena_fixture.h"

/* The bytes of rng_save(), to place a stream at a counter and key of our choice. */
struct place {
	uint64_t counter_low, counter_high;
	uint32_t key[2];
	uint32_t used, zero;
};

static struct rng *rng_at(const uint32_t counter[4], const uint32_t key[2])
{
	struct rng *r = rng_new(a, 1, "placed");
	struct place p = {
		.counter_low = counter[0] | (uint64_t)counter[1] << 32,
		.counter_high = counter[2] | (uint64_t)counter[3] << 32,
		.key = {key[0], key[1]},
	};
	ck_assert_uint_eq(rng_state_bytes(), sizeof(p));
	rng_load(r, &p);
	return r;
}

/* philox4x32 with 10 rounds, from tests/kat_vectors of Random123 1.14
 * (https://github.com/DEShawResearch/random123): counter, key, expected block. */
static const uint32_t known[3][10] = {
	{0x00000000, 0x00000000, 0x00000000, 0x00000000, 0x00000000, 0x00000000,
		0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8},
	{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff,
		0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd},
	{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0,
		0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1},
};

START_TEST(blocks_are_those_random123_publishes)
{
	const uint32_t *k = known[_i];
	struct rng *r = rng_at(k, k + 4);
	for (int i = 0; i < 4; i++)
		ck_assert_uint_eq(gsl_rng_get(&r->gsl), k[6 + i]);
	r = rng_at(k, k + 4);
	ck_assert_uint_eq(rng_u64(r), k[6] | (uint64_t)k[7] << 32);
	ck_assert_uint_eq(rng_u64(r), k[8] | (uint64_t)k[9] << 32);
}
END_TEST

/* The counter counts as one 128-bit number, across every carry. */
START_TEST(blocks_follow_in_counter_order)
{
	static const uint32_t start[4][4] = {
		{0, 0, 0, 0},
		{0xfffffffd, 0, 0, 0},
		{0xffffffee, 0xffffffff, 7, 0},
		{0xfffffffb, 0xffffffff, 0xffffffff, 0xffffffff},
	};
	philox4x32_ctr_t counter;
	philox4x32_key_t key = {{0x01234567, 0x89abcdef}};
	memcpy(counter.v, start[_i], sizeof(counter.v));
	struct rng *r = rng_at(start[_i], key.v);
	for (int block = 0; block < 100; block++) {
		philox4x32_ctr_t want = philox4x32(counter, key);
		for (int i = 0; i < 4; i++)
			ck_assert_uint_eq(gsl_rng_get(&r->gsl), want.v[i]);
		for (int i = 0; i < 4 && ++counter.v[i] == 0; i++)
			;
	}
}
END_TEST

START_TEST(wide_draws_take_the_next_two_words)
{
	struct rng *words = rng_new(a, 5, "x"), *mixed = rng_new(a, 5, "x");
	for (int i = 0; i < 5000; i++) {
		uint64_t low = gsl_rng_get(&words->gsl);
		if (i % 7 == 3) {
			ck_assert_uint_eq(gsl_rng_get(&mixed->gsl), low);
			continue;
		}
		uint64_t both = low | (uint64_t)gsl_rng_get(&words->gsl) << 32;
		if (i % 5 == 0)
			ck_assert_double_eq(gsl_rng_uniform(&mixed->gsl), (double)(both >> 11) * 0x1p-53);
		else
			ck_assert_uint_eq(rng_u64(mixed), both);
	}
}
END_TEST

/* ---- distributions ------------------------------------------------------------------ */

/* Chi-square of counts against equal expectation: the probability of a worse fit. */
static double uniform_p(const uint64_t *count, size_t bins)
{
	double total = 0, chi2 = 0;
	for (size_t i = 0; i < bins; i++)
		total += (double)count[i];
	double want = total / (double)bins;
	for (size_t i = 0; i < bins; i++)
		chi2 += ((double)count[i] - want) * ((double)count[i] - want) / want;
	return gsl_cdf_chisq_Q(chi2, (double)(bins - 1));
}

START_TEST(small_bounds_give_every_value_equally_often)
{
	static const uint64_t bounds[] = {2, 3, 10, 255, 1000};
	uint64_t bound = bounds[_i];
	static uint64_t count[1000];
	memset(count, 0, sizeof(count));
	struct rng *r = rng_new(a, 11, "below");
	for (int i = 0; i < 1000000; i++) {
		uint64_t v = rng_below(r, bound);
		if (v >= bound)
			ck_abort_msg("a draw below %llu reached it", (unsigned long long)bound);
		count[v]++;
	}
	ck_assert_double_gt(uniform_p(count, bound), 0.001);
}
END_TEST

/*
 * At 3 * 2^62 a plain remainder would put half of all draws in the lowest third, and a
 * plain multiplication would give half of them the residue 0 of 3: the bounds where
 * taking a short cut shows most.
 */
START_TEST(huge_bounds_are_unbiased)
{
	static const uint64_t bounds[] = {UINT64_C(3) << 62, (UINT64_C(1) << 63) + 1,
		UINT64_C(0xaaaaaaaaaaaaaaaa), UINT64_MAX, UINT64_C(1) << 40};
	uint64_t bound = bounds[_i];
	uint64_t third[3] = {0}, residue[3] = {0}, fine[64] = {0};
	struct rng *r = rng_new(a, 12, "below");
	for (int i = 0; i < 1000000; i++) {
		uint64_t v = rng_below(r, bound);
		if (v >= bound)
			ck_abort_msg("a draw below %llu reached it", (unsigned long long)bound);
		third[(uint128)v * 3 / bound]++;
		residue[v % 3]++;
		fine[(uint128)v * 64 / bound]++;
	}
	ck_assert_double_gt(uniform_p(third, 3), 0.001);
	ck_assert_double_gt(uniform_p(residue, 3), 0.001);
	ck_assert_double_gt(uniform_p(fine, 64), 0.001);
}
END_TEST

START_TEST(a_bound_of_one_gives_zero)
{
	struct rng *r = rng_new(a, 1, "one");
	for (int i = 0; i < 100; i++)
		ck_assert_uint_eq(rng_below(r, 1), 0);
}
END_TEST

START_TEST(every_bit_of_a_wide_draw_is_fair)
{
	struct rng *r = rng_new(a, 3, "bits");
	uint64_t ones[64] = {0};
	enum { DRAWS = 200000 };
	for (int i = 0; i < DRAWS; i++) {
		uint64_t v = rng_u64(r);
		for (int b = 0; b < 64; b++)
			ones[b] += v >> b & 1;
	}
	for (int b = 0; b < 64; b++) /* 5 standard deviations of a fair coin */
		ck_assert_double_le(fabs((double)ones[b] - DRAWS / 2.0), 5 * sqrt(DRAWS) / 2);
}
END_TEST

START_TEST(units_keep_their_ends)
{
	struct rng *r = rng_new(a, 3, "unit");
	memset(r->stream.word, 0, sizeof(r->stream.word));
	ck_assert_double_eq(rng_unit(r), 0.0);
	ck_assert_double_eq(rng_unit_open(r), 0x1p-53);
	memset(r->stream.word, 0xff, sizeof(r->stream.word));
	ck_assert_double_eq(rng_unit(r), 1.0 - 0x1p-53);
	ck_assert_double_eq(rng_unit_open(r), 1.0 - 0x1p-53);

	uint64_t count[100] = {0}, open[100] = {0};
	for (int i = 0; i < 200000; i++) {
		count[(size_t)(rng_unit(r) * 100)]++;
		open[(size_t)(rng_unit_open(r) * 100)]++;
	}
	ck_assert_double_gt(uniform_p(count, 100), 0.001);
	ck_assert_double_gt(uniform_p(open, 100), 0.001);
}
END_TEST

/* ---- seeds and paths ---------------------------------------------------------------- */

START_TEST(the_same_seed_and_path_give_the_same_stream)
{
	struct rng *p = rng_new(a, 42, "workload/lba");
	struct rng *other = rng_new(a, 42, "disk0/start-angle");
	struct rng *q = rng_new(a, 42, "workload/lba");
	for (int i = 0; i < 1000; i++) {
		(void)rng_u64(other);
		ck_assert_uint_eq(rng_u64(p), rng_u64(q));
	}
}
END_TEST

/* Seeds 0 to 7 on eight paths, the empty one among them: no two streams share a word at
 * the same place, and pairs of draws from two streams fill the square evenly. */
START_TEST(seeds_and_paths_give_independent_streams)
{
	static const char *const paths[8] = {"", "a", "b", "workload/lba", "workload/op",
		"disk0/start-angle", "disk1/start-angle",
		"a path that is rather longer than sixteen bytes/and/than/thirty-two"};
	struct rng *r[64];
	for (size_t i = 0; i < 64; i++)
		r[i] = rng_new(a, i / 8, paths[i % 8]);
	uint64_t square[256] = {0}, equal = 0;
	for (int draw = 0; draw < 1000; draw++) {
		uint64_t v[64];
		for (size_t i = 0; i < 64; i++)
			v[i] = rng_u64(r[i]);
		for (size_t i = 0; i < 64; i++)
			for (size_t j = 0; j < i; j++) {
				equal += v[i] == v[j];
				if (j + 1 == i)
					square[(v[i] >> 60) * 16 + (v[j] >> 60)]++;
			}
	}
	ck_assert_uint_eq(equal, 0);
	ck_assert_double_gt(uniform_p(square, 256), 0.001);
}
END_TEST

START_TEST(exhausted_memory_gives_null)
{
	arena_fail_at(a, 1);
	ck_assert_ptr_null(rng_new(a, 1, "x"));
}
END_TEST

/* ---- save and load ------------------------------------------------------------------ */

START_TEST(load_continues_exactly_where_save_was)
{
	unsigned char bytes[64];
	ck_assert_uint_le(rng_state_bytes(), sizeof(bytes));
	struct rng *r = rng_new(a, 9, "saved"), *q = rng_new(a, 10, "elsewhere");
	for (int offset = 0; offset < 150; offset++) {
		rng_save(r, bytes);
		rng_load(q, bytes);
		for (int i = 0; i < 200; i++)
			ck_assert_uint_eq(rng_u64(r), rng_u64(q));
		rng_load(r, bytes);
		(void)gsl_rng_get(&r->gsl); /* one word further, odd places too */
	}
}
END_TEST

START_TEST(load_survives_bytes_that_are_no_state)
{
	unsigned char bytes[64];
	memset(bytes, 0xff, sizeof(bytes));
	struct rng *r = rng_new(a, 9, "saved");
	rng_load(r, bytes);
	uint64_t x = rng_u64(r);
	ck_assert_uint_ne(x, rng_u64(r));
}
END_TEST

/* ---- through GSL -------------------------------------------------------------------- */

START_TEST(gsl_sees_a_32_bit_generator)
{
	struct rng *r = rng_new(a, 1, "gsl");
	ck_assert_str_eq(gsl_rng_name(&r->gsl), "quern-philox");
	ck_assert_uint_eq(gsl_rng_min(&r->gsl), 0);
	ck_assert_uint_eq(gsl_rng_max(&r->gsl), 0xffffffff);
	for (int i = 0; i < 10000; i++) {
		ck_assert_uint_le(gsl_rng_get(&r->gsl), 0xffffffff);
		ck_assert_uint_lt(gsl_rng_uniform_int(&r->gsl, 1000003), 1000003);
		double u = gsl_rng_uniform(&r->gsl);
		ck_assert(u >= 0 && u < 1);
	}
}
END_TEST

START_TEST(gsl_rng_set_restarts_as_the_seed_with_the_empty_path)
{
	struct rng *r = rng_new(a, 77, "gsl"), *want = rng_new(a, 1234567890123, "");
	for (int i = 0; i < 5; i++)
		(void)gsl_rng_get(&r->gsl);
	gsl_rng_set(&r->gsl, 1234567890123);
	for (int i = 0; i < 100; i++)
		ck_assert_uint_eq(rng_u64(r), rng_u64(want));

	gsl_rng *made = gsl_rng_alloc(rng_philox);
	gsl_rng_set(made, 1234567890123);
	want = rng_new(a, 1234567890123, "");
	for (int i = 0; i < 100; i++)
		ck_assert_uint_eq(gsl_rng_get(made), gsl_rng_get(&want->gsl));
	gsl_rng_free(made);
}
END_TEST

START_TEST(gsl_clones_draw_the_same)
{
	struct rng *r = rng_new(a, 77, "gsl");
	(void)gsl_rng_get(&r->gsl);
	gsl_rng *copy = gsl_rng_clone(&r->gsl);
	for (int i = 0; i < 1000; i++)
		ck_assert_uint_eq(gsl_rng_get(copy), gsl_rng_get(&r->gsl));
	gsl_rng_free(copy);
}
END_TEST

/* The probability integral transform makes exponential draws uniform. */
START_TEST(gsl_distributions_come_out_right)
{
	struct rng *r = rng_new(a, 8, "poisson");
	uint64_t exponential[100] = {0}, normal[100] = {0};
	for (int i = 0; i < 200000; i++) {
		double x = gsl_ran_exponential(&r->gsl, 2.5);
		exponential[(size_t)(gsl_cdf_exponential_P(x, 2.5) * 100)]++;
		x = gsl_ran_gaussian_ziggurat(&r->gsl, 1);
		normal[(size_t)(gsl_cdf_ugaussian_P(x) * 100)]++;
	}
	ck_assert_double_gt(uniform_p(exponential, 100), 0.001);
	ck_assert_double_gt(uniform_p(normal, 100), 0.001);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("sim/rng");
	TCase *t = tcase_create("rng");
	tcase_add_checked_fixture(t, open_arena, close_arena);
	tcase_add_loop_test(t, blocks_are_those_random123_publishes, 0, 3);
	tcase_add_loop_test(t, blocks_follow_in_counter_order, 0, 4);
	tcase_add_test(t, wide_draws_take_the_next_two_words);
	tcase_add_loop_test(t, small_bounds_give_every_value_equally_often, 0, 5);
	tcase_add_loop_test(t, huge_bounds_are_unbiased, 0, 5);
	tcase_add_test(t, a_bound_of_one_gives_zero);
	tcase_add_test(t, every_bit_of_a_wide_draw_is_fair);
	tcase_add_test(t, units_keep_their_ends);
	tcase_add_test(t, the_same_seed_and_path_give_the_same_stream);
	tcase_add_test(t, seeds_and_paths_give_independent_streams);
	tcase_add_test(t, exhausted_memory_gives_null);
	tcase_add_test(t, load_continues_exactly_where_save_was);
	tcase_add_test(t, load_survives_bytes_that_are_no_state);
	tcase_add_test(t, gsl_sees_a_32_bit_generator);
	tcase_add_test(t, gsl_rng_set_restarts_as_the_seed_with_the_empty_path);
	tcase_add_test(t, gsl_clones_draw_the_same);
	tcase_add_test(t, gsl_distributions_come_out_right);
	tcase_set_timeout(t, 60);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
