/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bytes of a trace: lines and records, compression round trips, broken and cut-off input. */
#include "trace_fixture.h"

#include <fcntl.h>
#include <inttypes.h>

#include "trace/input.h"

/* Content longer than all buffers, lines of many lengths, each unlike its neighbours. */
static char *long_content(size_t bytes, size_t *len)
{
	char *text = malloc(bytes + 256);
	size_t n = 0;

	for (unsigned i = 0; n < bytes; i++)
		n += (size_t)snprintf(text + n, 256, "%u,%0*u\n", i, (int)(i * 2654435761u >> 25) + 1, i);
	*len = n;
	return text;
}

/* All of it through input_line(), compared with what it must be. -1 on an error. */
static int read_back(struct input *in, const char *want, size_t len, struct err *e)
{
	const char *line;
	size_t n, at = 0;
	int got;

	while ((got = input_line(in, &line, &n, e)) > 0) {
		ck_assert_uint_le(at + n, len);
		ck_assert(memcmp(line, want + at, n) == 0);
		at += n + 1;
	}
	if (got == 0)
		ck_assert_uint_eq(at, len);
	return got;
}

static struct input *open_good(const char *path)
{
	struct err e = { 0 };
	struct input *in = input_open(path, &e);

	ck_assert_msg(in != NULL, "%s", e.msg);
	return in;
}

static void expect_refused(const char *path, enum err_code code, const char *part)
{
	struct err e = { 0 };

	ck_assert_ptr_null(input_open(path, &e));
	ck_assert_int_eq(e.code, code);
	assert_says(e, part);
}

START_TEST(plain_lines_come_back_whole)
{
	size_t len;
	char *text = long_content(2000000, &len);
	struct err e = { 0 };
	struct input *in = open_good(write_bytes("t.txt", text, len));

	ck_assert_str_eq(input_compression(in), "");
	ck_assert(input_sized(in));
	ck_assert_int_eq(read_back(in, text, len, &e), 0);
	ck_assert_uint_eq(input_offset(in), len);
	ck_assert_double_eq(input_fraction(in), 1.0);
	input_free(in);
	free(text);
}
END_TEST

START_TEST(the_last_line_needs_no_newline)
{
	struct err e = { 0 };
	const char *line;
	size_t len;
	struct input *in = open_good(write_text("t.txt", "one\n\ntwo"));

	ck_assert_int_eq(input_line(in, &line, &len, &e), 1);
	ck_assert(len == 3 && memcmp(line, "one", 3) == 0);
	ck_assert_int_eq(input_line(in, &line, &len, &e), 1);
	ck_assert_uint_eq(len, 0);
	ck_assert_int_eq(input_line(in, &line, &len, &e), 1);
	ck_assert(len == 3 && memcmp(line, "two", 3) == 0);
	ck_assert_uint_eq(input_count(in), 3);
	ck_assert_int_eq(input_line(in, &line, &len, &e), 0);
	ck_assert_int_eq(input_line(in, &line, &len, &e), 0);
	input_free(in);
}
END_TEST

START_TEST(peeking_takes_nothing)
{
	struct err e = { 0 };
	const char *data, *line;
	size_t len, n;
	char *text = long_content(300000, &n);
	struct input *in = open_good(write_bytes("t.txt", text, n));

	ck_assert_int_eq(input_peek(in, INPUT_PEEK_MAX, &data, &len, &e), 0);
	ck_assert_uint_eq(len, INPUT_PEEK_MAX);
	ck_assert(memcmp(data, text, len) == 0);
	ck_assert_int_eq(input_peek(in, 3, &data, &len, &e), 0);
	ck_assert_uint_eq(len, 3);
	input_skip(in, 2);
	ck_assert_int_eq(input_line(in, &line, &len, &e), 1);
	ck_assert(line[0] == text[2]);
	input_free(in);
	free(text);
}
END_TEST

START_TEST(what_cannot_be_read_is_said)
{
	expect_refused(fixture_path("no-such-file"), ERR_IO, "cannot open: No such file");
	expect_refused(fixture_dir, ERR_IO, "Is a directory");
	expect_refused(write_text("empty", ""), ERR_TRACE, "the file is empty");
}
END_TEST

START_TEST(a_line_of_64_kib_is_the_longest)
{
	struct err e = { 0 };
	const char *line;
	size_t len;
	char *text = malloc(INPUT_LINE_MAX + 8);

	memset(text, 'x', INPUT_LINE_MAX + 8);
	memcpy(text, "ok\n", 3);
	text[3 + INPUT_LINE_MAX] = '\n';
	struct input *in = open_good(write_bytes("t.txt", text, INPUT_LINE_MAX + 4));
	ck_assert_int_eq(input_line(in, &line, &len, &e), 1);
	ck_assert_int_eq(input_line(in, &line, &len, &e), 1);
	ck_assert_uint_eq(len, INPUT_LINE_MAX);
	input_free(in);
	text[3 + INPUT_LINE_MAX] = 'x';
	text[4 + INPUT_LINE_MAX] = '\n';
	in = open_good(write_bytes("t.txt", text, INPUT_LINE_MAX + 5));
	ck_assert_int_eq(input_line(in, &line, &len, &e), 1);
	ck_assert_int_eq(input_line(in, &line, &len, &e), -1);
	ck_assert_int_eq(e.code, ERR_TRACE);
	assert_says(e, "t.txt:2: a line longer than 64 KiB at byte offset 3");
	assert_says(e, "binary file given as text");
	input_free(in);
	free(text);
}
END_TEST

START_TEST(an_endless_line_is_refused_in_constant_memory)
{
	struct err e = { 0 };
	const char *line;
	size_t len;
	struct input *in = open_good(write_text("t.txt", "first\n"));

	input_free(in);
	char *text = malloc(3000000);
	memset(text, 'x', 3000000);
	in = open_good(write_bytes("t.txt", text, 3000000));
	ck_assert_int_eq(input_line(in, &line, &len, &e), -1);
	assert_says(e, "longer than 64 KiB");
	input_free(in);
	free(text);
}
END_TEST

START_TEST(a_zero_byte_is_no_text)
{
	struct err e = { 0 };
	const char *line;
	size_t len;
	size_t bytes;
	char *text = long_content(1500000, &bytes);
	size_t at = 1234567;

	while (text[at] == '\n')
		at++;
	text[at] = '\0';
	struct input *in = open_good(write_bytes("t.txt", text, bytes));
	int got;
	while ((got = input_line(in, &line, &len, &e)) > 0)
		;
	ck_assert_int_eq(got, -1);
	char want[64];
	snprintf(want, sizeof(want), "a zero byte at byte offset %zu", at);
	assert_says(e, want);
	/* the lines before it were delivered */
	ck_assert_uint_le(input_offset(in), at);
	ck_assert_uint_gt(input_offset(in) + 256, at);
	input_free(in);
	free(text);
}
END_TEST

START_TEST(records_come_back_whole_and_a_cut_one_is_refused)
{
	struct err e = { 0 };
	const char *record;
	size_t n = 40000 * 32;
	char *data = malloc(n);

	for (size_t i = 0; i < n; i++)
		data[i] = (char)(i * 31 + i / 7);
	struct input *in = open_good(write_bytes("t.bin", data, n - 5));
	for (size_t i = 0; i + 1 < n / 32; i++) {
		ck_assert_int_eq(input_record(in, 32, &record, &e), 1);
		ck_assert(memcmp(record, data + 32 * i, 32) == 0);
	}
	ck_assert_int_eq(input_record(in, 32, &record, &e), -1);
	ck_assert_int_eq(e.code, ERR_TRACE);
	assert_says(e, "byte offset 1279968, is cut off: 27 of 32 bytes");
	input_free(in);
	free(data);
}
END_TEST

START_TEST(compressed_content_comes_back_whole)
{
	size_t len, packed_len;
	char *packed, *text = long_content(1500000, &len);
	struct err e = { 0 };

	if (!compress_bytes(compressions[_i], text, len, &packed, &packed_len)) {
		printf("skipped: this libarchive cannot write %s\n", compressions[_i]);
		free(text);
		return;
	}
	struct input *in = open_good(write_bytes("t.packed", packed, packed_len));
	ck_assert_str_ne(input_compression(in), "");
	ck_assert_int_eq(read_back(in, text, len, &e), 0);
	ck_assert_double_eq(input_fraction(in), 1.0);
	input_free(in);
	free(packed);
	free(text);
}
END_TEST

/* Cut anywhere, never a clean end. compress(1) has no end mark: nothing could tell. */
START_TEST(cut_off_compression_is_an_error)
{
	size_t len, packed_len, cuts = 0;
	char *packed, *text = long_content(20000, &len);

	if (strcmp(compressions[_i], "compress") == 0 ||
	    !compress_bytes(compressions[_i], text, len, &packed, &packed_len)) {
		free(text);
		return;
	}
	for (size_t cut = packed_len - 1; cut >= 20; cut -= cut > 161 && cut < packed_len - 64 ? 97 : 1) {
		struct err e = { 0 };
		struct input *in = input_open(write_bytes("t.packed", packed, cut), &e);
		if (in) {
			ck_assert_msg(read_back(in, text, len, &e) < 0, "%s cut at %zu of %zu ends cleanly",
				compressions[_i], cut, packed_len);
			input_free(in);
		}
		ck_assert_int_eq(e.code, ERR_TRACE);
		assert_says(e, "byte offset");
		cuts++;
	}
	ck_assert_uint_gt(cuts, 60);
	free(packed);
	free(text);
}
END_TEST

START_TEST(what_follows_the_compressed_data_is_not_dropped)
{
	size_t len, packed_len;
	char *packed, *text = long_content(20000, &len);

	if (strcmp(compressions[_i], "compress") == 0 ||
	    !compress_bytes(compressions[_i], text, len, &packed, &packed_len)) {
		free(text);
		return;
	}
	packed = realloc(packed, packed_len + 100);
	memcpy(packed + packed_len, "this is plain text behind the compressed data", 46);
	struct err e = { 0 };
	struct input *in = input_open(write_bytes("t.packed", packed, packed_len + 46), &e);
	if (in) {
		ck_assert_int_eq(read_back(in, text, len, &e), -1);
		input_free(in);
	}
	ck_assert_int_eq(e.code, ERR_TRACE);
	free(packed);
	free(text);
}
END_TEST

START_TEST(members_put_together_are_one_trace)
{
	static const char *const joinable[] = { "gzip", "bzip2", "xz", "zstd", "lz4" };
	size_t len, packed_len;
	char *packed, *text = long_content(20000, &len);

	ck_assert(compress_bytes(joinable[_i], text, len, &packed, &packed_len));
	packed = realloc(packed, 2 * packed_len);
	memcpy(packed + packed_len, packed, packed_len);
	text = realloc(text, 2 * len);
	memcpy(text + len, text, len);
	struct err e = { 0 };
	struct input *in = open_good(write_bytes("t.packed", packed, 2 * packed_len));
	ck_assert_msg(read_back(in, text, 2 * len, &e) == 0, "%s", e.msg);
	input_free(in);
	free(packed);
	free(text);
}
END_TEST

START_TEST(compression_in_compression_is_undone)
{
	size_t len, once_len, twice_len;
	char *once, *twice, *text = long_content(20000, &len);
	struct err e = { 0 };

	ck_assert(compress_bytes("xz", text, len, &once, &once_len));
	ck_assert(compress_bytes("gzip", once, once_len, &twice, &twice_len));
	struct input *in = open_good(write_bytes("t.xz.gz", twice, twice_len));
	ck_assert_str_eq(input_compression(in), "xz in gzip");
	ck_assert_int_eq(read_back(in, text, len, &e), 0);
	input_free(in);
	free(once);
	free(twice);
	free(text);
}
END_TEST

START_TEST(nothing_compressed_is_said)
{
	size_t packed_len;
	char *packed;

	ck_assert(compress_bytes("gzip", "", 0, &packed, &packed_len));
	expect_refused(write_bytes("t.gz", packed, packed_len), ERR_TRACE, "nothing is in it");
	free(packed);
}
END_TEST

/* Through a pipe, which has no size and gives few bytes at a time. */
START_TEST(stdin_is_read_plain_and_compressed)
{
	size_t len, packed_len = 0;
	char *packed = NULL, *text = long_content(600000, &len), command[256];
	struct err e = { 0 };

	if (_i)
		ck_assert(compress_bytes("zstd", text, len, &packed, &packed_len));
	snprintf(command, sizeof(command), "cat %s", _i ? write_bytes("t", packed, packed_len) :
		write_bytes("t", text, len));
	FILE *pipe = popen(command, "r");
	ck_assert_ptr_nonnull(pipe);
	ck_assert_int_eq(dup2(fileno(pipe), STDIN_FILENO), STDIN_FILENO);
	struct input *in = open_good("-");
	ck_assert_str_eq(input_name(in), "stdin");
	ck_assert(!input_sized(in));
	ck_assert_int_eq(read_back(in, text, len, &e), 0);
	input_free(in);
	ck_assert_int_ge(fcntl(STDIN_FILENO, F_GETFD), 0); /* not ours to close */
	ck_assert_int_eq(pclose(pipe), 0);
	free(packed);
	free(text);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("trace/input");
	TCase *t = tcase_create("input");

	tcase_set_timeout(t, 60);
	tcase_add_checked_fixture(t, fixture_open, fixture_close);
	tcase_add_test(t, plain_lines_come_back_whole);
	tcase_add_test(t, the_last_line_needs_no_newline);
	tcase_add_test(t, peeking_takes_nothing);
	tcase_add_test(t, what_cannot_be_read_is_said);
	tcase_add_test(t, a_line_of_64_kib_is_the_longest);
	tcase_add_test(t, an_endless_line_is_refused_in_constant_memory);
	tcase_add_test(t, a_zero_byte_is_no_text);
	tcase_add_test(t, records_come_back_whole_and_a_cut_one_is_refused);
	tcase_add_loop_test(t, compressed_content_comes_back_whole, 0, COMPRESSIONS);
	tcase_add_loop_test(t, cut_off_compression_is_an_error, 0, COMPRESSIONS);
	tcase_add_loop_test(t, what_follows_the_compressed_data_is_not_dropped, 0, COMPRESSIONS);
	tcase_add_loop_test(t, members_put_together_are_one_trace, 0, 5);
	tcase_add_test(t, compression_in_compression_is_undone);
	tcase_add_test(t, nothing_compressed_is_said);
	tcase_add_loop_test(t, stdin_is_read_plain_and_compressed, 0, 2);
	suite_add_tcase(s, t);
	return run_suite(s);
}
