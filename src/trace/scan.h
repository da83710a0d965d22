/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Bounded scanning of the text of traces: digits by hand, no locale, nothing taken from past
 * the end (though TRACE_SLACK bytes behind it may be loaded), no number that wraps. What
 * succeeds is inline, since it runs for every field of every line; what fails is in scan.c
 * and looks at the line again to say why.
 *
 * A scanner that returns false has consumed nothing that matters: the parser then returns
 * scan_bad_field(), which names the field by its place in the line.
 */
#ifndef QUERN_TRACE_SCAN_H
#define QUERN_TRACE_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "trace/format.h"

struct scan {
	const char *p;
	const char *end;
};

/* 10^n for n = 0 .. 19. */
extern const uint64_t scan_power10[20];

/* The rarer numbers: eight digits and more; more digits than the unit, or an exponent. They
 * return where they stopped, or NULL, and take no struct scan, so that it stays in registers. */
const char *scan_u64_long(const char *p, const char *end, uint64_t *out);
const char *scan_decimal_long(const char *p, const char *end, unsigned digits, int128 *out);

static inline bool scan_is_digit(const struct scan *s)
{
	return s->p < s->end && (unsigned char)(*s->p - '0') <= 9;
}

/* Eight characters as one integer, the first in the lowest byte. */
static inline uint64_t scan_load8(const char *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	v = __builtin_bswap64(v);
#endif
	return v;
}

/*
 * The digits at s->p, at most eight, as a number: how many there are, up to s->end. All
 * eight characters are looked at together, so that the length of a field, which varies from
 * line to line, costs no mispredicted branch.
 */
static inline unsigned scan_digits8(const struct scan *s, uint64_t *out)
{
	uint64_t v = scan_load8(s->p) ^ UINT64_C(0x3030303030303030);
	/* the high bit of the first byte that is above 9; the bytes behind it do not matter */
	uint64_t other = ((v + UINT64_C(0x7676767676767676)) | v) & UINT64_C(0x8080808080808080);
	unsigned digits = other ? (unsigned)__builtin_ctzll(other) / 8 : 8;

	if ((ptrdiff_t)digits > s->end - s->p)
		digits = (unsigned)(s->end - s->p);
	if (digits == 0)
		return 0;
	v <<= 64 - 8 * digits;                                  /* digits d1..d8, zeros in front */
	v = v * 10 + (v >> 8);                                  /* pairs in every other byte */
	v = ((v & UINT64_C(0x000000ff000000ff)) * UINT64_C(0x000f424000000064) +
	     ((v >> 16) & UINT64_C(0x000000ff000000ff)) * UINT64_C(0x0000271000000001)) >> 32;
	*out = v;
	return digits;
}

/* Decimal digits, at least one, at most 2^64 - 1; stops at what is no digit. */
static inline bool scan_u64(struct scan *s, uint64_t *out)
{
	unsigned n = scan_digits8(s, out);

	if (n < 8) {
		s->p += n;
		return n > 0;
	}
	const char *p = scan_u64_long(s->p, s->end, out);
	if (!p)
		return false;
	s->p = p;
	return true;
}

/*
 * A decimal number that is not negative, in units of 10^-digits (12: seconds to ps), exact;
 * digits beyond the unit round to nearest, halves up. "1", "1.5", ".5", "1.5e-3".
 * digits <= 18. At most 2^96 units.
 */
static inline bool scan_decimal(struct scan *s, unsigned digits, int128 *out)
{
	const char *start = s->p;
	uint64_t whole = 0, fraction = 0;
	unsigned have = 0;

	if (scan_is_digit(s) ? !scan_u64(s, &whole) : s->p == s->end || *s->p != '.')
		return false;
	if (s->p < s->end && *s->p == '.') {
		s->p++;
		if (digits >= 8) {
			have = scan_digits8(s, &fraction);
			s->p += have;
		}
		while (have < digits && scan_is_digit(s)) {
			fraction = fraction * 10 + (unsigned char)(*s->p++ - '0');
			have++;
		}
		if (s->p - start < 2)
			return false;
	}
	if (s->p < s->end && ((unsigned char)(*s->p - '0') <= 9 || (*s->p | 0x20) == 'e')) {
		const char *p = scan_decimal_long(start, s->end, digits, out);
		if (!p)
			return false;
		s->p = p;
		return true;
	}
	uint64_t high, low = fraction * scan_power10[digits - have];
	if (!__builtin_mul_overflow(whole, scan_power10[digits], &high) &&
	    !__builtin_add_overflow(high, low, &high)) {
		*out = high;
		return true;
	}
	uint128 v = (uint128)whole * scan_power10[digits] + low;
	if (v >> 96)
		return false;
	*out = (int128)v;
	return true;
}

/* The given character. */
static inline bool scan_char(struct scan *s, char c)
{
	if (s->p == s->end || *s->p != c)
		return false;
	s->p++;
	return true;
}

static inline bool scan_is_blank(char c) { return c == ' ' || c == '\t'; }

static inline void scan_blanks(struct scan *s)
{
	uint64_t other = scan_load8(s->p) ^ UINT64_C(0x2020202020202020);
	ptrdiff_t n = other ? __builtin_ctzll(other) / 8 : 8;

	s->p += n < s->end - s->p ? n : s->end - s->p;
	while (s->p < s->end && scan_is_blank(*s->p))
		s->p++;
}

/* Whether a field may end here. */
static inline bool scan_at_blank(const struct scan *s)
{
	return s->p == s->end || scan_is_blank(*s->p);
}

static inline bool scan_at_end(const struct scan *s) { return s->p == s->end; }

/* The characters up to `separator` or the end; may be none. */
static inline size_t scan_until(struct scan *s, char separator, const char **text)
{
	*text = s->p;
	while (s->p < s->end && *s->p != separator)
		s->p++;
	return (size_t)(s->p - *text);
}

/* The characters up to a blank or the end; false when there are none. */
static inline bool scan_word(struct scan *s, const char **text, size_t *len)
{
	*text = s->p;
	while (s->p < s->end && !scan_is_blank(*s->p))
		s->p++;
	*len = (size_t)(s->p - *text);
	return *len > 0;
}

/* Leave the word behind: up to a blank, another control character or the end. */
static inline void scan_skip_word(struct scan *s)
{
	ptrdiff_t left = s->end - s->p, n = 0;

	while (n < left) {
		uint64_t v = scan_load8(s->p + n);
		/* the high bit of the first byte that is below 0x21 */
		uint64_t low = (v - UINT64_C(0x2121212121212121)) & ~v & UINT64_C(0x8080808080808080);
		if (low) {
			n += __builtin_ctzll(low) / 8;
			break;
		}
		n += 8;
	}
	s->p += n < left ? n : left;
}

static inline bool scan_is(const char *text, size_t len, const char *word)
{
	return strlen(word) == len && memcmp(text, word, len) == 0;
}

#define SCAN_SECTORS_MAX (UINT64_C(1) << 55) /* 2^64 bytes */

/* Store a byte range as lba and sectors, rounded outwards to whole sectors. False: see
 * scan_bad_range(). */
static inline bool scan_store_bytes(struct trace_record *rec, uint64_t offset, uint64_t bytes)
{
	uint64_t last;

	if (bytes == 0 || __builtin_add_overflow(offset, bytes - 1, &last))
		return false;
	uint64_t first = offset / SECTOR_BYTES;
	uint64_t sectors = last / SECTOR_BYTES + 1 - first;
	if (sectors > UINT32_MAX)
		return false;
	rec->lba = first;
	rec->sectors = (uint32_t)sectors;
	return true;
}

static inline bool scan_store_sectors(struct trace_record *rec, uint64_t lba, uint64_t sectors)
{
	if (sectors == 0 || sectors > UINT32_MAX || lba > SCAN_SECTORS_MAX - sectors)
		return false;
	rec->lba = lba;
	rec->sectors = (uint32_t)sectors;
	return true;
}

/* ---- cold: what was wrong --------------------------------------------------------- */

/*
 * Say what is wrong with field number `field` (from 1) of a line: missing, negative, too
 * large, or not what was wanted (`want`: "a whole number"). separator ' ' means runs of
 * blanks. Returns TRACE_BAD.
 */
enum trace_parse scan_bad_field(char *why, size_t why_bytes, const char *data, size_t len,
	char separator, unsigned field, const char *name, const char *want);

/* The line has another number of fields than `want`. Returns TRACE_BAD. */
enum trace_parse scan_bad_count(char *why, size_t why_bytes, const char *data, size_t len,
	char separator, unsigned want);

/* Any other phrase. Returns TRACE_BAD. */
enum trace_parse scan_bad(char *why, size_t why_bytes, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Why scan_store_bytes() or scan_store_sectors() refused: empty, too long, past byte 2^64.
 * `unit` is "bytes" or "sectors", names what the fields are called: "field 5 (offset)".
 * Returns TRACE_BAD. */
enum trace_parse scan_bad_range(char *why, size_t why_bytes, uint64_t first, uint64_t length,
	const char *unit, const char *first_name, const char *length_name);

#define SCAN_TRY_LINES 32

/* The next line of head from *at (0 at first) that is neither empty nor a comment, without
 * trailing blanks; false at the end. */
bool scan_next_line(const char *head, size_t len, size_t *at, const char **line, size_t *n);

/*
 * For detect(): run the format's own parser over the first SCAN_TRY_LINES lines of `head` that are
 * neither empty nor comments. Counts records and bad lines; `why` holds the complaint about
 * the first bad line. False where head holds a zero byte (`why` says so).
 */
struct scan_verdict {
	unsigned records, skips, bad;
};
bool scan_try(const struct trace_format *f, const char *head, size_t len,
	struct scan_verdict *v, char *why, size_t why_bytes);

/*
 * The usual detect(): `sure` (0 .. 100) in proportion to the lines that parse, with
 * "12 of 12 lines are ..." or the first complaint in `why`. `what` completes the sentence.
 */
int scan_detect(const struct trace_format *f, const char *head, size_t len, int sure,
	const char *what, char *why, size_t why_bytes);

#endif
