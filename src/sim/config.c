/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One configuration out of many places: files, what they include, and --set.
 *
 * Everything is merged into one tree. A file is parsed to a tree of its own first; its
 * includes are merged in the order of their list, then the file itself, so that the
 * including file has the last word.
 */
#include "sim/config.h"

#include <dirent.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "sim/config_internal.h"

/* Files read into one config: a bound for includes that double at every level. */
#define FILES_MAX 1000
#define INCLUDE_DEPTH_MAX 64
/* Names of one folder that are looked at for "did you mean". */
#define SUGGESTIONS_MAX 2000

static const char *const *copy_list(struct arena *a, const char *const *list)
{
	size_t count = 0;

	while (list != NULL && list[count] != NULL)
		count++;
	const char **copy = arena_array(a, count + 1, sizeof(*copy));
	for (size_t i = 0; copy != NULL && i < count; i++) {
		copy[i] = arena_strdup(a, list[i]);
		if (copy[i] == NULL)
			return NULL;
	}
	return copy;
}

struct config *config_new(const struct config_search *search)
{
	struct config *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return NULL;
	c->root.kind = CFG_MAP;
	c->arena = arena_new();
	if (c->arena != NULL) {
		c->include_dirs = copy_list(c->arena, search != NULL ? search->include_dirs : NULL);
		c->device_dirs = copy_list(c->arena, search != NULL ? search->device_dirs : NULL);
	}
	if (c->arena == NULL || c->include_dirs == NULL || c->device_dirs == NULL) {
		config_free(c);
		return NULL;
	}
	return c;
}

void config_free(struct config *c)
{
	if (c == NULL)
		return;
	arena_free(c->arena);
	free(c);
}

struct arena *config_arena(struct config *c) { return c->arena; }
const struct cfg_node *config_root(const struct config *c) { return &c->root; }

struct cfg_node *config_member(const struct cfg_node *map, const char *key)
{
	if (map == NULL || map->kind != CFG_MAP)
		return NULL;
	for (struct cfg_node *n = map->child; n != NULL; n = n->next)
		if (strcmp(n->key, key) == 0)
			return n;
	return NULL;
}

const struct cfg_node *config_get(const struct cfg_node *map, const char *key)
{
	return config_member(map, key);
}

/* ---- merging */

/* "key:" with nothing behind it */
bool config_is_empty(const struct cfg_node *n)
{
	return n->kind == CFG_SCALAR && n->text[0] == '\0';
}

static int merge_maps(struct cfg_node *map, struct cfg_node *over, struct err *e);

/* Put `over` in place of or into `node`, which keeps its key and its place among its
 * siblings. `over` is used up. An empty value says nothing about a map. */
int config_merge_node(struct cfg_node *node, struct cfg_node *over, struct err *e)
{
	if (node->kind == CFG_MAP && config_is_empty(over))
		return 0;
	if (node->kind == CFG_MAP && over->kind == CFG_MAP)
		return merge_maps(node, over, e);
	node->kind = over->kind;
	node->where = over->where;
	node->text = over->text;
	node->child = over->child;
	node->key_where = over->key_where;
	return 0;
}

static int merge_maps(struct cfg_node *map, struct cfg_node *over, struct err *e)
{
	struct key_index index;
	struct cfg_node **tail = &map->child, *next;
	int result = 0;

	if (key_index_make(&index, map) != 0)
		return config_no_memory(e);
	while (*tail != NULL)
		tail = &(*tail)->next;
	/* `over` has no key twice, so what is appended need not be found again. */
	for (struct cfg_node *n = over->child; n != NULL && result == 0; n = next) {
		struct cfg_node *there = key_index_find(&index, n->key);

		next = n->next;
		if (there != NULL) {
			result = config_merge_node(there, n, e);
		} else {
			n->next = NULL;
			*tail = n;
			tail = &n->next;
		}
	}
	key_index_free(&index);
	return result;
}

/* ---- finding files */

static bool is_there(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && !S_ISDIR(st.st_mode);
}

static bool has_yaml_ending(const char *name)
{
	const char *dot = strrchr(name, '.');

	return dot != NULL && (strcmp(dot, ".yaml") == 0 || strcmp(dot, ".yml") == 0);
}

/* dir/name or dir/name.yaml, the one that is there. dir "" is the working directory. */
static bool find_in(const char *dir, const char *name, char *path, size_t path_bytes)
{
	const size_t length = strlen(dir);
	const char *slash = length == 0 || dir[length - 1] == '/' ? "" : "/";
	int n = snprintf(path, path_bytes, "%s%s%s", dir, slash, name);

	if (n < 0 || (size_t)n + 6 > path_bytes)
		return false;
	if (is_there(path))
		return true;
	if (has_yaml_ending(name))
		return false;
	memcpy(path + n, ".yaml", sizeof(".yaml"));
	return is_there(path);
}

static bool find_in_list(const char *const *dirs, const char *name, char *path,
	size_t path_bytes)
{
	for (; *dirs != NULL; dirs++)
		if (find_in(*dirs, name, path, path_bytes))
			return true;
	return false;
}

/* Add the names of a folder's .yaml files, without the ending. */
static size_t collect_names(struct arena *a, const char *dir, const char **names, size_t count)
{
	DIR *d = opendir(dir);
	struct dirent *entry;

	if (d == NULL)
		return count;
	while (count < SUGGESTIONS_MAX && (entry = readdir(d)) != NULL) {
		if (!has_yaml_ending(entry->d_name))
			continue;
		char *name = arena_strdup(a, entry->d_name);
		if (name == NULL)
			break;
		*strrchr(name, '.') = '\0';
		names[count++] = name;
	}
	closedir(d);
	return count;
}

static int compare_names(const void *a, const void *b)
{
	const char *const *x = a, *const *y = b;

	return strcmp(*x, *y);
}

/* The name of a config near to this one in the search folders, or NULL. */
static const char *suggest_name(struct config *c, const char *name)
{
	const char **names = arena_array(c->arena, SUGGESTIONS_MAX + 1, sizeof(*names));
	size_t count = 0;

	if (names == NULL)
		return NULL;
	for (const char *const *d = c->include_dirs; *d != NULL; d++)
		count = collect_names(c->arena, *d, names, count);
	for (const char *const *d = c->device_dirs; *d != NULL; d++)
		count = collect_names(c->arena, *d, names, count);
	/* A folder's order is the file system's; the answer must not be. */
	qsort(names, count, sizeof(*names), compare_names);
	names[count] = NULL;

	char *stem = arena_strdup(c->arena, name);
	if (stem == NULL)
		return NULL;
	if (has_yaml_ending(stem))
		*strrchr(stem, '.') = '\0';
	return nearest_word(stem, names);
}

/* The path of a config by name, or NULL with the error set. named_at: the place that names
 * it, or NULL for the command line. */
static const char *find_config(struct config *c, const char *name,
	const struct opt_where *named_at, struct err *e)
{
	char path[PATH_MAX], folder[PATH_MAX] = "";
	bool found;

	if (named_at != NULL) {
		const char *slash = strrchr(named_at->file, '/');
		if (slash != NULL)
			snprintf(folder, sizeof(folder), "%.*s", (int)(slash + 1 - named_at->file),
				named_at->file);
	}
	if (name[0] == '\0')
		found = false;
	else if (name[0] == '/')
		found = find_in("", name, path, sizeof(path));
	else
		found = find_in(folder, name, path, sizeof(path)) ||
			find_in_list(c->include_dirs, name, path, sizeof(path)) ||
			find_in_list(c->device_dirs, name, path, sizeof(path));
	if (found) {
		const char *copy = arena_strdup(c->arena, path);
		if (copy == NULL)
			config_no_memory(e);
		return copy;
	}

	const char *near = suggest_name(c, name);
	const char *ask = near != NULL ? "; did you mean \"" : "", *end = near != NULL ? "\"?" : "";
	if (near == NULL)
		near = "";
	if (named_at != NULL)
		config_error_at(named_at, e, "no file \"%.200s\" beside this one, in the --include "
			"folders or in the device catalogue%s%s%s", name, ask, near, end);
	else
		err_set(e, ERR_IO, "no configuration \"%.200s\" here, in the --include folders or "
			"in the device catalogue%s%s%s", name, ask, near, end);
	return NULL;
}

/* ---- files and their includes */

/* The files being read, the innermost first. */
struct load {
	const char *path;
	dev_t device;
	ino_t inode;
	int depth;
	const struct load *outer;
};

static int load_file(struct config *c, const char *path, const struct opt_where *named_at,
	const struct load *outer, struct err *e);

/* "a.yaml includes b.yaml includes a.yaml", outermost first */
static void write_chain(const struct load *l, char *out, size_t out_bytes)
{
	if (l->outer != NULL)
		write_chain(l->outer, out, out_bytes);
	size_t used = strlen(out);
	snprintf(out + used, out_bytes - used, "%s includes ", l->path);
}

static int refuse_circle(const struct load *l, const struct opt_where *named_at, struct err *e)
{
	char chain[700] = "";

	for (const struct load *o = l->outer; o != NULL; o = o->outer)
		if (o->device == l->device && o->inode == l->inode) {
			write_chain(l->outer, chain, sizeof(chain));
			return config_error_at(named_at, e, "the includes make a circle: %s%s",
				chain, l->path);
		}
	if (l->depth > INCLUDE_DEPTH_MAX)
		return config_error_at(named_at, e, "includes nest deeper than %d",
			INCLUDE_DEPTH_MAX);
	return 0;
}

static int include_one(struct config *c, const struct cfg_node *n, const struct load *l,
	struct err *e)
{
	if (n->kind != CFG_SCALAR)
		return config_error(n, e, "include: want a file name or a list of them");
	const char *path = find_config(c, n->text, &n->where, e);
	if (path == NULL)
		return -1;
	return load_file(c, path, &n->where, l, e);
}

/* Take the include key out of a file's map and merge what it names. */
static int include_all(struct config *c, struct cfg_node *map, const struct load *l,
	struct err *e)
{
	for (struct cfg_node **link = &map->child; *link != NULL; link = &(*link)->next) {
		const struct cfg_node *n = *link;

		if (strcmp(n->key, "include") != 0)
			continue;
		*link = n->next;
		if (config_is_empty(n))
			return 0;
		if (n->kind != CFG_LIST)
			return include_one(c, n, l, e);
		for (const struct cfg_node *i = n->child; i != NULL; i = i->next)
			if (include_one(c, i, l, e) != 0)
				return -1;
		return 0;
	}
	return 0;
}

/* Merge the document of one file (or text): what it includes first. `map` may be NULL. */
static int merge_document(struct config *c, struct cfg_node *map, const struct load *l,
	struct err *e)
{
	if (l->outer == NULL)
		c->root.where = (struct opt_where){ l->path, 1, 1 };
	if (map == NULL || config_is_empty(map))
		return 0;
	if (map->kind != CFG_MAP)
		return config_error(map, e, "want a map of keys at the top of a file, found a %s",
			map->kind == CFG_LIST ? "list" : "single value");
	if (include_all(c, map, l, e) != 0)
		return -1;
	return merge_maps(&c->root, map, e);
}

static int load_file(struct config *c, const char *path, const struct opt_where *named_at,
	const struct load *outer, struct err *e)
{
	const struct opt_where top = { path, 1, 1 };
	struct load l = { .path = path, .depth = outer != NULL ? outer->depth + 1 : 0,
		.outer = outer };
	struct config_text text;
	struct cfg_node *map = NULL;

	if (++c->files > FILES_MAX)
		return config_error_at(named_at, e, "more than %d files are included", FILES_MAX);
	if (config_read_text(path, named_at, &text, e) != 0)
		return -1;
	l.device = text.device;
	l.inode = text.inode;
	int result = refuse_circle(&l, named_at, e);
	if (result == 0)
		result = config_parse_yaml(c->arena, &top, text.data, text.bytes, &map, e);
	config_free_text(&text);
	return result != 0 ? -1 : merge_document(c, map, &l, e);
}

int config_load_text(struct config *c, const char *name, const char *text, struct err *e)
{
	const struct opt_where top = { arena_strdup(c->arena, name), 1, 1 };
	struct load l = { .path = top.file };
	struct cfg_node *map = NULL;

	if (top.file == NULL)
		return config_no_memory(e);
	if (config_parse_yaml(c->arena, &top, text, strlen(text), &map, e) != 0)
		return -1;
	return merge_document(c, map, &l, e);
}

int config_load(struct config *c, const char *name, struct err *e)
{
	const char *path;

	if (strcmp(name, "-") == 0)
		path = CONFIG_STDIN;
	else if (is_there(name))
		path = arena_strdup(c->arena, name);
	else if ((path = find_config(c, name, NULL, e)) == NULL)
		return -1;
	if (path == NULL)
		return config_no_memory(e);
	return load_file(c, path, NULL, NULL, e);
}

int config_load_node(struct config *c, const struct cfg_node *map, struct err *e)
{
	struct cfg_node *copy = config_copy_node(c->arena, map);
	struct load l = {.path = map->where.file};

	if (copy == NULL)
		return config_no_memory(e);
	copy->key = NULL;
	return merge_document(c, copy, &l, e);
}
