/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * For tests of the geometry: a geometry from a few lines of YAML, and a model of it that lays out every
 * track in a list, gives each place its use one by one, and numbers what is left. It shares
 * no code and no formula with the product.
 */
#ifndef QUERN_TESTS_GEOM_ORACLE_H
#define QUERN_TESTS_GEOM_ORACLE_H

#include <inttypes.h>

#include "disk/disk_fixture.h"
#include "disk/geom.h"
#include "disk/options.h"

struct geometry {
	struct arena *arena;
	struct disk_geometry_spec spec;
	struct geom *geom;
};

/* `text` is the body of a map, one key a line, without indent. -1 with *e set. */
static inline int geometry_try(struct geometry *y, const char *text, const struct geom_slice *slice, struct err *e)
{
	struct config *c = config_new(NULL);
	memset(y, 0, sizeof(*y));
	y->arena = arena_new();
	int result = config_load_text(c, "test.yaml", text, e);
	if (result == 0)
		result = config_bind(config_root(c), "geometry", &disk_geometry_group, NULL, &y->spec, y->arena, e);
	config_free(c);
	if (result == 0)
		y->geom = geom_new_slice(y->arena, &y->spec, slice ? slice : &(struct geom_slice){0}, e);
	return y->geom ? 0 : -1;
}

static inline void geometry_open(struct geometry *y, const char *text)
{
	struct err e = {0};
	ck_assert_msg(geometry_try(y, text, NULL, &e) == 0, "%s\n%s", e.msg, text);
}

static inline void geometry_close(struct geometry *y) { arena_free(y->arena); }

/* ---- the model ---------------------------------------------------------------------------- */

enum use { USE_BLOCK, USE_RESERVED, USE_SPARE, USE_SLIPPED, USE_BAD };

struct model_track {
	int64_t cylinder, head, zone;
	int64_t in_zone;                /* its number in its zone */
	int64_t head_switches, cylinder_switches; /* before it in its zone */
	int64_t turned;                 /* by the slips before it */
};

struct model_place {
	enum use use;
	int64_t track, sector;          /* track in the list */
	uint64_t lbn;                   /* what lives there, or GEOM_NO_LBN */
};

struct model {
	const struct disk_geometry_spec *spec;
	struct model_track *track;      /* in LBN order */
	int64_t tracks;
	struct model_place *place;      /* places of all tracks in LBN order */
	int64_t places;
	int64_t *first_of_track;        /* index into place */
	uint64_t sectors;
	int64_t *home, *where;          /* by LBN: index into place */
};

static inline const struct disk_zone_spec *model_zone(const struct model *m, int64_t zone)
{
	return (const struct disk_zone_spec *)m->spec->zones.rows + zone;
}

static inline int64_t model_zone_of(const struct disk_geometry_spec *s, int64_t cylinder)
{
	const struct disk_zone_spec *z = s->zones.rows;
	for (int64_t i = 0; i < (int64_t)s->zones.count; i++)
		if (cylinder >= z[i].first_cylinder && cylinder <= z[i].last_cylinder)
			return i;
	return -1;
}

static inline void model_add(struct model *m, int64_t cylinder, int64_t head)
{
	m->track[m->tracks++] = (struct model_track){.cylinder = cylinder, .head = head,
		.zone = model_zone_of(m->spec, cylinder)};
}

static inline void model_zone_tracks(struct model *m, const struct disk_zone_spec *z)
{
	int64_t heads = m->spec->heads;
	if (m->spec->lbn_order == LBN_SURFACE) {
		int64_t step = m->spec->surface_cylinders, n = 0;
		for (int64_t c0 = z->first_cylinder; c0 <= z->last_cylinder; c0 += step ? step : z->last_cylinder, n++) {
			int64_t c1 = step && c0 + step - 1 < z->last_cylinder ? c0 + step - 1 : z->last_cylinder;
			for (int64_t p = 0; p < heads; p++)
				for (int64_t k = 0; k <= c1 - c0; k++)
					model_add(m, p % 2 ? c1 - k : c0 + k, n % 2 ? heads - 1 - p : p);
			if (!step)
				break;
		}
		return;
	}
	for (int64_t c = z->first_cylinder; c <= z->last_cylinder; c++)
		for (int64_t p = 0; p < heads; p++) {
			bool turned = (m->spec->lbn_order == LBN_SERPENTINE_ZONE && (c - z->first_cylinder) % 2) ||
				(m->spec->lbn_order == LBN_SERPENTINE && c % 2);
			model_add(m, c, turned ? heads - 1 - p : p);
		}
}

static inline void model_row_tracks(struct model *m, const struct disk_map_spec *r)
{
	int64_t heads = r->heads.count ? (int64_t)r->heads.count : m->spec->heads;
	int64_t n = r->last_cylinder - r->first_cylinder + 1;
	bool outward = r->direction == MAP_OUTWARD, turned = false;
	for (int64_t i = 0; i < (r->order == MAP_SURFACE ? heads : n); i++) {
		for (int64_t k = 0; k < (r->order == MAP_SURFACE ? n : heads); k++) {
			int64_t step = r->order == MAP_SURFACE ? k : i, p = r->order == MAP_SURFACE ? i : k;
			p = turned ? heads - 1 - p : p;
			model_add(m, outward ? r->last_cylinder - step : r->first_cylinder + step,
				r->heads.count ? r->heads.values[p].i : p);
		}
		if (r->serpentine && r->order == MAP_SURFACE)
			outward = !outward;
		if (r->serpentine && r->order == MAP_CYLINDER)
			turned = !turned;
	}
}

static inline void model_switches(struct model *m)
{
	for (int64_t zone = 0; zone < (int64_t)m->spec->zones.count; zone++) {
		const struct model_track *before = NULL;
		for (int64_t i = 0; i < m->tracks; i++) {
			struct model_track *t = &m->track[i];
			if (t->zone != zone)
				continue;
			if (before) {
				bool same = before->cylinder == t->cylinder;
				t->in_zone = before->in_zone + 1;
				t->head_switches = before->head_switches + same;
				t->cylinder_switches = before->cylinder_switches + !same;
			}
			before = t;
		}
	}
}

/* A zone's places in LBN order, as indices into place. */
static inline int64_t model_zone_places(const struct model *m, int64_t zone, int64_t *out)
{
	int64_t n = 0;
	for (int64_t i = 0; i < m->places; i++)
		if (m->track[m->place[i].track].zone == zone)
			out[n++] = i;
	return n;
}

static inline int64_t model_slip_unit(const struct model *m, int64_t zone)
{
	int64_t spt = model_zone(m, zone)->sectors_per_track;
	switch (m->spec->sparing) {
	case SPARE_ZONE_TRACKS:
	case SPARE_DISK_TRACKS:
		return spt;
	case SPARE_ZONE_CYLINDERS:
	case SPARE_DISK_CYLINDERS:
		return spt * m->spec->heads;
	default:
		return 1;
	}
}

/* Of a run of places, all that are good beyond the first `blocks` good ones are spare. */
static inline void model_spare_behind(struct model *m, const int64_t *at, int64_t n, int64_t blocks)
{
	for (int64_t i = 0; i < n; i++)
		if (m->place[at[i]].use == USE_BLOCK && blocks-- <= 0)
			m->place[at[i]].use = USE_SPARE;
}

static inline void model_use_zone(struct model *m, int64_t zone, int64_t *at)
{
	const struct disk_zone_spec *z = model_zone(m, zone);
	int64_t n = model_zone_places(m, zone, at), unit = model_slip_unit(m, zone), slipped = 0;
	int64_t pool = 0, s = z->spares;
	for (size_t i = 0; i < z->slips.count; i++)
		for (int64_t k = 0; k < unit; k++) {
			struct model_place *p = &m->place[at[z->slips.values[i].i * unit + k]];
			slipped += p->use != USE_SLIPPED;
			p->use = USE_SLIPPED;
		}
	int64_t cylinder = z->sectors_per_track * m->spec->heads;
	switch (m->spec->sparing) {
	case SPARE_TRACK:
		pool = z->sectors_per_track;
		break;
	case SPARE_CYLINDER:
		pool = cylinder;
		break;
	case SPARE_RANGE:
		pool = cylinder * m->spec->sparing_range_cylinders;
		break;
	case SPARE_CYLINDER_FRONT:
	case SPARE_CYLINDER_SLIP_ON:
		for (int64_t i = 0; i < n; i++) {
			int64_t k = i % cylinder;
			bool spare = m->spec->sparing == SPARE_CYLINDER_FRONT ? k < s : k >= cylinder - s;
			if (spare && m->place[at[i]].use == USE_BLOCK)
				m->place[at[i]].use = USE_SPARE;
		}
		model_spare_behind(m, at, n, n - n / cylinder * s - slipped);
		break;
	case SPARE_ZONE:
	case SPARE_ZONE_TRACKS:
	case SPARE_ZONE_CYLINDERS:
		model_spare_behind(m, at, n, n - s * unit);
		break;
	default:
		model_spare_behind(m, at, n, n - s * unit - slipped);
		break;
	}
	for (int64_t i = 0; pool && i + pool <= n; i += pool)
		model_spare_behind(m, at + i, pool, pool - s);
	int64_t left = z->reserved_sectors;
	for (int64_t i = 0; i < n && left > 0; i++)
		if (m->place[at[i]].use == USE_BLOCK) {
			m->place[at[i]].use = USE_RESERVED;
			left--;
		}
}

static inline int64_t model_place_of(const struct model *m, int64_t zone, int64_t index)
{
	int64_t *at = calloc((size_t)m->places, sizeof(*at));
	model_zone_places(m, zone, at);
	int64_t place = at[index];
	free(at);
	return place;
}

static inline void model_move(struct model *m, uint64_t lbn, int64_t to)
{
	ck_assert_int_eq(m->place[to].use, USE_SPARE);
	ck_assert(m->place[to].lbn == GEOM_NO_LBN);
	struct model_place *from = &m->place[m->where[lbn]];
	from->lbn = GEOM_NO_LBN;
	from->use = USE_BAD;
	m->where[lbn] = to;
	m->place[to].lbn = lbn;
}

static inline void model_remap(struct model *m)
{
	bool disk_end = m->spec->sparing >= SPARE_DISK;
	for (int64_t zone = 0; zone < (int64_t)m->spec->zones.count; zone++) {
		const struct disk_zone_spec *z = model_zone(m, zone);
		int64_t unit = m->spec->sparing == SPARE_ZONE_TRACKS ? z->sectors_per_track : 1;
		for (size_t i = 0; i < z->defects.count; i++)
			for (int64_t k = 0; k < unit; k++) {
				int64_t bad = model_place_of(m, zone, z->defects.x[i] * unit + k);
				int64_t spare = model_place_of(m, disk_end ? (int64_t)m->spec->zones.count - 1 : zone,
					(int64_t)z->defects.y[i] * unit + k);
				if (m->place[bad].use == USE_BLOCK)
					model_move(m, m->place[bad].lbn, spare);
			}
	}
}

/* Slips of earlier tracks, or earlier cylinders, one by one. */
static inline void model_turn(struct model *m)
{
	for (int64_t t = 0; m->spec->slips_turn && t < m->tracks; t++)
		for (int64_t i = 0; i < m->places; i++) {
			const struct model_track *u = &m->track[m->place[i].track];
			bool before = m->spec->sparing == SPARE_TRACK ? u->in_zone < m->track[t].in_zone :
				u->cylinder < m->track[t].cylinder;
			m->track[t].turned += m->place[i].use == USE_SLIPPED && u->zone == m->track[t].zone && before;
		}
}

static inline void model_make(struct model *m, const struct disk_geometry_spec *spec)
{
	const struct disk_zone_spec *z = spec->zones.rows;
	memset(m, 0, sizeof(*m));
	m->spec = spec;
	m->track = calloc((size_t)(spec->cylinders * spec->heads), sizeof(*m->track));
	for (size_t i = 0; spec->lbn_order != LBN_MAP && i < spec->zones.count; i++)
		model_zone_tracks(m, &z[i]);
	for (size_t i = 0; spec->lbn_order == LBN_MAP && i < spec->map.count; i++)
		model_row_tracks(m, (const struct disk_map_spec *)spec->map.rows + i);
	model_switches(m);
	m->first_of_track = calloc((size_t)m->tracks + 1, sizeof(*m->first_of_track));
	for (int64_t i = 0; i < m->tracks; i++)
		m->first_of_track[i + 1] = m->first_of_track[i] + model_zone(m, m->track[i].zone)->sectors_per_track;
	m->places = m->first_of_track[m->tracks];
	m->place = calloc((size_t)m->places, sizeof(*m->place));
	for (int64_t i = 0; i < m->tracks; i++)
		for (int64_t k = m->first_of_track[i]; k < m->first_of_track[i + 1]; k++)
			m->place[k] = (struct model_place){.track = i, .sector = k - m->first_of_track[i]};
	int64_t *scratch = calloc((size_t)m->places, sizeof(*scratch));
	for (int64_t i = 0; i < (int64_t)spec->zones.count; i++)
		model_use_zone(m, i, scratch);
	free(scratch);
	model_turn(m);
	m->home = calloc((size_t)m->places, sizeof(*m->home));
	m->where = calloc((size_t)m->places, sizeof(*m->where));
	for (int64_t i = 0; i < m->places; i++) {
		m->place[i].lbn = GEOM_NO_LBN;
		if (m->place[i].use == USE_BLOCK) {
			m->home[m->sectors] = m->where[m->sectors] = i;
			m->place[i].lbn = m->sectors++;
		}
	}
	model_remap(m);
}

static inline void model_free(struct model *m)
{
	free(m->track);
	free(m->first_of_track);
	free(m->place);
	free(m->home);
	free(m->where);
}

/* floor((skew + sector) x turn / spt), with everything in thousandths of a sector. */
static inline uint64_t exact_angle(const struct disk_zone_spec *z, int64_t head_switches, int64_t cylinder_switches,
	int64_t sector)
{
	int128 milli = (int128)llround(z->offset * 1000) + head_switches * (int128)llround(z->track_skew * 1000) +
		cylinder_switches * (int128)llround(z->cylinder_skew * 1000) + (int128)sector * 1000;
	int128 turn = (int128)z->sectors_per_track * 1000;
	int128 within = (milli % turn + turn) % turn;
	return (uint64_t)(within * (int128)ANGLE_TURN / turn);
}

/* The drive rounds down the track's start and the way from there, so it may be one unit (1/60e15 of
 * a turn) behind. */
static inline bool near_angle(uint64_t got, uint64_t exact)
{
	return got == exact || got == (exact > 0 ? exact : ANGLE_TURN) - 1;
}

/* ---- the product against the model --------------------------------------------------------- */

/* The stretch of LBNs around one, as the model sees it: on the same track, at home like it or remapped like
 * it and next to it. */
static inline bool same_stretch(const struct model *m, uint64_t a, uint64_t b)
{
	bool a_home = m->where[a] == m->home[a], b_home = m->where[b] == m->home[b];
	const struct model_place *x = &m->place[m->where[a]], *y = &m->place[m->where[b]];
	return x->track == y->track && a_home == b_home && (a_home || (m->spec->sparing == SPARE_ZONE_TRACKS &&
		m->where[b] - m->where[a] == (int64_t)(b - a)));
}

static inline void check_track_of(const struct geom *g, const struct model *m, uint64_t lbn, const struct geom_place *at)
{
	const struct model_place *p = &m->place[m->where[lbn]];
	struct geom_track t;
	geom_track_at(g, at, &t);
	uint64_t first = lbn, end = lbn + 1;
	while (first > 0 && same_stretch(m, first - 1, lbn))
		first--;
	while (end < m->sectors && same_stretch(m, lbn, end))
		end++;
	ck_assert_uint_eq(t.first_lbn, first);
	ck_assert_uint_eq(t.lbns, end - first);
	ck_assert_int_eq(t.cylinder, m->track[p->track].cylinder);
	ck_assert_int_eq(t.head, m->track[p->track].head);
	ck_assert_int_eq(geom_sector_of(&t, lbn), p->sector);
	ck_assert_uint_eq(geom_lbns_before(&t, at->sector), lbn - first);
	ck_assert_uint_eq(geom_lbns_before(&t, at->sector + 1), lbn - first + 1);
	ck_assert_uint_eq(geom_lbns_before(&t, t.spt), t.lbns);
	ck_assert_uint_eq(geom_lbns_before(&t, 0), 0);
	ck_assert_int_eq(geom_track_end(&t), m->place[m->where[end - 1]].sector + 1);
	ck_assert_uint_eq(geom_angle(&t, at->sector), geom_place_angle(g, at));
	ck_assert_uint_eq(geom_angle(&t, t.spt), geom_angle(&t, 0));
}

/* Every LBN and every place, both ways. */
static inline void check_against_model(const struct geom *g, const struct model *m)
{
	ck_assert_uint_eq(g->sectors, m->sectors);
	for (uint64_t lbn = 0; lbn < m->sectors; lbn++) {
		const struct model_place *p = &m->place[m->where[lbn]];
		const struct model_track *t = &m->track[p->track];
		struct geom_place at;
		geom_locate(g, lbn, &at);
		ck_assert_int_eq(at.cylinder, t->cylinder);
		ck_assert_int_eq(at.head, t->head);
		ck_assert_int_eq(at.sector, p->sector);
		ck_assert(near_angle(geom_place_angle(g, &at), exact_angle(model_zone(m, t->zone), t->head_switches,
			t->cylinder_switches, p->sector + t->turned)));
		check_track_of(g, m, lbn, &at);
	}
	for (int64_t i = 0; i < m->places; i++) {
		const struct model_track *t = &m->track[m->place[i].track];
		uint64_t lbn;
		bool holds = geom_lbn_at(g, (uint32_t)t->cylinder, (uint32_t)t->head, (uint32_t)m->place[i].sector, &lbn);
		ck_assert_msg(holds == (m->place[i].lbn != GEOM_NO_LBN), "place %" PRId64 " of use %d", i, m->place[i].use);
		if (holds)
			ck_assert_uint_eq(lbn, m->place[i].lbn);
	}
}

static inline void check_geometry(const char *text)
{
	struct geometry y;
	struct model m;
	geometry_open(&y, text);
	model_make(&m, &y.spec);
	check_against_model(y.geom, &m);
	model_free(&m);
	geometry_close(&y);
}

#endif
