/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The report of a sweep: a row for each combination of its axes, means over replications with their intervals, and a picture of
 * each figure. */
#include "run/report_private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "run/plot.h"
#include "run/sweep_query.h"

#define MOST_VALUES 12
#define CONFIDENCE 0.95

/* What a reader looks for first: columns that end so, in this order. */
static const char *const wanted[] = {".iops", ".bw_bytes", ".lat_ns.mean", ".lat_ns.percentile.50.000000",
	".lat_ns.percentile.99.000000", ".lat_ns.percentile.99.900000", ".report.waf", ".report.erase_max", ".utilisation",
	".report.faults", ".report.lost_work", ""};

static bool ends_so(const char *name, const char *end)
{
	size_t n = strlen(name), m = strlen(end);
	return n >= m && !strcmp(name + n - m, end);
}

/* Whether the means of one value differ between groups. */
static bool varies(const struct sweep_answer *a, size_t value)
{
	double low = INFINITY, high = -INFINITY;
	for (size_t g = 0; g < a->group_count; g++) {
		low = fmin(low, a->group[g].value[value].mean);
		high = fmax(high, a->group[g].value[value].mean);
	}
	return high > low;
}

/* The columns of the page: at most MOST_VALUES names of the table's, borrowed. */
static size_t choose(const struct sweep_table *t, const char **value)
{
	size_t n = 0, first = 0;
	while (first < sweep_table_columns(t) && strncmp(sweep_table_name(t, first), "jobs.", 5) != 0)
		first++;
	for (size_t k = 0; k < sizeof(wanted) / sizeof(wanted[0]) && n < MOST_VALUES; k++) {
		if (!*wanted[k] && n > 0)
			break; /* any column will do only where none is wanted */
		for (size_t i = first; i < sweep_table_columns(t) && n < MOST_VALUES; i++) {
			const char *name = sweep_table_name(t, i);
			if (sweep_table_is_axis(t, name) || !strncmp(name, "config.", 7) || !ends_so(name, wanted[k]))
				continue;
			const char *const one[] = {name, NULL};
			struct err e = {0};
			struct sweep_answer *a = sweep_query(t, &(struct sweep_question){.value = one, .confidence = CONFIDENCE}, &e);
			if (a && varies(a, 0))
				value[n++] = name;
			sweep_answer_free(a);
		}
	}
	value[n] = NULL;
	return n;
}

/* ---- the table ---------------------------------------------------------------------------------------------------- */

static const char *short_name(const char *name)
{
	if (!strncmp(name, "config.", 7))
		return name + 7;
	return !strncmp(name, "jobs.0.", 7) ? name + 7 : name;
}

static void put_head(const struct report *p, const char *name, const char *unit, bool number)
{
	fprintf(p->out, "<th scope=\"col\"%s data-tip=\"", number ? " class=\"n\"" : "");
	report_text(p->out, name);
	fputs("\">", p->out);
	report_text(p->out, short_name(name));
	if (unit && *unit) {
		fputs(" (", p->out);
		report_text(p->out, unit);
		fputs(")", p->out);
	}
	fputs("</th>", p->out);
}

static void put_key(const struct report *p, const struct sweep_cell *c)
{
	if (c->text) {
		fputs("<td>", p->out);
		report_text(p->out, c->text);
	} else if (isfinite(c->number)) {
		fprintf(p->out, "<td class=\"n\" data-v=\"%.15g\">%.10g", c->number, c->number);
	} else {
		fputs("<td>\xe2\x80\x93", p->out);
	}
	fputs("</td>", p->out);
}

static void put_value(const struct report *p, const struct sweep_figure *f, double size)
{
	if (f->count == 0 || !isfinite(f->mean)) {
		fputs("<td class=\"n\">\xe2\x80\x93</td>", p->out);
		return;
	}
	fprintf(p->out, "<td class=\"n\" data-v=\"%.15g\" data-tip=\"%.15g, of %zu points, %.6g to %.6g\">", f->mean, f->mean, f->count,
		f->min, f->max);
	report_number(p->out, f->mean / size, f->half_width / size);
	fputs("</td>", p->out);
}

/* The largest mean of a column. */
static double largest(const struct sweep_answer *a, size_t value)
{
	double most = 0;
	for (size_t g = 0; g < a->group_count; g++)
		most = fmax(most, fabs(a->group[g].value[value].mean));
	return most;
}

static void put_table(struct report *p, const struct sweep_table *t, const struct sweep_answer *a)
{
	double size[MOST_VALUES];
	const char *unit;
	fprintf(p->out, "<div class=\"wide\"><table id=\"table-%u\">\n<thead><tr>", ++p->tables);
	for (size_t k = 0; k < a->by_count; k++)
		put_head(p, a->by[k], sweep_table_unit(t, a->by[k]), false);
	for (size_t k = 0; k < a->value_count; k++) {
		size[k] = report_unit(sweep_table_unit(t, a->value[k]), largest(a, k), &unit);
		put_head(p, a->value[k], unit, true);
	}
	fputs("</tr></thead>\n<tbody>\n", p->out);
	for (size_t g = 0; g < a->group_count; g++) {
		fputs("<tr>", p->out);
		for (size_t k = 0; k < a->by_count; k++)
			put_key(p, &a->group[g].key[k]);
		for (size_t k = 0; k < a->value_count; k++)
			put_value(p, &a->group[g].value[k], size[k]);
		fputs("</tr>\n", p->out);
		p->made.figures++;
	}
	report_table_end(p);
}

/* ---- the pictures ------------------------------------------------------------------------------------------------- */

struct axis {
	size_t values;    /* different ones */
	bool is_number;
	double low, high;
};

static bool same_cell(const struct sweep_cell *a, const struct sweep_cell *b)
{
	if ((a->text == NULL) != (b->text == NULL))
		return false;
	return a->text ? !strcmp(a->text, b->text) : !(a->number < b->number || a->number > b->number);
}

static struct axis look_at(const struct sweep_answer *a, size_t k)
{
	struct axis x = {.is_number = true, .low = INFINITY, .high = -INFINITY};
	for (size_t g = 0; g < a->group_count; g++) {
		const struct sweep_cell *c = &a->group[g].key[k];
		bool seen = false;
		for (size_t h = 0; h < g && !seen; h++)
			seen = same_cell(c, &a->group[h].key[k]);
		x.values += !seen;
		x.is_number &= !c->text && isfinite(c->number);
		x.low = fmin(x.low, c->text ? x.low : c->number);
		x.high = fmax(x.high, c->text ? x.high : c->number);
	}
	return x;
}

/* The axis along the picture: the one of numbers with the most values. Then lines and panels by what else there is. */
static bool arrange(const struct sweep_answer *a, struct plot_sweep *s, const char **kind)
{
	size_t x = a->by_count, most = 1;
	for (size_t k = 0; k < a->by_count; k++) {
		struct axis here = look_at(a, k);
		if (here.is_number && here.values > most) {
			most = here.values;
			x = k;
		}
	}
	if (x == a->by_count)
		return false;
	struct axis along = look_at(a, x);
	*s = (struct plot_sweep){.x = a->by[x], .log = along.low > 0 && along.high >= 16 * along.low ? "x" : NULL};
	for (size_t k = 0; k < a->by_count; k++) {
		struct axis here = look_at(a, k);
		if (k == x || here.values < 2)
			continue;
		if (!s->by && here.values <= 8)
			s->by = a->by[k];
		else if (!s->panel && here.values <= 9)
			s->panel = a->by[k];
		else
			return false; /* more axes than a picture shows */
	}
	*kind = s->panel ? "sweep-panels" : "sweep-line";
	return true;
}

static int put_pictures(struct report *p, const struct sweep_answer *a, struct err *e)
{
	struct plot_sweep shown;
	const char *kind_name;
	if (!arrange(a, &shown, &kind_name))
		return 0;
	const struct plot_kind *kind = plot_kind_find(kind_name, e);
	if (!kind)
		return -1;
	report_section(p, "pictures", "Pictures", "Each figure over the axis with the most values. The pointer on a picture reads its "
		"axes.");
	for (size_t k = 0; k < a->value_count; k++) {
		char caption[600];
		shown.y = a->value[k];
		snprintf(caption, sizeof(caption), "%s over %s", short_name(a->value[k]), short_name(shown.x));
		if (report_picture(p, &(struct report_picture){.kind = kind, .run = p->request->run, .run_count = 1, .sweep = &shown,
		    .caption = caption}, e) < 0)
			return -1;
	}
	return 0;
}

int report_sweep(struct report *p, struct err *e)
{
	const char *value[MOST_VALUES + 1];
	char sentence[300];
	struct sweep_table *t = sweep_table_open(p->request->run[0], e);
	if (!t)
		return -1;
	struct sweep_answer *a = NULL;
	int status = 0;
	if (choose(t, value) == 0)
		status = err_set(e, ERR_CHECK, "%s: no result differs between the points of the sweep", p->request->run[0]);
	else
		a = sweep_query(t, &(struct sweep_question){.value = value, .confidence = CONFIDENCE}, e);
	if (!status && a) {
		snprintf(sentence, sizeof(sentence), "Means over replications, \xc2\xb1 half the %.0f %% interval where there are several. What "
			"does not differ between points is left out; sweep.csv has every column.", 100 * CONFIDENCE);
		report_section(p, "figures", "Figures", sentence);
		put_table(p, t, a);
		status = put_pictures(p, a, e);
	}
	status = !status && a ? 0 : -1;
	sweep_answer_free(a);
	sweep_table_close(t);
	return status;
}
