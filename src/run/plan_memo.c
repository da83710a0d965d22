/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sections of configs, each bound once. */
#include "run/plan_memo.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

#include "sim/arena.h"

#define BUCKETS 1024

/* A section that is kept, in an arena of its own. */
struct kept {
	struct plan_part part;
	struct kept *next;   /* in its bucket */
	struct arena *arena; /* owned: all of it */
	XXH128_hash_t key;
};

struct plan_memo {
	size_t most;          /* bytes */
	pthread_mutex_t lock; /* of what follows */
	size_t bytes;
	struct plan_memo_counts counts;
	struct kept *bucket[BUCKETS]; /* owned */
};

static int no_memory(struct err *e) { return err_set(e, ERR_LIMIT, "no memory for the configuration"); }

struct plan_memo *plan_memo_new(size_t bytes)
{
	struct plan_memo *m = calloc(1, sizeof(*m));
	if (!m)
		return NULL;
	m->most = bytes ? bytes : PLAN_MEMO_BYTES;
	if (pthread_mutex_init(&m->lock, NULL) == 0)
		return m;
	free(m);
	return NULL;
}

void plan_memo_free(struct plan_memo *m)
{
	if (!m)
		return;
	for (size_t i = 0; i < BUCKETS; i++)
		for (struct kept *k = m->bucket[i], *next; k; k = next) {
			next = k->next;
			arena_free(k->arena);
		}
	pthread_mutex_destroy(&m->lock);
	free(m);
}

struct plan_memo_counts plan_memo_counts(struct plan_memo *m)
{
	pthread_mutex_lock(&m->lock);
	struct plan_memo_counts c = m->counts;
	pthread_mutex_unlock(&m->lock);
	return c;
}

/* ---- what tells a section ---------------------------------------------------------------------------------- */

/* What is hashed, gathered: most of it is short. */
struct keying {
	XXH3_state_t *hash;
	size_t count;
	char gathered[2048];
};

static void hash_gathered(struct keying *s)
{
	(void)XXH3_128bits_update(s->hash, s->gathered, s->count);
	s->count = 0;
}

static void add(struct keying *s, const void *bytes, size_t count)
{
	if (count > sizeof(s->gathered) - s->count)
		hash_gathered(s);
	if (count > sizeof(s->gathered)) {
		(void)XXH3_128bits_update(s->hash, bytes, count);
		return;
	}
	memcpy(s->gathered + s->count, bytes, count);
	s->count += count;
}

static void add_text(struct keying *s, const char *text) { add(s, text, strlen(text) + 1); }

/* file: of the node around it, whose name is not said again. */
static void add_node(struct keying *s, const struct cfg_node *n, const char *file)
{
	const bool same = n->where.file == file;
	const char head[3] = {(char)n->kind, n->key != NULL, same};
	add(s, head, sizeof(head));
	if (!same)
		add_text(s, n->where.file ? n->where.file : "");
	if (n->key)
		add_text(s, n->key);
	if (n->kind == CFG_SCALAR)
		add_text(s, n->text);
	for (const struct cfg_node *c = n->child; c; c = c->next)
		add_node(s, c, n->where.file);
	if (n->kind != CFG_SCALAR)
		add(s, "\x7f", 1); /* where no kind stands */
}

static int make_key(const struct cfg_node *node, const char *name, const struct opt_group *g, XXH128_hash_t *out, struct err *e)
{
	struct keying s = {.hash = XXH3_createState()};
	if (!s.hash)
		return no_memory(e);
	(void)XXH3_128bits_reset(s.hash);
	add(&s, &g, sizeof(g));
	add_text(&s, name);
	if (node)
		add_node(&s, node, NULL);
	hash_gathered(&s);
	*out = XXH3_128bits_digest(s.hash);
	(void)XXH3_freeState(s.hash);
	return 0;
}

/* ---- keeping ----------------------------------------------------------------------------------------------- */

/* Under the lock. */
static struct kept *find(const struct plan_memo *m, XXH128_hash_t key)
{
	struct kept *k = m->bucket[key.low64 % BUCKETS];
	while (k && !XXH128_isEqual(k->key, key))
		k = k->next;
	return k;
}

/* Values being copied. */
struct copying {
	struct arena *arena;
	struct opt_value *value; /* NULL: they are counted */
	size_t count;
	bool bad;
};

static void copy_value(void *ctx, const struct opt_value *v)
{
	struct copying *c = ctx;
	if (c->value && !c->bad) {
		struct opt_value *out = &c->value[c->count];
		*out = *v;
		out->path = arena_strdup(c->arena, v->path);
		if (v->text)
			out->text = arena_strdup(c->arena, v->text);
		c->bad = !out->path || (v->text && !out->text);
	}
	c->count++;
}

static int copy_values(struct kept *k, const char *name, const struct opt_group *g)
{
	struct copying c = {.arena = k->arena};
	if (opt_each_value(g, k->part.bound, name, false, copy_value, &c) < 0)
		return -1;
	c.value = arena_array(k->arena, c.count + 1, sizeof(*c.value));
	c.count = 0;
	if (!c.value || opt_each_value(g, k->part.bound, name, true, copy_value, &c) < 0 || c.bad)
		return -1;
	k->part.value = c.value;
	k->part.values = c.count;
	return 0;
}

static struct kept *bind(const struct cfg_node *node, const char *name, const struct opt_group *g, const char *const *reserved,
	struct err *e)
{
	struct arena *a = arena_new();
	struct kept *k = a ? arena_alloc(a, sizeof(*k)) : NULL;
	void *bound = k ? arena_alloc(a, g->struct_bytes) : NULL;
	if (!bound) {
		no_memory(e);
		arena_free(a);
		return NULL;
	}
	k->arena = a;
	k->part.bound = bound;
	if (config_bind(node, name, g, reserved, bound, a, e) == 0 && (copy_values(k, name, g) == 0 || no_memory(e) == 0))
		return k;
	arena_free(a);
	return NULL;
}

/* Two threads may have bound the same: the first is kept. */
static struct kept *keep(struct plan_memo *m, struct kept *k)
{
	pthread_mutex_lock(&m->lock);
	struct kept *there = find(m, k->key);
	if (!there) {
		struct kept **head = &m->bucket[k->key.low64 % BUCKETS];
		k->next = *head;
		*head = k;
		m->bytes += arena_bytes(k->arena);
		m->counts.parts++;
	}
	pthread_mutex_unlock(&m->lock);
	if (!there)
		return k;
	arena_free(k->arena);
	return there;
}

int plan_memo_bind(struct plan_memo *m, const struct cfg_node *node, const char *name, const struct opt_group *g,
	const char *const *reserved, const struct plan_part **out, struct err *e)
{
	XXH128_hash_t key = {0};
	*out = NULL;
	if (make_key(node, name, g, &key, e) < 0)
		return -1;
	pthread_mutex_lock(&m->lock);
	struct kept *k = find(m, key);
	bool full = m->bytes >= m->most;
	m->counts.recalled += k != NULL;
	pthread_mutex_unlock(&m->lock);
	if (!k && full)
		return 0;
	if (!k) {
		k = bind(node, name, g, reserved, e);
		if (!k)
			return -1;
		k->key = key;
		k = keep(m, k);
	}
	*out = &k->part;
	return 0;
}

/* ---- values ------------------------------------------------------------------------------------------------- */

void plan_part_each(const struct plan_part *p, bool texts, void (*each)(void *ctx, const struct opt_value *v), void *ctx)
{
	for (size_t i = 0; i < p->values; i++) {
		struct opt_value v = p->value[i];
		if (!texts && (v.row->type == OPT_LIST || v.row->type == OPT_CURVE || v.row->type == OPT_TABLE))
			v.text = NULL;
		each(ctx, &v);
	}
}
