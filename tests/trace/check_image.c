/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A trace in memory gives what a reader of the file gives, record for record and count for count. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "trace/image.h"
#include "trace/reader.h"

static const char pgbench[] = TOP_SRCDIR "/traces/pgbench.blkparse.gz";
static const char fio[] = TOP_SRCDIR "/traces/fio.iolog.gz";

static const struct {
	const char *path;
	struct trace_reader_options o;
} cases[] = {
	{pgbench, {.device = TRACE_ALL_DEVICES, .sort_window = -1, .parse.blkparse_action = 'Q'}},
	{pgbench, {.device = TRACE_ALL_DEVICES, .sort_window = -1, .time_scale = 0.5, .skip = 10, .limit = 100}},
	{fio, {.device = TRACE_ALL_DEVICES, .sort_window = -1}},
};

static void assert_alike(const struct trace_reader *a, const struct trace_reader *b)
{
	ck_assert_uint_eq(trace_reader_lines(a), trace_reader_lines(b));
	ck_assert_uint_eq(trace_reader_skipped(a), trace_reader_skipped(b));
}

START_TEST(it_gives_what_a_reader_gives)
{
	struct err e = {0};
	struct trace_image *m = trace_image_load(cases[_i].path, &cases[_i].o, (size_t)1 << 30, &e);
	ck_assert_msg(m != NULL, "%s", e.msg);
	struct trace_reader *file = trace_reader_open(cases[_i].path, &cases[_i].o, &e), *one = trace_image_open(m, &e),
		*two = trace_image_open(m, &e);
	struct trace_source *a = trace_reader_source(file), *b = trace_reader_source(one), *c = trace_reader_source(two);
	struct trace_record x, y;
	int got;
	ck_assert_str_eq(a->name, b->name);
	ck_assert(a->has_arrivals == b->has_arrivals && a->has_delays == b->has_delays && a->has_responses == b->has_responses);
	ck_assert_ptr_eq(trace_reader_format(file), trace_reader_format(one));
	ck_assert_str_eq(trace_reader_why(file), trace_reader_why(one));
	ck_assert_int_eq(c->next(c, 0, &y, &e), 1); /* two stand at different places */
	do {
		assert_alike(file, one);
		memset(&x, 0, sizeof(x));
		memset(&y, 0, sizeof(y));
		got = a->next(a, 0, &x, &e);
		ck_assert_int_eq(b->next(b, 0, &y, &e), got);
		ck_assert(got == 0 || (x.arrive_ps == y.arrive_ps && x.lba == y.lba && x.sectors == y.sectors && x.op == y.op &&
			x.line == y.line && x.device == y.device && x.delay_ps == y.delay_ps && x.response_ps == y.response_ps));
	} while (got > 0);
	assert_alike(file, one);
	ck_assert_int_eq(b->next(b, 0, &y, &e), 0);
	trace_reader_free(file);
	trace_reader_free(one);
	trace_reader_free(two);
	trace_image_free(m);
}
END_TEST

START_TEST(what_is_too_large_or_wrong_behind_its_first_record_is_left_to_the_reader)
{
	struct err e = {0};
	char name[] = "/tmp/quern-check-image.XXXXXX";
	const struct trace_reader_options o = {.device = TRACE_ALL_DEVICES, .sort_window = -1, .format = "disksim"};
	int fd = mkstemp(name);
	ck_assert(!trace_image_load(pgbench, &cases[0].o, 1000, &e));
	ck_assert_int_eq(e.code, ERR_NONE);
	ck_assert_int_eq(write(fd, "1.0 0 0 8 1\nwhat\n", 17), 17);
	ck_assert(!trace_image_load(name, &o, 100000, &e));
	ck_assert_int_eq(e.code, ERR_NONE);
	ck_assert(!trace_image_load("/nowhere", &o, 100000, &e));
	ck_assert_int_eq(e.code, ERR_IO);
	close(fd);
	unlink(name);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("image");
	TCase *c = tcase_create("image");
	tcase_add_loop_test(c, it_gives_what_a_reader_gives, 0, (int)(sizeof(cases) / sizeof(cases[0])));
	tcase_add_test(c, what_is_too_large_or_wrong_behind_its_first_record_is_left_to_the_reader);
	suite_add_tcase(s, c);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
