/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The configuration of each run, with what differs from the options' defaults and between runs. */
#include "run/report_private.h"

#include <limits.h>
#include <string.h>

#include "run/plan.h"
#include "sim/units.h"

struct reading {
	json_t *settings;
	bool bad;
};

/* The text of a default, as its row has it, against the value's own text. */
static bool is_default(const struct opt_value *v)
{
	const struct opt_row *row = v->row;
	union unit_value def = {0};
	char why[200];
	if (!row || !row->def || !v->text)
		return false;
	switch (row->type) {
	case OPT_SCALAR:
		return unit_parse(row->unit, row->def, &def, why, sizeof(why)) == 0 &&
			(unit_is_real(row->unit) ? !(v->exact.d < def.d || v->exact.d > def.d) : v->exact.i == def.i);
	case OPT_BOOL:
		return !strcmp(v->whole ? "true" : "false", row->def);
	case OPT_ENUM:
	case OPT_STRING:
	case OPT_FILE:
		return !strcmp(v->text, row->def);
	default:
		return !*row->def && (!*v->text || !strcmp(v->text, "[]"));
	}
}

static void keep(void *ctx, const struct opt_value *v)
{
	struct reading *g = ctx;
	char number[96];
	const char *text = v->text ? v->text : v->row->type == OPT_BOOL ? (v->whole ? "true" : "false")
		: unit_format(v->row->unit, v->exact, number, sizeof(number));
	json_t *s = json_pack("{s:s#, s:b, s:b, s:s}", "text", text, (int)strcspn(text, "\n"), "is_default", (int)is_default(v),
		"has_default", (int)(v->row && v->row->def), "doc", v->row && v->row->doc ? v->row->doc : "");
	if (!s || json_object_set_new(g->settings, v->path, s) < 0)
		g->bad = true;
}

int report_read_settings(struct report_run *r, struct err *e)
{
	char path[PATH_MAX];
	snprintf(path, sizeof(path), "%s/config.effective", r->dir);
	struct plan_input in = {.config = path};
	struct plan *plan = plan_load(&in, e);
	struct reading g = {.settings = json_object()};
	if (!plan) {
		json_decref(g.settings);
		return -1;
	}
	r->settings = g.settings;
	if (!g.settings || plan_each_value(plan, true, keep, &g) < 0 || g.bad) {
		plan_free(plan);
		return err_set(e, ERR_LIMIT, "%s: no memory for the settings", path);
	}
	plan_free(plan);
	return 0;
}

static const char *text_of(const struct report_run *r, const char *path)
{
	return json_string_value(json_object_get(json_object_get(r->settings, path), "text"));
}

/* Paths of all runs, in the order in which they come. */
static json_t *all_paths(const struct report *p)
{
	json_t *all = json_object();
	for (size_t i = 0; all && i < p->runs; i++)
		json_object_update_missing(all, p->run[i].settings);
	return all;
}

static void put_row(const struct report *p, const char *path, const json_t *first)
{
	bool is_changed = false, apart = false;
	const char *one = text_of(&p->run[0], path);
	for (size_t i = 0; i < p->runs; i++) {
		const json_t *s = json_object_get(p->run[i].settings, path);
		const char *text = text_of(&p->run[i], path);
		is_changed |= s && !json_is_true(json_object_get(s, "is_default"));
		apart |= (text == NULL) != (one == NULL) || (text && one && strcmp(text, one) != 0);
	}
	fprintf(p->out, "<tr class=\"%s%s\"><th scope=\"row\" data-tip=\"", is_changed ? "set" : "", apart ? " apart" : "");
	report_text(p->out, json_string_value(json_object_get(first, "doc")));
	fputs("\">", p->out);
	report_text(p->out, path);
	fputs("</th>", p->out);
	for (size_t i = 0; i < p->runs; i++) {
		const char *text = text_of(&p->run[i], path);
		fputs("<td>", p->out);
		report_text(p->out, text ? text : "\xe2\x80\x93");
		fputs("</td>", p->out);
	}
	fputs("</tr>\n", p->out);
}

void report_settings(struct report *p)
{
	json_t *all = all_paths(p);
	const char *path;
	json_t *first;
	report_section(p, "settings", "Configuration", "Every setting of the run. Bold: not the option's default; marked: not alike in "
		"all runs.");
	fputs("<p class=\"filter\"><label>Show <input type=\"search\" id=\"setting-filter\" placeholder=\"part of a name or "
		"value\"></label> <label><input type=\"checkbox\" id=\"setting-set\" checked> only what is no default</label>", p->out);
	if (p->runs > 1)
		fputs(" <label><input type=\"checkbox\" id=\"setting-apart\"> only what differs between runs</label>", p->out);
	fputs(" <span id=\"setting-count\"></span></p>\n", p->out);
	report_table_begin(p, "setting", NULL);
	json_object_foreach(all, path, first) {
		put_row(p, path, first);
		p->made.settings++;
	}
	report_table_end(p);
	json_decref(all);
}
