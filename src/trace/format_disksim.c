/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * DiskSim ASCII traces: arrival time (ms, a decimal number), device number, first block
 * (512 bytes), block count, flags in hexadecimal, blank-separated. Bit 0 of the flags is a
 * read; bit 7 (0x80) says that a caller waits.
 *
 * Source: DiskSim 4.0 Reference Manual (Bucy et al., CMU-PDL-08-101), "Default (ASCII)
 * format"; the bits are those of disksim_global.h.
 */
#include <stdio.h>

#include "trace/scan.h"

#define FLAG_READ 0x1u
#define FLAG_SYNCHRONOUS 0x80u

extern const struct trace_format trace_format_disksim;

static const struct { const char *name, *want; } field_of[6] = {
	{ 0 },
	{ "time", "a decimal number of milliseconds" },
	{ "device", "a whole number" },
	{ "block", "a whole number" },
	{ "count", "a whole number" },
	{ "flags", "a hexadecimal number" },
};

static enum trace_parse bad(char *why, size_t why_bytes, const char *data, size_t len,
	unsigned field)
{
	return scan_bad_field(why, why_bytes, data, len, ' ', field, field_of[field].name,
		field_of[field].want);
}

/* Hexadecimal digits, at most 8, with or without 0x. */
static bool scan_hex(struct scan *s, uint32_t *out)
{
	uint32_t v = 0;
	unsigned digits = 0;

	if (s->end - s->p > 2 && s->p[0] == '0' && (s->p[1] | 0x20) == 'x')
		s->p += 2;
	for (; s->p < s->end; s->p++, digits++) {
		unsigned char c = (unsigned char)*s->p;
		if ((unsigned char)(c - '0') <= 9)
			v = v << 4 | (uint32_t)(c - '0');
		else if ((unsigned char)((c | 0x20) - 'a') < 6)
			v = v << 4 | (uint32_t)((c | 0x20) - 'a' + 10);
		else
			break;
	}
	*out = v;
	return digits > 0 && digits <= 8;
}

static enum trace_parse parse(void *state, const struct trace_parse_options *o, const char *data,
	size_t len, struct trace_raw *out, char *why, size_t why_bytes)
{
	struct scan s = { data, data + len };
	uint64_t device, block, count;
	uint32_t flags;
	(void)state;
	(void)o;

	scan_blanks(&s);
	if (!scan_decimal(&s, 9, &out->time_ps) || !scan_at_blank(&s))
		return bad(why, why_bytes, data, len, 1);
	scan_blanks(&s);
	if (!scan_u64(&s, &device) || device >= UINT32_MAX || !scan_at_blank(&s))
		return bad(why, why_bytes, data, len, 2);
	scan_blanks(&s);
	if (!scan_u64(&s, &block) || !scan_at_blank(&s))
		return bad(why, why_bytes, data, len, 3);
	scan_blanks(&s);
	if (!scan_u64(&s, &count) || !scan_at_blank(&s))
		return bad(why, why_bytes, data, len, 4);
	scan_blanks(&s);
	if (!scan_hex(&s, &flags) || !scan_at_blank(&s))
		return bad(why, why_bytes, data, len, 5);
	if (!scan_at_end(&s))
		return scan_bad_count(why, why_bytes, data, len, ' ', 5);
	if (!scan_store_sectors(&out->rec, block, count))
		return scan_bad_range(why, why_bytes, block, count, "sectors", "field 3 (block)",
			"field 4 (count)");
	out->has_time = true;
	out->rec.device = (uint32_t)device;
	out->rec.op = flags & FLAG_READ ? BLK_READ : BLK_WRITE;
	out->rec.flags = flags & FLAG_SYNCHRONOUS ? BLK_SYNC : 0;
	return TRACE_RECORD;
}

/*
 * MQSim's traces have five blank-separated numbers too, but whole nanoseconds for a time:
 * a decimal point in the first column decides. Without one, MQSim's reader (which wants 0 or
 * 1 in the last column) is the surer where it parses at all.
 */
static int detect(const char *head, size_t len, char *why, size_t why_bytes)
{
	int sure = scan_detect(&trace_format_disksim, head, len, 95,
		"five DiskSim fields (ms device block count flags)", why, why_bytes);
	if (sure == 0)
		return 0;
	for (const char *line = head; line < head + len;) {
		const char *newline = memchr(line, '\n', (size_t)(head + len - line));
		struct scan s = { line, newline ? newline : head + len };
		const char *time;
		size_t n;
		scan_blanks(&s);
		if (scan_word(&s, &time, &n) && *time != '#' && memchr(time, '.', n)) {
			n = strlen(why);
			snprintf(why + n, why_bytes - n, ", times with a decimal point");
			return sure;
		}
		if (!newline)
			break;
		line = newline + 1;
	}
	snprintf(why, why_bytes, "five numbers, but no time has a decimal point");
	return sure * 6 / 10;
}

const struct trace_format trace_format_disksim = {
	.name = "disksim",
	.doc = "DiskSim ASCII: time (ms), device, block (512 bytes), count (blocks), flags "
	       "(hexadecimal, bit 0: read)",
	.sample = "13.191135	30	0	5	1",
	.has_arrivals = true,
	.detect = detect,
	.parse = parse,
};
