/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which device of a run a picture of one device shows, and what its files are called (run/run_write.c names them). */
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "run/plot_private.h"

bool plot_is_of_device(const struct plot_kind *k) { return strchr(k->files, PLOT_OF_DEVICE) != NULL; }

/* Of the first device a file has its plain name, of others NAME stands in it. */
static int put_path(const char *run, const char *file, int length, const char *device, char *path)
{
	static const char series[] = "device-series", tables[] = "hist/";
	int head, n = -1;
	if (!device)
		n = snprintf(path, PATH_MAX, "%s/%.*s", run, length, file);
	else if (!strncmp(file, series, (size_t)(head = sizeof(series) - 1)))
		n = snprintf(path, PATH_MAX, "%s/%s-%s%.*s", run, series, device, length - head, file + head);
	else if (!strncmp(file, tables, (size_t)(head = sizeof(tables) - 1)))
		n = snprintf(path, PATH_MAX, "%s/%s%s_%.*s", run, tables, device, length - head, file + head);
	return n < 0 || n >= PATH_MAX ? -1 : 0;
}

static const char *member(const json_t *doc, size_t i, const char *what)
{
	const char *text = json_string_value(json_object_get(json_array_get(json_object_get(doc, "devices"), i), what));
	return text ? text : "";
}

/* Whether the first line of a file names a column; length 0: whether it can be read. */
static bool has_column(const char *path, const char *column, size_t length)
{
	FILE *f = fopen(path, "r");
	char *line = NULL, *rest;
	size_t room = 0;
	bool found = f && length == 0;
	if (f && length > 0 && getline(&line, &room, f) > 0) {
		line[strcspn(line, "\r\n")] = '\0';
		rest = line;
		for (char *name = strsep(&rest, ","); name && !found; name = strsep(&rest, ","))
			found = strlen(name) == length && !strncmp(name, column, length);
	}
	free(line);
	if (f)
		fclose(f);
	return found;
}

/* The file of a word, of the device called so (NULL: the first). 1: it is there, 0: it is not, -1: the name is too long. */
static int look_for(const char *run, const char *word, size_t n, const char *device, char *path)
{
	size_t length = n;
	const char *file = plot_file_of_word(word, &length), *behind = file + length, *column = behind + (behind < word + n);
	if (put_path(run, file, (int)length, device, path) < 0)
		return -1;
	return has_column(path, column, (size_t)(word + n - column));
}

static bool of_device(const char *word, size_t n)
{
	const char *file = plot_file_of_word(word, &n);
	return file > word && file[-1] == PLOT_OF_DEVICE;
}

/* Whether device i has a file of the kind. */
static bool has_file(const struct plot_kind *k, const char *run, const json_t *doc, size_t i)
{
	char path[PATH_MAX];
	const char *word = k->files;
	for (size_t n; (n = plot_next_word(&word)) > 0; word += n)
		if (of_device(word, n) && look_for(run, word, n, i ? member(doc, i, "name") : NULL, path) > 0)
			return true;
	return false;
}

static int no_such(const char *run, const char *wanted, const json_t *doc, struct err *e)
{
	char names[256] = "";
	for (size_t i = 0, n = 0; i < json_array_size(json_object_get(doc, "devices")) && n < sizeof(names); i++)
		n += (size_t)snprintf(names + n, sizeof(names) - n, "%s%s", i ? ", " : "", member(doc, i, "name"));
	return err_set(e, ERR_USAGE, "%s has no device \"%s\"%s%s", run, wanted, *names ? ": it has " : "", names);
}

int plot_device_find(const struct plot_request *r, const char *run, struct plot_device *d, struct err *e)
{
	char path[PATH_MAX];
	*d = (struct plot_device){0};
	json_t *doc = snprintf(path, sizeof(path), "%s/summary.json", run) < (int)sizeof(path) ? json_load_file(path, 0, NULL) : NULL;
	size_t found = d->count = json_array_size(json_object_get(doc, "devices"));
	for (size_t i = 0; i < d->count && found == d->count; i++)
		if (r->device ? !strcmp(r->device, member(doc, i, "name")) : has_file(r->kind, run, doc, i))
			found = i;
	int status = r->device && found == d->count ? no_such(run, r->device, doc, e) : 0;
	if (found < d->count) {
		d->index = found;
		snprintf(d->name, sizeof(d->name), "%s", member(doc, found, "name"));
		snprintf(d->model, sizeof(d->model), "%s", member(doc, found, "model"));
	}
	json_decref(doc);
	return status;
}

int plot_path(const char *run, const struct plot_device *d, const char *word, size_t n, char *path)
{
	return look_for(run, word, n, of_device(word, n) && d->index > 0 ? d->name : NULL, path);
}
