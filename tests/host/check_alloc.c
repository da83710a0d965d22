/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Memory among processes: shares, page-fault frequency against sequences worked by hand, who is suspended and when. */
#include "effort.h"
#include "host/alloc.h"
#include "host/replace_fixture.h"

#define MOST 64u

/* Processes that reference pages in turn; a page is process << 8 | number; frames are taken in order. */
struct scene {
	struct arena *arena;
	struct replace_spec policy;
	struct alloc_spec spec;
	struct alloc *al;
	uint32_t frames;
	uint64_t page[MOST];
	bool taken[MOST], used[MOST];
	uint64_t evicted[1024];
	uint32_t evictions, faults;
};

static bool referenced(void *ctx, uint32_t frame, bool clear)
{
	struct scene *s = ctx;
	bool used = s->used[frame];
	s->used[frame] = used && !clear;
	return used;
}

static void scene_open(struct scene *s, const char *policy, int frames_rule, int64_t interval, bool suspend, uint32_t frames,
	uint32_t processes)
{
	struct err e = {0};
	*s = (struct scene){.arena = arena_new(), .policy = replace_spec_of(policy), .frames = frames};
	s->spec = (struct alloc_spec){.frames = frames_rule, .interval_ps = interval, .suspend = suspend};
	const struct replace_env env = {.owner = s, .referenced = referenced};
	s->al = alloc_new(s->arena, &s->policy, &s->spec, &env, frames, processes, 1, "alloc", &e);
	ck_assert_msg(s->al != NULL, "%s", e.msg);
}

static void leave(struct scene *s, uint32_t frame)
{
	s->evicted[s->evictions++] = s->page[frame];
	s->taken[frame] = false;
}

static uint32_t free_frames(const struct scene *s)
{
	uint32_t n = 0;
	for (uint32_t f = 0; f < s->frames; f++)
		n += !s->taken[f];
	return n;
}

static void reference(struct scene *s, uint32_t process, uint32_t number, int64_t now)
{
	uint64_t page = (uint64_t)process << 8 | number;
	struct err e = {0};
	uint32_t f;
	for (f = 0; f < s->frames; f++)
		if (s->taken[f] && s->page[f] == page) {
			s->used[f] = true;
			return;
		}
	s->faults++;
	unsigned hint = replace_miss(alloc_pool(s->al, process), page);
	alloc_fault(s->al, process, now);
	while ((f = alloc_release(s->al, process)) != REPLACE_NO_FRAME)
		leave(s, f);
	if (free_frames(s) == 0 || !alloc_may_grow(s->al, process)) {
		f = alloc_victim(s->al, process, hint);
		ck_assert_uint_ne(f, REPLACE_NO_FRAME);
		leave(s, f);
	}
	for (f = 0; s->taken[f]; f++)
		ck_assert_uint_lt(f, s->frames);
	s->taken[f] = true;
	s->page[f] = page;
	alloc_charge(s->al, f, process);
	s->used[f] = alloc_insert(s->al, f, page, hint);
	ck_assert_msg(alloc_check(s->al, &e) == 0, "%s", e.msg);
	ck_assert_uint_eq(alloc_held(s->al) + free_frames(s), s->frames);
}

static uint32_t held(const struct scene *s, uint32_t process)
{
	return alloc_pool(s->al, process)->held;
}

/* A process that walks through memory takes the other's pages under global replacement, and only its own under local. */
START_TEST(a_walk_takes_others_pages_under_global_and_its_own_under_local_replacement)
{
	for (int rule = ALLOC_GLOBAL; rule <= ALLOC_EQUAL; rule++) {
		struct scene s;
		scene_open(&s, "fifo", rule, 0, false, 8, 2);
		alloc_join(s.al, 0, 4);
		alloc_join(s.al, 1, 100);
		for (uint32_t k = 0; k < 4; k++)
			reference(&s, 0, k, k);
		for (uint32_t k = 0; k < 100; k++)
			reference(&s, 1, k, k);
		uint32_t before = s.faults;
		for (uint32_t k = 0; k < 4; k++)
			reference(&s, 0, k, k);
		ck_assert_uint_eq(s.faults - before, rule == ALLOC_GLOBAL ? 4 : 0);
		if (rule == ALLOC_EQUAL)
			ck_assert_uint_eq(held(&s, 1), 4);
		arena_free(s.arena);
	}
}
END_TEST

START_TEST(shares_are_equal_or_in_proportion_and_change_with_who_is_here)
{
	struct scene s;
	scene_open(&s, "lru", ALLOC_PROPORTIONAL, 0, false, 62, 3);
	/* Silberschatz, Galvin & Gagne, sec. "Proportional allocation": 62 frames for processes of 10 and 127 pages: 4 and 57. */
	alloc_join(s.al, 0, 10);
	alloc_join(s.al, 1, 127);
	ck_assert_uint_eq(s.al->process[0].quota, 4);
	ck_assert_uint_eq(s.al->process[1].quota, 57);
	for (uint32_t k = 0; k < 127; k++)
		reference(&s, 1, k, k);
	for (uint32_t k = 0; k < 10; k++)
		reference(&s, 0, k, k);
	ck_assert_uint_eq(held(&s, 0), 4);
	ck_assert_uint_eq(held(&s, 1), 57);
	alloc_leave(s.al, 0);
	ck_assert_uint_eq(s.al->process[1].quota, 62);
	arena_free(s.arena);
	scene_open(&s, "lru", ALLOC_EQUAL, 0, false, 62, 3);
	for (uint32_t p = 0; p < 3; p++)
		alloc_join(s.al, p, 1 + p);
	for (uint32_t p = 0; p < 3; p++)
		ck_assert_uint_eq(s.al->process[p].quota, 20);
	arena_free(s.arena);
}
END_TEST

/* A process that comes later and may grow takes from the one above its new quota. */
START_TEST(a_process_below_its_quota_takes_from_the_one_furthest_above)
{
	struct scene s;
	scene_open(&s, "fifo", ALLOC_EQUAL, 0, false, 12, 2);
	alloc_join(s.al, 0, 12);
	for (uint32_t k = 0; k < 12; k++)
		reference(&s, 0, k, k);
	ck_assert_uint_eq(held(&s, 0), 12);
	alloc_join(s.al, 1, 12);
	for (uint32_t k = 0; k < 12; k++)
		reference(&s, 1, k, k);
	ck_assert_uint_eq(held(&s, 0), 6);
	ck_assert_uint_eq(held(&s, 1), 6);
	for (uint32_t k = 0; k < 6; k++) /* the oldest of the first */
		ck_assert_uint_eq(s.evicted[k], k);
	arena_free(s.arena);
}
END_TEST

/*
 * Interval 3. Faults at 0, 1, 2 (a, b, c) come within it: three frames. a at 3, 4, 5 and at 6 d: 4 after the last fault, longer
 * than the interval; used since then: a; b and c go. e at 7: within it, grows to a, d, e. d at 8, 9, 10; f at 11: a and e were
 * not used since 7 and go.
 */
START_TEST(page_fault_frequency_does_what_its_paper_says)
{
	static const char string[] = "abcaaadedddf";
	static const uint64_t gone[] = {'b' - 'a', 'c' - 'a', 0, 'e' - 'a'};
	static const uint32_t sizes[] = {1, 2, 3, 3, 3, 3, 2, 3, 3, 3, 3, 2};
	struct scene s;
	scene_open(&s, "clock", ALLOC_FAULT_FREQUENCY, 3, false, 16, 1);
	alloc_join(s.al, 0, 26);
	for (uint32_t k = 0; string[k]; k++) {
		reference(&s, 0, (uint32_t)(string[k] - 'a'), k);
		ck_assert_uint_eq(held(&s, 0), sizes[k]);
	}
	ck_assert_uint_eq(s.evictions, 4);
	ck_assert_mem_eq(s.evicted, gone, sizeof(gone));
	ck_assert_uint_eq(s.al->released, 4);
	arena_free(s.arena);
}
END_TEST

/* The paper's definition on random strings: after a fault at t, the last one at t', the resident set is the pages referenced in
 * (t', t] where t - t' is longer than the interval, and else what it was and the new page. */
START_TEST(page_fault_frequency_keeps_the_sets_of_its_definition)
{
	for (unsigned seed = 0; seed < effort(100); seed++) {
		struct scene s;
		int64_t interval = seed % 7, last = 0;
		scene_open(&s, "fifo", ALLOC_FAULT_FREQUENCY, interval, false, MOST, 1);
		struct rng *rng = rng_new(s.arena, seed, "string");
		uint64_t set = 0, since = 0;
		alloc_join(s.al, 0, 1);
		for (int64_t t = 0; t < 300; t++) {
			uint32_t page = (uint32_t)rng_below(rng, 1 + rng_below(rng, 40));
			if (!(set >> page & 1)) {
				set = (t - last > interval ? since : set) | UINT64_C(1) << page;
				since = 0;
				last = t;
			} else {
				since |= UINT64_C(1) << page;
			}
			reference(&s, 0, page, t);
			uint64_t now = 0;
			for (uint32_t f = 0; f < MOST; f++)
				now |= s.taken[f] ? UINT64_C(1) << s.page[f] : 0;
			ck_assert_uint_eq(now, set);
		}
		arena_free(s.arena);
	}
}
END_TEST

START_TEST(the_process_activated_last_is_suspended_and_comes_back_when_there_is_room)
{
	struct scene s;
	scene_open(&s, "fifo", ALLOC_FAULT_FREQUENCY, 1000, true, 12, 3);
	ck_assert_uint_eq(alloc_suspend(s.al, 0), ALLOC_NOBODY); /* nobody is here */
	for (uint32_t p = 0; p < 3; p++) {
		alloc_join(s.al, p, 10);
		for (uint32_t k = 0; k < 4; k++)
			reference(&s, p, k, k);
	}
	ck_assert_uint_eq(alloc_suspend(s.al, 0), 2);
	for (uint32_t f, k = 0; k < 5; k++) {
		f = alloc_drain(s.al, 2);
		ck_assert_int_eq(f != REPLACE_NO_FRAME, k < 4);
		if (f != REPLACE_NO_FRAME)
			leave(&s, f);
	}
	ck_assert_uint_eq(held(&s, 2), 0);
	ck_assert_uint_eq(alloc_resume(s.al, 4), ALLOC_NOBODY); /* it had four and wants one */
	ck_assert_uint_eq(alloc_suspend(s.al, 0), 1);
	ck_assert_uint_eq(alloc_suspend(s.al, 0), ALLOC_NOBODY); /* never the last one */
	ck_assert_uint_eq(alloc_resume(s.al, 5), 2); /* first suspended, first back */
	alloc_leave(s.al, 0);
	alloc_leave(s.al, 2);
	ck_assert_uint_eq(alloc_resume(s.al, 0), 1); /* nobody else is active */
	ck_assert_uint_eq(s.al->suspensions, 2);
	ck_assert_uint_eq(s.al->resumptions, 2);
	arena_free(s.arena);
}
END_TEST

START_TEST(with_one_pool_all_is_as_the_policy_alone)
{
	for (const struct replace_policy *p = replace_policies; p->name; p++) {
		uint64_t refs[400];
		if (p->needs & (REPLACE_FUTURE | REPLACE_TOUCH | REPLACE_DIRTY))
			continue;
		struct scene s;
		scene_open(&s, p->name, ALLOC_GLOBAL, 0, false, 10, 3);
		struct rng *rng = rng_new(s.arena, 7, "string");
		for (uint32_t k = 0; k < 400; k++) {
			uint64_t page = rng_below(rng, 3) << 8 | rng_below(rng, 1 + rng_below(rng, 20));
			refs[k] = REPLACE_READ(page);
			reference(&s, (uint32_t)(page >> 8), (uint32_t)(page & 255), k);
		}
		if (strcmp(p->name, "random") != 0) /* its stream has another name */
			ck_assert_uint_eq(s.faults, replace_faults(&s.policy, 10, refs, 400));
		arena_free(s.arena);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("host/alloc");
	TCase *t = tcase_create("all");
	tcase_add_test(t, a_walk_takes_others_pages_under_global_and_its_own_under_local_replacement);
	tcase_add_test(t, shares_are_equal_or_in_proportion_and_change_with_who_is_here);
	tcase_add_test(t, a_process_below_its_quota_takes_from_the_one_furthest_above);
	tcase_add_test(t, page_fault_frequency_does_what_its_paper_says);
	tcase_add_test(t, page_fault_frequency_keeps_the_sets_of_its_definition);
	tcase_add_test(t, the_process_activated_last_is_suspended_and_comes_back_when_there_is_room);
	tcase_add_test(t, with_one_pool_all_is_as_the_policy_alone);
	suite_add_tcase(s, t);
	return replace_suite(s);
}
