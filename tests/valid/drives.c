/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * drives FOLDER [NAME]: every drive of a folder with NAME.drive.txt, NAME.seek.csv and NAME.trace.csv.
 * Prints one JSON line for each drive, half and way: with the parameters exactly as in the sheet, and
 * after calibration on the first half alone (run/calibrate.h). One continuous closed-loop run over the
 * whole trace; each figure is the median over 20 start angles.
 *
 *   {"drive", "parameters", "half", "rows", "mean_ms", "measured_mean_ms", "demerit_ms", "rms_ms", "median_ms"}
 *
 * Exit status 1 when a drive could not be run.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "run/calibrate.h"
#include "valid/trial.h"

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* NAME of each NAME.drive.txt, sorted, in the arena. */
static char **names(struct arena *a, const char *folder, size_t *n)
{
	static const char tail[] = ".drive.txt";
	char **list = arena_array(a, 1024, sizeof(*list));
	DIR *d = opendir(folder);
	*n = 0;
	for (struct dirent *entry = d ? readdir(d) : NULL; entry && list && *n < 1024; entry = readdir(d)) {
		size_t len = strlen(entry->d_name);
		if (len <= strlen(tail) || strcmp(entry->d_name + len - strlen(tail), tail) != 0)
			continue;
		char *name = arena_strdup(a, entry->d_name);
		if (name) {
			name[len - strlen(tail)] = '\0';
			list[(*n)++] = name;
		}
	}
	if (d)
		closedir(d);
	if (list)
		qsort(list, *n, sizeof(*list), by_name);
	return list;
}

static void print(const char *drive, const char *parameters, const char *half, const struct demerit_figures *f)
{
	printf("{\"drive\": \"%s\", \"parameters\": \"%s\", \"half\": \"%s\", \"rows\": %llu, \"mean_ms\": %.4f, "
		"\"measured_mean_ms\": %.4f, \"demerit_ms\": %.4f, \"rms_ms\": %.4f, \"median_ms\": %.4f}\n",
		drive, parameters, half, (unsigned long long)f->rows, f->simulated_mean_ms, f->measured_mean_ms,
		f->demerit_ms, f->rms_ms, f->median_abs_ms);
	fflush(stdout);
}

static int one_drive(const char *folder, const char *name)
{
	char sheet[4096], trace[4096];
	struct err e = {0};
	struct trial t;
	snprintf(sheet, sizeof(sheet), "%s/%s.drive.txt", folder, name);
	snprintf(trace, sizeof(trace), "%s/%s.trace.csv", folder, name);
	int bad = trial_open(&t, sheet, trace, &e);
	struct trial_figures f;
	if (!bad)
		bad = trial_run(&t, &f, &e);
	for (int half = 0; half < 2 && !bad; half++)
		print(name, "as in the sheet", half ? "second" : "first", &f.half[half]);
	const struct calibration *c = bad ? NULL : calibrate(t.arena, t.spec, t.trace, 1, &e);
	if (c)
		*t.spec = c->spec;
	if (!bad)
		bad = c ? trial_run(&t, &f, &e) : -1;
	for (int half = 0; half < 2 && !bad; half++)
		print(name, "calibrated", half ? "second" : "first", &f.half[half]);
	if (bad)
		fprintf(stderr, "drives: %s: %s\n", name, e.msg);
	trial_close(&t);
	return bad;
}

int main(int argc, char **argv)
{
	if (argc < 2) {
		fputs("usage: drives FOLDER [NAME...]\n", stderr);
		return 2;
	}
	struct arena *a = arena_new();
	size_t n = 0;
	char **list = a ? names(a, argv[1], &n) : NULL;
	int bad = n == 0;
	if (bad)
		fprintf(stderr, "drives: there is no NAME.drive.txt in %s\n", argv[1]);
	for (size_t i = 0; list && i < n; i++) {
		bool wanted = argc == 2;
		for (int k = 2; k < argc; k++)
			wanted |= !strcmp(argv[k], list[i]);
		if (wanted && one_drive(argv[1], list[i]) < 0)
			bad = 1;
	}
	arena_free(a);
	return bad;
}
