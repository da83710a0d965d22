/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Power cuts on tiny devices: random writes, trims, cleaning, journal writes and checkpoints, whose programs end in any
 * order, cut at every step of short histories and at random steps of long ones, again and again on the same device. An
 * oracle of its own holds what each physical unit was programmed with, which version of each logical unit is durable, and
 * which trims may be undone; nothing else may be found after a mount, and the device goes on without getting stuck.
 */
#include "effort.h"
#include "ftl/ftl_fixture.h"
#include "ftl/mount.h"

#define HOST_AT_ONCE 8
#define MOVES_MAX 64
#define TORN UINT32_MAX

/* As ck_assert(), which tells its runner of each success, and is slow. */
#define MUST(x) ((x) ? (void)0 : ck_abort_msg("not so: %s", #x))

enum sabotage { NONE, WRITE_UNTOLD, COPY_AS_NEW, TRIM_UNTOLD, ERASE_UNASKED, CHECKPOINT_MISSES, SABOTAGES };
enum stage { DURABLE, WAITING, WRITING };

struct content {
	uint64_t logical;
	uint32_t version; /* 0: erased or padding; TORN: unreadable */
};

struct held {
	uint32_t latest;     /* version that is read now; 0: none */
	uint32_t durable;    /* that a mount finds ... */
	uint8_t trim;        /* ... or none, where this is not DURABLE: enum stage */
	bool in_checkpoint;  /* the trim is in the one being written */
};

struct oracle {
	struct rig r;
	struct ftl *f;
	struct mount *m;
	struct ftl_mount_spec spec;
	struct rng *rng;
	struct content *flash;
	struct held *unit;
	uint32_t versions;
	struct { uint64_t logical, to; uint32_t version; } host[HOST_AT_ONCE];
	struct { struct ftl_move m; struct content c; uint32_t region; } move[MOVES_MAX];
	uint32_t hosts, moves;
	bool erasing[8]; /* by region */
	enum sabotage sabotage;
	uint32_t wrong, cuts, undone, trims;
};

/* ---- programs, erases and trims ------------------------------------------------------------------------ */

static void told_erase(void *ctx, uint32_t block)
{
	struct oracle *o = ctx;
	uint64_t first = (uint64_t)block * o->f->blocks.units;
	for (uint64_t u = first; u < first + o->f->blocks.units; u++)
		o->flash[u] = (struct content){FTL_NOWHERE, 0};
}

static void read_back(const struct oracle *o, uint64_t l)
{
	uint64_t at = ftl_lookup(o->f, l);
	MUST(at == FTL_NOWHERE ? o->unit[l].latest == 0 :
		o->flash[at].logical == l && o->flash[at].version == o->unit[l].latest);
}

static void end_host(struct oracle *o, uint32_t i)
{
	uint64_t l = o->host[i].logical, to = o->host[i].to;
	o->flash[to] = (struct content){l, o->host[i].version};
	o->unit[l] = (struct held){.latest = o->host[i].version, .durable = o->host[i].version};
	ftl_write_commit(o->f, l, to);
	if (o->sabotage == WRITE_UNTOLD)
		mount_tear(o->m, to);
	if (o->sabotage == CHECKPOINT_MISSES)
		memset(o->m->dirty[0], 0, o->m->map_pages);
	o->host[i] = o->host[--o->hosts];
	read_back(o, l);
}

static void end_move(struct oracle *o, uint32_t i)
{
	struct ftl_move m = o->move[i].m;
	o->flash[m.to] = o->move[i].c;
	bool kept = ftl_move_commit(o->f, o->move[i].region, &m);
	if (o->sabotage == COPY_AS_NEW && !kept)
		o->m->oob[m.to] = ++o->m->sequence;
	o->move[i] = o->move[--o->moves];
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

static bool under_way(const struct oracle *o, uint64_t logical)
{
	for (uint32_t i = 0; i < o->hosts; i++)
		if (o->host[i].logical == logical)
			return true;
	return false;
}

static void trim_one(struct oracle *o, uint64_t l)
{
	if (under_way(o, l) || !mount_trim_room(o->m))
		return;
	bool was = o->unit[l].latest != 0;
	MUST(ftl_trim(o->f, l) == was);
	if (!was)
		return;
	o->unit[l].latest = 0;
	o->unit[l].trim = WAITING;
	o->unit[l].in_checkpoint = false;
	o->trims++;
	if (o->sabotage == TRIM_UNTOLD && o->m->trims > o->m->trims_writing && o->m->trim[o->m->trims - 1].count == 1)
		o->m->trims--;
}

/* ---- journal and checkpoints --------------------------------------------------------------------------- */

static void all_trims(struct oracle *o, enum stage from, enum stage to)
{
	for (uint64_t l = 0; l < o->f->logical; l++) {
		struct held *u = &o->unit[l];
		if (u->trim != from)
			continue;
		u->trim = (uint8_t)to;
		if (to == DURABLE) {
			u->durable = 0;
			u->in_checkpoint = false;
		}
	}
}

/* A trim that a cut may undo is something a flush has to wait for. */
static void nothing_is_overlooked(const struct oracle *o)
{
	for (uint64_t l = 0; l < o->f->logical; l++)
		MUST(o->unit[l].trim == DURABLE || mount_journal_pending(o->m) || o->sabotage != NONE);
}

static void journal_step(struct oracle *o)
{
	if (o->m->journaling) {
		mount_journal_end(o->m);
		all_trims(o, WRITING, DURABLE);
		nothing_is_overlooked(o);
	} else if (mount_journal_begin(o->m) > 0) {
		all_trims(o, WAITING, WRITING);
	}
}

static void checkpoint_step(struct oracle *o)
{
	if (!o->m->checkpointing) {
		MUST(mount_checkpoint_begin(o->m) > 0);
		for (uint64_t l = 0; l < o->f->logical; l++)
			o->unit[l].in_checkpoint = o->unit[l].trim != DURABLE;
		return;
	}
	mount_checkpoint_end(o->m);
	for (uint64_t l = 0; l < o->f->logical; l++)
		if (o->unit[l].in_checkpoint) {
			o->unit[l].in_checkpoint = false;
			o->unit[l].trim = DURABLE;
			o->unit[l].durable = 0;
		}
	nothing_is_overlooked(o);
}

/* A run of units, which is one record of the journal; now and then a checkpoint begins or ends within it. */
static void trim_run(struct oracle *o, uint64_t l)
{
	for (uint64_t n = 1 + rng_below(o->rng, 5); n > 0 && l < o->f->logical; n--, l++) {
		trim_one(o, l);
		if (rng_below(o->rng, 16) == 0)
			checkpoint_step(o);
	}
}

/* ---- steps --------------------------------------------------------------------------------------------- */

static void clean_step(struct oracle *o, uint32_t region)
{
	struct ftl_move m;
	bool active = ftl_clean_active(o->f, region) || ftl_clean_begin(o->f, region);
	if (o->erasing[region]) {
		o->erasing[region] = false;
		told_erase(o, o->f->job[region].victim);
		ftl_erased(o->f, region);
	} else if (active && o->moves < MOVES_MAX && ftl_clean_next(o->f, region, &m)) {
		o->move[o->moves].m = m;
		o->move[o->moves].c = o->flash[m.from];
		o->move[o->moves++].region = region;
	} else if (!active || !ftl_clean_done(o->f, region)) {
		end_any(o);
	} else if (mount_may_erase(o->m, o->f->job[region].victim) || o->sabotage == ERASE_UNASKED) {
		o->erasing[region] = true;
	} else {
		journal_step(o);
	}
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
	o->host[o->hosts].logical = logical;
	o->host[o->hosts].version = ++o->versions;
	o->host[o->hosts++].to = ftl_write_begin(o->f, region);
}

/* Not where the last free block is being filled: what cleaning moves has need of all of it. */
static void pad(struct oracle *o, uint32_t region)
{
	enum ftl_stream stream = rng_below(o->rng, 2) ? FTL_HOST : FTL_GC;
	if (o->f->blocks.region[region].free > 0)
		(void)ftl_pad(o->f, region, stream);
}

static void operate(struct oracle *o)
{
	/* half of the writes go to an eighth of the units */
	uint64_t n = rng_below(o->rng, 2) ? o->f->logical : o->f->logical / 8, l = rng_below(o->rng, n);
	uint64_t what = rng_below(o->rng, 100);
	uint32_t region = (uint32_t)rng_below(o->rng, o->f->alloc.regions);
	if (what < 50)
		write_one(o, l);
	else if (what < 52)
		trim_run(o, l);
	else if (what < 55)
		pad(o, region);
	else if (what < 56)
		journal_step(o);
	else if (mount_checkpoint_due(o->m) || (o->m->checkpointing && what < 58))
		checkpoint_step(o);
	else if (what > 75)
		end_any(o);
	else if (ftl_clean_active(o->f, region) || ftl_clean_wanted(o->f, region, FTL_BACKGROUND))
		clean_step(o, region);
}

/* ---- the cut ------------------------------------------------------------------------------------------- */

/* What is under way is lost; of the erases some have begun. */
static void tear(struct oracle *o)
{
	while (o->hosts > 0)
		o->flash[o->host[--o->hosts].to].version = TORN;
	while (o->moves > 0)
		o->flash[o->move[--o->moves].m.to].version = TORN;
	for (uint32_t region = 0; region < o->f->alloc.regions; region++) {
		uint32_t victim = o->f->job[region].victim;
		if (o->erasing[region] && rng_below(o->rng, 2)) {
			for (uint64_t u = 0; u < o->f->blocks.units; u++)
				o->flash[(uint64_t)victim * o->f->blocks.units + u].version = TORN;
			mount_tear_erase(o->m, victim);
		}
		o->erasing[region] = false;
	}
}

static void cut(struct oracle *o)
{
	tear(o);
	uint64_t pages = mount_recover(o->m)->pages;
	for (uint32_t i = 0; i < o->r.geom.dies; i++)
		pages -= o->m->reads[i];
	MUST(pages == 0);
	o->cuts++;
	for (uint64_t l = 0; l < o->f->logical; l++) {
		struct held *u = &o->unit[l];
		uint64_t at = ftl_lookup(o->f, l);
		uint32_t found = at == FTL_NOWHERE ? 0 : o->flash[at].version;
		bool good = (found == u->durable || (found == 0 && u->trim != DURABLE)) &&
			(at == FTL_NOWHERE || (o->flash[at].logical == l && found != 0));
		if (!good && o->sabotage == NONE)
			ck_abort_msg("cut %u: unit %llu holds version %u, durable is %u, trim %u", o->cuts, (unsigned long long)l, found,
				u->durable, u->trim);
		o->wrong += !good;
		o->undone += u->trim != DURABLE && found != 0;
		*u = (struct held){.latest = found, .durable = found};
	}
	struct err e = {0};
	if (o->sabotage == NONE && ftl_check(o->f, &e) < 0)
		ck_abort_msg("cut %u: %s", o->cuts, e.msg);
}

/* ---- whole runs ---------------------------------------------------------------------------------------- */

static void open_oracle(struct oracle *o, const char *text, int scan, enum sabotage sabotage)
{
	struct err e = {0};
	memset(o, 0, sizeof(*o));
	rig_open(&o->r, text);
	o->f = o->r.f;
	o->rng = o->r.rng;
	o->sabotage = sabotage;
	o->spec = (struct ftl_mount_spec){.scan = scan, .checkpoint_bytes = 100 * 8192, .journal_records = 16};
	o->flash = arena_array(o->r.arena, o->f->map.physical, sizeof(*o->flash));
	o->unit = arena_array(o->r.arena, o->f->logical, sizeof(*o->unit));
	for (uint64_t u = 0; u < o->f->map.physical; u++)
		o->flash[u].logical = FTL_NOWHERE;
	/* a device in use: what is there at mount_open() is durable */
	null_fill(o->f, 0, o->f->logical / 2);
	for (uint64_t l = 0; l < o->f->logical / 2; l++) {
		o->unit[l] = (struct held){.latest = ++o->versions, .durable = o->versions};
		o->flash[ftl_lookup(o->f, l)] = (struct content){l, o->versions};
	}
	o->m = mount_open(o->r.arena, o->f, &o->spec, &e);
	ck_assert_msg(o->m != NULL, "%s", e.msg);
	o->f->tap = (struct ftl_tap){NULL, told_erase, o};
}

static const char *const settings[] = {
	TINY "ftl: {map: {over_provisioning: 95 %}, gc: {low: 1}}\n",
	TINY "ftl: {map: {over_provisioning: 95 %, unit: 4 KiB}, alloc: {frontiers: shared}, gc: {policy: fifo}}\n",
	TINY "ftl: {map: {over_provisioning: 95 %, unit: 2 KiB}, alloc: {frontiers: separate, superblock: die},"
		" gc: {policy: d-choices, choices: 3, background: 5}, wear: {threshold: 2}}\n",
	TINY "ftl: {map: {over_provisioning: 95 %}, alloc: {superblock: device, order: PDCW}, gc: {policy: lru}}\n",
	TINY "ftl: {map: {over_provisioning: 95 %}, alloc: {order: round-robin}, gc: {policy: cost-benefit, low: 2, high: 3}}\n",
	/* as tight as it goes: cleaning takes the last free block */
	ONE_PLANE "ftl: {map: {over_provisioning: 34 %}, gc: {low: 1}}\n",
	ONE_PLANE "ftl: {map: {over_provisioning: 16 %, unit: 1 KiB}, alloc: {frontiers: shared}, gc: {low: 1}}\n",
};
#define SETTINGS ((int)(sizeof(settings) / sizeof(settings[0])))

static void steps(struct oracle *o, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		operate(o);
}

START_TEST(after_a_cut_at_every_step_what_was_durable_is_found)
{
	struct oracle o;
	for (unsigned at = 1, last = effort(1000); at <= last; at++) {
		open_oracle(&o, settings[_i % SETTINGS], _i / SETTINGS, NONE);
		steps(&o, at);
		cut(&o);
		steps(&o, 40);
		cut(&o);
		rig_close(&o.r);
	}
}
END_TEST

START_TEST(after_cuts_at_random_steps_what_was_durable_is_found)
{
	struct oracle o;
	unsigned cuts = effort(1000);
	open_oracle(&o, settings[_i % SETTINGS], _i / SETTINGS, NONE);
	while (o.cuts < cuts) {
		steps(&o, (unsigned)rng_below(o.rng, rng_below(o.rng, 8) ? 60 : 1000));
		cut(&o);
	}
	if (cuts == 1000) /* the run has seen what it is about */
		ck_assert_msg(o.undone > 0 && o.trims > 500 && o.m->counts.checkpoints > 1100 && o.m->counts.journals > 20 &&
			o.f->counts.erases > 1000, "%u trims undone of %u, %llu checkpoints, %llu journals, %llu erases", o.undone, o.trims,
			(unsigned long long)o.m->counts.checkpoints, (unsigned long long)o.m->counts.journals,
			(unsigned long long)o.f->counts.erases);
	ck_assert_uint_eq(o.wrong, 0);
	rig_close(&o.r);
}
END_TEST

START_TEST(each_update_that_is_left_out_is_caught)
{
	static const char *const name[] = {"", "a write's metadata", "a copy's sequence", "a trim's record", "the wait before an erase",
		"a changed part of the map"};
	struct oracle o;
	uint32_t wrong = 0;
	for (int i = 0; i < SETTINGS && wrong == 0; i++) {
		open_oracle(&o, settings[i], FTL_SCAN_CHECKPOINT, (enum sabotage)_i);
		for (int k = 0; k < 300 && o.wrong == 0; k++) {
			steps(&o, (unsigned)rng_below(o.rng, 400));
			cut(&o);
		}
		wrong += o.wrong;
		rig_close(&o.r);
	}
	ck_assert_msg(wrong > 0, "%s is left out and nothing is wrong", name[_i]);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("ftl/mount");
	TCase *t = tcase_create("all");
	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, after_a_cut_at_every_step_what_was_durable_is_found, 0, 2 * SETTINGS);
	tcase_add_loop_test(t, after_cuts_at_random_steps_what_was_durable_is_found, 0, 2 * SETTINGS);
	tcase_add_loop_test(t, each_update_that_is_left_out_is_caught, 1, SABOTAGES);
	suite_add_tcase(s, t);
	return run_suite(s);
}
