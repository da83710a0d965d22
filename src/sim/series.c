/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Windowed time series, streamed as CSV. */
#include "sim/series.h"

#include <inttypes.h>
#include <string.h>

#include "sim/counter.h"
#include "sim/hist.h"

#define HALF_BITS 6  /* of the coarse histogram */
#define GAP_ROWS 1000 /* empty windows in a row that are written one by one */

struct series {
	FILE *out; /* borrowed; NULL: nothing is kept */
	time_ps window_ps;
	time_ps start_ps; /* of the window being filled */
	uint64_t done[SERIES_CLASSES];
	uint64_t bytes[SERIES_CLASSES];
	uint64_t depth_sum;
	struct tally latency;
	uint64_t bucket[LOGLIN_BUCKETS(HALF_BITS)];
};

struct series *series_new(struct arena *a, time_ps window_ps, FILE *out)
{
	struct series *s = arena_alloc(a, sizeof(*s));
	if (!s)
		return NULL;
	s->out = out;
	s->window_ps = window_ps;
	if (out)
		fputs("time_s,window_s,reads,writes,others,read_bytes,write_bytes,latency_mean_us,"
		      "latency_p50_us,latency_p99_us,latency_max_us,depth_mean,latency_p999_us\n", out);
	return s;
}

/* value / 10^digits exactly, without trailing zeros; value >= 0. */
static void put_decimal(FILE *out, int64_t value, int digits)
{
	int64_t one = 1;
	for (int i = 0; i < digits; i++)
		one *= 10;
	int64_t rest = value % one;
	fprintf(out, "%" PRId64, value / one);
	if (rest == 0)
		return;
	while (rest % 10 == 0) {
		rest /= 10;
		digits--;
	}
	fprintf(out, ".%0*" PRId64, digits, rest);
}

static void put_microseconds(FILE *out, time_ps t)
{
	fputc(',', out);
	put_decimal(out, t, 6);
}

static void put_row(const struct series *s, time_ps width_ps)
{
	const struct tally *l = &s->latency;
	put_decimal(s->out, s->start_ps, 12);
	fputc(',', s->out);
	put_decimal(s->out, width_ps, 12);
	if (l->count == 0) {
		fputs(",0,0,0,0,0,0,0,0,0,0,0\n", s->out);
		return;
	}
	fprintf(s->out, ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%.6f",
		s->done[SERIES_READ], s->done[SERIES_WRITE], s->done[SERIES_OTHER],
		s->bytes[SERIES_READ], s->bytes[SERIES_WRITE],
		tally_mean(l) / (double)PS_PER_US);
	put_microseconds(s->out, loglin_quantile(s->bucket, HALF_BITS, l, 0.50));
	put_microseconds(s->out, loglin_quantile(s->bucket, HALF_BITS, l, 0.99));
	put_microseconds(s->out, l->max);
	fprintf(s->out, ",%.6f", (double)s->depth_sum / (double)l->count);
	put_microseconds(s->out, loglin_quantile(s->bucket, HALF_BITS, l, 0.999));
	fputc('\n', s->out);
}

static void clear(struct series *s)
{
	if (s->latency.count == 0)
		return;
	size_t first = loglin_index((uint64_t)s->latency.min, HALF_BITS);
	size_t last = loglin_index((uint64_t)s->latency.max, HALF_BITS);
	memset(s->bucket + first, 0, (last - first + 1) * sizeof(*s->bucket));
	memset(s->done, 0, sizeof(s->done));
	memset(s->bytes, 0, sizeof(s->bytes));
	s->depth_sum = 0;
	s->latency = (struct tally){0};
}

/* Write whole windows until the one that holds `now` is the one being filled. */
static void roll(struct series *s, time_ps now)
{
	time_ps ahead = (now - s->start_ps - 1) / s->window_ps; /* windows from the present one */
	put_row(s, s->window_ps);
	clear(s);
	time_ps empty = ahead - 1;
	if (empty > GAP_ROWS) {
		s->start_ps += s->window_ps;
		put_row(s, s->window_ps);
		s->start_ps += (empty - 2) * s->window_ps;
		empty = 1;
	}
	for (; empty > 0; empty--) {
		s->start_ps += s->window_ps;
		put_row(s, s->window_ps);
	}
	s->start_ps += s->window_ps;
}

void series_add(struct series *s, time_ps now, enum series_class c, uint64_t bytes,
	time_ps latency_ps, uint32_t depth)
{
	if (!s->out)
		return;
	if (now - s->start_ps > s->window_ps)
		roll(s, now);
	if (latency_ps < 0)
		latency_ps = 0;
	s->done[c]++;
	s->bytes[c] += bytes;
	s->depth_sum += depth;
	tally_add(&s->latency, latency_ps);
	s->bucket[loglin_index((uint64_t)latency_ps, HALF_BITS)]++;
}

void series_close(struct series *s, time_ps now)
{
	if (!s->out)
		return;
	if (now - s->start_ps > s->window_ps)
		roll(s, now);
	if (now > s->start_ps || s->latency.count)
		put_row(s, now - s->start_ps);
	clear(s);
}
