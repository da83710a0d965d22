/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What an arm does next: a command of the queue, or dirty data of the write cache. Asked by
 * every event that may change the answer: a submission, a completion, a landing, a timer.
 */
#include "disk/disk_private.h"

/* ---- destaging ------------------------------------------------------------------------------- */

/* The arm's extents, [*first, result). */
static uint32_t own_extents(const struct disk_unit *u, uint32_t *first)
{
	const struct wcache *c = &u->disk->wcache;
	if (u->disk->units == 1) {
		*first = 0;
		return c->count;
	}
	*first = wcache_find(c, u->first_lbn);
	return wcache_find(c, u->end_lbn);
}

static void place_extents(struct disk_unit *u, uint32_t first, uint32_t end)
{
	struct wcache_extent *x = u->disk->wcache.extent;
	for (uint32_t i = first; i < end; i++) {
		if (x[i].cylinder != WCACHE_UNPLACED)
			continue;
		struct geom_place at;
		geom_locate(u->geom, x[i].lo, &at);
		x[i].cylinder = at.cylinder;
		x[i].head = at.head;
		x[i].angle = geom_place_angle(u->geom, &at);
	}
}

/* A zone that the host writes in sequence is written so: the first extent of the one that i is in. */
static uint32_t first_of_zone(const struct wcache *c, uint32_t first, uint32_t i)
{
	while (c->border > 0 && i > first && c->extent[i - 1].hi == c->extent[i].lo && c->extent[i].lo % c->border != 0)
		i--;
	return i;
}

/* When the oldest of the arm's dirty data are max_age old. */
static time_ps age_limit(const struct disk_unit *u)
{
	const struct wcache *c = &u->disk->wcache;
	time_ps oldest = TIME_PS_MAX;
	uint32_t first, end = own_extents(u, &first);
	if (u->disk->spec->write_cache.max_age_ps == 0)
		return TIME_PS_MAX;
	for (uint32_t i = first; i < end; i++)
		oldest = c->extent[i].acked_ps < oldest ? c->extent[i].acked_ps : oldest;
	return time_add(oldest, u->disk->spec->write_cache.max_age_ps);
}

static uint32_t choose_extent(struct disk_unit *u, uint32_t first, uint32_t end)
{
	struct disk *d = u->disk;
	const struct blk_req *r = u->pending;
	if (r && r->op == BLK_READ && disk_must_wait(u, r)) /* it waits for just these */
		return first_of_zone(&d->wcache, first, wcache_find(&d->wcache, r->lba));
	struct destage_view v = {&u->mech, d->dev.sim->now_ps, u->destaged_to};
	if (age_limit(u) <= d->dev.sim->now_ps)
		return first + destage_pick_fifo(&v, &d->wcache.extent[first], end - first);
	if (d->destage->looks_at_place)
		place_extents(u, first, end);
	return first + d->destage->pick(&v, &d->wcache.extent[first], end - first);
}

/* The range of one access: the extent and its neighbours, as far as they touch and the limit allows. */
static void gather(const struct disk_unit *u, uint32_t first, uint32_t end, uint32_t i, uint64_t *lo, uint64_t *hi)
{
	const struct wcache_extent *x = u->disk->wcache.extent;
	uint64_t most = (uint64_t)u->disk->spec->write_cache.access_sectors, limit = disk_write_limit(u->disk);
	most = most < limit ? most : limit;
	*lo = x[i].lo;
	*hi = x[i].hi;
	for (uint32_t k = i; k > first && x[k - 1].hi == *lo && *hi - x[k - 1].lo <= most; k--)
		*lo = x[k - 1].lo;
	for (uint32_t k = i + 1; k < end && x[k].lo == *hi && *hi - *lo < most; k++)
		*hi = x[k].hi;
	if (*hi - *lo > most)
		*hi = *lo + most;
}

bool disk_awake(struct disk *d)
{
	struct sim *s = d->dev.sim;
	time_ps wait = power_wake(&d->power, s->now_ps);
	if (wait == 0)
		return true;
	d->ready_ps = time_add(s->now_ps, wait);
	sim_cancel(s, &d->ready_event); /* a drive just loaded looks at itself at once, too */
	sim_schedule(s, &d->ready_event, d->ready_ps);
	return false;
}

static bool start_destage(struct disk_unit *u)
{
	struct disk *d = u->disk;
	struct sim *s = d->dev.sim;
	struct disk_write_job *w = &u->write;
	struct disk_access x = {.media_ps = -1};
	uint32_t first, end = own_extents(u, &first);
	uint64_t lo, hi;
	if (first == end || !disk_awake(d))
		return false;
	mech_carry(&u->mech, s->now_ps);
	gather(u, first, end, choose_extent(u, first, end), &lo, &hi);
	if (disk_must_clean(u, lo, (uint32_t)(hi - lo)))
		return disk_start_clean(u);
	*w = (struct disk_write_job){.active = true, .acked = true, .destage = true, .held = true, .lbn = lo,
		.sectors = (uint32_t)(hi - lo), .data_ps = s->now_ps};
	w->pieces = wcache_take(&d->wcache, lo, hi);
	w->start_ps = disk_stop_ahead(u, s->now_ps);
	u->mech.via_count = 0; /* a sweep is for commands */
	if (!d->spec->cache.hit_on_written && !d->drive_managed) /* what was read before is old */
		buffer_cut(&d->buffer, lo, w->sectors);
	disk_plan_write(u);
	disk_write_medium(u, &x);
	u->destaged_to = hi;
	d->dev.stats.media_write_sectors += w->written;
	disk_busy_until(d, w->end_ps);
	sim_schedule(s, &u->media_event, w->end_ps);
	return true;
}

/* ---- when to destage --------------------------------------------------------------------------- */

static void watch_water(struct disk_unit *u)
{
	const struct wcache *c = &u->disk->wcache;
	const struct disk_write_cache_spec *o = &u->disk->spec->write_cache;
	double extents = (double)(c->count + c->held_extents) / (double)c->extent_limit;
	double sectors = (double)(c->sectors + c->held_sectors) / (double)c->sector_limit;
	double level = extents > sectors ? extents : sectors;
	if (level >= o->high_water)
		u->draining = true;
	else if (level <= o->low_water)
		u->draining = false;
}

/* Whether the other arm's command waits for room in the write cache, which is one for both. */
static bool other_waits(const struct disk_unit *u)
{
	const struct disk *d = u->disk;
	const struct disk_unit *o = &d->unit[u == d->unit];
	return d->units > 1 && o->pending && disk_must_wait(o, o->pending);
}

/* Whether dirty data go before any command that needs the arm. */
static bool destage_first(struct disk_unit *u)
{
	const struct disk_write_cache_spec *o = &u->disk->spec->write_cache;
	watch_water(u);
	return u->flush || u->draining || (u->pending && disk_must_wait(u, u->pending)) || other_waits(u) ||
	       (o->idle_ps == 0 && !o->reads_first) || age_limit(u) <= u->disk->dev.sim->now_ps;
}

/* No command took the arm. Destage now, or when the time comes. */
static void destage_later(struct disk_unit *u)
{
	struct disk *d = u->disk;
	struct sim *s = d->dev.sim;
	time_ps idle = d->spec->write_cache.idle_ps, at = age_limit(u);
	if (idle == 0) /* a command that only waits for its turn may want the arm */
		at = d->spec->write_cache.reads_first && cmdq_waiting(&u->queue) > 0 ? at : s->now_ps;
	else if (u->serving == 0 && cmdq_waiting(&u->queue) == 0)
		at = time_min(at, time_add(u->idle_since_ps, idle));
	sim_cancel(s, &u->timer_event);
	if (at <= s->now_ps || destage_first(u))
		start_destage(u);
	else if (at < TIME_PS_MAX)
		sim_schedule(s, &u->timer_event, at);
}

/* ---- commands ----------------------------------------------------------------------------------- */

/* Whether the command must wait for dirty data; counts each that does, once. */
static inline bool must_wait(struct disk_unit *u, struct blk_req *r)
{
	if ((r->op == BLK_READ && u->disk->wcache.count == 0) || !disk_must_wait(u, r))
		return false;
	u->disk->wcache.counts.waits += r->device_private == NULL;
	r->device_private = u;
	return true;
}

/* Whether the command touches sectors of one in service, whose data are not all where they will be. */
static bool meets_service(const struct disk_unit *u, const struct blk_req *r)
{
	for (int i = 0; i < DISK_SLOTS; i++) {
		const struct blk_req *q = u->slot[i].req;
		if (q && (r->op != BLK_READ || q->op != BLK_READ || u->slot[i].uses_arm) &&
		    r->lba < q->lba + q->sectors && q->lba < r->lba + r->sectors)
			return true;
	}
	return false;
}

/* Whether the command cannot start beside the one in service: of two at once, one needs the arm. */
static inline bool crowds(const struct disk_unit *u, const struct blk_req *r)
{
	if (u->serving == 0)
		return false;
	return meets_service(u, r) || !(u->slot[0].uses_arm || u->slot[1].uses_arm || disk_needs_medium(u, r));
}

/* Whether the command can start now. */
static bool can_start(struct disk_unit *u, struct blk_req *r)
{
	if (crowds(u, r))
		return false;
	if (disk_medium_held(u, u->disk->dev.sim->now_ps) && disk_needs_medium(u, r))
		return false;
	return !must_wait(u, r);
}

/* Whether the command can have the arm, or does without; an arm that sleeps is woken for it. */
static bool has_arm(struct disk_unit *u, const struct blk_req *r)
{
	disk_advance_ahead(u, u->disk->dev.sim->now_ps);
	return !disk_needs_medium(u, r) || disk_awake(u->disk);
}

/* While the arm is at work: what the buffer alone can serve, in its turn, or else out of it. */
static struct blk_req *choose_beside(struct disk_unit *u)
{
	const struct disk *d = u->disk;
	if (cmdq_keeps_order(&u->queue, u->serving))
		return NULL;
	disk_advance_ahead(u, d->dev.sim->now_ps);
	for (struct blk_req *r = cmdq_oldest(&u->queue); r; r = r->next) {
		if (can_start(u, r)) {
			cmdq_take(&u->queue, r);
			return r;
		}
		if (!d->spec->concurrent_hits)
			break;
	}
	return NULL;
}

/* Whether a command in service keeps others from starting although there is a slot: the second is for hits
 * beside the arm's work, or for the arm's next. */
static bool slot_is_kept(const struct disk_unit *u)
{
	return u->serving > 0 && !u->disk->spec->concurrent_hits && !u->slot[0].left_arm && !u->slot[1].left_arm;
}

/* For the scheduler: whether the buffer has the data, or background reading is bringing them. */
static bool buffered(const struct disk_view *v, const struct disk_candidate *c)
{
	struct disk_unit *u = (struct disk_unit *)(uintptr_t)v->buffered_ctx;
	disk_advance_ahead(u, v->now_ps);
	return !disk_needs_medium(u, c->req) ||
	       (!c->write && u->ahead.active && ahead_concerns(&u->ahead, c->lbn, c->sectors));
}

static struct blk_req *choose_by_policy(struct disk_unit *u, time_ps now)
{
	struct disk_view v = {
		.mech = &u->mech,
		.now_ps = now,
		.begin_ps = {now + disk_overhead(u, false, false), now + disk_overhead(u, true, disk_writes_back(u))},
		.serving = u->serving,
		.buffered = buffered,
		.buffered_ctx = u,
	};
	struct blk_req *r = cmdq_choose(&u->queue, &v);
	mech_go_via(&u->mech, v.via, v.via_count);
	return r;
}

/* A request without a place on the medium goes first; then whatever the scheduler chooses. */
static struct blk_req *choose(struct disk_unit *u)
{
	struct disk *d = u->disk;
	struct sim *s = d->dev.sim;
	struct blk_req *r;
	if (d->slots > 1 && slot_is_kept(u))
		return NULL;
	if (!u->flush && u->queue.no_media.head) {
		r = cmdq_take_no_media(&u->queue, u->serving + (u->pending != NULL));
		if (r)
			return r;
	}
	r = u->pending;
	if (r) {
		if (!can_start(u, r))
			return NULL;
		u->pending = NULL;
		return r;
	}
	if (!cmdq_oldest(&u->queue))
		return NULL;
	if (disk_medium_held(u, s->now_ps))
		return choose_beside(u);
	r = u->queue.first_come ? cmdq_choose_first(&u->queue, u->serving) : choose_by_policy(u, s->now_ps);
	if (!r || (!must_wait(u, r) && !crowds(u, r) && (!d->power.sleeps || has_arm(u, r))))
		return r;
	u->pending = r;
	u->disk->again = u->disk->units > 1;
	return NULL;
}

static inline bool is_known(const struct blk_req *r)
{
	return r->op == BLK_READ || r->op == BLK_WRITE || r->op == BLK_WRITE_ZEROES || r->op == BLK_FLUSH;
}

void disk_busy_until(struct disk *d, time_ps end)
{
	if (end > d->busy_end_ps) {
		d->dev.stats.busy_ps += end - time_max(d->dev.sim->now_ps, d->busy_end_ps);
		d->busy_end_ps = end;
	}
}

/* The other arm's background reading keeps its segment, or ends where the command took it. */
static time_ps serve_beside_other(struct disk_slot *slot, struct blk_req *r)
{
	struct disk *d = slot->unit->disk;
	if (d->units == 1)
		return disk_serve(slot, r);
	struct disk_unit *other = &d->unit[slot->unit == d->unit];
	if (!other->ahead.active)
		return disk_serve(slot, r);
	disk_advance_ahead(other, d->dev.sim->now_ps);
	struct buffer_segment *s = other->ahead.segment;
	buffer_touch(&d->buffer, s);
	uint64_t used = s->used;
	time_ps done = disk_serve(slot, r);
	if (s->used != used || s >= d->buffer.segments + d->buffer.count) {
		if (__builtin_expect(other->shown != NULL, 0) && other->ahead.active)
			disk_shown_ahead_over(other, -1, d->dev.sim->now_ps);
		other->ahead.active = false;
	}
	return done;
}

/* The read's transfer is where the bus is free for it; returns when the command is done. */
static time_ps take_bus(struct disk *d, const struct blk_req *r, time_ps done)
{
	time_ps want = done - d->spec->overhead.read_completion - r->bus_ps;
	return done + bus_take(&d->bus, d->dev.sim->now_ps, want, r->bus_ps) - want;
}

static void start(struct disk_unit *u, struct blk_req *r)
{
	struct disk *d = u->disk;
	struct sim *s = d->dev.sim;
	struct disk_slot *slot = u->slot[0].req ? &u->slot[1] : &u->slot[0];
	u->serving++;
	slot->req = r;
	slot->status = d->smr ? disk_shingle_start(u, r) : is_known(r) ? BLK_OK : BLK_UNSUPPORTED;
	slot->cached = slot->overdue = false;
	if (r->op == BLK_FLUSH)
		u->flush = slot;
	u->served = slot;
	u->arm_free_ps = 0;
	time_ps done = serve_beside_other(slot, r);
	u->mech.via_count = 0; /* it may have done without the arm */
	if (d->shares_bus && r->op == BLK_READ)
		done = take_bus(d, r, done);
	if (d->spec->next_position == NEXT_AT_MEDIA_END && slot->uses_arm && u->arm_free_ps > 0 && u->arm_free_ps < done)
		sim_schedule(s, &slot->arm_event, u->arm_free_ps);
	power_touch(&d->power, s->now_ps, done);
	time_ps busy_end = done;
	if (u->write.active && u->write.slot == slot && u->write.held && u->write.end_ps > done && !event_pending(&u->media_event)) {
		busy_end = u->write.end_ps;
		sim_schedule(s, &u->media_event, u->write.end_ps);
	}
	disk_busy_until(d, busy_end);
	sim_schedule(s, &slot->done_event, done);
}

/* ---- the end of things ------------------------------------------------------------------------------ */

static void finish(struct disk_slot *slot)
{
	struct disk_unit *u = slot->unit;
	struct disk *d = u->disk;
	struct blk_req *r = slot->req;
	slot->req = NULL;
	if (__builtin_expect(u->shown != NULL, 0))
		disk_shown_command(slot, r);
	slot->uses_arm = slot->left_arm = false;
	if (u->flush == slot)
		u->flush = NULL;
	if (--u->serving == 0)
		u->idle_since_ps = d->dev.sim->now_ps;
	d->deciding = true; /* what done() submits queues up before the next choice */
	if (__builtin_expect(d->units == 1, 1))
		blk_complete(&d->dev, r, slot->status);
	else
		disk_complete_part(d, r, slot->status);
	d->deciding = false;
}

/* What was acknowledged to the arm's blocks is on the medium. */
static bool is_clean(const struct disk_unit *u)
{
	uint32_t first, end = own_extents(u, &first);
	return (!u->write.active || u->write.clean) && first == end;
}

static inline void land(struct disk_unit *u)
{
	if (u->write.active && disk_land_write(u) && u->flush && u->flush->overdue && is_clean(u))
		finish(u->flush);
}

/* A write that goes to the medium itself waits until bands are cleaned. */
static void clean_for_pending(struct disk_unit *u)
{
	const struct blk_req *r = u->pending;
	if (r && r->op != BLK_READ && !disk_medium_held(u, u->disk->dev.sim->now_ps) &&
	    !disk_reports_early(u, r) && disk_must_clean(u, r->lba, r->sectors))
		disk_start_clean(u);
}

void disk_decide(struct disk_unit *u)
{
	struct disk *d = u->disk;
	time_ps now = d->dev.sim->now_ps;
	if (d->deciding || now < d->ready_ps)
		return;
	land(u);
	if (u->draining)
		watch_water(u);
	if (d->wcache.count > 0 && !disk_medium_held(u, now) && destage_first(u))
		start_destage(u);
	if (d->drive_managed)
		clean_for_pending(u);
	while (u->serving < d->slots) {
		struct blk_req *r = choose(u);
		if (!r)
			break;
		start(u, r);
	}
	if (d->drive_managed)
		clean_for_pending(u);
	if (d->wcache.count > 0 && !disk_medium_held(u, now))
		destage_later(u);
	if (d->drive_managed && !disk_medium_held(u, now))
		disk_clean_later(u);
}

/* The data of a write that is done are dirty now: on their way to the medium, or in the write cache. */
static void acknowledge(struct disk_slot *slot, const struct blk_req *r)
{
	struct disk_unit *u = slot->unit;
	struct disk *d = u->disk;
	uint64_t tag = disk_tag_of(r);
	if (u->write.active && u->write.slot == slot)
		u->write.acked = true;
	if (slot->cached && !wcache_put(&d->wcache, r->lba, r->sectors, d->dev.sim->now_ps, d->dev.tags ? &tag : NULL))
		sim_fail(d->dev.sim, ERR_LIMIT, "no memory for the contents of the write cache of %s", d->dev.name);
	if (d->dev.tags && !disk_is_part(r)) /* parts are acknowledged as one */
		blk_tags_note_acked(d->dev.tags, r->lba, r->sectors, tag, d->dev.sim->now_ps);
}

static void done_event(struct sim *s, struct event *e)
{
	(void)s;
	struct disk_slot *slot = container_of(e, struct disk_slot, done_event);
	struct disk_unit *u = slot->unit;
	struct blk_req *r = slot->req;
	land(u);
	if (slot->status == BLK_OK && (r->op == BLK_WRITE || r->op == BLK_WRITE_ZEROES))
		acknowledge(slot, r);
	if (u->flush == slot && !is_clean(u))
		slot->overdue = true;
	else
		finish(slot);
	disk_decide_all(u->disk);
}

/* The last sector has left the medium; the next command may have the arm. */
static void arm_event(struct sim *s, struct event *e)
{
	(void)s;
	struct disk_slot *slot = container_of(e, struct disk_slot, arm_event);
	slot->uses_arm = false;
	slot->left_arm = true;
	disk_decide_all(slot->unit->disk);
}

static void media_event(struct sim *s, struct event *e)
{
	(void)s;
	struct disk_unit *u = container_of(e, struct disk_unit, media_event);
	land(u);
	disk_decide_all(u->disk);
}

static void timer_event(struct sim *s, struct event *e)
{
	(void)s;
	disk_decide_all(container_of(e, struct disk_unit, timer_event)->disk);
}

static void clean_event(struct sim *s, struct event *e)
{
	(void)s;
	disk_decide_all(container_of(e, struct disk_unit, clean_event)->disk);
}

void disk_unit_init(struct disk *d, struct disk_unit *u)
{
	u->disk = d;
	for (int i = 0; i < DISK_SLOTS; i++) {
		u->slot[i].unit = u;
		event_init(&u->slot[i].done_event, done_event, "disk command done", EVENT_PRIO_COMPLETE);
		event_init(&u->slot[i].arm_event, arm_event, "disk arm free", EVENT_PRIO_DEVICE);
	}
	event_init(&u->media_event, media_event, "disk write on the medium", EVENT_PRIO_DEVICE);
	event_init(&u->timer_event, timer_event, "disk write cache timer", EVENT_PRIO_DEVICE);
	event_init(&u->clean_event, clean_event, "disk cleaning timer", EVENT_PRIO_DEVICE);
}
