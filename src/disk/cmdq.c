/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The drive's command queue. */
#include "disk/cmdq.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

int cmdq_check_spec(const struct disk_queue_spec *o, int64_t depth, const char **key, char *why, size_t why_bytes)
{
	*key = "queue_depth";
	if (o->tagging == TAGGING_NONE && depth > 1)
		return snprintf(why, why_bytes, "%" PRId64 " with queue.tagging: none, which has no queue: want 1", depth), -1;
	if (o->tagging == TAGGING_NCQ && depth > NCQ_DEPTH)
		return snprintf(why, why_bytes, "%" PRId64 " with queue.tagging: ncq, which has %d tags", depth, NCQ_DEPTH), -1;
	return 0;
}

static void forget(struct cmdq *q)
{
	memset(&q->memory, 0, sizeof(q->memory));
	q->memory.next_lbn = CMDQ_NO_LBN;
	q->ordered = false;
	q->tagged = 0;
}

int cmdq_init(struct cmdq *q, struct arena *a, uint32_t depth, const struct disk_sched *sched,
	const struct disk_queue_spec *spec, const struct geom *geom, time_ps turn_ps)
{
	*q = (struct cmdq){.sched = sched, .spec = spec, .geom = geom, .turn_ps = turn_ps, .depth = depth,
		.first_cylinder = UINT32_MAX};
	for (uint32_t i = 0; i < geom->zone_count; i++) { /* a map may have them in any order */
		uint32_t first = geom->zones[i].first_cylinder, last = first + geom->zones[i].cylinders - 1;
		q->first_cylinder = first < q->first_cylinder ? first : q->first_cylinder;
		q->last_cylinder = last > q->last_cylinder ? last : q->last_cylinder;
	}
	q->plain = spec->age_limit_ps == 0 && !spec->by_priority && !spec->reads_first && spec->stream_limit == 0;
	q->first_come = q->plain && sched->pick == disk_pick_fcfs;
	forget(q);
	q->candidate = arena_array(a, depth, sizeof(*q->candidate));
	return q->candidate ? 0 : -1;
}

/* ---- tags ------------------------------------------------------------------------------------ */

static inline bool needs_place(const struct blk_req *r)
{
	return r->op == BLK_READ || r->op == BLK_WRITE || r->op == BLK_WRITE_ZEROES;
}

static inline bool is_head(const struct cmdq *q, const struct blk_req *r)
{
	return (r->flags & BLK_HEAD_OF_QUEUE) != 0 && q->spec->tagging == TAGGING_SCSI;
}

static inline bool is_ordered(const struct cmdq *q, const struct blk_req *r)
{
	switch (q->spec->tagging) {
	case TAGGING_SCSI: return (r->flags & (BLK_ORDERED | BLK_HEAD_OF_QUEUE)) == BLK_ORDERED;
	case TAGGING_NCQ: return !needs_place(r);
	default: return q->spec->tagging == TAGGING_NONE;
	}
}

bool cmdq_is_head(const struct cmdq *q, const struct blk_req *r) { return is_head(q, r); }
bool cmdq_is_ordered(const struct cmdq *q, const struct blk_req *r) { return is_ordered(q, r); }

static inline bool is_tagged(const struct cmdq *q, const struct blk_req *r)
{
	return is_head(q, r) || is_ordered(q, r);
}

static uint64_t first_ordered(const struct cmdq *q, const struct blk_list *l)
{
	for (const struct blk_req *r = l->head; r; r = r->next)
		if (is_ordered(q, r))
			return r->sequence;
	return UINT64_MAX;
}

static inline uint64_t least(uint64_t a, uint64_t b) { return a < b ? a : b; }
static inline uint64_t first_of(const struct blk_list *l) { return l->head ? l->head->sequence : UINT64_MAX; }

/*
 * What is neither head-of-queue nor came before this may not go now. Ordered commands wait for all
 * before them.
 */
static uint64_t fence(const struct cmdq *q, uint32_t serving)
{
	if (q->ordered)
		return 0;
	uint64_t ordered = least(first_ordered(q, &q->in_order), least(first_ordered(q, &q->no_media),
		first_ordered(q, &q->overflow)));
	uint64_t oldest = least(first_of(&q->in_order), first_of(&q->no_media));
	return ordered < UINT64_MAX && ordered == oldest && serving == 0 ? ordered + 1 : ordered;
}

/* ---- in and out --------------------------------------------------------------------------------- */

/* Time of so many sectors under the head, with nothing in between. */
static time_ps transfer_time(const struct cmdq *q, const struct geom_zone *z, uint32_t sectors)
{
	uint64_t turns = fastdiv(sectors, &z->by_spt);
	time_ps rest = (time_ps)((sectors - turns * z->spt) * (uint64_t)q->turn_ps / z->spt);
	return time_add(time_mul(q->turn_ps, (int64_t)turns), rest);
}

static __attribute__((noinline)) void fill(const struct cmdq *q, const struct blk_req *r, struct disk_candidate *c)
{
	c->lbn = r->lba;
	c->sequence = r->sequence;
	c->arrive_ps = r->submit_ps;
	c->sectors = r->sectors;
	c->priority = q->spec->tagging == TAGGING_NCQ ? r->priority > 0 : r->priority;
	c->mark = 0;
	c->write = r->op != BLK_READ;
	if (q->sched->looks_at_place) {
		struct geom_place at;
		geom_guess(q->geom, (enum geom_level)q->spec->knows, r->lba, &at);
		c->cylinder = at.cylinder;
		c->head = at.head;
		c->angle = q->spec->knows == GEOM_FULL ? geom_place_angle(q->geom, &at) : 0;
		c->transfer_ps = at.zone ? transfer_time(q, at.zone, r->sectors) : 0;
	}
}

static inline void put_candidate(struct cmdq *q, struct blk_req *r)
{
	if (!q->first_come) {
		struct disk_candidate *c = &q->candidate[q->count];
		fill(q, r, c);
		c->req = r;
	}
	r->key = q->count++;
	blk_list_append(&q->in_order, r);
}

void cmdq_put(struct cmdq *q, struct blk_req *r)
{
	q->tagged += is_tagged(q, r);
	if (!needs_place(r))
		blk_list_append(&q->no_media, r);
	else if (q->count < q->depth)
		put_candidate(q, r);
	else
		blk_list_append(&q->overflow, r);
}

static inline void note_out(struct cmdq *q, const struct blk_req *r)
{
	if (__builtin_expect(q->tagged > 0, 0)) {
		q->ordered |= is_ordered(q, r);
		q->tagged -= is_tagged(q, r);
	}
}

/* A place among the candidates is free: who waits longest gets it. */
static __attribute__((noinline)) void fill_up(struct cmdq *q)
{
	struct blk_req *next = q->overflow.head;
	blk_list_remove(&q->overflow, next);
	put_candidate(q, next);
}

void cmdq_take(struct cmdq *q, struct blk_req *r)
{
	bool write = r->op != BLK_READ;
	bool goes_on = r->lba == q->memory.next_lbn && write == q->memory.wrote;
	q->memory.stream_run = goes_on ? q->memory.stream_run + 1 : 0;
	q->memory.next_lbn = r->lba + r->sectors;
	q->memory.wrote = write;
	note_out(q, r);
	blk_list_remove(&q->in_order, r);
	q->count--;
	if (!q->first_come) {
		q->candidate[r->key] = q->candidate[q->count];
		q->candidate[r->key].req->key = r->key;
	}
	if (__builtin_expect(q->overflow.head != NULL, 0))
		fill_up(q);
}

struct blk_req *cmdq_take_no_media(struct cmdq *q, uint32_t serving)
{
	struct blk_req *r = q->no_media.head;
	if (r && cmdq_keeps_order(q, serving)) {
		uint64_t before = fence(q, serving);
		while (r && !is_head(q, r) && r->sequence >= before)
			r = r->next;
	}
	if (!r)
		return NULL;
	note_out(q, r);
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

static struct blk_req *newest_head(const struct cmdq *q)
{
	struct blk_req *head = NULL;
	for (struct blk_req *r = q->in_order.head; r; r = r->next)
		head = is_head(q, r) ? r : head;
	return head;
}

/*
 * What tags say: the command that is next, in *now; else how many candidates may go, which come first
 * then.
 */
static uint32_t by_tags(struct cmdq *q, uint32_t serving, struct blk_req **now)
{
	*now = newest_head(q);
	return *now ? 0 : narrow(q, q->count, came_before, fence(q, serving));
}

/* The one among the first n that goes on where the last one ended, or NULL. */
static struct blk_req *next_of_stream(const struct cmdq *q, uint32_t n)
{
	struct blk_req *r = NULL;
	if (q->memory.stream_run >= q->spec->stream_limit)
		return NULL;
	for (uint32_t i = 0; i < n; i++) {
		struct blk_req *x = q->candidate[i].req;
		if (x->lba == q->memory.next_lbn && q->candidate[i].write == q->memory.wrote && (!r || x->sequence < r->sequence))
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

/* Narrow the choice of the first n as the options say: *now, or else how many the scheduler may choose from. */
static uint32_t by_options(struct cmdq *q, const struct disk_view *v, uint32_t n, struct blk_req **now)
{
	const struct disk_queue_spec *o = q->spec;
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

/* With less than the whole layout, the arm is taken to be where the last command is thought to end. */
static void where_is_the_arm(const struct cmdq *q, struct disk_view *v)
{
	v->knows_angle = q->spec->knows == GEOM_FULL;
	v->cylinder = v->mech->cylinder;
	v->head = v->mech->head;
	v->next_lbn = q->memory.next_lbn == CMDQ_NO_LBN ? q->geom->first_lbn : q->memory.next_lbn;
	if (v->knows_angle)
		return;
	struct geom_place at;
	uint64_t last = v->next_lbn > q->geom->first_lbn ? v->next_lbn - 1 : v->next_lbn;
	geom_guess(q->geom, (enum geom_level)q->spec->knows, last, &at);
	v->cylinder = at.cylinder;
	v->head = at.head;
}

struct blk_req *cmdq_choose_first(struct cmdq *q, uint32_t serving)
{
	struct blk_req *r = q->in_order.head;
	if (r && __builtin_expect(cmdq_keeps_order(q, serving), 0)) {
		struct blk_req *head = newest_head(q);
		r = head ? head : r->sequence < fence(q, serving) ? r : NULL;
	}
	if (r)
		cmdq_take(q, r);
	return r;
}

struct blk_req *cmdq_choose(struct cmdq *q, struct disk_view *v)
{
	if (q->first_come)
		return cmdq_choose_first(q, v->serving);
	struct blk_req *r = q->in_order.head, *now = NULL;
	uint32_t n = q->count;
	if (!r)
		return NULL;
	v->oldest = (uint32_t)r->key;
	if (__builtin_expect(!q->plain || cmdq_keeps_order(q, v->serving), 0)) {
		if (cmdq_keeps_order(q, v->serving))
			n = by_tags(q, v->serving, &now);
		if (!now && n > 0)
			n = by_options(q, v, n, &now);
		if (!now && n == 0)
			return NULL;
		v->oldest = now ? 0 : oldest_of(q, n);
	}
	if (!now) {
		v->queue = q->spec;
		v->state = q->memory.sched;
		v->first_cylinder = q->first_cylinder;
		v->last_cylinder = q->last_cylinder;
		where_is_the_arm(q, v);
		now = q->candidate[q->sched->pick(v, q->candidate, n)].req;
	}
	cmdq_take(q, now);
	return now;
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
	forget(q);
	return NULL;
}
