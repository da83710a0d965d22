/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * vscsiStats command traces of VMware ESX, binary, little-endian, one device:
 *
 *   version 1, 32 bytes: u32 sn, len, nSG; u16 cmd, ver; u64 lbn, ts
 *   version 2, 40 bytes: u16 cmd, ver; u32 sn, len, nSG; u64 lbn, ts, rt
 *
 * len is in bytes, lbn in sectors of 512 bytes, ts in microseconds; the upper byte of ver is
 * the version; cmd is the SCSI operation code. rt, the response time, is taken to be in
 * microseconds as ts is: no public description says so.
 *
 * Source: traceReader/customizedReader/vscsi.h of libCacheSim (github.com/1a1a11a), where
 * CloudPhysics' traces are read; units from vscsiStats' own text output ("Time Stamp
 * (microseconds)"); operation codes from SBC-3. Commands that move no data (and the data of
 * which is not the range, as of UNMAP) are skipped.
 */
#include <inttypes.h>
#include <stdio.h>

#include "trace/scan.h"

#define V1_BYTES 32
#define V2_BYTES 40
#define PROBE_RECORDS 64

extern const struct trace_format trace_format_vscsi, trace_format_vscsi2;

static uint16_t u16(const char *p)
{
	const unsigned char *b = (const unsigned char *)p;
	return (uint16_t)(b[0] | b[1] << 8);
}

static uint32_t u32(const char *p) { return u16(p) | (uint32_t)u16(p + 2) << 16; }
static uint64_t u64(const char *p) { return u32(p) | (uint64_t)u32(p + 4) << 32; }

struct command {
	unsigned cmd, version;
	uint32_t len;
	uint64_t lbn, ts, rt;
};

static void unpack(const char *p, unsigned version, struct command *c)
{
	size_t at = version == 2 ? 0 : 12; /* where cmd and ver stand */

	c->cmd = u16(p + at);
	c->version = (unsigned)u16(p + at + 2) >> 8;
	c->len = u32(p + (version == 2 ? 8 : 4));
	c->lbn = u64(p + 16);
	c->ts = u64(p + 24);
	c->rt = version == 2 ? u64(p + 32) : 0;
}

/* -1: no request. */
static int find_op(unsigned cmd)
{
	switch (cmd) {
	case 0x08: case 0x28: case 0xa8: case 0x88: /* READ(6, 10, 12, 16) */
		return BLK_READ;
	case 0x0a: case 0x2a: case 0xaa: case 0x8a: /* WRITE(6, 10, 12, 16) */
	case 0x2e: case 0xae: case 0x8e:            /* WRITE AND VERIFY(10, 12, 16) */
		return BLK_WRITE;
	case 0x35: case 0x91:                       /* SYNCHRONIZE CACHE(10, 16) */
		return BLK_FLUSH;
	default:
		return -1;
	}
}

static enum trace_parse parse(unsigned version, const char *data, struct trace_raw *out,
	char *why, size_t why_bytes)
{
	struct command c;

	unpack(data, version, &c);
	if (c.version != version)
		return scan_bad(why, why_bytes, "the record's version is %u: want %u", c.version, version);
	int op = find_op(c.cmd);
	if (op < 0)
		return TRACE_SKIP;
	out->rec.op = (uint8_t)op;
	if (op == BLK_FLUSH) {
		out->rec.lba = 0;
		out->rec.sectors = 0;
	} else if (c.len == 0) {
		return TRACE_SKIP; /* legal in SCSI: a transfer of nothing */
	} else {
		uint64_t sectors = ((uint64_t)c.len + SECTOR_BYTES - 1) / SECTOR_BYTES;
		if (!scan_store_sectors(&out->rec, c.lbn, sectors))
			return scan_bad_range(why, why_bytes, c.lbn, sectors, "sectors", "lbn", "len");
	}
	if (c.rt > INT64_MAX / PS_PER_US)
		return scan_bad(why, why_bytes, "rt is too large: %" PRIu64 " us", c.rt);
	if (version == 2)
		out->rec.response_ps = (time_ps)c.rt * PS_PER_US;
	out->has_time = true;
	out->time_ps = (int128)c.ts * PS_PER_US;
	return TRACE_RECORD;
}

static enum trace_parse parse_v1(void *state, const struct trace_parse_options *o,
	const char *data, size_t len, struct trace_raw *out, char *why, size_t why_bytes)
{
	(void)state;
	(void)o;
	(void)len;
	return parse(1, data, out, why, why_bytes);
}

static enum trace_parse parse_v2(void *state, const struct trace_parse_options *o,
	const char *data, size_t len, struct trace_raw *out, char *why, size_t why_bytes)
{
	(void)state;
	(void)o;
	(void)len;
	return parse(2, data, out, why, why_bytes);
}

static int detect(unsigned version, const char *head, size_t len, char *why, size_t why_bytes)
{
	size_t size = version == 2 ? V2_BYTES : V1_BYTES, n = len / size, known = 0;
	struct command c;

	if (n > PROBE_RECORDS)
		n = PROBE_RECORDS;
	for (size_t i = 0; i < n; i++) {
		unpack(head + i * size, version, &c);
		if (c.version != version || c.cmd > 0xff) {
			snprintf(why, why_bytes, "no version %u where %zu-byte records have it", version, size);
			return 0;
		}
		known += find_op(c.cmd) >= 0;
	}
	if (n == 0 || !memchr(head, 0, len)) {
		snprintf(why, why_bytes, "not binary");
		return 0;
	}
	snprintf(why, why_bytes, "%zu of the first %zu %zu-byte records are version %u reads and writes",
		known, n, size, version);
	return known * 2 >= n ? 95 : 20;
}

static int detect_v1(const char *head, size_t len, char *why, size_t why_bytes)
{
	return detect(1, head, len, why, why_bytes);
}

static int detect_v2(const char *head, size_t len, char *why, size_t why_bytes)
{
	return detect(2, head, len, why, why_bytes);
}

const struct trace_format trace_format_vscsi = {
	.name = "vscsi",
	.doc = "VMware vscsiStats, version 1, binary: len (bytes), SCSI command, lbn (512 bytes), "
	       "time (microseconds)",
	/* first record of the CloudPhysics trace of libCacheSim */
	.sample = "\xf4\x00\x00\x80\x00\x02\x00\x00\x01\x00\x00\x00\x2a\x00\x00\x01"
		  "\x09\x1a\x8f\x02\x00\x00\x00\x00\x22\xcf\x82\xbe\x1f\x05\x00\x00",
	.record_bytes = V1_BYTES,
	.has_arrivals = true,
	.detect = detect_v1,
	.parse = parse_v1,
};

const struct trace_format trace_format_vscsi2 = {
	.name = "vscsi2",
	.doc = "VMware vscsiStats, version 2, binary: SCSI command, len (bytes), lbn (512 bytes), "
	       "time and response (microseconds)",
	/* the same command in the layout of version 2, with a response of 250 us */
	.sample = "\x2a\x00\x00\x02\xf4\x00\x00\x80\x00\x02\x00\x00\x01\x00\x00\x00"
		  "\x09\x1a\x8f\x02\x00\x00\x00\x00\x22\xcf\x82\xbe\x1f\x05\x00\x00"
		  "\xfa\x00\x00\x00\x00\x00\x00\x00",
	.record_bytes = V2_BYTES,
	.has_arrivals = true,
	.has_responses = true,
	/* a record holds its response time, so it was written at completion, not in order of ts */
	.sort_window = 4096,
	.detect = detect_v2,
	.parse = parse_v2,
};
