/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Residuals by class of request. */
#include "run/residuals.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { OPS = 3, MEASURED = 3, SIMULATED = 3, PLACES = 3, CLASSES = OPS * MEASURED * SIMULATED * PLACES };

static const char *const op_names[OPS] = {"read", "write", "other"};
static const char *const measured_names[MEASURED] = {"hit", "miss", "unknown"};
static const char *const simulated_names[SIMULATED] = {"hit", "partial", "miss"};
static const char *const place_names[PLACES] = {"sequential", "local", "random"};

/* Figures of one class, in ms. */
struct class_row {
	int class;          /* CLASSES: all */
	uint64_t requests;
	double simulated, measured, bias, median, median_abs, rms, share;
};

struct table {
	struct class_row row[CLASSES + 1];
	size_t count;       /* the last one is "all" */
};

void residuals_init(struct residuals *r)
{
	memset(r, 0, sizeof(*r));
}

void residuals_free(struct residuals *r)
{
	free(r->class);
	residuals_init(r);
}

/* ---- classes --------------------------------------------------------------------------------- */

static int op_of(const struct blk_req *q)
{
	return q->op == BLK_READ ? 0 : q->op == BLK_WRITE || q->op == BLK_WRITE_ZEROES ? 1 : 2;
}

static int place_of(const struct residuals *r, const struct blk_req *q)
{
	uint64_t away = q->lba > r->end_lba ? q->lba - r->end_lba : r->end_lba - q->lba;
	if (!r->begun)
		return 2;
	return away == 0 ? 0 : away <= RESIDUALS_LOCAL_SECTORS ? 1 : 2;
}

int residuals_add(struct residuals *r, const struct blk_req *q, const struct trace_record *rec, bool row)
{
	int op = op_of(q), place = place_of(r, q);
	if (blk_op_has_range((enum blk_op)q->op)) {
		r->end_lba = q->lba + q->sectors;
		r->begun = true;
	}
	if (!row || r->count >= DEMERIT_ROWS)
		return 0;
	if (r->count == r->capacity) {
		size_t capacity = r->capacity ? 2 * r->capacity : 4096;
		uint8_t *grown = realloc(r->class, capacity);
		if (!grown)
			return -1;
		r->class = grown;
		r->capacity = capacity;
	}
	int measured = !rec->kind ? 2 : rec->kind == r->hit_kind ? 0 : rec->kind == r->miss_kind ? 1 : 2;
	r->seen_miss |= measured == 1;
	int simulated = q->hit == BLK_HIT ? 0 : q->hit == BLK_HIT_PARTIAL ? 1 : 2;
	r->class[r->count++] = (uint8_t)(((op * MEASURED + measured) * SIMULATED + simulated) * PLACES + place);
	return 0;
}

/* ---- figures ----------------------------------------------------------------------------------- */

static int compare_double(const void *x, const void *y)
{
	double a = *(const double *)x, b = *(const double *)y;
	return (a > b) - (a < b);
}

static double median(double *x, size_t n)
{
	qsort(x, n, sizeof(*x), compare_double);
	return n % 2 ? x[n / 2] : (x[n / 2 - 1] + x[n / 2]) / 2;
}

/* The class of a row; a trace whose every request is a hit does not really tell. */
static int class_of(const struct residuals *r, size_t i)
{
	int place = r->class[i] % PLACES, simulated = r->class[i] / PLACES % SIMULATED;
	int op = r->class[i] / (MEASURED * SIMULATED * PLACES);
	return r->seen_miss ? r->class[i] : ((op * MEASURED + 2) * SIMULATED + simulated) * PLACES + place;
}

/* Rows [from, to) of one class into c; `gap` has room for them. Returns the sum of squares. */
static double class_figures(const struct residuals *r, const struct demerit *d, size_t from, size_t to,
	struct class_row *c, double *gap)
{
	size_t n = 0;
	double squares = 0;
	for (size_t i = from; i < to; i++) {
		if (c->class < CLASSES && class_of(r, i) != c->class)
			continue;
		double s = 1e-9 * (double)d->row[i].simulated_ps, m = 1e-9 * (double)d->row[i].measured_ps;
		gap[n++] = s - m;
		c->simulated += s;
		c->measured += m;
		squares += (s - m) * (s - m);
	}
	c->requests = n;
	if (n == 0)
		return 0;
	c->simulated /= (double)n;
	c->measured /= (double)n;
	c->bias = c->simulated - c->measured;
	c->rms = sqrt(squares / (double)n);
	c->median = median(gap, n);
	for (size_t i = 0; i < n; i++)
		gap[i] = fabs(gap[i]);
	c->median_abs = median(gap, n);
	return squares;
}

static int make_table(const struct residuals *r, const struct demerit *d, size_t from, size_t to, struct table *t)
{
	size_t rows = r->count < d->count ? r->count : d->count;
	to = to < rows ? to : rows;
	double *gap = malloc((to > from ? to - from : 1) * sizeof(*gap)), squares[CLASSES + 1];
	memset(t, 0, sizeof(*t));
	if (!gap)
		return -1;
	for (int class = 0; class <= CLASSES; class++) {
		struct class_row *c = &t->row[t->count];
		c->class = class;
		squares[t->count] = class_figures(r, d, from, to, c, gap);
		t->count += c->requests > 0;
	}
	for (size_t i = 0; i < t->count; i++)
		t->row[i].share = squares[t->count - 1] > 0 ? squares[i] / squares[t->count - 1] : 0;
	free(gap);
	return 0;
}

/* The four words of a class. */
static void class_words(int class, const char *out[4])
{
	if (class == CLASSES) {
		out[0] = out[1] = out[2] = out[3] = "all";
		return;
	}
	out[0] = op_names[class / (MEASURED * SIMULATED * PLACES)];
	out[1] = measured_names[class / (SIMULATED * PLACES) % MEASURED];
	out[2] = simulated_names[class / PLACES % SIMULATED];
	out[3] = place_names[class % PLACES];
}

int residuals_csv(const struct residuals *r, const struct demerit *d, FILE *out)
{
	size_t half = d->count / 2;
	const struct { const char *name; size_t from, to; } parts[] = {
		{"whole", 0, d->count}, {"first_half", 0, half}, {"second_half", half, d->count}};
	fputs("part,op,measured,simulated,place,requests,simulated_mean_ms,measured_mean_ms,bias_ms,median_ms,"
	      "median_abs_ms,rms_ms,share_of_square\n", out);
	for (size_t p = 0; p < sizeof(parts) / sizeof(parts[0]); p++) {
		struct table t;
		if (make_table(r, d, parts[p].from, parts[p].to, &t) < 0)
			return -1;
		for (size_t i = 0; i < t.count; i++) {
			const struct class_row *c = &t.row[i];
			const char *w[4];
			class_words(c->class, w);
			fprintf(out, "%s,%s,%s,%s,%s,%llu,%.6f,%.6f,%.6f,%.6f,%.6f,%.6f,%.6f\n", parts[p].name, w[0], w[1],
				w[2], w[3], (unsigned long long)c->requests, c->simulated, c->measured, c->bias, c->median,
				c->median_abs, c->rms, c->share);
		}
	}
	return 0;
}

static int compare_share(const void *x, const void *y)
{
	double a = ((const struct class_row *)x)->share, b = ((const struct class_row *)y)->share;
	return (a < b) - (a > b);
}

int residuals_text(const struct residuals *r, const struct demerit *d, FILE *out)
{
	struct table t;
	if (make_table(r, d, 0, d->count, &t) < 0)
		return -1;
	if (t.count > 1)
		qsort(t.row, t.count - 1, sizeof(t.row[0]), compare_share);
	fputs("simulated - measured response by class, ms; classes by their share of the sum of squares\n\n"
	      "  op    measured simulated place       requests  sim.mean meas.mean      bias    median  |median|"
	      "       rms  share\n", out);
	for (size_t i = 0; i < t.count; i++) {
		const struct class_row *c = &t.row[i];
		const char *w[4];
		class_words(c->class, w);
		fprintf(out, "  %-5s %-8s %-9s %-10s %9llu %9.3f %9.3f %9.3f %9.3f %9.3f %9.3f %5.1f%%\n", w[0], w[1], w[2],
			w[3], (unsigned long long)c->requests, c->simulated, c->measured, c->bias, c->median, c->median_abs,
			c->rms, 100 * c->share);
	}
	return 0;
}
