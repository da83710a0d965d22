/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The demerit figure against the test vectors published with the measured traces
 * (validation/README.md of the reference data): measured first half against second half.
 */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "run/demerit.h"

/* Responses of NAME.trace.csv in ps; the count, or 0 when the file is not there. */
static size_t load(const char *name, time_ps **out)
{
	const char *dir = getenv("QUERN_REFERENCE_DATA");
	char path[4096], line[1024];
	snprintf(path, sizeof(path), "%s/validation/%s.trace.csv", dir && *dir ? dir : REFERENCE_DATA,
		name);
	FILE *f = fopen(path, "r");
	*out = NULL;
	if (!f) {
		printf("SKIP: no validation/%s.trace.csv in the reference data\n", name);
		return 0;
	}
	size_t n = 0;
	time_ps *x = NULL;
	ck_assert_ptr_nonnull(fgets(line, sizeof(line), f));
	while (fgets(line, sizeof(line), f)) {
		char *p = line;
		for (int field = 0; field < 3; field++)
			p = strchr(p, ',') + 1;
		x = realloc(x, (n + 1) * sizeof(*x));
		ck_assert_ptr_nonnull(x);
		x[n++] = (time_ps)llround(strtod(p, NULL) * 1e6);
	}
	fclose(f);
	*out = x;
	return n;
}

static const struct {
	const char *drive;
	double halves_ms; /* validation/README.md, "Test vectors for the demerit code itself" */
	double mean_ms;   /* the same file's table, "mean measured" */
} vectors[] = {
	{"atlas10k", .1124, 3.893}, {"atlas_III", .1722, 6.263}, {"cheetah9LP", .0797, 4.273},
	{"hp_c2247a", .2374, 15.298}, {"hp_c3323a", .5691, 15.765}, {"dec_rz26", .3454, 15.809},
};

START_TEST(measured_halves_give_the_published_distance)
{
	time_ps *x;
	size_t n = load(vectors[_i].drive, &x);
	if (!n)
		return;
	double d = demerit_distance_ms(x, n / 2, x + n / 2, n - n / 2);
	free(x);
	ck_assert_double_eq_tol(d, vectors[_i].halves_ms, 0.00005001); /* four decimals given */
}
END_TEST

START_TEST(figures_of_a_trace_against_itself_are_zero_and_its_mean_is_the_published_one)
{
	time_ps *x;
	size_t n = load(vectors[_i].drive, &x);
	if (!n)
		return;
	struct demerit d;
	struct demerit_figures f;
	demerit_init(&d);
	for (size_t i = 0; i < n; i++)
		ck_assert_int_eq(demerit_add(&d, x[i], x[i]), 0);
	ck_assert_int_eq(demerit_figures(&d, 0, d.count, &f), 0);
	ck_assert_uint_eq(f.rows, n);
	ck_assert_double_eq_tol(f.measured_mean_ms, vectors[_i].mean_ms, 0.0006);
	ck_assert_double_eq(f.demerit_ms, 0.0);
	ck_assert_double_eq(f.rms_ms, 0.0);
	ck_assert_double_eq(f.median_abs_ms, 0.0);
	demerit_free(&d);
	free(x);
}
END_TEST

/* Differences 1, 2, 3, 6 ms, by hand: rms sqrt(50/4), median 2.5. */
START_TEST(per_request_figures_by_hand)
{
	static const int64_t gap_ms[] = {-1, 6, 3, -2};
	struct demerit d;
	struct demerit_figures f;
	demerit_init(&d);
	for (size_t i = 0; i < 4; i++)
		demerit_add(&d, (10 + gap_ms[i]) * PS_PER_MS, 10 * PS_PER_MS);
	ck_assert_int_eq(demerit_figures(&d, 0, 4, &f), 0);
	ck_assert_double_eq_tol(f.rms_ms, sqrt(12.5), 1e-12);
	ck_assert_double_eq_tol(f.median_abs_ms, 2.5, 1e-12);
	ck_assert_double_eq_tol(f.measured_mean_ms, 10.0, 1e-12);
	ck_assert_double_eq_tol(f.simulated_mean_ms, 11.5, 1e-12);
	ck_assert_int_eq(demerit_figures(&d, 2, 4, &f), 0);
	ck_assert_uint_eq(f.rows, 2);
	ck_assert_double_eq_tol(f.median_abs_ms, 2.5, 1e-12);
	ck_assert_int_eq(demerit_figures(&d, 4, 4, &f), 0);
	ck_assert_uint_eq(f.rows, 0);
	demerit_free(&d);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("demerit");
	TCase *t = tcase_create("demerit");
	int n = (int)(sizeof(vectors) / sizeof(vectors[0]));
	tcase_add_loop_test(t, measured_halves_give_the_published_distance, 0, n);
	tcase_add_loop_test(t,
		figures_of_a_trace_against_itself_are_zero_and_its_mean_is_the_published_one, 0, n);
	tcase_add_test(t, per_request_figures_by_hand);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
