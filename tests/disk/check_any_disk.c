/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Any disk at all: small ones with every choice and switch of the option rows drawn at random, under random loads, held to
 * what must be true of each. Requests are conserved and done once; the mean number inside is the rate times the time
 * inside (Little), exactly; a read returns what was written last; after a flush the medium has it all; what was flushed
 * survives a power cut; and a disk that was saved goes on in another simulation as in its own.
 *
 * Each lane has one request out and writes to sectors of its own, so that it is known what each sector must hold.
 */
#include "disk/disk_fixture.h"

#include "blk/tag.h"

#define BATCHES 12
#define DISKS 10      /* of a batch */
#define LANES 8
#define REQUESTS 120  /* of a load */
#define NAME_BYTES 96
#define SETS 96

/* ---- a disk ------------------------------------------------------------------------------------------ */

struct draft {
	struct rng *rng;
	char set[SETS][NAME_BYTES];
	const char *list[SETS + 1];
	unsigned sets;
};

static uint64_t draw(struct draft *t, uint64_t n) { return rng_below(t->rng, n); }

static void add_set(struct draft *t, const char *path, const char *value, int bytes)
{
	ck_assert_uint_lt(t->sets, SETS);
	snprintf(t->set[t->sets], NAME_BYTES, "%s=%.*s", path, bytes, value);
	t->list[t->sets] = t->set[t->sets];
	t->list[++t->sets] = NULL;
}

/* All choices and switches, but those of the layout and of the seek curve. */
static void draw_rows(struct draft *t, const struct opt_group *group, const char *prefix)
{
	for (const struct opt_row *r = group->rows; r->key; r++) {
		char path[NAME_BYTES];
		snprintf(path, sizeof(path), "%s.%s", prefix, r->key);
		if (r->type == OPT_GROUP && strcmp(r->key, "geometry") != 0 && strcmp(r->key, "seek") != 0) {
			draw_rows(t, r->group, path);
		} else if (r->type == OPT_BOOL && draw(t, 3) == 0) {
			add_set(t, path, draw(t, 2) ? "true" : "false", 5);
		} else if (r->type == OPT_ENUM && draw(t, 2) == 0) {
			unsigned n = 0;
			while (r->choices[n].name)
				n++;
			add_set(t, path, r->choices[draw(t, n)].name, 40);
		}
	}
}

/* One of each, or the default. */
static const char *const values[][2] = {
	{"queue_depth", "1|2|4|16"}, {"actuators.count", "1|2"}, {"head_switch", "0.5 ms|1.2 ms"},
	{"write_settle", "0.3 ms|-0.2 ms"}, {"spin_up", "20 ms"}, {"start_angle", "0.3"},
	{"rpm_error", "1 %"}, {"seek.same_track", "0.1 ms"}, {"overhead.read_hit_after_read", "0.1 ms"},
	{"overhead.read_miss_after_write", "0.2 ms"}, {"overhead.read_completion", "0.03 ms"},
	{"overhead.write_hit_after_read", "0.07 ms"}, {"overhead.write_miss_after_write", "0.3 ms"},
	{"overhead.write_completion", "0.02 ms"}, {"overhead.data_preparation", "0.01 ms"},
	{"overhead.read_reselect", "0.05 ms"}, {"overhead.write_data_delay", "0.04 ms"},
	{"overhead.write_sequential", "-0.1 ms"}, {"overhead.write_other_track", "0.1 ms"},
	{"bus.read_sector", "0.01 ms|0.4 ms"}, {"bus.write_sector", "0.01 ms|0.4 ms"},
	{"bus.read_watermark", "50 %|100 %"}, {"bus.read_dry", "0.2 ms"}, {"cache.segments", "1|2|3|8"},
	{"cache.segment_sectors", "20|64|100"}, {"cache.read_ahead_max", "0|10"},
	{"cache.read_ahead_min", "5|30"}, {"cache.read_ahead_after", "1|2"}, {"cache.next_tracks", "1|3"},
	{"cache.stream_hit_after", "1|2"}, {"cache.stream_idle", "3 ms"}, {"write_cache.extents", "2|5|20"},
	{"write_cache.sectors", "40|100"}, {"write_cache.access_sectors", "8|30"},
	{"write_cache.idle_time", "2 ms|15 ms"}, {"write_cache.high_water", "50 %|95 %"},
	{"write_cache.low_water", "0|30 %"}, {"write_cache.max_age", "30 ms"}, {"queue.age_limit", "30 ms"},
	{"queue.stream_limit", "2"}, {"queue.step_commands", "2"}, {"power.idle", "3 W"},
	{"power.seek", "5 W"}, {"power.unload_after", "4 ms"}, {"power.standby_after", "12 ms"},
	{"defects.random", "5|60"}, {"defects.random_within", "1 s"}, {"defects.read_retries", "0|2"},
	{"defects.soft_error_rate", "5 %"}, {"shingled.conventional_zones", "5"},
	{"shingled.max_open_zones", "3"}, {"shingled.cache_size", "160 KiB"},
	{"shingled.record_size", "0|1 KiB"}, {"shingled.map_extents", "100"},
	{"shingled.stream_size", "0|8 KiB"}, {"shingled.clean_access_size", "2 KiB|8 KiB"},
	{"shingled.idle_clean_after", "5 ms|-1 ps"}, {"shingled.high_water", "60 %"},
	{"shingled.low_water", "30 %"},
};

static void draw_values(struct draft *t)
{
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		char path[NAME_BYTES];
		const char *v = values[i][1];
		unsigned n = 1;
		for (const char *c = v; *c; c++)
			n += *c == '|';
		snprintf(path, sizeof(path), "disk0.%s", values[i][0]);
		/* those of defects and of sleep change much of what happens: not so often */
		unsigned rare = strncmp(values[i][0], "defects", 7) == 0 || strncmp(values[i][0], "power", 5) == 0 ? 6 : 3;
		if (draw(t, rare) != 0)
			continue;
		for (uint64_t k = draw(t, n); k > 0; k--)
			v = strchr(v, '|') + 1;
		add_set(t, path, v, (int)strcspn(v, "|"));
	}
	add_set(t, "disk0.shingled.zone_size", "20 KiB", 9);
	add_set(t, "disk0.shingled.band_size", "20 KiB", 9);
}

/* A layout of two zones; the text stays the caller's. */
static void draw_layout(struct draft *t, char *text, size_t bytes)
{
	static const char *const orders[] = {"ascending", "serpentine", "serpentine-zone", "surface-serpentine"};
	static const char *const sparings[] = {"none", "track", "cylinder", "zone", "zone-slip-on", "zone-tracks", "disk"};
	unsigned sparing = (unsigned)draw(t, 7), spares = sparing == 0 ? 0 : sparing == 5 ? 3 : 1 + (unsigned)draw(t, 5);
	unsigned heads = 2 + (unsigned)draw(t, 3), cylinders = 16 + (unsigned)draw(t, 8), border = 7 + (unsigned)draw(t, 4);
	bool slips = sparing != 0 && sparing != 5 && draw(t, 2);
	snprintf(text, bytes,
		"disk0:\n  rpm: %u rpm\n  geometry:\n    heads: %u\n    cylinders: %u\n    lbn_order: %s\n    sparing: %s\n    zones:\n"
		"      - {first_cylinder: 0, last_cylinder: %u, sectors_per_track: %u, track_skew: 6, cylinder_skew: 9.5,\n"
		"         spares: %u, slips: %s}\n"
		"      - {first_cylinder: %u, last_cylinder: %u, sectors_per_track: %u, track_skew: 3, offset: 7, spares: %u}\n"
		"  seek: {table: [[1, 1 ms], [9, 3 ms]]}\n",
		5400 + 100 * (unsigned)draw(t, 40), heads, cylinders, orders[draw(t, 4)], sparings[sparing], border,
		30 + (unsigned)draw(t, 20), sparing == 6 ? 0 : spares, slips ? "[7]" : "[]", border + 1, cylinders - 1,
		20 + (unsigned)draw(t, 15), spares);
}

/* ---- a load -------------------------------------------------------------------------------------------- */

struct load;

struct lane {
	struct blk_req req;
	struct event wake;
	struct load *load;
	uint64_t lo, hi, next; /* its own sectors; where a zone goes on */
	bool out;
};

struct record {
	time_ps done_ps, busy_ps;
	uint8_t status, hit;
};

struct load {
	struct drive v;
	struct rng *rng;
	struct lane lane[LANES];
	int number;
	unsigned lanes, left, drawn, issued, done;
	uint64_t tag;
	uint64_t *holds, *kept;    /* content of each sector: written last; a power cut leaves that or something newer */
	bool *unsure;              /* of such a sector nothing is known */
	uint64_t written;          /* sectors of writes that went well */
	unsigned failed;
	bool zoned, zeroes;        /* zones; WRITE ZEROES among the writes */
	int128 area, latency;      /* Little */
	time_ps last_ps;
	struct record log[REQUESTS + 8];
};

static void next_request(struct load *g, struct lane *l);

static void pass_time(struct load *g, time_ps now)
{
	g->area += (int128)(now - g->last_ps) * (g->issued - g->done);
	g->last_ps = now;
}

/* The lane whose sector it is, or NULL. */
static const struct lane *owner_of(const struct load *g, uint64_t lba)
{
	for (unsigned i = 0; i < g->lanes; i++)
		if (lba >= g->lane[i].lo && lba < g->lane[i].hi)
			return &g->lane[i];
	return NULL;
}

static bool is_write(const struct blk_req *r) { return r->op == BLK_WRITE || r->op == BLK_WRITE_ZEROES; }

/* What reads return: what was written last, or what is being written. */
static void ck_read(const struct load *g, const struct blk_req *r)
{
	for (uint64_t i = r->lba; g->v.dev->tags && i < r->lba + r->sectors; i++) {
		const struct lane *l = owner_of(g, i);
		uint64_t is = blk_tags_latest(g->v.dev->tags, i);
		bool coming = l && l->out && l->req.op != BLK_READ && i >= l->req.lba;
		if (!coming && !g->unsure[i])
			ck_assert_uint_eq(is, g->holds[i]);
	}
}

static void note_write(struct load *g, const struct blk_req *r)
{
	for (uint64_t i = r->lba; i < r->lba + r->sectors; i++) {
		g->unsure[i] = r->status == BLK_MEDIA_ERROR || r->status == BLK_POWER_LOST || (g->unsure[i] && r->status != BLK_OK);
		if (r->status != BLK_OK)
			continue;
		g->holds[i] = r->op == BLK_WRITE ? r->tag : TAG_ZERO;
		if ((r->flags & BLK_FUA) || r->op == BLK_WRITE_ZEROES)
			g->kept[i] = r->flags & BLK_FUA ? g->holds[i] : TAG_ZERO;
	}
	g->written += r->status == BLK_OK ? r->sectors : 0;
}

static void ck_done(struct load *g, const struct blk_req *r)
{
	ck_assert(r->status < BLK_STATUS_COUNT);
	ck_assert(r->start_ps == -1 || (r->start_ps >= r->submit_ps && r->start_ps <= r->done_ps));
	ck_assert(r->overhead_ps >= 0 && r->seek_ps >= 0 && r->rotation_ps >= 0 && r->transfer_ps >= 0 && r->bus_ps >= 0);
	if (g->v.disk->units == 1 && r->status == BLK_OK && (r->op == BLK_READ || (is_write(r) && r->hit == BLK_MISS)))
		ck_assert_int_le(r->seek_ps + r->rotation_ps + r->transfer_ps, r->done_ps - r->start_ps);
	if (r->op == BLK_READ && r->status == BLK_OK)
		ck_read(g, r);
}

static void request_done(struct sim *s, struct blk_req *r)
{
	struct lane *l = container_of(r, struct lane, req);
	struct load *g = l->load;
	ck_assert(l->out);
	l->out = false;
	pass_time(g, s->now_ps);
	g->latency += r->done_ps - r->submit_ps;
	g->log[g->done] = (struct record){r->done_ps, g->v.dev->stats.busy_ps, r->status, r->hit};
	g->done++;
	g->failed += r->status == BLK_MEDIA_ERROR;
	ck_done(g, r);
	if (is_write(r))
		note_write(g, r);
	if (r->op == BLK_ZONE_RESET)
		for (uint64_t i = l->lo; i < l->hi; i++) {
			g->holds[i] = g->kept[i] = TAG_ZERO;
			g->unsure[i] = r->status != BLK_OK;
		}
	if (g->zoned && r->op == BLK_WRITE)
		l->next = r->status == BLK_OK ? r->lba + r->sectors : l->hi;
	else if (r->op == BLK_ZONE_RESET)
		l->next = l->lo;
	if (r->status != BLK_POWER_LOST && r->status != BLK_NOT_READY)
		next_request(g, l);
}

static void submit_now(struct load *g, struct lane *l)
{
	pass_time(g, g->v.sim->now_ps);
	l->req.tag = ++g->tag;
	l->out = true;
	g->issued++;
	blk_submit(g->v.dev, &l->req);
}

static void lane_wakes(struct sim *s, struct event *e)
{
	(void)s;
	struct lane *l = container_of(e, struct lane, wake);
	submit_now(l->load, l);
}

/* A write to the lane's sectors; in a zone, where it goes on, or a reset. */
static void draw_write(struct load *g, struct lane *l, struct blk_req *r)
{
	uint64_t n = 1 + rng_below(g->rng, rng_below(g->rng, 3) ? 8 : 60), room = l->hi - l->lo;
	r->op = BLK_WRITE;
	n = n < room ? n : room;
	r->lba = l->lo + rng_below(g->rng, room - n + 1);
	if (g->zoned) {
		n = n < l->hi - l->next ? n : l->hi - l->next;
		r->lba = n > 0 ? l->next : l->lo;
		r->op = n > 0 ? BLK_WRITE : BLK_ZONE_RESET;
	} else if (g->zeroes && rng_below(g->rng, 8) == 0) {
		r->op = BLK_WRITE_ZEROES;
	}
	r->sectors = (uint32_t)n;
}

static void draw_request(struct load *g, struct lane *l)
{
	struct blk_req *r = &l->req;
	uint64_t x = rng_below(g->rng, 100), end = g->v.dev->sectors;
	*r = (struct blk_req){.done = request_done, .op = BLK_READ};
	r->sectors = 1 + (uint32_t)rng_below(g->rng, rng_below(g->rng, 3) ? 8 : 60);
	r->priority = (uint8_t)rng_below(g->rng, 3);
	r->lba = rng_below(g->rng, end - r->sectors + 1);
	if (rng_below(g->rng, 3) == 0) /* goes on in the lane's own */
		r->lba = l->lo + rng_below(g->rng, l->hi - l->lo) / 8 * 8 % (end - r->sectors);
	if (x < 45)
		draw_write(g, l, r);
	else if (x < 50)
		*r = (struct blk_req){.done = request_done, .op = BLK_FLUSH};
	else if (x < 52)
		r->op = rng_below(g->rng, 2) ? BLK_TRIM : BLK_ZONE_CLOSE;
	r->flags = (uint8_t)((rng_below(g->rng, 6) == 0 ? BLK_FUA : 0) | (rng_below(g->rng, 12) == 0 ? BLK_ORDERED : 0) |
		(rng_below(g->rng, 12) == 0 ? BLK_HEAD_OF_QUEUE : 0) | (rng_below(g->rng, 25) == 0 ? BLK_BARRIER : 0));
}

static void next_request(struct load *g, struct lane *l)
{
	if (g->left == 0)
		return;
	g->left--;
	g->drawn++;
	draw_request(g, l);
	if (rng_below(g->rng, 3))
		submit_now(g, l);
	else
		sim_schedule(g->v.sim, &l->wake, g->v.sim->now_ps +
			(time_ps)(rng_below(g->rng, (uint64_t)(40 * PS_PER_MS)) >> rng_below(g->rng, 16)));
}

static void start_load(struct load *g, uint64_t seed, unsigned requests)
{
	g->rng = rng_new(g->v.sim->arena, seed, "load");
	g->left = requests;
	g->drawn = g->done = g->issued = 0;
	g->area = g->latency = 0;
	g->last_ps = g->v.sim->now_ps;
	for (unsigned i = 0; i < g->lanes; i++)
		if (!g->lane[i].out)
			next_request(g, &g->lane[i]);
}

static void open_load(struct load *g)
{
	struct blk_identity id;
	g->v.dev->ops->identify(g->v.dev, &id);
	g->zoned = id.zone_sectors > 0;
	uint64_t n = g->v.dev->sectors, conventional = g->zoned ? (uint64_t)g->v.spec.shingled.conventional_zones : 0;
	g->holds = calloc(n, sizeof(*g->holds));
	g->kept = calloc(n, sizeof(*g->kept));
	g->unsure = calloc(n, sizeof(*g->unsure));
	for (unsigned i = 0; i < LANES; i++) {
		struct lane *l = &g->lane[i];
		l->load = g;
		event_init(&l->wake, lane_wakes, "lane wakes", EVENT_PRIO_WORKLOAD);
		l->lo = l->next = g->zoned ? (conventional + i) * id.zone_sectors : i * n / g->lanes;
		l->hi = g->zoned ? l->lo + id.zone_sectors : (i + 1) * n / g->lanes;
	}
}

static void close_load(struct load *g)
{
	blk_tags_free(g->v.dev->tags);
	drive_close(&g->v);
	free(g->holds);
	free(g->kept);
	free(g->unsure);
}

/* ---- what is true at any time ---------------------------------------------------------------------------- */

static bool in_buffer(const struct disk *d, uint64_t lo, uint64_t hi)
{
	for (uint32_t i = 0; i < d->buffer.count; i++) {
		const struct buffer_segment *s = &d->buffer.segments[i];
		if ((s->lo < hi && s->hi > lo && s->lo < s->hi) ||
		    (s->wrap_lo < hi && s->wrap_hi > lo && s->wrap_lo < s->wrap_hi))
			return true;
	}
	return false;
}

/* While the medium is written, nothing that is older is in the buffer. */
static void ck_write(struct disk_unit *u)
{
	const struct disk *d = u->disk;
	const struct disk_write_job *w = &u->write;
	if (!w->active || w->end_ps <= d->dev.sim->now_ps)
		return;
	if (w->steps == 0 && !d->spec->cache.hit_on_written)
		ck_assert(!in_buffer(d, w->lbn, w->lbn + w->sectors));
	for (uint32_t i = 0; i < w->steps; i++)
		if (w->step[i].kind != SMR_STEP_READ)
			ck_assert(!in_buffer(d, w->step[i].lbn, w->step[i].lbn + w->step[i].sectors));
}

static void ck_now(struct load *g)
{
	struct disk *d = g->v.disk;
	const struct wcache *c = &d->wcache;
	uint64_t sectors = 0, before = 0;
	uint32_t held = 0;
	for (uint32_t i = 0; i < c->count; i++) {
		ck_assert(c->extent[i].lo >= before && c->extent[i].lo < c->extent[i].hi);
		before = c->extent[i].hi;
		sectors += c->extent[i].hi - c->extent[i].lo;
	}
	ck_assert_uint_eq(sectors, c->sectors);
	ck_assert_uint_le(c->sectors + c->held_sectors, c->sector_limit);
	ck_assert_uint_le(c->count, c->extent_limit + 4); /* some may have lost what they were to join */
	for (uint32_t i = 0; i < d->units; i++) {
		struct disk_unit *u = &d->unit[i];
		ck_assert(!(u->slot[0].uses_arm && u->slot[1].uses_arm));
		held += u->write.active && u->write.held ? 1 : 0;
		for (int k = 0; k < DISK_SLOTS; k++)
			held += u->slot[k].req && u->slot[k].cached ? 1 : 0;
		disk_advance_ahead(u, d->dev.sim->now_ps);
		ck_write(u);
	}
	ck_assert_uint_eq(held, c->held_extents);
	struct blk_dev_status st;
	d->dev.ops->status(&d->dev, &st);
	/* the oracle is told when all of a write has landed; and zeros over zeros are nothing new to it */
	if (d->dev.tags && !g->zeroes && !d->unit[0].faulty && !d->unit[1].faulty)
		ck_assert_uint_le(st.dirty_sectors, blk_tags_dirty(d->dev.tags));
}

/* Run until all requests are done; or, at the latest, until then. */
static void run_load(struct load *g, time_ps until)
{
	while (g->done < g->drawn && g->v.sim->now_ps < until) {
		ck_assert_msg(sim_step(g->v.sim), "disk %d: nothing more will happen, but %u requests are inside", g->number,
			g->issued - g->done);
		ck_now(g);
	}
	ck_assert_int_eq(g->v.sim->err.code, ERR_NONE);
}

/* ---- what is true in the end ------------------------------------------------------------------------------- */

static void ck_conserved(struct load *g)
{
	const struct disk *d = g->v.disk;
	pass_time(g, g->v.sim->now_ps);
	ck_assert(g->area == g->latency);
	ck_assert_uint_eq(g->issued, g->done);
	ck_assert_uint_eq(g->v.dev->stats.submitted, g->v.dev->stats.completed);
	time_ps planned = time_max(d->busy_end_ps - g->v.sim->now_ps, 0);
	ck_assert_int_le(g->v.dev->stats.busy_ps, g->v.sim->now_ps + planned);
	int128 modes = 0;
	struct power then = d->power;
	power_advance(&then, g->v.sim->now_ps);
	for (int m = 0; m < POWER_MODES; m++)
		modes += then.mode_ps[m];
	ck_assert(modes == g->v.sim->now_ps);
}

static bool lost_data(const struct load *g)
{
	return g->failed || g->v.disk->unit[0].lost_writes || g->v.disk->unit[1].lost_writes;
}

static void flush(struct load *g)
{
	struct lane *l = &g->lane[0];
	l->req = (struct blk_req){.done = request_done, .op = BLK_FLUSH};
	g->drawn++;
	submit_now(g, l);
	run_load(g, TIME_PS_MAX);
	ck_assert_int_eq(l->req.status, BLK_OK);
	for (uint64_t i = 0; i < g->v.dev->sectors && !lost_data(g); i++) {
		ck_assert_uint_eq(blk_tags_durable(g->v.dev->tags, i), blk_tags_latest(g->v.dev->tags, i));
		if (!g->unsure[i])
			ck_assert_uint_eq(blk_tags_durable(g->v.dev->tags, i), g->holds[i]);
		g->kept[i] = g->holds[i];
	}
}

/* All that was written has gone to the medium, or was replaced on the way there. Before any power cut. */
static void ck_written(const struct load *g)
{
	if (g->v.disk->smr || lost_data(g))
		return;
	ck_assert_uint_eq(g->v.dev->stats.media_write_sectors + g->v.disk->wcache.counts.superseded, g->written);
}

/* ---- the tests ----------------------------------------------------------------------------------------------- */

/* Draw until a disk can be; what cannot be says why. */
static void any_disk(struct load *g, int number, char *text, size_t bytes, struct draft *t)
{
	struct arena *a = arena_new();
	struct err e = {0};
	t->rng = rng_new(a, (uint64_t)number, "any disk");
	g->number = number;
	for (unsigned tries = 0;; tries++) {
		ck_assert_uint_lt(tries, 1000);
		t->sets = 0;
		draw_layout(t, text, bytes);
		draw_rows(t, &disk_options, "disk0");
		draw_values(t);
		err_clear(&e);
		if (drive_try(&g->v, text, t->list, (uint64_t)number, &e) == 0)
			break;
		ck_assert_int_eq(e.code, ERR_CONFIG);
		ck_assert_uint_gt(strlen(e.msg), 20);
		sim_free(g->v.sim);
	}
	g->lanes = 1 + (unsigned)draw(t, LANES);
	g->zeroes = draw(t, 2);
	arena_free(a);
	open_load(g);
	if (getenv("QUERN_DISK")) {
		printf("%s", text);
		for (unsigned i = 0; i < t->sets; i++)
			printf("  %s\n", t->set[i]);
	}
}

/* The same disk, whose state is that of the first, in a simulation of its own. */
static void go_on_elsewhere(struct load *g, struct load *other, const char *text, const struct draft *t)
{
	struct err e = {0};
	FILE *f = tmpfile();
	ck_assert_msg(blk_dev_save(g->v.dev, f, &e) == 0, "%s", e.msg);
	rewind(f);
	ck_assert_msg(drive_try(&other->v, text, t->list, 77, &e) == 0, "%s", e.msg);
	sim_run_until(other->v.sim, 123456789);
	ck_assert_msg(blk_dev_load(other->v.dev, f, &e) == 0, "%s", e.msg);
	fclose(f);
	other->number = g->number;
	other->lanes = g->lanes;
	other->zeroes = g->zeroes;
	open_load(other);
	for (unsigned i = 0; i < LANES; i++)
		other->lane[i].next = g->lane[i].next;
	time_ps from = g->v.sim->now_ps, start = other->v.sim->now_ps;
	start_load(g, 5, REQUESTS);
	run_load(g, TIME_PS_MAX);
	start_load(other, 5, REQUESTS);
	run_load(other, TIME_PS_MAX);
	ck_assert_uint_eq(g->done, other->done);
	for (unsigned i = 0; i < g->done; i++) {
		ck_assert_int_eq(g->log[i].done_ps - from, other->log[i].done_ps - start);
		ck_assert_int_eq(g->log[i].status, other->log[i].status);
		ck_assert_int_eq(g->log[i].hit, other->log[i].hit);
		ck_assert_int_eq(g->log[i].busy_ps, other->log[i].busy_ps);
	}
	ck_assert_mem_eq(&g->v.dev->stats, &other->v.dev->stats, sizeof(g->v.dev->stats));
	close_load(other);
}

/* The power goes in the midst of a load; afterwards the disk goes on. */
static void cut_the_power(struct load *g)
{
	start_load(g, 6, REQUESTS);
	run_load(g, g->v.sim->now_ps + (time_ps)rng_below(g->rng, (uint64_t)(200 * PS_PER_MS)));
	for (unsigned i = 0; i < g->lanes; i++)
		sim_cancel(g->v.sim, &g->lane[i].wake);
	g->left = 0;
	blk_dev_power_cut(g->v.dev);
	blk_tags_power_cut(g->v.dev->tags, NULL, NULL, NULL);
	while (g->done < g->issued)
		ck_assert(sim_step(g->v.sim));
	for (uint64_t i = 0; i < g->v.dev->sectors; i++) {
		if (!lost_data(g) && !g->unsure[i])
			ck_assert_uint_ge(blk_tags_durable(g->v.dev->tags, i), g->kept[i]); /* tags rise */
		g->holds[i] = blk_tags_durable(g->v.dev->tags, i);
		g->unsure[i] = false;
	}
	for (unsigned i = 0; i < g->lanes; i++)
		g->lane[i].next = g->lane[i].hi; /* a zone is reset first */
	ck_conserved(g);
	blk_dev_power_restore(g->v.dev);
	start_load(g, 7, REQUESTS);
	run_load(g, TIME_PS_MAX);
	flush(g);
	ck_conserved(g);
}

static void keeps_its_promises(int number)
{
	static struct load g, other;
	static struct draft t;
	char text[1024];
	memset(&g, 0, sizeof(g));
	memset(&other, 0, sizeof(other));
	any_disk(&g, number, text, sizeof(text), &t);
	g.v.dev->tags = blk_tags_new();
	start_load(&g, 4, REQUESTS);
	run_load(&g, TIME_PS_MAX);
	flush(&g);
	ck_conserved(&g);
	ck_written(&g);
	struct blk_dev_status st;
	for (g.v.dev->ops->status(g.v.dev, &st); st.busy; g.v.dev->ops->status(g.v.dev, &st))
		ck_assert(sim_step(g.v.sim));
	if (number % 2) /* all that it may do when idle has been done */
		ck_assert_int_eq(sim_run(g.v.sim), 0);
	go_on_elsewhere(&g, &other, text, &t);
	ck_conserved(&g);
	cut_the_power(&g);
	close_load(&g);
}

/* QUERN_DISK=N tries disk N alone and shows it. */
START_TEST(any_disk_keeps_its_promises)
{
	const char *only = getenv("QUERN_DISK");
	for (int i = _i * DISKS; i < (_i + 1) * DISKS; i++)
		if (!only || atoi(only) == i)
			keeps_its_promises(i);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("any disk");
	TCase *t = tcase_create("any disk");
	tcase_add_loop_test(t, any_disk_keeps_its_promises, 0, BATCHES);
	tcase_set_timeout(t, 60);
	suite_add_tcase(s, t);
	return run_suite(s);
}
