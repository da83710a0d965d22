/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The embedding API over a plan and its devices. A handle owns the plan, the system made
 * from it and a pool of requests in the simulation's arena; the numbers of the public enums
 * are those of blk/req.h and sim/err.h, which the assertions below hold them to.
 */
#include "config.h"

#include "lib/quern.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "run/plan.h"
#include "run/system.h"

_Static_assert((int)QUERN_ZONE_APPEND + 1 == BLK_OP_COUNT, "operations");
_Static_assert((int)QUERN_WRITE_ZEROES == BLK_WRITE_ZEROES, "operations");
_Static_assert((int)QUERN_INVALID_NAMESPACE + 1 == BLK_STATUS_COUNT, "status");
_Static_assert((int)QUERN_POWER_LOST == BLK_POWER_LOST, "status");
_Static_assert((int)QUERN_HIT_NONE == BLK_HIT_NONE, "hits");
_Static_assert((int)QUERN_FUA == BLK_FUA && (int)QUERN_BARRIER == BLK_BARRIER &&
	(int)QUERN_SYNC == BLK_SYNC && (int)QUERN_ORDERED == BLK_ORDERED &&
	(int)QUERN_HEAD_OF_QUEUE == BLK_HEAD_OF_QUEUE, "flags");
_Static_assert((int)QUERN_ERROR_CALL == ERR_USAGE && (int)QUERN_ERROR_CONFIG == ERR_CONFIG &&
	(int)QUERN_ERROR_IO == ERR_IO && (int)QUERN_ERROR_LIMIT == ERR_LIMIT, "errors");

#define ALL_FLAGS (QUERN_FUA | QUERN_BARRIER | QUERN_SYNC | QUERN_ORDERED | QUERN_HEAD_OF_QUEUE | QUERN_PRIORITY(255))

struct quern {
	struct plan *plan;     /* owned */
	struct system *system; /* owned */
	struct pool requests;  /* in the simulation's arena */
	uint64_t outstanding;
	quern_done_fn *done;
	void *context;
	bool running;          /* inside quern_advance() and its kind */
	struct err err;        /* of the last call that failed */
};

struct request {
	struct blk_req blk;
	struct quern *quern;
	void *user;
	unsigned device;
};

const char *quern_version(void)
{
	return PACKAGE_VERSION;
}

const char *quern_error(const struct quern *q)
{
	return q->err.msg;
}

int quern_error_code(const struct quern *q)
{
	return (int)q->err.code;
}

/* Store the sentence of this failed call over that of an earlier one. Returns -1. */
#define fail(q, ...) (err_clear(&(q)->err), err_set(&(q)->err, __VA_ARGS__))

static int no_device(struct quern *q, unsigned device)
{
	return fail(q, ERR_USAGE, "there is no device %u: the simulation has %zu, numbered from 0", device,
		q->system->count);
}

/* A simulation that has failed does nothing more. */
static int check_alive(struct quern *q)
{
	const struct err *e = &q->system->sim->err;
	if (e->code == ERR_NONE)
		return 0;
	return fail(q, e->code, "%s", e->msg);
}

/* Whether a caller may name this time: now to QUERN_END_PS. */
static int check_time(struct quern *q, int64_t at_ps)
{
	int64_t now = q->system->sim->now_ps;
	if (at_ps < now)
		return fail(q, ERR_USAGE, "%" PRId64 " ps is past: the clock stands at %" PRId64 " ps", at_ps, now);
	if (at_ps > QUERN_END_PS)
		return fail(q, ERR_USAGE, "%" PRId64 " ps is too late: a simulation takes requests for 100 days",
			at_ps);
	return 0;
}

/* ---- making ---------------------------------------------------------------------------- */

/* The caller's assignments and the seed, NULL-terminated; owned by the caller. */
static const char **make_sets(const struct quern_config *c, char *seed, size_t seed_bytes)
{
	size_t n = 0, k = 0;
	while (c->set && c->set[n])
		n++;
	const char **sets = calloc(n + 2, sizeof(*sets));
	if (!sets)
		return NULL;
	if (c->seed_given) {
		snprintf(seed, seed_bytes, "seed=%" PRIu64, c->seed);
		sets[k++] = seed;
	}
	for (size_t i = 0; i < n; i++)
		sets[k++] = c->set[i];
	return sets;
}

static int open_all(struct quern *q, const struct quern_config *c, struct err *e)
{
	if (!c->file && !c->text && !c->device)
		return err_set(e, ERR_USAGE, "want a configuration: a file, a text or a device");
	char seed[32];
	const char *const devices[] = {c->device, NULL};
	const char **sets = make_sets(c, seed, sizeof(seed));
	if (!sets)
		return err_set(e, ERR_LIMIT, "no memory for the configuration");
	struct plan_input in = {.config = c->file, .text = c->text, .devices = c->device ? devices : NULL,
		.sets = sets, .include_dirs = c->include_dir};
	q->plan = plan_load(&in, e);
	free(sets);
	if (!q->plan)
		return -1;
	q->system = system_open_devices(q->plan, e);
	if (!q->system)
		return -1;
	pool_init(&q->requests, q->system->sim->arena, sizeof(struct request), 64);
	q->done = c->done;
	q->context = c->context;
	return 0;
}

struct quern *quern_new(const struct quern_config *config, struct quern_error *error)
{
	struct err e = {0};
	struct quern *q = calloc(1, sizeof(*q));
	if (!q)
		err_set(&e, ERR_LIMIT, "no memory for a simulation");
	else if (open_all(q, config, &e) < 0) {
		quern_free(q);
		q = NULL;
	}
	if (error) {
		error->code = (int)e.code;
		memcpy(error->message, e.msg, sizeof(error->message));
	}
	return q;
}

_Static_assert(sizeof(((struct quern_error *)0)->message) == sizeof(((struct err *)0)->msg),
	"room for a sentence");

void quern_free(struct quern *q)
{
	if (!q)
		return;
	system_free(q->system);
	plan_free(q->plan);
	free(q);
}

/* ---- devices --------------------------------------------------------------------------- */

unsigned quern_device_count(const struct quern *q)
{
	return (unsigned)q->system->count;
}

int quern_identify(struct quern *q, unsigned device, struct quern_identity *out)
{
	if (device >= q->system->count)
		return no_device(q, device);
	const struct blk_identity *id = &q->system->identity[device];
	*out = (struct quern_identity){
		.name = q->system->dev[device]->name,
		.kind = id->kind,
		.model = id->model,
		.sectors = id->sectors,
		.physical_bytes = id->physical_bytes,
		.queue_depth = id->queue_depth,
		.volatile_cache = id->volatile_cache,
		.zone_sectors = id->zone_sectors,
	};
	return 0;
}

/* ---- requests -------------------------------------------------------------------------- */

static void completed(struct sim *s, struct blk_req *r)
{
	(void)s;
	struct request *own = r->owner;
	struct quern *q = own->quern;
	blk_queue_done(q->system->queue[own->device], r);
	const struct quern_completion c = {
		.quern = q,
		.user = own->user,
		.device = own->device,
		.op = r->op,
		.flags = r->flags | QUERN_PRIORITY(r->priority),
		.status = r->status,
		.lba = r->lba,
		.sectors = r->sectors,
		.hit = r->hit,
		.unwritten = r->unwritten,
		.arrive_ps = r->arrive_ps,
		.submit_ps = r->submit_ps,
		.start_ps = r->start_ps,
		.media_ps = r->media_ps,
		.done_ps = r->done_ps,
		.overhead_ps = r->overhead_ps,
		.seek_ps = r->seek_ps,
		.rotation_ps = r->rotation_ps,
		.transfer_ps = r->transfer_ps,
		.bus_ps = r->bus_ps,
	};
	q->outstanding--;
	pool_put(&q->requests, own);
	if (q->done)
		q->done(q->context, &c);
}

static void arrived(struct sim *s, struct event *e)
{
	(void)s;
	struct blk_req *r = container_of(e, struct blk_req, event);
	struct request *own = r->owner;
	blk_queue_submit(own->quern->system->queue[own->device], r);
}

int quern_submit_at(struct quern *q, int64_t arrive_ps, unsigned device, enum quern_op op,
	uint64_t lba, uint32_t sectors, unsigned flags, void *user)
{
	struct sim *s = q->system->sim;
	if (check_alive(q) < 0)
		return -1;
	if (device >= q->system->count)
		return no_device(q, device);
	if ((unsigned)op >= BLK_OP_COUNT)
		return fail(q, ERR_USAGE, "there is no operation %u", (unsigned)op);
	if (flags & ~(unsigned)ALL_FLAGS)
		return fail(q, ERR_USAGE, "there are no flags 0x%x", flags & ~(unsigned)ALL_FLAGS);
	if (check_time(q, arrive_ps) < 0)
		return -1;
	struct request *r = pool_get(&q->requests);
	if (!r)
		return fail(q, ERR_LIMIT, "no memory for another request");
	*r = (struct request){
		.blk = {.lba = lba, .sectors = sectors, .op = (uint8_t)op, .flags = (uint8_t)(flags & 255),
			.priority = (uint8_t)(flags >> 8),
			.done = completed, .owner = r, .arrive_ps = arrive_ps},
		.quern = q,
		.user = user,
		.device = device,
	};
	q->outstanding++;
	if (arrive_ps == s->now_ps) {
		blk_queue_submit(q->system->queue[device], &r->blk);
		return 0;
	}
	event_init(&r->blk.event, arrived, "request arrives", EVENT_PRIO_WORKLOAD);
	sim_schedule(s, &r->blk.event, arrive_ps);
	return check_alive(q);
}

int quern_submit(struct quern *q, unsigned device, enum quern_op op, uint64_t lba, uint32_t sectors,
	unsigned flags, void *user)
{
	return quern_submit_at(q, q->system->sim->now_ps, device, op, lba, sectors, flags, user);
}

uint64_t quern_outstanding(const struct quern *q)
{
	return q->outstanding;
}

/* ---- time ------------------------------------------------------------------------------ */

int64_t quern_now(const struct quern *q)
{
	return q->system->sim->now_ps;
}

int64_t quern_next_time(struct quern *q)
{
	return sim_next_time(q->system->sim);
}

/* 0 when the clock may move. */
static int check_idle(struct quern *q)
{
	if (q->running)
		return fail(q, ERR_USAGE, "the completion callback cannot let time pass or change the power: "
			"it runs inside such a call");
	return check_alive(q);
}

int quern_advance(struct quern *q, int64_t until_ps)
{
	struct sim *s = q->system->sim;
	if (check_idle(q) < 0)
		return -1;
	if (check_time(q, until_ps) < 0)
		return -1;
	q->running = true;
	sim_run_until(s, until_ps);
	q->running = false;
	return check_alive(q);
}

int quern_run(struct quern *q)
{
	if (check_idle(q) < 0)
		return -1;
	q->running = true;
	sim_run(q->system->sim);
	q->running = false;
	return check_alive(q);
}

int quern_step(struct quern *q)
{
	if (check_idle(q) < 0)
		return -1;
	q->running = true;
	bool fired = sim_step(q->system->sim);
	q->running = false;
	return check_alive(q) < 0 ? -1 : fired;
}

/* ---- power ----------------------------------------------------------------------------- */

static int check_power(struct quern *q, unsigned device, enum blk_power want)
{
	if (check_idle(q) < 0)
		return -1;
	if (device >= q->system->count)
		return no_device(q, device);
	struct blk_dev *dev = q->system->dev[device];
	struct blk_dev_status status = {0};
	dev->ops->status(dev, &status);
	if (status.power != want)
		return fail(q, ERR_USAGE, "the power of %s is %s already", dev->name,
			want == BLK_POWER_ON ? "off" : "on");
	return 0;
}

int quern_power_cut(struct quern *q, unsigned device)
{
	if (check_power(q, device, BLK_POWER_ON) < 0)
		return -1;
	blk_dev_power_cut(q->system->dev[device]);
	return 0;
}

int quern_power_restore(struct quern *q, unsigned device, int64_t *ready_ps)
{
	if (check_power(q, device, BLK_POWER_OFF) < 0)
		return -1;
	time_ps wait = blk_dev_power_restore(q->system->dev[device]);
	if (ready_ps)
		*ready_ps = time_add(q->system->sim->now_ps, wait);
	return 0;
}

/* ---- statistics ------------------------------------------------------------------------ */

static double sum_seconds(int128 ps)
{
	return (double)ps * 1e-12;
}

int quern_stats(struct quern *q, unsigned device, struct quern_stats *out)
{
	if (device >= q->system->count)
		return no_device(q, device);
	const struct blk_dev *dev = q->system->dev[device];
	const struct blk_dev_stats *s = &dev->stats;
	struct blk_dev_status now = {0};
	dev->ops->status(dev, &now);
	*out = (struct quern_stats){
		.submitted = s->submitted,
		.completed = s->completed,
		.read_hits = s->reads_by_hit[BLK_HIT],
		.read_partial_hits = s->reads_by_hit[BLK_HIT_PARTIAL],
		.read_misses = s->reads_by_hit[BLK_MISS],
		.write_hits = s->writes_by_hit[BLK_HIT],
		.write_misses = s->writes_by_hit[BLK_MISS],
		.read_sectors = s->host_read_sectors,
		.written_sectors = s->host_write_sectors,
		.media_read_sectors = s->media_read_sectors,
		.media_written_sectors = s->media_write_sectors,
		.unwritten_sectors = s->unwritten_sectors,
		.busy_s = time_seconds(s->busy_ps),
		.overhead_s = sum_seconds(s->overhead_ps),
		.seek_s = sum_seconds(s->seek_ps),
		.rotation_s = sum_seconds(s->rotation_ps),
		.transfer_s = sum_seconds(s->transfer_ps),
		.bus_s = sum_seconds(s->bus_ps),
		.dirty_sectors = now.dirty_sectors,
		.queued = now.queued,
		.in_service = now.in_service,
		.power_on = now.power == BLK_POWER_ON,
		.busy = now.busy,
	};
	return 0;
}
