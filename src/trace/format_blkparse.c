/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * blkparse's default text output:
 *
 *   major,minor cpu sequence seconds.nanoseconds pid action RWBS sector + count [process]
 *
 * Sectors are of 512 bytes. One of the actions is taken (Q queued, D issued to the driver,
 * C completed), all others are skipped: remaps (A), merges (M, F), plugs, messages.
 * Passthrough commands (a byte count or a CDB where the sector stands) are skipped too, and
 * so is the summary at the end. A device is a "major,minor" pair, numbered by appearance.
 *
 * RWBS, as written by blkparse's fill_rwbs() and the kernel's blk_fill_rwbs(): an F that
 * comes first is a flush that goes before the operation; then R, W, D (discard; DE secure
 * erase), F (flush), Z and a letter (zone operation) or N (none of these); then F for
 * forced unit access, A read-ahead, S synchronous, M metadata, U atomic, B barrier (old
 * kernels). Where no sectors are given, a flush is all there is (blkparse calls it FN).
 *
 * Sources: blkparse_fmt.c of blktrace 1.3; kernel/trace/blktrace.c of Linux 6.16.
 */
#include <stdio.h>
#include <stdlib.h>

#include "trace/names.h"
#include "trace/scan.h"

#define SORT_WINDOW 4096 /* events of one CPU's buffer that may stand before another's */

struct blkparse {
	struct names names;  /* "8,16" */
	uint64_t key;        /* the device of the line before, as up to eight characters */
	size_t key_len;      /* 0: none yet */
	uint32_t device;     /* its number */
	uint64_t seen[128];  /* events by first letter of the action */
	uint64_t events;
	bool summary;        /* past the last event */
};

extern const struct trace_format trace_format_blkparse;

static const struct { const char *name, *want; } field_of[11] = {
	{ 0 },
	{ "device", "major,minor" },
	{ "cpu", "a whole number" },
	{ "sequence", "a whole number" },
	{ "time", "seconds with a decimal point" },
	{ "pid", "a whole number" },
	{ "action", "a letter" },
	{ "RWBS", "letters such as R, WS or FWFS" },
	{ "sector", "a whole number" },
	{ "+", "a plus sign" },
	{ "count", "a whole number" },
};

static enum trace_parse bad(char *why, size_t why_bytes, const char *data, size_t len,
	unsigned field)
{
	return scan_bad_field(why, why_bytes, data, len, ' ', field, field_of[field].name,
		field_of[field].want);
}

/* ---- the front of a line, the same for all events ------------------------------------ */

struct front {
	const char *device;
	size_t device_len;
	int128 time_ps;
	char action;
};

/* Skip a word that begins as a number does, and the blanks behind it. */
static inline bool skip_number(struct scan *s)
{
	if (!scan_is_digit(s) && (s->p == s->end || *s->p != '-'))
		return false;
	scan_skip_word(s);
	scan_blanks(s);
	return true;
}

/* Characters behind `len` <= 8 set to zero. */
static inline uint64_t load_key(const char *p, size_t len)
{
	return scan_load8(p) << (64 - 8 * len);
}

static bool check_device(const char *text, size_t len)
{
	struct scan s = { text, text + len };
	uint64_t major, minor;

	return scan_u64(&s, &major) && scan_char(&s, ',') && scan_u64(&s, &minor) && scan_at_end(&s) &&
	       len <= 32;
}

/* The device of the line before is known to be well-formed; another is looked at. */
static inline bool scan_device(const struct blkparse *b, struct scan *s, struct front *f)
{
	f->device = s->p;
	scan_skip_word(s);
	f->device_len = (size_t)(s->p - f->device);
	scan_blanks(s);
	if (f->device_len == b->key_len && f->device_len && load_key(f->device, f->device_len) == b->key)
		return true;
	return check_device(f->device, f->device_len);
}

/* False: a device too many. */
static inline bool number_device(struct blkparse *b, const struct front *f)
{
	size_t n = f->device_len;

	if (n == b->key_len && load_key(f->device, n) == b->key)
		return true;
	b->device = names_find(&b->names, f->device, n);
	b->key_len = n <= 8 ? n : 0;
	b->key = n <= 8 ? load_key(f->device, n) : 0;
	return b->device != NAMES_FULL;
}

/* Leaves s at the RWBS. 0, or the number of the bad field. */
static inline unsigned scan_front(const struct blkparse *b, struct scan *s, struct front *f)
{
	scan_blanks(s);
	if (!scan_device(b, s, f))
		return 1;
	if (!skip_number(s))
		return 2;
	if (!skip_number(s))
		return 3;
	if (!scan_decimal(s, 12, &f->time_ps) || !scan_at_blank(s))
		return 4;
	scan_blanks(s);
	if (!skip_number(s))
		return 5;
	if (s->p == s->end || (unsigned char)((*s->p | 0x20) - 'a') > 25)
		return 6;
	f->action = *s->p;
	while (!scan_at_blank(s)) /* UT: unplugged by a timer */
		s->p++;
	scan_blanks(s);
	return 0;
}

/* ---- RWBS ---------------------------------------------------------------------------- */

struct rwbs {
	int op;        /* enum blk_op, or -1: none */
	bool preflush;
	uint8_t flags;
};

static bool scan_zone_op(struct scan *s, struct rwbs *out)
{
	if (s->p == s->end)
		return false;
	switch (*s->p++) {
	case 'A': out->op = BLK_ZONE_APPEND; return true;
	case 'R': /* RA resets all zones: no request here does that */
		out->op = BLK_ZONE_RESET;
		return s->p == s->end || *s->p != 'A';
	case 'F': out->op = BLK_ZONE_FINISH; return true;
	case 'O': out->op = BLK_ZONE_OPEN; return true;
	case 'C': out->op = BLK_ZONE_CLOSE; return true;
	default: return false;
	}
}

static inline bool scan_op(struct scan *s, struct rwbs *out)
{
	if (scan_at_blank(s))
		return false;
	switch (*s->p++) {
	case 'R': out->op = BLK_READ; return true;
	case 'W': out->op = BLK_WRITE; return true;
	case 'D':
		out->op = BLK_TRIM;
		scan_char(s, 'E');
		return true;
	case 'F': out->op = BLK_FLUSH; return true;
	case 'Z': return scan_zone_op(s, out);
	case 'N': out->op = -1; return true;
	default: return false;
	}
}

static inline bool is_op(char c)
{
	return c == 'R' || c == 'W' || c == 'D' || c == 'F' || c == 'Z' || c == 'N';
}

static inline bool scan_rwbs(struct scan *s, struct rwbs *out)
{
	*out = (struct rwbs){ .op = -1 };
	if (s->end - s->p >= 2 && s->p[0] == 'F' && is_op(s->p[1])) {
		out->preflush = true;
		s->p++;
	}
	if (!scan_op(s, out))
		return false;
	for (; !scan_at_blank(s); s->p++) {
		switch (*s->p) {
		case 'F': out->flags |= BLK_FUA; break;
		case 'S': out->flags |= BLK_SYNC; break;
		case 'B': out->flags |= BLK_BARRIER; break;
		case 'A': case 'M': case 'U': break; /* hints that nothing here acts on */
		default: return false;
		}
	}
	scan_blanks(s);
	return true;
}

/* ---- a line -------------------------------------------------------------------------- */

static bool begins(const struct scan *s, const char *word)
{
	size_t n = strlen(word);

	return (size_t)(s->end - s->p) >= n && memcmp(s->p, word, n) == 0;
}

/* What blkparse prints besides events: a line on each input, and the summary. */
static bool is_heading(struct blkparse *b, const char *data, size_t len)
{
	struct scan s = { data, data + len };

	scan_blanks(&s);
	if (begins(&s, "CPU") || begins(&s, "Total (") || begins(&s, "Throughput ("))
		b->summary = true;
	return b->summary || begins(&s, "Input file ") || begins(&s, "Trace started at ");
}

/* The process or error in brackets, or a CDB in parentheses: nothing of a range comes. */
static inline bool no_range(const struct scan *s)
{
	return s->p < s->end && (*s->p == '[' || *s->p == '(');
}

/* "sector + count", or nothing of that kind: false only where it is garbled. */
static inline bool scan_range(struct scan *s, uint64_t *sector, uint64_t *count, unsigned *field)
{
	*count = 0;
	*sector = 0;
	if (no_range(s))
		return true;
	*field = 8;
	if (!scan_u64(s, sector) || !scan_at_blank(s))
		return false;
	scan_blanks(s);
	if (no_range(s))
		return true; /* completed with no data, or a passthrough command's bytes */
	*field = 9;
	if (!scan_char(s, '+'))
		return false;
	*field = 10;
	scan_blanks(s);
	return scan_u64(s, count) && scan_at_blank(s);
}

static enum trace_parse finish(struct trace_raw *out, const struct rwbs *rwbs, uint64_t sector,
	uint64_t count, char *why, size_t why_bytes)
{
	if (rwbs->op == BLK_FLUSH || (count == 0 && rwbs->preflush)) {
		out->rec.op = BLK_FLUSH;
		out->rec.lba = 0;
		out->rec.sectors = 0;
		return TRACE_RECORD;
	}
	if (rwbs->op < 0 || (count == 0 && blk_op_has_range((enum blk_op)rwbs->op)))
		return TRACE_SKIP;
	if (count == 0)
		out->rec.lba = sector, out->rec.sectors = 0;
	else if (!scan_store_sectors(&out->rec, sector, count))
		return scan_bad_range(why, why_bytes, sector, count, "sectors", "field 8 (sector)",
			"field 10 (count)");
	out->rec.op = (uint8_t)rwbs->op;
	out->preflush = rwbs->preflush;
	return TRACE_RECORD;
}

static enum trace_parse parse(void *state, const struct trace_parse_options *o, const char *data,
	size_t len, struct trace_raw *out, char *why, size_t why_bytes)
{
	struct blkparse *b = state;
	struct scan s = { data, data + len };
	struct front f;
	struct rwbs rwbs;
	uint64_t sector, count;
	unsigned field = scan_front(b, &s, &f);

	if (field) {
		if (field == 1 && is_heading(b, data, len))
			return TRACE_SKIP;
		return bad(why, why_bytes, data, len, field);
	}
	b->summary = false;
	b->events++;
	b->seen[f.action & 127]++;
	if (f.action != (o->blkparse_action ? o->blkparse_action : 'Q'))
		return TRACE_SKIP;
	if (!scan_rwbs(&s, &rwbs))
		return bad(why, why_bytes, data, len, 7);
	if (!scan_range(&s, &sector, &count, &field))
		return bad(why, why_bytes, data, len, field);
	if (!number_device(b, &f))
		return scan_bad(why, why_bytes, "field 1 (device) is one device too many");
	out->rec.device = b->device;
	out->has_time = true;
	out->time_ps = f.time_ps;
	out->rec.flags = rwbs.flags;
	return finish(out, &rwbs, sector, count, why, why_bytes);
}

/* Events count, whatever their action: a file without the default one is blkparse's too. */
static int detect(const char *head, size_t len, char *why, size_t why_bytes)
{
	struct blkparse b = { 0 };
	const char *line;
	size_t n, at = 0;
	unsigned events = 0, other = 0, tried = 0;

	if (memchr(head, 0, len)) {
		snprintf(why, why_bytes, "holds zero bytes: not text");
		return 0;
	}
	while (tried++ < SCAN_TRY_LINES && scan_next_line(head, len, &at, &line, &n)) {
		struct scan s = { line, line + n };
		struct front f;
		unsigned field = scan_front(&b, &s, &f);
		if (field == 0)
			events++;
		else if (!is_heading(&b, line, n) && other++ == 0)
			bad(why, why_bytes, line, n, field);
	}
	if (events == 0 || other > events) {
		if (other == 0)
			snprintf(why, why_bytes, "no line is an event");
		return 0;
	}
	snprintf(why, why_bytes, "%u of the first %u line%s %s blkparse events "
		"(major,minor cpu sequence seconds pid action RWBS)", events, events + other,
		events + other == 1 ? "" : "s", events == 1 ? "is" : "are");
	return 95 * (int)events / (int)(events + other);
}

static const char *device_name(const void *state, uint32_t device)
{
	return names_text(&((const struct blkparse *)state)->names, device);
}

static void explain_empty(const void *state, const struct trace_parse_options *o, char *why,
	size_t why_bytes)
{
	const struct blkparse *b = state;
	char has[3 * 128] = "";
	size_t n = 0;

	for (int c = 'A'; c <= 'z'; c++)
		if (b->seen[c] && n + 4 < sizeof(has))
			n += (size_t)snprintf(has + n, sizeof(has) - n, "%s%c", n ? " " : "", c);
	if (n)
		snprintf(why, why_bytes, "action %c was asked for, and the actions there are %s",
			o->blkparse_action ? o->blkparse_action : 'Q', has);
}

static void state_free(void *state)
{
	names_free(&((struct blkparse *)state)->names);
}

const struct trace_format trace_format_blkparse = {
	.name = "blkparse",
	.doc = "blkparse text: major,minor, CPU, sequence, time (s), pid, action, RWBS, sector "
	       "(512 bytes) + count (sectors), process",
	.sample = "  8,16   5        2     0.000001850 18615  Q   R 1444645666 + 256 [java]",
	.state_size = sizeof(struct blkparse),
	.has_arrivals = true,
	.sort_window = SORT_WINDOW,
	.detect = detect,
	.parse = parse,
	.device_name = device_name,
	.explain_empty = explain_empty,
	.state_free = state_free,
};
