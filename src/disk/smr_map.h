/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which host sectors are in a log, and where: extents that do not overlap, in a treap ordered by host
 * address (Seidel & Aragon, "Randomized search trees", 1996), and in a list by age.
 *
 * Extents come from a fixed pool. A change needs at most one extent more than it puts in (a range cut
 * out of the middle of one leaves two). Priorities are a hash of the place in the pool, so the
 * tree's shape follows from the operations alone. Lookup and change O(log extents), expected.
 * Owner: embedded; the pool is the arena's.
 */
#ifndef QUERN_DISK_SMR_MAP_H
#define QUERN_DISK_SMR_MAP_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/arena.h"

#define SMR_NO_EXTENT UINT32_MAX

struct smr_extent {
	uint64_t lba, lbn;
	uint64_t stamp;              /* of the write that put it: rises with time */
	uint32_t sectors;
	uint32_t below[2];           /* in the tree: lower and higher addresses; below[0] links free ones */
	uint32_t older, newer;
};

struct smr_map {
	struct smr_extent *extent;
	uint32_t limit, count;
	uint32_t root, free, oldest, newest;
};

/* Called for each stretch that leaves the map. */
typedef void smr_map_gone(void *ctx, uint64_t lba, uint64_t lbn, uint32_t sectors);

/* -1: no memory. */
int smr_map_init(struct smr_map *m, struct arena *a, uint32_t extents);
static inline uint32_t smr_map_room(const struct smr_map *m) { return m->limit - m->count; }

/* The first extent that ends past lba, or SMR_NO_EXTENT; and the one after an extent. */
uint32_t smr_map_find(const struct smr_map *m, uint64_t lba);
uint32_t smr_map_after(const struct smr_map *m, uint32_t extent);
/* Take [lba, lba + sectors) out. There is room for one more extent. */
void smr_map_cut(struct smr_map *m, uint64_t lba, uint64_t sectors, smr_map_gone *gone, void *ctx);
/* Put in a range of which the map has nothing. There is room. */
void smr_map_put(struct smr_map *m, uint64_t lba, uint32_t sectors, uint64_t lbn, uint64_t stamp);
/* Take out one extent. */
void smr_map_drop(struct smr_map *m, uint32_t extent);
/* Whether tree and lists are sound; for tests. O(extents). */
bool smr_map_sound(const struct smr_map *m);

#endif
