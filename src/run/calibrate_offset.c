/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Offsets of parts of the disk against each other: of zones, and of pieces of zones.
 *
 * The offsets are the phases of the leading eigenvector of the matrix of summed directions between the
 * parts (A. Singer, "Angular synchronization by eigenvectors and semidefinite programming", Applied and
 * Computational Harmonic Analysis, 2011), found by power iteration with unit entries.
 */
#include <complex.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "run/calibrate_phase.h"

#define STARTS 12     /* of the iteration: one from what there is, the others at random */
#define TURNS 60
#define GAIN 0.01     /* pieces must agree so much better on rows they were not fitted to */

struct parts {
	const struct calibrate_phase *p;
	uint32_t count;
	uint32_t *first;      /* zone -> its first part */
	uint32_t width;       /* cylinders of a part */
	double complex *sum;  /* count x count: directions from part i to part j */
	double complex *v, *best;
	double *offset;       /* turns, on top of the zones' own */
	double *weight;       /* pairs that touch it */
};

static inline uint32_t part_of(const struct parts *s, const struct calibrate_anchor *x)
{
	return s->first[x->zone] + x->cylinder / s->width;
}

static inline double pair_error(const struct calibrate_phase *p, const struct calibrate_pair *q)
{
	return q->turn + p->speed * q->gap - calibrate_place_turn(&p->zone[q->j->zone], q->j) +
		calibrate_place_turn(&p->zone[q->i->zone], q->i);
}

double calibrate_coherence(const struct calibrate_phase *p, size_t from, size_t to)
{
	double sum = 0;
	for (size_t k = from; k < to; k++)
		sum += cos(TAU * pair_error(p, &p->pair[k]));
	return to > from ? sum / (double)(to - from) : 0;
}

/* The same with parts. */
static double parts_coherence(const struct parts *s, size_t from, size_t to)
{
	double sum = 0;
	for (size_t k = from; k < to; k++) {
		const struct calibrate_pair *q = &s->p->pair[k];
		sum += cos(TAU * (pair_error(s->p, q) - s->offset[part_of(s, q->j)] + s->offset[part_of(s, q->i)]));
	}
	return to > from ? sum / (double)(to - from) : 0;
}

static int parts_init(struct parts *s, const struct calibrate_phase *p, uint32_t width, struct err *e)
{
	struct arena *a = p->c->arena;
	*s = (struct parts){.p = p, .width = width, .first = arena_array(a, p->g->zone_count, sizeof(*s->first))};
	for (uint32_t i = 0; s->first && i < p->g->zone_count; i++) {
		s->first[i] = s->count;
		s->count += (p->g->zones[i].cylinders - 1) / width + 1;
	}
	s->sum = arena_array(a, (size_t)s->count * s->count, sizeof(*s->sum));
	s->v = arena_array(a, s->count, sizeof(*s->v));
	s->best = arena_array(a, s->count, sizeof(*s->best));
	s->offset = arena_array(a, s->count, sizeof(*s->offset));
	s->weight = arena_array(a, s->count, sizeof(*s->weight));
	if (!s->first || !s->sum || !s->v || !s->best || !s->offset || !s->weight)
		return err_set(e, ERR_LIMIT, "no memory for the offsets of a calibration");
	return 0;
}

static void parts_sum(struct parts *s, size_t from, size_t to)
{
	memset(s->sum, 0, (size_t)s->count * s->count * sizeof(*s->sum));
	memset(s->weight, 0, s->count * sizeof(*s->weight));
	for (size_t k = from; k < to; k++) {
		const struct calibrate_pair *q = &s->p->pair[k];
		uint32_t i = part_of(s, q->i), j = part_of(s, q->j);
		if (i == j)
			continue;
		double complex d = cexp(I * TAU * pair_error(s->p, q));
		s->sum[(size_t)i * s->count + j] += d;
		s->sum[(size_t)j * s->count + i] += conj(d);
		s->weight[i]++;
		s->weight[j]++;
	}
}

/* One iteration from the directions in v; returns the agreement reached. */
static double iterate(struct parts *s)
{
	double agreed = 0;
	for (int turn = 0; turn < TURNS; turn++) {
		double now = 0;
		for (uint32_t j = 0; j < s->count; j++) {
			double complex x = 0;
			for (uint32_t i = 0; i < s->count; i++)
				x += s->sum[(size_t)i * s->count + j] * s->v[i];
			now += cabs(x);
			if (cabs(x) > 0)
				s->v[j] = x / cabs(x);
		}
		if (now < agreed * (1 + 1e-9))
			break;
		agreed = now;
	}
	return agreed;
}

/* Offsets of all parts from the sums; those hardly touched take the offset of the part before. */
static void synchronise(struct parts *s, uint64_t seed)
{
	double most = -1;
	for (int k = 0; k < STARTS; k++) {
		for (uint32_t i = 0; i < s->count; i++) {
			seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
			s->v[i] = k == 0 ? 1 : cexp(I * TAU * ((double)(seed >> 11) * 0x1p-53));
		}
		double agreed = iterate(s);
		if (agreed > most * (1 + 1e-9)) {
			most = agreed;
			memcpy(s->best, s->v, s->count * sizeof(*s->v));
		}
	}
	double first = NAN, last = 0;
	for (uint32_t i = 0; i < s->count; i++) {
		if (s->weight[i] >= LAGS) {
			double x = carg(s->best[i]) / TAU;
			first = isnan(first) ? x : first;
			last = x - first - rint(x - first);
		}
		s->offset[i] = last;
	}
}

int calibrate_offsets(struct calibrate_phase *p, struct err *e)
{
	struct parts s;
	if (parts_init(&s, p, UINT32_MAX, e) < 0)
		return -1;
	parts_sum(&s, 0, p->pairs);
	synchronise(&s, p->c->seed);
	for (uint32_t i = 0; i < p->g->zone_count; i++)
		if (s.weight[i] >= FEW)
			p->zone[i].o += s.offset[i] - rint(p->zone[i].o + s.offset[i]);
	return 0;
}

/* ---- pieces ------------------------------------------------------------------------------------------ */

#define CUT 0.01 /* turns between neighbours from which on they are pieces of their own */

struct cutting {
	const struct parts *s;
	const struct disk_geometry_spec *g;
	struct disk_zone_spec *out;
	size_t count;
	struct arena *arena;
};

/* What a zone's slips count: sectors in one of them; and whether they use up the zone's spares, which
 * then lie at its end. */
static int64_t slip_sectors(const struct disk_geometry_spec *g, const struct disk_zone_spec *z)
{
	switch (g->sparing) {
	case SPARE_ZONE_TRACKS:
	case SPARE_DISK_TRACKS:
		return z->sectors_per_track;
	case SPARE_ZONE_CYLINDERS:
	case SPARE_DISK_CYLINDERS:
		return z->sectors_per_track * g->heads;
	default:
		return 1;
	}
}

static bool spares_at_zone_end(const struct disk_geometry_spec *g)
{
	return g->sparing == SPARE_ZONE || g->sparing == SPARE_ZONE_TRACKS || g->sparing == SPARE_ZONE_CYLINDERS;
}

/* Spares of a piece with so many of the zone's slips. */
static int64_t piece_spares(const struct disk_geometry_spec *g, const struct disk_zone_spec *z, int64_t slips, bool last)
{
	if (spares_at_zone_end(g))
		return slips + (last ? z->spares - (int64_t)z->slips.count : 0);
	if (g->sparing >= SPARE_TRACK && g->sparing <= SPARE_RANGE)
		return z->spares; /* of each track, cylinder or range */
	return last ? z->spares : 0;
}

/* The piece of a zone from cylinder `from` (of the zone) to before `to`. */
static int add_piece(struct cutting *t, size_t zone, int64_t from, int64_t to, double turn)
{
	const struct disk_zone_spec *z = &((const struct disk_zone_spec *)t->g->zones.rows)[zone];
	const struct calibrate_turn *model = &t->s->p->zone[zone];
	int64_t cylinders = z->last_cylinder - z->first_cylinder + 1, spt = z->sectors_per_track;
	int64_t unit = slip_sectors(t->g, z), first = from * t->g->heads * spt / unit, end = to * t->g->heads * spt / unit;
	struct disk_zone_spec *p = &t->out[t->count++];
	*p = *z;
	p->first_cylinder = z->first_cylinder + from;
	p->last_cylinder = z->first_cylinder + to - 1;
	p->slips.values = arena_array(t->arena, z->slips.count + 1, sizeof(*p->slips.values));
	if (!p->slips.values)
		return -1;
	p->slips.count = 0;
	for (size_t i = 0; i < z->slips.count; i++)
		if (z->slips.values[i].i >= first && z->slips.values[i].i < end)
			p->slips.values[p->slips.count++].i = z->slips.values[i].i - first;
	if (from > 0)
		p->reserved_sectors = p->unused_cylinders_before = 0;
	p->spares = piece_spares(t->g, z, (int64_t)p->slips.count, to == cylinders);
	double o = model->o + turn + (double)from * model->b;
	p->offset = rint(1e3 * (double)spt * (o - floor(o))) / 1e3;
	return 0;
}

/* Cylinders at the zone's front and end that one piece must hold: what is reserved, and what is spare. */
static void fixed_ends(const struct disk_geometry_spec *g, const struct disk_zone_spec *z, int64_t *front, int64_t *end)
{
	int64_t per_cylinder = g->heads * z->sectors_per_track;
	int64_t slipped = (int64_t)z->slips.count * slip_sectors(g, z);
	bool at_end = !(g->sparing >= SPARE_TRACK && g->sparing <= SPARE_RANGE);
	*front = (2 * z->reserved_sectors + slipped) / per_cylinder + 1;
	if (z->reserved_sectors == 0)
		*front = 0;
	*end = (at_end ? z->spares * slip_sectors(g, z) / per_cylinder : 0) + 2;
}

/* Whether zones can be cut: whole cylinders one after the other, without defects to be renumbered. */
static bool can_cut(const struct disk_geometry_spec *g, uint32_t width)
{
	const struct disk_zone_spec *z = g->zones.rows;
	for (size_t i = 0; i < g->zones.count; i++)
		if (z[i].defects.count)
			return false;
	return g->lbn_order <= LBN_SERPENTINE && (g->sparing != SPARE_RANGE || width % g->sparing_range_cylinders == 0);
}

static int cut_zone(struct cutting *t, size_t zone)
{
	const struct disk_zone_spec *z = &((const struct disk_zone_spec *)t->g->zones.rows)[zone];
	int64_t cylinders = z->last_cylinder - z->first_cylinder + 1, width = t->s->width, from = 0, front, end;
	const double *offset = &t->s->offset[t->s->first[zone]];
	fixed_ends(t->g, z, &front, &end);
	double now = offset[front / width < (cylinders - 1) / width ? front / width : 0];
	for (int64_t at = width; at < cylinders; at += width) {
		double next = offset[at / width], step = next - now;
		if (fabs(step - rint(step)) < CUT || at <= front || at > cylinders - end)
			continue;
		if (add_piece(t, zone, from, at, now) < 0)
			return -1;
		from = at;
		now = next;
	}
	return add_piece(t, zone, from, cylinders, now);
}

static int cut(const struct calibrate_phase *p, const struct parts *s, struct err *e)
{
	struct calibration *c = p->c;
	struct cutting t = {s, &c->spec.geometry, arena_array(c->arena, s->count, sizeof(*t.out)), 0, c->arena};
	for (size_t i = 0; t.out && i < p->g->zone_count; i++)
		if (cut_zone(&t, i) < 0)
			t.out = NULL;
	if (!t.out)
		return err_set(e, ERR_LIMIT, "no memory for the pieces of a calibration");
	c->spec.geometry.zones.rows = t.out;
	c->spec.geometry.zones.count = t.count;
	return 0;
}

/* The width that agrees best on the last fifth of the pairs when fitted to the others. */
int calibrate_pieces(struct calibrate_phase *p, struct err *e)
{
	static const uint32_t widths[] = {24, 48, 96, 192};
	size_t train = p->pairs - p->pairs / 5;
	double plain = calibrate_coherence(p, train, p->pairs), most = plain + GAIN;
	uint32_t width = 0;
	struct parts s;
	for (size_t i = 0; i < sizeof(widths) / sizeof(*widths); i++) {
		if (parts_init(&s, p, widths[i], e) < 0)
			return -1;
		if (s.count > 2000 || !can_cut(&p->c->spec.geometry, widths[i]))
			continue;
		parts_sum(&s, 0, train);
		synchronise(&s, p->c->seed);
		double held_out = parts_coherence(&s, train, p->pairs);
		if (held_out > most) {
			most = held_out;
			width = widths[i];
		}
	}
	if (!width)
		return 0;
	if (parts_init(&s, p, width, e) < 0)
		return -1;
	parts_sum(&s, 0, p->pairs);
	synchronise(&s, p->c->seed);
	calibrate_say(p->c, "phase is lost inside zones: pieces of %u cylinders or more with an offset each agree by %.3f, "
		"without them %.3f (on accesses they were not fitted to)", width, most, plain);
	return cut(p, &s, e);
}
