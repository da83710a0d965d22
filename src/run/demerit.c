/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Simulated against measured responses: DiskSim's demerit and the per-request figures. */
#include "run/demerit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define DEMERIT_STEPS 10000 /* p = 0.0001 ... 1 */

struct distribution {
	uint64_t count[DEMERIT_BUCKETS];
	uint64_t total;
};

void demerit_init(struct demerit *d)
{
	memset(d, 0, sizeof(*d));
}

void demerit_free(struct demerit *d)
{
	free(d->row);
	demerit_init(d);
}

int demerit_add(struct demerit *d, time_ps simulated_ps, time_ps measured_ps)
{
	d->seen++;
	if (d->count >= DEMERIT_ROWS)
		return 0;
	if (d->count == d->capacity) {
		size_t capacity = d->capacity ? 2 * d->capacity : 4096;
		struct demerit_row *grown = realloc(d->row, capacity * sizeof(*grown));
		if (!grown)
			return -1;
		d->row = grown;
		d->capacity = capacity;
	}
	d->row[d->count++] = (struct demerit_row){simulated_ps, measured_ps};
	return 0;
}

/* Upper edges in us. */
static void edges(int64_t *b)
{
	b[0] = 0;
	for (size_t k = 0; k + 1 < DEMERIT_BUCKETS; k++)
		b[k + 1] = b[k] + 1 + b[k] / 100;
}

/* Count a response in the first bucket whose upper edge lies above it. */
static void distribution_add(struct distribution *d, const int64_t *b, time_ps response)
{
	int64_t us = response / PS_PER_US;
	size_t low = 0, high = DEMERIT_BUCKETS - 1;
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (us < b[middle])
			high = middle;
		else
			low = middle + 1;
	}
	d->count[low]++;
	d->total++;
}

/* Cumulative fractions with six decimals, as DiskSim prints and reads them back. */
static void cumulate(const struct distribution *d, double *fraction)
{
	uint64_t sum = 0;
	for (size_t k = 0; k < DEMERIT_BUCKETS; k++) {
		sum += d->count[k];
		fraction[k] = d->total ? nearbyint((double)sum / (double)d->total * 1e6) / 1e6 : 0.0;
	}
}

/* Where the curve reaches p, in ms; *k moves forward only, since p ascends. */
static double curve_at(const double *fraction, const int64_t *b, double p, size_t *k)
{
	while (*k + 1 < DEMERIT_BUCKETS && fraction[*k] < p)
		++*k;
	if (*k == 0 || fraction[*k] < p)
		return (double)b[*k] / 1e3;
	double f0 = fraction[*k - 1], f1 = fraction[*k];
	double x0 = (double)b[*k - 1] / 1e3, x1 = (double)b[*k] / 1e3;
	return x0 + (x1 - x0) * (p - f0) / (f1 - f0);
}

static double distance_ms(const struct distribution *a, const struct distribution *b,
	const int64_t *edge)
{
	double fa[DEMERIT_BUCKETS], fb[DEMERIT_BUCKETS];
	if (!a->total || !b->total)
		return 0.0;
	cumulate(a, fa);
	cumulate(b, fb);
	double sum = 0.0;
	size_t ka = 0, kb = 0;
	for (int i = 1; i <= DEMERIT_STEPS; i++) {
		double p = (double)i / DEMERIT_STEPS;
		double gap = curve_at(fa, edge, p, &ka) - curve_at(fb, edge, p, &kb);
		sum += gap * gap;
	}
	return sqrt(sum / DEMERIT_STEPS);
}

double demerit_distance_ms(const time_ps *a, size_t a_count, const time_ps *b, size_t b_count)
{
	int64_t edge[DEMERIT_BUCKETS];
	struct distribution da = {{0}, 0}, db = {{0}, 0};
	edges(edge);
	for (size_t i = 0; i < a_count; i++)
		distribution_add(&da, edge, a[i]);
	for (size_t i = 0; i < b_count; i++)
		distribution_add(&db, edge, b[i]);
	return distance_ms(&da, &db, edge);
}

static int compare_double(const void *x, const void *y)
{
	double a = *(const double *)x, b = *(const double *)y;
	return (a > b) - (a < b);
}

static double median(double *x, size_t n)
{
	qsort(x, n, sizeof(*x), compare_double);
	return n % 2 ? x[n / 2] : (x[n / 2 - 1] + x[n / 2]) / 2.0;
}

int demerit_figures(const struct demerit *d, size_t from, size_t to, struct demerit_figures *out)
{
	memset(out, 0, sizeof(*out));
	if (to > d->count)
		to = d->count;
	if (from >= to)
		return 0;
	size_t n = to - from;
	double *gap = malloc(n * sizeof(*gap));
	if (!gap)
		return -1;
	int64_t edge[DEMERIT_BUCKETS];
	struct distribution simulated = {{0}, 0}, measured = {{0}, 0};
	edges(edge);
	int128 simulated_sum = 0, measured_sum = 0;
	double squares = 0.0;
	for (size_t i = 0; i < n; i++) {
		const struct demerit_row *row = &d->row[from + i];
		distribution_add(&simulated, edge, row->simulated_ps);
		distribution_add(&measured, edge, row->measured_ps);
		simulated_sum += row->simulated_ps;
		measured_sum += row->measured_ps;
		gap[i] = fabs((double)(row->simulated_ps - row->measured_ps)) / (double)PS_PER_MS;
		squares += gap[i] * gap[i];
	}
	out->rows = n;
	out->simulated_mean_ms = (double)simulated_sum / (double)n / (double)PS_PER_MS;
	out->measured_mean_ms = (double)measured_sum / (double)n / (double)PS_PER_MS;
	out->demerit_ms = distance_ms(&simulated, &measured, edge);
	out->rms_ms = sqrt(squares / (double)n);
	out->median_abs_ms = median(gap, n);
	free(gap);
	return 0;
}
