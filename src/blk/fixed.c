/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The fixed device. */
#include "blk/fixed.h"

#include "blk/tag.h"

/* Requests that take equally long end in the order in which they came, so that one event, of the first to end, is enough. */
struct fixed_dev {
	struct blk_dev base;
	struct blk_list in[2]; /* in order of submission; 1: writes that take another time than the rest. `key` of each: when it ends */
	struct event event;  /* the end of the next */
	time_ps ready_ps;    /* after power-up */
	time_ps busy_from_ps; /* while it has a request: since when */
	bool off;
};

static inline struct fixed_dev *of(struct blk_dev *dev) { return (struct fixed_dev *)(void *)dev; }

static inline uint32_t count(const struct fixed_dev *d) { return d->in[0].count + d->in[1].count; }

static inline void idle_from_now(struct fixed_dev *d) { d->base.stats.busy_ps += d->base.sim->now_ps - d->busy_from_ps; }

static void done_event(struct sim *s, struct event *e);

static int fixed_open(struct blk_dev *dev, const void *spec, struct err *e)
{
	(void)spec;
	(void)e;
	event_init(&of(dev)->event, done_event, "fixed request", EVENT_PRIO_COMPLETE);
	return 0;
}

static void fixed_identify(const struct blk_dev *dev, struct blk_identity *out)
{
	const struct fixed_dev_spec *s = dev->spec;
	*out = (struct blk_identity){.model = s->name, .kind = dev->ops->name, .sectors = (uint64_t)s->capacity_bytes / SECTOR_BYTES,
		.physical_bytes = SECTOR_BYTES, .queue_depth = UINT16_MAX, .trims = true};
}

static void fixed_status(const struct blk_dev *dev, struct blk_dev_status *out)
{
	const struct fixed_dev *d = (const struct fixed_dev *)(const void *)dev;
	*out = (struct blk_dev_status){.power = d->off ? BLK_POWER_OFF : BLK_POWER_ON, .in_service = count(d), .busy = count(d) > 0};
}

static bool writes(const struct blk_req *r) { return r->op == BLK_WRITE || r->op == BLK_WRITE_ZEROES || r->op == BLK_TRIM; }

static uint64_t tag_of(const struct blk_req *r) { return r->op == BLK_WRITE ? r->tag : TAG_ZERO; }

static __attribute__((cold)) void note_begin(struct blk_dev *dev, const struct blk_req *r)
{
	if (writes(r))
		blk_tags_note_latest(dev->tags, r->lba, r->sectors, tag_of(r));
}

/* The medium gets it at its end, all at once. */
static __attribute__((cold)) void note_end(struct blk_dev *dev, const struct blk_req *r)
{
	if (!writes(r))
		return;
	uint64_t tag = tag_of(r);
	blk_tags_note_durable(dev->tags, r->lba, r->sectors, tag);
	blk_tags_note_acked(dev->tags, r->lba, r->sectors, tag, dev->sim->now_ps);
}

/* The list whose first request ends next; of two at once, the one that came first. Empty only if both are. */
static inline struct blk_list *next_list(struct fixed_dev *d)
{
	const struct blk_req *a = d->in[0].head, *b = d->in[1].head;
	if (!b)
		return &d->in[0];
	return &d->in[!a || b->key < a->key || (b->key == a->key && b->sequence < a->sequence)];
}

static void done_event(struct sim *s, struct event *e)
{
	struct fixed_dev *d = container_of(e, struct fixed_dev, event);
	struct blk_req *r = blk_list_take(next_list(d));
	const struct blk_req *next = next_list(d)->head;
	if (next)
		sim_schedule(s, e, (time_ps)next->key);
	else
		idle_from_now(d);
	if (__builtin_expect(d->base.tags != NULL, 0))
		note_end(&d->base, r);
	if (r->op == BLK_WRITE)
		d->base.stats.media_write_sectors += r->sectors;
	else if (r->op == BLK_READ)
		d->base.stats.media_read_sectors += r->sectors;
	blk_complete(&d->base, r, BLK_OK);
}

static void fixed_submit(struct blk_dev *dev, struct blk_req *r)
{
	struct fixed_dev *d = of(dev);
	const struct fixed_dev_spec *s = dev->spec;
	time_ps now = dev->sim->now_ps;
	if (d->off || r->op >= BLK_ZONE_OPEN) {
		blk_complete_at(dev, r, d->off ? BLK_NOT_READY : BLK_UNSUPPORTED, now);
		return;
	}
	bool other = s->write_latency_ps > 0 && writes(r);
	time_ps latency = other ? s->write_latency_ps : s->latency_ps;
	if (__builtin_expect(dev->tags != NULL, 0))
		note_begin(dev, r);
	if (count(d) == 0)
		d->busy_from_ps = now;
	r->start_ps = time_max(now, d->ready_ps);
	if (r->op == BLK_READ || r->op == BLK_WRITE) {
		r->media_ps = r->start_ps;
		r->transfer_ps = latency;
		r->hit = BLK_MISS;
	}
	r->key = (uint64_t)(r->start_ps + latency);
	blk_list_append(&d->in[other], r);
	if (next_list(d)->head == r) {
		sim_cancel(dev->sim, &d->event);
		sim_schedule(dev->sim, &d->event, (time_ps)r->key);
	}
}

static void fixed_power_cut(struct blk_dev *dev)
{
	struct fixed_dev *d = of(dev);
	while (count(d) > 0) { /* in order of submission */
		const struct blk_req *a = d->in[0].head, *b = d->in[1].head;
		struct blk_req *r = blk_list_take(&d->in[!a || (b && b->sequence < a->sequence)]);
		if (count(d) == 0)
			idle_from_now(d);
		blk_complete_at(dev, r, BLK_POWER_LOST, dev->sim->now_ps);
	}
	sim_cancel(dev->sim, &d->event);
	d->off = true;
}

static time_ps fixed_power_restore(struct blk_dev *dev)
{
	struct fixed_dev *d = of(dev);
	time_ps wait = ((const struct fixed_dev_spec *)dev->spec)->power_up_ps;
	d->off = false;
	d->ready_ps = time_add(dev->sim->now_ps, wait);
	return wait;
}

/* At rest it has no state but what every device has, and how long it still starts up. */
static int fixed_save(const struct blk_dev *dev, FILE *out, struct err *e)
{
	time_ps wait = time_max(((const struct fixed_dev *)(const void *)dev)->ready_ps - dev->sim->now_ps, 0);
	return blk_save_bytes(out, &wait, sizeof(wait), e);
}

static int fixed_load(struct blk_dev *dev, FILE *in, struct err *e)
{
	time_ps wait;
	if (blk_load_bytes(in, &wait, sizeof(wait), e) < 0)
		return -1;
	if (wait < 0 || wait > SIM_HORIZON_PS)
		return err_set(e, ERR_IO, "the saved state of the fixed device has a start-up time that cannot be");
	of(dev)->ready_ps = dev->sim->now_ps + wait;
	return 0;
}

static const char *fixed_table(const struct blk_dev *dev, unsigned index, FILE *out)
{
	(void)dev;
	(void)index;
	(void)out;
	return NULL;
}

static void fixed_report(const struct blk_dev *dev, void (*put)(void *ctx, const char *name, double value, const char *unit),
	void *ctx)
{
	const struct fixed_dev_spec *s = dev->spec;
	put(ctx, "latency", 1e-9 * (double)s->latency_ps, "ms");
}

static int fixed_check(const void *bound, const char **key, char *why, size_t why_bytes)
{
	const struct fixed_dev_spec *s = bound;
	if (s->capacity_bytes % SECTOR_BYTES == 0)
		return 0;
	*key = "capacity";
	return snprintf(why, why_bytes, "%lld bytes are no whole number of sectors of 512 B", (long long)s->capacity_bytes), -1;
}

#define FIELD(f) offsetof(struct fixed_dev_spec, f)
static const struct opt_row fixed_rows[] = {
	{.key = "name", .type = OPT_STRING, .offset = FIELD(name), .def = "unnamed fixed device", .doc = "model name, for reports"},
	{.key = "latency", .type = OPT_SCALAR, .unit = UNIT_TIME, .offset = FIELD(latency_ps), .min = "1 ps", .max = "1 h",
	 .def = "100 us", .doc = "time that each request takes"},
	{.key = "write_latency", .type = OPT_SCALAR, .unit = UNIT_TIME, .offset = FIELD(write_latency_ps), .min = "0", .max = "1 h",
	 .def = "0", .doc = "of writes and trims; 0: latency"},
	{.key = "capacity", .type = OPT_SCALAR, .unit = UNIT_BYTES, .offset = FIELD(capacity_bytes), .min = "512 B", .max = "1024 TiB",
	 .def = "16 GiB", .doc = "size"},
	{.key = "power_up", .type = OPT_SCALAR, .unit = UNIT_TIME, .offset = FIELD(power_up_ps), .min = "0", .max = "1 h", .def = "0",
	 .doc = "time after power is back until the first request is served"},
	{0},
};
static const struct opt_group fixed_options = {"fixed", "a device whose every request takes the same time", fixed_rows,
	sizeof(struct fixed_dev_spec), fixed_check};

static time_ps fixed_busy_ps(const struct blk_dev *dev)
{
	const struct fixed_dev *d = container_of(dev, struct fixed_dev, base);
	return dev->stats.busy_ps + (count(d) > 0 ? dev->sim->now_ps - d->busy_from_ps : 0);
}

const struct blk_dev_ops fixed_dev_ops = {
	.name = "fixed",
	.doc = "every request takes the same time, any number at once, and what is acknowledged is durable",
	.options = &fixed_options,
	.state_size = sizeof(struct fixed_dev),
	.open = fixed_open,
	.identify = fixed_identify,
	.busy_ps = fixed_busy_ps,
	.status = fixed_status,
	.submit = fixed_submit,
	.power_cut = fixed_power_cut,
	.power_restore = fixed_power_restore,
	.save_state = fixed_save,
	.load_state = fixed_load,
	.report = fixed_report,
	.table = fixed_table,
};
