/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Random writes, trims, reads and cleaning steps with programs that end in any order, on tiny devices, for every
 * combination of victim policy, allocation and frontiers. An oracle holds what each physical unit was last programmed
 * with and which version of each logical unit is the latest; it counts programs and erases for itself, and knows the
 * rules of flash: a unit is programmed once between erases, and a block is erased when nothing in it is needed.
 */
#include "ftl/ftl_fixture.h"

#define OPERATIONS 30000
#define HOST_AT_ONCE 8
#define MOVES_MAX 64

/* As ck_assert(), which tells its runner of each success, and is slow. */
#define MUST(x) ((x) ? (void)0 : ck_abort_msg("not so: %s", #x))
#define MUST_EQ(x, y) MUST((x) == (y))

struct content {
	uint64_t logical; /* FTL_NOWHERE: erased, or padding */
	uint32_t version;
	bool programmed;
};

struct host_write {
	uint64_t logical, to;
	uint32_t version;
};

struct oracle {
	struct rig r;
	struct ftl *f;
	struct rng *rng;
	struct content *flash;     /* by physical unit */
	uint32_t *version;         /* by logical unit: the latest; 0: not there */
	uint32_t written;          /* versions given out */
	struct host_write host[HOST_AT_ONCE];
	uint32_t hosts;
	struct { struct ftl_move m; struct content c; uint32_t region; } move[MOVES_MAX];
	uint32_t moves;
	uint64_t programs[FTL_CAUSES], erases, stale, trimmed;
};

/* ---- what the flash is told ------------------------------------------------------------------------------------ */

static void told_program(void *ctx, uint64_t physical, uint64_t logical, int cause)
{
	struct oracle *o = ctx;
	struct content *c = &o->flash[physical];
	MUST(!c->programmed);
	c->programmed = true;
	c->logical = logical;
	o->programs[cause]++;
}

static void told_erase(void *ctx, uint32_t block)
{
	struct oracle *o = ctx;
	uint64_t first = (uint64_t)block * o->f->blocks.units;
	o->erases++;
	for (uint64_t u = first; u < first + o->f->blocks.units; u++) {
		MUST(o->flash[u].programmed); /* no block is cleaned before it is full */
		MUST(o->flash[u].logical == FTL_NOWHERE || o->flash[u].version == 0 ||
			o->flash[u].version != o->version[o->flash[u].logical]); /* else the only copy is erased */
		o->flash[u] = (struct content){.logical = FTL_NOWHERE};
	}
}

static void read_back(const struct oracle *o, uint64_t logical)
{
	uint64_t at = ftl_lookup(o->f, logical);
	if (o->version[logical] == 0) {
		MUST_EQ(at, FTL_NOWHERE);
		return;
	}
	MUST(at != FTL_NOWHERE);
	MUST_EQ(o->flash[at].logical, logical);
	MUST_EQ(o->flash[at].version, o->version[logical]);
}

/* ---- programs that end ------------------------------------------------------------------------------------------- */

static void end_host(struct oracle *o, uint32_t i)
{
	struct host_write w = o->host[i];
	o->host[i] = o->host[--o->hosts];
	o->flash[w.to].version = w.version;
	o->version[w.logical] = w.version;
	ftl_write_commit(o->f, w.logical, w.to);
	read_back(o, w.logical);
}

static void end_move(struct oracle *o, uint32_t i)
{
	struct ftl_move m = o->move[i].m;
	struct content c = o->move[i].c;
	uint32_t region = o->move[i].region;
	bool latest = c.version == o->version[m.logical];
	o->move[i] = o->move[--o->moves];
	/* another copy of this version; what is at the source is not the one that counts any more */
	o->flash[m.to].version = c.version;
	MUST_EQ(ftl_move_commit(o->f, region, &m), latest);
	o->stale += !latest;
	if (latest)
		o->flash[m.from].version = 0;
	else
		o->flash[m.to].version = 0;
	read_back(o, m.logical);
}

static void end_any(struct oracle *o)
{
	uint32_t n = o->hosts + o->moves;
	if (n == 0)
		return;
	uint32_t i = (uint32_t)rng_below(o->rng, n);
	if (i < o->hosts)
		end_host(o, i);
	else
		end_move(o, i - o->hosts);
}

/* ---- steps ------------------------------------------------------------------------------------------------------- */

/* One step of the region's job, begun if need be. */
static void clean_step(struct oracle *o, uint32_t region)
{
	struct ftl_move m;
	if (!ftl_clean_active(o->f, region) && !ftl_clean_begin(o->f, region)) {
		end_any(o);
		return;
	}
	if (o->moves < MOVES_MAX && ftl_clean_next(o->f, region, &m)) {
		MUST_EQ(o->flash[m.from].logical, m.logical);
		MUST_EQ(o->flash[m.from].version, o->version[m.logical]);
		MUST_EQ(ftl_region_of(o->f, m.to), region);
		o->move[o->moves].m = m;
		o->move[o->moves].c = o->flash[m.from];
		o->move[o->moves++].region = region;
	} else if (ftl_clean_done(o->f, region)) {
		ftl_erased(o->f, region);
	} else {
		end_any(o);
	}
}

static bool under_way(const struct oracle *o, uint64_t logical)
{
	for (uint32_t i = 0; i < o->hosts; i++)
		if (o->host[i].logical == logical)
			return true;
	return false;
}

static void write_one(struct oracle *o, uint64_t logical)
{
	if (o->hosts == HOST_AT_ONCE || under_way(o, logical))
		return;
	uint32_t region = ftl_choose(o->f, logical);
	int steps = 0;
	while (!ftl_room(o->f, region)) {
		MUST(ftl_clean_active(o->f, region) || ftl_clean_wanted(o->f, region, FTL_FOREGROUND));
		clean_step(o, region);
		MUST(++steps < 100000);
	}
	o->host[o->hosts++] = (struct host_write){logical, ftl_write_begin(o->f, region), ++o->written};
}

static void trim_one(struct oracle *o, uint64_t logical)
{
	if (under_way(o, logical))
		return;
	bool was = o->version[logical] != 0;
	MUST_EQ(ftl_trim(o->f, logical), was);
	o->trimmed += was;
	o->version[logical] = 0;
	read_back(o, logical);
}

static void operate(struct oracle *o)
{
	/* half of the writes go to an eighth of the units */
	uint64_t n = rng_below(o->rng, 2) ? o->f->logical : o->f->logical / 8, l = rng_below(o->rng, n);
	uint64_t what = rng_below(o->rng, 100);
	uint32_t region = (uint32_t)rng_below(o->rng, o->f->alloc.regions);
	if (what < 55) {
		write_one(o, l);
	} else if (what < 58) {
		trim_one(o, l);
	} else if (what < 60) {
		read_back(o, l);
	} else if (what < 61) {
		(void)ftl_pad(o->f, region, FTL_HOST);
	} else if (what < 75) {
		if (ftl_clean_active(o->f, region) || ftl_clean_wanted(o->f, region, FTL_BACKGROUND))
			clean_step(o, region);
	} else {
		end_any(o);
	}
}

/* ---- whole runs --------------------------------------------------------------------------------------------------- */

static void open_oracle(struct oracle *o, const char *text)
{
	memset(o, 0, sizeof(*o));
	rig_open(&o->r, text);
	o->f = o->r.f;
	o->rng = o->r.rng;
	o->flash = arena_array(o->r.arena, o->f->map.physical, sizeof(*o->flash));
	o->version = arena_array(o->r.arena, o->f->logical, sizeof(*o->version));
	for (uint64_t u = 0; u < o->f->map.physical; u++)
		o->flash[u].logical = FTL_NOWHERE;
	o->f->tap = (struct ftl_tap){told_program, told_erase, o};
}

/* Versions start at 1, and 0 is also what padding and stale copies have; trimmed units have it too. */
static bool agrees(const struct oracle *o)
{
	const struct ftl_counts *c = &o->f->counts;
	uint64_t all = 0, units = 0;
	struct err e = {0};
	for (int i = 0; i < FTL_CAUSES; i++) {
		all += o->programs[i];
		if (c->programmed[i] != o->programs[i])
			return false;
	}
	for (uint64_t u = 0; u < o->f->map.physical; u++)
		units += o->flash[u].programmed;
	/* all that was programmed lies in the flash or was erased with its block */
	return all == ftl_programs(o->f) && all == units + o->erases * o->f->blocks.units && c->erases == o->erases &&
		c->stale == o->stale && c->trimmed == o->trimmed && ftl_check(o->f, &e) == 0;
}

static void combination(int policy, int order, int frontiers, int salt)
{
	static const char *const frontier[] = {"shared", "host-gc", "separate"};
	static const char *const super[] = {"none", "die", "device"};
	struct oracle o;
	char text[1024];
	snprintf(text, sizeof(text), TINY "ftl:\n  map: {over_provisioning: 95 %%, unit: %s}\n"
		"  alloc: {order: %s, frontiers: %s, superblock: %s}\n"
		"  gc: {policy: %s, low: %d, high: %d, background: %d, window: 4, choices: 3, threshold: 0.3}\n"
		"  wear: {free_order: %s, threshold: %d}\n",
		salt % 2 ? "8 KiB" : "4 KiB", ftl_allocs[order]->name, frontier[frontiers], super[salt % 3],
		ftl_victims[policy]->name, 1 + salt % 2, salt % 5 ? 0 : 2, salt % 4 ? 0 : 5, salt % 2 ? "fifo" : "least-worn",
		salt % 3 ? 0 : 2);
	open_oracle(&o, text);
	for (int i = 0; i < OPERATIONS; i++) {
		operate(&o);
		if (i % 5000 == 0)
			ck_assert_msg(agrees(&o), "%s", text);
	}
	while (o.hosts + o.moves > 0)
		end_any(&o);
	for (uint64_t l = 0; l < o.f->logical; l++)
		read_back(&o, l);
	ck_assert_msg(agrees(&o), "%s", text);
	ck_assert_msg(o.erases > 10, "%s: %llu erases", text, (unsigned long long)o.erases);
	rig_close(&o.r);
}

START_TEST(what_was_written_last_is_found_with_this_policy_in_every_setting)
{
	if (!ftl_victims[_i])
		return;
	for (int order = 0, salt = _i; ftl_allocs[order]; order++)
		for (int frontiers = 0; frontiers < 3; frontiers++)
			combination(_i, order, frontiers, salt++);
}
END_TEST

#define PLAIN TINY "ftl: {map: {over_provisioning: 95 %}, gc: {low: 1}}\n"

START_TEST(a_skipped_map_update_is_seen)
{
	struct oracle o;
	open_oracle(&o, PLAIN);
	for (int i = 0; i < 3000; i++)
		operate(&o);
	while (o.hosts + o.moves > 0)
		end_any(&o);
	uint64_t l = 0;
	while (o.version[l] == 0)
		l++;
	/* a write whose map entry stays behind */
	uint64_t old = ftl_lookup(o.f, l);
	write_one(&o, l);
	end_host(&o, 0);
	map_set(&o.f->map, l, old);
	struct err e = {0};
	ck_assert(o.flash[ftl_lookup(o.f, l)].version != o.version[l]);
	ck_assert_int_eq(ftl_check(o.f, &e), -1);
	ck_assert(!agrees(&o));
	rig_close(&o.r);
}
END_TEST

START_TEST(every_miscount_is_seen)
{
	for (int what = 0; what < 7; what++) {
		struct oracle o;
		open_oracle(&o, PLAIN);
		for (int i = 0; i < 3000; i++)
			operate(&o);
		while (o.hosts + o.moves > 0)
			end_any(&o);
		ck_assert(agrees(&o));
		struct ftl *f = o.f;
		uint32_t k = 0;
		while (f->blocks.block[k].state != FTL_FULL)
			k++;
		switch (what) {
		case 0: f->counts.programmed[FTL_GC]++; break;
		case 1: f->counts.erases++; break;
		case 2: f->blocks.block[k].valid++; break;
		case 3: f->blocks.region[0].live++; break;
		case 4: f->blocks.region[0].free--; break;
		case 5: f->blocks.block[k].erases++; break;
		default: map_set_owner(&f->map, ftl_lookup(f, 0) != FTL_NOWHERE ? ftl_lookup(f, 0) : ftl_lookup(f, 1), 9); break;
		}
		ck_assert_msg(!agrees(&o), "miscount %d goes unseen", what);
		rig_close(&o.r);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("ftl/random_ops");
	TCase *t = tcase_create("all");
	tcase_set_timeout(t, 30);
	tcase_add_test(t, a_skipped_map_update_is_seen);
	tcase_add_test(t, every_miscount_is_seen);
	tcase_add_loop_test(t, what_was_written_last_is_found_with_this_policy_in_every_setting, 0, 10);
	suite_add_tcase(s, t);
	return run_suite(s);
}
