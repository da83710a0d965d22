/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Replacement policies against sequences worked out by hand and against what is known of them. */
#include "effort.h"
#include "host/replace_fixture.h"

/* Each sequence was worked by hand from the rules of the paper that the policy's file names; a capital letter writes. */
static const struct {
	const char *policy;
	uint32_t frames;
	const char *string, *evicted;
	uint64_t writes;
	struct { int64_t period, tau; double cold, small, ghosts; int bit; } set; /* zero: the default */
} worked[] = {
	/* Belady's string. */
	{"fifo", 3, "1234 1251 2345", "123412", 0, {0}},
	{"lru", 3, "1234 1251 2345", "1234512", 0, {0}},
	{"opt", 3, "1234 1251 2345", "3413", 0, {0}},
	/* 4 clears all bits and takes 1; 5 clears 2's and takes 3; 3 clears 4's and takes 2; 6 clears 5's and takes 4. */
	{"clock", 3, "123 4 2 5 3 6", "1324", 0, {.bit = 1}},
	/* With clear bits at first: 4 takes 1, 5 clears 2's bit and takes 3, then 4 and 2 where the hand stands. */
	{"clock", 3, "123 4 2 5 3 6", "1342", 0, {.bit = -1}},
	/* Tanenbaum & Bos, fig. 3-15: A, the oldest of A to H, was used and moves to the end; B goes. */
	{"second-chance", 8, "abcdefgh a ijklmnop", "bcdefgha", 0, {0}},
	/* Oldest first: a is spared, b goes, the hand on c; c goes, on d; d is spared, e goes, past the newest; a is spared, d
	 * goes, on f; f goes. */
	{"sieve", 3, "abc a d e a d f g h", "bcedf", 0, {0}},
	/* a 2, b 2, c 1: c goes, then d; a, b and e have 2: a is the least recently used; then f has 1. */
	{"lfu", 3, "aa bb c d ee f g", "cdaf", 0, {0}},
	/* Ticks after each 4: a 2, b 1, c 1; d takes b, whose new use no tick has seen; then d, e, f go at 1; after the
	 * tick a has 3, c 2, b 1. */
	{"nfu", 3, "abca bbcd efab g", "bdefb", 0, {.period = 4}},
	/* Tanenbaum & Bos, fig. 3-17: pages used before the five ticks 0245, 014, 0135, 04, 12 leave registers in the order 3, 5,
	 * 4, 0, 2, 1; a page that comes (register 10000000) stands before 2 (10001...). */
	{"aging", 6, "0123450245 0140140140 0135013501 0404040404 1212121212 6789k", "35406", 0, {.period = 10}},
	/* tau 3, times from 0. d at 6 finds a unused since 0, e at 7 b; F at 8 finds all in the working set and takes c, the first
	 * clean one; g at 13 takes e; h at 14 has f written, finds d and g in use and takes d; i at 15 takes f, clean now. */
	{"wsclock", 3, "abcccc d e F dddd g h i", "abcedf", 1, {.tau = 3}},
	/* Kin 1, Kout 2. a comes back from A1out to Am; b is forgotten when d is remembered, and comes as new; d goes to Am; b too;
	 * then A1in holds one page and k takes the least recently used of Am, d. */
	{"2q", 4, "abcd e a f g b d a h i j b k", "abcdefgbhid", 0, {0}},
	/* T1 bc, T2 a. d: b to B1. b: p 1, c to B1. e: |T1| = p, a to B2. a: p 0, d to B1. f: B1 forgets c, e to it. c: new, d
	 * forgotten, f to B1. e: p 1, T1 c stays, b goes. */
	{"arc", 3, "abc a d b e a f c e", "bcadefb", 0, {0}},
	/* Least target 1. a, b, c hot, d cold. e: d goes, remembered. d: e goes, remembered; d comes hot, target 2, so a and b
	 * become cold. f: a was used and begins a test, b goes for good. g: a was used in it, is hot, target 3; c becomes cold,
	 * e is forgotten, target 2; f goes, remembered. h: c goes for good. e: comes as new, g goes. f: h goes. */
	{"clock-pro", 4, "abcd e d a f a g h e f", "debfcgh", 0, {.cold = 0.25}},
	/* S 1, G 3. e: a, used twice, to M, b goes, remembered. b: to M, c goes. d, e, f go, c is forgotten. d: to M, g goes. h, i
	 * go; h: to M. j: S is empty; a of M was used and is put back, b goes. k: j goes. */
	{"s3-fifo", 4, "abcd aa b e b f g h d i h a j k", "bcdefghibj", 0, {.small = 0.25, .ghosts = 0.75}},
	/* d: two agings make a, b, c old, a goes. e: b was used and is young, c goes. f: aging makes b old, it goes. g: d and e
	 * are old, d goes. h: e goes. */
	{"mglru", 3, "abc d b e f g h", "acbde", 0, {0}},
};

START_TEST(each_policy_evicts_what_its_paper_says)
{
	uint64_t refs[STRING_MAX], evicted[STRING_MAX], want[STRING_MAX];
	struct replace_spec spec = replace_spec_of(worked[_i].policy);
	struct replace_outcome out = {.evicted = evicted};
	struct err e = {0};
	spec.period_ps = worked[_i].set.period ? worked[_i].set.period : spec.period_ps;
	spec.tau_ps = worked[_i].set.tau ? worked[_i].set.tau : spec.tau_ps;
	spec.cold_share = worked[_i].set.cold > 0 ? worked[_i].set.cold : spec.cold_share;
	spec.small_share = worked[_i].set.small > 0 ? worked[_i].set.small : spec.small_share;
	spec.small_ghosts = worked[_i].set.ghosts > 0 ? worked[_i].set.ghosts : spec.small_ghosts;
	spec.initial_bit = worked[_i].set.bit >= 0;
	size_t n = replace_string(worked[_i].string, refs), expected = replace_string(worked[_i].evicted, want);
	ck_assert_msg(replace_run(&spec, worked[_i].frames, refs, n, 1, &out, &e) == 0, "%s", e.msg);
	for (size_t k = 0; k < expected && k < out.evictions; k++)
		ck_assert_msg(evicted[k] == want[k] >> 1, "%s: eviction %u is page %u, not %u", worked[_i].policy, (unsigned)k,
			(unsigned)evicted[k], (unsigned)(want[k] >> 1));
	ck_assert_uint_eq(out.evictions, expected);
	ck_assert_uint_eq(out.faults, expected + worked[_i].frames);
	ck_assert_uint_eq(out.writes, worked[_i].writes);
}
END_TEST

START_TEST(every_policy_but_random_has_a_worked_sequence)
{
	for (const struct replace_policy *p = replace_policies; p->name; p++) {
		bool found = strcmp(p->name, "random") == 0;
		for (size_t k = 0; k < sizeof(worked) / sizeof(worked[0]); k++)
			found = found || strcmp(worked[k].policy, p->name) == 0;
		ck_assert_msg(found, "%s has none", p->name);
	}
}
END_TEST

/* Belady, Nelson & Shedler, "An anomaly in space-time characteristics of certain programs running in a paging machine", CACM 12(6),
 * 1969; the second string: Silberschatz, Galvin & Gagne, "Operating System Concepts", sec. "Page replacement". */
START_TEST(textbook_strings_take_the_faults_they_are_known_for)
{
	static const struct { const char *policy; uint32_t frames; const char *string; uint64_t faults; } known[] = {
		{"fifo", 3, "123412512345", 9}, {"fifo", 4, "123412512345", 10},
		{"lru", 3, "123412512345", 10}, {"lru", 4, "123412512345", 8},
		{"opt", 3, "123412512345", 7}, {"opt", 4, "123412512345", 6},
		{"fifo", 3, "70120304230321201701", 15}, {"lru", 3, "70120304230321201701", 12}, {"opt", 3, "70120304230321201701", 9},
	};
	for (size_t k = 0; k < sizeof(known) / sizeof(known[0]); k++) {
		uint64_t refs[STRING_MAX];
		struct replace_spec spec = replace_spec_of(known[k].policy);
		size_t n = replace_string(known[k].string, refs);
		ck_assert_uint_eq(replace_faults(&spec, known[k].frames, refs, n), known[k].faults);
	}
}
END_TEST

START_TEST(a_loop_larger_than_memory_misses_always_under_fifo_and_lru)
{
	static const char *const names[] = {"fifo", "lru", "clock", "second-chance"};
	uint64_t refs[STRING_MAX];
	for (uint32_t pages = 2; pages < 40; pages += 3) {
		for (size_t k = 0; k < 1000; k++)
			refs[k] = REPLACE_READ(k % pages);
		for (size_t p = 0; p < 4; p++)
			for (uint32_t frames = 1; frames < pages; frames += 1 + frames / 4) {
				struct replace_spec spec = replace_spec_of(names[p]);
				ck_assert_uint_eq(replace_faults(&spec, frames, refs, 1000), 1000);
				ck_assert_uint_eq(replace_faults(&spec, pages, refs, 1000), pages);
			}
		/* The best is to keep m - 1 pages: a miss each L - 1 references for each page too many (Denning 1980). */
		struct replace_spec opt = replace_spec_of("opt");
		ck_assert_uint_lt(replace_faults(&opt, pages > 2 ? pages - 1 : 2, refs, 1000), 1000 / (pages - 1) + pages + 1);
	}
}
END_TEST

static size_t random_string(unsigned seed, uint64_t *refs, unsigned pages)
{
	struct arena *a = arena_new();
	struct rng *rng = rng_new(a, seed, "strings");
	size_t n = 100 + rng_below(rng, 400);
	for (size_t k = 0; k < n; k++)
		refs[k] = (k >= 3 && rng_below(rng, 3) == 0 ? refs[k - 1 - rng_below(rng, 3)] >> 1
			: rng_below(rng, 4) == 0 ? rng_below(rng, pages) : rng_below(rng, 1 + rng_below(rng, pages))) << 1 | (rng_below(rng, 4) == 0);
	arena_free(a);
	return n;
}

START_TEST(no_policy_takes_fewer_faults_than_opt)
{
	uint64_t refs[STRING_MAX];
	struct replace_spec best = replace_spec_of("opt"), spec = replace_spec_of(replace_policies[_i].name);
	spec.period_ps = 9;
	spec.tau_ps = 12;
	for (unsigned seed = 0; seed < effort(200); seed++) {
		size_t n = random_string(seed, refs, 4 + seed % 40);
		for (uint32_t frames = 1; frames < 30; frames += 1 + seed % 7)
			ck_assert_uint_le(replace_faults(&best, frames, refs, n), replace_faults(&spec, frames, refs, n));
	}
}
END_TEST

/* The pages in memory after each reference, as a set of bits, from the evictions. */
static void contents(const struct replace_spec *spec, uint32_t frames, const uint64_t *refs, size_t n, uint64_t *sets)
{
	static uint64_t evicted[STRING_MAX];
	struct replace_outcome out = {.evicted = evicted};
	struct err e = {0};
	uint64_t now = 0, gone = 0;
	ck_assert_int_eq(replace_run(spec, frames, refs, n, 1, &out, &e), 0);
	for (size_t k = 0; k < n; k++) {
		uint64_t page = UINT64_C(1) << (refs[k] >> 1);
		if (!(now & page) && __builtin_popcountll(now) == (int)frames)
			now &= ~(UINT64_C(1) << evicted[gone++]);
		now |= page;
		sets[k] = now;
	}
	ck_assert_uint_eq(gone, out.evictions);
}

/* Mattson, Gecsei, Slutz & Traiger 1970: what m frames hold, m + 1 frames hold too. Of opt this is asked of pages that are
 * referenced again; which of the others it keeps is of no account. */
START_TEST(lru_and_opt_have_the_inclusion_property)
{
	static uint64_t small[STRING_MAX], large[STRING_MAX];
	uint64_t refs[STRING_MAX];
	struct replace_spec spec = replace_spec_of(_i ? "opt" : "lru");
	for (unsigned seed = 0; seed < effort(200); seed++) {
		size_t n = random_string(seed, refs, 4 + seed % 40);
		for (uint32_t frames = 1; frames < 20; frames += 1 + seed % 5) {
			uint64_t again = 0;
			contents(&spec, frames, refs, n, small);
			contents(&spec, frames + 1, refs, n, large);
			for (size_t k = n; k-- > 0; again |= UINT64_C(1) << (refs[k] >> 1))
				ck_assert_uint_eq(small[k] & ~large[k] & (_i ? again : UINT64_MAX), 0);
		}
	}
}
END_TEST

/* FIFO has not: four frames hold what three did not only up to the first anomaly. */
START_TEST(fifo_has_not_the_inclusion_property)
{
	uint64_t refs[STRING_MAX], three[STRING_MAX], four[STRING_MAX];
	struct replace_spec spec = replace_spec_of("fifo");
	size_t n = replace_string("123412512345", refs);
	bool broken = false;
	contents(&spec, 3, refs, n, three);
	contents(&spec, 4, refs, n, four);
	for (size_t k = 0; k < n; k++)
		broken = broken || (three[k] & ~four[k]);
	ck_assert(broken);
}
END_TEST

/* With the same first bit they are two ways to tell one story (Tanenbaum & Bos, sec. 3.4.5). */
static bool unused(void *owner, uint32_t frame, bool clear)
{
	(void)owner, (void)frame, (void)clear;
	return false;
}

/* So large a pool that one frame may leave more often out of its turn than sixteen bits can tell before the ring is full. */
START_TEST(clock_finds_each_page_once_after_one_has_left_very_often)
{
	const uint32_t frames = 600000;
	struct replace_spec spec = replace_spec_of("clock");
	struct arena *a = arena_new();
	struct err e = {0};
	const struct replace_env env = {.referenced = unused};
	struct replace_pages *pages = replace_pages_new(a, &spec, frames, &e);
	struct replace *r = replace_new(a, pages, &spec, &env, frames, frames, 1, "replace", &e);
	ck_assert_ptr_nonnull(r);
	for (uint32_t f = 0; f < frames; f++)
		(void)replace_insert(r, f, f, 0);
	for (uint32_t k = 0; k < 65536 + 9; k++) {
		replace_remove(r, 3);
		(void)replace_insert(r, 3, 3, 0);
	}
	for (uint32_t f = 0; f < frames; f++)
		if (f != 3)
			ck_assert_uint_eq(replace_victim(r, 0), f);
	ck_assert_uint_eq(replace_victim(r, 0), 3);
	ck_assert_msg(replace_check(r, &e) == 0, "%s", e.msg);
	arena_free(a);
}
END_TEST

START_TEST(clock_with_a_clear_first_bit_is_second_chance)
{
	static uint64_t a[STRING_MAX], b[STRING_MAX];
	uint64_t refs[STRING_MAX];
	struct replace_spec clock = replace_spec_of("clock"), second = replace_spec_of("second-chance");
	clock.initial_bit = false;
	for (unsigned seed = 0; seed < effort(100); seed++) {
		struct replace_outcome x = {.evicted = a}, y = {.evicted = b};
		struct err e = {0};
		size_t n = random_string(seed, refs, 4 + seed % 40);
		ck_assert_int_eq(replace_run(&clock, 1 + seed % 19, refs, n, 1, &x, &e), 0);
		ck_assert_int_eq(replace_run(&second, 1 + seed % 19, refs, n, 1, &y, &e), 0);
		ck_assert_uint_eq(x.evictions, y.evictions);
		ck_assert_mem_eq(a, b, x.evictions * sizeof(*a));
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("host/replace");
	TCase *t = tcase_create("all");
	int policies = 0;
	while (replace_policies[policies].name)
		policies++;
	tcase_add_loop_test(t, each_policy_evicts_what_its_paper_says, 0, (int)(sizeof(worked) / sizeof(worked[0])));
	tcase_add_test(t, every_policy_but_random_has_a_worked_sequence);
	tcase_add_test(t, textbook_strings_take_the_faults_they_are_known_for);
	tcase_add_test(t, a_loop_larger_than_memory_misses_always_under_fifo_and_lru);
	tcase_add_loop_test(t, no_policy_takes_fewer_faults_than_opt, 0, policies);
	tcase_add_loop_test(t, lru_and_opt_have_the_inclusion_property, 0, 2);
	tcase_add_test(t, fifo_has_not_the_inclusion_property);
	tcase_add_test(t, clock_with_a_clear_first_bit_is_second_chance);
	tcase_add_test(t, clock_finds_each_page_once_after_one_has_left_very_often);
	suite_add_tcase(s, t);
	return replace_suite(s);
}
