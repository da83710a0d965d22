/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Measured disks: CSV with a header line that names the columns, in any order:
 *
 *   op                    R, W, F (flush) or T (trim)              required
 *   lbn                   first block, 512 bytes                   required
 *   blocks                length in blocks; 0 for a flush          required
 *   measured_response_us  issue to completion
 *   delay_before_us       pause between the last completion and this issue
 *   think_us              pause after this request's completion; counts where there is
 *                         no delay_before_us, and then delays the next line
 *   kind                  Hit, Miss, Doub, Trip (writes with two and three disconnects);
 *                         another word, or none, tells nothing
 *
 * Times are decimal microseconds. One command is outstanding at a time: a closed loop,
 * issue(i) = completion(i-1) + delay(i). Without a header line all seven columns are
 * expected, in the order op,lbn,blocks,measured_response_us,think_us,kind,delay_before_us.
 *
 * Source: the traces of DiskSim 4.0's validation set in neutral form.
 */
#include <ctype.h>
#include <stdio.h>

#include "trace/scan.h"

enum column { OP, LBN, BLOCKS, RESPONSE, THINK, KIND, DELAY, COLUMNS };

struct measured {
	bool ready;               /* the columns are known */
	unsigned count;
	uint8_t column[COLUMNS];  /* enum column of each field */
	bool has[COLUMNS];
	time_ps think_ps;         /* of the line before */
};

extern const struct trace_format trace_format_measured;

static const struct { const char *name, *want; } column_of[COLUMNS] = {
	[OP] = { "op", "R, W, F or T" },
	[LBN] = { "lbn", "a whole number" },
	[BLOCKS] = { "blocks", "a whole number" },
	[RESPONSE] = { "measured_response_us", "a decimal number of microseconds" },
	[THINK] = { "think_us", "a decimal number of microseconds" },
	[KIND] = { "kind", "a word (Hit, Miss, Doub, Trip)" },
	[DELAY] = { "delay_before_us", "a decimal number of microseconds" },
};

static const char *const kinds[] = { "Hit", "Miss", "Doub", "Trip", NULL };

static enum trace_parse read_header(struct measured *m, const char *data, size_t len, char *why,
	size_t why_bytes)
{
	struct scan s = { data, data + len };

	do {
		const char *text;
		size_t n = scan_until(&s, ',', &text);
		unsigned c = 0;
		while (c < COLUMNS && !scan_is(text, n, column_of[c].name))
			c++;
		if (c == COLUMNS || m->has[c] || m->count == COLUMNS)
			return scan_bad_field(why, why_bytes, data, len, ',', m->count + 1, "column name",
				c == COLUMNS ? "op, lbn, blocks, measured_response_us, think_us, kind or "
				"delay_before_us" : "each column once");
		m->has[c] = true;
		m->column[m->count++] = (uint8_t)c;
	} while (scan_char(&s, ','));
	for (unsigned c = OP; c <= BLOCKS; c++)
		if (!m->has[c])
			return scan_bad(why, why_bytes, "the header line lacks the column %s", column_of[c].name);
	m->ready = true;
	return TRACE_SKIP;
}

static void default_columns(struct measured *m)
{
	for (unsigned c = 0; c < COLUMNS; c++) {
		m->column[c] = (uint8_t)c;
		m->has[c] = true;
	}
	m->count = COLUMNS;
	m->ready = true;
}

/* Microseconds to ps, below the end of simulated time. */
static bool scan_us(struct scan *s, time_ps *out)
{
	int128 ps;

	if (!scan_decimal(s, 6, &ps) || ps >= TIME_PS_MAX)
		return false;
	*out = (time_ps)ps;
	return true;
}

/* A class of its own making, and none at all, tell nothing: 0. */
static bool scan_kind(struct scan *s, uint8_t *kind)
{
	const char *text;
	size_t n = scan_until(s, ',', &text);

	*kind = 0;
	for (uint8_t k = 0; kinds[k]; k++)
		if (scan_is(text, n, kinds[k]))
			*kind = (uint8_t)(k + 1);
	for (size_t i = 0; i < n; i++)
		if (!isalnum((unsigned char)text[i]) && text[i] != '-' && text[i] != '_' && text[i] != ' ')
			return false;
	return true;
}

static bool scan_op(struct scan *s, uint8_t *op)
{
	if (s->p == s->end)
		return false;
	switch (*s->p++) {
	case 'R': *op = BLK_READ; return true;
	case 'W': *op = BLK_WRITE; return true;
	case 'F': *op = BLK_FLUSH; return true;
	case 'T': *op = BLK_TRIM; return true;
	default: return false;
	}
}

struct row {
	uint64_t lbn, blocks;
	time_ps think_ps;
};

static bool scan_column(struct scan *s, enum column c, struct trace_record *rec, struct row *row)
{
	switch (c) {
	case OP: return scan_op(s, &rec->op);
	case LBN: return scan_u64(s, &row->lbn);
	case BLOCKS: return scan_u64(s, &row->blocks);
	case RESPONSE: return scan_us(s, &rec->response_ps);
	case THINK: return scan_us(s, &row->think_ps);
	case KIND: return scan_kind(s, &rec->kind);
	case DELAY: return scan_us(s, &rec->delay_ps);
	case COLUMNS: break;
	}
	return false;
}

static enum trace_parse bad(const struct measured *m, unsigned i, const char *data, size_t len,
	char *why, size_t why_bytes)
{
	return scan_bad_field(why, why_bytes, data, len, ',', i + 1, column_of[m->column[i]].name,
		column_of[m->column[i]].want);
}

static enum trace_parse parse(void *state, const struct trace_parse_options *o, const char *data,
	size_t len, struct trace_raw *out, char *why, size_t why_bytes)
{
	struct measured *m = state;
	struct scan s = { data, data + len };
	struct row row = { 0 };
	(void)o;

	if (!m->ready) {
		if (len < 2 || data[1] != ',')
			return read_header(m, data, len, why, why_bytes);
		default_columns(m);
	}
	for (unsigned i = 0; i < m->count; i++) {
		enum column c = m->column[i];
		if (!scan_column(&s, c, &out->rec, &row) || (!scan_at_end(&s) && *s.p != ','))
			return bad(m, i, data, len, why, why_bytes);
		if (i + 1 < m->count && !scan_char(&s, ','))
			return bad(m, i + 1, data, len, why, why_bytes);
	}
	if (!scan_at_end(&s))
		return scan_bad_count(why, why_bytes, data, len, ',', m->count);
	if (out->rec.op == BLK_FLUSH) {
		out->rec.lba = 0;
		out->rec.sectors = 0;
	} else if (!scan_store_sectors(&out->rec, row.lbn, row.blocks)) {
		return scan_bad_range(why, why_bytes, row.lbn, row.blocks, "sectors", "the field lbn",
			"the field blocks");
	}
	if (m->has[THINK] && !m->has[DELAY]) {
		out->rec.delay_ps = m->think_ps;
		m->think_ps = row.think_ps;
	}
	return TRACE_RECORD;
}

static int detect(const char *head, size_t len, char *why, size_t why_bytes)
{
	const char *line = head;
	size_t n = 0, at = 0;
	bool op = false, lbn = false;

	scan_next_line(head, len, &at, &line, &n);
	struct scan s = { line, line + n };
	do {
		const char *text;
		size_t bytes = scan_until(&s, ',', &text);
		op |= scan_is(text, bytes, "op");
		lbn |= scan_is(text, bytes, "lbn");
	} while (scan_char(&s, ','));
	if (op && lbn) {
		snprintf(why, why_bytes, "the header line has the columns op and lbn");
		return 100;
	}
	return scan_detect(&trace_format_measured, head, len, 70,
		"rows of a measured disk without their header", why, why_bytes);
}

const struct trace_format trace_format_measured = {
	.name = "measured",
	.doc = "Measured disk CSV with a header line: op (R, W, F, T), lbn (512 bytes), blocks, "
	       "measured_response_us, think_us, kind, delay_before_us (microseconds)",
	.sample = "R,564349,2,1414.27,18746.77,Hit,13876.27",
	.state_size = sizeof(struct measured),
	.has_delays = true,
	.has_responses = true,
	.kinds = kinds,
	.detect = detect,
	.parse = parse,
};
