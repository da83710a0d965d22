/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Option rows: one row gives parser, bounds, default, help, `quern options`, the man
 * page and the effective config.
 *
 * A component describes its settings as a const array of rows that write into a plain
 * struct. Binding a config node to rows fills defaults, parses each scalar by its row,
 * refuses unknown, duplicate and missing keys (naming file, line, column and the nearest
 * valid key) and keys that nothing would act on, checks bounds, and last calls the group's check() for what spans fields.
 *
 * CSV files: comma-separated, # begins a comment line, an empty field is a key left out. A
 * column may give its unit in the header, "seek_time [ms]"; its numbers then stand bare.
 *
 * Owner: rows are static const; the bound struct is the caller's; strings, tables and
 * lists it points to live in the arena given to the bind.
 */
#ifndef QUERN_SIM_OPTION_H
#define QUERN_SIM_OPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "sim/arena.h"
#include "sim/err.h"
#include "sim/units.h"

enum opt_type {
	OPT_BOOL,   /* bool: true/false, yes/no, on/off */
	OPT_SCALAR, /* int64_t or double by .unit */
	OPT_STRING, /* char *, in the arena */
	OPT_ENUM,   /* int: index into .choices; names match exactly */
	OPT_GROUP,  /* a nested struct: .group */
	OPT_TABLE,  /* struct opt_table: a list of groups, or the name of a CSV file beside
	             * the config whose header line names the group's keys */
	OPT_LIST,   /* struct opt_list: a list of scalars of .unit */
	OPT_CURVE,  /* struct opt_curve: a list of [x, y] pairs, x a plain integer, or a CSV file
	             * of two columns beside the config (first line a header) */
	OPT_FILE,   /* char *: path, made relative to the config that names it */
};

struct opt_table {
	void *rows;   /* array of the group's struct */
	size_t count;
};

struct opt_list {
	union unit_value *values;
	size_t count;
};

struct opt_curve {
	int64_t *x;   /* strictly ascending */
	double *y;    /* in the base unit of the row (ps, bytes, turns, ...) */
	size_t count;
};

struct opt_choice {
	const char *name;
	const char *doc;
};

struct opt_group;

/* Where an error belongs: file, line and column of a key. */
struct opt_where {
	const char *file; /* "--set disk0.rpm" for the command line: line and column are then 0 */
	int line;
	int column;
};

struct opt_row {
	const char *key;    /* snake_case, unique in its group */
	enum opt_type type;
	enum unit unit;     /* OPT_SCALAR, OPT_LIST; for OPT_CURVE the unit of y */
	size_t offset;      /* into the bound struct */
	const char *min;    /* inclusive bounds, text in the row's unit, or NULL */
	const char *max;
	const char *def;    /* default as text, or NULL: the key is required; "" for OPT_TABLE,
	                     * OPT_LIST, OPT_CURVE, OPT_STRING, OPT_FILE: empty by default. OPT_GROUP:
	                     * unused, an absent group takes the defaults of its own rows */
	const char *doc;    /* one sentence for help and man page */
	const struct opt_choice *choices; /* OPT_ENUM: ends with a NULL name */
	const struct opt_group *group;    /* OPT_GROUP, OPT_TABLE */
	/* Why the row has nothing to act on, given its group's struct, as a phrase; NULL: it acts. Such a row is refused where a config
	 * has it (an empty value says nothing, and stands), and is not written. No function: it always acts. */
	const char *(*idle)(const void *bound);
};

struct opt_group {
	const char *name;   /* "disk", "disk zone" */
	const char *doc;
	const struct opt_row *rows; /* ends with a NULL key */
	size_t struct_bytes;
	/* What no single row can see. On failure names the offending key in `key` (a row's
	 * key, "group.key" of a row that is a group, or "" for all of it) and a phrase in `why`; the binder adds the place. */
	int (*check)(const void *bound, const char **key, char *why, size_t why_bytes);
};

/* Fill a struct with the defaults of its rows; check() is not called. Required keys are left
 * zero. -1: ERR_LIMIT (or ERR_CONFIG, when a default does not parse: a bug in the rows). */
int opt_defaults(const struct opt_group *g, void *bound, struct arena *a, struct err *e);

/* Print rows for people (`quern options`) and as man-page source. prefix: "disk0.". */
void opt_print_text(const struct opt_group *g, const char *prefix, FILE *out);
void opt_print_man(const struct opt_group *g, const char *prefix, FILE *out);

/* A row as text, for other forms. All is borrowed for the call. */
struct opt_fact {
	const char *key;        /* whole: "disk0.cache.segments" */
	const char *type, *range, *doc;
	const char *value;      /* the default; NULL: it must be given, or is a group */
	const struct opt_choice *choices; /* of a choice, else NULL */
};
/* Tells each row of a group and of the groups in it, in the order of opt_print_text(). */
void opt_tell(const struct opt_group *g, const char *prefix, void (*told)(const struct opt_fact *f, void *ctx), void *ctx);

/*
 * Write a bound struct as YAML that binds back to the same values, every row included that has something to act on. from: what a
 * relative file name gets in front where the YAML is to be read ("../"), since it is looked for beside it; NULL: nothing.
 */
void opt_write_yaml(const struct opt_group *g, const void *bound, int indent, const char *from, FILE *out);

/*
 * The same as lines "group.key: value", for comparing two structs by what they say. Rows and groups whose path stands in
 * `but` (NULL-terminated, or NULL) are left out.
 */
void opt_write_paths(const struct opt_group *g, const void *bound, const char *const *but, FILE *out);

/*
 * One value of a bound struct, for tables and hashes: a number in a plain unit (ns, rpm, bytes, bytes/s, 1/s, W, turns, ratios;
 * truth is 0 or 1), or a text: of a word or a name, or for lists, curves and tables what opt_write_yaml() writes. Borrowed during
 * the call.
 */
struct opt_value {
	const char *path;  /* "flash.bus.rate" behind the prefix */
	const struct opt_row *row;
	const char *text;  /* NULL: a number, or a list, curve or table of which no text is wanted */
	const void *bound; /* what the row binds: struct opt_list, opt_curve, opt_table... */
	union unit_value exact; /* of a number: as it is bound */
	bool is_whole;     /* the number is `whole` */
	int64_t whole;
	double number;
	const char *unit;  /* "" none */
};
/* Each row that has something to act on, in order. texts: lists, curves and tables come as texts. 0, or -1: no memory. */
int opt_each_value(const struct opt_group *g, const void *bound, const char *prefix, bool texts,
	void (*each)(void *ctx, const struct opt_value *v), void *ctx);

/* The name of the choice with this index. */
const char *opt_choice_name(const struct opt_row *row, int index);

#endif
