/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the benches of the translation layer share: one from a few lines of config. */
#ifndef QUERN_BENCH_FTL_LOAD_H
#define QUERN_BENCH_FTL_LOAD_H

#include <stdlib.h>

#include "ftl/null.h"
#include "sim/config.h"

struct ftl_load {
	struct arena *arena;
	struct flash_geometry_spec flash;
	struct nand_geom geom;
	struct ftl_spec spec;
	struct ftl *f;
};

/* text: sections geometry and ftl. */
static inline void ftl_load_open(struct ftl_load *l, const char *text)
{
	struct err e = {0};
	struct config *c = config_new(NULL);
	*l = (struct ftl_load){.arena = arena_new()};
	if (l->arena && c && config_load_text(c, "bench.yaml", text, &e) == 0 &&
	    config_bind(config_get(config_root(c), "geometry"), "geometry", &flash_geometry_group, NULL, &l->flash, l->arena, &e) == 0 &&
	    config_bind(config_get(config_root(c), "ftl"), "ftl", &ftl_options, NULL, &l->spec, l->arena, &e) == 0 &&
	    nand_geom_init(&l->geom, &l->flash, l->arena) == 0)
		l->f = ftl_open(l->arena, &l->spec, &l->geom, "ftl", 1, &e);
	if (!l->f) {
		fprintf(stderr, "ftl: %s\n", e.msg);
		exit(1);
	}
	config_free(c);
}

static inline void ftl_load_close(struct ftl_load *l)
{
	ftl_close(l->f);
	arena_free(l->arena);
}

#endif
