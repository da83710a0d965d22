/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Bus time of a sector, and how a read's bus starts.
 *
 * Requests served by the buffer take one of a few command times plus bus time for each sector. With the
 * right bus time, responses less bus time pile up in few narrow heaps, whatever these command times are: what
 * is maximised is the sum of squared counts of narrow bins. How much of a read must be there before its
 * transfer starts is chosen by trying, each choice with its times fitted anew.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "run/calibrate_private.h"

#define RANGE 0.2       /* share of what the spec says */
#define GRID 400        /* trials in that range */
#define BIN_MS 0.02
#define BINS 256
#define ENOUGH 200      /* requests from the buffer */
#define HEAPED 0.15     /* as narrow as if this share of them were in one bin; what was taken for requests from
                         * the buffer and is not spreads over many */

/* ---- bus time ---------------------------------------------------------------------------------- */

/* How narrow the heaps are; two half-shifted binnings, so that an edge does not cut a heap. */
static double narrowness(const double *response, const double *sectors, size_t n, double bus_ms, double limit_ms)
{
	double count[2][BINS + 1] = {{0}}, sum = 0;
	for (size_t i = 0; i < n; i++) {
		double x = response[i] - sectors[i] * bus_ms;
		if (x < 0 || x > limit_ms)
			continue;
		count[0][(size_t)(x / BIN_MS)]++;
		count[1][(size_t)(x / BIN_MS + 0.5)]++;
	}
	for (size_t k = 0; k <= BINS; k++)
		sum += count[0][k] * count[0][k] + count[1][k] * count[1][k];
	return sum;
}

static int fit_bus(struct calibration *c, bool write, int64_t *field, const char *name, struct err *e)
{
	const struct measured *m = c->trace;
	double *response = arena_array(c->arena, m->half + 1, sizeof(*response));
	double *sectors = arena_array(c->arena, m->half + 1, sizeof(*sectors));
	double limit = fmin(write ? 3 : calibrate_hit_limit(c), BIN_MS * (BINS - 1)), most_sectors = 0, least_sectors = 1e9;
	size_t n = 0;
	if (!response || !sectors)
		return err_set(e, ERR_LIMIT, "no memory for a calibration");
	for (size_t i = 0; i < m->half; i++) {
		if ((m->rec[i].op == BLK_WRITE) != write || calibrate_net_ms(c, i) > limit + 0.5)
			continue;
		response[n] = MS * (double)m->rec[i].response_ps;
		sectors[n] = m->rec[i].sectors;
		most_sectors = fmax(most_sectors, sectors[n]);
		least_sectors = fmin(least_sectors, sectors[n]);
		n++;
	}
	if (n < ENOUGH || most_sectors < least_sectors + 4 || *field == 0)
		return 0;
	double given = MS * (double)*field, best = given, most = narrowness(response, sectors, n, given, limit) * 1.02;
	for (int k = -GRID / 2; k <= GRID / 2; k++) {
		double b = given * (1 + RANGE * 2 * k / GRID), now = narrowness(response, sectors, n, b, limit);
		if (now > most) {
			most = now;
			best = b;
		}
	}
	if (sqrt(most / 2) < HEAPED * (double)n)
		return 0;
	if (best != given)
		calibrate_say(c, "%s: %.2f us, was %.2f: %zu requests served by the buffer", name, 1e3 * best, 1e3 * given, n);
	*field = (int64_t)llround(best / MS / 1e4) * 10000;
	return 0;
}

int calibrate_bus(struct calibration *c, struct err *e)
{
	if (fit_bus(c, false, &c->spec.bus.read_sector_ps, "bus.read_sector", e) < 0)
		return -1;
	return calibrate_early(&c->spec) ? fit_bus(c, true, &c->spec.bus.write_sector_ps, "bus.write_sector", e) : 0;
}

/* ---- start of a read's transfer ------------------------------------------------------------------ */

#define WORTH 0.02 /* a change of rule must better the score by so much */
#define FAR 1.0    /* what starts this much worse is not refitted */

static int try_starts(struct calibration *c, struct measured_row *row, struct calibrate_saved *here, struct calibrate_saved *best,
	struct err *e)
{
	static const struct { double watermark; int64_t most; double dry_ms; } starts[] = {
		{0, 10000000, 0}, {0.5, 10000000, 0}, {1, 10000000, 0}, {1, 8, 0.5}, {1, 16, 0}, {1, 16, 0.5}, {1, 32, 0.5}};
	double first, least, now;
	if (calibrate_score_now(c, row, &first, e) < 0)
		return -1;
	least = first;
	if (calibrate_save(c, here, e) < 0 || calibrate_save(c, best, e) < 0)
		return -1;
	for (size_t i = 0; i < sizeof(starts) / sizeof(*starts); i++) {
		calibrate_restore(c, here);
		c->spec.bus.read_watermark = starts[i].watermark;
		c->spec.bus.read_watermark_max = starts[i].most;
		c->spec.bus.read_dry_ps = (int64_t)llround(starts[i].dry_ms / MS);
		if (calibrate_score_now(c, row, &now, e) < 0)
			return -1;
		if (now > first + FAR)
			continue;
		if (calibrate_search(c, 1, e) < 0 || calibrate_score_now(c, row, &now, e) < 0)
			return -1;
		if (now < least - WORTH) {
			least = now;
			if (calibrate_save(c, best, e) < 0)
				return -1;
		}
	}
	calibrate_restore(c, best);
	return 0;
}

int calibrate_read_start(struct calibration *c, struct err *e)
{
	struct calibrate_saved here = {0}, best = {0};
	struct measured_row *row = arena_array(c->arena, c->trace->half, sizeof(*row));
	if (!row)
		return err_set(e, ERR_LIMIT, "no memory for a calibration");
	return try_starts(c, row, &here, &best, e);
}
