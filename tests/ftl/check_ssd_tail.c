/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where the latency of a request of a solid-state drive went: the parts add up to it to the picosecond, whatever the drive does,
 * and what a request takes longer than alone is what it says it waited behind.
 */
#include <check.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "effort.h"
#include "ftl/ssd_private.h"
#include "sim/config.h"
#include "sim/rng.h"

#define FLASH \
	"d:\n" \
	"  flash:\n" \
	"    geometry: {channels: 2, chips: 1, dies: 2, planes: 2, blocks: 16, pages: 8, page: 8 KiB, cell: mlc}\n" \
	"    bus: {interface: nv-ddr2, rate: 333 MT/s}\n" \
	"    array: {read: [75 us], program: [750 us], erase: 3.8 ms}\n" \
	"    copyback: {allowed: true}\n" \
	"    suspend: {program: true, erase: true, program_time: 20 us, erase_time: 30 us}\n"

enum { HOST_QUEUE, DEVICE_QUEUE, FRONT, LINK, BUFFER, BUS, READ_BEHIND, PROGRAM_BEHIND, ERASE_BEHIND, GC, SUSPEND, SERVICE, PARTS };

static struct ssd *drive(struct sim *s, const char *text)
{
	struct err e = {0};
	struct config *c = config_new(NULL);
	struct ssd_spec *spec = arena_alloc(s->arena, sizeof(*spec));
	ck_assert_msg(config_load_text(c, "test.yaml", text, &e) == 0, "%s", e.msg);
	int bad = config_bind(config_get(config_root(c), "d"), "d", &ssd_options, NULL, spec, s->arena, &e);
	config_free(c);
	ck_assert_msg(bad == 0, "%s", e.msg);
	struct blk_dev *dev = blk_dev_open(s, &ssd_ops, "d", spec, &e);
	ck_assert_msg(dev != NULL, "%s", e.msg);
	return (struct ssd *)(void *)dev;
}

struct load {
	struct blk_req req;
	struct ssd *d;
	struct rng *rng;
	unsigned *left;
	time_ps *sum; /* of all parts, PARTS */
	time_ps part[PARTS], latency;
};

/* The parts of one that is done. */
static void look(struct load *l)
{
	const struct blk_dev *dev = &l->d->dev;
	time_ps sum = 0;
	ck_assert(dev->ops->blame(dev, &l->req, l->part));
	for (int i = 0; i < PARTS; i++) {
		ck_assert_msg(l->part[i] >= 0, "%s of %s is %" PRId64, ssd_blame_names[i], blk_op_name(l->req.op), l->part[i]);
		sum += l->part[i];
		if (l->sum)
			l->sum[i] += l->part[i];
	}
	/* nothing but flash holds up a plain read where nothing is read ahead */
	if (l->req.op == BLK_READ && !(l->req.flags & BLK_FUA) && l->d->spec->buffer.read_ahead == 0)
		ck_assert_int_eq(l->part[BUFFER], 0);
	l->latency = l->req.done_ps - l->req.arrive_ps;
	ck_assert_int_eq(sum, l->latency);
}

static void next(struct load *l);

static void done(struct sim *s, struct blk_req *r)
{
	struct load *l = container_of(r, struct load, req);
	(void)s;
	ck_assert_int_eq(r->status, BLK_OK);
	look(l);
	next(l);
}

static void next(struct load *l)
{
	static const uint8_t ops[] = {BLK_READ, BLK_READ, BLK_WRITE, BLK_WRITE, BLK_WRITE, BLK_WRITE, BLK_TRIM, BLK_FLUSH};
	uint64_t sectors = l->d->dev.sectors;
	if (*l->left == 0)
		return;
	--*l->left;
	l->req = (struct blk_req){.done = done, .op = ops[rng_below(l->rng, 8)], .flags = rng_below(l->rng, 8) ? 0 : BLK_FUA};
	if (l->req.op != BLK_FLUSH) {
		l->req.sectors = 1 + (uint32_t)rng_below(l->rng, 40);
		l->req.lba = rng_below(l->rng, sectors - l->req.sectors);
	}
	l->req.arrive_ps = l->d->dev.sim->now_ps;
	blk_submit(&l->d->dev, &l->req);
}

static const char *const settings[] = {
	"  ftl: {map: {capacity: 5 MiB}}\n  buffer: {size: 64 KiB}\n  precondition: {fill: 100 %, overwrite: 2}\n",
	"  ftl: {map: {capacity: 5 MiB}}\n  buffer: {size: 64 KiB, write_back: false}\n  precondition: {fill: 100 %, overwrite: 2}\n",
	"  ftl: {map: {capacity: 5 MiB}}\n  buffer: {size: 64 KiB, protected: true}\n  sched: {suspend: all}\n"
	"  precondition: {fill: 100 %, overwrite: 2}\n",
	"  front: {kind: nvme}\n  ftl: {map: {capacity: 3 MiB, unit: 4 KiB}}\n  buffer: {size: 256 KiB, high: 50 %, read_share: 50 %, read_ahead: 8}\n"
	"  precondition: {fill: 100 %, overwrite: 2}\n",
	"  front: {kind: sata}\n  ftl: {map: {capacity: 5 MiB}}\n  buffer: {size: 64 KiB}\n  moves: {copyback: true}\n"
	"  precondition: {fill: 100 %, overwrite: 2}\n",
	"  mount: {recovery: always}\n  ftl: {map: {capacity: 5 MiB}}\n  buffer: {size: 64 KiB}\n  precondition: {fill: 100 %, overwrite: 2}\n",
	"  ftl: {map: {capacity: 3 MiB}, alloc: {superblock: die}, gc: {pace: true}}\n  buffer: {size: 512 KiB}\n"
	"  precondition: {fill: 100 %, overwrite: 2}\n",
};

START_TEST(the_parts_of_every_request_add_up_to_its_latency)
{
	char text[2048];
	struct sim *s = sim_new(5);
	snprintf(text, sizeof(text), "%s%s", FLASH, settings[_i]);
	struct ssd *d = drive(s, text);
	unsigned left = effort(6000);
	time_ps sum[PARTS] = {0};
	struct load load[16];
	struct rng *rng = rng_new(s->arena, 5, "load");
	for (int i = 0; i < 16; i++) {
		load[i] = (struct load){.d = d, .rng = rng, .left = &left, .sum = sum};
		next(&load[i]);
	}
	ck_assert_int_eq(sim_run(s), 0);
	/* a small drive that is full: something waits behind each of these */
	ck_assert_int_gt(sum[SERVICE], 0);
	ck_assert_int_gt(sum[PROGRAM_BEHIND], 0);
	ck_assert_int_gt(sum[GC], 0);
	ck_assert_int_gt(sum[BUS], 0);
	ck_assert_int_eq(sum[HOST_QUEUE], 0); /* there is none here */
	blk_dev_close(&d->dev);
	sim_free(s);
}
END_TEST

/* ---- one behind another */

static void just_look(struct sim *s, struct blk_req *r)
{
	(void)s;
	look(container_of(r, struct load, req));
}

static void submit(struct load *l, struct ssd *d, enum blk_op op, uint64_t lba)
{
	*l = (struct load){.d = d, .req = {.done = just_look, .op = (uint8_t)op, .lba = lba, .sectors = 16}};
	l->req.arrive_ps = d->dev.sim->now_ps;
	blk_submit(&d->dev, &l->req);
}

#define ONE_DIE \
	"d:\n" \
	"  flash:\n" \
	"    geometry: {channels: 1, chips: 1, dies: 1, planes: 1, blocks: 32, pages: 8, page: 8 KiB, cell: mlc}\n" \
	"    bus: {interface: nv-ddr2, rate: 333 MT/s}\n" \
	"    array: {read: [75 us], program: [750 us], erase: 3.8 ms}\n" \
	"  front: {kind: none}\n" \
	"  ftl: {map: {capacity: 1 MiB}}\n" \
	"  buffer: {size: 64 KiB, write_back: false}\n" \
	"  precondition: {fill: 100 %}\n"

static void write_again(struct sim *s, struct blk_req *r);

/* Random writes, one at a time, none later than the last has ended. */
static void write_next(struct load *l, uint32_t sectors)
{
	if ((*l->left)-- == 0)
		return;
	l->req = (struct blk_req){.done = write_again, .op = BLK_WRITE, .sectors = sectors, .arrive_ps = l->d->dev.sim->now_ps};
	l->req.lba = rng_below(l->rng, l->d->dev.sectors / sectors) * sectors;
	blk_submit(&l->d->dev, &l->req);
}

/* Of the slow ones the sums. */
static void write_again(struct sim *s, struct blk_req *r)
{
	struct load *l = container_of(r, struct load, req);
	(void)s;
	ck_assert_int_eq(r->status, BLK_OK);
	time_ps *sum = l->sum;
	l->sum = NULL;
	look(l);
	l->sum = sum;
	for (int i = 0; i < PARTS && l->latency > 4 * PS_PER_MS; i++)
		sum[i] += l->part[i];
	write_next(l, r->sectors);
}

/* One plane, no buffer, one write at a time: nothing but cleaning and its own program can be in the way of a write, whether or not
 * cleaning keeps step with writing, and however large a program is. */
START_TEST(a_write_that_waits_for_cleaning_says_so)
{
	static const char *const text =
		"d:\n  flash:\n    geometry: {channels: 1, chips: 1, dies: 1, planes: 1, blocks: 64, pages: 16, page: 8 KiB, cell: slc}\n"
		"    bus: {interface: custom, rate: 1000 MT/s}\n    array: {read: [20 us], program: [100 us], erase: 3 ms}\n"
		"  ftl: {map: {over_provisioning: 0.28, unit: %s}, gc: {policy: greedy, low: 3, reserve: 2, pace: %s}}\n"
		"  front: {kind: none}\n  buffer: {size: 0}\n  precondition: {fill: 1}\n";
	static const char *const unit[] = {"8 KiB", "4 KiB"}, *const pace[] = {"false", "true"};
	char config[1024];
	snprintf(config, sizeof(config), text, unit[_i % 2], pace[_i / 2]);
	struct sim *s = sim_new(1);
	time_ps sum[PARTS] = {0}, slow = 0;
	unsigned left = 3000;
	struct load l = {.d = drive(s, config), .rng = rng_new(s->arena, 5, "load"), .left = &left, .sum = sum};
	write_next(&l, 16u >> _i % 2);
	ck_assert_int_eq(sim_run(s), 0);
	for (int i = 0; i < PARTS; i++)
		slow += sum[i];
	ck_assert_int_gt(slow, 0);
	ck_assert_msg(sum[GC] * 100 > slow * 95 && sum[BUFFER] * 100 < slow, "of %" PRId64 " ps %" PRId64 " are cleaning's and %" PRId64
		" the buffer's", slow, sum[GC], sum[BUFFER]);
	blk_dev_close(&l.d->dev);
	sim_free(s);
}
END_TEST

/* Eight writes at once, written through to one plane: the last waits for seven programs, and for nothing that is the buffer's. */
START_TEST(a_write_behind_many_programs_says_so)
{
	struct sim *s = sim_new(1);
	unsigned none = 0;
	struct load l[8];
	struct ssd *d = drive(s, ONE_DIE);
	for (uint32_t i = 0; i < 8; i++) {
		l[i] = (struct load){.d = d, .left = &none};
		l[i].req = (struct blk_req){.done = done, .op = BLK_WRITE, .sectors = 16, .lba = 16 * i};
		blk_submit(&d->dev, &l[i].req);
	}
	ck_assert_int_eq(sim_run(s), 0);
	ck_assert_int_ge(l[7].latency, 7 * 750 * PS_PER_US);
	ck_assert_int_lt(l[7].part[BUFFER] * 100, l[7].latency);
	ck_assert_int_ge(l[7].part[PROGRAM_BEHIND] * 8, l[7].latency * 6);
	ck_assert_int_gt(l[7].part[SERVICE], 0);
	blk_dev_close(&d->dev);
	sim_free(s);
}
END_TEST

/* Reads of one die, one after a program has begun: it takes longer by what is left of the program, and says so. */
START_TEST(a_read_behind_a_program_takes_longer_by_that)
{
	struct sim *s = sim_new(1);
	struct ssd *d = drive(s, ONE_DIE);
	struct load alone, write, behind;
	submit(&alone, d, BLK_READ, 0);
	ck_assert_int_eq(sim_run(s), 0);
	ck_assert_int_eq(alone.part[SERVICE], alone.latency);
	submit(&write, d, BLK_WRITE, 160);
	ck_assert_int_eq(sim_run_until(s, s->now_ps + 200 * PS_PER_US), 0);
	time_ps from = s->now_ps;
	submit(&behind, d, BLK_READ, 0);
	ck_assert_int_eq(sim_run(s), 0);
	ck_assert_int_eq(behind.part[SERVICE], alone.latency);
	ck_assert_int_eq(behind.latency - alone.latency, behind.part[PROGRAM_BEHIND]);
	ck_assert_int_eq(behind.part[PROGRAM_BEHIND], write.req.done_ps - from);
	ck_assert_int_eq(write.part[SERVICE], write.latency);
	blk_dev_close(&d->dev);
	sim_free(s);
}
END_TEST

/* Two reads at once: the second waits for the first, and for the bus as long as that is behind no array. */
START_TEST(a_read_behind_a_read_says_so)
{
	struct sim *s = sim_new(1);
	struct ssd *d = drive(s, ONE_DIE);
	struct load first, second;
	submit(&first, d, BLK_READ, 0);
	submit(&second, d, BLK_READ, 160);
	ck_assert_int_eq(sim_run(s), 0);
	ck_assert_int_eq(first.part[SERVICE], first.latency);
	ck_assert_int_eq(second.part[SERVICE], first.latency);
	ck_assert_int_eq(second.part[READ_BEHIND], first.latency);
	blk_dev_close(&d->dev);
	sim_free(s);
}
END_TEST

/* Written into a buffer with room: the way in and out is all there is. */
START_TEST(a_write_into_the_buffer_is_on_the_link_alone)
{
	struct sim *s = sim_new(1);
	struct ssd *d = drive(s, FLASH "  front: {kind: nvme}\n  ftl: {map: {capacity: 5 MiB}}\n  buffer: {size: 64 KiB}\n");
	struct load write;
	submit(&write, d, BLK_WRITE, 0);
	ck_assert_int_eq(sim_run(s), 0);
	ck_assert_int_gt(write.part[LINK], 0);
	ck_assert_int_gt(write.part[FRONT], 0);
	ck_assert_int_eq(write.part[DEVICE_QUEUE] + write.part[FRONT] + write.part[LINK], write.latency);
	blk_dev_close(&d->dev);
	sim_free(s);
}
END_TEST

/* A request that is refused has no parts, and one that is not the last to leave neither. */
START_TEST(only_the_request_that_leaves_is_told_of)
{
	struct sim *s = sim_new(1);
	struct ssd *d = drive(s, ONE_DIE);
	struct load read, other;
	time_ps part[PARTS];
	submit(&read, d, BLK_READ, 0);
	ck_assert_int_eq(sim_run(s), 0);
	submit(&other, d, BLK_READ, 16);
	ck_assert_int_eq(sim_run(s), 0);
	ck_assert(!ssd_blame(&d->dev, &read.req, part));
	ck_assert(ssd_blame(&d->dev, &other.req, part));
	other.req.key = 0; /* handed out again */
	ck_assert(!ssd_blame(&d->dev, &other.req, part));
	blk_dev_close(&d->dev);
	sim_free(s);
}
END_TEST

/* ---- over time */

enum { WAF, HOST_UNITS, GC_UNITS, WEAR_UNITS, MAPPING_UNITS, PADDING_UNITS, GC_JOBS, WEAR_JOBS, ERASES, FREE, FREE_LEAST, FREE_MEAN,
	UNCLEAN, ERASE_MEAN, ERASE_MAX };

static void run_random(struct ssd *d, unsigned requests);

START_TEST(the_columns_over_time_have_grown_by_what_the_flash_has_done)
{
	struct sim *s = sim_new(5);
	struct ssd *d = drive(s, FLASH "  ftl: {map: {capacity: 5 MiB}}\n  buffer: {size: 64 KiB}\n  precondition: {fill: 100 %, overwrite: 2}\n");
	double before[BLK_SAMPLE_MOST], after[BLK_SAMPLE_MOST];
	const struct nand_counts flash = d->nand->counts;
	ssd_sample(&d->dev, before);
	run_random(d, effort(2000));
	ssd_sample(&d->dev, after);
	ck_assert_str_eq(ssd_sample_columns[WAF].name, "waf");
	ck_assert_uint_eq(ssd_sample_columns[WAF].over, HOST_UNITS);
	ck_assert_str_eq(ssd_sample_columns[UNCLEAN].name, "unclean_units");
	ck_assert_ptr_null(ssd_sample_columns[ERASE_MAX + 1].name);
	double parts = 0, grown[UNCLEAN + 1];
	for (int i = 0; i <= UNCLEAN; i++)
		grown[i] = after[i] - before[i];
	for (int i = HOST_UNITS; i <= PADDING_UNITS; i++)
		parts += grown[i];
	ck_assert_double_gt(grown[HOST_UNITS], 0);
	ck_assert_double_gt(grown[GC_UNITS], 0);
	ck_assert_double_eq(parts, grown[WAF]);
	/* a unit is a page here; pages that are padded may be skipped */
	double programs = (double)(d->nand->counts.programs - flash.programs);
	ck_assert_double_le(programs, grown[WAF]);
	ck_assert_double_ge(programs, grown[WAF] - grown[PADDING_UNITS]);
	ck_assert_double_eq((double)(d->nand->counts.erases - flash.erases), grown[ERASES]);
	ck_assert_double_eq(after[FREE], after[FREE_MEAN] * d->ftl->alloc.regions);
	ck_assert_double_le(after[FREE_LEAST], after[FREE_MEAN]);
	blk_dev_close(&d->dev);
	sim_free(s);
}
END_TEST

/* ---- what its parts did */

static time_ps log_sum(const struct nand_log *l, bool die, uint32_t index)
{
	time_ps sum = 0;
	for (uint32_t i = 0; i < l->count; i++)
		if (l->row[i].die == die && l->row[i].index == index)
			sum += l->row[i].end_ps - l->row[i].begin_ps;
	return sum;
}

static void run_random(struct ssd *d, unsigned requests)
{
	unsigned left = requests;
	struct load load[8];
	struct rng *rng = rng_new(d->dev.sim->arena, 5, "load");
	for (int i = 0; i < 8; i++) {
		load[i] = (struct load){.d = d, .rng = rng, .left = &left};
		next(&load[i]);
	}
	ck_assert_int_eq(sim_run(d->dev.sim), 0);
}

START_TEST(shares_and_idle_are_all_of_the_time_and_the_log_has_the_same)
{
	struct err e = {0};
	struct sim *s = sim_new(5);
	struct ssd *d = drive(s, FLASH "  ftl: {map: {capacity: 5 MiB}}\n  buffer: {size: 64 KiB}\n  precondition: {fill: 100 %, overwrite: 2}\n");
	const struct nand_geom *g = &d->nand->geom;
	time_ps part[TSU_SHARES], bus[TSU_BUSES];
	ck_assert_int_eq(ssd_watch(&d->dev, 0, TIME_PS_MAX, &e), 0);
	run_random(d, effort(1000));
	ck_assert_uint_eq(d->nand->log->left_out, 0);
	for (uint32_t i = 0; i < g->dies; i++) {
		time_ps all = 0, most = 0, sum = 0;
		tsu_die_time(d->tsu, i, part);
		for (int k = 0; k < TSU_SHARES; k++)
			all += part[k];
		ck_assert_int_eq(all, s->now_ps);
		time_ps busy = all - part[TSU_SHARE_IDLE];
		ck_assert_int_gt(busy, 0);
		ck_assert_int_eq(log_sum(d->nand->log, true, i), busy);
		for (uint32_t p = 0; p < g->planes; p++) {
			time_ps plane = tsu_plane_busy(d->tsu, (uint64_t)i * g->planes + p);
			most = time_max(most, plane);
			sum += plane;
		}
		ck_assert(most <= busy && busy <= sum); /* always one plane at least takes part */
	}
	for (uint32_t i = 0; i < g->channels; i++) {
		time_ps all = 0;
		tsu_channel_time(d->tsu, i, bus);
		for (int k = 0; k < TSU_BUSES; k++)
			all += bus[k];
		ck_assert_int_eq(all, s->now_ps);
		ck_assert_int_eq(log_sum(d->nand->log, false, i), all - bus[TSU_BUS_IDLE]);
	}
	blk_dev_close(&d->dev);
	sim_free(s);
}
END_TEST

START_TEST(the_log_keeps_to_its_window)
{
	struct err e = {0};
	struct sim *s = sim_new(5);
	struct ssd *d = drive(s, FLASH "  ftl: {map: {capacity: 5 MiB}}\n  buffer: {size: 64 KiB}\n  precondition: {fill: 100 %, overwrite: 2}\n");
	ck_assert_int_eq(ssd_watch(&d->dev, 3 * PS_PER_MS, 5 * PS_PER_MS, &e), 0);
	run_random(d, 300);
	const struct nand_log *l = d->nand->log;
	ck_assert_int_gt(s->now_ps, 5 * PS_PER_MS);
	ck_assert_uint_gt(l->count, 0);
	for (uint32_t i = 0; i < l->count; i++)
		ck_assert(l->row[i].begin_ps >= 3 * PS_PER_MS && l->row[i].begin_ps < l->row[i].end_ps &&
			l->row[i].end_ps <= 5 * PS_PER_MS);
	blk_dev_close(&d->dev);
	sim_free(s);
}
END_TEST

static const char *table_name(const struct ssd *d, unsigned index) { return ssd_table(&d->dev, index, NULL); }

START_TEST(the_table_of_the_log_is_there_when_asked_for)
{
	struct err e = {0};
	struct sim *s = sim_new(5);
	struct ssd *d = drive(s, ONE_DIE);
	unsigned n = 0;
	while (table_name(d, n))
		ck_assert_str_ne(table_name(d, n++), "gantt");
	ck_assert_int_eq(ssd_watch(&d->dev, 0, PS_PER_S, &e), 0);
	ck_assert_str_eq(table_name(d, n), "gantt");
	ck_assert_ptr_null(table_name(d, n + 1));
	blk_dev_close(&d->dev);
	sim_free(s);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("ftl/ssd_tail");
	TCase *t = tcase_create("tail");
	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, the_parts_of_every_request_add_up_to_its_latency, 0, (int)(sizeof(settings) / sizeof(settings[0])));
	tcase_add_loop_test(t, a_write_that_waits_for_cleaning_says_so, 0, 4);
	tcase_add_test(t, a_write_behind_many_programs_says_so);
	tcase_add_test(t, a_read_behind_a_program_takes_longer_by_that);
	tcase_add_test(t, a_read_behind_a_read_says_so);
	tcase_add_test(t, a_write_into_the_buffer_is_on_the_link_alone);
	tcase_add_test(t, only_the_request_that_leaves_is_told_of);
	tcase_add_test(t, the_columns_over_time_have_grown_by_what_the_flash_has_done);
	tcase_add_test(t, shares_and_idle_are_all_of_the_time_and_the_log_has_the_same);
	tcase_add_test(t, the_log_keeps_to_its_window);
	tcase_add_test(t, the_table_of_the_log_is_there_when_asked_for);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
