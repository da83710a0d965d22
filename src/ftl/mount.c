/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is durable while a translation layer works: out-of-band metadata, the journal of trims, checkpoints. */
#include "ftl/mount.h"

#include <string.h>

/* ---- what the FTL tells --------------------------------------------------------------------------------- */

static void changed(struct mount *m, uint64_t logical)
{
	m->dirty[0][logical / m->map_entries] = 1;
}

static void programmed(struct mount *m, uint64_t physical, uint64_t what)
{
	uint32_t block = blocks_of_unit(&m->f->blocks, physical);
	if (m->block_opened[block] == 0)
		m->block_opened[block] = ++m->opened;
	m->oob[physical] = what;
}

void mount_told_write(struct mount *m, uint64_t logical, uint64_t physical)
{
	programmed(m, physical, ++m->sequence);
	changed(m, logical);
}

void mount_told_move(struct mount *m, const struct ftl_move *move, bool kept)
{
	programmed(m, move->to, m->oob[move->from]);
	if (kept)
		changed(m, move->logical);
}

void mount_told_padding(struct mount *m, uint64_t physical)
{
	programmed(m, physical, MOUNT_PADDING);
}

void mount_told_trim(struct mount *m, uint64_t logical, uint64_t physical)
{
	uint64_t sequence = ++m->sequence;
	/* the last record grows while it waits, unless it leaves with the checkpoint under way */
	bool grows = m->trims > m->trims_writing && !(m->checkpointing && m->trims == m->trims_saved);
	struct mount_trim *last = &m->trim[m->trims > 0 ? m->trims - 1 : 0];
	m->block_trim[blocks_of_unit(&m->f->blocks, physical)] = sequence;
	changed(m, logical);
	if (grows && last->first + last->count == logical && last->sequence + last->count == sequence)
		last->count++;
	else if (m->trims < m->trims_max)
		m->trim[m->trims++] = (struct mount_trim){logical, 1, sequence};
}

static void forget(struct mount *m, uint32_t block)
{
	uint64_t units = m->f->blocks.units;
	memset(m->oob + block * units, 0, units * sizeof(*m->oob));
	m->block_opened[block] = 0;
	m->block_taken[block] = 0;
	m->block_trim[block] = 0;
}

void mount_told_erase(struct mount *m, uint32_t block)
{
	forget(m, block);
}

void mount_tear_erase(struct mount *m, uint32_t block)
{
	forget(m, block);
}

/* ---- the journal ------------------------------------------------------------------------------------------ */

/* Pages of the system area that so many bytes take; they are programmed for the map's sake. */
static uint64_t pages_of(const struct mount *m, uint64_t bytes)
{
	return (bytes + m->f->geom->page_bytes - 1) / m->f->geom->page_bytes;
}

static void count_pages(struct mount *m, uint64_t pages)
{
	m->f->counts.programmed[FTL_MAPPING] += pages * m->f->page_units;
}

uint32_t mount_journal_begin(struct mount *m)
{
	uint32_t records = m->trims - m->trims_writing;
	if (m->journaling || records == 0)
		return 0;
	uint64_t pages = pages_of(m, records * sizeof(*m->trim));
	m->trims_writing = m->trims;
	m->journaling = true;
	m->counts.journals++;
	m->counts.journal_pages += pages;
	m->journal_pages += pages;
	count_pages(m, pages);
	return (uint32_t)pages;
}

void mount_journal_end(struct mount *m)
{
	m->trims_durable = m->trims_writing;
	m->journaling = false;
}

bool mount_may_erase(const struct mount *m, uint32_t block)
{
	return !mount_journal_pending(m) || m->block_trim[block] < m->trim[m->trims_durable].sequence;
}

/* ---- checkpoints ------------------------------------------------------------------------------------------ */

bool mount_checkpoint_due(const struct mount *m)
{
	uint64_t interval = (uint64_t)m->spec->checkpoint_bytes / m->f->unit_bytes;
	if (m->checkpointing)
		return false;
	return (m->spec->checkpoint_bytes != 0 && m->f->counts.programmed[FTL_HOST] - m->host_programs > interval) ||
		2 * (uint64_t)m->trims >= m->trims_max;
}

/* Units of a block up to the first whose program is not over, now. */
static uint32_t covered_of(const struct mount *m, uint32_t block)
{
	const struct ftl_block *k = &m->f->blocks.block[block];
	uint64_t first = (uint64_t)block * m->f->blocks.units;
	uint32_t n = 0;
	if (k->state == FTL_FULL || k->state == FTL_VICTIM)
		return m->f->blocks.units;
	while (n < m->f->blocks.units && m->oob[first + n] != MOUNT_NOTHING)
		n++;
	return n;
}

/* Entries of one page of the map. */
static void copy_page(struct mount *m, uint64_t page)
{
	uint64_t l = page * m->map_entries;
	for (uint32_t i = 0; i < m->map_entries && l < m->f->logical; i++, l++)
		m->saved[1][l] = map_array_get(&m->f->map.forward, l);
}

uint64_t mount_checkpoint_begin(struct mount *m)
{
	uint32_t blocks = m->f->blocks.count;
	uint64_t pages = pages_of(m, blocks * sizeof(struct mount_mark));
	for (uint64_t p = 0; p < m->map_pages; p++) {
		if (!m->dirty[0][p])
			continue;
		copy_page(m, p);
		m->dirty[0][p] = 0;
		m->dirty[1][p] = 1;
		pages++;
	}
	for (uint32_t k = 0; k < blocks; k++)
		m->mark[1][k] = (struct mount_mark){m->block_opened[k], covered_of(m, k)};
	m->saved_sequence[1] = m->sequence;
	m->trims_saved = m->trims;
	m->journal_saved = m->journal_pages;
	m->host_programs = m->f->counts.programmed[FTL_HOST];
	m->checkpointing = true;
	m->counts.checkpoints++;
	m->counts.checkpoint_pages += pages;
	count_pages(m, pages);
	return pages;
}

static uint32_t less(uint32_t x, uint32_t by)
{
	return x > by ? x - by : 0;
}

void mount_checkpoint_end(struct mount *m)
{
	uint32_t gone = m->trims_saved;
	for (uint64_t p = 0; p < m->map_pages; p++) {
		if (!m->dirty[1][p])
			continue;
		uint64_t l = p * m->map_entries, left = m->f->logical - l;
		memcpy(m->saved[0] + l, m->saved[1] + l, (left < m->map_entries ? left : m->map_entries) * sizeof(*m->saved[0]));
		m->dirty[1][p] = 0;
	}
	struct mount_mark *mark = m->mark[0];
	m->mark[0] = m->mark[1];
	m->mark[1] = mark;
	m->saved_sequence[0] = m->saved_sequence[1];
	m->trims -= gone;
	memmove(m->trim, m->trim + gone, m->trims * sizeof(*m->trim));
	m->trims_writing = less(m->trims_writing, gone);
	m->trims_durable = less(m->trims_durable, gone);
	m->journal_pages -= m->journal_saved;
	m->trims_saved = 0;
	m->checkpointing = false;
}

/* ---- opening ------------------------------------------------------------------------------------------------ */

static int make_tables(struct mount *m, struct arena *a)
{
	const struct ftl *f = m->f;
	uint32_t blocks = f->blocks.count, dies = f->geom->dies;
	for (int i = 0; i < 2; i++) {
		m->mark[i] = arena_array(a, blocks, sizeof(*m->mark[i]));
		m->saved[i] = arena_array(a, f->logical, sizeof(*m->saved[i]));
		m->dirty[i] = arena_array(a, m->map_pages, 1);
		if (!m->mark[i] || !m->saved[i] || !m->dirty[i])
			return -1;
	}
	m->oob = arena_array(a, f->map.physical, sizeof(*m->oob));
	m->block_opened = arena_array(a, blocks, sizeof(*m->block_opened));
	m->block_taken = arena_array(a, blocks, sizeof(*m->block_taken));
	m->block_trim = arena_array(a, blocks, sizeof(*m->block_trim));
	m->order = arena_array(a, blocks, sizeof(*m->order));
	m->trim = arena_array(a, m->trims_max, sizeof(*m->trim));
	m->reads = arena_array(a, dies, sizeof(*m->reads));
	m->erases = arena_array(a, dies, sizeof(*m->erases));
	return m->oob && m->block_opened && m->block_taken && m->block_trim && m->order && m->trim && m->reads && m->erases ?
		0 : -1;
}

/* What is there already, as if it had been written in the order of the units, and then a checkpoint. */
static void adopt(struct mount *m)
{
	const struct ftl *f = m->f;
	for (uint32_t k = 0; k < f->blocks.count; k++)
		if (f->blocks.block[k].state != FTL_FREE && f->blocks.block[k].state != FTL_BAD)
			m->block_opened[k] = ++m->opened;
	for (uint64_t l = 0; l < f->logical; l++) {
		uint64_t at = map_get(&f->map, l);
		if (at != FTL_NOWHERE)
			m->oob[at] = ++m->sequence;
		m->saved[0][l] = map_array_get(&f->map.forward, l);
	}
	for (uint32_t k = 0; k < f->blocks.count; k++)
		m->mark[0][k] = (struct mount_mark){m->block_opened[k], covered_of(m, k)};
	m->saved_sequence[0] = m->sequence;
	m->host_programs = f->counts.programmed[FTL_HOST];
}

struct mount *mount_open(struct arena *a, struct ftl *f, const struct ftl_mount_spec *spec, struct err *e)
{
	struct mount *m = arena_alloc(a, sizeof(*m));
	if (m) {
		*m = (struct mount){.f = f, .spec = spec, .sequence = MOUNT_FIRST - 1, .trims_max = (uint32_t)spec->journal_records,
			.map_entries = f->geom->page_bytes / f->map.forward.width};
		m->map_pages = (f->logical + m->map_entries - 1) / m->map_entries;
	}
	if (!m || make_tables(m, a) < 0)
		return err_set(e, ERR_LIMIT, "no memory for the out-of-band metadata of the flash"), NULL;
	adopt(m);
	f->mount = m;
	return m;
}
