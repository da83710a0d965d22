/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * For the tests of what must outlive a crash: a host with one device made from a few lines of config, with content tags or
 * without, and a power cut of it.
 */
#ifndef QUERN_TESTS_HOST_DURABLE_RIG_H
#define QUERN_TESTS_HOST_DURABLE_RIG_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "blk/tag.h"
#include "disk/disk.h"
#include "ftl/ssd.h"
#include "host/io.h"
#include "sim/config.h"
#include "sim/rng.h"

/* 7200 rpm, T = 25/3 ms: one head, 1000 sectors a track and no skew, no overheads, no buffer. */
#define TURN_PS INT64_C(8333333333)
#define PLAIN_DISK \
	"d:\n  rpm: 7200 rpm\n  geometry: {heads: 1, cylinders: 100, zones: [{first_cylinder: 0, last_cylinder: 99, sectors_per_track: 1000}]}\n" \
	"  seek: {table: [[1, 1 ms], [99, 6 ms]]}\n"
#define NO_CACHE "  cache: {enabled: false}\n"
/* A disk that writes back into a cache that takes long to empty. */
#define CACHED_DISK PLAIN_DISK "  queue_depth: 8\n  spin_up: 20 ms\n" \
	"  cache: {segments: 4, segment_sectors: 200, write_back: true}\n  write_cache: {extents: 40, idle_time: 30 ms, order: sptf}\n"
/* 2 channels x 2 dies x 2 planes of 24 blocks of 8 pages of 8 KiB. */
#define CACHED_SSD \
	"d:\n  power_up: 20 ms\n  flash:\n" \
	"    geometry: {channels: 2, chips: 1, dies: 2, planes: 2, blocks: 24, pages: 8, page: 8 KiB, cell: mlc}\n" \
	"    bus: {interface: nv-ddr2, rate: 333 MT/s}\n    array: {read: [50 us, 75 us], program: [500 us, 900 us], erase: 3.8 ms}\n" \
	"  ftl: {map: {unit: 4 KiB, capacity: 6 MiB}}\n  buffer: {size: 256 KiB, high: 50 %, low: 20 %}\n"

struct durable_rig {
	struct sim *sim;
	struct blk_dev *dev;
	struct content *content; /* NULL: tags off */
	struct host_io *io;
	uint64_t cut_seed;
	bool whole_sectors;      /* a sector is written whole or not at all */
};

/* `text`: the device's section, named d. */
static inline void rig_open(struct durable_rig *g, const struct blk_dev_ops *ops, const char *text, bool tags)
{
	struct err e = {0};
	struct config *config = config_new(NULL);
	*g = (struct durable_rig){.sim = sim_new(1)};
	ck_assert_msg(config_load_text(config, "rig.yaml", text, &e) == 0, "%s", e.msg);
	void *spec = arena_alloc(g->sim->arena, ops->options->struct_bytes);
	ck_assert_msg(config_bind(config_get(config_root(config), "d"), "d", ops->options, NULL, spec, g->sim->arena, &e) == 0,
		"%s", e.msg);
	g->dev = blk_dev_open(g->sim, ops, "d", spec, &e);
	ck_assert_msg(g->dev != NULL, "%s", e.msg);
	config_free(config);
	if (tags) {
		g->dev->tags = blk_tags_new();
		g->content = content_new();
	}
	g->io = host_io_new(g->sim, g->content);
	ck_assert_msg(host_io_add(g->io, g->dev, &e) == 0, "%s", e.msg);
}

static inline void rig_close(struct durable_rig *g)
{
	blk_tags_free(g->dev->tags);
	blk_dev_close(g->dev);
	content_free(g->content);
	sim_free(g->sim);
}

/* An open sector comes back old, new or torn, as a hash of its number and of the seed says. */
static inline uint64_t rig_torn(void *ctx, uint64_t lba, uint64_t old_tag, uint64_t new_tag)
{
	const struct durable_rig *g = ctx;
	uint64_t x = (lba + 1) * UINT64_C(0x9E3779B97F4A7C15) ^ g->cut_seed * UINT64_C(0xD1B54A32D192ED03);
	x ^= x >> 31;
	x *= UINT64_C(0xBF58476D1CE4E5B9);
	switch ((x >> 33) % (g->whole_sectors ? 2 : 3)) {
	case 0:
		return old_tag;
	case 1:
		return new_tag;
	default:
		return TAG_TORN;
	}
}

/* Machine and device go now; the device comes back and serves. Who owns events has dropped them. Returns the sectors that
 * had been acknowledged and are lost. */
static inline size_t rig_power_cut(struct durable_rig *g, uint64_t seed)
{
	g->cut_seed = seed;
	host_io_crash(g->io);
	blk_dev_power_cut(g->dev);
	size_t lost = blk_tags_power_cut(g->dev->tags, NULL, rig_torn, g);
	ck_assert_int_eq(sim_run(g->sim), 0);
	time_ps wait = blk_dev_power_restore(g->dev);
	ck_assert_int_eq(sim_run_until(g->sim, g->sim->now_ps + wait), 0);
	return lost;
}

/* Defaults of a group of options. */
static inline void rig_defaults(struct durable_rig *g, const struct opt_group *group, void *spec)
{
	struct err e = {0};
	ck_assert_msg(opt_defaults(group, spec, g->sim->arena, &e) == 0, "%s", e.msg);
}

static inline void rig_region(struct durable_rig *g, const char *name, enum blk_cause cause, uint64_t from, uint64_t sectors,
	struct host_region *out)
{
	struct err e = {0};
	ck_assert_msg(host_io_layout(g->io, &(struct host_region_spec){name, 0, (uint8_t)cause, sectors}, 1, 1, from, out, &e) == 0,
		"%s", e.msg);
}

#endif
