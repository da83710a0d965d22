/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The map of a log: a treap over a fixed pool, and a list by age. */
#include "disk/smr_map.h"

#define NIL SMR_NO_EXTENT

int smr_map_init(struct smr_map *m, struct arena *a, uint32_t extents)
{
	*m = (struct smr_map){.limit = extents, .root = NIL, .free = NIL, .oldest = NIL, .newest = NIL};
	m->extent = arena_array(a, extents, sizeof(*m->extent));
	if (!m->extent)
		return -1;
	for (uint32_t i = extents; i-- > 0;) {
		m->extent[i].below[0] = m->free;
		m->free = i;
	}
	return 0;
}

/* A fixed scramble of the place in the pool (Steele et al., "Fast splittable pseudorandom number
 * generators", 2014: the mixer of 32 bits). */
static inline uint32_t rank(uint32_t i)
{
	uint32_t x = (i + 1) * UINT32_C(0x9e3779b9);
	x = (x ^ (x >> 16)) * UINT32_C(0x85ebca6b);
	x = (x ^ (x >> 13)) * UINT32_C(0xc2b2ae35);
	return x ^ (x >> 16);
}

static inline uint64_t end_of(const struct smr_extent *e) { return e->lba + e->sectors; }

uint32_t smr_map_find(const struct smr_map *m, uint64_t lba)
{
	uint32_t best = NIL;
	for (uint32_t i = m->root; i != NIL;) {
		const struct smr_extent *e = &m->extent[i];
		bool past = end_of(e) > lba;
		if (past)
			best = i;
		i = e->below[past ? 0 : 1];
	}
	return best;
}

uint32_t smr_map_after(const struct smr_map *m, uint32_t extent)
{
	return smr_map_find(m, end_of(&m->extent[extent]));
}

/* ---- the tree ------------------------------------------------------------------------------------- */

/* Split by address: *low gets what lies below `lba`. */
static void split(struct smr_map *m, uint32_t root, uint64_t lba, uint32_t *low, uint32_t *high)
{
	while (root != NIL) {
		struct smr_extent *e = &m->extent[root];
		if (e->lba < lba) {
			*low = root;
			low = &e->below[1];
			root = e->below[1];
		} else {
			*high = root;
			high = &e->below[0];
			root = e->below[0];
		}
	}
	*low = *high = NIL;
}

static uint32_t merge(struct smr_map *m, uint32_t low, uint32_t high)
{
	uint32_t root = NIL, *at = &root;
	while (low != NIL && high != NIL) {
		bool from_low = rank(low) > rank(high);
		*at = from_low ? low : high;
		at = &m->extent[*at].below[from_low ? 1 : 0];
		if (from_low)
			low = *at;
		else
			high = *at;
	}
	*at = low != NIL ? low : high;
	return root;
}

static void tree_put(struct smr_map *m, uint32_t i)
{
	struct smr_extent *e = &m->extent[i];
	uint32_t *at = &m->root;
	while (*at != NIL && rank(*at) > rank(i))
		at = &m->extent[*at].below[m->extent[*at].lba < e->lba ? 1 : 0];
	split(m, *at, e->lba, &e->below[0], &e->below[1]);
	*at = i;
}

static void tree_take(struct smr_map *m, uint32_t i)
{
	uint32_t *at = &m->root;
	while (*at != i)
		at = &m->extent[*at].below[m->extent[*at].lba < m->extent[i].lba ? 1 : 0];
	*at = merge(m, m->extent[i].below[0], m->extent[i].below[1]);
}

/* ---- extents ---------------------------------------------------------------------------------------- */

static uint32_t take_free(struct smr_map *m)
{
	uint32_t i = m->free;
	m->free = m->extent[i].below[0];
	m->count++;
	return i;
}

/* Into the age list, behind `older`. */
static void age_put(struct smr_map *m, uint32_t i, uint32_t older)
{
	struct smr_extent *e = &m->extent[i];
	e->older = older;
	e->newer = older == NIL ? m->oldest : m->extent[older].newer;
	if (e->older == NIL)
		m->oldest = i;
	else
		m->extent[e->older].newer = i;
	if (e->newer == NIL)
		m->newest = i;
	else
		m->extent[e->newer].older = i;
}

void smr_map_drop(struct smr_map *m, uint32_t extent)
{
	struct smr_extent *e = &m->extent[extent];
	tree_take(m, extent);
	if (e->older == NIL)
		m->oldest = e->newer;
	else
		m->extent[e->older].newer = e->newer;
	if (e->newer == NIL)
		m->newest = e->older;
	else
		m->extent[e->newer].older = e->older;
	e->below[0] = m->free;
	m->free = extent;
	m->count--;
}

void smr_map_put(struct smr_map *m, uint64_t lba, uint32_t sectors, uint64_t lbn, uint64_t stamp)
{
	uint32_t i = take_free(m);
	m->extent[i] = (struct smr_extent){.lba = lba, .lbn = lbn, .stamp = stamp, .sectors = sectors, .below = {NIL, NIL}};
	tree_put(m, i);
	age_put(m, i, m->newest);
}

void smr_map_cut(struct smr_map *m, uint64_t lba, uint64_t sectors, smr_map_gone *gone, void *ctx)
{
	uint64_t end = lba + sectors;
	for (uint32_t i; (i = smr_map_find(m, lba)) != NIL && m->extent[i].lba < end;) {
		struct smr_extent *e = &m->extent[i];
		struct smr_extent was = *e;
		uint64_t lo = was.lba > lba ? was.lba : lba, hi = end_of(&was) < end ? end_of(&was) : end;
		if (was.lba < lo) {
			e->sectors = (uint32_t)(lo - was.lba);
			if (hi < end_of(&was)) {
				uint32_t rest = take_free(m);
				m->extent[rest] = (struct smr_extent){.lba = hi, .lbn = was.lbn + (hi - was.lba), .stamp = was.stamp,
					.sectors = (uint32_t)(end_of(&was) - hi), .below = {NIL, NIL}};
				tree_put(m, rest);
				age_put(m, rest, i);
			}
		} else if (hi < end_of(&was)) {
			/* its address rises, its place among the others stays */
			e->lba = hi;
			e->lbn += hi - was.lba;
			e->sectors = (uint32_t)(end_of(&was) - hi);
		} else {
			smr_map_drop(m, i);
		}
		gone(ctx, lo, was.lbn + (lo - was.lba), (uint32_t)(hi - lo));
		lba = hi;
	}
}

/* ---- for tests ------------------------------------------------------------------------------------- */

/* Extents of a subtree, all within [lo, hi) and ranked below `above`; UINT32_MAX: unsound. */
static uint32_t sound_tree(const struct smr_map *m, uint32_t root, uint64_t lo, uint64_t hi, uint32_t above)
{
	if (root == NIL)
		return 0;
	const struct smr_extent *e = &m->extent[root];
	if (e->sectors == 0 || e->lba < lo || end_of(e) > hi || rank(root) > above)
		return UINT32_MAX;
	uint32_t low = sound_tree(m, e->below[0], lo, e->lba, rank(root));
	uint32_t high = sound_tree(m, e->below[1], end_of(e), hi, rank(root));
	return low == UINT32_MAX || high == UINT32_MAX ? UINT32_MAX : low + high + 1;
}

bool smr_map_sound(const struct smr_map *m)
{
	uint32_t listed = 0, before = NIL;
	for (uint32_t i = m->oldest; i != NIL; before = i, i = m->extent[i].newer, listed++)
		if (m->extent[i].older != before || (before != NIL && m->extent[before].stamp > m->extent[i].stamp))
			return false;
	return before == m->newest && listed == m->count && sound_tree(m, m->root, 0, UINT64_MAX, UINT32_MAX) == m->count;
}
