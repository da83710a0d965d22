/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Namespaces as devices of their own: addresses, ranges, barriers, power, and what each counts. */
#include <check.h>
#include <stdlib.h>

#include "blk/fake_dev.h"
#include "blk/space.h"
#include "effort.h"
#include "sim/rng.h"

static const struct fake_spec spec = {.sectors = 1000, .latency_ps = 5 * PS_PER_US, .lost = FAKE_NONE, .twice = FAKE_NONE};

/* The first 300 sectors, then 200; the rest of the device belongs to none. */
static uint64_t sizes(const void *bound, uint32_t nsid)
{
	(void)bound;
	return nsid == 1 ? 300 : nsid == 2 ? 200 : 0;
}

static uint64_t seen_lba;
static uint32_t seen_nsid;
static uint8_t seen_flags;

static void spy_submit(struct blk_dev *dev, struct blk_req *r)
{
	seen_lba = r->lba;
	seen_nsid = r->nsid;
	seen_flags = r->flags;
	fake_submit(dev, r);
}

static void fake_status_with_power(const struct blk_dev *dev, struct blk_dev_status *out)
{
	fake_status(dev, out);
	out->power = fake_of(dev)->off ? BLK_POWER_OFF : BLK_POWER_ON;
}

struct rig {
	struct sim *sim;
	struct blk_dev_ops ops;
	struct blk_dev *device, *space[2];
};

static struct rig make(void)
{
	static struct blk_dev_ops ops;
	struct err e = {0};
	struct rig t = {.sim = sim_new(1)};
	ops = fake_ops;
	ops.space = sizes;
	ops.submit = spy_submit;
	ops.status = fake_status_with_power;
	t.device = blk_dev_open(t.sim, &ops, "ssd0", &spec, &e);
	ck_assert_uint_eq(blk_spaces(&ops, &spec), 2);
	for (uint32_t i = 0; i < 2; i++) {
		t.space[i] = blk_space_open(t.sim, t.device, i + 1, &e);
		ck_assert_msg(t.space[i] != NULL, "%s", e.msg);
	}
	return t;
}

static void drop(struct rig *t)
{
	for (int i = 0; i < 2; i++)
		blk_dev_close(t->space[i]);
	blk_dev_close(t->device);
	sim_free(t->sim);
}

static void note_done(struct sim *s, struct blk_req *r)
{
	(void)s;
	*(int *)r->owner += 1;
}

static struct blk_req give(enum blk_op op, uint64_t lba, uint32_t sectors, uint8_t flags, int *count)
{
	return (struct blk_req){.op = (uint8_t)op, .lba = lba, .sectors = sectors, .flags = flags, .done = note_done, .owner = count};
}

START_TEST(a_request_goes_to_its_part_and_comes_back_as_it_was)
{
	struct rig t = make();
	int count = 0;
	struct blk_req r = give(BLK_READ, 7, 8, BLK_BARRIER | BLK_FUA, &count);
	ck_assert_str_eq(t.space[1]->name, "ssd0n2");
	ck_assert_uint_eq(t.space[1]->sectors, 200);
	ck_assert_ptr_eq(blk_space_of(t.space[1])->device, t.device);
	ck_assert_ptr_null(blk_space_of(t.device));
	blk_submit(t.space[1], &r);
	ck_assert_uint_eq(seen_lba, 307);
	ck_assert_uint_eq(seen_nsid, 2);
	ck_assert_uint_eq(seen_flags, BLK_FUA); /* its barrier is not the other namespace's */
	ck_assert_int_eq(sim_run(t.sim), 0);
	ck_assert_int_eq(count, 1);
	ck_assert(r.lba == 7 && r.nsid == 0 && r.flags == (BLK_BARRIER | BLK_FUA) && r.owner == &count && r.done == note_done);
	ck_assert_int_eq(r.done_ps, 5 * PS_PER_US); /* it costs no time */
	ck_assert_uint_eq(r.unwritten, 8);
	ck_assert_uint_eq(t.space[1]->stats.unwritten_sectors, 8);
	ck_assert_uint_eq(t.device->stats.completed, 1);
	ck_assert_uint_eq(t.space[1]->stats.completed, 1);
	ck_assert_uint_eq(t.space[0]->stats.submitted, 0);
	ck_assert_uint_eq(blk_space_of(t.space[1])->read.exact.count, 1);
	ck_assert_int_eq(blk_space_of(t.space[1])->read.exact.max, 5 * PS_PER_US);
	drop(&t);
}
END_TEST

/* Its last sector is the one before its end, though the device goes on behind it. */
START_TEST(nothing_passes_the_end_of_a_namespace)
{
	static const struct {
		uint64_t lba;
		uint32_t sectors;
		enum blk_status status;
	} ask[] = {{199, 1, BLK_OK}, {200, 1, BLK_OUT_OF_RANGE}, {192, 8, BLK_OK}, {193, 8, BLK_OUT_OF_RANGE},
		{UINT64_MAX - 3, 8, BLK_OUT_OF_RANGE},
		{0, 0, BLK_OUT_OF_RANGE}};
	static const enum blk_op ops[] = {BLK_READ, BLK_WRITE, BLK_TRIM, BLK_WRITE_ZEROES};
	struct rig t = make();
	unsigned inside = 0;
	for (size_t i = 0; i < sizeof(ask) / sizeof(ask[0]); i++)
		for (size_t k = 0; k < 4; k++) {
			int count = 0;
			struct blk_req r = give(ops[k], ask[i].lba, ask[i].sectors, 0, &count);
			blk_submit(t.space[1], &r);
			ck_assert_int_eq(sim_run(t.sim), 0);
			ck_assert(count == 1 && r.status == ask[i].status);
			inside += r.status == BLK_OK;
		}
	ck_assert_uint_eq(t.device->stats.submitted, inside);
	drop(&t);
}
END_TEST

START_TEST(a_barrier_holds_back_its_own_namespace_alone)
{
	struct rig t = make();
	int count = 0;
	struct blk_req first = give(BLK_WRITE, 0, 8, 0, &count), barrier = give(BLK_WRITE, 8, 8, BLK_BARRIER, &count),
		behind = give(BLK_WRITE, 16, 8, 0, &count), other = give(BLK_WRITE, 0, 8, 0, &count);
	blk_submit(t.space[0], &first);
	blk_submit(t.space[0], &barrier);
	blk_submit(t.space[0], &behind);
	blk_submit(t.space[1], &other);
	ck_assert_int_eq(sim_run(t.sim), 0);
	ck_assert_int_eq(count, 4);
	ck_assert_int_eq(other.done_ps, 5 * PS_PER_US);
	ck_assert_int_eq(barrier.done_ps, 10 * PS_PER_US);
	ck_assert_int_eq(behind.done_ps, 15 * PS_PER_US);
	drop(&t);
}
END_TEST

START_TEST(the_power_is_the_device_s)
{
	struct rig t = make();
	int count = 0;
	struct blk_dev_status now = {0};
	struct blk_req a = give(BLK_WRITE, 0, 8, 0, &count), b = give(BLK_WRITE, 0, 8, 0, &count), c = give(BLK_WRITE, 0, 8, 0, &count),
		d = give(BLK_WRITE, 0, 8, 0, &count);
	blk_submit(t.space[0], &a);
	blk_submit(t.space[1], &b);
	blk_dev_power_cut(t.space[0]);
	blk_dev_power_cut(t.space[1]); /* a second time: nothing */
	ck_assert_int_eq(sim_run(t.sim), 0);
	ck_assert(a.status == BLK_POWER_LOST && b.status == BLK_POWER_LOST);
	t.space[1]->ops->status(t.space[1], &now);
	ck_assert_int_eq(now.power, BLK_POWER_OFF);
	blk_submit(t.space[1], &c);
	ck_assert_int_eq(sim_run(t.sim), 0);
	ck_assert_int_eq(c.status, BLK_NOT_READY);
	blk_dev_power_restore(t.space[1]);
	blk_dev_power_restore(t.space[0]);
	blk_submit(t.space[0], &d);
	ck_assert_int_eq(sim_run(t.sim), 0);
	ck_assert_int_eq(d.status, BLK_OK);
	ck_assert_int_eq(count, 4);
	drop(&t);
}
END_TEST

struct lane {
	struct blk_req req;
	struct rig *rig;
	struct rng *rng;
	unsigned *left;
	uint64_t *sectors; /* read and written, by namespace */
};

static void next(struct sim *s, struct blk_req *r)
{
	struct lane *l = container_of(r, struct lane, req);
	uint64_t x = rng_u64(l->rng), k = x & 1;
	(void)s;
	if (*l->left == 0)
		return;
	--*l->left;
	l->req.op = x & 2 ? BLK_READ : BLK_WRITE;
	l->req.sectors = 1 + (uint32_t)(x >> 2 & 15);
	l->req.lba = rng_below(l->rng, sizes(NULL, (uint32_t)k + 1) - l->req.sectors + 1);
	l->req.flags = (x >> 8 & 7) == 0 ? BLK_BARRIER : 0;
	l->req.arrive_ps = l->rig->sim->now_ps;
	l->sectors[2 * k + (l->req.op == BLK_WRITE)] += l->req.sectors;
	blk_submit(l->rig->space[k], &l->req);
}

/* What two namespaces count is what the device counts, and what was asked for. */
START_TEST(the_counts_of_namespaces_add_up_to_the_device_s)
{
	struct rig t = make();
	unsigned left = effort(20000), all = left;
	uint64_t sectors[4] = {0};
	struct lane lane[6];
	for (unsigned i = 0; i < 6; i++) {
		lane[i] = (struct lane){.req = {.done = next}, .rig = &t, .rng = rng_new(t.sim->arena, i, "space"), .left = &left,
			.sectors = sectors};
		next(t.sim, &lane[i].req);
	}
	ck_assert_int_eq(sim_run(t.sim), 0);
	const struct blk_dev_stats *a = &t.space[0]->stats, *b = &t.space[1]->stats, *d = &t.device->stats;
	ck_assert_uint_eq(a->completed + b->completed, all);
	ck_assert(d->submitted == all && d->completed == all && a->submitted == a->completed && b->submitted == b->completed);
	ck_assert(a->host_read_sectors == sectors[0] && a->host_write_sectors == sectors[1]);
	ck_assert(b->host_read_sectors == sectors[2] && b->host_write_sectors == sectors[3]);
	ck_assert_uint_eq(a->host_write_sectors + b->host_write_sectors, d->host_write_sectors);
	ck_assert_uint_eq(a->unwritten_sectors + b->unwritten_sectors, d->unwritten_sectors);
	ck_assert_uint_eq(blk_space_of(t.space[0])->read.exact.count + blk_space_of(t.space[0])->write.exact.count, a->completed);
	drop(&t);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("space");
	TCase *c = tcase_create("space");
	tcase_add_test(c, a_request_goes_to_its_part_and_comes_back_as_it_was);
	tcase_add_test(c, nothing_passes_the_end_of_a_namespace);
	tcase_add_test(c, a_barrier_holds_back_its_own_namespace_alone);
	tcase_add_test(c, the_power_is_the_device_s);
	tcase_add_test(c, the_counts_of_namespaces_add_up_to_the_device_s);
	suite_add_tcase(s, c);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
