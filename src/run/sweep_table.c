/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An open sweep.db: its columns, and the names by which people call them. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "run/sweep_table.h"
#include "sim/config.h"

#define STDIN_MOST ((size_t)1 << 32)

static int no_memory(struct err *e) { return err_set(e, ERR_LIMIT, "no memory for the table of the sweep"); }

/* ---- opening ------------------------------------------------------------------------------------------------ */

/* All of standard input, in memory that SQLite gives back. */
static unsigned char *read_stdin(size_t *bytes, struct err *e)
{
	size_t room = (size_t)1 << 20, got;
	unsigned char *data = sqlite3_malloc64(room);
	*bytes = 0;
	while (data && (got = fread(data + *bytes, 1, room - *bytes, stdin)) > 0) {
		*bytes += got;
		if (*bytes < room)
			continue;
		unsigned char *grown = room < STDIN_MOST ? sqlite3_realloc64(data, 2 * room) : NULL;
		if (!grown)
			sqlite3_free(data);
		data = grown;
		room *= 2;
	}
	if (!data)
		no_memory(e);
	return data;
}

static int open_stdin(struct sweep_table *t, struct err *e)
{
	size_t bytes;
	unsigned char *data = read_stdin(&bytes, e);
	if (!data)
		return -1;
	if (sqlite3_open(":memory:", &t->db) == SQLITE_OK && sqlite3_deserialize(t->db, "main", data, (sqlite3_int64)bytes,
		(sqlite3_int64)bytes, SQLITE_DESERIALIZE_FREEONCLOSE | SQLITE_DESERIALIZE_READONLY) == SQLITE_OK)
		return 0;
	return err_set(e, ERR_IO, "standard input is no sweep.db");
}

static int open_file(struct sweep_table *t, const char *name, struct err *e)
{
	struct stat st;
	char *path = NULL;
	bool folder = stat(name, &st) == 0 && S_ISDIR(st.st_mode);
	if (folder && asprintf(&path, "%s/sweep.db", name) < 0)
		return no_memory(e);
	const char *file = folder ? path : name;
	int result = 0;
	if (stat(file, &st) < 0)
		result = err_set(e, ERR_IO, folder ? "%s has no sweep.db (`quern sweep run` and `quern sweep collect` make it)"
			: "there is no sweep %s", name);
	else if (sqlite3_open_v2(file, &t->db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK)
		result = err_set(e, ERR_IO, "cannot read %s: %s", file, t->db ? sqlite3_errmsg(t->db) : "no memory");
	free(path);
	return result;
}

static int read_columns(struct sweep_table *t, const char *name, struct err *e)
{
	sqlite3_stmt *s = NULL;
	size_t room = 0;
	int got = sqlite3_prepare_v2(t->db, "SELECT name, unit, name IN (SELECT \"column\" FROM axes) FROM columns ORDER BY position", -1,
		&s, NULL);
	while (got == SQLITE_OK && sqlite3_step(s) == SQLITE_ROW) {
		if (t->count == room) {
			room = room ? 2 * room : 512;
			struct sweep_table_column *grown = realloc(t->column, room * sizeof(*grown));
			if (!grown)
				break;
			t->column = grown;
		}
		const char *column = (const char *)sqlite3_column_text(s, 0), *unit = (const char *)sqlite3_column_text(s, 1);
		struct sweep_table_column *c = &t->column[t->count++];
		*c = (struct sweep_table_column){arena_strdup(t->arena, column ? column : ""), arena_strdup(t->arena, unit ? unit : ""),
			sqlite3_column_int(s, 2) != 0};
		if (!c->name || !c->unit)
			t->count = 0;
	}
	sqlite3_finalize(s);
	if (t->count > 0)
		return 0;
	return err_set(e, ERR_IO, "%s is no table of a sweep, or has no rows", name);
}

static int open_table(struct sweep_table *t, const char *name, struct err *e)
{
	if ((!strcmp(name, "-") ? open_stdin(t, e) : open_file(t, name, e)) < 0)
		return -1;
	return read_columns(t, !strcmp(name, "-") ? "standard input" : name, e);
}

struct sweep_table *sweep_table_open(const char *name, struct err *e)
{
	struct sweep_table *t = calloc(1, sizeof(*t));
	if (t)
		t->arena = arena_new();
	if (!t || !t->arena)
		no_memory(e);
	else if (open_table(t, name, e) == 0)
		return t;
	sweep_table_close(t);
	return NULL;
}

void sweep_table_close(struct sweep_table *t)
{
	if (!t)
		return;
	sqlite3_close(t->db);
	arena_free(t->arena);
	free(t->column);
	free(t);
}

/* ---- names -------------------------------------------------------------------------------------------------------- */

/* How many columns end so behind a dot, two of them; with `axes` only of those that are varied. */
static size_t count_endings(const struct sweep_table *t, const char *name, bool axes, const char **first, const char **second)
{
	size_t len = strlen(name), found = 0;
	for (size_t i = 0; i < t->count; i++) {
		size_t own = strlen(t->column[i].name);
		if ((axes && !t->column[i].axis) || own <= len || t->column[i].name[own - len - 1] != '.' ||
		    strcmp(t->column[i].name + own - len, name) != 0)
			continue;
		if (found++ == 0)
			*first = t->column[i].name;
		else if (found == 2)
			*second = t->column[i].name;
	}
	return found;
}

static const char *exact(const struct sweep_table *t, const char *name)
{
	for (size_t i = 0; i < t->count; i++)
		if (!strcmp(t->column[i].name, name))
			return t->column[i].name;
	return NULL;
}

static const char *refuse(const struct sweep_table *t, const char *name, struct err *e)
{
	const char **names = calloc(3 * t->count + 1, sizeof(*names));
	const char *near = NULL;
	for (size_t i = 0; names && i < t->count; i++) {
		const char *full = t->column[i].name;
		names[3 * i] = full;
		names[3 * i + 1] = !strncmp(full, "config.", 7) ? full + 7 : full;
		names[3 * i + 2] = strrchr(full, '.') ? strrchr(full, '.') + 1 : full;
	}
	if (names)
		near = nearest_word(name, names);
	err_set(e, ERR_USAGE, "the sweep has no column \"%s\"%s%s%s", name, near ? ", did you mean \"" : "", near ? near : "",
		near ? "\"?" : " (`quern sweep query SWEEP --columns` lists them)");
	free(names);
	return NULL;
}

const char *sweep_table_column(const struct sweep_table *t, const char *name, struct err *e)
{
	char config[512];
	const char *first = NULL, *second = NULL;
	snprintf(config, sizeof(config), "config.%s", name);
	const char *axis = exact(t, config), *whole = exact(t, name);
	/* what is varied comes before a result that is called so */
	if (axis && sweep_table_is_axis(t, axis))
		return axis;
	if (whole)
		return whole;
	if (axis || count_endings(t, name, true, &first, &second) == 1)
		return axis ? axis : first;
	size_t endings = count_endings(t, name, false, &first, &second);
	if (endings == 1)
		return first;
	if (endings > 1) {
		err_set(e, ERR_USAGE, "%zu columns of the sweep end in \"%s\", such as %s and %s: want more of the name", endings, name, first,
			second);
		return NULL;
	}
	return refuse(t, name, e);
}

const char *sweep_table_unit(const struct sweep_table *t, const char *column)
{
	for (size_t i = 0; i < t->count; i++)
		if (!strcmp(t->column[i].name, column))
			return t->column[i].unit;
	return "";
}

bool sweep_table_is_axis(const struct sweep_table *t, const char *column)
{
	for (size_t i = 0; i < t->count; i++)
		if (!strcmp(t->column[i].name, column))
			return t->column[i].axis;
	return false;
}

size_t sweep_table_columns(const struct sweep_table *t) { return t->count; }
const char *sweep_table_name(const struct sweep_table *t, size_t i) { return t->column[i].name; }
