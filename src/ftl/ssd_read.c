/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads of the solid-state drive: from the buffer what is there, from flash the rest, a page at a time. */
#include "ftl/ssd_private.h"

#include "blk/shown.h"

enum tsu_priority ssd_priority(const struct blk_req *r)
{
	uint32_t p = TSU_URGENT + (uint32_t)r->priority;
	return (enum tsu_priority)(p < TSU_LOW ? p : TSU_LOW);
}

/* Bytes that cross the bus for these sectors of a unit, with what lies between them. */
static uint32_t span_bytes(uint64_t mask)
{
	return (uint32_t)(64 - __builtin_clzll(mask) - __builtin_ctzll(mask)) * SECTOR_BYTES;
}

static void note_times(struct ssd_command *c, const struct tsu_tx *x)
{
	struct blk_req *r = c->req;
	if (c->pending == 1) { /* the last one */
		c->path->read = true;
		ssd_note_went(&c->path->went, x);
	}
	if (r->media_ps < 0 || x->issued_ps < r->media_ps)
		r->media_ps = x->issued_ps;
	time_ps took = x->done_ps - r->media_ps;
	if (took > r->transfer_ps)
		r->transfer_ps = took;
}

static void read_done(struct tsu *t, struct tsu_tx *x)
{
	(void)t;
	struct ssd_read *q = container_of(x, struct ssd_read, tx);
	struct ssd *d = x->owner;
	struct ssd_command *c = q->command;
	bool kick = false;
	d->dev.stats.media_read_sectors += x->bytes / SECTOR_BYTES;
	for (uint32_t i = 0; i < q->count; i++) {
		const struct ssd_read_part *part = &q->part[i];
		if (part->entry) {
			ftl_buffer_fill(d->buffer, part->entry, part->mask);
			kick = true;
		}
		if (part->group)
			ssd_group_fill(d, part->group);
	}
	if (c)
		note_times(c, x);
	pool_put(&d->reads, q);
	if (c)
		ssd_less(d, c);
	if (kick || (d->spec->ftl.gc.pace && ssd_at_rest(d) && ssd_waits(d)))
		ssd_kick(d);
	ssd_note_busy(d);
}

uint64_t ssd_read_flow(const struct tsu_tx *x)
{
	if (x->done != read_done)
		return 0;
	const struct ssd_read *q = container_of(x, struct ssd_read, tx);
	const struct ssd *d = x->owner;
	return q->command ? blk_flow(&d->dev, q->command->req) : 0;
}

struct ssd_read *ssd_read_new(struct ssd *d, nand_ppa page, enum tsu_source source, enum tsu_priority priority)
{
	struct ssd_read *q = pool_get(&d->reads);
	if (!q) {
		sim_fail(d->dev.sim, ERR_LIMIT, "no memory for the reads of device %s", d->dev.name);
		return NULL;
	}
	struct tsu_tx *x = &q->tx; /* the rest of it is the scheduler's to set */
	x->done = read_done;
	x->owner = d;
	x->page = page;
	x->bytes = 0;
	x->flow = 0;
	x->kind = TSU_READ;
	x->source = (uint8_t)source;
	x->priority = (uint8_t)priority;
	x->slc = false;
	q->command = NULL;
	q->count = 0;
	return q;
}

void ssd_read_fill(struct ssd *d, struct ftl_buffer_entry *e, uint64_t physical)
{
	uint64_t missing = d->full & ~e->held;
	struct ssd_read *q = ssd_read_new(d, ftl_page_of(d->ftl, physical, NULL), TSU_HOST, TSU_MEDIUM);
	if (!q)
		return;
	ftl_buffer_pin(d->buffer, e);
	q->part[q->count++] = (struct ssd_read_part){.entry = e, .mask = missing};
	q->tx.bytes = span_bytes(missing);
	d->counts.fills++;
	tsu_submit(d->tsu, &q->tx);
}

/* One unit of a command; *last is the page read that is being put together. */
static void read_unit(struct ssd *d, struct ssd_command *c, uint64_t unit, uint64_t mask, struct ssd_read **last)
{
	struct blk_req *r = c->req;
	bool fua = (r->flags & BLK_FUA) != 0;
	uint64_t held = fua ? 0 : ftl_buffer_read(d->buffer, unit, mask), missing = mask & ~held;
	c->held |= held != 0;
	c->missed |= missing != 0;
	uint64_t physical = missing ? ftl_lookup(d->ftl, unit) : FTL_NOWHERE;
	if (physical == FTL_NOWHERE)
		return;
	nand_ppa page = ftl_page_of(d->ftl, physical, NULL);
	struct ssd_read *q = *last;
	if (!q || q->tx.page != page) {
		if (q)
			tsu_submit(d->tsu, &q->tx);
		*last = q = ssd_read_new(d, page, TSU_HOST, ssd_priority(r));
		if (!q)
			return;
		q->tx.flow = r->queue;
		q->command = c;
		c->pending++;
	}
	q->part[q->count++] = (struct ssd_read_part){.entry = fua ? NULL : ftl_buffer_expect(d->buffer, unit), .mask = missing};
	q->tx.bytes += span_bytes(missing);
}

/* Whole units behind a stream of reads, into the buffer. */
static void read_ahead(struct ssd *d, const struct blk_req *r)
{
	uint64_t unit;
	uint32_t count = ftl_buffer_ahead(d->buffer, r->lba, r->sectors, &unit);
	struct ssd_read *q = NULL;
	for (; count > 0; count--, unit++) {
		uint64_t physical = ftl_lookup(d->ftl, unit);
		const struct ftl_buffer_entry *e = ftl_buffer_find(d->buffer, unit);
		if (physical == FTL_NOWHERE || (e && e->held == d->full))
			continue;
		struct ftl_buffer_entry *to = ftl_buffer_expect(d->buffer, unit);
		if (!to)
			break;
		nand_ppa page = ftl_page_of(d->ftl, physical, NULL);
		if (!q || q->tx.page != page) {
			if (q)
				tsu_submit(d->tsu, &q->tx);
			q = ssd_read_new(d, page, TSU_HOST, TSU_LOW);
			if (!q)
				return;
		}
		q->part[q->count++] = (struct ssd_read_part){.entry = to, .mask = d->full};
		q->tx.bytes += d->unit_sectors * SECTOR_BYTES;
	}
	if (q)
		tsu_submit(d->tsu, &q->tx);
}

void ssd_read_go(struct ssd *d, struct ssd_command *c)
{
	struct blk_req *r = c->req;
	struct ssd_read *last = NULL;
	uint64_t at = r->lba, end = r->lba + r->sectors;
	c->pending = 1;
	while (at < end) {
		uint32_t first = (uint32_t)at & (d->unit_sectors - 1);
		uint32_t count = d->unit_sectors - first;
		if (count > end - at)
			count = (uint32_t)(end - at);
		read_unit(d, c, at >> d->unit_shift, ftl_buffer_mask(first, count), &last);
		at += count;
	}
	bool ahead = d->spec->buffer.read_ahead > 0 && !(r->flags & BLK_FUA);
	if (last && c->alone && c->pending == 2 && !ahead)
		tsu_submit_alone(d->tsu, &last->tx);
	else if (last)
		tsu_submit(d->tsu, &last->tx);
	r->hit = !c->missed ? BLK_HIT : !c->held ? BLK_MISS : BLK_HIT_PARTIAL;
	if (ahead)
		read_ahead(d, r);
	ssd_less(d, c);
}

/* Something of the range is in the buffer and not in flash. */
static bool unclean(const struct ssd *d, const struct blk_req *r)
{
	for (uint64_t u = r->lba >> d->unit_shift; u <= (r->lba + r->sectors - 1) >> d->unit_shift; u++) {
		const struct ftl_buffer_entry *e = ftl_buffer_find(d->buffer, u);
		if (e && (e->state == FTL_BUFFER_DIRTY || e->state == FTL_BUFFER_FLIGHT))
			return true;
	}
	return false;
}

void ssd_read_command(struct ssd *d, struct ssd_command *c)
{
	if ((c->req->flags & BLK_FUA) && unclean(d, c->req)) {
		c->mark = ftl_buffer_mark(d->buffer);
		ssd_wait_begins(d, c);
		commands_append(&d->flushes, c);
		ssd_hurry(d, c->mark);
		ssd_kick(d);
		return;
	}
	c->alone = c->req->key == 0;
	ssd_read_go(d, c);
}
