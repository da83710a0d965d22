/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One value put at a path over a config: of an assignment, or a node of another config. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/config_internal.h"

/* One step of a path: ".key" or "[3]". */
struct step {
	const char *key; /* NULL: an index */
	size_t index;
};

/* Read a step at *p, in the arena. The first key of a path has no dot. */
static int next_step(struct arena *a, const char **p, bool first, const struct opt_where *where,
	struct step *s, struct err *e)
{
	const char *at = *p;

	*s = (struct step){ NULL, 0 };
	if (*at == '[' && !first) {
		char *end;
		unsigned long long index = strtoull(at + 1, &end, 10);
		if (at[1] < '0' || at[1] > '9' || *end != ']' || index > CONFIG_FILE_MAX)
			return config_error_at(where, e, "want an index such as [3]");
		s->index = (size_t)index;
		*p = end + 1;
		return 0;
	}
	if (!first && *at != '.')
		return config_error_at(where, e, "want a path such as disk0.zones[3].heads");
	if (!first)
		at++;
	size_t length = strcspn(at, ".[]");
	if (length == 0)
		return config_error_at(where, e, "want a path such as disk0.zones[3].heads");
	char *key = arena_alloc(a, length + 1);
	if (key == NULL)
		return config_no_memory(e);
	memcpy(key, at, length);
	key[length] = '\0';
	s->key = key;
	*p = at + length;
	return 0;
}

/* "(drive.yaml:3:5)", where something stands that a --set path meets */
static const char *at_place(const struct opt_where *w, char *out, size_t out_bytes)
{
	if (w->file == NULL || w->line == 0)
		snprintf(out, out_bytes, "%s", w->file != NULL ? w->file : "the command line");
	else
		snprintf(out, out_bytes, "%.200s:%d:%d", w->file, w->line, w->column);
	return out;
}

static const char *kind_name(const struct cfg_node *n)
{
	return n->kind == CFG_MAP ? "a map" : n->kind == CFG_LIST ? "a list" : "a single value";
}

/* The node a step leads to; a key that is not there is made, with an empty value. */
static struct cfg_node *take_step(struct config *c, struct cfg_node *node, const struct step *s,
	const struct opt_where *where, struct err *e)
{
	char place[256];
	struct cfg_node *n, **tail;
	size_t count = 0;

	if (s->key == NULL) {
		if (node->kind != CFG_LIST) {
			config_error_at(where, e, "[%zu] asks for a list, but at %s there is %s",
				s->index, at_place(&node->where, place, sizeof(place)),
				config_is_empty(node) ? "nothing" : kind_name(node));
			return NULL;
		}
		for (n = node->child; n != NULL; n = n->next)
			if (count++ == s->index)
				return n;
		config_error_at(where, e, "there is no [%zu]: the list at %s has %zu elements, and "
			"the first is [0]", s->index, at_place(&node->where, place, sizeof(place)),
			count);
		return NULL;
	}
	if (config_is_empty(node)) {
		node->kind = CFG_MAP;
		node->text = NULL;
		node->child = NULL;
	}
	if (node->kind != CFG_MAP) {
		config_error_at(where, e, "\"%.60s\" asks for a map, but at %s there is %s", s->key,
			at_place(&node->where, place, sizeof(place)), kind_name(node));
		return NULL;
	}
	if ((n = config_member(node, s->key)) != NULL)
		return n;
	n = arena_alloc(c->arena, sizeof(*n));
	if (n == NULL) {
		config_no_memory(e);
		return NULL;
	}
	*n = (struct cfg_node){ .kind = CFG_SCALAR, .where = *where, .text = "", .key = s->key,
		.key_where = *where };
	for (tail = &node->child; *tail != NULL; tail = &(*tail)->next)
		;
	*tail = n;
	return n;
}

/* Walk (and make) the path and put the value there. */
static int set_value(struct config *c, const char *path, struct cfg_node *value,
	const struct opt_where *where, struct err *e)
{
	struct cfg_node *node = &c->root;
	struct step s;
	int depth = 0;

	for (bool first = true; *path != '\0'; first = false) {
		if (next_step(c->arena, &path, first, where, &s, e) != 0)
			return -1;
		if (first && s.key != NULL && strcmp(s.key, "include") == 0)
			return config_error_at(where, e, "include belongs in a file");
		if (++depth > CONFIG_DEPTH_MAX)
			return config_error_at(where, e, "the path is longer than %d steps",
				CONFIG_DEPTH_MAX);
		node = take_step(c, node, &s, where, e);
		if (node == NULL)
			return -1;
	}
	value->key_where = *where;
	return config_merge_node(node, value, e);
}

int config_set(struct config *c, const char *assignment, struct err *e)
{
	const char *equals = strchr(assignment, '=');
	struct cfg_node *value = NULL;

	if (equals == NULL || equals == assignment)
		return err_set(e, ERR_USAGE, "--set %.200s: want path=value", assignment);

	const size_t length = (size_t)(equals - assignment);
	char *label = arena_alloc(c->arena, length + sizeof("--set "));
	char *path = arena_alloc(c->arena, length + 1);
	if (label == NULL || path == NULL)
		return config_no_memory(e);
	memcpy(path, assignment, length);
	path[length] = '\0';
	snprintf(label, length + sizeof("--set "), "--set %s", path);

	const struct opt_where where = { label, 0, 0 };
	if (config_parse_yaml(c->arena, &where, equals + 1, strlen(equals + 1), &value, e) != 0)
		return -1;
	if (value == NULL) {
		value = arena_alloc(c->arena, sizeof(*value));
		if (value == NULL)
			return config_no_memory(e);
		*value = (struct cfg_node){ .kind = CFG_SCALAR, .where = where, .text = "" };
	}
	return set_value(c, path, value, &where, e);
}

int config_put(struct config *c, const char *path, const struct opt_where *where, const struct cfg_node *value, struct err *e)
{
	struct cfg_node *copy = config_copy_node(c->arena, value);

	if (copy == NULL)
		return config_no_memory(e);
	return set_value(c, path, copy, where, e);
}

/* Of the nodes alone: the texts are those of the original. */
struct cfg_node *config_copy_node(struct arena *a, const struct cfg_node *node)
{
	struct cfg_node *copy = arena_alloc(a, sizeof(*copy)), **tail;

	if (copy == NULL)
		return NULL;
	*copy = *node;
	copy->next = NULL;
	tail = &copy->child;
	*tail = NULL;
	for (const struct cfg_node *n = node->child; n != NULL; n = n->next) {
		*tail = config_copy_node(a, n);
		if (*tail == NULL)
			return NULL;
		tail = &(*tail)->next;
	}
	return copy;
}
