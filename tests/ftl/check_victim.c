/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Each victim policy against choices worked out by hand, and against each other. */
#include "ftl/ftl_fixture.h"

#include "ftl/victim.h"

#define UNITS 10

struct scene {
	struct arena *arena;
	struct ftl_blocks blocks;
	struct ftl_gc_spec gc;
	struct victim_view view;
	const struct ftl_victim *policy;
};

/* Blocks in the order of becoming full; stamp and now in host writes. */
struct full_block {
	uint32_t valid, stamp, erases;
};

static const struct ftl_victim *named(const char *name)
{
	for (int i = 0; ftl_victims[i]; i++)
		if (strcmp(ftl_victims[i]->name, name) == 0)
			return ftl_victims[i];
	ck_abort_msg("no policy %s", name);
	return NULL;
}

static void scene_open(struct scene *s, const char *name, const struct full_block *x, uint32_t n, uint64_t now)
{
	struct err e = {0};
	*s = (struct scene){.arena = arena_new(), .policy = named(name)};
	ck_assert_int_eq(opt_defaults(&ftl_options, arena_alloc(s->arena, sizeof(struct ftl_spec)), s->arena, &e), 0);
	s->gc = (struct ftl_gc_spec){.choices = 10, .window = 3, .threshold = 0.35};
	ck_assert_int_eq(blocks_init(&s->blocks, s->arena, 1, n, UNITS, s->policy->index, false), 0);
	for (uint32_t i = 0; i < n; i++) {
		uint32_t k = blocks_take(&s->blocks, 0, false);
		s->blocks.block[k].stamp = x[i].stamp;
		s->blocks.block[k].erases = x[i].erases;
		s->blocks.block[k].valid = UNITS;
		blocks_close(&s->blocks, k);
	}
	/* units are lost from the first block to the last, so the index sees it */
	for (uint32_t i = 0; i < n; i++)
		while (s->blocks.block[i].valid > x[i].valid)
			blocks_lose(&s->blocks, i);
	s->view = (struct victim_view){&s->blocks, 0, now, &s->gc, rng_new(s->arena, 1, "victim")};
}

static uint32_t pick(struct scene *s) { return s->policy->pick(&s->view); }
static void scene_close(struct scene *s) { arena_free(s->arena); }

/*       valid  stamp  erases   (1-u)age/2u             u/(1-u) erases/age
 * 0       9      0      3      .1 x 101 / 1.8 =   5.6     9 x 4 / 101   = .356
 * 1       6     80      0      .4 x  21 / 1.2 =   7.0   1.5 x 1 /  21   = .0714
 * 2       5     60      9      .5 x  41 / 1   =  20.5     1 x 10 / 41   = .244
 * 3       8     10      1      .2 x  91 / 1.6 =  11.4     4 x 2 /  91   = .0879
 * 4       4     95      0      .6 x   6 / .8  =   4.5   .67 x 1 /   6   = .111
 * age = now - stamp + 1, erases from 1, now = 100
 */
static const struct full_block hand[] = {{9, 0, 3}, {6, 80, 0}, {5, 60, 9}, {8, 10, 1}, {4, 95, 0}};

START_TEST(each_policy_chooses_what_its_paper_says)
{
	static const struct {
		const char *policy;
		uint32_t block;
	} want[] = {
		{"greedy", 4}, {"fifo", 0}, {"windowed-greedy", 2}, {"cost-benefit", 2}, {"cost-age-times", 1},
	};
	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		struct scene s;
		scene_open(&s, want[i].policy, hand, 5, 100);
		ck_assert_msg(pick(&s) == want[i].block, "%s takes %u", want[i].policy, pick(&s));
		scene_close(&s);
	}
}
END_TEST

START_TEST(greedy_breaks_ties_for_the_block_longest_at_that_count)
{
	static const struct full_block x[] = {{8, 0, 0}, {5, 0, 0}, {5, 0, 0}};
	struct scene s;
	scene_open(&s, "greedy", x, 3, 1);
	ck_assert_uint_eq(pick(&s), 1);
	for (int i = 0; i < 3; i++)
		blocks_lose(&s.blocks, 0);
	ck_assert_uint_eq(pick(&s), 1);
	blocks_lose(&s.blocks, 0);
	ck_assert_uint_eq(pick(&s), 0);
	blocks_take_victim(&s.blocks, 0);
	ck_assert_uint_eq(pick(&s), 1);
	scene_close(&s);
}
END_TEST

START_TEST(windowed_greedy_takes_the_older_of_two_and_none_behind_the_window)
{
	static const struct full_block x[] = {{8, 0, 0}, {5, 0, 0}, {5, 0, 0}, {1, 0, 0}};
	struct scene s;
	scene_open(&s, "windowed-greedy", x, 4, 1);
	ck_assert_uint_eq(pick(&s), 1);
	s.gc.window = 4;
	ck_assert_uint_eq(pick(&s), 3);
	s.gc.window = 1;
	ck_assert_uint_eq(pick(&s), 0);
	scene_close(&s);
}
END_TEST

START_TEST(lru_puts_off_a_block_that_loses_a_unit)
{
	static const struct full_block x[] = {{10, 0, 0}, {10, 0, 0}, {10, 0, 0}};
	struct scene s;
	scene_open(&s, "lru", x, 3, 1);
	ck_assert_uint_eq(pick(&s), 0);
	blocks_lose(&s.blocks, 0);
	ck_assert_uint_eq(pick(&s), 1);
	blocks_lose(&s.blocks, 1);
	blocks_lose(&s.blocks, 2);
	ck_assert_uint_eq(pick(&s), 0);
	scene_close(&s);
}
END_TEST

START_TEST(a_score_takes_an_empty_block_first_and_the_older_of_two)
{
	static const struct full_block x[] = {{1, 0, 0}, {0, 90, 0}, {0, 50, 0}, {10, 0, 0}};
	static const char *const policies[] = {"cost-benefit", "cost-age-times"};
	for (int i = 0; i < 2; i++) {
		struct scene s;
		scene_open(&s, policies[i], x, 4, 100);
		ck_assert_uint_eq(pick(&s), 2);
		scene_close(&s);
	}
}
END_TEST

/* How often each block is taken in n choices. */
static void tally_picks(const char *policy, int64_t choices, const struct full_block *x, uint32_t n, uint32_t *count, int picks)
{
	struct scene s;
	scene_open(&s, policy, x, n, 100);
	s.gc.choices = choices;
	memset(count, 0, n * sizeof(*count));
	for (int i = 0; i < picks; i++)
		count[pick(&s)]++;
	scene_close(&s);
}

/* n draws of probability p, within 4.5 standard deviations */
static void about(uint32_t got, int n, double p)
{
	double sd = p * (1 - p) * n, d = got - p * n;
	ck_assert_msg(d * d <= 20.25 * sd + 1e-9, "%u of %d, expected %.0f", got, n, p * n);
}

START_TEST(lots_are_drawn_with_the_probabilities_they_should_have)
{
	const int n = 20000;
	uint32_t count[5];
	tally_picks("random", 1, hand, 5, count, n);
	for (int i = 0; i < 5; i++)
		about(count[i], n, 0.2);
	/* d = 2 with replacement: the block of rank r of 5 (1 the best) wins with ((6 - r)^2 - (5 - r)^2) / 25 */
	tally_picks("d-choices", 2, hand, 5, count, n);
	about(count[4], n, 9.0 / 25);
	about(count[2], n, 7.0 / 25);
	about(count[1], n, 5.0 / 25);
	about(count[3], n, 3.0 / 25);
	about(count[0], n, 1.0 / 25);
	/* d = 1 is random */
	tally_picks("d-choices", 1, hand, 5, count, n);
	for (int i = 0; i < 5; i++)
		about(count[i], n, 0.2);
}
END_TEST

START_TEST(random_plus_wants_an_invalid_unit_and_plus_plus_more_of_them)
{
	static const struct full_block x[] = {{10, 0, 0}, {9, 0, 0}, {6, 0, 0}, {10, 0, 0}, {5, 0, 0}, {7, 0, 0}};
	const int n = 20000;
	uint32_t count[6];
	/* at most six draws: all six miss with (2/6)^6 */
	double missed = 64.0 / 46656;
	tally_picks("random+", 1, x, 6, count, n);
	for (int i = 0; i < 6; i++)
		about(count[i], n, x[i].valid == 10 ? missed / 2 : (1 - missed) / 4);
	/* more than 3.5 invalid: blocks 2 and 4; six draws miss both with (4/6)^6, and then the best drawn is taken */
	missed = 4096.0 / 46656;
	tally_picks("random++", 1, x, 6, count, n);
	about(count[2], n, (1 - missed) / 2);
	about(count[4], n, (1 - missed) / 2);
	about(count[5], n, (4096.0 - 729.0) / 46656); /* 7 was among them */
}
END_TEST

START_TEST(lots_end_where_no_block_has_what_is_wanted)
{
	static const struct full_block x[] = {{10, 0, 0}, {10, 0, 0}};
	uint32_t count[2];
	tally_picks("random+", 1, x, 2, count, 100);
	ck_assert_uint_eq(count[0] + count[1], 100);
	tally_picks("random++", 1, x, 2, count, 100);
	ck_assert_uint_eq(count[0] + count[1], 100);
}
END_TEST

START_TEST(no_two_policies_choose_alike)
{
	enum { SCENES = 300, SIZE = 24, MOST = 16 };
	static uint32_t chosen[MOST][SCENES];
	int policies = 0;
	struct arena *a = arena_new();
	struct rng *rng = rng_new(a, 5, "scenes");
	static struct full_block x[SCENES][SIZE];
	for (int i = 0; i < SCENES; i++)
		for (int k = 0; k < SIZE; k++)
			x[i][k] = (struct full_block){(uint32_t)rng_below(rng, UNITS + 1), (uint32_t)rng_below(rng, 1000),
				(uint32_t)rng_below(rng, 50)};
	for (; ftl_victims[policies]; policies++) {
		ck_assert_int_lt(policies, MOST);
		for (int i = 0; i < SCENES; i++) {
			struct scene s;
			scene_open(&s, ftl_victims[policies]->name, x[i], SIZE, 1000);
			uint32_t k = 0;
			while (s.blocks.block[k].valid == 0)
				k++;
			blocks_lose(&s.blocks, k); /* which lru sees */
			s.gc.window = 8;
			chosen[policies][i] = pick(&s);
			ck_assert_int_eq(s.blocks.block[chosen[policies][i]].state, FTL_FULL);
			scene_close(&s);
		}
	}
	for (int p = 0; p < policies; p++)
		for (int q = 0; q < p; q++)
			ck_assert_msg(memcmp(chosen[p], chosen[q], sizeof(chosen[p])) != 0, "%s is %s", ftl_victims[p]->name,
				ftl_victims[q]->name);
	arena_free(a);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("ftl/victim");
	TCase *t = tcase_create("all");
	tcase_add_test(t, each_policy_chooses_what_its_paper_says);
	tcase_add_test(t, greedy_breaks_ties_for_the_block_longest_at_that_count);
	tcase_add_test(t, windowed_greedy_takes_the_older_of_two_and_none_behind_the_window);
	tcase_add_test(t, lru_puts_off_a_block_that_loses_a_unit);
	tcase_add_test(t, a_score_takes_an_empty_block_first_and_the_older_of_two);
	tcase_add_test(t, lots_are_drawn_with_the_probabilities_they_should_have);
	tcase_add_test(t, random_plus_wants_an_invalid_unit_and_plus_plus_more_of_them);
	tcase_add_test(t, lots_end_where_no_block_has_what_is_wanted);
	tcase_add_test(t, no_two_policies_choose_alike);
	suite_add_tcase(s, t);
	return run_suite(s);
}
