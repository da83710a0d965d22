/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A disk of two arms: which of them serves a command. One that lies on both, and a flush, is split into
 * parts, one for each, and completes with the later.
 *
 * Each arm's queue keeps to the tags of its own commands (disk/cmdq.h); for the order between the arms an ordered
 * command is kept back here until all before it are done, and what comes after it until it is done. A
 * head-of-queue command is never kept back.
 */
#include "disk/disk_private.h"

struct disk_split {
	struct blk_req part[DISK_UNITS];
	struct blk_req *whole; /* borrowed */
	uint32_t left;         /* parts not done */
	uint32_t joined;
	uint32_t status;
};

#define SPLITS_AT_ONCE 16

void disk_split_init(struct disk *d)
{
	pool_init(&d->splits, d->dev.sim->arena, sizeof(struct disk_split), SPLITS_AT_ONCE);
}

/* Marks a part; a part is not told the host, so that this is never called. */
static void part_done(struct sim *s, struct blk_req *r)
{
	sim_bug(s, "a part of a request at LBA %llu was completed as a request", (unsigned long long)r->lba);
}

bool disk_is_part(const struct blk_req *r) { return r->done == part_done; }

static void route_part(struct disk *d, struct disk_split *x, uint32_t unit, uint64_t lba, uint64_t end)
{
	struct blk_req *p = &x->part[unit];
	*p = *x->whole;
	p->lba = lba;
	p->sectors = (uint32_t)(end - lba);
	p->done = part_done;
	p->owner = x;
	if (p->op != BLK_READ) /* nothing is acknowledged before both parts are on the medium */
		p->flags |= BLK_FUA;
	cmdq_put(&d->unit[unit].queue, p);
}

static int route(struct disk *d, struct blk_req *r)
{
	uint64_t border = d->unit[1].first_lbn, end = r->lba + r->sectors;
	bool everywhere = r->op == BLK_FLUSH;
	if (!everywhere && (end <= border || r->lba >= border)) {
		cmdq_put(&d->unit[r->lba >= border].queue, r);
		return 0;
	}
	struct disk_split *x = pool_get(&d->splits);
	if (!x)
		return sim_fail(d->dev.sim, ERR_LIMIT, "no memory to split a request of disk %s", d->dev.name);
	*x = (struct disk_split){.whole = r, .left = DISK_UNITS, .status = BLK_OK};
	route_part(d, x, 0, r->lba, everywhere ? end : border);
	route_part(d, x, 1, everywhere ? r->lba : border, end);
	return 0;
}

/* ---- order between the arms ---------------------------------------------------------------------- */

static bool must_hold(const struct disk *d, const struct blk_req *r)
{
	return d->ordered || (d->routed > 0 && cmdq_is_ordered(&d->unit[0].queue, r));
}

static int let_in(struct disk *d, struct blk_req *r)
{
	d->routed++;
	if (cmdq_is_ordered(&d->unit[0].queue, r))
		d->ordered = r;
	return route(d, r);
}

int disk_route(struct disk *d, struct blk_req *r)
{
	if ((d->held.count > 0 || must_hold(d, r)) && !cmdq_is_head(&d->unit[0].queue, r)) {
		blk_list_append(&d->held, r);
		return 0;
	}
	return let_in(d, r);
}

/* A command is about to be reported. */
static void let_out(struct disk *d, const struct blk_req *r)
{
	d->routed--;
	if (d->ordered == r)
		d->ordered = NULL;
	while (d->held.head && !must_hold(d, d->held.head)) {
		struct blk_req *next = d->held.head;
		blk_list_remove(&d->held, next);
		if (let_in(d, next) < 0)
			return;
	}
	d->again = true;
}

void disk_lose_held(struct disk *d)
{
	d->routed = 0;
	d->ordered = NULL;
	while (d->held.head) {
		struct blk_req *r = d->held.head;
		blk_list_remove(&d->held, r);
		blk_complete_at(&d->dev, r, BLK_POWER_LOST, d->dev.sim->now_ps);
	}
}

/* ---- joining parts ----------------------------------------------------------------------------------- */

static time_ps earlier(time_ps a, time_ps b)
{
	return a < 0 ? b : b < 0 ? a : time_min(a, b);
}

/* What the part did is part of what the whole did; times are sums, since each arm took its own. */
static void join(struct blk_req *r, const struct blk_req *p, bool first)
{
	r->start_ps = earlier(r->start_ps, p->start_ps);
	if (p->media_ps >= 0 && (r->media_ps < 0 || p->media_ps < r->media_ps)) {
		r->media_ps = p->media_ps;
		r->place = p->place;
		r->seek_distance = p->seek_distance;
	}
	r->hit = first || r->hit == p->hit ? p->hit : BLK_HIT_PARTIAL;
	r->overhead_ps += p->overhead_ps;
	r->seek_ps += p->seek_ps;
	r->rotation_ps += p->rotation_ps;
	r->transfer_ps += p->transfer_ps;
	r->bus_ps += p->bus_ps;
	r->energy_pj += p->energy_pj;
}

/* The whole request when this was its last part, else NULL. */
static struct blk_req *join_part(struct disk *d, const struct blk_req *p, uint32_t *status)
{
	struct disk_split *x = p->owner;
	struct blk_req *r = x->whole;
	join(r, p, x->joined++ == 0);
	if (*status != BLK_OK)
		x->status = *status;
	if (--x->left > 0)
		return NULL;
	*status = x->status;
	pool_put(&d->splits, x);
	return r;
}

void disk_complete_part(struct disk *d, struct blk_req *r, uint32_t status)
{
	if (disk_is_part(r)) {
		r = join_part(d, r, &status);
		if (!r)
			return;
		if (d->dev.tags && status == BLK_OK && (r->op == BLK_WRITE || r->op == BLK_WRITE_ZEROES))
			blk_tags_note_acked(d->dev.tags, r->lba, r->sectors, disk_tag_of(r), d->dev.sim->now_ps);
	}
	let_out(d, r);
	blk_complete(&d->dev, r, (enum blk_status)status);
}

void disk_lose(struct disk *d, struct blk_req *r)
{
	uint32_t status = BLK_POWER_LOST;
	if (d->units > 1 && disk_is_part(r))
		r = join_part(d, r, &status);
	if (r)
		blk_complete_at(&d->dev, r, (enum blk_status)status, d->dev.sim->now_ps);
}
