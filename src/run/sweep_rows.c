/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Documents of points as rows of one table. */
#include "run/sweep_rows.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static int no_memory(struct err *e) { return err_set(e, ERR_LIMIT, "no memory for the table of the sweep"); }

/* ---- columns ----------------------------------------------------------------------------------------------- */

static struct sweep_column *column_of(struct sweep_rows *t, const char *name, enum sweep_role role, const char *unit)
{
	const json_t *there = json_object_get(t->by_name, name);
	if (there)
		return &t->column[json_integer_value(there)];
	if (t->column_count == t->column_room) {
		size_t room = t->column_room ? 2 * t->column_room : 256;
		struct sweep_column *grown = realloc(t->column, room * sizeof(*grown));
		if (!grown)
			return NULL;
		t->column = grown;
		t->column_room = room;
	}
	struct sweep_column *c = &t->column[t->column_count];
	*c = (struct sweep_column){.name = arena_strdup(t->arena, name), .unit = arena_strdup(t->arena, unit), .role = role};
	if (!c->name || !c->unit || json_object_set_new(t->by_name, name, json_integer((json_int_t)t->column_count)) < 0)
		return NULL;
	t->column_count++;
	return c;
}

static bool same(const struct sweep_datum *a, const struct sweep_datum *b)
{
	if (a->kind != b->kind)
		return false;
	return a->kind == SWEEP_TEXT ? !strcmp(a->text, b->text) : a->kind == SWEEP_NOTHING || a->whole == b->whole;
}

/* A cell of the row being made. */
static int put_at(struct sweep_rows *t, uint32_t column, struct sweep_datum d)
{
	struct sweep_column *c = &t->column[column];
	if (t->scratch_count == t->scratch_room) {
		size_t room = t->scratch_room ? 2 * t->scratch_room : 1024;
		struct sweep_datum *grown = realloc(t->scratch, room * sizeof(*grown));
		if (!grown)
			return -1;
		t->scratch = grown;
		t->scratch_room = room;
	}
	d.column = column;
	if (t->row_count == 0)
		c->first = d;
	else
		c->varies |= !same(&c->first, &d); /* one that came late has no first, and varies */
	t->scratch[t->scratch_count++] = d;
	return 0;
}

static int put(struct sweep_rows *t, const char *name, enum sweep_role role, const char *unit, struct sweep_datum d)
{
	const struct sweep_column *c = column_of(t, name, role, unit);
	return c ? put_at(t, (uint32_t)(c - t->column), d) : -1;
}

static struct sweep_datum whole(int64_t v) { return (struct sweep_datum){.kind = SWEEP_WHOLE, .whole = v}; }
static struct sweep_datum text(const char *v) { return (struct sweep_datum){.kind = v ? SWEEP_TEXT : SWEEP_NOTHING, .text = v}; }

/* ---- shapes ------------------------------------------------------------------------------------------------ */

const char *sweep_rows_axis(struct sweep_rows *t, const struct sweep_axis *x)
{
	if (x->variants)
		return "variant";
	size_t bytes = strlen(x->path) + sizeof("config.");
	char *name = arena_alloc(t->arena, bytes);
	if (name)
		snprintf(name, bytes, "config.%s", x->path);
	return name;
}

/* The cell of the config that is called so; SIZE_MAX: none. */
static size_t find_cell(const struct sweep_shape *shape, const char *name)
{
	for (size_t i = 0; i < shape->cells; i++)
		if (shape->cell[i].role == SWEEP_ROLE_CONFIG && !strcmp(shape->cell[i].name, name))
			return i;
	return SIZE_MAX;
}

static int make_places(struct sweep_rows *t, const struct sweep_shape *shape, struct sweep_places *out)
{
	const struct sweep *s = t->sweep;
	out->axis_cell = arena_array(t->arena, s->axis_count + 1, sizeof(*out->axis_cell));
	out->axis_column = arena_array(t->arena, s->axis_count + 1, sizeof(*out->axis_column));
	uint32_t *column = arena_array(t->arena, shape->cells + 1, sizeof(*column));
	if (!out->axis_cell || !out->axis_column || !column)
		return -1;
	for (size_t i = 0; i < s->axis_count; i++) {
		const char *name = sweep_rows_axis(t, &s->axis[i]);
		if (!name)
			return -1;
		if (s->axis[i].variants)
			continue;
		size_t at = out->axis_cell[i] = find_cell(shape, name);
		const struct sweep_column *c = column_of(t, name, SWEEP_ROLE_AXIS, at != SIZE_MAX ? shape->cell[at].unit : "");
		if (!c)
			return -1;
		out->axis_column[i] = (uint32_t)(c - t->column);
		if (at != SIZE_MAX)
			column[at] = SWEEP_NO_COLUMN;
	}
	for (size_t i = 0; i < shape->cells; i++) {
		const struct sweep_flat_cell *cell = &shape->cell[i];
		if (column[i] == SWEEP_NO_COLUMN)
			continue;
		const struct sweep_column *c = column_of(t, cell->name, cell->role, cell->unit);
		if (!c)
			return -1;
		column[i] = (uint32_t)(c - t->column);
	}
	out->column = column;
	return 0;
}

/* The places of a shape, made where it is met first; behind the columns of the axes. */
static const struct sweep_places *places_of(struct sweep_rows *t, const struct sweep_shape *shape)
{
	if (shape->number >= t->places_count) {
		size_t count = 2 * shape->number + 8;
		struct sweep_places *grown = realloc(t->places, count * sizeof(*grown));
		if (!grown)
			return NULL;
		memset(grown + t->places_count, 0, (count - t->places_count) * sizeof(*grown));
		t->places = grown;
		t->places_count = count;
	}
	struct sweep_places *p = &t->places[shape->number];
	return p->column || make_places(t, shape, p) == 0 ? p : NULL;
}

/* ---- rows ------------------------------------------------------------------------------------------------------- */

static int add_head(struct sweep_rows *t, size_t index, const struct sweep_flat *flat)
{
	const struct sweep *s = t->sweep;
	const char *variant = NULL;
	for (size_t i = 0; i < s->axis_count; i++)
		if (s->axis[i].variants)
			variant = s->axis[i].label[sweep_choice(s, index, i)];
	return put(t, "point", SWEEP_ROLE_POINT, "", whole((int64_t)index + 1)) < 0 ||
		put(t, "id", SWEEP_ROLE_POINT, "", text(t->points->point[index].id)) < 0 ||
		put(t, "variant", SWEEP_ROLE_POINT, "", text(variant)) < 0 ||
		put(t, "replication", SWEEP_ROLE_POINT, "", whole((int64_t)sweep_replication(s, index) + 1)) < 0 ||
		put(t, "status", SWEEP_ROLE_POINT, "", text(flat->status)) < 0 ||
		put(t, "error", SWEEP_ROLE_POINT, "", text(flat->error)) < 0 ? -1 : 0;
}

static int add_axes(struct sweep_rows *t, size_t index, const struct sweep_flat *flat, const struct sweep_places *p)
{
	const struct sweep *s = t->sweep;
	for (size_t i = 0; i < s->axis_count; i++) {
		const struct sweep_axis *x = &s->axis[i];
		size_t choice = sweep_choice(s, index, i), at = p->axis_cell[i];
		if (x->variants)
			continue;
		bool plain = at != SIZE_MAX && x->value[choice].layer->node->kind == CFG_SCALAR;
		if (put_at(t, p->axis_column[i], plain ? flat->value[at] : text(x->label[choice])) < 0)
			return -1;
	}
	return 0;
}

int sweep_rows_add(struct sweep_rows *t, size_t index, const struct sweep_flat *flat, struct err *e)
{
	t->scratch_count = 0;
	if (add_head(t, index, flat) < 0)
		return no_memory(e);
	const struct sweep_places *p = places_of(t, flat->shape);
	if (!p || add_axes(t, index, flat, p) < 0)
		return no_memory(e);
	for (size_t i = 0; i < flat->shape->cells; i++)
		if (p->column[i] != SWEEP_NO_COLUMN && put_at(t, p->column[i], flat->value[i]) < 0)
			return no_memory(e);
	struct sweep_row *r = &t->row[t->row_count];
	r->cell = arena_array(t->arena, t->scratch_count, sizeof(*r->cell));
	if (!r->cell)
		return no_memory(e);
	memcpy(r->cell, t->scratch, t->scratch_count * sizeof(*r->cell));
	r->count = t->scratch_count;
	t->row_count++;
	return 0;
}

int sweep_rows_init(struct sweep_rows *t, const struct sweep *s, const struct sweep_points *points, struct err *e)
{
	*t = (struct sweep_rows){.sweep = s, .points = points};
	t->arena = arena_new();
	t->by_name = json_object();
	t->row = calloc(points->count, sizeof(*t->row));
	return t->arena && t->by_name && t->row ? 0 : no_memory(e);
}

void sweep_rows_free(struct sweep_rows *t)
{
	arena_free(t->arena);
	json_decref(t->by_name);
	free(t->column);
	free(t->row);
	free(t->scratch);
	free(t->order);
	free(t->places);
}

/* Columns of a role in their order; constants are left out where there is no room for them. */
static void order_role(struct sweep_rows *t, enum sweep_role role, bool constants)
{
	for (size_t i = 0; i < t->column_count; i++) {
		struct sweep_column *c = &t->column[i];
		if (c->role != role)
			continue;
		c->position = SIZE_MAX;
		if (role != SWEEP_ROLE_CONFIG || constants || c->varies) {
			c->position = t->order_count;
			t->order[t->order_count++] = c;
		}
	}
}

int sweep_rows_order(struct sweep_rows *t, size_t most, struct err *e)
{
	t->order = calloc(t->column_count + 1, sizeof(*t->order));
	if (!t->order)
		return no_memory(e);
	for (int r = 0; r < SWEEP_ROLES; r++)
		order_role(t, (enum sweep_role)r, t->column_count <= most);
	if (t->order_count <= most)
		return 0;
	return err_set(e, ERR_LIMIT, "%s: the results have %zu columns, and a table takes %zu", t->sweep->name, t->order_count, most);
}

/* ---- CSV ----------------------------------------------------------------------------------------------------------- */

static void write_text(const char *s, FILE *out)
{
	if (!s[strcspn(s, ",\"\r\n")] && *s) {
		fputs(s, out);
		return;
	}
	fputc('"', out);
	for (; *s; s++) {
		if (*s == '"')
			fputc('"', out);
		fputc(*s, out);
	}
	fputc('"', out);
}

static void write_datum(const struct sweep_datum *d, FILE *out)
{
	if (d->kind == SWEEP_WHOLE)
		fprintf(out, "%" PRId64, d->whole);
	else if (d->kind == SWEEP_REAL)
		fprintf(out, "%.15g", d->real);
	else if (d->kind == SWEEP_TEXT)
		write_text(d->text, out);
}

int sweep_csv_write(const struct sweep_rows *t, const char *path, struct err *e)
{
	const struct sweep_datum **at = calloc(t->order_count + 1, sizeof(*at));
	FILE *out = at ? fopen(path, "we") : NULL;
	for (size_t i = 0; out && i < t->order_count; i++) {
		fputs(i ? "," : "", out);
		write_text(t->order[i]->name, out);
	}
	for (size_t r = 0; out && r < t->row_count; r++) {
		memset(at, 0, (t->order_count + 1) * sizeof(*at));
		for (size_t k = 0; k < t->row[r].count; k++) {
			size_t position = t->column[t->row[r].cell[k].column].position;
			if (position != SIZE_MAX)
				at[position] = &t->row[r].cell[k];
		}
		for (size_t i = 0; i < t->order_count; i++) {
			fputc(i ? ',' : '\n', out);
			if (at[i])
				write_datum(at[i], out);
		}
	}
	if (out)
		fputc('\n', out);
	free(at);
	bool bad = !out || ferror(out);
	if ((out && fclose(out) != 0) || bad)
		return err_set(e, ERR_IO, "cannot write %s", path);
	return 0;
}
