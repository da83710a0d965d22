/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The TLB against one written plainly: each set is a list in order of use, found by walking it, and the last gives way. Of all
 * numbers of ways, so that sets with and without a word of hashes are met.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "effort.h"
#include "host/tlb.h"
#include "sim/rng.h"

#define MOST_SETS 64

struct plain {
	struct { uint64_t key; uint32_t frame; uint64_t flags; } entry[MOST_SETS][TLB_WAYS_MOST];
	uint32_t count[MOST_SETS];
};

static uint32_t plain_find(const struct plain *p, uint32_t set, uint64_t key)
{
	for (uint32_t i = 0; i < p->count[set]; i++)
		if (p->entry[set][i].key == key)
			return i;
	return UINT32_MAX;
}

static void plain_remove(struct plain *p, uint32_t set, uint32_t i)
{
	p->count[set]--;
	memmove(&p->entry[set][i], &p->entry[set][i + 1], (p->count[set] - i) * sizeof(p->entry[0][0]));
}

static void plain_front(struct plain *p, uint32_t set, uint32_t ways, uint64_t key, uint32_t frame, uint64_t flags)
{
	uint32_t i = plain_find(p, set, key);
	if (i != UINT32_MAX)
		plain_remove(p, set, i);
	else if (p->count[set] == ways)
		p->count[set]--;
	memmove(&p->entry[set][1], &p->entry[set][0], p->count[set] * sizeof(p->entry[0][0]));
	p->entry[set][0].key = key;
	p->entry[set][0].frame = frame;
	p->entry[set][0].flags = flags;
	p->count[set]++;
}

static const struct { uint32_t sets, ways, pages; } shapes[] = {
	{1, 1, 3}, {4, 1, 20}, {1, 2, 5}, {8, 3, 60}, {16, 4, 100}, {2, 5, 30}, {4, 7, 60}, {1, 8, 12}, {64, 8, 1000}, {8, 9, 200},
	{4, 12, 100}, {1, 16, 24}, {16, 16, 600}, {2, 15, 60},
};

START_TEST(it_holds_what_a_plain_one_holds)
{
	struct arena *a = arena_new();
	struct rng *r = rng_new(a, (uint64_t)_i, "tlb");
	struct plain *p = arena_alloc(a, sizeof(*p));
	struct tlb t;
	uint32_t sets = shapes[_i].sets, ways = shapes[_i].ways, hits = 0, misses = 0;
	ck_assert_int_eq(tlb_open(&t, a, sets * ways, ways, 2), 0);
	uint64_t asid = tlb_switch(&t, 7);
	for (unsigned n = effort(20000); n > 0; n--) {
		uint64_t vpn = rng_below(r, shapes[_i].pages), key = tlb_key(vpn, asid);
		uint32_t set = (uint32_t)(vpn % sets), at = tlb_find(&t, vpn, key), i = plain_find(p, set, key);
		ck_assert_int_eq(at == UINT32_MAX, i == UINT32_MAX);
		hits += at != UINT32_MAX;
		misses += at == UINT32_MAX;
		if (at != UINT32_MAX) {
			ck_assert_uint_eq(t.frame[at], p->entry[set][i].frame);
			ck_assert_uint_eq(t.tag[at] & TLB_FLAGS, p->entry[set][i].flags);
		}
		if (rng_below(r, 4) == 0) { /* its place is free: the next new one takes it */
			ck_assert_int_eq(tlb_drop(&t, asid, vpn), i != UINT32_MAX);
			if (i != UINT32_MAX)
				plain_remove(p, set, i);
			continue;
		}
		uint32_t frame = (uint32_t)rng_below(r, 1000);
		uint64_t flags = rng_below(r, 2);
		tlb_put(&t, vpn, key, flags, frame, at);
		plain_front(p, set, ways, key, frame, flags);
	}
	ck_assert_uint_gt(hits, 0);
	ck_assert_uint_gt(misses, 0);
	arena_free(a);
}
END_TEST

START_TEST(what_is_dropped_is_gone_and_the_rest_is_not)
{
	struct arena *a = arena_new();
	struct tlb t;
	ck_assert_int_eq(tlb_open(&t, a, 16, 8, 4), 0);
	uint64_t asid = tlb_switch(&t, 1);
	for (uint64_t vpn = 0; vpn < 16; vpn++)
		tlb_insert(&t, vpn, tlb_key(vpn, asid), TLB_WRITE, (uint32_t)vpn);
	for (uint64_t vpn = 0; vpn < 16; vpn += 3)
		ck_assert(tlb_drop(&t, asid, vpn));
	ck_assert(!tlb_drop(&t, asid, 0));
	for (uint64_t vpn = 0; vpn < 16; vpn++)
		ck_assert_int_eq(tlb_find(&t, vpn, tlb_key(vpn, asid)) == UINT32_MAX, vpn % 3 == 0);
	/* another space finds none of them */
	uint64_t other = tlb_switch(&t, 2);
	for (uint64_t vpn = 0; vpn < 16; vpn++)
		ck_assert_uint_eq(tlb_find(&t, vpn, tlb_key(vpn, other)), UINT32_MAX);
	arena_free(a);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("tlb");
	TCase *t = tcase_create("tlb");
	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, it_holds_what_a_plain_one_holds, 0, (int)(sizeof(shapes) / sizeof(shapes[0])));
	tcase_add_test(t, what_is_dropped_is_gone_and_the_rest_is_not);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
