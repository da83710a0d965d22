/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Power cuts of the solid-state drive, at every event of small runs and at random ones of long runs, again and again on the
 * same drive. The test keeps two books of its own: of every logical unit the contents that the host has given it since the
 * last one that must last, and of every physical unit what was programmed there. After a cut the drive's map must name, for each
 * unit, one of the former, whole, and it must be what the content-tag oracle says is durable.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "effort.h"
#include "ftl/ssd_private.h"
#include "sim/config.h"
#include "sim/rng.h"

#define SECTORS 8      /* of a unit of 4 KiB */
#define VERSIONS 400   /* of a unit between two cuts */
#define LANES 6
#define MUST(x) ((x) ? (void)0 : ck_abort_msg("not so: %s", #x))

/* What is done to the drive so that the test must see it. */
enum sabotage { NONE, FLUSH_WITHOUT_JOURNAL, WRITE_NOT_FOUND, OLD_COPY_FOUND, FLUSH_AT_ONCE, SABOTAGES };

struct content {
	uint64_t tag[SECTORS];
};

struct held {
	struct content *version; /* [0]: as it was when the power came */
	uint32_t count, latest;  /* latest: acknowledged */
	uint32_t least;          /* the first that may be found */
	struct content medium;   /* what the drive's map says now */
	unsigned locks;
};

struct lane {
	struct blk_req req;
	struct power *p;
	uint32_t first, units;
	uint32_t *seen;          /* flush: latest of each unit when it was given */
	bool busy;
};

struct power {
	struct sim *s;
	struct ssd *d;
	struct blk_tags *tags;
	struct rng *rng;
	struct held *unit;
	struct content *flash;
	unsigned char *before;   /* the map before the present event */
	struct lane lane[LANES];
	uint64_t tag;
	uint32_t units;
	bool stopped, cutting;
	enum sabotage sabotage;
	unsigned cuts, wrong, gone;
};

/* ---- what is programmed --------------------------------------------------------------------------------------------- */

static const struct ssd_slot *slot_of(const struct power *p, uint64_t physical)
{
	const struct ssd *d = p->d;
	for (uint32_t i = 0; !p->cutting && i < d->ftl->alloc.regions * FTL_STREAMS * d->planes; i++) {
		const struct ssd_group *g = d->lane[i].head;
		for (uint32_t k = 0; g && k < g->taken; k++)
			if (g->slot[k].to == physical)
				return &g->slot[k];
	}
	return NULL;
}

static void program(void *ctx, uint64_t physical, uint64_t logical, int cause)
{
	struct power *p = ctx;
	const struct ssd_slot *slot = slot_of(p, physical);
	if (logical == FTL_NOWHERE) {
		memset(&p->flash[physical], 0xEE, sizeof(*p->flash));
		return;
	}
	if (cause != FTL_HOST) {
		uint64_t from = slot ? slot->from : ftl_lookup(p->d->ftl, logical);
		if (from == FTL_NOWHERE)
			memset(&p->flash[physical], 0xEE, sizeof(*p->flash));
		else
			p->flash[physical] = p->flash[from];
		return;
	}
	const struct ftl_buffer_entry *e = slot ? slot->entry : ftl_buffer_find(p->d->buffer, logical);
	if (!slot && e->other != FTL_BUFFER_NONE) /* a newer one waits behind that in flight */
		e = &p->d->buffer->entry[e->other];
	const uint64_t *tags = ftl_buffer_tags(p->d->buffer, e);
	struct held *u = &p->unit[logical];
	uint32_t old;
	memcpy(&old, p->before + logical * sizeof(old), sizeof(old));
	if (old < MAP_FIRST && !p->cutting)
		u->medium = (struct content){{0}};
	for (int i = 0; i < SECTORS; i++)
		if (e->dirty >> i & 1)
			u->medium.tag[i] = tags[i];
	p->flash[physical] = u->medium;
}

/* One event; false: none is left. */
static bool step(struct power *p)
{
	struct ssd *d = p->d;
	memcpy(p->before, d->ftl->map.forward.bytes, p->units * sizeof(uint32_t));
	if (p->sabotage == FLUSH_WITHOUT_JOURNAL)
		d->system.durable = UINT64_MAX;
	if (p->sabotage == FLUSH_AT_ONCE)
		for (struct ssd_command *c = d->flushes.head; c; c = c->after)
			c->mark = 0;
	return sim_step(p->s);
}

/* ---- the host -------------------------------------------------------------------------------------------------------- */

static void next(struct lane *l);

static void lasts(struct held *u, uint32_t version)
{
	if (version > u->least)
		u->least = version;
}

static void done(struct sim *s, struct blk_req *r)
{
	(void)s;
	struct lane *l = container_of(r, struct lane, req);
	struct power *p = l->p;
	const struct ftl_buffer_spec *b = &p->d->spec->buffer;
	bool at_once = (r->flags & BLK_FUA) || !b->write_back || b->protected;
	l->busy = false;
	for (uint32_t i = l->first; i < l->first + l->units; i++) {
		struct held *u = &p->unit[i];
		u->locks--;
		if (r->status != BLK_OK)
			continue;
		u->latest = u->count - 1;
		if (at_once)
			lasts(u, u->latest);
	}
	for (uint32_t i = 0; r->op == BLK_FLUSH && r->status == BLK_OK && i < p->units; i++)
		lasts(&p->unit[i], l->seen[i]);
	p->gone += r->status == BLK_POWER_LOST;
	MUST(r->status == BLK_OK || r->status == BLK_POWER_LOST || r->status == BLK_NOT_READY);
	next(l);
}

/* A new version of each unit the request touches. */
static void write(struct lane *l)
{
	struct power *p = l->p;
	struct blk_req *r = &l->req;
	l->first = (uint32_t)(r->lba / SECTORS);
	l->units = (uint32_t)((r->lba + r->sectors - 1) / SECTORS) + 1 - l->first;
	r->tag = r->op == BLK_WRITE ? ++p->tag : 0;
	for (uint32_t i = l->first; i < l->first + l->units; i++) {
		struct held *u = &p->unit[i];
		MUST(u->count < VERSIONS);
		u->version[u->count] = u->version[u->count - 1];
		for (uint64_t k = 0; k < SECTORS; k++)
			if ((uint64_t)i * SECTORS + k - r->lba < r->sectors)
				u->version[u->count].tag[k] = r->tag;
		u->count++;
		u->locks++;
	}
}

static bool locked(const struct power *p, uint64_t lba, uint32_t sectors)
{
	for (uint64_t i = lba / SECTORS; i <= (lba + sectors - 1) / SECTORS; i++)
		if (p->unit[i].locks > 0)
			return true;
	return false;
}

static void next(struct lane *l)
{
	struct power *p = l->p;
	static const enum blk_op ops[] = {BLK_WRITE, BLK_WRITE, BLK_WRITE, BLK_WRITE, BLK_WRITE, BLK_WRITE, BLK_WRITE, BLK_TRIM, BLK_TRIM,
		BLK_WRITE_ZEROES, BLK_READ};
	if (p->stopped)
		return;
	l->req = (struct blk_req){.done = done, .op = ops[rng_below(p->rng, sizeof(ops) / sizeof(ops[0]))]};
	l->first = l->units = 0;
	if (rng_below(p->rng, 12) == 0) {
		l->req.op = BLK_FLUSH;
		for (uint32_t i = 0; i < p->units; i++)
			l->seen[i] = p->unit[i].latest;
	} else {
		bool part = rng_below(p->rng, 4) == 0;
		l->req.sectors = part ? 1 + (uint32_t)rng_below(p->rng, 11) : SECTORS * (1 + (uint32_t)rng_below(p->rng, 3));
		l->req.lba = rng_below(p->rng, p->units - 3) * SECTORS + (part ? rng_below(p->rng, SECTORS) : 0);
		l->req.flags = rng_below(p->rng, 8) == 0 ? BLK_FUA : 0;
		while (locked(p, l->req.lba, l->req.sectors))
			l->req.lba = (l->req.lba + SECTORS) % ((uint64_t)(p->units - 3) * SECTORS);
		if (l->req.op != BLK_READ)
			write(l);
	}
	l->busy = true;
	l->req.arrive_ps = p->s->now_ps;
	blk_submit(&p->d->dev, &l->req);
}

/* ---- cuts ------------------------------------------------------------------------------------------------------------- */

static void sabotaged_mount(struct power *p)
{
	struct ftl *f = p->d->ftl;
	uint32_t first = (uint32_t)rng_below(p->rng, p->units);
	for (uint32_t i = 0; i < p->units; i++) {
		uint32_t u = (first + i) % p->units;
		uint64_t at = ftl_lookup(f, u);
		if (at == FTL_NOWHERE)
			continue;
		if (p->sabotage == WRITE_NOT_FOUND) {
			map_trim(&f->map, u);
			return;
		}
		for (uint64_t k = 0; k < f->map.physical; k++)
			if (k != at && map_owner(&f->map, k) == u && f->mount->oob[k] >= MOUNT_FIRST) {
				map_set(&f->map, u, k);
				return;
			}
	}
}

static bool found_is_right(const struct power *p, uint32_t i)
{
	const struct held *u = &p->unit[i];
	for (int k = 0; k < SECTORS; k++)
		if (u->medium.tag[k] != blk_tags_durable(p->tags, (uint64_t)i * SECTORS + (uint64_t)k))
			return false;
	for (uint32_t v = u->least; v < u->count; v++)
		if (memcmp(&u->version[v], &u->medium, sizeof(u->medium)) == 0)
			return true;
	return false;
}

static void look_at_units(struct power *p)
{
	static const struct content nothing;
	for (uint32_t i = 0; i < p->units; i++) {
		struct held *u = &p->unit[i];
		uint64_t at = ftl_lookup(p->d->ftl, i);
		u->medium = at == FTL_NOWHERE ? nothing : p->flash[at];
		if (!found_is_right(p, i)) {
			p->wrong++;
			ck_assert_msg(p->sabotage != NONE, "unit %u is not as it must be after cut %u", i, p->cuts);
		}
		u->version[0] = u->medium;
		u->count = 1;
		u->least = u->latest = 0;
	}
}

static void cut(struct power *p)
{
	struct err e = {0};
	memcpy(p->before, p->d->ftl->map.forward.bytes, p->units * sizeof(uint32_t));
	p->cutting = p->stopped = true;
	for (uint32_t i = 0; i < p->units; i++)
		if (ftl_lookup(p->d->ftl, i) == FTL_NOWHERE)
			p->unit[i].medium = (struct content){{0}};
	blk_dev_power_cut(&p->d->dev);
	p->cutting = false;
	p->cuts++;
	if (p->sabotage == WRITE_NOT_FOUND || p->sabotage == OLD_COPY_FOUND)
		sabotaged_mount(p);
	else
		MUST(ftl_check(p->d->ftl, &e) == 0);
	look_at_units(p);
	(void)blk_tags_power_cut(p->tags, NULL, NULL, NULL);
	MUST(sim_run(p->s) == 0);
	for (int i = 0; i < LANES; i++)
		MUST(!p->lane[i].busy);
}

static void begin(struct power *p)
{
	p->stopped = false;
	for (int i = 0; i < LANES; i++)
		next(&p->lane[i]);
}

/* ---- the drives --------------------------------------------------------------------------------------------------------- */

#define TINY \
	"  power_up: 1 ms\n" \
	"  flash:\n" \
	"    geometry: {channels: 1, chips: 1, dies: 2, planes: 2, blocks: 7, pages: 4, page: 8 KiB, cell: slc}\n" \
	"    bus: {interface: nv-ddr2, rate: 333 MT/s}\n" \
	"    array: {read: [25 us], program: [200 us], erase: 1.5 ms}\n"
#define WORDLINES \
	"  power_up: 1 ms\n" \
	"  flash:\n" \
	"    geometry: {channels: 1, chips: 1, dies: 1, planes: 2, blocks: 12, pages: 12, page: 8 KiB, cell: tlc, program_unit: wordline}\n" \
	"    bus: {interface: nv-ddr3, rate: 800 MT/s}\n" \
	"    array: {read: [50 us, 75 us, 90 us], program: [1 ms], program_wordline: 1.5 ms, erase: 5 ms}\n"
#define ONE_PLANE \
	"  power_up: 1 ms\n" \
	"  flash:\n" \
	"    geometry: {channels: 1, chips: 1, dies: 1, planes: 1, blocks: 9, pages: 8, page: 8 KiB, cell: slc}\n" \
	"    bus: {interface: nv-ddr2, rate: 333 MT/s}\n" \
	"    array: {read: [25 us], program: [200 us], erase: 1.5 ms}\n"

static const char *const drives[] = {
	TINY "  ftl: {map: {unit: 4 KiB, capacity: 256 KiB}}\n  front: {kind: none}\n  buffer: {size: 64 KiB, high: 50 %, low: 20 %}\n",
	TINY "  ftl: {map: {unit: 4 KiB, capacity: 256 KiB}}\n  front: {kind: sata}\n  buffer: {size: 64 KiB, write_back: false}\n"
		"  mount: {scan: full, checkpoint: 100 KiB, journal: 16}\n",
	TINY "  ftl: {map: {unit: 4 KiB, capacity: 256 KiB}}\n  front: {kind: nvme}\n  buffer: {size: 128 KiB, protected: true}\n"
		"  mount: {checkpoint: 200 KiB, journal: 16}\n",
	TINY "  ftl: {map: {unit: 4 KiB, capacity: 256 KiB}, alloc: {frontiers: shared, order: round-robin}, gc: {policy: fifo}}\n"
		"  front: {kind: nvme}\n  buffer: {size: 128 KiB, read_share: 30 %, order: lru}\n  mount: {checkpoint: 50 KiB, journal: 16}\n",
	TINY "  ftl: {map: {unit: 4 KiB, capacity: 256 KiB}, alloc: {superblock: die}, gc: {policy: d-choices}, wear: {threshold: 2, interval: 1}}\n"
		"  front: {kind: sata}\n  buffer: {size: 64 KiB}\n  mount: {scan: full, checkpoint: 0, journal: 20}\n",
	WORDLINES "  ftl: {map: {unit: 4 KiB, capacity: 500 KiB}}\n  front: {kind: nvme}\n  buffer: {size: 128 KiB}\n"
		"  mount: {checkpoint: 300 KiB, journal: 32}\n",
	WORDLINES "  ftl: {map: {unit: 4 KiB, capacity: 400 KiB}, alloc: {frontiers: shared}}\n  front: {kind: none}\n"
		"  buffer: {size: 128 KiB, protected: true, write_back: false}\n  mount: {scan: full}\n",
	/* as little over-provisioning as is let */
	ONE_PLANE "  ftl: {map: {unit: 4 KiB, capacity: 280 KiB}}\n  front: {kind: none}\n  buffer: {size: 64 KiB, high: 20 %, low: 0 %}\n",
	ONE_PLANE "  ftl: {map: {unit: 4 KiB, capacity: 392 KiB}, alloc: {frontiers: shared}, gc: {policy: fifo, low: 1}}\n  front: {kind: none}\n"
		"  buffer: {size: 64 KiB, high: 20 %, low: 0 %}\n  mount: {checkpoint: 64 KiB, journal: 16}\n",
	TINY "  ftl: {map: {unit: 4 KiB, capacity: 256 KiB}}\n  front: {kind: none}\n  buffer: {size: 64 KiB}\n  mount: {recovery: never}\n",
};
#define DRIVES ((int)(sizeof(drives) / sizeof(drives[0])))

static struct power *power_on(int which, uint64_t seed)
{
	struct err e = {0};
	struct power *p = calloc(1, sizeof(*p));
	char text[2048];
	snprintf(text, sizeof(text), "d:\n%s", drives[which]);
	p->s = sim_new(seed);
	struct config *c = config_new(NULL);
	struct ssd_spec *spec = arena_alloc(p->s->arena, sizeof(*spec));
	ck_assert_msg(config_load_text(c, "test.yaml", text, &e) == 0 &&
		config_bind(config_get(config_root(c), "d"), "d", &ssd_options, NULL, spec, p->s->arena, &e) == 0, "%s", e.msg);
	config_free(c);
	p->d = (struct ssd *)(void *)blk_dev_open(p->s, &ssd_ops, "d", spec, &e);
	ck_assert_msg(p->d != NULL, "%s", e.msg);
	p->tags = p->d->dev.tags = blk_tags_new();
	p->rng = rng_new(p->s->arena, seed, "power");
	p->units = (uint32_t)p->d->ftl->logical;
	MUST(p->d->unit_sectors == SECTORS && p->d->ftl->map.forward.width == 4);
	p->unit = arena_array(p->s->arena, p->units, sizeof(*p->unit));
	p->before = arena_alloc(p->s->arena, p->units * sizeof(uint32_t));
	p->flash = arena_array(p->s->arena, p->d->ftl->map.physical, sizeof(*p->flash));
	struct content *version = calloc((size_t)p->units * VERSIONS, sizeof(*version));
	for (uint32_t i = 0; i < p->units; i++)
		p->unit[i] = (struct held){.version = version + (size_t)i * VERSIONS, .count = 1};
	for (int i = 0; i < LANES; i++)
		p->lane[i] = (struct lane){.p = p, .seen = arena_array(p->s->arena, p->units, sizeof(uint32_t))};
	p->d->ftl->tap = (struct ftl_tap){.program = program, .ctx = p};
	return p;
}

static void power_off(struct power *p)
{
	free(p->unit[0].version);
	blk_tags_free(p->tags);
	blk_dev_close(&p->d->dev);
	sim_free(p->s);
	free(p);
}

/* ---- tests --------------------------------------------------------------------------------------------------------------- */

START_TEST(at_every_event_of_a_small_run)
{
	const unsigned length = 400, stride = 100 / effort(100);
	for (unsigned k = 0; k < length; k += stride) {
		struct power *p = power_on(_i, 7);
		begin(p);
		for (unsigned n = 0; n < k; n++)
			MUST(step(p));
		cut(p);
		power_off(p);
	}
}
END_TEST

/* Many cuts of one drive, most of them while it cleans, some of them while it comes back. */
static unsigned cut_again_and_again(int which, enum sabotage sabotage, unsigned cuts, uint64_t seed)
{
	struct power *p = power_on(which, seed);
	p->sabotage = sabotage;
	while (p->cuts < cuts && p->wrong == 0) {
		uint64_t n = rng_below(p->rng, 20) ? rng_below(p->rng, 400) : rng_below(p->rng, 6000);
		begin(p);
		while (n-- > 0)
			MUST(step(p));
		cut(p);
		time_ps wait = blk_dev_power_restore(&p->d->dev);
		MUST(wait == p->d->spec->power_up_ps + p->d->counts.mount_ps);
		if (rng_below(p->rng, 10) == 0) {
			begin(p);
			sim_run_until(p->s, p->s->now_ps + (time_ps)rng_below(p->rng, (uint64_t)wait));
			cut(p);
			blk_dev_power_restore(&p->d->dev);
		}
	}
	unsigned wrong = p->wrong;
	if (sabotage == NONE) {
		ck_assert_uint_gt(p->d->ftl->counts.erases, cuts / 4);
		ck_assert_uint_gt(p->gone, cuts / 10);
	}
	power_off(p);
	return wrong;
}

START_TEST(at_random_events_of_a_long_run)
{
	ck_assert_uint_eq(cut_again_and_again(_i, NONE, effort(1100), 11 + (uint64_t)_i), 0);
}
END_TEST

START_TEST(a_drive_that_forgets_is_found_out)
{
	ck_assert_uint_gt(cut_again_and_again(_i == FLUSH_AT_ONCE ? 7 : 0, (enum sabotage)_i, 1000, 5), 0);
}
END_TEST

static void ignore(struct sim *s, struct blk_req *r)
{
	(void)s;
	ck_assert_int_eq(r->status, BLK_OK);
}

/* One page of one block written since the checkpoint. Read: a page of the map and one of the blocks' marks whole; of the
 * spare bytes the first page of 9 blocks, and the erased one behind the page written. Then a checkpoint of two pages. The
 * bus moves a byte in 3 ns (333 MT/s is 1000/3). */
START_TEST(a_mount_takes_what_it_reads_and_writes)
{
	struct power *p = power_on(7, 1);
	const uint32_t spare = p->d->geom.spare_bytes ? p->d->geom.spare_bytes : 512;
	const time_ps ns = PS_PER_NS, page = 8192 * 3 * ns;
	const time_ps want = 12 * 25000 * ns + 2 * page + 10 * (time_ps)spare * 3 * ns + 2 * (200000 * ns + page);
	struct blk_req r = {.done = ignore, .op = BLK_WRITE, .sectors = 2 * SECTORS, .flags = BLK_FUA, .tag = 1};
	blk_submit(&p->d->dev, &r);
	MUST(sim_run(p->s) == 0);
	blk_dev_power_cut(&p->d->dev);
	ck_assert_uint_eq(p->d->mount->report.pages, 12);
	ck_assert_uint_eq(p->d->mount->report.written, 2);
	ck_assert_uint_eq(p->d->mount->report.blocks_erased, 0);
	ck_assert_int_eq(blk_dev_power_restore(&p->d->dev), PS_PER_MS + want);
	power_off(p);
}
END_TEST

/* The same of a power that goes before the first command, whether a cut is planned (with tags) or not: the page of the map and that
 * of the marks whole, and the first page of 9 blocks; nothing has changed that a checkpoint would write but the marks. */
START_TEST(a_mount_before_the_first_command_takes_its_time)
{
	for (int planned = 0; planned < 2; planned++) {
		struct power *p = power_on(7, 1);
		struct blk_tags *tags = p->d->dev.tags;
		const uint32_t spare = p->d->geom.spare_bytes ? p->d->geom.spare_bytes : 512;
		const time_ps ns = PS_PER_NS, page = 8192 * 3 * ns;
		if (!planned)
			p->d->dev.tags = NULL;
		blk_dev_power_cut(&p->d->dev);
		ck_assert_uint_eq(p->d->mount->report.pages, 11);
		const time_ps want = 11 * 25000 * ns + 2 * page + 9 * (time_ps)spare * 3 * ns +
			(time_ps)p->d->mount->report.written * (200000 * ns + page);
		ck_assert_uint_le(p->d->mount->report.written, 1);
		ck_assert_int_eq(blk_dev_power_restore(&p->d->dev), PS_PER_MS + want);
		p->d->dev.tags = tags;
		power_off(p);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("ftl/ssd power");
	TCase *t = tcase_create("all");
	tcase_add_loop_test(t, at_every_event_of_a_small_run, 0, DRIVES);
	tcase_add_loop_test(t, at_random_events_of_a_long_run, 0, DRIVES);
	tcase_add_loop_test(t, a_drive_that_forgets_is_found_out, NONE + 1, SABOTAGES);
	tcase_add_test(t, a_mount_takes_what_it_reads_and_writes);
	tcase_add_test(t, a_mount_before_the_first_command_takes_its_time);
	tcase_set_timeout(t, 120);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
