/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * MQSim ASCII traces: arrival time (ns), device number, first sector (512 bytes), sector
 * count, type (0 write, 1 read), blank-separated whole numbers.
 *
 * Source: traces/README.md and README.md of github.com/CMU-SAFARI/MQSim (Tavakkol et al.,
 * FAST'18). MQSim's workload file may declare another time unit; its own traces are in ns.
 */
#include "trace/scan.h"

extern const struct trace_format trace_format_mqsim;

static const struct { const char *name, *want; } field_of[6] = {
	{ 0 },
	{ "time", "a whole number of nanoseconds" },
	{ "device", "a whole number" },
	{ "sector", "a whole number" },
	{ "count", "a whole number" },
	{ "type", "0 (write) or 1 (read)" },
};

static enum trace_parse bad(char *why, size_t why_bytes, const char *data, size_t len,
	unsigned field)
{
	return scan_bad_field(why, why_bytes, data, len, ' ', field, field_of[field].name,
		field_of[field].want);
}

static enum trace_parse parse(void *state, const struct trace_parse_options *o, const char *data,
	size_t len, struct trace_raw *out, char *why, size_t why_bytes)
{
	struct scan s = { data, data + len };
	uint64_t ns, device, sector, count, type;
	(void)state;
	(void)o;

	scan_blanks(&s);
	if (!scan_u64(&s, &ns) || !scan_at_blank(&s))
		return bad(why, why_bytes, data, len, 1);
	scan_blanks(&s);
	if (!scan_u64(&s, &device) || device >= UINT32_MAX || !scan_at_blank(&s))
		return bad(why, why_bytes, data, len, 2);
	scan_blanks(&s);
	if (!scan_u64(&s, &sector) || !scan_at_blank(&s))
		return bad(why, why_bytes, data, len, 3);
	scan_blanks(&s);
	if (!scan_u64(&s, &count) || !scan_at_blank(&s))
		return bad(why, why_bytes, data, len, 4);
	scan_blanks(&s);
	if (!scan_u64(&s, &type) || type > 1 || !scan_at_blank(&s))
		return bad(why, why_bytes, data, len, 5);
	if (!scan_at_end(&s))
		return scan_bad_count(why, why_bytes, data, len, ' ', 5);
	if (!scan_store_sectors(&out->rec, sector, count))
		return scan_bad_range(why, why_bytes, sector, count, "sectors", "field 3 (sector)",
			"field 4 (count)");
	out->has_time = true;
	out->time_ps = (int128)ns * PS_PER_NS;
	out->rec.device = (uint32_t)device;
	out->rec.op = type ? BLK_READ : BLK_WRITE;
	return TRACE_RECORD;
}

static int detect(const char *head, size_t len, char *why, size_t why_bytes)
{
	return scan_detect(&trace_format_mqsim, head, len, 85,
		"five whole numbers that end in 0 or 1 (ns device sector count type)", why, why_bytes);
}

const struct trace_format trace_format_mqsim = {
	.name = "mqsim",
	.doc = "MQSim ASCII: time (ns), device, sector (512 bytes), count (sectors), type (0 write, "
	       "1 read)",
	.sample = "938513000 4 264719034 16 0",
	.has_arrivals = true,
	.detect = detect,
	.parse = parse,
};
