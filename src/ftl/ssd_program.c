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
	g->open_ps = ssd_now(d);
}

static void open_remove(struct ssd *d, struct ssd_group *g)
{
	*(g->open_prev ? &g->open_prev->open_next : &d->open) = g->open_next;
	if (g->open_next)
		g->open_next->open_prev = g->open_prev;
	g->open_ps = ssd_now(d) - g->open_ps;
}

static void program_done(struct tsu *t, struct tsu_tx *x);

static bool lane_ready(const struct ssd *d, const struct ssd_lane *l)
{
	const struct ssd_group *g = l->head;
	return g && !g->submitted && is_full(d, g) && g->filled == g->taken;
}

/* host: so does another of its superpage, and they go as one. */
static void lane_submit(struct ssd *d, struct ssd_lane *l, bool host)
{
	struct ssd_group *g = l->head;
	g->submitted = true;
	d->host_programs += g->hosts > 0;
	if (g->tx.kind == TSU_PROGRAM) {
		const struct ssd_job *j = &d->job[g->region];
		g->tx.source = g->source;
		g->tx.priority = host ? TSU_MEDIUM : j->wanted ? TSU_URGENT : TSU_LOW;
	}
	tsu_submit(d->tsu, &g->tx);
}

/* The lanes of all planes, of which one is given: with superpages they go together. */
static struct ssd_lane *lanes_of(const struct ssd *d, const struct ssd_lane *l)
{
	return &d->lane[(size_t)(l - d->lane) / d->planes * d->planes];
}

static void superpage_pump(struct ssd *d, struct ssd_lane *first)
{
	bool host = false;
	for (uint32_t p = 0; p < d->planes; p++) {
		if (!lane_ready(d, &first[p]))
			return;
		host |= first[p].head->hosts > 0;
	}
	for (uint32_t p = 0; p < d->planes; p++)
		lane_submit(d, &first[p], host);
}

static inline void lane_pump(struct ssd *d, struct ssd_lane *l)
{
	if (d->superpage)
		superpage_pump(d, lanes_of(d, l));
	else if (lane_ready(d, l))
		lane_submit(d, l, l->head->hosts > 0);
}

/* A group has no place left: it is open no more, or, of a superpage, all of it when its last plane has none. */
static void close_group(struct ssd *d, struct ssd_group *g)
{
	if (!d->superpage) {
		open_remove(d, g);
		return;
	}
	struct ssd_lane *first = lanes_of(d, g->lane);
	if (g->lane == &first[d->planes - 1])
		for (uint32_t p = 0; p < d->planes; p++)
			open_remove(d, first[p].tail);
}

/* The group of a place, which is the next of its frontier. */
static inline __attribute__((always_inline)) struct ssd_group *group_at(struct ssd *d, uint32_t region, enum ftl_stream stream,
	uint64_t physical)
{
	struct ftl *f = d->ftl;
	uint32_t block = blocks_of_unit(&f->blocks, physical), plane, frontier = f->stream_frontier[stream];
	nand_ppa page = ftl_page_in(f, region, block, (uint32_t)(physical - (uint64_t)block * f->blocks.units), &plane);
	struct ssd_lane *l = &d->lane[(size_t)(region * FTL_STREAMS + frontier) * d->planes + plane];
	if (!d->single && l->tail && !is_full(d, l->tail))
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
	g->block = block;
	g->taken = g->padded = g->filled = g->hosts = 0;
	g->source = TSU_HOST;
	g->frontier = (uint8_t)frontier;
	g->submitted = false;
	g->open_ps = 0;
	*(l->tail ? &l->tail->next : &l->head) = g;
	l->tail = g;
	if (!d->single)
		open_add(d, g);
	return g;
}

struct ssd_group *ssd_group_add(struct ssd *d, uint32_t region, enum ftl_stream stream, uint64_t to, enum ssd_slot_kind kind)
{
	struct ssd_group *g = group_at(d, region, stream, to);
	if (!g)
		return NULL;
	if (g->taken == 0)
		g->source = stream == FTL_HOST ? TSU_HOST : stream == FTL_GC ? TSU_GC : TSU_WEAR;
	struct ssd_slot *s = &g->slot[g->taken++];
	s->to = to;
	s->kind = (uint8_t)kind;
	g->hosts += kind == SSD_SLOT_HOST;
	d->job[region].fruitless = false;
	if (!d->single && is_full(d, g))
		close_group(d, g);
	return g;
}

void ssd_group_fill(struct ssd *d, struct ssd_group *g)
{
	g->filled++;
	lane_pump(d, g->lane);
}

uint32_t ssd_pad(struct ssd *d, uint32_t region, enum ftl_stream stream)
{
	struct ftl *f = d->ftl;
	const struct ftl_frontier *at = ftl_frontier(f, region, stream);
	if (at->block == FTL_NO_BLOCK)
		return 0;
	uint64_t physical = (uint64_t)at->block * f->blocks.units + at->next;
	uint32_t padded = ftl_pad_to(f, region, stream, d->whole);
	for (uint32_t n = padded; n > 0; n--, physical++) {
		struct ssd_group *g = group_at(d, region, stream, physical);
		if (!g)
			return 0;
		d->padded[g->block] += g->padded++ == 0; /* the translation layer does not wait for padding */
		if (is_full(d, g)) {
			if (!d->single)
				close_group(d, g);
			lane_pump(d, g->lane);
		}
	}
	return padded;
}

static void program_done(struct tsu *t, struct tsu_tx *x)
{
	(void)t;
	struct ssd_group *g = container_of(x, struct ssd_group, tx);
	struct ssd *d = x->owner;
	struct ssd_lane *l = g->lane;
	uint32_t region = g->region;
	/* what a lane of the host gives back is room; another's is not */
	bool host = g->frontier == d->ftl->stream_frontier[FTL_HOST];
	d->dev.stats.media_write_sectors += d->group_sectors;
	if (g->hosts > 0) {
		ssd_note_went(&d->landed, x);
		d->gathered_ps = g->open_ps;
	}
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
	if (g->padded > 0)
		d->padded[g->block]--;
	d->host_programs -= g->hosts > 0;
	l->head = g->next;
	if (!l->head)
		l->tail = NULL;
	pool_put(&d->groups, g);
	lane_pump(d, l);
	host |= d->spec->ftl.gc.pace && d->job[region].blocked;
	ssd_unblock(d, region, host);
	if (d->mount)
		ssd_mount_work(d);
	ssd_clean(d, region);
	if (d->flushes.head)
		ssd_check_flushes(d);
	if ((host || ssd_at_rest(d)) && ssd_waits(d))
		ssd_kick(d);
	ssd_note_busy(d);
}

uint32_t ssd_program_flows(const struct tsu_tx *x, uint64_t *out, uint32_t room)
{
	if (x->done != program_done)
		return 0;
	const struct ssd_group *g = container_of(x, const struct ssd_group, tx);
	const struct ssd *d = x->owner;
	uint32_t n = 0;
	for (uint32_t i = 0; i < g->taken && d->origin; i++) {
		const struct ssd_slot *s = &g->slot[i];
		const uint64_t *flow = s->kind == SSD_SLOT_HOST ? d->origin[s->entry - d->buffer->entry].flow : NULL;
		for (uint32_t k = 0; flow && k < SSD_ORIGINS && n < room; k++)
			if (flow[k])
				out[n++] = flow[k];
	}
	return n;
}

void ssd_program_soon(const struct tsu_tx *x, const struct tsu_tx *later)
{
	for (size_t at = 0; later && at < sizeof(struct ssd_group) + sizeof(struct ssd_slot); at += 64) /* by cache line */
		__builtin_prefetch((const char *)later + at, 1);
	if (x->done != program_done)
		return;
	const struct ssd_group *g = container_of(x, const struct ssd_group, tx);
	const struct ssd *d = x->owner;
	const struct ssd_slot *s = &g->slot[0];
	ftl_prefetch(d->ftl, s->logical, s->to, s->from);
	if (s->kind == SSD_SLOT_MOVE)
		ftl_clean_prefetch(d->ftl, g->region);
	else
		__builtin_prefetch(s->entry, 1);
}

/* ---- out of the buffer ------------------------------------------------------------------------------------------ */

/* Groups of the lane in which the next host unit of a region would go. */
static bool lane_full(const struct ssd *d, uint32_t region)
{
	const struct ftl *f = d->ftl;
	const struct ftl_frontier *at = ftl_frontier(f, region, FTL_HOST);
	uint32_t plane = d->planes > 1 ? at->next / f->page_units % d->planes : 0;
	const struct ssd_group *g =
		d->lane[(size_t)(region * FTL_STREAMS + f->stream_frontier[FTL_HOST]) * d->planes + plane].head;
	for (int n = 0; g; g = g->next)
		if (is_full(d, g) && ++n == LANE_GROUPS)
			return true;
	return false;
}

/* The region was looked at: the book of those that take no host units, and why. */
static void note(struct ssd *d, struct ssd_job *j, bool blocked, bool starved)
{
	if (j->noted && !(blocked && starved == j->starved)) {
		ssd_note_blocked(d, -1, j->starved);
		j->noted = false;
	}
	if (blocked && !j->noted)
		ssd_note_blocked(d, 1, starved);
	j->noted = j->blocked = blocked;
	j->starved = starved;
}

/* Whether a region takes a unit of the host now; what unblocks it is known where not. */
static bool can_take(struct ssd *d, uint32_t region)
{
	struct ssd_job *j = &d->job[region];
	if (j->blocked)
		return false;
	if (!ftl_room(d->ftl, region)) {
		j->wanted = true;
		note(d, j, true, true);
		ssd_clean(d, region);
		return false;
	}
	bool full = lane_full(d, region), starved = !full && ssd_paced(d, region);
	if (full || starved || j->noted)
		note(d, j, full || starved, starved);
	return !j->blocked;
}

void ssd_unblock(struct ssd *d, uint32_t region, bool now)
{
	struct ssd_job *j = &d->job[region];
	if (now && j->noted)
		note(d, j, false, false);
	j->blocked = false;
	/* where it was not: what was brought back before may have been trimmed meanwhile */
	if (ftl_buffer_is_aside(d->buffer, region))
		(void)ftl_buffer_bring_back(d->buffer, region);
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
	if (!can_take(d, region)) {
		if (d->static_order) /* it can go nowhere else */
			ftl_buffer_put_aside(d->buffer, e, region);
		return false;
	}
	ftl_buffer_begin(d->buffer, e);
	struct ssd_group *g = ssd_group_add(d, region, FTL_HOST, ftl_write_begin(f, region), SSD_SLOT_HOST);
	if (g) {
		struct ssd_slot *s = ssd_group_last(g);
		s->logical = e->unit;
		s->from = ftl_lookup(f, e->unit);
		s->entry = e;
		ssd_group_fill(d, g);
	}
	d->job[region].hosts++;
	ssd_clean(d, region);
	if (!d->job[region].blocked && ftl_buffer_is_aside(d->buffer, region))
		(void)ftl_buffer_bring_back(d->buffer, region);
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

/* How many were placed. */
static int place_some(struct ssd *d)
{
	struct ftl_buffer *b = d->buffer;
	struct ftl_buffer_entry *e, *stays = NULL; /* the last of those that stay in the list */
	int placed = 0, stay = 0;
	while (stay < LOOK && (ftl_buffer_wanted(b) || d->writers.head)) {
		e = stays ? ftl_buffer_after(b, stays) : ftl_buffer_next(b);
		if (!e)
			break;
		if (e->trim ? unmap(d, e) : place(d, e)) {
			placed++;
		} else if (e->lot == FTL_BUFFER_NONE) {
			stays = e;
			stay++;
		}
	}
	return placed;
}

static void place_all(struct ssd *d)
{
	if (place_some(d) > 0 || !ssd_at_rest(d) || ftl_buffer_waiting(d->buffer) == 0)
		return;
	/* nothing is under way that would unblock a region: have all looked at again */
	for (uint32_t i = 0; i < d->ftl->alloc.regions; i++)
		ssd_unblock(d, i, true);
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
	return (ftl_buffer_wanted(d->buffer) || d->writers.head) && ssd_at_rest(d);
}

void ssd_destage(struct ssd *d)
{
	place_all(d);
	if (!must_pad(d))
		return;
	struct ssd_group *g = d->open;
	bool rest = ssd_at_rest(d);
	while (g) {
		/* what was put aside for its region will fill it */
		if (g->hosts == 0 || (!rest && ftl_buffer_is_aside(d->buffer, g->region))) {
			g = g->open_next;
			continue;
		}
		(void)ssd_pad(d, g->region, FTL_HOST);
		g = d->open; /* a whole stripe of groups may have gone */
	}
}
