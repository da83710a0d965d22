/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Zones, tracks and skews. Neighbouring sectors pass one sector's time apart, so that the median
 * distance of a few neighbours is a turn over the sectors of a track; where two samples
 * differ, halving finds the border. A track ends where the next sector needs positioning
 * (Skippy's steps, and DIXtrac's MTBRC); which steps are longer tells the cylinders.
 */
#include <stdlib.h>
#include <string.h>

#include "run/probe_private.h"

#define SAMPLES 1024
#define NEIGHBOURS 7
#define WALK 64        /* tracks looked at in each zone */
#define BORDER 8       /* LBNs by which a zone's border may be off */
#define SAME_SWITCH_PS 2e6 /* and a sector, where reads place the arm */
#define SAME_SKEW 0.02 /* sectors */

static int compare_double(const void *x, const void *y)
{
	double a = *(const double *)x, b = *(const double *)y;
	return (a > b) - (a < b);
}

uint32_t probe_spt(struct probe *p, uint64_t lba)
{
	double d[NEIGHBOURS];
	if (lba + NEIGHBOURS + 1 > p->limit)
		lba = p->limit - NEIGHBOURS - 1;
	time_ps last = probe_medium(p, lba);
	for (int i = 0; i < NEIGHBOURS; i++) {
		time_ps now = probe_medium(p, lba + 1 + (uint64_t)i);
		d[i] = fmod((double)(now - last), p->turn_ps);
		last = now;
	}
	qsort(d, NEIGHBOURS, sizeof(d[0]), compare_double);
	double spt = nearbyint(p->turn_ps / (d[NEIGHBOURS / 2] > 1 ? d[NEIGHBOURS / 2] : 1));
	return spt > 1e6 ? 0 : (uint32_t)spt;
}

static void add_zone(struct probe *p, uint64_t first, uint32_t spt)
{
	struct probe_zone *z = p->out->zones.row;
	size_t n = p->out->zones.count;
	if (n > 0 && z[n - 1].spt == spt)
		return;
	z = probe_row(p, &p->out->zones, sizeof(*z));
	if (!z)
		return;
	*z = (struct probe_zone){.first_lbn = first, .spt = spt, .track_skew = NAN, .cylinder_skew = NAN};
	p->most_spt = spt > p->most_spt ? spt : p->most_spt;
}

/* Zones that begin in (low, high], whose ends were sampled. Halving, by a stack of right halves. */
static void split(struct probe *p, uint64_t low, uint32_t low_spt, uint64_t high, uint32_t high_spt)
{
	struct { uint64_t at; uint32_t spt; } right[64];
	int depth = 0;
	for (;;) {
		if (low_spt != high_spt && high - low > 1 && depth < 63) {
			right[depth].at = high;
			right[depth++].spt = high_spt;
			high = low + (high - low) / 2;
			high_spt = probe_spt(p, high);
			continue;
		}
		if (low_spt != high_spt)
			add_zone(p, high, high_spt);
		if (depth == 0)
			return;
		low = high;
		low_spt = high_spt;
		high = right[--depth].at;
		high_spt = right[depth].spt;
	}
}

static void close_zones(struct probe *p)
{
	struct probe_zone *z = p->out->zones.row;
	size_t n = p->out->zones.count;
	for (size_t i = 0; i < n; i++) {
		z[i].lbns = (i + 1 < n ? z[i + 1].first_lbn : p->limit) - z[i].first_lbn;
		z[i].bytes_per_s = z[i].spt * 512.0 / (p->turn_ps * 1e-12);
	}
}

void probe_zones(struct probe *p)
{
	static const char *const method = "time between neighbouring sectors at 1,024 places, halving where it differs";
	uint64_t last = 0;
	uint32_t last_spt = probe_spt(p, 0);
	add_zone(p, 0, last_spt);
	for (uint64_t i = 1; i <= SAMPLES && !p->broken; i++) {
		uint64_t at = i == SAMPLES ? p->limit - NEIGHBOURS - 1
			: (uint64_t)((double)p->limit / SAMPLES * (double)i);
		uint32_t spt = probe_spt(p, at);
		split(p, last, last_spt, at, spt);
		last = at;
		last_spt = spt;
	}
	close_zones(p);
	const struct probe_zone *z = p->out->zones.row;
	probe_found(p, "zones", "zones of different density", "", (double)p->out->zones.count, method);
	probe_found(p, "outer_spt", "sectors per track, first zone", "", z[0].spt, method);
	probe_found(p, "inner_spt", "sectors per track, last zone", "", z[p->out->zones.count - 1].spt, method);
	/* what passes between two reads of the same sector when nothing moves */
	uint64_t at = p->limit / 2;
	p->still_ps = probe_still(p, at);
}

const struct probe_zone *probe_zone_of(const struct probe *p, uint64_t lba)
{
	const struct probe_zone *z = p->out->zones.row;
	size_t low = 0, high = p->out->zones.count;
	while (high - low > 1) {
		size_t middle = (low + high) / 2;
		if (z[middle].first_lbn <= lba)
			low = middle;
		else
			high = middle;
	}
	return &z[low];
}

/* ---- tracks ---------------------------------------------------------------------------------- */

uint64_t probe_next_track(struct probe *p, uint64_t lba)
{
	uint64_t same = lba, other = lba + p->most_spt;
	if (other >= p->limit)
		other = p->limit - 1;
	while (other - same > 1 && !p->broken) {
		uint64_t at = same + (other - same) / 2;
		if (probe_same_track(p, lba, at))
			same = at;
		else
			other = at;
	}
	return other;
}

/* How far the first sector of a track stands from where it would follow the last one of the track
 * before, in sectors. */
static double skew_at(struct probe *p, uint64_t first)
{
	double spt = probe_zone_of(p, first)->spt;
	double gap = probe_gap(p, first - 1, first) / p->turn_ps * spt - 1;
	return gap < -0.5 ? gap + spt : gap;
}

/* From the track before to the one that begins at `first`; after a read, from where reading on stays
 * on its track for a while. */
static double switch_to(struct probe *p, uint64_t first)
{
	uint64_t back = p->reads_only ? probe_zone_of(p, first)->spt * UINT64_C(3) / 4 : 1;
	return probe_position(p, first > back ? first - back : 0, first);
}

static bool is_cylinder(struct probe *p, uint64_t first)
{
	const struct probe_zone *z = probe_zone_of(p, first);
	if (p->heads <= 1)
		return true;
	if (p->switch_by_skew)
		return fabs(skew_at(p, first) - z->cylinder_skew) < fabs(skew_at(p, first) - z->track_skew);
	double t = switch_to(p, first);
	if (t > 1.2 * fmax(p->cylinder_switch_ps, p->head_switch_ps))
		return true; /* over spare cylinders */
	return fabs(t - p->cylinder_switch_ps) < fabs(t - p->head_switch_ps);
}

uint64_t probe_next_cylinder(struct probe *p, uint64_t lba)
{
	for (uint32_t i = 0; i < 2 * p->heads + 2 && !p->broken; i++) {
		lba = probe_next_track(p, lba);
		if (lba + 1 >= p->limit || is_cylinder(p, lba))
			break;
	}
	return lba;
}

/* Tells small values from large ones: the two of them, and the usual distance from one of the rarer to
 * the next; 0 when all are alike. */
static uint32_t period(const double *v, size_t n, double same, double *frequent, double *rare)
{
	double low = v[0], high = v[0];
	for (size_t i = 1; i < n; i++) {
		low = v[i] < low ? v[i] : low;
		high = v[i] > high ? v[i] : high;
	}
	*frequent = *rare = v[0];
	if (high - low < same)
		return 0;
	size_t above = 0, count[WALK + 1] = {0};
	for (size_t i = 0; i < n; i++)
		above += v[i] > (low + high) / 2;
	bool rare_is_high = above * 2 <= n;
	*frequent = rare_is_high ? low : high;
	*rare = rare_is_high ? high : low;
	for (size_t i = 0, last = n; i < n; i++) {
		if ((v[i] > (low + high) / 2) != rare_is_high)
			continue;
		if (last < n)
			count[i - last]++;
		last = i;
	}
	size_t best = 0;
	for (size_t k = 1; k <= WALK; k++)
		best = count[k] > count[best] ? k : best;
	return (uint32_t)best;
}

/* The steps from track to track at the front of a zone. Returns how many. */
static size_t walk(struct probe *p, const struct probe_zone *z, double *skew, double *step)
{
	size_t n = 0;
	uint64_t at = z->first_lbn + z->spt;
	uint64_t end = z->first_lbn + z->lbns;
	while (n < WALK && at + 3 * (uint64_t)z->spt < end && !p->broken) {
		at = probe_next_track(p, at);
		skew[n] = skew_at(p, at);
		step[n] = switch_to(p, at);
		struct probe_track *t = n < 8 || z == p->out->zones.row
			? probe_row(p, &p->out->tracks, sizeof(*t)) : NULL;
		if (t)
			*t = (struct probe_track){at, skew[n], 1e-9 * step[n]};
		n++;
	}
	return n;
}

/*
 * Whether the tracks between two rarer steps, `n` of them from `first` on, are one cylinder: then the
 * last of them is as near to the first as the second. On a layout along one surface it is farther.
 */
static bool one_cylinder(struct probe *p, uint64_t first, uint32_t n)
{
	uint64_t second = probe_next_track(p, first), last = second;
	for (uint32_t i = 2; i < n; i++)
		last = probe_next_track(p, last);
	return fabs(probe_position(p, first, last) - probe_position(p, first, second)) < SAME_SWITCH_PS / 2;
}

/* Where the step is nearer to `rare` than to `frequent`: the first LBN after the first such step. */
static uint64_t after_rare(const struct probe *p, const double *v, size_t n, double frequent, double rare)
{
	const struct probe_track *t = p->out->tracks.row;
	for (size_t i = 0; i < n && i < p->out->tracks.count; i++)
		if (fabs(v[i] - rare) < fabs(v[i] - frequent))
			return t[i].lbn;
	return t[0].lbn;
}

/* Tracks of a cylinder, from the walk through the first zone. */
static void find_heads(struct probe *p, const double *skew, const double *step, size_t n)
{
	double frequent, rare;
	double same = SAME_SWITCH_PS + (p->reads_only ? 2 * p->turn_ps / p->most_spt : 0);
	uint32_t heads = period(step, n, same, &frequent, &rare);
	const double *told_by = step;
	p->head_switch_ps = heads == 2 ? fmin(frequent, rare) : frequent;
	p->cylinder_switch_ps = heads == 2 ? fmax(frequent, rare) : rare;
	if (heads == 0) {
		heads = period(skew, n, SAME_SKEW, &frequent, &rare);
		told_by = skew;
		p->switch_by_skew = heads > 0;
	}
	if (heads > 2 && !one_cylinder(p, after_rare(p, told_by, n, frequent, rare), heads)) {
		p->cylinder_switch_ps = p->head_switch_ps;
		heads = 1;
	}
	if (heads == 0) { /* all steps alike: one head when two of them take longer than one */
		uint64_t at = probe_next_track(p, probe_zone_of(p, 0)->spt), next = probe_next_track(p, at);
		uint64_t third = probe_next_track(p, next);
		heads = fabs(probe_position(p, at, third) - probe_position(p, at, next)) > SAME_SWITCH_PS / 10;
	}
	p->heads = heads;
}

/* Time from the end of a track to the beginning of the next: the skew, and a turn more where it does not cover the
 * switch (by more than the two sectors to which that is known). */
static double step_s(const struct probe *p, const struct probe_zone *z, double skew, double switch_ps)
{
	double sector_s = p->turn_ps * 1e-12 / z->spt;
	return (skew + 2) * sector_s < switch_ps * 1e-12 ? (skew + z->spt) * sector_s : skew * sector_s;
}

static double zone_bandwidth(const struct probe *p, const struct probe_zone *z)
{
	double heads = p->heads ? p->heads : 1, turn_s = p->turn_ps * 1e-12;
	double track = isnan(z->track_skew) ? 0 : z->track_skew;
	double cylinder = isnan(z->cylinder_skew) ? track : z->cylinder_skew;
	double steps = (heads - 1) * step_s(p, z, track, p->head_switch_ps) + step_s(p, z, cylinder, p->cylinder_switch_ps);
	return heads * z->spt * 512 / (heads * turn_s + steps);
}

static void walk_zones(struct probe *p)
{
	struct probe_zone *zone = p->out->zones.row;
	double skew[WALK], step[WALK];
	for (size_t i = 0; i < p->out->zones.count && !p->broken; i++) {
		struct probe_zone *z = &zone[i];
		size_t n = walk(p, z, skew, step);
		if (n < 2)
			continue;
		if (i == 0)
			find_heads(p, skew, step, n);
		double frequent, rare;
		period(skew, n, SAME_SKEW, &frequent, &rare);
		z->track_skew = p->heads == 1 ? NAN : frequent;
		z->cylinder_skew = p->heads == 1 ? frequent : rare;
		if (p->heads == 2) { /* either is as frequent as the other */
			z->track_skew = fmin(frequent, rare);
			z->cylinder_skew = fmax(frequent, rare);
		}
		z->bytes_per_s = zone_bandwidth(p, z);
	}
}

void probe_tracks(struct probe *p)
{
	static const char *const method =
		"from the end of each track to the next, the longest pause after which the next sector is caught";
	walk_zones(p);
	const struct probe_zone *z = p->out->zones.row;
	if (p->heads == 0) {
		probe_missed(p, "heads", "tracks of a cylinder", "", method,
			"every step from track to track looks alike, so that cylinders cannot be told from tracks");
		return;
	}
	p->band = p->heads == 1 ? probe_find_band(p) : 0;
	if (p->band > 0) {
		probe_missed(p, "heads", "tracks of a cylinder", "", method,
			"LBNs run along one surface and back along another, so that a cylinder's tracks are far apart");
		probe_found(p, "surface_tracks", "tracks along one surface, first zone", "", (double)p->band,
			"positioning over more and more tracks, until it takes less again");
	} else {
		probe_found(p, "heads", "tracks of a cylinder", "", p->heads, method);
	}
	if (p->heads > 1)
		probe_found(p, "head_switch_ms", "head switch", "ms", 1e-9 * p->head_switch_ps, method);
	probe_found(p, "cylinder_switch_ms", "cylinder switch", "ms", 1e-9 * p->cylinder_switch_ps, method);
	if (p->heads > 1)
		probe_found(p, "track_skew", "track skew, first zone", "sectors", z[0].track_skew,
			"angle from the last sector of a track to the first of the next");
	probe_found(p, "cylinder_skew", "cylinder skew, first zone", "sectors", z[0].cylinder_skew,
		"angle from the last sector of a cylinder to the first of the next");
	probe_found(p, "outer_bytes_per_s", "medium bandwidth, first zone", "B/s", z[0].bytes_per_s,
		"sectors per track, turn and skews");
}
