/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a solid-state drive writes so that a mount finds its map again: the journal of trims and the checkpoints of
 * mount.h, as programs in a system area. That is SSD_SYSTEM_BLOCKS blocks of each plane behind those of the translation layer,
 * of each die a ring: filled in turn, and erased when its turn comes again. Programs go round the dies, one of each die under way
 * at a time. The journal is written for flushes, for trims that must be durable when they end, for erases that would take from a
 * trim what it would find again if it were undone, and when the drive is idle.
 */
#include "ftl/ssd_private.h"

/* ---- programs ------------------------------------------------------------------------------------------------- */

static void system_done(struct tsu *t, struct tsu_tx *x);

/* The next program of the die, or the erase that has to come before it. */
static void system_begin(struct ssd *d, struct ssd_system_die *s)
{
	const struct nand_geom *g = &d->nand->geom;
	uint32_t die = (uint32_t)(s - d->system.die);
	uint32_t ring = g->planes * SSD_SYSTEM_BLOCKS;
	nand_ppa block = nand_ppa_make(g, die, s->at % g->planes, d->geom.blocks + s->at / g->planes, 0);
	bool full = nand_block_of(d->nand, block)->next_page >= g->pages;
	if (full) {
		s->at = s->at + 1 < ring ? s->at + 1 : 0;
		block = nand_ppa_make(g, die, s->at % g->planes, d->geom.blocks + s->at / g->planes, 0);
	}
	uint32_t page = nand_block_of(d->nand, block)->next_page;
	bool erase = full && page > 0;
	s->busy = true;
	s->tx = (struct tsu_tx){.done = system_done, .owner = d, .page = erase ? block : block + page,
		.kind = erase ? TSU_ERASE : TSU_PROGRAM, .source = TSU_MAPPING,
		.priority = s->log == SSD_CHECKPOINT ? TSU_LOW : TSU_MEDIUM};
	tsu_submit(d->tsu, &s->tx);
}

/* Programs that are left go to the dies that have none. */
static void system_pump(struct ssd *d)
{
	struct ssd_system *y = &d->system;
	uint32_t dies = d->nand->geom.dies;
	for (uint32_t i = 0; i < dies && (y->left[SSD_JOURNAL] > 0 || y->left[SSD_MAP_LOG] > 0 || y->left[SSD_CHECKPOINT] > 0); i++) {
		struct ssd_system_die *s = &y->die[y->next];
		y->next = y->next + 1 < dies ? y->next + 1 : 0;
		if (s->busy)
			continue;
		s->log = y->left[SSD_JOURNAL] > 0 ? SSD_JOURNAL : y->left[SSD_MAP_LOG] > 0 ? SSD_MAP_LOG : SSD_CHECKPOINT;
		y->left[s->log]--;
		system_begin(d, s);
	}
}

static void log_begin(struct ssd *d, enum ssd_log log, uint64_t pages)
{
	struct ssd_system *y = &d->system;
	uint64_t programs = (pages + d->group_pages - 1) / d->group_pages;
	d->ftl->counts.programmed[FTL_PADDING] += (programs * d->group_pages - pages) * d->ftl->page_units;
	y->left[log] = y->under_way[log] = programs;
	y->covers[log] = d->ftl->counts.trimmed;
	system_pump(d);
}

/* ---- trims become durable --------------------------------------------------------------------------------------- */

/* A record that is not durable yet trims the unit, once more. */
static bool trimmed_later(const struct mount *m, uint32_t from, uint64_t unit)
{
	for (uint32_t i = from; i < m->trims; i++)
		if (unit - m->trim[i].first < m->trim[i].count)
			return true;
	return false;
}

/* Of the records before `to`, units that the host has not written since hold zeros in flash, too. */
static void note_trims(struct ssd *d, uint32_t from, uint32_t to)
{
	const struct mount *m = d->mount;
	if (!d->dev.tags || d->spec->buffer.protected)
		return;
	for (uint32_t i = from; i < to; i++)
		for (uint64_t u = m->trim[i].first; u < m->trim[i].first + m->trim[i].count; u++)
			if (map_trimmed(&d->ftl->map, u) && !trimmed_later(m, to, u))
				blk_tags_note_durable(d->dev.tags, u << d->unit_shift, d->unit_sectors, TAG_ZERO);
}

static void trims_durable(struct ssd *d, uint64_t covered)
{
	struct ssd_system *y = &d->system;
	struct ssd_wait *w;
	if (covered > y->durable)
		y->durable = covered;
	while ((w = y->waits) && w->until <= y->durable) {
		struct ssd_command *c = w->command;
		y->waits = w->next;
		pool_put(&d->waits, w);
		ssd_less(d, c);
	}
	if (!y->waits)
		y->waits_tail = NULL;
}

static void log_end(struct ssd *d, enum ssd_log log)
{
	struct ssd_system *y = &d->system;
	struct mount *m = d->mount;
	if (log == SSD_MAP_LOG) {
		y->rounds_over++;
		ssd_check_flushes(d);
		ssd_kick(d);
		return;
	}
	if (log == SSD_JOURNAL) {
		note_trims(d, m->trims_durable, m->trims_writing);
		mount_journal_end(m);
	} else {
		note_trims(d, m->trims_durable, m->trims_saved);
		mount_checkpoint_end(m);
	}
	trims_durable(d, y->covers[log]);
	if (y->again) {
		y->again = false;
		ssd_journal(d);
	}
	for (uint32_t r = 0; r < d->ftl->alloc.regions; r++)
		if (ftl_clean_active(d->ftl, r))
			ssd_clean(d, r); /* erases that waited */
	ssd_check_flushes(d);
	ssd_mount_work(d);
	ssd_kick(d);
}

static void system_done(struct tsu *t, struct tsu_tx *x)
{
	(void)t;
	struct ssd *d = x->owner;
	struct ssd_system_die *s = container_of(x, struct ssd_system_die, tx);
	enum ssd_log log = (enum ssd_log)s->log;
	if (x->kind == TSU_ERASE) {
		system_begin(d, s);
		return;
	}
	s->busy = false;
	d->dev.stats.media_write_sectors += (uint64_t)d->group_pages * d->nand->geom.page_bytes / SECTOR_BYTES;
	if (--d->system.under_way[log] == 0)
		log_end(d, log);
	system_pump(d);
	ssd_note_busy(d);
}

/* ---- what the rest of the drive asks ---------------------------------------------------------------------------------- */

void ssd_journal(struct ssd *d)
{
	if (!mount_journal_pending(d->mount))
		return;
	uint32_t pages = mount_journal_begin(d->mount);
	if (pages > 0)
		log_begin(d, SSD_JOURNAL, pages);
	else if (d->mount->trims > d->mount->trims_writing)
		d->system.again = true;
}

bool ssd_map_logged(struct ssd *d, struct ssd_command *c)
{
	struct ssd_system *y = &d->system;
	if (c->round == 0)
		c->round = ssd_map_unlogged(d) ? y->rounds + 1 : y->rounds; /* one under way may hold it, or not: wait */
	if (y->rounds_over >= c->round)
		return true;
	if (y->rounds > y->rounds_over)
		return false;
	uint64_t pages = (uint64_t)d->spec->mount.flush_log * d->group_pages;
	y->rounds++;
	y->logged = d->ftl->counts.programmed[FTL_HOST];
	d->ftl->counts.programmed[FTL_MAPPING] += pages * d->ftl->page_units;
	log_begin(d, SSD_MAP_LOG, pages);
	return false;
}

void ssd_mount_work(struct ssd *d)
{
	if (mount_checkpoint_due(d->mount))
		log_begin(d, SSD_CHECKPOINT, mount_checkpoint_begin(d->mount));
}

bool ssd_trim_room(struct ssd *d)
{
	if (!d->mount || mount_trim_room(d->mount))
		return true;
	ssd_mount_work(d);
	return false;
}

bool ssd_trims_safe(struct ssd *d, uint64_t trims)
{
	if (!d->mount || d->spec->buffer.protected || d->system.durable >= trims)
		return true;
	ssd_journal(d);
	return false;
}

void ssd_wait_trims(struct ssd *d, struct ssd_wait *w)
{
	struct ssd_system *y = &d->system;
	w->until = d->ftl->counts.trimmed;
	w->next = NULL;
	if (ssd_trims_safe(d, w->until)) {
		struct ssd_command *c = w->command;
		pool_put(&d->waits, w);
		ssd_less(d, c);
		return;
	}
	*(y->waits_tail ? &y->waits_tail->next : &y->waits) = w;
	y->waits_tail = w;
}

bool ssd_may_erase(struct ssd *d, uint32_t block)
{
	if (!d->mount || mount_may_erase(d->mount, block))
		return true;
	ssd_journal(d);
	return false;
}

/* ---- power ------------------------------------------------------------------------------------------------------------- */

static int begin_mounts(struct ssd *d, struct err *e)
{
	d->mount = mount_open(d->dev.sim->arena, d->ftl, &d->spec->mount, e);
	d->system.durable = d->ftl->counts.trimmed;
	return d->mount ? 0 : -1;
}

int ssd_mount_open(struct ssd *d, struct err *e)
{
	int how = d->spec->mount.recovery;
	if (d->mount || how == FTL_RECOVERY_NEVER || (how == FTL_RECOVERY_AUTO && !d->dev.tags) || d->jobs > 0)
		return 0;
	return begin_mounts(d, e);
}

void ssd_mount_first(struct ssd *d)
{
	struct err e = {0};
	if (d->mount || d->spec->mount.recovery != FTL_RECOVERY_AUTO || d->dev.stats.submitted > 0)
		return;
	if (begin_mounts(d, &e) < 0)
		sim_fail(d->dev.sim, ERR_LIMIT, "%s, of device %s", e.msg, d->dev.name);
}

void ssd_mount_make_room(struct ssd *d)
{
	while (d->mount && !mount_trim_room(d->mount)) {
		if (!d->mount->checkpointing)
			(void)mount_checkpoint_begin(d->mount);
		mount_checkpoint_end(d->mount);
	}
}

void ssd_mount_forget(struct ssd *d)
{
	struct ssd_system *y = &d->system;
	struct ssd_wait *w;
	while ((w = y->waits)) {
		y->waits = w->next;
		pool_put(&d->waits, w);
	}
	y->waits_tail = NULL;
	for (int i = 0; i < SSD_LOGS; i++)
		y->left[i] = y->under_way[i] = 0;
	for (uint32_t i = 0; i < d->nand->geom.dies; i++)
		y->die[i].busy = false;
	y->again = false;
	y->rounds_over = y->rounds;
	y->durable = d->ftl->counts.trimmed;
}

void ssd_mount_recover(struct ssd *d)
{
	struct mount *m = d->mount;
	if (!m)
		return;
	if (d->spec->buffer.protected) {
		mount_journal_end(m); /* where one was being written */
		if (mount_journal_begin(m) > 0)
			mount_journal_end(m);
	}
	const struct mount_report *r = mount_recover(m);
	d->counts.mount_ps = mount_ps(m, d->nand);
	d->counts.mount_pages += r->pages;
	d->counts.units_lost += r->units_lost;
	d->counts.trims_undone += r->trims_undone;
}
