/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Random small solid-state drives, any options together: each is refused in a sentence when it is opened, or a random load runs
 * on it to its end, with nothing in flight, all contents right and all books (ssd_oracle.h). Then the same with as much capacity
 * as is not refused. The number in a failure's message is the seed that makes that drive again.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "effort.h"
#include "ftl/ssd_oracle.h"
#include "sim/config.h"

#define DRIVES 900
#define TIGHT 300
#define REQUESTS 300

/* ---- a drive by lot --------------------------------------------------------------------------------------------------- */

struct text {
	char at[4096];
	size_t used;
	struct rng *rng;
	unsigned page;  /* KiB */
	unsigned ahead; /* of moves */
	bool suspend;   /* the flash can */
	bool copyback;  /* of its pages */
};

static unsigned below(struct text *t, unsigned n) { return (unsigned)rng_below(t->rng, n); }
/* Once in n. */
static bool once(struct text *t, unsigned n) { return below(t, n) == 0; }

static void add(struct text *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void add(struct text *t, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	t->used += (size_t)vsnprintf(t->at + t->used, sizeof(t->at) - t->used, fmt, ap);
	va_end(ap);
	ck_assert_uint_lt(t->used, sizeof(t->at));
}

static const char *one_of(struct text *t, const char *const *of)
{
	unsigned n = 0;
	while (of[n])
		n++;
	return of[below(t, n)];
}
#define ONE_OF(t, ...) one_of(t, (const char *const[]){__VA_ARGS__, NULL})

static void draw_flash(struct text *t)
{
	static const char *const times[] = {"[10 us]", "[10 us, 20 us]", "[10 us, 20 us, 30 us]", "[10 us, 20 us, 30 us, 40 us]"};
	static const char *const cells[] = {"slc", "mlc", "tlc", "qlc"};
	unsigned bits = 1 + below(t, 4), wordlines = 2 + below(t, once(t, 3) ? 20 : 6), page = 1U << below(t, 4);
	bool wordline = once(t, 3), shadow = !wordline && once(t, 3), copyback = once(t, 2);
	t->page = page;
	t->suspend = once(t, 2);
	add(t, "d:\n  flash:\n    geometry: {channels: %u, chips: %u, dies: %u, planes: %u, blocks: %u, pages: %u,\n",
		1 + below(t, 4), 1 + below(t, 2), 1 + below(t, 2), 1 + below(t, 4), 4 + below(t, once(t, 3) ? 30 : 12), wordlines * bits);
	add(t, "               page: %u KiB, spare: %u B, cell: %s, page_order: %s, program_unit: %s, program_rule: %s}\n", page,
		once(t, 2) ? 64U : 0, cells[bits - 1], shadow ? "shadow" : "linear", wordline ? "wordline" : "page",
		once(t, 3) ? "ascending" : "next");
	add(t, "    bus: {interface: %s}\n", ONE_OF(t, "sdr, mode: 5", "nv-ddr2, rate: 333 MT/s", "toggle, rate: 800 MT/s",
		"custom, rate: 1200 MT/s", "nv-ddr3, rate: 1200 MT/s, turnaround: true, transfer_spare: true"));
	add(t, "    status: {how: %s}\n", ONE_OF(t, "ready-busy", "polled", "polled, interval: 20 us"));
	add(t, "    array: {read: %s, program: %s, erase: %s}\n", times[once(t, 2) ? 0 : bits - 1],
		once(t, 8) ? "[0 us]" : times[once(t, 2) ? 0 : bits - 1], ONE_OF(t, "0.1 ms", "2 ms", "0 ms"));
	if (t->suspend)
		add(t, "    suspend: {program: true, erase: true, program_time: %u us, erase_time: %u us, resume_time: %u us,\n"
			"              interval: %u us, limit: %u}\n", below(t, 20), below(t, 60), below(t, 9), below(t, 40), below(t, 4));
	if (copyback)
		add(t, "    copyback: {allowed: true, parity: %s}\n", ONE_OF(t, "true", "false"));
	t->ahead = 1 + below(t, copyback ? 5 : once(t, 2) ? 3 : 40);
	t->copyback = copyback && (!wordline || bits == 1);
}

static void draw_layer(struct text *t, const char *capacity)
{
	unsigned low = 1 + below(t, 3), reserve = once(t, 4) ? 1 + below(t, once(t, 4) ? 4 : low) : 1;
	unsigned unit = once(t, 3) ? 0 : once(t, 10) ? 3 : t->page >> below(t, 4);
	add(t, "  moves: {ahead: %u, copyback: %s}\n", t->ahead,
		t->copyback && (unit == 0 || unit == t->page) ? "true" : "false");
	add(t, "  ftl:\n    map: {unit: %u KiB, %s}\n", unit, capacity);
	add(t, "    alloc: {order: %s, superblock: %s, frontiers: %s}\n",
		ONE_OF(t, "CWDP", "PDWC", "DPCW", "WPCD", "round-robin", "shortest-queue", "locality"),
		ONE_OF(t, "none", "none", "die", "device", "die, superpage: true", "device, superpage: true"),
		ONE_OF(t, "shared", "host-gc", "separate"));
	add(t, "    gc: {policy: %s, low: %u, high: %u, background: %u, reserve: %u, choices: %u, window: %u, threshold: %u %%,\n"
		"         pace: %s}\n",
		ftl_victims[below(t, 10)]->name, low, once(t, 2) ? 0 : low + below(t, 3), once(t, 3) ? below(t, 6) : 0, reserve,
		1 + below(t, 10), 1 + below(t, 10), below(t, 60), ONE_OF(t, "false", "false", "true"));
	add(t, "    wear: {threshold: %u, interval: %u, free_order: %s}\n", once(t, 2) ? 0 : 1 + below(t, 5), below(t, 4),
		ONE_OF(t, "fifo", "least-worn"));
}

static void draw_rest(struct text *t)
{
	static const char *const policies[] = {"fifo", "out-of-order", "read-priority", "fair"};
	unsigned policy = below(t, 4);
	add(t, "  sched: {policy: %s, arbitration: %s, multi_plane: %s, suspend: %s, age_limit: %s}\n", policies[policy],
		ONE_OF(t, "command-first", "data-first"), ONE_OF(t, "true", "true", "false"),
		policy == 0 || (!t->suspend && !once(t, 10)) ? "none" : ONE_OF(t, "none", "erase", "all"), ONE_OF(t, "20 ms", "1 ms", "20 us"));
	add(t, "  buffer: {size: %u KiB, read_share: %s, high: %u %%, low: 0, order: %s, write_back: %s, protected: %s}\n",
		8U << below(t, 8), ONE_OF(t, "0", "0", "30 %", "70 %", "50 %, read_ahead: 5"), once(t, 2) ? 0 : below(t, 101),
		ONE_OF(t, "fifo", "lru"),
		ONE_OF(t, "true", "true", "false"), ONE_OF(t, "true", "false", "false"));
	switch (below(t, 3)) {
	case 0:
		add(t, "  front: {kind: none}\n");
		break;
	case 1:
		add(t, "  front: {kind: sata, sata: {depth: %u, queued_trim: %s, frame: 0.5 us}}\n", 1 + below(t, 8),
			ONE_OF(t, "true", "false"));
		break;
	default:
		add(t, "  front: {kind: nvme, nvme: {queues: %u, entries: %u, slots: %u, burst: %u, arbitration: %s}, firmware: {cores: %u,\n"
			"          read: 1 us, write: 2 us}, dram: {rate: 1 GB/s}}\n", 1 + below(t, 4), 2 + below(t, 5), 1 + below(t, 6),
			1 + below(t, 3), ONE_OF(t, "round-robin", "weighted"), below(t, 3));
	}
	add(t, "  idle_flush: %s\n", ONE_OF(t, "1 ms", "0 ms", "50 us"));
	if (once(t, 3))
		add(t, "  mount: {recovery: always, checkpoint: %s, journal: %u, flush_log: %u}\n", ONE_OF(t, "1 GiB", "64 KiB", "0"),
			16 + below(t, 40), once(t, 2) ? 0 : below(t, 3));
	add(t, "  precondition: {fill: %s}\n", ONE_OF(t, "0", "100 %, overwrite: 1", "100 %", "60 %, overwrite: 0.5"));
}

static void draw(struct text *t, const char *capacity)
{
	draw_flash(t);
	draw_layer(t, capacity);
	draw_rest(t);
}

/* ---- its life ------------------------------------------------------------------------------------------------------------- */

/* NULL: refused, with e. */
static struct ssd *make(struct sim *s, const char *text, int64_t capacity, struct err *e)
{
	struct config *c = config_new(NULL);
	struct ssd_spec *spec = arena_alloc(s->arena, sizeof(*spec));
	ck_assert_msg(config_load_text(c, "test.yaml", text, e) == 0, "%s\n%s", e->msg, text);
	int bad = config_bind(config_get(config_root(c), "d"), "d", &ssd_options, NULL, spec, s->arena, e);
	config_free(c);
	if (bad < 0)
		return NULL;
	if (capacity)
		spec->ftl.map.capacity_bytes = capacity;
	return (struct ssd *)(void *)blk_dev_open(s, &ssd_ops, "d", spec, e);
}

/* A sentence that names what is at fault. */
static void must_be_clear(const struct err *e, unsigned seed, const char *text)
{
	ck_assert_msg(e->code == ERR_CONFIG && strlen(e->msg) > 30 && (strstr(e->msg, "d.") || strstr(e->msg, "option")),
		"drive %u is refused with \"%s\" (%d)\n%s", seed, e->msg, (int)e->code, text);
}

static void live(struct ssd *d, unsigned seed, const char *text, unsigned requests)
{
	struct oracle *o = oracle_open(d, seed);
	o->pause = seed % 3 ? 60 : 0;
	if (seed % 4 == 1)
		o->hot = o->sectors;
	oracle_load(o, 1 + seed % ORACLE_LANES, requests);
	if (o->violations == 0)
		(void)oracle_check(o);
	ck_assert_msg(o->violations == 0, "drive %u: %s\n%s", seed, o->e.msg, text);
	oracle_close(o);
}

/* QUERN_TEST_SEED: that drive alone. */
static unsigned first_seed(void)
{
	const char *text = getenv("QUERN_TEST_SEED");
	return text ? (unsigned)strtoul(text, NULL, 10) : 1;
}

static unsigned drives(unsigned usual)
{
	return getenv("QUERN_TEST_SEED") ? 1 : getenv("QUERN_TEST_LONG") ? 20 * usual : effort(usual);
}

/* Whether the drive can be with so much. */
static bool can_be(const char *text, unsigned seed, int64_t capacity)
{
	struct err e = {0};
	struct sim *s = sim_new(seed);
	struct ssd *d = make(s, text, capacity, &e);
	if (d)
		blk_dev_close(&d->dev);
	sim_free(s);
	return d != NULL;
}

/* The greatest capacity that is not refused, to a sector; 0: none. */
static int64_t fullest(const char *text, unsigned seed)
{
	int64_t least = 4096, most = INT64_C(1) << 26; /* more than any holds */
	if (!can_be(text, seed, least))
		return 0;
	while (most - least > 512) {
		int64_t half = least + (most - least) / 2;
		*(can_be(text, seed, half) ? &least : &most) = half;
	}
	return least;
}

/* false: there is no such drive. */
static bool serve(const char *text, unsigned seed, int64_t capacity, unsigned requests)
{
	struct err e = {0};
	struct sim *s = sim_new(seed);
	struct ssd *d = make(s, text, capacity, &e);
	if (d) {
		live(d, seed, text, requests);
		blk_dev_close(&d->dev);
	} else {
		must_be_clear(&e, seed, text);
	}
	sim_free(s);
	return d != NULL;
}

START_TEST(any_drive_is_refused_or_serves_all)
{
	unsigned n = drives(DRIVES), lived = 0;
	for (unsigned i = 0; i < n; i++) {
		unsigned seed = first_seed() + i;
		struct sim *s = sim_new(seed);
		struct text t = {.rng = rng_new(s->arena, seed, "drive")};
		char capacity[64];
		snprintf(capacity, sizeof(capacity), "over_provisioning: %u %%", 7 + below(&t, once(&t, 3) ? 60 : 300));
		draw(&t, capacity);
		lived += serve(t.at, seed, 0, REQUESTS);
		sim_free(s);
	}
	ck_assert(n < 50 || (lived > n / 4 && lived < n - n / 20));
}
END_TEST

START_TEST(a_drive_as_full_as_can_be_serves_all)
{
	unsigned n = drives(TIGHT), lived = 0;
	for (unsigned i = 0; i < n; i++) {
		unsigned seed = first_seed() + i;
		struct sim *s = sim_new(seed);
		struct text t = {.rng = rng_new(s->arena, seed, "tight drive")};
		draw(&t, "over_provisioning: 1500 %");
		int64_t capacity = fullest(t.at, seed);
		lived += capacity > 0 && serve(t.at, seed, capacity, 2 * REQUESTS);
		sim_free(s);
	}
	ck_assert(n < 50 || lived > n / 2);
}
END_TEST

/* ---- what was found so ------------------------------------------------------------------------------------------------------- */

#define FLASH(geometry, erase) \
	"d:\n  flash:\n    geometry: {" geometry "}\n    bus: {interface: custom, rate: 1200 MT/s}\n" \
	"    array: {read: [10 us], program: [20 us], erase: " erase "}\n"

static const struct {
	const char *text;
	unsigned seed, requests;
	bool full; /* as full as can be */
} found[] = {
	/* a block whose last programs are padding was erased before them */
	{FLASH("channels: 4, chips: 2, dies: 2, planes: 3, blocks: 12, pages: 14, page: 8 KiB, cell: mlc, program_unit: wordline", "0 ms")
		"    status: {how: polled, interval: 20 us}\n  moves: {ahead: 5}\n  sched: {policy: fair, age_limit: 1 ms}\n"
		"  ftl: {map: {unit: 1 KiB, over_provisioning: 127 %}, gc: {low: 3}, wear: {threshold: 2, interval: 2, free_order: fifo},\n"
		"        alloc: {order: round-robin, superblock: device}}\n"
		"  buffer: {size: 128 KiB, high: 32 %, order: lru}\n  front: {kind: sata, sata: {depth: 7, frame: 0.5 us}}\n"
		"  idle_flush: 50 us\n  precondition: {fill: 60 %, overwrite: 0.5}\n", 808, 300, false},
	/* a region took so much that its cleaning padded as much as it gained, for ever */
	{FLASH("channels: 2, chips: 2, dies: 2, planes: 2, blocks: 19, pages: 3, page: 4 KiB, cell: slc", "2 ms")
		"  ftl: {map: {unit: 2 KiB, over_provisioning: 1500 %}, alloc: {order: shortest-queue, frontiers: shared}, gc: {high: 4}}\n"
		"  buffer: {size: 8 KiB}\n  front: {kind: none}\n  precondition: {fill: 60 %, overwrite: 0.5}\n", 12, 600, true},
	/* cost-benefit came back to the same old data, of which one unit was invalid and became padding again */
	{FLASH("channels: 3, chips: 2, dies: 1, planes: 2, blocks: 32, pages: 12, page: 4 KiB, cell: mlc, program_unit: wordline", "2 ms")
		"  ftl: {map: {unit: 1 KiB, over_provisioning: 1500 %}, alloc: {order: WPCD, frontiers: shared}, gc: {policy: cost-benefit}}\n"
		"  buffer: {size: 1 MiB, write_back: false}\n  front: {kind: none}\n  precondition: {fill: 100 %, overwrite: 1}\n",
		203, 600, true},
	/* a paced job waited for the host, and the host for a superpage that a smaller buffer never fills */
	{FLASH("channels: 2, chips: 2, dies: 2, planes: 3, blocks: 14, pages: 21, page: 8 KiB, cell: tlc", "0 ms")
		"  moves: {ahead: 1}\n"
		"  ftl: {map: {unit: 2 KiB, over_provisioning: 1500 %}, gc: {policy: random++, background: 5, threshold: 17 %, pace: true},\n"
		"        alloc: {order: shortest-queue, superblock: die, superpage: true, frontiers: separate}}\n"
		"  buffer: {size: 8 KiB}\n  front: {kind: none}\n  idle_flush: 50 us\n  precondition: {fill: 100 %, overwrite: 1}\n", 25, 600,
		true},
	/* a region that units under way at once had filled beyond its share was cleaned for ever, at rest and for nothing */
	{"d:\n"
		"  flash:\n"
		"    geometry: {channels: 4, chips: 2, dies: 1, planes: 3, blocks: 13, pages: 4,\n"
		"               page: 4 KiB, spare: 64 B, cell: slc, page_order: shadow, program_unit: page, program_rule: next}\n"
		"    bus: {interface: sdr, mode: 5}\n"
		"    status: {how: polled}\n"
		"    array: {read: [10 us], program: [10 us], erase: 0.1 ms}\n"
		"    copyback: {allowed: true, parity: false}\n"
		"  moves: {ahead: 2, copyback: true}\n"
		"  ftl:\n"
		"    map: {unit: 0 KiB, over_provisioning: 1500 %}\n"
		"    alloc: {order: shortest-queue, superblock: none, frontiers: shared}\n"
		"    gc: {policy: random++, low: 3, high: 3, background: 2, reserve: 1, choices: 8, window: 6, threshold: 41 %,\n"
		"         pace: true}\n"
		"    wear: {threshold: 0, interval: 3, free_order: least-worn}\n"
		"  sched: {policy: fifo, arbitration: command-first, multi_plane: true, suspend: none, age_limit: 20 ms}\n"
		"  buffer: {size: 128 KiB, read_share: 50 %, read_ahead: 5, high: 0 %, low: 0, order: lru, write_back: true, protected: true}\n"
		"  front: {kind: none}\n"
		"  idle_flush: 50 us\n"
		"  precondition: {fill: 100 %}\n", 2222, 600, true},
};

START_TEST(what_once_went_wrong_does_not)
{
	int64_t capacity = found[_i].full ? fullest(found[_i].text, found[_i].seed) : 0;
	ck_assert(serve(found[_i].text, found[_i].seed, capacity, found[_i].requests));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("ftl/ssd_geometries");
	TCase *t = tcase_create("all");
	tcase_add_loop_test(t, what_once_went_wrong_does_not, 0, (int)(sizeof(found) / sizeof(found[0])));
	tcase_add_test(t, any_drive_is_refused_or_serves_all);
	tcase_add_test(t, a_drive_as_full_as_can_be_serves_all);
	tcase_set_timeout(t, getenv("QUERN_TEST_LONG") ? 600 : 60);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
