/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Streams from recordings. */
#include "host/stream_recorded.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BATCH 256

struct recorded {
	struct host_stream base;
	struct sim *sim;
	struct ref_reader *reader;  /* owned; NULL: closed */
	uint32_t thread;
	struct ref_run run;         /* what is left of the run at hand: pages, and refs beyond one for each */
	uint64_t word[BATCH];
};

/* The words of the run at hand, as far as they fit; how many are in the batch now. */
static uint32_t expand(struct recorded *r, uint32_t n)
{
	struct ref_run *run = &r->run;
	while (run->pages && n < BATCH) {
		uint64_t word = host_ref(run->page, run->op == REF_WRITE), more = 0;
		if (run->pages == 1) {
			more = run->refs - 1 < HOST_REF_MORE_MOST ? run->refs - 1 : HOST_REF_MORE_MOST;
			run->refs -= more;
		}
		r->word[n++] = word | more << HOST_REF_MORE_SHIFT;
		if (--run->refs == 0 || run->pages > 1) {
			run->pages--;
			run->page++;
		}
	}
	return n;
}

static const uint64_t *recorded_next(struct host_stream *st, uint32_t *count)
{
	struct recorded *r = (struct recorded *)st;
	struct err e = {0};
	uint32_t n = expand(r, 0);
	int got = 1;
	while (n < BATCH && r->reader && (got = ref_reader_next(r->reader, &r->run, &e)) > 0) {
		if (r->run.page + r->run.pages > HOST_REF_VPN_MASK) {
			got = err_set(&e, ERR_TRACE, "%s: page %#" PRIx64 ", before byte offset %" PRIu64 ", is past what a machine "
				"addresses", ref_reader_name(r->reader), r->run.page, ref_reader_offset(r->reader));
			break;
		}
		if (r->thread != HOST_RECORDED_ALL && r->run.thread != r->thread)
			r->run.pages = 0;
		n = expand(r, n);
	}
	if (got < 0) {
		r->run.pages = 0;
		host_stream_recorded_close(st);
		sim_fail(r->sim, e.code, "%s", e.msg);
		return NULL;
	}
	*count = n;
	return n ? r->word : NULL;
}

static void recorded_where(const struct host_stream *st, char *out, size_t bytes)
{
	const struct recorded *r = (const struct recorded *)st;
	if (r->reader)
		snprintf(out, bytes, "%s: run %" PRIu64 ", before byte offset %" PRIu64, ref_reader_name(r->reader),
			ref_reader_totals(r->reader)->runs, ref_reader_offset(r->reader));
	else
		snprintf(out, bytes, "a recording");
}

static const struct host_stream_ops recorded_ops = {.name = "recorded", .next = recorded_next, .where = recorded_where};

struct host_stream *host_stream_recorded(struct sim *s, const char *path, uint32_t thread, uint32_t page_bytes, struct err *e)
{
	struct recorded *r = arena_alloc(s->arena, sizeof(*r));
	if (!r) {
		err_set(e, ERR_LIMIT, "%s: out of memory", path);
		return NULL;
	}
	*r = (struct recorded){.base = {&recorded_ops}, .sim = s, .thread = thread};
	r->reader = ref_reader_open(path, e);
	if (!r->reader)
		return NULL;
	if (ref_reader_header(r->reader)->page_bytes != page_bytes) {
		err_set(e, ERR_CONFIG, "%s: the recording has pages of %" PRIu32 " bytes and the machine pages of %" PRIu32, path,
			ref_reader_header(r->reader)->page_bytes, page_bytes);
		host_stream_recorded_close(&r->base);
		return NULL;
	}
	return &r->base;
}

void host_stream_recorded_close(struct host_stream *st)
{
	struct recorded *r = (struct recorded *)st;
	if (!r)
		return;
	ref_reader_free(r->reader);
	r->reader = NULL;
}

const struct ref_header *host_stream_recorded_header(const struct host_stream *st)
{
	return ref_reader_header(((const struct recorded *)st)->reader);
}

/* ---- areas ----------------------------------------------------------------------------------------------------- */

static int by_page(const void *a, const void *b)
{
	const struct ref_stat_page *x = a, *y = b;
	return (x->page > y->page) - (x->page < y->page);
}

/* The touched pages in rising order at the front of the table; their number is stat->pages. */
static void sort_pages(struct ref_stat *stat)
{
	uint64_t n = 0;
	for (uint64_t i = 0; i < stat->places; i++)
		if (stat->table[i].page)
			stat->table[n++] = stat->table[i];
	if (n)
		qsort(stat->table, n, sizeof(*stat->table), by_page);
}

/* Stretches with gaps below `gap`, into `out` where it is not NULL. Page numbers are kept one higher. */
static int stretches(const struct ref_stat *stat, uint64_t gap, struct host_recorded_area *out)
{
	int n = 0;
	for (uint64_t i = 0; i < stat->pages; i++) {
		const struct ref_stat_page *p = &stat->table[i];
		if (i == 0 || p->page - p[-1].page > gap) {
			n++;
			if (out)
				out[n - 1] = (struct host_recorded_area){.first = p->page - 1};
		}
		if (!out)
			continue;
		out[n - 1].pages = p->page - out[n - 1].first;
		out[n - 1].touched++;
		out[n - 1].written |= p->written;
	}
	return n;
}

int host_recorded_areas(struct arena *a, const char *path, uint64_t gap, int most, struct host_recorded_area **out,
	struct ref_stat *stat, struct err *e)
{
	struct ref_stat mine;
	struct ref_reader *r = ref_reader_open(path, e);
	if (!r)
		return -1;
	int n = ref_stat_read(&mine, r, e);
	ref_reader_free(r);
	if (n == 0) {
		sort_pages(&mine);
		while ((n = stretches(&mine, gap, NULL)) > most)
			gap *= 2;
		*out = arena_array(a, (size_t)n, sizeof(**out));
		n = *out ? stretches(&mine, gap, *out) : err_set(e, ERR_LIMIT, "%s: out of memory", path);
	}
	ref_stat_free(&mine);
	if (stat)
		*stat = mine;
	return n;
}
