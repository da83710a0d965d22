/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ssd.mqsim: the whole solid-state drive on the two cases on which MQSim (Tavakkol et al., FAST 2018) is known: 8 channels x 4
 * chips x 2 dies x 2 planes, NV-DDR2 at 333 MT/s, read 75 us, program 750 us, erase 3.8 ms, PCIe of 4 lanes, allocation CWDP, 32
 * requests of
 * 4 KiB outstanding. Reads: 70 % filled. Writes: blocks of 64 pages, 20 % of the flash kept from the host, 90 % of the rest
 * filled and overwritten, d-choices, no cache: a write is acknowledged when it is in flash.
 *
 * Held: every request is completed; the 32 outstanding are requests a second times mean latency (MQSim loses 30 of them); the
 * write amplification is that of d-choices, d = 9, at alpha = (T - reserve) / (0.72 T). GC threshold: cleaning begins below 3
 * free blocks of a plane and ends there (gc.low), so that the reserve is 3 of its blocks. Host and moves share a frontier, as in
 * the theory.
 */
#include <stdio.h>
#include <string.h>

#include "run/system.h"
#include "valid/valid.h"
#include "valid/waf_theory.h"

#define LOW 3 /* gc.low */
#define BLOCKS 512
#define PAGES 64

#define DRIVE(geometry, ftl, precondition) \
	"disk0:\n" \
	"  model: ssd\n" \
	"  flash:\n" \
	"    geometry: {channels: 8, chips: 4, dies: 2, planes: 2, page: 4 KiB, cell: mlc, " geometry "}\n" \
	"    bus: {interface: nv-ddr2, rate: 333 MT/s}\n" \
	"    array: {read: [75 us], program: [750 us], erase: 3.8 ms}\n" \
	"  front: {kind: nvme, nvme: {queues: 8, entries: 1024, generation: 3, lanes: 4}}\n" \
	"  ftl: {alloc: {order: CWDP, frontiers: shared}, " ftl "}\n" \
	"  buffer: {size: 1 MiB, read_share: 0, high: 0, low: 0, write_back: false}\n" \
	"  precondition: {" precondition "}\n"

/* 70 % and 90 % of what the host sees, in KiB */
static const char *const reads =
	DRIVE("blocks: 256, pages: 256", "map: {over_provisioning: 7 %}", "fill: 70 %")
	"workload: {type: random, read_ratio: 100 %, request: 4 KiB, depth: 32, requests: 300000, span: 21951492 KiB}\n";
static const char *const writes =
	DRIVE("blocks: 512, pages: 64", "map: {over_provisioning: 25 %}, gc: {policy: d-choices, choices: 9, low: 3}",
		"fill: 90 %, overwrite: 2, span: 90 %")
	"workload: {type: random, read_ratio: 0, request: 4 KiB, depth: 32, requests: 600000, span: 12079592 KiB}\n";

struct outcome {
	uint64_t completed, failed;
	double latency_ps, last_ps;
	double waf;
};

static void observe(void *ctx, const struct blk_req *r, const struct trace_record *rec)
{
	struct outcome *o = ctx;
	(void)rec;
	o->completed++;
	o->failed += r->status != BLK_OK;
	o->latency_ps += (double)(r->done_ps - r->arrive_ps);
	o->last_ps = (double)r->done_ps;
}

static void note(void *ctx, const char *name, double value, const char *unit)
{
	struct outcome *o = ctx;
	(void)unit;
	if (strcmp(name, "waf") == 0)
		o->waf = value;
}

static int perform(const char *text, struct outcome *o, struct err *e)
{
	struct plan_input in = {.text = text};
	struct plan *p = plan_load(&in, e);
	*o = (struct outcome){0};
	struct system *s = p ? system_open(p, observe, o, e) : NULL;
	int result = -1;
	if (s) {
		replay_start(s->replay);
		result = sim_run(s->sim);
		*e = result < 0 ? s->sim->err : *e;
		result = result < 0 ? -1 : replay_verify(s->replay, e);
		s->dev[0]->ops->report(s->dev[0], note, o);
	}
	system_free(s);
	plan_free(p);
	return result;
}

/* 0, or -1 where there is nothing to compare. */
static int hold(struct valid *v, const char *kind, const char *text, double requests, struct outcome *o)
{
	struct err e = {0};
	char name[80];
	snprintf(name, sizeof(name), "ssd.mqsim.%s.completed", kind);
	if (perform(text, o, &e) < 0) {
		valid_broken(v, name, e.msg);
		return -1;
	}
	valid_near(v, name, (double)(o->completed - o->failed), requests, 0, "no request is lost");
	snprintf(name, sizeof(name), "ssd.mqsim.%s.outstanding", kind);
	valid_near(v, name, o->latency_ps / o->last_ps, 32, 0.032, "Little: requests a second x mean latency");
	return 0;
}

void valid_ssd_mqsim(struct valid *v)
{
	struct outcome o;
	(void)hold(v, "randread", reads, 300000, &o);
	if (hold(v, "randwrite", writes, 600000, &o) < 0)
		return;
	double target = waf_d_choices(9, PAGES, (BLOCKS - LOW) / (0.72 * BLOCKS));
	valid_near(v, "ssd.mqsim.randwrite.waf", o.waf, target, 0.03 * target, "Van Houdt 2013, mean field, d = 9");
}
