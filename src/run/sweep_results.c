/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Documents of points as flat lists of cells. */
#include "run/sweep_results.h"

#include <inttypes.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

#include "run/summary.h"
#include "sim/arena.h"

#define TEXT_MOST 200 /* characters of a value; a longer one is told apart by its hash */
#define PATH_BYTES 1024

/* A shape with what tells it: role, name and unit of each cell. */
struct known {
	struct sweep_shape shape;
	struct known *next;
	uint64_t hash;
	const char *names;
	size_t bytes;
};

struct sweep_results {
	bool variants_differ;    /* they may have a device each, which are to be compared */
	size_t points;
	struct sweep_flat *kept; /* owned, by point */
	pthread_mutex_t lock;    /* of what follows */
	struct arena *arena;     /* owned */
	struct known *known;     /* the last that was met first */
	size_t shapes;
	bool full;               /* SWEEP_RESULTS_BYTES: nothing more is kept */
};

/* A document being walked. */
struct walk {
	struct sweep_results *results;
	struct sweep_room *room;
	size_t values, bytes;
	bool bad;
	char path[PATH_BYTES];
};

static int no_memory(struct err *e) { return err_set(e, ERR_LIMIT, "no memory for the results of the sweep"); }

struct sweep_results *sweep_results_new(const struct sweep *s, size_t points)
{
	struct sweep_results *r = calloc(1, sizeof(*r));
	if (!r)
		return NULL;
	r->variants_differ = s->axis_count > 0 && s->axis[0].variants;
	r->points = points;
	r->kept = calloc(points + 1, sizeof(*r->kept));
	r->arena = arena_new();
	if (r->kept && r->arena && pthread_mutex_init(&r->lock, NULL) == 0)
		return r;
	arena_free(r->arena);
	free(r->kept);
	free(r);
	return NULL;
}

void sweep_results_free(struct sweep_results *r)
{
	if (!r)
		return;
	pthread_mutex_destroy(&r->lock);
	arena_free(r->arena);
	free(r->kept);
	free(r);
}

void sweep_room_free(struct sweep_room *room)
{
	free(room->value);
	free(room->names);
	*room = (struct sweep_room){0};
}

/* ---- values ---------------------------------------------------------------------------------------------- */

/* The real as it is read back: of 15 digits. Up to 10^15 thousandths have no more than those. */
static double as_written(double v)
{
	char text[48];
	double thousandths = nearbyint(v * 1000);
	if (fabs(thousandths) < 1e15 && thousandths / 1000 == v)
		return v;
	snprintf(text, sizeof(text), "%.*g", SUMMARY_DIGITS, v);
	return strtod(text, NULL);
}

static struct sweep_datum text_datum(const char *v)
{
	return (struct sweep_datum){.kind = v ? SWEEP_TEXT : SWEEP_NOTHING, .text = v};
}

/* A text that stands to the end. */
static struct sweep_datum own_text(struct walk *w, const char *text)
{
	pthread_mutex_lock(&w->results->lock);
	const char *own = arena_strdup(w->results->arena, text);
	pthread_mutex_unlock(&w->results->lock);
	w->bad |= !own;
	return text_datum(own);
}

/* A value that is one cell. */
static struct sweep_datum datum_of(struct walk *w, const json_t *v)
{
	char shorter[96];
	if (json_is_real(v))
		return (struct sweep_datum){.kind = SWEEP_REAL, .real = as_written(json_real_value(v))};
	if (json_is_integer(v))
		return (struct sweep_datum){.kind = SWEEP_WHOLE, .whole = json_integer_value(v)};
	if (json_is_boolean(v))
		return (struct sweep_datum){.kind = SWEEP_WHOLE, .whole = json_is_true(v)};
	const char *s = json_string_value(v);
	if (!s || strlen(s) <= TEXT_MOST)
		return text_datum(s);
	snprintf(shorter, sizeof(shorter), "%zu characters, xxh3 %016" PRIx64, strlen(s), (uint64_t)XXH3_64bits(s, strlen(s)));
	return own_text(w, shorter);
}

/* A list of plain values, as it is after it was written and read. */
static struct sweep_datum list_datum(struct walk *w, const json_t *list)
{
	char *written = json_dumps(list, JSON_COMPACT | JSON_REAL_PRECISION(SUMMARY_DIGITS));
	json_t *read = written ? json_loads(written, 0, NULL) : NULL;
	char *text = read ? json_dumps(read, JSON_COMPACT) : NULL;
	struct sweep_datum d = text ? own_text(w, text) : (struct sweep_datum){0};
	w->bad |= !text;
	free(text);
	json_decref(read);
	free(written);
	return d;
}

/* ---- cells ------------------------------------------------------------------------------------------------- */

static bool make_room(struct walk *w, size_t bytes)
{
	struct sweep_room *m = w->room;
	if (w->values == m->values_room) {
		size_t room = m->values_room ? 2 * m->values_room : 1024;
		struct sweep_datum *grown = realloc(m->value, room * sizeof(*grown));
		if (!grown)
			return false;
		m->value = grown;
		m->values_room = room;
	}
	if (w->bytes + bytes > m->names_room) {
		size_t room = 2 * (m->names_room + bytes) + ((size_t)1 << 15);
		char *grown = realloc(m->names, room);
		if (!grown)
			return false;
		m->names = grown;
		m->names_room = room;
	}
	return true;
}

static void add_bytes(struct walk *w, const void *bytes, size_t count)
{
	memcpy(w->room->names + w->bytes, bytes, count);
	w->bytes += count;
}

/* A cell at the path; unit NULL: what the name says. */
static void add_cell(struct walk *w, enum sweep_role role, size_t path_bytes, const char *unit, struct sweep_datum d)
{
	const char head[2] = {(char)('0' + (int)role), unit ? 'u' : '-'};
	size_t unit_bytes = unit ? strlen(unit) + 1 : 0;
	if (w->bad || !make_room(w, sizeof(head) + path_bytes + 1 + unit_bytes)) {
		w->bad = true;
		return;
	}
	add_bytes(w, head, sizeof(head));
	add_bytes(w, w->path, path_bytes);
	add_bytes(w, "", 1);
	if (unit)
		add_bytes(w, unit, unit_bytes);
	w->room->value[w->values++] = d;
}

/* The path with one more key; its length. */
static size_t push(struct walk *w, size_t at, const char *key)
{
	size_t bytes = strlen(key);
	if (at > 0 && at < PATH_BYTES - 1)
		w->path[at++] = '.';
	if (bytes > PATH_BYTES - 1 - at)
		bytes = PATH_BYTES - 1 - at;
	memcpy(w->path + at, key, bytes);
	return at + bytes;
}

static void add_value(struct walk *w, size_t at, const json_t *v);

/* The name of an element, where it says one; of the only device of a variant none. */
static const char *element_name(const struct walk *w, const json_t *list, const json_t *v)
{
	if (json_array_size(list) == 1 && w->results->variants_differ)
		return NULL;
	const char *name = json_string_value(json_object_get(v, "name"));
	return name ? name : json_string_value(json_object_get(v, "device"));
}

static void add_list(struct walk *w, size_t at, const json_t *list)
{
	char number[24];
	size_t i;
	const json_t *v;
	if (json_array_size(list) > 0 && !json_is_object(json_array_get(list, 0))) {
		add_cell(w, SWEEP_ROLE_RESULT, at, "", list_datum(w, list));
		return;
	}
	json_array_foreach(list, i, v) {
		const char *name = element_name(w, list, v);
		snprintf(number, sizeof(number), "%zu", i);
		add_value(w, push(w, at, name ? name : number), v);
	}
}

static void add_object(struct walk *w, size_t at, const json_t *object)
{
	const json_t *unit = json_object_get(object, "unit"), *value = json_object_get(object, "value");
	if (json_object_size(object) == 2 && unit && value) {
		add_cell(w, SWEEP_ROLE_RESULT, at, json_string_value(unit) ? json_string_value(unit) : "", datum_of(w, value));
		return;
	}
	void *i = json_object_iter((json_t *)(uintptr_t)object);
	for (; i; i = json_object_iter_next((json_t *)(uintptr_t)object, i)) {
		const char *key = json_object_iter_key(i);
		if (at == 0 && (!strcmp(key, "quern_version") || !strcmp(key, "schema")))
			continue;
		add_value(w, push(w, at, key), json_object_iter_value(i));
	}
}

static void add_value(struct walk *w, size_t at, const json_t *v)
{
	if (json_is_object(v))
		add_object(w, at, v);
	else if (json_is_array(v))
		add_list(w, at, v);
	else
		add_cell(w, SWEEP_ROLE_RESULT, at, NULL, datum_of(w, v));
}

/* ---- documents ------------------------------------------------------------------------------------------------ */

static void add_config(struct walk *w, const json_t *config, const json_t *units)
{
	size_t at = push(w, 0, "config");
	void *i = json_object_iter((json_t *)(uintptr_t)config);
	for (; i; i = json_object_iter_next((json_t *)(uintptr_t)config, i)) {
		const char *key = json_object_iter_key(i), *unit = json_string_value(json_object_get(units, key));
		size_t end = push(w, at, key);
		add_cell(w, SWEEP_ROLE_CONFIG, end, unit ? unit : "", datum_of(w, json_object_iter_value(i)));
	}
}

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

/* A shape of the names that were walked, under the lock. */
static struct known *new_shape(struct sweep_results *r, const struct walk *w, uint64_t hash)
{
	struct known *k = arena_alloc(r->arena, sizeof(*k));
	struct sweep_flat_cell *cell = arena_array(r->arena, w->values + 1, sizeof(*cell));
	char *names = arena_alloc(r->arena, w->bytes + 1);
	if (!k || !cell || !names)
		return NULL;
	memcpy(names, w->room->names, w->bytes);
	const char *at = names;
	for (size_t i = 0; i < w->values; i++) {
		const struct sweep_datum *d = &w->room->value[i];
		bool has_unit = at[1] == 'u';
		cell[i] = (struct sweep_flat_cell){.role = (enum sweep_role)(at[0] - '0'), .name = at + 2};
		at += 2 + strlen(at + 2) + 1;
		cell[i].unit = has_unit ? at : unit_of(cell[i].name);
		at += has_unit ? strlen(at) + 1 : 0;
		if (d->kind == SWEEP_TEXT && !(cell[i].text = arena_strdup(r->arena, d->text)))
			return NULL;
	}
	*k = (struct known){.shape = {r->shapes++, cell, w->values}, .next = r->known, .hash = hash, .names = names, .bytes = w->bytes};
	r->known = k;
	return k;
}

/* Under the lock. */
static const struct sweep_shape *shape_of(struct sweep_results *r, const struct walk *w)
{
	uint64_t hash = XXH3_64bits(w->room->names, w->bytes);
	struct known *k = r->known;
	while (k && (k->hash != hash || k->bytes != w->bytes || memcmp(k->names, w->room->names, w->bytes) != 0))
		k = k->next;
	if (!k)
		k = new_shape(r, w, hash);
	return k ? &k->shape : NULL;
}

/* A text that stands to the end: that of the shape, where it is the same. Under the lock. */
static const char *keep_text(struct sweep_results *r, const char *known, const char *text)
{
	return !text || (known && !strcmp(known, text)) ? known : arena_strdup(r->arena, text);
}

static int intern(struct sweep_results *r, const struct walk *w, const json_t *doc, struct sweep_flat *out)
{
	const char *status = json_string_value(json_object_get(doc, "status")), *error = json_string_value(json_object_get(doc, "error"));
	const struct sweep_shape *shape = shape_of(r, w);
	if (!shape)
		return -1;
	for (size_t i = 0; i < w->values; i++) {
		struct sweep_datum *d = &w->room->value[i];
		if (d->kind == SWEEP_TEXT && !(d->text = keep_text(r, shape->cell[i].text, d->text)))
			return -1;
	}
	*out = (struct sweep_flat){shape, w->room->value, keep_text(r, "done", status ? status : ""),
		error ? keep_text(r, NULL, error) : NULL};
	return out->status && (!error || out->error) ? 0 : -1;
}

int sweep_results_flatten(struct sweep_results *r, const json_t *doc, struct sweep_room *room, struct sweep_flat *out,
	struct err *e)
{
	struct walk w = {.results = r, .room = room};
	*out = (struct sweep_flat){0};
	const json_t *summary = json_object_get(doc, "summary");
	if (summary)
		add_object(&w, 0, summary);
	add_config(&w, json_object_get(doc, "config"), json_object_get(doc, "units"));
	if (w.bad || !make_room(&w, 1))
		return no_memory(e);
	pthread_mutex_lock(&r->lock);
	int result = intern(r, &w, doc, out);
	pthread_mutex_unlock(&r->lock);
	return result == 0 ? 0 : no_memory(e);
}

/* Copies of the values that stand to the end; NULL: no more of them are kept. */
static struct sweep_datum *own_values(struct sweep_results *r, const struct sweep_flat *flat)
{
	size_t bytes = flat->shape->cells * sizeof(*flat->value);
	pthread_mutex_lock(&r->lock);
	r->full |= arena_bytes(r->arena) + bytes > SWEEP_RESULTS_BYTES;
	struct sweep_datum *own = r->full ? NULL : arena_alloc(r->arena, bytes);
	pthread_mutex_unlock(&r->lock);
	if (own)
		memcpy(own, flat->value, bytes);
	return own;
}

int sweep_results_keep(struct sweep_results *r, size_t index, const json_t *doc, struct err *e)
{
	struct sweep_room room = {0};
	struct sweep_flat flat;
	pthread_mutex_lock(&r->lock);
	bool full = r->full;
	pthread_mutex_unlock(&r->lock);
	if (full)
		return 0;
	int result = sweep_results_flatten(r, doc, &room, &flat, e);
	if (result == 0 && flat.shape && (flat.value = own_values(r, &flat)))
		r->kept[index] = flat; /* this point's thread alone writes it */
	sweep_room_free(&room);
	return result;
}

const struct sweep_flat *sweep_results_of(const struct sweep_results *r, size_t index) { return &r->kept[index]; }
