/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Garbage collection and static wear levelling: one job a region, in steps. */
#include "ftl/ftl_private.h"
#include "ftl/mount.h"

/* A job with this victim, whose first units' map entries are fetched. */
static void take_victim(struct ftl *f, uint32_t region, uint32_t victim, enum ftl_stream stream)
{
	struct ftl_job *j = &f->job[region];
	j->stream = (uint8_t)stream;
	j->victim = victim;
	j->cursor = 0;
	j->moving = 0;
	blocks_take_victim(&f->blocks, victim);
	f->counts.victims[stream]++;
	f->counts.victim_valid += f->blocks.block[victim].valid;
	uint64_t base = (uint64_t)victim * f->blocks.units;
	for (uint32_t i = 0; i < f->ahead && i < f->blocks.units; i++) {
		uint64_t logical = map_owner(&f->map, base + i);
		if (logical != FTL_NOWHERE)
			map_prefetch(&f->map, logical);
	}
}

bool ftl_clean_begin(struct ftl *f, uint32_t region)
{
	struct ftl_job *j = &f->job[region];
	const struct ftl_region *r = &f->blocks.region[region];
	if (r->full == 0) {
		j->wear_wanted = false;
		return false;
	}
	if (j->wear_wanted && r->free >= f->low) {
		j->wear_wanted = false;
		take_victim(f, region, blocks_least_erased(&f->blocks, region), FTL_WEAR);
		return true;
	}
	struct victim_view v = {&f->blocks, region, f->counts.programmed[FTL_HOST], &f->spec->gc, f->rng};
	take_victim(f, region, f->victim->pick(&v), FTL_GC);
	return true;
}

bool ftl_clean_begin_fewest(struct ftl *f, uint32_t region)
{
	uint32_t victim = blocks_least_valid(&f->blocks, region);
	if (victim == FTL_NO_BLOCK)
		return false;
	take_victim(f, region, victim, FTL_GC);
	return true;
}

void ftl_clean_prefetch(const struct ftl *f, uint32_t region)
{
	const struct ftl_job *j = &f->job[region];
	uint32_t open = f->frontier[region * FTL_STREAMS + f->stream_frontier[j->stream]].block;
	if (open != FTL_NO_BLOCK)
		blocks_prefetch(&f->blocks, open);
	uint32_t end = j->cursor + 3 < f->blocks.units ? j->cursor + 3 : f->blocks.units;
	uint64_t base = (uint64_t)j->victim * f->blocks.units;
	for (uint32_t i = j->cursor; i < end && j->victim != FTL_NO_BLOCK; i++) {
		uint64_t logical = map_owner(&f->map, base + i);
		if (logical != FTL_NOWHERE)
			map_prefetch(&f->map, logical);
	}
}

bool ftl_clean_next(struct ftl *f, uint32_t region, struct ftl_move *m)
{
	struct ftl_job *j = &f->job[region];
	uint32_t units = f->blocks.units;
	uint64_t base = (uint64_t)j->victim * units;
	while (j->cursor < units) {
		uint32_t i = j->cursor++;
		if (!f->told && i + f->ahead < units) {
			uint64_t soon = map_owner(&f->map, base + i + f->ahead);
			if (soon != FTL_NOWHERE)
				map_prefetch(&f->map, soon);
		}
		uint64_t logical = map_owner(&f->map, base + i);
		if (logical == FTL_NOWHERE || map_get(&f->map, logical) != base + i)
			continue;
		j->moving++;
		*m = (struct ftl_move){logical, base + i, ftl_place(f, region, (enum ftl_stream)j->stream)};
		return true;
	}
	return false;
}

bool ftl_move_commit(struct ftl *f, uint32_t region, const struct ftl_move *m)
{
	struct ftl_job *j = &f->job[region];
	uint32_t block = blocks_of_unit(&f->blocks, m->to);
	struct ftl_block *to = &f->blocks.block[block], *from = &f->blocks.block[j->victim];
	bool kept = map_get(&f->map, m->logical) == m->from;
	j->moving--;
	f->counts.programmed[j->stream]++;
	map_set_owner(&f->map, m->to, m->logical);
	if (f->mount)
		mount_told_move(f->mount, m, kept);
	if (f->tap.program)
		f->tap.program(f->tap.ctx, m->to, m->logical, j->stream);
	if (kept) {
		map_set(&f->map, m->logical, m->to);
		to->valid = (to->valid + 1U) & FTL_UNITS_MAX;
		from->valid = (from->valid - 1U) & FTL_UNITS_MAX;
		if (from->stamp > to->stamp)
			to->stamp = from->stamp;
	} else {
		f->counts.stale++;
	}
	ftl_settle(f, block);
	return kept;
}

/* Static wear levelling looks at the region now and then, so that a look over all blocks costs O(1) an erase. */
static void look_at_wear(struct ftl *f, uint32_t region)
{
	const struct ftl_wear_spec *s = &f->spec->wear;
	const struct ftl_region *r = &f->blocks.region[region];
	struct ftl_job *j = &f->job[region];
	uint32_t interval = s->interval ? (uint32_t)s->interval : f->blocks.per_region / 8 + 1;
	if (s->threshold == 0 || ++j->looked < interval)
		return;
	j->looked = 0;
	uint32_t least = blocks_least_erased(&f->blocks, region);
	j->wear_wanted = least != FTL_NO_BLOCK && (int64_t)r->max_erases - f->blocks.block[least].erases > s->threshold;
}

void ftl_erased(struct ftl *f, uint32_t region)
{
	struct ftl_job *j = &f->job[region];
	uint32_t victim = j->victim;
	if (f->tap.erase)
		f->tap.erase(f->tap.ctx, victim);
	if (f->mount)
		mount_told_erase(f->mount, victim);
	j->victim = FTL_NO_BLOCK;
	f->counts.erases++;
	blocks_erased(&f->blocks, victim);
	look_at_wear(f, region);
}
