/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Page tables: an entry stays where and what it is, however many nodes there are and come to be. */
#include <check.h>
#include <stdlib.h>

#include "host/ptable.h"

#define PAGE 4096
#define ENTRIES (PAGE / sizeof(uint64_t))

static uint64_t value(uint64_t vpn) { return vpn * 2 + 1; }

/* One entry in each of many nodes, `apart` nodes from one another: far more than are kept at first, and some that meet in one
 * place. */
static void many_nodes(uint64_t apart)
{
	struct arena *a = arena_new();
	struct host_nodes nodes;
	struct host_ptable t;
	const uint64_t count = 5 * (uint64_t)HOST_LEAVES + 3;
	host_nodes_init(&nodes, a, PAGE);
	ck_assert_int_eq(host_ptable_open(&t, &nodes, 4), 0);
	for (uint64_t i = 0; i < count; i++) {
		uint64_t vpn = i * apart * ENTRIES + i % ENTRIES;
		ck_assert_ptr_null(host_pte_find(&t, vpn));
		*host_pte_make(&t, vpn) = value(vpn);
		for (uint64_t j = 0; j <= i; j += i < 20 ? 1 : 37) {
			uint64_t *pte = host_pte_find(&t, j * apart * ENTRIES + j % ENTRIES);
			ck_assert_ptr_nonnull(pte);
			ck_assert_uint_eq(*pte, value(j * apart * ENTRIES + j % ENTRIES));
		}
	}
	for (uint64_t i = 0; i < count; i++) {
		uint64_t vpn = i * apart * ENTRIES + i % ENTRIES;
		uint64_t *pte = host_pte_find(&t, vpn), *kept = host_pte_kept(&t, vpn);
		ck_assert_ptr_eq(pte, kept);
		ck_assert_ptr_eq(pte, host_pte_make(&t, vpn));
		ck_assert_uint_eq(*pte, value(vpn));
	}
	host_ptable_close(&t);
	ck_assert_ptr_null(host_pte_kept(&t, 0));
	ck_assert_uint_eq(nodes.in_use, 0);
	arena_free(a);
}

START_TEST(entries_stay_while_nodes_come) { many_nodes(1); }
END_TEST

START_TEST(entries_stay_where_all_nodes_meet_in_one_place) { many_nodes(4096); }
END_TEST

int main(void)
{
	Suite *s = suite_create("page table");
	TCase *t = tcase_create("page table");
	tcase_add_test(t, entries_stay_while_nodes_come);
	tcase_add_test(t, entries_stay_where_all_nodes_meet_in_one_place);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
