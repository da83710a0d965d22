/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Counting cylinders. A zone takes whole cylinders, and slipped sectors only make one look shorter; so
 * the zone map and the tracks of a cylinder number those that hold LBNs. Spare cylinders at a
 * zone's end hold none: they show in seeks across the border, which take longer than seeks
 * over as many cylinders within a zone.
 */
#include "run/probe_private.h"

#define BORDER 8      /* LBNs by which a zone's border may be off */
#define DENSE 96u     /* distances measured one by one within a zone */
#define MOST_GAP 63u  /* spare cylinders that are looked for at a border */

static uint64_t cylinder_sectors(const struct probe *p, const struct probe_zone *z)
{
	return (uint64_t)p->heads * z->spt;
}

/* Whole cylinders that so many LBNs of a zone take. */
static uint64_t cylinders_of(const struct probe *p, const struct probe_zone *z, uint64_t lbns)
{
	uint64_t c = cylinder_sectors(p, z);
	return c > 0 && lbns > BORDER ? (lbns - BORDER + c - 1) / c : 0;
}

static uint64_t all_of(const struct probe *p, const struct probe_zone *z)
{
	return cylinders_of(p, z, z->lbns) + z->spare_cylinders;
}

static uint64_t cylinders_before(const struct probe *p, const struct probe_zone *z)
{
	uint64_t sum = 0;
	for (const struct probe_zone *y = p->out->zones.row; y < z; y++)
		sum += all_of(p, y);
	return sum;
}

uint64_t probe_cylinder_at(const struct probe *p, uint64_t first)
{
	const struct probe_zone *z = probe_zone_of(p, first + BORDER);
	uint64_t within = first > z->first_lbn ? first - z->first_lbn : 0;
	return cylinders_before(p, z) + cylinders_of(p, z, within);
}

uint64_t probe_lbn_before(const struct probe *p, uint64_t cylinder)
{
	const struct probe_zone *z = p->out->zones.row, *last = z + p->out->zones.count - 1;
	uint64_t before = 0;
	while (z < last && before + all_of(p, z) <= cylinder)
		before += all_of(p, z++);
	uint64_t within = (cylinder - before) * cylinder_sectors(p, z);
	uint64_t lbn = z->first_lbn + (within < z->lbns ? within : z->lbns);
	uint64_t back = cylinder_sectors(p, z) / 2;
	return lbn > back ? lbn - back : 0;
}

double probe_cylinder_position(struct probe *p, uint64_t from, uint64_t to)
{
	const struct probe_zone *z = probe_zone_of(p, to + BORDER);
	double least = INFINITY;
	for (uint32_t h = 0; h < p->heads && !p->broken; h++) {
		uint64_t at = to + (uint64_t)h * z->spt + (p->reads_only ? 0 : z->spt / 2);
		if (at >= p->limit)
			break;
		double ps = probe_position(p, from, at);
		least = ps < least ? ps : least;
		if (ps > 1.5 * p->head_switch_ps)
			break; /* the seek is longer than a head switch: all tracks are alike */
	}
	return least;
}

/* ---- spare cylinders ---------------------------------------------------------------------- */

/* Seeks over 1 ... DENSE cylinders within one zone; false when no zone is large enough. */
static bool measure_dense(struct probe *p, double *dense)
{
	const struct probe_zone *z = p->out->zones.row;
	for (size_t i = 0; i < p->out->zones.count; i++, z++) {
		uint64_t c = cylinder_sectors(p, z);
		if (cylinders_of(p, z, z->lbns) < DENSE + 8)
			continue;
		uint64_t from = probe_next_cylinder(p, z->first_lbn + c);
		for (uint64_t k = 1; k <= DENSE && !p->broken; k++)
			dense[k] = probe_cylinder_position(p, from, probe_next_cylinder(p, from + k * c - c / 2));
		return true;
	}
	return false;
}

/* The number of spare cylinders that explains seeks from before the border to after it best. */
static uint32_t gap_at(struct probe *p, const struct probe_zone *z, const double *dense)
{
	static const uint32_t steps[] = {1, 2, 4, 8, 16, 32};
	uint64_t to = z[1].first_lbn + cylinder_sectors(p, &z[1]) / 2;
	uint64_t c = cylinder_sectors(p, z), after = probe_next_cylinder(p, to);
	double seek[6];
	uint32_t distance[6];
	for (size_t i = 0; i < 6; i++) {
		uint64_t from = probe_next_cylinder(p, z[1].first_lbn - steps[i] * c - c / 2);
		uint64_t whole = probe_cylinder_at(p, after) - probe_cylinder_at(p, from);
		distance[i] = whole < 1 ? 1 : whole > DENSE - MOST_GAP ? DENSE - MOST_GAP : (uint32_t)whole;
		seek[i] = probe_cylinder_position(p, from, after);
	}
	uint32_t best = 0;
	double least = INFINITY;
	for (uint32_t gap = 0; gap <= MOST_GAP && distance[5] + gap <= DENSE; gap++) {
		double sum = 0;
		for (size_t i = 0; i < 6; i++)
			sum += fabs(seek[i] - dense[distance[i] + gap]);
		if (sum < least) {
			least = sum;
			best = gap;
		}
	}
	return best;
}

uint64_t probe_count_cylinders(struct probe *p)
{
	double dense[DENSE + 1];
	struct probe_zone *z = p->out->zones.row;
	size_t n = p->out->zones.count;
	if (n > 1 && measure_dense(p, dense))
		for (size_t i = 0; i + 1 < n && z[i + 1].first_lbn + BORDER < p->limit && !p->broken; i++)
			if (cylinders_of(p, &z[i], z[i].lbns) > 40 && cylinders_of(p, &z[i + 1], z[i + 1].lbns) > 4)
				z[i].spare_cylinders = gap_at(p, &z[i], dense);
	const struct probe_zone *last = probe_zone_of(p, p->limit - 1);
	return cylinders_before(p, last) + cylinders_of(p, last, p->limit - last->first_lbn);
}

/* ---- layouts along the surfaces -------------------------------------------------------------- */

/* Positioning over k tracks from the second one of the first zone. */
static double over_tracks(struct probe *p, uint64_t from, uint64_t k)
{
	uint64_t spt = probe_zone_of(p, from)->spt;
	return probe_position(p, from, from + k * spt + spt / 2);
}

uint64_t probe_find_band(struct probe *p)
{
	const struct probe_zone *z = p->out->zones.row;
	uint64_t from = probe_next_track(p, z->first_lbn), tracks = z->lbns / z->spt;
	uint64_t low = 1, high = 0;
	double most = 0;
	for (uint64_t k = 1, last = 1; k + 4 < tracks && !p->broken; last = k, k += 1 + k / 20) {
		double ps = over_tracks(p, from, k);
		if (ps < 0.85 * most) {
			high = k;
			break;
		}
		low = ps > most ? last : low;
		most = ps > most ? ps : most;
	}
	if (high == 0)
		return 0;
	while (high - low > 2 && !p->broken) { /* farther and farther, then back: the turn */
		uint64_t a = low + (high - low) / 3, b = high - (high - low) / 3;
		if (over_tracks(p, from, a) < over_tracks(p, from, b))
			low = a;
		else
			high = b;
	}
	return low + 2;
}
