/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Geometry: every block of small drives there and back, angles against exact arithmetic, the
 * capacities of real drives, and geometries that cannot be.
 */
#include "disk/disk_fixture.h"

#include <inttypes.h>

/* ---- a model that walks over the places one by one ------------------------------------- */

static bool in_slips(const struct disk_geometry_spec *g, const struct disk_zone_spec *z, uint64_t place)
{
	uint64_t unit = g->slip_unit == SKIP_TRACK ? (uint64_t)z->sectors_per_track : 1;
	if (place < (uint64_t)z->reserved_sectors)
		return true;
	for (size_t i = 0; i < z->slips.count; i++) {
		uint64_t at = (uint64_t)z->slips.values[i].i * unit;
		if (place >= at && place < at + unit)
			return true;
	}
	return false;
}

static uint32_t head_at(const struct disk_geometry_spec *g, const struct disk_zone_spec *z, int64_t cylinder,
	int64_t position)
{
	bool turned = (g->lbn_order == LBN_SERPENTINE_ZONE && (cylinder - z->first_cylinder) % 2 != 0) ||
		      (g->lbn_order == LBN_SERPENTINE && cylinder % 2 != 0);
	return (uint32_t)(turned ? g->heads - 1 - position : position);
}

/* floor((skew + sector) x turn / spt), with everything in thousandths of a sector. */
static uint64_t exact_angle(const struct disk_geometry_spec *g, const struct disk_zone_spec *z,
	int64_t cylinder, int64_t position, int64_t sector)
{
	int128 from_first = cylinder - z->first_cylinder;
	int128 milli = (int128)(z->offset * 1000) +
		(position + (g->heads - 1) * from_first) * (int128)(z->track_skew * 1000) +
		from_first * (int128)(z->cylinder_skew * 1000) + (int128)sector * 1000;
	int128 turn = (int128)z->sectors_per_track * 1000;
	int128 within = (milli % turn + turn) % turn;
	return (uint64_t)(within * (int128)ANGLE_TURN / turn);
}

/* The drive rounds down the track's start and the way from there, so it may be one unit (1/60e15 of
 * a turn) behind. */
static bool near_angle(uint64_t got, uint64_t exact)
{
	return got == exact || got == (exact > 0 ? exact : ANGLE_TURN) - 1;
}

static void check_place(const struct drive *v, const struct disk_zone_spec *z, uint64_t lbn, int64_t cylinder,
	int64_t position, int64_t sector)
{
	const struct geom *g = v->disk->unit[0].geom;
	struct geom_place at;
	uint64_t back;
	geom_locate(g, lbn, &at);
	ck_assert_int_eq(at.cylinder, cylinder);
	ck_assert_uint_eq(at.head, head_at(&v->spec.geometry, z, cylinder, position));
	ck_assert_int_eq(at.sector, sector);
	ck_assert(geom_lbn_at(g, at.cylinder, at.head, at.sector, &back));
	ck_assert_uint_eq(back, lbn);
	ck_assert(near_angle(geom_place_angle(g, &at), exact_angle(&v->spec.geometry, z, cylinder, position, sector)));
}

/* One track as its blocks see it; `first` is the next LBN, `own` how many the track holds. */
static void check_track(const struct drive *v, const struct disk_zone_spec *z, int64_t cylinder, int64_t position,
	uint64_t first, uint32_t own)
{
	const struct geom *g = v->disk->unit[0].geom;
	struct geom_place at;
	struct geom_track t;
	geom_locate(g, first, &at);
	geom_track_at(g, &at, &t);
	ck_assert_uint_eq(t.first_lbn, first);
	ck_assert_uint_eq(t.lbns, own);
	ck_assert_int_eq(t.cylinder, cylinder);
	uint32_t before = 0;
	for (uint32_t s = 0; s < t.spt; s++) {
		uint64_t lbn;
		bool holds = geom_lbn_at(g, t.cylinder, t.head, s, &lbn);
		ck_assert_uint_eq(geom_lbns_before(&t, s), before);
		if (holds) {
			ck_assert_uint_eq(lbn, first + before);
			ck_assert_uint_eq(geom_sector_of(&t, lbn), s);
			before++;
		}
		ck_assert(near_angle(geom_angle(&t, s), exact_angle(&v->spec.geometry, z, cylinder, position, s)));
	}
	ck_assert_uint_eq(before, own);
	ck_assert_uint_eq(geom_lbns_before(&t, t.spt), own);
	ck_assert_uint_eq(geom_angle(&t, t.spt), geom_angle(&t, 0));
}

static uint64_t walk_zone(const struct drive *v, const struct disk_zone_spec *z, uint64_t lbn)
{
	const struct disk_geometry_spec *spec = &v->spec.geometry;
	uint64_t spare_unit = spec->spare_unit == SKIP_TRACK ? (uint64_t)z->sectors_per_track : 1;
	uint64_t places = (uint64_t)((z->last_cylinder - z->first_cylinder + 1) * spec->heads * z->sectors_per_track);
	uint64_t end = lbn + places - (uint64_t)z->reserved_sectors - (uint64_t)z->spares * spare_unit;
	uint64_t place = 0, none;
	for (int64_t c = z->first_cylinder; c <= z->last_cylinder; c++)
		for (int64_t p = 0; p < spec->heads; p++) {
			uint64_t first = lbn;
			for (int64_t s = 0; s < z->sectors_per_track; s++, place++) {
				if (!in_slips(spec, z, place) && lbn < end)
					check_place(v, z, lbn++, c, p, s);
				else
					ck_assert(!geom_lbn_at(v->disk->unit[0].geom, (uint32_t)c, head_at(spec, z, c, p),
						(uint32_t)s, &none));
			}
			if (lbn > first)
				check_track(v, z, c, p, first, (uint32_t)(lbn - first));
		}
	ck_assert_uint_eq(lbn, end);
	return lbn;
}

static void walk(const struct drive *v)
{
	const struct disk_zone_spec *z = v->spec.geometry.zones.rows;
	uint64_t lbn = 0, none;
	for (size_t i = 0; i < v->spec.geometry.zones.count; i++) {
		ck_assert_uint_eq(v->disk->unit[0].geom->zones[i].first_lbn, lbn);
		lbn = walk_zone(v, &z[i], lbn);
	}
	ck_assert_uint_eq(v->dev->sectors, lbn);
	const struct geom *g = v->disk->unit[0].geom;
	ck_assert(!geom_lbn_at(g, g->cylinders, 0, 0, &none));
	ck_assert(!geom_lbn_at(g, 0, g->heads, 0, &none));
	ck_assert(!geom_lbn_at(g, 0, 0, g->zones[0].spt, &none));
}

/* ---- small drives ---------------------------------------------------------------------- */

#define REST "  rpm: 7200 rpm\n  seek: {table: [[1, 1 ms]]}\n"

static const char sectors_slipped[] =
	"disk0:\n"
	REST
	"  geometry:\n"
	"    heads: 3\n"
	"    cylinders: 14\n"
	"    zones:\n"
	"      - {first_cylinder: 0, last_cylinder: 4, sectors_per_track: 11, offset: 3.5, track_skew: 2.125,\n"
	"         cylinder_skew: 4, reserved_sectors: 5, spares: 9, slips: [160, 5, 6, 12, 11, 40, 40, 3]}\n"
	"      - {first_cylinder: 5, last_cylinder: 8, sectors_per_track: 7, offset: -2, track_skew: -1.5, cylinder_skew: -3}\n"
	"      - {first_cylinder: 9, last_cylinder: 9, sectors_per_track: 1}\n"
	"      - {first_cylinder: 11, last_cylinder: 12, sectors_per_track: 5, track_skew: 77, spares: 6, slips: [0, 1, 2, 3, 4, 29]}\n";

static const char tracks_slipped[] =
	"disk0:\n"
	REST
	"  geometry:\n"
	"    heads: 4\n"
	"    cylinders: 9\n"
	"    slip_unit: track\n"
	"    spare_unit: track\n"
	"    zones:\n"
	"      - {first_cylinder: 0, last_cylinder: 4, sectors_per_track: 13, track_skew: 3, cylinder_skew: 5,\n"
	"         reserved_sectors: 20, spares: 4, slips: [1, 7, 6, 19]}\n"
	"      - {first_cylinder: 5, last_cylinder: 8, sectors_per_track: 9, offset: 8.999, track_skew: 0.001, spares: 2, slips: [0]}\n";

static const char *const orders[] = {"ascending", "serpentine-zone", "serpentine"};

static void walk_in_order(const char *text, int order)
{
	struct drive v;
	char set[64];
	snprintf(set, sizeof(set), "disk0.geometry.lbn_order=%s", orders[order]);
	drive_open_with(&v, text, (const char *const[]){set, NULL});
	walk(&v);
	drive_close(&v);
}

START_TEST(every_block_is_where_a_walk_over_the_places_finds_it)
{
	walk_in_order(sectors_slipped, _i);
}
END_TEST

/* The track slip 1 begins inside the reserved front, whose end lies within that track. */
START_TEST(slipped_tracks_hold_no_block_even_where_they_meet_the_reserved_front)
{
	walk_in_order(tracks_slipped, _i);
}
END_TEST

START_TEST(random_geometries_agree_with_the_walk)
{
	struct arena *a = arena_new();
	struct rng *r = rng_new(a, (uint64_t)_i, "geom/random");
	for (int n = 0; n < 20; n++) {
		char text[2048];
		int at = snprintf(text, sizeof(text), "disk0:\n" REST
			"  geometry:\n    heads: %u\n    cylinders: 12\n    lbn_order: %s\n    zones:\n",
			1 + (unsigned)rng_below(r, 4), orders[rng_below(r, 3)]);
		for (int z = 0; z < 3; z++) {
			unsigned spt = 2 + (unsigned)rng_below(r, 19);
			at += snprintf(text + at, sizeof(text) - (size_t)at, "      - {first_cylinder: %d, "
				"last_cylinder: %d, sectors_per_track: %u, offset: %.3f, track_skew: %.3f, "
				"cylinder_skew: %.3f, reserved_sectors: %u, spares: 3, slips: [%u, %u]}\n", 4 * z,
				4 * z + 3, spt, 100 * rng_unit(r) - 50, 40 * rng_unit(r) - 20, 40 * rng_unit(r) - 20,
				(unsigned)rng_below(r, spt), (unsigned)rng_below(r, 4 * spt), (unsigned)rng_below(r, 4 * spt));
		}
		struct drive v;
		drive_open(&v, text);
		/* a thousandth of a sector is the unit of skews: give the model what the rows hold */
		struct disk_zone_spec *z = v.spec.geometry.zones.rows;
		for (int k = 0; k < 3; k++) {
			const struct geom_zone *zone = &v.disk->unit[0].geom->zones[k];
			z[k].offset = ((double)zone->offset_milli + (zone->offset_milli < 0 ? -0.25 : 0.25)) / 1000;
			z[k].track_skew = ((double)zone->track_skew_milli + (zone->track_skew_milli < 0 ? -0.25 : 0.25)) / 1000;
			z[k].cylinder_skew = ((double)zone->cylinder_skew_milli +
				(zone->cylinder_skew_milli < 0 ? -0.25 : 0.25)) / 1000;
		}
		walk(&v);
		drive_close(&v);
	}
	arena_free(a);
}
END_TEST

/* ---- real drives ------------------------------------------------------------------------- */

static void random_blocks_come_back(const char *file)
{
	struct drive v;
	drive_open(&v, file);
	const struct geom *g = v.disk->unit[0].geom;
	const struct disk_zone_spec *z = v.spec.geometry.zones.rows;
	struct rng *r = rng_new(v.sim->arena, 7, "geom/blocks");
	for (int i = 0; i < 1000000; i++) {
		uint64_t lbn = rng_below(r, g->sectors), back;
		struct geom_place at;
		geom_locate(g, lbn, &at);
		if (!geom_lbn_at(g, at.cylinder, at.head, at.sector, &back) || back != lbn)
			ck_abort_msg("block %" PRIu64 " does not come back", lbn);
		size_t k = (size_t)(at.zone - g->zones);
		uint32_t position = 0;
		while (head_at(&v.spec.geometry, &z[k], at.cylinder, position) != at.head)
			position++;
		if (!near_angle(geom_place_angle(g, &at), exact_angle(&v.spec.geometry, &z[k], at.cylinder, position, at.sector)))
			ck_abort_msg("block %" PRIu64 " has a wrong angle", lbn);
	}
	drive_close(&v);
}

START_TEST(a_million_blocks_of_the_atlas_come_back) { random_blocks_come_back("quantum-atlas-10k.yaml"); }
END_TEST
START_TEST(a_million_blocks_of_the_hp_come_back) { random_blocks_come_back("hp-c2247a.yaml"); }
END_TEST

/* The derived first LBN of each zone, and their sum: NAME.drive.txt of the validation data. */
static void zones_begin_where_the_drive_says(const char *file, const char *reference, uint64_t capacity,
	unsigned zones)
{
	struct drive v;
	char line[4096];
	unsigned seen = 0;
	drive_open(&v, file);
	ck_assert_uint_eq(v.dev->sectors, capacity);
	ck_assert_uint_eq(v.disk->unit[0].geom->zone_count, zones);
	FILE *f = reference_open(reference);
	while (f && fgets(line, sizeof(line), f)) {
		unsigned index;
		uint64_t first;
		if (sscanf(line, "zone = %u %" SCNu64, &index, &first) != 2)
			continue;
		ck_assert_uint_eq(v.disk->unit[0].geom->zones[index].first_lbn, first);
		seen++;
	}
	if (f) {
		ck_assert_uint_eq(seen, zones);
		fclose(f);
	}
	drive_close(&v);
}

START_TEST(the_atlas_has_its_capacity_and_zones)
{
	zones_begin_where_the_drive_says("quantum-atlas-10k.yaml", "validation/atlas10k.drive.txt", 17966953, 24);
}
END_TEST
START_TEST(the_hp_has_its_capacity_and_zones)
{
	zones_begin_where_the_drive_says("hp-c2247a.yaml", "validation/hp_c2247a.drive.txt", 2054864, 8);
}
END_TEST

/* 4,000,000 cylinders x 256 heads x 100,000 sectors: as much as the rows admit, 52 PB. */
START_TEST(the_largest_drive_keeps_all_its_digits)
{
	struct drive v;
	struct geom_place at;
	uint64_t back;
	drive_open(&v, "disk0:\n" REST "  geometry:\n    heads: 256\n    cylinders: 4000000\n    zones:\n"
		"      - {first_cylinder: 0, last_cylinder: 3999999, sectors_per_track: 100000, track_skew: 99999.999,"
		" cylinder_skew: 99999.999}\n");
	uint64_t last = UINT64_C(4000000) * 256 * 100000 - 1;
	ck_assert_uint_eq(v.dev->sectors, last + 1);
	geom_locate(v.disk->unit[0].geom, last, &at);
	ck_assert_uint_eq(at.cylinder, 3999999);
	ck_assert_uint_eq(at.head, 255);
	ck_assert_uint_eq(at.sector, 99999);
	ck_assert(geom_lbn_at(v.disk->unit[0].geom, at.cylinder, at.head, at.sector, &back));
	ck_assert_uint_eq(back, last);
	ck_assert(near_angle(geom_place_angle(v.disk->unit[0].geom, &at),
		exact_angle(&v.spec.geometry, v.spec.geometry.zones.rows, at.cylinder, at.head, at.sector)));
	drive_close(&v);
}
END_TEST

/* ---- what cannot be ---------------------------------------------------------------------- */

static const struct {
	const char *zones, *says;
} impossible[] = {
	{"[{first_cylinder: 0, last_cylinder: 4, sectors_per_track: 9}, {first_cylinder: 4, last_cylinder: 8, sectors_per_track: 9}]",
	 "overlaps zones[0]"},
	{"[{first_cylinder: 0, last_cylinder: 4, sectors_per_track: 0}]", "sectors_per_track"},
	{"[{first_cylinder: 4, last_cylinder: 3, sectors_per_track: 9}]", "before its first"},
	{"[{first_cylinder: 0, last_cylinder: 10, sectors_per_track: 9}]", "has only 10 cylinders"},
	{"[{first_cylinder: -1, last_cylinder: 4, sectors_per_track: 9}]", "first_cylinder"},
	{"[]", "at least one zone"},
	{"[{first_cylinder: 0, last_cylinder: 4, sectors_per_track: 9, slips: [1, 2], spares: 1}]",
	 "more than the 1 that are reserved or spare"},
	{"[{first_cylinder: 0, last_cylinder: 0, sectors_per_track: 9, slips: [18], spares: 2}]", "want a place inside the zone, 0 to 17"},
	{"[{first_cylinder: 0, last_cylinder: 0, sectors_per_track: 9, slips: [-1], spares: 2}]", "want a place inside the zone"},
	{"[{first_cylinder: 0, last_cylinder: 0, sectors_per_track: 9, spares: 18}]", "holds no block"},
	{"[{first_cylinder: 0, last_cylinder: 0, sectors_per_track: 9, reserved_sectors: 1000}]", "holds no block"},
};

START_TEST(an_impossible_geometry_is_refused_in_a_sentence)
{
	char set[512];
	snprintf(set, sizeof(set), "disk0.geometry.zones=%s", impossible[_i].zones);
	drive_refused("disk0:\n" REST "  geometry: {heads: 2, cylinders: 10}\n", (const char *const[]){set, NULL},
		impossible[_i].says);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("geom");
	TCase *t = tcase_create("geom");
	tcase_add_loop_test(t, every_block_is_where_a_walk_over_the_places_finds_it, 0, 3);
	tcase_add_loop_test(t, slipped_tracks_hold_no_block_even_where_they_meet_the_reserved_front, 0, 3);
	tcase_add_loop_test(t, random_geometries_agree_with_the_walk, 0, 10);
	tcase_add_test(t, a_million_blocks_of_the_atlas_come_back);
	tcase_add_test(t, a_million_blocks_of_the_hp_come_back);
	tcase_add_test(t, the_atlas_has_its_capacity_and_zones);
	tcase_add_test(t, the_hp_has_its_capacity_and_zones);
	tcase_add_test(t, the_largest_drive_keeps_all_its_digits);
	tcase_add_loop_test(t, an_impossible_geometry_is_refused_in_a_sentence, 0,
		(int)(sizeof(impossible) / sizeof(impossible[0])));
	tcase_set_timeout(t, 60);
	suite_add_tcase(s, t);
	return run_suite(s);
}
