/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What all fronts have in common: firmware cores, DRAM, the two events of a request, the power cut; and the front that
 * costs nothing.
 */
#include "ftl/front.h"

#include "ftl/front_private.h"

static const struct front_ops *const fronts[] = {
#define FRONT(symbol, name, doc) &front_ops_##symbol,
#include "ftl/front_list.h"
#undef FRONT
};

const struct opt_choice front_choices[] = {
#define FRONT(symbol, name, doc) {name, doc},
#include "ftl/front_list.h"
#undef FRONT
	{NULL, NULL},
};

struct front *front_open(struct arena *a, struct sim *s, struct blk_dev *dev, const struct front_spec *spec,
	struct front_client client, const char *name, struct err *e)
{
	struct front *f = arena_alloc(a, sizeof(*f));
	if (!f)
		return err_set(e, ERR_LIMIT, "no memory for %s", name), NULL;
	f->ops = fronts[spec->kind];
	f->spec = spec;
	f->sim = s;
	f->dev = dev;
	f->client = client;
	f->cores = (uint32_t)spec->firmware.cores;
	f->dram.num = (uint64_t)spec->dram.rate;
	f->dram.den = 1;
	if (f->ops->open(f, a) < 0)
		return err_set(e, ERR_LIMIT, "no memory for the queues of %s", name), NULL;
	return f;
}

uint32_t front_depth(const struct front *f) { return f->ops->depth(f); }
uint32_t front_waiting(const struct front *f) { return f->waiting; }
uint32_t front_moving(const struct front *f) { return f->moving.count; }
void front_submit(struct front *f, struct blk_req *r) { f->ops->submit(f, r); }

time_ps front_pipe_time(struct front_pipe *p, uint64_t bytes)
{
	uint32_t i = front_memo(bytes);
	if (p->num == 0)
		return 0;
	if (p->memo[i].bytes != bytes) {
		p->memo[i].bytes = bytes;
		p->memo[i].ps = time_transfer(bytes, p->num, p->den);
	}
	return p->memo[i].ps;
}

/* ---- in ----------------------------------------------------------------------------------------------- */

static void command_event(struct sim *s, struct event *e)
{
	struct blk_req *r = container_of(e, struct blk_req, event);
	struct front *f = r->device_private;
	blk_list_remove(&f->moving, r);
	r->overhead_ps += s->now_ps - r->start_ps;
	f->stats.commands++;
	f->client.command(f->client.ctx, r);
}

/* The end of the command's work on the core that is free first. */
static time_ps core_end(struct front *f, const struct blk_req *r, time_ps at)
{
	const struct front_firmware_spec *w = &f->spec->firmware;
	uint32_t first = 0;
	if (f->cores == 0)
		return at;
	time_ps work = r->op == BLK_READ ? w->read_ps : r->op == BLK_WRITE ? w->write_ps : w->other_ps;
	for (uint32_t i = 1; i < f->cores; i++)
		if (f->core_free_ps[i] < f->core_free_ps[first])
			first = i;
	f->core_free_ps[first] = time_add(time_max(at, f->core_free_ps[first]), work);
	f->stats.firmware_ps += work;
	return f->core_free_ps[first];
}

void front_bring(struct front *f, struct blk_req *r, time_ps from, time_ps at)
{
	r->start_ps = from;
	r->device_private = f;
	r->key = 0;
	blk_list_append(&f->moving, r);
	event_init(&r->event, command_event, "command arrives", EVENT_PRIO_DEVICE);
	sim_schedule(f->sim, &r->event, core_end(f, r, at));
}

/* ---- data and completion ------------------------------------------------------------------------------ */

time_ps front_dram(struct front *f, uint64_t bytes)
{
	if (f->dram.num == 0 || bytes == 0)
		return f->sim->now_ps;
	front_pipe_take(&f->dram, f->sim->now_ps, front_pipe_time(&f->dram, bytes));
	return f->dram.free_ps;
}

static inline time_ps host_dram(struct front *f, uint64_t bytes)
{
	return f->dram.num == 0 ? f->sim->now_ps : front_dram(f, bytes * (uint64_t)f->spec->dram.passes);
}

time_ps front_take(struct front *f, struct blk_req *r, uint64_t bytes)
{
	time_ps bus = 0;
	if (bytes == 0)
		return f->sim->now_ps;
	time_ps end = f->ops->in(f, r, bytes, &bus);
	r->bus_ps += bus;
	f->stats.bytes_in += bytes;
	return time_max(end, host_dram(f, bytes));
}

static time_ps give(struct front *f, struct blk_req *r, uint64_t bytes, bool last)
{
	time_ps bus = 0, end = f->ops->out(f, r, bytes, last, &bus);
	r->bus_ps += bus;
	f->stats.bytes_out += bytes;
	return time_max(end, host_dram(f, bytes));
}

time_ps front_give(struct front *f, struct blk_req *r, uint64_t bytes)
{
	return bytes > 0 ? give(f, r, bytes, false) : f->sim->now_ps;
}

static void leave_event(struct sim *s, struct event *e)
{
	(void)s;
	struct blk_req *r = container_of(e, struct blk_req, event);
	struct front *f = r->device_private;
	uint32_t place = f->ops->place(f, r), cuts = f->cuts;
	blk_list_remove(&f->moving, r);
	if (f->client.leaving)
		f->client.leaving(f->client.ctx, r);
	blk_complete(f->dev, r, r->status);
	if (f->cuts == cuts) /* its done() may have cut the power, and then nobody is counted any more */
		f->ops->left(f, place);
}

void front_finish(struct front *f, struct blk_req *r, enum blk_status status, uint64_t bytes_out)
{
	time_ps end = give(f, r, bytes_out, true);
	r->status = (uint8_t)status;
	r->device_private = f;
	blk_list_append(&f->moving, r);
	event_init(&r->event, leave_event, "complete request", EVENT_PRIO_COMPLETE);
	sim_schedule(f->sim, &r->event, end);
}

/* ---- power -------------------------------------------------------------------------------------------- */

void front_lose(struct front *f, struct blk_req *r)
{
	time_ps now = f->sim->now_ps;
	if (r->start_ps > now) /* its doorbell had not been seen */
		r->start_ps = -1;
	blk_complete_at(f->dev, r, BLK_POWER_LOST, now);
}

/* What was reserved beyond now is not done any more. */
static void pipe_cut(struct front_pipe *p, time_ps now)
{
	if (p->free_ps > now)
		p->busy_ps -= p->free_ps - now;
	p->free_ps = time_min(p->free_ps, now);
}

void front_power_cut(struct front *f)
{
	struct blk_req *r;
	time_ps now = f->sim->now_ps;
	while ((r = f->moving.head)) {
		blk_list_remove(&f->moving, r);
		sim_cancel(f->sim, &r->event);
		if (r->event.fire == leave_event && f->client.lost)
			f->client.lost(f->client.ctx, r);
		front_lose(f, r);
	}
	f->ops->power_cut(f);
	pipe_cut(&f->in, now);
	pipe_cut(&f->out, now);
	pipe_cut(&f->dram, now);
	for (uint32_t i = 0; i < f->cores; i++) {
		f->stats.firmware_ps -= time_max(f->core_free_ps[i], now) - now;
		f->core_free_ps[i] = time_min(f->core_free_ps[i], now);
	}
	f->waiting = 0;
	f->cuts++;
}

/* ---- figures and state -------------------------------------------------------------------------------- */

struct front_stats front_stats(const struct front *f)
{
	struct front_stats s = f->stats;
	s.in_ps = f->in.busy_ps;
	s.out_ps = f->out.busy_ps;
	s.dram_ps = f->dram.busy_ps;
	return s;
}

void front_report(const struct front *f, time_ps elapsed_ps,
	void (*put)(void *ctx, const char *name, double value, const char *unit), void *ctx)
{
	struct front_stats s = front_stats(f);
	double elapsed = elapsed_ps > 0 ? (double)elapsed_ps : 1;
	put(ctx, "front_commands", (double)s.commands, "");
	put(ctx, "front_host_waits", (double)s.host_waits, "");
	put(ctx, "front_fetches", (double)s.fetches, "");
	put(ctx, "front_bytes_in", (double)s.bytes_in, "bytes");
	put(ctx, "front_bytes_out", (double)s.bytes_out, "bytes");
	put(ctx, "front_link_in_share", (double)s.in_ps / elapsed, "");
	put(ctx, "front_link_out_share", (double)s.out_ps / elapsed, "");
	put(ctx, "front_firmware_share", f->cores > 0 ? (double)s.firmware_ps / elapsed / f->cores : 0, "");
	put(ctx, "front_dram_share", (double)s.dram_ps / elapsed, "");
}

int front_save(const struct front *f, FILE *out, struct err *e)
{
	return blk_save_bytes(out, &f->nvme.turns, sizeof(f->nvme.turns), e);
}

int front_load(struct front *f, FILE *in, struct err *e)
{
	struct front_turns turns;
	if (blk_load_bytes(in, &turns, sizeof(turns), e) < 0)
		return -1;
	for (int i = 0; i < FRONT_CLASSES; i++)
		if (turns.next[i] >= FRONT_QUEUES_MAX || turns.credit[i] < 0)
			return err_set(e, ERR_CONFIG, "the saved state of the host queues is not one");
	f->nvme.turns = turns;
	return 0;
}

/* ---- the front that costs nothing ---------------------------------------------------------------------- */

static int none_open(struct front *f, struct arena *a)
{
	(void)f;
	(void)a;
	return 0;
}

static uint32_t none_depth(const struct front *f)
{
	(void)f;
	return UINT32_C(1) << 16; /* as many as a queue of NVMe could have */
}

static void none_submit(struct front *f, struct blk_req *r)
{
	front_bring(f, r, f->sim->now_ps, f->sim->now_ps);
	r->key = 1; /* nobody knows what else is submitted at this instant */
}

static uint32_t none_place(const struct front *f, const struct blk_req *r)
{
	(void)f;
	(void)r;
	return 0;
}

static void none_left(struct front *f, uint32_t place)
{
	(void)f;
	(void)place;
}

static time_ps none_in(struct front *f, const struct blk_req *r, uint64_t bytes, time_ps *bus)
{
	(void)r;
	(void)bytes;
	*bus = 0;
	return f->sim->now_ps;
}

static time_ps none_out(struct front *f, const struct blk_req *r, uint64_t bytes, bool last, time_ps *bus)
{
	(void)last;
	return none_in(f, r, bytes, bus);
}

static void none_power_cut(struct front *f) { (void)f; }

const struct front_ops front_ops_none = {none_open, none_depth, none_submit, none_place, none_left, none_in, none_out,
	none_power_cut};
