/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The solid-state drive: its making, and the course of a command. */
#include "ftl/ssd.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ftl/ssd_inplace.h"
#include "ftl/ssd_private.h"
#include "ftl/ssd_space.h"
#include "sim/rng.h"

/* ---- busy, idle ------------------------------------------------------------------------------------------------- */

void ssd_note_change(struct ssd *d)
{
	bool busy = d->active.count > 0 || tsu_unfinished(d->tsu) > 0;
	time_ps now = ssd_now(d);
	if (busy != d->busy) {
		if (!busy)
			d->dev.stats.busy_ps += now - d->busy_since_ps;
		d->busy_since_ps = now;
		d->busy = busy;
	}
}

time_ps ssd_busy_ps(const struct blk_dev *dev)
{
	const struct ssd *d = ssd_of(dev);
	return dev->stats.busy_ps + (d->busy ? ssd_now(d) - d->busy_since_ps : 0);
}

static bool idle_work(const struct ssd *d)
{
	return ftl_buffer_unclean(d->buffer) > 0 || d->spec->ftl.gc.background > 0 || d->jobs > 0 ||
		(d->mount && mount_journal_pending(d->mount));
}

static void note_active(struct ssd *d)
{
	d->active_ps = ssd_now(d);
	if (d->active.count == 0 && !event_pending(&d->idle) && idle_work(d))
		sim_schedule(d->dev.sim, &d->idle, d->active_ps + d->spec->idle_flush_ps);
}

static void idle_event(struct sim *s, struct event *e)
{
	struct ssd *d = container_of(e, struct ssd, idle);
	if (d->active.count > 0)
		return; /* armed again when the last of them ends */
	if (s->now_ps < d->active_ps + d->spec->idle_flush_ps) {
		sim_schedule(s, e, d->active_ps + d->spec->idle_flush_ps);
		return;
	}
	d->resting = true;
	if (ftl_buffer_unclean(d->buffer) > 0) {
		ssd_hurry(d, ftl_buffer_mark(d->buffer));
		ssd_kick(d);
	}
	if (d->mount)
		ssd_journal(d);
	ssd_clean_idle(d);
	ssd_note_busy(d);
}

static void resume_event(struct sim *s, struct event *e)
{
	(void)s;
	struct ssd *d = container_of(e, struct ssd, resume);
	if (d->reading == 0)
		ssd_clean_paused(d);
	ssd_note_busy(d);
}

void ssd_kick(struct ssd *d)
{
	if (!event_pending(&d->work))
		sim_schedule(d->dev.sim, &d->work, ssd_now(d));
}

static void work_event(struct sim *s, struct event *e)
{
	(void)s;
	struct ssd *d = container_of(e, struct ssd, work);
	ssd_admit(d);
	ssd_destage(d);
	ssd_check_flushes(d);
	ssd_note_busy(d);
}

/* ---- commands ---------------------------------------------------------------------------------------------------- */

void ssd_end(struct ssd *d, struct ssd_command *c, enum blk_status status)
{
	struct blk_req *r = c->req;
	blk_list_remove(&d->active, r);
	c->path->ended_ps = ssd_now(d);
	r->key = (uintptr_t)c;
	if (r->op == BLK_READ && --d->reading == 0 && d->paused > 0) {
		sim_cancel(d->dev.sim, &d->resume);
		sim_schedule(d->dev.sim, &d->resume, time_add(ssd_now(d), d->spec->ftl.gc.resume_ps));
	}
	front_finish(d->front, r, status, status == BLK_OK && r->op == BLK_READ ? (uint64_t)r->sectors * SECTOR_BYTES : 0);
	note_active(d);
	ssd_note_busy(d);
}

/* The front has a command for the controller. */
static void command(void *ctx, struct blk_req *r)
{
	struct ssd *d = ctx;
	struct ssd_command *c = pool_get(&d->commands);
	if (!c) {
		sim_fail(d->dev.sim, ERR_LIMIT, "no memory for the commands of device %s", d->dev.name);
		return;
	}
	*c = (struct ssd_command){.ssd = d, .req = r, .next = r->lba};
	c->path->parted = c->path->read = false;
	c->path->link_ps = 0;
	r->device_private = c;
	event_init(&r->event, NULL, "command", EVENT_PRIO_DEVICE);
	blk_list_append(&d->active, r);
	ssd_note_busy(d);
	d->reading += r->op == BLK_READ;
	d->resting = false;
	if (__builtin_expect((d->spaces.count | r->nsid) != 0, 0)) {
		enum blk_status status = ssd_space_status(&d->spaces, r);
		if (status != BLK_OK) {
			ssd_end(d, c, status);
			return;
		}
	}
	if (__builtin_expect(d->read_only, 0) && r->op != BLK_READ && r->op != BLK_FLUSH) {
		ssd_end(d, c, BLK_WRITE_FAULT);
		return;
	}
	switch (r->op) {
	case BLK_READ:
		ssd_read_command(d, c);
		break;
	case BLK_WRITE:
	case BLK_WRITE_ZEROES:
	case BLK_TRIM:
		ssd_write_command(d, c);
		break;
	case BLK_FLUSH:
		ssd_flush_command(d, c);
		break;
	default:
		ssd_end(d, c, BLK_UNSUPPORTED);
	}
}

/* The command that left before is of no more use. */
static void set_left(struct ssd *d, struct ssd_command *c)
{
	if (d->left)
		pool_put(&d->commands, d->left);
	d->left = c;
}

/* The power goes while its completion is on the way. */
static void lost(void *ctx, struct blk_req *r)
{
	set_left(ctx, (struct ssd_command *)(uintptr_t)r->key);
	r->key = 0;
}

/* The host sees its completion now. */
static void leaving(void *ctx, struct blk_req *r)
{
	struct ssd *d = ctx;
	struct ssd_command *c = (struct ssd_command *)(uintptr_t)r->key;
	if (d->dev.tags && r->status == BLK_OK && (r->op == BLK_WRITE || r->op == BLK_WRITE_ZEROES || r->op == BLK_TRIM)) {
		blk_tags_note_acked(d->dev.tags, r->lba, r->sectors, ssd_tag(r), ssd_now(d));
		ssd_note_acked(d, r, c->mark);
	}
	set_left(d, c);
}

/* The first request with the tag oracle on: from here on all is kept that a power cut asks for. Its sentence is large, and off the
 * hot path. */
static __attribute__((noinline)) void keep_for_cuts(struct ssd *d)
{
	struct err e = {0};
	struct sim *s = d->dev.sim;
	if (ftl_buffer_keep_tags(d->buffer, s->arena) < 0)
		sim_fail(s, ERR_LIMIT, "no memory for the tags of device %s", d->dev.name);
	else if (ssd_mount_open(d, &e) < 0)
		sim_fail(s, ERR_LIMIT, "%s, of device %s", e.msg, d->dev.name);
	d->keeps = d->mount || d->spec->mount.recovery == FTL_RECOVERY_NEVER;
}

static void ssd_submit(struct blk_dev *dev, struct blk_req *r)
{
	struct ssd *d = ssd_of(dev);
	if (__builtin_expect(dev->tags && !d->keeps, 0))
		keep_for_cuts(d);
	if (d->off)
		blk_complete_at(dev, r, BLK_NOT_READY, dev->sim->now_ps);
	else if (dev->sim->now_ps < d->ready_ps)
		blk_list_append(&d->held, r);
	else {
		map_prefetch(&d->ftl->map, r->lba >> d->unit_shift); /* needed when the command has come */
		front_submit(d->front, r);
	}
}

static void ready_event(struct sim *s, struct event *e)
{
	(void)s;
	struct ssd *d = container_of(e, struct ssd, ready);
	struct blk_req *r;
	for (uint32_t i = 0; i < d->ftl->alloc.regions; i++)
		if (ftl_clean_active(d->ftl, i))
			ssd_clean(d, i); /* what the power cut has stopped */
	while ((r = d->held.head)) {
		blk_list_remove(&d->held, r);
		front_submit(d->front, r);
	}
	ssd_note_busy(d);
}

/* ---- its making ---------------------------------------------------------------------------------------------------- */

/* A region that takes nothing now is no short queue, however little there is to do in its die. */
static uint64_t region_load(const void *ctx, uint32_t region)
{
	const struct ssd *d = ctx;
	const struct nand_geom *g = &d->nand->geom;
	return d->job[region].blocked ? UINT64_MAX : tsu_load(d->tsu, (uint32_t)((uint64_t)region * d->planes / g->planes));
}

/* Per cent of over-provisioning, where so many units are the host's. */
static double spare_over(const struct ssd *d, uint64_t units)
{
	const struct ftl *f = d->ftl;
	const double all = (double)f->alloc.regions * (double)f->blocks.per_region * (double)f->blocks.units;
	return 100 * (all - (double)units) / (double)units;
}

/*
 * What a cleaning job pads at its end must be less than what its victim gives: of the blocks that may hold data, each
 * leaves as much as is padded at once to be invalid. Where units choose among regions, each region keeps it.
 */
static int keep_padding(struct ssd *d, struct err *e)
{
	struct ftl *f = d->ftl;
	uint32_t regions = f->alloc.regions, whole = d->whole;
	uint64_t limit = f->limit - f->limit / f->blocks.units * whole;
	uint64_t pages = (f->logical + f->page_units - 1) / f->page_units;
	uint64_t most = f->alloc.ops->choose ? f->logical / regions + 1 : (pages + regions - 1) / regions * f->page_units;
	if (whole == 1)
		return 0;
	if (limit == 0)
		return err_set(e, ERR_CONFIG, "%s.flash.geometry: the %" PRIu32 " units that are programmed as one take a whole block, and cleaning "
			"would gain nothing", d->dev.name, whole);
	if (most > limit)
		return err_set(e, ERR_CONFIG, "%s.ftl.map.over_provisioning = %.2f %%: where %" PRIu32 " units are programmed as one, want more "
			"than %.2f %%", d->dev.name, spare_over(d, f->logical), whole, spare_over(d, limit * regions));
	f->limit = limit;
	return 0;
}

static int check_sizes(struct ssd *d, struct err *e)
{
	const struct ftl *f = d->ftl;
	if (d->unit_sectors > 64)
		return err_set(e, ERR_CONFIG, "%s.ftl.map.unit = %" PRIu32 " B: the buffer takes units of at most 32 KiB, so want a "
			"part of the page", d->dev.name, f->unit_bytes);
	uint64_t least = (uint64_t)d->group_units * f->unit_bytes;
	if (d->buffer->write_limit < d->group_units)
		return err_set(e, ERR_CONFIG, "%s.buffer.size: its part for writes holds less than one program takes, %" PRIu64 " bytes",
			d->dev.name, least);
	return keep_padding(d, e);
}

static int make_tables(struct ssd *d, struct arena *a)
{
	const struct ftl *f = d->ftl;
	uint32_t regions = f->alloc.regions;
	d->lane = arena_array(a, (size_t)regions * FTL_STREAMS * d->planes, sizeof(*d->lane));
	d->job = arena_array(a, regions, sizeof(*d->job));
	d->padded = arena_array(a, f->blocks.count, sizeof(*d->padded));
	d->system.die = arena_array(a, d->nand->geom.dies, sizeof(*d->system.die));
	struct tsu_tx *erase = arena_array(a, (size_t)regions * d->planes, sizeof(*erase));
	if (!d->lane || !d->job || !d->padded || !erase || !d->system.die || ftl_buffer_make_lots(d->buffer, a, regions) < 0)
		return -1;
	for (uint32_t i = 0; i < regions; i++)
		d->job[i].erase = erase + (size_t)i * d->planes;
	pool_init(&d->commands, a, sizeof(struct ssd_command) + sizeof(struct ssd_path), 256);
	pool_init(&d->waits, a, sizeof(struct ssd_wait), 256);
	pool_init(&d->reads, a, sizeof(struct ssd_read) + f->page_units * sizeof(struct ssd_read_part), 256);
	pool_init(&d->groups, a, sizeof(struct ssd_group) + d->group_units * sizeof(struct ssd_slot), 256);
	return 0;
}

static void set_sizes(struct ssd *d)
{
	struct ftl *f = d->ftl;
	d->unit_sectors = f->unit_bytes / SECTOR_BYTES;
	d->unit_shift = (uint32_t)__builtin_ctz(d->unit_sectors);
	d->full = ftl_buffer_mask(0, d->unit_sectors);
	d->planes = f->alloc.planes_per_region;
	d->group_pages = d->nand->geom.program_pages;
	d->group_units = d->group_pages * f->page_units;
	d->static_order = !f->alloc.ops->choose;
	d->superpage = f->spec->alloc.superpage && d->planes > 1;
	d->whole = d->group_pages > 1 || d->superpage ? d->group_units * d->planes : d->group_units;
	d->group_sectors = d->group_pages * d->nand->geom.page_bytes / SECTOR_BYTES;
	d->single = d->group_units == 1 && !d->superpage;
	d->turns = d->spec->ftl.gc.pace || d->spec->ftl.gc.preemptible;
	d->moves_most = (uint32_t)d->spec->moves.moves * d->group_units * d->planes;
}

/* The translation layer's view: the same addresses, fewer blocks. */
static void leave_system_blocks(struct ssd *d)
{
	struct nand_geom *g = &d->geom;
	*g = d->nand->geom;
	g->blocks -= SSD_SYSTEM_BLOCKS;
	g->all_blocks = g->all_planes * g->blocks;
	g->all_pages = g->all_blocks * g->pages;
	g->by_blocks = fastdiv_make(g->blocks);
}

/* Names of the parts, for messages and random streams: "ssd0.ftl". */
static const char *part_name(const struct ssd *d, const char *part)
{
	size_t bytes = strlen(d->dev.name) + strlen(part) + 2;
	char *text = arena_alloc(d->dev.sim->arena, bytes);
	if (text)
		snprintf(text, bytes, "%s.%s", d->dev.name, part);
	return text ? text : d->dev.name;
}

/* Of what is drawn before the run. */
static uint64_t past_seed(const struct ssd *d)
{
	int64_t own = d->spec->precondition.seed;
	return own >= 0 ? (uint64_t)own : d->dev.sim->seed;
}

int ssd_begin_draws(struct ssd *d, struct err *e)
{
	struct sim *s = d->dev.sim;
	if (d->spec->precondition.seed < 0)
		return 0;
	d->ftl->rng = rng_new(s->arena, s->seed, part_name(d, "ftl"));
	return d->ftl->rng ? 0 : err_set(e, ERR_LIMIT, "no memory for device %s", d->dev.name);
}

static int open_parts(struct ssd *d, struct err *e)
{
	struct sim *s = d->dev.sim;
	struct arena *a = s->arena;
	const struct ssd_spec *o = d->spec;
	struct front_client client = {command, leaving, lost, d, (uint32_t)o->namespaces.count};
	struct flash_spec flash = o->flash;
	flash.geometry.blocks += SSD_SYSTEM_BLOCKS;
	d->nand = nand_open(a, &flash, e);
	if (!d->nand)
		return -1;
	leave_system_blocks(d);
	d->ftl = ftl_open(a, &o->ftl, &d->geom, part_name(d, "ftl"), past_seed(d), e);
	d->tsu = d->ftl ? tsu_open(a, s, d->nand, &o->sched, e) : NULL;
	if (!d->tsu)
		return -1;
	tsu_tell_soon(d->tsu, ssd_program_soon);
	set_sizes(d);
	if (d->unit_sectors > 64)
		return check_sizes(d, e);
	d->buffer = ftl_buffer_open(a, &o->buffer, d->unit_sectors, d->ftl->logical, false, part_name(d, "buffer"), e);
	d->front = d->buffer ? front_open(a, s, &d->dev, &o->front, client, d->dev.name, e) : NULL;
	if (!d->front || check_sizes(d, e) < 0)
		return -1;
	return ssd_spaces_open(&d->spaces, &d->dev, &o->namespaces, d->ftl->logical << d->unit_shift, d->unit_sectors, e);
}

/*
 * Without a buffer (size 0) the controller has what it programs in hand and nothing else: room for two programs of each
 * plane, acknowledged when in flash.
 */
static const struct ssd_spec *effective_spec(struct arena *a, const struct ssd_spec *given)
{
	if (given->buffer.size_bytes > 0)
		return given;
	struct ssd_spec *s = arena_alloc(a, sizeof(*s));
	if (!s)
		return NULL;
	const struct flash_geometry_spec *g = &given->flash.geometry;
	int64_t pages = g->program_unit == NAND_UNIT_WORDLINE ? NAND_TYPES_MAX : 1;
	*s = *given;
	s->buffer = (struct ftl_buffer_spec){.size_bytes = 2 * g->channels * g->chips * g->dies * g->planes * pages * g->page_bytes};
	return s;
}

static int ssd_open(struct blk_dev *dev, const void *spec, struct err *e)
{
	struct ssd *d = ssd_of(dev);
	if (((const struct ssd_spec *)spec)->ftl.map.scheme == FTL_MAP_none) {
		dev->ops = &ssd_inplace_ops;
		return dev->ops->open(dev, spec, e);
	}
	d->spec = effective_spec(dev->sim->arena, spec);
	if (!d->spec)
		return err_set(e, ERR_LIMIT, "no memory for device %s", dev->name);
	event_init(&d->work, work_event, "ssd decides", EVENT_PRIO_DEVICE);
	event_init(&d->idle, idle_event, "ssd is idle", EVENT_PRIO_DEVICE);
	event_init(&d->resume, resume_event, "ssd goes on cleaning", EVENT_PRIO_DEVICE);
	event_init(&d->ready, ready_event, "ssd ready", EVENT_PRIO_DEVICE);
	struct rng *rng = rng_new(dev->sim->arena, past_seed(d), dev->name);
	if (!rng || open_parts(d, e) < 0 || make_tables(d, dev->sim->arena) < 0) {
		ftl_close(d->ftl);
		d->ftl = NULL;
		return err_set(e, ERR_LIMIT, "no memory for device %s", dev->name);
	}
	if ((!(dev->past && dev->past->saved) && ssd_precondition(d, rng, e) < 0) || ssd_begin_draws(d, e) < 0) {
		ftl_close(d->ftl);
		d->ftl = NULL;
		return -1;
	}
	d->system.logged = d->ftl->counts.programmed[FTL_HOST];
	d->ftl->ahead = 8; /* cleaning takes its time now, and what was fetched too early is gone */
	d->ftl->told = true;
	d->ftl->alloc.load = region_load; /* until now nothing could wait */
	d->ftl->alloc.load_ctx = d;
	d->ready_ps = dev->sim->now_ps;
	return ssd_mount_open(d, e);
}

static void ssd_close(struct blk_dev *dev) { ftl_close(ssd_of(dev)->ftl); }

static void ssd_identify(const struct blk_dev *dev, struct blk_identity *out)
{
	const struct ssd *d = ssd_of(dev);
	*out = (struct blk_identity){
		.model = d->spec->name,
		.kind = dev->ops->name,
		.sectors = d->ftl->logical << d->unit_shift,
		.physical_bytes = d->ftl->unit_bytes,
		.queue_depth = front_depth(d->front),
		.volatile_cache = d->spec->buffer.write_back && !d->spec->buffer.protected,
		.trims = true,
	};
}

static void ssd_status(const struct blk_dev *dev, struct blk_dev_status *out)
{
	const struct ssd *d = ssd_of(dev);
	bool lossy = d->spec->buffer.write_back && !d->spec->buffer.protected;
	/* without tags nobody asks when the host was told */
	uint64_t dirty = dev->tags ? ftl_buffer_acked(d->buffer) : d->buffer->dirty_sectors;
	if (d->mount)
		dirty += (d->ftl->counts.trimmed - d->system.durable) * d->unit_sectors;
	*out = (struct blk_dev_status){
		.power = d->off ? BLK_POWER_OFF : BLK_POWER_ON,
		.queued = front_waiting(d->front) + d->held.count,
		.in_service = front_moving(d->front) + d->active.count,
		.dirty_sectors = lossy && !d->off ? dirty : 0,
	};
	out->busy = !d->off && (out->queued > 0 || out->in_service > 0 || ftl_buffer_unclean(d->buffer) > 0 || d->jobs > 0 ||
		tsu_unfinished(d->tsu) > 0 || event_pending(&d->work) || event_pending(&d->idle));
}

/* What a state at rest does not depend on: times, who goes first, how the host is connected. */
const char *const ssd_free_options[] = {
	"name", "sched", "front", "moves", "mount", "precondition", "idle_flush", "power_up",
	"flash.bus", "flash.status", "flash.array", "flash.suspend", "flash.copyback", "flash.power",
	"ftl.gc.choices", "ftl.gc.window", "ftl.gc.threshold", "ftl.gc.background",
	"ftl.gc.preemptible", "ftl.gc.hard", "ftl.gc.resume", "ftl.wear.threshold", "ftl.wear.interval",
	"buffer.low", "buffer.high", "buffer.write_back", "buffer.protected", NULL,
};

/* Preconditioning is done without time: what of these options cleaning and wear levelling go by, it depends on. */
static const char *const ssd_past_free[] = {
	"name", "sched", "front", "moves", "idle_flush", "power_up", "flash.bus", "flash.status", "flash.suspend", "flash.copyback",
	"flash.power", "buffer.low", "buffer.high", "buffer.write_back", "buffer.protected", NULL,
};

static bool ssd_has_past(const void *spec)
{
	const struct ssd_spec *s = spec;
	return s->precondition.fill > 0 || s->precondition.overwrite > 0;
}

static bool ssd_past_has_seed(const void *spec)
{
	const struct ssd_spec *s = spec;
	return s->precondition.seed >= 0;
}

/* Without a map there is nothing that is not mapped. */
static const char *ssd_fill_option(const void *spec)
{
	const struct ssd_spec *s = spec;
	bool beyond = s->precondition.overwrite > 0 && s->precondition.fill < 1;
	return s->ftl.map.scheme == FTL_MAP_none || beyond ? NULL : "precondition.fill";
}

const struct blk_dev_ops ssd_ops = {
	.name = "ssd",
	.doc = "solid-state drive: NAND flash by the cycle, translation layer, garbage collection, buffer, host interface",
	.options = &ssd_options,
	.state_size = sizeof(struct ssd),
	.space = ssd_space,
	.open = ssd_open,
	.close = ssd_close,
	.identify = ssd_identify,
	.busy_ps = ssd_busy_ps,
	.status = ssd_status,
	.submit = ssd_submit,
	.power_cut = ssd_power_cut,
	.power_restore = ssd_power_restore,
	.save_state = ssd_save,
	.load_state = ssd_load,
	.free_options = ssd_free_options,
	.has_past = ssd_has_past,
	.past_free = ssd_past_free,
	.past_has_seed = ssd_past_has_seed,
	.fill_option = ssd_fill_option,
	.forget = ssd_forget,
	.report = ssd_report,
	.table = ssd_table,
	.sample_columns = ssd_sample_columns,
	.sample = ssd_sample,
	.blame_names = ssd_blame_names,
	.blame = ssd_blame,
	.watch = ssd_watch,
	.show = ssd_show,
};
