/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The contract of every trace format, looped over the table, and what each format makes of
 * its lines. Expected values are the lines' own numbers in the units that the format's
 * source documents (named at the head of each format's file).
 */
#include "trace_fixture.h"

#include <inttypes.h>

#include "trace/scan.h"

static const struct trace_format *format;
static void *state;
static char why[1024];
static struct trace_parse_options options;

static void format_use(const char *name)
{
	format = trace_format_find(name);
	ck_assert_msg(format != NULL, "%s", name);
	state = calloc(1, format->state_size + 1);
	memset(&options, 0, sizeof(options));
}

static void format_drop(void)
{
	if (format->state_free)
		format->state_free(state);
	free(state);
}

/* As the reader does, from memory of the very length, with slack that would be noticed. */
static enum trace_parse parse_bytes(const char *data, size_t len, struct trace_raw *out)
{
	char *copy = malloc(len + TRACE_SLACK);

	memcpy(copy, data, len);
	memset(copy + len, '7', TRACE_SLACK);
	memset(out, 0, sizeof(*out));
	out->rec.arrive_ps = out->rec.delay_ps = out->rec.response_ps = -1;
	out->rec.op = 255;
	why[0] = '\0';
	enum trace_parse r = format->parse(state, &options, copy, len, out, why, sizeof(why));
	free(copy);
	return r;
}

static struct trace_raw parse_good(const char *line)
{
	struct trace_raw raw;

	ck_assert_msg(parse_bytes(line, strlen(line), &raw) == TRACE_RECORD, "%s: %s", line, why);
	return raw;
}

static void parse_skips(const char *line)
{
	struct trace_raw raw;

	ck_assert_msg(parse_bytes(line, strlen(line), &raw) == TRACE_SKIP, "%s: %s", line, why);
}

static void parse_bad(const char *line, const char *says)
{
	struct trace_raw raw;

	ck_assert_msg(parse_bytes(line, strlen(line), &raw) == TRACE_BAD, "%s is taken", line);
	ck_assert_msg(strstr(why, says) != NULL, "\"%s\" does not say \"%s\"", why, says);
}

static size_t sample_bytes(const struct trace_format *f)
{
	return f->record_bytes ? f->record_bytes : strlen(f->sample);
}

static int detect_copy(const struct trace_format *f, const char *head, size_t len)
{
	char *copy = malloc(len + TRACE_SLACK);

	memcpy(copy, head, len);
	memset(copy + len, '7', TRACE_SLACK);
	why[0] = '\0';
	int sure = f->detect(copy, len, why, sizeof(why));
	free(copy);
	return sure;
}

/* ---- the contract -------------------------------------------------------------------- */

START_TEST(a_format_is_named_once_and_documented)
{
	const struct trace_format *f = trace_formats[_i];

	ck_assert_uint_gt(strlen(f->name), 0);
	ck_assert_uint_gt(strlen(f->doc), 20);
	ck_assert_ptr_nonnull(f->sample);
	ck_assert_ptr_nonnull(f->detect);
	ck_assert_ptr_nonnull(f->parse);
	ck_assert_ptr_eq(trace_format_find(f->name), f);
	for (int i = 0; i < _i; i++)
		ck_assert_str_ne(trace_formats[i]->name, f->name);
	ck_assert_ptr_null(trace_format_find("no such format"));
}
END_TEST

/* What a record may hold, wherever it came from. */
static void check_record(const struct trace_raw *raw)
{
	const struct trace_record *r = &raw->rec;

	ck_assert_uint_lt(r->op, BLK_OP_COUNT);
	ck_assert(r->sectors > 0 || !blk_op_has_range((enum blk_op)r->op));
	ck_assert_uint_le(r->lba, SCAN_SECTORS_MAX);
	ck_assert_uint_le(r->lba + r->sectors, SCAN_SECTORS_MAX);
	ck_assert_int_ge(r->delay_ps, -1);
	ck_assert_int_ge(r->response_ps, -1);
	ck_assert_uint_ne(r->device, TRACE_ALL_DEVICES);
	ck_assert(!raw->has_time || raw->time_ps >= 0);
}

START_TEST(the_sample_is_a_record_with_what_the_format_has)
{
	struct trace_raw raw;

	format_use(trace_formats[_i]->name);
	ck_assert_msg(parse_bytes(format->sample, sample_bytes(format), &raw) == TRACE_RECORD, "%s", why);
	check_record(&raw);
	ck_assert_int_eq(raw.has_time, format->has_arrivals);
	ck_assert_int_eq(raw.rec.delay_ps >= 0, format->has_delays);
	ck_assert_int_eq(raw.rec.response_ps >= 0, format->has_responses);
	format_drop();
}
END_TEST

START_TEST(the_sample_is_detected_as_its_own)
{
	const struct trace_format *f = trace_formats[_i];
	size_t len = sample_bytes(f);

	for (int newline = 0; newline <= (f->record_bytes ? 0 : 1); newline++) {
		char *head = calloc(1, len + 1 + TRACE_SLACK);
		memcpy(head, f->sample, len);
		if (newline)
			head[len] = '\n';
		ck_assert_msg(trace_format_detect(head, len + (size_t)newline, why, sizeof(why)) == f,
			"%s: %s", f->name, why);
		ck_assert_uint_gt(strlen(why), 5);
		for (int i = 0; trace_formats[i]; i++)
			if (i != _i)
				ck_assert_int_lt(detect_copy(trace_formats[i], head, len),
					detect_copy(f, head, len));
		free(head);
	}
}
END_TEST

START_TEST(a_sample_cut_anywhere_is_taken_soundly)
{
	struct trace_raw raw;

	format_use(trace_formats[_i]->name);
	if (format->record_bytes == 0) {
		for (size_t len = 1; len < sample_bytes(format); len++) {
			if (parse_bytes(format->sample, len, &raw) == TRACE_RECORD)
				check_record(&raw);
			ck_assert_uint_lt(strlen(why), sizeof(why));
		}
	}
	for (size_t len = 0; len < sample_bytes(format); len++)
		detect_copy(format, format->sample, len);
	format_drop();
}
END_TEST

START_TEST(a_sample_with_any_byte_changed_is_taken_soundly)
{
	size_t len = sample_bytes(trace_formats[_i]);
	char *data = malloc(len);
	struct trace_raw raw;

	for (size_t at = 0; at < len; at++) {
		for (int c = 0; c < 256; c++) {
			format_use(trace_formats[_i]->name);
			memcpy(data, format->sample, len);
			data[at] = (char)c;
			if (parse_bytes(data, len, &raw) == TRACE_RECORD)
				check_record(&raw);
			detect_copy(format, data, len);
			format_drop();
		}
	}
	free(data);
}
END_TEST

/* Two bytes changed, many times over: fields that become long, negative, empty. */
START_TEST(a_sample_with_bytes_added_is_taken_soundly)
{
	static const char add[] = "0123456789-,. \teE+xNFRW[](\377\0";
	size_t len = sample_bytes(trace_formats[_i]);
	char *data = malloc(len + 64);
	uint32_t x = 12345;
	struct trace_raw raw;

	for (int round = 0; round < 20000; round++) {
		size_t n = len;
		format_use(trace_formats[_i]->name);
		memcpy(data, format->sample, len);
		for (int k = 0; k < 1 + round % 40; k++) {
			x = x * 1664525 + 1013904223;
			size_t at = (x >> 16) % (n + 1);
			if (format->record_bytes) {
				data[at % n] = (char)(x >> 8);
			} else {
				memmove(data + at + 1, data + at, n - at);
				data[at] = add[(x >> 8) % sizeof(add)];
				n++;
			}
		}
		if (parse_bytes(data, n, &raw) == TRACE_RECORD)
			check_record(&raw);
		format_drop();
	}
	free(data);
}
END_TEST

START_TEST(two_traces_at_once_do_not_mix)
{
	struct trace_raw one, other;
	size_t len = sample_bytes(trace_formats[_i]);

	format_use(trace_formats[_i]->name);
	ck_assert_int_eq(parse_bytes(format->sample, len, &one), TRACE_RECORD);
	void *first = state;
	format_use(trace_formats[_i]->name);
	ck_assert_int_eq(parse_bytes(format->sample, len, &other), TRACE_RECORD);
	ck_assert(one.time_ps == other.time_ps && one.rec.op == other.rec.op);
	ck_assert(one.rec.lba == other.rec.lba && one.rec.sectors == other.rec.sectors);
	ck_assert(one.rec.device == other.rec.device && one.rec.delay_ps == other.rec.delay_ps);
	ck_assert(one.rec.response_ps == other.rec.response_ps && one.rec.kind == other.rec.kind);
	format_drop();
	state = first;
	format_drop();
}
END_TEST

/* ---- blkparse ------------------------------------------------------------------------ */

START_TEST(blkparse_columns_have_their_units)
{
	format_use("blkparse");
	struct trace_raw r = parse_good(
		"  8,16   5        2     0.000001850 18615  Q   R 1444645666 + 256 [java]");
	ck_assert(r.has_time);
	ck_assert(r.time_ps == 1850000);
	ck_assert_uint_eq(r.rec.lba, 1444645666);
	ck_assert_uint_eq(r.rec.sectors, 256);
	ck_assert_int_eq(r.rec.op, BLK_READ);
	ck_assert_str_eq(format->device_name(state, r.rec.device), "8,16");
	r = parse_good("259,0    0        1 86400.123456789     0  Q  WS 8 + 8 [k worker/0:1H]");
	ck_assert(r.time_ps == (int128)86400123456789 * 1000);
	ck_assert_uint_eq(r.rec.device, 1);
	ck_assert_str_eq(format->device_name(state, 1), "259,0");
	r = parse_good("  8,16   5       -2     1.5 18615  Q   R 16 + 8 [java]");
	ck_assert_uint_eq(r.rec.device, 0);
	ck_assert(r.time_ps == 1500000000000);
	/* a device number longer than the eight characters kept for quick comparison */
	r = parse_good("1048575,1048575 5 2 1.5 18615 Q R 16 + 8 [java]");
	ck_assert_uint_eq(r.rec.device, 2);
	r = parse_good("1048575,1048575 5 2 1.5 18615 Q R 16 + 8 [java]");
	ck_assert_uint_eq(r.rec.device, 2);
	ck_assert_ptr_null(format->device_name(state, 3));
	format_drop();
}
END_TEST

/* RWBS as blkparse_fmt.c's fill_rwbs() and the kernel's blk_fill_rwbs() write them. */
static const struct { const char *rwbs; int op, flags; bool preflush; } letters[] = {
	{ "R", BLK_READ, 0, false },
	{ "RA", BLK_READ, 0, false },
	{ "RSM", BLK_READ, BLK_SYNC, false },
	{ "RAM", BLK_READ, 0, false },
	{ "W", BLK_WRITE, 0, false },
	{ "WS", BLK_WRITE, BLK_SYNC, false },
	{ "WM", BLK_WRITE, 0, false },
	{ "WSMU", BLK_WRITE, BLK_SYNC, false },
	{ "WF", BLK_WRITE, BLK_FUA, false },
	{ "WFS", BLK_WRITE, BLK_FUA | BLK_SYNC, false },
	{ "WFSM", BLK_WRITE, BLK_FUA | BLK_SYNC, false },
	{ "FW", BLK_WRITE, 0, true },
	{ "FWFS", BLK_WRITE, BLK_FUA | BLK_SYNC, true },
	{ "FWFSM", BLK_WRITE, BLK_FUA | BLK_SYNC, true },
	{ "WBS", BLK_WRITE, BLK_BARRIER | BLK_SYNC, false },
	{ "D", BLK_TRIM, 0, false },
	{ "DS", BLK_TRIM, BLK_SYNC, false },
	{ "DE", BLK_TRIM, 0, false },
	{ "FDS", BLK_TRIM, BLK_SYNC, true },
	{ "ZR", BLK_ZONE_RESET, 0, false },
	{ "ZAS", BLK_ZONE_APPEND, BLK_SYNC, false },
	{ "ZF", BLK_ZONE_FINISH, 0, false },
	{ "ZO", BLK_ZONE_OPEN, 0, false },
	{ "ZC", BLK_ZONE_CLOSE, 0, false },
};

START_TEST(blkparse_letters_are_understood)
{
	char line[128];

	format_use("blkparse");
	snprintf(line, sizeof(line), "8,0 1 1 0.5 7 Q %s 1000 + 8 [x]", letters[_i].rwbs);
	struct trace_raw r = parse_good(line);
	ck_assert_int_eq(r.rec.op, letters[_i].op);
	ck_assert_int_eq(r.rec.flags, letters[_i].flags);
	ck_assert_int_eq(r.preflush, letters[_i].preflush);
	ck_assert_uint_eq(r.rec.lba, 1000);
	ck_assert_uint_eq(r.rec.sectors, 8);
	format_drop();
}
END_TEST

START_TEST(blkparse_flushes_stand_alone_without_sectors)
{
	static const char *const lines[] = {
		"8,0 1 1 0.5 7 Q FN [jbd2]",
		"8,0 1 1 0.5 7 Q FWS [jbd2]",
		"8,0 1 1 0.5 7 Q F 0 + 0 [jbd2]",
		"8,0 1 1 0.5 7 Q FF 0 + 0 [jbd2]",
		"8,0 1 1 0.5 7 Q FFS [jbd2]",
		"8,0 1 1 0.5 7 Q FS [jbd2]",
	};

	format_use("blkparse");
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct trace_raw r = parse_good(lines[i]);
		ck_assert_msg(r.rec.op == BLK_FLUSH && !r.preflush, "%s", lines[i]);
		ck_assert(r.rec.lba == 0 && r.rec.sectors == 0);
	}
	options.blkparse_action = 'C';
	ck_assert_int_eq(parse_good("8,0 1 1 0.5 0 C FN 0 [0]").rec.op, BLK_FLUSH);
	ck_assert_int_eq(parse_good("8,0 1 1 0.5 0 C WS 64 + 8 [0]").rec.op, BLK_WRITE);
	ck_assert_int_eq(parse_good("8,0 1 1 0.5 0 C WS 64 + 8 (   12345) [0]").rec.op, BLK_WRITE);
	format_drop();
}
END_TEST

START_TEST(blkparse_other_events_are_skipped)
{
	static const char *const lines[] = {
		"8,0 1 1 0.5 7 A R 1000 + 8 <- (8,1) 992",
		"8,0 1 1 0.5 7 M W 1000 + 8 [x]",
		"8,0 1 1 0.5 7 F W 1000 + 8 [x]",
		"8,0 1 1 0.5 7 G R 1000 + 8 [x]",
		"8,0 1 1 0.5 7 P N [x]",
		"8,0 1 1 0.5 7 U N [x] 1",
		"8,0 1 1 0.5 7 UT N [x] 1",
		"8,0 1 1 0.5 7 X R 1000 / 1008 [x]",
		"8,0 1 0 0.5 0 m N cfq1234 alloced",
		"8,0 1 1 0.5 7 D R 1000 + 8 [x]",
		"8,0 1 1 0.5 7 Q N [x]",
		"8,0 1 1 0.5 7 Q R 36 (12 00 00 00 24 00 ..) [x]", /* passthrough */
		"8,0 1 1 0.5 7 Q R 36 [x]",
		"Input file sda.blktrace.0 added",
		"CPU0 (sda):",
		" Reads Queued:           0,        0KiB	 Writes Queued:          16,       64KiB",
		"Total (sda):",
		"Throughput (R/W): 0KiB/s / 74KiB/s",
		"Events (sda): 66 entries",
		"Skips: 0 forward (0 -   0.0%)",
	};

	format_use("blkparse");
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		parse_skips(lines[i]);
	options.blkparse_action = 'D';
	ck_assert_uint_eq(parse_good("8,0 1 1 0.5 7 D R 1000 + 8 [x]").rec.lba, 1000);
	format_drop();
}
END_TEST

START_TEST(blkparse_says_what_is_wrong)
{
	format_use("blkparse");
	parse_bad("sda 1 1 0.5 7 Q R 1000 + 8 [x]", "field 1 (device) is \"sda\": want major,minor");
	parse_bad("8,0 x 1 0.5 7 Q R 1000 + 8 [x]", "field 2 (cpu)");
	parse_bad("8,0 1 x 0.5 7 Q R 1000 + 8 [x]", "field 3 (sequence)");
	parse_bad("8,0 1 1 -0.5 7 Q R 1000 + 8 [x]", "field 4 (time) is negative: \"-0.5\"");
	parse_bad("8,0 1 1 0.5 x Q R 1000 + 8 [x]", "field 5 (pid)");
	parse_bad("8,0 1 1 0.5 7", "field 6 (action) is missing");
	parse_bad("8,0 1 1 0.5 7 Q", "field 7 (RWBS) is missing");
	parse_bad("8,0 1 1 0.5 7 Q Y 1000 + 8 [x]", "field 7 (RWBS) is \"Y\"");
	parse_bad("8,0 1 1 0.5 7 Q ZRA 1000 + 8 [x]", "field 7 (RWBS) is \"ZRA\"");
	parse_bad("8,0 1 1 0.5 7 Q R 99999999999999999999 + 8 [x]", "field 8 (sector) is too large");
	parse_bad("8,0 1 1 0.5 7 Q R -8 + 8 [x]", "field 8 (sector) is negative: \"-8\"");
	parse_bad("8,0 1 1 0.5 7 Q R x + 8 [x]", "field 8 (sector) is \"x\"");
	parse_bad("8,0 1 1 0.5 7 Q R", "field 8 (sector) is missing");
	parse_bad("8,0 1 1 0.5 7 Q R 1000 8 [x]", "field 9 (+) is \"8\"");
	parse_bad("8,0 1 1 0.5 7 Q R 1000", "field 9 (+) is missing");
	parse_bad("8,0 1 1 0.5 7 Q R 1000 + x [x]", "field 10 (count) is \"x\"");
	parse_bad("8,0 1 1 0.5 7 Q R 1000 +", "field 10 (count) is missing");
	parse_bad("8,0 1 1 0.5 7 Q R 1000 + 4294967296 [x]",
		"field 10 (count) is too large: 4294967296");
	parse_bad("8,0 1 1 0.5 7 Q R 36028797018963968 + 8 [x]", "field 8 (sector) is too large");
	format_drop();
}
END_TEST

START_TEST(blkparse_of_another_action_is_still_detected)
{
	static const char head[] = "  8,0    3        1     0.000000000   697  D   W 223490 + 8 [k]\n"
		"  8,0    3        2     0.000100000   697  C   W 223490 + 8 [0]\n        ";

	ck_assert_str_eq(trace_format_detect(head, strlen(head) - 8, why, sizeof(why))->name, "blkparse");
}
END_TEST

/* ---- fio ----------------------------------------------------------------------------- */

START_TEST(fio_v2_counts_bytes_and_waits)
{
	format_use("fio-v2");
	parse_skips("fio version 2 iolog");
	parse_skips("/dev/sdb add");
	parse_skips("/dev/sdb open");
	struct trace_raw r = parse_good("/dev/sdb read 1024 4096");
	ck_assert(r.rec.op == BLK_READ && r.rec.lba == 2 && r.rec.sectors == 8);
	ck_assert(!r.has_time && r.rec.delay_ps == 0);
	parse_skips("/dev/sdb wait 1000 0");
	parse_skips("/dev/sdb wait 500 0");
	r = parse_good("/dev/sdc write 0 512");
	ck_assert(r.rec.op == BLK_WRITE && r.rec.device == 1);
	ck_assert_int_eq(r.rec.delay_ps, 1500 * PS_PER_US);
	ck_assert_str_eq(format->device_name(state, 1), "/dev/sdc");
	r = parse_good("/dev/sdb trim 512 512");
	ck_assert(r.rec.op == BLK_TRIM && r.rec.lba == 1 && r.rec.delay_ps == 0 && r.rec.device == 0);
	ck_assert_int_eq(parse_good("/dev/sdb sync 4096 4096").rec.op, BLK_FLUSH);
	r = parse_good("/dev/sdb datasync 0 0");
	ck_assert(r.rec.op == BLK_FLUSH && r.rec.sectors == 0);
	parse_skips("/dev/sdb sync_file_range 0 4096");
	parse_skips("/dev/sdb close");
	parse_bad("/dev/sdb unlink", "field 2 (action) is \"unlink\"");
	parse_bad("/dev/sdb read", "field 3 (offset) is missing: the line has 2 fields");
	parse_bad("/dev/sdb read 0", "field 4 (length) is missing");
	parse_bad("/dev/sdb read 0 0", "field 4 (length) is 0: a request has at least one sector");
	parse_bad("/dev/sdb read 0 -4096", "field 4 (length) is negative");
	parse_bad("/dev/sdb read 0 4096 1", "the line has 5 fields: want 4");
	parse_bad("fio version 3 iolog", "is an iolog of version 3: read it as fio-v3");
	parse_bad("fio version 1 iolog", "want version 2 or 3");
	format_drop();
}
END_TEST

START_TEST(fio_v3_has_microseconds)
{
	format_use("fio-v3");
	parse_skips("fio version 3 iolog");
	parse_skips("0 /dev/sdb add");
	parse_skips("104 /dev/sdb open");
	struct trace_raw r = parse_good("125 /dev/sdb write 4096 4096");
	ck_assert(r.has_time && r.time_ps == 125 * PS_PER_US && r.rec.delay_ps == -1);
	ck_assert(r.rec.op == BLK_WRITE && r.rec.lba == 8 && r.rec.sectors == 8);
	parse_bad("126 /dev/sdb wait 1000 0", "\"wait\", which version 3 does not have");
	parse_bad("126 /dev/sdb read 0", "field 5 (length) is missing");
	parse_bad("x /dev/sdb read 0 512", "field 1 (timestamp) is \"x\"");
	parse_bad("fio version 2 iolog", "read it as fio-v2");
	format_drop();
}
END_TEST

/* ---- MSR ----------------------------------------------------------------------------- */

START_TEST(msr_times_are_ticks_of_100_ns)
{
	format_use("msr");
	struct trace_raw r = parse_good("128166372003061629,hm,0,Write,7014912,4096,26");
	ck_assert(r.time_ps == (int128)128166372003061629 * 100000);
	ck_assert_int_eq(r.rec.response_ps, 2600 * PS_PER_NS);
	ck_assert(r.rec.op == BLK_WRITE && r.rec.lba == 7014912 / 512 && r.rec.sectors == 8);
	ck_assert_str_eq(format->device_name(state, 0), "hm_0");
	r = parse_good("128166372003061630,hm,1,Read,100,1000,0");
	ck_assert(r.rec.op == BLK_READ && r.rec.lba == 0 && r.rec.sectors == 3 && r.rec.device == 1);
	ck_assert_uint_eq(parse_good("128166372003061630,src1,0,read,0,512,0").rec.device, 2);
	ck_assert_uint_eq(parse_good("128166372003061630,hm,0,Read,0,512,0").rec.device, 0);
	ck_assert_str_eq(format->device_name(state, 2), "src1_0");
	parse_skips("Timestamp,Hostname,DiskNumber,Type,Offset,Size,ResponseTime");
	format_drop();
}
END_TEST

START_TEST(msr_says_what_is_wrong)
{
	format_use("msr");
	parse_bad("128166372003061629,hm,0,Write,7014912,4096",
		"field 7 (response time) is missing: the line has 6 fields");
	parse_bad("128166372003061629,hm,0,Write,,4096,26", "field 5 (offset) is empty");
	parse_bad("128166372003061629,hm,0,Erase,0,4096,26",
		"field 4 (type) is \"Erase\": want Read or Write");
	parse_bad("128166372003061629,hm,0,Write,-512,4096,26",
		"field 5 (offset) is negative: \"-512\"");
	parse_bad("128166372003061629,hm,0,Write,99999999999999999999,4096,26",
		"field 5 (offset) is too large");
	parse_bad("128166372003061629,hm,0,Write,0,9999999999999,26", "field 6 (size) is too large");
	parse_bad("128166372003061629,hm,0,Write,0,0,26", "field 6 (size) is 0");
	parse_bad("128166372003061629,hm,0,Write,0,512,9999999999999999",
		"field 7 (response time) is too large");
	parse_bad("128166372003061629,hm,0,Write,0,512,26,1", "the line has 8 fields: want 7");
	parse_bad("128166372003061629,,0,Write,0,512,26", "field 2 (hostname) is empty");
	parse_bad("x,hm,0,Write,0,512,26", "field 1 (timestamp) is \"x\"");
	format_drop();
}
END_TEST

/* ---- DiskSim and MQSim ---------------------------------------------------------------- */

START_TEST(disksim_reads_have_bit_0)
{
	format_use("disksim");
	struct trace_raw r = parse_good("13.191135	30	0	5	1");
	ck_assert(r.time_ps == 13191135000 && r.rec.device == 30 && r.rec.lba == 0 && r.rec.sectors == 5);
	ck_assert(r.rec.op == BLK_READ && r.rec.flags == 0);
	ck_assert_int_eq(parse_good("25.9 18 28601 12 0").rec.op, BLK_WRITE);
	r = parse_good("  25.9 18 28601 12 81");
	ck_assert(r.rec.op == BLK_READ && r.rec.flags == BLK_SYNC);
	ck_assert_int_eq(parse_good("25 18 28601 12 0xFE").rec.op, BLK_WRITE);
	parse_bad("25.9 18 28601 12", "field 5 (flags) is missing");
	parse_bad("25.9 18 28601 12 g", "field 5 (flags) is \"g\": want a hexadecimal number");
	parse_bad("25.9 18 28601 12 1 1", "the line has 6 fields: want 5");
	parse_bad("25.9 18 28601 0 1", "field 4 (count) is 0");
	parse_bad("-25.9 18 28601 1 1", "field 1 (time) is negative");
	format_drop();
}
END_TEST

START_TEST(mqsim_counts_nanoseconds_and_reads_are_1)
{
	format_use("mqsim");
	struct trace_raw r = parse_good("938513000 4 264719034 16 0");
	ck_assert(r.time_ps == 938513000 * PS_PER_NS && r.rec.device == 4);
	ck_assert(r.rec.lba == 264719034 && r.rec.sectors == 16 && r.rec.op == BLK_WRITE);
	ck_assert_int_eq(parse_good("938513000 4 264719034 16 1").rec.op, BLK_READ);
	parse_bad("938513000 4 264719034 16 2", "field 5 (type) is \"2\": want 0 (write) or 1 (read)");
	parse_bad("1.5 4 264719034 16 1", "field 1 (time) is \"1.5\"");
	format_drop();
}
END_TEST

static const char *detected(const char *text)
{
	size_t len = strlen(text);
	char *head = calloc(1, len + TRACE_SLACK);

	memcpy(head, text, len);
	const struct trace_format *f = trace_format_detect(head, len, why, sizeof(why));
	free(head);
	return f ? f->name : "none";
}

START_TEST(five_numbers_are_told_apart)
{
	ck_assert_str_eq(detected("13.191135 30 0 5 1\n17.829285 20 576560 6 1\n"), "disksim");
	ck_assert_ptr_nonnull(strstr(why, "decimal point"));
	ck_assert_str_eq(detected("938513000 4 264719034 16 0\n938828000 3 197570570 16 1\n"), "mqsim");
	ck_assert_ptr_nonnull(strstr(why, "whole numbers"));
	/* whole milliseconds with flags that MQSim does not have */
	ck_assert_str_eq(detected("13 30 0 5 1\n17 20 576560 6 81\n18 20 1 6 80\n19 20 1 6 80\n"), "disksim");
}
END_TEST

/* ---- vscsi --------------------------------------------------------------------------- */

/* First record of the CloudPhysics trace of libCacheSim, decoded by hand. */
START_TEST(vscsi_records_are_little_endian)
{
	struct trace_raw r;

	format_use("vscsi");
	ck_assert_int_eq(parse_bytes(format->sample, 32, &r), TRACE_RECORD);
	ck_assert(r.rec.op == BLK_WRITE && r.rec.lba == 0x28f1a09 && r.rec.sectors == 1);
	ck_assert(r.time_ps == (int128)0x51fbe82cf22 * PS_PER_US);
	char copy[32];
	memcpy(copy, format->sample, 32);
	copy[12] = 0x28;
	copy[5] = 0x1a; /* 6656 bytes */
	ck_assert_int_eq(parse_bytes(copy, 32, &r), TRACE_RECORD);
	ck_assert(r.rec.op == BLK_READ && r.rec.sectors == 13);
	copy[12] = 0x12; /* INQUIRY */
	ck_assert_int_eq(parse_bytes(copy, 32, &r), TRACE_SKIP);
	copy[12] = 0x35; /* SYNCHRONIZE CACHE */
	ck_assert_int_eq(parse_bytes(copy, 32, &r), TRACE_RECORD);
	ck_assert(r.rec.op == BLK_FLUSH && r.rec.sectors == 0);
	copy[15] = 2;
	ck_assert_int_eq(parse_bytes(copy, 32, &r), TRACE_BAD);
	ck_assert_str_eq(why, "the record's version is 2: want 1");
	format_drop();
}
END_TEST

START_TEST(vscsi_version_2_adds_the_response)
{
	struct trace_raw r;

	format_use("vscsi2");
	ck_assert_int_eq(parse_bytes(format->sample, 40, &r), TRACE_RECORD);
	ck_assert(r.rec.op == BLK_WRITE && r.rec.lba == 0x28f1a09 && r.rec.sectors == 1);
	ck_assert(r.time_ps == (int128)0x51fbe82cf22 * PS_PER_US);
	ck_assert_int_eq(r.rec.response_ps, 250 * PS_PER_US);
	format_drop();
}
END_TEST

/* ---- measured ------------------------------------------------------------------------ */

START_TEST(measured_header_decides_the_columns)
{
	format_use("measured");
	parse_skips("op,lbn,blocks,measured_response_us,think_us,kind,delay_before_us");
	struct trace_raw r = parse_good("R,564347,2,14095.37,13876.27,Miss,0");
	ck_assert(!r.has_time && r.rec.op == BLK_READ && r.rec.lba == 564347 && r.rec.sectors == 2);
	ck_assert_int_eq(r.rec.response_ps, 14095370000);
	ck_assert_int_eq(r.rec.delay_ps, 0);
	ck_assert_str_eq(format->kinds[r.rec.kind - 1], "Miss");
	r = parse_good("W,1194877,15,17221,21894.38,Doub,9632.52");
	ck_assert(r.rec.op == BLK_WRITE && r.rec.delay_ps == 9632520000);
	ck_assert_str_eq(format->kinds[r.rec.kind - 1], "Doub");
	ck_assert_uint_eq(parse_good("W,1194877,15,17221,21894.38,Quad,9632.52").rec.kind, 0); /* a class of its own */
	ck_assert_uint_eq(parse_good("W,1194877,15,17221,21894.38,,9632.52").rec.kind, 0);
	parse_bad("W,1194877,15,17221,21894.38,H+t,9632.52", "field 6 (kind) is \"H+t\"");
	parse_bad("W,1194877,15,17221,21894.38,Hit", "field 7 (delay_before_us) is missing");
	parse_bad("W,1194877,15,17221,21894.38,Hit,1,2", "the line has 8 fields: want 7");
	parse_bad("X,1194877,15,17221,21894.38,Hit,1", "field 1 (op) is \"X\"");
	parse_bad("W,1194877,15,-1,21894.38,Hit,1", "field 4 (measured_response_us) is negative");
	format_drop();
	format_use("measured");
	parse_skips("lbn,op,blocks");
	r = parse_good("5,T,7");
	ck_assert(r.rec.op == BLK_TRIM && r.rec.lba == 5 && r.rec.sectors == 7);
	ck_assert(r.rec.delay_ps == -1 && r.rec.response_ps == -1 && r.rec.kind == 0);
	ck_assert_int_eq(parse_good("0,F,0").rec.op, BLK_FLUSH);
	format_drop();
}
END_TEST

/* Without delay_before_us the think time of a line delays the next one. */
START_TEST(measured_think_time_delays_the_next_request)
{
	format_use("measured");
	parse_skips("op,lbn,blocks,think_us");
	ck_assert_int_eq(parse_good("R,1,1,100.5").rec.delay_ps, 0);
	ck_assert_int_eq(parse_good("R,2,1,200").rec.delay_ps, 100500000);
	ck_assert_int_eq(parse_good("R,3,1,300").rec.delay_ps, 200000000);
	format_drop();
}
END_TEST

START_TEST(measured_header_is_checked)
{
	format_use("measured");
	parse_bad("op,lbn,delay", "field 3 (column name) is \"delay\"");
	format_drop();
	format_use("measured");
	parse_bad("op,lbn,op", "want each column once");
	format_drop();
	format_use("measured");
	parse_bad("op,lbn,kind", "the header line lacks the column blocks");
	format_drop();
}
END_TEST

/* ---- detection ----------------------------------------------------------------------- */

START_TEST(what_fits_no_format_gets_all_the_reasons)
{
	ck_assert_str_eq(detected("hello world\nthis is no trace\n"), "none");
	for (int i = 0; trace_formats[i]; i++)
		ck_assert_msg(strstr(why, trace_formats[i]->name) != NULL, "%s: %s", trace_formats[i]->name, why);
	ck_assert_ptr_nonnull(strstr(why, "field 1 (timestamp) is \"hello world\": want a whole number"));
}
END_TEST

START_TEST(unknown_binary_is_called_binary)
{
	char head[256 + TRACE_SLACK] = "";

	for (int i = 0; i < 256; i++)
		head[i] = (char)(255 - i);
	ck_assert_ptr_null(trace_format_detect(head, 256, why, sizeof(why)));
	ck_assert_str_eq(why, "looks binary, and is in no binary format known here");
	for (int i = 0; i < 256; i++)
		head[i] = (char)(i % 31 + 1);
	ck_assert_ptr_null(trace_format_detect(head, 256, why, sizeof(why)));
	ck_assert_str_eq(why, "looks binary, and is in no binary format known here");
}
END_TEST

/* One bad line among good ones is the reader's to report, with its number. */
START_TEST(a_bad_line_does_not_hide_the_format)
{
	ck_assert_str_eq(detected("128166372003061629,hm,0,Write,7014912,4096,26\n"
		"128166372003061629,hm,0,Write,7014912\n128166372003061629,hm,0,Read,0,4096,26\n"), "msr");
	ck_assert_str_eq(detected("# a comment\n\nfio version 3 iolog\n"), "fio-v3");
	ck_assert_str_eq(detected("# a comment\nop,lbn,blocks\n"), "measured");
}
END_TEST

static TCase *contract(void)
{
	TCase *t = tcase_create("contract");
	int n = 0;

	while (trace_formats[n])
		n++;
	tcase_set_timeout(t, 120);
	tcase_add_loop_test(t, a_format_is_named_once_and_documented, 0, n);
	tcase_add_loop_test(t, the_sample_is_a_record_with_what_the_format_has, 0, n);
	tcase_add_loop_test(t, the_sample_is_detected_as_its_own, 0, n);
	tcase_add_loop_test(t, a_sample_cut_anywhere_is_taken_soundly, 0, n);
	tcase_add_loop_test(t, a_sample_with_any_byte_changed_is_taken_soundly, 0, n);
	tcase_add_loop_test(t, a_sample_with_bytes_added_is_taken_soundly, 0, n);
	tcase_add_loop_test(t, two_traces_at_once_do_not_mix, 0, n);
	return t;
}

int main(void)
{
	Suite *s = suite_create("trace/format");
	TCase *t = tcase_create("formats");

	tcase_add_test(t, blkparse_columns_have_their_units);
	tcase_add_loop_test(t, blkparse_letters_are_understood, 0,
		(int)(sizeof(letters) / sizeof(letters[0])));
	tcase_add_test(t, blkparse_flushes_stand_alone_without_sectors);
	tcase_add_test(t, blkparse_other_events_are_skipped);
	tcase_add_test(t, blkparse_says_what_is_wrong);
	tcase_add_test(t, blkparse_of_another_action_is_still_detected);
	tcase_add_test(t, fio_v2_counts_bytes_and_waits);
	tcase_add_test(t, fio_v3_has_microseconds);
	tcase_add_test(t, msr_times_are_ticks_of_100_ns);
	tcase_add_test(t, msr_says_what_is_wrong);
	tcase_add_test(t, disksim_reads_have_bit_0);
	tcase_add_test(t, mqsim_counts_nanoseconds_and_reads_are_1);
	tcase_add_test(t, five_numbers_are_told_apart);
	tcase_add_test(t, vscsi_records_are_little_endian);
	tcase_add_test(t, vscsi_version_2_adds_the_response);
	tcase_add_test(t, measured_header_decides_the_columns);
	tcase_add_test(t, measured_think_time_delays_the_next_request);
	tcase_add_test(t, measured_header_is_checked);
	tcase_add_test(t, what_fits_no_format_gets_all_the_reasons);
	tcase_add_test(t, unknown_binary_is_called_binary);
	tcase_add_test(t, a_bad_line_does_not_hide_the_format);
	suite_add_tcase(s, contract());
	suite_add_tcase(s, t);
	return run_suite(s);
}
