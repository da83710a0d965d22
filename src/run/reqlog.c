/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The request log, written by hand: one row is a few hundred bytes and there are millions. */
#include "run/reqlog.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

/* ---- the file ------------------------------------------------------------------------------ */

#define BUFFER_BYTES ((size_t)1 << 18)

struct reqlog {
	FILE *out;     /* owned unless stdout; NULL once closed */
	char *name;    /* owned; as the user typed it */
	char *partial; /* owned; NULL where the name is written directly */
	bool finished;
};

static int prepare(struct reqlog *l, bool force, struct err *e)
{
	struct stat st;
	bool there = stat(l->name, &st) == 0;
	if (there && !S_ISREG(st.st_mode))
		return 0;
	if (there && !force)
		return err_set(e, ERR_IO, "%s exists and is kept (--force replaces it)", l->name);
	if (asprintf(&l->partial, "%s.partial-%ld", l->name, (long)getpid()) < 0) {
		l->partial = NULL;
		return err_set(e, ERR_LIMIT, "no memory for the request log");
	}
	return 0;
}

struct reqlog *reqlog_open(const char *name, bool force, struct err *e)
{
	struct reqlog *l = calloc(1, sizeof(*l));
	if (!l || !(l->name = strdup(name))) {
		err_set(e, ERR_LIMIT, "no memory for the request log");
		free(l);
		return NULL;
	}
	if (!strcmp(name, "-")) {
		l->out = stdout;
	} else if (prepare(l, force, e) == 0) {
		l->out = fopen(reqlog_name(l), "we");
		if (!l->out)
			err_set(e, ERR_IO, "cannot write the request log %s: %s", name, strerror(errno));
	}
	if (!l->out) {
		free(l->partial); /* nothing was made: nothing to remove */
		l->partial = NULL;
		reqlog_free(l);
		return NULL;
	}
	if (l->out != stdout)
		setvbuf(l->out, NULL, _IOFBF, BUFFER_BYTES);
	fputs(REQLOG_HEADER, l->out);
	return l;
}

void reqlog_free(struct reqlog *l)
{
	if (!l)
		return;
	if (l->out && l->out != stdout)
		fclose(l->out);
	if (l->partial && !l->finished)
		unlink(l->partial);
	free(l->partial);
	free(l->name);
	free(l);
}

FILE *reqlog_file(struct reqlog *l)
{
	return l->out;
}

const char *reqlog_name(const struct reqlog *l)
{
	return l->partial ? l->partial : l->name;
}

static const char *shown_name(const struct reqlog *l)
{
	return strcmp(l->name, "-") ? l->name : "to standard output";
}

int reqlog_finish(struct reqlog *l, bool whole, struct err *e)
{
	errno = 0;
	bool bad = ferror(l->out);
	bad |= fflush(l->out) != 0;
	int why = errno;
	if (l->out != stdout && fclose(l->out) != 0 && !bad) {
		bad = true;
		why = errno;
	}
	l->out = NULL;
	if (bad)
		return err_set(e, ERR_IO, "cannot write the request log %s: %s", shown_name(l),
			why ? strerror(why) : "some of it was lost (is the disk full?)");
	l->finished = true;
	if (!whole || !l->partial)
		return 0;
	if (rename(l->partial, l->name) < 0)
		return err_set(e, ERR_IO, "cannot rename %s to %s: %s", l->partial, l->name,
			strerror(errno));
	free(l->partial);
	l->partial = NULL;
	return 0;
}
