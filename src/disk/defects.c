/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sectors that go bad while the drive runs. */
#include "disk/defects.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "blk/dev.h"
#include "sim/rng.h"

static int by_lbn(const void *a, const void *b)
{
	const struct defect *x = a, *y = b;
	return x->lbn < y->lbn ? -1 : x->lbn > y->lbn;
}

static void find_first(struct defects *d)
{
	d->first_ps = TIME_PS_MAX;
	for (uint32_t i = 0; i < d->count; i++)
		d->first_ps = time_min(d->first_ps, d->list[i].at_ps);
}

/* ---- which they are ---------------------------------------------------------------------- */

/* Sort; of sectors that stand twice keep one. Returns how many are left. */
static size_t sort_unique(struct defect *list, size_t n)
{
	size_t kept = 0;
	qsort(list, n, sizeof(*list), by_lbn);
	for (size_t i = 0; i < n; i++)
		if (kept == 0 || list[i].lbn != list[kept - 1].lbn)
			list[kept++] = list[i];
	return kept;
}

/* Fill up to `count` with random sectors, none twice. Drawn in the same way for every slice. */
static int draw(struct defect *list, size_t have, size_t count, const struct disk_defects_spec *spec,
	uint64_t disk_sectors, struct rng *r)
{
	while (have < count) {
		for (size_t i = have; i < count; i++) {
			list[i].lbn = rng_below(r, disk_sectors);
			list[i].at_ps = spec->random_within_ps ?
				(time_ps)rng_below(r, (uint64_t)spec->random_within_ps) : 0;
		}
		have = sort_unique(list, count);
	}
	return 0;
}

static int list_grown(struct defects *d, const struct disk_defects_spec *spec, uint64_t disk_sectors, struct err *e)
{
	const struct disk_grown_spec *rows = spec->grown.rows;
	for (size_t i = 0; i < spec->grown.count; i++) {
		if ((uint64_t)rows[i].lbn >= disk_sectors)
			return err_set(e, ERR_CONFIG, "defects.grown[%zu].lbn = %" PRId64 ": the disk has only %" PRIu64 " sectors", i,
				rows[i].lbn, disk_sectors);
		d->list[i] = (struct defect){(uint64_t)rows[i].lbn, rows[i].at_ps};
	}
	if (sort_unique(d->list, spec->grown.count) < spec->grown.count)
		return err_set(e, ERR_CONFIG, "defects.grown names a sector twice");
	return 0;
}

int defects_init(struct defects *d, struct arena *a, const struct disk_defects_spec *spec, struct geom *g,
	uint64_t disk_sectors, uint64_t seed, const char *name, struct err *e)
{
	size_t n = spec->grown.count + (size_t)spec->random;
	*d = (struct defects){.turns = (uint32_t)spec->read_retries, .recovered = spec->recovered,
		.first_ps = TIME_PS_MAX};
	if (n == 0)
		return 0;
	if (n > disk_sectors)
		return err_set(e, ERR_CONFIG, "%zu sectors are to go bad, but the disk has only %" PRIu64, n, disk_sectors);
	char path[256];
	snprintf(path, sizeof(path), "%s/defects", name);
	struct rng *r = rng_new(a, seed, path);
	d->list = arena_array(a, n, sizeof(*d->list));
	if (!r || !d->list)
		return err_set(e, ERR_LIMIT, "no memory for the disk's defects");
	if (list_grown(d, spec, disk_sectors, e) < 0)
		return -1;
	draw(d->list, spec->grown.count, n, spec, disk_sectors, r);
	for (size_t i = 0; i < n; i++)
		if (d->list[i].lbn - g->first_lbn < g->sectors)
			d->list[d->count++] = d->list[i];
	d->room = (uint32_t)n; /* a saved disk may have drawn others */
	if (geom_reserve_remaps(g, a, d->room) < 0)
		return err_set(e, ERR_LIMIT, "no memory for the disk's remapped sectors");
	find_first(d);
	return 0;
}

/* ---- when they are found ----------------------------------------------------------------- */

/* The first of the list at or behind lbn. */
static uint32_t first_at(const struct defects *d, uint64_t lbn)
{
	uint32_t lo = 0, hi = d->count;
	while (lo < hi) {
		uint32_t mid = (lo + hi) / 2;
		if (d->list[mid].lbn < lbn)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* The blocks that have just moved together with this one are well again. */
static void forget_moved(struct defects *d, const struct geom *g, uint64_t lbn, time_ps now)
{
	struct geom_place at;
	geom_locate(g, lbn, &at);
	uint64_t first = at.remap->lbn, end = first + at.remap->count;
	uint32_t kept = first_at(d, first);
	for (uint32_t i = kept; i < d->count; i++)
		if (d->list[i].lbn >= end || d->list[i].at_ps > now)
			d->list[kept++] = d->list[i];
	d->count = kept;
	find_first(d);
}

/* Whether the block has moved to a spare. */
static bool move(struct defects *d, struct geom *g, uint64_t lbn, time_ps now)
{
	struct err none = {0};
	if (geom_grow(g, lbn, &none) < 0)
		return false; /* what it means is for the access to say */
	d->remapped++;
	forget_moved(d, g, lbn, now);
	return true;
}

void defects_check(struct defects *d, struct geom *g, uint64_t lbn, uint32_t n, bool write, time_ps now,
	struct defects_found *out)
{
	*out = (struct defects_found){.good = n};
	uint32_t i = first_at(d, lbn);
	while (i < d->count && d->list[i].lbn - lbn < n) {
		uint64_t bad = d->list[i].lbn;
		if (d->list[i].at_ps > now) {
			i++;
			continue;
		}
		if (!write)
			out->turns += d->turns;
		if (!write && !d->recovered) {
			d->lost_reads++;
			out->good = (uint32_t)(bad - lbn);
			return;
		}
		if (!write)
			d->recovered_reads++;
		if (!move(d, g, bad, now)) {
			if (write) {
				out->good = (uint32_t)(bad - lbn);
				return;
			}
		}
		i = first_at(d, bad + 1);
	}
}

uint64_t defects_first(const struct defects *d, uint64_t lbn, uint64_t end, time_ps now)
{
	for (uint32_t i = first_at(d, lbn); i < d->count && d->list[i].lbn < end; i++)
		if (d->list[i].at_ps <= now)
			return d->list[i].lbn;
	return end;
}

/* ---- state as bytes ---------------------------------------------------------------------- */

struct saved_defects {
	uint32_t count, remap_count, spare_count;
	uint64_t remapped, recovered_reads, lost_reads;
};

int defects_save(const struct defects *d, const struct geom *g, time_ps now, FILE *out, struct err *e)
{
	struct saved_defects x;
	memset(&x, 0, sizeof(x));
	x.count = d->count;
	x.remap_count = g->remap_count;
	x.spare_count = g->spare_count;
	x.remapped = d->remapped;
	x.recovered_reads = d->recovered_reads;
	x.lost_reads = d->lost_reads;
	if (blk_save_bytes(out, &x, sizeof(x), e) < 0)
		return -1;
	for (uint32_t i = 0; i < d->count; i++) {
		struct defect one = {d->list[i].lbn, d->list[i].at_ps - now};
		if (blk_save_bytes(out, &one, sizeof(one), e) < 0)
			return -1;
	}
	if (g->spare_count == 0)
		return 0;
	return blk_save_bytes(out, g->remaps, g->remap_count * sizeof(*g->remaps), e) < 0 ? -1 :
		blk_save_bytes(out, g->spares, g->spare_count * sizeof(*g->spares), e);
}

static bool fits(const struct geom *g, const struct geom_remap *list, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		if (list[i].zone >= g->zone_count || list[i].place >= g->zones[list[i].zone].places || list[i].count == 0 ||
		    list[i].count > g->zones[list[i].zone].spt ||
		    (list[i].lbn != GEOM_NO_LBN && list[i].lbn - g->first_lbn >= g->sectors))
			return false;
	return true;
}

int defects_load(struct defects *d, struct geom *g, time_ps now, FILE *in, struct err *e)
{
	static const char other[] = "the saved state is of a disk with other defects";
	struct saved_defects x;
	if (blk_load_bytes(in, &x, sizeof(x), e) < 0)
		return -1;
	if (x.count > d->room || x.remap_count > x.spare_count || x.spare_count > g->remap_room)
		return err_set(e, ERR_CONFIG, other);
	d->remapped = x.remapped;
	d->recovered_reads = x.recovered_reads;
	d->lost_reads = x.lost_reads;
	d->count = x.count;
	if (x.count && blk_load_bytes(in, d->list, x.count * sizeof(*d->list), e) < 0)
		return -1;
	for (uint32_t i = 0; i < x.count; i++)
		d->list[i].at_ps = time_add(d->list[i].at_ps, now);
	find_first(d);
	if (x.spare_count && (blk_load_bytes(in, g->remaps, x.remap_count * sizeof(*g->remaps), e) < 0 ||
		blk_load_bytes(in, g->spares, x.spare_count * sizeof(*g->spares), e) < 0))
		return -1;
	if (!fits(g, g->remaps, x.remap_count) || !fits(g, g->spares, x.spare_count))
		return err_set(e, ERR_CONFIG, other);
	g->remap_count = x.remap_count;
	g->spare_count = x.spare_count;
	return 0;
}
