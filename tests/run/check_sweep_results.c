/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Results that a sweep keeps in memory: the same cells, and so the same tables, as from the files of its points. */
#include "run/summary.h"
#include "run/sweep_results.h"
#include "sweep_fixture.h"

/* A document as it is after it was written and read. */
static json_t *written(const json_t *doc)
{
	char *text = NULL;
	size_t bytes = 0;
	FILE *f = open_memstream(&text, &bytes);
	ck_assert_int_eq(summary_json_write(doc, f), 0);
	fclose(f);
	json_t *back = json_loads(text, 0, NULL);
	ck_assert_ptr_nonnull(back);
	free(text);
	return back;
}

static json_t *doc_with(const char *key, json_t *value)
{
	char longer[400];
	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	return json_pack("{s:s, s:s, s:{s:i, s:s, s:s}, s:{s:s}, s:{s:s, s:i, s:o, s:n, s:b, s:{s:f, s:s}, s:[{s:s, s:f}, {s:i}]}}", "id",
		"ab", "status", "done", "config", "seed", 7, "d.name", "a disk", "d.curve", longer, "units", "seed", "s", "summary",
		"quern_version", "1", "schema", 1, key, value, "nothing", "truth", 1, "waf", "value", 1.0 / 3, "unit", "x", "devices", "name",
		"ssd0", "read_ns", 0.1 + 0.2, "N", 3);
}

static void assert_same_flat(const struct sweep_flat *a, const struct sweep_flat *b)
{
	ck_assert_ptr_eq(a->shape, b->shape);
	ck_assert_str_eq(a->status, b->status);
	for (size_t i = 0; i < a->shape->cells; i++) {
		const struct sweep_datum *x = &a->value[i], *y = &b->value[i];
		ck_assert_int_eq(x->kind, y->kind);
		if (x->kind == SWEEP_TEXT)
			ck_assert_str_eq(x->text, y->text);
		else if (x->kind != SWEEP_NOTHING)
			ck_assert_msg(x->whole == y->whole, "%s: %.17g and %.17g", a->shape->cell[i].name, x->real, y->real);
	}
}

static const double reals[] = {0, -0.0, 1, 0.1, 1.0 / 3, 0.1 + 0.2, 1e15 + 0.3, 123456789.123, 123456789012.345, 2e300 / 7,
	1e-300 / 3, -1.0 / 3, 4503599627370497.5, 999999999999.9995, 1e14 / 3, 12345678901234.567};

START_TEST(a_real_in_memory_is_the_real_that_is_read_back)
{
	json_t *doc = doc_with("x", json_real(reals[_i])), *back = written(doc);
	struct made m = make(FIXED_BASE);
	struct sweep_results *r = sweep_results_new(m.s, 1);
	struct sweep_room one = {0}, two = {0};
	struct sweep_flat a, b;
	struct err e = {0};
	ck_assert_int_eq(sweep_results_flatten(r, doc, &one, &a, &e), 0);
	ck_assert_int_eq(sweep_results_flatten(r, back, &two, &b, &e), 0);
	ck_assert_str_eq(a.shape->cell[0].name, "x");
	ck_assert(a.value[0].real == json_real_value(json_object_get(json_object_get(back, "summary"), "x")));
	assert_same_flat(&a, &b);
	sweep_room_free(&one);
	sweep_room_free(&two);
	sweep_results_free(r);
	json_decref(doc);
	json_decref(back);
	unmake(m);
}
END_TEST

START_TEST(cells_have_the_names_and_units_of_the_tables)
{
	static const char *const want[] = {"read_ns ns", "nothing ", "truth ", "waf x", "devices.ssd0.name ", "devices.ssd0.read_ns ns",
		"devices.1.N ", "config.seed s", "config.d.name ", "config.d.curve "};
	json_t *doc = doc_with("read_ns", json_pack("[f, i]", 0.1 + 0.2, 2));
	struct made m = make(FIXED_BASE);
	struct sweep_results *r = sweep_results_new(m.s, 1);
	struct err e = {0};
	char text[256];
	ck_assert_int_eq(sweep_results_keep(r, 0, doc, &e), 0);
	json_decref(doc);
	const struct sweep_flat *f = sweep_results_of(r, 0);
	ck_assert_uint_eq(f->shape->cells, sizeof(want) / sizeof(*want));
	for (size_t i = 1; i < f->shape->cells; i++) {
		snprintf(text, sizeof(text), "%s %s", f->shape->cell[i].name, f->shape->cell[i].unit);
		ck_assert_str_eq(text, want[i]);
	}
	ck_assert_str_eq(f->value[0].text, "[0.29999999999999999,2]"); /* 0.3, as a list is written */
	ck_assert_msg(!strncmp(f->value[9].text, "399 characters, xxh3 ", 21), "%s", f->value[9].text);
	sweep_results_free(r);
	unmake(m);
}
END_TEST

/* A failure with so long a sentence that eight of them are more than is kept. */
static json_t *long_failure(void)
{
	size_t bytes = SWEEP_RESULTS_BYTES / 8;
	char *sentence = malloc(bytes);
	ck_assert_ptr_nonnull(sentence);
	memset(sentence, 'x', bytes);
	json_t *doc = json_pack("{s:s, s:s%, s:{s:i}, s:{}}", "status", "failed", "error", sentence, bytes, "config", "seed", 7, "units");
	free(sentence);
	ck_assert_ptr_nonnull(doc);
	return doc;
}

START_TEST(nothing_of_a_point_is_kept_beyond_the_limit)
{
	json_t *failure = long_failure(), *later = doc_with("x", json_integer(1)), *last = doc_with("y", json_integer(1));
	struct made m = make(FIXED_BASE);
	struct sweep_results *r = sweep_results_new(m.s, 9);
	struct sweep_room room = {0};
	struct sweep_flat flat;
	struct err e = {0};
	for (size_t i = 0; i < 8; i++)
		ck_assert_int_eq(sweep_results_keep(r, i, failure, &e), 0);
	ck_assert_uint_eq(sweep_results_of(r, 0)->shape->number, 0);
	ck_assert_ptr_null(sweep_results_of(r, 7)->shape);
	ck_assert_int_eq(sweep_results_keep(r, 8, later, &e), 0);
	ck_assert_ptr_null(sweep_results_of(r, 8)->shape);
	ck_assert_int_eq(sweep_results_flatten(r, last, &room, &flat, &e), 0); /* what is read is made into cells all the same */
	ck_assert_uint_eq(flat.shape->number, 1);                              /* and no shape has come between */
	sweep_room_free(&room);
	sweep_results_free(r);
	json_decref(failure);
	json_decref(later);
	json_decref(last);
	unmake(m);
}
END_TEST

static const struct {
	const char *text;
	bool fails;
} sweeps[] = {
	{FIXED_BASE "axes:\n  d.latency: [1 ms, 1000 us, 2 ms, 7 us]\n  workload.depth: [1, 2, 7]\nreplications: 2\n", false},
	{FIXED_BASE "variants:\n  a: {d: {latency: 3 ms}}\n  b: {workload: {type: sequential}}\naxes: {workload.depth: [1, 3]}\n", false},
	{"base:\n  d: {model: fixed}\n  workload: {type: sequential, requests: 20}\naxes:\n  d.lost: [0, -1]\n  d.latency: [1 ms, 2 ms]\n",
		true},
	{"base:\n  d: {model: fixed}\nvariants:\n  a: {replay: {trace: t.trace, format: disksim}}\n  b: {workload: {requests: 30}}\n",
		false},
	{"base:\n  include: [tlc-nvme.yaml]\n  workload: {requests: 50}\naxes: {workload.depth: [1, 8]}\n", false},
};

START_TEST(tables_are_the_same_from_memory_and_from_files)
{
	FILE *f = fopen("t.trace", "w");
	for (int i = 0; i < 30; i++)
		fprintf(f, "%d.0 0 %d 8 1\n", i, 8 * i);
	fclose(f);
	struct made m = make(sweeps[_i].text);
	struct sweep_results *r = sweep_results_new(m.s, m.p->count);
	const struct sweep_run_options o = {.output = "out", .jobs = 2, .force = true, .results = r};
	const char *const dirs[] = {"out", NULL};
	struct sweep_progress g;
	struct sweep_collected c;
	struct err e = {0};
	ck_assert_msg((sweep_run(m.s, m.p, &o, &g, &e) < 0) == sweeps[_i].fails, "%s", e.msg);
	err_clear(&e);
	ck_assert_int_eq(sweep_collect(m.s, m.p, dirs, "files", 2, NULL, &c, &e), 0);
	sweep_collected_free(&c);
	for (size_t i = 0; i < m.p->count; i++)
		ck_assert_ptr_nonnull(sweep_results_of(r, m.p->point[i].first)->shape);
	ck_assert_int_eq(sweep_dir_clear("out", &e), 0); /* so that nothing is read */
	ck_assert_int_eq(sweep_collect(m.s, m.p, dirs, "memory", 2, r, &c, &e), 0);
	ck_assert_uint_eq(c.rows, m.p->count);
	ck_assert_uint_eq(c.failed > 0, sweeps[_i].fails);
	sweep_collected_free(&c);
	assert_same_file("files/sweep.csv", "memory/sweep.csv");
	assert_same_file("files/sweep.db", "memory/sweep.db");
	sweep_results_free(r);
	unmake(m);
}
END_TEST

START_TEST(what_stood_already_is_read_beside_what_is_kept)
{
	struct made m = make(FIXED_BASE "axes:\n  d.latency: [1 ms, 2 ms, 3 ms]\n");
	const char *const dirs[] = {"half", NULL};
	struct sweep_run_options o = {.output = "half", .jobs = 1, .shard = {1, 2}};
	struct sweep_results *r = sweep_results_new(m.s, m.p->count);
	struct sweep_progress g;
	struct sweep_collected c;
	struct err e = {0};
	ck_assert_int_eq(sweep_run(m.s, m.p, &o, &g, &e), 0);
	o = (struct sweep_run_options){.output = "half", .jobs = 2, .resume = true, .results = r};
	ck_assert_int_eq(sweep_run(m.s, m.p, &o, &g, &e), 0);
	ck_assert_uint_eq(g.skipped, 2);
	ck_assert_ptr_null(sweep_results_of(r, 0)->shape);
	ck_assert_int_eq(sweep_collect(m.s, m.p, dirs, "both", 2, r, &c, &e), 0);
	ck_assert_uint_eq(c.rows, 3);
	sweep_collected_free(&c);
	ck_assert_int_eq(sweep_collect(m.s, m.p, dirs, "read", 2, NULL, &c, &e), 0);
	sweep_collected_free(&c);
	assert_same_file("both/sweep.db", "read/sweep.db");
	sweep_results_free(r);
	unmake(m);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("sweep_results");
	TCase *c = tcase_create("sweep_results");
	tcase_set_timeout(c, 60);
	tcase_add_unchecked_fixture(c, make_scratch, remove_scratch);
	tcase_add_loop_test(c, a_real_in_memory_is_the_real_that_is_read_back, 0, (int)(sizeof(reals) / sizeof(*reals)));
	tcase_add_test(c, cells_have_the_names_and_units_of_the_tables);
	tcase_add_test(c, nothing_of_a_point_is_kept_beyond_the_limit);
	tcase_add_loop_test(c, tables_are_the_same_from_memory_and_from_files, 0, (int)(sizeof(sweeps) / sizeof(*sweeps)));
	tcase_add_test(c, what_stood_already_is_read_beside_what_is_kept);
	suite_add_tcase(s, c);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
