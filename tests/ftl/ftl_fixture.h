/* SPDX-License-Identifier: GPL-3.0-or-later */
/* For tests of the translation layer: one from a few lines of YAML. */
#ifndef QUERN_TESTS_FTL_FIXTURE_H
#define QUERN_TESTS_FTL_FIXTURE_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flash/options.h"
#include "ftl/null.h"
#include "sim/config.h"

struct rig {
	struct arena *arena;
	struct flash_geometry_spec flash;
	struct nand_geom geom;
	struct ftl_spec spec;
	struct ftl *f;
	struct rng *rng;
};

/* 2 x 1 x 2 x 2 planes of 12 blocks of 8 pages of 8 KiB. */
#define TINY "geometry: {channels: 2, chips: 1, dies: 2, planes: 2, blocks: 12, pages: 8, page: 8 KiB, cell: slc}\n"
#define ONE_PLANE "geometry: {channels: 1, chips: 1, dies: 1, planes: 1, blocks: 16, pages: 8, page: 4 KiB, cell: slc}\n"

static inline int rig_try(struct rig *r, const char *text, struct err *e)
{
	struct config *c = config_new(NULL);
	*r = (struct rig){.arena = arena_new()};
	ck_assert(c != NULL && r->arena != NULL);
	int result = config_load_text(c, "test.yaml", text, e);
	if (result == 0)
		result = config_bind(config_get(config_root(c), "geometry"), "geometry", &flash_geometry_group, NULL, &r->flash,
			r->arena, e);
	if (result == 0)
		result = config_bind(config_get(config_root(c), "ftl"), "ftl", &ftl_options, NULL, &r->spec, r->arena, e);
	config_free(c);
	if (result < 0)
		return -1;
	ck_assert_int_eq(nand_geom_init(&r->geom, &r->flash, r->arena), 0);
	r->rng = rng_new(r->arena, 1, "test");
	r->f = ftl_open(r->arena, &r->spec, &r->geom, "ftl", 1, e);
	return r->f != NULL ? 0 : -1;
}

static inline void rig_open(struct rig *r, const char *text)
{
	struct err e = {0};
	ck_assert_msg(rig_try(r, text, &e) == 0, "%s", e.msg);
}

static inline void rig_close(struct rig *r)
{
	ftl_close(r->f);
	arena_free(r->arena);
}

static inline void rig_holds(const struct rig *r)
{
	struct err e = {0};
	ck_assert_msg(ftl_check(r->f, &e) == 0, "%s", e.msg);
}

/* A config is refused with a sentence that has `part` in it. */
static inline void rig_refused(const char *text, const char *part)
{
	struct rig r;
	struct err e = {0};
	ck_assert_int_eq(rig_try(&r, text, &e), -1);
	ck_assert_msg(strstr(e.msg, part) != NULL, "\"%s\" lacks \"%s\"", e.msg, part);
	arena_free(r.arena);
}

static inline int run_suite(Suite *s)
{
	SRunner *runner = srunner_create(s);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#endif
