/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The data of a picture: files of run directories as blocks of one file, and the title that says what they are of. */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "run/plot_private.h"

size_t plot_next_word(const char **at)
{
	*at += strspn(*at, " ");
	return strcspn(*at, " ");
}

const char *plot_file_of_word(const char *word, size_t *n)
{
	const char *colon = *word == '@' ? memchr(word, ':', *n) : NULL, *file = colon ? colon + 1 : word;
	file += *file == PLOT_OF_DEVICE;
	*n -= (size_t)(file - word);
	*n = strcspn(file, "# ") < *n ? strcspn(file, "# ") : *n;
	return file;
}

void plot_put_string(FILE *out, const char *text)
{
	putc('"', out);
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;
		if (c < 128 && (isalnum(c) || strchr("/._-+,:()= ", c)))
			putc(c, out);
		else
			fprintf(out, "\\%03o", c);
	}
	putc('"', out);
}

/* ---- blocks ------------------------------------------------------------------------------ */

/* The header line of a table: commas as blanks, what is no letter or digit as _. */
static void put_head(FILE *head, const char *name, size_t run, const char *line)
{
	line += strspn(line, "# ");
	fprintf(head, "HEAD_%s[%zu] = \"", name, run);
	for (; *line && *line != '\n'; line++)
		putc(isalnum((unsigned char)*line) || strchr("_-.", *line) ? *line : *line == ',' ? ' ' : '_', head);
	fputs("\"\n", head);
}

/* A file as it is, its header as a comment. Rows, or -1. */
static long copy_file(const char *path, FILE *out, struct err *e)
{
	FILE *in = fopen(path, "r");
	if (!in)
		return err_set(e, ERR_IO, "%s: cannot read it: %s", path, strerror(errno));
	char *line = NULL;
	size_t room = 0;
	long rows = -1;
	for (ssize_t n; (n = getline(&line, &room, in)) > 0;) {
		if (*line == '\n')
			continue; /* would end the block */
		if (rows < 0)
			fputs("# ", out);
		rows += *line != '#' || rows < 0;
		fputs(line, out);
		if (line[n - 1] != '\n')
			putc('\n', out);
	}
	free(line);
	int bad = ferror(in);
	fclose(in);
	return bad ? err_set(e, ERR_IO, "%s: cannot read it", path) : rows > 0 ? rows : 0;
}

/* The rows of one block, into memory first, so that its header can be told. */
static long write_block(const char *word, const char *path, char **text, struct err *e)
{
	size_t bytes = 0;
	FILE *out = open_memstream(text, &bytes);
	if (!out)
		return err_set(e, ERR_LIMIT, "no memory for the data of a plot");
	long rows = -1;
	if (*word != '@')
		rows = copy_file(path, out, e);
	for (const struct plot_table *t = plot_tables; *word == '@' && t->name; t++)
		if (strlen(t->name) == strcspn(word + 1, ":") && !strncmp(t->name, word + 1, strlen(t->name)))
			rows = t->write(path, out, e);
	if (fclose(out))
		rows = err_set(e, ERR_LIMIT, "no memory for the data of a plot");
	return rows;
}

/* What the block of a word is called, and how long that is: its table, or its file. */
static const char *block_of(const char *word, size_t n, size_t *length)
{
	*length = *word == '@' ? strcspn(word + 1, ":") : n;
	return *word == '@' ? word + 1 : plot_file_of_word(word, length);
}

static int put_block(const struct plot_request *r, const char *word, size_t n, const char *run, size_t i, const char *name,
	FILE *dat, FILE *head, struct err *e)
{
	char path[PATH_MAX];
	size_t block_n;
	const char *block = block_of(word, n, &block_n);
	struct plot_device d;
	if (plot_device_find(r, run, &d, e) < 0)
		return -1;
	int there = plot_path(run, &d, word, n, path);
	if (there < 0)
		return err_set(e, ERR_IO, "%s: the name is too long", run);
	fprintf(head, "ROWS_%s[%zu] = 0\nHEAD_%s[%zu] = \"\"\n", name, i, name, i);
	if (!there)
		return 0;
	char *text = NULL;
	long rows = write_block(word, path, &text, e);
	if (rows >= 0) {
		fprintf(dat, "\n\n# %zu:%.*s\n%s", i, (int)block_n, block, text);
		fprintf(head, "ROWS_%s[%zu] = %ld\n", name, i, rows);
		put_head(head, name, i, text);
	}
	free(text);
	return rows < 0 ? -1 : 0;
}

int plot_data_write(const struct plot_request *r, char (*real)[PATH_MAX], FILE *dat, FILE *head, struct err *e)
{
	const char *word = r->kind->files;
	if (plot_is_of_sweep(r->kind))
		return plot_sweep_write(r, dat, head, e);
	fprintf(dat, "%s\n", PLOT_MARK);
	for (size_t n = plot_next_word(&word); n; word += n, n = plot_next_word(&word)) {
		char name[128];
		size_t k, length;
		const char *from = block_of(word, n, &length);
		for (k = 0; k < length && k < sizeof(name) - 1; k++)
			name[k] = isalnum((unsigned char)from[k]) ? from[k] : '_';
		name[k] = '\0';
		fprintf(head, "array ROWS_%s[%zu]\narray HEAD_%s[%zu]\n", name, r->run_count, name, r->run_count);
		for (size_t i = 0; i < r->run_count; i++)
			if (put_block(r, word, n, real[i], i + 1, name, dat, head, e) < 0)
				return -1;
	}
	return 0;
}

/* ---- scripts ------------------------------------------------------------------------------ */

int plot_put_script(FILE *out, const char *dir, const char *name, struct err *e)
{
	static const char load[] = "load PLOTS . \"/";
	char path[PATH_MAX];
	FILE *in = snprintf(path, sizeof(path), "%s/%s.gp", dir, name) < (int)sizeof(path) ? fopen(path, "r") : NULL;
	if (!in)
		return err_set(e, ERR_IO, "%s/%s.gp: cannot read the script: %s", dir, name, strerror(errno));
	char *line = NULL;
	size_t room = 0;
	int status = 0;
	while (!status && getline(&line, &room, in) > 0) {
		char *at = line + strspn(line, " \t");
		if (strncmp(at, load, sizeof(load) - 1) != 0) {
			fputs(line, out);
			continue;
		}
		at += sizeof(load) - 1;
		at[strcspn(at, ".")] = '\0';
		status = plot_put_script(out, dir, at, e);
	}
	free(line);
	fclose(in);
	return status;
}

/* ---- titles -------------------------------------------------------------------------------- */

static void add_text(char *out, size_t bytes, const char *text)
{
	size_t n = strlen(out);
	if (n < bytes)
		snprintf(out + n, bytes - n, "%s", text);
}

/* Workload and devices of one run; "" where there is no summary. A trace is called by its file. Of several devices, where the
 * picture is of one, that one. */
static void subject_of(const struct plot_request *r, const char *run, char *workload, char *device, size_t bytes)
{
	struct err ignored = {0};
	struct plot_device one = {0};
	char path[PATH_MAX];
	*workload = *device = '\0';
	if (snprintf(path, sizeof(path), "%s/summary.json", run) >= (int)sizeof(path))
		return;
	json_t *doc = json_load_file(path, 0, NULL);
	const char *job = json_string_value(json_object_get(json_array_get(json_object_get(doc, "jobs"), 0), "jobname"));
	const char *slash = job ? strrchr(job, '/') : NULL;
	add_text(workload, bytes, slash ? slash + 1 : job ? job : "");
	if (plot_is_of_device(r->kind) && plot_device_find(r, run, &one, &ignored) == 0 && one.count > 1) {
		add_text(device, bytes, one.name);
		add_text(device, bytes, *one.model ? " (" : "");
		add_text(device, bytes, one.model);
		add_text(device, bytes, *one.model ? ")" : "");
	}
	size_t i;
	json_t *d;
	json_array_foreach(one.count > 1 ? NULL : json_object_get(doc, "devices"), i, d) {
		const char *model = json_string_value(json_object_get(d, "model"));
		if (!model || !*model)
			model = json_string_value(json_object_get(d, "name"));
		add_text(device, bytes, i ? ", " : "");
		add_text(device, bytes, model ? model : "");
	}
	json_decref(doc);
}

void plot_subject(const struct plot_request *r, char (*real)[PATH_MAX], char *out, size_t bytes)
{
	enum { MOST = 256 };
	char workload[MOST], device[MOST], other_workload[MOST], other_device[MOST];
	subject_of(r, real[0], workload, device, MOST);
	for (size_t i = 1; i < r->run_count; i++) {
		subject_of(r, real[i], other_workload, other_device, MOST);
		if (strcmp(workload, other_workload) != 0)
			*workload = '\0';
		if (strcmp(device, other_device) != 0)
			*device = '\0';
	}
	snprintf(out, bytes, "%s%s%s", workload, *workload && *device ? " on " : "", device);
}
