/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What points share while a sweep runs. */
#include "run/sweep_share.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "run/state_file.h"
#include "run/system.h"
#include "trace/image.h"

/* Traces in memory take at most this part of it. */
#define MEMORY_SHARE 4

enum status { ITEM_NEW, ITEM_MAKING, ITEM_READY, ITEM_NONE };

struct item {
	const char *key;           /* of points */
	size_t users;              /* points that have not ended */
	size_t wanted;             /* points in all */
	enum status status;
	char *state;               /* owned: file */
	struct trace_image *image; /* owned */
	size_t bytes;              /* that the image may take */
};

struct list {
	struct item *item; /* by key */
	size_t count;
};

struct sweep_share {
	const struct sweep_points *points;
	const char *dir;
	struct sweep_shard shard;
	struct list states, traces;
	size_t bytes_left;         /* for images */
	bool has_folder;
};

static int no_memory(struct err *e) { return err_set(e, ERR_LIMIT, "no memory for what the points share"); }

/* ---- the lists --------------------------------------------------------------------------------------------- */

static int compare_keys(const void *a, const void *b)
{
	const struct item *x = a, *y = b;
	return strcmp(x->key, y->key);
}

/* One item for each key that stands twice or more; keys are sorted. */
static void keep_shared(struct list *l)
{
	size_t kept = 0;
	for (size_t i = 0, j; i < l->count; i = j) {
		for (j = i + 1; j < l->count && !strcmp(l->item[i].key, l->item[j].key);)
			j++;
		if (j - i > 1 && *l->item[i].key)
			l->item[kept++] = (struct item){.key = l->item[i].key, .users = j - i, .wanted = j - i};
	}
	l->count = kept;
}

static int make_list(struct list *l, const struct sweep_points *points, const size_t *index, size_t count, bool states,
	struct err *e)
{
	l->item = calloc(count + 1, sizeof(*l->item));
	if (!l->item)
		return no_memory(e);
	l->count = count;
	for (size_t i = 0; i < count; i++) {
		const struct sweep_point *p = &points->point[index[i]];
		l->item[i].key = states ? p->state : p->trace;
	}
	qsort(l->item, count, sizeof(*l->item), compare_keys);
	keep_shared(l);
	return 0;
}

static struct item *find(const struct list *l, const char *key)
{
	const struct item wanted = {.key = key};
	return l->count ? bsearch(&wanted, l->item, l->count, sizeof(*l->item), compare_keys) : NULL;
}

struct sweep_share *sweep_share_new(const struct sweep_points *points, const size_t *index, size_t count, const char *dir,
	const struct sweep_shard *shard, struct err *e)
{
	struct sweep_share *s = calloc(1, sizeof(*s));
	if (!s) {
		no_memory(e);
		return NULL;
	}
	long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
	s->points = points;
	s->dir = dir;
	s->shard = *shard;
	s->bytes_left = pages > 0 && page > 0 ? (size_t)pages * (size_t)page / MEMORY_SHARE : (size_t)1 << 28;
	if (make_list(&s->states, points, index, count, true, e) == 0 && make_list(&s->traces, points, index, count, false, e) == 0)
		return s;
	sweep_share_free(s);
	return NULL;
}

static void give_back(struct item *x)
{
	if (x->state)
		unlink(x->state);
	free(x->state);
	x->state = NULL;
	trace_image_free(x->image);
	x->image = NULL;
}

void sweep_share_free(struct sweep_share *s)
{
	char folder[4096];
	if (!s)
		return;
	for (size_t i = 0; s->states.item && i < s->states.count; i++)
		give_back(&s->states.item[i]);
	for (size_t i = 0; s->traces.item && i < s->traces.count; i++)
		give_back(&s->traces.item[i]);
	snprintf(folder, sizeof(folder), "%s/states", s->dir);
	if (s->has_folder)
		rmdir(folder); /* which stays where another shard has states in it */
	free(s->states.item);
	free(s->traces.item);
	free(s);
}

/* ---- claiming ------------------------------------------------------------------------------------------------- */

bool sweep_share_claim(struct sweep_share *s, size_t index)
{
	struct item *state = find(&s->states, s->points->point[index].state), *trace = find(&s->traces, s->points->point[index].trace);
	if ((state && state->status == ITEM_MAKING) || (trace && trace->status == ITEM_MAKING))
		return false;
	if (state && state->status == ITEM_NEW) {
		state->status = ITEM_MAKING;
		s->has_folder = true;
	}
	if (trace && trace->status == ITEM_NEW) {
		trace->status = ITEM_MAKING;
		trace->bytes = s->bytes_left; /* two at a time may take more than their share: it is a bound, not a promise */
	}
	return true;
}

static void made(struct item *x)
{
	if (x && x->status == ITEM_MAKING)
		x->status = x->state || x->image ? ITEM_READY : ITEM_NONE;
}

void sweep_share_made(struct sweep_share *s, size_t index)
{
	struct item *trace = find(&s->traces, s->points->point[index].trace);
	if (trace && trace->status == ITEM_MAKING && trace->image) {
		size_t bytes = trace_image_bytes(trace->image);
		s->bytes_left -= bytes < s->bytes_left ? bytes : s->bytes_left;
	}
	made(find(&s->states, s->points->point[index].state));
	made(trace);
}

static void done(struct sweep_share *s, struct item *x)
{
	if (!x || --x->users > 0)
		return;
	if (x->image)
		s->bytes_left += trace_image_bytes(x->image);
	give_back(x);
}

void sweep_share_done(struct sweep_share *s, size_t index)
{
	done(s, find(&s->states, s->points->point[index].state));
	done(s, find(&s->traces, s->points->point[index].trace));
}

/* ---- making ------------------------------------------------------------------------------------------------------ */

/* The name of a state's file; free(). Shards, which may be on other machines, have their own. */
static char *state_name(const struct sweep_share *s, const char *key)
{
	char *name;
	int got = s->shard.count > 1 ? asprintf(&name, "%s/states/%s-%zu-of-%zu.state", s->dir, key, s->shard.index, s->shard.count)
		: asprintf(&name, "%s/states/%s.state", s->dir, key);
	return got < 0 ? NULL : name;
}

static void make_state(const struct sweep_share *s, struct item *x, const struct plan *p)
{
	struct err why = {0};
	char folder[4096];
	char *name = state_name(s, x->key);
	snprintf(folder, sizeof(folder), "%s/states", s->dir);
	(void)mkdir(folder, 0777); /* where it cannot be, the state cannot be written either */
	struct state_file *f = name ? state_file_new(name, true, &why) : NULL;
	struct system *system = f ? system_open_devices(p, &why) : NULL;
	if (system && state_file_write(f, system->device, system->devices, &why) == 0) {
		x->state = name;
		name = NULL;
	}
	system_free(system);
	state_file_free(f);
	free(name);
}

void sweep_share_make(struct sweep_share *s, size_t index, struct plan *p, const char **state)
{
	struct item *x = find(&s->states, s->points->point[index].state), *t = find(&s->traces, s->points->point[index].trace);
	if (t && t->status == ITEM_MAKING) {
		struct trace_reader_options o;
		struct err why = {0};
		plan_reader_options(&p->replay, &o);
		t->image = trace_image_load(p->replay.trace, &o, t->bytes, &why);
	}
	if (x && x->status == ITEM_MAKING)
		make_state(s, x, p);
	p->trace_image = t ? t->image : NULL;
	*state = x ? x->state : NULL;
}

struct sweep_shared sweep_share_counts(const struct sweep_share *s)
{
	struct sweep_shared c = {0};
	for (size_t i = 0; i < s->states.count; i++)
		if (s->states.item[i].status == ITEM_READY) {
			c.states++;
			c.states_used += s->states.item[i].wanted - s->states.item[i].users;
		}
	for (size_t i = 0; i < s->traces.count; i++)
		if (s->traces.item[i].status == ITEM_READY) {
			c.traces++;
			c.traces_used += s->traces.item[i].wanted - s->traces.item[i].users;
		}
	return c;
}
