/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The request log, written by hand: one row is a few hundred bytes and there are millions. */
#include "run/reqlog.h"

#include <string.h>

#include "sim/time.h"

#define ROW_BYTES 1024 /* 23 fields of at most 25 characters and the names */

static char *put_u64(char *p, uint64_t v)
{
	char digits[20];
	int n = 0;
	do {
		digits[n++] = (char)('0' + v % 10);
		v /= 10;
	} while (v);
	while (n)
		*p++ = digits[--n];
	return p;
}

/* ps as ns with three decimals, then a comma; negative: empty. */
static char *put_time(char *p, time_ps t)
{
	if (t >= 0) {
		uint64_t rest = (uint64_t)t % 1000;
		p = put_u64(p, (uint64_t)t / 1000);
		*p++ = '.';
		*p++ = (char)('0' + rest / 100);
		*p++ = (char)('0' + rest / 10 % 10);
		*p++ = (char)('0' + rest % 10);
	}
	*p++ = ',';
	return p;
}

static char *put_number(char *p, uint64_t v)
{
	p = put_u64(p, v);
	*p++ = ',';
	return p;
}

static char *put_word(char *p, const char *word)
{
	p = stpcpy(p, word);
	*p++ = ',';
	return p;
}

void reqlog_row(FILE *out, const struct blk_req *r, const struct trace_record *rec)
{
	char row[ROW_BYTES];
	char *p = row;
	p = put_time(p, r->arrive_ps);
	p = put_time(p, r->submit_ps);
	p = put_time(p, r->start_ps);
	p = put_time(p, r->media_ps);
	p = put_time(p, r->done_ps);
	p = put_word(p, blk_op_name(r->op));
	p = put_number(p, r->lba);
	p = put_number(p, r->sectors);
	p = put_word(p, blk_cause_name(r->cause));
	p = put_word(p, blk_status_name(r->status));
	p = put_word(p, blk_hit_name(r->hit));
	p = put_time(p, r->overhead_ps);
	p = put_time(p, r->seek_ps);
	p = put_time(p, r->rotation_ps);
	p = put_time(p, r->transfer_ps);
	p = put_time(p, r->bus_ps);
	p = put_number(p, r->unwritten);
	p = put_number(p, rec->line);
	p = put_number(p, rec->device);
	p = put_time(p, rec->response_ps);
	if (r->place != BLK_NO_PLACE) {
		p = put_number(p, r->place);
		p = put_number(p, r->seek_distance);
	} else {
		p = stpcpy(p, ",,");
	}
	p = put_time(p, r->energy_pj); /* nJ with three decimals, as ps become ns */
	p[-1] = '\n'; /* over the last comma */
	fwrite(row, 1, (size_t)(p - row), out);
}

struct outfile *reqlog_open(const char *name, bool force, struct err *e)
{
	struct outfile *f = outfile_open(name, "request log", force, e);
	if (f)
		fputs(REQLOG_HEADER, outfile_stream(f));
	return f;
}
