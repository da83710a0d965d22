/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The assembled disk: the course of single commands worked out by hand, what holds under any
 * load, its queue, its clock's end. What every device must keep is in
 * tests/blk/check_device_contract.c.
 */
#include "disk/disk_fixture.h"

#include <inttypes.h>

/* 6,000 rpm: a turn takes 10 ms, one of 100 sectors 0.1 ms. No skew, nothing else takes time. */
static const char plain[] =
	"disk0:\n"
	"  rpm: 6000 rpm\n"
	"  geometry: {heads: 2, cylinders: 100, zones: [{first_cylinder: 0, last_cylinder: 99, sectors_per_track: 100}]}\n"
	"  seek: {model: sqrt-linear, linear_base: 1 ms, linear_slope: 0.01 ms}\n"
	"  head_switch: 0.5 ms\n"
	"  cache: {enabled: false}\n";

#define US PS_PER_US
#define MS PS_PER_MS

/* ---- the medium does one thing at a time ---------------------------------------------------- */

#define LOAD 4000

struct load {
	struct drive v;
	struct rng *rng;
	struct blk_req req[6];
	unsigned left, done;
	struct {
		time_ps start_ps, end_ps;
	} use[LOAD]; /* of the medium: from the command's start to its last sector, in order of start */
};

static void load_draw(struct load *l, struct blk_req *r)
{
	blk_done_fn *done = r->done;
	*r = (struct blk_req){.done = done, .owner = l, .op = rng_below(l->rng, 2) ? BLK_READ : BLK_WRITE};
	uint64_t x = rng_below(l->rng, 20);
	r->flags = x == 0 ? BLK_FUA : 0;
	r->sectors = 1 + (uint32_t)rng_below(l->rng, 20);
	r->lba = rng_below(l->rng, 3000);
	if (x == 1)
		r->op = BLK_FLUSH;
}

static void load_done(struct sim *s, struct blk_req *r)
{
	struct load *l = r->owner;
	(void)s;
	ck_assert_int_eq(r->status, BLK_OK);
	/* what took the medium itself, and not what came on the way or from the buffer */
	if (r->op == BLK_WRITE || (r->op == BLK_READ && r->seek_ps + r->rotation_ps > 0)) {
		unsigned i = l->done++;
		while (i > 0 && l->use[i - 1].start_ps > r->start_ps) {
			l->use[i] = l->use[i - 1];
			i--;
		}
		l->use[i].start_ps = r->start_ps;
		l->use[i].end_ps = time_max(r->media_ps + r->transfer_ps, r->start_ps + r->seek_ps + r->rotation_ps + r->transfer_ps);
	}
	if (l->left > 0) {
		l->left--;
		load_draw(l, r);
		blk_submit(l->v.dev, r);
	}
}

static void medium_is_used_by_one(const char *base, const char *const *sets)
{
	struct load *l = calloc(1, sizeof(*l));
	drive_open_with(&l->v, base, sets);
	l->rng = rng_new(l->v.sim->arena, 1, "disk/load");
	l->left = LOAD - 6;
	for (int i = 0; i < 6; i++) {
		l->req[i].done = load_done;
		load_draw(l, &l->req[i]);
		blk_submit(l->v.dev, &l->req[i]);
	}
	ck_assert_int_eq(sim_run(l->v.sim), 0);
	ck_assert_uint_eq(l->v.dev->stats.completed, LOAD);
	ck_assert_uint_gt(l->done, LOAD / 3);
	for (unsigned i = 1; i < l->done; i++)
		if (l->use[i].start_ps < l->use[i - 1].end_ps)
			ck_abort_msg("the medium is taken at %" PRId64 " and in use until %" PRId64, l->use[i].start_ps,
				l->use[i - 1].end_ps);
	drive_close(&l->v);
	free(l);
}

START_TEST(a_command_takes_the_medium_when_the_one_before_has_left_it)
{
	static const char *const sets[][4] = {
		{"disk0.cache={enabled: false}", NULL},
		{"disk0.cache={enabled: true, read_ahead: none}", "disk0.queue_depth=4", "disk0.scheduler=sptf", NULL},
		{"disk0.cache={enabled: true, write_back: true, read_ahead: none}", NULL},
		{"disk0.cache={enabled: true, write_back: true, read_ahead: segment}", "disk0.queue_depth=3", "disk0.scheduler=c-look", NULL},
		{"disk0.cache={enabled: true, write_back: true, read_ahead: track, read_on_arrival: true}",
		 "disk0.bus={read_sector: 0.05 ms, write_sector: 0.05 ms}", "disk0.overhead={write_hit_after_write: 0.2 ms}", NULL},
	};
	medium_is_used_by_one(plain, sets[_i]);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("disk");
	TCase *t = tcase_create("disk");
	tcase_add_loop_test(t, a_command_takes_the_medium_when_the_one_before_has_left_it, 0, 5);
	tcase_set_timeout(t, 60);
	suite_add_tcase(s, t);
	return run_suite(s);
}
