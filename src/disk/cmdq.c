/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The drive's command queue. */
#include "disk/cmdq.h"

#define TAGGED (BLK_ORDERED | BLK_HEAD_OF_QUEUE)

int cmdq_init(struct cmdq *q, struct arena *a, uint32_t depth, const struct disk_sched *sched,
	const struct disk_queue_spec *spec, const struct geom *geom, time_ps turn_ps)
{
	const struct geom_zone *last = &geom->zones[geom->zone_count - 1];
	*q = (struct cmdq){.sched = sched, .spec = spec, .geom = geom, .turn_ps = turn_ps, .depth = depth,
		.next_lbn = UINT64_MAX, .first_cylinder = geom->zones[0].first_cylinder,
		.last_cylinder = last->first_cylinder + last->cylinders - 1};
	q->plain = spec->tagging == TAGGING_SIMPLE && spec->age_limit_ps == 0 && !spec->by_priority &&
		!spec->reads_first && spec->stream_limit == 0;
	q->candidate = arena_array(a, depth, sizeof(*q->candidate));
	return q->candidate ? 0 : -1;
}

static void put_candidate(struct cmdq *q, struct blk_req *r)
{
	struct disk_candidate *c = &q->candidate[q->count];
	c->lbn = r->lba;
	c->sequence = r->sequence;
	c->arrive_ps = r->submit_ps;
	c->sectors = r->sectors;
	c->priority = r->priority;
	c->mark = 0;
	c->write = r->op != BLK_READ;
	c->req = r;
	if (q->sched->looks_at_place) {
		struct geom_place at;
		geom_guess(q->geom, (enum geom_level)q->spec->knows, r->lba, &at);
		c->cylinder = at.cylinder;
		c->head = at.head;
		c->angle = q->spec->knows == GEOM_FULL ? geom_place_angle(q->geom, &at) : 0;
		c->transfer_ps = at.zone ? (time_ps)fastdiv(r->sectors * (uint64_t)q->turn_ps, &at.zone->by_spt) : 0;
	}
	q->tagged += (r->flags & TAGGED) != 0;
	r->key = q->count++;
	blk_list_append(&q->in_order, r);
}

static inline bool needs_place(const struct blk_req *r)
{
	return r->op == BLK_READ || r->op == BLK_WRITE || r->op == BLK_WRITE_ZEROES;
}

void cmdq_put(struct cmdq *q, struct blk_req *r)
{
	if (!needs_place(r))
		blk_list_append(&q->no_media, r);
	else if (q->count < q->depth)
		put_candidate(q, r);
	else
		blk_list_append(&q->overflow, r);
}

void cmdq_take(struct cmdq *q, struct blk_req *r)
{
	uint32_t i = (uint32_t)r->key;
	bool goes_on = r->lba == q->next_lbn;
	q->stream_run = goes_on ? q->stream_run + 1 : 0;
	q->next_lbn = r->lba + r->sectors;
	q->ordered |= (r->flags & BLK_ORDERED) != 0;
	q->tagged -= (r->flags & TAGGED) != 0;
	blk_list_remove(&q->in_order, r);
	q->candidate[i] = q->candidate[--q->count];
	q->candidate[i].req->key = i;
	if (q->overflow.head) {
		struct blk_req *next = q->overflow.head;
		blk_list_remove(&q->overflow, next);
		put_candidate(q, next);
	}
}

struct blk_req *cmdq_take_no_media(struct cmdq *q)
{
	struct blk_req *r = q->no_media.head;
	if (r)
		blk_list_remove(&q->no_media, r);
	return r;
}

/* ---- who is next ----------------------------------------------------------------------------- */

static inline void swap(struct cmdq *q, uint32_t i, uint32_t k)
{
	struct disk_candidate x = q->candidate[i];
	q->candidate[i] = q->candidate[k];
	q->candidate[k] = x;
	q->candidate[i].req->key = i;
	q->candidate[k].req->key = k;
}

/* Of the first n candidates those that pass come first; how many they are. `limit`: of the test. */
static uint32_t narrow(struct cmdq *q, uint32_t n, bool (*passes)(const struct disk_candidate *c, uint64_t limit),
	uint64_t limit)
{
	uint32_t kept = 0;
	for (uint32_t i = 0; i < n; i++)
		if (passes(&q->candidate[i], limit))
			swap(q, i, kept++);
	return kept;
}

static bool came_before(const struct disk_candidate *c, uint64_t limit) { return c->sequence < limit; }
static bool has_priority(const struct disk_candidate *c, uint64_t limit) { return c->priority == limit; }
static bool is_read(const struct disk_candidate *c, uint64_t limit)
{
	(void)limit;
	return !c->write;
}

/*
 * SCSI tags: the head-of-queue command that is next, in *now; else how many candidates may go, which
 * come first then.
 */
static uint32_t by_tags(struct cmdq *q, uint32_t serving, struct blk_req **now)
{
	const struct blk_req *head = NULL, *ordered = NULL;
	if (serving == 0)
		q->ordered = false;
	for (uint32_t i = 0; i < q->count && q->tagged > 0; i++) {
		const struct blk_req *r = q->candidate[i].req;
		if ((r->flags & BLK_HEAD_OF_QUEUE) && (!head || r->sequence > head->sequence))
			head = r;
		else if ((r->flags & BLK_ORDERED) && (!ordered || r->sequence < ordered->sequence))
			ordered = r;
	}
	*now = head ? q->candidate[head->key].req : NULL;
	if (head || q->ordered)
		return 0;
	if (!ordered)
		return q->count;
	uint32_t older = narrow(q, q->count, came_before, ordered->sequence);
	if (older == 0 && serving == 0)
		*now = q->candidate[ordered->key].req;
	return older;
}

/* The one among the first n that goes on where the last one ended, or NULL. */
static struct blk_req *next_of_stream(const struct cmdq *q, uint32_t n)
{
	struct blk_req *r = NULL;
	if (q->stream_run >= q->spec->stream_limit)
		return NULL;
	for (uint32_t i = 0; i < n; i++) {
		struct blk_req *x = q->candidate[i].req;
		if (x->lba == q->next_lbn && (!r || x->sequence < r->sequence))
			r = x;
	}
	return r;
}

static uint32_t oldest_of(const struct cmdq *q, uint32_t n)
{
	uint32_t oldest = 0;
	for (uint32_t i = 1; i < n; i++)
		if (q->candidate[i].sequence < q->candidate[oldest].sequence)
			oldest = i;
	return oldest;
}

/* Narrow the choice as the options say: *now, or else how many candidates the scheduler may choose from. */
static uint32_t narrowed(struct cmdq *q, struct disk_view *v, struct blk_req **now)
{
	const struct disk_queue_spec *o = q->spec;
	uint32_t n = q->count;
	*now = NULL;
	if (o->tagging == TAGGING_SCSI) {
		n = by_tags(q, v->serving, now);
		if (*now || n == 0)
			return 0;
	}
	struct disk_candidate *oldest = &q->candidate[oldest_of(q, n)];
	if (o->age_limit_ps > 0 && v->now_ps - oldest->arrive_ps >= o->age_limit_ps) {
		*now = oldest->req;
		return 0;
	}
	if (o->by_priority) {
		uint64_t best = UINT8_MAX;
		for (uint32_t i = 0; i < n; i++)
			best = q->candidate[i].priority < best ? q->candidate[i].priority : best;
		n = narrow(q, n, has_priority, best);
	}
	if (o->reads_first) {
		uint32_t reads = narrow(q, n, is_read, 0);
		n = reads > 0 ? reads : n;
	}
	if (o->stream_limit > 0)
		*now = next_of_stream(q, n);
	return n;
}

struct blk_req *cmdq_choose(struct cmdq *q, struct disk_view *v)
{
	struct blk_req *r = q->in_order.head;
	uint32_t n = q->count;
	if (!r)
		return NULL;
	if (!q->plain) {
		n = narrowed(q, v, &r);
		if (!r && n == 0)
			return NULL;
		v->oldest = n > 0 ? oldest_of(q, n) : 0;
	} else {
		v->oldest = (uint32_t)r->key;
		r = NULL;
	}
	if (!r) {
		v->queue = q->spec;
		v->state = q->state;
		v->knows_angle = q->spec->knows == GEOM_FULL;
		v->next_lbn = q->next_lbn == UINT64_MAX ? 0 : q->next_lbn;
		v->first_cylinder = q->first_cylinder;
		v->last_cylinder = q->last_cylinder;
		v->via_count = 0;
		r = q->candidate[q->sched->pick(v, q->candidate, n)].req;
	}
	cmdq_take(q, r);
	return r;
}

struct blk_req *cmdq_drop(struct cmdq *q)
{
	struct blk_list *lists[] = {&q->in_order, &q->no_media, &q->overflow};
	for (unsigned i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		struct blk_req *r = lists[i]->head;
		if (!r)
			continue;
		blk_list_remove(lists[i], r);
		if (i == 0)
			q->count--; /* the array is emptied with the list */
		return r;
	}
	return NULL;
}
