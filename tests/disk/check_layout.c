/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Track orders worked out by hand, maps, slices for actuators of their own, and the capacities of the
 * drives of the validation set. Every block of many small drives: check_geom.c.
 */
#include "disk/geom_oracle.h"

/* ---- orders ------------------------------------------------------------------------------ */

/* One sector a track, so that LBN n lies on the n-th track: "cylinder.head" of each, in LBN order. */
static void check_order(const char *text, const char *want)
{
	struct geometry y;
	geometry_open(&y, text);
	uint64_t lbn = 0;
	for (const char *at = want; *at; lbn++) {
		unsigned cylinder, head;
		int used;
		ck_assert_int_eq(sscanf(at, "%u.%u %n", &cylinder, &head, &used), 2);
		at += used;
		struct geom_place p;
		ck_assert_uint_lt(lbn, y.geom->sectors);
		geom_locate(y.geom, lbn, &p);
		ck_assert_msg(p.cylinder == cylinder && p.head == head, "%s\nLBN %" PRIu64 " lies at %u.%u, not at %u.%u", text,
			lbn, p.cylinder, p.head, cylinder, head);
	}
	ck_assert_uint_eq(y.geom->sectors, lbn);
	geometry_close(&y);
}

#define ONE_ZONE(heads, last) "heads: " heads "\ncylinders: 9\nzones: [{first_cylinder: 0, last_cylinder: " last ", sectors_per_track: 1}]\n"
#define TWO_ZONES "heads: 2\ncylinders: 9\nzones:\n" \
	"  - {first_cylinder: 0, last_cylinder: 1, sectors_per_track: 1}\n" \
	"  - {first_cylinder: 3, last_cylinder: 5, unused_cylinders_before: 1, sectors_per_track: 1}\n"

static const struct {
	const char *text, *order;
} worked[] = {
	{ONE_ZONE("2", "2"), "0.0 0.1 1.0 1.1 2.0 2.1"},
	{ONE_ZONE("2", "2") "lbn_order: serpentine-zone", "0.0 0.1 1.1 1.0 2.0 2.1"},
	{TWO_ZONES "lbn_order: serpentine-zone", "0.0 0.1 1.1 1.0 3.0 3.1 4.1 4.0 5.0 5.1"},
	{TWO_ZONES "lbn_order: serpentine", "0.0 0.1 1.1 1.0 3.1 3.0 4.0 4.1 5.1 5.0"},
	{TWO_ZONES "lbn_order: surface-serpentine", "0.0 1.0 1.1 0.1 3.0 4.0 5.0 5.1 4.1 3.1"},
	/* groups of two cylinders; the surfaces change their order, the last group has one cylinder */
	{ONE_ZONE("3", "4") "lbn_order: surface-serpentine\nsurface_cylinders: 2",
	 "0.0 1.0 1.1 0.1 0.2 1.2 2.2 3.2 3.1 2.1 2.0 3.0 4.0 4.1 4.2"},
	{ONE_ZONE("2", "2") "lbn_order: map\nmap: [{first_cylinder: 0, last_cylinder: 2, heads: [1, 0], direction: outward, serpentine: true}]",
	 "2.1 2.0 1.0 1.1 0.1 0.0"},
	{ONE_ZONE("2", "2") "lbn_order: map\nmap: [{first_cylinder: 0, last_cylinder: 2, order: surface}]", "0.0 1.0 2.0 0.1 1.1 2.1"},
	{ONE_ZONE("2", "2") "lbn_order: map\nmap: [{first_cylinder: 0, last_cylinder: 2, order: surface, direction: outward, serpentine: true}]",
	 "2.0 1.0 0.0 0.1 1.1 2.1"},
	/* in through both zones on one surface, out on the other */
	{TWO_ZONES "lbn_order: map\nmap:\n"
	 "  - {first_cylinder: 0, last_cylinder: 1, heads: [0], order: surface}\n"
	 "  - {first_cylinder: 3, last_cylinder: 5, heads: [0], order: surface}\n"
	 "  - {first_cylinder: 3, last_cylinder: 5, heads: [1], order: surface, direction: outward}\n"
	 "  - {first_cylinder: 0, last_cylinder: 1, heads: [1], order: surface, direction: outward}\n",
	 "0.0 1.0 3.0 4.0 5.0 5.1 4.1 3.1 1.1 0.1"},
	/* the same in one row, where no cylinder is left out between the zones */
	{"heads: 2\ncylinders: 9\nlbn_order: map\nmap: [{first_cylinder: 0, last_cylinder: 3, order: surface, serpentine: true}]\nzones:\n"
	 "  - {first_cylinder: 0, last_cylinder: 1, sectors_per_track: 1}\n"
	 "  - {first_cylinder: 2, last_cylinder: 3, sectors_per_track: 1}\n", "0.0 1.0 2.0 3.0 3.1 2.1 1.1 0.1"},
	{ONE_ZONE("2", "2") "lbn_order: map\nmap_partial: true\nmap: [{first_cylinder: 1, last_cylinder: 2, heads: [1]}]", "1.1 2.1"},
};

START_TEST(an_order_worked_by_hand_comes_out) { check_order(worked[_i].text, worked[_i].order); }
END_TEST

/* Ten sectors a track, track skew 3, cylinder skew 4.5: 10 turns of 1/10, the offset 1 sector. */
START_TEST(skews_add_up_over_head_and_cylinder_switches)
{
	static const struct {
		const char *order;
		double sectors[6]; /* where the tracks begin, in LBN order */
	} known[] = {
		/* 0.0 0.1 1.0 1.1 2.0 2.1 */
		{"ascending", {1, 4, 8.5, 11.5, 16, 19}},
		/* 0.0 0.1 1.1 1.0: a cylinder switch costs the same whichever head it ends on */
		{"serpentine-zone", {1, 4, 8.5, 11.5, 16, 19}},
		/* 0.0 1.0 2.0 2.1 1.1 0.1 */
		{"surface-serpentine", {1, 5.5, 10, 13, 17.5, 22}},
		/* 0.0 1.0 2.0 0.1 1.1 2.1 */
		{"map\nmap: [{first_cylinder: 0, last_cylinder: 2, order: surface}]", {1, 5.5, 10, 14.5, 19, 23.5}},
		/* 2.1 2.0 | 0.0 1.0 | 1.1 0.1: from row to row too */
		{"map\nmap: [{first_cylinder: 2, last_cylinder: 2, heads: [1, 0]}, {first_cylinder: 0, last_cylinder: 1, order: surface, serpentine: true}]",
		 {1, 4, 8.5, 13, 16, 20.5}},
	};
	char text[512];
	struct geometry y;
	snprintf(text, sizeof(text), "heads: 2\ncylinders: 3\nlbn_order: %s\nzones: [{first_cylinder: 0, last_cylinder: 2, "
		"sectors_per_track: 10, offset: 1, track_skew: 3, cylinder_skew: 4.5}]\n", known[_i].order);
	geometry_open(&y, text);
	for (unsigned t = 0; t < 6; t++) {
		struct geom_place p;
		geom_locate(y.geom, 10 * t, &p);
		/* tenths of a turn, and halves of them, are whole units */
		uint64_t want = (uint64_t)(known[_i].sectors[t] * 2) * (ANGLE_TURN / 20) % ANGLE_TURN;
		ck_assert_uint_eq(geom_place_angle(y.geom, &p), want);
	}
	geometry_close(&y);
}
END_TEST

/* A map with zones of different tracks, slips and spares, against the model. */
START_TEST(a_map_may_cut_zones_and_leave_tracks_out)
{
	static const char *const texts[] = {
		"heads: 3\ncylinders: 12\nlbn_order: map\nmap: [{first_cylinder: 0, last_cylinder: 9, order: surface, serpentine: true, heads: [2, 0, 1]}]\n"
		"zones:\n  - {first_cylinder: 0, last_cylinder: 2, sectors_per_track: 9, track_skew: 2, cylinder_skew: 3, spares: 5, slips: [1, 26, 27, 53], reserved_sectors: 30}\n"
		"  - {first_cylinder: 3, last_cylinder: 9, sectors_per_track: 7, track_skew: -2, cylinder_skew: 1.5, spares: 60, slips: [146], defects: [[0, 130], [7, 146]]}\n",
		"heads: 3\ncylinders: 12\nlbn_order: map\nmap_partial: true\nsparing: track\nmap:\n"
		"  - {first_cylinder: 7, last_cylinder: 9, heads: [1]}\n  - {first_cylinder: 0, last_cylinder: 5, heads: [0, 2], direction: outward, serpentine: true}\n"
		"zones:\n  - {first_cylinder: 0, last_cylinder: 2, sectors_per_track: 9, track_skew: 2, cylinder_skew: 3, spares: 1, slips: [1, 26, 27]}\n"
		"  - {first_cylinder: 3, last_cylinder: 9, sectors_per_track: 7, track_skew: -2, spares: 2, slips: [3], defects: [[0, 6]]}\n",
	};
	if (_i == 0) { /* the slip takes the spare of the second defect */
		struct geometry y;
		struct err e = {0};
		ck_assert_int_eq(geometry_try(&y, texts[0], NULL, &e), -1);
		ck_assert(strstr(e.msg, "zones[1].defects[1]: place 146 is not a free spare") != NULL);
		geometry_close(&y);
		return;
	}
	check_geometry(texts[_i]);
}
END_TEST

#define MAP(rows) ONE_ZONE("2", "2") "lbn_order: map\nmap: [" rows "]"
static const struct {
	const char *text, *says;
} wrong[] = {
	{MAP("{first_cylinder: 0, last_cylinder: 1}"), "test.yaml:5:1: geometry.map: the map leaves cylinders 2 to 2 of head 0 unused"},
	{MAP("{first_cylinder: 0, last_cylinder: 2}, {first_cylinder: 1, last_cylinder: 1, heads: [1]}"),
		"the map uses cylinder 1 of head 1 twice"},
	{MAP("{first_cylinder: 0, last_cylinder: 2, heads: [0]}"), "cylinders 0 to 2 of head 1 unused"},
	{MAP("{first_cylinder: 0, last_cylinder: 2, heads: [0, 2]}"), "map[0] names head 2, but the disk has only 2 heads (0 to 1)"},
	{MAP("{first_cylinder: 0, last_cylinder: 2, heads: [0, 0]}"), "map[0] names head 0 twice"},
	{MAP("{first_cylinder: 2, last_cylinder: 1}"), "map[0] ends at cylinder 1, before its first"},
	{MAP("{first_cylinder: 0, last_cylinder: 3}"), "map[0] goes through cylinders that are in no zone"},
	{MAP(""), "wants at least one row"},
	{ONE_ZONE("2", "2") "map: [{first_cylinder: 0, last_cylinder: 2}]", "acts with lbn_order: map only"},
};

START_TEST(a_wrong_map_is_refused_in_a_sentence)
{
	struct geometry y;
	struct err e = {0};
	ck_assert_int_eq(geometry_try(&y, wrong[_i].text, NULL, &e), -1);
	ck_assert_int_eq(e.code, ERR_CONFIG);
	ck_assert_msg(strstr(e.msg, wrong[_i].says) != NULL, "\"%s\" does not say \"%s\"", e.msg, wrong[_i].says);
	geometry_close(&y);
}
END_TEST

/* ---- slices ------------------------------------------------------------------------------ */

/* The slice of one drive is laid out as another drive is, with its heads counted from `head` and its LBNs
 * from `first`. */
static void check_slice(const char *whole, const struct geom_slice *slice, const char *alone)
{
	struct geometry y, z;
	struct model m;
	struct err e = {0};
	ck_assert_msg(geometry_try(&y, whole, slice, &e) == 0, "%s", e.msg);
	geometry_open(&z, alone);
	model_make(&m, &z.spec);
	ck_assert_uint_eq(y.geom->sectors, m.sectors);
	ck_assert_uint_eq(y.geom->first_lbn, slice->first_lbn);
	for (uint64_t lbn = 0; lbn < m.sectors; lbn++) {
		struct geom_place at, want;
		struct geom_track t, u;
		uint64_t back;
		geom_locate(y.geom, lbn + slice->first_lbn, &at);
		geom_locate(z.geom, lbn, &want);
		ck_assert_uint_eq(at.cylinder, want.cylinder);
		ck_assert_uint_eq(at.head, want.head + slice->first_head);
		ck_assert_uint_eq(at.sector, want.sector);
		ck_assert_uint_eq(geom_place_angle(y.geom, &at), geom_place_angle(z.geom, &want));
		ck_assert(geom_lbn_at(y.geom, at.cylinder, at.head, at.sector, &back));
		ck_assert_uint_eq(back, lbn + slice->first_lbn);
		geom_track_at(y.geom, &at, &t);
		geom_track_at(z.geom, &want, &u);
		ck_assert_uint_eq(t.first_lbn, u.first_lbn + slice->first_lbn);
		ck_assert_uint_eq(t.lbns, u.lbns);
	}
	check_against_model(z.geom, &m);
	model_free(&m);
	geometry_close(&y);
	geometry_close(&z);
}

/* 4 heads, 6 cylinders: places 40 a cylinder in the first zone, 28 in the second. */
#define SLICED "heads: 4\ncylinders: 6\nlbn_order: %s\nzones:\n" \
	"  - {first_cylinder: 0, last_cylinder: 3, sectors_per_track: 10, track_skew: 2, cylinder_skew: 3.5, reserved_sectors: 4, spares: 3, slips: [25, 77], defects: [[130, 159]]}\n" \
	"  - {first_cylinder: 4, last_cylinder: 5, sectors_per_track: 7, spares: 2, slips: [8]}\n"

START_TEST(a_slice_of_heads_is_a_disk_with_fewer_of_them)
{
	char whole[1024];
	snprintf(whole, sizeof(whole), SLICED, "ascending");
	/* places 25 = cylinder 0, head 2, sector 5; 77 = 1.3.7; 130 = 3.1.0; 159 = 3.3.9; 4.1.1: with the
	 * defect's spare on another actuator, it cannot be */
	struct geometry y;
	struct err e = {0};
	ck_assert_int_eq(geometry_try(&y, whole, &(struct geom_slice){.first_head = 2, .heads = 2}, &e), -1);
	ck_assert(strstr(e.msg, "another actuator") != NULL);
	geometry_close(&y);
	/* 150 = 3.3.0 instead of 130; counted among two heads of 20 places a cylinder: 5, 37, and 70 -> 79 */
	char *at = strstr(whole, "130");
	memcpy(at, "150", 3);
	check_slice(whole, &(struct geom_slice){.first_head = 2, .heads = 2, .first_lbn = 1000}, "heads: 2\ncylinders: 6\nzones:\n"
		"  - {first_cylinder: 0, last_cylinder: 3, sectors_per_track: 10, track_skew: 2, cylinder_skew: 3.5, reserved_sectors: 4, spares: 3, slips: [5, 37], defects: [[70, 79]]}\n"
		"  - {first_cylinder: 4, last_cylinder: 5, sectors_per_track: 7, spares: 2}\n");
	check_slice(whole, &(struct geom_slice){.first_head = 0, .heads = 2}, "heads: 2\ncylinders: 6\nzones:\n"
		"  - {first_cylinder: 0, last_cylinder: 3, sectors_per_track: 10, track_skew: 2, cylinder_skew: 3.5, reserved_sectors: 4, spares: 3}\n"
		"  - {first_cylinder: 4, last_cylinder: 5, sectors_per_track: 7, spares: 2, slips: [8]}\n");
}
END_TEST

/* Serpentine: 130 is the second track of cylinder 3, which turns: head 2; 77 is 1.(3 - 3).7. */
START_TEST(slips_go_with_their_tracks_in_a_serpentine_slice)
{
	char whole[1024];
	snprintf(whole, sizeof(whole), SLICED, "serpentine-zone");
	char *at = strstr(whole, "159");
	memcpy(at, "139", 3); /* spares are at the zone's end only: */
	struct geometry y;
	struct err e = {0};
	ck_assert_int_eq(geometry_try(&y, whole, NULL, &e), -1);
	ck_assert(strstr(e.msg, "place 139 is not a free spare") != NULL);
	geometry_close(&y);
	at = strstr(whole, "[[130, 139]]");
	memcpy(at, "[]          ", 12);
	/* 25 = 0.2.5, among heads 2 and 3 place 5; 77 = 1.0.7 lies in the other slice, in a cylinder that turns:
	 * there head 0 comes behind head 1, place 20 + 10 + 7 */
	check_slice(whole, &(struct geom_slice){.first_head = 2, .heads = 2},
		"heads: 2\ncylinders: 6\nlbn_order: serpentine-zone\nzones:\n"
		"  - {first_cylinder: 0, last_cylinder: 3, sectors_per_track: 10, track_skew: 2, cylinder_skew: 3.5, reserved_sectors: 4, spares: 3, slips: [5]}\n"
		"  - {first_cylinder: 4, last_cylinder: 5, sectors_per_track: 7, spares: 2}\n");
	check_slice(whole, &(struct geom_slice){.first_head = 0, .heads = 2},
		"heads: 2\ncylinders: 6\nlbn_order: serpentine-zone\nzones:\n"
		"  - {first_cylinder: 0, last_cylinder: 3, sectors_per_track: 10, track_skew: 2, cylinder_skew: 3.5, reserved_sectors: 4, spares: 3, slips: [37]}\n"
		"  - {first_cylinder: 4, last_cylinder: 5, sectors_per_track: 7, spares: 2, slips: [8]}\n");
}
END_TEST

START_TEST(a_slice_of_cylinders_has_what_lies_in_them)
{
	char whole[1024];
	snprintf(whole, sizeof(whole), SLICED, "ascending");
	check_slice(whole, &(struct geom_slice){.first_cylinder = 2, .cylinders = 4, .first_lbn = 77}, "heads: 4\ncylinders: 6\nzones:\n"
		"  - {first_cylinder: 2, last_cylinder: 3, unused_cylinders_before: 2, sectors_per_track: 10, track_skew: 2, cylinder_skew: 3.5, spares: 1, defects: [[50, 79]]}\n"
		"  - {first_cylinder: 4, last_cylinder: 5, sectors_per_track: 7, spares: 2, slips: [8]}\n");
	/* of the zone's 3 spares the slips in its first part use up 2 */
	check_slice(whole, &(struct geom_slice){.cylinders = 2}, "heads: 4\ncylinders: 6\nzones:\n"
		"  - {first_cylinder: 0, last_cylinder: 1, sectors_per_track: 10, track_skew: 2, cylinder_skew: 3.5, reserved_sectors: 4, spares: 2, slips: [25, 77]}\n");
	snprintf(whole, sizeof(whole), SLICED "sparing: track\n", "ascending");
	char *at = strstr(whole, "159");
	memcpy(at, "138", 3);
	check_slice(whole, &(struct geom_slice){.cylinders = 2}, "heads: 4\ncylinders: 6\nsparing: track\nzones:\n"
		"  - {first_cylinder: 0, last_cylinder: 1, sectors_per_track: 10, track_skew: 2, cylinder_skew: 3.5, reserved_sectors: 4, spares: 3, slips: [25, 77]}\n");
}
END_TEST

START_TEST(slices_that_cannot_be_are_refused)
{
	struct geometry y;
	struct err e = {0};
	ck_assert_int_eq(geometry_try(&y, MAP("{first_cylinder: 0, last_cylinder: 2}"), &(struct geom_slice){.heads = 1}, &e), -1);
	ck_assert(strstr(e.msg, "cannot have its LBN order in a map") != NULL);
	geometry_close(&y);
	err_clear(&e);
	ck_assert_int_eq(geometry_try(&y, ONE_ZONE("2", "2"), &(struct geom_slice){.first_cylinder = 3, .cylinders = 2}, &e), -1);
	ck_assert(strstr(e.msg, "cylinders 3 to 4 are to have an actuator of their own, but lie in no zone") != NULL);
	geometry_close(&y);
}
END_TEST

/* ---- the drives of the validation set ------------------------------------------------------ */

/* Slips, as the sheet lists them. */
static void add_slips(char *text, size_t bytes, unsigned zone, const char *list)
{
	char mark[16], slips[65536] = "";
	size_t n = 0;
	snprintf(mark, sizeof(mark), "@%u@", zone);
	for (const char *p = list; *p && *p != '\n'; p++)
		n += (size_t)snprintf(slips + n, sizeof(slips) - n, *p == ' ' ? ", " : "%c", *p);
	char *at = strstr(text, mark);
	ck_assert(at != NULL);
	char *rest = strdup(at + strlen(mark));
	snprintf(at, bytes - (size_t)(at - text), "%s%s", slips, rest);
	free(rest);
}

/* A sheet's geometry as config text; *sectors is its capacity and first[] the first LBNs of its zones. */
static unsigned read_sheet(FILE *f, char *text, size_t bytes, uint64_t *sectors, uint64_t *first)
{
	static const char *const orders[] = {"ascending", "serpentine-zone", "serpentine"};
	static const char *const schemes[] = {"none", "zone-tracks", "", "track", "", "", "", "disk", "range", "zone", ""};
	static char line[131072];
	unsigned zones = 0, code = 0;
	int64_t next = 0, n = 0;
	*text = '\0';
	for (unsigned v, z; fgets(line, sizeof(line), f);) {
		char *end = text + n;
		size_t room = bytes - (size_t)n;
		double x[10];
		if (sscanf(line, "heads = %u", &v) == 1)
			snprintf(end, room, "heads: %u\n", v);
		else if (sscanf(line, "cylinders = %u", &v) == 1)
			snprintf(end, room, "cylinders: %u\n", v);
		else if (sscanf(line, "lbn_order = %u", &v) == 1)
			snprintf(end, room, "lbn_order: %s\n", orders[v]);
		else if (sscanf(line, "sparing = %u", &code) == 1)
			snprintf(end, room, "sparing: %s\n", schemes[code]);
		else if (sscanf(line, "sparing_range_cylinders = %u", &v) == 1)
			snprintf(end, room, "sparing_range_cylinders: %u\n", v);
		else if (sscanf(line, "zone = %lf %lf %lf %lf %lf %lf %lf %lf %lf %lf", x, x + 1, x + 2, x + 3, x + 4, x + 5, x + 6,
			x + 7, x + 8, x + 9) == 10) {
			first[zones] = (uint64_t)x[1];
			snprintf(end, room, "%s  - {first_cylinder: %.0f, last_cylinder: %.0f, sectors_per_track: %.0f, offset: %g, "
				"reserved_sectors: %.0f, track_skew: %g, cylinder_skew: %g, spares: %.0f, unused_cylinders_before: %.0f, "
				"slips: [@%u@]}\n", zones ? "" : "zones:\n", x[2], x[3], x[4], x[5], x[6], x[7], x[8],
				code == 7 ? 0 : x[9], x[2] - (double)next, zones);
			next = (int64_t)x[3] + 1;
			zones++;
		} else if (sscanf(line, "slips.%u = ", &z) == 1) {
			add_slips(text, bytes, z, strchr(line, '=') + 2);
		} else {
			sscanf(line, "blocks_total = %" SCNu64, sectors);
		}
		n = (int64_t)strlen(text);
	}
	return zones;
}

static const char *const sheets[] = {"atlas10k", "atlas_III", "cheetah9LP", "dec_rz26", "hp_c2247a", "hp_c3323a"};

START_TEST(the_drives_of_the_validation_set_have_their_capacity_and_zones)
{
	static char text[262144];
	char name[64];
	uint64_t sectors = 0, first[64];
	struct geometry y;
	snprintf(name, sizeof(name), "validation/%s.drive.txt", sheets[_i]);
	FILE *f = reference_open(name);
	if (!f)
		return;
	unsigned zones = read_sheet(f, text, sizeof(text), &sectors, first);
	fclose(f);
	ck_assert_uint_gt(zones, 0);
	geometry_open(&y, text);
	ck_assert_uint_eq(y.geom->sectors, sectors);
	ck_assert_uint_eq(y.geom->zone_count, zones);
	for (unsigned i = 0; i < zones; i++)
		ck_assert_uint_eq(y.geom->zones[i].first_lbn, first[i]);
	struct rng *r = rng_new(y.arena, (uint64_t)_i, "layout/sheets");
	for (int i = 0; i < 200000; i++) {
		uint64_t lbn = rng_below(r, sectors), back;
		struct geom_place at;
		geom_locate(y.geom, lbn, &at);
		if (!geom_lbn_at(y.geom, at.cylinder, at.head, at.sector, &back) || back != lbn)
			ck_abort_msg("block %" PRIu64 " does not come back", lbn);
	}
	geometry_close(&y);
}
END_TEST

/* 58 sectors a track, one of them spare; 23,142 reserved blocks are 406 tracks of 57 (drive.txt of the RZ26). */
START_TEST(reserved_blocks_lie_between_spares_as_others_do)
{
	struct geometry y;
	struct geom_place at;
	geometry_open(&y, "heads: 14\ncylinders: 2599\nsparing: track\nzones: [{first_cylinder: 0, last_cylinder: 2598, "
		"sectors_per_track: 58, reserved_sectors: 23142, spares: 1}]\n");
	geom_locate(y.geom, 0, &at);
	ck_assert_uint_eq(at.cylinder, 29);
	ck_assert_uint_eq(at.head, 0);
	ck_assert_uint_eq(at.sector, 0);
	geom_locate(y.geom, 57, &at);
	ck_assert_uint_eq(at.head, 1);
	ck_assert_uint_eq(at.sector, 0);
	ck_assert_uint_eq(y.geom->sectors, 2050860);
	geometry_close(&y);
}
END_TEST

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

int main(void)
{
	Suite *s = suite_create("layout");
	TCase *t = tcase_create("layout");
	tcase_add_loop_test(t, an_order_worked_by_hand_comes_out, 0, COUNT(worked));
	tcase_add_loop_test(t, skews_add_up_over_head_and_cylinder_switches, 0, 5);
	tcase_add_loop_test(t, a_map_may_cut_zones_and_leave_tracks_out, 0, 2);
	tcase_add_loop_test(t, a_wrong_map_is_refused_in_a_sentence, 0, COUNT(wrong));
	tcase_add_test(t, a_slice_of_heads_is_a_disk_with_fewer_of_them);
	tcase_add_test(t, slips_go_with_their_tracks_in_a_serpentine_slice);
	tcase_add_test(t, a_slice_of_cylinders_has_what_lies_in_them);
	tcase_add_test(t, slices_that_cannot_be_are_refused);
	tcase_add_loop_test(t, the_drives_of_the_validation_set_have_their_capacity_and_zones, 0, COUNT(sheets));
	tcase_add_test(t, reserved_blocks_lie_between_spares_as_others_do);
	tcase_set_timeout(t, 60);
	suite_add_tcase(s, t);
	return run_suite(s);
}
