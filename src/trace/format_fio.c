/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fio's I/O logs (--write_iolog). The first line is `fio version 2 iolog` or `... 3 ...`;
 * then, blank-separated,
 *
 *   version 2:            file action            (add, open, close: skipped)
 *                         file action offset length
 *   version 3: timestamp  the same
 *
 * Offsets and lengths are in bytes, timestamps in microseconds since the log was begun.
 * sync, datasync and syncfs flush; sync_file_range, which does not reach the device's
 * cache, is skipped. A device is a file, numbered by appearance.
 *
 * fio wrote version 2 up to 3.30 and writes version 3 since 3.31. Its documentation gives
 * the timestamp no unit; log_io_u() in iolog.c prints utime_since_now(), microseconds.
 *
 * `wait` (version 2 only) is documented as a pause of `offset` microseconds since the last
 * wait, but read_iolog_get() takes it for milliseconds since the start of the job (fio
 * issues 756, 1568). fio never writes one, so they come from other tools that follow the
 * documentation: a pause in microseconds before the next request, pauses adding up.
 */
#include <stdio.h>

#include "trace/names.h"
#include "trace/scan.h"

struct fio {
	struct names names;
	time_ps wait_ps; /* version 2: pause before the next request */
};

extern const struct trace_format trace_format_fio_v2, trace_format_fio_v3;

/* Names and wishes of the fields from the file name on. */
static const struct { const char *name, *want; } field_of[5] = {
	{ "timestamp", "a whole number of microseconds" },
	{ "file", "a file name" },
	{ "action", "one of read write trim sync datasync add open close" },
	{ "offset", "a whole number of bytes" },
	{ "length", "a whole number of bytes" },
};

/* field: index into field_of; version 3 has one more in front. */
static enum trace_parse bad(char *why, size_t why_bytes, const char *data, size_t len,
	unsigned version, unsigned field)
{
	return scan_bad_field(why, why_bytes, data, len, ' ', version == 3 ? field + 1 : field,
		field_of[field].name, field_of[field].want);
}

/* Version of a `fio version N iolog` line, 0 when it is another. */
static unsigned header_version(const char *data, size_t len)
{
	static const char head[] = "fio version ", tail[] = " iolog";
	size_t h = sizeof(head) - 1, t = sizeof(tail) - 1;

	if (len != h + 1 + t || memcmp(data, head, h) != 0 || memcmp(data + h + 1, tail, t) != 0)
		return 0;
	return (unsigned char)(data[h] - '0') <= 9 ? (unsigned)(data[h] - '0') : 0;
}

enum action { FIO_BAD, FIO_FILE, FIO_SKIP, FIO_WAIT, FIO_FLUSH, FIO_RANGE };

static enum action find_action(const char *text, size_t len, uint8_t *op)
{
	if (scan_is(text, len, "read"))
		*op = BLK_READ;
	else if (scan_is(text, len, "write"))
		*op = BLK_WRITE;
	else if (scan_is(text, len, "trim"))
		*op = BLK_TRIM;
	else if (scan_is(text, len, "sync") || scan_is(text, len, "datasync") ||
		 scan_is(text, len, "syncfs"))
		return FIO_FLUSH;
	else if (scan_is(text, len, "wait"))
		return FIO_WAIT;
	else if (scan_is(text, len, "add") || scan_is(text, len, "open") || scan_is(text, len, "close"))
		return FIO_FILE;
	else if (scan_is(text, len, "sync_file_range"))
		return FIO_SKIP;
	else
		return FIO_BAD;
	return FIO_RANGE;
}

/* `wait`: only in version 2; the pauses add up to the next request. */
static enum trace_parse add_wait(struct fio *f, unsigned version, uint64_t us, char *why,
	size_t why_bytes)
{
	time_ps pause;

	if (version == 3)
		return scan_bad(why, why_bytes, "field 3 (action) is \"wait\", which version 3 does not have");
	if (us > INT64_MAX / PS_PER_US || __builtin_add_overflow(f->wait_ps, (time_ps)us * PS_PER_US, &pause))
		return scan_bad(why, why_bytes, "field 3 (offset) is too long a wait");
	f->wait_ps = pause;
	return TRACE_SKIP;
}

static enum trace_parse request(struct fio *f, unsigned version, enum action action,
	const char *file, size_t file_len, struct trace_raw *out, char *why, size_t why_bytes)
{
	if (action == FIO_FLUSH) {
		out->rec.op = BLK_FLUSH;
		out->rec.lba = 0;
		out->rec.sectors = 0;
	}
	out->rec.device = names_find(&f->names, file, file_len);
	if (out->rec.device == NAMES_FULL)
		return scan_bad(why, why_bytes, "field %u (file) is one file too many", version == 3 ? 2u : 1u);
	if (version == 2) {
		out->rec.delay_ps = f->wait_ps;
		f->wait_ps = 0;
	} else {
		out->has_time = true;
	}
	return TRACE_RECORD;
}

static enum trace_parse parse_line(struct fio *f, unsigned version, const char *data, size_t len,
	struct trace_raw *out, char *why, size_t why_bytes)
{
	struct scan s = { data, data + len };
	const char *file, *word;
	size_t file_len, word_len;
	uint64_t us, offset = 0, bytes = 0;

	if (version == 3) {
		scan_blanks(&s);
		if (!scan_u64(&s, &us) || !scan_at_blank(&s))
			return bad(why, why_bytes, data, len, version, 0);
		out->time_ps = (int128)us * PS_PER_US;
	}
	scan_blanks(&s);
	if (!scan_word(&s, &file, &file_len))
		return bad(why, why_bytes, data, len, version, 1);
	scan_blanks(&s);
	if (!scan_word(&s, &word, &word_len))
		return bad(why, why_bytes, data, len, version, 2);
	enum action action = find_action(word, word_len, &out->rec.op);
	if (action == FIO_BAD)
		return bad(why, why_bytes, data, len, version, 2);
	scan_blanks(&s);
	if (action == FIO_FILE && scan_at_end(&s))
		return TRACE_SKIP;
	if (!scan_u64(&s, &offset) || !scan_at_blank(&s))
		return bad(why, why_bytes, data, len, version, 3);
	scan_blanks(&s);
	if (!scan_u64(&s, &bytes) || !scan_at_blank(&s))
		return bad(why, why_bytes, data, len, version, 4);
	if (!scan_at_end(&s))
		return scan_bad_count(why, why_bytes, data, len, ' ', version == 3 ? 5 : 4);
	if (action == FIO_FILE || action == FIO_SKIP)
		return TRACE_SKIP;
	if (action == FIO_WAIT)
		return add_wait(f, version, offset, why, why_bytes);
	if (action == FIO_RANGE && !scan_store_bytes(&out->rec, offset, bytes))
		return scan_bad_range(why, why_bytes, offset, bytes, "bytes",
			version == 3 ? "field 4 (offset)" : "field 3 (offset)",
			version == 3 ? "field 5 (length)" : "field 4 (length)");
	return request(f, version, action, file, file_len, out, why, why_bytes);
}

static enum trace_parse parse(void *state, unsigned version, const char *data, size_t len,
	struct trace_raw *out, char *why, size_t why_bytes)
{
	if (len > 4 && memcmp(data, "fio ", 4) == 0) {
		unsigned has = header_version(data, len);
		if (has == version)
			return TRACE_SKIP;
		if (has == 2 || has == 3)
			return scan_bad(why, why_bytes, "is an iolog of version %u: read it as fio-v%u", has, has);
		if (has)
			return scan_bad(why, why_bytes, "is an iolog of version %u: want version 2 or 3", has);
	}
	return parse_line(state, version, data, len, out, why, why_bytes);
}

static enum trace_parse parse_v2(void *state, const struct trace_parse_options *o,
	const char *data, size_t len, struct trace_raw *out, char *why, size_t why_bytes)
{
	(void)o;
	return parse(state, 2, data, len, out, why, why_bytes);
}

static enum trace_parse parse_v3(void *state, const struct trace_parse_options *o,
	const char *data, size_t len, struct trace_raw *out, char *why, size_t why_bytes)
{
	(void)o;
	return parse(state, 3, data, len, out, why, why_bytes);
}

static int detect(const struct trace_format *f, unsigned version, const char *head, size_t len,
	char *why, size_t why_bytes)
{
	const char *line;
	size_t n, at = 0;
	unsigned has = scan_next_line(head, len, &at, &line, &n) ? header_version(line, n) : 0;

	if (has) {
		snprintf(why, why_bytes, "first line is `fio version %u iolog`", has);
		return has == version ? 100 : 0;
	}
	return scan_detect(f, head, len, 70, version == 3 ? "fio actions with a timestamp" :
		"fio actions (file action offset length)", why, why_bytes);
}

static int detect_v2(const char *head, size_t len, char *why, size_t why_bytes)
{
	return detect(&trace_format_fio_v2, 2, head, len, why, why_bytes);
}

static int detect_v3(const char *head, size_t len, char *why, size_t why_bytes)
{
	return detect(&trace_format_fio_v3, 3, head, len, why, why_bytes);
}

static const char *device_name(const void *state, uint32_t device)
{
	return names_text(&((const struct fio *)state)->names, device);
}

static void state_free(void *state)
{
	names_free(&((struct fio *)state)->names);
}

const struct trace_format trace_format_fio_v2 = {
	.name = "fio-v2",
	.doc = "fio iolog version 2: file, action, offset (bytes; of a wait: microseconds), length "
	       "(bytes); no times",
	.sample = "/dev/sdb read 0 4096",
	.state_size = sizeof(struct fio),
	.has_delays = true,
	.detect = detect_v2,
	.parse = parse_v2,
	.device_name = device_name,
	.state_free = state_free,
};

const struct trace_format trace_format_fio_v3 = {
	.name = "fio-v3",
	.doc = "fio iolog version 3: time (microseconds), file, action, offset (bytes), length (bytes)",
	.sample = "125 /dev/sdb write 4096 4096",
	.state_size = sizeof(struct fio),
	.has_arrivals = true,
	.detect = detect_v3,
	.parse = parse_v3,
	.device_name = device_name,
	.state_free = state_free,
};
