/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Figures of wear, and the invariants recounted from the maps. */
#include <inttypes.h>

#include "ftl/ftl_private.h"

struct ftl_wear ftl_wear(const struct ftl *f)
{
	struct ftl_wear w = {UINT32_MAX, 0, 0};
	uint64_t sum = 0, n = 0;
	for (uint32_t k = 0; k < f->blocks.count; k++) {
		const struct ftl_block *b = &f->blocks.block[k];
		if (b->state == FTL_BAD)
			continue;
		w.min = b->erases < w.min ? b->erases : w.min;
		w.max = b->erases > w.max ? b->erases : w.max;
		sum += b->erases;
		n++;
	}
	w.mean = n ? (double)sum / (double)n : 0;
	w.min = n ? w.min : 0;
	return w;
}

/* Valid units of each block, and the live ones of a region with what is under way. */
static int check_region(const struct ftl *f, uint32_t region, uint64_t *mapped, struct err *e)
{
	const struct ftl_blocks *b = &f->blocks;
	uint64_t live = 0, pending = 0;
	for (uint32_t k = region * b->per_region; k < (region + 1) * b->per_region; k++) {
		uint32_t valid = 0;
		for (uint64_t u = (uint64_t)k * b->units; u < (uint64_t)(k + 1) * b->units; u++)
			valid += map_valid(&f->map, u);
		if (valid != b->block[k].valid)
			return err_set(e, ERR_CHECK, "block %" PRIu32 " counts %" PRIu32 " valid units, the map names %" PRIu32, k,
				(uint32_t)b->block[k].valid, valid);
		if (b->block[k].state == FTL_FULL && b->block[k].pending != 0)
			return err_set(e, ERR_CHECK, "block %" PRIu32 " is full with programs under way", k);
		live += valid;
		pending += b->block[k].pending;
	}
	uint64_t counted = b->region[region].live;
	if (counted < live || counted > live + pending - f->job[region].moving)
		return err_set(e, ERR_CHECK, "region %" PRIu32 " counts %" PRIu64 " live units, the map names %" PRIu64, region, counted,
			live);
	*mapped += live;
	return 0;
}

int ftl_check(const struct ftl *f, struct err *e)
{
	const char *why = "";
	uint64_t mapped = 0, named = 0, erases = 0;
	if (!blocks_check(&f->blocks, &why))
		return err_set(e, ERR_CHECK, "the blocks do not agree: %s", why);
	for (uint32_t i = 0; i < f->blocks.regions; i++) {
		if (check_region(f, i, &mapped, e) < 0)
			return -1;
		erases += f->blocks.region[i].erases;
		for (int k = 0; k < FTL_STREAMS; k++) {
			uint32_t open = f->frontier[i * FTL_STREAMS + (uint32_t)k].block;
			if (open != FTL_NO_BLOCK && f->blocks.block[open].state != FTL_OPEN)
				return err_set(e, ERR_CHECK, "the frontier of region %" PRIu32 " is a block that is not open", i);
		}
	}
	for (uint64_t l = 0; l < f->logical; l++) {
		uint64_t at = map_get(&f->map, l);
		named += at != FTL_NOWHERE;
		if (at != FTL_NOWHERE && map_owner(&f->map, at) != l)
			return err_set(e, ERR_CHECK, "unit %" PRIu64 " is mapped to %" PRIu64 ", which holds another", l, at);
	}
	if (named != mapped)
		return err_set(e, ERR_CHECK, "%" PRIu64 " units are mapped, %" PRIu64 " are valid", named, mapped);
	if (erases != f->counts.erases)
		return err_set(e, ERR_CHECK, "%" PRIu64 " erases are counted, the blocks have %" PRIu64, f->counts.erases, erases);
	return 0;
}
