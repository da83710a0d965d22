/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every replacement policy against a second one written from the paper in another way (replace_naive.c), and all against each
 * other on one string, so that none can be another in disguise. */
#include "effort.h"
#include "host/replace_fixture.h"
#include "host/replace_naive.h"

/* Few pages are wanted often, with now and then a loop or a scan, so that counts, recency and ghosts all matter. */
static size_t random_string(struct rng *rng, uint64_t *refs, unsigned pages)
{
	size_t n = 0, count = 50 + rng_below(rng, 500);
	while (n < count) {
		uint64_t kind = rng_below(rng, 4), from = rng_below(rng, pages), length = 1 + rng_below(rng, 12);
		for (uint64_t k = 0; k < length && n < count; k++) {
			uint64_t page = kind == 0 ? rng_below(rng, pages) : kind == 1 ? (from + k) % pages
				: kind == 2 ? (from + k % 3) % pages : rng_below(rng, 1 + rng_below(rng, pages));
			refs[n++] = page << 1 | (rng_below(rng, 3) == 0);
		}
	}
	return n;
}

static void vary(struct rng *rng, struct replace_spec *spec)
{
	static const double shares[] = {0.01, 0.1, 0.25, 0.5, 0.9, 1};
	spec->initial_bit = rng_below(rng, 2);
	spec->period_ps = 1 + (int64_t)rng_below(rng, 30);
	spec->bits = 1 + (int64_t)rng_below(rng, 9);
	spec->tau_ps = (int64_t)rng_below(rng, 40);
	spec->two_q_in = shares[rng_below(rng, 6)];
	spec->two_q_out = shares[rng_below(rng, 6)];
	spec->cold_share = shares[rng_below(rng, 6)];
	spec->cold_adapts = rng_below(rng, 4);
	spec->small_share = shares[rng_below(rng, 6)];
	spec->small_ghosts = shares[rng_below(rng, 6)];
	spec->small_uses = (int64_t)rng_below(rng, 3);
	spec->ageing = (int)rng_below(rng, 2);
}

static void compare(const struct replace_spec *spec, uint32_t frames, const uint64_t *refs, size_t n, uint64_t seed)
{
	static uint64_t ours[STRING_MAX], theirs[STRING_MAX];
	struct replace_outcome a = {.evicted = ours}, b = {.evicted = theirs};
	struct err e = {0};
	const char *name = replace_policies[spec->policy].name;
	ck_assert_msg(replace_run(spec, frames, refs, n, seed, &a, &e) == 0, "%s", e.msg);
	naive_run(spec, frames, refs, n, seed, &b);
	for (uint64_t k = 0; k < a.evictions && k < b.evictions; k++)
		ck_assert_msg(ours[k] == theirs[k], "%s, %u frames, seed %u: eviction %u is page %u, not %u", name, frames, (unsigned)seed,
			(unsigned)k, (unsigned)ours[k], (unsigned)theirs[k]);
	ck_assert_msg(a.faults == b.faults && a.evictions == b.evictions && a.writes == b.writes,
		"%s, %u frames, seed %u: %u faults, %u writes, not %u and %u", name, frames, (unsigned)seed, (unsigned)a.faults,
		(unsigned)a.writes, (unsigned)b.faults, (unsigned)b.writes);
}

START_TEST(each_policy_evicts_as_its_twin_does)
{
	struct replace_spec spec = replace_spec_of(replace_policies[_i].name);
	uint64_t refs[STRING_MAX];
	for (unsigned round = 0; round < effort(400); round++) {
		struct arena *a = arena_new();
		struct rng *rng = rng_new(a, round, "strings");
		uint32_t frames = 1 + (uint32_t)rng_below(rng, 20);
		size_t n = random_string(rng, refs, 2 + (unsigned)rng_below(rng, 3 * frames));
		vary(rng, &spec);
		compare(&spec, frames, refs, n, round);
		arena_free(a);
	}
}
END_TEST

/* Found by search over random strings: on it no two policies take the same number of faults (8 frames, a tick each 10
 * references, tau 16). */
static const char separating[] =
	"GhigHiGhIgHiFgHiJklaomHjDhilalcndddEjfgLefGhhpcapmCBCpdgAibeffaeejpDefhCbeaCabHKiacikhijhijHijheOKaj"
	"bBDblbBEacfafbCfBafghAAbcabcanOpNopNopnopjggfehbBMfmnomnOMnomlmNlmnlmNlCggdFdaaaddepcAaFbGEKlmklmklm"
	"kLmfGhnOPnOPNoPnopaBCdEfghijKmnomnOmmNomnoIaHggacdhafghfghFGhfhijKlklmklhijkijkIJknopabcdefghghIjKlm";

START_TEST(every_pair_of_policies_differs_on_one_string)
{
	static uint64_t evicted[32][STRING_MAX];
	struct replace_outcome out[32];
	uint64_t refs[STRING_MAX];
	size_t n = replace_string(separating, refs);
	for (int p = 0; replace_policies[p].name; p++) {
		struct replace_spec spec = replace_spec_of(replace_policies[p].name);
		struct err e = {0};
		spec.period_ps = 10;
		spec.tau_ps = 16;
		out[p].evicted = evicted[p];
		compare(&spec, 8, refs, n, 1);
		ck_assert_int_eq(replace_run(&spec, 8, refs, n, 1, &out[p], &e), 0);
		for (int q = 0; q < p; q++) {
			ck_assert_msg(out[p].faults != out[q].faults, "%s and %s take %u faults", replace_policies[p].name,
				replace_policies[q].name, (unsigned)out[p].faults);
			uint64_t both = out[p].evictions < out[q].evictions ? out[p].evictions : out[q].evictions;
			ck_assert_msg(memcmp(evicted[p], evicted[q], both * sizeof(evicted[p][0])) != 0, "%s is %s",
				replace_policies[p].name, replace_policies[q].name);
		}
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("host/replace_twin");
	TCase *t = tcase_create("all");
	int policies = 0;
	while (replace_policies[policies].name)
		policies++;
	tcase_add_loop_test(t, each_policy_evicts_as_its_twin_does, 0, policies);
	tcase_add_test(t, every_pair_of_policies_differs_on_one_string);
	suite_add_tcase(s, t);
	return replace_suite(s);
}
