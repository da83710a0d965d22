/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A measured trace in memory, and its replay. */
#include "run/measured.h"

#include <inttypes.h>

#include "trace/reader.h"
#include "trace/replay.h"

static int read_all(struct measured *m, struct arena *a, struct trace_reader *reader, struct err *e)
{
	struct trace_source *source = trace_reader_source(reader);
	struct trace_record rec;
	size_t capacity = 0;
	int got;
	while ((got = source->next(source, 0, &rec, e)) > 0) {
		if (rec.response_ps < 0 || (rec.op != BLK_READ && rec.op != BLK_WRITE))
			return err_set(e, ERR_TRACE, "%s:%" PRIu64 ": want reads and writes with a measured response each",
				m->path, rec.line);
		if (rec.delay_ps < 0)
			rec.delay_ps = 0;
		if (m->count == capacity) {
			capacity = capacity ? 2 * capacity : 8192;
			struct trace_record *grown = arena_array(a, capacity, sizeof(*grown));
			if (!grown)
				return err_set(e, ERR_LIMIT, "no memory for %s", m->path);
			for (size_t i = 0; i < m->count; i++)
				grown[i] = m->rec[i];
			m->rec = grown;
		}
		m->rec[m->count++] = rec;
	}
	if (got == 0 && m->count < 2)
		return err_set(e, ERR_TRACE, "%s: want at least two requests", m->path);
	m->half = m->count / 2;
	return got;
}

struct measured *measured_load(struct arena *a, const char *path, struct err *e)
{
	struct measured *m = arena_alloc(a, sizeof(*m));
	char *name = arena_strdup(a, path);
	if (!m || !name) {
		err_set(e, ERR_LIMIT, "no memory for %s", path);
		return NULL;
	}
	m->path = name;
	struct trace_reader_options o = {.device = TRACE_ALL_DEVICES, .sort_window = -1};
	struct trace_reader *reader = trace_reader_open(path, &o, e);
	int bad = reader ? read_all(m, a, reader, e) : -1;
	trace_reader_free(reader);
	return bad ? NULL : m;
}

/* ---- replay ----------------------------------------------------------------------------- */

struct playing {
	struct trace_source source;
	const struct measured *m;
	struct measured_row *row;
	size_t rows, next, done;
};

static int next_row(struct trace_source *self, time_ps now, struct trace_record *r, struct err *e)
{
	struct playing *p = (struct playing *)(void *)self;
	(void)now;
	(void)e;
	if (p->next == p->rows)
		return 0;
	*r = p->m->rec[p->next++];
	return 1;
}

static void observe(void *ctx, const struct blk_req *r, const struct trace_record *rec)
{
	struct playing *p = ctx;
	(void)rec;
	p->row[p->done++] = (struct measured_row){r->done_ps - r->arrive_ps, r->start_ps, r->media_ps, r->seek_ps,
		r->rotation_ps, r->transfer_ps, r->hit};
}

static int play(struct playing *p, struct sim *s, const struct blk_dev_ops *ops, const void *spec, struct err *e)
{
	struct blk_dev *dev = blk_dev_open(s, ops, "disk0", spec, e);
	if (!dev)
		return -1;
	struct blk_queue queue, *queues[] = {&queue};
	blk_queue_init(&queue, dev, 0);
	struct replay_options o = {.mode = REPLAY_THINK, .observe = observe, .observe_ctx = p};
	struct replay *r = replay_new(s, &p->source, queues, NULL, 1, &o, e);
	int bad = r ? 0 : -1;
	if (r) {
		replay_start(r);
		bad = sim_run(s);
		if (bad)
			*e = s->err;
		else
			bad = replay_verify(r, e);
	}
	blk_dev_close(dev);
	return bad;
}

int measured_replay(const struct measured *m, size_t rows, const struct blk_dev_ops *ops, const void *spec,
	struct measured_row *row, struct err *e)
{
	struct playing p = {
		.source = {.next = next_row, .name = m->path, .has_delays = true, .has_responses = true},
		.m = m, .row = row, .rows = rows < m->count ? rows : m->count};
	struct sim *s = sim_new(1);
	if (!s)
		return err_set(e, ERR_LIMIT, "no memory for a replay of %s", m->path);
	int bad = play(&p, s, ops, spec, e);
	sim_free(s);
	if (!bad && p.done != p.rows)
		return err_set(e, ERR_CHECK, "%s: %zu of %zu requests completed", m->path, p.done, p.rows);
	return bad;
}

int measured_figures(const struct measured *m, const struct measured_row *row, size_t from, size_t to,
	struct demerit_figures *out)
{
	struct demerit d;
	demerit_init(&d);
	int bad = 0;
	for (size_t i = from; i < to && !bad; i++)
		bad = demerit_add(&d, row[i].response_ps, m->rec[i].response_ps);
	if (!bad)
		bad = demerit_figures(&d, 0, d.count, out);
	demerit_free(&d);
	return bad;
}
