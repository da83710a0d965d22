/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The contract of blk/dev.h, for every device of the table in contract_rig.h. */
#include "blk/contract_rig.h"
#include "effort.h"

/* ---- who it is ------------------------------------------------------------------------------ */

START_TEST(a_device_says_what_it_is)
{
	struct rig g;
	struct blk_identity id;
	struct blk_dev_status st;
	rig_open(&g, _i, 1);
	g.dev->ops->identify(g.dev, &id);
	g.dev->ops->status(g.dev, &st);
	ck_assert_str_eq(id.kind, g.dev->ops->name);
	ck_assert(g.dev->ops->doc[0] != '\0' && id.model[0] != '\0');
	ck_assert_uint_eq(id.sectors, g.dev->sectors);
	ck_assert_uint_ge(id.queue_depth, 1);
	ck_assert_uint_eq(id.physical_bytes % SECTOR_BYTES, 0);
	ck_assert(st.power == BLK_POWER_ON && !st.busy && st.queued == 0 && st.in_service == 0 && st.dirty_sectors == 0);
	for (unsigned i = 0; g.dev->ops->table(g.dev, i, NULL); i++)
		for (unsigned k = 0; k < i; k++)
			ck_assert_str_ne(g.dev->ops->table(g.dev, i, NULL), g.dev->ops->table(g.dev, k, NULL));
	rig_close(&g);
}
END_TEST

/* ---- done ---------------------------------------------------------------------------------- */

static void ck_stages(struct rig *g, struct lane *l)
{
	const struct blk_req *r = &l->req;
	(void)g;
	ck_assert(r->submit_ps >= 0 && r->submit_ps <= r->done_ps);
	ck_assert(r->start_ps == -1 || (r->start_ps >= r->submit_ps && r->start_ps <= r->done_ps));
	ck_assert(r->overhead_ps >= 0 && r->seek_ps >= 0 && r->rotation_ps >= 0 && r->transfer_ps >= 0 && r->bus_ps >= 0);
	ck_assert_uint_le(r->unwritten, r->sectors);
	if (r->status == BLK_OK && (r->op == BLK_READ || r->op == BLK_WRITE))
		ck_assert_uint_ne(r->hit, BLK_HIT_NONE);
}

START_TEST(each_request_is_done_once_whatever_it_asks)
{
	struct rig g;
	rig_open(&g, _i, 2);
	g.done = ck_stages;
	rig_start(&g, LANES, effort(5000), MIX_ALL);
	rig_run(&g);
	ck_assert_uint_eq(g.completed, effort(5000));
	ck_assert_uint_eq(g.dev->stats.submitted, effort(5000));
	ck_assert_uint_eq(g.dev->stats.completed, effort(5000));
	struct blk_dev_status st;
	g.dev->ops->status(g.dev, &st);
	ck_assert(!st.busy && st.queued == 0 && st.in_service == 0 && st.dirty_sectors == 0);
	ck_assert_int_le(g.dev->stats.busy_ps, g.sim->now_ps);
	ck_assert_int_gt(g.dev->stats.busy_ps, 0);
	rig_close(&g);
}
END_TEST

START_TEST(a_bad_range_is_refused_by_an_event)
{
	struct rig g;
	rig_open(&g, _i, 3);
	uint64_t end = g.dev->sectors;
	static const enum blk_op ops[] = {BLK_READ, BLK_WRITE, BLK_TRIM, BLK_WRITE_ZEROES};
	for (int i = 0; i < 4; i++) {
		ck_assert_int_eq(rig_do(&g, ops[i], end, 1, 0)->status, BLK_OUT_OF_RANGE);
		ck_assert_int_eq(rig_do(&g, ops[i], end - 1, 2, 0)->status, BLK_OUT_OF_RANGE);
		ck_assert_int_eq(rig_do(&g, ops[i], 0, 0, 0)->status, BLK_OUT_OF_RANGE);
		ck_assert_int_eq(rig_do(&g, ops[i], UINT64_MAX, 1, 0)->status, BLK_OUT_OF_RANGE);
		ck_assert_int_eq(rig_do(&g, ops[i], UINT64_MAX - 2, 8, 0)->status, BLK_OUT_OF_RANGE);
		ck_assert_int_eq(rig_do(&g, ops[i], 1, UINT32_MAX, 0)->status, BLK_OUT_OF_RANGE);
	}
	ck_assert_int_eq(g.sim->now_ps, 0);
	ck_assert_int_eq(rig_do(&g, BLK_READ, end - 1, 1, 0)->status, BLK_OK);
	struct blk_identity id;
	g.dev->ops->identify(g.dev, &id);
	ck_assert_int_eq(rig_do(&g, BLK_WRITE, end - 1, 1, 0)->status, id.zone_sectors ? BLK_UNALIGNED_WRITE : BLK_OK);
	ck_assert_int_eq(rig_do(&g, BLK_FLUSH, UINT64_MAX, 0, 0)->status, BLK_OK);
	rig_close(&g);
}
END_TEST

START_TEST(an_operation_the_device_lacks_is_unsupported)
{
	struct rig g;
	struct blk_identity id;
	rig_open(&g, _i, 4);
	g.dev->ops->identify(g.dev, &id);
	for (int op = BLK_ZONE_OPEN; op <= BLK_ZONE_APPEND && id.zone_sectors == 0; op++)
		ck_assert_int_eq(rig_do(&g, (enum blk_op)op, 0, op == BLK_ZONE_APPEND, 0)->status, BLK_UNSUPPORTED);
	rig_close(&g);
}
END_TEST

/* ---- never-written sectors ------------------------------------------------------------------ */

START_TEST(reads_of_never_written_sectors_are_counted)
{
	struct rig g;
	rig_open(&g, _i, 5);
	if (g.dev->filled > 0) { /* before the run */
		ck_assert_uint_eq(rig_do(&g, BLK_READ, 10, 20, 0)->unwritten, 0);
		g.dev->filled = 20;
		ck_assert_uint_eq(rig_do(&g, BLK_READ, 10, 20, 0)->unwritten, 10);
		g.dev->filled = g.dev->stats.unwritten_sectors = 0;
	}
	ck_assert_uint_eq(rig_do(&g, BLK_READ, 10, 20, 0)->unwritten, 20);
	rig_do(&g, BLK_WRITE, 15, 5, 0);
	ck_assert_uint_eq(rig_do(&g, BLK_READ, 10, 20, 0)->unwritten, 15);
	rig_do(&g, BLK_WRITE_ZEROES, 10, 5, 0);
	ck_assert_uint_eq(rig_do(&g, BLK_READ, 10, 20, 0)->unwritten, 10);
	ck_assert_uint_eq(g.dev->stats.unwritten_sectors, 45);
	ck_assert_uint_eq(rig_do(&g, BLK_READ, 15, 5, 0)->status, BLK_OK);
	/* a trim takes effect if the device does it, and not if it refuses */
	enum blk_status trim = rig_do(&g, BLK_TRIM, 15, 5, 0)->status;
	struct blk_identity id = {0};
	g.dev->ops->identify(g.dev, &id);
	ck_assert_int_eq(trim, id.trims ? BLK_OK : BLK_UNSUPPORTED);
	ck_assert(trim == BLK_OK || trim == BLK_UNSUPPORTED);
	ck_assert_uint_eq(rig_do(&g, BLK_READ, 15, 5, 0)->unwritten, trim == BLK_OK ? 5 : 0);
	/* nothing is written without power */
	blk_dev_power_cut(g.dev);
	ck_assert_int_eq(rig_do(&g, BLK_WRITE, 100, 8, 0)->status, BLK_NOT_READY);
	blk_dev_power_restore(g.dev);
	ck_assert_uint_eq(rig_do(&g, BLK_READ, 100, 8, 0)->unwritten, 8);
	rig_close(&g);
}
END_TEST

/* ---- durability -------------------------------------------------------------------------------- */

static void ck_durable(struct rig *g, struct lane *l)
{
	const struct blk_req *r = &l->req;
	struct blk_identity id;
	g->dev->ops->identify(g->dev, &id);
	if (r->op != BLK_WRITE || r->status != BLK_OK || (id.volatile_cache && !(r->flags & BLK_FUA)))
		return;
	for (uint32_t i = 0; i < r->sectors; i++)
		ck_assert_uint_eq(blk_tags_durable(g->tags, r->lba + i), r->tag);
}

START_TEST(a_fua_write_and_a_write_through_are_durable_when_done)
{
	struct rig g;
	rig_open(&g, _i, 6);
	rig_tags(&g);
	g.done = ck_durable;
	rig_start(&g, LANES, effort(3000), MIX_READS | MIX_FUA);
	rig_run(&g);
	rig_close(&g);
}
END_TEST

/* While a flush is out, its lane keeps what had been acknowledged when it was submitted. */
struct flush_watch {
	struct rig rig; /* first */
	uint64_t before[LANES][RIG_SECTORS];
};

static void ck_flushed(struct rig *g, struct lane *l)
{
	struct flush_watch *w = (struct flush_watch *)(void *)g;
	size_t k = (size_t)(l - g->lane);
	if (l->req.op == BLK_FLUSH)
		for (uint64_t i = 0; i < RIG_SECTORS; i++) /* tags rise: at least as new */
			ck_assert_uint_ge(blk_tags_durable(g->tags, i), w->before[k][i]);
	/* what is acknowledged now is what the next flush of this lane must at least keep; others may
	 * be acknowledged until it is submitted, which makes the demand weaker, not wrong */
	memcpy(w->before[k], g->acked, sizeof(g->acked));
}

START_TEST(a_flush_makes_durable_what_was_acknowledged_before_it)
{
	struct flush_watch *w = calloc(1, sizeof(*w));
	rig_open(&w->rig, _i, 7);
	rig_tags(&w->rig);
	w->rig.done = ck_flushed;
	rig_start(&w->rig, LANES, effort(4000), MIX_READS | MIX_FLUSH);
	rig_run(&w->rig);
	rig_close(&w->rig);
	free(w);
}
END_TEST

START_TEST(a_flush_waits_for_a_write_acknowledged_early)
{
	struct rig g;
	rig_open(&g, _i, 8);
	rig_tags(&g);
	for (int i = 0; i < 50; i++) {
		uint64_t tag = rig_do(&g, BLK_WRITE, (uint64_t)i * 3, 2, 0)->tag;
		rig_do(&g, BLK_FLUSH, 0, 0, 0);
		ck_assert_uint_eq(blk_tags_durable(g.tags, (uint64_t)i * 3), tag);
		ck_assert_uint_eq(blk_tags_dirty(g.tags), 0);
	}
	rig_close(&g);
}
END_TEST

START_TEST(a_fua_read_comes_from_the_medium)
{
	struct rig g;
	rig_open(&g, _i, 9);
	rig_do(&g, BLK_WRITE, 20, 8, 0);
	rig_do(&g, BLK_READ, 20, 8, 0);
	const struct blk_req *r = rig_do(&g, BLK_READ, 20, 8, BLK_FUA);
	ck_assert_int_eq(r->hit, BLK_MISS);
	ck_assert_int_ge(r->media_ps, r->start_ps);
	rig_close(&g);
}
END_TEST

START_TEST(write_zeroes_leaves_zeros)
{
	struct rig g;
	rig_open(&g, _i, 10);
	rig_tags(&g);
	rig_do(&g, BLK_WRITE, 40, 8, BLK_FUA);
	ck_assert_uint_ne(blk_tags_latest(g.tags, 42), TAG_ZERO);
	g.lane[0].req.tag = 77; /* of no meaning here */
	rig_do(&g, BLK_WRITE_ZEROES, 42, 2, BLK_FUA);
	ck_assert_uint_eq(blk_tags_latest(g.tags, 42), TAG_ZERO);
	ck_assert_uint_eq(blk_tags_durable(g.tags, 43), TAG_ZERO);
	ck_assert_uint_ne(blk_tags_durable(g.tags, 44), TAG_ZERO);
	rig_close(&g);
}
END_TEST

/* ---- barriers --------------------------------------------------------------------------------- */

#define ORDERED 3000

struct order_watch {
	struct rig rig; /* first */
	unsigned count;
	struct {
		time_ps start_ps, done_ps;
		uint64_t sequence;
		bool barrier;
	} seen[ORDERED];
};

static void note_order(struct rig *g, struct lane *l)
{
	struct order_watch *w = (struct order_watch *)(void *)g;
	w->seen[w->count].start_ps = l->req.start_ps;
	w->seen[w->count].done_ps = l->req.done_ps;
	w->seen[w->count].sequence = l->req.sequence;
	w->seen[w->count++].barrier = l->req.flags & BLK_BARRIER;
}

START_TEST(a_barrier_stands_between_earlier_and_later_requests)
{
	struct order_watch *w = calloc(1, sizeof(*w));
	unsigned barriers = 0;
	rig_open(&w->rig, _i, 11);
	w->rig.done = note_order;
	rig_start(&w->rig, LANES, effort(ORDERED), MIX_READS | MIX_FLUSH | MIX_FUA | MIX_BARRIER);
	rig_run(&w->rig);
	for (unsigned i = 0; i < w->count; i++) {
		barriers += w->seen[i].barrier;
		for (unsigned k = 0; w->seen[i].barrier && k < w->count; k++)
			if ((w->seen[k].sequence < w->seen[i].sequence && w->seen[k].done_ps > w->seen[i].start_ps) ||
				(w->seen[k].sequence > w->seen[i].sequence && w->seen[k].start_ps < w->seen[i].done_ps))
				ck_abort_msg("request %u passes barrier %u", k, i);
	}
	ck_assert_uint_gt(barriers, effort(100));
	rig_close(&w->rig);
	free(w);
}
END_TEST

/* ---- the same again ------------------------------------------------------------------------------ */

static void ck_same_log(const struct rig *a, unsigned from_a, time_ps origin_a, const struct rig *b,
	unsigned from_b, time_ps origin_b, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		const struct done_record *x = &a->log[from_a + i], *y = &b->log[from_b + i];
		if (x->done_ps - origin_a != y->done_ps - origin_b || x->status != y->status || x->hit != y->hit || x->op != y->op)
			ck_abort_msg("request %u differs: done after %lld and %lld ps, hit %d and %d", i,
				(long long)(x->done_ps - origin_a), (long long)(y->done_ps - origin_b), x->hit, y->hit);
	}
}

START_TEST(two_interleaved_simulations_equal_each_alone)
{
	struct rig alone, a, b;
	rig_open(&alone, _i, 12);
	rig_start(&alone, LANES, 1000, MIX_ALL);
	rig_run(&alone);
	rig_open(&a, _i, 12);
	rig_open(&b, (_i + 1) % CONTRACT_DEVICES, 13);
	rig_start(&a, LANES, 1000, MIX_ALL);
	rig_start(&b, LANES, 1000, MIX_ALL);
	for (bool more = true; more;) {
		more = sim_step(a.sim);
		more |= sim_step(b.sim);
	}
	ck_assert_uint_eq(a.completed, alone.completed);
	ck_same_log(&alone, 0, 0, &a, 0, 0, alone.completed);
	rig_close(&a);
	rig_close(&b);
	rig_close(&alone);
}
END_TEST

static FILE *save(struct rig *g)
{
	struct err e = {0};
	FILE *f = tmpfile();
	ck_assert_msg(blk_dev_save(g->dev, f, &e) == 0, "%s", e.msg);
	rewind(f);
	return f;
}

/* Run `count` more requests of a stream of their own from now on; returns when they began. */
static time_ps go_on(struct rig *g, unsigned count)
{
	time_ps origin = g->sim->now_ps;
	free(g->log);
	g->completed = g->issued = 0;
	g->rng = rng_new(g->sim->arena, 99, "contract/after");
	rig_start(g, LANES, count, MIX_ALL);
	rig_run(g);
	return origin;
}

START_TEST(a_loaded_state_behaves_as_the_saved_device)
{
	for (unsigned n = 0, step = 30 / effort(30); n < 30; n += step) {
		struct rig a, b;
		struct err e = {0};
		rig_open(&a, _i, n);
		rig_start(&a, LANES, n * 10, MIX_ALL);
		rig_run(&a);
		/* some time later: background reading may be anywhere, or over */
		sim_run_until(a.sim, a.sim->now_ps + (time_ps)n * 777777777);
		FILE *f = save(&a);
		rig_open_at(&b, _i, n, 123456789012345); /* another time of day */
		ck_assert_msg(blk_dev_load(b.dev, f, &e) == 0, "%s", e.msg);
		fclose(f);
		ck_assert_mem_eq(&a.dev->stats, &b.dev->stats, sizeof(a.dev->stats));
		b.next_tag = a.next_tag;
		time_ps from_a = go_on(&a, 1000), from_b = go_on(&b, 1000);
		ck_same_log(&a, 0, from_a, &b, 0, from_b, 1000);
		ck_assert_mem_eq(&a.dev->stats, &b.dev->stats, sizeof(a.dev->stats));
		rig_close(&a);
		rig_close(&b);
	}
}
END_TEST

START_TEST(a_state_saved_while_the_drive_starts_knows_when_it_is_ready)
{
	struct rig a, b;
	struct err e = {0};
	rig_open(&a, _i, 14);
	rig_open_at(&b, _i, 14, 55);
	blk_dev_power_cut(a.dev);
	blk_dev_power_restore(a.dev);
	FILE *f = save(&a);
	ck_assert_msg(blk_dev_load(b.dev, f, &e) == 0, "%s", e.msg);
	fclose(f);
	time_ps from_a = go_on(&a, 10), from_b = go_on(&b, 10);
	ck_same_log(&a, 0, from_a, &b, 0, from_b, 10);
	rig_close(&a);
	rig_close(&b);
}
END_TEST

START_TEST(a_state_is_refused_where_it_does_not_belong)
{
	struct rig a, b;
	struct err e = {0};
	rig_open(&a, _i, 15);
	rig_do(&a, BLK_WRITE, 5, 8, 0);
	ck_assert_int_eq(sim_run(a.sim), 0);
	FILE *f = save(&a);
	/* another config of the same kind */
	rig_open(&b, _i, 15);
	struct blk_dev *other = rig_device(b.sim, b.device, b.device->other, &e);
	ck_assert_int_eq(blk_dev_load(other, f, &e), -1);
	ck_assert_int_eq(e.code, ERR_CONFIG);
	blk_dev_close(other);
	/* every state that ends early */
	fseek(f, 0, SEEK_END);
	long bytes = ftell(f);
	char *all = malloc((size_t)bytes);
	rewind(f);
	ck_assert_uint_eq(fread(all, 1, (size_t)bytes, f), (size_t)bytes);
	for (long n = 0; n < bytes; n += 1 + bytes / 50) {
		FILE *part = fmemopen(all, n > 0 ? (size_t)n : 1, "r");
		if (n == 0)
			fgetc(part);
		struct blk_dev *fresh = rig_device(b.sim, b.device, NULL, &e);
		err_clear(&e);
		ck_assert_int_eq(blk_dev_load(fresh, part, &e), -1);
		ck_assert(e.code == ERR_IO || e.code == ERR_CONFIG);
		blk_dev_close(fresh);
		fclose(part);
	}
	free(all);
	fclose(f);
	rig_close(&a);
	rig_close(&b);
}
END_TEST

START_TEST(a_busy_device_is_not_saved)
{
	struct rig g;
	struct err e = {0};
	rig_open(&g, _i, 16);
	rig_start(&g, LANES, 50, MIX_READS);
	FILE *f = tmpfile();
	unsigned refused = 0;
	struct blk_dev_status st;
	do {
		g.dev->ops->status(g.dev, &st);
		bool busy = st.busy || g.dev->inside > 0;
		err_clear(&e);
		ck_assert_int_eq(blk_dev_save(g.dev, f, &e), busy ? -1 : 0);
		refused += busy;
	} while (sim_step(g.sim));
	ck_assert_uint_gt(refused, 20);
	fclose(f);
	rig_close(&g);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("device contract");
	TCase *t = tcase_create("contract");
	tcase_add_loop_test(t, a_device_says_what_it_is, 0, CONTRACT_DEVICES);
	tcase_add_loop_test(t, each_request_is_done_once_whatever_it_asks, 0, CONTRACT_DEVICES);
	tcase_add_loop_test(t, a_bad_range_is_refused_by_an_event, 0, CONTRACT_DEVICES);
	tcase_add_loop_test(t, an_operation_the_device_lacks_is_unsupported, 0, CONTRACT_DEVICES);
	tcase_add_loop_test(t, reads_of_never_written_sectors_are_counted, 0, CONTRACT_DEVICES);
	tcase_add_loop_test(t, a_fua_write_and_a_write_through_are_durable_when_done, 0, CONTRACT_DEVICES);
	tcase_add_loop_test(t, a_flush_makes_durable_what_was_acknowledged_before_it, 0, CONTRACT_DEVICES);
	tcase_add_loop_test(t, a_flush_waits_for_a_write_acknowledged_early, 0, CONTRACT_DEVICES);
	tcase_add_loop_test(t, a_fua_read_comes_from_the_medium, 0, CONTRACT_DEVICES);
	tcase_add_loop_test(t, write_zeroes_leaves_zeros, 0, CONTRACT_DEVICES);
	tcase_add_loop_test(t, a_barrier_stands_between_earlier_and_later_requests, 0, CONTRACT_DEVICES);
	tcase_add_loop_test(t, two_interleaved_simulations_equal_each_alone, 0, CONTRACT_DEVICES);
	tcase_add_loop_test(t, a_loaded_state_behaves_as_the_saved_device, 0, CONTRACT_DEVICES);
	tcase_add_loop_test(t, a_state_saved_while_the_drive_starts_knows_when_it_is_ready, 0, CONTRACT_DEVICES);
	tcase_add_loop_test(t, a_state_is_refused_where_it_does_not_belong, 0, CONTRACT_DEVICES);
	tcase_add_loop_test(t, a_busy_device_is_not_saved, 0, CONTRACT_DEVICES);
	tcase_set_timeout(t, 60);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
