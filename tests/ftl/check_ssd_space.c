/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Namespaces of the solid-state drive: what is refused, contents under the oracle, two tenants that meet in the flash and in the
 * queues, and a saved state of another layout.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "blk/space.h"
#include "blk/tag.h"
#include "effort.h"
#include "ftl/ssd_oracle.h"
#include "sim/config.h"

/* Two channels x two dies of 24 blocks of 8 pages of 4 KiB: 3 MiB of flash. */
#define DRIVE \
	"d:\n" \
	"  flash:\n" \
	"    geometry: {channels: 2, chips: 1, dies: 2, planes: 1, blocks: 24, pages: 8, page: 4 KiB, cell: slc}\n" \
	"    bus: {interface: nv-ddr2, rate: 333 MT/s}\n" \
	"    array: {read: [25 us], program: [200 us], erase: 1500 us}\n" \
	"  ftl: {map: {capacity: 2 MiB}}\n"
#define TWO "  namespaces: [512 KiB, 1 MiB]\n"

static struct ssd_spec *bound(struct sim *s, const char *more, struct err *e)
{
	char text[2048];
	struct config *c = config_new(NULL);
	struct ssd_spec *spec = arena_alloc(s->arena, sizeof(*spec));
	snprintf(text, sizeof(text), "%s%s", DRIVE, more);
	ck_assert_msg(config_load_text(c, "test.yaml", text, e) == 0, "%s", e->msg);
	int bad = config_bind(config_get(config_root(c), "d"), "d", &ssd_options, NULL, spec, s->arena, e);
	config_free(c);
	return bad < 0 ? NULL : spec;
}

static struct blk_dev *drive_try(struct sim *s, const char *more, struct err *e)
{
	const struct ssd_spec *spec = bound(s, more, e);
	return spec ? blk_dev_open(s, &ssd_ops, "d", spec, e) : NULL;
}

static struct blk_dev *drive(struct sim *s, const char *more, struct blk_dev *space[2])
{
	struct err e = {0};
	struct blk_dev *dev = drive_try(s, more, &e);
	ck_assert_msg(dev != NULL, "%s", e.msg);
	for (uint32_t i = 0; i < 2 && space; i++)
		ck_assert_ptr_nonnull(space[i] = blk_space_open(s, dev, i + 1, &e));
	return dev;
}

static void note_done(struct sim *s, struct blk_req *r)
{
	(void)s;
	*(int *)r->owner += 1;
}

static struct blk_req give(enum blk_op op, uint64_t lba, uint32_t sectors, uint64_t tag, int *count)
{
	return (struct blk_req){.op = (uint8_t)op, .lba = lba, .sectors = sectors, .tag = tag, .done = note_done, .owner = count};
}

/* ---- what is refused -------------------------------------------------------------------------------------------------- */

static void refused(const char *more, const char *key)
{
	struct err e = {0};
	struct sim *s = sim_new(1);
	ck_assert_msg(drive_try(s, more, &e) == NULL, "%s is taken", more);
	ck_assert_msg(strstr(e.msg, key) != NULL, "%s: no \"%s\" in: %s", more, key, e.msg);
	sim_free(s);
}

START_TEST(a_layout_that_cannot_be_is_refused)
{
	refused("  namespaces: [1 MiB, 1 MiB, 4 KiB]\n", "d.namespaces: up to number 3");
	refused("  namespaces: [1 MiB, 5000 B]\n", "d.namespaces: number 2 has 5000 bytes");
	refused("  namespaces: [0]\n", "namespaces");
	refused(TWO "  front: {kind: sata}\n", "namespaces");
	refused("  front: {nvme: {share_queues: false}}\n", "share_queues");
	refused(TWO "  front: {kind: none, nvme: {share_queues: false}}\n", "share_queues");
	refused(TWO "  front: {nvme: {share_queues: false, queues: 1}}\n", "share_queues");
}
END_TEST

/* NVM Express Base Specification 1.4: 0 names no namespace, FFFFFFFFh all, which only a flush may; what passes the end of the
 * namespace is refused though the drive goes on there. 1024 and 2048 sectors in a drive of 4096. */
START_TEST(the_drive_refuses_what_belongs_to_no_namespace)
{
	static const struct {
		const char *layout;
		enum blk_op op;
		uint32_t nsid;
		uint64_t lba;
		enum blk_status status;
	} ask[] = {
		{TWO, BLK_READ, 1, 0, BLK_OK}, {TWO, BLK_READ, 0, 0, BLK_INVALID_NAMESPACE}, {TWO, BLK_READ, 3, 0, BLK_INVALID_NAMESPACE},
		{TWO, BLK_READ, BLK_ALL_SPACES, 0, BLK_INVALID_NAMESPACE}, {TWO, BLK_FLUSH, BLK_ALL_SPACES, 0, BLK_OK},
		{TWO, BLK_FLUSH, 2, 0, BLK_OK}, {TWO, BLK_FLUSH, 3, 0, BLK_INVALID_NAMESPACE}, {TWO, BLK_FLUSH, 0, 0, BLK_INVALID_NAMESPACE},
		{TWO, BLK_WRITE, 1, 1016, BLK_OK}, {TWO, BLK_WRITE, 1, 1017, BLK_OUT_OF_RANGE}, {TWO, BLK_TRIM, 2, 1023, BLK_OUT_OF_RANGE},
		{TWO, BLK_WRITE_ZEROES, 2, 1024, BLK_OK}, {TWO, BLK_WRITE, 2, 3064, BLK_OK}, {TWO, BLK_WRITE, 2, 3065, BLK_OUT_OF_RANGE},
		{"", BLK_READ, 0, 4088, BLK_OK}, {"", BLK_READ, 1, 4088, BLK_OK}, {"", BLK_READ, 2, 0, BLK_INVALID_NAMESPACE},
		{"", BLK_FLUSH, BLK_ALL_SPACES, 0, BLK_OK},
	};
	for (size_t i = 0; i < sizeof(ask) / sizeof(ask[0]); i++) {
		int count = 0;
		struct sim *s = sim_new(1);
		struct blk_dev *dev = drive(s, ask[i].layout, NULL);
		bool range = ask[i].op != BLK_FLUSH;
		struct blk_req r = give(ask[i].op, ask[i].lba, range ? 8 : 0, 1, &count);
		r.nsid = ask[i].nsid;
		blk_submit(dev, &r);
		ck_assert_int_eq(sim_run(s), 0);
		ck_assert_msg(count == 1 && r.status == ask[i].status, "case %zu ends as %s", i, blk_status_name((enum blk_status)r.status));
		blk_dev_close(dev);
		sim_free(s);
	}
}
END_TEST

/* The drive without remapping has them too: 4 x 24 blocks of 8 pages, all of which the host sees. */
START_TEST(a_drive_without_remapping_has_namespaces)
{
	struct sim *s = sim_new(1);
	struct err e = {0};
	struct ssd_spec *spec = bound(s, TWO, &e);
	int count = 0;
	spec->ftl.map = (struct ftl_map_spec){.scheme = FTL_MAP_none};
	struct blk_dev *dev = blk_dev_open(s, &ssd_ops, "d", spec, &e), *space[2];
	ck_assert_msg(dev != NULL, "%s", e.msg);
	for (uint32_t i = 0; i < 2; i++)
		space[i] = blk_space_open(s, dev, i + 1, &e);
	struct blk_req good = give(BLK_WRITE, 0, 8, 1, &count), past = give(BLK_WRITE, 1020, 8, 1, &count), none = past;
	none.nsid = 3;
	blk_submit(space[1], &good);
	blk_submit(space[0], &past);
	blk_submit(dev, &none);
	ck_assert_int_eq(sim_run(s), 0);
	ck_assert(good.status == BLK_OK && past.status == BLK_OUT_OF_RANGE && none.status == BLK_INVALID_NAMESPACE && count == 3);
	blk_dev_close(dev);
	sim_free(s);
}
END_TEST

/* ---- contents --------------------------------------------------------------------------------------------------------- */

/* Random reads, writes, trims, zeroes and flushes in both, every sector's content known: what one has is never seen in the other.
 * The oracle's sectors are the drive's, so that a wrong translation is a wrong content. */
START_TEST(no_namespace_sees_another_s_contents)
{
	static const char *const buffers[] = {"", "  buffer: {size: 64 KiB}\n", "  buffer: {size: 0}\n", "  front: {kind: none}\n"};
	for (unsigned i = 0; i < 4; i++) {
		struct sim *s = sim_new(i);
		struct blk_dev *space[2], *dev;
		char more[256];
		snprintf(more, sizeof(more), TWO "%s", buffers[i]);
		dev = drive(s, more, space);
		struct oracle *o = oracle_open((struct ssd *)(void *)dev, i);
		for (unsigned k = 0; k < 2; k++)
			o->space[k] = blk_space_of(space[k]);
		o->spaces = 2;
		oracle_load(o, ORACLE_LANES, effort(3000));
		ck_assert_msg(oracle_check(o) == 0, "%s", o->e.msg);
		ck_assert_uint_gt(space[0]->stats.completed, effort(3000) / 8);
		ck_assert_uint_gt(space[1]->stats.completed, effort(3000) / 8);
		ck_assert_uint_eq(space[0]->stats.completed + space[1]->stats.completed, dev->stats.completed);
		oracle_close(o);
		blk_dev_close(dev);
		sim_free(s);
	}
}
END_TEST

/* Equal addresses, different tags; a flush of one makes what both wrote durable, as NVMe allows. */
START_TEST(tags_of_equal_addresses_are_kept_apart_and_a_flush_is_the_drive_s)
{
	struct sim *s = sim_new(1);
	struct blk_dev *space[2], *dev = drive(s, TWO "  idle_flush: 1 s\n  buffer: {size: 128 KiB, write_back: true, high: 90 %, low: 80 %}\n", space);
	struct blk_tags *tags = dev->tags = blk_tags_new();
	int count = 0;
	struct blk_req a = give(BLK_WRITE, 8, 8, 11, &count), b = give(BLK_WRITE, 8, 8, 22, &count), f = give(BLK_FLUSH, 0, 0, 0, &count),
		t = give(BLK_TRIM, 8, 8, 0, &count);
	blk_submit(space[0], &a);
	blk_submit(space[1], &b);
	sim_run_until(s, PS_PER_MS);
	ck_assert_int_eq(count, 2);
	ck_assert(blk_tags_latest(tags, 8) == 11 && blk_tags_latest(tags, 1024 + 8) == 22);
	ck_assert_uint_eq(blk_tags_durable(tags, 1024 + 8), TAG_ZERO);
	blk_submit(space[0], &f);
	sim_run_until(s, 20 * PS_PER_MS);
	ck_assert_int_eq(count, 3);
	ck_assert(blk_tags_durable(tags, 8) == 11 && blk_tags_durable(tags, 1024 + 8) == 22);
	blk_submit(space[0], &t);
	ck_assert_int_eq(sim_run(s), 0);
	ck_assert(blk_tags_latest(tags, 8) == TAG_ZERO && blk_tags_latest(tags, 1024 + 8) == 22);
	blk_dev_close(dev);
	blk_tags_free(tags);
	sim_free(s);
}
END_TEST

/* ---- two tenants ------------------------------------------------------------------------------------------------------- */

struct tenant {
	struct blk_req req;
	struct blk_dev *dev;
	struct rng *rng;
	unsigned left;
	uint8_t op;
};

static void ask(struct tenant *t)
{
	if (t->left == 0)
		return;
	t->left--;
	t->req.op = t->op;
	t->req.sectors = 8;
	t->req.lba = 8 * rng_below(t->rng, t->dev->sectors / 8);
	t->req.arrive_ps = t->dev->sim->now_ps;
	blk_submit(t->dev, &t->req);
}

static void tenant_done(struct sim *s, struct blk_req *r)
{
	(void)s;
	ck_assert_int_eq(r->status, BLK_OK);
	ask(container_of(r, struct tenant, req));
}

/* The mean latency of A, which reads one at a time, beside so many requests of B outstanding; queues as `more` says. */
static double beside(const char *more, unsigned lanes, uint8_t op, unsigned writes)
{
	struct sim *s = sim_new(7);
	struct blk_dev *space[2], *dev = drive(s, more, space);
	struct tenant a = {.req = {.done = tenant_done}, .dev = space[0], .op = BLK_READ, .left = 200}, b[64] = {0};
	a.rng = rng_new(s->arena, 1, "a");
	for (unsigned i = 0; i < lanes; i++) {
		b[i] = (struct tenant){.req = {.done = tenant_done}, .dev = space[1], .op = op, .left = writes, .rng = rng_new(s->arena, i, "b")};
		ask(&b[i]);
	}
	ask(&a);
	ck_assert_int_eq(sim_run(s), 0);
	double mean = tally_mean(&blk_space_of(space[0])->read.exact);
	ck_assert_uint_eq(blk_space_of(space[0])->read.exact.count, 200);
	blk_dev_close(dev);
	sim_free(s);
	return mean;
}

#define FULL "  precondition: {fill: 100 %, overwrite: 1}\n"

/* A read takes 25 us of array, a program 200: a read of A that meets one of B's waits for the rest of it, 100 us in the mean. The
 * dies are shared, so that queues of its own help A against nothing of this. */
START_TEST(a_tenant_waits_behind_the_programs_of_another)
{
	static const char *const how[] = {TWO FULL, TWO FULL "  front: {nvme: {share_queues: false}}\n"};
	for (int i = 0; i < 2; i++) {
		double alone = beside(how[i], 0, BLK_WRITE, 0), disturbed = beside(how[i], 8, BLK_WRITE, 400);
		ck_assert_double_gt(alone, 25e6);
		ck_assert_double_lt(alone, 60e6);
		ck_assert_double_gt(disturbed, alone + 50e6);
	}
}
END_TEST

/* Where all share one queue pair of eight places, of which 64 readers of B always fill seven, A waits for a place behind 57 of
 * them; with a queue pair of its own only for the dies and its turn. */
START_TEST(queues_of_its_own_spare_a_tenant_another_s_queue)
{
	double shared = beside(TWO FULL "  front: {nvme: {queues: 2, entries: 8}}\n", 64, BLK_READ, 400);
	double own = beside(TWO FULL "  front: {nvme: {queues: 2, entries: 8, share_queues: false}}\n", 64, BLK_READ, 400);
	ck_assert_double_gt(shared, 3 * own);
}
END_TEST

/* ---- a saved state ------------------------------------------------------------------------------------------------------ */

static char *shape(const char *more)
{
	char *text = NULL;
	size_t bytes = 0;
	struct sim *s = sim_new(1);
	struct blk_dev *dev = drive(s, more, NULL);
	FILE *out = open_memstream(&text, &bytes);
	blk_dev_shape(dev, out);
	fclose(out);
	blk_dev_close(dev);
	sim_free(s);
	return text;
}

/* What a state file compares, and refuses by the first line that differs. */
START_TEST(a_saved_state_belongs_to_one_layout)
{
	char *two = shape(TWO), *same = shape(TWO "  front: {nvme: {queues: 4, share_queues: false}}\n"),
		*other = shape("  namespaces: [1 MiB, 512 KiB]\n"),
	     *none = shape("");
	ck_assert_str_eq(two, same);
	ck_assert_str_ne(two, other);
	ck_assert_str_ne(two, none);
	ck_assert_ptr_nonnull(strstr(two, "namespaces: [512 KiB, 1 MiB]"));
	free(two);
	free(same);
	free(other);
	free(none);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("ssd_space");
	TCase *c = tcase_create("ssd_space");
	tcase_set_timeout(c, 60);
	tcase_add_test(c, a_layout_that_cannot_be_is_refused);
	tcase_add_test(c, the_drive_refuses_what_belongs_to_no_namespace);
	tcase_add_test(c, a_drive_without_remapping_has_namespaces);
	tcase_add_test(c, no_namespace_sees_another_s_contents);
	tcase_add_test(c, tags_of_equal_addresses_are_kept_apart_and_a_flush_is_the_drive_s);
	tcase_add_test(c, a_tenant_waits_behind_the_programs_of_another);
	tcase_add_test(c, queues_of_its_own_spare_a_tenant_another_s_queue);
	tcase_add_test(c, a_saved_state_belongs_to_one_layout);
	suite_add_tcase(s, c);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
