/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Traces in memory. */
#include "trace/image.h"

#include <stdlib.h>

#include "trace/reader_private.h"

#define FIRST_ROOM 4096

struct trace_seen trace_image_seen(const struct trace_image *m, size_t delivered) { return m->seen[delivered]; }

/* ---- delivering -------------------------------------------------------------------------- */

static int next(struct trace_source *self, time_ps now, struct trace_record *out, struct err *e)
{
	struct trace_reader *r = container_of(self, struct trace_reader, source);
	(void)now;
	(void)e;

	if (r->at >= r->image->count) {
		r->at = r->image->count + 1; /* at the end all lines have been seen */
		return 0;
	}
	*out = r->image->record[r->at++];
	return 1;
}

static double progress(const struct trace_source *self)
{
	const struct trace_reader *r = container_of(self, const struct trace_reader, source);
	return (double)(r->at < r->image->count ? r->at : r->image->count) / (double)r->image->count;
}

struct trace_reader *trace_image_open(const struct trace_image *m, struct err *e)
{
	struct trace_reader *r = calloc(1, sizeof(*r));

	if (!r) {
		err_set(e, ERR_LIMIT, "%s: out of memory", input_name(m->reader->input));
		return NULL;
	}
	r->image = m;
	r->source = m->reader->source;
	r->source.next = next;
	r->source.progress = progress;
	return r;
}

/* ---- loading ----------------------------------------------------------------------------- */

/* Room for one more record, and for what is seen behind it and at the end. */
static int grow(struct trace_image *m)
{
	if (m->count < m->room)
		return 0;
	size_t room = m->room ? 2 * m->room : FIRST_ROOM;
	struct trace_record *record = realloc(m->record, room * sizeof(*record));
	if (record)
		m->record = record;
	struct trace_seen *seen = realloc(m->seen, (room + 2) * sizeof(*seen));
	if (seen)
		m->seen = seen;
	if (!record || !seen)
		return -1;
	m->room = room;
	return 0;
}

static struct trace_seen seen_now(const struct trace_image *m)
{
	return (struct trace_seen){trace_reader_lines(m->reader), trace_reader_skipped(m->reader)};
}

/* 1: all of it is there, 0: it is not to be had whole, -1: no memory. */
static int load(struct trace_image *m, size_t most_bytes)
{
	struct trace_source *source = trace_reader_source(m->reader);
	struct trace_seen open = seen_now(m);
	struct err why = {0};
	int got = 1;

	while (got > 0) {
		if (m->count >= most_bytes / (sizeof(*m->record) + sizeof(*m->seen)))
			return 0;
		if (grow(m) < 0)
			return -1;
		got = source->next(source, 0, &m->record[m->count], &why);
		m->seen[m->count + 1] = seen_now(m);
		m->count += got > 0;
	}
	m->seen[0] = open;
	return got == 0;
}

struct trace_image *trace_image_load(const char *path, const struct trace_reader_options *o, size_t most_bytes, struct err *e)
{
	struct trace_image *m = calloc(1, sizeof(*m));

	if (!m) {
		err_set(e, ERR_LIMIT, "%s: out of memory", path);
		return NULL;
	}
	m->reader = trace_reader_open(path, o, e);
	int got = m->reader ? load(m, most_bytes) : 0;
	if (got > 0)
		return m;
	if (got < 0)
		err_set(e, ERR_LIMIT, "%s: out of memory", path);
	trace_image_free(m);
	return NULL;
}

size_t trace_image_bytes(const struct trace_image *m) { return m->room * (sizeof(*m->record) + sizeof(*m->seen)); }

void trace_image_free(struct trace_image *m)
{
	if (!m)
		return;
	trace_reader_free(m->reader);
	free(m->record);
	free(m->seen);
	free(m);
}
