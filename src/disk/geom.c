/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * LBN <-> physical place. Invariants: zones ascend in LBN without gaps; within a zone
 * place(rank(p)) = p for every place that holds a block, rank 0 being the first reserved one.
 */
#include "disk/geom.h"

#include "disk/geom_private.h"

static inline const struct geom_zone *zone_of_lbn(const struct geom *g, uint64_t lbn)
{
	uint64_t cell = (lbn - g->first_lbn) >> g->cell_shift;
	const uint32_t *zone = &g->cell_zone[cell < g->cells ? cell : g->cells - 1];
	uint32_t lo = zone[0], n = zone[1] - lo + 1;
	while (n > 1) { /* the last zone that starts at or before lbn, without branches */
		uint32_t half = n / 2;
		lo = g->zone_first_lbn[lo + half] <= lbn ? lo + half : lo;
		n -= half;
	}
	return &g->zones[lo];
}

/* ---- ranks and places ------------------------------------------------------------------ */

/* Runs of slips that the block of this rank lies behind. */
static inline uint32_t skips_at_rank(const struct geom_zone *z, uint64_t rank)
{
	uint32_t lo = 0, hi = z->skip_count;
	while (lo < hi) {
		uint32_t mid = (lo + hi) / 2;
		if (z->skips[mid].rank <= rank)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static inline uint64_t skipped_by(const struct geom_zone *z, uint32_t skips)
{
	return skips ? z->skips[skips - 1].before + z->skips[skips - 1].count : 0;
}

/* The pool of a block or place, counted without the slips; those without spares are one. */
static inline uint64_t pool_of(const struct geom_zone *z, uint64_t n, const struct fastdiv *by)
{
	uint64_t pool = fastdiv(n, by);
	return pool < z->pools ? pool : z->pools;
}

/* From a block counted without spares to its place. */
static inline uint64_t over_spares(const struct geom_zone *z, uint64_t block, uint64_t pool)
{
	return block + pool * (z->pool_places - z->pool_blocks) + (pool < z->pools ? z->pool_front : 0);
}

static __attribute__((noinline)) uint64_t pooled_place(const struct geom_zone *z, uint64_t rank, uint32_t *skips)
{
	uint32_t n = skips_at_rank(z, rank);
	*skips = n;
	if (z->slips_pass_pools) {
		uint64_t block = rank + skipped_by(z, n);
		return over_spares(z, block, pool_of(z, block, &z->by_pool_blocks));
	}
	uint64_t pool = pool_of(z, rank, &z->by_pool_blocks);
	uint64_t here = n && z->skips[n - 1].first >= pool * z->pool_places ? skipped_by(z, n) : 0;
	return over_spares(z, rank, pool) + here;
}

static inline uint64_t place_of_rank(const struct geom_zone *z, uint64_t rank, uint32_t *skips)
{
	if (z->pooled)
		return pooled_place(z, rank, skips);
	*skips = skips_at_rank(z, rank);
	return rank + skipped_by(z, *skips);
}

uint64_t geom_rank_place(const struct geom_zone *z, uint64_t rank)
{
	uint32_t skips;
	return place_of_rank(z, rank, &skips);
}

/* Blocks before `at`, which counts as the skips do, when `n` runs begin at or before it. */
static inline uint64_t rank_after(const struct geom_zone *z, uint64_t at, uint32_t n, bool *empty)
{
	if (n == 0)
		return at;
	const struct geom_skip *s = &z->skips[n - 1];
	if (at < s->first + s->count) {
		*empty = true;
		return s->first - s->before;
	}
	return at - s->before - s->count;
}

static inline uint32_t skips_at(const struct geom_zone *z, uint64_t at)
{
	uint32_t lo = 0, hi = z->skip_count;
	while (lo < hi) {
		uint32_t mid = (lo + hi) / 2;
		if (z->skips[mid].first <= at)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static uint64_t pooled_rank(const struct geom_zone *z, uint64_t place, bool *empty)
{
	uint64_t pool = pool_of(z, place, &z->by_pool_places);
	uint64_t first = pool * z->pool_places, block = pool * z->pool_blocks, end = UINT64_MAX;
	if (pool < z->pools) {
		end = block + z->pool_blocks;
		if (place < first + z->pool_front) {
			*empty = true;
			place = first + z->pool_front;
		}
		first += z->pool_front;
	}
	if (z->slips_pass_pools) {
		uint64_t at = block + (place - first);
		if (at >= end) {
			*empty = true;
			at = end;
		}
		return rank_after(z, at, skips_at(z, at), empty);
	}
	uint32_t n = skips_at(z, place);
	uint64_t rank = block + (place - first);
	if (n && z->skips[n - 1].first >= first)
		rank = block + rank_after(z, place, n, empty) - first;
	if (rank >= end) {
		*empty = true;
		return end;
	}
	return rank;
}

uint64_t geom_place_rank(const struct geom_zone *z, uint64_t place, bool *empty)
{
	*empty = false;
	return z->pooled ? pooled_rank(z, place, empty) : rank_after(z, place, skips_at(z, place), empty);
}

/* ---- lookup ---------------------------------------------------------------------------- */

static inline __attribute__((always_inline)) void set_place(const struct geom_zone *z, uint64_t index, struct geom_place *out)
{
	uint32_t track = (uint32_t)fastdiv(index, &z->by_spt);
	struct layout_track t;
	layout_track(&z->layout, track, &t);
	out->cylinder = t.cylinder;
	out->head = t.head;
	out->head_switches = t.head_switches;
	out->track = track;
	out->sector = (uint32_t)(index - (uint64_t)track * z->spt);
	out->zone = z;
	out->index = index;
}

static inline __attribute__((always_inline)) void locate_home(const struct geom *g, uint64_t lbn, struct geom_place *out)
{
	const struct geom_zone *z = zone_of_lbn(g, lbn);
	uint64_t index = place_of_rank(z, lbn - z->first_lbn + z->reserved, &out->skips);
	set_place(z, index, out);
	out->remap = NULL;
}

void geom_locate_home(const struct geom *g, uint64_t lbn, struct geom_place *out)
{
	locate_home(g, lbn, out);
}

/* Apart from geom_locate(), so that this has one copy of the way from a rank to its place. */
static __attribute__((noinline)) void locate_with_remaps(const struct geom *g, uint64_t lbn, struct geom_place *out)
{
	const struct geom_remap *r = geom_find_remap(g, lbn);
	if (!r) {
		geom_locate_home(g, lbn, out);
		return;
	}
	set_place(&g->zones[r->zone], r->place + (lbn - r->lbn), out);
	out->remap = r;
	out->skips = 0;
}

void geom_locate(const struct geom *g, uint64_t lbn, struct geom_place *out)
{
	if (__builtin_expect(g->remap_count != 0, 0))
		locate_with_remaps(g, lbn, out);
	else
		locate_home(g, lbn, out);
}

bool geom_lbn_of_place(const struct geom *g, const struct geom_zone *z, uint64_t place, uint64_t *lbn)
{
	if (g->spare_count) {
		const struct geom_remap *r = geom_find_spare(g, (uint32_t)(z - g->zones), place);
		if (r) {
			*lbn = r->lbn + (place - r->place);
			return r->lbn != GEOM_NO_LBN;
		}
	}
	bool empty;
	uint64_t rank = geom_place_rank(z, place, &empty);
	if (empty || rank < z->reserved || rank - z->reserved >= z->lbns)
		return false;
	*lbn = z->first_lbn + (rank - z->reserved);
	return !g->remap_count || !geom_find_remap(g, *lbn);
}

bool geom_lbn_at(const struct geom *g, uint32_t cylinder, uint32_t head, uint32_t sector, uint64_t *lbn)
{
	uint32_t lo = 0, hi = g->surface_count; /* the last stretch of this head that begins at or before */
	while (lo < hi) {
		uint32_t mid = (lo + hi) / 2;
		const struct geom_surface *s = &g->surfaces[mid];
		if (s->head < head || (s->head == head && s->first_cylinder <= cylinder))
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo == 0 || g->surfaces[lo - 1].head != head || cylinder > g->surfaces[lo - 1].last_cylinder)
		return false;
	const struct geom_zone *z = &g->zones[g->surfaces[lo - 1].zone];
	uint32_t track;
	if (sector >= z->spt || !layout_find(&z->layout, cylinder, head, &track))
		return false;
	return geom_lbn_of_place(g, z, (uint64_t)track * z->spt + sector, lbn);
}

/* Slips in the tracks, or the cylinders, of the zone before this one. */
static __attribute__((noinline)) int64_t slips_before(const struct geom_zone *z, uint32_t track)
{
	uint64_t place = (uint64_t)(track / z->turn_tracks * z->turn_tracks) * z->spt;
	uint32_t lo = 0, hi = z->slip_count;
	while (lo < hi) {
		uint32_t mid = (lo + hi) / 2;
		if (z->slips[mid].first < place)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo == 0)
		return (int64_t)z->slips_earlier;
	const struct geom_run *r = &z->slips[lo - 1];
	return (int64_t)(r->before + (place - r->first < r->count ? place - r->first : r->count));
}

/* Angle of a track's sector 0: the skews of all switches before it in the zone, in 1/1000 sectors,
 * reduced to a turn before it is scaled. Scaling is exact as in geom_into(): a turn has at most 10^8
 * thousandths of a sector. */
static inline uint64_t track_angle(const struct geom_place *at)
{
	const struct geom_zone *z = at->zone;
	int64_t turn = (int64_t)MILLI * z->spt;
	int64_t skew = z->offset_milli + (int64_t)at->head_switches * z->track_skew_milli +
		(int64_t)(at->track - at->head_switches) * z->cylinder_skew_milli;
	if (z->turn_tracks)
		skew += MILLI * slips_before(z, at->track);
	if (skew >= 0) {
		skew -= (int64_t)fastdiv((uint64_t)skew, &z->by_turn_milli) * turn;
	} else {
		skew %= turn;
		skew += skew < 0 ? turn : 0;
	}
	return (uint64_t)skew * z->milli_whole + (uint64_t)((uint128)(uint64_t)skew * z->milli_fraction >> 64);
}

/* Ranks of the first block at or behind the track's ends. */
static inline __attribute__((always_inline)) void track_ranks(const struct geom_place *at, uint64_t *first, uint64_t *end)
{
	const struct geom_zone *z = at->zone;
	bool empty;
	*first = at->index - at->sector;
	*end = *first + z->spt;
	if (z->pooled) {
		*first = geom_place_rank(z, *first, &empty);
		*end = geom_place_rank(z, *end, &empty);
	} else if (z->skip_count) {
		uint32_t n = at->skips; /* few runs begin on one track */
		while (n && z->skips[n - 1].first > *first)
			n--;
		*first = rank_after(z, *first, n, &empty);
		while (n < z->skip_count && z->skips[n].first <= *end)
			n++;
		*end = rank_after(z, *end, n, &empty);
	}
}

static inline __attribute__((always_inline)) void set_track(const struct geom *g, const struct geom_place *at,
	struct geom_track *out)
{
	const struct geom_zone *z = at->zone;
	out->zone = z;
	out->spt = z->spt;
	out->cylinder = at->cylinder;
	out->head = at->head;
	out->spare = 0;
	out->first_place = at->index - at->sector;
	out->angle0 = track_angle(at);
	if (__builtin_expect(at->remap != NULL, 0)) {
		out->first_lbn = at->remap->lbn;
		out->lbns = at->remap->count;
		out->spare = 1 + (uint32_t)(at->remap->place - out->first_place);
		return;
	}
	uint64_t first, end, last = z->reserved + z->lbns;
	track_ranks(at, &first, &end);
	first = first < z->reserved ? z->reserved : first;
	end = end > last ? last : end;
	out->first_lbn = z->first_lbn + (first - z->reserved);
	out->lbns = (uint32_t)(end > first ? end - first : 0);
	if (__builtin_expect(g->remap_count != 0, 0))
		geom_cut_stretch(g, at, out);
}

void geom_track_at(const struct geom *g, const struct geom_place *at, struct geom_track *out)
{
	set_track(g, at, out);
}

static __attribute__((noinline)) uint32_t track_of_with_remaps(const struct geom *g, uint64_t lbn, struct geom_track *out)
{
	struct geom_place at;
	locate_with_remaps(g, lbn, &at);
	geom_track_at(g, &at, out);
	return at.sector;
}

uint32_t geom_track_of(const struct geom *g, uint64_t lbn, struct geom_track *out)
{
	struct geom_place at;
	if (__builtin_expect(g->remap_count != 0, 0))
		return track_of_with_remaps(g, lbn, out);
	locate_home(g, lbn, &at);
	set_track(g, &at, out);
	return at.sector;
}

uint32_t geom_sector_of_partial(const struct geom_track *t, uint64_t lbn)
{
	if (t->spare)
		return t->spare - 1 + (uint32_t)(lbn - t->first_lbn);
	return (uint32_t)(geom_rank_place(t->zone, lbn - t->zone->first_lbn + t->zone->reserved) - t->first_place);
}

uint32_t geom_lbns_before_partial(const struct geom_track *t, uint32_t sector)
{
	bool empty;
	uint64_t from = t->spare - 1, rank = sector;
	if (!t->spare) {
		from = t->first_lbn - t->zone->first_lbn + t->zone->reserved;
		rank = geom_place_rank(t->zone, t->first_place + sector, &empty);
	}
	uint64_t n = rank > from ? rank - from : 0;
	return n < t->lbns ? (uint32_t)n : t->lbns;
}

uint64_t geom_place_angle(const struct geom *g, const struct geom_place *at)
{
	(void)g;
	uint64_t a = track_angle(at) + geom_into(at->zone, at->sector);
	return a >= ANGLE_TURN ? a - ANGLE_TURN : a;
}

void geom_guess(const struct geom *g, enum geom_level level, uint64_t lbn, struct geom_place *out)
{
	if (level == GEOM_FULL) {
		geom_locate(g, lbn, out);
		return;
	}
	*out = (struct geom_place){0};
	if (level == GEOM_LBN) {
		out->cylinder = (uint32_t)((uint128)(lbn - g->first_lbn) * g->cylinder_fraction >> 64);
		return;
	}
	const struct geom_zone *z = zone_of_lbn(g, lbn);
	out->zone = z;
	out->cylinder = z->first_cylinder + (uint32_t)((uint128)(lbn - z->first_lbn) * z->cylinder_fraction >> 64);
}
