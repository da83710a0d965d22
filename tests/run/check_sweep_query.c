/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Means, intervals and the Pareto front of a table whose numbers are known; and what tables say of a sweep that ran. */
#include <math.h>
#include <sqlite3.h>

#include "run/sweep_query.h"
#include "sweep_fixture.h"

/* Two groups of three replications and one of one; of the first, y = 1, 2, 6. */
static void make_table(void)
{
	static const char sql[] =
		"CREATE TABLE points (point INTEGER PRIMARY KEY, status TEXT, \"config.d.rpm\" , \"r.y\", \"s.y\", \"r.z\", word TEXT);"
		"CREATE TABLE columns (position INTEGER PRIMARY KEY, name TEXT, unit TEXT, role TEXT);"
		"CREATE TABLE axes (position INTEGER PRIMARY KEY, name TEXT, \"column\" TEXT, label TEXT, values_count INTEGER, axis_group INTEGER);"
		"INSERT INTO columns VALUES (0,'point','','point'),(1,'status','','point'),(2,'config.d.rpm','rpm','axis'),(3,'r.y','ns','result'),"
		"(4,'s.y','','result'),(5,'r.z','','result'),(6,'word','','result');"
		"INSERT INTO axes VALUES (0,'d.rpm','config.d.rpm','d.rpm [rpm]',3,0);"
		"INSERT INTO points VALUES (1,'done',10,1,0,5,'a'),(2,'done',10,2,0,5,'a'),(3,'done',10,6,0,5,'a'),"
		"(4,'done',20,4,0,9,'a'),(5,'done',20,4,0,9,'a'),(6,'failed',20,1000,0,9,'a'),(7,'done',30,5,0,1,'b');";
	sqlite3 *db;
	ck_assert_int_eq(sqlite3_open("t.db", &db), SQLITE_OK);
	ck_assert_int_eq(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static void set_up(void)
{
	make_scratch();
	make_table();
}

static struct sweep_answer *ask(struct sweep_question q)
{
	struct err e = {0};
	struct sweep_table *t = sweep_table_open("t.db", &e);
	ck_assert_msg(t != NULL, "%s", e.msg);
	q.confidence = 0.95;
	struct sweep_answer *a = sweep_query(t, &q, &e);
	ck_assert_msg(a != NULL, "%s", e.msg);
	sweep_table_close(t);
	return a;
}

/*
 * 1, 2, 6: mean 3, sample variance 14/2 = 7; t of 95 % and 2 degrees of freedom is 4.303 (NIST/SEMATECH e-Handbook of
 * Statistical Methods, 1.3.6.7.2), so the half width is 4.303 sqrt(7/3) = 6.573.
 */
START_TEST(the_interval_is_students)
{
	const char *const value[] = {"r.y", NULL};
	struct sweep_answer *a = ask((struct sweep_question){.value = value});
	ck_assert_uint_eq(a->group_count, 3);
	ck_assert_str_eq(a->by[0], "config.d.rpm");
	const struct sweep_figure *f = &a->group[0].value[0];
	ck_assert_double_eq(f->mean, 3);
	ck_assert_double_eq_tol(f->stddev, sqrt(7), 1e-12);
	ck_assert_double_eq_tol(f->half_width, 6.573, 0.001);
	ck_assert(f->min == 1 && f->max == 6 && f->count == 3);
	ck_assert_double_eq(a->group[1].value[0].half_width, 0);
	ck_assert_uint_eq(a->group[1].points, 2); /* one of them failed */
	ck_assert(isinf(a->group[2].value[0].half_width));
	sweep_answer_free(a);
}
END_TEST

/* (y, z) of the groups: (3, 5), (4, 9), (5, 1) */
START_TEST(the_front_is_what_none_beats)
{
	struct sweep_answer *a = ask((struct sweep_question){.pareto = "min:r.y,max:z"});
	ck_assert_uint_eq(a->group_count, 2);
	ck_assert_double_eq(a->group[0].key[0].number, 10);
	ck_assert_double_eq(a->group[1].key[0].number, 20);
	sweep_answer_free(a);
	a = ask((struct sweep_question){.pareto = "min:z,min:r.y"});
	ck_assert_uint_eq(a->group_count, 2);
	ck_assert_double_eq(a->group[0].key[0].number, 30);
	ck_assert_double_eq(a->group[1].key[0].number, 10);
	sweep_answer_free(a);
}
END_TEST

START_TEST(points_are_chosen_and_grouped_by_any_column)
{
	const char *const value[] = {"r.y", NULL}, *const by[] = {"word", NULL}, *const where[] = {"rpm=20", "word=a", NULL};
	struct sweep_answer *a = ask((struct sweep_question){.value = value, .by = by});
	ck_assert_uint_eq(a->group_count, 2);
	ck_assert_str_eq(a->group[0].key[0].text, "a");
	ck_assert_uint_eq(a->group[0].points, 5);
	sweep_answer_free(a);
	a = ask((struct sweep_question){.value = value, .where = where});
	ck_assert_uint_eq(a->group_count, 1);
	ck_assert_double_eq(a->group[0].value[0].mean, 4);
	sweep_answer_free(a);
}
END_TEST

START_TEST(columns_have_short_names_and_wrong_ones_are_refused)
{
	struct err e = {0};
	struct sweep_table *t = sweep_table_open("t.db", &e);
	ck_assert_str_eq(sweep_table_column(t, "d.rpm", &e), "config.d.rpm");
	ck_assert_str_eq(sweep_table_column(t, "rpm", &e), "config.d.rpm");
	ck_assert_str_eq(sweep_table_column(t, "z", &e), "r.z");
	ck_assert_str_eq(sweep_table_unit(t, "r.y"), "ns");
	ck_assert(!sweep_table_column(t, "y", &e));
	ck_assert_msg(strstr(e.msg, "2 columns of the sweep end in \"y\", such as r.y and s.y"), "%s", e.msg);
	err_clear(&e);
	ck_assert(!sweep_table_column(t, "wrod", &e));
	ck_assert_msg(strstr(e.msg, "did you mean \"word\"?"), "%s", e.msg);
	sweep_table_close(t);
}
END_TEST

static const struct {
	struct sweep_question q;
	const char *want;
} wrong[] = {
	{{.pareto = "r.y,z"}, "want two columns, each behind min: or max:"},
	{{.pareto = "min:r.y"}, "want two columns"},
	{{.pareto = "min:r.y,max:z,max:z"}, "want two columns"},
	{{.value = (const char *const[]){"word", NULL}}, "column word is text"},
	{{.value = (const char *const[]){"r.y", NULL}, .where = (const char *const[]){"rpm", NULL}}, "want COLUMN=VALUE"},
	{{.value = (const char *const[]){"r.y", NULL}, .where = (const char *const[]){"rpm=77", NULL}}, "no finished point"},
	{{.confidence = 0}, "there is nothing to ask for"},
};

START_TEST(questions_that_make_no_sense_are_refused)
{
	struct err e = {0};
	struct sweep_table *t = sweep_table_open("t.db", &e);
	ck_assert(!sweep_query(t, &wrong[_i].q, &e));
	ck_assert_msg(strstr(e.msg, wrong[_i].want), "%s", e.msg);
	ck_assert_int_eq(e.code, ERR_USAGE);
	sweep_table_close(t);
}
END_TEST

START_TEST(what_is_no_sweep_is_refused)
{
	struct err e = {0};
	FILE *f = fopen("text", "w");
	fputs("nothing\n", f);
	fclose(f);
	ck_assert(!sweep_table_open("nowhere", &e) && strstr(e.msg, "there is no sweep nowhere"));
	err_clear(&e);
	ck_assert(!sweep_table_open(".", &e) && strstr(e.msg, ". has no sweep.db"));
	err_clear(&e);
	ck_assert(!sweep_table_open("text", &e) && strstr(e.msg, "text is no table of a sweep"));
	ck_assert_int_eq(e.code, ERR_IO);
}
END_TEST

/* A device that takes 2 ms for each request, one at a time: latencies are 2 ms, whatever is drawn. */
START_TEST(tables_hold_axes_results_and_the_whole_config_in_plain_units)
{
	struct made m = make("base:\n  d: {model: fixed, latency: 2 ms}\n  workload: {requests: 20}\nvariants: {deep: {workload.depth: 4}, plain: {}}\n"
		"axes: {stats.window: [1 ms, 100 us]}\nreplications: 2\n");
	const char *const value[] = {"jobs.0.read.lat_ns.mean", "d.latency", "stats.window", NULL};
	struct sweep_progress g;
	struct err e = {0};
	ck_assert_msg(run_made(m, (struct sweep_run_options){.output = "out"}, &g, &e) == 0, "%s", e.msg);
	struct sweep_table *t = sweep_table_open("out", &e);
	ck_assert_msg(t != NULL, "%s", e.msg);
	const struct sweep_question q = {.value = value, .confidence = 0.9};
	struct sweep_answer *a = sweep_query(t, &q, &e);
	ck_assert_msg(a != NULL, "%s", e.msg);
	ck_assert_uint_eq(a->by_count, 2);
	ck_assert_str_eq(a->by[0], "variant");
	ck_assert_str_eq(a->by[1], "config.stats.window");
	ck_assert_uint_eq(a->group_count, 4);
	ck_assert_str_eq(a->group[3].key[0].text, "plain");
	ck_assert_double_eq(a->group[3].key[1].number, 100000);
	ck_assert_uint_eq(a->group[3].points, 2);
	ck_assert_double_eq(a->group[0].value[0].mean, 2e6);
	ck_assert_double_eq(a->group[0].value[1].mean, 2e6);
	ck_assert_double_eq(a->group[0].value[2].mean, 1e6);
	ck_assert_str_eq(sweep_table_unit(t, "config.d.latency"), "ns");
	ck_assert_str_eq(sweep_table_unit(t, "jobs.0.read.lat_ns.mean"), "ns");
	ck_assert_str_eq(sweep_table_unit(t, "jobs.0.read.lat_ns.N"), "");
	ck_assert_str_eq(sweep_table_name(t, 0), "point");
	sweep_answer_free(a);
	sweep_table_close(t);
	unmake(m);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("sweep query");
	TCase *c = tcase_create("query");
	tcase_add_unchecked_fixture(c, set_up, remove_scratch);
	tcase_add_test(c, the_interval_is_students);
	tcase_add_test(c, the_front_is_what_none_beats);
	tcase_add_test(c, points_are_chosen_and_grouped_by_any_column);
	tcase_add_test(c, columns_have_short_names_and_wrong_ones_are_refused);
	tcase_add_loop_test(c, questions_that_make_no_sense_are_refused, 0, (int)(sizeof(wrong) / sizeof(*wrong)));
	tcase_add_test(c, what_is_no_sweep_is_refused);
	tcase_add_test(c, tables_hold_axes_results_and_the_whole_config_in_plain_units);
	suite_add_tcase(s, c);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
