/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The report: reads the runs, writes the page section by section. */
#include "run/report_private.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "run/outfile.h"
#include "run/plot_private.h"

static int read_run(struct report_run *r, struct err *e)
{
	char path[PATH_MAX];
	json_error_t why;
	if (snprintf(path, sizeof(path), "%s/summary.json", r->dir) >= (int)sizeof(path))
		return err_set(e, ERR_IO, "%s: the name is too long", r->dir);
	FILE *in = fopen(path, "rb");
	if (!in)
		return err_set(e, ERR_IO, "%s: cannot be read: %s; a report is made of run directories", path, strerror(errno));
	r->summary = json_loadf(in, JSON_REJECT_DUPLICATES, &why);
	fclose(in);
	if (!r->summary)
		return err_set(e, ERR_IO, "%s:%d:%d: %s", path, why.line, why.column, why.text);
	if (!json_is_array(json_object_get(r->summary, "devices")))
		return err_set(e, ERR_IO, "%s: tells of no devices: this is not the summary of a run", path);
	return report_read_settings(r, e);
}

static const char *last_part(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash && slash[1] ? slash + 1 : path;
}

static void default_title(const struct report *p, char *out, size_t bytes)
{
	char (*real)[PATH_MAX] = calloc(p->runs + 1, sizeof(*real));
	*out = '\0';
	for (size_t i = 0; real && i < p->runs; i++)
		if (!realpath(p->run[i].dir, real[i]))
			snprintf(real[i], sizeof(real[i]), "%.*s", PATH_MAX - 1, p->run[i].dir);
	if (real)
		plot_subject(&(struct plot_request){.kind = plot_kinds, .run_count = p->runs}, real, out, bytes);
	if (!*out)
		snprintf(out, bytes, "%s", p->runs > 1 ? "Several runs" : last_part(p->run[0].dir));
	free(real);
}

/* A folder with a sweep.db, or such a file. */
static bool is_sweep(const char *name)
{
	char path[PATH_MAX];
	size_t n = strlen(name);
	snprintf(path, sizeof(path), "%s/sweep.db", name);
	return !access(path, R_OK) || (n > 3 && !strcmp(name + n - 3, ".db"));
}

static int write_page(struct report *p, struct err *e)
{
	char title[512];
	if (p->request->title)
		snprintf(title, sizeof(title), "%s", p->request->title);
	else if (p->is_sweep)
		snprintf(title, sizeof(title), "Sweep %s", p->run[0].label);
	else
		default_title(p, title, sizeof(title));
	if (report_begin(p, title, e) < 0)
		return -1;
	if (p->is_sweep)
		return report_sweep(p, e) < 0 ? -1 : report_end(p, e);
	report_figures(p);
	report_health(p);
	if (report_pictures(p, e) < 0)
		return -1;
	report_settings(p);
	return report_end(p, e);
}

int report_make(const struct report_request *r, struct report_result *out, struct err *e)
{
	struct report p = {.request = r, .runs = r->run_count};
	struct outfile *f = NULL;
	int status = 0;
	if (r->run_count == 0 || r->run_count > REPORT_RUNS)
		return err_set(e, ERR_USAGE, "%zu run directories do not make a report: want 1 to %d", r->run_count, REPORT_RUNS);
	for (size_t i = 0; i < r->run_count; i++)
		p.is_sweep |= is_sweep(r->run[i]);
	if (p.is_sweep && r->run_count > 1)
		return err_set(e, ERR_USAGE, "a report is of one sweep, or of run directories: these are %zu folders, one of them a sweep",
			r->run_count);
	p.run = calloc(r->run_count, sizeof(*p.run));
	if (!p.run)
		return err_set(e, ERR_LIMIT, "no memory for a report");
	for (size_t i = 0; !status && i < p.runs; i++) {
		p.run[i].dir = r->run[i];
		p.run[i].label = r->label ? r->label[i] : last_part(r->run[i]);
		status = p.is_sweep ? 0 : read_run(&p.run[i], e);
	}
	if (!status && !(f = outfile_open(r->output, "report", r->force, e)))
		status = -1;
	if (!status) {
		p.out = outfile_stream(f);
		status = write_page(&p, e);
	}
	if (!status)
		status = outfile_finish(f, true, e);
	outfile_free(f);
	for (size_t i = 0; i < p.runs; i++) {
		json_decref(p.run[i].summary);
		json_decref(p.run[i].settings);
	}
	free(p.run);
	*out = p.made;
	return status;
}
