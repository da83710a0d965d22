/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Documents of points as rows of one table. */
#include "run/sweep_rows.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

#define TEXT_MOST 200 /* characters of a value; a longer one is told apart by its hash */

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
static int put(struct sweep_rows *t, const char *name, enum sweep_role role, const char *unit, struct sweep_datum d)
{
	struct sweep_column *c = column_of(t, name, role, unit);
	if (!c)
		return -1;
	if (t->scratch_count == t->scratch_room) {
		size_t room = t->scratch_room ? 2 * t->scratch_room : 1024;
		struct sweep_datum *grown = realloc(t->scratch, room * sizeof(*grown));
		if (!grown)
			return -1;
		t->scratch = grown;
		t->scratch_room = room;
	}
	d.column = (uint32_t)(c - t->column);
	if (d.kind == SWEEP_TEXT && !(d.text = arena_strdup(t->arena, d.text)))
		return -1;
	if (t->row_count == 0)
		c->first = d;
	else
		c->varies |= !same(&c->first, &d); /* one that came late has no first, and varies */
	t->scratch[t->scratch_count++] = d;
	return 0;
}

static struct sweep_datum whole(int64_t v) { return (struct sweep_datum){.kind = SWEEP_WHOLE, .whole = v}; }
static struct sweep_datum text(const char *v) { return (struct sweep_datum){.kind = v ? SWEEP_TEXT : SWEEP_NOTHING, .text = v}; }

/* A value that is one cell; short: room for a text that stands for a long one. */
static struct sweep_datum datum_of(const json_t *v, char shorter[96])
{
	if (json_is_real(v))
		return (struct sweep_datum){.kind = SWEEP_REAL, .real = json_real_value(v)};
	if (json_is_integer(v))
		return whole(json_integer_value(v));
	if (json_is_boolean(v))
		return whole(json_is_true(v));
	const char *s = json_string_value(v);
	if (!s || strlen(s) <= TEXT_MOST)
		return text(s);
	snprintf(shorter, 96, "%zu characters, xxh3 %016" PRIx64, strlen(s), (uint64_t)XXH3_64bits(s, strlen(s)));
	return text(shorter);
}

/* ---- results ------------------------------------------------------------------------------------------------- */

/* What the names in a summary say of the unit. */
static const char *unit_of(const char *path)
{
	const char *leaf = strrchr(path, '.');
	leaf = leaf ? leaf + 1 : path;
	size_t len = strlen(leaf);
	if (!strcmp(leaf, "bw_bytes"))
		return "bytes/s";
	if (!strcmp(leaf, "iops"))
		return "1/s";
	if (!strcmp(leaf, "runtime") || (len > 3 && !strcmp(leaf + len - 3, "_ms")))
		return "ms";
	if (!strcmp(leaf, "bw"))
		return "KiB/s";
	if (len > 6 && !strcmp(leaf + len - 6, "_bytes"))
		return "bytes";
	if (strcmp(leaf, "N") != 0 && (strstr(path, "_ns.") || (len > 3 && !strcmp(leaf + len - 3, "_ns"))))
		return "ns";
	return "";
}

static int add_result(struct sweep_rows *t, const char *path, const json_t *v);

/* Variants may have a device each, which are to be compared. */
static bool variants_differ(const struct sweep *s)
{
	return s->axis_count > 0 && s->axis[0].variants;
}

/* The name of an element, where it says one; of the only device of a variant none. */
static const char *element_name(const struct sweep_rows *t, const json_t *list, const json_t *v)
{
	if (json_array_size(list) == 1 && variants_differ(t->sweep))
		return NULL;
	const char *name = json_string_value(json_object_get(v, "name"));
	return name ? name : json_string_value(json_object_get(v, "device"));
}

static int add_list(struct sweep_rows *t, const char *path, const json_t *list)
{
	char sub[1024];
	bool objects = json_is_object(json_array_get(list, 0));
	for (size_t i = 0; objects && i < json_array_size(list); i++) {
		const json_t *v = json_array_get(list, i);
		const char *name = element_name(t, list, v);
		if (name)
			snprintf(sub, sizeof(sub), "%s.%s", path, name);
		else
			snprintf(sub, sizeof(sub), "%s.%zu", path, i);
		if (add_result(t, sub, v) < 0)
			return -1;
	}
	if (objects || json_array_size(list) == 0)
		return 0;
	char *all = json_dumps(list, JSON_COMPACT);
	int result = all ? put(t, path, SWEEP_ROLE_RESULT, "", text(all)) : -1;
	free(all);
	return result;
}

static int add_object(struct sweep_rows *t, const char *path, const json_t *object)
{
	char sub[1024];
	const char *key;
	const json_t *v, *unit = json_object_get(object, "unit"), *value = json_object_get(object, "value");
	if (json_object_size(object) == 2 && unit && value) {
		char shorter[96];
		return put(t, path, SWEEP_ROLE_RESULT, json_string_value(unit) ? json_string_value(unit) : "", datum_of(value, shorter));
	}
	void *at = json_object_iter((json_t *)(uintptr_t)object);
	for (; at; at = json_object_iter_next((json_t *)(uintptr_t)object, at)) {
		key = json_object_iter_key(at);
		v = json_object_iter_value(at);
		snprintf(sub, sizeof(sub), "%s%s%s", path, *path ? "." : "", key);
		if (!strcmp(sub, "quern_version") || !strcmp(sub, "schema"))
			continue;
		if (add_result(t, sub, v) < 0)
			return -1;
	}
	return 0;
}

static int add_result(struct sweep_rows *t, const char *path, const json_t *v)
{
	char shorter[96];
	if (json_is_object(v))
		return add_object(t, path, v);
	if (json_is_array(v))
		return add_list(t, path, v);
	return put(t, path, SWEEP_ROLE_RESULT, unit_of(path), datum_of(v, shorter));
}

/* ---- config --------------------------------------------------------------------------------------------------- */

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

static int add_axes(struct sweep_rows *t, size_t index, const json_t *config, const json_t *units)
{
	const struct sweep *s = t->sweep;
	for (size_t i = 0; i < s->axis_count; i++) {
		const struct sweep_axis *x = &s->axis[i];
		size_t choice = sweep_choice(s, index, i);
		const json_t *v = json_object_get(config, x->path);
		const char *name = sweep_rows_axis(t, x), *unit = json_string_value(json_object_get(units, x->path));
		char shorter[96];
		if (x->variants)
			continue;
		bool plain = v && x->value[choice].layer->node->kind == CFG_SCALAR;
		if (!name || put(t, name, SWEEP_ROLE_AXIS, unit ? unit : "", plain ? datum_of(v, shorter) : text(x->label[choice])) < 0)
			return -1;
	}
	return 0;
}

static bool is_axis(const struct sweep *s, const char *path)
{
	for (size_t i = 0; i < s->axis_count; i++)
		if (!strcmp(s->axis[i].path, path))
			return true;
	return false;
}

static int add_config(struct sweep_rows *t, const json_t *config, const json_t *units)
{
	char name[1024], shorter[96];
	void *at = json_object_iter((json_t *)(uintptr_t)config);
	for (; at; at = json_object_iter_next((json_t *)(uintptr_t)config, at)) {
		const char *path = json_object_iter_key(at), *unit = json_string_value(json_object_get(units, path));
		if (is_axis(t->sweep, path))
			continue;
		snprintf(name, sizeof(name), "config.%s", path);
		if (put(t, name, SWEEP_ROLE_CONFIG, unit ? unit : "", datum_of(json_object_iter_value(at), shorter)) < 0)
			return -1;
	}
	return 0;
}

/* ---- rows ------------------------------------------------------------------------------------------------------- */

static int add_head(struct sweep_rows *t, size_t index, const json_t *doc)
{
	const struct sweep *s = t->sweep;
	const char *variant = NULL;
	for (size_t i = 0; i < s->axis_count; i++)
		if (s->axis[i].variants)
			variant = s->axis[i].label[sweep_choice(s, index, i)];
	return put(t, "point", SWEEP_ROLE_POINT, "", whole((int64_t)index + 1)) < 0 ||
		put(t, "id", SWEEP_ROLE_POINT, "", text(json_string_value(json_object_get(doc, "id")))) < 0 ||
		put(t, "variant", SWEEP_ROLE_POINT, "", text(variant)) < 0 ||
		put(t, "replication", SWEEP_ROLE_POINT, "", whole((int64_t)sweep_replication(s, index) + 1)) < 0 ||
		put(t, "status", SWEEP_ROLE_POINT, "", text(json_string_value(json_object_get(doc, "status")))) < 0 ||
		put(t, "error", SWEEP_ROLE_POINT, "", text(json_string_value(json_object_get(doc, "error")))) < 0 ? -1 : 0;
}

int sweep_rows_add(struct sweep_rows *t, size_t index, const json_t *doc, struct err *e)
{
	const json_t *config = json_object_get(doc, "config"), *units = json_object_get(doc, "units");
	t->scratch_count = 0;
	if (add_head(t, index, doc) < 0 || add_axes(t, index, config, units) < 0 || add_object(t, "", json_object_get(doc, "summary")) < 0 ||
	    add_config(t, config, units) < 0)
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
	*t = (struct sweep_rows){.sweep = s, .points = points->count};
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
