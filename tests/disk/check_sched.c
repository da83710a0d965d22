/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The drive's schedulers: what each must do, by sequences worked out by hand, and what all must. The
 * simulated service times on drive R against the Monte-Carlo table of the reference data are figures of
 * `make validate`.
 */
#include "disk/disk_fixture.h"

#include <inttypes.h>

#define MOST 64

/* A turn takes 10 ms, a sector 0.1 ms, a seek 1 ms and 0.02 ms a cylinder; cylinder c begins at LBN 200 c. */
static const char text[] =
	"disk0:\n"
	"  rpm: 6000 rpm\n"
	"  head_switch: 0.5 ms\n"
	"  write_settle: 0.3 ms\n"
	"  geometry: {heads: 2, cylinders: 200, zones: [{first_cylinder: 0, last_cylinder: 199, sectors_per_track: 100,\n"
	"             track_skew: 7, cylinder_skew: 13}]}\n"
	"  seek: {model: sqrt-linear, linear_base: 1 ms, linear_slope: 0.02 ms}\n";
#define SECTOR_PS (PS_PER_MS / 10)

static struct drive v;
static struct rng *rnd;
static struct mech *arm;
static struct disk_queue_spec figures;

/* What a policy knows beside the candidates. */
struct scene {
	uint64_t state[SCHED_STATE_BYTES / 8];
	time_ps now, read_at, write_at;
	uint64_t next_lbn;
	bool blind;        /* angles are not known */
	uint64_t buffered; /* LBNs below this are in the buffer */
	uint32_t travel;   /* of the arm, in cylinders */
};

static void open_drive(void)
{
	drive_open(&v, text);
	rnd = rng_new(v.sim->arena, 21, "sched");
	arm = &v.disk->unit[0].mech;
	figures = v.spec.queue;
}

static void close_drive(void) { drive_close(&v); }

static struct disk_candidate candidate(uint64_t lbn, uint64_t sequence, bool write)
{
	struct geom_place at;
	geom_locate(v.disk->unit[0].geom, lbn, &at);
	return (struct disk_candidate){.lbn = lbn, .sequence = sequence, .write = write, .cylinder = at.cylinder,
		.head = at.head, .sectors = 1, .transfer_ps = SECTOR_PS, .angle = geom_place_angle(v.disk->unit[0].geom, &at)};
}

static struct disk_candidate at_cylinder(uint32_t cylinder, uint64_t sequence)
{
	return candidate((uint64_t)cylinder * 200, sequence, false);
}

static bool is_buffered(const struct disk_view *w, const struct disk_candidate *c)
{
	const struct scene *s = w->buffered_ctx;
	return c->lbn < s->buffered;
}

static struct disk_view view(struct scene *s, const struct disk_candidate *c, uint32_t n)
{
	struct disk_view w = {.mech = arm, .cylinder = arm->cylinder, .head = arm->head, .now_ps = s->now,
		.begin_ps = {s->read_at, s->write_at}, .last_cylinder = 199, .knows_angle = !s->blind, .next_lbn = s->next_lbn, .queue = &figures,
		.state = s->state, .buffered = is_buffered, .buffered_ctx = s};
	for (uint32_t i = 1; i < n; i++)
		if (c[i].sequence < c[w.oldest].sequence)
			w.oldest = i;
	return w;
}

static const struct disk_sched *policy(const char *name)
{
	for (size_t i = 0; disk_scheds[i]; i++)
		if (!strcmp(disk_scheds[i]->name, name))
			return disk_scheds[i];
	ck_abort_msg("there is no scheduler %s", name);
}

static void move_arm(struct scene *s, uint32_t cylinder)
{
	s->travel += cylinder > arm->cylinder ? cylinder - arm->cylinder : arm->cylinder - cylinder;
	arm->cylinder = cylinder;
}

/* One choice; the arm goes there. Returns the cylinder. */
static uint32_t serve_one(const struct disk_sched *p, struct scene *s, struct disk_candidate *c, uint32_t *n)
{
	struct disk_view w = view(s, c, *n);
	uint32_t i = p->pick(&w, c, *n);
	ck_assert_uint_lt(i, *n);
	ck_assert_uint_le(w.via_count, MECH_VIAS);
	for (uint32_t k = 0; k < w.via_count; k++)
		move_arm(s, w.via[k]);
	uint32_t cylinder = c[i].cylinder;
	move_arm(s, cylinder);
	s->next_lbn = c[i].lbn + c[i].sectors;
	c[i] = c[--*n];
	return cylinder;
}

/* ---- sequences by cylinder ----------------------------------------------------------------------- */

/*
 * Silberschatz, Galvin & Gagne, "Operating system concepts", disk scheduling: the queue 98, 183, 37, 122,
 * 14, 124, 65, 67 on cylinders 0 to 199 with the head at 53. Where the book begins towards cylinder 0, the
 * same is done in the mirror, since sweeps begin upwards here.
 */
static void textbook(const char *name, bool mirror, const uint32_t *want, uint32_t travel)
{
	static const uint32_t queue[] = {98, 183, 37, 122, 14, 124, 65, 67};
	struct disk_candidate c[8];
	struct scene s = {0};
	uint32_t n = 8;
	for (unsigned i = 0; i < 8; i++)
		c[i] = at_cylinder(mirror ? 199 - queue[i] : queue[i], i);
	arm->cylinder = mirror ? 199 - 53 : 53;
	s.next_lbn = 200 * arm->cylinder;
	for (unsigned i = 0; i < 8; i++) {
		uint32_t got = serve_one(policy(name), &s, c, &n);
		ck_assert_uint_eq(mirror ? 199 - got : got, want[i]);
	}
	ck_assert_uint_eq(s.travel, travel);
}

START_TEST(fcfs_serves_in_order_of_arrival)
{
	textbook("fcfs", false, (const uint32_t[]){98, 183, 37, 122, 14, 124, 65, 67}, 640);
}
END_TEST

START_TEST(sstf_serves_the_nearest)
{
	textbook("sstf", false, (const uint32_t[]){65, 67, 37, 14, 98, 122, 124, 183}, 236);
}
END_TEST

START_TEST(sdf_serves_the_nearest_lbn)
{
	textbook("sdf", false, (const uint32_t[]){65, 67, 37, 14, 98, 122, 124, 183}, 236);
	struct scene s = {.next_lbn = 1000};
	struct disk_candidate c[] = {candidate(1010, 0, false), candidate(991, 1, false), candidate(1009, 2, false)};
	uint32_t n = 3;
	serve_one(policy("sdf"), &s, c, &n);
	ck_assert_uint_eq(s.next_lbn, 992); /* 9 apart like 1009, and older */
}
END_TEST

START_TEST(scan_goes_on_to_the_edge_before_it_turns)
{
	textbook("scan", true, (const uint32_t[]){37, 14, 65, 67, 98, 122, 124, 183}, 53 + 183);
	textbook("scan-lbn", true, (const uint32_t[]){37, 14, 65, 67, 98, 122, 124, 183}, 53 + 183);
}
END_TEST

START_TEST(look_turns_at_the_last)
{
	textbook("look", true, (const uint32_t[]){37, 14, 65, 67, 98, 122, 124, 183}, 39 + 169);
	textbook("look-lbn", true, (const uint32_t[]){37, 14, 65, 67, 98, 122, 124, 183}, 39 + 169);
}
END_TEST

START_TEST(c_scan_goes_to_the_edge_and_back_over_the_whole_stroke)
{
	textbook("c-scan", false, (const uint32_t[]){65, 67, 98, 122, 124, 183, 14, 37}, 146 + 199 + 37);
	textbook("c-scan-lbn", false, (const uint32_t[]){65, 67, 98, 122, 124, 183, 14, 37}, 146 + 199 + 37);
}
END_TEST

START_TEST(c_look_rises_and_comes_back_to_the_lowest)
{
	textbook("c-look", false, (const uint32_t[]){65, 67, 98, 122, 124, 183, 14, 37}, 130 + 169 + 23);
	textbook("c-look-lbn", false, (const uint32_t[]){65, 67, 98, 122, 124, 183, 14, 37}, 130 + 169 + 23);
}
END_TEST

/* Two commands in the arm's cylinder: by cylinder the older goes first, by LBN the one that lies ahead. */
START_TEST(policies_by_lbn_tell_apart_what_lies_in_one_cylinder)
{
	static const char *const names[][2] = {{"c-look", "c-look-lbn"}, {"look", "look-lbn"}, {"scan", "scan-lbn"},
		{"c-scan", "c-scan-lbn"}, {"sstf", "sdf"}};
	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct disk_candidate c[] = {candidate(53 * 200 + 10, 0, false), candidate(53 * 200 + 80, 1, false)};
		struct scene s = {.next_lbn = 53 * 200 + 50};
		arm->cylinder = 53;
		struct disk_view w = view(&s, c, 2);
		ck_assert_uint_eq(policy(names[i][0])->pick(&w, c, 2), 0);
		ck_assert_uint_eq(policy(names[i][1])->pick(&w, c, 2), 1);
	}
}
END_TEST

START_TEST(c_look_takes_the_arms_own_cylinder_first_and_the_older_of_two)
{
	struct scene s = {0};
	arm->cylinder = 53;
	struct disk_candidate c[] = {candidate(54 * 200, 0, false), candidate(53 * 200, 9, false), candidate(53 * 200 + 5, 4, true)};
	struct disk_view w = view(&s, c, 3);
	ck_assert_uint_eq(policy("c-look")->pick(&w, c, 3), 2);
}
END_TEST

/* From 53, upwards: a command below the arm is charged R = 0.2 of 200 cylinders more (Geist & Daniel 1987).
 * 65 costs 12, 45 costs 8 + 40; from 65 then 45 costs 20 + 40, 150 costs 85. */
START_TEST(vscan_lies_between_sstf_and_look)
{
	static const struct {
		const char *name;
		uint32_t want[3];
	} rows[] = {{"vscan", {65, 45, 150}}, {"sstf", {45, 65, 150}}, {"look", {65, 150, 45}}};
	for (unsigned k = 0; k < 3; k++) {
		struct disk_candidate c[] = {at_cylinder(150, 0), at_cylinder(45, 1), at_cylinder(65, 2)};
		struct scene s = {0};
		uint32_t n = 3;
		arm->cylinder = 53;
		for (unsigned i = 0; i < 3; i++)
			ck_assert_uint_eq(serve_one(policy(rows[k].name), &s, c, &n), rows[k].want[i]);
	}
}
END_TEST

/* On the way down what lies above is charged: 60 costs 15 + 40, 10 costs 35. */
START_TEST(vscan_charges_a_turn_either_way)
{
	struct disk_candidate c[3] = {at_cylinder(45, 0)};
	struct scene s = {0};
	uint32_t n = 1;
	arm->cylinder = 53;
	ck_assert_uint_eq(serve_one(policy("vscan"), &s, c, &n), 45);
	c[n++] = at_cylinder(60, 1);
	c[n++] = at_cylinder(10, 2);
	ck_assert_uint_eq(serve_one(policy("vscan"), &s, c, &n), 10);
}
END_TEST

static uint32_t random_queue(struct disk_candidate *c);

/* Geist & Daniel: V(0) is SSTF, V(1) is (what is called LOOK here) SCAN. */
START_TEST(vscan_is_sstf_without_bias_and_look_with_all_of_it)
{
	static const char *const like[] = {"sstf", "look"};
	for (int i = 0; i < 400; i++) {
		struct disk_candidate c[2][MOST];
		struct scene s[2] = {{.now = 0}, {.now = 0}};
		uint32_t n[2], from;
		n[0] = n[1] = random_queue(c[0]);
		memcpy(c[1], c[0], sizeof(c[0]));
		figures.scan_bias = i % 2;
		from = arm->cylinder;
		uint32_t at[2] = {from, from};
		while (n[0] > 0)
			for (int k = 0; k < 2; k++) {
				arm->cylinder = at[k];
				at[k] = serve_one(policy(k ? like[i % 2] : "vscan"), &s[k], c[k], &n[k]);
				if (k)
					ck_assert_uint_eq(at[0], at[1]);
			}
	}
}
END_TEST

/* ---- batches --------------------------------------------------------------------------------------- */

/* The queue of the textbook, three at a time: 98 183 37, then 14 (on the way down) 122 124, then 67 65. */
START_TEST(n_step_scan_sweeps_over_the_oldest_few)
{
	figures.step_commands = 3;
	textbook("n-step-scan", false, (const uint32_t[]){98, 183, 37, 14, 122, 124, 67, 65},
		45 + 85 + 146 + 23 + 108 + 2 + 57 + 2);
}
END_TEST

/* 100 and 60 come in when the sweep over 98 and 183 is under way. LOOK takes 100 on its way. */
START_TEST(f_scan_keeps_late_comers_for_the_next_sweep)
{
	static const uint32_t want[2][4] = {{98, 183, 100, 60}, {98, 100, 183, 60}};
	for (int k = 0; k < 2; k++) {
		const struct disk_sched *p = policy(k ? "look" : "f-scan");
		struct disk_candidate c[4] = {at_cylinder(98, 0), at_cylinder(183, 1)};
		struct scene s = {0};
		uint32_t n = 2;
		arm->cylinder = 53;
		ck_assert_uint_eq(serve_one(p, &s, c, &n), want[k][0]);
		c[n++] = at_cylinder(100, 2);
		c[n++] = at_cylinder(60, 3);
		for (unsigned i = 1; i < 4; i++)
			ck_assert_uint_eq(serve_one(p, &s, c, &n), want[k][i]);
	}
}
END_TEST

/* The candidate that stands `sectors` after the angle under the head at time 0. */
static struct disk_candidate ahead_of_head(uint32_t cylinder, unsigned sectors, uint64_t sequence)
{
	struct disk_candidate c = at_cylinder(cylinder, sequence);
	c.head = arm->head;
	c.angle = (mech_angle(arm, 0) + sectors * (ANGLE_TURN / 100)) % ANGLE_TURN;
	return c;
}

/* Two wait, of 3 and 9 ms; one of 2 ms comes in when the batch has begun. */
START_TEST(batch_keeps_late_comers_out_where_sptf_takes_them)
{
	static const uint64_t want[2][3] = {{0, 1, 2}, {0, 2, 1}};
	for (int k = 0; k < 2; k++) {
		const struct disk_sched *p = policy(k ? "sptf" : "batch");
		arm->cylinder = 100;
		struct disk_candidate c[3] = {ahead_of_head(100, 30, 0), ahead_of_head(100, 90, 1)};
		struct disk_candidate late = ahead_of_head(100, 20, 2);
		struct scene s = {0};
		uint32_t n = 2;
		for (unsigned i = 0; i < 3; i++) {
			struct disk_view w = view(&s, c, n);
			uint32_t got = p->pick(&w, c, n);
			ck_assert_uint_eq(c[got].sequence, want[k][i]);
			c[got] = c[--n];
			if (i == 0)
				c[n++] = late;
		}
	}
}
END_TEST

/* ---- time ------------------------------------------------------------------------------------------- */

/*
 * The arm is at cylinder 100, a turn takes 10 ms. Positioning by hand, seek and wait, for
 *   0: on this track, 90 sectors on:                     0.0 + 9.0 =  9.0 ms
 *   1: 50 cylinders (2.0 ms), 30 sectors on:             2.0 + 1.0 =  3.0 ms
 *   2: 10 cylinders (1.2 ms), 10 sectors on, just gone:  1.2 + 9.8 = 11.0 ms
 *   3: 25 cylinders (1.5 ms), 40 sectors on:             1.5 + 2.5 =  4.0 ms
 */
static void four(struct disk_candidate *c)
{
	arm->cylinder = 100;
	c[0] = ahead_of_head(100, 90, 0);
	c[1] = ahead_of_head(150, 30, 1);
	c[2] = ahead_of_head(110, 10, 2);
	c[3] = ahead_of_head(125, 40, 3);
}

static uint32_t pick(const char *name, struct scene *s, struct disk_candidate *c, uint32_t n)
{
	struct disk_view w = view(s, c, n);
	return policy(name)->pick(&w, c, n);
}

START_TEST(sptf_counts_the_wait)
{
	struct disk_candidate c[4];
	struct scene s = {0};
	four(c);
	ck_assert_uint_eq(pick("sptf", &s, c, 4), 1);
	ck_assert_uint_eq(pick("sstf", &s, c, 4), 0);
}
END_TEST

/* With heads and angles unknown, half a turn is expected for each: the shortest seek is left. */
START_TEST(sptf_without_angles_goes_by_the_seek)
{
	struct disk_candidate c[4];
	struct scene s = {.blind = true};
	four(c);
	ck_assert_uint_eq(pick("sptf", &s, &c[1], 3), 1); /* number 2: 1.2 ms */
	ck_assert_uint_eq(pick("satf", &s, &c[1], 3), 1);
}
END_TEST

START_TEST(satf_counts_the_transfer)
{
	struct disk_candidate c[4];
	struct scene s = {0};
	four(c);
	c[1].transfer_ps = PS_PER_MS;
	ck_assert_uint_eq(pick("satf", &s, c, 4), 1); /* 4.0 against 4.1 ms */
	c[1].transfer_ps = PS_PER_MS + 2 * SECTOR_PS;
	ck_assert_uint_eq(pick("satf", &s, c, 4), 3);
	ck_assert_uint_eq(pick("sptf", &s, c, 4), 1);
}
END_TEST

/* W = 6 ms of positioning for a second of waiting: 9.0 - 6 x 1.01 < 3.0 (Worthington et al. 1994: ASPTF(W)). */
START_TEST(asptf_gives_way_to_who_has_waited)
{
	struct disk_candidate c[4];
	struct scene s = {.now = 2000 * PS_PER_MS, .read_at = 2000 * PS_PER_MS};
	figures.age_weight = 6;
	four(c); /* 2 s are whole turns */
	for (int i = 0; i < 4; i++)
		c[i].arrive_ps = s.now;
	c[0].arrive_ps = s.now - 990 * PS_PER_MS;
	ck_assert_uint_eq(pick("asptf", &s, c, 4), 1);
	c[0].arrive_ps = s.now - 1010 * PS_PER_MS;
	ck_assert_uint_eq(pick("asptf", &s, c, 4), 0);
}
END_TEST

/* Seltzer et al. 1990, M = 1 s: 9.0 (1 - .66) > 3.0 > 9.0 (1 - .67). From M on the oldest is next. */
START_TEST(wptf_weights_by_the_time_that_is_left)
{
	struct disk_candidate c[4];
	struct scene s = {.now = 2000 * PS_PER_MS, .read_at = 2000 * PS_PER_MS};
	figures.age_scale_ps = PS_PER_S;
	four(c);
	for (int i = 0; i < 4; i++)
		c[i].arrive_ps = s.now;
	c[0].arrive_ps = s.now - 660 * PS_PER_MS;
	ck_assert_uint_eq(pick("wptf", &s, c, 4), 1);
	c[0].arrive_ps = s.now - 670 * PS_PER_MS;
	ck_assert_uint_eq(pick("wptf", &s, c, 4), 0);
	c[2].arrive_ps = s.now - 1100 * PS_PER_MS;
	c[3].arrive_ps = s.now - 1000 * PS_PER_MS;
	ck_assert_uint_eq(pick("wptf", &s, c, 4), 2);
	c[1].arrive_ps = s.now - 1200 * PS_PER_MS;
	ck_assert_uint_eq(pick("wptf", &s, c, 4), 1);
}
END_TEST

START_TEST(spctf_serves_the_buffers_first)
{
	struct disk_candidate c[4];
	struct scene s = {.buffered = 111 * 200};
	four(c);
	ck_assert_uint_eq(pick("spctf", &s, c, 4), 0); /* and of two the older */
	ck_assert_uint_eq(pick("spctf", &s, &c[1], 3), 1); /* 11 ms, but not for the buffer */
	s.buffered = 0;
	ck_assert_uint_eq(pick("spctf", &s, c, 4), 1);
}
END_TEST

static uint32_t random_queue(struct disk_candidate *c)
{
	uint32_t n = 1 + (uint32_t)rng_below(rnd, MOST);
	for (uint32_t i = 0; i < n; i++) {
		uint64_t lbn = rng_below(rnd, 4) ? rng_below(rnd, v.dev->sectors) : 500 + rng_below(rnd, 4);
		c[i] = candidate(lbn, 1000 - i * 3 % 97 * 10 + i, rng_below(rnd, 2));
	}
	for (uint32_t i = n - 1; i > 0; i--) { /* in no particular order */
		uint32_t k = (uint32_t)rng_below(rnd, i + 1);
		struct disk_candidate x = c[i];
		c[i] = c[k];
		c[k] = x;
	}
	arm->cylinder = (uint32_t)rng_below(rnd, 200);
	arm->head = (uint32_t)rng_below(rnd, 2);
	return n;
}

/* Times from a copy of the arm that really goes there. */
START_TEST(sptf_agrees_with_trying_each_one)
{
	for (int i = 0; i < 5000; i++) {
		struct disk_candidate c[MOST];
		uint32_t n = random_queue(c), best = 0;
		struct scene s = {.now = (time_ps)rng_below(rnd, (uint64_t)PS_PER_S)};
		time_ps least = TIME_PS_MAX;
		s.read_at = s.now;
		s.write_at = s.now + (time_ps)rng_below(rnd, (uint64_t)PS_PER_MS);
		for (uint32_t k = 0; k < n; k++) {
			struct mech m = *arm;
			struct mech_run run;
			mech_access(&m, v.disk->unit[0].geom, c[k].lbn, 1, c[k].write ? s.write_at : s.read_at, c[k].write, &run);
			if (run.begin_ps < least || (run.begin_ps == least && c[k].sequence < c[best].sequence)) {
				least = run.begin_ps;
				best = k;
			}
		}
		ck_assert_uint_eq(pick("sptf", &s, c, n), best);
	}
}
END_TEST

/* ---- every policy of the table ----------------------------------------------------------------- */

START_TEST(every_policy_is_named_once_and_documented)
{
	size_t n = 0;
	for (; disk_scheds[n]; n++) {
		ck_assert(disk_scheds[n]->name[0] != '\0');
		ck_assert_msg(strstr(disk_scheds[n]->doc, "; O(") != NULL, "%s does not say what a choice costs",
			disk_scheds[n]->name);
		ck_assert_str_eq(disk_scheds[n]->name, disk_sched_choices[n].name);
		for (size_t k = 0; k < n; k++)
			ck_assert_str_ne(disk_scheds[n]->name, disk_scheds[k]->name);
	}
	ck_assert_ptr_null(disk_sched_choices[n].name);
}
END_TEST

START_TEST(every_policy_picks_one_that_waits_whatever_their_order_in_the_array)
{
	for (size_t p = 0; disk_scheds[p]; p++)
		for (int i = 0; i < 1000; i++) {
			struct disk_candidate c[MOST], turned[MOST];
			uint32_t n = random_queue(c);
			for (uint32_t k = 0; k < n; k++)
				turned[k] = c[n - 1 - k];
			struct scene s[2] = {{.now = (time_ps)rng_below(rnd, (uint64_t)PS_PER_S), .blind = i % 2}};
			s[0].read_at = s[0].write_at = s[0].now;
			s[0].next_lbn = rng_below(rnd, v.dev->sectors);
			s[1] = s[0];
			struct disk_view w = view(&s[0], c, n), x = view(&s[1], turned, n);
			uint32_t a = disk_scheds[p]->pick(&w, c, n), b = disk_scheds[p]->pick(&x, turned, n);
			ck_assert_uint_lt(a, n);
			ck_assert_uint_lt(b, n);
			ck_assert_msg(c[a].sequence == turned[b].sequence, "%s", disk_scheds[p]->name);
			ck_assert_int_eq(memcmp(s[0].state, s[1].state, sizeof(s[0].state)), 0);
		}
}
END_TEST

/* ---- one load for all ------------------------------------------------------------------------------ */

#define LOAD 400

/* So many commands, one in each few ms, so that the queue is now long, now short: sizes, places, reads and writes mixed, some of
 * them in the buffer. */
static void make_load(struct disk_candidate *c)
{
	time_ps at = 0;
	for (uint32_t i = 0; i < LOAD; i++) {
		at += (time_ps)rng_below(rnd, (i / 50 % 2 ? 20 : 14) * (uint64_t)PS_PER_MS);
		c[i] = candidate(rng_below(rnd, 400) * 100 + rng_below(rnd, 60), i, rng_below(rnd, 4) == 0);
		c[i].sectors = 1 + (uint32_t)rng_below(rnd, 40);
		c[i].transfer_ps = c[i].sectors * SECTOR_PS;
		c[i].arrive_ps = at;
	}
}

/* The order in which a policy serves the load, the arm and the platter moving as they do. */
static void serve_load(const struct disk_sched *p, const struct disk_candidate *load, uint64_t *order)
{
	struct disk_candidate c[LOAD];
	struct scene s = {.buffered = 4000};
	struct mech_run run;
	uint32_t n = 0, come = 0;
	arm->cylinder = 100;
	arm->head = 0;
	for (uint32_t k = 0; k < LOAD; k++) {
		if (n == 0)
			s.now = time_max(s.now, load[come].arrive_ps);
		while (come < LOAD && load[come].arrive_ps <= s.now)
			c[n++] = load[come++];
		s.read_at = s.write_at = s.now;
		struct disk_view w = view(&s, c, n);
		uint32_t i = p->pick(&w, c, n);
		ck_assert_uint_lt(i, n);
		mech_go_via(arm, w.via, w.via_count);
		order[k] = c[i].sequence;
		s.next_lbn = c[i].lbn + c[i].sectors;
		mech_carry(arm, s.now);
		if (c[i].lbn < s.buffered) {
			s.now += SECTOR_PS;
		} else {
			mech_access(arm, v.disk->unit[0].geom, c[i].lbn, c[i].sectors, s.now, c[i].write, &run);
			s.now = run.end_ps;
		}
		c[i] = c[--n];
	}
	ck_assert_uint_eq(n, 0);
}

START_TEST(a_load_separates_every_two_policies)
{
	struct disk_candidate load[LOAD];
	uint64_t orders[40][LOAD];
	uint32_t count = 0;
	make_load(load);
	for (; disk_scheds[count]; count++) {
		ck_assert_uint_lt(count, 40);
		serve_load(disk_scheds[count], load, orders[count]);
	}
	for (uint32_t i = 0; i < count; i++)
		for (uint32_t k = 0; k < i; k++)
			ck_assert_msg(memcmp(orders[i], orders[k], sizeof(orders[0])) != 0, "%s and %s serve alike",
				disk_scheds[i]->name, disk_scheds[k]->name);
}
END_TEST

START_TEST(every_policy_serves_each_command_once_and_again_in_the_same_order)
{
	struct disk_candidate load[LOAD];
	make_load(load);
	const struct mech before = *arm;
	for (uint32_t p = 0; disk_scheds[p]; p++) {
		uint64_t order[2][LOAD];
		bool seen[LOAD] = {false};
		for (int i = 0; i < 2; i++) {
			*arm = before;
			serve_load(disk_scheds[p], load, order[i]);
		}
		ck_assert_int_eq(memcmp(order[0], order[1], sizeof(order[0])), 0);
		for (uint32_t i = 0; i < LOAD; i++) {
			ck_assert(!seen[order[0][i]]);
			seen[order[0][i]] = true;
		}
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("sched");
	TCase *t = tcase_create("sched");
	tcase_add_checked_fixture(t, open_drive, close_drive);
	tcase_add_test(t, fcfs_serves_in_order_of_arrival);
	tcase_add_test(t, sstf_serves_the_nearest);
	tcase_add_test(t, sdf_serves_the_nearest_lbn);
	tcase_add_test(t, scan_goes_on_to_the_edge_before_it_turns);
	tcase_add_test(t, look_turns_at_the_last);
	tcase_add_test(t, c_scan_goes_to_the_edge_and_back_over_the_whole_stroke);
	tcase_add_test(t, c_look_rises_and_comes_back_to_the_lowest);
	tcase_add_test(t, policies_by_lbn_tell_apart_what_lies_in_one_cylinder);
	tcase_add_test(t, c_look_takes_the_arms_own_cylinder_first_and_the_older_of_two);
	tcase_add_test(t, vscan_lies_between_sstf_and_look);
	tcase_add_test(t, vscan_charges_a_turn_either_way);
	tcase_add_test(t, vscan_is_sstf_without_bias_and_look_with_all_of_it);
	tcase_add_test(t, n_step_scan_sweeps_over_the_oldest_few);
	tcase_add_test(t, f_scan_keeps_late_comers_for_the_next_sweep);
	tcase_add_test(t, batch_keeps_late_comers_out_where_sptf_takes_them);
	tcase_add_test(t, sptf_counts_the_wait);
	tcase_add_test(t, sptf_without_angles_goes_by_the_seek);
	tcase_add_test(t, satf_counts_the_transfer);
	tcase_add_test(t, asptf_gives_way_to_who_has_waited);
	tcase_add_test(t, wptf_weights_by_the_time_that_is_left);
	tcase_add_test(t, spctf_serves_the_buffers_first);
	tcase_add_test(t, sptf_agrees_with_trying_each_one);
	tcase_add_test(t, every_policy_is_named_once_and_documented);
	tcase_add_test(t, every_policy_picks_one_that_waits_whatever_their_order_in_the_array);
	tcase_add_test(t, a_load_separates_every_two_policies);
	tcase_add_test(t, every_policy_serves_each_command_once_and_again_in_the_same_order);
	tcase_set_timeout(t, 60);
	suite_add_tcase(s, t);
	return run_suite(s);
}
