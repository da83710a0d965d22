/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Garbage collection and static wear levelling of the solid-state drive: drives the jobs of the translation layer with reads,
 * programs and erases. A job that has begun goes on to its end; how much of it is under way is bounded.
 */
#include "ftl/ftl_private.h"
#include "ftl/ssd_private.h"

#define GAINLESS 8 /* jobs that gain nothing, one after the other, before the policy is set aside for one */

static inline bool in_foreground(const struct ssd *d, uint32_t region)
{
	return d->job[region].wanted || d->ftl->job[region].cleaning;
}

static enum tsu_priority job_priority(const struct ssd *d, uint32_t region)
{
	return d->job[region].wanted ? TSU_URGENT : in_foreground(d, region) ? TSU_LOW : TSU_BACKGROUND;
}

static enum tsu_source job_source(const struct ssd *d, uint32_t region)
{
	return d->ftl->job[region].stream == FTL_GC ? TSU_GC : TSU_WEAR;
}

/* ---- moves ----------------------------------------------------------------------------------------------------- */

/* A copyback is possible inside a plane. Where a program is of several units it never is, and the option is refused; the place has
 * been taken in the order of the stripe, which a superblock's programs keep to. */
static bool can_copyback(const struct ssd *d, nand_ppa from, nand_ppa to)
{
	const struct nand_geom *g = &d->nand->geom;
	const struct flash_copyback_spec *c = &d->spec->flash.copyback;
	return nand_plane_index(g, from) == nand_plane_index(g, to) && (!c->parity || ((from ^ to) & 1) == 0);
}

/* *last: the page read that is being put together. */
static void move_begin(struct ssd *d, uint32_t region, const struct ftl_move *m, struct ssd_read **last)
{
	enum ftl_stream stream = (enum ftl_stream)d->ftl->job[region].stream;
	struct ssd_group *g = ssd_group_add(d, region, stream, m->to, SSD_SLOT_MOVE);
	if (!g)
		return;
	struct ssd_slot *s = ssd_group_last(g);
	s->logical = m->logical;
	s->from = m->from;
	s->entry = NULL;
	uint32_t victim = d->ftl->job[region].victim, plane;
	nand_ppa from = ftl_page_in(d->ftl, region, victim, (uint32_t)(m->from - (uint64_t)victim * d->ftl->blocks.units), &plane);
	if (d->spec->moves.copyback && can_copyback(d, from, g->tx.page)) {
		g->tx.kind = TSU_COPYBACK;
		g->tx.from = from;
		g->tx.source = (uint8_t)job_source(d, region);
		g->tx.priority = (uint8_t)job_priority(d, region);
		d->counts.copybacks++;
		ssd_group_fill(d, g);
		return;
	}
	struct ssd_read *q = *last;
	if (!q || q->tx.page != from) {
		if (q)
			tsu_submit(d->tsu, &q->tx);
		*last = q = ssd_read_new(d, from, job_source(d, region), job_priority(d, region));
		if (!q)
			return;
	}
	q->part[q->count++] = (struct ssd_read_part){.group = g};
	q->tx.bytes += d->ftl->unit_bytes;
}

/*
 * Cleaning in step with writing (gc.pace). Of a victim with `valid` units moved for `gain` units of room, host and moves take
 * their turns in that proportion, a stripe of each lane ahead at most; so a region is never without room for long, and
 * never busy with cleaning that nobody needs yet.
 */
static uint64_t gain_of(const struct ssd *d, const struct ssd_job *j) { return d->ftl->blocks.units - j->valid; }

bool ssd_paced(const struct ssd *d, uint32_t region)
{
	const struct ssd_job *j = &d->job[region];
	const struct ftl_job *job = &d->ftl->job[region];
	if (!d->spec->ftl.gc.pace || !ftl_clean_active(d->ftl, region))
		return false;
	uint64_t moved = job->cursor == d->ftl->blocks.units ? j->valid : j->moved; /* some may have become stale */
	return j->hosts * (uint64_t)j->valid > moved * gain_of(d, j) + (uint64_t)j->valid * d->group_units * d->planes;
}

/* How many moves the job may have begun. */
static uint64_t moves_due(const struct ssd *d, uint32_t region)
{
	const struct ssd_job *j = &d->job[region];
	uint64_t stripe = (uint64_t)d->group_units * d->planes, turn = gain_of(d, j) * stripe;
	if (!d->spec->ftl.gc.pace || j->wanted || j->idle || turn == 0)
		return UINT64_MAX;
	return (j->hosts * (uint64_t)j->valid / turn + 2) * stripe; /* whole stripes, whose reads go together */
}

/* A preemptible job begins no move and no erase while a read of the host is in the controller, unless a write waits for it or
 * blocks are short. */
static bool must_pause(struct ssd *d, uint32_t region)
{
	const struct ftl_gc_spec *s = &d->spec->ftl.gc;
	struct ssd_job *j = &d->job[region];
	bool pause = s->preemptible && (d->reading > 0 || event_pending(&d->resume)) && !j->wanted &&
		!ssd_paced(d, region) && (int64_t)d->ftl->blocks.region[region].free > s->hard;
	d->paused += pause - j->paused;
	d->counts.pauses += pause && !j->paused;
	j->paused = pause;
	return pause;
}

static void move_some(struct ssd *d, uint32_t region)
{
	struct ftl_job *j = &d->ftl->job[region];
	uint32_t most = d->moves_most;
	struct ssd_read *last = NULL;
	struct ftl_move m;
	uint64_t due = d->turns ? moves_due(d, region) : UINT64_MAX;
	bool left = j->cursor < d->ftl->blocks.units;
	while (left && j->moving < most && d->job[region].moved < due && (left = ftl_clean_next(d->ftl, region, &m))) {
		d->job[region].moved++;
		move_begin(d, region, &m, &last);
	}
	if (last)
		tsu_submit(d->tsu, &last->tx);
	if (j->cursor == d->ftl->blocks.units && j->moving > 0)
		d->job[region].padding += ssd_pad(d, region, (enum ftl_stream)j->stream);
}

/* ---- erases ------------------------------------------------------------------------------------------------------ */

static void erase_done(struct tsu *t, struct tsu_tx *x)
{
	(void)t;
	struct ssd *d = x->owner;
	uint32_t region = (uint32_t)(x - d->job[0].erase) / d->planes;
	struct ssd_job *j = &d->job[region];
	if (--j->erasing > 0)
		return;
	time_ps took = ssd_now(d) - j->begin_ps;
	tally_add(&d->counts.gc, took);
	d->counts.gc_bucket[loglin_index((uint64_t)took, SSD_GC_BITS)]++;
	ftl_erased(d->ftl, region);
	d->read_only |= d->ftl->blocks.region[region].max_erases >= d->nand->cells.endurance;
	j->fruitless = d->ftl->blocks.region[region].free <= j->free;
	if (d->ftl->job[region].stream == FTL_GC)
		j->gainless = j->moved + j->padding < d->ftl->blocks.units ? 0 : j->gainless + 1;
	j->wanted = false;
	ssd_unblock(d, region, true);
	d->jobs--;
	ssd_clean(d, region);
	if (ssd_waits(d))
		ssd_kick(d);
	ssd_note_busy(d);
}

static void erase_begin(struct ssd *d, uint32_t region)
{
	struct ssd_job *j = &d->job[region];
	uint32_t victim = d->ftl->job[region].victim;
	if (j->erasing > 0 || !ftl_clean_done(d->ftl, region) || d->padded[victim] > 0 || !ssd_may_erase(d, victim))
		return; /* the scheduler lets no erase overtake a read */
	j->erasing = d->planes;
	for (uint32_t i = 0; i < d->planes; i++) {
		j->erase[i] = (struct tsu_tx){.done = erase_done, .owner = d, .page = ftl_block_of(d->ftl, victim, i), .kind = TSU_ERASE,
			.source = (uint8_t)job_source(d, region), .priority = (uint8_t)job_priority(d, region)};
		tsu_submit(d->tsu, &j->erase[i]);
	}
}

/* ---- jobs -------------------------------------------------------------------------------------------------------- */

/*
 * A victim of the policy's. What a job pads may be as much as its victim gives, and a policy that does not go by valid units may
 * come back to the same data for ever: after GAINLESS such jobs the block with fewest is taken, which always gives something.
 */
static bool take_victim(struct ssd *d, uint32_t region)
{
	struct ssd_job *j = &d->job[region];
	bool wear = d->ftl->job[region].wear_wanted && d->ftl->blocks.region[region].free >= d->ftl->low; /* it goes first */
	return j->gainless < GAINLESS || wear ? ftl_clean_begin(d->ftl, region) : ftl_clean_begin_fewest(d->ftl, region);
}

static bool job_begin(struct ssd *d, uint32_t region, enum ftl_urgency how)
{
	struct ssd_job *j = &d->job[region];
	bool wanted = ftl_clean_wanted(d->ftl, region, how == FTL_BACKGROUND && j->fruitless ? FTL_FOREGROUND : how);
	/* Even the block with fewest gave nothing: where units choose among regions, those under way at once may fill one beyond its
	 * share. It is left in peace until something is written there, or wants to be. */
	wanted &= !(j->fruitless && j->gainless > GAINLESS);
	uint32_t free = d->ftl->blocks.region[region].free;
	if (!(wanted || (j->wanted && !ftl_room(d->ftl, region))) || !take_victim(d, region))
		return false;
	j->begin_ps = ssd_now(d);
	j->free = free;
	j->valid = d->ftl->blocks.block[d->ftl->job[region].victim].valid;
	j->moved = j->padding = j->hosts = 0;
	j->idle = how == FTL_BACKGROUND || d->resting;
	d->jobs++;
	return true;
}

static void go_on(struct ssd *d, uint32_t region, enum ftl_urgency how)
{
	if (!ftl_clean_active(d->ftl, region) && !job_begin(d, region, how))
		return;
	if (d->turns && must_pause(d, region))
		return;
	move_some(d, region);
	erase_begin(d, region);
}

/* Nothing has changed for cleaning: what is not under way is not wanted; what is waits for its moves or erases. */
static inline bool at_work(const struct ssd *d, uint32_t region)
{
	const struct ssd_job *j = &d->job[region];
	const struct ftl_job *job = &d->ftl->job[region];
	if (job->victim == FTL_NO_BLOCK)
		return d->ftl->blocks.region[region].free >= d->ftl->low && !(job->cleaning || job->wear_wanted || j->wanted);
	if (d->turns)
		return false;
	return job->cursor < d->ftl->blocks.units ? job->moving >= d->moves_most : j->erasing > 0 || (job->moving > 0 && d->whole == 1);
}

void ssd_clean(struct ssd *d, uint32_t region)
{
	if (!at_work(d, region))
		go_on(d, region, FTL_FOREGROUND);
}

void ssd_clean_paused(struct ssd *d)
{
	for (uint32_t i = 0; i < d->ftl->alloc.regions; i++)
		if (d->job[i].paused)
			go_on(d, i, FTL_FOREGROUND);
}

void ssd_clean_idle(struct ssd *d)
{
	bool begin = d->spec->ftl.gc.background > 0;
	for (uint32_t i = 0; i < d->ftl->alloc.regions; i++) {
		bool active = ftl_clean_active(d->ftl, i);
		d->job[i].idle |= active; /* a paced one need not wait for writes any more */
		if (begin || active)
			go_on(d, i, FTL_BACKGROUND);
	}
}
