/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of a sweep as an SQLite database. */
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include "config.h"
#include "run/sweep_dir.h"
#include "run/sweep_rows.h"

static int fail(sqlite3 *db, const char *path, struct err *e)
{
	return err_set(e, ERR_IO, "cannot write %s: %s", path, db ? sqlite3_errmsg(db) : "no memory");
}

static void write_name(const char *name, FILE *out)
{
	fputc('"', out);
	for (; *name; name++) {
		if (*name == '"')
			fputc('"', out);
		fputc(*name, out);
	}
	fputc('"', out);
}

/* "CREATE TABLE points (...)", or the INSERT into it. */
static sqlite3_stmt *points_statement(sqlite3 *db, const struct sweep_rows *t, bool create)
{
	char *sql = NULL;
	size_t bytes = 0;
	FILE *out = open_memstream(&sql, &bytes);
	sqlite3_stmt *statement = NULL;
	if (!out)
		return NULL;
	fputs(create ? "CREATE TABLE points (" : "INSERT INTO points VALUES (", out);
	for (size_t i = 0; i < t->order_count; i++) {
		fputs(i ? ", " : "", out);
		if (create)
			write_name(t->order[i]->name, out);
		else
			fputc('?', out);
		if (create && i == 0)
			fputs(" INTEGER PRIMARY KEY", out);
	}
	fputc(')', out);
	if (fclose(out) == 0 && sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK) {
		sqlite3_finalize(statement);
		statement = NULL;
	}
	free(sql);
	return statement;
}

static void bind(sqlite3_stmt *s, const struct sweep_datum *d, int at)
{
	if (d->kind == SWEEP_WHOLE)
		sqlite3_bind_int64(s, at, d->whole);
	else if (d->kind == SWEEP_REAL)
		sqlite3_bind_double(s, at, d->real);
	else if (d->kind == SWEEP_TEXT)
		sqlite3_bind_text(s, at, d->text, -1, SQLITE_STATIC);
}

static int step(sqlite3_stmt *s)
{
	int got = sqlite3_step(s);
	sqlite3_reset(s);
	sqlite3_clear_bindings(s);
	return got == SQLITE_DONE ? 0 : -1;
}

static int insert_points(sqlite3 *db, const struct sweep_rows *t)
{
	sqlite3_stmt *create = points_statement(db, t, true);
	int result = create ? step(create) : -1;
	sqlite3_finalize(create);
	sqlite3_stmt *s = result == 0 ? points_statement(db, t, false) : NULL;
	if (!s)
		return -1;
	for (size_t r = 0; r < t->row_count && result == 0; r++) {
		for (size_t k = 0; k < t->row[r].count; k++) {
			const struct sweep_datum *d = &t->row[r].cell[k];
			size_t position = t->column[d->column].position;
			if (position != SIZE_MAX)
				bind(s, d, (int)position + 1);
		}
		result = step(s);
	}
	sqlite3_finalize(s);
	return result;
}

static int insert_columns(sqlite3 *db, const struct sweep_rows *t)
{
	static const char *const roles[SWEEP_ROLES] = {"point", "axis", "result", "config"};
	sqlite3_stmt *s = NULL;
	int result = sqlite3_prepare_v2(db, "INSERT INTO columns VALUES (?, ?, ?, ?)", -1, &s, NULL) == SQLITE_OK ? 0 : -1;
	for (size_t i = 0; i < t->order_count && result == 0; i++) {
		sqlite3_bind_int64(s, 1, (sqlite3_int64)i);
		sqlite3_bind_text(s, 2, t->order[i]->name, -1, SQLITE_STATIC);
		sqlite3_bind_text(s, 3, t->order[i]->unit, -1, SQLITE_STATIC);
		sqlite3_bind_text(s, 4, roles[t->order[i]->role], -1, SQLITE_STATIC);
		result = step(s);
	}
	sqlite3_finalize(s);
	return result;
}

static int insert_axes(sqlite3 *db, struct sweep_rows *t)
{
	sqlite3_stmt *s = NULL;
	int result = sqlite3_prepare_v2(db, "INSERT INTO axes VALUES (?, ?, ?, ?, ?, ?)", -1, &s, NULL) == SQLITE_OK ? 0 : -1;
	for (size_t i = 0; i < t->sweep->axis_count && result == 0; i++) {
		const struct sweep_axis *x = &t->sweep->axis[i];
		const char *name = sweep_rows_axis(t, x);
		const json_t *number = name ? json_object_get(t->by_name, name) : NULL;
		const char *unit = number ? t->column[json_integer_value(number)].unit : "";
		char label[300];
		snprintf(label, sizeof(label), *unit ? "%.200s [%s]" : "%.200s", x->path, unit);
		sqlite3_bind_int64(s, 1, (sqlite3_int64)i);
		sqlite3_bind_text(s, 2, x->path, -1, SQLITE_STATIC);
		sqlite3_bind_text(s, 3, name, -1, SQLITE_STATIC);
		sqlite3_bind_text(s, 4, label, -1, SQLITE_TRANSIENT);
		sqlite3_bind_int64(s, 5, (sqlite3_int64)x->count);
		sqlite3_bind_int64(s, 6, (sqlite3_int64)x->group);
		result = step(s);
	}
	sqlite3_finalize(s);
	return result;
}

static int insert_facts(sqlite3 *db, const struct sweep_rows *t)
{
	char *sql = sqlite3_mprintf("INSERT INTO sweep VALUES ('schema', %d), ('quern_version', %Q), ('points', %lld), ('replications', "
		"%lld)", SWEEP_SCHEMA, PACKAGE_VERSION, (long long)t->points->count, (long long)t->sweep->replications);
	int result = sql && sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : -1;
	sqlite3_free(sql);
	return result;
}

static int fill(sqlite3 *db, struct sweep_rows *t)
{
	static const char begin[] = "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; BEGIN;"
		"CREATE TABLE columns (position INTEGER PRIMARY KEY, name TEXT, unit TEXT, role TEXT);"
		"CREATE TABLE axes (position INTEGER PRIMARY KEY, name TEXT, \"column\" TEXT, label TEXT, values_count INTEGER, axis_group "
		"INTEGER);"
		"CREATE TABLE sweep (key TEXT PRIMARY KEY, value) WITHOUT ROWID;";
	if (sqlite3_exec(db, begin, NULL, NULL, NULL) != SQLITE_OK || insert_facts(db, t) < 0 || insert_columns(db, t) < 0 ||
	    insert_axes(db, t) < 0 || (t->order_count > 0 && insert_points(db, t) < 0))
		return -1;
	return sqlite3_exec(db, "COMMIT", NULL, NULL, NULL) == SQLITE_OK ? 0 : -1;
}

int sweep_db_write(struct sweep_rows *t, const char *path, struct err *e)
{
	sqlite3 *db = NULL;
	int result = sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL) == SQLITE_OK ? 0 : fail(db, path, e);
	if (result == 0)
		result = sweep_rows_order(t, (size_t)sqlite3_limit(db, SQLITE_LIMIT_COLUMN, -1), e);
	if (result == 0 && fill(db, t) < 0)
		result = fail(db, path, e);
	if (sqlite3_close(db) != SQLITE_OK && result == 0)
		result = err_set(e, ERR_IO, "cannot write %s", path);
	return result;
}
