/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Traces as the past of devices. */
#include "run/past.h"

#include <stdlib.h>
#include <string.h>

#include "trace/reader.h"

struct blk_stream {
	struct trace_reader *reader; /* owned */
};

static struct blk_stream *past_open(const char *file, const char *format, struct err *e)
{
	struct trace_reader_options o = {.format = format, .device = TRACE_ALL_DEVICES, .sort_window = -1};
	struct blk_stream *s = calloc(1, sizeof(*s));
	o.parse.blkparse_action = 'Q';
	if (!s) {
		err_set(e, ERR_LIMIT, "no memory to read %s", file);
		return NULL;
	}
	s->reader = trace_reader_open(file, &o, e);
	if (s->reader)
		return s;
	free(s);
	return NULL;
}

static int past_next(struct blk_stream *s, struct blk_req *out, uint64_t *line, struct err *e)
{
	struct trace_source *source = trace_reader_source(s->reader);
	struct trace_record r;
	int got = source->next(source, 0, &r, e);
	if (got <= 0)
		return got;
	*out = (struct blk_req){.lba = r.lba, .sectors = r.sectors, .op = r.op};
	*line = r.line;
	return 1;
}

static void past_close(struct blk_stream *s)
{
	if (s)
		trace_reader_free(s->reader);
	free(s);
}

const struct blk_streams past_streams = {past_open, past_next, past_close};
