/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where the latency of a request went, by its slowest path: the last page read that it waited for, or the programs that made room
 * in the buffer, or that put into flash what it had to wait for.
 *
 * A read's own transaction says what it waited behind (tsu_tx.behind). A write that waits for room, and whoever waits for the
 * buffer to land, waits while programs pass: the part of this time in which regions took nothing for want of cleaned blocks (by how
 * many of those that took nothing did) goes to gc, the rest as that program spent its time whose end made the room. Where it waited
 * longer than that program took, others were before it in the region: these are taken to have gone in the same proportions. What
 * is the buffer's is the time in which its own program was not full yet.
 */
#include "ftl/ssd_private.h"

enum {
	HOST_QUEUE, DEVICE_QUEUE, FRONT, LINK, BUFFER,
	BEHIND, /* enum tsu_behind, then the work itself */
	SERVICE = BEHIND + TSU_BEHINDS,
};

const char *const ssd_blame_names[] = {
	[HOST_QUEUE] = "host_queue", /* before it was handed to the device */
	[DEVICE_QUEUE] = "device_queue", /* there, before it was fetched */
	[FRONT] = "front", /* fetch and firmware */
	[LINK] = "link", /* data and completion between host and DRAM */
	[BUFFER] = "buffer", /* in the buffer, or for it, with nothing of the following to blame */
	[BEHIND + TSU_BEHIND_BUS] = "bus",
	[BEHIND + TSU_BEHIND_READ] = "read_behind",
	[BEHIND + TSU_BEHIND_PROGRAM] = "program_behind",
	[BEHIND + TSU_BEHIND_ERASE] = "erase_behind",
	[BEHIND + TSU_BEHIND_GC] = "gc",
	[BEHIND + TSU_BEHIND_SUSPEND] = "suspend",
	[SERVICE] = "service", /* the read or program itself, with its transfer */
	NULL,
};

/* ---- for blocks to be cleaned ------------------------------------------------------------------------------------ */

static time_ps cleaning_book(const struct ssd *d)
{
	const struct ssd_short *s = &d->shortage;
	return s->starved == 0 ? s->spent_ps : s->spent_ps + (ssd_now(d) - s->since_ps) / s->blocked * s->starved;
}

void ssd_note_blocked(struct ssd *d, int more, bool starved)
{
	struct ssd_short *s = &d->shortage;
	s->spent_ps = cleaning_book(d);
	s->since_ps = ssd_now(d);
	s->blocked += (uint32_t)more;
	s->starved += starved ? (uint32_t)more : 0;
}

/* ---- waits --------------------------------------------------------------------------------------------------------- */

void ssd_wait_begins(const struct ssd *d, struct ssd_command *c)
{
	c->path->since_ps = ssd_now(d);
	c->path->short_ps = cleaning_book(d);
}

/* `time` in the proportions in which a program went that took `all`. work: where the program itself goes. */
static void as_it_went(struct ssd_path *p, const struct ssd_went *w, time_ps all, time_ps time, int work)
{
	time_ps left = time;
	double share = (double)time / (double)all;
	for (int i = 0; i < TSU_BEHINDS; i++) {
		time_ps part = time == all ? w->behind[i] : (time_ps)((double)w->behind[i] * share);
		part = time_min(part, left);
		p->part[i] += part;
		left -= part;
	}
	p->part[work] += left;
}

/* Of a command that waited for its own program alone, from when that was submitted or before. */
static void as_all_of_it(struct ssd_path *p, const struct ssd_went *w)
{
	time_ps left = w->done_ps - w->queued_ps;
	for (int i = 0; i < TSU_BEHINDS; i++) {
		p->part[i] = w->behind[i];
		left -= w->behind[i];
	}
	p->part[TSU_BEHINDS] = left;
	p->parted = true;
}

void ssd_wait_over(struct ssd *d, struct ssd_command *c, bool own)
{
	struct ssd_path *p = c->path;
	time_ps time = ssd_now(d) - p->since_ps, all = d->landed.done_ps - d->landed.queued_ps;
	if (own && !p->parted && time >= all && time <= all + d->gathered_ps && cleaning_book(d) == p->short_ps) {
		as_all_of_it(p, &d->landed);
		ssd_wait_begins(d, c);
		return;
	}
	if (!p->parted)
		for (int i = 0; i <= TSU_BEHINDS; i++)
			p->part[i] = 0;
	p->parted = true;
	time_ps cleaning = time_min(cleaning_book(d) - p->short_ps, time);
	p->part[TSU_BEHIND_GC] += cleaning;
	time -= cleaning;
	if (all > 0) {
		time_ps more = time_max(time - all, 0);
		as_it_went(p, &d->landed, all, time - more, own ? TSU_BEHINDS : TSU_BEHIND_PROGRAM);
		more -= own ? time_min(more, d->gathered_ps) : 0;
		if (more > 0)
			as_it_went(p, &d->landed, all, more, TSU_BEHIND_PROGRAM);
	}
	ssd_wait_begins(d, c);
}

/* ---- told ---------------------------------------------------------------------------------------------------------- */

bool ssd_blame(const struct blk_dev *dev, const struct blk_req *r, time_ps *out)
{
	const struct ssd *d = ssd_of(dev);
	const struct ssd_command *c = d->left;
	if (!c || c->req != r || r->key != (uintptr_t)c)
		return false;
	const struct ssd_path *p = c->path;
	time_ps came = r->start_ps + r->overhead_ps, rest = p->ended_ps - came - p->link_ps;
	out[HOST_QUEUE] = r->submit_ps - r->arrive_ps;
	out[DEVICE_QUEUE] = r->start_ps - r->submit_ps;
	out[FRONT] = r->overhead_ps;
	out[LINK] = p->link_ps + (r->done_ps - p->ended_ps);
	for (int i = 0; i <= TSU_BEHINDS; i++)
		out[BEHIND + i] = p->parted ? p->part[i] : 0;
	if (p->read) {
		time_ps own = p->went.done_ps - p->went.queued_ps;
		for (int i = 0; i < TSU_BEHINDS; i++) {
			out[BEHIND + i] += p->went.behind[i];
			own -= p->went.behind[i];
		}
		out[SERVICE] += own;
	}
	for (int i = 0; i <= TSU_BEHINDS; i++)
		rest -= out[BEHIND + i];
	out[BUFFER] = rest;
	return true;
}
