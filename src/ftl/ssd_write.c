/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writes, trims and flushes of the solid-state drive: into the buffer, and when they are acknowledged. */
#include <string.h>

#include "blk/shown.h"
#include "ftl/ssd_private.h"

void ssd_hurry(struct ssd *d, uint64_t mark)
{
	if (mark > d->urgent)
		d->urgent = mark;
	ftl_buffer_flush(d->buffer, mark);
}

/* ---- durable ---------------------------------------------------------------------------------------------- */

static void note_durable(struct ssd *d, uint64_t unit, uint64_t mask, const uint64_t *tags)
{
	for (uint32_t i = 0; i < d->unit_sectors; i++)
		if (mask >> i & 1)
			blk_tags_note_durable(d->dev.tags, (unit << d->unit_shift) + i, 1, tags ? tags[i] : TAG_ZERO);
}

static void wake(struct ssd *d, struct ssd_wait *w)
{
	while (w) {
		struct ssd_wait *next = w->next;
		struct ssd_command *c = w->command;
		pool_put(&d->waits, w);
		if (c->pending == 1)
			ssd_wait_ends(d, c, true);
		ssd_less(d, c);
		w = next;
	}
}

/* Of a trim: when it is durable. */
static void wake_trimmed(struct ssd *d, struct ssd_wait *w)
{
	while (w) {
		struct ssd_wait *next = w->next;
		ssd_wait_trims(d, w);
		w = next;
	}
}

void ssd_landing(struct ssd *d, const struct ftl_buffer_entry *e)
{
	if (d->dev.tags && !d->spec->buffer.protected && ftl_lookup(d->ftl, e->unit) == FTL_NOWHERE)
		note_durable(d, e->unit, d->full & ~e->dirty, NULL);
}

void ssd_landed(struct ssd *d, struct ftl_buffer_entry *e)
{
	struct ssd_wait *w = e->user;
	e->user = NULL;
	bool journal = e->trim && d->mount;
	if (d->dev.tags && !d->spec->buffer.protected && !journal)
		note_durable(d, e->unit, e->trim ? d->full : e->dirty, e->trim ? NULL : ftl_buffer_tags(d->buffer, e));
	ftl_buffer_landed(d->buffer, e);
	if (journal)
		wake_trimmed(d, w);
	else
		wake(d, w);
}

void ssd_check_flushes(struct ssd *d)
{
	while (d->flushes.head && d->flushes.head->mark < ftl_buffer_oldest(d->buffer)) {
		struct ssd_command *c = d->flushes.head;
		if (c->trims == 0)
			c->trims = d->ftl->counts.trimmed;
		if (c->req->op == BLK_FLUSH && (!ssd_trims_safe(d, c->trims) || (d->spec->mount.flush_log > 0 && !ssd_map_logged(d, c))))
			return;
		commands_remove(&d->flushes, c);
		ssd_wait_ends(d, c, c->req->op == BLK_FLUSH);
		if (c->req->op == BLK_READ)
			ssd_read_go(d, c);
		else
			ssd_end(d, c, BLK_OK);
	}
}

/* ---- into the buffer ----------------------------------------------------------------------------------------- */

/* The command waits until the entry has landed. */
static void wait_for(struct ssd *d, struct ssd_command *c, struct ftl_buffer_entry *e)
{
	struct ssd_wait *w = pool_get(&d->waits);
	if (!w) {
		sim_fail(d->dev.sim, ERR_LIMIT, "no memory for the writes of device %s", d->dev.name);
		return;
	}
	*w = (struct ssd_wait){.command = c, .next = e->user};
	e->user = w;
	c->pending++;
}

/* The command waits until its trims are durable. */
static void wait_for_trims(struct ssd *d, struct ssd_command *c)
{
	struct ssd_wait *w = pool_get(&d->waits);
	if (!w) {
		sim_fail(d->dev.sim, ERR_LIMIT, "no memory for the trims of device %s", d->dev.name);
		return;
	}
	*w = (struct ssd_wait){.command = c};
	c->pending++;
	ssd_wait_trims(d, w);
}

/* The timeline: sectors of `mask` of the entry are the request's now. */
static __attribute__((cold)) void note_origin(struct ssd *d, const struct ftl_buffer_entry *e, uint64_t mask,
	const struct blk_req *r)
{
	uint64_t *flow = d->origin[e - d->buffer->entry].flow, own = blk_flow(&d->dev, r);
	if (e->dirty == mask) /* nothing of another is in it */
		memset(flow, 0, SSD_ORIGINS * sizeof(*flow));
	else
		memmove(flow + 1, flow, (SSD_ORIGINS - 1) * sizeof(*flow));
	flow[0] = own;
}

static bool write_unit(struct ssd *d, struct ssd_command *c, uint64_t unit, uint64_t mask)
{
	uint64_t tag = ssd_tag(c->req), lba = (unit << d->unit_shift) + (uint32_t)__builtin_ctzll(mask);
	struct ftl_buffer_entry *e = ftl_buffer_write(d->buffer, unit, mask, tag);
	if (!e)
		return false;
	if (d->dev.tags) {
		blk_tags_note_latest(d->dev.tags, lba, ssd_bits(mask), tag);
		if (d->spec->buffer.protected)
			blk_tags_note_durable(d->dev.tags, lba, ssd_bits(mask), tag);
	}
	if (__builtin_expect(d->origin != NULL, 0))
		note_origin(d, e, mask, c->req);
	d->counts.host_units++;
	if (c->through)
		wait_for(d, c, e);
	return true;
}

/* A whole unit. What waited for a dirty entry that the trim drops waits no more, or for the trim. */
static bool trim_unit(struct ssd *d, struct ssd_command *c, uint64_t unit)
{
	struct ftl_buffer_entry *e = ftl_buffer_find(d->buffer, unit);
	struct ssd_wait *w = NULL;
	if (!ssd_trim_room(d))
		return false;
	if (e && e->state == FTL_BUFFER_DIRTY) {
		w = e->user;
		e->user = NULL;
	}
	enum ftl_buffer_trim how = ftl_buffer_trim(d->buffer, unit);
	if (how == FTL_BUFFER_FULL) {
		if (w)
			e->user = w;
		return false;
	}
	uint64_t lba = unit << d->unit_shift;
	if (d->dev.tags)
		blk_tags_note_latest(d->dev.tags, lba, d->unit_sectors, TAG_ZERO);
	if (d->dev.tags && ((how == FTL_BUFFER_UNMAP && !d->mount) || d->spec->buffer.protected))
		blk_tags_note_durable(d->dev.tags, lba, d->unit_sectors, TAG_ZERO);
	if (how == FTL_BUFFER_UNMAP) {
		ftl_trim(d->ftl, unit);
		if (d->mount)
			wake_trimmed(d, w);
		else
			wake(d, w);
		return true;
	}
	e = ftl_buffer_find(d->buffer, unit);
	if (w)
		e->user = w;
	if (c->through)
		wait_for(d, c, e);
	return true;
}

/* A trim of a part writes zeros, where there is something. */
static bool trim_part(struct ssd *d, struct ssd_command *c, uint64_t unit, uint64_t mask)
{
	if (ftl_buffer_find(d->buffer, unit) || ftl_lookup(d->ftl, unit) != FTL_NOWHERE)
		return write_unit(d, c, unit, mask);
	return true;
}

/* As much as there is room for; false: not all. */
static bool take_units(struct ssd *d, struct ssd_command *c)
{
	const struct blk_req *r = c->req;
	uint64_t end = r->lba + r->sectors;
	while (c->next < end) {
		uint32_t first = (uint32_t)c->next & (d->unit_sectors - 1), count = d->unit_sectors - first;
		if (count > end - c->next)
			count = (uint32_t)(end - c->next);
		uint64_t unit = c->next >> d->unit_shift, mask = ftl_buffer_mask(first, count);
		bool taken = r->op != BLK_TRIM ? write_unit(d, c, unit, mask) :
			mask == d->full ? trim_unit(d, c, unit) : trim_part(d, c, unit, mask);
		if (!taken)
			return false;
		c->next += count;
	}
	return true;
}

void ssd_note_acked(struct ssd *d, const struct blk_req *r, uint64_t mark)
{
	uint64_t end = r->lba + r->sectors;
	for (uint64_t at = r->lba; r->op != BLK_TRIM && at < end;) {
		uint32_t first = (uint32_t)at & (d->unit_sectors - 1), count = d->unit_sectors - first;
		if (count > end - at)
			count = (uint32_t)(end - at);
		ftl_buffer_ack(d->buffer, at >> d->unit_shift, ftl_buffer_mask(first, count), mark);
		at += count;
	}
}

/* true: all of it is in the buffer. */
static bool write_go(struct ssd *d, struct ssd_command *c)
{
	bool all = take_units(d, c);
	c->mark = ftl_buffer_mark(d->buffer); /* for ssd_note_acked() */
	if (all)
		ssd_wait_ends(d, c, false);
	if (c->through)
		ssd_hurry(d, ftl_buffer_mark(d->buffer));
	if (all && c->through && c->req->op == BLK_TRIM && d->mount)
		wait_for_trims(d, c);
	if (all)
		ssd_less(d, c);
	return all;
}

void ssd_admit(struct ssd *d)
{
	while (d->writers.head) {
		struct ssd_command *c = d->writers.head;
		commands_remove(&d->writers, c);
		if (write_go(d, c))
			continue;
		c->before = NULL; /* to the front again */
		c->after = d->writers.head;
		*(c->after ? &c->after->before : &d->writers.tail) = c;
		d->writers.head = c;
		return;
	}
}

static void data_there(struct ssd *d, struct ssd_command *c)
{
	c->path->since_ps = ssd_now(d);
	if (c->through)
		ssd_wait_begins(d, c);
	if (!d->writers.head && write_go(d, c)) {
		if (d->group_units == 1 && !event_pending(&d->work))
			ssd_destage(d); /* no other that comes at this instant could share its program */
		else
			ssd_kick(d);
		return;
	}
	ssd_kick(d);
	d->counts.waits++;
	ssd_wait_begins(d, c);
	commands_append(&d->writers, c);
}

static void data_came(struct ssd *d, struct ssd_command *c)
{
	c->path->link_ps = ssd_now(d) - (c->req->start_ps + c->req->overhead_ps);
	data_there(d, c);
}

static void data_event(struct sim *s, struct event *e)
{
	(void)s;
	struct ssd_command *c = container_of(e, struct blk_req, event)->device_private;
	data_came(c->ssd, c);
}

void ssd_write_command(struct ssd *d, struct ssd_command *c)
{
	struct blk_req *r = c->req;
	const struct ftl_buffer_spec *b = &d->spec->buffer;
	c->through = !b->write_back || ((r->flags & BLK_FUA) && !b->protected);
	if (r->op == BLK_WRITE)
		r->hit = c->through ? BLK_MISS : BLK_HIT;
	c->pending = 1;
	time_ps at = ssd_now(d);
	if (r->op == BLK_WRITE)
		at = front_take(d->front, r, (uint64_t)r->sectors * SECTOR_BYTES);
	if (at <= ssd_now(d)) {
		data_there(d, c);
		return;
	}
	if (sim_advance(d->dev.sim, at)) { /* nothing else happens meanwhile */
		data_came(d, c);
		return;
	}
	event_init(&r->event, data_event, "write data", EVENT_PRIO_DEVICE);
	sim_schedule(d->dev.sim, &r->event, at);
}

void ssd_flush_command(struct ssd *d, struct ssd_command *c)
{
	c->mark = ftl_buffer_mark(d->buffer);
	if (d->spec->buffer.protected ||
	    (ftl_buffer_oldest(d->buffer) > c->mark && ssd_trims_safe(d, d->ftl->counts.trimmed) && !ssd_map_unlogged(d))) {
		ssd_end(d, c, BLK_OK);
		return;
	}
	ssd_wait_begins(d, c);
	commands_append(&d->flushes, c);
	ssd_hurry(d, c->mark);
	ssd_kick(d);
}
