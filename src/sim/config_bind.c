/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Nodes to structs, by option rows. A group is bound in this order: the first key that no
 * row knows is refused; then each row in turn takes its value, or its default through the
 * same code; then the group's check() looks at the whole.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "sim/config_internal.h"

#define KEYS_MAX 256 /* keys of a group that are looked at for "did you mean" */

struct binder {
	struct arena *arena;
	struct err *err;
	bool defaults_only; /* required keys stay zero, check() is not called */
	char path[256];     /* "disk0.zones[3]", for messages */
};

static int bind_group(struct binder *b, const struct cfg_node *node, const struct opt_where *where,
	const struct opt_group *g, const char *const *reserved, void *bound);
static int bind_row(struct binder *b, const struct cfg_node *n, const struct opt_where *where,
	const struct opt_row *row, void *bound);

/* ---- paths and places */

/* Append to the path; returns its old length, for path_pop(). */
static size_t path_push(struct binder *b, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static size_t path_push(struct binder *b, const char *fmt, ...)
{
	const size_t old = strlen(b->path);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(b->path + old, sizeof(b->path) - old, fmt, ap);
	va_end(ap);
	return old;
}

static size_t path_push_key(struct binder *b, const char *key)
{
	return path_push(b, "%s%s", b->path[0] != '\0' ? "." : "", key);
}

static void path_pop(struct binder *b, size_t old) { b->path[old] = '\0'; }

/* Where a member stands: its key, save in a CSV file, whose keys are far off in the header. */
static const struct opt_where *place_of(const struct cfg_node *n)
{
	if (n->key != NULL && (n->kind != CFG_SCALAR || n->key_where.line == n->where.line))
		return &n->key_where;
	return &n->where;
}

static bool is_empty_scalar(const struct cfg_node *n)
{
	return n->kind == CFG_SCALAR && n->text[0] == '\0';
}

static const char list_wanted[] = "a list such as [a, b, c]";

static int wrong_kind(struct binder *b, const struct cfg_node *n, const char *want)
{
	if (is_empty_scalar(n))
		return config_error(n, b->err, "%s has no value; want %s", b->path, want);
	if (n->kind == CFG_SCALAR && !strcmp(want, list_wanted))
		return config_error(n, b->err, "%s: want a list such as [%.40s], found a single value", b->path, n->text);
	return config_error(n, b->err, "%s: want %s, found %s", b->path, want,
		n->kind == CFG_MAP ? "a map of keys" :
		n->kind == CFG_LIST ? "a list" : "a single value");
}

/* The value of this path is refused: `disk0.rpm = "15000": want ...`. */
static int refuse(struct binder *b, const struct opt_where *where, const char *why)
{
	return config_error_at(where, b->err, "%s = %s", b->path, why);
}

/* ---- scalars */

static int bind_string(struct binder *b, const char *text, const struct opt_where *where,
	const struct opt_row *row, char **out)
{
	*out = row->type == OPT_FILE ? config_path_beside(b->arena, where, text) :
		arena_strdup(b->arena, text);
	return *out != NULL ? 0 : config_no_memory(b->err);
}

/* where: the place of the text, for messages and for OPT_FILE. */
static int bind_text(struct binder *b, const char *text, const struct opt_where *where,
	const struct opt_row *row, void *bound)
{
	char why[WHY_BYTES];
	char *at = (char *)bound + row->offset;
	union unit_value v;
	bool flag;
	int choice;

	switch (row->type) {
	case OPT_BOOL:
		if (opt_parse_bool(text, &flag, why, sizeof(why)) != 0)
			return refuse(b, where, why);
		memcpy(at, &flag, sizeof(flag));
		return 0;
	case OPT_ENUM:
		choice = opt_parse_choice(row, text, why, sizeof(why));
		if (choice < 0)
			return refuse(b, where, why);
		memcpy(at, &choice, sizeof(choice));
		return 0;
	case OPT_SCALAR:
		if (opt_parse_scalar(row, text, &v, why, sizeof(why)) != 0)
			return refuse(b, where, why);
		if (unit_is_real(row->unit))
			memcpy(at, &v.d, sizeof(v.d));
		else
			memcpy(at, &v.i, sizeof(v.i));
		return 0;
	default:
		return bind_string(b, text, where, row, (char **)(void *)at);
	}
}

/* ---- lists, tables, curves */

static size_t count_children(const struct cfg_node *n)
{
	size_t count = 0;

	for (const struct cfg_node *c = n->child; c != NULL; c = c->next)
		count++;
	return count;
}

/* Memory for `count` elements; count 0 gives NULL and is fine. */
static int make_array(struct binder *b, size_t count, size_t size, void **out)
{
	*out = NULL;
	if (count == 0)
		return 0;
	*out = arena_array(b->arena, count, size);
	return *out != NULL ? 0 : config_no_memory(b->err);
}

static int bind_list(struct binder *b, const struct cfg_node *n, const struct opt_row *row,
	struct opt_list *out)
{
	char why[WHY_BYTES];
	void *values;
	size_t i = 0;

	if (n->kind != CFG_LIST)
		return wrong_kind(b, n, list_wanted);
	const size_t count = count_children(n);
	if (make_array(b, count, sizeof(out->values[0]), &values) != 0)
		return -1;
	*out = (struct opt_list){ values, count };
	for (const struct cfg_node *c = n->child; c != NULL; c = c->next, i++) {
		size_t old = path_push(b, "[%zu]", i);
		if (c->kind != CFG_SCALAR)
			return wrong_kind(b, c, "a single value");
		if (opt_parse_scalar(row, c->text, &out->values[i], why, sizeof(why)) != 0)
			return refuse(b, &c->where, why);
		path_pop(b, old);
	}
	return 0;
}

static int bind_table(struct binder *b, const struct cfg_node *n, const struct opt_row *row,
	struct opt_table *out)
{
	void *rows;
	size_t i = 0;

	if (n->kind != CFG_LIST)
		return wrong_kind(b, n, "a list of maps, or the name of a CSV file");
	const size_t count = count_children(n);
	if (make_array(b, count, row->group->struct_bytes, &rows) != 0)
		return -1;
	*out = (struct opt_table){ rows, count };
	for (const struct cfg_node *c = n->child; c != NULL; c = c->next, i++) {
		size_t old = path_push(b, "[%zu]", i);
		char *at = (char *)rows + i * row->group->struct_bytes;
		if (bind_group(b, c, &c->where, row->group, NULL, at) != 0)
			return -1;
		path_pop(b, old);
	}
	return 0;
}

static int bind_point(struct binder *b, const struct cfg_node *pair, const struct opt_row *row,
	struct opt_curve *out, size_t i)
{
	const struct cfg_node *x = pair->kind == CFG_LIST ? pair->child : NULL;
	const struct cfg_node *y = x != NULL ? x->next : NULL;
	char why[WHY_BYTES];
	union unit_value v;

	if (y == NULL || y->next != NULL || x->kind != CFG_SCALAR || y->kind != CFG_SCALAR)
		return config_error(pair, b->err, "%s: want a pair such as [x, y]", b->path);
	if (unit_parse(UNIT_NONE, x->text, &v, why, sizeof(why)) != 0)
		return refuse(b, &x->where, why);
	out->x[i] = v.i;
	if (i > 0 && out->x[i] <= out->x[i - 1])
		return config_error(x, b->err, "%s: x = %lld does not rise above the %lld before it",
			b->path, (long long)out->x[i], (long long)out->x[i - 1]);
	if (opt_parse_scalar(row, y->text, &v, why, sizeof(why)) != 0)
		return refuse(b, &y->where, why);
	out->y[i] = unit_is_real(row->unit) ? v.d : (double)v.i;
	return 0;
}

static int bind_curve(struct binder *b, const struct cfg_node *n, const struct opt_row *row,
	struct opt_curve *out)
{
	void *x, *y;
	size_t i = 0;

	if (n->kind != CFG_LIST)
		return wrong_kind(b, n, "a list of [x, y] pairs, or the name of a CSV file");
	const size_t count = count_children(n);
	if (make_array(b, count, sizeof(out->x[0]), &x) != 0 ||
	    make_array(b, count, sizeof(out->y[0]), &y) != 0)
		return -1;
	*out = (struct opt_curve){ x, y, count };
	for (const struct cfg_node *c = n->child; c != NULL; c = c->next, i++) {
		size_t old = path_push(b, "[%zu]", i);
		if (bind_point(b, c, row, out, i) != 0)
			return -1;
		path_pop(b, old);
	}
	return 0;
}

/* A table or curve may be the name of a CSV file: then that file's node takes its place. */
static int open_csv(struct binder *b, const struct cfg_node **n, bool keyed)
{
	struct cfg_node *csv;

	if ((*n)->kind != CFG_SCALAR)
		return 0;
	char *path = config_path_beside(b->arena, &(*n)->where, (*n)->text);
	if (path == NULL)
		return config_no_memory(b->err);
	if (config_read_csv(b->arena, path, &(*n)->where, keyed, &csv, b->err) != 0)
		return -1;
	*n = csv;
	return 0;
}

/* ---- rows */

static bool is_compound(enum opt_type t)
{
	return t == OPT_TABLE || t == OPT_LIST || t == OPT_CURVE;
}

static int bind_compound(struct binder *b, const struct cfg_node *n, const struct opt_row *row,
	void *bound)
{
	void *at = (char *)bound + row->offset;

	if (is_empty_scalar(n) && row->def != NULL && row->def[0] == '\0')
		return 0; /* "zones:" with nothing behind it, where that is the default */
	if (is_empty_scalar(n))
		return wrong_kind(b, n, "a list");
	if (row->type != OPT_LIST && open_csv(b, &n, row->type == OPT_TABLE) != 0)
		return -1;
	switch (row->type) {
	case OPT_TABLE:
		return bind_table(b, n, row, at);
	case OPT_CURVE:
		return bind_curve(b, n, row, at);
	default:
		return bind_list(b, n, row, at);
	}
}

static int missing(struct binder *b, const struct opt_where *where, const struct opt_row *row,
	size_t group_length)
{
	char type[64];

	opt_type_name(row, type, sizeof(type));
	return config_error_at(where, b->err, "%.*s%sthe key \"%s\" is missing (%s): %s",
		(int)group_length, b->path, group_length > 0 ? ": " : "", row->key, type, row->doc);
}

/* where: the place of the group, for whatever has no place of its own. */
static int bind_default(struct binder *b, const struct opt_where *where, const struct opt_row *row,
	void *bound)
{
	struct opt_where none = { "the default", 0, 0 };
	struct cfg_node *n = NULL;

	if (row->def == NULL || (is_compound(row->type) && row->def[0] == '\0'))
		return 0;
	if (!is_compound(row->type))
		return bind_text(b, row->def, row->type == OPT_FILE ? &none : where, row, bound);
	if (config_parse_yaml(b->arena, &none, row->def, strlen(row->def), &n, b->err) != 0)
		return -1;
	return n != NULL ? bind_row(b, n, where, row, bound) : 0;
}

static int bind_row(struct binder *b, const struct cfg_node *n, const struct opt_where *where,
	const struct opt_row *row, void *bound)
{
	if (row->type == OPT_GROUP)
		return bind_group(b, n, n != NULL ? place_of(n) : where, row->group, NULL,
			(char *)bound + row->offset);
	if (n == NULL)
		return bind_default(b, where, row, bound);
	if (is_compound(row->type))
		return bind_compound(b, n, row, bound);
	if (n->kind != CFG_SCALAR)
		return wrong_kind(b, n, "a single value");
	return bind_text(b, n->text, &n->where, row, bound);
}

/* ---- groups */

static const struct opt_row *find_row(const struct opt_group *g, const char *key)
{
	for (const struct opt_row *r = g->rows; r->key != NULL; r++)
		if (strcmp(r->key, key) == 0)
			return r;
	return NULL;
}

static bool is_listed(const char *const *list, const char *key)
{
	for (; list != NULL && *list != NULL; list++)
		if (strcmp(*list, key) == 0)
			return true;
	return false;
}

static int refuse_key(struct binder *b, const struct cfg_node *n, const struct opt_group *g,
	const char *const *reserved)
{
	const char *keys[KEYS_MAX + 1];
	char list[600] = "";
	size_t count = 0, used = 0;

	for (const struct opt_row *r = g->rows; r->key != NULL && count < KEYS_MAX; r++)
		keys[count++] = r->key;
	for (; reserved != NULL && *reserved != NULL && count < KEYS_MAX; reserved++)
		keys[count++] = *reserved;
	keys[count] = NULL;

	const char *in = b->path[0] != '\0' ? " in " : "";
	const char *near = nearest_word(n->key, keys);
	if (near != NULL)
		return config_error_at(&n->key_where, b->err,
			"unknown key \"%.60s\"%s%s; did you mean \"%s\"?", n->key, in, b->path, near);
	for (size_t i = 0; i < count && used < sizeof(list) - 1; i++) {
		int length = snprintf(list + used, sizeof(list) - used, "%s%s",
			i > 0 ? ", " : "", keys[i]);
		used += length > 0 ? (size_t)length : 0;
	}
	return config_error_at(&n->key_where, b->err, "unknown key \"%.60s\"%s%s; the keys are %s",
		n->key, in, b->path, count > 0 ? list : "none");
}

/* The node of a key, or of "group.key"; NULL: none was given. */
static const struct cfg_node *named_node(const struct cfg_node *node, const char *key)
{
	const char *dot = strchr(key, '.');
	char group[64];
	if (dot == NULL)
		return config_get(node, key);
	snprintf(group, sizeof(group), "%.*s", (int)(dot - key), key);
	return config_get(config_get(node, group), dot + 1);
}

static int run_check(struct binder *b, const struct cfg_node *node, const struct opt_where *where,
	const struct opt_group *g, const void *bound)
{
	const char *key = "";
	char why[WHY_BYTES] = "";

	if (g->check == NULL || g->check(bound, &key, why, sizeof(why)) == 0)
		return 0;
	const struct opt_row *row = key[0] != '\0' ? find_row(g, key) : NULL;
	const struct cfg_node *n = key[0] != '\0' ? named_node(node, key) : NULL;
	const char *text = "";
	if (n != NULL && n->kind == CFG_SCALAR)
		text = n->text;
	else if (n == NULL && row != NULL && row->def != NULL)
		text = row->def;
	if (key[0] != '\0')
		path_push_key(b, key);
	return config_error_at(n != NULL ? place_of(n) : where, b->err, "%s%s%.60s%s%s%s", b->path,
		text[0] != '\0' ? " = " : "", text,
		text[0] != '\0' && n == NULL ? " (the default)" : "",
		b->path[0] != '\0' ? ": " : "", why);
}

/* What a config has must act. */
static int refuse_idle(struct binder *b, const struct cfg_node *node, const struct opt_group *g, const void *bound)
{
	for (const struct opt_row *r = g->rows; r->key != NULL; r++) {
		const char *why = r->idle != NULL ? r->idle(bound) : NULL;
		const struct cfg_node *n = why != NULL ? config_get(node, r->key) : NULL;

		if (n == NULL || is_empty_scalar(n) || (n->kind == CFG_MAP && n->child == NULL))
			continue;
		path_push_key(b, r->key);
		return config_error_at(&n->key_where, b->err, "%s: %s", b->path, why);
	}
	return 0;
}

static int bind_group(struct binder *b, const struct cfg_node *node, const struct opt_where *where,
	const struct opt_group *g, const char *const *reserved, void *bound)
{
	memset(bound, 0, g->struct_bytes);
	if (node != NULL && is_empty_scalar(node))
		node = NULL;
	if (node != NULL && node->kind != CFG_MAP)
		return wrong_kind(b, node, "a map of keys");
	for (const struct cfg_node *n = node != NULL ? node->child : NULL; n != NULL; n = n->next)
		if (find_row(g, n->key) == NULL && !is_listed(reserved, n->key))
			return refuse_key(b, n, g, reserved);
	for (const struct opt_row *r = g->rows; r->key != NULL; r++) {
		const struct cfg_node *n = config_get(node, r->key);
		size_t old = path_push_key(b, r->key);

		if (n == NULL && r->def == NULL && r->type != OPT_GROUP && !b->defaults_only)
			return missing(b, where, r, old);
		if (bind_row(b, n, where, r, bound) != 0)
			return -1;
		path_pop(b, old);
	}
	if (b->defaults_only)
		return 0;
	return refuse_idle(b, node, g, bound) != 0 ? -1 : run_check(b, node, where, g, bound);
}

int config_bind(const struct cfg_node *node, const char *name, const struct opt_group *g,
	const char *const *reserved, void *bound, struct arena *a, struct err *e)
{
	struct binder b = { .arena = a, .err = e };
	const struct opt_where nowhere = { NULL, 0, 0 };

	snprintf(b.path, sizeof(b.path), "%s", name != NULL ? name : "");
	return bind_group(&b, node, node != NULL ? place_of(node) : &nowhere, g, reserved, bound);
}

int config_bind_defaults(const struct opt_group *g, void *bound, struct arena *a, struct err *e)
{
	struct binder b = { .arena = a, .err = e, .defaults_only = true };
	const struct opt_where nowhere = { NULL, 0, 0 };

	return bind_group(&b, NULL, &nowhere, g, NULL, bound);
}
