/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A device over time. */
#include "run/device_series.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "sim/stats.h"

#define MSER_BATCH 5

static void put(struct device_series *s)
{
	struct device_sample *x = &s->sample[s->count];
	const struct blk_dev_stats *st = &s->dev->stats;
	x->at_ps = s->dev->sim->now_ps;
	x->requests = st->completed;
	x->bytes = (st->host_read_sectors + st->host_write_sectors) * SECTOR_BYTES;
	x->busy_ps = s->dev->ops->busy_ps ? s->dev->ops->busy_ps(s->dev) : st->busy_ps;
	if (s->columns > 0)
		s->dev->ops->sample(s->dev, x->value);
	if (s->count > 0 && x->at_ps == x[-1].at_ps) {
		x[-1] = *x;
		return;
	}
	s->count++;
}

int device_series_init(struct device_series *s, struct arena *a, const struct blk_dev *dev, time_ps window_ps)
{
	memset(s, 0, sizeof(*s));
	s->dev = dev;
	while (dev->ops->sample_columns && dev->ops->sample_columns[s->columns].name)
		s->columns++;
	s->sample = arena_array(a, DEVICE_SERIES_ROWS + 1, sizeof(*s->sample));
	if (!s->sample)
		return -1;
	s->step_ps = window_ps;
	put(s);
	s->next_ps = dev->sim->now_ps + window_ps;
	return 0;
}

/* Every second one. The first and the last stay: their number is odd. */
static void halve(struct device_series *s)
{
	for (uint32_t i = 1; 2 * i < s->count; i++)
		s->sample[i] = s->sample[2 * i];
	s->count = s->count / 2 + 1;
	s->step_ps *= 2;
}

void device_series_take(struct device_series *s)
{
	time_ps now = s->dev->sim->now_ps;
	put(s);
	if (s->count == DEVICE_SERIES_ROWS + 1)
		halve(s);
	if (s->next_ps <= now)
		s->next_ps += ((now - s->next_ps) / s->step_ps + 1) * s->step_ps;
}

void device_series_close(struct device_series *s)
{
	if (s->sample)
		put(s);
}

/* ---- CSV ------------------------------------------------------------------------------------------------------------ */

/* NaN: there is none. */
static double value_of(const struct device_series *s, const struct device_sample *x, unsigned k)
{
	const struct blk_sample_column *c = &s->dev->ops->sample_columns[k];
	double grown = x->value[k] - x[-1].value[k];
	if (c->kind == BLK_SAMPLE_LEVEL)
		return x->value[k];
	if (c->kind == BLK_SAMPLE_COUNT)
		return grown;
	double over = x->value[c->over] - x[-1].value[c->over];
	return over > 0 ? grown / over : (double)NAN;
}

void device_series_csv(const struct device_series *s, FILE *out)
{
	fputs("time_s,window_s,requests,bytes", out);
	for (unsigned k = 0; k < s->columns; k++)
		fprintf(out, ",%s", s->dev->ops->sample_columns[k].name);
	fputs(",busy\n", out);
	for (uint32_t i = 1; i < s->count; i++) {
		const struct device_sample *x = &s->sample[i];
		fprintf(out, "%.12g,%.12g,%" PRIu64 ",%" PRIu64, time_seconds(x[-1].at_ps), time_seconds(x->at_ps - x[-1].at_ps),
			x->requests - x[-1].requests, x->bytes - x[-1].bytes);
		for (unsigned k = 0; k < s->columns; k++) {
			double v = value_of(s, x, k);
			if (isfinite(v))
				fprintf(out, ",%.9g", v);
			else
				fputc(',', out);
		}
		fprintf(out, ",%.9g\n", (double)(x->busy_ps - x[-1].busy_ps) / (double)(x->at_ps - x[-1].at_ps));
	}
}

/* ---- steady ---------------------------------------------------------------------------------------------------------- */

/* The figure between two samples; column -1: bytes a second. NaN: none. */
static double between(const struct device_series *s, const struct device_sample *a, const struct device_sample *b, int column)
{
	if (column < 0)
		return (double)(b->bytes - a->bytes) / time_seconds(b->at_ps - a->at_ps);
	unsigned over = s->dev->ops->sample_columns[column].over;
	double by = b->value[over] - a->value[over];
	return by > 0 ? (b->value[column] - a->value[column]) / by : (double)NAN;
}

static struct steady_snia rounds_of(const struct device_series *s, uint32_t windows, int column)
{
	double y[STEADY_ROUNDS];
	uint32_t n = windows < STEADY_ROUNDS ? windows : STEADY_ROUNDS;
	for (uint32_t i = 0; i < n; i++) {
		const struct device_sample *a = &s->sample[(uint64_t)i * windows / n], *b = &s->sample[(uint64_t)(i + 1) * windows / n];
		y[i] = between(s, a, b, column);
		if (!isfinite(y[i]))
			return (struct steady_snia){0};
	}
	return steady_snia(y, n);
}

static struct device_steady steady_of(const struct device_series *s, int column)
{
	struct device_steady r = {0};
	double y[DEVICE_SERIES_ROWS + 1];
	uint32_t windows = s->count > 0 ? s->count - 1 : 0;
	if (windows > 1)
		windows--; /* the last one is cut short, or has what the device still did when all was served */
	uint32_t from[DEVICE_SERIES_ROWS + 1];
	for (uint32_t i = 0; i < windows; i++) {
		double v = between(s, &s->sample[i], &s->sample[i + 1], column);
		if (!isfinite(v))
			continue;
		from[r.windows] = i;
		y[r.windows++] = v;
	}
	struct mser_result cut = mser(y, r.windows, MSER_BATCH);
	r.settled = cut.settled;
	if (cut.settled)
		r.from_ps = s->sample[from[cut.cut]].at_ps;
	r.snia = rounds_of(s, windows, column);
	return r;
}

struct device_steady device_series_throughput(const struct device_series *s)
{
	return steady_of(s, -1);
}

struct device_steady device_series_ratio(const struct device_series *s)
{
	for (unsigned k = 0; k < s->columns; k++)
		if (s->dev->ops->sample_columns[k].kind == BLK_SAMPLE_RATIO)
			return steady_of(s, (int)k);
	return (struct device_steady){0};
}
