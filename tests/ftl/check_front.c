/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The fronts: times worked out by hand from the frames and packets of the standards, the order of arbitration, limits, and a
 * contract that every front keeps through random loads and power cuts. Behind the front is a device that takes a
 * fixed time for each command.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "effort.h"
#include "ftl/front.h"
#include "ftl/options.h"
#include "sim/config.h"
#include "sim/rng.h"

#define MUST(x) ((x) ? (void)0 : ck_abort_msg("not so: %s", #x))

#define REQUESTS 512

struct rig {
	struct blk_dev *dev;
	struct sim *sim;
	struct front_spec spec;
	struct front *front;
	time_ps service_ps;
	struct blk_req req[REQUESTS];
	bool inside[REQUESTS];       /* in the device, behind the front */
	time_ps command_ps[REQUESTS], taken_ps[REQUESTS];
	uint32_t done[REQUESTS];     /* times done() was called */
	uint32_t order[REQUESTS];    /* requests as they got to the controller */
	uint32_t commands, finished, left, serving, most;
	bool submitting;
};

struct fake {
	struct blk_dev dev;
	struct rig *rig;
};

static struct rig *rig_of(const struct blk_dev *dev) { return ((const struct fake *)(const void *)dev)->rig; }
static uint32_t number(const struct rig *g, const struct blk_req *r) { return (uint32_t)(r - g->req); }

/* ---- the device ----------------------------------------------------------------------------------------- */

static void served(struct sim *s, struct event *e)
{
	struct blk_req *r = container_of(e, struct blk_req, event);
	struct rig *g = r->owner;
	(void)s;
	g->inside[number(g, r)] = false;
	g->serving--;
	front_finish(g->front, r, BLK_OK, r->op == BLK_READ ? (uint64_t)r->sectors * SECTOR_BYTES : 0);
}

static void command(void *ctx, struct blk_req *r)
{
	struct rig *g = ctx;
	uint32_t n = number(g, r);
	ck_assert(!g->submitting && !g->inside[n]);
	g->command_ps[n] = g->sim->now_ps;
	if (g->commands < REQUESTS)
		g->order[g->commands] = n;
	g->commands++;
	g->inside[n] = true;
	g->serving++;
	if (g->serving > g->most)
		g->most = g->serving;
	time_ps at = front_take(g->front, r, r->op == BLK_WRITE ? (uint64_t)r->sectors * SECTOR_BYTES : 0);
	g->taken_ps[n] = at;
	event_init(&r->event, served, "served", EVENT_PRIO_DEVICE);
	sim_schedule(g->sim, &r->event, time_add(at, g->service_ps));
}

static void leaving(void *ctx, struct blk_req *r)
{
	struct rig *g = ctx;
	ck_assert(g->done[number(g, r)] == 0);
	g->left++;
}

static int fake_open(struct blk_dev *dev, const void *spec, struct err *e)
{
	(void)dev;
	(void)spec;
	(void)e;
	return 0;
}

static void fake_identify(const struct blk_dev *dev, struct blk_identity *out)
{
	(void)dev;
	out->sectors = 1 << 20;
}

static void fake_submit(struct blk_dev *dev, struct blk_req *r) { front_submit(rig_of(dev)->front, r); }

static void fake_power_cut(struct blk_dev *dev)
{
	struct rig *g = rig_of(dev);
	front_power_cut(g->front);
	for (uint32_t i = 0; i < REQUESTS; i++)
		if (g->inside[i]) {
			sim_cancel(g->sim, &g->req[i].event);
			g->inside[i] = false;
			blk_complete_at(dev, &g->req[i], BLK_POWER_LOST, g->sim->now_ps);
		}
	g->serving = 0;
}

static const struct blk_dev_ops fake_ops = {.name = "fake", .state_size = sizeof(struct fake), .open = fake_open,
	.identify = fake_identify, .submit = fake_submit, .power_cut = fake_power_cut};

static int rig_try(struct rig *g, const char *text, struct err *e)
{
	struct config *c = config_new(NULL);
	memset(g, 0, sizeof(*g));
	g->sim = sim_new(1);
	int result = config_load_text(c, "test.yaml", text, e);
	if (result == 0)
		result = config_bind(config_get(config_root(c), "front"), "front", &front_group, NULL, &g->spec, g->sim->arena, e);
	config_free(c);
	if (result < 0)
		return -1;
	g->dev = blk_dev_open(g->sim, &fake_ops, "fake", NULL, e);
	ck_assert_ptr_nonnull(g->dev);
	((struct fake *)(void *)g->dev)->rig = g;
	struct front_client client = {.command = command, .leaving = leaving, .ctx = g};
	g->front = front_open(g->sim->arena, g->sim, g->dev, &g->spec, client, "front", e);
	return g->front ? 0 : -1;
}

static struct rig *rig_new(const char *text)
{
	struct rig *g = calloc(1, sizeof(*g));
	struct err e = {0};
	ck_assert_msg(rig_try(g, text, &e) == 0, "%s", e.msg);
	return g;
}

static void rig_free(struct rig *g)
{
	blk_dev_close(g->dev);
	sim_free(g->sim);
	free(g);
}

static void request_done(struct sim *s, struct blk_req *r)
{
	struct rig *g = r->owner;
	(void)s;
	ck_assert(!g->submitting);
	g->done[number(g, r)]++;
	g->finished++;
}

static struct blk_req *send_to(struct rig *g, uint32_t n, enum blk_op op, uint32_t sectors, uint16_t queue, uint8_t priority)
{
	struct blk_req *r = &g->req[n];
	*r = (struct blk_req){.op = (uint8_t)op, .sectors = op == BLK_FLUSH ? 0 : sectors, .queue = queue, .priority = priority,
		.done = request_done, .owner = g};
	g->done[n] = 0;
	g->submitting = true;
	blk_submit(g->dev, r);
	g->submitting = false;
	return r;
}

static struct blk_req *send(struct rig *g, uint32_t n, enum blk_op op, uint32_t sectors)
{
	return send_to(g, n, op, sectors, 0, 0);
}

/* Time of bytes on so many lanes of generation 3, 8 GT/s with 128b/130b, rounded up to the ps. */
static time_ps lanes_time(uint64_t bytes, uint64_t lanes)
{
	return (time_ps)((bytes * 130000 + 128 * lanes - 1) / (128 * lanes));
}

/* ---- times by hand --------------------------------------------------------------------------------------- */

START_TEST(without_a_front_a_request_costs_what_the_device_takes)
{
	struct rig *g = rig_new("front: {kind: none}\n");
	g->service_ps = 75 * PS_PER_US;
	struct blk_req *r = send(g, 0, BLK_READ, 8);
	ck_assert_uint_eq(g->commands, 0);
	sim_run(g->sim);
	ck_assert_int_eq(r->done_ps, 75 * PS_PER_US);
	ck_assert_int_eq(r->start_ps, 0);
	ck_assert_int_eq(r->overhead_ps, 0);
	ck_assert_uint_eq(g->left, 1);
	ck_assert_uint_eq(g->sim->fired, 3); /* in, the device's own, out */
	rig_free(g);
}
END_TEST

/* 64-byte entry in a packet of 20 more; 4 KiB in 16 packets of 24 more, 16 + 24 and 4 + 24 for the completion. */
START_TEST(an_nvme_read_takes_doorbell_fetch_firmware_link_and_completion)
{
	struct rig *g = rig_new("front: {nvme: {doorbell: 100 ns, host_read: 500 ns, completion: 200 ns},\n"
		"        firmware: {cores: 1, read: 1 us}}\n");
	g->service_ps = 50 * PS_PER_US;
	struct blk_req *r = send(g, 0, BLK_READ, 8);
	sim_run(g->sim);
	time_ps fetched = 600 * PS_PER_NS + lanes_time(84, 4);
	ck_assert_int_eq(g->command_ps[0], fetched + PS_PER_US);
	ck_assert_int_eq(r->start_ps, 100 * PS_PER_NS);
	ck_assert_int_eq(r->overhead_ps, g->command_ps[0] - r->start_ps);
	time_ps link = lanes_time(4096 + 16 * 24 + 40 + 28, 4);
	ck_assert_int_eq(r->bus_ps, link);
	ck_assert_int_eq(r->done_ps, g->command_ps[0] + g->service_ps + link + 200 * PS_PER_NS);
	ck_assert_uint_eq(g->sim->fired, 3);
	rig_free(g);
}
END_TEST

START_TEST(an_nvme_write_reads_host_memory_first)
{
	struct rig *g = rig_new("front: {nvme: {host_read: 500 ns, lanes: 2, payload: 128 B, read_request: 4 KiB}}\n");
	send(g, 0, BLK_WRITE, 16);
	sim_run(g->sim);
	ck_assert_int_eq(g->command_ps[0], 500 * PS_PER_NS + lanes_time(84, 2));
	ck_assert_int_eq(g->taken_ps[0], g->command_ps[0] + 500 * PS_PER_NS + lanes_time(8192 + 64 * 20, 2));
	struct front_stats s = front_stats(g->front);
	ck_assert_int_eq(s.out_ps, lanes_time(24, 2) + lanes_time(48, 2) + lanes_time(40 + 28, 2));
	ck_assert_uint_eq(s.bytes_in, 8192);
	rig_free(g);
}
END_TEST

/* Words of 4 bytes at 600 MB/s x 254 / 256. Register 5 words, setup 7, data 1, activate 1, bits 2; 3 around each. */
static time_ps words_time(uint64_t words) { return (time_ps)((words * 4 * 256 * 10000 + 6 * 254 - 1) / (6 * 254)); }

START_TEST(a_sata_command_takes_the_frames_of_its_protocol)
{
	struct rig *g = rig_new("front: {kind: sata, sata: {frame: 50 ns, command: 1 us, completion: 2 us}}\n");
	const time_ps around = 50 * PS_PER_NS;
	struct blk_req *r = send(g, 0, BLK_READ, 8);
	sim_run(g->sim);
	ck_assert_int_eq(g->command_ps[0], words_time(8) + around + PS_PER_US);
	time_ps data = words_time(10) + around + words_time(1024 + 4) + around;
	ck_assert_int_eq(r->bus_ps, data);
	ck_assert_int_eq(r->done_ps, g->command_ps[0] + data + words_time(5) + around + 2 * PS_PER_US);

	r = send(g, 1, BLK_WRITE, 32); /* two Data FISes */
	sim_run(g->sim);
	ck_assert_int_eq(g->taken_ps[1] - g->command_ps[1],
		words_time(10) + around + words_time(4096 + 2 * 4) + 2 * (words_time(4) + 2 * around));

	r = send(g, 2, BLK_FLUSH, 0);
	sim_run(g->sim);
	ck_assert_int_eq(r->done_ps - g->command_ps[2], words_time(8) + around + 2 * PS_PER_US);
	rig_free(g);
}
END_TEST

START_TEST(commands_queue_for_firmware_cores)
{
	struct rig *g = rig_new("front: {kind: none, firmware: {cores: 2, read: 10 us, write: 4 us, other: 1 us}}\n");
	for (uint32_t i = 0; i < 4; i++)
		send(g, i, BLK_READ, 8);
	send(g, 4, BLK_WRITE, 8);
	send(g, 5, BLK_TRIM, 8);
	sim_run(g->sim);
	static const time_ps at_us[] = {10, 10, 20, 20, 24, 21};
	for (uint32_t i = 0; i < 6; i++)
		ck_assert_int_eq(g->command_ps[i], at_us[i] * PS_PER_US);
	ck_assert_int_eq(front_stats(g->front).firmware_ps, 45 * PS_PER_US);
	rig_free(g);
}
END_TEST

START_TEST(dram_passes_the_hosts_data_as_often_as_told)
{
	struct rig *g = rig_new("front: {kind: none, dram: {rate: 1 GB/s, passes: 3}}\n");
	send(g, 0, BLK_WRITE, 8);
	send(g, 1, BLK_READ, 8);
	sim_run(g->sim);
	ck_assert_int_eq(g->taken_ps[0], 3 * 4096 * PS_PER_NS);
	ck_assert_int_eq(g->req[1].done_ps, 6 * 4096 * PS_PER_NS); /* behind the write */
	ck_assert_int_eq(front_dram(g->front, 1000) - g->sim->now_ps, PS_PER_US);
	rig_free(g);
}
END_TEST

START_TEST(data_can_be_given_in_parts)
{
	struct rig *g = rig_new("front: {nvme: {generation: 3, lanes: 1}}\n");
	struct blk_req *r = send(g, 0, BLK_READ, 8);
	ck_assert_int_eq(front_give(g->front, r, 0), 0);
	ck_assert_int_eq(front_give(g->front, r, 256), lanes_time(24, 1) + lanes_time(280, 1)); /* behind the request to fetch */
	ck_assert_int_eq(r->bus_ps, lanes_time(280, 1));
	sim_run(g->sim);
	rig_free(g);
}
END_TEST

/* ---- bandwidth ------------------------------------------------------------------------------------------- */

#define BIG 2048 /* sectors: 1 MiB */

/* Bytes a second of 1 MiB requests, every so many of them writes (0: none). */
static double bandwidth(const char *text, uint32_t requests, uint32_t write_every)
{
	struct rig *g = rig_new(text);
	for (uint32_t i = 0; i < requests; i++)
		send(g, i, write_every > 0 && i % write_every == 0 ? BLK_WRITE : BLK_READ, BIG);
	sim_run(g->sim);
	double rate = (double)requests * BIG * SECTOR_BYTES / time_seconds(g->sim->now_ps);
	rig_free(g);
	return rate;
}

/* 62.96 Gb/s is what eight lanes of generation 3 leave after their line code (Neugebauer et al. 2018, section 3). */
START_TEST(pcie_carries_both_ways_at_once_what_its_packets_leave)
{
	double raw = 62.96e9 / 8;
	double reads = bandwidth("front: {nvme: {lanes: 8, payload: 256 B}}\n", 64, 0);
	ck_assert_double_eq_tol(reads / (raw * 256 / 280), 1, 0.002);
	double small = bandwidth("front: {nvme: {lanes: 8, payload: 128 B}}\n", 64, 0);
	ck_assert_double_eq_tol(small / (raw * 128 / 152), 1, 0.002);
	double writes = bandwidth("front: {nvme: {lanes: 8, payload: 256 B}}\n", 64, 1);
	ck_assert_double_eq_tol(writes / (raw * 256 / 276), 1, 0.002);
	double both = bandwidth("front: {nvme: {lanes: 8, payload: 256 B, read_request: 4 KiB}}\n", 128, 2);
	ck_assert_double_ge(both, 1.9 * reads);
	double twice = bandwidth("front: {nvme: {lanes: 8, payload: 256 B, generation: 4}}\n", 64, 0);
	ck_assert_double_eq_tol(twice / reads, 2, 0.002);
	ck_assert_double_eq_tol(bandwidth("front: {nvme: {lanes: 4, generation: 1}}\n", 64, 0) / (1e9 * 256 / 280), 1, 0.002);
}
END_TEST

START_TEST(sata_carries_one_way_at_a_time)
{
	double most = 600e6 * 254 / 256 * 8192 / (8192 + 16);
	double reads = bandwidth("front: {kind: sata}\n", 64, 0);
	ck_assert_double_eq_tol(reads / most, 1, 0.002);
	ck_assert_double_eq_tol(bandwidth("front: {kind: sata}\n", 64, 2) / reads, 1, 0.005);
	ck_assert_double_eq_tol(bandwidth("front: {kind: sata, sata: {rate: 3-gb}}\n", 64, 0) / reads, 0.5, 0.002);
}
END_TEST

START_TEST(a_link_of_generation_0_costs_nothing)
{
	struct rig *g = rig_new("front: {nvme: {generation: 0, completion: 3 us}}\n");
	send(g, 0, BLK_READ, BIG);
	sim_run(g->sim);
	ck_assert_int_eq(g->req[0].done_ps, 3 * PS_PER_US);
	rig_free(g);
}
END_TEST

/* ---- queues ---------------------------------------------------------------------------------------------- */

START_TEST(round_robin_serves_each_queue_in_turn)
{
	struct rig *g = rig_new("front: {nvme: {queues: 4, burst: 1, slots: 1}}\n");
	g->service_ps = PS_PER_US;
	for (uint32_t i = 0; i < 8; i++)
		send_to(g, i, BLK_READ, 8, 0, 3);
	for (uint32_t i = 8; i < 10; i++)
		send_to(g, i, BLK_READ, 8, 6, 3); /* queue 2 of 4 */
	send_to(g, 10, BLK_READ, 8, 3, 0);
	sim_run(g->sim);
	static const uint32_t order[] = {0, 8, 10, 1, 9, 2, 3, 4, 5, 6, 7};
	ck_assert_mem_eq(g->order, order, sizeof(order));
	ck_assert_uint_eq(g->most, 1);
	rig_free(g);
}
END_TEST

START_TEST(a_burst_is_fetched_at_once_from_one_queue)
{
	struct rig *g = rig_new("front: {nvme: {queues: 2, burst: 4, host_read: 1 us, generation: 0}}\n");
	for (uint32_t i = 0; i < 9; i++)
		send_to(g, i, BLK_READ, 8, 0, 0);
	for (uint32_t i = 9; i < 12; i++)
		send_to(g, i, BLK_READ, 8, 1, 0);
	sim_run(g->sim);
	/* the first alone, for then there were no more; then queue 1's, then 0's by four */
	static const time_ps at_us[] = {1, 3, 3, 3, 3, 4, 4, 4, 4, 2, 2, 2};
	for (uint32_t i = 0; i < 12; i++)
		ck_assert_int_eq(g->command_ps[i], at_us[i] * PS_PER_US);
	ck_assert_uint_eq(front_stats(g->front).fetches, 4);
	rig_free(g);
}
END_TEST

START_TEST(a_command_is_not_fetched_before_its_doorbell_is_seen)
{
	struct rig *g = rig_new("front: {nvme: {doorbell: 5 us, host_read: 1 us, generation: 0}}\n");
	send(g, 0, BLK_READ, 8);
	sim_run_until(g->sim, 3 * PS_PER_US);
	send(g, 1, BLK_READ, 8); /* seen at 8, when the fetch of the first is over */
	send(g, 2, BLK_READ, 8);
	sim_run(g->sim);
	ck_assert_int_eq(g->command_ps[0], 6 * PS_PER_US);
	ck_assert_int_eq(g->command_ps[1], 9 * PS_PER_US);
	ck_assert_int_eq(g->command_ps[2], 10 * PS_PER_US);
	rig_free(g);
}
END_TEST

/* Weights 4, 2, 1: so many of each class in a round (NVM Express 1.4, 4.13.2), urgent ones before. */
START_TEST(weights_share_the_controller_and_urgent_goes_first)
{
	struct rig *g = rig_new("front: {nvme: {arbitration: weighted, high: 4, medium: 2, low: 1, slots: 1, queues: 2}}\n");
	g->service_ps = PS_PER_US;
	send_to(g, 0, BLK_READ, 8, 0, 9);
	for (uint32_t i = 1; i <= 210; i++)
		send_to(g, i, BLK_READ, 8, (uint16_t)(i % 5), (uint8_t)(1 + i % 3));
	for (uint32_t i = 211; i < 215; i++)
		send_to(g, i, BLK_READ, 8, 0, 0);
	sim_run(g->sim);
	uint32_t by_class[4] = {0};
	ck_assert_uint_eq(g->order[0], 0);
	for (uint32_t i = 1; i < 5; i++)
		ck_assert_uint_ge(g->order[i], 211);
	for (uint32_t i = 5; i < 5 + 70; i++)
		by_class[g->req[g->order[i]].priority]++;
	/* the first round had spent its low credit on request 0: one round is 6, the other 64 are 9 rounds and one high */
	ck_assert_uint_eq(by_class[1], 4 + 36 + 1);
	ck_assert_uint_eq(by_class[2], 2 + 18);
	ck_assert_uint_eq(by_class[3], 9);
	ck_assert_uint_eq(g->finished, 215);
	rig_free(g);
}
END_TEST

START_TEST(a_full_queue_makes_the_host_wait_in_order)
{
	struct rig *g = rig_new("front: {nvme: {queues: 1, entries: 4}}\n");
	g->service_ps = 10 * PS_PER_US;
	for (uint32_t i = 0; i < 12; i++)
		send(g, i, BLK_READ, 8);
	ck_assert_uint_eq(front_stats(g->front).host_waits, 9);
	sim_run(g->sim);
	ck_assert_uint_eq(g->most, 3);
	for (uint32_t i = 0; i < 12; i++)
		ck_assert_uint_eq(g->order[i], i);
	ck_assert_uint_eq(front_waiting(g->front) + front_moving(g->front), 0);
	rig_free(g);
}
END_TEST

START_TEST(slots_limit_what_the_controller_holds)
{
	struct rig *g = rig_new("front: {nvme: {slots: 5}}\n");
	g->service_ps = 10 * PS_PER_US;
	for (uint32_t i = 0; i < 30; i++)
		send_to(g, i, BLK_READ, 8, (uint16_t)(i % 8), 0);
	sim_run(g->sim);
	ck_assert_uint_eq(g->most, 5);
	ck_assert_uint_eq(g->finished, 30);
	ck_assert_uint_eq(front_depth(g->front), 5);
	rig_free(g);
}
END_TEST

START_TEST(ncq_holds_so_many_and_a_flush_goes_alone)
{
	struct rig *g = rig_new("front: {kind: sata, sata: {depth: 4}}\n");
	g->service_ps = 100 * PS_PER_US;
	for (uint32_t i = 0; i < 20; i++)
		send(g, i, i == 10 ? BLK_FLUSH : i == 15 ? BLK_TRIM : BLK_READ, 8);
	sim_run(g->sim);
	ck_assert_uint_eq(g->most, 4);
	for (uint32_t i = 0; i < 20; i++) {
		ck_assert_uint_eq(g->order[i], i);
		for (uint32_t alone = 10; alone <= 15; alone += 5) {
			if (i < alone)
				ck_assert_int_le(g->req[i].done_ps, g->req[alone].start_ps);
			if (i > alone)
				ck_assert_int_le(g->req[alone].done_ps, g->req[i].start_ps);
		}
	}
	ck_assert_uint_eq(front_stats(g->front).host_waits, 16);
	rig_free(g);
	g = rig_new("front: {kind: sata, sata: {queued_trim: true}}\n");
	g->service_ps = 100 * PS_PER_US;
	for (uint32_t i = 0; i < 4; i++)
		send(g, i, i == 2 ? BLK_TRIM : BLK_READ, 8);
	sim_run(g->sim);
	ck_assert_uint_eq(g->most, 4);
	rig_free(g);
}
END_TEST

START_TEST(whose_turn_it_is_is_saved)
{
	struct rig *a = rig_new("front: {nvme: {queues: 4, burst: 1, slots: 1}}\n");
	struct rig *b = rig_new("front: {nvme: {queues: 4, burst: 1, slots: 1}}\n");
	struct err e = {0};
	for (uint16_t i = 0; i < 2; i++)
		send_to(a, i, BLK_READ, 8, i, 0);
	sim_run(a->sim);
	FILE *f = tmpfile();
	ck_assert_int_eq(front_save(a->front, f, &e), 0);
	rewind(f);
	ck_assert_int_eq(front_load(b->front, f, &e), 0);
	ck_assert_int_eq(front_load(b->front, f, &e), -1); /* no more there */
	fclose(f);
	a->commands = 0;
	for (uint16_t i = 0; i < 8; i++) {
		send_to(a, i, BLK_READ, 8, i, 0);
		send_to(b, i, BLK_READ, 8, i, 0);
	}
	sim_run(a->sim);
	sim_run(b->sim);
	ck_assert_mem_eq(a->order, b->order, 8 * sizeof(a->order[0]));
	rig_free(a);
	rig_free(b);
}
END_TEST

START_TEST(what_cannot_be_is_refused_in_a_sentence)
{
	static const char *const bad[][2] = {
		{"front: {kind: scsi}\n", "scsi"}, {"front: {sata: {depth: 33}}\n", "depth"},
		{"front: {nvme: {generation: 6}}\n", "generation"}, {"front: {nvme: {queues: 65}}\n", "queues"},
		{"front: {nvme: {entries: 1}}\n", "entries"}, {"front: {dram: {rate: 5}}\n", "rate"},
	};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct rig *g = calloc(1, sizeof(*g));
		struct err e = {0};
		ck_assert_int_eq(rig_try(g, bad[i][0], &e), -1);
		ck_assert_msg(strstr(e.msg, bad[i][1]) != NULL && strstr(e.msg, "test.yaml") != NULL, "%s", e.msg);
		sim_free(g->sim);
		free(g);
	}
}
END_TEST

/* ---- the contract ---------------------------------------------------------------------------------------- */

static const char *const every[] = {
	"front: {kind: none}\n",
	"front: {kind: none, firmware: {cores: 3, read: 2 us, write: 5 us}, dram: {rate: 2 GB/s}}\n",
	"front: {nvme: {queues: 3, entries: 3, slots: 5, burst: 2, doorbell: 3 us, host_read: 2 us, completion: 1 us}}\n",
	"front: {nvme: {queues: 64, generation: 0}}\n",
	"front: {nvme: {arbitration: weighted, queues: 2, slots: 3, entries: 8, host_read: 1 us}, firmware: {cores: 1, read: 1 us}}\n",
	"front: {kind: sata, sata: {depth: 5, command: 2 us, frame: 100 ns, completion: 1 us}}\n",
	"front: {kind: sata, sata: {queued_trim: true}, firmware: {cores: 2, write: 3 us}}\n",
};

/* The 1 MiB writes have taken the links far beyond the cut, and a core. */
START_TEST(after_a_power_cut_it_is_as_new)
{
	static const char *const kinds[] = {
		"front: {firmware: {cores: 1, write: 1 ms}, dram: {rate: 1 GB/s}}\n",
		"front: {kind: sata, firmware: {cores: 1, write: 1 ms}, dram: {rate: 1 GB/s}}\n",
	};
	struct rig *g = rig_new(kinds[_i]), *fresh = rig_new(kinds[_i]);
	for (uint32_t i = 0; i < 8; i++)
		send(g, i, BLK_WRITE, BIG);
	sim_run_until(g->sim, 2500 * PS_PER_US);
	ck_assert_uint_ge(g->commands, 2);
	blk_dev_power_cut(g->dev);
	time_ps cut = g->sim->now_ps;
	sim_run(g->sim);
	ck_assert_uint_eq(g->finished, 8);
	ck_assert_int_eq(g->sim->now_ps, cut);
	struct front_stats s = front_stats(g->front);
	ck_assert_int_le(s.in_ps, cut);
	ck_assert_int_le(s.dram_ps, cut);
	ck_assert_int_eq(s.firmware_ps, cut - (g->command_ps[0] - PS_PER_MS)); /* since the first came to it */
	send(g, 8, BLK_WRITE, 8);
	send(fresh, 8, BLK_WRITE, 8);
	sim_run(g->sim);
	sim_run(fresh->sim);
	ck_assert_int_eq(g->req[8].done_ps - cut, fresh->req[8].done_ps);
	rig_free(g);
	rig_free(fresh);
}
END_TEST

/* A request after its done(): its times are in order, and its status is one that it may have. */
static void look_at(const struct blk_req *r, bool cut)
{
	MUST(r->status == BLK_OK || (cut && r->status == BLK_POWER_LOST));
	MUST(r->start_ps == -1 ? r->status == BLK_POWER_LOST : r->start_ps >= r->submit_ps && r->start_ps <= r->done_ps);
	MUST(r->overhead_ps >= 0 && r->bus_ps >= 0);
	if (r->status == BLK_OK)
		MUST(r->done_ps - r->start_ps >= r->overhead_ps);
}

START_TEST(every_request_comes_back_once_whatever_happens)
{
	struct rig *g = rig_new(every[_i]);
	struct rng *rng = rng_new(g->sim->arena, (uint64_t)_i, "front");
	static const enum blk_op ops[] = {BLK_READ, BLK_READ, BLK_WRITE, BLK_WRITE, BLK_FLUSH, BLK_TRIM};
	const uint32_t at_once = 64;
	bool out[64] = {0}, cut = false;
	for (unsigned n = effort(60000); n > 0; n--) {
		uint32_t i = (uint32_t)rng_below(rng, at_once), what = (uint32_t)rng_below(rng, 1000);
		g->service_ps = (time_ps)rng_below(rng, 20) * PS_PER_US;
		if (what < 400 && !out[i]) {
			send_to(g, i, ops[rng_below(rng, 6)], 1 + (uint32_t)rng_below(rng, 64), (uint16_t)rng_below(rng, 100),
				(uint8_t)rng_below(rng, 6));
			out[i] = true;
		} else if (what < 990) {
			sim_step(g->sim);
		} else if (what < 992) {
			blk_dev_power_cut(g->dev);
			cut = true;
			sim_run(g->sim);
			MUST(front_waiting(g->front) == 0 && front_moving(g->front) == 0);
		}
		for (uint32_t k = 0; k < at_once; k++)
			if (out[k] && g->done[k] > 0) {
				MUST(g->done[k] == 1);
				look_at(&g->req[k], cut);
				out[k] = false;
			}
	}
	sim_run(g->sim);
	struct front_stats s = front_stats(g->front);
	MUST(g->dev->stats.submitted == g->dev->stats.completed && g->dev->inside == 0);
	MUST(front_waiting(g->front) == 0 && front_moving(g->front) == 0 && sim_pending(g->sim) == 0);
	MUST(s.in_ps >= 0 && s.in_ps <= g->sim->now_ps && s.out_ps >= 0 && s.out_ps <= g->sim->now_ps);
	MUST(s.dram_ps >= 0 && s.dram_ps <= g->sim->now_ps);
	MUST(g->commands == s.commands && g->left <= g->dev->stats.completed);
	if (!cut)
		MUST(g->left == g->dev->stats.completed);
	rig_free(g);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("front");
	TCase *t = tcase_create("front");
	tcase_set_timeout(t, 60);
	tcase_add_test(t, without_a_front_a_request_costs_what_the_device_takes);
	tcase_add_test(t, an_nvme_read_takes_doorbell_fetch_firmware_link_and_completion);
	tcase_add_test(t, an_nvme_write_reads_host_memory_first);
	tcase_add_test(t, a_sata_command_takes_the_frames_of_its_protocol);
	tcase_add_test(t, commands_queue_for_firmware_cores);
	tcase_add_test(t, dram_passes_the_hosts_data_as_often_as_told);
	tcase_add_test(t, data_can_be_given_in_parts);
	tcase_add_test(t, pcie_carries_both_ways_at_once_what_its_packets_leave);
	tcase_add_test(t, sata_carries_one_way_at_a_time);
	tcase_add_test(t, a_link_of_generation_0_costs_nothing);
	tcase_add_test(t, round_robin_serves_each_queue_in_turn);
	tcase_add_test(t, a_burst_is_fetched_at_once_from_one_queue);
	tcase_add_test(t, a_command_is_not_fetched_before_its_doorbell_is_seen);
	tcase_add_test(t, weights_share_the_controller_and_urgent_goes_first);
	tcase_add_test(t, a_full_queue_makes_the_host_wait_in_order);
	tcase_add_test(t, slots_limit_what_the_controller_holds);
	tcase_add_test(t, ncq_holds_so_many_and_a_flush_goes_alone);
	tcase_add_test(t, whose_turn_it_is_is_saved);
	tcase_add_test(t, what_cannot_be_is_refused_in_a_sentence);
	tcase_add_loop_test(t, after_a_power_cut_it_is_as_new, 0, 2);
	tcase_add_loop_test(t, every_request_comes_back_once_whatever_happens, 0, (int)(sizeof(every) / sizeof(every[0])));
	suite_add_tcase(s, t);
	SRunner *runner = srunner_create(s);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
