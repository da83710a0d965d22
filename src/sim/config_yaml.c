/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * YAML text to nodes, by libyaml's event parser. Only the plain part of YAML is taken: one
 * document of maps, lists and scalars. Aliases, anchors and tags are refused: a scalar
 * means what its option row says, and a config says each thing once.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <yaml.h>

#include "sim/config_internal.h"

/* ---- members by key */

static int compare_entries(const void *a, const void *b)
{
	const struct key_entry *x = a, *y = b;
	int order = strcmp(x->node->key, y->node->key);

	if (order != 0)
		return order;
	return x->position < y->position ? -1 : x->position > y->position;
}

int key_index_make(struct key_index *x, struct cfg_node *map)
{
	size_t count = 0;

	for (const struct cfg_node *n = map->child; n != NULL; n = n->next)
		count++;
	x->count = 0;
	x->entries = malloc((count > 0 ? count : 1) * sizeof(x->entries[0]));
	if (x->entries == NULL)
		return -1;
	for (struct cfg_node *n = map->child; n != NULL; n = n->next) {
		x->entries[x->count] = (struct key_entry){ n, x->count };
		x->count++;
	}
	qsort(x->entries, x->count, sizeof(x->entries[0]), compare_entries);
	return 0;
}

struct cfg_node *key_index_find(const struct key_index *x, const char *key)
{
	size_t low = 0, high = x->count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int order = strcmp(key, x->entries[mid].node->key);
		if (order == 0)
			return x->entries[mid].node;
		if (order < 0)
			high = mid;
		else
			low = mid + 1;
	}
	return NULL;
}

void key_index_free(struct key_index *x)
{
	free(x->entries);
	x->entries = NULL;
}

/* Of all keys that stand twice, report the first repetition in the file. */
static int refuse_duplicates(struct cfg_node *map, struct err *e)
{
	const struct key_entry *first = NULL, *again = NULL;
	struct key_index x;

	if (key_index_make(&x, map) != 0)
		return config_no_memory(e);
	for (size_t i = 1; i < x.count; i++) {
		const struct key_entry *a = &x.entries[i - 1], *b = &x.entries[i];
		if (strcmp(a->node->key, b->node->key) == 0 &&
		    (again == NULL || b->position < again->position)) {
			first = a;
			again = b;
		}
	}
	int result = 0;
	if (again != NULL) {
		const struct opt_where *w = &first->node->key_where;
		const char *key = again->node->key;
		if (w->line > 0)
			result = config_error_at(&again->node->key_where, e, "the key \"%.60s\" "
				"stands twice in one map, first at line %d, column %d", key,
				w->line, w->column);
		else
			result = config_error_at(&again->node->key_where, e,
				"the key \"%.60s\" stands twice in one map", key);
	}
	key_index_free(&x);
	return result;
}

/* ---- events to nodes */

struct builder {
	struct arena *arena;
	struct opt_where origin; /* line 0: no node gets a line */
	yaml_parser_t parser;
	struct err *err;
};

static struct opt_where mark_place(const struct builder *b, yaml_mark_t mark)
{
	struct opt_where w = b->origin;

	if (w.line != 0) {
		w.line = mark.line < INT_MAX ? (int)mark.line + 1 : INT_MAX;
		w.column = mark.column < INT_MAX ? (int)mark.column + 1 : INT_MAX;
	}
	return w;
}

static int parser_error(const struct builder *b)
{
	const yaml_parser_t *p = &b->parser;
	struct opt_where where = mark_place(b, p->problem_mark);
	const char *problem = p->problem != NULL ? p->problem : "not valid YAML";
	char column[48] = "";

	if (p->error == YAML_MEMORY_ERROR)
		return config_no_memory(b->err);
	/* The reader knows the offset only; the text was checked, so it is a character that
	 * YAML does not allow, and what has been scanned is close before it. */
	if (p->error == YAML_READER_ERROR)
		where = mark_place(b, p->mark);
	if (where.line == 0)
		snprintf(column, sizeof(column), " at character %zu of the value",
			p->problem_mark.index + 1);
	if (p->context != NULL && where.line != 0)
		return config_error_at(&where, b->err, "%s, %s that begins at line %zu, column %zu",
			problem, p->context, p->context_mark.line + 1, p->context_mark.column + 1);
	if (p->error == YAML_READER_ERROR)
		return config_error_at(&where, b->err, "%s (character 0x%04x, here or soon after)",
			problem, (unsigned)p->problem_value);
	return config_error_at(&where, b->err, "%s%s", problem, column);
}

static int next_event(struct builder *b, yaml_event_t *event)
{
	if (!yaml_parser_parse(&b->parser, event))
		return parser_error(b);
	return 0;
}

/* Anchors, aliases and tags; a NUL that an escape put into a scalar. */
static int refuse_foreign(const struct builder *b, const yaml_event_t *event)
{
	struct opt_where where = mark_place(b, event->start_mark);
	const yaml_char_t *anchor = NULL, *tag = NULL;

	switch (event->type) {
	case YAML_ALIAS_EVENT:
		return config_error_at(&where, b->err, "the alias *%.40s: aliases are not taken "
			"here; write the value again", (const char *)event->data.alias.anchor);
	case YAML_SCALAR_EVENT:
		anchor = event->data.scalar.anchor;
		tag = event->data.scalar.tag;
		if (memchr(event->data.scalar.value, 0, event->data.scalar.length) != NULL)
			return config_error_at(&where, b->err, "a NUL character in a value");
		break;
	case YAML_MAPPING_START_EVENT:
		anchor = event->data.mapping_start.anchor;
		tag = event->data.mapping_start.tag;
		break;
	case YAML_SEQUENCE_START_EVENT:
		anchor = event->data.sequence_start.anchor;
		tag = event->data.sequence_start.tag;
		break;
	default:
		break;
	}
	if (anchor != NULL)
		return config_error_at(&where, b->err, "the anchor &%.40s: anchors are not taken "
			"here, since there are no aliases", (const char *)anchor);
	if (tag != NULL)
		return config_error_at(&where, b->err, "the tag %.60s: tags are not taken here; "
			"the option says what type its value is", (const char *)tag);
	return 0;
}

static int build_node(struct builder *b, const yaml_event_t *event, int depth,
	struct cfg_node **out);

static const char *copy_scalar(struct builder *b, const yaml_event_t *event)
{
	char *text = arena_alloc(b->arena, event->data.scalar.length + 1);

	if (text == NULL) {
		config_no_memory(b->err);
		return NULL;
	}
	memcpy(text, event->data.scalar.value, event->data.scalar.length);
	text[event->data.scalar.length] = '\0';
	return text;
}

/* A key of a map, checked. */
static const char *build_key(struct builder *b, const yaml_event_t *event)
{
	struct opt_where where = mark_place(b, event->start_mark);

	if (refuse_foreign(b, event) != 0)
		return NULL;
	if (event->type != YAML_SCALAR_EVENT) {
		config_error_at(&where, b->err, "a key must be a plain word, not a map or a list");
		return NULL;
	}
	if (event->data.scalar.length == 0) {
		config_error_at(&where, b->err, "an empty key");
		return NULL;
	}
	return copy_scalar(b, event);
}

/* The members of a map or the elements of a list, up to its end event. */
static int build_children(struct builder *b, struct cfg_node *parent, int depth)
{
	const yaml_event_type_t end =
		parent->kind == CFG_MAP ? YAML_MAPPING_END_EVENT : YAML_SEQUENCE_END_EVENT;
	struct cfg_node **tail = &parent->child;
	yaml_event_t event;

	for (;;) {
		struct opt_where key_where = { NULL, 0, 0 };
		const char *key = NULL;
		int result = 0;

		if (next_event(b, &event) != 0)
			return -1;
		if (event.type == end) {
			yaml_event_delete(&event);
			break;
		}
		if (parent->kind == CFG_MAP) {
			key = build_key(b, &event);
			key_where = mark_place(b, event.start_mark);
			yaml_event_delete(&event);
			if (key == NULL || next_event(b, &event) != 0)
				return -1;
		}
		result = build_node(b, &event, depth, tail);
		yaml_event_delete(&event);
		if (result != 0)
			return -1;
		(*tail)->key = key;
		(*tail)->key_where = key_where;
		tail = &(*tail)->next;
	}
	return parent->kind == CFG_MAP ? refuse_duplicates(parent, b->err) : 0;
}

/* *out is set only when the node is whole. */
static int build_node(struct builder *b, const yaml_event_t *event, int depth,
	struct cfg_node **out)
{
	struct cfg_node *n;

	if (refuse_foreign(b, event) != 0)
		return -1;
	n = arena_alloc(b->arena, sizeof(*n));
	if (n == NULL)
		return config_no_memory(b->err);
	n->where = mark_place(b, event->start_mark);
	if (event->type == YAML_SCALAR_EVENT) {
		n->kind = CFG_SCALAR;
		n->text = copy_scalar(b, event);
		if (n->text == NULL)
			return -1;
	} else {
		n->kind = event->type == YAML_MAPPING_START_EVENT ? CFG_MAP : CFG_LIST;
		if (depth >= CONFIG_DEPTH_MAX)
			return config_error_at(&n->where, b->err,
				"maps and lists nest deeper than %d", CONFIG_DEPTH_MAX);
		if (build_children(b, n, depth + 1) != 0)
			return -1;
	}
	*out = n;
	return 0;
}

/* What stands at the top: STREAM-START, at most one document, STREAM-END. */
static int build_document(struct builder *b, struct cfg_node **out)
{
	yaml_event_t event;
	int documents = 0;

	for (;;) {
		int result = 0;

		if (next_event(b, &event) != 0)
			return -1;
		const yaml_event_type_t type = event.type;
		struct opt_where where = mark_place(b, event.start_mark);
		if (type == YAML_DOCUMENT_START_EVENT) {
			if (documents++ > 0)
				result = config_error_at(&where, b->err,
					"a second document begins here; want one");
		} else if (type != YAML_STREAM_START_EVENT && type != YAML_DOCUMENT_END_EVENT &&
			type != YAML_STREAM_END_EVENT) {
			result = build_node(b, &event, 0, out);
		}
		yaml_event_delete(&event);
		if (result != 0)
			return -1;
		if (type == YAML_STREAM_END_EVENT)
			return 0;
	}
}

int config_parse_yaml(struct arena *a, const struct opt_where *where, const char *text,
	size_t bytes, struct cfg_node **out, struct err *e)
{
	struct builder b = { .arena = a, .origin = *where, .err = e };
	int result;

	*out = NULL;
	if (!yaml_parser_initialize(&b.parser))
		return config_no_memory(e);
	yaml_parser_set_encoding(&b.parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&b.parser, (const unsigned char *)text, bytes);
	result = build_document(&b, out);
	yaml_parser_delete(&b.parser);
	return result;
}
