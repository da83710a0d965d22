/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The workload driver. One record is read ahead in open mode, none otherwise; a request and
 * its record live together in a pool slot until the observer has seen them.
 *
 * Invariant: counts.issued = counts.completed + outstanding.
 */
#include "trace/replay.h"

#include <inttypes.h>
#include <string.h>

#define POOL_GROW 64u
#define DEFAULT_OUTSTANDING 1000000u

const struct opt_choice replay_mode_choices[] = {
	{"open", "issue at the recorded arrival times, whatever the device does"},
	{"think", "one outstanding; keep the pause between a completion and the next issue"},
	{"depth", "a fixed number outstanding; recorded times are unused"},
	{NULL, NULL},
};

const struct opt_choice replay_range_choices[] = {
	{"error", "stop at the first request past the device's end"},
	{"wrap", "take the address modulo the capacity"},
	{"scale", "shrink all addresses by capacity / span of the trace"},
	{"clip", "shorten at the device's end; drop what lies wholly past it"},
	{NULL, NULL},
};

const struct opt_choice replay_unmapped_choices[] = {
	{"error", "stop at the first such record"},
	{"drop", "leave such records out, and count them"},
	{NULL, NULL},
};

struct slot {
	struct blk_req req;
	struct trace_record rec;
	struct event wake; /* issues this slot's record later */
	struct replay *replay;
	struct blk_queue *queue;
};

struct replay {
	struct sim *sim;
	struct trace_source *source;
	struct blk_queue **queues;
	uint32_t *map; /* NULL: all to queues[0] */
	size_t queue_count;
	struct replay_options o;
	struct pool slots;
	struct replay_counts counts;
	int128 latency_sum_ps;     /* done - entry into the queue, for Little's law */
	time_ps end_ps;
	uint32_t outstanding;
	bool ended;                /* the source gave its last record, or we were stopped */
	bool stopped;              /* by replay_stop: not even a record read ahead is issued */
	uint64_t next_tag;
	/* think mode: the record before */
	time_ps last_arrive_ps, last_response_ps;
	bool has_last;
};

static void done(struct sim *s, struct blk_req *q);
static void wake_event(struct sim *s, struct event *e);

static void pool_failed(struct replay *r)
{
	sim_fail(r->sim, ERR_LIMIT, "no memory for %" PRIu32 " outstanding requests", r->outstanding + 1);
}

static struct slot *slot_get(struct replay *r)
{
	struct slot *x = pool_get(&r->slots);
	if (!x) {
		pool_failed(r);
		return NULL;
	}
	if (x->replay != r) { /* its first use: arena memory is zeroed */
		memset(x, 0, sizeof(*x));
		x->replay = r;
		x->req.done = done;
		x->req.owner = r;
		event_init(&x->wake, wake_event, "issue request", EVENT_PRIO_WORKLOAD);
	}
	return x;
}

/* ---- addresses -------------------------------------------------------------------- */

static bool move_inside(struct replay *r, struct trace_record *rec, uint64_t capacity)
{
	switch (r->o.range) {
	case RANGE_WRAP:
		r->counts.wrapped++;
		rec->lba %= capacity;
		break;
	case RANGE_CLIP:
		if (rec->lba >= capacity) {
			r->counts.dropped++;
			return false;
		}
		r->counts.clipped++;
		rec->sectors = (uint32_t)(capacity - rec->lba);
		return true;
	default:
		sim_fail(r->sim, ERR_TRACE, "%s:%" PRIu64 ": request for sectors %" PRIu64 " to %" PRIu64
			" passes the end of the device, which has %" PRIu64 " (see --range)",
			r->source->name, rec->line, rec->lba, rec->lba + rec->sectors - 1, capacity);
		return false;
	}
	if (rec->sectors > capacity)
		rec->sectors = (uint32_t)capacity;
	if (rec->lba > capacity - rec->sectors)
		rec->lba = capacity - rec->sectors;
	return true;
}

/* Bring the record's range inside the device. false: drop it (or the run has failed). */
static bool fit(struct replay *r, struct trace_record *rec, uint64_t capacity)
{
	if (!blk_op_has_range(rec->op))
		return true;
	if (r->o.range == RANGE_SCALE && r->o.trace_span_sectors > capacity) {
		r->counts.scaled++;
		rec->lba = (uint64_t)((uint128)rec->lba * capacity / r->o.trace_span_sectors);
		if (rec->sectors > capacity)
			rec->sectors = (uint32_t)capacity;
		if (rec->lba > capacity - rec->sectors)
			rec->lba = capacity - rec->sectors;
		return true;
	}
	if (rec->lba < capacity && rec->sectors <= capacity - rec->lba)
		return true;
	return move_inside(r, rec, capacity);
}

static struct blk_queue *queue_for(struct replay *r, const struct trace_record *rec)
{
	if (!r->map)
		return r->queues[0];
	for (size_t k = 0; k < r->queue_count; k++)
		if (r->map[k] == rec->device)
			return r->queues[k];
	if (r->o.unmapped == UNMAPPED_DROP)
		r->counts.unmapped++;
	else
		sim_fail(r->sim, ERR_TRACE, "%s:%" PRIu64 ": trace device %" PRIu32 " is mapped to no device "
			"(see --trace-map; --set replay.unmapped=drop leaves such records out)",
			r->source->name, rec->line, rec->device);
	return NULL;
}

/* ---- issue and completion ------------------------------------------------------------ */

/* Next record that is to be issued, into the slot. false at the end or on failure. */
static inline __attribute__((always_inline)) bool fetch(struct replay *r, struct slot *x)
{
	while (!r->ended) {
		/* a failing source fails the run: its sentence becomes the simulation's */
		if (r->source->next(r->source, r->sim->now_ps, &x->rec, &r->sim->err) <= 0) {
			r->ended = true;
			return false;
		}
		x->queue = queue_for(r, &x->rec);
		if (x->queue && fit(r, &x->rec, x->queue->dev->sectors))
			return true;
		if (r->sim->err.code != ERR_NONE)
			return false;
	}
	return false;
}

static void issue(struct replay *r, struct slot *x, time_ps arrive_ps)
{
	struct blk_req *q = &x->req;
	q->lba = x->rec.lba;
	q->sectors = x->rec.sectors;
	q->op = x->rec.op;
	q->flags = x->rec.flags;
	q->priority = x->rec.priority;
	q->cause = BLK_CAUSE_HOST;
	q->arrive_ps = arrive_ps;
	q->tag = r->o.tag_writes && q->op == BLK_WRITE ? ++r->next_tag : 0;
	r->counts.issued++;
	if (++r->outstanding > r->o.max_outstanding) {
		sim_fail(r->sim, ERR_LIMIT, "%s:%" PRIu64 ": %" PRIu32 " requests are waiting: the device "
			"cannot keep up with the trace (see --time-scale, or --mode depth)",
			r->source->name, x->rec.line, r->outstanding);
		return;
	}
	blk_queue_submit(x->queue, q);
}

static time_ps think_delay(const struct replay *r, const struct trace_record *rec)
{
	if (!r->has_last)
		return 0;
	if (rec->delay_ps >= 0)
		return rec->delay_ps;
	if (rec->arrive_ps < 0 || r->last_arrive_ps < 0)
		return 0;
	time_ps gap = rec->arrive_ps - r->last_arrive_ps;
	if (r->last_response_ps > 0)
		gap -= r->last_response_ps;
	return gap > 0 ? gap : 0;
}

static void remember(struct replay *r, const struct trace_record *rec)
{
	r->last_arrive_ps = rec->arrive_ps;
	r->last_response_ps = rec->response_ps;
	r->has_last = true;
}

/* Put the slot's record on its way after `delay`: at once, or by its event. */
static void issue_after(struct replay *r, struct slot *x, time_ps delay)
{
	if (delay > 0)
		sim_schedule(r->sim, &x->wake, time_add(r->sim->now_ps, delay));
	else
		issue(r, x, r->sim->now_ps);
}

/* The slot is free: reuse it for the next record of a closed loop. */
static void next_closed(struct replay *r, struct slot *x)
{
	if (!fetch(r, x)) {
		pool_put(&r->slots, x);
		return;
	}
	time_ps delay = r->o.think_ps;
	if (r->o.mode == REPLAY_THINK) {
		delay = think_delay(r, &x->rec);
		remember(r, &x->rec);
	}
	issue_after(r, x, delay);
}

static void next_open(struct replay *r)
{
	struct slot *x = slot_get(r);
	if (!x)
		return;
	if (!fetch(r, x)) {
		pool_put(&r->slots, x);
		return;
	}
	sim_schedule(r->sim, &x->wake, time_max(x->rec.arrive_ps, r->sim->now_ps));
}

static void wake_event(struct sim *s, struct event *e)
{
	struct slot *x = container_of(e, struct slot, wake);
	struct replay *r = x->replay;
	if (r->stopped) {
		pool_put(&r->slots, x);
		return;
	}
	if (r->o.mode != REPLAY_OPEN) {
		issue(r, x, s->now_ps);
		return;
	}
	issue(r, x, x->rec.arrive_ps);
	next_open(r);
}

static void done(struct sim *s, struct blk_req *q)
{
	struct slot *x = container_of(q, struct slot, req);
	struct replay *r = x->replay;
	blk_queue_done(x->queue, q);
	r->counts.completed++;
	r->counts.by_status[q->status]++;
	r->outstanding--;
	r->end_ps = s->now_ps;
	r->latency_sum_ps += q->done_ps - q->arrive_ps;
	if (r->o.mode == REPLAY_OPEN)
		tally_add(&r->counts.lateness_ps, q->submit_ps - q->arrive_ps);
	if (r->o.observe)
		r->o.observe(r->o.observe_ctx, q, &x->rec);
	if (r->o.mode == REPLAY_OPEN)
		pool_put(&r->slots, x);
	else
		next_closed(r, x);
}

/* ---- life ---------------------------------------------------------------------------- */

static int check_options(const struct trace_source *source, const struct replay_options *o, struct err *e)
{
	if (o->mode == REPLAY_OPEN && !source->has_arrivals)
		return err_set(e, ERR_USAGE, "%s has no arrival times, so it cannot be replayed open loop "
			"(use --mode think or --mode depth)", source->name);
	if (o->mode == REPLAY_DEPTH && o->depth == 0)
		return err_set(e, ERR_USAGE, "a closed loop needs a depth of at least 1");
	if (o->range == RANGE_SCALE && o->trace_span_sectors == 0)
		return err_set(e, ERR_USAGE, "--range scale needs the trace's span");
	return 0;
}

struct replay *replay_new(struct sim *s, struct trace_source *source,
	struct blk_queue *const *queues, const uint32_t *map, size_t count,
	const struct replay_options *o, struct err *e)
{
	if (check_options(source, o, e) < 0)
		return NULL;
	struct replay *r = arena_alloc(s->arena, sizeof(*r));
	struct blk_queue **copy = arena_array(s->arena, count, sizeof(*copy));
	uint32_t *map_copy = map ? arena_array(s->arena, count, sizeof(*map_copy)) : NULL;
	if (!r || !copy || (map && !map_copy)) {
		err_set(e, ERR_LIMIT, "no memory for the replay");
		return NULL;
	}
	memcpy(copy, queues, count * sizeof(*copy));
	if (map)
		memcpy(map_copy, map, count * sizeof(*map_copy));
	r->sim = s;
	r->source = source;
	r->queues = copy;
	r->map = map_copy;
	r->queue_count = count;
	r->o = *o;
	if (r->o.max_outstanding == 0)
		r->o.max_outstanding = DEFAULT_OUTSTANDING;
	pool_init(&r->slots, s->arena, sizeof(struct slot), POOL_GROW);
	return r;
}

void replay_start(struct replay *r)
{
	if (r->o.mode == REPLAY_OPEN) {
		next_open(r);
		return;
	}
	uint32_t first = r->o.mode == REPLAY_THINK ? 1 : r->o.depth;
	for (uint32_t i = 0; i < first && !r->ended && r->sim->err.code == ERR_NONE; i++) {
		struct slot *x = slot_get(r);
		if (!x)
			return;
		if (!fetch(r, x)) {
			pool_put(&r->slots, x);
			return;
		}
		remember(r, &x->rec);
		issue(r, x, r->sim->now_ps);
	}
}

void replay_stop(struct replay *r)
{
	r->ended = true;
	r->stopped = true;
}

const struct replay_counts *replay_counts(const struct replay *r) { return &r->counts; }
uint32_t replay_outstanding(const struct replay *r) { return r->outstanding; }
time_ps replay_end(const struct replay *r) { return r->end_ps; }

static int verify_conservation(const struct replay *r, struct err *e)
{
	uint64_t queued = 0, waiting = 0, submitted = 0, completed = 0, inside = 0;
	for (size_t k = 0; k < r->queue_count; k++) {
		const struct blk_queue *q = r->queues[k];
		queued += q->submitted;
		waiting += q->waiting.count;
		submitted += q->dev->stats.submitted;
		completed += q->dev->stats.completed;
		inside += q->in_device;
	}
	if (r->counts.issued != r->counts.completed + r->outstanding)
		return err_set(e, ERR_CHECK, "requests are lost in the driver: %" PRIu64 " issued, %" PRIu64
			" completed, %" PRIu32 " outstanding", r->counts.issued, r->counts.completed, r->outstanding);
	if (queued != submitted + waiting || queued != r->counts.issued)
		return err_set(e, ERR_CHECK, "requests are lost in the host queue: %" PRIu64 " entered, %" PRIu64
			" handed on, %" PRIu64 " waiting", queued, submitted, waiting);
	if (submitted != completed + inside || completed != r->counts.completed)
		return err_set(e, ERR_CHECK, "requests are lost in the device: %" PRIu64 " submitted, %" PRIu64
			" completed, %" PRIu64 " inside", submitted, completed, inside);
	return 0;
}

int replay_verify(const struct replay *r, struct err *e)
{
	if (verify_conservation(r, e) < 0)
		return -1;
	if (r->o.mode == REPLAY_OPEN || r->outstanding > 0)
		return 0;
	int128 depth_integral = 0;
	for (size_t k = 0; k < r->queue_count; k++)
		depth_integral += r->queues[k]->outstanding.integral;
	if (depth_integral != r->latency_sum_ps)
		return err_set(e, ERR_CHECK, "Little's law does not hold: the queue's depth integrates to %.12g "
			"request-seconds, the latencies sum to %.12g",
			1e-12 * (double)depth_integral, 1e-12 * (double)r->latency_sum_ps);
	return 0;
}
