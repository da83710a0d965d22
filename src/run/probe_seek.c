/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The seek curve: positioning from the first track of one cylinder to the tracks of another, at
 * several places of the disk for each distance (cylinders: probe_cylinders.c).
 *
 * An arm that did not have to move although the target is far away is another arm: then the curve is
 * that of the first one.
 */
#include <stdlib.h>

#include "run/probe_private.h"

#define BORDER 8       /* LBNs by which a zone's border may be off */
#define PLACES 3       /* at which each distance is tried */
#define EVERY 10       /* all distances up to this, then a factor apart */
#define FACTOR 1.12

static const char *const method =
	"MTBRC: from one cylinder to another, the longest pause after which the target is caught in the same turn";

/* One distance at one place; false when there is none. */
static bool try_distance(struct probe *p, uint64_t from_cylinder, uint64_t distance)
{
	uint64_t from = probe_next_cylinder(p, probe_lbn_before(p, from_cylinder));
	uint64_t to = probe_next_cylinder(p, probe_lbn_before(p, from_cylinder + distance));
	/* a cylinder whose last tracks are spare may lack the track that needs no head switch */
	const struct probe_zone *z = probe_zone_of(p, to + BORDER);
	if (to + (uint64_t)p->heads * z->spt > z->first_lbn + z->lbns + BORDER)
		return false;
	uint64_t c = probe_cylinder_at(p, to), d = probe_cylinder_at(p, from);
	if (c <= d)
		return false;
	double ps = probe_cylinder_position(p, from, to);
	struct probe_seek *row = isfinite(ps) ? probe_row(p, &p->out->seeks, sizeof(*row)) : NULL;
	if (!row)
		return false;
	*row = (struct probe_seek){(uint32_t)(c - d), from, to, 1e-9 * ps};
	return true;
}

/*
 * Another arm serves what lies far away and needs no seek nevertheless, since that arm is still where
 * the trial before left it, or on the next track or two by reading on.
 */
static bool needs_seek(struct probe *p, uint64_t lba)
{
	return probe_position(p, 0, lba) > 1.2 * fmax(p->head_switch_ps, p->cylinder_switch_ps);
}

/* Where the second arm's LBNs begin; the end of the disk where there is none. */
static uint64_t find_second_arm(struct probe *p)
{
	uint64_t low = p->limit / 64, high = p->limit - p->limit / 64;
	if (needs_seek(p, high) || !needs_seek(p, low))
		return p->limit;
	while (high - low > 1 && !p->broken) {
		uint64_t at = low + (high - low) / 2;
		if (needs_seek(p, at))
			low = at;
		else
			high = at;
	}
	return high;
}

static int compare_seek(const void *x, const void *y)
{
	const struct probe_seek *a = x, *b = y;
	if (a->cylinders != b->cylinders)
		return a->cylinders < b->cylinders ? -1 : 1;
	return (a->ms > b->ms) - (a->ms < b->ms);
}

/* Measured time at a distance, linear between the points; the shortest counts where there are several. */
static double curve_at(const struct probe_seek *s, size_t n, double cylinders)
{
	size_t before = 0;
	for (size_t i = 1; i < n; i++) {
		if (s[i].cylinders == s[before].cylinders)
			continue;
		if (s[i].cylinders >= cylinders) {
			double w = (cylinders - s[before].cylinders) / (s[i].cylinders - s[before].cylinders);
			return s[before].ms + (w < 0 ? 0 : w) * (s[i].ms - s[before].ms);
		}
		before = i;
	}
	return n ? s[before].ms : NAN;
}

static void report(struct probe *p, uint64_t cylinders)
{
	const struct probe_seek *s = p->out->seeks.row;
	size_t n = p->out->seeks.count;
	probe_found(p, "seek_1_ms", "seek over 1 cylinder", "ms", curve_at(s, n, 1), method);
	/* mean over random places: density 2 (1 - x) */
	double sum = 0;
	for (int i = 0; i < 1000; i++) {
		double x = (i + 0.5) / 1000;
		sum += 2 * (1 - x) * curve_at(s, n, x * (double)cylinders) / 1000;
	}
	probe_found(p, "seek_mean_ms", "seek, mean over random places", "ms", sum,
		"the curve, weighted by how often a distance occurs");
	struct probe_figure *f = probe_found(p, "seek_full_ms", "seek over the whole stroke", "ms", s[n - 1].ms, method);
	size_t highest = 0;
	for (size_t i = 0; i < n; i++)
		highest = s[i].ms > s[highest].ms ? i : highest;
	if (n > 20 && s[highest].cylinders < s[n - 1].cylinders / 4)
		f->note = "the curve does not rise to its end: LBNs do not follow the cylinders across the disk";
}

/* Every distance up to EVERY, then a factor apart. */
static uint64_t next_distance(uint64_t d)
{
	return d < EVERY ? d + 1 : (uint64_t)ceil((double)d * FACTOR);
}

/* Where LBNs follow one surface, a distance is a number of tracks, as far as the first turn. */
static void seeks_along_surface(struct probe *p)
{
	const struct probe_zone *z = p->out->zones.row;
	uint64_t from = probe_next_track(p, z->first_lbn);
	for (uint64_t d = 1; d + 3 < p->band && !p->broken; d = next_distance(d)) {
		uint64_t to = from + d * z->spt + z->spt / 2;
		double ps = probe_position(p, from, to);
		struct probe_seek *row = probe_row(p, &p->out->seeks, sizeof(*row));
		if (row)
			*row = (struct probe_seek){(uint32_t)d, from, to, 1e-9 * ps};
	}
	if (p->out->seeks.count == 0)
		return;
	const struct probe_seek *s = p->out->seeks.row;
	probe_found(p, "seek_1_ms", "seek over 1 cylinder", "ms", s->ms, method);
	struct probe_figure *f = probe_found(p, "seek_full_ms", "seek over the longest measured distance", "ms",
		s[p->out->seeks.count - 1].ms, method);
	f->note = "longer distances are not measured: LBNs turn back along the next surface";
}

void probe_seeks(struct probe *p)
{
	if (p->band > 0) {
		seeks_along_surface(p);
		return;
	}
	if (p->heads == 0) {
		probe_missed(p, "seek_full_ms", "seek over the whole stroke", "ms", method,
			"cylinders cannot be told, so distances cannot be counted");
		return;
	}
	uint64_t all = p->limit, cylinders;
	p->limit = find_second_arm(p);
	if (p->limit < all) {
		struct probe_figure *f = probe_found(p, "second_arm_lbn", "second arm from LBN", "", (double)p->limit,
			"a far place that needs no seek after another");
		f->note = "cylinders and seek curve are those of the first arm";
	}
	cylinders = probe_count_cylinders(p);
	probe_found(p, "cylinders", "cylinders", "", (double)cylinders, "the zone map over tracks of a cylinder");
	for (uint64_t distance = 1; distance + 3 < cylinders; distance = next_distance(distance)) {
		uint64_t room = cylinders - 3 - distance;
		for (uint64_t i = 0; i < PLACES && !p->broken; i++)
			try_distance(p, room * (2 * i + 1) / (2 * PLACES), distance);
	}
	for (uint64_t i = 2; i < 40 && cylinders > 50 && !try_distance(p, 0, cylinders - i); i++)
		; /* the longest that ends in a whole cylinder */
	if (p->out->seeks.count > 0) {
		qsort(p->out->seeks.row, p->out->seeks.count, sizeof(struct probe_seek), compare_seek);
		report(p, cylinders);
	} else {
		probe_missed(p, "seek_full_ms", "seek over the whole stroke", "ms", method,
			"there are too few cylinders for a seek curve");
	}
	p->limit = all;
}
