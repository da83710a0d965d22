/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading a drive parameter sheet. */
#include "run/drive_txt.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define SHEET_LINE 262144 /* bytes; slip lists are long */
#define SHEET_ROWS 4096
#define SHEET_ZONES 4096
#define ZONE_COLUMNS "index first_lbn first_cyl last_cyl sectors_per_track zone_offset reserved_front track_skew " \
	"cylinder_skew spares"

struct reading {
	struct drive_txt *sheet;
	struct drive_txt_row *row;   /* SHEET_ROWS */
	struct drive_txt_zone *zone; /* SHEET_ZONES */
	unsigned line;
	struct err *e;
};

static char *trim(char *s)
{
	while (*s == ' ' || *s == '\t')
		s++;
	size_t n = strlen(s);
	while (n > 0 && strchr(" \t\r\n", s[n - 1]))
		s[--n] = '\0';
	return s;
}

static bool next_number(const char **at, double *out)
{
	char *end;
	*out = strtod(*at, &end);
	bool good = end != *at && isfinite(*out) && (*end == '\0' || *end == ' ' || *end == '\t');
	*at = end;
	return good;
}

static int read_zone(struct reading *r, const char *value)
{
	struct drive_txt *t = r->sheet;
	double x[10];
	const char *at = value;
	for (int i = 0; i < 10; i++)
		if (!next_number(&at, &x[i]) || fabs(x[i]) > 1e12)
			return err_set(r->e, ERR_CONFIG, "%s:%u: zone = %s: want ten numbers: " ZONE_COLUMNS, t->path,
				r->line, value);
	while (*at == ' ' || *at == '\t')
		at++;
	if (*at)
		return err_set(r->e, ERR_CONFIG, "%s:%u: zone = %s: want ten numbers, not more", t->path, r->line, value);
	if (t->zones == SHEET_ZONES)
		return err_set(r->e, ERR_LIMIT, "%s:%u: there are more than %d zones", t->path, r->line, SHEET_ZONES);
	if (x[0] != (double)t->zones)
		return err_set(r->e, ERR_CONFIG, "%s:%u: zone = %s: want the zones in order, this one is number %zu",
			t->path, r->line, value, t->zones);
	r->zone[t->zones++] = (struct drive_txt_zone){(int64_t)x[0], (int64_t)x[1], (int64_t)x[2], (int64_t)x[3],
		(int64_t)x[4], x[5], (int64_t)x[6], x[7], x[8], (int64_t)x[9], r->line};
	return 0;
}

static int read_line(struct reading *r, char *text)
{
	struct drive_txt *t = r->sheet;
	char *key = trim(text);
	if (!*key || *key == '#')
		return 0;
	char *equals = strchr(key, '=');
	if (!equals || equals == key)
		return err_set(r->e, ERR_CONFIG, "%s:%u: want `key = value`, a comment or an empty line", t->path, r->line);
	*equals = '\0';
	key = trim(key);
	char *value = trim(equals + 1);
	if (!strcmp(key, "zone"))
		return read_zone(r, value);
	const struct drive_txt_row *twice = drive_txt_find(t, key);
	if (twice)
		return err_set(r->e, ERR_CONFIG, "%s:%u: %s stands twice, first in line %u", t->path, r->line, key, twice->line);
	if (!strcmp(key, "zone_columns") && strcmp(value, ZONE_COLUMNS) != 0)
		return err_set(r->e, ERR_CONFIG, "%s:%u: zone_columns = %s: want " ZONE_COLUMNS, t->path, r->line, value);
	if (t->rows == SHEET_ROWS)
		return err_set(r->e, ERR_LIMIT, "%s:%u: there are more than %d keys", t->path, r->line, SHEET_ROWS);
	struct drive_txt_row row = {arena_strdup(t->arena, key), arena_strdup(t->arena, value), r->line};
	if (!row.key || !row.value)
		return err_set(r->e, ERR_LIMIT, "no memory for %s", t->path);
	r->row[t->rows++] = row;
	return 0;
}

static int read_lines(struct reading *r, FILE *in)
{
	struct drive_txt *t = r->sheet;
	char *text = arena_alloc(t->arena, SHEET_LINE);
	if (!text)
		return err_set(r->e, ERR_LIMIT, "no memory for %s", t->path);
	while (fgets(text, SHEET_LINE, in)) {
		r->line++;
		if (!strchr(text, '\n') && strlen(text) == SHEET_LINE - 1)
			return err_set(r->e, ERR_CONFIG, "%s:%u: the line is longer than %d bytes", t->path, r->line, SHEET_LINE - 2);
		bool mark = r->line == 1 && !strncmp(text, "\xef\xbb\xbf", 3); /* UTF-8's, from some editors */
		if (read_line(r, text + (mark ? 3 : 0)) < 0)
			return -1;
	}
	if (ferror(in))
		return err_set(r->e, ERR_IO, "cannot read %s: %s", t->path, strerror(errno));
	if (t->zones == 0)
		return err_set(r->e, ERR_CONFIG, "%s:%u: the sheet ends without a zone", t->path, r->line);
	return 0;
}

struct drive_txt *drive_txt_read(struct arena *a, const char *path, struct err *e)
{
	struct drive_txt *t = arena_alloc(a, sizeof(*t));
	struct reading r = {t, arena_array(a, SHEET_ROWS, sizeof(*r.row)), arena_array(a, SHEET_ZONES, sizeof(*r.zone)),
		0, e};
	if (t)
		*t = (struct drive_txt){a, arena_strdup(a, path), r.row, 0, r.zone, 0};
	if (!t || !t->path || !r.row || !r.zone) {
		err_set(e, ERR_LIMIT, "no memory for %s", path);
		return NULL;
	}
	bool piped = !strcmp(path, "-");
	FILE *in = piped ? stdin : fopen(path, "r");
	if (!in) {
		err_set(e, ERR_IO, "cannot open %s: %s", path, strerror(errno));
		return NULL;
	}
	int bad = read_lines(&r, in);
	if (!piped)
		fclose(in);
	return bad ? NULL : t;
}

const struct drive_txt_row *drive_txt_find(const struct drive_txt *t, const char *key)
{
	for (size_t i = 0; i < t->rows; i++)
		if (!strcmp(t->row[i].key, key))
			return &t->row[i];
	return NULL;
}

int drive_txt_number(const struct drive_txt *t, const char *key, double min, double max, double otherwise,
	double *out, struct err *e)
{
	const struct drive_txt_row *row = drive_txt_find(t, key);
	*out = otherwise;
	if (!row)
		return 0;
	const char *at = row->value;
	if (!next_number(&at, out) || *at)
		return err_set(e, ERR_CONFIG, "%s:%u: %s = %s: want a number", t->path, row->line, key, row->value);
	if (*out < min || *out > max)
		return err_set(e, ERR_CONFIG, "%s:%u: %s = %s: want a number from %g to %g", t->path, row->line, key,
			row->value, min, max);
	return 0;
}

int drive_txt_want(const struct drive_txt *t, const char *key, double min, double max, double *out, struct err *e)
{
	if (!drive_txt_find(t, key))
		return err_set(e, ERR_CONFIG, "%s: the key %s is missing", t->path, key);
	return drive_txt_number(t, key, min, max, 0, out, e);
}
