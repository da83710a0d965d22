/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sweep files, and the plan of a point. */
#include "run/sweep.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

#include "run/device.h"
#include "run/plan_memo.h"
#include "run/sweep_private.h"

/* A sweep being read. */
struct reading {
	struct sweep *sweep;
	struct arena *arena;
	struct config_search search;
	struct err *e;
};

static int no_memory(struct err *e) { return err_set(e, ERR_LIMIT, "no memory for the sweep"); }

/* ---- configs as values: base and variants -------------------------------------------------------------- */

static bool is_path(const char *key) { return strpbrk(key, ".[") != NULL; }

static struct cfg_node *append(struct arena *a, struct cfg_node **tail, const struct cfg_node *n)
{
	*tail = arena_alloc(a, sizeof(**tail));
	if (*tail) {
		**tail = *n;
		(*tail)->next = NULL;
	}
	return *tail;
}

/* A map with the keys of a file, and of the files that it includes, which are read once for all points. */
static const struct cfg_node *resolve(const struct reading *r, const struct cfg_node *map)
{
	struct config *c = config_new(&r->search);
	if (!c) {
		no_memory(r->e);
		return NULL;
	}
	r->sweep->parts[r->sweep->part_count++] = c;
	return config_load_node(c, map, r->e) == 0 ? config_root(c) : NULL;
}

/* A map as layers: the keys of a file first, then those that are paths, in order. */
static int from_map(const struct reading *r, const struct cfg_node *map, struct sweep_value *out)
{
	size_t count = 1;
	for (const struct cfg_node *n = map->child; n; n = n->next)
		count += is_path(n->key);
	struct plan_layer *layer = arena_array(r->arena, count, sizeof(*layer));
	struct cfg_node *plain = arena_alloc(r->arena, sizeof(*plain));
	if (!layer || !plain)
		return no_memory(r->e);
	*plain = *map;
	plain->child = NULL;
	struct cfg_node **tail = &plain->child;
	size_t k = 0;
	k++;
	for (const struct cfg_node *n = map->child; n; n = n->next) {
		if (is_path(n->key)) {
			layer[k++] = (struct plan_layer){n->key, n, n->key_where};
			continue;
		}
		struct cfg_node *copy = append(r->arena, tail, n);
		if (!copy)
			return no_memory(r->e);
		tail = &copy->next;
	}
	layer[0].node = resolve(r, plain);
	*out = (struct sweep_value){layer, k};
	return layer[0].node ? 0 : -1;
}

/* A config: a map, or the files that one would include. */
static int from_config(const struct reading *r, const struct cfg_node *n, struct sweep_value *out)
{
	struct cfg_node *map = arena_alloc(r->arena, sizeof(*map)), *include = arena_alloc(r->arena, sizeof(*include));
	if (!map || !include)
		return no_memory(r->e);
	if (n->kind == CFG_MAP)
		return from_map(r, n, out);
	*include = *n;
	include->key = "include";
	include->key_where = n->where;
	include->next = NULL;
	*map = (struct cfg_node){.kind = CFG_MAP, .where = n->where, .child = include};
	return from_map(r, map, out);
}

/* ---- axes -------------------------------------------------------------------------------------------------- */

static struct sweep_axis *new_axis(const struct reading *r, const char *path, const struct opt_where *where)
{
	struct sweep *s = r->sweep;
	struct sweep_axis *x = &s->axis[s->axis_count];
	for (size_t i = 0; i < s->axis_count; i++) {
		if (strcmp(s->axis[i].path, path) != 0)
			continue;
		const struct cfg_node at = {.where = *where};
		config_error(&at, r->e, "%s is varied twice: the other is at line %d", path, s->axis[i].where.line);
		return NULL;
	}
	*x = (struct sweep_axis){.path = path, .group = s->group_count, .where = *where};
	s->axis_count++;
	return x;
}

static int read_variants(const struct reading *r, const struct cfg_node *n)
{
	size_t count = 0, i = 0;
	if (!n)
		return 0;
	for (const struct cfg_node *v = n->child; v; v = v->next)
		count++;
	if (n->kind != CFG_MAP || count == 0)
		return config_error(n, r->e, "variants: want a map of names, each with a config or the name of a file");
	struct sweep_axis *x = new_axis(r, "variant", &n->key_where);
	struct sweep_value *value = arena_array(r->arena, count, sizeof(*value));
	if (!x)
		return -1;
	x->label = arena_array(r->arena, count, sizeof(*x->label));
	if (!value || !x->label)
		return no_memory(r->e);
	for (const struct cfg_node *v = n->child; v; v = v->next, i++) {
		x->label[i] = v->key;
		if (from_config(r, v, &value[i]) < 0)
			return -1;
	}
	x->variants = true;
	x->value = value;
	x->count = count;
	r->sweep->group_count++;
	return 0;
}

static int read_axis(const struct reading *r, const struct cfg_node *n)
{
	if (!strcmp(n->key, "variant")) {
		const struct cfg_node at = {.where = n->key_where};
		return config_error(&at, r->e, "variant is no key of a config: variants stand under `variants:`");
	}
	struct sweep_axis *x = new_axis(r, n->key, &n->key_where);
	return x ? sweep_axis_read(r->arena, x, n, r->e) : -1;
}

static int read_axes(const struct reading *r, const struct cfg_node *n)
{
	if (!n || (n->kind == CFG_SCALAR && !*n->text))
		return 0;
	if (n->kind != CFG_MAP)
		return config_error(n, r->e, "axes: want a map of keys, such as disk0.rpm, each with its values");
	for (const struct cfg_node *c = n->child; c; c = c->next) {
		if (read_axis(r, c) < 0)
			return -1;
		r->sweep->group_count++;
	}
	return 0;
}

static int read_group(const struct reading *r, const struct cfg_node *n)
{
	struct sweep *s = r->sweep;
	size_t first = s->axis_count;
	if (n->kind != CFG_MAP || !n->child)
		return config_error(n, r->e, "zip: want a list of maps, each of keys that step together");
	for (const struct cfg_node *c = n->child; c; c = c->next) {
		if (read_axis(r, c) < 0)
			return -1;
		const struct sweep_axis *a = &s->axis[first], *b = &s->axis[s->axis_count - 1];
		if (a->count != b->count)
			return config_error(c, r->e, "zip: keys that step together have as many values: %s has %zu, and %s has %zu", a->path,
				a->count, b->path, b->count);
	}
	s->group_count++;
	return 0;
}

static int read_zip(const struct reading *r, const struct cfg_node *n)
{
	if (!n || (n->kind == CFG_SCALAR && !*n->text))
		return 0;
	if (n->kind == CFG_MAP)
		return read_group(r, n);
	if (n->kind != CFG_LIST)
		return read_group(r, n); /* which says what it wants */
	for (const struct cfg_node *c = n->child; c; c = c->next)
		if (read_group(r, c) < 0)
			return -1;
	return 0;
}

/* ---- the file ------------------------------------------------------------------------------------------------ */

static int check_keys(const struct reading *r, const struct cfg_node *root)
{
	static const char *const keys[] = {"base", "variants", "axes", "zip", "replications", NULL};
	for (const struct cfg_node *n = root->child; n; n = n->next) {
		size_t i = 0;
		while (keys[i] && strcmp(keys[i], n->key) != 0)
			i++;
		if (keys[i])
			continue;
		const struct cfg_node at = {.where = n->key_where};
		const char *near = nearest_word(n->key, keys);
		if (near)
			return config_error(&at, r->e, "unknown key \"%s\" of a sweep, did you mean \"%s\"?", n->key, near);
		return config_error(&at, r->e, "unknown key \"%s\" of a sweep: want include, base, variants, axes, zip or replications (keys of "
			"the config stand under `base:`)", n->key);
	}
	return 0;
}

static int read_replications(const struct reading *r, const struct cfg_node *n)
{
	union unit_value v;
	char why[256];
	r->sweep->replications = 1;
	if (!n || (n->kind == CFG_SCALAR && !*n->text))
		return 0;
	if (n->kind != CFG_SCALAR || unit_parse(UNIT_NONE, n->text, &v, why, sizeof(why)) < 0 || v.i < 1 || v.i > SWEEP_POINTS_MAX)
		return config_error(n, r->e, "replications: want a whole number from 1 to %d", SWEEP_POINTS_MAX);
	r->sweep->replications = v.i;
	return 0;
}

/* Values of group g: those of the first axis in it. */
static size_t group_length(const struct sweep *s, size_t g)
{
	for (size_t i = 0; i < s->axis_count; i++)
		if (s->axis[i].group == g)
			return s->axis[i].count;
	return 1;
}

static int count_points(const struct reading *r)
{
	struct sweep *s = r->sweep;
	s->points = (size_t)s->replications;
	for (size_t g = 0; g < s->group_count; g++) {
		s->points *= group_length(s, g);
		if (s->points > SWEEP_POINTS_MAX)
			return err_set(r->e, ERR_LIMIT, "%s: these are more than %d points", s->name, SWEEP_POINTS_MAX);
	}
	return 0;
}

static size_t most_axes(const struct cfg_node *root)
{
	size_t most = 1;
	for (const struct cfg_node *n = root->child; n; n = n->next)
		for (const struct cfg_node *c = n->child; c; c = c->next) {
			most++;
			for (const struct cfg_node *d = c->child; d; d = d->next)
				most++;
		}
	return most;
}

static int read_file(const struct reading *r)
{
	struct sweep *s = r->sweep;
	const struct cfg_node *root = config_root(s->config), *base = config_get(root, "base");
	s->axis = arena_array(r->arena, most_axes(root), sizeof(*s->axis));
	s->parts = arena_array(r->arena, most_axes(root), sizeof(struct config *));
	if (!s->axis || !s->parts)
		return no_memory(r->e);
	if (check_keys(r, root) < 0)
		return -1;
	if (!base)
		return err_set(r->e, ERR_CONFIG, "%s: there is no `base:`, the config that is varied", s->name);
	if (from_config(r, base, &s->base) < 0 || read_variants(r, config_get(root, "variants")) < 0 ||
	    read_axes(r, config_get(root, "axes")) < 0 || read_zip(r, config_get(root, "zip")) < 0 ||
	    read_replications(r, config_get(root, "replications")) < 0)
		return -1;
	return count_points(r);
}

static const char *const *copy_words(struct arena *a, const char *const *list)
{
	size_t count = 0;
	while (list && list[count])
		count++;
	const char **copy = arena_array(a, count + 1, sizeof(*copy));
	for (size_t i = 0; copy && i < count; i++)
		if (!(copy[i] = arena_strdup(a, list[i])))
			return NULL;
	return copy;
}

static int load(const struct reading *r, const struct sweep_input *in)
{
	struct sweep *s = r->sweep;
	s->kinds = in->kinds;
	s->name = arena_strdup(r->arena, !strcmp(in->file, "-") ? "<stdin>" : in->file);
	s->include_dirs = copy_words(r->arena, in->include_dirs);
	s->sets = copy_words(r->arena, in->sets);
	s->memo = plan_memo_new(0);
	s->config = config_new(&r->search);
	if (!s->name || !s->include_dirs || !s->sets || !s->config || !s->memo)
		return no_memory(r->e);
	int got = in->text ? config_load_text(s->config, in->file, in->text, r->e) : config_load(s->config, in->file, r->e);
	return got < 0 ? -1 : read_file(r);
}

struct sweep *sweep_load(const struct sweep_input *in, struct err *e)
{
	struct arena *a = arena_new();
	struct sweep *s = a ? arena_alloc(a, sizeof(*s)) : NULL;
	if (!s) {
		arena_free(a);
		no_memory(e);
		return NULL;
	}
	s->arena = a;
	const struct reading r = {s, a, {.include_dirs = in->include_dirs, .device_dirs = device_dirs(a)}, e};
	if (load(&r, in) == 0)
		return s;
	sweep_free(s);
	return NULL;
}

void sweep_free(struct sweep *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->part_count; i++)
		config_free(s->parts[i]);
	config_free(s->config);
	plan_memo_free(s->memo);
	arena_free(s->arena);
}

/* ---- points ------------------------------------------------------------------------------------------------------ */

size_t sweep_replication(const struct sweep *s, size_t index) { return index % (size_t)s->replications; }

size_t sweep_choice(const struct sweep *s, size_t index, size_t axis)
{
	size_t left = index / (size_t)s->replications;
	for (size_t g = s->group_count; g-- > s->axis[axis].group + 1;)
		left /= group_length(s, g);
	return left % s->axis[axis].count;
}

int64_t sweep_seed(int64_t seed, size_t replication)
{
	char text[64];
	if (replication == 0)
		return seed;
	int bytes = snprintf(text, sizeof(text), "%" PRId64 ".%zu", seed, replication);
	return (int64_t)(XXH3_64bits(text, (size_t)bytes) >> 11);
}

struct plan *sweep_plan(const struct sweep *s, size_t index, struct err *e)
{
	size_t count = s->base.layers, k = 0;
	for (size_t i = 0; i < s->axis_count; i++)
		count += s->axis[i].value[sweep_choice(s, index, i)].layers;
	struct plan_layer *layer = calloc(count, sizeof(*layer));
	if (!layer) {
		no_memory(e);
		return NULL;
	}
	for (; k < s->base.layers; k++)
		layer[k] = s->base.layer[k];
	for (size_t i = 0; i < s->axis_count; i++) {
		const struct sweep_value *v = &s->axis[i].value[sweep_choice(s, index, i)];
		for (size_t j = 0; j < v->layers; j++)
			layer[k++] = v->layer[j];
	}
	const struct plan_input in = {.name = s->name, .layers = layer, .layer_count = count, .sets = s->sets,
		.include_dirs = s->include_dirs, .memo = s->memo, .kinds = s->kinds};
	struct plan *p = plan_load(&in, e);
	free(layer);
	if (p)
		p->seed = sweep_seed(p->seed, sweep_replication(s, index));
	return p;
}
