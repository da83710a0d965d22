/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rare numbers, the phrases for what is wrong, and detection by trying to parse. */
#include "trace/scan.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "sim/utf8.h"

#define SHOWN_BYTES 32 /* of a field quoted in a message */

const uint64_t scan_power10[20] = {
	UINT64_C(1), UINT64_C(10), UINT64_C(100), UINT64_C(1000), UINT64_C(10000),
	UINT64_C(100000), UINT64_C(1000000), UINT64_C(10000000), UINT64_C(100000000),
	UINT64_C(1000000000), UINT64_C(10000000000), UINT64_C(100000000000),
	UINT64_C(1000000000000), UINT64_C(10000000000000), UINT64_C(100000000000000),
	UINT64_C(1000000000000000), UINT64_C(10000000000000000),
	UINT64_C(100000000000000000), UINT64_C(1000000000000000000),
	UINT64_C(10000000000000000000),
};

const char *scan_u64_long(const char *p, const char *end, uint64_t *out)
{
	struct scan s = { p, end };
	uint64_t v = 0, more;

	for (unsigned digits = 0; digits < 16;) {
		unsigned n = scan_digits8(&s, &more);
		if (n)
			v = v * scan_power10[n] + more;
		s.p += n;
		digits += n;
		if (n < 8) {
			*out = v;
			return digits ? s.p : NULL;
		}
	}
	for (; scan_is_digit(&s); s.p++) {
		if (__builtin_mul_overflow(v, UINT64_C(10), &v) ||
		    __builtin_add_overflow(v, (uint64_t)(*s.p - '0'), &v))
			return NULL;
	}
	*out = v;
	return s.p;
}

/* v / 10^n to nearest, halves up; n >= 1. */
static uint128 divide_power10(uint128 v, unsigned n)
{
	for (; n > 1 && v; n--)
		v /= 10; /* digits below the last one cannot change what it rounds to */
	return (v + 5) / 10;
}

/*
 * Digits are gathered as one integer and a count of places behind the point, which the
 * exponent shifts. Past 36 digits the rest only counts places: it is beyond any unit.
 */
const char *scan_decimal_long(const char *p, const char *end, unsigned digits, int128 *out)
{
	struct scan s = { p, end };
	uint128 v = 0;
	int64_t shift = digits;
	unsigned taken = 0;
	bool point = false, any = false, negative = false;
	uint64_t exponent = 0;

	for (; s.p < s.end; s.p++) {
		unsigned char d = (unsigned char)(*s.p - '0');
		if (*s.p == '.' && !point) {
			point = true;
			continue;
		}
		if (d > 9)
			break;
		any = true;
		if (taken < 36) {
			v = v * 10 + d;
			taken += v > 0;
			shift -= point;
		} else {
			shift += !point;
		}
	}
	if (!any)
		return NULL;
	if (s.p < s.end && (*s.p | 0x20) == 'e') {
		s.p++;
		if (s.p < s.end && (*s.p == '+' || *s.p == '-'))
			negative = *s.p++ == '-';
		if (!scan_u64(&s, &exponent) || exponent > 10000)
			return NULL;
	}
	shift += negative ? -(int64_t)exponent : (int64_t)exponent;
	if (v == 0 || shift < -40)
		v = 0;
	else if (shift < 0)
		v = divide_power10(v, (unsigned)-shift);
	for (; shift > 0 && v; shift--) {
		if (v >> 96)
			return NULL;
		v *= 10;
	}
	if (v >> 96)
		return NULL;
	*out = (int128)v;
	return s.p;
}

/* ---- phrases ----------------------------------------------------------------------- */

enum trace_parse scan_bad(char *why, size_t why_bytes, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, why_bytes, fmt, ap);
	va_end(ap);
	return TRACE_BAD;
}

/* Field number `field` (from 1) into text and len; how many there are in all. */
static unsigned find_field(const char *data, size_t len, char separator, unsigned field,
	const char **text, size_t *text_len)
{
	struct scan s = { data, data + len };
	unsigned count = 0;

	*text = NULL;
	*text_len = 0;
	for (;;) {
		const char *start;
		size_t n;
		if (separator == ' ') {
			scan_blanks(&s);
			if (!scan_word(&s, &start, &n))
				return count;
		} else {
			n = scan_until(&s, separator, &start);
		}
		if (++count == field) {
			*text = start;
			*text_len = n;
		}
		if (separator != ' ' && !scan_char(&s, separator))
			return count;
	}
}

/* A field fit for a message: short, without what a terminal may obey. */
static void quote(const char *text, size_t len, char *out, size_t out_bytes)
{
	size_t n = 0, at = 0;

	while (at < len && at < SHOWN_BYTES && n + 5 < out_bytes) {
		uint32_t code;
		size_t bytes = utf8_decode(text + at, len - at, &code);
		if (bytes == 0 || utf8_is_control(code)) {
			out[n++] = '?';
			at++;
			continue;
		}
		memcpy(out + n, text + at, bytes);
		n += bytes;
		at += bytes;
	}
	snprintf(out + n, out_bytes - n, "%s", at < len ? "..." : "");
}

/* Whether text is digits, with one point at most. */
static bool is_number(const char *text, size_t len)
{
	size_t points = 0, digits = 0;

	for (size_t i = 0; i < len; i++) {
		if (text[i] == '.')
			points++;
		else if ((unsigned char)(text[i] - '0') <= 9)
			digits++;
		else
			return false;
	}
	return digits > 0 && points <= 1;
}

enum trace_parse scan_bad_field(char *why, size_t why_bytes, const char *data, size_t len,
	char separator, unsigned field, const char *name, const char *want)
{
	const char *text;
	size_t n;
	char shown[2 * SHOWN_BYTES];
	unsigned count = find_field(data, len, separator, field, &text, &n);

	if (!text || n == 0) {
		if (count < field)
			return scan_bad(why, why_bytes, "field %u (%s) is missing: the line has %u field%s",
				field, name, count, count == 1 ? "" : "s");
		return scan_bad(why, why_bytes, "field %u (%s) is empty: want %s", field, name, want);
	}
	quote(text, n, shown, sizeof(shown));
	if (text[0] == '-' && is_number(text + 1, n - 1))
		return scan_bad(why, why_bytes, "field %u (%s) is negative: \"%s\"", field, name, shown);
	if (is_number(text, n) && n > 8 && !memchr(text, '.', n))
		return scan_bad(why, why_bytes, "field %u (%s) is too large: \"%s\"", field, name, shown);
	return scan_bad(why, why_bytes, "field %u (%s) is \"%s\": want %s", field, name, shown, want);
}

enum trace_parse scan_bad_count(char *why, size_t why_bytes, const char *data, size_t len,
	char separator, unsigned want)
{
	const char *text;
	size_t n;
	unsigned count = find_field(data, len, separator, 0, &text, &n);

	return scan_bad(why, why_bytes, "the line has %u field%s: want %u", count,
		count == 1 ? "" : "s", want);
}

enum trace_parse scan_bad_range(char *why, size_t why_bytes, uint64_t first, uint64_t length,
	const char *unit, const char *first_name, const char *length_name)
{
	if (length == 0)
		return scan_bad(why, why_bytes, "%s is 0: a request has at least one sector", length_name);
	uint64_t limit = strcmp(unit, "bytes") == 0 ? (uint64_t)UINT32_MAX * SECTOR_BYTES : UINT32_MAX;
	if (length > limit)
		return scan_bad(why, why_bytes, "%s is too large: %" PRIu64 " %s, at most %" PRIu64,
			length_name, length, unit, limit);
	return scan_bad(why, why_bytes, "%s is too large: %" PRIu64 " %s pass the end of a 2^64-byte device",
		first_name, first, unit);
}

/* ---- detection --------------------------------------------------------------------- */

bool scan_next_line(const char *head, size_t len, size_t *at, const char **line, size_t *n)
{
	while (*at < len) {
		const char *start = head + *at;
		const char *newline = memchr(start, '\n', len - *at);
		size_t bytes = newline ? (size_t)(newline - start) : len - *at;

		*at += bytes + (newline != NULL);
		while (bytes && (scan_is_blank(start[bytes - 1]) || start[bytes - 1] == '\r'))
			bytes--;
		if (bytes && start[0] != '#') {
			*line = start;
			*n = bytes;
			return true;
		}
	}
	return false;
}

bool scan_try(const struct trace_format *f, const char *head, size_t len,
	struct scan_verdict *v, char *why, size_t why_bytes)
{
	static const struct trace_parse_options options = { 0 };
	void *state = NULL;
	const char *line;
	size_t n, at = 0;

	*v = (struct scan_verdict){ 0 };
	if (memchr(head, 0, len)) {
		snprintf(why, why_bytes, "holds zero bytes: not text");
		return false;
	}
	if (f->state_size) {
		state = calloc(1, f->state_size);
		if (!state)
			return false;
	}
	for (unsigned i = 0; i < SCAN_TRY_LINES && scan_next_line(head, len, &at, &line, &n); i++) {
		char phrase[160];
		struct trace_raw raw = { .rec = { .arrive_ps = -1, .delay_ps = -1, .response_ps = -1 } };
		switch (f->parse(state, &options, line, n, &raw, phrase, sizeof(phrase))) {
		case TRACE_RECORD:
			v->records++;
			break;
		case TRACE_SKIP:
			v->skips++;
			break;
		case TRACE_BAD:
			if (v->bad++ == 0)
				snprintf(why, why_bytes, "line %u: %s", i + 1, phrase);
			break;
		}
	}
	if (f->state_free)
		f->state_free(state);
	free(state);
	return true;
}

int scan_detect(const struct trace_format *f, const char *head, size_t len, int sure,
	const char *what, char *why, size_t why_bytes)
{
	struct scan_verdict v;

	if (!scan_try(f, head, len, &v, why, why_bytes))
		return 0;
	unsigned good = v.records + v.skips;
	if (v.records == 0) {
		if (v.bad == 0)
			snprintf(why, why_bytes, "no line is a request");
		return 0;
	}
	if (v.bad > good)
		return 0;
	snprintf(why, why_bytes, "%u of the first %u line%s %s %s", good, good + v.bad,
		good + v.bad == 1 ? "" : "s", good == 1 ? "is" : "are", what);
	return sure * (int)good / (int)(good + v.bad);
}
