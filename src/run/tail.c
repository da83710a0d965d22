/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The slowest requests. */
#include "run/tail.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

int tail_init(struct tail *t, struct arena *a, struct blk_dev *const *dev, size_t count)
{
	memset(t, 0, sizeof(*t));
	t->least_ps = TIME_PS_MAX;
	t->dev = dev;
	t->devices = count;
	for (size_t i = 0; i < count && !t->name; i++)
		t->name = dev[i]->ops->blame_names;
	if (!t->name)
		return 0;
	while (t->name[t->parts])
		t->parts++;
	t->row = arena_array(a, TAIL_ROWS, sizeof(*t->row));
	t->least_ps = -1;
	return t->row ? 0 : -1;
}

/* Of equal ones the later is the faster, so that the order is one. */
static bool slower(const struct tail_row *a, const struct tail_row *b)
{
	return a->latency_ps != b->latency_ps ? a->latency_ps > b->latency_ps : a->number < b->number;
}

/* A row into the hole `at`, whose upper ones are in order: down to its place. */
static void sift(struct tail *t, uint32_t at, const struct tail_row *x)
{
	for (;;) {
		uint32_t k = 2 * at + 1;
		if (k + 1 < t->count && slower(&t->row[k], &t->row[k + 1]))
			k++;
		if (k >= t->count || !slower(x, &t->row[k]))
			break;
		t->row[at] = t->row[k];
		at = k;
	}
	t->row[at] = *x;
}

static void rise(struct tail *t, uint32_t at, const struct tail_row *x)
{
	for (; at > 0 && slower(&t->row[(at - 1) / 2], x); at = (at - 1) / 2)
		t->row[at] = t->row[(at - 1) / 2];
	t->row[at] = *x;
}

void tail_keep(struct tail *t, const struct blk_req *r, time_ps latency_ps, uint64_t number)
{
	struct tail_row x = {.latency_ps = latency_ps, .done_ps = r->done_ps, .lba = r->lba, .number = number, .sectors = r->sectors,
		.op = r->op};
	for (size_t i = 0; i < t->devices && !x.told; i++)
		x.told = t->dev[i]->ops->blame_names == t->name && t->dev[i]->ops->blame(t->dev[i], r, x.part);
	if (t->count < TAIL_ROWS)
		rise(t, t->count++, &x);
	else
		sift(t, 0, &x);
	if (t->count == TAIL_ROWS)
		t->least_ps = t->row[0].latency_ps;
}

static int order(const void *a, const void *b)
{
	return slower(a, b) ? -1 : slower(b, a);
}

void tail_finish(struct tail *t, uint64_t requests)
{
	uint64_t most = requests / TAIL_ONE_IN + (requests % TAIL_ONE_IN > 0);
	if (!t->row)
		return;
	qsort(t->row, t->count, sizeof(*t->row), order);
	if (t->count > most)
		t->count = (uint32_t)most;
}

struct tail_figures tail_figures(const struct tail *t)
{
	struct tail_figures f = {.requests = t->count};
	if (t->count > 0)
		f.least_ps = t->row[t->count - 1].latency_ps;
	for (uint32_t i = 0; i < t->count; i++) {
		const struct tail_row *x = &t->row[i];
		if (!x->told)
			continue;
		f.told++;
		f.latency_ps += (double)x->latency_ps;
		for (unsigned k = 0; k < t->parts; k++)
			f.part_ps[k] += (double)x->part[k];
	}
	double n = f.told ? (double)f.told : 1;
	f.latency_ps /= n;
	for (unsigned k = 0; k < t->parts; k++)
		f.part_ps[k] /= n;
	return f;
}

/* Microseconds, exactly. */
static void put_time(FILE *out, time_ps t)
{
	fprintf(out, ",%" PRId64 ".%06" PRId64, t / PS_PER_US, t % PS_PER_US);
}

void tail_csv(const struct tail *t, FILE *out)
{
	fputs("done_s,op,lba,sectors,latency_us", out);
	for (unsigned k = 0; k < t->parts; k++)
		fprintf(out, ",%s_us", t->name[k]);
	fputc('\n', out);
	for (uint32_t i = 0; i < t->count; i++) {
		const struct tail_row *x = &t->row[i];
		fprintf(out, "%.12f,%s,%" PRIu64 ",%" PRIu32, time_seconds(x->done_ps), blk_op_name(x->op), x->lba, x->sectors);
		put_time(out, x->latency_ps);
		for (unsigned k = 0; k < t->parts; k++)
			if (x->told)
				put_time(out, x->part[k]);
			else
				fputc(',', out);
		fputc('\n', out);
	}
}
