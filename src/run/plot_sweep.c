/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The data of pictures of sweeps: means and confidence intervals of one column of a sweep.db over others (run/sweep_query.h), as
 * the blocks that plots/sweep*.gp and plots/pareto.gp read.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "run/plot_private.h"
#include "run/sweep_query.h"
#include "run/sweep_table.h"

enum { NAMES_MOST = 512, NAME_BYTES = 160 };

/* The values of a column that is not measured along an axis, in order of appearance. */
struct names {
	const char *array;  /* what scripts call them: "LINE" */
	const char *column; /* as the user called it */
	const char *unit;
	size_t count;
	struct sweep_cell cell[NAMES_MOST];
};

struct row {
	size_t panel, line;
	double x, mean, low, high;
	size_t points;
};

struct picture {
	const struct plot_request *r;
	const struct plot_sweep *s;
	struct sweep_table *table;
	struct sweep_answer *answer;  /* the last one */
	struct sweep_answer *first;   /* of two; names are borrowed from it */
	struct names x, y, line, panel; /* y: of a map */
	struct row *row;
	size_t rows;
	FILE *dat, *head;
	struct err *e;
};

/* ---- names and units ---------------------------------------------------------------------------------- */

/* What an axis is called: units of the table as people read them, for values up to `most`; *factor from the table's. */
static const char *readable(const char *unit, double most, double *factor)
{
	static const struct {
		const char *unit, *name;
		double least, factor;
	} scale[] = {
		{"ns", "s", 1e10, 1e-9}, {"ns", "ms", 1e6, 1e-6}, {"ns", "µs", 1e3, 1e-3},
		{"B", "GB", 1e9, 1e-9}, {"B", "MB", 1e6, 1e-6}, {"B", "kB", 1e3, 1e-3},
		{"bytes", "GB", 1e9, 1e-9}, {"bytes", "MB", 1e6, 1e-6}, {"bytes", "kB", 1e3, 1e-3},
		{"B/s", "GB/s", 1e10, 1e-9}, {"B/s", "MB/s", 1e6, 1e-6}, {"B/s", "kB/s", 1e3, 1e-3},
		{"bytes/s", "GB/s", 1e10, 1e-9}, {"bytes/s", "MB/s", 1e6, 1e-6}, {"bytes/s", "kB/s", 1e3, 1e-3},
	};
	*factor = 1;
	for (size_t i = 0; i < sizeof(scale) / sizeof(scale[0]); i++)
		if (!strcmp(scale[i].unit, unit) && most >= scale[i].least) {
			*factor = scale[i].factor;
			return scale[i].name;
		}
	return unit;
}

static const char *unit_of(const struct picture *p, const char *column)
{
	struct err ignored = {0};
	const char *full = sweep_table_column(p->table, column, &ignored);
	const char *unit = full ? sweep_table_unit(p->table, full) : "";
	return unit ? unit : "";
}

/* NAME_LABEL and NAME_FACTOR. */
static void put_axis(const struct picture *p, const char *name, const char *column, double most)
{
	char text[512];
	double factor;
	const char *unit = readable(unit_of(p, column), most, &factor);
	snprintf(text, sizeof(text), "%s%s%s%s", column, *unit ? " (" : "", unit, *unit ? ")" : "");
	fprintf(p->head, "%s_LABEL = ", name);
	plot_put_string(p->head, text);
	fprintf(p->head, "\n%s_FACTOR = %.9g\n", name, factor);
}

/* The number of a value, from 1; 0 when there are too many. */
static size_t name_number(struct names *n, const struct sweep_cell *c)
{
	for (size_t i = 0; i < n->count; i++) {
		const struct sweep_cell *k = &n->cell[i];
		if (c->text ? k->text && !strcmp(c->text, k->text)
			    : !k->text && (c->number == k->number || (isnan(c->number) && isnan(k->number))))
			return i + 1;
	}
	if (n->count == NAMES_MOST)
		return 0;
	n->cell[n->count++] = *c;
	return n->count;
}

/* COUNT of them and their names: what the column's is called stands before a number. */
static void put_names(const struct picture *p, const struct names *n, int with_column)
{
	const char *dot = n->column ? strrchr(n->column, '.') : NULL, *word = dot ? dot + 1 : n->column ? n->column : "";
	fprintf(p->head, "%sS = %zu\narray %s_NAME[%zu]\n", n->array, n->count, n->array, n->count ? n->count : 1);
	double most = 0, factor;
	for (size_t i = 0; i < n->count; i++)
		most = !n->cell[i].text && fabs(n->cell[i].number) > most ? fabs(n->cell[i].number) : most;
	const char *unit = readable(n->unit ? n->unit : "", most, &factor);
	for (size_t i = 0; i < n->count; i++) {
		char text[NAME_BYTES];
		const struct sweep_cell *c = &n->cell[i];
		double binary = with_column && (!strcmp(n->unit, "B") || !strcmp(n->unit, "bytes")) ? c->number / 1024 : 0;
		if (c->text)
			snprintf(text, sizeof(text), "%s", c->text);
		else if (binary >= 1 && binary == floor(binary)) /* sizes are powers of two more often than of ten */
			snprintf(text, sizeof(text), "%s %g %s", word, fmod(binary, 1024) > 0 ? binary : binary / 1024,
				fmod(binary, 1024) > 0 ? "KiB" : "MiB");
		else
			snprintf(text, sizeof(text), "%s%s%g%s%s", with_column ? word : "", with_column ? " " : "", c->number * factor,
				with_column && *unit ? " " : "", with_column ? unit : "");
		fprintf(p->head, "%s_NAME[%zu] = ", n->array, i + 1);
		plot_put_string(p->head, n->column ? text : "");
		putc('\n', p->head);
	}
}

/* ---- rows ------------------------------------------------------------------------------------------------ */

static int by_place(const void *a, const void *b)
{
	const struct row *x = a, *y = b;
	if (x->panel != y->panel)
		return x->panel < y->panel ? -1 : 1;
	if (x->line != y->line)
		return x->line < y->line ? -1 : 1;
	return x->x < y->x ? -1 : x->x > y->x;
}

static int ask(struct picture *p, const char *const *by, const char *const *value, const char *pareto)
{
	struct sweep_question q = {.by = by, .value = value, .where = p->s->where, .confidence = 0.95, .pareto = pareto};
	p->answer = sweep_query(p->table, &q, p->e);
	return p->answer ? 0 : -1;
}

static int too_many(const struct picture *p, const char *column)
{
	return err_set(p->e, ERR_USAGE, "%s has more than %d values, too many to tell apart in a picture", column, NAMES_MOST);
}

/* Groups of x, line and panel as sorted rows. */
static int make_rows(struct picture *p, const char *value)
{
	const char *by[4] = {p->s->x}, *values[2] = {value};
	int n = 1, line_at = 0, panel_at = 0;
	if (p->s->by)
		by[line_at = n++] = p->s->by;
	if (p->s->panel)
		by[panel_at = n++] = p->s->panel;
	if (ask(p, by, values, NULL) < 0)
		return -1;
	const struct sweep_answer *a = p->answer;
	p->row = calloc(a->group_count + 1, sizeof(*p->row));
	if (!p->row)
		return err_set(p->e, ERR_LIMIT, "no memory for the data of a plot");
	static const struct sweep_cell only = {"", 0};
	int text = 0;
	for (size_t i = 0; i < a->group_count; i++)
		text |= a->group[i].key[0].text != NULL;
	for (size_t i = 0; i < a->group_count; i++) {
		const struct sweep_group *g = &a->group[i];
		const struct sweep_figure *v = &g->value[0];
		if (v->count == 0 || !isfinite(v->mean) || (!text && !isfinite(g->key[0].number)))
			continue;
		struct row *w = &p->row[p->rows++];
		double half = isfinite(v->half_width) ? v->half_width : 0;
		size_t category = text ? name_number(&p->x, &g->key[0]) : 0;
		*w = (struct row){name_number(&p->panel, panel_at ? &g->key[panel_at] : &only),
			name_number(&p->line, line_at ? &g->key[line_at] : &only), text ? (double)category : g->key[0].number,
			v->mean, v->mean - half, v->mean + half, v->count};
		if (!w->panel || !w->line || (text && !category))
			return too_many(p, !w->panel ? p->s->panel : !w->line ? p->s->by : p->s->x);
	}
	qsort(p->row, p->rows, sizeof(*p->row), by_place);
	return 0;
}

/* ---- closed forms -------------------------------------------------------------------------------------------- */

/* The last word of a dotted name. */
static const char *last_word(const char *name)
{
	const char *dot = strrchr(name, '.');
	return dot ? dot + 1 : name;
}

static int theory_column(char **cell, int n, const char *name)
{
	for (int k = 0; name && k < n; k++)
		if (!strcmp(cell[k], name) || !strcmp(last_word(cell[k]), last_word(name)))
			return k;
	return -1;
}

/* One value of a column as the table would have it, and its number among the names; 0: none of them. */
static size_t number_of_text(const struct names *n, const char *text)
{
	char *end;
	double v = strtod(text, &end);
	for (size_t i = 0; i < n->count; i++)
		if (n->cell[i].text ? !strcmp(n->cell[i].text, text) : end != text && fabs(v - n->cell[i].number) <= 1e-9 * fabs(v))
			return i + 1;
	return 0;
}

struct theory {
	double x, y;
	size_t panel, line;
};

static int read_theory(const struct picture *p, FILE *in, struct theory **out, size_t *count)
{
	enum { CELLS = 32 };
	char *line = NULL, *cell[CELLS];
	size_t room = 0, have = 0;
	int at[4] = {-1, -1, -1, -1}, header = 0, status = 0;
	while (!status && getline(&line, &room, in) > 0) {
		int n = 0;
		line[strcspn(line, "\r\n")] = '\0';
		if (!*line || *line == '#')
			continue;
		for (char *rest = line, *c = strsep(&rest, ","); c && n < CELLS; c = strsep(&rest, ","))
			cell[n++] = c;
		const char *const want[4] = {p->s->x, p->s->y, p->s->by, p->s->panel};
		for (int k = 0; !header && !status && k < 4; k++) {
			at[k] = theory_column(cell, n, want[k]);
			if (k < 2 && at[k] < 0)
				status = err_set(p->e, ERR_IO, "%s has no column %s", p->s->theory, want[k]);
		}
		if (!header++ || status)
			continue;
		if (at[0] >= n || at[1] >= n || at[2] >= n || at[3] >= n) {
			status = err_set(p->e, ERR_IO, "%s: a row has too few columns", p->s->theory);
			continue;
		}
		struct theory t = {strtod(cell[at[0]], NULL), strtod(cell[at[1]], NULL), at[3] < 0 ? 1 : number_of_text(&p->panel, cell[at[3]]),
			at[2] < 0 ? 1 : number_of_text(&p->line, cell[at[2]])};
		if (p->x.count)
			t.x = (double)number_of_text(&p->x, cell[at[0]]);
		if (!t.panel || !t.line || (p->x.count && t.x == 0))
			continue; /* of what the sweep has not */
		struct theory *grown = realloc(*out, (have + 1) * sizeof(**out));
		if (!grown)
			status = err_set(p->e, ERR_LIMIT, "no memory for %s", p->s->theory);
		else
			(*out = grown)[have++] = t;
	}
	free(line);
	*count = have;
	return status;
}

/* What theory says of a row, or NaN: only where it has the very value of x. */
static double theory_at(const struct theory *t, size_t count, const struct row *w)
{
	for (size_t i = 0; i < count; i++)
		if (t[i].panel == w->panel && t[i].line == w->line && fabs(t[i].x - w->x) <= 1e-9 * fabs(w->x))
			return t[i].y;
	return (double)NAN;
}

static int put_theory(const struct picture *p)
{
	struct theory *t = NULL;
	size_t count = 0;
	long residuals = 0;
	int status = 0;
	if (p->s->theory) {
		FILE *in = fopen(p->s->theory, "r");
		status = in ? read_theory(p, in, &t, &count) : err_set(p->e, ERR_IO, "%s: cannot read it: %s", p->s->theory, strerror(errno));
		if (in)
			fclose(in);
	}
	fputs("\n\n# 1:theory\n# panel,line,x,y\n", p->dat);
	for (size_t i = 0; i < count; i++)
		fprintf(p->dat, "%zu,%zu,%.12g,%.12g\n", t[i].panel, t[i].line, t[i].x, t[i].y);
	fputs("\n\n# 1:residuals\n# panel,line,x,percent,percent_low,percent_high\n", p->dat);
	for (size_t i = 0; i < p->rows; i++) {
		const struct row *w = &p->row[i];
		double y = theory_at(t, count, w);
		if (isfinite(y) && y != 0)
			residuals += fprintf(p->dat, "%zu,%zu,%.12g,%.9g,%.9g,%.9g\n", w->panel, w->line, w->x, 100 * (w->mean / y - 1),
				100 * (w->low / y - 1), 100 * (w->high / y - 1)) > 0;
	}
	fprintf(p->head, "ROWS_theory = %zu\nROWS_residuals = %ld\n", count, residuals);
	free(t);
	return status;
}

/* ---- kinds ----------------------------------------------------------------------------------------------------- */

static int write_lines(struct picture *p)
{
	if (make_rows(p, p->s->y) < 0)
		return -1;
	double most_x = 0, most_y = 0;
	size_t replicated = 0;
	fputs("\n\n# 1:points\n# panel,line,x,mean,low,high,points\n", p->dat);
	for (size_t i = 0; i < p->rows; i++) {
		const struct row *w = &p->row[i];
		fprintf(p->dat, "%zu,%zu,%.12g,%.12g,%.12g,%.12g,%zu\n", w->panel, w->line, w->x, w->mean, w->low, w->high, w->points);
		most_x = fabs(w->x) > most_x ? fabs(w->x) : most_x;
		most_y = fabs(w->mean) > most_y ? fabs(w->mean) : most_y;
		replicated = w->points > replicated ? w->points : replicated;
	}
	put_axis(p, "X", p->s->x, p->x.count ? 0 : most_x);
	put_axis(p, "Y", p->s->y, most_y);
	if (p->x.count)
		fputs("X_FACTOR = 1\n", p->head);
	put_names(p, &p->x, 0);
	put_names(p, &p->line, 1);
	put_names(p, &p->panel, 1);
	fprintf(p->head, "REPLICATED = %d\nROWS_points = %zu\n", replicated > 1, p->rows);
	return put_theory(p);
}

static int write_map(struct picture *p)
{
	const char *by[] = {p->s->x, p->s->y, NULL}, *value[] = {p->s->z, NULL};
	if (ask(p, by, value, NULL) < 0)
		return -1;
	double most = 0;
	size_t rows = 0;
	fputs("\n\n# 1:cells\n# x,y,mean,half_width,points\n", p->dat);
	for (size_t i = 0; i < p->answer->group_count; i++) {
		const struct sweep_group *g = &p->answer->group[i];
		const struct sweep_figure *v = &g->value[0];
		size_t x = name_number(&p->x, &g->key[0]), y = name_number(&p->y, &g->key[1]);
		if (!x || !y)
			return too_many(p, x ? p->s->y : p->s->x);
		if (v->count == 0 || !isfinite(v->mean))
			continue;
		rows += fprintf(p->dat, "%zu,%zu,%.12g,%.12g,%zu\n", x, y, v->mean, isfinite(v->half_width) ? v->half_width : 0, v->count) > 0;
		most = fabs(v->mean) > most ? fabs(v->mean) : most;
	}
	double most_x = 0, most_y = 0;
	for (size_t i = 0; i < p->x.count; i++)
		most_x = p->x.cell[i].text ? 0 : fmax(most_x, fabs(p->x.cell[i].number));
	for (size_t i = 0; i < p->y.count; i++)
		most_y = p->y.cell[i].text ? 0 : fmax(most_y, fabs(p->y.cell[i].number));
	put_axis(p, "X", p->s->x, most_x);
	put_axis(p, "Y", p->s->y, most_y);
	put_axis(p, "Z", p->s->z, most);
	put_names(p, &p->x, 0);
	put_names(p, &p->y, 0);
	fprintf(p->head, "ROWS_cells = %zu\n", rows);
	return 0;
}

static int write_pareto(struct picture *p)
{
	char pareto[1024];
	const char *value[] = {plot_column(p->s->x), plot_column(p->s->y), NULL};
	if (plot_column(p->s->x) == p->s->x || plot_column(p->s->y) == p->s->y)
		return err_set(p->e, ERR_USAGE, "the plot \"pareto\" wants min: or max: before the columns: -x min:%s -y max:%s",
			plot_column(p->s->x), plot_column(p->s->y));
	snprintf(pareto, sizeof(pareto), "%s,%s", p->s->x, p->s->y);
	double most[2] = {0, 0};
	for (int front = 0; front < 2; front++) {
		p->first = p->answer;
		p->answer = NULL;
		if (ask(p, NULL, value, front ? pareto : NULL) < 0)
			return -1;
		size_t rows = 0;
		fprintf(p->dat, "\n\n# 1:%s\n# line,x,y\n", front ? "front" : "points");
		size_t at = p->answer->by_count;
		struct err ignored = {0};
		const char *by = p->s->by ? sweep_table_column(p->table, p->s->by, front ? &ignored : p->e) : NULL;
		if (p->s->by && !by)
			return -1;
		for (size_t k = 0; by && k < p->answer->by_count; k++)
			at = !strcmp(by, p->answer->by[k]) ? k : at;
		if (by && at == p->answer->by_count)
			return err_set(p->e, ERR_USAGE, "--by %s: want one of the sweep's axes", p->s->by);
		for (size_t i = 0; i < p->answer->group_count; i++) {
			const struct sweep_group *g = &p->answer->group[i];
			if (!isfinite(g->value[0].mean) || !isfinite(g->value[1].mean))
				continue;
			size_t line = name_number(&p->line, by ? &g->key[at] : &(struct sweep_cell){"", 0});
			rows += fprintf(p->dat, "%zu,%.12g,%.12g\n", line, g->value[0].mean, g->value[1].mean) > 0;
			most[0] = fmax(most[0], fabs(g->value[0].mean));
			most[1] = fmax(most[1], fabs(g->value[1].mean));
		}
		fprintf(p->head, "ROWS_%s = %zu\n", front ? "front" : "points", rows);
	}
	put_axis(p, "X", value[0], most[0]);
	put_axis(p, "Y", value[1], most[1]);
	put_names(p, &p->x, 0);
	put_names(p, &p->line, 1);
	return 0;
}

static int wants(const struct plot_request *r, const struct plot_sweep *s, struct err *e)
{
	const char *need = r->kind->files + 1;
	static const char *const option[] = {"-x COLUMN", "-y COLUMN", "-z COLUMN", "--panel COLUMN", "--theory FILE.csv"};
	const char *const given[] = {s->x, s->y, s->z, s->panel, s->theory};
	for (int k = 0; k < 5; k++)
		if (strchr(need, "xyzpt"[k]) && !given[k])
			return err_set(e, ERR_USAGE, "the plot \"%s\" wants %s; `quern sweep query` shows the columns", r->kind->name, option[k]);
	if (r->run_count != 1)
		return err_set(e, ERR_USAGE, "the plot \"%s\" is of one sweep, and %zu are given", r->kind->name, r->run_count);
	return s->log && strspn(s->log, "xy") != strlen(s->log)
		? err_set(e, ERR_USAGE, "--log %s: want x, y or xy", s->log) : 0;
}

int plot_sweep_write(const struct plot_request *r, FILE *dat, FILE *head, struct err *e)
{
	static const struct plot_sweep none = {0};
	struct picture *p = calloc(1, sizeof(*p));
	if (!p)
		return err_set(e, ERR_LIMIT, "no memory for the data of a plot");
	*p = (struct picture){.r = r, .s = r->sweep ? r->sweep : &none, .dat = dat, .head = head, .e = e};
	int status = wants(r, p->s, e);
	if (!status) {
		p->table = sweep_table_open(r->run[0], e);
		status = p->table ? 0 : -1;
	}
	if (!status) {
		p->x = (struct names){.array = "X", .column = p->s->x, .unit = unit_of(p, p->s->x)};
		p->y = (struct names){.array = "Y", .column = p->s->y, .unit = unit_of(p, p->s->y)};
		p->line = (struct names){.array = "LINE", .column = p->s->by, .unit = p->s->by ? unit_of(p, p->s->by) : ""};
		p->panel = (struct names){.array = "PANEL", .column = p->s->panel, .unit = p->s->panel ? unit_of(p, p->s->panel) : ""};
		fprintf(dat, "%s\n", PLOT_MARK);
		fprintf(head, "WANT_LOG_X = %d\nWANT_LOG_Y = %d\n", p->s->log && strchr(p->s->log, 'x'), p->s->log && strchr(p->s->log, 'y'));
		status = strchr(r->kind->files, 'z') ? write_map(p) : strchr(r->kind->files, 'f') ? write_pareto(p) : write_lines(p);
	}
	free(p->row);
	sweep_answer_free(p->answer);
	sweep_answer_free(p->first);
	sweep_table_close(p->table);
	free(p);
	return status;
}

/* The one value of a text column, or "". */
static void only_text(const struct sweep_table *t, const char *column, const char *value, char *out, size_t bytes)
{
	struct err ignored = {0};
	const char *by[] = {column, NULL}, *values[] = {value, NULL};
	struct sweep_question q = {.by = by, .value = values, .confidence = 0.95};
	struct sweep_answer *a = sweep_table_column(t, column, &ignored) ? sweep_query(t, &q, &ignored) : NULL;
	if (a && a->group_count == 1 && a->group[0].key[0].text)
		snprintf(out, bytes, "%s", a->group[0].key[0].text);
	sweep_answer_free(a);
}

/* The models of the devices, of those that are the same in all points. */
static void add_devices(const struct sweep_table *t, const char *value, char *out, size_t bytes)
{
	for (size_t i = 0; i < sweep_table_columns(t); i++) {
		const char *name = sweep_table_name(t, i);
		char model[128] = "";
		size_t n = strlen(name), used = strlen(out);
		if (strncmp(name, "devices.", 8) != 0 || n < 6 || strcmp(name + n - 6, ".model") != 0)
			continue;
		only_text(t, name, value, model, sizeof(model));
		if (*model && used < bytes)
			snprintf(out + used, bytes - used, "%s%s", used ? ", " : "", model);
	}
}

void plot_sweep_subject(const struct plot_request *r, char *out, size_t bytes)
{
	struct err ignored = {0};
	char workload[256] = "", device[256] = "";
	struct sweep_table *t = sweep_table_open(r->run[0], &ignored);
	const char *value = r->sweep && r->sweep->z ? r->sweep->z : r->sweep && r->sweep->y ? plot_column(r->sweep->y) : NULL;
	if (t && value) {
		only_text(t, "jobname", value, workload, sizeof(workload));
		add_devices(t, value, device, sizeof(device));
	}
	snprintf(out, bytes, "%s%s%s", workload, *workload && *device ? " on " : "", device);
	sweep_table_close(t);
}
