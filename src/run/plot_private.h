/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Between the files of the plots: what a picture is drawn from.
 *
 * A kind names files of its run directories (plot_list.h). plot_data_write() puts them into one file, the .dat that stays
 * beside the picture: blocks parted by two empty lines, headed by a comment "# I:FILE" (I: number of the run, from 1) and
 * one with the names of the columns, so that gnuplot finds a block as `index "1:series.csv"`. Where a script would need more
 * than the file has, or less of it, the word "@TABLE:FILE" names a table that is worked out from the file on the way
 * (plot_tables); its block is "I:TABLE".
 */
#ifndef QUERN_RUN_PLOT_PRIVATE_H
#define QUERN_RUN_PLOT_PRIVATE_H

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "run/plot.h"

/* The first line of what is kept beside a picture. */
#define PLOT_MARK "# Made by `quern plot`. Take this line out to keep your changes: the file is not replaced then."

/* A table that is worked out: writes its header line (as a comment) and rows, and gives the number of rows, or -1 with *e. */
struct plot_table {
	const char *name;
	long (*write)(const char *path, FILE *out, struct err *e);
};
/* All of them, ending with a NULL name. */
extern const struct plot_table plot_tables[];

/*
 * Write the blocks of all runs into `dat`, and into `head` what scripts know of them: arrays ROWS_x[i], data rows, and
 * HEAD_x[i], names of the columns parted by blanks ("" without the file); x is the file or table with every other character than
 * letters and digits as _. real: the run directories as absolute paths. 0, or -1 with *e set.
 */
int plot_data_write(const struct plot_request *r, char (*real)[PATH_MAX], FILE *dat, FILE *head, struct err *e);

/* The folder that holds style.gp and a file of plots/: those of $QUERN_PLOTS, the installed one, the source's. 0, or -1 with *e
 * (ERR_IO). */
int plot_find(const char *file, char *dir, size_t bytes, struct err *e);
/* The column of "COLUMN", "min:COLUMN" and "max:COLUMN"; "" of NULL. */
static inline const char *plot_column(const char *text)
{
	return !text ? "" : !strncmp(text, "min:", 4) || !strncmp(text, "max:", 4) ? text + 4 : text;
}
/* Whether a kind is of sweeps. */
static inline int plot_is_of_sweep(const struct plot_kind *k) { return k->files[0] == '='; }
/* The same for a kind of sweeps: blocks of `dat`, and what scripts know of them. 0, or -1 with *e set. */
int plot_sweep_write(const struct plot_request *r, FILE *dat, FILE *head, struct err *e);
/* Workload and device of a sweep, as far as they are the same in all points. */
void plot_sweep_subject(const struct plot_request *r, char *out, size_t bytes);

/* Write `text` as a gnuplot string: all but letters, digits and a few marks as octal bytes. */
void plot_put_string(FILE *out, const char *text);
/* Run gnuplot on the script, which draws into the file `picture`. 0, or -1: ERR_CHECK (it refused the script), ERR_IO (the
 * script has nothing to draw, which it says, or there is no gnuplot). */
int plot_draw(const struct plot_request *r, FILE *script, const char *picture, struct err *e);
/* The script plots/NAME.gp, and in place of its `load` lines the scripts that they name. */
int plot_put_script(FILE *out, const char *dir, const char *name, struct err *e);
/* Workload and device of the runs, as far as they are the same for all: "random on Quantum Atlas 10K"; "" where nothing says it. */
void plot_subject(const struct plot_request *r, char (*real)[PATH_MAX], char *out, size_t bytes);

/* The next word of a blank-separated list: its length, *at moved to it; 0 at the end. */
size_t plot_next_word(const char **at);
/* A word of a kind's list of files: the file alone, without "@TABLE:", "*" and "#COLUMN"; its length is *n. */
const char *plot_file_of_word(const char *word, size_t *n);

/* ---- one of several devices (plot_device.c) */

#define PLOT_OF_DEVICE '*' /* before a file in a kind's list: each device has its own */

struct plot_device {
	size_t index, count;   /* in the run's list of devices; count 0: nothing tells of them */
	char name[128], model[128];
};

/* Whether a kind shows one device. */
bool plot_is_of_device(const struct plot_kind *k);
/* That which the request names in this run, or the first that has a file of the kind. 0, or -1: there is none of that name
 * (ERR_USAGE). */
int plot_device_find(const struct plot_request *r, const char *run, struct plot_device *d, struct err *e);
/* The path of a word's file, PATH_MAX bytes. 1: it is there, with the column that the word asks for; 0: not; -1: the name is too
 * long. */
int plot_path(const char *run, const struct plot_device *d, const char *word, size_t n, char *path);

#endif
