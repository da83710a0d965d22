/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Points before they run: planned, checked, with their ids. */
#include "config.h"

#include "run/sweep_point.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

#include "run/sweep_private.h"

#define CHUNK_BYTES ((size_t)1 << 16)

static int no_memory(struct err *e) { return err_set(e, ERR_LIMIT, "no memory for the points of the sweep"); }

static void hex_of(XXH128_hash_t hash, char out[SWEEP_ID_BYTES])
{
	snprintf(out, SWEEP_ID_BYTES, "%016" PRIx64 "%016" PRIx64, (uint64_t)hash.high64, (uint64_t)hash.low64);
}

/* ---- files that configs name, each read once ------------------------------------------------------------- */

struct digest {
	struct digest *next;
	char hash[SWEEP_ID_BYTES];
	char path[]; /* as it is named */
};

/* What the threads that make points share. */
struct making {
	const struct sweep *sweep;
	struct sweep_point *point;
	const volatile sig_atomic_t *stop;
	atomic_size_t next;
	atomic_size_t good_until;  /* the first point that is wrong; the count while there is none */
	pthread_mutex_t lock;      /* of what follows */
	struct digest *digest;     /* owned */
	struct err *e;             /* of that point */
	bool interrupted;
};

static int hash_file(const char *path, char out[SWEEP_ID_BYTES], struct err *e)
{
	XXH3_state_t *s = XXH3_createState();
	char *chunk = malloc(CHUNK_BYTES);
	FILE *in = fopen(path, "re");
	int result = 0;
	size_t got;
	if (!s || !chunk)
		result = no_memory(e);
	else if (!in)
		result = err_set(e, ERR_IO, "cannot read %s: %s", path, strerror(errno));
	if (s)
		(void)XXH3_128bits_reset(s);
	while (result == 0 && chunk && in && (got = fread(chunk, 1, CHUNK_BYTES, in)) > 0)
		(void)XXH3_128bits_update(s, chunk, got);
	if (result == 0 && in && ferror(in))
		result = err_set(e, ERR_IO, "cannot read %s: %s", path, strerror(errno));
	if (result == 0)
		hex_of(XXH3_128bits_digest(s), out);
	if (in)
		fclose(in);
	(void)XXH3_freeState(s);
	free(chunk);
	return result;
}

static struct digest *find_digest(const struct making *m, const char *path)
{
	struct digest *d = m->digest;
	while (d && strcmp(d->path, path) != 0)
		d = d->next;
	return d;
}

static int digest_of(struct making *m, const char *path, char out[SWEEP_ID_BYTES], struct err *e)
{
	int result = 0;
	pthread_mutex_lock(&m->lock);
	struct digest *d = find_digest(m, path);
	if (!d) {
		size_t bytes = strlen(path) + 1;
		d = calloc(1, sizeof(*d) + bytes);
		if (!d) {
			result = no_memory(e);
		} else if (hash_file(path, d->hash, e) < 0) {
			free(d);
			result = -1;
		} else {
			memcpy(d->path, path, bytes);
			d->next = m->digest;
			m->digest = d;
		}
	}
	if (result == 0 && d)
		memcpy(out, d->hash, SWEEP_ID_BYTES);
	pthread_mutex_unlock(&m->lock);
	return result;
}

/* ---- ids ------------------------------------------------------------------------------------------------------- */

/* Values being hashed. */
struct hashing {
	struct making *making;
	XXH3_state_t *state;
	size_t prefix;                  /* of the paths, that is none of the option's */
	const char *const *but;         /* keys and sections that are left out, or NULL */
	struct err *e;
	bool bad;
};

static void add_text(const struct hashing *h, const char *text) { (void)XXH3_128bits_update(h->state, text, strlen(text) + 1); }

/* Whether a path is one of these or in a section that is. */
static bool is_listed(const char *path, const char *const *list)
{
	for (; list && *list; list++) {
		size_t len = strlen(*list);
		if (!strncmp(path, *list, len) && (path[len] == '\0' || path[len] == '.'))
			return true;
	}
	return false;
}

static void add_bytes(const struct hashing *h, const void *bytes, size_t count)
{
	(void)XXH3_128bits_update(h->state, bytes, count);
}

static void hash_value(void *ctx, const struct opt_value *v);

static void add_table(struct hashing *h, const struct opt_value *v, const struct opt_table *t)
{
	size_t prefix = h->prefix;
	const char *const *but = h->but;
	h->prefix = 0;
	h->but = NULL;
	for (size_t i = 0; i < t->count && !h->bad; i++)
		if (opt_each_value(v->row->group, (const char *)t->rows + i * v->row->group->struct_bytes, "", false, hash_value, h) < 0)
			h->bad = no_memory(h->e) < 0;
	h->prefix = prefix;
	h->but = but;
}

/* What is no text: a number, or several behind their count. */
static void add_numbers(struct hashing *h, const struct opt_value *v)
{
	const struct opt_list *list = v->bound;
	const struct opt_curve *curve = v->bound;
	const struct opt_table *table = v->bound;
	if (v->row->type == OPT_LIST) {
		add_bytes(h, &list->count, sizeof(list->count));
		if (list->count > 0)
			add_bytes(h, list->values, list->count * sizeof(*list->values));
	} else if (v->row->type == OPT_CURVE) {
		add_bytes(h, &curve->count, sizeof(curve->count));
		for (size_t i = 0; i < curve->count; i++) {
			add_bytes(h, &curve->x[i], sizeof(*curve->x));
			add_bytes(h, &curve->y[i], sizeof(*curve->y));
		}
	} else if (v->row->type == OPT_TABLE) {
		add_bytes(h, &table->count, sizeof(table->count));
		add_table(h, v, table);
	} else {
		add_bytes(h, &v->exact, sizeof(v->exact));
	}
}

static void hash_value(void *ctx, const struct opt_value *v)
{
	struct hashing *h = ctx;
	char digest[SWEEP_ID_BYTES];
	if (h->bad || is_listed(v->path + h->prefix, h->but))
		return;
	add_text(h, v->path);
	if (!v->text) {
		add_numbers(h, v);
		return;
	}
	if (!v->row || v->row->type != OPT_FILE || !*v->text) {
		add_text(h, v->text);
		return;
	}
	if (!strcmp(v->text, "-"))
		h->bad = err_set(h->e, ERR_CONFIG, "%s: the points of a sweep cannot share standard input", v->path) < 0;
	else
		h->bad = digest_of(h->making, v->text, digest, h->e) < 0;
	if (!h->bad)
		add_text(h, digest);
}

static int hash_plan(const struct hashing *begun, const struct plan *p, char out[SWEEP_ID_BYTES])
{
	struct hashing h = *begun;
	(void)XXH3_128bits_reset(h.state);
	add_text(&h, PACKAGE_VERSION);
	if (plan_each_value(p, false, hash_value, &h) < 0)
		return no_memory(h.e);
	hex_of(XXH3_128bits_digest(h.state), out);
	return h.bad ? -1 : 0;
}

/* What the past of the driven devices depends on; nothing, where none has one. */
static int hash_past(const struct hashing *begun, const struct plan *p, char out[SWEEP_ID_BYTES])
{
	struct hashing h = *begun;
	bool has_past = false;
	uint32_t nsid;
	char seed[32];
	(void)XXH3_128bits_reset(h.state);
	snprintf(seed, sizeof(seed), "%" PRId64, p->seed);
	add_text(&h, PACKAGE_VERSION);
	for (size_t i = 0; i < p->device_count && !h.bad; i++) {
		const struct plan_component *c = plan_driven(p, i, &nsid);
		has_past |= c->ops->has_past && c->ops->has_past(c->spec);
		h.prefix = strlen(c->name) + 1;
		h.but = c->ops->past_free;
		add_text(&h, c->ops->name);
		add_text(&h, c->name); /* which is in the names of what is drawn */
		add_text(&h, c->ops->past_has_seed && c->ops->past_has_seed(c->spec) ? "" : seed);
		if (opt_each_value(c->ops->options, c->spec, c->name, false, hash_value, &h) < 0)
			return no_memory(h.e);
	}
	out[0] = '\0';
	if (has_past)
		hex_of(XXH3_128bits_digest(h.state), out);
	return h.bad ? -1 : 0;
}

/* The trace with all that the reader is told. */
static int hash_trace(const struct hashing *begun, const struct plan *p, char out[SWEEP_ID_BYTES])
{
	static const char *const free_keys[] = {"mode", "depth", "think", "range", "trace_map", "unmapped", "queue_depth", "power_cut",
		"max_outstanding", NULL};
	struct hashing h = *begun;
	out[0] = '\0';
	if (p->scenario || p->has_workload || !*p->replay.trace)
		return 0;
	(void)XXH3_128bits_reset(h.state);
	h.but = free_keys;
	if (opt_each_value(&plan_replay_options, &p->replay, "", false, hash_value, &h) < 0)
		return no_memory(h.e);
	hex_of(XXH3_128bits_digest(h.state), out);
	return h.bad ? -1 : 0;
}

static int make_point(struct making *m, XXH3_state_t *state, size_t index, struct err *e)
{
	struct plan *p = sweep_plan(m->sweep, index, e);
	const struct hashing h = {.making = m, .state = state, .e = e};
	if (!p)
		return -1;
	struct sweep_point *out = &m->point[index];
	out->seed = p->seed;
	int result = hash_plan(&h, p, out->id) < 0 || hash_past(&h, p, out->state) < 0 || hash_trace(&h, p, out->trace) < 0 ? -1 : 0;
	plan_free(p);
	return result;
}

/* ---- on threads -------------------------------------------------------------------------------------------------- */

/* Keeps the sentence of the first wrong point. */
static void refuse(struct making *m, size_t index, const struct err *why)
{
	pthread_mutex_lock(&m->lock);
	if (index < atomic_load(&m->good_until)) {
		char label[512];
		atomic_store(&m->good_until, index);
		err_clear(m->e);
		if (m->sweep->points == 1)
			err_set(m->e, why->code, "%s", why->msg);
		else
			err_set(m->e, why->code, "%s (point %zu: %s)", why->msg, index + 1, sweep_point_label(m->sweep, index, label, sizeof(label)));
	}
	pthread_mutex_unlock(&m->lock);
}

static void *work(void *ctx)
{
	struct making *m = ctx;
	XXH3_state_t *state = XXH3_createState();
	size_t i;
	struct err none = {0};
	if (!state)
		refuse(m, 0, (no_memory(&none), &none));
	while (state && (i = atomic_fetch_add(&m->next, 1)) < atomic_load(&m->good_until)) {
		struct err e = {0};
		if (m->stop && *m->stop) {
			pthread_mutex_lock(&m->lock);
			m->interrupted = true;
			pthread_mutex_unlock(&m->lock);
			break;
		}
		if (make_point(m, state, i, &e) < 0)
			refuse(m, i, &e);
	}
	(void)XXH3_freeState(state);
	return NULL;
}

struct by_id {
	const char *id;
	size_t index;
};

static int compare_ids(const void *a, const void *b)
{
	const struct by_id *x = a, *y = b;
	int order = strcmp(x->id, y->id);
	return order ? order : (x->index > y->index) - (x->index < y->index);
}

/* The first point of each id. */
static int find_firsts(struct sweep_points *p, struct err *e)
{
	struct by_id *list = calloc(p->count, sizeof(*list));
	if (!list)
		return no_memory(e);
	for (size_t i = 0; i < p->count; i++)
		list[i] = (struct by_id){p->point[i].id, i};
	qsort(list, p->count, sizeof(*list), compare_ids);
	size_t first = 0;
	for (size_t i = 0; i < p->count; i++) {
		if (i == 0 || strcmp(list[i].id, list[i - 1].id) != 0)
			first = list[i].index;
		p->point[list[i].index].first = first;
	}
	free(list);
	return 0;
}

static int make_all(struct making *m, struct sweep_points *p, unsigned jobs, struct err *e)
{
	m->point = p->point;
	m->e = e;
	atomic_init(&m->next, 0);
	atomic_init(&m->good_until, p->count);
	if (pthread_mutex_init(&m->lock, NULL) != 0)
		return no_memory(e);
	jobs = jobs ? jobs : sweep_processors();
	sweep_on_threads(jobs < p->count ? jobs : (unsigned)p->count, work, m);
	pthread_mutex_destroy(&m->lock);
	while (m->digest) {
		struct digest *next = m->digest->next;
		free(m->digest);
		m->digest = next;
	}
	if (atomic_load(&m->good_until) < p->count)
		return -1;
	return m->interrupted ? err_set(e, ERR_INTERRUPTED, "interrupted before anything ran") : find_firsts(p, e);
}

struct sweep_points *sweep_points_make(const struct sweep *s, unsigned jobs, const volatile sig_atomic_t *stop, struct err *e)
{
	struct err own = {0};
	struct making m = {.sweep = s, .stop = stop};
	struct sweep_points *p = calloc(1, sizeof(*p));
	if (p)
		p->point = calloc(s->points, sizeof(*p->point));
	if (!p || !p->point) {
		sweep_points_free(p);
		no_memory(e);
		return NULL;
	}
	p->count = s->points;
	if (make_all(&m, p, jobs, e ? e : &own) == 0)
		return p;
	sweep_points_free(p);
	return NULL;
}

void sweep_points_free(struct sweep_points *p)
{
	if (!p)
		return;
	free(p->point);
	free(p);
}

/* ---- for people ---------------------------------------------------------------------------------------------------- */

char *sweep_point_label(const struct sweep *s, size_t index, char *out, size_t out_bytes)
{
	size_t at = 0;
	out[0] = '\0';
	for (size_t i = 0; i < s->axis_count && at < out_bytes; i++)
		at += (size_t)snprintf(out + at, out_bytes - at, "%s%s = %.100s", at ? ", " : "", s->axis[i].path,
			s->axis[i].label[sweep_choice(s, index, i)]);
	if (s->replications > 1 && at < out_bytes)
		snprintf(out + at, out_bytes - at, "%sreplication %zu", at ? ", " : "", sweep_replication(s, index) + 1);
	return out;
}

int sweep_shard_parse(const char *text, struct sweep_shard *out, struct err *e)
{
	unsigned long long index, count;
	char *end;
	errno = 0;
	index = text[0] >= '0' && text[0] <= '9' ? strtoull(text, &end, 10) : 0;
	count = index > 0 && *end == '/' && end[1] >= '0' && end[1] <= '9' ? strtoull(end + 1, &end, 10) : 0;
	if (index < 1 || index > count || *end || errno || count > SWEEP_POINTS_MAX)
		return err_set(e, ERR_USAGE, "\"%s\" is no shard: want I/N, such as 2/4, with I from 1 to N", text);
	*out = (struct sweep_shard){(size_t)index, (size_t)count};
	return 0;
}

bool sweep_shard_has(const struct sweep_shard *shard, size_t index)
{
	return shard->count < 2 || index % shard->count == shard->index - 1;
}
