/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Power cuts, for every device of the table in contract_rig.h: at every event of a small run
 * and at random times between events. What the device notes in the tag oracle is held against
 * the ledger of acknowledged writes, which the test keeps on its own.
 */
#include "blk/contract_rig.h"
#include "effort.h"

#include "disk/spec.h"
#include "ftl/ssd_inplace.h"

#define RUN 60

struct cut {
	struct rig rig; /* first */
	uint64_t durable[RIG_SECTORS]; /* before the cut */
	bool open[RIG_SECTORS];
	unsigned lost, torn;
	struct rng *choice;
};

static void note_loss(void *ctx, const struct blk_tag_loss *l)
{
	struct cut *c = ctx;
	ck_assert_uint_lt(l->lba, RIG_SECTORS);
	ck_assert_uint_eq(l->acked_tag, c->rig.acked[l->lba]);
	ck_assert_uint_eq(l->durable_tag, c->durable[l->lba]);
	ck_assert_uint_lt(l->durable_tag, l->acked_tag); /* tags rise: the medium is behind */
	c->lost++;
}

static uint64_t choose_torn(void *ctx, uint64_t lba, uint64_t old_tag, uint64_t new_tag)
{
	struct cut *c = ctx;
	ck_assert(c->open[lba]);
	c->torn++;
	switch (rng_below(c->choice, 3)) {
	case 0:
		return old_tag;
	case 1:
		return new_tag;
	default:
		return TAG_TORN;
	}
}

/* The power goes now. Nothing acknowledged is lost that need not be; nothing durable is lost. */
static void cut_now(struct cut *c)
{
	struct rig *g = &c->rig;
	struct blk_identity id;
	struct blk_dev_status st;
	time_ps now = g->sim->now_ps;
	g->dev->ops->identify(g->dev, &id);
	g->dev->ops->status(g->dev, &st);
	blk_dev_power_cut(g->dev);

	unsigned behind = 0, opened = 0;
	for (uint64_t i = 0; i < RIG_SECTORS; i++) {
		c->durable[i] = blk_tags_durable(g->tags, i);
		c->open[i] = blk_tags_open(g->tags, i);
		opened += c->open[i];
		behind += c->durable[i] < g->acked[i];
		ck_assert_uint_ge(c->durable[i], g->flushed[i]); /* FUA */
	}
	/* each arm may tear what it writes as one */
	const struct disk_spec *disk = g->dev->ops == &disk_ops ? g->dev->spec : NULL;
	unsigned arms = disk ? (unsigned)disk->actuators.count : 1, torn = id.physical_bytes / SECTOR_BYTES;
	if (disk && disk->shingled.model == SMR_DRIVE_MANAGED) /* a band overwritten in place */
		torn = (unsigned)(disk->shingled.band_bytes / SECTOR_BYTES);
	if (g->dev->ops == &ssd_inplace_ops) { /* a block of each die */
		const struct flash_geometry_spec *flash = &((const struct ssd_spec *)g->dev->spec)->flash.geometry;
		torn *= (unsigned)flash->pages;
		arms = (unsigned)(flash->channels * flash->dies * flash->planes * flash->blocks);
	}
	ck_assert_uint_le(opened, arms * torn);
	ck_assert_uint_eq(blk_tags_dirty(g->tags), behind);
	ck_assert_uint_eq(behind, st.dirty_sectors);
	if (!id.volatile_cache)
		ck_assert_uint_eq(behind, 0);

	ck_assert_uint_eq(blk_tags_power_cut(g->tags, note_loss, choose_torn, c), behind);
	ck_assert_uint_eq(c->lost, behind);
	ck_assert_uint_eq(c->torn, opened);
	for (uint64_t i = 0; i < RIG_SECTORS; i++)
		if (!c->open[i])
			ck_assert_uint_eq(blk_tags_latest(g->tags, i), c->durable[i]);

	/* all of it comes back now, by events */
	unsigned out = 0;
	for (unsigned i = 0; i < LANES; i++)
		out += g->lane[i].outstanding;
	unsigned before = g->completed;
	g->left = 0;
	for (unsigned i = 0; i < LANES; i++)
		sim_cancel(g->sim, &g->lane[i].wake);
	ck_assert_int_eq(sim_run(g->sim), 0);
	ck_assert_int_eq(g->sim->now_ps, now);
	ck_assert_uint_eq(g->completed - before, out);
	for (unsigned i = before; i < g->completed; i++)
		ck_assert(g->log[i].status == BLK_POWER_LOST || g->log[i].status == BLK_OUT_OF_RANGE ||
			  g->log[i].done_ps == now);
	g->dev->ops->status(g->dev, &st);
	ck_assert(st.power == BLK_POWER_OFF && !st.busy && st.queued == 0 && st.in_service == 0 && st.dirty_sectors == 0);
}

/* Off, it is not ready; on again, it serves after the time it said. */
static void off_and_on(struct cut *c)
{
	struct rig *g = &c->rig;
	ck_assert_int_eq(rig_do(g, BLK_READ, 0, 8, 0)->status, BLK_NOT_READY);
	ck_assert_int_eq(rig_do(g, BLK_FLUSH, 0, 0, BLK_BARRIER)->status, BLK_NOT_READY);
	blk_dev_power_cut(g->dev); /* a second time changes nothing */
	sim_run_until(g->sim, g->sim->now_ps + 3 * PS_PER_MS);
	time_ps restored = g->sim->now_ps, wait = blk_dev_power_restore(g->dev);
	ck_assert_int_ge(wait, 0);
	ck_assert_int_le(wait, PS_PER_S); /* a time from now on, not a time of day */
	const struct blk_req *r = rig_do(g, BLK_READ, 0, 8, 0);
	ck_assert_int_eq(r->status, BLK_OK);
	ck_assert_int_eq(r->hit, BLK_MISS); /* the buffer was lost too */
	ck_assert_int_eq(r->start_ps, restored + wait);
	uint64_t tag = rig_do(g, BLK_WRITE, 3, 8, BLK_FUA)->tag;
	ck_assert_uint_eq(blk_tags_durable(g->tags, 5), tag);
	g->rng = rng_new(g->sim->arena, 5, "after the cut");
	free(g->log);
	rig_start(g, LANES, 30, MIX_ALL);
	rig_run(g);
}

static struct cut *cut_new(int device, uint64_t seed)
{
	struct cut *c = calloc(1, sizeof(*c));
	rig_open_at(&c->rig, device, seed, 5 * PS_PER_S);
	rig_tags(&c->rig);
	c->choice = rng_new(c->rig.sim->arena, seed, "torn");
	rig_start(&c->rig, LANES, RUN, MIX_READS | MIX_FUA | MIX_FLUSH | MIX_BARRIER);
	return c;
}

static void cut_free(struct cut *c)
{
	rig_close(&c->rig);
	free(c);
}

START_TEST(the_power_may_go_at_every_event)
{
	unsigned lost = 0;
	struct blk_identity id;
	unsigned step = effort(100) < 50 ? 4 : 1; /* every one, where that does not take long */
	for (unsigned k = (unsigned)_i % step;; k += step) {
		struct cut *c = cut_new(_i, 17);
		bool over = false;
		for (unsigned n = 0; n < k && !over; n++)
			over = !sim_step(c->rig.sim);
		cut_now(c);
		off_and_on(c);
		lost += c->lost;
		c->rig.dev->ops->identify(c->rig.dev, &id);
		cut_free(c);
		if (over)
			break;
	}
	if (id.volatile_cache) /* the test would see nothing otherwise */
		ck_assert_uint_gt(lost, 0);
}
END_TEST

START_TEST(the_power_may_go_at_any_time)
{
	unsigned torn = 0, lost = 0;
	struct blk_identity id;
	bool remaps = false;
	for (uint64_t n = 0; n < 150 + effort(150); n++) {
		struct cut *c = cut_new(_i, 100 + n % 7);
		struct rng *r = rng_new(c->rig.sim->arena, n, "when");
		sim_run_until(c->rig.sim, 5 * PS_PER_S + (time_ps)rng_below(r, 300 * PS_PER_MS));
		cut_now(c);
		off_and_on(c);
		torn += c->torn;
		lost += c->lost;
		c->rig.dev->ops->identify(c->rig.dev, &id);
		remaps = c->rig.dev->ops == &ssd_ops || c->rig.dev->ops == &fixed_dev_ops;
		cut_free(c);
	}
	if (remaps) /* it overwrites nothing in place, or all at once */
		ck_assert_uint_eq(torn, 0);
	else
		ck_assert_uint_gt(torn, 0);
	ck_assert(lost > 0 || !id.volatile_cache);
}
END_TEST

START_TEST(the_power_may_go_while_it_comes_back)
{
	struct cut *c = cut_new(_i, 18);
	cut_now(c);
	blk_dev_power_restore(c->rig.dev);
	struct lane *l = &c->rig.lane[0];
	l->req = (struct blk_req){.done = rig_done, .op = BLK_READ, .sectors = 8};
	rig_submit(&c->rig, l);
	sim_run_until(c->rig.sim, c->rig.sim->now_ps + PS_PER_MS); /* it starts for 20 ms */
	ck_assert(l->outstanding);
	blk_dev_power_cut(c->rig.dev);
	ck_assert_int_eq(sim_run(c->rig.sim), 0);
	ck_assert_int_eq(l->req.status, BLK_POWER_LOST);
	off_and_on(c);
	cut_free(c);
}
END_TEST

/* Times a lost command never got to are not told as if it had. */
static void ck_no_future(struct rig *g, struct lane *l)
{
	if (l->req.status == BLK_POWER_LOST)
		ck_assert(l->req.media_ps <= g->sim->now_ps && l->req.start_ps <= g->sim->now_ps);
}

START_TEST(a_lost_command_tells_no_times_after_the_cut)
{
	for (uint64_t n = 0; n < effort(50); n++) {
		struct cut *c = cut_new(_i, 19);
		c->rig.done = ck_no_future;
		sim_run_until(c->rig.sim, 5 * PS_PER_S + (time_ps)n * PS_PER_MS);
		cut_now(c);
		ck_assert_int_le(c->rig.dev->stats.busy_ps, c->rig.sim->now_ps - 5 * PS_PER_S);
		cut_free(c);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("device power");
	TCase *t = tcase_create("power");
	tcase_add_loop_test(t, the_power_may_go_at_every_event, 0, CONTRACT_DEVICES);
	tcase_add_loop_test(t, the_power_may_go_at_any_time, 0, CONTRACT_DEVICES);
	tcase_add_loop_test(t, the_power_may_go_while_it_comes_back, 0, CONTRACT_DEVICES);
	tcase_add_loop_test(t, a_lost_command_tells_no_times_after_the_cut, 0, CONTRACT_DEVICES);
	tcase_set_timeout(t, 60);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
