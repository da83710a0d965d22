/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From bytes to records: parse, put in order, rebase, select, scale, limit.
 *
 * The first record is read when the trace is opened: its fields tell which times the trace
 * carries (a format may leave columns out), and what is wrong at the very start is said
 * before a run is built.
 */
#include "trace/reader.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/config.h"
#include "trace/reader_private.h"

#define PHRASE_BYTES 256

/* ---- messages ------------------------------------------------------------------------ */

/* "t.csv:17" or "t.bin: record 17 (byte offset 512)". */
static const char *place(const struct trace_reader *r, uint64_t line, char *out, size_t bytes)
{
	if (r->format->record_bytes)
		snprintf(out, bytes, "%s: record %" PRIu64 " (byte offset %" PRIu64 ")",
			input_name(r->input), line, (line - 1) * r->format->record_bytes);
	else
		snprintf(out, bytes, "%s:%" PRIu64, input_name(r->input), line);
	return out;
}

static int fail(const struct trace_reader *r, uint64_t line, enum err_code code, struct err *e,
	const char *fmt, ...) __attribute__((format(printf, 5, 6)));

static int fail(const struct trace_reader *r, uint64_t line, enum err_code code, struct err *e,
	const char *fmt, ...)
{
	char where[512], text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return err_set(e, code, "%s: %s", place(r, line, where, sizeof(where)), text);
}

/* ps as seconds, exact, without trailing zeros: "-0.5 s". */
static const char *seconds(int128 ps, char *out, size_t bytes)
{
	uint128 v = ps < 0 ? -(uint128)ps : (uint128)ps;
	char fraction[13];
	int n = 12;

	snprintf(fraction, sizeof(fraction), "%012" PRIu64, (uint64_t)(v % (uint128)PS_PER_S));
	while (n > 1 && fraction[n - 1] == '0')
		n--;
	snprintf(out, bytes, "%s%" PRIu64 ".%.*s s", ps < 0 ? "-" : "",
		(uint64_t)(v / (uint128)PS_PER_S), n, fraction);
	return out;
}

/* ---- parsing, in order of the file --------------------------------------------------- */

/* The next line or record of the file. 1, 0 at the end, -1. */
static int next_data(struct trace_reader *r, const char **data, size_t *len, struct err *e)
{
	if (r->format->record_bytes) {
		*len = r->format->record_bytes;
		return input_record(r->input, *len, data, e);
	}
	for (;;) {
		int got = input_line(r->input, data, len, e);
		if (got <= 0)
			return got;
		const char *line = *data;
		size_t n = *len;
		while (n && (line[n - 1] == '\r' || line[n - 1] == ' ' || line[n - 1] == '\t'))
			n--;
		*len = n;
		if (n && line[0] != '#')
			return 1;
		r->skipped++;
	}
}

static int parse_next(struct trace_reader *r, struct trace_raw *out, struct err *e)
{
	const char *data;
	size_t len;
	char why[PHRASE_BYTES];

	for (;;) {
		int got = next_data(r, &data, &len, e);
		if (got <= 0)
			return got;
		out->has_time = false;
		out->preflush = false;
		out->rec.arrive_ps = -1;
		out->rec.delay_ps = -1;
		out->rec.response_ps = -1;
		out->rec.device = 0;
		out->rec.flags = 0;
		out->rec.priority = 0;
		out->rec.kind = 0;
		switch (r->format->parse(r->state, &r->options.parse, data, len, out, why, sizeof(why))) {
		case TRACE_RECORD:
			out->rec.line = input_count(r->input);
			r->requests++;
			return 1;
		case TRACE_SKIP:
			r->skipped++;
			break;
		case TRACE_BAD:
			return fail(r, input_count(r->input), ERR_TRACE, e, "%s (format %s)", why,
				r->format->name);
		}
	}
}

/* The same with flushes that ride on another request taken apart. */
static int next_in_file(struct trace_reader *r, struct trace_raw *out, struct err *e)
{
	if (r->has_behind) {
		*out = r->behind;
		r->has_behind = false;
		return 1;
	}
	int got = parse_next(r, out, e);
	if (got <= 0 || !out->preflush)
		return got;
	r->behind = *out;
	r->has_behind = true;
	out->rec.op = BLK_FLUSH;
	out->rec.lba = 0;
	out->rec.sectors = 0;
	return 1;
}

/* ---- in order of time ---------------------------------------------------------------- */

static int fail_order(const struct trace_reader *r, const struct trace_raw *raw, struct err *e)
{
	char now[64], then[64];

	seconds(raw->time_ps - r->base_ps, now, sizeof(now));
	seconds(r->last_ps - r->base_ps, then, sizeof(then));
	return fail(r, raw->rec.line, ERR_TRACE, e, "time goes back, to %s from %s at %s %" PRIu64
		" (counted from the first record)%s", now, then,
		r->format->record_bytes ? "record" : "line", r->last_line,
		r->sorted ? ", farther than the sort window reaches" :
		"; --sort-window puts such a trace in order");
}

static int next_in_time(struct trace_reader *r, struct trace_raw *out, struct err *e)
{
	if (r->has_first) {
		*out = r->first;
		r->has_first = false;
	} else if (r->sorted) {
		while (!r->ended && !sorter_full(&r->sorter)) {
			struct trace_raw raw;
			int got = next_in_file(r, &raw, e);
			if (got < 0)
				return -1;
			if (got == 0)
				r->ended = true;
			else
				sorter_put(&r->sorter, &raw);
		}
		if (!sorter_get(&r->sorter, out))
			return 0;
	} else {
		int got = next_in_file(r, out, e);
		if (got <= 0)
			return got;
	}
	if (!out->has_time)
		return 1;
	if (!r->has_base) {
		r->has_base = true;
		r->base_ps = out->time_ps;
	} else if (out->time_ps < r->last_ps) {
		return fail_order(r, out, e);
	}
	r->last_ps = out->time_ps;
	r->last_line = out->rec.line;
	return 1;
}

/* ---- scaling ------------------------------------------------------------------------- */

/*
 * v x scale, rounded to nearest, halves up, exactly: scale is mantissa x 2^-shift with a
 * 53-bit mantissa, and the product is formed in 128 bits. v >= 0. -1: past the end of time.
 */
static time_ps scale_time(int128 v, double scale)
{
	int exponent;
	uint128 product;

	if (scale == 1.0)
		return v > TIME_PS_MAX ? -1 : (time_ps)v;
	uint128 mantissa = (uint128)ldexp(frexp(scale, &exponent), DBL_MANT_DIG);
	int shift = DBL_MANT_DIG - exponent;
	if (__builtin_mul_overflow((uint128)v, mantissa, &product))
		return -1;
	if (shift > 127)
		return 0;
	if (shift > 0)
		product = (product >> shift) + (product >> (shift - 1) & 1);
	else if (shift < -63 || (product && product >> (127 + shift)))
		return product ? -1 : 0;
	else
		product <<= -shift;
	return product > (uint128)TIME_PS_MAX ? -1 : (time_ps)product;
}

static int fail_limit(const struct trace_reader *r, uint64_t line, const char *what, int128 ps,
	struct err *e)
{
	double days = (double)ps * r->options.time_scale / 86400e12;

	return fail(r, line, ERR_LIMIT, e, "%s is %.4g days after the first record's arrival: simulated "
		"time ends at 106 days (a smaller time scale, or a part of the trace, fits)", what, days);
}

static int set_times(const struct trace_reader *r, struct trace_raw *raw, struct err *e)
{
	struct trace_record *rec = &raw->rec;

	if (raw->has_time) {
		int128 since = raw->time_ps - r->base_ps;
		rec->arrive_ps = scale_time(since, r->options.time_scale);
		if (rec->arrive_ps < 0 || rec->arrive_ps == TIME_PS_MAX)
			return fail_limit(r, rec->line, "the arrival", since, e);
	}
	if (rec->delay_ps > 0) {
		time_ps delay = scale_time(rec->delay_ps, r->options.time_scale);
		if (delay < 0 || delay == TIME_PS_MAX)
			return fail(r, rec->line, ERR_LIMIT, e, "the delay is longer than simulated time, 106 days");
		rec->delay_ps = delay;
	}
	return 0;
}

/* ---- the source ---------------------------------------------------------------------- */

/* The end. There was a record at open, so if none is left a selection took them all. */
static int at_end(const struct trace_reader *r, struct err *e)
{
	const char *name = input_name(r->input);

	if (r->delivered)
		return 0;
	if (r->matched == 0)
		return err_set(e, ERR_TRACE, "%s: none of the %" PRIu64 " requests is of device %" PRIu32,
			name, r->requests, r->options.device);
	return err_set(e, ERR_TRACE, "%s: all %" PRIu64 " requests are skipped: skip is %" PRIu64, name,
		r->matched, r->options.skip);
}

static int next(struct trace_source *self, time_ps now, struct trace_record *out, struct err *e)
{
	struct trace_reader *r = container_of(self, struct trace_reader, source);
	struct trace_raw raw;
	(void)now;

	if (r->delivered == r->options.limit)
		return 0;
	for (;;) {
		int got = next_in_time(r, &raw, e);
		if (got <= 0)
			return got < 0 ? -1 : at_end(r, e);
		if (r->options.device != TRACE_ALL_DEVICES && raw.rec.device != r->options.device)
			continue;
		if (++r->matched > r->options.skip)
			break;
	}
	if (set_times(r, &raw, e) < 0)
		return -1;
	*out = raw.rec;
	r->delivered++;
	return 1;
}

static double progress(const struct trace_source *self)
{
	const struct trace_reader *r = container_of(self, const struct trace_reader, source);
	double share = input_fraction(r->input);
	double of_limit = (double)r->delivered / (double)r->options.limit;

	return of_limit > share ? of_limit : share;
}

/* ---- opening ------------------------------------------------------------------------- */

static int no_such_format(const char *name, struct err *e)
{
	const char *names[64];
	size_t n = 0;

	for (; n < 63 && trace_formats[n]; n++)
		names[n] = trace_formats[n]->name;
	names[n] = NULL;
	const char *nearest = nearest_word(name, names);
	return err_set(e, ERR_USAGE, "there is no trace format \"%s\"%s%s%s", name,
		nearest ? ": did you mean \"" : "", nearest ? nearest : "", nearest ? "\"?" : "");
}

static int find_format(struct trace_reader *r, struct err *e)
{
	static const char bom[3] = "\xef\xbb\xbf"; /* some CSV writers put it first */
	const char *head;
	size_t len, skip;

	if (input_peek(r->input, INPUT_PEEK_MAX, &head, &len, e) < 0)
		return -1;
	skip = len > sizeof(bom) && memcmp(head, bom, sizeof(bom)) == 0 ? sizeof(bom) : 0;
	if (r->options.format) {
		r->format = trace_format_find(r->options.format);
		if (!r->format)
			return no_such_format(r->options.format, e);
		snprintf(r->why, sizeof(r->why), "as asked for");
	} else {
		size_t use = len - skip;
		if (len == INPUT_PEEK_MAX) { /* more follows: cut at a line end where there is one */
			const char *newline = memrchr(head + skip, '\n', use);
			use = newline ? (size_t)(newline + 1 - head) - skip : use;
		}
		r->format = trace_format_detect(head + skip, use, r->why, sizeof(r->why));
		if (!r->format)
			return err_set(e, ERR_TRACE, "%s: the trace format is unclear (--format names one): %s",
				input_name(r->input), r->why);
	}
	if (skip && !r->format->record_bytes)
		input_skip(r->input, skip);
	return 0;
}

static int make_state(struct trace_reader *r, struct err *e)
{
	int64_t window = r->options.sort_window < 0 ? r->format->sort_window : r->options.sort_window;

	if (r->format->state_size) {
		r->state = calloc(1, r->format->state_size);
		if (!r->state)
			return err_set(e, ERR_LIMIT, "%s: out of memory", input_name(r->input));
	}
	if (window > SORTER_WINDOW_MAX)
		return err_set(e, ERR_USAGE, "a sort window of %" PRId64 " records is too large: at most %u",
			window, SORTER_WINDOW_MAX);
	r->sorted = r->format->has_arrivals && window > 0;
	if (r->sorted && !sorter_init(&r->sorter, (size_t)window))
		return err_set(e, ERR_LIMIT, "%s: out of memory", input_name(r->input));
	return 0;
}

/* Read ahead to the first record: what times it has, the trace has. */
static int read_first(struct trace_reader *r, struct err *e)
{
	int got = next_in_time(r, &r->first, e);

	if (got < 0)
		return -1;
	if (got == 0) {
		char why[PHRASE_BYTES] = "";
		if (r->format->explain_empty)
			r->format->explain_empty(r->state, &r->options.parse, why, sizeof(why));
		return err_set(e, ERR_TRACE, "%s: no request in %" PRIu64 " line%s of format %s%s%s",
			input_name(r->input), input_count(r->input), input_count(r->input) == 1 ? "" : "s",
			r->format->name, *why ? ": " : "", why);
	}
	r->has_first = true;
	r->has_base = false; /* set again when it is delivered */
	r->source.has_arrivals = r->first.has_time;
	r->source.has_delays = r->first.rec.delay_ps >= 0;
	r->source.has_responses = r->first.rec.response_ps >= 0;
	return 0;
}

static int check_options(struct trace_reader_options *o, struct err *e)
{
	if (o->time_scale == 0.0)
		o->time_scale = 1.0;
	if (!isfinite(o->time_scale) || o->time_scale < 0.0)
		return err_set(e, ERR_USAGE, "the time scale is %g: want a number above 0", o->time_scale);
	if (o->limit == 0)
		o->limit = UINT64_MAX;
	if (o->parse.blkparse_action && !strchr("QDC", o->parse.blkparse_action))
		return err_set(e, ERR_USAGE, "the blkparse action is \"%c\": want Q, D or C",
			o->parse.blkparse_action);
	return 0;
}

struct trace_reader *trace_reader_open(const char *path, const struct trace_reader_options *o,
	struct err *e)
{
	struct trace_reader *r = calloc(1, sizeof(*r));

	if (!r) {
		err_set(e, ERR_LIMIT, "%s: out of memory", path);
		return NULL;
	}
	r->options = *o;
	if (check_options(&r->options, e) < 0 || !(r->input = input_open(path, e)) ||
	    find_format(r, e) < 0 || make_state(r, e) < 0 || read_first(r, e) < 0) {
		trace_reader_free(r);
		return NULL;
	}
	r->source.next = next;
	r->source.name = input_name(r->input);
	if (input_sized(r->input) || r->options.limit != UINT64_MAX)
		r->source.progress = progress;
	return r;
}

void trace_reader_free(struct trace_reader *r)
{
	if (!r)
		return;
	if (r->state && r->format->state_free)
		r->format->state_free(r->state);
	free(r->state);
	sorter_free(&r->sorter);
	input_free(r->input);
	free(r);
}

struct trace_source *trace_reader_source(struct trace_reader *r) { return &r->source; }

/* Who has read what the reader delivers. */
static const struct trace_reader *origin(const struct trace_reader *r) { return r->image ? r->image->reader : r; }

const struct trace_format *trace_reader_format(const struct trace_reader *r) { return origin(r)->format; }
const char *trace_reader_why(const struct trace_reader *r) { return origin(r)->why; }

uint64_t trace_reader_lines(const struct trace_reader *r)
{
	return r->image ? trace_image_seen(r->image, r->at).lines : input_count(r->input);
}

uint64_t trace_reader_skipped(const struct trace_reader *r)
{
	return r->image ? trace_image_seen(r->image, r->at).skipped : r->skipped;
}

const char *trace_reader_device_name(const struct trace_reader *r, uint32_t device)
{
	const struct trace_reader *o = origin(r);
	return o->format->device_name ? o->format->device_name(o->state, device) : NULL;
}
