/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the pattern zipf divides by, and its draws over many pages. */
#include <math.h>

#include "host/paging_fixture.h"
#include "host/stream.h"

static const double skews[] = {0.5, 0.99, 1 - 1e-12};
#define SKEWS (sizeof(skews) / sizeof(skews[0]))

/* In this order, and no other: draws of runs that have been made hang on the last bit. */
static double one_by_one(double skew, uint64_t n)
{
	double sum = 0;
	for (uint64_t i = 1; i <= n; i++)
		sum += pow((double)i, -skew);
	return sum;
}

START_TEST(up_to_a_million_pages_terms_are_added_one_by_one)
{
	static const uint64_t pages[] = {1, 2, 1000, 1025, 1 << 20};
	for (size_t k = 0; k < SKEWS; k++) {
		struct host_zipf known = {0};
		for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
			struct host_zipf none = {0};
			const double sum = one_by_one(skews[k], pages[i]);
			ck_assert(host_zipf_sum(&none, skews[k], pages[i]) == sum);
			ck_assert(host_zipf_sum(&known, skews[k], pages[i]) == sum); /* from the last one on */
		}
		ck_assert(host_zipf_sum(&known, skews[k], 7) == one_by_one(skews[k], 7)); /* and back */
	}
}
END_TEST

/* Added up with twice a double's digits, by Kahan's sum in long doubles. */
START_TEST(of_more_pages_the_sum_is_right_to_a_millionth_of_a_millionth)
{
	static const uint64_t pages[] = {(1 << 20) + 1, 1 << 22};
	for (size_t k = 0; k < SKEWS; k++) {
		long double sum = 0, lost = 0;
		uint64_t i = 0;
		for (size_t n = 0; n < 2; n++) {
			while (i < pages[n]) {
				long double term = powl((long double)++i, -(long double)skews[k]) - lost, grown = sum + term;
				lost = (grown - sum) - term;
				sum = grown;
			}
			struct host_zipf none = {0};
			const double got = host_zipf_sum(&none, skews[k], pages[n]);
			ck_assert_msg(fabsl(got - sum) < 1e-12L * sum, "skew %g, %lu pages: %.17g, not %.17Lg", skews[k], (unsigned long)pages[n], got,
				sum);
		}
	}
}
END_TEST

/* zeta(1/2) + 2 n^(1/2) + n^(-1/2) / 2 - ..., and the next term is n^(-3/2) / 24 (Apostol, Introduction to Analytic Number Theory,
 * theorem 3.2; zeta(1/2) = -1.4603545088...: DLMF, table 25.20). */
START_TEST(of_a_million_million_pages_it_is_the_known_one)
{
	struct host_zipf none = {0};
	const double want = 2 * 0x1p20 - 1.4603545088095868 + 0x1p-21;
	ck_assert_double_eq_tol(host_zipf_sum(&none, 0.5, UINT64_C(1) << 40), want, 1e-12 * want);
}
END_TEST

/* The run begins, and threads and processes of several sizes share what is added up. */
START_TEST(zipf_goes_over_a_million_million_pages)
{
	struct figures *f = run("{load: {pattern: zipf, pages: 1099511627776, references: 1000}}", "{levels: 6}");
	ck_assert_double_eq(f->references, 1000);
	free(f);
	f = run("{processes: 10, threads: 100, more_pages: 1, load: {pattern: zipf, pages: 1048560, references: 2}}", "{frames: 1000}");
	ck_assert_double_eq(f->references, 2000);
	free(f);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("host/stream");
	TCase *t = tcase_create("all");
	tcase_add_test(t, up_to_a_million_pages_terms_are_added_one_by_one);
	tcase_add_test(t, of_more_pages_the_sum_is_right_to_a_millionth_of_a_millionth);
	tcase_add_test(t, of_a_million_million_pages_it_is_the_known_one);
	tcase_add_test(t, zipf_goes_over_a_million_million_pages);
	suite_add_tcase(s, t);
	return replace_suite(s);
}
