/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The random load of the solid-state drive's oracle, and what its requests must find. */
#include <inttypes.h>

#include "ftl/ssd_oracle.h"

/* Far more than the longest cleaning that a request can wait for. */
#define EVENTS_EACH 4000

static void next(struct oracle *o, struct oracle_lane *l);

/* ---- what a request must find --------------------------------------------------------------------------------------- */

/* Whether the sector may have this content, of which at least version `acked` was acknowledged. */
static bool may_hold(const struct oracle *o, uint64_t lba, uint64_t content, uint32_t acked)
{
	const struct oracle_sector *t = &o->sector[lba];
	if (content == 0)
		return acked == 0 || t->zeroed >= acked;
	uint64_t version = content >> ORACLE_LBA_BITS;
	return (content & ((UINT64_C(1) << ORACLE_LBA_BITS) - 1)) == lba && version >= acked && version <= t->issued;
}

void oracle_saw(struct oracle *o, struct oracle_lane *l, uint64_t lba, uint64_t content, const char *where)
{
	if (lba < l->req.lba || lba >= l->req.lba + l->req.sectors) {
		oracle_violation(o, "a read gets sector %" PRIu64 ", for which it did not ask", lba);
		return;
	}
	l->seen |= UINT64_C(1) << (lba - l->req.lba);
	if (!may_hold(o, lba, content, l->acked[lba - l->req.lba]))
		oracle_violation(o, "sector %" PRIu64 " is read from %s as %#" PRIx64 "; version %" PRIu32 " was acknowledged before, %"
			PRIu32 " is the last", lba, where, content, l->acked[lba - l->req.lba], o->sector[lba].issued);
}

/* What flash has of a sector now. */
static uint64_t in_flash(const struct oracle *o, uint64_t lba)
{
	uint64_t at = ftl_lookup(o->d->ftl, lba / o->unit_sectors);
	return at == FTL_NOWHERE ? 0 : o->flash[at * o->unit_sectors + lba % o->unit_sectors];
}

static void must_be_durable(struct oracle *o, uint64_t lba, uint32_t acked, const char *by)
{
	if (!may_hold(o, lba, in_flash(o, lba), acked))
		oracle_violation(o, "sector %" PRIu64 " is not in flash at the end of %s", lba, by);
}

static void end_read(struct oracle *o, const struct oracle_lane *l)
{
	for (uint32_t i = 0; i < l->req.sectors; i++)
		if (!(l->seen >> i & 1) && !may_hold(o, l->req.lba + i, 0, l->acked[i]))
			oracle_violation(o, "sector %" PRIu64 " was not read from anywhere", l->req.lba + i);
}

static void end_write(struct oracle *o, const struct oracle_lane *l)
{
	const struct ftl_buffer_spec *b = &o->d->spec->buffer;
	bool through = !b->write_back || ((l->req.flags & BLK_FUA) && !b->protected);
	o->acks++;
	for (uint64_t lba = l->req.lba; lba < l->req.lba + l->req.sectors; lba++) {
		o->sector[lba].acked = l->version;
		o->sector[lba].order = o->acks;
		if (through)
			must_be_durable(o, lba, l->version, "its write");
	}
}

static void end_flush(struct oracle *o, const struct oracle_lane *l)
{
	for (uint64_t lba = 0; lba < o->sectors && !o->d->spec->buffer.protected; lba++)
		if (o->sector[lba].acked && o->sector[lba].order <= l->order)
			must_be_durable(o, lba, o->sector[lba].acked, "a flush");
}

static void done(struct sim *s, struct blk_req *r)
{
	struct oracle_lane *l = container_of(r, struct oracle_lane, req);
	struct oracle *o = l->o;
	(void)s;
	o->completed++;
	r->lba += l->space ? l->space->first : 0;
	if (!l->busy)
		oracle_violation(o, "a request is completed twice");
	l->busy = false;
	if (r->status != BLK_OK)
		oracle_violation(o, "a %s ends as %s", blk_op_name((enum blk_op)r->op), blk_status_name((enum blk_status)r->status));
	else if (r->op == BLK_READ)
		end_read(o, l);
	else if (r->op == BLK_FLUSH)
		end_flush(o, l);
	else
		end_write(o, l);
	next(o, l);
}

/* ---- the requests ------------------------------------------------------------------------------------------------------ */

static bool changes(const struct blk_req *r) { return r->op == BLK_WRITE || r->op == BLK_WRITE_ZEROES || r->op == BLK_TRIM; }

/* Whether another lane is changing some of it. */
static bool taken(const struct oracle *o, const struct blk_req *r)
{
	for (unsigned i = 0; i < o->lanes; i++) {
		const struct oracle_lane *l = &o->lane[i];
		if (l->busy && changes(&l->req) && l->req.lba < r->lba + r->sectors && r->lba < l->req.lba + l->req.sectors)
			return true;
	}
	return false;
}

/* With namespaces: which one it goes to, and inside of it. */
static void choose_space(const struct oracle *o, struct oracle_lane *l)
{
	struct blk_req *r = &l->req;
	unsigned k = 0;
	l->space = o->spaces > 0 ? o->space[0] : NULL;
	if (!l->space || r->op == BLK_FLUSH)
		return;
	while (k + 1 < o->spaces && r->lba >= o->space[k]->first + o->space[k]->dev.sectors)
		k++;
	l->space = o->space[k];
	uint64_t end = l->space->first + l->space->dev.sectors;
	if (r->lba + r->sectors > end)
		r->lba = end - r->sectors;
}

static void draw(struct oracle *o, struct oracle_lane *l)
{
	struct blk_req *r = &l->req;
	uint64_t x = rng_u64(o->rng), kind = x % 128, limit = (x >> 7 & 3) ? o->hot : o->sectors;
	uint32_t most = (x >> 9 & 7) == 0 ? 6 * o->unit_sectors : (x >> 9 & 1) ? o->unit_sectors : 2 * o->unit_sectors;
	most = most < ORACLE_REQUEST ? most : ORACLE_REQUEST;
	*r = (struct blk_req){.done = done, .op = kind < 58 ? BLK_WRITE : kind < 112 ? BLK_READ : kind < 121 ? BLK_TRIM :
		kind < 126 ? BLK_WRITE_ZEROES : (x >> 12 & 3) ? BLK_READ : BLK_FLUSH};
	r->flags = (x >> 14 & 15) == 0 ? BLK_FUA : 0;
	r->priority = x >> 18 & 3;
	r->queue = x >> 20 & 3;
	if (r->op == BLK_FLUSH) {
		choose_space(o, l);
		return;
	}
	r->sectors = 1 + (uint32_t)((x >> 22 & 0xffff) * most >> 16);
	if ((x >> 38 & 3) == 0) /* whole units */
		r->sectors = (r->sectors + o->unit_sectors - 1) / o->unit_sectors * o->unit_sectors;
	r->sectors = r->sectors < o->sectors ? r->sectors : (uint32_t)o->sectors;
	limit = limit < r->sectors ? r->sectors : limit;
	r->lba = rng_below(o->rng, limit - r->sectors + 1);
	if ((x >> 38 & 3) == 0)
		r->lba -= r->lba % o->unit_sectors;
	choose_space(o, l);
	if (changes(r) && taken(o, r))
		r->op = BLK_READ;
}

static void submit(struct oracle *o, struct oracle_lane *l)
{
	struct blk_req *r = &l->req;
	if (changes(r) && taken(o, r)) /* while it was paused */
		r->op = BLK_READ;
	l->seen = 0;
	l->order = o->acks;
	l->busy = true;
	o->issued++;
	if (changes(r))
		l->version = ++o->version;
	for (uint32_t i = 0; i < r->sectors; i++) {
		struct oracle_sector *t = &o->sector[r->lba + i];
		l->acked[i] = t->acked;
		if (changes(r))
			t->issued = l->version;
		if (r->op == BLK_TRIM || r->op == BLK_WRITE_ZEROES)
			t->zeroed = l->version;
	}
	r->tag = r->op == BLK_WRITE ? l->version : 0;
	r->arrive_ps = o->sim->now_ps;
	r->lba -= l->space ? l->space->first : 0;
	blk_submit(l->space ? (struct blk_dev *)(uintptr_t)&l->space->dev : &o->d->dev, r);
}

static void wake(struct sim *s, struct event *e)
{
	(void)s;
	struct oracle_lane *l = container_of(e, struct oracle_lane, wake);
	submit(l->o, l);
}

static void next(struct oracle *o, struct oracle_lane *l)
{
	if (o->left == 0 || o->violations)
		return;
	o->left--;
	draw(o, l);
	if (o->pause && rng_below(o->rng, o->pause) == 0)
		sim_schedule(o->sim, &l->wake, o->sim->now_ps + (time_ps)(rng_below(o->rng, 4 * PS_PER_MS) >> rng_below(o->rng, 12)));
	else
		submit(o, l);
}

void oracle_load(struct oracle *o, unsigned lanes, unsigned count)
{
	uint64_t most = o->sim->fired + (uint64_t)EVENTS_EACH * (count + 10);
	struct blk_dev_status status;
	o->lanes = lanes;
	o->left = count;
	for (unsigned i = 0; i < lanes; i++) {
		o->lane[i].o = o;
		event_init(&o->lane[i].wake, wake, "lane wakes", EVENT_PRIO_WORKLOAD);
		next(o, &o->lane[i]);
	}
	while (o->violations == 0 && o->sim->fired < most && !o->sim->stop && sim_step(o->sim))
		;
	if (o->violations)
		return;
	if (o->sim->err.code)
		oracle_violation(o, "%s", o->sim->err.msg);
	if (o->sim->fired >= most)
		oracle_violation(o, "the drive works on and on: %u of %u requests are over", o->completed, o->issued);
	if (o->completed != o->issued)
		oracle_violation(o, "nothing happens any more, and %u of %u requests are over", o->completed, o->issued);
	bool paced = o->d->spec->ftl.gc.pace; /* such a job waits for the next writes */
	ssd_ops.status(&o->d->dev, &status);
	if ((status.busy && !paced) || status.queued || status.in_service || tsu_unfinished(o->d->tsu) ||
	    ftl_buffer_unclean(o->d->buffer) || (o->d->jobs && !paced))
		oracle_violation(o, "nothing happens any more, and the drive is not at rest");
}
