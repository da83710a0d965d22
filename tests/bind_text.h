/* SPDX-License-Identifier: GPL-3.0-or-later */
/* For tests, benches and validation: the struct of a group of option rows, from lines of config. */
#ifndef QUERN_TESTS_BIND_TEXT_H
#define QUERN_TESTS_BIND_TEXT_H

#include "sim/config.h"

/* The defaults with the text over them; the struct lives in `a`. NULL with *e set. */
static inline void *bind_text(struct arena *a, const struct opt_group *g, const char *text, struct err *e)
{
	struct config *config = config_new(NULL);
	void *spec = arena_alloc(a, g->struct_bytes);
	int result = config && spec ? config_load_text(config, "text", text, e) : err_set(e, ERR_LIMIT, "no memory for the options of %s",
		g->name);
	if (result == 0)
		result = config_bind(config_root(config), g->name, g, NULL, spec, a, e);
	config_free(config);
	return result == 0 ? spec : NULL;
}

#endif
