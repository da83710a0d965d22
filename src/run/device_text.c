/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A device file from a bound struct. */
#include "run/device_text.h"

#include <math.h>
#include <string.h>

#define WIDTH 110

struct writing {
	FILE *out;
	struct arena *arena;
	struct err *e;
	int column, indent;
	bool first; /* part of a list: no space before it */
};

static const void *at(const void *bound, const struct opt_row *row) { return (const char *)bound + row->offset; }

static void put(struct writing *w, const char *text)
{
	fputs(text, w->out);
	w->column += (int)strlen(text);
}

/* Before the next part: a space, or a new line where it would pass the width. */
static void room(struct writing *w, size_t bytes)
{
	if (w->column + (int)bytes > WIDTH)
		w->column = fprintf(w->out, "\n%*s", w->indent + 2, "") - 1;
	else if (!w->first)
		put(w, " ");
	w->first = false;
}

static bool is_number(enum opt_type t) { return t == OPT_BOOL || t == OPT_SCALAR || t == OPT_ENUM; }

static bool same(const struct opt_row *row, const void *a, const void *b)
{
	const void *x = at(a, row), *y = at(b, row);
	const struct opt_list *list = x;
	const struct opt_curve *curve = x;
	const struct opt_table *table = x;
	switch (row->type) {
	case OPT_BOOL: return *(const bool *)x == *(const bool *)y;
	case OPT_ENUM: return *(const int *)x == *(const int *)y;
	case OPT_SCALAR: return !memcmp(x, y, sizeof(union unit_value));
	case OPT_STRING:
	case OPT_FILE: {
		const char *s = *(char *const *)x, *t = *(char *const *)y;
		return !strcmp(s ? s : "", t ? t : "");
	}
	case OPT_GROUP:
		for (const struct opt_row *r = row->group->rows; r->key; r++)
			if (!same(r, x, y))
				return false;
		return true;
	case OPT_TABLE: return table->count == 0;
	case OPT_LIST: return list->count == 0;
	case OPT_CURVE: return curve->count == 0;
	}
	return false;
}

static void scalar(struct writing *w, const struct opt_row *row, const void *bound)
{
	char text[96];
	union unit_value v;
	switch (row->type) {
	case OPT_BOOL:
		put(w, *(const bool *)at(bound, row) ? "true" : "false");
		break;
	case OPT_ENUM:
		put(w, opt_choice_name(row, *(const int *)at(bound, row)));
		break;
	default:
		memcpy(&v, at(bound, row), sizeof(v));
		put(w, unit_format(row->unit, v, text, sizeof(text)));
	}
}

static void quoted(struct writing *w, const char *s)
{
	put(w, "\"");
	for (; s && *s; s++) {
		char c[3] = {*s, '\0', '\0'};
		if (*s == '"' || *s == '\\')
			memcpy(c, (const char[]){'\\', *s, '\0'}, 3);
		put(w, c);
	}
	put(w, "\"");
}

static void list(struct writing *w, const struct opt_row *row, const struct opt_list *l)
{
	char text[96];
	put(w, "[");
	w->first = true;
	for (size_t i = 0; i < l->count; i++) {
		const char *v = unit_format(row->unit, l->values[i], text, sizeof(text));
		room(w, strlen(v) + 2);
		put(w, v);
		put(w, i + 1 < l->count ? "," : "");
	}
	put(w, "]");
}

static void curve(struct writing *w, const struct opt_row *row, const struct opt_curve *c)
{
	put(w, "[");
	w->first = true;
	for (size_t i = 0; i < c->count; i++) {
		char text[96], pair[160];
		union unit_value y;
		if (unit_is_real(row->unit))
			y.d = c->y[i];
		else
			y.i = llround(c->y[i]);
		int n = snprintf(pair, sizeof(pair), "[%lld, %s]", (long long)c->x[i], unit_format(row->unit, y, text, sizeof(text)));
		room(w, (size_t)n + 2);
		put(w, pair);
		put(w, i + 1 < c->count ? "," : "");
	}
	put(w, "]");
}

/* One row of a table as {key: value, ...}. */
static void flow(struct writing *w, const struct opt_group *g, const void *bound, const void *otherwise)
{
	bool any = false;
	put(w, "{");
	w->first = true;
	for (const struct opt_row *r = g->rows; r->key; r++) {
		if (r->def && same(r, bound, otherwise))
			continue;
		put(w, any ? "," : "");
		room(w, strlen(r->key) + 12);
		put(w, r->key);
		put(w, ": ");
		any = true;
		if (r->type == OPT_LIST)
			list(w, r, at(bound, r));
		else if (r->type == OPT_CURVE)
			curve(w, r, at(bound, r));
		else if (r->type == OPT_STRING || r->type == OPT_FILE)
			quoted(w, *(char *const *)at(bound, r));
		else if (is_number(r->type))
			scalar(w, r, bound);
	}
	put(w, "}");
}

static int table(struct writing *w, const struct opt_group *g, const struct opt_table *t)
{
	void *otherwise = arena_alloc(w->arena, g->struct_bytes);
	if (!otherwise)
		return err_set(w->e, ERR_LIMIT, "no memory for a device file");
	if (opt_defaults(g, otherwise, w->arena, w->e) < 0)
		return -1;
	for (size_t i = 0; i < t->count; i++) {
		w->column = fprintf(w->out, "\n%*s- ", w->indent, "") - 1;
		flow(w, g, (const char *)t->rows + i * g->struct_bytes, otherwise);
	}
	return 0;
}

static int group(struct writing *w, const struct opt_group *g, const void *bound, const void *otherwise)
{
	int indent = w->indent;
	for (const struct opt_row *r = g->rows; r->key; r++) {
		if ((r->def || r->type == OPT_GROUP) && same(r, bound, otherwise))
			continue;
		w->column = fprintf(w->out, "%*s%s:", indent, "", r->key);
		w->indent = indent + 2;
		if (r->type == OPT_GROUP) {
			fputs("\n", w->out);
			if (group(w, r->group, at(bound, r), at(otherwise, r)) < 0)
				return -1;
			continue;
		}
		if (r->type == OPT_TABLE && table(w, r->group, at(bound, r)) < 0)
			return -1;
		if (r->type != OPT_TABLE)
			put(w, " ");
		if (r->type == OPT_LIST)
			list(w, r, at(bound, r));
		else if (r->type == OPT_CURVE)
			curve(w, r, at(bound, r));
		else if (r->type == OPT_STRING || r->type == OPT_FILE)
			quoted(w, *(char *const *)at(bound, r));
		else if (is_number(r->type))
			scalar(w, r, bound);
		fputs("\n", w->out);
	}
	w->indent = indent;
	return 0;
}

int device_text_write(const struct opt_group *g, const void *bound, int indent, FILE *out, struct err *e)
{
	struct writing w = {.out = out, .arena = arena_new(), .e = e, .indent = indent};
	void *otherwise = w.arena ? arena_alloc(w.arena, g->struct_bytes) : NULL;
	int bad = otherwise ? 0 : err_set(e, ERR_LIMIT, "no memory for a device file");
	if (!bad)
		bad = opt_defaults(g, otherwise, w.arena, e);
	if (!bad)
		bad = group(&w, g, bound, otherwise);
	arena_free(w.arena);
	return bad;
}
