/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pages of a reference trace in a hash table of open addresses, and the sums. */
#include "trace/ref_stat.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define PLACES_AT_FIRST 4096

void ref_stat_init(struct ref_stat *s)
{
	uint64_t window = 10;
	memset(s, 0, sizeof(*s));
	s->lowest = UINT64_MAX;
	s->interval_ns = UINT64_MAX;
	for (int i = 0; i < REF_STAT_WINDOWS; i++, window *= 10)
		s->window[i] = window;
}

void ref_stat_free(struct ref_stat *s)
{
	free(s->table);
	s->table = NULL;
}

/* Where the page stands, or the free place where it would. Fibonacci hashing: pages come in rows. */
static struct ref_stat_page *place(const struct ref_stat *s, uint64_t key)
{
	uint64_t at = key * UINT64_C(0x9e3779b97f4a7c15) >> 20;
	while (s->table[at & (s->places - 1)].page && s->table[at & (s->places - 1)].page != key)
		at++;
	return &s->table[at & (s->places - 1)];
}

/* Twice as large, or the first. */
static int grow(struct ref_stat *s, struct err *e)
{
	struct ref_stat_page *old = s->table;
	uint64_t places = s->places;
	s->places = places ? 2 * places : PLACES_AT_FIRST;
	s->table = calloc(s->places, sizeof(*s->table));
	if (!s->table) {
		s->table = old;
		s->places = places;
		return err_set(e, ERR_LIMIT, "no memory for %" PRIu64 " pages", s->pages);
	}
	for (uint64_t i = 0; i < places; i++)
		if (old[i].page)
			*place(s, old[i].page) = old[i];
	free(old);
	return 0;
}

static void add_distance(struct ref_stat *s, uint64_t distance)
{
	for (int i = 0; i < REF_STAT_WINDOWS; i++)
		s->sum[i] += distance < s->window[i] ? distance : s->window[i];
}

static int add_page(struct ref_stat *s, uint64_t page, bool write, struct err *e)
{
	if (2 * s->pages >= s->places && grow(s, e) < 0)
		return -1;
	struct ref_stat_page *p = place(s, page + 1);
	if (p->page) {
		add_distance(s, s->length - p->last);
	} else {
		p->page = page + 1;
		s->pages++;
	}
	p->last = s->length++ & INT64_MAX;
	s->written += write && !p->written;
	p->written |= write;
	return 0;
}

/* Runs of one time are one interval. */
static void add_interval(struct ref_stat *s, const struct ref_run *run)
{
	if (run->time_ns != s->interval_ns) {
		s->interval_ns = run->time_ns;
		s->interval_pages = 0;
		s->intervals++;
	}
	s->interval_pages += run->pages;
	if (s->interval_pages > s->interval_most)
		s->interval_most = s->interval_pages;
}

int ref_stat_add(struct ref_stat *s, const struct ref_run *run, struct err *e)
{
	if (s->length > (uint64_t)INT64_MAX - run->pages)
		return err_set(e, ERR_LIMIT, "the string of references is longer than 63 bits count");
	for (uint32_t i = 0; i < run->pages; i++)
		if (add_page(s, run->page + i, run->op == REF_WRITE, e) < 0)
			return -1;
	s->by_op[run->op] += run->pages;
	if (run->page < s->lowest)
		s->lowest = run->page;
	if (run->page + run->pages - 1 > s->highest)
		s->highest = run->page + run->pages - 1;
	if (run->thread >= s->threads)
		s->threads = run->thread + 1;
	s->last_ns = run->time_ns;
	add_interval(s, run);
	return 0;
}

void ref_stat_end(struct ref_stat *s)
{
	for (uint64_t i = 0; i < s->places; i++)
		if (s->table[i].page)
			add_distance(s, s->length - s->table[i].last);
	for (int i = 0; i < REF_STAT_WINDOWS && s->length; i++)
		s->working_set[i] = (double)s->sum[i] / (double)s->length;
}

int ref_stat_read(struct ref_stat *s, struct ref_reader *r, struct err *e)
{
	struct ref_run run;
	int got;
	ref_stat_init(s);
	while ((got = ref_reader_next(r, &run, e)) > 0)
		if (ref_stat_add(s, &run, e) < 0) {
			got = -1;
			break;
		}
	ref_stat_end(s);
	s->totals = *ref_reader_totals(r);
	return got;
}
