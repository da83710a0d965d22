/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The folder of a sweep. */
#include "run/sweep_dir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "run/summary.h"

#define TEMPORARY ".partial-" /* in the names of what is not whole */

static int no_memory(struct err *e) { return err_set(e, ERR_LIMIT, "no memory for the files of the sweep"); }

/* "DIR/NAME"; free(). */
static char *path_of(const char *dir, const char *name)
{
	char *path;
	return asprintf(&path, "%s/%s", dir, name) < 0 ? NULL : path;
}

static bool ends_with(const char *name, const char *end)
{
	size_t a = strlen(name), b = strlen(end);
	return a > b && !strcmp(name + a - b, end);
}

static int make_folder(const char *path, struct err *e)
{
	struct stat st;
	if (mkdir(path, 0777) == 0)
		return 0;
	int why = errno;
	if (why == EEXIST && stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return 0;
	return err_set(e, ERR_IO, "cannot make the folder %s: %s", path, strerror(why));
}

int sweep_dir_make(const char *dir, struct err *e)
{
	char *points = path_of(dir, "points");
	if (!points)
		return no_memory(e);
	int result = make_folder(dir, e) < 0 ? -1 : make_folder(points, e);
	free(points);
	return result;
}

/* ---- what is there --------------------------------------------------------------------------------------- */

/* Looks at the files of DIR/NAME: how many end so; `gone`: they are removed, with what is not whole, and the folder if it is empty
 * then. */
static int look_through(const char *dir, const char *name, const char *end, bool gone, size_t *count, struct err *e)
{
	char *folder = path_of(dir, name);
	DIR *d = folder ? opendir(folder) : NULL;
	struct dirent *entry;
	int result = folder ? 0 : no_memory(e);
	*count = 0;
	while (d && result == 0 && (entry = readdir(d))) {
		bool whole = ends_with(entry->d_name, end) && entry->d_name[0] != '.';
		*count += whole;
		if (gone && (whole || strstr(entry->d_name, TEMPORARY)) && unlinkat(dirfd(d), entry->d_name, 0) < 0 && errno != ENOENT)
			result = err_set(e, ERR_IO, "cannot remove %s/%s: %s", folder, entry->d_name, strerror(errno));
	}
	if (d)
		closedir(d);
	if (gone && folder)
		rmdir(folder);
	free(folder);
	return result;
}

size_t sweep_dir_count(const char *dir)
{
	size_t count;
	return look_through(dir, "points", ".json", false, &count, NULL) < 0 ? 0 : count;
}

int sweep_dir_clear(const char *dir, struct err *e)
{
	static const char *const made[] = {"sweep.db", "sweep.csv", "machine.json"};
	size_t count;
	for (size_t i = 0; i < sizeof(made) / sizeof(*made); i++) {
		char *path = path_of(dir, made[i]);
		if (!path)
			return no_memory(e);
		int bad = unlink(path) < 0 && errno != ENOENT && errno != ENOTDIR ? errno : 0;
		if (bad)
			err_set(e, ERR_IO, "cannot remove %s: %s", path, strerror(bad));
		free(path);
		if (bad)
			return -1;
	}
	return look_through(dir, "points", ".json", true, &count, e) < 0 ? -1 : look_through(dir, "states", ".state", true, &count, e);
}

/* ---- writing --------------------------------------------------------------------------------------------------- */

static int write_doc(int fd, const json_t *doc, bool durable)
{
	FILE *out = fdopen(fd, "w");
	if (!out) {
		close(fd);
		return -1;
	}
	bool bad = summary_json_write(doc, out) < 0 || fflush(out) != 0 || (durable && fsync(fileno(out)) != 0);
	return fclose(out) != 0 || bad ? -1 : 0;
}

int sweep_dir_put(const char *dir, const char *name, const json_t *doc, bool durable, struct err *e)
{
	char *path = path_of(dir, name), *partial = NULL;
	if (!path || asprintf(&partial, "%s" TEMPORARY "XXXXXX", path) < 0) {
		free(path);
		return no_memory(e);
	}
	int result = 0, fd = mkostemp(partial, O_CLOEXEC);
	bool bad = fd < 0 || fchmod(fd, 0644) < 0;
	if (fd >= 0)
		bad |= write_doc(fd, doc, durable) < 0;
	if (bad || rename(partial, path) < 0) {
		result = err_set(e, ERR_IO, "cannot write %s: %s", path, strerror(errno));
		if (fd >= 0)
			unlink(partial);
	}
	free(partial);
	free(path);
	return result;
}

/* ---- reading ---------------------------------------------------------------------------------------------------- */

/* Whether it is what a point of this id looks like. */
static bool is_point(const json_t *doc, const char *id, bool finished)
{
	const char *own = json_string_value(json_object_get(doc, "id")), *status = json_string_value(json_object_get(doc, "status"));
	bool done = status && !strcmp(status, "done");
	if (json_integer_value(json_object_get(doc, "schema")) != SWEEP_SCHEMA || !own || strcmp(own, id) != 0 || !status)
		return false;
	if (!json_is_object(json_object_get(doc, "config")) || (done && !json_is_object(json_object_get(doc, "summary"))))
		return false;
	return done || (!finished && json_is_string(json_object_get(doc, "error")));
}

/* A document, taken from memory: byte by byte from a stream is slow. NULL: it is none, or it cannot be read. */
static json_t *read_doc(FILE *in)
{
	struct stat st;
	char *text = fstat(fileno(in), &st) == 0 && S_ISREG(st.st_mode) ? malloc((size_t)st.st_size + 1) : NULL;
	size_t bytes = text ? fread(text, 1, (size_t)st.st_size, in) : 0;
	json_t *doc = text ? json_loadb(text, bytes, 0, NULL) : NULL;
	free(text);
	return doc;
}

int sweep_dir_get(const char *dir, const char *id, bool finished, json_t **doc, struct err *e)
{
	char *path;
	*doc = NULL;
	if (asprintf(&path, "%s/points/%s.json", dir, id) < 0)
		return no_memory(e);
	FILE *in = fopen(path, "re");
	int result = 0;
	if (!in && errno != ENOENT && errno != ENOTDIR)
		result = err_set(e, ERR_IO, "cannot read %s: %s", path, strerror(errno));
	if (in) {
		*doc = read_doc(in);
		fclose(in);
	}
	free(path);
	if (*doc && is_point(*doc, id, finished))
		return 1;
	json_decref(*doc);
	*doc = NULL;
	return result;
}
