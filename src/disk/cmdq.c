/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The drive's command queue. */
#include "disk/cmdq.h"

int cmdq_init(struct cmdq *q, struct arena *a, uint32_t depth, const struct disk_sched *sched,
	const struct geom *geom)
{
	*q = (struct cmdq){.sched = sched, .geom = geom, .depth = depth};
	q->candidate = arena_array(a, depth, sizeof(*q->candidate));
	return q->candidate ? 0 : -1;
}

static void put_candidate(struct cmdq *q, struct blk_req *r)
{
	struct disk_candidate *c = &q->candidate[q->count];
	c->lbn = r->lba;
	c->sequence = r->sequence;
	c->write = r->op != BLK_READ;
	c->req = r;
	if (q->sched->looks_at_place) {
		struct geom_place at;
		geom_locate(q->geom, r->lba, &at);
		c->cylinder = at.cylinder;
		c->head = at.head;
		c->angle = geom_place_angle(q->geom, &at);
	}
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

struct blk_req *cmdq_choose(struct cmdq *q, struct disk_view *v)
{
	struct blk_req *r = q->in_order.head;
	if (!r)
		return NULL;
	if (q->count > 1) {
		v->oldest = (uint32_t)r->key;
		r = q->candidate[q->sched->pick(v, q->candidate, q->count)].req;
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
