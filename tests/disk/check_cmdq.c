/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The drive's command queue: who may go, by tag, age, priority and stream, before the scheduler chooses;
 * alone, and in a drive. SCSI tags as SAM and SCSI-2 (7.8) have them, SATA's queue as ACS and SATA NCQ.
 */
#include "disk/disk_fixture.h"

#define MOST 200

/* Cylinder c begins at LBN 200 c in the first zone. */
static const char text[] =
	"disk0:\n"
	"  rpm: 6000 rpm\n"
	"  queue_depth: 16\n"
	"  cache: {enabled: false}\n"
	"  geometry: {heads: 2, cylinders: 200, zones: [\n"
	"    {first_cylinder: 0, last_cylinder: 99, sectors_per_track: 100, track_skew: 7, cylinder_skew: 13},\n"
	"    {first_cylinder: 100, last_cylinder: 199, sectors_per_track: 50}]}\n"
	"  seek: {model: sqrt-linear, linear_base: 1 ms, linear_slope: 0.02 ms}\n";

static struct drive v;
static struct cmdq queue;
static struct disk_queue_spec figures;
static struct blk_req reqs[MOST];
static uint64_t made;

static const struct disk_sched *policy(const char *name)
{
	for (size_t i = 0; disk_scheds[i]; i++)
		if (!strcmp(disk_scheds[i]->name, name))
			return disk_scheds[i];
	ck_abort_msg("there is no scheduler %s", name);
}

static void use(const char *scheduler, uint32_t depth)
{
	ck_assert_int_eq(cmdq_init(&queue, v.sim->arena, depth, policy(scheduler), &figures, v.disk->unit[0].geom,
		10 * PS_PER_MS), 0);
}

static void open_queue(void)
{
	drive_open(&v, text);
	figures = v.spec.queue;
	made = 0;
	v.disk->unit[0].mech.cylinder = 50;
	use("sstf", 16);
}

static void close_queue(void) { drive_close(&v); }

/* The next command in order of arrival. */
static struct blk_req *put(enum blk_op op, uint64_t lba, uint8_t flags, uint8_t priority)
{
	ck_assert_uint_lt(made, MOST);
	struct blk_req *r = &reqs[made];
	*r = (struct blk_req){.op = (uint8_t)op, .lba = lba, .sectors = 1, .flags = flags, .priority = priority,
		.sequence = made++};
	cmdq_put(&queue, r);
	return r;
}

static struct blk_req *put_at(uint32_t cylinder) { return put(BLK_READ, cylinder * 200u, 0, 0); }
static struct blk_req *put_tagged(uint32_t cylinder, uint8_t flags) { return put(BLK_READ, cylinder * 200u, flags, 0); }

static struct blk_req *choose_at(time_ps now, uint32_t serving)
{
	struct mech *m = &v.disk->unit[0].mech;
	struct disk_view w = {.mech = m, .now_ps = now, .begin_ps = {now, now}, .serving = serving};
	return cmdq_choose(&queue, &w);
}

static struct blk_req *choose(void) { return choose_at(0, 0); }

/* ---- without tags and options -------------------------------------------------------------------- */

START_TEST(the_scheduler_sees_as_many_as_the_depth)
{
	use("sstf", 2);
	struct blk_req *far = put_at(10), *farther = put_at(190), *near = put_at(51);
	ck_assert_uint_eq(cmdq_waiting(&queue), 3);
	ck_assert_ptr_eq(cmdq_oldest(&queue), far);
	ck_assert_ptr_eq(choose(), far); /* 40 and 140 cylinders away; the near one is not seen yet */
	ck_assert_ptr_eq(choose(), near);
	ck_assert_ptr_eq(choose(), farther);
	ck_assert_ptr_null(choose());
	ck_assert_uint_eq(cmdq_waiting(&queue), 0);
}
END_TEST

START_TEST(a_command_can_be_taken_out_of_turn)
{
	put_at(10);
	struct blk_req *r = put_at(20), *s = put_at(52);
	cmdq_take(&queue, r);
	ck_assert_ptr_eq(choose(), s);
	ck_assert_uint_eq(cmdq_waiting(&queue), 1);
}
END_TEST

START_TEST(what_is_dropped_is_forgotten)
{
	figures.tagging = TAGGING_SCSI;
	use("look", 2);
	put_at(49); /* turns the arm downwards */
	choose();
	for (uint32_t i = 0; i < 3; i++)
		put_tagged(i, i ? 0 : BLK_ORDERED);
	put(BLK_FLUSH, 0, 0, 0);
	for (uint32_t i = 0; i < 4; i++)
		ck_assert_ptr_nonnull(cmdq_drop(&queue));
	ck_assert_ptr_null(cmdq_drop(&queue));
	ck_assert(!cmdq_keeps_order(&queue, 1));
	put_at(49);
	struct blk_req *above = put_at(60);
	ck_assert_ptr_eq(choose(), above); /* upwards at first */
}
END_TEST

/* ---- SCSI tags -------------------------------------------------------------------------------------- */

START_TEST(of_head_of_queue_commands_the_newest_goes_first)
{
	put_at(50);
	struct blk_req *a = put_tagged(190, BLK_HEAD_OF_QUEUE), *b = put_tagged(10, BLK_HEAD_OF_QUEUE);
	ck_assert_ptr_eq(choose(), b);
	ck_assert_ptr_eq(choose(), a);
	ck_assert_uint_eq(choose()->sequence, 0);
}
END_TEST

START_TEST(an_ordered_command_stands_between_older_and_newer)
{
	struct blk_req *far = put_at(150), *farther = put_at(10), *fence = put_tagged(60, BLK_ORDERED), *near = put_at(50);
	ck_assert_ptr_eq(choose_at(0, 0), farther);
	ck_assert_ptr_eq(choose_at(0, 1), far);
	ck_assert_ptr_null(choose_at(0, 1)); /* the last of the older ones is in service */
	ck_assert(cmdq_keeps_order(&queue, 1));
	ck_assert_ptr_eq(choose_at(0, 0), fence);
	ck_assert_ptr_null(choose_at(0, 1)); /* the ordered one is in service */
	ck_assert_ptr_eq(choose_at(0, 0), near);
	ck_assert(!cmdq_keeps_order(&queue, 1));
}
END_TEST

START_TEST(a_head_of_queue_command_passes_an_ordered_one)
{
	put_tagged(60, BLK_ORDERED);
	put_at(50);
	choose_at(0, 0);
	struct blk_req *head = put_tagged(190, BLK_HEAD_OF_QUEUE);
	ck_assert_ptr_eq(choose_at(0, 1), head);
	ck_assert_ptr_null(choose_at(0, 1));
	ck_assert_uint_eq(choose_at(0, 0)->sequence, 1);
}
END_TEST

START_TEST(ordered_commands_keep_their_order)
{
	for (uint32_t i = 0; i < 8; i++)
		put_tagged(50 + (i * 7) % 8, BLK_ORDERED);
	for (uint32_t i = 0; i < 8; i++) {
		ck_assert_uint_eq(choose_at(0, 0)->sequence, i);
		ck_assert_ptr_null(choose_at(0, 1));
	}
}
END_TEST

START_TEST(simple_tagging_ignores_tags)
{
	figures.tagging = TAGGING_SIMPLE;
	use("sstf", 16);
	put_tagged(60, BLK_ORDERED);
	put_tagged(190, BLK_HEAD_OF_QUEUE);
	struct blk_req *near = put_at(50);
	ck_assert_ptr_eq(choose_at(0, 1), near);
	ck_assert_uint_eq(choose_at(0, 1)->sequence, 0);
}
END_TEST

/* ---- flush -------------------------------------------------------------------------------------------- */

START_TEST(a_plain_flush_goes_first_and_an_ordered_one_in_its_turn)
{
	struct blk_req *before = put_at(60), *flush = put(BLK_FLUSH, 0, 0, 0);
	ck_assert_ptr_eq(cmdq_take_no_media(&queue, 1), flush);
	struct blk_req *ordered = put(BLK_FLUSH, 0, BLK_ORDERED, 0), *after = put_at(50);
	ck_assert_ptr_null(cmdq_take_no_media(&queue, 0));
	ck_assert_ptr_eq(choose_at(0, 0), before);
	ck_assert_ptr_null(cmdq_take_no_media(&queue, 1));
	ck_assert_ptr_null(choose_at(0, 1));
	ck_assert_ptr_eq(cmdq_take_no_media(&queue, 0), ordered);
	ck_assert_ptr_null(choose_at(0, 1));
	ck_assert_ptr_eq(choose_at(0, 0), after);
}
END_TEST

START_TEST(a_flush_waits_for_an_ordered_command_before_it)
{
	struct blk_req *ordered = put_tagged(60, BLK_ORDERED), *flush = put(BLK_FLUSH, 0, 0, 0);
	ck_assert_ptr_null(cmdq_take_no_media(&queue, 0));
	ck_assert_ptr_eq(choose_at(0, 0), ordered);
	ck_assert_ptr_null(cmdq_take_no_media(&queue, 1));
	ck_assert_ptr_eq(cmdq_take_no_media(&queue, 0), flush);
}
END_TEST

START_TEST(sata_lets_the_queue_run_empty_for_a_flush)
{
	figures.tagging = TAGGING_NCQ;
	use("sstf", 1);
	struct blk_req *a = put_tagged(60, BLK_ORDERED | BLK_HEAD_OF_QUEUE), *beyond = put_at(70);
	struct blk_req *flush = put(BLK_FLUSH, 0, 0, 0), *after = put_at(50);
	ck_assert_ptr_null(cmdq_take_no_media(&queue, 0));
	ck_assert_ptr_eq(choose_at(0, 0), a); /* its tags mean nothing there */
	ck_assert_ptr_null(cmdq_take_no_media(&queue, 0)); /* one of the older waits beyond the depth, or did */
	ck_assert_ptr_eq(choose_at(0, 0), beyond);
	ck_assert_ptr_null(cmdq_take_no_media(&queue, 1));
	ck_assert_ptr_eq(cmdq_take_no_media(&queue, 0), flush);
	ck_assert_ptr_null(choose_at(0, 1));
	ck_assert_ptr_eq(choose_at(0, 0), after);
}
END_TEST

START_TEST(without_tags_one_command_is_served_after_the_other)
{
	figures.tagging = TAGGING_NONE;
	use("sstf", 16);
	struct blk_req *a = put_at(190), *flush = put(BLK_FLUSH, 0, 0, 0), *b = put_at(50);
	ck_assert_ptr_null(cmdq_take_no_media(&queue, 0));
	ck_assert_ptr_eq(choose_at(0, 0), a);
	ck_assert_ptr_null(cmdq_take_no_media(&queue, 1));
	ck_assert_ptr_null(choose_at(0, 1));
	ck_assert_ptr_eq(cmdq_take_no_media(&queue, 0), flush);
	ck_assert_ptr_null(choose_at(0, 1));
	ck_assert_ptr_eq(choose_at(0, 0), b);
}
END_TEST

/* Any mixture of tags, depth and what is in service: everything is served once, ordered commands between the
 * older and the newer ones. */
START_TEST(tags_hold_in_any_mixture)
{
	struct rng *rnd = rng_new(v.sim->arena, 3, "tags");
	static const uint8_t flags[] = {0, 0, 0, BLK_ORDERED, BLK_HEAD_OF_QUEUE};
	for (int round = 0; round < 300; round++) {
		uint64_t served[MOST] = {0}, count = 0, serving_end = 0; /* served[serving_end ..] are in service */
		made = 0;
		figures.stream_limit = round % 3;
		figures.by_priority = round % 2;
		use(round % 2 ? "sptf" : "f-scan", 1 + (uint32_t)rng_below(rnd, 16));
		while (count < 60) {
			if (made < 60 && rng_below(rnd, 2))
				put(rng_below(rnd, 8) ? BLK_READ : BLK_FLUSH, rng_below(rnd, 30000),
					flags[rng_below(rnd, 5)], (uint8_t)rng_below(rnd, 3));
			if (rng_below(rnd, 2))
				serving_end = count;
			uint32_t serving = (uint32_t)(count - serving_end);
			struct blk_req *r = cmdq_take_no_media(&queue, serving);
			r = r ? r : choose_at(0, serving);
			if (!r) {
				ck_assert(serving > 0 || made == count);
				continue;
			}
			for (uint64_t i = 0; i < count; i++) {
				const struct blk_req *q = &reqs[served[i]];
				ck_assert_ptr_ne(q, r);
				/* nothing older than an ordered command is served after it began */
				ck_assert(q->flags != BLK_ORDERED || q->sequence < r->sequence || r->flags == BLK_HEAD_OF_QUEUE);
				if (i < serving_end)
					continue;
				ck_assert(r->flags != BLK_ORDERED);
				ck_assert(q->flags != BLK_ORDERED || r->flags == BLK_HEAD_OF_QUEUE);
			}
			if (r->flags == BLK_ORDERED)
				for (uint64_t i = 0; i < r->sequence; i++) {
					bool done = false;
					for (uint64_t k = 0; k < count; k++)
						done |= served[k] == i;
					ck_assert(done);
				}
			served[count++] = r->sequence;
		}
	}
}
END_TEST

/* ---- age, priority, streams ---------------------------------------------------------------------------- */

START_TEST(what_is_too_old_goes_first_the_oldest_first)
{
	figures.age_limit_ps = 100 * PS_PER_MS;
	use("sstf", 16);
	for (unsigned i = 0; i < 3; i++) {
		struct blk_req *r = put_at(100 + 40 * (2 - i));
		r->submit_ps = 0; /* as put: all at time 0 */
	}
	struct blk_req *near = put_at(50);
	ck_assert_ptr_eq(choose_at(99 * PS_PER_MS, 0), near);
	near = put_at(51);
	ck_assert_uint_eq(choose_at(100 * PS_PER_MS, 0)->sequence, 0);
	ck_assert_uint_eq(choose_at(100 * PS_PER_MS, 0)->sequence, 1);
	ck_assert_uint_eq(choose_at(100 * PS_PER_MS, 0)->sequence, 2);
}
END_TEST

START_TEST(priorities_come_before_the_scheduler)
{
	figures.by_priority = true;
	use("sstf", 16);
	put(BLK_READ, 50 * 200, 0, 2);
	put(BLK_READ, 90 * 200, 0, 1);
	put(BLK_READ, 10 * 200, 0, 1);
	put(BLK_READ, 55 * 200, 0, 2);
	static const uint64_t want[] = {1, 2, 0, 3}; /* 40 cylinders each way: the older */
	for (unsigned i = 0; i < 4; i++)
		ck_assert_uint_eq(choose()->sequence, want[i]);
}
END_TEST

/* Two classes only: 1 and 2 are alike. */
START_TEST(sata_has_one_bit_of_priority)
{
	figures.by_priority = true;
	figures.tagging = TAGGING_NCQ;
	use("sstf", 16);
	put(BLK_READ, 90 * 200, 0, 1);
	put(BLK_READ, 50 * 200, 0, 2);
	put(BLK_READ, 10 * 200, 0, 0);
	static const uint64_t want[] = {2, 1, 0};
	for (unsigned i = 0; i < 3; i++)
		ck_assert_uint_eq(choose()->sequence, want[i]);
}
END_TEST

START_TEST(reads_may_go_before_writes)
{
	figures.reads_first = true;
	use("sstf", 16);
	struct blk_req *write = put(BLK_WRITE, 50 * 200, 0, 0), *far = put_at(99), *near = put_at(80);
	ck_assert_ptr_eq(choose(), near);
	ck_assert_ptr_eq(choose(), far);
	ck_assert_ptr_eq(choose(), write);
}
END_TEST

/* The stream at LBN 1000, 1001, ... is followed twice, though others are nearer; a write does not continue reads. */
START_TEST(a_stream_is_followed_up_to_its_limit)
{
	figures.stream_limit = 2;
	use("sstf", 16);
	struct blk_req *first = put(BLK_READ, 1000, 0, 0);
	ck_assert_ptr_eq(choose(), first);
	struct blk_req *near = put_at(50), *write = put(BLK_WRITE, 1001, 0, 0), *stream[3];
	for (uint64_t i = 0; i < 3; i++)
		stream[i] = put(BLK_READ, 1001 + i, 0, 0);
	ck_assert_ptr_eq(choose(), stream[0]);
	ck_assert_ptr_eq(choose(), stream[1]);
	ck_assert_ptr_eq(choose(), near);
	ck_assert_ptr_eq(choose(), write); /* cylinder 5 like the rest, and older */
	ck_assert_ptr_eq(choose(), stream[2]);
}
END_TEST

/* ---- what is known of the layout ---------------------------------------------------------------------------- */

/* 100 cylinders of 200 blocks and 100 of 100. LBN 20000 lies on cylinder 100; in proportion to the whole it would
 * be 133. LBN 10060 lies on cylinder 50 in its zone; 67 in proportion. */
START_TEST(the_scheduler_knows_as_much_as_it_is_told)
{
	static const struct {
		enum geom_level level;
		uint32_t cylinder[2];
		bool angle;
	} rows[] = {{GEOM_LBN, {67, 133}, false}, {GEOM_ZONES, {50, 100}, false}, {GEOM_FULL, {50, 100}, true}};
	for (unsigned i = 0; i < 3; i++) {
		figures.knows = (int)rows[i].level;
		use("sptf", 16);
		put(BLK_READ, 10060, 0, 0);
		put(BLK_READ, 20000, 0, 0);
		for (unsigned k = 0; k < 2; k++) {
			ck_assert_uint_eq(queue.candidate[k].cylinder, rows[i].cylinder[k]);
			ck_assert(rows[i].angle || (queue.candidate[k].head == 0 && queue.candidate[k].angle == 0));
		}
		ck_assert(!rows[i].angle || queue.candidate[0].angle > 0);
	}
}
END_TEST

/* After LBN 20000 the arm is on cylinder 100, in truth and by the zones; in proportion it is on 133, where LBN
 * 20100 (cylinder 101, thought to be 134) is as near, and 19000 (95; 126) farther. */
START_TEST(a_scheduler_that_guesses_guesses_where_the_arm_is)
{
	figures.knows = GEOM_LBN;
	use("sstf", 16);
	put(BLK_READ, 20000, 0, 0);
	choose();
	v.disk->unit[0].mech.cylinder = 100;
	put(BLK_READ, 19000, 0, 0);
	struct blk_req *near = put(BLK_READ, 20100, 0, 0);
	ck_assert_ptr_eq(choose(), near);
}
END_TEST

/* ---- in a drive -------------------------------------------------------------------------------------------- */

struct service {
	uint64_t order[MOST];
	uint32_t count;
};

static void note_done(struct sim *s, struct blk_req *r)
{
	(void)s;
	struct service *x = r->owner;
	x->order[x->count++] = (uint64_t)(r - reqs);
}

static void submit_long(struct service *x, enum blk_op op, uint64_t lba, uint32_t sectors, uint8_t flags)
{
	struct blk_req *r = &reqs[made++];
	*r = (struct blk_req){.op = (uint8_t)op, .lba = lba, .sectors = sectors, .flags = flags, .done = note_done,
		.owner = x, .arrive_ps = v.sim->now_ps};
	blk_submit(v.dev, r);
}

static void submit(struct service *x, enum blk_op op, uint32_t cylinder, uint8_t flags)
{
	submit_long(x, op, op == BLK_FLUSH ? 0 : cylinder * 200u, op != BLK_FLUSH, flags);
}

static void reopen(const char *const *sets)
{
	drive_close(&v);
	drive_open_with(&v, text, sets);
	made = 0;
}

START_TEST(a_drive_keeps_tags)
{
	reopen((const char *const[]){"disk0.scheduler=sstf", NULL});
	struct service x = {0};
	static const uint64_t want[] = {0, 5, 1, 2, 3, 4};
	submit(&x, BLK_READ, 0, 0); /* begins at once */
	submit(&x, BLK_READ, 40, 0);
	submit(&x, BLK_READ, 20, 0);
	submit(&x, BLK_READ, 30, BLK_ORDERED);
	submit(&x, BLK_READ, 1, 0);
	submit(&x, BLK_READ, 90, BLK_HEAD_OF_QUEUE); /* from 90 back: 40 is nearer than 20 */
	ck_assert_int_eq(sim_run(v.sim), 0);
	ck_assert_uint_eq(x.count, 6);
	for (unsigned i = 0; i < 6; i++)
		ck_assert_uint_eq(x.order[i], want[i]);
}
END_TEST

/* The flush is sent when two reads wait: SCSI serves it next, SATA after them; without tags all is in order. */
START_TEST(a_drive_flushes_as_its_interface_has_it)
{
	static const struct {
		const char *tagging, *depth;
		uint64_t order[5];
	} rows[] = {
		{"disk0.queue.tagging=scsi", "disk0.queue_depth=16", {0, 3, 4, 2, 1}},
		{"disk0.queue.tagging=simple", "disk0.queue_depth=16", {0, 3, 4, 2, 1}},
		{"disk0.queue.tagging=ncq", "disk0.queue_depth=16", {0, 2, 1, 3, 4}},
		{"disk0.queue.tagging=none", "disk0.queue_depth=1", {0, 1, 2, 3, 4}},
	};
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		reopen((const char *const[]){rows[i].tagging, rows[i].depth, "disk0.scheduler=sstf", NULL});
		struct service x = {0};
		submit(&x, BLK_READ, 0, 0);
		submit(&x, BLK_READ, 40, 0);
		submit(&x, BLK_READ, 20, 0);
		submit(&x, BLK_FLUSH, 0, 0);
		submit(&x, BLK_READ, 1, 0);
		ck_assert_int_eq(sim_run(v.sim), 0);
		ck_assert_uint_eq(x.count, 5);
		for (unsigned k = 0; k < 5; k++)
			ck_assert_msg(x.order[k] == rows[i].order[k], "%s: %u", rows[i].tagging, k);
	}
}
END_TEST

/* The second read is ordered and needs the arm; the buffer has what the third wants. */
START_TEST(an_ordered_command_keeps_the_buffer_from_serving_what_follows)
{
	for (uint64_t ordered = 0; ordered < 2; ordered++) {
		reopen((const char *const[]){"disk0.cache.enabled=true", "disk0.concurrent_hits=true", NULL});
		struct service x = {0};
		submit(&x, BLK_READ, 0, 0);
		ck_assert_int_eq(sim_run(v.sim), 0);
		submit(&x, BLK_READ, 90, ordered ? BLK_ORDERED : 0);
		submit(&x, BLK_READ, 0, 0);
		ck_assert_int_eq(sim_run(v.sim), 0);
		ck_assert_uint_eq(reqs[2].hit, BLK_HIT);
		ck_assert_uint_eq(x.order[1], ordered ? 1 : 2);
	}
}
END_TEST

/* The ordered write waits until the dirty data of another are on the medium; a plain flush that comes later
 * would pass it. */
START_TEST(an_ordered_command_that_waits_for_dirty_data_keeps_its_place)
{
	for (uint64_t ordered = 0; ordered < 2; ordered++) {
		reopen((const char *const[]){"disk0.cache.enabled=true", "disk0.cache.write_back=true",
			"disk0.write_cache.extents=8", "disk0.write_cache.accept=appending", "disk0.write_cache.idle_time=1 s", NULL});
		struct service x = {0};
		submit(&x, BLK_WRITE, 10, 0);
		while (x.count == 0)
			ck_assert(sim_step(v.sim));
		submit(&x, BLK_WRITE, 90, ordered ? BLK_ORDERED : 0);
		submit(&x, BLK_FLUSH, 0, 0);
		ck_assert_int_eq(sim_run(v.sim), 0);
		ck_assert_uint_eq(x.count, 3);
		ck_assert_uint_eq(x.order[1], ordered ? 1 : 2);
	}
}
END_TEST

/* A command far away, and one near the arm whenever one is done. Without a limit it is never served. */
static uint32_t served_before_the_far_one(const char *limit)
{
	reopen((const char *const[]){"disk0.scheduler=sstf", limit, NULL});
	struct service x = {0};
	submit(&x, BLK_READ, 0, 0);
	submit(&x, BLK_READ, 199 / 2, 0);
	for (uint32_t i = 0; i < 100; i++) {
		submit(&x, BLK_READ, 1 + i % 2, 0);
		while (x.count < i + 1)
			ck_assert(sim_step(v.sim));
		if (x.order[i] == 1)
			return i;
	}
	return UINT32_MAX;
}

START_TEST(an_age_limit_saves_from_starving)
{
	ck_assert_uint_eq(served_before_the_far_one("disk0.queue.age_limit=0"), UINT32_MAX);
	uint32_t served = served_before_the_far_one("disk0.queue.age_limit=100 ms");
	ck_assert_uint_gt(served, 5); /* a read takes at most 11.2 ms */
	ck_assert_uint_lt(served, 100);
}
END_TEST

/* The arm sweeps up to cylinder 80 and turns. SCAN first goes on to 199 and comes back: 119 cylinders twice. */
START_TEST(a_sweep_to_the_edge_takes_its_time_and_is_in_the_requests_distance)
{
	time_ps seek[2];
	for (int scan = 0; scan < 2; scan++) {
		reopen((const char *const[]){scan ? "disk0.scheduler=scan" : "disk0.scheduler=look", NULL});
		struct service x = {0};
		submit(&x, BLK_READ, 50, 0);
		submit_long(&x, BLK_READ, 20 * 200, 150, 0); /* onto the other head, in no time */
		submit(&x, BLK_READ, 80, 0);
		ck_assert_int_eq(sim_run(v.sim), 0);
		ck_assert_uint_eq(x.order[2], 1);
		ck_assert_uint_eq(reqs[1].seek_distance, scan ? 119 + 179 : 60);
		seek[scan] = reqs[1].seek_ps;
	}
	/* 1 ms and 0.02 ms a cylinder, twice against once */
	ck_assert_int_eq(seek[0], PS_PER_MS + 60 * PS_PER_MS / 50);
	ck_assert_int_eq(seek[1], 2 * PS_PER_MS + (119 + 179) * PS_PER_MS / 50);
}
END_TEST

/* LOOK is on its way down when the drive is saved: the one that is loaded goes on downwards. */
START_TEST(a_loaded_drive_sweeps_on)
{
	static const char *const sets[] = {"disk0.scheduler=look", NULL};
	struct err e = {0};
	struct drive fresh;
	struct service x = {0};
	FILE *saved = tmpfile();
	reopen(sets);
	submit(&x, BLK_READ, 50, 0);
	submit(&x, BLK_READ, 40, 0);
	ck_assert_int_eq(sim_run(v.sim), 0);
	ck_assert_int_eq(blk_dev_save(v.dev, saved, &e), 0);
	rewind(saved);
	for (int loaded = 0; loaded < 2; loaded++) {
		drive_open_with(&fresh, text, sets);
		if (loaded)
			ck_assert_msg(blk_dev_load(fresh.dev, saved, &e) == 0, "%s", e.msg);
		struct drive old = v;
		v = fresh;
		x.count = 0;
		made = 0;
		submit(&x, BLK_READ, 30, 0);
		submit(&x, BLK_READ, 33, 0);
		submit(&x, BLK_READ, 20, 0);
		ck_assert_int_eq(sim_run(v.sim), 0);
		ck_assert_uint_eq(x.order[1], loaded ? 2 : 1);
		drive_close(&v);
		v = old;
	}
	fclose(saved);
}
END_TEST

START_TEST(depths_that_no_interface_has_are_refused)
{
	drive_close(&v);
	drive_refused(text, (const char *const[]){"disk0.queue.tagging=none", NULL}, "want 1");
	drive_refused(text, (const char *const[]){"disk0.queue.tagging=ncq", "disk0.queue_depth=33", NULL}, "32 tags");
	drive_open(&v, text);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("command queue");
	TCase *t = tcase_create("command queue");
	tcase_add_checked_fixture(t, open_queue, close_queue);
	tcase_add_test(t, the_scheduler_sees_as_many_as_the_depth);
	tcase_add_test(t, a_command_can_be_taken_out_of_turn);
	tcase_add_test(t, what_is_dropped_is_forgotten);
	tcase_add_test(t, of_head_of_queue_commands_the_newest_goes_first);
	tcase_add_test(t, an_ordered_command_stands_between_older_and_newer);
	tcase_add_test(t, a_head_of_queue_command_passes_an_ordered_one);
	tcase_add_test(t, ordered_commands_keep_their_order);
	tcase_add_test(t, simple_tagging_ignores_tags);
	tcase_add_test(t, a_plain_flush_goes_first_and_an_ordered_one_in_its_turn);
	tcase_add_test(t, a_flush_waits_for_an_ordered_command_before_it);
	tcase_add_test(t, sata_lets_the_queue_run_empty_for_a_flush);
	tcase_add_test(t, without_tags_one_command_is_served_after_the_other);
	tcase_add_test(t, tags_hold_in_any_mixture);
	tcase_add_test(t, what_is_too_old_goes_first_the_oldest_first);
	tcase_add_test(t, priorities_come_before_the_scheduler);
	tcase_add_test(t, sata_has_one_bit_of_priority);
	tcase_add_test(t, reads_may_go_before_writes);
	tcase_add_test(t, a_stream_is_followed_up_to_its_limit);
	tcase_add_test(t, the_scheduler_knows_as_much_as_it_is_told);
	tcase_add_test(t, a_scheduler_that_guesses_guesses_where_the_arm_is);
	tcase_add_test(t, a_drive_keeps_tags);
	tcase_add_test(t, a_drive_flushes_as_its_interface_has_it);
	tcase_add_test(t, an_ordered_command_keeps_the_buffer_from_serving_what_follows);
	tcase_add_test(t, an_ordered_command_that_waits_for_dirty_data_keeps_its_place);
	tcase_add_test(t, an_age_limit_saves_from_starving);
	tcase_add_test(t, a_sweep_to_the_edge_takes_its_time_and_is_in_the_requests_distance);
	tcase_add_test(t, a_loaded_drive_sweeps_on);
	tcase_add_test(t, depths_that_no_interface_has_are_refused);
	tcase_set_timeout(t, 60);
	suite_add_tcase(s, t);
	return run_suite(s);
}
