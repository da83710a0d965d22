/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Means over replications, and the Pareto front. */
#include "run/sweep_query.h"

#include <gsl/gsl_cdf.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "run/sweep_table.h"

/* A question being answered. */
struct asking {
	const struct sweep_table *table;
	const struct sweep_question *q;
	struct sweep_answer *a;
	struct arena *arena;      /* of the answer */
	json_t *by_key;           /* owned: text of a key to its group's number */
	size_t room;
	/* pareto: which of the values, and whether more is better */
	size_t front[2];
	bool most[2];
	struct err *e;
};

struct answer {
	struct sweep_answer public; /* first */
	struct arena *arena;
};

static int no_memory(struct err *e) { return err_set(e, ERR_LIMIT, "no memory for the answer"); }

/* ---- columns -------------------------------------------------------------------------------------------------- */

static int add_name(const struct asking *k, const char ***list, size_t *count, const char *name)
{
	const char *full = sweep_table_column(k->table, name, k->e);
	const char *own = full ? arena_strdup(k->arena, full) : NULL; /* the answer outlives the table */
	const char **grown = own ? realloc(*list, (*count + 1) * sizeof(**list)) : NULL;
	if (!grown)
		return full ? no_memory(k->e) : -1;
	*list = grown;
	grown[(*count)++] = own;
	return 0;
}

static int pick_axes(const struct asking *k)
{
	struct sweep_answer *a = k->a;
	for (size_t i = 0; i < sweep_table_columns(k->table); i++) {
		const char *name = sweep_table_name(k->table, i);
		if (sweep_table_is_axis(k->table, name) && add_name(k, &a->by, &a->by_count, name) < 0)
			return -1;
	}
	return 0;
}

/* "min:COLUMN,max:COLUMN": a side of it from *at on. */
static int pick_front(struct asking *k, const char **at, int side)
{
	struct sweep_answer *a = k->a;
	char name[512];
	const char *p = *at;
	size_t len = strcspn(p, ",");
	bool most = !strncmp(p, "max:", 4);
	if ((!most && strncmp(p, "min:", 4) != 0) || len < 5 || len - 4 >= sizeof(name) || (side == 0) != (p[len] == ','))
		return err_set(k->e, ERR_USAGE, "--pareto %s: want two columns, each behind min: or max:, such as min:waf,max:iops",
			k->q->pareto);
	snprintf(name, sizeof(name), "%.*s", (int)(len - 4), p + 4);
	const char *full = sweep_table_column(k->table, name, k->e);
	if (!full)
		return -1;
	size_t i = 0;
	while (i < a->value_count && strcmp(a->value[i], full) != 0)
		i++;
	if (i == a->value_count && add_name(k, &a->value, &a->value_count, full) < 0)
		return -1;
	k->front[side] = i;
	k->most[side] = most;
	*at = p + len + (p[len] == ',');
	return 0;
}

static int pick_columns(struct asking *k)
{
	struct sweep_answer *a = k->a;
	const char *at = k->q->pareto;
	if (!k->q->by && pick_axes(k) < 0)
		return -1;
	for (size_t i = 0; k->q->by && k->q->by[i]; i++)
		if (add_name(k, &a->by, &a->by_count, k->q->by[i]) < 0)
			return -1;
	for (size_t i = 0; k->q->value && k->q->value[i]; i++)
		if (add_name(k, &a->value, &a->value_count, k->q->value[i]) < 0)
			return -1;
	if (at && (pick_front(k, &at, 0) < 0 || pick_front(k, &at, 1) < 0))
		return -1;
	return a->value_count > 0 ? 0 : err_set(k->e, ERR_USAGE, "there is nothing to ask for: want a column (--value)");
}

/* ---- the statement ------------------------------------------------------------------------------------------------ */

static void write_column(const char *name, FILE *out)
{
	fputc('"', out);
	for (; *name; name++) {
		if (*name == '"')
			fputc('"', out);
		fputc(*name, out);
	}
	fputc('"', out);
}

static int write_where(const struct asking *k, const char *condition, FILE *out)
{
	char name[512];
	size_t len = strcspn(condition, "=");
	if (!condition[len] || len == 0 || len >= sizeof(name))
		return err_set(k->e, ERR_USAGE, "--where %s: want COLUMN=VALUE", condition);
	snprintf(name, sizeof(name), "%.*s", (int)len, condition);
	const char *full = sweep_table_column(k->table, name, k->e);
	if (!full)
		return -1;
	fputs(" AND ", out);
	write_column(full, out);
	fputs(" = ?", out);
	return 0;
}

static char *statement_text(const struct asking *k)
{
	const struct sweep_answer *a = k->a;
	char *sql = NULL;
	size_t bytes = 0;
	FILE *out = open_memstream(&sql, &bytes);
	bool bad = false;
	if (!out)
		return no_memory(k->e), NULL;
	fputs("SELECT ", out);
	for (size_t i = 0; i < a->by_count + a->value_count; i++) {
		fputs(i ? ", " : "", out);
		write_column(i < a->by_count ? a->by[i] : a->value[i - a->by_count], out);
	}
	fputs(" FROM points WHERE status = 'done'", out);
	for (size_t i = 0; k->q->where && k->q->where[i] && !bad; i++)
		bad = write_where(k, k->q->where[i], out) < 0;
	fputs(" ORDER BY point", out);
	if (fclose(out) == 0 && !bad)
		return sql;
	free(sql);
	return NULL;
}

/* A number where it is one. */
static void bind_value(sqlite3_stmt *s, int at, const char *text)
{
	char *end;
	double v = strtod(text, &end);
	if (*text && !*end)
		sqlite3_bind_double(s, at, v);
	else
		sqlite3_bind_text(s, at, text, -1, SQLITE_STATIC);
}

/* ---- groups --------------------------------------------------------------------------------------------------------- */

static char *key_text(sqlite3_stmt *s, size_t by)
{
	char *text = NULL;
	size_t bytes = 0;
	FILE *out = open_memstream(&text, &bytes);
	if (!out)
		return NULL;
	for (size_t i = 0; i < by; i++) {
		const unsigned char *v = sqlite3_column_text(s, (int)i);
		fprintf(out, "%d:%s\x1f", sqlite3_column_type(s, (int)i), v ? (const char *)v : "");
	}
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}

static int read_key(const struct asking *k, sqlite3_stmt *s, struct sweep_group *g)
{
	size_t by = k->a->by_count;
	g->key = arena_array(k->arena, by + 1, sizeof(*g->key));
	g->value = arena_array(k->arena, k->a->value_count, sizeof(*g->value));
	if (!g->key || !g->value)
		return -1;
	for (size_t i = 0; i < by; i++) {
		struct sweep_cell *c = &g->key[i];
		int type = sqlite3_column_type(s, (int)i);
		c->number = type == SQLITE_INTEGER || type == SQLITE_FLOAT ? sqlite3_column_double(s, (int)i) : (double)NAN;
		if (type == SQLITE_TEXT && !(c->text = arena_strdup(k->arena, (const char *)sqlite3_column_text(s, (int)i))))
			return -1;
	}
	return 0;
}

static struct sweep_group *group_of(struct asking *k, sqlite3_stmt *s)
{
	struct sweep_answer *a = k->a;
	char *key = key_text(s, a->by_count);
	const json_t *there = key ? json_object_get(k->by_key, key) : NULL;
	struct sweep_group *g = there ? &a->group[json_integer_value(there)] : NULL;
	if (key && !g && a->group_count == k->room) {
		size_t room = k->room ? 2 * k->room : 64;
		struct sweep_group *grown = realloc(a->group, room * sizeof(*grown));
		if (grown) {
			a->group = grown;
			k->room = room;
		}
	}
	if (key && !g && a->group_count < k->room && json_object_set_new(k->by_key, key, json_integer((json_int_t)a->group_count)) == 0) {
		g = &a->group[a->group_count];
		*g = (struct sweep_group){0};
		if (read_key(k, s, g) == 0)
			a->group_count++;
		else
			g = NULL;
	}
	free(key);
	return g;
}

/* Welford's: stddev holds the sum of squares until the end. */
static void count_in(struct sweep_figure *f, double v)
{
	double before = v - f->mean;
	f->min = f->count == 0 || v < f->min ? v : f->min;
	f->max = f->count == 0 || v > f->max ? v : f->max;
	f->count++;
	f->mean += before / (double)f->count;
	f->stddev += before * (v - f->mean);
}

/* Student's t for the mean of n independent samples. */
static void finish(struct sweep_figure *f, double confidence)
{
	double n = (double)f->count;
	if (f->count == 0) {
		f->mean = f->min = f->max = (double)NAN;
	}
	if (f->count < 2) {
		f->stddev = (double)NAN;
		f->half_width = (double)INFINITY;
		return;
	}
	f->stddev = sqrt(f->stddev / (n - 1));
	f->half_width = gsl_cdf_tdist_Pinv((1 + confidence) / 2, n - 1) * f->stddev / sqrt(n);
}

static int read_rows(struct asking *k, sqlite3_stmt *s)
{
	struct sweep_answer *a = k->a;
	int got;
	while ((got = sqlite3_step(s)) == SQLITE_ROW) {
		struct sweep_group *g = group_of(k, s);
		if (!g)
			return no_memory(k->e);
		g->points++;
		for (size_t i = 0; i < a->value_count; i++) {
			int at = (int)(a->by_count + i), type = sqlite3_column_type(s, at);
			if (type == SQLITE_TEXT)
				return err_set(k->e, ERR_USAGE, "column %s is text: there is no mean of it", a->value[i]);
			if (type != SQLITE_NULL)
				count_in(&g->value[i], sqlite3_column_double(s, at));
		}
	}
	if (got != SQLITE_DONE)
		return err_set(k->e, ERR_IO, "cannot read the sweep: %s", sqlite3_errmsg(k->table->db));
	for (size_t g = 0; g < a->group_count; g++)
		for (size_t i = 0; i < a->value_count; i++)
			finish(&a->group[g].value[i], a->confidence);
	return 0;
}

/* ---- the front -------------------------------------------------------------------------------------------------------- */

struct corner {
	double x, y; /* less is better */
	size_t group;
};

static int compare_corners(const void *a, const void *b)
{
	const struct corner *p = a, *q = b;
	if (p->x != q->x)
		return p->x < q->x ? -1 : 1;
	if (p->y != q->y)
		return p->y < q->y ? -1 : 1;
	return (p->group > q->group) - (p->group < q->group);
}

/* What stays is put in front, the best in the first column first. */
static int keep_front(struct asking *k)
{
	struct sweep_answer *a = k->a;
	struct corner *c = calloc(a->group_count + 1, sizeof(*c));
	struct sweep_group *kept = calloc(a->group_count + 1, sizeof(*kept));
	size_t count = 0, n = 0;
	for (size_t g = 0; c && g < a->group_count; g++) {
		double x = a->group[g].value[k->front[0]].mean, y = a->group[g].value[k->front[1]].mean;
		if (isfinite(x) && isfinite(y))
			c[count++] = (struct corner){k->most[0] ? -x : x, k->most[1] ? -y : y, g};
	}
	if (count > 0)
		qsort(c, count, sizeof(*c), compare_corners);
	const struct corner *best = NULL;
	for (size_t i = 0; kept && i < count; i++) {
		if (best && !(c[i].y < best->y) && !(c[i].y == best->y && c[i].x == best->x))
			continue;
		best = &c[i];
		kept[n++] = a->group[c[i].group];
	}
	free(c);
	if (!c || !kept) {
		free(kept);
		return no_memory(k->e);
	}
	free(a->group);
	a->group = kept;
	a->group_count = n;
	return 0;
}

/* ---- whole --------------------------------------------------------------------------------------------------------------- */

static int ask(struct asking *k)
{
	sqlite3_stmt *s = NULL;
	if (pick_columns(k) < 0)
		return -1;
	char *sql = statement_text(k);
	if (!sql)
		return -1;
	int result = 0;
	if (sqlite3_prepare_v2(k->table->db, sql, -1, &s, NULL) != SQLITE_OK)
		result = err_set(k->e, ERR_IO, "cannot read the sweep: %s", sqlite3_errmsg(k->table->db));
	for (int i = 0; result == 0 && k->q->where && k->q->where[i]; i++)
		bind_value(s, i + 1, strchr(k->q->where[i], '=') + 1);
	if (result == 0)
		result = read_rows(k, s);
	sqlite3_finalize(s);
	free(sql);
	if (result == 0 && k->a->group_count == 0)
		result = err_set(k->e, ERR_USAGE, "no finished point of the sweep is like that");
	return result == 0 && k->q->pareto ? keep_front(k) : result;
}

struct sweep_answer *sweep_query(const struct sweep_table *t, const struct sweep_question *q, struct err *e)
{
	struct answer *a = calloc(1, sizeof(*a));
	struct asking k = {.table = t, .q = q, .e = e, .by_key = json_object()};
	if (a)
		a->arena = arena_new();
	int result = -1;
	if (!a || !a->arena || !k.by_key) {
		no_memory(e);
	} else {
		k.a = &a->public;
		k.arena = a->arena;
		a->public.confidence = q->confidence;
		result = ask(&k);
	}
	json_decref(k.by_key);
	if (result == 0)
		return &a->public;
	sweep_answer_free(a ? &a->public : NULL);
	return NULL;
}

void sweep_answer_free(struct sweep_answer *a)
{
	if (!a)
		return;
	struct answer *whole = (struct answer *)(void *)a;
	arena_free(whole->arena);
	free(a->by);
	free(a->value);
	free(a->group);
	free(whole);
}
