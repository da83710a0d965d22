/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Programs of the solid-state drive: units are gathered into groups, a group is what one program takes, and the
 * groups of one frontier and plane (a lane) are programmed one by one in the order of their places.
 */
#include "ftl/ftl_private.h"
#include "ftl/ssd_private.h"

#define LOOK 64        /* entries of the buffer that are looked at for one with room */
#define LANE_GROUPS 2  /* full groups of a lane: one under way, one behind it; then units rather wait in the buffer */

/* ---- groups ------------------------------------------------------------------------------------------------ */

static inline bool is_full(const struct ssd *d, const struct ssd_group *g) { return g->taken + g->padded == d->group_units; }

static void open_add(struct ssd *d, struct ssd_group *g)
{
	g->open_prev = NULL;
	g->open_next = d->open;
	if (d->open)
		d->open->open_prev = g;
	d->open = g;
}

static void open_remove(struct ssd *d, struct ssd_group *g)
{
	*(g->open_prev ? &g->open_prev->open_next : &d->open) = g->open_next;
	if (g->open_next)
		g->open_next->open_prev = g->open_prev;
}

static void program_done(struct tsu *t, struct tsu_tx *x);

static void lane_pump(struct ssd *d, struct ssd_lane *l)
{
	struct ssd_group *g = l->head;
	if (!g || g->submitted || !is_full(d, g) || g->filled < g->taken)
		return;
	g->submitted = true;
	d->host_programs += g->hosts > 0;
	if (g->tx.kind == TSU_PROGRAM) {
		const struct ssd_job *j = &d->job[g->region];
		g->tx.source = g->source;
		g->tx.priority = g->hosts > 0 ? TSU_MEDIUM : j->wanted ? TSU_URGENT : TSU_LOW;
	}
	tsu_submit(d->tsu, &g->tx);
}

/* The group of a place, which is the next of its frontier. */
static struct ssd_group *group_at(struct ssd *d, uint32_t region, enum ftl_stream stream, uint64_t physical)
{
	struct ftl *f = d->ftl;
	uint32_t block = blocks_of_unit(&f->blocks, physical), part, plane = 0;
	nand_ppa page = ftl_page_of(f, physical, &part);
	if (d->planes > 1)
		plane = ((uint32_t)(physical - (uint64_t)block * f->blocks.units) - part) / f->page_units % d->planes;
	uint32_t frontier = f->stream_frontier[stream];
	struct ssd_lane *l = &d->lane[(size_t)(region * FTL_STREAMS + frontier) * d->planes + plane];
	if (l->tail && !is_full(d, l->tail))
		return l->tail;
	struct ssd_group *g = pool_get(&d->groups);
	if (!g) {
		sim_fail(d->dev.sim, ERR_LIMIT, "no memory for the programs of device %s", d->dev.name);
		return NULL;
	}
	struct tsu_tx *x = &g->tx; /* the rest of it is the scheduler's to set */
	x->done = program_done;
	x->owner = d;
	x->page = page;
	x->bytes = 0;
	x->flow = 0;
	x->kind = TSU_PROGRAM;
	x->slc = false;
	g->lane = l;
	g->next = NULL;
	g->region = region;
	g->taken = g->padded = g->filled = g->hosts = 0;
	g->source = TSU_HOST;
	g->submitted = false;
	*(l->tail ? &l->tail->next : &l->head) = g;
	l->tail = g;
	open_add(d, g);
	return g;
}

struct ssd_group *ssd_group_add(struct ssd *d, uint32_t region, enum ftl_stream stream, const struct ssd_slot *slot)
{
	struct ssd_group *g = group_at(d, region, stream, slot->to);
	if (!g)
		return NULL;
	if (g->taken == 0)
		g->source = stream == FTL_HOST ? TSU_HOST : stream == FTL_GC ? TSU_GC : TSU_WEAR;
	g->slot[g->taken++] = *slot;
	g->hosts += slot->kind == SSD_SLOT_HOST;
	d->job[region].fruitless = false;
	if (is_full(d, g))
		open_remove(d, g);
	return g;
}

void ssd_group_fill(struct ssd *d, struct ssd_group *g)
{
	g->filled++;
	lane_pump(d, g->lane);
}

void ssd_pad(struct ssd *d, uint32_t region, enum ftl_stream stream)
{
	struct ftl *f = d->ftl;
	const struct ftl_frontier *at = ftl_frontier(f, region, stream);
	if (at->block == FTL_NO_BLOCK)
		return;
	uint64_t physical = (uint64_t)at->block * f->blocks.units + at->next;
	uint32_t whole = d->group_pages > 1 ? d->group_units * d->planes : d->group_units;
	uint32_t n = ftl_pad_to(f, region, stream, whole);
	for (; n > 0; n--, physical++) {
		struct ssd_group *g = group_at(d, region, stream, physical);
		if (!g)
			return;
		g->padded++;
		if (is_full(d, g)) {
			open_remove(d, g);
			lane_pump(d, g->lane);
		}
	}
}

static void program_done(struct tsu *t, struct tsu_tx *x)
{
	(void)t;
	struct ssd_group *g = container_of(x, struct ssd_group, tx);
	struct ssd *d = x->owner;
	struct ssd_lane *l = g->lane;
	uint32_t region = g->region;
	/* what a lane of the host gives back is room; another's is not */
	bool host = (uint32_t)(l - d->lane) / d->planes % FTL_STREAMS == d->ftl->stream_frontier[FTL_HOST];
	d->dev.stats.media_write_sectors += (uint64_t)d->group_pages * d->nand->geom.page_bytes / SECTOR_BYTES;
	for (uint32_t i = 0; i < g->taken; i++) {
		const struct ssd_slot *s = &g->slot[i];
		if (s->kind == SSD_SLOT_MOVE) {
			struct ftl_move m = {s->logical, s->from, s->to};
			(void)ftl_move_commit(d->ftl, region, &m);
			continue;
		}
		if (d->mount)
			ssd_landing(d, s->entry);
		ftl_write_commit(d->ftl, s->logical, s->to);
		ssd_landed(d, s->entry);
	}
	d->host_programs -= g->hosts > 0;
	l->head = g->next;
	if (!l->head)
		l->tail = NULL;
	pool_put(&d->groups, g);
	lane_pump(d, l);
	d->job[region].blocked = false;
	if (d->mount)
		ssd_mount_work(d);
	ssd_clean(d, region);
	ssd_check_flushes(d);
	if (host && ssd_waits(d))
		ssd_kick(d);
	ssd_note_busy(d);
}

/* ---- out of the buffer ------------------------------------------------------------------------------------------ */

/* Groups of the lane in which the next host unit of a region would go. */
static bool lane_full(const struct ssd *d, uint32_t region)
{
	const struct ftl *f = d->ftl;
	const struct ftl_frontier *at = ftl_frontier(f, region, FTL_HOST);
	uint32_t plane = at->next / f->page_units % d->planes;
	const struct ssd_group *g =
		d->lane[(size_t)(region * FTL_STREAMS + f->stream_frontier[FTL_HOST]) * d->planes + plane].head;
	for (int n = 0; g; g = g->next)
		if (is_full(d, g) && ++n == LANE_GROUPS)
			return true;
	return false;
}

/* Finds a place for an entry. false: it has to wait. */
static bool place(struct ssd *d, struct ftl_buffer_entry *e)
{
	struct ftl *f = d->ftl;
	uint64_t missing = d->full & ~e->held;
	if (missing) {
		uint64_t physical = ftl_lookup(f, e->unit);
		if (e->pins > 0)
			return false; /* its data are on their way */
		if (physical != FTL_NOWHERE) {
			ssd_read_fill(d, e, physical);
			return false;
		}
		ftl_buffer_pin(d->buffer, e);
		ftl_buffer_fill(d->buffer, e, missing); /* zeros */
	}
	uint32_t region = ftl_choose(f, e->unit);
	if (d->static_order)
		e->hint = region + 1;
	if (d->job[region].blocked)
		return false;
	if (!ftl_room(f, region)) {
		d->job[region].wanted = d->job[region].blocked = true;
		ssd_clean(d, region);
		return false;
	}
	if (lane_full(d, region)) {
		d->job[region].blocked = true;
		return false;
	}
	ftl_buffer_begin(d->buffer, e);
	struct ssd_slot slot = {.logical = e->unit, .from = FTL_NOWHERE, .to = ftl_write_begin(f, region), .entry = e,
		.kind = SSD_SLOT_HOST};
	ftl_write_prefetch(f, e->unit);
	struct ssd_group *g = ssd_group_add(d, region, FTL_HOST, &slot);
	if (g)
		ssd_group_fill(d, g);
	ssd_clean(d, region);
	return true;
}

/* false: it has to wait. */
static bool unmap(struct ssd *d, struct ftl_buffer_entry *e)
{
	if (!ssd_trim_room(d))
		return false;
	ftl_buffer_begin(d->buffer, e);
	ftl_trim(d->ftl, e->unit);
	ssd_landed(d, e);
	ssd_kick(d); /* there is room */
	return true;
}

/* It was looked at before, and its region has not changed since. */
static inline bool is_blocked(const struct ssd *d, const struct ftl_buffer_entry *e)
{
	return e->hint > 0 && d->job[e->hint - 1].blocked && !e->trim;
}

/* How many were placed. */
static int place_some(struct ssd *d)
{
	struct ftl_buffer *b = d->buffer;
	struct ftl_buffer_entry *e = ftl_buffer_next(b), *next;
	int placed = 0, waits = 0;
	bool wanted = e && (ftl_buffer_wanted(b) || d->writers.head);
	for (; e && waits < LOOK && wanted; e = next) {
		next = ftl_buffer_after(b, e);
		if (is_blocked(d, e) || !(e->trim ? unmap(d, e) : place(d, e))) {
			waits++;
			continue;
		}
		placed++;
		wanted = ftl_buffer_wanted(b) || d->writers.head;
	}
	return placed;
}

static void place_all(struct ssd *d)
{
	if (place_some(d) > 0 || d->host_programs > 0 || d->jobs > 0 || !ftl_buffer_next(d->buffer))
		return;
	/* nothing is under way that would unblock a region: have all looked at again */
	for (uint32_t i = 0; i < d->ftl->alloc.regions; i++)
		d->job[i].blocked = false;
	(void)place_some(d);
}

/* Whether groups that are not full must go as they are: for a flush, or because all that could go on waits for them. */
static bool must_pad(const struct ssd *d)
{
	if (!d->open)
		return false;
	const struct ftl_buffer_entry *e = ftl_buffer_next(d->buffer);
	if (ftl_buffer_oldest(d->buffer) <= d->urgent && (!e || e->sequence > d->urgent))
		return true;
	return (e || d->writers.head) && d->host_programs == 0 && d->jobs == 0;
}

void ssd_destage(struct ssd *d)
{
	place_all(d);
	if (!must_pad(d))
		return;
	struct ssd_group *g = d->open;
	while (g) {
		if (g->hosts == 0) {
			g = g->open_next;
			continue;
		}
		ssd_pad(d, g->region, FTL_HOST);
		g = d->open; /* a whole stripe of groups may have gone */
	}
}
