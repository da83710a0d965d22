/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Option rows for people: a table for the terminal (`quern options`) and source of the
 * manual page. Nested groups are flattened: "cache.segments", "zones[].heads".
 */
#include <stdio.h>
#include <string.h>

#include "sim/config_internal.h"

#define LINE_WIDTH 96
#define DOC_INDENT 4
#define KEY_BYTES 256

enum column { COLUMN_KEY, COLUMN_TYPE, COLUMN_DEFAULT, COLUMN_RANGE, COLUMNS };

static const char *const headings[COLUMNS] = {"OPTION", "TYPE", "DEFAULT", "RANGE"};

typedef void visit_fn(const struct opt_row *row, const char *key, void *state);

/* Visit each row of a group and of the groups in it, in order, with its full key. */
static void visit_rows(const struct opt_group *g, const char *prefix, visit_fn *visit, void *state)
{
	char key[KEY_BYTES], inner[KEY_BYTES + 4];
	for (const struct opt_row *r = g->rows; r->key != NULL; r++) {
		snprintf(key, sizeof(key), "%s%s", prefix, r->key);
		visit(r, key, state);
		if (r->type != OPT_GROUP && r->type != OPT_TABLE)
			continue;
		snprintf(inner, sizeof(inner), "%s%s.", key, r->type == OPT_TABLE ? "[]" : "");
		visit_rows(r->group, inner, visit, state);
	}
}

static const char *default_text(const struct opt_row *row)
{
	if (row->type == OPT_GROUP)
		return "";
	if (row->def == NULL)
		return "required";
	return row->def[0] != '\0' ? row->def : "empty";
}

/* ---- other forms */

struct tell_state {
	void (*told)(const struct opt_fact *f, void *ctx);
	void *ctx;
};

static void tell_row(const struct opt_row *row, const char *key, void *state)
{
	const struct tell_state *s = state;
	char type[64], range[128];
	struct opt_fact f = {.key = key, .type = opt_type_name(row, type, sizeof(type)), .range = opt_bounds(row, range, sizeof(range)),
		.doc = row->doc, .value = row->type == OPT_GROUP ? NULL : row->def, .choices = row->type == OPT_ENUM ? row->choices : NULL};
	s->told(&f, s->ctx);
}

void opt_tell(const struct opt_group *g, const char *prefix, void (*told)(const struct opt_fact *f, void *ctx), void *ctx)
{
	struct tell_state s = {.told = told, .ctx = ctx};
	visit_rows(g, prefix, tell_row, &s);
}

/* ---- the terminal */

struct text_state {
	FILE *out;
	size_t width[COLUMNS];
	bool used[UNIT_COUNT]; /* units that need naming */
};

static void measure_row(const struct opt_row *row, const char *key, void *state)
{
	struct text_state *s = state;
	char type[64], range[128];
	const char *cell[COLUMNS] = {key, opt_type_name(row, type, sizeof(type)),
		default_text(row), opt_bounds(row, range, sizeof(range))};
	if (row->type == OPT_SCALAR || row->type == OPT_LIST || row->type == OPT_CURVE)
		s->used[row->unit] = true;
	for (int i = 0; i < COLUMNS; i++)
		if (strlen(cell[i]) > s->width[i])
			s->width[i] = strlen(cell[i]);
}

static void print_cells(const struct text_state *s, const char *const *cell)
{
	int last = COLUMNS - 1;
	while (last > 0 && cell[last][0] == '\0')
		last--;
	for (int i = 0; i < last; i++)
		fprintf(s->out, "%-*s  ", (int)s->width[i], cell[i]);
	fprintf(s->out, "%s\n", cell[last]);
}

/* Words of a text in lines of at most LINE_WIDTH, the first behind `used` characters. */
static void print_wrapped(const char *text, size_t indent, size_t used, FILE *out)
{
	size_t at = used;
	while (*text != '\0') {
		size_t length = strcspn(text, " ");
		if (at > indent && at + 1 + length > LINE_WIDTH) {
			fprintf(out, "\n%*s", (int)indent, "");
			at = indent;
		}
		at += (size_t)fprintf(out, "%s%.*s", at > indent ? " " : "", (int)length, text);
		text += length;
		text += strspn(text, " ");
	}
	fputc('\n', out);
}

static void print_choices(const struct opt_row *row, FILE *out)
{
	size_t widest = 0;
	for (const struct opt_choice *c = row->choices; c->name != NULL; c++)
		if (strlen(c->name) > widest)
			widest = strlen(c->name);
	for (const struct opt_choice *c = row->choices; c->name != NULL; c++) {
		const char *doc = c->doc != NULL ? c->doc : "";
		if (doc[0] == '\0') {
			fprintf(out, "%*s%s\n", DOC_INDENT + 2, "", c->name);
			continue;
		}
		const size_t indent = DOC_INDENT + 2 + widest + 2;
		fprintf(out, "%*s%-*s  ", DOC_INDENT + 2, "", (int)widest, c->name);
		print_wrapped(doc, indent, indent, out);
	}
}

static void print_row(const struct opt_row *row, const char *key, void *state)
{
	const struct text_state *s = state;
	char type[64], range[128];
	const char *cell[COLUMNS] = {key, opt_type_name(row, type, sizeof(type)),
		default_text(row), opt_bounds(row, range, sizeof(range))};
	print_cells(s, cell);
	fprintf(s->out, "%*s", DOC_INDENT, "");
	print_wrapped(row->doc, DOC_INDENT, DOC_INDENT, s->out);
	if (row->type == OPT_ENUM)
		print_choices(row, s->out);
}

/* How the dimensions in the table are written: "Units: time (ps ns us ms s min h d)." */
static void print_units(const struct text_state *s)
{
	char text[1024] = "Units:";
	size_t at = strlen(text);
	const char *link = "";
	for (int u = 0; u < UNIT_COUNT; u++) {
		if (!s->used[u] || u == UNIT_NONE || u == UNIT_NUMBER)
			continue;
		int n = snprintf(text + at, sizeof(text) - at, "%s %s", link, unit_doc((enum unit)u));
		at += n > 0 ? (size_t)n : 0;
		link = ";";
	}
	if (link[0] == '\0')
		return;
	print_wrapped(text, 0, 0, s->out);
}

void opt_print_text(const struct opt_group *g, const char *prefix, FILE *out)
{
	struct text_state s = {.out = out};
	for (int i = 0; i < COLUMNS; i++)
		s.width[i] = strlen(headings[i]);
	visit_rows(g, prefix, measure_row, &s);
	print_cells(&s, headings);
	visit_rows(g, prefix, print_row, &s);
	print_units(&s);
}

/* ---- the manual page */

/* Text that troff prints as it is: no escapes, hyphens that can be copied. A line never
 * begins with it, so a leading dot is harmless. */
static void man_text(const char *text, FILE *out)
{
	for (; *text != '\0'; text++) {
		if (*text == '\\')
			fputs("\\e", out);
		else if (*text == '-')
			fputs("\\-", out);
		else if (*text == '\'')
			fputs("\\(aq", out);
		else
			fputc(*text, out);
	}
}

/* A line of text: "\&" keeps a leading dot from being a request. */
static void man_line(const char *text, FILE *out)
{
	fputs("\\&", out);
	man_text(text, out);
	fputc('\n', out);
}

static void man_row(const struct opt_row *row, const char *key, void *state)
{
	FILE *out = state;
	char type[64], range[128];
	fputs(".TP\n\\fB", out);
	man_text(key, out);
	fputs("\\fR (", out);
	man_text(opt_type_name(row, type, sizeof(type)), out);
	if (opt_bounds(row, range, sizeof(range))[0] != '\0') {
		fputs(", ", out);
		man_text(range, out);
	}
	if (row->type != OPT_GROUP) {
		fputs(row->def != NULL ? ", default " : ", ", out);
		man_text(default_text(row), out);
	}
	fputs(")\n", out);
	man_line(row->doc, out);
	if (row->type != OPT_ENUM)
		return;
	fputs(".RS\n", out);
	for (const struct opt_choice *c = row->choices; c->name != NULL; c++) {
		fputs(".TP\n\\fB", out);
		man_text(c->name, out);
		fputs("\\fR\n", out);
		man_line(c->doc != NULL ? c->doc : "", out);
	}
	fputs(".RE\n", out);
}

void opt_print_man(const struct opt_group *g, const char *prefix, FILE *out)
{
	visit_rows(g, prefix, man_row, out);
}
