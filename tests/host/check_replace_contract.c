/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What every replacement policy owes its owner, asked of the whole table: random faults that overlap, references, pins, pages that
 * go away, pools that share frames and change their size. */
#include "effort.h"
#include "host/replace_fixture.h"

#define FRAMES 1200u /* more in each pool than the scout of a hand goes ahead */
#define FEW 150u     /* about as many in each pool as a hand passes at once */
#define POOLS 2u
#define FLIGHTS 6u
#define PAGES(frames) ((frames) * 9 / 4)
#define LOTS 16u /* room for random, which tries its luck before it goes round */

enum { FREE, FLYING, POOLED };

struct owner {
	struct rng *rng;
	uint32_t frames;          /* FRAMES or FEW */
	struct replace *pool[POOLS];
	int state[FRAMES];
	uint32_t in[FRAMES];      /* pool */
	uint64_t page[FRAMES];
	bool used[FRAMES], dirty[FRAMES], pinned[FRAMES], written[FRAMES]; /* written: for the policy; not over yet */
	uint64_t word[FRAMES];    /* the same, for policies that look for themselves */
	int64_t now;
	uint32_t cleaned, looks;
	struct { bool on; uint32_t pool, frame; uint64_t page; unsigned hint; } flight[FLIGHTS];
	uint64_t hash;            /* of all victims */
};

enum { WORD_USED = 1, WORD_POOLED = 2, WORD_PINNED = 4, WORD_DIRTY = 8 };

/* noipa: gcc 12.2 takes it for a function without effects, and leaves out its calls. */
__attribute__((noipa)) static void write_words(struct owner *o)
{
	for (uint32_t f = 0; f < o->frames; f++)
		o->word[f] = (o->used[f] ? WORD_USED : 0u) | (o->state[f] == POOLED ? WORD_POOLED : 0u) |
			(o->pinned[f] || o->written[f] ? WORD_PINNED : 0u) | (o->dirty[f] ? WORD_DIRTY : 0u);
}

static bool referenced(void *ctx, uint32_t frame, bool clear)
{
	struct owner *o = ctx;
	ck_assert_int_eq(o->state[frame], POOLED);
	bool used = o->used[frame];
	o->used[frame] = used && !clear;
	o->word[frame] &= clear ? ~(uint64_t)WORD_USED : UINT64_MAX;
	return used;
}

static void unuse(void *ctx, const uint32_t *frame, uint32_t count)
{
	for (uint32_t k = 0; k < count; k++)
		ck_assert(referenced(ctx, frame[k], true));
}

static bool evictable(void *ctx, uint32_t frame)
{
	struct owner *o = ctx;
	o->looks++;
	ck_assert_int_eq(o->state[frame], POOLED);
	return !o->pinned[frame] && !o->written[frame];
}

static bool is_dirty(void *ctx, uint32_t frame)
{
	const struct owner *o = ctx;
	return o->dirty[frame];
}

static void clean(void *ctx, uint32_t frame)
{
	struct owner *o = ctx;
	ck_assert(o->dirty[frame] && !o->pinned[frame] && !o->written[frame]);
	o->dirty[frame] = false;
	o->written[frame] = true; /* as a machine does, whose device takes its time */
	o->word[frame] = (o->word[frame] | WORD_PINNED) & ~(uint64_t)WORD_DIRTY;
	o->cleaned++;
}

static int64_t now(void *ctx, uint32_t frame)
{
	const struct owner *o = ctx;
	ck_assert_uint_lt(frame, FRAMES);
	return o->now;
}

/* Any future will do, as long as it does not change between two references to the frame. */
static uint64_t next_use(void *ctx, uint32_t frame)
{
	const struct owner *o = ctx;
	return frame % 7 == 0 ? REPLACE_NEVER : (uint64_t)o->now + (o->page[frame] * 7919 + (uint64_t)o->now) % 50;
}

static bool any_evictable(const struct owner *o, uint32_t pool)
{
	for (uint32_t f = 0; f < o->frames; f++)
		if (o->state[f] == POOLED && o->in[f] == pool && !o->pinned[f] && !o->written[f])
			return true;
	return false;
}

/* A frame for a fault: a free one, or a victim of the pool; the contract of a victim is here. */
static uint32_t get_frame(struct owner *o, uint32_t pool, unsigned hint)
{
	for (uint32_t f = 0; f < o->frames; f++)
		if (o->state[f] == FREE)
			return f;
	uint32_t held = o->pool[pool]->held;
	bool some = any_evictable(o, pool);
	uint32_t cleaned = o->cleaned, f = replace_victim(o->pool[pool], hint);
	if (f == REPLACE_NO_FRAME && o->pool[pool]->waits) { /* for what it has begun to write just now */
		ck_assert_uint_gt(o->cleaned, cleaned);
		return f;
	}
	ck_assert_msg((f != REPLACE_NO_FRAME) == some, "%s found %s where there was %s", o->pool[pool]->policy->name,
		some ? "none" : "one", some ? "one" : "none");
	ck_assert_uint_eq(o->pool[pool]->held, held - some);
	if (!some)
		return f;
	ck_assert_uint_lt(f, FRAMES);
	ck_assert_int_eq(o->state[f], POOLED);
	ck_assert_uint_eq(o->in[f], pool);
	ck_assert(!o->pinned[f] && !o->written[f]);
	o->hash = (o->hash ^ f) * UINT64_C(0x100000001b3);
	return f;
}

/* Several victims ahead of any fault. */
static void take_some(struct owner *o, uint32_t pool)
{
	uint32_t out[FRAMES], most = 1 + (uint32_t)rng_below(o->rng, 12), held = o->pool[pool]->held;
	write_words(o);
	uint32_t n = replace_victims(o->pool[pool], out, most);
	ck_assert_uint_le(n, most);
	ck_assert_uint_eq(o->pool[pool]->held, held - n);
	for (uint32_t k = 0; k < n; k++) {
		uint32_t f = out[k];
		ck_assert(o->state[f] == POOLED && o->in[f] == pool && !o->pinned[f] && !o->written[f]);
		o->state[f] = FREE;
		o->hash = (o->hash ^ f) * UINT64_C(0x100000001b3);
	}
	ck_assert(n == most || o->pool[pool]->waits || !any_evictable(o, pool));
}

static bool wanted_already(const struct owner *o, uint64_t page)
{
	for (uint32_t k = 0; k < FLIGHTS; k++)
		if (o->flight[k].on && o->flight[k].page == page)
			return true;
	return false;
}

static void fault(struct owner *o, uint64_t page)
{
	uint32_t k = 0, pool = (uint32_t)(page % POOLS);
	while (k < FLIGHTS && o->flight[k].on)
		k++;
	if (k == FLIGHTS || wanted_already(o, page))
		return;
	unsigned hint = replace_miss(o->pool[pool], page);
	replace_coming(o->pool[pool]);
	uint32_t f = get_frame(o, pool, hint);
	if (f == REPLACE_NO_FRAME)
		return;
	o->state[f] = FLYING;
	o->flight[k].on = true;
	o->flight[k].pool = pool;
	o->flight[k].frame = f;
	o->flight[k].page = page;
	o->flight[k].hint = hint;
}

static void land(struct owner *o, uint32_t k)
{
	uint32_t f = o->flight[k].frame;
	if (!o->flight[k].on)
		return;
	o->flight[k].on = false;
	o->state[f] = POOLED;
	o->in[f] = o->flight[k].pool;
	o->page[f] = o->flight[k].page;
	o->dirty[f] = o->pinned[f] = o->written[f] = false;
	o->used[f] = replace_insert(o->pool[o->in[f]], f, o->page[f], o->flight[k].hint);
}

static void reference(struct owner *o)
{
	uint64_t page = rng_below(o->rng, 1 + rng_below(o->rng, PAGES(o->frames)));
	for (uint32_t f = 0; f < o->frames; f++)
		if (o->state[f] == POOLED && o->page[f] == page) {
			bool write = rng_below(o->rng, 3) == 0;
			o->used[f] = true;
			o->dirty[f] = o->dirty[f] || write;
			if (o->pool[0]->policy->needs & REPLACE_TOUCH)
				replace_touch(o->pool[o->in[f]], f, write);
			return;
		}
	fault(o, page);
}

static void step(struct owner *o)
{
	uint64_t what = rng_below(o->rng, 100);
	uint32_t f = (uint32_t)rng_below(o->rng, o->frames);
	o->now++;
	if (what < 60)
		reference(o);
	else if (what < 85)
		land(o, (uint32_t)rng_below(o->rng, FLIGHTS));
	else if (what < 92 && o->state[f] == POOLED) {
		o->pinned[f] = rng_below(o->rng, 2);
		for (uint32_t k = 0; k < o->frames; k++) /* writes end in any order */
			o->written[k] = o->written[k] && rng_below(o->rng, 8) > 0;
	} else if (what < 95 && o->state[f] == POOLED) {
		replace_remove(o->pool[o->in[f]], f);
		o->state[f] = FREE;
	} else if (what < 97 && o->pool[0]->policy->needs & REPLACE_TICK)
		replace_tick(o->pool[f % POOLS]);
	else if (what == 97)
		replace_resize(o->pool[f % POOLS], 1 + f);
	else if (what == 98)
		for (uint32_t k = 0; k < o->frames; k++)
			o->pinned[k] = o->state[k] == POOLED && f % 5 == 0;
	else if (what == 99)
		take_some(o, f % POOLS);
	write_words(o);
}

/* words: the policy may look for itself at what a frame is. */
static uint64_t live(const char *policy, unsigned seed, unsigned steps, bool words)
{
	struct owner o = {.hash = 1, .frames = seed % 3 == 0 ? FRAMES : FEW};
	const struct replace_env env = {
		.owner = &o, .referenced = referenced, .unuse = seed % 2 ? unuse : NULL, .evictable = evictable, .dirty = is_dirty,
		.clean = clean, .now = now, .next_use = next_use, .word = words ? (const char *)o.word : NULL,
		.record = (const char *)o.word, .stride = sizeof(*o.word), .used = WORD_USED,
		.plain_mask = WORD_POOLED | WORD_PINNED | WORD_DIRTY, .plain = WORD_POOLED,
		.easy_mask = WORD_POOLED | WORD_PINNED, .easy = WORD_POOLED,
	};
	struct replace_spec spec = replace_spec_of(policy);
	struct arena *a = arena_new();
	struct err e = {0};
	spec.tau_ps = 25;
	o.rng = rng_new(a, seed, "life");
	struct replace_pages *pages = replace_pages_new(a, &spec, o.frames, &e);
	ck_assert_ptr_nonnull(pages);
	for (uint32_t k = 0; k < POOLS; k++)
		ck_assert_ptr_nonnull(o.pool[k] = replace_new(a, pages, &spec, &env, o.frames / POOLS, o.frames, seed, "replace", &e));
	size_t bytes = arena_bytes(a);
	for (uint64_t page = 0; page < o.frames - o.frames / 16; page++) { /* little is free from the start */
		fault(&o, page);
		for (uint32_t k = 0; k < FLIGHTS; k++)
			land(&o, k);
		write_words(&o);
	}
	for (unsigned k = 0; k < steps; k++) {
		step(&o);
		if (k % 16 == 0)
			for (uint32_t p = 0; p < POOLS; p++)
				ck_assert_msg(replace_check(o.pool[p], &e) == 0, "step %u: %s", k, e.msg);
	}
	ck_assert_uint_eq(arena_bytes(a), bytes);
	arena_free(a);
	return o.hash;
}

START_TEST(a_policy_keeps_its_contract_whatever_happens)
{
	for (unsigned seed = 0; seed < effort(10); seed++) {
		uint64_t hash = live(replace_policies[_i].name, seed, 4000, false);
		ck_assert_uint_eq(live(replace_policies[_i].name, seed, 4000, false), hash);
		ck_assert_uint_eq(live(replace_policies[_i].name, seed, 4000, true), hash);
		ck_assert_uint_ne(hash, 1);
	}
}
END_TEST

/* A pool of FRAMES frames, empty, in `a`. */
static struct replace *pool_of(struct owner *o, const struct replace_spec *spec, struct arena *a)
{
	struct err e = {0};
	const struct replace_env env = {
		.owner = o, .referenced = referenced, .evictable = evictable, .dirty = is_dirty, .clean = clean, .now = now,
		.next_use = next_use,
	};
	struct replace_pages *pages = replace_pages_new(a, spec, FRAMES, &e);
	struct replace *r = replace_new(a, pages, spec, &env, FRAMES, FRAMES, 1, "replace", &e);
	ck_assert_ptr_nonnull(r);
	return r;
}

/* Page f into frame f; returns its accessed bit. */
static bool put(struct owner *o, struct replace *r, uint32_t f, bool pinned)
{
	o->state[f] = POOLED;
	o->page[f] = f;
	o->pinned[f] = pinned;
	return replace_insert(r, f, f, replace_miss(r, f));
}

START_TEST(a_pool_all_of_whose_frames_are_pinned_has_no_victim_until_one_is_not)
{
	struct owner o = {.hash = 1, .frames = FRAMES};
	struct replace_spec spec = replace_spec_of(replace_policies[_i].name);
	struct arena *a = arena_new();
	struct err e = {0};
	struct replace *r = pool_of(&o, &spec, a);
	ck_assert_uint_eq(replace_victim(r, 0), REPLACE_NO_FRAME); /* empty */
	for (uint32_t f = 0; f < FRAMES; f++)
		o.used[f] = put(&o, r, f, true);
	ck_assert_uint_eq(replace_victim(r, 0), REPLACE_NO_FRAME);
	ck_assert_uint_eq(replace_victim(r, 0), REPLACE_NO_FRAME);
	ck_assert_uint_eq(r->held, FRAMES);
	for (uint32_t k = 0; k < FRAMES; k++) {
		uint32_t f = k * 7 % FRAMES;
		o.pinned[f] = false;
		ck_assert_uint_eq(replace_victim(r, 0), f);
		o.state[f] = FREE;
	}
	ck_assert_uint_eq(r->held, 0);
	ck_assert_int_eq(replace_check(r, &e), 0);
	arena_free(a);
}
END_TEST

/* What may go does not change while a policy looks: a page found not to go is not looked at for ever. */
START_TEST(a_victim_is_not_sought_again_and_again_at_a_pinned_frame)
{
	for (uint32_t pinned = 0; pinned < FRAMES; pinned += pinned < 32 || pinned > FRAMES - 32 ? 1 : 31) { /* the ends, and some between */
		struct owner o = {.hash = 1};
		struct replace_spec spec = replace_spec_of(replace_policies[_i].name);
		struct arena *a = arena_new();
		struct replace *r = pool_of(&o, &spec, a);
		for (uint32_t f = 0; f < FRAMES; f++)
			(void)put(&o, r, f, f == pinned);
		for (uint32_t left = FRAMES - 1; left > 0; left--) {
			o.looks = 0;
			uint32_t f = replace_victim(r, 0);
			ck_assert_msg(f < FRAMES && f != pinned, "%s took frame %u", r->policy->name, f);
			ck_assert_msg(o.looks <= left + 1 + LOTS, "%s looked %u times at %u frames", r->policy->name, o.looks, left + 1);
			o.state[f] = FREE;
		}
		arena_free(a);
	}
}
END_TEST

/* Those that leave out of their turn leave nothing behind that could be taken for them. */
START_TEST(frames_that_leave_and_come_back_many_times_are_there_once)
{
	const char *name = replace_policies[_i].name;
	const bool in_order = strcmp(name, "fifo") == 0 || strcmp(name, "second-chance") == 0 || strcmp(name, "clock") == 0 ||
		strcmp(name, "sieve") == 0; /* of arrival, as no bit is ever set */
	struct owner o = {.hash = 1, .frames = FRAMES};
	struct replace_spec spec = replace_spec_of(name);
	struct arena *a = arena_new();
	struct err e = {0};
	struct replace *r = pool_of(&o, &spec, a);
	uint32_t came[FRAMES], last = 0;
	for (uint32_t f = 0; f < FRAMES; f++)
		(void)put(&o, r, f, false);
	for (uint32_t k = 0; k < 9 * FRAMES; k++) {
		uint32_t f = k * 7 % FRAMES;
		replace_remove(r, f);
		(void)put(&o, r, f, false);
		came[f] = k;
		if (k % FRAMES == 5)
			ck_assert_msg(replace_check(r, &e) == 0, "%s", e.msg);
	}
	for (uint32_t k = 0; k < 70000; k++) { /* more often than sixteen bits can tell */
		replace_remove(r, 3);
		(void)put(&o, r, 3, false);
	}
	came[3] = 9 * FRAMES;
	ck_assert_uint_eq(r->held, FRAMES);
	ck_assert_msg(replace_check(r, &e) == 0, "%s", e.msg);
	for (uint32_t left = FRAMES; left > 0; left--) {
		uint32_t f = replace_victim(r, 0);
		ck_assert_msg(f < FRAMES && o.state[f] == POOLED, "%s named frame %u, which is not there", name, f);
		o.state[f] = FREE;
		ck_assert_msg(!in_order || left == FRAMES || came[f] > last, "%s named frame %u out of its turn", name, f);
		last = came[f];
	}
	ck_assert_uint_eq(replace_victim(r, 0), REPLACE_NO_FRAME);
	arena_free(a);
}
END_TEST

static bool never(void *ctx, uint32_t frame, bool clear)
{
	(void)ctx, (void)frame, (void)clear;
	return false;
}

static bool but_last(void *ctx, uint32_t frame)
{
	return frame != *(uint32_t *)ctx;
}

/* All pages are hot but the last, which may not go: were HAND_cold to walk past them for each victim, this would take minutes. */
START_TEST(the_only_cold_page_of_clock_pro_is_found_without_a_walk_past_all_hot_ones)
{
	uint32_t frames = 300000, last = frames - 1;
	const struct replace_env env = {.owner = &last, .referenced = never, .evictable = but_last};
	struct replace_spec spec = replace_spec_of("clock-pro");
	struct arena *a = arena_new();
	struct err e = {0};
	spec.cold_share = 0;
	struct replace_pages *pages = replace_pages_new(a, &spec, frames, &e);
	struct replace *r = replace_new(a, pages, &spec, &env, frames, frames, 1, "replace", &e);
	ck_assert_ptr_nonnull(r);
	for (uint32_t f = 0; f < frames; f++)
		replace_insert(r, f, f, replace_miss(r, f));
	for (uint32_t f = 0; f < last; f++)
		ck_assert_uint_eq(replace_victim(r, 0), f);
	ck_assert_uint_eq(replace_victim(r, 0), REPLACE_NO_FRAME);
	ck_assert_int_eq(replace_check(r, &e), 0);
	arena_free(a);
}
END_TEST

START_TEST(memory_that_runs_out_at_open_is_an_error)
{
	struct replace_spec spec = replace_spec_of(replace_policies[_i].name);
	const struct replace_env env = {0};
	for (uint64_t at = 1;; at++) {
		struct arena *a = arena_new();
		struct err e = {0};
		arena_fail_at(a, at);
		struct replace_pages *pages = replace_pages_new(a, &spec, FRAMES, &e);
		struct replace *r = pages ? replace_new(a, pages, &spec, &env, FRAMES, FRAMES, 1, "replace", &e) : NULL;
		ck_assert_int_eq(e.code, r ? ERR_NONE : ERR_LIMIT);
		arena_free(a);
		if (r)
			break;
		ck_assert_uint_lt(at, 50);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("host/replace_contract");
	TCase *t = tcase_create("all");
	int policies = 0;
	while (replace_policies[policies].name)
		policies++;
	tcase_add_loop_test(t, a_policy_keeps_its_contract_whatever_happens, 0, policies);
	tcase_add_loop_test(t, a_pool_all_of_whose_frames_are_pinned_has_no_victim_until_one_is_not, 0, policies);
	tcase_add_loop_test(t, a_victim_is_not_sought_again_and_again_at_a_pinned_frame, 0, policies);
	tcase_add_loop_test(t, frames_that_leave_and_come_back_many_times_are_there_once, 0, policies);
	tcase_add_test(t, the_only_cold_page_of_clock_pro_is_found_without_a_walk_past_all_hot_ones);
	tcase_add_loop_test(t, memory_that_runs_out_at_open_is_an_error, 0, policies);
	suite_add_tcase(s, t);
	return replace_suite(s);
}
