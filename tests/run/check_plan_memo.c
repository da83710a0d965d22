/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sections that are bound once: what is alike is one, what differs in anything that counts is not, and what is wrong is not
 * kept. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "run/plan_memo.h"

struct thing {
	int64_t size;
	char *file;
	struct opt_list steps;
};

static const struct opt_row rows[] = {
	{.key = "size", .type = OPT_SCALAR, .unit = UNIT_BYTES, .offset = offsetof(struct thing, size), .min = "1 B", .def = "4 KiB",
	 .doc = "Size"},
	{.key = "file", .type = OPT_FILE, .offset = offsetof(struct thing, file), .def = "", .doc = "File"},
	{.key = "steps", .type = OPT_LIST, .unit = UNIT_NONE, .offset = offsetof(struct thing, steps), .def = "", .doc = "Steps"},
	{0},
};
static const struct opt_group things = {.name = "thing", .doc = "A thing", .rows = rows, .struct_bytes = sizeof(struct thing)};

/* The section of this text, as if it stood in this file. */
static const struct plan_part *bind_text(struct plan_memo *m, const char *file, const char *text, const char *name, struct err *e)
{
	struct config *c = config_new(NULL);
	const struct plan_part *part = NULL;
	ck_assert_int_eq(config_load_text(c, file, text, e), 0);
	int result = plan_memo_bind(m, config_get(config_root(c), "t"), name, &things, NULL, &part, e);
	ck_assert_int_eq(result < 0, e->code != 0);
	config_free(c);
	return part;
}

START_TEST(sections_alike_are_one)
{
	struct plan_memo *m = plan_memo_new(0);
	struct err e = {0};
	const struct plan_part *a = bind_text(m, "a.yaml", "t: {size: 8 KiB, steps: [1, 2]}\n", "t", &e);
	const struct plan_part *b = bind_text(m, "a.yaml", "x: 1\nt:\n  size: 8 KiB\n  steps: [1, 2]\n", "t", &e);
	ck_assert_msg(a != NULL, "%s", e.msg);
	ck_assert_ptr_eq(a, b);
	ck_assert_int_eq(((const struct thing *)a->bound)->size, 8192);
	ck_assert_uint_eq(plan_memo_counts(m).parts, 1);
	ck_assert_uint_eq(plan_memo_counts(m).recalled, 1);
	plan_memo_free(m);
}
END_TEST

static const struct {
	const char *file, *text, *name;
} differing[] = {
	{"a.yaml", "t: {size: 9 KiB, steps: [1, 2]}\n", "t"},
	{"a.yaml", "t: {size: 8 KiB, steps: [1, 3]}\n", "t"},
	{"a.yaml", "t: {size: 8 KiB, steps: [1, 2, 2]}\n", "t"},
	{"a.yaml", "t: {size: 8 KiB, steps: [12]}\n", "t"},
	{"a.yaml", "t: {size: 8 KiB}\n", "t"},
	{"a.yaml", "t: {size: 8 KiB, steps: [1, 2]}\n", "u"},
	{"b/a.yaml", "t: {size: 8 KiB, steps: [1, 2]}\n", "t"},
	{"a.yaml", "u: 1\n", "t"},
};

START_TEST(what_differs_in_a_value_a_name_or_its_file_is_another)
{
	struct plan_memo *m = plan_memo_new(0);
	struct err e = {0};
	const struct plan_part *a = bind_text(m, "a.yaml", "t: {size: 8 KiB, steps: [1, 2]}\n", "t", &e);
	const struct plan_part *b = bind_text(m, differing[_i].file, differing[_i].text, differing[_i].name, &e);
	ck_assert(a && b && a != b);
	plan_memo_free(m);
}
END_TEST

START_TEST(files_are_named_from_where_the_section_stands)
{
	struct plan_memo *m = plan_memo_new(0);
	struct err e = {0};
	const struct plan_part *a = bind_text(m, "a/x.yaml", "t: {file: f.csv}\n", "t", &e);
	const struct plan_part *b = bind_text(m, "b/x.yaml", "t: {file: f.csv}\n", "t", &e);
	ck_assert_str_eq(((const struct thing *)a->bound)->file, "a/f.csv");
	ck_assert_str_eq(((const struct thing *)b->bound)->file, "b/f.csv");
	plan_memo_free(m);
}
END_TEST

START_TEST(what_is_wrong_is_said_each_time_at_its_place)
{
	struct plan_memo *m = plan_memo_new(0);
	struct err e = {0}, f = {0};
	ck_assert_ptr_null(bind_text(m, "a.yaml", "t: {size: 0}\n", "t", &e));
	ck_assert_ptr_null(bind_text(m, "a.yaml", "\n\nt: {size: 0}\n", "t", &f));
	ck_assert_msg(!strncmp(e.msg, "a.yaml:1:", 9), "%s", e.msg);
	ck_assert_msg(!strncmp(f.msg, "a.yaml:3:", 9), "%s", f.msg);
	plan_memo_free(m);
}
END_TEST

START_TEST(a_full_memo_keeps_nothing_more_and_recalls_what_it_has)
{
	struct plan_memo *m = plan_memo_new(1);
	struct err e = {0};
	const struct plan_part *a = bind_text(m, "a.yaml", "t: {size: 8 KiB}\n", "t", &e);
	ck_assert_ptr_nonnull(a);
	ck_assert_ptr_null(bind_text(m, "a.yaml", "t: {size: 9 KiB}\n", "t", &e));
	ck_assert_int_eq(e.code, 0);
	ck_assert_ptr_eq(bind_text(m, "a.yaml", "t: {size: 8 KiB}\n", "t", &e), a);
	plan_memo_free(m);
}
END_TEST

/* ---- values ---------------------------------------------------------------------------------------------- */

struct listing {
	char text[512];
};

static void list_value(void *ctx, const struct opt_value *v)
{
	struct listing *l = ctx;
	size_t at = strlen(l->text);
	const struct opt_list *list = v->bound;
	snprintf(l->text + at, sizeof(l->text) - at, "%s %s %lld %s %lld;", v->path, v->text ? v->text : "-", (long long)v->whole, v->unit,
		v->row->type == OPT_LIST ? (long long)list->values[list->count - 1].i : (long long)v->exact.i);
}

START_TEST(the_values_are_those_of_the_rows)
{
	struct plan_memo *m = plan_memo_new(0);
	struct err e = {0};
	const struct plan_part *p = bind_text(m, "a/x.yaml", "t: {size: 8 KiB, steps: [1, 7], file: f}\n", "t0", &e);
	ck_assert_ptr_nonnull(p);
	for (int texts = 0; texts < 2; texts++) {
		struct listing recalled = {""}, direct = {""};
		plan_part_each(p, texts, list_value, &recalled);
		ck_assert_int_eq(opt_each_value(&things, p->bound, "t0", texts, list_value, &direct), 0);
		ck_assert_str_eq(recalled.text, direct.text);
		ck_assert_ptr_nonnull(strstr(recalled.text, "t0.size - 8192 bytes 8192;"));
	}
	plan_memo_free(m);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("plan_memo");
	TCase *c = tcase_create("plan_memo");
	tcase_add_test(c, sections_alike_are_one);
	tcase_add_loop_test(c, what_differs_in_a_value_a_name_or_its_file_is_another, 0, (int)(sizeof(differing) / sizeof(*differing)));
	tcase_add_test(c, files_are_named_from_where_the_section_stands);
	tcase_add_test(c, what_is_wrong_is_said_each_time_at_its_place);
	tcase_add_test(c, a_full_memo_keeps_nothing_more_and_recalls_what_it_has);
	tcase_add_test(c, the_values_are_those_of_the_rows);
	suite_add_tcase(s, c);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
