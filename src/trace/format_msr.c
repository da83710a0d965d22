/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * MSR Cambridge block traces: comma-separated Timestamp,Hostname,DiskNumber,Type,Offset,
 * Size,ResponseTime. Timestamp is a Windows FILETIME (ticks of 100 ns since 1601), the
 * response time a duration in the same ticks; offset and size are in bytes.
 *
 * Source: the README of the trace set (Narayanan, Donnelly, Rowstron, "Write off-loading",
 * FAST'08; SNIA IOTTA trace 388). A device is one host's disk, "hm_0" as in its file name.
 */
#include <stdio.h>

#include "trace/names.h"
#include "trace/scan.h"

#define TICK_PS (100 * PS_PER_NS)
#define KEY_BYTES 80

struct msr {
	struct names names;
	char key[KEY_BYTES]; /* "hm,0": the device of the line before, as it stands there */
	size_t key_len;
	uint32_t device;
};

extern const struct trace_format trace_format_msr;

static const struct { const char *name, *want; } field_of[8] = {
	{ 0 },
	{ "timestamp", "a whole number of 100 ns ticks" },
	{ "hostname", "a name" },
	{ "disk number", "a whole number" },
	{ "type", "Read or Write" },
	{ "offset", "a whole number of bytes" },
	{ "size", "a whole number of bytes" },
	{ "response time", "a whole number of 100 ns ticks" },
};

/* Where the field itself was good and the line ends behind it, it is the next one that lacks. */
static enum trace_parse bad(char *why, size_t why_bytes, const char *data, size_t len,
	const struct scan *s, unsigned field)
{
	if (field < 7 && scan_at_end(s) && s->p > data && s->p[-1] != ',')
		field++;
	return scan_bad_field(why, why_bytes, data, len, ',', field, field_of[field].name,
		field_of[field].want);
}

/* Number of a device by its "host,disk"; the table holds "host_disk". */
static bool find_device(struct msr *m, const char *key, size_t len)
{
	char name[KEY_BYTES];

	if (len > sizeof(name))
		return false;
	memcpy(name, key, len);
	for (size_t i = 0; i < len; i++)
		if (name[i] == ',')
			name[i] = '_';
	m->device = names_find(&m->names, name, len);
	memcpy(m->key, key, len);
	m->key_len = len;
	return m->device != NAMES_FULL;
}

static bool is_word(const char *text, size_t len, const char *word)
{
	for (size_t i = 0; i < len; i++, word++)
		if (*word == '\0' || (text[i] | 0x20) != *word)
			return false;
	return *word == '\0';
}

static bool parse_op(struct scan *s, uint8_t *op)
{
	const char *text;
	size_t len = scan_until(s, ',', &text);

	if (is_word(text, len, "read"))
		*op = BLK_READ;
	else if (is_word(text, len, "write"))
		*op = BLK_WRITE;
	else
		s->p = text; /* the field is to blame, not the end of the line */
	return s->p > text && scan_char(s, ',');
}

static enum trace_parse parse(void *state, const struct trace_parse_options *o, const char *data,
	size_t len, struct trace_raw *out, char *why, size_t why_bytes)
{
	struct msr *m = state;
	struct scan s = { data, data + len };
	uint64_t ticks, disk, offset, size, response;
	const char *host;
	(void)o;

	if (!scan_u64(&s, &ticks) || !scan_char(&s, ',')) {
		if (len > 10 && is_word(data, 10, "timestamp,"))
			return TRACE_SKIP; /* a header line, which some copies have */
		return bad(why, why_bytes, data, len, &s, 1);
	}
	if (scan_until(&s, ',', &host) == 0 || !scan_char(&s, ','))
		return bad(why, why_bytes, data, len, &s, 2);
	if (!scan_u64(&s, &disk))
		return bad(why, why_bytes, data, len, &s, 3);
	size_t key_len = (size_t)(s.p - host);
	if (!scan_char(&s, ','))
		return bad(why, why_bytes, data, len, &s, 3);
	if (!parse_op(&s, &out->rec.op))
		return bad(why, why_bytes, data, len, &s, 4);
	if (!scan_u64(&s, &offset) || !scan_char(&s, ','))
		return bad(why, why_bytes, data, len, &s, 5);
	if (!scan_u64(&s, &size) || !scan_char(&s, ','))
		return bad(why, why_bytes, data, len, &s, 6);
	if (!scan_u64(&s, &response) || response > INT64_MAX / TICK_PS)
		return bad(why, why_bytes, data, len, &s, 7);
	if (!scan_at_end(&s))
		return *s.p == ',' ? scan_bad_count(why, why_bytes, data, len, ',', 7)
				   : bad(why, why_bytes, data, len, &s, 7);
	if (!scan_store_bytes(&out->rec, offset, size))
		return scan_bad_range(why, why_bytes, offset, size, "bytes", "field 5 (offset)",
			"field 6 (size)");
	if ((key_len != m->key_len || memcmp(host, m->key, key_len) != 0) &&
	    !find_device(m, host, key_len))
		return scan_bad(why, why_bytes, "field 2 (hostname) is too long, or one name too many");
	out->rec.device = m->device;
	out->rec.response_ps = (time_ps)response * TICK_PS;
	out->has_time = true;
	out->time_ps = (int128)ticks * TICK_PS;
	return TRACE_RECORD;
}

static int detect(const char *head, size_t len, char *why, size_t why_bytes)
{
	return scan_detect(&trace_format_msr, head, len, 95,
		"seven MSR fields (FILETIME,host,disk,Read|Write,offset,size,response)", why, why_bytes);
}

static const char *device_name(const void *state, uint32_t device)
{
	return names_text(&((const struct msr *)state)->names, device);
}

static void state_free(void *state)
{
	names_free(&((struct msr *)state)->names);
}

const struct trace_format trace_format_msr = {
	.name = "msr",
	.doc = "MSR Cambridge CSV: time (100 ns ticks since 1601), host, disk, Read or Write, "
	       "offset (bytes), size (bytes), response (100 ns ticks)",
	.sample = "128166372003061629,hm,0,Write,7014912,4096,26",
	.state_size = sizeof(struct msr),
	.has_arrivals = true,
	.has_responses = true,
	.detect = detect,
	.parse = parse,
	.device_name = device_name,
	.state_free = state_free,
};
