/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From point files to sweep.db and sweep.csv. */
#include "run/sweep_collect.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "run/sweep_dir.h"
#include "run/sweep_rows.h"

static int no_memory(struct err *e) { return err_set(e, ERR_LIMIT, "no memory for the tables of the sweep"); }

/* The document of a point of the first folder that has it done, else of the first that has it. 1, 0, -1. */
static int find_doc(const char *const *dirs, const char *id, json_t **doc, struct err *e)
{
	json_t *failed = NULL;
	int got = 0;
	*doc = NULL;
	for (; *dirs && got == 0; dirs++) {
		json_t *found = NULL;
		got = sweep_dir_get(*dirs, id, false, &found, e);
		const char *status = json_string_value(json_object_get(found, "status"));
		if (got <= 0)
			continue;
		if (!strcmp(status, "done")) {
			*doc = found;
		} else {
			got = 0;
			if (failed)
				json_decref(found);
			else
				failed = found;
		}
	}
	if (got == 0 && failed) {
		*doc = failed;
		return 1;
	}
	json_decref(failed);
	return got;
}

static int read_all(struct sweep_rows *t, const struct sweep_points *points, const char *const *dirs, struct sweep_collected *out,
	struct err *e)
{
	for (size_t i = 0; i < points->count; i++) {
		json_t *doc;
		int got = find_doc(dirs, points->point[i].id, &doc, e);
		if (got < 0)
			return -1;
		if (got == 0) {
			out->index[out->missing++] = i;
			continue;
		}
		out->failed += strcmp(json_string_value(json_object_get(doc, "status")), "done") != 0;
		got = sweep_rows_add(t, i, doc, e);
		json_decref(doc);
		if (got < 0)
			return -1;
	}
	out->rows = t->row_count;
	return 0;
}

/* Bring a file to the disk and put it in its place. */
static int put_in_place(const char *partial, const char *path, struct err *e)
{
	int fd = open(partial, O_RDONLY | O_CLOEXEC);
	bool bad = fd < 0 || fchmod(fd, 0644) < 0 || fsync(fd) < 0;
	int why = errno;
	if (fd >= 0)
		close(fd);
	if (!bad && rename(partial, path) == 0)
		return 0;
	return err_set(e, ERR_IO, "cannot write %s: %s", path, strerror(bad ? why : errno));
}

/* One of the tables, written beside its place. */
static int write_table(struct sweep_rows *t, const char *output, bool db, struct err *e)
{
	char *path, *partial = NULL;
	if (asprintf(&path, "%s/%s", output, db ? "sweep.db" : "sweep.csv") < 0)
		return no_memory(e);
	if (asprintf(&partial, "%s.partial-XXXXXX", path) < 0) {
		free(path);
		return no_memory(e);
	}
	int fd = mkostemp(partial, O_CLOEXEC), result;
	if (fd < 0) {
		result = err_set(e, ERR_IO, "cannot write %s: %s", path, strerror(errno));
	} else {
		close(fd);
		result = (db ? sweep_db_write(t, partial, e) : sweep_csv_write(t, partial, e)) < 0 ? -1 : put_in_place(partial, path, e);
		if (result < 0)
			unlink(partial);
	}
	free(partial);
	free(path);
	return result;
}

int sweep_collect(const struct sweep *s, const struct sweep_points *points, const char *const *dirs, const char *output,
	struct sweep_collected *out, struct err *e)
{
	struct sweep_rows t;
	*out = (struct sweep_collected){.index = calloc(points->count + 1, sizeof(*out->index))};
	int result = sweep_rows_init(&t, s, points, e);
	if (!out->index)
		result = no_memory(e);
	/* the database orders the columns */
	if (result == 0 && (read_all(&t, points, dirs, out, e) < 0 || sweep_dir_make(output, e) < 0 || write_table(&t, output, true, e) < 0 ||
			    write_table(&t, output, false, e) < 0))
		result = -1;
	sweep_rows_free(&t);
	if (result < 0)
		sweep_collected_free(out);
	return result;
}

void sweep_collected_free(struct sweep_collected *c)
{
	free(c->index);
	*c = (struct sweep_collected){0};
}
