/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * For tests of the configuration: an empty working directory for each test, and files
 * written into it. Names in messages are then short and known.
 */
#ifndef QUERN_TESTS_SIM_CONFIG_FIXTURE_H
#define QUERN_TESTS_SIM_CONFIG_FIXTURE_H

#include <check.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/config.h"

static char fixture_dir[4096];

static int fixture_remove(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

static void fixture_open(void)
{
	const char *tmp = getenv("TMPDIR");

	snprintf(fixture_dir, sizeof(fixture_dir), "%s/quern-check-XXXXXX", tmp ? tmp : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(fixture_dir));
	ck_assert_int_eq(chdir(fixture_dir), 0);
}

static void fixture_close(void)
{
	ck_assert_int_eq(chdir("/"), 0);
	nftw(fixture_dir, fixture_remove, 16, FTW_DEPTH | FTW_PHYS);
}

static void write_bytes(const char *name, const char *bytes, size_t count)
{
	FILE *f = fopen(name, "wb");

	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(fwrite(bytes, 1, count, f), count);
	ck_assert_int_eq(fclose(f), 0);
}

static void write_file(const char *name, const char *text)
{
	write_bytes(name, text, strlen(text));
}

#endif
