/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A bound struct as YAML that binds back to the same values: the effective config. Texts
 * are quoted wherever this reader, or another reader of YAML, could see anything but that
 * text in them.
 */
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sim/config_internal.h"
#include "sim/utf8.h"

static void write_group(const struct opt_group *g, const void *bound, int indent, bool inline_first,
	const char *from, FILE *out);

static void write_indent(int indent, FILE *out) { fprintf(out, "%*s", indent, ""); }

/* ---- text */

static bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/* Whether a text is safe without quotes: a word or path of ASCII letters and digits that no
 * YAML reader takes for a number, a truth value or nothing. */
static bool is_plain(const char *text)
{
	static const char *const taken[] = { "true", "false", "yes", "no", "on", "off", "null", "y",
		"n", NULL };

	if (!is_letter(text[0]))
		return false;
	for (const char *p = text; *p != '\0'; p++)
		if (!is_letter(*p) && !(*p >= '0' && *p <= '9') && strchr("_-./", *p) == NULL)
			return false;
	for (const char *const *t = taken; *t != NULL; t++)
		if (strcasecmp(text, *t) == 0)
			return false;
	return true;
}

/* Characters YAML lets stand in double quotes as they are, less the line separators. */
static bool is_printable(uint32_t c)
{
	return !utf8_is_control(c) && c != 0x2028 && c != 0x2029 && c != 0xfeff &&
		(c & 0xfffe) != 0xfffe;
}

static void write_quoted(const char *text, FILE *out)
{
	size_t left = strlen(text), length;

	fputc('"', out);
	for (; left > 0; text += length, left -= length) {
		uint32_t c = 0;

		length = utf8_decode(text, left, &c);
		if (length == 0) { /* cannot come from a config; keep the file valid */
			length = 1;
			fprintf(out, "\\x%02x", (unsigned)(unsigned char)*text);
		} else if (c == '"' || c == '\\') {
			fprintf(out, "\\%c", (char)c);
		} else if (c == '\n') {
			fputs("\\n", out);
		} else if (c == '\t') {
			fputs("\\t", out);
		} else if (is_printable(c)) {
			fwrite(text, 1, length, out);
		} else if (c > 0xffff) {
			fprintf(out, "\\U%08x", c);
		} else {
			fprintf(out, "\\u%04x", c);
		}
	}
	fputc('"', out);
}

static void write_text(const char *text, FILE *out)
{
	if (text == NULL)
		text = "";
	if (is_plain(text))
		fputs(text, out);
	else
		write_quoted(text, out);
}

/* ---- values */

static void write_scalar(enum unit u, union unit_value v, FILE *out)
{
	char text[96];

	fputs(unit_format(u, v, text, sizeof(text)), out);
}

static void write_list(const struct opt_row *row, const struct opt_list *list, FILE *out)
{
	fputs(" [", out);
	for (size_t i = 0; i < list->count; i++) {
		fputs(i > 0 ? ", " : "", out);
		write_scalar(row->unit, list->values[i], out);
	}
	fputs("]\n", out);
}

static void write_curve(const struct opt_row *row, const struct opt_curve *curve, int indent,
	FILE *out)
{
	if (curve->count == 0)
		fputs(" []", out);
	fputc('\n', out);
	for (size_t i = 0; i < curve->count; i++) {
		union unit_value y;

		/* The y of an integer unit was a whole number when it was bound. */
		if (unit_is_real(row->unit))
			y.d = curve->y[i];
		else
			y.i = llround(curve->y[i]);
		write_indent(indent + 2, out);
		fprintf(out, "- [%lld, ", (long long)curve->x[i]);
		write_scalar(row->unit, y, out);
		fputs("]\n", out);
	}
}

static void write_table(const struct opt_row *row, const struct opt_table *table, int indent,
	const char *from, FILE *out)
{
	const char *at = table->rows;

	if (table->count == 0)
		fputs(" []", out);
	fputc('\n', out);
	for (size_t i = 0; i < table->count; i++, at += row->group->struct_bytes) {
		write_indent(indent + 2, out);
		fputs("- ", out);
		write_group(row->group, at, indent + 4, true, from, out);
	}
}

/* A file as it is named from elsewhere; "-" is standard input from everywhere. */
static void write_file_name(const char *name, const char *from, FILE *out)
{
	char path[2 * PATH_MAX];

	if (from == NULL || name == NULL || name[0] == '\0' || name[0] == '/' || strcmp(name, "-") == 0) {
		write_text(name, out);
		return;
	}
	snprintf(path, sizeof(path), "%s%s", from, name);
	write_text(path, out);
}

static void write_row(const struct opt_row *row, const void *bound, int indent, const char *from, FILE *out)
{
	const char *at = (const char *)bound + row->offset;
	union unit_value v;
	bool flag;
	int choice;

	switch (row->type) {
	case OPT_BOOL:
		memcpy(&flag, at, sizeof(flag));
		fputs(flag ? " true\n" : " false\n", out);
		break;
	case OPT_SCALAR:
		memcpy(&v, at, sizeof(v));
		fputc(' ', out);
		write_scalar(row->unit, v, out);
		fputc('\n', out);
		break;
	case OPT_ENUM:
		memcpy(&choice, at, sizeof(choice));
		fputc(' ', out);
		write_text(opt_choice_name(row, choice), out);
		fputc('\n', out);
		break;
	case OPT_STRING:
		fputc(' ', out);
		write_text(*(const char *const *)(const void *)at, out);
		fputc('\n', out);
		break;
	case OPT_FILE:
		fputc(' ', out);
		write_file_name(*(const char *const *)(const void *)at, from, out);
		fputc('\n', out);
		break;
	case OPT_GROUP:
		fputs(row->group->rows->key == NULL ? " " : "\n", out);
		write_group(row->group, at, indent + 2, false, from, out);
		break;
	case OPT_TABLE:
		write_table(row, (const void *)at, indent, from, out);
		break;
	case OPT_LIST:
		write_list(row, (const void *)at, out);
		break;
	case OPT_CURVE:
		write_curve(row, (const void *)at, indent, out);
		break;
	}
}

static bool is_idle(const struct opt_row *r, const void *bound)
{
	return r->idle != NULL && r->idle(bound) != NULL;
}

/* inline_first: the first key goes on a line that is already indented ("- key: ..."). */
static void write_group(const struct opt_group *g, const void *bound, int indent, bool inline_first,
	const char *from, FILE *out)
{
	if (g->rows->key == NULL) {
		if (!inline_first)
			write_indent(indent, out);
		fputs("{}\n", out);
	}
	for (const struct opt_row *r = g->rows; r->key != NULL; r++) {
		if (is_idle(r, bound))
			continue;
		if (!inline_first)
			write_indent(indent, out);
		inline_first = false;
		fprintf(out, "%s:", r->key);
		write_row(r, bound, indent, from, out);
	}
}

void opt_write_yaml(const struct opt_group *g, const void *bound, int indent, const char *from, FILE *out)
{
	write_group(g, bound, indent, false, from, out);
}

/* ---- paths */

static void write_paths(const struct opt_group *g, const void *bound, const char *prefix, const char *const *but, FILE *out)
{
	char path[512];

	for (const struct opt_row *r = g->rows; r->key != NULL; r++) {
		const char *const *skip = but;

		snprintf(path, sizeof(path), "%s%s%s", prefix, *prefix ? "." : "", r->key);
		if (is_idle(r, bound))
			continue;
		while (skip != NULL && *skip != NULL && strcmp(*skip, path) != 0)
			skip++;
		if (skip != NULL && *skip != NULL)
			continue;
		if (r->type == OPT_GROUP) {
			write_paths(r->group, (const char *)bound + r->offset, path, but, out);
			continue;
		}
		fprintf(out, "%s:", path);
		write_row(r, bound, 0, NULL, out);
	}
}

void opt_write_paths(const struct opt_group *g, const void *bound, const char *const *but, FILE *out)
{
	write_paths(g, bound, "", but, out);
}

/* ---- values */

/* A scalar in a plain unit. */
static void plain_scalar(enum unit u, union unit_value v, struct opt_value *out)
{
	static const struct {
		const char *unit;
		double base; /* base units in one of these */
	} plain[UNIT_COUNT] = {
		[UNIT_NONE] = {"", 1}, [UNIT_NUMBER] = {"", 1}, [UNIT_TIME] = {"ns", 1e3}, [UNIT_BYTES] = {"bytes", 1},
		[UNIT_RATE] = {"bytes/s", 1}, [UNIT_IOPS] = {"1/s", 1}, [UNIT_RPM] = {"rpm", 1e3}, [UNIT_POWER] = {"W", 1e6},
		[UNIT_ANGLE] = {"turns", 1}, [UNIT_RATIO] = {"", 1},
	};

	out->unit = plain[u].unit;
	out->is_whole = !unit_is_real(u) && v.i % (int64_t)plain[u].base == 0;
	if (out->is_whole)
		out->whole = v.i / (int64_t)plain[u].base;
	out->number = unit_is_real(u) ? v.d : (double)v.i / plain[u].base;
}

/* A number or a word. false: neither. */
static bool plain_value(const struct opt_row *row, const char *at, struct opt_value *out)
{
	bool flag;
	int choice;

	if (row->type == OPT_SCALAR) {
		memcpy(&out->exact, at, sizeof(out->exact));
		plain_scalar(row->unit, out->exact, out);
	} else if (row->type == OPT_BOOL) {
		memcpy(&flag, at, sizeof(flag));
		out->is_whole = true;
		out->exact.i = out->whole = flag;
		out->number = flag;
	} else if (row->type == OPT_ENUM) {
		memcpy(&choice, at, sizeof(choice));
		out->text = opt_choice_name(row, choice);
	} else if (row->type == OPT_STRING || row->type == OPT_FILE) {
		const char *text = *(const char *const *)(const void *)at;
		out->text = text != NULL ? text : "";
	} else {
		return false;
	}
	return true;
}

/* What write_row() writes, without what stands around it; free(). */
static char *row_text(const struct opt_row *row, const void *bound)
{
	char *text = NULL;
	size_t bytes = 0;
	FILE *out = open_memstream(&text, &bytes);

	if (out == NULL)
		return NULL;
	write_row(row, bound, 0, NULL, out);
	if (fclose(out) != 0) {
		free(text);
		return NULL;
	}
	while (bytes > 0 && text[bytes - 1] == '\n')
		text[--bytes] = '\0';
	size_t skip = strspn(text, " \n");
	memmove(text, text + skip, bytes - skip + 1);
	return text;
}

int opt_each_value(const struct opt_group *g, const void *bound, const char *prefix, bool texts,
	void (*each)(void *ctx, const struct opt_value *v), void *ctx)
{
	char path[512];
	size_t stem = strlen(prefix);

	if (stem > sizeof(path) - 2)
		stem = sizeof(path) - 2;
	memcpy(path, prefix, stem);
	if (stem > 0)
		path[stem++] = '.';
	for (const struct opt_row *r = g->rows; r->key != NULL; r++) {
		const char *at = (const char *)bound + r->offset;
		struct opt_value v = {.path = path, .row = r, .bound = at, .unit = ""};
		char *text = NULL;

		if (is_idle(r, bound))
			continue;
		size_t length = strlen(r->key);
		if (length >= sizeof(path) - stem)
			length = sizeof(path) - stem - 1;
		memcpy(path + stem, r->key, length);
		path[stem + length] = '\0';
		if (r->type == OPT_GROUP) {
			if (opt_each_value(r->group, at, path, texts, each, ctx) != 0)
				return -1;
			continue;
		}
		if (!plain_value(r, at, &v) && texts && (v.text = text = row_text(r, bound)) == NULL)
			return -1;
		each(ctx, &v);
		free(text);
	}
	return 0;
}
