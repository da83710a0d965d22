/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An arena for each test: tcase_add_checked_fixture(t, open_arena, close_arena). */
#ifndef QUERN_TESTS_ARENA_FIXTURE_H
#define QUERN_TESTS_ARENA_FIXTURE_H

#include <check.h>
#include <stddef.h>

#include "sim/arena.h"

static struct arena *a;

static void open_arena(void)
{
	a = arena_new();
	ck_assert_ptr_nonnull(a);
}

static void close_arena(void)
{
	arena_free(a);
	a = NULL;
}

#endif
