/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "valid/trial.h"

#include <stdlib.h>
#include <string.h>

#include "disk/disk.h"
#include "run/drive_txt.h"

static struct plan *plan_of_sheet(struct arena *a, const char *path, struct err *e)
{
	char *text = NULL;
	size_t bytes = 0;
	const struct drive_txt *sheet = drive_txt_read(a, path, e);
	FILE *out = sheet ? open_memstream(&text, &bytes) : NULL;
	if (!out)
		return NULL;
	int bad = drive_txt_write_device(sheet, out, e);
	fclose(out);
	struct plan_input in = {.text = text};
	struct plan *p = bad ? NULL : plan_load(&in, e);
	free(text);
	return p;
}

int trial_open(struct trial *t, const char *device, const char *trace, struct err *e)
{
	static const char sheet[] = ".drive.txt";
	size_t n = strlen(device);
	const char *devices[] = {device, NULL};
	struct plan_input in = {.devices = devices};
	*t = (struct trial){.arena = arena_new()};
	if (!t->arena)
		return err_set(e, ERR_LIMIT, "no memory for %s", device);
	bool is_sheet = n > strlen(sheet) && !strcmp(device + n - strlen(sheet), sheet);
	t->plan = is_sheet ? plan_of_sheet(t->arena, device, e) : plan_load(&in, e);
	if (!t->plan)
		return -1;
	t->spec = plan_component(t->plan, t->plan->device[0])->spec;
	t->trace = measured_load(t->arena, trace, e);
	return t->trace ? 0 : -1;
}

void trial_close(struct trial *t)
{
	plan_free(t->plan);
	arena_free(t->arena);
	*t = (struct trial){0};
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return x < y ? -1 : x > y;
}

static double median(double *x, size_t n)
{
	qsort(x, n, sizeof(*x), ascending);
	return n % 2 ? x[n / 2] : 0.5 * (x[n / 2 - 1] + x[n / 2]);
}

/* The median of each figure. */
static struct demerit_figures medians(const struct demerit_figures *f)
{
	struct demerit_figures out = f[0];
	double x[4][TRIAL_ANGLES];
	for (int i = 0; i < TRIAL_ANGLES; i++) {
		x[0][i] = f[i].simulated_mean_ms;
		x[1][i] = f[i].demerit_ms;
		x[2][i] = f[i].rms_ms;
		x[3][i] = f[i].median_abs_ms;
	}
	out.simulated_mean_ms = median(x[0], TRIAL_ANGLES);
	out.demerit_ms = median(x[1], TRIAL_ANGLES);
	out.rms_ms = median(x[2], TRIAL_ANGLES);
	out.median_abs_ms = median(x[3], TRIAL_ANGLES);
	return out;
}

int trial_run(const struct trial *t, struct trial_figures *out, struct err *e)
{
	const struct measured *m = t->trace;
	struct measured_row *row = calloc(m->count, sizeof(*row));
	struct demerit_figures f[3][TRIAL_ANGLES];
	int bad = row ? 0 : err_set(e, ERR_LIMIT, "no memory for %s", m->path);
	for (int i = 0; i < TRIAL_ANGLES && !bad; i++) {
		struct disk_spec spec = *t->spec;
		spec.start_angle = (double)i / TRIAL_ANGLES;
		bad = measured_replay(m, m->count, &disk_ops, &spec, row, e);
		if (!bad && (measured_figures(m, row, 0, m->count, &f[0][i]) < 0 ||
			measured_figures(m, row, 0, m->half, &f[1][i]) < 0 ||
			measured_figures(m, row, m->half, m->count, &f[2][i]) < 0))
			bad = err_set(e, ERR_LIMIT, "no memory for the figures of %s", m->path);
	}
	free(row);
	if (bad)
		return -1;
	out->whole = medians(f[0]);
	out->half[0] = medians(f[1]);
	out->half[1] = medians(f[2]);
	return 0;
}

double trial_halves_ms(const struct trial *t)
{
	const struct measured *m = t->trace;
	time_ps *x = calloc(m->count, sizeof(*x));
	for (size_t i = 0; x && i < m->count; i++)
		x[i] = m->rec[i].response_ps;
	double d = x ? demerit_distance_ms(x, m->half, x + m->half, m->count - m->half) : -1;
	free(x);
	return d;
}
