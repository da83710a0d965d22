/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Geometry: every block of small drives there and back, for every order and way of sparing, against a
 * model that lays the drive out place by place; the capacities of real drives; and geometries that
 * cannot be.
 */
#include "disk/geom_oracle.h"
#include "effort.h"

/* ---- small drives ---------------------------------------------------------------------- */

static const char *const orders[] = {"ascending", "serpentine-zone", "serpentine", "surface-serpentine",
	"surface-serpentine\nsurface_cylinders: 3", "map"};
#define ORDERS 6
#define CYLINDER_ORDERS 3

static const char sectors_slipped[] =
	"heads: 3\n"
	"cylinders: 14\n"
	"zones:\n"
	"  - {first_cylinder: 0, last_cylinder: 4, sectors_per_track: 11, offset: 3.5, track_skew: 2.125,\n"
	"     cylinder_skew: 4, reserved_sectors: 5, spares: 9, slips: [160, 5, 6, 12, 11, 40, 40, 3]}\n"
	"  - {first_cylinder: 5, last_cylinder: 8, sectors_per_track: 7, offset: -2, track_skew: -1.5, cylinder_skew: -3}\n"
	"  - {first_cylinder: 9, last_cylinder: 9, sectors_per_track: 1}\n"
	"  - {first_cylinder: 11, last_cylinder: 12, sectors_per_track: 5, unused_cylinders_before: 1, track_skew: 5,\n"
	"     spares: 6, slips: [0, 1, 2, 3, 4, 29]}\n";

static const char tracks_slipped[] =
	"heads: 4\n"
	"cylinders: 9\n"
	"sparing: zone-tracks\n"
	"zones:\n"
	"  - {first_cylinder: 0, last_cylinder: 4, sectors_per_track: 13, track_skew: 3, cylinder_skew: 5,\n"
	"     reserved_sectors: 20, spares: 6, slips: [1, 7, 6, 19], defects: [[3, 18]]}\n"
	"  - {first_cylinder: 5, last_cylinder: 8, sectors_per_track: 9, offset: 8.999, track_skew: 0.001, spares: 2, slips: [0]}\n";

/* Rows of a map for one drive of 12 cylinders or a little more, whatever its zones. */
static const char some_map[] =
	"map:\n"
	"  - {first_cylinder: 3, last_cylinder: 9, heads: [1], order: surface, direction: outward}\n"
	"  - {first_cylinder: 3, last_cylinder: 9, heads: [2, 0], order: surface, serpentine: true}\n"
	"  - {first_cylinder: 0, last_cylinder: 2, heads: [2, 0, 1], serpentine: true}\n"
	"  - {first_cylinder: 10, last_cylinder: 11, direction: outward}\n";

START_TEST(every_block_is_where_a_walk_over_the_places_finds_it)
{
	char text[2048];
	if (_i + 1 == ORDERS)
		return; /* a map of its own: below */
	snprintf(text, sizeof(text), "%slbn_order: %s\n", sectors_slipped, orders[_i]);
	check_geometry(text);
}
END_TEST

/* The slipped track 1 begins inside the reserved blocks, which end within the track behind it. */
START_TEST(slipped_tracks_hold_no_block_even_where_they_meet_the_reserved_front)
{
	char text[2048];
	if (_i + 1 == ORDERS)
		return;
	snprintf(text, sizeof(text), "%slbn_order: %s\n", tracks_slipped, orders[_i]);
	check_geometry(text);
}
END_TEST

/* ---- random drives ----------------------------------------------------------------------- */

static const char *const schemes[] = {"none", "track", "cylinder", "cylinder-slip-on", "cylinder-front", "range", "zone",
	"zone-slip-on", "zone-tracks", "zone-cylinders", "disk", "disk-tracks", "disk-cylinders"};
#define SCHEMES 13

struct drawn {
	char text[8192];
	int used;
	struct rng *r;
	int order, scheme;
	unsigned heads, spt[3];
	int zone_end[3];
};

static unsigned below(struct drawn *d, unsigned n) { return (unsigned)rng_below(d->r, n); }

static void say(struct drawn *d, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void say(struct drawn *d, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	d->used += vsnprintf(d->text + d->used, sizeof(d->text) - (size_t)d->used, fmt, ap);
	va_end(ap);
	ck_assert_int_lt(d->used, (int)sizeof(d->text));
}

static bool by_cylinders(int scheme) { return (scheme >= 2 && scheme <= 5) || scheme == 9 || scheme == 12; }

/* Slips that the spares allow for. */
static void draw_slips(struct drawn *d, int z, unsigned spares, unsigned places)
{
	unsigned spt = d->spt[z], cylinder = spt * d->heads, n = 0;
	say(d, ", slips: [");
	switch (d->scheme) {
	case 0:
		break;
	case 1: /* at most one a pool, in every third */
		for (unsigned t = below(d, 3); t < places / spt; t += 3)
			say(d, "%s%u", n++ ? ", " : "", t * spt + below(d, spt));
		break;
	case 2:
	case 5: {
		unsigned pool = cylinder * (d->scheme == 5 ? 3 : 1);
		for (unsigned t = below(d, 2); t < places / pool; t += 2)
			say(d, "%s%u, %u", n++ ? ", " : "", t * pool + below(d, pool / 2),
				t * pool + pool / 2 + below(d, pool / 2));
		break;
	}
	case 9:
	case 12:
		say(d, "%u", below(d, places / cylinder));
		break;
	case 8:
	case 11:
		for (; n + 2 < spares || (d->scheme == 11 && n < 2); n++)
			say(d, "%s%u", n ? ", " : "", below(d, places / spt));
		break;
	default:
		for (; n + 2 < spares || (d->scheme == 10 && n < 4); n++)
			say(d, "%s%u", n ? ", " : "", below(d, places));
	}
	say(d, "]");
}

/* Zones of 12 cylinders in all; with `defects` (a text for each) or without. */
static void draw_zones(struct drawn *d, const char *const *defects)
{
	static const int ends[] = {3, 8, 11};
	say(d, "heads: %u\ncylinders: 12\nlbn_order: %s\nsparing: %s\nsparing_range_cylinders: 3\nslips_turn: %s\n%szones:\n",
		d->heads, orders[d->order], schemes[d->scheme], d->scheme >= 1 && d->scheme <= 4 && below(d, 2) ? "true" : "false",
		d->order == 5 ? some_map : "");
	for (int z = 0; z < 3; z++) {
		int first = z ? ends[z - 1] + 1 : 0;
		unsigned spt = d->spt[z], places = (unsigned)(ends[z] - first + 1) * d->heads * spt;
		unsigned spares = d->scheme == 0 || (d->scheme >= 10 && z < 2) ? 0 :
			d->scheme == 9 || d->scheme == 12 ? 1 : 2 + below(d, 4) / (d->scheme < 6 || d->scheme == 11 ? 4 : 1);
		say(d, "  - {first_cylinder: %d, last_cylinder: %d, sectors_per_track: %u, offset: %.3f, track_skew: %.3f, "
			"cylinder_skew: %.3f, reserved_sectors: %u, spares: %u", first, ends[z], spt, 40 * rng_unit(d->r) - 20,
			spt * (2 * rng_unit(d->r) - 1), spt * (2 * rng_unit(d->r) - 1), below(d, 3) ? below(d, 2 * spt) : 0, spares);
		if (d->scheme == 9)
			say(d, ", slips: []");
		else
			draw_slips(d, z, spares, places);
		say(d, "%s%s}\n", defects ? ", defects: " : "", defects ? defects[z] : "");
	}
}

/* One remapped place in each zone that has a spare for it. */
static void draw_defects(struct drawn *d, struct model *m, char (*defects)[64])
{
	int64_t *at = calloc((size_t)m->places, sizeof(*at));
	bool disk_end = m->spec->sparing >= SPARE_DISK;
	for (int z = 0; z < 3; z++) {
		int64_t unit = m->spec->sparing == SPARE_ZONE_TRACKS ? d->spt[z] : 1;
		int64_t n = model_zone_places(m, z, at), bad = -1, spare = -1;
		for (int i = 0; i < 200 && bad < 0; i++) {
			int64_t k = below(d, (unsigned)(n / unit));
			bad = m->place[at[(k + 1) * unit - 1]].use == USE_BLOCK ? k : -1;
		}
		if (disk_end)
			n = model_zone_places(m, 2, at);
		for (int64_t k = n / unit - 1; k >= 0 && spare < 0; k--) {
			bool all = true;
			for (int64_t i = 0; i < unit; i++) {
				struct model_place *p = &m->place[at[k * unit + i]];
				all &= p->use == USE_SPARE && p->lbn == GEOM_NO_LBN;
			}
			if (all) {
				spare = k;
				for (int64_t i = 0; i < unit; i++)
					m->place[at[k * unit + i]].use = USE_BAD; /* taken */
			}
		}
		if (bad >= 0 && spare >= 0)
			snprintf(defects[z], sizeof(defects[z]), "[[%" PRId64 ", %" PRId64 "]]", bad, spare);
	}
	free(at);
}

/* The first of a scheme's drives with defects in it, from the random numbers of `seed`. */
static void draw_drive(struct drawn *d, struct arena *a, uint64_t seed, int order, int scheme, bool with_defects)
{
	char defects[3][64] = {"[]", "[]", "[]"};
	const char *list[] = {defects[0], defects[1], defects[2]};
	for (int pass = 0; pass < 2; pass++) {
		memset(d, 0, sizeof(*d));
		d->r = rng_new(a, seed, "geom/random");
		d->order = order;
		d->scheme = scheme;
		d->heads = order == 5 ? 3 : (scheme == 8 || scheme >= 11 ? 3 : 1) + below(d, 3);
		for (int z = 0; z < 3; z++)
			d->spt[z] = 4 + below(d, 17);
		draw_zones(d, pass ? list : NULL);
		if (pass == 0 && with_defects && scheme != 0) {
			struct geometry y;
			struct model m;
			geometry_open(&y, d->text);
			model_make(&m, &y.spec);
			draw_defects(d, &m, defects);
			model_free(&m);
			geometry_close(&y);
		}
	}
}

static bool fits(int order, int scheme) { return order < CYLINDER_ORDERS || !by_cylinders(scheme); }

START_TEST(random_geometries_agree_with_the_walk)
{
	struct arena *a = arena_new();
	struct drawn *d = arena_alloc(a, sizeof(*d));
	int order = _i / SCHEMES, scheme = _i % SCHEMES;
	for (uint64_t seed = 0; seed < 12 && fits(order, scheme); seed++) {
		draw_drive(d, a, seed, order, scheme, seed % 2);
		check_geometry(d->text);
	}
	arena_free(a);
}
END_TEST

/* ---- grown defects ----------------------------------------------------------------------- */

/* Whether two places have their spares in common. */
static bool same_pool(const struct model *m, int64_t home, int64_t spare)
{
	const struct model_track *t = &m->track[m->place[home].track], *u = &m->track[m->place[spare].track];
	const struct disk_zone_spec *z = model_zone(m, t->zone);
	int64_t in = u->cylinder - z->first_cylinder, range = m->spec->sparing_range_cylinders;
	switch (m->spec->sparing) {
	case SPARE_TRACK:
		return m->place[home].track == m->place[spare].track;
	case SPARE_CYLINDER_FRONT:
		return t->cylinder == u->cylinder && spare < home;
	case SPARE_CYLINDER:
	case SPARE_CYLINDER_SLIP_ON:
		return t->cylinder == u->cylinder && spare > home;
	case SPARE_RANGE:
		return t->zone == u->zone && in / range == (t->cylinder - z->first_cylinder) / range;
	case SPARE_NONE:
		return false;
	default:
		return m->spec->sparing >= SPARE_DISK ? u->zone + 1 == (int64_t)m->spec->zones.count : t->zone == u->zone;
	}
}

static bool is_free(const struct model *m, int64_t i) { return m->place[i].use == USE_SPARE && m->place[i].lbn == GEOM_NO_LBN; }

/* Free units that this block may move to, and the distance to the nearest. */
static int64_t free_spares(const struct model *m, int64_t home, int64_t *nearest)
{
	int64_t count = 0;
	*nearest = INT64_MAX;
	for (int64_t i = 0; i < m->places; i++) {
		int64_t n = m->spec->sparing == SPARE_ZONE_TRACKS ? m->first_of_track[m->place[i].track + 1] - i : 1;
		bool whole = n == 1 || m->place[i].sector == 0;
		for (int64_t k = 0; whole && k < n; k++)
			whole = is_free(m, i + k);
		if (!whole || !same_pool(m, home, i))
			continue;
		count++;
		*nearest = llabs(i - home) < *nearest ? llabs(i - home) : *nearest;
	}
	return count;
}

/* What the product did with a bad block, carried over into the model. */
static void follow(const struct geom *g, struct model *m, uint64_t lbn, int64_t nearest)
{
	uint64_t first = lbn, end = lbn + 1;
	int64_t home = m->home[lbn];
	if (m->spec->sparing == SPARE_ZONE_TRACKS) {
		while (first > 0 && same_stretch(m, first - 1, lbn))
			first--;
		while (end < m->sectors && same_stretch(m, lbn, end))
			end++;
	}
	for (uint64_t b = first; b < end; b++) {
		struct geom_place at;
		geom_locate(g, b, &at);
		int64_t to = -1;
		for (int64_t i = 0; i < m->places && to < 0; i++) {
			const struct model_track *t = &m->track[m->place[i].track];
			if (t->cylinder == at.cylinder && t->head == at.head && m->place[i].sector == at.sector)
				to = i;
		}
		ck_assert_int_ge(to, 0);
		ck_assert(same_pool(m, home, to));
		if (m->spec->lbn_order != LBN_MAP && m->spec->sparing != SPARE_ZONE_TRACKS)
			ck_assert_int_eq(llabs(to - home), nearest);
		model_move(m, b, to);
	}
}

static void grow_at_random(struct drawn *d, int times)
{
	struct geometry y;
	struct model m;
	int moved = 0;
	geometry_open(&y, d->text);
	model_make(&m, &y.spec);
	ck_assert_int_eq(geom_reserve_remaps(y.geom, y.arena, (uint32_t)times), 0);
	for (int i = 0; i < times; i++) {
		/* half of them once more: spares go bad too */
		uint64_t lbn = below(d, 2) && moved ? y.geom->remaps[below(d, y.geom->remap_count)].lbn :
			rng_below(d->r, m.sectors);
		int64_t nearest, n = free_spares(&m, m.home[lbn], &nearest);
		struct err e = {0};
		int result = geom_grow(y.geom, lbn, &e);
		ck_assert_int_eq(result, n > 0 ? 0 : -1);
		if (result < 0) {
			ck_assert(strstr(e.msg, "no spare is free") != NULL);
			continue;
		}
		moved++;
		follow(y.geom, &m, lbn, nearest);
	}
	check_against_model(y.geom, &m);
	model_free(&m);
	geometry_close(&y);
}

START_TEST(blocks_that_go_bad_move_to_the_nearest_spare_of_their_pool)
{
	struct arena *a = arena_new();
	struct drawn *d = arena_alloc(a, sizeof(*d));
	int order = _i / SCHEMES, scheme = _i % SCHEMES;
	for (uint64_t seed = 0; seed < 8 && fits(order, scheme); seed++) {
		draw_drive(d, a, seed, order, scheme, seed % 2);
		grow_at_random(d, 12);
	}
	arena_free(a);
}
END_TEST

START_TEST(without_room_nothing_is_remapped)
{
	struct geometry y;
	struct err e = {0};
	geometry_open(&y, sectors_slipped);
	ck_assert_int_eq(geom_grow(y.geom, 0, &e), -1);
	ck_assert(strstr(e.msg, "no room") != NULL);
	geometry_close(&y);
}
END_TEST

/* ---- large drives -------------------------------------------------------------------------- */

/* Blocks come back, and the places of neighbours in LBN order follow one another. */
static void blocks_come_back(const struct geom *g, uint64_t seed)
{
	struct arena *a = arena_new();
	struct rng *r = rng_new(a, seed, "geom/blocks");
	for (unsigned i = 0, end = effort(1000000); i < end; i++) {
		uint64_t lbn = rng_below(r, g->sectors), back;
		struct geom_place at;
		geom_locate(g, lbn, &at);
		if (!geom_lbn_at(g, at.cylinder, at.head, at.sector, &back) || back != lbn)
			ck_abort_msg("block %" PRIu64 " does not come back", lbn);
	}
	arena_free(a);
}

/* Capacity and number of zones: blocks_total and the zone table in NAME.drive.txt of the validation set; of the drives
 * of 2 and 8 TB the sectors of their data sheets and the zones of their files. */
static void device_blocks_come_back(const char *file, uint64_t capacity, uint32_t zones)
{
	struct err e = {0};
	struct drive v;
	drive_open(&v, file);
	struct geom *g = geom_new(v.sim->arena, &v.spec.geometry, &e);
	ck_assert_msg(g != NULL, "%s", e.msg);
	ck_assert_uint_eq(g->sectors, capacity);
	ck_assert_uint_eq(g->zone_count, zones);
	blocks_come_back(g, 7);
	drive_close(&v);
}

START_TEST(a_million_blocks_of_the_atlas_come_back) { device_blocks_come_back("quantum-atlas-10k.yaml", 17966953, 24); }
END_TEST
START_TEST(a_million_blocks_of_the_hp_come_back) { device_blocks_come_back("hp-c2247a.yaml", 2054864, 8); }
END_TEST
START_TEST(a_million_blocks_of_the_barracuda_come_back) { device_blocks_come_back("seagate-st2000dm006.yaml", 3907029168, 18); }
END_TEST
START_TEST(a_million_blocks_of_the_ultrastar_come_back) { device_blocks_come_back("hgst-ultrastar-7k8.yaml", 15628053168, 22); }
END_TEST

/* 8 TB of 512-byte sectors: ten heads, 40 zones of 10,000 cylinders from 5,900 down to 2,000 sectors a track. */
static const char *eight_tb(char *text, size_t bytes, const char *order, const char *sparing)
{
	int n = snprintf(text, bytes, "heads: 10\ncylinders: 400000\nlbn_order: %s\nsparing: %s\nzones:\n", order, sparing);
	for (int z = 0; z < 40; z++)
		n += snprintf(text + n, bytes - (size_t)n, "  - {first_cylinder: %d, last_cylinder: %d, sectors_per_track: %d, "
			"track_skew: 40.5, cylinder_skew: 90, spares: %d, slips: [%d, %d, %d]}\n", 10000 * z, 10000 * z + 9999,
			5900 - 100 * z, 3, 77 + z, 5000000 + z, 99000000 + z);
	return text;
}

START_TEST(a_million_blocks_of_a_drive_of_8_tb_come_back)
{
	static const char *const layouts[] = {"ascending", "surface-serpentine\nsurface_cylinders: 97", "serpentine-zone"};
	static const char *const spares[] = {"zone", "track", "cylinder"};
	char text[16384];
	struct geometry y;
	geometry_open(&y, eight_tb(text, sizeof(text), layouts[_i], spares[_i]));
	/* sum of 100,000 tracks x (5900 - 100 z) for z = 0 .. 39 */
	uint64_t places = UINT64_C(100000) * (40 * 5900 - 100 * (39 * 40 / 2));
	uint64_t lost[] = {40 * 3, UINT64_C(40) * 100000 * 3, UINT64_C(400000) * 3};
	ck_assert_uint_eq(y.geom->sectors, places - lost[_i]);
	blocks_come_back(y.geom, (uint64_t)_i);
	ck_assert_uint_lt(arena_bytes(y.arena), 1 << 20);
	geometry_close(&y);
}
END_TEST

/* 4,000,000 cylinders x 256 heads x 100,000 sectors: as much as the rows admit, 52 PB. */
START_TEST(the_largest_drive_keeps_all_its_digits)
{
	struct geometry y;
	struct geom_place at;
	uint64_t back;
	geometry_open(&y, "heads: 256\ncylinders: 4000000\nzones:\n"
		"  - {first_cylinder: 0, last_cylinder: 3999999, sectors_per_track: 100000, track_skew: 99999.999,"
		" cylinder_skew: 99999.999}\n");
	uint64_t last = UINT64_C(4000000) * 256 * 100000 - 1;
	ck_assert_uint_eq(y.geom->sectors, last + 1);
	geom_locate(y.geom, last, &at);
	ck_assert_uint_eq(at.cylinder, 3999999);
	ck_assert_uint_eq(at.head, 255);
	ck_assert_uint_eq(at.sector, 99999);
	ck_assert(geom_lbn_at(y.geom, at.cylinder, at.head, at.sector, &back));
	ck_assert_uint_eq(back, last);
	ck_assert(near_angle(geom_place_angle(y.geom, &at), exact_angle(y.spec.zones.rows, 255 + INT64_C(255) * 3999999,
		3999999, 99999)));
	geometry_close(&y);
}
END_TEST

/* ---- estimates ----------------------------------------------------------------------------- */

/* Two zones of 10 cylinders of 2 heads: 200 sectors a track, then 100. 6,000 blocks in 20 cylinders. */
START_TEST(an_estimate_knows_what_its_level_tells)
{
	struct geometry y;
	struct geom_place at;
	geometry_open(&y, "heads: 2\ncylinders: 20\nzones:\n"
		"  - {first_cylinder: 0, last_cylinder: 9, sectors_per_track: 200}\n"
		"  - {first_cylinder: 10, last_cylinder: 19, sectors_per_track: 100}\n");
	static const struct {
		uint64_t lbn;
		uint32_t by_lbn, by_zones, head;
	} known[] = {{0, 0, 0, 0}, {299, 0, 0, 1}, {300, 1, 0, 1}, {3999, 13, 9, 1}, {4000, 13, 10, 0}, {4200, 14, 11, 0},
		{5999, 19, 19, 1}};
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		geom_guess(y.geom, GEOM_LBN, known[i].lbn, &at);
		/* the fraction is rounded down, so an exact border may count as before it */
		ck_assert_uint_le(at.cylinder, known[i].by_lbn);
		ck_assert_uint_ge(at.cylinder + (known[i].lbn * 20 % 6000 == 0), known[i].by_lbn);
		ck_assert_uint_eq(at.head, 0);
		geom_guess(y.geom, GEOM_ZONES, known[i].lbn, &at);
		ck_assert_uint_le(at.cylinder, known[i].by_zones);
		ck_assert_uint_ge(at.cylinder + 1, known[i].by_zones);
		ck_assert_uint_eq(at.head, 0);
		geom_guess(y.geom, GEOM_FULL, known[i].lbn, &at);
		ck_assert_uint_eq(at.cylinder, known[i].by_zones);
		ck_assert_uint_eq(at.head, known[i].head);
	}
	geometry_close(&y);
}
END_TEST

/* ---- what cannot be ------------------------------------------------------------------------ */

#define TWO "heads: 2\ncylinders: 10\n"
static const struct {
	const char *text, *says;
} impossible[] = {
	{TWO "zones: [{first_cylinder: 0, last_cylinder: 4, sectors_per_track: 9}, {first_cylinder: 4, last_cylinder: 8, sectors_per_track: 9}]",
	 "test.yaml:3:1: geometry.zones: zones[1] starts at cylinder 4 and overlaps zones[0]"},
	{TWO "zones:\n  - {first_cylinder: 0, last_cylinder: 4, sectors_per_track: 9}\n  - {first_cylinder: 6, last_cylinder: 8, sectors_per_track: 9}",
	 "test.yaml:3:1: geometry.zones: zones[1] starts at cylinder 6, which leaves 1 cylinders before it unused, but its unused_cylinders_before is 0"},
	{TWO "zones: [{first_cylinder: 2, last_cylinder: 4, sectors_per_track: 9, unused_cylinders_before: 1}]",
		"leaves 2 cylinders before it unused"},
	{TWO "zones: [{first_cylinder: 0, last_cylinder: 4, sectors_per_track: 0}]", "sectors_per_track"},
	{TWO "zones: [{first_cylinder: 4, last_cylinder: 3, sectors_per_track: 9}]", "before its first"},
	{TWO "zones: [{first_cylinder: 0, last_cylinder: 10, sectors_per_track: 9}]", "has only 10 cylinders"},
	{TWO "zones: [{first_cylinder: -1, last_cylinder: 4, sectors_per_track: 9}]", "first_cylinder"},
	{TWO "zones: []", "at least one zone"},
	{TWO "zones:\n  - {first_cylinder: 0, last_cylinder: 9, sectors_per_track: 9,\n     track_skew: 9.5}",
	 "test.yaml:5:6: geometry.zones[0].track_skew = 9.5: longer than a track, which has 9 sectors"},
	{TWO "zones: [{first_cylinder: 0, last_cylinder: 9, sectors_per_track: 9, cylinder_skew: -10}]", "longer than a track"},
	{TWO "zones: [{first_cylinder: 0, last_cylinder: 4, sectors_per_track: 9, slips: [1, 2], spares: 1}]",
	 "2 slips and 0 defects, more than its 1 spares"},
	{TWO "zones: [{first_cylinder: 0, last_cylinder: 4, sectors_per_track: 9, slips: [1], spares: 1, defects: [[3, 89]]}]",
	 "1 slips and 1 defects, more than its 1 spares"},
	{TWO "zones: [{first_cylinder: 0, last_cylinder: 0, sectors_per_track: 9, slips: [18], spares: 2}]",
		"want a place inside the zone, 0 to 17"},
	{TWO "zones: [{first_cylinder: 0, last_cylinder: 0, sectors_per_track: 9, slips: [-1], spares: 2}]",
		"want a place inside the zone"},
	{TWO "zones: [{first_cylinder: 0, last_cylinder: 0, sectors_per_track: 9, spares: 18}]", "holds no block"},
	{TWO "zones: [{first_cylinder: 0, last_cylinder: 0, sectors_per_track: 9, reserved_sectors: 1000}]", "holds no block"},
	{TWO "slips_turn: true\nzones: [{first_cylinder: 0, last_cylinder: 0, sectors_per_track: 9}]", "slips turn tracks only where"},
	{TWO "sparing: none\nzones: [{first_cylinder: 0, last_cylinder: 0, sectors_per_track: 9, spares: 1}]", "sparing is none"},
	{TWO "sparing: disk\nzones: [{first_cylinder: 0, last_cylinder: 3, sectors_per_track: 9, spares: 1}, {first_cylinder: 4, last_cylinder: 9, sectors_per_track: 9}]",
	 "give them to the last zone"},
	{TWO "sparing: track\nzones: [{first_cylinder: 0, last_cylinder: 3, sectors_per_track: 9, spares: 9}]", "no block is left"},
	{TWO "sparing: track\nzones: [{first_cylinder: 0, last_cylinder: 3, sectors_per_track: 9, spares: 1, slips: [10, 11]}]",
	 "more slips than the 1 spares in its pool number 1 of 9 sectors"},
	{TWO "sparing: range\nsparing_range_cylinders: 3\nzones: [{first_cylinder: 0, last_cylinder: 3, sectors_per_track: 9, spares: 1, slips: [60]}]",
	 "more slips than the 0 spares"},
	{TWO "sparing: cylinder\nlbn_order: surface-serpentine\nzones: [{first_cylinder: 0, last_cylinder: 3, sectors_per_track: 9, spares: 1}]",
	 "goes cylinder by cylinder"},
	{TWO "zones: [{first_cylinder: 0, last_cylinder: 4, sectors_per_track: 9, spares: 2, defects: [[3, 90]]}]",
		"spare 90, which is not in the zone"},
	{TWO "zones: [{first_cylinder: 0, last_cylinder: 4, sectors_per_track: 9, spares: 2, defects: [[90, 89]]}]",
		"place 90, which is not in the zone"},
	{TWO "zones: [{first_cylinder: 0, last_cylinder: 4, sectors_per_track: 9, spares: 2, defects: [[3, 87]]}]",
		"place 87 is not a free spare"},
	{TWO "zones: [{first_cylinder: 0, last_cylinder: 4, sectors_per_track: 9, spares: 2, defects: [[3, 89], [4, 89]]}]",
		"place 89 is not a free spare"},
	{TWO "zones: [{first_cylinder: 0, last_cylinder: 4, sectors_per_track: 9, spares: 2, defects: [[88, 89]]}]",
		"place 88 holds no logical block"},
};

START_TEST(an_impossible_geometry_is_refused_in_a_sentence)
{
	struct geometry y;
	struct err e = {0};
	ck_assert_int_eq(geometry_try(&y, impossible[_i].text, NULL, &e), -1);
	ck_assert_int_eq(e.code, ERR_CONFIG);
	ck_assert_msg(strstr(e.msg, impossible[_i].says) != NULL, "\"%s\" does not say \"%s\"", e.msg, impossible[_i].says);
	geometry_close(&y);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("geom");
	TCase *t = tcase_create("geom");
	tcase_add_loop_test(t, every_block_is_where_a_walk_over_the_places_finds_it, 0, ORDERS);
	tcase_add_loop_test(t, slipped_tracks_hold_no_block_even_where_they_meet_the_reserved_front, 0, ORDERS);
	tcase_add_loop_test(t, random_geometries_agree_with_the_walk, 0, ORDERS * SCHEMES);
	tcase_add_loop_test(t, blocks_that_go_bad_move_to_the_nearest_spare_of_their_pool, 0, ORDERS * SCHEMES);
	tcase_add_test(t, without_room_nothing_is_remapped);
	tcase_add_test(t, a_million_blocks_of_the_atlas_come_back);
	tcase_add_test(t, a_million_blocks_of_the_hp_come_back);
	tcase_add_test(t, a_million_blocks_of_the_barracuda_come_back);
	tcase_add_test(t, a_million_blocks_of_the_ultrastar_come_back);
	tcase_add_loop_test(t, a_million_blocks_of_a_drive_of_8_tb_come_back, 0, 3);
	tcase_add_test(t, the_largest_drive_keeps_all_its_digits);
	tcase_add_test(t, an_estimate_knows_what_its_level_tells);
	tcase_add_loop_test(t, an_impossible_geometry_is_refused_in_a_sentence, 0,
		(int)(sizeof(impossible) / sizeof(impossible[0])));
	tcase_set_timeout(t, 60);
	suite_add_tcase(s, t);
	return run_suite(s);
}
