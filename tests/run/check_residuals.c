/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Residuals by class, and the even sample of requests; hand-made requests, hand-counted figures. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "run/residuals.h"
#include "run/sample.h"

struct fixture {
	struct residuals r;
	struct demerit d;
	char *text;
	size_t size;
};

static void begin(struct fixture *f)
{
	memset(f, 0, sizeof(*f));
	residuals_init(&f->r);
	demerit_init(&f->d);
	f->r.hit_kind = 1;
	f->r.miss_kind = 2;
}

/* A request that took `simulated` ms where `measured` were recorded; -1: none. */
static void add(struct fixture *f, uint8_t op, uint64_t lba, uint8_t hit, uint8_t kind, int simulated, int measured)
{
	struct blk_req q = {.op = op, .lba = lba, .sectors = 8, .hit = hit};
	struct trace_record rec = {.kind = kind, .response_ps = measured < 0 ? -1 : measured * PS_PER_MS};
	ck_assert_int_eq(residuals_add(&f->r, &q, &rec, measured >= 0), 0);
	if (measured >= 0)
		ck_assert_int_eq(demerit_add(&f->d, simulated * PS_PER_MS, rec.response_ps), 0);
}

static void finish(struct fixture *f)
{
	FILE *out = open_memstream(&f->text, &f->size);
	ck_assert_int_eq(residuals_csv(&f->r, &f->d, out), 0);
	fclose(out);
}

static void has(const struct fixture *f, const char *row)
{
	ck_assert_msg(strstr(f->text, row) != NULL, "want %s in:\n%s", row, f->text);
}

static void end(struct fixture *f)
{
	free(f->text);
	residuals_free(&f->r);
	demerit_free(&f->d);
}

START_TEST(figures_of_a_class_are_those_of_its_rows)
{
	struct fixture f;
	begin(&f);
	add(&f, BLK_READ, 100, BLK_MISS, 2, 10, 7);      /* the first lies nowhere: random, +3 */
	add(&f, BLK_READ, 900000, BLK_MISS, 2, 10, 14);  /* random, -4 */
	add(&f, BLK_READ, 900008, BLK_HIT, 2, 1, 13);    /* sequential, -12: a hit that was none */
	finish(&f);
	has(&f, "whole,read,miss,miss,random,2,10.000000,10.500000,-0.500000,-0.500000,3.500000,3.535534,0.147929\n");
	has(&f, "whole,read,miss,hit,sequential,1,1.000000,13.000000,-12.000000,-12.000000,12.000000,12.000000,0.852071\n");
	has(&f, "whole,all,all,all,all,3,7.000000,11.333333,-4.333333,-4.000000,4.000000,7.505553,1.000000\n");
	has(&f, "first_half,all,all,all,all,1,10.000000,7.000000,");
	has(&f, "second_half,all,all,all,all,2,5.500000,13.500000,");
	end(&f);
}
END_TEST

START_TEST(place_is_told_by_the_end_of_the_request_before)
{
	struct fixture f;
	begin(&f);
	add(&f, BLK_READ, 0, BLK_HIT, 1, 1, -1);             /* counts for the next, has no row */
	add(&f, BLK_WRITE, 8, BLK_HIT, 1, 1, 1);             /* sequential */
	add(&f, BLK_WRITE, 16 + 4000, BLK_HIT, 1, 2, 1);     /* local, the last that is */
	add(&f, BLK_WRITE, 4024 + 4001, BLK_HIT, 1, 3, 1);   /* random */
	add(&f, BLK_FLUSH, 0, BLK_HIT_NONE, 1, 4, 1);        /* no place of its own */
	add(&f, BLK_WRITE, 8033 - 4000, BLK_HIT, 1, 5, 1);   /* local, backwards */
	finish(&f);
	has(&f, "whole,write,unknown,hit,sequential,1,1.000000");
	has(&f, "whole,write,unknown,hit,local,2,3.500000");
	has(&f, "whole,write,unknown,hit,random,1,3.000000");
	end(&f);
}
END_TEST

START_TEST(a_kind_column_without_a_miss_tells_nothing)
{
	struct fixture f;
	begin(&f);
	add(&f, BLK_READ, 0, BLK_MISS, 1, 9, 9);
	finish(&f);
	has(&f, "whole,read,unknown,miss,random,1,");
	end(&f);
	begin(&f);
	add(&f, BLK_READ, 0, BLK_MISS, 1, 9, 9);
	add(&f, BLK_READ, 5000, BLK_MISS, 2, 9, 9);
	finish(&f);
	has(&f, "whole,read,hit,miss,random,1,");
	has(&f, "whole,read,miss,miss,random,1,");
	end(&f);
}
END_TEST

/* ---- the sample ---------------------------------------------------------------------------- */

static void sample_of(uint64_t requests)
{
	struct arena *a = arena_new();
	struct sample s;
	ck_assert_int_eq(sample_init(&s, a), 0);
	for (uint64_t i = 0; i < requests; i++) {
		struct blk_req q = {.lba = i, .done_ps = (time_ps)i};
		sample_add(&s, &q);
	}
	ck_assert_uint_le(s.count, SAMPLE_ROWS);
	ck_assert_uint_eq(s.count, (requests + s.step - 1) / s.step);
	ck_assert(requests < SAMPLE_ROWS ? s.step == 1 : s.count >= SAMPLE_ROWS / 2);
	for (uint64_t i = 0; i < s.count; i++)
		ck_assert_uint_eq(s.row[i].lba, i * s.step);
	arena_free(a);
}

START_TEST(the_sample_is_every_kth_request)
{
	static const uint64_t counts[] = {0, 1, 100, SAMPLE_ROWS - 1, SAMPLE_ROWS, SAMPLE_ROWS + 1, 3 * SAMPLE_ROWS,
		4 * SAMPLE_ROWS - 1, 4 * SAMPLE_ROWS + 5, 1000003};
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
		sample_of(counts[i]);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("residuals");
	TCase *t = tcase_create("residuals");
	tcase_add_test(t, figures_of_a_class_are_those_of_its_rows);
	tcase_add_test(t, place_is_told_by_the_end_of_the_request_before);
	tcase_add_test(t, a_kind_column_without_a_miss_tells_nothing);
	tcase_add_test(t, the_sample_is_every_kth_request);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
