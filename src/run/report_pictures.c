/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every picture that the runs have data for: all runs in one frame where a kind can, else one after another. */
#include "run/report_private.h"

#include <stdlib.h>
#include <string.h>

#include "run/plot.h"
#include "run/plot_private.h"

/* 1: drawn; 0: there is nothing of it to draw; -1 with *e set. */
int report_picture(struct report *p, const struct report_picture *what, struct err *e)
{
	char *svg = NULL, notice[256];
	size_t bytes = 0;
	struct err why = {0};
	FILE *text = open_memstream(&svg, &bytes);
	if (!text)
		return err_set(e, ERR_LIMIT, "no memory for a picture");
	struct plot_request r = {.kind = what->kind, .terminal = PLOT_SVG, .device = what->device, .run = what->run, .label = what->label,
		.run_count = what->run_count, .sweep = what->sweep, .axes = true, .stream = text, .notice = notice,
		.notice_bytes = sizeof(notice)};
	int status = plot_make(&r, &why);
	if (fclose(text) != 0 && !status)
		status = err_set(&why, ERR_LIMIT, "no memory for a picture");
	if (!status) {
		fputs("<figure>\n", p->out);
		report_svg(p->out, svg, (unsigned)++p->made.pictures);
		fputs("<figcaption>", p->out);
		report_text(p->out, what->caption);
		fprintf(p->out, " <code>quern plot -k %s%s", what->kind->name, what->device ? " --device " : "");
		report_text(p->out, what->device ? what->device : "");
		fputs("</code></figcaption>\n</figure>\n", p->out);
	}
	free(svg);
	if (status && why.code != ERR_IO)
		*e = why;
	return !status ? 1 : why.code == ERR_IO ? 0 : -1;
}

/* Whether a run directory has one of the files that a kind is drawn from; device: of this one, NULL: of any. */
static bool has_data(const struct plot_kind *kind, const char *device, const char *dir)
{
	struct err none = {0};
	struct plot_device d;
	const char *word = kind->files;
	if (plot_device_find(&(struct plot_request){.kind = kind, .device = device}, dir, &d, &none) < 0)
		return false;
	for (size_t n; (n = plot_next_word(&word)) > 0; word += n) {
		char path[PATH_MAX];
		if (plot_path(dir, &d, word, n, path) > 0)
			return true;
	}
	return false;
}

/* In one frame; the caption names a run where it is the only one, and a device where there are several. */
static int draw(struct report *p, const struct plot_kind *kind, const char *device, const char *const *run,
	const char *const *label, size_t count, bool name_it, struct err *e)
{
	char caption[800];
	snprintf(caption, sizeof(caption), "%s%s%s%s%s", name_it ? label[0] : "", name_it ? ": " : "", device ? device : "",
		device ? ": " : "", kind->doc);
	return report_picture(p, &(struct report_picture){.kind = kind, .device = device, .run = run, .label = label, .run_count = count,
		.caption = caption}, e);
}

static int draw_kind(struct report *p, const struct plot_kind *kind, const char *device, const char **run, const char **label,
	struct err *e)
{
	size_t n = 0;
	for (size_t i = 0; i < p->runs; i++)
		if (has_data(kind, device, p->run[i].dir)) {
			run[n] = p->run[i].dir;
			label[n++] = p->run[i].label;
		}
	if (n == 0)
		return 0;
	int drawn = draw(p, kind, device, run, label, n, n < p->runs, e);
	for (size_t i = 0; n > 1 && drawn == 0 && i < n; i++)
		if (draw(p, kind, device, run + i, label + i, 1, true, e) < 0)
			return -1;
	return drawn < 0 ? -1 : 0;
}

static const char *device_name(const struct report *p, size_t run, size_t d)
{
	return json_string_value(json_object_get(json_array_get(json_object_get(p->run[run].summary, "devices"), d), "name"));
}

static bool has_device(const struct report *p, size_t run, const char *name)
{
	const char *own;
	for (size_t d = 0; (own = device_name(p, run, d)); d++)
		if (!strcmp(own, name))
			return true;
	return false;
}

/* Where a run has several devices, a kind of one device has a picture for each name of one; else one, whatever the devices are
 * called. */
static int draw_devices(struct report *p, const struct plot_kind *kind, const char **run, const char **label, struct err *e)
{
	bool several = false;
	for (size_t i = 0; i < p->runs; i++)
		several = several || device_name(p, i, 1);
	if (!several || !plot_is_of_device(kind))
		return draw_kind(p, kind, NULL, run, label, e);
	for (size_t i = 0; i < p->runs; i++) {
		const char *name;
		for (size_t d = 0; (name = device_name(p, i, d)); d++) {
			bool before = false;
			for (size_t k = 0; k < i; k++)
				before = before || has_device(p, k, name);
			if (!before && draw_kind(p, kind, name, run, label, e) < 0)
				return -1;
		}
	}
	return 0;
}

int report_pictures(struct report *p, struct err *e)
{
	const char **names = calloc(2 * p->runs + 1, sizeof(*names));
	if (!names)
		return err_set(e, ERR_LIMIT, "no memory for the pictures of a report");
	int status = 0;
	report_section(p, "pictures", "Pictures", "Each kind that there is data for. The pointer on a picture reads its axes.");
	for (const struct plot_kind *k = plot_kinds; !status && k->name; k++)
		status = draw_devices(p, k, names, names + p->runs, e);
	free(names);
	return status;
}
