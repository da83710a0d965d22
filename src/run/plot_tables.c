/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tables of pictures that are worked out from the files of a run directory (plot_private.h). */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "run/plot_private.h"

/* ---- reading CSV ------------------------------------------------------------------------------ */

enum { CELLS = 64 };

struct rows {
	const char *path;
	FILE *in;
	char *line, *head;
	size_t room;
	int names, cells;
	char *name[CELLS], *cell[CELLS];
};

static int split(char *line, char **cell)
{
	int n = 0;
	line[strcspn(line, "\r\n")] = '\0';
	for (char *rest = line, *at = strsep(&rest, ","); at && n < CELLS; at = strsep(&rest, ","))
		cell[n++] = at;
	return n;
}

static int rows_open(struct rows *r, const char *path, struct err *e)
{
	*r = (struct rows){.path = path, .in = fopen(path, "r")};
	size_t room = 0;
	if (!r->in)
		return err_set(e, ERR_IO, "%s: cannot read it: %s", path, strerror(errno));
	if (getline(&r->head, &room, r->in) > 0)
		r->names = split(r->head, r->name);
	return 0;
}

static int rows_next(struct rows *r)
{
	do {
		if (getline(&r->line, &r->room, r->in) <= 0)
			return 0;
	} while (*r->line == '#' || *r->line == '\n');
	r->cells = split(r->line, r->cell);
	return 1;
}

static void rows_close(struct rows *r)
{
	free(r->line);
	free(r->head);
	fclose(r->in);
}

/* The number of a column, or -1 with *e set. */
static int rows_column(const struct rows *r, const char *name, struct err *e)
{
	for (int k = 0; k < r->names; k++)
		if (!strcmp(r->name[k], name))
			return k;
	return err_set(e, ERR_IO, "%s has no column %s, which this picture is made from", r->path, name);
}

static double number(const struct rows *r, int column)
{
	return column >= 0 && column < r->cells ? strtod(r->cell[column], NULL) : 0;
}

/* The run's summary beside the file, or NULL. */
static json_t *summary_beside(const char *path)
{
	char name[PATH_MAX];
	int n = (int)(strrchr(path, '/') - path);
	if (snprintf(name, sizeof(name), "%.*s/summary.json", n, path) >= (int)sizeof(name))
		return NULL;
	return json_load_file(name, 0, NULL);
}

/* ---- wear --------------------------------------------------------------------------------------- */

/* The Lorenz curve of erases: the least worn share of the blocks has which share of all erases. gini: twice the
 * area between it and the diagonal, by trapezoids. */
static long write_lorenz(const char *path, FILE *out, struct err *e)
{
	struct rows r;
	double blocks = 0, erases = 0, area = 0, x = 0, y = 0;
	long rows = 0;
	fputs("# blocks_percent,erases_percent,gini\n", out);
	for (int pass = 0; pass < 3; pass++) {
		double b = 0, s = 0;
		if (rows_open(&r, path, e) < 0)
			return -1;
		if (pass == 2 && erases > 0)
			rows += fprintf(out, "0,0,%.9g\n", 1 - 2 * area) > 0;
		while (rows_next(&r) && (pass == 0 || erases > 0)) {
			b += number(&r, 2);
			s += number(&r, 2) * (number(&r, 0) + number(&r, 1) - 1) / 2;
			if (pass == 1) {
				area += (b / blocks - x) * (s / erases + y) / 2;
				x = b / blocks;
				y = s / erases;
			} else if (pass == 2) {
				rows += fprintf(out, "%.9g,%.9g,%.9g\n", 100 * b / blocks, 100 * s / erases, 1 - 2 * area) > 0;
			}
		}
		rows_close(&r);
		if (pass == 0) {
			blocks = b;
			erases = s;
		}
	}
	return rows;
}

/* The device whose series the file is: the first, or that in its name. */
static const json_t *device_of_series(const json_t *doc, const char *path)
{
	static const char plain[] = "/device-series-";
	const json_t *devices = json_object_get(doc, "devices"), *d;
	const char *name = strstr(strrchr(path, '/'), plain);
	size_t i;
	json_array_foreach(name ? devices : NULL, i, d) {
		const char *own = json_string_value(json_object_get(d, "name"));
		size_t n = own ? strlen(own) : 0;
		if (own && !strncmp(name + sizeof(plain) - 1, own, n) && !strcmp(name + sizeof(plain) - 1 + n, ".csv"))
			return d;
	}
	return json_array_get(devices, 0);
}

static long write_wear_time(const char *path, FILE *out, struct err *e)
{
	struct rows r;
	json_t *doc = summary_beside(path);
	double endurance = json_number_value(json_object_get(json_object_get(json_object_get(
		device_of_series(doc, path), "report"), "endurance"), "value"));
	json_decref(doc);
	if (rows_open(&r, path, e) < 0)
		return -1;
	int mean = rows_column(&r, "erase_mean", e), most = rows_column(&r, "erase_max", e);
	long rows = mean < 0 || most < 0 ? -1 : 0;
	fputs("# time_s,erase_mean,erase_max,endurance\n", out);
	while (rows >= 0 && rows_next(&r))
		rows += fprintf(out, "%.12g,%.9g,%.9g,%.9g\n", number(&r, 0) + number(&r, 1), number(&r, mean), number(&r, most), endurance) > 0;
	rows_close(&r);
	return rows;
}

enum { MOST_X = 360, MOST_Y = 128 };

struct wear {
	uint64_t dies, planes, blocks;
	size_t columns, lines;
	double *sum;
	uint64_t *count;
};

static size_t cell_of(const struct wear *w, double die, double plane, double block)
{
	uint64_t x = (uint64_t)plane * w->blocks + (uint64_t)block;
	return (size_t)((uint64_t)die * w->lines / w->dies * w->columns + x * w->columns / (w->planes * w->blocks));
}

static uint64_t above(uint64_t most, double value)
{
	return (uint64_t)value + 1 > most ? (uint64_t)value + 1 : most;
}

static int sum_wear(struct wear *w, const char *path, struct err *e)
{
	struct rows r;
	if (rows_open(&r, path, e) < 0)
		return -1;
	while (rows_next(&r)) {
		size_t k = cell_of(w, number(&r, 0), number(&r, 1), number(&r, 2));
		w->sum[k] += number(&r, 3);
		w->count[k]++;
	}
	rows_close(&r);
	return 0;
}

static long put_wear(const struct wear *w, FILE *out)
{
	uint64_t blocks = w->planes * w->blocks;
	double wide = (double)blocks / (double)w->columns, high = (double)w->dies / (double)w->lines;
	long rows = 0;
	for (size_t y = 0; y < w->lines; y++)
		for (size_t x = 0; x < w->columns; x++) {
			size_t k = y * w->columns + x;
			if (w->count[k])
				rows += fprintf(out, "%.9g,%.9g,%.9g,%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%zu,%zu\n", ((double)x + 0.5) * wide,
					((double)y + 0.5) * high - 0.5, w->sum[k] / (double)w->count[k], blocks, w->dies, w->planes, w->columns,
					w->lines) > 0;
		}
	return rows;
}

/* Means of the erases over at most 360 x 128 cells: a row a die, its planes one behind the other. */
static long write_wear_cells(const char *path, FILE *out, struct err *e)
{
	struct rows r;
	struct wear w = {0};
	if (rows_open(&r, path, e) < 0)
		return -1;
	while (rows_next(&r)) {
		w.dies = above(w.dies, number(&r, 0));
		w.planes = above(w.planes, number(&r, 1));
		w.blocks = above(w.blocks, number(&r, 2));
	}
	rows_close(&r);
	fputs("# block,die,erases_mean,blocks,dies,planes,columns,rows\n", out);
	if (w.dies * w.planes * w.blocks == 0)
		return 0;
	w.columns = w.planes * w.blocks < MOST_X ? w.planes * w.blocks : MOST_X;
	w.lines = w.dies < MOST_Y ? w.dies : MOST_Y;
	w.sum = calloc(w.columns * w.lines + 1, sizeof(*w.sum));
	w.count = calloc(w.columns * w.lines + 1, sizeof(*w.count));
	long rows = -1;
	if (!w.sum || !w.count)
		err_set(e, ERR_LIMIT, "no memory for the wear of %s", path);
	else if (!sum_wear(&w, path, e))
		rows = put_wear(&w, out);
	free(w.sum);
	free(w.count);
	return rows;
}

/* ---- who caused the writes ---------------------------------------------------------------------------- */

/* A piece of a bar: from where the last one ended. */
static long put_piece(FILE *out, int bar, const char *cause, double bytes, double *at)
{
	if (bytes <= 0)
		return 0;
	double from = *at;
	*at += bytes;
	return fprintf(out, "%d,%s,%.17g,%.17g,%.17g\n", bar, cause, bytes, from, *at) > 0;
}

/* Bar 1: bytes that were written to all devices by cause; bar 2: of drives with flash, bytes programmed by cause. */
static long write_causes(const char *path, FILE *out, struct err *e)
{
	static const char *const programmed[] = {"host", "gc", "wear", "mapping", "padding"};
	json_t *doc = json_load_file(path, 0, NULL), *value, *device;
	if (!doc)
		return err_set(e, ERR_IO, "%s: not a summary of a run", path);
	const char *cause;
	size_t i;
	long rows = 0;
	double at = 0, each[5] = {0};
	json_t *replay = json_object_get(doc, "replay"), *by = json_object_get(
		json_is_object(replay) ? replay : json_object_get(doc, "scenario"), "written_by_cause");
	fputs("# bar,cause,bytes,from_bytes,to_bytes\n", out);
	json_object_foreach(by, cause, value)
		rows += put_piece(out, 1, cause, json_number_value(value), &at);
	json_array_foreach(json_object_get(doc, "devices"), i, device) {
		double units[5], all = 0, media = json_number_value(json_object_get(device, "media_write_bytes"));
		for (int k = 0; k < 5; k++) {
			char name[64];
			snprintf(name, sizeof(name), "programmed_%s_units", programmed[k]);
			units[k] = json_number_value(json_object_get(json_object_get(json_object_get(device, "report"), name), "value"));
			all += units[k];
		}
		for (int k = 0; k < 5; k++)
			each[k] += all > 0 ? units[k] / all * media : 0;
	}
	at = 0;
	for (int k = 0; k < 5; k++)
		rows += put_piece(out, 2, programmed[k], each[k], &at);
	json_decref(doc);
	return rows;
}

/* ---- checkpoints ----------------------------------------------------------------------------------------- */

struct states {
	struct rows r;
	int shift, device;   /* column of the device, or 0 */
	char last[256];
};

static int states_open(struct states *s, const char *path, struct err *e)
{
	*s = (struct states){0};
	if (rows_open(&s->r, path, e) < 0)
		return -1;
	s->shift = s->r.names > 0 && !strcmp(s->r.name[0], "device");
	return 0;
}

/* The next checkpoint: 1, 2 where it is the first of a device (*device: its number, from 1), 0 at the end. */
static int states_next(struct states *s, double *frozen, double *resumed, double *valid)
{
	if (!rows_next(&s->r))
		return 0;
	const char *name = s->shift ? s->r.cell[0] : "";
	int first = !s->device || strcmp(name, s->last) != 0;
	s->device += first;
	snprintf(s->last, sizeof(s->last), "%s", name);
	*frozen = number(&s->r, s->shift + 1);
	*resumed = number(&s->r, s->shift + 2);
	*valid = number(&s->r, s->shift + 3);
	return 1 + first;
}

static long write_states(const char *path, FILE *out, struct err *e)
{
	struct states s;
	double frozen, resumed, valid, from = 0;
	long rows = 0;
	int kind;
	if (states_open(&s, path, e) < 0)
		return -1;
	fputs("# device,begin_s,end_s,state,name\n", out);
	while ((kind = states_next(&s, &frozen, &resumed, &valid)) > 0) {
		from = kind == 2 ? 0 : from;
		const char *name = s.shift ? s.r.cell[0] : "program";
		rows += fprintf(out, "%d,%.12g,%.12g,running,%s\n", s.device, from, frozen, name) > 0;
		rows += fprintf(out, "%d,%.12g,%.12g,copying,%s\n", s.device, frozen, resumed, name) > 0;
		rows += fprintf(out, "%d,%.12g,%.12g,flushing,%s\n", s.device, resumed, valid, name) > 0;
		from = valid;
	}
	rows_close(&s.r);
	return rows;
}

/* What a failure at that time would lose: the time since the state that the last valid checkpoint holds. */
static long write_lost_work(const char *path, FILE *out, struct err *e)
{
	struct states s;
	double frozen, resumed, valid, held = 0;
	long rows = 0;
	int kind;
	if (states_open(&s, path, e) < 0)
		return -1;
	fputs("# device,time_s,lost_s\n", out);
	while ((kind = states_next(&s, &frozen, &resumed, &valid)) > 0) {
		if (kind == 2) {
			held = 0;
			rows += fprintf(out, "%d,0,0\n", s.device) > 0;
		}
		rows += fprintf(out, "%d,%.12g,%.12g\n", s.device, valid, valid - held) > 0;
		rows += fprintf(out, "%d,%.12g,%.12g\n", s.device, valid, valid - frozen) > 0;
		held = frozen;
	}
	rows_close(&s.r);
	return rows;
}

const struct plot_table plot_tables[] = {
	{"lorenz", write_lorenz},
	{"wear_time", write_wear_time},
	{"wear_cells", write_wear_cells},
	{"causes", write_causes},
	{"states", write_states},
	{"lost_work", write_lost_work},
	{NULL, NULL},
};
