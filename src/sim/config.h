/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * YAML configuration (libyaml): load, include, override, bind to option rows.
 *
 * A file is a map. Its `include:` list names files that are read first, found beside
 * the including file, then in the --include folders, then in the device catalogue; the
 * file's own keys come over them. Maps merge key by key, lists and scalars replace. A
 * key that stands twice in one map of one file is refused. Cycles of includes are
 * refused. `--set path=value` goes through the same YAML parser and the same merge;
 * a path may index a list (`disk0.zones[3].sectors_per_track`).
 *
 * Every node remembers its file, line and column; every error names them. Content is
 * untrusted: depth is at most 64, a file at most 64 MiB, aliases and tags are refused.
 *
 * Owner: a config and all its nodes live in its own arena until config_free().
 */
#ifndef QUERN_SIM_CONFIG_H
#define QUERN_SIM_CONFIG_H

#include <stddef.h>

#include "sim/err.h"
#include "sim/option.h"

enum cfg_kind { CFG_SCALAR, CFG_MAP, CFG_LIST };

struct cfg_node {
	enum cfg_kind kind;
	struct opt_where where;
	const char *text;         /* CFG_SCALAR */
	const char *key;          /* when a member of a map */
	struct opt_where key_where;
	struct cfg_node *child;   /* first member or element */
	struct cfg_node *next;    /* sibling, in file order */
};

struct config;

struct config_search {
	const char *const *include_dirs; /* NULL-terminated, or NULL; copied */
	const char *const *device_dirs;  /* the catalogue, NULL-terminated, or NULL */
};

/* An empty config (a map without members). NULL when memory is exhausted. */
struct config *config_new(const struct config_search *search);
void config_free(struct config *c); /* NULL is legal */

/* Merge a file over what is there (after a failure the config may hold a part of it and is only
 * good for freeing). `name` is a path, or, when no such file exists, a name
 * that is searched as an include is, with ".yaml" added if absent. "-" reads stdin. */
int config_load(struct config *c, const char *name, struct err *e);
/* Merge a text as if it were a file called `name` in the current folder. */
int config_load_text(struct config *c, const char *name, const char *text, struct err *e);
/* Merge one `path=value`; value is YAML (flow style for maps and lists). */
int config_set(struct config *c, const char *assignment, struct err *e);

/*
 * Nodes of another config over what is there; they are copied, their texts are borrowed, and errors name the places where they
 * stand. A map with the keys of a file, which may include files beside the one that it stands in; and a value at a path, as
 * --set does, `where` being the place that names the path.
 */
int config_load_node(struct config *c, const struct cfg_node *map, struct err *e);
int config_put(struct config *c, const char *path, const struct opt_where *where, const struct cfg_node *value, struct err *e);

/* The arena the nodes live in, for tests of exhaustion. */
struct arena *config_arena(struct config *c);
const struct cfg_node *config_root(const struct config *c);
/* Member of a map by exact key; NULL when absent or not a map. */
const struct cfg_node *config_get(const struct cfg_node *map, const char *key);

/*
 * Bind a map node to rows (see option.h). `node` may be NULL: all defaults. `name` is how
 * the group is called in errors ("disk0"). Keys listed in `reserved` (NULL-terminated, may
 * be NULL) are left for the caller. Everything made lives in `a`.
 */
int config_bind(const struct cfg_node *node, const char *name, const struct opt_group *g,
	const char *const *reserved, void *bound, struct arena *a, struct err *e);

/* An error at a node: "ssd.yaml:41:9: <sentence>". Returns -1. */
int config_error(const struct cfg_node *node, struct err *e, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * The candidate nearest to `word` by edit distance (Damerau-Levenshtein, at most a third
 * of the word's length + 1), or NULL. candidates: NULL-terminated. Used by every "unknown
 * X, did you mean Y?".
 */
const char *nearest_word(const char *word, const char *const *candidates);

#endif
