/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From point files to sweep.db and sweep.csv. */
#include "run/sweep_collect.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "run/sweep_dir.h"
#include "run/sweep_private.h"
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

/* Points whose documents are read together, on several threads. */
#define BATCH 256

struct batch {
	const struct sweep_points *points;
	const char *const *dirs;
	struct sweep_results *results;
	size_t first, count;
	atomic_size_t next;
	json_t *doc[BATCH];
	int got[BATCH];
	struct err error[BATCH];
};

/* Point k of the batch as sweep_run() has kept it. */
static const struct sweep_flat *kept(const struct batch *b, size_t k)
{
	return sweep_results_of(b->results, b->points->point[b->first + k].first);
}

static bool is_kept(const struct batch *b, size_t k) { return kept(b, k)->shape != NULL; }

static void *read_some(void *ctx)
{
	struct batch *b = ctx;
	size_t i;
	while ((i = atomic_fetch_add(&b->next, 1)) < b->count) {
		b->error[i] = (struct err){0};
		b->got[i] = is_kept(b, i);
		if (!b->got[i])
			b->got[i] = find_doc(b->dirs, b->points->point[b->first + i].id, &b->doc[i], &b->error[i]);
	}
	return NULL;
}

/* Point k of the batch, into the table. */
static int add_one(struct sweep_rows *t, const struct batch *b, size_t k, struct sweep_room *room, struct sweep_collected *out,
	struct err *e)
{
	struct sweep_flat flat = *kept(b, k);
	if (b->got[k] < 0)
		return err_set(e, b->error[k].code, "%s", b->error[k].msg);
	if (b->got[k] == 0) {
		out->index[out->missing++] = b->first + k;
		return 0;
	}
	if (!flat.shape && sweep_results_flatten(b->results, b->doc[k], room, &flat, e) < 0)
		return -1;
	out->failed += strcmp(flat.status, "done") != 0;
	return sweep_rows_add(t, b->first + k, &flat, e);
}

static int read_all(struct sweep_rows *t, const struct sweep_points *points, const char *const *dirs, unsigned jobs,
	struct sweep_results *results, struct sweep_collected *out, struct err *e)
{
	struct sweep_room room = {0};
	struct batch *b = calloc(1, sizeof(*b));
	int result = b ? 0 : no_memory(e);
	for (size_t i = 0; b && i < points->count && result == 0; i += BATCH) {
		*b = (struct batch){.points = points, .dirs = dirs, .results = results, .first = i,
			.count = points->count - i < BATCH ? points->count - i : BATCH};
		atomic_init(&b->next, 0);
		sweep_on_threads(jobs ? jobs : sweep_processors(), read_some, b);
		for (size_t k = 0; k < b->count; k++) {
			if (result == 0)
				result = add_one(t, b, k, &room, out, e);
			json_decref(b->doc[k]);
		}
	}
	free(b);
	sweep_room_free(&room);
	out->rows = t->row_count;
	return result;
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
	unsigned jobs, struct sweep_results *results, struct sweep_collected *out, struct err *e)
{
	struct sweep_rows t;
	struct sweep_results *own = results ? NULL : sweep_results_new(s, points->count);
	*out = (struct sweep_collected){.index = calloc(points->count + 1, sizeof(*out->index))};
	results = results ? results : own;
	if (!out->index || !results) {
		sweep_results_free(own);
		sweep_collected_free(out);
		return no_memory(e);
	}
	int result = sweep_rows_init(&t, s, points, e);
	/* the database orders the columns */
	if (result == 0 && (read_all(&t, points, dirs, jobs, results, out, e) < 0 || sweep_dir_make(output, e) < 0 ||
			    write_table(&t, output, true, e) < 0 || write_table(&t, output, false, e) < 0))
		result = -1;
	sweep_rows_free(&t);
	sweep_results_free(own);
	if (result < 0)
		sweep_collected_free(out);
	return result;
}

void sweep_collected_free(struct sweep_collected *c)
{
	free(c->index);
	*c = (struct sweep_collected){0};
}
