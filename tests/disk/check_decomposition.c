/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Access = seek + rotation + transfer, recomputed for every request by an oracle of its own:
 * from the drive's figures, the time the command began and where the arm was left, and from
 * nothing the disk says. It shares no code with src/disk/: places are found by walking over
 * the platter, angles are exact fractions of a turn, times exact fractions of a picosecond.
 *
 * With p/q of a turn between the place and the angle at time 0, a place passes the head at
 * x = (n + p/q) T for whole n, T = 60e15 / millirpm ps. The disk's rule: a head that is
 * ready at t meets the first x > t - 1 ps, and every time is rounded up to a whole ps.
 * Everything is to be equal to the picosecond.
 */
#include "disk/disk_fixture.h"

#include <inttypes.h>

#define HEADS 3
#define ZONES 3
#define MILLIRPM 7200123
#define MINUTE_PS ((int128)60000000000000000) /* in ps x milli: 60e12 ps x 1000 */

static const char drive_text[] =
	"disk0:\n"
	"  rpm: 7200.123 rpm\n"
	"  queue_depth: 8\n"
	"  geometry:\n"
	"    heads: 3\n"
	"    cylinders: 60\n"
	"    zones:\n"
	"      - {first_cylinder: 0, last_cylinder: 19, sectors_per_track: 61, offset: 3.25, track_skew: 7.5, cylinder_skew: 11, slips: [5, 200, 201], spares: 5}\n"
	"      - {first_cylinder: 20, last_cylinder: 44, sectors_per_track: 53, offset: 40.125, track_skew: 6, cylinder_skew: 9.75, reserved_sectors: 10, spares: 7}\n"
	"      - {first_cylinder: 45, last_cylinder: 59, sectors_per_track: 37, track_skew: 5, cylinder_skew: 8, slips: [0], spares: 1}\n"
	"  seek: {table: [[1, 1.0 ms], [3, 1.5 ms], [13, 3.0 ms], [59, 7.6 ms]]}\n"
	"  head_switch: 0.7 ms\n"
	"  write_settle: 0.2 ms\n"
	"  overhead: {read_miss_after_read: 0.11 ms, read_miss_after_write: 0.12 ms, write_miss_after_read: 0.13 ms,\n"
	"             write_miss_after_write: 0.14 ms, read_completion: 0.01 ms, write_completion: 0.02 ms}\n"
	"  cache: {enabled: false}\n";

/* The same figures again, as the oracle knows them. */
static const struct {
	int first, last, spt;
	int offset, track_skew, cylinder_skew; /* thousandths of a sector */
	int reserved, spares;
	int slips[4]; /* ended by -1 */
} zones[ZONES] = {
	{0, 19, 61, 3250, 7500, 11000, 0, 5, {5, 200, 201, -1}},
	{20, 44, 53, 40125, 6000, 9750, 10, 7, {-1}},
	{45, 59, 37, 0, 5000, 8000, 0, 1, {0, -1}},
};
static const struct {
	int cylinders;
	time_ps ps;
} seek_points[] = {{1, 1000000000}, {3, 1500000000}, {13, 3000000000}, {59, 7600000000}};

/* ---- the oracle's platter ------------------------------------------------------------------ */

struct place {
	int cylinder, head, sector, zone;
	int switches, steps; /* head and cylinder changes from the zone's first track to it */
};

static struct place places[20000];
static unsigned blocks;

static bool slipped(int zone, int index)
{
	for (const int *s = zones[zone].slips; *s >= 0; s++)
		if (*s == index)
			return true;
	return false;
}

/* Walk over the platter in LBN order; the order of heads turns in every other cylinder of a zone
 * when `serpentine`. */
static void walk(bool serpentine)
{
	blocks = 0;
	for (int z = 0; z < ZONES; z++) {
		unsigned first = blocks;
		int cylinders = zones[z].last - zones[z].first + 1, index = 0;
		int room = cylinders * HEADS * zones[z].spt - zones[z].reserved - zones[z].spares;
		for (int c = 0; c < cylinders; c++)
			for (int i = 0; i < HEADS; i++)
				for (int s = 0; s < zones[z].spt; s++, index++)
					if (index >= zones[z].reserved && !slipped(z, index) && blocks < first + (unsigned)room)
						places[blocks++] = (struct place){zones[z].first + c,
							serpentine && c % 2 ? HEADS - 1 - i : i, s, z, c * (HEADS - 1) + i, c};
	}
}

static time_ps oracle_seek(int from, int to)
{
	int d = abs(from - to);
	if (d == 0)
		return 0;
	unsigned i = 0;
	while (i < 2 && seek_points[i + 1].cylinders < d)
		i++;
	time_ps rise = seek_points[i + 1].ps - seek_points[i].ps;
	int run = seek_points[i + 1].cylinders - seek_points[i].cylinders;
	return seek_points[i].ps + rise * (d - seek_points[i].cylinders) / run; /* whole for these figures */
}

/* The place's angle in units of 1 / (1000 spt) of a turn, not reduced. */
static int128 angle_of(const struct place *p)
{
	return (int128)zones[p->zone].offset + (int128)p->switches * zones[p->zone].track_skew +
	       (int128)p->steps * zones[p->zone].cylinder_skew + (int128)p->sector * 1000;
}

static time_ps ceil_time(int128 turns, int128 unit)
{
	int128 over = turns * MINUTE_PS, under = unit * MILLIRPM;
	return (time_ps)((over + under - 1) / under);
}

struct expected {
	time_ps media, seek, rotation, transfer, done;
};

struct arm {
	int cylinder, head;
	bool wrote;
};

/* One track's part of a request, [lbn, end), the head free at t. Returns when it is over. */
static time_ps oracle_run(struct arm *a, unsigned lbn, unsigned end, time_ps t, bool write, struct expected *x)
{
	const struct place *first = &places[lbn], *last = &places[end - 1];
	time_ps move = oracle_seek(a->cylinder, first->cylinder);
	if (a->head != first->head && move < 700000000)
		move = 700000000;
	if (write && move > 0)
		move += 200000000;
	time_ps ready = t + move;
	int128 unit = (int128)1000 * zones[first->zone].spt;
	int128 from = angle_of(first) % unit;
	/* turns before the time ready - 1 ps, then the first one whose passing is after it */
	int128 n = (int128)(ready - 1) * MILLIRPM / MINUTE_PS - 1;
	while ((from + n * unit) * MINUTE_PS <= (int128)(ready - 1) * unit * MILLIRPM)
		n++;
	time_ps begin = time_max(ceil_time(from + n * unit, unit), ready);
	time_ps over = ceil_time(from + n * unit + (last->sector + 1 - first->sector) * 1000, unit);
	if (x->media < 0)
		x->media = begin;
	x->seek += move;
	x->rotation += begin - ready;
	x->transfer += over - begin;
	a->cylinder = first->cylinder;
	a->head = first->head;
	return over;
}

static struct expected oracle(struct arm *a, const struct blk_req *r)
{
	static const time_ps overhead[2][2] = {{110000000, 120000000}, {130000000, 140000000}};
	bool write = r->op == BLK_WRITE;
	struct expected x = {.media = -1};
	time_ps t = r->start_ps + overhead[write][a->wrote];
	unsigned lbn = (unsigned)r->lba, last = lbn + r->sectors;
	while (lbn < last) {
		unsigned end = lbn + 1;
		while (end < last && places[end].cylinder == places[lbn].cylinder && places[end].head == places[lbn].head &&
		       places[end].zone == places[lbn].zone)
			end++;
		t = oracle_run(a, lbn, end, t, write, &x);
		lbn = end;
	}
	x.done = t + (write ? 20000000 : 10000000);
	a->wrote = write;
	return x;
}

/* ---- the load ------------------------------------------------------------------------------- */

#define REQUESTS 20000
#define DEPTH 5

struct load {
	struct drive v;
	struct rng *rng;
	struct blk_req req[DEPTH];
	struct blk_req done[REQUESTS]; /* in order of service, since the drive does one at a time */
	unsigned submitted, completed;
};

static void draw(struct load *l, struct blk_req *r, blk_done_fn *done)
{
	*r = (struct blk_req){.done = done, .owner = l, .op = rng_below(l->rng, 3) ? BLK_READ : BLK_WRITE};
	r->sectors = rng_below(l->rng, 8) ? 1 + (uint32_t)rng_below(l->rng, 16) : 1 + (uint32_t)rng_below(l->rng, 400);
	r->lba = rng_below(l->rng, blocks - r->sectors + 1);
	if (l->completed > 0 && rng_below(l->rng, 4) == 0) { /* where the last one ended: skews matter */
		const struct blk_req *b = &l->done[l->completed - 1];
		if (b->lba + b->sectors + r->sectors <= blocks)
			r->lba = b->lba + b->sectors;
	}
	l->submitted++;
}

static void load_done(struct sim *s, struct blk_req *r)
{
	struct load *l = r->owner;
	(void)s;
	ck_assert_int_eq(r->status, BLK_OK);
	l->done[l->completed++] = *r;
	if (l->submitted < REQUESTS) {
		draw(l, r, load_done);
		blk_submit(l->v.dev, r);
	}
}

static bool differs(const struct blk_req *r, const struct expected *x)
{
	return r->media_ps != x->media || r->seek_ps != x->seek || r->rotation_ps != x->rotation ||
	       r->transfer_ps != x->transfer || r->done_ps != x->done;
}

/* Run the load on the drive with these settings; how many requests differ from the oracle. */
static unsigned mismatches(const char *const *sets, bool serpentine)
{
	struct load *l = calloc(1, sizeof(*l));
	struct arm arm = {0, 0, false};
	unsigned wrong = 0;
	walk(serpentine);
	drive_open_with(&l->v, drive_text, sets);
	ck_assert_uint_eq(l->v.dev->sectors, blocks);
	l->rng = rng_new(l->v.sim->arena, 7, "disk/decomposition");
	for (unsigned i = 0; i < DEPTH; i++) {
		draw(l, &l->req[i], load_done);
		blk_submit(l->v.dev, &l->req[i]);
	}
	ck_assert_int_eq(sim_run(l->v.sim), 0);
	ck_assert_uint_eq(l->completed, REQUESTS);
	for (unsigned i = 0; i < REQUESTS; i++) {
		struct expected x = oracle(&arm, &l->done[i]);
		wrong += differs(&l->done[i], &x);
	}
	drive_close(&l->v);
	free(l);
	return wrong;
}

START_TEST(every_request_is_seek_rotation_and_transfer_to_the_picosecond)
{
	static const struct {
		const char *sets[3];
		bool serpentine;
	} cases[] = {
		{{NULL}, false},
		{{"disk0.geometry.lbn_order=serpentine-zone", NULL}, true},
		{{"disk0.scheduler=sptf", NULL}, false},
		{{"disk0.scheduler=c-look", "disk0.geometry.lbn_order=serpentine-zone", NULL}, true},
	};
	ck_assert_uint_eq(mismatches(cases[_i].sets, cases[_i].serpentine), 0);
}
END_TEST

/* The oracle keeps its figures: a drive that is off by the least there is must be told. */
START_TEST(a_picosecond_more_anywhere_is_noticed)
{
	static const char *const off[][2] = {
		{"disk0.head_switch=700000001 ps", NULL},
		{"disk0.write_settle=200000001 ps", NULL},
		{"disk0.overhead.read_miss_after_write=120000001 ps", NULL},
		{"disk0.overhead.write_completion=20000001 ps", NULL},
		{"disk0.seek.table=[[1, 1.000000001 ms], [3, 1.5 ms], [13, 3.0 ms], [59, 7.6 ms]]", NULL},
		{"disk0.rpm=7200.124 rpm", NULL},
		{"disk0.start_angle=0.0000000001 turn", NULL},
	};
	ck_assert_uint_gt(mismatches(off[_i], false), 10);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("disk/decomposition");
	TCase *t = tcase_create("decomposition");
	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, every_request_is_seek_rotation_and_transfer_to_the_picosecond, 0, 4);
	tcase_add_loop_test(t, a_picosecond_more_anywhere_is_noticed, 0, 7);
	suite_add_tcase(s, t);
	return run_suite(s);
}
