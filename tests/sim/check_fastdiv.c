/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Division by multiplication, against the machine's own division. */
#include <check.h>
#include <inttypes.h>
#include <stdlib.h>

#include "sim/fastdiv.h"
#include "sim/rng.h"

#define LIMIT ((UINT64_C(1) << 62) - 1)

static void agree(uint64_t n, const struct fastdiv *f)
{
	if (fastdiv(n, f) != n / f->divisor)
		ck_abort_msg("%" PRIu64 " / %" PRIu64, n, f->divisor);
}

/* The numbers at which a quotient steps are where a wrong inverse shows. */
static void agree_around_steps(uint64_t d, struct rng *r)
{
	struct fastdiv f = fastdiv_make(d);
	agree(0, &f);
	agree(LIMIT, &f);
	agree(d <= LIMIT ? d : LIMIT, &f);
	agree(d - 1 <= LIMIT ? d - 1 : LIMIT, &f);
	uint64_t most = LIMIT / d;
	for (int i = 0; i < 40; i++) {
		uint64_t q = i < 2 ? most - (uint64_t)i * (most > 0) : rng_below(r, most + 1);
		uint64_t n = q * d;
		agree(n, &f);
		if (n > 0)
			agree(n - 1, &f);
		if (n < LIMIT)
			agree(n + 1, &f);
		if (LIMIT - n >= d - 1)
			agree(n + (d - 1), &f);
		agree(rng_u64(r) >> 2, &f);
	}
}

START_TEST(small_and_round_divisors_are_exact)
{
	struct arena *a = arena_new();
	struct rng *r = rng_new(a, 1, "fastdiv/small");
	for (uint64_t d = 1; d <= 3000; d++)
		agree_around_steps(d, r);
	for (int bit = 1; bit < 64; bit++) {
		uint64_t power = UINT64_C(1) << bit;
		agree_around_steps(power, r);
		agree_around_steps(power - 1, r);
		agree_around_steps(power + 1, r);
	}
	agree_around_steps(UINT64_MAX, r);
	arena_free(a);
}
END_TEST

START_TEST(random_divisors_of_every_size_are_exact)
{
	struct arena *a = arena_new();
	struct rng *r = rng_new(a, 2, "fastdiv/random");
	for (int i = 0; i < 100000; i++) {
		uint64_t d = rng_u64(r) >> rng_below(r, 64);
		agree_around_steps(d ? d : 1, r);
	}
	arena_free(a);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("fastdiv");
	TCase *t = tcase_create("fastdiv");
	tcase_add_test(t, small_and_round_divisors_are_exact);
	tcase_add_test(t, random_divisors_of_every_size_are_exact);
	tcase_set_timeout(t, 60);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
