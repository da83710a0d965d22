/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The set of written sectors: open addressing with linear probing, at most 3/4 full.
 * Regions are never taken out (a cleared one keeps an empty mask), so probing needs no
 * tombstones.
 */
#include "blk/written.h"

#include <stdlib.h>

#define REGION_BITS BLK_WRITTEN_BITS
#define REGION_SECTORS 64u
#define FIRST_BITS 8u

static inline struct blk_written_entry *find(const struct blk_written *w, uint64_t region)
{
	const struct blk_written_entry *end = w->table + (UINT64_C(1) << w->bits);
	struct blk_written_entry *x = blk_written_first(w, region);
	while (x->region != 0 && x->region != region)
		x = x + 1 == end ? w->table : x + 1;
	return x;
}

struct blk_written_entry *blk_written_table_new(uint32_t bits)
{
	return calloc((size_t)1 << bits, sizeof(struct blk_written_entry));
}

static bool grow(struct blk_written *w)
{
	struct blk_written bigger = {.bits = w->table ? w->bits + 1 : FIRST_BITS, .used = w->used};
	bigger.table = blk_written_table_new(bigger.bits);
	if (!bigger.table)
		return false;
	if (w->table) {
		for (uint64_t i = 0; i < UINT64_C(1) << w->bits; i++)
			if (w->table[i].region != 0)
				*find(&bigger, w->table[i].region) = w->table[i];
		free(w->table);
	}
	*w = bigger;
	return true;
}

/* The part of [lba, lba + sectors) that lies in lba's region, as a mask. */
static inline uint64_t mask_of(uint64_t lba, uint32_t sectors, uint32_t *covered)
{
	uint32_t from = (uint32_t)(lba & (REGION_SECTORS - 1));
	uint32_t n = REGION_SECTORS - from < sectors ? REGION_SECTORS - from : sectors;
	*covered = n;
	return (n == REGION_SECTORS ? UINT64_MAX : (UINT64_C(1) << n) - 1) << from;
}

bool blk_written_mark(struct blk_written *w, uint64_t lba, uint32_t sectors)
{
	while (sectors > 0) {
		uint32_t n;
		uint64_t mask = mask_of(lba, sectors, &n), region = (lba >> REGION_BITS) + 1;
		if ((!w->table || w->used * 4 >= UINT64_C(3) << w->bits) && !grow(w))
			return false;
		struct blk_written_entry *x = find(w, region);
		w->used += x->region == 0;
		x->region = region;
		x->mask |= mask;
		lba += n;
		sectors -= n;
	}
	return true;
}

void blk_written_clear(struct blk_written *w, uint64_t lba, uint32_t sectors)
{
	if (!w->table)
		return;
	while (sectors > 0) {
		uint32_t n;
		uint64_t mask = mask_of(lba, sectors, &n);
		struct blk_written_entry *x = find(w, (lba >> REGION_BITS) + 1);
		if (x->region != 0)
			x->mask &= ~mask;
		lba += n;
		sectors -= n;
	}
}

uint32_t blk_written_missing_of_some(const struct blk_written *w, uint64_t lba, uint32_t sectors)
{
	uint32_t missing = 0;
	while (sectors > 0) {
		uint32_t n;
		uint64_t mask = mask_of(lba, sectors, &n);
		const struct blk_written_entry *x = find(w, (lba >> REGION_BITS) + 1);
		uint64_t held = x->region != 0 ? x->mask & mask : 0;
		if (held != mask)
			missing += n - (uint32_t)__builtin_popcountll(held);
		lba += n;
		sectors -= n;
	}
	return missing;
}

void blk_written_free(struct blk_written *w)
{
	free(w->table);
	*w = (struct blk_written){0};
}
