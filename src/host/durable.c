/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Device, layout, machine, crash. */
#include "host/durable.h"

#include "blk/tag.h"

static void power_back(struct sim *s, struct event *e)
{
	(void)s;
	struct durable *d = container_of(e, struct durable, back);
	d->up(d->ctx);
}

/* All that was in the device has come back by now. */
static void power_restored(struct sim *s, struct event *e)
{
	struct durable *d = container_of(e, struct durable, restore);
	sim_schedule(s, &d->back, s->now_ps + blk_dev_power_restore(d->dev));
}

int durable_open(struct durable *d, const struct scenario_env *env, const struct host_region_spec *want, uint32_t count,
	struct host_region *region, struct err *e)
{
	*d = (struct durable){.sim = env->sim, .dev = env->dev, .content = content_new()};
	event_init(&d->restore, power_restored, "power restored", EVENT_PRIO_SAMPLE);
	event_init(&d->back, power_back, "device serves again", EVENT_PRIO_WORKLOAD);
	if (!env->dev->tags)
		env->dev->tags = d->tags = blk_tags_new();
	d->io = host_io_new(env->sim, d->content);
	if (!d->content || !env->dev->tags || !d->io)
		return err_set(e, ERR_LIMIT, "no memory for the contents of device %s", env->dev->name);
	d->io->observe = env->observe;
	d->io->observe_ctx = env->ctx;
	if (host_io_add(d->io, env->dev, e) < 0)
		return -1;
	uint32_t page = (uint32_t)(env->host->page_bytes / SECTOR_BYTES);
	if (host_io_layout(d->io, want, count, page, 0, region, e) < 0)
		return -1;
	const struct host_place_spec place = {.io = d->io, .seed = env->seed, .path = "host"};
	d->host = host_open(env->sim, env->host, &place, e);
	return d->host ? 0 : -1;
}

void durable_close(struct durable *d)
{
	if (d->tags && d->dev->tags == d->tags)
		d->dev->tags = NULL;
	blk_tags_free(d->tags);
	content_free(d->content);
	d->tags = NULL;
	d->content = NULL;
}

void durable_crash(struct durable *d, void (*up)(void *ctx), void *ctx)
{
	d->crashed = true;
	d->up = up;
	d->ctx = ctx;
	host_drop(d->host);
	host_io_crash(d->io);
	blk_dev_power_cut(d->dev);
	d->lost_sectors += blk_tags_power_cut(d->dev->tags, NULL, NULL, NULL);
	sim_schedule(d->sim, &d->restore, d->sim->now_ps);
}
