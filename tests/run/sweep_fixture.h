/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the tests of sweeps share: a scratch folder, sweeps of texts, files read whole. */
#ifndef TESTS_RUN_SWEEP_FIXTURE_H
#define TESTS_RUN_SWEEP_FIXTURE_H

#include <check.h>
#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fixed.h"
#include "run/device.h"
#include "run/sweep_collect.h"
#include "run/sweep_dir.h"
#include "run/sweep_run.h"

/* A device that takes 1 ms, and 20 requests for it. */
#define FIXED_BASE "base:\n  d: {model: fixed}\n  workload: {requests: 20}\n"

static char scratch[64];

static inline void make_scratch(void)
{
	snprintf(scratch, sizeof(scratch), "/tmp/quern-check-sweep.XXXXXX");
	ck_assert(mkdtemp(scratch));
	ck_assert_int_eq(chdir(scratch), 0);
}

static inline int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static inline void remove_scratch(void)
{
	ck_assert_int_eq(chdir("/"), 0);
	nftw(scratch, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static inline struct sweep *sweep_of(const char *text, struct err *e)
{
	const struct sweep_input in = {.file = "s.yaml", .text = text, .kinds = strstr(text, "fixed") ? fixed_kinds : NULL};
	return sweep_load(&in, e);
}

/* A sweep and its points, which must be good. */
struct made {
	struct sweep *s;
	struct sweep_points *p;
};

static inline struct made make(const char *text)
{
	struct err e = {0};
	struct made m = {.s = sweep_of(text, &e)};
	if (m.s)
		m.p = sweep_points_make(m.s, 2, NULL, &e);
	ck_assert_msg(m.p != NULL, "%s", e.msg);
	return m;
}

static inline void unmake(struct made m)
{
	sweep_points_free(m.p);
	sweep_free(m.s);
}

/* A whole file; free(). */
static inline char *read_file(const char *path, size_t *bytes)
{
	FILE *f = fopen(path, "rb");
	ck_assert_msg(f != NULL, "no %s", path);
	fseek(f, 0, SEEK_END);
	*bytes = (size_t)ftell(f);
	rewind(f);
	char *text = calloc(1, *bytes + 1);
	ck_assert_uint_eq(fread(text, 1, *bytes, f), *bytes);
	fclose(f);
	return text;
}

static inline void assert_same_file(const char *a, const char *b)
{
	size_t x, y;
	char *p = read_file(a, &x), *q = read_file(b, &y);
	ck_assert_msg(x == y && !memcmp(p, q, x), "%s and %s differ", a, b);
	free(p);
	free(q);
}

/* Run, and make the tables; returns the code. */
static inline int run_made(struct made m, struct sweep_run_options o, struct sweep_progress *g, struct err *e)
{
	const char *const dirs[] = {o.output, NULL};
	struct sweep_collected c;
	err_clear(e);
	(void)sweep_run(m.s, m.p, &o, g, e);
	struct err why = {0};
	ck_assert_msg(sweep_collect(m.s, m.p, dirs, o.output, o.jobs, NULL, &c, &why) == 0, "%s", why.msg);
	sweep_collected_free(&c);
	return e->code;
}

#endif
