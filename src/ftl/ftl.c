/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The translation layer: sizes, places, and what the host writes and trims. */
#include "ftl/ftl_private.h"

#include <inttypes.h>

#include "ftl/mount.h"

/* ---- opening --------------------------------------------------------------------------------------------- */

static int set_unit(struct ftl *f, const char *name, struct err *e)
{
	int64_t unit = f->spec->map.unit_bytes ? f->spec->map.unit_bytes : f->geom->page_bytes;
	if (unit < 512 || f->geom->page_bytes % unit != 0)
		return err_set(e, ERR_CONFIG, "%s.map.unit = %" PRId64 " B: want an even part of a page of %" PRIu32
			" bytes, at least 512", name, unit, f->geom->page_bytes);
	f->unit_bytes = (uint32_t)unit;
	f->page_units = (uint32_t)(f->geom->page_bytes / unit);
	f->by_page_units = fastdiv_make(f->page_units);
	return 0;
}

/* Which frontier each stream has; how many there are. */
static uint32_t set_frontiers(struct ftl *f)
{
	int how = f->spec->alloc.frontiers;
	f->stream_frontier[FTL_GC] = how == FTL_FRONTIER_SHARED ? 0 : 1;
	f->stream_frontier[FTL_WEAR] = how == FTL_FRONTIER_ALL ? 2 : f->stream_frontier[FTL_GC];
	return f->stream_frontier[FTL_WEAR] + 1;
}

/* Over-provisioning that `held` blocks of each region make necessary. */
static double share_of(uint32_t held, uint32_t per_region)
{
	return 100.0 * held / (per_region - held);
}

/*
 * Of each region's blocks, `high` are to be free and one is open for each frontier; what is live must leave a block's
 * worth of others invalid, so that cleaning gains: live <= (blocks - high - frontiers) x units.
 */
static int set_sizes(struct ftl *f, uint32_t per_region, uint64_t units, uint32_t frontiers, const char *name, struct err *e)
{
	const struct ftl_spec *s = f->spec;
	uint32_t regions = f->alloc.regions, held = f->high + frontiers;
	uint64_t physical = (uint64_t)regions * per_region * units;
	f->logical = s->map.capacity_bytes ? (uint64_t)s->map.capacity_bytes / f->unit_bytes :
		(uint64_t)((double)physical / (1 + s->map.over_provisioning));
	if (f->logical == 0 || f->logical > physical)
		return err_set(e, ERR_CONFIG, "%s.map.capacity: %" PRIu64 " units of %" PRIu32 " bytes do not fit into flash of %"
			PRIu64 " such units (%" PRIu64 " bytes)", name, f->logical, f->unit_bytes, physical, physical * f->unit_bytes);
	double spare = 100.0 * (double)(physical - f->logical) / (double)f->logical;
	if (held >= per_region)
		return err_set(e, ERR_CONFIG, "%s.gc: of %" PRIu32 " blocks of a region %" PRIu32 " are kept free and %" PRIu32
			" are open, which leaves none for data", name, per_region, f->high, frontiers);
	f->limit = (per_region - held) * units;
	uint64_t pages = (f->logical + f->page_units - 1) / f->page_units;
	uint64_t most = (pages + regions - 1) / regions * f->page_units; /* of a region, with a static order */
	bool fits = f->alloc.ops->choose ? f->logical < f->limit * regions : most <= f->limit;
	if (!fits && share_of(frontiers + 1, per_region) >= spare)
		return err_set(e, ERR_CONFIG, "%s.map.over_provisioning = %.2f %%: leaves no free block to write to; regions of %"
			PRIu32 " blocks with %" PRIu32 " frontiers and %" PRIu32 " to keep free want more than %.2f %%", name, spare, per_region,
			frontiers, f->high, share_of(held, per_region));
	if (!fits)
		return err_set(e, ERR_CONFIG, "%s.gc: to keep %" PRIu32 " of %" PRIu32 " blocks free is above the over-provisioning: it "
			"wants more than %.2f %%, and there is %.2f %%", name, f->high, per_region, share_of(held, per_region), spare);
	return 0;
}

static void set_thresholds(struct ftl *f)
{
	const struct ftl_gc_spec *s = &f->spec->gc;
	uint32_t least = (uint32_t)s->reserve + (ftl_shared(f) ? 0 : 1); /* what a new host frontier needs */
	f->low = (uint32_t)s->low > least ? (uint32_t)s->low : least;
	f->high = (uint32_t)s->high > f->low ? (uint32_t)s->high : f->low;
}

static int make_tables(struct ftl *f, struct arena *a, uint32_t per_region, uint64_t units)
{
	uint32_t regions = f->alloc.regions;
	f->frontier = arena_array(a, (size_t)regions * FTL_STREAMS, sizeof(*f->frontier));
	f->job = arena_array(a, regions, sizeof(*f->job));
	f->programmed = arena_array(a, regions, sizeof(*f->programmed));
	f->plane_page = arena_array(a, f->geom->all_planes, sizeof(*f->plane_page));
	if (!f->frontier || !f->job || !f->programmed || !f->rng || !f->plane_page ||
	    blocks_init(&f->blocks, a, regions, per_region, (uint32_t)units, f->victim->index,
		f->spec->wear.free_order == FTL_FREE_LEAST_WORN) < 0 ||
	    map_open(&f->map, f->logical, (uint64_t)regions * per_region * units) < 0)
		return -1;
	f->alloc.programmed = f->programmed;
	for (uint64_t i = 0; i < f->geom->all_planes; i++)
		f->plane_page[i] = nand_ppa_of_block(f->geom, i * f->geom->blocks, 0);
	for (uint32_t i = 0; i < regions * FTL_STREAMS; i++)
		f->frontier[i].block = FTL_NO_BLOCK;
	for (uint32_t i = 0; i < regions; i++)
		f->job[i].victim = FTL_NO_BLOCK;
	return 0;
}

struct ftl *ftl_open(struct arena *a, const struct ftl_spec *spec, const struct nand_geom *geom, const char *name,
	uint64_t seed, struct err *e)
{
	struct ftl *f = arena_alloc(a, sizeof(*f));
	if (!f || alloc_init(&f->alloc, a, &spec->alloc, geom) < 0)
		return err_set(e, ERR_LIMIT, "no memory for the translation layer"), NULL;
	f->spec = spec;
	f->geom = geom;
	f->ahead = 24;
	f->victim = ftl_victims[spec->gc.policy];
	f->rng = rng_new(a, seed, name);
	if (set_unit(f, name, e) < 0)
		return NULL;
	uint32_t frontiers = set_frontiers(f);
	uint64_t units = (uint64_t)geom->pages * f->page_units * f->alloc.planes_per_region;
	uint64_t blocks = (uint64_t)f->alloc.regions * geom->blocks;
	if (units > FTL_UNITS_MAX || blocks >= FTL_NO_BLOCK)
		return err_set(e, ERR_CONFIG, "%s: %" PRIu64 " blocks of %" PRIu64 " units are more than it can hold", name, blocks, units),
			NULL;
	set_thresholds(f);
	if (set_sizes(f, geom->blocks, units, frontiers, name, e) < 0)
		return NULL;
	if (make_tables(f, a, geom->blocks, units) < 0)
		return err_set(e, ERR_LIMIT, "no memory for the maps of %" PRIu64 " units", f->logical), NULL;
	return f;
}

void ftl_close(struct ftl *f)
{
	if (f)
		map_close(&f->map);
}

size_t ftl_bytes(const struct ftl *f)
{
	const struct ftl_blocks *b = &f->blocks;
	size_t each = sizeof(*b->block) + sizeof(*b->link) + sizeof(*b->free_block) +
		(b->index == FTL_INDEX_SET ? sizeof(*b->set) : 0);
	size_t buckets = b->index == FTL_INDEX_BUCKETS ? (size_t)b->regions * (b->units + 1) * sizeof(*b->bucket) : 0;
	return map_bytes(&f->map) + each * b->count + buckets +
		b->regions * (sizeof(*b->region) + sizeof(*f->job) + sizeof(*f->programmed) + FTL_STREAMS * sizeof(*f->frontier));
}

/* ---- places ---------------------------------------------------------------------------------------------- */

nand_ppa ftl_page_of(const struct ftl *f, uint64_t physical, uint32_t *part)
{
	uint32_t block = blocks_of_unit(&f->blocks, physical);
	uint32_t unit = (uint32_t)(physical - (uint64_t)block * f->blocks.units), plane;
	if (part)
		*part = unit - (uint32_t)fastdiv(unit, &f->by_page_units) * f->page_units;
	return ftl_page_in(f, blocks_region(&f->blocks, block), block, unit, &plane);
}

uint64_t ftl_place(struct ftl *f, uint32_t region, enum ftl_stream stream)
{
	struct ftl_frontier *at = ftl_frontier(f, region, stream);
	if (at->block == FTL_NO_BLOCK) {
		bool worn = stream == FTL_WEAR && f->stream_frontier[FTL_WEAR] != f->stream_frontier[FTL_GC];
		*at = (struct ftl_frontier){blocks_take(&f->blocks, region, worn), 0};
	}
	struct ftl_block *k = &f->blocks.block[at->block];
	uint64_t physical = (uint64_t)at->block * f->blocks.units + at->next++;
	k->pending++;
	f->programmed[region]++;
	ftl_close_full(f, at);
	return physical;
}

uint32_t ftl_pad_to(struct ftl *f, uint32_t region, enum ftl_stream stream, uint32_t whole)
{
	struct ftl_frontier *at = ftl_frontier(f, region, stream);
	uint32_t n = at->block == FTL_NO_BLOCK ? 0 : at->next % whole;
	if (n == 0)
		return 0;
	n = whole - n;
	for (uint32_t i = 0; i < n; i++) {
		uint64_t physical = (uint64_t)at->block * f->blocks.units + at->next++;
		map_set_owner(&f->map, physical, FTL_NOWHERE);
		if (f->mount)
			mount_told_padding(f->mount, physical);
		if (f->tap.program)
			f->tap.program(f->tap.ctx, physical, FTL_NOWHERE, FTL_PADDING);
	}
	f->counts.programmed[FTL_PADDING] += n;
	f->programmed[region] += n;
	ftl_close_full(f, at);
	return n;
}

/* ---- the host --------------------------------------------------------------------------------------------- */

uint32_t ftl_choose(struct ftl *f, uint64_t logical)
{
	return f->alloc.regions == 1 ? 0 : alloc_region(f, logical, fastdiv(logical, &f->by_page_units));
}

bool ftl_room(struct ftl *f, uint32_t region)
{
	struct ftl_frontier *at = ftl_frontier(f, region, FTL_HOST);
	bool shared = ftl_shared(f);
	uint32_t reserve = (uint32_t)f->spec->gc.reserve;
	if (at->block == FTL_NO_BLOCK) {
		if (f->blocks.region[region].free < reserve + (shared ? 0 : 1))
			return false;
		*at = (struct ftl_frontier){blocks_take(&f->blocks, region, false), 0};
	}
	/* A shared frontier is what the next victim's data go to first. */
	return !shared || f->blocks.region[region].free >= reserve;
}

uint64_t ftl_write_begin(struct ftl *f, uint32_t region)
{
	f->blocks.region[region].live++;
	return ftl_place(f, region, FTL_HOST);
}

/* A valid copy is no longer. */
static void lose(struct ftl *f, uint64_t physical)
{
	uint32_t block = blocks_of_unit(&f->blocks, physical);
	blocks_lose(&f->blocks, block);
	f->blocks.region[blocks_region(&f->blocks, block)].live--;
}

void ftl_write_commit(struct ftl *f, uint64_t logical, uint64_t physical)
{
	uint64_t old = map_get(&f->map, logical);
	uint32_t block = blocks_of_unit(&f->blocks, physical);
	struct ftl_block *k = &f->blocks.block[block];
	map_set(&f->map, logical, physical);
	map_set_owner(&f->map, physical, logical);
	k->valid = (k->valid + 1U) & FTL_UNITS_MAX;
	k->stamp = ++f->counts.programmed[FTL_HOST] & FTL_STAMP_MAX;
	if (f->mount)
		mount_told_write(f->mount, logical, physical);
	if (f->tap.program)
		f->tap.program(f->tap.ctx, physical, logical, FTL_HOST);
	if (old != FTL_NOWHERE)
		lose(f, old);
	ftl_settle(f, block);
}

bool ftl_trim(struct ftl *f, uint64_t logical)
{
	uint64_t old = map_get(&f->map, logical);
	map_trim(&f->map, logical);
	if (old == FTL_NOWHERE)
		return false;
	lose(f, old);
	if (f->mount)
		mount_told_trim(f->mount, logical, old);
	f->counts.trimmed++;
	return true;
}
