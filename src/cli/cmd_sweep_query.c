/* SPDX-License-Identifier: GPL-3.0-or-later */
/* quern sweep query SWEEP: means over replications, and the Pareto front of two columns. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/json.h"
#include "cli/run_args.h"
#include "cli/sweep_args.h"
#include "run/sweep_query.h"
#include "sim/units.h"

#define CELL_BYTES 96

enum { KEY_BY = 0x100, KEY_VALUE, KEY_WHERE, KEY_PARETO, KEY_CONFIDENCE, KEY_CSV, KEY_JSON, KEY_COLUMNS };

struct query_words {
	const char *sweep;
	struct words by, value, where;
	const char *pareto, *confidence;
	bool csv, json, columns, no_memory;
};

static const struct argp_option options[] = {
	{"value", KEY_VALUE, "COLUMN,...", 0, "What to condense: results such as jobs.0.read.lat_ns.mean; may be repeated", 0},
	{"by", KEY_BY, "COLUMN,...", 0, "Points alike in these are one group (default: everything that is varied); may be repeated", 0},
	{"where", KEY_WHERE, "COLUMN=VALUE", 0, "Only these points; may be repeated, and all must hold", 0},
	{"pareto", KEY_PARETO, "SIDE,SIDE", 0, "Only groups that none beats in both of two columns, such as min:waf,max:iops", 0},
	{"confidence", KEY_CONFIDENCE, "SHARE", 0, "Of the intervals (default 95 %)", 0},
	{"columns", KEY_COLUMNS, NULL, 0, "List the columns instead", 0},
	{"csv", KEY_CSV, NULL, 0, "Print CSV", 0},
	{"json", KEY_JSON, NULL, 0, "Print JSON", 0},
	{0},
};

/* "a,b" as two words. */
static void add_list(struct words *w, const char *text, bool *no_memory)
{
	char *copy = strdup(text), *rest = copy;
	*no_memory |= !copy;
	for (char *word; copy && (word = strsep(&rest, ","));)
		words_add(w, word, no_memory);
	free(copy);
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct query_words *a = state->input;
	switch (key) {
	case KEY_BY:
		add_list(&a->by, arg, &a->no_memory);
		return 0;
	case KEY_VALUE:
		add_list(&a->value, arg, &a->no_memory);
		return 0;
	case KEY_WHERE:
		words_add(&a->where, arg, &a->no_memory);
		return 0;
	case KEY_PARETO:
		a->pareto = arg;
		return 0;
	case KEY_CONFIDENCE:
		a->confidence = arg;
		return 0;
	case KEY_COLUMNS:
		a->columns = true;
		return 0;
	case KEY_CSV:
		a->csv = true;
		return 0;
	case KEY_JSON:
		a->json = true;
		return 0;
	case ARGP_KEY_ARG:
		if (a->sweep)
			argp_error(state, "want one sweep, got %s and %s", a->sweep, arg);
		a->sweep = arg;
		return 0;
	case ARGP_KEY_END:
		if (!a->sweep)
			argp_error(state, "want the folder of a sweep, its sweep.db, or -");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* ---- output ------------------------------------------------------------------------------------------------- */

static const char *cell_text(const struct sweep_cell *c, char out[CELL_BYTES])
{
	if (c->text)
		snprintf(out, CELL_BYTES, "%s", c->text);
	else if (isnan(c->number))
		out[0] = '\0';
	else
		snprintf(out, CELL_BYTES, "%.15g", c->number);
	return out;
}

static const char *figure_text(const struct sweep_figure *f, char out[CELL_BYTES])
{
	if (f->count == 0)
		snprintf(out, CELL_BYTES, "-");
	else if (isfinite(f->half_width))
		snprintf(out, CELL_BYTES, "%.6g +- %.3g", f->mean, f->half_width);
	else
		snprintf(out, CELL_BYTES, "%.6g", f->mean);
	return out;
}

static void print_row(const struct sweep_answer *a, const struct sweep_group *g, const size_t *width)
{
	char cell[CELL_BYTES];
	for (size_t i = 0; i < a->by_count; i++)
		printf("%-*s  ", (int)width[i], cell_text(&g->key[i], cell));
	for (size_t i = 0; i < a->value_count; i++)
		printf("%-*s  ", (int)width[a->by_count + i], figure_text(&g->value[i], cell));
	printf("%zu\n", g->points);
}

static const char *heading(const struct sweep_table *t, const char *column, char out[2 * CELL_BYTES])
{
	const char *unit = sweep_table_unit(t, column), *name = !strncmp(column, "config.", 7) ? column + 7 : column;
	snprintf(out, 2 * CELL_BYTES, *unit ? "%.*s [%s]" : "%.*s", CELL_BYTES, name, unit);
	return out;
}

static int print_text(const struct sweep_table *t, const struct sweep_answer *a)
{
	char cell[2 * CELL_BYTES];
	size_t columns = a->by_count + a->value_count;
	size_t *width = calloc(columns + 1, sizeof(*width));
	if (!width)
		return cli_usage("no memory for the answer");
	for (size_t i = 0; i < columns; i++)
		width[i] = strlen(heading(t, i < a->by_count ? a->by[i] : a->value[i - a->by_count], cell));
	for (size_t k = 0; k < a->group_count; k++)
		for (size_t i = 0; i < columns; i++) {
			size_t len = strlen(i < a->by_count ? cell_text(&a->group[k].key[i], cell)
				: figure_text(&a->group[k].value[i - a->by_count], cell));
			width[i] = len > width[i] ? len : width[i];
		}
	for (size_t i = 0; i < columns; i++)
		printf("%-*s  ", (int)width[i], heading(t, i < a->by_count ? a->by[i] : a->value[i - a->by_count], cell));
	printf("points\n");
	for (size_t k = 0; k < a->group_count; k++)
		print_row(a, &a->group[k], width);
	free(width);
	return 0;
}

static void csv_text(const char *s)
{
	bool plain = !s[strcspn(s, ",\"\r\n")];
	if (!plain)
		putchar('"');
	for (; *s; s++) {
		if (*s == '"')
			putchar('"');
		putchar(*s);
	}
	if (!plain)
		putchar('"');
}

static void csv_number(double v)
{
	putchar(',');
	if (isfinite(v))
		printf("%.15g", v);
}

static void print_csv(const struct sweep_answer *a)
{
	char cell[CELL_BYTES];
	for (size_t i = 0; i < a->by_count; i++) {
		csv_text(a->by[i]);
		putchar(',');
	}
	fputs("points", stdout);
	for (size_t i = 0; i < a->value_count; i++)
		printf(",%s,%s half_width,%s stddev,%s min,%s max", a->value[i], a->value[i], a->value[i], a->value[i], a->value[i]);
	putchar('\n');
	for (size_t k = 0; k < a->group_count; k++) {
		const struct sweep_group *g = &a->group[k];
		for (size_t i = 0; i < a->by_count; i++) {
			csv_text(cell_text(&g->key[i], cell));
			putchar(',');
		}
		printf("%zu", g->points);
		for (size_t i = 0; i < a->value_count; i++) {
			const struct sweep_figure *f = &g->value[i];
			const double part[] = {f->mean, f->half_width, f->stddev, f->min, f->max};
			for (size_t p = 0; p < 5; p++)
				csv_number(part[p]);
		}
		putchar('\n');
	}
}

static json_t *real(double v) { return isfinite(v) ? json_real(v) : json_null(); }

static json_t *group_doc(const struct sweep_answer *a, const struct sweep_group *g)
{
	json_t *by = json_object(), *values = json_object();
	for (size_t i = 0; i < a->by_count; i++)
		(void)json_object_set_new(by, a->by[i], g->key[i].text ? json_string(g->key[i].text) : real(g->key[i].number));
	for (size_t i = 0; i < a->value_count; i++) {
		const struct sweep_figure *f = &g->value[i];
		(void)json_object_set_new(values, a->value[i], json_pack("{s:o, s:o, s:o, s:o, s:o, s:I}", "mean", real(f->mean), "half_width",
			real(f->half_width), "stddev", real(f->stddev), "min", real(f->min), "max", real(f->max), "count", (json_int_t)f->count));
	}
	return json_pack("{s:o, s:I, s:o}", "by", by, "points", (json_int_t)g->points, "values", values);
}

static int print_json(const struct sweep_table *t, const struct sweep_answer *a)
{
	json_t *groups = json_array(), *units = json_object();
	for (size_t k = 0; k < a->group_count; k++)
		(void)json_array_append_new(groups, group_doc(a, &a->group[k]));
	for (size_t i = 0; i < a->by_count + a->value_count; i++) {
		const char *name = i < a->by_count ? a->by[i] : a->value[i - a->by_count];
		(void)json_object_set_new(units, name, json_string(sweep_table_unit(t, name)));
	}
	json_t *doc = json_pack("{s:f, s:o, s:o}", "confidence", a->confidence, "units", units, "groups", groups);
	return cli_put_json(doc);
}

static int print_columns(const struct sweep_table *t, bool json)
{
	json_t *doc = json_array();
	for (size_t i = 0; i < sweep_table_columns(t); i++) {
		const char *name = sweep_table_name(t, i), *unit = sweep_table_unit(t, name);
		if (json)
			(void)json_array_append_new(doc, json_pack("{s:s, s:s, s:b}", "name", name, "unit", unit, "axis", sweep_table_is_axis(t, name)));
		else
			printf("%s%s%s%s%s\n", name, *unit ? " [" : "", unit, *unit ? "]" : "", sweep_table_is_axis(t, name) ? "  (varied)" : "");
	}
	if (json)
		return cli_put_json(doc);
	json_decref(doc);
	return 0;
}

/* ---- the command ------------------------------------------------------------------------------------------------- */

static int answer(const struct query_words *a, const struct sweep_table *t)
{
	struct err e = {0};
	struct sweep_question q = {
		.by = (const char *const *)a->by.word,
		.value = (const char *const *)a->value.word,
		.where = (const char *const *)a->where.word,
		.pareto = a->pareto,
		.confidence = 0.95,
	};
	union unit_value v;
	char why[256];
	if (a->confidence) {
		if (unit_parse(UNIT_RATIO, a->confidence, &v, why, sizeof(why)) < 0 || !(v.d > 0 && v.d < 1))
			return cli_usage("--confidence %s: want a share between 0 and 1, such as 95 %%", a->confidence);
		q.confidence = v.d;
	}
	struct sweep_answer *out = sweep_query(t, &q, &e);
	int code = 0;
	if (!out)
		return cli_fail(&e);
	if (a->json)
		code = print_json(t, out);
	else if (a->csv)
		print_csv(out);
	else
		code = print_text(t, out);
	sweep_answer_free(out);
	return code;
}

static int query(const struct query_words *a)
{
	struct err e = {0};
	if (a->no_memory)
		return cli_usage("no memory for the command line");
	if (a->csv && a->json)
		return cli_usage("--csv and --json: want one of the two");
	struct sweep_table *t = sweep_table_open(a->sweep, &e);
	if (!t)
		return cli_fail(&e);
	int code = a->columns ? print_columns(t, a->json) : answer(a, t);
	sweep_table_close(t);
	return code;
}

static int run(int argc, char **argv)
{
	static const struct argp argp = {
		.options = options,
		.parser = parse,
		.args_doc = "SWEEP",
		.doc = "Ask a sweep that has run: its folder, its sweep.db, or - for the bytes of one on standard input. Gives the mean of each "
		       "--value over the points of each group with a confidence interval (Student's t), or with --pareto only the groups that "
		       "none beats. A column may be named by the end of its name: waf for devices.ssd0.report.waf.",
	};
	struct query_words a = {0};
	int code = cli_parse(&argp, argc, argv, &a);
	if (!code)
		code = query(&a);
	words_free(&a.by);
	words_free(&a.value);
	words_free(&a.where);
	return cli_finish(code);
}

const struct cli_command sweep_cmd_query = {
	.name = "query",
	.doc = "means over replications, and the Pareto front of two columns",
	.run = run,
};
