/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Traces read whole: order, rebasing, selection, scaling, detection, the sentence for each
 * kind of bad input, and the real recordings of the reference data with their check values.
 */
#include "trace_fixture.h"

#include <inttypes.h>

#include "trace/sorter.h"

static struct drained d;

/* MSR lines at the given ticks after an epoch, with the offset telling them apart. */
static const char *msr_at(const char *name, const int64_t *ticks, size_t count)
{
	static char text[65536];
	size_t n = 0;

	for (size_t i = 0; i < count; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%" PRId64 ",h,%d,Read,%zu,512,5\n",
			INT64_C(128166372003061629) + ticks[i], (int)(i % 3), i * 512);
	return write_text(name, text);
}

static void expect_error(const char *path, const struct trace_reader_options *o, enum err_code code,
	const char *says)
{
	ck_assert_msg(!drain_with(&d, path, o), "%s is read to its end", path);
	ck_assert_int_eq(d.err.code, code);
	assert_says(d.err, says);
}

/* ---- good input ---------------------------------------------------------------------- */

START_TEST(times_are_rebased_to_the_first_record)
{
	static const int64_t ticks[] = { 0, 1, 1, 25, INT64_C(36000000000) };

	ck_assert(drain(&d, msr_at("t.csv", ticks, 5), NULL));
	ck_assert_str_eq(d.format, "msr");
	ck_assert_uint_eq(d.count, 5);
	for (int i = 0; i < 5; i++) {
		ck_assert_int_eq(d.record[i].arrive_ps, ticks[i] * 100 * PS_PER_NS);
		ck_assert_uint_eq(d.record[i].lba, (uint64_t)i);
		ck_assert_uint_eq(d.record[i].line, (uint64_t)i + 1);
	}
	ck_assert(d.has_arrivals && d.has_responses && !d.has_delays);
}
END_TEST

START_TEST(comments_blank_lines_and_line_ends_do_not_count)
{
	ck_assert(drain(&d, write_text("t.csv",
		"\xef\xbb\xbf# recorded on a Tuesday\r\n"
		"\r\n"
		"128166372003061629,hm,0,Write,7014912,4096,26\r\n"
		"   \n"
		"128166372003061630,hm,0,Read,7014912,4096,26  \t\r\n"
		"# the end"), NULL));
	ck_assert_uint_eq(d.count, 2);
	ck_assert_uint_eq(d.lines, 6);
	ck_assert_uint_eq(d.skipped, 4);
	ck_assert_uint_eq(d.record[0].line, 3);
	ck_assert_uint_eq(d.record[1].line, 5);
}
END_TEST

START_TEST(a_byte_order_mark_is_dropped_for_a_named_format_too)
{
	ck_assert(drain(&d, write_text("t", "\xef\xbb\xbf" "938513000 4 264719034 16 0\n"), "mqsim"));
	ck_assert_uint_eq(d.count, 1);
}
END_TEST

START_TEST(skip_limit_and_device_select)
{
	int64_t ticks[30];
	struct trace_reader_options o = ALL_DEFAULTS;

	for (int i = 0; i < 30; i++)
		ticks[i] = i * 10;
	const char *path = msr_at("t.csv", ticks, 30);
	o.skip = 4;
	o.limit = 3;
	ck_assert(drain_with(&d, path, &o));
	ck_assert_uint_eq(d.count, 3);
	ck_assert_uint_eq(d.record[0].lba, 4);
	/* times still count from the first record of the trace */
	ck_assert_int_eq(d.record[0].arrive_ps, 4000 * PS_PER_NS);
	o.device = 2; /* lines 2, 5, 8, ... skip counts these alone */
	ck_assert(drain_with(&d, path, &o));
	ck_assert_uint_eq(d.count, 3);
	ck_assert_uint_eq(d.record[0].lba, 14);
	ck_assert_uint_eq(d.record[2].lba, 20);
	o.limit = 0;
	ck_assert(drain_with(&d, path, &o));
	ck_assert_uint_eq(d.count, 6);
}
END_TEST

START_TEST(a_selection_that_leaves_nothing_is_said)
{
	static const int64_t ticks[] = { 0, 1, 2, 3 };
	const char *path = msr_at("t.csv", ticks, 4);
	struct trace_reader_options o = ALL_DEFAULTS;

	o.device = 7;
	expect_error(path, &o, ERR_TRACE, "t.csv: none of the 4 requests is of device 7");
	o.device = TRACE_ALL_DEVICES;
	o.skip = 4;
	expect_error(path, &o, ERR_TRACE, "t.csv: all 4 requests are skipped: skip is 4");
	o.skip = 3;
	ck_assert(drain_with(&d, path, &o));
	ck_assert_uint_eq(d.count, 1);
}
END_TEST

START_TEST(time_scale_is_exact)
{
	static const int64_t ticks[] = { 0, 1, 3, INT64_C(9000000000000) };
	const char *path = msr_at("t.csv", ticks, 4);
	static const struct { double scale; int64_t want[3]; } cases[] = {
		{ 1.0, { 100000, 300000, INT64_C(900000000000000000) } },
		{ 0.5, { 50000, 150000, INT64_C(450000000000000000) } },
		{ 2.0, { 200000, 600000, INT64_C(1800000000000000000) } },
		/* 0.1 is not a binary fraction: 0.1000000000000000055511... times 9e17 is
		 * 90000000000000004.996, which rounds to ...005 */
		{ 0.1, { 10000, 30000, INT64_C(90000000000000005) } },
		{ 1e-6, { 0, 0, INT64_C(900000000000) } },
	};

	for (size_t c = 0; c < sizeof(cases) / sizeof(cases[0]); c++) {
		struct trace_reader_options o = ALL_DEFAULTS;
		o.time_scale = cases[c].scale;
		ck_assert(drain_with(&d, path, &o));
		for (int i = 0; i < 3; i++)
			ck_assert_msg(d.record[i + 1].arrive_ps == cases[c].want[i], "%g: %" PRId64 " is not %"
				PRId64, cases[c].scale, d.record[i + 1].arrive_ps, cases[c].want[i]);
		ck_assert_int_eq(d.record[1].response_ps, 500000); /* a measured time is not scaled */
	}
}
END_TEST

START_TEST(delays_are_scaled_too)
{
	struct trace_reader_options o = ALL_DEFAULTS;

	o.time_scale = 0.25;
	ck_assert(drain_with(&d, write_text("t.csv",
		"op,lbn,blocks,delay_before_us\nR,1,1,0\nR,2,1,10\n"), &o));
	ck_assert(d.has_delays && !d.has_arrivals && !d.has_responses);
	ck_assert_int_eq(d.record[0].delay_ps, 0);
	ck_assert_int_eq(d.record[1].delay_ps, 2500000);
}
END_TEST

/* More than 106 days after the first record does not fit, unless scaled to. */
START_TEST(the_end_of_simulated_time_is_an_error)
{
	static const int64_t ticks[] = { 0, INT64_C(864000000000) * 107 };
	const char *path = msr_at("t.csv", ticks, 2);
	struct trace_reader_options o = ALL_DEFAULTS;

	expect_error(path, &o, ERR_LIMIT, "t.csv:2: the arrival is 107 days after the first record's arrival");
	o.time_scale = 0.5;
	ck_assert(drain_with(&d, path, &o));
	ck_assert_int_eq(d.record[1].arrive_ps, INT64_C(53500) * 86400 * PS_PER_MS);
	o.time_scale = 1e300;
	expect_error(path, &o, ERR_LIMIT, "simulated time ends at 106 days");
	o.time_scale = 1e-300;
	ck_assert(drain_with(&d, path, &o));
	ck_assert_int_eq(d.record[1].arrive_ps, 0);
}
END_TEST

/* ---- order --------------------------------------------------------------------------- */

START_TEST(time_going_backwards_is_an_error_with_both_times)
{
	static const int64_t ticks[] = { 0, 50, 50, 20, 60 };
	const char *path = msr_at("t.csv", ticks, 5);
	struct trace_reader_options o = ALL_DEFAULTS;

	expect_error(path, &o, ERR_TRACE,
		"t.csv:4: time goes back, to 0.000002 s from 0.000005 s at line 3");
	ck_assert_uint_eq(d.count, 3); /* equal times are in order */
	assert_says(d.err, "--sort-window");
	o.sort_window = 2;
	ck_assert(drain_with(&d, path, &o));
	ck_assert_uint_eq(d.record[1].lba, 3);
	ck_assert_uint_eq(d.record[2].lba, 1); /* equal times keep their order */
	ck_assert_uint_eq(d.record[3].lba, 2);
}
END_TEST

START_TEST(a_step_before_the_first_record_is_an_error)
{
	static const int64_t ticks[] = { 0, -50 };
	struct trace_reader_options o = ALL_DEFAULTS;

	expect_error(msr_at("t.csv", ticks, 2), &o, ERR_TRACE, "to -0.000005 s from 0.0 s at line 1");
	o.sort_window = 5;
	ck_assert(drain_with(&d, msr_at("t.csv", ticks, 2), &o));
	ck_assert_int_eq(d.record[0].arrive_ps, 0); /* the earliest is the first */
	ck_assert_int_eq(d.record[1].arrive_ps, 5000000);
}
END_TEST

/* A window of n puts a record right that comes up to n records late, and no later one. */
START_TEST(the_sort_window_reaches_so_far)
{
	int64_t ticks[12];
	struct trace_reader_options o = ALL_DEFAULTS;

	for (int late = 1; late <= 10; late++) {
		for (int i = 0; i < 12; i++)
			ticks[i] = i * 10 + 100;
		ticks[late + 1] = 105; /* belongs behind the first record */
		const char *path = msr_at("t.csv", ticks, 12);
		o.sort_window = late;
		ck_assert(drain_with(&d, path, &o));
		ck_assert_uint_eq(d.record[1].lba, (uint64_t)late + 1);
		for (int i = 1; i < 12; i++)
			ck_assert_int_ge(d.record[i].arrive_ps, d.record[i - 1].arrive_ps);
		o.sort_window = late - 1;
		expect_error(path, &o, ERR_TRACE, late > 1 ? "farther than the sort window reaches" :
			"time goes back");
	}
}
END_TEST

/* Any order within the window comes out as qsort has it, by time and then by place. */
START_TEST(the_sorter_sorts)
{
	struct sorter s;
	uint64_t x = 88172645463325252u;

	for (size_t window = 0; window < 40; window += 3) {
		ck_assert(sorter_init(&s, window));
		int128 last = -1;
		uint64_t last_line = 0, out = 0;
		struct trace_raw raw = { 0 };
		for (uint64_t i = 0; i < 5000; i++) {
			x ^= x << 13;
			x ^= x >> 7;
			x ^= x << 17;
			/* each is displaced by less than half the window */
			raw.time_ps = (int128)i * 4 + (int128)(x % (window * 2 + 1));
			raw.rec.line = i;
			sorter_put(&s, &raw);
			if (!sorter_full(&s))
				continue;
			struct trace_raw got;
			ck_assert(sorter_get(&s, &got));
			ck_assert(got.time_ps > last || (got.time_ps == last && got.rec.line > last_line));
			last = got.time_ps;
			last_line = got.rec.line;
			out++;
		}
		struct trace_raw got;
		while (sorter_get(&s, &got)) {
			ck_assert(got.time_ps >= last);
			last = got.time_ps;
			out++;
		}
		ck_assert_uint_eq(out, 5000);
		sorter_free(&s);
	}
}
END_TEST

START_TEST(blkparse_events_of_several_cpus_are_sorted_by_default)
{
	ck_assert(drain(&d, write_text("t",
		"  8,0    0        1     1.000000100   697  Q   W 16 + 8 [k]\n"
		"  8,0    0        2     1.000000300   697  Q   W 32 + 8 [k]\n"
		"  8,0    1        1     1.000000000   698  Q   R 64 + 8 [k]\n"
		"  8,0    1        2     1.000000200   698  Q   R 80 + 8 [k]\n"), NULL));
	ck_assert_uint_eq(d.count, 4);
	ck_assert_uint_eq(d.record[0].lba, 64);
	ck_assert_uint_eq(d.record[1].lba, 16);
	ck_assert_uint_eq(d.record[2].lba, 80);
	ck_assert_int_eq(d.record[3].arrive_ps, 300000);
}
END_TEST

/* FWFS is a flush and then a write: two records of the same line and time. */
START_TEST(a_flush_before_a_write_is_a_record_of_its_own)
{
	ck_assert(drain(&d, write_text("t",
		"  8,0    0        1     1.0   697  Q FWFS 16 + 8 [jbd2]\n"
		"  8,0    0        2     1.5   697  Q   R 32 + 8 [k]\n"), NULL));
	ck_assert_uint_eq(d.count, 3);
	ck_assert_int_eq(d.record[0].op, BLK_FLUSH);
	ck_assert_uint_eq(d.record[0].sectors, 0);
	ck_assert_int_eq(d.record[1].op, BLK_WRITE);
	ck_assert_int_eq(d.record[1].flags, BLK_FUA | BLK_SYNC);
	ck_assert(d.record[0].line == 1 && d.record[1].line == 1 && d.record[2].line == 2);
	ck_assert(d.record[0].arrive_ps == 0 && d.record[1].arrive_ps == 0);
}
END_TEST

START_TEST(the_blkparse_action_is_chosen)
{
	const char *path = write_text("t",
		"  8,0    0        1     1.0   697  D   R 16 + 8 [k]\n"
		"  8,0    0        2     1.5   697  C   R 16 + 8 [0]\n");
	struct trace_reader_options o = ALL_DEFAULTS;

	expect_error(path, &o, ERR_TRACE, "t: no request in 2 lines of format blkparse: action Q was "
		"asked for, and the actions there are C D");
	o.parse.blkparse_action = 'D';
	ck_assert(drain_with(&d, path, &o));
	ck_assert_uint_eq(d.count, 1);
	o.parse.blkparse_action = 'X';
	expect_error(path, &o, ERR_USAGE, "want Q, D or C");
}
END_TEST

/* ---- bad input: one sentence with the place -------------------------------------------- */

static const struct { const char *text, *format, *says; } broken[] = {
	{ "128166372003061629,hm,0,Write,7014912,4096,26\n128166372003061629,hm,0,Write,7014912\n", NULL,
	  "t:2: field 6 (size) is missing: the line has 5 fields (format msr)" },
	{ "128166372003061629,hm,0,Write,7014912,4096,26\n128166372003061629,hm,0,Write,-7014912,4096,26\n",
	  NULL, "t:2: field 5 (offset) is negative: \"-7014912\"" },
	{ "128166372003061629,hm,0,Write,7014912,4096,26\n"
	  "128166372003061629,hm,0,Write,99999999999999999999999,4096,26\n", NULL,
	  "t:2: field 5 (offset) is too large: \"99999999999999999999999\"" },
	{ "128166372003061629,hm,0,Write,7014912,0,26\n", "msr", "t:1: field 6 (size) is 0" },
	{ "1.5 0 100 8 1\n2.5 0 100\n", NULL, "t:2: field 4 (count) is missing: the line has 3 fields" },
	{ "1.5 0 100 8 1\n1.0 0 100 8 1\n", NULL, "t:2: time goes back, to -0.0005 s from 0.0 s at line 1" },
	{ "fio version 3 iolog\n0 /dev/sdb read 0 4096\n5 /dev/sdb read 0 x\n", NULL,
	  "t:3: field 5 (length) is \"x\": want a whole number of bytes" },
	{ "fio version 4 iolog\n0 /dev/sdb read 0 4096\n", "fio-v3",
	  "t:1: is an iolog of version 4: want version 2 or 3" },
	{ "op,lbn,block\nR,1,1\n", NULL, "t:1: field 3 (column name) is \"block\"" },
	{ "# nothing\n\n", "msr", "t: no request in 2 lines of format msr" },
	{ "fio version 3 iolog\n0 /dev/sdb add\n", NULL, "t: no request in 2 lines of format fio-v3" },
	{ "hello\n", NULL, "t: the trace format is unclear (--format names one): no format fits (blkparse:" },
	{ "1.5 0 100 8 1\n", "mqsim", "t:1: field 1 (time) is \"1.5\": want a whole number of nanoseconds" },
};

START_TEST(bad_text_is_reported_with_file_line_and_field)
{
	struct trace_reader_options o = ALL_DEFAULTS;

	o.format = broken[_i].format;
	expect_error(write_text("t", broken[_i].text), &o, ERR_TRACE, broken[_i].says);
	ck_assert_ptr_null(strchr(d.err.msg, '\n'));
}
END_TEST

START_TEST(an_unknown_format_name_gets_the_nearest_one)
{
	struct trace_reader_options o = ALL_DEFAULTS;
	const char *path = write_text("t", "1.5 0 100 8 1\n");

	o.format = "diskim";
	expect_error(path, &o, ERR_USAGE, "there is no trace format \"diskim\": did you mean \"disksim\"?");
	o.format = "Q";
	expect_error(path, &o, ERR_USAGE, "there is no trace format \"Q\"");
}
END_TEST

START_TEST(impossible_options_are_refused)
{
	static const int64_t ticks[] = { 0, 1 };
	const char *path = msr_at("t.csv", ticks, 2);
	struct trace_reader_options o = ALL_DEFAULTS;

	o.time_scale = -1.0;
	expect_error(path, &o, ERR_USAGE, "the time scale is -1");
	o.time_scale = 0.0 / 0.0;
	expect_error(path, &o, ERR_USAGE, "the time scale");
	o.time_scale = 1.0;
	o.sort_window = SORTER_WINDOW_MAX + 1;
	expect_error(path, &o, ERR_USAGE, "sort window of 1048577");
	expect_error(fixture_path("absent"), &(struct trace_reader_options)ALL_DEFAULTS, ERR_IO,
		"absent: cannot open");
}
END_TEST

START_TEST(a_binary_file_given_as_text_is_said)
{
	char bytes[4096];
	uint32_t x = 1;
	struct trace_reader_options o = ALL_DEFAULTS;

	for (size_t i = 0; i < sizeof(bytes); i++) {
		x = x * 1664525 + 1013904223;
		bytes[i] = (char)(x >> 24);
	}
	const char *path = write_bytes("t.bin", bytes, sizeof(bytes));
	expect_error(path, &o, ERR_TRACE, "looks binary, and is in no binary format known here");
	memcpy(bytes, "1.5 0 100 8 1\n", 14);
	bytes[20] = '\0';
	path = write_bytes("t.bin", bytes, sizeof(bytes));
	o.format = "disksim";
	ck_assert(!drain_with(&d, path, &o));
	ck_assert_int_eq(d.err.code, ERR_TRACE);
}
END_TEST

START_TEST(a_cut_off_binary_record_is_said_with_its_offset)
{
	const struct trace_format *f = trace_format_find("vscsi");
	char bytes[3 * 32];
	struct trace_reader_options o = ALL_DEFAULTS;

	for (int i = 0; i < 3; i++)
		memcpy(bytes + 32 * i, f->sample, 32);
	ck_assert(drain(&d, write_bytes("t.vscsi", bytes, 96), NULL));
	ck_assert_uint_eq(d.count, 3);
	expect_error(write_bytes("t.vscsi", bytes, 90), &o, ERR_TRACE,
		"t.vscsi: the last record, at byte offset 64, is cut off: 26 of 32 bytes");
	bytes[32 + 15] = 9; /* version */
	o.format = "vscsi";
	expect_error(write_bytes("t.vscsi", bytes, 96), &o, ERR_TRACE,
		"t.vscsi: record 2 (byte offset 32): the record's version is 9: want 1");
}
END_TEST

/* Cut anywhere, a compressed trace never ends as if it were whole. */
START_TEST(a_truncated_gzip_is_never_a_whole_trace)
{
	int64_t ticks[500];
	size_t len, packed_len;
	char *packed, text[65536];

	for (int i = 0; i < 500; i++)
		ticks[i] = i * 7;
	FILE *f = fopen(msr_at("t.csv", ticks, 500), "r");
	len = fread(text, 1, sizeof(text), f);
	fclose(f);
	ck_assert(compress_bytes("gzip", text, len, &packed, &packed_len));
	ck_assert(drain(&d, write_bytes("t.gz", packed, packed_len), NULL));
	ck_assert_uint_eq(d.count, 500);
	for (size_t cut = 1; cut < packed_len; cut += cut < 100 || cut + 100 > packed_len ? 1 : 17) {
		ck_assert_msg(!drain(&d, write_bytes("t.gz", packed, cut), NULL), "cut at %zu", cut);
		ck_assert_int_eq(d.err.code, ERR_TRACE);
	}
	assert_says(d.err, "t.gz: truncated compressed data, at byte offset");
	free(packed);
}
END_TEST

START_TEST(every_format_is_read_through_every_compression)
{
	const struct trace_format *f = trace_formats[_i];
	size_t len = f->record_bytes ? f->record_bytes : strlen(f->sample);

	for (int c = 0; c < COMPRESSIONS; c++) {
		char *packed, text[1024];
		size_t packed_len, n = 0;
		for (int i = 0; i < 5; i++) {
			memcpy(text + n, f->sample, len);
			n += len;
			if (!f->record_bytes)
				text[n++] = '\n';
		}
		if (!compress_bytes(compressions[c], text, n, &packed, &packed_len))
			continue;
		ck_assert_msg(drain(&d, write_bytes("t", packed, packed_len), NULL), "%s in %s: %s", f->name,
			compressions[c], d.err.msg);
		ck_assert_str_eq(d.format, f->name);
		ck_assert_uint_eq(d.count, 5);
		free(packed);
	}
}
END_TEST

START_TEST(progress_grows_to_one)
{
	int64_t ticks[1000];
	struct trace_reader_options o = ALL_DEFAULTS;
	struct trace_record rec;
	struct err e = { 0 };

	for (int i = 0; i < 1000; i++)
		ticks[i] = i;
	for (int limited = 0; limited < 2; limited++) {
		o.limit = limited ? 10 : 0;
		struct trace_reader *r = trace_reader_open(msr_at("t.csv", ticks, 1000), &o, &e);
		ck_assert_ptr_nonnull(r);
		struct trace_source *s = trace_reader_source(r);
		double last = 0.0;
		ck_assert_uint_eq(s->expected, 0); /* a file does not say how many it holds */
		ck_assert(strstr(s->name, "t.csv") != NULL);
		while (s->next(s, 0, &rec, &e) > 0) {
			double now = s->progress(s);
			ck_assert(now >= last && now <= 1.0);
			last = now;
		}
		ck_assert_double_eq(s->progress(s), 1.0);
		trace_reader_free(r);
	}
	trace_reader_free(NULL);
}
END_TEST

/* ---- the samples of tests/data and the reference data ----------------------------------- */

static const struct { const char *file, *format; uint64_t records, reads, writes, flushes, trims; }
	samples[] = {
	{ "trace-blkparse.txt", "blkparse", 8, 2, 3, 2, 1 },
	{ "trace-fio-v2.log", "fio-v2", 5, 1, 2, 1, 1 },
	{ "trace-fio-v3.log", "fio-v3", 5, 1, 2, 1, 1 },
	{ "trace-msr.csv", "msr", 4, 1, 3, 0, 0 },
	{ "trace-disksim.trace", "disksim", 5, 4, 1, 0, 0 },
	{ "trace-mqsim.trace", "mqsim", 5, 2, 3, 0, 0 },
	{ "trace-vscsi.bin", "vscsi", 4, 1, 3, 0, 0 },
	{ "trace-vscsi2.bin", "vscsi2", 2, 0, 2, 0, 0 },
	{ "trace-measured.csv", "measured", 4, 3, 1, 0, 0 },
};

START_TEST(a_sample_of_each_format_is_read)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/tests/data/%s", TOP_SRCDIR, samples[_i].file);
	ck_assert_msg(drain(&d, path, NULL), "%s", d.err.msg);
	ck_assert_str_eq(d.format, samples[_i].format);
	ck_assert_uint_eq(d.count, samples[_i].records);
	ck_assert_uint_eq(d.reads, samples[_i].reads);
	ck_assert_uint_eq(d.writes, samples[_i].writes);
	ck_assert_uint_eq(d.flushes, samples[_i].flushes);
	ck_assert_uint_eq(d.trims, samples[_i].trims);
}
END_TEST

START_TEST(each_format_has_a_sample)
{
	for (int i = 0; trace_formats[i]; i++) {
		bool found = false;
		for (size_t k = 0; k < sizeof(samples) / sizeof(samples[0]); k++)
			found |= strcmp(samples[k].format, trace_formats[i]->name) == 0;
		ck_assert_msg(found, "no sample of %s in tests/data", trace_formats[i]->name);
	}
}
END_TEST

/* Check values of the table "samples" in the reference data's traces/FORMATS.md. */
START_TEST(cloudphysics_vscsi_has_its_check_values)
{
	const char *path = reference_path("traces/samples/cloudphysics.vscsi.gz");

	if (!path)
		return;
	ck_assert_msg(drain(&d, path, NULL), "%s", d.err.msg);
	ck_assert_str_eq(d.format, "vscsi");
	ck_assert_uint_eq(d.count, 113872);
	ck_assert_uint_eq(d.reads, 46974);
	ck_assert_uint_eq(d.writes, 66898);
	ck_assert_uint_eq(d.sectors * SECTOR_BYTES, UINT64_C(4205978112));
	ck_assert_int_eq((d.last.arrive_ps + PS_PER_MS * 5) / (PS_PER_MS * 10), 720009);
}
END_TEST

START_TEST(mqsim_tpcc_has_its_check_values)
{
	const char *path = reference_path("traces/samples/mqsim-tpcc-small.trace.gz");
	bool seen[64] = { 0 };

	if (!path)
		return;
	ck_assert_msg(drain(&d, path, NULL), "%s", d.err.msg);
	ck_assert_str_eq(d.format, "mqsim");
	ck_assert_uint_eq(d.count, 6999);
	ck_assert_uint_eq((d.reads * 100000 + 6999 / 2) / 6999, 62595);
	ck_assert_uint_eq(d.sectors, 116638);
	struct trace_reader_options o = ALL_DEFAULTS;
	uint64_t devices = 0;
	for (o.device = 0; o.device < 64; o.device++)
		seen[o.device] = drain_with(&d, path, &o);
	for (int i = 0; i < 64; i++)
		devices += seen[i];
	ck_assert_uint_eq(devices, 16);
}
END_TEST

START_TEST(disksim_ascii_has_its_check_values)
{
	const char *path = reference_path("traces/samples/disksim-ascii.trace.gz");

	if (!path)
		return;
	ck_assert_msg(drain(&d, path, NULL), "%s", d.err.msg);
	ck_assert_str_eq(d.format, "disksim");
	ck_assert_uint_eq(d.count, 100000);
	ck_assert_uint_eq(d.reads, 79634);
	ck_assert_uint_eq(d.sectors, 1016678);
	ck_assert_int_eq((d.last.arrive_ps + PS_PER_MS * 50) / (PS_PER_MS * 100), 15329);
	struct trace_reader_options o = ALL_DEFAULTS;
	int devices = 0;
	for (o.device = 0; o.device < 64; o.device++)
		devices += drain_with(&d, path, &o);
	ck_assert_int_eq(devices, 14);
}
END_TEST

/* Rows of the files, and the mean measured responses of validation/README.md (ms). */
static const struct { const char *drive; uint64_t records; double mean_ms; } drives[] = {
	{ "atlas10k", 10000, 3.893 },
	{ "atlas_III", 10000, 6.263 },
	{ "cheetah9LP", 10000, 4.273 },
	{ "hp_c2247a", 9999, 15.298 },
	{ "hp_c3323a", 9074, 15.765 },
	{ "dec_rz26", 7980, 15.809 },
};

START_TEST(measured_drives_have_their_mean_response)
{
	char name[64];
	struct trace_reader_options o = ALL_DEFAULTS;
	struct trace_record rec;
	struct err e = { 0 };
	int128 sum = 0;
	uint64_t n = 0;

	snprintf(name, sizeof(name), "validation/%s.trace.csv", drives[_i].drive);
	const char *path = reference_path(name);
	if (!path)
		return;
	struct trace_reader *r = trace_reader_open(path, &o, &e);
	ck_assert_msg(r != NULL, "%s", e.msg);
	struct trace_source *s = trace_reader_source(r);
	ck_assert(s->has_delays && s->has_responses && !s->has_arrivals);
	while (s->next(s, 0, &rec, &e) > 0) {
		ck_assert(rec.delay_ps >= 0 && rec.response_ps > 0);
		ck_assert_str_eq(rec.kind == 1 ? "Hit" : trace_reader_format(r)->kinds[rec.kind - 1],
			trace_reader_format(r)->kinds[rec.kind - 1]);
		sum += rec.response_ps;
		n++;
	}
	ck_assert_int_eq(e.code, ERR_NONE);
	ck_assert_uint_eq(n, drives[_i].records);
	ck_assert_double_eq_tol((double)sum / (double)n / 1e9, drives[_i].mean_ms, 0.0005);
	trace_reader_free(r);
}
END_TEST

static TCase *bad_input(void)
{
	TCase *t = tcase_create("bad input");
	int formats = 0;

	while (trace_formats[formats])
		formats++;
	tcase_set_timeout(t, 60);
	tcase_add_checked_fixture(t, fixture_open, fixture_close);
	tcase_add_loop_test(t, bad_text_is_reported_with_file_line_and_field, 0,
		(int)(sizeof(broken) / sizeof(broken[0])));
	tcase_add_test(t, an_unknown_format_name_gets_the_nearest_one);
	tcase_add_test(t, impossible_options_are_refused);
	tcase_add_test(t, a_binary_file_given_as_text_is_said);
	tcase_add_test(t, a_cut_off_binary_record_is_said_with_its_offset);
	tcase_add_test(t, a_truncated_gzip_is_never_a_whole_trace);
	tcase_add_loop_test(t, every_format_is_read_through_every_compression, 0, formats);
	return t;
}

static TCase *real_traces(void)
{
	TCase *t = tcase_create("real traces");

	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, a_sample_of_each_format_is_read, 0,
		(int)(sizeof(samples) / sizeof(samples[0])));
	tcase_add_test(t, each_format_has_a_sample);
	tcase_add_test(t, cloudphysics_vscsi_has_its_check_values);
	tcase_add_test(t, mqsim_tpcc_has_its_check_values);
	tcase_add_test(t, disksim_ascii_has_its_check_values);
	tcase_add_loop_test(t, measured_drives_have_their_mean_response, 0,
		(int)(sizeof(drives) / sizeof(drives[0])));
	return t;
}

int main(void)
{
	Suite *s = suite_create("trace/reader");
	TCase *t = tcase_create("reader");

	tcase_set_timeout(t, 60);
	tcase_add_checked_fixture(t, fixture_open, fixture_close);
	tcase_add_test(t, times_are_rebased_to_the_first_record);
	tcase_add_test(t, comments_blank_lines_and_line_ends_do_not_count);
	tcase_add_test(t, a_byte_order_mark_is_dropped_for_a_named_format_too);
	tcase_add_test(t, skip_limit_and_device_select);
	tcase_add_test(t, a_selection_that_leaves_nothing_is_said);
	tcase_add_test(t, time_scale_is_exact);
	tcase_add_test(t, delays_are_scaled_too);
	tcase_add_test(t, the_end_of_simulated_time_is_an_error);
	tcase_add_test(t, time_going_backwards_is_an_error_with_both_times);
	tcase_add_test(t, a_step_before_the_first_record_is_an_error);
	tcase_add_test(t, the_sort_window_reaches_so_far);
	tcase_add_test(t, the_sorter_sorts);
	tcase_add_test(t, blkparse_events_of_several_cpus_are_sorted_by_default);
	tcase_add_test(t, a_flush_before_a_write_is_a_record_of_its_own);
	tcase_add_test(t, the_blkparse_action_is_chosen);
	tcase_add_test(t, progress_grows_to_one);
	suite_add_tcase(s, t);
	suite_add_tcase(s, bad_input());
	suite_add_tcase(s, real_traces());
	return run_suite(s);
}
