/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A mount after a power cut. While it goes on, the forward map holds for each unit the best copy known so far; its sequence
 * is in the out-of-band area of that copy. Blocks keep the states they had until the map is whole.
 */
#include <stdlib.h>
#include <string.h>

#include "ftl/ftl_private.h"
#include "ftl/mount.h"

/* ---- pages read -------------------------------------------------------------------------------------------- */

static void read_page(struct mount *m, uint64_t physical)
{
	m->reads[nand_ppa_die(m->f->geom, ftl_page_of(m->f, physical, NULL))]++;
	m->report.pages++;
}

/* Checkpoint and journal lie spread over all dies. */
static void read_system_area(struct mount *m)
{
	const struct nand_geom *g = m->f->geom;
	uint64_t marks = (m->f->blocks.count * sizeof(struct mount_mark) + g->page_bytes - 1) / g->page_bytes;
	uint64_t pages = m->map_pages + marks + m->journal_pages;
	for (uint32_t i = 0; i < g->dies; i++)
		m->reads[i] += pages / g->dies + (i < pages % g->dies);
	m->report.map_pages = pages;
	m->report.pages += pages;
}

/* ---- the map: checkpoint, scan, journal --------------------------------------------------------------------- */

/* Units of a block from its first on that were programmed, or whose program had perhaps begun. */
static uint32_t taken_of(const struct mount *m, uint32_t block)
{
	const struct ftl *f = m->f;
	const struct ftl_block *k = &f->blocks.block[block];
	uint32_t region = blocks_region(&f->blocks, block);
	if (k->state == FTL_FREE || k->state == FTL_BAD)
		return 0;
	for (uint32_t i = region * FTL_STREAMS; i < (region + 1) * FTL_STREAMS; i++)
		if (f->frontier[i].block == block)
			return f->frontier[i].next;
	return m->block_taken[block] ? m->block_taken[block] : f->blocks.units;
}

/* Whether a block is, further programs apart, as the checkpoint knows it. */
static bool same_block(const struct mount *m, uint32_t block)
{
	return m->block_opened[block] != 0 && m->block_opened[block] == m->mark[0][block].opened;
}

static void start_from_checkpoint(struct mount *m, bool trims_only)
{
	struct ftl *f = m->f;
	for (uint64_t l = 0; l < f->logical; l++) {
		uint64_t x = m->saved[0][l];
		if (x >= MAP_FIRST) {
			uint64_t at = x - MAP_FIRST;
			if (trims_only || m->oob[at] < MOUNT_FIRST || !same_block(m, blocks_of_unit(&f->blocks, at)))
				x = MAP_NEVER;
		}
		map_array_put(&f->map.forward, l, x);
	}
}

/* A copy has been found. */
static void consider(struct mount *m, uint64_t physical)
{
	struct ftl *f = m->f;
	uint64_t logical = map_owner(&f->map, physical), sequence = m->oob[physical];
	uint64_t best = map_get(&f->map, logical);
	if (best == physical)
		return;
	if (map_trimmed(&f->map, logical) && sequence <= m->saved_sequence[0]) {
		m->report.stale++;
		return;
	}
	if (best != FTL_NOWHERE) {
		uint32_t block = blocks_of_unit(&f->blocks, best);
		uint64_t other = m->oob[best];
		m->report.stale++;
		if (m->spec->scan != FTL_SCAN_FULL && sequence <= m->saved_sequence[0] && same_block(m, block))
			read_page(m, best); /* newer than the checkpoint would settle it */
		if (sequence < other || (sequence == other &&
		    m->block_opened[blocks_of_unit(&f->blocks, physical)] >= m->block_opened[block]))
			return;
	}
	map_set(&f->map, logical, physical);
}

/* Reads a block from a unit on, up to the first page that is erased. */
static void scan_block(struct mount *m, uint32_t block, uint32_t from)
{
	const struct ftl *f = m->f;
	uint64_t first = (uint64_t)block * f->blocks.units;
	uint32_t taken = taken_of(m, block), unit = from - from % f->page_units;
	for (; unit < taken; unit++) {
		if (unit % f->page_units == 0)
			read_page(m, first + unit);
		if (unit >= from && m->oob[first + unit] >= MOUNT_FIRST)
			consider(m, first + unit);
	}
	if (unit < f->blocks.units)
		read_page(m, first + unit);
}

static void scan(struct mount *m, bool full)
{
	const struct ftl *f = m->f;
	for (uint32_t k = 0; k < f->blocks.count; k++) {
		const struct ftl_block *b = &f->blocks.block[k];
		uint32_t from = full || !same_block(m, k) ? 0 : m->mark[0][k].covered;
		if (b->state == FTL_BAD)
			continue;
		m->report.units_lost += b->pending;
		if (from > 0 || m->block_opened[k] == 0)
			read_page(m, (uint64_t)k * f->blocks.units); /* which block it is, or that it is erased */
		if (m->block_opened[k] != 0 && from < f->blocks.units)
			scan_block(m, k, from);
	}
}

static void apply_journal(struct mount *m)
{
	struct ftl *f = m->f;
	for (uint32_t i = 0; i < m->trims_durable; i++) {
		const struct mount_trim *t = &m->trim[i];
		for (uint64_t k = 0; k < t->count; k++) {
			uint64_t at = map_get(&f->map, t->first + k);
			if (at == FTL_NOWHERE || m->oob[at] < t->sequence + k)
				map_trim(&f->map, t->first + k);
		}
	}
}

/* ---- blocks ---------------------------------------------------------------------------------------------------- */

static void count_valid(struct mount *m)
{
	struct ftl *f = m->f;
	m->report.units_found = 0;
	for (uint32_t k = 0; k < f->blocks.count; k++)
		f->blocks.block[k].valid = 0;
	for (uint64_t l = 0; l < f->logical; l++) {
		uint64_t at = map_get(&f->map, l);
		if (at == FTL_NOWHERE)
			continue;
		struct ftl_block *b = &f->blocks.block[blocks_of_unit(&f->blocks, at)];
		b->valid = (b->valid + 1U) & FTL_UNITS_MAX;
		m->report.units_found++;
	}
}

/* Regions that would have too few free blocks are read whole: of a job that the cut ended, the copies yield to what
 * they were made of. */
static void make_room(struct mount *m)
{
	const struct ftl *f = m->f;
	bool again = false;
	for (uint32_t region = 0; region < f->blocks.regions; region++) {
		uint32_t first = region * f->blocks.per_region, free = 0;
		for (uint32_t k = first; k < first + f->blocks.per_region; k++)
			free += f->blocks.block[k].valid == 0 && f->blocks.block[k].state != FTL_BAD;
		if (free >= (uint32_t)f->spec->gc.reserve)
			continue;
		for (uint32_t k = first; k < first + f->blocks.per_region; k++)
			if (m->block_opened[k] != 0)
				scan_block(m, k, 0);
		again = true;
	}
	if (again) {
		apply_journal(m);
		count_valid(m);
	}
}

static int by_opening(const void *x, const void *y)
{
	const struct mount_order *a = x, *b = y;
	if (a->opened != b->opened)
		return a->opened < b->opened ? -1 : 1;
	return a->block < b->block ? -1 : a->block > b->block;
}

static void reset_regions(struct mount *m)
{
	struct ftl *f = m->f;
	for (uint32_t i = 0; i < f->blocks.regions; i++) {
		for (uint32_t k = 0; k < FTL_STREAMS; k++)
			f->frontier[i * FTL_STREAMS + k] = (struct ftl_frontier){FTL_NO_BLOCK, 0};
		f->job[i] = (struct ftl_job){.victim = FTL_NO_BLOCK};
		f->blocks.region[i].live = 0;
	}
	blocks_clear(&f->blocks);
}

/* What holds data is full; what was never programmed is free; the rest is left as VICTIM, to be erased. In the order of
 * opening, which is about that of becoming full. */
static void set_states(struct mount *m)
{
	struct ftl *f = m->f;
	for (uint32_t k = 0; k < f->blocks.count; k++) {
		m->order[k] = (struct mount_order){m->block_opened[k], k};
		m->block_taken[k] = taken_of(m, k);
	}
	qsort(m->order, f->blocks.count, sizeof(*m->order), by_opening);
	reset_regions(m);
	for (uint32_t i = 0; i < f->blocks.count; i++) {
		uint32_t k = m->order[i].block;
		struct ftl_block *b = &f->blocks.block[k];
		b->pending = 0;
		if (b->state == FTL_BAD)
			continue;
		if (b->valid > 0) {
			m->report.blocks_closed += b->state == FTL_OPEN || b->state == FTL_CLOSING;
			f->blocks.region[blocks_region(&f->blocks, k)].live += b->valid;
			blocks_fill(&f->blocks, k);
		} else if (b->state == FTL_FREE) {
			blocks_put_free(&f->blocks, k);
		} else {
			b->state = FTL_VICTIM;
		}
	}
}

static void erase_the_rest(struct mount *m)
{
	struct ftl *f = m->f;
	for (uint32_t i = 0; i < f->blocks.count; i++) {
		uint32_t k = m->order[i].block;
		if (f->blocks.block[k].state != FTL_VICTIM)
			continue;
		if (f->tap.erase)
			f->tap.erase(f->tap.ctx, k);
		mount_told_erase(m, k);
		f->counts.erases++;
		blocks_erased(&f->blocks, k);
		for (uint32_t plane = 0; plane < f->alloc.planes_per_region; plane++)
			m->erases[nand_ppa_die(f->geom, ftl_block_of(f, k, plane))]++;
		m->report.blocks_erased++;
	}
}

/* ---- before and after ---------------------------------------------------------------------------------------- */

/* What was only in memory, or being written, is gone. */
static void forget_the_unfinished(struct mount *m)
{
	for (uint32_t i = m->trims_durable; i < m->trims; i++)
		m->report.trims_undone += m->trim[i].count;
	m->trims = m->trims_writing = m->trims_durable;
	memset(m->dirty[1], 0, m->map_pages);
	m->trims_saved = 0;
	m->journaling = m->checkpointing = false;
}

/* A checkpoint of what was found, before anything is erased. */
static void write_checkpoint(struct mount *m)
{
	for (uint64_t p = 0; p < m->map_pages; p++)
		m->dirty[0][p] = 0;
	for (uint64_t l = 0; l < m->f->logical; l++)
		if (map_array_get(&m->f->map.forward, l) != m->saved[0][l])
			m->dirty[0][l / m->map_entries] = 1;
	m->report.written = mount_checkpoint_begin(m);
	mount_checkpoint_end(m);
}

const struct mount_report *mount_recover(struct mount *m)
{
	bool full = m->spec->scan == FTL_SCAN_FULL;
	m->report = (struct mount_report){0};
	memset(m->reads, 0, m->f->geom->dies * sizeof(*m->reads));
	memset(m->erases, 0, m->f->geom->dies * sizeof(*m->erases));
	forget_the_unfinished(m);
	read_system_area(m);
	start_from_checkpoint(m, full);
	scan(m, full);
	apply_journal(m);
	count_valid(m);
	make_room(m);
	set_states(m);
	write_checkpoint(m);
	erase_the_rest(m);
	for (uint32_t i = 0; i < m->f->geom->dies; i++)
		if (m->reads[i] > m->report.most_of_a_die)
			m->report.most_of_a_die = m->reads[i];
	m->counts.mounts++;
	return &m->report;
}

/* ---- its time ------------------------------------------------------------------------------------------------ */

/* Pages of the system area among a die's, as read_system_area() spreads them. */
static uint64_t system_pages(const struct mount *m, uint32_t die, uint32_t dies)
{
	return m->report.map_pages / dies + (die < m->report.map_pages % dies);
}

static time_ps reads_ps(const struct mount *m, const struct nand *n)
{
	const struct nand_geom *g = &n->geom;
	uint32_t each = g->dies_per_channel;
	time_ps page = nand_transfer(n, g->page_bytes), most = 0, channel = 0;
	time_ps spare = nand_transfer(n, g->spare_bytes > 0 ? g->spare_bytes : 512), array = nand_read_array_ps(n, 0, false);
	for (uint32_t die = 0; die < g->dies; die++) {
		uint64_t whole = system_pages(m, die, g->dies);
		time_ps bus = (time_ps)whole * page + (time_ps)(m->reads[die] - whole) * spare;
		time_ps alone = (time_ps)m->reads[die] * array + bus;
		channel = die % each == 0 ? bus : channel + bus;
		most = alone > most ? alone : most;
		most = channel > most ? channel : most;
	}
	return most;
}

time_ps mount_ps(const struct mount *m, const struct nand *n)
{
	uint64_t erases = m->erases[0], dies = n->geom.dies, planes = n->geom.planes;
	for (uint32_t die = 1; die < dies; die++)
		erases = m->erases[die] > erases ? m->erases[die] : erases;
	if (m->f->spec->alloc.superblock != FTL_SUPER_NONE) /* all planes of a die in one operation */
		erases = (erases + planes - 1) / planes;
	time_ps program = nand_program_array_ps(n, 0, false) + nand_transfer(n, n->geom.page_bytes);
	return reads_ps(m, n) + (time_ps)erases * nand_erase_array_ps(n, false) +
		(time_ps)((m->report.written + dies - 1) / dies) * program;
}
