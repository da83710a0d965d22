/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the parts of the configuration reader share: config.c (files, includes, merging), config_set.c
 * (--set and the like), config_yaml.c (YAML text to nodes), config_csv.c (CSV files to nodes),
 * config_bind.c (nodes to structs), option.c (one scalar by its row) and the writers.
 * Nobody outside includes this.
 */
#ifndef QUERN_SIM_CONFIG_INTERNAL_H
#define QUERN_SIM_CONFIG_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "sim/arena.h"
#include "sim/config.h"
#include "sim/err.h"
#include "sim/option.h"

#define CONFIG_DEPTH_MAX 64
#define CONFIG_FILE_MAX ((size_t)64 << 20) /* bytes */
#define CONFIG_STDIN "<stdin>"             /* opt_where.file of standard input */

/* Room for a phrase that says why a value is refused. */
#define WHY_BYTES 512

/* An error at a place: "ssd.yaml:41:9: <sentence>"; line 0 leaves line and column out, no
 * file leaves the place out. Returns -1. */
int config_error_at(const struct opt_where *where, struct err *e, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* ERR_LIMIT. Returns -1. */
int config_no_memory(struct err *e);

struct config {
	struct arena *arena; /* owned */
	struct cfg_node root;
	const char *const *include_dirs; /* copies in the arena; never NULL */
	const char *const *device_dirs;
	int files; /* read so far */
};

/* ---- merging (config.c), copying (config_set.c) */

/* Member of a map; NULL when absent or not a map. */
struct cfg_node *config_member(const struct cfg_node *map, const char *key);
/* "key:" with nothing behind it */
bool config_is_empty(const struct cfg_node *n);
/* Put `over` in place of or into `node`, which keeps its key and its place among its siblings. `over` is used up. An empty value
 * says nothing about a map. */
int config_merge_node(struct cfg_node *node, struct cfg_node *over, struct err *e);
/* Deep, but for the texts, which are borrowed. NULL: no memory. */
struct cfg_node *config_copy_node(struct arena *a, const struct cfg_node *node);

/* ---- reading (config_yaml.c, config_csv.c) */

/* A whole file in memory that malloc gave; which file it was, so that a circle of includes
 * is seen through links and other spellings. */
struct config_text {
	char *data;
	size_t bytes;
	dev_t device;
	ino_t inode;
};

/* Read a file, CONFIG_STDIN for standard input. A byte order mark is skipped, a NUL byte or
 * invalid UTF-8 refused at its place. named_at: the place that names the file, when a file
 * does (a missing file is then ERR_CONFIG there), or NULL (ERR_IO). */
int config_read_text(const char *path, const struct opt_where *named_at,
	struct config_text *out, struct err *e);
void config_free_text(struct config_text *t);

/* Parse one YAML document; *out is NULL where there is none. where: the file and line 1, or
 * "--set <path>" and line 0: then no node gets a line. Nodes live in `a`, file is borrowed. */
int config_parse_yaml(struct arena *a, const struct opt_where *where, const char *text,
	size_t bytes, struct cfg_node **out, struct err *e);

/* Read a CSV file as a list of maps by its header (keyed), or of [x, y] lists. */
int config_read_csv(struct arena *a, const char *path, const struct opt_where *named_at,
	bool keyed, struct cfg_node **out, struct err *e);

/* `name` as seen from the file that names it. NULL: no memory. */
char *config_path_beside(struct arena *a, const struct opt_where *named_at, const char *name);

/* Members sorted by key, for maps of any size: lookups need no walk. */
struct key_index {
	struct key_entry {
		struct cfg_node *node;
		size_t position;
	} *entries; /* malloc */
	size_t count;
};

int key_index_make(struct key_index *x, struct cfg_node *map); /* 0, or -1: no memory */
struct cfg_node *key_index_find(const struct key_index *x, const char *key);
void key_index_free(struct key_index *x);

/* ---- binding */

/* One scalar of a row (or one element of its list): parsed and within bounds. */
int opt_parse_scalar(const struct opt_row *row, const char *text, union unit_value *out,
	char *why, size_t why_bytes);
/* Index of a choice, or -1 with a phrase that gives the nearest and the whole list. */
int opt_parse_choice(const struct opt_row *row, const char *text, char *why, size_t why_bytes);
int opt_parse_bool(const char *text, bool *out, char *why, size_t why_bytes);
/* "100 rpm to 20000 rpm", "at least 1", "at most 9", or "" */
char *opt_bounds(const struct opt_row *row, char *out, size_t out_bytes);
/* One word (or "list of time") for tables. */
char *opt_type_name(const struct opt_row *row, char *out, size_t out_bytes);

/* Bind no node at all, required keys left zero, check() not called. */
int config_bind_defaults(const struct opt_group *g, void *bound, struct arena *a,
	struct err *e);

#endif
