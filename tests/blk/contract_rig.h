/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * For the tests of the device contract: the table of devices they loop over, a rig that holds
 * one device in its own simulation, and a random load in lanes. A device joins by a line of
 * contract_devices[].
 *
 * The load: each lane has one request outstanding and writes only its own LANE_SECTORS
 * sectors, so that no two writes of a sector overlap and tags rise with time; it reads
 * anywhere. What was acknowledged is kept in a ledger apart from the tag oracle.
 */
#ifndef QUERN_TESTS_BLK_CONTRACT_RIG_H
#define QUERN_TESTS_BLK_CONTRACT_RIG_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "blk/dev.h"
#include "blk/fixed.h"
#include "blk/tag.h"
#include "disk/disk.h"
#include "ftl/ssd.h"
#include "sim/config.h"
#include "sim/rng.h"

struct contract_device {
	const char *title;
	const struct blk_dev_ops *ops;
	const char *config; /* YAML of the device's section */
	const char *other;  /* a config whose saved state must not load into the first, as one setting */
};

#define SMALL_DISK \
	"d:\n" \
	"  rpm: 7205.5 rpm\n" \
	"  head_switch: 0.5 ms\n" \
	"  write_settle: 0.1 ms\n" \
	"  spin_up: 20 ms\n" \
	"  geometry:\n" \
	"    heads: 2\n" \
	"    cylinders: 20\n" \
	"    lbn_order: serpentine\n" \
	"    zones: [{first_cylinder: 0, last_cylinder: 19, sectors_per_track: 40, track_skew: 6, cylinder_skew: 9,\n" \
	"             spares: 3, slips: [7, 90, 91]}]\n" \
	"  seek: {table: [[1, 1 ms], [19, 4 ms]]}\n"

#define OVERHEADS \
	"  overhead: {read_hit_after_read: 0.1 ms, read_miss_after_read: 0.05 ms, read_hit_after_write: 0.1 ms,\n" \
	"             read_miss_after_write: 0.02 ms, write_hit_after_read: 0.1 ms, write_miss_after_read: 0.2 ms,\n" \
	"             read_completion: 0.01 ms, write_completion: 0.02 ms, data_preparation: 0.03 ms}\n" \
	"  bus: {read_sector: 0.02 ms, write_sector: 0.03 ms, read_watermark: 50 %}\n"

#define SMALL_BANDS \
	"  shingled: {model: drive-managed, band_size: 20 KiB, cache_size: 160 KiB, record_size: 1 KiB, map_extents: 100,\n" \
	"             stream_size: 8 KiB, clean_access_size: 8 KiB, idle_clean_after: 5 ms}\n"

/* With spares for a good deal of what it holds. */
#define FAULTY_DISK \
	"d:\n" \
	"  rpm: 7205.5 rpm\n" \
	"  head_switch: 0.5 ms\n" \
	"  spin_up: 20 ms\n" \
	"  geometry: {heads: 2, cylinders: 20, zones: [{first_cylinder: 0, last_cylinder: 19, sectors_per_track: 40, spares: 80}]}\n" \
	"  seek: {table: [[1, 1 ms], [19, 4 ms]]}\n"

/* 2 channels x 2 dies x 2 planes of 12 blocks of 8 pages of 8 KiB, two units each: 6 MiB. */
#define SMALL_SSD \
	"d:\n" \
	"  power_up: 20 ms\n" \
	"  flash:\n" \
	"    geometry: {channels: 2, chips: 1, dies: 2, planes: 2, blocks: 12, pages: 8, page: 8 KiB, cell: mlc}\n" \
	"    bus: {interface: nv-ddr2, rate: 333 MT/s}\n" \
	"    array: {read: [50 us, 75 us], program: [500 us, 900 us], erase: 3.8 ms}\n"

static const struct contract_device contract_devices[] = {
	{"a device of fixed latency", &fixed_dev_ops, "d:\n  latency: 1 ms\n  write_latency: 2 ms\n  power_up: 20 ms\n  capacity: 800 KiB\n", "latency=3 ms"},
	{"a disk without buffer", &disk_ops, SMALL_DISK "  cache: {enabled: false}\n", "rpm=7206 rpm"},
	{"a disk that writes through", &disk_ops, SMALL_DISK OVERHEADS
		"  queue_depth: 4\n  scheduler: c-look\n  cache: {segments: 3, segment_sectors: 100, read_ahead_on_hit: true}\n",
		"seek.table=[[1, 2 ms]]"},
	{"a disk that writes back", &disk_ops, SMALL_DISK OVERHEADS
		"  queue_depth: 16\n  scheduler: sptf\n  cache: {segments: 3, segment_sectors: 100, write_back: true}\n",
		"cache.segment_sectors=101"},
	/* all times of the medium alone: writes land at the very instant at which others end */
	{"a disk that writes back and has no overheads", &disk_ops, SMALL_DISK
		"  queue_depth: 4\n  cache: {segments: 3, segment_sectors: 100, write_back: true}\n", "queue_depth=5"},
	{"a disk that buffers whole tracks", &disk_ops, SMALL_DISK OVERHEADS
		"  cache: {segments: 4, segment_sectors: 50, read_ahead: whole-track, write_back: true}\n",
		"geometry.lbn_order=ascending"},
	{"a disk that follows streams", &disk_ops, SMALL_DISK OVERHEADS
		"  cache: {segments: 4, segment_sectors: 50, read_ahead: whole-track, next_tracks: 2, read_ahead_after: 1,\n"
		"          drop_after_read: true, stream_hit_after: 2, stream_idle: 20 ms, write_back: true}\n",
		"cache.next_tracks=1"},
	{"a disk whose buffer adapts", &disk_ops, SMALL_DISK OVERHEADS
		"  queue_depth: 4\n  scheduler: sptf\n"
		"  cache: {segments: 4, segment_sectors: 25, adaptive: true, read_ahead: cylinder, read_ahead_min: 40, preempt_at_once: true,\n"
		"          read_ahead_on_hit: true, read_on_arrival: true, partial_hits: false, hit_on_arriving: false}\n",
		"cache.adaptive=false"},
	{"a disk with a write cache that empties when idle", &disk_ops, SMALL_DISK OVERHEADS
		"  queue_depth: 4\n  cache: {segments: 3, segment_sectors: 100, write_back: true}\n"
		"  write_cache: {extents: 12, sectors: 200, idle_time: 15 ms, order: elevator, high_water: 80 %, low_water: 20 %}\n",
		"write_cache.extents=13"},
	{"a disk with a write cache that lets reads go first", &disk_ops, SMALL_DISK OVERHEADS
		"  queue_depth: 8\n  scheduler: sptf\n  write_on_arrival: true\n"
		"  cache: {segments: 2, segment_sectors: 100, write_back: true, hit_on_written: false}\n"
		"  write_cache: {extents: 6, reads_first: true, order: sptf, combine: append, access_sectors: 30, max_age: 60 ms}\n",
		"write_cache.order=nearest"},
	{"a disk that takes appending writes only", &disk_ops, SMALL_DISK
		"  queue_depth: 4\n  cache: {segments: 1, segment_sectors: 100, write_back: true}\n"
		"  write_cache: {extents: 4, sectors: 60, accept: appending, combine: none, order: nearest, idle_time: 2 ms}\n",
		"write_cache.accept=any"},
	{"a disk that sleeps", &disk_ops, SMALL_DISK OVERHEADS
		"  queue_depth: 4\n  scheduler: sptf\n  cache: {segments: 3, segment_sectors: 100, read_ahead_on_hit: true}\n"
		"  power: {idle: 3 W, seek: 5 W, read: 4 W, write: 4 W, unload_after: 4 ms, load_time: 3 ms, standby_after: 12 ms}\n",
		"power.load_time=4 ms"},
	{"a disk that sleeps over dirty data", &disk_ops, SMALL_DISK OVERHEADS
		"  queue_depth: 8\n  cache: {segments: 3, segment_sectors: 100, write_back: true}\n"
		"  write_cache: {extents: 12, sectors: 200, idle_time: 15 ms, high_water: 80 %, low_water: 20 %, max_age: 40 ms}\n"
		"  power: {standby_after: 9 ms}\n",
		"power.standby_after=8 ms"},
	/* the border between the arms, at 798, is never met by the load but is by the odd requests */
	{"a disk of two arms", &disk_ops, SMALL_DISK OVERHEADS
		"  queue_depth: 8\n  scheduler: sptf\n  actuators: {count: 2}\n"
		"  cache: {segments: 4, segment_sectors: 100, write_back: true}\n  write_cache: {extents: 8, idle_time: 5 ms}\n",
		"queue_depth=9"},
	{"a disk of two arms that meet in the load", &disk_ops,
		"d:\n  rpm: 7205.5 rpm\n  head_switch: 0.5 ms\n  spin_up: 20 ms\n  queue_depth: 4\n"
		"  geometry: {heads: 2, cylinders: 8, zones: [{first_cylinder: 0, last_cylinder: 7, sectors_per_track: 20}]}\n"
		"  seek: {table: [[1, 1 ms], [7, 4 ms]]}\n  actuators: {count: 2, split: radius}\n" OVERHEADS
		"  cache: {segments: 3, segment_sectors: 30, write_back: true, read_ahead: whole-track}\n  write_cache: {extents: 5}\n",
		"actuators.count=1"},
	{"a disk that serves hits beside the arm's work", &disk_ops, SMALL_DISK OVERHEADS
		"  queue_depth: 8\n  concurrent_hits: true\n  next_position: media-end\n"
		"  cache: {segments: 3, segment_sectors: 100, write_back: true}\n  write_cache: {extents: 8, order: sptf, reads_first: true}\n",
		"concurrent_hits=false"},
	{"a disk that moves on when the medium is done", &disk_ops, SMALL_DISK OVERHEADS
		"  queue_depth: 8\n  scheduler: c-look\n  next_position: media-end\n  cache: {segments: 3, segment_sectors: 100}\n",
		"next_position=completion"},
	{"a disk with SATA's queue", &disk_ops, SMALL_DISK OVERHEADS
		"  queue_depth: 8\n  scheduler: spctf\n  concurrent_hits: true\n"
		"  queue: {tagging: ncq, age_limit: 30 ms, by_priority: true, reads_first: true, stream_limit: 3}\n"
		"  cache: {segments: 3, segment_sectors: 100, write_back: true}\n  write_cache: {extents: 8, idle_time: 5 ms}\n",
		"queue.age_limit=31 ms"},
	{"a disk without tags", &disk_ops, SMALL_DISK OVERHEADS
		"  queue: {tagging: none}\n  cache: {segments: 3, segment_sectors: 100, write_back: true}\n", "queue.tagging=simple"},
	{"a disk that sweeps to the edges and guesses where blocks lie", &disk_ops, SMALL_DISK OVERHEADS
		"  queue_depth: 8\n  scheduler: scan\n  queue: {scheduler_knows: lbn}\n"
		"  cache: {segments: 3, segment_sectors: 100, read_ahead_on_hit: true}\n", "scheduler=c-scan"},
	{"a disk whose sectors go bad", &disk_ops, FAULTY_DISK OVERHEADS
		"  queue_depth: 8\n  scheduler: sptf\n  defects: {random: 60, random_within: 1 s, read_retries: 2, soft_error_rate: 5 %}\n"
		"  cache: {segments: 3, segment_sectors: 100, write_back: true}\n  write_cache: {extents: 8, idle_time: 5 ms}\n",
		"defects.read_retries=3"},
	{"a disk with a media cache whose sectors go bad", &disk_ops, FAULTY_DISK OVERHEADS SMALL_BANDS
		"  queue_depth: 4\n  defects: {random: 60, random_within: 1 s, read_retries: 2, soft_error_rate: 5 %}\n"
		"  cache: {segments: 3, segment_sectors: 100}\n", "defects.random=59"},
	/* shingled: a command is many steps, and bands are cleaned all the time */
	{"a disk with a media cache that writes through", &disk_ops, SMALL_DISK OVERHEADS SMALL_BANDS
		"  queue_depth: 4\n  cache: {segments: 3, segment_sectors: 100}\n", "shingled.idle_clean_after=6 ms"},
	{"a disk with a media cache that writes back", &disk_ops, SMALL_DISK OVERHEADS SMALL_BANDS
		"  queue_depth: 8\n  scheduler: sptf\n  cache: {segments: 3, segment_sectors: 100, write_back: true}\n"
		"  write_cache: {extents: 8, sectors: 120}\n", "shingled.clean_order=most-cached"},
	{"a host-managed disk that writes back", &disk_ops, SMALL_DISK OVERHEADS
		"  shingled: {model: host-managed, zone_size: 20 KiB, conventional_zones: 10, max_open_zones: 3}\n"
		"  cache: {segments: 3, segment_sectors: 100, write_back: true}\n  write_cache: {extents: 8, sectors: 120}\n",
		"shingled.max_open_zones=4"},
	{"a solid-state drive that writes back", &ssd_ops, SMALL_SSD
		"  ftl: {map: {unit: 4 KiB, capacity: 3 MiB}}\n  front: {kind: none}\n  buffer: {size: 128 KiB, high: 50 %, low: 20 %}\n",
		"ftl.map.capacity=2.5 MiB"},
	{"a solid-state drive that writes through", &ssd_ops, SMALL_SSD
		"  ftl: {map: {unit: 4 KiB, capacity: 3 MiB}}\n  front: {kind: sata}\n  buffer: {size: 128 KiB, write_back: false}\n",
		"buffer.order=lru"},
	{"a solid-state drive with superblocks and a read cache", &ssd_ops, SMALL_SSD
		"  ftl: {map: {unit: 4 KiB, capacity: 3 MiB}, alloc: {superblock: die, order: round-robin}, gc: {policy: cost-benefit}}\n"
		"  front: {kind: nvme}\n  buffer: {size: 256 KiB, high: 50 %, read_share: 50 %, read_ahead: 4, order: lru}\n",
		"buffer.read_ahead=3"},
	{"a solid-state drive that programs wordlines", &ssd_ops,
		"d:\n  power_up: 20 ms\n"
		"  flash:\n"
		"    geometry: {channels: 2, chips: 1, dies: 1, planes: 2, blocks: 16, pages: 12, page: 8 KiB, cell: tlc, program_unit: wordline}\n"
		"    bus: {interface: nv-ddr3, rate: 800 MT/s}\n"
		"    array: {read: [50 us, 75 us, 90 us], program: [1 ms], program_wordline: 1.5 ms, erase: 5 ms}\n"
		"    suspend: {program: true, erase: true, program_time: 10 us, erase_time: 20 us}\n"
		"  sched: {suspend: all}\n"
		"  ftl: {map: {unit: 4 KiB, capacity: 2.5 MiB}, alloc: {frontiers: shared}}\n  front: {kind: nvme}\n"
		"  buffer: {size: 256 KiB, high: 70 %, low: 20 %}\n", "buffer.size=512 KiB"},
	{"a solid-state drive with capacitors", &ssd_ops, SMALL_SSD
		"  ftl: {map: {unit: 4 KiB, capacity: 3 MiB}}\n  buffer: {size: 128 KiB, high: 50 %, protected: true}\n",
		"ftl.alloc.frontiers=separate"},
	{"a solid-state drive in steady cleaning", &ssd_ops, SMALL_SSD
		"  ftl: {map: {capacity: 3 MiB}, gc: {low: 3, high: 3, background: 4}, wear: {threshold: 3}}\n  front: {kind: nvme}\n"
		"  buffer: {size: 128 KiB}\n  precondition: {fill: 100 %, overwrite: 2}\n", "ftl.gc.reserve=2"},
	{"a solid-state drive without remapping", &ssd_ops,
		"d:\n  power_up: 20 ms\n"
		"  flash:\n"
		"    geometry: {channels: 2, chips: 1, dies: 2, planes: 1, blocks: 48, pages: 4, page: 4 KiB, cell: slc}\n"
		"    bus: {interface: nv-ddr2, rate: 333 MT/s}\n"
		"    array: {read: [25 us], program: [200 us], erase: 1.5 ms}\n"
		"  ftl: {map: {scheme: none, update: skip_old}}\n  front: {kind: nvme}\n", "ftl.map.update=lecture"},
};
#define CONTRACT_DEVICES ((int)(sizeof(contract_devices) / sizeof(contract_devices[0])))

#define LANES 6
#define LANE_SECTORS 48
#define RIG_SECTORS (LANES * LANE_SECTORS)

struct lane {
	struct blk_req req;
	struct event wake;
	struct rig *rig;
	bool outstanding;
};

struct done_record {
	time_ps done_ps;
	uint8_t status, hit, op;
};

struct rig {
	const struct contract_device *device;
	struct sim *sim;
	struct blk_dev *dev;
	struct blk_tags *tags; /* NULL: off */
	struct rng *rng;
	struct lane lane[LANES];
	unsigned lanes;        /* used */
	unsigned left;         /* requests still to be issued */
	unsigned issued, completed;
	unsigned mix;          /* enum rig_mix */
	bool submitting;
	uint64_t next_tag;
	uint64_t acked[RIG_SECTORS];   /* tag last acknowledged as written: the ledger */
	uint64_t flushed[RIG_SECTORS]; /* what the last flush or FUA write made durable at least */
	struct done_record *log;       /* one for each request done, or NULL */
	void (*done)(struct rig *g, struct lane *l); /* the test's own, or NULL */
};

enum rig_mix { MIX_READS = 1, MIX_FLUSH = 2, MIX_FUA = 4, MIX_BARRIER = 8, MIX_ODD = 16 };
#define MIX_ALL 31u

static void rig_next(struct rig *g, struct lane *l);

static inline struct blk_dev *rig_device(struct sim *s, const struct contract_device *c, const char *set,
	struct err *e)
{
	struct config *config = config_new(NULL);
	char text[256];
	ck_assert_msg(config_load_text(config, "contract.yaml", c->config, e) == 0, "%s", e->msg);
	snprintf(text, sizeof(text), "d.%s", set ? set : "");
	if (set)
		ck_assert_msg(config_set(config, text, e) == 0, "%s", e->msg);
	void *spec = arena_alloc(s->arena, c->ops->options->struct_bytes);
	ck_assert_msg(config_bind(config_get(config_root(config), "d"), "d", c->ops->options, NULL, spec, s->arena, e) == 0,
		"%s", e->msg);
	struct blk_dev *dev = blk_dev_open(s, c->ops, "d", spec, e);
	config_free(config);
	return dev;
}

/* ---- what a request does to the ledger ----------------------------------------------------- */

static inline void rig_ledger(struct rig *g, const struct blk_req *r)
{
	if (r->op == BLK_WRITE)
		for (uint32_t i = 0; i < r->sectors && r->lba + i < RIG_SECTORS; i++) {
			g->acked[r->lba + i] = r->tag;
			if (r->flags & BLK_FUA)
				g->flushed[r->lba + i] = r->tag;
		}
}

static inline void rig_done(struct sim *s, struct blk_req *r)
{
	struct lane *l = container_of(r, struct lane, req);
	struct rig *g = l->rig;
	ck_assert(l->outstanding); /* once */
	ck_assert(!g->submitting); /* by event, never inside submit */
	ck_assert_int_eq(r->done_ps, s->now_ps);
	l->outstanding = false;
	if (g->log)
		g->log[g->completed] = (struct done_record){r->done_ps, r->status, r->hit, r->op};
	g->completed++;
	if (r->status == BLK_OK)
		rig_ledger(g, r);
	if (g->done)
		g->done(g, l);
	if (r->status != BLK_POWER_LOST && r->status != BLK_NOT_READY)
		rig_next(g, l);
}

/* ---- the load ----------------------------------------------------------------------------------- */

static inline void rig_submit(struct rig *g, struct lane *l)
{
	struct blk_req *r = &l->req;
	if (r->op == BLK_WRITE)
		r->tag = ++g->next_tag;
	r->arrive_ps = g->sim->now_ps;
	l->outstanding = true;
	g->issued++;
	g->submitting = true;
	blk_submit(g->dev, r);
	g->submitting = false;
}

static inline void rig_wake(struct sim *s, struct event *e)
{
	(void)s;
	struct lane *l = container_of(e, struct lane, wake);
	rig_submit(l->rig, l);
}

static inline void rig_draw(struct rig *g, struct lane *l)
{
	struct blk_req *r = &l->req;
	uint64_t own = (uint64_t)(l - g->lane) * LANE_SECTORS, x = rng_below(g->rng, 100);
	memset(r, 0xA5, sizeof(*r)); /* what the device sets is nobody's to read before */
	*r = (struct blk_req){.done = rig_done, .op = BLK_WRITE};
	r->sectors = 1 + (uint32_t)rng_below(g->rng, rng_below(g->rng, 3) ? 8 : 40);
	r->lba = own + rng_below(g->rng, LANE_SECTORS - r->sectors + 1);
	if ((g->mix & MIX_READS) && x < 45) {
		r->op = BLK_READ;
		r->lba = rng_below(g->rng, RIG_SECTORS - r->sectors + 1);
	} else if ((g->mix & MIX_FLUSH) && x < 52) {
		r->op = BLK_FLUSH;
		r->lba = r->sectors = 0;
	} else if ((g->mix & MIX_ODD) && x < 58) {
		static const uint8_t odd[] = {BLK_TRIM, BLK_WRITE_ZEROES, BLK_ZONE_RESET, BLK_READ, BLK_WRITE, BLK_ZONE_APPEND};
		r->op = odd[rng_below(g->rng, 6)];
		if (r->op != BLK_WRITE_ZEROES && rng_below(g->rng, 2))
			r->lba = g->dev->sectors - r->sectors / 2;
	}
	if ((g->mix & MIX_FUA) && rng_below(g->rng, 6) == 0)
		r->flags |= BLK_FUA;
	if ((g->mix & MIX_BARRIER) && rng_below(g->rng, 10) == 0)
		r->flags |= BLK_BARRIER;
}

static void rig_next(struct rig *g, struct lane *l)
{
	if (g->left == 0)
		return;
	g->left--;
	rig_draw(g, l);
	/* often at once, from within done(); else after a while */
	if (rng_below(g->rng, 2))
		rig_submit(g, l);
	else
		sim_schedule(g->sim, &l->wake, g->sim->now_ps + (time_ps)(rng_below(g->rng, (uint64_t)(20 * PS_PER_MS)) >>
			rng_below(g->rng, 20)));
}

/* ---- life --------------------------------------------------------------------------------------- */

static inline void rig_open_at(struct rig *g, int device, uint64_t seed, time_ps at)
{
	struct err e = {0};
	memset(g, 0, sizeof(*g));
	g->device = &contract_devices[device];
	g->sim = sim_new(seed);
	sim_run_until(g->sim, at);
	g->dev = rig_device(g->sim, g->device, NULL, &e);
	ck_assert_msg(g->dev != NULL, "%s", e.msg);
	ck_assert_uint_ge(g->dev->sectors, RIG_SECTORS);
	g->rng = rng_new(g->sim->arena, seed, "contract");
	for (unsigned i = 0; i < LANES; i++) {
		g->lane[i].rig = g;
		event_init(&g->lane[i].wake, rig_wake, "lane wakes", EVENT_PRIO_WORKLOAD);
	}
}

static inline void rig_open(struct rig *g, int device, uint64_t seed) { rig_open_at(g, device, seed, 0); }

static inline void rig_tags(struct rig *g) { g->dev->tags = g->tags = blk_tags_new(); }

static inline void rig_close(struct rig *g)
{
	blk_dev_close(g->dev);
	blk_tags_free(g->tags);
	sim_free(g->sim);
	free(g->log);
}

/* `count` requests in `lanes` lanes; they run as the simulation does. */
static inline void rig_start(struct rig *g, unsigned lanes, unsigned count, unsigned mix)
{
	g->lanes = lanes;
	g->left = count;
	g->mix = mix;
	g->log = calloc(count + g->completed + 16, sizeof(*g->log)); /* and a few of rig_do */
	for (unsigned i = 0; i < lanes; i++)
		rig_next(g, &g->lane[i]);
}

static inline void rig_run(struct rig *g)
{
	ck_assert_msg(sim_run(g->sim) == 0, "%s", g->sim->err.msg);
	ck_assert_uint_eq(g->issued, g->completed);
}

/* One request on lane 0, to its end. */
static inline const struct blk_req *rig_do(struct rig *g, enum blk_op op, uint64_t lba, uint32_t sectors, uint8_t flags)
{
	struct lane *l = &g->lane[0];
	ck_assert(!l->outstanding);
	l->req = (struct blk_req){.done = rig_done, .op = (uint8_t)op, .lba = lba, .sectors = sectors, .flags = flags};
	rig_submit(g, l);
	while (l->outstanding)
		ck_assert(sim_step(g->sim));
	return &l->req;
}

#endif
