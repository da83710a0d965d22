/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Log-linear histogram: quantiles, merging and the two text forms. */
#include "sim/hist.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

int hist_init(struct hist *h, struct arena *a)
{
	*h = (struct hist){0};
	h->bucket = arena_array(a, HIST_BUCKETS, sizeof(*h->bucket));
	return h->bucket ? 0 : -1;
}

/* The buckets that may be in use: [first, last]. Only with count > 0. */
static size_t first_bucket(const struct hist *h)
{
	return hist_index((uint64_t)h->exact.min);
}

static size_t last_bucket(const struct hist *h)
{
	return hist_index((uint64_t)h->exact.max);
}

void hist_reset(struct hist *h)
{
	if (h->exact.count) {
		size_t first = first_bucket(h);
		memset(h->bucket + first, 0, (last_bucket(h) - first + 1) * sizeof(*h->bucket));
	}
	h->exact = (struct tally){0};
}

void hist_merge(struct hist *into, const struct hist *from)
{
	if (from->exact.count == 0)
		return;
	size_t last = last_bucket(from);
	for (size_t i = first_bucket(from); i <= last; i++)
		into->bucket[i] += from->bucket[i];
	tally_merge(&into->exact, &from->exact);
}

uint64_t hist_bucket_low(size_t index)
{
	return loglin_low(index, HIST_HALF_BITS);
}

uint64_t hist_bucket_width(size_t index)
{
	return loglin_width(index, HIST_HALF_BITS);
}

/* Highest value of a bucket, but not above the maximum. */
static int64_t bucket_value(size_t index, int half_bits, const struct tally *exact)
{
	uint64_t high = loglin_low(index, half_bits) + (loglin_width(index, half_bits) - 1);
	return high < (uint64_t)exact->max ? (int64_t)high : exact->max;
}

int64_t loglin_quantile(const uint64_t *bucket, int half_bits, const struct tally *exact, double q)
{
	uint64_t n = exact->count;
	if (n == 0)
		return 0;
	/* The double nearest to 0.07 lies above it, and 100 times it must still rank 7th. */
	double position = ceil(nextafter(q, 0.0) * (double)n);
	uint64_t rank = position < 1 ? 1 : position >= (double)n ? n : (uint64_t)position;

	size_t i = loglin_index((uint64_t)exact->min, half_bits);
	for (uint64_t seen = bucket[i]; seen < rank; seen += bucket[i])
		i++;
	return bucket_value(i, half_bits, exact);
}

int64_t hist_quantile(const struct hist *h, double q)
{
	return loglin_quantile(h->bucket, HIST_HALF_BITS, &h->exact, q);
}

/* ---- text --------------------------------------------------------------------------- */

#define TICKS_PER_HALF 5 /* HdrHistogram's default */

/*
 * The rows of outputPercentileDistribution(): at each bucket in use, one row for every
 * percentile level its cumulative count has reached; the last bucket ends the levels. A
 * level goes up by a fifth of half the distance to 100 % at which its half began. All of
 * this is exact in doubles: multiples of 5 / 2^k percent.
 */
struct levels {
	double at; /* percent */
	double step;
	int tick;
};

static void next_level(struct levels *l)
{
	l->at += l->step;
	if (++l->tick == TICKS_PER_HALF) {
		l->tick = 0;
		l->step /= 2;
	}
}

static void hgrm_row(FILE *out, double value, double percent, uint64_t seen)
{
	fprintf(out, "%12.3f %2.12f %10" PRIu64 " %14.2f\n", value, percent / 100, seen,
		1 / (1 - percent / 100));
}

static void hgrm_rows(const struct hist *h, double unit, FILE *out)
{
	struct levels level = {.at = 0, .step = 50.0 / TICKS_PER_HALF, .tick = 0};
	uint64_t n = h->exact.count, seen = 0;
	for (size_t i = first_bucket(h); seen < n; i++) {
		if (h->bucket[i] == 0)
			continue;
		seen += h->bucket[i];
		double value = (double)bucket_value(i, HIST_HALF_BITS, &h->exact) / unit;
		double reached = 100.0 * (double)seen / (double)n;
		if (seen == n)
			hgrm_row(out, value, level.at, seen);
		else
			for (; reached >= level.at && level.at < 100; next_level(&level))
				hgrm_row(out, value, level.at, seen);
	}
	fprintf(out, "%12.3f %2.12f %10" PRIu64 "\n", (double)h->exact.max / unit, 1.0, n);
}

/* Of all values rather than of a sample, as HdrHistogram has it. */
static double population_stddev(const struct tally *t)
{
	double n = (double)t->count;
	return n < 2 ? 0.0 : tally_stddev(t) * sqrt((n - 1) / n);
}

void hist_write_hgrm(const struct hist *h, double unit, FILE *out)
{
	fprintf(out, "%12s %14s %10s %14s\n\n", "Value", "Percentile", "TotalCount",
		"1/(1-Percentile)");
	if (h->exact.count)
		hgrm_rows(h, unit, out);
	fprintf(out, "#[Mean    = %12.3f, StdDeviation   = %12.3f]\n",
		tally_mean(&h->exact) / unit, population_stddev(&h->exact) / unit);
	fprintf(out, "#[Max     = %12.3f, Total count    = %12" PRIu64 "]\n",
		(double)h->exact.max / unit, h->exact.count);
	fprintf(out, "#[Buckets = %12d, SubBuckets     = %12d]\n", 63 - HIST_HALF_BITS,
		2 << HIST_HALF_BITS);
}

void hist_write_csv(const struct hist *h, double unit, const char *unit_name, FILE *out)
{
	fprintf(out, "low_%s,high_%s,count\n", unit_name, unit_name);
	if (h->exact.count == 0)
		return;
	size_t last = last_bucket(h);
	for (size_t i = first_bucket(h); i <= last; i++) {
		if (h->bucket[i] == 0)
			continue;
		uint64_t low = hist_bucket_low(i);
		fprintf(out, "%.15g,%.15g,%" PRIu64 "\n", (double)low / unit,
			(double)(low + hist_bucket_width(i)) / unit, h->bucket[i]);
	}
}
