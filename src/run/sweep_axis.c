/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The values of an axis: a list, or a range of evenly or geometrically spaced ones. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "run/sweep_private.h"

/* A range: two ends in one unit, and how many values. */
struct range {
	enum unit unit;
	double from, to; /* in base units */
	int64_t count;
	bool log;
};

static int no_memory(struct err *e) { return err_set(e, ERR_LIMIT, "no memory for the sweep"); }

/* ---- texts ------------------------------------------------------------------------------------------- */

static void write_node(const struct cfg_node *n, FILE *out)
{
	if (n->kind == CFG_SCALAR) {
		fputs(n->text, out);
		return;
	}
	fputc(n->kind == CFG_LIST ? '[' : '{', out);
	for (const struct cfg_node *c = n->child; c; c = c->next) {
		if (n->kind == CFG_MAP)
			fprintf(out, "%s: ", c->key);
		write_node(c, out);
		fputs(c->next ? ", " : "", out);
	}
	fputc(n->kind == CFG_LIST ? ']' : '}', out);
}

const char *sweep_node_text(struct arena *a, const struct cfg_node *n)
{
	char *text = NULL;
	size_t bytes = 0;
	FILE *out = open_memstream(&text, &bytes);
	if (!out)
		return NULL;
	write_node(n, out);
	const char *copy = fclose(out) == 0 ? arena_strdup(a, text) : NULL;
	free(text);
	return copy;
}

/* ---- ranges -------------------------------------------------------------------------------------------- */

static bool parse_in(enum unit u, const char *text, double *out)
{
	union unit_value v;
	char why[256];
	if (unit_parse(u, text, &v, why, sizeof(why)) < 0)
		return false;
	*out = unit_is_real(u) ? v.d : (double)v.i;
	return true;
}

/* The unit that both ends are in: plain numbers first, since a bare 0 is of any. */
static int find_unit(struct range *r, const struct cfg_node *from, const struct cfg_node *to, struct err *e)
{
	static const enum unit units[] = {UNIT_NUMBER, UNIT_TIME, UNIT_BYTES, UNIT_RATE, UNIT_RPM, UNIT_POWER, UNIT_IOPS,
		UNIT_ANGLE, UNIT_RATIO};
	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++) {
		r->unit = units[i];
		if (parse_in(r->unit, from->text, &r->from) && parse_in(r->unit, to->text, &r->to))
			return 0;
	}
	return config_error(to, e, "want two values of one kind as the ends of a range, found \"%s\" and \"%s\"", from->text, to->text);
}

static int read_range(const struct cfg_node *n, struct range *r, struct err *e)
{
	const struct cfg_node *part[3] = {0};
	union unit_value count = {0};
	size_t parts = 0;
	char why[256];
	for (const struct cfg_node *c = n->child; c; c = c->next, parts++)
		if (parts < 3)
			part[parts] = c;
	if (n->kind != CFG_LIST || parts != 3 || part[0]->kind != CFG_SCALAR || part[1]->kind != CFG_SCALAR || part[2]->kind != CFG_SCALAR)
		return config_error(n, e, "%s: want [from, to, how many values]", n->key);
	if (unit_parse(UNIT_NONE, part[2]->text, &count, why, sizeof(why)) < 0 || count.i < 2 || count.i > SWEEP_POINTS_MAX)
		return config_error(part[2], e, "%s: want a number of values from 2 to %d, found \"%s\"", n->key, SWEEP_POINTS_MAX,
			part[2]->text);
	r->count = count.i;
	r->log = !strcmp(n->key, "log");
	if (find_unit(r, part[0], part[1], e) < 0)
		return -1;
	if (r->log && !(r->from > 0 && r->to > 0))
		return config_error(n, e, "log: want both ends above 0, found %s and %s", part[0]->text, part[1]->text);
	return 0;
}

static double range_value(const struct range *r, int64_t i)
{
	double share = (double)i / (double)(r->count - 1);
	if (i == 0)
		return r->from;
	if (i == r->count - 1)
		return r->to;
	return r->log ? r->from * pow(r->to / r->from, share) : r->from + (r->to - r->from) * share;
}

/* As text that parses to it; what is a whole number but for the rounding of the range, is one. */
static const char *range_text(struct arena *a, const struct range *r, double v)
{
	char text[96];
	union unit_value u = {.d = v};
	if (unit_is_real(r->unit) && fabs(v - round(v)) <= 1e-12 * fabs(v))
		u.d = round(v);
	if (!unit_is_real(r->unit))
		u.i = llround(v);
	return arena_strdup(a, unit_format(r->unit, u, text, sizeof(text)));
}

/* ---- the axis --------------------------------------------------------------------------------------------- */

static int make_room(struct arena *a, struct sweep_axis *x, size_t count, struct plan_layer **layer)
{
	struct sweep_value *value = arena_array(a, count, sizeof(*value));
	*layer = arena_array(a, count, sizeof(**layer));
	x->label = arena_array(a, count, sizeof(*x->label));
	if (!value || !*layer || !x->label)
		return -1;
	for (size_t i = 0; i < count; i++)
		value[i] = (struct sweep_value){*layer + i, 1};
	x->value = value;
	x->count = count;
	return 0;
}

static int from_list(struct arena *a, struct sweep_axis *x, const struct cfg_node *n, struct err *e)
{
	struct plan_layer *layer;
	size_t count = 0;
	for (const struct cfg_node *c = n->child; c; c = c->next)
		count++;
	if (count == 0)
		return config_error(n, e, "%s has no values", x->path);
	if (make_room(a, x, count, &layer) < 0)
		return no_memory(e);
	size_t i = 0;
	for (const struct cfg_node *c = n->child; c; c = c->next, i++) {
		layer[i] = (struct plan_layer){x->path, c, x->where};
		x->label[i] = sweep_node_text(a, c);
		if (!x->label[i])
			return no_memory(e);
	}
	return 0;
}

static int from_range(struct arena *a, struct sweep_axis *x, const struct cfg_node *n, struct err *e)
{
	struct range r = {0};
	struct plan_layer *layer = NULL;
	if (read_range(n, &r, e) < 0)
		return -1;
	struct cfg_node *node = arena_array(a, (size_t)r.count, sizeof(*node));
	if (!node || make_room(a, x, (size_t)r.count, &layer) < 0)
		return no_memory(e);
	for (size_t i = 0; i < x->count; i++) {
		x->label[i] = range_text(a, &r, range_value(&r, (int64_t)i));
		if (!x->label[i])
			return no_memory(e);
		node[i] = (struct cfg_node){.kind = CFG_SCALAR, .where = n->where, .text = x->label[i]};
		layer[i] = (struct plan_layer){x->path, &node[i], x->where};
	}
	return 0;
}

int sweep_axis_read(struct arena *a, struct sweep_axis *axis, const struct cfg_node *n, struct err *e)
{
	static const char *const ranges[] = {"linear", "log", NULL};
	if (n->kind == CFG_LIST)
		return from_list(a, axis, n, e);
	const struct cfg_node *c = n->kind == CFG_MAP ? n->child : NULL;
	if (c && !c->next && (!strcmp(c->key, ranges[0]) || !strcmp(c->key, ranges[1])))
		return from_range(a, axis, c, e);
	const char *near = c && !c->next ? nearest_word(c->key, ranges) : NULL;
	return config_error(n, e, "%s: want a list of values, {linear: [from, to, count]} or {log: [from, to, count]}%s%s%s", axis->path,
		near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
}
