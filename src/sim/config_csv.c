/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * CSV files beside a config (RFC 4180 without line breaks inside quotes; '#' begins a
 * comment line, blank lines are skipped, blanks around a field do not count). They become
 * the same nodes as YAML, with line and column of each field, so one binder checks both.
 *
 * The first line is the header. A field of it may end in a unit, "seek_time [ms]": then
 * the bare numbers of that column get it.
 */
#include <stdio.h>
#include <string.h>

#include "sim/config_internal.h"

#define COLUMNS_MAX 256

/* One field of a line: its text, in the arena, and where it begins. */
struct field {
	char *text;
	int column;
};

struct csv {
	struct arena *arena;
	const char *path;
	const char *at, *end; /* what is left of the file */
	int line;             /* of the fields last read */
	struct field field[COLUMNS_MAX];
	int fields;
	const char *key[COLUMNS_MAX];  /* from the header */
	const char *unit[COLUMNS_MAX]; /* or NULL */
	int key_column[COLUMNS_MAX];
	int key_line;
	int columns;
	struct err *err;
};

static struct opt_where place(const struct csv *c, int column)
{
	return (struct opt_where){ c->path, c->line, column };
}

static bool is_blank(char ch) { return ch == ' ' || ch == '\t'; }

/* Copy [from, to) without the blanks around it; in quotes, "" stands for one quote. */
static char *copy_field(struct csv *c, const char *from, const char *to, bool quoted)
{
	while (!quoted && from < to && is_blank(*from))
		from++;
	while (!quoted && to > from && is_blank(to[-1]))
		to--;
	char *text = arena_alloc(c->arena, (size_t)(to - from) + 1), *out = text;
	if (text == NULL) {
		config_no_memory(c->err);
		return NULL;
	}
	for (; from < to; from++) {
		*out++ = *from;
		if (quoted && *from == '"')
			from++;
	}
	*out = '\0';
	return text;
}

/* End of the quoted text that begins behind `p`, or NULL. */
static const char *closing_quote(const char *p, const char *end)
{
	for (; p < end; p++) {
		if (*p != '"')
			continue;
		if (p + 1 == end || p[1] != '"')
			return p;
		p++;
	}
	return NULL;
}

/* Split one line [p, end) into fields. */
static int split_line(struct csv *c, const char *p, const char *end)
{
	const char *begin = p;

	for (c->fields = 0;; p++) {
		const char *stop;
		struct opt_where w = place(c, (int)(p - begin) + 1);

		if (c->fields == COLUMNS_MAX)
			return config_error_at(&w, c->err, "more than %d fields in a line",
				COLUMNS_MAX);
		while (p < end && is_blank(*p))
			p++;
		struct field *f = &c->field[c->fields++];
		f->column = (int)(p - begin) + 1;
		w.column = f->column;
		if (p < end && *p == '"') {
			stop = closing_quote(p + 1, end);
			if (stop == NULL) {
				config_error_at(&w, c->err, "a quote that is not closed in this "
					"line");
				return -1;
			}
			f->text = copy_field(c, p + 1, stop, true);
			for (p = stop + 1; p < end && is_blank(*p);)
				p++;
			if (p < end && *p != ',')
				return config_error_at(&w, c->err, "want a comma after the closing "
					"quote");
		} else {
			stop = memchr(p, ',', (size_t)(end - p));
			if (stop == NULL)
				stop = end;
			f->text = copy_field(c, p, stop, false);
			p = stop;
		}
		if (f->text == NULL)
			return -1;
		if (p == end)
			return 0;
	}
}

/* Read the next line that holds fields: 1, 0 at the end of the file, -1 on an error. */
static int next_line(struct csv *c)
{
	while (c->at < c->end) {
		const char *begin = c->at, *stop = memchr(begin, '\n', (size_t)(c->end - begin));

		c->at = stop != NULL ? stop + 1 : c->end;
		if (stop == NULL)
			stop = c->end;
		c->line++;
		if (stop > begin && stop[-1] == '\r')
			stop--;
		while (begin < stop && is_blank(stop[-1]))
			stop--;
		const char *first = begin;
		while (first < stop && is_blank(*first))
			first++;
		if (first == stop || *first == '#')
			continue;
		return split_line(c, begin, stop) == 0 ? 1 : -1;
	}
	return 0;
}

/* "seek_time [ms]" to key and unit. */
static int take_header_field(struct csv *c, int i)
{
	char *text = c->field[i].text, *open = strchr(text, '[');
	struct opt_where w = place(c, c->field[i].column);

	c->key[i] = text;
	c->unit[i] = NULL;
	c->key_column[i] = w.column;
	if (open != NULL) {
		size_t length = strlen(open);
		if (open[length - 1] != ']' || length < 3)
			return config_error_at(&w, c->err, "\"%.60s\": want a name, or a name and "
				"a unit such as \"seek_time [ms]\"", text);
		open[length - 1] = '\0';
		c->unit[i] = open + 1;
		do
			*open-- = '\0';
		while (open >= text && is_blank(*open));
	}
	if (text[0] == '\0')
		return config_error_at(&w, c->err, "a column without a name in the header");
	for (int j = 0; j < i; j++)
		if (strcmp(c->key[j], text) == 0)
			return config_error_at(&w, c->err, "the column \"%.60s\" stands twice in "
				"the header, first at column %d", text, c->key_column[j]);
	return 0;
}

static int read_header(struct csv *c, bool keyed)
{
	int got = next_line(c);
	struct opt_where w = place(c, 1);

	if (got < 0)
		return -1;
	if (got == 0)
		return config_error_at(&w, c->err, "the file has no header line");
	c->key_line = c->line;
	c->columns = c->fields;
	w = place(c, 1);
	if (!keyed && c->columns != 2)
		return config_error_at(&w, c->err, "want two columns, x and y, found %d",
			c->columns);
	for (int i = 0; i < c->columns; i++)
		if (take_header_field(c, i) != 0)
			return -1;
	/* Numbers at the top mean that the header was forgotten; a point must not be lost. */
	if (strchr("0123456789+-.", c->key[0][0]) != NULL)
		return config_error_at(&w, c->err, "want a header line with the names of the "
			"columns, found \"%.60s\"", c->key[0]);
	return 0;
}

/* The scalar of a field, with the unit of its column. */
static struct cfg_node *field_node(struct csv *c, int i)
{
	const struct field *f = &c->field[i];
	struct cfg_node *n = arena_alloc(c->arena, sizeof(*n));

	if (n == NULL) {
		config_no_memory(c->err);
		return NULL;
	}
	n->kind = CFG_SCALAR;
	n->where = place(c, f->column);
	n->text = f->text;
	if (c->unit[i] != NULL && f->text[0] != '\0') {
		size_t bytes = strlen(f->text) + strlen(c->unit[i]) + 2;
		char *text = arena_alloc(c->arena, bytes);
		if (text == NULL) {
			config_no_memory(c->err);
			return NULL;
		}
		snprintf(text, bytes, "%s %s", f->text, c->unit[i]);
		n->text = text;
	}
	return n;
}

/* A line as a map; an empty field is a key that is not there. Or as a list. */
static struct cfg_node *line_node(struct csv *c, bool keyed)
{
	struct opt_where w = place(c, 1);
	struct cfg_node *n, **tail;

	if (c->fields != c->columns) {
		config_error_at(&w, c->err, "want %d fields, as in the header, found %d", c->columns,
			c->fields);
		return NULL;
	}
	n = arena_alloc(c->arena, sizeof(*n));
	if (n == NULL) {
		config_no_memory(c->err);
		return NULL;
	}
	n->kind = keyed ? CFG_MAP : CFG_LIST;
	n->where = w;
	tail = &n->child;
	for (int i = 0; i < c->fields; i++) {
		if (keyed && c->field[i].text[0] == '\0')
			continue;
		*tail = field_node(c, i);
		if (*tail == NULL)
			return NULL;
		if (keyed) {
			(*tail)->key = c->key[i];
			(*tail)->key_where = (struct opt_where){ c->path, c->key_line,
				c->key_column[i] };
		}
		tail = &(*tail)->next;
	}
	return n;
}

static int read_lines(struct csv *c, bool keyed, struct cfg_node *list)
{
	struct cfg_node **tail = &list->child;
	int got;

	if (read_header(c, keyed) != 0)
		return -1;
	while ((got = next_line(c)) > 0) {
		*tail = line_node(c, keyed);
		if (*tail == NULL)
			return -1;
		tail = &(*tail)->next;
	}
	return got;
}

int config_read_csv(struct arena *a, const char *path, const struct opt_where *named_at,
	bool keyed, struct cfg_node **out, struct err *e)
{
	struct config_text text;
	struct csv *c = arena_alloc(a, sizeof(*c));
	struct cfg_node *list = arena_alloc(a, sizeof(*list));

	if (c == NULL || list == NULL)
		return config_no_memory(e);
	if (config_read_text(path, named_at, &text, e) != 0)
		return -1;
	*c = (struct csv){ .arena = a, .path = path, .at = text.data, .end = text.data + text.bytes,
		.err = e };
	list->kind = CFG_LIST;
	list->where = (struct opt_where){ path, 1, 1 };
	int result = read_lines(c, keyed, list);
	config_free_text(&text);
	*out = list;
	return result;
}
